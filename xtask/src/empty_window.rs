//! The smallest Tauri program with a window, to measure ours beside: same Tauri, same release profile, one sentence.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::program;
use crate::project::Project;

const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        r#"[package]
name = "empty-window"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[build-dependencies]
tauri-build = { version = "2", features = [] }

[dependencies]
tauri = { version = "2", features = ["custom-protocol"] }

[profile.release]
lto = "thin"
codegen-units = 1
strip = "debuginfo"
"#,
    ),
    ("build.rs", "fn main() {\n    tauri_build::build();\n}\n"),
    ("src/main.rs", "fn main() {\n    tauri::Builder::default().run(tauri::generate_context!()).expect(\"a window\");\n}\n"),
    (
        "tauri.conf.json",
        r#"{
  "productName": "Empty window",
  "identifier": "dev.latchkey.empty-window",
  "build": { "frontendDist": "page" },
  "app": { "windows": [{ "title": "Empty window", "width": 1200, "height": 800 }], "security": { "csp": "default-src 'self'" } },
  "bundle": { "active": false, "icon": ["icons/32x32.png"] }
}
"#,
    ),
    ("page/index.html", "<!doctype html><title>Empty window</title><p>An empty window says one sentence.</p>\n"),
];

/// Writes the project into the build folder and builds it in release; its program.
pub fn build(project: &Project) -> Result<PathBuf, Failure> {
    let folder = project.target("empty-window");
    for (file, content) in FILES {
        write(&folder.join(file), content.as_bytes())?;
    }
    // The same versions of everything as ours; Cargo drops the entries that are not needed.
    copy(&project.path("Cargo.lock"), &folder.join("Cargo.lock"))?;
    copy(&project.path("icons/32x32.png"), &folder.join("icons/32x32.png"))?;
    let mut cargo = project.cargo(&["build", "--release"]);
    program::run(cargo.current_dir(&folder).env("CARGO_TARGET_DIR", folder.join("target")))?;
    Ok(folder.join("target/release/empty-window"))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let content = fs::read(from).map_err(Failure::of_trying(format!("read {}", from.display())))?;
    write(to, &content)
}

/// Leaves a file alone that is right already, so that nothing is built anew for it.
fn write(file: &Path, content: &[u8]) -> Result<(), Failure> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(Failure::of_trying(format!("make {}", folder.display())))?;
    }
    fs::write(file, content).map_err(Failure::of_trying(format!("write {}", file.display())))
}
