//! Programs whose files virtty does not write: what each must be told, as a file's text and the command.

use super::{NextStart, Parts, parts};
use crate::model::{HostNetworks, Route};
use crate::network::BridgeWish;
use crate::network::write::escaped;

/// What is to be told: of a new bridge all of it, else what changes.
type Texts = Vec<(String, String)>;

/// What is done for the next start where somebody else's files say it.
pub(super) fn by_hand(
    keeper: &str,
    wish: &BridgeWish,
    all: &HostNetworks,
    texts: impl Fn(&BridgeWish, &Parts<'_>) -> Texts,
) -> NextStart {
    let parts = parts(wish, all);
    let made = texts(wish, &parts);
    let mut note = format!(
        "{keeper} sets this host's network up: this is what it must be told; virtty does not write its files."
    );
    if let (BridgeWish::Make { .. }, Some(member), false) =
        (wish, parts.member, parts.addresses.is_empty())
    {
        note.push_str(&format!(
            " Name servers that are set for {member} belong to {} from then on.",
            parts.bridge
        ));
    }
    NextStart {
        keeper: keeper.to_owned(),
        file: None,
        note: Some(note),
        by_hand: made,
    }
}

fn file(path: String, text: String) -> (String, String) {
    (path, text)
}

fn commands(lines: &[String]) -> (String, String) {
    ("commands".to_owned(), lines.join("\n") + "\n")
}

pub(super) fn netplan(wish: &BridgeWish, parts: &Parts<'_>) -> Texts {
    let bridge = parts.bridge;
    let member = parts.member.unwrap_or_default();
    let path = format!("/etc/netplan/60-{bridge}.yaml");
    let attempt = "netplan try --timeout 60".to_owned();
    match wish {
        BridgeWish::Make { .. } => {}
        BridgeWish::Add { .. } => {
            return vec![
                (
                    format!("the list of {bridge} in its file (/etc/netplan)"),
                    format!("      interfaces: [.., {member}]\n"),
                ),
                commands(&[attempt]),
            ];
        }
        BridgeWish::TakeOut { .. } => {
            return vec![
                (
                    format!("the list of {bridge} in its file (/etc/netplan), without {member}"),
                    "      interfaces: [..]\n".to_owned(),
                ),
                commands(&[attempt]),
            ];
        }
        BridgeWish::Remove { .. } => {
            let mut lines = vec![format!("netplan set network.bridges.{bridge}=null")];
            if let (Some(member), false) = (parts.member, parts.addresses.is_empty()) {
                let all: Vec<String> = parts
                    .addresses(false)
                    .chain(parts.addresses(true))
                    .collect();
                lines.push(match parts.is_dynamic() {
                    true => format!("netplan set network.ethernets.{member}.dhcp4=true"),
                    false => format!(
                        "netplan set 'network.ethernets.{member}.addresses=[{}]'",
                        all.join(", ")
                    ),
                });
            }
            lines.push(attempt);
            return vec![commands(&lines)];
        }
    }
    let mut text = "network:\n  version: 2\n".to_owned();
    if let Some(member) = parts.member {
        text.push_str(&format!(
            "  ethernets:\n    {member}:\n      dhcp4: false\n      dhcp6: false\n"
        ));
    }
    text.push_str(&format!("  bridges:\n    {bridge}:\n"));
    text.push_str(&format!("      interfaces: [{member}]\n"));
    text.push_str(&format!(
        "      parameters:\n        stp: {}\n        forward-delay: {}\n",
        parts.stp, parts.delay_seconds
    ));
    if parts.is_dynamic() {
        text.push_str("      dhcp4: true\n");
    }
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
    let mut routes = parts.made().peekable();
    if routes.peek().is_some() {
        text.push_str("      routes:\n");
    }
    for route in routes {
        text.push_str(&format!("        - to: {}\n", route.to));
        match route.gateway {
            Some(gateway) => text.push_str(&format!("          via: {gateway}\n")),
            None => text.push_str("          scope: link\n"),
        }
        if let Some(metric) = route.metric {
            text.push_str(&format!("          metric: {metric}\n"));
        }
        if route.onlink {
            text.push_str("          on-link: true\n");
        }
    }
    vec![
        file(path, text),
        (
            "then, after addresses and routes of the device are taken out of its own file"
                .to_owned(),
            format!("{attempt}\n"),
        ),
    ]
}

pub(super) fn network_manager(wish: &BridgeWish, parts: &Parts<'_>) -> Texts {
    let bridge = parts.bridge;
    let enter = |member: &str| {
        [
            format!(
                "nmcli connection add type bridge-slave con-name {bridge}-{member} ifname {member} master {bridge}"
            ),
            format!("nmcli connection up {bridge}-{member}"),
        ]
    };
    match (wish, parts.member) {
        (BridgeWish::Make { .. }, _) => {}
        (BridgeWish::Add { .. }, Some(member)) => return vec![commands(&enter(member))],
        (BridgeWish::TakeOut { .. }, Some(member)) => {
            return vec![commands(&[format!(
                "nmcli connection delete {bridge}-{member}"
            )])];
        }
        (_, member) => {
            let mut lines = vec![format!("nmcli connection delete {bridge}")];
            if let Some(member) = member {
                lines.push(format!("nmcli connection delete {bridge}-{member}"));
                lines.push(format!("nmcli device connect {member}"));
            }
            return vec![commands(&lines)];
        }
    }
    let mut line = format!(
        "nmcli connection add type bridge con-name {bridge} ifname {bridge} bridge.stp {}",
        if parts.stp { "yes" } else { "no" }
    );
    if parts.stp {
        line.push_str(&format!(" bridge.forward-delay {}", parts.delay_seconds));
    }
    for (ipv6, family) in [(false, "ipv4"), (true, "ipv6")] {
        let all: Vec<String> = parts.addresses(ipv6).collect();
        if all.is_empty() {
            continue;
        }
        line.push_str(&format!(
            " {family}.method manual {family}.addresses {}",
            all.join(",")
        ));
        let default = parts.default_route(ipv6);
        if let Some(gateway) = parts.gateway(ipv6) {
            line.push_str(&format!(" {family}.gateway {gateway}"));
        }
        if let Some(metric) = default.and_then(|route| route.metric) {
            line.push_str(&format!(" {family}.route-metric {metric}"));
        }
        let others = parts
            .made()
            .filter(|one| one.ipv6 == ipv6 && Some(*one) != default);
        for route in others {
            let gateway = route
                .gateway
                .map_or_else(String::new, |by| format!(" {by}"));
            let metric = route
                .metric
                .map_or_else(String::new, |cost| format!(" {cost}"));
            line.push_str(&format!(
                " +{family}.routes \"{}{gateway}{metric}\"",
                route.to
            ));
        }
    }
    if parts.addresses.is_empty() {
        line.push_str(" ipv4.method disabled ipv6.method ignore");
    }
    let mut lines = Vec::new();
    if let Some(member) = parts.member {
        // Else its own connection takes the device at the next start.
        lines.push(format!(
            "nmcli connection modify \"$(nmcli -g GENERAL.CONNECTION device show {member})\" connection.autoconnect no"
        ));
    }
    lines.push(line);
    lines.extend(parts.member.into_iter().flat_map(enter));
    lines.push(format!("nmcli connection up {bridge}"));
    vec![commands(&lines)]
}

pub(super) fn networkd(wish: &BridgeWish, parts: &Parts<'_>) -> Texts {
    let bridge = parts.bridge;
    let folder = "/etc/systemd/network";
    let of_member = |member: &str| format!("{folder}/05-{bridge}-{member}.network");
    let reload = |member: Option<&str>| {
        let device = member.map(|member| format!("networkctl reconfigure {member}"));
        let lines = std::iter::once("networkctl reload".to_owned()).chain(device);
        (
            "then".to_owned(),
            lines.collect::<Vec<_>>().join("\n") + "\n",
        )
    };
    let entering = |member: &str| {
        let text = format!("[Match]\nName={member}\n\n[Network]\nBridge={bridge}\n");
        file(of_member(member), text)
    };
    match (wish, parts.member) {
        (BridgeWish::Make { .. }, _) => {}
        (BridgeWish::Add { .. }, Some(member)) => {
            return vec![entering(member), reload(Some(member))];
        }
        (BridgeWish::TakeOut { .. }, Some(member)) => {
            return vec![
                commands(&[format!("rm {}", of_member(member))]),
                reload(Some(member)),
            ];
        }
        (_, member) => {
            let mut files = vec![
                format!("{folder}/10-{bridge}.netdev"),
                format!("{folder}/10-{bridge}.network"),
            ];
            files.extend(member.map(of_member));
            let lines = [
                format!("rm -f {}", files.join(" ")),
                format!("ip link delete dev {bridge} type bridge"),
            ];
            return vec![commands(&lines), reload(member)];
        }
    }
    let netdev = format!(
        "[NetDev]\nName={bridge}\nKind=bridge\n\n[Bridge]\nSTP={}\nForwardDelaySec={}\n",
        if parts.stp { "yes" } else { "no" },
        parts.delay_seconds
    );
    let mut network = format!("[Match]\nName={bridge}\n\n[Network]\n");
    if parts.is_dynamic() {
        network.push_str("DHCP=yes\n");
    }
    for address in parts.addresses(false).chain(parts.addresses(true)) {
        network.push_str(&format!("Address={address}\n"));
    }
    // The section of the network has no place for a cost.
    let is_plain = |route: &Route| route.to == "default" && route.metric.is_none() && !route.onlink;
    for route in parts.made().filter(|route| is_plain(route)) {
        if let Some(gateway) = route.gateway {
            network.push_str(&format!("Gateway={gateway}\n"));
        }
    }
    for route in parts.made().filter(|route| !is_plain(route)) {
        network.push_str("\n[Route]\n");
        let to = match (route.to.as_str(), route.ipv6) {
            ("default", false) => "0.0.0.0/0",
            ("default", true) => "::/0",
            (to, _) => to,
        };
        network.push_str(&format!("Destination={to}\n"));
        if let Some(gateway) = route.gateway {
            network.push_str(&format!("Gateway={gateway}\n"));
        }
        if let Some(metric) = route.metric {
            network.push_str(&format!("Metric={metric}\n"));
        }
        if route.onlink {
            network.push_str("GatewayOnLink=yes\n");
        }
    }
    let mut found = vec![
        file(format!("{folder}/10-{bridge}.netdev"), netdev),
        file(format!("{folder}/10-{bridge}.network"), network),
    ];
    found.extend(parts.member.map(entering));
    found.push(reload(parts.member));
    found
}

/// XML and commands for libvirt's interface driver (libvirt's schema `interface.rng`; virsh(1), `iface-begin`).
pub(super) fn by_libvirt(wish: &BridgeWish, all: &HostNetworks) -> Texts {
    let parts = parts(wish, all);
    let bridge = parts.bridge;
    let (first, last) = (
        "virtty iface-begin".to_owned(),
        "virtty iface-commit   # or iface-rollback".to_owned(),
    );
    let BridgeWish::Make { .. } = wish else {
        return match wish {
            BridgeWish::Remove { .. } => vec![commands(&[
                first,
                format!("virtty iface-destroy {bridge}"),
                format!("virtty iface-undefine {bridge}"),
                last,
            ])],
            _ => vec![commands(&[
                first,
                format!(
                    "virtty iface-dumpxml {bridge} > {bridge}.xml   # then change its list of interfaces"
                ),
                format!("virtty iface-define {bridge}.xml"),
                format!("virtty iface-destroy {bridge}"),
                format!("virtty iface-start {bridge}"),
                last,
            ])],
        };
    };
    let mut xml = format!(
        "<interface type='bridge' name='{}'>\n  <start mode='onboot'/>\n",
        escaped(bridge)
    );
    for (ipv6, family) in [(false, "ipv4"), (true, "ipv6")] {
        let of_family = parts
            .addresses
            .iter()
            .filter(|one| one.address.is_ipv6() == ipv6);
        if of_family.clone().next().is_none() {
            continue;
        }
        xml.push_str(&format!("  <protocol family='{family}'>\n"));
        if of_family.clone().any(|one| one.dynamic) {
            let word = if ipv6 { "autoconf" } else { "dhcp" };
            xml.push_str(&format!("    <{word}/>\n"));
        }
        for one in of_family.filter(|one| !one.dynamic) {
            xml.push_str(&format!(
                "    <ip address='{}' prefix='{}'/>\n",
                one.address, one.prefix
            ));
        }
        if let Some(gateway) = parts.gateway(ipv6) {
            xml.push_str(&format!("    <route gateway='{gateway}'/>\n"));
        }
        xml.push_str("  </protocol>\n");
    }
    let stp = if parts.stp { "on" } else { "off" };
    xml.push_str(&format!(
        "  <bridge stp='{stp}' delay='{}'",
        parts.delay_seconds
    ));
    xml.push_str(&match parts.member {
        Some(member) => format!(
            ">\n    <interface type='ethernet' name='{}'/>\n  </bridge>\n",
            escaped(member)
        ),
        None => "/>\n".to_owned(),
    });
    xml.push_str("</interface>\n");
    vec![
        file(format!("{bridge}.xml"), xml),
        commands(&[
            first,
            format!("virtty iface-define {bridge}.xml"),
            format!("virtty iface-start {bridge}"),
            last,
        ]),
    ]
}
