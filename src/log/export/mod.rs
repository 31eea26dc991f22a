//! Executions written for other programs to read: as a HTTP Archive, and as lines of JSON. Both are written as they come, one
//! execution after the other, so that memory does not grow with the log.

mod file;
mod har;
mod name;

pub use file::{FileFault, Unfinished};
pub use har::{Entry, Har, Message, Page, Waits};
pub use name::free_path;
