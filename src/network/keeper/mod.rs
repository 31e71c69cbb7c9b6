//! What the host's own files must say, so that a bridge is there after its next start too: ifupdown's are written, for others
//! the text and the command are shown.

mod ifupdown;
mod others;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::bridge::BridgeWish;
use crate::model::{HostNetworks, Keeper, KeeperFiles as Files, LinkAddress, Route};
pub use ifupdown::{Sources, sources};
use ifupdown::{has_stanza, ifupdown};
use others::{by_hand, by_libvirt, netplan, network_manager, networkd};

/// What is done for the next start of the host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NextStart {
    /// Who sets the network up then, in words.
    pub keeper: String,
    /// A file that is written when the change is kept.
    pub file: Option<FileChange>,
    /// What a person has to do, where virtty does not: path or command, and text.
    pub by_hand: Vec<(String, String)>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// A file with another text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// Its text before; `None` where it is new.
    pub before: Option<String>,
    /// Its text after.
    pub after: String,
}

/// Main file of ifupdown.
pub const INTERFACES: &str = "/etc/network/interfaces";

/// What the files of the host must say after a wish was fulfilled.
#[must_use]
pub fn next_start(wish: &BridgeWish, all: &HostNetworks, files: &Files) -> NextStart {
    // What ifupdown has a stanza of, NetworkManager and systemd-networkd leave alone.
    let named = match wish {
        BridgeWish::Make { bridge, member, .. } => member.as_ref().unwrap_or(bridge),
        BridgeWish::Remove { bridge }
        | BridgeWish::Add { bridge, .. }
        | BridgeWish::TakeOut { bridge, .. } => bridge,
    };
    let of_ifupdown = files
        .interfaces
        .iter()
        .any(|(_, text)| has_stanza(text, named));
    match &all.keeper {
        Some(Keeper::NetworkManager | Keeper::Networkd) if of_ifupdown => {
            ifupdown(wish, all, files)
        }
        Some(Keeper::Ifupdown) => ifupdown(wish, all, files),
        Some(Keeper::Netplan) => by_hand("netplan", wish, all, netplan),
        Some(Keeper::NetworkManager) => by_hand("NetworkManager", wish, all, network_manager),
        Some(Keeper::Networkd) => by_hand("systemd-networkd", wish, all, networkd),
        // Its files are not seen from here; libvirt's driver may be able to write them.
        None => NextStart {
            keeper: "libvirt's interface driver".to_owned(),
            note: Some(
                "Who sets the network up when the host starts is not seen from here. Where libvirt's interface driver can change \
                 interfaces (netcf; the one that only reads says so), it does it in one step that is taken back unless it is kept:"
                    .to_owned(),
            ),
            by_hand: by_libvirt(wish, all),
            ..NextStart::default()
        },
        Some(Keeper::Unknown) => NextStart {
            keeper: "nobody known here".to_owned(),
            note: Some(
                "Nobody was found who sets the network up when the host starts: the change is gone then.".to_owned(),
            ),
            ..NextStart::default()
        },
    }
}

/// What a bridge or a device has, as the texts need it.
struct Parts<'a> {
    bridge: &'a str,
    member: Option<&'a str>,
    stp: bool,
    delay_seconds: u32,
    addresses: Vec<&'a LinkAddress>,
    routes: Vec<&'a Route>,
}

/// What the wish is about: of a new bridge its device has addresses and routes, of one that goes the bridge.
fn parts<'a>(wish: &'a BridgeWish, all: &'a HostNetworks) -> Parts<'a> {
    let (bridge, member, owner) = match wish {
        BridgeWish::Make { bridge, member, .. } => (bridge, member.as_deref(), member.as_deref()),
        BridgeWish::Add { bridge, member } | BridgeWish::TakeOut { bridge, member } => {
            (bridge, Some(member.as_str()), None)
        }
        BridgeWish::Remove { bridge } => {
            let mut inside = all
                .links
                .iter()
                .filter(|link| link.master.as_deref() == Some(bridge.as_str()) && !link.is_tap());
            let only = inside.next().filter(|_| inside.next().is_none());
            (
                bridge,
                only.map(|link| link.name.as_str()),
                Some(bridge.as_str()),
            )
        }
    };
    let (stp, delay_seconds) = match wish {
        BridgeWish::Make {
            stp, delay_seconds, ..
        } => (*stp, *delay_seconds),
        _ => (false, 0),
    };
    let links = all.links.iter();
    let link = links.clone().find(|link| Some(link.name.as_str()) == owner);
    let routes = all.routes.iter();
    Parts {
        bridge,
        member,
        stp,
        delay_seconds,
        addresses: link
            .into_iter()
            .flat_map(|link| &link.addresses)
            .filter(|one| one.global)
            .collect(),
        routes: routes
            .filter(|one| owner.is_some_and(|owner| one.uses(owner)))
            .filter(|one| one.table.is_none() && !one.is_of_address())
            .collect(),
    }
}

impl Parts<'_> {
    fn is_dynamic(&self) -> bool {
        self.addresses.iter().any(|one| one.dynamic)
    }

    /// Addresses that stay, with their prefixes.
    fn addresses(&self, ipv6: bool) -> impl Iterator<Item = String> + '_ {
        let of_family = self
            .addresses
            .iter()
            .filter(move |one| one.address.is_ipv6() == ipv6 && !one.dynamic);
        of_family.map(|one| format!("{}/{}", one.address, one.prefix))
    }

    /// The default route of a family that has one gateway.
    fn default_route(&self, ipv6: bool) -> Option<&Route> {
        let mut all = self.routes.iter().copied();
        all.find(|one| one.ipv6 == ipv6 && one.to == "default" && one.gateway.is_some())
    }

    fn gateway(&self, ipv6: bool) -> Option<String> {
        let gateway = self.default_route(ipv6)?.gateway?;
        Some(gateway.to_string())
    }

    /// Routes with one gateway or none, that somebody made on purpose.
    fn made(&self) -> impl Iterator<Item = &Route> {
        let is_made = |one: &&Route| {
            let by_itself = matches!(one.protocol.as_deref(), Some("dhcp" | "ra"));
            !by_itself && one.hops.is_empty()
        };
        self.routes.iter().copied().filter(is_made)
    }
}
