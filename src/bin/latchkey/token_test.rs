//! *Test request* from the command line: what was answered, by its shape, and where the token may stand in it.

use std::path::{Path, PathBuf};

use latchkey::response::{BodyFormat, BodySummary, Lifetime, PathForm, Suggestion, TreeRow, ValueKind};
use latchkey::token::{FieldDraft, RequestDraft, TokenDraftKind, TokenLocation, TokenType, check_location};
use latchkey::workspace::{FieldView, LocatedView, Problem, ProblemCode, RequestView, TestHandle, TestReport, Workspace};
use serde::Serialize;

use crate::failure::{Exit, Failure};
use crate::open::open;
use crate::output::{Look, Output};
use crate::stop::StopSignal;
use crate::token_file::{in_the_file, read_token};
use crate::token_view::show_place;

/// So many fields of a response are listed by kind and size.
const MOST_FIELDS: u32 = 200;
/// Larger bodies are listed as far as they are opened at first.
const OPENED_WHOLE: u32 = 1024 * 1024;
/// So many of them are shown to people.
const SHOWN_FIELDS: usize = 30;

/// A request to be tested, with the header that its token would be sent as.
pub struct Subject {
    /// The saved token whose secrets the request leaves out.
    pub token_id: Option<String>,
    /// The request.
    pub request: RequestDraft,
    /// Where the token should stand.
    pub location: Option<TokenLocation>,
    /// The header that would carry it.
    pub request_header_key: String,
    /// The prefix before it.
    pub token_prefix: String,
}

/// What a test came to. Values of the response are not in it.
#[derive(Serialize)]
pub struct Tested {
    #[serde(rename = "type")]
    object_type: &'static str,
    #[serde(skip)]
    test_id: String,
    http_status: u16,
    ok: bool,
    duration_ms: u32,
    at: String,
    redirects: u32,
    body: BodySummary,
    fields: Vec<Field>,
    suggestions: Vec<Suggestion>,
    /// Where the value of the saved token probably went, when its location yields nothing.
    moved_to: Vec<Suggestion>,
    advice: Option<String>,
    located: Option<Located>,
}

/// What the location yields. A JWT's claims are most of the token, so they stay out of what build servers log.
#[derive(Serialize)]
struct Located {
    location: TokenLocation,
    header_preview: String,
    characters: u32,
    expires_in_seconds: Option<i32>,
    note: Option<String>,
    lifetime: Option<Lifetime>,
}

impl From<LocatedView> for Located {
    fn from(located: LocatedView) -> Self {
        Self {
            location: located.location,
            header_preview: located.header_preview,
            characters: located.characters,
            expires_in_seconds: located.jwt.and_then(|jwt| jwt.expires_in_seconds),
            note: located.note,
            lifetime: located.lifetime,
        }
    }
}

/// A value of the response without its content.
#[derive(Serialize)]
struct Field {
    /// A JSON pointer, a path into XML, or the name of a form field.
    pointer: String,
    kind: ValueKind,
    /// Children of a container, characters of a string.
    size: u32,
}

/// `token test`: sends the request, stores nothing.
///
/// # Errors
/// When there is no such token or file, no answer came, or the answer has no token at its location.
pub async fn test(subject: &str, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    let workspace = open(folder).await?;
    let subject = find(&workspace, subject).await?;
    if let Some(location) = &subject.location {
        check_location(location).map_err(|fault| in_the_file(fault.into()))?;
    }
    let tested = send(&workspace, &subject).await?;
    let located = match &subject.location {
        Some(location) if tested.ok => Some(locate(&workspace, &tested, &subject, location).await),
        _ => None,
    };
    let (tested, missing) = match located {
        Some(Ok(located)) => (Tested { located: Some(located.into()), ..tested }, None),
        Some(Err(problem)) => (tested, Some(problem)),
        None => (tested, None),
    };
    show(&tested, output)?;
    match missing {
        Some(problem) => Err(Failure::failed(problem)),
        None => Ok(Exit::of(tested.ok)),
    }
}

