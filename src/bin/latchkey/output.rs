//! What is printed: JSON lines for scripts, plain text for people, errors on standard error.
//!
//! Servers and files say much of the text, so its control characters never reach the terminal. A reader that
//! goes away (`| head`) ends the printing, not the work.

use std::borrow::Cow;
use std::io::{self, Stdout, Write};

use anstream::{AutoStream, ColorChoice};
use latchkey::workspace::Problem;
use serde::Serialize;

use crate::failure::Failure;

/// How a piece of text looks on a terminal; elsewhere the colours are left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// A heading or a name.
    Strong,
    /// A success.
    Good,
    /// A failure.
    Bad,
    /// Beside the point.
    Quiet,
}

impl Look {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Quiet => "\x1b[2m",
        }
    }
}

/// An error as scripts read it.
#[derive(Serialize)]
struct ErrorObject<'a> {
    error: &'a Problem,
}

/// A warning as scripts read it.
#[derive(Serialize)]
struct WarningObject<'a> {
    warning: &'a Problem,
}

/// Where a command prints to.
pub struct Output {
    json: bool,
    colours: bool,
    stdout: Stdout,
}

impl Output {
    /// Text, with colours on a terminal, or JSON.
    pub fn new(json: bool) -> Self {
        let stdout = io::stdout();
        let colours = AutoStream::choice(&stdout) != ColorChoice::Never;
        Self { json, colours, stdout }
    }

    /// Whether JSON is asked for.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A line of JSON on standard output.
    ///
    /// # Errors
    /// When standard output can't be written, other than because nobody reads it.
    pub fn object(&self, value: &impl Serialize) -> Result<(), Failure> {
        // Written as it is declared: by way of a `Value`, the members would be sorted by name.
        let line = serde_json::to_string(value).map_err(io::Error::from)?;
        written(writeln!(self.stdout.lock(), "{line}"))
    }

    /// A line of text as it is: for secrets that were asked for.
    ///
    /// # Errors
    /// See [`Self::object`].
    pub fn exactly(&self, text: &str) -> Result<(), Failure> {
        written(writeln!(self.stdout.lock(), "{text}"))
    }

    /// A line of text.
    ///
    /// # Errors
    /// See [`Self::object`].
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        self.pieces(&[(Look::Plain, text)])
    }

    /// A line of differently looking pieces.
    ///
    /// # Errors
    /// See [`Self::object`].
    pub fn pieces(&self, pieces: &[(Look, &str)]) -> Result<(), Failure> {
        let line: String =
            pieces.iter().map(|(look, text)| painted(if self.colours { *look } else { Look::Plain }, &plain(text))).collect();
        written(writeln!(self.stdout.lock(), "{}", line.trim_end()))
    }

    /// Names and values, a line each, the values below one another.
    ///
    /// # Errors
    /// See [`Self::object`].
    pub fn pairs(&self, pairs: &[(&str, String)]) -> Result<(), Failure> {
        let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        pairs
            .iter()
            .try_for_each(|(name, value)| self.pieces(&[(Look::Quiet, &format!("{name:<width$}  ")), (Look::Plain, value)]))
    }

    /// A table; its last column may be of any width.
    ///
    /// # Errors
    /// See [`Self::object`].
    pub fn table<const N: usize>(&self, head: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
        let mut widths = head.map(|name| name.chars().count());
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |cells: &[&str]| {
            let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join("  ")
        };
        self.pieces(&[(Look::Quiet, line(&head).trim_end())])?;
        rows.iter().try_for_each(|row| self.line(&line(&row.each_ref().map(String::as_str))))
    }

    /// Something that people should know while they wait, on standard error. Scripts are not told.
    pub fn remark(&self, text: &str) {
        if !self.json {
            // Nothing depends on its being read.
            let _ = writeln!(anstream::stderr().lock(), "{}", plain(text));
        }
    }

    /// An error, on standard error.
    pub fn failure(&self, failure: &Failure) {
        let problem = &failure.problem;
        self.on_stderr(problem, "error:", &ErrorObject { error: problem });
    }

    /// Something that went wrong beside what was asked, on standard error.
    pub fn warning(&self, problem: &Problem) {
        self.on_stderr(problem, "warning:", &WarningObject { warning: problem });
    }

    fn on_stderr(&self, problem: &Problem, heading: &str, object: &impl Serialize) {
        let text = if self.json {
            // A problem is text throughout, so it can always be written as JSON.
            serde_json::to_string(object).map(|line| line + "\n").unwrap_or_default()
        } else {
            let at = problem.field.as_deref().map(|field| format!("  field: {}\n", plain(field))).unwrap_or_default();
            let next =
                if problem.next_step.is_empty() { String::new() } else { format!("  next: {}\n", plain(&problem.next_step)) };
            format!("{} {}\n{at}{next}", painted(Look::Bad, heading), plain(&problem.message))
        };
        // When standard error can't be written, the exit status still says it.
        let _ = anstream::stderr().lock().write_all(text.as_bytes());
    }
}

/// The text without characters that a terminal would act on; line breaks and tabs stay.
pub fn plain(text: &str) -> Cow<'_, str> {
    let acts = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .flat_map(
                |character| {
                    if acts(character) { character.escape_default().collect::<Vec<_>>() } else { vec![character] }
                },
            )
            .collect(),
    )
}

fn painted(look: Look, text: &str) -> String {
    match look.code() {
        "" => text.to_owned(),
        code => format!("{code}{text}\x1b[0m"),
    }
}

fn written(done: io::Result<()>) -> Result<(), Failure> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        assert_eq!(plain("a\x1b[2Jb\u{9b}c\r\nd"), "a\\u{1b}[2Jb\\u{9b}c\\r\nd", "a server must not steer the terminal");
        assert_eq!(plain("größer 日本"), "größer 日本", "letters of every language stay");
    }
}
