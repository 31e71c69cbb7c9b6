//! virsh's commands about networks, network filters and interfaces: as what is asked of libvirt, and back.

use super::verb::affect;
use super::{Given, WordError, command};
use crate::protocol::{NetworkUpdate, NetworkVerb, UpdateCommand, UpdateSection};

/// What a command about a network asks of libvirt; `None` for one that reads, or that is about no network there is.
///
/// # Errors
/// A value that is none of those possible, or options that exclude each other.
pub fn network_verb(given: &Given) -> Result<Option<NetworkVerb>, WordError> {
    Ok(Some(match given.command.name {
        "net-start" => NetworkVerb::Start,
        "net-destroy" => NetworkVerb::Stop,
        "net-autostart" => NetworkVerb::SetAutostart(!given.has("disable")),
        "net-undefine" => NetworkVerb::Undefine,
        "net-update" => NetworkVerb::Update(Box::new(update(given)?)),
        _ => return Ok(None),
    }))
}

fn update(given: &Given) -> Result<NetworkUpdate, WordError> {
    let word = |name: &str| given.value(name).unwrap_or_default();
    let command = match word("command") {
        // virsh's other word for the usual place.
        "add" => Some(UpdateCommand::AddLast),
        other => UpdateCommand::ALL
            .iter()
            .find(|row| row.1 == other)
            .map(|row| row.0),
    };
    let section = UpdateSection::ALL
        .iter()
        .find(|row| row.1 == word("section"));
    let (Some(command), Some((section, _))) = (command, section) else {
        return Err(WordError::Value(
            "net-update needs a command and a section".to_owned(),
        ));
    };
    let parent = match given.value("parent-index") {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| {
            WordError::Value(format!(
                "'{text}' is no number for parent-index: write it in digits"
            ))
        })?),
    };
    Ok(NetworkUpdate {
        command,
        section: *section,
        parent,
        xml: word("xml").to_owned(),
        affect: affect(given)?,
    })
}

/// The command of virsh that does the same to the network of this name, without a host.
#[must_use]
pub fn network_given(verb: &NetworkVerb, name: &str) -> Option<Given> {
    let word = match verb {
        NetworkVerb::Start => "net-start",
        NetworkVerb::Stop => "net-destroy",
        NetworkVerb::SetAutostart(_) => "net-autostart",
        NetworkVerb::Undefine => "net-undefine",
        NetworkVerb::Update(_) => "net-update",
    };
    let mut given = Given::new(command(word).ok()?);
    let mut value = |option: &str, value: Option<String>| given.name(option, value).ok();
    value("network", Some(name.to_owned()))?;
    match verb {
        NetworkVerb::SetAutostart(false) => value("disable", None)?,
        NetworkVerb::Update(update) => {
            value("command", Some(update.command.word().to_owned()))?;
            value("section", Some(update.section.word().to_owned()))?;
            value("xml", Some(update.xml.clone()))?;
            if let Some(parent) = update.parent {
                value("parent-index", Some(parent.to_string()))?;
            }
            for option in update.affect.options() {
                value(option, None)?;
            }
        }
        _ => {}
    }
    Some(given)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn each_verb_is_printed_and_read_back() {
        for line in [
            "net-start -- default",
            "net-destroy -- default",
            "net-autostart -- 'my net'",
            "net-autostart --disable -- default",
            "net-undefine -- --all",
            "net-update --parent-index 1 --live --config -- default add-last ip-dhcp-host '<host mac=\"52:54:00:00:00:01\" ip=\"10.0.0.2\"/>'",
            "net-update default delete dns-host \"<host ip='10.0.0.2'/>\" --config",
        ] {
            let given = parse(line).unwrap();
            let verb = network_verb(&given).unwrap().unwrap();
            let printed = network_given(&verb, given.subject().unwrap()).unwrap();
            let again = network_verb(&parse(&printed.line()).unwrap()).unwrap();
            assert_eq!(again, Some(verb), "{line}");
        }
        let added = parse("net-update default add dns-host <x/>").unwrap();
        let Ok(Some(NetworkVerb::Update(update))) = network_verb(&added) else {
            panic!()
        };
        assert_eq!(update.command, UpdateCommand::AddLast);
        assert_eq!(network_verb(&parse("net-list --all").unwrap()), Ok(None));
        assert!(parse("net-update default adde dns-host <x/>").is_err());
    }
}
