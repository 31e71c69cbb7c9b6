//! Errors as libvirt 9.0 words them, and the way out of each.

use super::*;

const HERE: &str = "qemu:///system";
const SSH: &str = "qemu+ssh://admin@kvm1/system";
const ROOT_SSH: &str = "qemu+ssh://root@kvm1/system";
const TCP: &str = "qemu+tcp://kvm1:16509/system";
const TLS: &str = "qemu://kvm1/system";

fn debian() -> Surroundings {
    Surroundings {
        has_systemd: true,
        daemon: Some("libvirtd"),
        user: "ann".to_owned(),
        is_root: false,
        installer: &["apt-get", "install", "libvirt-daemon-system"],
    }
}

fn container() -> Surroundings {
    Surroundings {
        has_systemd: false,
        is_root: true,
        ..debian()
    }
}

fn modular() -> Surroundings {
    Surroundings {
        daemon: Some("virtqemud"),
        is_root: true,
        ..debian()
    }
}

fn bare() -> Surroundings {
    Surroundings {
        daemon: None,
        ..debian()
    }
}

fn ask(here: &Surroundings, uri: &str, code: i32, message: &str) -> Remedy {
    let error = Error {
        code,
        domain: 7,
        message: message.to_owned(),
    };
    let uri = uri.parse().unwrap();
    remedy(&error, Some(&uri), here).unwrap_or_else(|| panic!("no way out of: {message}"))
}

fn command(here: &Surroundings, uri: &str, code: i32, message: &str) -> String {
    ask(here, uri, code, message)
        .command
        .unwrap_or_default()
        .join(" ")
}

const NO_SOCKET: &str =
    "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory";
const NO_MODULAR_SOCKET: &str =
    "Failed to connect socket to '/var/run/libvirt/virtqemud-sock': No such file or directory";

#[test]
fn a_daemon_that_does_not_run_is_started_by_what_the_machine_has() {
    for (here, message, expected) in [
        (debian(), NO_SOCKET, "sudo systemctl enable --now libvirtd"),
        (container(), NO_SOCKET, "libvirtd -d"),
        (
            modular(),
            NO_SOCKET,
            "systemctl enable --now virtqemud.socket",
        ),
        (
            debian(),
            NO_MODULAR_SOCKET,
            "sudo systemctl enable --now virtqemud.socket",
        ),
        (
            debian(),
            "Failed to connect socket to '/run/libvirt/libvirt-sock': Connection refused",
            "sudo systemctl enable --now libvirtd",
        ),
        (
            bare(),
            NO_SOCKET,
            "sudo apt-get install libvirt-daemon-system",
        ),
    ] {
        assert_eq!(command(&here, HERE, 38, message), expected, "{message}");
    }
}

#[test]
fn who_may_not_use_the_daemon_is_told_of_the_group() {
    let message = "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied";
    assert_eq!(
        command(&debian(), HERE, 38, message),
        "sudo usermod -aG libvirt ann"
    );
    for (code, message) in [
        (
            94,
            "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
        ),
        (
            1,
            "internal error: Unable to get system bus connection: Could not connect: No such file or directory",
        ),
    ] {
        for uri in [HERE, "qemu+tcp://127.0.0.2/system"] {
            let way = ask(&debian(), uri, code, message);
            assert!(way.advice.contains("group libvirt"), "{way:?}");
        }
    }
}

#[test]
fn what_ssh_says_leads_to_the_command_to_run_once() {
    for message in [
        "Cannot recv data: Host key verification failed.: Connection reset by peer",
        "Cannot recv data: admin@kvm1: Permission denied (publickey,password).: Connection reset by peer",
        "ssh: connect to host kvm1 port 22: Connection refused",
    ] {
        assert_eq!(command(&debian(), SSH, 38, message), "ssh admin@kvm1");
    }
    let unknown = "Cannot recv data: ssh: Could not resolve hostname kvm1: Name or service not known: Connection reset by peer";
    assert!(ask(&debian(), SSH, 38, unknown).advice.contains("spelling"));
}

