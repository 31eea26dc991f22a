//! cURL commands for forms, and of what stands in forms and logs. A command that is copied holds no secret: placeholders
//! such as `<client_secret>` stand in their place, in quotes, so that no shell can take them for anything else.

use secrecy::{ExposeSecret, SecretString};

use super::Workspace;
use super::connector_secrets::fill_secrets;
use super::connectors::Configured;
use super::placeholders::Placeholders;
use super::views::{Problem, ProblemCode};
use crate::connector::{ConnectorDraft, InputValue, ResolvedInputs, ready, resolve_inputs};
use crate::execution::{StepKind, parts, start_of_cut};
use crate::http::{Exchange, OutgoingRequest};
use crate::redact::is_credential_header;
use crate::refresh::login::build_login;
use crate::token::{AuthenticationRequest, Encoding, RequestField, TokenDraft, TokenDraftKind, check_request};
use crate::transfer::{ConnectorRequest, CurlBody, CurlRequest, CurlShell, parse_curl, write_curl};

/// The form of an authentication request, filled from a pasted cURL command.
#[derive(Clone, serde::Serialize, specta::Type)]
pub struct CurlImport {
    /// The request.
    pub request: crate::token::RequestDraft,
    /// What of the command was left out, in words.
    pub notes: Vec<String>,
}

/// The *Setup* of a connector, filled from a pasted cURL command.
#[derive(Clone, serde::Serialize, specta::Type)]
pub struct ConnectorCurlImport {
    /// The request, with its templates.
    pub request: ConnectorRequest,
    /// What of the command was left out, in words.
    pub notes: Vec<String>,
}

impl CurlImport {
    /// Reads a pasted cURL command.
    ///
    /// # Errors
    /// When it is none, with what is wrong and where.
    pub fn parse(command: &str) -> Result<Self, Problem> {
        let (request, notes) = parsed(command)?.into_request();
        Ok(Self { request, notes })
    }
}

impl ConnectorCurlImport {
    /// Reads a pasted cURL command.
    ///
    /// # Errors
    /// When it is none, with what is wrong and where.
    pub fn parse(command: &str) -> Result<Self, Problem> {
        let (request, notes) = parsed(command)?.into_connector(is_credential_header);
        Ok(Self { request, notes })
    }
}

/// The field of a fault is `curl`, or `curl[7]` where it stands at the 7th character.
fn parsed(command: &str) -> Result<crate::transfer::CurlCommand, Problem> {
    parse_curl(command).map_err(|failure| {
        let field = failure.position().map_or_else(|| "curl".to_owned(), |position| format!("curl[{position}]"));
        Problem::invalid(field, failure.to_string(), failure.next_step())
    })
}

/// What is to be copied as a cURL command.
#[derive(Clone, serde::Deserialize, specta::Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CurlSource {
    /// The authentication request of a token as it stands in the form.
    Token {
        /// The form.
        draft: TokenDraft,
    },
    /// A connector's request as it stands in the form.
    Connector {
        /// The saved connector that is edited; its secret headers fill those that the draft leaves out.
        connector_id: Option<String>,
        /// The form.
        draft: ConnectorDraft,
    },
    /// What a step of a recorded execution sent, as it was recorded.
    Step {
        /// The execution.
        execution_id: String,
        /// The position of the step, from 0.
        step: u32,
    },
}

/// A cURL command that can be copied.
#[derive(Debug, Clone)]
pub struct CurlCopy {
    /// The command, without a secret.
    pub command: String,
    /// What is to be filled in before it can be run, such as `<client_secret>` and `{{order_id}}`.
    pub placeholders: Vec<String>,
    /// What it can't do, in words.
    pub notes: Vec<String>,
}

impl Workspace {
    /// A request as a cURL command for one shell. Every secret is a placeholder, typed and stored ones alike. Of a
    /// connector's inputs those with a default value are filled in, the others stay `{{name}}`.
    ///
    /// # Errors
    /// When there is no request to copy, or the form has a fault that keeps it from being built.
    pub async fn curl(&self, source: CurlSource, shell: CurlShell) -> Result<CurlCopy, Problem> {
        let mut placeholders = Placeholders::default();
        let mut notes = Vec::new();
        let request = match source {
            CurlSource::Token { draft } => self.curl_of_token(&draft, &mut placeholders).await?,
            CurlSource::Connector { connector_id, draft } => {
                self.curl_of_connector(connector_id.as_deref(), draft, &mut placeholders).await?
            }
            CurlSource::Step { execution_id, step } => {
                self.curl_of_step(&execution_id, step, &mut placeholders, &mut notes).await?
            }
        };
        let written = write_curl(&request, shell)
            .map_err(|unwritable| Problem::new(ProblemCode::Failed, unwritable.to_string(), "Copy its parts by hand."))?;
        notes.extend(written.notes);
        Ok(CurlCopy { command: written.command, placeholders: placeholders.into_names(), notes })
    }

