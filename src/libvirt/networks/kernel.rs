//! The links of a machine as its kernel tells of them: of this one, or of another whose reader was asked over ssh.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::hostfacts::Files;
use crate::model::{Firewall, HostNetworks, Keeper, KeeperFiles, Link, LinksFrom};
use crate::network;

/// Where it is read.
pub(super) enum Source<'a> {
    /// On this machine.
    Here,
    /// On another, as its reader told it.
    There(&'a Files),
}

/// What `ip` is asked: the name that a reader's answer has, and the words.
struct Asked(&'static str, &'static [&'static str]);

const LINKS: Asked = Asked("ip/links", &["-j", "-d", "-s", "addr", "show"]);
const ROUTES: [(Asked, bool); 2] = [
    (
        Asked("ip/routes4", &["-j", "-4", "route", "show", "table", "all"]),
        false,
    ),
    (
        Asked("ip/routes6", &["-j", "-6", "route", "show", "table", "all"]),
        true,
    ),
];
const NEIGHBOURS: Asked = Asked("ip/neighbours", &["-j", "neigh", "show"]);

impl Source<'_> {
    fn ip(&self, asked: &Asked) -> Result<String, String> {
        match self {
            Self::Here => run("ip", asked.1),
            Self::There(files) => match files.text(asked.0) {
                Ok(text) => Ok(text),
                Err(_) => Err("ip told nothing there".to_owned()),
            },
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        match self {
            // As it stands: it is compared when it is written.
            Self::Here => std::fs::read_to_string(path).ok(),
            Self::There(files) => files.text(path).ok().map(|text| text + "\n"),
        }
    }

    fn exists(&self, path: &str) -> bool {
        match self {
            Self::Here => Path::new(path).exists(),
            Self::There(files) => files.exists(path) == Some(true),
        }
    }

    fn names(&self, folder: &str) -> Vec<String> {
        match self {
            Self::Here => {
                let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
                let names = entries.map(|entry| entry.file_name().into_string());
                names.filter_map(Result::ok).collect()
            }
            Self::There(files) => files.names(folder).unwrap_or_default(),
        }
    }
}

/// Reads all of it.
pub(super) fn read_kernel(source: &Source<'_>, found: &mut HostNetworks) {
    found.links_from = match source {
        Source::Here => LinksFrom::Kernel,
        Source::There(_) => LinksFrom::Ssh,
    };
    match source.ip(&LINKS).and_then(|json| network::links(&json)) {
        Ok(links) => found.links = links,
        Err(why) => found.links_error = Some(why),
    }
    for link in &mut found.links {
        link.speed_mbps = speed(source, link);
        link.wireless = in_kernel(link, "phy80211").is_some_and(|path| source.exists(&path));
    }
    for (asked, ipv6) in &ROUTES {
        let routes = source.ip(asked);
        let read = routes.and_then(|json| network::routes(&json, *ipv6, &found.links));
        found.routes.extend(read.unwrap_or_default());
    }
    let neighbours = source.ip(&NEIGHBOURS);
    found.neighbours = neighbours
        .and_then(|json| network::neighbours(&json))
        .unwrap_or_default();
    found.keeper = Some(keeper(source));
    found.files = files(source);
    found.firewall = firewall(source);
    // The variable of the reader's own login there.
    let login = source.text("ssh").unwrap_or_default();
    found.ssh = match source {
        Source::Here => None,
        Source::There(_) => login
            .split_whitespace()
            .nth(2)
            .and_then(|address| address.split('%').next()?.parse().ok()),
    };
}

/// Runs a program that only reads, without a shell and without a terminal.
fn run(program: &str, arguments: &[&str]) -> std::result::Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program} cannot be run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(format!("{program} failed: {said}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Megabits a second, as the driver of the link says; what has none says so by an error or a negative figure.
fn speed(source: &Source<'_>, link: &Link) -> Option<u32> {
    // What no cable limits tells a figure of fancy.
    let has_one = link.physical || matches!(link.kind.as_deref(), Some("bond" | "vlan"));
    let path = in_kernel(link, "speed").filter(|_| has_one)?;
    let speed = source.text(&path)?.trim().parse::<i64>().ok()?;
    u32::try_from(speed).ok().filter(|speed| *speed > 0)
}

/// What the kernel tells of a link in a file of its own (sysfs-class-net).
fn in_kernel(link: &Link, file: &str) -> Option<String> {
    (!link.name.contains('/')).then(|| format!("/sys/class/net/{}/{file}", link.name))
}

/// Who sets the network up: the one that is at work before the one that merely has files.
fn keeper(source: &Source<'_>) -> Keeper {
    let holds = |folder: &str, ending: &str| {
        let names = source.names(folder);
        names.iter().any(|name| name.ends_with(ending))
    };
    if holds("/etc/netplan", ".yaml") {
        return Keeper::Netplan;
    }
    if source.exists("/run/NetworkManager") {
        return Keeper::NetworkManager;
    }
    let networkd = ["/etc/systemd/network", "/run/systemd/network"];
    if source.exists("/run/systemd/netif/links")
        && networkd.iter().any(|folder| holds(folder, ".network"))
    {
        return Keeper::Networkd;
    }
    if source.exists(network::INTERFACES) {
        return Keeper::Ifupdown;
    }
    Keeper::Unknown
}

fn firewall(source: &Source<'_>) -> Firewall {
    let flag = |path: &str| source.text(path).map(|text| text.trim() != "0");
    Firewall {
        // Without the module the file is not there, and bridges are not filtered.
        bridge_calls_iptables: Some(
            flag("/proc/sys/net/bridge/bridge-nf-call-iptables").unwrap_or(false),
        ),
        forwards_v4: flag("/proc/sys/net/ipv4/ip_forward"),
        forwards_v6: flag("/proc/sys/net/ipv6/conf/all/forwarding"),
        drops_forwarded: match source {
            Source::Here => drops_forwarded(),
            Source::There(_) => None,
        },
    }
}

/// Whether the firewall drops what it forwards by default. Only what is there is asked: a program that lists the rules of a
/// firewall nobody has would load it.
fn drops_forwarded() -> Option<bool> {
    let tables = std::fs::read_to_string("/proc/net/ip_tables_names").unwrap_or_default();
    if tables.lines().any(|table| table == "filter") {
        let rules = run("iptables-legacy", &["-w", "1", "-S", "FORWARD"])
            .or_else(|_| run("iptables", &["-w", "1", "-S", "FORWARD"]))
            .ok()?;
        let policy = rules
            .lines()
            .find_map(|line| line.strip_prefix("-P FORWARD "))?;
        return Some(policy.trim() != "ACCEPT");
    }
    if !std::path::Path::new("/sys/module/nf_tables").exists() {
        return None;
    }
    network::drops_forwarded(&run("nft", &["-j", "list", "chains"]).ok()?)
}

/// ifupdown's files, and whether it knows the options of bridges.
fn files(source: &Source<'_>) -> KeeperFiles {
    let Some(main) = source.text(network::INTERFACES) else {
        return KeeperFiles::default();
    };
    let sources = network::interfaces_sources(&main);
    let mut paths = Vec::new();
    for named in &sources {
        let names = source.names(&named.folder).into_iter();
        let taken = names.filter(|name| named.takes(name));
        paths.extend(taken.map(|name| format!("{}/{name}", named.folder)));
    }
    paths.sort();
    paths.dedup();
    let mut interfaces = vec![(network::INTERFACES.to_owned(), main)];
    for path in paths {
        interfaces.extend(source.text(&path).map(|text| (path, text)));
    }
    let mut places = sources.iter().filter(|named| source.exists(&named.folder));
    KeeperFiles {
        interfaces,
        own: places.find_map(network::Sources::own),
        // bridge-utils, or ifupdown2.
        knows_bridges: source.exists("/etc/network/if-pre-up.d/bridge")
            || source.exists("/etc/network/ifupdown2"),
    }
}
