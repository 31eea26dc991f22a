//! The Kotlin SDK, compiled and run against the real Messenger (M1–M5): what it hands over is what the connector's next run
//! sends.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may end it")]

mod support;

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use latchkey::customer::messenger::IdentityVerification;
use latchkey::execution::ErrorType;
use latchkey::workspace::SnippetLanguage;
use serde_json::json;
use sha2::Sha256;
use support::drafts::user_token;
use support::shop::{IDENTITY_SECRET, Shop};
use support::{Answer, Bench, within};

/// The SDK with its driver as one program; compiled once for all tests. Kept until the machine clears its temporary files,
/// under the name of this process.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kotlin");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("driver.jar");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let compiled = Command::new("kotlinc")
        .args(["-include-runtime", "-jvm-target", "1.8", "-d"])
        .arg(&program)
        .arg(root.join("src/customer/messenger/sdk/Messenger.kt"))
        .arg(root.join("tests/sdk/Driver.kt"))
        .output()
        .unwrap_or_else(|error| panic!("kotlinc can't be run ({error}): `cargo xtask test` installs it"));
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let said = String::from_utf8_lossy(&compiled.stderr).into_owned();
    assert!(!said.contains("Messenger.kt"), "it compiles without a warning: {said}");
    program
});

/// An app with the SDK.
struct App {
    child: Child,
    calls: ChildStdin,
    endings: Lines<BufReader<ChildStdout>>,
}

