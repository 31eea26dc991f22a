//! Two shapes of one login's answers side by side, and what a shape says of one place.

use serde::Serialize;

use super::{COOKIES, FIRST, FORM, HEADERS, KEY_CHARACTERS, XML};
use crate::response::masking::cut;
use crate::response::pointer;
use crate::token::{LocationIn, TokenLocation};

/// A line of a shape beside another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct ShapeLine {
    /// How far it is indented; the document's own line is 0.
    pub depth: u32,
    /// The name; `None` for the document's own line.
    pub key: Option<String>,
    /// Type and length, such as `string(40)`.
    pub text: String,
    /// Whether the other shape has it too.
    pub change: ShapeChange,
}

/// How a line of a shape stands to the other shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum ShapeChange {
    /// The same name of the same type stands at the same place in both; lengths may differ.
    Same,
    /// It stands in the older shape only.
    Gone,
    /// It stands in the newer shape only.
    New,
}

/// A line, taken apart.
#[derive(Clone, Copy)]
struct Line<'a> {
    depth: usize,
    key: Option<&'a str>,
    text: &'a str,
}

/// Type without length.
fn kind(text: &str) -> &str {
    text.split('(').next().unwrap_or(text)
}

fn lines(shape: &str) -> impl Iterator<Item = Line<'_>> {
    shape.lines().map(|line| {
        let text = line.trim_start_matches(' ');
        // A type has no colon, and in a name line breaks are escaped.
        let (key, rest) = text.rsplit_once(": ").map_or((None, text), |(key, rest)| (Some(key), rest));
        Line { depth: (line.len() - text.len()) / 2, key, text: rest }
    })
}

/// Each line with its path: the names down to it, each a line.
fn with_paths(shape: &str) -> Vec<(String, Line<'_>)> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for line in lines(shape) {
        names.truncate(line.depth);
        names.push(line.key.unwrap_or(if matches!(line.text, FORM | HEADERS | COOKIES) { line.text } else { "" }));
        found.push((names.join("\n"), line));
    }
    found
}

/// The older and the newer shape, each with what the other lacks marked.
pub fn compare_shapes(older: &str, newer: &str) -> (Vec<ShapeLine>, Vec<ShapeLine>) {
    let (older, newer) = (with_paths(older), with_paths(newer));
    (marked(&older, &newer, ShapeChange::Gone), marked(&newer, &older, ShapeChange::New))
}

fn marked(lines: &[(String, Line<'_>)], others: &[(String, Line<'_>)], missing: ShapeChange) -> Vec<ShapeLine> {
    let others: std::collections::HashSet<_> = others.iter().map(|(path, line)| (path.as_str(), kind(line.text))).collect();
    let mark = |(path, line): &(String, Line<'_>)| ShapeLine {
        depth: u32::try_from(line.depth).unwrap_or(u32::MAX),
        key: line.key.map(str::to_owned),
        text: line.text.to_owned(),
        change: if others.contains(&(path.as_str(), kind(line.text))) { ShapeChange::Same } else { missing },
    };
    lines.iter().map(mark).collect()
}

/// The names in a path into XML, without their numbers.
pub(in crate::response) fn names_in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1).map(|step| step.split('[').next().unwrap_or(step))
}

/// Type and length of the value at a location, as a shape tells them; `None` when it does not reach there.
pub(in crate::response) fn told_at(shape: &str, location: &TokenLocation) -> Option<(String, usize)> {
    let name = |name: &str| cut(name, KEY_CHARACTERS).0;
    let wanted: Vec<String> = match location.part {
        LocationIn::Json => pointer::steps(&location.at).ok()?.iter().map(|step| name(step)).collect(),
        // Of several elements of a name the first is told.
        LocationIn::Xml => names_in_path(&location.at).map(name).collect(),
        LocationIn::Form => vec![FORM.to_owned(), name(&location.at)],
        LocationIn::Header => vec![HEADERS.to_owned(), name(&location.at)],
        LocationIn::Cookie => vec![COOKIES.to_owned(), name(&location.at)],
        LocationIn::Text => return None,
    };
    let in_json = location.part == LocationIn::Json;
    let in_headers = matches!(location.part, LocationIn::Header | LocationIn::Cookie);
    let fits = |path: &str| {
        let names = path.split('\n').skip(usize::from(in_json));
        let same = |(name, wanted): (&str, &String)| {
            name == wanted
                || (in_json && name == FIRST && wanted.bytes().all(|byte| byte.is_ascii_digit()))
                || (in_headers && name.eq_ignore_ascii_case(wanted))
        };
        names.clone().count() == wanted.len() && names.zip(&wanted).all(same)
    };
    let told = |(path, _): &(String, Line<'_>)| fits(path);
    let (_, line) = with_paths(shape.strip_prefix(XML).unwrap_or(shape)).into_iter().find(told)?;
    let (kind, length) = line.text.split_once('(')?;
    Some((kind.to_owned(), length.split([')', ' ']).next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLDER: &str =
        "object(2)\n  access_token: string(40)\n  user: object(1)\n    id: number(4)\nheaders\n  X-Sid: string(8)";
    const NEWER: &str = "object(2)\n  data: object(1)\n    access_token: string(41)\n  user: object(1)\n    id: string(4)";

    fn of(lines: &[ShapeLine], change: ShapeChange) -> Vec<&str> {
        let of_change = lines.iter().filter(|line| line.change == change);
        of_change.map(|line| line.key.as_deref().unwrap_or(&line.text)).collect()
    }

    #[test]
    fn e7_two_shapes_are_compared_by_place_and_type_not_by_length() {
        let (older, newer) = compare_shapes(OLDER, NEWER);
        assert_eq!(of(&older, ShapeChange::Gone), ["access_token", "id", "headers", "X-Sid"]);
        assert_eq!(of(&older, ShapeChange::Same), ["object(2)", "user"]);
        assert_eq!(of(&newer, ShapeChange::New), ["data", "access_token", "id"]);
        assert_eq!((newer[2].depth, newer[2].text.as_str()), (2, "string(41)"));
        let (same, _) = compare_shapes(OLDER, OLDER);
        assert!(same.iter().all(|line| line.change == ShapeChange::Same));
    }

    #[test]
    fn e7_a_shape_tells_type_and_length_of_a_place() {
        let at = |part, at: &str| told_at(OLDER, &TokenLocation { part, at: at.into(), then: Vec::new() });
        assert_eq!(at(LocationIn::Json, "/access_token"), Some(("string".into(), 40)));
        assert_eq!(at(LocationIn::Json, "/user/id"), Some(("number".into(), 4)));
        assert_eq!(at(LocationIn::Json, "/id"), None);
        assert_eq!(at(LocationIn::Header, "x-sid"), Some(("string".into(), 8)));
        assert_eq!(at(LocationIn::Cookie, "x-sid"), None);
        let xml = "XML\na: element(2)\n  @id: string(3)\n  t: string(9)";
        let in_xml = |at: &str| told_at(xml, &TokenLocation { part: LocationIn::Xml, at: at.into(), then: Vec::new() });
        assert_eq!((in_xml("/a/t[2]"), in_xml("/a/@id")), (Some(("string".into(), 9)), Some(("string".into(), 3))));
        let list = "array(3)\n  first: object(1)\n    t: string(5)";
        assert_eq!(told_at(list, &TokenLocation::json("/2/t")), Some(("string".into(), 5)));
    }
}
