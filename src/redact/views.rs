//! A text as it reads once one kind of escape is undone, with the way back to where each byte came from.

use std::ops::Range;

/// A kind of escape that may hide a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escaping {
    /// `%2F`, either case of hex.
    Percent,
    /// `\/`, `\n`, `\u00e9` and the rest of RFC 8259.
    Json,
    /// `&amp;`, `&#38;`, `&#x26;`.
    Xml,
}

/// The kinds that are undone.
pub(super) const ESCAPINGS: [Escaping; 3] = [Escaping::Percent, Escaping::Json, Escaping::Xml];

/// A text with one kind of escape undone.
pub(super) struct View {
    /// The text after it.
    pub(super) bytes: Vec<u8>,
    /// Where it differs from its source, in order.
    unescaped: Vec<Unescaped>,
}

/// One escape: which bytes of the view came from which bytes of the source.
struct Unescaped {
    view: Range<usize>,
    source: Range<usize>,
}

impl View {
    /// Undoes one kind of escape; `None` when the text has none, so that nothing is searched twice.
    pub(super) fn of(source: &[u8], escaping: Escaping) -> Option<Self> {
        let introducer = match escaping {
            Escaping::Percent => b'%',
            Escaping::Json => b'\\',
            Escaping::Xml => b'&',
        };
        let mut view = Self { bytes: Vec::new(), unescaped: Vec::new() };
        let mut copied = 0;
        let mut position = 0;
        while let Some(step) = memchr::memchr(introducer, &source[position..]) {
            let start = position + step;
            let Some((length, decoded)) = decode_at(&source[start..], escaping) else {
                position = start + 1;
                continue;
            };
            view.bytes.extend_from_slice(&source[copied..start]);
            let at = view.bytes.len();
            view.bytes.extend_from_slice(decoded.as_bytes());
            view.unescaped.push(Unescaped { view: at..view.bytes.len(), source: start..start + length });
            position = start + length;
            copied = position;
        }
        if view.unescaped.is_empty() {
            return None;
        }
        view.bytes.extend_from_slice(&source[copied..]);
        Some(view)
    }

    /// The bytes of the source that a non-empty range of the view came from, escapes whole.
    pub(super) fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.source_byte(range.start);
        let last = self.source_byte(range.end.saturating_sub(1));
        first.start..last.end
    }

    fn source_byte(&self, position: usize) -> Range<usize> {
        let after = self.unescaped.partition_point(|escape| escape.view.start <= position);
        let Some(escape) = after.checked_sub(1).and_then(|index| self.unescaped.get(index)) else {
            return position..position + 1;
        };
        if position < escape.view.end {
            return escape.source.clone();
        }
        let start = escape.source.end + (position - escape.view.end);
        start..start + 1
    }
}

/// What one escape stands for: a byte of a sequence, or a character.
enum Decoded {
    Byte([u8; 1]),
    Character([u8; 4], usize),
}

impl Decoded {
    fn character(character: char) -> Self {
        let mut bytes = [0; 4];
        let length = character.encode_utf8(&mut bytes).len();
        Self::Character(bytes, length)
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Byte(byte) => byte,
            Self::Character(bytes, length) => &bytes[..*length],
        }
    }
}

/// The escape that `text` begins with: its length and what it stands for; `None` when it is no escape.
fn decode_at(text: &[u8], escaping: Escaping) -> Option<(usize, Decoded)> {
    match escaping {
        Escaping::Percent => {
            let byte = u8::try_from(number(text.get(1..3)?, 16)?).ok()?;
            Some((3, Decoded::Byte([byte])))
        }
        Escaping::Json => decode_json(text),
        Escaping::Xml => decode_xml(text),
    }
}

fn decode_json(text: &[u8]) -> Option<(usize, Decoded)> {
    let character = match text.get(1)? {
        letter @ (b'"' | b'\\' | b'/') => char::from(*letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = number(text.get(2..6)?, 16)?;
            if let Some(character) = char::from_u32(high) {
                return Some((6, Decoded::character(character)));
            }
            let low = text.get(6..8).filter(|mark| *mark == b"\\u").and_then(|_| number(text.get(8..12)?, 16))?;
            let units = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
            let character = char::decode_utf16(units).next()?.ok()?;
            return Some((12, Decoded::character(character)));
        }
        _ => return None,
    };
    Some((2, Decoded::character(character)))
}

fn decode_xml(text: &[u8]) -> Option<(usize, Decoded)> {
    /// `&#x10FFFF;` is the longest that is of use.
    const LONGEST: usize = 10;
    let end = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let character = match text.get(1..end)? {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => return None,
    };
    Some((end + 1, Decoded::character(character)))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_escapes_are_undone_and_their_places_known() {
        let view = View::of(br"a\u00e9\/\ud83d\ude00z", Escaping::Json).unwrap();
        assert_eq!(view.bytes, "aé/😀z".as_bytes());
        assert_eq!(view.source_of(&(0..1)), 0..1);
        assert_eq!(view.source_of(&(1..3)), 1..7, "é came from a whole escape");
        assert_eq!(view.source_of(&(3..4)), 7..9);
        assert_eq!(view.source_of(&(4..9)), 9..22);
    }

    #[test]
    fn s2_a_text_without_escapes_has_no_second_view() {
        for escaping in ESCAPINGS {
            assert!(View::of(b"100% of R&D \\x said; %zz &nbsp; \\ud800", escaping).is_none(), "{escaping:?}");
        }
    }

    #[test]
    fn s2_percent_and_xml_escapes_are_undone() {
        assert_eq!(View::of(b"%2f%2F%C3%A9", Escaping::Percent).unwrap().bytes, "//é".as_bytes());
        assert_eq!(View::of(b"&lt;&#38;&#x27;&quot;", Escaping::Xml).unwrap().bytes, b"<&'\"");
    }
}
