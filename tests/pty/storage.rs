//! Volumes and snapshots of a real host, managed by keys before a person's eyes.

use crate::harness::{Setup, leave};
use crate::support::lab::{Host, Lab, unique};
use crate::support::wait::wait_until;
use crate::support::watched::PATIENCE;

fn volumes(host: &Host, pool: &str) -> Vec<String> {
    host.virsh(&["pool-refresh", pool]);
    let listed = host.virsh(&["vol-list", pool]);
    let names = listed
        .lines()
        .filter_map(|row| row.split_whitespace().next());
    names.map(str::to_owned).collect()
}

#[test]
fn volumes_are_resized_and_copied_and_one_that_another_deletes_is_told() {
    let host = Lab::get().own_host("pty-storage");
    let folder = "/var/lib/libvirt/images";
    host.virsh(&["pool-create-as", "heap", "dir", "--target", folder]);
    for name in ["aa-one", "ab-two"] {
        host.virsh(&["vol-create-as", "heap", name, "1M"]);
    }
    let before = volumes(&host, "heap");
    let console = Setup::virtty(&["-c", &host.uri]).size(160, 40).start();
    console.wait_for("Active");
    console.press("S");
    console.wait_for("heap");
    console.press("<Enter>");
    console.wait_for("ab-two");
    console.press("R");
    console.wait_for("It has 1.0M now.");
    console.press("<C-u>");
    console.press("4M");
    console.wait_for("--capacity 4194304");
    console.press("<Enter>");
    console.wait_gone("It has 1.0M now.");
    let info = || host.virsh(&["vol-info", "aa-one", "--pool", "heap"]);
    wait_until(PATIENCE, "the new size", || info().contains("4.00 MiB"));
    console.press("c");
    console.wait_for("Copy aa-one of heap");
    console.press("<C-u>");
    console.press("ac-three");
    console.wait_for("--newname ac-three");
    console.press("<Enter>");
    console.wait_gone("Copy aa-one of heap");
    wait_until(PATIENCE, "the copy", || {
        volumes(&host, "heap").contains(&"ac-three".to_owned())
    });
    // Between the question and the answer somebody else deletes it.
    console.press("j");
    console.press("<Delete>");
    console.wait_for("DELETED");
    host.virsh(&["vol-delete", "ab-two", "--pool", "heap"]);
    console.press("y");
    console.wait_for("no storage vol");
    let mut left = before;
    left.retain(|name| name != "ab-two");
    left.push("ac-three".to_owned());
    left.sort();
    let mut now = volumes(&host, "heap");
    now.sort();
    assert_eq!(now, left, "nothing else went");
    leave(console);
}

#[test]
fn snapshots_are_gone_back_to_and_deleted_whatever_they_are_called() {
    let lab = Lab::get();
    let host = lab.main();
    let volume = unique("pty-snapshots");
    let create = [
        "vol-create-as",
        "default",
        &volume,
        "10M",
        "--format",
        "qcow2",
    ];
    host.virsh(&create);
    let _volume = Made(host, volume.clone());
    let path = host.virsh(&["vol-path", &volume, "--pool", "default"]);
    let disk = format!(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{}'/>\
         <target dev='vda' bus='virtio'/></disk>",
        path.trim()
    );
    let domain = host.tiny_with("snapshots", &disk);
    domain.start();
    let name = domain.name.as_str();
    let names = ["one", "-rf", " x\u{202e}y", "a\nb", "last"];
    for snapshot in names {
        host.virsh(&["snapshot-create-as", name, &format!("--name={snapshot}")]);
    }
    let known = || host.virsh(&["snapshot-list", name, "--name"]);
    let console = Setup::virtty(&["-c", &host.uri]).size(100, 30).start();
    console.wait_for(name);
    console.press("/");
    console.press(name);
    console.press("<Enter>");
    console.press("z");
    console.wait_for("last (current)");
    let screen = console.wait_for("a\\nb");
    assert!(screen.has("' x\\u{202e}y'"), "{}", screen.text());
    // The second one, whose name looks like an option.
    for key in ["g", "j", "<Enter>"] {
        console.press(key);
    }
    console.wait_for("As it was");
    console.press("j");
    console.press("<Enter>");
    console.wait_gone("As it was");
    console.press("y");
    wait_until(PATIENCE, "it goes back", || {
        host.virsh(&["snapshot-current", name, "--name"]).trim() == "-rf"
    });
    console.wait_for("-rf (current)");
    // All go, the first one first, each by its own name.
    for (at, gone) in names.iter().enumerate() {
        let all = names.len() - at;
        console.press("g");
        // The place in the footer, not the count in the header.
        console.wait_for(&format!("  1/{all}"));
        console.press("<Delete>");
        console.wait_for("This one");
        console.press("<Enter>");
        console.wait_gone("This one");
        console.press("y");
        wait_until(PATIENCE, &format!("{gone:?} goes"), || {
            let listed = host.virsh(&["snapshot-list", name]);
            listed.lines().filter(|line| line.contains(" 20")).count() == all - 1
        });
    }
    console.wait_for("has no snapshots");
    assert_eq!(known().trim(), "");
    leave(console);
}

/// A volume of the pool default, deleted when the test ends.
struct Made<'a>(&'a Host, String);

impl Drop for Made<'_> {
    fn drop(&mut self) {
        self.0
            .try_virsh(&["vol-delete", &self.1, "--pool", "default"]);
    }
}
