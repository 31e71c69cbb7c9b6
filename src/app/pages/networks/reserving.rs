//! Reserving the address of a client.

use std::net::IpAddr;

use super::Client;
use super::acts::is_dns_name;
use crate::model::Network;
use crate::network::dhcp_host_xml;
use crate::protocol::{Affect, NetworkUpdate, UpdateCommand, UpdateSection};
use crate::text::visible;
/// The change that reserves a client's address.
pub(super) fn reservation(network: &Network, client: &Client) -> Result<NetworkUpdate, String> {
    let name = visible(&network.name);
    let leased = client.leases.iter().map(|lease| lease.address);
    let known = leased.chain(client.addresses.iter().copied());
    let usable = known.filter(|address| {
        let subnet = network.definition.subnet_of(*address);
        subnet.is_some_and(|(_, subnet)| subnet.dhcp)
    });
    let mut usable: Vec<IpAddr> = usable.collect();
    usable.sort_by_key(IpAddr::is_ipv6);
    let Some(address) = usable.first().copied() else {
        return Err(match client.address() {
            Some(address) => format!("{address} is in no subnet of network {name} that has DHCP."),
            None => "No address of it is known yet: it has no lease.".to_owned(),
        });
    };
    let Some((at, _)) = network.definition.subnet_of(address) else {
        return Err(format!("{address} is not of network {name}."));
    };
    let present = client.reserved.as_ref();
    if present.and_then(|host| host.address) == Some(address) {
        return Err(format!("{address} is reserved for it already."));
    }
    let lease = client.leases.iter().find(|lease| lease.address == address);
    let host = crate::model::DhcpHost {
        mac: client.mac.clone().filter(|_| address.is_ipv4()),
        id: lease
            .and_then(|lease| lease.client_id.clone())
            .filter(|_| address.is_ipv6()),
        address: Some(address),
        // A name that is none for DNS would make libvirt refuse it all.
        name: present
            .and_then(|host| host.name.clone())
            .or_else(|| client.hostname().map(str::to_owned))
            .filter(|name| is_dns_name(name)),
    };
    if host.mac.is_none() && host.id.is_none() {
        return Err("Neither its hardware address nor its client id is known.".to_owned());
    }
    Ok(NetworkUpdate {
        command: match present {
            Some(_) => UpdateCommand::Modify,
            None => UpdateCommand::AddLast,
        },
        section: UpdateSection::DhcpHost,
        parent: i32::try_from(at).ok(),
        xml: dhcp_host_xml(&host),
        affect: Affect::Current,
    })
}
