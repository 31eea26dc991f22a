//! Wrong use, help, and the options that every command takes.

use serde_json::json;

use crate::desk::{CONNECTOR, Desk, TOKEN};

#[test]
fn wrong_use_exits_with_2_and_makes_no_workspace() {
    let desk = Desk::new();
    let cases: [&[&str]; 20] = [
        &[],
        &["nonsense"],
        &["token"],
        &["token", "show"],
        &["token", "add", "a.json", "--nonsense"],
        &["run"],
        &["run", "x", "--input", "no-equals-sign"],
        &["run", "x", "--input", "a=1", "--input", "a=2"],
        &["run", "x", "--source", "nonsense"],
        &["run", "x", "--repeat", "0"],
        &["run", "x", "--repeat", "1000001"],
        &["run", "x", "--repeat", "2", "--concurrency", "1025"],
        &["logs", "x", "--success", "perhaps"],
        &["logs", "x", "--error-type", "nonsense"],
        &["logs", "x", "--limit", "0"],
        &["settings"],
        &["settings", "get"],
        &["settings", "set", "backups.keep"],
        &["settings", "set", "backups.keep", "5", "--default"],
        &["--workspace", "", "token", "list"],
    ];
    for arguments in cases {
        let ran = desk.run(arguments);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{arguments:?} is explained");
    }
    let json = desk.run(["--json", "run", "x", "--nonsense"]);
    assert_eq!(json.field(2), "--nonsense", "scripts get an object here too");
    assert!(!desk.workspace().exists(), "wrong use touches nothing");
}

#[test]
fn commands_and_options_of_later_versions_are_not_there_yet() {
    let desk = Desk::new();
    let cases: [&[&str]; 5] = [
        &["connector", "breaker", "x"],
        &["run", "x", "--customer", "42"],
        &["run", "x", "--verification", "1", "--code", "123456"],
        &["logs", "x", "--since", "yesterday"],
        &["logs", "x", "--export", "har"],
    ];
    for arguments in cases {
        assert_eq!(desk.run(arguments).exit, 2, "{arguments:?} must not look as if it worked");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let desk = Desk::new();
    let help = desk.run(["--help"]);
    assert!(help.succeeded().stdout.contains("Exit status"), "{}", help.stdout);
    assert!(desk.run(["--version", "--json"]).succeeded().stdout.starts_with("latchkey "));
    for command in ["token", "connector", "run", "logs", "settings", "backup", "passphrase", "customer", "messenger", "sandbox"]
    {
        assert!(help.stdout.contains(command), "{command} is listed");
        desk.run([command, "--help"]).succeeded();
    }
}

#[test]
fn names_that_name_nothing_are_wrong_use() {
    let desk = Desk::new();
    let cases: [&[&str]; 8] = [
        &["token", "show", "Nobody's"],
        &["token", "refresh", "Nobody's"],
        &["token", "delete", "Nobody's"],
        &["token", "reveal", "Nobody's"],
        &["connector", "show", "Nobody's"],
        &["connector", "live", "Nobody's"],
        &["run", "Nobody's"],
        &["logs", "Nobody's"],
    ];
    for arguments in cases {
        let ran = desk.run(arguments.iter().chain(&["--json"]));
        assert_eq!(ran.field(2), "name", "{arguments:?}");
        assert!(ran.error(2)["message"].as_str().unwrap().contains("Nobody's"), "{arguments:?} names it");
    }
}

#[test]
fn the_options_of_every_command_stand_before_or_after_it() {
    let desk = Desk::new();
    let elsewhere = desk.path("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    let empty = json!({ "type": "list", "data": [] });
    for arguments in
        [["--json", "--workspace", elsewhere, "token", "list"], ["token", "list", "--workspace", elsewhere, "--json"]]
    {
        assert_eq!(desk.run(arguments).succeeded().json(), empty, "{arguments:?}");
    }
    assert!(desk.path("elsewhere/workspace.db").exists(), "--workspace names the folder");
    assert!(!desk.workspace().exists(), "and goes before LATCHKEY_WORKSPACE");
}

#[test]
fn errors_for_people_say_what_is_wrong_where_and_what_next() {
    let desk = Desk::new();
    let mut token = desk.token();
    token["nonsense"] = json!(1);
    let file = desk.file("token.json", &token);
    let ran = desk.run(["token", "add", file.to_str().unwrap()]);
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(lines[..2], ["error: nonsense is unknown.", "  field: nonsense"], "{}", ran.stderr);
    assert!(lines[2].starts_with("  next: Known here are name, token_type"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_goes_away_ends_the_printing_quietly() {
    let desk = Desk::set_up();
    for arguments in
        [&["token", "list"][..], &["run", CONNECTOR, "--input", "order_id=A-1042"], &["token", "show", TOKEN, "--json"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran: crate::desk::Ran = desk.program(arguments).stdout(writer).output().unwrap().into();
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{arguments:?} was done all the same");
    }
}
