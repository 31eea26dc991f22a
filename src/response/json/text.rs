//! Passing over and unescaping parts of a text that has been checked already.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::index::Container;
use super::position;
use super::scalar::string_end;

/// The position after the number or literal at `at`.
pub(super) fn bare_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && !matches!(bytes[at], b',' | b']' | b'}' | b' ' | b'\n' | b'\t' | b'\r') {
        at += 1;
    }
    at
}

/// The position after the container at `at`, which is not indexed, and how many members it has. `inside` are the indexed
/// ones that begin later: those inside it are stepped over.
pub(super) fn pass_over(bytes: &[u8], at: usize, mut inside: &[Container]) -> (u32, u32) {
    let (mut at, mut depth, mut commas, mut empty) = (at + 1, 1_u32, 0, true);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                empty = false;
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => {
                empty = false;
                if let Some(indexed) = inside.first().filter(|indexed| indexed.start as usize == at) {
                    at = indexed.end as usize;
                    inside = &inside[inside.partition_point(|other| other.start < indexed.end)..];
                    continue;
                }
                depth += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return (position(at + 1), if empty { 0 } else { commas + 1 });
                }
            }
            b',' if depth == 1 => commas += 1,
            b' ' | b'\n' | b'\t' | b'\r' => {}
            _ => empty = false,
        }
        at += 1;
    }
    (position(at), 0)
}

/// The text between a string's quotes, unescaped; lone surrogates become U+FFFD.
pub(in crate::response) fn unescape(inner: &str) -> Cow<'_, str> {
    let bytes = inner.as_bytes();
    let Some(mut escape) = memchr::memchr(b'\\', bytes) else { return Cow::Borrowed(inner) };
    let mut out = String::with_capacity(inner.len());
    let mut plain = 0;
    loop {
        out.push_str(&inner[plain..escape]);
        let (character, length) = escaped(bytes, escape);
        out.push(character);
        plain = (escape + length).min(inner.len());
        match memchr::memchr(b'\\', &bytes[plain..]) {
            Some(found) => escape = plain + found,
            None => break,
        }
    }
    out.push_str(&inner[plain..]);
    Cow::Owned(out)
}

/// The character that the escape at `at` stands for, and the escape's length.
pub(in crate::response) fn escaped(bytes: &[u8], at: usize) -> (char, usize) {
    match bytes.get(at + 1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => {
            let first = unit(bytes, at);
            if (0xd800..0xdc00).contains(&first) && bytes.get(at + 6..at + 8) == Some(b"\\u") {
                let second = unit(bytes, at + 6);
                if (0xdc00..0xe000).contains(&second) {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
                }
            }
            (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
        }
        Some(other) => (char::from(*other), 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// The UTF-16 unit of the `\uXXXX` at `at`.
fn unit(bytes: &[u8], at: usize) -> u32 {
    let digits = bytes.get(at + 2..at + 6).unwrap_or_default();
    digits.iter().fold(0, |unit, digit| unit * 16 + char::from(*digit).to_digit(16).unwrap_or(0))
}

/// Appends `value` as a JSON string.
pub(in crate::response) fn write_string(out: &mut String, value: &str) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a String can't fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
