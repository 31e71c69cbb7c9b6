//! Programs whose files virtty does not write: what each must be told, as a file's text and the command.

use super::{NextStart, Parts, parts};
use crate::model::HostNetworks;
use crate::network::BridgeWish;

/// What is done for the next start where somebody else's files say it.
pub(super) fn by_hand(
    keeper: &str,
    wish: &BridgeWish,
    all: &HostNetworks,
    texts: impl Fn(&Parts<'_>) -> Vec<(String, String)>,
) -> NextStart {
    let made = parts(wish, all)
        .map(|parts| texts(&parts))
        .unwrap_or_default();
    NextStart {
        keeper: keeper.to_owned(),
        file: None,
        note: Some(match made.is_empty() {
            true => format!(
                "{keeper} sets this host's network up: change it there too, or it is as before after the next start."
            ),
            false => format!(
                "{keeper} sets this host's network up: this is what it must be told; virtty does not write its files."
            ),
        }),
        by_hand: made,
    }
}

pub(super) fn netplan(parts: &Parts<'_>) -> Vec<(String, String)> {
    let Parts { bridge, member, .. } = parts;
    let mut text = "network:\n  version: 2\n".to_owned();
    if let Some(member) = member {
        text.push_str(&format!(
            "  ethernets:\n    {member}:\n      dhcp4: false\n      dhcp6: false\n"
        ));
    }
    text.push_str(&format!("  bridges:\n    {bridge}:\n"));
    text.push_str(&format!(
        "      interfaces: [{}]\n",
        member.unwrap_or_default()
    ));
    text.push_str(&format!(
        "      parameters:\n        stp: {}\n        forward-delay: {}\n",
        parts.stp, parts.delay_seconds
    ));
    if parts.is_dynamic() {
        text.push_str("      dhcp4: true\n");
    } else {
        let all: Vec<String> = parts
            .addresses(false)
            .chain(parts.addresses(true))
            .collect();
        if !all.is_empty() {
            text.push_str("      addresses:\n");
        }
        for address in all {
            text.push_str(&format!("        - {address}\n"));
        }
        let gateways: Vec<String> = [false, true]
            .into_iter()
            .filter_map(|ipv6| parts.gateway(ipv6))
            .collect();
        if !gateways.is_empty() {
            text.push_str("      routes:\n");
        }
        for gateway in gateways {
            text.push_str(&format!(
                "        - to: default\n          via: {gateway}\n"
            ));
        }
    }
    vec![
        (format!("/etc/netplan/60-{bridge}.yaml"), text),
        (
            "then, after addresses and routes of the device are taken out of its own file"
                .to_owned(),
            "netplan try --timeout 60\n".to_owned(),
        ),
    ]
}

pub(super) fn network_manager(parts: &Parts<'_>) -> Vec<(String, String)> {
    let Parts { bridge, member, .. } = parts;
    let mut line = format!(
        "nmcli connection add type bridge con-name {bridge} ifname {bridge} bridge.stp {}",
        if parts.stp { "yes" } else { "no" }
    );
    if parts.stp {
        line.push_str(&format!(" bridge.forward-delay {}", parts.delay_seconds));
    }
    if !parts.is_dynamic() {
        for (ipv6, family) in [(false, "ipv4"), (true, "ipv6")] {
            let all: Vec<String> = parts.addresses(ipv6).collect();
            if all.is_empty() {
                continue;
            }
            line.push_str(&format!(
                " {family}.method manual {family}.addresses {}",
                all.join(",")
            ));
            if let Some(gateway) = parts.gateway(ipv6) {
                line.push_str(&format!(" {family}.gateway {gateway}"));
            }
        }
        if parts.addresses.is_empty() {
            line.push_str(" ipv4.method disabled ipv6.method ignore");
        }
    }
    let mut text = format!("{line}\n");
    if let Some(member) = member {
        text.push_str(&format!(
            "nmcli connection add type bridge-slave con-name {bridge}-{member} ifname {member} master {bridge}\n"
        ));
    }
    text.push_str(&format!("nmcli connection up {bridge}\n"));
    vec![("commands".to_owned(), text)]
}

pub(super) fn networkd(parts: &Parts<'_>) -> Vec<(String, String)> {
    let Parts { bridge, member, .. } = parts;
    let folder = "/etc/systemd/network";
    let netdev = format!(
        "[NetDev]\nName={bridge}\nKind=bridge\n\n[Bridge]\nSTP={}\nForwardDelaySec={}\n",
        if parts.stp { "yes" } else { "no" },
        parts.delay_seconds
    );
    let mut network = format!("[Match]\nName={bridge}\n\n[Network]\n");
    if parts.is_dynamic() {
        network.push_str("DHCP=yes\n");
    } else {
        for address in parts.addresses(false).chain(parts.addresses(true)) {
            network.push_str(&format!("Address={address}\n"));
        }
        for gateway in [false, true]
            .into_iter()
            .filter_map(|ipv6| parts.gateway(ipv6))
        {
            network.push_str(&format!("Gateway={gateway}\n"));
        }
    }
    let mut found = vec![
        (format!("{folder}/10-{bridge}.netdev"), netdev),
        (format!("{folder}/10-{bridge}.network"), network),
    ];
    if let Some(member) = member {
        found.push((
            format!("{folder}/05-{bridge}-{member}.network"),
            format!("[Match]\nName={member}\n\n[Network]\nBridge={bridge}\n"),
        ));
    }
    let device = member.map_or_else(String::new, |member| {
        format!(" && networkctl reconfigure {member}")
    });
    found.push(("then".to_owned(), format!("networkctl reload{device}\n")));
    found
}
