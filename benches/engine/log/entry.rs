//! One execution of a large log: as a run records it, redacted, about 2 KiB, with words that are common and words that are rare.

use latchkey::execution::{ErrorType, SourceType};
use latchkey::store::executions::ExecutionRow;
use serde_json::{Value, json};

use super::words::{Random, WORDS, rare_word, word};

/// To be raised when executions are made in another way, so that no log that was kept is taken for one of these.
pub const VERSION: u32 = 1;

/// In most successes.
pub const COMMON: &str = "shipped";
/// In one of a hundred.
pub const SELDOM: &str = "backordered";
/// In one of twenty; its words stand alone in one of five.
pub const PHRASE: &str = "left at reception";
/// So many executions have the same rare word, however large the log is.
pub const WITH_A_RARE_WORD: u64 = 10;
/// So many executions are of one customer, on the average.
const OF_A_CUSTOMER: u64 = 50;

/// The sources, often and seldom.
const SOURCES: [SourceType; 8] = [
    SourceType::Workflow,
    SourceType::Workflow,
    SourceType::Workflow,
    SourceType::Fin,
    SourceType::Fin,
    SourceType::Inbox,
    SourceType::SavedReply,
    SourceType::Test,
];

/// What a log consists of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many executions.
    pub count: u64,
    /// When the first began, in milliseconds since 1970.
    pub first_ms: i64,
    /// How long they go on, in milliseconds.
    pub span_ms: i64,
    /// The connectors that run.
    pub connectors: Vec<String>,
}

impl Plan {
    /// How many customers there are.
    pub fn customers(&self) -> u64 {
        (self.count / OF_A_CUSTOMER).max(1)
    }

    /// How many rare words there are.
    pub fn rare_words(&self) -> u64 {
        (self.count / WITH_A_RARE_WORD).max(1)
    }

    /// When number `n` ends: busy days and quiet nights.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "milliseconds of a month")]
    fn ends_ms(&self, n: u64) -> i64 {
        let (part, days) = (n as f64 / self.count as f64, self.span_ms as f64 / 86_400_000.0);
        let turn = std::f64::consts::TAU * days;
        self.first_ms + ((part - 0.8 * (turn * part).sin() / turn) * self.span_ms as f64) as i64
    }

    /// Number `n` in the order of commits, with its record.
    pub fn entry(&self, n: u64) -> (ExecutionRow, String) {
        let random = &mut Random::new(n.wrapping_mul(0xD134_2543_DE82_EF95));
        let connector = self.connectors_turn(random);
        let ended = Ended::draw(random, connector, n * 1000 / self.count);
        let took = 20 + random.mostly_small(if ended.status.is_some() { 2_000 } else { 30_000 });
        let ends_ms = self.ends_ms(n);
        let created_at_ms = ends_ms - i64::try_from(took).unwrap_or_default();
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&random.next().to_be_bytes());
        let began = u64::try_from(created_at_ms).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(began, &bytes).into_uuid().to_string();
        let source = SOURCES[usize::try_from(random.below(8)).unwrap_or_default()];
        let customer = (!random.one_of(4)).then(|| customer(random.mostly_small(self.customers())));
        let row = ExecutionRow {
            seq: 0,
            customer,
            id,
            connector_id: self.connectors[connector].clone(),
            created_at_ms,
            source_type: source.name().to_owned(),
            success: ended.error.is_none(),
            error_type: ended.error.map(|error| error.name().to_owned()),
            http_status: ended.status,
            execution_time_ms: i64::try_from(took).unwrap_or_default(),
            refreshes: i64::from(random.one_of(40)),
            sentence: ended.sentence(connector),
        };
        let record = record(&row, connector, took, &self.texts(random, &ended));
        (row, record.to_string())
    }

    /// A few connectors run far more often than the others.
    fn connectors_turn(&self, random: &mut Random) -> usize {
        let last = self.connectors.len() as u64;
        usize::try_from(random.mostly_small(last * last) / last).unwrap_or_default()
    }

    fn texts(&self, random: &mut Random, ended: &Ended) -> Texts {
        let mut note: Vec<String> = (0..12).map(|_| word(random.mostly_small(WORDS))).collect();
        note.push(rare_word(random.below(self.rare_words())));
        if random.one_of(100) {
            note.push(SELDOM.to_owned());
        }
        if random.one_of(20) {
            note.push(PHRASE.to_owned());
        }
        note.extend(PHRASE.split(' ').filter(|_| random.one_of(5)).map(str::to_owned));
        let order = format!("A-{:06}", random.below(self.count.max(1000)));
        let body = if ended.error.is_none() {
            let lines = json!([{"sku": format!("K-{}", random.below(500)), "title": word(random.mostly_small(WORDS)), "quantity": 2},
                               {"sku": format!("L-{}", random.below(500)), "title": word(random.mostly_small(WORDS)), "quantity": 1}]);
            let state = if random.one_of(10) { "open" } else { COMMON };
            json!({"order": {"id": order, "status": state, "currency": "EUR", "total": 129.9, "lines": lines, "note": note.join(" ")}})
        } else {
            json!({"error": {"code": "E42", "message": note.join(" ")}})
        };
        Texts { order, body: ended.status.map(|_| body.to_string()), request_id: format!("{:016x}", random.next()) }
    }
}

/// The `user_id` of a customer.
pub fn customer(number: u64) -> String {
    format!("user-{number}")
}

struct Texts {
    order: String,
    body: Option<String>,
    request_id: String,
}

