//! Tokens over real HTTP (T1–T9): what is sent, what a save asks for, what is kept and what is shown.

mod support;

use latchkey::execution::{ErrorType, SourceType, StepKind};
use latchkey::token::{Encoding, FieldDraft, LocationIn, TokenDraft, TokenDraftKind, TokenLocation};
use latchkey::workspace::{ProblemCode, TestHandle, ValueChange};
use rstest::rstest;
use serde_json::json;

use support::bench::{CLIENT_SECRET, step};
use support::drafts::{connector, field, login, login_token, text_token};
use support::{Answer, Bench, Gate, assert_free_of};

/// The draft as a form sends it to edit a saved token: secrets left out and named by their place.
fn edited(draft: &TokenDraft, id: &str) -> TokenDraft {
    let mut draft = TokenDraft { id: Some(id.to_owned()), ..draft.clone() };
    if let TokenDraftKind::HttpRequest { request, .. } = &mut draft.kind {
        for fields in [&mut request.headers, &mut request.parameters] {
            for (position, field) in fields.iter_mut().enumerate() {
                *field = FieldDraft { value: None, stored: u32::try_from(position).ok(), ..field.clone() };
            }
        }
    }
    draft
}

fn at(draft: TokenDraft, place: TokenLocation) -> TokenDraft {
    match draft.kind.clone() {
        TokenDraftKind::HttpRequest { request, .. } => login_token(&draft.name, request, place),
        TokenDraftKind::Text { .. } | TokenDraftKind::User => draft,
    }
}

#[rstest]
#[case("Authorization", "Bearer", "Bearer abc.def")]
#[case("X-Api-Key", "", "abc.def")]
#[case("Authorization", "  Token ", "Token abc.def")]
#[tokio::test]
async fn t1_a_token_is_sent_as_its_header_with_one_space_after_a_prefix(
    #[case] key: &str,
    #[case] prefix: &str,
    #[case] line: &str,
) {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let draft = TokenDraft { request_header_key: key.into(), token_prefix: prefix.into(), ..text_token("Key", "abc.def") };
    let token = bench.token(draft).await;
    assert!(!token.summary.header_preview.contains("abc.def"), "a preview masks the value: {}", token.summary.header_preview);
    assert!(token.summary.header_preview.starts_with(&format!("{key}: ")));
    let connector = bench.connector(connector("C", &bench.server.at("/x"), &[&token.summary.id])).await;
    assert!(bench.run(&connector).await.success);
    assert_eq!(bench.server.last("/x").header(key), Some(line));
}

#[tokio::test]
async fn t2_a_text_token_is_the_same_for_test_and_live_runs() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let token = bench.token(text_token("Key", "fixed-value")).await;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[&token.summary.id])).await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    bench.run(&id).await;
    bench.run_from(&id, SourceType::Workflow).await;
    let sent: Vec<_> = bench.server.received("/x").iter().map(|it| it.header("authorization").map(str::to_owned)).collect();
    assert_eq!(sent, [Some("Bearer fixed-value".to_owned()), Some("Bearer fixed-value".to_owned())]);
}

#[tokio::test]
async fn t3_a_request_token_is_not_saved_without_a_test() {
    let bench = Bench::new().await;
    let problem = bench.workspace.tokens().save(bench.login_draft("T"), None).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NeedsTest);
    assert!(!problem.next_step.is_empty());
    let problem = bench.workspace.tokens().save(bench.login_draft("T"), Some("no such test")).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::ResponseGone);
    assert!(bench.workspace.tokens().list().await.unwrap().is_empty());
    assert_eq!(bench.logins(), 0);
}

#[tokio::test]
async fn t3_a_failed_test_is_no_proof() {
    let bench = Bench::new().await;
    bench.login_answers(|_, _| Answer::json(403, &json!({"data": {"access_token": "not-for-you"}})));
    let draft = bench.login_draft("T");
    let report = bench.test(&draft).await;
    assert!(!report.ok);
    assert!(report.suggestions.is_empty(), "nothing of a refusal is suggested as a token");
    assert!(report.advice.is_some());
    let problem = bench.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NeedsTest);
}

