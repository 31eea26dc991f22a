//! Node and the packages of the page: a Node that Vite accepts, and `npm ci` only when a lock file has changed.

use std::fs;
use std::process::Command;

use crate::failure::Failure;
use crate::packages;
use crate::program;
use crate::project::{NPM, Project};

/// The oldest Node that Vite and the test runner accept.
const OLDEST: (u32, u32) = (20, 19);

/// Makes sure that Node and npm are there.
pub fn provide() -> Result<(), Failure> {
    if has_node() && has_npm() {
        return Ok(());
    }
    let installed = program::ask(Command::new("node").arg("--version")).unwrap_or_else(|| "none".to_owned());
    println!("Node {}.{} or newer and npm are needed to build the page; found: {installed}.", OLDEST.0, OLDEST.1);
    // A Node that is there but too old was someone's choice; it is not ours to replace.
    if installed == "none" && packages::offered_version("nodejs").is_some_and(|version| suffices(&version)) {
        packages::install(&["nodejs", "npm"])?;
        if has_node() && has_npm() {
            return Ok(());
        }
    }
    Err(Failure::new(
        format!("Node {}.{} or newer with npm is missing, and this system offers none.", OLDEST.0, OLDEST.1),
        "Install the current LTS from https://nodejs.org or with your version manager, then try again.",
    ))
}

/// Installs the packages of a folder when its lock file is not the one that was installed last.
pub fn install_packages(project: &Project, folder: &str) -> Result<(), Failure> {
    let lock = project.path(folder).join("package-lock.json");
    let stamp = project.path(folder).join("node_modules/.installed-lock.json");
    let wanted = fs::read(&lock).map_err(Failure::of_trying(format!("read {}", lock.display())))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("The page's packages in {folder}/ are missing or out of date.");
    program::run(&mut project.npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).map_err(Failure::of_trying(format!("write {}", stamp.display())))
}

fn has_node() -> bool {
    program::ask(Command::new("node").arg("--version")).is_some_and(|version| suffices(&version))
}

fn has_npm() -> bool {
    program::ask(Command::new(NPM).arg("--version")).is_some()
}

/// Reads `v20.20.2` and Debian's `20.19.2+dfsg-1`.
fn suffices(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_suffices_from_the_version_that_vite_accepts() {
        for version in ["v20.19.0", "v20.20.2", "v22.0.0", "20.19.2+dfsg-1"] {
            assert!(suffices(version), "{version} is new enough");
        }
        for version in ["v18.20.4", "v20.9.0", "18.20.4+dfsg-1~deb12u1", ""] {
            assert!(!suffices(version), "{version} is too old or no version");
        }
    }
}
