//! Changing an item: what becomes of it, which of that holds at once, and the command.

use super::fields::{self, Input, Spec};
use super::{HardwareForm, affect, command, memory, networks, page, send, specs, when};
use crate::action::Action;
use crate::app::{Effect, Field, Form, FormUse, Level, State, Submitted, Tone, Wrong, actions};
use crate::hardware::{Change, Edit, Hardware, Item, ItemId, Kind, To};
use crate::model::DomainId;
use crate::protocol::{Affect, DomainVerb, HardwareVerb};
use crate::text;

/// Whether a form can change an item; what none can is for its XML.
#[must_use]
pub fn has_form(item: &Item) -> bool {
    item.kind == Kind::Memory || !specs::of(item).is_empty()
}

/// Opens the form of an item.
pub fn open(state: &mut State, id: DomainId, item: &Item, hardware: &Hardware) {
    if let Some(why) = actions::refusal(state, Action::EditHardware, id) {
        return state.say(Level::Note, why);
    }
    let mut list: Vec<Field> = match item.kind {
        Kind::Memory => memory::fields(item, state.ballooning.get(&id)),
        Kind::Boot => {
            let order = order(item, hardware).join(",");
            let help = "hd, cdrom, network, fd; or targets of disks and MAC addresses of NICs: vda,52:54:00:11:22:33";
            vec![Field::text("order", "Order", &order).help(help)]
        }
        _ => Vec::new(),
    };
    list.extend(specs::of(item).iter().map(|spec| fields::field(item, spec)));
    list.push(when(item.now.is_some(), item.next.is_some()));
    let use_ = FormUse::Hardware(HardwareForm::Edit(id, item.id));
    let mut form = Form::new(use_, item.title.clone(), "Apply", list);
    if item.kind == Kind::Nic
        && let Some(field) = form.field_mut("source")
    {
        *field = field.clone().offer(networks(state, id));
    }
    // A disk is plugged, and its medium changed, elsewhere: here are its properties.
    let when = match item.kind {
        Kind::Disk => "At the next boot; media, sizes, limits and copies: w.",
        kind => kind.when(),
    };
    form.lead = vec![(Tone::Dim, when.to_owned())];
    form.open(state);
}

/// What it boots from, in order: libvirt's words, or keys of devices.
fn order(item: &Item, hardware: &Hardware) -> Vec<String> {
    let mut devices: Vec<(u32, String)> = hardware
        .items
        .iter()
        .filter_map(|device| {
            let order = device.stored("boot@order")?.parse().ok()?;
            Some((order, device.key.clone()))
        })
        .collect();
    devices.sort();
    if !devices.is_empty() {
        return devices.into_iter().map(|(_, key)| key).collect();
    }
    let part = item.next.as_ref().or(item.now.as_ref());
    let values = part.map_or(&[][..], |part| &part.values);
    let boots = values.iter().filter(|(path, _)| path == "os/boot@dev");
    boots.map(|(_, value)| value.clone()).collect()
}

