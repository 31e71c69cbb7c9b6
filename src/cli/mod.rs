//! The commands without a screen, and the way from the command line to the console.
//!
//! Each command is one file and returns an [`failure::Error`] or says that it went well. Standard output carries
//! the answer alone; everything else goes to standard error. Names and texts of libvirt are made visible in tables
//! and escaped in JSON.

mod args;
mod clone;
mod completions;
mod create;
mod disks;
mod endpoint;
mod events;
mod failure;
mod find;
mod guests;
mod here;
mod host;
mod hosts;
mod keys;
mod list;
mod man;
mod networks;
mod node_devices;
mod output;
mod ports;
mod reading;
mod refused;
mod screenshot;
mod show;
mod snapshot;
mod stats;
mod storage;
mod transfer;
mod virsh;
mod vnc;
mod xml;

pub use args::{Cli, RunPlan};
pub use failure::{EXIT_CODES, Error, Exit, complain};
pub use here::here;
pub use hosts::{Editing, Start, check_document, start};

use std::io::{self, Write as _};
use std::process::ExitCode;

use args::Command;
use clap::Parser as _;

/// Reads the command line; ends the program with a message where it is wrong, and where only help is wanted.
#[must_use]
pub fn parse() -> Cli {
    use clap::error::{ContextKind, ContextValue};
    Cli::try_parse().unwrap_or_else(|error| {
        let of_virt_install = std::env::args().any(|word| word == "create" || word == "clone");
        if let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg)
            && error.kind() == clap::error::ErrorKind::UnknownArgument
            && of_virt_install
            && let Some(why) = refused::why(option)
        {
            complain(&why);
            std::process::exit(Exit::Usage as i32);
        }
        error.exit()
    })
}

/// Runs a command without a screen to its end.
#[must_use]
pub fn run(cli: &Cli, command: &Command) -> ExitCode {
    let mut out = output::stdout();
    let result = dispatch(cli, command, &mut out);
    let flushed = out.flush();
    match result.and_then(|()| flushed.map_err(Problem::from)) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(Problem::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Problem::Output(error)) => {
            complain(&format!("standard output: {error}"));
            ExitCode::from(Exit::Failed as u8)
        }
        Err(Problem::Told(error)) => {
            error.print();
            ExitCode::from(error.exit as u8)
        }
        Err(Problem::AlreadyTold) => ExitCode::from(Exit::Failed as u8),
        Err(Problem::Silent(exit)) => ExitCode::from(exit as u8),
    }
}

fn dispatch(cli: &Cli, command: &Command, out: &mut output::Output) -> Result<(), Problem> {
    match command {
        Command::List(list) => list::run(cli, list, out),
        Command::Ports(ports) => ports::run(cli, ports, out),
        Command::Vnc(vnc) => vnc::run(cli, vnc, out),
        Command::Stats(stats) => stats::run(cli, stats, out),
        Command::Show(show) => show::run(cli, show, out),
        Command::Virsh(command) => virsh::run(cli, command, out),
        Command::Screenshot(screenshot) => screenshot::run(cli, screenshot, out),
        Command::Snapshot(command) => snapshot::run(cli, command, out),
        Command::Create(create) => create::run(cli, create, out),
        Command::Clone(clone) => clone::run(cli, clone, out),
        Command::Xml(command) => xml::run(cli, command, out),
        Command::Export(arguments) => transfer::export(cli, arguments, out),
        Command::Import(arguments) => transfer::import(cli, arguments, out),
        Command::Events(arguments) => events::run(cli, arguments, out),
        Command::Host(arguments) => host::run(cli, arguments, out),
        Command::Find(arguments) => find::run(cli, arguments, out),
        // The runtime's.
        Command::RunPlan(_) | Command::Console { .. } | Command::View { .. } | Command::Edit(_) => {
            Ok(())
        }
        Command::BridgeGuard { seconds } => Ok(crate::network::guard::guard(
            std::time::Duration::from_secs(*seconds),
        )?),
        Command::Completions { shell } => completions::run(*shell, out),
        Command::Man => man::run(out),
        Command::Keys(keys) => keys::run(cli, keys, out),
    }
}

/// Why a command did not end well.
#[derive(Debug)]
enum Problem {
    /// To be printed.
    Told(Error),
    /// Printed where it happened, since the rest went on.
    AlreadyTold,
    /// Told where it happened, with a code of its own.
    Silent(Exit),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<crate::protocol::Failure> for Problem {
    fn from(failure: crate::protocol::Failure) -> Self {
        Self::Told(failure.into())
    }
}
