//! The log exported: whole, as it is recorded and no more (S2), valid for other programs, and nothing left of what was given up.
//!
//! Needs Node and `npm ci` in `tests/har`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use latchkey::execution::{ErrorType, Execution, ExecutionFilter, SourceType};
use latchkey::workspace::{ExecutionRequest, ExportFormat, ExportProgress, ExportRequest, Problem, ProblemCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use support::drafts::{connector, posting};
use support::{Answer, Bench};

/// Asks the published schema by somebody else's validator.
fn assert_valid(archive: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/har");
    assert!(folder.join("node_modules").is_dir(), "the validator is not installed: run `npm ci` in {}", folder.display());
    let mut node = Command::new("node")
        .arg("validate.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node must be installed to run the validator");
    node.stdin.take().unwrap().write_all(archive.as_bytes()).unwrap();
    let said = node.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

/// In the workspace's folder, where everything is looked through for secrets when the test ends.
fn file(bench: &Bench, name: &str) -> PathBuf {
    std::path::absolute(bench.folder().join(name)).unwrap()
}

async fn export(bench: &Bench, format: ExportFormat, filter: ExecutionFilter, path: &Path) -> Result<u32, Problem> {
    let request = ExportRequest { filter, format, path: path.to_owned(), replace: false };
    let report = bench.workspace.executions().export(request, &CancellationToken::new(), &|_| ()).await?;
    assert_eq!(report.bytes.to_string(), std::fs::metadata(path).unwrap().len().to_string());
    Ok(report.executions)
}

async fn archive(bench: &Bench) -> Value {
    let path = file(bench, "log.har");
    export(bench, ExportFormat::Har, ExecutionFilter::default(), &path).await.unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    assert_valid(&text);
    serde_json::from_str(&text).unwrap()
}

/// A refresh and a retry, a refusal before anything is sent, no answer, and a login that failed: the newest is the last.
async fn a_log_of_everything(bench: &Bench) -> Vec<Execution> {
    let (token, orders) = bench.orders().await;
    bench.issuer.expire();
    let renewed = bench.run(&orders).await;
    let refused = bench.run_from(&orders, SourceType::Workflow).await;
    let mut form = posting("Form", &bench.server.at("/form?page=1"), "application/x-www-form-urlencoded", "a=b%20c");
    form.token_ids = vec![token];
    let form = bench.connector(form).await;
    bench.api_answers(|_, _| Answer::Reset);
    let reset = bench.run(&form).await;
    bench.login_answers(|_, _| Answer::json(200, &json!({"elsewhere": "a-value-that-nobody-knows"})));
    bench.issuer.expire();
    let login_failed = bench.run(&orders).await;
    vec![renewed, refused, reset, login_failed]
}

#[tokio::test]
async fn s2_an_archive_is_valid_whole_and_redacted() {
    let bench = Bench::new().await;
    let executions = a_log_of_everything(&bench).await;
    let archive = archive(&bench).await;
    let (pages, entries) = (archive["log"]["pages"].as_array().unwrap(), archive["log"]["entries"].as_array().unwrap());
    let ids: Vec<_> = pages.iter().map(|page| page["id"].as_str().unwrap()).collect();
    let expected: Vec<_> = executions.iter().rev().map(|execution| execution.id.as_str()).collect();
    assert_eq!(ids, expected, "a page for each execution, the newest first, whether it sent anything or not");
    assert_eq!(archive["log"]["creator"]["name"], "Latchkey");

    for (execution, page) in executions.iter().rev().zip(pages) {
        assert_eq!(page["comment"], execution.sentence.as_str());
        let own: Vec<_> = entries.iter().filter(|entry| entry["pageref"] == execution.id.as_str()).collect();
        let exchanges: Vec<_> = execution.steps.iter().filter_map(|step| step.exchange.as_ref()).collect();
        assert_eq!(own.len(), exchanges.len(), "{}", execution.sentence);
        for (entry, exchange) in own.into_iter().zip(exchanges) {
            assert_eq!(entry["request"]["url"], exchange.url.as_str());
            assert_eq!(entry["response"]["status"], exchange.http_status.unwrap_or(0));
            let headers = |recorded: &[latchkey::http::RecordedHeader]| {
                json!(recorded.iter().map(|header| json!({"name": header.name, "value": header.value})).collect::<Vec<_>>())
            };
            assert_eq!(entry["request"]["headers"], headers(&exchange.request_headers));
            assert_eq!(entry["response"]["headers"], headers(&exchange.response_headers));
            let text = exchange.response_body.as_deref().map_or(Value::Null, Value::from);
            assert_eq!(entry["response"]["content"]["text"], text);
            assert_eq!(entry["request"]["postData"]["text"], exchange.request_body.as_deref().map_or(Value::Null, Value::from));
            assert_eq!(entry["_latchkey"]["execution_id"], execution.id.as_str());
        }
    }
    let refused = entries.iter().filter(|entry| entry["pageref"] == executions[1].id.as_str()).count();
    assert_eq!(refused, 0, "nothing was sent");
    let unanswered = entries.iter().find(|entry| entry["pageref"] == executions[2].id.as_str()).unwrap();
    assert_eq!(unanswered["response"]["status"], 0);
    assert!(unanswered["response"]["_error"].as_str().unwrap().contains("broken off"), "{unanswered}");
    assert_eq!(unanswered["request"]["postData"]["mimeType"], "application/x-www-form-urlencoded");
    assert_eq!(unanswered["request"]["queryString"], json!([{"name": "****", "value": ""}]));
}

#[tokio::test]
async fn e1_the_times_of_an_archive_add_up() {
    let bench = Bench::new().await;
    let (_, orders) = bench.orders().await;
    bench.run(&orders).await;
    bench.run(&orders).await;
    let archive = archive(&bench).await;
    let entries = archive["log"]["entries"].as_array().unwrap();
    for entry in entries {
        let timings = &entry["timings"];
        let sum: f64 = ["blocked", "dns", "connect", "send", "wait", "receive"]
            .iter()
            .map(|part| timings[part].as_f64().unwrap())
            .filter(|part| *part >= 0.0)
            .sum();
        assert!((sum - entry["time"].as_f64().unwrap()).abs() < 0.001, "{timings} is not {}", entry["time"]);
        assert_eq!(entry["request"]["httpVersion"], "HTTP/1.1");
    }
}

#[tokio::test]
async fn s5_what_a_hostile_server_says_stays_text() {
    let bench = Bench::new().await;
    bench.server.answers(|_| {
        let head = b"HTTP/1.1 200 OK\r\nX-Quote: \"},{\"a\":\"</script>\r\nX-Latin: caf\xe9 \x80\r\n";
        let more = b"Content-Type: \"text/html\r\nLocation: http://user:pw@x.example/?q#f\r\nX-Tab: a\tb\\u0000\r\nContent-Length: 8\r\n\r\n";
        Answer::Raw([&head[..], &more[..], b"\xff\x00\x1b[31m\"\\"].concat())
    });
    let id = bench.connector(connector("Quote\"},{\u{202e}\n", &bench.server.at("/\"},{%00"), &[])).await;
    let execution = bench.run(&id).await;
    let archive = archive(&bench).await;
    let entry = &archive["log"]["entries"][0];
    let recorded = execution.steps.iter().find_map(|step| step.exchange.as_ref()).unwrap();
    assert_eq!(entry["response"]["headers"].as_array().unwrap().len(), recorded.response_headers.len());
    assert_eq!(entry["response"]["content"]["text"], recorded.response_body.as_deref().unwrap());
    assert_eq!(entry["response"]["redirectURL"], "http://****@x.example/?****#****");
}

#[tokio::test]
async fn s2_lines_are_whole_executions_as_they_are_recorded() {
    let bench = Bench::new().await;
    let executions = a_log_of_everything(&bench).await;
    let path = file(&bench, "log.jsonl");
    assert_eq!(export(&bench, ExportFormat::Jsonl, ExecutionFilter::default(), &path).await.unwrap(), 4);
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, executions.iter().rev().map(|execution| json!(execution)).collect::<Vec<_>>());
}

#[tokio::test]
async fn only_what_is_filtered_is_exported_and_nothing_is_a_valid_archive_too() {
    let bench = Bench::new().await;
    let executions = a_log_of_everything(&bench).await;
    let of = |error_type| ExecutionFilter { error_type: Some(error_type), ..ExecutionFilter::default() };
    let path = file(&bench, "one.jsonl");
    assert_eq!(export(&bench, ExportFormat::Jsonl, of(ErrorType::TokenRefreshError), &path).await.unwrap(), 1);
    let line: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(line["id"], executions[3].id.as_str());
    let path = file(&bench, "none.har");
    assert_eq!(export(&bench, ExportFormat::Har, of(ErrorType::ClientSideActionError), &path).await.unwrap(), 0);
    assert_valid(&std::fs::read_to_string(path).unwrap());
}

/// What is in the workspace's folder beside the workspace's own files.
fn exports(bench: &Bench) -> Vec<String> {
    let names = std::fs::read_dir(bench.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".har") || name.contains(".part")).collect()
}

