//! The XML of a virtual network.

use std::net::{IpAddr, Ipv4Addr};

use roxmltree::Node;

use super::{attribute, child, children, switch, with_root};
use crate::model::{DhcpHost, DnsHost, NetworkDefinition, Subnet};

/// Reads the definition of a network.
///
/// # Errors
/// That the text is no network, in words.
pub fn network(xml: &str) -> Result<NetworkDefinition, String> {
    with_root(xml, "network", |root| {
        let forward = child(root, "forward");
        let bridge = child(root, "bridge");
        let dns = child(root, "dns");
        let word = |node: Option<Node<'_, '_>>, name: &str| attribute(node?, name);
        NetworkDefinition {
            // Without a word, libvirt means nat.
            forward: forward
                .map(|node| attribute(node, "mode").unwrap_or_else(|| "nat".to_owned())),
            forward_devices: forward.map(devices).unwrap_or_default(),
            bridge: word(bridge, "name"),
            stp: word(bridge, "stp").as_deref().and_then(switch),
            mtu: word(child(root, "mtu"), "size").and_then(|size| size.parse().ok()),
            domain: word(child(root, "domain"), "name"),
            dns: word(dns, "enable").as_deref() != Some("no"),
            subnets: children(root, "ip").filter_map(subnet).collect(),
            dns_hosts: dns
                .into_iter()
                .flat_map(|dns| children(dns, "host"))
                .filter_map(dns_host)
                .collect(),
            portgroups: children(root, "portgroup")
                .filter_map(|group| attribute(group, "name"))
                .collect(),
            connections: attribute(root, "connections").and_then(|count| count.parse().ok()),
        }
    })
}

/// Devices that a network forwards to, each once.
fn devices(forward: Node<'_, '_>) -> Vec<String> {
    let mut found: Vec<String> = attribute(forward, "dev").into_iter().collect();
    for name in ["interface", "pf"] {
        for device in children(forward, name).filter_map(|node| attribute(node, "dev")) {
            if !found.contains(&device) {
                found.push(device);
            }
        }
    }
    found
}

fn subnet(node: Node<'_, '_>) -> Option<Subnet> {
    let address: IpAddr = attribute(node, "address")?.parse().ok()?;
    let dhcp = child(node, "dhcp");
    let parts = |name: &'static str| dhcp.into_iter().flat_map(move |dhcp| children(dhcp, name));
    Some(Subnet {
        address,
        prefix: prefix(node, address),
        ranges: parts("range")
            .filter_map(|range| {
                let end = |name: &str| attribute(range, name)?.parse().ok();
                Some((end("start")?, end("end")?))
            })
            .collect(),
        hosts: parts("host").map(dhcp_host).collect(),
        dhcp: dhcp.is_some(),
    })
}

/// The length of a prefix: said, by a mask, or that of the address's class, as libvirt reads it.
fn prefix(node: Node<'_, '_>, address: IpAddr) -> u32 {
    if let Some(bits) = attribute(node, "prefix").and_then(|bits| bits.parse().ok()) {
        return bits;
    }
    let mask = attribute(node, "netmask").and_then(|mask| mask.parse::<Ipv4Addr>().ok());
    match (mask, address) {
        (Some(mask), IpAddr::V4(_)) => mask.to_bits().leading_ones(),
        (None, IpAddr::V4(address)) => match address.octets()[0] {
            0..=127 => 8,
            128..=191 => 16,
            _ => 24,
        },
        (_, IpAddr::V6(_)) => 64,
    }
}

fn dhcp_host(node: Node<'_, '_>) -> DhcpHost {
    DhcpHost {
        mac: attribute(node, "mac").map(|mac| mac.to_ascii_lowercase()),
        id: attribute(node, "id"),
        address: attribute(node, "ip").and_then(|address| address.parse().ok()),
        name: attribute(node, "name"),
    }
}

fn dns_host(node: Node<'_, '_>) -> Option<DnsHost> {
    let names = children(node, "hostname");
    Some(DnsHost {
        address: attribute(node, "ip")?,
        names: names
            .filter_map(|name| name.text())
            .map(|name| name.trim().to_owned())
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_read_whole() {
        let xml = "<network connections='3'><name>lan</name><forward dev='eth0' mode='nat'><interface dev='eth0'/></forward>\
            <bridge name='virbr1' stp='off' delay='0'/><mtu size='9000'/><domain name='lan.example'/>\
            <dns><host ip='192.168.5.2'><hostname>gw</hostname><hostname>router</hostname></host></dns>\
            <ip address='192.168.5.1' netmask='255.255.255.0'><dhcp><range start='192.168.5.100' end='192.168.5.200'/>\
            <host mac='52:54:00:AA:BB:CC' name='web' ip='192.168.5.10'/></dhcp></ip>\
            <ip family='ipv6' address='fd00:5::1' prefix='64'/><portgroup name='fast' default='yes'/></network>";
        let read = network(xml).unwrap();
        assert_eq!((read.mode(), read.connections), ("NAT", Some(3)));
        assert_eq!(read.forward_devices, ["eth0"]);
        assert_eq!(
            (read.bridge.as_deref(), read.stp),
            (Some("virbr1"), Some(false))
        );
        assert_eq!(
            (read.mtu, read.domain.as_deref()),
            (Some(9000), Some("lan.example"))
        );
        assert_eq!(read.subnets.len(), 2);
        assert_eq!(read.subnets[0].cidr(), "192.168.5.0/24");
        assert_eq!(
            read.subnets[0].hosts[0].mac.as_deref(),
            Some("52:54:00:aa:bb:cc")
        );
        assert!(!read.subnets[1].dhcp);
        assert_eq!(read.dns_hosts[0].names, ["gw", "router"]);
        assert_eq!(read.portgroups, ["fast"]);
    }

    #[test]
    fn what_is_left_out_is_what_libvirt_takes_it_for() {
        let isolated = network("<network><name>x</name></network>").unwrap();
        assert_eq!(isolated.mode(), "isolated");
        assert!(isolated.dns);
        let plain = network("<network><forward/><ip address='10.0.0.1'/></network>").unwrap();
        assert_eq!(plain.mode(), "NAT");
        assert_eq!(plain.subnets[0].prefix, 8);
        let off = network("<network><forward mode='route'/><dns enable='no'/></network>").unwrap();
        assert_eq!((off.mode(), off.dns), ("routed", false));
        assert!(network("<pool/>").is_err());
        assert!(network("<network").is_err());
    }
}
