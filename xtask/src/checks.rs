//! Every check in order, each with its heading and its time; the first failure stops.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bench;
use crate::failure::Failure;
use crate::pictures;
use crate::program;
use crate::project::Project;
use crate::setup;

/// The longest that the window tests may take, compiling them included.
const WINDOW_TESTS_TIMEOUT: &str = "20m";

type Work = fn(&Project) -> Result<(), Failure>;

/// What is checked: the fast and likely first, and each before what is built upon it (the page before the window).
const CHECKS: &[(&str, Work)] = &[
    ("Set-up", setup::for_checks),
    ("Rust: formatting", |project| program::run(&mut project.cargo(&["fmt", "--all", "--check"]))),
    ("Page: formatting", |project| npm_run(project, "format:check")),
    ("Page: lint", |project| npm_run(project, "lint")),
    ("Page: types", |project| npm_run(project, "check")),
    ("Page: tests", |project| npm_run(project, "test")),
    ("Page: build", |project| npm_run(project, "build")),
    ("Rust: lint", |project| {
        program::run(&mut project.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    }),
    ("Engine knows no window", engine_knows_no_window),
    ("Rust: tests", |project| program::run(&mut project.cargo(&["test", "--workspace"]))),
    ("Measurements: all of them once", bench::smoke),
    ("Programs: build", |project| program::run(&mut project.cargo(&["build", "--workspace"]))),
    ("Window tests: formatting", |project| program::run(&mut project.cargo(&["fmt", MANIFEST, "--check"]))),
    ("Window tests: lint", |project| {
        let arguments = ["clippy", MANIFEST, "--locked", "--all-targets", "--", "-D", "warnings"];
        program::run(&mut in_their_own_target(project, project.cargo(&arguments)))
    }),
    ("Window tests", window_tests),
    ("Pictures of the documents", pictures::check),
];

const MANIFEST: &str = "--manifest-path=tests/window/Cargo.toml";

/// Runs every check; the summary stands at the end, with the failure as its last line.
pub fn run_all(project: &Project) -> Result<(), Failure> {
    let started = Instant::now();
    let mut done = Vec::new();
    for (title, work) in CHECKS {
        println!("\n=== {title}");
        let check_started = Instant::now();
        let outcome = work(project);
        done.push((*title, check_started.elapsed(), outcome.is_ok()));
        if let Err(failure) = outcome {
            eprintln!("\n{failure}");
            print_summary(&done, started.elapsed());
            return Err(Failure::new(format!("FAILED: {title}."), "Its reason stands above the summary."));
        }
    }
    print_summary(&done, started.elapsed());
    println!("All {} checks passed.", done.len());
    Ok(())
}

fn print_summary(done: &[(&str, Duration, bool)], total: Duration) {
    println!("\n=== Summary");
    for (title, time, passed) in done {
        println!("  {:<6} {title:<28} {:>8.1} s", if *passed { "ok" } else { "FAILED" }, time.as_secs_f64());
    }
    println!("  {:<6} {:<28} {:>8.1} s", "", "all", total.as_secs_f64());
}

fn npm_run(project: &Project, script: &str) -> Result<(), Failure> {
    program::run(&mut project.npm("ui", &["run", "--silent", script]))
}

/// The engine must be usable without a desktop: none of its dependencies may be a window toolkit.
fn engine_knows_no_window(project: &Project) -> Result<(), Failure> {
    let mut tree = project.cargo(&["tree", "-p", "latchkey", "-e", "normal", "--prefix", "none", "--format", "{p}"]);
    println!("$ {}", program::shown(&tree));
    let packages =
        program::ask(&mut tree).ok_or_else(|| Failure::new("`cargo tree` failed.", "Run it by hand to see its message."))?;
    let found = window_toolkits(&packages);
    if found.is_empty() {
        println!("No window toolkit among the engine's dependencies.");
        return Ok(());
    }
    Err(Failure::new(
        format!("The engine depends on a window toolkit: {}.", found.join(", ")),
        "Move what needs it to src-tauri.",
    ))
}

fn window_toolkits(packages: &str) -> Vec<&str> {
    let is_toolkit = |name: &&str| ["tauri", "wry", "tao"].contains(name) || name.starts_with("tauri-");
    packages.lines().filter_map(|line| line.split(' ').next()).filter(is_toolkit).collect()
}

/// The window tests' own workspace builds into a folder of its own, so that neither throws the other's work away.
fn in_their_own_target(project: &Project, mut command: Command) -> Command {
    command.env("CARGO_TARGET_DIR", project.target("window-tests"));
    command
}

/// Drives the real window; the pictures it takes are new ones.
pub fn window_tests(project: &Project) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        println!("Left out: the window can be driven on Linux only.");
        return Ok(());
    }
    let pictures = project.path(pictures::TAKEN);
    if pictures.exists() {
        std::fs::remove_dir_all(&pictures).map_err(Failure::of_trying(format!("remove {}", pictures.display())))?;
    }
    drive_window(project, &["test", MANIFEST, "--locked"], &project.built("latchkey-desktop"))
}

/// Prints how smoothly the window scrolls; it has to be there, built in release, and what the window tests need, too.
pub fn window_frames(project: &Project) -> Result<(), Failure> {
    drive_window(project, &["run", MANIFEST, "--locked", "--bin", "frames"], &project.target("release/latchkey-desktop"))
}

fn drive_window(project: &Project, arguments: &[&str], desktop: &Path) -> Result<(), Failure> {
    let cargo = project.cargo(arguments);
    // `timeout` leads a group of its own, which Ctrl+C does not reach; `setpriv` ends it with this program.
    let mut bounded = Command::new("setpriv");
    bounded
        .args(["--pdeathsig", "TERM", "--", "timeout", "--kill-after=10s", WINDOW_TESTS_TIMEOUT])
        .arg(cargo.get_program())
        .args(cargo.get_args())
        .current_dir(project.path(""))
        .env("LATCHKEY_DESKTOP", desktop)
        // One after the other: a window that starts again has to find its sandbox's port free, which another could take meanwhile.
        .env("RUST_TEST_THREADS", "1")
        .env("LATCHKEY_PROGRAM", project.built("latchkey"))
        .env("LATCHKEY_PICTURES", project.path(pictures::TAKEN));
    program::run(&mut in_their_own_target(project, bounded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_toolkit_among_the_engines_dependencies_is_found() {
        let clean = "latchkey v0.1.0 (/repo)\nserde v1.0.229\ntaos-like v1.0.0\n";
        assert!(window_toolkits(clean).is_empty(), "only whole names count");
        assert_eq!(window_toolkits("latchkey v0.1.0\ntauri-utils v2.1.0\nwry v0.5.0"), ["tauri-utils", "wry"]);
    }
}
