use rstest::rstest;

use super::*;
use crate::token::{Encoding, FieldDraft, RequestDraft};

fn request(text: &str) -> (RequestDraft, Vec<String>) {
    parse_curl(text).unwrap().into_request()
}

fn pairs(fields: &[FieldDraft]) -> Vec<(&str, &str)> {
    fields.iter().map(|field| (field.name.as_str(), field.value.as_deref().unwrap())).collect()
}

struct Expected<'a> {
    method: &'a str,
    url: &'a str,
    headers: &'a [(&'a str, &'a str)],
    parameters: &'a [(&'a str, &'a str)],
    encoding: Encoding,
}

#[track_caller]
fn assert_request(text: &str, expected: &Expected<'_>) -> Vec<String> {
    let (request, notes) = request(text);
    assert_eq!((request.method.as_str(), request.url.as_str()), (expected.method, expected.url));
    assert_eq!(pairs(&request.headers), expected.headers);
    assert_eq!(pairs(&request.parameters), expected.parameters);
    assert_eq!(request.encoding, expected.encoding);
    notes
}

#[test]
fn chrome_for_bash() {
    let text = r#"curl 'https://app.example.com/api/session' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'content-type: application/json;charset=UTF-8' \
  -b 'sid=abc; theme=dark' \
  -H 'origin: https://app.example.com' \
  -H 'referer: https://app.example.com/login' \
  -H 'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"' \
  --data-raw $'{"user":"o\'neil","password":"p\u0021w"}' \
  --compressed"#;
    let notes = assert_request(
        text,
        &Expected {
            method: "POST",
            url: "https://app.example.com/api/session",
            headers: &[
                ("accept", "application/json, text/plain, */*"),
                ("accept-language", "en-US,en;q=0.9"),
                ("origin", "https://app.example.com"),
                ("sec-ch-ua", "\"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\""),
                ("Cookie", "sid=abc; theme=dark"),
            ],
            parameters: &[("user", "o'neil"), ("password", "p!w")],
            encoding: Encoding::Json,
        },
    );
    assert_eq!(notes, ["The header Referer was left out: a Referer is never sent."]);
}

#[test]
fn chrome_for_windows() {
    let text = "curl ^\"https://app.example.com/login?next=^%^2Fhome^\" ^\r\n  -X ^\"POST^\" ^\r\n  -H ^\"content-type: application/x-www-form-urlencoded^\" ^\r\n  --data-raw ^\"user=demo^&password=a^%^26b^\" ^\r\n  --insecure";
    let notes = assert_request(
        text,
        &Expected {
            method: "POST",
            url: "https://app.example.com/login?next=%2Fhome",
            headers: &[],
            parameters: &[("user", "demo"), ("password", "a&b")],
            encoding: Encoding::Form,
        },
    );
    assert_eq!(notes, ["The option --insecure was left out: certificates are always checked."]);
}

#[test]
fn firefox_for_windows_with_plain_quotes() {
    let text = "curl \"https://h.example/t\" ^\n  -X POST ^\n  -H \"Content-Type: application/json\" ^\n  --data-raw \"{\\\"a\\\":\\\"b c\\\"}\"";
    assert_request(
        text,
        &Expected {
            method: "POST",
            url: "https://h.example/t",
            headers: &[],
            parameters: &[("a", "b c")],
            encoding: Encoding::Json,
        },
    );
}

#[test]
fn postman() {
    let text = r"curl --location 'https://login.example.com/oauth2/v2.0/token' \
--header 'Content-Type: application/x-www-form-urlencoded' \
--data-urlencode 'grant_type=client_credentials' \
--data-urlencode 'client_id=6731de76' \
--data-urlencode 'client_secret=a&b =' \
--data-urlencode 'scope=https://graph.example.com/.default'";
    let notes = assert_request(
        text,
        &Expected {
            method: "POST",
            url: "https://login.example.com/oauth2/v2.0/token",
            headers: &[],
            parameters: &[
                ("grant_type", "client_credentials"),
                ("client_id", "6731de76"),
                ("client_secret", "a&b ="),
                ("scope", "https://graph.example.com/.default"),
            ],
            encoding: Encoding::Form,
        },
    );
    assert_eq!(notes, [""; 0]);
}

