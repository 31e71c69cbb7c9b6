//! virsh's commands on networks, network filters and interfaces, without a screen: `virtty net-start default`.

use std::io::Write as _;
use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;

use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::{self, Align, Output};
use super::show::print_xml;
use super::{Error, Exit, Problem};
use crate::config;
use crate::model::{HostNetworks, Lease, Link, LinksFrom, Network, NwFilter, Uuid};
use crate::network::{BridgePlan, BridgeWish, guard};
use crate::ports::Here;
use crate::protocol::{NetVerb, NetworkVerb};
use crate::record::{self, Entry};
use crate::text::{shell_quote, visible};
use crate::virsh::{self, Given};

/// Whether a command is one of these.
pub(super) fn is_one(name: &str) -> bool {
    ["net-", "nwfilter-", "iface-"]
        .iter()
        .any(|begin| name.starts_with(begin))
}

/// Whether a command wants `--yes`: none of these loses what nothing brings back, but a network that guests are on.
pub(super) fn run(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    match given.command.name {
        "net-list" => list(hosts, given, out),
        "net-info" | "net-dumpxml" | "net-dhcp-leases" | "net-uuid" | "net-name" => {
            let (host, network) = network(hosts, given)?;
            read(host, &network, given, out)
        }
        "net-define" | "net-create" | "nwfilter-define" => define(only(hosts)?, given, out),
        "nwfilter-list" => filters(hosts, given, out),
        "nwfilter-dumpxml" | "nwfilter-undefine" => filter(hosts, given, out),
        "nwfilter-binding-list" => bindings(only(hosts)?, out),
        "iface-list" => links(hosts, given, out),
        "iface-dumpxml" => {
            let name = given.subject().unwrap_or_default();
            print_xml(&only(hosts)?.session.interface_xml(name)?, out)
        }
        "iface-start" | "iface-destroy" => {
            let name = given.subject().unwrap_or_default().to_owned();
            let on = given.command.name == "iface-start";
            let said = match on {
                true => format!("{} is started.", visible(&name)),
                false => format!("{} is stopped.", visible(&name)),
            };
            let verb = NetVerb::SwitchInterface(name.clone(), on);
            act(only(hosts)?, &verb, Some(given), &name, None)?;
            Ok(writeln!(out, "{said}")?)
        }
        "iface-begin" => interfaces(only(hosts)?, &NetVerb::BeginInterfaces, given, out),
        "iface-commit" | "iface-rollback" => decide(only(hosts)?, given, out),
        "iface-bridge" | "iface-unbridge" | "iface-attach" | "iface-detach" => {
            bridge(only(hosts)?, given, out)
        }
        _ => {
            let (host, network) = network(hosts, given)?;
            change(host, &network, given, out)
        }
    }
}

fn usage(message: impl Into<String>) -> Error {
    Error::new(Exit::Usage, message)
}

/// The only host of a command that names nothing that could tell several apart.
fn only(hosts: &Hosts) -> Result<&Host, Error> {
    match hosts.open.as_slice() {
        [one] => Ok(one),
        _ => Err(usage("name one host with -c: several are open")),
    }
}

fn found<'a>(networks: &'a HostNetworks, word: &str) -> Option<&'a Network> {
    let by_name = || networks.networks.iter().find(|one| one.name == word);
    let by_uuid = || {
        let uuid: Uuid = word.parse().ok()?;
        networks.networks.iter().find(|one| one.uuid == uuid)
    };
    by_name().or_else(by_uuid)
}

/// The network that a command names, on the only host that has it.
fn network<'a>(hosts: &'a Hosts, given: &Given) -> Result<(&'a Host, Network), Error> {
    let word = given.subject().unwrap_or_default();
    let mut all = Vec::new();
    let mut names = Vec::new();
    for host in &hosts.open {
        let networks = host.session.networks()?;
        if let Some(why) = networks
            .networks_error
            .as_ref()
            .filter(|_| !hosts.several())
        {
            return Err(Error::new(
                Exit::Failed,
                format!("list the networks: {why}"),
            ));
        }
        if let Some(network) = found(&networks, word) {
            all.push((host, network.clone()));
        }
        names.extend(networks.networks.into_iter().map(|one| one.name));
    }
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => {
            let meant = crate::text::nearest(word, names.iter().map(String::as_str));
            let meant = meant.map_or_else(String::new, |name| format!(" (did you mean {name}?)"));
            Err(Error::new(
                Exit::Failed,
                format!("there is no network '{word}'{meant}; 'virtty net-list --all' shows all"),
            ))
        }
        _ => Err(usage(format!(
            "'{word}' is a network of several hosts: name one with -c"
        ))),
    }
}

