//! What `ip -j` tells of the links, routes and neighbours of a machine.

use std::net::IpAddr;

use serde_json::Value;

use crate::model::{BridgeFacts, Link, LinkAddress, LinkCounters, Neighbour, Route};

/// Reads the answer of `ip -j -d -s addr show`.
///
/// # Errors
/// That it is no list, in words.
pub fn links(json: &str) -> Result<Vec<Link>, String> {
    Ok(list(json)?.iter().filter_map(link).collect())
}

/// Reads the answers of `ip -j route show` and `ip -j -6 route show`: all but those that the kernel makes of addresses.
///
/// # Errors
/// That it is no list, in words.
pub fn routes(json: &str, ipv6: bool) -> Result<Vec<Route>, String> {
    let read = |route: &Value| {
        let to = text(route, "dst")?;
        let gateway = text(route, "gateway").and_then(|gateway| gateway.parse().ok());
        let protocol = text(route, "protocol");
        (protocol.as_deref() != Some("kernel")).then_some(())?;
        Some(Route {
            to,
            gateway,
            device: text(route, "dev")?,
            metric: number(route, "metric"),
            protocol,
            ipv6,
        })
    };
    Ok(list(json)?.iter().filter_map(read).collect())
}

/// Reads the answer of `ip -j neigh show`.
///
/// # Errors
/// That it is no list, in words.
pub fn neighbours(json: &str) -> Result<Vec<Neighbour>, String> {
    let read = |one: &Value| {
        Some(Neighbour {
            mac: text(one, "lladdr")?.to_ascii_lowercase(),
            address: text(one, "dst")?.parse().ok()?,
            device: text(one, "dev")?,
        })
    };
    Ok(list(json)?.iter().filter_map(read).collect())
}

/// Reads the answer of `nft -j list chains`: whether a chain at the hook of what is forwarded drops by default. `None` where
/// there is no such chain.
#[must_use]
pub fn drops_forwarded(json: &str) -> Option<bool> {
    let all: Value = serde_json::from_str(json).ok()?;
    let chains = all.get("nftables")?.as_array()?.iter();
    let policies: Vec<String> = chains
        .filter_map(|one| one.get("chain"))
        .filter(|chain| text(chain, "hook").as_deref() == Some("forward"))
        .filter_map(|chain| text(chain, "policy"))
        .collect();
    (!policies.is_empty()).then(|| policies.iter().any(|policy| policy == "drop"))
}

