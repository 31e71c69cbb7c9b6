//! `virtty create`: a new domain without a screen.

mod args;
mod course;
mod following;
mod more;
mod template;

pub use args::Create;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

use super::args::Cli;
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::Output;
use super::{Error, Exit, Problem};
use crate::config;
use crate::create::{
    self, Database, NewDomain, OperatingSystem, Plan, RootPassword, Suboptions, identity,
};
use crate::libvirt::creation::Making;
use crate::libvirt::local::{self, Local};
use crate::libvirt::making::{Random, look};
use crate::libvirt::seed;
use crate::record::{self, Entry};
use crate::text::{nearest, shell_quote, visible};

/// Makes it.
pub(super) fn run(cli: &Cli, create: &Create, out: &mut Output) -> Result<(), Problem> {
    if let Some(name) = &create.template {
        return template::run(cli, create, name, out);
    }
    let usage = |message: String| Error::new(Exit::Usage, message);
    let mut wanted = create.domain().map_err(|error| usage(error.to_string()))?;
    let os = operating_system(create).map_err(usage)?;
    let hosts = Hosts::open(cli)?;
    let [host] = hosts.open.as_slice() else {
        return Err(usage("a domain is made on one host: give one -c".to_owned()).into());
    };
    let facts = host.session.facts(&wanted)?;
    let print_xml = create
        .print_xml
        .as_ref()
        .or(create.course.print_step.as_ref());
    let makes = !create.print_command && print_xml.is_none() && !create.dry_run;
    let stopped = stopped()?;
    let mut step = |text: &str| {
        if !create.course.quiet && !text.is_empty() {
            let _ = writeln!(std::io::stderr(), "{}…", capital(&visible(text)));
        }
        !stopped.load(Ordering::Relaxed)
    };
    // Nothing is fetched for what is only looked at.
    let local = if makes && !cli.readonly {
        local::gather(&mut wanted, &facts, &mut step)
            .map_err(|why| Error::new(Exit::Failed, format!("--location: {why}")))?
    } else {
        Local::default()
    };
    let mut random = Random::new().map_err(|error| Error::new(Exit::Failed, error.to_string()))?;
    identity::fill(&mut wanted, &facts, &mut |buffer| random.fill(buffer));
    if let Some(init) = wanted.cloud_init.as_mut().filter(|_| makes)
        && init.root_password == Some(RootPassword::Wanted)
    {
        init.root_password = Some(RootPassword::Made(password(&mut random)));
    }
    let plan = create::plan(&wanted, &facts, &os, &|path| look(path, &facts));
    for warning in plan.warnings() {
        complain(warning);
    }
    let refusals: Vec<_> = plan.refusals().collect();
    if let Some((last, others)) = refusals.split_last() {
        for refusal in others {
            complain(refusal);
        }
        return Err(Error::new(Exit::Failed, (*last).to_owned()).into());
    }
    if create.print_command {
        let words = create::line(&wanted, Some(host.uri.as_str()));
        let words: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
        writeln!(out, "{}", words.join(" "))?;
        return Ok(());
    }
    if let Some(step) = print_xml.map(String::as_str) {
        let first = plan.install_xml.as_ref().filter(|_| starts(create, &plan));
        for (number, xml) in [("1", first.unwrap_or(&plan.xml)), ("2", &plan.xml)] {
            let is_first = number == "1";
            if step == number
                || (step == "all" && (is_first || first.is_some()))
                || (step.is_empty() && is_first)
            {
                out.write_all(xml.as_bytes())?;
            }
        }
        return Ok(());
    }
    if create.dry_run {
        tell(&plan, out)?;
        return Ok(());
    }
    if cli.readonly {
        let message = "the connection is read-only: nothing was made".to_owned();
        return Err(Error::new(Exit::Failed, message).into());
    }
    make(host, create, &wanted, &plan, local, &mut step, out)?;
    out.flush()?;
    if !starts(create, &plan) {
        return Ok(());
    }
    let installs = plan.install_xml.is_some();
    following::follow(host, create, wanted.uuid, installs, &stopped)
}

/// Whether it is started: where nothing is installed, there is no end of that to wait for either.
fn starts(create: &Create, plan: &Plan) -> bool {
    !(create.no_start || create.noreboot && plan.install_xml.is_none())
}

