//! The links of another machine, as far as libvirt tells of them.

use crate::libvirt::ffi::{Connection, Result};
use crate::model::{HostNetworks, Link, LinksFrom};
use crate::network;

/// Reads what libvirt's interface driver and its node devices tell; the one knows bridges and addresses, the other every
/// device.
pub(super) fn read_there(connection: &Connection, found: &mut HostNetworks) -> Result<()> {
    found.links_from = LinksFrom::Libvirt;
    let mut links: Vec<Link> = Vec::new();
    match connection.interfaces() {
        Ok(interfaces) => {
            for (xml, active) in interfaces {
                for link in network::interface(&xml, active).unwrap_or_default() {
                    // A member is told by its bridge, and may be listed by itself too.
                    match links.iter_mut().find(|known| known.name == link.name) {
                        Some(known) => merge(known, link),
                        None => links.push(link),
                    }
                }
            }
        }
        Err(error) if error.is_of_transport() => return Err(error),
        Err(error) => found.links_error = Some(error.message),
    }
    match connection.net_devices() {
        Ok(devices) => {
            for device in devices.iter().filter_map(|xml| network::net_device(xml)) {
                match links.iter_mut().find(|known| known.name == device.name) {
                    Some(known) => {
                        known.mac = known.mac.take().or(device.mac);
                        known.carrier = known.carrier.or(device.carrier);
                        known.speed_mbps = known.speed_mbps.or(device.speed_mbps);
                        known.wireless |= device.wireless;
                    }
                    None => links.push(device),
                }
            }
        }
        Err(error) if error.is_of_transport() => return Err(error),
        // Not every driver has any.
        Err(_) => {}
    }
    links.sort_by(|one, other| one.name.cmp(&other.name));
    if !links.is_empty()
        && let Some(why) = found.links_error.take()
    {
        found.links_note = Some(format!("libvirt's interface driver tells nothing: {why}"));
    }
    found.links = links;
    Ok(())
}

fn merge(known: &mut Link, other: Link) {
    let master = known.master.take().or_else(|| other.master.clone());
    if known.addresses.is_empty() && known.bridge.is_none() {
        let enabled = known.enabled.or(other.enabled);
        *known = Link { enabled, ..other };
    }
    known.master = master;
}
