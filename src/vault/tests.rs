//! The rules of S1 on real files with a keyring in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Barrier};

use rstest::rstest;
use secrecy::SecretString;
use tempfile::TempDir;

use super::*;

fn vault(folder: &Path, keyring: &Arc<MemorySlot>) -> Vault {
    let keyring: Arc<dyn KeySlot> = keyring.clone();
    Vault { cost: Cost::TINY, ..Vault::new(folder, keyring) }
}

pub(super) fn fresh() -> (TempDir, Arc<MemorySlot>, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Arc::new(MemorySlot::new());
    let vault = vault(&folder.path().join("workspace"), &keyring);
    (folder, keyring, vault)
}

pub(super) fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// Every file of the folder with its bytes.
pub(super) fn bytes_of(vault: &Vault) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(vault.folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect()
}

#[test]
fn s1_a_new_workspace_keeps_its_key_in_the_keyring() {
    let (_folder, keyring, vault) = fresh();
    assert_eq!(vault.status(), Ok(Presence::Absent));
    assert!(!vault.folder().exists(), "looking must not create anything");

    let made = vault.open(None).unwrap();
    assert!(made.created);
    assert_eq!((made.opened_with, made.slots.as_slice()), (Slot::Keyring, [Slot::Keyring].as_slice()));
    assert_eq!(keyring.count(), 1);
    assert_eq!(vault.status(), Ok(Presence::Present { slots: vec![Slot::Keyring] }));

    let again = vault.open(None).unwrap();
    assert!(!again.created);
    assert!(again.key.is_same_as(&made.key));
    assert_eq!(again.workspace_id, made.workspace_id);
}

#[test]
fn s1_a_new_workspace_enrols_the_passphrase_that_is_given_and_nothing_else() {
    let (_folder, keyring, vault) = fresh();
    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    assert_eq!(made.slots, [Slot::Passphrase]);
    assert_eq!(keyring.count(), 0, "a passphrase decides alone: the key is not in the keyring too");

    let again = vault.open(Some(&secret("correct horse"))).unwrap();
    assert!(again.key.is_same_as(&made.key));
    assert_eq!(
        vault.open(None).unwrap_err(),
        VaultFailure::Locked { slots: vec![Slot::Passphrase], keyring: KeyringAnswer::NotEnrolled }
    );
}

#[rstest]
#[case::locked(SlotFailure::Locked)]
#[case::absent(SlotFailure::NoService)]
#[case::silent(SlotFailure::TimedOut)]
#[case::odd(SlotFailure::Other("odd".into()))]
fn s1_without_a_usable_keyring_no_workspace_is_made_and_never_a_plain_one(#[case] failure: SlotFailure) {
    let (_folder, keyring, vault) = fresh();
    keyring.set_failure(Some(failure.clone()));
    let refused = vault.open(None).unwrap_err();
    assert_eq!(refused, VaultFailure::NoKeyring { why: failure });
    assert!(refused.next_step().contains("passphrase"), "{}", refused.next_step());
    assert_eq!(vault.status(), Ok(Presence::Absent));

    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    assert!(made.created, "a passphrase makes one without the keyring");
}

#[test]
fn s1_a_keyring_that_does_not_keep_the_key_makes_no_workspace() {
    let (_folder, keyring, vault) = fresh();
    keyring.forget_what_is_written();
    assert!(matches!(vault.open(None).unwrap_err(), VaultFailure::NoKeyring { .. }));
    assert_eq!(vault.status(), Ok(Presence::Absent));
}

#[test]
fn s1_a_wrong_passphrase_is_refused_and_changes_no_byte() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("correct horse")).unwrap();
    let before = bytes_of(&vault);
    assert_eq!(
        vault.open(Some(&secret("wrong horse"))).unwrap_err(),
        VaultFailure::WrongPassphrase,
        "the keyring would open it, but a passphrase that is given and enrolled decides alone"
    );
    assert_eq!(vault.open(Some(&secret(""))).unwrap_err(), VaultFailure::WrongPassphrase);
    assert_eq!(bytes_of(&vault), before);
    assert_eq!(vault.open(None).unwrap().opened_with, Slot::Keyring);
    assert_eq!(vault.open(Some(&secret("correct horse"))).unwrap().opened_with, Slot::Passphrase);
}

