//! A domain as the table and the details show it.

use std::net::IpAddr;
use std::sync::Arc;

use super::{DomainId, Endpoint, FixedPort};

/// `virDomainState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DomainState {
    /// `VIR_DOMAIN_NOSTATE`: the driver does not say.
    NoState,
    /// `VIR_DOMAIN_RUNNING`.
    Running,
    /// `VIR_DOMAIN_BLOCKED`: on Xen, idle; shown as running.
    Blocked,
    /// `VIR_DOMAIN_PAUSED`.
    Paused,
    /// `VIR_DOMAIN_SHUTDOWN`: being shut down.
    ShuttingDown,
    /// `VIR_DOMAIN_SHUTOFF`.
    ShutOff,
    /// `VIR_DOMAIN_CRASHED`.
    Crashed,
    /// `VIR_DOMAIN_PMSUSPENDED`: suspended by the guest's power management.
    PmSuspended,
    /// A state newer than this program.
    Other(i32),
}

impl DomainState {
    /// From the integer of `virDomainGetState`.
    #[must_use]
    pub fn from_raw(raw: i32) -> Self {
        match raw {
            0 => Self::NoState,
            1 => Self::Running,
            2 => Self::Blocked,
            3 => Self::Paused,
            4 => Self::ShuttingDown,
            5 => Self::ShutOff,
            6 => Self::Crashed,
            7 => Self::PmSuspended,
            other => Self::Other(other),
        }
    }

    /// The integer libvirt uses.
    #[must_use]
    pub fn raw(self) -> i32 {
        match self {
            Self::NoState => 0,
            Self::Running => 1,
            Self::Blocked => 2,
            Self::Paused => 3,
            Self::ShuttingDown => 4,
            Self::ShutOff => 5,
            Self::Crashed => 6,
            Self::PmSuspended => 7,
            Self::Other(raw) => raw,
        }
    }

    /// virsh's word, for commands and JSON.
    #[must_use]
    pub fn virsh_word(self) -> &'static str {
        match self {
            Self::NoState | Self::Other(_) => "no state",
            Self::Running => "running",
            Self::Blocked => "idle",
            Self::Paused => "paused",
            Self::ShuttingDown => "in shutdown",
            Self::ShutOff => "shut off",
            Self::Crashed => "crashed",
            Self::PmSuspended => "pmsuspended",
        }
    }

    /// virt-manager's word, for the screen. `saved` says that a managed save image exists.
    #[must_use]
    pub fn label(self, saved: bool) -> &'static str {
        match self {
            Self::Running | Self::Blocked => "Running",
            Self::Paused => "Paused",
            Self::ShuttingDown => "Shutting Down",
            Self::ShutOff if saved => "Saved",
            Self::ShutOff => "Shutoff",
            Self::Crashed => "Crashed",
            Self::PmSuspended => "Suspended",
            Self::NoState | Self::Other(_) => "Unknown",
        }
    }

    /// Whether a hypervisor process stands behind the domain (`virDomainIsActive`). A crashed one is kept alive by its
    /// `on_crash` setting, with its id and its displays; one whose process died is shut off, for the reason "crashed".
    #[must_use]
    pub fn is_active(self) -> bool {
        self != Self::ShutOff
    }
}

/// The reason beside the state (`virDomainRunningReason` and its siblings), meaningful only together with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StateReason(pub i32);

impl StateReason {
    /// The reason in words for `state`; `None` where libvirt says "unknown" or the code is newer.
    #[must_use]
    pub fn label(self, state: DomainState) -> Option<&'static str> {
        let words: &[&'static str] = match state {
            DomainState::Running => &[
                "",
                "Booted",
                "Migrated",
                "Restored",
                "From snapshot",
                "Unpaused",
                "Migration canceled",
                "Save canceled",
                "Event wakeup",
                "Crashed",
                "Post-copy",
                "Post-copy failed",
            ],
            DomainState::Paused => &[
                "",
                "User",
                "Migrating",
                "Saving",
                "Dumping",
                "I/O error",
                "Watchdog",
                "From snapshot",
                "Shutting down",
                "Creating snapshot",
                "Crashed",
                "Starting up",
                "Post-copy",
                "Post-copy failed",
                "API error",
            ],
            DomainState::ShuttingDown => &["", "User"],
            DomainState::ShutOff => &[
                "",
                "Shut Down",
                "Destroyed",
                "Crashed",
                "Migrated",
                "Saved",
                "Failed",
                "From snapshot",
                "Daemon",
            ],
            DomainState::Crashed => &["", "Panicked"],
            _ => &[],
        };
        let word = words.get(usize::try_from(self.0).ok()?)?;
        (!word.is_empty()).then_some(*word)
    }

    /// The reason in the words of `virsh domstate --reason`, for commands and JSON; `None` where virsh says "unknown".
    #[must_use]
    pub fn virsh_word(self, state: DomainState) -> Option<String> {
        self.label(state).map(|label| match label {
            "Shut Down" => "shutdown".to_owned(),
            "I/O error" => label.to_owned(),
            "API error" => label.to_owned(),
            label => label.to_lowercase(),
        })
    }
}

