//! The one window: its size and place are remembered, and a second start on the same workspace shows it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;

use tauri::plugin::TauriPlugin;
use tauri::{App, AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, Wry};
use tauri_plugin_window_state::StateFlags;

const LABEL: &str = "main";

/// Opens the window.
pub fn open(app: &App) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Latchkey")
        .inner_size(1280.0, 820.0)
        .min_inner_size(880.0, 600.0)
        .build()?;
    Ok(())
}

/// Remembers the window's size and place.
pub fn remembered() -> TauriPlugin<Wry> {
    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    tauri_plugin_window_state::Builder::new().with_state_flags(flags).build()
}

/// One window per workspace: a second start shows the first one's window. On Linux each workspace has a name of its
/// own on the session bus; elsewhere the plugin knows one name per application, so there it is one window in all.
pub fn single_instance(folder: &Path) -> TauriPlugin<Wry> {
    let mut hasher = DefaultHasher::new();
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).hash(&mut hasher);
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("dev.latchkey.desktop.w{:016x}", hasher.finish()))
        .callback(|app: &AppHandle, _arguments, _folder| {
            if let Some(window) = app.get_webview_window(LABEL) {
                // Whatever the window manager refuses, the window is there.
                let _ = window.unminimize();
                let _ = window.show();
                let _ = window.set_focus();
            }
        })
        .build()
}
