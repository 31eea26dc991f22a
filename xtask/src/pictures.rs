//! The pictures of the readme and the guide: the window tests take them from the real window, so that they stay true.

use std::fs;
use std::path::Path;

use crate::checks;
use crate::failure::Failure;
use crate::program;
use crate::project::Project;
use crate::setup;

const DOCUMENTS: [&str; 2] = ["README.md", "docs/user-guide.md"];
const KEPT: &str = "docs/pictures";
/// Where the window tests put their pictures.
pub const TAKEN: &str = "target/window-pictures";

/// Every picture that a document shows is there, and was taken by the window tests of this run.
pub fn check(project: &Project) -> Result<(), Failure> {
    for picture in shown(project)? {
        for folder in [KEPT, TAKEN] {
            if folder == TAKEN && !cfg!(target_os = "linux") {
                continue;
            }
            if !project.path(folder).join(&picture).is_file() {
                return Err(Failure::new(
                    format!("The picture {picture} is shown in a document and not in {folder}."),
                    "Run `cargo xtask pictures`, or let a window test take it.",
                ));
            }
        }
    }
    println!("Every picture of the documents was taken by the window tests.");
    Ok(())
}

/// Takes the pictures anew and puts them where the documents show them.
pub fn renew(project: &Project) -> Result<(), Failure> {
    setup::for_checks(project)?;
    program::run(&mut project.npm("ui", &["run", "--silent", "build"]))?;
    program::run(&mut project.cargo(&["build", "--workspace"]))?;
    checks::window_tests(project)?;
    fs::create_dir_all(project.path(KEPT)).map_err(Failure::of_trying(format!("make {KEPT}")))?;
    for picture in shown(project)? {
        let (from, to) = (project.path(TAKEN).join(&picture), project.path(KEPT).join(&picture));
        fs::copy(&from, &to).map_err(Failure::of_trying(format!("copy {} to {}", from.display(), to.display())))?;
        println!("{}", to.display());
    }
    Ok(())
}

fn shown(project: &Project) -> Result<Vec<String>, Failure> {
    let mut shown = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(project.path(document)).map_err(Failure::of_trying(format!("read {document}")))?;
        shown.extend(pictures_in(&text).map(str::to_owned));
    }
    shown.sort();
    shown.dedup();
    Ok(shown)
}

fn pictures_in(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("pictures/").skip(1);
    after.filter_map(|rest| rest.split(')').next()).filter(|name| {
        Path::new(name).extension().is_some_and(|extension| extension == "png") && !name.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_in_a_document() {
        let text = "![a](docs/pictures/dry-run.png) and ![b](pictures/logs.png)\nthe folder docs/pictures/ itself";
        assert_eq!(pictures_in(text).collect::<Vec<_>>(), ["dry-run.png", "logs.png"]);
    }
}
