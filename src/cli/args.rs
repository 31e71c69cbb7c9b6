//! The command line, as clap reads it and as the manual page, the help and the completions show it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use crate::virsh::DOMAIN_HELP;

/// virt-manager in a terminal: every domain of your libvirt hosts live in one table.
///
/// Without COMMAND the interactive console opens. Without -c it opens the saved connections that have autoconnect,
/// else the URI in LIBVIRT_DEFAULT_URI, else libvirt's own default.
#[derive(Debug, Parser)]
#[command(name = "virtty", version, max_term_width = 100)]
pub struct Cli {
    /// Connect to URI, or to the saved connection of that name; may be given several times.
    #[arg(short = 'c', long = "connect", value_name = "URI", global = true)]
    pub connect: Vec<String>,

    /// Open connections read-only.
    #[arg(short, long, global = true)]
    pub readonly: bool,

    /// Use the embedded demo host, which needs no daemon.
    #[arg(long, global = true, conflicts_with = "connect")]
    pub demo: bool,

    /// Read settings from FILE instead of ~/.config/virtty/config.toml; stands before COMMAND, as some of virsh's commands
    /// have a --config of their own.
    #[arg(id = "settings", long = "config", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,

    /// Write a log to FILE.
    #[arg(long, value_name = "FILE", global = true, value_hint = ValueHint::FilePath)]
    pub log: Option<PathBuf>,

    /// What to do without a screen.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands without a screen.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all domains.
    List(List),
    /// Show where the displays and serial lines of running domains listen.
    Ports(Ports),
    /// Print the address of a domain's VNC display, usable from here.
    Vnc(Vnc),
    /// Print CPU, memory, disk and network figures of all domains at intervals.
    Stats(Stats),
    /// Show what is known of one domain.
    Show(Show),
    /// Write the picture on a domain's display into a PNG file.
    Screenshot(super::screenshot::Screenshot),
    /// List, take, delete snapshots of a domain, and go back to them.
    #[command(subcommand)]
    Snapshot(super::snapshot::Command),
    /// Make a domain, by options named and shaped as virt-install's.
    Create(Box<super::create::Create>),
    /// Make domains after another one that is off: with copies of its disks, or overlays over them.
    Clone(Box<super::clone::Clone>),
    /// virsh's own commands.
    #[command(flatten)]
    Virsh(super::virsh::Virsh),
    /// Check XML documents of libvirt.
    #[command(subcommand)]
    Xml(super::xml::Command),
    /// Write all definitions of a host into a folder, as XML: domains, networks, pools, secrets without their values,
    /// network filters.
    Export(super::transfer::Export),
    /// Print what happened on the hosts: what the console has kept, or with --follow what happens from now on.
    Events(Events),
    /// Define what a folder holds that export wrote, after saying what would change.
    Import(super::transfer::Import),
    /// Tell what the host is, and check whether it is right for virtual machines; ends with 1 when something fails.
    Host(HostArguments),
    /// Find who has a hardware address, an address or a tap, or is on a network or bridge.
    Find(super::find::Find),
    /// Open the interactive console on the XML of a domain, to edit it.
    Edit(Edit),
    /// Open the interactive console on a domain's serial line.
    Console {
        #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
        name: String,
    },
    /// Open the interactive console on a domain's display: its screen, live.
    View {
        #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
        name: String,
    },
    /// Makes a change of a bridge, and takes it back when nobody keeps it.
    #[command(name = crate::network::guard::COMMAND, hide = true)]
    BridgeGuard {
        #[arg(long)]
        seconds: u64,
    },
    /// Run a power plan of the settings: which domains are started or shut down in which order, and what is waited for.
    RunPlan(RunPlan),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, for man -l -.
    Man,
    /// Print all keys of the interactive console.
    Keys(Keys),
}

impl Command {
    /// The power plan that is to be run: the runtime does it.
    #[must_use]
    pub fn plan(&self) -> Option<&RunPlan> {
        match self {
            Self::RunPlan(arguments) => Some(arguments),
            _ => None,
        }
    }

