//! The networks of a host: virtual ones by libvirt, links by the kernel where it is this machine's, or can be asked over ssh.

mod kernel;
mod remote;

use std::net::IpAddr;

use super::ffi::{Connection, NetworkRecord, Result};
use super::host_facts::{self, Way};
use super::ssh;
use crate::hostfacts::Files;
use crate::model::{HostNetworks, Network, NetworkDefinition, Uri};
use crate::network::{self, BridgePlan, BridgeWish};
use kernel::{Source, read_kernel};
use remote::read_there;

/// Reads everything; `way` says whether the host may be asked over its own login. What libvirt or the kernel refuses to tell
/// says so in its place; only a connection that is gone is an error.
///
/// # Errors
/// libvirt's own, when the connection is gone.
pub fn read(connection: &Connection, uri: Option<&Uri>, way: &Way<'_>) -> Result<HostNetworks> {
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
    let uri = uri.or(told.as_ref());
    match (uri, way) {
        (Some(uri), _) if host_facts::is_of_this_machine(uri) => {
            read_kernel(&Source::Here, &mut found);
            found.change = network::guard::pending();
        }
        (Some(uri), Way::Over(reader)) if ssh::is_for(uri) => match reader.links() {
            Files::Lost(why) => {
                read_there(connection, &mut found)?;
                found.links_note = Some(format!("the host could not be asked over ssh: {why}"));
            }
            files => read_kernel(&Source::There(&files), &mut found),
        },
        _ => read_there(connection, &mut found)?,
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

/// What a change of a bridge would do, or why it cannot be done.
///
/// # Errors
/// As [`read`].
pub fn plan(
    connection: &Connection,
    uri: Option<&Uri>,
    way: &Way<'_>,
    wish: &BridgeWish,
    ssh: Option<IpAddr>,
) -> Result<(HostNetworks, std::result::Result<BridgePlan, String>)> {
    let found = read(connection, uri, way)?;
    let plan = network::bridge_plan(wish, &found, &found.files, found.ssh.or(ssh));
    Ok((found, plan))
}
