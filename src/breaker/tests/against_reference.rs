//! Any sequence of events, on a clock that goes both ways and with numbers that change, against a reference that keeps
//! the whole history and asks it anew each time.

use proptest::prelude::*;

use super::super::*;
use super::failure;

/// What happened, as the reference remembers it.
#[derive(Debug, Clone)]
enum Past {
    /// When, and what the window was then.
    Failed(i64, i64),
    Succeeded,
    /// A new chapter: `c`losed, `o`pen, `h`alf-open or `i`solated from this time on. Of an open one, how many opened it.
    Chapter(char, i64, usize),
    /// A claim: its name, its beginning and its deadline.
    Claim(String, i64, i64),
    GivenBack,
    Forgotten,
}

/// The reference: nothing but history.
#[derive(Debug, Clone, Default)]
struct Reference {
    past: Vec<Past>,
}

impl Reference {
    /// The present chapter: its letter, when it began, how many failures opened it, how many chapters were before, and what
    /// has happened in it.
    fn chapter(&self) -> (char, i64, usize, i64, &[Past]) {
        let is_chapter = |past: &&Past| matches!(past, Past::Chapter(..));
        let before = i64::try_from(self.past.iter().filter(is_chapter).count()).unwrap();
        match self.past.iter().rposition(|past| matches!(past, Past::Chapter(..))) {
            None => ('c', 0, 0, before, &self.past),
            Some(at) => match self.past[at] {
                Past::Chapter(letter, since, failures) => (letter, since, failures, before, &self.past[at + 1..]),
                _ => unreachable!(),
            },
        }
    }

    /// The claim that was made last in this chapter, unless it was given back.
    fn claim(&self) -> Option<(&str, i64, i64)> {
        self.chapter().4.iter().rev().find_map(|past| match past {
            Past::Claim(name, from, until) => Some(Some((name.as_str(), *from, *until))),
            Past::GivenBack => Some(None),
            _ => None,
        })?
    }

    /// Failures since the last success that were at no later failure too old, taking a time that lay ahead of a later one
    /// for that later one.
    fn in_a_row(&self) -> usize {
        let so_far = self.chapter().4;
        let since = so_far.iter().rposition(|past| matches!(past, Past::Succeeded | Past::Forgotten)).map_or(0, |at| at + 1);
        let failed = |past: &Past| if let Past::Failed(at, window) = past { Some((*at, *window)) } else { None };
        let failed: Vec<(i64, i64)> = so_far[since..].iter().filter_map(failed).collect();
        let earliest = |first: usize, later: usize| failed[first..=later].iter().map(|(at, _)| *at).min().unwrap();
        let counts =
            |first: usize| (first..failed.len()).all(|later| failed[later].0 - earliest(first, later) <= failed[later].1);
        (0..failed.len()).filter(|first| counts(*first)).count()
    }

    fn may_probe(&self, now: i64, numbers: Numbers) -> bool {
        let (letter, since, ..) = self.chapter();
        match letter {
            'o' => now < since || now - since >= numbers.open_ms,
            'h' => self.claim().is_none_or(|(_, from, until)| now < from || now >= until),
            _ => false,
        }
    }

