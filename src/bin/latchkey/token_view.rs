//! A token as it is printed: the fields of a token file, secrets masked, and what is known of its value (T8).

use latchkey::response::{ShapeChange, ShapeLine, Suggestion};
use latchkey::token::{TokenLocation, TokenType};
use latchkey::workspace::{FieldView, LastTest, Moved, NamedRef, RequestView, TokenDetail, TokenSummary, ValueChange};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{Look, Output};

/// What stands in place of a secret.
const MASKED: &str = "****";
/// So many lines of a changed shape are shown to people.
const SHOWN_LINES: usize = 12;

/// A token.
#[derive(Serialize)]
pub struct TokenObject {
    #[serde(rename = "type")]
    object_type: &'static str,
    id: String,
    name: String,
    token_type: TokenType,
    description: String,
    request_header_key: String,
    token_prefix: String,
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<TokenLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_before_seconds: Option<u32>,
    header_preview: String,
    has_value: bool,
    generation: u32,
    last_refreshed_at: Option<String>,
    expires_at: Option<String>,
    lifetime_from: Option<String>,
    last_change: Option<ValueChange>,
    last_test: Option<LastTest>,
    used_by: Vec<NamedRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<Moved>,
}

/// A line of the list.
#[derive(Serialize)]
struct ListedToken {
    #[serde(flatten)]
    summary: TokenSummary,
    refresh_before_seconds: Option<u32>,
    expires_at: Option<String>,
    lifetime_from: Option<String>,
}

impl From<TokenDetail> for TokenObject {
    fn from(detail: TokenDetail) -> Self {
        let summary = detail.summary;
        Self {
            object_type: "token",
            id: summary.id,
            name: summary.name,
            token_type: summary.token_type,
            description: summary.description,
            request_header_key: detail.request_header_key,
            token_prefix: detail.token_prefix,
            domain: summary.domain,
            request: detail.request.as_ref().map(request),
            location: detail.location,
            refresh_before_seconds: detail.refresh_before_seconds,
            header_preview: summary.header_preview,
            has_value: summary.has_value,
            generation: summary.generation,
            last_refreshed_at: summary.last_refreshed_at,
            expires_at: detail.expires_at,
            lifetime_from: detail.lifetime_from,
            last_change: summary.last_change,
            last_test: summary.last_test,
            used_by: summary.used_by,
            moved: detail.moved,
        }
    }
}

fn request(request: &RequestView) -> Value {
    let fields = |fields: &[FieldView], name: &str| -> Vec<Value> {
        let field = |field: &FieldView| json!({ name: field.name, "value": shown(field), "secret": field.secret });
        fields.iter().map(field).collect()
    };
    json!({
        "method": request.method,
        "url": request.url,
        "headers": fields(&request.headers, "name"),
        "parameters": fields(&request.parameters, "key"),
        "encoding": request.encoding,
    })
}

fn shown(field: &FieldView) -> &str {
    field.value.as_deref().unwrap_or(MASKED)
}

/// Prints one token.
///
/// # Errors
/// When it can't be printed.
pub fn show(detail: TokenDetail, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.object(&TokenObject::from(detail));
    }
    let summary = &detail.summary;
    let mut pairs = vec![
        ("name", summary.name.clone()),
        ("type", word(summary.token_type)),
        ("header", summary.header_preview.clone()),
        ("value", value_state(summary)),
    ];
    if !summary.description.is_empty() {
        pairs.push(("description", summary.description.clone()));
    }
    if let Some(domain) = &summary.domain {
        pairs.push(("domain", domain.clone()));
    }
    if let Some(request) = &detail.request {
        pairs.push(("request", format!("{} {}", request.method, request.url)));
        pairs.extend(request.headers.iter().map(|header| ("", format!("{}: {}", header.name, shown(header)))));
        pairs.extend(request.parameters.iter().map(|pair| ("", format!("{} = {}", pair.name, shown(pair)))));
        pairs.push(("sent as", word(request.encoding)));
    }
    if let Some(location) = &detail.location {
        pairs.push(("location", json!(location).to_string()));
    }
    if let Some(seconds) = detail.refresh_before_seconds {
        pairs.push(("refreshed", format!("{seconds} s before it expires")));
    }
    if let (Some(at), Some(from)) = (&detail.expires_at, &detail.lifetime_from) {
        pairs.push(("expires", format!("{at} ({from})")));
    }
    if let Some(test) = &summary.last_test {
        let status = test.http_status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let usable = if test.ok { "" } else { ", no usable token value" };
        pairs.push(("last test", format!("{status}{usable} at {}", test.at)));
    }
    pairs.push(("used by", names(&summary.used_by)));
    output.pairs(&pairs)?;
    detail.moved.as_ref().map_or(Ok(()), |moved| show_moved(moved, output))
}

