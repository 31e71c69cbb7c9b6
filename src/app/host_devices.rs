//! Devices of a host, shown when they are asked for by a command.

use super::{Effect, Layer, Level, Purpose, Reader, State, Tone};
use crate::hardware::HostDevice;
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{Answer, Failure, JobId, Verb};
use crate::text::{nearest, visible};

/// What was asked for and is not answered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicesAsked {
    job: JobId,
    /// The XML of this one, else the list.
    device: Option<String>,
    /// Kinds that are listed; none are all.
    kinds: Vec<String>,
}

/// Asks for the list, or for the XML of one.
pub(super) fn ask(
    state: &mut State,
    host: ConnectionId,
    device: Option<String>,
    kinds: Option<&str>,
    effects: &mut Vec<Effect>,
) {
    let nobody = DomainId {
        connection: host,
        uuid: Uuid([0; 16]),
    };
    let job = state.ask(nobody, Purpose::Read, Verb::ReadNodeDevices, effects);
    let kinds = kinds.map(|kinds| kinds.split(',').map(str::to_owned).collect());
    state.devices_asked = Some(DevicesAsked {
        job,
        device,
        kinds: kinds.unwrap_or_default(),
    });
}

/// The worker's answer.
pub(super) fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let Some(asked) = state.devices_asked.take_if(|asked| asked.job == job) else {
        return;
    };
    let devices = match result {
        Ok(Answer::NodeDevices(devices)) => devices,
        Ok(_) => return,
        Err(failure) => {
            let said = visible(&failure.to_string()).into_owned();
            return state.say(Level::Failed, said);
        }
    };
    let Some(name) = asked.device else {
        let lines = list(devices, &asked.kinds);
        state
            .layers
            .push(Layer::Reader(Reader::toned("Devices of the host", &lines)));
        return;
    };
    match devices.iter().find(|device| device.name == name) {
        Some(device) => {
            let lines: Vec<String> = device.xml.lines().map(str::to_owned).collect();
            let mut reader = Reader::text(&format!("XML of {}", visible(&name)), &lines);
            reader.script = Some(device.xml.clone());
            state.layers.push(Layer::Reader(reader));
        }
        None => {
            let meant = nearest(&name, devices.iter().map(|device| device.name.as_str()));
            let meant = meant.map_or_else(String::new, |meant| format!(" (did you mean {meant}?)"));
            let words = format!("There is no device '{}'{meant}.", visible(&name));
            state.say(Level::Failed, words);
        }
    }
}

/// A line for each device, and what must be known of those that a guest could have.
fn list(devices: &[HostDevice], kinds: &[String]) -> Vec<(Tone, String)> {
    let mut lines = Vec::new();
    let chosen = |device: &&HostDevice| {
        kinds.is_empty() || kinds.iter().any(|kind| kind == device.capability())
    };
    for device in devices.iter().filter(chosen) {
        let driver = device
            .driver
            .as_deref()
            .map_or_else(String::new, |name| format!(", driven by {name}"));
        let line = format!("{}  {}{driver}", device.name, device.title());
        lines.push((Tone::Normal, line));
        if device.is_assignable() {
            let told = device.warnings(devices).into_iter();
            lines.extend(told.map(|warning| (Tone::Dim, format!("    {warning}"))));
        }
    }
    if lines.is_empty() {
        lines.push((Tone::Dim, "None.".to_owned()));
    }
    lines
}
