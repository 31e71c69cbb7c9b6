//! Commands that print what the agent in a guest says, and those that pass something on as it is.

use std::io::Write as _;
use std::time::{Instant, SystemTime};

use super::args::Cli;
use super::hosts::{self, Host};
use super::output::Output;
use super::virsh::put_down;
use super::{Error, Exit, Problem};
use crate::agent::{MonitorKind, masked_command, pretty};
use crate::hostfacts::set_words;
use crate::libvirt::terminal;
use crate::model::Domain;
use crate::protocol::{AgentVerb, DomainVerb, Private, RawCommand};
use crate::text::{is_hidden, visible};
use crate::virsh::{self, Given};

/// Names of these commands; those that change something are here only while they are told nothing to change.
pub(super) const NAMES: [&str; 7] = [
    "domtime",
    "domfsinfo",
    "get-user-sshkeys",
    "guestinfo",
    "domhostname",
    "guestvcpus",
    "set-user-password",
];

/// Does one that tells.
pub(super) fn run(
    host: &Host,
    domain: &Domain,
    given: &Given,
    out: &mut Output,
) -> Result<(), Problem> {
    let (session, uuid) = (&host.session, domain.id.uuid);
    match given.command.name {
        "domtime" => {
            let report = session.agent_report(uuid)?;
            let Some(clock) = report.clock else {
                return Err(failed(why_no_time(&report.missing, report.frozen)));
            };
            match given.has("pretty") {
                true => writeln!(out, "Time: {} ({})", clock.utc(), clock.drift())?,
                false => writeln!(out, "Time: {}", clock.seconds)?,
            }
        }
        "domfsinfo" => {
            for system in session.mounted(uuid)? {
                let disks = system.disks.join(",");
                let cells = [&system.mountpoint, &system.name, &system.kind, &disks];
                let cells: Vec<String> = cells.map(|cell| visible(cell).into_owned()).to_vec();
                writeln!(
                    out,
                    "{:20} {:8} {:8} {}",
                    cells[0], cells[1], cells[2], cells[3]
                )?;
            }
        }
        "get-user-sshkeys" => {
            let user = given.value("user").unwrap_or_default();
            for key in session.ssh_keys(uuid, user)? {
                writeln!(out, "{}", visible(&key))?;
            }
        }
        "guestinfo" => info(host, domain, given, out)?,
        "domhostname" => {
            let report = session.agent_report(uuid)?;
            let Some(name) = &report.info.hostname else {
                return Err(failed("the agent does not tell the name".to_owned()));
            };
            writeln!(out, "{}", visible(name))?;
        }
        "guestvcpus" => {
            let cpus = session.guest_vcpus(uuid)?;
            for (name, set) in [
                ("vcpus", &cpus.known),
                ("online", &cpus.online),
                ("offlinable", &cpus.offlinable),
            ] {
                writeln!(out, "{name:15}: {}", set_words(set))?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn failed(why: String) -> Problem {
    Error::new(Exit::Failed, why).into()
}

fn why_no_time(missing: &[(&'static str, String)], frozen: bool) -> String {
    if frozen {
        return "the file systems of the guest are frozen, and its agent says nothing else: domfsthaw thaws them".to_owned();
    }
    let why = missing.iter().find(|(what, _)| *what == "the time");
    why.map_or_else(
        || "the agent does not tell the time".to_owned(),
        |(_, why)| visible(why).into_owned(),
    )
}

/// The groups of `virDomainGetGuestInfo` that were asked for, all where none was.
fn info(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let groups = [
        ("user", "user."),
        ("os", "os."),
        ("timezone", "timezone."),
        ("hostname", "hostname"),
        ("filesystem", "fs."),
        ("disk", "disk."),
        ("interface", "if."),
        ("load", "load."),
    ];
    let wanted: Vec<&str> = groups
        .iter()
        .filter(|(option, _)| given.has(option))
        .map(|(_, begin)| *begin)
        .collect();
    for (field, value) in host.session.guest_info(domain.id.uuid)? {
        if wanted.is_empty() || wanted.iter().any(|begin| field.starts_with(begin)) {
            writeln!(out, "{:20}: {}", visible(&field), visible(&value))?;
        }
    }
    Ok(())
}

/// Passes a command on, and prints what was said. The agent gets one only where the settings allow it.
pub(super) fn pass_on(
    cli: &Cli,
    host: &Host,
    domain: &Domain,
    given: &Given,
    command: &RawCommand,
    out: &mut Output,
) -> Result<(), Problem> {
    if let RawCommand::Agent(..) = command
        && !hosts::start(cli)?.config.guest.run_commands
    {
        let message = "commands in guests are off: run-commands = true in the section [guest] of the settings allows them";
        return Err(Error::new(Exit::Usage, message.to_owned()).into());
    }
    let (text, kind) = match command {
        RawCommand::Monitor(text, kind) => (text, *kind),
        RawCommand::Agent(text, _) => (text, MonitorKind::Qmp),
    };
    let begun = (SystemTime::now(), Instant::now());
    let said = host.session.raw(domain.id.uuid, command);
    let line = line(host, domain, given, text.text());
    put_down(host, domain, line, begun, said.as_ref().err());
    let said = said?;
    let said = match given.has("return-value") {
        true => returned(&said)?,
        false => said,
    };
    let said = match (kind, given.has("pretty")) {
        (MonitorKind::Qmp, true) => pretty(&said),
        _ => said,
    };
    for line in said.trim_end().split('\n') {
        let line = line.trim_end_matches('\r');
        // JSON stays JSON: what could act on a terminal is escaped as JSON escapes it.
        match kind {
            MonitorKind::Hmp => writeln!(out, "{}", visible(&line.replace('\t', "        ")))?,
            MonitorKind::Qmp => writeln!(out, "{}", escaped(line))?,
        }
    }
    Ok(())
}

/// The line of virsh that does the same, without what is secret.
fn line(host: &Host, domain: &Domain, given: &Given, command: &str) -> String {
    let name = virsh::domain_word(&domain.name, domain.id.uuid);
    let masked = masked_command(command);
    let mut words = vec!["virsh", "-c", host.uri.as_str(), given.command.name];
    if given.has("hmp") {
        words.push("--hmp");
    }
    words.extend(["--", name.as_ref(), &masked]);
    virsh::join(words)
}

/// What stands in the `return` member of an answer.
fn returned(said: &str) -> Result<String, Error> {
    let value: serde_json::Value = serde_json::from_str(said)
        .map_err(|error| Error::new(Exit::Failed, format!("the answer is no JSON: {error}")))?;
    if let Some(error) = value.pointer("/error/desc").and_then(|desc| desc.as_str()) {
        return Err(Error::new(Exit::Failed, visible(error).into_owned()));
    }
    match value.get("return") {
        Some(value) => Ok(value.to_string()),
        None => {
            let message = "the answer has no return member".to_owned();
            Err(Error::new(Exit::Failed, message))
        }
    }
}

fn escaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// The verb that sets a password which was left out: it is asked for on the terminal.
///
/// # Errors
/// When there is no terminal to ask on, or nothing was typed.
pub(super) fn with_password(domain: &Domain, given: &Given) -> Result<DomainVerb, Problem> {
    let user = given.value("user").unwrap_or_default();
    let place = format!("{user} in {}", domain.name);
    let ask = |question: &str| terminal::ask(&place, question, true);
    let usage = |message: &str| Problem::from(Error::new(Exit::Usage, message.to_owned()));
    let Some(password) = ask("New password") else {
        return Err(usage(
            "there is no terminal to ask for the password on: give it with --password",
        ));
    };
    if password.is_empty() {
        return Err(usage("a password is not empty"));
    }
    if ask("Once more").as_deref() != Some(&password) {
        return Err(usage("it was not the same"));
    }
    Ok(DomainVerb::Agent(AgentVerb::SetPassword {
        user: user.to_owned(),
        password: Private::new(password),
        encrypted: given.has("encrypted"),
    }))
}

/// What to say when something was done by the agent.
pub(super) fn done(verb: &AgentVerb, name: &str) -> String {
    match verb {
        AgentVerb::SetTime(_) => format!("The clock of {name} is set."),
        AgentVerb::Freeze(_) => {
            format!(
                "The file systems of {name} are frozen: whatever writes in it hangs until domfsthaw."
            )
        }
        AgentVerb::Thaw(_) => format!("The file systems of {name} are thawed."),
        AgentVerb::Trim { .. } => format!("{name} gave back what it does not need."),
        AgentVerb::SetPassword { user, .. } => {
            format!("The password of {} in {name} is set.", visible(user))
        }
        AgentVerb::SetKeys { user, .. } => {
            format!("The ssh keys of {} in {name} are changed.", visible(user))
        }
    }
}
