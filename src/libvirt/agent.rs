//! Asking a guest's agent, and doing something by it; for the screen and for commands alike.
//!
//! libvirt waits for an agent for ever unless it is told otherwise, and what it is told holds for everybody. So each of these
//! sets a limit that fits what it asks, and puts libvirt's own choice back when it is done.

use std::fs::File;
use std::io::Read as _;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::ffi::{Domain, Error, GUEST_GROUPS, Result};
use super::hardware;
use crate::agent::{
    ExecStatus, GuestClock, GuestInfo, GuestNic, GuestOutput, exec_command, exec_started,
    exec_status, says_frozen, says_no_keys, status_command,
};
use crate::model::AddressSource;
use crate::protocol::{
    AgentReport, AgentVerb, GuestRun, GuestTime, KeysChange, RawCommand, SshKeys,
};

/// How long one answer of the agent is waited for, in seconds.
const READ: u16 = 10;
/// The same for what changes something.
const CHANGE: u16 = 30;
/// The same for freezing and thawing: what is not yet written is written first.
const FREEZE: u16 = 120;
/// The same for trimming, which may take long on large disks.
const TRIM: u16 = 3600;

/// How often it is looked whether a command in a guest has ended: at first, and at most.
const LOOKS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// Largest file of keys that is read.
const LARGEST: u64 = 1024 * 1024;

/// Lets `ask` ask the agent, each of its answers waited for so many seconds.
fn limited<T>(domain: &Domain, seconds: u16, ask: impl FnOnce() -> Result<T>) -> Result<T> {
    // Drivers without this have no agent either, and say so themselves.
    let was_limited = domain.limit_agent(Some(seconds)).is_ok();
    let result = ask();
    if was_limited && let Err(error) = domain.limit_agent(None) {
        tracing::debug!("the limit for the agent stays: {error}");
    }
    result
}

/// All that the agent tells.
///
/// # Errors
/// libvirt's own, such as that no agent is connected or that it does not answer. What it does not know is in the report.
pub fn read(domain: &Domain) -> Result<AgentReport> {
    limited(domain, READ, || {
        let mut report = AgentReport::default();
        let (asked, begun) = (SystemTime::now(), Instant::now());
        let time = domain.guest_time();
        report.took = begun.elapsed();
        match time {
            Ok(said) => report.clock = Some(GuestClock::compare(said, asked, report.took)),
            Err(error) if says_frozen(&error.message) => {
                report.frozen = true;
                return Ok(report);
            }
            // Nobody is there, or nobody answers: nothing else will be answered either.
            Err(error) if error.is_of_silent_agent() => return Err(error),
            Err(error) => report.missing.push(("the time", error.message)),
        }
        match domain.guest_info() {
            Ok(fields) => {
                let fields = fields.into_iter();
                report.info =
                    GuestInfo::read(fields.map(|(field, value)| (field, value.into_text())));
            }
            Err(error) if error.is_of_silent_agent() => return Err(error),
            // One answer that makes no sense spoils them all: what does is asked for piece by piece.
            Err(_) => piecemeal(domain, &mut report)?,
        }
        if report.info.nics.is_empty() {
            match domain.addresses(AddressSource::Agent) {
                Ok(found) => report.info.nics = nics(found),
                Err(error) if error.is_of_silent_agent() => return Err(error),
                Err(error) => report.missing.push(("its interfaces", error.message)),
            }
        }
        match hardware::guest_vcpus(domain) {
            Ok(cpus) => report.cpus = Some(cpus),
            Err(error) if error.is_of_silent_agent() => return Err(error),
            Err(error) => report.missing.push(("its CPUs", error.message)),
        }
        Ok(report)
    })
}

/// Asks for each group of facts alone; what fails is noted.
fn piecemeal(domain: &Domain, report: &mut AgentReport) -> Result<()> {
    let mut all = Vec::new();
    for (group, what) in GUEST_GROUPS {
        match domain.guest_group(group) {
            Ok(fields) => all.extend(fields),
            Err(error) if error.is_of_silent_agent() => return Err(error),
            Err(error) => report.missing.push((what, error.message)),
        }
    }
    let fields = all.into_iter();
    report.info = GuestInfo::read(fields.map(|(field, value)| (field, value.into_text())));
    Ok(())
}

/// Addresses as interfaces have them.
fn nics(addresses: Vec<crate::model::GuestAddress>) -> Vec<GuestNic> {
    let mut found: Vec<GuestNic> = Vec::new();
    for address in addresses {
        let written = format!("{}/{}", address.address, address.prefix);
        match found.iter_mut().find(|nic| nic.name == address.interface) {
            Some(nic) => nic.addresses.push(written),
            None => found.push(GuestNic {
                name: address.interface,
                mac: address.mac.unwrap_or_default(),
                addresses: vec![written],
            }),
        }
    }
    found
}

