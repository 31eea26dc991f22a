//! The workspace's database: `SQLite`, encrypted as a whole with SQLCipher (S1). One file per table, with its plain row,
//! its part of the schema, its reads and its writes; rooms convert. What may be lost with the power and what may
//! not (S6) is decided by the connection that writes: [`Database::write`] or [`Database::record`].

mod check;
mod connection;
mod copy;
mod database;
mod durations;
mod execution_index;
mod failure;
mod files;
mod in_use;
mod indexer;
mod log_writer;
mod migration;
mod readers;
mod recorder;
#[cfg(test)]
mod tests;
mod turn;
mod upkeep;

pub mod breakers;
pub mod configuration;
pub mod connector_tokens;
pub mod connectors;
pub mod customer_lists;
pub mod customer_tokens;
pub mod customers;
pub mod executions;
pub mod flights;
pub mod log_buckets;
pub mod log_trust;
pub mod settings;
pub mod token_shapes;
pub mod token_tests;
pub mod token_values;
pub mod tokens;

pub use check::Extent;
pub use connection::make_cipher_ready;
pub use copy::{Contents, copy_closed, copy_into, inspect_copy};
pub use database::{Database, Opening};
pub use durations::Durations;
pub use execution_index::TextOf;
pub use failure::StoreFailure;
pub(crate) use files::{private_file, sync_folder};
pub use in_use::InUse;
pub use recorder::Beside;
pub use upkeep::{Space, oldest_records, records_bytes, space};