#[tokio::test]
async fn t3_the_test_must_be_of_exactly_this_request() {
    let bench = Bench::new().await;
    let tested = bench.login_draft("T");
    let report = bench.test(&tested).await;
    let TokenDraftKind::HttpRequest { request, .. } = &tested.kind else { panic!("it is a request token") };
    let mut others = vec![request.clone(); 6];
    others[0].url = bench.server.at("/login?x=1");
    others[1].method = "PUT".to_owned();
    others[2].encoding = Encoding::Form;
    others[3].parameters[1] = field("client_secret", "another", true);
    others[4].parameters.swap(0, 1);
    others[5].headers.push(field("X-Extra", "1", false));
    for (number, other) in others.into_iter().enumerate() {
        let changed = login_token("T", other, TokenLocation::json("/data/access_token"));
        let problem = bench.workspace.tokens().save(changed, Some(&report.test_id)).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NeedsTest, "change {number} was let through");
    }
    bench.workspace.tokens().save(tested, Some(&report.test_id)).await.unwrap();
}

#[tokio::test]
async fn t3_the_location_must_yield_a_value_in_that_test() {
    let bench = Bench::new().await;
    let draft = bench.login_draft("T");
    let report = bench.test(&draft).await;
    for pointer in ["/data", "/data/refresh_token", "/expires_in/x"] {
        let elsewhere = at(draft.clone(), TokenLocation::json(pointer));
        let problem = bench.workspace.tokens().save(elsewhere, Some(&report.test_id)).await.unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::Invalid, Some("location")), "{pointer}");
    }
}

#[tokio::test]
async fn t3_a_template_in_an_authentication_request_is_refused_with_the_reason() {
    let bench = Bench::new().await;
    let mut request = bench.login_request();
    request.parameters[0] = field("client_id", "{{customer}}", false);
    let draft = login_token("T", request, TokenLocation::json("/data/access_token"));
    let problem = bench.workspace.test_draft(&draft, &TestHandle::default(), |_| ()).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("parameters[0].value"));
    assert!(problem.message.contains("same for every customer"), "{}", problem.message);
    assert_eq!(bench.logins(), 0);
}

#[rstest]
#[case(Encoding::Json, Some("application/json"), "", r#"{"client_id":"shop-7","client_secret":"s3cret/of+the login"}"#)]
#[case(Encoding::Form, Some("application/x-www-form-urlencoded"), "", "client_id=shop-7&client_secret=s3cret%2Fof%2Bthe+login")]
#[case(Encoding::Query, None, "client_id=shop-7&client_secret=s3cret%2Fof%2Bthe+login", "")]
#[tokio::test]
async fn t3_key_value_pairs_arrive_as_they_are_to_be_sent(
    #[case] encoding: Encoding,
    #[case] content_type: Option<&str>,
    #[case] query: &str,
    #[case] body: &str,
) {
    let bench = Bench::new().await;
    let mut request = bench.login_request();
    request.encoding = encoding;
    request.headers.push(field("X-Tenant", "blue", false));
    let draft = login_token("T", request, TokenLocation::json("/data/access_token"));
    bench.tested_token(draft).await;
    let received = bench.server.last("/login");
    assert_eq!((received.method.as_str(), received.header("x-tenant")), ("POST", Some("blue")));
    assert_eq!((received.header("content-type"), received.query.as_str()), (content_type, query));
    if encoding == Encoding::Json {
        let expected: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(received.json(), expected);
    } else {
        assert_eq!(received.body, body);
    }
}

#[tokio::test]
async fn t3_name_prefix_and_header_change_without_a_test_and_keep_the_value() {
    let bench = Bench::new().await;
    let draft = bench.login_draft("T");
    let saved = bench.tested_token(draft.clone()).await;
    let (id, value) = (saved.summary.id.clone(), bench.value(&saved.summary.id).await);
    assert_eq!((saved.summary.generation, saved.summary.last_change), (1, Some(ValueChange::Saved)));
    let renamed = TokenDraft {
        name: "Renamed".into(),
        description: "for orders".into(),
        request_header_key: "X-Session".into(),
        token_prefix: String::new(),
        ..edited(&draft, &id)
    };
    let kept = bench.token(renamed).await;
    assert_eq!((kept.summary.name.as_str(), kept.summary.generation), ("Renamed", 1));
    assert_eq!(bench.value(&id).await, value);
    assert_eq!(bench.logins(), 1, "nothing was asked to rename a token");
}

