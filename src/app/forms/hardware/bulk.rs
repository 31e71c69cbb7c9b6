//! The same change on all marked domains, with what it means for each.

use super::HardwareForm;
use crate::action::Action;
use crate::app::{
    Effect, Field, FieldKind, FieldOption, Form, FormUse, Guest, State, Submitted, Tone, Wrong,
    actions, bulk,
};
use crate::hardware::{Change, Edit, Kind, NewDevice, Place, To, Wire};
use crate::model::{DomainId, NicInfo};
use crate::protocol::{Affect, DeviceVerb, DeviceXml, DomainVerb, HardwareVerb};
use crate::text;

/// What can be changed, and the fields of it.
const CHANGES: &[(&str, &str, &[&str])] = &[
    (
        "size",
        "CPUs and memory",
        &["vcpu@current", "vcpu", "currentMemory", "memory"],
    ),
    ("cpu", "CPU mode", &["cpu@mode"]),
    (
        "boot",
        "What its end leads to",
        &["on_poweroff", "on_reboot", "on_crash"],
    ),
    (
        "nic",
        "What the first NIC is plugged into",
        &["nic-type", "nic-source"],
    ),
    ("add", "Add a device", &["device"]),
];

/// Devices that suit every domain.
const DEVICES: &[(&str, &str)] = &[
    ("rng", "random numbers"),
    ("agent", "channel of the guest agent"),
    ("watchdog", "watchdog that resets"),
    ("tablet", "tablet (USB)"),
    ("vsock", "sockets to the host (vsock)"),
    ("scsi", "controller virtio-scsi"),
    ("panic", "panic notifier"),
    ("tpm", "TPM 2.0 (swtpm)"),
    ("serial", "serial line"),
];

fn words<'a>(list: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<FieldOption> {
    let options = list
        .into_iter()
        .map(|(word, label)| FieldOption::new(word, label));
    options.collect()
}

/// Opens the form for these domains.
pub fn open(state: &mut State, ids: Vec<DomainId>) {
    let stays = |rest: &'static [(&'static str, &'static str)]| {
        words([("", "as it is")].into_iter().chain(rest.iter().copied()))
    };
    const ENDS: &[(&str, &str)] = &[
        ("destroy", "destroy"),
        ("restart", "restart"),
        ("preserve", "preserve"),
    ];
    let what = CHANGES.iter().map(|(word, label, _)| (*word, *label));
    let fields = vec![
        Field::choice("change", "Change", words(what), "size"),
        Field::number("vcpu@current", "vCPUs", None, "", 1..=4096)
            .optional()
            .help("Left empty, they stay as they are."),
        Field::number("vcpu", "Maximum of vCPUs", None, "", 1..=4096)
            .optional()
            .help("From the next boot on."),
        Field::size("currentMemory", "Memory", None, 1024..=1 << 40)
            .optional()
            .help("By the balloon, up to the maximum of each."),
        Field::size("memory", "Maximum of memory", None, 1024..=1 << 40)
            .optional()
            .help("From the next boot on."),
        Field::choice(
            "cpu@mode",
            "CPU mode",
            stays(&[
                ("host-passthrough", "host-passthrough: the host's own"),
                ("host-model", "host-model: like the host's"),
                ("maximum", "maximum: all that is possible"),
            ]),
            "",
        )
        .help("From the next boot on; a named model is for the form of one domain."),
        Field::choice("on_poweroff", "On power off", stays(ENDS), ""),
        Field::choice("on_reboot", "On reboot", stays(ENDS), ""),
        Field::choice("on_crash", "On crash", stays(ENDS), ""),
        Field::choice(
            "nic-type",
            "Plugged into",
            words([
                ("network", "a virtual network"),
                ("bridge", "a bridge of the host"),
            ]),
            "network",
        ),
        Field::text("nic-source", "Name", "")
            .offer(
                ids.first()
                    .map(|id| super::networks(state, *id))
                    .unwrap_or_default(),
            )
            .help("Of the network or the bridge; each domain's first NIC goes there."),
        Field::choice("device", "Device", words(DEVICES.iter().copied()), "rng"),
        Field::choice(
            "when",
            "When",
            vec![
                FieldOption::new("both", "now where possible, and at the next boot"),
                FieldOption::new("config", "at the next boot only"),
            ],
            "both",
        ),
    ];
    let title = format!("Change {} domains", ids.len());
    let use_ = FormUse::Hardware(HardwareForm::Bulk(ids));
    Form::new(use_, title, "Apply", fields).open(state);
}