fn yes(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

fn state(network: &Network) -> String {
    if network.active { "active" } else { "inactive" }.to_owned()
}

#[derive(Serialize)]
struct NetworkJson<'a> {
    connection: &'a str,
    name: &'a str,
    uuid: String,
    active: bool,
    persistent: bool,
    autostart: Option<bool>,
    forward: Option<&'a str>,
    bridge: Option<&'a str>,
    subnets: Vec<SubnetJson>,
}

#[derive(Serialize)]
struct SubnetJson {
    network: String,
    address: IpAddr,
    prefix: u32,
    dhcp: bool,
    ranges: Vec<[IpAddr; 2]>,
}

#[derive(Serialize)]
struct LeaseJson<'a> {
    network: &'a str,
    mac: Option<&'a str>,
    address: IpAddr,
    prefix: u32,
    hostname: Option<&'a str>,
    client_id: Option<&'a str>,
    expires: Option<String>,
}

fn list(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let mut rows = Vec::new();
    for host in &hosts.open {
        let networks = host.session.networks()?;
        if let Some(why) = &networks.networks_error {
            complain(&format!("{}: {why}", host.uri));
        }
        rows.extend(networks.networks.into_iter().map(|network| (host, network)));
    }
    let wanted = |network: &Network| match (given.has("all"), given.has("inactive")) {
        (true, _) => true,
        (false, inactive) => network.active != inactive,
    };
    rows.retain(|(_, network)| given.has("json") || wanted(network));
    if given.has("name") {
        for (_, network) in &rows {
            writeln!(out, "{}", visible(&network.name))?;
        }
        return Ok(());
    }
    if given.has("json") {
        let all: Vec<_> = rows
            .iter()
            .map(|(host, network)| NetworkJson {
                connection: host.uri.as_str(),
                name: &network.name,
                uuid: network.uuid.to_string(),
                active: network.active,
                persistent: network.persistent,
                autostart: network.autostart,
                forward: network.definition.forward.as_deref(),
                bridge: network.definition.bridge.as_deref(),
                subnets: network
                    .definition
                    .subnets
                    .iter()
                    .map(|subnet| SubnetJson {
                        network: subnet.cidr(),
                        address: subnet.address,
                        prefix: subnet.prefix,
                        dhcp: subnet.dhcp,
                        ranges: subnet
                            .ranges
                            .iter()
                            .map(|(from, to)| [*from, *to])
                            .collect(),
                    })
                    .collect(),
            })
            .collect();
        return Ok(output::json(out, &all)?);
    }
    let rows: Vec<[String; 6]> = rows
        .iter()
        .map(|(_, network)| {
            [
                visible(&network.name).into_owned(),
                state(network),
                network.autostart.map_or_else(|| "-".to_owned(), yes),
                yes(network.persistent),
                visible(network.definition.bridge.as_deref().unwrap_or("-")).into_owned(),
                network.mode().to_owned(),
            ]
        })
        .collect();
    let headings = ["NAME", "STATE", "AUTOSTART", "PERSISTENT", "BRIDGE", "MODE"];
    Ok(output::table(
        out,
        headings.map(|word| (word, Align::Left)),
        &rows,
    )?)
}

fn read(host: &Host, network: &Network, given: &Given, out: &mut Output) -> Result<(), Problem> {
    match given.command.name {
        "net-uuid" => writeln!(out, "{}", network.uuid)?,
        "net-name" => writeln!(out, "{}", visible(&network.name))?,
        "net-dumpxml" => {
            let xml = host
                .session
                .network_xml(network.uuid, given.has("inactive"))?;
            print_xml(&xml, out)?;
        }
        "net-dhcp-leases" => leases(network, given, out)?,
        _ => {
            let mut line =
                |label: &str, words: String| writeln!(out, "{label:16}{}", visible(&words));
            line("Name:", network.name.clone())?;
            line("UUID:", network.uuid.to_string())?;
            line("Active:", yes(network.active))?;
            line("Persistent:", yes(network.persistent))?;
            line(
                "Autostart:",
                network.autostart.map_or_else(|| "-".to_owned(), yes),
            )?;
            line(
                "Bridge:",
                network
                    .definition
                    .bridge
                    .clone()
                    .unwrap_or_else(|| "-".to_owned()),
            )?;
            line("Mode:", network.mode().to_owned())?;
            for subnet in &network.definition.subnets {
                line("Subnet:", subnet.cidr())?;
            }
        }
    }
    Ok(())
}

