//! `cargo xtask run`: the window, or, where there is no display, the same main job in the terminal.

use std::env;
use std::process::Command;

use crate::failure::Failure;
use crate::program;
use crate::project::Project;
use crate::{setup, terminal};

/// Sets up, builds and starts the window; `arguments` are the window's own.
pub fn run(project: &Project, arguments: &[String]) -> Result<(), Failure> {
    if !has_display() {
        println!("There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.");
        println!("The same main job is played in the terminal instead, by the headless program.\n");
        setup::for_terminal()?;
        return terminal::play(project);
    }
    setup::for_window(project)?;
    program::run(&mut project.npm("ui", &["run", "--silent", "build"]))?;
    program::run(&mut project.cargo(&["build", "-p", "latchkey-desktop"]))?;
    program::run(Command::new(project.built("latchkey-desktop")).args(arguments))
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
