//! Which values of a response are likely to be the token, and why (T4: suggestions only, the user chooses).

use std::collections::HashSet;

use super::document::Document;
use super::json::{Event, Json, Member, Walk};
use super::masking::cut;
use super::row::{BodyFormat, Suggestion, ValueKind};
use super::{jwt, pointer};
use crate::redact::looks_like_secret;
use crate::token::{LocationIn, TokenLocation};

/// So many suggestions at most.
const MOST: usize = 5;

/// A walk ends after so many values, …
const MOST_VALUES: usize = 200_000;

/// …so many bytes of text, …
const FARTHEST: u32 = 8 << 20;

/// …and passes over what is nested deeper.
const DEEPEST: usize = 32;

/// Only so many candidates are weighed.
const MOST_CANDIDATES: usize = 500;

struct Candidate {
    suggestion: Suggestion,
    score: i32,
    /// The object it stands in, to be raised when that holds `expires_in` or `token_type` too.
    object: Option<u32>,
}

/// The likely tokens of a response, the likeliest first, at most five. Bounded: it looks at the first 200,000 values
/// within the first 8 MiB and at 32 levels.
pub fn suggest(document: &Document, headers: &[(String, String)]) -> Vec<Suggestion> {
    let mut candidates = Vec::new();
    if let Some(json) = document.json() {
        let part = if document.format() == BodyFormat::Xml { LocationIn::Xml } else { LocationIn::Json };
        in_tree(json, part, &mut candidates);
    } else {
        in_text(document, &mut candidates);
    }
    in_headers(headers, &mut candidates);
    // The sort is stable, so equals stay in the order of the response.
    candidates.sort_by_key(|candidate| -candidate.score);
    candidates.into_iter().map(|candidate| candidate.suggestion).take(MOST).collect()
}

fn in_tree(json: &Json, part: LocationIn, candidates: &mut Vec<Candidate>) {
    let mut walk = Walk::new(json);
    let mut at = String::new();
    let mut objects: Vec<u32> = Vec::new();
    let mut with_companions: HashSet<u32> = HashSet::new();
    for _ in 0..MOST_VALUES {
        match walk.step() {
            None => break,
            Some(Event::Leave) => {
                objects.pop();
                pointer::pop(&mut at);
            }
            Some(Event::Enter(member)) => {
                push(json, member, &walk, &mut at, objects.len());
                objects.push(member.value);
                if objects.len() > DEEPEST {
                    walk.skip_rest();
                }
            }
            Some(Event::Scalar(member)) => {
                if member.start > FARTHEST || candidates.len() >= MOST_CANDIDATES {
                    break;
                }
                let key = json.key(member);
                if key.as_deref().is_some_and(is_companion)
                    && let Some(object) = objects.last()
                {
                    with_companions.insert(*object);
                }
                let Some((score, reason)) = weigh(key.as_deref(), json, member) else { continue };
                push(json, member, &walk, &mut at, objects.len());
                let label = if at.is_empty() { "the whole response".to_owned() } else { label(&at) };
                let location = TokenLocation { part, at: at.clone(), then: Vec::new() };
                candidates.push(Candidate {
                    suggestion: Suggestion { location, label, reason },
                    score,
                    object: objects.last().copied(),
                });
                if !objects.is_empty() {
                    pointer::pop(&mut at);
                }
            }
        }
    }
    for candidate in
        candidates.iter_mut().filter(|candidate| candidate.object.is_some_and(|object| with_companions.contains(&object)))
    {
        candidate.score = raised(candidate.score, 15);
        candidate.suggestion.reason.push_str(", beside expires_in or token_type");
    }
}

/// Appends the step of a value that is not the document's own.
fn push(json: &Json, member: Member, walk: &Walk<'_>, at: &mut String, depth: usize) {
    match json.key(member) {
        Some(key) => pointer::push(at, &key),
        None if depth > 0 => pointer::push(at, &walk.ordinal().to_string()),
        None => {}
    }
}

/// `/data/session/access_token` as `data.session.access_token`.
fn label(pointer: &str) -> String {
    cut(&pointer[1..].replace('/', ".").replace("~1", "/").replace("~0", "~"), 120).0
}

/// How likely a value is the token and why; `None` when it isn't.
fn weigh(key: Option<&str>, json: &Json, member: Member) -> Option<(i32, String)> {
    let kind = json.kind(member.value);
    if !matches!(kind, ValueKind::String | ValueKind::Number) {
        return None;
    }
    let named = key.and_then(name_score);
    if kind == ValueKind::Number {
        // A number is a token only where its name says so.
        return named.filter(|(score, _)| *score >= 60).map(|(score, reason)| (score - 30, reason.to_owned()));
    }
    weigh_text(key, named, &json.string(member.value))
}

