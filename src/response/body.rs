//! The bytes of a body as text: byte order marks, charsets, and what to do when they do not fit.

use bytes::{Buf as _, Bytes};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A body as UTF-8.
pub(super) struct DecodedBody {
    pub text: String,
    /// Why it could not be decoded as it was announced, in a plain sentence.
    pub problem: Option<String>,
}

/// Decodes a body by its byte order mark, else by `charset`, else by what it says of itself, else as UTF-8.
/// A body that is UTF-8 already is not copied, provided that nobody else holds the bytes.
pub(super) fn decode(mut body: Bytes, charset: Option<&str>) -> DecodedBody {
    if let Some((encoding, mark)) = Encoding::for_bom(&body) {
        body.advance(mark);
        return decode_as(encoding, body);
    }
    let announced = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
    let unknown = charset
        .filter(|_| announced.is_none())
        .map(|label| format!("The charset {} is unknown; the body was read as UTF-8.", in_words(label)));
    let mut decoded = decode_as(announced.or_else(|| guess(&body)).unwrap_or(UTF_8), body);
    decoded.problem = unknown.or(decoded.problem);
    decoded
}

/// A name that a server gave, quoted whole or not at all: the first half of a secret could not be found any more.
fn in_words(name: &str) -> String {
    const LONGEST: usize = 60;
    if name.chars().count() <= LONGEST && !name.contains(char::is_control) {
        format!("“{name}”")
    } else {
        format!("with a name of {} characters", name.chars().count())
    }
}

fn decode_as(encoding: &'static Encoding, body: Bytes) -> DecodedBody {
    if encoding == UTF_8 {
        return match String::from_utf8(Vec::from(body)) {
            Ok(text) => DecodedBody { text, problem: None },
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                DecodedBody {
                    text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                    problem: Some(format!("Not valid UTF-8 at byte {}; what can't be read is shown as \u{fffd}.", at + 1)),
                }
            }
        };
    }
    let (text, malformed) = encoding.decode_without_bom_handling(&body);
    DecodedBody {
        text: text.into_owned(),
        problem: malformed.then(|| format!("Not valid {}; what can't be read is shown as \u{fffd}.", encoding.name())),
    }
}

/// UTF-16 without a mark, by the zero bytes of its first character, and the encoding that XML declares.
fn guess(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [0, second, 0, _, ..] if *second != 0 => return Some(UTF_16BE),
        [first, 0, _, 0, ..] if *first != 0 => return Some(UTF_16LE),
        _ => {}
    }
    let head = body.get(..body.len().min(200))?;
    let declaration = head.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..declaration.windows(2).position(|end| end == b"?>")?];
    let declaration = std::str::from_utf8(declaration).ok()?;
    let (_, label) = declaration.split_once("encoding")?;
    let label = label.trim_start().strip_prefix('=')?.trim_start();
    let quote = label.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    // A text that could be read up to here is not UTF-16, whatever it declares.
    Encoding::for_label(label[1..].split(quote).next()?.as_bytes())
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &'static [u8], charset: Option<&str>) -> String {
        decode(Bytes::from_static(body), charset).text
    }

    #[test]
    fn e12_marks_and_charsets_are_understood() {
        assert_eq!(text(b"\xef\xbb\xbf{}", None), "{}");
        assert_eq!(text(b"\xff\xfe{\0}\0", None), "{}");
        assert_eq!(text(b"{\0}\0", None), "{}");
        assert_eq!(text(b"\0{\0}", None), "{}");
        assert_eq!(text(b"caf\xe9", Some("iso-8859-1")), "café");
        assert!(text(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", None).contains("<a>é</a>"));
    }

    #[test]
    fn e12_bytes_that_do_not_fit_are_named_by_position_and_still_shown() {
        let decoded = decode(Bytes::from_static(b"ab\xffcd"), None);
        assert_eq!(decoded.text, "ab\u{fffd}cd");
        assert!(decoded.problem.unwrap().contains("byte 3"));
        assert!(decode(Bytes::from_static(b"x"), Some("klingon")).problem.unwrap().contains("klingon"));
    }

    #[test]
    fn a_body_of_its_own_is_not_copied_with_or_without_a_mark() {
        for mark in ["", "\u{feff}"] {
            // With room left at its end, as bodies of unknown length are collected.
            let mut body = Vec::with_capacity(2000);
            body.extend_from_slice(mark.as_bytes());
            body.resize(1000, b'x');
            let before = body.as_ptr();
            let text = decode(Bytes::from(body), None).text;
            assert_eq!((text.as_ptr(), text.len()), (before, 1000 - mark.len()));
        }
    }
}
