//! The command lines of the master and of what goes over it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::login::Login;
use crate::libvirt::{askpass, ffi};

/// What the login is done with, whatever the user's configuration says of these.
const OPTIONS: &[&str] = &[
    "ControlMaster=yes",
    "ControlPersist=no",
    // Less than an opening may take, so that ssh's own words are seen.
    "ConnectTimeout=8",
    "ServerAliveInterval=2",
    "ServerAliveCountMax=3",
    // Tunnels of the user's configuration are for logins by hand, and their ports may be taken by one.
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    // Errors, and not the server's banner.
    "LogLevel=ERROR",
];

/// What those that go over the master are started with. They never log in themselves: without the master they have a
/// way that leads nowhere.
const RIDER_OPTIONS: &[&str] = &[
    "ControlMaster=no",
    "BatchMode=yes",
    "LogLevel=ERROR",
    "RemoteCommand=none",
    "ProxyCommand=false",
];

/// The program for libvirt. A script, since libvirt passes on hardly a variable and starts no other program as fast.
pub fn wrapper(login: &Login, control: &Path) -> String {
    let options: String = RIDER_OPTIONS
        .iter()
        .map(|option| format!(" -o {}", quoted(option)))
        .collect();
    format!(
        "#!/bin/sh\n\
         # Made by virtty for one connection, and removed with it.\n\
         test -S {} || {{ echo 'the shared ssh connection is gone' >&2; exit 255; }}\n\
         exec {} -S {}{options} \"$@\"\n",
        quoted(&control.to_string_lossy()),
        quoted(&login.program),
        quoted(&socket_name(control)),
    )
}

/// Every byte stands for itself in single quotes; the shell reads this file, nobody pastes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// ssh expands `%` in the name of its socket.
fn socket_name(control: &Path) -> String {
    control.to_string_lossy().replace('%', "%%")
}

/// The master itself, with the socket that others come to it by, and the one that its questions go to.
///
/// # Errors
/// When this program cannot be found again, which is to ask.
pub fn master(login: &Login, control: &Path, questions: &Path) -> io::Result<Command> {
    let mut command = Command::new(&login.program);
    command.args(["-N", "-T", "-S", &socket_name(control)]);
    for option in OPTIONS {
        command.args(["-o", option]);
    }
    command
        .args(login.words())
        .env("LC_ALL", "C")
        .env("SSH_ASKPASS", askpass::program()?)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .env(askpass::SOCKET, questions)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    // Before OpenSSH 8.4 a display is what makes ssh ask by a program.
    if std::env::var_os("DISPLAY").is_none() {
        command.env("DISPLAY", ":0");
    }
    ffi::detach(&mut command);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_quotes_whatever_it_is_given() {
        let login = Login {
            program: "/opt/it's $HOME/ssh".to_owned(),
            user: None,
            host: "kvm1".to_owned(),
            port: None,
            keyfile: None,
            no_verify: false,
        };
        let script = wrapper(&login, Path::new("/run/50%/m"));
        assert!(
            script
                .contains(r"exec '/opt/it'\''s $HOME/ssh' -S '/run/50%%/m' -o 'ControlMaster=no'"),
            "{script}"
        );
        assert!(script.ends_with("\"$@\"\n"));
    }
}
