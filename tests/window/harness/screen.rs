//! A screen in memory. Xvfb picks a free display itself, so that two runs on one machine never meet.

use std::process::Stdio;

use crate::failure::Failure;
use crate::folders::Folders;
use crate::process::Process;
use crate::wait::WAIT;

/// A running Xvfb.
pub(crate) struct Screen {
    display: String,
    _server: Process,
}

impl Screen {
    /// Starts a screen that is larger than any window a test asks for.
    pub(crate) fn start(folders: &Folders) -> Result<Self, Failure> {
        let arguments = ["-displayfd", "1", "-screen", "0", "1700x1100x24", "-nolisten", "tcp", "-noreset"].map(AsRef::as_ref);
        let mut server = Process::start("Xvfb", &arguments, &[], &folders.log("screen"), Stdio::null(), Stdio::piped())?;
        let display = format!(":{}", server.first_line(WAIT)?);
        Ok(Self { display, _server: server })
    }

    /// What `DISPLAY` must say.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }
}
