//! A filter as it crosses the border, checked, as the query that the database understands.

use jiff::Timestamp;

use super::views::Problem;
use crate::clock::to_millis;
use crate::execution::{ErrorType, ExecutionFilter, SourceType};
use crate::log::{Status, Unsearchable, search_expression};
use crate::store::executions::{ExecutionQuery, StatusFilter};

/// The query of a filter, for all that fits.
///
/// # Errors
/// When a field holds something that can't be taken; it is named.
pub(super) fn query_of(filter: ExecutionFilter) -> Result<ExecutionQuery, Problem> {
    Ok(ExecutionQuery {
        since_ms: filter.since.as_deref().map(|text| moment("since", text)).transpose()?.flatten(),
        until_ms: filter.until.as_deref().map(|text| moment("until", text)).transpose()?.flatten(),
        http_status: filter.http_status.as_deref().map(status).transpose()?.flatten(),
        words: filter.search.as_deref().map(words).transpose()?.flatten(),
        connector_id: given(filter.connector_id),
        success: filter.success,
        error_type: filter.error_type.map(|error_type| ErrorType::name(error_type).to_owned()),
        source_type: filter.source_type.map(|source_type| SourceType::name(source_type).to_owned()),
        execution_id: given(filter.execution_id),
        customer: given(filter.customer),
        before: None,
        limit: u32::MAX,
    })
}

/// A field that was emptied asks for nothing.
fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn moment(field: &str, text: &str) -> Result<Option<i64>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let at = text.trim().parse::<Timestamp>().map_err(|_| {
        let message = format!("“{}” is no moment in time.", text.trim());
        Problem::invalid(field, message, "Write it like 2026-05-12T08:00:00Z, with the zone.")
    })?;
    Ok(Some(to_millis(at)))
}

fn status(text: &str) -> Result<Option<StatusFilter>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match Status::parse(text) {
        Some(Status::Exactly(status)) => Ok(Some(StatusFilter::Exactly(status.into()))),
        Some(Status::Class(hundreds)) => Ok(Some(StatusFilter::Class(hundreds.into()))),
        Some(Status::NoAnswer) => Ok(Some(StatusFilter::NoAnswer)),
        None => {
            let message = format!("“{}” is no status to filter by.", text.trim());
            Err(Problem::invalid("http_status", message, "Write a status such as 404, a class such as 4xx, or none."))
        }
    }
}

fn words(text: &str) -> Result<Option<String>, Problem> {
    search_expression(text).map_err(|unsearchable| match unsearchable {
        Unsearchable::NoWords => Problem::invalid(
            "search",
            "There is no word in what is searched for.",
            "Search for words or numbers; signs between them do not matter.",
        ),
        Unsearchable::TooLong => Problem::invalid(
            "search",
            "What is searched for is too long.",
            "Search for a few words: at most 50, of 1,000 bytes in all.",
        ),
    })
}
