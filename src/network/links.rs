//! What `ip -j` tells of the links, routes and neighbours of a machine.

use std::net::IpAddr;

use serde_json::Value;

use crate::model::{BridgeFacts, Link, LinkAddress, LinkCounters, Neighbour, Route, RouteHop};

/// Reads the answer of `ip -j -d -s addr show`.
///
/// # Errors
/// That it is no list, in words.
pub fn links(json: &str) -> Result<Vec<Link>, String> {
    Ok(list(json)?.iter().filter_map(link).collect())
}

/// Reads the answers of `ip -j -4 route show table all` and of that with `-6`: all but those that the kernel makes of the
/// addresses of these links.
///
/// # Errors
/// That it is no list, in words.
pub fn routes(json: &str, ipv6: bool, links: &[Link]) -> Result<Vec<Route>, String> {
    let mut found: Vec<Route> = list(json)?
        .iter()
        .filter_map(|value| route(value, ipv6))
        .collect();
    found.retain(|route| !route.is_of_address() || is_of_nobody(route, links));
    Ok(found)
}

/// Of an address of which the kernel was told to make none: somebody made it in the kernel's name.
fn is_of_nobody(route: &Route, links: &[Link]) -> bool {
    let to = route.to.split('/').next().unwrap_or_default();
    let Ok(to) = to.parse::<IpAddr>() else {
        return false;
    };
    let link = links.iter().find(|link| link.name == route.device);
    link.is_some_and(|link| {
        let mut addresses = link.addresses.iter();
        addresses.any(|one| one.no_route && one.meets(to))
    })
}

/// Figures of a route that `ip route` takes as it tells them (ip-route(8)).
const METRICS: [&str; 6] = [
    "mtu", "advmss", "window", "initcwnd", "initrwnd", "hoplimit",
];

fn route(value: &Value, ipv6: bool) -> Option<Route> {
    // What leads nowhere, or to the host itself, is nobody's way through a link.
    if text(value, "type").is_some_and(|kind| kind != "unicast") {
        return None;
    }
    let table = text(value, "table").filter(|table| table != "main");
    if table.as_deref() == Some("local") {
        return None;
    }
    let hops: Vec<RouteHop> = value
        .get("nexthops")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|hop| {
            Some(RouteHop {
                gateway: gateway(hop),
                device: text(hop, "dev")?,
                weight: number(hop, "weight").filter(|weight| *weight > 1),
                onlink: is_onlink(hop),
            })
        })
        .collect();
    let device = text(value, "dev").or_else(|| Some(hops.first()?.device.clone()))?;
    let (gateway, protocol) = (gateway(value), text(value, "protocol"));
    let mut more = Vec::new();
    let mut say = |word: &str, value: String| more.extend([word.to_owned(), value]);
    if let Some(protocol) = protocol.as_ref().filter(|protocol| *protocol != "boot") {
        say("proto", protocol.clone());
    }
    let usual = match gateway.is_none() && hops.is_empty() {
        true => "link",
        false => "global",
    };
    if let Some(scope) = text(value, "scope").filter(|scope| scope != usual && !ipv6) {
        say("scope", scope);
    }
    if let Some(source) = text(value, "prefsrc") {
        say("src", source);
    }
    let metrics = value.get("metrics").and_then(Value::as_array);
    for metrics in metrics.into_iter().flatten() {
        for name in METRICS {
            if let Some(figure) = metrics.get(name).and_then(Value::as_u64) {
                say(name, figure.to_string());
            }
        }
    }
    if let Some(preference) = text(value, "pref").filter(|word| word != "medium") {
        say("pref", preference);
    }
    Some(Route {
        to: text(value, "dst")?,
        gateway,
        device,
        metric: number(value, "metric"),
        protocol,
        ipv6,
        table,
        onlink: is_onlink(value),
        more,
        hops,
    })
}

/// As `brctl show` and sysfs write it: `ip` parts the address by colons and leaves zeros out.
fn bridge_id(text: &str) -> String {
    let whole = |(priority, address): (&str, &str)| {
        let bytes: Option<Vec<u8>> = address
            .split(':')
            .map(|byte| u8::from_str_radix(byte, 16).ok())
            .collect();
        let bytes = bytes.filter(|bytes| bytes.len() == 6)?;
        let address: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("{priority}.{address}"))
    };
    text.split_once('.')
        .and_then(whole)
        .unwrap_or_else(|| text.to_owned())
}

/// The gateway, of the route's own family or of the other.
fn gateway(value: &Value) -> Option<IpAddr> {
    let other = || text(value.get("via")?, "host");
    text(value, "gateway").or_else(other)?.parse().ok()
}

fn is_onlink(value: &Value) -> bool {
    let flags = value.get("flags").and_then(Value::as_array);
    flags.is_some_and(|flags| flags.iter().any(|flag| flag == "onlink"))
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
        ethernet: text(value, "link_type").map(|kind| kind == "ether"),
        wireless: false,
        kind,
    })
}