/// The authorized keys of a user.
///
/// # Errors
/// libvirt's own, such as that there is no such user. No file of keys is no error.
pub fn ssh_keys(domain: &Domain, user: &str) -> Result<Vec<String>> {
    limited(domain, READ, || match domain.ssh_keys(user) {
        Err(error) if says_no_keys(&error.message) => Ok(Vec::new()),
        keys => keys,
    })
}

/// virt-manager has no words for these.
#[must_use]
pub const fn label(verb: &AgentVerb) -> &'static str {
    match verb {
        AgentVerb::SetTime(_) => "Set the clock of",
        AgentVerb::Freeze(_) => "Freeze the file systems of",
        AgentVerb::Thaw(_) => "Thaw the file systems of",
        AgentVerb::Trim { .. } => "Trim the file systems of",
        AgentVerb::SetPassword { .. } => "Set a password in",
        AgentVerb::SetKeys { .. } => "Set ssh keys in",
    }
}

/// Does it. `pausing` is called when all that is left is to wait.
///
/// # Errors
/// libvirt's own, or that a file of keys cannot be read.
pub fn perform(domain: &Domain, verb: &AgentVerb, pausing: impl FnOnce()) -> Result<()> {
    match verb {
        AgentVerb::SetTime(to) => limited(domain, CHANGE, || {
            domain.set_guest_time(match to {
                GuestTime::Hardware => None,
                GuestTime::At(seconds) => Some((*seconds, 0)),
                GuestTime::Now => Some(now()),
            })
        }),
        AgentVerb::Freeze(places) => {
            let frozen = limited(domain, FREEZE, || domain.freeze(places))?;
            tracing::info!("{frozen} file systems are frozen");
            Ok(())
        }
        AgentVerb::Thaw(places) => {
            let thawed = limited(domain, FREEZE, || domain.thaw(places))?;
            tracing::info!("{thawed} file systems are thawed");
            Ok(())
        }
        AgentVerb::Trim {
            mountpoint,
            minimum_bytes,
        } => {
            pausing();
            limited(domain, TRIM, || {
                domain.trim(mountpoint.as_deref(), *minimum_bytes)
            })
        }
        AgentVerb::SetPassword {
            user,
            password,
            encrypted,
        } => limited(domain, CHANGE, || {
            domain.set_user_password(user, password.text(), *encrypted)
        }),
        AgentVerb::SetKeys { user, keys, change } => {
            let keys = match keys {
                SshKeys::Lines(lines) => lines.clone(),
                SshKeys::File(path) => lines_of(path)?,
            };
            if keys.is_empty() && *change != KeysChange::Replace {
                return Err(Error::own("there is no key to add or to take off"));
            }
            limited(domain, CHANGE, || domain.set_ssh_keys(user, &keys, *change))
        }
    }
}

fn now() -> (i64, u32) {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    (
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        since.subsec_nanos(),
    )
}

/// Keys in a file of this machine, a line each; comments are none.
fn lines_of(path: &str) -> Result<Vec<String>> {
    let own = |error: std::io::Error| Error::own(format!("{path}: {error}"));
    let mut text = String::new();
    let file = File::open(path).map_err(own)?;
    file.take(LARGEST).read_to_string(&mut text).map_err(own)?;
    let lines = text.lines().map(str::trim);
    Ok(lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

/// Runs a command in the guest and waits for its end. `pausing` is called when all that is left is to wait, `stopped` tells
/// that nobody waits any longer: the command goes on then.
///
/// # Errors
/// libvirt's own, the agent's, or that libvirt's library for this is missing.
pub fn run(
    domain: &Domain,
    wanted: &GuestRun,
    pausing: impl FnOnce(),
    stopped: impl Fn() -> bool,
) -> Result<GuestOutput> {
    let input = wanted.input.as_ref().map(|input| input.text());
    let command = exec_command(&wanted.program, &wanted.arguments, input);
    let wait = i32::from(READ);
    let process = exec_started(&domain.agent_command(&command, wait)?).map_err(Error::own)?;
    pausing();
    let until = Instant::now() + Duration::from_secs(wanted.seconds.into());
    let [mut look, most] = LOOKS;
    loop {
        let said = domain.agent_command(&status_command(process), wait)?;
        if let ExecStatus::Ended(output) = exec_status(&said).map_err(Error::own)? {
            return Ok(output);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || stopped() {
            return Ok(GuestOutput {
                left_running: Some(process),
                ..GuestOutput::default()
            });
        }
        thread::sleep(look.min(left));
        look = (look * 2).min(most);
    }
}

/// Passes a command on to QEMU's monitor or to the agent.
///
/// # Errors
/// libvirt's own, or that libvirt's library for this is missing.
pub fn raw(domain: &Domain, command: &RawCommand) -> Result<String> {
    match command {
        RawCommand::Monitor(text, kind) => {
            domain.monitor_command(text.text(), *kind == crate::agent::MonitorKind::Hmp)
        }
        RawCommand::Agent(text, seconds) => domain.agent_command(text.text(), *seconds),
    }
}
