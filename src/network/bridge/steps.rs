//! The plans themselves: what is checked, which commands there are, and which take them back.

use super::moving::{give_back, movable, move_over, take_off};
use super::{BridgePlan, bad_name, command};
use crate::model::{HostNetworks, Keeper, Link};
use crate::network::keeper::NextStart;

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
    if link.ethernet == Some(false) {
        return Err(format!(
            "'{name}' carries no frames of Ethernet: it cannot be in a bridge (route it, or use a routed network)"
        ));
    }
    if link.wireless {
        return Err(format!(
            "'{name}' is wireless: access points take frames of one address only, so the kernel lets it into no bridge (use a NAT or routed network)"
        ));
    }
    // The kernel hands a device's packets to one taker only.
    let taker = all.links.iter().find(|other| {
        let kind = other.kind.as_deref();
        let takes = matches!(kind, Some("macvlan" | "macvtap" | "ipvlan" | "ipvtap"));
        takes && other.parent.as_deref() == Some(name)
    });
    if let Some(taker) = taker {
        return Err(format!(
            "'{name}' carries '{}' (macvtap or the like): a device has either that or a bridge; move its guests first",
            taker.name
        ));
    }
    Ok(link)
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

pub(super) fn make(
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
    if device.addresses.iter().any(|one| one.dynamic) {
        plan.remarks.push(format!(
            "An address of {name} came by DHCP or from a router: it moves as a fixed one. A client that still runs for {name} may put it back there at its renewal: have it serve {bridge} instead (dhclient {bridge})."
        ));
    }
    if let Some(keeper) = at_work(all.keeper.as_ref()) {
        plan.remarks.push(format!(
            "{keeper} manages {name} on this host and may set it up anew at any time: tell it what stands below before you keep the change."
        ));
    }
    if device.kind.as_deref() == Some("vlan") {
        plan.remarks.push(format!(
            "{name} is a VLAN: guests on {bridge} are in it too."
        ));
    }
    let above = all.links.iter();
    let above: Vec<&str> = above
        .filter(|link| link.parent.as_deref() == Some(name))
        .filter(|link| link.kind.as_deref() == Some("vlan"))
        .map(|link| link.name.as_str())
        .collect();
    if !above.is_empty() {
        plan.remarks.push(format!(
            "{} on {name} go on, and keep their addresses: packets of these VLANs do not reach guests on {bridge}.",
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
        // With it go its addresses and routes.
        Some(removing) => plan.back.push(removing),
        None => take_off(&device.addresses, bridge, &mut plan.back),
    }
    give_back(all, name, &device.addresses, &mut plan.back);
    if device.enabled == Some(false) {
        plan.back.push(command("ip link set dev {} down", &[name]));
    }
}

/// Whose daemon would undo what is done to a link behind its back.
fn at_work(keeper: Option<&Keeper>) -> Option<&'static str> {
    match keeper? {
        Keeper::Netplan => Some("netplan"),
        Keeper::NetworkManager => Some("NetworkManager"),
        Keeper::Networkd => Some("systemd-networkd"),
        Keeper::Ifupdown | Keeper::Unknown => None,
    }
}

/// The devices in a bridge that are no taps of guests.
fn devices<'a>(all: &'a HostNetworks, bridge: &str) -> Vec<&'a Link> {
    all.links
        .iter()
        .filter(|link| link.master.as_deref() == Some(bridge) && !link.is_tap())
        .collect()
}

pub(super) fn remove(all: &HostNetworks, bridge: &str) -> Result<BridgePlan, String> {
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
    let is_bare = movable(&link.addresses).next().is_none();
    let device = match members.as_slice() {
        [] if is_bare => None,
        [] => {
            return Err(format!(
                "'{bridge}' has addresses and no device that could take them: the host would lose them"
            ));
        }
        [one] => Some(*one),
        _ if is_bare => None,
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
    give_back(all, bridge, &link.addresses, &mut plan.back);
    if let Some(device) = device {
        take_off(&link.addresses, &device.name, &mut plan.back);
    }
    Ok(plan)
}

pub(super) fn add(all: &HostNetworks, bridge: &str, member: &str) -> Result<BridgePlan, String> {
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

pub(super) fn take_out(
    all: &HostNetworks,
    bridge: &str,
    member: &str,
) -> Result<BridgePlan, String> {
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
