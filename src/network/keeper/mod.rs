//! What the host's own files must say, so that a bridge is there after its next start too: ifupdown's are written, for others
//! the text and the command are shown.

mod others;

use serde::{Deserialize, Serialize};

use super::bridge::BridgeWish;
use crate::model::{HostNetworks, Keeper, KeeperFiles as Files, LinkAddress, Route};
use others::{by_hand, netplan, network_manager, networkd};

/// What is done for the next start of the host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NextStart {
    /// Who sets the network up then, in words.
    pub keeper: String,
    /// A file that is written when the change is kept.
    pub file: Option<FileChange>,
    /// What a person has to do, where virtty does not: path or command, and text.
    pub by_hand: Vec<(String, String)>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// A file with another text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// Its text before; `None` where it is new.
    pub before: Option<String>,
    /// Its text after.
    pub after: String,
}

/// Main file of ifupdown.
pub const INTERFACES: &str = "/etc/network/interfaces";

/// What the files of the host must say after a wish was fulfilled.
#[must_use]
pub fn next_start(wish: &BridgeWish, all: &HostNetworks, files: &Files) -> NextStart {
    match &all.keeper {
        Some(Keeper::Ifupdown { folder }) => ifupdown(wish, all, files, *folder),
        Some(Keeper::Netplan) => by_hand("netplan", wish, all, netplan),
        Some(Keeper::NetworkManager) => by_hand("NetworkManager", wish, all, network_manager),
        Some(Keeper::Networkd) => by_hand("systemd-networkd", wish, all, networkd),
        Some(Keeper::Unknown) | None => NextStart {
            keeper: "nobody known here".to_owned(),
            note: Some(
                "Nobody was found who sets the network up when the host starts: the change is gone then.".to_owned(),
            ),
            ..NextStart::default()
        },
    }
}

/// What a bridge is made of, as the texts need it.
struct Parts<'a> {
    bridge: &'a str,
    member: Option<&'a str>,
    stp: bool,
    delay_seconds: u32,
    addresses: Vec<&'a LinkAddress>,
    gateways: Vec<&'a Route>,
}

fn parts<'a>(wish: &'a BridgeWish, all: &'a HostNetworks) -> Option<Parts<'a>> {
    let BridgeWish::Make {
        bridge,
        member,
        stp,
        delay_seconds,
    } = wish
    else {
        return None;
    };
    let device = member.as_deref();
    let link = all
        .links
        .iter()
        .find(|link| Some(link.name.as_str()) == device);
    let routes = all.routes.iter();
    Some(Parts {
        bridge,
        member: device,
        stp: *stp,
        delay_seconds: *delay_seconds,
        addresses: link
            .into_iter()
            .flat_map(|link| &link.addresses)
            .filter(|one| one.global)
            .collect(),
        gateways: routes
            .filter(|one| Some(one.device.as_str()) == device && one.to == "default")
            .collect(),
    })
}

impl Parts<'_> {
    fn is_dynamic(&self) -> bool {
        self.addresses.iter().any(|one| one.dynamic)
    }

    fn addresses(&self, ipv6: bool) -> impl Iterator<Item = String> + '_ {
        let of_family = self
            .addresses
            .iter()
            .filter(move |one| one.address.is_ipv6() == ipv6);
        of_family.map(|one| format!("{}/{}", one.address, one.prefix))
    }

    fn gateway(&self, ipv6: bool) -> Option<String> {
        let found = self.gateways.iter().find(|one| one.ipv6 == ipv6)?;
        found.gateway.map(|gateway| gateway.to_string())
    }
}

fn ifupdown(wish: &BridgeWish, all: &HostNetworks, files: &Files, folder: bool) -> NextStart {
    let file = match wish {
        BridgeWish::Make { bridge, member, .. } => {
            let options = parts(wish, all).map(|parts| options(&parts, files.knows_bridges));
            let options = options.unwrap_or_default();
            let of_member = member.as_deref().and_then(|member| {
                let (path, text) = files
                    .interfaces
                    .iter()
                    .find(|(_, text)| has_stanza(text, member))?;
                Some(change(
                    path,
                    Some(text),
                    taken_over(text, member, bridge, &options),
                ))
            });
            of_member.or_else(|| {
                let stanzas = parts(wish, all).map(|parts| stanzas(&parts, &options))?;
                Some(own_file(files, folder, bridge, &stanzas))
            })
        }
        BridgeWish::Remove { bridge } => files
            .interfaces
            .iter()
            .find(|(_, text)| has_stanza(text, bridge))
            .map(|(path, text)| change(path, Some(text), given_back(text, bridge))),
        BridgeWish::Add { bridge, member } => with_ports(files, bridge, |ports| {
            if !ports.contains(member) {
                ports.retain(|port| port != "none");
                ports.push(member.clone());
            }
        }),
        BridgeWish::TakeOut { bridge, member } => with_ports(files, bridge, |ports| {
            ports.retain(|port| port != member);
            if ports.is_empty() {
                ports.push("none".to_owned());
            }
        }),
    };
    let note = file.is_none().then(|| {
        format!(
            "No stanza in {INTERFACES} is about it: the change is gone after the host's next start."
        )
    });
    NextStart {
        keeper: "ifupdown".to_owned(),
        file,
        note,
        ..NextStart::default()
    }
}

