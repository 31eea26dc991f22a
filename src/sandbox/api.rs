//! The protected API: orders to look at and refunds to make, with a Bearer token (RFC 6750).

use std::sync::Arc;

use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::issued::Standing;
use super::login::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_PASSWORD, DEMO_USER};
use super::served::Shared;

/// The longest order id, in characters.
const LONGEST_ID: usize = 100;

pub(super) async fn index() -> Answer {
    let body = json!({
        "name": "Latchkey sandbox",
        "endpoints": {
            "POST /login": { "username": DEMO_USER, "password": DEMO_PASSWORD },
            "POST /oauth/token": {
                "grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_CLIENT_SECRET,
            },
            "GET /orders/{id}": "needs Authorization: Bearer <access token>",
            "POST /refunds": "needs Authorization: Bearer <access token>, takes order_id, amount and reason",
        },
    });
    Answer::new(StatusCode::OK, "index", body)
}

pub(super) async fn order(State(shared): State<Arc<Shared>>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    if let Err(refusal) = admitted(&shared, &headers).await {
        return refusal;
    }
    if id.starts_with("missing") || id.chars().count() > LONGEST_ID {
        let message = "There is no order with this id.";
        return Answer::refusal(StatusCode::NOT_FOUND, "no such order", "order_not_found", message);
    }
    let body = json!({
        "order": {
            "id": id,
            "status": "shipped",
            "placed_at": "2026-03-19T11:27:36Z",
            "shipped_at": "2026-03-20T07:05:00Z",
            "currency": "EUR",
            "total": 64.85,
            "customer": { "id": "c-1001", "name": "Dora Demo", "email": "dora@demo.example" },
            "lines": [
                { "sku": "LAMP-02", "name": "Desk lamp", "quantity": 1, "price": 49.95 },
                { "sku": "BULB-11", "name": "Bulb, warm white", "quantity": 2, "price": 7.45 },
            ],
        },
    });
    Answer::new(StatusCode::OK, "order found", body)
}

pub(super) async fn refund(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    if let Err(refusal) = admitted(&shared, &headers).await {
        return refusal;
    }
    let Ok(body) = body else {
        let message = "The body could not be read, or is larger than 64 KiB.";
        return Answer::refusal(StatusCode::PAYLOAD_TOO_LARGE, "body too large", "payload_too_large", message);
    };
    let Ok(Value::Object(refund)) = serde_json::from_slice(&body) else {
        let message = "The body is not a JSON object. Send {\"order_id\": …, \"amount\": …}.";
        return Answer::refusal(StatusCode::BAD_REQUEST, "unreadable body", "invalid_request", message);
    };
    let mut errors = serde_json::Map::new();
    let order_id = refund.get("order_id").and_then(Value::as_str).filter(|id| !id.is_empty());
    if order_id.is_none_or(|id| id.chars().count() > LONGEST_ID) {
        errors.insert("order_id".to_owned(), json!(["must be the id of an order, as text"]));
    }
    let amount = refund.get("amount").and_then(Value::as_f64).filter(|amount| *amount > 0.0 && *amount <= 1_000_000.0);
    if amount.is_none() {
        errors.insert("amount".to_owned(), json!(["must be a number greater than 0, at most 1000000"]));
    }
    let reason = refund.get("reason").filter(|reason| !reason.is_null());
    if reason.is_some_and(|reason| !reason.is_string()) {
        errors.insert("reason".to_owned(), json!(["must be text"]));
    }
    if !errors.is_empty() {
        let body = json!({ "error": "validation_failed", "message": "The refund can't be made.", "errors": errors });
        return Answer::new(StatusCode::UNPROCESSABLE_ENTITY, "fields refused", body);
    }
    let body = json!({
        "refund": {
            "id": format!("r-{}", Uuid::new_v4()),
            "order_id": order_id,
            "amount": refund.get("amount"),
            "reason": reason,
            "status": "accepted",
            "created_at": Timestamp::now().to_string(),
        },
    });
    Answer::new(StatusCode::CREATED, "refund made", body)
}

/// Lets a request with a good token through, and answers any other one.
async fn admitted(shared: &Shared, headers: &HeaderMap) -> Result<(), Answer> {
    let switches = shared.switches();
    shared.wait_if(switches.api_slow).await;
    if switches.api_down {
        return Err(Answer::down());
    }
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let standing = token.map(|token| shared.with_tokens(|tokens, _| tokens.standing(token, Timestamp::now())));
    let note = match standing {
        Some(Standing::Valid) => return Ok(()),
        Some(Standing::Expired) => "token expired",
        Some(Standing::Unknown) => "token unknown",
        None => "no token",
    };
    if switches.api_access_denied {
        return Err(Answer::new(StatusCode::OK, note, json!({ "status": "error", "message": "access denied" })));
    }
    // An unknown token is most likely one from before a restart: to its holder it has expired.
    let (message, challenge) = if standing.is_some() {
        ("The access token expired", "Bearer error=\"invalid_token\", error_description=\"The access token expired\"")
    } else {
        ("An access token is missing", "Bearer error=\"invalid_token\", error_description=\"An access token is missing\"")
    };
    Err(Answer::refusal(StatusCode::UNAUTHORIZED, note, "invalid_token", message)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)))
}
