//! What can be done to a domain.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{
    AgentVerb, Backup, CheckpointDelete, DiskVerb, HardwareVerb, NewCheckpoint, NewSnapshot,
    Revert, SnapshotDelete, SnapshotEdit,
};
use crate::hostfacts::Pin;

/// How a guest is asked to shut down or to reboot (`virDomainShutdownFlagValues`, `virDomainRebootFlagValues`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AskMode {
    /// By the ACPI power button.
    Acpi,
    /// By the guest agent.
    Agent,
    /// By a container's initctl.
    Initctl,
    /// By a signal to a container's init.
    Signal,
    /// By the paravirtual interface.
    Paravirt,
}

impl AskMode {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Acpi,
        Self::Agent,
        Self::Initctl,
        Self::Signal,
        Self::Paravirt,
    ];

    /// virsh's word for `--mode`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acpi => "acpi",
            Self::Agent => "agent",
            Self::Initctl => "initctl",
            Self::Signal => "signal",
            Self::Paravirt => "paravirt",
        }
    }
}

/// Which definition a change is made to (`VIR_DOMAIN_AFFECT_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Affect {
    /// The running domain where it runs, else the stored definition (`VIR_DOMAIN_AFFECT_CURRENT`).
    #[default]
    Current,
    /// The running domain.
    Live,
    /// The stored definition, from the next start on.
    Config,
    /// Both.
    Both,
}

impl Affect {
    /// virsh's options for it.
    #[must_use]
    pub const fn options(self) -> &'static [&'static str] {
        match self {
            Self::Current => &[],
            Self::Live => &["live"],
            Self::Config => &["config"],
            Self::Both => &["live", "config"],
        }
    }
}

/// How a domain goes on when it is started from its saved state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum SavedAs {
    /// As it was when it was saved.
    #[default]
    AsItIs,
    /// Running.
    Running,
    /// Paused.
    Paused,
}

/// What is done with the firmware's variables when a domain is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum NvramChoice {
    /// Nothing said: libvirt refuses where there are some.
    #[default]
    Unsaid,
    /// `VIR_DOMAIN_UNDEFINE_NVRAM`.
    Delete,
    /// `VIR_DOMAIN_UNDEFINE_KEEP_NVRAM`.
    Keep,
}

/// What goes with a domain that is undefined (`virDomainUndefineFlags`). Nothing goes unless it is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undefine {
    /// The firmware's variables.
    pub nvram: NvramChoice,
    /// Delete the managed save image.
    pub managed_save: bool,
    /// Forget the snapshots; what is inside of the disks stays there.
    pub snapshots_metadata: bool,
    /// Forget the checkpoints.
    pub checkpoints_metadata: bool,
    /// Volumes to delete after the definition, each by the target of its disk (`vda`) and the path it was shown with: if the
    /// disk leads elsewhere by now, nothing is deleted.
    pub volumes: Vec<DiskVolume>,
}

/// A volume as a disk of a domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiskVolume {
    /// Target of the disk.
    pub target: String,
    /// Path of the volume on its host.
    pub path: String,
}

/// What a memory dump is and what happens to the domain (`virDomainCoreDumpFlags`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoreDump {
    /// The file, on the host.
    pub file: String,
    /// An ELF file of the memory alone.
    pub memory_only: bool,
    /// Let the guest run meanwhile.
    pub live: bool,
    /// End the domain as crashed afterwards.
    pub crash: bool,
    /// Reset the domain afterwards.
    pub reset: bool,
    /// Leave the host's file cache out.
    pub bypass_cache: bool,
}

/// A set of typed parameters of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tuned {
    /// `virDomainSetSchedulerParametersFlags`: `cpu_shares`, `vcpu_quota` and the like.
    Scheduler,
    /// `virDomainSetNumaParameters`: `numa_nodeset`, `numa_mode`.
    Numa,
    /// `virDomainSetBlkioParameters`: `weight`.
    Blkio,
    /// `virDomainSetMemoryParameters`: `hard_limit`, `soft_limit`, `swap_hard_limit`, in KiB.
    Memory,
    /// `virDomainSetBlockIoTune` of the disk with this target.
    Disk(String),
    /// `virDomainSetInterfaceParameters` of the interface with this name or MAC address.
    Interface(String),
}

