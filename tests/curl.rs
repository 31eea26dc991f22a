//! cURL commands, in and out, against the real `curl` in the real `bash`: what it sends and what the engine sends for
//! the same request must be the same.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::process::Command;

use latchkey::connector::{ConnectorDraft, DataInput, HttpMethod, InputType};
use latchkey::execution::StepKind;
use latchkey::token::{Encoding, FieldDraft, RequestDraft, TokenDraft, TokenLocation};
use latchkey::transfer::CurlShell;
use latchkey::workspace::{ConnectorCurlImport, CurlCopy, CurlSource};
use serde_json::json;
use support::bench::CLIENT_SECRET;
use support::drafts::{connector, field, input, login_token, text_token};
use support::server::Received;
use support::{Answer, Bench, assert_free_of};

/// Runs a command in bash, with nothing of this machine's settings.
async fn run(command: &str) {
    let script = command.replacen("curl ", "curl --disable --silent --noproxy '*' ", 1);
    let ran = tokio::task::spawn_blocking(move || {
        Command::new("bash").args(["--noprofile", "--norc", "-c", &script]).env("LC_ALL", "C.UTF-8").output().unwrap()
    });
    let output = ran.await.unwrap();
    assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// What of a request a server acts on; who asked and how it wants the answer packed are each client's own.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
}

fn asked(received: &Received) -> Asked {
    const OWN: [&str; 4] = ["host", "user-agent", "accept-encoding", "connection"];
    let mut headers: Vec<_> =
        received.headers.iter().map(|(name, value)| (name.to_lowercase(), value.replace("; ", ";"))).collect();
    headers.retain(|(name, _)| !OWN.contains(&name.as_str()));
    headers.sort();
    let is_form = received.header("content-type") == Some("application/x-www-form-urlencoded");
    // A form may be encoded in more than one way: what it says is what counts.
    let body = if is_form { format!("{:?}", pairs(&received.body)) } else { received.body.clone() };
    if is_form {
        headers.retain(|(name, _)| name != "content-length");
    }
    Asked { method: received.method.clone(), path: received.path.clone(), query: pairs(&received.query), headers, body }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

async fn bash(bench: &Bench, source: CurlSource) -> CurlCopy {
    bench.workspace.curl(source, CurlShell::Bash).await.unwrap()
}

/// A bench whose server answers everything with an object.
async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({"token": "issued-value-1", "ok": true})));
    bench
}

fn token(request: RequestDraft) -> TokenDraft {
    login_token("Orders login", request, TokenLocation::json("/token"))
}

/// Text that every shell and every encoding has something to say about.
const AWKWARD: &str = "O'Neil \"Bob\" $HOME `id` \\n 100% & <b>;|* é😀 ~!#{[]}";

#[tokio::test]
async fn t8_a_login_as_curl_sends_what_test_request_sends_once_its_placeholders_are_filled_in() {
    let bench = bench().await;
    for (index, encoding) in [Encoding::Json, Encoding::Form, Encoding::Query].into_iter().enumerate() {
        for method in ["POST", "GET", "PUT"] {
            let path = format!("/login/{index}");
            let draft = token(RequestDraft {
                method: method.to_owned(),
                url: bench.server.at(&format!("{path}?tenant=a%20b#top")),
                headers: vec![field("X-Note", AWKWARD, false), field("Authorization", "Basic c2hvcDpzZWNyZXQ=", true)],
                parameters: vec![field("user name", AWKWARD, false), field("client_secret", CLIENT_SECRET, true)],
                encoding,
            });
            bench.test(&draft).await;
            let copy = bash(&bench, CurlSource::Token { draft }).await;
            assert_eq!(copy.placeholders, ["<Authorization>", "<client_secret>"]);
            assert_free_of(&copy.command, CLIENT_SECRET, "client secret");
            assert_free_of(&copy.command, "c2hvcDpzZWNyZXQ=", "password");
            let filled = copy.command.replace("<Authorization>", "c2hvcDpzZWNyZXQ=").replace("<client_secret>", CLIENT_SECRET);
            run(&filled).await;
            let received = bench.server.received(&path);
            let [ours, curls] = received.last_chunk::<2>().unwrap();
            assert_eq!(asked(curls), asked(ours), "{method} {encoding:?}\n{filled}");
        }
    }
}

#[tokio::test]
async fn a_login_without_pairs_is_the_same_by_curl_with_every_method() {
    let bench = bench().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
        let draft = token(RequestDraft {
            method: method.to_owned(),
            url: bench.server.at(&format!("/bare/{method}")),
            headers: vec![field("X-Empty", "", false)],
            parameters: vec![],
            encoding: Encoding::Json,
        });
        bench.test(&draft).await;
        run(&bash(&bench, CurlSource::Token { draft }).await.command).await;
        let received = bench.server.received(&format!("/bare/{method}"));
        assert_eq!(asked(&received[1]), asked(&received[0]), "{method}");
    }
}

