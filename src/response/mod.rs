//! A response body as a lazily opened tree: formats, locating a value, suggesting tokens, masking.
//!
//! A [`Document`] is read once and stays the text that came; a [`TreeView`] knows what of it is open. Both work
//! by position in the text, so that a body of 100 MB costs little more than its bytes.

mod body;
mod diff;
mod document;
mod fields;
mod form;
mod json;
pub mod jwt;
mod lifetime;
mod lines;
mod locate;
mod masking;
mod moved;
mod node;
mod path;
mod row;
mod search;
mod shape;
mod shown;
mod source;
mod suggest;
mod tree;
mod xml;

// Positions in a body are written as the locations of a token are.
use crate::token::pointer;

pub use diff::{Diff, diff};
pub use document::Document;
pub use lifetime::{Lifetime, lifetime};
pub use locate::{LocateFailure, Located, locate};
pub use masking::Masking;
pub use moved::{moved_to, names_in};
pub use node::{DocumentNode, OutlineLimits};
pub use path::{Completion, LocationError, LocationPreview, PreviewValue, complete, preview};
pub use row::{
    BodyFormat, BodySummary, DiffEntry, DiffKind, ExpandReport, JwtMember, JwtView, Opens, PathForm, RowChange, SearchProgress,
    SearchReport, Suggestion, TreeRow, TreeRows, ValueKind,
};
pub use search::{QueryError, SearchQuery, SearchRun};
pub use shape::{ShapeChange, ShapeLine, answer_shape, compare_shapes, shape};
pub use suggest::suggest;
pub use tree::{GoToFailure, OpenFailure, TreeView, is_datetime};