impl App {
    fn start() -> Self {
        let mut child = Command::new("java")
            .arg("-Xshare:auto")
            .arg("-cp")
            .arg(&*PROGRAM)
            .arg("DriverKt")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("java can't be run ({error}): `cargo xtask test` installs it"));
        let calls = child.stdin.take().unwrap();
        let endings = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, calls, endings }
    }

    /// How a call ended.
    fn call(&mut self, words: &[&str]) -> String {
        writeln!(self.calls, "{}", words.join("\t")).unwrap();
        self.endings.next().unwrap().unwrap()
    }

    fn done(&mut self, words: &[&str]) {
        assert_eq!(self.call(words), "done", "{words:?}");
    }

    /// How a call failed: its code and status, and the rest in words.
    fn fails(&mut self, words: &[&str]) -> (String, String) {
        let ended = self.call(words);
        let mut parts = ended.splitn(3, ' ');
        let head = format!("{} {}", parts.next().unwrap(), parts.next().unwrap_or_default());
        (head, parts.next().unwrap_or_default().to_owned())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A shop whose callers prove so on whose behalf they speak.
async fn shop_with(identity_verification: IdentityVerification) -> Shop {
    let shop = Shop::open().await;
    shop.allow(&[], identity_verification).await;
    shop
}

/// An app of this shop, with the customer 42 logged in.
fn app_of(shop: &Shop) -> App {
    let mut app = App::start();
    app.done(&["initialize", &shop.address, &shop.app_id]);
    app.done(&["login", "42", "ada@example.com", &jwt("42", 60)]);
    app
}

fn signed(text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(IDENTITY_SECRET.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A JWT of this customer that expires in so many seconds.
fn jwt(user_id: &str, seconds: i64) -> String {
    let part = |value: serde_json::Value| base64url(value.to_string().as_bytes());
    let claims = json!({ "user_id": user_id, "exp": Timestamp::now().as_second() + seconds });
    let head = format!("{}.{}", part(json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    format!("{head}.{}", base64url(&signed(&head)))
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m3_the_very_next_run_sends_what_the_app_handed_over() {
    let shop = shop_with(IdentityVerification::Jwt).await;
    let mut app = app_of(&shop);
    let before = shop.run("42").await;
    assert_eq!(before.error_type, Some(ErrorType::NonFinStandaloneActionIdentityVerificationError));
    app.done(&["map", "security_token", "value-of-the-map"]);
    assert_eq!(shop.sent("42").await, "Bearer value-of-the-map");
    app.done(&["list", "security_token", "value-of-the-list"]);
    assert_eq!(shop.sent("42").await, "Bearer value-of-the-list");
    // A value with everything that JSON has to escape and a header may hold.
    app.done(&["map", "security_token", "a\"b\\c/{}é😀"]);
    let held = shop.bench.workspace.customers().get("42").await.unwrap();
    assert_eq!((held.held[0].generation, held.summary.email.as_deref()), (3, Some("ada@example.com")));
    let secret =
        latchkey::workspace::SecretRef::CustomerToken { user_id: "42".to_owned(), token_id: held.held[0].token_id.clone() };
    assert_eq!(shop.bench.workspace.reveal(secret).await.unwrap(), "a\"b\\c/{}é😀");
    // Calls keep their order, whoever waits for them.
    app.done(&["unawaited", "security_token", "value-one"]);
    app.done(&["map", "security_token", "value-two"]);
    assert_eq!(shop.sent("42").await, "Bearer value-two");
    // The session ends, what is stored stays (M5).
    app.done(&["logout"]);
    assert!(app.fails(&["map", "security_token", "too-late"]).0.starts_with("not_booted"));
    assert_eq!(shop.sent("42").await, "Bearer value-two");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m2_what_is_refused_names_why_and_nothing_known_is_lost() {
    let shop = shop_with(IdentityVerification::Jwt).await;
    let mut app = app_of(&shop);
    let (code, words) = app.fails(&["map", "unheard_of", "x", "security_token", "second-value"]);
    assert_eq!(code, "unknown_tokens 422");
    assert!(words.starts_with("keys=unheard_of stored=security_token") && words.contains("unheard_of"), "{words}");
    assert_eq!(shop.sent("42").await, "Bearer second-value");
    assert_eq!(app.fails(&["map", "security_token", &"x".repeat(70_000)]).0, "too_large 413");
    let (code, words) = app.fails(&["map", "security_token", " "]);
    assert_eq!(code, "invalid_field 400", "{words}");
    assert!(words.contains("field=auth_tokens.security_token"), "{words}");
    app.done(&["initialize", &shop.address, "ffffffffffff"]);
    assert_eq!(app.fails(&["login", "42", "", &jwt("42", 60)]).0, "wrong_app_id 403");
    assert!(app.fails(&["map", "security_token", "of-another"]).1.contains("Nobody is logged in"));
    assert_eq!(shop.sent("42").await, "Bearer second-value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m4_who_logs_in_has_to_prove_it() {
    let shop = shop_with(IdentityVerification::Jwt).await;
    let mut app = app_of(&shop);
    app.done(&["map", "security_token", "of-42"]);
    assert_eq!(app.fails(&["login", "42", "", &jwt("42", -60)]).0, "identity_expired 401");
    // Whoever was logged in is not any more: nothing reaches that customer by mistake.
    assert!(app.fails(&["map", "security_token", "of-nobody"]).0.starts_with("not_booted"));
    assert_eq!(app.fails(&["login", "42", "", &jwt("43", 60)]).0, "identity_refused 401");
    assert_eq!(app.fails(&["hash", "42", "00"]).0, "identity_missing 401");
    assert_eq!(shop.sent("42").await, "Bearer of-42");

    let by_hash = shop_with(IdentityVerification::UserHash).await;
    app.done(&["initialize", &by_hash.address, &by_hash.app_id]);
    let hash: String = signed("42").iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    app.done(&["hash", "42", &hash]);
    app.done(&["map", "security_token", "by-hash"]);
    assert_eq!(by_hash.sent("42").await, "Bearer by-hash");
    assert_eq!(app.fails(&["hash", "43", &hash]).0, "identity_refused 401");

    let unproven = shop_with(IdentityVerification::Off).await;
    app.done(&["initialize", &unproven.address, &unproven.app_id]);
    assert_eq!(app.fails(&["hash", "42", &hash]).0, "origin_missing 403", "an app without a proof is not heard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_a_session_that_ended_with_the_messenger_is_opened_again() {
    let shop = shop_with(IdentityVerification::Jwt).await;
    let mut app = app_of(&shop);
    app.done(&["map", "security_token", "before"]);
    shop.bench.workspace.messenger().stop().await.unwrap();
    let (code, words) = app.fails(&["map", "security_token", "unheard"]);
    assert_eq!(code, "unreachable 0", "{words}");
    shop.bench.workspace.messenger().start(None).await.unwrap();
    app.done(&["map", "security_token", "after"]);
    assert_eq!(shop.sent("42").await, "Bearer after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_a_session_is_not_opened_again_with_a_proof_that_counts_no_more() {
    let shop = shop_with(IdentityVerification::Jwt).await;
    let mut app = app_of(&shop);
    app.done(&["map", "security_token", "believed"]);
    shop.allow_with(&[], IdentityVerification::Jwt, "another secret of the shop").await;
    assert_eq!(app.fails(&["map", "security_token", "not-believed"]).0, "identity_refused 401");
    assert_eq!(shop.sent("42").await, "Bearer believed");
    shop.allow_with(&[], IdentityVerification::Jwt, IDENTITY_SECRET).await;
    app.done(&["map", "security_token", "believed-again"]);
    assert_eq!(shop.sent("42").await, "Bearer believed-again");
    // A logout needs no session, so it opens none.
    shop.allow_with(&[], IdentityVerification::Jwt, "another secret of the shop").await;
    let before = shop.calls().await.len();
    app.done(&["logout"]);
    assert_eq!(shop.calls().await.len(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m2_a_value_that_is_no_text_is_refused_and_not_changed_into_another() {
    let shop = shop_with(IdentityVerification::Jwt).await;
    let mut app = app_of(&shop);
    app.done(&["map", "security_token", "whole"]);
    assert_eq!(app.fails(&["half", "security_token"]).0, "invalid_json 400");
    assert_eq!(shop.sent("42").await, "Bearer whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_what_is_no_messenger_is_told_apart_whatever_it_answers() {
    let bench = Bench::new().await;
    let mut app = App::start();
    app.done(&["initialize", &bench.server.at(""), "0123456789ab"]);
    for answer in [
        "",
        "<html>",
        "{}",
        "[[[",
        "{\"error\":{}}",
        "\"\\u00zz\"",
        "{\"session\":\"x\"} more",
        "{\"user_id\":7,\"session\":\"x\"}",
        "{\"user_id\":\"42\"}",
    ] {
        bench.server.answers(move |_| Answer::text(200, "application/json", answer));
        assert_eq!(app.fails(&["hash", "42", "00"]).0, "unexpected_answer 200", "{answer}");
        assert!(app.fails(&["map", "security_token", "x"]).0.starts_with("not_booted"), "{answer}");
    }
    let nested = "[".repeat(100_000);
    bench.server.answers(move |_| Answer::text(502, "application/json", nested.clone()));
    assert_eq!(app.fails(&["hash", "42", "00"]).0, "unexpected_answer 502");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_the_kotlin_snippet_is_what_an_app_compiles_whatever_the_token_is_called() {
    const ODD: &str = "it's \"a\" $token ${app} \\u0041 Schlüssel 🔑";
    let shop = shop_with(IdentityVerification::Jwt).await;
    let token = shop.bench.token(user_token(ODD, "X-Odd")).await.summary.id;
    let snippets = shop.bench.workspace.messenger().snippets(&token).await.unwrap();
    let code = snippets.into_iter().find(|snippet| snippet.language == SnippetLanguage::Kotlin).unwrap().code;
    let (import, statements) = code.split_once("\n\n").unwrap();
    // The program ends when the calls have been answered.
    let source = format!(
        "{import}\nimport java.util.concurrent.CountDownLatch\n\nfun main() {{\n{statements}\nval done = CountDownLatch(1)\n
        Intercom.client().logout(object : IntercomStatusCallback {{
            override fun onSuccess() = done.countDown()
            override fun onFailure(error: MessengerException) = throw error
        }})\ndone.await()\n}}"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Snippet.kt");
    std::fs::write(&file, source.replace("JWT_FROM_YOUR_SERVER", &jwt("USER_ID", 60))).unwrap();
    let jar = folder.path().join("snippet.jar");
    let mut kotlinc = Command::new("kotlinc");
    kotlinc.args(["-jvm-target", "1.8", "-classpath"]).arg(&*PROGRAM).arg("-d").arg(&jar).arg(&file);
    let compiled = kotlinc.output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let both = std::env::join_paths([&jar, &*PROGRAM]).unwrap();
    let running = tokio::task::spawn_blocking(move || Command::new("java").arg("-cp").arg(both).arg("SnippetKt").output());
    let ran = within("the snippet", running).await.unwrap().unwrap();
    assert!(ran.status.success() && ran.stdout.is_empty(), "{ran:?}");
    let held = shop.bench.workspace.customers().get("USER_ID").await.unwrap().held;
    assert!(held.iter().any(|held| held.token_id == token && held.generation == 1));
}

#[test]
fn values_go_to_loopback_addresses_only() {
    let mut app = App::start();
    for elsewhere in ["http://example.com", "http://10.0.2.2:47900", "http://127.0.0.1.example.com", "ftp://127.0.0.1"] {
        assert!(app.call(&["initialize", elsewhere, "0123456789ab"]).contains("is no loopback address"), "{elsewhere}");
    }
    app.done(&["initialize", "http://localhost:47900/", "0123456789ab"]);
}
