//! A customer's token in the real window: another system hands it over, a connector sends it on that customer's behalf.

use harness::test_ids::{confirm, connector, customer, messenger, navigation, run, token, welcome};
use harness::{Answer, Caller, Desktop, Failure, KeyringState, Served, Window, with_window};
use serde_json::json;

const TOKEN: &str = "security_token";
const CONNECTOR: &str = "Orders of a customer";
const ORIGIN: &str = "http://localhost:3000";
const ADA: &str = "ada-42";
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
/// `{"sub": "ada-42", "plan": "first-plan", "exp": 4102444800}`
const FIRST: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiAiYWRhLTQyIiwgInBsYW4iOiAiZmlyc3QtcGxhbiIsICJleHAiOiA0MTAyNDQ0ODAwfQ.c2lnbmF0dXJlLW9mLXRoZS1maXJzdC10b2tlbiEhISE";
/// The same with `second-plan`.
const SECOND: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiAiYWRhLTQyIiwgInBsYW4iOiAic2Vjb25kLXBsYW4iLCAiZXhwIjogNDEwMjQ0NDgwMH0.c2lnbmF0dXJlLW9mLXRoZS1zZWNvbmQtdG9rZW4hISE";

#[tokio::test]
async fn m3_a_token_that_a_page_hands_over_is_sent_for_its_customer_from_the_next_run_on() -> Result<(), Failure> {
    with_window("customers", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        window.see(welcome::PANEL).await?;
        window.keep_secret(FIRST);
        window.keep_secret(SECOND);
        let headers = vec!["Content-Type: application/json".to_owned()];
        let orders = Served::start(Answer { headers, body: br#"{"orders": 3}"#.to_vec() })?;
        make_a_user_token(window).await?;
        make_a_connector(window, &orders).await?;
        let mut page = start_the_messenger(window).await?;
        hand_over(desktop, &mut page).await?;
        a_wrong_app_id_is_seen(window).await?;
        find_the_customer_by_keyboard(window).await?;
        run_as_the_customer(window, &orders).await?;
        hand_over_a_newer_one(window, &page, &orders).await?;
        remove_it_and_run(window, &orders).await
    })
    .await
}

async fn make_a_user_token(window: &Window) -> Result<(), Failure> {
    window.click(navigation::AUTHENTICATION).await?;
    window.click(token::NEW).await?;
    window.picture("token-types").await?;
    window.click(token::TYPE_USER).await?;
    window.fill(token::NAME, TOKEN).await?;
    window.fill(token::HEADER_KEY, "Authorization").await?;
    window.fill(token::PREFIX, "Bearer").await?;
    window.picture("user-token-form").await?;
    window.press_primary_action().await?;
    window.see_text(navigation::TITLE, TOKEN).await?;
    for language in ["javascript", "swift", "kotlin", "curl"] {
        window.see(&token::snippet_copy(language)).await?;
    }
    window.see_text(&token::snippet("javascript"), TOKEN).await?;
    window.picture("user-token").await.map(drop)
}

async fn make_a_connector(window: &Window, orders: &Served) -> Result<(), Failure> {
    window.click(navigation::CONNECTORS).await?;
    window.click(connector::NEW).await?;
    window.fill(connector::NAME, CONNECTOR).await?;
    window.fill(connector::URL, &orders.url()).await?;
    window.choose_labelled(connector::ATTACH_TOKEN, TOKEN).await?;
    window.see_text(connector::ATTACHED_TOKEN, TOKEN).await?;
    window.click(connector::SAVE).await?;
    window.see_text(connector::STATE, "draft").await
}

async fn start_the_messenger(window: &Window) -> Result<Caller, Failure> {
    window.click(navigation::MESSENGER).await?;
    window.picture("messenger-stopped").await?;
    window.fill(messenger::ORIGINS, ORIGIN).await?;
    window.press(ENTER).await?;
    window.see_value(messenger::ORIGIN, ORIGIN).await?;
    window.click(messenger::SAVE).await?;
    window.press_until_focused(TAB, messenger::START, 60).await?;
    window.press(ENTER).await?;
    window.see(messenger::STOP).await?;
    window.see_text(messenger::ADDRESS, "http://127.0.0.1:").await?;
    window.picture("messenger-started").await?;
    let (address, app_id) = (window.text(messenger::ADDRESS).await?, window.text(messenger::APP_ID).await?);
    Ok(Caller::new(&address, &app_id, ORIGIN))
}

async fn hand_over(desktop: &Desktop, page: &mut Caller) -> Result<(), Failure> {
    let window = desktop.window();
    let said = page.boot(ADA, "ada@example.com", "Ada Lovelace", &json!({ TOKEN: FIRST }))?;
    assert_eq!(said.status, 200, "{}", said.body);
    window.see_text(messenger::CALL, "boot").await?;
    window.see_text(messenger::CALL, TOKEN).await?;
    assert!(!window.page().await?.contains(FIRST), "the live list shows no value");
    window.picture("messenger-call").await.map(drop)
}

async fn a_wrong_app_id_is_seen(window: &Window) -> Result<(), Failure> {
    let address = window.text(messenger::ADDRESS).await?;
    let said = Caller::new(&address, "000000000000", ORIGIN).boot(ADA, "ada@example.com", "Ada", &json!({ TOKEN: SECOND }))?;
    assert_eq!((said.status, said.body["error"]["code"].as_str()), (403, Some("wrong_app_id")), "{}", said.body);
    window.see_count(messenger::CALL, 2).await?;
    window.see_text(messenger::CALL, "403").await?;
    window.picture("messenger-refused").await.map(drop)
}

async fn find_the_customer_by_keyboard(window: &Window) -> Result<(), Failure> {
    window.click(navigation::CUSTOMERS).await?;
    window.see_text(customer::ROW, ADA).await?;
    window.press("/").await?;
    window.see_focused(customer::SEARCH).await?;
    window.fill(customer::SEARCH, "nobody").await?;
    window.see_gone(customer::ROW).await?;
    window.fill(customer::SEARCH, "ADA LOVE").await?;
    window.see_count(customer::ROW, 1).await?;
    window.picture("customers").await?;
    window.click_text(customer::ROW, ADA).await?;
    window.see_text(customer::HELD, TOKEN).await?;
    window.see_text(customer::HELD, "first-plan").await?;
    assert!(!window.page().await?.contains(FIRST), "a held token is masked");
    window.picture("customer").await.map(drop)
}

async fn run_as_the_customer(window: &Window, orders: &Served) -> Result<(), Failure> {
    open_the_test_tab(window).await?;
    window.fill(run::CUSTOMER_ID, ADA).await?;
    window.press_primary_action().await?;
    window.see_text(run::HEADLINE, "Succeeded").await?;
    assert_eq!(orders.received("authorization"), [format!("Bearer {FIRST}")]);
    window.picture("run-as-customer").await.map(drop)
}

async fn hand_over_a_newer_one(window: &Window, page: &Caller, orders: &Served) -> Result<(), Failure> {
    let said = page.set_auth_tokens(&json!({ TOKEN: SECOND }))?;
    assert_eq!(said.status, 200, "{}", said.body);
    window.click(run::RUN).await?;
    // The page says the same as before, so the endpoint tells that this run has come.
    let received = orders.see_received("authorization", 2).await?;
    assert_eq!(received[1], format!("Bearer {SECOND}"), "there is no cache (M3)");
    window.click(navigation::CUSTOMERS).await?;
    window.click_text(customer::ROW, ADA).await?;
    window.see_text(customer::HELD, "second-plan").await
}

async fn remove_it_and_run(window: &Window, orders: &Served) -> Result<(), Failure> {
    window.click(customer::HELD_REMOVE).await?;
    window.see_text(confirm::DIALOG, TOKEN).await?;
    window.click(confirm::GO_ON).await?;
    window.see_gone(customer::HELD_REMOVE).await?;
    window.picture("customer-without-token").await?;
    open_the_test_tab(window).await?;
    window.fill(run::CUSTOMER_ID, ADA).await?;
    window.click(run::RUN).await?;
    window.see_text(run::SENTENCE, "holds no value of").await?;
    window.see_text(run::SENTENCE, TOKEN).await?;
    assert_eq!(orders.received("authorization").len(), 2, "nothing is sent without a value (M6)");
    window.picture("run-without-token").await.map(drop)
}

async fn open_the_test_tab(window: &Window) -> Result<(), Failure> {
    window.click(navigation::CONNECTORS).await?;
    window.click_text(connector::LINK, CONNECTOR).await?;
    window.click(connector::TAB_TEST).await
}
