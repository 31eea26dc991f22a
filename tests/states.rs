//! Responses and states over real HTTP (R1–R5).

mod support;

use latchkey::connector::ResponseFieldType::{self, Boolean, Datetime, Decimal, Integer};
use latchkey::connector::{ConfigurationResponseType, ConnectorDraft, ConnectorState, DataTransformationType, ResponseField};
use latchkey::execution::{ErrorType, ExecutionFilter, SourceType, StepKind};
use latchkey::token::TokenDraft;
use latchkey::workspace::ProblemCode;
use serde_json::{Value, json};

use support::drafts::{connector, field, mapping, marked, text_token};
use support::{Answer, Bench, Gate, assert_free_of, within};

#[tokio::test]
async fn r1_a_connector_is_created_as_draft_and_runs_from_test_only_until_it_is_live() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    assert_eq!(bench.workspace.connectors().get(&id).await.unwrap().summary.state, ConnectorState::Draft);
    assert!(bench.run(&id).await.success);
    let refused = bench.run_from(&id, SourceType::Workflow).await;
    assert_eq!(refused.error_type, Some(ErrorType::RequestConfigurationError));
    let live = bench.workspace.connectors().set_live(&id).await.unwrap();
    assert_eq!((live.summary.state, live.summary.has_unpublished_edits), (ConnectorState::Live, false));
    assert!(bench.run_from(&id, SourceType::Workflow).await.success);
    bench.workspace.connectors().set_draft(&id).await.unwrap();
    assert!(!bench.run_from(&id, SourceType::Workflow).await.success);
}

#[tokio::test]
async fn r1_editing_a_live_connector_edits_a_copy_until_it_is_set_live() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let id = bench.connector(connector("C", &bench.server.at("/old"), &[])).await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    let edited = bench.workspace.connectors().save(Some(&id), connector("C", &bench.server.at("/new"), &[])).await.unwrap();
    assert_eq!((edited.summary.state, edited.summary.has_unpublished_edits), (ConnectorState::Live, true));
    bench.run_from(&id, SourceType::Workflow).await;
    assert_eq!((bench.server.count("/old"), bench.server.count("/new")), (1, 0), "what is live runs");
    bench.run(&id).await;
    assert_eq!((bench.server.count("/old"), bench.server.count("/new")), (1, 1), "a test runs the copy");
    bench.workspace.connectors().set_live(&id).await.unwrap();
    bench.run_from(&id, SourceType::Workflow).await;
    assert_eq!((bench.server.count("/old"), bench.server.count("/new")), (1, 2));
}

#[tokio::test]
async fn r1_edits_can_be_thrown_away() {
    let bench = Bench::new().await;
    let id = bench.connector(connector("C", &bench.server.at("/old"), &[])).await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    bench.workspace.connectors().save(Some(&id), connector("Other", &bench.server.at("/new"), &[])).await.unwrap();
    let back = bench.workspace.connectors().discard_edits(&id).await.unwrap();
    assert_eq!((back.draft.url, back.summary.name.as_str()), (bench.server.at("/old"), "C"));
    assert!(!back.summary.has_unpublished_edits);
}

#[tokio::test]
async fn r1_delete_needs_draft_and_takes_the_log_along() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let execution = bench.run(&id).await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    let problem = bench.workspace.connectors().delete(&id).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::InUse);
    bench.workspace.connectors().set_draft(&id).await.unwrap();
    bench.workspace.connectors().delete(&id).await.unwrap();
    assert!(bench.workspace.connectors().list().await.unwrap().is_empty());
    assert_eq!(bench.workspace.executions().get(&execution.id).await.unwrap_err().code, ProblemCode::NotFound);
}

#[tokio::test]
async fn r1_a_connector_without_a_url_can_be_saved_but_not_set_live() {
    let bench = Bench::new().await;
    let id = bench.connector(connector("C", "", &[])).await;
    assert!(bench.workspace.connectors().get(&id).await.unwrap().not_ready.is_some());
    assert_eq!(bench.workspace.connectors().set_live(&id).await.unwrap_err().field.as_deref(), Some("url"));
}

fn types(fields: &[ResponseField]) -> Vec<(&str, ResponseFieldType, bool)> {
    fields.iter().map(|field| (field.path.as_str(), field.field_type, field.redacted)).collect()
}

