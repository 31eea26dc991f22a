//! The one declaration of what crosses the window's border, and its TypeScript.

use latchkey::workspace::WorkspaceEvent;
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::commands;
use crate::lock::WorkspaceLocked;

/// Something that was committed in the workspace.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, specta::Type, tauri_specta::Event)]
pub struct WorkspaceChanged(pub WorkspaceEvent);

/// Commands, events and types, for the program and for the generated TypeScript alike.
pub fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        .disable_serde_phases()
        .commands(collect_commands![
            commands::vault_status,
            commands::unlock,
            commands::create_with_passphrase,
            commands::set_passphrase,
            commands::remove_passphrase,
            commands::storage,
            commands::security::copy_folder,
            commands::security::enrol_keyring,
            commands::security::lock,
            commands::security::note_activity,
            commands::security::list_settings,
            commands::security::set_setting,
            commands::security::reset_setting,
            commands::backups::list_backups,
            commands::backups::make_backup,
            commands::backups::restore_backup,
            commands::backups::start_empty,
            commands::list_tokens,
            commands::get_token,
            commands::save_token,
            commands::delete_token,
            commands::refresh_token,
            commands::forget_token_value,
            commands::reveal_secret,
            commands::copy_secret,
            commands::parse_curl,
            commands::parse_connector_curl,
            commands::copy_curl,
            commands::test_request,
            commands::locate,
            commands::cancel,
            commands::response_rows,
            commands::response_expand,
            commands::response_expand_all,
            commands::response_parent,
            commands::response_find_key,
            commands::response_search,
            commands::response_next_match,
            commands::response_reveal,
            commands::response_value,
            commands::response_copy_value,
            commands::response_copy_path,
            commands::list_connectors,
            commands::get_connector,
            commands::save_connector,
            commands::set_connector_live,
            commands::set_connector_draft,
            commands::discard_connector_edits,
            commands::delete_connector,
            commands::run_connector,
            commands::list_executions,
            commands::get_execution,
            commands::open_execution_response,
            commands::sandbox_status,
            commands::start_sandbox,
            commands::stop_sandbox,
            commands::set_sandbox_switches,
            commands::expire_sandbox_tokens,
            commands::try_sandbox,
            commands::preferences,
            commands::set_preferences,
        ])
        .events(collect_events![WorkspaceChanged, WorkspaceLocked])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use specta_typescript::Typescript;

    #[test]
    fn bindings_are_up_to_date() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/lib/api/bindings.ts");
        let fresh = tempfile::NamedTempFile::with_suffix(".ts").unwrap();
        super::builder().export(Typescript::default(), fresh.path()).unwrap();
        let fresh = std::fs::read_to_string(fresh.path()).unwrap();
        if std::env::var_os("LATCHKEY_WRITE_BINDINGS").is_some() {
            std::fs::create_dir_all(committed.parent().unwrap()).unwrap();
            std::fs::write(&committed, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(&committed).unwrap_or_default();
        assert!(committed == fresh, "run `cargo xtask bindings` and commit ui/src/lib/api/bindings.ts");
    }
}
