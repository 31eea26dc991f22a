//! The options of `latchkey customer`, as `--help` shows them.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use latchkey::customer::CustomerKind;

/// What to do with customers.
#[derive(Subcommand)]
pub enum CustomerCommand {
    /// Add a customer, or change what is named of it; what is not named stays
    Set(SetCustomerArguments),
    /// Customers, those who were seen or added last first
    List(ListCustomersArguments),
    /// One customer with what it holds, masked
    Show(UserId),
    /// Delete a customer with the values that it holds; its executions stay in the log
    Delete(UserId),
}

/// A customer by what other systems know it by.
#[derive(Args)]
pub struct UserId {
    /// The user id
    #[arg(value_name = "USER_ID")]
    pub user_id: String,
}

/// What to set of a customer.
#[derive(Args)]
pub struct SetCustomerArguments {
    /// The user id by which other systems know it
    #[arg(value_name = "USER_ID")]
    pub user_id: String,
    /// Its email; an empty one removes it
    #[arg(long)]
    pub email: Option<String>,
    /// Its name; an empty one removes it
    #[arg(long)]
    pub name: Option<String>,
    /// Its kind: users (unless said otherwise), leads or visitors
    #[arg(long, value_parser = PossibleValuesParser::new(CustomerKind::ALL.map(CustomerKind::name))
        .map(|name| CustomerKind::from_name(&name).unwrap_or_default()))]
    pub kind: Option<CustomerKind>,
    /// A user token by its name, and the file with its value, or - for a line of standard input
    #[arg(long = "token", value_name = "NAME=@FILE|-")]
    pub tokens: Vec<String>,
}

/// Which customers to list.
#[derive(Args)]
pub struct ListCustomersArguments {
    /// How the user id, email, name, a held token or the day it was seen (2026-11, UTC) begins
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}