#[test]
fn s1_a_passphrase_that_is_not_enrolled_falls_to_the_keyring() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    let opened = vault.open(Some(&secret("whatever"))).unwrap();
    assert_eq!(opened.opened_with, Slot::Keyring);
    assert!(opened.key.is_same_as(&made.key));
}

#[rstest]
#[case::locked(Some(SlotFailure::Locked), KeyringAnswer::Failed(SlotFailure::Locked), "Unlock")]
#[case::absent(Some(SlotFailure::NoService), KeyringAnswer::Failed(SlotFailure::NoService), "desktop session")]
#[case::silent(Some(SlotFailure::TimedOut), KeyringAnswer::Failed(SlotFailure::TimedOut), "another window")]
#[case::emptied(None, KeyringAnswer::Empty, "machine where it was made")]
fn s1_a_workspace_that_nothing_opens_says_which_slots_exist(
    #[case] failure: Option<SlotFailure>,
    #[case] answer: KeyringAnswer,
    #[case] step: &str,
) {
    let (_folder, keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    if failure.is_none() {
        keyring.remove(&made.workspace_id).unwrap();
    }
    keyring.set_failure(failure);
    let before = bytes_of(&vault);

    let only_keyring = vault.open(None).unwrap_err();
    assert_eq!(only_keyring, VaultFailure::Locked { slots: vec![Slot::Keyring], keyring: answer });
    assert!(only_keyring.sentence().contains("no passphrase"), "{}", only_keyring.sentence());
    assert!(only_keyring.next_step().contains(step), "{}", only_keyring.next_step());
    assert_eq!(bytes_of(&vault), before, "no new key for an existing workspace");

    vault.set_passphrase(&made.workspace_id, &made.key, &secret("correct horse")).unwrap();
    let both = vault.open(None).unwrap_err();
    assert!(both.sentence().contains("keyring or a passphrase"), "{}", both.sentence());
    assert!(both.next_step().starts_with("Enter the passphrase."), "{}", both.next_step());
    assert!(vault.open(Some(&secret("correct horse"))).unwrap().key.is_same_as(&made.key));
}

#[test]
fn s1_a_database_without_its_vault_never_gets_a_new_key() {
    let (_folder, keyring, vault) = fresh();
    vault.open(None).unwrap();
    std::fs::write(vault.folder().join(DATABASE_FILE), b"encrypted").unwrap();
    std::fs::remove_file(vault.folder().join("vault.json")).unwrap();
    assert_eq!(vault.status(), Err(VaultFailure::KeyLost));
    assert_eq!(vault.open(None).unwrap_err(), VaultFailure::KeyLost);
    assert_eq!(vault.open(Some(&secret("correct horse"))).unwrap_err(), VaultFailure::KeyLost);
    assert_eq!(keyring.count(), 1, "no second key");
}

#[test]
fn s1_what_a_broken_off_creation_left_is_replaced() {
    let (_folder, _keyring, vault) = fresh();
    std::fs::create_dir_all(vault.folder()).unwrap();
    std::fs::write(vault.folder().join(".vault.json.new"), b"{\"for").unwrap();
    std::fs::write(vault.folder().join("passphrase.slot"), b"half").unwrap();
    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    assert!(made.created);
    assert!(vault.open(Some(&secret("correct horse"))).unwrap().key.is_same_as(&made.key));
    assert!(!vault.folder().join(".vault.json.new").exists());
}

#[rstest]
#[case::keyring(None)]
#[case::passphrase(Some("correct horse"))]
fn s1_creators_at_the_same_moment_end_with_one_key(#[case] passphrase: Option<&'static str>) {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Arc::new(MemorySlot::new());
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let vault = vault(&folder.path().join("deep/workspace"), &keyring);
            let start = start.clone();
            std::thread::spawn(move || {
                start.wait();
                vault.open(passphrase.map(secret).as_ref()).unwrap()
            })
        })
        .collect();
    let opened: Vec<Opened> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(opened.iter().filter(|one| one.created).count(), 1, "exactly one of them makes the workspace");
    assert!(opened.iter().all(|one| one.key.is_same_as(&opened[0].key)));
}

