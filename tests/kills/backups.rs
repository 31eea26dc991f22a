//! Kills in the middle of backups and of restores.

use std::path::Path;

use latchkey::workspace::{Unlocked, closed_backups};

use crate::acknowledged::{database, in_seconds, key_hex};
use crate::child::{Moments, Working};
use crate::rounds::Stand;
use crate::support::bench::{open, seams};
use crate::support::sweep::files;
use crate::support::until;
use crate::work::EDITED;

/// Every backup that is listed can be read whole, and this one is listed.
async fn assert_backups(folder: &Path, acknowledged: Option<&str>) {
    let workspace = folder.join("workspace");
    let listed: Vec<String> = closed_backups(&workspace).unwrap().backups.into_iter().map(|backup| backup.name).collect();
    let unlocked = Unlocked::unlock(&workspace, None, seams(folder)).await.unwrap();
    for name in &listed {
        let contents = unlocked.contents(name).await.unwrap_or_else(|problem| panic!("{name} is listed: {problem:?}"));
        assert_eq!((contents.tokens, contents.connectors), (3, 4), "{name} holds what was there");
    }
    if let Some(name) = acknowledged {
        assert!(listed.iter().any(|listed| listed == name), "{name} was acknowledged and is not among {listed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_an_acknowledged_backup_is_there_and_whole_when_a_program_is_killed_while_it_backs_up() {
    let mut moments = Moments::new("backing up");
    let mut stand = Stand::new().await;
    let mut made = 0;
    for _ in 0..12 {
        let child = Working::start("back up", stand.path());
        child.says("working");
        let mut said: Vec<String> = (0..moments.below(20)).map(|_| child.next()).collect();
        said.extend(child.killed_after(moments.micros(100_000)));
        let backups: Vec<&str> = said.iter().filter_map(|line| line.strip_prefix("backup ")).collect();
        made += backups.len();
        assert_backups(stand.path(), backups.last().copied()).await;
        stand.hear(&said);
        stand.look().await;
    }
    stand.end();
    println!("backing up: 12 kills, {made} backups acknowledged");
}

/// What the connector that is edited says in the workspace.
async fn description(folder: &Path) -> String {
    let workspace = in_seconds("opening after a kill", open(folder)).await;
    database(folder).check().unwrap();
    let id = workspace.connectors().id_of(EDITED).await.unwrap();
    workspace.connectors().get(&id).await.unwrap().draft.description
}

/// Gives the connector another description and closes the workspace.
async fn describe(folder: &Path, description: &str) {
    let workspace = open(folder).await;
    let id = workspace.connectors().id_of(EDITED).await.unwrap();
    let mut draft = workspace.connectors().get(&id).await.unwrap().draft;
    description.clone_into(&mut draft.description);
    workspace.connectors().save(Some(&id), draft).await.unwrap();
}

async fn closed(folder: &Path) {
    let log = folder.join("workspace/workspace.db-wal");
    until("the database to be closed", || !log.exists()).await;
}

/// Whether a database that was set aside has this text in a connector.
fn is_set_aside(folder: &Path, text: &str) -> bool {
    let key = key_hex(folder);
    files(&folder.join("workspace/set-aside")).into_iter().any(|(path, _)| {
        path.file_name().is_some_and(|name| name == "workspace.db")
            && latchkey::store::Database::open(path, &key).is_ok_and(|database| {
                let held = database.read(|connection| {
                    let pattern = format!("%{text}%");
                    Ok(connection
                        .query_row("SELECT count(*) FROM connectors WHERE draft LIKE ?1", [pattern], |row| row.get(0))?)
                });
                held.is_ok_and(|held: i64| held > 0)
            })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_a_restore_that_is_killed_leaves_the_old_state_or_the_new_and_loses_neither() {
    let mut moments = Moments::new("restoring");
    let stand = Stand::new().await;
    let folder = stand.path();
    describe(folder, "in the backup").await;
    let name = open(folder).await.backups().now().await.unwrap().name;
    let (mut old, mut new) = (0, 0);
    for round in 0..12 {
        let present = format!("after the backup {round}.");
        describe(folder, &present).await;
        closed(folder).await;
        let child = Working::start(&format!("restore {name}"), folder);
        child.says("restoring");
        let said = child.killed_after(moments.micros(300_000));
        let found = description(folder).await;
        if found == "in the backup" {
            assert!(is_set_aside(folder, &present), "the former database is set aside, never deleted");
            new += 1;
        } else {
            assert_eq!(found, present, "the old state is as it was");
            assert!(said.is_empty(), "a restore that was acknowledged is done");
            old += 1;
        }
        assert_backups(folder, Some(&name)).await;
        closed(folder).await;
    }
    stand.end();
    println!("restoring: 12 kills, {old} left the old state and {new} the new");
}
