//! What people read: the manual page, completions, keys.

use std::process::{Command, Stdio};

use super::run::virtty;

const COMMANDS: [&str; 10] = [
    "list",
    "ports",
    "vnc",
    "stats",
    "show",
    "completions",
    "man",
    "keys",
    "create",
    "clone",
];

#[test]
fn the_manual_page_is_clean_roff_with_every_command_and_code() {
    let page = virtty(["man"]).well().out;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &page).unwrap();
    let rendered = Command::new("groff")
        .args(["-man", "-Tutf8", "-ww", "-z"])
        .arg(file.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&rendered.stderr), "");
    assert!(rendered.status.success());
    for command in COMMANDS {
        assert!(page.contains(&format!("virtty {command}")), "{command}");
    }
    for heading in ["EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES"] {
        assert!(page.contains(heading), "{heading}");
    }
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = virtty(["completions", shell]).well().out;
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let bash = virtty(["completions", "bash"]).well().out;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bash).unwrap();
    let checked = Command::new("bash")
        .arg("-n")
        .arg(file.path())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn keys_are_printed_for_people_and_for_the_documentation() {
    let text = virtty(["keys"]).well().out;
    assert!(text.lines().any(|line| line.contains(" quit ")), "{text}");
    let page = virtty(["keys", "--format", "markdown"]).well().out;
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md"));
    assert!(
        committed.is_ok_and(|committed| committed == page),
        "docs/keys.md is not what `virtty keys --format markdown` prints: make docs"
    );
}

#[test]
fn help_names_every_command() {
    let help = virtty(["--help"]).well().out;
    for command in COMMANDS {
        assert!(help.contains(command), "{command}");
    }
}

#[test]
fn a_console_wants_a_terminal() {
    let said = virtty(["-c", "test:///default", "console", "test"]);
    assert_ne!(said.code, 0);
    assert_eq!(said.out, "");
    assert!(said.err.contains("is not a terminal"), "{}", said.err);
}
