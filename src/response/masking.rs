//! What may be seen of a value (T8), and how text that came from a server is made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::redact::{NameSays, Redactor, hide_within};
use crate::token::mask_value;

/// A secret of which nothing is shown.
const DOTS: &str = "••••••••";

/// A preview is cut after this many characters.
const PREVIEW_CHARACTERS: usize = 120;

/// A name is cut after this many characters.
const KEY_CHARACTERS: usize = 200;

/// Of a longer value, this many bytes are looked at for secrets before its start is shown. No preview reaches
/// as far, so a secret further on is not shown either.
pub(super) const LOOKED_AT: usize = 1 << 20;

/// What may be seen of a value (T8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<'a> {
    /// All of it.
    All(&'a str),
    /// The value with dots where secrets stand in it.
    Rest(String),
    /// It is a secret.
    Nothing,
}

/// The start of a value as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// What is shown.
    pub text: String,
    /// Whether it hides a secret.
    pub masked: bool,
    /// Whether it was cut although nothing in it is hidden.
    pub cut: bool,
}

/// Which values are masked, and how much of a masked one is shown.
#[derive(Default)]
pub struct Masking {
    /// Finds the known secrets: those that were sent, and the stored token values.
    pub redactor: Option<Redactor>,
    /// Whether a long masked value keeps its first six characters, so that two tokens can be told apart.
    pub keep_start: bool,
}

impl Masking {
    /// What may be seen of the value under this name: nothing when it looks like a secret or holds a known one; all but the
    /// secrets in it, when it is a text with names of its own (T8).
    pub fn seen<'a>(&self, key: Option<&str>, value: &'a str) -> Seen<'a> {
        self.seen_named(NameSays::of(key), value)
    }

    /// [`Self::seen`] of a value whose name was read before.
    pub fn seen_named<'a>(&self, says: NameSays, value: &'a str) -> Seen<'a> {
        if says.looks_like_secret(value) || self.knows(value) {
            return Seen::Nothing;
        }
        match hide_within(value, DOTS) {
            Cow::Borrowed(all) => Seen::All(all),
            Cow::Owned(rest) => Seen::Rest(rest),
        }
    }

    /// The start of a value as it is drawn, and how much of it that is.
    pub fn draw(&self, key: Option<&str>, value: &str) -> Drawn {
        let value = prefix(value, LOOKED_AT);
        let (masked, (text, cut)) = match self.seen(key, value) {
            Seen::Nothing => (true, (self.masked(value), false)),
            Seen::Rest(rest) => (true, preview(&rest)),
            Seen::All(value) => (false, preview(value)),
        };
        Drawn { text, masked, cut: cut && !masked }
    }

    /// Whether a known secret stands in the text, or is all of it.
    pub fn knows(&self, text: &str) -> bool {
        self.redactor.as_ref().is_some_and(|redactor| redactor.knows(text))
    }

    /// A masked value as shown: at most the first six characters of a long one that is a single word.
    pub fn masked(&self, value: &str) -> String {
        let value = prefix(value, LOOKED_AT);
        // A secret inside other text may stand right at its start.
        if !self.keep_start || value.trim().contains(|c: char| c.is_whitespace() || "{}[]<>\"".contains(c)) {
            return DOTS.to_owned();
        }
        safe(&mask_value(value)).into_owned()
    }
}

/// The start of a value as shown, and whether something was left out.
pub(super) fn preview(value: &str) -> (String, bool) {
    cut(value, PREVIEW_CHARACTERS)
}

/// A name as shown.
pub(super) fn shown_key(key: &str, masking: &Masking) -> String {
    if masking.knows(prefix(key, LOOKED_AT)) { DOTS.to_owned() } else { cut(key, KEY_CHARACTERS).0 }
}

/// At most `characters` of the text, safe to show, with an ellipsis when cut.
pub(super) fn cut(text: &str, characters: usize) -> (String, bool) {
    match text.char_indices().nth(characters) {
        None => (safe(text).into_owned(), false),
        Some((end, _)) => (format!("{}…", safe(&text[..end])), true),
    }
}

/// The first `bytes` bytes, or a little less, so that no character is split.
pub(super) fn prefix(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Control characters as escapes, and characters that reorder or hide text as their code points, so that
/// a server can't make a value look like another one.
pub(super) fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(needs_escape) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            hidden if needs_escape(hidden) => {
                // Writing to a String can't fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(hidden));
            }
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn knowing(secret: &str) -> Masking {
        Masking { redactor: Some(Redactor::new(&[SecretString::from(secret)])), keep_start: true }
    }

    #[test]
    fn t8_a_known_secret_is_hidden_wherever_it_stands() {
        let masking = knowing("plainwordsecret");
        assert_eq!(masking.seen(Some("greeting"), "hello plainwordsecret there"), Seen::Nothing);
        assert_eq!(
            masking.seen(Some("greeting"), "hello there"),
            Seen::All("hello there"),
            "a value without it must stay readable"
        );
    }

    #[test]
    fn t8_a_short_known_secret_is_hidden_where_it_is_the_whole_value() {
        assert_eq!(knowing("abc").seen(None, "abc"), Seen::Nothing);
        assert_eq!(knowing("abc").seen(None, "abcdef"), Seen::All("abcdef"));
    }

    #[test]
    fn t8_a_text_with_names_of_its_own_shows_all_but_what_they_hide() {
        let drawn = Masking::default().draw(Some("payload"), r#"{"user":"ada","token":"hunter2-plain"}"#);
        let text = r#"{"user":"ada","token":"••••••••"}"#.to_owned();
        assert_eq!(drawn, Drawn { text, masked: true, cut: false });
    }

    #[test]
    fn t8_at_most_six_characters_of_a_masked_value_are_shown() {
        let masking = knowing("x");
        assert_eq!(masking.masked("abcdefghijklmnopqrstuvwxyz"), "abcdef••••••••");
        assert_eq!(masking.masked("short"), DOTS);
        assert_eq!(masking.masked("hunter2 is the password of the service"), DOTS);
        let silent = Masking::default();
        assert_eq!(silent.masked("abcdefghijklmnopqrstuvwxyz"), DOTS);
    }

    #[test]
    fn t8_text_can_neither_reorder_nor_hide_what_is_shown() {
        assert_eq!(safe("a\u{202e}b\u{0}c\nd"), "a\\u{202e}b\\u{0}c\\nd");
        assert!(matches!(safe("plain ünïcode 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let (shown, folded) = preview(&"ü".repeat(121));
        assert!(folded);
        assert_eq!(shown, format!("{}…", "ü".repeat(120)));
        assert!(!preview(&"ü".repeat(120)).1);
    }
}
