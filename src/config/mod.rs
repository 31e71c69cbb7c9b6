//! The settings file: one TOML file, every key with a default, errors that name the line and the way out.

mod choice;
mod file;
mod paths;
mod views;

pub use choice::{Chosen, choose};
pub use file::{COLUMNS, Config, ConfigError, EXAMPLE, SavedConnection, ThemeChoice};
pub use paths::{config_file, history_file, log_file, state_dir};
pub use views::{GROUPINGS, SavedView, load_views, merged, save_view, views_file};
