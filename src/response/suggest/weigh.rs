//! How likely a value is the token, by its name and its shape together, and why.

use super::names::{Named, Only, Says};
use crate::redact::looks_like_secret;
use crate::response::jwt;

/// Longer values are no tokens, in bytes.
const LONGEST: usize = 64 * 1024;

/// Shorter values are no tokens unless they are numbers, in bytes.
const SHORTEST: usize = 4;

/// Values that say something instead of being a token, whatever they are called.
const WORDS: [&str; 16] = [
    "true",
    "false",
    "null",
    "none",
    "undefined",
    "bearer",
    "basic",
    "invalid",
    "expired",
    "missing",
    "required",
    "redacted",
    "hidden",
    "string",
    "deleted",
    "success",
];

/// What was found out about a value.
pub(super) struct Weighed {
    pub score: i32,
    /// In words, such as `JWT, named like a token`.
    pub reason: String,
    /// A token for another use: neither its shape nor what stands beside it makes it likelier.
    pub other_kind: bool,
    /// It begins with `Bearer `, which is no part of it.
    pub scheme: bool,
}

/// Weighs a text. `None` when it is no token.
pub(super) fn weigh(says: Says, name: Option<&str>, value: &str) -> Option<Weighed> {
    let (bare, scheme) = without_scheme(value);
    if !is_fit(bare) {
        return None;
    }
    let shape = Shape::of(bare);
    let weighed = |score, reason, other_kind| Some(Weighed { score, reason, other_kind, scheme });
    match says {
        Says::Never => None,
        Says::OtherKind(named) => weighed(named.score, named.words.to_owned(), true),
        Says::Token(named) if named.allows(bare, &shape) => match shape {
            Shape::Jwt => weighed(named.score + 20, format!("JWT, {}", named.words), false),
            Shape::Random(length) => {
                weighed(named.score + 5, format!("{}, random-looking text of {length} characters", named.words), false)
            }
            Shape::Plain => weighed(named.score, named.words.to_owned(), false),
        },
        Says::Token(_) | Says::Nothing => match shape {
            Shape::Jwt => weighed(60, "JWT".to_owned(), false),
            // A name such as `request_id` says that it is long and random but no secret.
            Shape::Random(length) if looks_like_secret(name, bare) => {
                weighed(40, format!("random-looking text of {length} characters"), false)
            }
            _ => None,
        },
    }
}

/// Weighs a number, which is a token only where its name says so.
pub(super) fn weigh_number(says: Says) -> Option<Weighed> {
    match says {
        Says::Token(Named { score: score @ 60.., words, only: Only::Any }) => {
            Some(Weighed { score: score - 30, reason: words.to_owned(), other_kind: false, scheme: false })
        }
        _ => None,
    }
}

enum Shape {
    Jwt,
    /// So many characters.
    Random(usize),
    Plain,
}

impl Shape {
    fn of(value: &str) -> Self {
        if jwt::is_jwt(value) {
            Self::Jwt
        } else if value.len() >= 16 && looks_like_secret(None, value) {
            Self::Random(value.chars().count())
        } else {
            Self::Plain
        }
    }
}

impl Named {
    fn allows(&self, value: &str, shape: &Shape) -> bool {
        match self.only {
            Only::Any => true,
            Only::Long(shortest) => value.len() >= shortest && value.bytes().any(|byte| byte.is_ascii_digit()),
            Only::Random => !matches!(shape, Shape::Plain),
        }
    }
}

/// A value without a leading `Bearer `.
fn without_scheme(value: &str) -> (&str, bool) {
    let value = value.trim();
    match value.split_at_checked(7) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer ") => (rest.trim_start(), true),
        _ => (value, false),
    }
}

/// Whether a value could be sent as a token at all.
fn is_fit(value: &str) -> bool {
    let is_word = || WORDS.iter().any(|word| value.eq_ignore_ascii_case(word));
    (SHORTEST..=LONGEST).contains(&value.len())
        && !value.contains(|character: char| character.is_whitespace() || character.is_control() || character == '\u{fffd}')
        && !value.contains("***")
        && !value.contains("://")
        && !is_word()
}
