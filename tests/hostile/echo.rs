//! Servers that repeat what they were sent, in every place where it might be recorded or said (S2).

use super::row::Comes::{NoAnswer, Refused, Unusable, Works};
use super::row::{HEADER_SECRET, LOGIN_SECRET, Row, play};
use super::server::{Deed, GOOD_BODY, body_of, json};

#[tokio::test(flavor = "multi_thread")]
async fn s2_what_a_server_repeats_is_not_recorded() {
    let both = format!("{HEADER_SECRET} {LOGIN_SECRET}");
    let escaped = both.replace('/', "\\/").replace('c', "\\u0063").replace('l', "\\u006c");
    let percent = percent_encoding::utf8_percent_encode(&both, percent_encoding::NON_ALPHANUMERIC).to_string();
    let twice = percent_encoding::utf8_percent_encode(&percent, percent_encoding::NON_ALPHANUMERIC).to_string();
    let with = |text: &str| format!("{},\"echo\":\"{text}\"}}", GOOD_BODY.trim_end_matches('}').to_owned() + "}");
    let says = |bytes: Vec<u8>| Deed::says(bytes);
    play(vec![
        Row::new("in the body", says(json("HTTP/1.1 200 OK", &with(&both))), Works),
        Row::new("escaped in the body", says(json("HTTP/1.1 200 OK", &with(&escaped))), Works),
        Row::new("in percent signs", says(json("HTTP/1.1 200 OK", &with(&percent))), Works),
        Row::new("in percent signs twice", says(json("HTTP/1.1 200 OK", &with(&twice))), Works),
        Row::new("as a key", says(json("HTTP/1.1 200 OK", &with(&format!("\",\"{both}\":\"")))), Works),
        Row::new("in a header", says(json(&format!("HTTP/1.1 200 OK\r\nX-Echo: {both}"), GOOD_BODY)), Works),
        Row::new("in a link", says(json(&format!("HTTP/1.1 200 OK\r\nLink: <http://x/?k={percent}>"), GOOD_BODY)), Works),
        Row::new("in a cookie", says(json(&format!("HTTP/1.1 200 OK\r\nSet-Cookie: k={both}"), GOOD_BODY)), Works),
        Row::new("in a reason", says(json(&format!("HTTP/1.1 500 {both}"), GOOD_BODY)), Refused(500)),
        Row::new(
            "in the content type",
            says(body_of(
                &format!("HTTP/1.1 200 OK\r\nContent-Type: application/json; charset={percent}"),
                GOOD_BODY.as_bytes(),
            )),
            Unusable("charset"),
        )
        .but_a_login(Works),
        Row::new(
            "in the coding",
            says(body_of(&format!("HTTP/1.1 200 OK\r\nContent-Encoding: {both}"), b"x")),
            Unusable("compressed as"),
        ),
        Row::new(
            "in broken XML",
            says(body_of(
                "HTTP/1.1 200 OK\r\nContent-Type: text/xml",
                format!("<a></{HEADER_SECRET}{LOGIN_SECRET}>").as_bytes(),
            )),
            Unusable(""),
        ),
        Row::new(
            "in a location",
            says(format!("HTTP/1.1 302 Found\r\nLocation: javascript:{both}\r\nContent-Length: 0\r\n\r\n").into_bytes()),
            Refused(302),
        ),
        Row::new(
            "in the path of a location",
            says(
                format!(
                    "HTTP/1.1 302 Found\r\nLocation: http://nowhere.invalid/{percent}?{percent}\r\nContent-Length: 0\r\n\r\n"
                )
                .into_bytes(),
            ),
            NoAnswer("nowhere.invalid"),
        ),
        Row::new("where no HTTP is spoken", says(format!("220 {both}\r\n").into_bytes()), NoAnswer("not a valid HTTP")),
    ])
    .await;
}
