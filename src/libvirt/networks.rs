//! The networks of a host: virtual ones by libvirt, links by the kernel where it is this machine's.

use std::net::IpAddr;
use std::process::{Command, Stdio};

use super::ffi::{Connection, NetworkRecord, Result};
use super::host_facts;
use crate::model::{
    Firewall, HostNetworks, Keeper, KeeperFiles, Link, LinksFrom, Network, NetworkDefinition, Uri,
};
use crate::network::{self, BridgePlan, BridgeWish};

/// Reads everything. What libvirt or the kernel refuses to tell says so in its place; only a connection that is gone is an
/// error.
///
/// # Errors
/// libvirt's own, when the connection is gone.
pub fn read(connection: &Connection, uri: Option<&Uri>) -> Result<HostNetworks> {
    let mut found = HostNetworks::default();
    match connection.networks() {
        Ok(networks) => found.networks = networks.into_iter().map(virtual_network).collect(),
        Err(error) if error.is_of_transport() => return Err(error),
        Err(error) => found.networks_error = Some(error.message),
    }
    found
        .networks
        .sort_by(|one, other| one.name.cmp(&other.name));
    match connection.filters() {
        Ok(filters) => {
            let read = filters
                .into_iter()
                .filter_map(|one| network::filter(one.name, one.uuid, one.xml).ok());
            found.filters = read.collect();
        }
        Err(error) if error.is_of_transport() => return Err(error),
        Err(error) => found.filters_error = Some(error.message),
    }
    found
        .filters
        .sort_by(|one, other| one.name.cmp(&other.name));
    let bindings = connection.filter_bindings().unwrap_or_default();
    found.bindings = bindings
        .iter()
        .filter_map(|xml| network::binding(xml))
        .collect();
    let told: Option<Uri> = connection.uri()?.parse().ok();
    if uri
        .or(told.as_ref())
        .is_some_and(host_facts::is_of_this_machine)
    {
        read_here(&mut found);
    } else {
        read_there(connection, &mut found)?;
    }
    Ok(found)
}

fn virtual_network(record: NetworkRecord) -> Network {
    let xml = record.xml.map_err(|error| error.message);
    let read = xml
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|xml| network::network(xml));
    let (definition, error) = match read {
        Ok(definition) => (definition, None),
        Err(why) => (NetworkDefinition::default(), Some(why)),
    };
    let next = record.next.and_then(|xml| network::network(&xml).ok());
    let settled = NetworkDefinition {
        connections: None,
        ..definition.clone()
    };
    Network {
        uuid: record.uuid,
        name: record.name,
        active: record.active,
        persistent: record.persistent,
        autostart: record.autostart,
        next: next.filter(|next| error.is_none() && *next != settled),
        definition,
        error,
        xml: xml.unwrap_or_default(),
        leases: record.leases.map_err(|error| error.message),
    }
}

/// The links of this machine, by its kernel.
fn read_here(found: &mut HostNetworks) {
    found.links_from = LinksFrom::Kernel;
    match ip(&["-j", "-d", "-s", "addr", "show"]).and_then(|json| network::links(&json)) {
        Ok(links) => found.links = links,
        Err(why) => found.links_error = Some(why),
    }
    for link in &mut found.links {
        link.speed_mbps = speed(link);
    }
    for (family, ipv6) in [("-4", false), ("-6", true)] {
        let routes = ip(&["-j", family, "route", "show"]);
        let read = routes.and_then(|json| network::routes(&json, ipv6));
        found.routes.extend(read.unwrap_or_default());
    }
    let neighbours = ip(&["-j", "neigh", "show"]);
    found.neighbours = neighbours
        .and_then(|json| network::neighbours(&json))
        .unwrap_or_default();
    found.keeper = Some(keeper());
    if matches!(found.keeper, Some(Keeper::Ifupdown { .. })) {
        found.files = files();
    }
    found.firewall = firewall();
    found.change = network::guard::pending();
}

/// The links of another machine, as libvirt's interface driver knows them.
fn read_there(connection: &Connection, found: &mut HostNetworks) -> Result<()> {
    found.links_from = LinksFrom::Libvirt;
    match connection.interfaces() {
        Ok(interfaces) => {
            let mut links: Vec<Link> = Vec::new();
            for (xml, active) in interfaces {
                for link in network::interface(&xml, active).unwrap_or_default() {
                    // A member is told by its bridge, and may be listed by itself too.
                    match links.iter_mut().find(|known| known.name == link.name) {
                        Some(known) => merge(known, link),
                        None => links.push(link),
                    }
                }
            }
            links.sort_by(|one, other| one.name.cmp(&other.name));
            found.links = links;
        }
        Err(error) if error.is_of_transport() => return Err(error),
        Err(error) => found.links_error = Some(error.message),
    }
    Ok(())
}