    async fn curl_of_token(&self, draft: &TokenDraft, placeholders: &mut Placeholders) -> Result<CurlRequest, Problem> {
        let request = match &draft.kind {
            TokenDraftKind::HttpRequest { request, .. } => request,
            TokenDraftKind::Text { .. } => {
                return Err(Problem::invalid("token_type", "A text token has no request to copy.", "Copy its value instead."));
            }
            TokenDraftKind::User => {
                let next_step = "Copy the request of a connector that sends it.";
                return Err(Problem::invalid("token_type", "A user token has no request to copy.", next_step));
            }
        };
        let stored = match &draft.id {
            Some(id) => Some(self.tokens().token(id).await?),
            None => None,
        };
        let checked = check_request(request, stored.as_ref())?;
        let masked = masked(checked, placeholders);
        let pairs = || masked.parameters.iter().map(exposed).collect();
        let body = match masked.encoding {
            Encoding::Json => None,
            Encoding::Form => Some(CurlBody::Form(pairs())),
            Encoding::Query => Some(CurlBody::Query(pairs())),
        };
        let mut built = masked.clone();
        if body.is_some() {
            // cURL encodes the pairs, and announces the form.
            built.parameters.clear();
        }
        let names: Vec<_> = masked.headers.iter().map(|header| header.name.as_str()).collect();
        let request = written(&build_login(&built)?, &names);
        Ok(CurlRequest { body: body.unwrap_or(request.body), ..request })
    }

    async fn curl_of_connector(
        &self,
        connector_id: Option<&str>,
        draft: ConnectorDraft,
        placeholders: &mut Placeholders,
    ) -> Result<CurlRequest, Problem> {
        let stored = match connector_id {
            Some(id) => Some(self.connectors().configured(id).await?),
            None => None,
        };
        let mut draft = fill_secrets(draft, stored.as_ref().and_then(Configured::edited))?;
        draft.url = draft.url.trim().to_owned();
        let of_the_request = ["url", "headers", "body", "data_inputs"];
        if let Some(fault) =
            ready(&draft).into_iter().find(|fault| of_the_request.iter().any(|part| fault.field.starts_with(part)))
        {
            return Err(fault.into());
        }
        let token_ids = if draft.bypass_authentication { &[] } else { draft.token_ids.as_slice() };
        let tokens = self.connectors().attached(token_ids).await?;
        for header in &mut draft.headers {
            if header.secret {
                header.value = header.value.as_deref().map(|value| placeholders.of_header(&header.name, value));
            }
        }
        let (inputs, kept) = inputs(&draft)?;
        let values: Vec<_> = tokens.iter().map(|token| SecretString::from(placeholders.of(&token.name))).collect();
        let used: Vec<_> = tokens.iter().zip(&values).collect();
        let ended = |ending: crate::execution::Ending| Problem::new(ProblemCode::Failed, ending.sentence(), ending.next_step());
        let outgoing = parts(&draft, &inputs).and_then(|parts| parts.build_with(&used)).map_err(ended)?;
        let names = draft.headers.iter().map(|header| header.name.as_str());
        let names: Vec<_> = names.chain(tokens.iter().map(|token| token.request_header_key.as_str())).collect();
        Ok(with_inputs(written(&outgoing, &names), &kept, placeholders))
    }

    async fn curl_of_step(
        &self,
        execution_id: &str,
        step: u32,
        placeholders: &mut Placeholders,
        notes: &mut Vec<String>,
    ) -> Result<CurlRequest, Problem> {
        let execution = self.executions().get(execution_id).await?;
        let step = usize::try_from(step).ok().and_then(|index| execution.steps.get(index));
        let sent = step.and_then(|step| Some((step.kind, step.exchange.as_ref()?)));
        let (kind, exchange) = sent.ok_or_else(|| {
            Problem::new(ProblemCode::NotFound, "This step sent nothing.", "Choose a step that sent a request.")
        })?;
        if kind == StepKind::Refresh && exchange.request_body.is_none() {
            notes.push("What a login sends in its query is not recorded: add it, if it sends any.".to_owned());
        }
        Ok(recorded(exchange, placeholders, notes))
    }
}

