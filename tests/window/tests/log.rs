//! The circuit breaker and the log in the real window: a login that breaks and is mended, and executions found again.

use std::fs;

use harness::test_ids::{breaker, connector, logs, navigation, overview, run, sandbox, welcome};
use harness::{Desktop, Failure, KeyringState, Window, with_window};
use serde_json::Value;

const ORDERS: &str = "Get order status";
const ENTER: &str = "\u{e007}";
const END: &str = "\u{e010}";
const TAB: &str = "\u{e004}";
const ESCAPE: &str = "\u{e00c}";

#[tokio::test]
async fn c3_a_breaker_opens_while_the_login_is_broken_and_a_probe_closes_it_when_it_is_mended() -> Result<(), Failure> {
    with_window("breaker", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        window.click(welcome::TRY).await?;
        window.see(run::RUN).await?;
        set_switch(window, sandbox::LOGIN_DOWN).await?;
        // Runs of every process count, and the window sees it.
        let said = desktop.run_headless_in_vain(&["--json", "run", ORDERS, "--repeat", "7"])?;
        let summary: Value = json(&said)?;
        assert_eq!(summary["by_error_type"]["token_refresh_error"], 5, "five failures open it: {said}");
        assert_eq!(summary["by_error_type"]["circuit_open"], 2, "then nothing is sent: {said}");
        open_the_connector(window).await?;
        window.see_text(breaker::CHIP, "open").await?;
        window.click(connector::TAB_RELIABILITY).await?;
        window.see_text(breaker::STATE, "open").await?;
        window.see(breaker::COUNTDOWN).await?;
        window.see_count(breaker::FAILURE, 5).await?;
        window.picture("breaker-open").await?;
        run_it(window).await?;
        window.see_text(run::SENTENCE, "circuit breaker is open").await?;
        window.see(breaker::REFUSAL).await?;
        window.picture("breaker-refused").await?;
        window.click(breaker::RESET_HEADER).await?;
        window.see_gone(breaker::CHIP).await?;
        open_for_two_seconds(window).await?;
        let said = desktop.run_headless_in_vain(&["--json", "run", ORDERS, "--repeat", "5"])?;
        assert!(said.contains("token_refresh_error"), "the login is still asked after a reset, but: {said}");
        window.click(connector::TAB_RELIABILITY).await?;
        window.see_text(breaker::PHASE, "next run is the probe").await?;
        set_switch(window, sandbox::LOGIN_DOWN).await?;
        open_the_connector(window).await?;
        window.see(breaker::CHIP).await?;
        run_it(window).await?;
        window.see_text(run::HEADLINE, "Succeeded").await?;
        window.see_gone(breaker::CHIP).await?;
        window.click(connector::TAB_RELIABILITY).await?;
        window.see_text(breaker::STATE, "closed").await?;
        window.picture("breaker-closed").await.map(drop)
    })
    .await
}

#[tokio::test]
async fn a_log_is_filtered_searched_compared_and_exported() -> Result<(), Failure> {
    with_window("log", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        window.click(welcome::TRY).await?;
        window.see(run::RUN).await?;
        make_three_hundred(desktop)?;
        open_the_connector(window).await?;
        window.click(connector::TAB_LOGS).await?;
        window.see_text(logs::COUNT, "300").await?;
        window.see(logs::TIMELINE).await?;
        go_to_the_last_by_keyboard(window).await?;
        find(window).await?;
        look_closer_at_a_time(window).await?;
        pause_the_live_rows(desktop).await?;
        compare_and_run_again(window).await?;
        export(desktop).await?;
        window.click(navigation::LOGS).await?;
        window.see_text(logs::ROW, ORDERS).await?;
        window.picture("log-of-all").await?;
        window.click(navigation::OVERVIEW).await?;
        window.see_count(overview::ROW, 2).await?;
        window.see_text(overview::ROW, ORDERS).await?;
        window.see(overview::REASON).await?;
        window.picture("overview").await.map(drop)
    })
    .await
}

/// 300 in all: 39 of them failed, and one is of a customer with an order that nobody else asks for.
fn make_three_hundred(desktop: &Desktop) -> Result<(), Failure> {
    let many =
        |order: &'static str, times: &'static str| ["run", ORDERS, "--input", order, "--repeat", times, "--concurrency", "4"];
    desktop.run_headless(&many("order_id=A-1042", "260"))?;
    desktop.run_headless_in_vain(&many("order_id=missing-7", "39"))?;
    desktop.run_headless(&["run", ORDERS, "--input", "order_id=Z-quokka", "--customer", "user-7"]).map(drop)
}

async fn go_to_the_last_by_keyboard(window: &Window) -> Result<(), Failure> {
    window.press_until_focused(TAB, logs::LIST, 60).await?;
    window.press(END).await?;
    window.see_active_position(300, 300).await?;
    window.press("k").await?;
    window.see_active_position(299, 300).await?;
    window.press(ENTER).await?;
    window.see(logs::DETAIL).await?;
    window.press(ESCAPE).await?;
    window.see_gone(logs::DETAIL).await?;
    window.press("/").await?;
    window.see_focused(logs::SEARCH).await
}

