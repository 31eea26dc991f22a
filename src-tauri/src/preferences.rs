//! The page's preferences, kept by tauri-plugin-store; never a secret, never a draft (T8).

use latchkey::response::PathForm;
use latchkey::workspace::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use tauri::AppHandle;
use tauri_plugin_store::StoreExt;

const FILE: &str = "preferences.json";
const KEY: &str = "page";

/// What the page remembers between starts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
#[serde(default)]
pub struct Preferences {
    /// Light, dark or the system's.
    pub theme: Theme,
    /// The page that was open last, such as `/connectors`.
    pub last_place: String,
    /// How the path of a row was last copied.
    pub path_form: Option<PathForm>,
}

/// Light, dark or the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the desktop is.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The kept preferences; the defaults when there are none, or none that can be read.
pub fn read(app: &AppHandle) -> Preferences {
    let kept = app.store(FILE).ok().and_then(|store| store.get(KEY));
    kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
}

/// Keeps the preferences.
pub fn write(app: &AppHandle, preferences: &Preferences) -> Result<(), Problem> {
    let refused = |error: tauri_plugin_store::Error| {
        Problem::new(
            ProblemCode::Failed,
            format!("The preferences could not be kept: {error}."),
            "Check that your home folder can be written.",
        )
    };
    let store = app.store(FILE).map_err(refused)?;
    store.set(KEY, serde_json::json!(preferences));
    store.save().map_err(refused)
}
