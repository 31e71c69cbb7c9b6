//! What terms can ask for: the one list of their names.

use super::Unit;

/// A field of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Words {
    /// State, in virt-manager's or virsh's words.
    State,
    /// Name.
    Name,
    /// Title.
    Title,
    /// Description.
    Description,
    /// Notes of the user.
    Notes,
    /// Tags of the user.
    Tag,
    /// Name of the connection.
    Host,
    /// Addresses of the guest; `10.1.` is a beginning, `10.0.0.0/8` a network.
    Ip,
    /// Hardware addresses.
    Mac,
    /// Networks, bridges and devices that NICs are connected to.
    Net,
    /// kvm, qemu, xen, lxc.
    Virt,
    /// Operating system.
    Os,
    /// Sources of disks.
    Disk,
    /// UUID.
    Uuid,
    /// Architecture.
    Arch,
    /// Machine type.
    Machine,
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Figure {
    /// CPU of the guest's vCPUs in %.
    Cpu,
    /// CPU of the host in %.
    HostCpu,
    /// Memory in use: of the largest size in %, or in bytes.
    Memory,
    /// Bytes a second of disks.
    DiskRate,
    /// Bytes a second of NICs.
    NetRate,
    /// Number of vCPUs.
    Vcpus,
    /// Ports of displays and serial lines.
    Port,
    /// Time since it was started.
    Uptime,
    /// Number of snapshots.
    Snapshots,
    /// Time its vCPUs were ready and not run, in %.
    Steal,
    /// Time its vCPUs waited, in %.
    Wait,
    /// Mean time of a read or write.
    Latency,
}

/// A property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Started with the host.
    Autostart,
    /// Defined on disk.
    Persistent,
    /// Gone when it is off.
    Transient,
    /// A saved state exists.
    Saved,
    /// A process stands behind it.
    Running,
    /// Its guest agent is connected.
    Agent,
    /// It does not answer.
    Silent,
}

/// What a name stands for, with `:` and with the signs of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// As it is typed and printed.
    pub name: &'static str,
    /// As text.
    pub words: Option<Words>,
    /// As a figure.
    pub figure: Option<Figure>,
}

const fn text(name: &'static str, words: Words) -> Field {
    Field {
        name,
        words: Some(words),
        figure: None,
    }
}

const fn figure(name: &'static str, figure: Figure) -> Field {
    Field {
        name,
        words: None,
        figure: Some(figure),
    }
}

const fn both(name: &'static str, words: Words, figure: Figure) -> Field {
    Field {
        name,
        words: Some(words),
        figure: Some(figure),
    }
}

/// All of them, in the order of the hint. What stands for the same as one before is another word for it.
const FIELDS: &[Field] = &[
    text("state", Words::State),
    figure("cpu", Figure::Cpu),
    figure("mem", Figure::Memory),
    figure("port", Figure::Port),
    text("ip", Words::Ip),
    text("mac", Words::Mac),
    both("net", Words::Net, Figure::NetRate),
    text("tag", Words::Tag),
    text("host", Words::Host),
    text("virt", Words::Virt),
    text("os", Words::Os),
    both("disk", Words::Disk, Figure::DiskRate),
    text("title", Words::Title),
    text("name", Words::Name),
    text("notes", Words::Notes),
    text("desc", Words::Description),
    figure("vcpus", Figure::Vcpus),
    figure("uptime", Figure::Uptime),
    figure("snapshots", Figure::Snapshots),
    figure("host-cpu", Figure::HostCpu),
    figure("steal", Figure::Steal),
    figure("wait", Figure::Wait),
    figure("latency", Figure::Latency),
    text("uuid", Words::Uuid),
    text("arch", Words::Arch),
    text("machine", Words::Machine),
    // Other words.
    figure("memory", Figure::Memory),
    text("tags", Words::Tag),
    text("note", Words::Notes),
    text("description", Words::Description),
];

