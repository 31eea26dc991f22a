//! Bodies that are too large, never end, or are no JSON (M4), over plain connections where a client would be too polite.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::desk::{Desk, PAGE, TOKEN, sent};
use crate::support::within;

const LARGEST: usize = 64 * 1024;

/// A boot whose body has so many bytes.
fn padded(desk: &Desk, bytes: usize) -> String {
    let body = json!({"app_id": desk.app_id, "user_id": "42", "padding": ""}).to_string();
    body.replace("\"padding\":\"\"", &format!("\"padding\":\"{}\"", "x".repeat(bytes - body.len())))
}

fn boot(desk: &Desk) -> reqwest::RequestBuilder {
    desk.request("POST", "/v1/boot").header("Origin", PAGE).header("Content-Type", "application/json")
}

#[tokio::test]
async fn m4_a_body_of_64_kib_is_taken_and_a_larger_one_is_refused_however_it_is_sent() {
    let desk = Desk::new().await;
    let (largest, larger) = (padded(&desk, LARGEST), padded(&desk, LARGEST + 1));
    assert_eq!((largest.len(), larger.len()), (LARGEST, LARGEST + 1));
    let chunked = |body: &str| {
        let pieces: Vec<Result<_, std::io::Error>> =
            body.as_bytes().chunks(1000).map(|piece| Ok(bytes::Bytes::copy_from_slice(piece))).collect();
        reqwest::Body::wrap_stream(futures_util::stream::iter(pieces))
    };
    assert_eq!(sent(boot(&desk).body(largest.clone())).await.status, 200);
    assert_eq!(sent(boot(&desk).body(chunked(&largest))).await.status, 200);
    for body in [larger.clone().into(), chunked(&larger), padded(&desk, 900_000).into(), padded(&desk, 5_000_000).into()] {
        let reply: crate::desk::Reply = sent(boot(&desk).body::<reqwest::Body>(body)).await;
        assert_eq!(reply.refusal(), (413, "too_large"));
        assert_eq!(reply.header("access-control-allow-origin"), Some(PAGE));
    }
    assert_eq!(desk.last_call().await.http_status, 413);
}

#[tokio::test]
async fn m4_a_body_that_never_ends_is_refused_as_one_that_is_too_large() {
    let desk = Desk::new().await;
    let mut stream = TcpStream::connect(desk.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head(&desk, "Transfer-Encoding: chunked").as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let endless = async {
        // Until the Messenger has had enough.
        while writing.write_all(format!("1000\r\n{}\r\n", "x".repeat(4096)).as_bytes()).await.is_ok() {}
    };
    let answered = async {
        let mut answer = vec![0; 12];
        reading.read_exact(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    };
    let answer = within("the refusal", async {
        tokio::select! { () = endless => None, answer = answered => Some(answer) }
    });
    // Whoever goes on sending may meet a closed connection before it reads; the list tells in any case.
    assert!(answer.await.is_none_or(|answer| answer == "HTTP/1.1 413"));
    let call = desk.last_call().await;
    assert_eq!((call.call.as_str(), call.http_status), ("boot", 413));
    desk.boot("42").await;
}

#[tokio::test]
async fn m4_a_caller_that_hangs_up_is_noted_and_stores_nothing() {
    let desk = Desk::new().await;
    let mut changes = desk.workspace.messenger().follow().unwrap();
    let mut stream = TcpStream::connect(desk.base.trim_start_matches("http://")).await.unwrap();
    let body = json!({"app_id": desk.app_id, "user_id": "42", "auth_tokens": {TOKEN: "half of a value"}}).to_string();
    let head = head(&desk, &format!("Content-Length: {}", body.len()));
    stream.write_all(format!("{head}{}", &body[..body.len() - 3]).as_bytes()).await.unwrap();
    drop(stream);
    let call = within("the call", changes.recv()).await.unwrap();
    assert!([499, 503].contains(&call.http_status), "{call:?}");
    assert!(desk.customer("42").is_none());
}

#[tokio::test]
async fn m2_what_is_no_json_is_refused_with_its_place_and_without_its_words() {
    let desk = Desk::new().await;
    let secret = "a-secret-in-broken-json";
    desk.keeps_secret(secret);
    for (body, place) in [
        (String::new(), "empty"),
        (format!("{{\"app_id\": \"x\", \"auth_tokens\": {{\"a\": \"{secret}\""), "ends too early"),
        (format!("{{\"auth_tokens\": {{\"a\": \"{secret}\"}},}}"), "line 1, column"),
        (format!("{{\n  \"a\": {secret}}}"), "line 2, column 8"),
        ("[]".to_owned(), "a list"),
        ("\u{feff}{}".to_owned(), "line 1, column 1"),
        ("[".repeat(LARGEST), "ends too early"),
    ] {
        let reply = sent(boot(&desk).body(body.clone())).await;
        assert_eq!(reply.refusal(), (400, "invalid_json"), "{body:.60}");
        let message = reply.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(place) && !message.contains(secret), "{message}");
    }
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let request = desk.request("POST", "/v1/boot").header("Origin", PAGE).header("Content-Type", content_type);
        let reply = sent(request.body(padded(&desk, 1000))).await;
        assert_eq!(reply.refusal(), (400, "invalid_json"), "{content_type}: a page could send this without a preflight");
    }
    assert!(desk.customer("42").is_none());
    let request =
        desk.request("POST", "/v1/boot").header("Origin", PAGE).header("Content-Type", "Application/JSON; charset=utf-8");
    assert_eq!(sent(request.body(padded(&desk, 1000))).await.status, 200);
}

#[tokio::test]
async fn m4_what_is_no_http_ends_its_connection_and_nothing_else() {
    let desk = Desk::new().await;
    for junk in ["\r\n\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}", &"x".repeat(1_000_000)] {
        let mut stream = TcpStream::connect(desk.base.trim_start_matches("http://")).await.unwrap();
        // It may be closed while it is sent.
        let _ = stream.write_all(junk.as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = within("the end of the connection", stream.read_to_end(&mut answer)).await;
    }
    let old = "POST /v1/boot HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    let mut stream = TcpStream::connect(desk.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(old.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within("the answer", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains(" 403 ") && answer.contains("wrong_host"), "no Host at all: {answer}");
    desk.boot("42").await;
    tokio::time::timeout(Duration::from_secs(20), desk.boot("43")).await.unwrap();
}

fn head(desk: &Desk, length: &str) -> String {
    let host = desk.base.trim_start_matches("http://");
    format!("POST /v1/boot HTTP/1.1\r\nHost: {host}\r\nOrigin: {PAGE}\r\nContent-Type: application/json\r\n{length}\r\n\r\n")
}