fn list(json: &str) -> Result<Vec<Value>, String> {
    // Of nothing, some versions print nothing.
    if json.trim().is_empty() {
        return Ok(Vec::new());
    }
    match serde_json::from_str(json) {
        Ok(Value::Array(list)) => Ok(list),
        Ok(_) => Err("ip did not answer with a list".to_owned()),
        Err(error) => Err(format!("what ip answered is no JSON: {error}")),
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn number(value: &Value, name: &str) -> Option<u32> {
    u32::try_from(value.get(name)?.as_u64()?).ok()
}

fn link(value: &Value) -> Option<Link> {
    let info = value.get("linkinfo");
    let kind = info.and_then(|info| text(info, "info_kind"));
    let data = info.and_then(|info| info.get("info_data"));
    let member = info.and_then(|info| info.get("info_slave_data"));
    let flag = |name: &str| {
        let flags = value.get("flags")?.as_array()?;
        Some(flags.iter().any(|flag| flag.as_str() == Some(name)))
    };
    let bridge = match kind.as_deref() {
        Some("bridge") => data.map(bridge),
        _ => None,
    };
    Some(Link {
        name: text(value, "ifname")?,
        index: number(value, "ifindex"),
        mac: text(value, "address").map(|mac| mac.to_ascii_lowercase()),
        mtu: number(value, "mtu"),
        enabled: flag("UP"),
        carrier: flag("LOWER_UP"),
        master: text(value, "master"),
        parent: text(value, "link"),
        addresses: addresses(value),
        speed_mbps: None,
        bridge,
        port_state: member.and_then(|member| text(member, "state")),
        counters: value.get("stats64").map(counters),
        physical: kind.is_none() && text(value, "link_type").as_deref() == Some("ether"),
        kind,
    })
}

fn bridge(data: &Value) -> BridgeFacts {
    let switch = |name: &str| number(data, name).map(|value| value != 0);
    BridgeFacts {
        id: text(data, "bridge_id"),
        root: text(data, "root_id"),
        stp: switch("stp_state"),
        // In hundredths of a second.
        delay_seconds: number(data, "forward_delay").map(|delay| delay / 100),
        vlan_filtering: switch("vlan_filtering"),
    }
}

fn addresses(value: &Value) -> Vec<LinkAddress> {
    let all = value.get("addr_info").and_then(Value::as_array);
    let read = all.into_iter().flatten().filter_map(|info| {
        Some(LinkAddress {
            address: text(info, "local")?.parse::<IpAddr>().ok()?,
            prefix: number(info, "prefixlen")?,
            dynamic: info.get("dynamic").and_then(Value::as_bool) == Some(true),
            global: text(info, "scope").as_deref() == Some("global"),
        })
    });
    read.collect()
}

fn counters(stats: &Value) -> LinkCounters {
    let of = |way: &str, name: &str| {
        let count = stats.get(way).and_then(|way| way.get(name));
        count.and_then(Value::as_u64).unwrap_or_default()
    };
    LinkCounters {
        rx_bytes: of("rx", "bytes"),
        tx_bytes: of("tx", "bytes"),
        rx_dropped: of("rx", "dropped"),
        tx_dropped: of("tx", "dropped"),
        errors: of("rx", "errors") + of("tx", "errors"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_with_what_bridges_have_more() {
        let json = r#"[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP"],"link_type":"loopback","addr_info":[]},
            {"ifindex":2,"ifname":"eth0","flags":["UP","LOWER_UP"],"mtu":1500,"master":"br0","link_type":"ether","address":"02:FC:00:00:00:01",
             "linkinfo":{"info_slave_kind":"bridge","info_slave_data":{"state":"forwarding"}},"addr_info":[],
             "stats64":{"rx":{"bytes":7,"dropped":1,"errors":2},"tx":{"bytes":9,"dropped":3,"errors":4}}},
            {"ifindex":3,"ifname":"br0","flags":["UP"],"link_type":"ether",
             "linkinfo":{"info_kind":"bridge","info_data":{"stp_state":1,"forward_delay":1500,"bridge_id":"8000.02"}},
             "addr_info":[{"family":"inet","local":"10.0.0.5","prefixlen":24,"scope":"global","dynamic":true},
                          {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},
            {"ifindex":4,"ifname":"eth0.5","link":"eth0","link_type":"ether","linkinfo":{"info_kind":"vlan"}}]"#;
        let found = links(json).unwrap();
        assert_eq!(found.len(), 4);
        assert!(!found[0].physical);
        let eth0 = &found[1];
        assert!(eth0.physical && eth0.carrier == Some(true));
        assert_eq!(
            (eth0.master.as_deref(), eth0.port_state.as_deref()),
            (Some("br0"), Some("forwarding"))
        );
        assert_eq!(eth0.mac.as_deref(), Some("02:fc:00:00:00:01"));
        let counted = eth0.counters.unwrap();
        assert_eq!(
            (counted.rx_dropped, counted.tx_dropped, counted.errors),
            (1, 3, 6)
        );
        let br0 = &found[2];
        assert_eq!(br0.bridge.as_ref().unwrap().delay_seconds, Some(15));
        assert_eq!(
            (br0.addresses[0].dynamic, br0.addresses[1].global),
            (true, false)
        );
        assert_eq!(found[3].parent.as_deref(), Some("eth0"));
    }

    #[test]
    fn routes_are_those_that_lead_somewhere() {
        let json = r#"[{"dst":"default","gateway":"10.0.0.1","dev":"eth0","protocol":"dhcp","metric":100},
            {"dst":"10.0.0.0/24","dev":"eth0","protocol":"kernel","scope":"link"},{"dst":"default","dev":"tun0"}]"#;
        let found = routes(json, false).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].metric, found[0].protocol.as_deref()),
            (Some(100), Some("dhcp"))
        );
        assert_eq!(found[1].gateway, None);
        assert_eq!(routes("", true), Ok(Vec::new()));
        assert!(routes("{}", false).is_err());
        assert!(links("no").is_err());
    }

    #[test]
    fn chains_tell_what_becomes_of_forwarded_packets() {
        let chain = |policy: &str| {
            format!(
                r#"{{"nftables":[{{"metainfo":{{"version":"1.0.6"}}}},{{"chain":{{"family":"ip","table":"filter","name":"FORWARD","hook":"forward","prio":0,"policy":"{policy}"}}}},{{"chain":{{"family":"ip","table":"filter","name":"own"}}}}]}}"#
            )
        };
        assert_eq!(drops_forwarded(&chain("drop")), Some(true));
        assert_eq!(drops_forwarded(&chain("accept")), Some(false));
        assert_eq!(drops_forwarded(r#"{"nftables":[]}"#), None);
        assert_eq!(drops_forwarded("no"), None);
    }

    #[test]
    fn neighbours_without_a_hardware_address_are_none() {
        let json = r#"[{"dst":"10.0.0.7","dev":"br0","lladdr":"52:54:00:AA:00:01","state":["REACHABLE"]},{"dst":"10.0.0.8","dev":"br0","state":["FAILED"]}]"#;
        let found = neighbours(json).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].mac, "52:54:00:aa:00:01");
    }
}
