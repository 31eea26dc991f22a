//! Everything that people ask of a log, drawn anew for each call.

use latchkey::clock::millis_to_rfc3339;
use latchkey::execution::{ErrorType, ExecutionFilter, SourceType};

use super::entry::{COMMON, PHRASE, Plan, SELDOM, customer};
use super::words::{Random, WORDS, rare_word, word};

/// What is asked.
pub enum Asked {
    /// A page, continued before this `seq`.
    Page(ExecutionFilter, Option<f64>),
    /// How many fit, and where to enter.
    Outline(ExecutionFilter),
    /// What fits over time.
    Timeline(ExecutionFilter),
}

/// What a question is drawn from.
pub struct Source {
    pub random: Random,
    pub plan: Plan,
    /// The greatest `seq` of the log.
    pub last: u64,
    /// What the last page of the whole log continues before.
    pub deepest: f64,
}

/// A kind of question.
pub struct Question {
    pub key: &'static str,
    pub what: &'static str,
    /// The most that 95 of 100 may take, in milliseconds.
    pub aim: Option<f64>,
    /// Draws one.
    pub draw: fn(&mut Source) -> Asked,
}

/// The most that a page may take, a search by word, and a timeline, in milliseconds.
const PAGE: Option<f64> = Some(50.0);
const SEARCH: Option<f64> = Some(100.0);
const TIMELINE: Option<f64> = Some(200.0);

const HOUR_MS: i64 = 3_600_000;

/// All kinds.
pub const QUESTIONS: &[Question] = &[
    ask("page_first", "the first page", PAGE, |_| Asked::Page(ExecutionFilter::default(), None)),
    ask("page_deepest", "the deepest page", PAGE, |source| Asked::Page(ExecutionFilter::default(), Some(source.deepest))),
    ask("page_anywhere", "a page anywhere", PAGE, |source| Asked::Page(ExecutionFilter::default(), Some(source.anywhere()))),
    ask("connector", "a page of a connector", PAGE, |source| source.page(&[Source::connector])),
    ask("success", "a page of successes or failures", PAGE, |source| source.page(&[Source::success])),
    ask("error", "a page of an error type", PAGE, |source| source.page(&[Source::error])),
    ask("source", "a page of a source", PAGE, |source| source.page(&[Source::source])),
    ask("customer", "a page of a customer", PAGE, |source| source.page(&[Source::customer])),
    ask("status", "a page of a status, a class or none", PAGE, |source| source.page(&[Source::status])),
    ask("time", "a page of a time", PAGE, |source| source.page(&[Source::time])),
    ask("id", "an execution by its id", PAGE, |source| source.first_page(&[Source::id])),
    ask("rare", "a page of three filters that few fit", PAGE, |source| {
        source.page(&[Source::connector, Source::error, Source::source])
    }),
    ask("rare_time", "a page of a customer's failures of a time", PAGE, |source| {
        source.page(&[Source::customer, Source::failures, Source::time])
    }),
    ask("time_failures", "a page of a connector's failures of a time", PAGE, |source| {
        source.page(&[Source::connector, Source::failures, Source::time])
    }),
    ask("apart", "a page of two filters that many fit and none both", PAGE, |source| {
        source.page(&[Source::succeeded, Source::failing_status])
    }),
    ask("search_rare", "search for a rare word", SEARCH, |source| {
        let number = source.random.below(source.plan.rare_words());
        source.search(rare_word(number), &[])
    }),
    ask("search_common", "search for a common word", SEARCH, |source| source.search(COMMON.to_owned(), &[])),
    ask("search_seldom", "search for a word of one in a hundred", SEARCH, |source| source.search(SELDOM.to_owned(), &[])),
    ask("search_two", "search for two words", SEARCH, |source| {
        let text = format!("{} {COMMON}", source.word());
        source.search(text, &[])
    }),
    ask("search_phrase", "search for a phrase", SEARCH, |source| source.search(format!("\"{PHRASE}\""), &[])),
    ask("search_rare_phrase", "search for a phrase that few have", SEARCH, |source| {
        let two = [(); 2].map(|()| word(source.random.mostly_small(64)));
        source.search(format!("\"{}\"", two.join(" ")), &[])
    }),
    ask("search_beginning", "search for the beginning of a word, five letters", SEARCH, |source| source.beginning(5)),
    ask("search_beginning_3", "search for the beginning of a word, three letters", SEARCH, |source| source.beginning(3)),
    ask("search_beginning_1", "search for the first letter of a word", SEARCH, |source| source.beginning(1)),
    ask("search_absent", "search for a word that is nowhere", SEARCH, |source| {
        let text = format!("nowhere{}", source.word());
        source.search(text, &[])
    }),
    ask("search_filtered", "search for a word in a connector's failures of a time", SEARCH, |source| {
        source.search("reception".to_owned(), &[Source::connector, Source::failures, Source::time])
    }),
    ask("timeline", "timeline of 30 days", TIMELINE, |source| source.timeline(&[])),
    ask("timeline_connector", "timeline of 30 days of a connector", TIMELINE, |source| source.timeline(&[Source::connector])),
    ask("timeline_failures", "timeline of 30 days of failures", TIMELINE, |source| source.timeline(&[Source::failures])),
    ask("timeline_error", "timeline of 30 days of an error type", None, |source| source.timeline(&[Source::error])),
    ask("timeline_search", "timeline of 30 days of a common word", None, |source| {
        source.timeline(&[|_, filter| filter.search = Some(COMMON.to_owned())])
    }),
    ask("outline", "outline of all", None, |source| source.outline(&[])),
    ask("outline_connector", "outline of a connector", None, |source| source.outline(&[Source::connector])),
    ask("outline_search", "outline of a common word", None, |source| {
        source.outline(&[|_, filter| filter.search = Some(COMMON.to_owned())])
    }),
];

