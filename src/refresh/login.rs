//! One authentication request on the wire: built from its parts each time, recorded without its secrets.

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::http::{
    Answer, Client, Exchange, ExchangeTimings, Limits, OutgoingHeader, OutgoingRequest, RecordedHeader, SendFailure,
};
use crate::redact::{REDACTED, Redactor, is_credential_header};
use crate::response::{Document, LocateFailure, shape};
use crate::store::flights::FailedFlight;
use crate::token::{AuthenticationRequest, Encoding, RequestField};

/// Response headers that are recorded with their values; of all others only the length is kept (E7).
const HARMLESS_HEADERS: [&str; 9] = [
    "content-type",
    "content-length",
    "content-encoding",
    "date",
    "server",
    "cache-control",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];

/// Why a token could not be fetched or refreshed (E7).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub enum LoginFailure {
    /// The authentication request can't be built.
    CannotBuild {
        /// Why, in a sentence.
        why: String,
    },
    /// No usable answer came.
    NoAnswer(SendFailure),
    /// A status other than 2xx.
    Refused {
        /// The endpoint's host.
        host: String,
        /// Its status.
        status: u16,
        /// The reason beside it.
        reason: String,
    },
    /// Nothing usable stands at the token location.
    NothingUsable {
        /// The endpoint's host.
        host: String,
        /// What the location met.
        found: LocateFailure,
        /// Where the value probably stands now, in words.
        likely: Option<String>,
    },
    /// The token was edited or deleted while it was refreshed.
    ChangedMeanwhile,
    /// The attempt ended without an outcome: it ran past its deadline, or the program had a fault.
    Lost,
    /// The value could not be stored.
    NotStored {
        /// Why, in a sentence.
        why: String,
    },
    /// What another process's flight told when it failed, in its own words (E6).
    Told {
        /// What happened.
        sentence: String,
        /// What to do now.
        next_step: String,
    },
}

impl LoginFailure {
    /// The failure of another process's flight.
    pub fn told(failed: &FailedFlight) -> Self {
        Self::Told { sentence: failed.sentence.clone(), next_step: failed.next_step.clone() }
    }

    /// What happened, in one plain sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::CannotBuild { why } => format!("The authentication request can't be sent: {why}"),
            Self::NoAnswer(failure) => format!("The login endpoint gave no usable answer: {}", failure.sentence()),
            Self::Refused { host, status, reason } => {
                format!("The login endpoint {host} answered {}.", format!("{status} {reason}").trim_end())
            }
            Self::NothingUsable { host, found, likely } => {
                let moved = likely.as_ref().map(|place| format!(" It probably stands at {place} now.")).unwrap_or_default();
                format!("The login endpoint {host} answered, but without the token: {found}{moved}")
            }
            Self::ChangedMeanwhile => "The token was changed while it was refreshed, so the answer was thrown away.".to_owned(),
            Self::Lost => "The login took too long and was given up.".to_owned(),
            Self::NotStored { why } => format!("The new value could not be stored: {why}"),
            Self::Told { sentence, .. } => sentence.clone(),
        }
    }

    /// What to do now, in one sentence. The stored value always stays.
    pub fn next_step(&self) -> String {
        match self {
            Self::CannotBuild { .. } => "Open the token and correct its authentication request.".to_owned(),
            Self::NoAnswer(failure) => failure.next_step(),
            Self::Refused { status: 400..=499, .. } => {
                "Open the token and press Test request: the endpoint does not accept what is sent. A stored value is kept."
                    .to_owned()
            }
            Self::Refused { .. } => {
                "Try Test request on the token, or look at the endpoint's own log. A stored value is kept.".to_owned()
            }
            Self::NothingUsable { likely: Some(place), .. } => {
                format!(
                    "Open the token, press Test request, choose the proposed place {place} and save. A stored value is kept."
                )
            }
            Self::NothingUsable { likely: None, .. } => {
                "Open the token, press Test request and click the token's place in the answer. A stored value is kept."
                    .to_owned()
            }
            Self::Lost => "Look at the login endpoint's own log, then run it again. A stored value is kept.".to_owned(),
            Self::ChangedMeanwhile => "Run it again: the token's new settings will be used.".to_owned(),
            Self::NotStored { .. } => {
                "Make sure that the workspace's disk has room and can be written, then run it again.".to_owned()
            }
            Self::Told { next_step, .. } => next_step.clone(),
        }
    }
}

/// Whether a header is a secret: marked as one, or carrying a credential by its name, whatever its mark (S2, S3).
fn is_secret_header(header: &RequestField) -> bool {
    header.secret || is_credential_header(&header.name)
}

/// Every secret of an authentication request, for redaction (S2).
pub fn login_secrets(request: &AuthenticationRequest) -> impl Iterator<Item = &SecretString> {
    let headers = request.headers.iter().filter(|header| is_secret_header(header));
    headers.chain(request.parameters.iter().filter(|pair| pair.secret)).map(|field| &field.value)
}

