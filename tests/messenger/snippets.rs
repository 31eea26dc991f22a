//! The snippets of a user token, filled in with what is true of this workspace, and carried out as they are (M1, M4).

use std::process::Command;

use latchkey::customer::messenger::IdentityVerification::{Jwt, Off, UserHash};
use latchkey::workspace::{ProblemCode, Snippet, SnippetLanguage};

use crate::desk::{Desk, IDENTITY_SECRET, PAGE, TOKEN};
use crate::identity::{jwt, user_hash};
use crate::support::drafts::{text_token, user_token};
use crate::support::within;

/// A name that would end a text, or be filled in, in one language or the other.
const ODD: &str = "it's \"a\" $token `id` $(id) \\ % Schlüssel 🔑";

fn code(snippets: &[Snippet], language: SnippetLanguage) -> &str {
    &snippets.iter().find(|snippet| snippet.language == language).unwrap().code
}

/// Runs it in a shell, with curl, and gives what the last call was answered.
async fn carry_out(script: String) -> serde_json::Value {
    let running = tokio::task::spawn_blocking(move || Command::new("sh").args(["-c", &script]).output());
    let output = within("the shell", running).await.unwrap().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[tokio::test]
async fn m1_the_snippet_for_curl_works_as_it_is_whatever_the_token_is_called() {
    let desk = Desk::new().await;
    let token = desk.token(user_token(ODD, "X-Odd")).await.summary.id;
    let messenger = desk.workspace.messenger();
    for verification in [Off, Jwt, UserHash] {
        desk.allow(&[PAGE], verification).await;
        let snippets = messenger.snippets(&token).await.unwrap();
        let proofs = [
            ("JWT_FROM_YOUR_SERVER", jwt(IDENTITY_SECRET, "HS256", &serde_json::json!({"user_id": "USER_ID"}))),
            ("HASH_FROM_YOUR_SERVER", user_hash(IDENTITY_SECRET, "USER_ID")),
        ];
        let fill = |script: String, (words, proof): &(&str, String)| script.replace(words, proof);
        let script = proofs.iter().fold(code(&snippets, SnippetLanguage::Curl).to_owned(), fill);
        let answer = carry_out(script).await;
        assert_eq!(answer, serde_json::json!({"user_id": "USER_ID", "auth_tokens": [ODD]}), "{verification:?}");
        assert_eq!(desk.stored("USER_ID", ODD).unwrap().0, "NEWER_VALUE");
    }
    let calls: Vec<_> = desk.status().await.calls.into_iter().map(|call| (call.call, call.http_status)).collect();
    assert_eq!(calls.len(), 6, "{calls:?}");
    assert!(calls.iter().all(|(_, status)| *status == 200), "{calls:?}");
}

#[tokio::test]
async fn m1_snippets_have_the_address_of_now_and_are_of_user_tokens_only() {
    let desk = Desk::new().await;
    let tokens = desk.workspace.tokens().list().await.unwrap();
    let token = tokens.iter().find(|token| token.name == TOKEN).unwrap().id.clone();
    let messenger = desk.workspace.messenger();
    for snippet in messenger.snippets(&token).await.unwrap() {
        assert!([&desk.base, &desk.app_id, TOKEN].iter().all(|named| snippet.code.contains(*named)), "{}", snippet.code);
    }
    messenger.stop().await.unwrap();
    desk.allow(&[], Off).await;
    let stopped = messenger.snippets(&token).await.unwrap();
    assert!(code(&stopped, SnippetLanguage::Kotlin).contains(&desk.base), "where it will listen again");
    assert!(!code(&stopped, SnippetLanguage::Curl).contains(PAGE));
    let text = desk.token(text_token("A fixed one", "the value of it")).await.summary.id;
    let problem = messenger.snippets(&text).await.unwrap_err();
    assert_eq!(problem.message, "A fixed one is no token of type User.");
    assert_eq!(messenger.snippets("no-such-token").await.unwrap_err().code, ProblemCode::NotFound);
}
