//! `latchkey sandbox`: the demo API alone, without a workspace, for trials and tests of scripts.

use latchkey::sandbox::{DEMO_PASSWORD, DEMO_USER, Sandbox, Switches};
use latchkey::workspace::Problem;
use serde_json::json;

use crate::arguments::SandboxArguments;
use crate::failure::{Exit, Failure};
use crate::output::{Look, Output};
use crate::stop::StopSignal;

/// The port that is tried first when none is named: the window's.
const FIRST_PORT: u16 = 47800;

/// Serves until it is asked to stop. The address is the first line.
///
/// # Errors
/// When it can't listen.
pub async fn carry_out(arguments: &SandboxArguments, output: &Output) -> Result<Exit, Failure> {
    let mut stop = StopSignal::listen()?;
    let started = match arguments.port {
        Some(port) => Sandbox::start(port).await,
        None => match Sandbox::start(FIRST_PORT).await {
            Ok(sandbox) => Ok(sandbox),
            Err(_) => Sandbox::start(0).await,
        },
    };
    let sandbox = started.map_err(|failure| Problem::invalid("--port", failure.to_string(), failure.next_step()))?;
    if let Some(seconds) = arguments.token_lifetime {
        sandbox.set_switches(Switches { token_lifetime_seconds: seconds, ..Switches::default() });
    }
    let base_url = sandbox.base_url();
    if output.is_json() {
        output.object(&json!({ "base_url": base_url, "port": sandbox.port() }))?;
    } else {
        output.line(&format!("Sandbox listening on {base_url}"))?;
        let login = format!("  POST {base_url}/login with the JSON keys username ({DEMO_USER}) and password ({DEMO_PASSWORD})");
        output.pieces(&[(Look::Quiet, &login)])?;
        output
            .pieces(&[(Look::Quiet, &format!("  GET {base_url}/orders/A-1042 with the header Authorization: Bearer TOKEN"))])?;
        output.pieces(&[(Look::Quiet, "  Ctrl-C ends it")])?;
    }
    stop.asked().await;
    sandbox.stop().await;
    Ok(Exit::Succeeded)
}