#[tokio::test]
async fn t8_a_saved_login_is_copied_without_its_stored_secrets() {
    let bench = Bench::new().await;
    let saved = bench.tested_token(bench.login_draft("Orders login")).await;
    let request = bench.login_request();
    let mut draft = token(RequestDraft { parameters: vec![], ..request });
    draft.id = Some(saved.summary.id);
    if let latchkey::token::TokenDraftKind::HttpRequest { request, .. } = &mut draft.kind {
        // As the form sends it: what is stored is named by its position.
        request.parameters = vec![FieldDraft { name: "client_secret".to_owned(), value: None, secret: true, stored: Some(1) }];
    }
    for shell in [CurlShell::Bash, CurlShell::Cmd, CurlShell::Powershell] {
        let copy = bench.workspace.curl(CurlSource::Token { draft: draft.clone() }, shell).await.unwrap();
        assert_free_of(&copy.command, CLIENT_SECRET, "client secret");
        assert_eq!(copy.placeholders, ["<client_secret>"]);
    }
}

/// A connector with inputs everywhere, a token and a secret header.
fn orders(bench: &Bench, token_id: &str) -> ConnectorDraft {
    let with_default =
        |name: &str, input_type, value: &str| DataInput { default_value: value.to_owned(), ..input(name, input_type) };
    ConnectorDraft {
        http_method: HttpMethod::Patch,
        headers: vec![
            field("Content-Type", "application/json", false),
            field("X-Shop", "{{shop}} é", false),
            field("X-Api-Key", "key-0123456789", true),
        ],
        body: "{\n  \"amount\": {{amount}},\n  \"note\": \"it's {{note}}\",\n  \"express\": {{express}}\n}".to_owned(),
        data_inputs: vec![
            with_default("order_id", InputType::String, "A/1042 é"),
            with_default("shop", InputType::String, "north"),
            with_default("amount", InputType::Decimal, "12.50"),
            with_default("note", InputType::String, AWKWARD),
            with_default("express", InputType::Boolean, "true"),
        ],
        ..connector("Orders", &bench.server.at("/orders/{{order_id}}?q={{note}}&filter[state]=open"), &[token_id])
    }
}

#[tokio::test]
async fn e1_a_connector_as_curl_sends_what_a_run_sends() {
    let bench = bench().await;
    let token = bench.token(text_token("Orders key", "text-value-123")).await.summary.id;
    let draft = orders(&bench, &token);
    let id = bench.connector(draft.clone()).await;
    bench.run(&id).await;
    let copy = bash(&bench, CurlSource::Connector { connector_id: None, draft }).await;
    assert_eq!(copy.placeholders, ["<X-Api-Key>", "<Orders key>"]);
    for secret in ["key-0123456789", "text-value-123"] {
        assert_free_of(&copy.command, secret, "secret");
    }
    run(&copy.command.replace("<X-Api-Key>", "key-0123456789").replace("<Orders key>", "text-value-123")).await;
    let [ours, curls] = &bench.server.all()[..] else { panic!("two requests: {:?}", bench.server.all()) };
    assert_eq!(asked(curls), asked(ours));
}

#[tokio::test]
async fn inputs_without_a_default_stay_templates_and_are_named() {
    let bench = bench().await;
    let draft = ConnectorDraft {
        http_method: HttpMethod::Post,
        headers: vec![field("Content-Type", "application/json", false), field("X-Shop", "{{ shop }}", false)],
        body: "{\"amount\": {{amount}}, \"note\": \"for {{order.id}}\"}".to_owned(),
        data_inputs: [("order.id", InputType::String), ("amount", InputType::Integer), ("shop", InputType::String)]
            .map(|(name, input_type)| input(name, input_type))
            .to_vec(),
        ..connector("Orders", &bench.server.at("/orders/{{order.id}}"), &[])
    };
    let copy = bash(&bench, CurlSource::Connector { connector_id: None, draft: draft.clone() }).await;
    assert_eq!(copy.placeholders, ["{{order.id}}", "{{amount}}", "{{shop}}"]);
    // As it is, it runs too, and pasted it is the same connector again.
    run(&copy.command).await;
    assert_eq!(bench.server.all().len(), 1);
    let pasted = ConnectorCurlImport::parse(&copy.command).unwrap().request;
    assert_eq!((pasted.url.as_str(), pasted.body.as_str()), (draft.url.as_str(), draft.body.as_str()));
    assert_eq!(pasted.inputs, ["order.id", "shop", "amount"]);
}

