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
            Self::NotInRange { key, .. } | Self::NotBoolean { key } => key,
        }
    }

    /// What to do now, in one sentence.
    pub fn next_step(&self) -> String {
        match self {
            Self::Unknown { nearest, .. } => format!("Did you mean {nearest}? The list of settings shows them all."),
            Self::NotInRange { .. } => "Give a number in that range, in digits only.".to_owned(),
            Self::NotBoolean { .. } => "Give true or false.".to_owned(),
        }
    }
}

fn counted_in(unit: Option<&str>) -> String {
    unit.map(|unit| format!(" ({unit})")).unwrap_or_default()
}
