//! Programs that are killed at any moment lose nothing that they acknowledged, damage nothing, and hold nobody up (S6,
//! E6). Each child is a process of its own that works as fast as it can and says what it did only after the call has
//! returned; it is sent SIGKILL, and whoever opens the workspace next looks for everything that was said.
//!
//! The moments are drawn from a seed that is printed; `LATCHKEY_KILLS_SEED` sets it again.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "the helpers of a test may end it")]

#[path = "kills/acknowledged.rs"]
mod acknowledged;
#[path = "kills/backups.rs"]
mod backups;
#[path = "kills/breakers.rs"]
mod breakers;
#[path = "kills/child.rs"]
mod child;
#[path = "kills/durability.rs"]
mod durability;
#[path = "kills/rounds.rs"]
mod rounds;
mod support;
#[path = "kills/work.rs"]
mod work;
