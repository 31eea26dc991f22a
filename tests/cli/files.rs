//! Token and connector files: what they may hold, what is refused and where, what is tested and replaced.

use latchkey::sandbox::Switches;
use serde_json::{Value, json};

use crate::desk::{CONNECTOR, Desk, TOKEN};

/// The file with one value changed, added, or removed by `null`.
fn changed(file: &Value, pointer: &str, value: Value) -> Value {
    let mut file = file.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match file.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => drop(members.remove(name)),
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = value,
        other => panic!("{pointer} is not in {other}"),
    }
    file
}

#[test]
fn faults_of_token_files_name_their_field() {
    let desk = Desk::new();
    let token = desk.token();
    let cases = [
        ("/nonsense", json!(1), "nonsense"),
        ("/value", json!("x"), "value"),
        ("/request/nonsense", json!(1), "request.nonsense"),
        ("/request/parameters/1/kay", json!("x"), "request.parameters[1].kay"),
        ("/request/parameters/1/key", json!(null), "request.parameters[1].key"),
        ("/request/headers/0/value", json!(5), "request.headers[0].value"),
        ("/request/headers/0/name", json!("a b"), "request.headers[0].name"),
        ("/request/parameters/0/key", json!(""), "request.parameters[0].key"),
        ("/request/encoding", json!("yaml"), "request.encoding"),
        ("/request/url", json!("ftp://127.0.0.1/"), "request.url"),
        ("/request/url", json!("http://127.0.0.1/{{customer}}"), "request.url"),
        ("/request/headers/0/value", json!("{{customer}}"), "request.headers[0].value"),
        ("/request/parameters/1/value", json!("{{customer}}"), "request.parameters[1].value"),
        ("/location/in", json!("yaml"), "location.in"),
        ("/location/nonsense", json!(1), "location.nonsense"),
        ("/location/then", json!([{ "open": "line", "number": "1" }]), "location.then[0].number"),
        ("/location/at", json!("no pointer"), "location.at"),
        ("/location/at", json!("/data/nothing"), "location"),
        ("/token_type", json!("user"), "request"),
        ("/token_type", json!("users"), "token_type"),
        ("/token_type", json!(null), "token_type"),
        ("/name", json!(null), "name"),
        ("/name", json!(" "), "name"),
        ("/request_header_key", json!("Content-Length"), "request_header_key"),
        ("/domain", json!("https://a.example"), "domain"),
    ];
    for (pointer, value, field) in cases {
        let ran = desk.add_token(&changed(&token, pointer, value.clone()));
        assert_eq!(ran.field(2), field, "{pointer} = {value}: {}", ran.text());
    }
    let listed = desk.run(["token", "list", "--json"]).succeeded().json();
    assert_eq!(listed, json!({ "type": "list", "data": [] }), "a refused file changes nothing");
}

#[test]
fn faults_of_connector_files_name_their_field() {
    let desk = Desk::set_up();
    let connector = changed(&desk.connector(), "/name", json!("Another"));
    let cases = [
        ("/nonsense", json!(1), "nonsense"),
        ("/state", json!("live"), "state"),
        ("/http_method", json!("head"), "http_method"),
        ("/headers/0/nonsense", json!(1), "headers[0].nonsense"),
        ("/headers/0/name", json!("Host"), "headers[0].name"),
        ("/headers/0/name", json!("authorization"), "headers[0].name"),
        ("/data_inputs/0/type", json!("date"), "data_inputs[0].type"),
        ("/data_inputs/0/default_value", json!(5), "data_inputs[0].default_value"),
        ("/url", json!("http://127.0.0.1/{{nobody}}"), "url"),
        ("/tokens/0", json!("Nobody's"), "tokens[0]"),
        ("/tokens", json!([TOKEN, TOKEN]), "tokens[1]"),
        ("/token_ids", json!([]), "token_ids"),
        ("/audiences", json!(["users", "robots"]), "audiences[1]"),
        ("/mock_response", json!("{}"), "mock_response"),
        ("/object_mappings/0/attribute_mappings/0/nonsense", json!(1), "object_mappings[0].attribute_mappings[0].nonsense"),
        ("/reliability", json!({ "failures": 0 }), "reliability.failures"),
        ("/reliability", json!({ "retries": 3 }), "reliability.retries"),
        ("/name", json!(CONNECTOR), "name"),
    ];
    for (pointer, value, field) in cases {
        let ran = desk.add_connector(&changed(&connector, pointer, value.clone()));
        assert_eq!(ran.field(2), field, "{pointer} = {value}: {}", ran.text());
    }
    let live = desk.add_connector(&changed(&connector, "/state", json!("live")));
    assert!(live.error(2)["next_step"].as_str().unwrap().contains("connector live"), "the way to do it is named");
    let listed = desk.run(["connector", "list", "--json"]).succeeded().json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "a refused file changes nothing");
}

