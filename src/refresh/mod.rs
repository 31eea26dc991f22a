//! Generations and flights: how a token value is renewed once, for all who need it (E3–E7).
//!
//! [`decide`] says what a run does about a token after a 401; [`Flights`] carries it out; [`login`] is the
//! authentication request on the wire.

mod ask;
mod attempt;
mod decide;
mod flight;
mod learned;
mod lock;
pub mod login;
mod standing;
#[cfg(test)]
mod tests;
mod under_way;

pub use decide::{Decision, Stored, WhyNothing, decide, due_in};
pub use flight::{Flights, Landing, Reason, Renewed};
pub use learned::{Fetched, LoginAnswer, Missed};
pub use login::LoginFailure;
pub use standing::{Ticket, generation};
