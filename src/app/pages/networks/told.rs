//! What there is to know of the selected line, a line each: label, words, tone.

use std::time::SystemTime;

use super::{Client, Mapped, NetItem, Networks, clashes, free_addresses};
use crate::app::{State, Tone};
use crate::model::{
    DhcpHost, HostNetworks, Lease, LinksFrom, Network, NetworkDefinition, NwFilter, Route, Subnet,
};
use crate::text::{bytes, duration_short};

/// Lines below the list that tell of the selected one.
pub const TOLD: usize = 9;

type Told = (&'static str, String, Tone);

impl Networks {
    /// What the selected line is called.
    #[must_use]
    pub fn told_title(&self) -> String {
        match self.selected().map(|line| &line.item) {
            Some(NetItem::Network(network, _)) => network.name.clone(),
            Some(NetItem::Client(client)) => client_name(client),
            Some(NetItem::Name(host)) => host.names.join(" "),
            Some(NetItem::Range(first, last)) => format!("{first} – {last}"),
            Some(NetItem::Link(mapped)) => mapped.link.name.clone(),
            Some(NetItem::Filter(filter)) => filter.name.clone(),
            Some(NetItem::Binding(binding, _)) => binding.port.clone(),
            None => String::new(),
        }
    }

    /// What there is to know of the selected line.
    #[must_use]
    pub fn told(&self, state: &State) -> Vec<Told> {
        let (Some(line), Some(read)) = (self.selected(), self.read()) else {
            return Vec::new();
        };
        let wall = state.now.wall;
        match &line.item {
            NetItem::Network(network, running) => of_network(read, network, *running),
            NetItem::Client(client) => {
                let mut told = of_client(client, wall);
                told.extend(
                    self.network()
                        .map(|network| ("Network", network.name.clone(), Tone::Normal)),
                );
                told
            }
            NetItem::Range(..) => {
                let free = self.network().and_then(free_addresses);
                let free = free.map_or_else(
                    || "how many are free is not known".to_owned(),
                    |(all, free)| format!("{free} of {all} IPv4 addresses of the network are free"),
                );
                vec![
                    (
                        "DHCP",
                        "gives out what is neither leased nor reserved".to_owned(),
                        Tone::Normal,
                    ),
                    ("Leases", free, Tone::Normal),
                ]
            }
            NetItem::Name(host) => vec![
                ("Address", host.address.clone(), Tone::Normal),
                ("Names", host.names.join(" "), Tone::Normal),
                (
                    "DNS",
                    "the network's DNS server answers so".to_owned(),
                    Tone::Dim,
                ),
            ],
            NetItem::Link(mapped) => of_link(read, mapped, wall),
            NetItem::Filter(filter) => of_filter(read, filter),
            NetItem::Binding(binding, client) => {
                let mut told = vec![("Filter", binding.filter.clone(), Tone::Normal)];
                told.extend(client.iter().flat_map(|client| of_client(client, wall)));
                told
            }
        }
    }
}

/// What people call a client.
#[must_use]
pub(super) fn client_name(client: &Client) -> String {
    let name = client.name.clone();
    name.or_else(|| client.hostname().map(str::to_owned))
        .or_else(|| client.mac.clone())
        .unwrap_or_else(|| "reservation".to_owned())
}

fn of_network(read: &HostNetworks, network: &Network, running: usize) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let definition = &network.definition;
    if let Some(why) = &network.error {
        told.push((
            "Problem",
            format!("its XML cannot be read: {why}"),
            Tone::Bad,
        ));
    }
    for clash in clashes(read, network) {
        let tone = if network.active {
            Tone::Warn
        } else {
            Tone::Bad
        };
        told.push(("Problem", clash, tone));
    }
    let mut state = vec![if network.active { "active" } else { "inactive" }.to_owned()];
    state.push(
        match network.autostart {
            Some(true) => "starts with the host",
            Some(false) => "does not start with the host",
            None if !network.persistent => "transient, gone when it stops",
            None => "whether it starts with the host is not known",
        }
        .to_owned(),
    );
    state.push(match (running, definition.connections) {
        (0, Some(0) | None) => "nobody on it".to_owned(),
        (_, Some(count)) if usize::try_from(count) != Ok(running) => {
            format!("NICs on it: {running} of domains here, {count} by libvirt's count")
        }
        (1, _) => "1 NIC on it".to_owned(),
        (count, _) => format!("{count} NICs on it"),
    });
    told.push(("State", state.join(", "), Tone::Normal));
    told.push(("Mode", mode(definition), Tone::Normal));
    let mut bridge = vec![definition.bridge.clone().unwrap_or_else(|| "–".to_owned())];
    bridge.extend(
        definition
            .stp
            .map(|on| format!("STP {}", if on { "on" } else { "off" })),
    );
    bridge.extend(definition.mtu.map(|mtu| format!("MTU {mtu}")));
    told.push(("Bridge", bridge.join(", "), Tone::Normal));
    told.extend(
        definition
            .subnets
            .iter()
            .map(|subnet| ("Subnet", of_subnet(subnet), Tone::Normal)),
    );
    match &network.leases {
        Err(why) => told.push(("Leases", format!("cannot be read: {why}"), Tone::Dim)),
        Ok(leases) if network.active && definition.subnets.iter().any(|s| s.dhcp) => {
            let free = free_addresses(network).map_or_else(String::new, |(all, free)| {
                format!(", {free} of {all} IPv4 addresses free")
            });
            let tone = match free_addresses(network) {
                Some((_, 0)) => Tone::Bad,
                _ => Tone::Normal,
            };
            told.push(("Leases", format!("{}{free}", leases.len()), tone));
        }
        Ok(_) => {}
    }
    let mut dns = vec![if definition.dns { "answers" } else { "off" }.to_owned()];
    dns.extend(
        definition
            .domain
            .as_ref()
            .map(|domain| format!("domain {domain}")),
    );
    dns.extend(
        definition
            .dns_hosts
            .iter()
            .map(|host| format!("{} = {}", host.names.join(" "), host.address)),
    );
    told.push(("DNS", dns.join(", "), Tone::Normal));
    if !definition.portgroups.is_empty() {
        told.push(("Groups", definition.portgroups.join(", "), Tone::Normal));
    }
    if let Some(next) = &network.next {
        told.push(("Pending", pending(definition, next), Tone::Warn));
    }
    told
}

