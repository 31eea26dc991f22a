//! Prepares Tauri's context: configuration, capabilities, icons.

fn main() {
    tauri_build::build();
}
