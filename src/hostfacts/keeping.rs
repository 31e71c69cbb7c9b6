//! What keeps a value of a host beyond its restart: the exact file and command for the distribution found.

use super::facts::Facts;
use super::files::Files;
use super::knobs::Knob;
use crate::model::{Transport, Uri};
use crate::text::shell_quote;

/// A file of its own in a directory for such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Its path.
    pub path: String,
    /// All of its text.
    pub text: String,
    /// The command that makes it hold without a restart.
    pub command: String,
}

/// How a value is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// By a file of its own, which virtty can write and remove.
    File(KeptFile),
    /// By something that is not virtty's alone, such as the kernel's command line: shown and copied, never written.
    Command {
        /// The file that is changed.
        file: String,
        /// The command that changes it.
        command: String,
    },
}

impl Keeping {
    /// All of it as lines for a shell.
    #[must_use]
    pub fn shell(&self) -> String {
        match self {
            Self::File(kept) => {
                let lines = kept.text.lines().map(crate::text::shell_quote);
                let lines: Vec<_> = lines.map(|line| line.into_owned()).collect();
                format!(
                    "printf '%s\\n' {} > {} && {}",
                    lines.join(" "),
                    crate::text::shell_quote(&kept.path),
                    kept.command
                )
            }
            Self::Command { command, .. } => command.clone(),
        }
    }

    /// In a few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::File(kept) => kept.path.clone(),
            Self::Command { file, .. } => file.clone(),
        }
    }
}

/// Something done to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostWish {
    /// A value until the host restarts.
    Set(Knob, String),
    /// A file that keeps a value, in the place of what stands there.
    Keep(KeptFile),
    /// The file with this path goes.
    Forget(String),
}

impl HostWish {
    /// What it is, behind "cannot".
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Set(knob, _) => format!("set {}", knob.name()),
            Self::Keep(kept) => format!("write {}", kept.path),
            Self::Forget(path) => format!("remove {path}"),
        }
    }

    /// The line of a shell here that does the same on the host with this URI.
    #[must_use]
    pub fn line(&self, uri: &str) -> String {
        let there = match self {
            // virsh finds the host by itself.
            Self::Set(knob @ Knob::Shm(_), value) => return knob.command(value, uri),
            Self::Set(knob, value) => knob.command(value, uri),
            Self::Keep(kept) => Keeping::File(kept.clone()).shell(),
            Self::Forget(path) => format!("rm {}", shell_quote(path)),
        };
        match uri.parse().ok().and_then(|uri| ssh_to(&uri)) {
            Some(ssh) => format!("{ssh} {}", shell_quote(&there)),
            None => there,
        }
    }
}

/// The words that bring a command to the host of a connection by ssh.
fn ssh_to(uri: &Uri) -> Option<String> {
    if uri.transport != Transport::Ssh {
        return None;
    }
    let mut words = "ssh".to_owned();
    if let Some(port) = uri.port {
        words.push_str(&format!(" -p {port}"));
    }
    let keyfile = uri.parameters.iter().find(|(name, _)| name == "keyfile");
    if let Some((_, file)) = keyfile {
        words.push_str(&format!(" -i {}", shell_quote(file)));
    }
    let host = uri.host.as_deref()?;
    let to = match &uri.user {
        Some(user) => format!("{user}@{host}"),
        None => host.to_owned(),
    };
    words.push_str(&format!(" -- {}", shell_quote(&to)));
    Some(words)
}

/// Directories for files of one's own.
const FOLDERS: [&str; 3] = ["/etc/sysctl.d", "/etc/tmpfiles.d", "/etc/udev/rules.d"];

/// What begins the names of virtty's files in them, behind a number.
const MARK: &str = "virtty-";

/// Whether virtty may write or remove a path: a file of its own in a directory for such.
#[must_use]
pub fn is_own_file(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else {
        return false;
    };
    FOLDERS.contains(&folder)
        && name
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '-')
            .starts_with(MARK)
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Path and text of the files that virtty wrote on a host.
#[must_use]
pub(super) fn kept(files: &Files) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for name in files.names(folder).unwrap_or_default() {
            let path = format!("{folder}/{name}");
            if let (true, Ok(text)) = (is_own_file(&path), files.text(&path)) {
                found.push((path, text));
            }
        }
    }
    found
}

