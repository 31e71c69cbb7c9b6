//! libvirt's errors made into something a person can act on: one table from what libvirt says to the way out.

use super::ffi::Error;
use super::surroundings::Surroundings;
use crate::model::{Transport, Uri};
use crate::protocol::{Failure, Remedy};

/// The longest error text that is kept: libvirt quotes whole documents in some.
const LONGEST_MESSAGE: usize = 4096;

/// `text` cut at 4 KiB on a character boundary.
pub fn cut(mut text: String) -> String {
    if text.len() > LONGEST_MESSAGE {
        let mut end = LONGEST_MESSAGE - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A failure for people. `what` names the thing that was attempted; `uri` is the connection's, where it has one of
/// its own.
pub fn failure(what: impl Into<String>, error: &Error, uri: Option<&Uri>) -> Failure {
    Failure {
        what: what.into(),
        reason: error.message.clone(),
        code: (error.code != 0).then_some(error.code),
        remedy: remedy(error, uri, &Surroundings::of_this_machine()),
    }
}

/// What opening a connection is called in a failure.
pub fn connecting(uri: Option<&Uri>) -> String {
    match uri {
        Some(uri) => format!("connect to {uri}"),
        None => "connect to libvirt's default".to_owned(),
    }
}

/// Whether a login was refused or given up: remembered answers are no good, and only a person can help.
pub fn needs_a_person(error: &Error) -> bool {
    let codes = [
        virt_sys::VIR_ERR_AUTH_FAILED,
        virt_sys::VIR_ERR_AUTH_CANCELLED,
    ];
    u32::try_from(error.code).is_ok_and(|code| codes.contains(&code))
        || ["Permission denied (", "Host key verification failed"]
            .iter()
            .any(|text| error.message.contains(text))
}

/// Where an error must have happened for a rule to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Anywhere.
    Any,
    /// On this machine.
    Here,
    /// Behind ssh.
    Ssh,
    /// On another machine, not through ssh.
    Network,
}

/// Who has to run a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    /// The user.
    User,
    /// root on this machine.
    Root,
    /// root on the machine the URI names, through ssh.
    RemoteRoot,
}

/// One line of the table: the first that fits an error gives the way out.
struct Rule {
    place: Place,
    /// `virErrorNumber`s; none for any.
    codes: &'static [virt_sys::virErrorNumber],
    /// Texts of which one must stand in the message, in lower case; none for any.
    says: &'static [&'static str],
    /// What must be true of this machine.
    given: fn(&Surroundings) -> bool,
    /// One sentence. `{login}`, `{host}`, `{user}`, `{daemon}`, `{unit}` and `{file}` are filled in.
    advice: &'static str,
    /// The command as words, filled in likewise; none where no command helps.
    command: &'static [&'static str],
    run_as: As,
}

const ANY: Rule = Rule {
    place: Place::Any,
    codes: &[],
    says: &[],
    given: |_| true,
    advice: "",
    command: &[],
    run_as: As::User,
};

/// Words of a socket that nobody serves.
const NOBODY_LISTENS: &[&str] = &["no such file or directory", "connection refused"];

