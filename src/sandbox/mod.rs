//! The embedded demo API: a login endpoint, a protected API, and switches that break it on purpose.

mod switches;

pub use switches::{ServedRequest, Switches};
