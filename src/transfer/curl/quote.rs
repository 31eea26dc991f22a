//! Quotes a word so that a shell hands it to the program as it is.

use serde::{Deserialize, Serialize};

use super::powershell::{is_double_quote, is_single_quote};

/// The shell that a command is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum CurlShell {
    /// bash, and zsh.
    #[default]
    Bash,
    /// The command prompt of Windows.
    Cmd,
    /// PowerShell from 7.3 on.
    Powershell,
}

impl CurlShell {
    /// The program's name. On Windows the whole name is never an alias of something else, and it tells a reader that no
    /// browser wrote the command.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Bash => "curl",
            Self::Cmd | Self::Powershell => "curl.exe",
        }
    }

    /// What stands at the end of a line that goes on.
    pub(super) fn continued(self) -> &'static str {
        match self {
            Self::Bash => " \\\n  ",
            Self::Cmd => " ^\n  ",
            Self::Powershell => " `\n  ",
        }
    }

    /// The word in quotes. It holds no NUL; for cmd it holds no carriage return, which cmd can't hand on.
    pub(super) fn quoted(self, word: &str) -> String {
        match self {
            Self::Bash => for_bash(word),
            Self::Cmd => for_cmd(word),
            Self::Powershell => for_powershell(word),
        }
    }
}

/// Line breaks stand as they are, because a body is read so; other control characters would act on a terminal.
fn has_control(word: &str) -> bool {
    word.chars().any(|character| character.is_control() && character != '\n')
}

fn for_bash(word: &str) -> String {
    if !has_control(word) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut quoted = String::from("$'");
    for character in word.chars() {
        match character {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.extend(["\\u", &format!("{:04x}", u32::from(control))]),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

/// First for the program, which takes `\"` for a quote and two backslashes for one before it; then for cmd, for which no
/// quote is ever open because `^` stands before each, so that every other special character can have its `^` too.
fn for_cmd(word: &str) -> String {
    let mut quoted = String::from("^\"");
    let mut backslashes = 0;
    let write = |quoted: &mut String, character: char| match character {
        '\n' => quoted.push_str("^\n\n"),
        '^' | '"' | '&' | '|' | '<' | '>' | '(' | ')' | '%' | '!' => quoted.extend(['^', character]),
        other => quoted.push(other),
    };
    for character in word.chars() {
        if character == '"' {
            quoted.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if character == '\\' { backslashes + 1 } else { 0 };
        write(&mut quoted, character);
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push_str("^\"");
    quoted
}

fn for_powershell(word: &str) -> String {
    if !has_control(word) {
        let mut quoted = String::from("'");
        for character in word.chars() {
            if is_single_quote(character) {
                quoted.push(character);
            }
            quoted.push(character);
        }
        quoted.push('\'');
        return quoted;
    }
    let mut quoted = String::from("\"");
    for character in word.chars() {
        match character {
            '`' | '$' => quoted.extend(['`', character]),
            quote if is_double_quote(quote) => quoted.extend(['`', quote]),
            '\n' => quoted.push_str("`n"),
            '\r' => quoted.push_str("`r"),
            '\t' => quoted.push_str("`t"),
            control if control.is_control() => quoted.extend(["`u{", &format!("{:x}", u32::from(control)), "}"]),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
