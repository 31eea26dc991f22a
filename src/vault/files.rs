//! The vault's files: private, written whole or not at all, and changed by one process at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::failure::VaultFailure;
use super::slot::Slot;

/// Says which slots a workspace has; holds no secret.
pub(super) const VAULT_FILE: &str = "vault.json";
const LOCK_FILE: &str = "vault.lock";
const FORMAT: u32 = 1;

/// Longest file that is read; the real ones have a few hundred bytes.
const READ_LIMIT: u64 = 64 * 1024;

/// The content of `vault.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Enrolment {
    format: u32,
    /// Names the workspace's key in the keyring.
    pub workspace_id: String,
    /// What may open it.
    pub slots: Vec<Slot>,
    /// Whether its database was made: if that is missing later, it was lost. Workspaces of before this was written down
    /// get it when they are opened.
    #[serde(default)]
    pub database_made: bool,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Enrolment {
    pub fn new(workspace_id: String, slot: Slot) -> Self {
        Self { format: FORMAT, workspace_id, slots: vec![slot], database_made: false }
    }

    pub fn has(&self, slot: Slot) -> bool {
        self.slots.contains(&slot)
    }

    /// `None` when the folder has no `vault.json`.
    pub fn read(folder: &Path) -> Result<Option<Self>, VaultFailure> {
        read_json(folder, VAULT_FILE, FORMAT)
    }

    pub fn write(&self, folder: &Path) -> Result<(), VaultFailure> {
        write_json(folder, VAULT_FILE, self)
    }
}

/// Holds others off while it lives; the operating system frees it when the process ends, however it ends.
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Waits until no other process reads or changes the vault.
    pub fn exclusive(folder: &Path) -> Result<Self, VaultFailure> {
        Self::take(folder, File::lock)
    }

    /// Waits until no other process changes the vault; many may read it at once.
    pub fn shared(folder: &Path) -> Result<Self, VaultFailure> {
        Self::take(folder, File::lock_shared)
    }

    fn take(folder: &Path, lock: impl FnOnce(&File) -> std::io::Result<()>) -> Result<Self, VaultFailure> {
        let path = folder.join(LOCK_FILE);
        let file = private().create(true).truncate(false).open(&path).map_err(|error| unusable(&path, &error))?;
        lock(&file).map_err(|error| unusable(&path, &error))?;
        Ok(Self { _file: file })
    }
}

/// Makes the folder, for its owner alone. A folder that is there already is narrowed only while it is empty: the
/// user may have named one that others use too.
pub(super) fn make_folder(folder: &Path) -> Result<(), VaultFailure> {
    let failed = |error: std::io::Error| unusable(folder, &error);
    if folder.exists() {
        #[cfg(unix)]
        if fs::read_dir(folder).map_err(failed)?.next().is_none() {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        }
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed)
}

/// Whether the folder has such a file; other doubts (no permission) are failures, never a "no".
pub(super) fn has_file(folder: &Path, name: &str) -> Result<bool, VaultFailure> {
    let path = folder.join(name);
    path.try_exists().map_err(|error| unusable(&path, &error))
}

/// Reads a file that begins with its `format`; `None` when it is not there.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(
    folder: &Path,
    name: &'static str,
    known_format: u32,
) -> Result<Option<T>, VaultFailure> {
    let path = folder.join(name);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(&path, &error)),
    };
    let mut bytes = Vec::new();
    file.take(READ_LIMIT).read_to_end(&mut bytes).map_err(|error| unusable(&path, &error))?;
    let damaged = || VaultFailure::Damaged { file: name, problem: "is damaged: it can't be read".to_owned() };
    let FormatOnly { format } = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    if format > known_format {
        return Err(VaultFailure::Newer { file: name });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|_| damaged())
}

/// Replaces a file as one step that survives a loss of power: the old or the new content is there, never a mix.
/// Needs the exclusive lock, because the temporary file has a fixed name (so that a crash leaves at most one).
pub(super) fn write_json(folder: &Path, name: &str, content: &impl Serialize) -> Result<(), VaultFailure> {
    let (path, temporary) = (folder.join(name), folder.join(format!(".{name}.new")));
    let bytes = serde_json::to_vec_pretty(content).map_err(|error| VaultFailure::System(error.to_string()))?;
    let write = || -> std::io::Result<()> {
        let mut file = private().create(true).truncate(true).open(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        sync_folder(folder)
    };
    write().map_err(|error| unusable(&path, &error))
}

/// Removes a file for good; no error when it is not there.
pub(super) fn remove(folder: &Path, name: &str) -> Result<(), VaultFailure> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unusable(&path, &error)),
        _ => sync_folder(folder).map_err(|error| unusable(folder, &error)),
    }
}

/// [`remove`], which writes nothing when the file is not there.
pub(super) fn remove_if_there(folder: &Path, name: &str) -> Result<(), VaultFailure> {
    if has_file(folder, name)? { remove(folder, name) } else { Ok(()) }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder can't be opened as a file; the file system keeps renames in order by itself.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

fn unusable(path: &Path, error: &std::io::Error) -> VaultFailure {
    VaultFailure::Folder { path: path.display().to_string(), problem: error.to_string() }
}
