//! Commands that ask the agent in a guest or QEMU's monitor, and back.

use super::verb::Words;
use super::{Given, WordError};
use crate::agent::{MonitorKind, hides};
use crate::protocol::{AgentVerb, GuestTime, KeysChange, Private, RawCommand, SshKeys};

/// What a command asks of the agent; `Ok(None)` for one that is about something else, or reads, or lacks its password.
pub(super) fn read(given: &Given) -> Result<Option<AgentVerb>, WordError> {
    let has = |name: &str| given.has(name);
    let text = |name: &str| given.value(name).unwrap_or_default().to_owned();
    let places = || given.all("mountpoint").map(str::to_owned).collect();
    Ok(Some(match given.command.name {
        "domtime" => {
            let time = match (has("now"), has("sync"), given.value("time")) {
                (false, false, None) => return Ok(None),
                (true, true, _) => return Err(WordError::Both("now", "sync")),
                (true, _, Some(_)) => return Err(WordError::Both("now", "time")),
                (_, true, Some(_)) => return Err(WordError::Both("sync", "time")),
                (true, _, _) => GuestTime::Now,
                (_, true, _) => GuestTime::Hardware,
                (_, _, Some(seconds)) => GuestTime::At(seconds.parse().map_err(|_| {
                    WordError::Value(format!(
                        "'{seconds}' is no time: write the seconds since 1970 in digits"
                    ))
                })?),
            };
            AgentVerb::SetTime(time)
        }
        "domfsfreeze" => AgentVerb::Freeze(places()),
        "domfsthaw" => AgentVerb::Thaw(places()),
        "domfstrim" => AgentVerb::Trim {
            mountpoint: given.value("mountpoint").map(str::to_owned),
            minimum_bytes: match given.value("minimum") {
                Some(bytes) => super::bytes(bytes).map_err(WordError::Value)?,
                None => 0,
            },
        },
        "set-user-password" => {
            let Some(password) = given.value("password") else {
                return Ok(None);
            };
            AgentVerb::SetPassword {
                user: text("user"),
                password: Private::new(password),
                encrypted: has("encrypted"),
            }
        }
        "set-user-sshkeys" => {
            let change = match (has("reset"), has("remove")) {
                (true, true) => return Err(WordError::Both("reset", "remove")),
                (true, false) => KeysChange::Replace,
                (false, true) => KeysChange::Remove,
                (false, false) => KeysChange::Add,
            };
            let keys = match given.value("file") {
                Some(file) => SshKeys::File(file.to_owned()),
                None if change == KeysChange::Replace => SshKeys::Lines(Vec::new()),
                None => {
                    return Err(WordError::Value(
                        "say with --file which keys, or --reset to take all off".to_owned(),
                    ));
                }
            };
            AgentVerb::SetKeys {
                user: text("user"),
                keys,
                change,
            }
        }
        _ => return Ok(None),
    }))
}

/// The command of a verb.
pub(super) const fn command(verb: &AgentVerb) -> &'static str {
    match verb {
        AgentVerb::SetTime(_) => "domtime",
        AgentVerb::Freeze(_) => "domfsfreeze",
        AgentVerb::Thaw(_) => "domfsthaw",
        AgentVerb::Trim { .. } => "domfstrim",
        AgentVerb::SetPassword { .. } => "set-user-password",
        AgentVerb::SetKeys { .. } => "set-user-sshkeys",
    }
}

/// Options that ask the same; passwords masked.
pub(super) fn words(verb: &AgentVerb, words: &mut Words<'_>) {
    match verb {
        AgentVerb::SetTime(time) => {
            words.flag("now", *time == GuestTime::Now);
            words.flag("sync", *time == GuestTime::Hardware);
            if let GuestTime::At(seconds) = time {
                words.value("time", seconds.to_string());
            }
        }
        AgentVerb::Freeze(places) | AgentVerb::Thaw(places) => {
            if !places.is_empty() {
                words.value("mountpoint", places.join("\n"));
            }
        }
        AgentVerb::Trim {
            mountpoint,
            minimum_bytes,
        } => {
            if *minimum_bytes > 0 {
                words.value("minimum", minimum_bytes.to_string());
            }
            words.maybe("mountpoint", mountpoint.clone());
        }
        AgentVerb::SetPassword {
            user, encrypted, ..
        } => {
            words.value("user", user.clone());
            words.value("password", crate::xml::secrets::MASK.to_owned());
            words.flag("encrypted", *encrypted);
        }
        AgentVerb::SetKeys { user, keys, change } => {
            words.value("user", user.clone());
            match keys {
                SshKeys::File(file) => words.value("file", file.clone()),
                // What is piped in: see `line`.
                SshKeys::Lines(lines) if !lines.is_empty() => {
                    words.value("file", super::hardware::STDIN.to_owned());
                }
                SshKeys::Lines(_) => {}
            }
            words.flag("reset", *change == KeysChange::Replace);
            words.flag("remove", *change == KeysChange::Remove);
        }
    }
}

