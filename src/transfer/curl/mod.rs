//! cURL commands, in and out. In: a command as API documentation, Postman and browsers write it, for bash, cmd or
//! PowerShell, becomes the request of a token or of a connector. Out: a request becomes a command that runs.
//!
//! What can't be taken over is told in notes, never dropped in silence; a note never repeats a value.

mod address;
mod body;
mod cmd;
mod command;
mod connector;
mod failure;
mod options;
mod posix;
mod powershell;
mod quote;
mod reader;
mod start;
mod words;
mod write;

pub use command::{CurlCommand, DataPiece, parse_curl};
pub use connector::ConnectorRequest;
pub use failure::{CurlFailure, OtherFormat};
pub use quote::CurlShell;
pub use write::{CurlBody, CurlRequest, Unwritable, WrittenCurl, write_curl};

#[cfg(test)]
mod sample_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod write_tests;
