//! Why a text is no cURL command.

/// Why a text is no cURL command. The text itself is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurlFailure {
    /// There is nothing.
    #[error("There is no command.")]
    Empty,
    /// It is more than anyone types or copies.
    #[error("The command is longer than 1 MiB.")]
    TooLong,
    /// No line begins with it.
    #[error("No line of the text begins with “curl”.")]
    NotCurl,
    /// Another way to write a request.
    #[error("This is {}, not a cURL command.", .format.in_words())]
    Other {
        /// Which.
        format: OtherFormat,
    },
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
    #[error("The option {option} at character {position} has no value.")]
    MissingValue {
        /// The option as it was written.
        option: String,
        /// Where its word begins, in characters counted from 1.
        position: usize,
    },
}

/// Another way to write a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherFormat {
    /// PowerShell's own command, which Windows PowerShell calls “curl” too.
    InvokeWebRequest,
    /// JavaScript.
    Fetch,
    /// Another program.
    Wget,
}

impl OtherFormat {
    fn in_words(self) -> &'static str {
        match self {
            Self::InvokeWebRequest => "PowerShell's Invoke-WebRequest",
            Self::Fetch => "JavaScript with fetch()",
            Self::Wget => "a wget command",
        }
    }
}

impl CurlFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotCurl => "Paste a whole command that begins with curl, or fill in the form by hand.",
            Self::Other { format: OtherFormat::Wget } => "Write it as a curl command, or fill in the form by hand.",
            Self::Other { .. } => "In the browser's Network panel choose Copy as cURL instead, for bash or for cmd.",
            Self::TooLong => "Shorten its body, or fill in the form by hand.",
            Self::UnclosedQuote { .. } => "Close the quote, or copy the whole command once more.",
            Self::NoUrl => "Add the address to the command.",
            Self::MissingValue { .. } => "Add the value, or remove the option.",
        }
    }

    /// Where in the text it is, in characters counted from 1, when it is at one place.
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::UnclosedQuote { position, .. } | Self::MissingValue { position, .. } => Some(*position),
            _ => None,
        }
    }
}
