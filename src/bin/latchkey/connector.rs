//! `latchkey connector …`.

use std::path::PathBuf;

use latchkey::workspace::{ConnectorDetail, Problem, ProblemCode, Workspace};
use serde_json::json;

use crate::arguments::{AddArguments, ConnectorCommand};
use crate::backup;
use crate::breaker;
use crate::connector_file::{in_the_file, read_connector};
use crate::connector_view;
use crate::failure::{Exit, Failure};
use crate::open::open;
use crate::output::{Look, Output};

/// Carries a connector command out.
///
/// # Errors
/// When it could not be done; nothing was changed then.
pub async fn carry_out(command: ConnectorCommand, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    match command {
        ConnectorCommand::Add(arguments) => add(arguments, folder, output).await?,
        ConnectorCommand::List => list(folder, output).await?,
        ConnectorCommand::Show(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            connector_view::show(&workspace.connectors().get(&id).await?, output)?;
        }
        ConnectorCommand::Live(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            done("Set live:", &workspace.connectors().set_live(&id).await?, output)?;
            backup::if_due(&workspace, output).await;
        }
        ConnectorCommand::Draft(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            done("Set to draft:", &workspace.connectors().set_draft(&id).await?, output)?;
            backup::if_due(&workspace, output).await;
        }
        ConnectorCommand::Delete(of) => {
            let (workspace, id) = named(folder, &of.name).await?;
            workspace.connectors().delete(&id).await?;
            if output.is_json() {
                output.object(&json!({ "id": id, "object": "data_connector", "deleted": true }))?;
            } else {
                output.line(&format!("Deleted the connector “{}” and its log.", of.name))?;
            }
            backup::if_due(&workspace, output).await;
        }
        ConnectorCommand::Breaker(arguments) => breaker::carry_out(arguments, folder, output).await?,
    }
    Ok(Exit::Succeeded)
}

/// The workspace, and the id of its connector of this name.
///
/// # Errors
/// When the workspace can't be opened, or has no such connector.
pub async fn named(folder: Option<PathBuf>, name: &str) -> Result<(Workspace, String), Failure> {
    let workspace = open(folder).await?;
    let id = workspace.connectors().id_of(name).await.map_err(|problem| Failure::from(problem).at("name"))?;
    Ok((workspace, id))
}

async fn add(arguments: AddArguments, folder: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let file = read_connector(&arguments.file)?;
    let workspace = open(folder).await?;
    let existing = existing(&workspace, file.draft.name.trim(), arguments.replace).await?;
    let by_name = file.tokens.is_some();
    let draft = file.with_tokens(&workspace).await?;
    let saved = workspace.connectors().save(existing.as_deref(), draft).await;
    let detail = saved.map_err(|problem| if by_name { in_the_file(problem) } else { problem })?;
    done(if existing.is_some() { "Replaced the draft of" } else { "Saved as a draft:" }, &detail, output)?;
    backup::if_due(&workspace, output).await;
    Ok(())
}

async fn existing(workspace: &Workspace, name: &str, replace: bool) -> Result<Option<String>, Failure> {
    match workspace.connectors().id_of(name).await {
        Ok(id) if replace => Ok(Some(id)),
        Ok(_) => {
            let message = format!("There is already a connector named “{name}”.");
            Err(Problem::invalid("name", message, "Choose another name, or replace that one with --replace.").into())
        }
        Err(problem) if problem.code == ProblemCode::NotFound => Ok(None),
        Err(problem) => Err(problem.into()),
    }
}

async fn list(folder: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let workspace = open(folder).await?;
    let mut connectors = Vec::new();
    for summary in workspace.connectors().list().await? {
        match workspace.connectors().get(&summary.id).await {
            Ok(detail) => connectors.push(detail),
            // Deleted by another program since it was listed.
            Err(problem) if problem.code == ProblemCode::NotFound => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    connector_view::list(&connectors, output)
}

fn done(what: &str, detail: &ConnectorDetail, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return connector_view::show(detail, output);
    }
    output.pieces(&[(Look::Good, what), (Look::Plain, &format!(" “{}”.", detail.summary.name))])
}
