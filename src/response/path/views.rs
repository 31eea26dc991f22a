//! What a page shows beside a location that is being typed.

use serde::Serialize;

use crate::response::ValueKind;
use crate::token::TokenLocation;

/// One way to go on with a path that is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct Completion {
    /// The whole typed text with this completion.
    pub text: String,
    /// The key, position or name that is added, as shown.
    pub label: String,
    /// The type of what stands there.
    pub kind: ValueKind,
    /// What stands there in words, such as `string · 812 characters`; never the value.
    pub detail: String,
}

/// What a location yields in a kept response.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct LocationPreview {
    /// How many values.
    pub yields: u32,
    /// Whether these are all; otherwise there are more.
    pub counted_all: bool,
    /// The first of them, at most five, masked (T8).
    pub values: Vec<PreviewValue>,
    /// The location as it would be saved; only when it yields a token value.
    pub normalised: Option<TokenLocation>,
    /// Why it does not.
    pub error: Option<LocationError>,
}

/// One value that a location yields.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct PreviewValue {
    /// Where it stands, as shown.
    pub path: String,
    /// The value as shown: masked, and cut when it is long.
    pub preview: String,
    /// Whether `preview` hides a secret.
    pub masked: bool,
    /// Its type.
    pub kind: ValueKind,
}

/// What is wrong with a typed location, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct LocationError {
    /// `at`, or `then[0]` and so on.
    pub field: String,
    /// The first wrong character of that field, counted from 0.
    pub from: u32,
    /// The character after the last wrong one; equal to `from` where something is missing.
    pub to: u32,
    /// What is wrong, a sentence.
    pub message: String,
    /// What to do, a sentence.
    pub next_step: String,
}
