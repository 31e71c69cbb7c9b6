//! Commands that print one thing about a domain or a host, as virsh does.

use std::collections::HashMap;
use std::io::Write as _;
use std::time::Duration;

use super::hosts::Host;
use super::output::{self, Align, Output};
use super::{Error, Exit, Problem};
use crate::libvirt::once::Detail;
use crate::model::{AddressSource, Domain, EndpointKind};
use crate::protocol::XmlKind;
use crate::text::{self, visible};
use crate::virsh::Given;

/// Names of these commands.
pub(super) const NAMES: &[&str] = &[
    "domstate",
    "domid",
    "domuuid",
    "domname",
    "domiflist",
    "domifaddr",
    "domstats",
    "domcontrol",
    "vcpucount",
    "vcpuinfo",
    "dommemstat",
    "domblkstat",
    "domifstat",
    "ttyconsole",
    "dumpxml",
];

/// Does one.
pub(super) fn run(
    host: &Host,
    domain: &Domain,
    given: &Given,
    out: &mut Output,
) -> Result<(), Problem> {
    let gone = || Error::new(Exit::NoDomain, format!("domain '{}' is gone", domain.name));
    let uuid = domain.id.uuid;
    match given.command.name {
        "domstate" => {
            let rows = host.session.list(Detail::States)?;
            let now = rows
                .iter()
                .find(|row| row.id.uuid == uuid)
                .ok_or_else(gone)?;
            match now
                .reason
                .virsh_word(now.state)
                .filter(|_| given.has("reason"))
            {
                Some(reason) => writeln!(out, "{} ({reason})", now.state.virsh_word())?,
                None => writeln!(out, "{}", now.state.virsh_word())?,
            }
        }
        "domid" => match domain.runtime_id {
            Some(id) => writeln!(out, "{id}")?,
            None => writeln!(out, "-")?,
        },
        "domuuid" => writeln!(out, "{uuid}")?,
        "domname" => writeln!(out, "{}", visible(&domain.name))?,
        "dumpxml" => {
            let kind = if given.has("inactive") {
                XmlKind::Inactive
            } else {
                XmlKind::Live
            };
            let xml = host.session.xml(uuid, kind)?.ok_or_else(gone)?;
            super::show::print_xml(&xml, out)?;
        }
        "domifaddr" => addresses(host, domain, given, out)?,
        "domstats" => {
            writeln!(out, "Domain: '{}'", visible(&domain.name))?;
            for (name, value) in host.session.all_stats(uuid)? {
                writeln!(out, "  {}={}", visible(&name), visible(&value))?;
            }
        }
        "vcpuinfo" => {
            check_runs(domain)?;
            vcpus(host, domain, out)?;
        }
        "dommemstat" => {
            check_runs(domain)?;
            for (name, value) in host.session.all_stats(uuid)? {
                if let Some(name) = name.strip_prefix("balloon.") {
                    writeln!(out, "{} {}", visible(name), visible(&value))?;
                }
            }
        }
        "domblkstat" | "domifstat" => {
            check_runs(domain)?;
            device(host, domain, given, out)?;
        }
        "domcontrol" => {
            check_runs(domain)?;
            writeln!(out, "{}", host.session.control(uuid)?)?;
        }
        "vcpucount" => {
            let counts = host.session.vcpu_counts(uuid)?;
            for (what, of, count) in [
                ("maximum", "config", counts.maximum_config),
                ("maximum", "live", counts.maximum_live),
                ("current", "config", counts.config),
                ("current", "live", counts.live),
            ] {
                if let Some(count) = count {
                    writeln!(out, "{what:<12} {of:<12} {count:>3}")?;
                }
            }
        }
        "ttyconsole" => {
            check_runs(domain)?;
            let definition = host.session.definition(uuid)?.ok_or_else(gone)?;
            let mut lines = definition.endpoints.iter();
            let device = lines.find_map(|one| {
                let path = one.socket.as_deref()?;
                (one.kind == EndpointKind::Serial && path.starts_with("/dev/")).then_some(path)
            });
            let Some(device) = device else {
                let text = format!(
                    "domain '{}' has no console on a terminal device",
                    domain.name
                );
                return Err(Error::new(Exit::Failed, text).into());
            };
            writeln!(out, "{}", visible(device))?;
        }
        _ => {
            let definition = host.session.definition(uuid)?.ok_or_else(gone)?;
            for nic in &definition.nics {
                writeln!(
                    out,
                    "{:8} {:8} {:12} {}",
                    visible(nic.target.as_deref().unwrap_or("-")),
                    visible(&nic.kind),
                    visible(nic.source.as_deref().unwrap_or("-")),
                    visible(nic.mac.as_deref().unwrap_or("-")),
                )?;
            }
        }
    }
    Ok(())
}

