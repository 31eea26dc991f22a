//! A workspace of customers, with a connector that sends both of their tokens.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use latchkey::connector::ConnectorDraft;
use latchkey::customer::{Said, SetBy, take_in};
use latchkey::execution::SourceType;
use latchkey::store::Database;
use latchkey::token::{TokenDraft, TokenDraftKind};
use latchkey::workspace::{ExecutionRequest, Workspace};
use secrecy::SecretString;

use crate::Failure;
use crate::log::fill::{database, open};

/// The names of the tokens of which each customer holds a value.
pub const TOKENS: [&str; 2] = ["session_token", "basket_token"];
/// Customers of one commit.
const STEP: usize = 5_000;
/// How far apart the customers are who come one after the other: prime, so that they come from everywhere.
const STRIDE: usize = 7_919;

/// A workspace with so many customers.
pub struct Filled {
    pub folder: PathBuf,
    pub token_ids: Vec<String>,
    pub connector_id: String,
    pub count: usize,
    /// What filling took, for each customer.
    pub micros_each: f64,
}

impl Filled {
    /// Makes it; its connector asks this server.
    pub async fn make(folder: &Path, count: usize, server: &str) -> Result<Self, Failure> {
        let workspace = open(folder).await?;
        let mut token_ids = Vec::new();
        for name in TOKENS {
            token_ids.push(workspace.tokens().save(token(name), None).await?.summary.id);
        }
        let draft = ConnectorDraft {
            name: "Orders of a customer".to_owned(),
            url: format!("{server}/of-customers/orders"),
            token_ids: token_ids.clone(),
            ..ConnectorDraft::default()
        };
        let connector_id = workspace.connectors().save(None, draft).await?.summary.id;
        workspace.connectors().set_live(&connector_id).await?;
        drop(workspace);
        let filled = Self { folder: folder.to_owned(), token_ids, connector_id, count, micros_each: 0.0 };
        let micros_each = filled.fill()?;
        Ok(Self { micros_each, ..filled })
    }

    #[expect(clippy::cast_precision_loss, reason = "a million")]
    fn fill(&self) -> Result<f64, Failure> {
        let (database, began) = (self.database()?, Instant::now());
        for first in (0..self.count).step_by(STEP) {
            database.write_customers(|transaction| {
                for number in first..(first + STEP).min(self.count) {
                    let at_ms = 1_700_000_000_000 + i64::try_from(number).unwrap_or_default();
                    take_in(transaction, &said(number), SetBy::Boot, at_ms)?;
                }
                Ok(())
            })?;
        }
        Ok(began.elapsed().as_secs_f64() * 1e6 / self.count as f64)
    }

    /// Its database by itself.
    pub fn database(&self) -> Result<Database, Failure> {
        database(&self.folder)
    }

    /// The workspace, opened.
    pub async fn open(&self) -> Result<Workspace, Failure> {
        open(&self.folder).await
    }

    /// A customer from anywhere.
    pub fn someone(&self, number: usize) -> String {
        user_id(number * STRIDE % self.count)
    }

    /// A run for this customer.
    pub fn request(&self, user_id: String) -> ExecutionRequest {
        ExecutionRequest {
            connector_id: self.connector_id.clone(),
            inputs: BTreeMap::new(),
            source: SourceType::Workflow,
            mock: false,
            customer: Some(user_id),
        }
    }
}

/// The customer of this number.
pub fn user_id(number: usize) -> String {
    format!("user-{number:07}")
}

fn said(number: usize) -> Said {
    // As long as a JWT often is.
    let value = |name: &str| SecretString::from(format!("{name}.{number:07}.{}", "x".repeat(400)));
    Said {
        user_id: user_id(number),
        email: Some(format!("mail-{:07}@example.com", number * 31 % 10_000_000)),
        name: Some(format!("Name {}", number * 17 % 10_000_000)),
        tokens: TOKENS.iter().map(|name| ((*name).to_owned(), value(name))).collect(),
        seen: true,
        ..Said::default()
    }
}

fn token(name: &str) -> TokenDraft {
    TokenDraft {
        id: None,
        name: name.to_owned(),
        description: String::new(),
        request_header_key: format!("X-{}", name.replace('_', "-")),
        token_prefix: String::new(),
        domain: None,
        kind: TokenDraftKind::User,
    }
}
