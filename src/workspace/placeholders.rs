//! What stands in the place of a secret in a copied command: `<client_secret>`, named after its field.

use crate::redact::REDACTED;

/// Schemes of an `Authorization` header: they say how a credential is read, and are none.
const SCHEMES: [&str; 6] = ["Basic", "Bearer", "Token", "Digest", "ApiKey", "Negotiate"];

/// The placeholders of one command, each once, in order.
#[derive(Default)]
pub(super) struct Placeholders {
    names: Vec<String>,
}

impl Placeholders {
    /// A placeholder that no other field of this command has.
    pub(super) fn of(&mut self, field: &str) -> String {
        let plain = |character: char| {
            if character.is_alphanumeric() || " ._-".contains(character) { character } else { '_' }
        };
        let name: String = field.trim().chars().map(plain).collect();
        let name = if name.is_empty() { "secret" } else { name.as_str() };
        let mut placeholder = format!("<{name}>");
        let mut number = 2;
        while self.names.contains(&placeholder) {
            placeholder = format!("<{name} {number}>");
            number += 1;
        }
        self.names.push(placeholder.clone());
        placeholder
    }

    /// A placeholder for a header's value; a scheme before it stays.
    pub(super) fn of_header(&mut self, name: &str, value: &str) -> String {
        let scheme = value.split_once(' ').map(|(scheme, _)| scheme);
        let known = scheme.filter(|scheme| SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)));
        let placeholder = self.of(name);
        known.map_or_else(|| placeholder.clone(), |scheme| format!("{scheme} {placeholder}"))
    }

    /// Something else that is to be filled in.
    pub(super) fn add(&mut self, placeholder: String) {
        if !self.names.contains(&placeholder) {
            self.names.push(placeholder);
        }
    }

    /// A recorded text: each redaction becomes a placeholder, named after the header, or after the key before it.
    pub(super) fn in_text(&mut self, text: &str, header: Option<&str>) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(REDACTED) {
            filled.push_str(&rest[..at]);
            let name = header.or_else(|| key_before(&filled)).unwrap_or("secret").to_owned();
            filled.push_str(&self.of(&name));
            rest = &rest[at + REDACTED.len()..];
        }
        filled.push_str(rest);
        filled
    }

    /// A recorded URL: its query is redacted as a whole.
    pub(super) fn in_url(&mut self, url: &str) -> String {
        let url = url.split('#').next().unwrap_or_default();
        match url.split_once('?') {
            Some((address, query)) => {
                format!("{}?{}", self.in_text(address, Some("secret")), self.in_text(query, Some("query")))
            }
            None => self.in_text(url, Some("secret")),
        }
    }

    /// All of them, in order.
    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }
}

/// The key whose value the text ends in: of a JSON member, or of a pair of a form.
fn key_before(text: &str) -> Option<&str> {
    if let Some((before, value)) = text.rsplit_once("\":")
        && value.trim_start().starts_with('"')
        && value.matches('"').count() == 1
    {
        return before.rsplit('"').next().filter(|key| !key.is_empty());
    }
    let pair = text.rsplit(['&', '\n']).next()?;
    let (key, _) = pair.split_once('=')?;
    Some(key).filter(|key| !key.is_empty() && key.len() <= 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_named_after_its_field_and_stands_once() {
        let mut placeholders = Placeholders::default();
        assert_eq!(placeholders.of("client_secret"), "<client_secret>");
        assert_eq!(placeholders.of("client_secret"), "<client_secret 2>");
        assert_eq!(placeholders.of("a'b\"c"), "<a_b_c>");
        assert_eq!(placeholders.of_header("Authorization", "Basic eDp5"), "Basic <Authorization>");
        assert_eq!(placeholders.of_header("X-Key", "my secret key"), "<X-Key>");
        assert_eq!(placeholders.into_names().len(), 5);
    }

    #[test]
    fn redactions_of_a_record_become_placeholders_named_after_their_keys() {
        let mut placeholders = Placeholders::default();
        let body = r#"{"user": "me", "password": "****", "deep": {"key":"a****b"}}"#;
        assert_eq!(placeholders.in_text(body, None), r#"{"user": "me", "password": "<password>", "deep": {"key":"a<key>b"}}"#);
        assert_eq!(placeholders.in_text("grant=x&secret=****&b=1", None), "grant=x&secret=<secret>&b=1");
        assert_eq!(placeholders.in_text("Bearer ****", Some("Authorization")), "Bearer <Authorization>");
        assert_eq!(placeholders.in_text("<a>****</a>", None), "<a><secret 2></a>");
        assert_eq!(placeholders.in_url("https://h/x/****/y?****#****"), "https://h/x/<secret 3>/y?<query>");
    }
}
