//! Closed workspaces, what they say when they are opened, and their files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use latchkey::workspace::{DamagedWorkspace, OpenFailure, Seams, Unlocked, Workspace};
use tempfile::TempDir;

use super::Bench;
use super::drafts::text_token;
use super::key_file::KeyFile;

/// Bytes of a page of the database.
pub const PAGE: usize = 4096;

/// Where its database is.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("workspace/workspace.db")
}

/// The keyring of plain files beside it.
pub fn seams(folder: &Path) -> Seams {
    Seams { keyring: Arc::new(KeyFile::new(folder.join("keyring"))), ..Seams::real() }
}

/// Opens it.
pub async fn tries(folder: &Path) -> Result<Workspace, OpenFailure> {
    Workspace::open(folder.join("workspace"), None, seams(folder)).await
}

/// Has its key and opens nothing.
pub async fn unlocked(folder: &Path) -> Unlocked {
    Unlocked::unlock(folder.join("workspace"), None, seams(folder)).await.unwrap()
}

/// What a damaged workspace says when it is opened.
pub async fn damaged(folder: &Path) -> DamagedWorkspace {
    match tries(folder).await {
        Err(OpenFailure::Damaged(damaged)) => *damaged,
        Err(other) => panic!("it should be known as damaged: {other:?}"),
        Ok(_) => panic!("a damaged database was opened"),
    }
}

/// The names of its tokens.
pub async fn names(workspace: &Workspace) -> Vec<String> {
    let mut names: Vec<_> = workspace.tokens().list().await.unwrap().into_iter().map(|token| token.name).collect();
    names.sort();
    names
}

/// Every file of a folder with its bytes.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// A closed workspace: a token and three runs, then a backup, then one more token. Its folder, and the backup's name.
pub async fn closed_with_backup() -> (TempDir, String) {
    let bench = Bench::new().await;
    let (_, connector_id) = bench.orders().await;
    for _ in 0..3 {
        bench.run(&connector_id).await;
    }
    let backup = bench.workspace.backups().now().await.unwrap();
    bench.token(text_token("After the backup", "later-value")).await;
    (bench.close().await, backup.name)
}

/// Writes the file with one bit of the byte at `at` changed.
pub fn flipped(at: usize, file: &Path, mut bytes: Vec<u8>) {
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
}