const RULES: &[Rule] = &[
    Rule {
        says: &[
            "pvcreate", "vgcreate", "lvcreate", "/pvs", "/vgs", "/lvs", "vgchange",
        ],
        advice: "A pool of logical volumes needs LVM's programs on the host (the package lvm2).",
        ..ANY
    },
    // A program that is missing is no daemon that is.
    Rule {
        says: &["failed to apply firewall rules", "cannot execute binary"],
        advice: "Install the program on the host, or give the network the mode open, which needs no firewall rules.",
        ..ANY
    },
    // ssh, before the rules for what it leads to.
    Rule {
        place: Place::Ssh,
        says: &["ssh asks: "],
        advice: "Nobody can be asked now: retry to be asked, or install a key with ssh-copy-id.",
        command: &["{ssh}"],
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        codes: &[virt_sys::VIR_ERR_AUTH_CANCELLED],
        advice: "Retry to be asked again, or log in once by hand.",
        command: &["{ssh}"],
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: &[
            "host key verification failed",
            "remote host identification has changed",
        ],
        advice: "The host is not known to ssh or shows another key: log in once by hand and compare the key.",
        command: &["{ssh}"],
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: &[
            "permission denied (",
            "too many authentication failures",
            "permission denied, please try again",
        ],
        advice: "ssh was refused: retry to be asked again, log in once by hand, or install a key with ssh-copy-id.",
        command: &["{ssh}"],
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: &["could not resolve hostname", "name or service not known"],
        advice: "The host name is not known: check its spelling, or use its address.",
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: &[
            "ssh: connect to host",
            "connection timed out",
            "no route to host",
        ],
        advice: "No ssh server answers there: check that the host is up and that this logs in.",
        command: &["{ssh}"],
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: &[
            "nc: not found",
            "nc: command not found",
            "netcat: not found",
            "ncat: not found",
            "'nc'",
            "virt-ssh-helper: not found",
            "virt-ssh-helper: command not found",
        ],
        advice: "The host lacks netcat, which libvirt needs behind ssh: install netcat-openbsd there (or add ?netcat=PATH to the URI).",
        command: &["apt-get", "install", "netcat-openbsd"],
        run_as: As::RemoteRoot,
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: &[
            "cannot run '",
            "ssh: not found",
            "cannot find 'ssh'",
            "unable to execute 'ssh'",
        ],
        advice: "There is no such ssh on this machine: install openssh-client, or mend ?command= in the URI.",
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: &["session open refused by peer"],
        advice: "The ssh server takes too few sessions in one login: raise MaxSessions (10 by default) in its sshd_config.",
        ..ANY
    },
    Rule {
        place: Place::Ssh,
        says: NOBODY_LISTENS,
        advice: "No libvirt daemon runs on {host}: start and enable it there.",
        command: &["systemctl", "enable", "--now", "{unit}"],
        run_as: As::RemoteRoot,
        ..ANY
    },
    // polkit, before the daemon's rules: where there is no D-Bus, that is what is not there.
    Rule {
        codes: &[virt_sys::VIR_ERR_AUTH_UNAVAILABLE],
        advice: "polkit has nobody to ask for the password: join the group libvirt and log in anew, or run virtty with sudo.",
        command: &["usermod", "-aG", "libvirt", "{user}"],
        run_as: As::Root,
        ..ANY
    },
    Rule {
        says: &["unable to get system bus connection", "polkit"],
        advice: "The daemon asks polkit, which does not answer: join the group libvirt and log in anew, or run virtty with sudo.",
        command: &["usermod", "-aG", "libvirt", "{user}"],
        run_as: As::Root,
        ..ANY
    },
    // The daemon of this machine.
    Rule {
        place: Place::Here,
        says: &["permission denied"],
        given: |here| !here.is_root,
        advice: "Only root and the group libvirt may use this daemon: join the group, then log in anew.",
        command: &["usermod", "-aG", "libvirt", "{user}"],
        run_as: As::Root,
        ..ANY
    },
    Rule {
        place: Place::Here,
        says: NOBODY_LISTENS,
        given: |here| here.daemon.is_none(),
        advice: "libvirt's daemon is not installed on this machine: install it, or connect to another host with -c qemu+ssh://HOST/system.",
        command: &["{installer}"],
        run_as: As::Root,
        ..ANY
    },
    Rule {
        place: Place::Here,
        says: NOBODY_LISTENS,
        given: |here| here.has_systemd,
        advice: "The libvirt daemon is not running: start and enable it.",
        command: &["systemctl", "enable", "--now", "{unit}"],
        run_as: As::Root,
        ..ANY
    },
    Rule {
        place: Place::Here,
        says: NOBODY_LISTENS,
        advice: "The libvirt daemon is not running: start it.",
        command: &["{daemon}", "-d"],
        run_as: As::Root,
        ..ANY
    },
    // Rights.
    Rule {
        codes: &[virt_sys::VIR_ERR_ACCESS_DENIED],
        advice: "An access rule of the host forbids this to you: ask who keeps its libvirt (access_drivers in libvirtd.conf).",
        ..ANY
    },
    Rule {
        codes: &[virt_sys::VIR_ERR_OPERATION_DENIED],
        advice: "This connection is read-only: start virtty without -r and connect to the read-write socket.",
        ..ANY
    },
    Rule {
        codes: &[virt_sys::VIR_ERR_AUTH_CANCELLED],
        advice: "The login was given up: retry to be asked again.",
        ..ANY
    },
    // TLS, before the rules for logins: a certificate that does not hold is a failed login to libvirt.
    Rule {
        says: &[
            "cannot read ca certificate",
            "cannot read certificate",
            "cannot read private key",
        ],
        advice: "TLS needs the file {file} on this machine: install the certificate, or connect with qemu+ssh:// instead.",
        ..ANY
    },
    Rule {
        codes: &[virt_sys::VIR_ERR_GNUTLS_ERROR],
        advice: "TLS failed: check that the certificates of both sides are of one authority and still valid.",
        ..ANY
    },
    Rule {
        says: &["certificate"],
        advice: "TLS failed: check that the certificates of both sides are of one authority and name the host as the URI does.",
        ..ANY
    },
    // Logins.
    Rule {
        says: &["failed to collect auth credentials"],
        advice: "The login was given up, or nobody could be asked: retry to be asked again.",
        ..ANY
    },
    Rule {
        codes: &[virt_sys::VIR_ERR_AUTH_FAILED],
        advice: "User or password were refused: retry to be asked again, and see that the user exists on the host (saslpasswd2 -a libvirt USER).",
        ..ANY
    },
    // TCP.
    Rule {
        place: Place::Network,
        says: &[
            "connection refused",
            "no route to host",
            "connection timed out",
            "network is unreachable",
        ],
        advice: "Nothing answers on that port of {host}: start its libvirt daemon with listening on, or connect with qemu+ssh:// instead.",
        ..ANY
    },
    Rule {
        place: Place::Network,
        says: &["unable to resolve address", "name or service not known"],
        advice: "The host name is not known: check its spelling, or use its address.",
        ..ANY
    },
    // Guests.
    Rule {
        codes: &[virt_sys::VIR_ERR_OPERATION_TIMEOUT],
        says: &["cannot acquire state change lock"],
        advice: "Another call is waiting for this guest, which does not answer: wait, or use Force Off.",
        ..ANY
    },
    Rule {
        codes: &[
            virt_sys::VIR_ERR_AGENT_UNRESPONSIVE,
            virt_sys::VIR_ERR_AGENT_COMMAND_TIMEOUT,
        ],
        advice: "The guest agent does not answer: install and start qemu-guest-agent in the guest.",
        ..ANY
    },
    Rule {
        says: &[
            "qemu guest agent is not configured",
            "qemu guest agent is not connected",
        ],
        advice: "The guest has no agent: add the channel org.qemu.guest_agent.0 and install qemu-guest-agent in the guest.",
        ..ANY
    },
    Rule {
        says: &["network 'default' is not active"],
        advice: "The network that the guest is connected to is off: start it.",
        command: &["virsh", "net-start", "default"],
        ..ANY
    },
    Rule {
        says: &[
            "could not access kvm kernel module",
            "failed to initialize kvm",
        ],
        advice: "KVM cannot be used: check that virtualization is enabled in the firmware and that /dev/kvm belongs to the group kvm.",
        ..ANY
    },
    Rule {
        codes: &[virt_sys::VIR_ERR_NO_CONNECT],
        advice: "This libvirt has no driver for that URI: check its spelling, or install the driver (libvirt-daemon-driver-…).",
        ..ANY
    },
    Rule {
        says: &["no answer within", "no answer for", "keepalive timeout"],
        advice: "The daemon or the network hangs: it is tried again; on the host, look at the daemon's log (journalctl -u libvirtd).",
        ..ANY
    },
];

