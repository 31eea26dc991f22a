//! The project's commands: `cargo xtask run`, `test`, `bindings`, `pictures`, `bench`, `start-cost`. Each sets up what it needs first.

mod bench;
mod checks;
mod empty_window;
mod failure;
mod node;
mod packages;
mod pictures;
mod program;
mod project;
mod run;
mod screen;
mod setup;
mod start_cost;
mod terminal;

use std::process::ExitCode;

use failure::Failure;
use project::Project;

const HELP: &str = "\
cargo xtask COMMAND

  run [-- ARGUMENTS]        sets up, builds and starts the window; without a display, plays the main job in the terminal
  test                      sets up and runs every check, as the build server does
  bindings                  writes the page's TypeScript bindings anew from Rust
  pictures                  takes the pictures of the readme and the guide anew from the real window (Linux)
  bench [OPTIONS]           what the engine costs beside something comparable (Linux; builds in release); see `bench --help`:
                            --quick, --rounds N, --only GROUP, --save NAME, --baseline NAME, and --window for start-cost
  start-cost [--rounds N]   start time and memory of the window beside an empty Tauri window, in turns (Linux; builds both in release)
  help                      this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&Project::of_this_program(), &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn command(project: &Project, arguments: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run"] => run::run(project, &[]),
        ["run", "--", ..] => run::run(project, &arguments[2..]),
        ["test"] => checks::run_all(project),
        ["pictures"] => pictures::renew(project),
        ["bindings"] => write_bindings(project),
        ["bench", ..] => bench::measure(project, &arguments[1..]),
        ["start-cost"] => start_cost::measure(project, start_cost::ROUNDS),
        ["start-cost", "--rounds", rounds] => start_cost::measure(project, start_cost::rounds(rounds)?),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Failure::new(format!("There is no command `{}`.", other.join(" ")), format!("These exist:\n\n{HELP}"))),
    }
}

/// The test that finds the bindings out of date writes them when it is told to.
fn write_bindings(project: &Project) -> Result<(), Failure> {
    setup::for_bindings()?;
    // The shell embeds the built page and does not compile without its folder; the bindings need no page in it.
    let page = project.path("ui/dist");
    std::fs::create_dir_all(&page).map_err(Failure::of_trying(format!("make {}", page.display())))?;
    let mut test = project.cargo(&["test", "-p", "latchkey-desktop", "--lib", "bindings"]);
    program::run(test.env("LATCHKEY_WRITE_BINDINGS", "1"))
}
