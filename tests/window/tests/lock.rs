//! The window locks: what opens it again, and what goes on behind it, by clicking and typing in the real window.

use harness::test_ids::{connector, navigation, run, storage, unlock, welcome};
use harness::{Failure, KeyringState, with_window};

const PASSPHRASE: &str = "correct horse battery";

#[tokio::test]
async fn s1_a_locked_window_is_opened_by_the_keyring_until_there_is_a_passphrase_and_then_by_that_alone() -> Result<(), Failure>
{
    with_window("lock", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.see(welcome::PANEL).await?;
        window.click(navigation::STORAGE).await?;
        window.click(storage::LOCK).await?;
        window.see_text(unlock::PAGE, "locked in this window").await?;
        window.see_gone(unlock::PASSPHRASE).await?;
        window.click(unlock::KEYRING).await?;

        window.click(storage::PASSPHRASE).await?;
        window.fill(unlock::NEW, PASSPHRASE).await?;
        window.fill(unlock::AGAIN, PASSPHRASE).await?;
        window.click(unlock::CREATE).await?;
        window.see(storage::PASSPHRASE_SLOT).await?;
        window.click(storage::LOCK).await?;
        window.see(unlock::PASSPHRASE).await?;
        window.see_gone(unlock::KEYRING).await?;
        window.picture("locked").await?;
        window.fill(unlock::PASSPHRASE, "wrong horse battery").await?;
        window.click(unlock::OPEN).await?;
        window.see_text(unlock::PAGE, "does not fit").await?;
        window.fill(unlock::PASSPHRASE, PASSPHRASE).await?;
        window.click(unlock::OPEN).await?;
        window.see(storage::LOCK).await?;
        assert!(!window.page().await?.contains("horse battery"), "a passphrase must leave the page with the form");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn s1_the_sandbox_and_the_runs_work_again_after_a_lock_without_a_new_start() -> Result<(), Failure> {
    with_window("lock-and-run", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.click(welcome::TRY).await?;
        window.click(run::RUN).await?;
        window.see_text(run::HEADLINE, "Succeeded").await?;
        window.click(navigation::STORAGE).await?;
        window.click(storage::LOCK).await?;
        window.see(unlock::KEYRING).await?;
        desktop.run_headless(&["settings", "set", "security.auto_lock_minutes", "60"])?;
        window.click(unlock::KEYRING).await?;
        assert_eq!(window.value(storage::LOCK_AFTER).await?, "60", "what another program set meanwhile is there");
        window.click(navigation::CONNECTORS).await?;
        window.see(connector::ROW).await?;
        desktop.run_headless(&["run", "Get order status", "--input", "order_id=A-1042"])?;
        Ok(())
    })
    .await
}
