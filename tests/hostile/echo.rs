//! Servers that repeat what they were sent, in every place where it might be recorded or said (S2).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::row::Comes::{NoAnswer, Refused, Unusable, Works};
use super::row::{HEADER_SECRET, LOGIN_SECRET, Row, play};
use super::server::{Deed, GOOD_BODY, body_of, json};

/// Repeats the secret of whoever asks.
fn repeats(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Deed {
    Deed::answers(move |peer| answer(if peer.target() == "/api" { HEADER_SECRET } else { LOGIN_SECRET }))
}

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The good body with a text beside it.
fn beside(text: &str) -> Vec<u8> {
    let body = GOOD_BODY.trim_end_matches('}').to_owned();
    json("HTTP/1.1 200 OK\r\nConnection: close", &format!("{body}}},\"echo\":\"{text}\"}}"))
}

fn headed(header: &str) -> Vec<u8> {
    json(&format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{header}"), GOOD_BODY)
}

fn redirect(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn s2_what_a_server_repeats_is_not_recorded() {
    let escaped = |secret: &str| beside(&secret.replace('/', "\\/").replace('n', "\\u006e"));
    let in_xml = |secret: &str| body_of("HTTP/1.1 200 OK\r\nContent-Type: text/xml", format!("<a></{secret}>").as_bytes());
    let in_type = |secret: &str| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json; charset={}", percent(secret));
        body_of(&head, GOOD_BODY.as_bytes())
    };
    play(vec![
        Row::new("in the body", repeats(beside), Works),
        Row::new("escaped in the body", repeats(escaped), Works),
        Row::new("in percent signs", repeats(|secret| beside(&percent(secret))), Works),
        Row::new("in percent signs twice", repeats(|secret| beside(&percent(&percent(secret)))), Works),
        Row::new("as a key", repeats(|secret| beside(&format!("\",\"{secret}\":\""))), Works),
        Row::new("in a header", repeats(|secret| headed(&format!("X-Echo: {secret}"))), Works),
        Row::new("in a link", repeats(|secret| headed(&format!("Link: <http://x/?k={}>", percent(secret)))), Works),
        Row::new("in a cookie", repeats(|secret| headed(&format!("Set-Cookie: k={secret}"))), Works),
        Row::new("in a reason", repeats(|secret| json(&format!("HTTP/1.1 500 {secret}"), GOOD_BODY)), Refused(500)),
        Row::new(
            "far back in a long reason",
            repeats(|secret| json(&format!("HTTP/1.1 500 {}{secret}", "x".repeat(110)), GOOD_BODY)),
            Refused(500),
        ),
        Row::new("in the content type", repeats(in_type), Unusable("charset")).but_a_login(Works),
        Row::new(
            "in the coding",
            repeats(|secret| body_of(&format!("HTTP/1.1 200 OK\r\nContent-Encoding: {secret}"), b"x")),
            Unusable("content coding"),
        ),
        Row::new("in broken XML", repeats(in_xml), Unusable("")),
        Row::new("in a location", repeats(|secret| redirect(&format!("javascript:{secret}"))), Refused(302)),
        Row::new(
            "in the path of a location",
            repeats(|secret| redirect(&format!("http://nowhere.invalid/{0}?{0}", percent(secret)))),
            NoAnswer("nowhere.invalid"),
        ),
        Row::new(
            "where no HTTP is spoken",
            repeats(|secret| format!("220 {secret}\r\n").into_bytes()),
            NoAnswer("not a valid HTTP"),
        ),
    ])
    .await;
}
