use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

/// Long before a slow endpoint answers, long after any other does.
const SOON: Duration = Duration::from_millis(1500);

async fn started() -> (Sandbox, Client) {
    (Sandbox::start(0).await.unwrap(), Client::builder().no_proxy().build().unwrap())
}

async fn login(sandbox: &Sandbox, client: &Client) -> Response {
    let body = json!({ "username": DEMO_USER, "password": DEMO_PASSWORD });
    client.post(format!("{}/login", sandbox.base_url())).json(&body).send().await.unwrap()
}

async fn logged_in(sandbox: &Sandbox, client: &Client) -> String {
    let body: Value = login(sandbox, client).await.json().await.unwrap();
    body["data"]["session"]["access_token"].as_str().unwrap().to_owned()
}

async fn order(sandbox: &Sandbox, client: &Client, token: &str) -> Response {
    client.get(format!("{}/orders/A-17", sandbox.base_url())).bearer_auth(token).send().await.unwrap()
}

async fn oauth(sandbox: &Sandbox, client: &Client, form: &str) -> (StatusCode, Value) {
    let request = client.post(format!("{}/oauth/token", sandbox.base_url()));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

#[tokio::test]
async fn sandbox_login_answers_a_session() {
    let (sandbox, client) = started().await;
    let response = login(&sandbox, &client).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-session-id"].len(), 36);
    let body: Value = response.json().await.unwrap();
    let session = &body["data"]["session"];
    assert_eq!(session["access_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!((&session["expires_in"], &session["token_type"]), (&json!(900), &json!("Bearer")));
    assert!(session["refresh_token"].is_string());
    assert_eq!(body["data"]["user"].as_object().unwrap().len(), 12);
    assert_eq!(body["meta"].as_object().unwrap().len(), 3);
    assert_eq!(sandbox.logins(), 1);
}

#[tokio::test]
async fn sandbox_login_takes_a_form_too() {
    let (sandbox, client) = started().await;
    let request = client.post(format!("{}/login", sandbox.base_url()));
    let request = request.header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let response = request.body("username=demo&password=demo%2Dpassword").send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[rstest]
#[case(r#"{"username": "demo", "password": "wrong"}"#, 401, "invalid_credentials")]
#[case(r#"{"username": "Demo", "password": "demo-password"}"#, 401, "invalid_credentials")]
#[case(r#"{"username": "demo"}"#, 400, "invalid_request")]
#[case("<b>", 400, "invalid_request")]
#[case("", 400, "invalid_request")]
#[tokio::test]
async fn sandbox_login_refuses_what_is_wrong(#[case] body: &'static str, #[case] status: u16, #[case] error: &str) {
    let (sandbox, client) = started().await;
    let response = client.post(format!("{}/login", sandbox.base_url())).body(body).send().await.unwrap();
    assert_eq!(response.status(), status);
    assert_eq!(response.json::<Value>().await.unwrap()["error"], error);
    assert_eq!(sandbox.logins(), 1, "a refused login is a login too");
}

#[tokio::test]
async fn sandbox_bodies_are_limited() {
    let (sandbox, client) = started().await;
    let body = "x".repeat(64 * 1024 + 1);
    let response = client.post(format!("{}/login", sandbox.base_url())).body(body).send().await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(response.json::<Value>().await.unwrap()["error"], "payload_too_large");
}

#[rstest]
#[case(
    "grant_type=client_credentials&client_id=demo-client&client_secret=demo-client-secret",
    200,
    "orders:read refunds:write"
)]
#[case(
    "grant_type=client_credentials&client_id=demo-client&client_secret=demo-client-secret&scope=orders:read",
    200,
    "orders:read"
)]
#[case("grant_type=client_credentials&client_id=demo-client&client_secret=x", 401, "invalid_client")]
#[case("grant_type=client_credentials", 401, "invalid_client")]
#[case("grant_type=password&client_id=demo-client&client_secret=demo-client-secret", 400, "unsupported_grant_type")]
#[case("client_id=demo-client&client_secret=demo-client-secret", 400, "invalid_request")]
#[case("grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request")]
#[case("grant_type=client_credentials&client_id=demo-client&client_secret=demo-client-secret&scope=all", 400, "invalid_scope")]
#[tokio::test]
async fn sandbox_oauth_answers_as_rfc_6749_says(#[case] form: &str, #[case] status: u16, #[case] expected: &str) {
    let (sandbox, client) = started().await;
    let (answered, body) = oauth(&sandbox, &client, form).await;
    assert_eq!(answered, status);
    assert_eq!(body[if status == 200 { "scope" } else { "error" }], expected);
    assert_eq!(body["access_token"].is_string(), status == 200);
}

