//! Values that are found by a name: headers, cookies and the fields of a form.

use std::borrow::Cow;

use url::form_urlencoded;

use super::LocateFailure;

/// The value that counts of those with one name, and what to say when there are several.
pub(super) struct Named<'a> {
    pub value: Cow<'a, str>,
    pub note: Option<String>,
}

/// The first header of this name, compared without case.
pub(super) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Result<Named<'a>, LocateFailure> {
    let named = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name.trim()));
    one_of(named.map(|(_, value)| Cow::Borrowed(value.trim())), Which::First, "header", name)
}

/// The last cookie of this name, as in a browser.
pub(super) fn cookie<'a>(headers: &'a [(String, String)], name: &str) -> Result<Named<'a>, LocateFailure> {
    let named = cookies(headers).filter(|(other, _)| *other == name.trim());
    one_of(named.map(|(_, value)| Cow::Borrowed(value)), Which::Last, "cookie", name)
}

/// The first form field of this name. Only its value is decoded, whatever the size of the body.
pub(super) fn field<'a>(body: &'a str, name: &str) -> Result<Named<'a>, LocateFailure> {
    let named = fields(body).filter(|(other, _)| *other == name);
    let mut found = one_of(named.map(|(_, pair)| Cow::Borrowed(pair)), Which::First, "form field", name)?;
    if let Cow::Borrowed(pair) = found.value {
        found.value = form_urlencoded::parse(pair.as_bytes()).next().map_or(Cow::Borrowed(""), |(_, value)| value);
    }
    Ok(found)
}

/// Names and values of the cookies that a response sets, in order, without attributes and quotes (RFC 6265 section 5.2).
pub(in crate::response) fn cookies(headers: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    let set = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    set.filter_map(|(_, cookie)| {
        let (name, value) = cookie.split(';').next()?.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        Some((name.trim(), value))
    })
}

/// The decoded names of a form's fields with their pairs as they are written.
pub(in crate::response) fn fields(body: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    body.trim().split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = form_urlencoded::parse(name.as_bytes()).next().map_or(Cow::Borrowed(""), |(name, _)| name);
        (name, pair)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Last,
}

fn one_of<'a>(
    values: impl Iterator<Item = Cow<'a, str>>,
    which: Which,
    what: &'static str,
    name: &str,
) -> Result<Named<'a>, LocateFailure> {
    let (mut chosen, mut count) = (None, 0_u32);
    for value in values {
        if chosen.is_none() || which == Which::Last {
            chosen = Some(value);
        }
        count += 1;
    }
    let value = chosen.ok_or_else(|| LocateFailure::NoSuchName { what, name: name.to_owned() })?;
    let word = if which == Which::Last { "last" } else { "first" };
    let note = (count > 1).then(|| format!("The response has {count} values for the {what} “{name}”; the {word} one is used."));
    Ok(Named { value, note })
}
