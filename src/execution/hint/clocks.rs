//! Clocks that do not agree: why an API may refuse a JWT that has just been issued.

use crate::response::jwt::{Times, duration};

/// Clocks that differ by less are taken for equal: answers travel, and a `Date` has whole seconds.
const TOLERATED: i64 = 60;
/// By so much a moment may lie ahead without anybody's clock being wrong.
const ROUNDING: i64 = 2;

/// The moment of a `Date` header (RFC 9110 5.6.7), in seconds since 1970.
pub(super) fn date(header: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(&header.trim().replace("GMT", "+0000")).ok().map(|zoned| zoned.timestamp().as_second())
}

/// The hint for a JWT that was refused with a 401, `here` by this machine's clock, and `there` by the API's.
pub(super) fn hint(token: &str, times: Times, here: i64, there: Option<i64>) -> Option<String> {
    let begins = times.not_before.into_iter().chain(times.issued_at).max();
    let judge = there.unwrap_or(here);
    let whose = if there.is_some() { "the API's clock" } else { "this machine's clock" };
    let skew = there.map_or(0, |there| there.saturating_sub(here));
    let apart = (skew.abs() > TOLERATED).then(|| apart(skew));
    let ahead = begins.map_or(0, |begins| begins.saturating_sub(judge));
    let expired = times.expires_at.filter(|expires| *expires <= judge && *expires > here);
    let about = if ahead > ROUNDING {
        Some(format!(
            "{token} is a JWT that begins to be valid {} after now by {whose}: the clock of its issuer is ahead.",
            duration(ahead)
        ))
    } else if let Some(expires) = expired {
        Some(format!(
            "By {whose} the JWT {token} expired {} ago, while by this machine's it has {} left.",
            duration(judge.saturating_sub(expires)),
            duration(expires.saturating_sub(here))
        ))
    } else {
        // A JWT that has expired by all clocks was refused for that.
        apart
            .as_ref()
            .filter(|_| times.expires_at.is_none_or(|expires| expires > judge))
            .map(|_| format!("{token} is a JWT, which is judged by the clock."))
    }?;
    Some(match apart {
        Some(apart) => format!("{about} {apart}"),
        None => about,
    })
}

fn apart(skew: i64) -> String {
    let side = if skew > 0 { "ahead of" } else { "behind" };
    format!("The API's clock is {} {side} this machine's: set the one that is wrong.", duration(skew.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn times(begins: i64, expires: i64) -> Times {
        Times { issued_at: Some(NOW + begins), not_before: None, expires_at: Some(NOW + expires) }
    }

    #[test]
    fn a_date_is_read() {
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(date("yesterday"), None);
    }

    #[test]
    fn e7_clocks_that_differ_are_told_with_how_much_and_which_side() {
        let said = |times, there: Option<i64>| hint("T", times, NOW, there.map(|there| NOW + there));
        assert_eq!(said(times(0, 900), Some(0)), None, "all clocks agree");
        assert_eq!(said(times(0, 900), Some(59)), None);
        assert_eq!(said(times(-10, 900), None), None);
        assert_eq!(said(times(-2000, -1000), Some(120)), None, "it has expired by all clocks");
        let behind = said(times(0, 900), Some(-300)).unwrap();
        assert!(behind.contains("5 min after now by the API's clock"), "{behind}");
        assert!(behind.contains("The API's clock is 5 min behind this machine's"), "{behind}");
        let ahead = said(times(0, 900), Some(3600)).unwrap();
        assert!(ahead.contains("expired 45 min ago") && ahead.contains("15 min left"), "{ahead}");
        assert!(ahead.contains("1 h ahead of this machine's"), "{ahead}");
        let slight = said(times(-400, 900), Some(-120)).unwrap();
        assert!(slight.starts_with("T is a JWT, which is judged by the clock. The API's clock is 2 min behind"), "{slight}");
        let issuer = said(times(30, 900), None).unwrap();
        assert!(issuer.contains("30 s after now by this machine's clock: the clock of its issuer is ahead"), "{issuer}");
        assert!(said(times(i64::MAX - NOW, i64::MIN + NOW), Some(i64::MIN / 4)).is_some(), "nothing overflows");
    }
}
