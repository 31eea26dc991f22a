//! The main job from the first start to the log, by clicking and typing in the real window.

use harness::test_ids::{appearance, connector, logs, navigation, response, run, sandbox, storage, token, unlock, welcome};
use harness::{Desktop, Failure, KeyringState, Window, with_window};

const PASSWORD: &str = "demo-password";
const API_KEY: &str = "k3y-of-the-warehouse-0451";
const TOKEN: &str = "Orders login";
const CONNECTOR: &str = "Order status by hand";

#[tokio::test]
async fn e4_an_expired_token_is_refreshed_once_from_first_start_to_the_log() -> Result<(), Failure> {
    with_window("main-job", KeyringState::Unlocked, async |desktop| {
        desktop.window().set_size(1360, 860).await?;
        let base_url = start_the_sandbox(desktop.window()).await?;
        make_a_token(desktop.window(), &base_url).await?;
        make_a_connector(desktop.window(), &base_url).await?;
        run_with_a_token_that_holds(desktop.window()).await?;
        run_with_an_expired_token(desktop.window()).await?;
        find_it_in_the_log(desktop.window()).await?;
        see_a_run_of_the_headless_program(desktop).await?;
        run_while_the_login_is_down(desktop.window()).await?;
        desktop.restart().await?;
        find_everything_after_a_restart(desktop.window()).await?;
        no_secret_lies_about(desktop).await
    })
    .await
}

#[tokio::test]
async fn first_start_is_one_click_from_a_run_that_shows_a_refresh() -> Result<(), Failure> {
    with_window("first-start", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        window.see(welcome::PANEL).await?;
        window.picture("first-start").await?;
        window.click(welcome::TRY).await?;
        window.click(run::RUN).await?;
        window.see_text(run::HEADLINE, "Succeeded").await?;
        window.see_text(run::RENEWED, "refreshed once").await?;
        see_request_refresh_retry(window).await?;
        window.picture("dry-run").await?;
        window.click(navigation::SANDBOX).await?;
        window.see(sandbox::SERVED).await?;
        window.picture("sandbox").await?;
        window.click(navigation::APPEARANCE).await?;
        window.click(appearance::DARK).await?;
        window.set_size(1024, 700).await?;
        window.click(navigation::CONNECTORS).await?;
        window.see(connector::ROW).await?;
        assert_eq!(window.count(connector::ROW).await?, 2, "two sample connectors");
        window.picture("dark-and-small").await?;
        window.click_text(connector::LINK, "Get order status").await?;
        window.see_text(navigation::TITLE, "Get order status").await?;
        window.click(navigation::CONNECTORS).await?;
        window.click_text(connector::LINK, "Refund order").await?;
        window.see_text(navigation::TITLE, "Refund order").await
    })
    .await
}

