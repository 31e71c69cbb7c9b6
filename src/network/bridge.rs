//! Plans for the bridges of a host: which commands change them now, which take that back, and what the host's own files must
//! say for its next start. A plan changes nothing by itself.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::keeper::{self, NextStart};
use crate::model::{HostNetworks, KeeperFiles, Link, LinkAddress, Route};

/// What is wanted of a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BridgeWish {
    /// Make one, over a device where one is named: its addresses and routes move onto the bridge.
    Make {
        /// Its name.
        bridge: String,
        /// The device that goes into it.
        member: Option<String>,
        /// Speak the spanning tree protocol.
        stp: bool,
        /// Seconds until a new member forwards.
        delay_seconds: u32,
    },
    /// Take a bridge away; addresses and routes go back to its only device.
    Remove {
        /// Its name.
        bridge: String,
    },
    /// Put a device into a bridge; addresses that it has are moved onto that.
    Add {
        /// The bridge.
        bridge: String,
        /// The device.
        member: String,
    },
    /// Take a device out of a bridge.
    TakeOut {
        /// The bridge.
        bridge: String,
        /// The device.
        member: String,
    },
}

/// What is going to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgePlan {
    /// In a few words: `bridge br0 over eth0`.
    pub title: String,
    /// Commands as argument vectors, in order.
    pub commands: Vec<Vec<String>>,
    /// Commands that take it back, in order; each is tried, whatever became of the one before.
    pub back: Vec<Vec<String>>,
    /// What the host's own files must say.
    pub next_start: NextStart,
    /// What should be considered; the first are the gravest.
    pub remarks: Vec<String>,
    /// The SSH connection of whoever asks comes through a device that is changed.
    pub cuts_ssh: bool,
}

/// Longest name of a link, in bytes.
const LONGEST: usize = 15;

/// Makes the plan for a wish; `ssh` names the links that carry the present SSH connection.
///
/// # Errors
/// Why it cannot be done, in a sentence with the way out.
pub fn plan(
    wish: &BridgeWish,
    all: &HostNetworks,
    files: &KeeperFiles,
    ssh: Option<IpAddr>,
) -> Result<BridgePlan, String> {
    let mut made = match wish {
        BridgeWish::Make {
            bridge,
            member,
            stp,
            delay_seconds,
        } => make(all, bridge, member.as_deref(), *stp, *delay_seconds)?,
        BridgeWish::Remove { bridge } => remove(all, bridge)?,
        BridgeWish::Add { bridge, member } => add(all, bridge, member)?,
        BridgeWish::TakeOut { bridge, member } => take_out(all, bridge, member)?,
    };
    if let Some(address) = ssh {
        let carrier = all
            .links
            .iter()
            .find(|link| link.addresses.iter().any(|one| one.address == address));
        let touched = |name: &str| {
            let names: Vec<&String> = made.commands.iter().flatten().collect();
            names.iter().any(|word| *word == name)
        };
        made.cuts_ssh = carrier.is_some_and(|link| {
            touched(&link.name)
                || all
                    .links
                    .iter()
                    .any(|below| below.master.as_ref() == Some(&link.name) && touched(&below.name))
        });
        if made.cuts_ssh {
            made.remarks.insert(
                0,
                "Your own SSH connection comes through it: if it does not survive, wait for the change to be taken back."
                    .to_owned(),
            );
        }
    }
    made.next_start = keeper::next_start(wish, all, files);
    Ok(made)
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A command whose words hold names: each `{}` stands for one of them, whatever is in it.
fn command(line: &str, names: &[&str]) -> Vec<String> {
    let mut names = names.iter();
    words(line)
        .into_iter()
        .map(|word| match word.as_str() {
            "{}" => names.next().copied().unwrap_or_default().to_owned(),
            _ => word,
        })
        .collect()
}

fn find<'a>(all: &'a HostNetworks, name: &str) -> Result<&'a Link, String> {
    all.links
        .iter()
        .find(|link| link.name == name)
        .ok_or_else(|| format!("there is no link '{name}' on this host"))
}

