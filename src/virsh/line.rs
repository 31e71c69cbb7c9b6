//! The line of the shell that does the same as a verb: virsh, with the XML that it reads piped in; virt-xml for what virsh has
//! no word for.

use super::{given, join};
use crate::hardware::{Change, Edit, Kind, Place, To};
use crate::model::Uuid;
use crate::protocol::{
    Affect, AgentVerb, DeviceVerb, DeviceXml, DomainVerb, HardwareVerb, SshKeys,
};
use crate::xml::{Tree, secrets};

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
    if let DomainVerb::Hardware(HardwareVerb::Device {
        verb: DeviceVerb::Attach,
        xml: DeviceXml::Text(xml),
        affect: Affect::Config,
    }) = verb
        && let Some(line) = added(xml, &super::domain_word(name, uuid), uri)
    {
        return Some(line);
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
            let masked = secrets::mask(&one.concat());
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

/// virt-xml's lines for changes of a definition, one for the domain itself and one for each device.
fn edited(edit: &Edit, affect: Affect, domain: &str, uri: Option<&str>) -> String {
    let mut places: Vec<Option<&Place>> = Vec::new();
    for change in &edit.changes {
        if !places.contains(&change.at.as_ref()) {
            places.push(change.at.as_ref());
        }
    }
    let line = |at: Option<&Place>| {
        let changes = edit
            .changes
            .iter()
            .filter(|change| change.at.as_ref() == at);
        let mut words = begun(domain, uri);
        words.push("--edit".to_owned());
        match at {
            None => {
                for change in changes {
                    words.extend(of_domain(change));
                }
            }
            Some(place) => {
                let done: Vec<String> = changes
                    .enumerate()
                    .map(|(number, change)| xpath(change, &number.to_string()))
                    .collect();
                let option = match place.kind {
                    Kind::Nic => "network",
                    Kind::MemoryDevice => "memdev",
                    kind => kind.element(),
                };
                words.extend([selector(place), format!("--{option}"), done.join(",")]);
            }
        }
        match affect {
            Affect::Config => words.push("--define".to_owned()),
            Affect::Live => words.push("--update".to_owned()),
            Affect::Both => words.extend(["--define".to_owned(), "--update".to_owned()]),
            Affect::Current => {}
        }
        join(words.iter().map(String::as_str))
    };
    let lines: Vec<String> = places.into_iter().map(line).collect();
    lines.join(" && ")
}

/// virt-xml and the domain.
fn begun(domain: &str, uri: Option<&str>) -> Vec<String> {
    let mut words = vec!["virt-xml".to_owned()];
    if let Some(uri) = uri {
        words.extend(["--connect".to_owned(), uri.to_owned()]);
    }
    words.push(domain.to_owned());
    words
}

/// A change of the domain itself.
fn of_domain(change: &Change) -> [String; 2] {
    match &change.to {
        To::Each("dev", values) if !values.is_empty() => ["--boot".to_owned(), values.join(",")],
        _ => ["--xml".to_owned(), xpath(change, "")],
    }
}

/// A change in virt-xml's words, as the one of this number.
fn xpath(change: &Change, number: &str) -> String {
    let path = match change.path.split_once('@') {
        Some(("", attribute)) => format!("./@{attribute}"),
        Some((way, attribute)) => format!("./{way}/@{attribute}"),
        None => format!("./{}", change.path),
    };
    match &change.to {
        To::Value(value) if value.is_empty() && !change.path.contains('@') => {
            format!("xpath{number}.create={path}")
        }
        To::Value(_) if change.path == "@passwd" => {
            format!(
                "xpath{number}.set={path},xpath{number}.value={}",
                secrets::MASK
            )
        }
        // A comma parts virt-xml's own words.
        To::Value(value) => format!(
            "xpath{number}.set={path},xpath{number}.value={}",
            value.replace(',', ",,")
        ),
        To::Gone | To::Each(..) => format!("xpath{number}.delete={path}"),
    }
}

/// virt-xml's line for a device that virsh does not attach to a stored definition; `None` for one that it does.
fn added(xml: &str, domain: &str, uri: Option<&str>) -> Option<String> {
    let tree = Tree::parse(xml).ok()?;
    let device = tree.root();
    let name = device.tag_name().name();
    let is_pci = name == "controller" && device.attribute("type") == Some("pci");
    if !is_pci && !["graphics", "video", "tpm", "panic"].contains(&name) {
        return None;
    }
    let mut options = Vec::new();
    for node in device.descendants().filter(roxmltree::Node::is_element) {
        let steps = node.ancestors().take_while(|up| *up != device);
        let mut way: Vec<&str> = steps.map(|up| up.tag_name().name()).collect();
        way.reverse();
        for attribute in node.attributes() {
            let value = attribute.value();
            match (way.as_slice(), attribute.name()) {
                // virt-xml's own way to say that libvirt chooses the port.
                (["listen"], "type") | ([], "autoport") => {}
                (["listen"], "address") => options.push(format!("listen={value}")),
                ([], "passwd") => options.push(format!("password={}", secrets::MASK)),
                (way, name) => {
                    let path = [way, &[name]].concat().join(".");
                    options.push(format!("{path}={value}"));
                }
            }
        }
    }
    let mut words = begun(domain, uri);
    words.extend([
        "--add-device".to_owned(),
        format!("--{name}"),
        options.join(","),
        "--define".to_owned(),
    ]);
    Some(join(words.iter().map(String::as_str)))
}

/// The device in virt-xml's words: by what names it, else by its number among its kind.
fn selector(place: &Place) -> String {
    let parts: &[&str] = match place.kind {
        Kind::Nic => &["mac"],
        Kind::Disk => &["target"],
        Kind::Graphics => &["type"],
        Kind::Input => &["type", "bus"],
        Kind::Sound | Kind::Watchdog | Kind::Panic | Kind::Video => &["model"],
        Kind::Serial | Kind::Parallel => &["target.port"],
        Kind::Console => &["target.type"],
        Kind::Channel => &["target.name"],
        Kind::Redirected => &["bus", "type"],
        Kind::Filesystem => &["target.dir"],
        Kind::Rng => &["backend"],
        Kind::Controller => &["type", "index"],
        _ => &[],
    };
    let values: Vec<&str> = match parts.len() {
        1 => vec![place.key.as_str()],
        count => place.key.splitn(count.max(1), ' ').collect(),
    };
    if place.nth > 0 || place.key.is_empty() || values.len() != parts.len() {
        return (place.among + 1).to_string();
    }
    let named = parts.iter().zip(values);
    let named: Vec<String> = named
        .map(|(part, value)| format!("{part}={}", value.replace(',', ",,")))
        .collect();
    named.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            among: 0,
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
            "virt-xml --connect qemu:///system 'web 1' --edit mac=52:54:00:00:00:01 --network \
             xpath0.set=./link/@state,xpath0.value=down --define --update && virsh -c qemu:///system setvcpus --maximum --config -- 'web 1' 4"
        );
        // Two of a kind are told apart by what names them.
        let mouse = Place {
            kind: Kind::Input,
            key: "mouse ps2".to_owned(),
            nth: 0,
            among: 0,
        };
        let channel = Place {
            kind: Kind::Channel,
            key: String::new(),
            nth: 1,
            among: 1,
        };
        let line = of(HardwareVerb::Edit(
            Box::new(Edit {
                changes: vec![
                    Change::device(&mouse, "@bus", Some("usb")),
                    Change::device(&channel, "log@file", Some("/a,b")),
                    Change {
                        at: None,
                        path: "cpu/feature".to_owned(),
                        to: To::Each("name", Vec::new()),
                    },
                ],
            }),
            Affect::Config,
        ));
        for part in [
            "--edit type=mouse,bus=ps2 --input xpath0.set=./@bus,xpath0.value=usb --define",
            "--edit 2 --channel xpath0.set=./log/@file,xpath0.value=/a,,b --define",
            "xpath.delete=./cpu/feature --define",
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
        // What libvirt attaches to no stored definition is virt-xml's.
        let display = "<graphics type='vnc' port='-1' autoport='yes' passwd='secret'>\n  <listen type='address' address='127.0.0.1'/>\n</graphics>";
        let line = of(HardwareVerb::Device {
            verb: DeviceVerb::Attach,
            xml: DeviceXml::Text(display.to_owned()),
            affect: Affect::Config,
        });
        assert!(
            line.starts_with(
                "virt-xml --connect qemu:///system 'web 1' --add-device --graphics 'type=vnc,port=-1,password="
            ),
            "{line}"
        );
        assert!(
            line.contains(",listen=127.0.0.1") && !line.contains("secret"),
            "{line}"
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
