//! Executions found again: what of them is searched and how, their timeline, and how a list of any length is walked.

mod export;
mod status;
mod text;
mod timeline;
mod words;

pub use export::{Entry, FileFault, Har, Message, Page, Unfinished, Waits, free_path};
pub use status::Status;
pub use text::text_of;
pub use timeline::{LogOutline, Timeline, TimelineBucket};
pub use words::{Unsearchable, search_expression};
