//! The hardware of a domain: reading both definitions, and changing them.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::Duration;

use super::ffi::{DeviceChange, Domain, Error, Result, Value};
use crate::hardware::{Change, Edit, Place, To, nics, without};
use crate::hostfacts::cpu_set;
use crate::model::StoredKind;
use crate::protocol::{
    Affect, Definitions, DeviceVerb, DeviceXml, DomainVerb, GuestVcpus, HardwareVerb, NewNic,
    XmlKind,
};
use crate::xml::{Element, Tree, apply_edits, insert_child};

/// How often it is looked whether the guest has let go of a device.
const LOOK: Duration = Duration::from_millis(250);

/// How many looks a guest gets.
const LETTING_GO: u32 = 40;

/// Largest file of a device that is read.
const LARGEST: u64 = 1024 * 1024;

/// Both definitions of a domain, as far as there are two.
///
/// # Errors
/// libvirt's own.
pub fn read(domain: &Domain) -> Result<Definitions> {
    let running = domain.state()?.0.is_active();
    let stored = domain.is_persistent()?;
    Ok(Definitions {
        running: running.then(|| domain.xml(XmlKind::Live)).transpose()?,
        stored: stored.then(|| domain.xml(XmlKind::Inactive)).transpose()?,
    })
}

/// What the guest agent says of the virtual CPUs.
///
/// # Errors
/// libvirt's own, such as that no agent is connected.
pub fn guest_vcpus(domain: &Domain) -> Result<GuestVcpus> {
    let told = domain.guest_vcpus()?;
    let set = |name: &str| -> BTreeSet<u32> {
        let found = told.iter().find(|(field, _)| field == name);
        found.map_or_else(BTreeSet::new, |(_, value)| match value {
            Value::Text(list) => cpu_set(list),
            _ => BTreeSet::new(),
        })
    };
    Ok(GuestVcpus {
        known: set("vcpus"),
        online: set("online"),
        offlinable: set("offlinable"),
    })
}

/// virt-manager's word for what is done.
#[must_use]
pub const fn label(verb: &HardwareVerb) -> &'static str {
    match verb {
        HardwareVerb::AttachNic(..) => "Add a network interface to",
        HardwareVerb::DetachNic { .. } => "Remove a network interface of",
        HardwareVerb::SetLink { .. } => "Set the link of",
        HardwareVerb::Device {
            verb: DeviceVerb::Attach,
            ..
        } => "Add hardware to",
        HardwareVerb::Device {
            verb: DeviceVerb::Detach,
            ..
        } => "Remove hardware of",
        HardwareVerb::Device { .. } | HardwareVerb::Edit(..) => "Change the hardware of",
        HardwareVerb::GuestVcpus { .. } => "Set the CPUs that are used by the guest of",
    }
}

/// Does it. `pausing` is called when all that is left is to wait.
///
/// # Errors
/// libvirt's own, or a refusal in our words.
pub fn perform(domain: &Domain, verb: &HardwareVerb, pausing: impl FnOnce()) -> Result<()> {
    match verb {
        HardwareVerb::AttachNic(nic, affect) => {
            domain.change_device(DeviceChange::Attach, &document(nic), *affect)
        }
        HardwareVerb::DetachNic { kind, mac, affect } => {
            let place = nic(domain, kind, mac.as_deref(), *affect)?;
            detach(domain, &place, *affect, pausing)
        }
        HardwareVerb::SetLink {
            interface,
            up,
            affect,
        } => {
            let place = interface_of(domain, interface, *affect)?;
            let state = if *up { "up" } else { "down" };
            let changes = vec![Change::device(&place, "link@state", Some(state))];
            edit(domain, &Edit { changes }, *affect)
        }
        HardwareVerb::Device { verb, xml, affect } => device(domain, *verb, xml, *affect, pausing),
        HardwareVerb::Edit(wanted, affect) => edit(domain, wanted, *affect),
        HardwareVerb::GuestVcpus { cpus, enable } => domain.set_guest_vcpus(cpus, *enable),
    }
}