/// What the form makes of an item; what is wrong with it.
fn edit(form: &Form, item: &Item, hardware: &Hardware) -> Result<Edit, Wrong> {
    let mut changes = Vec::new();
    let place = item.place();
    let mut push = |path: &str, to: To| {
        changes.push(Change {
            at: place.clone(),
            path: path.to_owned(),
            to,
        });
    };
    let another = |path: &str| {
        let spec = specs::of(item).iter().find(|spec| spec.path == path);
        spec.is_some_and(|spec| value(form, spec) != fields::at_first(item, spec))
    };
    // Its place in the machine is that of the old model.
    let moved = match item.kind {
        Kind::Watchdog | Kind::Sound | Kind::Panic => another("@model"),
        Kind::Input => another("@bus"),
        Kind::Video => another("model@type"),
        _ => false,
    };
    if moved {
        push(ADDRESS, To::Gone);
    }
    let renewed = specs::renewed(item.kind).filter(|(key, _)| another(key));
    for way in renewed.iter().flat_map(|(_, gone)| *gone) {
        push(way, To::Gone);
    }
    let is_renewed = |path: &str| {
        let way = path.split(['@', '/']).next().unwrap_or_default();
        renewed.is_some_and(|(_, gone)| gone.contains(&way))
    };
    for spec in specs::of(item) {
        let plays = form.field(spec.path).is_some_and(|field| !field.hidden);
        if spec.only.is_some() && !plays {
            continue;
        }
        let before = if is_renewed(spec.path) {
            String::new()
        } else {
            fields::at_first(item, spec)
        };
        let after = match spec.input {
            // Neither said before nor ticked now is no change.
            Input::Check(_, off) if before.is_empty() && value(form, spec) == off => String::new(),
            _ => value(form, spec),
        };
        if after == before {
            continue;
        }
        match (item.kind, spec.path) {
            (Kind::Nic, "source" | "@type") => continue,
            (Kind::Graphics, "@port") => {
                let (auto, port) = if after.is_empty() {
                    ("yes", "-1")
                } else {
                    ("no", after.as_str())
                };
                push("@autoport", To::Value(auto.to_owned()));
                push("@port", To::Value(port.to_owned()));
            }
            (Kind::Graphics, "listen@address") => {
                push("@listen", To::Gone);
                push("listen@type", To::Value("address".to_owned()));
                push("listen@address", To::Value(after));
            }
            (Kind::Overview, "os@firmware") => {
                // What was chosen for the other firmware goes with it.
                for path in ["os/loader", "os/nvram", "os/firmware"] {
                    push(path, To::Gone);
                }
                let to = if after.is_empty() {
                    To::Gone
                } else {
                    To::Value(after)
                };
                push("os@firmware", to);
            }
            (Kind::Cpus, "cpu@mode") => {
                if after != "custom" {
                    push("cpu/model", To::Gone);
                    push("cpu/feature", To::Each("name", Vec::new()));
                }
                for path in ["cpu@match", "cpu@check"] {
                    push(path, To::Gone);
                }
                let to = if after.is_empty() {
                    To::Gone
                } else {
                    To::Value(after)
                };
                push("cpu@mode", to);
            }
            (Kind::Cpus, "cpu/model") if form.text("cpu@mode") != "custom" => {}
            // A socket that libvirt names says nothing of itself.
            (_, "source@mode")
                if form.text("source@path").is_empty() && form.text("@type") == "unix" => {}
            (_, path) if spec.is_mark() => push(
                path,
                if after.is_empty() {
                    To::Gone
                } else {
                    To::Value(String::new())
                },
            ),
            (Kind::Vsock, "cid@auto") => {
                push("cid@address", To::Gone);
                push("cid@auto", To::Value(after));
            }
            (Kind::MemoryDevice, "target/size" | "target/requested") => {
                let kib = form.amount(spec.path).unwrap_or_default();
                push(spec.path, To::Value(kib.to_string()));
            }
            // An empty element of a limit goes with its last value.
            (Kind::Nic, "bandwidth/inbound@average") if after.is_empty() => {
                push("bandwidth/inbound", To::Gone);
            }
            (Kind::Nic, "bandwidth/outbound@average") if after.is_empty() => {
                push("bandwidth/outbound", To::Gone);
            }
            (_, path) if after.is_empty() => push(path, To::Gone),
            (_, path) => push(path, To::Value(after)),
        }
    }
    match item.kind {
        Kind::Nic => {
            let (kind, name) = (
                form.text("@type").to_owned(),
                form.text("source").to_owned(),
            );
            let was = |path: &str| {
                let spec = specs::of(item).iter().find(|spec| spec.path == path);
                spec.map(|spec| fields::at_first(item, spec))
                    .unwrap_or_default()
            };
            if kind != was("@type") || name != was("source") {
                if name.is_empty() && kind != "user" {
                    return Err(Wrong::at("source", "Say which one."));
                }
                push("source", To::Gone);
                if kind != was("@type") {
                    push("@type", To::Value(kind.clone()));
                }
                match kind.as_str() {
                    "network" => push("source@network", To::Value(name)),
                    "bridge" => push("source@bridge", To::Value(name)),
                    "direct" => {
                        push("source@dev", To::Value(name));
                        push("source@mode", To::Value("bridge".to_owned()));
                    }
                    _ => {}
                }
            }
            let mac = form.text("mac@address");
            if !mac.is_empty() && !is_mac(mac) {
                return Err(Wrong::at(
                    "mac@address",
                    "Write it as in 52:54:00:11:22:33; the first byte is even.",
                ));
            }
        }
        Kind::Cpus => topology(form)?,
        Kind::Memory => memory::changes(form, item, hardware, &mut push)?,
        Kind::Filesystem => {
            if form.text("driver@type") == "virtiofs"
                && item.stored("@accessmode") != Some("passthrough")
            {
                push("@accessmode", To::Value("passthrough".to_owned()));
            }
            must(form, "target@dir", "The guest needs a name for it.")?;
            path(form, "source@dir")?;
        }
        Kind::Vsock if !form.checked("cid@auto") => {
            must(
                form,
                "cid@address",
                "Without libvirt's choice it needs a number.",
            )?;
        }
        Kind::Rng => {
            path(form, "backend")?;
            if !form.text("rate@period").is_empty() {
                must(form, "rate@bytes", "A period needs an amount of bytes.")?;
            }
        }
        Kind::Tpm => path(form, "backend/device@path")?,
        Kind::Serial | Kind::Parallel | Kind::Console | Kind::Channel | Kind::Redirected => {
            wire(form)?;
        }
        Kind::Boot => {
            let before = order(item, hardware);
            let after: Vec<String> = form
                .text("order")
                .split(',')
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty())
                .collect();
            if before != after {
                changes.extend(boot(&after, hardware)?);
            }
        }
        _ => {}
    }
    Ok(Edit { changes })
}

