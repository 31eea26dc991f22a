//! What is stored of a call (M2, S6), and what people see of it (T8).

use latchkey::customer::LONGEST_VALUE;
use serde_json::{Value, json};

use crate::desk::{Desk, IDENTITY_SECRET, OTHER_TOKEN, PAGE, TOKEN};
use crate::support::drafts::text_token;
use crate::support::{assert_free_of, within};

#[tokio::test]
async fn m2_unknown_names_are_refused_by_name_and_the_known_ones_are_kept() {
    let desk = Desk::new().await;
    desk.token(text_token("text_token", "of everybody")).await;
    let session = desk.boot("42").await;
    let tokens = [(TOKEN, "the known value"), ("unheard_of", "of no token"), ("text_token", "of another type")];
    let reply = desk.set(&session, &tokens).send().await;
    assert_eq!(reply.refusal(), (422, "unknown_tokens"));
    let error = &reply.body["error"];
    assert_eq!((&error["keys"], &error["stored"]), (&json!(["text_token", "unheard_of"]), &json!([TOKEN])));
    assert!(error["message"].as_str().unwrap().contains("unheard_of"), "{error}");
    assert_eq!(error["field"], "auth_tokens");
    assert_eq!(desk.sends("42").await.as_deref(), Some("the known value"));
    let call = desk.last_call().await;
    assert_eq!((call.http_status, call.refused.len(), call.tokens.len()), (422, 2, 1), "{call:?}");

    // A boot that is refused some of its tokens has its session all the same.
    let boot = desk.call("/v1/boot").from(PAGE).with("user_id", "43").tokens(&[(TOKEN, "value of 43"), ("unheard_of", "x")]);
    let reply = boot.send().await;
    assert_eq!((reply.refusal(), &reply.body["user_id"]), ((422, "unknown_tokens"), &json!("43")));
    let set = desk.set(&reply.session(), &[(OTHER_TOKEN, "in that session")]).send().await;
    assert_eq!(set.status, 200);
    assert_eq!(desk.sends("43").await.as_deref(), Some("value of 43"));
    let update = desk.call("/v1/update").from(PAGE).session(&session).with("name", "Ann").tokens(&[("unheard_of", "x")]);
    assert_eq!(update.send().await.body["error"]["stored"], json!([]));
    assert_eq!(desk.customer("42").unwrap().name.as_deref(), Some("Ann"), "what else was said is kept too");
}

#[tokio::test]
async fn m2_what_is_wrong_with_a_value_names_its_key_and_changes_nothing() {
    let desk = Desk::new().await;
    let session = desk.boot("42").await;
    desk.set(&session, &[(TOKEN, "the good value")]).send().await;
    let too_long = "x".repeat(LONGEST_VALUE + 1);
    for (value, words) in [
        (json!(42), "is a number"),
        (json!(null), "is null"),
        (json!(["a"]), "is a list"),
        (json!({"value": "a"}), "is an object"),
        (json!(""), "is empty"),
        (json!("  "), "is empty"),
        (json!("line\nbreak"), "holds a line break"),
        (json!("nul\u{0}"), "holds a line break or another control character"),
        (json!(too_long), "is longer than 16 KiB"),
    ] {
        let call = desk.call("/v1/auth_tokens").from(PAGE).session(&session);
        let reply = call.with("auth_tokens", json!({OTHER_TOKEN: "beside a bad one", TOKEN: value})).send().await;
        assert_eq!(reply.refusal(), (400, "invalid_field"), "{value}");
        assert_eq!(reply.body["error"]["field"], format!("auth_tokens.{TOKEN}"));
        assert!(reply.body["error"]["message"].as_str().unwrap().contains(words), "{reply:?}");
    }
    desk.keeps_secret("beside a bad one");
    assert_eq!(desk.stored("42", OTHER_TOKEN), None, "a call is taken whole, or not at all");
    assert_eq!(desk.sends("42").await.as_deref(), Some("the good value"));
    for (tokens, words) in [(json!([]), "is a list"), (json!("x"), "is text"), (json!(null), "is missing")] {
        let reply = desk.call("/v1/auth_tokens").from(PAGE).session(&session).with("auth_tokens", tokens).send().await;
        assert_eq!((reply.refusal(), &reply.body["error"]["field"]), ((400, "invalid_field"), &json!("auth_tokens")));
        assert!(reply.body["error"]["message"].as_str().unwrap().contains(words), "{reply:?}");
    }
}