#[test]
fn a_login_by_hand_goes_to_the_port_of_the_uri() {
    let uri = "qemu+ssh://root@kvm1:2222/system";
    let refused = "root@kvm1: Permission denied (publickey).";
    assert_eq!(command(&debian(), uri, 0, refused), "ssh -p 2222 root@kvm1");
    let netcat = "End of file while reading data: sh: 1: nc: not found: Input/output error";
    assert_eq!(
        command(&debian(), uri, 38, netcat),
        "ssh -t -p 2222 root@kvm1 apt-get install netcat-openbsd"
    );
}

#[test]
fn a_remote_host_is_mended_there() {
    let netcat = "End of file while reading data: sh: 1: nc: not found: Input/output error";
    assert_eq!(
        command(&debian(), SSH, 38, netcat),
        "ssh -t admin@kvm1 sudo apt-get install netcat-openbsd"
    );
    let off = "End of file while reading data: virt-ssh-helper: cannot connect to '/var/run/libvirt/libvirt-sock': Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory: Input/output error";
    assert_eq!(
        command(&debian(), ROOT_SSH, 38, off),
        "ssh -t root@kvm1 systemctl enable --now libvirtd"
    );
    let refused = "unable to connect to server at 'kvm1:16509': Connection refused";
    let way = ask(&debian(), TCP, 38, refused);
    assert!(way.advice.contains("kvm1") && way.command.is_none());
}

#[test]
fn refusals_say_whose_they_are() {
    for (uri, code, message, part) in [
        (
            HERE,
            88,
            "access denied: 'QEMU' denied access",
            "access rule",
        ),
        (
            TCP,
            45,
            "authentication failed: authentication failed",
            "saslpasswd2",
        ),
        (TCP, 79, "authentication cancelled", "retry"),
        (
            HERE,
            45,
            "authentication failed: Failed to collect auth credentials",
            "given up",
        ),
        (
            TLS,
            45,
            "authentication failed: Failed to verify peer's certificate",
            "authority",
        ),
        (SSH, 79, "the login was given up", "Retry"),
        (SSH, 45, "ssh asks: admin@kvm1's password:", "ssh-copy-id"),
        (
            SSH,
            38,
            "End of file while reading data: mux_client_request_session: session request failed: Session open refused by peer",
            "MaxSessions",
        ),
        (
            HERE,
            29,
            "operation forbidden: read only access prevents virDomainCreate",
            "read-only",
        ),
        (
            TLS,
            38,
            "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory",
            "/etc/pki/CA/cacert.pem",
        ),
        (
            HERE,
            68,
            "Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainSuspend)",
            "Force Off",
        ),
        (
            HERE,
            86,
            "Guest agent is not responding: QEMU guest agent is not connected",
            "qemu-guest-agent",
        ),
        (HERE, 0, "no answer within 10 s", "hangs"),
    ] {
        let way = ask(&debian(), uri, code, message);
        assert!(way.advice.contains(part), "{message}: {way:?}");
    }
}

#[test]
fn nothing_is_invented_for_an_error_that_nobody_knows() {
    let error = Error {
        code: 1,
        domain: 10,
        message: "internal error: something else".to_owned(),
    };
    assert_eq!(
        remedy(&error, Some(&HERE.parse().unwrap()), &debian()),
        None
    );
    assert_eq!(failure("try", &error, None).code, Some(1));
}

#[test]
fn every_rule_can_be_reached_and_fills_its_braces() {
    for rule in RULES {
        assert!(
            !rule.advice.is_empty(),
            "a rule without advice helps nobody"
        );
        let uri = SSH.parse().unwrap();
        let text = fill(rule.advice, NO_SOCKET, Some(&uri), &debian());
        assert!(!text.contains('{'), "{text}");
        assert!(
            rule.says.iter().all(|text| *text == text.to_lowercase()),
            "{}",
            rule.advice
        );
    }
}

#[test]
fn a_long_message_is_cut_on_a_character() {
    let long = "é".repeat(5000);
    let text = cut(long);
    assert!(text.len() <= 4096 && text.ends_with('…'));
    assert_eq!(cut("short".to_owned()), "short");
}
