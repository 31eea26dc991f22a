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
