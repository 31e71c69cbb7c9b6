//! `virtty ports`: every endpoint of every running domain, or of a saved live XML.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;

use super::args::{Cli, Ports};
use super::endpoint::EndpointJson;
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::{self, Align, Output};
use super::{Error, Exit, Problem};
use crate::domxml::{self, Secrets};
use crate::libvirt::once::Detail;
use crate::model::{Domain, Endpoint, Uuid};
use crate::ports;
use crate::text::visible;

/// An endpoint and whose it is.
struct Row {
    connection: Option<String>,
    domain: String,
    uuid: Option<Uuid>,
    endpoint: Endpoint,
}

pub(super) fn run(cli: &Cli, arguments: &Ports, out: &mut Output) -> Result<(), Problem> {
    let mut rows = Vec::new();
    let (whole, several) = match &arguments.from_xml {
        Some(file) => (from_xml(file, &mut rows)?, false),
        None => {
            let hosts = Hosts::open(cli)?;
            let whole = match &arguments.name {
                Some(name) => {
                    let (host, domain) = hosts.find(name)?;
                    of_domain(host, &domain, &mut rows)
                }
                None => of_all(&hosts, &mut rows)?,
            };
            (whole && !hosts.incomplete, hosts.several())
        }
    };
    if arguments.json {
        output::json(out, &rows.iter().map(json).collect::<Vec<_>>())?;
    } else {
        print_table(rows, several, out)?;
    }
    if whole {
        Ok(())
    } else {
        Err(Problem::AlreadyTold)
    }
}

/// The functions below add rows and return whether all could be read; what could not has been told.
fn of_all(hosts: &Hosts, rows: &mut Vec<Row>) -> Result<bool, Problem> {
    let mut whole = true;
    for host in &hosts.open {
        match host.session.list(Detail::States) {
            Ok(domains) => {
                for domain in domains {
                    whole &= of_domain(host, &domain, rows);
                }
            }
            Err(failure) if hosts.several() => {
                whole = false;
                Error::from(failure).print();
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(whole)
}

fn of_domain(host: &Host, domain: &Domain, rows: &mut Vec<Row>) -> bool {
    if !domain.state.is_active() {
        return true;
    }
    let definition = match host.session.definition(domain.id.uuid) {
        Ok(Some(definition)) => definition,
        // Gone since the list: it has no ports.
        Ok(None) => return true,
        Err(failure) => {
            complain(&format!("domain '{}': {failure}", domain.name));
            return false;
        }
    };
    rows.extend(definition.endpoints.into_iter().map(|endpoint| Row {
        connection: Some(host.uri.as_str().to_owned()),
        domain: domain.name.clone(),
        uuid: Some(domain.id.uuid),
        endpoint,
    }));
    for error in &definition.endpoint_errors {
        complain(&format!("domain '{}': {error}", domain.name));
    }
    definition.endpoint_errors.is_empty()
}

fn from_xml(file: &Path, rows: &mut Vec<Row>) -> Result<bool, Error> {
    let failed = |why: String| {
        let name = if file == Path::new("-") {
            "standard input".into()
        } else {
            file.to_string_lossy()
        };
        Error::new(Exit::Failed, format!("{name}: {why}"))
    };
    let text = read(file).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        failed(format!("not UTF-8 at byte {at}"))
    })?;
    let xml = |error: domxml::XmlError| failed(error.to_string());
    let identity = domxml::identity(&text).map_err(xml)?;
    let endpoints = domxml::endpoints(&text, Secrets::LeftOut).map_err(xml)?;
    rows.extend(endpoints.found.into_iter().map(|endpoint| Row {
        connection: None,
        domain: identity.name.clone(),
        uuid: identity.uuid,
        endpoint,
    }));
    for error in &endpoints.refused {
        failed(error.to_string()).print();
    }
    Ok(endpoints.refused.is_empty())
}

/// The file, or one byte more than is ever read of it.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let limit = domxml::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[derive(Serialize)]
struct RowJson<'a> {
    connection: Option<&'a str>,
    domain: &'a str,
    uuid: Option<String>,
    #[serde(flatten)]
    endpoint: EndpointJson<'a>,
}

fn json(row: &Row) -> RowJson<'_> {
    RowJson {
        connection: row.connection.as_deref(),
        domain: &row.domain,
        uuid: row.uuid.map(|uuid| uuid.to_string()),
        endpoint: EndpointJson::from(&row.endpoint),
    }
}

fn print_table(mut rows: Vec<Row>, several: bool, out: &mut Output) -> Result<(), Problem> {
    rows.sort_by_key(|row| {
        let port = row.endpoint.port.or(row.endpoint.tls_port);
        (port.is_none(), port)
    });
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            let endpoint = &row.endpoint;
            let port = |port: Option<u16>| port.map_or("–".to_owned(), |port| port.to_string());
            let domain = visible(&row.domain);
            let domain = match &row.connection {
                Some(connection) if several => format!("{domain} ({})", visible(connection)),
                _ => domain.into_owned(),
            };
            [
                endpoint.kind.word().to_owned(),
                ports::written(endpoint).unwrap_or_else(|| "–".to_owned()),
                port(endpoint.tls_port),
                port(endpoint.websocket_port),
                endpoint.reach.map_or("–", |reach| reach.word()).to_owned(),
                match endpoint.password {
                    Some(true) => "yes",
                    Some(false) => "no",
                    None => "–",
                }
                .to_owned(),
                domain,
                ports::warning(endpoint).map_or(String::new(), |warning| warning.text().to_owned()),
            ]
        })
        .collect();
    let headings = [
        "TYPE",
        "ADDRESS",
        "TLS",
        "WEBSOCKET",
        "REACHABLE",
        "PASSWORD",
        "DOMAIN",
        "WARNING",
    ];
    output::table(out, headings.map(|heading| (heading, Align::Left)), &cells)?;
    Ok(())
}
