//! `virtty events`.

use super::run::{command, ran, virtty};

#[test]
fn kept_events_are_printed_by_terms() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("virtty");
    std::fs::create_dir(&folder).unwrap();
    let line = |minute: u32, object: &str, name: &str, event: &str, text: &str| {
        format!(
            "{{\"time\":\"2026-01-01T00:{minute:02}:00.000Z\",\"connection\":\"qemu:///system\",\"host\":\"localhost\",\
             \"object\":\"{object}\",\"name\":\"{name}\",\"uuid\":null,\"event\":\"{event}\",\"text\":\"{text}\"}}\n"
        )
    };
    let lines = line(1, "domain", "web", "lifecycle", "Stopped (crashed)")
        + "rubbish\n"
        + &line(2, "pool", "images", "refresh", "Refreshed")
        + &line(
            3,
            "domain",
            "-rf \\u001b[31m",
            "io-error",
            "I/O error on vda",
        );
    std::fs::write(folder.join("events.log"), lines).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = command();
        command
            .env("XDG_STATE_HOME", state.path())
            .arg("events")
            .args(arguments);
        ran(&mut command)
    };
    let all = run(&[]).well().out;
    assert_eq!(all.lines().count(), 3);
    assert!(
        all.contains("domain -rf \\x1b[31m: I/O error on vda"),
        "{all}"
    );
    let found = run(&["--json", "text:I/O error", "!web"])
        .well()
        .json_lines();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["event"], &found[0]["object"]),
        (&"io-error".into(), &"domain".into())
    );
    assert_eq!(run(&["--count", "1"]).well().out.lines().count(), 1);
    assert_eq!(run(&["until:2025-12-31"]).well().out, "");
    let said = run(&["since:soon"]).failed(2);
    assert!(said.contains("`soon` is no time"), "{said}");
}

#[test]
fn nothing_to_listen_to_is_a_failure() {
    let said = virtty(["-c", "test:///no/such/node.xml", "events", "--follow"]).failed(1);
    assert!(said.contains("test:///no/such/node.xml"), "{said}");
}
