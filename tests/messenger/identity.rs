//! Identity verification over HTTP, with proofs as servers make them (M4), for pages and for apps.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use latchkey::clock::{Clock, FixedClock};
use latchkey::customer::messenger::IdentityVerification;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::desk::{Call, Desk, IDENTITY_SECRET, PAGE, TOKEN};

fn hmac(secret: &str, message: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub fn jwt(secret: &str, algorithm: &str, claims: &Value) -> String {
    let part = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let said = format!("{}.{}", part(json!({"alg": algorithm, "typ": "JWT"})), part(claims.clone()));
    let signature = if algorithm == "none" { String::new() } else { URL_SAFE_NO_PAD.encode(hmac(secret, &said)) };
    format!("{said}.{signature}")
}

pub fn user_hash(secret: &str, user_id: &str) -> String {
    hmac(secret, user_id).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn login<'a>(desk: &'a Desk, client: &str, jwt: &str) -> Call<'a> {
    desk.keeps_secret(jwt);
    desk.call("/v1/boot").with("client", client).with("intercom_user_jwt", jwt)
}

#[tokio::test]
async fn m1_m4_an_app_logs_in_with_a_jwt_sets_tokens_and_logs_out() {
    let desk = Desk::new().await;
    desk.allow(&[], IdentityVerification::Jwt).await;
    let proof = jwt(IDENTITY_SECRET, "HS256", &json!({"user_id": "42", "email": "ann@shop.example"}));
    for client in ["kotlin", "swift"] {
        let reply = login(&desk, client, &proof).send().await;
        assert_eq!((reply.status, &reply.body["user_id"]), (200, &json!("42")), "{reply:?}");
        assert_eq!(desk.last_call().await.call, "login");
        let value = format!("value of {client}");
        let set = desk.call("/v1/auth_tokens").session(&reply.session()).tokens(&[(TOKEN, &value)]).send().await;
        assert_eq!(set.status, 200, "{set:?}");
        assert_eq!(set.header("access-control-allow-origin"), None);
        assert_eq!(desk.sends("42").await, Some(value));
        let call = desk.last_call().await;
        assert_eq!((call.call.as_str(), call.origin), ("setAuthTokens", None));
        let from_a_page = desk.set(&reply.session(), &[(TOKEN, "of a page")]).send().await;
        assert_eq!(from_a_page.refusal(), (403, "origin_not_allowed"));
        assert_eq!(desk.call("/v1/shutdown").session(&reply.session()).send().await.status, 200);
        assert_eq!(desk.last_call().await.call, "logout");
        let late = desk.call("/v1/auth_tokens").session(&reply.session()).tokens(&[(TOKEN, "after the logout")]).send().await;
        assert_eq!(late.refusal(), (401, "session_ended"));
    }
    assert_eq!(desk.customer("42").unwrap().email.as_deref(), Some("ann@shop.example"));
}

