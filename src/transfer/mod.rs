//! Requests from and to other programs' formats: cURL commands fill forms, and forms become cURL commands.

mod curl;

pub use curl::{
    ConnectorRequest, CurlBody, CurlCommand, CurlFailure, CurlRequest, CurlShell, DataPiece, OtherFormat, Unwritable,
    WrittenCurl, parse_curl, write_curl,
};
