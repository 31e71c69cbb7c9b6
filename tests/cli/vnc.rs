//! `virtty vnc`: one line, or a code that says why not.

use super::node::{Node, PAUSED, RUNNING, SHUT_OFF, uuid, vnc};
use super::run::virtty;

fn node() -> Node {
    Node::new(&[
        ("loopback", RUNNING, &vnc(5901, "127.0.0.1")),
        ("wildcard", RUNNING, &vnc(5902, "0.0.0.0")),
        ("six", PAUSED, &vnc(5903, "::1")),
        (
            "socket",
            RUNNING,
            "<graphics type='vnc' socket='/run/a b.sock'/>",
        ),
        (
            "second",
            RUNNING,
            "<graphics type='spice' port='5904' autoport='no' listen='127.0.0.1'/>\
             <graphics type='vnc' port='5905' autoport='no' listen='127.0.0.1'/>",
        ),
        ("off", SHUT_OFF, &vnc(5906, "127.0.0.1")),
        (
            "spice",
            RUNNING,
            "<graphics type='spice' port='5907' autoport='no' listen='::1'/>",
        ),
        ("bare", RUNNING, ""),
        (
            "pending",
            RUNNING,
            "<graphics type='vnc' port='-1' autoport='yes'/>",
        ),
        (
            "nothing",
            RUNNING,
            "<graphics type='vnc'><listen type='none'/></graphics>",
        ),
        ("wrong", RUNNING, &vnc(70000, "127.0.0.1")),
        ("1", RUNNING, &vnc(5911, "127.0.0.1")),
        ("--all", RUNNING, &vnc(5912, "127.0.0.1")),
    ])
}

#[test]
fn the_address_is_usable_from_here() {
    let node = node();
    for (name, address) in [
        ("loopback", "127.0.0.1:5901"),
        ("wildcard", "127.0.0.1:5902"),
        ("six", "[::1]:5903"),
        ("socket", "unix:/run/a b.sock"),
        ("second", "127.0.0.1:5905"),
        ("--all", "127.0.0.1:5912"),
        // By name before by id, by UUID, by id.
        ("1", "127.0.0.1:5911"),
        (&uuid(1), "127.0.0.1:5902"),
        ("2", "127.0.0.1:5902"),
    ] {
        let ran = virtty(["-c", &node.uri(), "vnc", name]).well();
        assert_eq!(ran.out, format!("{address}\n"), "{name}");
    }
}

#[test]
fn every_reason_has_its_code_and_one_line() {
    let node = node();
    for (name, code, word) in [
        ("off", 3, "not running"),
        ("spice", 4, "no VNC"),
        ("bare", 4, "no VNC"),
        ("pending", 4, "port"),
        ("nothing", 4, "nothing"),
        ("absent", 5, "no domain 'absent'"),
        ("Loopback", 5, "no domain"),
        ("", 5, "no domain"),
        ("wrong", 1, "70000"),
    ] {
        let line = virtty(["-c", &node.uri(), "vnc", name]).failed(code);
        assert!(line.contains(word), "{name}: {line}");
    }
}

#[test]
fn a_host_that_cannot_be_asked_is_no_missing_domain() {
    let line = virtty(["-c", "test:///no/such/node.xml", "vnc", "loopback"]).failed(1);
    assert!(line.contains("/no/such/node.xml"), "{line}");
    let node = node();
    let both = ["-c", "test:///no/such/node.xml", "-c", &node.uri(), "vnc"];
    let ran = virtty(both.into_iter().chain(["absent"]));
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    let ran = virtty(both.into_iter().chain(["loopback"]));
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "127.0.0.1:5901\n"),
        "{}",
        ran.err
    );
}

#[test]
fn a_wrong_command_line_is_code_2() {
    for arguments in [
        &["vnc"][..],
        &["nonsense"],
        &["list", "--nonsense"],
        &["-c", "no-uri", "list"],
    ] {
        let ran = virtty(arguments);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            ran.err
        );
    }
}
