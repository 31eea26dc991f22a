//! Commands as other programs are known to write them.

use rstest::rstest;

use super::*;
use crate::token::{Encoding, FieldDraft};

struct Read {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
    notes: Vec<String>,
}

fn read(text: &str) -> Read {
    let (request, notes) = parse_curl(text)
        .unwrap_or_else(|failure| panic!("{failure}\n{text}"))
        .into_connector(crate::redact::is_credential_header);
    Read {
        method: request.http_method.name().to_uppercase(),
        url: request.url,
        headers: request.headers.into_iter().map(|header| (header.name, header.value.unwrap_or_default())).collect(),
        body: request.body,
        notes,
    }
}

fn header<'a>(read: &'a Read, name: &str) -> &'a str {
    let mut named = read.headers.iter().filter(|header| header.0.eq_ignore_ascii_case(name));
    let found = named.next().map_or("", |header| header.1.as_str());
    assert!(named.next().is_none(), "{name} stands twice");
    found
}

/// One request, as each browser writes it: a query with brackets, quotes and a percent sign, a body with a quote, a
/// backslash and a line break.
const URL: &str = "https://shop.example/api/orders?filter[state]=open&q=50%25";
const BODY: &str = "{\"name\":\"O'Neil \\\"Bob\\\"\",\n\"path\":\"C:\\\\x\"}";

#[rstest]
// Chromium, "Copy as cURL (bash)".
#[case::chromium_bash(
    "curl 'https://shop.example/api/orders?filter\\[state\\]=open&q=50%25' \\\n  -H 'accept: */*' \\\n  -H 'accept-language: de,en;q=0.9' \\\n  -H 'content-type: application/json' \\\n  -b 'sid=a%20b; theme=dark' \\\n  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \\\n  --data-raw $'{\"name\":\"O\\'Neil \\\\\"Bob\\\\\"\",\\n\"path\":\"C:\\\\\\\\x\"}'"
)]
// Chromium, "Copy as cURL (cmd)": every special character has its ^, every backslash is doubled.
#[case::chromium_cmd(
    "curl ^\"https://shop.example/api/orders?filter^\\^[state^\\^]=open^&q=50^%^25^\" ^\r\n  -H ^\"accept: */*^\" ^\r\n  -H ^\"accept-language: de,en;q=0.9^\" ^\r\n  -H ^\"content-type: application/json^\" ^\r\n  -b ^\"sid=a^%^20b; theme=dark^\" ^\r\n  -H ^\"user-agent: Mozilla/5.0 (X11; Linux x86_64)^\" ^\r\n  --data-raw ^\"^{^\\^\"name^\\^\":^\\^\"O'Neil ^\\^\\^\\^\"Bob^\\^\\^\\^\"^\\^\",^\n\n^\\^\"path^\\^\":^\\^\"C:^\\^\\^\\^\\x^\\^\"^}^\""
)]
// Firefox, "Copy as cURL (POSIX)".
#[case::firefox_posix(
    "curl 'https://shop.example/api/orders?filter\\[state\\]=open&q=50%25' \\\n  -X POST \\\n  -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64)' \\\n  -H 'Accept: */*' \\\n  -H 'Accept-Language: de,en;q=0.9' \\\n  -H 'Accept-Encoding: gzip, deflate, br' \\\n  -H 'Content-Type: application/json' \\\n  -H 'Connection: keep-alive' \\\n  -H 'Cookie: sid=a%20b; theme=dark' \\\n  --data-raw $'{\"name\":\"O\\'Neil \\\\\"Bob\\\\\"\",\\n\"path\":\"C:\\\\\\\\x\"}'"
)]
// Firefox, "Copy as cURL (Windows)": plain quotes, doubled backslashes, line breaks outside of the quotes.
#[case::firefox_windows(
    "curl \"https://shop.example/api/orders?filter\\[state\\]=open&q=50\"%\"25\" ^\r\n  -X POST ^\r\n  -H \"User-Agent: Mozilla/5.0 (X11; Linux x86_64)\" ^\r\n  -H \"Accept: */*\" ^\r\n  -H \"Accept-Language: de,en;q=0.9\" ^\r\n  -H \"Accept-Encoding: gzip, deflate, br\" ^\r\n  -H \"Content-Type: application/json\" ^\r\n  -H \"Connection: keep-alive\" ^\r\n  -H \"Cookie: sid=a\"%\"20b; theme=dark\" ^\r\n  --data-raw \"{\"\"name\"\":\"\"O'Neil \\\\\"\"Bob\\\\\"\"\"\",\"^\r\n\r\n\"\"\"path\"\":\"\"C:\\\\\\\\x\"\"}\""
)]
// Postman, "curl": long names, single quotes.
#[case::postman(
    "curl --location 'https://shop.example/api/orders?filter[state]=open&q=50%25' \\\n--header 'accept-language: de,en;q=0.9' \\\n--header 'Content-Type: application/json' \\\n--header 'Cookie: sid=a%20b; theme=dark' \\\n--data '{\"name\":\"O'\\''Neil \\\"Bob\\\"\",\n\"path\":\"C:\\\\x\"}'"
)]
// Insomnia, "Shell › cURL".
#[case::insomnia(
    "curl --request POST \\\n  --url 'https://shop.example/api/orders?filter[state]=open&q=50%25' \\\n  --header 'Accept-Language: de,en;q=0.9' \\\n  --header 'Content-Type: application/json' \\\n  --header 'User-Agent: insomnia/10.0.0' \\\n  --cookie 'sid=a%20b; theme=dark' \\\n  --data '{\"name\":\"O'\\''Neil \\\"Bob\\\"\",\n\"path\":\"C:\\\\x\"}'"
)]
fn one_request_is_read_alike_from_every_program(#[case] text: &str) {
    let read = read(text);
    assert_eq!((read.method.as_str(), read.url.as_str()), ("POST", URL));
    assert_eq!(read.body, BODY);
    assert_eq!(header(&read, "content-type"), "application/json");
    assert_eq!(header(&read, "cookie"), "sid=a%20b; theme=dark");
    assert_eq!(header(&read, "accept-language"), "de,en;q=0.9");
    let serious: Vec<_> = read.notes.iter().filter(|note| !note.contains("sent by itself")).collect();
    assert_eq!(serious.len(), 1, "only the cookie is worth a note: {serious:?}");
}

