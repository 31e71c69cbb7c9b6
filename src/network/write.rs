//! Parts of a network's XML, written.

use crate::model::{DhcpHost, DnsHost};

/// A text as it stands in an attribute or an element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&apos;")
        .replace('"', "&quot;")
}

/// `<host .../>` of a reservation.
#[must_use]
pub fn dhcp_host_xml(host: &DhcpHost) -> String {
    let mut xml = "<host".to_owned();
    let address = host.address.map(|address| address.to_string());
    for (name, value) in [
        ("mac", &host.mac),
        ("id", &host.id),
        ("name", &host.name),
        ("ip", &address),
    ] {
        if let Some(value) = value {
            xml.push_str(&format!(" {name}='{}'", escaped(value)));
        }
    }
    xml.push_str("/>");
    xml
}

/// `<range .../>` of what DHCP gives out.
#[must_use]
pub fn dhcp_range_xml(first: std::net::IpAddr, last: std::net::IpAddr) -> String {
    format!("<range start='{first}' end='{last}'/>")
}

/// `<host ip='...'>` with names for the DNS server.
#[must_use]
pub fn dns_host_xml(host: &DnsHost) -> String {
    let names = host.names.iter();
    let names: String = names
        .map(|name| format!("<hostname>{}</hostname>", escaped(name)))
        .collect();
    format!("<host ip='{}'>{names}</host>", escaped(&host.address))
}

/// What a new network is to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewNetwork {
    /// Its name.
    pub name: String,
    /// `forward/@mode`; `None` is isolated.
    pub forward: Option<String>,
    /// A device that it forwards to, or the device of macvtap.
    pub device: Option<String>,
    /// A bridge of the host, where the mode is `bridge`.
    pub bridge: Option<String>,
    /// IPv4 of the host in it with its prefix: `192.168.100.1/24`.
    pub ipv4: Option<(std::net::Ipv4Addr, u32)>,
    /// What DHCP gives out.
    pub range: Option<(std::net::Ipv4Addr, std::net::Ipv4Addr)>,
    /// IPv6 of the host in it with its prefix.
    pub ipv6: Option<(std::net::Ipv6Addr, u32)>,
    /// Guests reach the world of IPv6 by the host's address too (`nat/@ipv6`).
    pub nat_ipv6: bool,
    /// What DHCPv6 gives out.
    pub range6: Option<(std::net::Ipv6Addr, std::net::Ipv6Addr)>,
    /// DNS domain.
    pub domain: Option<String>,
}

/// The XML of a new network.
#[must_use]
pub fn network_xml(new: &NewNetwork) -> String {
    let mut xml = format!("<network>\n  <name>{}</name>\n", escaped(&new.name));
    let device = new.device.as_deref().map(escaped);
    match new.forward.as_deref() {
        None => {}
        Some("bridge") if new.bridge.is_some() => xml.push_str("  <forward mode='bridge'/>\n"),
        Some(mode @ ("bridge" | "private" | "vepa" | "passthrough")) => {
            xml.push_str(&format!("  <forward mode='{mode}'"));
            match device {
                Some(device) => xml.push_str(&format!(
                    " dev='{device}'>\n    <interface dev='{device}'/>\n  </forward>\n"
                )),
                None => xml.push_str("/>\n"),
            }
        }
        Some("open") => xml.push_str("  <forward mode='open'/>\n"),
        Some(mode) => {
            let device = device.map_or_else(String::new, |device| format!(" dev='{device}'"));
            xml.push_str(&format!("  <forward mode='{}'{device}", escaped(mode)));
            xml.push_str(match new.nat_ipv6 {
                true => ">\n    <nat ipv6='yes'/>\n  </forward>\n",
                false => "/>\n",
            });
        }
    }
    if let Some(bridge) = &new.bridge {
        xml.push_str(&format!("  <bridge name='{}'/>\n", escaped(bridge)));
    }
    if let Some(domain) = &new.domain {
        xml.push_str(&format!(
            "  <domain name='{}' localOnly='yes'/>\n",
            escaped(domain)
        ));
    }
    let mut subnet =
        |family: &str, address: String, prefix: u32, range: Option<(String, String)>| {
            xml.push_str(&format!(
                "  <ip family='{family}' address='{address}' prefix='{prefix}'"
            ));
            match range {
            Some((first, last)) => xml.push_str(&format!(
                ">\n    <dhcp>\n      <range start='{first}' end='{last}'/>\n    </dhcp>\n  </ip>\n"
            )),
            None => xml.push_str("/>\n"),
        }
        };
    if let Some((address, prefix)) = new.ipv4 {
        let range = new
            .range
            .map(|(first, last)| (first.to_string(), last.to_string()));
        subnet("ipv4", address.to_string(), prefix, range);
    }
    if let Some((address, prefix)) = new.ipv6 {
        let range = new
            .range6
            .map(|(first, last)| (first.to_string(), last.to_string()));
        subnet("ipv6", address.to_string(), prefix, range);
    }
    xml.push_str("</network>\n");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::network;

    #[test]
    fn what_is_written_is_read_back() {
        let new = NewNetwork {
            name: "a & b".to_owned(),
            forward: Some("nat".to_owned()),
            device: Some("eth0".to_owned()),
            ipv4: Some(("192.168.9.1".parse().unwrap(), 24)),
            range: Some((
                "192.168.9.100".parse().unwrap(),
                "192.168.9.200".parse().unwrap(),
            )),
            ipv6: Some(("fd00:9::1".parse().unwrap(), 64)),
            domain: Some("lab".to_owned()),
            ..NewNetwork::default()
        };
        let read = network(&network_xml(&new)).unwrap();
        assert_eq!(
            (read.mode(), read.forward_devices.as_slice()),
            ("NAT", &["eth0".to_owned()][..])
        );
        assert_eq!(read.subnets.len(), 2);
        assert_eq!(read.subnets[0].ranges.len(), 1);
        assert_eq!(read.domain.as_deref(), Some("lab"));
        let bridged = NewNetwork {
            name: "lan".to_owned(),
            forward: Some("bridge".to_owned()),
            bridge: Some("br0".to_owned()),
            ..NewNetwork::default()
        };
        let read = network(&network_xml(&bridged)).unwrap();
        assert_eq!(
            (read.mode(), read.bridge.as_deref()),
            ("bridge", Some("br0"))
        );
        let isolated = NewNetwork {
            name: "x".to_owned(),
            ..NewNetwork::default()
        };
        assert_eq!(network(&network_xml(&isolated)).unwrap().mode(), "isolated");
    }

    #[test]
    fn texts_are_escaped() {
        let host = DhcpHost {
            mac: Some("52:54:00:00:00:01".to_owned()),
            address: "10.0.0.2".parse().ok(),
            name: Some("a'b".to_owned()),
            id: None,
        };
        assert_eq!(
            dhcp_host_xml(&host),
            "<host mac='52:54:00:00:00:01' name='a&apos;b' ip='10.0.0.2'/>"
        );
        let host = DnsHost {
            address: "10.0.0.2".to_owned(),
            names: vec!["a".to_owned(), "b<".to_owned()],
        };
        assert_eq!(
            dns_host_xml(&host),
            "<host ip='10.0.0.2'><hostname>a</hostname><hostname>b&lt;</hostname></host>"
        );
    }
}
