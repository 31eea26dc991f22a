//! From a token location to the token value in a response (T4), or why there is none, in words.

use std::borrow::Cow;

use secrecy::SecretString;
use serde_json_path::JsonPath;
use url::form_urlencoded;

use super::document::Document;
use super::json::Json;
use super::row::{BodyFormat, ValueKind};
use super::xml::{Xml, XmlPathFault};
use super::{jwt, pointer};
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// A JSONPath is only evaluated on bodies up to this size: unlike a pointer, it needs the whole body as values.
const LARGEST_FOR_JSONPATH: usize = 8 << 20;

/// What a location yields. Never prints the value.
#[derive(Debug)]
pub struct Located {
    /// The token value: not empty, and fit for a header.
    pub value: SecretString,
    /// The location, normalised: a JSONPath has become its pointer.
    pub location: TokenLocation,
    /// Something worth saying although a value was found, such as that a header came several times.
    pub note: Option<String>,
}

/// Why a location yields no token value; the sentence says what, [`Self::next_step`] what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocateFailure {
    /// The pointer leads to nothing.
    #[error("There is nothing at {pointer} in the response; it exists up to {deepest}.")]
    NotThere {
        /// What was looked for.
        pointer: String,
        /// The longest part of it that exists, `the top` when none does.
        deepest: String,
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
    /// The body, or what was to be opened, is not JSON.
    #[error("{what} is not JSON{problem}.")]
    NotJson {
        /// `The response` or `What stands there`.
        what: &'static str,
        /// Position and reason in brackets, or nothing.
        problem: String,
    },
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
    #[error("The pointer can't be read: {0}.")]
    BadPointer(&'static str),
    /// The JSONPath breaks RFC 9535.
    #[error("The JSONPath can't be read: {0}.")]
    BadPath(String),
    /// A JSONPath yields none or several values.
    #[error("The JSONPath yields {0} values; it must yield exactly one.")]
    Several(usize),
    /// A JSONPath on a large body.
    #[error("The response is too large for a JSONPath (more than 8 MiB).")]
    TooLargeForPath,
    /// A JSONPath on a body that can be shown but not be read as values.
    #[error("The response is nested too deep, or holds a number or character too unusual, for a JSONPath.")]
    NotForPath,
    /// The path into XML breaks the notation.
    #[error("The path can't be read: {0}")]
    BadXmlPath(String),
    /// A step of a path into XML leads to several.
    #[error("The response has {times} “{name}” there; a path must lead to exactly one.")]
    SeveralElements {
        /// The name.
        name: String,
        /// How many there are.
        times: u32,
    },
    /// A kind of location that is not offered.
    #[error("This kind of location can't be read yet.")]
    Unsupported,
}

impl LocateFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NotThere { .. } | Self::NoSuchName { .. } | Self::NoSuchLine(_) => {
                "Look at the response and choose the value that is the token; the endpoint may have answered something else this time."
            }
            Self::WrongType { .. } => "Open it and choose a single value inside it.",
            Self::Empty => "Check what was sent to the endpoint, or choose another value.",
            Self::NotAHeaderValue => "Choose one line of it, or another value.",
            Self::NotJson { .. } | Self::NotXml => {
                "Look at the response as text: the endpoint may have answered with an error page. Else choose another part of the response."
            }
            Self::Compressed { .. } => "Ask the endpoint's owner to answer in gzip, br, deflate, or not compressed at all.",
            Self::NotAJwt => "Use the value itself, or choose another one.",
            Self::BadPointer(_) => "Write it like /data/access_token, or click the value in the response.",
            Self::BadPath(_) | Self::Several(_) => "Write a path like $.data.access_token, or click the value in the response.",
            Self::BadXmlPath(_) => "Write a path like /login/token or /login/@id, or click the value in the response.",
            Self::SeveralElements { .. } => "Write which one, such as /login/token[2], or click the value in the response.",
            Self::TooLargeForPath | Self::NotForPath => {
                "Write a pointer like /data/access_token, or click the value in the response."
            }
            Self::Unsupported => "Choose a value of the body, a header or a cookie instead.",
        }
    }
}

/// Finds the token value at a location in a response (T4).
///
/// A pointer is followed in the body's own bytes, whatever its size. Of several headers or form fields with the name the
/// first counts, of several cookies the last, as in a browser; [`Located::note`] says so. A number is the
/// text as written, to the digit. A path into XML is followed in the body's own text.
pub fn locate(document: &Document, headers: &[(String, String)], location: &TokenLocation) -> Result<Located, LocateFailure> {
    let mut location = location.clone();
    let mut note = None;
    if let Some(coding) = document.coding()
        && !matches!(location.part, LocationIn::Header | LocationIn::Cookie)
    {
        return Err(LocateFailure::Compressed { coding: coding.to_owned() });
    }
    let mut value: Cow<'_, str> = match location.part {
        LocationIn::Json => {
            let json = tree(document)?;
            if location.at.trim_start().starts_with('$') {
                location.at = path_to_pointer(document, location.at.trim())?;
            }
            at_pointer(json, &location.at)?
        }
        LocationIn::Xml => {
            let (path, value) = at_path(document.xml().ok_or(LocateFailure::NotXml)?, &location.at)?;
            location.at = path;
            value
        }
        LocationIn::Header => {
            let named = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(location.at.trim()));
            one_of(named.map(|(_, value)| value.trim().into()).collect(), false, "header", &location.at, &mut note)?
        }
        LocationIn::Cookie => one_of(cookies(headers, &location.at), true, "cookie", &location.at, &mut note)?,
        LocationIn::Form => {
            let fields = form_urlencoded::parse(document.text().trim().as_bytes());
            let named = fields.filter(|(name, _)| *name == location.at);
            one_of(named.map(|(_, value)| value).collect(), false, "form field", &location.at, &mut note)?
        }
        LocationIn::Text => document.text().into(),
    };
    for step in &location.then {
        value = Cow::Owned(open(&value, step)?);
    }
    if value.trim().is_empty() {
        return Err(LocateFailure::Empty);
    }
    if value.contains(|character: char| character.is_ascii_control() && character != '\t') {
        return Err(LocateFailure::NotAHeaderValue);
    }
    Ok(Located { value: SecretString::from(value.into_owned()), location, note })
}

