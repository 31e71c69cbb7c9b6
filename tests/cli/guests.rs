//! Commands about what runs inside of domains, where there is no guest: what they refuse, and how they say it.

use super::node::{Node, RUNNING, vnc};
use super::run::{Ran, virtty};

fn node() -> Node {
    Node::new(&[("web 1", RUNNING, &vnc(5901, "0.0.0.0"))])
}

fn on(node: &Node, words: &[&str]) -> Ran {
    let uri = node.uri();
    virtty(["-c", uri.as_str()].iter().chain(words))
}

#[test]
fn commands_in_guests_want_the_settings_to_allow_them() {
    let node = node();
    let why = on(&node, &["qemu-agent-command", "web 1", "{}"]).failed(2);
    assert!(why.contains("run-commands = true"), "{why}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[guest]\nrun-commands = true\n").unwrap();
    let path = file.path().to_str().unwrap();
    let uri = node.uri();
    let words = [
        "--config",
        path,
        "-c",
        uri.as_str(),
        "qemu-agent-command",
        "web 1",
        "{}",
    ];
    let why = virtty(words).failed(1);
    assert!(why.contains("not supported"), "{why}");
}

#[test]
fn what_a_driver_does_not_know_is_said_so_in_libvirts_words() {
    let node = node();
    for words in [
        &["guestinfo", "web 1"][..],
        &["guestvcpus", "web 1"],
        &["get-user-sshkeys", "web 1", "root"],
        &["qemu-monitor-command", "--hmp", "web 1", "info", "balloon"],
    ] {
        let why = on(&node, words).failed(1);
        assert!(why.contains("not supported"), "{words:?}: {why}");
    }
}

#[test]
fn what_a_driver_knows_is_done_and_told() {
    // libvirt's test driver freezes what is called `/` and `/boot`.
    let node = node();
    let told = on(&node, &["domfsfreeze", "web 1", "/", "/boot"])
        .well()
        .out;
    assert!(told.contains("web 1 are frozen"), "{told}");
    let told = on(&node, &["domfsthaw", "web 1", "--mountpoint", "/"])
        .well()
        .out;
    assert!(told.contains("web 1 are thawed"), "{told}");
    let told = on(&node, &["domtime", "web 1", "--now"]).well().out;
    assert!(told.contains("clock of web 1 is set"), "{told}");
    let told = on(&node, &["domfstrim", "web 1", "--minimum", "4K"])
        .well()
        .out;
    assert!(told.contains("gave back"), "{told}");
}

#[test]
fn nothing_is_done_read_only_or_with_nothing_said() {
    let node = node();
    for words in [
        &["--readonly", "domfsfreeze", "web 1"][..],
        &["--readonly", "qemu-monitor-command", "web 1", "x"],
        &["--readonly", "set-user-sshkeys", "web 1", "root", "--reset"],
    ] {
        let why = on(&node, words).failed(1);
        assert!(why.contains("read-only"), "{words:?}: {why}");
    }
    for words in [
        &["qemu-monitor-command", "web 1"][..],
        &["domtime", "web 1", "--now", "--sync"],
        &["set-user-sshkeys", "web 1", "root"],
        // No terminal to ask on.
        &["set-user-password", "web 1", "root"],
    ] {
        let why = on(&node, words).failed(2);
        assert!(!why.is_empty(), "{words:?}");
    }
}