/// Sends the request and keeps its response for [`locate`]. Ctrl-C cancels it.
///
/// # Errors
/// When the request is not in order, or no complete answer came.
pub async fn send(workspace: &Workspace, subject: &Subject) -> Result<Tested, Failure> {
    let handle = TestHandle::default();
    let (cancel, mut stop) = (handle.cancel.clone(), StopSignal::listen()?);
    let stopping = tokio::spawn(async move {
        stop.asked().await;
        cancel.cancel();
    });
    let sent = workspace.test_request(&subject.request, subject.token_id.as_deref(), &handle, |_| ()).await;
    stopping.abort();
    let report = sent.map_err(in_the_file)?;
    let fields = fields(workspace, &report).await?;
    Ok(Tested {
        object_type: "token_test",
        test_id: report.test_id,
        http_status: report.http_status,
        ok: report.ok,
        duration_ms: report.duration_ms,
        at: report.at,
        redirects: report.redirects,
        body: report.body,
        fields,
        suggestions: report.suggestions,
        moved_to: report.moved_to,
        advice: report.advice,
        located: None,
    })
}

/// What a location yields in a tested response.
///
/// # Errors
/// When it yields nothing that can be a token.
pub async fn locate(
    workspace: &Workspace,
    tested: &Tested,
    subject: &Subject,
    location: &TokenLocation,
) -> Result<LocatedView, Problem> {
    workspace.locate(&tested.test_id, location.clone(), &subject.request_header_key, &subject.token_prefix).await
}

impl Tested {
    /// Names the test when the token is saved (T3).
    pub fn test_id(&self) -> &str {
        &self.test_id
    }

    /// The error of an answer that can't hold a token; `None` when it can.
    pub fn refusal(&self) -> Option<Problem> {
        let message = format!("The test was answered with {}, so nothing was saved.", self.http_status);
        let advice = self.advice.clone().unwrap_or_default();
        (!self.ok).then(|| Problem::new(ProblemCode::Failed, message, advice))
    }

    /// The error of a file that names no location, naming the likeliest one.
    pub fn location_missing(&self) -> Problem {
        let next_step = match self.suggestions.first() {
            Some(likely) => {
                format!("Add it to the file. The likeliest one: \"location\": {}", serde_json::json!(likely.location))
            }
            None => "Find the token among the fields of the answer, and add its location to the file.".to_owned(),
        };
        Problem::invalid("location", "The file has no location: where the token stands in the answer.", next_step)
    }
}

/// Prints what a test came to: its answer by its shape, and where the token stands or may stand.
///
/// # Errors
/// When it can't be printed.
pub fn show(tested: &Tested, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.object(tested);
    }
    show_answer(tested, output)?;
    show_fields(&tested.fields, output)?;
    match &tested.located {
        Some(located) => show_located(located, output)?,
        None if !tested.moved_to.is_empty() => {
            show_places("Where the token probably went:", &tested.moved_to, output)?;
        }
        None => show_places("Likely tokens:", &tested.suggestions, output)?,
    }
    tested.advice.as_deref().map_or(Ok(()), |advice| output.line(advice))
}

/// Prints in one line what was answered.
///
/// # Errors
/// When it can't be printed.
pub fn show_answer(tested: &Tested, output: &Output) -> Result<(), Failure> {
    let look = if tested.ok { Look::Good } else { Look::Bad };
    let format = match tested.body.format {
        BodyFormat::Empty => "an empty body",
        BodyFormat::Json => "JSON",
        BodyFormat::Xml => "XML",
        BodyFormat::Form => "form fields",
        BodyFormat::Ndjson => "JSON, a document on each line",
        BodyFormat::Text => "text",
    };
    let rest = format!(" in {} ms, {} bytes, read as {format}", tested.duration_ms, tested.body.bytes);
    output.pieces(&[(Look::Strong, "Tested: "), (look, &tested.http_status.to_string()), (Look::Plain, &rest)])?;
    let about = tested.body.problem.iter().chain(&tested.body.usable);
    about.into_iter().try_for_each(|sentence| output.line(&format!("  {sentence}")))
}

fn show_fields(fields: &[Field], output: &Output) -> Result<(), Failure> {
    for field in fields.iter().take(SHOWN_FIELDS) {
        let kind = serde_json::json!(field.kind);
        let size = if field.size > 0 { format!(" ({})", field.size) } else { String::new() };
        let pointer = if field.pointer.is_empty() { "the whole response" } else { &field.pointer };
        let kind = format!("{}{size}", kind.as_str().unwrap_or_default());
        output.pieces(&[(Look::Plain, &format!("  {pointer}  ")), (Look::Quiet, &kind)])?;
    }
    match fields.len().saturating_sub(SHOWN_FIELDS) {
        0 => Ok(()),
        rest => output.line(&format!("  … and {rest} fields more; --json lists them")),
    }
}

