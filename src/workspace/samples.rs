//! *Try it with the sandbox*: one sample token and two sample connectors, one click from a run that shows a refresh.
//! They are made as a user would make them: the token by a real test, the connectors by saving them.

use super::views::{Problem, SandboxSamples};
use super::{TestHandle, Workspace};
use crate::connector::{ConnectorDraft, DataInput, HttpMethod, InputType};
use crate::sandbox::{DEMO_PASSWORD, DEMO_USER};
use crate::token::{Encoding, FieldDraft, RequestDraft, TokenDraft, TokenDraftKind, TokenLocation};

const TOKEN: &str = "Sandbox login";
const ORDERS: &str = "Get order status";
const REFUNDS: &str = "Refund order";

impl super::SandboxControl<'_> {
    /// Starts the sandbox and makes the samples, or finds those that were made before. The token that is stored has
    /// expired by then, so the first run meets a 401.
    ///
    /// # Errors
    /// When the sandbox can't be started, or something else has the samples' names.
    pub async fn try_it(&self) -> Result<SandboxSamples, Problem> {
        let base_url = self.start(None).await?.base_url;
        let workspace = self.workspace;
        let tokens = workspace.tokens().list().await?;
        let token_id = match tokens.into_iter().find(|token| token.name == TOKEN) {
            Some(token) => token.id,
            None => make_token(workspace, &base_url).await?,
        };
        let connectors = workspace.connectors().list().await?;
        let id_of =
            |name: &str| connectors.iter().find(|connector| connector.name == name).map(|connector| connector.id.clone());
        let connector_id = match id_of(ORDERS) {
            Some(id) => id,
            None => workspace.connectors().save(None, orders(&base_url, &token_id)).await?.summary.id,
        };
        if id_of(REFUNDS).is_none() {
            workspace.connectors().save(None, refunds(&base_url, &token_id)).await?;
        }
        self.expire_tokens().await?;
        Ok(SandboxSamples { token_id, connector_id })
    }
}

async fn make_token(workspace: &Workspace, base_url: &str) -> Result<String, Problem> {
    let pair = |name: &str, value: &str, secret: bool| FieldDraft {
        name: name.into(),
        value: Some(value.into()),
        secret,
        stored: None,
    };
    let request = RequestDraft {
        method: "POST".into(),
        url: format!("{base_url}/login"),
        headers: Vec::new(),
        parameters: vec![pair("username", DEMO_USER, false), pair("password", DEMO_PASSWORD, true)],
        encoding: Encoding::Json,
    };
    let test = workspace.test_request(&request, None, &TestHandle::default(), |_| ()).await?;
    let draft = TokenDraft {
        id: None,
        name: TOKEN.into(),
        description: "The sample token: the sandbox's own login endpoint.".into(),
        request_header_key: "Authorization".into(),
        token_prefix: "Bearer".into(),
        domain: Some("127.0.0.1".into()),
        kind: TokenDraftKind::HttpRequest {
            request,
            location: Some(TokenLocation::json("/data/session/access_token")),
            refresh_before_seconds: None,
        },
    };
    Ok(workspace.tokens().save(draft, Some(&test.test_id)).await?.summary.id)
}

fn orders(base_url: &str, token_id: &str) -> ConnectorDraft {
    ConnectorDraft {
        name: ORDERS.into(),
        description: "A sample: asks the sandbox for one order.".into(),
        url: format!("{base_url}/orders/{{{{order_id}}}}"),
        data_inputs: vec![input("order_id", InputType::String, "The order to look up", "A-1042")],
        token_ids: vec![token_id.to_owned()],
        ..ConnectorDraft::default()
    }
}

fn refunds(base_url: &str, token_id: &str) -> ConnectorDraft {
    ConnectorDraft {
        name: REFUNDS.into(),
        description: "A sample: asks the sandbox to refund an order.".into(),
        http_method: HttpMethod::Post,
        url: format!("{base_url}/refunds"),
        headers: vec![FieldDraft {
            name: "Content-Type".into(),
            value: Some("application/json".into()),
            secret: false,
            stored: None,
        }],
        body: "{\n  \"order_id\": \"{{order_id}}\",\n  \"amount\": {{amount}},\n  \"reason\": \"{{reason}}\"\n}".into(),
        data_inputs: vec![
            input("order_id", InputType::String, "The order to refund", "A-1042"),
            input("amount", InputType::Decimal, "How much, in the order's currency", "12.50"),
            DataInput { required: false, ..input("reason", InputType::String, "Why", "") },
        ],
        token_ids: vec![token_id.to_owned()],
        ..ConnectorDraft::default()
    }
}

fn input(name: &str, input_type: InputType, description: &str, default_value: &str) -> DataInput {
    DataInput {
        name: name.into(),
        input_type,
        description: description.into(),
        required: true,
        default_value: default_value.into(),
    }
}