#[tokio::test]
async fn sandbox_oauth_takes_the_client_by_http_basic() {
    let (sandbox, client) = started().await;
    let ask = |id: &str, secret: &str, form: &'static str| {
        let request = client.post(format!("{}/oauth/token", sandbox.base_url())).basic_auth(id, Some(secret));
        request.header("content-type", "application/x-www-form-urlencoded").body(form).send()
    };
    let good = ask(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, "grant_type=client_credentials").await.unwrap();
    assert_eq!(good.status(), 200);
    let token = good.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(order(&sandbox, &client, &token).await.status(), 200);
    let bad = ask(DEMO_CLIENT_ID, "x", "grant_type=client_credentials").await.unwrap();
    assert_eq!((bad.status().as_u16(), bad.headers()["www-authenticate"].to_str().unwrap()), (401, "Basic realm=\"sandbox\""));
    let both = ask(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, "grant_type=client_credentials&client_secret=x").await.unwrap();
    assert_eq!(both.status(), 400);
}

#[tokio::test]
async fn sandbox_orders_need_a_token_and_echo_their_id() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    let body: Value = order(&sandbox, &client, &token).await.json().await.unwrap();
    assert_eq!((&body["order"]["id"], &body["order"]["status"]), (&json!("A-17"), &json!("shipped")));
    let missing = client.get(format!("{}/orders/missing-1", sandbox.base_url())).bearer_auth(&token).send().await.unwrap();
    assert_eq!(missing.status(), 404);
    let none = client.get(format!("{}/orders/A-17", sandbox.base_url())).send().await.unwrap();
    assert_eq!(none.status(), 401);
    let unknown = order(&sandbox, &client, "eyJ.e30.x").await;
    assert_eq!(unknown.status(), 401);
    let challenge = "Bearer error=\"invalid_token\", error_description=\"The access token expired\"";
    assert_eq!(unknown.headers()["www-authenticate"], challenge);
}

#[tokio::test]
async fn sandbox_ids_come_back_as_json_and_never_as_html() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    let address = format!("{}/orders/%3Cscript%3E%22", sandbox.base_url());
    let response = client.get(address).bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.json::<Value>().await.unwrap()["order"]["id"], "<script>\"");
}

#[rstest]
#[case(json!({"order_id": "A-17", "amount": 12.5, "reason": "late"}), 201, &[])]
#[case(json!({"order_id": "A-17", "amount": 1}), 201, &[])]
#[case(json!({"order_id": "", "amount": 0, "reason": 1}), 422, &["amount", "order_id", "reason"])]
#[case(json!({"order_id": 17, "amount": "1"}), 422, &["amount", "order_id"])]
#[case(json!([]), 400, &[])]
#[tokio::test]
async fn sandbox_refunds_are_made_or_refused_by_field(#[case] refund: Value, #[case] status: u16, #[case] fields: &[&str]) {
    let (sandbox, client) = started().await;
    let address = format!("{}/refunds", sandbox.base_url());
    assert_eq!(client.post(&address).json(&refund).send().await.unwrap().status(), 401);
    let token = logged_in(&sandbox, &client).await;
    let response = client.post(&address).bearer_auth(token).json(&refund).send().await.unwrap();
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    let errors: Vec<_> = body["errors"].as_object().map(|errors| errors.keys().collect()).unwrap_or_default();
    assert_eq!(errors, fields);
}

