//! The shape of a response: keys, types and lengths, never a value (E7). It is what a login's record keeps.

mod compare;
mod xml;

use std::fmt::Write as _;

pub use compare::{ShapeChange, ShapeLine, compare_shapes};
pub(super) use compare::{names_in_path, told_at};

use self::xml::xml_shape;
use super::document::Document;
use super::json::{Event, Json, Member, Walk};
use super::masking::cut;
use super::row::{BodyFormat, ValueKind};
use crate::redact::{Redactor, is_credential_header, looks_like_secret};

/// So many lines at most.
const MOST_LINES: usize = 200;

/// What is nested deeper is left out.
const DEEPEST: usize = 20;

/// Names are cut after this many characters.
const KEY_CHARACTERS: usize = 60;

/// So many headers and so many cookies at most.
const MOST_HEADERS: usize = 30;

/// How the first element of an array is named.
const FIRST: &str = "first";

/// The line before an XML document's own.
const XML: &str = "XML\n";

/// The line after which something is missing.
const LEFT_OUT: &str = "… more was left out";

/// The lines before form fields, headers and cookies.
const FORM: &str = "form";
const HEADERS: &str = "headers";
const COOKIES: &str = "cookies";

/// The shape of a whole answer: of its body, of its cookies, and of the headers that carry a credential by their name.
pub fn answer_shape(document: &Document, headers: &[(String, String)], redactor: &Redactor) -> String {
    let mut out = shape(document, redactor);
    let is_cookie = |name: &str| name.eq_ignore_ascii_case("set-cookie");
    let plain = headers.iter().filter(|(name, _)| !is_cookie(name) && is_credential_header(name));
    let plain = plain.map(|(name, value)| (name.as_str(), value.as_str()));
    write_named(&mut out, HEADERS, plain, redactor);
    let set =
        headers.iter().filter(|(name, _)| is_cookie(name)).filter_map(|(_, cookie)| cookie.split(';').next()?.split_once('='));
    write_named(&mut out, COOKIES, set.map(|(name, value)| (name.trim(), value.trim())), redactor);
    out
}

fn write_named<'a>(out: &mut String, what: &str, named: impl Iterator<Item = (&'a str, &'a str)>, redactor: &Redactor) {
    for (number, (name, value)) in named.take(MOST_HEADERS).enumerate() {
        if number == 0 {
            let _ = write!(out, "\n{what}");
        }
        let _ = write!(out, "\n  {}: string({})", shown_name(name, redactor), value.chars().count());
    }
}

/// A name, or dots when it looks like a secret. It is redacted before it is cut, which would leave the first half of a
/// long secret.
fn shown_name(name: &str, redactor: &Redactor) -> String {
    if looks_like_secret(None, name) {
        "••••••••".to_owned()
    } else {
        cut(&redactor.redact_field(name), KEY_CHARACTERS).0
    }
}

/// An indented sketch of a response: each name with its type and length, of an array its first element; names that look
/// like secrets are masked (E7) and known secrets are taken out of them (S2). At most 200 lines and 20 levels; the last line says when something was left out.
pub fn shape(document: &Document, redactor: &Redactor) -> String {
    if let Some(xml) = document.xml() {
        return format!("{XML}{}", xml_shape(xml, redactor));
    }
    match (document.json(), document.format()) {
        (Some(json), _) => tree_shape(json, redactor),
        (None, BodyFormat::Empty) => "empty".to_owned(),
        (None, BodyFormat::Form) => form_shape(document.text(), redactor),
        (None, _) => format!("text({} characters)", document.text().chars().count()),
    }
}

fn form_shape(text: &str, redactor: &Redactor) -> String {
    let mut out = FORM.to_owned();
    for (name, value) in url::form_urlencoded::parse(text.trim().as_bytes()).take(MOST_LINES) {
        let _ = write!(out, "\n  {}: string({})", shown_name(&name, redactor), value.chars().count());
    }
    out
}

fn tree_shape(json: &Json, redactor: &Redactor) -> String {
    let mut walk = Walk::new(json);
    let mut out = String::new();
    let mut lines = 0;
    // Of each open container, whether it is an array.
    let mut arrays: Vec<bool> = Vec::new();
    while let Some(event) = walk.step() {
        let member = match event {
            Event::Leave => {
                arrays.pop();
                if arrays.last() == Some(&true) {
                    walk.skip_rest();
                }
                continue;
            }
            Event::Enter(member) | Event::Scalar(member) => member,
        };
        if lines == MOST_LINES {
            out.push_str(LEFT_OUT);
            break;
        }
        lines += 1;
        let in_array = arrays.last() == Some(&true);
        write_line(&mut out, json, member, redactor, arrays.len(), in_array);
        if matches!(event, Event::Enter(_)) {
            arrays.push(!json.is_object(member.value));
            if arrays.len() > DEEPEST {
                walk.skip_rest();
            }
        } else if in_array {
            walk.skip_rest();
        }
    }
    while out.ends_with('\n') {
        out.pop();
    }
    out
}

