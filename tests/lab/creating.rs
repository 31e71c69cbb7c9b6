//! Domains made by `virtty create` on a real host.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::lab::Lab;
use crate::support::wait::{BOOT, wait_until};

fn create(lab: &Lab, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", lab.uri(), "create"])
        .args(words)
        .env("XDG_STATE_HOME", "/nonexistent")
        .output()
        .unwrap()
}

fn virsh(lab: &Lab, words: &[&str]) -> (bool, String) {
    let output = lab.main().try_virsh(words);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text)
}

/// Deletes a domain with all it has, whatever the test came to.
struct Removed<'a>(&'a Lab, &'a str);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        virsh(self.0, &["destroy", self.1]);
        virsh(self.0, &["undefine", self.1, "--remove-all-storage"]);
    }
}

#[test]
fn a_guest_made_of_kernel_and_disks_boots_and_its_agent_answers() {
    let lab = Lab::get();
    let name = "made-by-kernel";
    let _removed = Removed(lab, name);
    let boot = Path::new(lab.folder()).join("boot");
    let kernel = format!("kernel={0}/vmlinuz,initrd={0}/initrd", boot.display());
    let made = create(
        lab,
        &[
            "--name",
            name,
            "--memory",
            "128",
            "--disk",
            "size=0.02",
            "--disk",
            "size=0.01,format=raw,bus=sata",
            "--boot",
            &kernel,
            "--extra-args",
            "console=ttyS0 quiet rdinit=/init virtty.name=made",
        ],
    );
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    wait_until(BOOT, "the guest agent", || {
        let ping = r#"{"execute":"guest-ping"}"#;
        virsh(lab, &["qemu-agent-command", name, ping]).0
    });
    let (_, volumes) = virsh(lab, &["vol-list", "default"]);
    assert!(volumes.contains("made-by-kernel.qcow2"), "{volumes}");
    assert!(volumes.contains("made-by-kernel-1.img"), "{volumes}");
}

#[test]
fn a_start_that_fails_leaves_nothing_behind() {
    let lab = Lab::get();
    let before = virsh(lab, &["vol-list", "default"]).1;
    let made = create(
        lab,
        &[
            "--name",
            "never-made",
            "--memory",
            "64",
            "--disk",
            "size=0.01",
            "--network",
            "none",
            "--boot",
            "kernel=/nonexistent",
            "--cloud-init",
            "user=ann",
        ],
    );
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(!made.status.success(), "{said}");
    assert!(
        said.contains("all that was made is deleted again"),
        "{said}"
    );
    assert!(!virsh(lab, &["dominfo", "never-made"]).0);
    let after = virsh(lab, &["vol-list", "default"]).1;
    for volume in ["never-made.qcow2", "never-made-seed.iso"] {
        assert!(!after.contains(volume), "{before}\n{after}");
    }
}
