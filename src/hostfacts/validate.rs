//! Counterparts of what virt-host-validate looks at, with its verdicts.

use super::checks::{Found, UNSEEN};
use super::facts::Facts;
use super::files::{Blind, Files};
use super::{Check, Verdict};

const EMULATED: &str = "Guests are emulated, ten times slower or worse.";

/// What is asked of a CPU without virtualization.
pub(super) const ASK_FIRMWARE: &str =
    "grep -E -w 'vmx|svm' /proc/cpuinfo  # none: enable VT-x or AMD-V in the firmware";

/// What is asked of a host without an IOMMU.
const ASK_IOMMU: &str =
    "dmesg | grep -e DMAR -e IVRS -e IOMMU  # none: enable VT-d or AMD-Vi in the firmware";

pub(super) fn checks(facts: &Facts, files: &Files) -> Vec<Check> {
    let mut list = vec![
        virtualization(facts, files).named("hardware-virtualization", "Hardware virtualization"),
        kvm_device(facts, files).named("kvm-device", "/dev/kvm exists"),
        kvm_access(facts, files).named("kvm-access", "/dev/kvm is usable by QEMU's user"),
        device(
            files,
            "/dev/vhost-net",
            Verdict::Warn,
            "Packets of guests pass QEMU instead of the kernel alone.",
            "modprobe vhost_net",
        )
        .named("vhost-net", "/dev/vhost-net exists"),
        device(
            files,
            "/dev/net/tun",
            Verdict::Fail,
            "No guest can have a network interface on a bridge or a network of libvirt.",
            "modprobe tun",
        )
        .named("tun", "/dev/net/tun exists"),
    ];
    for (controller, id, name) in [
        ("cpu", "cgroup-cpu", "Control group controller cpu"),
        (
            "cpuacct",
            "cgroup-cpuacct",
            "Control group controller cpuacct",
        ),
        ("cpuset", "cgroup-cpuset", "Control group controller cpuset"),
        ("memory", "cgroup-memory", "Control group controller memory"),
        (
            "devices",
            "cgroup-devices",
            "Control group controller devices",
        ),
        ("blkio", "cgroup-blkio", "Control group controller blkio"),
        (
            "freezer",
            "cgroup-freezer",
            "Control group controller freezer (containers)",
        ),
    ] {
        list.push(cgroup(facts, controller).named(id, name));
    }
    list.extend([
        iommu(facts, files).named("iommu", "IOMMU for device assignment"),
        iommu_kernel(facts, files).named("iommu-kernel", "IOMMU is in use by the kernel"),
        secure_guests(facts, files).named("secure-guest", "Secure guests (SEV)"),
        linux(facts).named("lxc-kernel", "Linux 2.6.26 or later (containers)"),
    ]);
    for (kind, id, name) in [
        ("ipc", "lxc-namespace-ipc", "Namespace ipc (containers)"),
        ("mnt", "lxc-namespace-mnt", "Namespace mnt (containers)"),
        ("pid", "lxc-namespace-pid", "Namespace pid (containers)"),
        ("uts", "lxc-namespace-uts", "Namespace uts (containers)"),
        ("net", "lxc-namespace-net", "Namespace net (containers)"),
        ("user", "lxc-namespace-user", "Namespace user (containers)"),
    ] {
        list.push(
            device(
                files,
                &format!("/proc/self/ns/{kind}"),
                Verdict::Warn,
                "Containers of libvirt's LXC driver cannot be started.",
                &format!(
                    "grep CONFIG_{}_NS /boot/config-$(uname -r)",
                    kind.to_uppercase()
                ),
            )
            .named(id, name),
        );
    }
    list.push(
        device(
            files,
            "/sys/fs/fuse/connections",
            Verdict::Warn,
            "Containers see the memory of the host instead of their own.",
            "modprobe fuse",
        )
        .named("fuse", "/sys/fs/fuse/connections exists (containers)"),
    );
    list
}

fn virtualization(facts: &Facts, files: &Files) -> Found {
    let arch_has_flags = matches!(
        facts.cpu.arch.as_deref(),
        None | Some("x86_64" | "i686" | "i386")
    );
    match facts.cpu.virtualization {
        Some("none") if arch_has_flags => Found::fail(
            "/proc/cpuinfo: neither vmx nor svm among the flags",
            EMULATED,
        )
        .by(ASK_FIRMWARE),
        Some("none") | None if files.exists("/dev/kvm") == Some(true) => {
            Found::ok("/dev/kvm is there")
        }
        Some(flag) if flag != "none" => Found::ok(format!("/proc/cpuinfo: {flag}")),
        _ => Found::unknown(format!(
            "/proc/cpuinfo: {}",
            files
                .text("/proc/cpuinfo")
                .err()
                .map_or("has no flags".to_owned(), |why| why.words())
        )),
    }
}

