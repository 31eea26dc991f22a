//! The door: each request is looked at in one order. `Host`, then the address, the origin, how often was called, and only
//! then the body. Only pages of allowed origins can read an answer to a call.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::IdentityVerification;
use super::answer::{Code, Refusal, json_response};
use super::body;
use super::call::{Call, Done, Incoming, rate_limited};
use super::calls::Heard;
use super::origin::Caller;
use super::rate::IN_ALL;
use super::rules::Rules;
use super::shared::Shared;

/// How long a browser may rely on a preflight, in seconds. The origin is checked with each call all the same.
const PREFLIGHT_SECONDS: &str = "600";

/// Answers a request.
pub(super) async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    let call = Call::ALL.into_iter().find(|call| call.path() == path);
    let mut heard = Heard::begin(Arc::clone(&shared.calls), &*shared.clock, call.map_or(path, |call| call.name(false)));
    let caller = Caller::of(&request);
    heard.came_from(caller.origin());
    if !shared.hosts.admit(&request) {
        let message = "Only calls to 127.0.0.1 or localhost, with the port, are answered.";
        return refused(heard, Refusal::new(Code::WrongHost, message, "Use the address that the Messenger page shows."));
    }
    let Some(call) = call else { return beside_the_calls(&shared, &request, heard) };
    let rules = match shared.rules.now().await {
        Ok(rules) => rules,
        Err(failure) => {
            tracing::warn!(%failure, "the Messenger's settings could not be read");
            return refused(heard, Refusal::interrupted("The Messenger's settings could not be read."));
        }
    };
    if let Err(refusal) = admit(&rules, &caller) {
        return refused(heard, refusal);
    }
    let mut response = match *request.method() {
        Method::OPTIONS => {
            heard.unremarkable();
            preflight(request.headers())
        }
        Method::POST => taken(&shared, &rules, call, request, &caller, heard).await,
        _ => {
            let mut response = refused(heard, method_not_allowed("POST"));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
            response
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = caller.origin().and_then(|origin| HeaderValue::from_str(origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
    }
    response
}

/// Whether whoever calls may (M4). `null`, the origin of sandboxed pages and files, is never an allowed one.
fn admit(rules: &Rules, caller: &Caller) -> Result<(), Refusal> {
    match caller {
        Caller::Page(origin) if rules.allow(origin) => Ok(()),
        Caller::Page(_) | Caller::Unclear => {
            let message = "Pages of this origin may not call.";
            let next_step = "Add the origin to the allowed ones on the Messenger page of Latchkey.";
            Err(Refusal::new(Code::OriginNotAllowed, message, next_step))
        }
        Caller::Program if rules.verification != IdentityVerification::Off => Ok(()),
        Caller::Program => {
            let message = "A call without an origin, as apps make it, is taken only with identity verification.";
            let next_step = "Turn identity verification on on the Messenger page of Latchkey, and send its proof along.";
            Err(Refusal::new(Code::OriginMissing, message, next_step))
        }
    }
}

async fn taken(
    shared: &Arc<Shared>,
    rules: &Rules,
    call: Call,
    request: Request,
    caller: &Caller,
    mut heard: Heard,
) -> Response {
    if let Err(too_many) = shared.rate.take(shared.clock.monotonic()) {
        return refused(heard, rate_limited(&format!("There were {IN_ALL} calls within a second."), &too_many));
    }
    let headers = request.headers().clone();
    let incoming = Incoming { call, headers: &headers, origin: caller.origin(), rules, shared };
    let outcome = match body::read(request, shared.limits.body, &shared.stopping).await {
        Ok(body) => incoming.carry_out(&body, &mut heard).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(Done { body, sentence }) => {
            let response = json_response(StatusCode::OK, body);
            heard.answered(response.status().as_u16(), &sentence);
            response
        }
        Err(refusal) => refused(heard, refusal),
    }
}

fn beside_the_calls(shared: &Shared, request: &Request, heard: Heard) -> Response {
    if !shared.files.knows(request.uri().path()) {
        let next_step = "Calls go to /v1/boot, /v1/update, /v1/auth_tokens and /v1/shutdown.";
        return refused(heard, Refusal::new(Code::NotFound, "There is nothing at this address.", next_step));
    }
    let served = match *request.method() {
        Method::GET | Method::HEAD => shared.files.serve(request),
        Method::OPTIONS => {
            let mut response = preflight(request.headers());
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            Some(response)
        }
        _ => None,
    };
    let Some(response) = served else {
        let mut response = refused(heard, method_not_allowed("GET"));
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
        return response;
    };
    heard.unremarkable();
    response
}

/// What a browser asks before it lets a page call.
fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    if asked.contains_key("access-control-request-private-network") {
        headers.insert("access-control-allow-private-network", HeaderValue::from_static("true"));
    }
    response
}

fn method_not_allowed(takes: &str) -> Refusal {
    let message = format!("This address takes {takes} only.");
    Refusal::new(Code::MethodNotAllowed, message, format!("Send it with {takes}."))
}

fn refused(heard: Heard, refusal: Refusal) -> Response {
    let sentence = refusal.message.clone();
    let response = refusal.into_response();
    heard.answered(response.status().as_u16(), &sentence);
    response
}
