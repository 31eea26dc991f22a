//! `latchkey-desktop [--workspace DIR]`: the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let Some(folder) = latchkey::workspace::workspace_folder(folder_argument()) else {
        eprintln!("This system names no folder for application data. Start Latchkey with --workspace DIR.");
        return ExitCode::from(3);
    };
    match latchkey_desktop::run(folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The window could not be opened: {error}.");
            ExitCode::FAILURE
        }
    }
}

/// `--workspace DIR` or `--workspace=DIR`.
fn folder_argument() -> Option<PathBuf> {
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--workspace" {
            return arguments.next().map(PathBuf::from);
        }
        if let Some(folder) = argument.to_str().and_then(|text| text.strip_prefix("--workspace=")) {
            return Some(PathBuf::from(folder));
        }
    }
    None
}
