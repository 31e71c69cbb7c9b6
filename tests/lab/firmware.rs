//! UEFI, secure boot and a TPM, as far as packages carry them: ovmf and swtpm.

use std::process::Command;

use virtty::hardware::Hardware;

use crate::hardware::Guest;
use crate::support::lab::{Lab, unique};

#[test]
fn a_guest_boots_by_uefi_and_finds_its_tpm() {
    let lab = Lab::get();
    let guest = Guest::start_by(lab, "uefi,", &["--memory", "160", "--tpm", "default"]);
    let seen = guest.prints("ls -d /sys/firmware/efi /sys/firmware/acpi/tables/TPM2 /dev/tpm0");
    let seen = seen.expect("what the guest sees");
    for path in ["/sys/firmware/efi", "/tables/TPM2", "/dev/tpm0"] {
        assert!(seen.contains(path), "{seen}");
    }
    // What libvirt has chosen runs; nothing of it is a change that waits.
    let (live, next) = guest.definitions();
    let hardware = Hardware::read(Some(&live), Some(&next)).unwrap();
    assert_eq!(hardware.waiting(), 0, "{live}\n{next}");
}

#[test]
fn secure_boot_starts_with_keys_and_a_host_without_it_says_so() {
    let lab = Lab::get();
    let name = unique("secure");
    let create = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", lab.uri(), "create", "--name", &name])
            .args(["--memory", "64", "--disk", "none", "--network", "none"])
            .args(["--boot", "uefi,secure-boot=yes"])
            .args(more)
            .env("XDG_STATE_HOME", "/nonexistent")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    };
    // Firmware with secure boot is made for q35 alone: what libvirt says of another machine is told, and nothing is left.
    let (good, said) = create(&["--machine", "pc"]);
    assert!(!good && said.contains("deleted again"), "{said}");
    assert!(!lab.main().try_virsh(&["dominfo", &name]).status.success());
    let (good, said) = create(&[]);
    assert!(good, "{said}");
    let text = lab.main().virsh(&["dumpxml", &name]);
    lab.main().virsh(&["destroy", &name]);
    lab.main().virsh(&["undefine", "--nvram", &name]);
    assert!(text.contains("secure='yes'"), "{text}");
    assert!(text.contains("<smm state='on'/>"), "{text}");
}