/// What a field says, in libvirt's word.
fn value(form: &Form, spec: &Spec) -> String {
    match spec.input {
        Input::Check(on, _) if form.checked(spec.path) => on.to_owned(),
        Input::Check(_, off) => off.to_owned(),
        Input::Mark if form.checked(spec.path) => "yes".to_owned(),
        Input::Mark => String::new(),
        Input::Size(..) => form
            .amount(spec.path)
            .map_or_else(String::new, |kib| text::bytes(kib.saturating_mul(1024))),
        _ => form.text(spec.path).to_owned(),
    }
}

/// A field that must not be empty.
fn must(form: &Form, key: &str, why: &str) -> Result<(), Wrong> {
    match form.field(key) {
        Some(field) if field.is_open() && field.value().is_empty() => Err(Wrong::at(key, why)),
        _ => Ok(()),
    }
}

/// A path of the host, from its root on.
fn path(form: &Form, key: &str) -> Result<(), Wrong> {
    match form.field(key) {
        Some(field) if field.is_open() && !field.value().starts_with('/') => {
            Err(Wrong::at(key, "Write the whole path, from / on."))
        }
        _ => Ok(()),
    }
}

/// What the end of a line on the host needs.
fn wire(form: &Form) -> Result<(), Wrong> {
    match form.text("@type") {
        "tcp" => {
            must(form, "source@host", "Say which address of the host.")?;
            must(form, "source@service", "Say which port.")
        }
        "unix" if form.text("source@path").is_empty() => Ok(()),
        _ => path(form, "source@path"),
    }
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let hex = |part: &&str| part.len() == 2 && part.chars().all(|c| c.is_ascii_hexdigit());
    let first = parts
        .first()
        .and_then(|part| u8::from_str_radix(part, 16).ok());
    parts.len() == 6 && parts.iter().all(hex) && first.is_some_and(|first| first & 1 == 0)
}

