//! Tokens of which each customer has a value: as files, as they are shown, and in runs for a customer.

use std::path::Path;

use latchkey::customer::{Said, SetBy, take_in};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::desk::{CONNECTOR, Desk};

const NAME: &str = "session_token";

fn user_token() -> Value {
    json!({ "name": NAME, "token_type": "user", "request_header_key": "X-Session", "token_prefix": "Session" })
}

/// The sandbox's orders with its login and a user token.
fn set_up() -> Desk {
    let desk = Desk::new();
    desk.add_token(&desk.token()).succeeded();
    desk.add_token(&user_token()).succeeded();
    let mut connector = desk.connector();
    connector["tokens"].as_array_mut().unwrap().push(json!(NAME));
    desk.add_connector(&connector).succeeded();
    desk
}

fn holds(desk: &Desk, user_id: &str, value: &str) {
    desk.keeps_secret(value);
    let tokens = vec![(NAME.to_owned(), SecretString::from(value))];
    let said = Said { user_id: user_id.to_owned(), tokens, ..Said::default() };
    desk.database().write(|transaction| take_in(transaction, &said, SetBy::Boot, 1_000)).unwrap();
}

fn run(desk: &Desk, more: &[&str]) -> crate::desk::Ran {
    desk.run(["run", CONNECTOR, "--input", "order_id=A-1042"].iter().chain(more))
}

#[test]
fn t5_a_user_token_is_added_listed_and_shown_without_a_value() {
    let desk = Desk::new();
    let added = desk.add_token(&user_token()).succeeded().json();
    assert_eq!((&added["token_type"], &added["has_value"], &added["generation"]), (&json!("user"), &json!(false), &json!(0)));
    assert!(added.get("request").is_none() && added.get("location").is_none());
    let shown = desk.run(["token", "show", NAME]);
    assert!(shown.succeeded().stdout.contains("one per customer"), "{}", shown.stdout);
    let listed = desk.run(["token", "list"]);
    let line = listed.succeeded().stdout.lines().find(|line| line.contains(NAME)).unwrap().to_owned();
    assert!(line.contains("user") && line.contains("one per customer") && line.contains("X-Session: Session "), "{line}");
    let moved = json!({ "name": NAME, "token_type": "user", "request_header_key": "X-Other" });
    let replaced = desk.add_replacing(&moved).succeeded().json();
    assert_eq!((&replaced["id"], &replaced["request_header_key"]), (&added["id"], &json!("X-Other")));
    desk.run(["token", "delete", NAME]).succeeded();
}

#[test]
fn t5_a_user_token_file_has_no_value_no_request_and_no_location() {
    let desk = Desk::new();
    let of_others = [
        ("value", json!("a value of its own")),
        ("request", json!({ "method": "GET", "url": "https://a.example" })),
        ("location", json!({ "in": "json", "at": "/a" })),
        ("refresh_before_seconds", json!(60)),
        ("value", Value::Null),
    ];
    for (member, value) in of_others {
        let mut file = user_token();
        file[member] = value;
        let refused = desk.add_token(&file);
        assert_eq!(refused.field(2), member);
        let message = refused.error(2)["message"].clone();
        assert!(message.as_str().unwrap().contains("each customer has one"), "{message}");
    }
    let mut file = user_token();
    file["name"] = json!("__proto__");
    assert_eq!(desk.add_token(&file).field(2), "name");
}

#[test]
fn t5_a_user_token_is_not_refreshed_forgotten_tested_or_revealed() {
    let desk = set_up();
    for command in ["refresh", "forget", "reveal"] {
        let refused = desk.run(["token", command, NAME, "--json"]).error(1);
        assert!(refused["message"].as_str().unwrap().contains("session_token is a user token"), "{command}: {refused}");
        assert!(!refused["next_step"].as_str().unwrap().is_empty());
    }
    let refused = desk.run(["token", "test", NAME, "--json"]).error(2);
    assert!(refused["message"].as_str().unwrap().contains("a user token"), "{refused}");
    let file = desk.file("user.json", &json!({ "name": "other", "token_type": "user", "request_header_key": "X-A" }));
    let refused = desk.run([Path::new("token"), Path::new("test"), &file, Path::new("--json")]).error(2);
    assert!(refused["message"].as_str().unwrap().contains("a user token"), "{refused}");
}

#[test]
fn m3_a_run_for_a_customer_sends_the_newest_value_and_says_which_generation() {
    let desk = set_up();
    holds(&desk, "zoe", "the first value of zoe");
    let first = run(&desk, &["--customer", "zoe", "--json"]).succeeded().json();
    assert_eq!(first["customer"], "zoe");
    let of_user_token = |result: &Value| {
        let sent = result["sent_tokens"].as_array().unwrap().clone();
        let names: Vec<_> = sent.iter().map(|sent| sent["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(names, [crate::desk::TOKEN, NAME]);
        let mut members: Vec<_> = sent[1].as_object().unwrap().keys().cloned().collect();
        members.sort();
        assert_eq!(members, ["generation", "name", "token_id"], "never the value");
        sent[1]["generation"].clone()
    };
    assert_eq!(of_user_token(&first), 1);
    holds(&desk, "zoe", "the second value of zoe");
    let told = run(&desk, &["--customer", "zoe"]);
    let line = told.succeeded().stdout.lines().find(|line| line.contains("tokens sent")).unwrap().to_owned();
    assert!(line.contains("session_token (generation 2)"), "{line}");
    assert!(told.stdout.contains("customer: zoe"), "{}", told.stdout);
    let logged = desk.run(["logs", "--id", first["id"].as_str().unwrap(), "--json"]).succeeded().json();
    assert_eq!(of_user_token(&logged["data"][0]), 1);
}

#[test]
fn m6_a_run_without_a_value_fails_and_says_for_whom() {
    let desk = set_up();
    for (arguments, named) in [(vec!["--json"], "for no customer"), (vec!["--customer", "nobody", "--json"], "“nobody”")] {
        let ran = run(&desk, &arguments);
        assert_eq!(ran.exit, 1);
        let result = ran.json();
        assert_eq!(result["error_type"], "non_fin_standalone_action_identity_verification_error");
        let message = result["error_message"].as_str().unwrap();
        assert!(message.contains(named) && message.contains(NAME), "{message}");
        assert_eq!(result["sent_tokens"], json!([]));
    }
}
