//! The settings of a workspace: a catalogue of dotted keys, and the values that are kept under them.
//!
//! A further setting is one constant and one line in [`catalogue`]. What is kept and can't be read, because another
//! version wrote it, counts as not set.

pub mod catalogue;
mod fault;
mod origins;
mod setting;
mod values;

pub use fault::{Fault, TextFault};
pub use origins::{MOST_ORIGINS, origin, origins};
pub use setting::{Boolean, Check, Choice, Integer, Kind, Secret, Setting, Text, Value, find};
pub use values::Values;