#[test]
fn an_api_document_with_basic_authentication() {
    let text = r#"$ curl -v -X POST "https://api-m.sandbox.example.com/v1/oauth2/token" -u "CLIENT_ID:CLIENT_SECRET" \
 -H "Content-Type: application/x-www-form-urlencoded" -d "grant_type=client_credentials" | jq -r .access_token"#;
    let notes = assert_request(
        text,
        &Expected {
            method: "POST",
            url: "https://api-m.sandbox.example.com/v1/oauth2/token",
            headers: &[("Authorization", "Basic Q0xJRU5UX0lEOkNMSUVOVF9TRUNSRVQ=")],
            parameters: &[("grant_type", "client_credentials")],
            encoding: Encoding::Form,
        },
    );
    assert_eq!(notes, ["What stands after “|” is no part of the request and was left out."]);
}

#[test]
fn json_members_keep_their_order_and_digits() {
    let text =
        r#"curl https://h.example/t --json '{"z":"1","a":12345678901234567890.10,"ok":true,"none":null,"deep":{"x":1}}'"#;
    let notes = assert_request(
        text,
        &Expected {
            method: "POST",
            url: "https://h.example/t",
            headers: &[("Accept", "application/json")],
            parameters: &[("z", "1"), ("a", "12345678901234567890.10"), ("ok", "true")],
            encoding: Encoding::Json,
        },
    );
    assert_eq!(
        notes,
        [
            "Values are sent as text; these were numbers or true or false: “a”, “ok”.",
            "These keys hold objects, lists, null or broken text and were left out: “none”, “deep”.",
        ]
    );
}

#[test]
fn a_query_becomes_pairs_when_there_is_no_body() {
    let get = Expected {
        method: "GET",
        url: "https://h.example/token",
        headers: &[],
        parameters: &[("key", "a b"), ("v", "1")],
        encoding: Encoding::Query,
    };
    assert_eq!(assert_request("curl 'https://h.example/token?key=a+b&v=1#part'", &get), [""; 0]);
    assert_eq!(assert_request("curl -G 'https://h.example/token?key=a%20b' -d v=1", &get), [""; 0]);
    assert_eq!(assert_request("curl https://h.example/token --get --data-urlencode 'key=a b' --data 'v=1'", &get), [""; 0]);
    assert_eq!(assert_request("curl https://h.example/token --url-query 'key=a b' --url-query v=1", &get), [""; 0]);
}

#[rstest]
#[case("curl -XPUT -sSLd a=1 -d b=2 h.example/t", "PUT", "https://h.example/t", &[("a", "1"), ("b", "2")])]
#[case("curl localhost:3000/t -d a=1", "POST", "http://localhost:3000/t", &[("a", "1")])]
#[case("/usr/bin/curl --url https://h.example/t --data=a=1", "POST", "https://h.example/t", &[("a", "1")])]
#[case("curl.exe -o out.json --max-time 5 -w '%{http_code}' https://h.example/t --data-raw '@x=1'", "POST", "https://h.example/t", &[("@x", "1")])]
#[case("curl -I https://h.example/t", "HEAD", "https://h.example/t", &[])]
#[case("curl https://h.example/t\n  -d a=1\n  -d b=2", "POST", "https://h.example/t", &[("a", "1"), ("b", "2")])]
fn options_are_understood(#[case] text: &str, #[case] method: &str, #[case] url: &str, #[case] parameters: &[(&str, &str)]) {
    let (request, _) = request(text);
    assert_eq!((request.method.as_str(), request.url.as_str()), (method, url));
    assert_eq!(pairs(&request.parameters), parameters);
}

#[rstest]
#[case("-A 'my app'", &[("User-Agent", "my app")])]
#[case("--oauth2-bearer abc", &[("Authorization", "Bearer abc")])]
#[case("-H 'Authorization: Token x' -u a:b", &[("Authorization", "Token x")])]
#[case("-b a=1 -b c=3", &[("Cookie", "a=1; c=3")])]
#[case("-b a=1 -H 'Cookie: b=2'", &[("Cookie", "b=2")])]
#[case("-H 'X-Empty;' -H 'X-Gone:' -H 'Content-Length: 3'", &[("X-Empty", "")])]
fn headers_are_understood(#[case] options: &str, #[case] headers: &[(&str, &str)]) {
    assert_eq!(pairs(&request(&format!("curl https://h.example/t {options}")).0.headers), headers);
}

#[test]
fn userinfo_of_an_address_becomes_a_header() {
    let (request, _) = request("curl https://me:p%40ss@h.example/t");
    assert_eq!(request.url, "https://h.example/t");
    assert_eq!(pairs(&request.headers), [("Authorization", "Basic bWU6cEBzcw==")]);
}

