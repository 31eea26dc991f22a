//! What a start of the window costs beside an empty Tauri window: both in release, in turns on one screen, so that the
//! machine's mood falls on both. A start ends when the first letters can be seen on the screen; memory is the
//! proportional set size (PSS) of the program and everything that it started, once that has settled.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::program::{self, Beside};
use crate::project::Project;
use crate::screen::Screen;
use crate::{empty_window, setup};

/// How often each window is started, unless said.
pub const ROUNDS: usize = 7;
/// The longest wait for the first letters, and for memory to settle.
const PATIENCE: Duration = Duration::from_secs(30);
/// Says that this program runs inside the D-Bus session that it started.
const INSIDE: &str = "LATCHKEY_START_COST_INSIDE";

/// One start.
struct Start {
    milliseconds: f64,
    pss_mib: f64,
}

/// Reads the number of rounds.
pub fn rounds(text: &str) -> Result<usize, Failure> {
    let number = text.parse().ok().filter(|rounds| (1..=100).contains(rounds));
    number.ok_or_else(|| Failure::new(format!("`{text}` is no number of rounds."), "Give a whole number from 1 to 100."))
}

/// Builds both, starts each `rounds` times in turns and prints medians and ratios.
pub fn measure(project: &Project, rounds: usize) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::new("The cost of a start can be measured on Linux only.", "Use a Linux machine."));
    }
    let folder = env::temp_dir().join(format!("latchkey-start-cost-{}", std::process::id()));
    if env::var_os(INSIDE).is_none() {
        setup::for_start_cost(project)?;
        program::run(&mut project.npm("ui", &["run", "--silent", "build"]))?;
        program::run(&mut project.cargo(&["build", "--release", "-p", "latchkey-desktop"]))?;
        empty_window::build(project)?;
        make_private(&folder)?;
        let measured = in_a_session_of_its_own(&folder, rounds);
        return fs::remove_dir_all(&folder).map_err(Failure::of_trying(format!("remove {}", folder.display()))).and(measured);
    }
    let home = env::var_os("HOME").map_or(folder, PathBuf::from);
    let ours = project.target("release/latchkey-desktop");
    let empty = project.target("empty-window/target/release/empty-window");
    let screen = Screen::start(&home)?;
    // The first starts fill the caches and make our workspace; they are not counted.
    start(&ours, &screen, &home)?;
    start(&empty, &screen, &home)?;
    let (mut our_starts, mut empty_starts) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        empty_starts.push(start(&empty, &screen, &home)?);
        our_starts.push(start(&ours, &screen, &home)?);
        println!("round {round} of {rounds}: empty {}, ours {}", shown(&empty_starts), shown(&our_starts));
    }
    report(&our_starts, &empty_starts);
    Ok(())
}

/// Starts this program again on a D-Bus session with an unlocked keyring, all in folders of its own: ours then opens
/// its workspace as it does on a desktop.
fn in_a_session_of_its_own(folder: &Path, rounds: usize) -> Result<(), Failure> {
    let this = env::current_exe().map_err(Failure::of_trying("find this program"))?;
    let unlock = "printf trial | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec \"$@\"";
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", unlock, "_"]).arg(this).args(["start-cost", "--rounds", &rounds.to_string()]);
    for name in ["HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
        session.env(name, folder);
    }
    program::run(session.env(INSIDE, "1").env("LATCHKEY_WORKSPACE", folder.join("workspace")))
}

/// A folder that nobody else can read, as D-Bus and the keyring want it.
fn make_private(folder: &Path) -> Result<(), Failure> {
    let made = fs::create_dir(folder);
    #[cfg(unix)]
    let made = made.and_then(|()| fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)));
    made.map_err(Failure::of_trying(format!("make {}", folder.display())))
}

fn start(window: &Path, screen: &Screen, folder: &Path) -> Result<Start, Failure> {
    let name = window.display();
    until(&format!("the screen to be empty before {name}"), || Ok((!screen.shows_text()?).then_some(())))?;
    let mut command = Command::new(window);
    command.env("DISPLAY", screen.display()).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let running = Beside(command.spawn().map_err(|error| program::not_started(&command, &error))?);
    let milliseconds = until(&format!("the first letters of {name}"), || {
        Ok(screen.shows_text()?.then(|| began.elapsed().as_secs_f64() * 1000.0))
    })?;
    let mut last = 0.0;
    let pss_mib = until(&format!("the memory of {name} to settle"), || {
        thread::sleep(Duration::from_millis(400));
        let now = pss_of_tree(running.0.id())?;
        let settled = (now - last).abs() < now / 200.0;
        last = now;
        Ok(settled.then_some(now))
    })?;
    Ok(Start { milliseconds, pss_mib })
}

/// Looks every few milliseconds until something is found, at most [`PATIENCE`].
fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>, Failure>) -> Result<T, Failure> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(found) = look()? {
            return Ok(found);
        }
        thread::sleep(Duration::from_millis(4));
    }
    let seconds = PATIENCE.as_secs();
    Err(Failure::new(format!("Waited {seconds} s for {what}."), "Start the program by hand to see its message."))
}

/// The PSS in MiB of a process and all of its descendants.
fn pss_of_tree(root: u32) -> Result<f64, Failure> {
    let parents = parents().map_err(Failure::of_trying("list the processes"))?;
    let mut tree = vec![root];
    let mut next = 0;
    while next < tree.len() {
        let parent = tree[next];
        tree.extend(parents.iter().filter(|(_, its_parent)| *its_parent == parent).map(|(process, _)| *process));
        next += 1;
    }
    Ok(tree.into_iter().filter_map(pss_kib).sum::<f64>() / 1024.0)
}

/// Each process with its parent.
fn parents() -> std::io::Result<Vec<(u32, u32)>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        // A process may end between the listing and the reading.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let process = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let parent = stat.rsplit_once(") ").and_then(|(_, fields)| fields.split(' ').nth(1)?.parse().ok());
        parents.extend(process.zip(parent));
    }
    Ok(parents)
}

fn pss_kib(process: u32) -> Option<f64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn shown(starts: &[Start]) -> String {
    starts.last().map_or_else(String::new, |start| format!("{:.0} ms {:.0} MiB", start.milliseconds, start.pss_mib))
}

fn report(ours: &[Start], empty: &[Start]) {
    let time = |starts: &[Start]| median(starts.iter().map(|start| start.milliseconds).collect());
    let memory = |starts: &[Start]| median(starts.iter().map(|start| start.pss_mib).collect());
    // Each of ours is compared with the empty one of its own round.
    let ratio = median(ours.iter().zip(empty).map(|(our, its)| our.milliseconds / its.milliseconds).collect());
    let more = median(ours.iter().zip(empty).map(|(our, its)| our.pss_mib - its.pss_mib).collect());
    println!("\nMedians of {} rounds", ours.len());
    println!("  exec to first letters   empty {:>6.0} ms    ours {:>6.0} ms    ratio {ratio:.2}", time(empty), time(ours));
    println!("  memory (PSS)            empty {:>6.0} MiB   ours {:>6.0} MiB   {more:+.0} MiB", memory(empty), memory(ours));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_the_mean_of_the_two_middles() {
        assert!((median(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn rounds_are_a_small_whole_number() {
        assert_eq!(rounds("7").unwrap(), 7);
        for text in ["0", "101", "-1", "many"] {
            assert!(rounds(text).is_err(), "{text} is no number of rounds");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_of_its_own() {
        assert!(pss_of_tree(std::process::id()).unwrap() > 0.1);
    }
}
