//! A new domain by its form, with the keyboard alone, until its guest has booted.

use std::time::Duration;

use crate::harness::{Screen, Sequences, Session, Setup};
use crate::support::lab::{Host, Lab, unique};
use crate::support::wait::wait_until;

/// Deletes what was made, whatever the test came to.
struct Removed<'a>(&'a Host, String);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        let _ = self.0.try_virsh(&["destroy", &self.1]);
        let _ = self
            .0
            .try_virsh(&["undefine", &self.1, "--remove-all-storage"]);
    }
}

/// Whether the present field is the one of this label: it has the cursor, or the marks of a choice.
fn is_at(screen: &Screen, label: &str) -> bool {
    let cursor = screen.line(usize::try_from(screen.cursor.line.0).unwrap_or(0));
    let begins = |line: &str| {
        line.trim_start_matches(['│', '┃', '|', ' '])
            .starts_with(label)
    };
    let mut lines = (0..screen.rows.len()).map(|line| screen.line(line));
    begins(&cursor) || lines.any(|line| line.contains('‹') && begins(&line))
}

/// Goes to a field as a person would: down, looking.
#[track_caller]
fn go_to(console: &Session, label: &str) {
    for _ in 0..70 {
        if is_at(&console.quiet(Duration::from_millis(40)), label) {
            return;
        }
        console.press("<Tab>");
    }
    panic!("no way to {label}\n{}", console.screen().text());
}

/// Chooses until the field shows these words.
#[track_caller]
fn choose(console: &Session, words: &str) {
    for _ in 0..12 {
        let screen = console.quiet(Duration::from_millis(40));
        if screen.line_with("‹").contains(words) {
            return;
        }
        console.press("<Right>");
    }
    panic!("no choice {words}\n{}", console.screen().text());
}

/// Types over what stands in the present field.
fn write(console: &Session, text: &str) {
    console.press("<C-u>");
    console.press(text);
}

#[test]
fn a_domain_is_made_by_the_keyboard_at_80x24_and_its_guest_boots() {
    let lab = Lab::get();
    let host = lab.main();
    let name = unique("typed");
    let _removed = Removed(host, name.clone());
    let mut console = Setup::virtty(&["-c", &host.uri]).size(80, 24).start();
    console.wait_for(lab.guest());
    console.press("n");
    console.wait_for("New domain");
    console.press(&name);
    console.wait_gone("Looking at what the host offers");
    go_to(&console, "It comes from");
    choose(&console, "a kernel, for every start");
    go_to(&console, "Kernel");
    // A path that is none is told at its field, and stays to be mended.
    console.press("boot/vmlinuz");
    console.press("<Enter>");
    console.wait_until("the field is called wrong", |screen| {
        is_at(screen, "Kernel") || screen.has("boot/vmlinuz")
    });
    assert!(!host.try_virsh(&["dominfo", &name]).status.success());
    go_to(&console, "Kernel");
    write(&console, &format!("{}/boot/vmlinuz", lab.folder()));
    go_to(&console, "Initrd");
    write(&console, &format!("{}/boot/initrd", lab.folder()));
    go_to(&console, "Kernel arguments");
    write(
        &console,
        &format!("console=ttyS0 quiet rdinit=/init virtty.name={name}"),
    );
    go_to(&console, "Memory");
    // Below what a field takes: told with the bounds, nothing typed is lost.
    write(&console, "12");
    console.press("<Enter>");
    console.wait_for("from 1M to 16T");
    assert!(console.screen().has(&name), "{}", console.screen().text());
    go_to(&console, "Memory");
    write(&console, "128M");
    go_to(&console, "Disk");
    choose(&console, "none");
    console.press("<Enter>");
    wait_until(Duration::from_secs(120), "the guest agent", || {
        let ping = r#"{"execute":"guest-ping"}"#;
        host.try_virsh(&["qemu-agent-command", &name, ping])
            .status
            .success()
    });
    // Its serial console was opened, and its shell answers.
    console.press("echo bo''oted<Enter>");
    console.wait_for("booted");
    console.signal(rustix::process::Signal::TERM);
    let _ = console.end();
    Sequences::of(&console.raw()).assert_harmless();
}