#[tokio::test]
async fn t3_a_changed_request_asks_for_a_test_and_replaces_the_value() {
    let bench = Bench::new().await;
    let draft = bench.login_draft("T");
    let id = bench.tested_token(draft.clone()).await.summary.id;
    let before = bench.value(&id).await;
    let mut changed = edited(&draft, &id);
    let TokenDraftKind::HttpRequest { request, .. } = &mut changed.kind else { panic!("it is a request token") };
    request.parameters.push(field("scope", "orders", false));
    let problem = bench.workspace.tokens().save(changed.clone(), None).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NeedsTest);
    assert_eq!(bench.value(&id).await, before, "a refused save must change nothing");

    let saved = bench.tested_token(changed).await;
    assert_eq!(bench.server.last("/login").json()["client_secret"], CLIENT_SECRET, "the stored secret fills the form's gap");
    assert_eq!(saved.summary.generation, 2);
    let after = bench.value(&id).await;
    assert_ne!(after, before, "the value of the old request is gone");
    assert!(after.starts_with("value/2"), "the new test's own value is stored: {after}");
}

#[tokio::test]
async fn t3_a_changed_location_asks_for_a_test_and_replaces_the_value() {
    let bench = Bench::new().await;
    let draft = bench.login_draft("T");
    let id = bench.tested_token(draft.clone()).await.summary.id;
    let moved = at(draft, TokenLocation::json("/note"));
    let moved = edited(&moved, &id);
    assert_eq!(bench.workspace.tokens().save(moved.clone(), None).await.unwrap_err().code, ProblemCode::NeedsTest);
    let saved = bench.tested_token(moved).await;
    assert_eq!((saved.summary.generation, bench.value(&id).await.as_str()), (2, "of the login alone"));
}

#[rstest]
#[case(TokenLocation::json("/data/access_token"), "from-json", LocationIn::Json, "/data/access_token")]
#[case(TokenLocation::json("$.data.access_token"), "from-json", LocationIn::Json, "/data/access_token")]
#[case(TokenLocation::json("$..access_token"), "from-json", LocationIn::Json, "/data/access_token")]
#[case(TokenLocation::json("/number"), "12345678901234567890", LocationIn::Json, "/number")]
#[case(TokenLocation::header("X-Auth-Token"), "from-header", LocationIn::Header, "X-Auth-Token")]
#[tokio::test]
async fn t4_a_value_is_found_by_pointer_jsonpath_and_header(
    #[case] location: TokenLocation,
    #[case] value: &str,
    #[case] part: LocationIn,
    #[case] normalised: &str,
) {
    let bench = Bench::new().await;
    bench.login_answers(|_, _| {
        Answer::text(200, "application/json", r#"{"data":{"access_token":"from-json"},"number":12345678901234567890}"#)
            .with("X-Auth-Token", "from-header")
    });
    let draft = at(bench.login_draft("T"), location);
    let saved = bench.tested_token(draft).await;
    assert_eq!(bench.value(&saved.summary.id).await, value);
    let location = saved.location.unwrap();
    assert_eq!((location.part, location.at.as_str()), (part, normalised), "what is stored is normalised");
}

#[tokio::test]
async fn t4_a_refresh_finds_the_value_where_the_test_found_it() {
    let bench = Bench::new().await;
    bench.login_answers(|_, issuer| Answer::json(200, &json!({})).with("X-Auth-Token", &issuer.issue()));
    let id = bench.tested_token(at(bench.login_draft("T"), TokenLocation::header("x-auth-token"))).await.summary.id;
    let refreshed = bench.workspace.tokens().refresh(&id).await.unwrap();
    assert_eq!(refreshed.summary.generation, 2);
    assert!(bench.value(&id).await.starts_with("value/2"));
}

#[tokio::test]
async fn t6_another_host_gets_nothing_and_the_refusal_is_recorded() {
    let bench = Bench::new().await;
    let token = bench.tested_token(TokenDraft { domain: Some("example.com".into()), ..bench.login_draft("T") }).await;
    bench.workspace.tokens().forget(&token.summary.id).await.unwrap();
    let id = bench.connector(connector("C", &bench.server.at("/orders"), &[&token.summary.id])).await;
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::RequestConfigurationError));
    assert!(execution.sentence.contains("example.com") && execution.sentence.contains("127.0.0.1"), "{}", execution.sentence);
    assert!(!execution.next_step.is_empty());
    assert_eq!((bench.server.count("/orders"), bench.logins()), (0, 1), "nothing is sent, not even the login");
    let log =
        bench.workspace.executions().list(latchkey::execution::ExecutionFilter::of_connector(&id), None, 10).await.unwrap();
    assert_eq!(log.rows.len(), 1);
}

