//! Secrets over real HTTP (S2–S4): nothing that took part is recorded, and nothing leaves for another origin.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use latchkey::token::{Encoding, TokenDraft, TokenLocation};
use serde_json::json;

use support::bench::CLIENT_SECRET;
use support::drafts::{connector, field, login, login_token, text_token};
use support::{Answer, Bench, Server, assert_free_of};

/// The same secret in every spelling that a server may echo it in.
fn echoes(secret: &str) -> serde_json::Value {
    let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    json!({
        "plain": secret,
        "in_text": format!("you sent {secret}, thank you"),
        "percent": percent,
        "lower": percent.to_lowercase().replace(&secret.to_lowercase(), ""),
        "form": url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>(),
        "base64": [STANDARD.encode(secret), STANDARD.encode(format!("x{secret}")), STANDARD.encode(format!("xy{secret}z"))],
        "base64url": URL_SAFE_NO_PAD.encode(format!("user:{secret}")),
        "json_in_json": json!({"inner": secret}).to_string(),
    })
}

#[tokio::test]
async fn s2_secrets_that_the_api_echoes_are_nowhere_in_the_record() {
    let bench = Bench::new().await;
    let session =
        TokenDraft { request_header_key: "X-Session".into(), token_prefix: String::new(), ..bench.login_draft("Session") };
    let session = bench.tested_token(session).await.summary.id;
    let key = "k3y/with \"quotes\" & + signs";
    let key_token = bench.token(text_token("Key", key)).await.summary.id;
    let header_secret = "typed-into/the connector+header";
    let mut draft = connector("Echo", &bench.server.at("/echo"), &[&session, &key_token]);
    draft.headers = vec![field("X-Tenant-Note", header_secret, true), field("X-Plain", "plain-note", false)];
    let id = bench.connector(draft).await;
    let session_value = bench.value(&session).await;
    let echoed = [session_value.clone(), key.to_owned(), header_secret.to_owned(), CLIENT_SECRET.to_owned()];
    let body = json!(echoed.iter().map(|secret| echoes(secret)).collect::<Vec<_>>());
    let in_header = format!("seen {session_value}");
    for (status, content_type) in [(200, "application/json"), (200, "text/plain"), (403, "application/json")] {
        let (body, in_header) = (body.clone(), in_header.clone());
        bench.server.answers(move |_| {
            Answer::text(status, content_type, body.to_string())
                .with("X-Echo", &in_header)
                .with("Location", &format!("/elsewhere?key={}", "k3y"))
                .with("Set-Cookie", "sid=a-cookie-value")
        });
        let execution = bench.run(&id).await;
        let record = json!(execution).to_string();
        for secret in &echoed {
            assert_free_of(&record, secret, "secret");
        }
        assert_free_of(&record, "a-cookie-value", "cookie");
        assert!(record.contains("plain-note"), "what is no secret is shown");
        assert!(record.contains("thank you"), "only the secret is taken out of a text");
    }
}

#[tokio::test]
async fn s2_a_value_that_was_refused_and_the_one_that_replaced_it_are_both_redacted() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let before = bench.value(&token).await;
    bench.issuer.expire();
    bench.api_answers({
        let before = before.clone();
        move |received, issuer| {
            let sent = received.header("authorization").unwrap_or_default().to_owned();
            let status = if issuer.accepts(received) { 200 } else { 401 };
            Answer::json(status, &json!({"sent": sent, "first": before}))
        }
    });
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    let record = json!(execution).to_string();
    assert_free_of(&record, &before, "refused value");
    assert_free_of(&record, &bench.value(&token).await, "renewed value");
}

#[tokio::test]
async fn s2_steps_are_redacted_when_they_are_told_too() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let value = bench.value(&token).await;
    bench.server.answers(|received| Answer::json(200, &json!({"sent": received.header("authorization")})));
    let mut run = bench.start(&id).await;
    while let Some(step) = support::within("the next step", run.next_step()).await {
        assert_free_of(&json!(step).to_string(), &value, "token value");
    }
}

#[tokio::test]
async fn s2_a_password_in_a_form_body_is_in_no_record_of_a_login() {
    let bench = Bench::new().await;
    let mut request = bench.login_request();
    request.encoding = Encoding::Form;
    request.headers = vec![field("X-Vault", "vault-header-value", true)];
    let token = bench.tested_token(login_token("T", request, TokenLocation::json("/data/access_token"))).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/orders"), &[&token])).await;
    bench.issuer.expire();
    bench.login_answers(|received, issuer| {
        // A login that repeats what it was sent, in a header that is otherwise recorded.
        issuer.logged_in().with("X-Request-Id", &received.body).with("Server", "vault-header-value")
    });
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    let record = json!(execution).to_string();
    assert_free_of(&record, CLIENT_SECRET, "password");
    assert_free_of(&record, "vault-header-value", "login's header");
}

