//! Why a command could not go on: a plain sentence and the next step.

use std::fmt;
use std::io;

/// Why a command could not go on.
#[derive(Debug)]
pub struct Failure {
    what: String,
    next_step: String,
}

impl Failure {
    /// What happened, and what to do next; either is a sentence.
    pub fn new(what: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { what: what.into(), next_step: next_step.into() }
    }

    /// Turns an error of the operating system into a failure that says what was tried.
    pub fn of_trying(tried: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("Could not {tried}: {error}."), "Look at the folder's rights and the free space.")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.what, self.next_step)
    }
}
