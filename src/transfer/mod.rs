//! Requests from other programs' formats. A cURL command fills the form of an authentication request.

mod curl;

pub use curl::{CurlCommand, CurlFailure, DataPiece, parse_curl};
