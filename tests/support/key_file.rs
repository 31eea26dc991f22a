//! A keyring of plain files, so that several processes of one test, and later ones, open the same workspace at once.

use std::path::{Path, PathBuf};

use latchkey::vault::{DatabaseKey, KeySlot, SlotFailure};

/// Keeps each key as a file of its 32 bytes. It protects nothing: only for workspaces of tests.
pub struct KeyFile {
    folder: PathBuf,
}

impl KeyFile {
    /// The keys in this folder, which must be there when a key is written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, workspace_id: &str) -> PathBuf {
        self.folder.join(format!("{workspace_id}.key"))
    }
}

impl KeySlot for KeyFile {
    fn read(&self, workspace_id: &str) -> Result<Option<DatabaseKey>, SlotFailure> {
        match std::fs::read(self.path(workspace_id)) {
            Ok(bytes) => Ok(DatabaseKey::from_bytes(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SlotFailure::Other(error.to_string())),
        }
    }

    fn write(&self, workspace_id: &str, key: &DatabaseKey) -> Result<(), SlotFailure> {
        // Exposed to the key's own file. Written beside and moved, so that a killed test leaves a whole key or none.
        let new = self.folder.join(format!(".{workspace_id}.{}", std::process::id()));
        let written = std::fs::write(&new, key.expose_bytes()).and_then(|()| std::fs::rename(&new, self.path(workspace_id)));
        written.map_err(|error| SlotFailure::Other(error.to_string()))
    }

    fn remove(&self, workspace_id: &str) -> Result<(), SlotFailure> {
        match std::fs::remove_file(self.path(workspace_id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(SlotFailure::Other(error.to_string())),
            _ => Ok(()),
        }
    }
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