    fn happens(&mut self, event: &Event, now: i64, numbers: Numbers) {
        let (letter, _, opened_by, chapters, _) = self.chapter();
        let opens = |failures: usize| Past::Chapter('o', now, failures.min(numbers.failures));
        match event {
            Event::Reset if letter == 'c' => self.past.push(Past::Forgotten),
            Event::Reset => self.past.push(Past::Chapter('c', now, 0)),
            Event::Isolated if letter != 'i' => self.past.push(Past::Chapter('i', now, 0)),
            Event::Isolated => {}
            Event::Claimed { claim, allowed_ms } => {
                if self.may_probe(now, numbers) {
                    if letter == 'o' {
                        self.past.push(Past::Chapter('h', now, opened_by));
                    }
                    self.past.push(Past::Claim(claim.clone(), now, now + allowed_ms));
                }
            }
            Event::Ended { ticket: Ticket::Closed { changes }, outcome } => {
                if *changes == chapters && letter == 'c' {
                    match outcome {
                        Outcome::Success => self.past.push(Past::Succeeded),
                        Outcome::Neutral => {}
                        Outcome::Failure(_) => {
                            self.past.push(Past::Failed(now, numbers.window_ms));
                            let in_a_row = self.in_a_row();
                            if in_a_row >= numbers.failures {
                                self.past.push(opens(in_a_row));
                            }
                        }
                    }
                }
            }
            Event::Ended { ticket: Ticket::Probe { claim }, outcome } => {
                if letter == 'h' && self.claim().is_some_and(|(name, _, until)| name == claim && now < until) {
                    self.past.push(match outcome {
                        Outcome::Success => Past::Chapter('c', now, 0),
                        Outcome::Neutral => Past::GivenBack,
                        Outcome::Failure(_) => opens(opened_by + 1),
                    });
                }
            }
        }
    }
}

fn letter(breaker: &Breaker) -> char {
    match breaker.state {
        State::Closed { .. } => 'c',
        State::Open { .. } => 'o',
        State::HalfOpen { .. } => 'h',
        State::Isolated => 'i',
    }
}

/// An event that may be about the present, the past or nothing at all.
fn events() -> impl Strategy<Value = (Event, i64, Numbers)> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Failure(failure("e"))),
        1 => Just(Outcome::Success),
        1 => Just(Outcome::Neutral),
    ];
    let claim = (0..6u8).prop_map(|number| number.to_string());
    let event = prop_oneof![
        8 => (0..6i64, outcome.clone())
            .prop_map(|(changes, outcome)| Event::Ended { ticket: Ticket::Closed { changes }, outcome }),
        4 => (claim.clone(), outcome).prop_map(|(claim, outcome)| Event::Ended { ticket: Ticket::Probe { claim }, outcome }),
        4 => (claim, 1..40i64).prop_map(|(claim, allowed_ms)| Event::Claimed { claim, allowed_ms }),
        1 => Just(Event::Reset),
        1 => Just(Event::Isolated),
    ];
    // Mostly forwards, sometimes far back.
    let step = prop_oneof![12 => 0..12i64, 1 => -60..0i64];
    let numbers =
        (1..4usize, 5..40i64, 5..40i64).prop_map(|(failures, window_ms, open_ms)| Numbers { failures, window_ms, open_ms });
    (event, step, prop_oneof![3 => Just(Numbers { failures: 3, window_ms: 30, open_ms: 20 }), 1 => numbers])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn c3_any_sequence_of_events_ends_as_the_history_says(happening in prop::collection::vec(events(), 1..60)) {
        let (mut breaker, mut reference, mut now) = (Breaker::default(), Reference::default(), 1000);
        for (event, step, numbers) in happening {
            now += step;
            // Tickets of the present come as often as those of the past.
            let event = match event {
                Event::Ended { ticket: Ticket::Closed { changes }, outcome } if changes > 0 => {
                    Event::Ended { ticket: Ticket::Closed { changes: breaker.changes }, outcome }
                }
                other => other,
            };
            reference.happens(&event, now, numbers);
            breaker = next(breaker, event, now, numbers);
            let (expected, since, opened_by, chapters, _) = reference.chapter();
            prop_assert_eq!((letter(&breaker), breaker.changes), (expected, chapters));
            let failures = if expected == 'c' { reference.in_a_row() } else { opened_by };
            prop_assert_eq!(breaker.failures().len(), failures);
            if chapters > 0 {
                prop_assert_eq!(breaker.changed_at_ms, since);
            }
            let may_probe = look(&breaker, now, numbers) == Look::MayProbe;
            prop_assert_eq!(may_probe, reference.may_probe(now, numbers));
            prop_assert_eq!(look(&breaker, now, numbers) == Look::Through, expected == 'c');
        }
    }
}
