//! How a guest gets an agent.

/// The channel that the agent needs, as the XML has it.
pub const CHANNEL: &str =
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

/// How the agent is installed in guests of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// Which guests.
    pub systems: &'static str,
    /// The command, in the guest.
    pub command: &'static str,
    /// Parts of libosinfo's ids that tell them.
    ids: &'static [&'static str],
}

const PACKAGES: [Package; 7] = [
    Package {
        systems: "Debian, Ubuntu",
        command: "apt install qemu-guest-agent",
        ids: &["debian.org", "ubuntu.com", "linuxmint.com"],
    },
    Package {
        systems: "Fedora, RHEL",
        command: "dnf install qemu-guest-agent",
        ids: &[
            "fedoraproject.org",
            "redhat.com",
            "centos.org",
            "almalinux.org",
            "rockylinux.org",
            "oracle.com",
        ],
    },
    Package {
        systems: "SUSE, openSUSE",
        command: "zypper install qemu-guest-agent",
        ids: &["suse.com", "opensuse.org"],
    },
    Package {
        systems: "Alpine",
        command: "apk add qemu-guest-agent && rc-update add qemu-guest-agent",
        ids: &["alpinelinux.org"],
    },
    Package {
        systems: "Arch",
        command: "pacman -S qemu-guest-agent",
        ids: &["archlinux.org"],
    },
    Package {
        systems: "FreeBSD",
        command: "pkg install qemu-guest-agent && sysrc qemu_guest_agent_enable=YES",
        ids: &["freebsd.org"],
    },
    Package {
        systems: "Windows",
        command: "guest-agent\\qemu-ga-x86_64.msi of the disc virtio-win.iso",
        ids: &["microsoft.com"],
    },
];

/// The ways, that of the domain's own system alone where its metadata tell which it is.
#[must_use]
pub fn packages(os_id: Option<&str>) -> Vec<Package> {
    let own = PACKAGES
        .iter()
        .find(|package| os_id.is_some_and(|id| package.ids.iter().any(|part| id.contains(part))));
    match own {
        Some(own) => vec![*own],
        None => PACKAGES.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_that_of_the_system() {
        let of = |id: &str| packages(Some(id))[0].command;
        assert!(of("http://debian.org/debian/12").starts_with("apt "));
        assert!(of("http://rockylinux.org/rocky/9").starts_with("dnf "));
        assert!(of("http://microsoft.com/win/11").contains(".msi"));
        assert_eq!(packages(Some("http://other.example/1")).len(), 7);
        assert_eq!(packages(None).len(), 7);
    }
}
