//! The headless program as it is built: its commands, files, output and exit statuses, over real HTTP and on real
//! workspace folders.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of a test may end it")]

#[path = "cli/desk.rs"]
mod desk;
#[path = "support/sweep.rs"]
mod sweep;
#[path = "support/traces.rs"]
mod traces;

#[path = "cli/backups.rs"]
mod backups;
#[path = "cli/breakers.rs"]
mod breakers;
#[path = "cli/customers.rs"]
mod customers;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/lifetimes.rs"]
mod lifetimes;
#[path = "cli/locations.rs"]
mod locations;
#[path = "cli/messenger.rs"]
mod messenger;
#[path = "cli/processes.rs"]
mod processes;
#[path = "cli/runs.rs"]
mod runs;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/user_tokens.rs"]
mod user_tokens;
#[path = "cli/vault.rs"]
mod vault;
