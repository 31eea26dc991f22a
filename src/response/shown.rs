//! What a view shows: a body as what it is, the lines of a body, or headers and cookies. Cheap to clone, so that a search
//! runs beside the view.

use std::sync::Arc;

use super::document::Document;
use super::fields::Fields;
use super::lines::Lines;
use super::source::Source;

/// What a view shows.
#[derive(Clone)]
pub(super) enum Shown {
    /// A body as what it is.
    Body(Arc<Document>),
    /// The lines of a body.
    Text(Arc<Document>, Arc<Lines>),
    /// Headers and cookies.
    Fields(Arc<Fields>),
}

impl Shown {
    /// The tree to read; `None` when there is nothing to show.
    pub fn source(&self) -> Option<Source<'_>> {
        match self {
            Self::Body(document) => document.source(),
            Self::Text(document, lines) => Some(Source::Lines(document.text(), lines)),
            Self::Fields(fields) => Some(Source::Fields(fields)),
        }
    }

    /// Whether it is a tree of a body that could be read only up to an error.
    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Body(document) if document.is_broken())
    }
}
