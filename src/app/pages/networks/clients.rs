//! Who is on a network: NICs of domains, leases and reservations, brought together by their hardware addresses.

use std::net::IpAddr;
use std::time::SystemTime;

use crate::app::{Guest, State};
use crate::model::{
    ConnectionId, DhcpHost, DomainId, HostNetworks, Lease, Network, NicInfo, same_network,
};
use crate::text::mac_holds;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// What it is known by: its hardware address, or what else there is.
    pub key: String,
    /// The domain that it is a NIC of.
    pub domain: Option<DomainId>,
    /// The domain's name; untrusted.
    pub name: Option<String>,
    /// The domain runs.
    pub running: bool,
    /// The tap on the host.
    pub tap: Option<String>,
    /// The model of the NIC.
    pub model: Option<String>,
    /// Its link is up, as far as the definition tells.
    pub link_up: bool,
    /// Hardware address.
    pub mac: Option<String>,
    /// Addresses that the guest or the host tells of, the best first.
    pub addresses: Vec<IpAddr>,
    /// Its leases, the newest first.
    pub leases: Vec<Lease>,
    /// What is reserved for it.
    pub reserved: Option<DhcpHost>,
    /// A DHCP server of libvirt's is there to ask.
    pub dhcp: bool,
}

impl Client {
    /// The address that people want: of a lease, of the guest, else the reserved one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        let leased = self.leases.first().map(|lease| lease.address);
        let reserved = self.reserved.as_ref().and_then(|host| host.address);
        leased
            .or_else(|| self.addresses.first().copied())
            .or(reserved)
    }

    /// What the client calls itself, or what it is called here.
    #[must_use]
    pub fn hostname(&self) -> Option<&str> {
        let leased = self
            .leases
            .iter()
            .find_map(|lease| lease.hostname.as_deref());
        leased.or(self.reserved.as_ref().and_then(|host| host.name.as_deref()))
    }

    /// When its lease ends; `None` without one, or without an end.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        self.leases.first()?.expires
    }

    /// Whether a text stands in anything that it is known by.
    #[must_use]
    pub(super) fn holds(&self, wanted: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(wanted);
        let addresses = self.leases.iter().map(|lease| lease.address);
        let reserved = self.reserved.as_ref().and_then(|host| host.address);
        [&self.name, &self.tap]
            .into_iter()
            .flatten()
            .any(|text| has(text))
            || self
                .mac
                .as_deref()
                .is_some_and(|mac| mac_holds(mac, wanted))
            || self.hostname().is_some_and(has)
            || addresses
                .chain(self.addresses.iter().copied())
                .chain(reserved)
                .any(|address| has(&address.to_string()))
    }
}

/// Everyone on a network: NICs of domains first, by name, then strangers with a lease, then reservations nobody uses.
#[must_use]
pub fn clients(
    state: &State,
    host: ConnectionId,
    all: &HostNetworks,
    network: &Network,
) -> Vec<Client> {
    let mut found = of_domains(state, host, network);
    if let Ok(leases) = &network.leases {
        for lease in leases {
            take_lease(&mut found, lease);
        }
    }
    for reserved in network.definition.subnets.iter().flat_map(|s| &s.hosts) {
        take_reservation(&mut found, reserved);
    }
    let dhcp = network.definition.subnets.iter().any(|subnet| subnet.dhcp);
    for client in &mut found {
        client.dhcp = dhcp;
        client
            .leases
            .sort_by_key(|lease| std::cmp::Reverse(lease.expires));
        let heard = all.neighbours.iter().filter(|one| {
            Some(&one.mac) == client.mac.as_ref()
                && network.definition.bridge.as_ref() == Some(&one.device)
        });
        for address in heard.map(|one| one.address) {
            if !client.addresses.contains(&address) {
                client.addresses.push(address);
            }
        }
    }
    found
}

fn of_domains(state: &State, host: ConnectionId, network: &Network) -> Vec<Client> {
    let bridge = network.definition.bridge.as_deref();
    let on_it = |nic: &NicInfo| match nic.kind.as_str() {
        "network" => nic.source.as_ref() == Some(&network.name),
        // Plugged into the same bridge without the network's knowledge.
        "bridge" => bridge.is_some() && nic.source.as_deref() == bridge,
        _ => false,
    };
    let mut found: Vec<Client> = Vec::new();
    for (id, guest) in &state.guests {
        let Some(definition) = &guest.domain.definition else {
            continue;
        };
        if id.connection != host {
            continue;
        }
        for (at, nic) in definition
            .nics
            .iter()
            .enumerate()
            .filter(|(_, nic)| on_it(nic))
        {
            found.push(nic_client(*id, guest, at, nic));
        }
    }
    found.sort_by(|one, other| {
        (!one.running, &one.name, &one.key).cmp(&(!other.running, &other.name, &other.key))
    });
    found
}