/// The XML of a new network interface.
fn document(nic: &NewNic) -> String {
    let source = match nic.kind.as_str() {
        "network" => Some(Element::new("source").with("network", &nic.source)),
        "bridge" => Some(Element::new("source").with("bridge", &nic.source)),
        "direct" => Some(
            Element::new("source")
                .with("dev", &nic.source)
                .maybe("mode", nic.mode.as_ref()),
        ),
        _ => None,
    };
    let mut element = Element::new("interface").with("type", &nic.kind);
    if let Some(mac) = &nic.mac {
        element = element.child(Element::new("mac").with("address", mac));
    }
    element = element.children(source);
    if let Some(target) = &nic.target {
        element = element.child(Element::new("target").with("dev", target));
    }
    if let Some(model) = &nic.model {
        element = element.child(Element::new("model").with("type", model));
    }
    let limit = |name: &'static str, limits: &Option<String>| {
        let mut parts = limits.as_deref()?.split(',');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        Some(
            Element::new(name)
                .maybe("average", next())
                .maybe("peak", next())
                .maybe("burst", next()),
        )
    };
    let limits: Vec<Element> = [
        limit("inbound", &nic.inbound),
        limit("outbound", &nic.outbound),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !limits.is_empty() {
        element = element.child(Element::new("bandwidth").children(limits));
    }
    element.document()
}

fn own(error: impl std::fmt::Display) -> Error {
    Error::own(error.to_string())
}

/// A definition with its secrets, so that nothing is lost when it is given back.
fn text_of(domain: &Domain, kind: XmlKind) -> Result<String> {
    match kind {
        XmlKind::Live => domain.xml_with_secrets(),
        XmlKind::Inactive => domain.inactive_xml_with_secrets(),
    }
}

/// Which definitions a change is for, one at a time: their elements may differ.
fn worlds(domain: &Domain, affect: Affect) -> Result<Vec<(XmlKind, Affect)>> {
    let live = (XmlKind::Live, Affect::Live);
    let config = (XmlKind::Inactive, Affect::Config);
    Ok(match affect {
        Affect::Live => vec![live],
        Affect::Config => vec![config],
        Affect::Both => vec![live, config],
        Affect::Current if domain.state()?.0.is_active() => vec![live],
        Affect::Current => vec![config],
    })
}

/// The interface of this type and MAC address.
fn nic(domain: &Domain, kind: &str, mac: Option<&str>, affect: Affect) -> Result<Place> {
    let mut found = Vec::new();
    for (world, _) in worlds(domain, affect)? {
        let text = domain.xml(world)?;
        let tree = Tree::parse(&text).map_err(own)?;
        for place in nics(&tree, |device| device.attribute("type") == Some(kind)) {
            if !found.contains(&place) {
                found.push(place);
            }
        }
    }
    if let Some(mac) = mac {
        found.retain(|place: &Place| place.key.eq_ignore_ascii_case(mac));
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Error::own(match mac {
            Some(mac) => format!("it has no interface of type {kind} with the MAC address {mac}"),
            None => format!("it has no interface of type {kind}"),
        })),
        several => {
            let macs: Vec<&str> = several.iter().map(|place| place.key.as_str()).collect();
            Err(Error::own(format!(
                "it has several interfaces of type {kind}: say --mac, one of {}",
                macs.join(", ")
            )))
        }
    }
}

/// The interface of this MAC address or tap.
fn interface_of(domain: &Domain, word: &str, affect: Affect) -> Result<Place> {
    let active = domain.state()?.0.is_active();
    let mut worlds = worlds(domain, affect)?;
    if active {
        // A tap is known by its name only while it is there.
        worlds.insert(0, (XmlKind::Live, Affect::Live));
    }
    for (world, _) in worlds {
        let text = domain.xml(world)?;
        let tree = Tree::parse(&text).map_err(own)?;
        let found = nics(&tree, |device| {
            let part = |name: &str, attribute: &str| {
                let child = device.children().find(|child| child.has_tag_name(name))?;
                child.attribute(attribute).map(str::to_owned)
            };
            part("target", "dev").as_deref() == Some(word)
                || part("mac", "address").is_some_and(|mac| mac.eq_ignore_ascii_case(word))
        });
        if let Some(place) = found.into_iter().next() {
            return Ok(place);
        }
    }
    Err(Error::own(format!(
        "it has no interface '{word}': name its MAC address or its tap"
    )))
}