/// Prints that the login answers in another shape, what changed, and where the value probably went.
///
/// # Errors
/// When it can't be printed.
pub fn show_moved(moved: &Moved, output: &Output) -> Result<(), Failure> {
    output.pieces(&[(Look::Bad, "The login answers in another shape"), (Look::Quiet, &format!(" since {}", moved.at))])?;
    output.line(&format!("  {}", moved.sentence))?;
    let gone = moved.saved_shape.iter().filter(|line| line.change == ShapeChange::Gone);
    gone.take(SHOWN_LINES).try_for_each(|line| output.pieces(&[(Look::Bad, &shape_line("-", line))]))?;
    let new = moved.new_shape.iter().filter(|line| line.change == ShapeChange::New);
    new.take(SHOWN_LINES).try_for_each(|line| output.pieces(&[(Look::Good, &shape_line("+", line))]))?;
    if moved.proposals.is_empty() {
        return output.line("  Nothing in it looks like the token. Test the request to see the answer.");
    }
    output.pieces(&[(Look::Strong, "Where it probably went:")])?;
    moved.proposals.iter().try_for_each(|proposal| show_place(proposal, output))
}

/// Prints a place that may be the token's, as it is written in a token file.
///
/// # Errors
/// When it can't be printed.
pub fn show_place(place: &Suggestion, output: &Output) -> Result<(), Failure> {
    output.pieces(&[(Look::Plain, &format!("  {}  ", place.label)), (Look::Quiet, &place.reason)])?;
    output.line(&format!("    \"location\": {}", json!(place.location)))
}

fn shape_line(sign: &str, line: &ShapeLine) -> String {
    let indent = "  ".repeat(line.depth as usize);
    let key = line.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
    format!("  {sign} {indent}{key}{}", line.text)
}

/// Prints all tokens.
///
/// # Errors
/// When they can't be printed.
pub fn list(tokens: Vec<TokenDetail>, output: &Output) -> Result<(), Failure> {
    let listed = |detail: TokenDetail| ListedToken {
        summary: detail.summary,
        refresh_before_seconds: detail.refresh_before_seconds,
        expires_at: detail.expires_at,
        lifetime_from: detail.lifetime_from,
    };
    let tokens: Vec<_> = tokens.into_iter().map(listed).collect();
    if output.is_json() {
        return output.object(&json!({ "type": "list", "data": tokens }));
    }
    if tokens.is_empty() {
        return output.line("There are no tokens yet. Save one with latchkey token add FILE.");
    }
    let rows: Vec<_> = tokens
        .iter()
        .map(|listed| {
            let token = &listed.summary;
            [
                token.name.clone(),
                word(token.token_type),
                value_state(token),
                listed.expires_at.clone().unwrap_or_else(|| "-".to_owned()),
                names(&token.used_by),
                token.header_preview.clone(),
            ]
        })
        .collect();
    output.table(["NAME", "TYPE", "VALUE", "EXPIRES", "USED BY", "HEADER"], &rows)
}

fn value_state(token: &TokenSummary) -> String {
    if token.token_type == TokenType::User {
        return "one per customer".to_owned();
    }
    match (&token.last_refreshed_at, token.has_value) {
        (Some(at), true) => format!("generation {}, {at}", token.generation),
        (None, true) => format!("generation {}", token.generation),
        (_, false) => "none; the next run fetches it".to_owned(),
    }
}

fn names(used_by: &[NamedRef]) -> String {
    if used_by.is_empty() {
        return "-".to_owned();
    }
    used_by.iter().map(|used| used.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The wire name of a value of an enumeration.
fn word(value: impl Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}