fn mode(definition: &NetworkDefinition) -> String {
    let words = match definition.forward.as_deref() {
        None => "isolated: guests reach each other and the host",
        Some("nat") => "NAT: guests reach the world by the host's address",
        Some("route") => "routed: the world must know the way to it",
        Some("open") => "open: libvirt makes no firewall rules",
        Some("bridge") => "a bridge of the host, or macvtap",
        Some("private") => "macvtap, guests apart",
        Some("vepa") => "macvtap, by the switch",
        Some("passthrough") => "macvtap, a device for each guest",
        Some("hostdev") => "devices of the host handed to guests",
        Some(other) => other,
    };
    match definition.forward_devices.as_slice() {
        [] => words.to_owned(),
        devices => format!("{words}; by {}", devices.join(", ")),
    }
}

fn of_subnet(subnet: &Subnet) -> String {
    let mut words = vec![format!("{}, host {}", subnet.cidr(), subnet.address)];
    if !subnet.dhcp {
        words.push("no DHCP".to_owned());
    }
    words.extend(
        subnet
            .ranges
            .iter()
            .map(|(first, last)| format!("DHCP {first} – {last}")),
    );
    match subnet.hosts.len() {
        0 => {}
        1 => words.push("1 reservation".to_owned()),
        number => words.push(format!("{number} reservations")),
    }
    words.join(", ")
}

/// What another definition would change at the next start, in words.
fn pending(now: &NetworkDefinition, next: &NetworkDefinition) -> String {
    let mut parts = Vec::new();
    let changed = [
        (
            now.forward != next.forward || now.forward_devices != next.forward_devices,
            "mode",
        ),
        (now.bridge != next.bridge || now.stp != next.stp, "bridge"),
        (now.mtu != next.mtu, "MTU"),
        (
            now.subnets != next.subnets,
            "addresses, ranges or reservations",
        ),
        (
            now.dns_hosts != next.dns_hosts || now.dns != next.dns || now.domain != next.domain,
            "DNS",
        ),
        (now.portgroups != next.portgroups, "port groups"),
    ];
    parts.extend(changed.iter().filter(|(is, _)| *is).map(|(_, what)| *what));
    format!("at its next start other {}", parts.join(", "))
}