fn bridge_named<'a>(all: &'a HostNetworks, name: &str) -> Result<&'a Link, String> {
    let link = find(all, name)?;
    if !link.is_bridge() {
        return Err(format!("'{name}' is no bridge"));
    }
    if let Some(network) = all
        .networks
        .iter()
        .find(|network| network.active && network.definition.bridge.as_deref() == Some(name))
        && !network.definition.subnets.is_empty()
    {
        return Err(format!(
            "'{name}' belongs to the virtual network '{}', which makes and removes it: change that instead",
            network.name
        ));
    }
    Ok(link)
}

/// A device that may go into a bridge.
fn free_member<'a>(all: &'a HostNetworks, name: &str) -> Result<&'a Link, String> {
    let link = find(all, name)?;
    if name == "lo" {
        return Err("lo is the host's own loopback: it goes into no bridge".to_owned());
    }
    if link.is_bridge() {
        return Err(format!(
            "'{name}' is a bridge itself: a bridge goes into no other"
        ));
    }
    if let Some(master) = &link.master {
        return Err(format!(
            "'{name}' is in '{master}' already: take it out there first"
        ));
    }
    Ok(link)
}

/// Why a text is no name for a link; `None` where it is one.
#[must_use]
pub fn bad_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("a bridge needs a name, such as br0");
    }
    if name.len() > LONGEST {
        return Some("a link's name has 15 characters at most");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.chars().all(plain) || name.starts_with(['-', '.']) {
        return Some("a link's name holds letters, digits, - _ . and does not begin with - or .");
    }
    if matches!(name, "all" | "default" | "lo") {
        return Some("this name means something else to the kernel");
    }
    None
}

fn empty(title: String) -> BridgePlan {
    BridgePlan {
        title,
        commands: Vec::new(),
        back: Vec::new(),
        next_start: NextStart::default(),
        remarks: Vec::new(),
        cuts_ssh: false,
    }
}

fn make(
    all: &HostNetworks,
    bridge: &str,
    member: Option<&str>,
    stp: bool,
    delay_seconds: u32,
) -> Result<BridgePlan, String> {
    if let Some(why) = bad_name(bridge) {
        return Err(why.to_owned());
    }
    if all.links.iter().any(|link| link.name == bridge) {
        return Err(format!(
            "there is a link '{bridge}' already: choose another name, or put the device into it"
        ));
    }
    if delay_seconds > 30 {
        return Err("a bridge waits 30 s at most before it forwards".to_owned());
    }
    if stp && delay_seconds < 2 {
        return Err("with STP a bridge waits 2 s at least before it forwards".to_owned());
    }
    let device = member.map(|name| free_member(all, name)).transpose()?;
    let title = match device {
        Some(device) => format!("bridge {bridge} over {}", device.name),
        None => format!("bridge {bridge} without a device"),
    };
    let mut plan = empty(title);
    let on = if stp { "1" } else { "0" };
    // In hundredths of a second.
    let delay = (delay_seconds * 100).to_string();
    plan.commands.push(command(
        "ip link add name {} type bridge stp_state {} forward_delay {}",
        &[bridge, on, &delay],
    ));
    let removing = command("ip link delete dev {} type bridge", &[bridge]);
    match device {
        None => {
            plan.commands
                .push(command("ip link set dev {} up", &[bridge]));
            plan.back.push(removing);
        }
        Some(device) => {
            // By the device's own address, so that DHCP servers and switches see who they know.
            if let Some(mac) = &device.mac {
                plan.commands
                    .push(command("ip link set dev {} address {}", &[bridge, mac]));
            }
            plan.commands
                .push(command("ip link set dev {} up", &[bridge]));
            enter(all, bridge, device, &mut plan);
            leave(all, bridge, device, Some(removing), &mut plan);
        }
    }
    Ok(plan)
}

