//! The words of a command as its shell would hand them to the program, each with its place.

use super::CurlFailure;
use super::start::{Shell, Start};
use super::{cmd, posix, powershell};

/// A word, and where it begins.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// In characters of what was pasted, counted from 1.
    pub(super) at: usize,
}

/// The words of the first command, and what was left out or not filled in.
#[derive(Default)]
pub(super) struct Split {
    pub(super) words: Vec<Word>,
    pub(super) notes: Vec<String>,
    /// The word that is being read, as bytes: `$'…'` writes single ones. An empty word is a word.
    open: Option<(Vec<u8>, usize)>,
}

/// Splits by the rules of the shell that the command was evidently written for.
pub(super) fn split(start: &Start) -> Result<Split, CurlFailure> {
    let (text, from) = (start.text.as_slice(), start.from);
    match start.shell {
        Shell::Posix => posix::split(text, from, start.in_parentheses),
        Shell::Cmd => cmd::split(text, from),
        Shell::Powershell => powershell::split(text, from),
    }
}

impl Split {
    /// Begins a word at this index of the text, if none is being read.
    pub(super) fn begin(&mut self, index: usize) {
        self.open.get_or_insert_with(|| (Vec::new(), index + 1));
    }

    /// Adds a character that stands at this index.
    pub(super) fn push(&mut self, character: char, index: usize) {
        self.begin(index);
        if let Some((bytes, _)) = &mut self.open {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// Adds a byte, because several of them may make one character of UTF-8.
    pub(super) fn push_byte(&mut self, byte: u8, index: usize) {
        self.begin(index);
        if let Some((bytes, _)) = &mut self.open {
            bytes.push(byte);
        }
    }

    /// Whether a word is being read.
    pub(super) fn in_word(&self) -> bool {
        self.open.is_some()
    }

    /// What was read of the present word.
    pub(super) fn word_so_far(&self) -> &[u8] {
        self.open.as_ref().map_or(&[], |(bytes, _)| bytes)
    }

    /// Throws the present word away.
    pub(super) fn drop_word(&mut self) {
        self.open = None;
    }

    /// Ends the present word, if there is one.
    pub(super) fn end(&mut self) {
        let Some((bytes, at)) = self.open.take() else { return };
        let text = String::from_utf8(bytes).unwrap_or_else(|error| {
            self.note("The command holds bytes that are no UTF-8 text; “\u{fffd}” stands in their place.");
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        self.words.push(Word { text, at });
    }

    /// Notes something once.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What the shell would have done itself after this character.
    pub(super) fn note_rest(&mut self, character: char) {
        self.note(format!("What stands after “{character}” is no part of the request and was left out."));
    }

    /// A variable that the shell would have filled in. Its name is told only where it is written as variables of the
    /// environment are: in a password, what follows `$` is a part of the password.
    pub(super) fn note_variable(&mut self, written: &str, name: &str) {
        let usual =
            name.chars().all(|character| character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_');
        if usual {
            self.note(format!("The variable “{written}” stays as it is: put its value in its place."));
        } else {
            self.note("A “$” with a name after it stays as it is, where a shell would put the value of a variable.");
        }
    }

    /// A command inside of the command.
    pub(super) fn note_substitution(&mut self, shown: &str) {
        self.note(format!("A command in “{shown}” was not run: put its result in its place."));
    }

    /// A command ends with its line, but documentation often leaves out what continues it. Whether it goes on in the
    /// rest of the text; if it does not and there is more, that is noted.
    pub(super) fn goes_on(&mut self, rest: &[char]) -> bool {
        let rest: String = rest.iter().collect();
        let rest = rest.trim_start();
        if ["-", "'", "\"", "$'", "^\"", "http://", "https://"].iter().any(|start| rest.starts_with(start)) {
            return true;
        }
        if !rest.is_empty() && !rest.starts_with("```") {
            self.note("Only the first command was read; what stands in the lines after it was left out.");
        }
        false
    }
}

#[cfg(test)]
pub(super) fn texts(words: &Split) -> Vec<&str> {
    words.words.iter().map(|word| word.text.as_str()).collect()
}
