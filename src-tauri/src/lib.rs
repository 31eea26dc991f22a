//! The desktop shell.
mod bindings;
mod commands;
mod desktop;
mod preferences;