fn leases(network: &Network, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let leases = network.leases.as_ref().map_err(|why| {
        Error::new(
            Exit::Failed,
            format!("read the leases of '{}': {why}", network.name),
        )
    })?;
    let mac = given.value("mac").map(str::to_ascii_lowercase);
    let wanted = |lease: &&Lease| mac.is_none() || lease.mac == mac;
    let expires = |lease: &Lease| {
        lease.expires.map(|at| {
            let at: chrono::DateTime<chrono::Utc> = at.into();
            at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        })
    };
    if given.has("json") {
        let all: Vec<_> = leases
            .iter()
            .filter(wanted)
            .map(|lease| LeaseJson {
                network: &network.name,
                mac: lease.mac.as_deref(),
                address: lease.address,
                prefix: lease.prefix,
                hostname: lease.hostname.as_deref(),
                client_id: lease.client_id.as_deref(),
                expires: expires(lease),
            })
            .collect();
        return Ok(output::json(out, &all)?);
    }
    let words = |text: Option<&str>| visible(text.unwrap_or("-")).into_owned();
    let rows: Vec<[String; 5]> = leases
        .iter()
        .filter(wanted)
        .map(|lease| {
            [
                expires(lease).unwrap_or_else(|| "-".to_owned()),
                words(lease.mac.as_deref()),
                format!("{}/{}", lease.address, lease.prefix),
                words(lease.hostname.as_deref()),
                words(lease.client_id.as_deref()),
            ]
        })
        .collect();
    let headings = ["EXPIRES", "MAC", "ADDRESS", "HOSTNAME", "CLIENT ID"];
    Ok(output::table(
        out,
        headings.map(|word| (word, Align::Left)),
        &rows,
    )?)
}

/// Does something and puts it on record.
fn act(
    host: &Host,
    verb: &NetVerb,
    given: Option<&Given>,
    name: &str,
    uuid: Option<Uuid>,
) -> Result<(), Problem> {
    let begun = (SystemTime::now(), Instant::now());
    let result = host.session.act_on_networks(verb);
    let line = given.map_or_else(String::new, |given| {
        let mut given = given.clone();
        given.host = Some(host.uri.as_str().to_owned());
        format!("virsh {}", given.line())
    });
    let failure = result.as_ref().err().map(|failure| failure.reason.clone());
    keep(host, line, name, uuid, begun, failure);
    Ok(result?)
}

/// Puts what was done to a network on record, as [`super::virsh`] does for domains.
fn keep(
    host: &Host,
    line: String,
    name: &str,
    uuid: Option<Uuid>,
    begun: (SystemTime, Instant),
    failure: Option<String>,
) {
    let Some(folder) = config::state_dir() else {
        return;
    };
    let entry = Entry {
        time: begun.0,
        connection: host.uri.as_str().to_owned(),
        domain: name.to_owned(),
        uuid: uuid.map(|uuid| uuid.to_string()).unwrap_or_default(),
        line,
        took: begun.1.elapsed(),
        failure,
    };
    if let Err(error) = record::append(&folder, &entry) {
        complain(&format!("the record of actions: {error}"));
    }
}

fn change(host: &Host, network: &Network, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let verb = virsh::network_verb(given).map_err(|error| usage(error.to_string()))?;
    let Some(mut verb) = verb else {
        return Err(usage(format!("{} is not possible here", given.command.name)).into());
    };
    if let NetworkVerb::Update(update) = &mut verb
        && !update.xml.trim_start().starts_with('<')
    {
        // As virsh reads it: what is no XML is a file with it.
        update.xml = text_of(&update.xml)?;
    }
    let said = done(&verb, &network.name);
    let verb = NetVerb::Network(network.uuid, verb);
    act(host, &verb, Some(given), &network.name, Some(network.uuid))?;
    Ok(writeln!(out, "{said}")?)
}