fn of_client(client: &Client, wall: SystemTime) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let nic = match (&client.domain, client.running) {
        (Some(_), true) => {
            let mut words = vec![format!("of {}", client.name.clone().unwrap_or_default())];
            words.extend(client.model.clone());
            words.extend(client.tap.as_ref().map(|tap| format!("tap {tap}")));
            if !client.link_up {
                words.push("link down".to_owned());
            }
            words.join(", ")
        }
        (Some(_), false) => format!(
            "of {}, which is not running",
            client.name.clone().unwrap_or_default()
        ),
        (None, _) => "of no domain of this host".to_owned(),
    };
    told.push(("NIC", nic, Tone::Normal));
    told.push((
        "MAC",
        client.mac.clone().unwrap_or_else(|| "–".to_owned()),
        Tone::Normal,
    ));
    for lease in &client.leases {
        told.push(("Lease", of_lease(lease, wall), Tone::Normal));
    }
    let leased: Vec<_> = client.leases.iter().map(|lease| lease.address).collect();
    let others: Vec<String> = client
        .addresses
        .iter()
        .filter(|address| !leased.contains(address))
        .map(ToString::to_string)
        .collect();
    if !others.is_empty() {
        told.push(("Address", others.join(", "), Tone::Normal));
    }
    told.push(match &client.reserved {
        Some(host) => ("Reserved", of_reservation(host), Tone::Normal),
        None if client.leases.is_empty() => ("Reserved", "–".to_owned(), Tone::Dim),
        None => (
            "Reserved",
            "no: it may get another address".to_owned(),
            Tone::Dim,
        ),
    });
    told
}

fn of_lease(lease: &Lease, wall: SystemTime) -> String {
    let mut words = vec![format!("{}/{}", lease.address, lease.prefix)];
    words.push(match lease.expires {
        None => "without end".to_owned(),
        Some(at) => match at.duration_since(wall) {
            Ok(left) => format!("{} left", duration_short(left)),
            Err(_) => "ended".to_owned(),
        },
    });
    words.extend(
        lease
            .hostname
            .as_ref()
            .map(|name| format!("calls itself {name}")),
    );
    words.extend(lease.client_id.as_ref().map(|id| format!("client id {id}")));
    words.join(", ")
}

fn of_reservation(host: &DhcpHost) -> String {
    let mut words: Vec<String> = host
        .address
        .map(|address| address.to_string())
        .into_iter()
        .collect();
    words.extend(host.name.as_ref().map(|name| format!("named {name}")));
    words.extend(host.id.as_ref().map(|id| format!("for {id}")));
    words.join(", ")
}

fn of_link(read: &HostNetworks, mapped: &Mapped, wall: SystemTime) -> Vec<Told> {
    let link = &mapped.link;
    let mut told: Vec<Told> = Vec::new();
    if mapped.carries_ssh {
        told.push((
            "SSH",
            "your own SSH connection comes through it".to_owned(),
            Tone::Warn,
        ));
    }
    if let Some(client) = &mapped.client {
        told.extend(of_client(client, wall));
    }
    let kind = match link.kind.as_deref() {
        _ if link.is_tap() && mapped.client.is_none() => "tap of nobody known here",
        Some("tun") => "tap",
        Some(kind) => kind,
        None if link.physical => "device of the host",
        None => "link",
    };
    let mut words = vec![kind.to_owned()];
    words.extend(
        mapped
            .network
            .as_ref()
            .map(|name| format!("of network {name}")),
    );
    words.extend(link.parent.as_ref().map(|parent| format!("on {parent}")));
    words.extend(link.master.as_ref().map(|master| format!("in {master}")));
    words.extend(link.mtu.map(|mtu| format!("MTU {mtu}")));
    words.extend(link.speed_mbps.map(speed));
    told.push(("Link", words.join(", "), Tone::Normal));
    if let Some(bridge) = &link.bridge {
        let mut words = vec![match bridge.stp {
            Some(true) => "STP on".to_owned(),
            Some(false) => "STP off".to_owned(),
            None => "STP not known".to_owned(),
        }];
        words.extend(bridge.delay_seconds.map(|delay| format!("delay {delay} s")));
        words.extend(bridge.id.as_ref().map(|id| format!("id {id}")));
        if bridge.root.is_some() && bridge.root != bridge.id {
            words.extend(bridge.root.as_ref().map(|root| format!("root {root}")));
        }
        if bridge.vlan_filtering == Some(true) {
            words.push("keeps VLANs apart".to_owned());
        }
        told.push(("Bridge", words.join(", "), Tone::Normal));
    }
    let addresses: Vec<String> = link
        .addresses
        .iter()
        .map(|one| {
            let dynamic = if one.dynamic { " by DHCP" } else { "" };
            format!("{}/{}{dynamic}", one.address, one.prefix)
        })
        .collect();
    let none = addresses.is_empty();
    if !none || link.is_bridge() || link.physical {
        let words = if none {
            "none".to_owned()
        } else {
            addresses.join(", ")
        };
        told.push(("Addresses", words, Tone::Normal));
    }
    let routes = read.routes.iter().filter(|route| route.uses(&link.name));
    let routes: Vec<String> = routes.map(of_route).collect();
    if !routes.is_empty() {
        told.push(("Routes", routes.join(", "), Tone::Normal));
    }
    if let Some(counters) = link.counters {
        let tone = match counters.rx_dropped + counters.tx_dropped + counters.errors {
            0 => Tone::Normal,
            _ => Tone::Warn,
        };
        let words = format!(
            "received {}, sent {}; dropped {} in, {} out; errors {}",
            bytes(counters.rx_bytes),
            bytes(counters.tx_bytes),
            counters.rx_dropped,
            counters.tx_dropped,
            counters.errors
        );
        told.push(("Traffic", words, tone));
    }
    if link.is_bridge() {
        told.extend(traps(read));
    }
    match read.links_from {
        LinksFrom::Kernel => {}
        LinksFrom::Ssh => {
            let words = "as the host itself told over ssh";
            told.push(("Source", words.to_owned(), Tone::Dim));
        }
        LinksFrom::Libvirt => {
            told.push(("Source", HostNetworks::UNSEEN.to_owned(), Tone::Dim));
        }
    }
    told.extend(
        read.links_note
            .iter()
            .map(|why| ("Source", why.clone(), Tone::Warn)),
    );
    told
}

