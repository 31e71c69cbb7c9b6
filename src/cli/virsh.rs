//! virsh's own commands on a domain, without a screen: `virtty shutdown web1 --mode agent`.
//!
//! Names, options and help are views of the table in [`crate::virsh`]. What names its target is done without a question;
//! deleting storage wants `--yes`.

use std::io::Write as _;
use std::time::{Instant, SystemTime};

use clap::{Arg, ArgAction, ArgMatches, FromArgMatches, Subcommand};

use super::args::{self, Cli};
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::Output;
use super::{Error, Exit, Problem, show, vnc};
use crate::config;
use crate::libvirt::once::Detail;
use crate::model::{Domain, EndpointKind};
use crate::ports;
use crate::protocol::{DomainVerb, Failure, XmlKind};
use crate::record::{self, Entry};
use crate::text::visible;
use crate::virsh::{self, COMMANDS, Effect, Given, Kind, Need};

/// Commands that read which have an answer here; the others of the table are sections of the console.
const READING: &[&str] = &[
    "dominfo",
    "domstate",
    "domid",
    "domuuid",
    "domname",
    "vncdisplay",
    "domdisplay",
    "domblklist",
    "domiflist",
    "dumpxml",
];

/// One of virsh's commands, with what was given to it.
#[derive(Debug)]
pub struct Virsh {
    given: Given,
    yes: bool,
}

fn commands() -> impl Iterator<Item = &'static virsh::Command> {
    COMMANDS
        .iter()
        .filter(|command| command.effect == Effect::Changes || READING.contains(&command.name))
}

impl Subcommand for Virsh {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        commands().fold(command, |command, row| command.subcommand(described(row)))
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        commands().any(|command| command.name == name)
    }
}

/// A row of the table as clap knows commands.
fn described(row: &'static virsh::Command) -> clap::Command {
    let mut command = clap::Command::new(row.name).about(row.doc.trim_end_matches('.'));
    for option in row.options {
        let mut arg = Arg::new(option.name).help(option.doc.trim_end_matches('.'));
        if option.kind == Kind::Flag {
            command = command.arg(arg.long(option.name).action(ArgAction::SetTrue));
            continue;
        }
        if let Kind::Choice(words) = option.kind {
            arg = arg.value_parser(clap::builder::PossibleValuesParser::new(words));
        } else {
            arg = arg.value_name(option.placeholder());
        }
        arg = match option.need {
            Need::Required => arg.required(true).allow_hyphen_values(true),
            Need::Optional => arg.long(option.name),
            Need::Rest => arg.num_args(0..).action(ArgAction::Append),
        };
        command = command.arg(arg);
    }
    if row.option("storage").is_some() {
        command = command.arg(
            Arg::new("yes")
                .long("yes")
                .help("Delete the storage that is named without a question; it is refused without")
                .action(ArgAction::SetTrue),
        );
    }
    command
}

