//! Who may call is set while the Messenger runs, by this process or another, and counts with the next call (M4).

use latchkey::customer::messenger::IdentityVerification::{Jwt, Off, UserHash};
use latchkey::workspace::{MessengerDraft, ProblemCode, SecretRef};
use serde_json::json;

use crate::desk::{Desk, IDENTITY_SECRET, PAGE, TOKEN};
use crate::identity::{jwt, user_hash};
use crate::support::Bench;

fn draft(origins: &[&str]) -> MessengerDraft {
    MessengerDraft {
        allowed_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
        identity_verification: Off,
        identity_secret: None,
    }
}

#[tokio::test]
async fn m4_origins_are_kept_as_browsers_write_them_and_faults_are_named() {
    let bench = Bench::new().await;
    let messenger = bench.workspace.messenger();
    let status = messenger.status().await.unwrap();
    assert_eq!((status.running, status.port, status.base_url.as_str()), (false, 47_900, "http://127.0.0.1:47900"));
    assert_eq!((status.identity_verification, status.has_secret, status.allowed_origins.len()), (Off, false, 0));
    let origins = ["HTTP://Shop.Example:80/", " https://bücher.example", "http://shop.example", "http://localhost:3000"];
    let status = messenger.set_up(draft(&origins)).await.unwrap();
    let kept = ["http://shop.example", "https://xn--bcher-kva.example", "http://localhost:3000"];
    assert_eq!(status.allowed_origins, kept);
    for (origins, field) in [
        (vec!["localhost:3000"], "allowed_origins[0]"),
        (vec![PAGE, "*"], "allowed_origins[1]"),
        (vec![PAGE, PAGE, "null"], "allowed_origins[2]"),
        (vec!["https://shop.example/checkout"], "allowed_origins[0]"),
        (vec![""], "allowed_origins[0]"),
    ] {
        let problem = messenger.set_up(draft(&origins)).await.unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::Invalid, Some(field)), "{origins:?}");
        assert!(!problem.next_step.is_empty());
    }
    let many: Vec<_> = (0..101).map(|number| format!("http://localhost:{}", 3000 + number)).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(messenger.set_up(draft(&many)).await.unwrap_err().field.as_deref(), Some("allowed_origins[100]"));
    assert_eq!(messenger.set_up(draft(&many[..100])).await.unwrap().allowed_origins.len(), 100);
    assert_eq!(messenger.set_up(draft(&[])).await.unwrap().allowed_origins, Vec::<String>::new());
}

#[tokio::test]
async fn m4_identity_verification_needs_a_secret_which_is_kept_like_any_secret() {
    let bench = Bench::new().await;
    bench.keeps_secret(IDENTITY_SECRET);
    let messenger = bench.workspace.messenger();
    let with = |identity_verification, secret: Option<&str>| MessengerDraft {
        identity_verification,
        identity_secret: secret.map(str::to_owned),
        ..draft(&[PAGE])
    };
    for verification in [Jwt, UserHash] {
        for secret in [None, Some(""), Some("  ")] {
            let problem = messenger.set_up(with(verification, secret)).await.unwrap_err();
            assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::Invalid, Some("identity_secret")));
        }
    }
    assert_eq!(messenger.status().await.unwrap().allowed_origins, Vec::<String>::new(), "nothing of a refused draft is kept");
    let reveal = || bench.workspace.reveal(SecretRef::MessengerSecret);
    assert_eq!(reveal().await.unwrap_err().code, ProblemCode::NotFound);
    for secret in ["two\nlines", &"x".repeat(1025)] {
        let problem = messenger.set_up(with(Off, Some(secret))).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("identity_secret"));
        assert!(problem.message.starts_with("The secret "), "{}", problem.message);
    }
    let status = messenger.set_up(with(Jwt, Some(IDENTITY_SECRET))).await.unwrap();
    assert!(status.has_secret && !json!(status).to_string().contains(IDENTITY_SECRET));
    assert_eq!(reveal().await.unwrap(), IDENTITY_SECRET);
    assert!(messenger.set_up(with(UserHash, None)).await.unwrap().has_secret, "it stays while it is not named");
    let problem = messenger.set_up(with(UserHash, Some(""))).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("identity_secret"), "it can't be removed while it is needed");
    assert!(!messenger.set_up(with(Off, Some(""))).await.unwrap().has_secret);

    assert!(messenger.make_secret().await.unwrap().has_secret);
    let made = reveal().await.unwrap();
    assert!(made.len() == 64 && made.bytes().all(|digit| digit.is_ascii_hexdigit()), "256 bits");
    bench.keeps_secret(&made);
    messenger.make_secret().await.unwrap();
    assert_ne!(reveal().await.unwrap(), made);
    bench.keeps_secret(&reveal().await.unwrap());
}

