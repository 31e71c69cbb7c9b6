//! Names nobody chose in good faith, and readers that go away.

use std::io::Read as _;
use std::process::Stdio;

use super::node::{Node, RUNNING, uuid, vnc};
use super::run::{command, virtty};

/// Names libvirt accepts, as they are and as XML text.
const NAMES: &[(&str, &str)] = &[
    ("a b", "a b"),
    ("it's", "it&apos;s"),
    ("say \"hi\"", "say &quot;hi&quot;"),
    ("<&>", "&lt;&amp;&gt;"),
    ("back\\slash", "back\\slash"),
    ("$(reboot)", "$(reboot)"),
    ("-rf", "-rf"),
    ("--json", "--json"),
    ("仮想マシン", "仮想マシン"),
    ("vm 🚀", "vm 🚀"),
    ("e\u{301}", "e\u{301}"),
    ("rtl\u{202e}gnp", "rtl\u{202e}gnp"),
    ("zero\u{200b}width", "zero\u{200b}width"),
    ("c1\u{9b}31m", "c1&#x9b;31m"),
    ("del\u{7f}", "del&#x7f;"),
    ("tab\there", "tab&#9;here"),
    ("7", "7"),
];

fn node() -> Node {
    let displays: Vec<_> = (0..NAMES.len() as i32)
        .map(|n| vnc(5901 + n, "127.0.0.1"))
        .collect();
    let guests: Vec<_> = NAMES
        .iter()
        .zip(&displays)
        .map(|((_, xml), display)| (*xml, RUNNING, display.as_str()))
        .collect();
    Node::new(&guests)
}

fn is_harmless(text: &str) -> bool {
    text.chars()
        .all(|c| c == '\n' || !virtty::text::is_hidden(c))
}

#[test]
fn every_name_is_found_and_json_keeps_it_exactly() {
    let node = node();
    let listed = virtty(["-c", &node.uri(), "list", "--json"]).well();
    assert!(is_harmless(&listed.out));
    let names: Vec<_> = listed
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|domain| domain["name"].as_str().unwrap().to_owned())
        .collect();
    for (number, (name, _)) in NAMES.iter().enumerate() {
        assert!(names.iter().any(|listed| listed == name), "{name:?}");
        let ran = virtty(["-c", &node.uri(), "vnc", "--", name]).well();
        assert_eq!(
            ran.out,
            format!("127.0.0.1:{}\n", 5901 + number),
            "{name:?}"
        );
        let shown = virtty(["-c", &node.uri(), "show", "--json", "--", name]).well();
        assert_eq!(shown.json()["uuid"], uuid(number), "{name:?}");
    }
}

#[test]
fn nothing_a_terminal_could_act_on_is_printed() {
    let node = node();
    for arguments in [
        &["list"][..],
        &["ports"],
        &["ports", "--json"],
        &["show", "c1\u{9b}31m"],
    ] {
        let ran = virtty(["-c", &node.uri()].iter().chain(arguments)).well();
        assert!(is_harmless(&ran.out), "{arguments:?}: {:?}", ran.out);
    }
    let table = virtty(["-c", &node.uri(), "list"]).well().out;
    assert!(table.contains("rtl\\u{202e}gnp"), "{table}");
    assert!(table.contains("c1\\x9b31m"), "{table}");
    let error = virtty(["-c", &node.uri(), "vnc", "x\u{1b}]0;y\u{7}"]).failed(5);
    assert!(is_harmless(&error), "{error:?}");
}

#[test]
fn columns_stay_aligned_with_wide_names() {
    let node = node();
    let table = virtty(["-c", &node.uri(), "list"]).well().out;
    let column: std::collections::BTreeSet<_> = table
        .lines()
        .map(|line| {
            let at = line
                .rfind("running")
                .or_else(|| line.rfind("STATE"))
                .unwrap();
            virtty::text::width(&line[..at])
        })
        .collect();
    assert_eq!(column.len(), 1, "{table}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let node = node();
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["ports"],
        &["man"],
        &["keys"],
        &["completions", "bash"],
    ] {
        let mut child = command()
            .args(["-c", &node.uri()])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert_eq!(
            (child.wait().unwrap().code(), err.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = command().arg("man").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("standard output")
    );
}
