//! Connections that end, break or stand still, and ports on which something else than HTTP is spoken.

use super::row::Comes::NoAnswer;
use super::row::{Row, play, play_side_by_side};
use super::server::{Deed, GOOD_BODY};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 80\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn e11_connections_that_end_too_soon_give_no_answer() {
    let closed = NoAnswer("closed the connection");
    let broken = NoAnswer("broken off");
    play(vec![
        Row::new("closed before the request", Deed::says("").at_once(), NoAnswer("connection")),
        Row::new("reset before the request", Deed::says_and_resets("").at_once(), NoAnswer("connection")),
        Row::new("closed after the request", Deed::says(""), closed),
        Row::new("reset after the request", Deed::says_and_resets(""), broken),
        Row::new("half a status line, then closed", Deed::says("HTTP/1.1 2"), closed),
        Row::new("half a status line, then reset", Deed::says_and_resets("HTTP/1.1 2"), broken),
        Row::new("half the headers, then closed", Deed::says("HTTP/1.1 200 OK\r\nContent-Le"), closed),
        Row::new("half the headers, then reset", Deed::says_and_resets("HTTP/1.1 200 OK\r\nContent-Le"), broken),
        Row::new("a redirect's head, then reset", Deed::says_and_resets("HTTP/1.1 302 Found\r\nLocation: /x\r\n"), broken),
        Row::new("half a body, then closed", Deed::says(format!("{HEAD}{{\"data\"")), NoAnswer("broke off after 7 bytes")),
        Row::new("half a body, then reset", Deed::says_and_resets(format!("{HEAD}{{\"data\"")), broken),
        Row::new("no body at all, then closed", Deed::says(HEAD), NoAnswer("broke off after 0 bytes")),
        Row::new("an interim answer, then closed", Deed::says("HTTP/1.1 100 Continue\r\n\r\n"), closed),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_what_is_not_http_gives_no_answer() {
    let not_http = NoAnswer("not a valid HTTP answer");
    // A banner may come before the request is under way; then the connection is given up before anything is asked.
    let no_answer = NoAnswer("answer");
    play(vec![
        Row::new("garbage", Deed::says(*b"\x00\xff\xfe\x01garbage\r\n\r\n\x7f"), not_http),
        Row::new("a megabyte of garbage", Deed::says(vec![0x07; 1 << 20]), not_http),
        Row::new("an alert of TLS", Deed::says(*b"\x15\x03\x01\x00\x02\x02\x46"), not_http),
        Row::new("a hello of TLS", Deed::says(*b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03"), not_http),
        Row::new("a banner of SSH", Deed::says_and_waits("SSH-2.0-OpenSSH_9.2p1 Debian\r\n").at_once(), no_answer),
        Row::new("a banner of FTP", Deed::says_and_waits("220 (vsFTPd 3.0.3)\r\n").at_once(), no_answer),
        Row::new("a banner of SMTP", Deed::says("220 mail.example.com ESMTP\r\n").at_once(), no_answer),
        Row::new("a page of HTTP/0.9", Deed::says(GOOD_BODY), not_http),
        Row::new("settings of HTTP/2", Deed::says(*b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"), not_http),
        Row::new("an answer of ICY", Deed::says("ICY 200 OK\r\n\r\n"), not_http),
        Row::new(
            "another protocol unasked",
            Deed::says_and_waits("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
            not_http,
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e13_servers_that_take_their_time_are_left() {
    let late = |name, deed| Row::new(name, deed, NoAnswer("400 ms")).within_ms(400).but_a_login(NoAnswer("5 s"));
    play_side_by_side(vec![
        late("silence after the connection", Deed::says_and_waits("").at_once()),
        late("silence after the request", Deed::says_and_waits("")),
        late("silence within the status line", Deed::says_and_waits("HTTP/1.1 2")),
        late("silence within the headers", Deed::says_and_waits("HTTP/1.1 200 OK\r\nContent-Le")),
        late("silence after the headers", Deed::says_and_waits(HEAD)),
        late("silence within the body", Deed::says_and_waits(format!("{HEAD}{{\"data\""))),
        late(
            "silence before the last chunk",
            Deed::says_and_waits("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        ),
        late("a length as if asked by HEAD", Deed::says_and_waits("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n")),
        late("a status line in drops", Deed::drips("HTTP/1.1 200 ", "O")),
        late("headers in drops", Deed::drips("HTTP/1.1 200 OK\r\n", "X-A: 1\r\n")),
        late("a body in drops", Deed::drips("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", " ")),
        late("chunks of one byte in drops", Deed::drips("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n")),
        late("interim answers in drops", Deed::drips("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e13_interim_answers_for_ever_are_left() {
    let late = |name, deed| Row::new(name, deed, NoAnswer("400 ms")).within_ms(400).but_a_login(NoAnswer("5 s"));
    play_side_by_side(vec![
        late("100 for ever", Deed::floods("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(50))),
        late("103 for ever", Deed::floods("", "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n".repeat(50))),
    ])
    .await;
}
