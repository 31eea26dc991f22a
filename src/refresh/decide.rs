//! What to do about one token after a 401 (E4), decided from what was sent and what is stored.

use jiff::Timestamp;

use crate::clock::to_millis;
use crate::store::token_values::Expiry;
use crate::token::TokenType;

/// The stored side of a token at the moment of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The generation that is stored.
    pub generation: u32,
    /// Whether there is a value; a forgotten one leaves its generation behind.
    pub has_value: bool,
    /// Whether its generations were counted from the beginning again since, so that a smaller one is newer.
    pub began_anew: bool,
}

/// What a run does about one token after a 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Somebody stored a newer value since this run read it: use that, without a refresh.
    TakeNewer,
    /// Refresh it, once.
    Refresh,
    /// Nothing can be done about it, for this reason.
    Nothing(WhyNothing),
}

/// Why nothing is done about a token after a 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNothing {
    /// A text token has one fixed value (T2).
    FixedValue,
    /// A user token is renewed by the system that issues it, never here (E9).
    IssuedElsewhere,
    /// This run has fetched or refreshed it already (E5).
    AlreadyRenewed,
}

/// Decides for one token (E4): a newer stored value is taken; an `http_request` token that is still the
/// generation that was sent is refreshed, unless this run has renewed it before (E5); else nothing.
pub fn decide(token_type: TokenType, sent_generation: u32, stored: Stored, renewed_by_this_run: bool) -> Decision {
    if (stored.generation > sent_generation || stored.began_anew) && stored.has_value {
        return Decision::TakeNewer;
    }
    match token_type {
        TokenType::Text => Decision::Nothing(WhyNothing::FixedValue),
        TokenType::User => Decision::Nothing(WhyNothing::IssuedElsewhere),
        TokenType::HttpRequest if renewed_by_this_run => Decision::Nothing(WhyNothing::AlreadyRenewed),
        TokenType::HttpRequest => Decision::Refresh,
    }
}

/// The milliseconds that a value has still to live, when it is to be refreshed before its end at this moment (E4's second
/// exception); negative when it has ended. The margin is never more than half of the life that was seen, so that a value
/// of a short life does not make every run log in.
pub fn due_in(expiry: &Expiry, refresh_before_seconds: u32, now: Timestamp) -> Option<i64> {
    let margin = i64::from(refresh_before_seconds).saturating_mul(1000).min(expiry.lifetime_seconds.saturating_mul(500));
    let left = expiry.at_ms.saturating_sub(to_millis(now));
    (left <= margin).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e3_a_value_is_due_from_its_margin_on_which_is_at_most_half_of_its_life() {
        let expiry = |lifetime_seconds| Expiry { at_ms: 1_000_000, lifetime_seconds, seen: String::new() };
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let due = |lifetime, margin, millis| due_in(&expiry(lifetime), margin, at(millis));
        assert_eq!(due(900, 60, 939_999), None);
        assert_eq!(due(900, 60, 940_000), Some(60_000));
        assert_eq!(due(900, 60, 1_000_001), Some(-1));
        assert_eq!(due(100, 60, 940_000), None, "half of its life is 50 s");
        assert_eq!(due(100, 60, 950_000), Some(50_000));
        assert_eq!(due(3, u32::MAX, 998_499), None);
        assert_eq!(due(3, u32::MAX, 998_500), Some(1500));
    }

    const SAME: Stored = Stored { generation: 7, has_value: true, began_anew: false };
    const NEWER: Stored = Stored { generation: 8, has_value: true, began_anew: false };
    const FORGOTTEN: Stored = Stored { generation: 8, has_value: false, began_anew: false };

    #[test]
    fn e4_a_newer_generation_is_taken_whatever_the_type() {
        for token_type in [TokenType::Text, TokenType::HttpRequest, TokenType::User] {
            for renewed in [false, true] {
                assert_eq!(decide(token_type, 7, NEWER, renewed), Decision::TakeNewer);
            }
        }
    }

    #[test]
    fn e4_the_generation_that_was_sent_is_refreshed() {
        assert_eq!(decide(TokenType::HttpRequest, 7, SAME, false), Decision::Refresh);
    }

    #[test]
    fn e5_a_token_that_this_run_renewed_is_not_renewed_again() {
        assert_eq!(decide(TokenType::HttpRequest, 7, SAME, true), Decision::Nothing(WhyNothing::AlreadyRenewed));
    }

    #[test]
    fn t2_a_text_token_is_never_refreshed() {
        assert_eq!(decide(TokenType::Text, 7, SAME, false), Decision::Nothing(WhyNothing::FixedValue));
    }

    #[test]
    fn e9_a_user_token_is_never_refreshed() {
        for stored in [SAME, FORGOTTEN] {
            assert_eq!(decide(TokenType::User, 7, stored, false), Decision::Nothing(WhyNothing::IssuedElsewhere));
        }
    }

    #[test]
    fn e4_a_value_whose_generations_began_anew_is_newer() {
        let stored = Stored { generation: 1, has_value: true, began_anew: true };
        assert_eq!(decide(TokenType::User, 7, stored, false), Decision::TakeNewer);
        let none = Stored { generation: 0, has_value: false, began_anew: true };
        assert_eq!(decide(TokenType::User, 7, none, false), Decision::Nothing(WhyNothing::IssuedElsewhere));
    }

    #[test]
    fn t9_a_value_forgotten_meanwhile_is_fetched_and_never_sent() {
        assert_eq!(decide(TokenType::HttpRequest, 7, FORGOTTEN, false), Decision::Refresh);
        assert_eq!(decide(TokenType::Text, 7, FORGOTTEN, false), Decision::Nothing(WhyNothing::FixedValue));
    }
}