const fn ask(key: &'static str, what: &'static str, aim: Option<f64>, draw: fn(&mut Source) -> Asked) -> Question {
    Question { key, what, aim, draw }
}

/// Narrows a filter further.
type Narrow = fn(&mut Source, &mut ExecutionFilter);

impl Source {
    fn filter(&mut self, narrowings: &[Narrow]) -> ExecutionFilter {
        let mut filter = ExecutionFilter::default();
        for narrow in narrowings {
            narrow(self, &mut filter);
        }
        filter
    }

    fn first_page(&mut self, narrowings: &[Narrow]) -> Asked {
        Asked::Page(self.filter(narrowings), None)
    }

    /// The first page or, as often, one anywhere.
    fn page(&mut self, narrowings: &[Narrow]) -> Asked {
        let before = self.random.one_of(2).then(|| self.anywhere());
        Asked::Page(self.filter(narrowings), before)
    }

    fn search(&mut self, text: String, narrowings: &[Narrow]) -> Asked {
        Asked::Page(ExecutionFilter { search: Some(text), ..self.filter(narrowings) }, None)
    }

    fn beginning(&mut self, letters: usize) -> Asked {
        let begun = self.word().chars().take(letters).collect();
        self.search(begun, &[])
    }

    fn timeline(&mut self, narrowings: &[Narrow]) -> Asked {
        let first_ms = self.plan.first_ms;
        Asked::Timeline(self.between(first_ms, first_ms + self.plan.span_ms, narrowings))
    }

    fn outline(&mut self, narrowings: &[Narrow]) -> Asked {
        Asked::Outline(self.filter(narrowings))
    }

    fn between(&mut self, since_ms: i64, until_ms: i64, narrowings: &[Narrow]) -> ExecutionFilter {
        let (since, until) = (Some(millis_to_rfc3339(since_ms)), Some(millis_to_rfc3339(until_ms)));
        ExecutionFilter { since, until, ..self.filter(narrowings) }
    }

    fn word(&mut self) -> String {
        word(self.random.mostly_small(WORDS))
    }

    #[expect(clippy::cast_precision_loss, reason = "a million")]
    fn anywhere(&mut self) -> f64 {
        (self.random.below(self.last) + 1) as f64
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.random.below(of.len() as u64)).unwrap_or_default()]
    }

    fn connector(&mut self, filter: &mut ExecutionFilter) {
        let connector = self.random.below(self.plan.connectors.len() as u64);
        filter.connector_id = self.plan.connectors.get(usize::try_from(connector).unwrap_or_default()).cloned();
    }

    fn success(&mut self, filter: &mut ExecutionFilter) {
        filter.success = Some(self.random.one_of(2));
    }

    #[expect(clippy::unused_self, reason = "one of several that narrow")]
    fn succeeded(&mut self, filter: &mut ExecutionFilter) {
        filter.success = Some(true);
    }

    #[expect(clippy::unused_self, reason = "one of several that narrow")]
    fn failures(&mut self, filter: &mut ExecutionFilter) {
        filter.success = Some(false);
    }

    fn error(&mut self, filter: &mut ExecutionFilter) {
        use ErrorType::{Cancelled, CircuitOpen, FaradayError, ResponseMappingError, ThirdPartyError, TokenRefreshError};
        let error_types = [ThirdPartyError, FaradayError, TokenRefreshError, ResponseMappingError, CircuitOpen, Cancelled];
        filter.error_type = Some(self.one(&error_types));
    }

    fn source(&mut self, filter: &mut ExecutionFilter) {
        use SourceType::{Answer, Fin, Inbox, SavedReply, Test, Workflow};
        filter.source_type = Some(self.one(&[Workflow, Fin, Inbox, SavedReply, Test, Answer]));
    }

    fn customer(&mut self, filter: &mut ExecutionFilter) {
        filter.customer = Some(customer(self.random.below(self.plan.customers())));
    }

    fn status(&mut self, filter: &mut ExecutionFilter) {
        filter.http_status = Some(self.one(&["200", "404", "422", "503", "4xx", "5xx", "none"]).to_owned());
    }

    fn failing_status(&mut self, filter: &mut ExecutionFilter) {
        filter.http_status = Some(self.one(&["4xx", "5xx", "none"]).to_owned());
    }

    /// From an hour to a week, anywhere.
    fn time(&mut self, filter: &mut ExecutionFilter) {
        let long = self.one(&[1, 6, 24, 7 * 24]) * HOUR_MS;
        let latest = u64::try_from(self.plan.span_ms - long).unwrap_or_default();
        let since = self.plan.first_ms + i64::try_from(self.random.below(latest)).unwrap_or_default();
        (filter.since, filter.until) = (Some(millis_to_rfc3339(since)), Some(millis_to_rfc3339(since + long)));
    }

    fn id(&mut self, filter: &mut ExecutionFilter) {
        filter.execution_id = Some(self.plan.entry(self.random.below(self.plan.count)).0.id);
    }
}