fn kvm_device(facts: &Facts, files: &Files) -> Found {
    device(
        files,
        "/dev/kvm",
        Verdict::Fail,
        EMULATED,
        match facts.cpu.virtualization {
            Some("vmx") => "modprobe kvm_intel",
            Some("svm") => "modprobe kvm_amd",
            _ => ASK_FIRMWARE,
        },
    )
}

/// QEMU's user: of qemu.conf, else the distribution's.
fn kvm_access(facts: &Facts, files: &Files) -> Found {
    let owner = match files.owner("/dev/kvm") {
        // What git and most archives make of a file; no device ever has these rights.
        Ok(owner) if !owner.device && matches!(owner.mode, 0o644 | 0o755 | 0o664 | 0o775) => {
            return Found::unknown("/dev/kvm: a recorded file without its owner and rights");
        }
        Ok(owner) => owner,
        Err(Blind::Absent) => return Found::unknown("/dev/kvm: not there"),
        Err(why) => return Found::unknown(format!("/dev/kvm: {}", why.words())),
    };
    let passwd = files.text("/etc/passwd").unwrap_or_default();
    let user_of_conf = files.text("/etc/libvirt/qemu.conf").ok().and_then(|text| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with("user"))?;
        Some(
            line.split_once('=')?
                .1
                .trim()
                .trim_matches('"')
                .trim_start_matches('+')
                .to_owned(),
        )
    });
    let names: Vec<String> = match user_of_conf {
        Some(name) => vec![name],
        None => vec!["libvirt-qemu".to_owned(), "qemu".to_owned()],
    };
    let entry = passwd.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let [name, _, uid, gid, ..] = fields.as_slice() else {
            return None;
        };
        let known = names.iter().any(|wanted| wanted == name || wanted == uid);
        known.then(|| {
            Some((
                (*name).to_owned(),
                uid.parse::<u32>().ok()?,
                gid.parse::<u32>().ok()?,
            ))
        })?
    });
    let Some((name, uid, gid)) = entry else {
        return Found::unknown("/etc/passwd: QEMU's user is not there");
    };
    let member = files
        .text("/etc/group")
        .unwrap_or_default()
        .lines()
        .any(|line| {
            let mut fields = line.split(':');
            let number = fields.nth(2).and_then(|text| text.parse::<u32>().ok());
            let members = fields.next().unwrap_or_default();
            number == Some(owner.gid) && members.split(',').any(|one| one == name)
        });
    let rights = if uid == owner.uid {
        owner.mode >> 6
    } else if gid == owner.gid || member {
        owner.mode >> 3
    } else {
        owner.mode
    };
    let evidence = format!(
        "/dev/kvm: mode {:04o}, user {}, group {}; QEMU runs as {name}",
        owner.mode, owner.uid, owner.gid
    );
    if uid == 0 || rights & 0o6 == 0o6 {
        Found::ok(evidence)
    } else if facts.cpu.virtualization == Some("none") {
        Found::warn(evidence, "Nobody misses it: the CPU has no virtualization.")
            .by("chgrp kvm /dev/kvm && chmod 0660 /dev/kvm")
    } else {
        Found::fail(
            evidence,
            "QEMU may not open it, and guests with KVM do not start.",
        )
        .by("chgrp kvm /dev/kvm && chmod 0660 /dev/kvm")
    }
}

fn device(
    files: &Files,
    path: &str,
    missing: Verdict,
    consequence: &'static str,
    remedy: &str,
) -> Found {
    match files.exists(path) {
        Some(true) => Found::ok(path),
        Some(false) => {
            let evidence = format!("{path}: not there");
            let found = if missing == Verdict::Fail {
                Found::fail(evidence, consequence)
            } else {
                Found::warn(evidence, consequence)
            };
            found.by(remedy)
        }
        None => Found::unknown(format!("{path}: {UNSEEN}")),
    }
}

fn cgroup(facts: &Facts, controller: &'static str) -> Found {
    match &facts.cgroups {
        None => Found::unknown(format!(
            "/proc/self/mounts: {}",
            if facts.files_visible {
                "no control groups"
            } else {
                UNSEEN
            }
        )),
        Some(groups) if groups.controllers.iter().any(|name| name == controller) => {
            Found::ok(format!("version {} has {controller}", groups.version))
        }
        Some(groups) => Found::warn(
            format!(
                "/proc/self/mounts: version {} without {controller}",
                groups.version
            ),
            "libvirt cannot limit or count this for its guests.",
        )
        .by(if groups.version == 2 {
            "echo +cpu +cpuset +memory +io > /sys/fs/cgroup/cgroup.subtree_control".to_owned()
        } else {
            format!("mount -t cgroup -o {controller} cgroup /sys/fs/cgroup/{controller}")
        }),
    }
}

