//! `virtty xml`: documents of libvirt checked, compared and applied without a screen.

mod check;

use clap::{Subcommand, ValueHint};

use super::{Cli, Problem, output::Output};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check documents: well-formed, and valid against libvirt's schemas.
    Check(Check),
}

/// `virtty xml check`
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Files to check; - is standard input. The root element tells the kind: domain, network, pool, volume, ...
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<String>,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,

    /// Read libvirt's schemas from DIR.
    #[arg(long, value_name = "DIR", default_value = crate::schema::FOLDER, value_hint = ValueHint::DirPath)]
    pub schemas: std::path::PathBuf,
}

/// Runs one.
pub(super) fn run(_cli: &Cli, command: &Command, out: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Check(arguments) => check::run(arguments, out),
    }
}