/// How a run ended.
struct Ended {
    error: Option<ErrorType>,
    status: Option<i64>,
}

impl Ended {
    /// Most runs succeed, except while something is down: the fourth connector for a hundredth of the time, and the
    /// login of the eighth for a fiftieth. `place` is how far the log has come, in thousandths.
    fn draw(random: &mut Random, connector: usize, place: u64) -> Self {
        let failed = |error, status| Self { error: Some(error), status };
        let down = !random.one_of(8);
        match (connector, place) {
            (3, 400..410) if down => return failed(ErrorType::ThirdPartyError, Some(503)),
            (7, 700..720) if down => return failed(ErrorType::TokenRefreshError, Some(401)),
            _ => {}
        }
        match random.below(1000) {
            0..880 => Self { error: None, status: Some(if random.one_of(20) { 201 } else { 200 }) },
            880..905 => failed(ErrorType::ThirdPartyError, Some(404)),
            905..925 => failed(ErrorType::ThirdPartyError, Some(500)),
            925..930 => failed(ErrorType::ThirdPartyError, Some(422)),
            930..955 => failed(ErrorType::FaradayError, None),
            955..970 => failed(ErrorType::TokenRefreshError, Some(401)),
            970..985 => failed(ErrorType::RequestValidationError, None),
            985..990 => failed(ErrorType::ResponseMappingError, Some(200)),
            990..998 => failed(ErrorType::CircuitOpen, None),
            _ => failed(ErrorType::Cancelled, None),
        }
    }

    fn sentence(&self, connector: usize) -> String {
        match (self.error, self.status) {
            (None, status) => format!("api-{connector}.shop.example answered {}.", status.unwrap_or(200)),
            (Some(ErrorType::FaradayError), _) => format!("api-{connector}.shop.example did not answer within 30 s."),
            (Some(ErrorType::CircuitOpen), _) => {
                "The circuit breaker is open: 5 runs in a row failed. Nothing was sent.".to_owned()
            }
            (Some(ErrorType::RequestValidationError), _) => "The input order_id is missing.".to_owned(),
            (Some(ErrorType::Cancelled), _) => "The run was cancelled.".to_owned(),
            (Some(error), status) => format!("api-{connector}.shop.example answered {status:?} ({}).", error.name()),
        }
    }
}

fn record(row: &ExecutionRow, connector: usize, took: u64, texts: &Texts) -> Value {
    let sent = !matches!(row.error_type.as_deref(), Some("circuit_open" | "request_validation_error"));
    let host = format!("api-{connector}.shop.example");
    let url = format!("https://{host}/v2/orders/{}?expand=****", texts.order);
    let mut steps =
        vec![step("gate", "passed", 0, "Inputs, URL and headers are in order. The token Login is sent.", &Value::Null)];
    if sent {
        let header = |name: &str, value: &str| json!({"name": name, "value": value});
        let exchange = json!({
            "method": "GET", "url": url, "host": host, "path": format!("/v2/orders/{}", texts.order),
            "request_headers": [header("authorization", "Bearer ****"), header("accept", "application/json")],
            "request_body": null, "http_status": row.http_status,
            "response_headers": [header("content-type", "application/json; charset=utf-8"), header("server", "nginx"),
                header("date", "Sat, 31 Jan 2026 09:00:00 GMT"), header("x-request-id", &texts.request_id)],
            "response_body": texts.body, "response_is_shape": false,
            "response_bytes": texts.body.as_ref().map_or(0, String::len),
            "failure": null, "redirects": 0, "http_version": "HTTP/1.1",
            "timings": {"redirects_us": 0, "dns_us": null, "connect_us": null, "tls_us": null,
                "first_byte_us": took * 900, "download_us": took * 50},
        });
        let outcome = if row.success { "passed" } else { "failed" };
        steps.push(step("request", outcome, took, &row.sentence, &exchange));
        if row.success {
            steps.push(step("mapping", "passed", 0, "The response was read as JSON; 1 field was mapped.", &Value::Null));
        }
    }
    let shown = texts.body.as_deref().filter(|_| row.success);
    let mapped = json!({"object_type": "conversation", "attribute": "order_id", "path": "order.id", "value": format!("\"{}\"", texts.order)});
    json!({
        "id": row.id, "connector_id": row.connector_id, "connector_name": connector_name(connector),
        "source_type": row.source_type, "success": row.success, "error_type": row.error_type, "sentence": row.sentence,
        "next_step": if row.success { "" } else { "Look at the endpoint's own log." },
        "hint": null, "http_status": row.http_status, "http_method": "get", "execution_time_ms": took,
        "created_at": latchkey::clock::millis_to_rfc3339(row.created_at_ms), "request_url": url, "request_body": null,
        "response_body": shown, "raw_response_body": shown, "mock": false,
        "customer": row.customer, "inputs": [{"name": "order_id", "value": texts.order, "redacted": false}],
        "next_probe_at": null, "steps": steps, "mapped_fields": if row.success { vec![mapped] } else { Vec::new() },
    })
}

fn step(kind: &str, outcome: &str, took: u64, detail: &str, exchange: &Value) -> Value {
    let status = exchange["http_status"].clone();
    json!({"kind": kind, "outcome": outcome, "http_status": status, "started_ms": 0, "duration_ms": took, "detail": detail,
        "token": null, "exchange": exchange})
}

/// The name of a connector of a large log.
pub fn connector_name(number: usize) -> String {
    format!("Shop {number}")
}
