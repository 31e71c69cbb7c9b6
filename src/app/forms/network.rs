//! A new virtual network, a reservation, a name of a network's DNS server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::action::Action;
use crate::app::pages::networks::acts::is_dns_name;
use crate::app::pages::networks::deeds::{self, NetDeed};
use crate::app::{Effect, Field, FieldOption, Form, FormUse, State, Submitted, Tone, Wrong};
use crate::model::{
    ConnectionId, DhcpHost, DnsHost, HostNetworks, Network, Subnet, Uuid, same_network,
};
use crate::network::{NewNetwork, dhcp_host_xml, dhcp_range_xml, dns_host_xml, network_xml};
use crate::protocol::{NetVerb, NetworkUpdate, NetworkVerb, UpdateCommand, UpdateSection};
use crate::text::visible;
use crate::virsh;

/// What is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkForm {
    /// A network.
    New(ConnectionId),
    /// A reservation or a name on this network; what was selected fills it in.
    Entry(ConnectionId, Uuid),
}

/// Modes of a network, in libvirt's words and in ours.
const MODES: [(&str, &str); 5] = [
    ("nat", "NAT: guests reach the world by the host's address"),
    ("route", "routed: the world must know the way to it"),
    ("open", "open: no firewall rules of libvirt's"),
    ("", "isolated: guests reach each other and the host"),
    ("bridge", "a bridge of the host"),
];

/// Opens the form of a new network.
pub fn open_new(state: &mut State, host: ConnectionId, all: &HostNetworks) {
    let modes = MODES.map(|(word, label)| FieldOption::new(word, label));
    let taken = |name: &str| all.networks.iter().any(|network| network.name == name);
    let name = (1..1000)
        .map(|number| format!("net{number}"))
        .find(|name| !taken(name))
        .unwrap_or_default();
    let mut devices = vec![FieldOption::new("", "any")];
    let physical = all
        .links
        .iter()
        .filter(|link| !link.is_tap() && link.name != "lo");
    devices.extend(physical.clone().map(|link| FieldOption::plain(&link.name)));
    let bridges = physical.filter(|link| link.is_bridge());
    let bridges: Vec<FieldOption> = bridges.map(|link| FieldOption::plain(&link.name)).collect();
    let subnet = free_subnet(all);
    let fields = vec![
        Field::text("name", "Name", &name),
        Field::choice("mode", "Mode", modes.to_vec(), "nat"),
        Field::choice("device", "To the world by", devices, "")
            .help("The firewall lets guests out by this device alone."),
        Field::choice("bridge", "Bridge", bridges, "")
            .help("It must be there already; libvirt does not make it."),
        Field::text("ipv4", "IPv4", &subnet)
            .help("Address of the host in it and prefix, as in 192.168.100.1/24; empty for none."),
        Field::check("dhcp", "DHCP for IPv4", true),
        Field::text("first", "First address", "").help("Empty: the first that is free."),
        Field::text("last", "Last address", "").help("Empty: the last of the subnet."),
        Field::text("ipv6", "IPv6", "")
            .help("Address of the host in it and prefix, as in fd00:100::1/64; empty for none."),
        Field::check("nat6", "NAT for IPv6 too", false)
            .help("Without it the world must know the way to these addresses."),
        Field::check("dhcp6", "DHCP for IPv6", false),
        Field::text("domain", "DNS domain", "").help("Names of guests end in it; empty for none."),
        Field::check("start", "Start it now", true),
        Field::check("autostart", "Start it with the host", true),
    ];
    let use_ = FormUse::Network(NetworkForm::New(host));
    Form::new(use_, "New network".to_owned(), "Create", fields).open(state);
}

/// The first private /24 that neither a network nor the host has, with the host's address in it.
fn free_subnet(all: &HostNetworks) -> String {
    (100..=254_u8)
        .map(|third| Ipv4Addr::new(192, 168, third, 1))
        .find(|address| clash(all, (*address).into(), 24).is_none())
        .map_or_else(String::new, |address| format!("{address}/24"))
}