fn device(
    domain: &Domain,
    verb: DeviceVerb,
    xml: &DeviceXml,
    affect: Affect,
    pausing: impl FnOnce(),
) -> Result<()> {
    let text = match xml {
        DeviceXml::Text(text) => text.clone(),
        DeviceXml::File(path) => file(path)?,
        DeviceXml::Found(place, _) => match verb {
            DeviceVerb::Detach => return detach(domain, place, affect, pausing),
            DeviceVerb::Attach | DeviceVerb::Update => {
                return Err(Error::own("a device that is there cannot be added again"));
            }
        },
    };
    let change = match verb {
        DeviceVerb::Attach => DeviceChange::Attach,
        DeviceVerb::Detach => DeviceChange::Detach,
        DeviceVerb::Update => DeviceChange::Update,
    };
    match domain.change_device(change, &text, affect) {
        Err(error)
            if verb == DeviceVerb::Attach && can_be_written(domain, &text, affect, &error)? =>
        {
            write_in(domain, &text)
        }
        result => result,
    }
}

/// Whether a device that libvirt does not attach can be written into the stored definition instead: it attaches no display, video
/// card, TPM or notifier of panics to one (`virDomainAttachDeviceFlags`: "persistent attach of device 'tpm' is not supported"),
/// and of a PCI controller it does not think out what it does when one is defined.
fn can_be_written(domain: &Domain, text: &str, affect: Affect, error: &Error) -> Result<bool> {
    let stored = match affect {
        Affect::Config => true,
        Affect::Current => !domain.state()?.0.is_active(),
        Affect::Live | Affect::Both => false,
    };
    let of_pci = || {
        Tree::parse(text).is_ok_and(|tree| {
            let root = tree.root();
            root.has_tag_name("controller") && root.attribute("type") == Some("pci")
        })
    };
    Ok(stored && (error.is_unsupported_operation() || of_pci()))
}

/// Writes a device into the stored definition.
fn write_in(domain: &Domain, device: &str) -> Result<()> {
    let text = text_of(domain, XmlKind::Inactive)?;
    let tree = Tree::parse(&text).map_err(own)?;
    let mut parts = tree.root().children();
    let devices = parts.find(|node| node.has_tag_name("devices"));
    let devices = devices.ok_or_else(|| own("its definition has no devices"))?;
    let written = apply_edits(&text, &[insert_child(&text, devices, device.trim())]);
    define(domain, &written)
}

fn file(path: &str) -> Result<String> {
    let wrong = |error: std::io::Error| Error::own(format!("{path}: {error}"));
    let size = fs::metadata(path).map_err(wrong)?.len();
    if size > LARGEST {
        return Err(Error::own(format!(
            "{path} has {size} bytes: that is no device"
        )));
    }
    fs::read_to_string(path).map_err(wrong)
}

/// Pulls a device out of each definition that it is in.
fn detach(domain: &Domain, place: &Place, affect: Affect, pausing: impl FnOnce()) -> Result<()> {
    let mut found = Vec::new();
    for (world, affect) in worlds(domain, affect)? {
        let text = text_of(domain, world)?;
        let tree = Tree::parse(&text).map_err(own)?;
        if let Some(device) = place.find(&tree) {
            found.push((text[device.range()].to_owned(), affect, text.clone(), world));
        }
    }
    if found.is_empty() {
        return Err(Error::own("it has no such device any more"));
    }
    let live = found.iter().any(|(_, affect, ..)| *affect == Affect::Live);
    for (xml, affect, whole, world) in found {
        let result = domain.change_device(DeviceChange::Detach, &xml, affect);
        match (result, world) {
            (Ok(()), _) => {}
            // Of a stored definition anything can be taken out, though not each kind by this call.
            (Err(_), XmlKind::Inactive) => {
                let rest = without(&whole, place).map_err(own)?;
                define(domain, &rest)?;
            }
            (Err(error), XmlKind::Live) => return Err(error),
        }
    }
    if !live {
        return Ok(());
    }
    pausing();
    // libvirt answers when it has asked the guest; the guest lets go when it likes.
    for _ in 0..LETTING_GO {
        let text = domain.xml(XmlKind::Live)?;
        let tree = Tree::parse(&text).map_err(own)?;
        if place.find(&tree).is_none() {
            return Ok(());
        }
        thread::sleep(LOOK);
    }
    Err(Error::own(
        "the guest was asked to let go of it and has not: it may still do so, or its driver cannot",
    ))
}

