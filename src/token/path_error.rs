//! Where a typed path is wrong, so that a page can mark it and a terminal can count to it.

use std::fmt;

/// A place in a typed path, pointer or pattern, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The first wrong character, counted from 0.
    pub from: u32,
    /// The character after the last wrong one; equal to `from` where something is missing.
    pub to: u32,
    /// What is wrong, as the end of a sentence.
    pub message: String,
}

impl PathError {
    /// For the bytes `from..to` of `text`, both on the border of a character.
    pub(crate) fn at(text: &str, from: usize, to: usize, message: impl Into<String>) -> Self {
        let characters = |end: usize| u32::try_from(text[..end].chars().count()).unwrap_or(u32::MAX);
        Self { from: characters(from), to: characters(to), message: message.into() }
    }
}

/// `at character 4: …`, counted from 1 as people do.
impl fmt::Display for PathError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at character {}: {}", u64::from(self.from) + 1, self.message)
    }
}
