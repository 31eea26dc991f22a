//! Opening the workspace: the passphrase of the environment, and exit status 3.

use std::fs;
use std::path::{Path, PathBuf};

use crate::desk::{Desk, PASSPHRASE, TOKEN};

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn s1_a_wrong_passphrase_exits_with_3_and_changes_nothing() {
    let desk = Desk::set_up();
    let before = contents(&desk.workspace());
    for arguments in
        [&["token", "list", "--json"][..], &["token", "delete", TOKEN, "--json"], &["passphrase", "remove", "--json"]]
    {
        let ran: crate::desk::Ran =
            desk.program(arguments).env("LATCHKEY_PASSPHRASE", "quite another").output().unwrap().into();
        let error = ran.error(3);
        assert_eq!(error["code"], "wrong_passphrase");
        assert!(error["next_step"].as_str().unwrap().contains("LATCHKEY_PASSPHRASE"), "{error}");
    }
    assert!(contents(&desk.workspace()) == before, "not a byte of the folder may change");
}

#[test]
fn s1_without_a_slot_that_opens_the_message_says_which_exist() {
    let desk = Desk::new();
    let without = |desk: &Desk| -> crate::desk::Ran {
        desk.program(["token", "list", "--json"]).env_remove("LATCHKEY_PASSPHRASE").output().unwrap().into()
    };
    let new = without(&desk);
    assert!(new.error(3)["next_step"].as_str().unwrap().contains("LATCHKEY_PASSPHRASE"), "{}", new.stderr);
    assert!(!desk.workspace().join("workspace.db").exists(), "there is no fall-back to plain text");

    desk.run(["token", "list"]).succeeded();
    let locked = without(&desk);
    let error = locked.error(3);
    assert_eq!(error["code"], "locked");
    assert!(error["message"].as_str().unwrap().contains("passphrase"), "{error}");
}

#[test]
fn s1_a_new_workspace_refuses_a_short_passphrase() {
    let desk = Desk::new();
    let ran: crate::desk::Ran =
        desk.program(["token", "list", "--json"]).env("LATCHKEY_PASSPHRASE", "short").output().unwrap().into();
    ran.error(3);
    assert!(!desk.workspace().join("workspace.db").exists(), "nothing is made with it");
}

#[test]
fn s1_the_passphrase_is_changed_from_standard_input_or_the_environment() {
    let desk = Desk::new();
    let list = |passphrase: &str| {
        let ran: crate::desk::Ran =
            desk.program(["token", "list"]).env("LATCHKEY_PASSPHRASE", passphrase).output().unwrap().into();
        ran.exit
    };
    let set = Desk::run_with_input(desk.program(["passphrase", "set"]), "the second passphrase\n");
    set.succeeded();
    assert!(!set.text().contains("the second passphrase"), "it is not printed");
    assert_eq!((list(PASSPHRASE), list("the second passphrase")), (3, 0), "only the new one opens");

    let mut program = desk.program(["passphrase", "set", "--json"]);
    program.env("LATCHKEY_PASSPHRASE", "the second passphrase").env("LATCHKEY_NEW_PASSPHRASE", PASSPHRASE);
    let set: crate::desk::Ran = program.output().unwrap().into();
    assert_eq!(set.succeeded().json()["slots"], serde_json::json!(["passphrase"]));
    assert_eq!((list(PASSPHRASE), list("the second passphrase")), (0, 3));

    let short = Desk::run_with_input(desk.program(["passphrase", "set", "--json"]), "short\n");
    assert_eq!(short.field(2), "passphrase");
    assert_eq!(desk.run(["passphrase", "set", "--json"]).field(2), "passphrase", "an empty input is no passphrase");
    desk.run(["passphrase", "remove", "--json"]).error(1);
    assert_eq!(list(PASSPHRASE), 0, "the only slot stays");
    assert_eq!(desk.run(["passphrase", "set", "as-an-argument"]).exit, 2, "others can read arguments");
}
