//! What is set, as one read of the database saw it.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};
use secrecy::{ExposeSecret, SecretString};

use super::setting::{Boolean, Choice, Integer, Secret, Setting, Text, Value};
use crate::store::{StoreFailure, settings};

/// What is set; the defaults where nothing is. `Debug` tells the keys alone.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// The JSON under each key. Some of it is secret, so all of it is treated so.
    kept: BTreeMap<String, SecretString>,
}

impl Values {
    /// Everything that is set now.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn read(connection: &Connection) -> Result<Self, StoreFailure> {
        let kept = settings::list(connection)?;
        Ok(Self { kept: kept.into_iter().map(|(key, json)| (key, json.into())).collect() })
    }

    /// The value that counts: what is set, else the default.
    pub fn of(&self, setting: &Setting) -> Option<Value> {
        self.kept(setting).or_else(|| setting.default())
    }

    /// Whether a value of its own is kept, the default's equal too.
    pub fn is_set(&self, setting: &Setting) -> bool {
        self.kept(setting).is_some()
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

    /// The text that counts; empty where nothing is set.
    pub fn text(&self, setting: &Setting<Text>) -> String {
        match self.of(&setting.listed()) {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        }
    }

    /// The word that counts: one of those that the setting names.
    pub fn choice(&self, setting: &Setting<Choice>) -> &'static str {
        let chosen = self.of(&setting.listed());
        let Choice(words) = setting.kind;
        let is_chosen = |word: &&&str| matches!(&chosen, Some(Value::Text(text)) if text == **word);
        words.iter().find(is_chosen).or(words.first()).copied().unwrap_or_default()
    }

    /// The secret; `None` where none is set.
    pub fn secret(&self, setting: &Setting<Secret>) -> Option<SecretString> {
        match self.kept(&setting.listed()) {
            Some(Value::Secret(secret)) => Some(secret),
            _ => None,
        }
    }

    fn kept(&self, setting: &Setting) -> Option<Value> {
        // Read here, for whoever may know it.
        setting.read(self.kept.get(setting.key)?.expose_secret())
    }
}

impl Setting {
    /// Sets it to a value that it accepts.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn put(&self, transaction: &Transaction<'_>, value: &Value) -> Result<(), StoreFailure> {
        settings::put(transaction, self.key, &value.to_json())
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
    use crate::settings::catalogue::{
        BACKUPS_KEEP, MESSENGER_ALLOWED_ORIGINS, MESSENGER_IDENTITY_SECRET, MESSENGER_IDENTITY_VERIFICATION, SANDBOX_PORT,
        SANDBOX_STARTS_WITH_WINDOW,
    };

    fn kept(key: &str, json: &str) -> Values {
        Values { kept: BTreeMap::from([(key.to_owned(), json.into())]) }
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

    #[rstest]
    #[case::kept(r#""jwt""#, "jwt")]
    #[case::of_another_version(r#""passkey""#, "off")]
    #[case::another_type("true", "off")]
    fn a_word_that_this_version_does_not_know_counts_as_the_default(#[case] json: &str, #[case] counts: &str) {
        assert_eq!(kept("messenger.identity_verification", json).choice(&MESSENGER_IDENTITY_VERIFICATION), counts);
    }

    #[test]
    fn a_text_is_read_as_it_is_kept() {
        assert_eq!(Values::default().text(&MESSENGER_ALLOWED_ORIGINS), "");
        let set = kept("messenger.allowed_origins", r#""http://a:1 http://b""#);
        assert_eq!(set.text(&MESSENGER_ALLOWED_ORIGINS), "http://a:1 http://b");
        assert!(
            set.is_set(&MESSENGER_ALLOWED_ORIGINS.listed()) && !Values::default().is_set(&MESSENGER_ALLOWED_ORIGINS.listed())
        );
    }

    #[test]
    fn s2_a_secret_is_read_and_stands_in_no_debug_output() {
        let set = kept("messenger.identity_secret", r#""s3cret-of-the-messenger""#);
        let secret = set.secret(&MESSENGER_IDENTITY_SECRET).unwrap();
        assert_eq!(secret.expose_secret(), "s3cret-of-the-messenger");
        assert!(format!("{set:?}").contains("messenger.identity_secret"), "{set:?}");
        assert!(!format!("{set:?} {:?}", set.of(&MESSENGER_IDENTITY_SECRET.listed())).contains("s3cret"), "{set:?}");
        assert!(Values::default().secret(&MESSENGER_IDENTITY_SECRET).is_none());
    }
}
