//! Who has the database open, over all processes: everybody shares the lock on `workspace.lock`, and whoever puts
//! another file in the database's place takes it alone. The operating system frees it when the process ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::failure::StoreFailure;
use super::files::private_file;

/// The file that is locked; it stays empty.
const LOCK_FILE: &str = "workspace.lock";

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// A place at the database in a folder; given back when dropped.
#[derive(Debug)]
pub struct InUse {
    _file: File,
}

impl InUse {
    /// A place beside others, for as long as the database is open. [`StoreFailure::BeingReplaced`] when somebody holds it
    /// alone for longer than `patience`.
    pub fn shared(folder: &Path, patience: Duration) -> Result<Self, StoreFailure> {
        Self::take(folder, patience, File::try_lock_shared, StoreFailure::BeingReplaced)
    }

    /// The only place. [`StoreFailure::OpenElsewhere`] when others do not leave within `patience`.
    pub fn alone(folder: &Path, patience: Duration) -> Result<Self, StoreFailure> {
        Self::take(folder, patience, File::try_lock, StoreFailure::OpenElsewhere)
    }

    fn take(
        folder: &Path,
        patience: Duration,
        lock: impl Fn(&File) -> Result<(), TryLockError>,
        taken: StoreFailure,
    ) -> Result<Self, StoreFailure> {
        let path = folder.join(LOCK_FILE);
        let unusable = |error| StoreFailure::unusable(&path, &error);
        let file = private_file().create(true).truncate(false).open(&path).map_err(unusable)?;
        let began = Instant::now();
        loop {
            match lock(&file) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
                Err(TryLockError::WouldBlock) if began.elapsed() >= patience => return Err(taken),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_share_a_place_and_one_alone_keeps_all_others_off() {
        let folder = tempfile::tempdir().unwrap();
        let none = Duration::ZERO;
        let (one, two) = (InUse::shared(folder.path(), none).unwrap(), InUse::shared(folder.path(), none).unwrap());
        assert_eq!(InUse::alone(folder.path(), none).unwrap_err(), StoreFailure::OpenElsewhere);
        drop(one);
        assert_eq!(InUse::alone(folder.path(), none).unwrap_err(), StoreFailure::OpenElsewhere);
        drop(two);
        let alone = InUse::alone(folder.path(), none).unwrap();
        assert_eq!(InUse::shared(folder.path(), none).unwrap_err(), StoreFailure::BeingReplaced);
        drop(alone);
        InUse::shared(folder.path(), none).unwrap();
    }
}
