//! ifupdown's files (interfaces(5), bridge-utils-interfaces(5)): stanzas of a device become those of the bridge over it, and
//! back. Lines that nobody asked about stay as they are.

use super::{FileChange, Files, INTERFACES, NextStart, Parts, parts};
use crate::model::HostNetworks;
use crate::network::BridgeWish;

/// What else a file of ifupdown has it read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// A folder.
    pub folder: String,
    /// Names of files in it, with `*` and `?`; `None` for plain names (`source-directory`).
    pub pattern: Option<String>,
}

impl Sources {
    /// Whether a file of the folder is read.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        match &self.pattern {
            Some(pattern) => matches(pattern.as_bytes(), name.as_bytes()),
            None => {
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                !name.is_empty() && name.chars().all(plain)
            }
        }
    }

    /// Path of a new file in it that is read, with `{}` for its name; `None` where only names of the user's are.
    #[must_use]
    pub fn own(&self) -> Option<String> {
        let name = match &self.pattern {
            None => "{}".to_owned(),
            Some(pattern) if pattern.matches('*').count() == 1 && !pattern.contains('?') => {
                pattern.replace('*', "{}")
            }
            Some(_) => return None,
        };
        Some(format!("{}/{name}", self.folder))
    }
}

/// Whether a name is one of a pattern's, as a shell reads it.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if matches(rest, name) => true,
        (Some((b'*', _)), Some((_, after))) => matches(pattern, after),
        (Some((b'?', rest)), Some((_, after))) => matches(rest, after),
        (Some((one, rest)), Some((other, after))) if one == other => matches(rest, after),
        _ => false,
    }
}

/// What a file of ifupdown has it read beside itself.
#[must_use]
pub fn sources(text: &str) -> Vec<Sources> {
    let whole = |path: &str| match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("/etc/network/{path}"),
    };
    let mut found = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["source", paths @ ..] => {
                for path in paths {
                    let path = whole(path);
                    let Some((folder, pattern)) = path.rsplit_once('/') else {
                        continue;
                    };
                    found.push(Sources {
                        folder: folder.to_owned(),
                        pattern: Some(pattern.to_owned()),
                    });
                }
            }
            ["source-directory", folders @ ..] => {
                found.extend(folders.iter().map(|folder| Sources {
                    folder: whole(folder).trim_end_matches('/').to_owned(),
                    pattern: None,
                }))
            }
            _ => {}
        }
    }
    found
}

