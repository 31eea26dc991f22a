//! After a test: no secret that took part stands in a file of the workspace, in what was recorded or told, or in what
//! was logged on the way (S1, S2, T8). The database says itself which secrets it keeps, so a test can't forget any.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "each test program uses its own part, and a sweep may fail")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, Once};

use aho_corasick::AhoCorasick;
use latchkey::settings::{Kind, find};
use latchkey::store::Database;
use latchkey::vault::DATABASE_FILE;
use rusqlite::types::ValueRef;
use serde_json::Value;

use super::traces::{SHORTEST, Traces, around};

/// The columns whose purpose is to hold secrets; of those with JSON, only the fields that are marked as secret.
const FOR_SECRETS: [(&str, &str); 5] = [
    ("token_values", "value"),
    ("tokens", "config"),
    ("connectors", "live"),
    ("connectors", "draft"),
    ("customer_tokens", "value"),
];

/// So many bytes of a test's texts are read in every way; beyond that, as in a log of thousands of runs that are all
/// alike, the likely spellings are searched for.
const READ_IN_EVERY_WAY: usize = 512 * 1024;

/// What a test must not find anywhere, and the texts in which it is looked for.
#[derive(Default)]
pub struct Sweep {
    secrets: BTreeSet<String>,
    texts: Vec<(String, String)>,
}

/// Whether the setting of this key is a secret: the column of values holds those and others.
fn is_secret(key: &str) -> bool {
    find(key).is_ok_and(|setting| matches!(setting.kind, Kind::Secret(_)))
}

impl Sweep {
    /// Looks for this secret too. Shorter ones than six characters may stand in other words (S2).
    pub fn secret(&mut self, secret: &str) {
        if secret.chars().count() >= SHORTEST {
            self.secrets.insert(secret.to_owned());
        }
    }

    /// Looks in this text too.
    pub fn text(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.texts.push((place.into(), text.into()));
    }

    /// Every text of every table, except what is there to be secret, which is what is looked for.
    pub fn database(&mut self, database: &Database) {
        let rows = database.read(|connection| {
            let tables: Vec<String> = connection
                .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut found = Vec::new();
            for table in tables {
                let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
                let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    for (index, column) in columns.iter().enumerate() {
                        if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(index)? {
                            found.push((table.clone(), column.clone(), String::from_utf8_lossy(bytes).into_owned()));
                        }
                    }
                }
            }
            Ok(found)
        });
        let mut setting = None;
        for (table, column, text) in rows.unwrap() {
            if (table.as_str(), column.as_str()) == ("settings", "key") {
                setting = Some(text.clone());
            }
            let text = if FOR_SECRETS.contains(&(table.as_str(), column.as_str())) {
                self.public_part(&text)
            } else if (table.as_str(), column.as_str()) == ("settings", "value") && setting.as_deref().is_some_and(is_secret) {
                self.public_part(&serde_json::from_str::<String>(&text).unwrap())
            } else {
                text
            };
            self.text(format!("{table}.{column}"), text);
        }
    }

    /// What is left of a column for secrets: nothing of a value, and of a configuration all but its secret fields.
    fn public_part(&mut self, text: &str) -> String {
        let Ok(mut config @ Value::Object(_)) = serde_json::from_str(text) else {
            self.secret(text);
            return String::new();
        };
        self.take_secret_fields(&mut config);
        config.to_string()
    }

    /// Learns the secret fields of a token or connector, and takes them out of it.
    pub fn take_secret_fields(&mut self, config: &mut Value) {
        match config {
            Value::Object(members) if members.get("secret") == Some(&Value::Bool(true)) => {
                if let Some(Value::String(secret)) = members.remove("value") {
                    self.secret(&secret);
                }
            }
            Value::Object(members) => members.values_mut().for_each(|member| self.take_secret_fields(member)),
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.take_secret_fields(element)),
            _ => {}
        }
    }

    /// The database of a workspace, if there is one that its key opens.
    pub fn database_in(&mut self, workspace: &Path, key_hex: &str) {
        // Looked for first: opening would make one.
        if workspace.join(DATABASE_FILE).exists()
            && let Ok(database) = Database::open(workspace.join(DATABASE_FILE), key_hex)
        {
            self.database(&database);
        }
    }

    /// Every trace of a secret in the texts, in the files of this folder, and in what was logged since the program began.
    pub fn findings(&self, folder: &Path) -> Vec<String> {
        let mut findings = Vec::new();
        let spellings: Vec<_> = self.secrets.iter().flat_map(|secret| super::traces::spellings(secret)).collect();
        let search = AhoCorasick::new(&spellings).unwrap();
        let mut read = 0;
        for (place, text) in &self.texts {
            read += text.len();
            if read > READ_IN_EVERY_WAY {
                findings.extend(search.find(text).map(|found| {
                    let spelling = &spellings[found.pattern().as_usize()];
                    format!("{spelling:?} stands in {place}: {}", around(text, spelling))
                }));
                continue;
            }
            let traces = Traces::of(text.as_bytes());
            for secret in &self.secrets {
                if let Some(reading) = traces.reading(secret) {
                    findings.push(format!("{secret:?} stands in {place} ({reading}): {}", around(text, secret)));
                }
            }
        }
        for (path, bytes) in files(folder) {
            findings.extend(search.find(&bytes).map(|found| {
                let spelling = &spellings[found.pattern().as_usize()];
                format!("{spelling:?} stands in the file {}", path.display())
            }));
        }
        let log = LOG.lock().unwrap();
        findings.extend(search.find(&*log).map(|found| {
            let spelling = &spellings[found.pattern().as_usize()];
            format!("{spelling:?} was logged: {}", around(&String::from_utf8_lossy(&log), spelling))
        }));
        findings
    }

    /// Fails when a secret is found.
    #[track_caller]
    pub fn assert_clean(&self, folder: &Path) {
        let findings = self.findings(folder);
        assert!(findings.is_empty(), "a secret lies about:\n{}", findings.join("\n"));
    }
}

/// All files of a folder and its folders, whatever they hold.
pub fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    // A folder that is not there has no files; a file may go away while it is looked at.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Keeps everything that this process logs from now on, at every level. One process has one log.
pub fn keep_log() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(|| Log).init();
    });
}

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
