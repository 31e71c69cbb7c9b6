//! The line of the shell that does the same as a verb: virsh, with the XML that it reads piped in; virt-xml for what virsh has
//! no word for.

use super::{given, join};
use crate::hardware::{Change, Edit, Place, To};
use crate::model::Uuid;
use crate::protocol::{Affect, AgentVerb, DeviceXml, DomainVerb, HardwareVerb, SshKeys};

/// The line, for a domain of the host at `uri`; `None` where no command does it.
#[must_use]
pub fn shell_line(verb: &DomainVerb, name: &str, uuid: Uuid, uri: Option<&str>) -> Option<String> {
    if let Some(uri) = uri
        && let Some(line) = super::several(verb, name, uuid, uri)
    {
        return Some(line);
    }
    if let DomainVerb::Hardware(HardwareVerb::Edit(edit, affect)) = verb {
        let (own, rest): (Vec<_>, Vec<_>) = edit
            .changes
            .iter()
            .cloned()
            .partition(|change| of_virsh(change, *affect).is_some());
        let own = own.iter().filter_map(|change| of_virsh(change, *affect));
        let mut lines: Vec<String> = Vec::new();
        if !rest.is_empty() {
            let edit = Edit { changes: rest };
            lines.push(edited(&edit, *affect, &super::domain_word(name, uuid), uri));
        }
        lines.extend(own.filter_map(|verb| shell_line(&verb, name, uuid, uri)));
        return Some(lines.join(" && "));
    }
    // virsh sets the link of one definition at a time.
    if let DomainVerb::Hardware(HardwareVerb::SetLink {
        interface,
        up,
        affect: Affect::Both,
    }) = verb
    {
        let lines = [Affect::Current, Affect::Config].map(|affect| {
            let verb = HardwareVerb::SetLink {
                interface: interface.clone(),
                up: *up,
                affect,
            };
            shell_line(&DomainVerb::Hardware(verb), name, uuid, uri).unwrap_or_default()
        });
        return Some(lines.join(" && "));
    }
    let mut given = given(verb, name, uuid)?;
    given.host = uri.map(str::to_owned);
    let line = format!("virsh {}", given.line());
    Some(match verb {
        DomainVerb::Hardware(HardwareVerb::Device {
            xml: DeviceXml::Text(xml) | DeviceXml::Found(_, xml),
            ..
        }) => {
            let one: Vec<&str> = xml.lines().map(str::trim).collect();
            let masked = crate::xml::secrets::mask(&one.concat());
            format!("printf %s {} | {line}", join([masked.as_str()]))
        }
        DomainVerb::Agent(AgentVerb::SetKeys {
            keys: SshKeys::Lines(keys),
            ..
        }) if !keys.is_empty() => {
            format!(
                "printf '%s\\n' {} | {line}",
                join(keys.iter().map(String::as_str))
            )
        }
        _ => line,
    })
}

/// The verb of virsh for a change that it has a word for.
fn of_virsh(change: &Change, affect: Affect) -> Option<DomainVerb> {
    let To::Value(value) = &change.to else {
        return None;
    };
    if change.at.is_some() {
        return None;
    }
    Some(match change.path.as_str() {
        "currentMemory" => DomainVerb::SetMemory {
            kib: value.parse().ok()?,
            affect,
        },
        "memory" => DomainVerb::SetMaxMemory {
            kib: value.parse().ok()?,
            affect: Affect::Config,
        },
        "vcpu" => DomainVerb::SetVcpus {
            count: value.parse().ok()?,
            maximum: true,
            guest: false,
            affect: Affect::Config,
        },
        "vcpu@current" => DomainVerb::SetVcpus {
            count: value.parse().ok()?,
            maximum: false,
            guest: false,
            affect,
        },
        _ => return None,
    })
}

/// virt-xml's line for changes of a definition.
fn edited(edit: &Edit, affect: Affect, domain: &str, uri: Option<&str>) -> String {
    let mut words: Vec<String> = vec!["virt-xml".to_owned()];
    if let Some(uri) = uri {
        words.extend(["--connect".to_owned(), uri.to_owned()]);
    }
    words.extend([domain.to_owned(), "--edit".to_owned()]);
    for change in &edit.changes {
        let base = change.at.as_ref().map_or_else(|| ".".to_owned(), place);
        let path = match change.path.split_once('@') {
            Some(("", attribute)) => format!("{base}/@{attribute}"),
            Some((way, attribute)) => format!("{base}/{way}/@{attribute}"),
            None => format!("{base}/{}", change.path),
        };
        match &change.to {
            To::Value(value) => {
                let secret = change.path == "@passwd";
                let value = if secret {
                    crate::xml::secrets::MASK
                } else {
                    value
                };
                words.push("--xml".to_owned());
                words.push(format!("xpath.set={path},xpath.value={value}"));
            }
            To::Gone => {
                words.push("--xml".to_owned());
                words.push(format!("xpath.delete={path}"));
            }
            To::Each(_, values) => {
                words.push("--boot".to_owned());
                words.push(values.join(","));
            }
        }
    }
    match affect {
        Affect::Config => words.push("--define".to_owned()),
        Affect::Live => words.push("--update".to_owned()),
        Affect::Both => words.extend(["--define".to_owned(), "--update".to_owned()]),
        Affect::Current => {}
    }
    join(words.iter().map(String::as_str))
}

/// The device for XPath, by what names it.
fn place(place: &Place) -> String {
    use crate::hardware::Kind;
    let number = place.nth + 1;
    match place.kind {
        Kind::Nic => format!("./devices/interface[mac/@address='{}']", place.key),
        Kind::Disk => format!("./devices/disk[target/@dev='{}']", place.key),
        Kind::Graphics => format!("./devices/graphics[@type='{}']", place.key),
        kind => format!("./devices/{}[{number}]", kind.element()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::Kind;
    use crate::protocol::DeviceVerb;

    #[test]
    fn each_line_could_be_pasted() {
        let of = |verb: HardwareVerb| {
            shell_line(
                &DomainVerb::Hardware(verb),
                "web 1",
                Uuid([1; 16]),
                Some("qemu:///system"),
            )
            .unwrap()
        };
        let nic = Place {
            kind: Kind::Nic,
            key: "52:54:00:00:00:01".to_owned(),
            nth: 0,
        };
        let line = of(HardwareVerb::Edit(
            Box::new(Edit {
                changes: vec![
                    Change::device(&nic, "link@state", Some("down")),
                    Change::domain("vcpu", Some("4")),
                ],
            }),
            Affect::Both,
        ));
        assert_eq!(
            line,
            "virt-xml --connect qemu:///system 'web 1' --edit --xml \
             'xpath.set=./devices/interface[mac/@address='\\''52:54:00:00:00:01'\\'']/link/@state,xpath.value=down' \
             --define --update && virsh -c qemu:///system setvcpus --maximum --config -- 'web 1' 4"
        );
        let line = of(HardwareVerb::Device {
            verb: DeviceVerb::Attach,
            xml: DeviceXml::Text(
                "<rng model='virtio'>\n  <x passwd='secret'/>\n</rng>\n".to_owned(),
            ),
            affect: Affect::Live,
        });
        assert!(line.starts_with("printf %s '<rng model="), "{line}");
        assert!(
            line.ends_with("| virsh -c qemu:///system attach-device --live -- 'web 1' /dev/stdin"),
            "{line}"
        );
        assert!(!line.contains("secret"), "{line}");
    }
}
