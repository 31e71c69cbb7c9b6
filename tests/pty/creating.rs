//! A new domain by its form, with the keyboard alone, until its guest has booted.

use std::time::Duration;

use crate::harness::{Sequences, Session, Setup};
use crate::support::lab::{Host, Lab, unique};
use crate::support::wait::{BOOT, wait_until};

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

/// Goes to a field as a person would: down, until what is said of it is read.
#[track_caller]
fn go_to(console: &Session, words: &str) {
    for _ in 0..70 {
        if console.quiet(Duration::from_millis(40)).has(words) {
            return;
        }
        console.press("<Tab>");
    }
    panic!("no way to {words}\n{}", console.screen().text());
}

/// The same of a choice, which has marks while one is at it.
#[track_caller]
fn go_to_choice(console: &Session, label: &str) {
    for _ in 0..70 {
        let screen = console.quiet(Duration::from_millis(40));
        let mut lines = (0..screen.rows.len()).map(|line| screen.line(line));
        if lines.any(|line| line.contains('‹') && line.contains(label)) {
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
    go_to_choice(&console, "It comes from");
    choose(&console, "a kernel, for every");
    go_to(&console, "A path on the host.");
    // A path that is none is told at its field, and stays to be mended.
    console.press("boot/vmlinuz");
    console.wait_for("'boot/vmlinuz'");
    console.press("<Enter>");
    let screen = console.wait_for("is not a whole");
    assert!(screen.has("boot/vmlinuz"), "{}", screen.text());
    assert!(!host.try_virsh(&["dominfo", &name]).status.success());
    go_to(&console, "A path on the host.");
    write(&console, &format!("{}/boot/vmlinuz", lab.folder()));
    go_to(&console, "may be empty.");
    write(&console, &format!("{}/boot/initrd", lab.folder()));
    go_to(&console, "Such as console=ttyS0");
    write(
        &console,
        &format!("console=ttyS0 quiet rdinit=/init virtty.name={name}"),
    );
    go_to(&console, "Such as 2G or 512M");
    // Below what a field takes: told with the bounds, nothing typed is lost.
    write(&console, "12");
    console.press("<Enter>");
    console.wait_for("At least 1.0M");
    assert!(console.screen().has(&name), "{}", console.screen().text());
    go_to(&console, "Such as 2G or 512M");
    write(&console, "128M");
    go_to_choice(&console, "Disk ");
    choose(&console, "none");
    console.press("<Enter>");
    wait_until(BOOT, "the guest agent", || {
        let ping = r#"{"execute":"guest-ping"}"#;
        host.try_virsh(&["qemu-agent-command", &name, ping])
            .status
            .success()
    });
    // Its serial console was opened, and its shell answers.
    wait_until(BOOT, "a prompt of the guest", || {
        console.press("<Enter>");
        console.quiet(Duration::from_millis(300)).has("/ #")
    });
    console.press("echo bo''oted<Enter>");
    console.wait_for("booted");
    console.signal(rustix::process::Signal::TERM);
    let _ = console.end();
    Sequences::of(&console.raw()).assert_harmless();
}
