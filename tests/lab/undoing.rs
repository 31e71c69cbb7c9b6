//! Domains that are made by halves and then not, and what follows one that was made: what is left behind is nothing, and what
//! is waited for comes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::lab::{Host, Lab, OwnHost, control, unique};
use crate::support::wait::{BOOT, wait_until};

fn begun(host: &Host, words: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri, "create"])
        .args(words)
        .env("XDG_STATE_HOME", "/nonexistent")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The rest of what it says, and whether it ended well.
fn ended(mut child: Child) -> (bool, String) {
    let mut said = String::new();
    let mut errors = child.stderr.take().unwrap();
    errors.read_to_string(&mut said).unwrap();
    (child.wait().unwrap().success(), said)
}

fn pool(host: &Host, name: &str, folder: &str) {
    host.virsh(&["pool-create-as", name, "dir", "--target", folder, "--build"]);
}

/// Nothing is there: no domain, no volume of these pools.
fn is_bare(host: &Host, pools: &[&str]) {
    assert_eq!(host.virsh(&["list", "--all", "--name"]).trim(), "");
    for name in pools {
        host.virsh(&["pool-refresh", name]);
        assert_eq!(host.virsh(&["vol-list", name]).trim(), "");
    }
}

fn own_host(purpose: &str) -> OwnHost {
    let host = Lab::get().own_host(purpose);
    pool(&host, "default", "/var/lib/libvirt/images");
    host
}

#[test]
fn a_disk_that_is_full_in_the_middle_leaves_nothing_behind() {
    let host = Lab::get().own_host("fullmake");
    let name = unique("full");
    // A file system of 4 MiB, without the guest that came with it.
    control(&["full", &name, &host.name]);
    host.virsh(&["destroy", &name]);
    host.virsh(&["undefine", &name]);
    let small = "/var/lib/libvirt/images/small";
    pool(&host, "small", small);
    host.virsh(&["vol-delete", &format!("{name}.img"), "--pool", "small"]);
    host.virsh(&["pool-destroy", "small"]);
    // Each of them is told the same room.
    pool(&host, "one", &format!("{small}/one"));
    pool(&host, "other", &format!("{small}/other"));
    let disk = |pool: &str| format!("pool={pool},size=3M,format=raw,sparse=no");
    let words = [
        "--name",
        "half",
        "--memory",
        "64",
        "--network",
        "none",
        "--disk",
        &disk("one"),
        "--disk",
        &disk("other"),
    ];
    let (well, said) = ended(begun(&host, &words));
    assert!(!well, "{said}");
    assert!(said.contains("No space left"), "{said}");
    assert!(
        said.contains("all that was made is deleted again"),
        "{said}"
    );
    is_bare(&host, &["one", "other"]);
}

#[test]
fn who_is_interrupted_leaves_nothing_behind() {
    let host = own_host("interrupt");
    let mut words = vec!["--name", "half", "--memory", "64", "--network", "none"];
    for _ in 0..24 {
        words.extend(["--disk", "size=0.01"]);
    }
    for signal in [Signal::INT, Signal::TERM] {
        let mut child = begun(&host, &words);
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("half-1") {
            assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        lines.read_to_string(&mut said).unwrap();
        assert!(!child.wait().unwrap().success(), "{said}");
        assert!(said.contains("interrupted"), "{said}");
        assert!(
            said.contains("all that was made is deleted again"),
            "{said}"
        );
        is_bare(&host, &["default"]);
    }
}

#[test]
fn the_end_of_an_installation_is_waited_for() {
    let host = own_host("waited");
    let boot = Path::new(Lab::get().folder()).join("boot");
    let kernel = format!("kernel={0}/vmlinuz,initrd={0}/initrd", boot.display());
    let runs = || {
        host.virsh(&["list", "--state-running", "--name"])
            .contains("waited")
    };
    let words = [
        "--name",
        "waited",
        "--memory",
        "64",
        "--network",
        "none",
        "--disk",
        "size=0.01",
        "--install",
        &kernel,
        "--wait",
    ];
    let child = begun(&host, &words);
    wait_until(BOOT, "it is installed", runs);
    assert!(host.virsh(&["dumpxml", "waited"]).contains("<kernel>"));
    host.virsh(&["destroy", "waited"]);
    let (well, said) = ended(child);
    assert!(well, "{said}");
    // Started anew, from its disk.
    assert!(runs() && !host.virsh(&["dumpxml", "waited"]).contains("<kernel>"));
    host.virsh(&["destroy", "waited"]);
    host.virsh(&["undefine", "waited", "--remove-all-storage"]);
    // One that nothing defines is gone when it stops.
    let words = [
        "--name",
        "waited",
        "--memory",
        "64",
        "--network",
        "none",
        "--disk",
        "none",
        "--transient",
        "--wait",
    ];
    let child = begun(&host, &words);
    wait_until(BOOT, "it runs", runs);
    assert!(
        host.virsh(&["dominfo", "waited"])
            .lines()
            .any(|line| line.starts_with("Persistent:") && line.ends_with("no"))
    );
    host.virsh(&["destroy", "waited"]);
    let (well, said) = ended(child);
    assert!(well, "{said}");
    is_bare(&host, &["default"]);
}
