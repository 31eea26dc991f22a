//! The lock that a flight holds against other processes: an operating system's lock on a file of its own per token.
//! The system frees it when its process ends, however that ends (E6); its file stays as long as the token.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::token::TokenId;

/// The folder of the lock files, inside the workspace's.
const FOLDER: &str = "flights";
const EXTENSION: &str = "lock";

/// Where the lock files of a workspace are.
#[derive(Debug, Clone)]
pub struct FlightLocks {
    folder: PathBuf,
}

/// The lock of one token. It is free again when this is dropped.
pub struct FlightLock {
    file: File,
}

impl FlightLocks {
    /// Those of the workspace in this folder. Nothing is made before it is needed.
    pub fn of(workspace: &Path) -> Self {
        Self { folder: workspace.join(FOLDER) }
    }

    /// The lock of a token, not taken yet.
    ///
    /// # Errors
    /// When the file can't be made or opened.
    pub async fn open(&self, token_id: &TokenId) -> io::Result<FlightLock> {
        let path = self.path(token_id);
        tokio::task::spawn_blocking(move || open(&path).map(|file| FlightLock { file })).await?
    }

    /// Removes the file of a token that is gone. Whoever holds it still finds out that there is nothing to store to.
    pub async fn remove(&self, token_id: &TokenId) {
        let path = self.path(token_id);
        // What stays is removed by the next sweep.
        let _ = tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await;
    }

    /// The tokens that have a file, for [`Self::remove`] once it is known which of them are gone.
    pub fn tokens(&self) -> HashSet<TokenId> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return HashSet::new() };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let locks = paths.filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
        locks.filter_map(|path| Some(TokenId(path.file_stem()?.to_str()?.to_owned()))).collect()
    }

    fn path(&self, token_id: &TokenId) -> PathBuf {
        self.folder.join(format!("{}.{EXTENSION}", token_id.0))
    }
}

impl FlightLock {
    /// Takes the lock if nobody has it; never waits. `false` while another holds it.
    ///
    /// # Errors
    /// When this file system has no locks.
    pub fn try_take(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    let Some(folder) = path.parent() else { return options.open(path) };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> TokenId {
        TokenId(text.to_owned())
    }

    #[tokio::test]
    async fn e6_one_holds_the_lock_of_a_token_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (FlightLocks::of(folder.path()), FlightLocks::of(folder.path()));
        let held = one.open(&id("t1")).await.unwrap();
        assert!(held.try_take().unwrap());
        let waiting = other.open(&id("t1")).await.unwrap();
        assert!(!waiting.try_take().unwrap());
        assert!(other.open(&id("t2")).await.unwrap().try_take().unwrap(), "another token is another lock");
        drop(held);
        assert!(waiting.try_take().unwrap());
    }

    #[tokio::test]
    async fn the_files_are_private_and_are_found_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let locks = FlightLocks::of(folder.path());
        assert!(locks.tokens().is_empty(), "there is no folder yet, and none is made");
        let lock = locks.open(&id("t1")).await.unwrap();
        std::fs::write(folder.path().join("flights/other.txt"), "").unwrap();
        assert_eq!(locks.tokens(), HashSet::from([id("t1")]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode("flights"), mode("flights/t1.lock")), (0o700, 0o600));
        }
        locks.remove(&id("t1")).await;
        locks.remove(&id("t1")).await;
        drop(lock);
        assert!(locks.tokens().is_empty());
    }
}
