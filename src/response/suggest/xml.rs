//! Likely tokens in XML: of elements, attributes and text.

use super::{DEEPEST, FARTHEST, Found, Single};
use crate::response::json::Member;
use crate::response::masking::cut;
use crate::response::row::ValueKind;
use crate::response::xml::Xml;
use crate::token::{LocationIn, TokenLocation};

/// An element that is being walked.
struct Open {
    element: Member,
    group: u32,
    /// Its next child.
    next: Option<Member>,
}

/// Looks at every value of a document.
pub(super) fn look(xml: &Xml, found: &mut Found) {
    let root = xml.root();
    if !xml.is_container(root.value) {
        meet(xml, &[], root, found);
        return;
    }
    let mut open = vec![Open { element: root, group: found.group(), next: xml.first(root.value) }];
    while let Some(innermost) = open.last_mut() {
        let Some(member) = innermost.next.filter(|member| member.start <= FARTHEST && !found.is_full()) else {
            open.pop();
            continue;
        };
        innermost.next = xml.next(xml.end(member.value), innermost.element.value);
        if !xml.is_container(member.value) {
            meet(xml, &open, member, found);
        } else if open.len() < DEEPEST {
            open.push(Open { element: member, group: found.group(), next: xml.first(member.value) });
        }
    }
}

fn meet(xml: &Xml, open: &[Open], member: Member, found: &mut Found) {
    let around = open.last().map(|open| xml.name(open.element));
    let text = xml.kind(member.value) == ValueKind::Text;
    // Text goes by the name of its element, and belongs to what stands around that and inside it.
    let name = if text { around.clone() } else { Some(xml.name(member)) };
    let outer = open.len().checked_sub(2).map(|outer| xml.name(open[outer].element));
    let value = xml.scalar(member.value);
    let single = Single {
        name: name.as_deref(),
        around: if text { outer.as_deref() } else { around.as_deref() },
        value: &value,
        number: false,
        group: open.last().map(|open| open.group),
        opened: 0,
        bonus: 0,
    };
    found.meet(&single, || {
        let way: Vec<Member> = open.iter().map(|open| open.element).chain([member]).collect();
        let at = xml.path(&way);
        let label = cut(&dotted(xml, &way), 120).0;
        (TokenLocation { part: LocationIn::Xml, at, then: Vec::new() }, label)
    });
}

/// The names on the way, without prefixes, from the last ones on as many as are short enough.
fn dotted(xml: &Xml, way: &[Member]) -> String {
    let mut label = String::new();
    for part in way.iter().rev() {
        let name = xml.name(*part);
        let name = name.rsplit(':').next().unwrap_or(&name).to_owned();
        if name == "text()" {
            continue;
        }
        if label.len() + name.len() > 100 && !label.is_empty() {
            return format!("….{label}");
        }
        label = if label.is_empty() { name } else { format!("{name}.{label}") };
    }
    label
}
