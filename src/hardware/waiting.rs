//! What the next start of a domain changes, without what libvirt filled in while it runs.

use roxmltree::{Document, Node};

use super::flat::{Path, flatten, is_of_running};
use crate::xml::{Change, Tree, What, changes, label};

/// What waits for a restart: differences between what a domain is and the definition of its next start.
#[must_use]
pub fn waiting(now: &Tree<'_>, next: &Tree<'_>) -> Vec<Change> {
    let whole = flatten(next.root());
    let mut found = changes(now, next);
    found.retain(|change| !is_filled_in(change, now, next, &whole));
    found
}

/// Whether a difference is only that libvirt has written more of what runs. `whole` is all that the next start says.
fn is_filled_in(
    change: &Change,
    now: &Tree<'_>,
    next: &Tree<'_>,
    whole: &[(Path, String)],
) -> bool {
    let names: Vec<&str> = change.path[1..]
        .iter()
        .map(|step| step.name.as_str())
        .collect();
    let Some(first) = names.first().copied() else {
        return matches!(&change.what, What::Attribute { name, .. } if name == "id");
    };
    let is_device = first == "devices" && names.len() > 1;
    let (element, below) = if is_device {
        (names[1], names[2..].join("/"))
    } else {
        (first, names.join("/"))
    };
    if names == ["os"]
        && matches!(&change.what, What::Attribute { name, from: None, .. } if name == "firmware")
    {
        // What was chosen for it runs in its place.
        return flatten(now.root())
            .iter()
            .any(|(path, _)| path == "os/loader");
    }
    let said = said(&change.what, &below);
    if said.is_empty() || (is_device && below.is_empty() && matches!(change.what, What::Removed(_)))
    {
        return false;
    }
    if below == "cpu/feature" && matches!(change.what, What::Removed(_)) {
        // A running CPU is written with all that it has, unless all was asked for.
        let check = |values: &[(Path, String)]| {
            values
                .iter()
                .any(|(path, value)| path == "cpu@check" && value == "full")
        };
        return check(&flatten(now.root())) && !check(whole);
    }
    let device;
    let of_next = if is_device {
        device = change
            .before
            .as_ref()
            .and_then(|range| device_at(now, range.start))
            .and_then(|device| counterpart(device, now, next))
            .map_or_else(Vec::new, flatten);
        &device
    } else {
        whole
    };
    said.iter()
        .all(|(path, value)| is_of_running(element, path, value, of_next))
}

