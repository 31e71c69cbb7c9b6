//! The editor on real guests: what is saved, what is refused, what another does meanwhile, and what survives an end by force.

use std::fs;
use std::path::Path;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::harness::{PATIENCE, Session, Setup};
use crate::support::lab::{Domain, Host, Lab, unique};
use crate::support::wait::wait_until;

/// The editor of a domain, its text read.
fn edit(host: &Host, domain: &Domain<'_>, state: &Path) -> Session {
    let console = Setup::virtty(&["-c", &host.uri, "edit", &domain.name])
        .variable("XDG_STATE_HOME", state.to_str().unwrap())
        .size(100, 30)
        .start();
    console.wait_for("<domain type='qemu'>");
    console
}

/// Text as a terminal pastes it.
fn paste(console: &Session, text: &str) {
    console.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
}

/// Finds words in the text; they are selected then.
fn find(console: &Session, words: &str) {
    console.press("<C-f>");
    console.wait_for("A regular expression to find");
    console.send(words.as_bytes());
    console.press("<Enter>");
    console.wait_gone("A regular expression to find");
}

fn inactive(host: &Host, domain: &Domain<'_>) -> String {
    host.virsh(&["dumpxml", "--inactive", "--security-info", &domain.name])
}

fn live(host: &Host, domain: &Domain<'_>) -> String {
    host.virsh(&["dumpxml", &domain.name])
}

#[test]
fn a_disk_and_a_card_are_plugged_into_a_running_guest() {
    let host = Lab::get().own_host("pty-edits");
    let state = TempDir::new().unwrap();
    let domain = host.running("plugs");
    let disk = state.path().join("disk.img");
    fs::write(&disk, vec![0; 1 << 20]).unwrap();
    let mut console = edit(&host, &domain, state.path());
    console.wait_for("valid");
    find(&console, "</devices>");
    console.press("<Home>");
    let xml = format!(
        "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{}'/>\
         <target dev='vdz' bus='virtio'/></disk>\n<interface type='user'>\
         <mac address='52:54:00:77:77:77'/><model type='virtio'/></interface>\n",
        disk.display()
    );
    paste(&console, &xml);
    console.wait_for("changed");
    console.press("<C-s>");
    let screen = console.wait_for("disk 'vdz'");
    let rows: Vec<_> = (0..screen.rows.len())
        .map(|line| screen.line(line))
        .collect();
    for what in ["disk 'vdz'", "interface '52:54:00:77:77:77'"] {
        let row = rows.iter().find(|line| line.contains(what)).expect(what);
        assert!(row.contains("[x]") && row.contains(" now"), "{row}");
    }
    console.press("<Enter>");
    console.wait_for("Done at once: disk 'vdz'");
    console.wait_for("Done at once: interface '52:54:00:77:77:77'");
    for xml in [live(&host, &domain), inactive(&host, &domain)] {
        assert!(
            xml.contains("vdz") && xml.contains("52:54:00:77:77:77"),
            "{xml}"
        );
    }
    console.press("<Esc><Esc>");
    console.wait_for(&format!(" {} ", domain.name));
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
    assert!(drafts(state.path()).is_empty(), "what is saved is no draft");
}

#[test]
fn a_refused_text_stays_with_the_message() {
    let host = Lab::get().own_host("pty-refuses");
    let state = TempDir::new().unwrap();
    let domain = host.tiny("refused");
    let before = inactive(&host, &domain);
    let console = edit(&host, &domain, state.path());
    find(&console, "restart");
    console.send(b"restartx");
    // The schema says so while one types, on the line.
    console.wait_for("1 error");
    console.press("<C-s>");
    console.wait_for("Save domain");
    console.press("<Enter>");
    console.wait_for("Nothing was defined; your text is as it was");
    console.press("r");
    console.wait_for("restartx");
    assert_eq!(inactive(&host, &domain), before);
    assert_eq!(drafts(state.path()).len(), 1);
}

