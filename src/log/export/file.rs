//! The file of an export: written under another name beside its own, for its owner alone, and renamed when it is whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::{private_file, sync_folder};

/// A file that is not whole yet. It is removed unless it is finished.
pub struct Unfinished {
    path: PathBuf,
    target: PathBuf,
    replaces: bool,
    is_done: bool,
}

/// Why an export can't be written to its file.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The path begins nowhere.
    #[error("The path does not say from where it goes: it must be a whole one.")]
    Relative,
    /// The path ends with no name.
    #[error("The path names no file.")]
    NoName,
    /// There is a folder of that name.
    #[error("There is a folder of that name.")]
    IsFolder,
    /// There is a file of that name, which is not to be replaced.
    #[error("There is a file of that name already.")]
    Exists,
    /// The folder is not there.
    #[error("The folder {folder} does not exist.")]
    NoFolder {
        /// The folder.
        folder: String,
    },
    /// The system said no.
    #[error("{}", sentence(.0))]
    Io(#[from] io::Error),
}

fn sentence(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "The file can't be written there: permission is denied.".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "There is no room left on that disk.".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => "That disk can only be read.".to_owned(),
        io::ErrorKind::InvalidFilename => "That is no name for a file there.".to_owned(),
        _ => format!("The file can't be written: {error}."),
    }
}

impl FileFault {
    /// What to do now.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Relative => "Write it from the root on, such as /home/ann/Downloads/log.har; ~ is not understood.",
            Self::NoName => "Add the name of the file.",
            Self::IsFolder => "Add a name behind the folder's.",
            Self::Exists => "Choose another name, or let the file be replaced.",
            Self::NoFolder { .. } => "Make the folder, or choose another one.",
            Self::Io(error) if error.kind() == io::ErrorKind::StorageFull => "Make room, choose another disk, or export less.",
            Self::Io(_) => "Choose another folder, or another name.",
        }
    }
}

impl Unfinished {
    /// Makes the file under another name beside the path.
    ///
    /// # Errors
    /// When the path can't be taken or the file can't be made.
    pub fn create(path: &Path, replaces: bool) -> Result<(Self, File), FileFault> {
        if !path.is_absolute() {
            return Err(FileFault::Relative);
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Err(FileFault::NoName) };
        if path.is_dir() {
            return Err(FileFault::IsFolder);
        }
        if !replaces && fs::symlink_metadata(path).is_ok() {
            return Err(FileFault::Exists);
        }
        let no_folder = || FileFault::NoFolder { folder: folder.display().to_string() };
        match fs::metadata(folder) {
            Ok(there) if there.is_dir() => {}
            Ok(_) => return Err(no_folder()),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(no_folder());
            }
            Err(error) => return Err(error.into()),
        }
        let mut unfinished = std::ffi::OsString::from(".");
        // A long name leaves no room for more, so only a part of it is used.
        unfinished.push(name.to_string_lossy().chars().take(40).collect::<String>());
        unfinished.push(format!(".{}.part", uuid::Uuid::new_v4().simple()));
        let unfinished = folder.join(unfinished);
        let file = private_file().create_new(true).open(&unfinished)?;
        Ok((Self { path: unfinished, target: path.to_owned(), replaces, is_done: false }, file))
    }

    /// Gives the whole file its name, and makes sure that both survive a loss of power.
    ///
    /// # Errors
    /// When a file of that name came meanwhile, or the disk does not take it.
    pub fn finish(mut self, file: &File) -> Result<(), FileFault> {
        file.sync_all()?;
        if self.replaces {
            fs::rename(&self.path, &self.target)?;
            self.is_done = true;
        } else {
            self.name_without_replacing()?;
        }
        if let Some(folder) = self.target.parent() {
            sync_folder(folder)?;
        }
        Ok(())
    }

    /// A second name can't take another file's place, where a rename would.
    fn name_without_replacing(&mut self) -> Result<(), FileFault> {
        match fs::hard_link(&self.path, &self.target) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(FileFault::Exists),
            // Some disks know no second names.
            Err(_) if fs::symlink_metadata(&self.target).is_ok() => Err(FileFault::Exists),
            Err(_) => {
                fs::rename(&self.path, &self.target)?;
                self.is_done = true;
                Ok(())
            }
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_done
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "an unfinished export could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_is_gone_when_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("log.har");
        let (unfinished, mut file) = Unfinished::create(&target, false).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!target.exists() && names(folder.path()).len() == 1);
        drop(unfinished);
        assert!(names(folder.path()).is_empty(), "what was not finished is removed");

        let (unfinished, mut file) = Unfinished::create(&target, false).unwrap();
        file.write_all(b"whole").unwrap();
        unfinished.finish(&file).unwrap();
        assert_eq!((names(folder.path()), fs::read(&target).unwrap()), (vec!["log.har".to_owned()], b"whole".to_vec()));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(&target).unwrap()) & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("log.har");
        let (late, file) = Unfinished::create(&target, false).unwrap();
        fs::write(&target, "mine").unwrap();
        assert!(matches!(late.finish(&file), Err(FileFault::Exists)), "it came while the export was written");
        assert!(matches!(Unfinished::create(&target, false), Err(FileFault::Exists)));
        assert_eq!((fs::read(&target).unwrap(), names(folder.path()).len()), (b"mine".to_vec(), 1));
        let (unfinished, file) = Unfinished::create(&target, true).unwrap();
        unfinished.finish(&file).unwrap();
        assert_eq!((fs::read(&target).unwrap(), names(folder.path()).len()), (Vec::new(), 1));
    }

    #[test]
    fn paths_that_cannot_be_taken_are_refused_by_what_is_wrong_with_them() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let fault = |path: &Path| Unfinished::create(path, true).err().unwrap();
        assert!(matches!(fault(Path::new("log.har")), FileFault::Relative));
        assert!(matches!(fault(Path::new("~/log.har")), FileFault::Relative));
        assert!(matches!(fault(Path::new("/")), FileFault::NoName));
        assert!(matches!(fault(folder.path()), FileFault::IsFolder));
        assert!(matches!(fault(&folder.path().join("gone/log.har")), FileFault::NoFolder { .. }));
        assert!(matches!(fault(&folder.path().join("file/log.har")), FileFault::NoFolder { .. } | FileFault::Io(_)));
        assert!(matches!(fault(&folder.path().join("nul\0.har")), FileFault::Io(_)));
    }

    #[test]
    fn a_full_disk_is_told_in_plain_words() {
        let fault = FileFault::Io(io::ErrorKind::StorageFull.into());
        assert_eq!(fault.to_string(), "There is no room left on that disk.");
        assert!(fault.next_step().contains("Make room"));
    }
}