fn tree(document: &Document) -> Result<&Json, LocateFailure> {
    let json = document.json().filter(|_| document.format() == BodyFormat::Json);
    json.ok_or(LocateFailure::NotJson { what: "The response", problem: String::new() })
}

/// The value at a path in XML, and the path as the tree shows it.
fn at_path<'a>(xml: &'a Xml, at: &str) -> Result<(String, Cow<'a, str>), LocateFailure> {
    let (member, path) = xml.find_single(at).map_err(|error| match error.fault {
        XmlPathFault::Malformed => LocateFailure::BadXmlPath(error.message),
        XmlPathFault::Missing { deepest } => {
            let deepest = if deepest.is_empty() { "the top".to_owned() } else { deepest };
            LocateFailure::NotThere { pointer: at.to_owned(), deepest }
        }
        XmlPathFault::Several { name, times } => LocateFailure::SeveralElements { name, times },
    })?;
    if xml.has_elements(member.value) {
        return Err(LocateFailure::WrongType { what: "an element with other elements inside it" });
    }
    Ok((path, xml.scalar(member.value)))
}

fn at_pointer<'a>(json: &'a Json, at: &str) -> Result<Cow<'a, str>, LocateFailure> {
    let steps = pointer::steps(at).map_err(|error| LocateFailure::BadPointer(error.0))?;
    let member = json.find(&steps).map_err(|depth| {
        let mut deepest = String::new();
        steps[..depth].iter().for_each(|step| pointer::push(&mut deepest, step));
        let deepest = if deepest.is_empty() { "the top".to_owned() } else { deepest };
        LocateFailure::NotThere { pointer: at.to_owned(), deepest }
    })?;
    let what = match json.kind(member.value) {
        ValueKind::Object => "an object",
        ValueKind::Array => "an array",
        ValueKind::Boolean => "true or false",
        ValueKind::Null => "null",
        _ => return Ok(json.scalar(member.value)),
    };
    Err(LocateFailure::WrongType { what })
}

fn path_to_pointer(document: &Document, path: &str) -> Result<String, LocateFailure> {
    let path = JsonPath::parse(path).map_err(|error| LocateFailure::BadPath(error.message().to_owned()))?;
    if document.text().len() > LARGEST_FOR_JSONPATH {
        return Err(LocateFailure::TooLargeForPath);
    }
    let value = document.to_value().ok_or(LocateFailure::NotForPath)?;
    let found = path.query_located(&value).all();
    match found.as_slice() {
        [only] => Ok(only.location().to_json_pointer()),
        several => Err(LocateFailure::Several(several.len())),
    }
}

/// The first or the last of the values that were found under a name.
fn one_of<'a>(
    mut found: Vec<Cow<'a, str>>,
    last: bool,
    what: &'static str,
    name: &str,
    note: &mut Option<String>,
) -> Result<Cow<'a, str>, LocateFailure> {
    if found.len() > 1 {
        let which = if last { "last" } else { "first" };
        *note = Some(format!("The response has {} values for the {what} “{name}”; the {which} one is used.", found.len()));
    }
    let chosen = if last { found.pop() } else { found.into_iter().next() };
    chosen.ok_or_else(|| LocateFailure::NoSuchName { what, name: name.to_owned() })
}

/// The values of a cookie, in order, without their attributes and quotes (RFC 6265 section 5.2).
fn cookies<'a>(headers: &'a [(String, String)], wanted: &str) -> Vec<Cow<'a, str>> {
    let set = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    set.filter_map(|(_, cookie)| {
        let (name, value) = cookie.split(';').next()?.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        (name.trim() == wanted.trim()).then_some(Cow::Borrowed(value))
    })
    .collect()
}

/// Opens what was found once more.
fn open(value: &str, step: &LocationStep) -> Result<String, LocateFailure> {
    match step {
        LocationStep::Json { at } => {
            let json = Json::parse(value.to_owned()).map_err(|(_, error)| LocateFailure::NotJson {
                what: "What stands there",
                problem: format!(" (character {}: {})", error.at + 1, error.what),
            })?;
            at_pointer(&json, at).map(Cow::into_owned)
        }
        LocationStep::JwtClaim { claim } => {
            let claims = jwt::claims(value).ok_or(LocateFailure::NotAJwt)?;
            let mut at = String::new();
            pointer::push(&mut at, claim);
            match at_pointer(&claims, &at) {
                Err(LocateFailure::NotThere { .. }) => Err(LocateFailure::NoSuchName { what: "claim", name: claim.clone() }),
                found => found.map(Cow::into_owned),
            }
        }
        LocationStep::Line { number } => {
            let position = (*number as usize).checked_sub(1).ok_or(LocateFailure::NoSuchLine(0))?;
            value.lines().nth(position).map(str::to_owned).ok_or(LocateFailure::NoSuchLine(*number))
        }
        LocationStep::Capture { .. } => Err(LocateFailure::Unsupported),
    }
}

#[cfg(test)]
mod tests;
