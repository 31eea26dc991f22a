//! `latchkey-desktop [--workspace DIR]`: the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Tells a program that was started again not to do so itself.
const STARTED_AGAIN: &str = "LATCHKEY_STARTED_AGAIN";
/// How long a closing window takes to be gone.
const A_MOMENT: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let Some(folder) = latchkey::workspace::workspace_folder(folder_argument()) else {
        eprintln!("This system names no folder for application data. Start Latchkey with --workspace DIR.");
        return ExitCode::from(3);
    };
    match latchkey_desktop::run(folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(tauri::Error::PluginInitialization(plugin, _)) if plugin == "single-instance" && start_again() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The window could not be opened: {error}.");
            ExitCode::FAILURE
        }
    }
}

/// Starts this program once more, as it was started. A window that is just closing still answers for its workspace, and
/// then goes away in the middle of the answer; a moment later its place is free.
fn start_again() -> bool {
    if std::env::var_os(STARTED_AGAIN).is_some() {
        return false;
    }
    std::thread::sleep(A_MOMENT);
    let Ok(program) = std::env::current_exe() else { return false };
    let mut again = std::process::Command::new(program);
    again.args(std::env::args_os().skip(1)).env(STARTED_AGAIN, "1");
    #[cfg(unix)]
    {
        // Comes back only when it failed.
        tracing::warn!(error = %std::os::unix::process::CommandExt::exec(&mut again), "the window was not started again");
        false
    }
    #[cfg(not(unix))]
    again.status().is_ok_and(|status| status.success())
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
