//! A workspace of every format that was ever released opens with this program, and everything is in it (S6).
//!
//! `tests/fixtures/format-N/` holds such workspaces as the program of their time made them. A new one is made, when a
//! format is about to be released, by `LATCHKEY_WRITE_FIXTURE=tests/fixtures/format-N cargo test --test upgrade`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may end it")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use latchkey::connector::{ConnectorDraft, HttpMethod, InputType, ResponseFieldType};
use latchkey::execution::{ExecutionFilter, SourceType};
use latchkey::token::{Encoding, RequestDraft, TokenLocation};
use latchkey::workspace::{ExecutionRequest, Seams, SecretRef, SlotKind, VaultStatus, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::bench::open;
use support::drafts::{connector, field, input, login_token, mapping, marked, posting, text_token};
use support::key_file::{KeyFile, copy_folder};
use support::{Answer, Bench};

const PASSPHRASE: &str = "four words of fixture";
/// Executions that are compared whole; of the others it is compared what a log shows of them.
const WHOLE: usize = 8;

/// What was in a workspace when it was made.
#[derive(Serialize, Deserialize)]
struct Contents {
    tokens: Vec<Value>,
    connectors: Vec<Value>,
    /// Token values and secret fields, revealed; by a name that [`secret`] understands.
    secrets: BTreeMap<String, String>,
    /// Each connector's log, newest first.
    logs: BTreeMap<String, Vec<Value>>,
    executions: Vec<Value>,
    sandbox_port: Option<u16>,
}

/// `value ID`, `header ID INDEX`, `parameter ID INDEX` or `connector ID INDEX`.
fn secret(name: &str) -> SecretRef {
    let mut words = name.split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (kind, id) = (word(), word());
    match kind.as_str() {
        "value" => SecretRef::TokenValue { token_id: id },
        "header" => SecretRef::TokenHeader { token_id: id, index: word().parse().unwrap() },
        "parameter" => SecretRef::TokenParameter { token_id: id, index: word().parse().unwrap() },
        _ => SecretRef::ConnectorHeader { connector_id: id, index: word().parse().unwrap() },
    }
}

async fn contents(workspace: &Workspace, secret_names: impl IntoIterator<Item = String>) -> Contents {
    let mut tokens = Vec::new();
    for token in workspace.tokens().list().await.unwrap() {
        tokens.push(json!(workspace.tokens().get(&token.id).await.unwrap()));
    }
    let mut secrets = BTreeMap::new();
    for name in secret_names {
        let value = workspace.reveal(secret(&name)).await.unwrap();
        secrets.insert(name, value);
    }
    let (mut connectors, mut logs, mut executions) = (Vec::new(), BTreeMap::new(), Vec::new());
    for connector in workspace.connectors().list().await.unwrap() {
        connectors.push(json!(workspace.connectors().get(&connector.id).await.unwrap()));
        let mut rows = Vec::new();
        let mut before = None;
        loop {
            let page = workspace.executions().list(ExecutionFilter::of_connector(&connector.id), before, 200).await.unwrap();
            rows.extend(page.rows);
            before = page.before;
            if before.is_none() {
                break;
            }
        }
        for row in rows.iter().take(WHOLE) {
            executions.push(json!(workspace.executions().get(&row.id).await.unwrap()));
        }
        logs.insert(connector.id, rows.into_iter().map(|row| json!(row)).collect());
    }
    let sandbox_port = workspace.settings().sandbox_port().await.unwrap();
    Contents { tokens, connectors, secrets, logs, executions, sandbox_port }
}

/// Fails unless everything that was there is still there. A later program may tell more about it.
fn assert_holds(now: &Value, before: &Value, place: &str) {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            for (name, value) in before {
                let place = format!("{place}/{name}");
                let kept = now.get(name).unwrap_or_else(|| panic!("{place} is gone: it was {value}"));
                assert_holds(kept, value, &place);
            }
        }
        (Value::Array(now), Value::Array(before)) => {
            assert_eq!(now.len(), before.len(), "{place} has another length");
            for (index, (now, before)) in now.iter().zip(before).enumerate() {
                assert_holds(now, before, &format!("{place}/{index}"));
            }
        }
        _ => assert_eq!(now, before, "{place} was changed by the upgrade"),
    }
}