fn write_line(out: &mut String, json: &Json, member: Member, redactor: &Redactor, depth: usize, element: bool) {
    for _ in 0..depth {
        out.push_str("  ");
    }
    if let Some(key) = json.key(member) {
        out.push_str(&shown_name(&key, redactor));
        out.push_str(": ");
    } else if element {
        out.push_str(FIRST);
        out.push_str(": ");
    }
    // Writing to a String can't fail.
    let _ = match json.kind(member.value) {
        ValueKind::Object => writeln!(out, "object({})", json.count(member.value)),
        ValueKind::Array => writeln!(out, "array({})", json.count(member.value)),
        ValueKind::Number => writeln!(out, "number({})", json.raw(member.value).len()),
        ValueKind::Boolean => writeln!(out, "boolean"),
        ValueKind::Null => writeln!(out, "null"),
        _ => writeln!(out, "string({})", json.string(member.value).chars().count()),
    };
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn of(body: &str, content_type: &str) -> String {
        shape(&Document::open(Bytes::from(body.to_owned()), Some(content_type)), &Redactor::default())
    }

    #[test]
    fn e7_a_login_is_recorded_by_its_shape_only() {
        let body = r#"{"access_token":"s3cr3t-value","expires_in":900,"ok":true,"none":null,"list":[{"id":"x1"},{"id":"y2"}],"empty":[]}"#;
        let expected = "object(6)\n  access_token: string(12)\n  expires_in: number(3)\n  ok: boolean\n  none: null\n  list: array(2)\n    first: object(1)\n      id: string(2)\n  empty: array(0)";
        let shape = of(body, "application/json");
        assert_eq!(shape, expected);
        for value in ["s3cr3t", "900", "x1", "true"] {
            assert!(!shape.contains(value), "no value may be in a shape: {value}");
        }
    }

    #[test]
    fn e7_text_and_nothing_have_shapes_too() {
        assert_eq!(of("the secret", "text/plain"), "text(10 characters)");
        assert_eq!(of("", "text/plain"), "empty");
        assert_eq!(of("<a><t>secret</t></a>", "text/xml"), "XML\na: element(1)\n  t: string(6)");
    }

    #[test]
    fn e7_the_shape_of_a_whole_answer_has_its_headers_and_cookies_without_their_values() {
        let headers =
            [("Date", "now"), ("X-Session-Id", "s3cr3t-value"), ("Set-Cookie", "sid=s3cr3t; Path=/"), ("Server", "n")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let document = Document::open(Bytes::from_static(b"{}"), None);
        let shape = answer_shape(&document, &headers, &Redactor::default());
        assert_eq!(shape, "object(0)\nheaders\n  X-Session-Id: string(12)\ncookies\n  sid: string(6)");
    }

    #[test]
    fn e7_xml_is_told_in_place_each_name_once_among_its_siblings() {
        let body = r#"<s:E xmlns:s="u"><i id="7">secret</i><i id="8">other</i><t/>words</s:E>"#;
        let expected = "XML\ns:E: element(5)\n  @xmlns:s: string(1)\n  i: element(2)\n    @id: string(1)\n    text(): string(6)\n  t: string(0)\n  text(): string(5)";
        assert_eq!(of(body, "text/xml"), expected);
        let deep = format!("{}x{}", "<a><b/>".repeat(20_000), "</a>".repeat(20_000));
        assert_eq!(of(&deep, "text/xml").lines().count(), 2 * DEEPEST + 2);
        let wide: Vec<String> = (0..1000).map(|number| format!("<k{number}/>")).collect();
        assert!(of(&format!("<a>{}</a>", wide.concat()), "text/xml").ends_with(LEFT_OUT));
    }

    #[test]
    fn e7_a_name_that_looks_like_a_secret_is_masked() {
        let key = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        let shape = of(&format!(r#"{{"{key}":1}}"#), "application/json");
        assert_eq!(shape, "object(1)\n  ••••••••: number(1)");
    }

    #[test]
    fn s2_a_known_secret_as_a_name_is_redacted_before_the_name_is_cut() {
        let secret = "a pass phrase of many ordinary words ".repeat(3);
        let document = Document::open(Bytes::from(format!(r#"{{"{secret}":1,"short":2}}"#)), Some("application/json"));
        let redactor = Redactor::new(&[secrecy::SecretString::from(secret), secrecy::SecretString::from("short")]);
        assert_eq!(shape(&document, &redactor), "object(2)\n  ****: number(1)\n  ****: number(1)");
    }

    #[test]
    fn e7_a_shape_is_bounded_in_lines_and_depth() {
        let wide: Vec<String> = (0..1000).map(|number| format!(r#""k{number}":1"#)).collect();
        let shape = of(&format!("{{{}}}", wide.join(",")), "application/json");
        assert_eq!(shape.lines().count(), MOST_LINES + 1);
        assert!(shape.ends_with("left out"));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(of(&deep, "application/json").lines().count(), DEEPEST + 1);
    }
}