#[tokio::test]
async fn m4_an_origin_counts_from_the_moment_that_it_is_allowed_until_it_is_not() {
    let desk = Desk::new().await;
    let session = desk.boot("42").await;
    desk.allow(&["http://other.example"], Off).await;
    assert_eq!(desk.set(&session, &[(TOKEN, "no longer allowed")]).send().await.refusal(), (403, "origin_not_allowed"));
    desk.allow(&["http://other.example", PAGE], Off).await;
    assert_eq!(desk.set(&session, &[(TOKEN, "allowed again")]).send().await.status, 200);
    // Another process that has the same workspace open.
    let other = desk.second().await;
    other.messenger().set_up(draft(&[])).await.unwrap();
    assert_eq!(desk.set(&session, &[(TOKEN, "not by the other")]).send().await.refusal(), (403, "origin_not_allowed"));
    other.messenger().set_up(draft(&[PAGE])).await.unwrap();
    assert_eq!(desk.set(&session, &[(TOKEN, "by the other")]).send().await.status, 200);
    assert_eq!(desk.sends("42").await.as_deref(), Some("by the other"));
}

#[tokio::test]
async fn m4_a_session_ends_when_another_proof_is_asked_for() {
    let desk = Desk::new().await;
    let unproven = desk.boot("42").await;
    desk.allow(&[PAGE], UserHash).await;
    assert_eq!(desk.set(&unproven, &[(TOKEN, "without a proof")]).send().await.refusal(), (401, "session_ended"));
    let boot = desk.call("/v1/boot").from(PAGE).with("user_id", "42").with("user_hash", user_hash(IDENTITY_SECRET, "42"));
    let session = boot.send().await.session();
    assert_eq!(desk.set(&session, &[(TOKEN, "with a proof")]).send().await.status, 200);
    desk.allow(&[PAGE, "http://other.example"], UserHash).await;
    assert_eq!(desk.set(&session, &[(TOKEN, "the proof is the same")]).send().await.status, 200);
    desk.workspace.messenger().make_secret().await.unwrap();
    assert_eq!(desk.set(&session, &[(TOKEN, "of the old secret")]).send().await.refusal(), (401, "session_ended"));
    let old = desk.call("/v1/boot").from(PAGE).with("user_id", "42").with("user_hash", user_hash(IDENTITY_SECRET, "42"));
    assert_eq!(old.send().await.refusal(), (401, "identity_refused"));
    let made = desk.workspace.reveal(SecretRef::MessengerSecret).await.unwrap();
    desk.keeps_secret(&made);
    desk.workspace.messenger().set_up(MessengerDraft { identity_verification: Jwt, ..draft(&[PAGE]) }).await.unwrap();
    let proof = jwt(&made, "HS256", &json!({"user_id": "42"}));
    let boot = desk.call("/v1/boot").from(PAGE).with("intercom_user_jwt", proof).send().await;
    assert_eq!(boot.status, 200, "{boot:?}");
    assert_eq!(desk.sends("42").await.as_deref(), Some("the proof is the same"));
}
