//! What a document says against itself.

use std::collections::HashMap;

use roxmltree::Node;

use super::{Found, Sharing, child, devices, fixed_ports, mac_of, path_of};
use crate::xml::{kibibytes, label};

pub fn check(domain: Node<'_, '_>, found: &mut Found<'_, '_>) {
    memory(domain, found);
    let mut targets = Twice::default();
    let mut macs = Twice::default();
    let mut paths: HashMap<String, (Node<'_, '_>, Sharing)> = HashMap::new();
    let mut addresses = Twice::default();
    let mut ports = Twice::default();
    for device in devices(domain) {
        match device.tag_name().name() {
            "disk" => {
                if let Some(target) = child(device, "target")
                    && let Some(dev) = target.attribute("dev")
                {
                    let what = format!("target '{dev}'");
                    targets.note(dev, device, (target, "dev"), &what, found);
                }
                if let Some((source, attribute, path)) = path_of(device) {
                    let sharing = Sharing::of(device);
                    match paths.get(path) {
                        Some((other, theirs)) if !sharing.goes_with(*theirs) => {
                            let message = format!(
                                "'{path}' is also the source of {}; neither is <shareable/>",
                                named(*other, found)
                            );
                            found.on(source, attribute, message);
                        }
                        Some(_) => {}
                        None => {
                            paths.insert(path.to_owned(), (device, sharing));
                        }
                    }
                }
            }
            "interface" => {
                if let (Some(mac), Some(place)) = (mac_of(device), child(device, "mac")) {
                    let what = format!("MAC address {mac}");
                    macs.note(&mac, device, (place, "address"), &what, found);
                }
            }
            "graphics" => {
                for (attribute, port) in fixed_ports(device) {
                    let what = format!("port {port}");
                    ports.note(&port.to_string(), device, (device, attribute), &what, found);
                }
                open_to_all(device, found);
            }
            _ => {}
        }
        if let Some(address) = child(device, "address")
            && let Some(place) = pci(address)
        {
            let what = format!("PCI address {place}");
            addresses.note(&place, device, (address, "slot"), &what, found);
        }
    }
}

/// What may be there once only, and who was first.
#[derive(Default)]
struct Twice<'a, 't>(HashMap<String, Node<'a, 't>>);

impl<'a, 't> Twice<'a, 't> {
    fn note(
        &mut self,
        key: &str,
        device: Node<'a, 't>,
        (node, attribute): (Node<'_, '_>, &str),
        what: &str,
        found: &mut Found<'_, '_>,
    ) {
        match self.0.get(key) {
            Some(other) => {
                let message = format!("{what} is also that of {}", named(*other, found));
                found.on(node, attribute, message);
            }
            None => {
                self.0.insert(key.to_owned(), device);
            }
        }
    }
}

/// A device as people call it, with its line.
fn named(device: Node<'_, '_>, found: &Found<'_, '_>) -> String {
    let kind = device.tag_name().name();
    let line = found.line(device);
    match label(device) {
        Some(name) => format!("{kind} '{name}' (line {line})"),
        None => format!("the {kind} on line {line}"),
    }
}

fn memory(domain: Node<'_, '_>, found: &mut Found<'_, '_>) {
    let (Some(memory), Some(current)) = (child(domain, "memory"), child(domain, "currentMemory"))
    else {
        return;
    };
    if let (Some(most), Some(now)) = (kibibytes(memory), kibibytes(current))
        && now > most
    {
        let message = format!("currentMemory of {now} KiB is above memory of {most} KiB");
        found.on(current, "", message);
    }
}

/// An address on a PCI bus in the form of lspci; `None` for others and for incomplete ones.
fn pci(address: Node<'_, '_>) -> Option<String> {
    if address.attribute("type") != Some("pci") {
        return None;
    }
    let number = |name: &str| -> Option<u32> {
        let text = address.attribute(name)?.trim();
        match text.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => text.parse().ok(),
        }
    };
    let slot = number("slot")?;
    let (domain, bus, function) = (number("domain"), number("bus"), number("function"));
    let (domain, bus, function) = (domain.unwrap_or(0), bus.unwrap_or(0), function.unwrap_or(0));
    if (domain, bus, slot) == (0, 0, 0) {
        // All zero: libvirt is to choose one.
        return None;
    }
    Some(format!("{domain:04x}:{bus:02x}:{slot:02x}.{function}"))
}

fn open_to_all(graphics: Node<'_, '_>, found: &mut Found<'_, '_>) {
    let kind = graphics.attribute("type").unwrap_or_default();
    let has_password = graphics
        .attribute("passwd")
        .is_some_and(|password| !password.is_empty());
    if !matches!(kind, "vnc" | "spice") || has_password {
        return;
    }
    let listens: Vec<Node<'_, '_>> = graphics
        .children()
        .filter(|child| child.has_tag_name("listen"))
        .collect();
    let place = listens
        .iter()
        .find_map(|listen| Some((*listen, "address", all_of(listen.attribute("address"))?)))
        .or_else(|| Some((graphics, "listen", all_of(graphics.attribute("listen"))?)));
    if let Some((node, attribute, address)) = place {
        let message =
            format!("the {kind} display listens on all addresses ({address}) without a password");
        found.on(node, attribute, message);
    }
}

/// An address that stands for all of them.
fn all_of(address: Option<&str>) -> Option<&str> {
    address.filter(|text| matches!(*text, "0.0.0.0" | "::"))
}
