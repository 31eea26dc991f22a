//! A JWT opened for display (M7): header and claims, never the signature, and nothing in it is trusted.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::json::{Json, Member};
use super::masking::{Masking, Seen, cut, safe};
use super::row::{JwtMember, JwtView, ValueKind};
use crate::token::mask_value;

/// Larger values are not opened.
pub(super) const LARGEST: usize = 64 * 1024;

/// More members than this are not shown.
const MOST_MEMBERS: usize = 200;

/// Values are cut after this many characters.
const VALUE_CHARACTERS: usize = 300;

/// Decodes a JWT for display, or `None` when the value isn't one (M7). A leading `Bearer ` is passed over.
/// Claims come in the order of the token; a value that is itself a JWT is masked. Reads at most 64 KiB.
pub fn decode(value: &str, now: Timestamp) -> Option<JwtView> {
    let (header, claims) = parts(value)?;
    let expires_in_seconds = time_claim(&claims, "exp").map(|exp| {
        let left = exp.saturating_sub(now.as_second());
        i32::try_from(left).unwrap_or(if left < 0 { i32::MIN } else { i32::MAX })
    });
    Some(JwtView { header: members(&header), claims: members(&claims), expires_in_seconds })
}

/// The word beside a value that is a JWT, such as `JWT · 15 min left`.
pub(super) fn badge(value: &str, now: Timestamp) -> Option<String> {
    let (_, claims) = parts(value)?;
    Some(match time_claim(&claims, "exp").map(|exp| exp.saturating_sub(now.as_second())) {
        None => "JWT".to_owned(),
        Some(left) if left > 0 => format!("JWT · {} left", duration(left)),
        Some(left) => format!("JWT · expired {} ago", duration(left.saturating_neg())),
    })
}

/// One claim's value as a token could use it: a string unescaped, a number as written.
pub(super) fn claims(value: &str) -> Option<Json> {
    parts(value).map(|(_, claims)| claims)
}

/// What a JWT says about its time, in seconds since 1970. Nothing of it is trusted: it helps to say why it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// `iat`.
    pub issued_at: Option<i64>,
    /// `nbf`.
    pub not_before: Option<i64>,
    /// `exp`.
    pub expires_at: Option<i64>,
}

/// The times of a JWT; `None` when the value is none.
pub fn times(value: &str) -> Option<Times> {
    let claims = claims(value)?;
    let at = |name| time_claim(&claims, name);
    Some(Times { issued_at: at("iat"), not_before: at("nbf"), expires_at: at("exp") })
}

/// Whether the value can be opened as a JWT.
pub(super) fn is_jwt(value: &str) -> bool {
    parts(value).is_some()
}

fn parts(value: &str) -> Option<(Json, Json)> {
    if value.len() > LARGEST {
        return None;
    }
    let value = value.trim();
    let value = value.strip_prefix("Bearer ").unwrap_or(value);
    let mut parts = value.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some((object(header)?, object(claims)?))
}

fn object(part: &str) -> Option<Json> {
    let bytes = URL_SAFE_NO_PAD.decode(part).or_else(|_| URL_SAFE.decode(part)).ok()?;
    let json = Json::parse(String::from_utf8(bytes).ok()?).ok()?;
    json.is_object(json.root().value).then_some(json)
}

/// A numeric date in whole seconds; a fraction is dropped (RFC 7519 section 2).
pub(super) fn time_claim(claims: &Json, name: &str) -> Option<i64> {
    let member = claims.find(&[name.into()]).ok()?;
    if claims.kind(member.value) != ValueKind::Number {
        return None;
    }
    let raw = claims.raw(member.value);
    if raw.contains(['e', 'E']) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast from float saturates, and a date that far is shown as it is"
        )]
        return raw.parse::<f64>().ok().map(|seconds| seconds as i64);
    }
    raw.split('.').next()?.parse().ok()
}

fn members(json: &Json) -> Vec<JwtMember> {
    let mut shown = Vec::new();
    let mut next = json.first(json.root().value);
    while let Some(member) = next {
        if shown.len() == MOST_MEMBERS {
            break;
        }
        let name = json.key(member).unwrap_or_default();
        shown.push(JwtMember { name: cut(&name, 100).0, value: member_value(json, &name, member) });
        next = json.next(json.end(member.value), true);
    }
    shown
}