#[tokio::test]
async fn r2_the_fields_come_from_the_last_test() {
    let bench = Bench::new().await;
    bench.server.answers(|_| {
        Answer::json(200, &json!({"id": 7, "at": "2026-01-02T03:04:05Z", "sum": 1.5, "open": true, "lines": [{"sku": "a"}]}))
    });
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[])).await;
    bench.run(&id).await;
    let draft = bench.workspace.connectors().get(&id).await.unwrap().draft;
    assert_eq!(draft.configuration_response_type, Some(ConfigurationResponseType::TestResponseType));
    let mut found = types(&draft.response_fields);
    found.sort_by_key(|(path, ..)| *path);
    let expected =
        [("at", Datetime), ("id", Integer), ("lines[].sku", ResponseFieldType::String), ("open", Boolean), ("sum", Decimal)];
    assert_eq!(found, expected.map(|(path, kind)| (path, kind, false)));

    bench.server.answers(|_| Answer::json(500, &json!({"error": "x"})));
    bench.run(&id).await;
    assert_eq!(
        bench.workspace.connectors().get(&id).await.unwrap().draft.response_fields.len(),
        5,
        "a failure teaches nothing"
    );
}

#[tokio::test]
async fn r2_a_live_run_teaches_no_fields() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    assert!(bench.run_from(&id, SourceType::Workflow).await.success);
    assert!(bench.workspace.connectors().get(&id).await.unwrap().draft.response_fields.is_empty());
}

#[tokio::test]
async fn r2_a_test_keeps_the_marks_and_the_types_of_redacted_fields() {
    let bench = Bench::new().await;
    let answer = json!({"id": 7, "card": {"number": 4_111_111_111_111_111_u64, "holder": "Zoe Zimmer"}, "at": "2026-01-02"});
    bench.server.answers(move |_| Answer::json(200, &answer));
    let mut draft = connector("C", &bench.server.at("/x"), &[]);
    draft.response_fields = vec![
        marked("card.number", ResponseFieldType::Integer),
        marked("card.holder", ResponseFieldType::String),
        marked("at", ResponseFieldType::Datetime),
    ];
    let id = bench.connector(draft).await;
    for _ in 0..2 {
        assert!(bench.run(&id).await.success);
    }
    let fields = bench.workspace.connectors().get(&id).await.unwrap().draft.response_fields;
    let mut found = types(&fields);
    found.sort_by_key(|(path, ..)| *path);
    let expected = [
        ("at", Datetime, true),
        ("card.holder", ResponseFieldType::String, true),
        ("card.number", Integer, true),
        ("id", Integer, false),
    ];
    assert_eq!(found, expected, "a redacted field keeps its type, whatever the log shows in its place");
    assert!(fields.iter().filter(|field| field.redacted).all(|field| field.example_value.is_none()));
}

#[tokio::test]
async fn r2_what_a_test_teaches_holds_no_token() {
    let bench = Bench::new().await;
    bench.server.answers(|received| Answer::json(200, &json!({"echo": received.header("authorization")})));
    let token = bench.token(text_token("Key", "fixed-token-value")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[&token])).await;
    assert!(bench.run(&id).await.success);
    let fields = bench.workspace.connectors().get(&id).await.unwrap().draft.response_fields;
    assert_eq!(fields.len(), 1);
    assert_free_of(&json!(fields).to_string(), "fixed-token-value", "echoed token");
}

#[tokio::test]
async fn r2_learning_fields_does_not_undo_what_is_saved_meanwhile() {
    let bench = Bench::new().await;
    let gate = Gate::closed();
    let held = gate.clone();
    bench.server.answers(move |_| Answer::json(200, &json!({"id": 7})).held(&held));
    let id = bench.connector(connector("C", &bench.server.at("/old"), &[])).await;
    let run = bench.start(&id).await;
    bench.server.arrived("/old", 1).await;
    bench.workspace.connectors().save(Some(&id), connector("C", &bench.server.at("/new"), &[])).await.unwrap();
    bench.workspace.connectors().set_live(&id).await.unwrap();
    gate.open();
    assert!(within("the run", run.outcome()).await.unwrap().success);
    let after = bench.workspace.connectors().get(&id).await.unwrap();
    assert_eq!((after.draft.url, after.summary.state), (bench.server.at("/new"), ConnectorState::Live));
}

#[tokio::test]
async fn r2_a_redacted_field_is_nowhere_in_the_record() {
    let bench = Bench::new().await;
    let answer = json!({
        "customer": {"email": "zoe@secret.example", "name": "Zoe Zimmer"},
        "again": "mail to zoe@secret.example today",
        "pin": 12_345_678,
    });
    bench.server.answers(move |_| Answer::json(200, &answer).with("X-Mail", "zoe@secret.example"));
    let mut draft = connector("C", &bench.server.at("/x"), &[]);
    draft.response_fields = vec![
        marked("customer.email", ResponseFieldType::String),
        marked("customer.name", ResponseFieldType::String),
        marked("pin", ResponseFieldType::Integer),
    ];
    draft.object_mappings = vec![mapping("customer", "email", "mail"), mapping("", "pin", "pin")];
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    let record = json!(execution).to_string();
    for value in ["zoe@secret.example", "Zoe Zimmer", "12345678"] {
        assert_free_of(&record, value, "redacted field");
    }
    for mapped in &execution.mapped_fields {
        assert_eq!(mapped.value, "\"****\"", "{}", mapped.path);
    }
    let body: Value = serde_json::from_str(execution.response_body.as_deref().unwrap()).unwrap();
    assert_eq!(body["customer"], json!({"email": "****", "name": "****"}));
}

