//! Likely tokens in a body that is no tree: a form, lines of JSON, lines with a name and a value, or one word.

use std::collections::HashSet;

use super::{Found, Single, json};
use crate::response::masking::cut;
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// Longer texts are lines of something, and only JSON in them is looked at, in bytes.
const LONGEST: usize = 64 * 1024;

/// So many lines are looked at.
const MOST_LINES: usize = 200;

/// Looks at a text in every way that it can be read.
pub(super) fn look(text: &str, found: &mut Found) {
    if text.trim_start().starts_with('<') {
        return;
    }
    json_lines(text, found);
    if text.len() > LONGEST {
        return;
    }
    let word = text.trim_end_matches(['\r', '\n']);
    if word.contains(char::is_whitespace) {
        named_lines(text, found);
        return;
    }
    let then = if word.len() < text.len() { vec![LocationStep::Line { number: 1 }] } else { Vec::new() };
    found.meet(&single(None, word, None), || (in_text(then), "the whole response".to_owned()));
    form(word, found);
}

fn single<'a>(name: Option<&'a str>, value: &'a str, group: Option<u32>) -> Single<'a> {
    Single { name, around: None, value, number: false, group, opened: 0, bonus: 0 }
}

fn in_text(then: Vec<LocationStep>) -> TokenLocation {
    TokenLocation { part: LocationIn::Text, at: String::new(), then }
}

/// Lines that are JSON each.
fn json_lines(text: &str, found: &mut Found) {
    for (line, number) in text.lines().zip(1..).take(MOST_LINES).filter(|(line, _)| line.trim_start().starts_with('{')) {
        let location = in_text(vec![LocationStep::Line { number }]);
        json::look_inside(line, &location, &format!("line {number}"), 1, found);
    }
}

/// Lines such as `Auth=…` or `token: …`. What follows the name is captured, whatever line it stands on.
fn named_lines(text: &str, found: &mut Found) {
    let group = found.group();
    // JSON on a line was looked into already.
    for (line, number) in text.lines().zip(1..).take(MOST_LINES).filter(|(line, _)| !line.trim_start().starts_with('{')) {
        let named = line.split_once(['=', ':']).map(|(name, value)| (name.trim(), value.trim()));
        match named.filter(|(name, _)| is_name(name)) {
            Some((name, value)) => found.meet(&single(Some(name), value, Some(group)), || {
                let pattern = format!(r"(?m)^\s*{}\s*[=:]\s*(\S+)", name.replace('.', r"\."));
                (in_text(vec![LocationStep::Capture { pattern }]), format!("line {}", cut(name, 80).0))
            }),
            None => found.meet(&single(None, line, Some(group)), || {
                (in_text(vec![LocationStep::Line { number }]), format!("line {number}"))
            }),
        }
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=40).contains(&name.len()) && name.bytes().all(plain)
}

/// The fields of a form; of several with one name the first counts.
fn form(word: &str, found: &mut Found) {
    if !word.contains('=') {
        return;
    }
    let group = found.group();
    let mut seen = HashSet::new();
    for (name, value) in url::form_urlencoded::parse(word.as_bytes()).take(100) {
        if !seen.insert(name.clone()) {
            continue;
        }
        found.meet(&single(Some(&name), &value, Some(group)), || {
            let location = TokenLocation { part: LocationIn::Form, at: name.to_string(), then: Vec::new() };
            (location, format!("form field {}", cut(&name, 80).0))
        });
    }
}
