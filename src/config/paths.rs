//! Where files of the user live (XDG base directories).

use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use etcetera::base_strategy::Xdg;

/// `$XDG_CONFIG_HOME/virtty/config.toml`; `None` without a home directory.
#[must_use]
pub fn config_file() -> Option<PathBuf> {
    let base = Xdg::new().ok()?;
    Some(base.config_dir().join("virtty").join("config.toml"))
}

/// `$XDG_STATE_HOME/virtty`, where logs, drafts and histories are kept; it need not exist yet. `None` without a home
/// directory, or with one that is not there, as system users have it: such a home is nobody's to make.
#[must_use]
pub fn state_dir() -> Option<PathBuf> {
    let base = Xdg::new().ok()?;
    let at_home = std::env::var_os("XDG_STATE_HOME").is_none_or(|path| path.is_empty());
    if at_home && !base.home_dir().is_dir() {
        return None;
    }
    Some(base.state_dir()?.join("virtty"))
}

/// `$XDG_DATA_HOME/virtty`, where pictures of snapshots are kept; it need not exist yet. `None` as for the [`state_dir`].
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    let base = Xdg::new().ok()?;
    let at_home = std::env::var_os("XDG_DATA_HOME").is_none_or(|path| path.is_empty());
    if at_home && !base.home_dir().is_dir() {
        return None;
    }
    Some(base.data_dir().join("virtty"))
}

/// `monitor-history` in the [`state_dir`]: what was typed for QEMU's monitors.
#[must_use]
pub fn monitor_history_file() -> Option<PathBuf> {
    Some(state_dir()?.join("monitor-history"))
}

/// `history` in the [`state_dir`]: the command lines of the console.
#[must_use]
pub fn history_file() -> Option<PathBuf> {
    Some(state_dir()?.join("history"))
}

/// `virtty.log` in the [`state_dir`].
#[must_use]
pub fn log_file() -> Option<PathBuf> {
    Some(state_dir()?.join("virtty.log"))
}
