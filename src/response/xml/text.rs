//! What a checked text says: references resolved, comments left out. No entity but the five predefined ones is expanded.

use std::borrow::Cow;

use memchr::{memchr2, memchr3};
use quick_xml::events::BytesRef;

use super::markup;

/// White space as XML has it.
const SPACE: [char; 4] = [' ', '\n', '\t', '\r'];

/// A run of text, its white space at both ends left out.
pub(super) fn of_run(raw: &str) -> Cow<'_, str> {
    if memchr3(b'<', b'&', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw.trim_matches(SPACE));
    }
    let mut out = String::new();
    let (bytes, mut at) = (raw.as_bytes(), 0);
    while let Some(length) = bytes.get(at..).and_then(|rest| memchr2(b'<', b'&', rest)) {
        push_lines(&mut out, &raw[at..at + length]);
        at += length;
        if bytes[at] == b'&' {
            at = push_reference_at(&mut out, raw, at);
        } else if let Some((inside, end)) = markup::section(bytes, at) {
            push_lines(&mut out, &raw[inside]);
            at = end;
        } else {
            at = markup::aside(bytes, at).unwrap_or(bytes.len());
        }
    }
    push_lines(&mut out, raw.get(at..).unwrap_or_default());
    let trimmed = out.trim_matches(SPACE);
    if trimmed.len() == out.len() { Cow::Owned(out) } else { Cow::Owned(trimmed.to_owned()) }
}

/// An attribute's value; line breaks and tabs in it are spaces, as XML reads them (XML 1.0 section 3.3.3).
pub(super) fn of_attribute(raw: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| !matches!(byte, b'&' | b'\r' | b'\n' | b'\t');
    if raw.bytes().all(is_plain) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(character) = raw[at..].chars().next() {
        match character {
            '&' => {
                at = push_reference_at(&mut out, raw, at);
                continue;
            }
            '\r' if raw[at..].starts_with("\r\n") => {}
            '\r' | '\n' | '\t' => out.push(' '),
            other => out.push(other),
        }
        at += character.len_utf8();
    }
    Cow::Owned(out)
}

/// Line breaks become line feeds, as XML reads them (XML 1.0 section 2.11).
fn push_lines(out: &mut String, raw: &str) {
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\r') {
        out.push_str(before);
        if !after.starts_with('\n') {
            out.push('\n');
        }
        rest = after;
    }
    out.push_str(rest);
}

/// What the reference at `at` stands for; gives the position after it. What is no reference stays as written.
fn push_reference_at(out: &mut String, raw: &str, at: usize) -> usize {
    let rest = &raw[at + 1..];
    if let Some(length) = rest.find([';', '&', '<']).filter(|length| *length > 0 && rest.as_bytes()[*length] == b';') {
        push_reference(out, &BytesRef::new(&rest[..length]));
        at + length + 2
    } else {
        out.push('&');
        at + 1
    }
}

/// Character references and the five predefined entities; anything else stays as written.
pub(super) fn push_reference(out: &mut String, reference: &BytesRef<'_>) {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        out.push(character);
        return;
    }
    if let Some(text) = quick_xml::escape::resolve_predefined_entity(reference) {
        out.push_str(text);
    } else {
        out.push('&');
        out.push_str(reference);
        out.push(';');
    }
}
