//! `latchkey token …`.

use std::path::PathBuf;

use latchkey::token::{TokenDraft, TokenDraftKind, check_location};
use latchkey::workspace::{Moved, Problem, ProblemCode, SecretRef, TokenDetail, Workspace};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::arguments::{AddArguments, TokenCommand};
use crate::backup;
use crate::failure::{Exit, Failure};
use crate::open::open;
use crate::output::{Look, Output};
use crate::stop::Stopping;
use crate::token_file::{in_the_file, read_token};
use crate::token_test::{Subject, locate, send, show, show_answer, test};
use crate::token_view;

/// Carries a token command out.
///
/// # Errors
/// When it could not be done; nothing was changed then, unless the message says otherwise.
pub async fn carry_out(command: TokenCommand, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    match command {
        TokenCommand::Add(arguments) => add(arguments, folder, output).await?,
        TokenCommand::List => token_view::list(open(folder).await?.tokens().details().await?, output)?,
        TokenCommand::Show(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            token_view::show(workspace.tokens().get(&id).await?, output)?;
        }
        TokenCommand::Test { subject } => return test(&subject, folder, output).await,
        TokenCommand::Refresh(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            let stopping = Stopping::listen()?;
            let refreshed = workspace.tokens().refresh_until(&id, stopping.asked()).await;
            stopping.until_logins_landed(&workspace, output).await;
            if let Err(problem) = &refreshed {
                show_where_it_went(&workspace, &id, problem, output).await?;
            }
            done("Refreshed", refreshed?, output)?;
        }
        TokenCommand::Forget(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            done("Forgot the value of", workspace.tokens().forget(&id).await?, output)?;
        }
        TokenCommand::Reveal(of) => reveal(&of.name, folder, output).await?,
        TokenCommand::Delete(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            workspace.tokens().delete(&id).await?;
            if output.is_json() {
                output.object(&json!({ "id": id, "object": "token", "deleted": true }))?;
            } else {
                output.line(&format!("Deleted the token “{}”.", of.name))?;
            }
            backup::if_due(&workspace, output).await;
        }
    }
    Ok(Exit::Succeeded)
}

/// After a refresh that failed: when the login answered without the token, what changed. The error itself follows on
/// standard error, and is all that there is as JSON.
async fn show_where_it_went(workspace: &Workspace, id: &str, problem: &Problem, output: &Output) -> Result<(), Failure> {
    // A token that is gone has been refused already.
    let moved = workspace.tokens().get(id).await.ok().and_then(|detail| detail.moved);
    // An earlier answer has nothing to do with what went wrong now.
    let of_this_refresh = |moved: &Moved| !output.is_json() && problem.message.contains(&moved.sentence);
    moved.filter(of_this_refresh).map_or(Ok(()), |moved| token_view::show_moved(&moved, output))
}

async fn named(folder: Option<PathBuf>, name: &str) -> Result<(Workspace, String), Failure> {
    let workspace = open(folder).await?;
    let id = workspace.tokens().id_of(name).await.map_err(|problem| Failure::from(problem).at("name"))?;
    Ok((workspace, id))
}

/// `token add`: an HTTP request token is tested first (T3).
async fn add(arguments: AddArguments, folder: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let mut draft = read_token(&arguments.file)?;
    let workspace = open(folder).await?;
    draft.id = existing(&workspace, draft.name.trim(), arguments.replace).await?;
    let replaced = draft.id.is_some();
    let detail = match &draft.kind {
        TokenDraftKind::Text { .. } | TokenDraftKind::User => workspace.tokens().save(draft, None).await?,
        TokenDraftKind::HttpRequest { request, location, .. } => {
            let subject = Subject {
                token_id: None,
                request: request.clone(),
                location: location.clone(),
                request_header_key: draft.request_header_key.clone(),
                token_prefix: draft.token_prefix.clone(),
            };
            match saved_untested(&workspace, &draft, location.is_some()).await? {
                Some(detail) => detail,
                None => tested_and_saved(&workspace, draft, subject, output).await?,
            }
        }
    };
    done(if replaced { "Replaced" } else { "Saved" }, detail, output)?;
    backup::if_due(&workspace, output).await;
    Ok(())
}

/// Replaces a token whose request and location stay as they are, which needs no test.
async fn saved_untested(workspace: &Workspace, draft: &TokenDraft, has_location: bool) -> Result<Option<TokenDetail>, Failure> {
    if draft.id.is_none() || !has_location {
        return Ok(None);
    }
    match workspace.tokens().save(draft.clone(), None).await {
        Ok(detail) => Ok(Some(detail)),
        Err(problem) if problem.code == ProblemCode::NeedsTest => Ok(None),
        Err(problem) => Err(in_the_file(problem).into()),
    }
}

async fn tested_and_saved(
    workspace: &Workspace,
    draft: TokenDraft,
    subject: Subject,
    output: &Output,
) -> Result<TokenDetail, Failure> {
    // What is badly written is refused before anything is sent.
    if let Some(location) = &subject.location {
        check_location(location).map_err(|fault| in_the_file(fault.into()))?;
    }
    let tested = send(workspace, &subject).await?;
    if let Some(refusal) = tested.refusal() {
        show(&tested, output)?;
        return Err(Failure::failed(refusal));
    }
    let Some(location) = &subject.location else {
        show(&tested, output)?;
        return Err(Failure::wrong_use(tested.location_missing()));
    };
    if let Err(problem) = locate(workspace, &tested, &subject, location).await {
        show(&tested, output)?;
        return Err(problem.into());
    }
    if !output.is_json() {
        show_answer(&tested, output)?;
    }
    workspace.tokens().save(draft, Some(tested.test_id())).await.map_err(|problem| in_the_file(problem).into())
}

async fn existing(workspace: &Workspace, name: &str, replace: bool) -> Result<Option<String>, Failure> {
    match workspace.tokens().id_of(name).await {
        Ok(id) if replace => Ok(Some(id)),
        Ok(_) => {
            let message = format!("There is already a token named “{name}”.");
            Err(Problem::invalid("name", message, "Choose another name, or replace that one with --replace.").into())
        }
        Err(problem) if problem.code == ProblemCode::NotFound => Ok(None),
        Err(problem) => Err(problem.into()),
    }
}

/// `token reveal`: the value alone, because it was asked for (T8).
async fn reveal(name: &str, folder: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let (workspace, id) = named(folder, name).await?;
    // A token without a value was named rightly: it is the revealing that fails.
    let value = workspace.secret(SecretRef::TokenValue { token_id: id }).await.map_err(Failure::failed)?;
    // Exposed to be printed: the one command whose purpose that is.
    if output.is_json() {
        output.object(&json!({ "name": name, "value": value.expose_secret() }))
    } else {
        output.exactly(value.expose_secret())
    }
}

fn done(what: &str, detail: TokenDetail, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return token_view::show(detail, output);
    }
    output.pieces(&[(Look::Good, what), (Look::Plain, &format!(" the token “{}”.", detail.summary.name))])?;
    output.line(&format!("  {}", detail.summary.header_preview))
}
