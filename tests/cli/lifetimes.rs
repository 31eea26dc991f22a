//! What is known of a value's life, and where a moved token went, as files carry it and the program prints it.

use latchkey::sandbox::Switches;
use serde_json::json;

use crate::desk::{CONNECTOR, Desk, TOKEN};

#[test]
fn e4_a_margin_and_a_values_end_are_in_the_file_the_list_and_what_is_shown() {
    let desk = Desk::new();
    let mut token = desk.token();
    token["refresh_before_seconds"] = json!(60);
    let tested = desk.run([std::path::Path::new("token"), "test".as_ref(), &desk.file("t.json", &token), "--json".as_ref()]);
    let lifetime = &tested.succeeded().json()["located"]["lifetime"];
    assert_eq!(lifetime, &json!({"seconds": 900, "from": "expires_in beside the value", "suggested_margin_seconds": 60}));
    desk.add_token(&token).succeeded();

    let shown = desk.run(["token", "show", TOKEN, "--json"]).succeeded().json();
    assert_eq!(shown["refresh_before_seconds"], 60);
    assert_eq!(shown["lifetime_from"], "expires_in beside the value");
    let listed = desk.run(["token", "list", "--json"]).succeeded().json();
    for member in ["refresh_before_seconds", "expires_at", "lifetime_from"] {
        assert_eq!(listed["data"][0][member], shown[member], "{member} is in the list too");
    }
    let end = shown["expires_at"].as_str().unwrap();
    let text = desk.run(["token", "show", TOKEN]).succeeded().stdout.clone();
    assert!(text.contains("60 s before it expires") && text.contains(&format!("{end} (expires_in beside")), "{text}");
    let text = desk.run(["token", "list"]).succeeded().stdout.clone();
    assert!(text.contains("EXPIRES") && text.contains(end), "{text}");

    let again = token.clone();
    for wrong in [json!(0), json!(2_592_001)] {
        token["refresh_before_seconds"] = wrong;
        assert_eq!(desk.add_replacing(&token).field(2), "refresh_before_seconds");
    }
    desk.add_replacing(&again).succeeded();
}

#[test]
fn e7_where_a_moved_token_went_is_printed_and_taken_from_a_file_after_a_test() {
    let desk = Desk::set_up();
    desk.sandbox().set_switches(Switches { login_moves_token: true, ..Switches::default() });
    let refreshed = desk.run(["token", "refresh", TOKEN]);
    assert_eq!(refreshed.exit, 1, "{}", refreshed.text());
    let place = r#""location": {"at":"/data/credentials/access_token","in":"json"}"#;
    assert!(refreshed.stdout.contains(place), "{}", refreshed.text());
    assert!(refreshed.stdout.contains("-     session: object(4)"), "what is gone: {}", refreshed.stdout);
    assert!(refreshed.stdout.contains("+     credentials: object(4)"), "what is new: {}", refreshed.stdout);
    assert!(refreshed.stderr.contains("It probably stands at data.credentials.access_token now."), "{}", refreshed.stderr);

    let shown = desk.run(["token", "show", TOKEN, "--json"]).succeeded().json();
    let proposal = &shown["moved"]["proposals"][0];
    assert_eq!(proposal["reason"], "same name, now under data.credentials");
    assert_eq!(shown["location"], json!({"in": "json", "at": "/data/session/access_token"}), "nothing takes it by itself");
    let shown = desk.run(["token", "show", TOKEN]).succeeded().stdout.clone();
    assert!(shown.contains(place), "{shown}");
    let tested = desk.run(["token", "test", TOKEN]);
    assert!(tested.exit == 1 && tested.stdout.contains("Where the token probably went:"), "{}", tested.text());

    let mut token = desk.token();
    token["location"] = proposal["location"].clone();
    desk.add_replacing(&token).succeeded();
    let shown = desk.run(["token", "show", TOKEN, "--json"]).succeeded().json();
    assert!(shown.get("moved").is_none(), "{shown}");
    desk.sandbox().expire_tokens_now();
    desk.run(["run", CONNECTOR, "--input", "order_id=A-1042"]).succeeded();

    desk.sandbox().set_switches(Switches { login_down: true, ..Switches::default() });
    let refreshed = desk.run(["token", "refresh", TOKEN]);
    assert_eq!((refreshed.exit, refreshed.stdout.as_str()), (1, ""), "a login that is down says nothing of a place");
}
