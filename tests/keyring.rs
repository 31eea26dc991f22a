//! The operating system's keyring, for real: each test runs itself once more inside a private D-Bus session with a
//! private gnome-keyring, so that no keyring of the user is ever touched (S1).
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what the tests share may fail as a test does")]

#[path = "keyring/session.rs"]
mod session;

use std::process::{Command, Stdio};
use std::sync::Arc;

use latchkey::vault::{DatabaseKey, KeySlot, KeyringAnswer, KeyringSlot, Slot, SlotFailure, Vault, VaultFailure};
use latchkey::workspace::{Problem, Seams, SlotKind, Workspace};
use serde_json::Value;

use session::{Keyring, Session, folder, home, is_inside, run_inside};

const PASSPHRASE: &str = "four words of test";

#[test]
fn s1_an_open_keyring_keeps_gives_and_removes_the_key() {
    if !is_inside("unlocked") {
        let home = home();
        return run_inside(home.path(), "unlocked", Session::Unlocked, "s1_an_open_keyring_keeps_gives_and_removes_the_key");
    }
    let slot = KeyringSlot::new();
    let (key, other) = (DatabaseKey::generate().unwrap(), DatabaseKey::generate().unwrap());
    assert!(slot.read("one").unwrap().is_none(), "an open and empty keyring is empty");
    slot.remove("one").expect("removing nothing is no error");
    slot.write("one", &key).unwrap();
    assert!(slot.read("one").unwrap().unwrap().is_same_as(&key));
    assert!(slot.read("two").unwrap().is_none(), "a workspace has only its own key");
    slot.write("one", &other).unwrap();
    assert!(slot.read("one").unwrap().unwrap().is_same_as(&other), "a second write replaces the first");
    slot.remove("one").unwrap();
    assert!(slot.read("one").unwrap().is_none());

    let vault = vault();
    let made = vault.open(None).unwrap();
    assert!(made.created);
    let again = vault.open(None).unwrap();
    assert_eq!(again.opened_with, Slot::Keyring);
    assert!(again.key.is_same_as(&made.key));
}

#[test]
fn s1_a_locked_keyring_says_locked_and_never_empty() {
    let name = "s1_a_locked_keyring_says_locked_and_never_empty";
    if is_inside("before") {
        vault().open(None).unwrap();
        return;
    }
    if !is_inside("locked") {
        let home = home();
        run_inside(home.path(), "before", Session::Unlocked, name);
        return run_inside(home.path(), "locked", Session::Locked, name);
    }
    let slot = KeyringSlot::new();
    assert_eq!(slot.read("never-stored").unwrap_err(), SlotFailure::Locked, "a new key would orphan the database");
    assert_eq!(slot.write("never-stored", &DatabaseKey::generate().unwrap()).unwrap_err(), SlotFailure::Locked);
    assert_eq!(slot.remove("never-stored").unwrap_err(), SlotFailure::Locked);
    assert_eq!(
        vault().open(None).unwrap_err(),
        VaultFailure::Locked { slots: vec![Slot::Keyring], keyring: KeyringAnswer::Failed(SlotFailure::Locked) },
        "the key that was stored while the keyring was open is not missing, it is locked away"
    );
}

#[test]
fn s1_without_a_session_there_is_no_keyring_and_no_workspace() {
    if !is_inside("nothing") {
        let home = home();
        return run_inside(home.path(), "nothing", Session::None, "s1_without_a_session_there_is_no_keyring_and_no_workspace");
    }
    let slot = KeyringSlot::new();
    assert_eq!(slot.read("one").unwrap_err(), SlotFailure::NoService);
    assert_eq!(slot.write("one", &DatabaseKey::generate().unwrap()).unwrap_err(), SlotFailure::NoService);
    let vault = vault();
    assert_eq!(vault.open(None).unwrap_err(), VaultFailure::NoKeyring { why: SlotFailure::NoService });
    let made = vault.open(Some(&"correct horse".into())).unwrap();
    assert_eq!(made.opened_with, Slot::Passphrase);
}

#[test]
fn s1_programs_that_start_first_at_the_same_moment_make_one_workspace() {
    let name = "s1_programs_that_start_first_at_the_same_moment_make_one_workspace";
    if !is_inside("first") {
        let home = home();
        return run_inside(home.path(), "first", Session::Unlocked, name);
    }
    let start = |_| {
        let mut program = program();
        program.args(["settings", "set", "backups.keep", "7", "--json"]);
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in (0..4).map(start).collect::<Vec<_>>() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "each finds the same workspace: {}", String::from_utf8_lossy(&output.stderr));
    }
    let opened = vault().open(None).unwrap();
    assert_eq!((opened.opened_with, opened.slots.as_slice()), (Slot::Keyring, [Slot::Keyring].as_slice()));
    let output = program().args(["settings", "get", "backups.keep"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "7\n", "there is one database, and its key opens it");
}

