//! Opening the workspace: the passphrase of the environment, and exit status 3.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use latchkey::vault::{MemorySlot, SlotFailure};
use latchkey::workspace::{Seams, Workspace};

use crate::desk::{Desk, PASSPHRASE, TOKEN};

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
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

#[test]
fn s1_a_program_killed_while_it_changes_the_passphrase_leaves_the_old_or_the_new_one() {
    let desk = Desk::new();
    desk.run(["settings", "set", "backups.keep", "7"]).succeeded();
    let get = |passphrase: &str| -> crate::desk::Ran {
        desk.program(["settings", "get", "backups.keep"]).env("LATCHKEY_PASSPHRASE", passphrase).output().unwrap().into()
    };
    let mut current = PASSPHRASE.to_owned();
    let mut changed = 0;
    // From hardly begun to nearly done: the moment of the death is what is tried, nothing is waited for. The last one may finish.
    for attempt in 0..10_u32 {
        let next = format!("passphrase number {attempt}");
        desk.knows_passphrase(&next);
        let mut program = desk.program(["passphrase", "set"]);
        program.env("LATCHKEY_PASSPHRASE", &current).env("LATCHKEY_NEW_PASSPHRASE", &next).stdout(Stdio::null());
        let mut child = program.spawn().unwrap();
        if attempt < 9 {
            std::thread::sleep(Duration::from_millis(u64::from(attempt) * 120));
            child.kill().unwrap();
        }
        child.wait().unwrap();
        let (old, new) = (get(&current), get(&next));
        assert_eq!([old.exit, new.exit].iter().filter(|exit| **exit == 0).count(), 1, "exactly one of the two opens");
        assert_eq!(format!("{}{}", old.stdout, new.stdout), "7\n", "and what is in the workspace is still there");
        if new.exit == 0 {
            current = next;
            changed += 1;
        }
    }
    assert!(changed > 0, "the last one was not killed");
}

#[test]
fn s1_a_passphrase_changed_by_another_program_does_not_disturb_an_open_workspace() {
    let desk = Desk::new();
    desk.knows_passphrase("the second passphrase");
    desk.knows_passphrase("the third passphrase");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let seams = Seams { keyring: Arc::new(MemorySlot::failing(SlotFailure::NoService)), ..Seams::real() };
        let workspace = Workspace::open(desk.workspace(), Some(PASSPHRASE.into()), seams).await.unwrap();
        Desk::run_with_input(desk.program(["passphrase", "set"]), "the second passphrase\n").succeeded();
        workspace.settings().set("backups.keep", "7").await.expect("the key is the same, so it goes on");
        workspace.set_passphrase("the third passphrase".into()).await.unwrap();
    });
    let get = |passphrase: &str| -> crate::desk::Ran {
        desk.program(["settings", "get", "backups.keep"]).env("LATCHKEY_PASSPHRASE", passphrase).output().unwrap().into()
    };
    assert_eq!([PASSPHRASE, "the second passphrase"].map(|passphrase| get(passphrase).exit), [3, 3], "old ones open nothing");
    assert_eq!(get("the third passphrase").succeeded().stdout, "7\n");
}
