//! A 2xx that means no (E8): the answer reads like a refusal although its status says success.

use serde_json::Value;

/// How deep a refusal is looked for.
const DEPTH: usize = 4;
/// Names under which answers speak of errors and states.
const SPEAKING: [&str; 11] =
    ["error", "message", "msg", "detail", "reason", "description", "status", "code", "fault", "title", "result"];
/// Longer texts are documents, not refusals.
const TEXT_LIMIT: usize = 600;
const WORDS: [&str; 14] = [
    "access denied",
    "unauthorized",
    "unauthorised",
    "not authorized",
    "not authorised",
    "unauthenticated",
    "not authenticated",
    "authentication required",
    "authentication failed",
    "invalid token",
    "invalid_token",
    "token expired",
    "token has expired",
    "not logged in",
];

/// The hint for a 2xx whose body reads like a refusal, naming where it says so.
pub fn refusal_hint(body: Option<&Value>, text: &str) -> Option<String> {
    let found = match body {
        Some(Value::String(text)) => (text.len() <= TEXT_LIMIT && refuses(text)).then(|| "the text".to_owned()),
        Some(value) => refusal_in(value, "", "", DEPTH),
        None => (text.len() <= TEXT_LIMIT && refuses(text)).then(|| "the text".to_owned()),
    }?;
    Some(format!(
        "The answer reads like a refusal ({found}) but its status says success, so no token was renewed. \
         The server should answer 401 when a token is not accepted."
    ))
}

/// Where the answer says no: a text or a 401 under a name that speaks of errors or states, at most four deep.
fn refusal_in(value: &Value, path: &str, name: &str, depth: usize) -> Option<String> {
    let speaks = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match value {
        Value::String(text) => {
            (speaks(&SPEAKING) && text.len() <= TEXT_LIMIT && (refuses(text) || text.trim() == "401")).then(|| path.to_owned())
        }
        Value::Number(number) => {
            (speaks(&["status", "code", "error"]) && number.as_u64() == Some(401)).then(|| path.to_owned())
        }
        Value::Object(members) if depth > 0 => members.iter().find_map(|(key, member)| {
            let place = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            refusal_in(member, &place, &key.to_ascii_lowercase(), depth - 1)
        }),
        // The elements of a list speak of what the list is named for.
        Value::Array(elements) if depth > 0 => {
            elements.iter().take(3).find_map(|element| refusal_in(element, path, name, depth - 1))
        }
        _ => None,
    }
}

fn refuses(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDS.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn e8_refusals_in_a_success_get_a_hint() {
        for body in [
            json!({"error": "unauthorized"}),
            json!({"status": "error", "message": "Access denied"}),
            json!({"response": {"code": 401, "body": null}}),
            json!({"errors": [{"title": "Token expired"}]}),
            json!({"error": 401}),
            json!({"errors": ["Unauthorized"]}),
            json!({"msg": "Access denied"}),
            json!([{"error": "unauthorized"}]),
            json!("Access Denied"),
        ] {
            assert!(refusal_hint(Some(&body), "").is_some(), "{body}");
        }
        assert!(refusal_hint(None, "<h1>Access denied</h1>").is_some());
        let long = format!("access denied {}", "x".repeat(TEXT_LIMIT));
        assert_eq!(refusal_hint(Some(&json!(long)), &long), None, "a long text is a document");
    }

    #[test]
    fn e8_ordinary_answers_get_none() {
        for body in [
            json!({"order": {"status": "shipped", "code": 200}}),
            json!({"notes": "the customer said access denied at the gate"}),
            json!({"amount": 401}),
            json!([]),
        ] {
            assert_eq!(refusal_hint(Some(&body), ""), None, "{body}");
        }
        assert_eq!(refusal_hint(None, "all is well"), None);
    }
}
