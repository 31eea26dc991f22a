//! A program that a test starts and that never outlives it: it leads a process group that is killed on drop, and
//! the kernel kills it should the test itself be killed first.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::failure::Failure;

/// A running program and everything that it started.
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts a program with its errors written to `log`. The environment is the test's own plus `environment`.
    pub(crate) fn start(
        program: &str,
        arguments: &[&OsStr],
        environment: &[(String, String)],
        log: &Path,
        stdin: Stdio,
        stdout: Stdio,
    ) -> Result<Self, Failure> {
        let errors = File::options().create(true).append(true).open(log)?;
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", program])
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(stdin)
            .stdout(stdout)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(|error| Failure::Start { program: program.to_owned(), reason: error.to_string() })?;
        Ok(Self { name: program.to_owned(), child })
    }

    /// The operating system's number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The pipe to its standard input, if it was asked for and not yet taken.
    pub(crate) fn take_stdin(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// The first line that it prints; fails when it ends, or says nothing within `patience`.
    pub(crate) fn first_line(&mut self, patience: Duration) -> Result<String, Failure> {
        let failure = |reason: String| Failure::Start { program: self.name.clone(), reason };
        let stdout = self.child.stdout.take().ok_or_else(|| failure("its output is not read".to_owned()))?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(read_line(stdout)));
        match receiver.recv_timeout(patience) {
            Ok(Ok(line)) if !line.is_empty() => Ok(line),
            Ok(Ok(_)) => Err(failure("it ended without saying where it listens".to_owned())),
            Ok(Err(error)) => Err(failure(error.to_string())),
            Err(_) => Err(failure(format!("it said nothing for {} s", patience.as_secs()))),
        }
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> Result<bool, Failure> {
        Ok(self.child.try_wait()?.is_none())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Nothing is left to be done for a group that is gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Reads one line byte by byte, so that nothing after it is swallowed, then keeps the pipe drained: a program that
/// prints more must not block or die of a closed pipe.
fn read_line(mut stdout: ChildStdout) -> std::io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while stdout.read(&mut byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}
