//! A workspace whose Messenger listens, with two user tokens, a connector that sends one of them, and a caller.

use std::ops::Deref;
use std::sync::Arc;

use latchkey::clock::FixedClock;
use latchkey::customer::messenger::{IdentityVerification, MessengerCall};
use latchkey::store::customers::CustomerRow;
use latchkey::store::{Database, customer_tokens, customers, tokens};
use latchkey::vault::DATABASE_FILE;
use latchkey::workspace::{ExecutionRequest, MessengerDraft, MessengerStatus};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::Bench;
use crate::support::drafts::{connector, user_token};
use crate::support::{Answer, within};

/// The page that is allowed to call.
pub const PAGE: &str = "http://shop.example";
/// The token that the connector sends.
pub const TOKEN: &str = "security_token";
pub const OTHER_TOKEN: &str = "other_token";
pub const HEADER: &str = "X-Session";
pub const IDENTITY_SECRET: &str = "the/identity+secret of a shop";

pub struct Desk {
    pub bench: Bench,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    pub app_id: String,
    connector: String,
    client: reqwest::Client,
}

impl Deref for Desk {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
    }
}

/// What a call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The session that was opened.
    #[track_caller]
    pub fn session(&self) -> String {
        self.body["session"].as_str().unwrap_or_else(|| panic!("no session in {self:?}")).to_owned()
    }

    /// Status and code of a refusal.
    #[track_caller]
    pub fn refusal(&self) -> (u16, &str) {
        let error = &self.body["error"];
        let said = ["message", "next_step"].map(|member| error[member].as_str().unwrap_or_default());
        assert!(said.iter().all(|sentence| sentence.ends_with('.')), "a sentence and what to do: {self:?}");
        (self.status, error["code"].as_str().unwrap())
    }
}

/// A call on its way.
pub struct Call<'a> {
    desk: &'a Desk,
    request: reqwest::RequestBuilder,
    body: Value,
}

impl Call<'_> {
    /// From a page of this origin.
    pub fn from(mut self, origin: &str) -> Self {
        self.request = self.request.header("Origin", origin);
        self
    }

    pub fn session(mut self, session: &str) -> Self {
        self.request = self.request.bearer_auth(session);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With this member beside the others, or in place of one.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.body[member] = value.into();
        self
    }

    /// With values of user tokens, which must be nowhere when the desk goes.
    pub fn tokens(self, tokens: &[(&str, &str)]) -> Self {
        for (_, value) in tokens {
            self.desk.keeps_secret(value);
        }
        let tokens: serde_json::Map<_, _> = tokens.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        self.with("auth_tokens", tokens)
    }

    pub async fn send(self) -> Reply {
        let Self { request, body, .. } = self;
        sent(request.header("Content-Type", "application/json").body(body.to_string())).await
    }
}

pub async fn sent(request: reqwest::RequestBuilder) -> Reply {
    let response = within("an answer", request.send()).await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.collect();
    let text = response.text().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
    Reply { status, headers, body }
}

impl Desk {
    /// Pages of one origin may call, without identity verification.
    pub async fn new() -> Self {
        Self::on(Bench::new().await).await
    }

    /// With a clock that goes only where the test sends it.
    pub async fn at(clock: &Arc<FixedClock>) -> Self {
        Self::on(Bench::at(clock).await).await
    }

    async fn on(bench: Bench) -> Self {
        bench.keeps_secret(IDENTITY_SECRET);
        bench.server.answers(|_| Answer::json(200, &json!({"status": "shipped"})));
        let token = bench.token(user_token(TOKEN, HEADER)).await.summary.id;
        bench.token(user_token(OTHER_TOKEN, "X-Other")).await;
        let connector = bench.connector(connector("Orders", &bench.server.at("/orders"), &[&token])).await;
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let status = bench.workspace.messenger().start(Some(0)).await.unwrap();
        let desk = Self { base: status.base_url, app_id: status.app_id, bench, connector, client };
        desk.allow(&[PAGE], IdentityVerification::Off).await;
        desk
    }

    /// Who may call from now on.
    pub async fn allow(&self, origins: &[&str], identity_verification: IdentityVerification) {
        let draft = MessengerDraft {
            allowed_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            identity_verification,
            identity_secret: Some(IDENTITY_SECRET.to_owned()),
        };
        self.workspace.messenger().set_up(draft).await.unwrap();
    }

    /// A call with the right `app_id` from nowhere.
    pub fn call(&self, path: &str) -> Call<'_> {
        let request = self.client.post(format!("{}{path}", self.base));
        Call { desk: self, request, body: json!({ "app_id": self.app_id }) }
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.base))
    }

    /// The session of a customer who uses the page.
    pub async fn boot(&self, user_id: &str) -> String {
        let reply = self.call("/v1/boot").from(PAGE).with("user_id", user_id).send().await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.session()
    }

    pub fn set(&self, session: &str, tokens: &[(&str, &str)]) -> Call<'_> {
        self.call("/v1/auth_tokens").from(PAGE).session(session).tokens(tokens)
    }

    pub async fn status(&self) -> MessengerStatus {
        self.workspace.messenger().status().await.unwrap()
    }

    /// The call that was answered last.
    pub async fn last_call(&self) -> MessengerCall {
        self.status().await.calls.into_iter().next().unwrap()
    }

    /// The value that the connector's next run for this customer sends.
    pub async fn sends(&self, user_id: &str) -> Option<String> {
        let before = self.server.count("/orders");
        let request = ExecutionRequest {
            connector_id: self.connector.clone(),
            customer: Some(user_id.to_owned()),
            ..ExecutionRequest::default()
        };
        let execution = self.execute(request).await;
        assert_eq!(execution.success, self.server.count("/orders") > before, "{}", execution.sentence);
        execution.success.then(|| self.server.last("/orders").header(HEADER).unwrap().to_owned())
    }

    /// The database as another process has it.
    pub fn database(&self) -> Database {
        Database::open(self.folder().join(DATABASE_FILE), &self.key_hex()).unwrap()
    }

    pub fn customer(&self, user_id: &str) -> Option<CustomerRow> {
        self.database().read(|connection| customers::by_user_id(connection, user_id)).unwrap()
    }

    /// What is stored of a token for this customer, and by which call.
    pub fn stored(&self, user_id: &str, name: &str) -> Option<(String, String)> {
        let database = self.database();
        let read = database.read(|connection| {
            let Some(customer) = customers::by_user_id(connection, user_id)? else { return Ok(None) };
            let token = tokens::by_name(connection, name)?.unwrap();
            customer_tokens::get(connection, customer.id, &token.id)
        });
        let row = read.unwrap()?;
        Some((row.value?.expose_secret().to_owned(), row.set_by))
    }
}