async fn find(window: &Window) -> Result<(), Failure> {
    window.fill(logs::SEARCH, "quokka").await?;
    window.see_text(logs::COUNT, "1").await?;
    window.see_count(logs::ROW, 1).await?;
    window.see_text(logs::ROW, "user-7").await?;
    window.click(logs::CLEAR).await?;
    window.click(logs::FAILED).await?;
    window.see_text(logs::COUNT, "39").await?;
    window.picture("log-failures").await?;
    window.click(logs::CLEAR).await?;
    window.click(logs::MORE).await?;
    window.fill(logs::CUSTOMER, "user-7").await?;
    window.press(ENTER).await?;
    window.see_count(logs::ROW, 1).await?;
    window.click(logs::MORE).await?;
    window.click(logs::CLEAR).await?;
    window.see_text(logs::COUNT, "300").await?;
    window.picture("log").await.map(drop)
}

async fn look_closer_at_a_time(window: &Window) -> Result<(), Failure> {
    window.drag_across(logs::TIMELINE, 0.3, 0.98).await?;
    window.see(logs::ZOOM_OUT).await?;
    window.click(logs::ZOOM_OUT).await?;
    window.see_gone(logs::ZOOM_OUT).await?;
    window.see_text(logs::COUNT, "300").await
}

async fn pause_the_live_rows(desktop: &Desktop) -> Result<(), Failure> {
    let window = desktop.window();
    window.click(logs::LIVE).await?;
    desktop.run_headless(&["run", ORDERS, "--customer", "user-8"])?;
    window.see_text(logs::WAITING, "1").await?;
    window.see_text(logs::COUNT, "300").await?;
    window.click(logs::LIVE).await?;
    window.see_text(logs::ROW, "user-8").await?;
    window.see_text(logs::COUNT, "301").await
}

async fn compare_and_run_again(window: &Window) -> Result<(), Failure> {
    window.click(logs::FAILED).await?;
    window.click_text(logs::ROW, "404").await?;
    window.see(logs::DETAIL).await?;
    window.click(logs::COMPARE).await?;
    window.click(logs::COMPARE_SUCCESS).await?;
    window.see(logs::COMPARED).await?;
    window.see_text(logs::COMPARED_FACT, "404").await?;
    window.picture("compare").await?;
    window.click(logs::COMPARE_CLOSE).await?;
    window.see_gone(logs::COMPARED).await?;
    window.click(logs::RUN_AGAIN).await?;
    window.see_value(&run::input("order_id"), "missing-7").await?;
    window.see_text(run::SENTENCE, "404").await
}

async fn export(desktop: &Desktop) -> Result<(), Failure> {
    let window = desktop.window();
    let file = desktop.folders().workspace().with_file_name("failures.har");
    window.click(connector::TAB_LOGS).await?;
    window.click(logs::FAILED).await?;
    window.see_text(logs::COUNT, "40").await?;
    window.click(logs::EXPORT).await?;
    window.fill(logs::EXPORT_PATH, &file.display().to_string()).await?;
    window.click(logs::EXPORT_START).await?;
    window.see_text(logs::EXPORT_REPORT, "40 executions").await?;
    window.picture("export").await?;
    let har: Value = json(&fs::read_to_string(&file)?)?;
    assert_eq!(har["log"]["version"], "1.2");
    let entries = har["log"]["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(entries.len(), 40, "each of them asked once, and no login");
    assert!(entries.iter().all(|entry| entry["response"]["status"] == 404), "only what is filtered is exported");
    window.click(logs::EXPORT_DONE).await
}

fn json(text: &str) -> Result<Value, Failure> {
    Ok(serde_json::from_str(text).map_err(std::io::Error::from)?)
}

async fn set_switch(window: &Window, switch: &str) -> Result<(), Failure> {
    window.click(navigation::SANDBOX).await?;
    window.click(switch).await?;
    window.click(sandbox::EXPIRE).await
}

async fn open_the_connector(window: &Window) -> Result<(), Failure> {
    window.click(navigation::CONNECTORS).await?;
    window.click_text(connector::LINK, ORDERS).await?;
    window.see_text(navigation::TITLE, ORDERS).await
}

async fn run_it(window: &Window) -> Result<(), Failure> {
    window.click(connector::TAB_TEST).await?;
    window.click(run::RUN).await
}

async fn open_for_two_seconds(window: &Window) -> Result<(), Failure> {
    window.click(connector::TAB_RELIABILITY).await?;
    window.fill(breaker::OPEN_SECONDS, "2").await?;
    window.click(connector::SAVE).await?;
    window.see_disabled(connector::SAVE).await
}
