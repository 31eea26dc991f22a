//! A string read piece by piece, so that a very long one is never there unescaped as a whole.

use std::borrow::Cow;

use super::{Json, text};

/// Pieces are about this many bytes long.
const PIECE: usize = 64 * 1024;

impl Json {
    /// The string at `value`, unescaped, in pieces of about 64 KiB. No escape is parted.
    pub fn string_pieces(&self, value: u32) -> impl Iterator<Item = Cow<'_, str>> {
        let raw = self.raw(value);
        let mut rest = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (piece, after) = rest.split_at(piece_end(rest));
            rest = after;
            Some(text::unescape(piece))
        })
    }
}

/// The end of the first piece: between two characters, and not inside an escape or a pair of them.
fn piece_end(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    if bytes.len() <= PIECE {
        return bytes.len();
    }
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..PIECE]) {
        at += found + if bytes.get(at + found + 1) == Some(&b'u') { unicode_length(&bytes[at + found..]) } else { 2 };
        if at >= PIECE {
            return at.min(bytes.len());
        }
    }
    let mut end = PIECE;
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// The length of a `\uXXXX`, or of the two that are one character together.
fn unicode_length(bytes: &[u8]) -> usize {
    let surrogate = |at: usize, second: &[u8]| {
        matches!(bytes.get(at), Some(b'd' | b'D')) && bytes.get(at + 1).is_some_and(|byte| second.contains(byte))
    };
    let pair = surrogate(2, b"89abAB") && bytes.get(6..8) == Some(b"\\u") && surrogate(8, b"cdefCDEF");
    if pair { 12 } else { 6 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_string_in_pieces_is_the_string(pattern in prop::collection::vec(prop_oneof![
            Just("\\\\"), Just("\\\""), Just("\\ud83d\\ude00"), Just("\\ud800"), Just("\\u00e9"), Just("ü"), Just("a"), Just("\\n"),
        ], 1..12)) {
            let inner = pattern.concat().repeat(200_000 / pattern.concat().len());
            let json = Json::parse(format!("\"{inner}\"")).map_err(|(_, error)| error).unwrap();
            let value = json.root().value;
            let pieces: Vec<Cow<'_, str>> = json.string_pieces(value).collect();
            prop_assert!(pieces.len() > 1);
            prop_assert!(pieces.concat() == json.string(value));
        }
    }
}