/// Where an address of a guest was learned, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressSource {
    /// The guest agent.
    Agent,
    /// A DHCP lease of a libvirt network.
    Lease,
    /// The host's ARP table.
    Arp,
}

impl AddressSource {
    /// virsh's word for it.
    #[must_use]
    pub fn virsh_word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Lease => "lease",
            Self::Arp => "arp",
        }
    }
}

/// One address of one guest interface (`virDomainInterfaceAddresses`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestAddress {
    /// Interface name as the source names it (`eth0` of the agent, `vnet3` of a lease).
    pub interface: String,
    /// Hardware address in lower case, where known.
    pub mac: Option<String>,
    /// The address.
    pub address: IpAddr,
    /// Prefix length in bits.
    pub prefix: u32,
    /// Who said so.
    pub source: AddressSource,
}

/// One `<disk>` of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiskInfo {
    /// `target/@dev`, such as `vda`.
    pub target: String,
    /// `target/@bus`.
    pub bus: Option<String>,
    /// `@device`: disk, cdrom, floppy, lun.
    pub device: String,
    /// `driver/@type`, such as `qcow2`.
    pub format: Option<String>,
    /// File, block device, `pool/volume` or network source, as one text; `None` for an empty drive.
    pub source: Option<String>,
    /// Whether `<readonly/>` is set.
    pub readonly: bool,
}

/// One `<interface>` of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NicInfo {
    /// `@type`: network, bridge, user, direct, ...
    pub kind: String,
    /// Network, bridge or device it is connected to.
    pub source: Option<String>,
    /// `source/@bridge`: the bridge, also that of its network while it is running.
    pub bridge: Option<String>,
    /// `mac/@address`.
    pub mac: Option<String>,
    /// `target/@dev`: the tap on the host, live XML only.
    pub target: Option<String>,
    /// `model/@type`.
    pub model: Option<String>,
    /// `link/@state` is not `down`.
    pub link_up: bool,
}

/// What is read from the domain XML and kept until an event says it changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definition {
    /// `domain/@type`: kvm, qemu, xen, lxc, test, ...
    pub virt_type: String,
    /// `<title>`.
    pub title: Option<String>,
    /// `<description>`.
    pub description: Option<String>,
    /// `os/type` (hvm, linux, exe).
    pub os_type: Option<String>,
    /// Tags of the user, from [`super::METADATA_NAMESPACE`]; untrusted.
    pub tags: Vec<String>,
    /// Notes of the user, from there too; untrusted.
    pub notes: Option<String>,
    /// The libosinfo id from the metadata, such as `http://debian.org/debian/12`.
    pub os_id: Option<String>,
    /// `os/type/@arch`.
    pub arch: Option<String>,
    /// `os/type/@machine`.
    pub machine: Option<String>,
    /// `UEFI` or `BIOS` (with the loader's path for UEFI), as one text.
    pub firmware: Option<String>,
    /// Path of the emulator.
    pub emulator: Option<String>,
    /// Graphics and serial endpoints: of the running guest when the XML was live, none otherwise.
    pub endpoints: Vec<Endpoint>,
    /// One text for each display or serial line whose values cannot be true and which is left out of `endpoints`.
    pub endpoint_errors: Vec<String>,
    /// Ports that the next start will want, of a domain that is off too: what may clash then. A running domain's own
    /// XML only has them until its definition for the next start was read as well.
    pub fixed_ports: Vec<FixedPort>,
    /// Disks in document order.
    pub disks: Vec<DiskInfo>,
    /// Network interfaces in document order.
    pub nics: Vec<NicInfo>,
    /// Title or description hold what libvirt wrote into its own file and cannot read again: the domain is gone after
    /// the next restart of the daemon.
    pub breaks_at_restart: bool,
    /// Whether a channel `org.qemu.guest_agent.0` exists, and whether the agent is connected (live XML).
    pub guest_agent: Option<bool>,
}

/// A domain of the list. Figures that move (CPU, memory in use, rates) are in samples, not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Connection and UUID.
    pub id: DomainId,
    /// `virDomainGetName`; untrusted text.
    pub name: String,
    /// `virDomainGetID`; `None` when shut off.
    pub runtime_id: Option<u32>,
    /// Present state.
    pub state: DomainState,
    /// Its reason.
    pub reason: StateReason,
    /// Defined on disk, as opposed to transient.
    pub persistent: bool,
    /// Started with the host; `None` until read.
    pub autostart: Option<bool>,
    /// A managed save image exists; `None` until read.
    pub managed_save: Option<bool>,
    /// vCPUs online; `None` until read.
    pub vcpus: Option<u32>,
    /// Current balloon size in KiB; `None` until read.
    pub memory_kib: Option<u64>,
    /// Largest memory in KiB; `None` until read.
    pub max_memory_kib: Option<u64>,
    /// What the XML says; `None` until read.
    pub definition: Option<Arc<Definition>>,
    /// Why the XML cannot be read or parsed, in libvirt's words; the row stays usable.
    pub definition_error: Option<String>,
}
