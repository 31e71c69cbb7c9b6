//! What runs on a host besides its guests: kernel modules, libvirt's daemons, control groups.

use serde::Serialize;

use super::files::Files;

/// What became of a kernel module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleState {
    /// Loaded, or a part of the kernel.
    Present,
    /// Not there.
    Absent,
}

/// A kernel module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// `None` where it cannot be seen.
    pub state: Option<ModuleState>,
}

/// A daemon of libvirt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Daemon {
    /// Its name.
    pub name: &'static str,
    /// It runs.
    pub running: bool,
    /// systemd starts it, or its socket.
    pub enabled: bool,
}

/// The control groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cgroups {
    /// 1 or 2.
    pub version: u8,
    /// Controllers in the names of version 1.
    pub controllers: Vec<String>,
}

/// Modules that matter to virtual machines.
const MODULES: [&str; 8] = [
    "kvm",
    "kvm_intel",
    "kvm_amd",
    "vhost_net",
    "tun",
    "bridge",
    "br_netfilter",
    "vfio_pci",
];

/// Daemons: the one, and the modular ones.
const DAEMONS: [&str; 9] = [
    "libvirtd",
    "virtqemud",
    "virtnetworkd",
    "virtstoraged",
    "virtnodedevd",
    "virtsecretd",
    "virtlogd",
    "virtlockd",
    "virtproxyd",
];

pub(super) fn distribution(files: &Files) -> Option<String> {
    let text = files.text("/etc/os-release").ok()?;
    let id = text.lines().find_map(|line| line.strip_prefix("ID="))?;
    Some(id.trim_matches('"').to_owned())
}

pub(super) fn modules(files: &Files) -> Vec<Module> {
    let listed = files.text("/proc/modules");
    let folder = files.exists("/sys/module");
    MODULES
        .into_iter()
        .map(|name| {
            let loaded = listed.as_ref().is_ok_and(|text| {
                text.lines()
                    .any(|line| line.split(' ').next() == Some(name))
            });
            let inside = files.exists(&format!("/sys/module/{name}")) == Some(true);
            let state = if loaded || inside || builtin_by_trace(name, files) {
                Some(ModuleState::Present)
            } else if listed.is_ok() || folder == Some(true) {
                Some(ModuleState::Absent)
            } else {
                None
            };
            Module { name, state }
        })
        .collect()
}

/// A part of the kernel without parameters has no folder of its own; its device tells.
fn builtin_by_trace(name: &str, files: &Files) -> bool {
    let trace = match name {
        "tun" => "/dev/net/tun",
        "vhost_net" => "/dev/vhost-net",
        "kvm" => "/dev/kvm",
        "br_netfilter" => "/proc/sys/net/bridge/bridge-nf-call-iptables",
        _ => return false,
    };
    files.exists(trace) == Some(true)
}

pub(super) fn daemons(files: &Files) -> Vec<Daemon> {
    let running: Vec<String> = files
        .names("/proc")
        .unwrap_or_default()
        .into_iter()
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|pid| files.text(&format!("/proc/{pid}/comm")).ok())
        .collect();
    DAEMONS
        .into_iter()
        .filter_map(|name| {
            let units = [format!("{name}.service"), format!("{name}.socket")];
            let enabled = units.iter().any(|unit| {
                ["multi-user.target.wants", "sockets.target.wants"]
                    .iter()
                    .any(|folder| {
                        files.exists(&format!("/etc/systemd/system/{folder}/{unit}")) == Some(true)
                    })
            });
            let daemon = Daemon {
                name,
                running: running.iter().any(|comm| comm == name),
                enabled,
            };
            (daemon.running || daemon.enabled).then_some(daemon)
        })
        .collect()
}

pub(super) fn cgroups(files: &Files) -> Option<Cgroups> {
    let mounts = files
        .text("/proc/self/mounts")
        .or_else(|_| files.text("/proc/mounts"))
        .ok()?;
    let mut one = Vec::new();
    let mut two = None;
    for line in mounts.lines() {
        let mut words = line.split(' ');
        let (_, place, kind, options) = (words.next(), words.next()?, words.next()?, words.next()?);
        match kind {
            "cgroup" => one.extend(options.split(',').map(str::to_owned)),
            "cgroup2" => two = Some(place.to_owned()),
            _ => {}
        }
    }
    const KNOWN: [&str; 9] = [
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "net_cls", "pids",
    ];
    one.retain(|name| KNOWN.contains(&name.as_str()));
    if !one.is_empty() {
        return Some(Cgroups {
            version: 1,
            controllers: one,
        });
    }
    let place = two?;
    let text = files
        .text(&format!("{place}/cgroup.controllers"))
        .unwrap_or_default();
    let mut controllers: Vec<String> = text
        .split_whitespace()
        .map(|name| if name == "io" { "blkio" } else { name }.to_owned())
        .collect();
    // Always there in version 2: times in cpu.stat, devices by BPF, freezing by cgroup.freeze.
    controllers.extend(["cpuacct", "devices", "freezer"].map(str::to_owned));
    Some(Cgroups {
        version: 2,
        controllers,
    })
}

pub(super) fn steal(files: &Files) -> Option<u64> {
    let text = files.text("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let (times, all) = super::files::ticks(line);
    let steal = *times.get(7)?;
    steal.checked_mul(1000)?.checked_div(all)
}
