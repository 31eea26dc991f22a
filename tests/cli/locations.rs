//! A location of every kind, from a token file through the database to what is shown (T4).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::desk::Desk;

/// A JWT with the claims `{"ctx":{"id":"claimed-in-a-jwt-1"}}`.
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJjdHgiOnsiaWQiOiJjbGFpbWVkLWluLWEtand0LTEifX0.c2lnbmF0dXJl";

/// What the login answers at each path.
fn answer(path: &str) -> (&'static str, String) {
    match path {
        "/xml" => ("text/xml", "<a><t>no</t><t id=\"in-an-attribute-1\">in-an-element-1</t></a>".to_owned()),
        "/form" => ("application/x-www-form-urlencoded", "scope=x&oauth_token=in-a-form-1".to_owned()),
        "/text" => ("text/plain", "Welcome\r\ntoken = in-a-text-1\r\n{\"t\":\"in-a-line-1\"}\r\n".to_owned()),
        _ => ("application/json", json!({"token": "in-json-1", "inner": json!({"jwt": JWT}).to_string()}).to_string()),
    }
}

/// A login that answers in every format, as long as the test runs.
fn login() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (Vec::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push(line);
            }
            let mut sent = vec![0; length];
            if head.is_empty() || reader.read_exact(&mut sent).is_err() {
                continue;
            }
            let (content_type, body) = answer(head[0].split(' ').nth(1).unwrap());
            let written = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nX-Session: id=in-a-header-1; x\r\n\
                 Set-Cookie: sid=in-a-cookie-1; Path=/\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _gone_already = stream.write_all(written.as_bytes());
        }
    });
    address
}

#[test]
fn t4_a_location_of_every_kind_goes_from_a_file_through_the_database_to_what_is_shown() {
    let (desk, login) = (Desk::new(), login());
    let cases: [(&str, Value, &str); 11] = [
        ("/json", json!({"in": "json", "at": "/token"}), "in-json-1"),
        (
            "/json",
            json!({"in": "json", "at": "/inner", "then": [
                {"open": "json", "at": "/jwt"}, {"open": "jwt_claim", "claim": "ctx"}, {"open": "json", "at": "/id"}]}),
            "claimed-in-a-jwt-1",
        ),
        ("/xml", json!({"in": "xml", "at": "/a/t[1]"}), "no"),
        ("/xml", json!({"in": "xml", "at": "/a/t[2]/@id"}), "in-an-attribute-1"),
        ("/xml", json!({"in": "xml", "at": "/a/t[2]/text()"}), "in-an-element-1"),
        ("/form", json!({"in": "form", "at": "oauth_token"}), "in-a-form-1"),
        (
            "/text",
            json!({"in": "header", "at": "X-Session", "then": [{"open": "capture", "pattern": "id=([^;]+)"}]}),
            "in-a-header-1",
        ),
        ("/text", json!({"in": "cookie", "at": "sid"}), "in-a-cookie-1"),
        ("/text", json!({"in": "text", "at": "", "then": [{"open": "capture", "pattern": "^token = (.*)$"}]}), "in-a-text-1"),
        (
            "/text",
            json!({"in": "text", "at": "", "then": [{"open": "line", "number": 2}, {"open": "capture", "pattern": r"\S+$"}]}),
            "in-a-text-1",
        ),
        (
            "/text",
            json!({"in": "text", "at": "", "then": [{"open": "line", "number": 3}, {"open": "json", "at": "/t"}]}),
            "in-a-line-1",
        ),
    ];
    for (number, (path, location, value)) in cases.into_iter().enumerate() {
        let mut token = desk.token();
        let name = format!("T{number}");
        token["name"] = json!(name);
        token["request"]["url"] = json!(format!("{login}{path}"));
        token["location"] = location.clone();
        desk.add_token(&token).succeeded();
        let shown = desk.run(["token", "show", &name, "--json"]).succeeded().json();
        assert_eq!(shown["location"], location, "it is told as it was given");
        token["location"] = shown["location"].clone();
        desk.add_replacing(&token).succeeded();
        let revealed = desk.reveal(["token", "reveal", &name, "--json"]).succeeded().json();
        assert_eq!(revealed["value"], value, "{location}");
    }
}

#[test]
fn t4_a_typed_path_of_a_file_is_kept_as_its_pointer_and_a_broken_one_names_its_field() {
    let (desk, login) = (Desk::new(), login());
    let mut token = desk.token();
    token["request"]["url"] = json!(format!("{login}/json"));
    token["location"] = json!({"in": "json", "at": "$['inner']", "then": [{"open": "json", "at": "$..jwt"}]});
    desk.add_token(&token).succeeded();
    let shown = desk.run(["token", "show", token["name"].as_str().unwrap(), "--json"]).succeeded().json();
    assert_eq!(shown["location"], json!({"in": "json", "at": "/inner", "then": [{"open": "json", "at": "/jwt"}]}));
    for (location, field) in [
        (json!({"in": "json", "at": "$["}), "location.at"),
        (json!({"in": "json", "at": "/~"}), "location.at"),
        (json!({"in": "json", "at": "$.*"}), "location"),
        (json!({"in": "text", "then": [{"open": "capture", "pattern": "("}]}), "location.then[0]"),
        (json!({"in": "text", "then": [{"open": "line", "number": 0}]}), "location.then[0]"),
        (json!({"in": "text", "then": [{"open": "jwt_claim", "claim": ""}]}), "location.then[0]"),
    ] {
        token["location"] = location.clone();
        let ran = desk.add_replacing(&token);
        assert_eq!(ran.field(2), field, "{location}: {}", ran.text());
    }
}
