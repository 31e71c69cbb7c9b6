//! When the changes of a running domain's definition take effect: now by a call of libvirt's, or at its next start.
//!
//! What is said to be possible now is what QEMU's driver does at all; it may still refuse it, for reasons of the guest's.

use std::collections::BTreeMap;
use std::ops::Range;

use roxmltree::Node;

use super::compare::{Change, What};
use super::identity::label;
use super::tree::{Tree, elements, own_text};
use super::units::kibibytes;

/// When a change takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// At once, by this.
    Now(LiveOperation),
    /// When the domain was off and is started.
    NextStart,
    /// It cannot be made while the domain runs; why.
    NotWhileRunning(&'static str),
}

/// What libvirt can do to a running domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveOperation {
    /// `virDomainAttachDeviceFlags` with the device's XML, which may hold a password.
    Attach(String),
    /// `virDomainDetachDeviceFlags` with the device's XML.
    Detach(String),
    /// `virDomainUpdateDeviceFlags` with the device's XML.
    Update(String),
    /// `virDomainSetVcpusFlags`
    SetVcpus(u32),
    /// `virDomainSetMemoryFlags`, in KiB: the balloon.
    SetMemoryKib(u64),
    /// `virDomainSetMetadata` of the title; `None` removes it.
    SetTitle(Option<String>),
    /// `virDomainSetMetadata` of the description.
    SetDescription(Option<String>),
}

/// Changes that take effect together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// What it is about: `disk 'vda'`, `vcpu`. Untrusted.
    pub about: String,
    /// Numbers of the changes, in the list that was given.
    pub changes: Vec<usize>,
    /// When.
    pub when: When,
    /// The command of virsh that does the same; `DOMAIN` and `FILE` stand for the domain and for a file with the XML of the
    /// device, or for the whole definition.
    pub virsh: String,
}

/// Devices that can be attached to and detached from a running domain.
const PLUGGABLE: &[&str] = &[
    "disk",
    "interface",
    "hostdev",
    "controller",
    "channel",
    "rng",
    "memory",
    "shmem",
    "input",
    "watchdog",
    "vsock",
    "redirdev",
    "lease",
];

/// What of a device can be updated in place: the device, and the ways below it, with `@` before an attribute.
const UPDATABLE: &[(&str, &[&str])] = &[
    (
        "interface",
        &["link", "filterref", "bandwidth", "source", "portgroup"],
    ),
    ("graphics", &["@passwd", "@passwdValidTo", "@connected"]),
    ("memory", &["target/requested"]),
];

/// Sorts the changes from `before` to `after`, two definitions of one domain, by when they take effect. `changes` are those
/// that [`changes`](super::changes) found between the two.
#[must_use]
pub fn effects(before: &Tree<'_>, after: &Tree<'_>, changes: &[Change]) -> Vec<Effect> {
    let mut found: Vec<Effect> = Vec::new();
    let (olds, news) = (devices_of(before), devices_of(after));
    // By the device: its number before and after.
    let mut devices: BTreeMap<(Option<usize>, Option<usize>), Vec<usize>> = BTreeMap::new();
    for (number, change) in changes.iter().enumerate() {
        let names: Vec<&str> = change.path.iter().map(|step| step.name.as_str()).collect();
        match names.as_slice() {
            [_, "devices", _, ..] => {
                let place = |devices: &[Node<'_, '_>], range: &Option<Range<usize>>| {
                    device_at(devices, range.as_ref()?.start)
                };
                let key = (place(&olds, &change.before), place(&news, &change.after));
                devices.entry(key).or_default().push(number);
            }
            _ => found.push(of_domain(after, &names, change, number)),
        }
    }
    for ((old, new), numbers) in devices {
        let (old, new) = (
            old.map(|number| olds[number]),
            new.map(|number| news[number]),
        );
        found.push(of_device(before, after, old, new, changes, numbers));
    }
    found.sort_by_key(|effect| effect.changes.first().copied());
    found
}

/// All devices, in the order of the text.
fn devices_of<'a, 't>(tree: &'a Tree<'t>) -> Vec<Node<'a, 't>> {
    elements(tree.root())
        .filter(|node| node.has_tag_name("devices"))
        .flat_map(elements)
        .collect()
}

/// The number of the device that a place is in.
fn device_at(devices: &[Node<'_, '_>], at: usize) -> Option<usize> {
    let behind = devices.partition_point(|device| device.range().start <= at);
    let number = behind.checked_sub(1)?;
    devices[number].range().contains(&at).then_some(number)
}

