//! The body of a call: at most 64 KiB, in a bounded time, and JSON. What a body holds is never repeated in an error.

use std::time::Duration;

use axum::extract::Request;
use futures_util::StreamExt;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::answer::{Code, Refusal};
use super::origin::single;

/// The largest body, in bytes.
pub(super) const LARGEST: usize = 64 * 1024;
/// How much of a body that is too large is read all the same: a caller that is still sending reads no answer.
const READ_PAST: usize = 1024 * 1024;

/// Reads the body of a call.
///
/// # Errors
/// When it is no JSON by its type, too large, too slow, or the Messenger is being stopped.
pub(super) async fn read(
    request: Request,
    patience: Duration,
    stopping: &CancellationToken,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    if !is_json(&request) {
        let message = "The body is not announced as JSON.";
        return Err(Refusal::new(Code::InvalidJson, message, "Send it with Content-Type: application/json."));
    }
    let announced = single(&request, &CONTENT_LENGTH).and_then(|length| length.parse().ok()).unwrap_or(0_usize);
    if announced > LARGEST && request.headers().contains_key(EXPECT) {
        // Whoever asks first is told at once.
        return Err(too_large());
    }
    let reading = tokio::time::timeout(patience, collect(request, announced));
    tokio::select! {
        () = stopping.cancelled() => Err(Refusal::interrupted("The Messenger is being stopped.")),
        read = reading => read.unwrap_or_else(|_| Err(too_slow(patience))),
    }
}

async fn collect(request: Request, announced: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    // Never moved to another place, which would leave a copy behind.
    let mut body = Zeroizing::new(Vec::with_capacity(if announced == 0 { LARGEST } else { announced.min(LARGEST) }));
    let mut passed = 0;
    let mut pieces = request.into_body().into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Refusal::interrupted("The body broke off."))?;
        if passed == 0 && body.len() + piece.len() <= LARGEST {
            body.extend_from_slice(&piece);
            continue;
        }
        passed += piece.len();
        if passed > READ_PAST {
            break;
        }
    }
    if passed > 0 { Err(too_large()) } else { Ok(body) }
}

fn too_large() -> Refusal {
    let message = format!("The body is larger than {} KiB.", LARGEST / 1024);
    Refusal::new(Code::TooLarge, message, "Send fewer or shorter values in one call.")
}

fn too_slow(patience: Duration) -> Refusal {
    let message = format!("The body did not arrive within {} seconds.", patience.as_secs());
    Refusal::new(Code::TooSlow, message, "Try again.")
}

fn is_json(request: &Request) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    single(request, &CONTENT_TYPE).is_some_and(essence)
}

/// JSON as far as a call looks into it. Any text may be a secret.
pub(super) enum Json {
    Null,
    Number(f64),
    Text(SecretString),
    Members(Vec<(String, Json)>),
    /// A boolean or a list: no member of a call is one.
    Other,
}

impl Json {
    /// Its kind, as people call it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::Members(_) => "an object",
            Self::Other => "a list, true or false",
        }
    }
}

/// Reads a whole body as JSON.
///
/// # Errors
/// When it is none; the sentence says where, in words that hold nothing of the body.
pub(super) fn parse(body: &[u8]) -> Result<Json, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let message = match error.classify() {
            serde_json::error::Category::Eof if body.is_empty() => "The body is empty.".to_owned(),
            serde_json::error::Category::Eof => "The body is no JSON: it ends too early.".to_owned(),
            _ => format!("The body is no JSON: line {}, column {}.", error.line(), error.column()),
        };
        Refusal::new(Code::InvalidJson, message, "Send one JSON object.")
    })
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    #[expect(clippy::cast_precision_loss, reason = "only times are numbers here, and those are small")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "only times are numbers here, and those are small")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(SecretString::from(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Members(members))
    }
}
