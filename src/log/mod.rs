//! Executions found again: what of them is searched and how, their timeline, and how a list of any length is walked;
//! and how long they are kept.

mod export;
mod gather;
mod retention;
mod span;
mod status;
mod text;
mod timeline;
mod trust;
mod words;

pub use export::{Entry, FileFault, Har, Message, Page, Unfinished, Waits, free_path};
pub(crate) use gather::gather;
pub use retention::{Keeper, Kept, LogLimits};
pub(crate) use span::Span;
pub use status::Status;
pub use text::text_of;
pub(crate) use timeline::buckets;
pub use timeline::{LogOutline, Timeline, TimelineBucket};
pub use words::{Unsearchable, search_expression};
