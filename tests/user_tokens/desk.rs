//! A bench with a connector that sends a user token, and customers who hold values of it.

use std::ops::Deref;
use std::sync::Arc;

use latchkey::connector::ConnectorDraft;
use latchkey::customer::{CustomerKind, Said, SetBy, take_in};
use latchkey::execution::{Execution, SourceType};
use latchkey::store::{Database, customer_tokens, customers};
use latchkey::vault::DATABASE_FILE;
use latchkey::workspace::{ExecutionRequest, RunHandle};
use secrecy::SecretString;
use serde_json::json;

use crate::support::bench::Bench;
use crate::support::drafts::{connector, user_token};
use crate::support::{Answer, Gate, within};

pub const HEADER: &str = "X-Session";
pub const NAME: &str = "session_token";

pub struct Desk {
    pub bench: Bench,
    pub token: String,
    pub id: String,
}

impl Deref for Desk {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
    }
}

impl Desk {
    /// The API answers everybody with 200, and repeats what it was sent.
    pub async fn new() -> Self {
        Self::with(|draft| draft).await
    }

    /// With another connector.
    pub async fn with(change: impl FnOnce(ConnectorDraft) -> ConnectorDraft) -> Self {
        let bench = Bench::new().await;
        bench.api_answers(|received, _| {
            let sent = received.header(HEADER).unwrap_or_default();
            Answer::json(200, &json!({"echo": sent, "said": format!("you sent {sent}")})).with("X-Echo", sent)
        });
        let token = bench.token(user_token(NAME, HEADER)).await.summary.id;
        let draft = change(connector("Orders", &bench.server.at("/orders"), &[&token]));
        let id = bench.connector(draft).await;
        Self { bench, token, id }
    }

    /// The API accepts this value only; its 401s are held until the gate opens, if there is one.
    pub fn accepts(&self, value: &str, gate: Option<&Gate>) {
        let (value, gate) = (value.to_owned(), gate.cloned());
        self.api_answers(move |received, _| {
            if received.header(HEADER) == Some(&value) {
                return Answer::json(200, &json!({"ok": true}));
            }
            match &gate {
                Some(gate) => Answer::status(401).held(gate),
                None => Answer::status(401),
            }
        });
    }

    /// A value of the desk's token, as another system sets it.
    pub async fn holds(&self, user_id: &str, value: &str) {
        self.says(user_id, CustomerKind::Users, &[(NAME, value)]).await;
    }

    pub async fn says(&self, user_id: &str, kind: CustomerKind, tokens: &[(&str, &str)]) {
        for (_, value) in tokens {
            self.keeps_secret(value);
        }
        let tokens = tokens.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect();
        let said = Said { user_id: user_id.to_owned(), kind: Some(kind), tokens, seen: true, ..Said::default() };
        let database = Arc::new(self.database());
        let writing =
            database.write_customers_async(move |transaction| take_in(transaction, &said, SetBy::SetAuthTokens, 1_000));
        let set = writing.await.unwrap();
        assert!(set.refused.is_empty(), "{:?}", set.refused);
    }

    /// The value that a customer holds of a token is removed in another process.
    pub fn removes(&self, user_id: &str, token_id: &str) {
        let removed = self.database().write_customers(|transaction| {
            let customer = customers::by_user_id(transaction, user_id)?.unwrap();
            customer_tokens::put(transaction, customer.id, token_id, None, SetBy::Window.name(), 2_000)
        });
        removed.unwrap();
    }

    /// The database as another process has it.
    pub fn database(&self) -> Database {
        Database::open(self.folder().join(DATABASE_FILE), &self.key_hex()).unwrap()
    }

    pub async fn run_for(&self, user_id: &str) -> Execution {
        self.execute(self.request(Some(user_id))).await
    }

    pub async fn run_from(&self, source: SourceType, user_id: Option<&str>) -> Execution {
        self.execute(ExecutionRequest { source, ..self.request(user_id) }).await
    }

    /// A run that has asked the API.
    pub async fn asks_for(&self, user_id: &str) -> RunHandle {
        let arrived = self.server.count("/orders");
        let handle = self.workspace.execute(self.request(Some(user_id))).await.unwrap();
        self.server.arrived("/orders", arrived + 1).await;
        handle
    }

    pub fn request(&self, user_id: Option<&str>) -> ExecutionRequest {
        ExecutionRequest { connector_id: self.id.clone(), customer: user_id.map(str::to_owned), ..ExecutionRequest::default() }
    }

    /// Every value that was sent to the API, in order.
    pub fn sent(&self) -> Vec<String> {
        let received = self.server.received("/orders");
        received.iter().map(|received| received.header(HEADER).unwrap_or_default().to_owned()).collect()
    }
}

pub async fn ended(handle: RunHandle) -> Execution {
    within("the run's outcome", handle.outcome()).await.unwrap()
}

/// The generations that took part, by the names of their tokens.
pub fn generations(execution: &Execution) -> Vec<(&str, u32)> {
    execution.sent_tokens.iter().map(|sent| (sent.name.as_str(), sent.generation)).collect()
}
