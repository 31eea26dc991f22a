//! Pointing at the token in the real window, in answers of every size and format.

use harness::test_ids::{appearance, navigation, response, run, sandbox, token, welcome};
use harness::{Answer, Failure, KeyringState, Served, Window, with_window};

const HOME: &str = "\u{e011}";
const DOWN: &str = "\u{e015}";
const END: &str = "\u{e010}";
const RIGHT: &str = "\u{e014}";
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const ESCAPE: &str = "\u{e00c}";

const LARGE: usize = 100 * 1024 * 1024;
const TOKEN: &str = "tok-of-the-very-last-leaf-7Hq2Zx9Lm4Vb";

#[tokio::test]
async fn t4_the_last_leaf_of_a_100_mb_response_is_picked_by_keyboard_alone() -> Result<(), Failure> {
    with_window("tree-100-mb", KeyringState::Unlocked, async |desktop| {
        let served = Served::start(json(large_body()))?;
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        begin_a_token(window, "Large login", &served).await?;
        window.press_primary_action().await?;
        window.see_text(token::TEST_STATUS, "200").await?;
        window.see(response::ROWS).await?;
        window.press_until_focused(TAB, response::ROWS, 60).await?;
        window.press("/").await?;
        window.press("item 1000000").await?;
        window.see_text(response::MATCHES, "1 match").await?;
        // The first one ends a search that is still running.
        window.press_until_focused(ESCAPE, response::ROWS, 10).await?;
        window.see_active_row("item 1000000").await?;
        window.press_with_control("g").await?;
        window.see(response::GO_TO).await?;
        window.press("999999").await?;
        window.press(ENTER).await?;
        window.see_active_row("999999:").await?;
        window.press(END).await?;
        window.see_active_row("grants").await?;
        window.press(RIGHT).await?;
        window.press(END).await?;
        window.see_active_row("1:").await?;
        window.press(RIGHT).await?;
        window.press(END).await?;
        window.see_active_row("access").await?;
        window.press(ENTER).await?;
        window.see_text(token::LOCATED, "Authorization: Bearer ").await?;
        window.see_value(token::LOCATION_AT, "/session/grants/1/access").await?;
        window.picture("large-response").await?;
        window.press_with_control("s").await?;
        window.see_text(token::GENERATION, "1").await
    })
    .await
}

/// One answer, what is clicked in it, and the place that this gives.
struct Clicked {
    format: &'static str,
    headers: &'static [&'static str],
    body: &'static str,
    secret: &'static str,
    in_headers: bool,
    click: &'static str,
    part: &'static str,
    at: &'static str,
}

const CLICKED: [Clicked; 6] = [
    Clicked {
        format: "soap",
        headers: &["Content-Type: text/xml; charset=utf-8"],
        body: "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><loginResponse><result>\
               <sessionId>soap-s3ssion-8Kd2Qz7Xw1</sessionId><userId>7</userId></result></loginResponse></s:Body></s:Envelope>",
        secret: "soap-s3ssion-8Kd2Qz7Xw1",
        in_headers: false,
        click: "sessionId",
        part: "xml",
        at: "/s:Envelope/s:Body/loginResponse/result/sessionId",
    },
    Clicked {
        format: "form",
        headers: &["Content-Type: application/x-www-form-urlencoded"],
        body: "access_token=form-t0ken-5Hn3Vb9Pl4&scope=read&token_type=bearer",
        secret: "form-t0ken-5Hn3Vb9Pl4",
        in_headers: false,
        click: "access_token",
        part: "form",
        at: "access_token",
    },
    Clicked {
        format: "text",
        headers: &["Content-Type: text/plain"],
        body: "Welcome back\nq7Zp3Vt9Lw2Xc5Rb8Nm1Kd4Hf6\n",
        secret: "q7Zp3Vt9Lw2Xc5Rb8Nm1Kd4Hf6",
        in_headers: false,
        click: "q7Zp3V",
        part: "text",
        at: "",
    },
    Clicked {
        format: "cookie",
        headers: &["Content-Type: application/json", "Set-Cookie: JSESSIONID=c00kie-9Wp4Ty1Gf6; Path=/; HttpOnly; Max-Age=900"],
        body: "{\"ok\":true}",
        secret: "c00kie-9Wp4Ty1Gf6",
        in_headers: true,
        click: "JSESSIONID",
        part: "cookie",
        at: "JSESSIONID",
    },
    Clicked {
        format: "header",
        headers: &["Content-Type: application/json", "X-Auth-Token: h3ader-6Bz2Nk8Sd3Lq"],
        body: "{\"ok\":true}",
        secret: "h3ader-6Bz2Nk8Sd3Lq",
        in_headers: true,
        click: "auth-token",
        part: "header",
        at: "x-auth-token",
    },
    Clicked {
        format: "json-in-text",
        headers: &["Content-Type: application/json"],
        body: "{\"payload\":\"{\\\"login\\\":{\\\"token\\\":\\\"ins1de-4Fv7Mt2Hw9\\\"}}\"}",
        secret: "ins1de-4Fv7Mt2Hw9",
        in_headers: false,
        click: "17 characters",
        part: "json",
        at: "/payload",
    },
];

