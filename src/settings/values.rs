//! What is set, as one read of the database saw it.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use super::setting::{Boolean, Integer, Setting, Value};
use crate::store::{StoreFailure, settings};

/// What is set; the defaults where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    kept: BTreeMap<String, String>,
}

impl Values {
    /// Everything that is set now.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn read(connection: &Connection) -> Result<Self, StoreFailure> {
        Ok(Self { kept: settings::list(connection)?.into_iter().collect() })
    }

    /// The value that counts: what is set, else the default.
    pub fn of(&self, setting: &Setting) -> Option<Value> {
        let kept = self.kept.get(setting.key).and_then(|json| serde_json::from_str(json).ok());
        kept.filter(|value| setting.accepts(*value)).or_else(|| setting.default())
    }

    /// The number that counts; `None` where nothing is set and there is no default.
    pub fn integer(&self, setting: &Setting<Integer>) -> Option<u32> {
        match self.of(&setting.listed()) {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        }
    }

    /// [`Self::integer`] of a setting that has a default; of another one, the least number that it takes.
    pub fn number(&self, setting: &Setting<Integer>) -> u32 {
        self.integer(setting).unwrap_or(setting.kind.min)
    }

    /// Whether it is on.
    pub fn is_on(&self, setting: &Setting<Boolean>) -> bool {
        self.of(&setting.listed()) == Some(Value::Boolean(true))
    }
}

impl Setting {
    /// Sets it to a value that it accepts.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn put(&self, transaction: &Transaction<'_>, value: Value) -> Result<(), StoreFailure> {
        settings::put(transaction, self.key, &serde_json::json!(value).to_string())
    }

    /// From now on the default counts again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn reset(&self, transaction: &Transaction<'_>) -> Result<(), StoreFailure> {
        settings::delete(transaction, self.key).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::settings::catalogue::{BACKUPS_KEEP, SANDBOX_PORT, SANDBOX_STARTS_WITH_WINDOW};

    fn kept(key: &str, json: &str) -> Values {
        Values { kept: BTreeMap::from([(key.to_owned(), json.to_owned())]) }
    }

    #[rstest]
    #[case::kept("7", 7)]
    #[case::out_of_range("5000", 5)]
    #[case::too_large_for_any("99999999999", 5)]
    #[case::fraction("7.5", 5)]
    #[case::another_type("true", 5)]
    #[case::of_another_version(r#"{"each": 7}"#, 5)]
    #[case::no_json("seven", 5)]
    fn what_this_version_can_not_read_counts_as_the_default(#[case] json: &str, #[case] counts: u32) {
        assert_eq!(kept("backups.keep", json).number(&BACKUPS_KEEP), counts);
    }

    #[test]
    fn a_setting_without_a_default_is_not_set_at_first() {
        assert_eq!(Values::default().integer(&SANDBOX_PORT), None);
        assert_eq!(kept("sandbox.port", "47800").integer(&SANDBOX_PORT), Some(47800));
        assert!(kept("sandbox.starts_with_window", "true").is_on(&SANDBOX_STARTS_WITH_WINDOW));
        assert!(!Values::default().is_on(&SANDBOX_STARTS_WITH_WINDOW));
    }
}