fn change(path: &str, before: Option<&str>, after: String) -> FileChange {
    FileChange {
        path: path.to_owned(),
        before: before.map(str::to_owned),
        after,
    }
}

/// A file of its own in the folder, or the main file with more at its end.
fn own_file(files: &Files, folder: bool, bridge: &str, stanzas: &str) -> FileChange {
    if folder {
        let path = format!("{INTERFACES}.d/{bridge}");
        let known = files.interfaces.iter().find(|(known, _)| *known == path);
        let before = known.map(|(_, text)| text.as_str());
        return change(&path, before, stanzas.to_owned());
    }
    let main = files.interfaces.iter().find(|(path, _)| path == INTERFACES);
    let before = main.map(|(_, text)| text.as_str());
    let text = before.unwrap_or_default();
    let gap = if text.is_empty() || text.ends_with("\n\n") {
        ""
    } else if text.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    };
    change(INTERFACES, before, format!("{text}{gap}{stanzas}"))
}

/// Lines of a bridge within its stanza.
fn options(parts: &Parts<'_>, knows_bridges: bool) -> Vec<String> {
    let (bridge, stp) = (parts.bridge, if parts.stp { "on" } else { "off" });
    if knows_bridges {
        return vec![
            format!("bridge_ports {}", parts.member.unwrap_or("none")),
            format!("bridge_stp {stp}"),
            format!("bridge_fd {}", parts.delay_seconds),
        ];
    }
    let mut lines = vec![format!(
        "pre-up ip link add name {bridge} type bridge stp_state {} forward_delay {} || true",
        u8::from(parts.stp),
        parts.delay_seconds * 100
    )];
    if let Some(member) = parts.member {
        lines.push(format!(
            "pre-up ip link set dev {member} up master {bridge}"
        ));
    }
    lines.push(format!("post-down ip link delete dev {bridge} type bridge"));
    lines
}

/// New stanzas of a bridge with what its device has now.
fn stanzas(parts: &Parts<'_>, options: &[String]) -> String {
    let mut text = format!("auto {}\n", parts.bridge);
    let mut first = true;
    let mut stanza = |head: String, own: Vec<String>| {
        text.push_str(&head);
        text.push('\n');
        let bridge = if first { options } else { &[] };
        for line in own.iter().chain(bridge) {
            text.push_str(&format!("    {line}\n"));
        }
        first = false;
    };
    let family = |ipv6: bool| if ipv6 { "inet6" } else { "inet" };
    if parts.is_dynamic() {
        stanza(format!("iface {} inet dhcp", parts.bridge), Vec::new());
    } else if parts.addresses.is_empty() {
        stanza(format!("iface {} inet manual", parts.bridge), Vec::new());
    } else {
        for ipv6 in [false, true] {
            for (at, address) in parts.addresses(ipv6).enumerate() {
                let mut own = vec![format!("address {address}")];
                if at == 0 {
                    own.extend(
                        parts
                            .gateway(ipv6)
                            .map(|gateway| format!("gateway {gateway}")),
                    );
                }
                stanza(
                    format!("iface {} {} static", parts.bridge, family(ipv6)),
                    own,
                );
            }
        }
    }
    if let Some(member) = parts.member {
        text.push_str(&format!("\niface {member} inet manual\n"));
    }
    text
}

/// Words that begin something of their own in ifupdown's files.
fn is_head(word: &str) -> bool {
    matches!(
        word,
        "iface"
            | "auto"
            | "mapping"
            | "source"
            | "source-directory"
            | "no-auto-down"
            | "no-scripts"
            | "rename"
    ) || word.starts_with("allow-")
}

fn has_stanza(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some("iface") && words.next() == Some(name)
    })
}

