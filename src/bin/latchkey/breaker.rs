//! `latchkey connector breaker NAME [reset|isolate]`.

use std::path::PathBuf;

use latchkey::workspace::{BreakerFailure, BreakerState, BreakerView};
use serde::Serialize;

use crate::arguments::{BreakerAction, BreakerArguments};
use crate::connector::named;
use crate::failure::Failure;
use crate::output::Output;

/// A breaker as `--json` prints it.
#[derive(Serialize)]
struct BreakerObject<'a> {
    #[serde(rename = "type")]
    object_type: &'static str,
    data_connector_id: &'a str,
    #[serde(flatten)]
    view: &'a BreakerView,
}

/// Shows a breaker, after closing or opening it by hand when asked to.
///
/// # Errors
/// When the workspace can't be opened, or has no such connector.
pub async fn carry_out(arguments: BreakerArguments, folder: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let (workspace, id) = named(folder, &arguments.name).await?;
    let view = match arguments.action {
        None => workspace.breaker(&id).await?,
        Some(BreakerAction::Reset) => workspace.reset_breaker(&id).await?,
        Some(BreakerAction::Isolate) => workspace.isolate_breaker(&id).await?,
    };
    if output.is_json() {
        return output.object(&BreakerObject { object_type: "breaker", data_connector_id: &id, view: &view });
    }
    show(&view, output)
}

fn show(view: &BreakerView, output: &Output) -> Result<(), Failure> {
    let mut pairs = vec![("breaker", in_words(view).to_owned())];
    if let Some(changed_at) = &view.changed_at {
        pairs.push(("since", changed_at.clone()));
    }
    if let Some(at) = &view.next_probe_at {
        pairs.push((if view.probing { "probe ends" } else { "next probe" }, at.clone()));
    }
    pairs.push(("failures", format!("{} in a row", view.failures)));
    let (threshold, window, wait) = (view.threshold, view.window_seconds, view.open_seconds);
    pairs.push(("opens", format!("after {threshold} within {window} s, for {wait} s")));
    output.pairs(&pairs)?;
    if view.opened_by.is_empty() {
        return Ok(());
    }
    output.line("")?;
    output.table(["FAILED AT", "ERROR", "STATUS", "EXECUTION"], &view.opened_by.iter().map(row).collect::<Vec<_>>())
}

/// The state for people.
pub fn in_words(view: &BreakerView) -> &'static str {
    match view.state {
        BreakerState::Closed => "closed: runs go through",
        BreakerState::Open => "open: nothing is sent until the next probe",
        BreakerState::HalfOpen if view.probing => "half-open: its probe is under way",
        BreakerState::HalfOpen => "half-open: the next run is its probe",
        BreakerState::Isolated => "isolated: opened by hand, until it is reset",
    }
}

fn row(failure: &BreakerFailure) -> [String; 4] {
    let status = failure.http_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    [failure.at.clone(), failure.error_type.name().to_owned(), status, failure.execution_id.clone()]
}
