//! What is different since the previous test of the same request: it shows which values are new with each login.

use std::sync::PoisonError;

use serde::Serialize;

use super::memory::Shown;
use super::responses::Responses;
use super::views::Problem;
use crate::clock::millis_to_rfc3339;
use crate::response::{DiffEntry, diff};

/// The differences between a tested response and the one of the test before.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct DiffReport {
    /// When the previous test was made (RFC 3339).
    pub against: String,
    /// How many values only this response has.
    pub added: u32,
    /// How many values only the previous one had.
    pub removed: u32,
    /// How many values are others.
    pub changed: u32,
    /// The first 200 of them, in the order of this response.
    pub entries: Vec<DiffEntry>,
    /// Whether everything was compared.
    pub complete: bool,
}

impl Responses<'_> {
    /// What differs from the previous test of exactly this request; `None` when none is kept in memory, or one of the two
    /// bodies is not JSON. Marks the rows of the tree, too.
    ///
    /// # Errors
    /// When the response is no longer kept.
    pub async fn diff(&self, response_id: &str) -> Result<Option<DiffReport>, Problem> {
        let memory = &self.workspace.inner.memory;
        let kept = memory.find(response_id).ok_or_else(Problem::response_gone)?;
        let Some(before) = memory.test_before(&kept) else { return Ok(None) };
        let Some(against) = before.test.as_ref().map(|tested| millis_to_rfc3339(tested.at_ms)) else { return Ok(None) };
        let comparing = tokio::task::spawn_blocking(move || {
            let found = diff(&before.document, &kept.document, kept.masking())?;
            kept.view(Shown::Body).lock().unwrap_or_else(PoisonError::into_inner).mark_changes(&found);
            Some(DiffReport {
                against,
                added: found.added,
                removed: found.removed,
                changed: found.changed,
                entries: found.entries,
                complete: found.complete,
            })
        });
        comparing.await.map_err(|_| Problem::interrupted())
    }
}
