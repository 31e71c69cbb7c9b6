//! Where files of the user live (XDG base directories).

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

/// `$XDG_CONFIG_HOME/virtty/config.toml`; `None` without a home directory.
#[must_use]
pub fn config_file() -> Option<PathBuf> {
    let base = etcetera::base_strategy::Xdg::new().ok()?;
    Some(base.config_dir().join("virtty").join("config.toml"))
}

/// `$XDG_STATE_HOME/virtty/virtty.log`; `None` without a home directory.
#[must_use]
pub fn log_file() -> Option<PathBuf> {
    let base = etcetera::base_strategy::Xdg::new().ok()?;
    Some(base.state_dir()?.join("virtty").join("virtty.log"))
}
