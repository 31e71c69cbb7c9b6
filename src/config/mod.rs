//! The settings file: one TOML file, every key with a default, errors that name the line and the way out.

mod choice;
mod file;
mod paths;

pub use choice::{Chosen, choose};
pub use file::{COLUMNS, Config, ConfigError, EXAMPLE, SavedConnection, ThemeChoice};
pub use paths::{config_file, log_file, state_dir};