/// Changes the definitions: the running one as far as it takes it, first, since it is the one that may refuse.
fn edit(domain: &Domain, edit: &Edit, affect: Affect) -> Result<()> {
    let worlds = worlds(domain, affect)?;
    let live = edit.live();
    let stored = worlds.iter().any(|(world, _)| *world == XmlKind::Inactive);
    if live.changes.is_empty() && !stored {
        return Err(Error::own("it cannot be changed while the domain runs"));
    }
    let next = if stored {
        let text = text_of(domain, XmlKind::Inactive)?;
        Some(edit.apply(&text).map_err(own)?)
    } else {
        None
    };
    if worlds.iter().any(|(world, _)| *world == XmlKind::Live) && !live.changes.is_empty() {
        let text = text_of(domain, XmlKind::Live)?;
        for change in live.changes.iter().filter(|change| change.at.is_none()) {
            of_domain(domain, change)?;
        }
        for place in live.places() {
            let xml = live.device(&text, place).map_err(own)?;
            domain.change_device(DeviceChange::Update, &xml, Affect::Live)?;
        }
    }
    match next {
        Some(text) => define(domain, &text),
        None => Ok(()),
    }
}

/// A change of the running domain itself.
fn of_domain(domain: &Domain, change: &Change) -> Result<()> {
    let To::Value(value) = &change.to else {
        return Ok(());
    };
    let number = || value.parse::<u64>().map_err(own);
    let affect = Affect::Live;
    let verb = match change.path.as_str() {
        "currentMemory" => DomainVerb::SetMemory {
            kib: number()?,
            affect,
        },
        _ => DomainVerb::SetVcpus {
            count: u32::try_from(number()?).map_err(own)?,
            maximum: false,
            guest: false,
            affect,
        },
    };
    match &verb {
        DomainVerb::SetVcpus { .. } => set_vcpus(domain, &verb),
        verb => domain.act(verb),
    }
}

/// Sets the number of virtual CPUs. A guest takes its time to let go of one, and libvirt gives up after the first that is late:
/// it is asked again as long as one after the other leaves.
///
/// # Errors
/// libvirt's own, or that the guest keeps them.
pub fn set_vcpus(domain: &Domain, verb: &DomainVerb) -> Result<()> {
    let mut before = None;
    loop {
        match domain.act(verb) {
            // While the first leaves, libvirt tells nothing useful of why the next cannot.
            Err(error) if before.is_some() || error.is_of_unplugging() => {}
            result => return result,
        }
        let had = match before {
            Some(count) => count,
            None => vcpus(domain)?,
        };
        let mut now = vcpus(domain)?;
        for _ in 0..LETTING_GO {
            if now < had {
                break;
            }
            thread::sleep(LOOK);
            now = vcpus(domain)?;
        }
        if now >= had {
            return Err(Error::own(
                "the guest was asked to let go of virtual CPUs and has not: it may still do so; else take them out of its use, by \
                 its agent (guestvcpus --disable)",
            ));
        }
        before = Some(now);
    }
}

/// How many virtual CPUs a running domain has.
fn vcpus(domain: &Domain) -> Result<u32> {
    let text = domain.xml(XmlKind::Live)?;
    let tree = Tree::parse(&text).map_err(own)?;
    let mut parts = tree.root().children();
    let vcpu = parts.find(|node| node.has_tag_name("vcpu"));
    let told = vcpu.and_then(|node| node.attribute("current").or(node.text()));
    Ok(told.and_then(|told| told.trim().parse().ok()).unwrap_or(0))
}

fn define(domain: &Domain, text: &str) -> Result<()> {
    let connection = domain.connection();
    connection
        .define(StoredKind::Domain, text, true)
        .map(|_| ())
}
