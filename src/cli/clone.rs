//! `virtty clone`: domains made after another, without a screen.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use clap::{ArgAction, Args};

use super::args::Cli;
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::Output;
use super::{Error, Exit, Problem};
use crate::config;
use crate::create::arguments::is_guest_mac;
use crate::create::clone::{CloneWish, DiskChoice, HINT, OneClone, expand, plan_clones};
use crate::libvirt::cloning::Progress;
use crate::libvirt::making::Random;
use crate::model::Uuid;
use crate::record::{self, Entry};
use crate::text::{bytes, shell_quote, visible};

/// How often progress is printed where standard error is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// `virtty clone`
#[derive(Debug, Args)]
pub struct Clone {
    /// The domain that is cloned; it must be off.
    #[arg(
        value_name = "ORIGINAL",
        allow_hyphen_values = true,
        required_unless_present = "original"
    )]
    pub domain: Option<String>,

    /// The same, as virt-clone has it.
    #[arg(short, long, value_name = "DOMAIN", conflicts_with = "domain")]
    pub original: Option<String>,

    /// Names of the clones: web-{01..20} is twenty of them, {db,web} two. May be given several times.
    #[arg(short, long = "name", value_name = "NAME", action = ArgAction::Append)]
    pub names: Vec<String>,

    /// Take the domain as it was at this snapshot, exact or as `virtty snapshot list` shows it. The clone has copies of its disks;
    /// one whose data lie within the disks needs a domain that is off.
    #[arg(long, value_name = "SNAPSHOT", allow_hyphen_values = true, conflicts_with_all = ["linked", "free"])]
    pub snapshot: Option<String>,

    /// Choose the name: the original's with -clone behind it, counted up where there is one already.
    #[arg(long, conflicts_with = "names")]
    pub auto_clone: bool,

    /// Make overlays (qcow2) over the original's disks instead of copies: made at once, and small. The disks are protected from
    /// then on, so that the original does not start any more until --free.
    #[arg(long)]
    pub linked: bool,

    /// What becomes of one disk: vda=copy, vda=link, vda=share, vda=leave. May be given several times. CD drives and disks that
    /// are read-only or shareable are shared where nothing is said.
    #[arg(long, value_name = "TARGET=CHOICE", action = ArgAction::Append)]
    pub disk: Vec<String>,

    /// Share this disk instead of copying it.
    #[arg(long, value_name = "TARGET", action = ArgAction::Append)]
    pub skip_copy: Vec<String>,

    /// Copy this disk although it is read-only or shareable.
    #[arg(long, value_name = "TARGET", action = ArgAction::Append)]
    pub force_copy: Vec<String>,

    /// Path of the new disk of a single clone; its folder must be that of a pool. May be given once for each disk.
    #[arg(short, long, value_name = "PATH", action = ArgAction::Append)]
    pub file: Vec<String>,

    /// Pool for the new disks; that of the original's where there is none.
    #[arg(long)]
    pub pool: Option<String>,

    /// Allocate all of a copy at once.
    #[arg(long)]
    pub nonsparse: bool,

    /// MAC address of a single clone; others are made up. May be given once for each interface.
    #[arg(short, long, value_name = "MAC", action = ArgAction::Append)]
    pub mac: Vec<String>,

    /// UUID of a single clone.
    #[arg(short, long)]
    pub uuid: Option<String>,

    /// Start the clones when all are made.
    #[arg(long)]
    pub start: bool,

    /// Free the original: no clone is based on its disks any more, so that it may write them again.
    #[arg(long, conflicts_with_all = ["names", "auto_clone", "linked", "disk"])]
    pub free: bool,

    /// Check all and tell what would be made.
    #[arg(long)]
    pub dry_run: bool,

    /// Print the XML of the clones and make none.
    #[arg(long)]
    pub print_xml: bool,
}

impl Clone {
    /// A clone of a domain under a name, the rest as usual.
    pub(super) fn of(
        domain: &str,
        name: &str,
        start: bool,
        dry_run: bool,
        print_xml: bool,
    ) -> Self {
        Self {
            domain: Some(domain.to_owned()),
            original: None,
            names: vec![name.to_owned()],
            snapshot: None,
            auto_clone: false,
            linked: false,
            disk: Vec::new(),
            skip_copy: Vec::new(),
            force_copy: Vec::new(),
            file: Vec::new(),
            pool: None,
            nonsparse: false,
            mac: Vec::new(),
            uuid: None,
            start,
            free: false,
            dry_run,
            print_xml,
        }
    }