/// What people say of a domain; `None` leaves it as it is, an empty text takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DomainWords {
    /// The title, one line.
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The notes in our namespace ([`crate::model::METADATA_NAMESPACE`]).
    pub notes: Option<String>,
    /// Tags that it gets beside those that it has.
    pub add_tags: Vec<String>,
    /// Tags that it loses.
    pub drop_tags: Vec<String>,
}

impl DomainWords {
    /// The tags that a domain with these has then.
    #[must_use]
    pub fn tags(&self, before: &[String]) -> Vec<String> {
        let kept = before.iter().filter(|tag| !self.drop_tags.contains(tag));
        let mut tags: Vec<String> = kept.cloned().collect();
        for tag in &self.add_tags {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags
    }

    /// Whether something in our namespace changes.
    #[must_use]
    pub fn of_ours(&self) -> bool {
        self.notes.is_some() || !self.add_tags.is_empty() || !self.drop_tags.is_empty()
    }
}

/// What can be done to a domain, in libvirt's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainVerb {
    /// `virDomainCreateWithFlags`.
    Start {
        /// Leave the virtual CPUs halted.
        paused: bool,
        /// Leave the host's file cache out when the saved state is read.
        bypass_cache: bool,
        /// Discard the saved state.
        force_boot: bool,
    },
    /// `virDomainShutdownFlags`.
    Shutdown {
        /// How the guest is asked; `None` lets the hypervisor choose.
        mode: Option<AskMode>,
        /// Force the domain off when it still runs after this time.
        force_after: Option<Duration>,
    },
    /// `virDomainReboot`.
    Reboot {
        /// How the guest is asked; `None` lets the hypervisor choose.
        mode: Option<AskMode>,
    },
    /// `virDomainReset`.
    Reset,
    /// `virDomainDestroyFlags`.
    Destroy {
        /// Give up rather than kill a hypervisor that does not end by itself.
        graceful: bool,
    },
    /// `virDomainSuspend`.
    Suspend,
    /// `virDomainResume`.
    Resume,
    /// `virDomainManagedSave`.
    ManagedSave {
        /// Leave the host's file cache out.
        bypass_cache: bool,
        /// What the next start makes of it.
        then: SavedAs,
    },
    /// `virDomainManagedSaveRemove`.
    ManagedSaveRemove,
    /// `virDomainSetAutostart`.
    SetAutostart(bool),
    /// `virDomainRename`.
    Rename(String),
    /// `virDomainSetMetadata` of the title; an empty one takes it away.
    SetTitle(String, Affect),
    /// `virDomainSetMetadata` of the description; an empty one takes it away.
    SetDescription(String, Affect),
    /// `virDomainSetMetadata` of what people say of a domain, of the running domain and of its definition.
    Describe(Box<DomainWords>),
    /// `virDomainSetMetadata` of an element in a namespace of its own.
    SetMetadata {
        /// The namespace.
        uri: String,
        /// Its prefix; libvirt wants one where there is an element.
        key: Option<String>,
        /// The element; `None` takes it away.
        element: Option<String>,
        /// Where.
        affect: Affect,
    },
    /// `virDomainInjectNMI`.
    InjectNmi,
    /// Press keys together and let them go (`virDomainSendKey`).
    SendKeys {
        /// Linux' numbers of keys, 1 to 16 of them.
        keys: Vec<u16>,
        /// For how long they are held; libvirt's default where it is `None`.
        hold_ms: Option<u32>,
    },
    /// `virDomainCoreDumpWithFormat`.
    CoreDump(CoreDump),
    /// `virDomainSetMemoryFlags`: the balloon of a running domain, or what it starts with.
    SetMemory {
        /// In KiB.
        kib: u64,
        /// Where.
        affect: Affect,
    },
    /// `virDomainSetMemoryFlags` with `VIR_DOMAIN_MEM_MAXIMUM`.
    SetMaxMemory {
        /// In KiB.
        kib: u64,
        /// Where.
        affect: Affect,
    },
    /// `virDomainSetVcpusFlags`.
    SetVcpus {
        /// How many.
        count: u32,
        /// The most it may have, instead of those it has (`VIR_DOMAIN_VCPU_MAXIMUM`).
        maximum: bool,
        /// By the guest agent, among those it has (`VIR_DOMAIN_VCPU_GUEST`).
        guest: bool,
        /// Where.
        affect: Affect,
    },
    /// `virDomainPinVcpuFlags`, `virDomainPinEmulator`, `virDomainPinIOThread`.
    Pin {
        /// What of the domain.
        pin: Pin,
        /// CPUs of the host.
        cpus: BTreeSet<u32>,
        /// Where.
        affect: Affect,
    },
    /// Set typed parameters.
    Tune {
        /// Which set.
        set: Tuned,
        /// Names and values, as libvirt reads them.
        values: Vec<(String, String)>,
        /// Where.
        affect: Affect,
    },
    /// Pins and parameters as one change: all of them hold, or none.
    Arrange(Box<Arrange>),
    /// `virDomainUndefineFlags`, then `virStorageVolDelete` of what was chosen.
    Undefine(Undefine),
    /// `virDomainSnapshotCreateXML`.
    SnapshotCreate(NewSnapshot),
    /// `virDomainRevertToSnapshot`.
    SnapshotRevert(Revert),
    /// `virDomainSnapshotDelete`, or block commits and forgetting it.
    SnapshotDelete(SnapshotDelete),
    /// `virDomainSnapshotCreateXML` with `REDEFINE`.
    SnapshotEdit(SnapshotEdit),
    /// `virDomainCheckpointCreateXML`.
    CheckpointCreate(NewCheckpoint),
    /// `virDomainCheckpointDelete`.
    CheckpointDelete(CheckpointDelete),
    /// `virDomainBackupBegin`.
    Backup(Box<Backup>),
    /// Something done to a disk, or to a job that takes long.
    Disk(DiskVerb),
    /// Something done to the hardware.
    Hardware(HardwareVerb),
    /// Something done inside of the guest by its agent.
    Agent(AgentVerb),
    /// `virDomainSetMetadata` of title and description, control characters written as visible escapes.
    MendTexts,
}

