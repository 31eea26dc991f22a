//! The operating system's keyring, for real: each test runs itself once more inside a private D-Bus session with a
//! private gnome-keyring, so that no keyring of the user is ever touched (S1).
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what the tests share may fail as a test does")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use latchkey::vault::{DatabaseKey, KeySlot, KeyringAnswer, KeyringSlot, Slot, SlotFailure, Vault, VaultFailure};

/// Set for the inner run: what kind of session it is in.
const INSIDE: &str = "LATCHKEY_KEYRING_TEST";
/// The workspace folder for the inner run.
const FOLDER: &str = "LATCHKEY_KEYRING_TEST_FOLDER";

const UNLOCKED: &str = "printf %s open-sesame | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";
const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null && exec \"$@\"";

#[test]
fn s1_an_open_keyring_keeps_gives_and_removes_the_key() {
    if !is_inside("unlocked") {
        let home = home();
        return run_inside(home.path(), "unlocked", Some(UNLOCKED), "s1_an_open_keyring_keeps_gives_and_removes_the_key");
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
        run_inside(home.path(), "before", Some(UNLOCKED), name);
        return run_inside(home.path(), "locked", Some(LOCKED), name);
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
        return run_inside(home.path(), "nothing", None, "s1_without_a_session_there_is_no_keyring_and_no_workspace");
    }
    let slot = KeyringSlot::new();
    assert_eq!(slot.read("one").unwrap_err(), SlotFailure::NoService);
    assert_eq!(slot.write("one", &DatabaseKey::generate().unwrap()).unwrap_err(), SlotFailure::NoService);
    let vault = vault();
    assert_eq!(vault.open(None).unwrap_err(), VaultFailure::NoKeyring { why: SlotFailure::NoService });
    let made = vault.open(Some(&"correct horse".into())).unwrap();
    assert_eq!(made.opened_with, Slot::Passphrase);
}

fn vault() -> Vault {
    Vault::new(std::env::var_os(FOLDER).expect("the outer run names the folder"), Arc::new(KeyringSlot::new()))
}

fn is_inside(session: &str) -> bool {
    std::env::var(INSIDE).is_ok_and(|inside| inside == session)
}

/// A home of its own, for a keyring and a runtime folder that nobody else uses.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for folder in ["share", "runtime"] {
        let folder = home.path().join(folder);
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    home
}

/// Runs one test of this program again, in a D-Bus session that was set up by `preparation`, or without any.
fn run_inside(home: &Path, session: &str, preparation: Option<&str>, test: &str) {
    let program = std::env::current_exe().unwrap();
    let again = [program.as_os_str(), "--exact".as_ref(), test.as_ref(), "--nocapture".as_ref()];
    // The time limit ends a daemon that never answers; it does not wait for anything.
    let mut command = Command::new("timeout");
    command.arg("60");
    if let Some(preparation) = preparation {
        for tool in ["dbus-run-session", "gnome-keyring-daemon"] {
            let found = Command::new(tool).arg("--version").output();
            assert!(found.is_ok(), "{tool} is missing: install the packages dbus and gnome-keyring");
        }
        command.args(["dbus-run-session", "--", "bash", "-c", preparation, "_"]);
    }
    let output = command
        .args(again)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        // Without a session this leads nowhere; with one, dbus-run-session puts its own address here.
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("share"))
        .env("XDG_RUNTIME_DIR", home.join("runtime"))
        .env(INSIDE, session)
        .env(FOLDER, home.join("workspace"))
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{session}:\n{said}");
    assert!(said.contains("1 passed"), "the inner run must run the test:\n{said}");
}