/// The request with a placeholder for each secret; what is sent beside them stays as it is.
fn masked(request: AuthenticationRequest, placeholders: &mut Placeholders) -> AuthenticationRequest {
    let AuthenticationRequest { headers, parameters, .. } = request;
    let headers = headers
        .into_iter()
        .map(|header| {
            if !header.secret && !is_credential_header(&header.name) {
                return header;
            }
            // Exposed to keep its scheme, such as Basic, which is no secret.
            let value = placeholders.of_header(&header.name, header.value.expose_secret());
            RequestField { value: SecretString::from(value), ..header }
        })
        .collect();
    let parameters =
        parameters
            .into_iter()
            .map(|pair| {
                if pair.secret { RequestField { value: SecretString::from(placeholders.of(&pair.name)), ..pair } } else { pair }
            })
            .collect();
    AuthenticationRequest { headers, parameters, ..request }
}

/// Exposed because it is a placeholder, or shown in the form.
fn exposed(field: &RequestField) -> (String, String) {
    (field.name.clone(), field.value.expose_secret().to_owned())
}

/// What would be sent, with the headers spelled as in the form.
fn written(request: &OutgoingRequest, names: &[&str]) -> CurlRequest {
    let spelled = |name: &str| {
        let known = names.iter().copied().chain(["Content-Type", "Accept"]);
        known.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name).to_owned()
    };
    let headers = request.headers.iter();
    let headers = headers
        .map(|header| (spelled(header.name.as_str()), String::from_utf8_lossy(header.value.as_bytes()).into_owned()))
        .collect();
    let body = request.body.as_ref().map_or(CurlBody::None, |body| CurlBody::Text(String::from_utf8_lossy(body).into_owned()));
    CurlRequest { method: request.method.to_string(), url: request.url.to_string(), headers, body }
}

/// A value for every input: its default, or else a mark that no place escapes, so that it is found again behind the
/// engine's own building. The marks come with the names they stand for.
fn inputs(draft: &ConnectorDraft) -> Result<(ResolvedInputs, Vec<(String, String)>), Problem> {
    let (with_default, without): (Vec<_>, Vec<_>) =
        draft.data_inputs.iter().cloned().partition(|input| !input.default_value.is_empty());
    let filled = resolve_inputs(&with_default, &std::collections::BTreeMap::new(), false)
        .map_err(|fault| Problem::invalid("data_inputs", fault.message, fault.next_step))?;
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let kept: Vec<_> =
        without.into_iter().enumerate().map(|(index, input)| (format!("m{index}x{unique}"), input.name)).collect();
    let marks = kept.iter().map(|(mark, name)| (name.clone(), InputValue::Decimal(mark.clone())));
    let values = filled.iter().map(|(name, value)| (name.to_owned(), value.clone())).chain(marks).collect();
    Ok((values, kept))
}

/// Puts `{{name}}` where the mark of an input stands.
fn with_inputs(mut request: CurlRequest, kept: &[(String, String)], placeholders: &mut Placeholders) -> CurlRequest {
    for (mark, name) in kept {
        let template = format!("{{{{{name}}}}}");
        let values = request.headers.iter_mut().map(|header| &mut header.1);
        let mut texts: Vec<&mut String> = values.chain([&mut request.url]).collect();
        if let CurlBody::Text(body) = &mut request.body {
            texts.push(body);
        }
        let mut found = false;
        for text in texts {
            found |= text.contains(mark);
            *text = text.replace(mark, &template);
        }
        if found {
            placeholders.add(template);
        }
    }
    request
}

/// What was recorded, with a placeholder wherever something was redacted.
fn recorded(exchange: &Exchange, placeholders: &mut Placeholders, notes: &mut Vec<String>) -> CurlRequest {
    let url = placeholders.in_url(&exchange.url);
    let mut headers: Vec<_> = exchange
        .request_headers
        .iter()
        .map(|header| (header.name.clone(), placeholders.in_text(&header.value, Some(&header.name))))
        .collect();
    let body = exchange.request_body.as_deref().filter(|body| !body.is_empty());
    if let Some(body) = body
        && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        // A login's own headers are recorded, without those that its encoding implies.
        let is_json = body.trim_start().starts_with('{');
        let kind = if is_json { "application/json" } else { "application/x-www-form-urlencoded" };
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    let start = body.and_then(start_of_cut);
    if start.is_some() {
        notes.push("The body is not recorded whole, so the command ends in the middle of it.".to_owned());
    }
    let body = start.or(body);
    let body = body.map_or(CurlBody::None, |body| CurlBody::Text(placeholders.in_text(body, None)));
    CurlRequest { method: exchange.method.clone(), url, headers, body }
}
