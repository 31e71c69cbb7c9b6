//! Addresses and routes on their way from one link to another, as commands of `ip` (ip-address(8), ip-route(8)).

use std::net::IpAddr;

use super::command;
use crate::model::{HostNetworks, LinkAddress, Route, RouteHop};

/// Addresses that are moved: IPv6's own of the link the kernel makes anew.
pub(super) fn movable(addresses: &[LinkAddress]) -> impl DoubleEndedIterator<Item = &LinkAddress> {
    addresses
        .iter()
        .filter(|one| one.global || one.address.is_ipv4())
}

/// An address as `ip address` takes it, without a device.
fn written(one: &LinkAddress) -> Vec<String> {
    let mut words = match one.peer {
        Some(peer) => vec![
            one.address.to_string(),
            "peer".to_owned(),
            format!("{peer}/{}", one.prefix),
        ],
        None => vec![format!("{}/{}", one.address, one.prefix)],
    };
    if !one.global {
        words.extend(["scope", "link"].map(str::to_owned));
    }
    words
}

/// Puts an address onto a device; `label` where it has its name there again.
fn put(one: &LinkAddress, device: &str, label: Option<&str>) -> Vec<String> {
    let mut words = command("ip address replace", &[]);
    words.extend(written(one));
    words.extend(["dev".to_owned(), device.to_owned()]);
    match one.address {
        IpAddr::V4(_) if one.broadcast => words.extend(["broadcast", "+"].map(str::to_owned)),
        IpAddr::V4(_) => {}
        // Its former owner is this host: nobody else need be asked.
        IpAddr::V6(_) => words.push("nodad".to_owned()),
    }
    if let Some(label) = label {
        words.extend(["label".to_owned(), label.to_owned()]);
    }
    if let Some(metric) = one.metric {
        words.extend(["metric".to_owned(), metric.to_string()]);
    }
    if one.no_route {
        words.push("noprefixroute".to_owned());
    }
    words
}

/// Takes addresses off a device. The last first: with the first of a subnet go the others.
pub(super) fn take_off(addresses: &[LinkAddress], device: &str, commands: &mut Vec<Vec<String>>) {
    for one in movable(addresses).rev() {
        let mut words = command("ip address delete", &[]);
        words.extend(written(one).into_iter().take_while(|word| word != "scope"));
        words.extend(["dev".to_owned(), device.to_owned()]);
        commands.push(words);
    }
}

/// Moves addresses from one link to another, and the routes behind them.
pub(super) fn move_over(
    all: &HostNetworks,
    from: &str,
    to: &str,
    addresses: &[LinkAddress],
    commands: &mut Vec<Vec<String>>,
) {
    // First the new place, then the old: the host is never without.
    for one in movable(addresses) {
        // Its label must begin with the name of its link (ip-address(8)).
        let ending = one
            .label
            .as_ref()
            .and_then(|label| label.strip_prefix(from));
        let label = ending.map(|ending| format!("{to}{ending}"));
        commands.push(put(
            one,
            to,
            label.as_deref().filter(|label| label.len() <= 15),
        ));
    }
    commands.extend(routes(all, from).map(|one| route(one, from, to)));
    take_off(addresses, from, commands);
}

/// Gives addresses back to the link that had them, and the routes that went through it.
pub(super) fn give_back(
    all: &HostNetworks,
    link: &str,
    addresses: &[LinkAddress],
    commands: &mut Vec<Vec<String>>,
) {
    for one in movable(addresses) {
        commands.push(put(one, link, one.label.as_deref()));
    }
    commands.extend(routes(all, link).map(|one| route(one, link, link)));
}

/// Routes through a link, those without a gateway first: the others may need them.
fn routes<'a>(all: &'a HostNetworks, device: &'a str) -> impl Iterator<Item = &'a Route> {
    let of = move |behind: bool| {
        all.routes.iter().filter(move |one| {
            let is_behind = one.gateway.is_some() || !one.hops.is_empty();
            one.uses(device) && is_behind == behind
        })
    };
    of(false).chain(of(true))
}

/// By whom a route goes; the word of a family stands where that is not the route's own.
fn by(gateway: Option<IpAddr>, ipv6: bool) -> Vec<String> {
    let Some(gateway) = gateway else {
        return Vec::new();
    };
    let mut words = vec!["via".to_owned()];
    if gateway.is_ipv6() != ipv6 {
        words.push(if ipv6 { "inet" } else { "inet6" }.to_owned());
    }
    words.push(gateway.to_string());
    words
}

fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// A route with one link in the place of another.
fn route(one: &Route, from: &str, to: &str) -> Vec<String> {
    let family = if one.ipv6 { "-6" } else { "-4" };
    let mut words = command("ip {} route replace {}", &[family, &one.to]);
    let mut say = |some: &[&str]| words.extend(some.iter().map(|word| (*word).to_owned()));
    let device = |device: &str| {
        if device == from {
            to.to_owned()
        } else {
            device.to_owned()
        }
    };
    if let Some(table) = &one.table {
        say(&["table", table]);
    }
    if one.hops.is_empty() {
        say(&refs(&by(one.gateway, one.ipv6)));
        say(&["dev", &device(&one.device)]);
        if one.onlink {
            say(&["onlink"]);
        }
    }
    if let Some(metric) = one.metric {
        say(&["metric", &metric.to_string()]);
    }
    say(&refs(&one.more));
    for RouteHop {
        gateway,
        device: link,
        weight,
        onlink,
    } in &one.hops
    {
        say(&["nexthop"]);
        say(&refs(&by(*gateway, one.ipv6)));
        say(&["dev", &device(link)]);
        if let Some(weight) = weight {
            say(&["weight", &weight.to_string()]);
        }
        if *onlink {
            say(&["onlink"]);
        }
    }
    words
}