#[test]
fn s1_changing_the_passphrase_keeps_the_key_and_ends_the_old_one() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("battery staple")).unwrap();
    assert_eq!(vault.open(Some(&secret("correct horse"))).unwrap_err(), VaultFailure::WrongPassphrase);
    assert!(vault.open(Some(&secret("battery staple"))).unwrap().key.is_same_as(&made.key));
}

#[rstest]
#[case::empty("")]
#[case::seven("1234567")]
fn s1_a_short_passphrase_is_refused(#[case] short: &str) {
    let (_folder, _keyring, vault) = fresh();
    assert_eq!(vault.open(Some(&secret(short))).unwrap_err(), VaultFailure::PassphraseTooShort);
    assert_eq!(vault.status(), Ok(Presence::Absent));
    let made = vault.open(None).unwrap();
    assert_eq!(
        vault.set_passphrase(&made.workspace_id, &made.key, &secret(short)).unwrap_err(),
        VaultFailure::PassphraseTooShort
    );
    assert_eq!(vault.open(None).unwrap().slots, [Slot::Keyring]);
}

#[test]
fn s1_eight_characters_count_whatever_their_bytes() {
    let (_folder, _keyring, vault) = fresh();
    assert_eq!(vault.open(Some(&secret("éééé"))).unwrap_err(), VaultFailure::PassphraseTooShort);
    assert!(vault.open(Some(&secret("éééééééé"))).is_ok());
}

#[test]
fn s1_the_last_slot_can_not_be_removed() {
    let (_folder, keyring, vault) = fresh();
    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    assert_eq!(
        vault.remove_passphrase(&made.workspace_id, &made.key).unwrap_err(),
        VaultFailure::LastSlot { keyring: KeyringAnswer::NotEnrolled }
    );

    vault.enrol_keyring(&made.workspace_id, &made.key).unwrap();
    keyring.set_failure(Some(SlotFailure::Locked));
    assert_eq!(
        vault.remove_passphrase(&made.workspace_id, &made.key).unwrap_err(),
        VaultFailure::LastSlot { keyring: KeyringAnswer::Failed(SlotFailure::Locked) },
        "a keyring that does not open at this moment is no slot to rely on"
    );
    keyring.set_failure(None);
    keyring.write(&made.workspace_id, &DatabaseKey::generate().unwrap()).unwrap();
    assert!(
        matches!(vault.remove_passphrase(&made.workspace_id, &made.key).unwrap_err(), VaultFailure::LastSlot { .. }),
        "another key opens nothing"
    );
    assert!(vault.open(Some(&secret("correct horse"))).is_ok());

    vault.enrol_keyring(&made.workspace_id, &made.key).unwrap();
    vault.remove_passphrase(&made.workspace_id, &made.key).unwrap();
    assert!(!vault.folder().join("passphrase.slot").exists());
    let opened = vault.open(Some(&secret("correct horse"))).unwrap();
    assert_eq!((opened.opened_with, opened.slots.as_slice()), (Slot::Keyring, [Slot::Keyring].as_slice()));
}

#[test]
fn s1_nothing_is_enrolled_where_no_workspace_is() {
    let (_folder, _keyring, vault) = fresh();
    let key = DatabaseKey::generate().unwrap();
    assert_eq!(vault.set_passphrase("none", &key, &secret("correct horse")).unwrap_err(), VaultFailure::NoWorkspace);
    assert_eq!(vault.enrol_keyring("none", &key).unwrap_err(), VaultFailure::NoWorkspace);
    assert!(!vault.folder().exists());
}