#[tokio::test]
async fn s2_a_secret_as_the_name_of_a_header_or_member_is_not_recorded() {
    let bench = Bench::new().await;
    let key = "k3y-of-the-api-9000";
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => Answer::json(200, &json!({"t": "the new value", key: 1})).with(key, "seen"),
        _ => Answer::json(200, &json!({key: {"a": 1}})).with(key, "seen"),
    });
    let session = login_token("Session", login(&bench.server.at("/login"), key), TokenLocation::json("/t"));
    let session = bench.tested_token(TokenDraft { request_header_key: "X-Session".into(), ..session }).await.summary.id;
    bench.workspace.tokens().forget(&session).await.unwrap();
    let token = bench.token(text_token("Key", key)).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/api"), &[&token, &session])).await;
    let execution = bench.run(&id).await;
    assert!(execution.success && execution.refreshes() == 1, "{}", execution.sentence);
    assert_free_of(&json!(execution).to_string(), key, "key");
    let learned = bench.workspace.connectors().get(&id).await.unwrap().draft.response_fields;
    assert!(!json!(learned).to_string().contains(key), "a path that holds a secret is not learned: {learned:?}");
}

#[tokio::test]
async fn s2_a_secret_at_the_place_where_a_long_body_is_cut_leaves_no_half_behind() {
    let bench = Bench::new().await;
    let key = "k3y-that-is-cut-in-two";
    let token = bench.token(text_token("Key", key)).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/api"), &[&token])).await;
    // Nine characters of it stand before the limit.
    let body = format!("{}{key}{}", "x".repeat(1024 * 1024 - 9), "y".repeat(100));
    bench.server.answers(move |_| Answer::text(200, "text/plain", body.clone()));
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    let record = json!(execution).to_string();
    assert!(record.contains("xxx****") && !record.contains("xk3y-"), "redacted before it is cut");
}

#[tokio::test]
async fn s2_query_and_fragment_of_the_url_are_not_recorded() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let id = bench.connector(connector("C", &bench.server.at("/x?api_key=in-the-query"), &[])).await;
    let execution = bench.run(&id).await;
    assert_eq!(bench.server.last("/x").query, "api_key=in-the-query");
    assert_free_of(&json!(execution).to_string(), "in-the-query", "query");
}

#[tokio::test]
async fn s1_s2_no_file_of_the_workspace_holds_a_secret_or_a_body() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.issuer.expire();
    assert!(bench.run(&id).await.success);
    let value = bench.value(&token).await;
    let mut files = 0;
    let mut folders = vec![bench.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for text in [CLIENT_SECRET, value.as_str(), "A-1042", "Orders login"] {
                let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                assert!(!found, "{} holds {text} in the clear", path.display());
            }
        }
    }
    assert!(files >= 2, "the database and its log were looked at");
}

#[tokio::test]
async fn s3_another_origin_gets_neither_token_nor_secret_header() {
    let bench = Bench::new().await;
    let elsewhere = Server::start(|_| Answer::json(200, &json!({}))).await;
    let token = bench.token(TokenDraft { request_header_key: "X-Odd-Name".into(), ..text_token("Key", "token-of-ours") });
    let token = token.await.summary.id;
    let mut draft = connector("C", &bench.server.at("/leave"), &[&token]);
    draft.headers = vec![
        field("X-Tenant", "secret-of-ours", true),
        field("Cookie", "sid=cookie-of-ours", false),
        field("X-Plain", "plain", false),
    ];
    let id = bench.connector(draft).await;
    let there = elsewhere.at("/there");
    bench.server.answers(move |received| match received.path.as_str() {
        "/leave" => Answer::redirect(302, "/still-here"),
        _ => Answer::redirect(302, &there),
    });
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(bench.server.last("/still-here").header("x-odd-name"), Some("Bearer token-of-ours"), "the same origin gets it");
    let received = elsewhere.last("/there");
    for name in ["x-odd-name", "x-tenant", "cookie", "referer", "authorization"] {
        assert_eq!(received.header(name), None, "{name} must not leave");
    }
    assert_eq!(received.header("x-plain"), Some("plain"));
    let ours = format!("{received:?}");
    assert!(!ours.contains("of-ours"), "{ours}");
}

#[tokio::test]
async fn s3_a_login_that_redirects_elsewhere_does_not_take_the_password_along() {
    let bench = Bench::new().await;
    let elsewhere = Server::start(|_| Answer::json(200, &json!({"data": {"access_token": "theirs-not-ours"}}))).await;
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    let there = elsewhere.at("/login");
    bench.login_answers(move |_, _| Answer::redirect(307, &there));
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(latchkey::execution::ErrorType::TokenRefreshError));
    assert!(elsewhere.all().is_empty(), "a body is never resent to another origin");
}

#[tokio::test]
async fn s4_a_login_answer_beyond_a_connectors_limit_is_read() {
    let bench = Bench::new().await;
    let padding = "x".repeat(11 * 1024 * 1024);
    bench.server.answers(move |_| {
        Answer::text(200, "application/json", format!("{{\"padding\":\"{padding}\",\"token\":\"after-the-padding\"}}"))
    });
    let draft = login_token("T", login(&bench.server.at("/login"), CLIENT_SECRET), TokenLocation::json("/token"));
    let id = bench.tested_token(draft).await.summary.id;
    bench.workspace.tokens().refresh(&id).await.unwrap();
    assert_eq!((bench.value(&id).await.as_str(), bench.generation(&id).await), ("after-the-padding", 2));
}

