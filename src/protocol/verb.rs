//! What can be done to a domain.

use std::time::Duration;

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
    /// `virDomainSetMetadata` of the tags in our namespace ([`crate::model::METADATA_NAMESPACE`]); the notes stay.
    SetTags(Vec<String>),
    /// `virDomainSetMetadata` of the notes in our namespace; the tags stay. Empty ones are taken away.
    SetNotes(String),
    /// `virDomainInjectNMI`.
    InjectNmi,
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
    /// `virDomainUndefineFlags`, then `virStorageVolDelete` of what was chosen.
    Undefine(Undefine),
    /// `virDomainSetMetadata` of title and description, control characters written as visible escapes.
    MendTexts,
}

impl DomainVerb {
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
            | Self::SetTags(_)
            | Self::SetNotes(_)
            | Self::MendTexts => "virDomainSetMetadata",
            Self::InjectNmi => "virDomainInjectNMI",
            Self::CoreDump(_) => "virDomainCoreDumpWithFormat",
            Self::SetMemory { .. } | Self::SetMaxMemory { .. } => "virDomainSetMemoryFlags",
            Self::SetVcpus { .. } => "virDomainSetVcpusFlags",
            Self::Undefine(_) => "virDomainUndefineFlags",
        }
    }
}
