//! What a run was given, as it is recorded: text, redacted, so that it can be run again with the same inputs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::record::RecordedInput;
use super::text::RECORDED_LIMIT;
use crate::connector::{ConnectorDraft, Template};
use crate::redact::{NameSays, REDACTED, Redactor, is_credential_header, secret_name_at_end};

/// The inputs by name. What was not given, or as `null`, is left out.
pub fn recorded_inputs(config: &ConnectorDraft, given: &BTreeMap<String, Value>, redactor: &Redactor) -> Vec<RecordedInput> {
    if given.is_empty() {
        return Vec::new();
    }
    let credentials = credentials(config);
    let given = given.iter().filter(|(_, value)| !value.is_null());
    given
        .map(|(name, value)| {
            let text = as_text(value);
            let is_credential = credentials.contains(name) || NameSays::of(Some(name)) == NameSays::Secret;
            let kept =
                if is_credential || text.len() > RECORDED_LIMIT { REDACTED.into() } else { redactor.redact_field(&text) };
            RecordedInput { redacted: *kept != text, value: kept.into_owned(), name: redactor.redact_field(name).into_owned() }
        })
        .collect()
}

/// As it would be typed: text as it is, anything else as JSON.
fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The inputs that stand where credentials do: in a header that is one, or in the URL behind a name that says so. Those
/// places are not recorded either (S2).
fn credentials(config: &ConnectorDraft) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for header in config.headers.iter().filter(|header| header.secret || is_credential_header(&header.name)) {
        if let Ok(template) = Template::parse(header.value.as_deref().unwrap_or_default()) {
            names.extend(template.names().map(|(name, _)| name.to_owned()));
        }
    }
    if let Ok(template) = Template::parse(&config.url) {
        for (name, position) in template.names() {
            let before: String = config.url.chars().take(position.saturating_sub(1)).collect();
            if secret_name_at_end(&before).is_some() {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::json;

    use super::*;
    use crate::token::FieldDraft;

    fn recorded(config: &ConnectorDraft, given: &Value, redactor: &Redactor) -> Vec<(String, String, bool)> {
        let given = given.as_object().unwrap().clone().into_iter().collect();
        let inputs = recorded_inputs(config, &given, redactor);
        inputs.into_iter().map(|input| (input.name, input.value, input.redacted)).collect()
    }

    fn one(name: &str, value: &str, redacted: bool) -> (String, String, bool) {
        (name.to_owned(), value.to_owned(), redacted)
    }

    #[test]
    fn e10_inputs_are_recorded_as_they_were_given() {
        let config = ConnectorDraft { url: "https://a.example/{{a}}?b={{b}}".to_owned(), ..ConnectorDraft::default() };
        let inputs = recorded(&config, &json!({"a": "Zoë & co", "b": 7, "c": null, "d": false}), &Redactor::default());
        assert_eq!(inputs, [one("a", "Zoë & co", false), one("b", "7", false), one("d", "false", false)]);
    }

    #[test]
    fn s2_an_input_that_holds_or_is_a_secret_is_recorded_without_it_and_says_so() {
        let redactor = Redactor::new([&SecretString::from("hunter2-and-more"), &SecretString::from("abc")]);
        let inputs = recorded(
            &ConnectorDraft::default(),
            &json!({"a": "x hunter2-and-more y", "b": "abc", "c": "abcd", "access_token": "anything"}),
            &redactor,
        );
        let expected =
            [one("a", "x **** y", true), one("access_token", "****", true), one("b", "****", true), one("c", "abcd", false)];
        assert_eq!(inputs, expected);
    }

    #[test]
    fn s2_an_input_that_stands_where_a_credential_does_is_not_recorded() {
        let header = |name: &str, value: &str, secret| FieldDraft {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            secret,
            stored: None,
        };
        let config = ConnectorDraft {
            url: "https://a.example/{{id}}?api_key={{key}}&page={{page}}".to_owned(),
            headers: vec![
                header("X-Plain", "{{id}}", false),
                header("X-Marked", "a {{marked}}", true),
                header("Cookie", "{{jar}}", false),
            ],
            ..ConnectorDraft::default()
        };
        let given = json!({"id": "1", "key": "k", "page": "2", "marked": "m", "jar": "j"});
        let hidden: Vec<_> =
            recorded(&config, &given, &Redactor::default()).into_iter().filter(|input| input.2).map(|input| input.0).collect();
        assert_eq!(hidden, ["jar", "key", "marked"]);
    }
}
