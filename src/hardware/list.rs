//! Reading both definitions of a domain into one list.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::flat::{Path, flatten, is_of_running};
use super::item::Part;
use super::{Fact, Item, ItemId, Kind, Pending, names, titles};
use crate::text;
use crate::xml::{Malformed, Tree, is_pluggable, kibibytes, secrets};

/// Parts of a definition that are no devices: the item they belong to.
const OF_DOMAIN: &[(&str, Kind)] = &[
    ("name", Kind::Overview),
    ("uuid", Kind::Overview),
    ("title", Kind::Overview),
    ("description", Kind::Overview),
    ("os", Kind::Overview),
    ("features", Kind::Overview),
    ("clock", Kind::Overview),
    ("on_poweroff", Kind::Overview),
    ("on_reboot", Kind::Overview),
    ("on_crash", Kind::Overview),
    ("pm", Kind::Overview),
    ("genid", Kind::Overview),
    ("sysinfo", Kind::Overview),
    ("launchSecurity", Kind::Overview),
    ("blkiotune", Kind::Overview),
    ("vcpu", Kind::Cpus),
    ("vcpus", Kind::Cpus),
    ("cpu", Kind::Cpus),
    ("cputune", Kind::Cpus),
    ("iothreads", Kind::Cpus),
    ("iothreadids", Kind::Cpus),
    ("currentMemory", Kind::Memory),
    ("memory", Kind::Memory),
    ("maxMemory", Kind::Memory),
    ("memoryBacking", Kind::Memory),
    ("memtune", Kind::Memory),
    ("numatune", Kind::Memory),
];

/// Parts of `<os>` that say what it boots from.
const OF_BOOT: &[&str] = &[
    "boot", "bootmenu", "bios", "kernel", "initrd", "cmdline", "dtb", "smbios",
];

/// The hardware of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hardware {
    /// All of it, in virt-manager's order.
    pub items: Vec<Item>,
    /// There is a running definition.
    pub runs: bool,
    /// There is a stored one.
    pub stored: bool,
}

/// An item of one world.
struct Found {
    kind: Kind,
    key: String,
    title: String,
    pluggable: bool,
    part: Part,
}

impl Hardware {
    /// Reads the running and the stored definition of a domain, as far as there are two.
    ///
    /// # Errors
    /// That one of the texts is not XML.
    pub fn read(running: Option<&str>, stored: Option<&str>) -> Result<Self, Malformed> {
        let read = |text: Option<&str>| text.map(found).transpose();
        let (now, next) = (read(running)?, read(stored)?);
        let both = now.is_some() && next.is_some();
        let (runs, stored) = (now.is_some(), next.is_some());
        let mut items: Vec<Item> = Vec::new();
        let mut numbers: BTreeMap<(bool, Kind, String), usize> = BTreeMap::new();
        let mut kinds: BTreeMap<(bool, Kind), usize> = BTreeMap::new();
        let all = now
            .into_iter()
            .flatten()
            .map(|found| (true, found))
            .chain(next.into_iter().flatten().map(|found| (false, found)));
        for (is_now, found) in all {
            let number = numbers
                .entry((is_now, found.kind, found.key.clone()))
                .or_insert(0);
            let nth = *number;
            *number += 1;
            let of_kind = kinds.entry((is_now, found.kind)).or_insert(0);
            let among = *of_kind;
            *of_kind += 1;
            let id = ItemId::new(found.kind, &found.key, nth);
            let place = items.iter().position(|item| item.id == id);
            let item = match place {
                Some(place) => &mut items[place],
                None => {
                    items.push(Item {
                        id,
                        kind: found.kind,
                        key: found.key,
                        nth,
                        among,
                        title: found.title,
                        pluggable: found.pluggable,
                        now: None,
                        next: None,
                        facts: Vec::new(),
                        pending: Pending::Nothing,
                    });
                    let last = items.len() - 1;
                    &mut items[last]
                }
            };
            item.among = among;
            let world = if is_now {
                &mut item.now
            } else {
                &mut item.next
            };
            *world = Some(found.part);
        }
        for item in &mut items {
            item.facts = facts(item, both);
            item.pending = match (&item.now, &item.next) {
                _ if !both => Pending::Nothing,
                (None, _) => Pending::Comes,
                (_, None) => Pending::Goes,
                _ if item.facts.iter().any(|fact| fact.waits) => Pending::Changes,
                _ => Pending::Nothing,
            };
        }
        items.sort_by_key(|item| item.kind);
        Ok(Self {
            items,
            runs,
            stored,
        })
    }

    /// How many items the next start makes something else of.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let waits = |item: &&Item| item.pending != Pending::Nothing;
        self.items.iter().filter(waits).count()
    }

    /// The item of this identity.
    #[must_use]
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }
}