#[tokio::test]
async fn s2_a_recorded_step_is_copied_with_placeholders_where_it_was_redacted() {
    let bench = Bench::new().await;
    let (_, connector) = bench.orders().await;
    bench.issuer.expire();
    let execution = bench.run(&connector).await;
    let step = |kind| u32::try_from(execution.steps.iter().position(|step| step.kind == kind).unwrap()).unwrap();
    let of = |step| CurlSource::Step { execution_id: execution.id.clone(), step };

    let retry = bash(&bench, of(step(StepKind::Retry))).await;
    assert_eq!(retry.placeholders, ["<Authorization>"]);
    assert!(retry.command.contains("-H 'Authorization: Bearer <Authorization>'"), "{}", retry.command);
    let value = "value/2+of=the~issuer";
    assert_free_of(&retry.command, value, "token value");
    run(&retry.command.replace("<Authorization>", value)).await;
    let received = bench.server.received("/orders");
    let [ours, curls] = received.last_chunk::<2>().unwrap();
    assert_eq!(asked(curls), asked(ours), "the request of the retry");

    let login = bash(&bench, of(step(StepKind::Refresh))).await;
    assert_eq!(login.placeholders, ["<client_secret>"]);
    assert_free_of(&login.command, CLIENT_SECRET, "client secret");
    run(&login.command.replace("<client_secret>", CLIENT_SECRET)).await;
    let received = bench.server.received("/login");
    let [ours, curls] = received.last_chunk::<2>().unwrap();
    assert_eq!((&curls.body, curls.header("content-type")), (&ours.body, ours.header("content-type")));

    let mapping = bench.workspace.curl(of(step(StepKind::Mapping)), CurlShell::Bash).await.unwrap_err();
    assert_eq!(mapping.message, "This step sent nothing.");
}

#[tokio::test]
async fn what_cant_be_copied_names_its_field() {
    let bench = bench().await;
    let text = CurlSource::Token { draft: text_token("Key", "v") };
    assert_eq!(bench.workspace.curl(text, CurlShell::Bash).await.unwrap_err().field.as_deref(), Some("token_type"));
    let draft = ConnectorDraft { name: String::new(), ..connector("", "", &[]) };
    let no_url = CurlSource::Connector { connector_id: None, draft };
    assert_eq!(bench.workspace.curl(no_url, CurlShell::Bash).await.unwrap_err().field.as_deref(), Some("url"));
    let unclosed = ConnectorCurlImport::parse("curl https://h 'hunter2").err().unwrap();
    assert_eq!(unclosed.field.as_deref(), Some("curl[16]"));
    assert!(!format!("{unclosed:?}").contains("hunter2"));
}

/// Pasted into a connector, a command sends what the real cURL sends for it.
#[tokio::test]
async fn a_pasted_command_sends_what_the_real_curl_sends() {
    let bench = bench().await;
    let options = [
        "",
        "-d a=1 -d 'b=x y' -d '' -d c",
        "--data-raw '@a=1' -X PUT",
        "--data-binary $'line 1\\nline 2\\ttab' -H 'Content-Type: text/plain'",
        "--data-urlencode 'q=a b&c~*é' --data-urlencode '=x/y?' --data-urlencode 'plain text'",
        "--json '{\"a\":' --json '[1,2]}'",
        "--json '{}' -H 'Accept: text/html' -H 'Content-Type: application/merge-patch+json' -X PATCH",
        "-G -d a=1 --data-urlencode 'b=x y+z'",
        "--url-query 'k=a b' --url-query '+raw=%20' --url-query 'lonely one'",
        "-u 'me:p ss:word' -A 'my app/1'",
        "-b 'a=1; b=2' -b c=3",
        "-b 'a=1; b=2' -H 'Cookie: c=3'",
        "--oauth2-bearer abc.def",
        "-r 0-99 -sSL --compressed -o /dev/null",
        "-H 'X-Empty;' -H 'X-Gone:' -H 'X-Two:   spaced   '",
        "-XDELETE -sH'X-Joined: 1'",
        "--request POST --header 'X-Long: 1' --data-ascii 'x=1'",
        "-d '{\"note\": \"'\"it's\"'\"}' -H 'Content-Type: application/json'",
    ];
    for (index, options) in options.iter().enumerate() {
        let command = format!("curl '{}' {options}", bench.server.at(&format!("/pasted/{index}?z=\\[1\\]")));
        run(&command).await;
        let pasted = ConnectorCurlImport::parse(&command).unwrap().request;
        let draft = ConnectorDraft {
            http_method: pasted.http_method,
            headers: pasted.headers,
            body: pasted.body,
            ..connector(&format!("Pasted {index}"), &pasted.url, &[])
        };
        let id = bench.connector(draft).await;
        bench.run(&id).await;
        let [curls, ours] = &bench.server.received(&format!("/pasted/{index}"))[..] else { panic!("two requests: {options}") };
        assert_eq!(asked(ours), asked(curls), "{options}");
        assert_eq!(ours.body, curls.body, "{options}");
        assert_eq!(ours.query.to_uppercase(), curls.query.to_uppercase(), "{options}");
    }
}
