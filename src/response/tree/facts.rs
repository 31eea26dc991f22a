//! What is known of a single value without looking at all of it again: drawing a row must not cost the value's length.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::draw::is_datetime;
use super::sources::{SourceId, Sources};
use crate::response::json::Json;
use crate::response::jwt;
use crate::response::masking::{Drawn, LOOKED_AT, Masking, preview};
use crate::response::row::{Opens, ValueKind};
use crate::response::source::Source;

/// What is known of values longer than this is kept by their position.
pub(super) const LONG: usize = 4096;

/// For so many long values; each takes some hundred bytes.
const MOST_KEPT: usize = 4096;

/// Why a value can't be a token, by what it is (T4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// `true`, `false` or `null`.
    Literal,
    /// Nothing but white space.
    Empty,
    /// It holds a line break or another control character.
    Control,
    /// It holds characters that stand for bytes that could not be read.
    Replaced,
}

/// What is drawn of a single value.
pub(super) struct Facts {
    pub characters: u32,
    pub masked: bool,
    pub preview: String,
    pub folded: bool,
    pub opens: Option<Opens>,
    pub unfit: Option<Unfit>,
    pub badge: Option<&'static str>,
}

/// The facts of the long values that were drawn.
#[derive(Default)]
pub(super) struct LongValues(Mutex<HashMap<(SourceId, u32), Arc<Facts>>>);

impl LongValues {
    /// Reads a value, or remembers what was read of it.
    pub fn facts(&self, sources: &Sources, at: (SourceId, u32), name: Option<&str>, masking: &Masking) -> Arc<Facts> {
        let (id, value) = at;
        let Some(source) = sources.get(id) else { return Arc::new(Facts::nothing()) };
        let kind = source.kind(value);
        if source.length(value) <= LONG {
            let text = source.scalar(value);
            let mut seen = Seen::default();
            seen.read(&text);
            return Arc::new(Facts::of(kind, &text, &seen, name, masking, || short_opens(kind, &text)));
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(facts) = kept.get(&at) {
            return Arc::clone(facts);
        }
        let (head, seen) = read_long(source, value);
        let opens = || long_opens(source, value, &head, &seen);
        let facts = Arc::new(Facts::of(kind, &head, &seen, name, masking, opens));
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(at, Arc::clone(&facts));
        facts
    }

    /// Forgets a text that was closed.
    pub fn forget(&self, closed: SourceId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(source, _), _| *source != closed);
    }
}

impl Facts {
    fn nothing() -> Self {
        Self {
            characters: 0,
            masked: false,
            preview: String::new(),
            folded: false,
            opens: None,
            unfit: Some(Unfit::Empty),
            badge: None,
        }
    }

    /// `head` is the value, or its start when it is long.
    fn of(
        kind: ValueKind,
        head: &str,
        seen: &Seen,
        name: Option<&str>,
        masking: &Masking,
        opens: impl FnOnce() -> Option<Opens>,
    ) -> Self {
        let literal = matches!(kind, ValueKind::Boolean | ValueKind::Null);
        // `true`, `false` and `null` tell nothing.
        let drawn = if literal { Drawn { text: preview(head).0, masked: false, cut: false } } else { masking.draw(name, head) };
        let text = !literal && kind != ValueKind::Number;
        let unfit = if literal {
            Some(Unfit::Literal)
        } else if seen.first.is_none() {
            Some(Unfit::Empty)
        } else if seen.control {
            Some(Unfit::Control)
        } else if seen.replaced {
            Some(Unfit::Replaced)
        } else {
            None
        };
        Self {
            characters: if text { u32::try_from(seen.characters).unwrap_or(u32::MAX) } else { 0 },
            masked: drawn.masked,
            preview: drawn.text,
            folded: drawn.cut,
            opens: if text { opens() } else { None },
            unfit,
            badge: if text { badge(head) } else { None },
        }
    }
}

/// What was seen of a value, read piece by piece.
#[derive(Default)]
struct Seen {
    characters: usize,
    /// The first and the last character that is no white space.
    first: Option<char>,
    last: Option<char>,
    control: bool,
    replaced: bool,
    /// A line break has text before it, and text after it.
    break_met: bool,
    lines: bool,
}

