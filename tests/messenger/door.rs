//! Who is let in: `Host`, origin, `app_id`, methods and addresses (M4), and what browsers ask before they call.

use latchkey::customer::messenger::{IdentityVerification, sdk};
use serde_json::json;

use crate::desk::{Desk, PAGE, TOKEN, sent};

#[tokio::test]
async fn m4_the_app_id_is_this_workspaces() {
    let desk = Desk::new().await;
    assert!(
        desk.app_id.len() == 12 && desk.app_id.bytes().all(|digit| b"0123456789abcdef".contains(&digit)),
        "{}",
        desk.app_id
    );
    let session = desk.boot("42").await;
    for app_id in ["000000000000", &desk.app_id[..11], &format!("{}0", desk.app_id), &desk.app_id.to_uppercase()] {
        if app_id == desk.app_id {
            continue;
        }
        for path in ["/v1/boot", "/v1/update", "/v1/auth_tokens", "/v1/shutdown"] {
            let call = desk.call(path).from(PAGE).session(&session).with("app_id", app_id).with("user_id", "42");
            let reply = call.tokens(&[(TOKEN, "for another workspace")]).send().await;
            assert_eq!(reply.refusal(), (403, "wrong_app_id"), "{app_id} {path}");
            assert_eq!(reply.header("access-control-allow-origin"), Some(PAGE), "the page can read why");
        }
    }
    assert_eq!(desk.stored("42", TOKEN), None);
    assert_eq!(desk.set(&session, &[(TOKEN, "the session lives on")]).send().await.status, 200);
}

#[tokio::test]
async fn m4_only_pages_of_allowed_origins_are_heard_and_no_other_can_read_an_answer() {
    let desk = Desk::new().await;
    for origin in [
        "http://evil.example",
        "https://shop.example",
        "http://shop.example:80",
        "http://shop.example.evil.example",
        "http://SHOP.example",
        "null",
        "",
        "file://",
    ] {
        let boot = desk.call("/v1/boot").from(origin).with("user_id", "42").tokens(&[(TOKEN, "of a foreign page")]);
        let reply = boot.send().await;
        assert_eq!(reply.refusal(), (403, "origin_not_allowed"), "{origin}");
        assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
        let call = desk.last_call().await;
        assert_eq!((call.origin.as_deref(), call.http_status), (Some(origin), 403));
    }
    let two = desk.call("/v1/boot").from(PAGE).from(PAGE).with("user_id", "42").send().await;
    assert_eq!(two.refusal(), (403, "origin_not_allowed"));
    // `null` stays out also when somebody wrote it into the settings by hand.
    let database = desk.database();
    let kept = r#""null * http://shop.example""#;
    let key = "messenger.allowed_origins";
    database.write(|transaction| latchkey::store::settings::put(transaction, key, kept)).unwrap();
    let null = desk.call("/v1/boot").from("null").with("user_id", "42").send().await;
    assert_eq!(null.refusal(), (403, "origin_not_allowed"));
    assert!(desk.customer("42").is_none());
    desk.allow(&[PAGE], IdentityVerification::Off).await;
    assert_eq!(desk.call("/v1/boot").from(PAGE).with("user_id", "42").send().await.status, 200);
}

#[tokio::test]
async fn m4_a_call_without_an_origin_is_taken_with_identity_verification_only() {
    let desk = Desk::new().await;
    let reply = desk.call("/v1/boot").with("user_id", "42").tokens(&[(TOKEN, "of a program")]).send().await;
    assert_eq!(reply.refusal(), (403, "origin_missing"));
    assert!(desk.customer("42").is_none());
    desk.allow(&[PAGE], IdentityVerification::Jwt).await;
    assert_eq!(desk.call("/v1/boot").with("user_id", "42").send().await.refusal(), (401, "identity_missing"));
}