/// An address of a host with its prefix, of this family.
fn address_of(text: &str, most: u32, ipv6: bool) -> Result<(IpAddr, u32), String> {
    let example = if ipv6 {
        "fd00:100::1/64"
    } else {
        "192.168.100.1/24"
    };
    let wrong = || {
        format!(
            "'{}' is no address with a prefix, as in {example}.",
            visible(text)
        )
    };
    let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
    let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
    let prefix: u32 = prefix.trim().parse().map_err(|_| wrong())?;
    if address.is_ipv6() != ipv6 {
        return Err(wrong());
    }
    if !(1..=most).contains(&prefix) {
        return Err(format!("A prefix of 1 to {most} is possible here."));
    }
    let whole = Subnet {
        address,
        prefix,
        ranges: Vec::new(),
        hosts: Vec::new(),
        dhcp: false,
    };
    let is_nobodys = address.is_unspecified() || address.is_loopback() || address.is_multicast();
    let (first, last) = whole.ends();
    if is_nobodys {
        return Err(format!("{address} is no address that a network can have."));
    }
    if address == first && !ipv6 {
        return Err(format!(
            "{address} is the subnet itself: the host's is one within it."
        ));
    }
    if address == last && !ipv6 {
        return Err(format!(
            "{address} is what reaches all of the subnet: the host's is another."
        ));
    }
    Ok((address, prefix))
}

/// What the form says, and what is wrong with it.
fn read(form: &Form, all: Option<&HostNetworks>) -> (NewNetwork, Vec<Wrong>) {
    let mut wrong = Vec::new();
    let some = |key: &str| Some(form.text(key).to_owned()).filter(|text| !text.is_empty());
    let mode = form.text("mode").to_owned();
    let own = mode != "bridge";
    let mut new = NewNetwork {
        name: form.text("name").to_owned(),
        forward: Some(mode.clone()).filter(|mode| !mode.is_empty()),
        device: some("device").filter(|_| matches!(mode.as_str(), "nat" | "route")),
        bridge: some("bridge").filter(|_| !own),
        domain: some("domain").filter(|_| own),
        nat_ipv6: mode == "nat" && form.checked("nat6"),
        ..NewNetwork::default()
    };
    if new.name.is_empty() {
        wrong.push(Wrong::at("name", "A network needs a name."));
    } else if new.name.contains(['/', '\n']) {
        wrong.push(Wrong::at("name", "A name holds no / and no line break."));
    } else if all.is_some_and(|all| all.networks.iter().any(|one| one.name == new.name)) {
        wrong.push(Wrong::at("name", "There is a network of this name."));
    }
    if !own && new.bridge.is_none() {
        wrong.push(Wrong::at(
            "bridge",
            "The host has no bridge: make one first (n among the bridges).",
        ));
    }
    if new
        .domain
        .as_deref()
        .is_some_and(|domain| !is_dns_name(domain))
    {
        wrong.push(Wrong::at(
            "domain",
            "That is no name of DNS: letters, digits, dashes and dots.",
        ));
    }
    for (key, most, ipv6) in [("ipv4", 30, false), ("ipv6", 126, true)] {
        let Some(text) = some(key).filter(|_| own) else {
            continue;
        };
        match address_of(&text, most, ipv6) {
            Ok((address, prefix)) => {
                if let Some(clash) = all.and_then(|all| clash(all, address, prefix)) {
                    wrong.push(Wrong::at(key, clash));
                }
                match address {
                    IpAddr::V4(address) => new.ipv4 = Some((address, prefix)),
                    IpAddr::V6(address) => new.ipv6 = Some((address, prefix)),
                }
            }
            Err(why) => wrong.push(Wrong::at(key, why)),
        }
    }
    if matches!(mode.as_str(), "nat" | "route") && some("ipv4").or(some("ipv6")).is_none() {
        wrong.push(Wrong::at(
            "ipv4",
            "Whom it forwards needs addresses: give an IPv4 or an IPv6 one, or take isolated.",
        ));
    }
    if new.nat_ipv6 && new.ipv6.is_none() {
        new.nat_ipv6 = false;
    }
    if let Some((address, prefix)) = new.ipv4.filter(|_| form.checked("dhcp")) {
        range(form, address, prefix, &mut new, &mut wrong);
    }
    if let (Some((address, prefix)), true) = (new.ipv6, form.checked("dhcp6")) {
        // libvirt's dnsmasq gives out a part of a /64 alone.
        if prefix == 64 {
            let base = address.to_bits() & !u128::from(u64::MAX);
            let of = |low: u128| Ipv6Addr::from_bits(base | low);
            new.range6 = Some((of(0x100), of(0x1ff)));
        } else {
            wrong.push(Wrong::at("dhcp6", "DHCP for IPv6 wants a prefix of 64."));
        }
    }
    (new, wrong)
}