#[tokio::test]
async fn r2_a_redacted_field_is_redacted_in_a_refusal_too() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(422, &json!({"customer": {"email": "zoe@secret.example"}})));
    let mut draft = connector("C", &bench.server.at("/x"), &[]);
    draft.response_fields = vec![marked("customer.email", ResponseFieldType::String)];
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    assert_free_of(&json!(execution).to_string(), "zoe@secret.example", "redacted field");
}

#[tokio::test]
async fn r2_a_mock_response_gives_the_fields_and_a_dry_run_without_the_network() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let mut draft = bench.workspace.connectors().get(&id).await.unwrap().draft;
    draft.mock_response = r#"{"order": {"status": "mocked", "mail": "zoe@secret.example"}}"#.into();
    draft.object_mappings = vec![mapping("order", "status", "order_status")];
    let saved = bench.workspace.connectors().save(Some(&id), draft).await.unwrap().draft;
    assert_eq!(saved.configuration_response_type, Some(ConfigurationResponseType::MockResponseType));
    assert_eq!(saved.response_fields.len(), 2);
    let execution = bench.play(&id).await;
    assert!(execution.success && execution.mock, "{}", execution.sentence);
    assert!(execution.sentence.contains("nothing was sent"), "{}", execution.sentence);
    assert_eq!(execution.mapped_fields[0].value, "\"mocked\"");
    assert_eq!((bench.server.count("/orders"), bench.logins(), execution.http_status), (0, 1, None));
    let gate = execution.steps.iter().find(|step| step.kind == StepKind::Gate).unwrap();
    assert!(!gate.detail.contains("is sent."), "a mock sends no token, so its log must not say so: {}", gate.detail);

    // A test over the network leaves the fields of the mock as they are.
    assert!(!bench.run(&id).await.mock);
    let after = bench.workspace.connectors().get(&id).await.unwrap().draft;
    assert_eq!(after.configuration_response_type, Some(ConfigurationResponseType::MockResponseType));

    let mut marked_draft = after;
    marked_draft.response_fields.iter_mut().filter(|field| field.path == "order.mail").for_each(|field| field.redacted = true);
    bench.workspace.connectors().save(Some(&id), marked_draft).await.unwrap();
    assert_free_of(&json!(bench.play(&id).await).to_string(), "zoe@secret.example", "redacted field of a mock");
}

#[tokio::test]
async fn r3_mapped_fields_say_which_value_goes_where() {
    let bench = Bench::new().await;
    let (token, _) = bench.orders().await;
    let mut draft = connector("Mapped", &bench.server.at("/orders"), &[&token]);
    draft.object_mappings = vec![mapping("order", "status", "order_status"), mapping("", "order.id", "order_id")];
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    let mapped: Vec<_> =
        execution.mapped_fields.iter().map(|it| (it.attribute.as_str(), it.path.as_str(), it.value.as_str())).collect();
    assert_eq!(mapped, [("order_status", "order.status", "\"shipped\""), ("order_id", "order.id", "\"A-1042\"")]);
}

#[tokio::test]
async fn r4_bypass_sends_no_token_fetches_none_and_says_so() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let draft = ConnectorDraft { bypass_authentication: true, ..bench.workspace.connectors().get(&id).await.unwrap().draft };
    bench.workspace.connectors().save(Some(&id), draft).await.unwrap();
    let execution = bench.run(&id).await;
    assert_eq!((execution.http_status, bench.server.count("/orders"), bench.logins()), (Some(401), 1, 1));
    assert_eq!(bench.server.last("/orders").header("authorization"), None);
    assert!(execution.steps[0].detail.contains("bypassed"), "{}", execution.steps[0].detail);
}

#[tokio::test]
async fn r4_fin_runs_what_is_set_up_for_it() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let mut draft = bench.workspace.connectors().get(&id).await.unwrap().draft;
    draft.direct_fin_usage = true;
    bench.workspace.connectors().save(Some(&id), draft).await.unwrap();
    bench.workspace.connectors().set_live(&id).await.unwrap();
    assert!(bench.run_from(&id, SourceType::Fin).await.success);
}

