//! Files beside the database: for their owner alone, and there for good once they are said to be there.

use std::fs::{File, OpenOptions};
use std::path::Path;

/// Options for a file that only its owner may read and write.
pub fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes sure that what was made, renamed or removed in the folder survives a loss of power.
///
/// # Errors
/// When the disk does not take it.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder can't be opened as a file; the file system keeps renames in order by itself.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
pub fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}
