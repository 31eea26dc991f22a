//! A database of customers.

use std::path::{Path, PathBuf};
use std::time::Instant;

use latchkey::customer::{Said, SetBy, take_in};
use latchkey::store::Database;
use latchkey::store::tokens::{self, TokenRow};
use secrecy::SecretString;

use crate::Failure;

/// The names of the tokens of which each customer holds a value.
pub const TOKENS: [&str; 2] = ["session_token", "basket_token"];
const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Customers of one commit.
const STEP: usize = 5_000;

/// A workspace's database with so many customers.
pub struct Filled {
    path: PathBuf,
    pub database: Database,
    pub token_ids: Vec<String>,
    pub count: usize,
    /// What filling took, for each customer.
    pub micros_each: f64,
}

/// The customer of this number.
pub fn user_id(number: usize) -> String {
    format!("user-{number:07}")
}

impl Filled {
    /// Makes it.
    #[expect(clippy::cast_precision_loss, reason = "a million")]
    pub fn make(folder: &Path, count: usize) -> Result<Self, Failure> {
        std::fs::create_dir(folder)?;
        let path = folder.join("workspace.db");
        let database = Database::open(&path, KEY)?;
        let token_ids: Vec<_> = TOKENS.iter().map(|name| format!("id-of-{name}")).collect();
        database.write(|transaction| {
            TOKENS.iter().zip(&token_ids).try_for_each(|(name, id)| tokens::insert(transaction, &token(id, name)))
        })?;
        let began = Instant::now();
        for first in (0..count).step_by(STEP) {
            database.write_customers(|transaction| {
                for number in first..(first + STEP).min(count) {
                    take_in(transaction, &said(number), SetBy::Boot, 1_700_000_000_000 + i64::try_from(number).unwrap_or(0))?;
                }
                Ok(())
            })?;
        }
        let micros_each = began.elapsed().as_secs_f64() * 1e6 / count as f64;
        Ok(Self { path, database, token_ids, count, micros_each })
    }

    /// The same file, opened once more.
    pub fn again(&self) -> Result<Self, Failure> {
        let database = Database::open(&self.path, KEY)?;
        Ok(Self { path: self.path.clone(), database, token_ids: self.token_ids.clone(), ..*self })
    }

    /// A customer from anywhere.
    pub fn someone(&self, number: usize, stride: usize) -> String {
        user_id(number * stride % self.count)
    }
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

fn token(id: &str, name: &str) -> TokenRow {
    TokenRow {
        id: id.to_owned(),
        name: name.to_owned(),
        token_type: "user".to_owned(),
        config: SecretString::from("{}"),
        config_revision: 1,
        created_at_ms: 0,
        updated_at_ms: 0,
    }
}
