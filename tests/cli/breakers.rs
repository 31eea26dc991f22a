//! `connector breaker`, and what a refused run prints (C4, C5).

use latchkey::sandbox::Switches;
use serde_json::{Value, json};

use crate::desk::{CONNECTOR, Desk, Ran};

fn breaker(desk: &Desk, action: &[&str]) -> Ran {
    desk.run(["connector", "breaker", CONNECTOR, "--json"].iter().chain(action))
}

fn state(desk: &Desk, action: &[&str]) -> Value {
    breaker(desk, action).succeeded().json()["state"].clone()
}

fn run(desk: &Desk, more: &[&str]) -> Ran {
    desk.run(["run", CONNECTOR, "--input", "order_id=A-1042"].iter().chain(more))
}

/// A desk whose API is down.
fn broken() -> Desk {
    let desk = Desk::set_up();
    desk.sandbox().set_switches(Switches { api_down: true, ..Switches::default() });
    desk
}

#[test]
fn c4_a_refused_run_prints_when_the_next_probe_is_and_ends_with_1() {
    let desk = broken();
    for _ in 0..5 {
        assert_eq!(run(&desk, &["--json"]).json()["error_type"], "3rd_party_error");
    }
    let ran = run(&desk, &["--json"]);
    assert_eq!(ran.exit, 1);
    let result = ran.json();
    assert_eq!(result["error_type"], "circuit_open", "{result}");
    assert_eq!(result["error_message"], "The circuit breaker is open: 5 runs in a row failed. Nothing was sent.");
    let shown = breaker(&desk, &[]).succeeded().json();
    assert_eq!(result["next_probe_at"], shown["next_probe_at"]);
    result["next_probe_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let last = result["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &last["outcome"]), (&json!("gate"), &json!("refused")));
    let told = run(&desk, &[]);
    assert_eq!(told.exit, 1);
    for part in ["[circuit_open]", "next probe: 20", "Reset breaker"] {
        assert!(told.stdout.contains(part), "{part} should be in {}", told.stdout);
    }
    let logged = desk.run(["logs", CONNECTOR, "--error-type", "circuit_open", "--json"]).succeeded().json();
    assert_eq!(logged["data"][1]["next_probe_at"], result["next_probe_at"], "a refusal is recorded, too");
}

#[test]
fn c4_many_runs_count_their_refusals() {
    let desk = broken();
    let ran = run(&desk, &["--repeat", "20", "--json"]);
    assert_eq!(ran.exit, 1);
    assert_eq!(ran.json()["by_error_type"], json!({ "3rd_party_error": 5, "circuit_open": 15 }));
}

#[test]
fn c5_a_breaker_is_shown_reset_and_isolated() {
    let desk = Desk::set_up();
    let shown = breaker(&desk, &[]).succeeded().json();
    let names = [
        "changed_at",
        "data_connector_id",
        "failures",
        "next_probe_at",
        "open_seconds",
        "opened_by",
        "probing",
        "state",
        "threshold",
        "type",
        "window_seconds",
    ];
    assert_eq!(shown.as_object().unwrap().keys().collect::<Vec<_>>(), names, "the fields are a public contract");
    assert_eq!((&shown["type"], &shown["state"], &shown["changed_at"]), (&json!("breaker"), &json!("closed"), &json!(null)));
    assert_eq!(state(&desk, &["isolate"]), "isolated");
    let refused = run(&desk, &["--json"]);
    assert_eq!((refused.exit, &refused.json()["next_probe_at"]), (1, &json!(null)), "only Reset ends it");
    assert_eq!(state(&desk, &[]), "isolated", "it is kept");
    assert_eq!(state(&desk, &["reset"]), "closed");
    run(&desk, &["--json"]).succeeded();
}

#[test]
fn c5_people_read_the_state_and_what_opened_it() {
    let desk = broken();
    run(&desk, &["--repeat", "5"]);
    let told = desk.run(["connector", "breaker", CONNECTOR]);
    let text = &told.succeeded().stdout;
    for part in ["open: nothing is sent until the next probe", "after 5 within 600 s, for 60 s", "3rd_party_error", "503"] {
        assert!(text.contains(part), "{part} should be in {text}");
    }
    assert_eq!(text.lines().filter(|line| line.contains("3rd_party_error")).count(), 5, "{text}");
    let shown = desk.run(["connector", "show", CONNECTOR]);
    assert!(shown.succeeded().stdout.contains("open: nothing is sent"), "{}", shown.stdout);
    let isolated = desk.run(["connector", "breaker", CONNECTOR, "isolate"]);
    assert!(isolated.succeeded().stdout.contains("isolated"), "{}", isolated.stdout);
}

#[test]
fn c5_wrong_use_of_the_breaker_names_what_is_wrong() {
    let desk = Desk::set_up();
    assert_eq!(desk.run(["connector", "breaker", "No such", "--json"]).field(2), "name");
    assert_eq!(desk.run(["connector", "breaker", "No such", "reset", "--json"]).field(2), "name");
    desk.run(["connector", "breaker", CONNECTOR, "open", "--json"]).error(2);
    let mut connector = desk.connector();
    connector["name"] = json!("Hasty");
    connector["reliability"] = json!({ "failures": 0 });
    assert_eq!(desk.add_connector(&connector).field(2), "reliability.failures");
}
