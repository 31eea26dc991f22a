//! What the SDK sends and makes of what it is answered, against a server that answers as the test wants it to.

use latchkey::customer::messenger::sdk;
use serde_json::{Value, json};

use crate::browser::{Browser, Page, STUB};
use crate::support::server::{Received, Server};
use crate::support::{Answer, Gate, assert_free_of};

const SECRET: &str = "eyJhbGciOi.the-customers.value";

/// A Messenger whose answers to the four calls are the test's.
async fn messenger(answer: impl Fn(&str, &Received) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |received| {
        let answer = match (received.method.as_str(), received.path.as_str()) {
            ("OPTIONS", _) => Answer::status(204)
                .with("Access-Control-Allow-Headers", "authorization, content-type")
                .with("Access-Control-Allow-Methods", "POST"),
            (_, "/messenger.js") => Answer::text(200, "text/javascript", sdk::SCRIPT),
            (_, "/messenger.mjs") => Answer::text(200, "text/javascript", sdk::module_source()),
            (_, path) => answer(path.trim_start_matches("/v1/"), received),
        };
        answer.with("Access-Control-Allow-Origin", "*")
    })
    .await
}

/// What a Messenger answers that takes everything.
fn taken(call: &str, received: &Received) -> Answer {
    let said = received.json();
    let stored: Vec<_> = said["auth_tokens"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
    match call {
        "boot" => {
            let session = format!("session-of-{}", said["user_id"].as_str().unwrap());
            Answer::json(200, &json!({"session": session, "user_id": said["user_id"], "auth_tokens": stored}))
        }
        "shutdown" => Answer::json(200, &json!({"user_id": "42"})),
        _ => Answer::json(200, &json!({"user_id": "42", "auth_tokens": stored})),
    }
}

fn refused(status: u16, code: &str) -> Answer {
    let error =
        json!({"code": code, "message": format!("It is {code}."), "next_step": "Do something.", "field": "auth_tokens"});
    Answer::json(status, &json!({"error": error}))
}

fn script(server: &Server) -> String {
    format!("<script src='{}'></script>", server.at("/messenger.js"))
}

/// The calls as they arrived: path, session and body.
fn calls(server: &Server) -> Vec<(String, Option<String>, Value)> {
    let posts = server.all().into_iter().filter(|received| received.method == "POST");
    posts
        .map(|received| {
            let session = received.header("authorization").map(|line| line.trim_start_matches("Bearer ").to_owned());
            (received.path.trim_start_matches("/v1/").to_owned(), session, received.json())
        })
        .collect()
}

fn names(server: &Server) -> Vec<String> {
    calls(server).into_iter().map(|(name, ..)| name).collect()
}

async fn booted(page: &mut Page) -> Value {
    page.run("return await Intercom('boot', { app_id: 'abc', user_id: '42', email: 'a@b.example' })").await
}

#[tokio::test]
async fn m1_what_is_called_before_the_script_has_loaded_counts_once_and_in_order() {
    let server = messenger(taken).await;
    let before = format!(
        "{STUB}<script>
        window.kept = Intercom; window.told = []; window.faults = [];
        addEventListener('error', (event) => faults.push(event.message));
        Intercom('boot', {{ app_id: 'abc', user_id: '42' }}, (error, result) => told.push([error, result]));
        Intercom('setAuthTokens', {{ security_token: 'first' }});
        Intercom('setAuthTokens', {{ security_token: 'second' }}, (error, result) => told.push([error, result.stored]));
        </script>{0}{0}",
        script(&server)
    );
    let (_browser, mut page) = Browser::page(before).await;
    let third = "return await Intercom('setAuthTokens', { security_token: 'third' })";
    assert_eq!(page.run(third).await, json!({"userId": "42", "stored": ["security_token"]}));
    // Whoever kept the stub, or runs the classic snippet again, goes on calling.
    let fourth = "return await new Promise((resolve) => kept('setAuthTokens', { security_token: 'fourth' }, resolve))";
    assert_eq!(page.run(fourth).await, Value::Null);
    let told = page.run("return told").await;
    assert_eq!(told, json!([[null, {"userId": "42", "stored": []}], [null, ["security_token"]]]));
    let again = "const tag = Object.assign(document.createElement('script'), { src: document.scripts[2].src });
        await new Promise((resolve) => { tag.onload = resolve; document.head.append(tag); });
        return await Intercom('setAuthTokens', { security_token: 'fifth' })";
    page.run(again).await;
    assert_eq!(page.run("return faults").await, json!([]), "a second copy of the script changes nothing");
    let arrived = calls(&server);
    let values: Vec<_> = arrived.iter().map(|(_, _, body)| body["auth_tokens"]["security_token"].as_str()).collect();
    assert_eq!(values, [None, Some("first"), Some("second"), Some("third"), Some("fourth"), Some("fifth")]);
    assert_eq!(arrived[0].2, json!({"app_id": "abc", "user_id": "42", "client": "javascript"}));
    assert!(arrived[1..].iter().all(|(_, session, _)| session.as_deref() == Some("session-of-42")));
}

#[tokio::test]
async fn m1_a_stub_with_a_queue_of_its_own_goes_on_calling() {
    let server = messenger(taken).await;
    let stub = "<script>(() => { const i = (...call) => i.c(call); i.q = []; i.c = (call) => i.q.push(call); window.Intercom = i; })();
        window.kept = Intercom; kept('boot', { app_id: 'abc', user_id: '42' })</script>";
    let (_browser, mut page) = Browser::page(format!("{stub}{}", script(&server))).await;
    let set =
        "return await new Promise((resolve) => kept('setAuthTokens', { a: '1' }, (error, result) => resolve(result.stored)))";
    assert_eq!(page.run(set).await, json!(["a"]));
    assert_eq!(names(&server), ["boot", "auth_tokens"]);
}

#[tokio::test]
async fn m1_calls_wait_for_the_one_before_and_a_failed_one_holds_up_none() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = messenger(move |call, received| match call {
        "boot" => taken(call, received).held(&held),
        _ if received.body.contains("refuse") => refused(422, "unknown_tokens"),
        _ => taken(call, received),
    })
    .await;
    let (_browser, mut page) = Browser::page(script(&server)).await;
    page.run(
        "const tokens = { security_token: 'as it was' };
        window.made = Promise.allSettled([
            Intercom('boot', { app_id: 'abc', user_id: '42' }),
            Intercom('setAuthTokens', tokens),
            Intercom('setAuthTokens', { security_token: 'refuse' }),
            Intercom('update', { app_id: 'other', name: 'Ada' }),
        ]);
        tokens.security_token = 'as it became';",
    )
    .await;
    server.arrived("/v1/boot", 1).await;
    page.run("return await new Promise(requestAnimationFrame)").await;
    assert_eq!(names(&server), ["boot"], "nothing is sent before boot has been answered");
    gate.open();
    let made = page.run("return (await made).map((one) => one.reason?.code ?? one.status)").await;
    assert_eq!(made, json!(["fulfilled", "fulfilled", "unknown_tokens", "fulfilled"]));
    assert_eq!(names(&server), ["boot", "auth_tokens", "auth_tokens", "update"]);
    let bodies: Vec<_> = calls(&server).into_iter().map(|(_, _, body)| body).collect();
    assert_eq!(bodies[1], json!({"app_id": "abc", "auth_tokens": {"security_token": "as it was"}}));
    assert_eq!(bodies[3], json!({"app_id": "other", "name": "Ada"}));
}

