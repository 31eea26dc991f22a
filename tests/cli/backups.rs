//! `latchkey backup`, what a damaged database does to a command, and kills in the middle.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::desk::{CONNECTOR, Desk, Ran, TOKEN};

fn database(desk: &Desk) -> PathBuf {
    desk.workspace().join("workspace.db")
}

fn damage(desk: &Desk) {
    let mut bytes = fs::read(database(desk)).unwrap();
    bytes[5000] ^= 1;
    fs::write(database(desk), bytes).unwrap();
}

fn token_names(desk: &Desk) -> Vec<String> {
    let listed = desk.run(["token", "list", "--json"]).succeeded().json();
    listed["data"].as_array().unwrap().iter().map(|token| token["name"].as_str().unwrap().to_owned()).collect()
}

fn text_token(name: &str) -> serde_json::Value {
    json!({ "name": name, "token_type": "text", "request_header_key": "X-Api-Key", "value": "of-the-text-token" })
}

/// The newest backup's name.
fn newest(desk: &Desk) -> String {
    let listed = desk.run(["backup", "list", "--json"]).succeeded().json();
    listed["data"][0]["name"].as_str().unwrap().to_owned()
}

#[test]
fn s6_a_change_makes_the_first_backup_by_itself_and_now_makes_another() {
    let desk = Desk::new();
    let none = desk.run(["backup", "list", "--json"]).succeeded().json();
    assert_eq!((&none["type"], &none["data"]), (&json!("list"), &json!([])));
    assert!(!desk.workspace().exists(), "looking makes nothing");

    desk.add_token(&desk.token()).succeeded();
    desk.add_connector(&desk.connector()).succeeded();
    let listed = desk.run(["backup", "list", "--json"]).succeeded().json();
    let backups = listed["data"].as_array().unwrap();
    assert_eq!(backups.len(), 1, "the second change came right after it");
    assert_eq!(backups[0]["reason"], "automatic");

    let made = desk.run(["backup", "now", "--json"]).succeeded().json();
    assert_eq!(made["reason"], "by_hand");
    assert!(made["bytes"].as_f64().unwrap() > 10_000.0 && made["made_at"].as_str().unwrap().ends_with('Z'));
    let text = desk.run(["backup", "list"]);
    text.succeeded();
    assert!(text.stdout.contains(made["name"].as_str().unwrap()) && text.stdout.contains("by hand"), "{}", text.stdout);
}

#[test]
fn s6_a_restore_is_confirmed_and_names_what_it_did() {
    let desk = Desk::set_up();
    let backup = desk.run(["backup", "now", "--json"]).succeeded().json()["name"].as_str().unwrap().to_owned();
    desk.add_token(&text_token("Later")).succeeded();
    let unconfirmed = desk.run(["backup", "restore", &backup, "--json"]);
    assert_eq!(unconfirmed.field(2), "--yes");
    for name in ["../workspace.db", "nothing", "workspace.db"] {
        assert_eq!(desk.run(["backup", "restore", name, "--yes", "--json"]).field(2), "name", "{name}");
    }
    assert_eq!(token_names(&desk), ["Later", TOKEN], "a refused restore changes nothing");

    let restored = desk.run(["backup", "restore", &backup, "--yes", "--json"]).succeeded().json();
    assert_eq!((&restored["name"], &restored["tokens"], &restored["connectors"]), (&json!(backup), &json!(1), &json!(1)));
    assert!(PathBuf::from(restored["set_aside"].as_str().unwrap()).join("workspace.db").exists());
    assert_eq!(restored["before"]["reason"], "before_restore");
    assert_eq!(token_names(&desk), [TOKEN]);
    desk.run(["run", CONNECTOR, "--input", "order_id=A-1042"]).succeeded();
}

#[test]
fn s6_a_damaged_database_exits_with_3_until_a_backup_is_restored() {
    let desk = Desk::set_up();
    let backup = newest(&desk);
    damage(&desk);
    let mut said = Vec::new();
    for _ in 0..2 {
        let error = desk.run(["token", "list", "--json"]).error(3);
        let message = error["message"].as_str().unwrap().to_owned();
        assert!(message.contains("damaged") && message.contains("set-aside"), "{message}");
        let next = error["next_step"].as_str().unwrap();
        assert!(next.contains(&format!("latchkey backup restore {backup}")), "{next}");
        said.push(message);
    }
    assert_eq!(said[0], said[1], "later starts say the same");
    assert_eq!(newest(&desk), backup, "the list needs no database");
    let wrong: Ran = desk
        .program(["backup", "restore", &backup, "--yes", "--json"])
        .env("LATCHKEY_PASSPHRASE", "quite another")
        .output()
        .unwrap()
        .into();
    assert_eq!(wrong.error(3)["code"], "wrong_passphrase", "the passphrase still decides");
    desk.run(["backup", "restore", &backup, "--yes"]).succeeded();
    assert_eq!(token_names(&desk), [TOKEN]);
}

