//! The name of an export: of what, and when; safe on every system, and never one that is taken.

use std::path::{Path, PathBuf};

/// So many exports of one thing on one day have names of their own.
const SUFFIXES: u32 = 10_000;

/// The most characters of a connector's name in the name of a file.
const LONGEST: usize = 60;

/// A path in the folder that is not taken: `latchkey-NAME-DATE.EXTENSION`, with a number behind the date if need be. `name` is
/// the connector's, or `None` for all.
pub fn free_path(folder: &Path, name: Option<&str>, date: &str, extension: &str) -> PathBuf {
    let what = name.map(safe).filter(|name| !name.is_empty()).unwrap_or_else(|| "log".to_owned());
    let numbered = |number: u32| {
        let number = if number < 2 { String::new() } else { format!("-{number}") };
        folder.join(format!("latchkey-{what}-{date}{number}.{extension}"))
    };
    // Beyond that the export itself refuses a name that is taken.
    (1..=SUFFIXES).map(numbered).find(|path| std::fs::symlink_metadata(path).is_err()).unwrap_or_else(|| numbered(1))
}

/// Letters and digits of any script, `_`, and one hyphen for everything between them.
fn safe(name: &str) -> String {
    let mut safe = String::new();
    for character in name.chars() {
        if character.is_alphanumeric() || character == '_' {
            safe.push(character);
        } else if !safe.is_empty() && !safe.ends_with('-') {
            safe.push('-');
        }
    }
    let safe: String = safe.chars().take(LONGEST).collect();
    safe.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_and_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: Option<&str>| {
            free_path(folder.path(), name, "2026-11-23", "har").file_name().unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(path(Some("Orders")), "latchkey-Orders-2026-11-23.har");
        assert_eq!(path(None), "latchkey-log-2026-11-23.har");
        assert_eq!(path(Some("../..\\a:b\u{202e}*?\"<>|\0\n c ")), "latchkey-a-b-c-2026-11-23.har");
        assert_eq!(path(Some("…")), "latchkey-log-2026-11-23.har");
        assert_eq!(path(Some(&"é".repeat(300))).chars().count(), "latchkey--2026-11-23.har".len() + LONGEST);
        std::fs::write(folder.path().join("latchkey-Orders-2026-11-23.har"), "").unwrap();
        assert_eq!(path(Some("Orders")), "latchkey-Orders-2026-11-23-2.har");
    }
}
