//! What a URI tells ssh, and the URI that libvirt gets.

use proptest::prelude::*;

use super::login::Login;
use super::parameters::{through, value};
use crate::model::Uri;

fn login(text: &str) -> Option<Login> {
    Login::of(&text.parse().unwrap())
}

fn uri(text: &str) -> Uri {
    text.parse().unwrap()
}

#[test]
fn a_uri_tells_ssh_where_to_log_in() {
    let words = |text| login(text).unwrap().words().join(" ");
    assert_eq!(
        words("qemu+ssh://root@kvm1:2222/system?keyfile=%2Fa%20b&no_verify=1"),
        "-p 2222 -l root -i /a b -o StrictHostKeyChecking=no -- kvm1"
    );
    assert_eq!(words("qemu+ssh://kvm1/system"), "-- kvm1");
    assert_eq!(words("qemu+ssh:///system"), "-- localhost");
    assert_eq!(words("lxc+ssh://a%40b@[fe80::1]/"), "-l a@b -- fe80::1");
    assert_eq!(
        words("qemu+ssh://-oProxyCommand=x/system"),
        "-- -oProxyCommand=x"
    );
    assert_eq!(
        login("qemu+ssh://h/system?command=a&command=/opt/ssh")
            .unwrap()
            .program,
        "/opt/ssh"
    );
    assert_eq!(
        login("qemu+ssh://h/system?command=").unwrap().program,
        "ssh"
    );
}

#[test]
fn only_where_libvirt_would_run_ssh() {
    for text in [
        "qemu:///system",
        "qemu+tcp://h/system",
        "qemu+libssh2://h/system",
        "qemu+libssh://h/system",
        "test+unix:///default",
        "qemu://h/ssh",
    ] {
        assert_eq!(login(text), None, "{text}");
    }
}

#[test]
fn the_parameters_of_the_user_stay_and_ours_come_first() {
    let wrapper = "/run/user/1000/virtty-x y/ssh";
    for (given, rest) in [
        ("qemu+ssh://h/system", ""),
        ("qemu+ssh://h/system?", ""),
        ("qemu+ssh://h/system#fragment", ""),
        ("qemu+ssh://h/system?socket=/a%20b", "&socket=/a%20b"),
        (
            "qemu+ssh://h/system?COMMAND=/opt/ssh;no_tty=0&c%6Fmmand=x&proxy=netcat#f",
            "&proxy=netcat",
        ),
    ] {
        assert_eq!(
            through(&uri(given), wrapper),
            format!("qemu+ssh://h/system?no_tty=1&command=/run/user/1000/virtty-x%20y/ssh{rest}")
        );
    }
}

proptest! {
    #[test]
    fn libvirt_runs_the_wrapper_whatever_the_uri_holds(
        path in "(/[a-z]{0,6})?",
        parameters in prop::collection::vec(("[a-zA-Z_%0-9]{0,8}|command|no_tty|Command", "[ -~&&[^&;#]]{0,8}"), 0..5),
        wrapper in "/[ -~é]{1,30}",
    ) {
        let query: Vec<_> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let given = uri(&format!("qemu+ssh://u@h:22{path}?{}", query.join("&")));
        let rewritten = uri(&through(&given, &wrapper));
        prop_assert_eq!(value(&rewritten, "command"), Some(wrapper));
        prop_assert_eq!(value(&rewritten, "no_tty"), Some("1".to_owned()));
        for (key, _) in &parameters {
            if !["command", "no_tty"].iter().any(|ours| key.eq_ignore_ascii_case(ours)) && !key.contains('%') {
                prop_assert_eq!(value(&rewritten, key), value(&given, key));
            }
        }
        prop_assert_eq!((rewritten.user, rewritten.host, rewritten.port, rewritten.path), (given.user, given.host, given.port, given.path));
    }
}
