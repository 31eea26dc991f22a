//! The responses that are kept in memory, row by row. Bodies stay here; a page asks for what it shows.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::memory::{Kept, Shown};
use super::views::{Problem, ProblemCode};
use crate::response::{ExpandReport, PathForm, SearchProgress, SearchQuery, SearchReport, TreeRows, TreeView};
use crate::token::TokenLocation;

/// The most of one revealed value that crosses to a page, in bytes.
const REVEALED_LIMIT: usize = 64 * 1024;

/// A search tells how far it is no more often than this.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(50);

/// The responses of a workspace.
pub struct Responses<'a> {
    pub(super) workspace: &'a Workspace,
}

impl Responses<'_> {
    /// Visible rows from a position on, masked (T8).
    ///
    /// # Errors
    /// When the response is no longer kept; so for every call here.
    pub async fn rows(&self, response_id: &str, from: u32, count: u32) -> Result<TreeRows, Problem> {
        let now = self.workspace.inner.means.clock.now();
        self.on_view(response_id, move |view| view.rows(from, count, now)).await
    }

    /// Opens or closes a row; the new number of visible rows.
    ///
    /// # Errors
    /// When the response is no longer kept, or a single value can't be opened.
    pub async fn expand(&self, response_id: &str, row: u32, expanded: bool) -> Result<u32, Problem> {
        let opened = self.on_view(response_id, move |view| view.set_expanded(row, expanded)).await?;
        opened.map_err(|failure| Problem::new(ProblemCode::Failed, failure.to_string(), failure.next_step()))
    }

    /// Opens or closes everything; the new number of visible rows, and what was left out.
    ///
    /// # Errors
    /// See [`Self::rows`].
    pub async fn expand_all(&self, response_id: &str, expanded: bool) -> Result<ExpandReport, Problem> {
        self.on_view(response_id, move |view| view.set_all_expanded(expanded)).await
    }

    /// The row of a row's parent.
    ///
    /// # Errors
    /// See [`Self::rows`].
    pub async fn parent(&self, response_id: &str, row: u32) -> Result<Option<u32>, Problem> {
        self.on_view(response_id, move |view| view.parent_row(row)).await
    }

    /// The next visible row whose key starts with this.
    ///
    /// # Errors
    /// See [`Self::rows`].
    pub async fn find_key(&self, response_id: &str, after_row: u32, prefix: String) -> Result<Option<u32>, Problem> {
        self.on_view(response_id, move |view| view.find_key(after_row, &prefix)).await
    }

    /// Searches all names and values, open or not; an empty query ends the search. A new search ends the one before, and a
    /// cancelled one keeps what it has found. `progress` is told the first match at once, and later how far the search is,
    /// twenty times a second at most. Its matches can be visited while it runs.
    ///
    /// # Errors
    /// When the query can't be read as a regular expression, or as for [`Self::rows`].
    pub async fn search(
        &self,
        response_id: &str,
        query: SearchQuery,
        cancel: &CancellationToken,
        progress: impl Fn(SearchProgress) + Send + 'static,
    ) -> Result<SearchReport, Problem> {
        let (kept, shown) = self.kept(response_id)?;
        let begun = self.on_view(response_id, move |view| view.begin_search(&query)).await?;
        let begun = begun.map_err(|error| Problem::invalid("query", error.to_string(), error.next_step()))?;
        let Some(run) = begun else { return Ok(SearchReport { matches: 0, first_row: None, capped: false }) };
        let cancel = cancel.clone();
        let searching = tokio::task::spawn_blocking(move || {
            let (mut first_row, mut told) = (None, Instant::now());
            run.run(|matches, searched| {
                let first = matches > 0 && first_row.is_none();
                if first {
                    first_row = kept.view(shown).lock().unwrap_or_else(PoisonError::into_inner).next_match(None, false);
                }
                if first || told.elapsed() >= BETWEEN_PROGRESS {
                    told = Instant::now();
                    progress(SearchProgress { matches, searched, first_row });
                }
                !cancel.is_cancelled()
            });
            SearchReport { matches: run.matches(), first_row, capped: run.capped() }
        });
        searching.await.map_err(|_| Problem::interrupted())
    }

    /// The next or previous match, opened so that it is visible.
    ///
    /// # Errors
    /// See [`Self::rows`].
    pub async fn next_match(&self, response_id: &str, from_row: Option<u32>, backwards: bool) -> Result<Option<u32>, Problem> {
        self.on_view(response_id, move |view| view.next_match(from_row, backwards)).await
    }

    /// The row of a location, opened so that it is visible; `None` when the response has no such place.
    ///
    /// # Errors
    /// See [`Self::rows`].
    pub async fn reveal(&self, response_id: &str, location: TokenLocation) -> Result<Option<u32>, Problem> {
        self.on_view(response_id, move |view| view.reveal(&location)).await
    }

    /// The row of an RFC 6901 pointer into a JSON body, opened so that it is visible.
    ///
    /// # Errors
    /// See [`Self::rows`].
    pub async fn reveal_pointer(&self, response_id: &str, pointer: String) -> Result<Option<u32>, Problem> {
        self.on_view(response_id, move |view| view.reveal_pointer(&pointer)).await
    }

    /// The row of element `index` (from 0) of the array at or around a row, opened so that it is visible.
    ///
    /// # Errors
    /// When the response is no longer kept, there is no array, or it has fewer elements.
    pub async fn go_to(&self, response_id: &str, row: u32, index: u32) -> Result<u32, Problem> {
        let found = self.on_view(response_id, move |view| view.go_to(row, index)).await?;
        found.map_err(|failure| Problem::invalid("index", failure.to_string(), failure.next_step()))
    }

    /// Where a row stands, in words.
    ///
    /// # Errors
    /// When the response is no longer kept, or a name on the way is a known secret (T8).
    pub async fn path(&self, response_id: &str, row: u32, form: PathForm) -> Result<String, Problem> {
        let path = self.on_view(response_id, move |view| view.path(row, form)).await?;
        let message = "The way to this row holds a secret, so it is not copied.";
        path.ok_or_else(|| Problem::new(ProblemCode::Failed, message, "Copy the path of another row."))
    }

    /// The whole value of a row, on purpose (T8).
    ///
    /// # Errors
    /// When the response is no longer kept, or has no such row.
    pub async fn value(&self, response_id: &str, row: u32) -> Result<SecretString, Problem> {
        self.on_view(response_id, move |view| view.value(row)).await?.ok_or_else(Problem::response_gone)
    }

    /// The value of a row as text for a window that shows it for a moment: at most 64 KiB of it (T8).
    ///
    /// # Errors
    /// When the response is no longer kept, or has no such row.
    pub async fn revealed_value(&self, response_id: &str, row: u32) -> Result<String, Problem> {
        let value = self.value(response_id, row).await?;
        // Exposed because the user asked to see it.
        let text = value.expose_secret();
        let mut end = text.len().min(REVEALED_LIMIT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let rest = text.len() - end;
        Ok(if rest == 0 { text.to_owned() } else { format!("{}… and {rest} bytes more", &text[..end]) })
    }

    fn kept(&self, response_id: &str) -> Result<(Arc<Kept>, Shown), Problem> {
        self.workspace.inner.memory.find_view(response_id).ok_or_else(Problem::response_gone)
    }

    /// Work on a large body runs off the async threads.
    async fn on_view<T: Send + 'static>(
        &self,
        response_id: &str,
        act: impl FnOnce(&mut TreeView) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (kept, shown) = self.kept(response_id)?;
        let acting =
            tokio::task::spawn_blocking(move || act(&mut kept.view(shown).lock().unwrap_or_else(PoisonError::into_inner)));
        acting.await.map_err(|_| Problem::interrupted())
    }
}