/// A NIC of a domain.
pub(super) fn nic_client(id: DomainId, guest: &Guest, at: usize, nic: &NicInfo) -> Client {
    let same = |mac: &Option<String>| mac.is_some() && *mac == nic.mac;
    let addresses = guest.addresses.iter().filter(|one| same(&one.mac));
    let mut known: Vec<IpAddr> = Vec::new();
    for address in addresses.map(|one| one.address) {
        if !known.contains(&address) && !is_of_link(address) {
            known.push(address);
        }
    }
    Client {
        key: format!("{} {at}", id.uuid),
        domain: Some(id),
        name: Some(guest.domain.name.clone()),
        running: guest.domain.state.is_active(),
        tap: nic
            .target
            .clone()
            .filter(|_| guest.domain.state.is_active()),
        model: nic.model.clone(),
        link_up: nic.link_up,
        mac: nic.mac.clone(),
        addresses: known,
        leases: Vec::new(),
        reserved: None,
        dhcp: false,
    }
}

fn is_of_link(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn stranger(key: String, mac: Option<String>) -> Client {
    Client {
        key,
        domain: None,
        name: None,
        running: false,
        tap: None,
        model: None,
        link_up: true,
        mac,
        addresses: Vec::new(),
        leases: Vec::new(),
        reserved: None,
        dhcp: false,
    }
}

fn take_lease(found: &mut Vec<Client>, lease: &Lease) {
    let same = |client: &&mut Client| client.mac.is_some() && client.mac == lease.mac;
    if let Some(client) = found.iter_mut().find(same) {
        client.leases.push(lease.clone());
        return;
    }
    let key = match (&lease.mac, &lease.client_id) {
        (Some(mac), _) => mac.clone(),
        (None, Some(id)) => id.clone(),
        (None, None) => lease.address.to_string(),
    };
    let mut client = stranger(key, lease.mac.clone());
    client.leases.push(lease.clone());
    found.push(client);
}

fn take_reservation(found: &mut Vec<Client>, reserved: &DhcpHost) {
    let same = |client: &&mut Client| {
        let by_mac = reserved.mac.is_some() && client.mac == reserved.mac;
        let by_id = reserved.id.is_some()
            && client
                .leases
                .iter()
                .any(|lease| lease.client_id == reserved.id);
        (by_mac || by_id) && client.reserved.is_none()
    };
    if let Some(client) = found.iter_mut().find(same) {
        client.reserved = Some(reserved.clone());
        return;
    }
    let address = reserved.address.map(|address| address.to_string());
    let key = reserved
        .mac
        .clone()
        .or_else(|| reserved.id.clone())
        .or_else(|| reserved.name.clone())
        .or(address)
        .unwrap_or_default();
    let mut client = stranger(format!("reserved {key}"), reserved.mac.clone());
    client.reserved = Some(reserved.clone());
    found.push(client);
}

/// Addresses of a DHCP range that nobody holds: all, and how many of them are free; `None` for ranges too large to count.
#[must_use]
pub fn free_addresses(network: &Network) -> Option<(u64, u64)> {
    let leases = network.leases.as_ref().ok()?;
    let mut all = 0_u64;
    let mut taken = 0_u64;
    for subnet in &network.definition.subnets {
        for (first, last) in &subnet.ranges {
            let (IpAddr::V4(first), IpAddr::V4(last)) = (first, last) else {
                continue;
            };
            all += u64::from(last.to_bits().saturating_sub(first.to_bits())) + 1;
            let within = |address: IpAddr| match address {
                IpAddr::V4(address) => (*first..=*last).contains(&address),
                IpAddr::V6(_) => false,
            };
            let mut held: Vec<IpAddr> = leases.iter().map(|lease| lease.address).collect();
            held.extend(subnet.hosts.iter().filter_map(|host| host.address));
            held.retain(|address| within(*address));
            held.sort();
            held.dedup();
            taken += u64::try_from(held.len()).unwrap_or(0);
        }
    }
    (all > 0).then(|| (all, all.saturating_sub(taken)))
}

/// Links of the host whose addresses clash with a network's: it could not be started, or would hide them.
#[must_use]
pub fn clashes(all: &HostNetworks, network: &Network) -> Vec<String> {
    let own = network.definition.bridge.as_deref();
    let mut found = Vec::new();
    for subnet in &network.definition.subnets {
        for link in all
            .links
            .iter()
            .filter(|link| Some(link.name.as_str()) != own)
        {
            let clash = link.addresses.iter().any(|one| {
                one.global
                    && same_network(one.address, subnet.address, one.prefix.min(subnet.prefix))
            });
            if clash {
                found.push(format!(
                    "{} overlaps the network of {}",
                    subnet.cidr(),
                    link.name
                ));
            }
        }
    }
    found
}
