//! Names that were read before: the members of a list have the same ones over and over.

use std::collections::HashMap;

use super::names::{Said, is_companion, says};

/// So many names are remembered, …
const MOST: usize = 1000;

/// …with what is around them not longer than this, in bytes.
const LONGEST: usize = 128;

/// What names say.
#[derive(Default)]
pub(super) struct Names {
    /// By the name, a zero byte, and the name around it.
    read: HashMap<String, Said>,
    /// Kept for its room.
    key: String,
}

impl Names {
    /// Reads a name; `around` is the name of what it stands in.
    pub fn read(&mut self, name: &str, around: Option<&str>) -> Said {
        if name.len() + around.map_or(0, str::len) > LONGEST || name.contains('\0') {
            return read(name, around);
        }
        self.key.clear();
        self.key.push_str(name);
        if let Some(around) = around {
            self.key.push('\0');
            self.key.push_str(around);
        }
        if let Some(said) = self.read.get(self.key.as_str()) {
            return *said;
        }
        let said = read(name, around);
        if self.read.len() < MOST {
            self.read.insert(self.key.clone(), said);
        }
        said
    }
}

fn read(name: &str, around: Option<&str>) -> Said {
    Said { says: says(name, around), companion: is_companion(name) }
}