#[tokio::test]
async fn m1_an_ended_session_is_opened_again_once_without_the_tokens_it_was_booted_with() {
    let server = messenger(|call, received| match call {
        "auth_tokens" if received.header("authorization") == Some("Bearer session-of-42") => refused(401, "session_ended"),
        "boot" if received.body.contains("first") => taken(call, received),
        "boot" => Answer::json(200, &json!({"session": "another", "user_id": "42", "auth_tokens": []})),
        _ => taken(call, received),
    })
    .await;
    let (_browser, mut page) = Browser::page(script(&server)).await;
    let boot =
        "return await Intercom('boot', { appId: 'abc', userId: 42, userHash: 'h', authTokens: { security_token: 'first' } })";
    page.run(boot).await;
    let set = "return (await Intercom('setAuthTokens', { security_token: 'second' })).stored";
    assert_eq!(page.run(set).await, json!(["security_token"]));
    let arrived = calls(&server);
    assert_eq!(names(&server), ["boot", "auth_tokens", "boot", "auth_tokens"]);
    assert_eq!(arrived[2].2, json!({"app_id": "abc", "user_id": "42", "user_hash": "h", "client": "javascript"}));
    assert_eq!(arrived[3].1.as_deref(), Some("another"));

    let gone = "return await Intercom('setAuthTokens', { security_token: 'third' })";
    server.answers(|received| {
        let answer = match received.path.as_str() {
            "/v1/boot" => taken("boot", received),
            _ => refused(401, "session_ended"),
        };
        answer.with("Access-Control-Allow-Origin", "*").with("Access-Control-Allow-Headers", "authorization, content-type")
    });
    assert_eq!(page.fails(gone).await["code"], "session_ended");
    assert_eq!(names(&server)[4..], ["auth_tokens", "boot", "auth_tokens"], "it is tried once, not for ever");
}