    /// Whether it opens the interactive console.
    #[must_use]
    pub fn has_screen(&self) -> bool {
        match self {
            Self::Console { .. } | Self::View { .. } | Self::Edit(_) => true,
            Self::Virsh(virsh) => virsh.edited().is_some(),
            _ => false,
        }
    }
}

/// `virtty run-plan`
#[derive(Debug, clap::Args)]
pub struct RunPlan {
    /// Name of the plan; without it all plans are shown, with the domains that each would act on now.
    pub name: Option<String>,

    /// Only show what it would do.
    #[arg(long)]
    pub dry_run: bool,
}

/// `virtty edit`
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// Name, UUID or id of the domain, or the name of what --kind says; for a new one it may be left out.
    #[arg(allow_hyphen_values = true, required_unless_present = "new")]
    pub name: Option<String>,

    /// What it is.
    #[arg(long, value_enum, default_value_t = EditKind::Domain)]
    pub kind: EditKind,

    /// Begin a new definition from a template.
    #[arg(long)]
    pub new: bool,

    /// The pool of a volume.
    #[arg(long, required_if_eq("kind", "volume"))]
    pub pool: Option<String>,

    /// The domain of a snapshot.
    #[arg(long, required_if_eq("kind", "snapshot"))]
    pub domain: Option<String>,
}

/// What `virtty edit` opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EditKind {
    /// A domain.
    Domain,
    /// A virtual network.
    Network,
    /// A storage pool.
    Pool,
    /// A network filter.
    Nwfilter,
    /// A secret, by its UUID.
    Secret,
    /// The metadata of a snapshot of a domain.
    Snapshot,
    /// A volume of a pool, to be looked at: libvirt cannot define one anew.
    Volume,
}

/// `virtty list`
#[derive(Debug, clap::Args)]
pub struct List {
    /// Accepted for users of virsh: all domains are listed anyway.
    #[arg(long)]
    pub all: bool,

    /// Only those that are off.
    #[arg(long)]
    pub inactive: bool,

    /// Only those that run.
    #[arg(long)]
    pub state_running: bool,

    /// Only those that are paused.
    #[arg(long)]
    pub state_paused: bool,

    /// Only those that are shut off.
    #[arg(long)]
    pub state_shutoff: bool,

    /// Print names alone, a line each.
    #[arg(long, conflicts_with_all = ["json", "uuid"])]
    pub name: bool,

    /// Print UUIDs alone, a line each.
    #[arg(long, conflicts_with = "json")]
    pub uuid: bool,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `virtty ports`
#[derive(Debug, clap::Args)]
pub struct Ports {
    /// Name, UUID or id of one domain.
    #[arg(allow_hyphen_values = true)]
    pub name: Option<String>,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,

    /// Read the live XML of a domain from FILE, or from standard input for -, instead of connecting.
    #[arg(long, value_name = "FILE", conflicts_with = "name", value_hint = ValueHint::FilePath)]
    pub from_xml: Option<PathBuf>,
}

/// `virtty vnc`
#[derive(Debug, clap::Args)]
pub struct Vnc {
    /// The domain.
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub name: String,
}

/// `virtty stats`
#[derive(Debug, clap::Args)]
pub struct Stats {
    /// Names, UUIDs or ids of the domains; all when there are none.
    #[arg(allow_hyphen_values = true)]
    pub names: Vec<String>,

    /// Print one JSON object a line for each domain and interval.
    #[arg(long)]
    pub json: bool,

    /// Seconds from one figure to the next; fractions are fine.
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub interval: Option<Duration>,

    /// Stop after N intervals: by default after one, or never when --interval is given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
}

/// `virtty show`
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The domain.
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub name: String,

    /// Print JSON.
    #[arg(long, conflicts_with = "xml")]
    pub json: bool,

    /// Print libvirt's XML of the domain, live when it runs.
    #[arg(long)]
    pub xml: bool,
}

