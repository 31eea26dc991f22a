//! A page and the real Messenger of a workspace: what it hands over is what the connector's next run sends.

use latchkey::customer::messenger::{IdentityVerification, MessengerCall, sdk};
use latchkey::execution::ErrorType;
use latchkey::token::{TokenDraft, TokenDraftKind};
use latchkey::workspace::SnippetLanguage;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::support::assert_free_of;
use crate::support::drafts::text_token;
use crate::support::shop::{IDENTITY_SECRET, Shop};

fn script(shop: &Shop) -> String {
    format!("<script src='{}/messenger.js'></script><script>window.app_id = '{}'</script>", shop.address, shop.app_id)
}

/// One page of an allowed origin.
async fn page_of(shop: &Shop) -> (Browser, Page) {
    let (browser, page) = Browser::page(script(shop)).await;
    shop.allow(&[&browser.origin], IdentityVerification::Off).await;
    (browser, page)
}

async fn last_call(shop: &Shop) -> MessengerCall {
    shop.calls().await.into_iter().next().unwrap()
}

async fn boot(page: &mut Page, user_id: &str, value: &str) -> Value {
    let boot = format!(
        "return await Intercom('boot', {{ app_id, user_id: '{user_id}', auth_tokens: {{ security_token: '{value}' }} }})"
    );
    page.run(&boot).await
}

fn set(value: &str) -> String {
    format!("return (await Intercom('setAuthTokens', {{ security_token: '{value}' }})).stored")
}

#[tokio::test]
async fn m3_the_very_next_run_sends_what_the_page_handed_over() {
    let shop = Shop::open().await;
    let (browser, mut page) = page_of(&shop).await;
    let before = shop.run("42").await;
    assert_eq!(before.error_type, Some(ErrorType::NonFinStandaloneActionIdentityVerificationError));
    assert_eq!(boot(&mut page, "42", "value-of-boot").await, json!({"userId": "42", "stored": ["security_token"]}));
    assert_eq!(shop.sent("42").await, "Bearer value-of-boot");
    assert_eq!(page.run(&set("value-set-later")).await, json!(["security_token"]));
    assert_eq!(shop.sent("42").await, "Bearer value-set-later");
    let call = last_call(&shop).await;
    assert_eq!((call.call.as_str(), call.http_status), ("setAuthTokens", 200));
    assert_eq!((call.origin.as_deref(), call.user_id.as_deref()), (Some(browser.origin.as_str()), Some("42")));
    assert_free_of(&format!("{call:?}"), "value-set-later", "value of the customer");
    page.run("await Intercom('update', { app_id, authTokens: { security_token: 'value-of-update' } })").await;
    assert_eq!(shop.sent("42").await, "Bearer value-of-update");
    // The session ends, what is stored stays (M5).
    page.run("await Intercom('shutdown')").await;
    assert_eq!(page.fails(&set("value-too-late")).await["code"], "not_booted");
    assert_eq!(shop.sent("42").await, "Bearer value-of-update");
}

#[tokio::test]
async fn m2_what_is_refused_names_why_and_nothing_known_is_lost() {
    let shop = Shop::open().await;
    let (_browser, mut page) = page_of(&shop).await;
    boot(&mut page, "42", "first-value").await;
    let partly =
        page.fails("return await Intercom('setAuthTokens', { security_token: 'second-value', unheard_of: 'x' })").await;
    assert_eq!((&partly["code"], &partly["status"]), (&json!("unknown_tokens"), &json!(422)));
    assert_eq!((&partly["keys"], &partly["stored"]), (&json!(["unheard_of"]), &json!(["security_token"])));
    assert!(partly["message"].as_str().unwrap().contains("unheard_of"), "{partly}");
    assert_eq!(shop.sent("42").await, "Bearer second-value");
    let large = page.fails("return await Intercom('setAuthTokens', { security_token: 'x'.repeat(70_000) })").await;
    assert_eq!((&large["code"], &large["status"]), (&json!("too_large"), &json!(413)));
    let wrong = page.fails("return await Intercom('boot', { app_id: 'ffffffffffff', user_id: '42', auth_tokens: { security_token: 'of another' } })").await;
    assert_eq!((&wrong["code"], &wrong["status"]), (&json!("wrong_app_id"), &json!(403)));
    for error in [partly, large, wrong] {
        assert!(!error["nextStep"].as_str().unwrap().is_empty(), "{error}");
    }
    assert_eq!(shop.sent("42").await, "Bearer second-value");
    // A boot with an unknown name keeps the known one, and its session is open.
    let mixed = "return await Intercom('boot', { app_id, user_id: '42', auth_tokens: { security_token: 'third-value', unheard_of: 'x' } })";
    assert_eq!(page.fails(mixed).await["stored"], json!(["security_token"]));
    assert_eq!(shop.sent("42").await, "Bearer third-value");
    page.run(&set("fourth-value")).await;
    assert_eq!(shop.sent("42").await, "Bearer fourth-value");
}