fn merge(known: &mut Link, other: Link) {
    let master = known.master.take().or_else(|| other.master.clone());
    if known.addresses.is_empty() && known.bridge.is_none() {
        let enabled = known.enabled.or(other.enabled);
        *known = Link { enabled, ..other };
    }
    known.master = master;
}

/// Runs `ip` and gives what it printed.
fn ip(arguments: &[&str]) -> std::result::Result<String, String> {
    run("ip", arguments)
}

/// Runs a program that only reads, without a shell and without a terminal.
fn run(program: &str, arguments: &[&str]) -> std::result::Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program} cannot be run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(format!("{program} failed: {said}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Megabits a second, as the driver of the link says; what has none says so by an error or a negative figure.
fn speed(link: &Link) -> Option<u32> {
    // What no cable limits tells a figure of fancy.
    let has_one = link.physical || matches!(link.kind.as_deref(), Some("bond" | "vlan"));
    if !has_one || link.name.contains('/') {
        return None;
    }
    let text = std::fs::read_to_string(format!("/sys/class/net/{}/speed", link.name)).ok()?;
    let speed = text.trim().parse::<i64>().ok()?;
    u32::try_from(speed).ok().filter(|speed| *speed > 0)
}

/// Who sets the network up: the one that is at work before the one that merely has files.
fn keeper() -> Keeper {
    let exists = |path: &str| std::path::Path::new(path).exists();
    let holds = |folder: &str, ending: &str| {
        std::fs::read_dir(folder).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                let name = entry.file_name();
                name.to_string_lossy().ends_with(ending)
            })
        })
    };
    if holds("/etc/netplan", ".yaml") {
        return Keeper::Netplan;
    }
    if exists("/run/NetworkManager") {
        return Keeper::NetworkManager;
    }
    if exists("/run/systemd/netif/links") && holds("/etc/systemd/network", ".network") {
        return Keeper::Networkd;
    }
    if let Ok(text) = std::fs::read_to_string("/etc/network/interfaces") {
        let mut lines = text.lines().map(str::trim);
        let folder = lines.any(|line| line.starts_with("source") && line.contains("interfaces.d"));
        return Keeper::Ifupdown { folder };
    }
    Keeper::Unknown
}

fn firewall() -> Firewall {
    let flag = |path: &str| {
        let text = std::fs::read_to_string(path).ok()?;
        Some(text.trim() != "0")
    };
    Firewall {
        // Without the module the file is not there, and bridges are not filtered.
        bridge_calls_iptables: Some(
            flag("/proc/sys/net/bridge/bridge-nf-call-iptables").unwrap_or(false),
        ),
        forwards_v4: flag("/proc/sys/net/ipv4/ip_forward"),
        forwards_v6: flag("/proc/sys/net/ipv6/conf/all/forwarding"),
        drops_forwarded: drops_forwarded(),
    }
}

/// Whether the firewall drops what it forwards by default. Only what is there is asked: a program that lists the rules of a
/// firewall nobody has would load it.
fn drops_forwarded() -> Option<bool> {
    let tables = std::fs::read_to_string("/proc/net/ip_tables_names").unwrap_or_default();
    if tables.lines().any(|table| table == "filter") {
        let rules = run("iptables-legacy", &["-w", "1", "-S", "FORWARD"])
            .or_else(|_| run("iptables", &["-w", "1", "-S", "FORWARD"]))
            .ok()?;
        let policy = rules
            .lines()
            .find_map(|line| line.strip_prefix("-P FORWARD "))?;
        return Some(policy.trim() != "ACCEPT");
    }
    if !std::path::Path::new("/sys/module/nf_tables").exists() {
        return None;
    }
    network::drops_forwarded(&run("nft", &["-j", "list", "chains"]).ok()?)
}

/// ifupdown's files, and whether it knows the options of bridges.
fn files() -> KeeperFiles {
    let mut interfaces = Vec::new();
    let folder = format!("{}.d", network::INTERFACES);
    let mut paths = vec![network::INTERFACES.to_owned()];
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut more: Vec<String> = entries
        .filter_map(|entry| entry.path().to_str().map(str::to_owned))
        .collect();
    more.sort();
    paths.append(&mut more);
    for path in paths {
        if let Ok(text) = std::fs::read_to_string(&path) {
            interfaces.push((path, text));
        }
    }
    let knows_bridges = std::path::Path::new("/etc/network/if-pre-up.d/bridge").exists();
    KeeperFiles {
        interfaces,
        knows_bridges,
    }
}

/// What a change of a bridge would do, or why it cannot be done.
///
/// # Errors
/// As [`read`].
pub fn plan(
    connection: &Connection,
    uri: Option<&Uri>,
    wish: &BridgeWish,
    ssh: Option<IpAddr>,
) -> Result<(HostNetworks, std::result::Result<BridgePlan, String>)> {
    let found = read(connection, uri)?;
    let plan = network::bridge_plan(wish, &found, &found.files, ssh);
    Ok((found, plan))
}