#[tokio::test]
async fn t6_its_own_host_gets_it() {
    let bench = Bench::new().await;
    let token = bench.tested_token(TokenDraft { domain: Some("127.0.0.1".into()), ..bench.login_draft("T") }).await;
    let id = bench.connector(connector("C", &bench.server.at("/orders"), &[&token.summary.id])).await;
    assert!(bench.run(&id).await.success);
}

#[tokio::test]
async fn t7_a_token_in_use_is_not_deleted_and_the_refusal_names_the_connectors() {
    let bench = Bench::new().await;
    let token = bench.token(text_token("Key", "fixed-value")).await.summary.id;
    let first = bench.connector(connector("First", &bench.server.at("/1"), &[&token])).await;
    let second = bench.connector(connector("Second", &bench.server.at("/2"), &[&token])).await;
    let problem = bench.workspace.tokens().delete(&token).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::InUse);
    assert!(problem.message.contains("“First”") && problem.message.contains("“Second”"), "{}", problem.message);

    // A live connector's draft no longer uses it, but what is live does.
    bench.workspace.connectors().set_live(&second).await.unwrap();
    bench.workspace.connectors().save(Some(&second), connector("Second", &bench.server.at("/2"), &[])).await.unwrap();
    bench.workspace.connectors().delete(&first).await.unwrap();
    assert_eq!(bench.workspace.tokens().delete(&token).await.unwrap_err().code, ProblemCode::InUse);
    bench.workspace.connectors().set_live(&second).await.unwrap();
    bench.workspace.tokens().delete(&token).await.unwrap();
    assert!(bench.workspace.tokens().list().await.unwrap().is_empty());
}

#[tokio::test]
async fn t8_no_view_of_a_token_a_test_or_a_connector_holds_a_secret() {
    let bench = Bench::new().await;
    let mut request = bench.login_request();
    request.headers.push(field("X-Vault", "header-secret-1", true));
    let draft = login_token("T", request, TokenLocation::json("/data/access_token"));
    let report = bench.test(&draft).await;
    let token = bench.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap().summary.id;
    let text = bench.token(TokenDraft { request_header_key: "X-Key".into(), ..text_token("Key", "fixed-value-2") }).await;
    let mut orders = connector("C", &bench.server.at("/orders"), &[&token, &text.summary.id]);
    orders.headers.push(field("X-Api-Key", "header-secret-3", false));
    let connector = bench.connector(orders).await;
    let execution = bench.run(&connector).await;
    let value = bench.value(&token).await;

    let workspace = &bench.workspace;
    let rows = workspace.responses();
    rows.expand_all(&report.response_id, true).await.unwrap();
    let response = workspace.executions().open_response(&execution.id).await.unwrap().unwrap();
    let place = TokenLocation::json("/data/access_token");
    let views = json!({
        "test": report,
        "rows": rows.rows(&report.response_id, 0, 100).await.unwrap(),
        "located": workspace.locate(&report.test_id, place, "Authorization", "Bearer").await.unwrap(),
        "tokens": workspace.tokens().list().await.unwrap(),
        "token": workspace.tokens().get(&token).await.unwrap(),
        "text": text,
        "connectors": workspace.connectors().list().await.unwrap(),
        "connector": workspace.connectors().get(&connector).await.unwrap(),
        "execution": execution,
        "log": workspace.executions().list(latchkey::execution::ExecutionFilter::of_connector(&connector), None, 10).await.unwrap(),
        "response": rows.rows(&response, 0, 100).await.unwrap(),
    })
    .to_string();
    for (secret, whose) in [
        (CLIENT_SECRET, "client secret"),
        ("header-secret-1", "login's header"),
        ("fixed-value-2", "text token's value"),
        ("header-secret-3", "connector's credential header"),
        (value.as_str(), "token value"),
    ] {
        assert_free_of(&views, secret, whose);
    }
    assert!(views.contains("shop-7"), "what the user unmarked is shown");
}

