//! A location that is being typed, looked up in a kept response: what it yields, and how it can go on (T4).

use std::sync::Arc;

use super::memory::Kept;
use super::responses::Responses;
use super::views::Problem;
use crate::response::{Completion, Document, LocationPreview, Masking, complete, preview};
use crate::token::{LocationIn, TokenLocation};

/// The most of a typed path that is read, in bytes; a longer one is refused.
const LONGEST: usize = 4 << 20;

impl Responses<'_> {
    /// What a location yields: how many values, the first of them masked, or what is wrong with it (T8).
    ///
    /// # Errors
    /// When the response is no longer kept.
    pub async fn preview(&self, response_id: &str, location: TokenLocation) -> Result<LocationPreview, Problem> {
        check_length(&location.at)?;
        self.on_response(response_id, move |document, headers, masking| preview(document, headers, &location, masking)).await
    }

    /// How a typed path or name can go on, at most 50 ways. `cursor` counts characters.
    ///
    /// # Errors
    /// When the response is no longer kept.
    pub async fn complete(
        &self,
        response_id: &str,
        part: LocationIn,
        typed: String,
        cursor: u32,
    ) -> Result<Vec<Completion>, Problem> {
        check_length(&typed)?;
        self.on_response(response_id, move |document, headers, masking| {
            complete(document, headers, part, &typed, cursor, masking)
        })
        .await
    }

    /// Off the async threads, and without holding the tree, which the page may ask for rows meanwhile.
    async fn on_response<T: Send + 'static>(
        &self,
        response_id: &str,
        look: impl FnOnce(&Document, &[(String, String)], &Masking) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        // The views of a response are named by what follows a slash.
        let response_id = response_id.split('/').next().unwrap_or_default();
        let kept: Arc<Kept> = self.workspace.inner.memory.find(response_id).ok_or_else(Problem::response_gone)?;
        let looking = tokio::task::spawn_blocking(move || {
            let headers = kept.test.as_ref().map(|tested| tested.headers.as_slice()).unwrap_or_default();
            look(&kept.document, headers, kept.masking())
        });
        looking.await.map_err(|_| Problem::interrupted())
    }
}

fn check_length(typed: &str) -> Result<(), Problem> {
    if typed.len() <= LONGEST {
        return Ok(());
    }
    Err(Problem::invalid("location.at", "What was typed is longer than 4 MiB.", "Click the value in the response."))
}
