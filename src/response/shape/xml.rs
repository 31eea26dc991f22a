//! The shape of XML, read in place: each name once among its siblings.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::super::json::Member;
use super::super::xml::Xml;
use super::{DEEPEST, LEFT_OUT, MOST_LINES, Redactor, shown_name};

/// Of an element so many children are looked at.
const MOST_CHILDREN: u32 = 10_000;

/// An element that is open.
struct Open {
    around: u32,
    next: Option<Member>,
    left: u32,
    /// The names that have been told.
    told: HashSet<String>,
}

pub(super) fn xml_shape(xml: &Xml, redactor: &Redactor) -> String {
    let root = xml.root();
    let mut out = String::new();
    write_line(&mut out, xml, root, redactor, 0);
    let mut lines = 1;
    let mut open = vec![opened(xml, root.value)];
    while let Some(inner) = open.last_mut() {
        let Some(member) = inner.next.filter(|_| inner.left > 0) else {
            open.pop();
            continue;
        };
        inner.left -= 1;
        inner.next = xml.next(xml.end(member.value), inner.around);
        if !inner.told.insert(xml.name(member).into_owned()) {
            continue;
        }
        if lines == MOST_LINES {
            out.push_str(LEFT_OUT);
            break;
        }
        lines += 1;
        write_line(&mut out, xml, member, redactor, open.len());
        if xml.is_container(member.value) && open.len() < DEEPEST {
            open.push(opened(xml, member.value));
        }
    }
    out.truncate(out.trim_end_matches('\n').len());
    out
}

fn opened(xml: &Xml, element: u32) -> Open {
    Open { around: element, next: xml.first(element), left: MOST_CHILDREN, told: HashSet::new() }
}

fn write_line(out: &mut String, xml: &Xml, member: Member, redactor: &Redactor, depth: usize) {
    let name = shown_name(&xml.name(member), redactor);
    let indent = "  ".repeat(depth);
    // Writing to a String can't fail.
    let _ = if xml.is_container(member.value) {
        writeln!(out, "{indent}{name}: element({})", xml.count(member.value))
    } else {
        writeln!(out, "{indent}{name}: string({})", xml.scalar(member.value).chars().count())
    };
}
