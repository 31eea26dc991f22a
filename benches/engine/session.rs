//! The measurement runs inside a D-Bus session of its own with an open gnome-keyring, in folders that are gone
//! afterwards: keys are kept as on a desktop, and no keyring of the user is ever touched.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::machine::{self, Machine};
use crate::options::Options;

/// Names the folder of the measurement; set for the run inside.
const FOLDER: &str = "LATCHKEY_BENCH_FOLDER";

const UNLOCK: &str = "printf %s trial | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";

/// Whether this is the run inside.
pub fn is_inside() -> bool {
    std::env::var_os(FOLDER).is_some()
}

/// The folder of the measurement.
pub fn folder() -> Result<PathBuf, Failure> {
    std::env::var_os(FOLDER).map(PathBuf::from).ok_or_else(|| "The measurement has no folder.".into())
}

/// Runs this program again inside.
pub fn measure_inside(options: &Options, machine: &Machine) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("latchkey-bench-").tempdir()?;
    for inside in ["share", "runtime"] {
        make_private(&folder.path().join(inside))?;
    }
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", UNLOCK, "_"]).arg(std::env::current_exe()?).args(options.arguments());
    session
        .env(FOLDER, folder.path())
        .env(machine::LOAD, machine.load.to_string())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("share"))
        .env("XDG_RUNTIME_DIR", folder.path().join("runtime"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("LATCHKEY_WORKSPACE")
        .env_remove("LATCHKEY_PASSPHRASE");
    let ended = session.status().map_err(|error| format!("dbus-run-session could not be started: {error}."))?;
    if ended.success() { Ok(()) } else { Err("its reason stands above.".into()) }
}

fn make_private(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir(folder)?;
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
