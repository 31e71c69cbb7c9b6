//! Commands that print one thing about a domain, as virsh does.

use std::io::Write as _;

use super::hosts::Host;
use super::output::{self, Align, Output};
use super::{Error, Exit, Problem};
use crate::libvirt::once::Detail;
use crate::model::{AddressSource, Domain, EndpointKind};
use crate::protocol::XmlKind;
use crate::text::visible;
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