#[rstest]
#[case("-d @body.json", "The option -d names a file; files are not read. Put its contents in by hand.")]
#[case(
    "--data-urlencode name@file",
    "The option --data-urlencode names a file; files are not read. Put its contents in by hand."
)]
#[case("-F 'file=@a.png' -F kind=x", "Multipart forms are not supported; these fields were left out: file, kind.")]
#[case("-e https://x.example", "The option -e was left out: a Referer is never sent.")]
#[case("-k", "The option -k was left out: certificates are always checked.")]
#[case("--frobnicate", "The option --frobnicate is not known and was left out.")]
#[case("-b cookies.txt", "The option -b names a file of cookies; files are not read.")]
#[case(
    "-H 'Authorization: Bearer $TOKEN' -H \"X: $TOKEN\"",
    "The variable “$TOKEN” stays as it is: put its value in its place."
)]
#[case("-u me", "The user has no password: it is sent empty.")]
#[case("https://other.example", "The command has more than one address or stray words; only one address was taken.")]
#[case("--json '[1]'", "The body was left out: only a JSON object can be sent as key-value pairs.")]
#[case("--json '{\"a\":'", "The body was left out: it is not valid JSON (EOF while parsing a value at line 1 column 5).")]
#[case("-d '{\"a\":\"b\"}'", "The body is JSON, so it is sent as JSON.")]
#[case(
    "-H 'Content-Type: text/xml' -d '<a/>'",
    "The body of type text/xml was left out: only JSON objects and forms can be sent."
)]
#[case("--digest", "The option --digest was left out: only Basic authentication can be taken over.")]
fn what_is_left_out_is_noted(#[case] options: &str, #[case] note: &str) {
    let (_, notes) = request(&format!("curl https://h.example/t {options}"));
    assert_eq!(notes, [note]);
}

#[test]
fn t8_everything_is_secret_but_accept_and_content_type() {
    let (request, _) =
        request("curl https://h.example/t -H 'accept: a/b' -H 'Content-Type: text/json' -H 'X-Id: 1' -d '{\"user\":\"x\"}'");
    let secret: Vec<_> =
        request.headers.iter().chain(&request.parameters).map(|field| (field.name.as_str(), field.secret)).collect();
    assert_eq!(secret, [("accept", false), ("Content-Type", false), ("X-Id", true), ("user", true)]);
}

#[test]
fn t8_a_command_keeps_its_secrets_when_printed() {
    let command = parse_curl("curl https://h.example/t?key=hunter2 -u me:hunter2 -d p=hunter2 $X").unwrap();
    assert_eq!(format!("{command:?}"), "CurlCommand { method: \"POST\", .. }");
    assert!(!command.notes.concat().contains("hunter2"));
}

#[rstest]
#[case("", CurlFailure::Empty)]
#[case(" \n", CurlFailure::Empty)]
#[case("wget https://h.example", CurlFailure::Other { format: OtherFormat::Wget })]
#[case("make coffee", CurlFailure::NotCurl)]
#[case("curl -Uri https://h.example -Method POST", CurlFailure::Other { format: OtherFormat::InvokeWebRequest })]
#[case("curl", CurlFailure::NoUrl)]
#[case("curl -X POST -d a=1", CurlFailure::NoUrl)]
#[case("curl 'https://h.example", CurlFailure::UnclosedQuote { quote: '\'', position: 6 })]
#[case("curl https://h.example -H", CurlFailure::MissingValue { option: "-H".to_owned(), position: 24 })]
#[case("curl https://h.example -sX", CurlFailure::MissingValue { option: "-X".to_owned(), position: 24 })]
fn what_is_no_command_is_said(#[case] text: &str, #[case] failure: CurlFailure) {
    assert_eq!(parse_curl(text).unwrap_err(), failure);
}

proptest::proptest! {
    #[test]
    fn reading_a_command_never_panics(options in r#"[-a-zA-Z '"$^@=&{}:/?\\]{0,40}"#) {
        if let Ok(command) = parse_curl(&format!("curl h.example {options}")) {
            let _draft = command.into_request();
        }
    }

    #[test]
    fn every_form_value_comes_through(value in "\\PC{0,30}") {
        let text = format!("curl https://h.example/t --data-urlencode {}", shell_words::quote(&format!("k={value}")));
        let (request, _) = request(&text);
        proptest::prop_assert_eq!(pairs(&request.parameters), [("k", value.as_str())]);
    }
}
