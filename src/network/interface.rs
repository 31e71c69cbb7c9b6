//! The XML of libvirt's interface driver: what is known of a host whose kernel is not this machine's.

use std::net::IpAddr;

use roxmltree::Node;

use super::{attribute, child, children, switch, with_root};
use crate::model::{BridgeFacts, Link, LinkAddress};

/// Reads an interface; with it come its members, which name it as their master.
///
/// # Errors
/// That the text is no interface, in words.
pub fn interface(xml: &str, active: Option<bool>) -> Result<Vec<Link>, String> {
    with_root(xml, "interface", |root| {
        let mut found = vec![link(root, active)];
        let name = found.first().map(|link| link.name.clone());
        for part in ["bridge", "bond"] {
            let members = child(root, part)
                .into_iter()
                .flat_map(|node| children(node, "interface"));
            found.extend(members.map(|member| Link {
                master: name.clone(),
                ..link(member, None)
            }));
        }
        found.retain(|link| !link.name.is_empty());
        found
    })
}

/// Reads a node device that is a network interface (libvirt's formatnode); `None` for what is none.
#[must_use]
pub fn net_device(xml: &str) -> Option<Link> {
    let read = with_root(xml, "device", |root| {
        let capability = child(root, "capability")?;
        let text = |name: &str| Some(child(capability, name)?.text()?.trim().to_owned());
        let link = child(capability, "link");
        let of_link = |name: &str| attribute(link?, name);
        Some(Link {
            name: text("interface").filter(|name| !name.is_empty())?,
            mac: text("address").map(|mac| mac.to_ascii_lowercase()),
            carrier: of_link("state").map(|state| state == "up"),
            speed_mbps: of_link("speed")
                .and_then(|speed| speed.parse().ok())
                .filter(is_speed),
            wireless: children(capability, "capability")
                .any(|kind| attribute(kind, "type").as_deref() == Some("80211")),
            // What is of no bus is made by the host itself.
            physical: child(root, "parent")
                .and_then(|parent| parent.text())
                .is_some_and(|parent| parent.trim() != "computer"),
            ..Link::default()
        })
    });
    read.ok().flatten()
}

fn link(node: Node<'_, '_>, active: Option<bool>) -> Link {
    let of = |name: &str, what: &str| attribute(child(node, name)?, what);
    let kind = attribute(node, "type");
    let bridge = child(node, "bridge").map(|bridge| BridgeFacts {
        stp: attribute(bridge, "stp").as_deref().and_then(switch),
        delay_seconds: attribute(bridge, "delay").and_then(|delay| delay.parse().ok()),
        ..BridgeFacts::default()
    });
    let state = of("link", "state");
    Link {
        name: attribute(node, "name").unwrap_or_default(),
        physical: kind.as_deref() == Some("ethernet"),
        kind: kind.filter(|kind| kind != "ethernet"),
        mac: of("mac", "address").map(|mac| mac.to_ascii_lowercase()),
        mtu: of("mtu", "size").and_then(|size| size.parse().ok()),
        enabled: active,
        carrier: state.map(|state| state == "up"),
        parent: child(node, "vlan")
            .and_then(|vlan| child(vlan, "interface"))
            .and_then(|below| attribute(below, "name")),
        addresses: children(node, "protocol").flat_map(addresses).collect(),
        speed_mbps: of("link", "speed")
            .and_then(|speed| speed.parse().ok())
            .filter(is_speed),
        bridge,
        ..Link::default()
    }
}

/// What a driver does not know it writes as nothing, or as the largest number.
fn is_speed(mbps: &u32) -> bool {
    (1..u32::MAX).contains(mbps)
}

fn addresses(protocol: Node<'_, '_>) -> Vec<LinkAddress> {
    let dynamic = child(protocol, "dhcp").is_some() || child(protocol, "autoconf").is_some();
    let read = children(protocol, "ip").filter_map(|ip| {
        let address: IpAddr = attribute(ip, "address")?.parse().ok()?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let bits = attribute(ip, "prefix").and_then(|bits| bits.parse().ok());
        Some(LinkAddress {
            dynamic,
            global: match address {
                IpAddr::V4(address) => !address.is_link_local() && !address.is_loopback(),
                IpAddr::V6(address) => !address.is_unicast_link_local() && !address.is_loopback(),
            },
            ..LinkAddress::new(address, bits.unwrap_or(whole))
        })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_comes_with_its_members() {
        let xml = "<interface type='bridge' name='br0'><protocol family='ipv4'><dhcp/><ip address='10.0.0.5' prefix='24'/></protocol>\
            <bridge stp='off' delay='0'><interface type='ethernet' name='eth0'><link speed='1000' state='up'/>\
            <mac address='AA:bb:cc:dd:ee:ff'/></interface></bridge></interface>";
        let found = interface(xml, Some(true)).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].is_bridge());
        assert!(found[0].addresses[0].dynamic && found[0].addresses[0].global);
        assert_eq!(found[0].bridge.as_ref().unwrap().stp, Some(false));
        assert_eq!(found[1].master.as_deref(), Some("br0"));
        assert_eq!(
            (found[1].speed_mbps, found[1].carrier),
            (Some(1000), Some(true))
        );
        assert_eq!(found[1].mac.as_deref(), Some("aa:bb:cc:dd:ee:ff"));
        assert!(found[1].physical);
    }

    #[test]
    fn devices_of_the_host_are_links() {
        let xml = "<device><name>net_wlp1s0_aa</name><parent>pci_0000_01_00_0</parent><capability type='net'>\
            <interface>wlp1s0</interface><address>AA:bb:cc:dd:ee:ff</address><link speed='300' state='up'/>\
            <capability type='80211'/></capability></device>";
        let found = net_device(xml).unwrap();
        assert_eq!(
            (found.name.as_str(), found.wireless, found.physical),
            ("wlp1s0", true, true)
        );
        assert_eq!((found.carrier, found.speed_mbps), (Some(true), Some(300)));
        assert_eq!(found.mac.as_deref(), Some("aa:bb:cc:dd:ee:ff"));
        let unknown = net_device(&xml.replace("300", "4294967295")).unwrap();
        assert_eq!(unknown.speed_mbps, None);
        assert_eq!(net_device("<device><name>x</name></device>"), None);
        assert_eq!(net_device("<pool/>"), None);
    }

    #[test]
    fn a_speed_that_nobody_knows_is_none() {
        let xml = "<interface type='ethernet' name='eth0'><link speed='4294967295' state='up'/></interface>";
        assert_eq!(interface(xml, None).unwrap()[0].speed_mbps, None);
        assert!(interface("<network/>", None).is_err());
    }
}