/// Whom a subnet would clash with.
fn clash(all: &HostNetworks, address: IpAddr, prefix: u32) -> Option<String> {
    let of_network = all.networks.iter().find(|network| {
        let subnets = &network.definition.subnets;
        subnets
            .iter()
            .any(|subnet| same_network(subnet.address, address, subnet.prefix.min(prefix)))
    });
    if let Some(network) = of_network {
        return Some(format!("Network {} has it.", visible(&network.name)));
    }
    let of_link = all.links.iter().find(|link| {
        link.addresses
            .iter()
            .any(|one| one.global && same_network(one.address, address, one.prefix.min(prefix)))
    });
    if let Some(link) = of_link {
        return Some(format!("{} of the host is in it.", visible(&link.name)));
    }
    // libvirt refuses to start a network that a route leads to elsewhere.
    let of_route = all.routes.iter().find(|route| {
        let (to, bits) = route.to.split_once('/').unwrap_or((&route.to, ""));
        let whole = if route.ipv6 { 128 } else { 32 };
        let bits = bits.parse().unwrap_or(whole);
        let to = to.parse::<IpAddr>();
        route.table.is_none() && to.is_ok_and(|to| same_network(to, address, bits.min(prefix)))
    });
    of_route.map(|route| {
        let (to, device) = (visible(&route.to), visible(&route.device));
        format!("The host's route to {to} by {device} leads there.")
    })
}

/// What DHCP gives out: what is typed, else all but the host's own address.
fn range(form: &Form, host: Ipv4Addr, prefix: u32, new: &mut NewNetwork, wrong: &mut Vec<Wrong>) {
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    let net = host.to_bits() & mask;
    let (low, high) = (net + 1, (net | !mask) - 1);
    // Behind the host's address, or before it where that is the last.
    let usual = match host.to_bits() {
        own if own == high => (low, high - 1),
        own => (own + 1, high),
    };
    let mut end = |key: &str, usual: u32| {
        let text = form.text(key);
        if text.is_empty() {
            return Some(usual);
        }
        match text.parse::<Ipv4Addr>() {
            Ok(address) if (low..=high).contains(&address.to_bits()) => Some(address.to_bits()),
            Ok(address) => {
                wrong.push(Wrong::at(key, format!("{address} is not in the subnet.")));
                None
            }
            Err(_) => {
                wrong.push(Wrong::at(
                    key,
                    format!("'{}' is no IPv4 address.", visible(text)),
                ));
                None
            }
        }
    };
    if let (Some(first), Some(last)) = (end("first", usual.0), end("last", usual.1)) {
        if first > last {
            wrong.push(Wrong::at("last", "It is before the first address."));
        } else if (first..=last).contains(&host.to_bits()) {
            wrong.push(Wrong::at(
                "first",
                format!("{host} is the host's own: begin behind it, or end before."),
            ));
        } else {
            new.range = Some((Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(last)));
        }
    }
}

/// Opens the form of a reservation or a name, filled in with what was selected.
pub fn open_entry(
    state: &mut State,
    host: ConnectionId,
    network: &Network,
    mac: Option<&str>,
    address: Option<IpAddr>,
    name: Option<&str>,
) {
    let what = vec![
        FieldOption::new("reserve", "an address reserved for a hardware address"),
        FieldOption::new("name", "names that the network's DNS server knows"),
        FieldOption::new("range", "a range that DHCP gives out"),
    ];
    let address = address.map(|address| address.to_string());
    let fields = vec![
        Field::choice("what", "Add", what, "reserve"),
        Field::text("mac", "MAC address", mac.unwrap_or_default()).help("As in 52:54:00:12:34:56."),
        Field::text("address", "Address", &address.unwrap_or_default()),
        Field::text("names", "Name", name.unwrap_or_default())
            .help("A reservation may do without; for DNS several, with blanks between them."),
        Field::text("last", "Last address", ""),
    ];
    let use_ = FormUse::Network(NetworkForm::Entry(host, network.uuid));
    let title = format!("Add to network {}", visible(&network.name));
    Form::new(use_, title, "Add", fields).open(state);
}

