//! Finds every known secret in a text, in every spelling, in one search per view of the text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use secrecy::{ExposeSecret as _, SecretString};

use super::address::private_parts;
use super::names::is_credential_header;
use super::patterns::{is_base64, parts, spellings};
use super::sieve::Sieve;
use super::views::{ESCAPINGS, View};
use super::{REDACTED, SHORTEST_SEARCHED};

/// Escapes inside escapes are undone this often: a form body in a JSON string in a JSON string is as deep as servers go.
const DEEPEST: usize = 2;

/// The most bytes that one byte of a secret takes up in a text: `\u005cu0061`, and a little more.
const LONGEST_ESCAPED: usize = 36;

/// Replaces known secrets (S2). Cheap to clone. Its `Debug` says only how many secrets it knows.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Arc<[SecretString]>,
    search: Option<Arc<Search>>,
    /// The searcher could not be built: everything counts as a secret then.
    hides_all: bool,
}

/// The searcher, and for each of its patterns which neighbours hold bits of the secret.
struct Search {
    /// Looks first, being much the faster.
    sieve: Sieve,
    automaton: AhoCorasick,
    shared: Vec<(bool, bool)>,
    /// The longest pattern in bytes.
    longest: usize,
}

impl Redactor {
    /// Knows these secrets. Empty ones are left out; those shorter than [`SHORTEST_SEARCHED`] characters are only
    /// found by [`Self::redact_field`].
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        // Exposed to leave out empty ones.
        let secrets: Arc<[_]> = secrets.into_iter().filter(|secret| !secret.expose_secret().is_empty()).cloned().collect();
        let mut patterns = Vec::new();
        for secret in secrets.iter() {
            // Exposed to spell the patterns; they stay inside the searcher.
            let secret = secret.expose_secret();
            for part in parts(secret) {
                if part.chars().count() >= SHORTEST_SEARCHED {
                    patterns.extend(spellings(&part));
                }
            }
        }
        // The standard kind reports every match, so that two secrets that overlap both go whole. A contiguous NFA,
        // because a DFA over tokens of some kilobytes takes tens of megabytes.
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(patterns.iter().map(|pattern| pattern.bytes.as_slice()));
        let hides_all = built.is_err();
        let search = built.ok().filter(|_| !patterns.is_empty()).map(|automaton| {
            let shared = patterns.iter().map(|pattern| (pattern.shared_before, pattern.shared_after)).collect();
            let longest = patterns.iter().map(|pattern| pattern.bytes.len()).max().unwrap_or_default();
            let sieve = Sieve::new(patterns.iter().map(|pattern| pattern.bytes.as_slice()));
            Arc::new(Search { sieve, automaton, shared, longest })
        });
        Self { secrets, search, hides_all }
    }

    /// Knows one secret more, such as a token value that was refreshed midway.
    #[must_use]
    pub fn with(&self, secret: &SecretString) -> Self {
        // Exposed to compare.
        if self.secrets.iter().any(|known| known.expose_secret() == secret.expose_secret()) {
            return self.clone();
        }
        Self::new(self.secrets.iter().chain([secret]))
    }

    /// Knows these secrets more; cheaper than one after the other.
    #[must_use]
    pub fn with_all(&self, secrets: &[SecretString]) -> Self {
        if secrets.is_empty() { self.clone() } else { Self::new(self.secrets.iter().chain(secrets)) }
    }

    /// Whether it was made of exactly these secrets, in this order.
    pub(super) fn knows_exactly(&self, secrets: &[SecretString]) -> bool {
        // Exposed to compare; no one who could measure the time chooses what is compared.
        self.secrets.len() == secrets.len()
            && self.secrets.iter().zip(secrets).all(|(known, given)| known.expose_secret() == given.expose_secret())
    }

    /// The text with every secret replaced; borrowed when it held none.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replace(text, self.places(text))
    }

    /// The first `most` bytes of the text with every secret replaced, those included that reach beyond. What stands further
    /// back is not searched, so that a large text costs no more than its start.
    pub fn redact_start(&self, text: &str, most: usize) -> String {
        let reach = self.search.as_ref().map_or(0, |search| search.longest.saturating_mul(LONGEST_ESCAPED));
        let window = &text[..text.floor_char_boundary(most.saturating_add(reach))];
        let mut places = self.places(window);
        places.sort_unstable_by_key(|place| place.start);
        let mut end = window.floor_char_boundary(most);
        for place in places.iter().take_while(|place| place.start < most) {
            end = end.max(place.end);
        }
        places.retain(|place| place.start < end);
        replace(&window[..window.ceil_char_boundary(end)], places).into_owned()
    }

    /// Whether the whole text is a known secret, however short.
    pub fn is_secret(&self, text: &str) -> bool {
        // Exposed to compare.
        self.secrets.iter().any(|secret| secret.expose_secret() == text)
    }

    /// Bytes as text, secrets replaced; what is not UTF-8 becomes `U+FFFD`.
    pub fn redact_bytes_lossy(&self, bytes: &[u8]) -> String {
        self.redact(&String::from_utf8_lossy(bytes)).into_owned()
    }

    /// A whole field, such as one JSON string: replaced altogether when it is a secret, however short.
    pub fn redact_field<'a>(&self, field: &'a str) -> Cow<'a, str> {
        if self.is_secret(field) { Cow::Borrowed(REDACTED) } else { self.redact(field) }
    }

    /// A header's value as recorded: nothing of one that carries a credential, a URL's private parts out of one that
    /// holds a URL, known secrets out of any other.
    pub fn redact_header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_credential_header(name) {
            return Cow::Borrowed(REDACTED);
        }
        if ["location", "content-location", "referer"].iter().any(|url| name.eq_ignore_ascii_case(url)) {
            return Cow::Owned(self.redact_url(value));
        }
        if ["link", "refresh"].iter().any(|holder| name.eq_ignore_ascii_case(holder)) && value.contains(['?', '@']) {
            // A URL inside other text: where it ends is for a parser to say, so none of it is kept.
            return Cow::Borrowed(REDACTED);
        }
        self.redact_field(value)
    }

    /// A URL as recorded: query, userinfo and fragment as [`super::redact_url`] does it, and known secrets in the rest.
    pub fn redact_url(&self, url: &str) -> String {
        let mut places = self.places(url);
        places.extend(private_parts(url));
        replace(url, places).into_owned()
    }

    /// Whether it knows a secret that is too short to be searched for, so that whole fields have to be compared.
    pub fn knows_short_secrets(&self) -> bool {
        // Exposed to be counted.
        self.secrets.iter().any(|secret| secret.expose_secret().chars().count() < SHORTEST_SEARCHED)
    }

    /// Whether the text holds a known secret of at least [`SHORTEST_SEARCHED`] characters, in any spelling.
    pub fn contains_secret(&self, text: &str) -> bool {
        !self.places(text).is_empty()
    }

    /// Whether a known secret stands in the text, or is all of it, however short.
    pub fn knows(&self, text: &str) -> bool {
        self.is_secret(text) || self.contains_secret(text)
    }

    fn places(&self, text: &str) -> Vec<Range<usize>> {
        if self.hides_all && !text.is_empty() {
            return std::iter::once(0..text.len()).collect();
        }
        let mut places = Vec::new();
        if let Some(search) = &self.search {
            search.collect(text.as_bytes(), &mut Vec::new(), &mut places);
        }
        places
    }
}