fn next_start(about: String, changes: Vec<usize>) -> Effect {
    Effect {
        about,
        changes,
        when: When::NextStart,
        virsh: "virsh define FILE --validate".to_owned(),
    }
}

/// Changes of what is no device.
fn of_domain(after: &Tree<'_>, names: &[&str], change: &Change, number: usize) -> Effect {
    let element = names.get(1).copied().unwrap_or("domain");
    let child = elements(after.root()).find(|node| node.has_tag_name(element));
    let now = |operation: LiveOperation, virsh: String| Effect {
        about: element.to_owned(),
        changes: vec![number],
        when: When::Now(operation),
        virsh,
    };
    let text = || child.map(own_text);
    match (names, &change.what) {
        ([_, "name" | "uuid"], _) => Effect {
            when: When::NotWhileRunning("a domain keeps its name and uuid as long as it runs"),
            virsh: "virsh domrename DOMAIN NEW".to_owned(),
            ..next_start(element.to_owned(), vec![number])
        },
        (
            [_, "vcpu"],
            What::Attribute {
                name, to: Some(to), ..
            },
        ) if name == "current" => match to.parse() {
            Ok(count) => now(
                LiveOperation::SetVcpus(count),
                format!("virsh setvcpus DOMAIN {count} --live --config"),
            ),
            Err(_) => next_start(element.to_owned(), vec![number]),
        },
        ([_, "currentMemory"], What::Text { .. }) => match child.and_then(kibibytes) {
            Some(kib) => now(
                LiveOperation::SetMemoryKib(kib),
                format!("virsh setmem DOMAIN {kib} --live --config"),
            ),
            None => next_start(element.to_owned(), vec![number]),
        },
        ([_, "title"], _) => now(
            LiveOperation::SetTitle(text()),
            "virsh desc DOMAIN --live --config --title --new-desc …".to_owned(),
        ),
        ([_, "description"], _) => now(
            LiveOperation::SetDescription(text()),
            "virsh desc DOMAIN --live --config --new-desc …".to_owned(),
        ),
        _ => next_start(element.to_owned(), vec![number]),
    }
}

fn of_device(
    before: &Tree<'_>,
    after: &Tree<'_>,
    old: Option<Node<'_, '_>>,
    new: Option<Node<'_, '_>>,
    all: &[Change],
    changes: Vec<usize>,
) -> Effect {
    let Some(device) = new.or(old) else {
        return next_start("devices".to_owned(), changes);
    };
    let kind = device.tag_name().name();
    let about = match label(device) {
        Some(name) => format!("{kind} '{name}'"),
        None => kind.to_owned(),
    };
    let xml = |tree: &Tree<'_>, node: Node<'_, '_>| {
        tree.text().get(node.range()).unwrap_or_default().to_owned()
    };
    let now = |operation: LiveOperation, command: &str| {
        let virsh = format!("virsh {command} DOMAIN FILE --live --config");
        (When::Now(operation), virsh)
    };
    let operation = match (old, new) {
        (None, Some(new)) if is_pluggable(new) => {
            Some(now(LiveOperation::Attach(xml(after, new)), "attach-device"))
        }
        (Some(old), None) if is_pluggable(old) => Some(now(
            LiveOperation::Detach(xml(before, old)),
            "detach-device",
        )),
        (Some(_), Some(new)) if changes.iter().all(|at| is_updatable(new, &all[*at])) => {
            Some(now(LiveOperation::Update(xml(after, new)), "update-device"))
        }
        _ => None,
    };
    match operation {
        Some((when, virsh)) => Effect {
            about,
            changes,
            when,
            virsh,
        },
        None => next_start(about, changes),
    }
}

/// Whether QEMU can take a device in and out while it runs.
#[must_use]
pub fn is_pluggable(device: Node<'_, '_>) -> bool {
    let kind = device.tag_name().name();
    if kind == "disk" {
        let target = elements(device).find(|node| node.has_tag_name("target"));
        let bus = target.and_then(|target| target.attribute("bus"));
        let is_disk = matches!(device.attribute("device"), None | Some("disk" | "lun"));
        return is_disk && matches!(bus, None | Some("virtio" | "scsi" | "usb"));
    }
    if kind == "controller" {
        return matches!(device.attribute("type"), Some("scsi" | "virtio-serial"));
    }
    PLUGGABLE.contains(&kind)
}