fn bridge(data: &Value) -> BridgeFacts {
    let switch = |name: &str| number(data, name).map(|value| value != 0);
    BridgeFacts {
        id: text(data, "bridge_id").map(|id| bridge_id(&id)),
        root: text(data, "root_id").map(|id| bridge_id(&id)),
        stp: switch("stp_state"),
        // In hundredths of a second.
        delay_seconds: number(data, "forward_delay").map(|delay| delay / 100),
        vlan_filtering: switch("vlan_filtering"),
    }
}

fn addresses(value: &Value) -> Vec<LinkAddress> {
    let all = value.get("addr_info").and_then(Value::as_array);
    let is = |info: &Value, name: &str| info.get(name).and_then(Value::as_bool) == Some(true);
    let own = text(value, "ifname");
    let read = all.into_iter().flatten().filter_map(|info| {
        let peer = text(info, "address").and_then(|peer| peer.parse().ok());
        Some(LinkAddress {
            dynamic: is(info, "dynamic"),
            global: text(info, "scope").as_deref() == Some("global"),
            peer,
            broadcast: info.get("broadcast").is_some(),
            label: text(info, "label").filter(|label| Some(label) != own.as_ref()),
            metric: number(info, "metric"),
            no_route: is(info, "noprefixroute"),
            ..LinkAddress::new(
                text(info, "local")?.parse::<IpAddr>().ok()?,
                number(info, "prefixlen")?,
            )
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
             "linkinfo":{"info_kind":"bridge","info_data":{"stp_state":1,"forward_delay":1500,"bridge_id":"8000.52:54:0:16:70:2"}},
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
        let bridge = br0.bridge.as_ref().unwrap();
        assert_eq!(bridge.delay_seconds, Some(15));
        assert_eq!(bridge.id.as_deref(), Some("8000.525400167002"));
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
        let found = routes(json, false, &[]).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].metric, found[0].protocol.as_deref()),
            (Some(100), Some("dhcp"))
        );
        assert_eq!(found[1].gateway, None);
        assert_eq!(routes("", true, &[]), Ok(Vec::new()));
        assert!(routes("{}", false, &[]).is_err());
        assert!(links("no").is_err());
    }

    #[test]
    fn routes_keep_what_makes_them_work() {
        let json = r#"[{"type":"unicast","dst":"default","gateway":"192.0.2.1","dev":"e0","table":"main","protocol":"static","scope":"global","prefsrc":"10.0.0.5","metric":50,"flags":["onlink"],"metrics":[{"mtu":1400}]},
            {"type":"unicast","dst":"10.77.0.0/16","table":"100","protocol":"boot","flags":[],"nexthops":[{"gateway":"10.0.0.1","dev":"e0","weight":2,"flags":[]},{"via":{"family":"inet6","host":"fe80::1"},"dev":"e1","weight":1,"flags":[]}]},
            {"type":"local","dst":"10.0.0.5","dev":"e0","table":"local","protocol":"kernel"},
            {"type":"blackhole","dst":"10.66.0.0/16","table":"main"},
            {"dst":"10.8.0.0/24","dev":"e0","protocol":"kernel","scope":"link","prefsrc":"10.8.0.5","metric":100},
            {"dst":"10.0.0.0/24","dev":"e0","protocol":"kernel","scope":"link","prefsrc":"10.0.0.5"}]"#;
        let link = r#"[{"ifname":"e0","addr_info":[{"local":"10.8.0.5","prefixlen":24,"scope":"global","noprefixroute":true,"label":"e0:1","metric":7},
            {"local":"10.9.0.5","address":"10.9.0.1","prefixlen":32,"scope":"global","label":"e0"}]}]"#;
        let links = links(link).unwrap();
        let (first, second) = (&links[0].addresses[0], &links[0].addresses[1]);
        assert_eq!(
            (first.no_route, first.metric, first.label.as_deref()),
            (true, Some(7), Some("e0:1"))
        );
        assert_eq!(
            (second.peer, second.label.as_ref()),
            ("10.9.0.1".parse().ok(), None)
        );
        let found = routes(json, false, &links).unwrap();
        let to: Vec<&str> = found.iter().map(|route| route.to.as_str()).collect();
        assert_eq!(to, ["default", "10.77.0.0/16", "10.8.0.0/24"]);
        assert!(found[0].onlink);
        assert_eq!(
            found[0].more,
            ["proto", "static", "src", "10.0.0.5", "mtu", "1400"]
        );
        assert_eq!(found[1].table.as_deref(), Some("100"));
        assert!(found[1].uses("e0") && found[1].uses("e1"));
        assert_eq!(found[1].hops[1].gateway, "fe80::1".parse().ok());
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