/// `virtty events`
#[derive(Debug, clap::Args)]
pub struct Events {
    /// Terms as on the Events page: words, name: host: kind: object: text: since: until:, ! before one for its contrary.
    #[arg(allow_hyphen_values = true, value_name = "TERM")]
    pub terms: Vec<String>,

    /// Connect, and print events as they come, until stopped.
    #[arg(short, long)]
    pub follow: bool,

    /// Print the last N at most, or with --follow end after N.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub count: Option<u32>,

    /// Print one JSON object a line for each event.
    #[arg(long)]
    pub json: bool,
}

/// `virtty host`
#[derive(Debug, clap::Args)]
pub struct HostArguments {
    /// Print JSON: connection, facts, and checks with id, name, result, evidence, consequence and remedy.
    #[arg(long)]
    pub json: bool,

    /// Read the host's files (/proc, /sys, /dev, /etc) below DIR, a recorded tree, instead of this machine's.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub root: Option<PathBuf>,

    /// Set a value of the host until it restarts, such as thp=madvise, ksm=1, ksm-pages-to-scan=200, hugepages-2048=512 or
    /// scheduler-sda=none; without --yes the command is shown, and nothing is done.
    #[arg(long, value_name = "VALUE=NEW", conflicts_with_all = ["json", "root"])]
    pub set: Vec<String>,

    /// Keep a value beyond a restart by a file of virtty's own; what is not virtty's to write is printed as a command.
    #[arg(long, value_name = "VALUE=NEW", conflicts_with_all = ["json", "root"])]
    pub keep: Vec<String>,

    /// Remove the file that keeps a value.
    #[arg(long, value_name = "VALUE", conflicts_with_all = ["json", "root"])]
    pub forget: Vec<String>,

    /// Do what --set, --keep and --forget say.
    #[arg(long)]
    pub yes: bool,

    /// Read the files of hosts that are reached by ssh as well, over the same login, as files-over-ssh of the settings does.
    #[arg(long)]
    pub files_over_ssh: bool,
}

/// `virtty keys`
#[derive(Debug, clap::Args)]
pub struct Keys {
    /// How to print them.
    #[arg(long, value_enum, default_value_t = KeysFormat::Text)]
    pub format: KeysFormat,
}

/// How `virtty keys` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeysFormat {
    /// Columns for a terminal.
    Text,
    /// docs/keys.md.
    Markdown,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let refuse = || "not a number of seconds from 0.1 to 86400".to_owned();
    let seconds: f64 = text.parse().map_err(|_| refuse())?;
    if (0.1..=86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(refuse())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(line: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["virtty"], line].concat())
    }

    #[test]
    fn the_table_of_arguments_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_may_stand_before_and_behind_the_command() {
        for line in [
            &["-c", "test:///default", "-r", "list", "--json"][..],
            &["list", "--json", "-c", "test:///default", "-r"],
        ] {
            let cli = parse(line).unwrap();
            assert_eq!(cli.connect, ["test:///default"]);
            assert!(cli.readonly);
            assert!(matches!(
                cli.command,
                Some(Command::List(List { json: true, .. }))
            ));
        }
    }

    #[test]
    fn names_may_look_like_options() {
        for line in [
            &["vnc", "--all"][..],
            &["vnc", "--", "--all"],
            &["vnc", "--", "-rf"],
            &["vnc", "-"],
            &["vnc", "$(id)"],
        ] {
            let Some(Command::Vnc(vnc)) = parse(line).unwrap().command else {
                panic!("{line:?}");
            };
            assert_eq!(Some(&vnc.name.as_str()), line.last());
        }
    }

    #[test]
    fn intervals_are_positive() {
        for bad in ["0", "-1", "nan", "inf", "1e9", "x", ""] {
            assert!(parse(&["stats", "--interval", bad]).is_err(), "{bad}");
        }
        assert!(parse(&["stats", "--interval", "0.5", "--count", "3"]).is_ok());
        assert!(parse(&["stats", "--count", "0"]).is_err());
    }
}
