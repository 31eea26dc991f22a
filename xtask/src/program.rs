//! Starting other programs: shown before they run, never left behind.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;

/// Shows a command and runs it with its output as it comes; fails when it does.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    println!("$ {}", shown(command));
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status}).", shown(command)), "Its own message stands above."))
}

/// Runs a command silently; its standard output when it succeeded.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program of this name can be started, without starting it.
pub fn is_on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&path).any(|folder| folder.join(&name).is_file())
    })
}

/// A command as someone would type it.
pub fn shown(command: &Command) -> String {
    let mut line = name_of(command.get_program());
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@+%".contains(&byte);
        // Writing into a string can't fail.
        let _ = if !argument.is_empty() && argument.bytes().all(plain) {
            write!(line, " {argument}")
        } else {
            write!(line, " '{}'", argument.replace('\'', r"'\''"))
        };
    }
    line
}

/// The failure of a program that could not be started at all.
pub fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let name = name_of(command.get_program());
    Failure::new(format!("{name} could not be started: {error}."), format!("Install {name}, or look at PATH."))
}

fn name_of(program: &OsStr) -> String {
    let path = std::path::Path::new(program);
    path.file_name().unwrap_or(program).to_string_lossy().into_owned()
}

/// A program that runs beside this one and ends with it.
pub struct Beside(pub Child);

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end and only its status to collect.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_command_can_be_pasted_into_a_shell() {
        let mut command = Command::new("/usr/bin/latchkey");
        command.args(["run", "Get order status", "--input=it's", ""]);
        assert_eq!(shown(&command), r"latchkey run 'Get order status' '--input=it'\''s' ''");
    }

    #[test]
    fn a_command_that_fails_is_a_failure_that_names_it() {
        let failure = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(failure.starts_with("`sh -c 'exit 3'` failed"), "{failure}");
        assert!(run(&mut Command::new("true")).is_ok());
    }
}