/// A command that is passed on as it is; `Ok(None)` for one that is about something else.
///
/// # Errors
/// When nothing is to be passed on, or options exclude each other.
pub fn raw(given: &Given) -> Result<Option<RawCommand>, WordError> {
    let is_agent = match given.command.name {
        "qemu-agent-command" => true,
        "qemu-monitor-command" => false,
        _ => return Ok(None),
    };
    let command = given.value("cmd").unwrap_or_default().trim();
    if command.is_empty() {
        return Err(WordError::Value(format!(
            "say what is passed on, as in {}",
            given.command.usage()
        )));
    }
    let text = Private::new(command);
    if !is_agent {
        let kind = match given.has("hmp") {
            true => MonitorKind::Hmp,
            false => MonitorKind::Qmp,
        };
        return Ok(Some(RawCommand::Monitor(text, kind)));
    }
    let seconds = given.count("timeout")?;
    let wait = match (given.has("async"), given.has("block"), seconds) {
        (true, true, _) => return Err(WordError::Both("async", "block")),
        (true, _, Some(_)) => return Err(WordError::Both("async", "timeout")),
        (_, true, Some(_)) => return Err(WordError::Both("block", "timeout")),
        (true, ..) => 0,
        (_, true, _) => -2,
        (_, _, Some(seconds)) => i32::try_from(seconds).unwrap_or(i32::MAX),
        // libvirt's own choice would be its answer to a greeting, and then for ever.
        (_, _, None) => 30,
    };
    Ok(Some(RawCommand::Agent(text, wait)))
}

/// Whether a line that was typed holds a secret: it is kept in no history.
#[must_use]
pub fn is_private(line: &str) -> bool {
    let Ok(given) = super::parse(line) else {
        return line.contains("set-user-password") || hides(line);
    };
    match given.command.name {
        "set-user-password" => given.value("password").is_some(),
        "qemu-agent-command" | "qemu-monitor-command" => {
            hides(given.value("cmd").unwrap_or_default())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{parse, shell_line, verb};
    use super::*;
    use crate::model::Uuid;
    use crate::protocol::DomainVerb;

    fn read_line(line: &str) -> Result<Option<DomainVerb>, WordError> {
        verb(&parse(line).unwrap(), &[])
    }

    #[test]
    fn mount_points_may_stand_without_their_name() {
        let places = ["/a b".to_owned(), "/c".to_owned()].to_vec();
        for line in [
            "domfsfreeze web1 '/a b' /c",
            "domfsfreeze web1 --mountpoint '/a b' --mountpoint /c",
        ] {
            let frozen = AgentVerb::Freeze(places.clone());
            assert_eq!(
                read_line(line),
                Ok(Some(DomainVerb::Agent(frozen))),
                "{line}"
            );
        }
    }

    #[test]
    fn what_reads_is_no_verb_and_what_excludes_itself_is_refused() {
        for line in [
            "domtime web1",
            "domtime web1 --pretty",
            "set-user-password web1 ann",
        ] {
            assert_eq!(read_line(line), Ok(None), "{line}");
        }
        for line in [
            "domtime web1 --now --sync",
            "domtime web1 --time tomorrow",
            "set-user-sshkeys web1 ann",
            "set-user-sshkeys web1 ann --file k --reset --remove",
        ] {
            assert!(read_line(line).is_err(), "{line}");
        }
        for line in [
            "qemu-monitor-command web1",
            "qemu-agent-command web1 x --async --block",
        ] {
            assert!(raw(&parse(line).unwrap()).is_err(), "{line}");
        }
    }

    #[test]
    fn commands_are_passed_on_as_they_are() {
        let of = |line: &str| raw(&parse(line).unwrap()).unwrap().unwrap();
        assert_eq!(
            of("qemu-monitor-command web1 info balloon --hmp"),
            RawCommand::Monitor(Private::new("info balloon"), MonitorKind::Hmp)
        );
        assert_eq!(
            of("qemu-agent-command --timeout 5 web1 '{\"execute\":\"guest-ping\"}'"),
            RawCommand::Agent(Private::new("{\"execute\":\"guest-ping\"}"), 5)
        );
    }

    #[test]
    fn a_password_is_on_no_line_and_in_no_history() {
        let verb = read_line("set-user-password web1 ann hunter2 --encrypted")
            .unwrap()
            .unwrap();
        let line = shell_line(&verb, "web1", Uuid([1; 16]), Some("qemu:///system")).unwrap();
        assert!(
            !line.contains("hunter2") && line.contains("--encrypted"),
            "{line}"
        );
        assert!(!format!("{verb:?}").contains("hunter2"));
        assert!(is_private("set-user-password web1 ann hunter2"));
        assert!(is_private("set-user-password web1 ann --password hunter2"));
        assert!(!is_private("set-user-password web1 ann"));
        assert!(is_private(
            "qemu-monitor-command web1 --hmp set_password vnc hunter2"
        ));
        assert!(!is_private("qemu-monitor-command web1 --hmp info balloon"));
        assert!(is_private("set-user-password web1 ann 'hunter2"));
        assert!(!is_private("start web1"));
    }

    #[test]
    fn keys_are_piped_into_virsh() {
        let verb = DomainVerb::Agent(AgentVerb::SetKeys {
            user: "ann".to_owned(),
            keys: SshKeys::Lines(vec!["ssh-ed25519 AAAA a'b".to_owned()]),
            change: KeysChange::Add,
        });
        assert_eq!(
            shell_line(&verb, "web1", Uuid([1; 16]), Some("qemu:///system")).unwrap(),
            "printf '%s\\n' 'ssh-ed25519 AAAA a'\\''b' | virsh -c qemu:///system set-user-sshkeys --file /dev/stdin -- web1 ann"
        );
    }
}
