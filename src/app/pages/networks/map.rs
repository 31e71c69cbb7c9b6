//! The links of a host as a map: bridges with what is in them, then the others.

use super::clients::{Client, nic_client};
use crate::app::State;
use crate::model::{ConnectionId, HostNetworks, Link, LinksFrom};
use crate::network::carriers;
use crate::text::mac_holds;

/// A link with what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// The link.
    pub link: Link,
    /// The virtual network that it is the bridge of.
    pub network: Option<String>,
    /// The NIC that it is the host's end of.
    pub client: Option<Client>,
    /// What is in it, devices of the host first.
    pub members: Vec<Mapped>,
    /// The SSH connection of whoever looks at this comes through it.
    pub carries_ssh: bool,
}

impl Mapped {
    /// Whether a text stands in anything that it is known by, members apart.
    #[must_use]
    pub(super) fn holds(&self, wanted: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(wanted);
        has(&self.link.name)
            || self
                .link
                .mac
                .as_deref()
                .is_some_and(|mac| mac_holds(mac, wanted))
            || self.network.as_deref().is_some_and(has)
            || self
                .link
                .addresses
                .iter()
                .any(|one| has(&one.address.to_string()))
            || self
                .client
                .as_ref()
                .is_some_and(|client| client.holds(wanted))
    }
}

/// The map of a host: bridges, with members first; then what is in none.
#[must_use]
pub fn map(state: &State, host: ConnectionId, all: &HostNetworks) -> Vec<Mapped> {
    let mut taps = taps(state, host);
    let leases = all
        .networks
        .iter()
        .filter_map(|network| network.leases.as_ref().ok());
    for lease in leases.flatten() {
        let same = |client: &&mut Client| client.mac.is_some() && client.mac == lease.mac;
        if let Some(client) = taps.iter_mut().map(|(_, client)| client).find(same) {
            client.leases.push(lease.clone());
        }
    }
    // Nobody came by SSH, or to another machine: none.
    let ssh = state.ssh_address(host);
    let ssh = ssh.map_or_else(Vec::new, |address| carriers(all, address));
    let of_links = |link: &Link| {
        let client = taps
            .iter()
            .find(|(tap, _)| *tap == link.name)
            .map(|(_, client)| client.clone());
        Mapped {
            network: all
                .networks
                .iter()
                .find(|network| network.definition.bridge.as_ref() == Some(&link.name))
                .map(|network| network.name.clone()),
            client,
            members: Vec::new(),
            carries_ssh: ssh.contains(&link.name.as_str()),
            link: link.clone(),
        }
    };
    let mut links: Vec<Link> = all.links.clone();
    // libvirt's driver leaves taps out, and with some hosts bridges too; definitions name them.
    if all.links_from == LinksFrom::Libvirt {
        let named = all.networks.iter().filter(|network| network.active);
        let mut bridges: Vec<String> = named
            .filter_map(|network| network.definition.bridge.clone())
            .collect();
        for (tap, client) in &taps {
            let master = bridge_of(state, all, client);
            bridges.extend(master.clone());
            if links.iter().all(|link| link.name != *tap) && master.is_some() {
                links.push(Link {
                    name: tap.clone(),
                    kind: Some("tun".to_owned()),
                    master,
                    ..Link::default()
                });
            }
        }
        for bridge in bridges {
            match links.iter_mut().find(|link| link.name == bridge) {
                // A node device says nothing of its kind.
                Some(link) if link.kind.is_none() => link.kind = Some("bridge".to_owned()),
                Some(_) => {}
                None => links.push(Link {
                    name: bridge,
                    kind: Some("bridge".to_owned()),
                    ..Link::default()
                }),
            }
        }
    }
    let known = |name: &str| links.iter().any(|link| link.name == name);
    let mut tops: Vec<Mapped> = links
        .iter()
        .filter(|link| link.name != "lo")
        .filter(|link| link.master.as_deref().is_none_or(|master| !known(master)))
        .map(of_links)
        .collect();
    for top in &mut tops {
        top.members = members(&top.link.name, &links, &of_links, 0);
    }
    // Bridges and bonds first, then the host's own devices, then what is switched off.
    tops.sort_by_key(|top| {
        let rank = match (top.link.is_bridge(), top.members.is_empty()) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) if top.link.physical => 2,
            _ if top.link.enabled == Some(false) => 4,
            _ => 3,
        };
        (rank, top.link.name.clone())
    });
    tops
}

/// Deepest nesting that is followed: a bond in a bridge has two.
const DEEPEST: usize = 4;

fn members(of: &str, links: &[Link], made: &impl Fn(&Link) -> Mapped, depth: usize) -> Vec<Mapped> {
    if depth >= DEEPEST {
        return Vec::new();
    }
    let mut found: Vec<Mapped> = links
        .iter()
        .filter(|link| link.master.as_deref() == Some(of))
        .map(|link| Mapped {
            members: members(&link.name, links, made, depth + 1),
            ..made(link)
        })
        .collect();
    found.sort_by_key(|one| (one.client.is_some(), one.link.name.clone()));
    found
}

/// Taps of running domains, each with its NIC.
fn taps(state: &State, host: ConnectionId) -> Vec<(String, Client)> {
    let mut found = Vec::new();
    for (id, guest) in &state.guests {
        let Some(definition) = &guest.domain.definition else {
            continue;
        };
        if id.connection != host || !guest.domain.state.is_active() {
            continue;
        }
        for (at, nic) in definition.nics.iter().enumerate() {
            if let Some(tap) = &nic.target {
                found.push((tap.clone(), nic_client(*id, guest, at, nic)));
            }
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// The bridge that a NIC is plugged into.
fn bridge_of(state: &State, all: &HostNetworks, client: &Client) -> Option<String> {
    let definition = state.guest(client.domain?)?.domain.definition.as_ref()?;
    let nic = definition.nics.iter().find(|nic| nic.mac == client.mac)?;
    let source = nic.source.as_ref()?;
    match nic.kind.as_str() {
        "bridge" => Some(source.clone()),
        "network" => {
            let network = all.networks.iter().find(|one| one.name == *source)?;
            network.definition.bridge.clone()
        }
        _ => None,
    }
}
