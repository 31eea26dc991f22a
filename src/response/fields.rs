//! Headers and cookies of a response as two lists of named fields.
//!
//! A field is known by its number: 0 is the group of headers, its headers follow, then the group of cookies and its cookies.

use super::json::Member;
use super::source::ROOT;
use crate::redact::is_credential_header;
use crate::token::LocationIn;

/// What of a cookie's attributes is shown, in characters.
const LONGEST_ATTRIBUTES: usize = 80;

/// The headers of a response in the order they came, and the cookies that they set.
pub(super) struct Fields {
    headers: Vec<(String, String)>,
    cookies: Vec<Cookie>,
}

/// A cookie of `Set-Cookie` (RFC 6265 section 5.2).
pub(super) struct Cookie {
    name: String,
    value: String,
    /// Its attributes as they came, in one line; empty without any.
    attributes: String,
}

/// A group or a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Root,
    Headers,
    Header(usize),
    Cookies,
    Cookie(usize),
}

impl Fields {
    /// Reads the cookies of the headers.
    pub fn new(headers: &[(String, String)]) -> Self {
        let set = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let cookies = set.filter_map(|(_, value)| Cookie::read(value)).collect();
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.trim().to_owned())).collect();
        Self { headers, cookies }
    }

    fn at(&self, value: u32) -> At {
        let number = value as usize;
        match number.checked_sub(self.headers.len() + 1) {
            _ if value == ROOT => At::Root,
            None if number == 0 => At::Headers,
            None => At::Header(number - 1),
            Some(0) => At::Cookies,
            Some(cookie) => At::Cookie(cookie - 1),
        }
    }

    /// Whether it is the root or one of the two groups.
    pub fn is_group(&self, value: u32) -> bool {
        matches!(self.at(value), At::Root | At::Headers | At::Cookies)
    }

    /// How many fields a group has.
    pub fn count(&self, value: u32) -> u32 {
        let count = match self.at(value) {
            At::Root => 2,
            At::Headers => self.headers.len(),
            At::Cookies => self.cookies.len(),
            At::Header(_) | At::Cookie(_) => 0,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Field `ordinal` of a group.
    pub fn child(&self, value: u32, ordinal: u32) -> Option<Member> {
        if ordinal >= self.count(value) {
            return None;
        }
        Some(member(match self.at(value) {
            At::Root if ordinal == 1 => self.cookie_group(),
            At::Root => 0,
            _ => value + 1 + ordinal,
        }))
    }

    /// The field after the one that ended at `end`, in the group at `around`.
    pub fn next(&self, around: u32, end: u32) -> Option<Member> {
        let within = match self.at(around) {
            At::Root => end == self.cookie_group(),
            _ => end <= around + self.count(around),
        };
        within.then(|| member(end))
    }

    /// The number after a group or a field.
    pub fn end(&self, value: u32) -> u32 {
        match self.at(value) {
            At::Root => self.cookie_group() + 1 + self.count(self.cookie_group()),
            At::Headers | At::Cookies => value + 1 + self.count(value),
            At::Header(_) | At::Cookie(_) => value + 1,
        }
    }

    fn cookie_group(&self) -> u32 {
        u32::try_from(self.headers.len() + 1).unwrap_or(ROOT)
    }

    /// The name of a group or a field.
    pub fn name(&self, value: u32) -> Option<&str> {
        match self.at(value) {
            At::Root => None,
            At::Headers => Some("Headers"),
            At::Cookies => Some("Cookies"),
            At::Header(number) => self.headers.get(number).map(|(name, _)| name.as_str()),
            At::Cookie(number) => self.cookies.get(number).map(|cookie| cookie.name.as_str()),
        }
    }

    /// The value of a field; empty for a group.
    pub fn value(&self, value: u32) -> &str {
        match self.at(value) {
            At::Header(number) => self.headers.get(number).map_or("", |(_, value)| value),
            At::Cookie(number) => self.cookies.get(number).map_or("", |cookie| &cookie.value),
            At::Root | At::Headers | At::Cookies => "",
        }
    }

    /// Whether a field is a cookie, or a header that carries a credential.
    pub fn is_credential(&self, value: u32) -> bool {
        match self.at(value) {
            At::Cookie(_) => true,
            At::Header(number) => self.headers.get(number).is_some_and(|(name, _)| is_credential_header(name)),
            At::Root | At::Headers | At::Cookies => false,
        }
    }

    /// A group as lines of `name: value`, or `name=value` for cookies.
    pub fn written(&self, value: u32) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        let cookies = self.cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
        let lines: Vec<String> = match self.at(value) {
            At::Root | At::Headers => headers.collect(),
            At::Cookies => cookies.collect(),
            At::Header(_) | At::Cookie(_) => Vec::new(),
        };
        lines.join("\n")
    }

    /// What is said of a cookie besides its value, such as `Path=/; Max-Age=900`.
    pub fn attributes(&self, value: u32) -> Option<&str> {
        match self.at(value) {
            At::Cookie(number) => {
                self.cookies.get(number).map(|cookie| cookie.attributes.as_str()).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    /// The part of a location that a field belongs to.
    pub fn part(&self, value: u32) -> LocationIn {
        if matches!(self.at(value), At::Cookie(_) | At::Cookies) { LocationIn::Cookie } else { LocationIn::Header }
    }

    /// The field that counts among all of its name: the first header, the last cookie.
    pub fn counting(&self, part: LocationIn, name: &str) -> Option<Member> {
        let name = name.trim();
        let number = match part {
            LocationIn::Header => 1 + self.headers.iter().position(|(other, _)| other.eq_ignore_ascii_case(name))?,
            LocationIn::Cookie => self.headers.len() + 2 + self.cookies.iter().rposition(|cookie| cookie.name == name)?,
            _ => return None,
        };
        u32::try_from(number).ok().map(member)
    }
}

impl Cookie {
    fn read(header: &str) -> Option<Self> {
        let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
        let (name, value) = pair.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        let attributes: Vec<&str> = attributes.split(';').map(str::trim).filter(|attribute| !attribute.is_empty()).collect();
        Some(Self {
            name: name.trim().to_owned(),
            value: value.to_owned(),
            attributes: super::masking::cut(&attributes.join("; "), LONGEST_ATTRIBUTES).0,
        })
    }
}

fn member(number: u32) -> Member {
    Member { start: number, value: number }
}
