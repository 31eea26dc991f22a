//! Where things are: the repository, and the folder that Cargo builds into.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository and its build folder.
pub struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// The repository that this program was built from.
    pub fn of_this_program() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_path_buf();
        let target = target_folder(&root, |name| env::var(name).ok().filter(|value| !value.is_empty()));
        Self { root, target }
    }

    /// A path of the repository.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// A path of the build folder.
    pub fn target(&self, inside: &str) -> PathBuf {
        self.target.join(inside)
    }

    /// A program that a development build has made.
    pub fn built(&self, program: &str) -> PathBuf {
        self.target.join("debug").join(format!("{program}{}", env::consts::EXE_SUFFIX))
    }

    /// The Cargo that started this program, at the repository's root.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// npm in a folder of the repository.
    pub fn npm(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut npm = Command::new(NPM);
        npm.args(arguments).current_dir(self.path(folder));
        npm
    }
}

/// npm is a script on Windows, and scripts are started by their full name.
pub const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// A build server starts from a fresh checkout each time, so what it built is kept in the user's cache folder: it is
/// only ever faster for it.
fn target_folder(root: &Path, variable: impl Fn(&str) -> Option<String>) -> PathBuf {
    if let Some(folder) = variable("CARGO_TARGET_DIR") {
        return root.join(folder);
    }
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| format!("{home}/.cache")));
    match cache {
        Some(cache) if variable("CI").as_deref() == Some("true") => Path::new(&cache).join("latchkey/ci-target"),
        _ => root.join("target"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_with(variables: &[(&str, &str)]) -> PathBuf {
        let value = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        target_folder(Path::new("/repo"), value)
    }

    #[test]
    fn a_build_server_builds_in_the_cache_folder_and_nobody_else_does() {
        assert_eq!(target_with(&[("HOME", "/home/a")]), Path::new("/repo/target"));
        assert_eq!(target_with(&[("HOME", "/home/a"), ("CI", "true")]), Path::new("/home/a/.cache/latchkey/ci-target"));
        let elsewhere = [("HOME", "/home/a"), ("CI", "true"), ("XDG_CACHE_HOME", "/cache")];
        assert_eq!(target_with(&elsewhere), Path::new("/cache/latchkey/ci-target"));
        assert_eq!(target_with(&[("CI", "true")]), Path::new("/repo/target"), "without a home there is no cache");
    }

    #[test]
    fn a_target_folder_that_was_chosen_is_kept() {
        let chosen = [("CARGO_TARGET_DIR", "/fast"), ("CI", "true"), ("HOME", "/home/a")];
        assert_eq!(target_with(&chosen), Path::new("/fast"));
    }
}
