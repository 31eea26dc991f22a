//! The settings as the headless program shows and changes them.

use std::fs;

use serde_json::json;

use crate::desk::Desk;

#[test]
fn settings_are_listed_shown_set_and_reset() {
    let desk = Desk::new();
    let list = desk.run(["settings", "list", "--json"]).succeeded().json();
    assert_eq!(list["type"], "list");
    let keep = list["data"].as_array().unwrap().iter().find(|setting| setting["key"] == "backups.keep").unwrap().clone();
    assert_eq!(keep["kind"], json!({ "kind": "integer", "min": 1, "max": 50, "unit": null }));
    assert_eq!((&keep["value"], &keep["default_value"], &keep["is_default"]), (&json!("5"), &json!("5"), &json!(true)));

    desk.run(["settings", "set", "backups.keep", "7"]).succeeded();
    assert_eq!(desk.run(["settings", "get", "backups.keep"]).succeeded().stdout, "7\n", "a script can use it as it is");
    let shown = desk.run(["settings", "get", "backups.keep", "--json"]).succeeded().json();
    assert_eq!((&shown["value"], &shown["is_default"]), (&json!("7"), &json!(false)));
    let reset = desk.run(["settings", "set", "backups.keep", "--default", "--json"]).succeeded().json();
    assert_eq!(reset, keep, "a reset setting is as if it had never been set");

    assert_eq!(desk.run(["settings", "get", "sandbox.port"]).succeeded().stdout, "\n", "nothing is set before its first start");
    let text = desk.run(["settings", "list"]).succeeded().stdout.clone();
    for setting in list["data"].as_array().unwrap() {
        assert!(text.contains(setting["key"].as_str().unwrap()), "{text}");
    }
}

#[test]
fn a_value_comes_from_a_file_or_from_standard_input_as_one_line() {
    let desk = Desk::new();
    let at = |name: &str, content: &[u8]| {
        fs::write(desk.path(name), content).unwrap();
        format!("@{}", desk.path(name).display())
    };
    desk.run(["settings", "set", "backups.keep", &at("seven", b"7 \r\n\n")]).succeeded();
    assert_eq!(desk.run(["settings", "get", "backups.keep"]).stdout, "7\n");
    Desk::run_with_input(desk.program(["settings", "set", "backups.keep", "-"]), "8\n").succeeded();
    assert_eq!(desk.run(["settings", "get", "backups.keep"]).stdout, "8\n");

    for (value, says) in [
        (at("lines", b"7\n8\n"), "more than one line"),
        (at("large", &vec![b'7'; 70_000]), "64 KiB"),
        (at("binary", b"\xff\xfe"), "UTF-8"),
        (at("empty", b""), "from 1 to 50"),
        ("@/nowhere/at-all".to_owned(), "can't be read"),
    ] {
        let ran = desk.run(["settings", "set", "backups.keep", &value, "--json"]);
        assert_eq!(ran.field(2), "backups.keep", "{value}");
        assert!(ran.error(2)["message"].as_str().unwrap().contains(says), "{}", ran.stderr);
    }
    assert_eq!(desk.run(["settings", "get", "backups.keep"]).stdout, "8\n", "a refusal changes nothing");
}

