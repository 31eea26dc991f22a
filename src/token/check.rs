//! Turns a draft into a token, or says what is wrong with it and where. `{{…}}` is refused in an
//! authentication request, because its details are the same for every customer (T3).

use secrecy::{ExposeSecret, SecretString};

use super::{
    AuthenticationRequest, FieldDraft, RequestDraft, RequestField, Token, TokenDraft, TokenDraftKind, TokenId, TokenKind,
    check_location,
};

/// Headers that belong to the connection, or are never sent (S3); in lower case.
pub const OWN_HEADERS: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "referer",
];

/// The longest name of a token, in characters.
pub const NAME_LIMIT: usize = 255;

/// The longest time before its end that a value can be refreshed, in seconds: 30 days.
pub const LONGEST_MARGIN_SECONDS: u32 = 30 * 86_400;

/// What is wrong with a draft: a field, a plain sentence, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, such as `headers[0].value`.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub next_step: String,
}

impl Fault {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), next_step: next_step.into() }
    }
}

/// A draft that was found in order.
#[derive(Debug)]
pub struct CheckedToken {
    /// The token; an HTTP request token's location may still be missing, see `location_missing`.
    pub token: Token,
    /// The typed value of a text token; `None` keeps the stored one.
    pub value: Option<SecretString>,
}

/// Checks a whole draft. `stored` is the saved token that is edited; its secret values fill the
/// fields that the draft leaves out (T8).
///
/// # Errors
/// The first fault, in the order of the form.
pub fn check_token(draft: &TokenDraft, id: TokenId, stored: Option<&Token>) -> Result<CheckedToken, Fault> {
    let name = check_name(&draft.name)?;
    if matches!(draft.kind, TokenDraftKind::User) {
        check_key(&name)?;
    }
    let request_header_key = check_header_key(&draft.request_header_key)?;
    let token_prefix = draft.token_prefix.trim().to_owned();
    no_control("token_prefix", "The token prefix", &token_prefix)?;
    let domain = check_domain(draft.domain.as_deref())?;
    let (kind, value) = match &draft.kind {
        TokenDraftKind::Text { value } => (TokenKind::Text, check_text_value(value.as_deref(), stored)?),
        TokenDraftKind::User => (TokenKind::User, None),
        TokenDraftKind::HttpRequest { request, location, refresh_before_seconds } => {
            let request = check_request(request, stored)?;
            let location = location.clone().ok_or_else(|| {
                Fault::new(
                    "location",
                    "No token location is chosen yet.",
                    "Test the request, then click the token in its response.",
                )
            })?;
            check_location(&location)?;
            check_margin(*refresh_before_seconds)?;
            (TokenKind::HttpRequest { request, location, refresh_before_seconds: *refresh_before_seconds }, None)
        }
    };
    let description = draft.description.trim().to_owned();
    Ok(CheckedToken { token: Token { id, name, description, request_header_key, token_prefix, domain, kind }, value })
}

/// Checks an authentication request alone: what *Test request* sends.
///
/// # Errors
/// The first fault, in the order of the form.
pub fn check_request(draft: &RequestDraft, stored: Option<&Token>) -> Result<AuthenticationRequest, Fault> {
    let stored = match stored.map(|token| &token.kind) {
        Some(TokenKind::HttpRequest { request, .. }) => Some(request),
        _ => None,
    };
    let method = draft.method.trim().to_ascii_uppercase();
    if method.is_empty() || !method.bytes().all(is_token_byte) {
        return Err(Fault::new("method", "The method is not an HTTP method.", "Choose one, such as POST."));
    }
    let url = check_url(&draft.url)?;
    let headers = check_fields("headers", &draft.headers, stored.map(|request| request.headers.as_slice()))?;
    for (index, header) in headers.iter().enumerate() {
        check_header_name(&format!("headers[{index}].name"), &header.name)?;
        // Looked at to refuse line breaks; it goes no further.
        no_control(&format!("headers[{index}].value"), "The header's value", header.value.expose_secret())?;
    }
    let parameters = check_fields("parameters", &draft.parameters, stored.map(|request| request.parameters.as_slice()))?;
    for (index, parameter) in parameters.iter().enumerate() {
        if parameter.name.is_empty() {
            return Err(Fault::new(format!("parameters[{index}].name"), "A pair has no key.", "Name it, or remove the pair."));
        }
        if draft.encoding == super::Encoding::Json && parameters[..index].iter().any(|other| other.name == parameter.name) {
            return Err(Fault::new(
                format!("parameters[{index}].name"),
                format!("The key {} stands twice, and a JSON object has each key once.", parameter.name),
                "Remove one of the two, or send the pairs as a form.",
            ));
        }
    }
    Ok(AuthenticationRequest { method, url, headers, parameters, encoding: draft.encoding })
}

fn check_margin(refresh_before_seconds: Option<u32>) -> Result<(), Fault> {
    if refresh_before_seconds.is_none_or(|seconds| (1..=LONGEST_MARGIN_SECONDS).contains(&seconds)) {
        return Ok(());
    }
    Err(Fault::new(
        "refresh_before_seconds",
        format!("A token can be refreshed 1 to {LONGEST_MARGIN_SECONDS} seconds (30 days) before it expires."),
        "Write whole seconds, such as 60, or leave it out to wait for a 401.",
    ))
}

