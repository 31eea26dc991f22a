//! Where a page of customers begins, and which days a search names.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::views::Problem;
use crate::store::customer_lists::{After, Place};

/// A place in words that a client gives back for the next page.
pub(super) fn words_of(after: &After) -> String {
    let (walk, key) = match &after.place {
        Place::Activity(at_ms) => ("activity", at_ms.to_string()),
        Place::UserId(text) => ("user_id", text.clone()),
        Place::Email(text) => ("email", text.clone()),
        Place::Name(text) => ("name", text.clone()),
        Place::Holds(token) => ("holds", token.clone()),
        Place::Seen(at_ms) => ("seen", at_ms.to_string()),
    };
    format!("{walk} {} {key}", after.id)
}

/// The place that was given in words.
///
/// # Errors
/// When these are not such words.
pub(super) fn place_of(words: &str) -> Result<After, Problem> {
    let read = || {
        let mut parts = words.splitn(3, ' ');
        let (walk, id, key) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        let place = match walk {
            "activity" => Place::Activity(key.parse().ok()?),
            "user_id" => Place::UserId(key.to_owned()),
            "email" => Place::Email(key.to_owned()),
            "name" => Place::Name(key.to_owned()),
            "holds" => Place::Holds(key.to_owned()),
            "seen" => Place::Seen(key.parse().ok()?),
            _ => return None,
        };
        Some(After { place, id })
    };
    read().ok_or_else(|| Problem::invalid("after", "This is no place in the list.", "Begin with the first page."))
}

/// The time that a text such as `2026`, `2026-11` or `2026-11-24` names, in UTC: from, and to before, in milliseconds since
/// 1970.
pub(super) fn days_of(text: &str) -> Option<(i64, i64)> {
    let whole_date = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return None,
    };
    let first: Date = whole_date.parse().ok()?;
    let span = match text.len() {
        4 => 1.year(),
        7 => 1.month(),
        _ => 1.day(),
    };
    let behind = first.checked_add(span).ok()?;
    let millis = |date: Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond());
    Some((millis(first)?, millis(behind)?))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_day("2026-11-24", Some((1_795_478_400_000, 86_400_000)))]
    #[case::a_month("2026-11", Some((1_793_491_200_000, 30 * 86_400_000)))]
    #[case::a_year("2024", Some((1_704_067_200_000, 366 * 86_400_000)))]
    #[case::no_month("2026-13", None)]
    #[case::a_name("anna", None)]
    #[case::letters_of_the_same_length("é-11-2", None)]
    #[case::nothing("", None)]
    fn a_time_is_named_by_its_beginning(#[case] text: &str, #[case] from_and_length: Option<(i64, i64)>) {
        assert_eq!(days_of(text), from_and_length.map(|(from, length)| (from, from + length)));
    }

    #[test]
    fn a_place_in_the_list_comes_back_as_it_was() {
        for place in [Place::Activity(-3), Place::Email("a b  c".to_owned()), Place::Holds("t".to_owned()), Place::Seen(7)] {
            let after = After { place, id: 12 };
            assert_eq!(place_of(&words_of(&after)).unwrap(), after);
        }
        for rubbish in ["", "activity", "activity x 3", "nowhere 1 2", "seen 1 x"] {
            assert_eq!(place_of(rubbish).unwrap_err().field.as_deref(), Some("after"), "{rubbish}");
        }
    }
}
