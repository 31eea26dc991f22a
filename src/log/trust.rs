//! Which time the deletion of old executions goes by. The machine's clock may be wrong for a while, and one that is a year
//! ahead must not cost the log: a leap is believed only when a later look, a day on, still finds it so.

use crate::store::log_trust::TrustRow;

const DAY_MS: i64 = 86_400_000;
/// From the time that is trusted, a clock that is further ahead has leapt. Whoever uses Latchkey each day never meets it.
const LEAP_MS: i64 = 2 * DAY_MS;
/// For so long, by the clock itself, a leap must last.
const PROOF_MS: i64 = DAY_MS;
/// The time that is trusted is written down again when it has gone on so far.
const NOTED_MS: i64 = DAY_MS / 4;

/// What is trusted after a look at the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trust {
    /// The time to go by, in milliseconds since 1970: never ahead of the clock.
    pub now_ms: i64,
    /// What is to be written down for the next look; `None` when what is there will do.
    pub note: Option<TrustRow>,
}

impl Trust {
    /// Looks at the clock, with what was written down at an earlier look, or else when the newest execution began.
    pub fn look(noted: Option<TrustRow>, newest_ms: Option<i64>, now_ms: i64) -> Self {
        let before = noted.unwrap_or(TrustRow { trusted_ms: newest_ms.unwrap_or(now_ms).min(now_ms), leapt_to_ms: None });
        let after = step(before, now_ms);
        let gone_on = after.trusted_ms.abs_diff(before.trusted_ms) >= NOTED_MS.unsigned_abs();
        let differs =
            noted.is_none() || gone_on || after.leapt_to_ms != before.leapt_to_ms || after.trusted_ms < before.trusted_ms;
        Self { now_ms: after.trusted_ms, note: differs.then_some(after) }
    }
}

fn step(before: TrustRow, now_ms: i64) -> TrustRow {
    let trusted = |trusted_ms| TrustRow { trusted_ms, leapt_to_ms: None };
    if now_ms - before.trusted_ms <= LEAP_MS {
        // Also when it was set back: whatever time was believed before, it is not later than now.
        return trusted(now_ms);
    }
    match before.leapt_to_ms {
        Some(leapt_to) if leapt_to > now_ms => TrustRow { leapt_to_ms: Some(now_ms), ..before },
        Some(leapt_to) if now_ms - leapt_to < PROOF_MS => before,
        // Proven, and no further leap since.
        Some(leapt_to) if now_ms - leapt_to <= LEAP_MS => trusted(now_ms),
        // What was leapt to is proven; this is another leap.
        Some(leapt_to) => TrustRow { trusted_ms: leapt_to, leapt_to_ms: Some(now_ms) },
        None => TrustRow { leapt_to_ms: Some(now_ms), ..before },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_769_428_800_000;
    const HOUR: i64 = 3_600_000;
    const YEAR: i64 = 365 * DAY_MS;

    /// Looks at these moments after the start, one after the other, and gives what is trusted after each.
    fn looks(moments: &[i64]) -> Vec<i64> {
        let mut noted = Some(TrustRow { trusted_ms: START, leapt_to_ms: None });
        let look = |moment: &i64| {
            let trust = Trust::look(noted, None, START + moment);
            noted = trust.note.or(noted);
            assert!(trust.now_ms <= START + moment, "never ahead of the clock");
            trust.now_ms - START
        };
        moments.iter().map(look).collect()
    }

    #[test]
    fn from_day_to_day_the_clock_is_believed() {
        assert_eq!(looks(&[HOUR, DAY_MS, 2 * DAY_MS + HOUR, 4 * DAY_MS]), [HOUR, DAY_MS, 2 * DAY_MS + HOUR, 4 * DAY_MS]);
    }

    #[test]
    fn a_leap_is_believed_after_a_day_and_not_before() {
        let leapt = [YEAR, YEAR + HOUR, YEAR + DAY_MS - 1, YEAR + DAY_MS, YEAR + DAY_MS + HOUR];
        assert_eq!(looks(&leapt), [0, 0, 0, YEAR + DAY_MS, YEAR + DAY_MS + HOUR]);
    }

    #[test]
    fn a_clock_that_was_a_year_ahead_for_a_while_changes_nothing() {
        assert_eq!(looks(&[YEAR, YEAR + HOUR, 3 * HOUR, 4 * HOUR]), [0, 0, 3 * HOUR, 4 * HOUR]);
        assert_eq!(
            looks(&[YEAR, 30 * DAY_MS, 31 * DAY_MS]),
            [0, 0, 31 * DAY_MS],
            "set back, but still further than it was trusted"
        );
    }

    #[test]
    fn used_once_a_week_it_goes_one_week_behind_and_a_wrong_week_is_not_believed() {
        let week = 7 * DAY_MS;
        assert_eq!(looks(&[week, 2 * week, 3 * week]), [0, week, 2 * week]);
        assert_eq!(looks(&[week, YEAR, 2 * week, 3 * week]), [0, week, week, 2 * week]);
    }

    #[test]
    fn a_time_that_was_believed_wrongly_is_taken_back() {
        let back = [YEAR, YEAR + DAY_MS, 5 * HOUR, 6 * HOUR];
        assert_eq!(looks(&back), [0, YEAR + DAY_MS, 5 * HOUR, 6 * HOUR]);
    }

    #[test]
    fn at_the_first_look_the_newest_execution_says_when_the_clock_was_last_right() {
        assert_eq!(Trust::look(None, Some(START), START + HOUR).now_ms, START + HOUR);
        assert_eq!(Trust::look(None, Some(START), START + YEAR).now_ms, START);
        assert_eq!(Trust::look(None, Some(START + YEAR), START).now_ms, START, "one from the future says nothing");
        assert_eq!(Trust::look(None, None, START).now_ms, START);
    }

    #[test]
    fn it_is_written_down_only_now_and_then() {
        let noted = Some(TrustRow { trusted_ms: START, leapt_to_ms: None });
        assert_eq!(Trust::look(noted, None, START + HOUR).note, None);
        assert!(Trust::look(noted, None, START + 6 * HOUR).note.is_some());
        assert!(Trust::look(noted, None, START - 1).note.is_some());
        assert!(Trust::look(noted, None, START + YEAR).note.is_some());
        assert!(Trust::look(None, None, START).note.is_some());
    }
}