fn operating_system(create: &Create) -> Result<OperatingSystem, String> {
    let Some(text) = create.osinfo.as_deref() else {
        return Ok(OperatingSystem::linux());
    };
    let mut words = Suboptions::read("--osinfo", text).map_err(|error| error.to_string())?;
    let named = [words.first(), words.take("name"), words.take("short-id")];
    // Found out or whatever: what is not named is a Linux.
    for word in ["detect", "require"] {
        words.take_switch(word).map_err(|error| error.to_string())?;
    }
    words.finish().map_err(|error| error.to_string())?;
    let named = named.into_iter().flatten().next();
    let Some(id) = named
        .as_deref()
        .filter(|id| !matches!(*id, "auto" | "linux"))
    else {
        return Ok(OperatingSystem::linux());
    };
    let database = Database::read(&create.osinfo_db);
    if let Some(os) = database.find(id) {
        return Ok(os);
    }
    if database.is_empty() {
        complain(&format!(
            "libosinfo's database is not installed (package osinfo-db), so '{}' is taken for any Linux",
            visible(id)
        ));
        return Ok(OperatingSystem::linux());
    }
    let names = database.names();
    let near = nearest(id, names.iter().map(|(short, _)| short.as_str()));
    let hint = near.map_or_else(
        || "'osinfo-query os' lists them; 'generic' fits any".to_owned(),
        |near| format!("did you mean '{near}'?"),
    );
    Err(format!(
        "--osinfo: there is no operating system '{}'; {hint}",
        visible(id)
    ))
}

/// What would be made.
fn tell(plan: &Plan, out: &mut Output) -> Result<(), Problem> {
    for volume in plan
        .volumes
        .iter()
        .chain(plan.seed.iter().map(|(_, volume)| volume))
    {
        let (name, pool) = (visible(&volume.name), visible(&volume.pool));
        writeln!(out, "The volume {name} would be made in the pool {pool}.")?;
    }
    writeln!(out, "Nothing stands in the way; nothing was made.")?;
    Ok(())
}

fn make(
    host: &Host,
    create: &Create,
    wanted: &NewDomain,
    plan: &Plan,
    local: Local,
    step: &mut dyn FnMut(&str) -> bool,
    out: &mut Output,
) -> Result<(), Problem> {
    let failed = |message: String| Error::new(Exit::Failed, message);
    let seed_image = match &plan.seed {
        Some((files, _)) => Some(seed::image(files).map_err(failed)?),
        None => None,
    };
    let making = Making {
        seed_image,
        local,
        start: starts(create, plan),
        autostart: wanted.autostart,
        transient: create.course.transient,
    };
    let begun = (SystemTime::now(), Instant::now());
    let result = host.session.make(wanted, plan, &making, step);
    let words = create::line(wanted, Some(host.uri.as_str()));
    let words: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
    let entry = Entry {
        time: begun.0,
        connection: host.uri.as_str().to_owned(),
        domain: wanted.name.clone(),
        uuid: wanted.uuid.map(|uuid| uuid.to_string()).unwrap_or_default(),
        line: words.join(" "),
        took: begun.1.elapsed(),
        failure: result.as_ref().err().map(|failure| failure.reason.clone()),
    };
    if let Some(folder) = config::state_dir()
        && let Err(error) = record::append(&folder, &entry)
    {
        complain(&format!("the record of actions: {error}"));
    }
    result?;
    let name = visible(&wanted.name);
    if !starts(create, plan) {
        writeln!(out, "{name} was made; it is not started.")?;
    } else {
        writeln!(out, "{name} was made and started.")?;
        if plan.install_xml.is_some() && !create.course.transient && create.course.wait.is_none() {
            writeln!(
                out,
                "When its installation ends it stops; the next start is from its disk."
            )?;
        }
    }
    if let Some(RootPassword::Made(password)) = wanted
        .cloud_init
        .as_ref()
        .and_then(|init| init.root_password.as_ref())
    {
        // Not on record, and not where a script reads.
        let _ = writeln!(
            std::io::stderr(),
            "Password of root at the first login, which asks for another: {password}"
        );
    }
    Ok(())
}

/// A password that can be typed on any keyboard: no letters that look alike, 80 bits.
fn password(random: &mut Random) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}

/// Whether the user has asked to stop, by a signal.
pub(super) fn stopped() -> Result<Arc<AtomicBool>, Error> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
    ] {
        signal_hook::flag::register(signal, Arc::clone(&stopped))
            .map_err(|error| Error::new(Exit::Failed, error.to_string()))?;
    }
    Ok(stopped)
}

/// A text that begins with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