/// A sentence for a verb of a network that libvirt has accepted.
fn done(verb: &NetworkVerb, name: &str) -> String {
    let name = visible(name);
    match verb {
        NetworkVerb::Start => format!("Network {name} is started."),
        NetworkVerb::Stop => format!("Network {name} is stopped."),
        NetworkVerb::SetAutostart(true) => format!("Network {name} starts with its host."),
        NetworkVerb::SetAutostart(false) => format!("Network {name} does not start with its host."),
        NetworkVerb::Undefine => format!("The definition of network {name} is deleted."),
        NetworkVerb::Update(_) => format!("Network {name} is changed."),
    }
}

fn text_of(path: &str) -> Result<String, Error> {
    std::fs::read_to_string(path)
        .map_err(|error| Error::new(Exit::Failed, format!("{path}: {error}")))
}

fn define(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let path = given.value("file").unwrap_or_default();
    let xml = text_of(path)?;
    let (verb, said) = match given.command.name {
        "net-define" => (
            NetVerb::DefineNetwork {
                xml,
                start: given.has("start"),
                autostart: given.has("autostart"),
            },
            format!("The network of {} is defined.", visible(path)),
        ),
        "net-create" => (
            NetVerb::CreateNetwork(xml),
            format!(
                "The network of {} is started; it is gone when it is stopped.",
                visible(path)
            ),
        ),
        _ => (
            NetVerb::DefineFilter(xml),
            format!("The filter of {} is defined.", visible(path)),
        ),
    };
    act(host, &verb, Some(given), path, None)?;
    Ok(writeln!(out, "{said}")?)
}

#[derive(Serialize)]
struct FilterJson<'a> {
    connection: &'a str,
    name: &'a str,
    uuid: String,
    chain: Option<&'a str>,
    rules: usize,
    references: &'a [String],
    ports: Vec<&'a str>,
}

fn filters(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let mut all = Vec::new();
    for host in &hosts.open {
        let networks = host.session.networks()?;
        if let Some(why) = &networks.filters_error {
            complain(&format!("{}: {why}", host.uri));
        }
        all.push((host, networks));
    }
    let rows = || {
        let each = all.iter();
        each.flat_map(|(host, networks)| {
            networks
                .filters
                .iter()
                .map(move |one| (host, networks, one))
        })
    };
    if given.has("json") {
        let list: Vec<_> = rows()
            .map(|(host, networks, filter)| FilterJson {
                connection: host.uri.as_str(),
                name: &filter.name,
                uuid: filter.uuid.to_string(),
                chain: filter.chain.as_deref(),
                rules: filter.rules,
                references: &filter.references,
                ports: networks
                    .bindings
                    .iter()
                    .filter(|one| one.filter == filter.name)
                    .map(|one| one.port.as_str())
                    .collect(),
            })
            .collect();
        return Ok(output::json(out, &list)?);
    }
    let rows: Vec<[String; 2]> = rows()
        .map(|(_, _, filter)| [filter.uuid.to_string(), visible(&filter.name).into_owned()])
        .collect();
    let headings = [("UUID", Align::Left), ("NAME", Align::Left)];
    Ok(output::table(out, headings, &rows)?)
}

fn filter(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let host = only(hosts)?;
    let word = given.subject().unwrap_or_default();
    let networks = host.session.networks()?;
    let named = |one: &&NwFilter| one.name == word || one.uuid.to_string() == word;
    let Some(filter) = networks.filters.iter().find(named) else {
        let why = networks.filters_error.as_deref();
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        return Err(Error::new(
            Exit::Failed,
            format!("there is no network filter '{word}'{why}"),
        )
        .into());
    };
    if given.command.name == "nwfilter-dumpxml" {
        return print_xml(&filter.xml, out);
    }
    let verb = NetVerb::UndefineFilter(filter.uuid);
    act(host, &verb, Some(given), &filter.name, Some(filter.uuid))?;
    let name = visible(&filter.name);
    Ok(writeln!(out, "Filter {name} is deleted.")?)
}

fn bindings(host: &Host, out: &mut Output) -> Result<(), Problem> {
    let networks = host.session.networks()?;
    let rows: Vec<[String; 2]> = networks
        .bindings
        .iter()
        .map(|one| {
            [
                visible(&one.port).into_owned(),
                visible(&one.filter).into_owned(),
            ]
        })
        .collect();
    let headings = [("PORT", Align::Left), ("FILTER", Align::Left)];
    Ok(output::table(out, headings, &rows)?)
}

