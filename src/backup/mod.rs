//! Backups of the database, and what happens when it is damaged (S6): the damaged file is set aside untouched, and a backup
//! or an empty database takes its place. Every step may be cut short by a kill or a loss of power: what is under way is
//! written down first, and the next start finishes it.
//!
//! A backup is a database of its own, encrypted with the workspace's key; it is believed only after it was read whole.

mod checked;
mod failure;
mod make;
mod name;
mod replace;
mod set_aside;
mod shelf;

pub use checked::{note_damage, note_whole_check, whole_check_is_due, whole_check_is_urgent};
pub use failure::BackupFailure;
pub use make::{Patience, make};
pub use name::BackupReason;
pub use replace::{Replaced, Replacement, replace};
pub use set_aside::{Standing, forget, set_aside, settle, standing};
pub use shelf::{Backup, bytes, find, intact, is_due, list};
