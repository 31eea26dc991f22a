//! The members of a call, checked one by one; a refusal names the member. Unknown ones are passed over, as pages give
//! `boot` attributes of their own, but not those that are a known one misspelt: what they hold would be lost in silence.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::answer::Refusal;
use super::body::{Json, parse};
use super::calls::shown_name;
use crate::customer::{Fault, fault_of_text, fault_of_user_id, fault_of_value};

const KNOWN: [&str; 9] =
    ["app_id", "user_id", "email", "name", "created_at", "auth_tokens", "intercom_user_jwt", "user_hash", "client"];
/// So many wrong letters of `auth_tokens` are a slip.
const SLIPS: usize = 2;

/// The members of a call.
pub(super) struct Members(Vec<(String, Json)>);

impl Members {
    /// Of a whole body.
    ///
    /// # Errors
    /// When it is no JSON object, or has a member twice, or a misspelt one.
    pub(super) fn of(body: &[u8]) -> Result<Self, Refusal> {
        let members = match parse(body)? {
            Json::Members(members) => members,
            other => {
                let message = format!("The body is {}, and no JSON object.", other.kind());
                return Err(Refusal::new(super::answer::Code::InvalidJson, message, "Send one JSON object."));
            }
        };
        once_each("", &members)?;
        for (name, _) in &members {
            if let Some(meant) = misspelt(name) {
                let message = format!("{name} is not the name of a member: it is called {meant}.");
                return Err(Refusal::field(name.as_str(), message, format!("Write {meant}.")));
            }
        }
        Ok(Self(members))
    }

    /// Takes a member out; `null` is as if it were not there.
    fn take(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1).filter(|member| !matches!(member, Json::Null))
    }

    /// Takes a member that is text.
    ///
    /// # Errors
    /// When it is of another type.
    pub(super) fn secret(&mut self, name: &str) -> Result<Option<SecretString>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(other) => Err(not_text(name, &other)),
        }
    }

    /// Takes a member that is a line of text and no secret: at most 255 characters.
    ///
    /// # Errors
    /// When it is of another type, too long, or holds control characters.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        // Exposed because it is no secret.
        let text = self.secret(name)?.map(|text| text.expose_secret().to_owned());
        if let Some(text) = &text {
            check_line(name, text)?;
        }
        Ok(text)
    }

    /// Takes a member that has to be there.
    ///
    /// # Errors
    /// When it is not there or empty, or as [`Self::text`].
    pub(super) fn required(&mut self, name: &str) -> Result<String, Refusal> {
        self.text(name)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| missing(name))
    }

    /// Takes the values of user tokens by their names, when there are any.
    ///
    /// # Errors
    /// When it is no object of texts, or a value can't be sent in a header.
    pub(super) fn tokens(&mut self) -> Result<Option<Vec<(String, SecretString)>>, Refusal> {
        const TOKENS: &str = "auth_tokens";
        let members = match self.take(TOKENS) {
            None => return Ok(None),
            Some(Json::Members(members)) => members,
            Some(other) => {
                let message = format!("{TOKENS} is {}, and has to be an object.", other.kind());
                return Err(Refusal::field(TOKENS, message, "Write it as {\"NAME_OF_THE_TOKEN\": \"value\"}."));
            }
        };
        once_each("auth_tokens.", &members)?;
        members.into_iter().map(|(name, value)| token(name, value)).collect::<Result<_, _>>().map(Some)
    }

    /// Takes the time since when the customer is one, which is checked and not kept.
    ///
    /// # Errors
    /// When it is neither seconds since 1970 nor RFC 3339.
    pub(super) fn created_at(&mut self) -> Result<(), Refusal> {
        let is_time = match self.take("created_at") {
            None => true,
            // The years to 9999.
            Some(Json::Number(seconds)) => (0.0..=253_402_300_799.0).contains(&seconds),
            // Exposed because it is no secret.
            Some(Json::Text(text)) => text.expose_secret().parse::<Timestamp>().is_ok(),
            Some(_) => false,
        };
        if is_time {
            return Ok(());
        }
        let next_step = "Write it in seconds since 1970, or as RFC 3339, such as 2026-01-31T09:00:00Z.";
        Err(Refusal::field("created_at", "created_at is no time.", next_step))
    }
}

/// Checks a line of text.
///
/// # Errors
/// When it is too long, or holds control characters.
pub(super) fn check_line(name: &str, text: &str) -> Result<(), Refusal> {
    match fault_of_text(text) {
        Some(Fault { why, next_step }) => Err(Refusal::field(name, format!("{name} {why}."), next_step)),
        None => Ok(()),
    }
}

/// Checks what other systems know a customer by, of which it is believed.
///
/// # Errors
/// When white space stands around it, or as [`check_line`].
pub(super) fn check_user_id(user_id: &str) -> Result<(), Refusal> {
    match fault_of_user_id(user_id) {
        Some(Fault { why, next_step }) => Err(Refusal::field("user_id", format!("user_id {why}."), next_step)),
        None => Ok(()),
    }
}

fn token(name: String, value: Json) -> Result<(String, SecretString), Refusal> {
    let field = format!("auth_tokens.{}", shown_name(&name));
    let Json::Text(value) = value else { return Err(not_text(&field, &value)) };
    match fault_of_value(&value) {
        Some(Fault { why, next_step }) => {
            Err(Refusal::field(field.as_str(), format!("The value of {field} {why}."), next_step))
        }
        None => Ok((name, value)),
    }
}