fn show_located(located: &Located, output: &Output) -> Result<(), Failure> {
    let size = format!("  ({} characters)", located.characters);
    output.pieces(&[(Look::Good, "Token: "), (Look::Plain, &located.header_preview), (Look::Quiet, &size)])?;
    match located.expires_in_seconds {
        Some(seconds @ 0..) => output.line(&format!("  a JWT that expires in {seconds} seconds"))?,
        Some(_) => output.line("  a JWT that has expired already")?,
        None => {}
    }
    if let Some(lifetime) = &located.lifetime {
        output.line(&format!("  it lives {} s ({})", lifetime.seconds, lifetime.from))?;
        let margin = lifetime.suggested_margin_seconds;
        output.pieces(&[(Look::Quiet, &format!("  to refresh it before that: \"refresh_before_seconds\": {margin}"))])?;
    }
    located.note.as_deref().map_or(Ok(()), |note| output.line(&format!("  {note}")))
}

fn show_places(heading: &str, places: &[Suggestion], output: &Output) -> Result<(), Failure> {
    if !places.is_empty() {
        output.pieces(&[(Look::Strong, heading)])?;
    }
    places.iter().try_for_each(|place| show_place(place, output))
}

/// A saved token of this name, else a file.
async fn find(workspace: &Workspace, subject: &str) -> Result<Subject, Failure> {
    match workspace.tokens().id_of(subject).await {
        Ok(id) => saved(workspace, id).await,
        Err(problem) if problem.code != ProblemCode::NotFound => Err(problem.into()),
        Err(_) if subject != "-" && !Path::new(subject).exists() => {
            let message = format!("There is no token named “{subject}”, and no such file.");
            Err(Failure::wrong_use(Problem::new(ProblemCode::NotFound, message, "List the tokens to see their names."))
                .at("NAME_OR_FILE"))
        }
        Err(_) => {
            let draft = read_token(Path::new(subject))?;
            let TokenDraftKind::HttpRequest { request, location, .. } = draft.kind else {
                return Err(nothing_to_test(&draft.name, draft.kind.token_type()));
            };
            let (request_header_key, token_prefix) = (draft.request_header_key, draft.token_prefix);
            Ok(Subject { token_id: None, request, location, request_header_key, token_prefix })
        }
    }
}

async fn saved(workspace: &Workspace, id: String) -> Result<Subject, Failure> {
    let detail = workspace.tokens().get(&id).await?;
    let Some(request) = detail.request else { return Err(nothing_to_test(&detail.summary.name, detail.summary.token_type)) };
    Ok(Subject {
        token_id: Some(id),
        request: with_stored_secrets(request),
        location: detail.location,
        request_header_key: detail.request_header_key,
        token_prefix: detail.token_prefix,
    })
}

fn with_stored_secrets(request: RequestView) -> RequestDraft {
    let field = |field: FieldView| FieldDraft {
        name: field.name,
        value: field.value,
        secret: field.secret,
        stored: Some(field.stored),
    };
    RequestDraft {
        method: request.method,
        url: request.url,
        headers: request.headers.into_iter().map(field).collect(),
        parameters: request.parameters.into_iter().map(field).collect(),
        encoding: request.encoding,
    }
}

fn nothing_to_test(name: &str, token_type: TokenType) -> Failure {
    let what = match token_type {
        TokenType::User => "a user token, whose values other systems set",
        TokenType::Text | TokenType::HttpRequest => "a text token with a fixed value",
    };
    let message = format!("{name} is {what}, so there is no request to test.");
    Failure::wrong_use(Problem::invalid("token_type", message, "Name an http_request token."))
}

/// The values of a body that is shown as a tree, by where they stand; the lines of a text are none.
async fn fields(workspace: &Workspace, report: &TestReport) -> Result<Vec<Field>, Failure> {
    if matches!(report.body.format, BodyFormat::Empty | BodyFormat::Text | BodyFormat::Ndjson) {
        return Ok(Vec::new());
    }
    let responses = workspace.responses();
    if report.body.bytes <= OPENED_WHOLE {
        responses.expand_all(&report.response_id, true).await?;
    }
    let mut fields = Vec::new();
    for TreeRow { row, pointer, kind, size, .. } in responses.rows(&report.response_id, 0, MOST_FIELDS).await?.rows {
        // What is no JSON has no pointer. A way that holds a secret is left out.
        let pointer = match pointer.as_str() {
            "" => responses.path(&report.response_id, row, PathForm::XPath).await.unwrap_or_default(),
            _ => pointer,
        };
        fields.push(Field { pointer, kind, size });
    }
    Ok(fields)
}