#[tokio::test]
async fn t4_a_token_is_clicked_wherever_it_stands_in_an_answer() -> Result<(), Failure> {
    with_window("tree-formats", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        for case in &CLICKED {
            let headers = case.headers.iter().map(|header| (*header).to_owned()).collect();
            let served = Served::start(Answer { headers, body: case.body.as_bytes().to_vec() })?;
            window.keep_secret(case.secret);
            begin_a_token(window, case.format, &served).await?;
            window.press_primary_action().await?;
            window.see_text(token::TEST_STATUS, "200").await?;
            if case.in_headers {
                window.click(response::TAB_HEADERS).await?;
            }
            window.click(response::EXPAND_ALL).await?;
            if case.format == "json-in-text" {
                // What a value holds is opened on purpose.
                window.press_until_focused(TAB, response::ROWS, 20).await?;
                window.press(&format!("{HOME}{DOWN}{RIGHT}{RIGHT}{RIGHT}")).await?;
            }
            window.click_text(response::ROW, case.click).await?;
            window.see_value(token::LOCATION_IN, case.part).await?;
            if case.part == "text" {
                window.see_value(token::FIRST_STEP, "2").await?;
            } else {
                window.see_value(token::LOCATION_AT, case.at).await?;
            }
            if case.format == "json-in-text" {
                window.see_value(token::FIRST_STEP, "/login/token").await?;
            }
            window.see_text(token::LOCATED, "Authorization: Bearer ").await?;
            window.picture(&format!("tree-{}", case.format)).await?;
            assert!(!window.page().await?.contains(case.secret), "{}: no token is in the page (T8)", case.format);
            window.press_with_control("s").await?;
            window.see_text(token::GENERATION, "1").await?;
        }
        window.click(navigation::APPEARANCE).await?;
        window.click(appearance::DARK).await?;
        window.set_size(1024, 700).await?;
        let broken = format!("{{\"user\":\"bot\",\"session\":{{\"token\":\"{}\",\"of\":[1,", CLICKED[0].secret);
        let served = Served::start(json(broken.into_bytes()))?;
        begin_a_token(window, "Broken off", &served).await?;
        window.press_primary_action().await?;
        window.see_text(token::BODY_NOTE, "line 1").await?;
        window.see_count(response::ROW, 5).await?;
        window.picture("tree-broken-dark-and-small").await.map(drop)
    })
    .await
}

#[tokio::test]
async fn t4_a_token_that_moved_is_found_again_and_taken_after_a_new_test() -> Result<(), Failure> {
    with_window("tree-moved", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        window.click(welcome::TRY).await?;
        window.see(run::RUN).await?;
        window.click(navigation::SANDBOX).await?;
        window.click(sandbox::LOGIN_MOVES).await?;
        window.click(navigation::AUTHENTICATION).await?;
        window.click_text(token::LINK, "Sandbox").await?;
        window.click(token::REFRESH).await?;
        window.see(token::MOVED).await?;
        window.picture("moved-token").await?;
        window.click(token::MOVED_TEST).await?;
        window.click(token::MOVED_USE).await?;
        window.see_text(token::LOCATED, "Authorization: Bearer ").await?;
        window.picture("moved-token-taken").await?;
        window.click(token::SAVE).await?;
        window.see_gone(token::MOVED).await?;
        window.click(token::TEST).await?;
        window.see_text(token::TEST_STATUS, "200").await?;
        window.click(token::TEST).await?;
        window.click(response::TAB_CHANGES).await?;
        window.see(response::CHANGE).await?;
        window.picture("changes").await.map(drop)
    })
    .await
}

/// An array of a good million records, and behind it the token.
fn large_body() -> Vec<u8> {
    let mut body = Vec::with_capacity(LARGE + 1024);
    body.extend_from_slice(b"{\"items\":[{\"id\":0}");
    let mut number = 1_u32;
    while body.len() < LARGE {
        let record = format!(",{{\"id\":{number},\"name\":\"item {number}\",\"tags\":[\"a\",\"b\"],\"price\":{number}.50}}");
        body.extend_from_slice(record.as_bytes());
        number += 1;
    }
    let end = format!(
        "],\"session\":{{\"user\":\"bot\",\"grants\":[{{\"of\":\"read\"}},{{\"of\":\"all\",\"access\":\"{TOKEN}\"}}]}}}}"
    );
    body.extend_from_slice(end.as_bytes());
    body
}

fn json(body: Vec<u8>) -> Answer {
    Answer { headers: vec!["Content-Type: application/json".to_owned()], body }
}

async fn begin_a_token(window: &Window, name: &str, served: &Served) -> Result<(), Failure> {
    window.click(navigation::AUTHENTICATION).await?;
    window.click(token::NEW).await?;
    window.click(token::TYPE_HTTP_REQUEST).await?;
    window.fill(token::NAME, name).await?;
    window.fill(token::URL, &served.url()).await
}
