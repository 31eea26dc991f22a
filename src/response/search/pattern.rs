//! What is searched for: how a text is asked whether it matches, and how places that may match are found in a large one.

use aho_corasick::AhoCorasick;
use memchr::memmem;
use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Literal, Seq};
use serde::{Deserialize, Serialize};

use super::letters::Letters;
use crate::response::masking::prefix;

/// A longer query is refused.
const LONGEST_QUERY: usize = 10_000;

/// A compiled expression may take this many bytes, …
const LARGEST_REGEX: usize = 4 << 20;

/// …and as many for each of the caches that it works with.
const LARGEST_CACHE: usize = 4 << 20;

/// Of a drawn value, this many bytes are asked.
const DRAWN: usize = 64 * 1024;

/// What to search for in the names and values of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct SearchQuery {
    /// A text, or a regular expression; empty ends a search.
    pub text: String,
    /// Whether it is a regular expression. It is matched in linear time, against each name and each value by itself.
    pub regex: bool,
    /// Whether capitals and small letters differ.
    pub case_sensitive: bool,
}

impl From<&str> for SearchQuery {
    /// The text in any case.
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), regex: false, case_sensitive: false }
    }
}

/// Why a query can't be searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The expression can't be read; the character is counted from 1.
    #[error("The regular expression can't be read at character {character}: {what}.")]
    Syntax {
        /// Where.
        character: usize,
        /// Why, as the end of a sentence.
        what: String,
    },
    /// The expression repeats too much.
    #[error("The regular expression is too large once its repetitions are counted.")]
    TooLarge,
    /// More than 10,000 bytes.
    #[error("The search is longer than 10,000 bytes.")]
    TooLong,
}

impl QueryError {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "Correct it, or search for it as plain text.",
            Self::TooLarge => "Use smaller repetitions, such as {1,100}.",
            Self::TooLong => "Search for a part of it.",
        }
    }
}

/// A query made ready.
pub(super) struct Pattern {
    exact: Regex,
    /// Where a large text may match.
    pub places: Places,
    /// Which escapes of a JSON text may hide a match.
    pub escapes: Escapes,
}

/// How places of a text are found at which a name or value may match that has no escapes.
pub(super) enum Places {
    /// One that holds this text.
    Text {
        /// The text.
        finder: Box<memmem::Finder<'static>>,
        /// What [`quoted_byte`] says of it.
        quoted: Option<usize>,
    },
    /// One that holds these letters, in any case.
    Letters {
        /// The letters.
        letters: Letters,
        /// What [`quoted_byte`] says of them.
        quoted: Option<usize>,
    },
    /// One that holds one of these.
    OneOf {
        /// The texts.
        texts: AhoCorasick,
        /// Bytes of the longest.
        longest: usize,
        /// What [`quoted_byte`] says of each.
        quoted: Vec<Option<usize>>,
    },
    /// One that matches by itself, in at most so many bytes.
    Itself {
        /// Of a match.
        longest: usize,
    },
    /// Nothing can be said: every one must be asked.
    Everywhere,
    /// None: what is searched for can only be written with escapes.
    Nowhere,
}

/// A place of a text at which something begins that may match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Where.
    pub at: usize,
    /// Where a byte of it stands that JSON has in strings only, if there is one.
    pub quoted: Option<usize>,
    /// It is what is searched for, unless an escape reaches into it.
    pub is_whole: bool,
}

/// The place of a byte that JSON has in strings only: none of what is between strings, of numbers and of literals. In
/// either case, when both cases are meant.
fn quoted_byte(text: &[u8], both_cases: bool) -> Option<usize> {
    let is_quoted = |byte: u8| !byte.is_ascii_digit() && !b" \n\t\r\"{}[]:,+-.eEtrufalsn".contains(&byte);
    let cases = |byte: &u8| is_quoted(*byte) && (!both_cases || is_quoted(byte.to_ascii_lowercase()));
    text.iter().position(cases)
}

/// Escapes behind which something that matches may hide.
pub(super) enum Escapes {
    /// Those that stand for one of these characters.
    Of {
        /// ASCII, a bit for each.
        ascii: u128,
        /// The others, ascending.
        others: Vec<char>,
    },
    /// Any.
    All,
}

impl Escapes {
    fn of(characters: impl Iterator<Item = char>) -> Self {
        let (plain, mut others): (Vec<char>, Vec<char>) = characters.partition(char::is_ascii);
        others.sort_unstable();
        Self::Of { ascii: plain.into_iter().fold(0, |bits, character| bits | 1 << u32::from(character)), others }
    }

    /// Whether one that stands for this character may hide a match.
    pub fn may_hide(&self, character: char) -> bool {
        match self {
            Self::Of { ascii, .. } if character.is_ascii() => ascii >> u32::from(character) & 1 == 1,
            Self::Of { others, .. } => others.binary_search(&character).is_ok(),
            Self::All => true,
        }
    }
}

impl Pattern {
    /// Makes a query ready; an empty one is none.
    pub fn new(query: &SearchQuery) -> Result<Option<Self>, QueryError> {
        let SearchQuery { text, regex, case_sensitive } = query;
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() > LONGEST_QUERY {
            return Err(QueryError::TooLong);
        }
        if *regex { Self::expression(text, *case_sensitive) } else { Self::plain(text, *case_sensitive) }.map(Some)
    }

    /// Whether a name or value matches.
    pub fn matches(&self, text: &str) -> bool {
        self.exact.is_match(text)
    }

