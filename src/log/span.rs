//! The time that a timeline shows, cut into buckets of one length.

/// The lengths of buckets, in seconds: what people count in, from a second to four weeks. A longer one is some days.
const LENGTHS: [u32; 20] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY, 7 * DAY, 28 * DAY];
const DAY: u32 = 86_400;
/// The least and the most buckets that can be asked for.
pub const MOST_BUCKETS: (u32, u32) = (10, 1000);
/// Times are shown from 1970 to 2106, so that their seconds fit 32 bits.
const LATEST_MS: i64 = 4_294_944_000_000;

/// A time, cut into buckets that begin at whole multiples of their length (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Executions count that began then or later, in milliseconds since 1970.
    pub since_ms: i64,
    /// Executions count that began before.
    pub until_ms: i64,
    /// How long a bucket is.
    pub seconds: u32,
    /// Where the first bucket begins, in seconds since 1970.
    first: i64,
    /// Where the last bucket ends.
    end: i64,
}

impl Span {
    /// The shortest buckets with which there are at most so many. Without a `since` or an `until` the first or the last
    /// bucket counts whole; it is the one that holds the moment that stands in its place.
    pub fn new((since_ms, oldest_ms): (Option<i64>, i64), (until_ms, now_ms): (Option<i64>, i64), most_buckets: u32) -> Self {
        let most = i64::from(most_buckets.clamp(MOST_BUCKETS.0, MOST_BUCKETS.1));
        // What ends before the oldest execution is still a time, in which there is none.
        let oldest_ms = until_ms.map_or(oldest_ms, |until_ms| oldest_ms.min(until_ms.saturating_sub(1)));
        let first_ms = since_ms.unwrap_or(oldest_ms).clamp(0, LATEST_MS);
        let end_ms = until_ms.unwrap_or_else(|| now_ms.saturating_add(1)).clamp(0, LATEST_MS).max(first_ms + 1);
        let fits = |seconds: u32| count(first_ms, end_ms, seconds) <= most;
        let days = || {
            // Fits at the latest with as many days as there are in all, since there are ten buckets or more.
            let whole = u32::try_from((end_ms - first_ms) / (most * i64::from(DAY) * 1000)).unwrap_or(u32::MAX / DAY - 1);
            let fit = (whole.max(1)..=u32::MAX / DAY).map(|days| days * DAY).find(|seconds| fits(*seconds));
            fit.unwrap_or(u32::MAX)
        };
        let seconds = LENGTHS.into_iter().find(|seconds| fits(*seconds)).unwrap_or_else(days);
        let length = i64::from(seconds);
        let (first, end) = (first_ms.div_euclid(length * 1000) * length, ceil(end_ms, length * 1000) / 1000);
        Self {
            since_ms: since_ms.map_or(first * 1000, |_| first_ms),
            until_ms: until_ms.map_or(end * 1000, |until_ms| until_ms.clamp(first_ms, end_ms)),
            seconds,
            first,
            end,
        }
    }

    /// So many buckets of this length, of which the last holds `now_ms`.
    pub fn until_now(now_ms: i64, seconds: u32, buckets: u32) -> Self {
        let length = i64::from(seconds);
        let end = (now_ms.clamp(0, LATEST_MS).div_euclid(length * 1000) + 1) * length;
        let first = (end - i64::from(buckets) * length).max(0);
        Self { since_ms: first * 1000, until_ms: end * 1000, seconds, first, end }
    }

    /// Where each bucket begins, in milliseconds since 1970.
    pub fn starts(&self) -> impl Iterator<Item = i64> {
        let length = i64::from(self.seconds);
        let first = self.first;
        (0..self.len()).map(move |number| (first + i64::try_from(number).unwrap_or_default() * length) * 1000)
    }

    /// Where the last bucket ends, in milliseconds since 1970.
    pub fn end_ms(&self) -> i64 {
        self.end * 1000
    }

    /// How many buckets.
    pub fn len(&self) -> usize {
        usize::try_from((self.end - self.first) / i64::from(self.seconds)).unwrap_or_default()
    }

    /// The bucket of a moment that counts.
    pub fn bucket_of(&self, at_ms: i64) -> Option<usize> {
        if !(self.since_ms..self.until_ms).contains(&at_ms) {
            return None;
        }
        usize::try_from((at_ms - self.first * 1000) / (i64::from(self.seconds) * 1000)).ok()
    }
}

fn count(first_ms: i64, end_ms: i64, seconds: u32) -> i64 {
    let length = i64::from(seconds) * 1000;
    (ceil(end_ms, length) - first_ms.div_euclid(length) * length) / length
}

