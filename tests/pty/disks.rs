//! Disks of real guests, managed by keys before a person's eyes.

use crate::harness::{Session, Setup, leave};
use crate::support::lab::{Lab, control, unique};
use crate::support::linux::{BOOT, Guest};
use crate::support::wait::wait_until;
use crate::support::watched::PATIENCE;

/// The page of the disks of a domain.
fn page(uri: &str, name: &str) -> Session {
    let console = Setup::virtty(&["-c", uri]).size(80, 24).start();
    console.wait_for(name);
    console.press("/");
    console.press(name);
    console.press("<Enter>");
    console.press("w");
    console.wait_for(&format!("Disks of {name}"));
    console
}

#[test]
fn a_running_guest_has_its_disks_committed_plugged_in_and_resized_by_keys() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let more = format!("{name}-b.qcow2");
    let made = [
        "vol-create-as",
        "default",
        &more,
        "16M",
        "--format",
        "qcow2",
    ];
    guest.host.virsh(&made);
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
    let form = console.wait_for("Commit layers of vda");
    assert!(
        form.has("active: ") && form.has("lowest: "),
        "{}",
        form.text()
    );
    console.press("<Enter>");
    console.wait_gone(".over");
    assert_eq!(guest.chain(), base);
    assert_eq!((guest.checksum("old"), guest.checksum("new")), (old, new));
    // Another disk is plugged in, in the format that its pool knows.
    console.press("+");
    console.wait_for("Attach a disk to");
    console.press("<Tab>");
    let path = format!("/var/lib/libvirt/images/{more}");
    console.press(&path);
    // The last line of the form is what the pool says of it.
    console.wait_for("16M, qcow2");
    console.press("<Enter>");
    console.wait_gone("Attach a disk to");
    console.wait_for("── vda");
    console.wait_for("▌vda");
    let sectors = || guest.inside("cat /sys/block/vdb/size 2>/dev/null || echo none");
    wait_until(PATIENCE, "the guest sees it", || {
        sectors().trim() == "32768"
    });
    console.wait_for(" vdb  disk");
    console.press("G");
    console.wait_for("── vdb");
    console.press("R");
    console.wait_for("Resize vdb");
    console.press("<C-u>");
    console.press("32M");
    console.press("<Enter>");
    console.wait_gone("Resize vdb");
    wait_until(PATIENCE, "the guest sees the new size", || {
        sectors().trim() == "65536"
    });
    console.press("-");
    console.wait_for("Detach vdb");
    console.press("<Enter>");
    console.wait_for("Detach   y");
    console.press("y");
    console.wait_gone(" vdb  disk");
    wait_until(PATIENCE, "it is out", || sectors().trim() == "none");
    guest
        .host
        .virsh(&["vol-delete", &more, "--pool", "default"]);
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
fn a_disc_is_put_into_a_drive_and_taken_out_by_keys() {
    let host = Lab::get().main();
    let drive = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>";
    let domain = host.tiny_with("drive", drive);
    domain.start();
    let name = domain.name.as_str();
    let disc = unique("disc");
    host.virsh(&["vol-create-as", "default", &disc, "1M"]);
    let sda = || host.virsh(&["domblklist", name]);
    let console = page(&host.uri, name);
    console.wait_for("▌sda");
    console.press("o");
    console.wait_for("It is empty.");
    console.press("<Tab>");
    console.press(&format!("/var/lib/libvirt/images/{disc}"));
    console.press("<Enter>");
    console.wait_gone("It is empty.");
    wait_until(PATIENCE, "the disc is in", || sda().contains(&disc));
    console.wait_for(&disc);
    console.press("o");
    console.wait_for("In it is");
    console.press("<Enter>");
    console.wait_gone("In it is");
    wait_until(PATIENCE, "the disc is out", || !sda().contains(&disc));
    host.virsh(&["vol-delete", &disc, "--pool", "default"]);
    leave(console);
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
