//! Latchkey's engine: authentication tokens for data connectors, set up, tested, refreshed and recorded
//! on one's own machine. [`workspace`] is the public face; the other modules are its rooms.

pub mod connector;
pub mod execution;
pub mod response;
pub mod sandbox;
pub mod token;
pub mod workspace;
