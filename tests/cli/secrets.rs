//! No output holds a secret, except the one command that is for it (T8, S2).

use latchkey::sandbox::DEMO_PASSWORD;
use serde_json::json;

use crate::desk::{CONNECTOR, Desk, PASSPHRASE, TOKEN};

#[test]
fn t8_no_command_but_reveal_prints_a_secret() {
    let desk = Desk::set_up();
    let mut connector = desk.connector();
    connector["name"] = json!("With a key");
    connector["headers"] = json!([{ "name": "X-Api-Key", "value": "key-of-the-header-1" }]);
    desk.add_connector(&connector).succeeded();
    let token_file = desk.file("again.json", &desk.token());
    let mut without = desk.token();
    without["location"] = json!(null);
    let without = desk.file("without.json", &without);
    let (token_file, without) = (token_file.to_str().unwrap(), without.to_str().unwrap());
    let secrets =
        [(DEMO_PASSWORD, "the login's password"), (PASSPHRASE, "the passphrase"), ("key-of-the-header-1", "a header's value")];

    desk.sandbox().expire_tokens_now();
    let commands: [&[&str]; 16] = [
        &["run", CONNECTOR, "--input", "order_id=A-1042"],
        &["run", "With a key", "--input", "order_id=A-1042"],
        &["run", CONNECTOR, "--input", "order_id=missing-1"],
        &["run", CONNECTOR, "--repeat", "2", "--input", "order_id=A-1042"],
        &["token", "list"],
        &["token", "show", TOKEN],
        &["token", "test", TOKEN],
        &["token", "test", token_file],
        &["token", "add", token_file],
        &["token", "add", without, "--replace"],
        &["token", "refresh", TOKEN],
        &["token", "add", token_file, "--replace"],
        &["connector", "list"],
        &["connector", "show", "With a key"],
        &["logs", CONNECTOR],
        &["logs", "With a key"],
    ];
    for arguments in commands {
        for more in [&[][..], &["--json"]] {
            let text = desk.run(arguments.iter().chain(more)).text();
            assert!(!text.is_empty(), "{arguments:?} says something");
            for (secret, what) in secrets {
                assert!(!text.contains(secret), "{what} is in the output of {arguments:?}: {text}");
            }
            assert!(longest_word(&text) < SHORTEST_TOKEN, "{arguments:?} {more:?} prints a token: {text}");
        }
    }
    assert!(longest_word(&desk.value()) >= SHORTEST_TOKEN, "a token would have been noticed");
    assert_eq!(desk.reveal(["token", "reveal", TOKEN, "--json"]).succeeded().json()["value"], desk.value());
}

/// Longer than any other word that is printed: an id has 36 characters.
const SHORTEST_TOKEN: usize = 40;

/// The most characters in a row that a token of the sandbox may be made of, its refresh token included.
fn longest_word(text: &str) -> usize {
    let of_a_token = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    text.split(|character| !of_a_token(character)).map(str::len).max().unwrap_or(0)
}

#[test]
fn s2_a_broken_file_is_not_repeated_in_its_error() {
    let desk = Desk::new();
    let mut token = desk.token();
    token["request"]["parameters"][1]["secret"] = json!("very-secret-value");
    let ran = desk.add_token(&token);
    assert_eq!(ran.field(2), "request.parameters[1].secret");
    let path = desk.path("cut.json");
    let text = desk.token().to_string();
    std::fs::write(&path, &text[..text.len() - 3]).unwrap();
    let cut = desk.run(["token", "add", path.to_str().unwrap()]);
    for (ran, secret) in [(&ran, "very-secret-value"), (&ran, DEMO_PASSWORD), (&cut, DEMO_PASSWORD)] {
        assert!(!ran.text().contains(secret), "the message names the place, not the value: {}", ran.text());
    }
}