impl Search {
    /// Adds the places of every match in `text` and in its views, as places of the outermost text.
    fn collect(&self, text: &[u8], views: &mut Vec<View>, places: &mut Vec<Range<usize>>) {
        // Undoing escapes makes no text longer.
        if text.len() < self.sieve.shortest() {
            return;
        }
        let found = self.sieve.may_hold(text).then(|| self.automaton.find_overlapping_iter(text));
        for found in found.into_iter().flatten() {
            let (shared_before, shared_after) = self.shared.get(found.pattern().as_usize()).copied().unwrap_or_default();
            let mut range = found.range();
            if shared_before && range.start.checked_sub(1).is_some_and(|before| is_base64(text[before])) {
                range.start -= 1;
            }
            if shared_after && text.get(range.end).copied().is_some_and(is_base64) {
                range.end += 1;
            }
            let outermost = views.iter().rev().fold(range, |range, view| view.source_of(&range));
            match places.last_mut() {
                // Overlapping matches come in great numbers where a secret repeats itself: kept as one.
                Some(last) if outermost.start >= last.start && outermost.start <= last.end => {
                    last.end = last.end.max(outermost.end);
                }
                _ => places.push(outermost),
            }
        }
        if views.len() == DEEPEST {
            return;
        }
        for escaping in ESCAPINGS {
            if let Some(mut view) = View::of(text, escaping) {
                let bytes = std::mem::take(&mut view.bytes);
                views.push(view);
                self.collect(&bytes, views, places);
                views.pop();
            }
        }
    }
}

/// Puts [`REDACTED`] where the places are; places that overlap or touch become one.
fn replace(text: &str, mut places: Vec<Range<usize>>) -> Cow<'_, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.sort_unstable_by_key(|place| place.start);
    let mut redacted = String::with_capacity(text.len());
    let mut kept_from = 0;
    for (index, place) in places.iter().enumerate() {
        let (start, end) = (text.floor_char_boundary(place.start), text.ceil_char_boundary(place.end));
        if start > kept_from || index == 0 {
            redacted.push_str(&text[kept_from..start.max(kept_from)]);
            redacted.push_str(REDACTED);
        }
        kept_from = kept_from.max(end);
    }
    redacted.push_str(&text[kept_from..]);
    Cow::Owned(redacted)
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Redactor").field("secrets", &self.secrets.len()).finish_non_exhaustive()
    }
}
