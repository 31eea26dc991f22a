//! Locking, backups, restoring and a damaged database, in the real window.

use std::fs;
use std::path::PathBuf;

use harness::test_ids::{confirm, connector, navigation, run, storage, token, unlock, welcome};
use harness::{Failure, Folders, KeyringState, Window, with_window};

const SECRET: &str = "k3y-that-nobody-saved-0815";
const PASSPHRASE: &str = "correct horse battery";
const RESPONSE_LIMIT: &str = "limits.response_bytes";

#[tokio::test]
async fn s4_a_limit_that_is_set_in_the_window_or_beside_it_is_seen_in_both() -> Result<(), Failure> {
    with_window("limits", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        window.click(navigation::STORAGE).await?;
        let folder = window.text(storage::FOLDER).await?;
        assert_eq!(PathBuf::from(&folder).canonicalize()?, desktop.folders().workspace().canonicalize()?);

        let field = storage::setting(RESPONSE_LIMIT);
        window.see_value(&field, "10").await?;
        window.fill(&field, "2").await?;
        window.press("\u{e007}").await?;
        desktop.see_headless(&["settings", "get", RESPONSE_LIMIT], "2097152").await?;
        desktop.run_headless(&["settings", "set", RESPONSE_LIMIT, "3145728"])?;
        window.see_value(&field, "3").await?;
        window.picture("storage-and-security").await?;

        window.click(storage::COPY).await?;
        window.click(navigation::AUTHENTICATION).await?;
        window.see(welcome::PANEL).await?;
        open_a_text_token(window).await?;
        assert_eq!(window.paste_into(token::NAME).await?, folder, "the folder's path goes to the clipboard");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn s1_a_locked_window_holds_nothing_and_opens_again_at_the_same_place() -> Result<(), Failure> {
    with_window("lock-empties-the-page", KeyringState::Unlocked, async |desktop| {
        make_the_samples(desktop.window()).await?;
        let window = desktop.window();
        window.click(navigation::AUTHENTICATION).await?;
        window.see_text(token::ROW, "Sandbox").await?;
        window.press_with_control("l").await?;
        window.see(unlock::KEYRING).await?;
        assert!(!window.page().await?.contains("Sandbox"), "a locked window shows nothing of the workspace");
        let said = desktop.run_headless(&["token", "list"])?;
        assert!(said.contains("Sandbox"), "the lock is this window's: {said}");
        window.picture("locked-by-keys").await?;
        window.click(unlock::KEYRING).await?;
        window.see_text(token::ROW, "Sandbox").await?;

        add_a_passphrase(window).await?;
        window.see_text(storage::LOCK_OPENS, "only the passphrase").await?;
        lock_over_something_typed(window).await?;
        open_with_the_passphrase(window).await?;
        window.see(token::TEXT_VALUE).await?;
        assert!(!window.page().await?.contains(SECRET), "what was typed is gone with the lock");
        window.click(navigation::STORAGE).await?;
        window.click(storage::LOCK).await?;
        window.see(unlock::PASSPHRASE).await
    })
    .await
}

#[tokio::test]
async fn s6_a_backup_that_was_made_in_the_window_is_restored_in_it() -> Result<(), Failure> {
    with_window("backup", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        make_the_samples(window).await?;
        back_up(window).await?;
        window.picture("backups").await?;
        window.click(navigation::AUTHENTICATION).await?;
        window.click(token::NEW).await?;
        window.click(token::TYPE_TEXT).await?;
        window.fill(token::NAME, "Made later").await?;
        window.fill(token::TEXT_VALUE, SECRET).await?;
        window.click(token::SAVE).await?;
        window.see_text(token::GENERATION, "1").await?;

        window.click(navigation::STORAGE).await?;
        window.click(storage::RESTORE).await?;
        window.see_text(confirm::DIALOG, "by hand").await?;
        window.picture("restore-a-backup").await?;
        window.click(confirm::GO_ON).await?;
        window.see_text(storage::BACKUP, "before a restore").await?;
        window.click(navigation::AUTHENTICATION).await?;
        window.see_text(token::ROW, "Sandbox").await?;
        assert_eq!(window.count(token::ROW).await?, 1, "what came after the backup is not in it");
        let kept = fs::read_dir(desktop.folders().workspace().join("set-aside"))?.count();
        assert_eq!(kept, 1, "the present database is set aside, not deleted");
        run_the_sample(window).await
    })
    .await
}

#[tokio::test]
async fn s6_a_damaged_database_is_shown_and_its_newest_backup_restored() -> Result<(), Failure> {
    with_window("damaged", KeyringState::Unlocked, async |desktop| {
        make_the_samples(desktop.window()).await?;
        back_up(desktop.window()).await?;
        desktop.restart_after(damage).await?;
        let window = desktop.window();
        window.see(unlock::DAMAGED).await?;
        window.see_text(unlock::SET_ASIDE, "set-aside").await?;
        window.picture("damaged-database").await?;
        window.click(unlock::RESTORE).await?;
        window.see(confirm::DIALOG).await?;
        window.click(confirm::GO_ON).await?;
        window.see(navigation::VAULT).await?;
        window.click(navigation::CONNECTORS).await?;
        window.see_count(connector::ROW, 2).await?;
        run_the_sample(window).await
    })
    .await
}

#[tokio::test]
async fn s6_without_a_backup_an_empty_start_is_made_only_when_asked_for() -> Result<(), Failure> {
    with_window("no-backup", KeyringState::Unlocked, async |desktop| {
        make_the_samples(desktop.window()).await?;
        desktop.restart_after(lose_everything).await?;
        let window = desktop.window();
        window.see(unlock::NO_BACKUPS).await?;
        desktop.restart().await?;
        let window = desktop.window();
        window.see(unlock::NO_BACKUPS).await?;
        window.click(unlock::START_EMPTY).await?;
        window.see_text(confirm::DIALOG, "are gone").await?;
        window.click(confirm::GO_ON).await?;
        window.see(navigation::VAULT).await?;
        window.click(navigation::CONNECTORS).await?;
        window.see(welcome::PANEL).await
    })
    .await
}

/// One token and two connectors.
async fn make_the_samples(window: &Window) -> Result<(), Failure> {
    window.set_size(1360, 860).await?;
    window.click(welcome::TRY).await?;
    window.see(run::RUN).await
}

async fn run_the_sample(window: &Window) -> Result<(), Failure> {
    window.click(navigation::CONNECTORS).await?;
    window.click_text(connector::LINK, "Get order status").await?;
    window.click(connector::TAB_TEST).await?;
    window.click(run::RUN).await?;
    window.see_text(run::HEADLINE, "Succeeded").await
}

async fn open_a_text_token(window: &Window) -> Result<(), Failure> {
    window.click(token::NEW).await?;
    window.click(token::TYPE_TEXT).await
}

async fn add_a_passphrase(window: &Window) -> Result<(), Failure> {
    window.click(navigation::STORAGE).await?;
    window.see_text(storage::LOCK_OPENS, "one click").await?;
    window.click(storage::PASSPHRASE).await?;
    window.fill(unlock::NEW, PASSPHRASE).await?;
    window.fill(unlock::AGAIN, PASSPHRASE).await?;
    window.click(unlock::CREATE).await?;
    window.see(storage::PASSPHRASE_SLOT).await
}

/// Locking by hand asks about what is typed; nothing of it is in the locked page.
async fn lock_over_something_typed(window: &Window) -> Result<(), Failure> {
    window.click(navigation::AUTHENTICATION).await?;
    open_a_text_token(window).await?;
    window.fill(token::TEXT_VALUE, SECRET).await?;
    window.click(navigation::LOCK).await?;
    window.see_text(confirm::DIALOG, "not saved").await?;
    window.click(confirm::GO_ON).await?;
    window.see(unlock::PASSPHRASE).await?;
    assert_eq!(window.count(unlock::KEYRING).await?, 0, "with a passphrase the keyring does not undo a lock");
    assert!(!window.page().await?.contains(SECRET), "what was typed leaves the page with the lock");
    Ok(())
}

async fn open_with_the_passphrase(window: &Window) -> Result<(), Failure> {
    window.fill(unlock::PASSPHRASE, "wrong horse battery").await?;
    window.click(unlock::OPEN).await?;
    window.see_text(unlock::PAGE, "does not fit").await?;
    window.fill(unlock::PASSPHRASE, PASSPHRASE).await?;
    window.click(unlock::OPEN).await?;
    window.see_text(navigation::VAULT, "Passphrase").await
}

async fn back_up(window: &Window) -> Result<(), Failure> {
    window.click(navigation::STORAGE).await?;
    window.click(storage::BACK_UP).await?;
    window.see_text(storage::BACKUP, "by hand").await
}

/// Overwrites a part of every page of the database and of its write-ahead log.
fn damage(folders: &Folders) -> Result<(), Failure> {
    for file in ["workspace.db", "workspace.db-wal"] {
        let file = folders.workspace().join(file);
        let Ok(mut bytes) = fs::read(&file) else { continue };
        for page in bytes.chunks_mut(4096) {
            let middle = page.len() / 2;
            page[middle..].fill(0xA5);
        }
        fs::write(file, bytes)?;
    }
    Ok(())
}

/// Takes the database and every backup away.
fn lose_everything(folders: &Folders) -> Result<(), Failure> {
    fs::remove_file(folders.workspace().join("workspace.db"))?;
    // A window that is killed leaves its log behind.
    let log = folders.workspace().join("workspace.db-wal");
    if log.exists() {
        fs::remove_file(log)?;
    }
    match fs::remove_dir_all(folders.workspace().join("backups")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
