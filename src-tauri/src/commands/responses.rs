//! The commands of a response tree: its visible rows, searches and single values.

use latchkey::response::{
    Completion, ExpandReport, LocationPreview, PathForm, SearchProgress, SearchQuery, SearchReport, TreeRows,
};
use latchkey::token::{LocationIn, TokenLocation};
use latchkey::workspace::DiffReport;
use secrecy::{ExposeSecret, SecretString};
use tauri::ipc::Channel;
use tokio_util::sync::CancellationToken;

use super::{Reply, Window};

/// Visible rows of a response tree.
#[tauri::command]
#[specta::specta]
pub async fn response_rows(desktop: Window<'_>, response_id: String, from: u32, count: u32) -> Reply<TreeRows> {
    desktop.workspace().await?.responses().rows(&response_id, from, count).await
}

/// Opens or closes a row; the new number of visible rows.
#[tauri::command]
#[specta::specta]
pub async fn response_expand(desktop: Window<'_>, response_id: String, row: u32, expanded: bool) -> Reply<u32> {
    desktop.workspace().await?.responses().expand(&response_id, row, expanded).await
}

/// Opens or closes everything; the new number of visible rows, and what was left out.
#[tauri::command]
#[specta::specta]
pub async fn response_expand_all(desktop: Window<'_>, response_id: String, expanded: bool) -> Reply<ExpandReport> {
    desktop.workspace().await?.responses().expand_all(&response_id, expanded).await
}

/// The row of a row's parent.
#[tauri::command]
#[specta::specta]
pub async fn response_parent(desktop: Window<'_>, response_id: String, row: u32) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().parent(&response_id, row).await
}

/// The next visible row whose key starts with what was typed.
#[tauri::command]
#[specta::specta]
pub async fn response_find_key(desktop: Window<'_>, response_id: String, after_row: u32, prefix: String) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().find_key(&response_id, after_row, prefix).await
}

/// Searches names and values, plainly or by a regular expression; an empty query ends the search. `cancel(run)` ends it and
/// keeps what was found.
#[tauri::command]
#[specta::specta]
pub async fn response_search(
    desktop: Window<'_>,
    response_id: String,
    query: SearchQuery,
    run: String,
    progress: Channel<SearchProgress>,
) -> Reply<SearchReport> {
    let cancel = CancellationToken::new();
    let _cancellable = desktop.cancellable(run, cancel.clone());
    let tell = move |so_far| {
        // Whoever closed the page does not want to know.
        let _ = progress.send(so_far);
    };
    desktop.workspace().await?.responses().search(&response_id, query, &cancel, tell).await
}

/// The next or previous match, opened so that it is visible.
#[tauri::command]
#[specta::specta]
pub async fn response_next_match(
    desktop: Window<'_>,
    response_id: String,
    from_row: Option<u32>,
    backwards: bool,
) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().next_match(&response_id, from_row, backwards).await
}

/// The row of a location, opened so that it is visible.
#[tauri::command]
#[specta::specta]
pub async fn response_reveal(desktop: Window<'_>, response_id: String, location: TokenLocation) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().reveal(&response_id, location).await
}

/// The row of a JSON pointer, opened so that it is visible.
#[tauri::command]
#[specta::specta]
pub async fn response_reveal_pointer(desktop: Window<'_>, response_id: String, pointer: String) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().reveal_pointer(&response_id, pointer).await
}

/// The row of an element of the array at or around a row, opened so that it is visible.
#[tauri::command]
#[specta::specta]
pub async fn response_go_to(desktop: Window<'_>, response_id: String, row: u32, index: u32) -> Reply<u32> {
    desktop.workspace().await?.responses().go_to(&response_id, row, index).await
}

/// One value in full, to be shown for a moment (T8); at most 64 KiB of it.
#[tauri::command]
#[specta::specta]
pub async fn response_value(desktop: Window<'_>, response_id: String, row: u32) -> Reply<String> {
    desktop.workspace().await?.responses().revealed_value(&response_id, row).await
}

/// The value of a row to the clipboard; its length in characters.
#[tauri::command]
#[specta::specta]
pub async fn response_copy_value(desktop: Window<'_>, response_id: String, row: u32) -> Reply<u32> {
    let value = desktop.workspace().await?.responses().value(&response_id, row).await?;
    desktop.copy(&value, true)?;
    // Exposed to be counted.
    Ok(u32::try_from(value.expose_secret().chars().count()).unwrap_or(u32::MAX))
}

/// Where a row stands, to the clipboard; what was copied.
#[tauri::command]
#[specta::specta]
pub async fn response_copy_path(desktop: Window<'_>, response_id: String, row: u32, form: PathForm) -> Reply<String> {
    let path = desktop.workspace().await?.responses().path(&response_id, row, form).await?;
    desktop.copy(&SecretString::from(path.as_str()), false)?;
    Ok(path)
}

/// How what is typed as a location can go on, from the response; at most 50. `cursor` counts characters.
#[tauri::command]
#[specta::specta]
pub async fn response_complete(
    desktop: Window<'_>,
    response_id: String,
    part: LocationIn,
    typed: String,
    cursor: u32,
) -> Reply<Vec<Completion>> {
    desktop.workspace().await?.responses().complete(&response_id, part, typed, cursor).await
}

/// What a location yields in a response, chosen or still being typed.
#[tauri::command]
#[specta::specta]
pub async fn response_preview(desktop: Window<'_>, response_id: String, location: TokenLocation) -> Reply<LocationPreview> {
    desktop.workspace().await?.responses().preview(&response_id, location).await
}

/// What differs from the previous test of the same request, if one is kept; marks the tree's rows, too.
#[tauri::command]
#[specta::specta]
pub async fn response_diff(desktop: Window<'_>, response_id: String) -> Reply<Option<DiffReport>> {
    desktop.workspace().await?.responses().diff(&response_id).await
}