pub(super) fn ifupdown(wish: &BridgeWish, all: &HostNetworks, files: &Files) -> NextStart {
    let with = |name: &str| {
        let mut texts = files.interfaces.iter();
        texts.find(|(_, text)| has_stanza(text, name))
    };
    let mut note = None;
    let file = match wish {
        BridgeWish::Make { bridge, .. } if with(bridge).is_some() => {
            let path = with(bridge).map_or(INTERFACES, |(path, _)| path.as_str());
            note = Some(format!(
                "{path} has a stanza of {bridge} already, which holds at the next start: look whether it says the same."
            ));
            None
        }
        BridgeWish::Make { bridge, member, .. } => {
            let parts = parts(wish, all);
            let options = options(&parts, files.knows_bridges);
            let of_member = member.as_deref().and_then(|member| {
                let (path, text) = with(member)?;
                note = mentions(text, member).map(|line| {
                    format!(
                        "A line of {path} names {member}: look whether {bridge} is meant ({line})."
                    )
                });
                let after = taken_over(text, member, bridge, &options);
                Some(change(path, Some(text), after))
            });
            of_member.or_else(|| Some(own_file(files, bridge, &stanzas(&parts, &options))))
        }
        BridgeWish::Remove { bridge } => {
            with(bridge).map(|(path, text)| change(path, Some(text), given_back(text, bridge)))
        }
        BridgeWish::Add { bridge, member } => with_ports(files, bridge, |ports| {
            if !ports.contains(member) {
                ports.retain(|port| port != "none");
                ports.push(member.clone());
            }
        }),
        BridgeWish::TakeOut { bridge, member } => with_ports(files, bridge, |ports| {
            ports.retain(|port| port != member);
        }),
    };
    if file.is_none() && note.is_none() {
        note = Some(format!(
            "No stanza in {INTERFACES} is about it: the change is gone after the host's next start."
        ));
    }
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

/// A file of its own where one is read, or the main file with more at its end.
fn own_file(files: &Files, bridge: &str, stanzas: &str) -> FileChange {
    if let Some(pattern) = &files.own {
        // A dot would hide it from source-directory.
        let path = pattern.replace("{}", &bridge.replace('.', "_"));
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

/// The line that puts a device into a bridge where ifupdown knows no bridges.
fn entering(member: &str, bridge: &str) -> String {
    format!("pre-up ip link set dev {member} up master {bridge}")
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
    lines.extend(parts.member.map(|member| entering(member, bridge)));
    lines.push(format!("post-down ip link delete dev {bridge} type bridge"));
    lines
}

/// New stanzas of a bridge with what its device has now.
fn stanzas(parts: &Parts<'_>, options: &[String]) -> String {
    let bridge = parts.bridge;
    let mut text = format!("auto {bridge}\n");
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
    let routes = |ipv6: bool| -> Vec<String> {
        let default = parts.default_route(ipv6);
        let others = parts
            .made()
            .filter(|one| one.ipv6 == ipv6 && Some(*one) != default);
        let line = |one: &crate::model::Route| {
            let family = if ipv6 { "-6" } else { "-4" };
            let gateway = one
                .gateway
                .map_or_else(String::new, |by| format!(" via {by}"));
            let onlink = if one.onlink { " onlink" } else { "" };
            let metric = one
                .metric
                .map_or_else(String::new, |cost| format!(" metric {cost}"));
            format!(
                "up ip {family} route replace {}{gateway} dev {bridge}{onlink}{metric}",
                one.to
            )
        };
        others.map(line).collect()
    };
    let dynamic = |ipv6: bool| {
        let mut addresses = parts.addresses.iter();
        addresses.any(|one| one.dynamic && one.address.is_ipv6() == ipv6)
    };
    for ipv6 in [false, true] {
        let mut more = routes(ipv6);
        if dynamic(ipv6) {
            let method = if ipv6 { "auto" } else { "dhcp" };
            let head = format!("iface {bridge} {} {method}", family(ipv6));
            stanza(head, std::mem::take(&mut more));
        }
        for (at, address) in parts.addresses(ipv6).enumerate() {
            let mut own = vec![format!("address {address}")];
            let default = parts
                .default_route(ipv6)
                .filter(|_| at == 0 && !dynamic(ipv6));
            if let Some((route, gateway)) = default.and_then(|one| Some((one, one.gateway?))) {
                own.push(format!("gateway {gateway}"));
                own.extend(route.metric.map(|metric| format!("metric {metric}")));
            }
            own.append(&mut more);
            let head = format!("iface {bridge} {} static", family(ipv6));
            stanza(head, own);
        }
    }
    if parts.addresses.is_empty() {
        stanza(format!("iface {bridge} inet manual"), Vec::new());
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

pub(super) fn has_stanza(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some("iface") && words.next() == Some(name)
    })
}

/// A name that is this one, or an alias of it (`eth0:1`), as it is called on another device.
fn renamed(name: &str, from: &str, to: &str) -> Option<String> {
    let rest = name.strip_prefix(from)?;
    (rest.is_empty() || rest.starts_with(':')).then(|| format!("{to}{rest}"))
}

/// Whether a line runs a command about addresses, routes or rules, which go with them to another device.
fn is_about_addresses(words: &[&str]) -> bool {
    let [head, program, rest @ ..] = words else {
        return false;
    };
    let runs = matches!(
        *head,
        "up" | "pre-up" | "post-up" | "down" | "pre-down" | "post-down"
    );
    let program = program.rsplit('/').next().unwrap_or_default();
    let object = rest.iter().find(|word| !word.starts_with('-'));
    let of_ip = program == "ip"
        && object.is_some_and(|object| {
            ["route", "address", "rule", "ro", "addr", "a", "r"].contains(object)
        });
    runs && (of_ip || program == "route")
}

/// A line with one word in the place of another, blanks as they are.
fn with_word(line: &str, from: &str, to: &str) -> String {
    let parts = line.split_inclusive(char::is_whitespace);
    let each = parts.map(|part| match part.trim_end() == from {
        true => part.replacen(from, to, 1),
        false => part.to_owned(),
    });
    each.collect()
}

/// A line of a device's stanza that names it, and is left as it is.
fn mentions(text: &str, member: &str) -> Option<String> {
    let mut within = false;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let head = words.first().copied().unwrap_or_default();
        if is_head(head) {
            within = head == "iface" && words.get(1) == Some(&member);
        } else if within && words.contains(&member) && !is_about_addresses(&words) {
            return Some(line.trim().to_owned());
        }
    }
    None
}

/// The text with what stood of a device said of the bridge over it; all other lines as they were.
fn taken_over(text: &str, member: &str, bridge: &str, options: &[String]) -> String {
    let is_brought_up = |line: &str| {
        let mut words = line.split_whitespace();
        let head = words.next().unwrap_or_default();
        (head == "auto" || head.starts_with("allow-")) && words.any(|name| name == member)
    };
    // Where another file brings the device up, nothing does so for the bridge.
    let mut is_up = text.lines().any(is_brought_up);
    let mut lines: Vec<String> = Vec::new();
    let (mut has_options, mut within) = (false, false);
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if is_head(words.first().copied().unwrap_or_default()) {
            within = false;
        }
        match words.as_slice() {
            ["iface", name, rest @ ..] if renamed(name, member, bridge).is_some() => {
                within = true;
                let name = renamed(name, member, bridge).unwrap_or_default();
                if !std::mem::replace(&mut is_up, true) {
                    lines.push(format!("auto {bridge}"));
                }
                lines.push(format!("iface {name} {}", rest.join(" ")));
                if name == bridge && !std::mem::replace(&mut has_options, true) {
                    lines.extend(options.iter().map(|option| format!("    {option}")));
                }
            }
            // A bridge is not plugged in: nobody would tell ifupdown of it.
            [head, name] if head.starts_with("allow-") && *name == member => {
                lines.push(format!("auto {bridge}"));
            }
            [head, names @ ..] if *head == "auto" || head.starts_with("allow-") => {
                let names = names.iter().map(|name| {
                    renamed(name, member, bridge).unwrap_or_else(|| (*name).to_owned())
                });
                let names: Vec<String> = names.collect();
                match is_brought_up(line) || line.contains(&format!("{member}:")) {
                    true => lines.push(format!("{head} {}", names.join(" "))),
                    false => lines.push(line.to_owned()),
                }
            }
            _ if within && is_about_addresses(&words) => {
                lines.push(with_word(line, member, bridge));
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
        [one] => Some(one.clone()),
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
        let back = |name: &str| renamed(name, bridge, device.as_deref()?);
        match words.as_slice() {
            ["iface", name, rest @ ..] if renamed(name, bridge, "").is_some() => {
                within = true;
                match back(name) {
                    Some(name) => lines.push(format!("iface {name} {}", rest.join(" "))),
                    None => dropped = true,
                }
            }
            // What was said of the device while it was in the bridge.
            ["iface", name, "inet", "manual"] if device.as_deref() == Some(*name) => dropped = true,
            [auto, names @ ..]
                if (*auto == "auto" || auto.starts_with("allow-"))
                    && names.iter().any(|name| renamed(name, bridge, "").is_some()) =>
            {
                let left: Vec<String> = names
                    .iter()
                    .filter_map(|name| match renamed(name, bridge, "") {
                        Some(_) => back(name),
                        None => Some((*name).to_owned()),
                    })
                    .collect();
                if !left.is_empty() {
                    lines.push(format!("{auto} {}", left.join(" ")));
                }
            }
            _ if dropped => {}
            _ if within && is_of_bridge(&words, bridge) => {}
            _ if within && is_about_addresses(&words) => {
                let device = device.as_deref().unwrap_or(bridge);
                lines.push(with_word(line, bridge, device));
            }
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
    let makes = matches!(words, ["pre-up" | "post-down", "ip", "link", ..]);
    first.starts_with("bridge_")
        || first.starts_with("bridge-")
        || (makes && words.contains(&bridge))
}

/// What a line of a bridge's stanza puts into it.
fn port_lines(words: &[&str], bridge: &str) -> Option<Vec<String>> {
    let own = |names: &[&str]| -> Vec<String> {
        let names = names.iter().filter(|name| **name != "none");
        names.map(|name| (*name).to_owned()).collect()
    };
    match words {
        ["bridge_ports" | "bridge-ports", names @ ..] => Some(own(names)),
        [
            "pre-up",
            "ip",
            "link",
            "set",
            "dev",
            member,
            "up",
            "master",
            of,
        ] if *of == bridge => Some(own(&[member])),
        _ => None,
    }
}

/// The devices in a bridge, as its stanza says.
fn ports_of(text: &str, bridge: &str) -> Vec<String> {
    let mut within = false;
    let mut ports = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let head = words.first().copied().unwrap_or_default();
        if is_head(head) {
            within = head == "iface" && words.get(1) == Some(&bridge);
        }
        if within {
            ports.extend(port_lines(&words, bridge).into_iter().flatten());
        }
    }
    ports
}

/// The file with the bridge's stanza, with other ports.
fn with_ports(files: &Files, bridge: &str, edit: impl Fn(&mut Vec<String>)) -> Option<FileChange> {
    let mut texts = files.interfaces.iter();
    let (path, text) = texts.find(|(_, text)| has_stanza(text, bridge))?;
    let mut ports = ports_of(text, bridge);
    edit(&mut ports);
    let (mut within, mut written) = (false, false);
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let head = words.first().copied().unwrap_or_default();
        if is_head(head) {
            within = head == "iface" && words.get(1) == Some(&bridge);
        }
        let blanks: String = line.chars().take_while(|c| c.is_whitespace()).collect();
        let makes = matches!(words.as_slice(), ["pre-up", "ip", "link", "add", ..]);
        if within && head.ends_with("ports") && port_lines(&words, bridge).is_some() {
            let names = if ports.is_empty() {
                "none".to_owned()
            } else {
                ports.join(" ")
            };
            lines.push(format!("{blanks}{head} {names}"));
            written = true;
        } else if within && makes && words.contains(&bridge) && !written {
            lines.push(line.to_owned());
            lines.extend(
                ports
                    .iter()
                    .map(|port| format!("{blanks}{}", entering(port, bridge))),
            );
            written = true;
        } else if !(within && port_lines(&words, bridge).is_some()) {
            lines.push(line.to_owned());
        }
    }
    written.then(|| change(path, Some(text), lines.join("\n") + "\n"))
}
