//! The commands and options, as `latchkey --help` shows them.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use latchkey::execution::{ErrorType, SourceType};
use latchkey::workspace::{ExportFormat, Problem};

use crate::customer_arguments::CustomerCommand;
use crate::failure::{Exit, Failure};
use crate::output::Output;

const AFTER_HELP: &str = "\
Exit status: 0 done and succeeded; 1 the execution failed or was refused; 2 wrong use or an invalid file;
3 the workspace can't be opened.

The workspace is opened with LATCHKEY_PASSPHRASE if that is set and the workspace has a passphrase (a new
workspace gets it as its passphrase), else with the operating system's keyring.";

/// Authentication tokens for data connectors: set up, tested, refreshed and watched on your own machine.
#[derive(Parser)]
#[command(name = "latchkey", version, about, after_help = AFTER_HELP, arg_required_else_help = true)]
pub struct Arguments {
    /// The workspace's folder; else `LATCHKEY_WORKSPACE`, else the platform's data directory
    #[arg(long, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Set up, test and refresh tokens
    Token {
        /// What to do with tokens.
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Set up data connectors
    Connector {
        /// What to do with connectors.
        #[command(subcommand)]
        command: ConnectorCommand,
    },
    /// Run a connector, once or many times
    Run(RunArguments),
    /// The recorded executions, of one connector or of all, newest first
    Logs(LogsArguments),
    /// Look at and change settings
    Settings {
        /// What to do with settings.
        #[command(subcommand)]
        command: SettingsCommand,
    },
    /// Back the database up, and restore it
    Backup {
        /// What to do with backups.
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// Protect the workspace with a passphrase
    Passphrase {
        /// What to do with the passphrase.
        #[command(subcommand)]
        command: PassphraseCommand,
    },
    /// The customers for whom connectors run, and the user tokens that they hold
    Customer {
        /// What to do with customers.
        #[command(subcommand)]
        command: CustomerCommand,
    },
    /// Serve the Messenger on 127.0.0.1, through which other systems set user tokens, until Ctrl-C
    Messenger(MessengerArguments),
    /// Serve a demo login endpoint and a demo API on 127.0.0.1, until Ctrl-C; needs no workspace
    Sandbox(SandboxArguments),
}

/// What to do with tokens.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Save a token from a JSON file; the request of an `http_request` token is tested first
    Add(AddArguments),
    /// All tokens
    List,
    /// One token, its secrets masked
    Show(Name),
    /// Send an authentication request without saving or storing anything
    Test {
        /// The name of a saved token, or a token file (`-`: standard input)
        #[arg(value_name = "NAME_OR_FILE")]
        subject: String,
    },
    /// Ask the login endpoint for a new value now
    Refresh(Name),
    /// Forget the stored value; the next run fetches it again
    Forget(Name),
    /// Print the stored value itself
    Reveal(Name),
    /// Delete a token that no connector uses
    Delete(Name),
}

/// What to do with connectors.
#[derive(Subcommand)]
pub enum ConnectorCommand {
    /// Save a connector from a JSON file, as a draft
    Add(AddArguments),
    /// All connectors
    List,
    /// One connector: its draft copy if it has one, else what is live; header values are never shown
    Show(Name),
    /// Set a connector, or its draft copy, live
    Live(Name),
    /// Set a connector back to draft
    Draft(Name),
    /// Delete a draft connector and its log
    Delete(Name),
    /// A connector's circuit breaker: show it, or close (`reset`) or open (`isolate`) it by hand
    Breaker(BreakerArguments),
}

/// A connector's circuit breaker.
#[derive(Args)]
pub struct BreakerArguments {
    /// The connector's name
    pub name: String,
    /// What to do with it; else it is shown
    pub action: Option<BreakerAction>,
}

/// What can be done with a circuit breaker by hand.
#[derive(Clone, Copy, ValueEnum)]
pub enum BreakerAction {
    /// Close it, and forget what it counted
    Reset,
    /// Open it until it is reset: nothing is sent
    Isolate,
}

/// What to do with settings.
#[derive(Subcommand)]
pub enum SettingsCommand {
    /// All settings with their values
    List,
    /// Print the value of one; of a secret, whether it is set
    Get {
        /// Its dotted key
        key: String,
    },
    /// Set one, or let its default count again
    Set(SetArguments),
}

/// What to do with backups.
#[derive(Subcommand)]
pub enum BackupCommand {
    /// All backups, newest first; the database is not opened
    List,
    /// Make a backup now
    Now,
    /// Put a backup in the database's place; the present database is set aside, never deleted
    Restore(RestoreArguments),
}

/// What to restore.
#[derive(Args)]
pub struct RestoreArguments {
    /// The backup's name, as listed; or `empty`: start with an empty database
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What to do with the passphrase.
#[derive(Subcommand)]
pub enum PassphraseCommand {
    /// Set or change it: asked for on a terminal, else one line of standard input, or `LATCHKEY_NEW_PASSPHRASE`
    Set,
    /// Remove it; the keyring keeps the key from then on, and nothing is changed when it can't
    Remove,
}

/// What to set a setting to.
#[derive(Args)]
pub struct SetArguments {
    /// Its dotted key
    pub key: String,
    /// The value, `@FILE` for the line in a file, or `-` for a line of standard input; a secret only from these two
    #[arg(value_name = "VALUE|@FILE|-", required_unless_present = "default", allow_negative_numbers = true)]
    pub value: Option<String>,
    /// Let the default count again
    #[arg(long, conflicts_with = "value")]
    pub default: bool,
}

/// A file to save.
#[derive(Args)]
pub struct AddArguments {
    /// The JSON file; `-` is standard input
    pub file: PathBuf,
    /// Replace the one of the same name
    #[arg(long)]
    pub replace: bool,
}

/// A name.
#[derive(Args)]
pub struct Name {
    /// Its name
    pub name: String,
}

/// How to run a connector.
#[derive(Args)]
pub struct RunArguments {
    /// The connector's name
    pub connector: String,
    /// The value of a data input; once for each input
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub inputs: Vec<(String, String)>,
    /// What triggers the run
    #[arg(long, default_value = SourceType::Test.name(), value_parser = source())]
    pub source: SourceType,
    /// The customer for whom it runs, recorded with it
    #[arg(long, value_name = "USER_ID", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub customer: Option<String>,
    /// Run it so many times and print a summary instead of the result
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub repeat: Option<u32>,
    /// At most so many runs at the same time
    #[arg(long, value_name = "C", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub concurrency: u16,
}

/// Which executions to list.
#[derive(Args)]
pub struct LogsArguments {
    /// The connector's name; all connectors without one
    pub connector: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// Only successes, or only failures
    #[arg(long, value_name = "true|false", action = clap::ArgAction::Set)]
    pub success: Option<bool>,
    /// Only this outcome
    #[arg(long, value_name = "TYPE", value_parser = error_type())]
    pub error_type: Option<ErrorType>,
    /// Only this status of the API's last answer: 404, a class such as 4xx, or none for no answer
    #[arg(long, value_name = "N|Nxx|none")]
    pub status: Option<String>,
    /// Only what this source triggered
    #[arg(long, value_parser = source())]
    pub source: Option<SourceType>,
    /// Only for the customer with this `user_id`
    #[arg(long, value_name = "USER_ID")]
    pub customer: Option<String>,
    /// Only what began then or later: a date, a time with its zone (RFC 3339), or how long ago, such as 30m, 2h or 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only what began before: written as for --since; of a date, before it begins
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only what holds all these words in its requests, responses or sentence; the last one may be a beginning
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// Only this execution
    #[arg(long, value_name = "EXECUTION_ID")]
    pub id: Option<String>,
    /// Write every execution that fits for other programs to read, however many there are
    #[arg(long, value_name = "har|jsonl", value_parser = export_format(), conflicts_with = "limit")]
    pub export: Option<ExportFormat>,
    /// To this new file instead of standard output
    #[arg(long, value_name = "FILE", requires = "export")]
    pub output: Option<PathBuf>,
}

/// How to serve the Messenger.
#[derive(Args)]
pub struct MessengerArguments {
    /// The port to listen on this once, 0 for any free one; else the one it had last, or 47900
    #[arg(long, value_name = "P")]
    pub port: Option<u16>,
}

/// How to serve the sandbox.
#[derive(Args)]
pub struct SandboxArguments {
    /// The port to listen on, 0 for any free one; else 47800 if it is free, or any other
    #[arg(long, value_name = "P")]
    pub port: Option<u16>,
    /// How long an issued token lives
    #[arg(long, value_name = "SECONDS")]
    pub token_lifetime: Option<u32>,
}

/// The arguments of this process. Help and wrong use are printed here.
pub fn parse() -> Result<Arguments, Exit> {
    Arguments::try_parse().map_err(|error| {
        let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
        if !asked && std::env::args_os().any(|argument| argument == OsStr::new("--json")) {
            Output::new(true).failure(&Failure::wrong_use(problem(&error)));
        } else {
            // Printing fails when nobody reads any more, and then there is nobody to tell.
            let _ = error.print();
        }
        if asked { Exit::Succeeded } else { Exit::WrongUse }
    })
}

/// Clap's error as the object that `--json` prints.
fn problem(error: &clap::Error) -> Problem {
    let text = error.render().to_string();
    let sentence = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let field =
        [ContextKind::InvalidArg, ContextKind::InvalidSubcommand].into_iter().find_map(|kind| match error.get(kind)? {
            ContextValue::String(name) => Some(name.clone()),
            ContextValue::Strings(names) => Some(names.join(", ")),
            _ => None,
        });
    let invalid = Problem::invalid("", sentence, "Try latchkey --help.");
    Problem { field, ..invalid }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

fn source() -> impl TypedValueParser<Value = SourceType> {
    PossibleValuesParser::new(SourceType::ALL.map(SourceType::name))
        .try_map(|name| SourceType::from_name(&name).ok_or("there is no such source"))
}

fn error_type() -> impl TypedValueParser<Value = ErrorType> {
    PossibleValuesParser::new(ErrorType::ALL.map(ErrorType::name))
        .try_map(|name| ErrorType::from_name(&name).ok_or("there is no such error type"))
}

fn export_format() -> impl TypedValueParser<Value = ExportFormat> {
    PossibleValuesParser::new(["har", "jsonl"]).map(|name| if name == "har" { ExportFormat::Har } else { ExportFormat::Jsonl })
}