#[test]
fn wrong_settings_exit_with_2_and_name_the_field() {
    let desk = Desk::new();
    for (arguments, field, says) in [
        (&["get", "backups.kep"][..], "key", "backups.keep"),
        (&["set", "backups.kep", "5"], "key", "backups.keep"),
        (&["set", "backups.kep", "--default"], "key", "backups.keep"),
        (&["set", "backups.keep", "-5"], "backups.keep", "from 1 to 50"),
        (&["set", "sandbox.port", "65536"], "sandbox.port", "from 1 to 65535"),
        (&["set", "sandbox.starts_with_window", "perhaps"], "sandbox.starts_with_window", "true or false"),
    ] {
        let ran = desk.run(["settings"].iter().chain(arguments).chain(&["--json"]));
        assert_eq!(ran.field(2), field, "{arguments:?}");
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

const SECRET: &str = "messenger.identity_secret";

#[test]
fn s2_a_secret_is_taken_from_a_file_or_standard_input_and_never_printed() {
    let desk = Desk::new();
    assert_eq!(desk.run(["settings", "get", SECRET]).succeeded().stdout, "not set\n");
    let file = format!("@{}", desk.path("secret").display());
    fs::write(desk.path("secret"), "s3cret-of-the-messenger\n").unwrap();
    let mut told = vec![desk.run(["settings", "set", SECRET, &file]).succeeded().stdout.clone()];
    assert_eq!(told[0], format!("{SECRET} is set.\n"));
    let shown = desk.run(["settings", "get", SECRET, "--json"]).succeeded().json();
    assert_eq!((&shown["value"], &shown["is_set"], &shown["is_default"]), (&json!(null), &json!(true), &json!(false)));
    assert_eq!(shown["kind"], json!({ "kind": "secret", "longest": 1024 }));

    let replaced = Desk::run_with_input(desk.program(["settings", "set", SECRET, "-", "--json"]), "s3cret-that-is-newer\n");
    told.push(replaced.succeeded().stdout.clone());
    assert_eq!(desk.run(["settings", "get", SECRET]).succeeded().stdout, "set\n");
    for arguments in [&["settings", "list"][..], &["settings", "list", "--json"], &["settings", "get", SECRET, "--json"]] {
        told.push(desk.run(arguments).succeeded().stdout.clone());
    }
    assert!(told.iter().all(|text| !text.contains("s3cret")), "{told:?}");

    let reset = desk.run(["settings", "set", SECRET, "--default"]).succeeded().stdout.clone();
    assert_eq!(reset, format!("{SECRET} is not set.\n"));
    assert_eq!(desk.run(["settings", "get", SECRET]).succeeded().stdout, "not set\n");
}

#[test]
fn s2_a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let desk = Desk::new();
    let file = format!("@{}", desk.path("secret").display());
    fs::write(desk.path("secret"), "s3cret-of-the-messenger\n").unwrap();
    desk.run(["settings", "set", SECRET, &file]).succeeded();
    let ran = desk.run(["settings", "set", SECRET, "s3cret-as-argument", "--json"]);
    assert_eq!(ran.field(2), SECRET);
    assert!(ran.error(2)["next_step"].as_str().unwrap().contains("@FILE"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
    for (content, says) in [("", "empty"), ("one\ntwo", "more than one line"), ("a\tb", "control characters")] {
        fs::write(desk.path("secret"), content).unwrap();
        let ran = desk.run(["settings", "set", SECRET, &file, "--json"]);
        assert_eq!(ran.field(2), SECRET);
        assert!(ran.error(2)["message"].as_str().unwrap().contains(says), "{}", ran.stderr);
    }
    assert_eq!(desk.run(["settings", "get", SECRET]).stdout, "set\n", "a refusal changes nothing");
}

#[test]
fn texts_and_choices_are_checked_and_kept_in_one_spelling() {
    let desk = Desk::new();
    let origins = "messenger.allowed_origins";
    assert_eq!(desk.run(["settings", "get", origins]).succeeded().stdout, "\n");
    desk.run(["settings", "set", origins, " http://LocalHost:3000/  https://app.example.com:443 "]).succeeded();
    assert_eq!(desk.run(["settings", "get", origins]).stdout, "http://localhost:3000 https://app.example.com\n");
    desk.run(["settings", "set", "messenger.identity_verification", "jwt"]).succeeded();
    for (key, value, says) in [
        (origins, "http://localhost:3000 *", "Origin 2"),
        (origins, "http://localhost:3000/app", "Origin 1"),
        ("messenger.identity_verification", "JWT", "off, jwt, user_hash"),
    ] {
        let ran = desk.run(["settings", "set", key, value, "--json"]);
        assert_eq!(ran.field(2), key, "{value}");
        assert!(ran.error(2)["message"].as_str().unwrap().contains(says), "{}", ran.stderr);
    }
    assert_eq!(desk.run(["settings", "get", origins]).stdout, "http://localhost:3000 https://app.example.com\n");
    let reset = desk.run(["settings", "set", "messenger.identity_verification", "--default"]).succeeded().stdout.clone();
    assert_eq!(reset, "messenger.identity_verification is off, the default.\n");
    desk.run(["settings", "set", origins, ""]).succeeded();
    let shown = desk.run(["settings", "get", origins, "--json"]).succeeded().json();
    assert_eq!((&shown["value"], &shown["is_default"]), (&json!(""), &json!(true)), "none is what it is at first");
}
