//! Commands about network filters.

use std::io::Write as _;

use serde::Serialize;

use super::{act, only};
use crate::cli::failure::complain;
use crate::cli::hosts::{Host, Hosts};
use crate::cli::output::{self, Align, Output};
use crate::cli::show::print_xml;
use crate::cli::{Error, Exit, Problem};
use crate::model::NwFilter;
use crate::protocol::{HostFiles, NetVerb};
use crate::text::visible;
use crate::virsh::Given;

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

pub(super) fn filters(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let mut all = Vec::new();
    for host in &hosts.open {
        let networks = host.session.networks(HostFiles::OfThisMachine)?;
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

pub(super) fn filter(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let host = only(hosts)?;
    let word = given.subject().unwrap_or_default();
    let networks = host.session.networks(HostFiles::OfThisMachine)?;
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

pub(super) fn bindings(host: &Host, out: &mut Output) -> Result<(), Problem> {
    let networks = host.session.networks(HostFiles::OfThisMachine)?;
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
