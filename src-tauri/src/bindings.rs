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
            commands::security::set_passphrase,
            commands::security::remove_passphrase,
            commands::security::storage,
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
            commands::tokens::list_tokens,
            commands::tokens::get_token,
            commands::tokens::save_token,
            commands::tokens::delete_token,
            commands::tokens::refresh_token,
            commands::tokens::forget_token_value,
            commands::tokens::reveal_secret,
            commands::tokens::copy_secret,
            commands::curl::parse_curl,
            commands::curl::parse_connector_curl,
            commands::curl::copy_curl,
            commands::tokens::test_request,
            commands::tokens::locate,
            commands::cancel,
            commands::responses::response_rows,
            commands::responses::response_expand,
            commands::responses::response_expand_all,
            commands::responses::response_parent,
            commands::responses::response_find_key,
            commands::responses::response_search,
            commands::responses::response_next_match,
            commands::responses::response_reveal,
            commands::responses::response_reveal_pointer,
            commands::responses::response_go_to,
            commands::responses::response_value,
            commands::responses::response_copy_value,
            commands::responses::response_copy_path,
            commands::responses::response_complete,
            commands::responses::response_preview,
            commands::responses::response_diff,
            commands::connectors::list_connectors,
            commands::connectors::get_connector,
            commands::connectors::save_connector,
            commands::connectors::set_connector_live,
            commands::connectors::set_connector_draft,
            commands::connectors::discard_connector_edits,
            commands::connectors::delete_connector,
            commands::executions::run_connector,
            commands::executions::list_executions,
            commands::executions::get_execution,
            commands::executions::copy_execution,
            commands::executions::open_execution_response,
            commands::logs::log_outline,
            commands::logs::log_timeline,
            commands::logs::log_storage,
            commands::logs::suggest_export_path,
            commands::logs::export_executions,
            commands::logs::overview,
            commands::breakers::breaker,
            commands::breakers::reset_breaker,
            commands::breakers::isolate_breaker,
            commands::customers::list_customers,
            commands::customers::get_customer,
            commands::customers::save_customer,
            commands::customers::delete_customer,
            commands::customers::set_customer_token,
            commands::customers::remove_customer_token,
            commands::messenger::messenger_status,
            commands::messenger::start_messenger,
            commands::messenger::stop_messenger,
            commands::messenger::set_up_messenger,
            commands::messenger::messenger_snippets,
            commands::messenger::copy_messenger_snippet,
            commands::messenger::copy_messenger,
            commands::messenger::make_messenger_secret,
            commands::sandbox::sandbox_status,
            commands::sandbox::start_sandbox,
            commands::sandbox::stop_sandbox,
            commands::sandbox::set_sandbox_switches,
            commands::sandbox::expire_sandbox_tokens,
            commands::sandbox::try_sandbox,
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
