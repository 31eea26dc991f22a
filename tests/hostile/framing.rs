//! Where a body begins and ends: lengths and chunks that are missing, wrong, contradictory or without an end.

use super::row::Comes::{NoAnswer, Refused, Unusable, Works};
use super::row::{Row, play};
use super::server::{Deed, GOOD_BODY, body_of};

/// A good body under these framing headers.
fn framed(headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n\r\n{body}").into_bytes()
}

fn chunked(body: &str) -> Vec<u8> {
    framed("Transfer-Encoding: chunked", body)
}

/// The good body as one chunk, without the last one.
fn chunk() -> String {
    format!("{:x}\r\n{GOOD_BODY}\r\n", GOOD_BODY.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_lengths_that_contradict_give_no_answer() {
    let length = GOOD_BODY.len();
    let not_http = NoAnswer("not a valid HTTP answer");
    let says = |headers: &str| Deed::says(framed(headers, GOOD_BODY));
    play(vec![
        Row::new("no length", says("X-A: 1"), Works),
        Row::new("two equal lengths", says(&format!("Content-Length: {length}\r\nContent-Length: {length}")), Works),
        Row::new("two different lengths", says(&format!("Content-Length: {length}\r\nContent-Length: 5")), not_http),
        Row::new("a list of lengths", says(&format!("Content-Length: {length}, 5")), not_http),
        Row::new("a negative length", says("Content-Length: -5"), not_http),
        Row::new("a length with a sign", says(&format!("Content-Length: +{length}")), not_http),
        Row::new("a length of letters", says("Content-Length: abc"), not_http),
        Row::new("an empty length", says("Content-Length: "), not_http),
        Row::new("a length of 9 PB", says("Content-Length: 9007199254740993"), NoAnswer("larger than the limit")),
        Row::new("a length of 64 bits", says("Content-Length: 18446744073709551615"), NoAnswer("")),
        Row::new("a length beyond 64 bits", says("Content-Length: 18446744073709551616"), not_http),
        Row::new("a length of 400 digits", says(&format!("Content-Length: {}", "9".repeat(400))), not_http),
        Row::new(
            "a body longer than its length",
            Deed::says(framed(
                &format!("Content-Length: {length}"),
                &format!("{GOOD_BODY}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{{}}"),
            )),
            Works,
        ),
        Row::new(
            "an answer nobody asked for behind it",
            Deed::says_and_serves(framed(
                &format!("Content-Length: {length}"),
                &format!("{GOOD_BODY}HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
            )),
            Works,
        ),
        Row::new("a length shorter than the body", says("Content-Length: 10"), Unusable("JSON")),
        Row::new("a length of 0 before a body", says("Content-Length: 0"), Unusable("")),
        Row::new("204 with a body", Deed::says(body_of("HTTP/1.1 204 No Content", GOOD_BODY.as_bytes())), Unusable("")),
        Row::new("304 with a body", Deed::says(body_of("HTTP/1.1 304 Not Modified", GOOD_BODY.as_bytes())), Refused(304)),
        Row::new(
            "401 with a body that is cut",
            Deed::says("HTTP/1.1 401 No\r\nContent-Length: 50\r\n\r\nshort"),
            NoAnswer("broke off after 5 bytes"),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_chunks_that_are_wrong_give_no_answer() {
    let not_http = NoAnswer("not a valid HTTP answer");
    let whole = format!("{}0\r\n\r\n", chunk());
    let length = "Content-Length: 5\r\nTransfer-Encoding: chunked";
    let coded = |coding: &str, body: &str| Deed::says(framed(&format!("Transfer-Encoding: {coding}"), body));
    let endless = |piece: &str| Deed::floods(chunked(&format!("{}0\r\n", chunk())), piece.repeat(512));
    play(vec![
        Row::new("chunks", Deed::says_and_serves(chunked(&whole)), Works),
        Row::new("chunks with a length beside them", Deed::says(framed(length, &whole)), Works),
        Row::new("Chunked in capitals", coded("CHUNKED", &whole), Works),
        Row::new(
            "chunks with extensions and trailers",
            Deed::says_and_serves(chunked(&format!(
                "{:x};a=b;c=\"d\"\r\n{GOOD_BODY}\r\n0\r\nX-Trailer: 1\r\n\r\n",
                GOOD_BODY.len()
            ))),
            Works,
        ),
        Row::new("an unknown transfer coding", coded("foo", GOOD_BODY), Works),
        Row::new("identity as a transfer coding", coded("identity", GOOD_BODY), Works),
        Row::new("chunked twice", coded("chunked, chunked", &whole), Works),
        Row::new("chunked, then something else", coded("chunked, gzip", &whole), Unusable("JSON")),
        Row::new("gzip as a transfer coding", coded("gzip, chunked", &whole), Works),
        Row::new("a chunk size of letters", Deed::says(chunked("zz\r\n{}\r\n0\r\n\r\n")), not_http),
        Row::new("a negative chunk size", Deed::says(chunked("-2\r\n{}\r\n0\r\n\r\n")), not_http),
        Row::new("a chunk size beyond 64 bits", Deed::says(chunked("10000000000000002\r\n{}\r\n0\r\n\r\n")), not_http),
        Row::new("a chunk size of 64 bits", Deed::says(chunked("fffffffffffffffe\r\n{}\r\n0\r\n\r\n")), NoAnswer("broke off")),
        Row::new("a chunk longer than its size", Deed::says(chunked("1\r\n{}\r\n0\r\n\r\n")), not_http),
        Row::new("no last chunk", Deed::says(chunked(&chunk())), NoAnswer("broke off")),
        Row::new("half a last chunk", Deed::says(chunked(&format!("{}0\r", chunk()))), NoAnswer("broke off")),
        Row::new("a chunk that is cut by a reset", Deed::says_and_resets(chunked("40\r\n{\"data\"")), NoAnswer("broken off")),
        Row::new("a chunk extension without an end", Deed::floods(chunked("2;"), "a=b;".repeat(512)), not_http),
        Row::new("trailers without an end", endless("X-Trailer: 1\r\n"), not_http),
        Row::new("a trailer without an end", endless("aaaaaaaa"), not_http),
        Row::new(
            "a trailer without a colon",
            Deed::says(chunked(&format!("{}0\r\nnocolon\r\n\r\n", chunk()))),
            NoAnswer("HTTP"),
        ),
    ])
    .await;
}
