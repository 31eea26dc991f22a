//! The whole story against an `OpenID` provider that is none of our code: a token that really expires, a resource that
//! really answers 401, and the refresh that makes the next run succeed (E4, E7).
//!
//! Needs Node and `npm ci` in `tests/oidc`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use latchkey::execution::{Execution, StepKind};
use latchkey::token::{Encoding, RequestDraft, TokenLocation};
use serde_json::Value;

use support::Bench;
use support::bench::step;
use support::drafts::{connector, field, login_token};

/// The provider's process; its standard input is held open because it ends with it.
struct Provider {
    process: Child,
    says: Value,
}

impl Provider {
    fn start(token_format: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
        assert!(
            folder.join("node_modules").is_dir(),
            "the OpenID provider is not installed: run `npm ci` in {}",
            folder.display()
        );
        let mut process = Command::new("node")
            .arg("server.mjs")
            .current_dir(folder)
            .env("LATCHKEY_OIDC_TOKEN_SECONDS", "1")
            .env("LATCHKEY_OIDC_TOKEN_FORMAT", token_format)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node must be installed to run the OpenID provider");
        let mut line = String::new();
        let mut output = std::io::BufReader::new(process.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        let says = serde_json::from_str(&line).expect("the provider says in one line where it listens");
        Self { process, says }
    }

    fn says(&self, name: &str) -> &str {
        self.says[name].as_str().unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn story(token_format: &str) {
    let provider = Provider::start(token_format);
    let bench = Bench::new().await;
    let request = RequestDraft {
        method: "POST".to_owned(),
        url: provider.says("token_endpoint").to_owned(),
        headers: Vec::new(),
        parameters: vec![
            field("grant_type", "client_credentials", false),
            field("client_id", provider.says("client_id"), false),
            field("client_secret", provider.says("client_secret"), true),
        ],
        encoding: Encoding::Form,
    };
    let draft = login_token("Provider", request, TokenLocation::json("/access_token"));
    let report = bench.test(&draft).await;
    assert!(report.ok, "the provider answered {} {:?}", report.http_status, report.advice);
    let suggested = report.suggestions.first().map(|suggestion| suggestion.location.at.clone());
    assert_eq!(suggested.as_deref(), Some("/access_token"), "the token is the first suggestion");
    let token = bench.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap().summary.id;
    let id = bench.connector(connector("Orders", &format!("{}/A-7", provider.says("resource")), &[&token])).await;

    let first = bench.run(&id).await;
    assert!(first.success, "{}", first.sentence);
    let renewed = renewed_run(&bench, &id).await;
    assert_eq!(step(&renewed, StepKind::Request).http_status, Some(401));
    assert_eq!(step(&renewed, StepKind::Retry).http_status, Some(200));
    assert!(renewed.success, "{}", renewed.sentence);
    assert!(bench.generation(&token).await >= 2);
    let record = serde_json::json!(renewed).to_string();
    support::assert_free_of(&record, provider.says("client_secret"), "client secret");
    support::assert_free_of(&record, &bench.value(&token).await, "token value");
}

/// Runs until the provider no longer takes the value: the run that met that has renewed it.
async fn renewed_run(bench: &Bench, connector_id: &str) -> Execution {
    support::within("the token's end", async {
        loop {
            let execution = bench.run(connector_id).await;
            if execution.refreshes() > 0 || !execution.success {
                return execution;
            }
        }
    })
    .await
}

#[tokio::test]
async fn e4_an_opaque_token_of_a_real_provider_expires_and_is_renewed() {
    story("opaque").await;
}

#[tokio::test]
async fn e4_a_jwt_of_a_real_provider_expires_and_is_renewed() {
    story("jwt").await;
}
