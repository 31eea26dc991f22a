//! A cURL command, as API documentation, Postman and browsers (*Copy as cURL*, for bash and for
//! Windows) write it, becomes a request draft.
//!
//! What can't be taken over is told in notes, never dropped in silence; a note never repeats a value.

mod body;
mod cmd;
mod command;
mod options;
mod words;

pub use command::{CurlCommand, DataPiece, parse_curl};

/// Why a text is no cURL command. The text itself is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurlFailure {
    /// There is nothing.
    #[error("There is no command.")]
    Empty,
    /// It is more than anyone types or copies.
    #[error("The command is longer than 1 MiB.")]
    TooLong,
    /// Some other program's command.
    #[error("The text does not begin with “curl”.")]
    NotCurl,
    /// A quote was opened and not closed.
    #[error("Unclosed quote: {quote} at character {position} is never closed.")]
    UnclosedQuote {
        /// The quote.
        quote: char,
        /// Where it stands, in characters counted from 1.
        position: usize,
    },
    /// There is no address.
    #[error("No URL: the command names no address.")]
    NoUrl,
    /// The command ends where an option's value must come.
    #[error("The option {option} has no value.")]
    MissingValue {
        /// The option as it was written.
        option: String,
    },
}

impl CurlFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotCurl => "Paste a whole command that begins with curl, or fill in the form by hand.",
            Self::TooLong => "Shorten its body, or fill in the form by hand.",
            Self::UnclosedQuote { .. } => "Close the quote, or copy the whole command once more.",
            Self::NoUrl => "Add the address of the authentication endpoint to the command.",
            Self::MissingValue { .. } => "Add the value, or remove the option.",
        }
    }
}

#[cfg(test)]
mod tests;
