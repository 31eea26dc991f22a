//! Reads the JSON files that people write: every member is taken by name and type, what is left over is refused,
//! and every fault names its field by its path, such as `request.headers[0].value`. Values are never repeated in one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use latchkey::workspace::Problem;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The largest file, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The members of one JSON object that have not been taken yet. `null` counts as not given.
pub struct Members {
    path: String,
    left: Map<String, Value>,
    known: Vec<&'static str>,
}

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// When it can't be read, or is not one JSON object.
pub fn read(file: &Path) -> Result<Members, Problem> {
    let named = if file == Path::new("-") { "Standard input".to_owned() } else { format!("The file {}", file.display()) };
    let bytes = contents(file).map_err(|error| {
        Problem::invalid("FILE", format!("{named} can't be read: {error}."), "Name a JSON file, or - for standard input.")
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(Problem::invalid("FILE", format!("{named} is larger than 16 MiB."), "Name a smaller file."));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match serde_json::from_slice(text) {
        Ok(Value::Object(members)) => Ok(Members::new(String::new(), members)),
        Ok(_) => Err(Problem::invalid("FILE", format!("{named} does not hold a JSON object."), "Write one object in braces.")),
        Err(error) => Err(Problem::invalid("FILE", format!("{named} is not valid JSON: {error}."), "Correct it there.")),
    }
}

fn contents(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

impl Members {
    fn new(path: String, left: Map<String, Value>) -> Self {
        Self { path, left, known: Vec::new() }
    }

    /// The path of a member.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Whether there is a member of this name that was not read yet, whatever its value.
    pub fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Any value.
    pub fn value(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// A string.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(&self.at(name), "a string in quotes", &other)),
        }
    }

    /// A string that has to be there.
    pub fn needed(&mut self, name: &'static str) -> Result<String, Problem> {
        let text = self.text(name)?;
        text.ok_or_else(|| self.missing(name))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(wrong(&self.at(name), "true or false", &other)),
        }
    }

    /// A whole number from 0 to 4,294,967,295.
    pub fn number(&mut self, name: &'static str) -> Result<Option<u32>, Problem> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(wrong(&self.at(name), "a whole number from 0 to 4294967295", &value)),
            },
        }
    }

    /// One of these words.
    pub fn choice<T: DeserializeOwned>(&mut self, name: &'static str, choices: &[&str]) -> Result<Option<T>, Problem> {
        let at = self.at(name);
        self.text(name)?.map(|word| one_of(&at, word, choices)).transpose()
    }

    /// Some of these words.
    pub fn choices<T: DeserializeOwned>(&mut self, name: &'static str, choices: &[&str]) -> Result<Vec<T>, Problem> {
        let at = self.at(name);
        let words = self.texts(name)?.unwrap_or_default();
        words.into_iter().enumerate().map(|(index, word)| one_of(&format!("{at}[{index}]"), word, choices)).collect()
    }

    /// An array of strings.
    pub fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>, Problem> {
        let Some(elements) = self.array(name)? else { return Ok(None) };
        let at = self.at(name);
        let text = |(index, element)| match element {
            Value::String(text) => Ok(text),
            other => Err(wrong(&format!("{at}[{index}]"), "a string in quotes", &other)),
        };
        elements.into_iter().enumerate().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// An object.
    pub fn object(&mut self, name: &'static str) -> Result<Option<Self>, Problem> {
        let at = self.at(name);
        self.value(name).map(|value| object(at, value)).transpose()
    }

    /// Reads every object of an array.
    pub fn each<T>(&mut self, name: &'static str, read: impl Fn(&mut Self) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
        let at = self.at(name);
        let elements = self.array(name)?.unwrap_or_default().into_iter().enumerate();
        elements
            .map(|(index, element)| {
                let mut members = object(format!("{at}[{index}]"), element)?;
                let element = read(&mut members)?;
                members.finish()?;
                Ok(element)
            })
            .collect()
    }

    /// The fault of a member that has to be there.
    pub fn missing(&self, name: &str) -> Problem {
        let field = self.at(name);
        Problem::invalid(&field, format!("{field} is missing."), "Add it to the file.")
    }

    /// Refuses what was not taken.
    pub fn finish(self) -> Result<(), Problem> {
        let Some(name) = self.left.keys().next() else { return Ok(()) };
        let field = self.at(name);
        let message = format!("{field} is unknown.");
        Err(Problem::invalid(field, message, format!("Known here are {}.", self.known.join(", "))))
    }

    fn array(&mut self, name: &'static str) -> Result<Option<Vec<Value>>, Problem> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(elements)) => Ok(Some(elements)),
            Some(other) => Err(wrong(&self.at(name), "an array", &other)),
        }
    }
}

fn object(at: String, value: Value) -> Result<Members, Problem> {
    match value {
        Value::Object(members) => Ok(Members::new(at, members)),
        other => Err(wrong(&at, "an object in braces", &other)),
    }
}

fn one_of<T: DeserializeOwned>(at: &str, word: String, choices: &[&str]) -> Result<T, Problem> {
    let known = choices.contains(&word.as_str());
    known.then(|| serde_json::from_value(Value::String(word)).ok()).flatten().ok_or_else(|| {
        Problem::invalid(
            at,
            format!("{at} is none of the words that it can be."),
            format!("Write one of {}.", choices.join(", ")),
        )
    })
}

/// The fault of a value of the wrong kind; the value itself may be a secret.
pub fn wrong(at: &str, expected: &str, found: &Value) -> Problem {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Problem::invalid(at, format!("{at} must be {expected}, and is {found}."), "Correct it in the file.")
}