/// The next whole multiple, or the number itself.
pub fn ceil(number: i64, of: i64) -> i64 {
    -(-number).div_euclid(of) * of
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const NOON_MS: i64 = 1_769_428_800_000;

    #[rstest]
    #[case::a_minute(60_000, 60, 1)]
    #[case::an_hour(3_600_000, 60, 60)]
    #[case::an_hour_narrow(3_600_000, 30, 120)]
    #[case::a_day(DAY_MS, 100, 900)]
    #[case::thirty_days(30 * DAY_MS, 120, 21_600)]
    #[case::thirty_days_wide(30 * DAY_MS, 800, 3600)]
    #[case::a_year(365 * DAY_MS, 400, DAY)]
    #[case::a_year_narrow(365 * DAY_MS, 60, 7 * DAY)]
    #[case::ten_years(3650 * DAY_MS, 100, 37 * DAY)]
    fn buckets_are_as_long_as_people_count_in(#[case] length_ms: i64, #[case] most: u32, #[case] seconds: u32) {
        let span = Span::new((Some(NOON_MS - length_ms), 0), (Some(NOON_MS), 0), most);
        assert_eq!(span.seconds, seconds, "{} buckets", span.len());
    }

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn what_is_not_limited_counts_whole_buckets_and_what_is_counts_to_the_millisecond() {
        let (oldest, now) = (NOON_MS - 90_500, NOON_MS + 1_500);
        let open = Span::new((None, oldest), (None, now), 20);
        assert_eq!((open.seconds, open.since_ms % 5000, open.until_ms % 5000), (5, 0, 0));
        assert!(open.bucket_of(oldest).is_some() && open.bucket_of(now) == Some(open.len() - 1));
        let limited = Span::new((Some(oldest), 0), (Some(now), 0), 20);
        assert_eq!((limited.bucket_of(oldest - 1), limited.bucket_of(oldest)), (None, Some(0)));
        assert_eq!((limited.bucket_of(now), limited.bucket_of(now - 1)), (None, Some(limited.len() - 1)));
    }

    #[test]
    fn what_ends_before_the_oldest_execution_or_before_it_begins_holds_none() {
        let before = Span::new((None, NOON_MS), (Some(NOON_MS - 100_000), NOON_MS), 20);
        assert_eq!((before.len(), before.bucket_of(NOON_MS)), (1, None));
        let turned = Span::new((Some(NOON_MS), NOON_MS), (Some(NOON_MS - 1), NOON_MS), 20);
        assert_eq!(turned.bucket_of(NOON_MS), None);
    }

    #[test]
    fn the_last_hours_end_with_the_one_that_runs() {
        let span = Span::until_now(NOON_MS + 1, 3600, 24);
        assert_eq!((span.len(), span.end_ms(), span.since_ms), (24, NOON_MS + 3_600_000, NOON_MS - 23 * 3_600_000));
        assert_eq!(span.bucket_of(NOON_MS + 1), Some(23));
    }

    proptest! {
        #[test]
        fn there_are_never_too_many_and_each_moment_is_in_the_bucket_that_holds_it(
            since in prop_oneof![Just(i64::MIN), Just(-5), 0..4_400_000_000_000_i64, Just(i64::MAX)],
            length in prop_oneof![Just(i64::MIN), -5..5_000_i64, 0..4_400_000_000_000_i64, Just(i64::MAX)],
            most in 0..2000_u32,
            at in 0.0..1.0_f64,
        ) {
            let until = since.saturating_add(length);
            for (since_ms, until_ms) in [(Some(since), Some(until)), (None, Some(until)), (Some(since), None), (None, None)] {
                let span = Span::new((since_ms, since), (until_ms, until), most);
                prop_assert!(span.len() >= 1 && span.len() <= most.clamp(10, 1000) as usize, "{span:?}");
                prop_assert_eq!(span.starts().count(), span.len());
                if until_ms.is_some_and(|until_ms| until_ms <= span.since_ms) {
                    prop_assert_eq!(span.bucket_of(span.since_ms), None, "it ends before it begins");
                    continue;
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "some moment")]
                let moment = span.since_ms + ((span.until_ms - span.since_ms - 1) as f64 * at) as i64;
                let bucket = span.bucket_of(moment).unwrap();
                let start = span.starts().nth(bucket).unwrap();
                prop_assert!((start..start + i64::from(span.seconds) * 1000).contains(&moment));
                prop_assert_eq!(start % (i64::from(span.seconds) * 1000), 0, "aligned");
            }
        }
    }
}
