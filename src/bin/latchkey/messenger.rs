//! `latchkey messenger`: the Messenger of the workspace in the foreground, each call printed as it arrives.

use std::path::PathBuf;

use latchkey::customer::messenger::{IdentityVerification, MessengerCall};
use latchkey::workspace::MessengerStatus;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::arguments::MessengerArguments;
use crate::failure::{Exit, Failure};
use crate::open::open;
use crate::output::{Look, Output};
use crate::stop::StopSignal;

/// Serves until it is asked to stop. The address and the `app_id` are the first line.
///
/// # Errors
/// When the workspace can't be opened, or the port can't be had.
pub async fn carry_out(arguments: &MessengerArguments, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    let mut stop = StopSignal::listen()?;
    let workspace = open(folder).await?;
    workspace.look_after();
    let served = workspace.messenger().serve(arguments.port).await;
    let status = served.map_err(|mut problem| {
        if problem.field.as_deref() == Some("port") {
            problem.field = Some("--port".to_owned());
        }
        problem
    })?;
    let mut calls = workspace.messenger().follow()?;
    begin(&status, output)?;
    loop {
        let next = tokio::select! {
            () = stop.asked() => break,
            next = calls.recv() => next,
        };
        match next {
            Ok(call) => show(&call, output)?,
            Err(RecvError::Lagged(missed)) => output.remark(&format!("{missed} calls were answered and are not printed.")),
            Err(RecvError::Closed) => break,
        }
    }
    workspace.close().await;
    Ok(Exit::Succeeded)
}

fn begin(status: &MessengerStatus, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        let MessengerStatus { base_url, port, app_id, .. } = status;
        output.object(&json!({ "base_url": base_url, "port": port, "app_id": app_id }))?;
    } else {
        output.line(&format!("Messenger listening on {} with the app_id {}", status.base_url, status.app_id))?;
        output.pieces(&[(Look::Quiet, "  Ctrl-C ends it")])?;
    }
    if status.allowed_origins.is_empty() {
        output.remark("No page may call yet. Allow one: latchkey settings set messenger.allowed_origins http://localhost:3000");
    }
    if status.identity_verification != IdentityVerification::Off && !status.has_secret {
        output.remark("Identity verification has no secret yet: latchkey settings set messenger.identity_secret @FILE");
    }
    Ok(())
}

fn show(call: &MessengerCall, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.object(call);
    }
    let look = if call.http_status < 300 { Look::Good } else { Look::Bad };
    let from = call.origin.as_deref().unwrap_or("an app");
    let whom = call.user_id.as_deref().map(|user_id| format!(" for {user_id}")).unwrap_or_default();
    // One line each, whatever the caller put into it.
    let line = |text: String| text.replace(['\n', '\t'], " ");
    output.pieces(&[
        (Look::Quiet, &format!("{}  ", call.at)),
        (look, &call.http_status.to_string()),
        (Look::Strong, &line(format!("  {}", call.call))),
        (Look::Quiet, &line(format!(" from {from}{whom}: "))),
        (Look::Plain, &line(call.sentence.clone())),
    ])
}
