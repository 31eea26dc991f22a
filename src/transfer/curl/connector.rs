//! Turns a command into the request of a connector: its body is kept to the character, and `{{…}}` stays as a template.

use super::address::with_query;
use super::body::{FORM, header};
use super::command::{CurlCommand, DataPiece, joined};
use crate::connector::{HttpMethod, Template};
use crate::token::FieldDraft;

/// What of a connector a command fills in. It holds secrets, so it has no `Debug`.
#[derive(Clone, serde::Serialize, specta::Type)]
pub struct ConnectorRequest {
    /// The method.
    pub http_method: HttpMethod,
    /// The address, with its query.
    pub url: String,
    /// The headers; those that carry credentials are secret.
    pub headers: Vec<FieldDraft>,
    /// The body as it was written.
    pub body: String,
    /// The inputs that address, headers and body name, each once, in order.
    pub inputs: Vec<String>,
}

impl CurlCommand {
    /// The request of a connector, and what could not be taken over, in words. `is_credential` knows the names of headers
    /// that carry credentials.
    pub fn into_connector(self, is_credential: fn(&str) -> bool) -> (ConnectorRequest, Vec<String>) {
        let Self { method, url, mut headers, data, data_in_query, mut notes } = self;
        let url = url.split('#').next().unwrap_or_default();
        let body = joined(&data);
        let (url, body) =
            if data_in_query { (with_query(url.to_owned(), &body), String::new()) } else { (url.to_owned(), body) };
        announce(&mut headers, &data, &body, &mut notes);
        let http_method = method_of(&method, &mut notes);
        note_credentials(&headers, is_credential, &mut notes);
        let inputs = inputs(&url, &headers, &body);
        let field = |(name, value): (String, String)| {
            let secret = is_credential(&name);
            FieldDraft { name, value: Some(value), secret, stored: None }
        };
        let headers = headers.into_iter().map(field).collect();
        (ConnectorRequest { http_method, url, headers, body, inputs }, notes)
    }
}

/// cURL announces a form when nothing else is said. That is taken over, but for JSON, where it is most likely an
/// oversight: a connector then announces what the body is.
fn announce(headers: &mut Vec<(String, String)>, data: &[DataPiece], body: &str, notes: &mut Vec<String>) {
    if body.is_empty() || header(headers, "content-type").is_some() {
        return;
    }
    let is_text = data.iter().all(|piece| matches!(piece, DataPiece::Text(_)));
    if is_text && body.trim_start().starts_with(['{', '[']) {
        notes.push("The body is JSON, so it is sent as JSON.".to_owned());
    } else {
        headers.push(("Content-Type".to_owned(), FORM.to_owned()));
    }
}

fn method_of(method: &str, notes: &mut Vec<String>) -> HttpMethod {
    match method {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => {
            notes.push("A connector asks with GET, POST, PUT, PATCH or DELETE; the command's method became GET.".to_owned());
            HttpMethod::Get
        }
    }
}

fn note_credentials(headers: &[(String, String)], is_credential: fn(&str) -> bool, notes: &mut Vec<String>) {
    let names: Vec<_> = headers.iter().map(|header| header.0.as_str()).filter(|name| is_credential(name)).collect();
    match names.as_slice() {
        [] => {}
        [name] => notes.push(format!("The header {name} carries a credential. It was kept as a secret; attach a token instead, so that it can be refreshed.")),
        [rest @ .., last] => notes.push(format!(
            "The headers {} and {last} carry credentials. They were kept as secrets; attach tokens instead, so that they can be refreshed.",
            rest.join(", ")
        )),
    }
}