fn found(text: &str) -> Result<Vec<Found>, Malformed> {
    let tree = Tree::parse(text)?;
    let root = tree.root();
    let mut domain: BTreeMap<Kind, Part> = BTreeMap::new();
    let mut devices = Vec::new();
    let xml_of = |node: Node<'_, '_>| secrets::mask(&dedented(text, node));
    let mut add = |kind: Kind, element: &'static str, values: Vec<(Path, String)>, xml: String| {
        let part = domain.entry(kind).or_insert_with(|| Part {
            element,
            values: Vec::new(),
            xml: String::new(),
        });
        part.values.extend(values);
        if !xml.is_empty() {
            part.xml.push_str(&xml);
            part.xml.push('\n');
        }
    };
    if let Some(kind) = root.attribute("type") {
        let value = vec![("@type".to_owned(), kind.to_owned())];
        add(Kind::Overview, "domain", value, String::new());
    }
    for node in root.children().filter(Node::is_element) {
        let name = node.tag_name().name();
        if name == "devices" {
            continue;
        }
        if node.tag_name().namespace().is_some() {
            continue;
        }
        let Some((element, kind)) = OF_DOMAIN.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        let values = prefixed(node, name);
        if name == "os" {
            let (boot, rest): (Vec<_>, Vec<_>) = values.into_iter().partition(|(path, _)| {
                let inner = path.strip_prefix("os/").unwrap_or_default();
                let inner = inner.split(['/', '@']).next().unwrap_or_default();
                OF_BOOT.contains(&inner)
            });
            add(Kind::Overview, "domain", rest, xml_of(node));
            add(Kind::Boot, "os", boot, xml_of(node));
        } else {
            let element = if *kind == Kind::Overview {
                "domain"
            } else {
                *element
            };
            add(*kind, element, values, xml_of(node));
        }
    }
    add(Kind::Boot, "os", Vec::new(), String::new());
    for devices_node in root.children().filter(|node| node.has_tag_name("devices")) {
        for device in devices_node.children().filter(Node::is_element) {
            match device.tag_name().name() {
                "emulator" => add(
                    Kind::Overview,
                    "domain",
                    prefixed(device, "emulator"),
                    String::new(),
                ),
                "memballoon" => add(Kind::Memory, "memory", balloon(device), xml_of(device)),
                _ => {}
            }
            let Some(kind) = Kind::of(device) else {
                continue;
            };
            let key = titles::key(kind, device);
            let title = titles::title(kind, device, &key);
            if let Some(order) = device.children().find(|node| node.has_tag_name("boot"))
                && let Some(order) = order.attribute("order")
            {
                let path = format!("{order}. device");
                add(Kind::Boot, "os", vec![(path, title.clone())], String::new());
            }
            devices.push(Found {
                kind,
                title,
                key,
                pluggable: is_pluggable(device),
                part: Part {
                    element: kind.element(),
                    values: amounts(device, flatten(device)),
                    xml: xml_of(device),
                },
            });
        }
    }
    let whole = domain.into_iter().map(|(kind, part)| Found {
        kind,
        key: String::new(),
        title: titles::title(kind, root, ""),
        pluggable: false,
        part,
    });
    Ok(whole.chain(devices).collect())
}

/// Where features of a CPU stand.
const FEATURES: &str = "cpu/feature";

/// Whether a running CPU has all features that were asked for: libvirt writes down those that it got beside them.
fn is_more(now: &[(Path, String)], next: &[(Path, String)]) -> bool {
    let of = |values: &[(Path, String)]| -> Vec<String> {
        let features = values.iter().filter(|(path, _)| path == FEATURES);
        features.map(|(_, value)| value.clone()).collect()
    };
    let now = of(now);
    of(next).iter().all(|feature| now.contains(feature))
}

/// Features as words: of the domain those that it has, of its CPU with what is to be done about them.
fn features(node: Node<'_, '_>, name: &str) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    for child in node.children().filter(Node::is_element) {
        let feature = child.tag_name().name();
        match (name, child.attribute("name"), child.attribute("policy")) {
            ("cpu", Some(name), policy) if feature == "feature" => {
                let policy = policy.unwrap_or("require");
                found.push((FEATURES.to_owned(), format!("{name} ({policy})")));
            }
            ("features", ..)
                if child.attributes().len() == 0
                    && !child.children().any(|inner| inner.is_element()) =>
            {
                found.push(("features".to_owned(), feature.to_owned()));
            }
            _ => {}
        }
    }
    found
}

