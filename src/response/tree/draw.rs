//! A value as the row that a page draws.

use jiff::Timestamp;
use jiff::civil;

use super::opened::Place;
use super::search::Search;
use crate::response::json::Json;
use crate::response::masking::{Masking, prefix, preview, shown_key};
use crate::response::row::{TreeRow, ValueKind};
use crate::response::{jwt, pointer};
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// Draws a member of the tree; `around` is the pointer of the container it stands in, in this part of the response.
#[expect(clippy::too_many_arguments, reason = "a row is drawn from all that is known of it")]
pub(super) fn member(
    json: &Json,
    part: LocationIn,
    place: &Place,
    row: u32,
    around: &str,
    masking: &Masking,
    search: &Search,
    now: Timestamp,
) -> TreeRow {
    let (member, kind) = (place.member, json.kind(place.member.value));
    let key = json.key(member);
    let ordinal = place.parent.map(|(_, ordinal)| ordinal);
    let mut pointer = around.to_owned();
    match (&key, ordinal) {
        (Some(key), _) => pointer::push(&mut pointer, key),
        (None, Some(ordinal)) => pointer::push(&mut pointer, &ordinal.to_string()),
        (None, None) => {}
    }
    // A name may be a secret, too; then the way to it can't cross to a page either.
    let unescaped = pointer.contains('~').then(|| pointer.replace("~1", "/").replace("~0", "~"));
    let nameable = !masking.knows(&pointer) && !unescaped.is_some_and(|pointer| masking.knows(&pointer));
    let container = matches!(kind, ValueKind::Object | ValueKind::Array);
    let value = if container { None } else { Some(json.scalar(member.value)) };
    let value = value.as_deref();
    let masked = is_maskable(kind) && value.is_some_and(|value| masking.hides(key.as_deref(), value));
    let (shown, folded) = value.map_or((String::new(), false), |value| draw_value(value, masked, masking));
    let size = match (kind, value) {
        (ValueKind::String, Some(value)) => u32::try_from(value.chars().count()).unwrap_or(u32::MAX),
        _ if container => json.count(member.value),
        _ => 0,
    };
    let matched = search.matches_name(key.as_deref(), masking) || (!masked && value.is_some_and(|value| search.matches(value)));
    let fit = value.filter(|_| !container).map(|value| fitness(kind, value, nameable));
    let location = matches!(fit, Some(Ok(()))).then(|| TokenLocation { part, at: pointer.clone(), then: Vec::new() });
    TreeRow {
        row,
        depth: place.depth,
        key: key.map(|key| shown_key(&key, masking)),
        index: if member.named() { None } else { ordinal },
        kind,
        expandable: container && size > 0,
        expanded: place.opened.is_some(),
        preview: shown,
        masked,
        folded,
        size,
        badge: value.filter(|_| kind == ValueKind::String).and_then(|value| badge(value, now)),
        pointer: if nameable && part == LocationIn::Json { pointer } else { String::new() },
        matched,
        location,
        opens: None,
        refusal: fit.and_then(Result::err).map(str::to_owned),
        change: None,
    }
}

/// Draws a line of a body that is not a tree.
pub(super) fn line(line: &str, number: u32, masking: &Masking, search: &Search, now: Timestamp) -> TreeRow {
    let masked = masking.hides(None, line);
    let (shown, folded) = draw_value(line, masked, masking);
    let fit = fitness(ValueKind::Text, line, true);
    let location = fit.is_ok().then(|| TokenLocation {
        part: LocationIn::Text,
        at: String::new(),
        then: vec![LocationStep::Line { number: number + 1 }],
    });
    TreeRow {
        row: number,
        depth: 0,
        key: None,
        index: Some(number),
        kind: ValueKind::Text,
        expandable: false,
        expanded: false,
        preview: shown,
        masked,
        folded,
        size: u32::try_from(line.chars().count()).unwrap_or(u32::MAX),
        badge: badge(line, now),
        pointer: String::new(),
        matched: !masked && search.matches(line),
        location,
        opens: None,
        refusal: fit.err().map(str::to_owned),
        change: None,
    }
}

/// Whether a single value can be a token (T4), and why not.
fn fitness(kind: ValueKind, value: &str, nameable: bool) -> Result<(), &'static str> {
    if matches!(kind, ValueKind::Boolean | ValueKind::Null) {
        return Err("Only a text or a number can be a token. Choose another value.");
    }
    if value.trim().is_empty() {
        return Err("This text is empty, so it can't be a token. Choose another value.");
    }
    if value.contains(|character: char| character.is_ascii_control() && character != '\t') {
        return Err(
            "This text holds a line break or another control character, so it can't be sent in a header. Choose another value.",
        );
    }
    if !nameable {
        return Err("The way to this value holds a secret, so it can't be kept as a location. Choose another value.");
    }
    Ok(())
}

/// `true`, `false` and `null` tell nothing.
pub(super) fn is_maskable(kind: ValueKind) -> bool {
    matches!(kind, ValueKind::String | ValueKind::Number | ValueKind::Text)
}

fn draw_value(value: &str, masked: bool, masking: &Masking) -> (String, bool) {
    if masked { (masking.masked(value), false) } else { preview(value) }
}

fn badge(value: &str, now: Timestamp) -> Option<String> {
    if let Some(badge) = jwt::badge(value, now) {
        return Some(badge);
    }
    if is_datetime(value) {
        return Some("datetime".to_owned());
    }
    let address = ["https://", "http://"].iter().any(|scheme| value.starts_with(scheme)) && value.len() <= 2048;
    (address && url::Url::parse(value).is_ok()).then(|| "URL".to_owned())
}

/// Whether a string is an ISO 8601 date or date and time, with or without an offset (E12).
pub fn is_datetime(value: &str) -> bool {
    let bytes = prefix(value, 65).as_bytes();
    if !(10..=64).contains(&bytes.len()) || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    value.parse::<Timestamp>().is_ok() || value.parse::<civil::DateTime>().is_ok()
}