/// The way out of an error, by the first rule that fits.
fn remedy(error: &Error, uri: Option<&Uri>, here: &Surroundings) -> Option<Remedy> {
    let message = error.message.to_lowercase();
    let code = u32::try_from(error.code).unwrap_or(0);
    let place = place_of(uri);
    let rule = RULES.iter().find(|rule| {
        (rule.place == Place::Any || rule.place == place)
            && (rule.codes.is_empty() || rule.codes.contains(&code))
            && (rule.says.is_empty() || rule.says.iter().any(|text| message.contains(text)))
            && (rule.given)(here)
    })?;
    let fill = |text: &str| fill(text, &error.message, uri, here);
    let words: Vec<String> = match rule.command {
        ["{ssh}"] => ssh_words(uri, &[]),
        ["{installer}"] => here
            .installer
            .iter()
            .map(|word| (*word).to_owned())
            .collect(),
        words => words.iter().map(|word| fill(word)).collect(),
    };
    let command = (!words.is_empty()).then(|| match rule.run_as {
        As::Root if !here.is_root => prefixed(&["sudo"], words),
        As::User | As::Root => words,
        As::RemoteRoot => {
            let is_root = uri.is_some_and(|uri| uri.user.as_deref() == Some("root"));
            let sudo = (!is_root).then(|| "sudo".to_owned());
            ssh_words(uri, &["-t"])
                .into_iter()
                .chain(sudo)
                .chain(words)
                .collect()
        }
    });
    Some(Remedy {
        advice: fill(rule.advice),
        command,
    })
}