#[tokio::test]
async fn m2_members_of_the_wrong_kind_are_named_and_a_pages_own_are_passed_over() {
    let desk = Desk::new().await;
    let long = "x".repeat(256);
    for (member, value) in [
        ("user_id", json!(42)),
        ("user_id", json!("")),
        ("user_id", json!(null)),
        ("user_id", json!(long)),
        ("user_id", json!("4\n2")),
        ("email", json!(["a@b.example"])),
        ("email", json!(long)),
        ("name", json!(true)),
        ("created_at", json!("yesterday")),
        ("client", json!("cobol")),
        ("userId", json!("42")),
        ("authTokens", json!({TOKEN: "lost in silence?"})),
        ("auth_token", json!({TOKEN: "lost in silence?"})),
        ("app_id", json!(7)),
        ("app_id", json!(null)),
    ] {
        let reply = desk.call("/v1/boot").from(PAGE).with("user_id", "42").with(member, value.clone()).send().await;
        assert_eq!(reply.refusal(), (400, "invalid_field"), "{member}: {value}");
        assert_eq!(reply.body["error"]["field"], member, "{value}");
    }
    assert!(desk.customer("42").is_none());
    let own =
        desk.call("/v1/boot").from(PAGE).with("user_id", "42").with("plan", json!({"name": "gold"})).with("email", Value::Null);
    assert_eq!(own.send().await.status, 200);
}

#[tokio::test]
async fn t8_the_list_shows_calls_as_they_arrive_and_no_value() {
    let desk = Desk::new().await;
    let mut events = desk.workspace.events();
    let boot = desk.call("/v1/boot").from(PAGE).with("user_id", "42");
    let long = "eyJhbGciOiJIUzI1NiJ9.a-long-value.of-a-customer";
    let session = boot.tokens(&[(TOKEN, long), (OTHER_TOKEN, "short-one")]).send().await.session();
    desk.keeps_secret(&session);
    let told = async {
        use latchkey::workspace::WorkspaceEvent::MessengerChanged;
        while !matches!(events.recv().await.unwrap(), MessengerChanged) {}
    };
    within("the event", told).await;
    let call = desk.last_call().await;
    assert_eq!((call.call.as_str(), call.http_status), ("boot", 200));
    assert_eq!((call.origin.as_deref(), call.user_id.as_deref()), (Some(PAGE), Some("42")));
    let tokens: Vec<_> = call.tokens.iter().map(|token| (token.name.as_str(), token.masked.as_str())).collect();
    assert_eq!(tokens, [(OTHER_TOKEN, "••••••••"), (TOKEN, "eyJhbG••••••••")]);
    assert_eq!(call.sentence, "The session is open; 2 values are stored.");

    // A value that stands where a name belongs is not shown either, nor is one that was refused.
    let swapped = "a-value-of-a-customer-that-stands-where-the-name-of-its-token-belongs";
    desk.keeps_secret(swapped);
    desk.call("/v1/auth_tokens").from(PAGE).session(&session).with("auth_tokens", json!({swapped: TOKEN})).send().await;
    let refused = desk.last_call().await;
    assert_eq!(refused.refused, ["a-valu••••••••"]);
    assert!(!refused.sentence.contains(swapped), "{}", refused.sentence);
    desk.set(&session, &[(TOKEN, "a value\nwith a line break")]).send().await;
    assert!(desk.last_call().await.sentence.contains("line break"));
    let status = json!(desk.status().await).to_string();
    for secret in [long, "short-one", &session, swapped, "a value\nwith", IDENTITY_SECRET] {
        assert_free_of(&status, secret, "secret of a call");
    }
    for _ in 0..110 {
        desk.request("GET", "/favicon.ico").send().await.unwrap();
    }
    let calls = desk.status().await.calls;
    assert_eq!((calls.len(), calls[0].call.as_str(), calls[0].http_status), (100, "/favicon.ico", 404));
}

#[tokio::test]
async fn s6_many_calls_at_once_are_all_stored_and_the_last_one_counts() {
    let desk = Desk::new().await;
    let sessions: Vec<String> = futures_util::future::join_all((0..64).map(|number| {
        let desk = &desk;
        async move { desk.boot(&format!("user-{number}")).await }
    }))
    .await;
    let set = |number: usize| {
        let (desk, session) = (&desk, &sessions[number]);
        async move {
            let value = format!("value of number {number}");
            assert_eq!(desk.set(session, &[(TOKEN, &value)]).send().await.status, 200);
            assert_eq!(desk.stored(&format!("user-{number}"), TOKEN).unwrap().0, value, "stored when it is answered");
        }
    };
    futures_util::future::join_all((0..64).map(set)).await;
}
