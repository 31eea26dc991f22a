//! The headless program: the same engine and the same workspace folder as the window, for build servers and scripts.
//!
//! It is a client of [`latchkey::workspace::Workspace`] and decides nothing about tokens or runs itself. What it
//! prints with `--json` and its exit statuses are a public contract.

mod arguments;
mod backup;
mod breaker;
mod connector;
mod connector_file;
mod connector_view;
mod customer;
mod customer_arguments;
mod execution_view;
mod failure;
mod json_file;
mod log_export;
mod logs;
mod messenger;
mod one_line;
mod open;
mod output;
mod passphrase;
mod repeat;
mod run;
mod sandbox;
mod settings;
mod stop;
mod token;
mod token_file;
mod token_test;
mod token_view;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use failure::{Exit, Failure};
use output::Output;

fn main() -> ExitCode {
    let arguments = match arguments::parse() {
        Ok(arguments) => arguments,
        Err(exit) => return exit.into(),
    };
    let output = Output::new(arguments.json);
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(carry_out(arguments, &output)));
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

async fn carry_out(arguments: Arguments, output: &Output) -> Result<Exit, Failure> {
    let folder = arguments.workspace;
    match arguments.command {
        Command::Token { command } => token::carry_out(command, folder, output).await,
        Command::Connector { command } => connector::carry_out(command, folder, output).await,
        Command::Run(run) => run::carry_out(run, folder, output).await,
        Command::Logs(logs) => logs::carry_out(logs, folder, output).await,
        Command::Settings { command } => settings::carry_out(command, folder, output).await,
        Command::Backup { command } => backup::carry_out(command, folder, output).await,
        Command::Passphrase { command } => passphrase::carry_out(command, folder, output).await,
        Command::Customer { command } => customer::carry_out(command, folder, output).await,
        Command::Messenger(messenger) => messenger::carry_out(&messenger, folder, output).await,
        Command::Sandbox(sandbox) => sandbox::carry_out(&sandbox, output).await,
    }
}
