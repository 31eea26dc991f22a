//! Latchkey's engine: authentication tokens for data connectors, set up, tested, refreshed and recorded
//! on one's own machine. [`workspace`] is the public face; the other modules are its rooms.

pub mod backup;
pub mod breaker;
pub mod clock;
pub mod connector;
pub mod customer;
pub mod execution;
pub mod http;
pub mod log;
pub mod redact;
pub mod refresh;
pub mod response;
pub mod sandbox;
pub mod settings;
pub mod store;
pub mod token;
pub mod transfer;
pub mod vault;
pub mod workspace;
