//! Status lines and headers that are wrong, odd, or far too much.

use super::row::Comes::{NoAnswer, Refused, Works};
use super::row::{Row, play};
use super::server::{Deed, GOOD_BODY, json};

fn status(line: &str) -> Deed {
    Deed::says(json(line, GOOD_BODY))
}

fn header(line: impl AsRef<[u8]>) -> Deed {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    head.extend_from_slice(line.as_ref());
    head.extend(format!("\r\nContent-Length: {}\r\n\r\n{GOOD_BODY}", GOOD_BODY.len()).bytes());
    Deed::says(head)
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_status_lines_are_taken_as_the_standard_has_them() {
    let not_http = NoAnswer("not a valid HTTP answer");
    let mut latin_1 = b"HTTP/1.1 503 Ger\xe4t \x80\r\nContent-Length: 0\r\n\r\n".to_vec();
    latin_1.extend_from_slice(b"");
    play(vec![
        Row::new("HTTP/2.0 in the status line", status("HTTP/2.0 200 OK"), not_http),
        Row::new("HTTP/1.2 in the status line", status("HTTP/1.2 200 OK"), not_http),
        Row::new("HTTP/9 in the status line", status("HTTP/9 200 OK"), not_http),
        Row::new("lower case in the status line", status("http/1.1 200 OK"), not_http),
        Row::new("status 000", status("HTTP/1.1 000 Nothing"), not_http),
        Row::new("status 099", status("HTTP/1.1 099 Low"), not_http),
        Row::new("status 99", status("HTTP/1.1 99 Low"), not_http),
        Row::new("status 1000", status("HTTP/1.1 1000 High"), not_http),
        Row::new("status abc", status("HTTP/1.1 abc OK"), not_http),
        Row::new("status -200", status("HTTP/1.1 -200 OK"), not_http),
        Row::new("no status", status("HTTP/1.1"), not_http),
        Row::new("status 600", status("HTTP/1.1 600 Beyond"), Refused(600)),
        Row::new("status 999", status("HTTP/1.1 999 Request denied"), Refused(999)),
        Row::new("no reason", status("HTTP/1.1 200"), Works),
        Row::new("no reason but its space", status("HTTP/1.1 200 "), Works),
        Row::new("HTTP/1.0", status("HTTP/1.0 200 OK"), Works),
        Row::new("empty lines before it", status("\r\n\r\nHTTP/1.1 200 OK"), Works),
        Row::new("an interim answer before it", status("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"), Works),
        Row::new("hints before it", status("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK"), Works),
        Row::new("an escape in the reason", status("HTTP/1.1 500 \x1b[31mred\x1b[0m"), not_http),
        Row::new("a return in the reason", status("HTTP/1.1 500 a\rb"), not_http),
        Row::new("a NUL in the reason", status("HTTP/1.1 500 a\0b"), not_http),
        Row::new("a reason of 10 kB", status(&format!("HTTP/1.1 500 {}", "no ".repeat(3334))), Refused(500)),
        Row::new("a reason in Latin-1", Deed::says(latin_1), Refused(503)),
        Row::new("a reason that turns the text around", status("HTTP/1.1 502 \u{202e}txet\u{2066}"), Refused(502)),
        Row::new("a reason of HTML", status("HTTP/1.1 400 <img src=x onerror=alert(1)>"), Refused(400)),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_headers_that_are_wrong_give_no_answer_and_odd_ones_do() {
    let not_http = NoAnswer("not a valid HTTP answer");
    play(vec![
        Row::new("a header without a colon", header("nocolon"), not_http),
        Row::new("a space before the colon", header("X-A : 1"), not_http),
        Row::new("a space before the name", header(" X-A: 1"), not_http),
        Row::new("no name", header(": 1"), not_http),
        Row::new("a folded header", header("X-A: 1\r\n 2"), not_http),
        Row::new("a NUL in a value", header("X-A: a\0b"), not_http),
        Row::new("a bare return in a value", header("X-A: a\rb"), not_http),
        Row::new("an escape in a value", header("X-A: \x1b[31m"), not_http),
        Row::new("a name outside ASCII", header("X-Ä: 1"), not_http),
        Row::new("a value outside ASCII", header("X-A: caf\u{e9}"), Works),
        Row::new("a value that is not UTF-8", header(b"X-A: caf\xe9\xff"), Works),
        Row::new("an empty value", header("X-A:"), Works),
        Row::new(
            "lines that end without a return",
            Deed::says(format!(
                "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {}\n\n{GOOD_BODY}",
                GOOD_BODY.len()
            )),
            Works,
        ),
        Row::new("no content type", header("X-A: 1"), Works),
        Row::new("two content types", header("Content-Type: application/json\r\nContent-Type: text/plain"), Works),
        Row::new("a content type of garbage", header("Content-Type: ;;=,/\""), Works),
        Row::new("a content type of HTML", header("Content-Type: text/html"), Works),
        Row::new("HTML in a header", header("X-A: <script>alert(1)</script>"), Works),
        Row::new("a date of garbage", header("Date: yesterday\r\nRetry-After: soon\r\nExpires: -1"), Works),
        Row::new(
            "cookies of garbage",
            header("Set-Cookie: =;;=\r\nSet-Cookie: a\r\nSet-Cookie: b=c; Domain=evil.example"),
            Works,
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_headers_are_read_up_to_a_limit() {
    let too_large = NoAnswer("headers are larger");
    let many = |number: usize| (0..number).map(|at| format!("X-{at}: 1")).collect::<Vec<_>>().join("\r\n");
    play(vec![
        Row::new("a header of 200 kB", header(format!("X-A: {}", "a".repeat(200_000))), Works),
        Row::new("300 headers", header(many(300)), Works),
        Row::new("a header of 2 MB", header(format!("X-A: {}", "a".repeat(2_000_000))), too_large),
        Row::new("1,000 headers", header(many(1000)), too_large),
        Row::new("100,000 headers", header(many(100_000)), too_large),
        Row::new("a name of 100 kB", header(format!("{}: 1", "a".repeat(100_000))), too_large),
        Row::new("a header without an end", Deed::floods("HTTP/1.1 200 OK\r\nX-A: ", [b'a'; 8192]), too_large),
        Row::new("headers without an end", Deed::floods("HTTP/1.1 200 OK\r\n", "X-A: 1\r\n".repeat(1024)), too_large),
        Row::new("a reason without an end", Deed::floods("HTTP/1.1 200 ", [b'a'; 8192]), too_large),
    ])
    .await;
}