/// Several changes of where a domain runs and what it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrange {
    /// Each a pin or a set of parameters, in this order.
    pub steps: Vec<DomainVerb>,
    /// What held before is put back after so many seconds.
    pub seconds: Option<u32>,
}

impl DomainVerb {
    /// Whether it can change the definition of the next start.
    #[must_use]
    pub fn may_redefine(&self) -> bool {
        match self {
            Self::Rename(_)
            | Self::SetTitle(..)
            | Self::SetDescription(..)
            | Self::Describe(_)
            | Self::SetMetadata { .. }
            | Self::SetMemory { .. }
            | Self::SetMaxMemory { .. }
            | Self::SetVcpus { .. }
            | Self::Pin { .. }
            | Self::Tune { .. }
            | Self::SnapshotRevert(_)
            | Self::Hardware(_)
            | Self::MendTexts => true,
            Self::Disk(verb) => matches!(
                verb,
                DiskVerb::Attach(..)
                    | DiskVerb::Detach(..)
                    | DiskVerb::Media { .. }
                    | DiskVerb::Throttle { .. }
            ),
            _ => false,
        }
    }

    /// An ordinary start.
    pub const START: Self = Self::Start {
        paused: false,
        bypass_cache: false,
        force_boot: false,
    };
    /// An ordinary request to shut down.
    pub const SHUTDOWN: Self = Self::Shutdown {
        mode: None,
        force_after: None,
    };
    /// An ordinary request to reboot.
    pub const REBOOT: Self = Self::Reboot { mode: None };
    /// Pulling the plug.
    pub const DESTROY: Self = Self::Destroy { graceful: false };
    /// Saving as it is.
    pub const MANAGED_SAVE: Self = Self::ManagedSave {
        bypass_cache: false,
        then: SavedAs::AsItIs,
    };

