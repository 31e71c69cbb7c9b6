//! Disks of real guests, managed by keys before a person's eyes.

use crate::harness::{Sequences, Session, Setup};
use crate::support::lab::{Lab, control, unique};
use crate::support::linux::{BOOT, Guest};
use crate::support::wait::wait_until;
use crate::support::watched::PATIENCE;

/// The page of the disks of a domain.
fn page(uri: &str, name: &str) -> Session {
    let console = Setup::virtty(&["-c", uri]).size(100, 30).start();
    console.wait_for(name);
    console.press("/");
    console.press(name);
    console.press("<Enter>");
    console.press("w");
    console.wait_for(&format!("Disks of {name}"));
    console
}

#[track_caller]
fn leave(mut console: Session) {
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
    Sequences::of(&console.raw()).assert_harmless();
}

#[test]
fn an_overlay_is_committed_by_a_key_and_the_guest_keeps_its_data() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let base = guest.chain();
    let old = guest.writes("old");
    let create = [
        "snapshot-create-as",
        name,
        "over",
        "--disk-only",
        "--no-metadata",
    ];
    guest.host.virsh(&create);
    let new = guest.writes("new");
    assert_eq!(guest.chain().len(), 2);
    let console = page(&guest.host.uri, name);
    console.wait_for(".over");
    console.press("C");
    console.wait_for("--active --pivot");
    console.press("<Enter>");
    console.wait_for("Commit");
    console.wait_gone(".over");
    assert_eq!(guest.chain(), base);
    assert_eq!((guest.checksum("old"), guest.checksum("new")), (old, new));
    // The log has the command of virsh.
    console.press("L");
    console.wait_for("blockcommit");
    console.press("<Esc>");
    leave(console);
    guest.host.virsh(&["pool-refresh", "default"]);
    guest
        .host
        .try_virsh(&["vol-delete", &format!("{name}.over"), "--pool", "default"]);
}

#[test]
fn a_guest_whose_storage_is_full_says_why_and_goes_on_by_a_key() {
    let host = Lab::get().own_host("pty-full");
    let name = unique("full");
    control(&["full", &name, &host.name]);
    let folder = "/var/lib/libvirt/images/small";
    host.virsh(&["pool-create-as", "small", "dir", "--target", folder]);
    let state = || host.virsh(&["domstate", &name]);
    wait_until(BOOT, "the guest waits", || state().contains("paused"));
    let console = page(&host.uri, &name);
    let screen = console.wait_for("Paused by an I/O error");
    assert!(
        screen.has("vda has no space") && screen.has("pool small is"),
        "{}",
        screen.text()
    );
    // Without room it stops at once again, and says so again.
    let remount = ["mount", "-o", "remount,size=96m", folder];
    control(&[&["inside", host.name.as_str()][..], &remount].concat());
    console.press("u");
    console.wait_gone("Paused by an I/O error");
    wait_until(PATIENCE, "the guest goes on", || {
        state().contains("running")
    });
    leave(console);
}