#[test]
fn s1_a_keyring_that_locks_leaves_the_open_workspace_alone_and_works_again_when_unlocked() {
    let name = "s1_a_keyring_that_locks_leaves_the_open_workspace_alone_and_works_again_when_unlocked";
    if !is_inside("locking") {
        let home = home();
        return run_inside(home.path(), "locking", Session::Unlocked, name);
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let workspace = Workspace::open(folder(), None, Seams::real()).await.unwrap();
        workspace.set_passphrase(PASSPHRASE.into()).await.unwrap();
        session::lock();

        workspace.settings().set("backups.keep", "7").await.expect("what is open goes on");
        let says_locked = |problem: Problem| {
            assert!(problem.next_step.contains("Unlock the keyring"), "{problem}");
        };
        says_locked(workspace.remove_passphrase().await.unwrap_err());
        says_locked(workspace.enrol_keyring().await.unwrap_err());
        assert_eq!(workspace.storage().await.unwrap().slots, [SlotKind::Keyring, SlotKind::Passphrase], "nothing was changed");

        let output = program().args(["token", "list", "--json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(error["error"]["code"], "locked");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains("keyring or a passphrase opens") && message.contains("is locked"), "{message}");
        let with = program().args(["token", "list"]).env("LATCHKEY_PASSPHRASE", PASSPHRASE).status().unwrap();
        assert!(with.success(), "the passphrase does not need the keyring");

        session::unlock();
        assert!(program().args(["token", "list"]).status().unwrap().success());
        workspace.enrol_keyring().await.expect("the program that met the locked keyring need not be started again");
        workspace.remove_passphrase().await.unwrap();
        assert_eq!(vault().open(None).unwrap().slots, [Slot::Keyring]);
    });
}

#[test]
fn s1_a_keyring_that_starts_or_restarts_later_is_found_when_it_is_asked_again() {
    let name = "s1_a_keyring_that_starts_or_restarts_later_is_found_when_it_is_asked_again";
    if !is_inside("later") {
        let home = home();
        return run_inside(home.path(), "later", Session::Bus, name);
    }
    let vault = vault();
    assert_eq!(vault.open(None).unwrap_err(), VaultFailure::NoKeyring { why: SlotFailure::NoService });
    let keyring = Keyring::start();
    let made = vault.open(None).expect("this process asked before there was one");
    assert!(made.created);

    keyring.kill();
    let locked = vault.open(None).unwrap_err();
    let answer = KeyringAnswer::Failed(SlotFailure::NoService);
    assert_eq!(locked, VaultFailure::Locked { slots: vec![Slot::Keyring], keyring: answer });
    let _keyring = Keyring::start();
    assert!(vault.open(None).unwrap().key.is_same_as(&made.key), "the new one is asked, not the one that is gone");
}

#[test]
fn s1_a_workspace_moves_from_a_passphrase_into_the_keyring_without_a_window() {
    let name = "s1_a_workspace_moves_from_a_passphrase_into_the_keyring_without_a_window";
    if !is_inside("moving") {
        let home = home();
        return run_inside(home.path(), "moving", Session::Unlocked, name);
    }
    let made = vault().open(Some(&PASSPHRASE.into())).unwrap();
    let ran = |arguments: &[&str], passphrase: Option<&str>| {
        let mut program = program();
        program.args(arguments).envs(passphrase.map(|passphrase| ("LATCHKEY_PASSPHRASE", passphrase)));
        program.output().unwrap()
    };
    assert_eq!(ran(&["token", "list"], None).status.code(), Some(3), "its key is in no keyring yet");
    let removed = ran(&["passphrase", "remove"], Some(PASSPHRASE));
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    assert!(ran(&["token", "list"], None).status.success());
    assert!(vault().open(None).unwrap().key.is_same_as(&made.key));

    let mut program = program();
    program.args(["passphrase", "set"]).env("LATCHKEY_NEW_PASSPHRASE", PASSPHRASE);
    let set = program.output().unwrap();
    assert!(String::from_utf8_lossy(&set.stdout).contains("elsewhere the keyring opens"), "both slots are told");
    assert_eq!(vault().open(Some(&PASSPHRASE.into())).unwrap().opened_with, Slot::Passphrase);
    assert_eq!(vault().open(None).unwrap().opened_with, Slot::Keyring);
}

fn vault() -> Vault {
    Vault::new(folder(), Arc::new(KeyringSlot::new()))
}

/// The headless program on the inner run's workspace, without a passphrase.
fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    program.stdin(Stdio::null()).env("LATCHKEY_WORKSPACE", folder()).env_remove("LATCHKEY_PASSPHRASE");
    program
}
