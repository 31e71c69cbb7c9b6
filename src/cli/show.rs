//! `virtty show NAME`: what is known of one domain.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;

use super::args::{Cli, Show};
use super::endpoint::EndpointJson;
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::{self, Output};
use super::{Error, Exit, Problem};
use crate::libvirt::once::Detail;
use crate::model::{Definition, DiskInfo, Domain, NicInfo};
use crate::ports;
use crate::protocol::XmlKind;
use crate::text::{bytes, fit, visible};

pub(super) fn run(cli: &Cli, arguments: &Show, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let (host, found) = hosts.find(&arguments.name)?;
    let gone = || {
        let message = format!("domain '{}' is gone", found.name);
        Error::new(Exit::NoDomain, message)
    };
    let uuid = found.id.uuid;
    if arguments.xml {
        let xml = host.session.xml(uuid, XmlKind::Live)?.ok_or_else(gone)?;
        return print_xml(&xml, out);
    }
    let domains = host.session.list(Detail::All)?;
    let domain = domains
        .into_iter()
        .find(|domain| domain.id.uuid == uuid)
        .ok_or_else(gone)?;
    let definition = host.session.definition(uuid)?.ok_or_else(gone)?;
    for error in &definition.endpoint_errors {
        complain(&format!("domain '{}': {error}", domain.name));
    }
    let show = ShowJson::new(host, &domain, &definition);
    if arguments.json {
        output::json(out, &show)?;
    } else {
        print_text(&show, &definition, out)?;
    }
    if definition.endpoint_errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::AlreadyTold)
    }
}

/// The XML as it is; on a terminal, what the terminal could act on is made visible.
pub(super) fn print_xml(xml: &str, out: &mut Output) -> Result<(), Problem> {
    if std::io::stdout().is_terminal() {
        for line in xml.lines() {
            writeln!(out, "{}", visible(line))?;
        }
    } else {
        out.write_all(xml.as_bytes())?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ShowJson<'a> {
    connection: &'a str,
    name: &'a str,
    uuid: String,
    id: Option<u32>,
    state: &'static str,
    reason: Option<String>,
    title: Option<&'a str>,
    description: Option<&'a str>,
    virtualization: &'a str,
    os_type: Option<&'a str>,
    os_id: Option<&'a str>,
    arch: Option<&'a str>,
    machine: Option<&'a str>,
    firmware: Option<&'a str>,
    emulator: Option<&'a str>,
    vcpus: Option<u32>,
    memory_kib: Option<u64>,
    max_memory_kib: Option<u64>,
    autostart: Option<bool>,
    persistent: bool,
    managed_save: Option<bool>,
    guest_agent_connected: Option<bool>,
    disks: Vec<DiskJson<'a>>,
    nics: Vec<NicJson<'a>>,
    endpoints: Vec<EndpointJson<'a>>,
}

#[derive(Serialize)]
struct DiskJson<'a> {
    target: &'a str,
    device: &'a str,
    bus: Option<&'a str>,
    format: Option<&'a str>,
    source: Option<&'a str>,
    readonly: bool,
}

#[derive(Serialize)]
struct NicJson<'a> {
    mac: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'a str,
    source: Option<&'a str>,
    model: Option<&'a str>,
    target: Option<&'a str>,
    link_up: bool,
}