#[test]
fn s6_without_a_backup_a_damaged_workspace_starts_empty_only_when_asked() {
    let desk = Desk::set_up();
    fs::remove_dir_all(desk.workspace().join("backups")).unwrap();
    fs::remove_file(database(&desk)).unwrap();
    let error = desk.run(["token", "list", "--json"]).error(3);
    assert!(error["message"].as_str().unwrap().contains("missing"), "{error}");
    assert!(error["next_step"].as_str().unwrap().contains("latchkey backup restore empty"), "{error}");
    assert!(!database(&desk).exists(), "never silently a new one");
    assert_eq!(desk.run(["backup", "restore", "empty", "--json"]).field(2), "--yes");
    let started = desk.run(["backup", "restore", "empty", "--yes", "--json"]).succeeded().json();
    assert_eq!((&started["name"], &started["tokens"], &started["set_aside"]), (&json!(null), &json!(0), &json!(null)));
    assert!(token_names(&desk).is_empty());
}

#[test]
fn s6_a_backup_that_fails_is_a_warning_and_the_command_succeeds() {
    let desk = Desk::new();
    fs::create_dir(desk.workspace()).unwrap();
    fs::write(desk.workspace().join("backups"), b"a file where the folder should be").unwrap();
    let ran = desk.add_token(&text_token("Saved all the same"));
    assert_eq!(ran.exit, 0, "{}", ran.text());
    assert_eq!(ran.json()["name"], "Saved all the same");
    let warning: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert!(warning["warning"]["message"].as_str().unwrap().contains("no backup was made"), "{warning}");
    desk.run(["backup", "now", "--json"]).error(1);
}

/// Runs it in a shell that lets no file grow beyond so many blocks of 512 bytes, as a full disk does.
#[cfg(unix)]
fn with_small_files(desk: &Desk, blocks: u32, arguments: &[&str]) -> Ran {
    let program = desk.program(arguments);
    let mut shell = std::process::Command::new("/bin/dash");
    shell
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "_"])
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.output().unwrap().into()
}

#[cfg(unix)]
#[test]
fn s6_a_full_disk_fails_the_backup_and_a_restore_and_harms_nothing() {
    let desk = Desk::set_up();
    let backup = newest(&desk);
    let before = fs::read(database(&desk)).unwrap();
    let blocks = u32::try_from(before.len() / 512 / 2).unwrap();
    with_small_files(&desk, blocks, &["backup", "now", "--json"]).error(1);
    with_small_files(&desk, blocks, &["backup", "restore", &backup, "--yes", "--json"]).error(1);
    assert_eq!(token_names(&desk), [TOKEN]);
    assert!(!desk.workspace().join("set-aside").exists(), "nothing was set aside, as nothing is damaged");
    assert_eq!(desk.run(["backup", "list", "--json"]).json()["data"].as_array().unwrap().len(), 1);
    desk.run(["backup", "now"]).succeeded();
}

/// Kills the program after a while; `false` when it had ended before.
fn killed_after(desk: &Desk, arguments: &[&str], wait: Duration) -> bool {
    let mut child = desk.program(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(wait);
    let killed = child.kill().is_ok();
    !child.wait().unwrap().success() && killed
}

#[test]
fn s6_a_kill_in_the_middle_of_a_backup_or_a_restore_leaves_the_old_state_or_the_new() {
    let desk = Desk::set_up();
    desk.run(["settings", "set", "backups.keep", "50"]).succeeded();
    let made = |desk: &Desk| desk.run(["backup", "now", "--json"]).succeeded().json()["name"].as_str().unwrap().to_owned();
    let earlier = made(&desk);
    desk.add_token(&text_token("Later")).succeeded();
    let later = made(&desk);
    let began = Instant::now();
    desk.run(["backup", "restore", &later, "--yes"]).succeeded();
    let whole = began.elapsed();
    let mut kills = 0;
    for round in 0..8u32 {
        // Spread over the second half of a whole run, where the files are written and moved.
        let wait = whole / 2 + whole * round / 16;
        let name = if round % 2 == 0 { &earlier } else { &later };
        kills += u32::from(killed_after(&desk, &["backup", "restore", name, "--yes"], wait));
        kills += u32::from(killed_after(&desk, &["backup", "now"], wait));
        let names = token_names(&desk);
        assert!(names == [TOKEN] || names == ["Later", TOKEN], "round {round}: {names:?}");
    }
    assert!(kills >= 6, "only {kills} were in the middle");
    desk.run(["backup", "restore", &earlier, "--yes"]).succeeded();
    made(&desk);
    assert_eq!(token_names(&desk), [TOKEN]);
    let leftovers: Vec<_> = [desk.workspace(), desk.workspace().join("backups")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.') || name == "set-aside.json")
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}
