//! A connector's request, built from its parts each time, so that a retry is a new build and never a patched copy (E4).

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::outcome::Ending;
use crate::connector::{BodyKind, ConnectorDraft, HttpMethod, RenderFault, ResolvedInputs, Template, content_type};
use crate::http::{OutgoingHeader, OutgoingRequest};
use crate::redact::is_credential_header;
use crate::refresh::Ticket;
use crate::token::{Token, header_value};

/// The parts of a request that don't depend on token values; made once, checked by the first gate (E2).
pub struct Parts {
    method: http::Method,
    /// The URL with its inputs filled in.
    pub url: Url,
    headers: Vec<HeaderPart>,
    body: Option<Body>,
}

struct Body {
    kind: BodyKind,
    text: String,
}

struct HeaderPart {
    name: String,
    value: String,
    credential: bool,
}

/// A token with the value that this run uses.
pub struct UsedToken {
    /// The token.
    pub token: Token,
    /// Its value.
    pub value: SecretString,
    /// The value's generation.
    pub generation: u32,
    /// Read with the value: a login that failed later stops this run too (E6).
    pub since: Ticket,
    /// Whether this run fetched or refreshed it (E5).
    pub renewed: bool,
    /// When the value was stored, in milliseconds since 1970; of one that this run renewed, when the one before was.
    pub stored_at_ms: i64,
}

/// Fills the inputs in (E10).
///
/// # Errors
/// As a configuration or an input that is refused, naming what.
pub fn parts(connector: &ConnectorDraft, inputs: &ResolvedInputs) -> Result<Parts, Ending> {
    let text = template("URL", &connector.url)?.render_url(inputs).map_err(|fault| refused(&fault))?;
    if text.is_empty() {
        return Err(Ending::ConfigurationRefused {
            message: "The connector has no URL.".to_owned(),
            next_step: "Write the API's URL into Setup.".to_owned(),
        });
    }
    let url = Url::parse(&text).map_err(|error| Ending::ConfigurationRefused {
        message: format!("The connector's URL can't be read: {error}."),
        next_step: "Correct it in Setup; it looks like https://api.example.com/orders/{{order_id}}.".to_owned(),
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Ending::ConfigurationRefused {
            message: "Only http and https URLs with a host can be asked.".to_owned(),
            next_step: "Correct the URL in Setup.".to_owned(),
        });
    }
    let mut headers = Vec::with_capacity(connector.headers.len());
    for header in &connector.headers {
        let value = template(&format!("header {}", header.name), header.value.as_deref().unwrap_or_default())?;
        let value = value.render_header(inputs).map_err(|fault| refused(&fault))?;
        let credential = header.secret || is_credential_header(&header.name);
        outgoing(&header.name, &value, credential)?;
        headers.push(HeaderPart { name: header.name.clone(), value, credential });
    }
    Ok(Parts { method: method(connector.http_method), url, headers, body: body(connector, inputs)? })
}

fn body(connector: &ConnectorDraft, inputs: &ResolvedInputs) -> Result<Option<Body>, Ending> {
    if connector.body.is_empty() {
        return Ok(None);
    }
    let template = Template::parse_body(&connector.body).map_err(|fault| Ending::ConfigurationRefused {
        message: format!("The connector's body can't be read: {fault}"),
        next_step: "Correct the body in Setup.".to_owned(),
    })?;
    let kind = BodyKind::of(content_type(&connector.headers), &template);
    let text = template.render_body(kind, inputs).map_err(|fault| refused(&fault))?;
    Ok(Some(Body { kind, text }))
}

impl Parts {
    /// Builds the request with these token values; a token's header takes the place of one of the same name.
    ///
    /// # Errors
    /// When a token value can't stand in a header.
    pub fn build(&self, tokens: &[UsedToken]) -> Result<OutgoingRequest, Ending> {
        let values: Vec<_> = tokens.iter().map(|used| (&used.token, &used.value)).collect();
        self.build_with(&values)
    }

    /// [`Self::build`] with a value for each token, wherever it comes from.
    ///
    /// # Errors
    /// As there.
    pub fn build_with(&self, tokens: &[(&Token, &SecretString)]) -> Result<OutgoingRequest, Ending> {
        let mut headers = Vec::with_capacity(self.headers.len() + tokens.len() + 1);
        for header in &self.headers {
            if !tokens.iter().any(|(token, _)| token.request_header_key.eq_ignore_ascii_case(&header.name)) {
                headers.push(outgoing(&header.name, &header.value, header.credential)?);
            }
        }
        for (token, value) in tokens {
            // Exposed into the header that carries it (T1).
            let value = header_value(&token.token_prefix, value.expose_secret());
            headers.push(outgoing(&token.request_header_key, &value, true)?);
        }
        if let Some(body) = &self.body
            && !self.headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-type"))
        {
            headers.push(outgoing("Content-Type", announced(body.kind), false)?);
        }
        Ok(OutgoingRequest {
            method: self.method.clone(),
            url: self.url.clone(),
            headers,
            body: self.body.as_ref().map(|body| Bytes::from(body.text.clone())),
        })
    }

    /// The body as it is sent.
    pub fn body(&self) -> Option<&str> {
        self.body.as_ref().map(|body| body.text.as_str())
    }

    /// The secret values of the connector's own headers, for redaction (S2).
    pub fn secrets(&self) -> impl Iterator<Item = SecretString> + '_ {
        self.headers.iter().filter(|header| header.credential).map(|header| SecretString::from(header.value.as_str()))
    }
}

/// A body is announced as what its inputs were escaped for, so that both ends read it alike.
fn announced(kind: BodyKind) -> &'static str {
    match kind {
        BodyKind::Json => "application/json",
        BodyKind::Form => "application/x-www-form-urlencoded",
        BodyKind::Xml => "application/xml",
        BodyKind::Text => "text/plain; charset=utf-8",
    }
}

fn template(what: &str, text: &str) -> Result<Template, Ending> {
    Template::parse(text).map_err(|fault| Ending::ConfigurationRefused {
        message: format!("The connector's {what} can't be read: {fault}"),
        next_step: "Correct it in Setup.".to_owned(),
    })
}

fn refused(fault: &RenderFault) -> Ending {
    let (message, next_step) = (fault.to_string(), fault.next_step().to_owned());
    if fault.input().is_some() {
        Ending::InputRefused { message, next_step }
    } else {
        Ending::ConfigurationRefused { message, next_step }
    }
}

fn outgoing(name: &str, value: &str, credential: bool) -> Result<OutgoingHeader, Ending> {
    OutgoingHeader::new(name, value, credential).map_err(|fault| Ending::ConfigurationRefused {
        message: format!("The header {name} can't be sent: {fault}"),
        next_step: "Correct it in Setup, or the token that it comes from.".to_owned(),
    })
}

fn method(method: HttpMethod) -> http::Method {
    match method {
        HttpMethod::Get => http::Method::GET,
        HttpMethod::Post => http::Method::POST,
        HttpMethod::Put => http::Method::PUT,
        HttpMethod::Delete => http::Method::DELETE,
        HttpMethod::Patch => http::Method::PATCH,
    }
}
