//! JSON that is deep, wide, cut, doubled, or holds numbers and characters beyond what programs like.

use super::row::Comes::{Unusable, Works};
use super::row::{Row, play};
use super::server::{Deed, GOOD_BODY, json};

fn says(body: &str) -> Deed {
    Deed::says_and_serves(json("HTTP/1.1 200 OK", body))
}

/// The good body with one member more.
fn beside(member: &str) -> String {
    format!("{},\"x\":{member}}}", GOOD_BODY.trim_end_matches('}').to_owned() + "}")
}

#[tokio::test(flavor = "multi_thread")]
async fn e12_unusual_json_is_read() {
    let deep = |open: &str, close: &str| beside(&format!("{}1{}", open.repeat(100_000), close.repeat(100_000)));
    let million = (0..1_000_000).map(|at| format!("\"{at:x}\":1")).collect::<Vec<_>>().join(",");
    let member = |name, member: &str| Row::new(name, says(&beside(member)), Works);
    play(vec![
        Row::new("arrays 100,000 deep", says(&deep("[", "]")), Works),
        Row::new("objects 100,000 deep", says(&deep("{\"a\":", "}")), Works),
        Row::new("a mixture 100,000 deep", says(&deep("[{\"a\":", "}]")), Works),
        Row::new("a million keys", says(&beside(&format!("{{{million}}}"))), Works),
        Row::new("a key of a megabyte", says(&beside(&format!("{{\"{}\":1}}", "k".repeat(1 << 20)))), Works),
        member("1e999", "1e999"),
        member("-1e-999", "-1e-999"),
        member("minus zero", "[-0, -0.0]"),
        member("400 digits", &"9".repeat(400)),
        member("400 decimals", &format!("0.{}", "3".repeat(400))),
        member("lone surrogates", r#"["\ud800", "\udc00x", "\ud800\ud800", "\uDBFF"]"#),
        member("an escaped NUL", r#""a\u0000b""#),
        member("duplicate keys", r#"{"a":1,"a":2}"#),
        member("HTML", r#""<img src=x onerror=alert(1)><script>alert(1)</script>""#),
        member("turned text", "\"\u{202e}txet\u{2066}\""),
        Row::new("a mark of UTF-8", says(&format!("\u{feff}{GOOD_BODY}")), Works),
        Row::new("space around it", says(&format!(" \r\n\t{GOOD_BODY}\n\n")), Works),
        Row::new("the field doubled", says(&GOOD_BODY.replace("\"id\"", "\"id\":\"A-1\",\"id\"")), Works),
        Row::new(
            "keys that are escaped",
            says(&GOOD_BODY.replace("\"id\"", "\"\\u0069d\"").replace("data", "d\\u0061ta")),
            Works,
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_json_that_is_none_is_named_with_its_place() {
    let wrong = |name, body: &str| Row::new(name, says(body), Unusable("JSON"));
    let half = |at: usize| &GOOD_BODY[..at];
    play(vec![
        wrong("two documents", &format!("{GOOD_BODY}{GOOD_BODY}")),
        wrong("lines of documents", &format!("{GOOD_BODY}\n{GOOD_BODY}\n")),
        wrong("a comma too many", &GOOD_BODY.replace("\"}}", "\",}}")),
        wrong("NaN", &beside("NaN")),
        wrong("Infinity", &beside("-Infinity")),
        wrong("a comment", &format!("/* hello */{GOOD_BODY}")),
        wrong("single quotes", &GOOD_BODY.replace('"', "'")),
        wrong("a bare word", "OK"),
        wrong("cut after a bracket", half(1)),
        wrong("cut within a key", half(4)),
        wrong("cut after a colon", half(8)),
        wrong("cut within a value", half(30)),
        wrong("cut before the end", half(GOOD_BODY.len() - 1)),
        wrong("a NUL before it", &format!("\0{GOOD_BODY}")),
        wrong("NULs behind it", &format!("{GOOD_BODY}\0\0")),
        wrong("a NUL in a text", &beside("\"a\0b\"")),
        wrong("a leading zero", &beside("007")),
        wrong("a prefix against scripts", &format!(")]}}',\n{GOOD_BODY}")),
        wrong("a call of a script", &format!("callback({GOOD_BODY})")),
        wrong("a page of HTML", "<!DOCTYPE html><html><script>alert(1)</script></html>"),
        wrong("brackets 2,000,000 deep", &"[".repeat(2_000_000)),
        wrong("nothing", ""),
        wrong("white space", " \n "),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_json_without_the_field_is_named_by_its_path() {
    let lacks = |name, body: &str| Row::new(name, says(body), Unusable("data"));
    play(vec![
        lacks("null", "null"),
        lacks("a text", "\"data\""),
        lacks("a number", "401"),
        lacks("an empty list", "[]"),
        lacks("an empty object", "{}"),
        lacks("the parent is null", r#"{"data":null}"#),
        lacks("the parent is a list", r#"{"data":[{"id":"A-1042","access_token":"fresh"}]}"#),
        lacks("the key in capitals", r#"{"DATA":{"ID":"A-1042"}}"#),
        lacks("deep, without the field", &format!("{}1{}", "[".repeat(1000), "]".repeat(1000))),
        lacks("100,000 deep, without the field", &format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t4_only_a_text_or_a_number_is_a_token() {
    let token = |name, value: &str, login| {
        Row::new(name, says(&format!(r#"{{"data":{{"access_token":{value},"id":"A-1042"}}}}"#)), Works).but_a_login(login)
    };
    let not_one = Unusable("only a text or a number");
    play(vec![
        token("a number of 400 digits as a token", &"7".repeat(400), Works),
        token("1e999 as a token", "1e999", Works),
        token("null as a token", "null", not_one),
        token("true as a token", "true", not_one),
        token("an object as a token", "{}", not_one),
        token("a list as a token", "[\"a\"]", not_one),
        token("an empty token", "\"\"", Unusable("empty")),
        token("a token of spaces", "\"  \"", Unusable("empty")),
        token("a token with a line break", r#""a\r\nX-Evil: 1""#, Unusable("line break")),
        token("a token with a NUL", r#""a\u0000b""#, Unusable("control character")),
        token("a token of 4 kB", &format!("\"{}\"", "fr3sh-t0ken/".repeat(340)), Works),
    ])
    .await;
}
