//! A response body as a lazily opened tree: formats, locating a value, suggesting tokens, masking.

mod row;

pub use row::{
    BodyFormat, BodySummary, JwtMember, JwtView, SearchReport, Suggestion, TreeRow, TreeRows, ValueKind,
};
