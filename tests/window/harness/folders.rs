//! The folders of one test: the workspace and everything that a desktop session would keep in a home folder.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::Failure;
use crate::wait::{self, Look};

/// Fresh folders, gone with the test.
pub struct Folders {
    root: TempDir,
}

const XDG: [(&str, &str); 4] =
    [("XDG_DATA_HOME", "data"), ("XDG_RUNTIME_DIR", "runtime"), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")];

impl Folders {
    /// Makes them, readable by nobody else: D-Bus and the keyring refuse a runtime folder that others can read.
    pub(crate) fn new() -> Result<Self, Failure> {
        let root = tempfile::Builder::new().prefix("latchkey-window-").tempdir()?;
        for folder in XDG.iter().map(|(_, folder)| *folder).chain(["home", "workspace"]) {
            DirBuilder::new().mode(0o700).create(root.path().join(folder))?;
        }
        Ok(Self { root })
    }

    /// The workspace's folder.
    pub fn workspace(&self) -> PathBuf {
        self.root.path().join("workspace")
    }

    /// A file for the errors of a program of this test.
    pub(crate) fn log(&self, program: &str) -> PathBuf {
        self.root.path().join(format!("{program}.log"))
    }

    /// The environment that leads every program to these folders, and away from the user's own session.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        XDG.iter()
            .map(|(name, folder)| ((*name).to_owned(), self.root.path().join(folder)))
            .chain([("HOME".to_owned(), self.root.path().join("home")), ("LATCHKEY_WORKSPACE".to_owned(), self.workspace())])
            .map(|(name, path)| (name, path.display().to_string()))
            .collect()
    }

    /// Every file of this test, of the workspace and the preferences alike, that holds `text` as it stands. Sockets
    /// and files that go away meanwhile are passed over.
    pub fn files_holding(&self, text: &str) -> Result<Vec<PathBuf>, Failure> {
        let mut found = Vec::new();
        collect(self.root.path(), text.as_bytes(), &mut found)?;
        Ok(found)
    }

    /// Waits until some file of this test holds `text`.
    pub async fn see_in_a_file(&self, text: &str) -> Result<(), Failure> {
        wait::until(&format!("a file that holds {text:?}"), async || {
            Ok(if self.files_holding(text)?.is_empty() { Look::NotYet("in none".to_owned()) } else { Look::Found(()) })
        })
        .await
    }
}

fn collect(folder: &Path, needle: &[u8], found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            collect(&entry.path(), needle, found)?;
        } else if kind.is_file()
            && let Ok(bytes) = fs::read(entry.path())
            && bytes.windows(needle.len()).any(|window| window == needle)
        {
            found.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_file_of_any_folder_is_found() {
        let folders = Folders::new().unwrap();
        fs::create_dir(folders.workspace().join("deep")).unwrap();
        fs::write(folders.workspace().join("deep/file"), b"\0\0hunter2-hunter2\xff").unwrap();
        assert_eq!(folders.files_holding("hunter2-hunter2").unwrap(), [folders.workspace().join("deep/file")]);
        assert!(folders.files_holding("hunter3-hunter3").unwrap().is_empty(), "only what is there is found");
    }
}
