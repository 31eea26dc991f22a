//! The embedded demo API: a login endpoint, a protected API, and switches that break it on purpose.
//!
//! It is a real HTTP server on 127.0.0.1, so that what is tried with it takes the same way as with a
//! vendor's API. Tokens live in memory: a restart forgets them, and a stored one then meets a 401.

mod answer;
mod api;
mod issued;
mod login;
mod served;
mod server;
mod switches;

pub use login::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_PASSWORD, DEMO_USER};
pub use server::{Sandbox, StartFailure};
pub use switches::{ServedRequest, Switches};

#[cfg(test)]
mod tests;
