//! Commands about hardware, and back.

use super::verb::{Words, affect};
use super::{Given, WordError};
use crate::hostfacts::{cpu_set, set_words};
use crate::protocol::{DeviceVerb, DeviceXml, HardwareVerb, NewNic};

/// What a command asks of libvirt; `Ok(None)` for one that is about something else, or only reads.
pub(super) fn read(given: &Given) -> Result<Option<HardwareVerb>, WordError> {
    let text = |name: &str| given.value(name).unwrap_or_default().to_owned();
    let some = |name: &str| given.value(name).map(str::to_owned);
    let device = |verb: DeviceVerb| -> Result<HardwareVerb, WordError> {
        Ok(HardwareVerb::Device {
            verb,
            xml: DeviceXml::File(text("file")),
            affect: affect(given)?,
        })
    };
    Ok(Some(match given.command.name {
        "attach-device" => device(DeviceVerb::Attach)?,
        "detach-device" => device(DeviceVerb::Detach)?,
        "update-device" => device(DeviceVerb::Update)?,
        "attach-interface" => HardwareVerb::AttachNic(
            Box::new(NewNic {
                kind: text("type"),
                source: text("source"),
                mac: some("mac"),
                model: some("model"),
                target: some("target"),
                mode: some("source-mode"),
                inbound: limits(given, "inbound")?,
                outbound: limits(given, "outbound")?,
            }),
            affect(given)?,
        ),
        "detach-interface" => HardwareVerb::DetachNic {
            kind: text("type"),
            mac: some("mac"),
            affect: affect(given)?,
        },
        "domif-setlink" => HardwareVerb::SetLink {
            interface: text("interface"),
            up: given.value("state") == Some("up"),
            affect: affect(given)?,
        },
        "guestvcpus" => {
            let Some(list) = given.value("cpulist") else {
                return Ok(None);
            };
            let cpus = cpu_set(list);
            if cpus.is_empty() {
                return Err(WordError::Value(format!(
                    "'{list}' is no list of CPUs: write it as in 0-3,8"
                )));
            }
            match (given.has("enable"), given.has("disable")) {
                (true, true) => return Err(WordError::Both("enable", "disable")),
                (false, false) => {
                    return Err(WordError::Value("say --enable or --disable".to_owned()));
                }
                (enable, _) => HardwareVerb::GuestVcpus { cpus, enable },
            }
        }
        _ => return Ok(None),
    }))
}

/// `average[,peak[,burst]]`, numbers all.
fn limits(given: &Given, name: &str) -> Result<Option<String>, WordError> {
    let Some(value) = given.value(name) else {
        return Ok(None);
    };
    let parts: Vec<&str> = value.split(',').collect();
    let is_number = |part: &&str| part.parse::<u64>().is_ok();
    let sound = parts.len() <= 3
        && parts.first().is_some_and(is_number)
        && parts
            .iter()
            .skip(1)
            .all(|part| part.is_empty() || is_number(part));
    if sound {
        return Ok(Some(value.to_owned()));
    }
    Err(WordError::Value(format!(
        "'{value}' is no limit for {name}: write AVERAGE,PEAK,BURST in KiB/s, as in 1024,2048"
    )))
}

/// The command of a verb; `None` where virsh has none.
pub(super) const fn command(verb: &HardwareVerb) -> Option<&'static str> {
    Some(match verb {
        HardwareVerb::AttachNic(..) => "attach-interface",
        HardwareVerb::DetachNic { .. } => "detach-interface",
        HardwareVerb::SetLink { .. } => "domif-setlink",
        HardwareVerb::Device { verb, .. } => match verb {
            DeviceVerb::Attach => "attach-device",
            DeviceVerb::Detach => "detach-device",
            DeviceVerb::Update => "update-device",
        },
        HardwareVerb::GuestVcpus { .. } => "guestvcpus",
        HardwareVerb::Edit(..) => return None,
    })
}

/// Options that ask the same.
pub(super) fn words(verb: &HardwareVerb, words: &mut Words<'_>) {
    match verb {
        HardwareVerb::AttachNic(nic, affect) => {
            words.value("type", nic.kind.clone());
            words.value("source", nic.source.clone());
            for (name, value) in [
                ("target", &nic.target),
                ("mac", &nic.mac),
                ("model", &nic.model),
                ("inbound", &nic.inbound),
                ("outbound", &nic.outbound),
                ("source-mode", &nic.mode),
            ] {
                words.maybe(name, value.clone());
            }
            words.affect(*affect);
        }
        HardwareVerb::DetachNic { kind, mac, affect } => {
            words.value("type", kind.clone());
            words.maybe("mac", mac.clone());
            words.affect(*affect);
        }
        HardwareVerb::SetLink {
            interface,
            up,
            affect,
        } => {
            words.value("interface", interface.clone());
            words.value("state", if *up { "up" } else { "down" }.to_owned());
            words.affect(*affect);
        }
        HardwareVerb::Device { xml, affect, .. } => {
            let file = match xml {
                DeviceXml::File(path) => path.clone(),
                // What is piped in: see `line`.
                DeviceXml::Text(_) | DeviceXml::Found(..) => STDIN.to_owned(),
            };
            words.value("file", file);
            words.affect(*affect);
        }
        HardwareVerb::GuestVcpus { cpus, enable } => {
            words.value("cpulist", set_words(cpus));
            words.flag("enable", *enable);
            words.flag("disable", !*enable);
        }
        HardwareVerb::Edit(..) => {}
    }
}

/// The file that stands for what is piped in.
pub(super) const STDIN: &str = "/dev/stdin";
