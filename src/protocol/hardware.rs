//! The hardware of a domain: read, and changed.

use std::collections::BTreeSet;

use super::Affect;
use crate::hardware::{Edit, Place};

/// Both definitions of a domain, without secrets; untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definitions {
    /// As it runs; `None` when it does not.
    pub running: Option<String>,
    /// As it starts next; `None` for a transient domain.
    pub stored: Option<String>,
}

/// What the guest agent says of the virtual CPUs (`virDomainGetGuestVcpus`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestVcpus {
    /// Those that the guest knows.
    pub known: BTreeSet<u32>,
    /// Those that it uses.
    pub online: BTreeSet<u32>,
    /// Those that it can stop to use.
    pub offlinable: BTreeSet<u32>,
}

/// A new network interface, in the words of virsh's attach-interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewNic {
    /// `network`, `bridge`, `direct` or `user`.
    pub kind: String,
    /// Network, bridge or interface of the host.
    pub source: String,
    /// MAC address; libvirt makes one where there is none.
    pub mac: Option<String>,
    /// Model, such as `virtio`.
    pub model: Option<String>,
    /// Name of the tap on the host.
    pub target: Option<String>,
    /// Mode of a `direct` one, such as `bridge`.
    pub mode: Option<String>,
    /// Limit in KiB/s, `average,peak,burst`.
    pub inbound: Option<String>,
    /// Limit in KiB/s, `average,peak,burst`.
    pub outbound: Option<String>,
}

/// What is done with a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceVerb {
    /// `virDomainAttachDeviceFlags`.
    Attach,
    /// `virDomainDetachDeviceFlags`.
    Detach,
    /// `virDomainUpdateDeviceFlags`.
    Update,
}

/// Which XML of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceXml {
    /// What stands in this file, on the machine that virtty runs on.
    File(String),
    /// This; it may hold what a person typed.
    Text(String),
    /// That of the device here, as it stands in each definition when it is done; its text as it was shown, masked.
    Found(Place, String),
}

/// What can be done to the hardware of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HardwareVerb {
    /// Plug a network interface in.
    AttachNic(Box<NewNic>, Affect),
    /// Pull a network interface out.
    DetachNic {
        /// Its type.
        kind: String,
        /// Its MAC address; needed where there are several of the type.
        mac: Option<String>,
        /// Where.
        affect: Affect,
    },
    /// Plug the cable of a network interface in or out.
    SetLink {
        /// MAC address, or name of the tap.
        interface: String,
        /// In.
        up: bool,
        /// Where.
        affect: Affect,
    },
    /// Plug a device in or out, or update it.
    Device {
        /// Which of that.
        verb: DeviceVerb,
        /// The device.
        xml: DeviceXml,
        /// Where.
        affect: Affect,
    },
    /// Change what the definitions say: the running one as far as it takes it.
    Edit(Box<Edit>, Affect),
    /// Let the guest use virtual CPUs, or no longer, by its agent (`virDomainSetGuestVcpus`).
    GuestVcpus {
        /// Which.
        cpus: BTreeSet<u32>,
        /// Use them.
        enable: bool,
    },
}

impl HardwareVerb {
    /// libvirt's name of its first call.
    #[must_use]
    pub const fn call(&self) -> &'static str {
        match self {
            Self::AttachNic(..)
            | Self::Device {
                verb: DeviceVerb::Attach,
                ..
            } => "virDomainAttachDeviceFlags",
            Self::DetachNic { .. }
            | Self::Device {
                verb: DeviceVerb::Detach,
                ..
            } => "virDomainDetachDeviceFlags",
            Self::SetLink { .. }
            | Self::Device {
                verb: DeviceVerb::Update,
                ..
            } => "virDomainUpdateDeviceFlags",
            Self::Edit(_, Affect::Live) => "virDomainUpdateDeviceFlags",
            Self::Edit(..) => "virDomainDefineXMLFlags",
            Self::GuestVcpus { .. } => "virDomainSetGuestVcpus",
        }
    }

    /// Where it changes something; `None` where that is not said.
    #[must_use]
    pub const fn affect(&self) -> Option<Affect> {
        match self {
            Self::AttachNic(_, affect)
            | Self::DetachNic { affect, .. }
            | Self::SetLink { affect, .. }
            | Self::Device { affect, .. }
            | Self::Edit(_, affect) => Some(*affect),
            Self::GuestVcpus { .. } => None,
        }
    }

    /// The same elsewhere.
    #[must_use]
    pub fn affecting(mut self, wanted: Affect) -> Self {
        match &mut self {
            Self::AttachNic(_, affect)
            | Self::DetachNic { affect, .. }
            | Self::SetLink { affect, .. }
            | Self::Device { affect, .. }
            | Self::Edit(_, affect) => *affect = wanted,
            Self::GuestVcpus { .. } => {}
        }
        self
    }
}
