//! `virtty list`: all domains of all hosts.

use std::io::Write as _;

use serde::Serialize;

use super::args::{Cli, List};
use super::endpoint::EndpointJson;
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::{self, Align, Output};
use super::{Error, Problem};
use crate::libvirt::once::Detail;
use crate::model::{Domain, DomainState, EndpointKind};
use crate::text::visible;

pub(super) fn run(cli: &Cli, arguments: &List, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let mut incomplete = hosts.incomplete;
    let mut listed = Vec::new();
    let detail = if arguments.json {
        Detail::All
    } else {
        Detail::States
    };
    for host in &hosts.open {
        match host.session.list(detail) {
            Ok(mut domains) => {
                domains.retain(|domain| is_wanted(arguments, domain));
                sort(&mut domains);
                listed.push((host, domains));
            }
            Err(failure) if hosts.several() => {
                incomplete = true;
                Error::from(failure).print();
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    if arguments.name || arguments.uuid {
        for domain in listed.iter().flat_map(|(_, domains)| domains) {
            match arguments.name {
                true => writeln!(out, "{}", visible(&domain.name))?,
                false => writeln!(out, "{}", domain.id.uuid)?,
            }
        }
    } else if arguments.json {
        incomplete |= !print_json(&mut listed, out)?;
    } else {
        print_table(&listed, hosts.several(), out)?;
    }
    if incomplete {
        return Err(Problem::AlreadyTold);
    }
    Ok(())
}

/// Whether the options leave a domain in the list; without one all are.
fn is_wanted(arguments: &List, domain: &Domain) -> bool {
    let state = domain.state;
    let wishes = [
        (arguments.inactive, !state.is_active()),
        (arguments.state_running, state == DomainState::Running),
        (arguments.state_paused, state == DomainState::Paused),
        (arguments.state_shutoff, state == DomainState::ShutOff),
    ];
    let mut wished = wishes.iter().filter(|(wish, _)| *wish).peekable();
    wished.peek().is_none() || wished.any(|(_, fits)| *fits)
}

/// virsh's order: running ones by id, then the others by name.
fn sort(domains: &mut [Domain]) {
    domains.sort_by(|one, two| {
        let key = |domain: &Domain| (domain.runtime_id.is_none(), domain.runtime_id);
        key(one)
            .cmp(&key(two))
            .then_with(|| one.name.cmp(&two.name))
    });
}

fn print_table(
    listed: &[(&Host, Vec<Domain>)],
    several: bool,
    out: &mut Output,
) -> Result<(), Problem> {
    let rows = listed
        .iter()
        .flat_map(|(host, domains)| domains.iter().map(move |domain| (host, domain)));
    let cells = |domain: &Domain| {
        let id = domain
            .runtime_id
            .map_or("-".to_owned(), |id| id.to_string());
        let name = visible(&domain.name).into_owned();
        (id, name, domain.state.virsh_word().to_owned())
    };
    let (id, name, state) = (
        ("ID", Align::Right),
        ("NAME", Align::Left),
        ("STATE", Align::Left),
    );
    if several {
        let rows: Vec<_> = rows
            .map(|(host, domain)| {
                let (id, name, state) = cells(domain);
                [visible(host.uri.as_str()).into_owned(), id, name, state]
            })
            .collect();
        output::table(out, [("CONNECTION", Align::Left), id, name, state], &rows)?;
    } else {
        let rows: Vec<_> = rows
            .map(|(_, domain)| <[String; 3]>::from(cells(domain)))
            .collect();
        output::table(out, [id, name, state], &rows)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct DomainJson<'a> {
    connection: &'a str,
    name: &'a str,
    uuid: String,
    id: Option<u32>,
    state: &'static str,
    reason: Option<String>,
    vcpus: Option<u32>,
    memory_kib: Option<u64>,
    max_memory_kib: Option<u64>,
    autostart: Option<bool>,
    persistent: bool,
    displays: Option<Vec<EndpointJson<'a>>>,
}

/// Prints the array; false when something could not be read, which has been told.
fn print_json(listed: &mut [(&Host, Vec<Domain>)], out: &mut Output) -> Result<bool, Problem> {
    let mut whole = true;
    for (host, domains) in listed.iter_mut() {
        for domain in domains.iter_mut().filter(|domain| domain.state.is_active()) {
            match host.session.definition(domain.id.uuid) {
                Ok(definition) => domain.definition = definition.map(std::sync::Arc::new),
                Err(failure) => {
                    whole = false;
                    complain(&format!("{}: {failure}", domain.name));
                }
            }
        }
    }
    let array: Vec<_> = listed
        .iter()
        .flat_map(|(host, domains)| domains.iter().map(|domain| json(host, domain)))
        .collect();
    output::json(out, &array)?;
    Ok(whole)
}

fn json<'a>(host: &'a Host, domain: &'a Domain) -> DomainJson<'a> {
    let displays = match &domain.definition {
        Some(definition) => Some(
            definition
                .endpoints
                .iter()
                .filter(|endpoint| endpoint.kind != EndpointKind::Serial)
                .map(EndpointJson::from)
                .collect(),
        ),
        // What is off has none; what could not be read is not known.
        None if domain.state.is_active() => None,
        None => Some(Vec::new()),
    };
    DomainJson {
        connection: host.uri.as_str(),
        name: &domain.name,
        uuid: domain.id.uuid.to_string(),
        id: domain.runtime_id,
        state: domain.state.virsh_word(),
        reason: domain.reason.virsh_word(domain.state),
        vcpus: domain.vcpus,
        memory_kib: domain.memory_kib,
        max_memory_kib: domain.max_memory_kib,
        autostart: domain.autostart,
        persistent: domain.persistent,
        displays,
    }
}
