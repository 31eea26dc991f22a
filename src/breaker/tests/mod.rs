//! The breaker's rules as a table; and in `against_reference` any sequence of events against a plain reference.

mod against_reference;

use rstest::rstest;

use super::*;

/// 3 failures within 10 s open it, for 5 s.
const NUMBERS: Numbers = Numbers { failures: 3, window_ms: 10_000, open_ms: 5_000 };
/// How long a probe may take.
const ALLOWED: i64 = 2_000;

/// What happens in a case, each at its millisecond.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// A run that begins now fails at once.
    Fails,
    /// One that begins now succeeds.
    Succeeds,
    /// One that begins now ends in neither way.
    IsNeutral,
    /// Runs that began so many changes ago fail or succeed.
    FailsFrom(i64),
    SucceedsFrom(i64),
    /// This claim is made, and comes to its end.
    Claims(&'static str),
    ProbeFails(&'static str),
    ProbeSucceeds(&'static str),
    ProbeIsNeutral(&'static str),
    Resets,
    Isolates,
}
use Act::*;

pub(super) fn failure(name: &str) -> Failure {
    Failure { execution_id: name.to_owned(), at_ms: 0, error_type: "faraday_error".to_owned(), http_status: None }
}

fn event(act: Act, breaker: &Breaker, now_ms: i64) -> Event {
    let fails = || Outcome::Failure(failure(&now_ms.to_string()));
    let ended = |ago: i64, outcome| Event::Ended { ticket: Ticket::Closed { changes: breaker.changes - ago }, outcome };
    let probed = |claim: &str, outcome| Event::Ended { ticket: Ticket::Probe { claim: claim.to_owned() }, outcome };
    match act {
        Fails => ended(0, fails()),
        Succeeds => ended(0, Outcome::Success),
        IsNeutral => ended(0, Outcome::Neutral),
        FailsFrom(ago) => ended(ago, fails()),
        SucceedsFrom(ago) => ended(ago, Outcome::Success),
        Claims(claim) => Event::Claimed { claim: claim.to_owned(), allowed_ms: ALLOWED },
        ProbeFails(claim) => probed(claim, fails()),
        ProbeSucceeds(claim) => probed(claim, Outcome::Success),
        ProbeIsNeutral(claim) => probed(claim, Outcome::Neutral),
        Resets => Event::Reset,
        Isolates => Event::Isolated,
    }
}

fn after(acts: &[(i64, Act)]) -> Breaker {
    acts.iter().fold(Breaker::default(), |breaker, &(now_ms, act)| {
        let event = event(act, &breaker, now_ms);
        next(breaker, event, now_ms, NUMBERS)
    })
}

/// The state in short: `closed 2`, `open 3`, `probing 3 by a`, `free 3`, `isolated`.
fn short(breaker: &Breaker) -> String {
    let failures = breaker.failures().len();
    match &breaker.state {
        State::Closed { .. } => format!("closed {failures}"),
        State::Open { .. } => format!("open {failures}"),
        State::HalfOpen { probe: Some(probe), .. } => format!("probing {failures} by {}", probe.id),
        State::HalfOpen { probe: None, .. } => format!("free {failures}"),
        State::Isolated => "isolated".to_owned(),
    }
}

const OPENED: [(i64, Act); 3] = [(1000, Fails), (2000, Fails), (3000, Fails)];

#[rstest]
#[case::never_used(&[], "closed 0")]
#[case::too_few(&[(1000, Fails), (2000, Fails)], "closed 2")]
#[case::enough(&OPENED, "open 3")]
#[case::just_within_the_window(&[(0, Fails), (5000, Fails), (10_000, Fails)], "open 3")]
#[case::just_not_within_the_window(&[(0, Fails), (5000, Fails), (10_001, Fails)], "closed 2")]
#[case::a_success_resets(&[(1000, Fails), (2000, Fails), (2500, Succeeds), (3000, Fails)], "closed 1")]
#[case::a_neutral_end_does_not(&[(1000, Fails), (2000, Fails), (2500, IsNeutral), (3000, Fails)], "open 3")]
#[case::of_the_state_before_nothing_counts(&[(0, Fails), (1, Isolates), (2, Resets), (3, Fails), (4, FailsFrom(2)), (5, SucceedsFrom(2))], "closed 1")]
#[case::late_failures_do_not_open(&[(0, Isolates), (1, Resets), (2, FailsFrom(2)), (3, FailsFrom(2)), (4, FailsFrom(2))], "closed 0")]
#[case::what_others_reset_is_no_change(&[(0, Fails), (1, Resets), (2, Fails), (3, Fails)], "closed 2")]
#[case::the_clock_was_set_back(&[(100_000, Fails), (1000, Fails), (2000, Fails)], "open 3")]
#[case::and_failures_age_from_then_on(&[(100_000, Fails), (1000, Fails), (11_001, Fails)], "closed 1")]
fn c3_failures_in_a_row_within_the_window_open_it(#[case] acts: &[(i64, Act)], #[case] expected: &str) {
    assert_eq!(short(&after(acts)), expected);
}

#[rstest]
#[case::too_early(&[(7999, Claims("a"))], "open 3")]
#[case::in_time(&[(8000, Claims("a"))], "probing 3 by a")]
#[case::only_one(&[(8000, Claims("a")), (8000, Claims("b"))], "probing 3 by a")]
#[case::succeeded(&[(8000, Claims("a")), (8500, ProbeSucceeds("a"))], "closed 0")]
#[case::failed(&[(8000, Claims("a")), (8500, ProbeFails("a"))], "open 3")]
#[case::failed_and_waits_anew(&[(8000, Claims("a")), (8500, ProbeFails("a")), (13_499, Claims("b"))], "open 3")]
#[case::failed_and_has_waited(&[(8000, Claims("a")), (8500, ProbeFails("a")), (13_500, Claims("b"))], "probing 3 by b")]
#[case::given_back(&[(8000, Claims("a")), (8500, ProbeIsNeutral("a"))], "free 3")]
#[case::given_back_and_taken(&[(8000, Claims("a")), (8500, ProbeIsNeutral("a")), (8501, Claims("b"))], "probing 3 by b")]
#[case::not_lost_yet(&[(8000, Claims("a")), (9999, Claims("b"))], "probing 3 by a")]
#[case::lost(&[(8000, Claims("a")), (10_000, Claims("b"))], "probing 3 by b")]
#[case::too_late_to_count(&[(8000, Claims("a")), (10_000, ProbeSucceeds("a"))], "probing 3 by a")]
#[case::too_late_and_taken(&[(8000, Claims("a")), (10_000, Claims("b")), (10_001, ProbeSucceeds("a"))], "probing 3 by b")]
#[case::too_late_to_give_back(&[(8000, Claims("a")), (10_000, Claims("b")), (10_001, ProbeIsNeutral("a"))], "probing 3 by b")]
#[case::anothers_success(&[(8000, Claims("a")), (8500, SucceedsFrom(2))], "probing 3 by a")]
#[case::anothers_failure(&[(8000, Claims("a")), (8500, FailsFrom(2)), (8600, FailsFrom(1))], "probing 3 by a")]
#[case::reset_meanwhile(&[(8000, Claims("a")), (8500, Resets), (8600, ProbeFails("a"))], "closed 0")]
#[case::isolated_meanwhile(&[(8000, Claims("a")), (8500, Isolates), (8600, ProbeSucceeds("a"))], "isolated")]
#[case::isolated_for_ever(&[(8000, Isolates), (1_000_000, Claims("a"))], "isolated")]
#[case::isolated_and_reset(&[(8000, Isolates), (8001, Resets)], "closed 0")]
#[case::reset(&[(4000, Resets)], "closed 0")]
#[case::the_clock_was_set_back(&[(2999, Claims("a"))], "probing 3 by a")]
#[case::and_again(&[(8000, Claims("a")), (7999, Claims("b"))], "probing 3 by b")]
#[case::a_result_on_a_clock_set_back(&[(8000, Claims("a")), (7000, ProbeSucceeds("a"))], "closed 0")]
fn c3_one_probe_decides_after_the_wait(#[case] acts: &[(i64, Act)], #[case] expected: &str) {
    let acts: Vec<_> = OPENED.iter().chain(acts).copied().collect();
    assert_eq!(short(&after(&acts)), expected);
}

#[rstest]
#[case::closed(&[], 0, Look::Through)]
#[case::open(&OPENED, 3000, Look::Refused(Refusal::Open { failures: 3, until_ms: 8000 }))]
#[case::open_still(&OPENED, 7999, Look::Refused(Refusal::Open { failures: 3, until_ms: 8000 }))]
#[case::due(&OPENED, 8000, Look::MayProbe)]
#[case::the_clock_was_set_back(&OPENED, 2999, Look::MayProbe)]
#[case::isolated(&[(0, Isolates)], i64::MAX, Look::Refused(Refusal::Isolated))]
fn c4_what_is_not_closed_refuses_until_a_probe_is_allowed(
    #[case] acts: &[(i64, Act)],
    #[case] now_ms: i64,
    #[case] expected: Look,
) {
    assert_eq!(look(&after(acts), now_ms, NUMBERS), expected);
}

#[test]
fn c4_while_the_probe_is_under_way_it_refuses_until_the_deadline() {
    let probing = after(&[OPENED.as_slice(), &[(8000, Claims("a"))]].concat());
    assert_eq!(look(&probing, 9999, NUMBERS), Look::Refused(Refusal::Probing { until_ms: 10_000 }));
    assert_eq!(look(&probing, 10_000, NUMBERS), Look::MayProbe);
    assert!(probing.is_probed_by("a") && !probing.is_probed_by("b"));
}

#[test]
fn c3_the_newest_failures_are_named_and_no_more_than_open_it() {
    let named = |breaker: &Breaker| {
        breaker.failures().iter().map(|failure| (failure.execution_id.clone(), failure.at_ms)).collect::<Vec<_>>()
    };
    let opened = after(&OPENED);
    assert_eq!(named(&opened), [("1000".into(), 1000), ("2000".into(), 2000), ("3000".into(), 3000)]);
    let again = after(&[OPENED.as_slice(), &[(8000, Claims("a")), (8500, ProbeFails("a"))]].concat());
    assert_eq!(named(&again), [("2000".into(), 2000), ("3000".into(), 3000), ("8500".into(), 8500)]);
}

#[test]
fn c3_the_numbers_of_the_moment_decide() {
    let opened = after(&OPENED);
    let hasty = Numbers { open_ms: 1000, ..NUMBERS };
    assert_eq!(look(&opened, 4000, hasty), Look::MayProbe, "a shorter wait counts at once");
    let two = after(&OPENED[..2]);
    let ended = event(Fails, &two, 3000);
    let lenient = next(two.clone(), ended.clone(), 3000, Numbers { failures: 4, ..NUMBERS });
    assert_eq!(short(&lenient), "closed 3");
    assert_eq!(short(&next(two, ended, 3000, Numbers { failures: 2, ..NUMBERS })), "open 2");
}