fn member_value(json: &Json, name: &str, member: Member) -> String {
    let text = json.scalar(member.value);
    if matches!(name, "exp" | "iat" | "nbf" | "auth_time")
        && let Some(at) = time_claim(json, name).and_then(|seconds| Timestamp::from_second(seconds).ok())
    {
        return at.to_string();
    }
    if text.split(|character: char| !is_jwt_character(character)).any(is_jwt) {
        return if is_jwt(&text) { safe(&mask_value(&text)).into_owned() } else { "••••••••".to_owned() };
    }
    match Masking::default().seen(Some(name), &text) {
        Seen::All(text) => cut(text, VALUE_CHARACTERS).0,
        Seen::Rest(rest) => cut(&rest, VALUE_CHARACTERS).0,
        Seen::Nothing => "••••••••".to_owned(),
    }
}

fn is_jwt_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '=')
}

/// Seconds in words, in the largest unit that fits.
pub fn duration(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A token with this payload and a signature that must never be seen.
    pub fn sample(claims: &str) -> String {
        format!("{}.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#), URL_SAFE_NO_PAD.encode(claims))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn m7_header_and_claims_are_shown_in_order_and_the_signature_never() {
        let view = decode(&sample(r#"{"sub":"bot","iat":1000,"exp":1900,"n":12345678901234567890}"#), at(1000)).unwrap();
        let names: Vec<&str> = view.claims.iter().map(|claim| claim.name.as_str()).collect();
        assert_eq!(names, ["sub", "iat", "exp", "n"]);
        assert_eq!(view.claims[2].value, "1970-01-01T00:31:40Z");
        assert_eq!(view.claims[3].value, "12345678901234567890", "a number keeps every digit");
        assert_eq!(view.header[0].value, "HS256");
        assert_eq!(view.expires_in_seconds, Some(900));
        assert!(!format!("{view:?}").contains("c2lnbmF0dXJl"), "the signature is never shown");
    }

    #[test]
    fn m7_the_badge_tells_the_time_until_exp() {
        assert_eq!(badge(&sample(r#"{"exp":1900}"#), at(1000)).unwrap(), "JWT · 15 min left");
        assert_eq!(badge(&sample(r#"{"exp":820}"#), at(1000)).unwrap(), "JWT · expired 3 min ago");
        assert_eq!(badge(&sample("{}"), at(1000)).unwrap(), "JWT");
        assert_eq!(badge(&sample(r#"{"exp":1e300}"#), at(1000)).unwrap().split(' ').next(), Some("JWT"));
    }

    #[test]
    fn m7_what_is_no_jwt_is_not_opened() {
        for value in ["", "a.b.c", "..", "eyJ.eyJ.x", "eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.x", "1.2.3"] {
            assert!(decode(value, at(0)).is_none(), "{value}");
        }
        assert!(decode(&format!("{}.", sample("{}")), at(0)).is_none(), "four parts are no signed JWT");
    }

    #[test]
    fn t8_a_claim_that_is_a_secret_by_its_name_is_masked_as_in_the_tree() {
        let view =
            decode(&sample(r#"{"sub":"bot","api_key":"plain-k1","grant":{"password":"hunter2","of":"all"}}"#), at(0)).unwrap();
        let values: Vec<&str> = view.claims.iter().map(|claim| claim.value.as_str()).collect();
        assert_eq!(values, ["bot", "••••••••", r#"{"password":"••••••••","of":"all"}"#]);
    }

    #[test]
    fn m7_a_jwt_inside_a_jwt_is_masked() {
        let inner = sample(r#"{"who":"inner"}"#);
        let view = decode(&sample(&format!(r#"{{"nested":"{inner}","list":["{inner}"]}}"#)), at(0)).unwrap();
        assert_eq!(view.claims[0].value, "eyJhbG••••••••");
        assert_eq!(view.claims[1].value, "••••••••");
    }

    #[test]
    fn m7_hostile_claims_are_bounded() {
        let many: Vec<String> = (0..1000).map(|number| format!(r#""k{number}":"{}""#, "v".repeat(20))).collect();
        let view = decode(&sample(&format!("{{{}}}", many.join(","))), at(0)).unwrap();
        assert_eq!(view.claims.len(), MOST_MEMBERS);
        let deep = decode(&sample(&format!(r#"{{"a":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000))), at(0)).unwrap();
        assert_eq!(deep.claims[0].value.chars().count(), VALUE_CHARACTERS + 1);
    }
}
