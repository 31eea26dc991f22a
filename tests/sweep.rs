//! The sweep that every rule test ends with finds what it is there to find: a secret in each place where one must not
//! be (S1, S2, T8), in more spellings than one, and not only what a test remembered to name.

mod support;

use std::path::Path;

use serde_json::json;
use support::Bench;
use support::drafts::text_token;
use support::sweep::{Sweep, keep_log};

/// A text that stands for a secret, and what the sweep says of it in an empty folder.
fn findings(secret: &str, plant: impl FnOnce(&mut Sweep)) -> Vec<String> {
    let mut sweep = Sweep::default();
    sweep.secret(secret);
    plant(&mut sweep);
    sweep.findings(Path::new("/nowhere/at/all"))
}

#[test]
fn s2_a_secret_in_a_text_is_found_however_it_is_written() {
    let secret = "planted \"secret\"/ü";
    for text in [
        format!("it is {secret}!"),
        json!({ "value": secret }).to_string(),
        json!({ "body": json!({ "value": secret }).to_string() }).to_string(),
        url::form_urlencoded::Serializer::new(String::new()).append_pair("key", secret).finish(),
        "cGxhbnRlZCAic2VjcmV0Ii_DvA".to_owned(),
    ] {
        let found = findings(secret, |sweep| sweep.text("a text", &text));
        assert!(matches!(&found[..], [one] if one.contains("a text")), "{text}: {found:?}");
    }
    assert!(findings(secret, |sweep| sweep.text("a text", "planted, but no secret")).is_empty());
    assert!(findings("short", |sweep| sweep.text("a text", "short")).is_empty(), "short ones may stand in words (S2)");
}

#[test]
fn s2_a_secret_in_any_file_of_a_folder_is_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("set-aside/deep")).unwrap();
    std::fs::write(folder.path().join("set-aside/deep/workspace.db-wal"), b"\0\xffplanted-in-a-file\xfe").unwrap();
    let mut sweep = Sweep::default();
    sweep.secret("planted-in-a-file");
    let found = sweep.findings(folder.path());
    assert!(matches!(&found[..], [one] if one.contains("workspace.db-wal")), "{found:?}");
}

#[test]
fn s2_a_secret_that_was_logged_at_any_level_is_found() {
    keep_log();
    tracing::trace!(header = ?"Bearer planted-in-the-log", "sent");
    let found = findings("planted-in-the-log", |_| ());
    assert!(matches!(&found[..], [one] if one.contains("was logged")), "{found:?}");
    tracing::info!("planted-here-too-{}", "in-the-log");
    assert_eq!(findings("planted-here-too-in-the-log", |_| ()).len(), 1);
}

/// What a bench says when it goes, after `plant` put the value of its only token somewhere.
async fn bench_that_goes(plant: impl AsyncFnOnce(&Bench, &str)) -> Result<(), String> {
    let bench = Bench::new().await;
    let token = bench.token(text_token("Key", "a-value-that-is-planted")).await;
    plant(&bench, &bench.value(&token.summary.id).await).await;
    let going = std::thread::spawn(move || drop(bench));
    going.join().map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

#[tokio::test]
async fn s2_a_bench_that_goes_finds_a_secret_in_the_database_a_file_or_what_was_told() {
    bench_that_goes(async |_, _| ()).await.expect("nothing was planted");

    let in_a_row = bench_that_goes(async |bench, value| {
        let mut draft = text_token("Other", "another-value");
        draft.description = format!("the value is {value}");
        bench.token(draft).await;
    });
    let said = in_a_row.await.expect_err("a description is no place for a secret");
    assert!(said.contains("tokens.config"), "{said}");

    let in_a_file = bench_that_goes(async |bench, value| {
        std::fs::write(bench.folder().join("notes.txt"), value).unwrap();
    });
    let said = in_a_file.await.expect_err("no file holds a secret");
    assert!(said.contains("notes.txt"), "{said}");

    let logged = bench_that_goes(async |_, value| tracing::debug!(%value, "planted")).await;
    assert!(logged.expect_err("nothing is logged").contains("was logged"));
}

#[tokio::test]
async fn s2_a_secret_setting_is_looked_for_everywhere_but_where_it_is_kept() {
    let kept = async |bench: &Bench| {
        bench.workspace.settings().set("messenger.identity_secret", "a-secret-that-is-set").await.unwrap();
    };
    bench_that_goes(async |bench, _| kept(bench).await).await.expect("its own place may hold it");

    let told = bench_that_goes(async |bench, _| {
        kept(bench).await;
        let mut draft = text_token("Other", "another-value");
        draft.description = "the secret is a-secret-that-is-set".to_owned();
        bench.token(draft).await;
    });
    let said = told.await.expect_err("a description is no place for a secret");
    assert!(said.contains("tokens.config"), "{said}");
}
