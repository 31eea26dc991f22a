//! What is asked of a measurement.

use std::time::Duration;

use crate::Failure;
use crate::tree::memory::Task;

pub const HELP: &str = "\
What the engine costs, measured in turns beside something comparable.

  --quick            a few milliseconds of each, to see that everything still works; its figures mean nothing
  --rounds N         rounds of each measurement (7)
  --only GROUP       one group: rates, pieces, processes, expired, tree, log, customers; may be repeated
  --save NAME        keep the figures as bench-results/NAME.json
  --baseline NAME    compare with bench-results/NAME.json
  --help             this text
";

/// The groups of measurements.
pub const GROUPS: [&str; 7] = ["rates", "pieces", "processes", "expired", "tree", "log", "customers"];

/// What to do.
pub enum Command {
    /// Say what can be asked.
    Help,
    /// Measure.
    Measure(Options),
    /// Be the server of a measurement.
    Serve,
    /// Measure the memory of this process.
    Memory(Task),
}

/// How to measure.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Only to see that it works.
    pub quick: bool,
    rounds: Option<usize>,
    only: Vec<String>,
    /// The name to keep the figures under.
    pub save: Option<String>,
    /// The name of the figures to compare with.
    pub baseline: Option<String>,
}

impl Options {
    /// How many rounds of turns.
    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { 7 })
    }

    /// How long one turn of a rate lasts.
    pub fn turn(&self) -> Duration {
        if self.quick { Duration::from_millis(50) } else { Duration::from_millis(1500) }
    }

    /// `many` of something, or few when it is only to be seen that it works.
    pub fn times(&self, many: usize) -> usize {
        if self.quick { many.div_ceil(50) } else { many }
    }

    /// Whether this group is to be measured.
    pub fn wants(&self, group: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == group)
    }

    /// The same as arguments.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.quick {
            arguments.push("--quick".to_owned());
        }
        let rounds = self.rounds.map(|rounds| rounds.to_string());
        let named = [("--rounds", &rounds), ("--save", &self.save), ("--baseline", &self.baseline)];
        for (name, value) in named {
            arguments.extend(value.iter().flat_map(|value| [name.to_owned(), value.clone()]));
        }
        arguments.extend(self.only.iter().flat_map(|group| ["--only".to_owned(), group.clone()]));
        arguments
    }
}

/// Reads the arguments; `cargo bench` adds a `--bench` of its own.
pub fn read(arguments: impl Iterator<Item = String>) -> Result<Command, Failure> {
    let mut options = Options { quick: false, rounds: None, only: Vec::new(), save: None, baseline: None };
    let mut arguments = arguments.filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value. See --help."));
        match argument.as_str() {
            "serve" => return Ok(Command::Serve),
            "memory" => return Ok(Command::Memory(serde_json::from_str(&value()?)?)),
            "--help" | "-h" => return Ok(Command::Help),
            "--quick" => options.quick = true,
            "--rounds" => options.rounds = Some(rounds(&value()?)?),
            "--only" => options.only.push(group(value()?)?),
            "--save" => options.save = Some(name(value()?)?),
            "--baseline" => options.baseline = Some(name(value()?)?),
            other => return Err(format!("There is no option {other}. See --help.").into()),
        }
    }
    Ok(Command::Measure(options))
}

fn rounds(text: &str) -> Result<usize, Failure> {
    let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| format!("`{text}` is no number of rounds. Give a whole number from 1 to 1000.").into())
}

fn group(text: String) -> Result<String, Failure> {
    if GROUPS.contains(&text.as_str()) {
        return Ok(text);
    }
    Err(format!("There is no group `{text}`. These exist: {}.", GROUPS.join(", ")).into())
}

/// A name becomes a part of a path.
fn name(text: String) -> Result<String, Failure> {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if !text.is_empty() && !text.starts_with('.') && text.chars().all(plain) {
        return Ok(text);
    }
    Err(format!("`{text}` can't name figures. Use letters, digits, `-`, `_` and `.`.").into())
}
