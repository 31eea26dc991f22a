//! The one window: its size and place are remembered, and a second start on the same workspace shows it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tauri::plugin::TauriPlugin;
use tauri::{App, AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent, Wry};
use tauri_plugin_window_state::{AppHandleExt, StateFlags};

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

/// Remembers the window's size and place when the program ends.
pub fn remembered() -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::new().with_state_flags(kept()).build()
}

/// Remembers them, too, a moment after they were changed last: a program that is killed has no end of its own.
pub fn remember_changes(window: &Window, event: &WindowEvent) {
    if !matches!(event, WindowEvent::Resized(_) | WindowEvent::Moved(_)) {
        return;
    }
    let app = window.app_handle().clone();
    let change = app.state::<Changes>().0.fetch_add(1, Ordering::SeqCst) + 1;
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(A_MOMENT).await;
        if app.state::<Changes>().0.load(Ordering::SeqCst) == change
            && let Err(error) = app.save_window_state(kept())
        {
            tracing::warn!(%error, "the window's size and place were not kept");
        }
    });
}

/// How often the window was moved or resized.
#[derive(Default)]
pub struct Changes(AtomicU64);

/// How long a window must stand still before its size and place are kept.
const A_MOMENT: Duration = Duration::from_millis(400);

fn kept() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED
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
