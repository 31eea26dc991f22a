//! Charsets that are announced wrongly, unusually, or not at all, and bodies that are no structure.

use encoding_rs::{SHIFT_JIS, WINDOWS_1252};

use super::row::Comes::{Unusable, Works};
use super::row::{Row, play};
use super::server::{Deed, GOOD_BODY, body_of};

fn says(content_type: &str, body: &[u8]) -> Deed {
    Deed::says_and_serves(body_of(&format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}"), body))
}

fn utf_16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn e12_charsets_are_understood() {
    let accents = GOOD_BODY.replace("\"id\"", "\"name\":\"Zoë\",\"id\"");
    let latin_1: Vec<u8> = WINDOWS_1252.encode(&accents).0.into_owned();
    let japanese = GOOD_BODY.replace("\"id\"", "\"name\":\"表\",\"id\"");
    let shift_jis: Vec<u8> = SHIFT_JIS.encode(&japanese).0.into_owned();
    play(vec![
        Row::new(
            "UTF-16 LE with a mark",
            says("application/json", &[b"\xff\xfe".to_vec(), utf_16(&accents, true)].concat()),
            Works,
        ),
        Row::new(
            "UTF-16 BE with a mark",
            says("application/json", &[b"\xfe\xff".to_vec(), utf_16(&accents, false)].concat()),
            Works,
        ),
        Row::new("UTF-16 LE without a mark", says("application/json", &utf_16(&accents, true)), Works),
        Row::new("UTF-16 BE without a mark", says("application/json", &utf_16(&accents, false)), Works),
        Row::new("UTF-16 announced", says("application/json; charset=utf-16le", &utf_16(&accents, true)), Works),
        Row::new(
            "UTF-16 announced, UTF-8 sent with a mark",
            says("application/json; charset=utf-16", format!("\u{feff}{accents}").as_bytes()),
            Works,
        ),
        Row::new("Latin-1 announced", says("application/json; charset=iso-8859-1", &latin_1), Works),
        Row::new("Shift_JIS announced", says("application/json; charset=Shift_JIS", &shift_jis), Works),
        Row::new("a charset in quotes", says("application/json; charset=\"UTF-8\"", accents.as_bytes()), Works),
        Row::new("JSON as text", says("text/plain", accents.as_bytes()), Works),
        Row::new("JSON as HTML", says("text/html; charset=utf-8", accents.as_bytes()), Works),
        Row::new("JSON as a form", says("application/x-www-form-urlencoded", accents.as_bytes()), Works),
        Row::new("JSON as bytes", says("application/octet-stream", accents.as_bytes()), Works),
        Row::new("JSON as XML", says("application/xml", accents.as_bytes()), Works),
        Row::new("Latin-1 announced, UTF-8 sent", says("application/json; charset=iso-8859-1", accents.as_bytes()), Works),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_bytes_that_are_not_what_is_announced_are_named() {
    let latin_1: Vec<u8> = WINDOWS_1252.encode(&GOOD_BODY.replace("\"id\"", "\"name\":\"Zoë\",\"id\"")).0.into_owned();
    play(vec![
        // The token is ASCII and can be read all the same.
        Row::new("Latin-1 as UTF-8", says("application/json", &latin_1), Unusable("UTF-8 at byte")).but_a_login(Works),
        Row::new(
            "a charset that nobody knows",
            says("application/json; charset=klingon", GOOD_BODY.as_bytes()),
            Unusable("klingon"),
        )
        .but_a_login(Works),
        Row::new(
            "a charset of 10 kB",
            says(&format!("application/json; charset={}", "k".repeat(10_000)), GOOD_BODY.as_bytes()),
            Unusable("10000 characters"),
        )
        .but_a_login(Works),
        Row::new(
            "an odd number of bytes as UTF-16",
            says("application/json; charset=utf-16le", &[utf_16(GOOD_BODY, true), vec![b' ']].concat()),
            Unusable(""),
        ),
        Row::new("UTF-8 as UTF-16", says("application/json; charset=utf-16le", GOOD_BODY.as_bytes()), Unusable("JSON")),
        Row::new("a picture as JSON", says("application/json", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Unusable("JSON")),
        Row::new("a picture", says("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Unusable("")),
        Row::new("a page of HTML", says("text/html", b"<html><script>alert(1)</script>"), Unusable("")),
        Row::new("a text", says("text/plain", b"it works"), Unusable("")),
        Row::new("a form", says("application/x-www-form-urlencoded", b"access_token=a&id=b"), Unusable("")),
        Row::new("events", says("text/event-stream", b"data: {\"id\":1}\n\n"), Unusable("")),
        Row::new("nothing at all", says("text/plain", b""), Unusable("")),
    ])
    .await;
}