/// What the running one says of it, as paths and values; nothing where only the next start says something.
fn said(what: &What, below: &str) -> Vec<(Path, String)> {
    match what {
        What::Attribute {
            name,
            from: Some(from),
            ..
        } => {
            let local = name.rsplit(':').next().unwrap_or(name);
            vec![(format!("{below}@{local}"), from.clone())]
        }
        What::Text { from, .. } => vec![(below.to_owned(), from.clone())],
        What::Removed(_) if below == "address" => vec![(below.to_owned(), String::new())],
        What::Removed(xml) => {
            let Ok(document) = Document::parse(xml) else {
                return Vec::new();
            };
            let inner = flatten(document.root_element());
            if inner.is_empty() {
                return vec![(below.to_owned(), "yes".to_owned())];
            }
            let joined = |path: &str| match path {
                "" => below.to_owned(),
                path if path.starts_with('@') || below.is_empty() => format!("{below}{path}"),
                path => format!("{below}/{path}"),
            };
            inner
                .into_iter()
                .map(|(path, value)| (joined(&path), value))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The devices of a domain.
fn devices<'a, 't>(tree: &'a Tree<'t>) -> impl Iterator<Item = Node<'a, 't>> {
    let root = tree.root();
    let lists = root.children().filter(|node| node.has_tag_name("devices"));
    lists.flat_map(|list| list.children().filter(Node::is_element))
}

/// The device that a byte is in.
fn device_at<'a, 't>(tree: &'a Tree<'t>, at: usize) -> Option<Node<'a, 't>> {
    devices(tree).find(|node| node.range().contains(&at))
}

/// The same device in the other document: by what names it, else by its place among its like.
fn counterpart<'a, 't>(
    device: Node<'_, '_>,
    now: &Tree<'_>,
    next: &'a Tree<'t>,
) -> Option<Node<'a, 't>> {
    let like = |node: &Node<'_, '_>| node.tag_name().name() == device.tag_name().name();
    let named = label(device);
    let mut others = devices(next).filter(like);
    let by_name = others.find(|other| named.is_some() && label(*other) == named);
    by_name.or_else(|| {
        let place = devices(now)
            .filter(like)
            .position(|other| other.range() == device.range())?;
        devices(next).filter(like).nth(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: &str = "<domain type='qemu'>
  <name>d</name>
  <memory>1024</memory>
  <cpu mode='custom' match='exact' check='none'><model fallback='allow'>qemu64</model></cpu>
  <devices>
    <disk type='file' device='disk'><source file='/d'/><target dev='vda' bus='virtio'/></disk>
    <interface type='network'><mac address='52:54:00:00:00:01'/><source network='lan'/></interface>
    <serial type='pty'><target port='0'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <graphics type='vnc' port='-1' autoport='yes'/>
  </devices>
</domain>";

    fn running() -> String {
        NEXT.replace("<cpu ", "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/></vcpus>\n  <cpu ")
            .replace("type='qemu'", "type='qemu' id='3'")
            .replace("check='none'", "check='full'")
            .replace("fallback='allow'", "fallback='forbid'")
            .replace("</model>", "</model><feature policy='require' name='hypervisor'/>")
            .replace("<source network='lan'/>", "<source network='lan' portid='7' bridge='virbr1'/><target dev='vnet0'/>")
            .replace("<serial type='pty'>", "<serial type='pty'><source path='/dev/pts/0'/><alias name='serial0'/>")
            .replace("<channel type='unix'>", "<channel type='unix'><source mode='bind' path='/run/x'/>")
            .replace("agent.0'/>", "agent.0' state='connected'/><address type='virtio-serial' controller='0'/>")
            .replace("port='-1'", "port='5900'")
            .replace("</devices>", "</devices><resource><partition>/machine</partition></resource><seclabel type='dynamic' model='dac'/>")
    }

    fn told(now: &str, next: &str) -> Vec<String> {
        let (now, next) = (Tree::parse(now).unwrap(), Tree::parse(next).unwrap());
        waiting(&now, &next)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_libvirt_fills_in_does_not_wait() {
        assert_eq!(told(&running(), NEXT), Vec::<String>::new());
    }

    #[test]
    fn a_firmware_that_libvirt_chose_does_not_wait_but_another_does() {
        let efi = NEXT.replace(
            "<memory>",
            "<os firmware='efi'><type>hvm</type></os>\n  <memory>",
        );
        let now = running().replace(
            "<memory>",
            "<os><type>hvm</type><loader type='pflash'>/code.fd</loader><nvram>/vars.fd</nvram></os>\n  <memory>",
        );
        assert_eq!(told(&now, &efi), Vec::<String>::new());
        let bios = running().replace("<memory>", "<os><type>hvm</type></os>\n  <memory>");
        assert_eq!(told(&bios, &efi).len(), 1);
    }

    #[test]
    fn what_the_next_start_changes_does() {
        let next = NEXT
            .replace("1024", "2048")
            .replace("network='lan'", "network='other'")
            .replace("<disk ", "<disk snapshot='no' ")
            .replace("    <serial type='pty'><target port='0'/></serial>\n", "");
        let told = told(&running(), &next);
        assert_eq!(told.len(), 4, "{told:#?}");
        for words in ["1024 → 2048", "lan → other", "snapshot", "serial"] {
            assert!(told.iter().any(|line| line.contains(words)), "{told:#?}");
        }
    }
}
