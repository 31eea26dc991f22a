//! `latchkey customer …`: customers added, changed, searched, shown and deleted by hand, and run for.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::desk::Desk;

const VALUE: &str = "opaque-value-of-ann-0123456789";

/// A workspace with two user tokens.
fn set_up() -> Desk {
    let desk = Desk::new();
    for (name, header) in [("session_token", "X-Session"), ("basket_token", "X-Basket")] {
        let token = json!({ "name": name, "token_type": "user", "request_header_key": header });
        desk.add_token(&token).succeeded();
    }
    desk
}

fn written(desk: &Desk, text: &str) -> PathBuf {
    let path = desk.path("value.txt");
    std::fs::write(&path, text).unwrap();
    path
}

fn answer<const N: usize>(desk: &Desk, arguments: [&str; N]) -> Value {
    let ran = desk.run(arguments.into_iter().chain(["--json"]));
    serde_json::from_str(&ran.succeeded().stdout).unwrap()
}

#[test]
fn m5_a_customer_is_added_changed_shown_and_deleted_by_hand() {
    let desk = set_up();
    let file = written(&desk, &format!("{VALUE}\n"));
    let token = format!("session_token=@{}", file.display());
    desk.run(["customer", "set", "ann", "--email", "ann@example.com", "--kind", "leads", "--token", &token]).succeeded();

    let shown = answer(&desk, ["customer", "show", "ann"]);
    assert_eq!(shown["customer"]["kind"], "leads");
    let held = &shown["customer"]["held"][1];
    assert_eq!(
        (&held["name"], &held["generation"], &held["set_by"]),
        (&json!("session_token"), &json!(1), &json!("command_line"))
    );
    assert!(!shown.to_string().contains(VALUE), "masked: {shown}");
    assert_eq!(shown["customer"]["held"][0]["masked"], json!(null), "nothing of the other token");

    desk.run(["customer", "set", " ann ", "--name", "Ann Oak"]).succeeded();
    let changed = answer(&desk, ["customer", "show", "ann"]);
    assert_eq!((&changed["customer"]["email"], &changed["customer"]["name"]), (&json!("ann@example.com"), &json!("Ann Oak")));
    assert_eq!(changed["customer"]["held"], shown["customer"]["held"], "what is not named stays");

    let text = desk.run(["customer", "show", "ann"]).succeeded().stdout.clone();
    assert!(text.contains("X-Session: opaque••••••••") && !text.contains(VALUE), "{text}");
    desk.run(["customer", "delete", "ann"]).succeeded();
    let gone = desk.run(["customer", "show", "ann"]);
    assert_eq!(gone.exit, 2, "{}", gone.stderr);
    assert!(gone.stderr.contains("no customer “ann”"), "{}", gone.stderr);
}

#[test]
fn m2_an_unknown_name_is_refused_and_the_known_one_is_stored() {
    let desk = set_up();
    let file = written(&desk, VALUE);
    let (known, unknown) = (format!("session_token=@{}", file.display()), format!("nobodys=@{}", file.display()));
    let refused = desk.run(["customer", "set", "ann", "--token", &unknown, "--token", &known]);
    assert_eq!(refused.exit, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("“nobodys”") && refused.stderr.contains("other tokens too"), "{}", refused.stderr);
    assert!(!format!("{}{}", refused.stdout, refused.stderr).contains(VALUE));
    assert_eq!(answer(&desk, ["customer", "show", "ann"])["customer"]["tokens"], json!(["session_token"]));
}

#[test]
fn s2_a_value_is_no_argument_and_nothing_is_changed_when_one_is_given() {
    let desk = set_up();
    for given in [format!("session_token={VALUE}"), VALUE.to_owned(), "session_token=@/no/such/file".to_owned()] {
        let refused = desk.run(["customer", "set", "ann", "--token", &given]);
        assert_eq!(refused.exit, 2, "{}", refused.stderr);
        assert!(!refused.stderr.contains(VALUE), "{}", refused.stderr);
    }
    assert_eq!(answer(&desk, ["customer", "list"])["total"], 0);
}

#[test]
fn customers_are_searched_by_the_start_of_what_is_listed() {
    let desk = set_up();
    for (id, email, name) in [("u1", "ann@example.com", "Ann"), ("u2", "bob@example.com", "Ångström"), ("ann3", "", "")] {
        desk.run(["customer", "set", id, "--email", email, "--name", name]).succeeded();
    }
    let found = |search: &str| -> Vec<String> {
        let page = answer(&desk, ["customer", "list", "--search", search]);
        page["data"].as_array().unwrap().iter().map(|row| row["user_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found("ANN"), ["ann3", "u1"], "the user id first, each once");
    assert_eq!(found("ång"), ["u2"], "whatever the case");
    assert_eq!(found("nn"), Vec::<String>::new(), "only beginnings");
    let first = answer(&desk, ["customer", "list", "--limit", "2"]);
    assert_eq!((first["data"].as_array().unwrap().len(), &first["has_more"], &first["total"]), (2, &json!(true), &json!(3)));
}