fn check_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Fault::new("name", "The token has no name.", "Give it one, such as “Orders login”."));
    }
    if name.chars().count() > NAME_LIMIT {
        return Err(Fault::new("name", format!("The name is longer than {NAME_LIMIT} characters."), "Shorten it."));
    }
    no_control("name", "The name", name)?;
    Ok(name.to_owned())
}

/// The name of a user token is the key that other systems write into their code (M2).
fn check_key(name: &str) -> Result<(), Fault> {
    if name == "__proto__" {
        return Err(Fault::new(
            "name",
            "In JavaScript __proto__ can't be the key of a value.",
            "Choose another name, such as security_token.",
        ));
    }
    let unseen = |character: char| {
        (character.is_whitespace() && character != ' ')
            || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    match name.chars().find(|character| unseen(*character)) {
        Some(character) => Err(Fault::new(
            "name",
            format!(
                "The name holds the character U+{:04X}, which can't be seen or told from a space, and other systems write the name into their code.",
                u32::from(character)
            ),
            "Type the name anew, such as security_token.",
        )),
        None => Ok(()),
    }
}

fn check_header_key(key: &str) -> Result<String, Fault> {
    let key = key.trim();
    check_header_name("request_header_key", key)?;
    if key.eq_ignore_ascii_case("content-type") {
        return Err(Fault::new("request_header_key", "Content-Type says what the body is.", "Use another header."));
    }
    Ok(key.to_owned())
}

fn check_header_name(field: &str, name: &str) -> Result<(), Fault> {
    if name.is_empty() {
        return Err(Fault::new(field, "The header has no name.", "Name it, such as Authorization."));
    }
    if !name.bytes().all(is_token_byte) {
        return Err(Fault::new(
            field,
            "The header's name holds a character that no header name may have.",
            "Use letters, digits and hyphens; no spaces, colons or line breaks.",
        ));
    }
    if OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Fault::new(field, format!("{name} belongs to the connection and can't be set."), "Use another header."));
    }
    Ok(())
}

fn check_domain(domain: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(domain) = domain.map(str::trim).filter(|domain| !domain.is_empty()) else { return Ok(None) };
    match url::Host::parse(domain) {
        Ok(host) if !domain.starts_with('.') => Ok(Some(host.to_string().trim_end_matches('.').to_ascii_lowercase())),
        _ => Err(Fault::new(
            "domain",
            "This is not a host name.",
            "Write the host alone, such as api.example.com, without https:// or a path.",
        )),
    }
}

fn check_url(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::new("url", "The authentication request has no URL.", "Write the login endpoint's URL."));
    }
    no_template("url", text)?;
    let url = url::Url::parse(text)
        .map_err(|_| Fault::new("url", "This is not a whole URL.", "Write it like https://auth.example.com/login."))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Fault::new("url", "Only http and https can be asked.", "Start the URL with https://."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::new(
            "url",
            "The URL holds a user name or password, which would be shown and logged.",
            "Take them out and send them as a header or as key-value pairs.",
        ));
    }
    Ok(text.to_owned())
}

fn check_text_value(value: Option<&str>, stored: Option<&Token>) -> Result<Option<SecretString>, Fault> {
    let Some(value) = value else {
        return if stored.is_some_and(|token| matches!(token.kind, TokenKind::Text)) {
            Ok(None)
        } else {
            Err(Fault::new("value", "The token has no value.", "Type or paste the value that the API expects."))
        };
    };
    let value = value.trim();
    if value.is_empty() {
        return Err(Fault::new("value", "The token has no value.", "Type or paste the value that the API expects."));
    }
    no_control("value", "The token value", value)?;
    Ok(Some(SecretString::from(value)))
}

fn check_fields(list: &str, drafts: &[FieldDraft], stored: Option<&[RequestField]>) -> Result<Vec<RequestField>, Fault> {
    drafts.iter().enumerate().map(|(index, draft)| check_field(&format!("{list}[{index}]"), draft, stored)).collect()
}

fn check_field(field: &str, draft: &FieldDraft, stored: Option<&[RequestField]>) -> Result<RequestField, Fault> {
    let name = draft.name.trim().to_owned();
    no_template(&format!("{field}.name"), &name)?;
    let value = match &draft.value {
        Some(value) => {
            no_template(&format!("{field}.value"), value)?;
            SecretString::from(value.as_str())
        }
        None => kept_value(draft, stored).ok_or_else(|| {
            Fault::new(format!("{field}.value"), "The value of this field is not stored any more.", "Type it again.")
        })?,
    };
    Ok(RequestField { name, value, secret: draft.secret })
}

fn kept_value(draft: &FieldDraft, stored: Option<&[RequestField]>) -> Option<SecretString> {
    let index = usize::try_from(draft.stored?).ok()?;
    stored?.get(index).map(|field| field.value.clone())
}

fn no_template(field: &str, text: &str) -> Result<(), Fault> {
    if text.contains("{{") {
        return Err(Fault::new(
            field,
            "An authentication request can't use {{…}}: its details are the same for every customer.",
            "Write the value itself.",
        ));
    }
    Ok(())
}

fn no_control(field: &str, what: &str, text: &str) -> Result<(), Fault> {
    let found = text.chars().find(|character| character.is_control() && *character != '\t');
    let Some(character) = found else { return Ok(()) };
    let named = match character {
        '\r' => "a carriage return",
        '\n' => "a line break",
        '\0' => "a NUL character",
        _ => "a control character",
    };
    Err(Fault::new(field, format!("{what} holds {named}, which can't be sent."), "Remove it."))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