impl<'a> ShowJson<'a> {
    fn new(host: &'a Host, domain: &'a Domain, definition: &'a Definition) -> Self {
        Self {
            connection: host.uri.as_str(),
            name: &domain.name,
            uuid: domain.id.uuid.to_string(),
            id: domain.runtime_id,
            state: domain.state.virsh_word(),
            reason: domain.reason.virsh_word(domain.state),
            title: definition.title.as_deref(),
            description: definition.description.as_deref(),
            virtualization: &definition.virt_type,
            os_type: definition.os_type.as_deref(),
            os_id: definition.os_id.as_deref(),
            arch: definition.arch.as_deref(),
            machine: definition.machine.as_deref(),
            firmware: definition.firmware.as_deref(),
            emulator: definition.emulator.as_deref(),
            vcpus: domain.vcpus,
            memory_kib: domain.memory_kib,
            max_memory_kib: domain.max_memory_kib,
            autostart: domain.autostart,
            persistent: domain.persistent,
            managed_save: domain.managed_save,
            guest_agent_connected: definition.guest_agent,
            disks: definition.disks.iter().map(disk).collect(),
            nics: definition.nics.iter().map(nic).collect(),
            endpoints: definition
                .endpoints
                .iter()
                .map(EndpointJson::from)
                .collect(),
        }
    }
}

fn disk(disk: &DiskInfo) -> DiskJson<'_> {
    DiskJson {
        target: &disk.target,
        device: &disk.device,
        bus: disk.bus.as_deref(),
        format: disk.format.as_deref(),
        source: disk.source.as_deref(),
        readonly: disk.readonly,
    }
}

fn nic(nic: &NicInfo) -> NicJson<'_> {
    NicJson {
        mac: nic.mac.as_deref(),
        kind: &nic.kind,
        source: nic.source.as_deref(),
        model: nic.model.as_deref(),
        target: nic.target.as_deref(),
        link_up: nic.link_up,
    }
}

fn print_text(
    show: &ShowJson<'_>,
    definition: &Definition,
    out: &mut Output,
) -> Result<(), Problem> {
    let state = match &show.reason {
        Some(reason) => format!("{} ({reason})", show.state),
        None => show.state.to_owned(),
    };
    let yes = |value: Option<bool>| value.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let owned = |value: Option<&str>| value.map(str::to_owned);
    let memory = |kib: Option<u64>| kib.map(|kib| bytes(kib.saturating_mul(1024)));
    let agent = match show.guest_agent_connected {
        Some(true) => "connected",
        Some(false) => "not connected",
        None => "no channel",
    };
    let mut lines = vec![
        ("Name", Some(show.name.to_owned())),
        ("Connection", Some(show.connection.to_owned())),
        ("UUID", Some(show.uuid.clone())),
        ("Id", show.id.map(|id| id.to_string())),
        ("State", Some(state)),
        ("Title", owned(show.title)),
        ("Description", owned(show.description)),
        ("Operating system", owned(show.os_id.or(show.os_type))),
        ("Virtualization", Some(show.virtualization.to_owned())),
        ("Machine", owned(show.machine)),
        ("Architecture", owned(show.arch)),
        ("Firmware", owned(show.firmware)),
        ("vCPUs", show.vcpus.map(|vcpus| vcpus.to_string())),
        ("Memory", memory(show.memory_kib)),
        ("Maximum memory", memory(show.max_memory_kib)),
        ("Autostart", yes(show.autostart)),
        ("Persistent", yes(Some(show.persistent))),
        ("Managed save", yes(show.managed_save)),
        ("Guest agent", Some(agent.to_owned())),
    ];
    for disk in &show.disks {
        let words = [Some(disk.target), disk.format, disk.source].map(|word| word.unwrap_or("–"));
        lines.push(("Disk", Some(words.join(" "))));
    }
    for nic in &show.nics {
        let words = [nic.mac, Some(nic.kind), nic.source].map(|word| word.unwrap_or("–"));
        lines.push(("NIC", Some(words.join(" "))));
    }
    for endpoint in &definition.endpoints {
        let address = ports::written(endpoint).unwrap_or_else(|| "–".to_owned());
        lines.push((
            "Display or console",
            Some(format!("{} {address}", endpoint.kind.word())),
        ));
    }
    for (label, value) in lines {
        let value = value.unwrap_or_else(|| "–".to_owned());
        writeln!(out, "{} {}", fit(&format!("{label}:"), 19), visible(&value))?;
    }
    Ok(())
}