#[tokio::test]
async fn m1_a_boot_that_fails_leaves_nobody_whom_tokens_could_reach() {
    let server = messenger(|call, received| match call {
        "boot" if received.body.contains("\"43\"") => refused(401, "identity_expired"),
        _ => taken(call, received),
    })
    .await;
    let (_browser, mut page) = Browser::page(script(&server)).await;
    let set = "return await Intercom('setAuthTokens', { security_token: 'v' })";
    let early = page.fails(set).await;
    assert_eq!((&early["code"], &early["nextStep"]), (&json!("not_booted"), &json!("Call boot first.")));
    booted(&mut page).await;
    let refusal = page.fails("return await Intercom('boot', { app_id: 'abc', user_id: '43' })").await;
    assert_eq!(refusal["name"], "MessengerError");
    assert_eq!((&refusal["code"], &refusal["status"]), (&json!("identity_expired"), &json!(401)));
    assert_eq!((&refusal["nextStep"], &refusal["field"]), (&json!("Do something."), &json!("auth_tokens")));
    assert_eq!(
        calls(&server)[1].1.as_deref(),
        Some("session-of-42"),
        "the session of the customer before goes along, to be ended"
    );
    let late = page.fails(set).await;
    assert_eq!((&late["code"], &late["nextStep"]), (&json!("not_booted"), &json!("Do something.")));
    assert_eq!(late["message"], "Nobody is booted. It is identity_expired.");
    // Nor does one that is wrong before anything is sent.
    booted(&mut page).await;
    page.fails("return await Intercom('boot', { app_id: 'abc', user_id: '43', auth_tokens: { security_token: undefined } })")
        .await;
    page.fails(set).await;
    booted(&mut page).await;
    let other = page.fails("return await Intercom('update', { user_id: '43', auth_tokens: { security_token: 'v' } })").await;
    assert_eq!((&other["code"], &other["field"]), (&json!("invalid_field"), &json!("user_id")));
    assert_eq!(names(&server), ["boot"; 4], "no token was sent to anybody");
    // After a shutdown nobody is booted, and there is nothing more to end.
    page.run("await Intercom('shutdown'); return await Intercom('shutdown')").await;
    page.fails(set).await;
    assert_eq!(names(&server)[4..], ["shutdown"]);
}

#[tokio::test]
async fn m2_a_boot_that_some_tokens_are_refused_of_has_its_session_and_says_which() {
    let server = messenger(|call, received| match call {
        "boot" => {
            let error = json!({"code": "unknown_tokens", "message": "m", "next_step": "n", "keys": ["b"], "stored": ["a"]});
            Answer::json(422, &json!({"error": error, "session": "open", "user_id": "42"}))
        }
        _ => taken(call, received),
    })
    .await;
    let (_browser, mut page) = Browser::page(script(&server)).await;
    let boot = "return await Intercom('boot', { app_id: 'abc', user_id: '42', auth_tokens: { a: '1', b: '2' } })";
    let error = page.fails(boot).await;
    assert_eq!((&error["keys"], &error["stored"]), (&json!(["b"]), &json!(["a"])));
    page.run("return await Intercom('setAuthTokens', { a: '3' })").await;
    assert_eq!(calls(&server)[1].1.as_deref(), Some("open"));
}