#[test]
fn what_another_changes_meanwhile_is_merged() {
    let host = Lab::get().own_host("pty-merges");
    let state = TempDir::new().unwrap();
    let domain = host.tiny("merged");
    let console = edit(&host, &domain, state.path());
    find(&console, "destroy</on_crash>");
    console.send(b"preserve</on_crash>");
    console.wait_for("changed");
    // No event is sent for this one.
    host.virsh(&["setmaxmem", &domain.name, "32M", "--config"]);
    console.wait_for("was changed on the host meanwhile");
    console.press("<C-s>");
    console.wait_for("Both go together");
    console.press("m");
    console.wait_for("Save domain");
    console.press("<Enter>");
    console.wait_for("is saved");
    let after = inactive(&host, &domain);
    assert!(
        after.contains("<memory unit='KiB'>32768</memory>"),
        "{after}"
    );
    assert!(after.contains("<on_crash>preserve</on_crash>"), "{after}");
}

/// What is kept of texts that were not saved.
fn drafts(state: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(state.join("virtty/drafts")) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "json"))
        .map(|entry| fs::read_to_string(entry.path()).unwrap_or_default())
        .collect()
}

/// Types into a comment of its own; gives what was typed.
fn type_something(console: &Session) -> String {
    let words = unique("typed");
    find(console, "<on_crash>");
    console.press("<Home><Home>");
    let words = format!("<!-- {words} -->");
    console.send(words.as_bytes());
    console.wait_for(&words);
    words
}

/// What was typed is offered at the next start, and comes back.
fn assert_offered(host: &Host, domain: &Domain<'_>, state: &Path, words: &str) {
    let console = edit(host, domain, state);
    console.wait_for("was not saved");
    console.press("r");
    console.wait_for("changed");
    find(&console, words);
    console.wait_for(words);
    console.press("<C-s>");
    console.wait_for("Nothing changes");
}

#[test]
fn a_text_survives_a_kill() {
    let host = Lab::get().own_host("pty-kills");
    let state = TempDir::new().unwrap();
    let domain = host.tiny("killed");
    let mut console = edit(&host, &domain, state.path());
    let words = type_something(&console);
    wait_until(PATIENCE, "the draft is written", || {
        drafts(state.path())
            .iter()
            .any(|draft| draft.contains(&words))
    });
    console.signal(Signal::KILL);
    console.end();
    assert_offered(&host, &domain, state.path(), &words);
}

#[test]
fn a_text_survives_its_terminal() {
    let host = Lab::get().own_host("pty-hangs");
    let state = TempDir::new().unwrap();
    let domain = host.tiny("hung");
    let mut console = edit(&host, &domain, state.path());
    let words = type_something(&console);
    // Without waiting for anything: the last key counts.
    console.hang_up();
    assert_eq!(console.code(), 129);
    assert!(
        drafts(state.path())
            .iter()
            .any(|draft| draft.contains(&words))
    );
    assert_offered(&host, &domain, state.path(), &words);
}

#[test]
fn a_password_is_never_on_the_screen_nor_lost() {
    let host = Lab::get().own_host("pty-hides");
    let state = TempDir::new().unwrap();
    let domain = host.tiny_with(
        "hidden",
        "<graphics type='vnc' autoport='yes' passwd='geheim77'/><video><model type='vga'/></video>",
    );
    let console = edit(&host, &domain, state.path());
    find(&console, "passwd=");
    console.wait_for("passwd='••••••'");
    find(&console, "destroy</on_crash>");
    console.send(b"preserve</on_crash>");
    console.press("<C-s>");
    console.wait_for("Save domain");
    console.press("t");
    console.wait_for("preserve");
    console.press("<Enter>");
    console.wait_for("is saved");
    assert!(inactive(&host, &domain).contains("geheim77"));
    let raw = String::from_utf8_lossy(&console.raw()).into_owned();
    assert!(!raw.contains("geheim77"));
    assert!(!console.home().log().contains("geheim77"));
}
