//! Adding a device: which, what it needs, its XML beside it.

use std::sync::Arc;

use super::devices::{self, ANOTHER, of_host};
use super::{HardwareForm, affect, command, edit, networks, page, send};
use crate::action::Action;
use crate::app::{
    Effect, FieldKind, FieldOption, Form, FormUse, HardwarePage, Level, Purpose, State, Submitted,
    Tone, Wrong, actions,
};
use crate::hardware::{Hardware, HostDevice, HostDeviceKind, Kind, NewDevice, Wire};
use crate::model::DomainId;
use crate::protocol::{
    Affect, Answer, DeviceVerb, DeviceXml, DomainVerb, Failure, HardwareVerb, JobId, Verb,
};
use crate::text::visible;
use crate::xml::secrets;

/// To which domain, and what its host has to give.
#[derive(Debug, Clone)]
pub struct Adding {
    id: DomainId,
    /// The question which devices the host has.
    job: JobId,
    devices: Arc<[HostDevice]>,
}

impl PartialEq for Adding {
    /// What was typed for one domain comes back for the same.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Adding {}

/// Opens the form, and asks for the devices of the host.
pub fn open(state: &mut State, page: &HardwarePage, effects: &mut Vec<Effect>) {
    let id = page.id;
    if let Some(why) = actions::refusal(state, Action::AddHardware, id) {
        return state.say(Level::Note, why);
    }
    let Some(hardware) = page.hardware() else {
        return state.say(Level::Note, "The hardware is not read yet.".to_owned());
    };
    let fields = devices::fields(networks(state, id), hardware.runs, hardware.stored);
    let name = state.guest(id).map_or("", |guest| &guest.domain.name);
    let title = format!("Add hardware to {name}");
    let job = state.ask(id, Purpose::Read, Verb::ReadNodeDevices, effects);
    let use_ = FormUse::Hardware(HardwareForm::Add(Adding {
        id,
        job,
        devices: Arc::default(),
    }));
    Form::new(use_, title, Action::AddHardware.row().label, fields).open(state);
}

/// The worker's answer: what there is to choose from.
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| matches!(use_, FormUse::Hardware(HardwareForm::Add(adding)) if adding.job == job);
    let Some(form) = state.form_mut(is) else {
        return;
    };
    let devices = match result {
        Ok(Answer::NodeDevices(devices)) => devices,
        Ok(_) => return,
        Err(failure) => {
            let why = format!(
                "The devices of the host are not known: {}",
                visible(&failure.to_string())
            );
            form.lead.push((Tone::Dim, why));
            return state.refresh_form(is);
        }
    };
    let usable = devices.iter().filter(|device| device.is_assignable());
    let (mut usb, mut pci) = (Vec::new(), Vec::new());
    for device in usable {
        let user = device
            .users
            .first()
            .map_or_else(String::new, |(name, _)| format!(", has '{name}'"));
        let title = device.title();
        match &device.kind {
            HostDeviceKind::Pci { address, .. } => {
                pci.push(FieldOption::new(
                    &device.name,
                    &format!("{address} {title}{user}"),
                ));
            }
            HostDeviceKind::Usb {
                bus,
                device: number,
                ..
            } => {
                usb.push(FieldOption::new(
                    &device.name,
                    &format!("{bus}.{number} {title}{user}"),
                ));
            }
            _ => {}
        }
    }
    for (key, options) in [("usb", usb), ("pci", pci)] {
        if let Some(field) = form.field_mut(key) {
            *field = of_host(key, options);
        }
    }
    if let FormUse::Hardware(HardwareForm::Add(adding)) = &mut form.use_ {
        adding.devices = Arc::clone(devices);
    }
    state.refresh_form(is);
}

/// The device of the host that is chosen from the list.
fn chosen<'a>(form: &Form, devices: &'a [HostDevice]) -> Option<&'a HostDevice> {
    let key = Some(form.text("device")).filter(|key| matches!(*key, "usb" | "pci"))?;
    devices.iter().find(|device| device.name == form.text(key))
}

/// What takes it: by what it is where that tells it from all others, since its place may change.
fn given(device: &HostDevice, all: &[HostDevice]) -> Option<NewDevice> {
    match &device.kind {
        HostDeviceKind::Pci { address, .. } => Some(NewDevice::PciHost(*address)),
        HostDeviceKind::Usb {
            bus,
            device: number,
            vendor,
            product,
        } => {
            let alike = all.iter().filter(|other| {
                matches!(&other.kind, HostDeviceKind::Usb { vendor: v, product: p, .. } if v == vendor && p == product)
            });
            Some(if alike.count() > 1 {
                NewDevice::UsbPlace(*bus, *number)
            } else {
                NewDevice::UsbHost(vendor.clone(), product.clone())
            })
        }
        _ => None,
    }
}