#[tokio::test]
async fn s4_a_connectors_response_is_read_up_to_its_limit_and_recorded_in_part() {
    let bench = Bench::new().await;
    let body = "x".repeat(10 * 1024 * 1024);
    bench.server.answers(move |_| Answer::text(200, "text/plain", body.clone()));
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[])).await;
    let execution = bench.run(&id).await;
    assert!(execution.success, "10 MiB are within the limit: {}", execution.sentence);
    let recorded = execution.response_body.unwrap();
    assert!(recorded.len() < 2 * 1024 * 1024 && recorded.contains("cut here"), "a log does not carry all of it");
}

/// Answers every request with this status line and an empty body.
async fn server_with_status_line(line: String) -> std::io::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer = format!("{line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok(format!("http://{address}"))
}

#[tokio::test]
async fn s2_a_reason_phrase_that_repeats_a_secret_is_redacted_before_anyone_reads_it() {
    let bench = Bench::new().await;
    let token = bench.tested_token(bench.login_draft("Login")).await.summary.id;
    let value = bench.value(&token).await;
    let echoing = server_with_status_line(format!("HTTP/1.1 401 you sent {CLIENT_SECRET} and hold {value}")).await.unwrap();
    let report = bench.test(&login_token("Other", login(&echoing, CLIENT_SECRET), TokenLocation::json("/t"))).await;
    let report = json!(report).to_string();
    bench.login_answers(move |_, _| Answer::redirect(302, &echoing));
    let problem = bench.workspace.tokens().refresh(&token).await.unwrap_err();
    assert!(problem.message.contains("401"), "{}", problem.message);
    for secret in [CLIENT_SECRET, value.as_str()] {
        assert_free_of(&problem.message, secret, "refresh's problem");
        assert_free_of(&report, secret, "test's report");
    }
}

#[tokio::test]
async fn s2_the_password_inside_a_basic_credential_is_redacted_too() {
    let bench = Bench::new().await;
    let password = "Tr0ub4dor-and-3";
    let basic = STANDARD.encode(format!("user:{password}"));
    let token = TokenDraft { token_prefix: "Basic".into(), ..text_token("Basic", &basic) };
    let token = bench.token(token).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/api"), &[&token])).await;
    bench.server.answers(move |_| Answer::json(403, &json!({"error": format!("no access with {password}")})));
    let execution = bench.run(&id).await;
    assert_free_of(&json!(execution).to_string(), password, "record");
}

#[tokio::test]
async fn s2_a_short_secret_that_stands_by_itself_is_redacted() {
    let bench = Bench::new().await;
    let token = bench.token(text_token("Short", "a1b")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/api"), &[&token])).await;
    bench.server.answers(|_| Answer::json(200, &json!({"seen": {"key": "a1b"}, "text": "a1bout nothing"})));
    let execution = bench.run(&id).await;
    let body = execution.raw_response_body.clone().unwrap();
    assert!(body.contains(r#""key":"****""#) && body.contains("a1bout"), "{body}");
    assert!(!json!(execution).to_string().contains(r#":\"a1b\""#), "no copy of the body keeps it");
}

#[tokio::test]
async fn s3_an_unmarked_credential_header_of_a_login_goes_to_no_other_origin() {
    let bench = Bench::new().await;
    let other = Server::start(|_| Answer::json(200, &json!({"t": "value-of-the-token"}))).await;
    let mut request = bench.login_request();
    request.method = "GET".into();
    request.parameters.clear();
    request.headers = vec![field("X-Api-Key", "unmarked-key-77", false)];
    let elsewhere = other.at("/login");
    bench.login_answers(move |_, _| Answer::redirect(302, &elsewhere));
    let report = bench.test(&login_token("Login", request, TokenLocation::json("/t"))).await;
    assert_eq!(report.http_status, 200);
    assert_eq!(other.last("/login").header("x-api-key"), None, "a credential header stays with its origin, whatever its mark");
}

#[tokio::test]
async fn s3_a_401_of_another_origin_renews_nothing_and_is_named() {
    let bench = Bench::new().await;
    let other = Server::start(|_| Answer::status(401)).await;
    let token = bench.tested_token(bench.login_draft("Login")).await.summary.id;
    let logins = bench.logins();
    let id = bench.connector(connector("C", &bench.server.at("/away"), &[&token])).await;
    let elsewhere = other.at("/there");
    bench.api_answers(move |_, _| Answer::redirect(302, &elsewhere));
    let execution = bench.run(&id).await;
    assert_eq!(bench.logins(), logins, "the token was not refused: it was not even sent there");
    assert_eq!(other.count("/there"), 1, "and nothing is sent twice");
    let host = other.at("").replace("http://", "");
    assert!(execution.sentence.contains(host.trim_end_matches('/')), "{}", execution.sentence);
}
