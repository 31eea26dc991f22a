//! A value as the row that a page draws.

use jiff::Timestamp;
use jiff::civil;

use super::facts::{Facts, LONG, LongValues, Unfit};
use super::opened::Place;
use super::sources::{OUTER, Sources};
use super::way::{Blocked, Way};
use crate::response::jwt;
use crate::response::masking::{Masking, prefix, shown_key};
use crate::response::row::{Opens, RowChange, TreeRow, ValueKind};
use crate::response::search::Search;
use crate::response::source::Source;

/// All that rows are drawn from.
pub(super) struct Drawing<'a> {
    pub sources: &'a Sources,
    pub masking: &'a Masking,
    pub search: &'a Search,
    pub long: &'a LongValues,
    pub changes: &'a [(u32, RowChange)],
    pub now: Timestamp,
}

impl Drawing<'_> {
    /// Draws the value that `way` leads to, and that stands in the container at `around`.
    pub fn row(&self, place: &Place, around: Option<u32>, row: u32, way: &Way) -> Option<TreeRow> {
        let source = self.sources.get(place.source)?;
        let member = place.member;
        let name = source.name(member);
        let ordinal = place.parent.map(|(_, ordinal)| ordinal);
        // A name may be a secret, too; then the way to it can't cross to a page either.
        let nameable = !way.any(|text| self.masking.knows(text));
        let container = source.is_container(member.value);
        let drawn = TreeRow {
            row,
            depth: place.depth,
            index: if name.is_some() { None } else { ordinal },
            key: name.as_deref().map(|name| shown_key(name, self.masking)),
            kind: source.kind(member.value),
            expandable: false,
            expanded: place.opened.is_some(),
            preview: String::new(),
            masked: false,
            folded: false,
            size: 0,
            badge: None,
            matched: self.search.matches_name(name.as_deref(), self.masking),
            pointer: way.pointer().filter(|_| nameable).unwrap_or_default().to_owned(),
            location: None,
            opens: None,
            refusal: None,
            change: self.change(place),
        };
        if container {
            let size = source.count(member.value);
            return Some(TreeRow { size, expandable: size > 0, ..drawn });
        }
        let judged_by = source.judged_by(around, member);
        Some(self.single(source, place, way, nameable, judged_by.as_deref(), drawn))
    }

    fn change(&self, place: &Place) -> Option<RowChange> {
        let marked = self.changes.binary_search_by_key(&place.member.start, |(start, _)| *start).ok()?;
        (place.source == OUTER).then(|| self.changes[marked].1)
    }

    fn single(
        &self,
        source: Source<'_>,
        place: &Place,
        way: &Way,
        nameable: bool,
        name: Option<&str>,
        drawn: TreeRow,
    ) -> TreeRow {
        let value = place.member.value;
        let facts = self.long.facts(self.sources, (place.source, value), name, self.masking);
        let opens = facts.opens.filter(|_| self.sources.may_open(place.source));
        let refusal = self.refusal(way, nameable, &facts, opens);
        TreeRow {
            expandable: opens.is_some(),
            preview: facts.preview.clone(),
            masked: facts.masked,
            folded: facts.folded,
            size: facts.characters,
            badge: self.badge(source, value, &facts),
            matched: drawn.matched || self.finds(source, place, name),
            location: refusal.is_none().then(|| way.location()),
            opens,
            refusal,
            ..drawn
        }
    }

    /// Whether a single value holds what is searched for. A long one of the view's own text is looked up among the matches.
    fn finds(&self, source: Source<'_>, place: &Place, name: Option<&str>) -> bool {
        let value = place.member.value;
        if place.source == OUTER && source.length(value) > LONG {
            return self.search.found_at(place.member.start);
        }
        self.search.is_on() && self.search.matches_value(name, &source.scalar(value), self.masking)
    }

    fn badge(&self, source: Source<'_>, value: u32, facts: &Facts) -> Option<String> {
        let badge = match facts.opens {
            Some(Opens::Jwt) => jwt::badge(&source.scalar(value), self.now),
            _ => facts.badge.map(str::to_owned),
        };
        let attributes = if let Source::Fields(fields) = source { fields.attributes(value) } else { None };
        let attributes = attributes.filter(|attributes| !self.masking.knows(attributes));
        match (badge, attributes) {
            (Some(badge), Some(attributes)) => Some(format!("{badge} · {attributes}")),
            (badge, attributes) => badge.or_else(|| attributes.map(str::to_owned)),
        }
    }

    /// Why a single value can't be chosen, and what to do instead.
    fn refusal(&self, way: &Way, nameable: bool, facts: &Facts, opens: Option<Opens>) -> Option<String> {
        let unfit = match facts.unfit {
            Some(Unfit::Literal) => Some("Only a text or a number can be a token. Choose another value."),
            Some(Unfit::Empty) => Some("This text is empty, so it can't be a token. Choose another value."),
            Some(Unfit::Control) if opens.is_some() => Some(
                "This text holds a line break or another control character, so it can't be sent in a header. Open it and choose what is inside.",
            ),
            Some(Unfit::Control) => Some(
                "This text holds a line break or another control character, so it can't be sent in a header. Choose another value.",
            ),
            Some(Unfit::Replaced) => Some(
                "Some bytes of this text could not be read, so it is not what the server sent. Choose another value, or ask the endpoint's owner to send valid text.",
            ),
            None => None,
        };
        let broken = self.sources.shown().is_broken().then_some(
            "The response is not valid JSON as a whole, so a value can't be found in it reliably. Choose a capture from the text instead.",
        );
        if let Some(refusal) = unfit.or(broken) {
            return Some(refusal.to_owned());
        }
        if !nameable {
            let refusal = "The way to this value holds a secret, so it can't be kept as a location. Choose another value.";
            return Some(refusal.to_owned());
        }
        way.blocked().map(|blocked| self.blocked(blocked))
    }

    fn blocked(&self, blocked: &Blocked) -> String {
        match blocked {
            Blocked::Repeated(name) => format!(
                "The name “{}” stands more than once in its object, so no location leads to this value alone. Choose a value whose names stand once, or a capture from the text.",
                shown_key(name, self.masking)
            ),
            Blocked::NotFirst => "An earlier field has the same name, and the first one counts. Choose that one.".to_owned(),
            Blocked::NotLast => "A later cookie has the same name, and the last one counts. Choose that one.".to_owned(),
            Blocked::Nameless => "This field has no name to find it by. Choose another value.".to_owned(),
        }
    }
}

/// Whether a value of this type may be a secret: `true`, `false` and `null` tell nothing.
pub(in crate::response) fn is_maskable(kind: ValueKind) -> bool {
    !matches!(kind, ValueKind::Boolean | ValueKind::Null)
}

/// Whether a string is an ISO 8601 date or date and time, with or without an offset (E12).
pub fn is_datetime(value: &str) -> bool {
    let bytes = prefix(value, 65).as_bytes();
    if !(10..=64).contains(&bytes.len()) || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    value.parse::<Timestamp>().is_ok() || value.parse::<civil::DateTime>().is_ok()
}
