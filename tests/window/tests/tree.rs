//! Pointing at the token in the real window, in answers of every size and format.

use harness::test_ids::{navigation, response, token};
use harness::{Answer, Failure, KeyringState, Served, Window, with_window};

const END: &str = "\u{e010}";
const RIGHT: &str = "\u{e014}";
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

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
