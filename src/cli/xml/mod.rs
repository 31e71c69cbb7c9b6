//! `virtty xml`: documents of libvirt checked, compared and applied without a screen.

mod apply;
mod check;
mod diff;
mod judge;
mod read;

use clap::{Subcommand, ValueHint};

use super::{Cli, Problem, output::Output};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check documents: well-formed, and valid against libvirt's schemas; with -c also against the host, where domains are
    /// read by libvirt itself without being defined.
    Check(Check),
    /// Define what a document describes, or show what that would change.
    Apply(Apply),
    /// Compare two documents element by element; the order of devices and white space do not count.
    Diff(Diff),
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

/// `virtty xml diff`
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// The document before; - is standard input.
    #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
    pub before: String,

    /// The document after.
    #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
    pub after: String,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `virtty xml apply`
#[derive(Debug, clap::Args)]
pub struct Apply {
    /// The document; - is standard input. A domain, network, pool, nwfilter or secret.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: String,

    /// Say what would change, define nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// What was read from the host before FILE was edited: when the host has something else by now, nothing is defined, and
    /// a merge of both is shown.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub expect_base: Option<String>,

    /// Apply the merge where both changes go together.
    #[arg(long, requires = "expect_base")]
    pub merge: bool,

    /// Write the merge, or the conflict with its marks, to FILE.
    #[arg(long, value_name = "FILE", requires = "expect_base", value_hint = ValueHint::FilePath)]
    pub merged: Option<std::path::PathBuf>,

    /// Define it though it does not fit the schema; libvirt drops what it does not know.
    #[arg(long)]
    pub no_validate: bool,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,

    /// Read libvirt's schemas from DIR.
    #[arg(long, value_name = "DIR", default_value = crate::schema::FOLDER, value_hint = ValueHint::DirPath)]
    pub schemas: std::path::PathBuf,
}

/// Runs one.
pub(super) fn run(cli: &Cli, command: &Command, out: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Check(arguments) => check::run(cli, arguments, out),
        Command::Apply(arguments) => apply::run(cli, arguments, out),
        Command::Diff(arguments) => diff::run(arguments, out),
    }
}