fn check_runs(domain: &Domain) -> Result<(), Error> {
    if domain.state.is_active() {
        return Ok(());
    }
    let state = domain.state.virsh_word();
    let message = format!("domain '{}' is not running ({state})", domain.name);
    Err(Error::new(Exit::NotRunning, message))
}

/// Where virtual CPUs run, and for how long they did.
fn vcpus(host: &Host, domain: &Domain, out: &mut Output) -> Result<(), Problem> {
    let uuid = domain.id.uuid;
    let stats: HashMap<String, String> = host.session.all_stats(uuid)?.into_iter().collect();
    let live = host.session.vcpu_counts(uuid)?.maximum_live;
    for (index, (vcpu, cpu)) in (0..).zip(host.session.placed(uuid, live.unwrap_or(0))?) {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{:<15} {vcpu}", "VCPU:")?;
        writeln!(out, "{:<15} {cpu}", "CPU:")?;
        let time = stats.get(&format!("vcpu.{vcpu}.time"));
        if let Some(time) = time.and_then(|time| time.parse::<u64>().ok()) {
            let seconds = Duration::from_nanos(time).as_secs_f64();
            writeln!(out, "{:<15} {seconds:.1}s", "CPU time:")?;
        }
    }
    Ok(())
}

/// The counters of one disk or network interface, each line with its name, as virsh prints them.
fn device(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let wanted = given.value("device").unwrap_or_default();
    let group = match given.command.name {
        "domblkstat" => "block",
        _ => "net",
    };
    let stats = host.session.all_stats(domain.id.uuid)?;
    let place = stats.iter().find_map(|(name, value)| {
        let number = name.strip_prefix(group)?.strip_prefix('.')?;
        let number = number.strip_suffix(".name")?;
        (value == wanted).then(|| format!("{group}.{number}."))
    });
    let Some(place) = place else {
        let text = format!("domain '{}' has no device '{wanted}'", domain.name);
        return Err(Error::new(Exit::Failed, text).into());
    };
    for (name, value) in &stats {
        let name = name.strip_prefix(&place);
        if let Some(name) = name.filter(|name| !["name", "path"].contains(name)) {
            let name = name.replace('.', "_");
            writeln!(out, "{wanted} {} {}", visible(&name), visible(value))?;
        }
    }
    Ok(())
}

/// Prints one thing about a host.
pub(super) fn of_host(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let session = &host.session;
    match given.command.name {
        "nodeinfo" => {
            let node = session.node()?;
            let rows = [
                ("CPU model:", visible(&node.model).into_owned()),
                ("CPU(s):", node.cpus.to_string()),
                ("CPU frequency:", format!("{} MHz", node.mhz)),
                ("CPU socket(s):", node.sockets.to_string()),
                ("Core(s) per socket:", node.cores.to_string()),
                ("Thread(s) per core:", node.threads.to_string()),
                ("NUMA cell(s):", node.nodes.to_string()),
                ("Memory size:", format!("{} KiB", node.memory_kib)),
            ];
            for (label, value) in rows {
                writeln!(out, "{label:<20} {value}")?;
            }
        }
        "capabilities" => super::show::print_xml(&session.capabilities()?, out)?,
        "domcapabilities" => {
            let (kind, arch) = (given.value("virttype"), given.value("arch"));
            let xml = session.domain_capabilities(kind, arch, given.value("machine"))?;
            super::show::print_xml(&xml, out)?;
        }
        "hostname" => {
            let name = session.node()?.hostname;
            writeln!(out, "{}", visible(name.as_deref().unwrap_or("-")))?;
        }
        "uri" => writeln!(out, "{}", visible(&session.uri()?))?,
        _ => {
            let (driver, versions) = session.versions()?;
            let version = |number: Option<u64>| number.map_or("-".to_owned(), text::version);
            writeln!(out, "libvirt {}", version(versions.libvirt))?;
            let hypervisor = version(versions.hypervisor);
            writeln!(out, "{} {hypervisor}", visible(&driver))?;
        }
    }
    Ok(())
}

fn addresses(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    check_runs(domain)?;
    let source = given.value("source").map(|word| match word {
        "agent" => AddressSource::Agent,
        "arp" => AddressSource::Arp,
        _ => AddressSource::Lease,
    });
    let rows: Vec<[String; 5]> = host
        .session
        .addresses(domain.id.uuid, source)?
        .into_iter()
        .map(|found| {
            let kind = if found.address.is_ipv6() {
                "ipv6"
            } else {
                "ipv4"
            };
            [
                visible(&found.interface).into_owned(),
                visible(found.mac.as_deref().unwrap_or("-")).into_owned(),
                kind.to_owned(),
                format!("{}/{}", found.address, found.prefix),
                found.source.virsh_word().to_owned(),
            ]
        })
        .collect();
    let headings = ["NAME", "MAC", "PROTOCOL", "ADDRESS", "SOURCE"];
    output::table(out, headings.map(|heading| (heading, Align::Left)), &rows)?;
    Ok(())
}