#[tokio::test]
async fn sandbox_expires_every_token_at_once() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    sandbox.expire_tokens_now();
    assert_eq!(order(&sandbox, &client, &token).await.status(), 401);
    assert_eq!(sandbox.requests()[0].note, "token expired");
    let renewed = logged_in(&sandbox, &client).await;
    assert_eq!(order(&sandbox, &client, &renewed).await.status(), 200);
    assert_eq!(sandbox.logins(), 2);
}

#[tokio::test]
async fn sandbox_a_lifetime_counts_for_tokens_issued_later() {
    let (sandbox, client) = started().await;
    let lasting = logged_in(&sandbox, &client).await;
    sandbox.set_switches(Switches { token_lifetime_seconds: 0, ..Switches::default() });
    let short = logged_in(&sandbox, &client).await;
    assert_eq!(order(&sandbox, &client, &lasting).await.status(), 200);
    assert_eq!(order(&sandbox, &client, &short).await.status(), 401);
}

#[tokio::test]
async fn sandbox_login_down_answers_503() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    sandbox.set_switches(Switches { login_down: true, ..Switches::default() });
    assert_eq!(login(&sandbox, &client).await.status(), 503);
    assert_eq!(oauth(&sandbox, &client, "grant_type=client_credentials").await.0, 503);
    assert_eq!(order(&sandbox, &client, &token).await.status(), 200, "only the login endpoints are down");
}

#[tokio::test]
async fn sandbox_login_without_token_answers_200() {
    let (sandbox, client) = started().await;
    sandbox.set_switches(Switches { login_without_token: true, ..Switches::default() });
    let response = login(&sandbox, &client).await;
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    assert!(!text.contains("access_token") && !text.contains("refresh_token"), "{text}");
    let form = "grant_type=client_credentials&client_id=demo-client&client_secret=demo-client-secret";
    let (status, body) = oauth(&sandbox, &client, form).await;
    assert_eq!((status.as_u16(), body.get("access_token")), (200, None));
}

#[tokio::test]
async fn sandbox_login_moves_token_to_another_place_where_it_is_as_good() {
    let (sandbox, client) = started().await;
    sandbox.set_switches(Switches { login_moves_token: true, ..Switches::default() });
    let body: Value = login(&sandbox, &client).await.json().await.unwrap();
    assert_eq!(body["data"]["session"], Value::Null);
    assert_eq!(body["data"]["credentials"]["expires_in"], 900);
    let token = body["data"]["credentials"]["access_token"].as_str().unwrap();
    assert_eq!(order(&sandbox, &client, token).await.status(), 200);
    let form = "grant_type=client_credentials&client_id=demo-client&client_secret=demo-client-secret";
    let (status, body) = oauth(&sandbox, &client, form).await;
    assert_eq!((status.as_u16(), body.get("access_token")), (200, None));
    assert!(body["credentials"]["access_token"].is_string());
}

#[tokio::test]
async fn sandbox_api_access_denied_answers_200_without_the_order() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    sandbox.set_switches(Switches { api_access_denied: true, ..Switches::default() });
    let denied = order(&sandbox, &client, "unknown").await;
    assert_eq!(denied.status(), 200);
    assert_eq!(denied.json::<Value>().await.unwrap()["message"], "access denied");
    let body: Value = order(&sandbox, &client, &token).await.json().await.unwrap();
    assert_eq!(body["order"]["id"], "A-17", "a good token still works");
}

#[tokio::test]
async fn sandbox_api_down_answers_503() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    sandbox.set_switches(Switches { api_down: true, ..Switches::default() });
    assert_eq!(order(&sandbox, &client, &token).await.status(), 503);
    assert_eq!(login(&sandbox, &client).await.status(), 200, "only the API is down");
}

#[tokio::test]
async fn sandbox_login_slow_lets_the_caller_wait_and_the_api_answer() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    sandbox.set_switches(Switches { login_slow: true, ..Switches::default() });
    let mut changes = sandbox.subscribe();
    let impatient = Client::builder().no_proxy().timeout(SOON).build().unwrap();
    let body = json!({ "username": DEMO_USER, "password": DEMO_PASSWORD });
    let slow = impatient.post(format!("{}/login", sandbox.base_url())).json(&body).send();
    let (slow, fast) = tokio::join!(slow, order(&sandbox, &impatient, &token));
    assert!(slow.unwrap_err().is_timeout());
    assert_eq!(fast.status(), 200);
    let left = changes.wait_for(|_| sandbox.requests().first().is_some_and(|request| request.path == "/login"));
    left.await.unwrap();
    assert_eq!(sandbox.requests()[0].http_status, 499, "a caller who hung up is seen as such");
}

