//! The commands of tokens: setting up, testing, refreshing, and seeing one secret on purpose (T8).

use std::time::{Duration, Instant};

use latchkey::token::{TokenDraft, TokenLocation};
use latchkey::workspace::{LocatedView, Progress, SecretRef, TestHandle, TestReport, TokenDetail, TokenSummary};
use tauri::ipc::Channel;
use tokio_util::sync::CancellationToken;

use super::{Reply, Window};

/// The token list.
#[tauri::command]
#[specta::specta]
pub async fn list_tokens(desktop: Window<'_>) -> Reply<Vec<TokenSummary>> {
    desktop.workspace().await?.tokens().list().await
}

/// One token, secrets left out.
#[tauri::command]
#[specta::specta]
pub async fn get_token(desktop: Window<'_>, token_id: String) -> Reply<TokenDetail> {
    desktop.workspace().await?.tokens().get(&token_id).await
}

/// Saves a token; a new or changed HTTP request token names the test that proves it (T3).
#[tauri::command]
#[specta::specta]
pub async fn save_token(desktop: Window<'_>, draft: TokenDraft, test_id: Option<String>) -> Reply<TokenDetail> {
    desktop.workspace().await?.tokens().save(draft, test_id.as_deref()).await
}

/// Deletes a token that no connector uses (T7).
#[tauri::command]
#[specta::specta]
pub async fn delete_token(desktop: Window<'_>, token_id: String) -> Reply<()> {
    desktop.workspace().await?.tokens().delete(&token_id).await
}

/// Refresh now (T9). Cancelled, it lets a login that is under way go on (E6).
#[tauri::command]
#[specta::specta]
pub async fn refresh_token(desktop: Window<'_>, run_id: String, token_id: String) -> Reply<TokenDetail> {
    let cancel = CancellationToken::new();
    let _cancellable = desktop.cancellable(run_id, cancel.clone());
    desktop.workspace().await?.tokens().refresh_until(&token_id, &cancel).await
}

/// Forget value (T9).
#[tauri::command]
#[specta::specta]
pub async fn forget_token_value(desktop: Window<'_>, token_id: String) -> Reply<TokenDetail> {
    desktop.workspace().await?.tokens().forget(&token_id).await
}

/// One secret, to be shown for a moment (T8).
#[tauri::command]
#[specta::specta]
pub async fn reveal_secret(desktop: Window<'_>, secret: SecretRef) -> Reply<String> {
    desktop.workspace().await?.reveal(secret).await
}

/// One secret, from Rust to the clipboard (T8).
#[tauri::command]
#[specta::specta]
pub async fn copy_secret(desktop: Window<'_>, secret: SecretRef) -> Reply<()> {
    desktop.copy(&desktop.workspace().await?.secret(secret).await?, true)
}

/// What a location yields in a tested response.
#[tauri::command]
#[specta::specta]
pub async fn locate(
    desktop: Window<'_>,
    test_id: String,
    location: TokenLocation,
    request_header_key: String,
    token_prefix: String,
) -> Reply<LocatedView> {
    desktop.workspace().await?.locate(&test_id, location, &request_header_key, &token_prefix).await
}

/// Sends an authentication request as it stands in the form.
#[tauri::command]
#[specta::specta]
pub async fn test_request(
    desktop: Window<'_>,
    run_id: String,
    draft: TokenDraft,
    progress: Channel<Progress>,
) -> Reply<TestReport> {
    let handle = TestHandle::default();
    let _cancellable = desktop.cancellable(run_id, handle.cancel.clone());
    desktop.workspace().await?.test_draft(&draft, &handle, told_now_and_then(progress)).await
}

/// Progress at most ten times a second: a fast download must not flood the page.
fn told_now_and_then(progress: Channel<Progress>) -> impl Fn(u64) + Send + Sync {
    let told = std::sync::Mutex::new(None::<Instant>);
    move |received| {
        let mut told = told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() >= Duration::from_millis(100)) {
            *told = Some(Instant::now());
            let received_bytes = u32::try_from(received).unwrap_or(u32::MAX);
            let _ = progress.send(Progress { doing: "Receiving the response".to_owned(), received_bytes });
        }
    }
}
