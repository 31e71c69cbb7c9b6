//! Changing an item: what becomes of it, which of that holds at once, and the command.

use super::fields::{self, Input};
use super::{HardwareForm, affect, command, networks, page, send, when};
use crate::action::Action;
use crate::app::{
    Ballooning, Effect, Field, Form, FormUse, Level, State, Submitted, Tone, Wrong, actions,
};
use crate::hardware::{Change, Edit, Hardware, Item, ItemId, Kind, To};
use crate::model::DomainId;
use crate::protocol::{Affect, DomainVerb, HardwareVerb};
use crate::text;

/// Largest memory that can be typed, in KiB: a PiB.
const MOST_KIB: u64 = 1 << 40;
/// Smallest memory, in KiB.
const LEAST_KIB: u64 = 1024;

/// Opens the form of an item.
pub fn open(state: &mut State, id: DomainId, item: &Item, hardware: &Hardware) {
    if let Some(why) = actions::refusal(state, Action::EditHardware, id) {
        return state.say(Level::Note, why);
    }
    let mut list: Vec<Field> = match item.kind {
        Kind::Memory => {
            let mut list = memory(item);
            list.extend(ballooning(state.ballooning.get(&id)));
            list
        }
        Kind::Boot => {
            let order = order(item, hardware).join(",");
            let help = "hd, cdrom, network, fd; or targets of disks and MAC addresses of NICs: vda,52:54:00:11:22:33";
            vec![Field::text("order", "Order", &order).help(help)]
        }
        _ => Vec::new(),
    };
    list.extend(
        fields::of(item.kind)
            .iter()
            .map(|spec| fields::field(item, spec)),
    );
    if list.is_empty() {
        let words = match item.kind {
            Kind::Disk => "Disks are changed on their own page: w.".to_owned(),
            _ => format!(
                "{} has nothing that a form could change: its XML is the way (virsh edit).",
                item.title
            ),
        };
        return state.say(Level::Note, words);
    }
    list.push(when(item.now.is_some(), item.next.is_some()));
    let use_ = FormUse::Hardware(HardwareForm::Edit(id, item.id));
    let mut form = Form::new(use_, item.title.clone(), "Apply", list);
    if item.kind == Kind::Nic
        && let Some(field) = form.field_mut("source")
    {
        *field = field.clone().offer(networks(state, id));
    }
    form.lead = vec![(Tone::Dim, item.kind.when().to_owned())];
    form.open(state);
}

fn memory(item: &Item) -> Vec<Field> {
    let sizes = LEAST_KIB..=MOST_KIB;
    vec![
        Field::size("currentMemory", "Memory", item.stored_kib("currentMemory"), sizes.clone())
            .help("What it has, by its balloon: up to the maximum at once, where the guest's driver plays along."),
        Field::size("memory", "Maximum", item.stored_kib("memory"), sizes.clone())
            .help("The most that it can have while it runs; from the next boot on."),
        Field::size("maxMemory", "With devices", item.stored_kib("maxMemory"), sizes)
            .optional()
            .help("The most with memory devices plugged in; more than the maximum. Left empty, none can be."),
        Field::number("maxMemory@slots", "Slots", item.stored("maxMemory@slots").and_then(|n| n.parse().ok()), "", 1..=256)
            .optional()
            .help("How many memory devices can be plugged in."),
        Field::check(
            "shared",
            "Shared memory",
            item.stored("memoryBacking/access@mode") == Some("shared"),
        )
        .help("What virtiofs and vhost-user need; from the next boot on."),
    ]
}

/// Keys of the fields about ballooning.
const KEEPS: [&str; 3] = ["auto", "headroom", "floor"];

/// Fields for a balloon that follows the guest.
fn ballooning(now: Option<&Ballooning>) -> Vec<Field> {
    let sizes = LEAST_KIB..=MOST_KIB;
    let (headroom, floor) = now.map_or((256 << 10, 512 << 10), |now| {
        (now.headroom_kib, now.floor_kib)
    });
    vec![
        Field::check(KEEPS[0], "Follow the guest", now.is_some()).help(
            "Sets the balloon by what the guest says that it uses, as long as virtty runs; each step is in the log.",
        ),
        Field::size(KEEPS[1], "Headroom", Some(headroom), sizes.clone())
            .help("What the guest shall have beyond what it uses."),
        Field::size(KEEPS[2], "Never below", Some(floor), sizes).help("What it keeps in any case."),
    ]
}

/// What the form says of ballooning.
fn keeps(form: &Form) -> Option<Ballooning> {
    let amounts = form.amount(KEEPS[1]).zip(form.amount(KEEPS[2]));
    amounts
        .filter(|_| form.checked(KEEPS[0]))
        .map(|(headroom, floor)| Ballooning::new(headroom, floor))
}

