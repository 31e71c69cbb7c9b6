//! The columns. Each declares header, width and order here and nowhere else; its content is in `cells.rs`.

use super::{Claim, Scene};
use crate::app::Guest;
use crate::model::DomainState;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// State with its reason.
    State,
    /// Name.
    Name,
    /// Host, when there are several.
    Host,
    /// CPU, of the guest's vCPUs.
    Cpu,
    /// CPU, of the host.
    HostCpu,
    /// Memory used and largest.
    Memory,
    /// Disk bytes a second, read and written.
    Disk,
    /// Network bytes a second, received and sent.
    Net,
    /// CPU of the last minutes.
    History,
    /// Where its displays listen.
    Display,
    /// Address of the guest.
    Ip,
    /// vCPUs.
    Vcpus,
    /// kvm, qemu, xen, lxc, ...
    Virt,
    /// Started with the host.
    Autostart,
    /// Persistent or transient.
    Persistence,
    /// Title.
    Title,
    /// Tags of the user.
    Tags,
    /// Notes of the user.
    Notes,
    /// Time since it was started.
    Uptime,
    /// Number of snapshots.
    Snapshots,
    /// Time its vCPUs were ready and the host did not run them.
    Steal,
    /// Time its vCPUs waited.
    Wait,
    /// Mean time of a read or write of its slowest disk.
    Latency,
    /// What happened to it last, and how long ago.
    LastEvent,
}

