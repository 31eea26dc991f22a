//! The page's preferences, kept by tauri-plugin-store; never a secret, never a draft (T8).

use serde::{Deserialize, Serialize};

/// What the page remembers between starts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
#[serde(default)]
pub struct Preferences {
    /// Light, dark or the system's.
    pub theme: Theme,
    /// The page that was open last, such as `/connectors`.
    pub last_place: String,
}

/// Light, dark or the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each names itself")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}
