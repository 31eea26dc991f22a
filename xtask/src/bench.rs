//! What the engine costs beside something comparable: sets up, builds in release and measures (`benches/engine`), and the
//! window beside an empty one on demand.

use std::process::Command;

use crate::failure::Failure;
use crate::program;
use crate::project::Project;
use crate::{checks, setup, start_cost};

/// The longest that the short run may take, starting its servers included.
const SMOKE_TIMEOUT: &str = "15m";

/// Measures; the options are those of the measuring program, and `--window`.
pub fn measure(project: &Project, options: &[String]) -> Result<(), Failure> {
    on_linux()?;
    // Building would hide it.
    let load = load();
    setup::for_bench()?;
    let (window, options): (Vec<&String>, Vec<&String>) = options.iter().partition(|option| *option == "--window");
    let mut bench = project.cargo(&["bench", "--bench", "engine", "--"]);
    program::run(bench.args(options).env("LATCHKEY_BENCH_LOAD", load))?;
    if window.is_empty() {
        return Ok(());
    }
    start_cost::measure(project, start_cost::ROUNDS)?;
    checks::window_frames(project)
}

/// Every measurement once, as short as possible and without optimisation, so that none of them rots. What comes out
/// means nothing and is not looked at.
pub fn smoke(project: &Project) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        println!("Left out: the measurements run on Linux only.");
        return Ok(());
    }
    // For the whole workspace, as the tests are built: other features would compile every dependency once more.
    let arguments = ["bench", "--workspace", "--bench", "engine", "--profile", "dev", "--", "--quick"];
    let cargo = project.cargo(&arguments);
    let mut bounded = Command::new("timeout");
    bounded.args(["--kill-after=10s", SMOKE_TIMEOUT]).arg(cargo.get_program()).args(cargo.get_args());
    for (name, value) in cargo.get_envs() {
        if let Some(value) = value {
            bounded.env(name, value);
        }
    }
    program::run(bounded.current_dir(project.path("")))
}

fn on_linux() -> Result<(), Failure> {
    if cfg!(target_os = "linux") {
        return Ok(());
    }
    Err(Failure::new("Measurements can be made on Linux only.", "Use a Linux machine."))
}

/// The load of the last minute.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}
