//! `virtty man`: the manual page, from the table of arguments and the sections below.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::Problem;
use super::args::Cli;
use super::failure::EXIT_CODES;
use super::output::Output;

const FILES: &[(&str, &str)] = &[
    (
        "~/.config/virtty/config.toml",
        "Settings, saved views and saved connections; XDG_CONFIG_HOME is respected. A missing file is no error.",
    ),
    (
        "~/.local/state/virtty/",
        "Where the log goes that the console writes, views.toml with the views and templates.toml with the templates of new domains and pinnings.toml with the sets of pins saved from the screen, for-a-while with what is to be put back of changes that end by themselves, events.log with the events, and what \
         keeps that the first start was greeted; XDG_STATE_HOME is respected. --log names another file.",
    ),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "LIBVIRT_DEFAULT_URI",
        "The connection to open without -c and without saved connections that have autoconnect.",
    ),
    ("SSH_AUTH_SOCK", "The agent that ssh finds its keys by."),
    (
        "XDG_RUNTIME_DIR",
        "Where the files of an ssh login lie as long as it lasts.",
    ),
    (
        "SSH_CONNECTION",
        "The address under which the reader reached this host, for the ssh -L lines.",
    ),
    ("NO_COLOR", "When set, the console uses no colours."),
    ("COLORFGBG", "Tells a light terminal from a dark one."),
];

const LOGINS: &str = "What goes to a host over ssh shares one login, made by ssh(1) with your own configuration. What ssh \
    or the host asks is asked in a dialog by the console, and on the terminal by commands; without a terminal nobody \
    is asked, and the failure names the command to run once by hand. A parameter command of the URI names another ssh.";

const EXAMPLES: &[(&str, &str)] = &[
    ("virtty", "Open the console on the default connection."),
    (
        "virtty -c qemu:///system -c qemu+ssh://root@kvm2/system",
        "Two hosts in one table.",
    ),
    ("virtty --demo", "Look around without any host."),
    ("vncviewer $(virtty vnc web-1)", "Open a domain's display."),
    (
        "virtty ports --json | jq '.[] | select(.reachable == \"everywhere\")'",
        "Every port that is open to everybody.",
    ),
    (
        "virsh dumpxml web-1 | virtty ports --from-xml - --json",
        "The same from a saved live XML, without a connection.",
    ),
    (
        "virtty stats --json --interval 5 --count 12",
        "A minute of figures, one object a line.",
    ),
    (
        "virtty create --name api --import --disk size=20,backing_store=/img/debian-12.qcow2 --cloud-init user=ann,ssh-key=id.pub",
        "A new domain from a cloud image that stays as it is.",
    ),
    (
        "virtty clone base --name 'web-{01..20}' --linked --start",
        "Twenty domains whose disks are overlays over those of one.",
    ),
    (
        "virtty -c qemu:///system export backup && virtty -c qemu+ssh://root@kvm2/system import backup --dry-run",
        "Carry all definitions of a host to another, after a look at what that would change there.",
    ),
];

const NAMES: &str = "A domain is named by its name, its UUID or its id, looked up in this order, so that a domain \
    named 7 can be reached. With several connections the first that runs such a domain is taken, in the order of \
    the command line. Names that begin with a hyphen stand behind --.";

pub(super) fn run(out: &mut Output) -> Result<(), Problem> {
    out.write_all(&page()?)?;
    Ok(())
}

/// The whole page as roff.
fn page() -> std::io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone())
        .manual("User Commands")
        .source(format!("virtty {}", env!("CARGO_PKG_VERSION")));
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    commands(&command).to_writer(&mut page)?;
    let mut end = Roff::new();
    end.control("SH", ["NAMES OF DOMAINS"]);
    end.text([roman(NAMES)]);
    end.control("SH", ["LOGINS"]);
    end.text([roman(LOGINS)]);
    let codes: Vec<_> = EXIT_CODES
        .iter()
        .map(|(code, meaning)| (code.to_string(), *meaning))
        .collect();
    list(
        &mut end,
        "EXIT STATUS",
        codes
            .iter()
            .map(|(code, meaning)| (code.as_str(), *meaning)),
    );
    list(&mut end, "FILES", FILES.iter().copied());
    list(&mut end, "ENVIRONMENT", ENVIRONMENT.iter().copied());
    list(&mut end, "EXAMPLES", EXAMPLES.iter().copied());
    end.control("SH", ["SEE ALSO"]);
    end.text([
        bold("virsh"),
        roman("(1), "),
        bold("virt-manager"),
        roman("(1), "),
        bold("virt-viewer"),
        roman("(1)"),
    ]);
    end.to_writer(&mut page)?;
    Ok(page)
}

/// Each command with its own arguments; the options of all commands are in OPTIONS already.
fn commands(command: &clap::Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for command in command
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        roff.control("SS", [synopsis(command).as_str()]);
        let about = command.get_long_about().or(command.get_about());
        roff.text([roman(about.map(ToString::to_string).unwrap_or_default())]);
        let own = command
            .get_arguments()
            .filter(|argument| !argument.is_global_set())
            .filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"));
        for argument in own {
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            roff.control("TP", []);
            roff.text([bold(argument_label(argument))]);
            roff.text([roman(help)]);
        }
    }
    roff
}

/// `virtty vnc <NAME>`.
fn synopsis(command: &clap::Command) -> String {
    let mut line = format!("virtty {}", command.get_name());
    for argument in command.get_positionals() {
        let name = argument.get_id().as_str().to_uppercase();
        let many = if argument
            .get_num_args()
            .is_some_and(|range| range.max_values() > 1)
        {
            "..."
        } else {
            ""
        };
        if argument.is_required_set() {
            line.push_str(&format!(" {name}{many}"));
        } else {
            line.push_str(&format!(" [{name}{many}]"));
        }
    }
    line
}

fn argument_label(argument: &clap::Arg) -> String {
    match argument.get_long() {
        Some(long) => match argument.get_value_names() {
            Some([value, ..]) if argument.get_action().takes_values() => {
                format!("--{long} {value}")
            }
            _ => format!("--{long}"),
        },
        None => argument.get_id().as_str().to_uppercase(),
    }
}

fn list<'a>(roff: &mut Roff, heading: &str, rows: impl Iterator<Item = (&'a str, &'a str)>) {
    roff.control("SH", [heading]);
    for (term, text) in rows {
        roff.control("TP", []);
        roff.text([bold(term)]);
        roff.text([roman(text)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_exit_code_is_in_the_page() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        for command in Cli::command().get_subcommands() {
            let heading = format!(".SS \"virtty {}", command.get_name());
            assert!(page.contains(&heading), "{heading}");
        }
        for heading in ["EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES", "OPTIONS"] {
            assert!(
                page.contains(&format!(".SH \"{heading}\""))
                    || page.contains(&format!(".SH {heading}"))
            );
        }
        assert!(page.contains("There is no such domain"));
    }
}
