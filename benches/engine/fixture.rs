//! A workspace as people have it: a tested login token, and a live connector with an input that sends it.

use std::collections::BTreeMap;
use std::path::Path;

use latchkey::connector::{ConnectorDraft, DataInput, InputType};
use latchkey::execution::{Execution, SourceType};
use latchkey::token::{Encoding, FieldDraft, RequestDraft, TokenDraft, TokenDraftKind, TokenLocation};
use latchkey::workspace::{ExecutionRequest, Seams, TestHandle, Workspace};
use secrecy::SecretString;

use crate::Failure;

/// The secret of the login.
pub const CLIENT_SECRET: &str = "s3cret/of+the login, long as they are";
/// The connector's name.
pub const CONNECTOR: &str = "Get order status";
/// The passphrase of the workspace that has one.
pub const PASSPHRASE: &str = "correct horse battery staple";

/// The workspace, its connector, and what a bare client sends to the same place.
pub struct Fixture {
    pub workspace: Workspace,
    pub connector_id: String,
    /// The URL that the connector asks when it runs.
    pub order_url: String,
}

impl Fixture {
    /// A new workspace whose key is in the keyring.
    pub async fn make(folder: &Path, server: &str) -> Result<Self, Failure> {
        Self::open(folder, None, server).await
    }

    /// A new workspace whose key is under [`PASSPHRASE`].
    pub async fn make_with_passphrase(folder: &Path, server: &str) -> Result<Self, Failure> {
        Self::open(folder, Some(PASSPHRASE.into()), server).await
    }

    async fn open(folder: &Path, passphrase: Option<SecretString>, server: &str) -> Result<Self, Failure> {
        let workspace = Workspace::open(folder, passphrase, Seams::real()).await?;
        let draft = token(server);
        let report = workspace.test_draft(&draft, &TestHandle::default(), |_| ()).await?;
        let token_id = workspace.tokens().save(draft, Some(&report.test_id)).await?.summary.id;
        let connector_id = workspace.connectors().save(None, connector(server, &token_id)).await?.summary.id;
        workspace.connectors().set_live(&connector_id).await?;
        let fixture = Self { workspace, connector_id, order_url: format!("{server}/orders/A-1042") };
        // The first run makes connections and fills caches, as a bare client's first request does.
        fixture.run().await?;
        Ok(fixture)
    }

    /// One run, acknowledged; anything but a success stops the measurement.
    pub async fn run(&self) -> Result<Execution, Failure> {
        let execution = self.workspace.execute(self.request()).await?.outcome().await?;
        if execution.success { Ok(execution) } else { Err(format!("A run failed: {}", execution.sentence).into()) }
    }

    /// What is run.
    pub fn request(&self) -> ExecutionRequest {
        ExecutionRequest {
            connector_id: self.connector_id.clone(),
            inputs: BTreeMap::from([("order_id".to_owned(), "A-1042".into())]),
            source: SourceType::Workflow,
            mock: false,
            customer: None,
        }
    }
}

fn token(server: &str) -> TokenDraft {
    let field = |name: &str, value: &str, secret| FieldDraft {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        secret,
        stored: None,
    };
    let request = RequestDraft {
        method: "POST".to_owned(),
        url: format!("{server}/login"),
        headers: Vec::new(),
        parameters: vec![field("client_id", "shop-7", false), field("client_secret", CLIENT_SECRET, true)],
        encoding: Encoding::Json,
    };
    let location = Some(TokenLocation::json("/data/access_token"));
    TokenDraft {
        id: None,
        name: "Orders login".to_owned(),
        description: String::new(),
        request_header_key: "Authorization".to_owned(),
        token_prefix: "Bearer".to_owned(),
        domain: None,
        kind: TokenDraftKind::HttpRequest { request, location, refresh_before_seconds: None },
    }
}

fn connector(server: &str, token_id: &str) -> ConnectorDraft {
    ConnectorDraft {
        name: CONNECTOR.to_owned(),
        url: format!("{server}/orders/{{{{order_id}}}}"),
        data_inputs: vec![DataInput {
            name: "order_id".to_owned(),
            input_type: InputType::String,
            description: "The number on the receipt".to_owned(),
            required: true,
            default_value: String::new(),
        }],
        token_ids: vec![token_id.to_owned()],
        ..ConnectorDraft::default()
    }
}