/// What is to be added; what is wrong with it.
fn verb(form: &Form, devices: &[HostDevice]) -> Result<(DomainVerb, Option<NewDevice>), Wrong> {
    let wanted = affect(form);
    if form.text("device") == "nic" {
        return Ok((devices::nic(form, wanted)?, None));
    }
    let of_list = chosen(form, devices).and_then(|device| given(device, devices));
    let device = match of_list {
        Some(device) => device,
        None => devices::described(form)?,
    };
    let affect = match (wanted, device.is_pluggable()) {
        (Affect::Both, false) => Affect::Config,
        (Affect::Live, false) => {
            return Err(Wrong::at(
                "when",
                "It cannot be added while the domain runs: choose the next boot.",
            ));
        }
        (wanted, _) => wanted,
    };
    let verb = HardwareVerb::Device {
        verb: DeviceVerb::Attach,
        xml: DeviceXml::Text(device.xml()),
        affect,
    };
    Ok((DomainVerb::Hardware(verb), Some(device)))
}

/// Shows the fields that the device needs, and its XML.
pub fn changed(state: &State, form: &mut Form, adding: &Adding) {
    let id = adding.id;
    let devices = &adding.devices;
    devices::show(form);
    for (list, own) in [("usb", "usb-id"), ("pci", "pci-address")] {
        if form.text(list) != ANOTHER {
            form.show(own, false);
        }
        let kind = form.field(list).map(|field| &field.kind);
        if matches!(kind, Some(FieldKind::Choice { options, .. }) if options.len() < 2) {
            form.show(list, false);
        }
    }
    form.preview.clear();
    form.command = None;
    if let Some(device) = chosen(form, devices) {
        let driver = device.driver.as_deref();
        let driver = driver.map_or_else(String::new, |name| format!(", driven by {name} now"));
        form.preview.push((
            Tone::Normal,
            format!("{}{driver}", visible(&device.title())),
        ));
        let told = device.warnings(devices).into_iter();
        form.preview
            .extend(told.map(|warning| (Tone::Warn, visible(warning.as_str()).into_owned())));
        form.preview.push((Tone::Normal, String::new()));
    }
    match verb(form, devices) {
        Err(wrong) => form.preview.push((Tone::Dim, wrong.why)),
        Ok((verb, device)) => {
            if let Some(device) = device {
                let wanted = affect(form);
                if wanted == Affect::Both && !device.is_pluggable() {
                    let words =
                        "It cannot be added while the domain runs: the next boot brings it.";
                    form.preview.push((Tone::Warn, words.to_owned()));
                }
                let hardware = page(state, id).and_then(HardwarePage::hardware);
                let needs = hardware.and_then(|hardware| needs(&device, hardware));
                form.preview.extend(needs.map(|words| (Tone::Warn, words)));
                form.preview.extend(
                    secrets::mask(&device.xml())
                        .lines()
                        .map(|line| (Tone::Normal, line.to_owned())),
                );
            }
            form.command = command(state, &verb, id);
        }
    }
}

/// What a device needs that the domain does not have.
fn needs(device: &NewDevice, hardware: &Hardware) -> Option<String> {
    let stored = |kind: Kind, path: &str| {
        let mut alike = hardware.items.iter().filter(|item| item.kind == kind);
        alike.any(|item| item.stored(path).is_some())
    };
    match device {
        NewDevice::Filesystem { driver, .. }
            if driver == "virtiofs" && !edit::shares_memory(hardware) =>
        {
            Some(edit::SHARED.to_owned())
        }
        NewDevice::Memory(..) if !stored(Kind::Memory, "maxMemory@slots") => Some(
            "The domain has no slots: set With devices and Slots in the form of the memory first; they hold from the next boot on."
                .to_owned(),
        ),
        NewDevice::Redirected | NewDevice::Channel(_, Wire::Spice)
            if !hardware
                .items
                .iter()
                .any(|item| item.kind == Kind::Graphics && item.stored("@type") == Some("spice")) =>
        {
            Some("It is of use with a Spice display alone, and the domain has none.".to_owned())
        }
        _ => None,
    }
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    adding: &Adding,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let id = adding.id;
    match verb(form, &adding.devices) {
        Ok((verb, _)) => send(state, Action::AddHardware, verb, id, effects),
        Err(wrong) => Submitted::Refused(vec![wrong]),
    }
}
