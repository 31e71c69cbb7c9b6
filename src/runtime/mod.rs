//! The console: terminal, input, signals, and the loop that performs what [`crate::app`] decides.
//!
//! - `terminal`: the terminal is taken and given back; the one place that knows how, reached from the ordinary end, a
//!   panic and a signal alike;
//! - `input`: a thread that reads keys and can be told to leave them to others;
//! - `signals`: a thread that ends the process when it must end, whatever the loop is doing;
//! - `plan`: a power plan without a screen, on the same state;
//! - `console`: the loop; `gate`: when it draws; `screen`: what it draws on, with a
//!   `pen`.

mod alarm;
mod clipboard;
mod console;
mod definitions;
mod drafts;
mod examiner;
mod gate;
mod history;
mod input;
mod job_control;
mod journal;
mod log;
mod panics;
mod pen;
mod pixels;
mod plan;
mod probe;
mod programs;
#[cfg(debug_assertions)]
mod provoke;
mod screen;
mod settings;
mod signals;
mod terminal;

use std::env;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use crate::cli::{self, Cli, RunPlan};
use crate::libvirt;

/// Exit code when there is no terminal to draw on.
const NO_TERMINAL: u8 = 2;

/// Runs the console to its end.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    if let Err(why) = check_terminal() {
        cli::complain(&format!(
            "{why}. The console needs a terminal; the commands work without one ('virtty --help' lists them)."
        ));
        return ExitCode::from(NO_TERMINAL);
    }
    let start = match cli::start(cli) {
        Ok(start) => start,
        Err(error) => {
            error.print();
            return ExitCode::from(error.exit as u8);
        }
    };
    if let Err(error) = start_log(cli.log.as_deref()) {
        return error;
    }
    // Before the first of many threads.
    libvirt::one_arena();
    let ended = console::run(start, cli.readonly);
    // Threads that are inside of libvirt are not waited for.
    libvirt::end_logins();
    if terminal::is_gone() {
        // The loop may notice by an error before the thread that watches for this.
        return ExitCode::from(signals::HUNG_UP);
    }
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&format!("terminal: {error}"));
            ExitCode::from(cli::Exit::Failed as u8)
        }
    }
}

/// Runs a power plan without a screen.
#[must_use]
pub fn run_plan(cli: &Cli, arguments: &RunPlan) -> ExitCode {
    let start = cli::start(cli).and_then(|start| {
        let mut uris = start.connections.iter().filter_map(|one| one.uri.as_ref());
        uris.try_for_each(cli::check_document)?;
        Ok(start)
    });
    match start {
        Ok(start) => plan::run(cli, arguments, start),
        Err(error) => {
            error.print();
            ExitCode::from(error.exit as u8)
        }
    }
}

/// Starts the log: to `path`, or to the user's own.
///
/// # Errors
/// The exit code, when `path` cannot be written, which has been told.
pub fn start_log(path: Option<&Path>) -> Result<(), ExitCode> {
    log::start(path).map_err(|error| {
        cli::complain(&error);
        ExitCode::from(cli::Exit::Failed as u8)
    })
}

/// Why this is no terminal to draw on.
fn check_terminal() -> Result<(), String> {
    if !std::io::stdout().is_terminal() {
        return Err("standard output is not a terminal".to_owned());
    }
    if let Err(error) = terminal::keyboard() {
        return Err(format!("there is no keyboard to read from ({error})"));
    }
    match env::var("TERM").as_deref() {
        Ok("dumb") => Err("TERM is 'dumb', which cannot move the cursor".to_owned()),
        _ => Ok(()),
    }
}