/// The text with what stood of a device said of the bridge over it; all other lines as they were.
fn taken_over(text: &str, member: &str, bridge: &str, options: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut first = true;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["iface", name, rest @ ..] if *name == member => {
                lines.push(format!("iface {bridge} {}", rest.join(" ")));
                if first {
                    lines.extend(options.iter().map(|option| format!("    {option}")));
                    first = false;
                }
            }
            // A bridge is not plugged in: nobody would tell ifupdown of it.
            [head, name] if head.starts_with("allow-") && *name == member => {
                lines.push(format!("auto {bridge}"));
            }
            [head, names @ ..]
                if (*head == "auto" || head.starts_with("allow-")) && names.contains(&member) =>
            {
                let renamed: Vec<&str> = names
                    .iter()
                    .map(|name| if *name == member { bridge } else { *name })
                    .collect();
                lines.push(format!("{head} {}", renamed.join(" ")));
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.push(String::new());
    lines.push(format!("iface {member} inet manual"));
    lines.join("\n") + "\n"
}

/// The text with what stood of a bridge said of its device again, or left out where it has none.
fn given_back(text: &str, bridge: &str) -> String {
    let ports = ports_of(text, bridge);
    let device = match ports.as_slice() {
        [one] if one != "none" => Some(one.clone()),
        _ => None,
    };
    let mut lines: Vec<String> = Vec::new();
    let (mut within, mut dropped) = (false, false);
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let head = words.first().copied().unwrap_or_default();
        if is_head(head) {
            (within, dropped) = (false, false);
        }
        match words.as_slice() {
            ["iface", name, rest @ ..] if *name == bridge => {
                within = true;
                match &device {
                    Some(device) => lines.push(format!("iface {device} {}", rest.join(" "))),
                    None => dropped = true,
                }
            }
            // What was said of the device while it was in the bridge.
            ["iface", name, "inet", "manual"] if device.as_deref() == Some(*name) => dropped = true,
            [auto, names @ ..] if is_head(auto) && *auto != "iface" && names.contains(&bridge) => {
                let left: Vec<&str> = names
                    .iter()
                    .filter_map(|name| match *name == bridge {
                        true => device.as_deref(),
                        false => Some(*name),
                    })
                    .collect();
                if !left.is_empty() {
                    lines.push(format!("{auto} {}", left.join(" ")));
                }
            }
            _ if dropped => {}
            _ if within && is_of_bridge(&words, bridge) => {}
            _ => lines.push(line.to_owned()),
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

fn is_of_bridge(words: &[&str], bridge: &str) -> bool {
    let first = words.first().copied().unwrap_or_default();
    first.starts_with("bridge_")
        || first.starts_with("bridge-")
        || (matches!(first, "pre-up" | "post-down") && words.contains(&bridge))
}

fn ports_of(text: &str, bridge: &str) -> Vec<String> {
    let mut within = false;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let head = words.first().copied().unwrap_or_default();
        if is_head(head) {
            within = head == "iface" && words.get(1) == Some(&bridge);
        }
        if within && matches!(head, "bridge_ports" | "bridge-ports") {
            return words
                .iter()
                .skip(1)
                .map(|word| (*word).to_owned())
                .collect();
        }
    }
    Vec::new()
}

/// The file that names the ports of a bridge, with others.
fn with_ports(files: &Files, bridge: &str, edit: impl Fn(&mut Vec<String>)) -> Option<FileChange> {
    let (path, text) = files
        .interfaces
        .iter()
        .find(|(_, text)| !ports_of(text, bridge).is_empty())?;
    let mut ports = ports_of(text, bridge);
    edit(&mut ports);
    let mut within = false;
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let head = words.first().copied().unwrap_or_default();
            if is_head(head) {
                within = head == "iface" && words.get(1) == Some(&bridge);
            }
            if within && matches!(head, "bridge_ports" | "bridge-ports") {
                let blanks: String = line.chars().take_while(|c| c.is_whitespace()).collect();
                return format!("{blanks}{head} {}", ports.join(" "));
            }
            line.to_owned()
        })
        .collect();
    Some(change(path, Some(text), lines.join("\n") + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Link;

    const STATIC: &str = "# the host\nauto lo\niface lo inet loopback\n\nauto eth0 eth1\niface eth0 inet static\n    address 10.0.0.5/24\n    gateway 10.0.0.1\n\niface eth1 inet dhcp\n";

    fn make(member: Option<&str>) -> BridgeWish {
        BridgeWish::Make {
            bridge: "br0".to_owned(),
            member: member.map(str::to_owned),
            stp: false,
            delay_seconds: 0,
        }
    }

    fn host(keeper: Keeper) -> HostNetworks {
        let address = |text: &str, prefix| LinkAddress {
            address: text.parse().unwrap(),
            prefix,
            dynamic: false,
            global: true,
        };
        HostNetworks {
            links: vec![Link {
                name: "eth0".to_owned(),
                addresses: vec![address("10.0.0.5", 24), address("fd00::5", 64)],
                ..Link::default()
            }],
            routes: vec![Route {
                to: "default".to_owned(),
                gateway: "10.0.0.1".parse().ok(),
                device: "eth0".to_owned(),
                metric: None,
                protocol: None,
                ipv6: false,
            }],
            keeper: Some(keeper),
            ..HostNetworks::default()
        }
    }

    fn files(text: &str) -> Files {
        Files {
            interfaces: vec![(INTERFACES.to_owned(), text.to_owned())],
            knows_bridges: true,
        }
    }

    #[test]
    fn ifupdowns_stanza_of_the_device_becomes_that_of_the_bridge() {
        let all = host(Keeper::Ifupdown { folder: true });
        let made = next_start(&make(Some("eth0")), &all, &files(STATIC));
        let file = made.file.unwrap();
        assert_eq!(file.path, INTERFACES);
        assert_eq!(
            file.after,
            "# the host\nauto lo\niface lo inet loopback\n\nauto br0 eth1\niface br0 inet static\n    bridge_ports eth0\n    bridge_stp off\n    bridge_fd 0\n    address 10.0.0.5/24\n    gateway 10.0.0.1\n\niface eth1 inet dhcp\n\niface eth0 inet manual\n"
        );
        // And back.
        let wish = BridgeWish::Remove {
            bridge: "br0".to_owned(),
        };
        let back = next_start(&wish, &all, &files(&file.after)).file.unwrap();
        assert_eq!(back.after, STATIC);
    }

    #[test]
    fn what_no_file_knows_gets_a_file_of_its_own() {
        let all = host(Keeper::Ifupdown { folder: true });
        let mut known =
            files("auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n");
        known.knows_bridges = false;
        let file = next_start(&make(Some("eth0")), &all, &known).file.unwrap();
        assert_eq!(
            (file.path.as_str(), file.before),
            ("/etc/network/interfaces.d/br0", None)
        );
        assert!(file.after.contains("iface br0 inet static\n    address 10.0.0.5/24\n    gateway 10.0.0.1\n    pre-up ip link add name br0 type bridge"));
        assert!(
            file.after
                .contains("iface br0 inet6 static\n    address fd00::5/64\n")
        );
        assert!(file.after.ends_with("\niface eth0 inet manual\n"));
        let all = host(Keeper::Ifupdown { folder: false });
        let file = next_start(&make(None), &all, &files("auto lo\n"))
            .file
            .unwrap();
        assert_eq!(file.path, INTERFACES);
        assert!(
            file.after
                .starts_with("auto lo\n\nauto br0\niface br0 inet manual\n    bridge_ports none\n")
        );
    }

    #[test]
    fn ports_of_a_bridge_come_and_go() {
        let all = host(Keeper::Ifupdown { folder: true });
        let text =
            "iface br0 inet dhcp\n\tbridge_ports eth0\niface br1 inet dhcp\n\tbridge_ports eth5\n";
        let add = BridgeWish::Add {
            bridge: "br0".to_owned(),
            member: "eth1".to_owned(),
        };
        let after = next_start(&add, &all, &files(text)).file.unwrap().after;
        assert!(
            after.contains("\tbridge_ports eth0 eth1\n") && after.contains("\tbridge_ports eth5\n")
        );
        let out = BridgeWish::TakeOut {
            bridge: "br0".to_owned(),
            member: "eth0".to_owned(),
        };
        let after = next_start(&out, &all, &files(text)).file.unwrap().after;
        assert!(after.contains("\tbridge_ports none\n"));
        let unknown = next_start(&add, &all, &files("auto lo\n"));
        assert!(unknown.file.is_none() && unknown.note.is_some());
    }

    #[test]
    fn others_are_told_what_to_write() {
        for (keeper, parts) in [
            (
                Keeper::Netplan,
                &[
                    "/etc/netplan/60-br0.yaml",
                    "netplan try",
                    "interfaces: [eth0]",
                    "- 10.0.0.5/24",
                    "via: 10.0.0.1",
                ][..],
            ),
            (
                Keeper::NetworkManager,
                &[
                    "nmcli connection add type bridge",
                    "ipv4.addresses 10.0.0.5/24",
                    "ipv6.addresses fd00::5/64",
                    "master br0",
                ],
            ),
            (
                Keeper::Networkd,
                &[
                    "/etc/systemd/network/10-br0.netdev",
                    "Bridge=br0",
                    "Gateway=10.0.0.1",
                    "networkctl reload",
                ],
            ),
        ] {
            let made = next_start(&make(Some("eth0")), &host(keeper), &Files::default());
            assert!(made.file.is_none());
            let text = format!("{:?}", made.by_hand);
            for part in parts {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
        let unknown = next_start(&make(None), &host(Keeper::Unknown), &Files::default());
        assert!(unknown.note.unwrap().contains("gone"));
    }
}
