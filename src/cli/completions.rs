//! `virtty completions SHELL`: a script that completes virtty's command line.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Problem;
use super::args::Cli;
use super::output::Output;

pub(super) fn run(shell: Shell, out: &mut Output) -> Result<(), Problem> {
    // clap_complete panics when its writer fails, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "virtty", &mut script);
    out.write_all(&script)?;
    Ok(())
}