/// What an element says, each path with its name in front.
fn prefixed(node: Node<'_, '_>, name: &str) -> Vec<(Path, String)> {
    let words = features(node, name);
    let told: Vec<&str> = words.iter().map(|(_, value)| value.as_str()).collect();
    let values = flatten(node).into_iter().map(|(path, value)| {
        let path = match path.as_str() {
            "" => name.to_owned(),
            path if path.starts_with('@') => format!("{name}{path}"),
            path => format!("{name}/{path}"),
        };
        (path, value)
    });
    let mut values: Vec<_> = values
        .filter(|(path, _)| {
            let of_cpu = path.starts_with("cpu/feature@");
            let of_domain = path.strip_prefix("features/");
            !of_cpu && !of_domain.is_some_and(|feature| told.contains(&feature))
        })
        .collect();
    drop(told);
    values.splice(
        0..0,
        words.iter().filter(|(path, _)| path == "features").cloned(),
    );
    values.extend(words.into_iter().filter(|(path, _)| path == FEATURES));
    if let Some(kib) = amount(node) {
        for (path, value) in &mut values {
            if path == name {
                *value = text::bytes(kib.saturating_mul(1024));
            }
        }
    }
    values
}

/// KiB of an element that holds an amount of memory.
fn amount(node: Node<'_, '_>) -> Option<u64> {
    let names = [
        "memory",
        "currentMemory",
        "maxMemory",
        "size",
        "requested",
        "current",
        "block",
    ];
    names
        .iter()
        .any(|name| node.has_tag_name(*name))
        .then(|| kibibytes(node))
        .flatten()
}

/// Amounts in the target of a memory device, with units for people.
fn amounts(device: Node<'_, '_>, mut values: Vec<(Path, String)>) -> Vec<(Path, String)> {
    if !device.has_tag_name("memory") {
        return values;
    }
    for node in device
        .descendants()
        .filter(|node| node.parent().is_some_and(|up| up.has_tag_name("target")))
    {
        let path = format!("target/{}", node.tag_name().name());
        if let Some(kib) = amount(node) {
            for (known, value) in &mut values {
                if *known == path {
                    *value = text::bytes(kib.saturating_mul(1024));
                }
            }
        }
    }
    values
}

fn balloon(device: Node<'_, '_>) -> Vec<(Path, String)> {
    let mut values = prefixed(device, "memballoon");
    values
        .retain(|(path, _)| !path.starts_with("memballoon/alias") && path != "memballoon/address");
    values
}

/// The text of an element with its indentation taken off, so that it stands at the left edge.
fn dedented(text: &str, node: Node<'_, '_>) -> String {
    let range = node.range();
    let xml = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start).unwrap_or_default();
    let indent = before.len() - before.trim_end_matches(' ').len();
    let lines = xml.lines().map(|line| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        line.get(blanks.min(indent)..).unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The values of both worlds side by side, in the order of the running one.
fn facts(item: &Item, both: bool) -> Vec<Fact> {
    let empty: &[(Path, String)] = &[];
    let of = |part: &Option<Part>| {
        part.as_ref()
            .map_or(empty.to_vec(), |part| part.values.clone())
    };
    let (now, next) = (of(&item.now), of(&item.next));
    let element = item
        .now
        .as_ref()
        .or(item.next.as_ref())
        .map_or("", |part| part.element);
    let mut order: Vec<&str> = Vec::new();
    for (path, _) in now.iter().chain(&next) {
        if !order.contains(&path.as_str()) {
            order.push(path);
        }
    }
    let joined = |values: &[(Path, String)], path: &str| {
        let found: Vec<&str> = values
            .iter()
            .filter(|(known, _)| known == path)
            .map(|(_, value)| value.as_str())
            .collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    let mut facts = Vec::new();
    for path in order {
        let (a, b) = (joined(&now, path), joined(&next, path));
        let inner = path.split(['/', '@']).next().unwrap_or_default();
        // Of what is no device, each part has its own rules.
        let ruled = match inner {
            _ if item.kind.is_device() => element,
            "" => "domain",
            inner => inner,
        };
        let absent = names::default(ruled, path);
        let value = a.as_deref().or(b.as_deref()).unwrap_or_default();
        // What was chosen for it runs in its place.
        let chosen = path == "os@firmware" && a.is_none() && joined(&now, "os/loader").is_some();
        let waits = both
            && !chosen
            && item.now.is_some()
            && item.next.is_some()
            && a.as_deref().or(absent) != b.as_deref().or(absent)
            && !is_of_running(ruled, path, value, &next)
            && !(path == FEATURES && is_more(&now, &next));
        if names::is_hidden(ruled, path) && !waits {
            continue;
        }
        facts.push(Fact {
            label: names::label(ruled, path),
            now: a,
            next: b,
            waits,
        });
    }
    facts
}
