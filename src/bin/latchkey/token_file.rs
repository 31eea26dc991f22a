//! The token file: what `token add` and `token test` read. Its fields are a public contract.

use std::path::Path;

use latchkey::token::{FieldDraft, LocationStep, RequestDraft, TokenDraft, TokenDraftKind, TokenLocation, TokenType};
use latchkey::workspace::Problem;

use crate::json_file::{Members, read};

/// Reads a token file.
///
/// # Errors
/// The first fault, with the path of its field.
pub fn read_token(file: &Path) -> Result<TokenDraft, Problem> {
    let mut members = read(file)?;
    let name = members.needed("name")?;
    let token_type =
        members.choice("token_type", &["text", "http_request", "user"])?.ok_or_else(|| members.missing("token_type"))?;
    let draft = TokenDraft {
        id: None,
        name,
        description: members.text("description")?.unwrap_or_default(),
        request_header_key: members.needed("request_header_key")?,
        token_prefix: members.text("token_prefix")?.unwrap_or_default(),
        domain: members.text("domain")?,
        kind: match token_type {
            TokenType::Text => TokenDraftKind::Text { value: Some(members.needed("value")?) },
            TokenType::User => user(&mut members)?,
            TokenType::HttpRequest => TokenDraftKind::HttpRequest {
                request: request(&mut members)?,
                location: members.object("location")?.map(location).transpose()?,
                refresh_before_seconds: members.number("refresh_before_seconds")?,
            },
        },
    };
    members.finish()?;
    Ok(draft)
}

/// A user token has nothing beside its name and its header (T5).
fn user(members: &mut Members) -> Result<TokenDraftKind, Problem> {
    for name in ["value", "request", "location", "refresh_before_seconds"] {
        if members.has(name) {
            let message = format!("{name} can't stand in a user token, which has no value of its own: each customer has one.");
            return Err(Problem::invalid(members.at(name), message, "Remove it; other systems set the values."));
        }
    }
    Ok(TokenDraftKind::User)
}

fn request(members: &mut Members) -> Result<RequestDraft, Problem> {
    let mut request = members.object("request")?.ok_or_else(|| members.missing("request"))?;
    let draft = RequestDraft {
        method: request.needed("method")?,
        url: request.needed("url")?,
        headers: request.each("headers", |header| field(header, "name"))?,
        parameters: request.each("parameters", |pair| field(pair, "key"))?,
        encoding: request.choice("encoding", &["json", "form", "query"])?.unwrap_or_default(),
    };
    request.finish()?;
    Ok(draft)
}

fn field(members: &mut Members, name: &'static str) -> Result<FieldDraft, Problem> {
    Ok(FieldDraft {
        name: members.needed(name)?,
        value: Some(members.needed("value")?),
        secret: members.flag("secret")?.unwrap_or(true),
        stored: None,
    })
}

fn location(mut members: Members) -> Result<TokenLocation, Problem> {
    let parts = ["json", "xml", "form", "header", "cookie", "text"];
    let location = TokenLocation {
        part: members.choice("in", &parts)?.ok_or_else(|| members.missing("in"))?,
        at: members.text("at")?.unwrap_or_default(),
        then: members.each("then", step)?,
    };
    members.finish()?;
    Ok(location)
}

fn step(members: &mut Members) -> Result<LocationStep, Problem> {
    let open: String =
        members.choice("open", &["json", "jwt_claim", "line", "capture"])?.ok_or_else(|| members.missing("open"))?;
    Ok(match open.as_str() {
        "json" => LocationStep::Json { at: members.needed("at")? },
        "jwt_claim" => LocationStep::JwtClaim { claim: members.needed("claim")? },
        "line" => LocationStep::Line { number: members.number("number")?.ok_or_else(|| members.missing("number"))? },
        _ => LocationStep::Capture { pattern: members.needed("pattern")? },
    })
}

/// A problem that the engine has with an authentication request, its field named as it stands in the file.
pub fn in_the_file(mut problem: Problem) -> Problem {
    if let Some(field) = &problem.field {
        let of_the_request = ["method", "url", "encoding"].contains(&field.as_str())
            || ["headers[", "parameters["].iter().any(|list| field.starts_with(list));
        if of_the_request {
            let field = match field.strip_suffix(".name") {
                Some(pair) if pair.starts_with("parameters[") => format!("{pair}.key"),
                _ => field.clone(),
            };
            problem.field = Some(format!("request.{field}"));
        }
    }
    problem
}
