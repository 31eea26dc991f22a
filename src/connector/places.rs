//! The places where a value of an input may stand, and what keeps it inside them (E10).

use std::fmt::Write as _;

/// Why a template can't be written with these values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    /// The template names an input that the connector does not have.
    #[error("The connector has no input “{name}”.")]
    UnknownInput {
        /// The name.
        name: String,
    },
    /// A header can't hold line breaks and other control characters.
    #[error("The input “{name}” holds a line break or another control character, which a header can't carry.")]
    ControlInHeader {
        /// The input.
        name: String,
    },
    /// The value would make a path segment `.` or `..`, and so another path.
    #[error("The input “{name}” would change the path of the URL, because a segment of it would read “.” or “..”.")]
    DotSegment {
        /// The input.
        name: String,
    },
    /// XML has no way to write this control character.
    #[error("The input “{name}” holds a control character, which XML can't carry.")]
    ControlInXml {
        /// The input.
        name: String,
    },
    /// An input stands before the path of the URL.
    #[error("The URL takes its scheme, host or port from an input.")]
    OpenHost,
}

impl RenderFault {
    /// The input that it is about; `None` when the template itself is at fault.
    pub fn input(&self) -> Option<&str> {
        match self {
            Self::ControlInHeader { name } | Self::DotSegment { name } | Self::ControlInXml { name } => Some(name),
            Self::UnknownInput { .. } | Self::OpenHost => None,
        }
    }

    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::UnknownInput { .. } => "Add the data input, or correct its name in the connector.",
            Self::ControlInHeader { .. } | Self::ControlInXml { .. } => "Give a value on one line, without control characters.",
            Self::DotSegment { .. } => "Give the value that the API expects at this place of the URL.",
            Self::OpenHost => "Write the scheme, host and port into the connector's URL, and use inputs after them.",
        }
    }
}

/// Whether the JSON text read so far ends inside a string.
#[derive(Default)]
pub(super) struct JsonContext {
    pub(super) in_string: bool,
    after_backslash: bool,
}

impl JsonContext {
    pub(super) fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            if self.after_backslash {
                self.after_backslash = false;
            } else if byte == b'\\' && self.in_string {
                self.after_backslash = true;
            } else if byte == b'"' {
                self.in_string = !self.in_string;
            }
        }
    }
}

/// The path segment that is being written. URL parsers take `.` and `..` (also as `%2e`) for steps
/// to another path, and encoding can't prevent it, so a value that makes one is refused.
#[derive(Default)]
pub(super) struct PathSegment<'a> {
    text: String,
    from_input: Option<&'a str>,
    after_path: bool,
}

impl<'a> PathSegment<'a> {
    pub(super) fn literal(&mut self, character: char) -> Result<(), RenderFault> {
        match character {
            '/' | '\\' => self.end(),
            '?' | '#' => {
                self.end()?;
                self.after_path = true;
                Ok(())
            }
            other => {
                self.text.push(other);
                Ok(())
            }
        }
    }

    pub(super) fn value(&mut self, name: &'a str, encoded: &str) {
        self.text.push_str(encoded);
        self.from_input = Some(name);
    }

    pub(super) fn end(&mut self) -> Result<(), RenderFault> {
        let text = std::mem::take(&mut self.text).to_ascii_lowercase().replace("%2e", ".");
        match self.from_input.take() {
            Some(name) if !self.after_path && (text == "." || text == "..") => {
                Err(RenderFault::DotSegment { name: name.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// Writes `text` so that it stands for itself in XML content and attributes; `None` when it holds
/// what XML 1.0 (section 2.2) can't write at all.
pub(super) fn escape_xml(text: &str, out: &mut String) -> Option<()> {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // As they are, an attribute would turn them into spaces.
            '\t' | '\n' | '\r' => write!(out, "&#{};", u32::from(character)).ok()?,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => return None,
            other => out.push(other),
        }
    }
    Some(())
}