/// Whether a change in a device can be had by updating it.
fn is_updatable(device: Node<'_, '_>, change: &Change) -> bool {
    let kind = device.tag_name().name();
    // From the device on.
    let mut way: Vec<String> = change
        .path
        .iter()
        .skip(3)
        .map(|step| step.name.clone())
        .collect();
    if let What::Attribute { name, .. } = &change.what {
        way.push(format!("@{name}"));
    }
    let way = way.join("/");
    if kind == "disk" {
        // A medium is changed; of a disk nothing but its limits.
        let medium = matches!(device.attribute("device"), Some("cdrom" | "floppy"));
        return (medium && way.starts_with("source")) || way.starts_with("iotune");
    }
    UPDATABLE
        .iter()
        .filter(|(known, _)| *known == kind)
        .flat_map(|(_, ways)| ways.iter())
        .any(|known| way == *known || way.starts_with(&format!("{known}/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::changes;

    const DOMAIN: &str = "<domain><name>a</name><memory>2</memory><currentMemory unit='MiB'>1</currentMemory>\
        <vcpu current='1'>4</vcpu><devices>\
        <disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk>\
        <disk type='file' device='cdrom'><source file='/i'/><target dev='sda' bus='sata'/></disk>\
        <interface type='network'><mac address='52:54:00:00:00:01'/><source network='n'/><model type='virtio'/></interface>\
        <graphics type='vnc' passwd='x'/><video><model type='vga'/></video></devices></domain>";

    fn told(from: &str, to: &str) -> Vec<Effect> {
        let edited = DOMAIN.replacen(from, to, 1);
        let (before, after) = (Tree::parse(DOMAIN).unwrap(), Tree::parse(&edited).unwrap());
        let found = changes(&before, &after);
        assert!(!found.is_empty());
        let told = effects(&before, &after, &found);
        let mut numbers: Vec<usize> = told
            .iter()
            .flat_map(|effect| effect.changes.clone())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..found.len()).collect::<Vec<_>>());
        told
    }

    fn when(from: &str, to: &str) -> When {
        let told = told(from, to);
        assert_eq!(told.len(), 1, "{told:?}");
        told[0].when.clone()
    }

    #[test]
    fn what_libvirt_can_do_at_once_is_told_from_the_rest() {
        use LiveOperation::{Attach, Detach, SetMemoryKib, SetTitle, SetVcpus, Update};
        assert_eq!(when("current='1'", "current='2'"), When::Now(SetVcpus(2)));
        assert_eq!(when("'MiB'>1<", "'MiB'>2<"), When::Now(SetMemoryKib(2048)));
        assert_eq!(when(">4</vcpu>", ">8</vcpu>"), When::NextStart);
        assert_eq!(when("<memory>2<", "<memory>3<"), When::NextStart);
        assert!(matches!(
            when("<name>a<", "<name>b<"),
            When::NotWhileRunning(_)
        ));
        assert_eq!(
            when("<memory>", "<title>t</title><memory>"),
            When::Now(SetTitle(Some("t".to_owned())))
        );
        let disk = "<disk type='file'><source file='/b'/><target dev='vdb' bus='virtio'/></disk>";
        assert_eq!(
            when("<interface", &format!("{disk}<interface")),
            When::Now(Attach(disk.to_owned()))
        );
        let sata = disk.replace("virtio", "sata");
        assert_eq!(
            when("<interface", &format!("{sata}<interface")),
            When::NextStart
        );
        let nic = &DOMAIN[DOMAIN.find("<interface").unwrap()..DOMAIN.find("<graphics").unwrap()];
        assert_eq!(when(nic, ""), When::Now(Detach(nic.to_owned())));
        assert!(matches!(
            when("network='n'", "network='m'"),
            When::Now(Update(_))
        ));
        assert_eq!(
            when("<model type='virtio'/>", "<model type='e1000'/>"),
            When::NextStart
        );
        assert!(matches!(when("'/i'", "'/j'"), When::Now(Update(_))));
        assert_eq!(when("'/a'", "'/c'"), When::NextStart);
        assert!(matches!(
            when("passwd='x'", "passwd='y'"),
            When::Now(Update(_))
        ));
        assert_eq!(when("type='vga'", "type='qxl'"), When::NextStart);
    }

    #[test]
    fn changes_of_one_device_go_together() {
        let told = told(
            "<source network='n'/><model type='virtio'/>",
            "<source network='m'/><model type='e1000'/>",
        );
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].about, "interface '52:54:00:00:00:01'");
        assert_eq!(
            (told[0].changes.len(), &told[0].when),
            (2, &When::NextStart)
        );
        assert_eq!(told[0].virsh, "virsh define FILE --validate");
    }
}
