//! `virtty find`: who has a hardware address, an address, a tap, or is on a network or bridge.

use std::net::IpAddr;

use clap::Args;
use serde::Serialize;

use super::args::Cli;
use super::hosts::{Host, Hosts};
use super::output::{self, Align, Output};
use super::{Error, Exit, Problem};
use crate::libvirt::once::Detail;
use crate::model::{HostNetworks, NicInfo};
use crate::protocol::HostFiles;
use crate::text::{mac_holds, visible};

/// `virtty find`
#[derive(Debug, Args)]
pub struct Find {
    /// A part of a hardware address however it is written, the beginning of an address, or the name of a tap, a network, a bridge
    /// or a device.
    #[arg(value_name = "WORD", allow_hyphen_values = true)]
    word: String,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Something that has what was looked for.
#[derive(Debug, Default, Serialize)]
struct Found {
    connection: String,
    /// The domain whose NIC it is; none for links of the host and for strangers with a lease.
    domain: Option<String>,
    state: Option<&'static str>,
    /// What a stranger calls itself.
    hostname: Option<String>,
    mac: Option<String>,
    /// The tap, or the link itself.
    device: Option<String>,
    network: Option<String>,
    bridge: Option<String>,
    addresses: Vec<IpAddr>,
}

impl Found {
    fn has(&self, wanted: &str) -> bool {
        let is = |name: &Option<String>| {
            name.as_deref()
                .is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        };
        let begins = |address: &IpAddr| {
            let same = wanted
                .parse()
                .is_ok_and(|wanted: IpAddr| wanted == *address);
            let parted = wanted.contains(['.', ':']);
            same || parted && address.to_string().starts_with(wanted)
        };
        is(&self.device)
            || is(&self.network)
            || is(&self.bridge)
            || self.mac.as_deref().is_some_and(|mac| {
                // Of two digits nearly every address has a part.
                wanted.len() >= 4 && mac_holds(mac, wanted)
            })
            || self.addresses.iter().any(begins)
    }
}

/// Finds it.
pub(super) fn run(cli: &Cli, find: &Find, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let wanted = find.word.trim().to_lowercase();
    if wanted.is_empty() {
        return Err(Error::new(Exit::Usage, "an empty word is on everything").into());
    }
    let mut incomplete = hosts.incomplete;
    let mut found = Vec::new();
    for host in &hosts.open {
        match all_of(host) {
            Ok(all) => found.extend(all.into_iter().filter(|one| one.has(&wanted))),
            Err(failure) if hosts.several() => {
                incomplete = true;
                Error::from(failure).print();
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    if find.json {
        output::json(out, &found)?;
    } else {
        print(&found, hosts.several(), out)?;
    }
    if incomplete {
        return Err(Problem::AlreadyTold);
    }
    if found.is_empty() {
        let message = format!("nothing here has '{}'", visible(&find.word));
        return Err(Error::new(Exit::Failed, message).into());
    }
    Ok(())
}

/// Everything of a host that has an address: NICs of domains, strangers with leases, links.
fn all_of(host: &Host) -> Result<Vec<Found>, crate::protocol::Failure> {
    let networks = host.session.networks(HostFiles::OfThisMachine)?;
    let mut all = Vec::new();
    for domain in host.session.list(Detail::States)? {
        let Some(definition) = host.session.definition(domain.id.uuid)? else {
            continue;
        };
        for nic in &definition.nics {
            all.push(Found {
                connection: host.uri.as_str().to_owned(),
                domain: Some(domain.name.clone()),
                state: Some(domain.state.virsh_word()),
                ..of_nic(nic, &networks)
            });
        }
    }
    let leases = networks.networks.iter().flat_map(|network| {
        let leases = network.leases.iter().flatten();
        leases.map(move |lease| (network, lease))
    });
    for (network, lease) in leases {
        if all
            .iter()
            .any(|one| one.mac.is_some() && one.mac == lease.mac)
        {
            continue;
        }
        all.push(Found {
            connection: host.uri.as_str().to_owned(),
            hostname: lease.hostname.clone(),
            mac: lease.mac.clone(),
            network: Some(network.name.clone()),
            bridge: network.definition.bridge.clone(),
            addresses: vec![lease.address],
            ..Found::default()
        });
    }
    for link in &networks.links {
        if all
            .iter()
            .any(|one| one.device.as_ref() == Some(&link.name))
        {
            continue;
        }
        all.push(Found {
            connection: host.uri.as_str().to_owned(),
            mac: link.mac.clone(),
            device: Some(link.name.clone()),
            bridge: link.master.clone(),
            addresses: link.addresses.iter().map(|one| one.address).collect(),
            ..Found::default()
        });
    }
    Ok(all)
}

fn of_nic(nic: &NicInfo, networks: &HostNetworks) -> Found {
    let is_network = nic.kind == "network";
    let network = nic.source.clone().filter(|_| is_network);
    let named = networks
        .networks
        .iter()
        .find(|one| Some(&one.name) == network.as_ref());
    let of_network = named.and_then(|one| one.definition.bridge.clone());
    let leases = networks
        .networks
        .iter()
        .flat_map(|one| one.leases.iter().flatten());
    let leased = leases.filter(|lease| lease.mac.is_some() && lease.mac == nic.mac);
    let mut addresses: Vec<IpAddr> = leased.map(|lease| lease.address).collect();
    let heard = networks.neighbours.iter();
    let heard = heard.filter(|one| Some(&one.mac) == nic.mac.as_ref());
    addresses.extend(heard.map(|one| one.address));
    addresses.sort();
    addresses.dedup();
    Found {
        mac: nic.mac.clone(),
        device: nic.target.clone(),
        bridge: nic
            .bridge
            .clone()
            .or(of_network)
            .or_else(|| nic.source.clone().filter(|_| !is_network)),
        network,
        addresses,
        ..Found::default()
    }
}

fn print(found: &[Found], several: bool, out: &mut Output) -> Result<(), Problem> {
    let dash = |text: Option<&str>| visible(text.unwrap_or("-")).into_owned();
    let on = |one: &Found| match (&one.network, &one.bridge) {
        (Some(network), Some(bridge)) => format!("{network} ({bridge})"),
        (Some(name), None) | (None, Some(name)) => name.clone(),
        (None, None) => "-".to_owned(),
    };
    let rows = found.iter().map(|one| {
        let addresses: Vec<String> = one.addresses.iter().map(ToString::to_string).collect();
        [
            dash(one.domain.as_deref().or(one.hostname.as_deref())),
            dash(one.state),
            dash(one.mac.as_deref()),
            dash(one.device.as_deref()),
            visible(&on(one)).into_owned(),
            addresses.join(" "),
        ]
    });
    let headings = ["DOMAIN", "STATE", "MAC", "DEVICE", "ON", "ADDRESSES"];
    let headings = headings.map(|word| (word, Align::Left));
    if !several {
        return Ok(output::table(out, headings, &rows.collect::<Vec<_>>())?);
    }
    let hosts = found
        .iter()
        .map(|one| visible(&one.connection).into_owned());
    let rows: Vec<[String; 7]> = hosts
        .zip(rows)
        .map(|(host, [a, b, c, d, e, f])| [host, a, b, c, d, e, f])
        .collect();
    let [a, b, c, d, e, f] = headings;
    let headings = [("CONNECTION", Align::Left), a, b, c, d, e, f];
    Ok(output::table(out, headings, &rows)?)
}
