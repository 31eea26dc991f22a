//! What a customer's texts and tokens may be, whoever says them.

use secrecy::{ExposeSecret, SecretString};

use super::{LONGEST_TEXT, LONGEST_VALUE};

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The end of a sentence that begins with its name.
    pub why: &'static str,
    /// What to do.
    pub next_step: &'static str,
}

/// What is wrong with an email or a name.
pub fn fault_of_text(text: &str) -> Option<Fault> {
    if text.chars().count() > LONGEST_TEXT {
        return Some(Fault { why: "is longer than 255 characters", next_step: "Shorten it." });
    }
    if text.chars().any(char::is_control) {
        return Some(Fault { why: "holds a control character", next_step: "Remove it." });
    }
    None
}

/// What is wrong with a user id. White space around it would make another customer that looks the same.
pub fn fault_of_user_id(user_id: &str) -> Option<Fault> {
    if user_id.trim() != user_id {
        return Some(Fault { why: "begins or ends with white space", next_step: "Remove it." });
    }
    fault_of_text(user_id)
}

/// What is wrong with the value of a user token, which has to go into a header.
pub fn fault_of_value(value: &SecretString) -> Option<Fault> {
    // Looked at here; it goes no further.
    let text = value.expose_secret();
    if text.trim().is_empty() {
        let next_step = "Leave the token out to keep what is stored. Its value is removed in Latchkey.";
        return Some(Fault { why: "is empty", next_step });
    }
    if text.len() > LONGEST_VALUE {
        return Some(Fault { why: "is longer than 16 KiB", next_step: "Send the token itself, and nothing around it." });
    }
    if text.chars().any(char::is_control) {
        let why = "holds a line break or another control character, which can't be sent in a header";
        return Some(Fault { why, next_step: "Remove it." });
    }
    None
}
