//! libvirt's default connection, as far as it leads over ssh.
//!
//! libvirt finds its default by itself, except that an ssh which it started would read this program's terminal: a
//! default that needs one is opened by its URI like any other.

use std::fs;
use std::path::PathBuf;

use super::ssh;
use crate::model::Uri;

/// The `uri_default` of the user's libvirt.conf when it leads over ssh.
pub fn over_ssh() -> Option<Uri> {
    let text = fs::read_to_string(file()?).ok()?;
    let uri: Uri = default_of(&text)?.parse().ok()?;
    ssh::is_for(&uri).then_some(uri)
}

/// libvirt reads one file: root's or the user's.
fn file() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some("/etc/libvirt/libvirt.conf".into());
    }
    let folder = match std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".config"),
    };
    Some(folder.join("libvirt/libvirt.conf"))
}

fn default_of(text: &str) -> Option<&str> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("uri_default"))
        .filter_map(|rest| rest.trim_start().strip_prefix('='))
        .filter_map(|value| {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            value[1..].split(quote).next()
        })
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_read_as_libvirt_reads_it() {
        for (text, expected) in [
            ("", None),
            ("#uri_default = \"qemu+ssh://h/system\"", None),
            (
                "uri_aliases = [\n \"a=qemu+ssh://a/system\",\n]\n  uri_default=\"qemu+ssh://h/system\" # mine\n",
                Some("qemu+ssh://h/system"),
            ),
            ("uri_default = 'qemu:///system'", Some("qemu:///system")),
            ("uri_default = ", None),
        ] {
            assert_eq!(default_of(text), expected, "{text}");
        }
    }
}