    /// The same of the start of a long one: drawing a row must not cost more.
    pub fn matches_drawn(&self, text: &str) -> bool {
        self.exact.is_match(prefix(text, DRAWN))
    }

    /// The first place in `text` between `from` and `until` at which something begins that may match. Both stand between
    /// characters.
    pub fn next_place(&self, text: &str, from: usize, until: usize) -> Option<Candidate> {
        // What begins before the end may reach beyond it.
        let within = |longest: usize| &text[from..prefix(text, until + longest).len()];
        let (found, quoted, is_whole) = match &self.places {
            Places::Text { finder, quoted } => (finder.find(within(finder.needle().len()).as_bytes())?, *quoted, true),
            Places::Letters { letters, quoted } => (letters.find(within(letters.len()).as_bytes())?, *quoted, true),
            Places::OneOf { texts, longest, quoted } => {
                let found = texts.find(within(*longest))?;
                (found.start(), quoted.get(found.pattern().as_usize()).copied().flatten(), false)
            }
            Places::Itself { longest } => {
                let found = self.exact.find(within(*longest))?;
                (found.start(), quoted_byte(found.as_str().as_bytes(), false), true)
            }
            Places::Everywhere => (0, None, false),
            Places::Nowhere => return None,
        };
        let at = from + found;
        (at < until).then_some(Candidate { at, quoted: quoted.map(|quoted| at + quoted), is_whole })
    }

    fn plain(text: &str, case_sensitive: bool) -> Result<Self, QueryError> {
        let ascii = text.is_ascii();
        let exact = RegexBuilder::new(&regex::escape(text))
            .case_insensitive(!case_sensitive)
            // K is a letter of its own for whoever types ASCII, not also the sign for kelvin.
            .unicode(!ascii)
            .size_limit(LARGEST_REGEX)
            .build()
            .map_err(|_| QueryError::TooLong)?;
        let only_escaped = text.contains(|character: char| matches!(character, '"' | '\\') || character < ' ');
        let places = if only_escaped {
            Places::Nowhere
        } else if case_sensitive {
            let finder = Box::new(memmem::Finder::new(text).into_owned());
            Places::Text { finder, quoted: quoted_byte(text.as_bytes(), false) }
        } else if ascii {
            Places::Letters { letters: Letters::new(text), quoted: quoted_byte(text.as_bytes(), true) }
        } else {
            // Letters of two cases may differ in length.
            Places::Itself { longest: text.chars().count() * 4 }
        };
        let escapes = if ascii || case_sensitive {
            let both = |character: char| [character.to_ascii_lowercase(), character.to_ascii_uppercase()];
            let either = if case_sensitive { None } else { Some(text.chars().flat_map(both)) };
            Escapes::of(text.chars().chain(either.into_iter().flatten()))
        } else {
            Escapes::All
        };
        Ok(Self { exact, places, escapes })
    }

    fn expression(text: &str, case_sensitive: bool) -> Result<Self, QueryError> {
        let parsed = ParserBuilder::new().case_insensitive(!case_sensitive).build().parse(text);
        let hir = parsed.map_err(|error| syntax_error(text, &error))?;
        let exact = RegexBuilder::new(text)
            .case_insensitive(!case_sensitive)
            .size_limit(LARGEST_REGEX)
            .dfa_size_limit(LARGEST_CACHE)
            .build()
            .map_err(|_| QueryError::TooLarge)?;
        let (places, escapes) = places_of(&hir).unwrap_or((Places::Everywhere, Escapes::All));
        Ok(Self { exact, places, escapes })
    }
}

/// Texts of which every match holds one at least, at its start or at its end, whichever tell more, and the escapes that may
/// hide a character of theirs. `None` when there are none, or they tell too little.
fn places_of(hir: &Hir) -> Option<(Places, Escapes)> {
    let sequences = [ExtractKind::Prefix, ExtractKind::Suffix].map(|kind| {
        let mut sequence = Extractor::new().kind(kind.clone()).limit_total(64).extract(hir);
        match kind {
            ExtractKind::Suffix => sequence.optimize_for_suffix_by_preference(),
            _ => sequence.optimize_for_prefix_by_preference(),
        }
        sequence
    });
    let best = sequences.into_iter().max_by_key(Seq::min_literal_len)?;
    let texts: Vec<&[u8]> = best.literals()?.iter().map(Literal::as_bytes).collect();
    // One byte is found too often, and some bytes never stand in a value as they are.
    let telling = |text: &&[u8]| text.len() >= 2 && !text.iter().any(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\'));
    if texts.is_empty() || !texts.iter().all(telling) {
        return None;
    }
    let longest = texts.iter().map(|text| text.len()).max().unwrap_or_default();
    let places = Places::OneOf {
        texts: AhoCorasick::new(&texts).ok()?,
        longest,
        quoted: texts.iter().map(|text| quoted_byte(text, false)).collect(),
    };
    // A text may have been cut within a character.
    let whole: Option<Vec<&str>> = texts.iter().map(|text| std::str::from_utf8(text).ok()).collect();
    let escapes = whole.map_or(Escapes::All, |texts| Escapes::of(texts.into_iter().flat_map(str::chars)));
    Some((places, escapes))
}

fn syntax_error(text: &str, error: &regex_syntax::Error) -> QueryError {
    let (at, what) = match error {
        regex_syntax::Error::Parse(error) => (error.span().start.offset, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span().start.offset, error.kind().to_string()),
        _ => (0, "it is not understood".to_owned()),
    };
    let character = prefix(text, at).chars().count() + 1;
    QueryError::Syntax { character, what: what.trim_end_matches('.').to_owned() }
}