fn of_route(route: &Route) -> String {
    let mut words = route.to.clone();
    if let Some(gateway) = route.gateway {
        words.push_str(&format!(" by {gateway}"));
    }
    if let Some(metric) = route.metric {
        words.push_str(&format!(" metric {metric}"));
    }
    if let Some(table) = &route.table {
        words.push_str(&format!(" in table {table}"));
    }
    words
}

/// What of the firewall keeps guests on a bridge from the world: told, never switched off.
pub(super) fn traps(read: &HostNetworks) -> Vec<Told> {
    let mut told = Vec::new();
    let wall = read.firewall;
    if wall.bridge_calls_iptables == Some(true) {
        let words = match wall.drops_forwarded {
            Some(true) => {
                "br_netfilter sends packets of bridges through iptables, whose FORWARD policy drops: guests may reach nobody"
            }
            _ => {
                "br_netfilter sends packets of bridges through iptables: its rules hold for guests too"
            }
        };
        told.push(("Firewall", words.to_owned(), Tone::Warn));
    }
    if wall.forwards_v4 == Some(false) {
        let words =
            "the host does not forward IPv4 (net.ipv4.ip_forward): NAT and routed networks need it";
        told.push(("Firewall", words.to_owned(), Tone::Warn));
    }
    told
}

/// Megabits a second, as people say it.
#[must_use]
pub fn speed(mbps: u32) -> String {
    match mbps {
        1000.. if mbps.is_multiple_of(1000) => format!("{} Gbit/s", mbps / 1000),
        1000.. => format!("{:.1} Gbit/s", f64::from(mbps) / 1000.0),
        _ => format!("{mbps} Mbit/s"),
    }
}

fn of_filter(read: &HostNetworks, filter: &NwFilter) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let chain = filter.chain.as_deref().unwrap_or("root");
    let rules = match filter.rules {
        0 => "no rules of its own".to_owned(),
        1 => "1 rule".to_owned(),
        number => format!("{number} rules"),
    };
    told.push(("Chain", format!("{chain}, {rules}"), Tone::Normal));
    if !filter.references.is_empty() {
        told.push(("Filters", filter.references.join(", "), Tone::Normal));
    }
    let users: Vec<&str> = read
        .filters
        .iter()
        .filter(|one| one.references.contains(&filter.name))
        .map(|one| one.name.as_str())
        .collect();
    if !users.is_empty() {
        told.push(("Used by", users.join(", "), Tone::Normal));
    }
    told.push(("UUID", filter.uuid.to_string(), Tone::Dim));
    told
}
