//! Runs: the story from a token file to a refreshed run, results, repetition, logs.

use latchkey::sandbox::Switches;
use serde_json::{Value, json};

use crate::desk::{CONNECTOR, Desk, TOKEN};

fn run(desk: &Desk, more: &[&str]) -> crate::desk::Ran {
    desk.run(["run", CONNECTOR, "--input", "order_id=A-1042", "--json"].iter().chain(more))
}

fn kinds(result: &Value) -> Vec<&str> {
    result["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

#[test]
fn e4_the_whole_story_from_files_to_a_refreshed_run() {
    let desk = Desk::set_up();
    let before = desk.value();
    assert_eq!(desk.sandbox().logins(), 1, "adding the token tested its request once (T3)");

    let first = run(&desk, &[]);
    assert_eq!(kinds(&first.succeeded().json()), ["gate", "request", "mapping"], "a good token needs no refresh (E3)");

    desk.sandbox().expire_tokens_now();
    let second = run(&desk, &[]);
    let result = second.succeeded().json();
    assert_eq!(kinds(&result), ["gate", "request", "refresh", "retry", "mapping"], "a 401 is refreshed and sent once more");
    let statuses: Vec<_> = result["steps"].as_array().unwrap().iter().map(|step| step["http_status"].clone()).collect();
    assert_eq!(statuses, [json!(null), json!(401), json!(200), json!(200), json!(null)]);
    assert_eq!(desk.sandbox().logins(), 2, "one refresh is one login");
    assert_ne!(desk.value(), before, "the refreshed value was stored");

    let logs = desk.run(["logs", CONNECTOR, "--json"]).succeeded().json();
    let ids: Vec<_> = logs["data"].as_array().unwrap().iter().map(|result| result["id"].clone()).collect();
    assert_eq!(ids, [result["id"].clone(), first.json()["id"].clone()], "the newest execution comes first");
    assert_eq!(logs["data"][0], result, "the log has the execution as run printed it");
}

#[test]
fn run_json_is_intercoms_execution_result_with_our_fields_after_it() {
    let desk = Desk::set_up();
    let ran = run(&desk, &[]);
    let result = ran.succeeded().json();
    let names = [
        "conversation_id",
        "created_at",
        "customer",
        "data_connector_id",
        "error_message",
        "error_type",
        "execution_time_ms",
        "hint",
        "http_method",
        "http_status",
        "id",
        "next_probe_at",
        "next_step",
        "raw_response_body",
        "request_body",
        "request_url",
        "response_body",
        "sent_tokens",
        "source_id",
        "source_type",
        "steps",
        "success",
        "type",
    ];
    assert_eq!(result.as_object().unwrap().keys().collect::<Vec<_>>(), names, "the fields are a public contract");
    assert!(ran.stdout.starts_with("{\"type\":\"data_connector.execution\",\"id\":"), "in Intercom's order: {}", ran.stdout);
    assert_eq!(
        (&result["success"], &result["http_status"], &result["http_method"], &result["error_type"], &result["source_type"]),
        (&json!(true), &json!(200), &json!("get"), &json!(null), &json!("test"))
    );
    let body: Value = serde_json::from_str(result["response_body"].as_str().unwrap()).unwrap();
    assert_eq!(body["order"]["id"], "A-1042");
    let step = result["steps"][1].as_object().unwrap();
    assert_eq!(step.keys().collect::<Vec<_>>(), ["detail", "duration_ms", "http_status", "kind", "outcome"]);
}

#[test]
fn run_tells_people_the_steps_the_mapped_fields_and_the_response() {
    let desk = Desk::set_up();
    desk.sandbox().expire_tokens_now();
    let ran = desk.run(["run", CONNECTOR, "--input", "order_id=A-1042"]);
    let text = &ran.succeeded().stdout;
    let kinds: Vec<_> = text.lines().take(5).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(kinds, ["gate", "request", "refresh", "retry", "mapping"], "a line for each step: {text}");
    for part in ["Succeeded: ", "conversation.order_status = \"shipped\"", "\"id\": \"A-1042\""] {
        assert!(text.contains(part), "{part} should be in {text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours where no terminal is");
}

#[test]
fn e11_failures_and_refusals_exit_with_1_and_say_what_to_do() {
    let desk = Desk::set_up();
    let cases: [(&str, &[&str], &str); 4] = [
        ("a required input is missing", &["run", CONNECTOR], "request_validation_error"),
        ("there is no such input", &["run", CONNECTOR, "--input", "nonsense=1"], "request_validation_error"),
        ("the API knows no such order", &["run", CONNECTOR, "--input", "order_id=missing-1"], "3rd_party_error"),
        (
            "a draft runs from test only (R1)",
            &["run", CONNECTOR, "--input", "order_id=A-1042", "--source", "workflow"],
            "request_configuration_error",
        ),
    ];
    for (why, arguments, error_type) in cases {
        let ran = desk.run(arguments.iter().chain(&["--json"]));
        assert_eq!(ran.exit, 1, "{why}: {}", ran.text());
        let result = ran.json();
        assert_eq!(result["error_type"], error_type, "{why}");
        assert!(!result["error_message"].as_str().unwrap().is_empty() && !result["next_step"].as_str().unwrap().is_empty());
        let told = desk.run(arguments);
        assert!(told.exit == 1 && told.stdout.contains("next: "), "{why}: {}", told.text());
    }
    let live = desk.run(["connector", "live", CONNECTOR, "--json"]).succeeded().json();
    assert_eq!(live["state"], "live");
    run(&desk, &["--source", "workflow"]).succeeded();
}

#[test]
fn e7_a_login_that_fails_ends_the_run_as_token_refresh_error() {
    let desk = Desk::set_up();
    desk.sandbox().expire_tokens_now();
    desk.sandbox().set_switches(Switches { login_down: true, ..Switches::default() });
    let ran = run(&desk, &[]);
    assert_eq!((ran.exit, ran.json()["error_type"].as_str()), (1, Some("token_refresh_error")), "{}", ran.text());
    let refreshed = desk.run(["token", "refresh", TOKEN, "--json"]);
    assert_eq!(refreshed.error(1)["code"], "failed", "a refresh that fails is no success");
    desk.sandbox().set_switches(Switches::default());
    let refreshed = desk.run(["token", "refresh", TOKEN, "--json"]).succeeded().json();
    assert_eq!((&refreshed["generation"], &refreshed["last_change"]), (&json!(2), &json!("refreshed_by_hand")));
}

#[test]
fn e6_many_runs_of_an_expired_token_share_one_login() {
    let desk = Desk::set_up();
    desk.sandbox().expire_tokens_now();
    let logins = desk.sandbox().logins();
    let ran = run(&desk, &["--repeat", "200", "--concurrency", "50"]);
    let summary = ran.succeeded().json();
    assert_eq!(desk.sandbox().logins() - logins, 1, "two hundred runs of one expired token need one login: {summary}");
    assert_eq!(
        (&summary["runs"], &summary["succeeded"], &summary["failed"], &summary["refreshes"], &summary["by_error_type"]),
        (&json!(200), &json!(200), &json!(0), &json!(1), &json!({}))
    );
    let names = ["by_error_type", "failed", "latency_ms", "refreshes", "runs", "runs_per_second", "seconds", "succeeded"];
    assert_eq!(summary.as_object().unwrap().keys().collect::<Vec<_>>(), names, "the summary is a public contract");
    let latency: Vec<f64> = ["p50", "p90", "p99", "max"].map(|name| summary["latency_ms"][name].as_f64().unwrap()).into();
    assert!(latency[0] > 0.0 && latency.is_sorted(), "percentiles only rise: {latency:?}");
    let logs = desk.run(["logs", CONNECTOR, "--limit", "1000", "--json"]).succeeded().json();
    assert_eq!(logs["data"].as_array().unwrap().len(), 200, "every one of the runs is recorded, over several pages");
}

#[test]
fn repeated_runs_exit_with_1_when_one_of_them_fails() {
    let desk = Desk::set_up();
    let ran = desk.run(["run", CONNECTOR, "--repeat", "3", "--input", "order_id=missing-1", "--json"]);
    let summary = ran.json();
    assert_eq!((ran.exit, &summary["failed"]), (1, &json!(3)));
    assert_eq!(summary["by_error_type"], json!({ "3rd_party_error": 3 }));
    let told = desk.run(["run", CONNECTOR, "--repeat", "2", "--input", "order_id=A-1042"]);
    assert!(told.succeeded().stdout.contains("runs per second"), "people get a table: {}", told.stdout);
}

#[test]
fn logs_are_filtered_and_limited() {
    let desk = Desk::set_up();
    run(&desk, &[]).succeeded();
    desk.run(["run", CONNECTOR]);
    desk.run(["run", CONNECTOR, "--input", "order_id=missing-1"]);
    let types = |more: &[&str]| -> Vec<Value> {
        let logs = desk.run(["logs", CONNECTOR, "--json"].iter().chain(more)).succeeded().json();
        assert_eq!(logs["type"], "list");
        logs["data"].as_array().unwrap().iter().map(|result| result["error_type"].clone()).collect()
    };
    assert_eq!(types(&[]), [json!("3rd_party_error"), json!("request_validation_error"), json!(null)]);
    assert_eq!(types(&["--success", "true"]), [json!(null)]);
    assert_eq!(types(&["--success", "false"]).len(), 2);
    assert_eq!(types(&["--error-type", "request_validation_error"]), [json!("request_validation_error")]);
    assert_eq!(types(&["--limit", "1"]), [json!("3rd_party_error")]);
    let told = desk.run(["logs", CONNECTOR]);
    assert_eq!(told.succeeded().stdout.lines().count(), 4, "a heading and a line for each: {}", told.stdout);
}

#[test]
fn a_log_is_exported_to_standard_output_or_to_a_new_file() {
    let desk = Desk::set_up();
    run(&desk, &["--customer", "ann"]).succeeded();
    run(&desk, &[]).succeeded();
    let lines = desk.run(["logs", CONNECTOR, "--export", "jsonl"]);
    let customers: Vec<_> =
        lines.succeeded().stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["customer"].clone()).collect();
    assert_eq!(customers, [Value::Null, json!("ann")], "each whole, the newest first");
    let file = desk.path("log.har");
    let to_file = ["logs", CONNECTOR, "--export", "har", "--output", file.to_str().unwrap(), "--json"];
    assert_eq!(desk.run(to_file).succeeded().json()["executions"], 2);
    let archive: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(archive["log"]["pages"].as_array().unwrap().len(), 2);
    assert_eq!(desk.run(to_file).field(2), "--output", "a file that is there is not replaced");
}
