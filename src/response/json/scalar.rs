//! The parts of a JSON text that hold no others: checked against RFC 8259, and passed over eight bytes at a time where
//! they are long.

use super::scan::SyntaxError;

/// A byte in each of the eight places.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The highest bit of each byte.
const HIGHEST: u64 = 0x80 * EACH;

/// The position of the first byte from `at` on that is no white space.
#[inline]
pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(byte) if *byte > b' ' => at,
        _ => skip_spaces(bytes, at),
    }
}

fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            // Indentation.
            Some(b' ') if eight(bytes, at) == Some(EACH * 0x20) => at += 8,
            Some(b' ' | b'\n' | b'\t' | b'\r') => at += 1,
            _ => return at,
        }
    }
}

/// The position after the string whose quote is at `start`.
#[inline]
pub(super) fn string(bytes: &[u8], start: usize) -> Result<usize, SyntaxError> {
    let mut at = start + 1;
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape(bytes, at)?,
            Some(_) => return fail(at, "a control character stands in a string without being escaped"),
            None => return fail(at, "it ends inside a string"),
        }
    }
}

/// The position of the first byte from `at` on that is a quote, a backslash or a control character, or the end.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = eight(bytes, at) {
        let special = zeros(eight ^ (EACH * 0x22)) | zeros(eight ^ (EACH * 0x5c)) | (eight.wrapping_sub(EACH * 0x20) & !eight);
        let special = special & HIGHEST;
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\\' && bytes[at] >= 0x20 {
        at += 1;
    }
    at
}

/// Has the highest bit of each byte that is zero; above the first such byte it may err.
#[inline]
fn zeros(eight: u64) -> u64 {
    eight.wrapping_sub(EACH) & !eight
}

#[inline]
fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.first_chunk().copied().map(u64::from_le_bytes)
}

/// The position after the escape whose backslash is at `at`.
fn escape(bytes: &[u8], at: usize) -> Result<usize, SyntaxError> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match bytes.get(at + 2..at + 6) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            _ => fail(at, "four hexadecimal digits must follow \\u"),
        },
        Some(_) => fail(at, "this escape is unknown"),
        None => fail(at, "it ends inside a string"),
    }
}

/// The position after the number at `at`.
#[inline]
pub(super) fn number(bytes: &[u8], mut at: usize) -> Result<usize, SyntaxError> {
    if bytes[at] == b'-' {
        at += 1;
    }
    if bytes.get(at) == Some(&b'0') {
        at += 1;
        if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            return fail(at, "a number must not begin with 0");
        }
    } else {
        at = digits(bytes, at)?;
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    Ok(at)
}

#[inline]
fn digits(bytes: &[u8], start: usize) -> Result<usize, SyntaxError> {
    let mut at = start;
    while at < bytes.len() && bytes[at].is_ascii_digit() {
        at += 1;
    }
    if at == start { fail(at, "a digit was expected") } else { Ok(at) }
}

/// The position after `word`, which must stand at `at`.
#[inline]
pub(super) fn literal(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, SyntaxError> {
    if bytes[at..].starts_with(word) { Ok(at + word.len()) } else { fail(at, "a value was expected") }
}

#[cold]
pub(super) fn fail<T>(at: usize, what: &'static str) -> Result<T, SyntaxError> {
    Err(SyntaxError { at, what })
}

/// The position after the string whose opening quote is at `start`, in a text that has been checked.
#[inline]
pub(super) fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}