/// Builds the request from its parts (T3).
///
/// # Errors
/// When the URL or a header can't be sent; the sentence names it.
pub fn build_login(request: &AuthenticationRequest) -> Result<OutgoingRequest, LoginFailure> {
    let cannot = |why: String| LoginFailure::CannotBuild { why };
    let mut url = Url::parse(&request.url).map_err(|error| cannot(format!("its URL can't be read ({error}).")))?;
    let method =
        http::Method::from_bytes(request.method.as_bytes()).map_err(|_| cannot("its method is not one.".to_owned()))?;
    let mut headers = Vec::with_capacity(request.headers.len() + 2);
    for header in &request.headers {
        // Exposed into the header that carries it.
        let built = OutgoingHeader::new(&header.name, header.value.expose_secret(), is_secret_header(header))
            .map_err(|fault| cannot(format!("header {}: {fault}", header.name)))?;
        headers.push(built);
    }
    let has = |name: &str| request.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    if !has("accept") {
        headers.push(
            OutgoingHeader::new("Accept", "application/json, */*;q=0.8", false).map_err(|fault| cannot(fault.to_string()))?,
        );
    }
    let body = encode_body(request, |field| field.value.expose_secret().to_owned());
    if request.encoding == Encoding::Query && !request.parameters.is_empty() {
        // Exposed into the query, because the user asked for it there; redirects and records drop the query.
        url.query_pairs_mut().extend_pairs(request.parameters.iter().map(|pair| (&pair.name, pair.value.expose_secret())));
    }
    if let (Some(_), Some(content_type)) = (&body, content_type(request.encoding))
        && !has("content-type")
    {
        headers.push(OutgoingHeader::new("Content-Type", content_type, false).map_err(|fault| cannot(fault.to_string()))?);
    }
    Ok(OutgoingRequest { method, url, headers, body: body.map(Bytes::from) })
}

fn content_type(encoding: Encoding) -> Option<&'static str> {
    match encoding {
        Encoding::Json => Some("application/json"),
        Encoding::Form => Some("application/x-www-form-urlencoded"),
        Encoding::Query => None,
    }
}

fn encode_body(request: &AuthenticationRequest, value: impl Fn(&RequestField) -> String) -> Option<String> {
    if request.parameters.is_empty() {
        return None;
    }
    match request.encoding {
        Encoding::Json => {
            let members = request.parameters.iter().map(|pair| (pair.name.clone(), serde_json::Value::String(value(pair))));
            Some(serde_json::Value::Object(members.collect()).to_string())
        }
        Encoding::Form => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for pair in &request.parameters {
                form.append_pair(&pair.name, &value(pair));
            }
            Some(form.finish())
        }
        Encoding::Query => None,
    }
}

/// Sends an authentication request within these limits (E13, S4).
///
/// # Errors
/// When no complete answer came.
pub async fn send_login(
    client: &Client,
    request: &OutgoingRequest,
    limits: &Limits,
    cancel: &CancellationToken,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Answer, SendFailure> {
    client.send(request, limits, cancel, progress).await
}

/// The exchange as it is recorded: secrets masked where they stand, the answer by its shape only (E7, S2).
pub fn record_login(
    request: &AuthenticationRequest,
    redactor: &Redactor,
    answer: Result<(&Answer, &Document), &SendFailure>,
) -> Exchange {
    let masked = |field: &RequestField| {
        // Unmarked fields are shown, so they are exposed here; marked ones are not.
        if field.secret { REDACTED.to_owned() } else { redactor.redact(field.value.expose_secret()).into_owned() }
    };
    let url = Url::parse(&request.url).ok();
    let (host, path) = url.as_ref().map_or_else(Default::default, place);
    let mut exchange = Exchange {
        method: request.method.clone(),
        url: redactor.redact_url(&request.url),
        host,
        path: redactor.redact(&path).into_owned(),
        request_headers: request
            .headers
            .iter()
            .map(|header| RecordedHeader {
                name: header.name.clone(),
                value: if is_secret_header(header) { REDACTED.to_owned() } else { masked(header) },
            })
            .collect(),
        request_body: encode_body(request, masked),
        http_status: None,
        response_headers: Vec::new(),
        response_body: None,
        response_is_shape: true,
        response_bytes: 0,
        saved_shape: None,
        failure: None,
        redirects: 0,
        http_version: None,
        timings: None,
    };
    match answer {
        Ok((answer, document)) => {
            exchange.http_status = Some(answer.status);
            exchange.response_headers =
                answer.headers.iter().map(|(name, value)| header_shape(name, value, redactor)).collect();
            exchange.response_body = Some(redactor.redact(&shape(document, redactor)).into_owned());
            exchange.response_bytes = document.summary().bytes;
            exchange.redirects = answer.redirects;
            exchange.http_version = Some(answer.version.to_owned());
            exchange.timings = Some(ExchangeTimings::from(&answer.timings));
        }
        Err(failure) => exchange.failure = Some(failure.sentence()),
    }
    exchange
}

fn header_shape(name: &str, value: &str, redactor: &Redactor) -> RecordedHeader {
    let harmless = HARMLESS_HEADERS.contains(&name.to_ascii_lowercase().as_str());
    let value = if harmless { redactor.redact(value).into_owned() } else { format!("({} characters)", value.chars().count()) };
    RecordedHeader { name: redactor.redact(name).into_owned(), value }
}

/// `host[:port]` and path of a URL, as the picture of a run names them.
pub fn place(url: &Url) -> (String, String) {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    (host, url.path().to_owned())
}