const FLAGS: &[(&str, Flag)] = &[
    ("autostart", Flag::Autostart),
    ("persistent", Flag::Persistent),
    ("transient", Flag::Transient),
    ("saved", Flag::Saved),
    ("running", Flag::Running),
    ("agent", Flag::Agent),
    ("silent", Flag::Silent),
];

/// Words for states, of the screen and of virsh.
pub(super) const STATES: &[&str] = &[
    "running",
    "paused",
    "shutoff",
    "shut off",
    "off",
    "shutting down",
    "in shutdown",
    "crashed",
    "suspended",
    "pmsuspended",
    "saved",
    "idle",
    "unknown",
    "no state",
    "not responding",
];

impl Field {
    /// The field of this name, whatever the case of its letters.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let named = |field: &&Self| field.name.eq_ignore_ascii_case(name);
        FIELDS.iter().find(named).copied()
    }

    /// Every name.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        FIELDS.iter().map(|field| field.name)
    }
}

impl Words {
    /// As it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        let of = |field: &&Field| field.words == Some(self);
        FIELDS.iter().find(of).map_or("", |field| field.name)
    }
}

impl Figure {
    /// As it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        let of = |field: &&Field| field.figure == Some(self);
        FIELDS.iter().find(of).map_or("", |field| field.name)
    }

    /// The units that it can be compared in, the first being that of a bare number; and in words.
    #[must_use]
    pub fn units(self) -> (&'static [Unit], &'static str) {
        match self {
            Self::Cpu | Self::HostCpu | Self::Steal | Self::Wait => (&[Unit::Percent], "%"),
            Self::Memory => (&[Unit::Percent, Unit::Bytes], "% or bytes (2G)"),
            Self::DiskRate | Self::NetRate => (&[Unit::Bytes], "bytes a second (10M)"),
            Self::Vcpus | Self::Port | Self::Snapshots => (&[Unit::None], "whole numbers"),
            Self::Uptime => (&[Unit::Seconds], "time (90m, 2d)"),
            Self::Latency => (&[Unit::Seconds], "time (5ms)"),
        }
    }
}

impl Flag {
    /// As it is typed, behind `+` or `-`.
    #[must_use]
    pub fn name(self) -> &'static str {
        let of = |row: &&(&'static str, Self)| row.1 == self;
        FLAGS.iter().find(of).map_or("", |row| row.0)
    }

    /// The property of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let named = |row: &&(&str, Self)| row.0.eq_ignore_ascii_case(name);
        FLAGS.iter().find(named).map(|row| row.1)
    }

    /// Every name.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        FLAGS.iter().map(|row| row.0)
    }
}

/// Terms that the end of a line may become, each with its first sign; all of the common ones for an empty line.
#[must_use]
pub fn completions(line: &str) -> Vec<String> {
    let last = line.rsplit(' ').next().unwrap_or_default();
    let begun = last.trim_start_matches('!');
    if let Some(begun) = begun.strip_prefix(['-', '+']) {
        let sign = &last[last.len() - begun.len() - 1..last.len() - begun.len()];
        let flags = Flag::names().filter(|name| name.starts_with(begun) && *name != begun);
        return flags.map(|name| format!("{sign}{name}")).collect();
    }
    if let Some(begun) = begun.strip_prefix("state:") {
        let one = |word: &&&str| !word.contains(' ') && word.starts_with(begun) && **word != begun;
        let states = STATES.iter().filter(one);
        return states.map(|word| format!("state:{word}")).collect();
    }
    if begun.is_empty() && !line.is_empty() {
        return Vec::new();
    }
    FIELDS
        .iter()
        .take(26)
        .filter(|field| field.name.starts_with(begun) && field.name != begun)
        .map(|field| match (field.words, field.figure) {
            (None, Some(Figure::Port)) | (Some(_), _) => format!("{}:", field.name),
            _ => format!("{}>", field.name),
        })
        .collect()
}
