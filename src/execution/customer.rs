//! The customer for whom a run is made: read anew for each run, so that its newest tokens are sent (M3), and the gate that
//! refuses whom the connector is not for (R4) and who has no value of a user token (M6).

use rusqlite::Connection;

use super::outcome::Ending;
use super::record::SourceType;
use crate::connector::{Audience, ConnectorDraft};
use crate::customer::CustomerKind;
use crate::store::customer_tokens::{self, CustomerTokenRow};
use crate::store::token_values::TokenValueRow;
use crate::store::{StoreFailure, customers};
use crate::token::{Token, TokenId, TokenType};

/// The `change` of a user token's row of which a customer never held a value.
const NEVER_HELD: &str = "never_held";

/// The customer of a run, as one state of the database.
pub struct ForCustomer {
    /// What other systems know it by.
    pub user_id: String,
    /// Whether there is such a customer; one that is not known runs as one of the users, without tokens.
    pub known: bool,
    /// Its kind (R4).
    pub kind: CustomerKind,
    /// What it holds, or held, of the user tokens that were asked for.
    held: Vec<CustomerTokenRow>,
}

impl ForCustomer {
    /// Reads a customer with what it holds of the user tokens among these.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn read(connection: &Connection, user_id: String, tokens: &[Token]) -> Result<Self, StoreFailure> {
        let Some(row) = customers::by_user_id(connection, &user_id)? else {
            return Ok(Self { user_id, known: false, kind: CustomerKind::default(), held: Vec::new() });
        };
        let kind = CustomerKind::from_name(&row.kind).unwrap_or_default();
        let mut held = Vec::new();
        for token in of_customers(tokens) {
            held.extend(customer_tokens::get(connection, row.id, &token.id.0)?);
        }
        Ok(Self { user_id, known: true, kind, held })
    }

    /// What it holds of a token, as what is stored of one.
    fn value(&self, token: &TokenId) -> Option<TokenValueRow> {
        self.held.iter().find(|held| held.token_id == token.0).cloned().map(as_value)
    }
}

/// What a customer holds of a user token at this moment. Asked by `user_id`, since the key of a deleted customer may come
/// back as another one's.
///
/// # Errors
/// When the database can't be read.
pub fn value_now(connection: &Connection, user_id: &str, token_id: &str) -> Result<TokenValueRow, StoreFailure> {
    let held = match customers::by_user_id(connection, user_id)? {
        Some(customer) => customer_tokens::get(connection, customer.id, token_id)?,
        None => None,
    };
    Ok(held.map_or_else(|| none_held(token_id), as_value))
}

/// What is stored of a token for a run: of a user token what the customer of the run holds, of any other its own value.
pub fn value_for(customer: Option<&ForCustomer>, token: &Token, own: &TokenValueRow) -> TokenValueRow {
    if token.token_type() == TokenType::User {
        customer.and_then(|customer| customer.value(&token.id)).unwrap_or_else(|| none_held(&token.id.0))
    } else {
        own.clone()
    }
}

fn as_value(held: CustomerTokenRow) -> TokenValueRow {
    TokenValueRow {
        token_id: held.token_id,
        value: held.value,
        generation: held.generation,
        change: held.set_by,
        changed_at_ms: held.set_at_ms,
        expiry: None,
        failures: 0,
    }
}

fn none_held(token_id: &str) -> TokenValueRow {
    TokenValueRow {
        token_id: token_id.to_owned(),
        value: None,
        generation: 0,
        change: NEVER_HELD.to_owned(),
        changed_at_ms: 0,
        expiry: None,
        failures: 0,
    }
}

fn of_customers(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    tokens.iter().filter(|token| token.token_type() == TokenType::User)
}

/// Whether the connector is for customers of this kind (R4); a run for nobody is no customer's.
///
/// # Errors
/// When it is not, naming the kind and the audiences.
pub fn check_audience(config: &ConnectorDraft, customer: Option<&ForCustomer>) -> Result<(), Ending> {
    let Some(customer) = customer else { return Ok(()) };
    if config.audiences.is_empty() || config.audiences.iter().any(|audience| kind_of(*audience) == customer.kind) {
        return Ok(());
    }
    let audiences: Vec<_> = config.audiences.iter().map(|audience| kind_of(*audience).name()).collect();
    Err(Ending::ConfigurationRefused {
        message: format!(
            "This connector is for {}, and the customer “{}” is one of the {}. Nothing was sent.",
            audiences.join(" and "),
            customer.user_id,
            customer.kind.name()
        ),
        next_step: "Run it for another customer, or change the connector's audiences in Setup.".to_owned(),
    })
}

fn kind_of(audience: Audience) -> CustomerKind {
    match audience {
        Audience::Users => CustomerKind::Users,
        Audience::Leads => CustomerKind::Leads,
        Audience::Visitors => CustomerKind::Visitors,
    }
}

/// Whether there is a value of each user token that is about to be sent (M6); gives the sentence about them for the log, if
/// there are any.
///
/// # Errors
/// When one is missing, naming the tokens and the customer.
pub fn check_values(source: SourceType, customer: Option<&ForCustomer>, tokens: &[Token]) -> Result<Option<String>, Ending> {
    let user_tokens: Vec<_> = of_customers(tokens).collect();
    if user_tokens.is_empty() {
        return Ok(None);
    }
    let Some(customer) = customer else { return Err(without_value(source, None, &user_tokens)) };
    let held = |token: &&Token| customer.held.iter().any(|held| held.token_id == token.id.0 && held.value.is_some());
    let missing: Vec<_> = user_tokens.iter().copied().filter(|token| !held(token)).collect();
    if !missing.is_empty() {
        return Err(without_value(source, Some(customer), &missing));
    }
    Ok(Some(format!("The customer “{}” holds a value of {}.", customer.user_id, names(&user_tokens))))
}

/// A value was there when the run began, and is not any more.
pub fn removed_meanwhile(source: SourceType, customer: Option<&ForCustomer>, token: &Token) -> Ending {
    without_value(source, customer, &[token])
}

fn without_value(source: SourceType, customer: Option<&ForCustomer>, tokens: &[&Token]) -> Ending {
    let what = if tokens.len() == 1 { "the user token" } else { "the user tokens" };
    let (message, next_step) = match customer {
        None => (
            format!(
                "This connector sends {what} {}, of which each customer has a value, and the run is for no customer.",
                names(tokens)
            ),
            "Choose the customer for whom to run it.".to_owned(),
        ),
        Some(customer) => {
            let whom = if customer.known { "The customer" } else { "There is no customer" };
            let lacks = if customer.known { "holds no value of" } else { "yet, so there is no value of" };
            let keys: Vec<_> = tokens.iter().map(|token| token.name.as_str()).collect();
            (
                format!("{whom} “{}” {lacks} {what} {}.", customer.user_id, names(tokens)),
                format!(
                    "Let the system that issues it call setAuthTokens with the key “{}” for this customer, or set a value by hand in Customers.",
                    keys.join("”, “")
                ),
            )
        }
    };
    Ending::NoUserToken {
        by_fin: source == SourceType::Fin,
        message: format!("{message} The request was not sent."),
        next_step,
    }
}

fn names(tokens: &[&Token]) -> String {
    tokens.iter().map(|token| token.name.as_str()).collect::<Vec<_>>().join(" and ")
}