/// Commands that put a device with what it has into a bridge.
fn enter(all: &HostNetworks, bridge: &str, device: &Link, plan: &mut BridgePlan) {
    let name = device.name.as_str();
    plan.commands
        .push(command("ip link set dev {} master {}", &[name, bridge]));
    if device.enabled == Some(false) {
        plan.commands
            .push(command("ip link set dev {} up", &[name]));
    }
    move_over(all, name, bridge, &device.addresses, &mut plan.commands);
    let dynamic = device.addresses.iter().any(|one| one.dynamic);
    if dynamic {
        plan.remarks.push(format!(
            "An address of {name} came by DHCP or from a router: it moves as it is; the client that renews it must be told of {bridge} (dhclient {bridge}), or it ends."
        ));
    }
    if device.kind.as_deref() == Some("vlan") {
        plan.remarks.push(format!(
            "{name} is a VLAN: guests on {bridge} are in it too."
        ));
    }
    let above: Vec<&str> = all
        .links
        .iter()
        .filter(|link| link.parent.as_deref() == Some(name))
        .map(|link| link.name.as_str())
        .collect();
    if !above.is_empty() {
        plan.remarks.push(format!(
            "{} on {name} may get no more packets once it is in a bridge.",
            above.join(", ")
        ));
    }
    if all.firewall.bridge_calls_iptables == Some(true) {
        plan.remarks.push(match all.firewall.drops_forwarded {
            Some(true) => "br_netfilter is on and iptables drops what is forwarded: guests on the bridge reach nobody until a rule lets them (iptables -I FORWARD -m physdev --physdev-is-bridged -j ACCEPT), which is not made here.".to_owned(),
            _ => "br_netfilter is on: rules of iptables hold for packets of guests on the bridge too.".to_owned(),
        });
    }
}

/// Commands that take a device with what it had out of a bridge again, for the way back.
fn leave(
    all: &HostNetworks,
    bridge: &str,
    device: &Link,
    removing: Option<Vec<String>>,
    plan: &mut BridgePlan,
) {
    let name = device.name.as_str();
    plan.back
        .push(command("ip link set dev {} nomaster", &[name]));
    match removing {
        Some(removing) => {
            // With it go its addresses and routes.
            plan.back.push(removing);
            give(all, name, name, &device.addresses, &mut plan.back);
        }
        None => {
            for one in movable(&device.addresses) {
                plan.back.push(address("delete", one, bridge));
            }
            give(all, name, name, &device.addresses, &mut plan.back);
        }
    }
    if device.enabled == Some(false) {
        plan.back.push(command("ip link set dev {} down", &[name]));
    }
}

/// Addresses that are moved: those of the link itself the kernel makes anew.
fn movable(addresses: &[LinkAddress]) -> impl Iterator<Item = &LinkAddress> {
    addresses.iter().filter(|one| one.global)
}

fn address(what: &str, one: &LinkAddress, device: &str) -> Vec<String> {
    let written = format!("{}/{}", one.address, one.prefix);
    let mut words = command("ip address {} {} dev {}", &[what, &written, device]);
    if what == "replace" {
        match one.address {
            IpAddr::V4(_) => words.extend(["broadcast", "+"].map(str::to_owned)),
            // Its former owner is this host: nobody else need be asked.
            IpAddr::V6(_) => words.push("nodad".to_owned()),
        }
    }
    words
}

/// Moves addresses from one link to another, and the routes behind them.
fn move_over(
    all: &HostNetworks,
    from: &str,
    to: &str,
    addresses: &[LinkAddress],
    commands: &mut Vec<Vec<String>>,
) {
    // First the new place, then the old: the host is never without.
    for one in movable(addresses) {
        commands.push(address("replace", one, to));
    }
    for one in movable(addresses) {
        commands.push(address("delete", one, from));
    }
    commands.extend(routes(all, from).map(|one| route(one, to)));
}

/// Gives addresses to a link, and the routes that went through `of`.
fn give(
    all: &HostNetworks,
    of: &str,
    to: &str,
    addresses: &[LinkAddress],
    commands: &mut Vec<Vec<String>>,
) {
    for one in movable(addresses) {
        commands.push(address("replace", one, to));
    }
    commands.extend(routes(all, of).map(|one| route(one, to)));
}