/// Distributions without systemd, and so without tmpfiles.d.
const OPENRC: [&str; 4] = ["alpine", "gentoo", "artix", "devuan"];

/// Whether a host starts what it runs by OpenRC.
pub(super) fn has_openrc(facts: &Facts) -> bool {
    let distribution = facts.distribution.as_deref();
    distribution.is_some_and(|id| OPENRC.contains(&id))
}

impl Knob {
    /// What keeps `value` beyond a restart of this host.
    #[must_use]
    pub fn keeping(&self, value: &str, facts: &Facts) -> Option<Keeping> {
        let name = self.word();
        let file = |folder: &str, name: String, line: String, command: String| {
            Keeping::File(KeptFile {
                path: format!("{folder}/{name}"),
                text: format!(
                    "# Written by virtty; removing the file takes it back at the next start.\n{line}\n"
                ),
                command,
            })
        };
        let distribution = facts.distribution.as_deref();
        let openrc = has_openrc(facts);
        let kernel = self.kernel_file()?;
        Some(match self {
            Self::Scheduler(device, _) => file(
                "/etc/udev/rules.d",
                format!("60-virtty-{name}.rules"),
                format!(
                    "ACTION==\"add|change\", SUBSYSTEM==\"block\", KERNEL==\"{device}\", ATTR{{queue/scheduler}}=\"{value}\""
                ),
                format!(
                    "udevadm control --reload && udevadm trigger --action=change --sysname-match={device}"
                ),
            ),
            Self::HugePages(None, 2048) => {
                let name = format!("60-virtty-{name}.conf");
                let command = format!("sysctl -p /etc/sysctl.d/{name}");
                file(
                    "/etc/sysctl.d",
                    name,
                    format!("vm.nr_hugepages = {value}"),
                    command,
                )
            }
            // Large ones are found only while memory is whole.
            Self::HugePages(_, size @ 1_048_576..) => kernel_line(
                distribution,
                &format!("hugepagesz={}G hugepages={value}", size >> 20),
            ),
            _ if openrc => Keeping::Command {
                file: "/etc/local.d/virtty.start".to_owned(),
                command: format!(
                    "echo 'echo {value} > {kernel}' >> /etc/local.d/virtty.start && chmod +x /etc/local.d/virtty.start && rc-update add local default"
                ),
            },
            _ => {
                let name = format!("virtty-{name}.conf");
                let command = format!("systemd-tmpfiles --create /etc/tmpfiles.d/{name}");
                file(
                    "/etc/tmpfiles.d",
                    name,
                    format!("w {kernel} - - - - {value}"),
                    command,
                )
            }
        })
    }

    /// The file of virtty's that keeps this one now, and its value.
    #[must_use]
    pub fn kept<'a>(&self, facts: &'a Facts) -> Option<(&'a str, String)> {
        let Some(Keeping::File(wanted)) = self.keeping("", facts) else {
            return None;
        };
        let (path, text) = facts.kept.iter().find(|(path, _)| *path == wanted.path)?;
        let line = text.lines().rfind(|line| !line.starts_with('#'))?;
        let value = line.rsplit([' ', '=']).next().unwrap_or_default();
        Some((path, value.trim_matches('"').to_owned()))
    }
}

