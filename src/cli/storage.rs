//! virsh's commands about pools, volumes and secrets, without a screen.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::args::Cli;
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::Output;
use super::{Error, Exit, Problem, show};
use crate::action::{storage_action, storage_done, storage_lines, storage_loses, storage_subject};
use crate::config;
use crate::model::{Pool, StorageVolume};
use crate::protocol::{SecretValue, SecretVerb, StorageVerb};
use crate::record::{self, Entry};
use crate::text::{self, visible};
use crate::virsh::{self, Given};

/// Whether a command is about storage.
pub(super) fn is_about(name: &str) -> bool {
    ["pool-", "vol-", "secret-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Whether a command can lose what nothing brings back.
pub(super) fn wants_yes(name: &str) -> bool {
    matches!(
        name,
        "pool-delete"
            | "pool-undefine"
            | "pool-build"
            | "pool-start"
            | "vol-delete"
            | "vol-wipe"
            | "vol-resize"
            | "vol-upload"
            | "secret-undefine"
            | "secret-set-value"
    )
}

fn usage(message: impl std::fmt::Display) -> Problem {
    Error::new(Exit::Usage, message.to_string()).into()
}

/// Does one.
pub(super) fn run(cli: &Cli, given: &Given, yes: bool, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let host = match hosts.open.as_slice() {
        [only] => only,
        _ => return Err(usage("say one host with -c: storage belongs to a host")),
    };
    let verb = virsh::storage_verb(given).map_err(usage)?;
    if let Some(verb) = verb {
        return change(host, &verb, yes, out);
    }
    match given.command.name {
        "pool-list" => pools(host, given, out),
        "pool-info" => pool_info(host, given, out),
        "pool-name" => writeln_visible(out, &pool(host, given)?.name),
        "pool-uuid" => writeln_visible(out, &pool(host, given)?.uuid.to_string()),
        "pool-dumpxml" => {
            let xml = host
                .session
                .pool_xml(&virsh::pool_name(given), given.has("inactive"))?;
            show::print_xml(&xml, out)
        }
        "vol-list" => volumes(host, given, out),
        "secret-list" => secrets(host, out),
        "secret-dumpxml" => {
            let uuid = virsh::secret(given).map_err(usage)?;
            show::print_xml(&host.session.secret_xml(uuid)?, out)
        }
        "secret-get-value" => secret_value(host, given, out),
        "secret-set-value" => set_secret(host, given, out),
        _ => volume(host, given, out),
    }
}

fn writeln_visible(out: &mut Output, text: &str) -> Result<(), Problem> {
    writeln!(out, "{}", visible(text))?;
    Ok(())
}

fn change(host: &Host, verb: &StorageVerb, yes: bool, out: &mut Output) -> Result<(), Problem> {
    // What only goes out of use comes back by its other word.
    let is_stop = matches!(verb, StorageVerb::Pool(_, crate::protocol::PoolVerb::Stop));
    if let Some(lost) = storage_loses(verb).filter(|_| !yes && !is_stop) {
        let lost = lost.trim_end_matches('.');
        return Err(usage(format!("{lost}: add --yes to do it")));
    }
    let begun = (SystemTime::now(), Instant::now());
    let bar = std::io::stderr().is_terminal();
    let progress = |done: u64, whole: Option<u64>| {
        if bar {
            let whole =
                whole.map_or_else(String::new, |whole| format!(" of {}", text::bytes(whole)));
            let _ = write!(std::io::stderr(), "\r{}{whole}   ", text::bytes(done));
        }
        true
    };
    let result = host.session.store(verb, &progress);
    if bar {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    let uri = host.uri.as_str();
    if let Some(folder) = config::state_dir() {
        let lines = storage_lines(verb, uri);
        let entry = Entry {
            time: begun.0,
            connection: uri.to_owned(),
            domain: storage_subject(verb),
            uuid: String::new(),
            line: if lines.is_empty() {
                format!("{}storage", record::CALL)
            } else {
                lines.join(" && ")
            },
            took: begun.1.elapsed(),
            failure: result.as_ref().err().map(|failure| failure.reason.clone()),
        };
        if let Err(error) = record::append(&folder, &entry) {
            complain(&format!("the record of actions: {error}"));
        }
    }
    result?;
    let said = storage_done(storage_action(verb), &storage_subject(verb));
    writeln!(out, "{}", said.unwrap_or_default())?;
    Ok(())
}

fn pool(host: &Host, given: &Given) -> Result<Pool, Problem> {
    let name = virsh::pool_name(given).name;
    let uuid = name.parse().ok();
    let found = host
        .session
        .pools()?
        .into_iter()
        .find(|pool| pool.name == name || Some(pool.uuid) == uuid);
    found.ok_or_else(|| {
        Error::new(
            Exit::Failed,
            format!("there is no pool '{}'", visible(&name)),
        )
        .into()
    })
}

fn size(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "-".to_owned(), text::bytes)
}

fn pools(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let mut pools = host.session.pools()?;
    pools.sort_by(|one, other| one.name.cmp(&other.name));
    let (all, inactive) = (given.has("all"), given.has("inactive"));
    pools.retain(|pool| all || pool.state.is_active() != inactive);
    pools.retain(|pool| !given.has("autostart") || pool.autostart == Some(true));
    writeln!(
        out,
        "{:<20} {:<12} {:<9} {:>8} {:>8} {:>8}",
        "NAME", "STATE", "AUTOSTART", "SIZE", "USED", "LEFT"
    )?;
    for pool in &pools {
        let autostart = match pool.autostart {
            Some(true) => "yes",
            Some(false) => "no",
            None => "-",
        };
        writeln!(
            out,
            "{:<20} {:<12} {:<9} {:>8} {:>8} {:>8}",
            visible(&pool.name),
            pool.state.virsh_word(),
            autostart,
            size(pool.capacity_bytes),
            size(pool.allocation_bytes),
            size(pool.available_bytes)
        )?;
    }
    Ok(())
}

fn pool_info(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let pool = pool(host, given)?;
    let size = |bytes: Option<u64>| match bytes {
        Some(bytes) if given.has("bytes") => bytes.to_string(),
        bytes => size(bytes),
    };
    let word = |on: Option<bool>| match on {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    };
    for (label, value) in [
        ("Name:", pool.name.clone()),
        ("UUID:", pool.uuid.to_string()),
        ("State:", pool.state.virsh_word().to_owned()),
        ("Persistent:", word(pool.persistent).to_owned()),
        ("Autostart:", word(pool.autostart).to_owned()),
        ("Capacity:", size(pool.capacity_bytes)),
        ("Allocation:", size(pool.allocation_bytes)),
        ("Available:", size(pool.available_bytes)),
    ] {
        writeln!(out, "{label:<15} {}", visible(&value))?;
    }
    Ok(())
}

fn volumes(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let pool = pool(host, given)?;
    let mut volumes = host.session.volumes(pool.uuid)?;
    volumes.sort_by(|one, other| one.name.cmp(&other.name));
    for volume in &volumes {
        if given.has("details") {
            let format = volume.format.as_deref().unwrap_or("-");
            writeln!(
                out,
                "{:<30} {:<8} {:>8} {:>8} {}",
                visible(&volume.name),
                visible(format),
                size(volume.capacity_bytes),
                size(volume.allocation_bytes),
                visible(&volume.path)
            )?;
        } else {
            writeln!(
                out,
                "{:<30} {}",
                visible(&volume.name),
                visible(&volume.path)
            )?;
        }
    }
    Ok(())
}

/// `vol-info`, `vol-dumpxml`, `vol-path`, `vol-name`, `vol-pool`.
fn volume(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let (pool, facts, xml) = host.session.volume(&virsh::volume_name(given))?;
    match given.command.name {
        "vol-dumpxml" => show::print_xml(&xml, out),
        "vol-path" => writeln_visible(out, &facts.path),
        "vol-name" => writeln_visible(out, &facts.name),
        "vol-pool" if given.has("uuid") => {
            let uuid = host
                .session
                .pools()?
                .into_iter()
                .find(|one| one.name == pool)
                .map(|one| one.uuid.to_string());
            writeln_visible(out, &uuid.unwrap_or_default())
        }
        "vol-pool" => writeln_visible(out, &pool),
        _ => volume_info(&facts, given.has("bytes"), out),
    }
}

fn volume_info(facts: &StorageVolume, bytes: bool, out: &mut Output) -> Result<(), Problem> {
    let size = |value: Option<u64>| match value {
        Some(value) if bytes => value.to_string(),
        value => size(value),
    };
    for (label, value) in [
        ("Name:", facts.name.clone()),
        ("Type:", facts.kind.clone()),
        (
            "Format:",
            facts.format.clone().unwrap_or_else(|| "-".to_owned()),
        ),
        ("Capacity:", size(facts.capacity_bytes)),
        ("Allocation:", size(facts.allocation_bytes)),
    ] {
        writeln!(out, "{label:<15} {}", visible(&value))?;
    }
    if let Some(backing) = &facts.backing {
        writeln!(out, "{:<15} {}", "Based on:", visible(backing))?;
    }
    Ok(())
}

fn secrets(host: &Host, out: &mut Output) -> Result<(), Problem> {
    for one in host.session.secrets()? {
        let secret = &one.secret;
        let usage = match (&secret.usage, &secret.usage_id) {
            (Some(kind), Some(id)) => format!("{kind} {id}"),
            (Some(kind), None) => kind.clone(),
            (None, _) => "-".to_owned(),
        };
        writeln!(out, "{} {}", secret.uuid, visible(&usage))?;
    }
    Ok(())
}

fn secret_value(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let uuid = virsh::secret(given).map_err(usage)?;
    let value = host.session.secret_value(uuid)?;
    let Some(value) = value.filter(|value| !value.bytes().is_empty()) else {
        let message = format!("the secret {uuid} has no value");
        return Err(Error::new(Exit::Failed, message).into());
    };
    if given.has("plain") {
        out.write_all(value.bytes())?;
    } else {
        writeln!(out, "{}", STANDARD.encode(value.bytes()))?;
    }
    Ok(())
}

fn set_secret(host: &Host, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let uuid = virsh::secret(given).map_err(usage)?;
    let bytes = match given.value("file") {
        Some(file) => {
            let failed = |error: &dyn std::fmt::Display| {
                Error::new(Exit::Failed, format!("{}: {error}", visible(file)))
            };
            let bytes = std::fs::read(file).map_err(|error| failed(&error))?;
            if given.has("plain") {
                bytes
            } else {
                let text = String::from_utf8_lossy(&bytes);
                STANDARD
                    .decode(text.trim())
                    .map_err(|error| failed(&error))?
            }
        }
        None => crate::libvirt::terminal::ask("virtty", "The value of the secret:", true)
            .ok_or_else(|| {
                usage("there is no terminal to type the value on: say --file FILE, or --clear")
            })?
            .into_bytes(),
    };
    let verb = StorageVerb::Secret(uuid, SecretVerb::SetValue(SecretValue::new(bytes)));
    change(host, &verb, false, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{PoolName, PoolVerb};

    fn named(name: &str) -> PoolName {
        PoolName {
            name: name.to_owned(),
            uuid: None,
        }
    }

    #[test]
    fn what_loses_something_wants_a_yes() {
        let build = StorageVerb::Pool(named("p"), PoolVerb::Build(crate::protocol::Overwrite::Yes));
        assert!(storage_loses(&build).is_some());
        let start = StorageVerb::Pool(named("p"), PoolVerb::Start(None));
        assert!(storage_loses(&start).is_none());
        for line in [
            "vol-delete v",
            "vol-wipe v",
            "vol-upload v /f",
            "vol-resize v 1 --shrink",
            "pool-delete p",
            "secret-undefine f52a81b2-424e-490c-823d-6bd4235bc572",
            "secret-set-value f52a81b2-424e-490c-823d-6bd4235bc572 --clear",
        ] {
            let given = virsh::parse(line).unwrap();
            let verb = virsh::storage_verb(&given).unwrap().unwrap();
            assert!(storage_loses(&verb).is_some(), "{line}");
            assert!(wants_yes(given.command.name), "{line}");
        }
    }
}