#[rstest]
#[case::truncated("passphrase.slot", |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec())]
#[case::garbage("passphrase.slot", |_: &[u8]| b"\x00\xff\x00".to_vec())]
#[case::empty("passphrase.slot", |_: &[u8]| Vec::new())]
#[case::endless("passphrase.slot", |_: &[u8]| vec![b' '; 200_000])]
#[case::short_salt("passphrase.slot", |bytes: &[u8]| replaced(bytes, "\"salt\": \"", "\"salt\": \"A"))]
#[case::hungry("passphrase.slot", |bytes: &[u8]| replaced(bytes, "\"memory_kib\": 8", "\"memory_kib\": 4000000000"))]
#[case::slow("passphrase.slot", |bytes: &[u8]| replaced(bytes, "\"iterations\": 1", "\"iterations\": 100000"))]
#[case::idle("passphrase.slot", |bytes: &[u8]| replaced(bytes, "\"iterations\": 1", "\"iterations\": 0"))]
#[case::other_derivation("passphrase.slot", |bytes: &[u8]| replaced(bytes, "argon2id", "argon2d"))]
#[case::truncated_enrolment("vault.json", |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec())]
#[case::unknown_slot("vault.json", |bytes: &[u8]| replaced(bytes, "\"passphrase\"", "\"moon\""))]
fn s1_a_damaged_file_is_named_and_nothing_is_changed(#[case] file: &str, #[case] damage: fn(&[u8]) -> Vec<u8>) {
    let (_folder, _keyring, vault) = fresh();
    vault.open(Some(&secret("correct horse"))).unwrap();
    let path = vault.folder().join(file);
    std::fs::write(&path, damage(&std::fs::read(&path).unwrap())).unwrap();
    let before = bytes_of(&vault);
    let refused = vault.open(Some(&secret("correct horse"))).unwrap_err();
    assert!(matches!(refused, VaultFailure::Damaged { .. }), "{refused:?}");
    assert!(refused.sentence().contains(file), "{}", refused.sentence());
    assert_eq!(bytes_of(&vault), before);
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{text}");
    text.replace(from, to).into_bytes()
}

#[test]
fn s1_a_missing_slot_file_and_one_of_another_workspace_are_named() {
    let (_folder, _keyring, vault) = fresh();
    vault.open(Some(&secret("correct horse"))).unwrap();
    let (_other_folder, _other_keyring, other) = fresh();
    other.open(Some(&secret("correct horse"))).unwrap();
    let path = vault.folder().join("passphrase.slot");

    std::fs::copy(other.folder().join("passphrase.slot"), &path).unwrap();
    let foreign = vault.open(Some(&secret("correct horse"))).unwrap_err();
    assert!(foreign.sentence().contains("another workspace"), "{}", foreign.sentence());

    std::fs::remove_file(&path).unwrap();
    let missing = vault.open(Some(&secret("correct horse"))).unwrap_err();
    assert!(missing.sentence().contains("missing"), "{}", missing.sentence());
}

#[rstest]
#[case("vault.json")]
#[case("passphrase.slot")]
fn s1_a_newer_format_is_refused_as_newer(#[case] file: &'static str) {
    let (_folder, _keyring, vault) = fresh();
    vault.open(Some(&secret("correct horse"))).unwrap();
    std::fs::write(vault.folder().join(file), b"{\"format\": 2, \"new\": true}").unwrap();
    assert_eq!(vault.open(Some(&secret("correct horse"))).unwrap_err(), VaultFailure::Newer { file });
}

#[test]
fn s1_the_usual_cost_opens_what_it_wrapped() {
    let (_folder, _keyring, vault) = fresh();
    let vault = Vault { cost: Cost::USUAL, ..vault };
    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    let again = Vault { cost: Cost::TINY, ..vault }.open(Some(&secret("correct horse"))).unwrap();
    assert!(again.key.is_same_as(&made.key), "the cost is read from the file");
}

#[test]
fn s1_no_file_holds_the_key_or_the_passphrase() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    for (name, bytes) in bytes_of(&vault) {
        for wanted in [made.key.expose_bytes().as_slice(), made.key.hex().as_bytes(), b"correct horse"] {
            assert!(!bytes.windows(wanted.len()).any(|window| window == wanted), "{name}");
        }
    }
}

#[cfg(unix)]
#[test]
fn s1_folder_and_files_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (_folder, _keyring, vault) = fresh();
    vault.open(Some(&secret("correct horse"))).unwrap();
    assert_eq!(mode(vault.folder()), 0o700);
    for name in bytes_of(&vault).keys() {
        assert_eq!(mode(&vault.folder().join(name)), 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn s1_a_shared_folder_that_is_in_use_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, _keyring, vault) = fresh();
    std::fs::create_dir_all(vault.folder()).unwrap();
    std::fs::set_permissions(vault.folder(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(vault.folder().join("of-somebody-else"), b"").unwrap();
    vault.open(None).unwrap();
    assert_eq!(std::fs::metadata(vault.folder()).unwrap().permissions().mode() & 0o777, 0o755);
}
