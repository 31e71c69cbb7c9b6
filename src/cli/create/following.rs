//! What follows once a domain was made: its console, the end of its installation.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Create;
use crate::cli::hosts::Host;
use crate::cli::{Error, Exit, Problem};
use crate::model::Uuid;
use crate::protocol::{DomainVerb, Failure};
use crate::text::visible;

/// How often it is looked whether an installation goes on.
const LOOK: Duration = Duration::from_secs(1);

/// Opens the console that is wished, and waits for what is to be waited for.
pub(super) fn follow(
    host: &Host,
    create: &Create,
    uuid: Option<Uuid>,
    installs: bool,
    stopped: &AtomicBool,
) -> Result<(), Problem> {
    let course = &create.course;
    let console = match create.autoconsole.as_str() {
        _ if create.noautoconsole => None,
        "text" => Some("console"),
        "graphical" => Some("view"),
        _ => None,
    };
    if let Some(command) = console {
        let mut child = program(host, create, command)?;
        if course.wait.is_none() && !course.destroy_on_exit {
            use std::os::unix::process::CommandExt as _;
            // In the place of this process, so that signals and the exit code are the console's.
            return Err(unopened(&child.exec()).into());
        }
        child.status().map_err(|error| unopened(&error))?;
    }
    let Some(uuid) = uuid else {
        return Ok(());
    };
    if course.destroy_on_exit && console.is_some() && host.session.is_running(uuid)? {
        let verb = DomainVerb::Destroy { graceful: false };
        host.session.act(uuid, &verb)?;
        return Ok(());
    }
    match course.wait {
        None | Some(0) => Ok(()),
        Some(minutes) => wait(host, create, uuid, minutes, installs, stopped),
    }
}

fn program(host: &Host, create: &Create, command: &str) -> Result<Command, Error> {
    let program = std::env::current_exe().map_err(|error| unopened(&error))?;
    let mut made = Command::new(program);
    made.args(["-c", host.uri.as_str(), command, "--"]);
    made.arg(&create.name);
    Ok(made)
}

fn unopened(error: &std::io::Error) -> Error {
    let message = format!("the console cannot be opened: {error}");
    Error::new(Exit::Failed, message)
}

/// Waits until it stops, `minutes` at most or however long where they are negative; starts it anew where it was installed.
fn wait(
    host: &Host,
    create: &Create,
    uuid: Uuid,
    minutes: i64,
    installs: bool,
    stopped: &AtomicBool,
) -> Result<(), Problem> {
    let name = visible(&create.name);
    let most = u64::try_from(minutes).ok();
    let most = most.map(|minutes| Duration::from_secs(minutes.saturating_mul(60)));
    let begun = Instant::now();
    let failed = |message: String| Problem::from(Error::new(Exit::Failed, message));
    while host.session.is_running(uuid)? {
        if stopped.load(Ordering::Relaxed) {
            return Err(failed(format!(
                "{name} runs on; it is not waited for any more"
            )));
        }
        if most.is_some_and(|most| begun.elapsed() >= most) {
            let message = format!("{name} still runs after {minutes} min; it is left as it is");
            return Err(failed(message));
        }
        thread::sleep(LOOK);
    }
    if !installs || create.noreboot || create.course.transient {
        return Ok(());
    }
    let verb = DomainVerb::Start {
        paused: false,
        bypass_cache: false,
        force_boot: false,
    };
    let started: Result<(), Failure> = host.session.act(uuid, &verb);
    Ok(started?)
}