fn once_each(before: &str, members: &[(String, Json)]) -> Result<(), Refusal> {
    let mut names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(twice) => {
            let field = format!("{before}{}", shown_name(twice[0]));
            Err(Refusal::field(field.as_str(), format!("{field} stands there twice."), "Send it once."))
        }
    }
}

fn misspelt(name: &str) -> Option<&'static str> {
    if KNOWN.contains(&name) {
        return None;
    }
    let plain = |name: &str| name.replace(['_', '-', ' '], "").to_lowercase();
    let written = plain(name);
    KNOWN
        .into_iter()
        .find(|known| plain(known) == written)
        .or_else(|| (strsim::osa_distance(&written, "authtokens") <= SLIPS).then_some("auth_tokens"))
}

pub(super) fn missing(name: &str) -> Refusal {
    Refusal::field(name, format!("{name} is missing."), format!("Send {name} as text."))
}

fn not_text(field: &str, found: &Json) -> Refusal {
    Refusal::field(field, format!("{field} is {}, and has to be text.", found.kind()), "Write it between quotation marks.")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::customer::LONGEST_VALUE;

    fn message(outcome: Result<impl Sized, Refusal>) -> String {
        outcome.err().map(|refusal| refusal.message).unwrap_or_default()
    }

    #[rstest]
    #[case::camel_case("authTokens", Some("auth_tokens"))]
    #[case::a_hyphen("auth-tokens", Some("auth_tokens"))]
    #[case::one_letter("auth_token", Some("auth_tokens"))]
    #[case::a_slip("aut_tokesn", Some("auth_tokens"))]
    #[case::of_the_user("userId", Some("user_id"))]
    #[case::of_the_proof("intercomUserJWT", Some("intercom_user_jwt"))]
    #[case::right("auth_tokens", None)]
    #[case::the_pages_own("plan", None)]
    #[case::near_a_short_name("names", None)]
    fn m2_a_misspelt_member_is_told_and_a_pages_own_is_passed_over(#[case] name: &str, #[case] meant: Option<&str>) {
        assert_eq!(misspelt(name), meant);
    }

    #[test]
    fn m2_a_refusal_names_the_member_and_holds_no_value() {
        let refused = |tokens: serde_json::Value| {
            let body = json!({ "auth_tokens": tokens }).to_string();
            Members::of(body.as_bytes()).and_then(|mut members| members.tokens())
        };
        assert_eq!(message(refused(json!({"a": 7}))), "auth_tokens.a is a number, and has to be text.");
        assert_eq!(message(refused(json!({"a": null}))), "auth_tokens.a is null, and has to be text.");
        assert_eq!(message(refused(json!({"a": " "}))), "The value of auth_tokens.a is empty.");
        assert_eq!(message(refused(json!(["a"]))), "auth_tokens is a list, true or false, and has to be an object.");
        let broken = refused(json!({"a": "the-secret\nX-Evil: 1"})).err().unwrap();
        assert!(!format!("{broken:?}").contains("the-secret"));
        assert!(message(refused(json!({"a": "x".repeat(LONGEST_VALUE + 1)}))).contains("longer than 16 KiB"));
        assert!(refused(json!({"a": "x".repeat(LONGEST_VALUE)})).is_ok());
        let twice = Members::of(br#"{"auth_tokens": {"a": "1", "b": "2", "a": "3"}}"#).unwrap().tokens();
        assert_eq!(message(twice), "auth_tokens.a stands there twice.");
        assert_eq!(message(Members::of(br#"{"name": "a", "name": "b"}"#)), "name stands there twice.");
    }

    #[rstest]
    #[case::nothing("", "The body is empty.")]
    #[case::cut_off(r#"{"app_id": "x"#, "The body is no JSON: it ends too early.")]
    #[case::no_json("{\n  app_id: 1}", "The body is no JSON: line 2, column 3.")]
    #[case::more_behind("{} {}", "The body is no JSON: line 1, column 4.")]
    #[case::a_list("[]", "The body is a list, true or false, and no JSON object.")]
    #[case::text("\"the-secret\"", "The body is text, and no JSON object.")]
    fn m2_what_is_no_json_is_told_with_its_place(#[case] body: &str, #[case] said: &str) {
        assert_eq!(message(Members::of(body.as_bytes())), said);
    }

    #[test]
    fn m2_json_of_any_depth_ends_as_a_refusal() {
        assert!(message(Members::of("[".repeat(60_000).as_bytes())).contains("no JSON"));
        assert!(message(Members::of(br#"{"name": "\ud800"}"#)).contains("no JSON"));
        assert!(message(Members::of(b"{\"name\": \"\xff\"}")).contains("no JSON"));
    }

    #[rstest]
    #[case::seconds(json!(1_700_000_000), true)]
    #[case::rfc_3339(json!("2026-01-31T09:00:00Z"), true)]
    #[case::nothing(json!(null), true)]
    #[case::milliseconds(json!(1_700_000_000_000_000_i64), false)]
    #[case::words(json!("yesterday"), false)]
    #[case::a_list(json!([]), false)]
    fn m1_created_at_is_a_time(#[case] created_at: serde_json::Value, #[case] taken: bool) {
        let body = json!({ "created_at": created_at }).to_string();
        assert_eq!(Members::of(body.as_bytes()).unwrap().created_at().is_ok(), taken);
    }
}