#[tokio::test]
async fn a_cancelled_export_leaves_nothing() {
    let bench = Bench::new().await;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[])).await;
    for _ in 0..20 {
        bench.run(&id).await;
    }
    let cancel = CancellationToken::new();
    let told: Mutex<Vec<ExportProgress>> = Mutex::default();
    let progress = |now: ExportProgress| {
        told.lock().unwrap().push(now);
        assert_eq!(exports(&bench).len(), 1, "it is written under another name");
        cancel.cancel();
    };
    let path = file(&bench, "log.har");
    let request =
        ExportRequest { filter: ExecutionFilter::default(), format: ExportFormat::Har, path: path.clone(), replace: false };
    let problem = bench.workspace.executions().export(request, &cancel, &progress).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::Cancelled);
    assert!(!told.lock().unwrap().is_empty());
    assert_eq!(exports(&bench), Vec::<String>::new());

    let last = Mutex::new(None);
    let request = ExportRequest { filter: ExecutionFilter::default(), format: ExportFormat::Har, path, replace: false };
    let executions = bench.workspace.executions();
    let report = executions.export(request, &CancellationToken::new(), &|now| *last.lock().unwrap() = Some(now)).await.unwrap();
    let last = last.lock().unwrap().unwrap();
    assert_eq!((last.written, last.total, last.bytes), (20, Some(20), report.bytes), "the end is told too");
}