/// A text that is no template names no inputs; saving says what is wrong with it.
fn inputs(url: &str, headers: &[(String, String)], body: &str) -> Vec<String> {
    let texts = std::iter::once(url).chain(headers.iter().map(|header| header.1.as_str())).chain([body]);
    let mut inputs = Vec::new();
    for template in texts.filter_map(|text| Template::parse_body(text).ok()) {
        for (name, _) in template.names() {
            if !inputs.iter().any(|known| known == name) {
                inputs.push(name.to_owned());
            }
        }
    }
    inputs
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::parse_curl;
    use super::*;

    fn connector(text: &str) -> (ConnectorRequest, Vec<String>) {
        parse_curl(text).unwrap_or_else(|failure| panic!("{failure}")).into_connector(crate::redact::is_credential_header)
    }

    fn headers(request: &ConnectorRequest) -> Vec<(&str, &str, bool)> {
        request
            .headers
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_deref().unwrap_or_default(), field.secret))
            .collect()
    }

    #[test]
    fn a_command_fills_a_connector_with_its_templates() {
        let (request, notes) = connector(
            r#"curl -X PATCH 'https://api.example.com/orders/{{order_id}}?v=2&expand=lines' -H 'Content-Type: application/json' \
            -H 'X-Shop: {{shop}}' -H 'Authorization: Bearer abcdef' --data-raw '{"amount": {{amount}}, "note": "for {{order_id}}"}'"#,
        );
        assert_eq!(request.http_method, HttpMethod::Patch);
        assert_eq!(request.url, "https://api.example.com/orders/{{order_id}}?v=2&expand=lines");
        assert_eq!(
            headers(&request),
            [
                ("Content-Type", "application/json", false),
                ("X-Shop", "{{shop}}", false),
                ("Authorization", "Bearer abcdef", true)
            ]
        );
        assert_eq!(request.body, r#"{"amount": {{amount}}, "note": "for {{order_id}}"}"#);
        assert_eq!(request.inputs, ["order_id", "shop", "amount"]);
        assert_eq!(
            notes,
            [
                "The header Authorization carries a credential. It was kept as a secret; attach a token instead, so that it can be refreshed."
            ]
        );
    }

    #[rstest]
    #[case("-d a=1 -d 'b=x y'", "a=1&b=x y", &[("Content-Type", FORM, false)])]
    #[case("--data-urlencode 'q=a b&c~*' --data-urlencode =x/y", "q=a+b%26c~%2A&x%2Fy", &[("Content-Type", FORM, false)])]
    #[case("--json '{\"a\":' --json '1}'", "{\"a\":1}", &[("Content-Type", "application/json", false), ("Accept", "application/json", false)])]
    #[case("-d '{\"a\":1}'", "{\"a\":1}", &[])]
    #[case("-H 'Content-Type: text/xml' -d '<a/>'", "<a/>", &[("Content-Type", "text/xml", false)])]
    fn a_body_is_kept_to_the_character(#[case] options: &str, #[case] body: &str, #[case] expected: &[(&str, &str, bool)]) {
        let (request, _) = connector(&format!("curl https://h.example/t {options}"));
        assert_eq!(request.http_method, HttpMethod::Post);
        assert_eq!((request.body.as_str(), headers(&request).as_slice()), (body, expected));
    }

    #[test]
    fn data_goes_into_the_query_where_it_is_asked_for() {
        let (request, notes) =
            connector("curl -G 'https://h.example/t?a=1#top' -d b=2 --data-urlencode 'c=x y' --url-query +d=4");
        assert_eq!((request.url.as_str(), request.body.as_str()), ("https://h.example/t?a=1&d=4&b=2&c=x+y", ""));
        assert_eq!(request.http_method, HttpMethod::Get);
        assert_eq!(notes, [""; 0]);
    }

    #[test]
    fn a_method_that_no_connector_has_is_told() {
        let (request, notes) = connector("curl -I https://h.example/t");
        assert_eq!(request.http_method, HttpMethod::Get);
        assert_eq!(notes.len(), 1, "{notes:?}");
    }

    #[test]
    fn t8_credentials_are_secret_and_told_together() {
        let (request, notes) = connector("curl https://h.example/t -u me:pw -b sid=1 -H 'Accept: a/b'");
        let secret: Vec<_> = headers(&request).into_iter().map(|(name, _, secret)| (name, secret)).collect();
        assert_eq!(secret, [("Accept", false), ("Authorization", true), ("Cookie", true)]);
        assert!(notes[0].starts_with("The headers Authorization and Cookie carry credentials."), "{notes:?}");
        assert!(!notes.concat().contains("pw"));
    }
}
