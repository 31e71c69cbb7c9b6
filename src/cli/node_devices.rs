//! Commands that print the devices of a host.

use std::io::Write as _;

use serde_json::json;

use super::hosts::Hosts;
use super::output::Output;
use super::{Error, Exit, Problem, show};
use crate::hardware::{HostDevice, HostDeviceKind};
use crate::text::{self, nearest, visible};
use crate::virsh::Given;

/// Whether a command is about devices of the host.
pub(super) fn is_one(name: &str) -> bool {
    name.starts_with("nodedev-")
}

/// Does one.
pub(super) fn run(hosts: &Hosts, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let [host] = hosts.open.as_slice() else {
        let message = "name one host with -c: several are open";
        return Err(Error::new(Exit::Usage, message.to_owned()).into());
    };
    let devices = host.session.node_devices()?;
    match given.command.name {
        "nodedev-dumpxml" => {
            let wanted = given.value("device").unwrap_or_default();
            let Some(device) = devices.iter().find(|device| device.name == wanted) else {
                let meant = nearest(wanted, devices.iter().map(|device| device.name.as_str()));
                let meant =
                    meant.map_or_else(String::new, |name| format!(" (did you mean {name}?)"));
                let message = format!(
                    "there is no device '{}'{meant}; 'virtty nodedev-list' shows all",
                    visible(wanted)
                );
                return Err(Error::new(Exit::Failed, message).into());
            };
            show::print_xml(&device.xml, out)
        }
        _ => list(&devices, given, out),
    }
}

fn list(devices: &[HostDevice], given: &Given, out: &mut Output) -> Result<(), Problem> {
    let kinds: Vec<&str> = given
        .value("cap")
        .map(|kinds| kinds.split(',').collect())
        .unwrap_or_default();
    let chosen = devices
        .iter()
        .filter(|device| kinds.is_empty() || kinds.contains(&device.capability()));
    if given.has("json") {
        let rows: Vec<_> = chosen.map(|device| of(device, devices)).collect();
        writeln!(out, "{}", serde_json::Value::Array(rows))?;
        return Ok(());
    }
    if given.has("name") {
        for device in chosen {
            writeln!(out, "{}", visible(&device.name))?;
        }
        return Ok(());
    }
    let mut rows = vec![["Name", "Device", "Driver", "Group", "Used by"].map(str::to_owned)];
    rows.extend(chosen.map(|device| {
        let users: Vec<&str> = device.users.iter().map(|(name, _)| name.as_str()).collect();
        [
            visible(&device.name).into_owned(),
            visible(&device.title()).into_owned(),
            visible(device.driver.as_deref().unwrap_or("-")).into_owned(),
            group(device).map_or_else(|| "-".to_owned(), |(number, _)| number.to_string()),
            if users.is_empty() {
                "-".to_owned()
            } else {
                visible(&users.join(", ")).into_owned()
            },
        ]
    }));
    let width = |column: usize| {
        rows.iter()
            .map(|row| text::width(&row[column]))
            .max()
            .unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let pad = width.saturating_sub(text::width(cell)) + 3;
            line.push_str(cell);
            line.push_str(&" ".repeat(pad));
        }
        line.push_str(&row[4]);
        writeln!(out, " {}", line.trim_end())?;
    }
    Ok(())
}

fn group(device: &HostDevice) -> Option<&(u32, Vec<crate::hardware::PciAddress>)> {
    match &device.kind {
        HostDeviceKind::Pci { group, .. } => group.as_ref(),
        _ => None,
    }
}

fn of(device: &HostDevice, all: &[HostDevice]) -> serde_json::Value {
    let users = device.users.iter();
    json!({
        "name": device.name,
        "parent": device.parent,
        "capability": device.capability(),
        "title": device.title(),
        "driver": device.driver,
        "iommu_group": group(device).map(|(number, _)| number),
        "iommu_members": group(device).map(|(_, members)| members.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "used_by": users.map(|(name, runs)| json!({ "domain": name, "running": runs })).collect::<Vec<_>>(),
        "assignable": device.is_assignable(),
        "warnings": if device.is_assignable() { device.warnings(all) } else { Vec::new() },
    })
}
