//! Why a location yields no token value, in words.

use crate::token::PathError;

/// Why a location yields no token value; the sentence says what, [`Self::next_step`] what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocateFailure {
    /// The path leads to nothing.
    #[error("There is nothing at {pointer} in the response{}.", up_to(deepest))]
    NotThere {
        /// What was looked for.
        pointer: String,
        /// The longest part of it that exists; empty when none does.
        deepest: String,
    },
    /// The pointer's `-` stands for the place after an array's last element.
    #[error("The step “-” in {pointer} means the place after the last element, where nothing stands.")]
    AfterLast {
        /// The pointer.
        pointer: String,
    },
    /// A key on the way stands several times in its object.
    #[error("The key “{key}” stands {times} times in its object, so it is not certain which value is meant.")]
    Ambiguous {
        /// The key.
        key: String,
        /// How often it stands there.
        times: u32,
    },
    /// No header, cookie, form field or claim has this name.
    #[error("The response has no {what} named “{name}”.")]
    NoSuchName {
        /// `header`, `cookie`, `form field` or `claim`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The text has fewer lines.
    #[error("There is no line {0}.")]
    NoSuchLine(u32),
    /// The regular expression matches nowhere.
    #[error("The regular expression matches nothing in what stands there.")]
    NoMatch,
    /// The expression matches, but its first group takes no part in the match.
    #[error("The regular expression matches, but its first group holds nothing.")]
    NoGroup,
    /// Something is there, but only a non-empty string or a number can be a token.
    #[error("What stands there is {what}; only a text or a number can be a token.")]
    WrongType {
        /// Such as `an object`.
        what: &'static str,
    },
    /// An empty string.
    #[error("What stands there is empty.")]
    Empty,
    /// The value can't be sent in a header.
    #[error("The value holds a line break or another control character, so it can't be sent in a header.")]
    NotAHeaderValue,
    /// The value holds U+FFFD: what stood there was lost when the body was read.
    #[error("The value holds a character that could not be read, shown as \u{fffd}, so it is not the value that was sent.")]
    Unreadable,
    /// The body, or what was to be opened, is not JSON.
    #[error("{what} is not JSON{problem}.")]
    NotJson {
        /// `The response` or `What stands there`.
        what: &'static str,
        /// Position and reason in brackets, or nothing.
        problem: String,
    },
    /// The body is JSON only up to an error, so what stands in it is not certain.
    #[error("The response's JSON breaks off or is followed by something else, so none of its values is certain.")]
    Broken,
    /// The body is compressed in a way that can't be undone.
    #[error("The response's content coding {coding} was not asked for and can't be undone.")]
    Compressed {
        /// As the server names it, in words.
        coding: String,
    },
    /// The body is not XML.
    #[error("The response is not XML.")]
    NotXml,
    /// What stands there is not a JWT.
    #[error("What stands there is not a JWT, so it has no claims.")]
    NotAJwt,
    /// The pointer breaks RFC 6901.
    #[error("The pointer can't be read {0}.")]
    BadPointer(PathError),
    /// The JSONPath breaks RFC 9535.
    #[error("The JSONPath can't be read {0}.")]
    BadPath(PathError),
    /// The path into XML breaks the notation.
    #[error("The path can't be read {0}")]
    BadXmlPath(PathError),
    /// A step of a path into XML leads to several.
    #[error("The response has {times} “{name}” there; a path must lead to exactly one.")]
    SeveralElements {
        /// The name.
        name: String,
        /// How many there are.
        times: u32,
        /// The step, from its first character to the one after its last.
        step: (u32, u32),
    },
    /// The regular expression can't be read, or is too large.
    #[error("The regular expression can't be read {0}.")]
    BadPattern(PathError),
    /// A JSONPath yields none or several values.
    #[error("The JSONPath yields {}; it must yield exactly one.", values(*.0))]
    Several(usize),
    /// A JSONPath yields more values than are counted.
    #[error("The JSONPath yields more than {0} values; it must yield exactly one.")]
    MoreThan(usize),
    /// The place would have to be told by a name that is a known secret (T8).
    #[error("A key on the way holds a known secret, so this place can't be told.")]
    NamesASecret,
    /// A JSONPath would take too long.
    #[error("The JSONPath takes too much work on this response: it looks at the same values over and over.")]
    TooMuch,
}

fn values(count: usize) -> String {
    match count {
        0 => "no value".to_owned(),
        1 => "1 value".to_owned(),
        several => format!("{several} values"),
    }
}

/// How far the way exists, if it does at all.
fn up_to(deepest: &str) -> String {
    if deepest.is_empty() { String::new() } else { format!("; it exists up to {deepest}") }
}

impl LocateFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NotThere { .. } | Self::NoSuchName { .. } | Self::NoSuchLine(_) => {
                "Look at the response and choose the value that is the token; the endpoint may have answered something else this time."
            }
            Self::AfterLast { .. } => "Write the position of an element, counted from 0, or click the value in the response.",
            Self::Ambiguous { .. } => {
                "Take it from the text with a regular expression, or ask the endpoint's owner to send the key once."
            }
            Self::NoMatch | Self::NoGroup => {
                "Look at the response, and change the expression so that its first group is the token."
            }
            Self::WrongType { .. } => "Open it and choose a single value inside it.",
            Self::Empty => "Check what was sent to the endpoint, or choose another value.",
            Self::NotAHeaderValue => "Choose one line of it, or another value.",
            Self::Unreadable => "Ask the endpoint's owner for a valid charset, or choose another value.",
            Self::NotJson { .. } | Self::NotXml => {
                "Look at the response as text: the endpoint may have answered with an error page. Else choose another part of the response."
            }
            Self::Broken => {
                "Send the request again. If the answer is meant to be so, take the token from the text with a regular expression."
            }
            Self::Compressed { .. } => "Ask the endpoint's owner to answer in gzip, br, deflate, or not compressed at all.",
            Self::NotAJwt => "Use the value itself, or choose another one.",
            Self::BadPointer(_) => "Write it like /data/access_token, or click the value in the response.",
            Self::BadPath(_) | Self::Several(_) | Self::MoreThan(_) => {
                "Write a path like $.data.access_token, or click the value in the response."
            }
            Self::BadXmlPath(_) => "Write a path like /login/token or /login/@id, or click the value in the response.",
            Self::SeveralElements { .. } => "Write which one, such as /login/token[2], or click the value in the response.",
            Self::BadPattern(_) => "Write it like token=(\\S+), with the token in the first group.",
            Self::NamesASecret => "Choose another value, or take it from the text with a regular expression.",
            Self::TooMuch => "Write a path without .. or nested filters, or click the value in the response.",
        }
    }

    /// The field of a draft that is to be corrected.
    pub fn field(&self) -> &'static str {
        match self {
            Self::BadPointer(_) | Self::BadPath(_) | Self::BadXmlPath(_) => "location.at",
            _ => "location",
        }
    }

    /// The characters of the typed text that are wrong; `None` when it is all of it.
    pub(in crate::response) fn wrong(&self) -> Option<(u32, u32)> {
        match self {
            Self::BadPointer(error) | Self::BadPath(error) | Self::BadXmlPath(error) | Self::BadPattern(error) => {
                Some((error.from, error.to))
            }
            Self::SeveralElements { step, .. } => Some(*step),
            Self::NotThere { pointer, deepest } => {
                let there = if pointer.starts_with(deepest.as_str()) { deepest.chars().count() } else { 0 };
                Some((characters(there), characters(pointer.chars().count())))
            }
            _ => None,
        }
    }
}

fn characters(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
