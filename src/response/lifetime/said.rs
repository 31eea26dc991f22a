//! Names and ways in which a life is written: so many seconds, or a time of day.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::{Clocks, LONGEST};

/// A number of seconds from 1970 that is greater is one of milliseconds.
const MOST_EPOCH_SECONDS: i64 = 100_000_000_000;

/// What a name announces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// How many seconds are left.
    Seconds,
    /// When it ends.
    Moment,
    /// One or the other.
    Either,
}

/// The seconds that a field of this name and value leaves; `None` when it says nothing about that.
pub(super) fn seconds(name: &str, value: &str, clocks: Clocks) -> Option<i64> {
    let says = says(name)?;
    let value = value.trim();
    match whole(value) {
        Some(seconds) if says == Says::Seconds || (says == Says::Either && seconds <= LONGEST) => Some(seconds),
        Some(moment) => Some(clocks.until(epoch(moment)?)),
        None if says == Says::Seconds => None,
        None => time_of_day(value).map(|at| clocks.until(at)),
    }
}

/// Whether a name is looked at at all.
pub(super) fn is_said_by(name: &str) -> bool {
    says(name).is_some()
}

fn says(name: &str) -> Option<Says> {
    // A claim, and an attribute or element of XML, are named in ways of their own.
    let bare = name.trim_start_matches('@').rsplit(':').next().unwrap_or_default();
    if bare.len() > 64 {
        return None;
    }
    let plain: String = bare.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let plain =
        ["accesstoken", "authtoken", "session", "token"].iter().find_map(|whose| plain.strip_prefix(whose)).unwrap_or(&plain);
    Some(match plain {
        "expiresin" | "expirein" | "expiresinseconds" | "expiresinsec" | "leaseduration" => Says::Seconds,
        "expiresat"
        | "expireat"
        | "expireson"
        | "expirationtime"
        | "expirationtimestamp"
        | "expirationdate"
        | "expirydate"
        | "expirytime"
        | "expiredate"
        | "expiretime"
        | "expiresdate"
        | "validuntil"
        | "exp" => Says::Moment,
        "expires" | "expiry" | "expiration" => Says::Either,
        _ => return None,
    })
}

/// A plain number, its fraction cut off.
fn whole(value: &str) -> Option<i64> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    fraction.bytes().all(|byte| byte.is_ascii_digit()).then(|| whole.parse().ok())?
}

fn epoch(number: i64) -> Option<Timestamp> {
    if number.unsigned_abs() > MOST_EPOCH_SECONDS.unsigned_abs() {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_second(number).ok()
    }
}

/// RFC 3339, or the dates of HTTP and of cookies. A time without a zone says nothing for certain.
pub(super) fn time_of_day(value: &str) -> Option<Timestamp> {
    if value.len() > 64 {
        return None;
    }
    // `GMT` is how HTTP writes UTC, and older cookies have hyphens within the date.
    let http = || rfc2822::parse(&value.replace('-', " ").replace("GMT", "+0000")).ok().map(|zoned| zoned.timestamp());
    value.parse().ok().or_else(http)
}
