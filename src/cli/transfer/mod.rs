//! The definitions of a host out into a folder, and back.

mod export;
mod import;

use std::path::PathBuf;

use clap::ValueHint;

pub(super) use export::run as export;
pub(super) use import::run as import;

use super::hosts::{Host, Hosts};
use super::{Cli, Error, Exit};

/// `virtty export`
#[derive(Debug, clap::Args)]
pub struct Export {
    /// A new folder, an empty one, or an earlier export, which is replaced in one step; any other is left alone.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,

    /// Write the passwords of displays too, in clear; the values of secrets never are.
    #[arg(long)]
    pub security_info: bool,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `virtty import`
#[derive(Debug, clap::Args)]
pub struct Import {
    /// A folder that export wrote, or one of the same form.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,

    /// Say what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// Replace definitions that differ; without, one that differs stops everything before anything is done.
    #[arg(long)]
    pub yes: bool,

    /// Define also what libvirt's schemas do not know; libvirt drops that silently.
    #[arg(long)]
    pub no_validate: bool,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,

    /// Read libvirt's schemas from DIR.
    #[arg(long, value_name = "DIR", default_value = crate::schema::FOLDER, value_hint = ValueHint::DirPath)]
    pub schemas: PathBuf,
}

/// The one host that such a command is for.
fn only<'a>(hosts: &'a Hosts, command: &str) -> Result<&'a Host, Error> {
    match hosts.open.as_slice() {
        [host] if !hosts.incomplete => Ok(host),
        _ => Err(Error::new(
            Exit::Usage,
            format!("{command} is for one host: give one -c"),
        )),
    }
}

/// Opens the one host, before anything is asked of several.
fn open(cli: &Cli, command: &str) -> Result<Hosts, Error> {
    if cli.connect.len() > 1 {
        let message = format!("{command} is for one host: give one -c");
        return Err(Error::new(Exit::Usage, message));
    }
    Hosts::open(cli)
}
