//! A workspace whose Messenger listens, with a connector that sends the user token `security_token`.

use std::collections::BTreeMap;

use latchkey::customer::messenger::{IdentityVerification, MessengerCall};
use latchkey::execution::{Execution, SourceType};
use latchkey::token::{TokenDraft, TokenDraftKind};
use latchkey::workspace::{ExecutionRequest, MessengerDraft};
use serde_json::json;

use super::assert_free_of;
use super::bench::Bench;
use super::drafts::{connector, text_token};
use super::server::Answer;

/// With which callers prove on whose behalf they speak.
pub const IDENTITY_SECRET: &str = "the/identity+secret of a shop";

pub struct Shop {
    pub bench: Bench,
    pub token_id: String,
    connector: String,
    /// Of the Messenger.
    pub address: String,
    pub app_id: String,
}

impl Shop {
    pub async fn open() -> Self {
        let bench = Bench::new().await;
        bench.server.answers(|_| Answer::json(200, &json!({"status": "shipped"})));
        let user = TokenDraft { kind: TokenDraftKind::User, ..text_token("security_token", "") };
        let token_id = bench.token(user).await.summary.id;
        let connector = bench.connector(connector("Orders", &bench.server.at("/orders"), &[&token_id])).await;
        // Free a moment ago; the Messenger remembers the port that it is given.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let status = bench.workspace.messenger().start(Some(port)).await.unwrap();
        assert!(status.running);
        Self { bench, token_id, connector, address: status.base_url, app_id: status.app_id }
    }

    /// Who may call from now on, and what has to be proven.
    pub async fn allow(&self, origins: &[&str], identity_verification: IdentityVerification) {
        self.allow_with(origins, identity_verification, IDENTITY_SECRET).await;
    }

    /// The same, and with which secret.
    pub async fn allow_with(&self, origins: &[&str], identity_verification: IdentityVerification, secret: &str) {
        let draft = MessengerDraft {
            allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            identity_verification,
            identity_secret: Some(secret.to_owned()),
        };
        self.bench.workspace.messenger().set_up(draft).await.unwrap();
    }

    pub async fn run(&self, user_id: &str) -> Execution {
        let request = ExecutionRequest {
            connector_id: self.connector.clone(),
            inputs: BTreeMap::new(),
            source: SourceType::Test,
            mock: false,
            customer: Some(user_id.to_owned()),
        };
        self.bench.execute(request).await
    }

    /// The line that the connector's next run for this customer sends.
    pub async fn sent(&self, user_id: &str) -> String {
        let execution = self.run(user_id).await;
        assert!(execution.success, "{execution:?}");
        let line = self.bench.server.last("/orders").header("authorization").unwrap().to_owned();
        assert_free_of(&json!(execution).to_string(), line.trim_start_matches("Bearer "), "value of the customer");
        line
    }

    /// The calls that have come, the newest first.
    pub async fn calls(&self) -> Vec<MessengerCall> {
        self.bench.workspace.messenger().status().await.unwrap().calls
    }
}