impl Seen {
    fn read(&mut self, piece: &str) {
        self.characters += piece.chars().count();
        self.control = self.control || piece.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f);
        self.replaced = self.replaced || piece.contains(char::REPLACEMENT_CHARACTER);
        let trimmed = piece.trim();
        let (Some(first), Some(last)) = (trimmed.chars().next(), trimmed.chars().next_back()) else {
            self.break_met = self.break_met || (self.first.is_some() && piece.contains('\n'));
            return;
        };
        let (before, after) = (piece.len() - piece.trim_start().len(), piece.trim_end().len());
        let met = self.break_met || (self.first.is_some() && piece[..before].contains('\n'));
        self.lines = self.lines || met || trimmed.contains('\n');
        self.break_met = piece[after..].contains('\n');
        self.first.get_or_insert(first);
        self.last = Some(last);
    }
}

fn read_long(source: Source<'_>, value: u32) -> (String, Seen) {
    let (mut head, mut seen) = (String::new(), Seen::default());
    let mut read = |piece: &str| {
        seen.read(piece);
        if head.len() < LOOKED_AT {
            head.push_str(crate::response::masking::prefix(piece, LOOKED_AT - head.len()));
        }
    };
    match source {
        Source::Json(json) | Source::Claims(json) if json.kind(value) == ValueKind::String => {
            json.string_pieces(value).for_each(|piece| read(&piece));
        }
        _ => read(&source.scalar(value)),
    }
    (head, seen)
}

fn short_opens(kind: ValueKind, text: &str) -> Option<Opens> {
    if kind == ValueKind::Number {
        return None;
    }
    let trimmed = text.trim();
    if may_be_jwt(trimmed.chars().next()) && jwt::is_jwt(text) {
        return Some(Opens::Jwt);
    }
    if may_be_json(trimmed.chars().next(), trimmed.chars().next_back())
        && let Ok(json) = Json::parse(text.to_owned())
    {
        return (json.count(json.root().value) > 0).then_some(Opens::Json);
    }
    trimmed.contains('\n').then_some(Opens::Lines)
}

/// A long value is read as JSON only when it is opened.
fn long_opens(source: Source<'_>, value: u32, head: &str, seen: &Seen) -> Option<Opens> {
    if may_be_json(seen.first, seen.last) {
        return Some(Opens::Json);
    }
    let may_be_jwt = may_be_jwt(seen.first) && !seen.lines && source.length(value) <= jwt::LARGEST && head.contains('.');
    if may_be_jwt && jwt::is_jwt(&source.scalar(value)) {
        return Some(Opens::Jwt);
    }
    seen.lines.then_some(Opens::Lines)
}

fn may_be_json(first: Option<char>, last: Option<char>) -> bool {
    matches!((first, last), (Some('{'), Some('}')) | (Some('['), Some(']')))
}

/// `{` in base64 begins with `e`; it may stand behind `Bearer `.
fn may_be_jwt(first: Option<char>) -> bool {
    matches!(first, Some('e' | 'B'))
}

fn badge(value: &str) -> Option<&'static str> {
    if is_datetime(value) {
        return Some("datetime");
    }
    let address = value.len() <= 2048 && ["https://", "http://"].iter().any(|scheme| value.starts_with(scheme));
    (address && url::Url::parse(value).is_ok()).then_some("URL")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn t4_a_value_read_in_pieces_is_what_it_is_as_a_whole(pieces in prop::collection::vec("[a \n\r\tü{}\u{fffd}]{0,4}", 0..8)) {
            let text = pieces.concat();
            let mut seen = Seen::default();
            for piece in &pieces {
                seen.read(piece);
            }
            let trimmed = text.trim();
            prop_assert_eq!(seen.characters, text.chars().count());
            prop_assert_eq!((seen.first, seen.last), (trimmed.chars().next(), trimmed.chars().next_back()));
            prop_assert_eq!(seen.lines, trimmed.contains('\n'));
            prop_assert_eq!(seen.control, text.contains(['\n', '\r']));
            prop_assert_eq!(seen.replaced, text.contains('\u{fffd}'));
        }
    }
}
