use proptest::prelude::*;
use rstest::rstest;

use super::connector::ConnectorRequest;
use super::*;

const SHELLS: [CurlShell; 3] = [CurlShell::Bash, CurlShell::Cmd, CurlShell::Powershell];

fn request(method: &str, body: CurlBody) -> CurlRequest {
    CurlRequest { method: method.to_owned(), url: "https://h.example/t".to_owned(), headers: Vec::new(), body }
}

fn written(request: &CurlRequest, shell: CurlShell) -> String {
    write_curl(request, shell).unwrap().command
}

fn read(command: &str) -> (ConnectorRequest, Vec<String>) {
    parse_curl(command)
        .unwrap_or_else(|failure| panic!("{failure}\n{command}"))
        .into_connector(crate::redact::is_credential_header)
}

#[test]
fn a_command_for_bash() {
    let request = CurlRequest {
        method: "PATCH".to_owned(),
        url: "https://h.example/orders/{{order_id}}?a=1#top".to_owned(),
        headers: vec![("Authorization".to_owned(), "Bearer <Orders login>".to_owned()), ("X-Empty".to_owned(), String::new())],
        body: CurlBody::Text("{\"note\": \"it's\"}".to_owned()),
    };
    assert_eq!(
        written(&request, CurlShell::Bash),
        r#"curl 'https://h.example/orders/{{order_id}}?a=1' \
  --globoff \
  -X 'PATCH' \
  -H 'Authorization: Bearer <Orders login>' \
  -H 'X-Empty;' \
  --data-raw '{"note": "it'\''s"}'"#
    );
}

#[test]
fn a_command_for_cmd() {
    let body = CurlBody::Text("{\n \"a\": \"50% \\\"x\\\" \\\\\"}".to_owned());
    assert_eq!(
        written(&request("POST", body), CurlShell::Cmd),
        "curl.exe ^\"https://h.example/t^\" ^\n  --data-raw ^\"{^\n\n \\^\"a\\^\": \\^\"50^% \\\\\\^\"x\\\\\\^\" \\\\\\\\\\^\"}^\""
    );
}

#[test]
fn a_command_for_powershell() {
    let body = CurlBody::Text("it's $5 ‘now’ \"so\"".to_owned());
    assert_eq!(
        written(&request("POST", body), CurlShell::Powershell),
        "curl.exe 'https://h.example/t' `\n  --data-raw 'it''s $5 ‘‘now’’ \"so\"'"
    );
    let body = CurlBody::Text("a\tb `$x “\"".to_owned());
    assert!(written(&request("POST", body), CurlShell::Powershell).ends_with("--data-raw \"a`tb ```$x `“`\"\""));
}

#[rstest]
#[case("GET", CurlBody::None, "")]
#[case("HEAD", CurlBody::None, "--head")]
#[case("DELETE", CurlBody::None, "-X 'DELETE'")]
#[case("POST", CurlBody::None, "-X 'POST'")]
#[case("POST", CurlBody::Text(String::new()), "-X 'POST'")]
#[case("GET", CurlBody::Text("a".into()), "-X 'GET' --data-raw 'a'")]
#[case("POST", CurlBody::Form(vec![("a b".into(), "c&d".into())]), "--data-urlencode 'a+b=c&d'")]
#[case("GET", CurlBody::Query(vec![("a".into(), "b c".into())]), "--get --data-urlencode 'a=b c'")]
fn methods_and_bodies_are_written_as_curl_needs_them(#[case] method: &str, #[case] body: CurlBody, #[case] options: &str) {
    let command = written(&request(method, body), CurlShell::Bash).replace(" \\\n ", "");
    assert_eq!(command, format!("curl 'https://h.example/t' {options}").trim_end());
}

#[test]
fn a_nul_is_refused_and_what_a_shell_cant_do_is_told() {
    let with = |text: &str| request("POST", CurlBody::Text(text.to_owned()));
    for shell in SHELLS {
        assert_eq!(write_curl(&with("a\0b"), shell), Err(Unwritable));
        assert_eq!(write_curl(&with("a\nb"), shell).unwrap().notes, [""; 0]);
        assert_eq!(write_curl(&with(&"x".repeat(200_000)), shell).unwrap().notes.len(), 1, "{shell:?}");
    }
    let cmd = write_curl(&with("a\r\nb"), CurlShell::Cmd).unwrap();
    assert!(cmd.command.contains("a^\n\nb") && cmd.notes.len() == 1, "{cmd:?}");
}

/// Any text with what is special to one of the shells in it.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ a-c'\"\\\\^$`%!&|<>(){}\\[\\]@#;:=?*~\t\r\n‘’“”é😀-]{0,24}",
        "( \\^\"| \\^\n|`\n|\\$env:A|\"\"|\\\\\\\\|'@|\\{\\{a\\}\\}|\\\\\"|%20|a){0,8}",
    ]
    .prop_map(|text| text.replace('\0', ""))
}

/// A header's value as one can be sent: on one line, without spaces around it.
fn header_value() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| text.replace(|character: char| character.is_control(), "").trim().to_owned())
}

proptest! {
    #[test]
    fn whatever_is_written_for_a_shell_is_read_back_as_the_same_request(
        body in any_text(),
        value in header_value(),
        path in "[a-z0-9/{}.,~%-]{0,12}",
        query in "[a-z0-9=&+%'()*!;:@$^|<>\"`-]{0,16}",
        method in prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ) {
        for shell in SHELLS {
            let body = if shell == CurlShell::Cmd { body.replace("\r\n", "\n").replace('\r', "\n") } else { body.clone() };
            let sent = CurlRequest {
                method: method.to_owned(),
                url: format!("https://h.example/{path}?{query}"),
                headers: vec![("Content-Type".to_owned(), "text/plain".to_owned()), ("X-Note".to_owned(), value.clone())],
                body: if body.is_empty() { CurlBody::None } else { CurlBody::Text(body.clone()) },
            };
            let command = written(&sent, shell);
            let (got, _) = read(&command);
            prop_assert_eq!(got.http_method.name().to_uppercase(), method, "{}", command);
            prop_assert_eq!(&got.url, &sent.url, "{}", command);
            let headers: Vec<_> =
                got.headers.into_iter().map(|header| (header.name, header.value.unwrap_or_default())).collect();
            prop_assert_eq!(&headers, &sent.headers, "{}", command);
            prop_assert_eq!(got.body, body, "{}", command);
        }
    }

    #[test]
    fn pairs_are_read_back_as_the_same_pairs(
        pairs in prop::collection::vec((any_text().prop_filter("a pair has a key", |key| !key.is_empty()), any_text()), 1..4),
        in_query in any::<bool>(),
    ) {
        for shell in SHELLS {
            let clean = |text: &str| if shell == CurlShell::Cmd { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.clone(), clean(value))).collect();
            let body = if in_query { CurlBody::Query(pairs.clone()) } else { CurlBody::Form(pairs.clone()) };
            let command = written(&request(if in_query { "GET" } else { "POST" }, body), shell);
            let (got, notes) = parse_curl(&command).unwrap().into_request();
            let got: Vec<_> = got.parameters.into_iter().map(|pair| (pair.name, pair.value.unwrap_or_default())).collect();
            prop_assert_eq!(got, pairs, "{}\n{:?}", command, notes);
        }
    }
}
