//! Slots that are added, changed and removed, and what is left when that is broken off (S1).

use rstest::rstest;

use super::tests::{bytes_of, fresh, secret};
use super::*;

#[test]
fn s1_a_removal_that_was_broken_off_between_the_two_files_is_finished_by_the_next_opening() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("correct horse")).unwrap();
    let slot_file = vault.folder().join("passphrase.slot");
    let kept = std::fs::read(&slot_file).unwrap();
    vault.remove_passphrase(&made.workspace_id, &made.key).unwrap();
    std::fs::write(&slot_file, kept).unwrap();

    let opened = vault.open(Some(&secret("correct horse"))).unwrap();
    assert_eq!((opened.opened_with, opened.slots.as_slice()), (Slot::Keyring, [Slot::Keyring].as_slice()));
    assert!(!slot_file.exists(), "a removed passphrase must not stay a way to the key");
}

#[test]
fn s1_an_addition_that_was_broken_off_between_the_two_files_has_not_happened() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    let enrolment = std::fs::read(vault.folder().join("vault.json")).unwrap();
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("correct horse")).unwrap();
    std::fs::write(vault.folder().join("vault.json"), enrolment).unwrap();

    assert_eq!(vault.open(None).unwrap().slots, [Slot::Keyring]);
    assert!(!vault.folder().join("passphrase.slot").exists());
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("battery staple")).unwrap();
    assert!(vault.open(Some(&secret("battery staple"))).unwrap().key.is_same_as(&made.key), "it can be done again");
}

#[test]
fn s1_a_slot_file_that_is_enrolled_stays_when_the_keyring_opens() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("correct horse")).unwrap();
    assert_eq!(vault.open(None).unwrap().opened_with, Slot::Keyring);
    assert!(vault.open(Some(&secret("correct horse"))).is_ok());
}

#[test]
fn s1_a_damaged_slot_file_is_replaced_by_setting_the_passphrase_again() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("correct horse")).unwrap();
    std::fs::write(vault.folder().join("passphrase.slot"), b"half").unwrap();
    let opened = vault.open(None).expect("the keyring does not need the damaged file");
    vault.set_passphrase(&opened.workspace_id, &opened.key, &secret("correct horse")).unwrap();
    assert!(vault.open(Some(&secret("correct horse"))).unwrap().key.is_same_as(&made.key));
}

#[test]
fn s1_the_key_of_one_workspace_is_never_enrolled_for_another() {
    let (_folder, keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    std::fs::remove_dir_all(vault.folder()).unwrap();
    let other = vault.open(Some(&secret("correct horse"))).unwrap();
    let before = bytes_of(&vault);
    let refusals = [
        vault.set_passphrase(&made.workspace_id, &made.key, &secret("battery staple")),
        vault.enrol_keyring(&made.workspace_id, &made.key),
        vault.remove_passphrase(&made.workspace_id, &made.key),
    ];
    assert!(refusals.iter().all(|refusal| *refusal == Err(VaultFailure::OtherWorkspace)), "{refusals:?}");
    assert_eq!(bytes_of(&vault), before);
    assert!(keyring.read(&other.workspace_id).unwrap().is_none());
    assert!(vault.open(Some(&secret("correct horse"))).unwrap().key.is_same_as(&other.key));
}

#[test]
fn s1_a_copy_on_another_machine_opens_with_the_passphrase_and_moves_into_its_keyring() {
    let (_folder, _keyring, vault) = fresh();
    let made = vault.open(None).unwrap();
    vault.set_passphrase(&made.workspace_id, &made.key, &secret("correct horse")).unwrap();
    let (elsewhere, keyring, copy) = fresh();
    std::fs::create_dir_all(elsewhere.path().join("workspace")).unwrap();
    for (name, bytes) in bytes_of(&vault) {
        std::fs::write(copy.folder().join(name), bytes).unwrap();
    }

    let locked = copy.open(None).unwrap_err();
    assert!(matches!(locked, VaultFailure::Locked { keyring: KeyringAnswer::Empty, .. }), "{locked:?}");
    let opened = copy.open(Some(&secret("correct horse"))).unwrap();
    assert!(opened.key.is_same_as(&made.key));
    let refused = copy.remove_passphrase(&opened.workspace_id, &opened.key).unwrap_err();
    assert_eq!(refused, VaultFailure::LastSlot { keyring: KeyringAnswer::Empty }, "it is the only slot that works here");

    copy.enrol_keyring(&opened.workspace_id, &opened.key).unwrap();
    assert_eq!((keyring.count(), copy.open(None).unwrap().opened_with), (1, Slot::Keyring));
    copy.remove_passphrase(&opened.workspace_id, &opened.key).unwrap();
    assert!(copy.open(None).unwrap().key.is_same_as(&made.key));
}

#[rstest]
#[case::locked(SlotFailure::Locked, "Unlock")]
#[case::absent(SlotFailure::NoService, "keyring")]
fn s1_a_keyring_that_can_not_keep_the_key_is_not_enrolled(#[case] failure: SlotFailure, #[case] step: &str) {
    let (_folder, keyring, vault) = fresh();
    let made = vault.open(Some(&secret("correct horse"))).unwrap();
    let before = bytes_of(&vault);
    keyring.set_failure(Some(failure.clone()));
    let refused = vault.enrol_keyring(&made.workspace_id, &made.key).unwrap_err();
    assert_eq!(refused, VaultFailure::NotKept { why: failure });
    assert!(refused.sentence().contains("nothing was changed"), "{}", refused.sentence());
    assert!(refused.next_step().contains(step) && !refused.next_step().contains("Choose"), "{}", refused.next_step());
    assert_eq!(bytes_of(&vault), before);
}