/// The device that is added.
fn device(form: &Form) -> NewDevice {
    let text = str::to_owned;
    match form.text("device") {
        "agent" => NewDevice::Channel(text("org.qemu.guest_agent.0"), Wire::Unix(None)),
        "watchdog" => NewDevice::Watchdog(text("i6300esb"), text("reset")),
        "tablet" => NewDevice::Input(text("tablet"), text("usb")),
        "vsock" => NewDevice::Vsock,
        "scsi" => NewDevice::Controller(text("scsi"), Some(text("virtio-scsi"))),
        "panic" => NewDevice::Panic(text("isa")),
        "tpm" => NewDevice::Tpm(text("tpm-crb"), text("2.0"), None),
        "serial" => NewDevice::Serial(Wire::Pty),
        _ => NewDevice::Rng(text("/dev/urandom"), None),
    }
}

/// The hardware address of the first NIC.
fn first_nic(guest: &Guest) -> Option<(&NicInfo, Place)> {
    let definition = guest.domain.definition.as_ref()?;
    let nic = definition.nics.first()?;
    let place = Place {
        kind: Kind::Nic,
        key: nic.mac.clone()?,
        nth: 0,
        among: 0,
    };
    Some((nic, place))
}

/// What is changed of a domain; `None` where that is nothing.
fn verb(form: &Form, guest: &Guest) -> Option<DomainVerb> {
    let runs = guest.domain.state.is_active();
    let affect = match (form.text("when"), runs, guest.domain.persistent) {
        (_, true, false) => Affect::Live,
        ("both", true, true) => Affect::Both,
        _ => Affect::Config,
    };
    let edit = |changes: Vec<Change>| {
        (!changes.is_empty())
            .then(|| DomainVerb::Hardware(HardwareVerb::Edit(Box::new(Edit { changes }), affect)))
    };
    match form.text("change") {
        "add" => {
            let device = device(form);
            let affect = match affect {
                Affect::Both if !device.is_pluggable() => Affect::Config,
                affect => affect,
            };
            Some(DomainVerb::Hardware(HardwareVerb::Device {
                verb: DeviceVerb::Attach,
                xml: DeviceXml::Text(device.xml()),
                affect,
            }))
        }
        "nic" => {
            let name = form.text("nic-source");
            let (_, place) = first_nic(guest).filter(|_| !name.is_empty())?;
            let source = match form.text("nic-type") {
                "bridge" => "source@bridge",
                _ => "source@network",
            };
            edit(vec![
                Change::device(&place, "source", None),
                Change::device(&place, "@type", Some(form.text("nic-type"))),
                Change::device(&place, source, Some(name)),
            ])
        }
        "cpu" => {
            let mode = Some(form.text("cpu@mode")).filter(|mode| !mode.is_empty())?;
            edit(vec![
                Change::domain("cpu/model", None),
                Change {
                    at: None,
                    path: "cpu/feature".to_owned(),
                    to: To::Each("name", Vec::new()),
                },
                Change::domain("cpu@match", None),
                Change::domain("cpu@check", None),
                Change::domain("cpu@mode", Some(mode)),
            ])
        }
        "boot" => {
            let paths = ["on_poweroff", "on_reboot", "on_crash"].into_iter();
            let said = paths.filter(|path| !form.text(path).is_empty());
            edit(
                said.map(|path| Change::domain(path, Some(form.text(path))))
                    .collect(),
            )
        }
        _ => {
            let paths = ["vcpu", "vcpu@current", "memory", "currentMemory"].into_iter();
            let said = paths.filter_map(|path| {
                Some(Change::domain(path, Some(&form.amount(path)?.to_string())))
            });
            edit(said.collect())
        }
    }
}

