//! Pictures, and what is kept of a test that failed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::folders::Folders;
use crate::window::Window;

/// The folder of pictures: `LATCHKEY_PICTURES`, else `target/window-pictures` of the repository.
pub(crate) fn pictures() -> Result<PathBuf, Failure> {
    let folder = env::var_os("LATCHKEY_PICTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/window-pictures"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    Ok(folder.canonicalize()?)
}

/// Keeps the window's picture, the page's HTML and what each program said. A piece that can't be had is named and
/// passed over: the test's own failure is what matters.
pub(crate) async fn keep(test: &str, window: &Window, folders: &Folders) {
    let folder = match pictures().and_then(|pictures| {
        let folder = pictures.join("failed").join(test);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }) {
        Ok(folder) => folder,
        Err(failure) => return eprintln!("Nothing could be kept of {test}: {failure}"),
    };
    let page = window.page().await.map(String::into_bytes);
    for (file, content) in [("window.png", window.screenshot().await), ("page.html", page)] {
        if let Err(failure) = content.and_then(|content| Ok(fs::write(folder.join(file), content)?)) {
            eprintln!("{file} of {test} could not be kept: {failure}");
        }
    }
    for program in ["program", "keyring", "bus", "screen"] {
        let log = folders.log(program);
        if let Err(error) = fs::copy(&log, folder.join(format!("{program}.log"))) {
            eprintln!("{} could not be kept: {error}", log.display());
        }
    }
    eprintln!("What {test} saw is kept in {}", folder.display());
}
