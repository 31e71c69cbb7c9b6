//! What may be read of hosts.

use serde::Deserialize;

/// The section `[host]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostSettings {
    /// Whether the host page, `virtty host` and what is told of links read files of a `+ssh` host over its own login.
    pub files_over_ssh: bool,
}

/// The section as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct FileHost {
    #[serde(rename = "files-over-ssh", default)]
    files_over_ssh: bool,
}

impl From<FileHost> for HostSettings {
    fn from(file: FileHost) -> Self {
        Self {
            files_over_ssh: file.files_over_ssh,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn nothing_is_read_over_ssh_unless_it_is_wished() {
        let read = |text: &str| Config::parse(text).map(|config| config.host.files_over_ssh);
        assert!(!read("").unwrap());
        assert!(read("[host]\nfiles-over-ssh = true").unwrap());
        assert!(read("[host]\nfiles = true").is_err());
    }
}