#[test]
fn files_that_are_no_json_objects_are_refused() {
    let desk = Desk::new();
    for content in ["", "[]", "{\"name\": }", "{\"name\": \"a\"} more"] {
        let path = desk.path("broken.json");
        std::fs::write(&path, content).unwrap();
        let ran = desk.run(["token", "add", path.to_str().unwrap(), "--json"]);
        assert_eq!(ran.field(2), "FILE", "{content:?}");
    }
    assert_eq!(desk.run(["connector", "add", "/nowhere/at/all.json", "--json"]).field(2), "FILE");
    assert!(!desk.workspace().exists(), "a file that can't be read makes no workspace");
}

#[test]
fn t3_an_http_request_token_is_saved_only_after_a_test_that_succeeded() {
    let mut desk = Desk::new();
    let token = desk.token();
    let wrong = desk.add_token(&changed(&token, "/request/parameters/1/value", json!("not-the-password")));
    assert_eq!(wrong.error(1)["code"], "failed", "the endpoint said no, so nothing is saved");
    assert_eq!(wrong.json()["http_status"], 401, "what was answered is shown");

    let without = desk.add_token(&changed(&token, "/location", json!(null)));
    assert_eq!(without.field(2), "location");
    let suggested = without.json()["suggestions"][0]["location"].clone();
    assert_eq!(suggested, json!({ "in": "json", "at": "/data/session/access_token" }), "the likeliest place is suggested");
    assert!(without.error(2)["next_step"].as_str().unwrap().contains("/data/session/access_token"));

    desk.stop_sandbox();
    let open = json!([{ "open": "line", "number": 1 }, { "open": "capture", "pattern": "(" }]);
    let badly_written = desk.add_token(&changed(&token, "/location/then", open));
    assert_eq!(badly_written.field(2), "location.then[1]", "it is refused before anything is sent");
    let unanswered = desk.add_token(&token);
    assert_eq!(unanswered.error(1)["code"], "failed", "no answer is a failed test");
    assert_eq!(desk.run(["token", "list", "--json"]).json()["data"], json!([]), "none of these was saved");
}

#[test]
fn t3_replacing_asks_for_a_new_test_only_when_the_request_or_location_changes() {
    let desk = Desk::set_up();
    let taken = desk.add_token(&desk.token());
    assert_eq!(taken.field(2), "name", "a name is not taken over by accident");
    assert!(taken.error(2)["message"].as_str().unwrap().contains(TOKEN), "the name is named");

    let value = desk.value();
    let replace = |file: &Value| {
        let file = desk.file("replacing.json", file);
        desk.run(["token", "add", file.to_str().unwrap(), "--replace", "--json"]).succeeded().json()
    };
    let logins = desk.sandbox().logins();
    let detail = replace(&changed(&desk.token(), "/description", json!("Another description")));
    assert_eq!((&detail["description"], &detail["generation"]), (&json!("Another description"), &json!(1)));
    assert_eq!((desk.sandbox().logins(), desk.value()), (logins, value.clone()), "no test, and the value stays");

    let detail = replace(&changed(&desk.token(), "/request/encoding", json!("form")));
    assert_eq!(detail["generation"], 2, "another request is another value");
    assert_eq!(desk.sandbox().logins(), logins + 1, "another request is tested");
    assert_ne!(desk.value(), value, "the value of the old request is gone");

    let mut text = json!({ "name": TOKEN, "token_type": "text", "request_header_key": "X-Key", "value": "a-fixed-value" });
    let file = desk.file("text.json", &text);
    assert_eq!(desk.run(["token", "add", file.to_str().unwrap(), "--replace", "--json"]).field(2), "token_type");
    text["name"] = json!("Fixed key");
    assert_eq!(desk.add_token(&text).succeeded().json()["has_value"], true, "a text token needs no test (T2)");
}

#[test]
fn a_test_shows_the_shape_and_stores_nothing() {
    let desk = Desk::set_up();
    let value = desk.value();
    let tested = desk.run(["token", "test", TOKEN, "--json"]).succeeded().json();
    assert_eq!((&tested["http_status"], &tested["ok"]), (&json!(200), &json!(true)));
    assert!(tested["located"]["header_preview"].as_str().unwrap().starts_with("Authorization: Bearer "));
    let fields = tested["fields"].as_array().unwrap();
    let found = fields.iter().find(|field| field["pointer"] == "/data/session/access_token").expect("the shape has it");
    assert_eq!(found["kind"], "string");
    assert_eq!(desk.value(), value, "a test stores nothing");

    let file = desk.file("other.json", &changed(&desk.token(), "/name", json!("Not saved")));
    desk.run(["token", "test", file.to_str().unwrap()]).succeeded();
    let claim = json!([{ "open": "jwt_claim", "claim": "sub" }]);
    let claim = desk.file("claim.json", &changed(&desk.token(), "/location/then", claim));
    let tested = desk.run(["token", "test", claim.to_str().unwrap(), "--json"]).succeeded().json();
    assert_eq!(tested["located"]["characters"], "demo".len(), "the claim of the token is opened (T4)");
    let moved = desk.file("moved.json", &changed(&desk.token(), "/location/at", json!("/data/nothing")));
    assert_eq!(desk.run(["token", "test", moved.to_str().unwrap()]).exit, 1, "nothing at the location is a failed test");
    desk.sandbox().set_switches(Switches { login_down: true, ..Switches::default() });
    assert_eq!(desk.run(["token", "test", TOKEN]).exit, 1, "a 503 is a failed test");
    assert_eq!(desk.run(["token", "test", "Nobody's", "--json"]).field(2), "NAME_OR_FILE");
}

