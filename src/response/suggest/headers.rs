//! Likely tokens in headers and cookies.

use std::collections::HashSet;

use super::names::{Says, cookie_says, says};
use super::{Found, Single};
use crate::response::jwt;
use crate::response::masking::cut;
use crate::token::{LocationIn, TokenLocation};

/// So many headers are looked at.
const MOST: usize = 200;

/// Looks at every header, and at the cookies that a response sets.
pub(super) fn look(headers: &[(String, String)], found: &mut Found) {
    let group = found.group();
    let mut seen = HashSet::new();
    for (name, value) in headers.iter().take(MOST) {
        let lower = name.to_ascii_lowercase();
        // Of several headers with one name the first counts.
        if lower != "set-cookie" && seen.insert(lower.clone()) {
            header(name, lower.strip_prefix("x-").unwrap_or(&lower), value, group, found);
        }
    }
    cookies(headers, found);
}

fn header(name: &str, bare: &str, value: &str, group: u32, found: &mut Found) {
    let says = says(bare, None);
    // What the transport sends along is long and random too: only its name or its being a JWT tells.
    if matches!(says, Says::Nothing) && !jwt::is_jwt(value) && bare != "token-type" {
        return;
    }
    let single =
        Single { name: Some(bare), around: None, value: value.trim(), number: false, group: Some(group), opened: 0, bonus: -5 };
    found.meet_named(&single, says, || (TokenLocation::header(name), format!("header {}", cut(name, 80).0)));
}

fn cookies(headers: &[(String, String)], found: &mut Found) {
    let mut cookies: Vec<(&str, &str, &str)> = Vec::new();
    for (_, cookie) in headers.iter().take(MOST).filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let Some((name, value)) = pair.split_once('=') else { continue };
        // Of several cookies with one name the last counts.
        cookies.retain(|(before, ..)| *before != name.trim());
        cookies.push((name.trim(), value.trim().trim_matches('"'), attributes));
    }
    for (name, value, attributes) in cookies {
        let has = |wanted: &str| attributes.split(';').any(|attribute| attribute.trim().eq_ignore_ascii_case(wanted));
        let says = cookie_says(name);
        if matches!(says, Says::Nothing) || has("Max-Age=0") {
            continue;
        }
        // A cookie is more often meant for browsers; one that pages can't read is more often a session's.
        let bonus = if has("HttpOnly") { -15 } else { -25 };
        let single = Single { name: Some(name), around: None, value, number: false, group: None, opened: 0, bonus };
        found.meet_named(&single, says, || {
            let location = TokenLocation { part: LocationIn::Cookie, at: name.to_owned(), then: Vec::new() };
            (location, format!("cookie {}", cut(name, 80).0))
        });
    }
}
