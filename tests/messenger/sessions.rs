//! Sessions: `boot`, `update`, `setAuthTokens`, `shutdown` (M1, M5).

use serde_json::json;

use crate::desk::{Desk, OTHER_TOKEN, PAGE, TOKEN};

#[tokio::test]
async fn m1_m3_a_boot_and_each_later_call_are_what_the_next_run_sends() {
    let desk = Desk::new().await;
    assert_eq!(desk.sends("42").await, None, "nobody has set anything yet (M6)");
    let boot = desk.call("/v1/boot").from(PAGE).with("user_id", "42").with("email", "ann@shop.example").with("name", "Ann");
    let reply = boot.tokens(&[(TOKEN, "value of the boot")]).with("created_at", 1_700_000_000).send().await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!((&reply.body["user_id"], &reply.body["auth_tokens"]), (&json!("42"), &json!([TOKEN])));
    let session = reply.session();
    assert_eq!(desk.sends("42").await.as_deref(), Some("value of the boot"));

    let reply = desk.set(&session, &[(TOKEN, "value set later")]).send().await;
    assert_eq!((reply.status, reply.body), (200, json!({"user_id": "42", "auth_tokens": [TOKEN]})));
    assert_eq!(desk.sends("42").await.as_deref(), Some("value set later"));
    assert_eq!(desk.stored("42", TOKEN).unwrap().1, "set_auth_tokens");

    let update = desk.call("/v1/update").from(PAGE).session(&session).with("name", "").with("email", "a@shop.example");
    let reply = update.tokens(&[(TOKEN, "value of the update")]).send().await;
    assert_eq!((reply.status, reply.body), (200, json!({"user_id": "42", "auth_tokens": [TOKEN]})));
    assert_eq!(desk.sends("42").await.as_deref(), Some("value of the update"));
    assert_eq!(desk.stored("42", TOKEN).unwrap().1, "update");
    let customer = desk.customer("42").unwrap();
    assert_eq!((customer.email.as_deref(), customer.name, customer.kind.as_str()), (Some("a@shop.example"), None, "users"));
    assert!(customer.last_seen_at_ms.is_some());
}

#[tokio::test]
async fn m1_several_tokens_are_set_at_once_and_those_that_are_not_named_stay() {
    let desk = Desk::new().await;
    let session = desk.boot("42").await;
    let both = desk.set(&session, &[(TOKEN, "first of both"), (OTHER_TOKEN, "second of both")]).send().await;
    assert_eq!(both.body["auth_tokens"], json!([OTHER_TOKEN, TOKEN]), "{both:?}");
    desk.set(&session, &[(OTHER_TOKEN, "the other alone")]).send().await;
    assert_eq!(desk.stored("42", TOKEN).unwrap().0, "first of both");
    assert_eq!(desk.stored("42", OTHER_TOKEN).unwrap().0, "the other alone");
    let nothing = desk.call("/v1/update").from(PAGE).session(&session).send().await;
    assert_eq!((nothing.status, &nothing.body["auth_tokens"]), (200, &json!([])));
    assert_eq!(desk.stored("42", TOKEN).unwrap().0, "first of both");
}

#[tokio::test]
async fn m1_a_session_is_of_one_user_and_one_origin() {
    let desk = Desk::new().await;
    let other_page = "https://other.example:8443";
    desk.allow(&[PAGE, other_page], latchkey::customer::messenger::IdentityVerification::Off).await;
    let (ann, bob) = (desk.boot("ann").await, desk.boot("bob").await);
    desk.set(&ann, &[(TOKEN, "value of ann")]).send().await;
    desk.set(&bob, &[(TOKEN, "value of bob")]).send().await;
    assert_eq!(desk.sends("ann").await.as_deref(), Some("value of ann"));
    assert_eq!(desk.sends("bob").await.as_deref(), Some("value of bob"));

    let other = desk.call("/v1/auth_tokens").from(other_page).session(&ann).tokens(&[(TOKEN, "stolen session")]);
    assert_eq!(other.send().await.refusal(), (401, "session_ended"));
    let another_user = desk.set(&ann, &[(TOKEN, "for another user")]).with("user_id", "bob").send().await;
    assert_eq!(another_user.refusal(), (400, "invalid_field"));
    assert_eq!(another_user.body["error"]["field"], "user_id");
    assert_eq!(desk.set(&ann, &[(TOKEN, "value of ann")]).with("user_id", "ann").send().await.status, 200);
    for session in ["", "made up", &ann[1..], &format!("{ann}=")] {
        let refused = desk.set(session, &[(TOKEN, "a guess at it")]).send().await;
        let code = if session.is_empty() { "session_missing" } else { "session_ended" };
        assert_eq!(refused.refusal(), (401, code), "{session}");
    }
    let without = desk.call("/v1/auth_tokens").from(PAGE).tokens(&[(TOKEN, "no session at all")]).send().await;
    assert_eq!(without.refusal(), (401, "session_missing"));
    let basic = desk.call("/v1/auth_tokens").from(PAGE).header("Authorization", &format!("Basic {ann}"));
    assert_eq!(basic.tokens(&[(TOKEN, "another scheme")]).send().await.refusal(), (401, "session_missing"));
    assert_eq!(desk.sends("ann").await.as_deref(), Some("value of ann"));
    assert_eq!(desk.sends("bob").await.as_deref(), Some("value of bob"));
}

#[tokio::test]
async fn m5_after_a_shutdown_the_session_is_over_and_what_is_stored_stays() {
    let desk = Desk::new().await;
    let session = desk.boot("42").await;
    desk.set(&session, &[(TOKEN, "it stays stored")]).send().await;
    let reply = desk.call("/v1/shutdown").from(PAGE).session(&session).send().await;
    assert_eq!((reply.status, reply.body), (200, json!({"user_id": "42"})));
    assert_eq!(desk.set(&session, &[(TOKEN, "it comes too late")]).send().await.refusal(), (401, "session_ended"));
    assert_eq!(desk.call("/v1/shutdown").from(PAGE).session(&session).send().await.refusal(), (401, "session_ended"));
    assert_eq!(desk.sends("42").await.as_deref(), Some("it stays stored"));
    assert_eq!(desk.last_call().await.call, "shutdown");
}

#[tokio::test]
async fn m1_a_boot_gives_a_new_session_and_ends_the_one_that_is_sent_along() {
    let desk = Desk::new().await;
    let (tab, other_tab) = (desk.boot("ann").await, desk.boot("ann").await);
    assert_ne!(tab, other_tab);
    let again = desk.call("/v1/boot").from(PAGE).session(&tab).with("user_id", "bob").send().await.session();
    assert_eq!(desk.set(&tab, &[(TOKEN, "of nobody now")]).send().await.refusal(), (401, "session_ended"));
    assert_eq!(desk.set(&again, &[(TOKEN, "value of bob")]).send().await.body["user_id"], "bob");
    assert_eq!(desk.set(&other_tab, &[(TOKEN, "value of ann")]).send().await.body["user_id"], "ann");
    // Also when the boot fails: the page has another customer already.
    let failed = desk.call("/v1/boot").from(PAGE).session(&again).with("user_id", "").send().await;
    assert_eq!(failed.refusal(), (400, "invalid_field"));
    assert_eq!(desk.set(&again, &[(TOKEN, "of nobody now")]).send().await.refusal(), (401, "session_ended"));
    assert_eq!(desk.sends("bob").await.as_deref(), Some("value of bob"));
}
