//! The desktop shell: one window over [`latchkey::workspace::Workspace`]. It holds no rule of its own.

mod backups;
mod bindings;
mod commands;
mod desktop;
mod events;
mod lock;
mod preferences;
mod window;

use std::path::PathBuf;

use desktop::Desktop;
use tauri::Manager;

/// Opens the window of the workspace in this folder, or shows the one that is open already.
///
/// # Errors
/// When the window system can't be used.
pub fn run(folder: PathBuf) -> tauri::Result<()> {
    let builder = bindings::builder();
    tauri::Builder::default()
        .plugin(window::single_instance(&folder))
        .plugin(window::remembered())
        .plugin(tauri_plugin_store::Builder::default().build())
        .manage(window::Changes::default())
        .on_window_event(window::remember_changes)
        .invoke_handler(builder.invoke_handler())
        .setup(move |app| {
            builder.mount_events(app);
            app.manage(Desktop::new(app.handle().clone(), folder));
            window::open(app)?;
            // The workspace is opened while the page loads; the page asks for the outcome.
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move { handle.state::<Desktop>().vault_status().await.map(drop) });
            Ok(())
        })
        .run(tauri::generate_context!())
}