fn weigh_text(key: Option<&str>, named: Option<(i32, &'static str)>, value: &str) -> Option<(i32, String)> {
    if value.trim().is_empty() || value.len() > 64 * 1024 || value.contains(['\r', '\n', '\0']) {
        return None;
    }
    let is_jwt = jwt::is_jwt(value);
    match (named, is_jwt) {
        (Some((score, reason)), true) => Some((raised(score, 20), format!("JWT, {reason}"))),
        (Some((score, reason)), false) if value.len() >= 4 => Some((score, reason.to_owned())),
        (None, true) => Some((60, "JWT".to_owned())),
        (None, false) if value.len() >= 16 && looks_like_secret(key, value) => {
            Some((40, format!("random-looking text of {} characters", value.chars().count())))
        }
        _ => None,
    }
}

/// A score with a bonus. What its name calls another kind of token gets none, or it would overtake the right one.
fn raised(score: i32, bonus: i32) -> i32 {
    if score > 35 { score + bonus } else { score }
}

/// What a name says; `-` and capitals make no difference.
fn name_score(key: &str) -> Option<(i32, &'static str)> {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_ascii_lowercase();
    Some(match plain.as_str() {
        "accesstoken" => (100, "named like an access token"),
        "token" | "authtoken" | "jwt" | "bearertoken" | "bearer" | "apitoken" | "securitytoken" | "authenticationtoken" => {
            (90, "named like a token")
        }
        "sessiontoken" | "sessionid" | "session" | "sessionkey" | "sid" => (70, "named like a session"),
        "apikey" | "ticket" | "authorization" => (70, "named like a credential"),
        "idtoken" => (35, "an ID token: it tells who logged in and is rarely sent to an API"),
        "refreshtoken" => (30, "a refresh token: it fetches new tokens and is rarely sent to an API"),
        "csrftoken" | "xsrftoken" | "csrf" | "devicetoken" | "pagetoken" | "nextpagetoken" => return None,
        name if name.ends_with("refreshtoken") => (30, "a refresh token: it fetches new tokens and is rarely sent to an API"),
        name if name.ends_with("token") => (65, "named like a token"),
        _ => return None,
    })
}

fn is_companion(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_ascii_lowercase();
    matches!(plain.as_str(), "expiresin" | "expiresat" | "expires" | "expiry" | "expirationtime" | "tokentype" | "validuntil")
}

/// A body that is nothing but one word may be the token.
fn in_text(document: &Document, candidates: &mut Vec<Candidate>) {
    let text = document.text();
    if text.len() > 64 * 1024 {
        return;
    }
    let (line, broken) = (text.trim_end_matches(['\r', '\n']), text.ends_with(['\r', '\n']));
    if let Some((score, reason)) = weigh_text(None, None, line).filter(|_| !line.contains(char::is_whitespace)) {
        let then = if broken { vec![crate::token::LocationStep::Line { number: 1 }] } else { Vec::new() };
        let location = TokenLocation { part: LocationIn::Text, at: String::new(), then };
        let suggestion = Suggestion { location, label: "the whole response".to_owned(), reason };
        candidates.push(Candidate { suggestion, score, object: None });
    }
    if line.contains('=') && !line.contains(char::is_whitespace) {
        for (name, value) in url::form_urlencoded::parse(line.as_bytes()).take(100) {
            if let Some((score, reason)) = weigh_text(Some(&name), name_score(&name), &value) {
                let location = TokenLocation { part: LocationIn::Form, at: name.to_string(), then: Vec::new() };
                let label = format!("form field {}", cut(&name, 80).0);
                candidates.push(Candidate { suggestion: Suggestion { location, label, reason }, score, object: None });
            }
        }
    }
}

fn in_headers(headers: &[(String, String)], candidates: &mut Vec<Candidate>) {
    for (name, value) in headers.iter().take(200) {
        let lower = name.to_ascii_lowercase();
        if lower == "set-cookie" {
            in_cookie(value, candidates);
            continue;
        }
        let bare = lower.strip_prefix("x-").unwrap_or(&lower);
        if let Some((score, reason)) = name_score(bare).and_then(|named| weigh_text(Some(bare), Some(named), value)) {
            let suggestion =
                Suggestion { location: TokenLocation::header(name), label: format!("header {}", cut(name, 80).0), reason };
            candidates.push(Candidate { suggestion, score: score - 5, object: None });
        }
    }
}

fn in_cookie(cookie: &str, candidates: &mut Vec<Candidate>) {
    let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else { return };
    let (name, value) = (name.trim(), value.trim());
    if let Some((score, reason)) = name_score(name).and_then(|named| weigh_text(Some(name), Some(named), value)) {
        let location = TokenLocation { part: LocationIn::Cookie, at: name.to_owned(), then: Vec::new() };
        let suggestion = Suggestion { location, label: format!("cookie {}", cut(name, 80).0), reason };
        // A cookie is more often meant for browsers.
        candidates.push(Candidate { suggestion, score: score - 25, object: None });
    }
}

#[cfg(test)]
mod tests;
