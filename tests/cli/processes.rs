//! Several processes at once, signals, and the sandbox as a program.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use latchkey::sandbox::Switches;
use serde_json::{Value, json};

use crate::desk::{CONNECTOR, Desk, Ran};

/// Ends a child that a failed test leaves behind.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a signal, such as `INT`, to a child.
fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "the child should still be there to be signalled");
}

#[test]
fn two_programs_work_on_one_workspace_at_once() {
    let desk = Desk::set_up();
    desk.sandbox().expire_tokens_now();
    let logins = desk.sandbox().logins();
    let arguments = ["run", CONNECTOR, "--repeat", "60", "--concurrency", "12", "--input", "order_id=A-1042", "--json"];
    let children: Vec<_> =
        (0..2).map(|_| desk.program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()).collect();
    let mut refreshes = 0;
    for child in children {
        let ran: Ran = child.wait_with_output().unwrap().into();
        let summary = ran.succeeded().json();
        assert_eq!(summary["succeeded"], 60, "neither program is in the other's way: {summary}");
        refreshes += summary["refreshes"].as_u64().unwrap();
    }
    assert_eq!(refreshes, desk.sandbox().logins() - logins, "the programs count the logins that were really sent");
    let logs = desk.run(["logs", CONNECTOR, "--limit", "500", "--json"]).succeeded().json();
    assert_eq!(logs["data"].as_array().unwrap().len(), 120, "every acknowledged run of both is recorded (S6)");
}

#[test]
fn a_new_workspace_is_made_once_by_two_programs() {
    let desk = Desk::new();
    let start = || desk.program(["token", "list", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for child in [start(), start(), start()] {
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert_eq!(ran.succeeded().json()["data"], json!([]), "each of them finds the same workspace");
    }
}

#[test]
fn e13_ctrl_c_cancels_a_run_which_is_recorded() {
    let desk = Desk::set_up();
    desk.sandbox().set_switches(Switches { api_slow: true, ..Switches::default() });
    let child = desk.program(["run", CONNECTOR, "--input", "order_id=A-1042"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("gate"), "steps are printed as they happen");
    signal(&running.0, "INT");
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(running.0.wait().unwrap().code(), Some(1), "a cancelled run is no success: {rest:?}");
    let logs = desk.run(["logs", CONNECTOR, "--json"]).succeeded().json();
    assert_eq!(logs["data"][0]["error_type"], "cancelled");
}

#[test]
fn e13_ctrl_c_ends_repeated_runs_with_a_summary_of_those_that_began() {
    let desk = Desk::set_up();
    let mut program =
        desk.program(["run", CONNECTOR, "--repeat", "1000000", "--concurrency", "4", "--input", "order_id=A-1042", "--json"]);
    let mut running = Running(program.stdout(Stdio::piped()).spawn().unwrap());
    let mut served = desk.sandbox().subscribe();
    let wait = tokio::runtime::Builder::new_current_thread().build().unwrap();
    wait.block_on(served.changed()).unwrap();
    signal(&running.0, "INT");
    let mut text = String::new();
    running.0.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(1), "not all of the runs were made");
    let summary: Value = serde_json::from_str(&text).unwrap();
    let (runs, failed) = (summary["runs"].as_u64().unwrap(), summary["failed"].as_u64().unwrap());
    assert!((1..1_000_000).contains(&runs) && failed <= 4, "at most the runs under way were cancelled: {summary}");
    let logs = desk.run(["logs", CONNECTOR, "--limit", "100000", "--json"]).succeeded().json();
    assert_eq!(logs["data"].as_array().unwrap().len() as u64, runs, "what the summary counts is what is recorded");
}

#[test]
fn the_sandbox_prints_its_address_first_and_ends_with_0_when_asked() {
    let desk = Desk::new();
    for (arguments, name) in
        [(&["sandbox", "--port", "0"][..], "INT"), (&["sandbox", "--port", "0", "--token-lifetime", "60", "--json"], "TERM")]
    {
        let mut running = Running(desk.program(arguments).stdout(Stdio::piped()).spawn().unwrap());
        let mut first = String::new();
        let mut reader = BufReader::new(running.0.stdout.take().unwrap());
        reader.read_line(&mut first).unwrap();
        let base_url = match serde_json::from_str::<Value>(&first) {
            Ok(object) => {
                let base_url = object["base_url"].as_str().unwrap().to_owned();
                assert_eq!(object["port"].to_string(), base_url.rsplit(':').next().unwrap());
                base_url
            }
            Err(_) => first.trim_end().strip_prefix("Sandbox listening on ").expect("the address is the first line").to_owned(),
        };
        let mut token = desk.token();
        token["name"] = json!(name);
        token["request"]["url"] = json!(format!("{base_url}/login"));
        desk.add_token(&token).succeeded();
        signal(&running.0, name);
        assert_eq!(running.0.wait().unwrap().code(), Some(0), "asked to end, it ends well");
    }
    let taken = desk.run(["sandbox", "--json", "--port", &desk.sandbox().port().to_string()]);
    assert_eq!(taken.field(2), "--port");
}
