//! What of a recorded execution can be searched, in plain text: what happened, the addresses, and what went over the wire.

use std::borrow::Cow;
use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// Bytes of one body that can be searched.
const BODY: usize = 256 * 1024;
/// Bytes of one execution that can be searched.
const WHOLE: usize = 1024 * 1024;
/// Stands between two texts as a word that nobody can search for, so that words in quotes are of one text.
const BOUNDARY: &str = " \u{e000} ";

/// A recorded execution, as far as it is searched.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Record<'a> {
    #[serde(borrow)]
    sentence: Cow<'a, str>,
    hint: Option<Cow<'a, str>>,
    request_url: Option<Cow<'a, str>>,
    request_body: Option<Cow<'a, str>>,
    response_body: Option<Cow<'a, str>>,
    raw_response_body: Option<Cow<'a, str>>,
    inputs: Vec<Named<'a>>,
    steps: Vec<Step<'a>>,
    mapped_fields: Vec<Mapped<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Mapped<'a> {
    #[serde(borrow)]
    attribute: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Step<'a> {
    #[serde(borrow)]
    exchange: Option<Exchange<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Exchange<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    request_headers: Vec<Named<'a>>,
    request_body: Option<Cow<'a, str>>,
    response_headers: Vec<Named<'a>>,
    response_body: Option<Cow<'a, str>>,
    failure: Option<Cow<'a, str>>,
}

/// The text that an execution is searched by. Everything in it is in the record, and so has been redacted (S2).
pub fn text_of(record: &str) -> String {
    // What can't be read can't be shown either; it is found by its facets.
    let Ok(record) = serde_json::from_str::<Record<'_>>(record) else { return String::new() };
    let mut text = Text::default();
    text.plain(&record.sentence);
    record.hint.iter().for_each(|hint| text.plain(hint));
    record.request_url.iter().for_each(|url| text.address(url));
    for input in &record.inputs {
        text.named(&input.name, &input.value);
    }
    for exchange in record.steps.iter().filter_map(|step| step.exchange.as_ref()) {
        text.address(&exchange.url);
        for header in exchange.request_headers.iter().chain(&exchange.response_headers) {
            text.named(&header.name, &header.value);
        }
        for body in [&exchange.request_body, &exchange.response_body].into_iter().flatten() {
            text.body(body);
        }
        exchange.failure.iter().for_each(|failure| text.plain(failure));
    }
    for body in [&record.request_body, &record.raw_response_body, &record.response_body].into_iter().flatten() {
        text.body(body);
    }
    for field in &record.mapped_fields {
        text.named(&field.attribute, &unescaped(&field.value));
    }
    text.whole
}

/// Texts one after the other, each once.
#[derive(Default)]
struct Text {
    whole: String,
    seen: HashSet<u64>,
}

impl Text {
    fn plain(&mut self, text: &str) {
        if text.is_empty() || !self.is_new(text) {
            return;
        }
        let room = WHOLE.saturating_sub(self.whole.len());
        for (number, part) in cut(text, room).split('\u{e000}').enumerate() {
            if number > 0 {
                self.whole.push(' ');
            }
            self.whole.push_str(part);
        }
        self.whole.push_str(BOUNDARY);
    }

    fn named(&mut self, name: &str, value: &str) {
        self.plain(&format!("{name}: {value}"));
    }

    /// As it is and, where that is another text, without its percent signs.
    fn address(&mut self, url: &str) {
        self.plain(url);
        if url.contains('%') {
            self.plain(&percent_decode_str(url).decode_utf8_lossy());
        }
    }

    fn body(&mut self, body: &str) {
        self.plain(&unescaped(cut(body, BODY)));
    }

    fn is_new(&mut self, text: &str) -> bool {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }
}

fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// JSON with its strings as a reader sees them: `\n` is no letter n.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') || !text.trim_start().starts_with(['{', '[', '"']) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        rest = after;
        let Some(escape) = after.chars().next() else { break };
        rest = &after[escape.len_utf8()..];
        match escape {
            'u' => {
                let (character, used) = code_point(rest);
                plain.push(character);
                rest = &rest[used..];
            }
            '"' | '\\' | '/' => plain.push(escape),
            _ => plain.push(' '),
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The character of the digits after `\u`, a second half of a pair included, and how many bytes that took.
fn code_point(text: &str) -> (char, usize) {
    let unit = |from: usize| text.get(from..from + 4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let Some(first) = unit(0) else { return (' ', 0) };
    let second = if text.get(4..6) == Some("\\u") { unit(6) } else { None };
    let units = [first, second.unwrap_or_default()];
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => (character, if character > '\u{ffff}' { 10 } else { 4 }),
        _ => (' ', 4),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn everything_that_a_run_shows_can_be_searched_once() {
        let record = serde_json::json!({
            "id": "not-searched", "sentence": "The API answered 404.", "hint": "Look at \u{e000}the path.",
            "request_url": "https://api.example.com/a%20b?q=caf%C3%A9", "request_body": "{\"sent\":1}",
            "raw_response_body": "{\"got\":2}", "response_body": null,
            "inputs": [{"name": "order", "value": "A-17", "redacted": false}],
            "mapped_fields": [{"object_type": "user", "attribute": "plan", "path": "p", "value": "\"gold\""}],
            "steps": [{"kind": "request", "detail": "x", "exchange": {
                "method": "GET", "url": "https://api.example.com/a%20b?q=caf%C3%A9",
                "request_headers": [{"name": "X-Trace", "value": "abc"}],
                "response_headers": [{"name": "Server", "value": "nginx"}],
                "request_body": "{\"sent\":1}", "response_body": "{\"got\":2}", "failure": null}}, {"exchange": null}],
        });
        let expected = [
            "The API answered 404.",
            "Look at  the path.",
            "https://api.example.com/a%20b?q=caf%C3%A9",
            "https://api.example.com/a b?q=café",
            "order: A-17",
            "X-Trace: abc",
            "Server: nginx",
            "{\"sent\":1}",
            "{\"got\":2}",
            "plan: \"gold\"",
        ];
        assert_eq!(text_of(&record.to_string()), expected.map(|text| format!("{text}{BOUNDARY}")).concat());
    }

    #[test]
    fn what_is_no_record_has_no_text_and_a_long_body_is_cut_between_characters() {
        assert_eq!(text_of("{"), "");
        assert_eq!(text_of("{}"), "");
        let body = "é".repeat(BODY);
        let record = serde_json::json!({ "raw_response_body": body, "request_body": format!("x{body}") });
        assert_eq!(text_of(&record.to_string()).len(), BODY + BODY - 1 + 2 * BOUNDARY.len());
        let bodies: Vec<_> = (0..9).map(|number| format!("{number}{body}")).collect();
        let steps: Vec<_> = bodies.iter().map(|body| serde_json::json!({"exchange": {"response_body": body}})).collect();
        assert!(text_of(&serde_json::json!({ "steps": steps }).to_string()).len() < WHOLE + 200);
    }

    #[rstest]
    #[case(r#"{"a":"line\nfoo"}"#, "{\"a\":\"line foo\"}")]
    #[case(r#"{"a":"caf\u00e9 \ud83d\ude00!"}"#, "{\"a\":\"café 😀!\"}")]
    #[case(r#"["\/\\","\""]"#, "[\"/\\\",\"\"\"]")]
    #[case(r#"{"a":"\ud83d\u0041"}"#, "{\"a\":\" A\"}")]
    #[case(r#"{"a":"\u12"#, "{\"a\":\" 12")]
    #[case(r#"{"\"#, "{\"")]
    #[case(r"C:\new", r"C:\new")]
    fn json_is_searched_as_it_reads(#[case] body: &str, #[case] expected: &str) {
        assert_eq!(unescaped(body), expected);
    }
}