#[tokio::test]
async fn m1_what_is_no_answer_of_a_messenger_is_a_clear_error() {
    let server = messenger(taken).await;
    let (browser, mut page) = Browser::page(script(&server)).await;
    let boot = async |page: &mut Page, base: &str| {
        page.fails(&format!("return await Intercom('boot', {{ app_id: 'abc', user_id: '42', api_base: '{base}' }})")).await
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let unreachable = boot(&mut page, &format!("http://127.0.0.1:{closed}")).await;
    assert_eq!(unreachable["code"], "unreachable");
    assert!(unreachable["message"].as_str().unwrap().contains(&browser.origin), "{unreachable}");
    assert!(unreachable["nextStep"].as_str().unwrap().contains("allowed"), "{unreachable}");
    let other = messenger(|_, _| Answer::text(200, "text/html", "<p>Hello</p>")).await;
    assert_eq!(boot(&mut page, &other.url).await["code"], "unexpected_answer");
    let shaped = messenger(|_, _| Answer::json(404, &json!({"error": "not found"}))).await;
    assert_eq!(boot(&mut page, &shaped.url).await["code"], "unexpected_answer");
    for half in [json!({"user_id": "42"}), json!({"session": "of whom?"})] {
        let other = messenger(move |_, _| Answer::json(200, &half)).await;
        assert_eq!(boot(&mut page, &other.url).await["code"], "unexpected_answer");
        let nobody = page.fails("return await Intercom('setAuthTokens', { security_token: 'x' })").await;
        assert_eq!(nobody["code"], "not_booted", "a boot without a session is none");
    }
    let elsewhere = server.at("/v1/boot");
    let leading = messenger(move |_, _| Answer::redirect(307, &elsewhere)).await;
    assert_eq!(boot(&mut page, &leading.url).await["code"], "unreachable", "values are not sent on to where a redirect leads");
    for base in
        ["https://api.example.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1", "nonsense", "http://10.0.0.1:47900"]
    {
        let error = boot(&mut page, base).await;
        assert_eq!((&error["code"], &error["field"]), (&json!("address_missing"), &json!("api_base")), "{base}");
    }
    assert_eq!(calls(&server), []);
    // A Messenger that does not answer is given up, and the next call has its turn.
    let silent = messenger({
        let gate = Gate::closed();
        move |call, received| taken(call, received).held(&gate)
    })
    .await;
    page.run(
        "const wait = AbortSignal.timeout; AbortSignal.timeout = (ms) => ((window.waited = ms), wait.call(AbortSignal, 100))",
    )
    .await;
    assert_eq!(boot(&mut page, &silent.url).await["code"], "unreachable");
    assert_eq!(page.run("return waited").await, json!(30_000));
    let settings = format!("window.intercomSettings = {{ api_base: '{}', app_id: 'auto', user_id: 'auto' }}", server.url);
    page.run(&settings).await;
    booted(&mut page).await;
    assert_eq!(calls(&server)[0].2["app_id"], "abc", "only the address is read from intercomSettings");
}

#[tokio::test]
async fn m1_what_can_not_be_sent_is_refused_before_it_is() {
    let server = messenger(taken).await;
    let (_browser, mut page) = Browser::page(script(&server)).await;
    booted(&mut page).await;
    for (call, field) in [
        ("'setAuthTokens'", "auth_tokens"),
        ("'setAuthTokens', null", "auth_tokens"),
        ("'setAuthTokens', 'v'", "auth_tokens"),
        ("'setAuthTokens', ['v']", "auth_tokens"),
        ("'setAuthTokens', new Map([['security_token', 'v']])", "auth_tokens"),
        ("'setAuthTokens', { security_token: undefined }", "security_token"),
        ("'setAuthTokens', { auth_tokens: { security_token: 'v' } }", "auth_tokens"),
        ("'update', { authTokens: { security_token: () => 'v' } }", "security_token"),
        ("'update', { name: { first: 'Ada' } }", "name"),
    ] {
        let error = page.fails(&format!("return await Intercom({call})")).await;
        assert_eq!((&error["code"], &error["field"]), (&json!("invalid_field"), &json!(field)), "{call}: {error}");
    }
    for call in ["'show'", "'toString'", "'__proto__'", "undefined"] {
        let error = page.fails(&format!("return await Intercom({call})")).await;
        assert_eq!(error["code"], "unknown_method", "{call}");
    }
    assert_eq!(names(&server), ["boot"]);
    page.run("return await Intercom('update', { email: null, name: '', created_at: 1, custom: 'x', authTokens: { __proto__: null, n: 7 } })").await;
    assert_eq!(calls(&server)[1].2, json!({"app_id": "abc", "name": "", "auth_tokens": {"n": "7"}}));
    page.run(
        "return await Intercom('boot', { app_id: 'abc', user_id: '42', createdAt: new Date(0), intercomUserJwt: 'j.w.t' })",
    )
    .await;
    let boot = &calls(&server)[2].2;
    assert_eq!((&boot["created_at"], &boot["intercom_user_jwt"]), (&json!("1970-01-01T00:00:00.000Z"), &json!("j.w.t")));
}

#[tokio::test]
async fn m1_a_failure_reaches_a_promise_or_a_callback_once_and_else_the_browser() {
    let server = messenger(|_, _| refused(429, "rate_limited")).await;
    let html = format!(
        "<script>window.unhandled = []; addEventListener('unhandledrejection', (event) => unhandled.push(event.reason.code))</script>
        {STUB}<script>Intercom('boot', {{ app_id: 'abc', user_id: 'queued' }})</script><script crossorigin src='{}'></script>",
        server.at("/messenger.js")
    );
    let (_browser, mut page) = Browser::page(html).await;
    let told = page
        .run(
            "const told = [];
            const callback = (...given) => { told.push(given.map((one) => one?.code)); throw new Error('of the page'); };
            await Intercom('boot', { app_id: 'abc', user_id: '42' }, callback).catch((error) => told.push(error.code));
            await Intercom('boot', { app_id: 'abc', user_id: '42' }).catch((error) => told.push(error instanceof Intercom.MessengerError));
            return told",
        )
        .await;
    assert_eq!(told, json!([["rate_limited"], "rate_limited", true]));
    page.run("await new Promise((resolve) => setTimeout(resolve))").await;
    let unhandled = page.run("return unhandled").await;
    assert_eq!(unhandled, json!(["rate_limited", null]), "of the queued call, and of the callback that throws");
}

#[tokio::test]
async fn m1_as_a_module_it_exports_the_calls_and_leaves_the_page_alone() {
    let server = messenger(taken).await;
    let (_browser, mut page) = Browser::page(String::new()).await;
    let import = format!("window.sdk = await import('{}'); return Object.keys(sdk).sort()", server.at("/messenger.mjs"));
    assert_eq!(page.run(&import).await, json!(["MessengerError", "boot", "default", "setAuthTokens", "shutdown", "update"]));
    assert_eq!(page.run("return [typeof Intercom, typeof latchkeyMessenger]").await, json!(["undefined", "undefined"]));
    page.run("return await sdk.boot({ app_id: 'abc', user_id: '42' })").await;
    page.run("return await new Promise((resolve, reject) => sdk.setAuthTokens({ a: '1' }, (error, done) => error ? reject(error) : resolve(done)))").await;
    page.run("return await sdk.update({ authTokens: { a: '2' } })").await;
    page.run("return await sdk.default('setAuthTokens', { a: '3' })").await;
    page.run("return await sdk.shutdown()").await;
    assert_eq!(names(&server), ["boot", "auth_tokens", "update", "auth_tokens", "shutdown"]);
    assert_eq!(page.fails("return await sdk.setAuthTokens({ a: '1' })").await["name"], "MessengerError");
    assert_eq!(page.run("return (await sdk.update({}).catch((e) => e)) instanceof sdk.MessengerError").await, json!(true));
    assert!(sdk::SCRIPT.len() < 8 * 1024, "it stays small: {} bytes", sdk::SCRIPT.len());
}

#[tokio::test]
async fn m1_no_value_is_left_in_the_page() {
    let server = messenger(taken).await;
    let html = format!(
        "{STUB}<script>
        window.printed = [];
        for (const name of Object.keys(console)) console[name] = (...given) => printed.push(String(given));
        window.queue = (Intercom('boot', {{ app_id: 'abc', user_id: '42', auth_tokens: {{ security_token: '{SECRET}' }} }}), Intercom.q);
        </script>{}",
        script(&server)
    );
    let (_browser, mut page) = Browser::page(html).await;
    page.run(&format!("await Intercom('setAuthTokens', {{ security_token: '{SECRET}' }})")).await;
    let left = page
        .run(
            "const databases = await indexedDB.databases();
            const caches_ = await caches.keys();
            const addresses = performance.getEntries().map((entry) => entry.name);
            return [{ ...localStorage }, { ...sessionStorage }, document.cookie, databases, caches_, printed, queue.length,
                location.href, addresses, Intercom.q]",
        )
        .await;
    assert_eq!(left.as_array().unwrap()[..7], json!([{}, {}, "", [], [], [], 0]).as_array().unwrap()[..]);
    assert_free_of(&left.to_string(), SECRET, "value of the customer");
    let preflights = server.all().into_iter().filter(|received| received.method == "OPTIONS");
    let (sent, asked): (Vec<_>, Vec<_>) = (server.received("/v1/auth_tokens"), preflights.collect());
    assert_free_of(&format!("{asked:?}"), SECRET, "value of the customer");
    for received in sent.iter().filter(|received| received.method == "POST") {
        assert_eq!((received.header("cookie"), received.header("referer")), (None, None));
        assert_eq!(received.query, "");
    }
}