#[tokio::test]
async fn m4_a_jwt_that_does_not_fit_opens_no_session_and_stores_nothing() {
    let desk = Desk::new().await;
    desk.allow(&[PAGE], IdentityVerification::Jwt).await;
    let claims = json!({"user_id": "42"});
    let cases = [
        (jwt(IDENTITY_SECRET, "none", &claims), "identity_refused"),
        (jwt(IDENTITY_SECRET, "RS256", &claims), "identity_refused"),
        (jwt("another secret", "HS256", &claims), "identity_refused"),
        (jwt(IDENTITY_SECRET, "HS256", &json!({"sub": "42"})), "identity_refused"),
        (jwt(IDENTITY_SECRET, "HS256", &json!({"user_id": "42", "exp": 1_000_000_000})), "identity_expired"),
        ("not.a.jwt".to_owned(), "identity_refused"),
    ];
    for (proof, code) in cases {
        desk.keeps_secret(&proof);
        let boot = desk.call("/v1/boot").from(PAGE).with("user_id", "42").with("intercom_user_jwt", proof.as_str());
        let reply = boot.tokens(&[(TOKEN, "of a stranger")]).send().await;
        assert_eq!(reply.refusal(), (401, code), "{proof}");
        assert_eq!((&reply.body["session"], &reply.body["error"]["field"]), (&Value::Null, &json!("intercom_user_jwt")));
        assert_eq!(reply.header("access-control-allow-origin"), Some(PAGE), "the page is told why");
    }
    let of_43 = jwt(IDENTITY_SECRET, "HS256", &json!({"user_id": "43"}));
    let other = login(&desk, "javascript", &of_43).from(PAGE).with("user_id", "42").tokens(&[(TOKEN, "of a stranger")]);
    assert_eq!(other.send().await.refusal(), (401, "identity_refused"));
    let wrong_type = desk.call("/v1/boot").from(PAGE).with("intercom_user_jwt", json!({"user_id": "42"})).send().await;
    assert_eq!(wrong_type.refusal(), (400, "invalid_field"));
    let missing = desk.call("/v1/boot").from(PAGE).with("user_id", "42").send().await;
    assert_eq!(missing.refusal(), (401, "identity_missing"));
    assert!(desk.customer("42").is_none() && desk.customer("43").is_none());
}

#[tokio::test]
async fn m4_a_jwt_ends_by_the_clock_and_its_session_goes_on() {
    let clock = Arc::new(FixedClock::new("2026-01-31T09:00:00Z".parse::<Timestamp>().unwrap()));
    let desk = Desk::at(&clock).await;
    desk.allow(&[PAGE], IdentityVerification::Jwt).await;
    let exp = clock.now().as_second() + 60;
    let proof = jwt(IDENTITY_SECRET, "HS256", &json!({"user_id": "42", "exp": exp}));
    clock.advance(Duration::from_secs(59));
    let session = login(&desk, "javascript", &proof).from(PAGE).send().await.session();
    clock.advance(Duration::from_secs(1));
    let late = login(&desk, "javascript", &proof).from(PAGE).send().await;
    assert_eq!(late.refusal(), (401, "identity_expired"));
    assert_eq!(desk.set(&session, &[(TOKEN, "in the old session")]).send().await.status, 200);
    clock.advance(Duration::from_hours(24));
    assert_eq!(desk.set(&session, &[(TOKEN, "a day later")]).send().await.refusal(), (401, "session_ended"));
}

#[tokio::test]
async fn m4_a_user_hash_is_the_users_own() {
    let desk = Desk::new().await;
    desk.allow(&[PAGE], IdentityVerification::UserHash).await;
    let boot = |user_id: &str, hash: &str| {
        desk.keeps_secret(hash);
        desk.call("/v1/boot").from(PAGE).with("user_id", user_id).with("user_hash", hash)
    };
    let good = user_hash(IDENTITY_SECRET, "42");
    assert_eq!(boot("42", &good).tokens(&[(TOKEN, "with a hash")]).send().await.status, 200);
    assert_eq!(desk.sends("42").await.as_deref(), Some("with a hash"));
    for (user_id, hash) in
        [("43", good.as_str()), ("42", &user_hash("another secret", "42")), ("42", &good[1..]), ("42", "not hexadecimal")]
    {
        let refused = boot(user_id, hash).tokens(&[(TOKEN, "of a stranger")]).send().await;
        assert_eq!(refused.refusal(), (401, "identity_refused"), "{user_id} {hash}");
    }
    let missing = desk.call("/v1/boot").from(PAGE).with("user_id", "42").send().await;
    assert_eq!(missing.refusal(), (401, "identity_missing"));
    let program = desk.call("/v1/boot").with("user_id", "42").with("user_hash", good.as_str()).send().await;
    assert_eq!(program.status, 200, "a program that proves itself needs no origin");
    assert_eq!(desk.sends("42").await.as_deref(), Some("with a hash"));
    assert!(desk.customer("43").is_none());
}