#[test]
fn an_api_document_for_powershell() {
    let read = read(
        "PS C:\\Users\\me> curl.exe -X POST \"https://login.example/oauth/token\" `\r\n  -H 'Content-Type: application/json' `\r\n  -H \"X-Key: $env:SHOP_KEY\" `\r\n  -d '{\\\"client_id\\\":\\\"shop\\\",\\\"grant_type\\\":\\\"client_credentials\\\"}'\r\n",
    );
    assert_eq!(read.method, "POST");
    assert_eq!(read.body, r#"{"client_id":"shop","grant_type":"client_credentials"}"#);
    assert_eq!(header(&read, "x-key"), "$env:SHOP_KEY");
    assert!(read.notes.iter().any(|note| note.contains("“$env:SHOP_KEY”")), "{:?}", read.notes);
}

#[test]
fn a_document_with_text_around_the_command() {
    let read = read(
        "To get a token, call our endpoint with curl:\r\n\r\n```bash\r\nexport KEY=abc\r\nTOKEN=$(curl -s --request POST \\\r\n  --url https://login.example/token \\\r\n  -d 'grant_type=client_credentials' | jq -r .access_token)\r\n```\r\n\r\nThen use it.\r\n",
    );
    assert_eq!((read.url.as_str(), read.body.as_str()), ("https://login.example/token", "grant_type=client_credentials"));
    assert_eq!(
        read.notes,
        ["What stands after “|” is no part of the request and was left out.", "What stands before the command was left out."]
    );
}

#[test]
fn a_session_of_a_terminal_with_its_prompts_and_output() {
    let read = read("me@host:~$ curl https://h.example/t \\\n>   -H 'X-A: 1' \\\n>   -d 'a=1'\n");
    assert_eq!((header(&read, "x-a"), read.body.as_str()), ("1", "a=1"));
    assert_eq!(read.notes, [""; 0]);
}

#[test]
fn several_requests_are_told_and_only_the_first_is_read() {
    for text in [
        "curl https://h.example/a -d x=1 --next https://h.example/b -d y=2",
        "curl https://h.example/a -d x=1\ncurl https://h.example/b -d y=2",
        "curl https://h.example/a -d x=1 && curl https://h.example/b -d y=2",
        "curl https://h.example/a https://h.example/b -d x=1",
    ] {
        let read = read(text);
        assert_eq!((read.url.as_str(), read.body.as_str()), ("https://h.example/a", "x=1"), "{text}");
        assert_eq!(read.notes.len(), 1, "{text}: {:?}", read.notes);
    }
}

#[test]
fn the_names_of_pairs_stand_there_encoded_already() {
    let (request, _) =
        parse_curl("curl https://h.example --data-urlencode 'user%20name=a%20b' --data-urlencode 'a@b=c' -d 'x%20y=z'")
            .unwrap()
            .into_request();
    let pairs: Vec<_> =
        request.parameters.iter().map(|FieldDraft { name, value, .. }| (name.as_str(), value.as_deref().unwrap())).collect();
    assert_eq!(pairs, [("user name", "a%20b"), ("x y", "z")]);
    assert_eq!(request.encoding, Encoding::Form);
}

#[rstest]
#[case("--digest -u me:hunter2", &["The option --digest was left out: only Basic authentication can be taken over.", "The user and the password were left out with it."])]
#[case("-m 5", &["The option -m was left out: time limits are not a part of the request."])]
#[case("--cert hunter2.pem", &["The option --cert was left out: a client certificate can't be sent."])]
#[case("-x http://me:hunter2@proxy", &["The option -x was left out: the proxy is the system's, and can't be set for one request."])]
#[case("-F hunter2", &["Multipart forms are not supported; these fields were left out: -F."])]
#[case("-T hunter2.txt", &["The option -T names a file; files are not read. Put its contents in by hand."])]
#[case("--expand-data hunter2", &["The option --expand-data was left out: cURL's variables are not filled in."])]
#[case("-H 'hunter2'", &["A header without a colon was left out."])]
#[case("-d 'a=1' \"$hunter2\"", &["A “$” with a name after it stays as it is, where a shell would put the value of a variable.", "The command has more than one address or stray words; only one address was taken."])]
fn t8_what_is_not_carried_over_says_why_and_repeats_no_value(#[case] options: &str, #[case] notes: &[&str]) {
    let (_, found) = parse_curl(&format!("curl https://h.example/t {options}")).unwrap().into_request();
    assert_eq!(found, notes);
    assert!(!found.concat().contains("hunter2"));
}