fn entry(form: &Form, network: &Network) -> Result<NetworkUpdate, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let address: Option<IpAddr> = form.text("address").parse().ok();
    if address.is_none() {
        wrong.push(Wrong::at(
            "address",
            "An address is wanted, as in 192.168.122.20.",
        ));
    }
    let names: Vec<String> = form
        .text("names")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if form.text("what") == "range" {
        return range_entry(form, network, address);
    }
    if let Some(bad) = names.iter().find(|name| !is_dns_name(name)) {
        wrong.push(Wrong::at(
            "names",
            format!("'{}' is no name of DNS.", visible(bad)),
        ));
    }
    let affect = deeds::affect(network);
    if form.text("what") == "name" {
        if names.is_empty() {
            wrong.push(Wrong::at("names", "A name is wanted."));
        }
        return match (address, wrong.is_empty()) {
            (Some(address), true) => Ok(NetworkUpdate {
                command: UpdateCommand::AddLast,
                section: UpdateSection::DnsHost,
                parent: None,
                xml: dns_host_xml(&DnsHost {
                    address: address.to_string(),
                    names,
                }),
                affect,
            }),
            _ => Err(wrong),
        };
    }
    let mac = form.text("mac").to_ascii_lowercase();
    let bytes: Vec<&str> = mac.split(':').collect();
    let hex = |byte: &&str| byte.len() == 2 && byte.chars().all(|c| c.is_ascii_hexdigit());
    if bytes.len() != 6 || !bytes.iter().all(hex) {
        wrong.push(Wrong::at(
            "mac",
            "A hardware address is wanted, as in 52:54:00:12:34:56.",
        ));
    }
    if names.len() > 1 {
        wrong.push(Wrong::at("names", "A reservation has one name at most."));
    }
    let place = address.and_then(|address| network.definition.subnet_of(address));
    match place {
        Some((_, subnet)) if !subnet.dhcp => {
            wrong.push(Wrong::at("address", "Its subnet has no DHCP."));
        }
        None if address.is_some() => {
            wrong.push(Wrong::at("address", "It is in no subnet of this network."));
        }
        _ => {}
    }
    let reserved = network
        .definition
        .subnets
        .iter()
        .flat_map(|subnet| &subnet.hosts);
    if let Some(holder) = reserved
        .clone()
        .find(|host| host.address == address && address.is_some())
    {
        let who = holder.mac.as_deref().unwrap_or("another");
        wrong.push(Wrong::at(
            "address",
            format!("It is reserved for {who} already."),
        ));
    }
    match (address, place, wrong.is_empty()) {
        (Some(address), Some((at, _)), true) => Ok(NetworkUpdate {
            command: UpdateCommand::AddLast,
            section: UpdateSection::DhcpHost,
            parent: i32::try_from(at).ok(),
            xml: dhcp_host_xml(&DhcpHost {
                mac: Some(mac),
                id: None,
                address: Some(address),
                name: names.into_iter().next(),
            }),
            affect,
        }),
        _ => Err(wrong),
    }
}

/// A range that DHCP gives out besides.
fn range_entry(
    form: &Form,
    network: &Network,
    first: Option<IpAddr>,
) -> Result<NetworkUpdate, Vec<Wrong>> {
    let Some(first) = first else {
        return Err(vec![Wrong::at("address", "The first address is wanted.")]);
    };
    let Ok(last) = form.text("last").parse::<IpAddr>() else {
        return Err(vec![Wrong::at("last", "The last address is wanted.")]);
    };
    let Some((at, subnet)) = network.definition.subnet_of(first) else {
        let why = "It is in no subnet of this network.";
        return Err(vec![Wrong::at("address", why)]);
    };
    if !subnet.holds(last) {
        let why = format!("It is not in {}.", subnet.cidr());
        return Err(vec![Wrong::at("last", why)]);
    }
    if last < first {
        return Err(vec![Wrong::at("last", "It is before the first.")]);
    }
    let meets = |range: &&(IpAddr, IpAddr)| range.0 <= last && first <= range.1;
    if let Some((from, to)) = subnet.ranges.iter().find(meets) {
        let why = format!("{from} – {to} is given out already.");
        return Err(vec![Wrong::at("address", why)]);
    }
    Ok(NetworkUpdate {
        command: UpdateCommand::AddLast,
        section: UpdateSection::DhcpRange,
        parent: i32::try_from(at).ok(),
        xml: dhcp_range_xml(first, last),
        affect: deeds::affect(network),
    })
}