#[tokio::test]
async fn a_path_that_cannot_be_taken_is_named_and_a_file_is_replaced_only_when_asked() {
    let bench = Bench::new().await;
    let path = file(&bench, "log.har");
    let problem = |path: PathBuf| {
        let bench = &bench;
        async move { export(bench, ExportFormat::Har, ExecutionFilter::default(), &path).await.unwrap_err() }
    };
    for wrong in [PathBuf::from("log.har"), PathBuf::from("~/log.har"), bench.folder().to_owned(), path.join("x.har")] {
        let problem = problem(wrong.clone()).await;
        assert_eq!(problem.field.as_deref(), Some("path"), "{wrong:?}: {problem}");
        assert!(problem.message.ends_with('.') && problem.next_step.ends_with('.'), "{problem}");
    }
    std::fs::write(&path, "mine").unwrap();
    assert!(problem(path.clone()).await.message.contains("already"));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    let request =
        ExportRequest { filter: ExecutionFilter::default(), format: ExportFormat::Har, path: path.clone(), replace: true };
    bench.workspace.executions().export(request, &CancellationToken::new(), &|_| ()).await.unwrap();
    assert_valid(&std::fs::read_to_string(path).unwrap());
    assert_eq!(exports(&bench), ["log.har"]);
}

#[tokio::test]
async fn what_is_recorded_while_an_export_is_written_is_not_part_of_it_and_does_not_wait() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[])).await;
    let mut before = BTreeSet::new();
    for _ in 0..30 {
        before.insert(bench.run(&id).await.id);
    }
    let path = file(&bench, "log.har");
    let (exported, ran) = tokio::join!(export(&bench, ExportFormat::Har, ExecutionFilter::default(), &path), async {
        let mut ran = BTreeSet::new();
        for _ in 0..30 {
            ran.insert(bench.run(&id).await.id);
        }
        ran
    });
    let archive: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let ids = |list: &str, name: &str| -> BTreeSet<String> {
        let all = archive["log"][list].as_array().unwrap();
        all.iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
    };
    let (pages, entries) = (ids("pages", "id"), ids("entries", "pageref"));
    assert_eq!(pages, entries, "pages and entries are of one moment");
    assert!(before.is_subset(&pages) && pages.iter().all(|id| before.contains(id) || ran.contains(id)));
    assert_eq!(usize::try_from(exported.unwrap()).unwrap(), pages.len());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_ends_an_export_and_is_told() {
    let bench = Bench::new().await;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[])).await;
    bench.run(&id).await;
    for format in [ExportFormat::Har, ExportFormat::Jsonl] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let executions = bench.workspace.executions();
        let out = executions.export_to(ExecutionFilter::default(), format, full, &CancellationToken::new()).await;
        let problem = out.unwrap_err();
        assert_eq!(problem.message, "There is no room left on that disk.");
    }
}

#[tokio::test]
async fn a_path_is_suggested_that_is_free_and_safe() {
    let bench = Bench::new().await;
    let id = bench.connector(connector("Orders / *all*", &bench.server.at("/x"), &[])).await;
    let executions = bench.workspace.executions();
    let path = executions.suggest_export_path(ExecutionFilter::of_connector(&id), ExportFormat::Har).await.unwrap();
    let name = Path::new(&path).file_name().unwrap().to_str().unwrap().to_owned();
    assert!(Path::new(&path).is_absolute() && !Path::new(&path).exists(), "{path}");
    assert!(
        name.starts_with("latchkey-Orders-all-20") && Path::new(&path).extension().is_some_and(|end| end == "har"),
        "{name}"
    );
    let gone = executions.suggest_export_path(ExecutionFilter::of_connector("gone"), ExportFormat::Jsonl).await;
    assert_eq!(gone.unwrap_err().code, ProblemCode::NotFound);
}

#[tokio::test]
async fn a_run_keeps_its_inputs_and_customer() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let mut draft = connector("C", &bench.server.at("/x/{{id}}"), &[]);
    draft.data_inputs = vec![support::drafts::input("id", latchkey::connector::InputType::Integer)];
    let id = bench.connector(draft).await;
    let request = ExecutionRequest {
        connector_id: id,
        inputs: [("id".to_owned(), json!("7"))].into(),
        customer: Some("ann@example.com".to_owned()),
        ..ExecutionRequest::default()
    };
    let execution = bench.execute(request).await;
    assert_eq!(execution.customer.as_deref(), Some("ann@example.com"));
    assert_eq!(json!(execution.inputs), json!([{"name": "id", "value": "7", "redacted": false}]));
}