    fn wish(&self) -> Result<CloneWish, String> {
        let mut wish = CloneWish {
            linked: self.linked,
            pool: self.pool.clone(),
            files: self.file.clone(),
            full: self.nonsparse,
            ..CloneWish::default()
        };
        for text in &self.names {
            wish.names.extend(expand(text)?);
        }
        let mut disks = BTreeMap::new();
        for text in &self.disk {
            let choice = text
                .rsplit_once('=')
                .and_then(|(target, word)| Some((target.to_owned(), DiskChoice::named(word)?)));
            let Some((target, choice)) = choice else {
                return Err(format!(
                    "--disk {}: a disk and what becomes of it, such as vda=copy (copy, link, share, leave)",
                    visible(text)
                ));
            };
            disks.insert(target, choice);
        }
        for (targets, choice) in [
            (&self.skip_copy, DiskChoice::Share),
            (&self.force_copy, DiskChoice::Copy),
        ] {
            disks.extend(targets.iter().map(|target| (target.clone(), choice)));
        }
        wish.disks = disks;
        if let Some(text) = &self.uuid {
            let uuid = text.parse::<Uuid>();
            wish.uuid = Some(uuid.map_err(|_| format!("--uuid {}: not a UUID", visible(text)))?);
        }
        for mac in &self.mac {
            if mac.eq_ignore_ascii_case("random") {
                continue;
            }
            if !is_guest_mac(mac) {
                return Err(format!(
                    "--mac {}: not the address of a guest, such as 52:54:00:12:34:56",
                    visible(mac)
                ));
            }
            wish.macs.push(mac.clone());
        }
        Ok(wish)
    }
}

/// Makes them.
pub(super) fn run(cli: &Cli, clone: &Clone, out: &mut Output) -> Result<(), Problem> {
    let usage = |message: String| Error::new(Exit::Usage, message);
    let failed = |message: String| Error::new(Exit::Failed, message);
    let mut wish = clone.wish().map_err(usage)?;
    let hosts = Hosts::open(cli)?;
    let named = clone.domain.as_deref().or(clone.original.as_deref());
    let (host, domain) = hosts.find(named.unwrap_or_default())?;
    let readonly = || failed("the connection is read-only: nothing was changed".to_owned());
    if clone.free {
        if cli.readonly {
            return Err(readonly().into());
        }
        let targets = host.session.free_base(domain.id.uuid)?;
        let targets: Vec<_> = targets.iter().map(|target| visible(target)).collect();
        let name = visible(&domain.name);
        writeln!(
            out,
            "{name} may write its disks again: {}.",
            targets.join(", ")
        )?;
        return Ok(());
    }
    if let Some(word) = &clone.snapshot {
        let snapshots = host.session.snapshots(domain.id.uuid)?;
        let found = super::snapshot::named(&snapshots, &domain, word)?;
        wish.snapshot = Some(found.name.clone());
    }
    let snapshot = wish.snapshot.as_deref();
    let (original, facts) = host.session.original(domain.id.uuid, snapshot)?;
    if clone.auto_clone {
        let names = (0..).map(|number| match number {
            0 => format!("{}-clone", domain.name),
            number => format!("{}-clone{number}", domain.name),
        });
        let mut names = names.filter(|name| facts.domains.iter().all(|other| other.name != *name));
        wish.names.extend(names.next());
    }
    if wish.names.is_empty() {
        return Err(
            usage("--name says how the clone is called; --auto-clone chooses".to_owned()).into(),
        );
    }
    let mut random = Random::new().map_err(|error| failed(error.to_string()))?;
    let plan = plan_clones(&wish, &original, &facts, &mut |buffer| random.fill(buffer));
    for warning in plan.warnings() {
        complain(warning);
    }
    let refusals: Vec<_> = plan.refusals().collect();
    if let Some((last, others)) = refusals.split_last() {
        for refusal in others {
            complain(refusal);
        }
        return Err(failed((*last).to_owned()).into());
    }
    if clone.print_xml {
        for clone in &plan.clones {
            writeln!(out, "{}", clone.xml.trim_end())?;
        }
        return Ok(());
    }
    if clone.dry_run {
        for clone in &plan.clones {
            tell(clone, out)?;
        }
        writeln!(out, "Nothing stands in the way; nothing was made.")?;
        return Ok(());
    }
    if cli.readonly {
        return Err(readonly().into());
    }
    let stopped = super::create::stopped()?;
    let begun = (SystemTime::now(), Instant::now());
    let mut printer = Printer::new();
    let result = host
        .session
        .make_clones(domain.id.uuid, &plan, clone.start, &mut |progress| {
            printer.told(progress);
            !stopped.load(Ordering::Relaxed)
        });
    printer.end();
    keep(
        host,
        clone,
        &wish,
        &domain.name,
        &plan.clones,
        begun,
        result.as_ref().err(),
    );
    result?;
    for made in &plan.clones {
        let started = if clone.start { " and started" } else { "" };
        writeln!(out, "{} was made{started}.", visible(&made.name))?;
    }
    complain(HINT);
    Ok(())
}

