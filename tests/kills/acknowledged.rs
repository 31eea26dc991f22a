//! What the children acknowledged, kept outside of the workspace, and looked for in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use latchkey::store::Database;
use latchkey::vault::DATABASE_FILE;
use latchkey::workspace::Workspace;

use crate::support::bench::open;
use crate::work::fingerprint;

/// Longer than anything here takes that is not held up by a dead process.
const SECONDS: Duration = Duration::from_secs(10);

/// Everything that was acknowledged so far.
#[derive(Default)]
pub struct Acknowledged {
    executions: BTreeSet<String>,
    /// Of each token the newest generation, and its value if that was told.
    generations: BTreeMap<String, (u32, Option<u64>)>,
    /// Of each connector and setting the greatest number.
    numbers: BTreeMap<String, u32>,
    writes: usize,
}

impl Acknowledged {
    /// Takes down what a child said.
    pub fn hear(&mut self, lines: &[String]) {
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            self.writes += usize::from(["generation", "value", "connector", "setting"].contains(&words[0]));
            match words[..] {
                ["execution", id] => assert!(self.executions.insert(id.to_owned()), "{id} is one execution"),
                ["generation", token, generation] => self.hear_generation(token, generation, None),
                ["value", token, generation, value] => self.hear_generation(token, generation, value.parse().ok()),
                ["connector" | "setting", name, number] => {
                    let known = self.numbers.entry(name.to_owned()).or_default();
                    *known = (*known).max(number.parse().unwrap());
                }
                _ => {}
            }
        }
    }

    fn hear_generation(&mut self, token: &str, generation: &str, value: Option<u64>) {
        let generation: u32 = generation.parse().unwrap();
        let known = self.generations.entry(token.to_owned()).or_default();
        if generation > known.0 || (generation == known.0 && known.1.is_none()) {
            *known = (generation, value);
        }
    }

    /// How many executions, and how many writes of values and configurations, were acknowledged.
    pub fn counts(&self) -> (usize, usize) {
        (self.executions.len(), self.writes)
    }

    /// Opens the workspace as the next program does, and finds everything in it.
    pub async fn assert_kept(&self, folder: &Path) -> Workspace {
        let workspace = in_seconds("opening after a kill", open(folder)).await;
        let database = database(folder);
        database.check().unwrap_or_else(|failure| panic!("a kill damaged the database: {failure}"));
        self.assert_executions(&database);
        self.assert_values(&database);
        self.assert_numbers(&workspace).await;
        workspace
    }

    fn assert_executions(&self, database: &Database) {
        let recorded = database.read(|connection| {
            let mut statement = connection
                .prepare("SELECT executions.id, execution_records.record FROM executions JOIN execution_records USING (seq)")?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            Ok(rows.collect::<Result<BTreeMap<_, _>, _>>()?)
        });
        let recorded = recorded.unwrap();
        for id in &self.executions {
            let record = recorded.get(id).unwrap_or_else(|| panic!("execution {id} was acknowledged and is gone"));
            assert!(record.contains(id) && record.ends_with('}'), "the record of {id} is whole");
        }
    }

    fn assert_values(&self, database: &Database) {
        let stored = database.read(|connection| {
            let mut statement = connection.prepare("SELECT token_id, generation, value FROM token_values")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
            Ok(rows.collect::<Result<BTreeMap<String, (u32, Option<String>)>, _>>()?)
        });
        let stored = stored.unwrap();
        for (token, (generation, value)) in &self.generations {
            let (stored_generation, stored_value) = &stored[token];
            assert!(stored_generation >= generation, "{token} went back from {generation} to {stored_generation}");
            if let (true, Some(value)) = (stored_generation == generation, value) {
                let stored_value = stored_value.as_deref().unwrap_or_default();
                assert_eq!(fingerprint(stored_value), *value, "the value of generation {generation} is another one");
            }
        }
    }

    async fn assert_numbers(&self, workspace: &Workspace) {
        for (name, number) in &self.numbers {
            let now = if name.contains('.') {
                workspace.settings().get(name).await.unwrap().value.unwrap_or_default()
            } else {
                workspace.connectors().get(name).await.unwrap().draft.description
            };
            assert!(now.parse::<u32>().unwrap() >= *number, "{name} went back from {number} to {now}");
        }
    }
}

/// Fails when something takes so long that a dead process must be holding it up.
pub async fn in_seconds<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    tokio::time::timeout(SECONDS, awaited).await.unwrap_or_else(|_| panic!("{what} hangs"))
}

/// The workspace's database, past the public face.
pub fn database(folder: &Path) -> Database {
    Database::open(folder.join("workspace").join(DATABASE_FILE), &key_hex(folder)).unwrap()
}

/// The key of this workspace; a creation that was killed may have left others.
pub fn key_hex(folder: &Path) -> String {
    let vault: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("workspace/vault.json")).unwrap()).unwrap();
    let key = folder.join("keyring").join(format!("{}.key", vault["workspace_id"].as_str().unwrap()));
    std::fs::read(key).unwrap().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
