//! How long a login says that its value lives. It is looked for beside the value first, then in the value itself if that
//! is a JWT, then in what stands around it. Only what is written counts: nothing is guessed from a kind of API.

mod beside;
mod said;

use jiff::Timestamp;
use serde::Serialize;

use super::document::Document;
use super::jwt;
use crate::token::{LocationIn, TokenLocation};

/// Longer lives are not believed, in seconds: ten years.
const LONGEST: i64 = 10 * 365 * 86_400;

/// How long a token value lives, as the answer says that brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct Lifetime {
    /// From the answer on; at least 1, at most ten years.
    pub seconds: u32,
    /// Where the answer says so, such as `expires_in beside the value`.
    pub from: String,
    /// So many seconds before its end a refresh is proposed: 60, at most a fifth of its life, at least 5.
    pub suggested_margin_seconds: u32,
}

impl Lifetime {
    fn new(seconds: i64, from: String) -> Option<Self> {
        let seconds = u32::try_from(seconds).ok().filter(|seconds| (1..=LONGEST).contains(&i64::from(*seconds)))?;
        Some(Self { seconds, from, suggested_margin_seconds: (seconds / 5).clamp(5, 60) })
    }
}

/// When an answer came: by this machine's clock and, if it says so, by the server's own.
#[derive(Clone, Copy)]
struct Clocks {
    ours: Timestamp,
    theirs: Option<Timestamp>,
}

impl Clocks {
    /// Seconds from the answer to a moment that the server named. Of two clocks that differ, the one counts that leaves less.
    fn until(self, at: Timestamp) -> i64 {
        let left = |from: Timestamp| at.as_second().saturating_sub(from.as_second());
        self.theirs.map_or(left(self.ours), |theirs| left(theirs).min(left(self.ours)))
    }
}

/// How long the value at this location lives, counted from `now`, the moment of the answer; `None` when the answer does not
/// say so, or says something that can't be (nothing left, more than ten years).
///
/// In a chain of `then` the innermost place that says something counts. A time of day is compared with this machine's
/// clock and with the server's `Date`, a JWT's `exp` also with its `iat`; the shorter life is taken.
pub fn lifetime(
    document: &Document,
    headers: &[(String, String)],
    location: &TokenLocation,
    value: &str,
    now: Timestamp,
) -> Option<Lifetime> {
    let date = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("date"));
    let clocks = Clocks { ours: now, theirs: date.and_then(|(_, date)| said::time_of_day(date)) };
    let nearest = beside::in_steps(document, headers, location, clocks);
    match nearest {
        Some(found) if found.beside => Some(found.lifetime),
        // What stands further out may be about something else.
        further => of_jwt(value, clocks).or_else(|| further.map(|found| found.lifetime)),
    }
}

/// What a JWT says of its own life (RFC 7519 section 4.1.4).
fn of_jwt(value: &str, clocks: Clocks) -> Option<Lifetime> {
    let claims = jwt::claims(value)?;
    let clocks = Clocks { theirs: jwt::time_claim(&claims, "iat").and_then(|iat| Timestamp::from_second(iat).ok()), ..clocks };
    let exp = Timestamp::from_second(jwt::time_claim(&claims, "exp")?).ok()?;
    Lifetime::new(clocks.until(exp), "the JWT's exp".to_owned())
}

/// What the attributes of a cookie say of its life; `Max-Age` comes first (RFC 6265 section 5.3).
fn of_cookie(headers: &[(String, String)], wanted: &str, clocks: Clocks) -> Option<Lifetime> {
    let set = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let of_name = |cookie: &&str| {
        cookie.split(';').next().and_then(|pair| pair.split_once('=')).is_some_and(|(name, _)| name.trim() == wanted.trim())
    };
    let cookie = set.map(|(_, cookie)| cookie.as_str()).rfind(of_name)?;
    let attribute = |wanted: &str| {
        let mut attributes = cookie.split(';').skip(1).filter_map(|attribute| attribute.split_once('='));
        attributes.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    if let Some(seconds) = attribute("max-age").and_then(|seconds| seconds.parse().ok()) {
        return Lifetime::new(seconds, "the cookie's Max-Age".to_owned());
    }
    let at = attribute("expires").and_then(said::time_of_day)?;
    Lifetime::new(clocks.until(at), "the cookie's Expires".to_owned())
}

/// What a header beside the token's says of its life, such as `X-Token-Expires`. `Expires` is about caches.
fn of_headers(headers: &[(String, String)], clocks: Clocks) -> Option<Lifetime> {
    let named = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("expires"));
    named.take(200).find_map(|(name, value)| {
        let bare = name.get(..2).filter(|start| start.eq_ignore_ascii_case("x-")).map_or(name.as_str(), |_| &name[2..]);
        Lifetime::new(said::seconds(bare, value, clocks)?, format!("the header {bare}"))
    })
}

#[cfg(test)]
mod tests;
