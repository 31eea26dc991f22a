//! `latchkey messenger`: the Messenger as a program, its calls printed, ended by a signal and killed.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use latchkey::store::{customer_tokens, customers, tokens};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::desk::Desk;

const NAME: &str = "session_token";
const PAGE: &str = "http://shop.example";

/// A Messenger that runs as a program of its own; killed when a test fails.
struct Served {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    base_url: String,
    app_id: String,
}

impl Served {
    fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let mut program = desk.program(["messenger", "--json"].iter().chain(arguments));
        let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let text = |member: &str| first[member].as_str().unwrap().to_owned();
        let (base_url, app_id) = (text("base_url"), text("app_id"));
        assert_eq!(base_url, format!("http://127.0.0.1:{}", first["port"]));
        Self { child, lines, base_url, app_id }
    }

    fn call(&self, path: &str, session: Option<&str>, members: Value) -> (u16, Value) {
        let mut body = members;
        body["app_id"] = json!(self.app_id);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.post(format!("{}{path}", self.base_url)).header("Origin", PAGE).json(&body);
        if let Some(session) = session {
            request = request.bearer_auth(session);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.json().await.unwrap())
        })
    }

    /// The next call that it prints.
    fn printed(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A workspace with a user token, whose Messenger listens to one page.
fn set_up() -> Desk {
    let desk = Desk::new();
    let token = json!({ "name": NAME, "token_type": "user", "request_header_key": "X-Session" });
    desk.add_token(&token).succeeded();
    desk.run(["settings", "set", "messenger.allowed_origins", PAGE]).succeeded();
    desk
}

fn stored(desk: &Desk, user_id: &str) -> Option<String> {
    let read = desk.database().read(|connection| {
        let Some(customer) = customers::by_user_id(connection, user_id)? else { return Ok(None) };
        let token = tokens::by_name(connection, NAME)?.unwrap();
        customer_tokens::get(connection, customer.id, &token.id)
    });
    Some(read.unwrap()?.value?.expose_secret().to_owned())
}

#[test]
fn m1_the_program_serves_prints_each_call_and_ends_with_0_when_asked() {
    let desk = set_up();
    let value = "eyJhbGciOiJIUzI1NiJ9.the-value.of-a-customer";
    desk.keeps_secret(value);
    let mut served = Served::start(&desk, &["--port", "0"]);
    let tokens = json!({ "user_id": "42", "auth_tokens": { NAME: value, "unheard_of": value } });
    let (status, answer) = served.call("/v1/boot", None, tokens);
    assert_eq!((status, &answer["error"]["keys"]), (422, &json!(["unheard_of"])));
    let printed = served.printed();
    assert_eq!((&printed["call"], &printed["http_status"]), (&json!("boot"), &json!(422)));
    assert_eq!(printed["tokens"], json!([{ "name": NAME, "masked": "eyJhbG••••••••" }]));
    assert!(!printed.to_string().contains("the-value"), "{printed}");
    let session = answer["session"].as_str().unwrap();
    assert!(!printed.to_string().contains(session));
    // Set by another program while it serves.
    desk.run(["settings", "set", "messenger.allowed_origins", "http://other.example"]).succeeded();
    assert_eq!(served.call("/v1/auth_tokens", Some(session), json!({ "auth_tokens": {} })).0, 403);
    assert_eq!(served.printed()["http_status"], 403);
    served.signal("INT");
    assert_eq!(served.child.wait().unwrap().code(), Some(0), "asked to end, it ends well");
    assert_eq!(stored(&desk, "42").as_deref(), Some(value));

    let mut program = desk.program(["messenger"]);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let base_url = first.strip_prefix("Messenger listening on ").unwrap().split(' ').next().unwrap();
    assert_eq!(first, format!("Messenger listening on {base_url} with the app_id {}", served.app_id));
    let port = base_url.rsplit(':').next().unwrap();
    let remembered = desk.run(["settings", "get", "messenger.port"]).succeeded().stdout.trim_end().to_owned();
    assert_eq!(remembered, port, "the first port that nobody named is kept");
    let taken = desk.run(["messenger", "--json"]);
    assert_eq!(taken.field(2), "--port", "a second one of this workspace");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let starts = desk.run(["settings", "get", "messenger.starts_with_window"]).succeeded().stdout.trim_end().to_owned();
    assert_eq!(starts, "false", "it is not the window's");
}

#[test]
fn s6_what_was_answered_with_200_is_stored_when_the_program_is_killed_at_once() {
    let desk = set_up();
    for round in 0..8 {
        let mut served = Served::start(&desk, &["--port", "0"]);
        let (status, answer) = served.call("/v1/boot", None, json!({ "user_id": "42" }));
        assert_eq!(status, 200, "{answer}");
        let value = format!("value of round {round}");
        desk.keeps_secret(&value);
        let tokens = json!({ "auth_tokens": { NAME: value } });
        let (status, answer) = served.call("/v1/auth_tokens", answer["session"].as_str(), tokens);
        served.child.kill().unwrap();
        assert_eq!((status, &answer["auth_tokens"]), (200, &json!([NAME])));
        served.child.wait().unwrap();
        assert_eq!(stored(&desk, "42"), Some(value));
    }
}