#[tokio::test]
async fn r5_redacted_access_works_like_full_access_with_its_marks() {
    let bench = Bench::new().await;
    let (token, _) = bench.orders().await;
    let mut draft = connector("Redacted", &bench.server.at("/orders"), &[&token]);
    draft.data_transformation_type = DataTransformationType::RedactedAccess;
    draft.response_fields = vec![marked("order.status", ResponseFieldType::String)];
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    let body: Value = serde_json::from_str(execution.response_body.as_deref().unwrap()).unwrap();
    assert_eq!(body, json!({"order": {"id": "A-1042", "status": "****"}}));
}

#[tokio::test]
async fn r5_what_can_not_be_run_is_kept_as_it_came() {
    let bench = Bench::new().await;
    let mut draft = connector("C", &bench.server.at("/x"), &[]);
    draft.data_transformation_type = DataTransformationType::CodeBlockTransformation;
    draft.client_function_name = Some("lookUp".into());
    draft.client_function_timeout_ms = Some(1234);
    let id = bench.connector(draft).await;
    let kept = bench.workspace.connectors().get(&id).await.unwrap().draft;
    assert_eq!(kept.data_transformation_type, DataTransformationType::CodeBlockTransformation);
    assert_eq!((kept.client_function_name.as_deref(), kept.client_function_timeout_ms), (Some("lookUp"), Some(1234)));
}

#[tokio::test]
async fn a_log_is_paged_and_filtered_newest_first() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    for _ in 0..4 {
        bench.run(&id).await;
    }
    bench.api_answers(|_, _| Answer::status(500));
    let failed = bench.run(&id).await;
    let log = bench.workspace.executions();
    let first = log.list(ExecutionFilter::of_connector(&id), None, 3).await.unwrap();
    assert_eq!((first.rows.len(), first.rows[0].id.as_str()), (3, failed.id.as_str()));
    let rest = log.list(ExecutionFilter::of_connector(&id), first.before, 3).await.unwrap();
    assert_eq!((rest.rows.len(), rest.before), (2, None));
    let failures = ExecutionFilter {
        success: Some(false),
        error_type: Some(ErrorType::ThirdPartyError),
        ..ExecutionFilter::of_connector(&id)
    };
    assert_eq!(log.list(failures, None, 10).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn two_tokens_or_a_header_on_one_header_are_refused_when_saving() {
    let bench = Bench::new().await;
    let one = bench.token(text_token("One", "value-one")).await.summary.id;
    let two = bench.token(text_token("Two", "value-two")).await.summary.id;
    let both = connector("C", &bench.server.at("/x"), &[&one, &two]);
    let problem = bench.workspace.connectors().save(None, both).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("token_ids[1]"));
    let mut own = connector("C", &bench.server.at("/x"), &[&one]);
    own.headers = vec![field("authorization", "Basic x", true)];
    let problem = bench.workspace.connectors().save(None, own).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("headers[0].name"));
}

#[tokio::test]
async fn r1_a_live_connector_keeps_its_name_until_its_edits_are_live() {
    let bench = Bench::new().await;
    let id = bench.connector(connector("Old", &bench.server.at("/x"), &[])).await;
    let taken = bench.connector(connector("Taken", &bench.server.at("/y"), &[])).await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    bench.workspace.connectors().save(Some(&id), connector("New", &bench.server.at("/x"), &[])).await.unwrap();
    assert_eq!(bench.workspace.connectors().id_of("Old").await.unwrap(), id, "scripts find it by its live name");
    let problem =
        bench.workspace.connectors().save(Some(&id), connector("Taken", &bench.server.at("/x"), &[])).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("name"), "a name that another has is refused at once");
    bench.workspace.connectors().set_live(&id).await.unwrap();
    assert_eq!(bench.workspace.connectors().id_of("New").await.unwrap(), id);
    assert_ne!(id, taken);
}

#[tokio::test]
async fn t1_a_token_can_not_take_a_header_that_its_connectors_already_send() {
    let bench = Bench::new().await;
    let first =
        bench.token(TokenDraft { request_header_key: "X-One".into(), ..text_token("First", "value-1") }).await.summary.id;
    let second =
        bench.token(TokenDraft { request_header_key: "X-Two".into(), ..text_token("Second", "value-2") }).await.summary.id;
    let mut draft = connector("C", &bench.server.at("/x"), &[&first, &second]);
    draft.headers = vec![field("X-Tenant", "acme", false)];
    bench.connector(draft).await;
    for key in ["X-Two", "x-tenant"] {
        let edited = TokenDraft { id: Some(first.clone()), request_header_key: key.into(), ..text_token("First", "value-1") };
        let problem = bench.workspace.tokens().save(edited, None).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("request_header_key"), "{key}: {}", problem.message);
        assert!(problem.message.contains("“C”"), "the refusal names the connector");
    }
}