/// Whether the form changes how the balloon is kept.
fn keeps_otherwise(state: &State, form: &Form, id: DomainId) -> bool {
    let both = |keeps: &Ballooning| (keeps.headroom_kib, keeps.floor_kib);
    form.field(KEEPS[0]).is_some()
        && keeps(form).as_ref().map(both) != state.ballooning.get(&id).map(both)
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
    for spec in fields::of(item.kind) {
        let before = fields::at_first(item, spec);
        let after = match spec.input {
            Input::Check(on, off) => {
                // Neither said before nor ticked now is no change.
                let now = if form.checked(spec.path) { on } else { off };
                if before.is_empty() && now == off {
                    String::new()
                } else {
                    now.to_owned()
                }
            }
            _ => form.text(spec.path).to_owned(),
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
                let specs = fields::of(Kind::Nic);
                let spec = specs.iter().find(|spec| spec.path == path);
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
        Kind::Memory => memory_changes(form, item, hardware, &mut push)?,
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

fn memory_changes(
    form: &Form,
    item: &Item,
    hardware: &Hardware,
    push: &mut impl FnMut(&str, To),
) -> Result<(), Wrong> {
    let (current, most, with) = (
        form.amount("currentMemory"),
        form.amount("memory"),
        form.amount("maxMemory"),
    );
    if current > most {
        return Err(Wrong::at(
            "currentMemory",
            "It is more than the maximum: raise that first, or with it.",
        ));
    }
    if with.is_some() && with < most {
        return Err(Wrong::at(
            "maxMemory",
            "It is less than the maximum without devices.",
        ));
    }
    if with.is_some() != form.amount("maxMemory@slots").is_some() {
        return Err(Wrong::at(
            "maxMemory@slots",
            "The size with devices and the slots: both or none.",
        ));
    }
    for (path, kib) in [("memory", most), ("currentMemory", current)] {
        if let Some(kib) = kib.filter(|kib| Some(*kib) != item.stored_kib(path)) {
            push(path, To::Value(kib.to_string()));
        }
    }
    match with {
        None if item.stored_kib("maxMemory").is_some() => push("maxMemory", To::Gone),
        Some(kib) => {
            // QEMU plugs memory into NUMA nodes alone: all that there is becomes one.
            let cpus = hardware.items.iter().find(|item| item.kind == Kind::Cpus);
            let count: Option<u64> = cpus
                .filter(|cpus| cpus.stored("cpu/numa/cell@memory").is_none())
                .and_then(|cpus| cpus.stored("vcpu")?.parse().ok());
            if let (Some(count), Some(most)) = (count, most) {
                let last = count.saturating_sub(1);
                for (attribute, value) in [
                    ("id", "0".to_owned()),
                    ("cpus", format!("0-{last}")),
                    ("memory", most.to_string()),
                    ("unit", "KiB".to_owned()),
                ] {
                    push(&format!("cpu/numa/cell@{attribute}"), To::Value(value));
                }
            }
            if Some(kib) != item.stored_kib("maxMemory") {
                push("maxMemory", To::Value(kib.to_string()));
            }
            let slots = form.text("maxMemory@slots");
            if Some(slots) != item.stored("maxMemory@slots") {
                push("maxMemory@slots", To::Value(slots.to_owned()));
            }
        }
        None => {}
    }
    let shared = item.stored("memoryBacking/access@mode") == Some("shared");
    match (shared, form.checked("shared")) {
        (false, true) => {
            push("memoryBacking/source@type", To::Value("memfd".to_owned()));
            push("memoryBacking/access@mode", To::Value("shared".to_owned()));
        }
        (true, false) => push("memoryBacking/access", To::Gone),
        _ => {}
    }
    Ok(())
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
    let auto = form.checked(KEEPS[0]);
    for key in &KEEPS[1..] {
        form.show(key, auto);
    }
    let affect = affect(form);
    if keeps_otherwise(state, form, id) {
        let words = if auto {
            "The balloon follows the guest as long as virtty runs."
        } else {
            "The balloon stays as it is from now on."
        };
        form.preview.push((Tone::Good, words.to_owned()));
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
                    || item.stored(&change.path).is_some()
            });
            let lines: Vec<_> = said.map(|change| line(change, item, affect)).collect();
            form.preview.extend(lines);
            let verb = DomainVerb::Hardware(HardwareVerb::Edit(Box::new(edit), affect));
            form.command = command(state, &verb, id);
        }
    }
}

/// One change in words: what, from what, to what, when.
fn line(change: &Change, item: &Item, affect: Affect) -> (Tone, String) {
    let secret = change.path == "@passwd";
    let to = match &change.to {
        To::Value(_) if secret => crate::xml::secrets::MASK.to_owned(),
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
        Ok(edit) if edit.changes.is_empty() && keeps_otherwise(state, form, id) => {
            keep(state, form, id);
            return Submitted::Done;
        }
        Ok(edit) if edit.changes.is_empty() => {
            return Submitted::Refused(vec![Wrong::whole("Nothing is changed.")]);
        }
        Ok(edit) => edit,
        Err(wrong) => return Submitted::Refused(vec![wrong]),
    };
    if keeps_otherwise(state, form, id) {
        keep(state, form, id);
    }
    let verb = DomainVerb::Hardware(HardwareVerb::Edit(Box::new(edit), affect(form)));
    send(state, Action::EditHardware, verb, id, effects)
}

/// Switches ballooning on or off.
fn keep(state: &mut State, form: &Form, id: DomainId) {
    match keeps(form) {
        Some(ballooning) => {
            state.ballooning.insert(id, ballooning);
        }
        None => {
            state.ballooning.remove(&id);
        }
    }
}