/// What would be made.
fn tell(clone: &OneClone, out: &mut Output) -> Result<(), Problem> {
    writeln!(out, "{} would be defined.", visible(&clone.name))?;
    for volume in &clone.volumes {
        let (name, pool) = (visible(&volume.volume.name), visible(&volume.volume.pool));
        match &volume.copied {
            Some(copied) => writeln!(
                out,
                "  The volume {name} in the pool {pool} would be a copy of {} ({}).",
                visible(&copied.volume),
                bytes(copied.bytes)
            )?,
            None => writeln!(
                out,
                "  The volume {name} in the pool {pool} would be an overlay."
            )?,
        }
    }
    Ok(())
}

/// Writes down what was done, a line for each clone.
fn keep(
    host: &Host,
    clone: &Clone,
    wish: &CloneWish,
    original: &str,
    made: &[OneClone],
    begun: (SystemTime, Instant),
    failure: Option<&crate::protocol::Failure>,
) {
    let Some(folder) = config::state_dir() else {
        return;
    };
    for one in made {
        let mut words = vec![
            "virtty",
            "-c",
            host.uri.as_str(),
            "clone",
            original,
            "--name",
        ];
        words.push(&one.name);
        let snapshot = wish
            .snapshot
            .as_ref()
            .map(|name| format!("--snapshot={name}"));
        words.extend(snapshot.as_deref());
        if clone.linked {
            words.push("--linked");
        }
        let disks: Vec<String> = wish
            .disks
            .iter()
            .map(|(target, choice)| format!("--disk={target}={}", choice.word()))
            .collect();
        words.extend(disks.iter().map(String::as_str));
        let words: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
        let entry = Entry {
            time: begun.0,
            connection: host.uri.as_str().to_owned(),
            domain: one.name.clone(),
            uuid: one.uuid.to_string(),
            line: words.join(" "),
            took: begun.1.elapsed(),
            failure: failure.map(|failure| failure.reason.clone()),
        };
        if let Err(error) = record::append(&folder, &entry) {
            complain(&format!("the record of actions: {error}"));
            return;
        }
    }
}

/// Prints steps and how far copies are: on a terminal in one line that is written over, else now and then.
struct Printer {
    is_terminal: bool,
    /// Whether a line stands that the next text writes over.
    open: bool,
    printed: Instant,
    percent: Option<u64>,
}

impl Printer {
    fn new() -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            open: false,
            printed: Instant::now(),
            percent: None,
        }
    }

    fn told(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Step(text) => {
                self.end();
                self.percent = None;
                self.printed = Instant::now();
                let text = super::create::capital(&visible(text));
                let _ = writeln!(std::io::stderr(), "{text}…");
            }
            Progress::Copied(done, all) => {
                let percent = (done.min(all) * 100).checked_div(all).unwrap_or(100);
                let is_due = self.is_terminal || self.printed.elapsed() >= EVERY;
                if !is_due || self.percent == Some(percent) {
                    return;
                }
                self.percent = Some(percent);
                self.printed = Instant::now();
                let text = format!("  {percent:3} %, {} of {}", bytes(done), bytes(all));
                let mut err = std::io::stderr();
                if self.is_terminal {
                    self.open = true;
                    let _ = write!(err, "\r{text}   ");
                    let _ = err.flush();
                } else {
                    let _ = writeln!(err, "{text}");
                }
            }
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            let _ = writeln!(std::io::stderr());
        }
    }
}