#[tokio::test]
async fn m4_a_page_of_a_foreign_origin_is_not_heard_and_the_list_of_calls_shows_why() {
    let shop = Shop::open().await;
    let (browser, [mut page]) = Browser::open("localhost", [script(&shop)]).await;
    shop.allow(&["http://shop.example"], IdentityVerification::Off).await;
    let tries = "return await Intercom('boot', { app_id, user_id: '42', auth_tokens: { security_token: 'foreign' } })";
    let error = page.fails(tries).await;
    assert_eq!((&error["code"], &error["status"]), (&json!("unreachable"), &json!(0)));
    assert!(error["message"].as_str().unwrap().contains(&browser.origin), "{error}");
    let call = last_call(&shop).await;
    assert_eq!((call.origin.as_deref(), call.http_status), (Some(browser.origin.as_str()), 403));
    assert!(!shop.run("42").await.success, "nothing was stored");
    // Allowed by the one who may, it is heard at once.
    shop.allow(&[&browser.origin], IdentityVerification::Off).await;
    page.run(tries).await;
    assert_eq!(shop.sent("42").await, "Bearer foreign");
}

/// In the page, as the shop's own server would make them.
const PROOFS: &str = "
    const text = new TextEncoder();
    const url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=/g, '');
    const signed = async (secret, said) => {
        const key = await crypto.subtle.importKey('raw', text.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
        return crypto.subtle.sign('HMAC', key, text.encode(said));
    };
    const now = Math.floor(Date.now() / 1000);
    const jwt = async (secret, claims) => {
        const said = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => url(text.encode(JSON.stringify(part)))).join('.');
        return said + '.' + url(await signed(secret, said));
    };
    const hash = async (said) => [...new Uint8Array(await signed(secret, said))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const auth_tokens = { security_token: value };";

fn proving(value: &str, settings: &str) -> String {
    format!(
        "const secret = '{IDENTITY_SECRET}', value = '{value}';{PROOFS} return await Intercom('boot', {{ app_id, auth_tokens, {settings} }})"
    )
}

#[tokio::test]
async fn m4_identity_is_proven_by_a_jwt_that_is_ours_and_has_not_expired() {
    let shop = Shop::open().await;
    let (browser, mut page) = page_of(&shop).await;
    shop.allow(&[&browser.origin], IdentityVerification::Jwt).await;
    let good = "intercom_user_jwt: await jwt(secret, { user_id: '42', exp: now + 600 })";
    let answer = page.run(&proving("value-with-jwt", good)).await;
    assert_eq!(answer, json!({"userId": "42", "stored": ["security_token"]}));
    for (settings, code) in [
        ("user_id: '42'", "identity_missing"),
        ("user_id: '42', intercomUserJwt: await jwt('another secret', { user_id: '42', exp: now + 600 })", "identity_refused"),
        ("user_id: '43', intercomUserJwt: await jwt(secret, { user_id: '42', exp: now + 600 })", "identity_refused"),
        ("user_id: '42', intercomUserJwt: await jwt(secret, { user_id: '42', exp: now - 600 })", "identity_expired"),
    ] {
        let error = page.fails(&proving("value-of-a-stranger", settings)).await;
        assert_eq!((&error["code"], &error["status"]), (&json!(code), &json!(401)), "{settings}: {error}");
        assert_eq!(page.fails(&set("value-of-a-stranger")).await["code"], "not_booted");
    }
    assert_eq!(shop.sent("42").await, "Bearer value-with-jwt");
}

#[tokio::test]
async fn m4_identity_is_proven_by_the_hash_of_the_user_id() {
    let shop = Shop::open().await;
    let (browser, mut page) = page_of(&shop).await;
    shop.allow(&[&browser.origin], IdentityVerification::UserHash).await;
    page.run(&proving("value-with-hash", "user_id: '42', userHash: await hash('42')")).await;
    let error = page.fails(&proving("value-of-a-stranger", "user_id: '42', user_hash: await hash('43')")).await;
    assert_eq!(error["code"], "identity_refused");
    assert_eq!(shop.sent("42").await, "Bearer value-with-hash");
}

#[tokio::test]
async fn m1_two_tabs_are_two_customers_and_one_page_changes_between_them() {
    let shop = Shop::open().await;
    let (browser, [mut ann, mut bob]) = Browser::open("127.0.0.1", [script(&shop), script(&shop)]).await;
    shop.allow(&[&browser.origin], IdentityVerification::Off).await;
    boot(&mut ann, "ann", "first-of-ann").await;
    boot(&mut bob, "bob", "first-of-bob").await;
    ann.run(&set("second-of-ann")).await;
    assert_eq!(shop.sent("bob").await, "Bearer first-of-bob");
    assert_eq!(shop.sent("ann").await, "Bearer second-of-ann");
    boot(&mut ann, "eve", "first-of-eve").await;
    ann.run(&set("second-of-eve")).await;
    bob.run("await Intercom('shutdown')").await;
    assert_eq!(shop.sent("ann").await, "Bearer second-of-ann");
    assert_eq!(shop.sent("eve").await, "Bearer second-of-eve");
    ann.run(&set("third-of-eve")).await;
    assert_eq!(shop.sent("eve").await, "Bearer third-of-eve", "a shutdown ends the session of its own tab only");
}

#[tokio::test]
async fn m1_a_restarted_messenger_is_called_again_without_a_word_of_the_page() {
    let shop = Shop::open().await;
    let (_browser, mut page) = page_of(&shop).await;
    boot(&mut page, "42", "before-the-restart").await;
    let messenger = shop.bench.workspace.messenger();
    let port = messenger.status().await.unwrap().port;
    messenger.stop().await.unwrap();
    assert_eq!(page.fails(&set("while-it-was-away")).await["code"], "unreachable");
    messenger.start(Some(port)).await.unwrap();
    page.run(&set("after-the-restart")).await;
    assert_eq!(shop.sent("42").await, "Bearer after-the-restart");
}

#[tokio::test]
async fn m1_the_messenger_serves_the_module_and_its_types() {
    let shop = Shop::open().await;
    let (browser, mut page) = Browser::page(format!("<script>window.app_id = '{}'</script>", shop.app_id)).await;
    shop.allow(&[&browser.origin], IdentityVerification::Off).await;
    let address = &shop.address;
    page.run(&format!("window.sdk = await import('{address}/messenger.mjs')")).await;
    let boot = "return await sdk.boot({ appId: app_id, userId: 42, authTokens: { security_token: 'of-the-module' } })";
    assert_eq!(page.run(boot).await, json!({"userId": "42", "stored": ["security_token"]}));
    assert_eq!(shop.sent("42").await, "Bearer of-the-module");
    let types = page.run(&format!("return await (await fetch('{address}/messenger.d.ts')).text()")).await;
    assert_eq!(types, sdk::TYPES);
}

#[tokio::test]
async fn m1_the_snippet_works_in_a_page_as_it_is_whatever_the_token_is_called() {
    const ODD: &str = "it's \"a\" ${token} \\u0041 </script><!--<script> 鍵";
    let shop = Shop::open().await;
    let user = TokenDraft { kind: TokenDraftKind::User, request_header_key: "X-Odd".to_owned(), ..text_token(ODD, "") };
    let token = shop.bench.token(user).await.summary.id;
    let snippets = shop.bench.workspace.messenger().snippets(&token).await.unwrap();
    let code = snippets.into_iter().find(|snippet| snippet.language == SnippetLanguage::Javascript).unwrap().code;
    // A first page makes the origin known, so that it is allowed before the snippet calls.
    let (browser, mut page) = Browser::page(String::new()).await;
    shop.allow(&[&browser.origin], IdentityVerification::Off).await;
    let frame = "const frame = document.createElement('iframe');
        frame.srcdoc = html;
        await new Promise((resolve) => { frame.onload = resolve; document.body.append(frame); });
        return await frame.contentWindow.Intercom('setAuthTokens', {})";
    let answer = page.run(&format!("const html = {};{frame}", json!(format!("<!doctype html>{code}")))).await;
    assert_eq!(answer, json!({"userId": "USER_ID", "stored": []}));
    let calls = shop.bench.workspace.messenger().status().await.unwrap().calls;
    let set: Vec<_> = calls
        .iter()
        .flat_map(|call| call.tokens.iter().map(|token| (call.call.as_str(), token.name.as_str(), call.http_status)))
        .collect();
    assert_eq!(set, [("boot", ODD, 200)]);
}