impl FromArgMatches for Virsh {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let wrong = |message: String| {
            clap::Error::raw(clap::error::ErrorKind::InvalidValue, message + "\n")
        };
        let Some((name, matches)) = matches.subcommand() else {
            return Err(wrong("there is no command".to_owned()));
        };
        let command = virsh::command(name).map_err(|error| wrong(error.to_string()))?;
        let mut given = Given::new(command);
        for option in command.options {
            let value = match (option.kind, option.need) {
                (Kind::Flag, _) if matches.get_flag(option.name) => None,
                (Kind::Flag, _) => continue,
                (_, Need::Rest) => match matches.get_many::<String>(option.name) {
                    Some(words) => Some(words.map(String::as_str).collect::<Vec<_>>().join(" ")),
                    None => continue,
                },
                _ => match matches.get_one::<String>(option.name) {
                    Some(value) => Some(value.clone()),
                    None => continue,
                },
            };
            given
                .name(option.name, value)
                .map_err(|error| wrong(error.to_string()))?;
        }
        given
            .place(Vec::new(), false)
            .map_err(|error| wrong(error.to_string()))?;
        let yes = command.option("storage").is_some() && matches.get_flag("yes");
        Ok(Self { given, yes })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Does one.
pub(super) fn run(cli: &Cli, command: &Virsh, out: &mut Output) -> Result<(), Problem> {
    let given = &command.given;
    let name = given.domain().unwrap_or_default().to_owned();
    let json = false;
    match given.command.name {
        "dominfo" => {
            let xml = false;
            return show::run(cli, &args::Show { name, json, xml }, out);
        }
        "vncdisplay" => return vnc::run(cli, &args::Vnc { name }, out),
        _ => {}
    }
    let hosts = Hosts::open(cli)?;
    let (host, domain) = hosts.find(&name)?;
    if READING.contains(&given.command.name) {
        return read(host, &domain, given, out);
    }
    let definition = match given.command.name {
        "undefine" => host.session.definition(domain.id.uuid)?,
        _ => None,
    };
    let disks = definition
        .map(|definition| definition.disks)
        .unwrap_or_default();
    let usage = |message: String| Error::new(Exit::Usage, message);
    let verb = virsh::verb(given, &disks).map_err(|error| usage(error.to_string()))?;
    let Some(verb) = verb else {
        return describe(host, &domain, given, out);
    };
    if let DomainVerb::Undefine(choice) = &verb
        && !choice.volumes.is_empty()
        && !command.yes
    {
        let paths: Vec<_> = choice
            .volumes
            .iter()
            .map(|volume| volume.path.as_str())
            .collect();
        return Err(usage(format!(
            "this deletes {} for good: add --yes to do it",
            paths.join(", ")
        ))
        .into());
    }
    let begun = (SystemTime::now(), Instant::now());
    let result = host.session.act(domain.id.uuid, &verb);
    keep(host, &domain, &verb, begun, result.as_ref().err());
    result?;
    writeln!(out, "{}", done(&verb, &domain.name))?;
    Ok(())
}

/// Puts it on record. What was done is done, whether that can be written or not.
fn keep(
    host: &Host,
    domain: &Domain,
    verb: &DomainVerb,
    begun: (SystemTime, Instant),
    failure: Option<&Failure>,
) {
    let Some(folder) = config::state_dir() else {
        return;
    };
    let uri = host.uri.as_str();
    let line = virsh::given(verb, &domain.name, domain.id.uuid).map(|mut given| {
        given.host = Some(uri.to_owned());
        format!("virsh {}", given.line())
    });
    let entry = Entry {
        time: begun.0,
        connection: uri.to_owned(),
        domain: domain.name.clone(),
        uuid: domain.id.uuid.to_string(),
        line: line.unwrap_or_else(|| format!("libvirt: {}", verb.call())),
        took: begun.1.elapsed(),
        failure: failure.map(|failure| failure.reason.clone()),
    };
    if let Err(error) = record::append(&folder, &entry) {
        complain(&format!("the record of actions: {error}"));
    }
}

/// What to say when libvirt has accepted it.
fn done(verb: &DomainVerb, name: &str) -> String {
    let name = visible(name);
    match verb {
        DomainVerb::Start { .. } => format!("{name} was started."),
        DomainVerb::Shutdown {
            force_after: Some(_),
            ..
        } => format!("{name} is off."),
        DomainVerb::Shutdown { .. } => format!("{name} was asked to shut down; its guest decides."),
        DomainVerb::Reboot { .. } => format!("{name} was asked to reboot; its guest decides."),
        DomainVerb::Reset => format!("{name} was reset."),
        DomainVerb::Destroy { .. } => format!("{name} was forced off."),
        DomainVerb::Suspend => format!("{name} was paused."),
        DomainVerb::Resume => format!("{name} was resumed."),
        DomainVerb::ManagedSave { .. } => format!("{name} was saved."),
        DomainVerb::ManagedSaveRemove => format!("The saved state of {name} is gone."),
        DomainVerb::SetAutostart(true) => format!("{name} starts with its host."),
        DomainVerb::SetAutostart(false) => format!("{name} does not start with its host."),
        DomainVerb::Rename(new) => format!("{name} is called {} now.", visible(new)),
        DomainVerb::CoreDump(dump) => {
            format!(
                "The memory of {name} is in {} on its host.",
                visible(&dump.file)
            )
        }
        DomainVerb::Undefine(choice) => {
            let mut text = format!("The definition of {name} is deleted.");
            for volume in &choice.volumes {
                text.push_str(&format!("\n{} is deleted.", visible(&volume.path)));
            }
            text
        }
        _ => format!("{name} was changed."),
    }
}

/// Commands that print one thing, as virsh does.
fn read(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let gone = || Error::new(Exit::NoDomain, format!("domain '{}' is gone", domain.name));
    let uuid = domain.id.uuid;
    match given.command.name {
        "domstate" => {
            let rows = host.session.list(Detail::States)?;
            let now = rows
                .iter()
                .find(|row| row.id.uuid == uuid)
                .ok_or_else(gone)?;
            match now
                .reason
                .virsh_word(now.state)
                .filter(|_| given.has("reason"))
            {
                Some(reason) => writeln!(out, "{} ({reason})", now.state.virsh_word())?,
                None => writeln!(out, "{}", now.state.virsh_word())?,
            }
        }
        "domid" => match domain.runtime_id {
            Some(id) => writeln!(out, "{id}")?,
            None => writeln!(out, "-")?,
        },
        "domuuid" => writeln!(out, "{uuid}")?,
        "domname" => writeln!(out, "{}", visible(&domain.name))?,
        "dumpxml" => {
            let kind = if given.has("inactive") {
                XmlKind::Inactive
            } else {
                XmlKind::Live
            };
            let xml = host.session.xml(uuid, kind)?.ok_or_else(gone)?;
            show::print_xml(&xml, out)?;
        }
        "domdisplay" => display(host, domain, given, out)?,
        name => {
            let definition = host.session.definition(uuid)?.ok_or_else(gone)?;
            if name == "domblklist" {
                for disk in &definition.disks {
                    let source = disk.source.as_deref().unwrap_or("-");
                    writeln!(out, "{:8} {}", visible(&disk.target), visible(source))?;
                }
            } else {
                for nic in &definition.nics {
                    writeln!(
                        out,
                        "{:8} {:8} {:12} {}",
                        visible(nic.target.as_deref().unwrap_or("-")),
                        visible(&nic.kind),
                        visible(nic.source.as_deref().unwrap_or("-")),
                        visible(nic.mac.as_deref().unwrap_or("-")),
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// Addresses of displays as viewers take them.
fn display(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let name = &domain.name;
    if !domain.state.is_active() {
        let message = format!(
            "domain '{name}' is not running ({})",
            domain.state.virsh_word()
        );
        return Err(Error::new(Exit::NotRunning, message).into());
    }
    let definition = host.session.definition(domain.id.uuid)?;
    let endpoints = definition
        .map(|definition| definition.endpoints)
        .unwrap_or_default();
    let mut shown = false;
    for endpoint in &endpoints {
        let kind = endpoint.kind;
        let is_display = matches!(
            kind,
            EndpointKind::Vnc | EndpointKind::Spice | EndpointKind::Rdp
        );
        if !is_display
            || given
                .value("type")
                .is_some_and(|wanted| wanted != kind.word())
        {
            continue;
        }
        let Some(target) = ports::target(endpoint, &host.uri) else {
            continue;
        };
        writeln!(out, "{}://{target}", kind.word())?;
        shown = true;
        if !given.has("all") {
            break;
        }
    }
    if shown {
        return Ok(());
    }
    let message = format!("domain '{name}' has no display that anything can connect to");
    Err(Error::new(Exit::NoVnc, message).into())
}

/// `desc` without a new text.
fn describe(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let definition = host.session.definition(domain.id.uuid)?;
    let text = definition.and_then(|definition| {
        if given.has("title") {
            definition.title
        } else {
            definition.description
        }
    });
    if let Some(text) = text {
        for line in text.lines() {
            writeln!(out, "{}", visible(line))?;
        }
    }
    Ok(())
}