/// Routes through a link, those without a gateway first: the others may need them.
fn routes<'a>(all: &'a HostNetworks, device: &'a str) -> impl Iterator<Item = &'a Route> {
    let of = move |gateway: bool| {
        all.routes
            .iter()
            .filter(move |one| one.device == device && one.gateway.is_some() == gateway)
    };
    of(false).chain(of(true))
}

fn route(one: &Route, device: &str) -> Vec<String> {
    let family = if one.ipv6 { "-6" } else { "-4" };
    let mut words = command("ip {} route replace {}", &[family, &one.to]);
    if let Some(gateway) = one.gateway {
        words.extend(["via".to_owned(), gateway.to_string()]);
    }
    words.extend(["dev".to_owned(), device.to_owned()]);
    if let Some(metric) = one.metric {
        words.extend(["metric".to_owned(), metric.to_string()]);
    }
    words
}

/// The devices in a bridge that are no taps of guests.
fn devices<'a>(all: &'a HostNetworks, bridge: &str) -> Vec<&'a Link> {
    all.links
        .iter()
        .filter(|link| link.master.as_deref() == Some(bridge) && !link.is_tap())
        .collect()
}

fn remove(all: &HostNetworks, bridge: &str) -> Result<BridgePlan, String> {
    let link = bridge_named(all, bridge)?;
    let taps = all
        .links
        .iter()
        .filter(|one| one.master.as_deref() == Some(bridge) && one.is_tap());
    let taps: Vec<&str> = taps.map(|one| one.name.as_str()).collect();
    if !taps.is_empty() {
        return Err(format!(
            "guests are on '{bridge}' ({}): shut them down or move their NICs first",
            taps.join(", ")
        ));
    }
    let members = devices(all, bridge);
    let addresses: Vec<&LinkAddress> = movable(&link.addresses).collect();
    let device = match members.as_slice() {
        [] if addresses.is_empty() => None,
        [] => {
            return Err(format!(
                "'{bridge}' has addresses and no device that could take them: the host would lose them"
            ));
        }
        [one] => Some(*one),
        _ if addresses.is_empty() => None,
        several => {
            let names: Vec<&str> = several.iter().map(|one| one.name.as_str()).collect();
            return Err(format!(
                "'{bridge}' has addresses and several devices ({}): take out all but the one that shall have them",
                names.join(", ")
            ));
        }
    };
    let mut plan = empty(match device {
        Some(device) => format!("no bridge {bridge}, {} by itself", device.name),
        None => format!("no bridge {bridge}"),
    });
    for member in &members {
        plan.commands
            .push(command("ip link set dev {} nomaster", &[&member.name]));
    }
    if let Some(device) = device {
        move_over(
            all,
            bridge,
            &device.name,
            &link.addresses,
            &mut plan.commands,
        );
    }
    plan.commands
        .push(command("ip link delete dev {} type bridge", &[bridge]));
    let facts = link.bridge.clone().unwrap_or_default();
    let on = if facts.stp == Some(true) { "1" } else { "0" };
    let delay = (facts.delay_seconds.unwrap_or(0) * 100).to_string();
    plan.back.push(command(
        "ip link add name {} type bridge stp_state {} forward_delay {}",
        &[bridge, on, &delay],
    ));
    if let Some(mac) = &link.mac {
        plan.back
            .push(command("ip link set dev {} address {}", &[bridge, mac]));
    }
    if link.enabled != Some(false) {
        plan.back.push(command("ip link set dev {} up", &[bridge]));
    }
    for member in &members {
        plan.back.push(command(
            "ip link set dev {} master {}",
            &[&member.name, bridge],
        ));
    }
    for one in addresses {
        plan.back.push(address("replace", one, bridge));
        if let Some(device) = device {
            plan.back.push(address("delete", one, &device.name));
        }
    }
    plan.back
        .extend(routes(all, bridge).map(|one| route(one, bridge)));
    Ok(plan)
}