#[tokio::test]
async fn a_second_start_shows_the_first_window_and_size_and_theme_are_remembered() -> Result<(), Failure> {
    with_window("one-window", KeyringState::Unlocked, async |desktop| {
        desktop.start_a_second_one().await?;
        let window = desktop.window();
        window.see(welcome::PANEL).await?;
        window.click(navigation::APPEARANCE).await?;
        window.click(appearance::DARK).await?;
        window.set_size(1111, 777).await?;
        let left = window.size_and_theme().await?;
        assert_eq!(left.2, "dark");
        desktop.folders().see_in_a_file("1111").await?;
        desktop.restart().await?;
        let window = desktop.window();
        window.see(appearance::DARK).await?;
        assert_eq!(window.size_and_theme().await?, left, "the window comes back as it was left, at the page that was open");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn t2_a_text_token_is_masked_and_in_no_file() -> Result<(), Failure> {
    with_window("text-token", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.click(navigation::AUTHENTICATION).await?;
        window.click(token::NEW).await?;
        window.click(token::TYPE_TEXT).await?;
        window.fill(token::NAME, "Warehouse key").await?;
        window.fill(token::HEADER_KEY, "X-Api-Key").await?;
        window.fill(token::TEXT_VALUE, API_KEY).await?;
        assert!(desktop.sweep().await.is_err(), "while it is typed it is in the page, and the sweep finds it there");
        window.click(token::SAVE).await?;
        window.see_text(token::GENERATION, "1").await?;
        window.click(navigation::AUTHENTICATION).await?;
        window.see_text(token::ROW, "X-Api-Key: ").await?;
        window.picture("text-token").await?;
        assert!(!window.page().await?.contains(API_KEY), "a saved value is in the page only after a reveal (T8)");
        window.click_text(token::LINK, "Warehouse key").await?;
        window.click(token::COPY).await?;
        window.click(navigation::AUTHENTICATION).await?;
        assert_eq!(window.paste_into(token::SEARCH).await?, API_KEY, "a copied value goes from Rust to the clipboard (T8)");
        window.fill(token::SEARCH, "Warehouse").await?;
        let files = desktop.folders().files_holding(API_KEY)?;
        assert!(files.is_empty(), "a value must be in no file in plain (S1), but is in {files:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn s1_without_a_keyring_a_passphrase_opens_the_workspace_and_a_wrong_one_does_not() -> Result<(), Failure> {
    with_window("passphrase", KeyringState::Missing, async |desktop| {
        let window = desktop.window();
        window.fill(unlock::NEW, "correct horse battery").await?;
        window.fill(unlock::AGAIN, "correct horse battery").await?;
        window.picture("choose-a-passphrase").await?;
        window.click(unlock::CREATE).await?;
        window.see(welcome::PANEL).await?;

        desktop.restart().await?;
        let window = desktop.window();
        window.fill(unlock::PASSPHRASE, "wrong horse battery").await?;
        window.click(unlock::OPEN).await?;
        window.see_text(unlock::PAGE, "does not fit").await?;
        window.picture("wrong-passphrase").await?;
        window.fill(unlock::PASSPHRASE, "correct horse battery").await?;
        window.click(unlock::OPEN).await?;
        window.see(welcome::PANEL).await?;
        window.click(navigation::STORAGE).await?;
        window.see(storage::FOLDER).await?;
        window.picture("storage").await?;

        let page = window.page().await?;
        assert!(!page.contains("horse battery"), "a passphrase must leave the page with the form");
        let files = desktop.folders().files_holding("horse battery")?;
        assert!(files.is_empty(), "a passphrase must be in no file, but is in {files:?}");
        Ok(())
    })
    .await
}

async fn start_the_sandbox(window: &Window) -> Result<String, Failure> {
    window.see(welcome::PANEL).await?;
    window.see_text(navigation::VAULT, "Keyring").await?;
    window.click(navigation::SANDBOX).await?;
    window.click(sandbox::START).await?;
    window.see_text(sandbox::BASE_URL, "http://127.0.0.1:").await?;
    window.text(sandbox::BASE_URL).await
}

async fn make_a_token(window: &Window, base_url: &str) -> Result<(), Failure> {
    window.click(navigation::AUTHENTICATION).await?;
    window.click(token::NEW).await?;
    window.click(token::TYPE_HTTP_REQUEST).await?;
    window.fill(token::NAME, TOKEN).await?;
    window.choose(token::METHOD, "POST").await?;
    window.fill(token::URL, &format!("{base_url}/login")).await?;
    for (row, (name, value)) in [("username", "demo"), ("password", PASSWORD)].into_iter().enumerate() {
        window.click(token::ADD_PARAMETER).await?;
        window.fill(&token::parameter_name(row), name).await?;
        window.fill(&token::parameter_value(row), value).await?;
    }
    window.fill(token::HEADER_KEY, "Authorization").await?;
    window.fill(token::PREFIX, "Bearer").await?;
    window.see_disabled(token::SAVE).await?;
    window.see(token::MISSING).await?;

    window.click(token::TEST).await?;
    window.see_text(token::TEST_STATUS, "200").await?;
    window.see_disabled(token::SAVE).await?;
    window.click(response::EXPAND_ALL).await?;
    window.click_text(response::ROW, "access_token").await?;
    window.see_text(token::LOCATED, "Authorization: Bearer ").await?;
    window.see_text(token::HEADER_PREVIEW, "Authorization: Bearer ").await?;
    window.see_enabled(token::SAVE).await?;
    window.picture("new-token").await?;
    window.click(token::SAVE).await?;
    window.see_text(token::GENERATION, "1").await
}

async fn make_a_connector(window: &Window, base_url: &str) -> Result<(), Failure> {
    window.click(navigation::CONNECTORS).await?;
    window.click(connector::NEW).await?;
    window.fill(connector::NAME, CONNECTOR).await?;
    window.fill(connector::URL, &format!("{base_url}/orders/{{{{order_id}}}}")).await?;
    window.click(connector::ADD_INPUT).await?;
    window.fill(connector::INPUT_NAME, "order_id").await?;
    window.choose_labelled(connector::ATTACH_TOKEN, TOKEN).await?;
    window.see_text(connector::ATTACHED_TOKEN, TOKEN).await?;
    window.click(connector::SAVE).await?;
    window.see_text(connector::STATE, "draft").await?;
    window.picture("new-connector").await.map(drop)
}

async fn run_with_a_token_that_holds(window: &Window) -> Result<(), Failure> {
    window.click(connector::TAB_TEST).await?;
    window.fill(&run::input("order_id"), "A-1042").await?;
    window.click(run::RUN).await?;
    window.see_text(run::HEADLINE, "Succeeded").await?;
    assert_eq!(window.count(run::EXCHANGE).await?, 1, "a token that holds makes one exchange");
    Ok(())
}

async fn run_with_an_expired_token(window: &Window) -> Result<(), Failure> {
    window.click(navigation::SANDBOX).await?;
    window.click(sandbox::EXPIRE).await?;
    open_the_connector(window).await?;
    window.click(connector::TAB_TEST).await?;
    window.fill(&run::input("order_id"), "A-1042").await?;
    window.press_primary_action().await?;
    window.see_text(run::RENEWED, "refreshed once").await?;
    see_request_refresh_retry(window).await
}

async fn run_while_the_login_is_down(window: &Window) -> Result<(), Failure> {
    window.click(navigation::SANDBOX).await?;
    window.click(sandbox::LOGIN_DOWN).await?;
    window.click(sandbox::EXPIRE).await?;
    open_the_connector(window).await?;
    window.click(connector::TAB_TEST).await?;
    window.fill(&run::input("order_id"), "A-1042").await?;
    window.click(run::RUN).await?;
    window.see_text(run::SENTENCE, "503").await?;
    window.see_text(run::NEXT_STEP, "A stored value is kept").await?;
    window.picture("login-down").await?;
    window.click(navigation::SANDBOX).await?;
    window.click(sandbox::LOGIN_DOWN).await
}

async fn find_it_in_the_log(window: &Window) -> Result<(), Failure> {
    window.click(connector::TAB_LOGS).await?;
    window.see(logs::ROW).await?;
    assert_eq!(window.count(logs::ROW).await?, 2, "each run is recorded once");
    window.click(logs::ROW).await?;
    window.see(logs::DETAIL).await?;
    see_request_refresh_retry(window).await?;
    window.picture("logs").await.map(drop)
}

async fn see_a_run_of_the_headless_program(desktop: &Desktop) -> Result<(), Failure> {
    let said = desktop.run_headless(&["run", CONNECTOR, "--input", "order_id=A-7", "--source", "test"])?;
    assert!(said.contains("200"), "the headless program uses the window's workspace while it is open, but said: {said}");
    desktop.window().see_count(logs::ROW, 3).await
}

async fn open_the_connector(window: &Window) -> Result<(), Failure> {
    window.click(navigation::CONNECTORS).await?;
    window.click_text(connector::LINK, CONNECTOR).await
}

async fn see_request_refresh_retry(window: &Window) -> Result<(), Failure> {
    window.see(run::PICTURE).await?;
    window.see_text(run::PICTURE, "401").await?;
    window.see_text(run::PICTURE, "/login").await?;
    window.see_text(run::PICTURE, "retry").await?;
    assert_eq!(window.count(run::EXCHANGE).await?, 3, "request, refresh and one retry, never more (E5)");
    Ok(())
}

async fn find_everything_after_a_restart(window: &Window) -> Result<(), Failure> {
    open_the_connector(window).await?;
    window.click(connector::TAB_LOGS).await?;
    window.see(logs::ROW).await?;
    window.see_count(logs::ROW, 4).await?;
    window.click_text(logs::ROW, "refreshed").await?;
    see_request_refresh_retry(window).await?;
    window.click(navigation::AUTHENTICATION).await?;
    window.click_text(token::LINK, TOKEN).await?;
    window.see_text(token::GENERATION, "2").await
}

async fn no_secret_lies_about(desktop: &Desktop) -> Result<(), Failure> {
    let window = desktop.window();
    window.click(token::REVEAL).await?;
    let value = window.value(token::REVEALED).await?;
    assert!(value.len() > 20, "a revealed value is the whole value, not {value:?}");
    window.click(navigation::AUTHENTICATION).await?;
    window.see_gone(token::REVEALED).await?;
    for secret in [PASSWORD, &value] {
        assert!(!window.page().await?.contains(secret), "a secret must leave the page with its form (T8)");
        let files = desktop.folders().files_holding(secret)?;
        assert!(files.is_empty(), "a secret must be in no file in plain (S1, S2), but is in {files:?}");
    }
    Ok(())
}