#[derive(Serialize)]
struct LinkJson<'a> {
    connection: &'a str,
    name: &'a str,
    kind: Option<&'a str>,
    master: Option<&'a str>,
    mac: Option<&'a str>,
    mtu: Option<u32>,
    enabled: Option<bool>,
    carrier: Option<bool>,
    port_state: Option<&'a str>,
    speed_mbps: Option<u32>,
    addresses: Vec<String>,
    stp: Option<bool>,
    bridge_id: Option<&'a str>,
    rx_dropped: Option<u64>,
    tx_dropped: Option<u64>,
}

fn links(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let mut all = Vec::new();
    for host in &hosts.open {
        let networks = host.session.networks()?;
        if let Some(why) = &networks.links_error {
            complain(&format!("{}: {why}", host.uri));
        }
        all.push((host, networks));
    }
    let wanted =
        |link: &&Link| given.has("all") || given.has("json") || link.enabled != Some(false);
    let rows = || {
        let each = all.iter();
        each.flat_map(|(host, networks)| {
            let links = networks.links.iter().filter(wanted);
            links.map(move |link| (host, link))
        })
    };
    let addresses = |link: &Link| -> Vec<String> {
        let each = link.addresses.iter();
        each.map(|one| format!("{}/{}", one.address, one.prefix))
            .collect()
    };
    if given.has("json") {
        let list: Vec<_> = rows()
            .map(|(host, link)| LinkJson {
                connection: host.uri.as_str(),
                name: &link.name,
                kind: link.kind.as_deref(),
                master: link.master.as_deref(),
                mac: link.mac.as_deref(),
                mtu: link.mtu,
                enabled: link.enabled,
                carrier: link.carrier,
                port_state: link.port_state.as_deref(),
                speed_mbps: link.speed_mbps,
                addresses: addresses(link),
                stp: link.bridge.as_ref().and_then(|bridge| bridge.stp),
                bridge_id: link.bridge.as_ref().and_then(|bridge| bridge.id.as_deref()),
                rx_dropped: link.counters.map(|counters| counters.rx_dropped),
                tx_dropped: link.counters.map(|counters| counters.tx_dropped),
            })
            .collect();
        return Ok(output::json(out, &list)?);
    }
    let dash = |text: Option<&str>| visible(text.unwrap_or("-")).into_owned();
    let rows: Vec<[String; 6]> = rows()
        .map(|(_, link)| {
            let up = match (link.enabled, link.carrier) {
                (Some(false), _) => "off",
                (_, Some(false)) => "no carrier",
                (Some(true), _) | (None, Some(true)) => "up",
                (None, None) => "-",
            };
            [
                dash(Some(&link.name)),
                dash(link.kind.as_deref()),
                up.to_owned(),
                dash(link.master.as_deref()),
                dash(link.mac.as_deref()),
                addresses(link).join(" "),
            ]
        })
        .collect();
    let headings = ["NAME", "KIND", "STATE", "IN", "MAC", "ADDRESSES"];
    Ok(output::table(
        out,
        headings.map(|word| (word, Align::Left)),
        &rows,
    )?)
}

fn interfaces(host: &Host, verb: &NetVerb, given: &Given, out: &mut Output) -> Result<(), Problem> {
    act(host, verb, Some(given), "", None)?;
    let said = match verb {
        NetVerb::BeginInterfaces => "The interfaces are remembered as they are.",
        NetVerb::CommitInterfaces => "The interfaces stay as they are.",
        _ => "The interfaces are as they were.",
    };
    Ok(writeln!(out, "{said}")?)
}

/// Keeps a change or takes it back: one of a bridge that was made here, else libvirt's own.
fn decide(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let keeps = given.command.name == "iface-commit";
    let networks = host.session.networks()?;
    if networks.links_from == LinksFrom::Kernel && networks.change.is_some() {
        let begun = (SystemTime::now(), Instant::now());
        let result = guard::decide(keeps);
        let line = format!("virtty {}", given.command.name);
        let failure = result.as_ref().err().cloned();
        keep(host, line, "", None, begun, failure);
        let said = result.map_err(|why| Error::new(Exit::Failed, why))?;
        return Ok(writeln!(out, "{}", visible(&said))?);
    }
    let verb = match keeps {
        true => NetVerb::CommitInterfaces,
        false => NetVerb::RollbackInterfaces,
    };
    interfaces(host, &verb, given, out)
}

