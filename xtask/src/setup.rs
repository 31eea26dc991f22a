//! Set-up, shared by the commands: says what is missing and why, installs what it can, stops with one line to type for
//! the rest.

use std::process::Command;

use crate::failure::Failure;
use crate::node;
use crate::packages::{self, BENCH, ENGINE, SDK_TESTS, WINDOW, WINDOW_TESTS};
use crate::program;
use crate::project::Project;

/// What the headless program needs.
pub fn for_terminal() -> Result<(), Failure> {
    packages::provide(&[ENGINE])
}

/// What the bindings need: the window's Rust side, not its page.
pub fn for_bindings() -> Result<(), Failure> {
    packages::provide(&[ENGINE, WINDOW])
}

/// What the measurements need.
pub fn for_bench() -> Result<(), Failure> {
    packages::provide(&[ENGINE, BENCH])
}

/// What measuring the window needs.
pub fn for_start_cost(project: &Project) -> Result<(), Failure> {
    packages::provide(&[ENGINE, WINDOW, WINDOW_TESTS])?;
    node::provide()?;
    node::install_packages(project, "ui")
}

/// What the window needs.
pub fn for_window(project: &Project) -> Result<(), Failure> {
    packages::provide(&[ENGINE, WINDOW])?;
    node::provide()?;
    node::install_packages(project, "ui")
}

/// What every check needs.
pub fn for_checks(project: &Project) -> Result<(), Failure> {
    let window_tests: &[packages::Need] = if cfg!(target_os = "linux") { WINDOW_TESTS } else { &[] };
    let bench: &[packages::Need] = if cfg!(target_os = "linux") { BENCH } else { &[] };
    packages::provide(&[ENGINE, WINDOW, SDK_TESTS, window_tests, bench])?;
    provide_cargo_parts()?;
    node::provide()?;
    node::install_packages(project, "ui")?;
    node::install_packages(project, "tests/oidc")?;
    node::install_packages(project, "tests/har")
}

/// `cargo fmt` and `cargo clippy`: a minimal toolchain has neither.
fn provide_cargo_parts() -> Result<(), Failure> {
    let there = |part: &str| program::ask(Command::new("cargo").args([part, "--version"])).is_some();
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    println!("rustfmt and clippy are needed and missing.");
    program::run(Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]))
        .map_err(|_| Failure::new("rustfmt and clippy could not be installed.", "Install both for your Rust, then try again."))
}
