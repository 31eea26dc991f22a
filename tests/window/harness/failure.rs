//! Why a test could not go on. `Debug` is the sentence itself, because that is what the test runner prints.

use std::fmt;

use thirtyfour::error::WebDriverError;
use thiserror::Error;

/// Why a test could not go on.
#[derive(Error)]
pub enum Failure {
    /// An environment variable that says what to test is missing.
    #[error("{0} is not set: it names the program to test. `cargo xtask test` sets it.")]
    NotTold(&'static str),
    /// A program would not start.
    #[error("{program} did not start: {reason}")]
    Start {
        /// What was started.
        program: String,
        /// Why not.
        reason: String,
    },
    /// What was waited for did not happen.
    #[error("waited {seconds} s for {what}{last}")]
    Waited {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
        /// What was seen last, when that says more.
        last: String,
    },
    /// The page is not as the test needs it.
    #[error("{0}")]
    Page(String),
    /// The WebDriver refused a command.
    #[error("the WebDriver refused: {0}")]
    Driver(#[from] WebDriverError),
    /// A file or process could not be reached.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
