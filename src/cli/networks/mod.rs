//! virsh's commands on networks, network filters and interfaces, without a screen: `virtty net-start default`.

mod filters;
mod links;

use std::io::Write as _;
use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use serde::Serialize;

use crate::cli::failure::complain;
use crate::cli::hosts::{Host, Hosts};
use crate::cli::output::{self, Align, Output};
use crate::cli::show::print_xml;
use crate::cli::{Error, Exit, Problem};
use filters::{bindings, filter, filters};
use links::{bridge, decide, interfaces, links};

use crate::config;
use crate::model::{HostNetworks, Lease, Network, Uuid};
use crate::protocol::{HostFiles, NetVerb, NetworkVerb};
use crate::record::{self, Entry};
use crate::text::visible;
use crate::virsh::{self, Given};

/// Whether a command is one of these.
pub(super) fn is_one(name: &str) -> bool {
    ["net-", "nwfilter-", "iface-"]
        .iter()
        .any(|begin| name.starts_with(begin))
}

/// Does a command.
pub(super) fn run(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    match given.command.name {
        "net-list" => list(hosts, given, out),
        "net-info" | "net-dumpxml" | "net-dhcp-leases" | "net-uuid" | "net-name" => {
            let (host, network) = network(hosts, given)?;
            read(host, &network, given, out)
        }
        "net-define" | "net-create" | "nwfilter-define" | "iface-define" => {
            define(only(hosts)?, given, out)
        }
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
        "iface-undefine" => {
            let name = given.subject().unwrap_or_default().to_owned();
            let said = format!("The definition of {} is deleted.", visible(&name));
            let verb = NetVerb::UndefineInterface(name.clone());
            act(only(hosts)?, &verb, Some(given), &name, None)?;
            Ok(writeln!(out, "{said}")?)
        }
        "iface-begin" => interfaces(only(hosts)?, &NetVerb::BeginInterfaces, given, out),
        "iface-commit" | "iface-rollback" => decide(only(hosts)?, given, out),
        "iface-bridge" | "iface-unbridge" | "iface-attach" | "iface-detach" => {
            bridge(only(hosts)?, files(hosts), given, out)
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

/// Which files of hosts may be read, by the settings.
fn files(hosts: &Hosts) -> HostFiles {
    match hosts.host_settings.files_over_ssh {
        true => HostFiles::OverSsh,
        false => HostFiles::OfThisMachine,
    }
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
        let networks = host.session.networks(HostFiles::OfThisMachine)?;
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
        let networks = host.session.networks(HostFiles::OfThisMachine)?;
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

/// Puts what was done to a network on record, as `cli/virsh.rs` does for domains.
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
        "iface-define" => (
            NetVerb::DefineInterface(xml),
            format!(
                "The interface of {} is defined; iface-start starts it.",
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
