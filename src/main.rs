//! The program: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;
use virtty::cli::{self, Cli};
use virtty::libvirt::askpass;
use virtty::runtime;

fn main() -> ExitCode {
    if let Some(code) = askpass::main_if_asked() {
        return code;
    }
    let cli = Cli::parse();
    match &cli.command {
        Some(command) => cli::run(&cli, command),
        None => runtime::run(&cli),
    }
}