/// An open breaker has become half-open by itself since it was written down.
fn leave_out_what_time_changes(connector: &mut Value) {
    let Some(breaker) = connector.pointer_mut("/summary/breaker").and_then(Value::as_object_mut) else { return };
    if breaker["state"] != "open" {
        return;
    }
    for member in ["state", "changed_at", "next_probe_at"] {
        breaker.remove(member);
    }
}

/// Opens a copy of the workspace in `made` and compares it with what was written down about it.
async fn assert_opens_whole(made: &Path) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(made, folder.path());
    let mut before: Contents = serde_json::from_slice(&std::fs::read(made.join("contents.json")).unwrap()).unwrap();
    before.connectors.iter_mut().for_each(leave_out_what_time_changes);
    let executions: usize = before.logs.values().map(Vec::len).sum();
    assert!(executions >= 200 && before.tokens.len() >= 4 && before.connectors.len() >= 4, "the fixture is worth comparing");
    for opening in ["the first", "the second"] {
        let workspace = open(folder.path()).await;
        let now = contents(&workspace, before.secrets.keys().cloned()).await;
        assert_holds(&json!(now), &json!(before), opening);
        // A run may have a connector that was deleted since; the count is of all of them.
        assert_eq!(workspace.storage().await.unwrap().executions as usize, executions);
    }
    let seams = Seams { keyring: std::sync::Arc::new(KeyFile::new("/nowhere")), ..Seams::real() };
    let by_passphrase = Workspace::open(folder.path().join("workspace"), Some(PASSPHRASE.into()), seams).await.unwrap();
    let VaultStatus::Open { opened_with, slots, .. } = by_passphrase.vault_status().await.unwrap() else {
        panic!("it is open");
    };
    assert_eq!((opened_with, slots.len()), (SlotKind::Passphrase, 2), "both slots still open it");
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut formats: Vec<_> = entries.filter(|path| path.join("contents.json").exists()).collect();
    formats.sort();
    formats
}

#[tokio::test]
async fn s6_a_workspace_of_every_released_format_opens_with_everything_in_it() {
    let fixtures = fixtures();
    assert!(!fixtures.is_empty(), "formats 1, 3 and 4 were released");
    for fixture in fixtures {
        assert_opens_whole(&fixture).await;
    }
}

#[tokio::test]
async fn s6_a_workspace_of_the_present_format_opens_again_with_everything_in_it() {
    let bench = Bench::new().await;
    let secret_names = fill(&bench).await;
    let contents = contents(&bench.workspace, secret_names).await;
    let folder = bench.close().await;
    std::fs::write(folder.path().join("contents.json"), serde_json::to_vec_pretty(&contents).unwrap()).unwrap();
    assert_opens_whole(folder.path()).await;
    if let Some(target) = std::env::var_os("LATCHKEY_WRITE_FIXTURE") {
        copy_folder(folder.path(), Path::new(&target));
    }
}