#[tokio::test]
async fn m4_a_page_that_gave_its_own_name_this_address_is_not_answered() {
    let desk = Desk::new().await;
    let port = desk.status().await.port;
    for host in
        ["shop.example", &format!("shop.example:{port}"), &format!("localhost.evil.example:{port}"), "127.0.0.1", "127.0.0.1:1"]
    {
        for (method, path) in [("POST", "/v1/boot"), ("OPTIONS", "/v1/boot"), ("GET", "/messenger.js"), ("GET", "/")] {
            let request = desk.request(method, path).header("Host", host).header("Origin", PAGE);
            let reply = sent(request.header("Content-Type", "application/json").body("{}")).await;
            assert_eq!(reply.refusal(), (403, "wrong_host"), "{host} {method} {path}");
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
    let host = format!("localhost:{port}");
    let boot = desk.call("/v1/boot").header("Host", &host).from(PAGE).with("user_id", "42").send().await;
    assert_eq!(boot.status, 200);
}

#[tokio::test]
async fn m4_a_preflight_is_granted_to_allowed_origins_only() {
    let desk = Desk::new().await;
    let asks = |origin: &str| {
        let request = desk.request("OPTIONS", "/v1/auth_tokens").header("Origin", origin);
        request
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,content-type")
    };
    let granted = sent(asks(PAGE)).await;
    assert_eq!(granted.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "authorization, content-type"),
        ("access-control-max-age", "600"),
        ("vary", "Origin"),
    ] {
        assert_eq!(granted.header(name), Some(value), "{name}");
    }
    assert_eq!(granted.header("access-control-allow-credentials"), None);
    assert_eq!(granted.header("access-control-allow-private-network"), None);
    let private = sent(asks(PAGE).header("Access-Control-Request-Private-Network", "true")).await;
    assert_eq!(private.header("access-control-allow-private-network"), Some("true"));
    assert_eq!(desk.status().await.calls, [], "the call itself is what people look for");
    let refused = sent(asks("http://evil.example")).await;
    assert_eq!(refused.refusal(), (403, "origin_not_allowed"));
    assert!(refused.headers.iter().all(|(name, _)| !name.starts_with("access-control-")), "{refused:?}");
    let call = desk.last_call().await;
    assert_eq!((call.call.as_str(), call.http_status), ("setAuthTokens", 403), "the browser sends nothing after it");
}

#[tokio::test]
async fn m1_the_sdk_is_served_to_every_page_and_only_once_while_it_is_the_same() {
    let desk = Desk::new().await;
    for (path, content_type, content) in [
        ("/messenger.js", "text/javascript; charset=utf-8", sdk::SCRIPT.to_owned()),
        ("/messenger.mjs", "text/javascript; charset=utf-8", sdk::module_source()),
        ("/messenger.d.ts", "text/plain; charset=utf-8", sdk::TYPES.to_owned()),
    ] {
        let reply = sent(desk.request("GET", path).header("Origin", "http://any.example")).await;
        assert_eq!((reply.status, &reply.body), (200, &json!(content)), "{path}");
        for (name, value) in [
            ("content-type", content_type),
            ("access-control-allow-origin", "*"),
            ("cache-control", "no-cache"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path} {name}");
        }
        let etag = reply.header("etag").unwrap();
        for known in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}")] {
            let again = sent(desk.request("GET", path).header("If-None-Match", known)).await;
            assert_eq!((again.status, again.header("etag")), (304, Some(etag)));
        }
        let newer = sent(desk.request("GET", path).header("If-None-Match", "\"other\"")).await;
        assert_eq!(newer.status, 200);
        let head = sent(desk.request("HEAD", path)).await;
        assert_eq!((head.status, head.header("content-length")), (200, Some(content.len().to_string().as_str())));
        assert_eq!(sent(desk.request("POST", path)).await.refusal(), (405, "method_not_allowed"));
    }
}

#[tokio::test]
async fn m1_other_methods_and_addresses_are_told_what_there_is() {
    let desk = Desk::new().await;
    for method in ["GET", "PUT", "DELETE", "HEAD", "PATCH"] {
        let reply = sent(desk.request(method, "/v1/boot").header("Origin", PAGE)).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("POST, OPTIONS")), "{method}");
    }
    for path in ["/", "/v1", "/v1/boot/", "/v1//boot", "/V1/BOOT", "/messenger.js/..", "/%6dessenger.js"] {
        let reply = sent(desk.request("POST", path).header("Origin", PAGE)).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let odd = format!("/{}", "x".repeat(2000));
    assert_eq!(sent(desk.request("GET", &odd)).await.refusal(), (404, "not_found"));
    assert!(desk.last_call().await.call.chars().count() < 110, "what is shown of an address is bounded");
    let queried = desk.call("/v1/boot?app_id=7").from(PAGE).with("user_id", "42").send().await;
    assert_eq!(queried.status, 200, "a query is passed over");
}
