//! Executions found again: their timeline, and how a list of any length is walked.

mod export;
mod timeline;

pub use export::{Entry, FileFault, Har, Message, Page, Unfinished, Waits, free_path};
pub use timeline::{LogOutline, Timeline, TimelineBucket};