/// Tokens of each kind, connectors in each state, about two hundred executions with each common outcome, settings and
/// a second slot; the names of the secrets in it.
async fn fill(bench: &Bench) -> Vec<String> {
    let workspace = &bench.workspace;
    let mut secrets = Vec::new();
    let mut tokens = Vec::new();
    for (name, encoding) in [("By JSON", Encoding::Json), ("By form", Encoding::Form), ("By query", Encoding::Query)] {
        let headers = vec![field("X-Vault", "vault-header-of-the-fixture", true)];
        let request = RequestDraft { encoding, headers, ..bench.login_request() };
        let token = bench.tested_token(login_token(name, request, TokenLocation::json("/data/access_token"))).await;
        let id = token.summary.id;
        secrets.extend([format!("value {id}"), format!("header {id} 0"), format!("parameter {id} 1")]);
        tokens.push(id);
    }
    let mut text = text_token("Fixed key “ü”", "text/value+of=the fixture");
    (text.request_header_key, text.description) = ("X-Api-Key".into(), "A text token\nwith two lines".into());
    (text.token_prefix, text.domain) = (String::new(), Some("127.0.0.1".into()));
    let text = bench.token(text).await.summary.id;
    secrets.push(format!("value {text}"));
    let forgotten = bench.tested_token(bench.login_draft("Forgotten")).await.summary.id;
    workspace.tokens().forget(&forgotten).await.unwrap();

    let (token, at) = (tokens[0].as_str(), |path: &str| bench.server.at(path));
    let draft = ConnectorDraft {
        data_inputs: vec![input("order", InputType::String)],
        object_mappings: vec![mapping("order", "status", "order_status")],
        response_fields: vec![marked("order.id", ResponseFieldType::String)],
        mock_response: r#"{"order":{"id":"M-1","status":"played"}}"#.into(),
        token_ids: vec![token.to_owned(), text.clone()],
        ..connector("Live", &at("/orders/{{order}}"), &[])
    };
    let live = bench.connector(draft.clone()).await;
    workspace.connectors().set_live(&live).await.unwrap();
    let edited = ConnectorDraft { description: "edited, not live yet".into(), http_method: HttpMethod::Put, ..draft };
    workspace.connectors().save(Some(&live), edited).await.unwrap();
    let mut secret_header = posting("Draft", &at("/post"), "application/json", r#"{"note": "{{note}}"}"#);
    secret_header.headers.push(field("X-Tenant", "tenant-header-of-the-fixture", true));
    secret_header.data_inputs = vec![input("note", InputType::String)];
    secret_header.bypass_authentication = true;
    let draft = bench.connector(secret_header).await;
    secrets.push(format!("connector {draft} 1"));
    let broken = bench.connector(connector("Broken", &at("/broken"), &[&tokens[1]])).await;
    bench.connector(connector("Never run", &at("/never"), &[&forgotten])).await;

    run_all(bench, &live, &draft, &broken).await;
    workspace.sandbox().start(Some(0)).await.unwrap();
    workspace.sandbox().stop().await.unwrap();
    workspace.set_passphrase(PASSPHRASE.into()).await.unwrap();
    secrets
}

async fn run_all(bench: &Bench, live: &str, draft: &str, broken: &str) {
    bench.api_answers(|received, issuer| match received.path.as_str() {
        "/broken" if !issuer.accepts(received) => Answer::status(401),
        "/broken" => Answer::text(502, "text/html", "<p>bad gateway</p>"),
        path if path.starts_with("/orders/") => {
            let order = path.trim_start_matches("/orders/");
            Answer::json(200, &json!({"order": {"id": order, "status": "shipped"}, "at": "2024-05-12T10:11:12Z"}))
        }
        _ => Answer::json(200, &json!({"echo": received.body})),
    });
    let request = |connector_id: &str, inputs: &[(&str, Value)], source: SourceType| ExecutionRequest {
        connector_id: connector_id.to_owned(),
        inputs: inputs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        source,
        ..ExecutionRequest::default()
    };
    for number in 0..150 {
        let source = [SourceType::Test, SourceType::Workflow, SourceType::Fin][number % 3];
        let inputs = [("order", json!(format!("A-{number}")))];
        let inputs = if number % 10 == 9 { &[][..] } else { &inputs };
        bench.execute(request(live, inputs, source)).await;
    }
    for number in 0..30 {
        bench.execute(request(draft, &[("note", json!(format!("note {number} ü 😀")))], SourceType::Test)).await;
    }
    bench.play(live).await;
    for _ in 0..10 {
        bench.run(broken).await;
    }
    bench.issuer.expire();
    bench.run(broken).await;
    bench.issuer.expire();
    bench.login_answers(|_, _| Answer::status(503));
    for _ in 0..8 {
        bench.run(broken).await;
    }
}