#[tokio::test]
async fn t9_refresh_now_asks_the_login_and_is_recorded_as_done_by_hand() {
    let bench = Bench::new().await;
    let id = bench.tested_token(bench.login_draft("T")).await.summary.id;
    let refreshed = bench.workspace.tokens().refresh(&id).await.unwrap().summary;
    assert_eq!((refreshed.generation, refreshed.last_change), (2, Some(ValueChange::RefreshedByHand)));
    assert_eq!(bench.logins(), 2);

    bench.login_answers(|_, _| Answer::status(503));
    let problem = bench.workspace.tokens().refresh(&id).await.unwrap_err();
    assert!(problem.message.contains("503") && !problem.next_step.is_empty(), "{problem}");
    assert!(bench.value(&id).await.starts_with("value/2"), "a failed refresh keeps the value");
    let after = bench.workspace.tokens().get(&id).await.unwrap().summary;
    assert_eq!((after.generation, after.last_test.map(|test| (test.http_status, test.ok))), (2, Some((Some(503), false))));
}

#[tokio::test]
async fn t9_refresh_now_of_a_text_token_is_refused() {
    let bench = Bench::new().await;
    let id = bench.token(text_token("Key", "fixed-value")).await.summary.id;
    assert!(bench.workspace.tokens().refresh(&id).await.is_err());
    assert_eq!((bench.generation(&id).await, bench.value(&id).await.as_str()), (1, "fixed-value"));
}

#[tokio::test]
async fn t9_a_forgotten_value_is_recorded_as_such_and_fetched_by_the_next_run() {
    let bench = Bench::new().await;
    let (token, connector) = bench.orders().await;
    let forgotten = bench.workspace.tokens().forget(&token).await.unwrap().summary;
    assert_eq!((forgotten.has_value, forgotten.last_change), (false, Some(ValueChange::ForgottenByHand)));
    assert_eq!(forgotten.generation, 2, "a run that is under way must notice");
    let execution = bench.run(&connector).await;
    assert!(execution.success, "{}", execution.sentence);
    let step = step(&execution, StepKind::Refresh).token.clone().unwrap();
    assert_eq!((step.generation_before, step.generation_after), (2, 3));
    assert_eq!(bench.workspace.tokens().get(&token).await.unwrap().summary.last_change, Some(ValueChange::Fetched));
}

#[tokio::test]
async fn t9_a_value_forgotten_while_the_api_is_asked_is_fetched_and_never_sent_again() {
    let bench = Bench::new().await;
    let (token, connector) = bench.orders().await;
    let gate = Gate::closed();
    let held = gate.clone();
    bench.issuer.expire();
    bench.api_answers(move |received, issuer| issuer.api(received).held(&held));
    let run = bench.start(&connector).await;
    bench.server.arrived("/orders", 1).await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    gate.open();
    let execution = support::within("the run", run.outcome()).await.unwrap();
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!((bench.logins(), bench.generation(&token).await), (2, 3));
}

#[tokio::test]
async fn t3_a_test_of_an_edited_request_says_nothing_about_the_saved_token() {
    let bench = Bench::new().await;
    let saved = bench.tested_token(bench.login_draft("Login")).await.summary;
    let last = |detail: latchkey::workspace::TokenDetail| detail.summary.last_test.map(|test| (test.http_status, test.ok));
    bench.login_answers(|_, _| Answer::status(401));
    let edited = TokenDraft {
        id: Some(saved.id.clone()),
        ..login_token("Login", login(&bench.server.at("/login"), "another-secret-value"), TokenLocation::json("/t"))
    };
    bench.test(&edited).await;
    assert_eq!(last(bench.workspace.tokens().get(&saved.id).await.unwrap()), Some((Some(200), true)));

    let unchanged = TokenDraft { id: Some(saved.id.clone()), ..bench.login_draft("Login") };
    bench.test(&unchanged).await;
    assert_eq!(last(bench.workspace.tokens().get(&saved.id).await.unwrap()), Some((Some(401), false)));
    bench.login_answers(|_, _| Answer::json(200, &json!({})));
    bench.test(&unchanged).await;
    let without = last(bench.workspace.tokens().get(&saved.id).await.unwrap());
    assert_eq!(without, Some((Some(200), false)), "a 200 without the token at its place is no good answer");
}
