//! The settings file: one TOML file, every key with a default, errors that name the line and the way out.

mod alerts;
mod choice;
mod commands;
mod display;
#[cfg(test)]
mod documented;
mod editor;
mod file;
mod guest;
mod host;
mod kept;
mod keys;
mod look;
mod paths;
mod pinnings;
mod plans;
mod templates;
mod views;

pub use alerts::{ALERT_WORDS, Alerts, QuietHours};
pub use choice::{Chosen, choose};
pub use commands::{COMMAND_WORDS, CommandPlace, OwnCommand, Piece};
pub use display::Display;
pub use editor::EditorSettings;
pub use file::{COLUMNS, Config, ConfigError, EXAMPLE, SavedConnection};
pub use guest::GuestSettings;
pub use host::HostSettings;
pub use look::{Colour, ColourRole, OwnTheme, ThemeChoice};
pub use paths::{config_file, data_dir, history_file, log_file, monitor_history_file, state_dir};
pub use pinnings::{Pinning, load_pinnings, pinnings_file, save_pinning};
pub use plans::{PLAN_ACTIONS, PlanWait, SavedPlan, SavedStep};
pub use templates::{Template, load_templates, save_template, templates_file};
pub use views::{GROUPINGS, SavedView, load_views, merged, save_view, views_file};
