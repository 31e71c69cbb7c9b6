//! The program: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;
use virtty::cli::{self, Cli};
use virtty::runtime;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Some(command) => cli::run(&cli, command),
        None => runtime::run(&cli),
    }
}