/// Sockets, cores and threads make the maximum.
fn topology(form: &Form) -> Result<(), Wrong> {
    let (Some(current), Some(most)) = (form.amount("vcpu@current"), form.amount("vcpu")) else {
        return Ok(());
    };
    if current > most {
        return Err(Wrong::at(
            "vcpu@current",
            format!("The maximum is {most}: raise that first, or with it."),
        ));
    }
    let parts =
        ["sockets", "cores", "threads"].map(|part| form.amount(&format!("cpu/topology@{part}")));
    match parts {
        [None, None, None] => Ok(()),
        [Some(sockets), Some(cores), Some(threads)] => {
            let product = sockets.saturating_mul(cores).saturating_mul(threads);
            if product == most {
                return Ok(());
            }
            Err(Wrong::at(
                "cpu/topology@sockets",
                format!("{sockets} × {cores} × {threads} is {product}, and the maximum is {most}."),
            ))
        }
        _ => Err(Wrong::at(
            "cpu/topology@sockets",
            "Sockets, cores and threads: all three or none.",
        )),
    }
}

/// Another order of booting: by libvirt's words, or by devices.
fn boot(words: &[String], hardware: &Hardware) -> Result<Vec<Change>, Wrong> {
    let by_word = |word: &String| ["hd", "cdrom", "network", "fd"].contains(&word.as_str());
    let mut changes = Vec::new();
    for device in hardware
        .items
        .iter()
        .filter(|device| device.stored("boot@order").is_some())
    {
        changes.extend(
            device
                .place()
                .map(|place| Change::device(&place, "boot", None)),
        );
    }
    if words.iter().all(by_word) {
        changes.push(Change {
            at: None,
            path: "os/boot".to_owned(),
            to: To::Each("dev", words.to_vec()),
        });
        return Ok(changes);
    }
    changes.push(Change {
        at: None,
        path: "os/boot".to_owned(),
        to: To::Each("dev", Vec::new()),
    });
    for (number, word) in words.iter().enumerate() {
        let device = hardware.items.iter().find(|item| {
            matches!(
                item.kind,
                Kind::Disk | Kind::Nic | Kind::HostDevice | Kind::Redirected
            ) && item.key == *word
        });
        let Some(place) = device.and_then(Item::place) else {
            return Err(Wrong::at(
                "order",
                format!(
                    "'{}' is neither hd, cdrom, network or fd nor the target or MAC address of a device; the two kinds do not mix.",
                    text::visible(word)
                ),
            ));
        };
        let order = (number + 1).to_string();
        changes.push(Change::device(&place, "boot@order", Some(&order)));
    }
    Ok(changes)
}

/// What virtiofs needs.
pub(super) const SHARED: &str = "virtiofs needs memory that is shared with the host: tick Shared memory in the form of the memory first; it holds from the next boot on.";

/// Whether the memory is shared with the host, as virtiofs wants it.
pub(super) fn shares_memory(hardware: &Hardware) -> bool {
    let has = |kind: Kind, path: &str| {
        let item = hardware.items.iter().find(|item| item.kind == kind);
        item.and_then(|item| item.stored(path)) == Some("shared")
    };
    has(Kind::Memory, "memoryBacking/access@mode") || has(Kind::Cpus, "cpu/numa/cell@memAccess")
}

fn subject(state: &State, id: DomainId, item: ItemId) -> Option<(&Item, &Hardware)> {
    let page = page(state, id)?;
    Some((page.item(item)?, page.hardware()?))
}