/// Shows what a change of a bridge would do, and does it with `--apply`.
fn bridge(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let wish = wish(given)?;
    let here = Here {
        ssh_connection: std::env::var("SSH_CONNECTION").ok(),
        ..Here::default()
    };
    let ssh = here.ssh_server().map(|(address, _)| address);
    let (networks, plan) = host.session.bridge_plan(&wish, ssh)?;
    let plan = plan.map_err(|why| Error::new(Exit::Failed, why))?;
    if !given.has("apply") {
        preview(&plan, out)?;
        if networks.links_from != LinksFrom::Kernel {
            writeln!(
                out,
                "# These are for the host of {}; run virtty there to have it done.",
                host.uri
            )?;
        }
        return Ok(());
    }
    if networks.links_from != LinksFrom::Kernel {
        return Err(Error::new(
            Exit::Failed,
            "a bridge is changed by virtty only where it runs on the host itself: without --apply the commands are shown",
        )
        .into());
    }
    let patience = match given
        .count("within")
        .map_err(|error| usage(error.to_string()))?
    {
        None => guard::PATIENCE,
        Some(seconds @ 1..=3600) => Duration::from_secs(seconds.into()),
        Some(_) => return Err(usage("--within takes 1 to 3600 seconds").into()),
    };
    let begun = (SystemTime::now(), Instant::now());
    let result = guard::apply(&plan, patience);
    let line = format!("virtty {}", given.line());
    keep(host, line, "", None, begun, result.as_ref().err().cloned());
    result.map_err(|why| Error::new(Exit::Failed, why))?;
    for remark in &plan.remarks {
        complain(remark);
    }
    writeln!(
        out,
        "{}: done. Within {} s keep it by virtty iface-commit, or it is taken back.",
        visible(&plan.title),
        patience.as_secs()
    )?;
    Ok(())
}

fn wish(given: &Given) -> Result<BridgeWish, Error> {
    let value = |name: &str| given.value(name).unwrap_or_default().to_owned();
    Ok(match given.command.name {
        "iface-bridge" => {
            let stp = !given.has("no-stp");
            let delay = given
                .count("delay")
                .map_err(|error| usage(error.to_string()))?;
            BridgeWish::Make {
                bridge: value("bridge"),
                member: Some(value("interface")).filter(|name| name != "none"),
                stp,
                // The least that the spanning tree allows.
                delay_seconds: delay.unwrap_or(if stp { 2 } else { 0 }),
            }
        }
        "iface-unbridge" => BridgeWish::Remove {
            bridge: value("bridge"),
        },
        "iface-attach" => BridgeWish::Add {
            bridge: value("bridge"),
            member: value("interface"),
        },
        _ => BridgeWish::TakeOut {
            bridge: value("bridge"),
            member: value("interface"),
        },
    })
}

fn preview(plan: &BridgePlan, out: &mut Output) -> Result<(), Problem> {
    let line = |words: &[String]| -> String {
        let each: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
        each.join(" ")
    };
    writeln!(out, "# {}", visible(&plan.title))?;
    for remark in &plan.remarks {
        writeln!(out, "# {}", visible(remark))?;
    }
    for command in &plan.commands {
        writeln!(out, "{}", visible(&line(command)))?;
    }
    writeln!(out, "\n# Taken back by:")?;
    for command in &plan.back {
        writeln!(out, "#   {}", visible(&line(command)))?;
    }
    let next = &plan.next_start;
    if let Some(note) = &next.note {
        writeln!(out, "\n# {}", visible(note))?;
    }
    if let Some(file) = &next.file {
        writeln!(
            out,
            "\n# For the next start ({}), written when it is kept: {}",
            next.keeper,
            visible(&file.path)
        )?;
        for line in file.after.lines() {
            writeln!(out, "#   {}", visible(line))?;
        }
    }
    for (what, text) in &next.by_hand {
        writeln!(out, "\n# {}:", visible(what))?;
        for line in text.lines() {
            writeln!(out, "{}", visible(line))?;
        }
    }
    Ok(())
}