fn prefixed(prefix: &[&str], words: Vec<String>) -> Vec<String> {
    prefix
        .iter()
        .map(|word| (*word).to_owned())
        .chain(words)
        .collect()
}

/// The words that log in by hand as the connection does.
fn ssh_words(uri: Option<&Uri>, options: &[&str]) -> Vec<String> {
    let mut words = vec!["ssh".to_owned()];
    words.extend(options.iter().map(|option| (*option).to_owned()));
    if let Some(port) = uri.and_then(|uri| uri.port).filter(|port| *port != 22) {
        words.extend(["-p".to_owned(), port.to_string()]);
    }
    words.push(fill("{login}", "", uri, &Surroundings::default()));
    words
}

fn place_of(uri: Option<&Uri>) -> Place {
    match uri {
        Some(uri) if uri.transport == Transport::Ssh => Place::Ssh,
        Some(uri) if uri.is_remote() => Place::Network,
        _ => Place::Here,
    }
}

/// Fills the names in braces in.
fn fill(text: &str, message: &str, uri: Option<&Uri>, here: &Surroundings) -> String {
    let host = uri
        .and_then(|uri| uri.host.as_deref())
        .unwrap_or("localhost");
    let login = match uri.and_then(|uri| uri.user.as_deref()) {
        Some(user) => format!("{user}@{host}"),
        None => host.to_owned(),
    };
    let daemon = daemon_of(message, here);
    text.replace("{login}", &login)
        .replace("{host}", host)
        .replace("{user}", &here.user)
        .replace("{unit}", &unit_of(&daemon))
        .replace("{daemon}", &daemon)
        .replace("{file}", quoted(message).unwrap_or("named above"))
}

/// The daemon whose socket the message names: a modular one (`virtqemud-sock`), or the one that is installed.
fn daemon_of(message: &str, here: &Surroundings) -> String {
    let modular = quoted(message)
        .and_then(|path| path.rsplit('/').next())
        .and_then(|socket| socket.split_once("-sock"))
        .map(|(daemon, _)| daemon)
        .filter(|daemon| daemon.starts_with("virt") && daemon.ends_with('d'));
    match (modular, here.daemon) {
        (Some(daemon), _) => daemon.to_owned(),
        (None, Some(daemon)) => daemon.to_owned(),
        (None, None) => "libvirtd".to_owned(),
    }
}

/// The systemd unit of a daemon: the modular ones are started by their sockets.
fn unit_of(daemon: &str) -> String {
    if daemon == "libvirtd" {
        daemon.to_owned()
    } else {
        format!("{daemon}.socket")
    }
}

/// The first text in single quotes.
fn quoted(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once('\'')?;
    Some(rest.split_once('\'')?.0)
}

#[cfg(test)]
#[path = "remedies_tests.rs"]
mod tests;
