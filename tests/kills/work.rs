//! What the children do. A line on standard output is an acknowledgement: it is printed after the call has returned.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use latchkey::token::{TokenDraft, TokenType};
use latchkey::workspace::{ExecutionRequest, SecretRef, Workspace, restore};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::child::{FOLDER, WORK};
use crate::support::bench::{open, seams};
use crate::support::drafts::text_token;

/// The connector that is saved over and over, and never run: a run would teach it fields meanwhile.
pub const EDITED: &str = "Edited";
/// Runs that a recording child has under way at once.
const AT_ONCE: usize = 200;
/// Runs of a child that ends by itself.
pub const FLOOD: usize = 600;

/// Not a test by itself: the other tests start it in a process of its own, and tell it by the environment what to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn works_until_it_is_killed() {
    let Ok(work) = std::env::var(WORK) else { return };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    // The test harness has begun a line of its own.
    println!();
    do_work(&work, &folder).await;
}

async fn do_work(work: &str, folder: &Path) {
    if work == "open" {
        println!("opening");
        drop(open(folder).await);
        return println!("opened");
    }
    if let Some(name) = work.strip_prefix("restore ") {
        println!("restoring");
        restore(folder.join("workspace"), None, seams(folder), name).await.unwrap();
        return println!("restored");
    }
    let workspace = open(folder).await;
    println!("working");
    match work {
        "record" => record(&workspace, usize::MAX).await,
        "record some" => record(&workspace, FLOOD).await,
        "refresh" => refresh(&workspace).await,
        "refresh once" => refresh_once(&workspace).await,
        "edit" => edit(&workspace).await,
        "run" => run(&workspace).await,
        "back up" => back_up(&workspace).await,
        "everything" => {
            let (recording, refreshing) = (workspace.clone(), workspace.clone());
            let recording = tokio::spawn(async move { record(&recording, usize::MAX).await });
            let refreshing = tokio::spawn(async move { refresh(&refreshing).await });
            edit(&workspace).await;
            let _ = tokio::join!(recording, refreshing);
        }
        other => panic!("{other} is no work"),
    }
}

/// Runs the connectors that have a mock response, many at a time.
async fn record(workspace: &Workspace, most: usize) {
    let mut connectors = Vec::new();
    for connector in workspace.connectors().list().await.unwrap() {
        if !workspace.connectors().get(&connector.id).await.unwrap().draft.mock_response.is_empty() {
            connectors.push(connector.id);
        }
    }
    let mut running = JoinSet::new();
    for number in 0..most {
        let request = ExecutionRequest {
            connector_id: connectors[number % connectors.len()].clone(),
            mock: true,
            ..ExecutionRequest::default()
        };
        let workspace = workspace.clone();
        running.spawn(async move { workspace.execute(request).await.unwrap().outcome().await.unwrap().id });
        if running.len() >= AT_ONCE {
            println!("execution {}", running.join_next().await.unwrap().unwrap());
        }
    }
    while let Some(recorded) = running.join_next().await {
        println!("execution {}", recorded.unwrap());
    }
}

/// Runs every connector over and over, one run after the other.
async fn run(workspace: &Workspace) {
    let connectors = workspace.connectors().list().await.unwrap();
    loop {
        for connector in &connectors {
            let request = ExecutionRequest { connector_id: connector.id.clone(), ..ExecutionRequest::default() };
            println!("execution {}", workspace.execute(request).await.unwrap().outcome().await.unwrap().id);
        }
    }
}

/// Refreshes every HTTP request token over and over, by hand and by runs that meet a 401, all at once.
async fn refresh(workspace: &Workspace) {
    let mut tasks = JoinSet::new();
    for token in logins(workspace).await {
        let workspace = workspace.clone();
        tasks.spawn(async move {
            loop {
                refreshed(&workspace, &token).await;
            }
        });
    }
    let connectors = workspace.connectors().list().await.unwrap().into_iter();
    for connector in connectors.filter(|connector| connector.name != EDITED) {
        let workspace = workspace.clone();
        tasks.spawn(async move {
            loop {
                let request = ExecutionRequest { connector_id: connector.id.clone(), ..ExecutionRequest::default() };
                let execution = workspace.execute(request).await.unwrap().outcome().await.unwrap();
                println!("execution {}", execution.id);
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}

async fn refresh_once(workspace: &Workspace) {
    for token in logins(workspace).await {
        refreshed(workspace, &token).await;
    }
}

async fn logins(workspace: &Workspace) -> Vec<String> {
    let tokens = workspace.tokens().list().await.unwrap().into_iter();
    tokens.filter(|token| token.token_type == TokenType::HttpRequest).map(|token| token.id).collect()
}

async fn refreshed(workspace: &Workspace, token_id: &str) {
    let refreshed = workspace.tokens().refresh(token_id).await.unwrap();
    // Others of this child may have refreshed it since: then the value is of a later generation, so it is not told.
    let value = workspace.secret(SecretRef::TokenValue { token_id: token_id.to_owned() }).await.unwrap();
    let now = workspace.tokens().get(token_id).await.unwrap();
    if now.summary.generation == refreshed.summary.generation {
        println!("value {token_id} {} {}", refreshed.summary.generation, fingerprint(value.expose_secret()));
    } else {
        println!("generation {token_id} {}", refreshed.summary.generation);
    }
}

/// Makes one backup after the other, while everything that is in them is edited.
async fn back_up(workspace: &Workspace) {
    let editing = workspace.clone();
    tokio::spawn(async move { edit(&editing).await });
    loop {
        println!("backup {}", workspace.backups().now().await.unwrap().name);
    }
}

/// Saves a text token, a connector and a setting over and over, each time with a greater number in it.
async fn edit(workspace: &Workspace) {
    let tokens = workspace.tokens().list().await.unwrap();
    let token = tokens.into_iter().find(|token| token.token_type == TokenType::Text).unwrap();
    let id = workspace.connectors().id_of(EDITED).await.unwrap();
    let connector = workspace.connectors().get(&id).await.unwrap();
    let first = connector.draft.description.parse::<u32>().unwrap_or_default();
    for number in first + 1.. {
        let draft = TokenDraft { id: Some(token.id.clone()), ..text_token(&token.name, &format!("text-value-{number}")) };
        let saved = workspace.tokens().save(draft, None).await.unwrap();
        println!("value {} {} {}", token.id, saved.summary.generation, fingerprint(&format!("text-value-{number}")));
        let mut draft = connector.draft.clone();
        draft.description = number.to_string();
        workspace.connectors().save(Some(&id), draft).await.unwrap();
        println!("connector {id} {number}");
        workspace.settings().set("limits.response_bytes", &(2000 + number).to_string()).await.unwrap();
        println!("setting limits.response_bytes {}", 2000 + number);
    }
}

/// Tells values apart without printing them.
pub fn fingerprint(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