/// How words get onto the kernel's command line of a distribution.
#[must_use]
pub(super) fn kernel_line(distribution: Option<&str>, words: &str) -> Keeping {
    let grub = "/etc/default/grub".to_owned();
    let edit = format!("sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{words} /' {grub}");
    let command = match distribution {
        Some("fedora" | "rhel" | "centos" | "rocky" | "almalinux" | "ol") => {
            return Keeping::Command {
                file: "/boot/loader/entries".to_owned(),
                command: format!("grubby --update-kernel=ALL --args='{words}'"),
            };
        }
        Some(id) if id.starts_with("opensuse") || id.starts_with("sle") => {
            format!("{edit} && grub2-mkconfig -o /boot/grub2/grub.cfg")
        }
        Some("arch" | "manjaro" | "gentoo" | "alpine" | "artix" | "void") => {
            format!("{edit} && grub-mkconfig -o /boot/grub/grub.cfg")
        }
        _ => format!("{edit} && update-grub"),
    };
    Keeping::Command {
        file: grub,
        command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(keeping: Option<Keeping>) -> KeptFile {
        match keeping {
            Some(Keeping::File(kept)) => kept,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_value_has_the_file_of_its_kind() {
        let facts = Facts::default();
        let thp = file(Knob::Thp.keeping("madvise", &facts));
        assert_eq!(thp.path, "/etc/tmpfiles.d/virtty-thp.conf");
        assert!(
            thp.text
                .ends_with("w /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise\n")
        );
        let disk = file(Knob::Scheduler("sda".to_owned(), Vec::new()).keeping("bfq", &facts));
        assert!(disk.text.contains("KERNEL==\"sda\"") && disk.text.contains("=\"bfq\""));
        let pages = file(Knob::HugePages(None, 2048).keeping("64", &facts));
        assert_eq!(pages.path, "/etc/sysctl.d/60-virtty-hugepages-2048.conf");
        let cell = file(Knob::HugePages(Some(1), 2048).keeping("64", &facts));
        assert!(
            cell.text
                .contains("/node1/hugepages/hugepages-2048kB/nr_hugepages - - - - 64")
        );
        let scan = file(Knob::Shm("shm_pages_to_scan").keeping("200", &facts));
        assert!(
            scan.text
                .contains("w /sys/kernel/mm/ksm/pages_to_scan - - - - 200")
        );
        for kept in [thp, disk, pages, cell, scan] {
            assert!(is_own_file(&kept.path), "{}", kept.path);
        }
    }

    #[test]
    fn what_is_not_virttys_alone_is_a_command_of_the_distribution() {
        let of = |id: &str| {
            let facts = Facts {
                distribution: Some(id.to_owned()),
                ..Facts::default()
            };
            match Knob::HugePages(Some(0), 1 << 20).keeping("4", &facts) {
                Some(Keeping::Command { command, .. }) => command,
                other => panic!("{other:?}"),
            }
        };
        assert!(of("debian").ends_with("&& update-grub"));
        assert_eq!(
            of("rocky"),
            "grubby --update-kernel=ALL --args='hugepagesz=1G hugepages=4'"
        );
        assert!(of("opensuse-leap").contains("grub2-mkconfig"));
        assert!(of("arch").contains("grub-mkconfig -o"));
        let alpine = Facts {
            distribution: Some("alpine".to_owned()),
            ..Facts::default()
        };
        assert!(matches!(
            Knob::Thp.keeping("never", &alpine),
            Some(Keeping::Command { file, .. }) if file == "/etc/local.d/virtty.start"
        ));
    }

    #[test]
    fn a_line_for_another_host_goes_there() {
        let wish = HostWish::Set(Knob::KsmRun, "1".to_owned());
        assert_eq!(
            wish.line("qemu:///system"),
            "echo 1 > /sys/kernel/mm/ksm/run"
        );
        assert_eq!(
            wish.line("qemu+ssh://root@h:2222/system?keyfile=/k"),
            "ssh -p 2222 -i /k -- root@h 'echo 1 > /sys/kernel/mm/ksm/run'"
        );
        // virsh goes there by itself.
        let shm = HostWish::Set(Knob::Shm("shm_pages_to_scan"), "9".to_owned());
        assert!(
            shm.line("qemu+ssh://h/system")
                .starts_with("virsh -c qemu+ssh://h/system ")
        );
    }

    #[test]
    fn nothing_else_is_virttys_own() {
        for path in [
            "/etc/sysctl.conf",
            "/etc/sysctl.d/99-sysctl.conf",
            "/etc/sysctl.d/../virtty-a",
            "/etc/tmpfiles.d/virtty-a b",
            "/etc/tmpfiles.d/sub/virtty-a.conf",
            "virtty-a",
        ] {
            assert!(!is_own_file(path), "{path}");
        }
    }

    #[test]
    fn what_is_kept_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::At(folder.path().to_owned());
        let facts = Facts::default();
        let wanted = file(Knob::Thp.keeping("never", &facts));
        let path = folder.path().join(wanted.path.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &wanted.text).unwrap();
        std::fs::write(path.with_file_name("other.conf"), "x").unwrap();
        let facts = Facts {
            kept: kept(&files),
            ..Facts::default()
        };
        assert_eq!(facts.kept.len(), 1);
        assert_eq!(Knob::Thp.kept(&facts).unwrap().1, "never");
        assert_eq!(Knob::KsmRun.kept(&facts), None);
    }
}
