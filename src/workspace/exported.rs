//! An execution as an archive shows it: a page, and an entry for each exchange. What is redacted in the record stays so.

use std::io::{self, Write};

use serde_json::json;

use crate::clock::{from_millis, to_millis, to_rfc3339};
use crate::execution::{ErrorType, Execution, ExecutionRow, Step};
use crate::http::{Exchange, ExchangeTimings, RecordedHeader};
use crate::log::{Entry, Har, Message, Page, Waits};

/// Adds an execution's page, whether it sent anything or not.
pub(super) fn add_page<W: Write>(har: &mut Har<W>, row: &ExecutionRow, connector_name: &str) -> io::Result<()> {
    har.page(&Page {
        id: &row.id,
        started_at: &row.created_at,
        title: &format!("{connector_name}: {}", row.error_type.map_or("success", ErrorType::name)),
        milliseconds: f64::from(row.execution_time_ms),
        comment: &row.sentence,
        own: json!({
            "connector_id": row.connector_id,
            "connector_name": connector_name,
            "success": row.success,
            "error_type": row.error_type,
            "source_type": row.source_type,
            "customer": row.customer,
            "http_status": row.http_status,
            "refreshes": row.refreshes,
        }),
    })
}

/// Adds an entry for each exchange of the execution.
pub(super) fn add_entries<W: Write>(har: &mut Har<W>, execution: &Execution) -> io::Result<()> {
    for (number, step) in execution.steps.iter().enumerate() {
        if let Some(exchange) = &step.exchange {
            add_entry(har, execution, number, step, exchange)?;
        }
    }
    Ok(())
}

fn add_entry<W: Write>(
    har: &mut Har<W>,
    execution: &Execution,
    number: usize,
    step: &Step,
    exchange: &Exchange,
) -> io::Result<()> {
    let began = execution.created_at.parse().map_or(0, to_millis);
    let answer = exchange.http_status.map(|status| {
        let media_type = exchange.response_is_shape.then_some("text/plain");
        let body = exchange.response_body.as_deref();
        (status, Message { headers: headers(&exchange.response_headers), body, media_type })
    });
    har.entry(&Entry {
        page: &execution.id,
        started_at: &to_rfc3339(from_millis(began.saturating_add(step.started_ms.into()))),
        method: &exchange.method,
        url: &exchange.url,
        http_version: exchange.http_version.as_deref(),
        request: Message {
            headers: headers(&exchange.request_headers),
            body: exchange.request_body.as_deref(),
            media_type: None,
        },
        response: answer,
        response_bytes: exchange.response_bytes,
        failure: exchange.failure.as_deref(),
        waits: waits(step, exchange.timings),
        comment: &step.detail,
        content_comment: exchange
            .response_is_shape
            .then_some("Only the shape of a login's response is recorded: names, types and lengths."),
        own: json!({
            "execution_id": execution.id,
            "step": number,
            "kind": step.kind,
            "outcome": step.outcome,
            "token": step.token,
            "redirects": exchange.redirects,
            "saved_shape": exchange.saved_shape,
            "hint": execution.hint,
            "next_step": execution.next_step,
        }),
    })
}

fn headers(recorded: &[RecordedHeader]) -> Vec<(&str, &str)> {
    recorded.iter().map(|header| (header.name.as_str(), header.value.as_str())).collect()
}

/// Without timings, all that is known is how long the step took; another run's exchange took this one no time of its own.
fn waits(step: &Step, timings: Option<ExchangeTimings>) -> Waits {
    let milliseconds = |micros: u32| f64::from(micros) / 1000.0;
    let Some(timings) = timings else {
        let shared = step.token.as_ref().is_some_and(|token| token.shared);
        return Waits { wait: if shared { 0.0 } else { f64::from(step.duration_ms) }, ..Waits::default() };
    };
    Waits {
        blocked: Some(timings.redirects_us).filter(|redirects| *redirects > 0).map(milliseconds),
        dns: timings.dns_us.map(milliseconds),
        connect: timings.connect_us.map(milliseconds),
        tls: timings.tls_us.map(milliseconds),
        wait: milliseconds(timings.first_byte_us),
        receive: milliseconds(timings.download_us),
    }
}