/// Writes what becomes of it, and when.
pub fn changed(state: &State, form: &mut Form, id: DomainId, item: ItemId) {
    let Some((item, hardware)) = subject(state, id, item) else {
        form.hold = Some("It is not there any more.".to_owned());
        return;
    };
    form.hold = None;
    form.preview.clear();
    form.command = None;
    let custom = form.text("cpu@mode") == "custom";
    form.show("cpu/model", custom);
    let user = form.text("@type") == "user";
    form.show("source", !user);
    for spec in specs::of(item) {
        if let Some((key, words)) = spec.only {
            let shown = words.contains(&form.text(key));
            form.show(spec.path, shown);
        }
    }
    let affect = affect(form);
    if item.kind == Kind::Memory {
        memory::changed(state, form, id);
    }
    if form.text("driver@type") == "virtiofs" && !shares_memory(hardware) {
        form.preview.push((Tone::Warn, SHARED.to_owned()));
    }
    match edit(form, item, hardware) {
        Err(wrong) => form.preview.push((Tone::Warn, wrong.why)),
        Ok(edit) if edit.changes.is_empty() => {
            form.preview
                .push((Tone::Dim, "Nothing is changed.".to_owned()));
        }
        Ok(edit) => {
            // What is cleared away though it was not there is nothing to read.
            let said = edit.changes.iter().filter(|change| {
                change.to != To::Gone
                    || change.at != item.place()
                    || change.path != ADDRESS && item.stored(&change.path).is_some()
            });
            let lines: Vec<_> = said.map(|change| line(change, item, affect)).collect();
            form.preview.extend(lines);
            let verb = DomainVerb::Hardware(HardwareVerb::Edit(Box::new(edit), affect));
            form.command = command(state, &verb, id);
        }
    }
}

/// Where a device sits in the machine, which libvirt chooses.
const ADDRESS: &str = "address";

/// Paths of amounts of memory, which are written in KiB.
const SIZES: &[&str] = &[
    "memory",
    "currentMemory",
    "maxMemory",
    "target/size",
    "target/requested",
    "cpu/numa/cell@memory",
];

/// One change in words: what, from what, to what, when.
fn line(change: &Change, item: &Item, affect: Affect) -> (Tone, String) {
    let secret = change.path == "@passwd";
    let to = match &change.to {
        To::Value(_) if secret => crate::xml::secrets::MASK.to_owned(),
        To::Value(value) if value.is_empty() => "yes".to_owned(),
        To::Value(value) if SIZES.contains(&change.path.as_str()) => {
            let kib: u64 = value.parse().unwrap_or_default();
            text::bytes(kib.saturating_mul(1024))
        }
        To::Value(value) => value.clone(),
        To::Gone => "–".to_owned(),
        To::Each(_, values) if values.is_empty() => "–".to_owned(),
        To::Each(_, values) => values.join(", "),
    };
    let own = change.at == item.place();
    let from = item
        .stored(&change.path)
        .filter(|_| own && !secret)
        .unwrap_or("–");
    let when = match affect {
        Affect::Config => "next boot",
        _ if change.is_live() => "at once",
        Affect::Live => "not possible while it runs",
        _ => "next boot",
    };
    let what = match &change.at {
        Some(place) if !own => format!("{} {}", place.key, change.path),
        _ => change.path.clone(),
    };
    let tone = if change.is_live() && affect != Affect::Config {
        Tone::Good
    } else {
        Tone::Info
    };
    (tone, format!("{what}: {from} → {to}  ({when})"))
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    id: DomainId,
    item: ItemId,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let Some((item, hardware)) = subject(state, id, item) else {
        return Submitted::Refused(vec![Wrong::whole("It is not there any more.")]);
    };
    let edit = match edit(form, item, hardware) {
        Ok(edit) if edit.changes.is_empty() && memory::keeps_otherwise(state, form, id) => {
            memory::keep(state, form, id);
            return Submitted::Done;
        }
        Ok(edit) if edit.changes.is_empty() => {
            return Submitted::Refused(vec![Wrong::whole("Nothing is changed.")]);
        }
        Ok(edit) => edit,
        Err(wrong) => return Submitted::Refused(vec![wrong]),
    };
    if memory::keeps_otherwise(state, form, id) {
        memory::keep(state, form, id);
    }
    let verb = DomainVerb::Hardware(HardwareVerb::Edit(Box::new(edit), affect(form)));
    send(state, Action::EditHardware, verb, id, effects)
}
