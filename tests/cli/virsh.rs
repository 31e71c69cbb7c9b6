//! virsh's own commands, by their names and options.

use super::node::{Node, RUNNING, SHUT_OFF, vnc};
use super::run::{Ran, virtty};

fn node() -> Node {
    Node::new(&[
        ("web 1", RUNNING, &vnc(5901, "0.0.0.0")),
        (
            "db",
            SHUT_OFF,
            "<disk type='file' device='disk'><source file='/images/db.qcow2'/><target dev='vda'/></disk>",
        ),
        ("--all", SHUT_OFF, ""),
    ])
}

/// On the node; each run has a copy of its own, since the test driver lives in the process.
fn on(node: &Node, words: &[&str]) -> Ran {
    let uri = node.uri();
    virtty(["-c", uri.as_str()].iter().chain(words))
}

#[test]
fn what_is_done_is_told_in_one_line() {
    let node = node();
    for (words, said) in [
        (&["suspend", "web 1"][..], "web 1 was paused.\n"),
        (&["destroy", "web 1"], "web 1 was forced off.\n"),
        (
            &["shutdown", "web 1"],
            "web 1 was asked to shut down; its guest decides.\n",
        ),
        (
            &["shutdown", "web 1", "--force-after", "60"],
            "web 1 is off.\n",
        ),
        (&["start", "--", "--all"], "--all was started.\n"),
        (&["autostart", "db"], "db starts with its host.\n"),
        (&["domrename", "db", "db 2"], "db is called db 2 now.\n"),
        (
            &["desc", "db", "--title", "a", "new", "title"],
            "db was changed.\n",
        ),
        (
            &["send-key", "web 1", "--holdtime", "5", "KEY_LEFTCTRL", "46"],
            "web 1 had the keys pressed.\n",
        ),
        (&["domstate", "web 1"], "running\n"),
        (&["domname", "db"], "db\n"),
        (&["domdisplay", "web 1"], "vnc://127.0.0.1:5901\n"),
    ] {
        assert_eq!(on(&node, words).well().out, said, "{words:?}");
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let node = node();
    let refused = |words: &[&str], code| on(&node, words).failed(code);
    assert!(
        refused(&["start", "web 1"], 1).contains("Start 'web 1': the domain is already running")
    );
    assert!(refused(&["destroy", "db"], 1).contains("the domain is not running"));
    assert!(refused(&["destroy", "nobody"], 5).contains("there is no domain 'nobody'"));
    assert!(refused(&["domdisplay", "db"], 3).contains("is not running"));
    assert!(refused(&["--readonly", "destroy", "web 1"], 1).contains("read-only"));
    for words in [
        &["shutdown", "web 1", "--mode", "agnet"][..],
        &["setmem", "db", "2X"],
        &["send-key", "web 1", "KEY_LEFTCTLR"],
        &["send-key", "web 1"],
        &["setvcpus", "db", "two"],
        &["managedsave", "web 1", "--running", "--paused"],
        &["domrename", "db"],
    ] {
        let ran = on(&node, words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn storage_goes_only_with_yes() {
    let node = node();
    let why = on(&node, &["undefine", "db", "--remove-all-storage"]).failed(2);
    assert!(
        why.contains("/images/db.qcow2") && why.contains("--yes"),
        "{why}"
    );
    // With it, the volume must be one: nothing is deleted when it is not.
    let why = on(&node, &["undefine", "db", "--storage", "vda", "--yes"]).failed(1);
    assert!(
        why.contains("/images/db.qcow2 is not a volume of an active storage pool"),
        "{why}"
    );
    assert_eq!(
        on(&node, &["undefine", "db"]).well().out,
        "The definition of db is deleted.\n"
    );
}

#[test]
fn a_host_is_asked_by_virshs_words() {
    let node = node();
    let uri = node.uri();
    assert_eq!(on(&node, &["uri"]).well().out.trim(), uri);
    let info = on(&node, &["nodeinfo"]).well().out;
    assert!(info.contains("CPU(s):              4\n"), "{info}");
    assert!(
        info.contains("Memory size:         8388608 KiB\n"),
        "{info}"
    );
    let versions = on(&node, &["version"]).well().out;
    let words: Vec<&str> = versions.split_whitespace().collect();
    assert!(matches!(words[..], ["libvirt", _, "TEST", _]), "{versions}");
    let capabilities = on(&node, &["capabilities"]).well().out;
    assert!(capabilities.starts_with("<capabilities>"), "{capabilities}");
    assert!(!on(&node, &["hostname"]).well().out.trim().is_empty());
    // Words that it does not have are a mistake of the line.
    assert_eq!(on(&node, &["nodeinfo", "more"]).code, 2);
}
