//! The rows of a response tree as the page draws them: masked here, in Rust (T8).

use serde::{Deserialize, Serialize};

use crate::token::TokenLocation;

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
    /// Whether the present search matches its key or value.
    pub matched: bool,
    /// The RFC 6901 pointer of the value in the body, when the body is JSON; empty otherwise, and in what a value opens.
    pub pointer: String,
    /// Where the value stands as a token location; set exactly when it can be chosen (T4).
    pub location: Option<TokenLocation>,
    /// What the value opens to, when it is a single value that holds something more.
    pub opens: Option<Opens>,
    /// Why a single value can't be chosen, and what to do instead.
    pub refusal: Option<String>,
    /// How it differs from the previous test of the same request.
    pub change: Option<RowChange>,
}

/// What a single value opens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum Opens {
    /// A JSON object or array in a text.
    Json,
    /// The claims of a JWT.
    Jwt,
    /// The lines of a text of several.
    Lines,
}

/// How a row differs from the same row of the previous test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum RowChange {
    /// It was not there.
    Added,
    /// It had another value.
    Changed,
}

/// What *Expand all* came to.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct ExpandReport {
    /// How many rows are visible now.
    pub total: u32,
    /// What was left out, in a sentence and a next step.
    pub note: Option<String>,
}

/// A way to write where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum PathForm {
    /// RFC 6901, such as `/data/0/token`.
    Pointer,
    /// RFC 9535 section 2.7, such as `$['data'][0]['token']`.
    JsonPath,
    /// As programs write it, such as `data[0].token`.
    Dotted,
    /// Such as `/soap:Envelope/soap:Body/Login[2]/@id`.
    XPath,
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
    /// A text without quotes: a line, a field's value, the text of an XML element.
    Text,
    /// A text of several lines.
    Lines,
    /// Named fields: a form, or the headers and cookies of a response.
    Fields,
    /// An XML element.
    Element,
    /// An attribute of an XML element.
    Attribute,
    /// The claims of a JWT that has been opened.
    Claims,
}

/// How a body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum BodyFormat {
    /// Nothing came.
    Empty,
    /// A JSON document.
    Json,
    /// An XML document.
    Xml,
    /// Form fields, `application/x-www-form-urlencoded`.
    Form,
    /// A JSON document on each line.
    Ndjson,
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
    /// What of a broken body can still be used, in a plain sentence.
    pub usable: Option<String>,
}

/// A value that is likely to be the token, with the reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Suggestion {
    /// Where it stands.
    pub location: crate::token::TokenLocation,
    /// The place in words, such as `data.session.access_token` or `header X-Session-Id`.
    pub label: String,
    /// Why it is likely, such as `JWT, beside expires_in`.
    pub reason: String,
}

/// How far a search has come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, specta::Type)]
pub struct SearchProgress {
    /// How many rows match so far, open or not.
    pub matches: u32,
    /// The part of the response that was searched, from 0 to 1.
    pub searched: f64,
    /// The visible row of the first match, which has been opened to show it.
    pub first_row: Option<u32>,
}

/// What a search over a response tree found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct SearchReport {
    /// How many rows match by name or value, open or not.
    pub matches: u32,
    /// The visible row of the first match, which has been opened to show it.
    pub first_row: Option<u32>,
    /// Whether there are more than can be visited: only the first million can.
    pub capped: bool,
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