#[tokio::test]
async fn sandbox_api_slow_ends_early_only_with_the_sandbox() {
    let (sandbox, client) = started().await;
    let token = logged_in(&sandbox, &client).await;
    sandbox.set_switches(Switches { api_slow: true, ..Switches::default() });
    let address = format!("{}/orders/A-17", sandbox.base_url());
    let slow = tokio::spawn(client.get(&address).bearer_auth(&token).send());
    let hurried = Client::builder().no_proxy().timeout(Duration::from_millis(300)).build().unwrap();
    assert!(hurried.get(&address).bearer_auth(&token).send().await.unwrap_err().is_timeout());
    tokio::time::timeout(SOON, sandbox.stop()).await.expect("stopping does not wait for a slow answer");
    assert_eq!(slow.await.unwrap().unwrap().status(), 200, "a request under way is still answered");
}

#[tokio::test]
async fn sandbox_refuses_a_foreign_host() {
    let (sandbox, client) = started().await;
    let ask = |host: String| client.get(sandbox.base_url()).header("host", host).send();
    assert_eq!(ask(format!("localhost:{}", sandbox.port())).await.unwrap().status(), 200);
    for host in [format!("evil.example:{}", sandbox.port()), "127.0.0.1".to_owned(), "127.0.0.1:1".to_owned()] {
        assert_eq!(ask(host).await.unwrap().status(), 421);
    }
    assert_eq!(sandbox.requests()[0].note, "foreign Host header");
}

#[tokio::test]
async fn sandbox_answers_json_where_there_is_nothing() {
    let (sandbox, client) = started().await;
    let nothing = client.get(format!("{}/nothing", sandbox.base_url())).send().await.unwrap();
    assert_eq!((nothing.status().as_u16(), nothing.json::<Value>().await.unwrap()["error"].as_str()), (404, Some("not_found")));
    let wrong = client.get(format!("{}/login", sandbox.base_url())).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
    assert!(wrong.json::<Value>().await.unwrap()["error"].is_string());
}

#[tokio::test]
async fn sandbox_remembers_a_hundred_requests_without_queries_and_tells_of_changes() {
    let (sandbox, client) = started().await;
    let mut changes = sandbox.subscribe();
    for number in 0..105 {
        client.get(format!("{}/n{number}?secret=1", sandbox.base_url())).send().await.unwrap();
    }
    let requests = sandbox.requests();
    assert_eq!((requests.len(), requests[0].path.as_str(), requests[99].path.as_str()), (100, "/n104", "/n5"));
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    sandbox.set_switches(Switches::default());
    assert!(changes.has_changed().unwrap());
}

#[tokio::test]
async fn sandbox_a_taken_port_is_said_so_and_stopping_frees_it() {
    let (sandbox, client) = started().await;
    let port = sandbox.port();
    let failure = Sandbox::start(port).await.err().unwrap();
    assert_eq!(failure.to_string(), format!("The port {port} is in use by another program."));
    let token = logged_in(&sandbox, &client).await;
    sandbox.stop().await;
    let again = Sandbox::start(port).await.unwrap();
    assert_eq!(order(&again, &client, &token).await.status(), 401, "a restart forgets every token");
    assert_eq!(again.logins(), 0);
}

#[tokio::test]
async fn sandbox_stops_when_it_is_dropped() {
    let (sandbox, client) = started().await;
    let port = sandbox.port();
    login(&sandbox, &client).await;
    drop(sandbox);
    // The listener is closed when the aborted task is next looked at, which this waits for.
    let restarted = async {
        loop {
            if let Ok(sandbox) = Sandbox::start(port).await {
                return sandbox;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), restarted).await.expect("the port is free again");
}