fn network_of(state: &State, host: ConnectionId, uuid: Uuid) -> Option<Network> {
    let all = state.networks_of(host)?;
    all.networks.iter().find(|one| one.uuid == uuid).cloned()
}

/// Hides what plays no part, writes the XML and the command.
pub fn changed(state: &State, form: &mut Form, wanted: &NetworkForm) {
    match wanted {
        NetworkForm::New(host) => {
            let own = form.text("mode") != "bridge";
            let forwards = matches!(form.text("mode"), "nat" | "route");
            let (v4, v6) = (!form.text("ipv4").is_empty(), !form.text("ipv6").is_empty());
            let dhcp = own && v4 && form.checked("dhcp");
            for (key, shown) in [
                ("device", forwards),
                ("bridge", !own),
                ("ipv4", own),
                ("dhcp", own && v4),
                ("first", dhcp),
                ("last", dhcp),
                ("ipv6", own),
                ("nat6", form.text("mode") == "nat" && v6),
                ("dhcp6", own && v6),
                ("domain", own),
            ] {
                form.show(key, shown);
            }
            let (new, _) = read(form, state.networks_of(*host));
            let xml = network_xml(&new);
            form.preview = xml
                .lines()
                .map(|line| (Tone::Normal, line.to_owned()))
                .collect();
            form.command = Some(format!(
                "virtty net-define FILE{}{}",
                if form.checked("start") {
                    " --start"
                } else {
                    ""
                },
                if form.checked("autostart") {
                    " --autostart"
                } else {
                    ""
                }
            ));
        }
        NetworkForm::Entry(host, uuid) => {
            let what = form.text("what").to_owned();
            form.show("mac", what == "reserve");
            form.show("names", what != "range");
            form.show("last", what == "range");
            form.preview.clear();
            form.command = None;
            let Some(network) = network_of(state, *host, *uuid) else {
                form.hold = Some("The network is gone.".to_owned());
                return;
            };
            if let Ok(update) = entry(form, &network) {
                form.preview = vec![(Tone::Normal, update.xml.clone())];
                let verb = NetworkVerb::Update(Box::new(update));
                let given = virsh::network_given(&verb, &network.name);
                form.command = given.map(|given| format!("virsh {}", given.line()));
            }
        }
    }
}

/// Sends it; the form was the question.
pub fn submit(
    state: &mut State,
    form: &Form,
    wanted: &NetworkForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let deed = match wanted {
        NetworkForm::New(host) => {
            let (new, wrong) = read(form, state.networks_of(*host));
            if !wrong.is_empty() {
                return Submitted::Refused(wrong);
            }
            NetDeed {
                connection: *host,
                action: Action::NewNetwork,
                verb: NetVerb::DefineNetwork {
                    xml: network_xml(&new),
                    start: form.checked("start"),
                    autostart: form.checked("autostart"),
                },
                name: new.name,
                means: Vec::new(),
            }
        }
        NetworkForm::Entry(host, uuid) => {
            let Some(network) = network_of(state, *host, *uuid) else {
                return Submitted::Refused(vec![Wrong::whole("The network is gone.")]);
            };
            match entry(form, &network) {
                Err(wrong) => return Submitted::Refused(wrong),
                Ok(update) => NetDeed {
                    connection: *host,
                    action: Action::UpdateNetwork,
                    verb: NetVerb::Network(*uuid, NetworkVerb::Update(Box::new(update))),
                    name: network.name,
                    means: Vec::new(),
                },
            }
        }
    };
    if let Some(why) = deeds::refusal(state, deed.connection, deed.action) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    Submitted::Waiting(deeds::send(state, deed, effects))
}