/// What a column declares.
struct Declared {
    name: &'static str,
    header: &'static str,
    /// Least width, and the most it grows to.
    width: (u16, u16),
    /// Figures stand on the right.
    right: bool,
    /// Importance: the lowest stays longest on a narrow terminal.
    rank: u8,
    /// Largest first.
    descending: bool,
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::app) enum SortKey {
    /// Known figures and ranks.
    Number(f64),
    /// Words.
    Text(String),
    /// Last, in either direction.
    Unknown,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 24] = [
        Self::State,
        Self::Name,
        Self::Host,
        Self::Cpu,
        Self::HostCpu,
        Self::Memory,
        Self::Disk,
        Self::Net,
        Self::History,
        Self::Display,
        Self::Ip,
        Self::Vcpus,
        Self::Virt,
        Self::Autostart,
        Self::Persistence,
        Self::Title,
        Self::Tags,
        Self::Notes,
        Self::Uptime,
        Self::Snapshots,
        Self::Steal,
        Self::Wait,
        Self::Latency,
        Self::LastEvent,
    ];

    /// The columns of the beginning: all but those of a special interest; the terminal's width chooses.
    pub const DEFAULT: [Self; 16] = [
        Self::State,
        Self::Name,
        Self::Host,
        Self::Cpu,
        Self::HostCpu,
        Self::Memory,
        Self::Disk,
        Self::Net,
        Self::History,
        Self::Display,
        Self::Ip,
        Self::Vcpus,
        Self::Virt,
        Self::Autostart,
        Self::Persistence,
        Self::Title,
    ];

    /// Columns up to this rank are what the smallest terminal keeps.
    pub(super) const ESSENTIAL: u8 = 4;

    fn declared(self) -> Declared {
        let declare = |name, header, width, right, rank, descending| Declared {
            name,
            header,
            width,
            right,
            rank,
            descending,
        };
        match self {
            Self::State => declare("state", "State", (23, 27), false, 1, false),
            Self::Name => declare("name", "Name", (14, 36), false, 0, false),
            Self::Host => declare("host", "Host", (12, 20), false, 5, false),
            Self::Cpu => declare("cpu", "CPU", (5, 5), true, 2, true),
            Self::HostCpu => declare("host-cpu", "Host%", (5, 5), true, 11, true),
            Self::Memory => declare("memory", "Memory", (10, 11), true, 3, true),
            Self::Disk => declare("disk", "Disk/s", (6, 6), true, 7, true),
            Self::Net => declare("net", "Net/s", (6, 6), true, 8, true),
            Self::History => declare("history", "CPU history", (12, 24), false, 9, true),
            Self::Display => declare("display", "Display", (22, 40), false, 4, false),
            Self::Ip => declare("ip", "IP", (15, 39), false, 6, false),
            Self::Vcpus => declare("vcpus", "vCPUs", (5, 5), true, 10, true),
            Self::Virt => declare("virt", "Virt", (4, 6), false, 12, false),
            Self::Autostart => declare("autostart", "Auto", (4, 4), false, 13, true),
            Self::Persistence => declare("persistence", "Defined", (10, 10), false, 14, false),
            Self::Title => declare("title", "Title", (12, 60), false, 15, false),
            Self::Tags => declare("tags", "Tags", (10, 24), false, 16, false),
            Self::Notes => declare("notes", "Notes", (12, 60), false, 23, false),
            Self::Uptime => declare("uptime", "Uptime", (6, 6), true, 17, true),
            Self::Snapshots => declare("snapshots", "Snaps", (5, 5), true, 18, true),
            Self::Steal => declare("steal", "Steal", (5, 5), true, 19, true),
            Self::Wait => declare("wait", "Wait", (5, 5), true, 20, true),
            Self::Latency => declare("latency", "I/O lat", (7, 7), true, 21, true),
            Self::LastEvent => declare("last-event", "Last event", (22, 40), false, 22, true),
        }
    }

    /// Its name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.declared().name
    }

    /// The column of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// Its heading.
    #[must_use]
    pub fn header(self) -> &'static str {
        self.declared().header
    }

    /// Least width in terminal columns.
    #[must_use]
    pub fn width(self) -> u16 {
        self.declared().width.0
    }

    /// The width it grows to where there is room.
    #[must_use]
    pub fn most(self) -> u16 {
        self.declared().width.1
    }

    /// The room it asks for.
    #[must_use]
    pub(super) fn claim(self) -> Claim {
        let Declared { width, rank, .. } = self.declared();
        Claim {
            least: width.0,
            most: width.1,
            rank,
            // Words are cut sooner than addresses, which are rarely longer than their least.
            turn: match self {
                Self::Title => 1,
                _ => rank,
            },
        }
    }

    /// Whether its content stands on the right.
    #[must_use]
    pub fn right(self) -> bool {
        self.declared().right
    }

    /// Importance: the lowest stays longest on a narrow terminal.
    #[must_use]
    pub fn rank(self) -> u8 {
        self.declared().rank
    }

    /// The column and whether its natural order is reversed, of a word of the configuration: `cpu` sorts ascending,
    /// `-cpu` descending. `None` for what names no column.
    #[must_use]
    pub fn sorting(word: &str) -> Option<(Self, bool)> {
        let (name, descending) = match word.strip_prefix('-') {
            Some(name) => (name, true),
            None => (word, false),
        };
        let column = Self::from_name(name)?;
        Some((column, descending != column.descending()))
    }

    /// Whether the largest stand first in its natural order.
    #[must_use]
    pub fn descending(self) -> bool {
        self.declared().descending
    }

    /// Whether samples move its content, so that sorting by it follows each of them.
    #[must_use]
    pub fn moves(self) -> bool {
        matches!(
            self,
            Self::Cpu
                | Self::HostCpu
                | Self::Memory
                | Self::Disk
                | Self::Net
                | Self::History
                | Self::Steal
                | Self::Wait
                | Self::Latency
        )
    }

    /// Whether it is read only while it is shown ([`crate::protocol::Asides`]).
    #[must_use]
    pub fn is_aside(self) -> bool {
        matches!(self, Self::Snapshots | Self::Uptime)
    }

    /// What rows are sorted by.
    pub(super) fn sort_key(self, guest: &Guest, scene: &Scene<'_>) -> SortKey {
        let number = |value: Option<f64>| value.map_or(SortKey::Unknown, SortKey::Number);
        let word = |value: Option<String>| {
            value
                .filter(|text| !text.is_empty())
                .map_or(SortKey::Unknown, SortKey::Text)
        };
        let domain = &guest.domain;
        match self {
            Self::State => SortKey::Number(state_rank(guest)),
            // The rows are in the order of their names already.
            Self::Name => SortKey::Unknown,
            Self::Host => word(scene.connection(domain.id).map(|c| c.label.clone())),
            Self::Cpu | Self::History => number(guest.cpu_percent()),
            Self::HostCpu => number(guest.host_cpu_percent(scene.connection(domain.id))),
            Self::Memory => number(guest.memory_used_kib().map(|kib| kib as f64)),
            Self::Disk => number(guest.disk_bps()),
            Self::Net => number(guest.net_bps()),
            Self::Display => number(
                guest
                    .endpoints()
                    .iter()
                    .find_map(|endpoint| endpoint.port.or(endpoint.tls_port))
                    .map(f64::from),
            ),
            Self::Ip => word(guest.address().map(|entry| match entry.address {
                std::net::IpAddr::V4(v4) => format!("4 {}", v4.to_bits()),
                std::net::IpAddr::V6(v6) => format!("6 {}", v6.to_bits()),
            })),
            Self::Vcpus => number(domain.vcpus.map(f64::from)),
            Self::Virt => word(guest.virt_type().map(str::to_owned)),
            Self::Autostart => number(domain.autostart.map(|on| f64::from(u8::from(on)))),
            Self::Persistence => SortKey::Number(f64::from(u8::from(!domain.persistent))),
            Self::Title => word(guest.title().map(str::to_lowercase)),
            Self::Tags => word(guest.tags().map(|tags| tags.to_lowercase())),
            Self::Notes => word(guest.notes().map(str::to_lowercase)),
            Self::Uptime => number(guest.uptime(scene.wall).map(|age| age.as_secs_f64())),
            Self::Snapshots => number(guest.snapshots.map(f64::from)),
            Self::Steal => number(guest.steal_percent()),
            Self::Wait => number(guest.wait_percent()),
            Self::Latency => number(guest.latency_ns()),
            Self::LastEvent => number(guest.events.back().and_then(|event| {
                let since = event.time.duration_since(std::time::UNIX_EPOCH).ok()?;
                Some(since.as_secs_f64())
            })),
        }
    }
}

/// Domains to be looked at first: what does not answer, what crashed, what is paused, what runs, what is off.
pub(super) fn state_rank(guest: &Guest) -> f64 {
    if guest.silent_since.is_some() {
        return 0.0;
    }
    match guest.domain.state {
        DomainState::Crashed => 1.0,
        DomainState::Paused => 2.0,
        DomainState::PmSuspended => 3.0,
        DomainState::ShuttingDown => 4.0,
        DomainState::Running | DomainState::Blocked => 5.0,
        DomainState::NoState | DomainState::Other(_) => 6.0,
        DomainState::ShutOff => 7.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn names_lead_back() {
        for column in Column::ALL {
            assert_eq!(Column::from_name(column.name()), Some(column));
        }
    }

    #[test]
    fn ranks_are_an_order() {
        let mut ranks: Vec<_> = Column::ALL.iter().map(|column| column.rank()).collect();
        ranks.sort_unstable();
        ranks.dedup();
        assert_eq!(ranks.len(), Column::ALL.len());
    }

    #[test]
    fn headers_fit_their_columns() {
        for column in Column::ALL {
            assert!(
                text::width(column.header()) <= usize::from(column.width()),
                "{column:?}"
            );
        }
    }
}