#[test]
fn t7_a_token_in_use_is_not_deleted() {
    let desk = Desk::set_up();
    let refused = desk.run(["token", "delete", TOKEN, "--json"]);
    let error = refused.error(1);
    assert_eq!(error["code"], "in_use");
    assert!(error["message"].as_str().unwrap().contains(CONNECTOR), "the refusal names the connector: {error}");

    desk.run(["connector", "live", CONNECTOR]).succeeded();
    assert_eq!(desk.run(["connector", "delete", CONNECTOR, "--json"]).error(1)["code"], "in_use", "delete needs draft (R1)");
    desk.run(["connector", "draft", CONNECTOR]).succeeded();
    let deleted = desk.run(["connector", "delete", CONNECTOR, "--json"]).succeeded().json();
    assert_eq!((&deleted["object"], &deleted["deleted"]), (&json!("data_connector"), &json!(true)));
    desk.run(["token", "delete", TOKEN]).succeeded();
    assert_eq!(desk.run(["token", "show", TOKEN, "--json"]).field(2), "name", "it is gone");
}

#[test]
fn t9_a_forgotten_value_is_fetched_by_the_next_run() {
    let desk = Desk::set_up();
    let forgotten = desk.run(["token", "forget", TOKEN, "--json"]).succeeded().json();
    assert_eq!((&forgotten["has_value"], &forgotten["last_change"]), (&json!(false), &json!("forgotten_by_hand")));
    assert_eq!(desk.reveal(["token", "reveal", TOKEN, "--json"]).error(1)["code"], "not_found", "there is nothing to reveal");
    desk.run(["run", CONNECTOR, "--input", "order_id=A-1042"]).succeeded();
    assert_eq!(desk.run(["token", "show", TOKEN, "--json"]).json()["last_change"], "fetched");
}

#[test]
fn connector_show_is_intercoms_detail_without_header_values() {
    let desk = Desk::set_up();
    let mut file = changed(&desk.connector(), "/name", json!("Full"));
    file["mock_response"] = json!({ "order": { "id": 12345, "status": "shipped" } });
    file["background"] = json!(true);
    file["reliability"] = json!({ "timeout_ms": 5000 });
    file["response_fields"] = json!([{ "path": "order.id", "type": "integer", "example_value": 7, "redacted": true }]);
    desk.add_connector(&file).succeeded();
    let detail = desk.run(["connector", "show", "Full", "--json"]).succeeded().json();
    assert_eq!(detail["type"], "data_connector");
    assert_eq!(detail["headers"], json!([{ "name": "X-Team", "value": "****" }]), "no header value is shown");
    assert_eq!(detail["configuration_response_type"], "mock_response_type");
    let field = json!({ "path": "order.id", "type": "integer", "example_value": null, "redacted": true });
    assert!(detail["response_fields"].as_array().unwrap().contains(&field), "the mark stays: {}", detail["response_fields"]);
    assert_eq!((&detail["background"], &detail["reliability"]["timeout_ms"]), (&json!(true), &json!(5000)));
    assert_eq!(detail["reliability"]["failures"], 5, "what the file leaves out has its default");
    assert_eq!((&detail["state"], &detail["tokens"]), (&json!("draft"), &json!([TOKEN])));

    let path = desk.file("replacing.json", &changed(&file, "/description", json!("Replaced")));
    let replaced = desk.run(["connector", "add", path.to_str().unwrap(), "--replace", "--json"]).succeeded().json();
    assert_eq!((&replaced["description"], &replaced["id"]), (&json!("Replaced"), &detail["id"]), "it stays the same one");
}

#[test]
fn intercoms_minimal_connector_is_taken_and_is_not_ready() {
    let desk = Desk::new();
    desk.add_connector(&json!({ "name": "My Connector", "description": null })).succeeded();
    let live = desk.run(["connector", "live", "My Connector", "--json"]);
    assert_eq!(live.field(2), "url", "it lacks its URL");
}

#[test]
fn a_dash_reads_standard_input() {
    let desk = Desk::new();
    let text =
        json!({ "name": "Fixed", "token_type": "text", "request_header_key": "X-Key", "value": "a-fixed-value" }).to_string();
    Desk::run_with_input(desk.program(["token", "add", "-"]), &text).succeeded();
    assert_eq!(desk.reveal(["token", "reveal", "Fixed"]).stdout, "a-fixed-value\n");
}