fn add(all: &HostNetworks, bridge: &str, member: &str) -> Result<BridgePlan, String> {
    bridge_named(all, bridge)?;
    let device = free_member(all, member)?;
    let mut plan = empty(format!("{member} into bridge {bridge}"));
    enter(all, bridge, device, &mut plan);
    leave(all, bridge, device, None, &mut plan);
    if device.addresses.iter().any(|one| one.global) {
        plan.remarks
            .push(format!("The addresses of {member} move onto {bridge}."));
    }
    Ok(plan)
}

fn take_out(all: &HostNetworks, bridge: &str, member: &str) -> Result<BridgePlan, String> {
    let link = bridge_named(all, bridge)?;
    let device = find(all, member)?;
    if device.master.as_deref() != Some(bridge) {
        return Err(format!("'{member}' is not in '{bridge}'"));
    }
    let mut plan = empty(format!("{member} out of bridge {bridge}"));
    plan.commands
        .push(command("ip link set dev {} nomaster", &[member]));
    plan.back
        .push(command("ip link set dev {} master {}", &[member, bridge]));
    let others = devices(all, bridge).len();
    if others == 1 && movable(&link.addresses).next().is_some() {
        plan.remarks.push(format!(
            "It is the only device of {bridge}: the host's addresses on {bridge} and its guests reach nobody outside any more."
        ));
    }
    if device.is_tap() {
        plan.remarks.push(format!(
            "{member} is the tap of a guest, whose NIC is cut off until its next start."
        ));
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BridgeFacts, Firewall};

    fn address_of(text: &str, prefix: u32) -> LinkAddress {
        LinkAddress {
            address: text.parse().unwrap(),
            prefix,
            dynamic: false,
            global: !text.starts_with("fe80"),
        }
    }

    fn link(name: &str) -> Link {
        Link {
            name: name.to_owned(),
            mac: Some("02:00:00:00:00:01".to_owned()),
            enabled: Some(true),
            physical: true,
            ..Link::default()
        }
    }

    fn host() -> HostNetworks {
        let mut eth0 = link("eth0");
        eth0.addresses = vec![
            address_of("10.0.0.5", 24),
            address_of("fd00::5", 64),
            address_of("fe80::1", 64),
        ];
        let mut br9 = link("br9");
        br9.kind = Some("bridge".to_owned());
        br9.physical = false;
        br9.bridge = Some(BridgeFacts::default());
        let mut eth9 = link("eth9");
        eth9.master = Some("br9".to_owned());
        HostNetworks {
            links: vec![link("lo"), eth0, link("eth1"), br9, eth9],
            routes: vec![Route {
                to: "default".to_owned(),
                gateway: "10.0.0.1".parse().ok(),
                device: "eth0".to_owned(),
                metric: Some(100),
                protocol: None,
                ipv6: false,
            }],
            ..HostNetworks::default()
        }
    }

    fn made(wish: &BridgeWish, all: &HostNetworks) -> Result<BridgePlan, String> {
        plan(wish, all, &KeeperFiles::default(), None)
    }

    fn lines(commands: &[Vec<String>]) -> Vec<String> {
        commands.iter().map(|words| words.join(" ")).collect()
    }

    fn make(bridge: &str, member: Option<&str>) -> BridgeWish {
        BridgeWish::Make {
            bridge: bridge.to_owned(),
            member: member.map(str::to_owned),
            stp: false,
            delay_seconds: 0,
        }
    }

    #[test]
    fn addresses_and_the_default_route_move_onto_the_bridge() {
        let plan = made(&make("br0", Some("eth0")), &host()).unwrap();
        assert_eq!(
            lines(&plan.commands),
            [
                "ip link add name br0 type bridge stp_state 0 forward_delay 0",
                "ip link set dev br0 address 02:00:00:00:00:01",
                "ip link set dev br0 up",
                "ip link set dev eth0 master br0",
                "ip address replace 10.0.0.5/24 dev br0 broadcast +",
                "ip address replace fd00::5/64 dev br0 nodad",
                "ip address delete 10.0.0.5/24 dev eth0",
                "ip address delete fd00::5/64 dev eth0",
                "ip -4 route replace default via 10.0.0.1 dev br0 metric 100",
            ]
        );
        assert_eq!(
            lines(&plan.back),
            [
                "ip link set dev eth0 nomaster",
                "ip link delete dev br0 type bridge",
                "ip address replace 10.0.0.5/24 dev eth0 broadcast +",
                "ip address replace fd00::5/64 dev eth0 nodad",
                "ip -4 route replace default via 10.0.0.1 dev eth0 metric 100",
            ]
        );
        assert!(plan.remarks.is_empty() && !plan.cuts_ssh);
    }

    #[test]
    fn what_would_go_wrong_is_refused_beforehand() {
        let all = host();
        let add = |bridge: &str, member: &str| BridgeWish::Add {
            bridge: bridge.to_owned(),
            member: member.to_owned(),
        };
        for (wish, part) in [
            (make("", None), "needs a name"),
            (make("a-very-long-name", None), "15 characters"),
            (make("br 0", None), "letters, digits"),
            (make("-br", None), "does not begin"),
            (make("eth0", None), "already"),
            (make("br0", Some("eth7")), "no link 'eth7'"),
            (make("br0", Some("lo")), "loopback"),
            (make("br0", Some("br9")), "a bridge itself"),
            (make("br0", Some("eth9")), "in 'br9' already"),
            (add("eth0", "eth1"), "is no bridge"),
            (add("br9", "eth9"), "already"),
        ] {
            let why = made(&wish, &all).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
    }

    #[test]
    fn the_link_of_ones_own_ssh_connection_is_told() {
        let ssh = "10.0.0.5".parse().ok();
        let files = KeeperFiles::default();
        let over = plan(&make("br0", Some("eth0")), &host(), &files, ssh).unwrap();
        assert!(over.cuts_ssh && over.remarks[0].contains("SSH"));
        let other = plan(&make("br0", Some("eth1")), &host(), &files, ssh).unwrap();
        assert!(!other.cuts_ssh);
    }

    #[test]
    fn firewall_traps_and_dhcp_are_told() {
        let mut all = host();
        all.links[1].addresses[0].dynamic = true;
        all.firewall = Firewall {
            bridge_calls_iptables: Some(true),
            drops_forwarded: Some(true),
            ..Firewall::default()
        };
        let plan = made(&make("br0", Some("eth0")), &all).unwrap();
        assert!(plan.remarks.iter().any(|one| one.contains("DHCP")));
        assert!(plan.remarks.iter().any(|one| one.contains("br_netfilter")));
    }

    #[test]
    fn a_bridge_is_taken_away_only_when_nobody_needs_it() {
        let wish = BridgeWish::Remove {
            bridge: "br9".to_owned(),
        };
        let mut all = host();
        let gone = made(&wish, &all).unwrap();
        assert_eq!(
            lines(&gone.commands),
            [
                "ip link set dev eth9 nomaster",
                "ip link delete dev br9 type bridge"
            ]
        );
        all.links[3].addresses = vec![address_of("10.9.0.1", 24)];
        let moved = made(&wish, &all).unwrap();
        assert!(
            lines(&moved.commands)
                .contains(&"ip address replace 10.9.0.1/24 dev eth9 broadcast +".to_owned())
        );
        let mut tap = link("vnet0");
        tap.kind = Some("tun".to_owned());
        tap.master = Some("br9".to_owned());
        all.links.push(tap);
        assert!(made(&wish, &all).unwrap_err().contains("vnet0"));
        let out = BridgeWish::TakeOut {
            bridge: "br9".to_owned(),
            member: "eth9".to_owned(),
        };
        assert!(made(&out, &all).unwrap().remarks[0].contains("only device"));
    }
}