fn is_x86(facts: &Facts) -> bool {
    matches!(
        facts.cpu.arch.as_deref(),
        None | Some("x86_64" | "i686" | "i386")
    )
}

fn iommu(facts: &Facts, files: &Files) -> Found {
    if !files.are_seen() {
        return match facts.iommu {
            Some(true) => Found::ok("libvirt's capabilities: iommu support"),
            _ => Found::unknown(UNSEEN),
        };
    }
    let tables = "/sys/firmware/acpi/tables";
    let table = match (facts.cpu.virtualization, is_x86(facts)) {
        (Some("vmx"), _) => "DMAR",
        (Some("svm"), _) => "IVRS",
        (_, false) => "IORT",
        _ => {
            return Found::warn(
                "/proc/cpuinfo: neither vmx nor svm, so it is not known which table to look for",
                "Devices of the host cannot be handed to guests.",
            )
            .by(ASK_IOMMU);
        }
    };
    let path = format!("{tables}/{table}");
    match files.exists(&path) {
        Some(true) => Found::ok(path),
        Some(false) => Found::warn(
            format!("{path}: not there"),
            "Devices of the host cannot be handed to guests: the IOMMU is off in the firmware, or there is none.",
        )
        .by(ASK_IOMMU),
        None => Found::unknown(format!("{path}: {UNSEEN}")),
    }
}

fn iommu_kernel(facts: &Facts, files: &Files) -> Found {
    const FILE: &str = "/sys/kernel/iommu_groups";
    let line = match facts.cpu.virtualization {
        Some("svm") => "iommu=pt iommu=1",
        _ => "intel_iommu=on iommu=pt",
    };
    match files.names(FILE) {
        Ok(groups) if !groups.is_empty() => Found::ok(format!("{FILE}: {} groups", groups.len())),
        Ok(_) | Err(Blind::Absent) => {
            let found = Found::warn(
                format!("{FILE}: empty"),
                "Devices of the host cannot be handed to guests.",
            );
            match facts.cpu.virtualization {
                Some("vmx" | "svm") => found.by(kernel_line(facts, line)),
                _ => found.by(ASK_IOMMU),
            }
        }
        Err(_) if facts.iommu == Some(true) => Found::ok("libvirt's capabilities: iommu support"),
        Err(why) => Found::unknown(format!("{FILE}: {}", why.words())),
    }
}

/// How a word gets onto the kernel's command line of this distribution.
fn kernel_line(facts: &Facts, words: &str) -> String {
    super::keeping::kernel_line(facts.distribution.as_deref(), words).shell()
}

fn secure_guests(facts: &Facts, files: &Files) -> Found {
    const FILE: &str = "/sys/module/kvm_amd/parameters/sev";
    if !files.are_seen() {
        return Found::unknown(UNSEEN);
    }
    if facts.cpu.sev != Some(true) {
        return Found::warn(
            "/proc/cpuinfo: no sev among the flags",
            "The memory of guests cannot be kept from the host; most guests do not ask for it.",
        )
        .by("grep -m1 -o -w sev /proc/cpuinfo  # none: only an EPYC of AMD has it");
    }
    match files.text(FILE) {
        Ok(text) if matches!(text.as_str(), "1" | "Y" | "y") => {
            Found::ok(format!("{FILE}: {text}"))
        }
        Ok(text) => Found::warn(
            format!("{FILE}: {text}"),
            "The CPU could keep the memory of guests from the host, the kernel does not let it.",
        )
        .by(kernel_line(facts, "kvm_amd.sev=1")),
        Err(why) => Found::warn(
            format!("{FILE}: {}", why.words()),
            "The CPU could keep the memory of guests from the host, the kernel does not know how.",
        )
        .by("modprobe kvm_amd sev=1"),
    }
}

fn linux(facts: &Facts) -> Found {
    let Some(release) = &facts.kernel else {
        return Found::unknown(format!("/proc/sys/kernel/osrelease: {UNSEEN}"));
    };
    let mut numbers = release
        .split(['.', '-'])
        .map_while(|part| part.parse::<u32>().ok());
    let version: [u32; 3] = std::array::from_fn(|_| numbers.next().unwrap_or(0));
    if version >= [2, 6, 26] {
        Found::ok(format!("/proc/sys/kernel/osrelease: {release}"))
    } else {
        Found::fail(
            format!("/proc/sys/kernel/osrelease: {release}"),
            "Containers of libvirt's LXC driver cannot be started.",
        )
        .by("uname -r  # a newer kernel is needed")
    }
}
