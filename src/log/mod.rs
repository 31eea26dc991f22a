//! Executions found again: their timeline, and how a list of any length is walked.

mod timeline;

pub use timeline::{LogOutline, Timeline, TimelineBucket};
