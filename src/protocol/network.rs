//! What can be done to networks, filters and interfaces of a host.

use super::Affect;
use crate::model::Uuid;

/// Something done to what the networks of a host are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetVerb {
    /// To a virtual network.
    Network(Uuid, NetworkVerb),
    /// `virNetworkDefineXML`, then start and autostart as wished.
    DefineNetwork {
        /// Its XML.
        xml: String,
        /// Start it.
        start: bool,
        /// Start it with the host.
        autostart: bool,
    },
    /// `virNetworkCreateXML`: one that is gone when it is stopped.
    CreateNetwork(String),
    /// `virNWFilterDefineXML`.
    DefineFilter(String),
    /// `virNWFilterUndefine`.
    UndefineFilter(Uuid),
    /// `virInterfaceChangeBegin`.
    BeginInterfaces,
    /// `virInterfaceChangeCommit`.
    CommitInterfaces,
    /// `virInterfaceChangeRollback`.
    RollbackInterfaces,
    /// `virInterfaceDefineXML`: what an interface is from its next start on.
    DefineInterface(String),
    /// `virInterfaceUndefine`.
    UndefineInterface(String),
    /// `virInterfaceCreate`, or `virInterfaceDestroy` for `false`.
    SwitchInterface(String, bool),
}

/// Something done to a virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkVerb {
    /// `virNetworkCreate`.
    Start,
    /// `virNetworkDestroy`: it stops; its definition stays.
    Stop,
    /// `virNetworkSetAutostart`.
    SetAutostart(bool),
    /// `virNetworkUndefine`.
    Undefine,
    /// `virNetworkUpdate`.
    Update(Box<NetworkUpdate>),
}

/// A part of a network that is changed without stopping it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkUpdate {
    /// What is done with it.
    pub command: UpdateCommand,
    /// Which part.
    pub section: UpdateSection,
    /// Place of the `<ip>` that it is in; `None` lets libvirt find it.
    pub parent: Option<i32>,
    /// Its XML.
    pub xml: String,
    /// Where.
    pub affect: Affect,
}

/// `virNetworkUpdateCommand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateCommand {
    /// Change what is there.
    Modify,
    /// Take it away.
    Delete,
    /// Put it behind the others.
    AddLast,
    /// Put it before the others.
    AddFirst,
}

impl UpdateCommand {
    /// All of them with virsh's words; `add` is another for the third.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Modify, "modify"),
        (Self::Delete, "delete"),
        (Self::AddLast, "add-last"),
        (Self::AddFirst, "add-first"),
    ];

    /// virsh's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let of = |row: &&(Self, &'static str)| row.0 == self;
        Self::ALL.iter().find(of).map_or("", |row| row.1)
    }

    /// The integer libvirt uses.
    #[must_use]
    pub fn raw(self) -> u32 {
        match self {
            Self::Modify => 1,
            Self::Delete => 2,
            Self::AddLast => 3,
            Self::AddFirst => 4,
        }
    }
}

/// `virNetworkUpdateSection`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateSection {
    /// `<bridge>`.
    Bridge,
    /// `<domain>`.
    Domain,
    /// `<ip>`.
    Ip,
    /// `<ip>/<dhcp>/<host>`.
    DhcpHost,
    /// `<ip>/<dhcp>/<range>`.
    DhcpRange,
    /// `<forward>`.
    Forward,
    /// `<forward>/<interface>`.
    ForwardInterface,
    /// `<forward>/<pf>`.
    ForwardPf,
    /// `<portgroup>`.
    Portgroup,
    /// `<dns>/<host>`.
    DnsHost,
    /// `<dns>/<txt>`.
    DnsTxt,
    /// `<dns>/<srv>`.
    DnsSrv,
}

impl UpdateSection {
    /// All of them with virsh's words, in the order of libvirt's numbers from 1 on.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Bridge, "bridge"),
        (Self::Domain, "domain"),
        (Self::Ip, "ip"),
        (Self::DhcpHost, "ip-dhcp-host"),
        (Self::DhcpRange, "ip-dhcp-range"),
        (Self::Forward, "forward"),
        (Self::ForwardInterface, "forward-interface"),
        (Self::ForwardPf, "forward-pf"),
        (Self::Portgroup, "portgroup"),
        (Self::DnsHost, "dns-host"),
        (Self::DnsTxt, "dns-txt"),
        (Self::DnsSrv, "dns-srv"),
    ];

    /// virsh's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let of = |row: &&(Self, &'static str)| row.0 == self;
        Self::ALL.iter().find(of).map_or("", |row| row.1)
    }

    /// The integer libvirt uses.
    #[must_use]
    pub fn raw(self) -> u32 {
        let at = Self::ALL.iter().position(|row| row.0 == self);
        at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_libvirt() {
        assert_eq!(UpdateSection::Bridge.raw(), 1);
        assert_eq!(UpdateSection::DhcpHost.raw(), 4);
        assert_eq!(UpdateSection::DnsHost.raw(), 10);
        assert_eq!(UpdateSection::DnsSrv.raw(), 12);
        assert_eq!(UpdateCommand::AddLast.word(), "add-last");
    }
}
