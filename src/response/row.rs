//! The rows of a response tree as the page draws them: masked here, in Rust (T8).

use serde::Serialize;

/// Some visible rows of a response tree.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct TreeRows {
    /// How many rows are visible in all, with the present expansion.
    pub total: u32,
    /// The position of the first of `rows`.
    pub from: u32,
    /// The rows asked for, in order.
    pub rows: Vec<TreeRow>,
}

/// One visible row: an opened or closed container, or a single value.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct TreeRow {
    /// Its position among the visible rows.
    pub row: u32,
    /// How deep it stands; the document itself is 0.
    pub depth: u32,
    /// The member's name, when the parent is an object.
    pub key: Option<String>,
    /// The element's position, when the parent is an array.
    pub index: Option<u32>,
    /// The value's type.
    pub kind: ValueKind,
    /// Whether it has children.
    pub expandable: bool,
    /// Whether its children are shown.
    pub expanded: bool,
    /// The value as shown: masked when it holds or looks like a secret, cut when it is long.
    pub preview: String,
    /// Whether `preview` hides a secret.
    pub masked: bool,
    /// Whether `preview` leaves out the rest of a long value.
    pub folded: bool,
    /// Children of a container, characters of a string, 0 otherwise.
    pub size: u32,
    /// A short word beside the value, such as `JWT · 15 min left` or `datetime`.
    pub badge: Option<String>,
    /// The RFC 6901 pointer of the value.
    pub pointer: String,
    /// Whether the present search matches its key or value.
    pub matched: bool,
    /// Whether it can be a token: a non-empty string or a number (T4).
    pub selectable: bool,
}

/// The type of a value in a response tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    /// A JSON object.
    Object,
    /// A JSON array.
    Array,
    /// A JSON string.
    String,
    /// A JSON number, shown to the digit.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// A line of a body that is not a tree.
    Text,
}

/// How a body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum BodyFormat {
    /// Nothing came.
    Empty,
    /// A JSON document.
    Json,
    /// XML, shown converted to JSON (E12).
    Xml,
    /// Anything else, shown as lines.
    Text,
}

/// What is known of a body without opening it further.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct BodySummary {
    /// How it was read.
    pub format: BodyFormat,
    /// Bytes after decompression.
    pub bytes: u32,
    /// Why it could not be read as announced: position and a plain sentence.
    pub problem: Option<String>,
}

/// A value that is likely to be the token, with the reason in words.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Suggestion {
    /// Where it stands.
    pub location: crate::token::TokenLocation,
    /// The place in words, such as `data.session.access_token` or `header X-Session-Id`.
    pub label: String,
    /// Why it is likely, such as `JWT, beside expires_in`.
    pub reason: String,
}

/// What a search over a response tree found.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct SearchReport {
    /// How many keys and values match, opened or not.
    pub matches: u32,
    /// The visible row of the first match, which has been opened to show it.
    pub first_row: Option<u32>,
}

/// A JWT opened for display; nothing in it is trusted and its signature is never shown (M7).
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct JwtView {
    /// The members of its header.
    pub header: Vec<JwtMember>,
    /// Its claims.
    pub claims: Vec<JwtMember>,
    /// Seconds until `exp`, negative when past; `None` without one.
    pub expires_in_seconds: Option<i32>,
}

/// A header member or claim of a JWT, as shown.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct JwtMember {
    /// Its name.
    pub name: String,
    /// Its value; times in words.
    pub value: String,
}

/// One difference between two answers to the same request.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct DiffEntry {
    /// The RFC 6901 pointer of the value: in the newer answer, or in the older one where it is gone.
    pub pointer: String,
    /// What happened to it.
    pub kind: DiffKind,
    /// The older value in few words, masked; empty when there was none.
    pub before: String,
    /// The newer value in few words, masked; empty when there is none.
    pub after: String,
    /// Whether it is a secret that is another one in each answer, as a token is.
    pub likely_token: bool,
}

/// What happened to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum DiffKind {
    /// Only the newer answer has it.
    Added,
    /// Only the older answer has it.
    Removed,
    /// It is another one.
    Changed,
}

/// How a row differs from the previous answer to the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum RowChange {
    /// It was not there.
    Added,
    /// It was another one.
    Changed,
}
