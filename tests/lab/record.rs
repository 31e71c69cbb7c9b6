//! What is put on record are lines that virsh itself takes, with the same effect.

use std::path::Path;
use std::process::Command;

use crate::support::lab::{Host, Lab, tiny_xml};

/// Runs virtty's words and gives the line that was put on record for them.
#[track_caller]
pub fn recorded(host: &Host, state: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri])
        .args(words)
        .env("XDG_STATE_HOME", state)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    let log = std::fs::read_to_string(state.join("virtty/actions.log")).unwrap();
    let last: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(last["result"], "ok", "{last}");
    last["command"].as_str().unwrap().to_owned()
}

/// What virsh says of a domain: its state, and its definition without what is different on every host.
fn seen(host: &Host, name: &str) -> String {
    let all = host.virsh(&["list", "--all", "--name"]);
    if !all.lines().any(|line| line.trim() == name) {
        return "gone".to_owned();
    }
    let mut seen = host.virsh(&["domstate", name, "--reason"]);
    for (command, kept) in [
        ("dumpxml --inactive", &[][..]),
        (
            "dominfo",
            &["Autostart", "Managed save", "Max memory", "CPU(s)"][..],
        ),
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let mut arguments = vec![words[0], name];
        arguments.extend(&words[1..]);
        for line in host.virsh(&arguments).lines() {
            let wanted = kept.is_empty() || kept.iter().any(|word| line.starts_with(word));
            let own = line.contains("<uuid>") || line.contains("<mac ");
            if wanted && !own {
                seen.push_str(line.trim());
                seen.push('\n');
            }
        }
    }
    seen
}

#[test]
fn what_is_recorded_has_the_same_effect_by_virsh() {
    let lab = Lab::get();
    let here = lab.own_host("record-a");
    let there = lab.own_host("record-b");
    // A name that a shell would take apart.
    let name = "my web's $HOME -x";
    for host in [&here, &there] {
        std::mem::forget(host.define(
            name,
            &tiny_xml("placeholder", "").replace("placeholder", name),
        ));
    }
    let state = tempfile::tempdir().unwrap();
    let renamed = "-other";
    let steps: &[&[&str]] = &[
        &["start", "--paused", "--", name],
        &["resume", "--", name],
        &["send-key", "--", name, "KEY_LEFTCTRL", "KEY_C", "89"],
        &["suspend", "--", name],
        &["resume", "--", name],
        &["setmem", "--config", "--", name, "20M"],
        &["setmaxmem", "--config", "--", name, "32M"],
        &["setvcpus", "--config", "--maximum", "--", name, "2"],
        &["autostart", "--", name],
        &[
            "desc",
            "--config",
            "--title",
            "--",
            name,
            "it's $1 \"quoted\" -- twice",
        ],
        &["desc", "--config", "--", name, "a `b` \\ c"],
        &["reset", "--", name],
        &["managedsave", "--", name],
        &["start", "--", name],
        &["managedsave", "--", name],
        &["managedsave-remove", "--", name],
        &["autostart", "--disable", "--", name],
        &["start", "--", name],
        &["destroy", "--", name],
        &["domrename", "--", name, renamed],
        &["start", "--", renamed],
        &["destroy", "--graceful", "--", renamed],
        &["undefine", "--", renamed],
    ];
    for line in steps {
        let command = recorded(&here, state.path(), line);
        let command = command.replace(&here.uri, &there.uri);
        let output = Command::new("sh").args(["-c", &command]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
        for shown in [name, renamed] {
            assert_eq!(seen(&here, shown), seen(&there, shown), "after {command}");
        }
    }
}