/// What becomes of a domain, in words.
fn line(form: &Form, guest: &Guest) -> String {
    let domain = &guest.domain;
    let mut words = Vec::new();
    let dash = || "–".to_owned();
    let kib = |kib: u64| text::bytes(kib.saturating_mul(1024));
    let of = |key: &str| match form.field(key).map(|field| &field.kind) {
        Some(FieldKind::Choice { options, chosen }) => options
            .get(*chosen)
            .map_or_else(String::new, |option| option.label.clone()),
        _ => form.text(key).to_owned(),
    };
    // What cannot be had while it runs waits.
    let mut waits = false;
    match form.text("change") {
        "add" => {
            words.push(format!("gets a device: {}", of("device")));
            waits = !device(form).is_pluggable();
        }
        "nic" => {
            let nic = first_nic(guest).map(|(nic, _)| nic);
            let mac = nic.and_then(|nic| nic.mac.clone()).unwrap_or_else(dash);
            let from = nic.and_then(|nic| nic.source.clone()).unwrap_or_else(dash);
            words.push(format!("{mac}: {from} → {}", form.text("nic-source")));
        }
        "cpu" => {
            words.push(format!("CPU mode → {}", form.text("cpu@mode")));
            waits = true;
        }
        "boot" => {
            for path in ["on_poweroff", "on_reboot", "on_crash"] {
                if !form.text(path).is_empty() {
                    words.push(format!("{path} → {}", form.text(path)));
                }
            }
            waits = true;
        }
        _ => {
            if let Some(count) = form.amount("vcpu@current") {
                let now = domain.vcpus.map_or_else(dash, |count| count.to_string());
                words.push(format!("vCPUs {now} → {count}"));
            }
            if let Some(count) = form.amount("vcpu") {
                words.push(format!("maximum of vCPUs → {count} at the next boot"));
            }
            if let Some(size) = form.amount("currentMemory") {
                let now = domain.memory_kib.map_or_else(dash, kib);
                words.push(format!("memory {now} → {}", kib(size)));
            }
            if let Some(size) = form.amount("memory") {
                let now = domain.max_memory_kib.map_or_else(dash, kib);
                words.push(format!("maximum {now} → {} at the next boot", kib(size)));
            }
        }
    }
    let when = match (form.text("when"), domain.state.is_active()) {
        ("both", true) if !waits => "",
        (_, true) => " (next boot)",
        _ => " (off)",
    };
    text::visible(&format!("{}: {}{when}", domain.name, words.join(", "))).into_owned()
}

/// Writes what becomes of each.
pub fn changed(state: &State, form: &mut Form, ids: &[DomainId]) {
    let chosen = form.text("change").to_owned();
    for (change, _, fields) in CHANGES {
        for field in *fields {
            form.show(field, *change == chosen);
        }
    }
    form.preview.clear();
    form.command = None;
    for id in ids {
        let Some(guest) = state.guest(*id) else {
            continue;
        };
        if let Some(why) = actions::refusal(state, Action::EditHardware, *id) {
            form.preview.push((Tone::Warn, format!("left out: {why}")));
            continue;
        }
        let Some(verb) = verb(form, guest) else {
            form.preview.push((
                Tone::Dim,
                format!("{}: as it is", text::visible(&guest.domain.name)),
            ));
            continue;
        };
        let too_much = form
            .amount("currentMemory")
            .filter(|_| chosen == "size")
            .zip(domain_most(form, guest))
            .is_some_and(|(wanted, most)| wanted > most);
        if too_much {
            let words = format!("{}: its maximum is less", text::visible(&guest.domain.name));
            form.preview.push((Tone::Warn, words));
        } else {
            form.preview.push((Tone::Info, line(form, guest)));
        }
        if form.command.is_none() {
            form.command = super::command(state, &verb, *id).map(|line| match ids.len() {
                1 => line,
                count => format!("{line}   and so for each of the {count}"),
            });
        }
    }
}

/// The most memory that a domain can have when it is done.
fn domain_most(form: &Form, guest: &Guest) -> Option<u64> {
    let config_only = form.text("when") == "config" || !guest.domain.state.is_active();
    let new = form.amount("memory").filter(|_| config_only);
    new.or(guest.domain.max_memory_kib)
}

/// Sends it to each.
pub fn submit(
    state: &mut State,
    form: &Form,
    ids: &[DomainId],
    effects: &mut Vec<Effect>,
) -> Submitted {
    let mut wanted = Vec::new();
    for id in ids {
        if let Some(guest) = state.guest(*id)
            && let Some(verb) = verb(form, guest)
        {
            wanted.push((*id, verb));
        }
    }
    if wanted.is_empty() {
        return Submitted::Refused(vec![Wrong::whole("Nothing is changed.")]);
    }
    bulk::attempt(state, Action::EditHardware, wanted, effects);
    Submitted::Done
}