    /// The same for the next start alone, where what was asked concerns the running domain too and can wait.
    #[must_use]
    pub fn at_next_start(&self) -> Option<Self> {
        let waits = |affect: Affect| affect != Affect::Config;
        let mut verb = self.clone();
        match &mut verb {
            Self::SetMemory { affect, .. }
            | Self::SetMaxMemory { affect, .. }
            | Self::SetVcpus {
                affect,
                guest: false,
                ..
            }
            | Self::Tune { affect, .. }
            | Self::Pin { affect, .. }
                if waits(*affect) =>
            {
                *affect = Affect::Config;
            }
            Self::Hardware(hardware) if hardware.affect().is_some_and(waits) => {
                *hardware = hardware.clone().affecting(Affect::Config);
            }
            _ => return None,
        }
        Some(verb)
    }

    /// libvirt's name of its first call, for logs and counters.
    #[must_use]
    pub const fn call(&self) -> &'static str {
        match self {
            Self::Start { .. } => "virDomainCreateWithFlags",
            Self::Shutdown { .. } => "virDomainShutdownFlags",
            Self::Reboot { .. } => "virDomainReboot",
            Self::Reset => "virDomainReset",
            Self::Destroy { .. } => "virDomainDestroyFlags",
            Self::Suspend => "virDomainSuspend",
            Self::Resume => "virDomainResume",
            Self::ManagedSave { .. } => "virDomainManagedSave",
            Self::ManagedSaveRemove => "virDomainManagedSaveRemove",
            Self::SetAutostart(_) => "virDomainSetAutostart",
            Self::Rename(_) => "virDomainRename",
            Self::SetTitle(..)
            | Self::SetDescription(..)
            | Self::Describe(_)
            | Self::SetMetadata { .. }
            | Self::MendTexts => "virDomainSetMetadata",
            Self::InjectNmi => "virDomainInjectNMI",
            Self::SendKeys { .. } => "virDomainSendKey",
            Self::CoreDump(_) => "virDomainCoreDumpWithFormat",
            Self::SetMemory { .. } | Self::SetMaxMemory { .. } => "virDomainSetMemoryFlags",
            Self::SetVcpus { .. } => "virDomainSetVcpusFlags",
            Self::Pin {
                pin: Pin::Vcpu(_), ..
            } => "virDomainPinVcpuFlags",
            Self::Pin {
                pin: Pin::Emulator, ..
            } => "virDomainPinEmulator",
            Self::Pin {
                pin: Pin::IoThread(_),
                ..
            } => "virDomainPinIOThread",
            Self::Tune { set, .. } => match set {
                Tuned::Scheduler => "virDomainSetSchedulerParametersFlags",
                Tuned::Numa => "virDomainSetNumaParameters",
                Tuned::Blkio => "virDomainSetBlkioParameters",
                Tuned::Memory => "virDomainSetMemoryParameters",
                Tuned::Disk(_) => "virDomainSetBlockIoTune",
                Tuned::Interface(_) => "virDomainSetInterfaceParameters",
            },
            Self::Arrange(_) => "virDomainPinVcpuFlags",
            Self::Undefine(_) => "virDomainUndefineFlags",
            Self::Disk(verb) => verb.call(),
            Self::Hardware(verb) => verb.call(),
            Self::Agent(verb) => verb.call(),
            Self::SnapshotCreate(_) | Self::SnapshotEdit(_) => "virDomainSnapshotCreateXML",
            Self::CheckpointCreate(_) => "virDomainCheckpointCreateXML",
            Self::CheckpointDelete(_) => "virDomainCheckpointDelete",
            Self::Backup(_) => "virDomainBackupBegin",
            Self::SnapshotRevert(_) => "virDomainRevertToSnapshot",
            Self::SnapshotDelete(_) => "virDomainSnapshotDelete",
        }
    }
}
