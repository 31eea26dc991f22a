//! Why a setting was not taken, in sentences for people.

use super::catalogue::CATALOGUE;

/// Why a setting was not taken. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no such setting.
    #[error("There is no setting {key}.")]
    Unknown {
        /// What was asked for.
        key: String,
        /// The one that looks most like it.
        nearest: &'static str,
    },
    /// It is no whole number, or outside of the range.
    #[error("{key} takes a whole number from {min} to {max}{}.", counted_in(*unit))]
    NotInRange {
        /// The setting.
        key: &'static str,
        /// The least that it takes.
        min: u32,
        /// The most that it takes.
        max: u32,
        /// What it is counted in.
        unit: Option<&'static str>,
    },
    /// It is neither on nor off.
    #[error("{key} is either true or false.")]
    NotBoolean {
        /// The setting.
        key: &'static str,
    },
    /// It is none of its words.
    #[error("{key} is one of: {}.", words.join(", "))]
    NotAChoice {
        /// The setting.
        key: &'static str,
        /// What it takes.
        words: &'static [&'static str],
    },
    /// It has more than one line, or something that can't be seen.
    #[error("{key} is one line of text without control characters.")]
    ControlCharacter {
        /// The setting.
        key: &'static str,
    },
    /// It has too many characters.
    #[error("{key} takes at most {longest} characters.")]
    TooLong {
        /// The setting.
        key: &'static str,
        /// The most characters that it takes.
        longest: u32,
    },
    /// It is a secret, and nothing stands there.
    #[error("{key} can't be empty.")]
    Empty {
        /// The setting.
        key: &'static str,
    },
    /// The text is not what this setting needs.
    #[error("{}", fault.what)]
    NotSuchText {
        /// The setting.
        key: &'static str,
        /// What is wrong.
        fault: TextFault,
    },
}

/// Why a setting's own check did not take a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFault {
    /// What is wrong, in a sentence. It does not repeat the text: a password may have been pasted by mistake.
    pub what: String,
    /// What to do now, in one sentence.
    pub next_step: &'static str,
}

impl Fault {
    pub(super) fn unknown(key: &str) -> Self {
        let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&key.to_ascii_lowercase(), known);
        let nearest = CATALOGUE
            .iter()
            .map(|setting| setting.key)
            .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
            .unwrap_or_default();
        Self::Unknown { key: key.to_owned(), nearest }
    }

    /// Where it stands: the setting's key, or `key` when that is what is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "key",
            Self::NotInRange { key, .. }
            | Self::NotBoolean { key }
            | Self::NotAChoice { key, .. }
            | Self::ControlCharacter { key }
            | Self::TooLong { key, .. }
            | Self::Empty { key }
            | Self::NotSuchText { key, .. } => key,
        }
    }

    /// What to do now, in one sentence.
    pub fn next_step(&self) -> String {
        match self {
            Self::Unknown { nearest, .. } => format!("Did you mean {nearest}? The list of settings shows them all."),
            Self::NotInRange { .. } => "Give a number in that range, in digits only.".to_owned(),
            Self::NotBoolean { .. } => "Give true or false.".to_owned(),
            Self::NotAChoice { .. } => "Give one of these words, in small letters.".to_owned(),
            Self::ControlCharacter { .. } => "Give one line without tabs.".to_owned(),
            Self::TooLong { .. } => "Give a shorter text.".to_owned(),
            Self::Empty { .. } => "Give the secret, or reset the setting to remove the stored one.".to_owned(),
            Self::NotSuchText { fault, .. } => fault.next_step.to_owned(),
        }
    }
}

fn counted_in(unit: Option<&str>) -> String {
    unit.map(|unit| format!(" ({unit})")).unwrap_or_default()
}
