//! What this machine has that decides which command helps.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Facts of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// systemd runs the machine, so that units can be started.
    pub has_systemd: bool,
    /// The libvirt daemon that is installed: `libvirtd`, or `virtqemud` of the modular ones.
    pub daemon: Option<&'static str>,
    /// The name of the user.
    pub user: String,
    /// Running as root.
    pub is_root: bool,
    /// The command that installs libvirt here; empty when the package manager is not known.
    pub installer: &'static [&'static str],
}

/// Directories that daemons are in, whatever the user's PATH says.
const DAEMON_FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/bin"];

/// Package managers and what installs libvirt with each.
const INSTALLERS: [(&str, &[&str]); 5] = [
    (
        "apt-get",
        &["apt-get", "install", "libvirt-daemon-system", "qemu-system"],
    ),
    ("dnf", &["dnf", "install", "libvirt", "qemu-kvm"]),
    ("zypper", &["zypper", "install", "libvirt", "qemu-kvm"]),
    (
        "pacman",
        &["pacman", "-S", "libvirt", "qemu-base", "dnsmasq"],
    ),
    (
        "apk",
        &["apk", "add", "libvirt-daemon", "qemu-system-x86_64"],
    ),
];

impl Surroundings {
    /// Looks at this machine.
    pub fn of_this_machine() -> Self {
        Self {
            // systemctl alone may be there without a systemd to talk to, as in containers.
            has_systemd: Path::new("/run/systemd/system").is_dir(),
            daemon: ["libvirtd", "virtqemud"].into_iter().find(|daemon| {
                DAEMON_FOLDERS
                    .iter()
                    .any(|folder| Path::new(folder).join(daemon).exists())
            }),
            user: std::env::var("USER")
                .or_else(|_| std::env::var("LOGNAME"))
                .unwrap_or_else(|_| "$USER".to_owned()),
            is_root: std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0),
            installer: INSTALLERS
                .iter()
                .find(|(program, _)| {
                    ["/usr/bin", "/sbin", "/usr/sbin"]
                        .iter()
                        .any(|folder| Path::new(folder).join(program).exists())
                })
                .map_or(&[], |(_, command)| command),
        }
    }
}
