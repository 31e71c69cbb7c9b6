//! Clones made by `virtty clone` on real hosts.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::lab::{Host, Lab, unique};
use crate::support::wait::{BOOT, wait_until};

fn virtty(host: &Host, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_virtty"));
    command
        .args(["-c", &host.uri])
        .args(words)
        .env("XDG_STATE_HOME", "/nonexistent");
    command
}

fn well(host: &Host, words: &[&str]) -> String {
    let output = virtty(host, words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    said
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A guest that boots from the lab's kernel, with one disk, off.
fn original(lab: &Lab, host: &Host, name: &str, disk: &str) {
    let boot = Path::new(lab.folder()).join("boot");
    let kernel = format!("kernel={0}/vmlinuz,initrd={0}/initrd", boot.display());
    let arguments = "console=ttyS0 quiet rdinit=/init virtty.name=clone";
    well(
        host,
        &[
            "create",
            "--name",
            name,
            "--memory",
            "128",
            "--disk",
            disk,
            "--network",
            "none",
            "--boot",
            &kernel,
            "--extra-args",
            arguments,
            "--no-start",
        ],
    );
}

fn volumes(host: &Host) -> Vec<String> {
    let _ = host.try_virsh(&["pool-refresh", "default"]);
    let list = host.virsh(&["vol-list", "default"]);
    let names = list
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// The bytes of a volume.
fn bytes(host: &Host, volume: &str) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    host.virsh(&["vol-download", "--pool", "default", volume, path]);
    fs::read(path).unwrap()
}

/// Writes random bytes into the first part of a volume.
fn fill(host: &Host, volume: &str, mib: usize) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut random = fs::File::open("/dev/urandom").unwrap().take(1 << 20);
    let mut piece = Vec::new();
    random.read_to_end(&mut piece).unwrap();
    fs::write(file.path(), piece.repeat(mib)).unwrap();
    let path = file.path().to_str().unwrap();
    host.virsh(&["vol-upload", "--pool", "default", volume, path]);
}

/// What a command of a guest prints, by its agent.
fn inside(host: &Host, name: &str, command: &str) -> Option<serde_json::Value> {
    let ask = |text: &serde_json::Value| {
        let output = host.try_virsh(&["qemu-agent-command", name, &text.to_string()]);
        serde_json::from_slice::<serde_json::Value>(&output.stdout).ok()
    };
    let begun = ask(&serde_json::json!({
        "execute": "guest-exec",
        "arguments": { "path": "/bin/sh", "arg": ["-c", command], "capture-output": true }
    }))?;
    let pid = begun["return"]["pid"].as_u64()?;
    let mut answer = serde_json::Value::Null;
    wait_until(Duration::from_secs(30), "the command in the guest", || {
        let status = ask(&serde_json::json!({
            "execute": "guest-exec-status", "arguments": { "pid": pid }
        }));
        answer = status.map_or(serde_json::Value::Null, |status| status["return"].clone());
        answer["exited"] == true
    });
    Some(answer)
}

/// Deletes domains with all they have, whatever the test came to.
struct Removed<'a>(&'a Host, Vec<String>);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        for name in &self.1 {
            let _ = self.0.try_virsh(&["destroy", name]);
            let _ = self
                .0
                .try_virsh(&["undefine", name, "--remove-all-storage", "--nvram"]);
        }
    }
}

#[test]
fn copies_are_whole_and_machines_of_their_own() {
    let lab = Lab::get();
    let host = lab.main();
    let base = unique("copied");
    let names: Vec<String> = (1..=2).map(|number| format!("{base}-{number}")).collect();
    let _removed = Removed(host, [names.clone(), vec![base.clone()]].concat());
    original(lab, host, &base, "size=0.0625,format=raw");
    fill(host, &format!("{base}.img"), 3);
    well(
        host,
        &["clone", &base, "--name", &format!("{base}-{{1..2}}")],
    );
    let whole = bytes(host, &format!("{base}.img"));
    let mut uuids = vec![host.virsh(&["domuuid", &base])];
    for name in &names {
        assert!(
            bytes(host, &format!("{name}.img")) == whole,
            "{name} is not a copy"
        );
        uuids.push(host.virsh(&["domuuid", name]));
    }
    // What has holes keeps them.
    let info = host.virsh(&[
        "vol-info",
        "--bytes",
        "--pool",
        "default",
        &format!("{base}-1.img"),
    ]);
    let allocation: u64 = info
        .lines()
        .find_map(|line| {
            line.strip_prefix("Allocation:")?
                .trim()
                .trim_end_matches(" bytes")
                .parse()
                .ok()
        })
        .unwrap();
    assert!(allocation < 8 << 20, "{info}");
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), 3);
}

#[test]
fn layers_below_a_disk_are_copied_into_one_file() {
    let lab = Lab::get();
    let host = lab.main();
    let base = unique("layered");
    let (top, copy) = (format!("{base}-top"), format!("{base}-copy"));
    let _removed = Removed(host, vec![copy.clone(), top.clone(), base.clone()]);
    original(lab, host, &base, "size=0.03125,format=raw");
    fill(host, &format!("{base}.img"), 2);
    well(host, &["clone", &base, "--name", &top, "--linked"]);
    well(host, &["clone", &top, "--name", &copy]);
    let xml = host.virsh(&["vol-dumpxml", "--pool", "default", &format!("{copy}.qcow2")]);
    assert!(!xml.contains("backingStore"), "{xml}");
    host.virsh(&["undefine", &top, "--remove-all-storage"]);
    well(host, &["clone", &base, "--free"]);
}

#[test]
fn a_linked_clone_boots_and_its_base_stays_untouched() {
    let lab = Lab::get();
    let host = lab.main();
    let base = unique("base");
    let name = format!("{base}-linked");
    let _removed = Removed(host, vec![name.clone(), base.clone()]);
    original(lab, host, &base, "size=0.0625,format=raw");
    fill(host, &format!("{base}.img"), 3);
    let before = bytes(host, &format!("{base}.img"));
    well(
        host,
        &["clone", &base, "--name", &name, "--linked", "--start"],
    );
    wait_until(BOOT, "the guest agent", || {
        let ping = r#"{"execute":"guest-ping"}"#;
        host.try_virsh(&["qemu-agent-command", &name, ping])
            .status
            .success()
    });
    let write = "dd if=/dev/zero of=/dev/vda bs=65536 count=8 && sync && dd if=/dev/vda bs=65536 count=8 | md5sum";
    let answer = inside(host, &name, write).unwrap();
    assert_eq!(answer["exitcode"], 0, "{answer}");
    assert!(
        bytes(host, &format!("{base}.img")) == before,
        "the base was written"
    );
    let start = virtty(host, &["start", &base]).output().unwrap();
    assert!(
        !start.status.success() && said(&start).contains("base of linked clones"),
        "{}",
        said(&start)
    );
    let free = virtty(host, &["clone", &base, "--free"]).output().unwrap();
    assert!(said(&free).contains("still based on"), "{}", said(&free));
    host.virsh(&["destroy", &name]);
    host.virsh(&["undefine", &name, "--remove-all-storage"]);
    well(host, &["clone", &base, "--free"]);
    well(host, &["start", &base]);
}

#[test]
fn a_start_that_fails_takes_all_clones_back_and_frees_the_base() {
    let lab = Lab::get();
    let host = lab.main();
    let base = unique("failing");
    let _removed = Removed(
        host,
        vec![base.clone(), format!("{base}-1"), format!("{base}-2")],
    );
    well(
        host,
        &[
            "create",
            "--name",
            &base,
            "--memory",
            "64",
            "--disk",
            "size=0.01",
            "--network",
            "none",
            "--boot",
            "kernel=/nonexistent",
            "--no-start",
        ],
    );
    let xml = host.virsh(&["dumpxml", "--inactive", &base]);
    let cloned = virtty(
        host,
        &[
            "clone",
            &base,
            "--name",
            &format!("{base}-{{1..2}}"),
            "--linked",
            "--start",
        ],
    )
    .output()
    .unwrap();
    assert!(!cloned.status.success());
    assert!(
        said(&cloned).contains("all that was made is deleted again"),
        "{}",
        said(&cloned)
    );
    assert_eq!(host.virsh(&["dumpxml", "--inactive", &base]), xml);
    let left: Vec<String> = volumes(host)
        .into_iter()
        .filter(|name| name.starts_with(&base))
        .collect();
    assert_eq!(left, [format!("{base}.qcow2")]);
    assert!(
        !host
            .virsh(&["list", "--all", "--name"])
            .contains(&format!("{base}-"))
    );
}

/// A clone in the middle of a copy that takes a while.
fn in_the_middle(host: &Host) -> (Child, BufReader<std::process::ChildStderr>) {
    let pool = ["pool-create-as", "default", "dir", "--target"];
    host.virsh(&[&pool[..], &["/var/lib/libvirt/images", "--build"]].concat());
    host.virsh(&[
        "vol-create-as",
        "default",
        "big.img",
        "600M",
        "--format",
        "raw",
    ]);
    fill(host, "big.img", 600);
    let xml = crate::support::lab::tiny_xml(
        "big",
        "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/var/lib/libvirt/images/big.img'/>\
         <target dev='vda' bus='virtio'/></disk>",
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), xml).unwrap();
    host.virsh(&["define", file.path().to_str().unwrap()]);
    let mut child = virtty(host, &["clone", "big", "--name", "copy"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("Copy ") {
        line.clear();
        assert!(
            lines.read_line(&mut line).unwrap() > 0,
            "it ended before the copy"
        );
    }
    wait_until(Duration::from_secs(30), "the new volume", || {
        host.try_virsh(&["vol-info", "copy.img", "--pool", "default"])
            .status
            .success()
    });
    (child, lines)
}

fn nothing_is_left(host: &Host, mut child: Child, mut lines: BufReader<std::process::ChildStderr>) {
    let mut said = String::new();
    lines.read_to_string(&mut said).unwrap();
    assert!(!child.wait().unwrap().success(), "{said}");
    assert!(
        said.contains("all that was made is deleted again"),
        "{said}"
    );
    assert_eq!(volumes(host), ["big.img"]);
    assert_eq!(host.virsh(&["list", "--all", "--name"]).trim(), "big");
}

#[test]
fn a_copy_that_is_stopped_leaves_nothing_behind() {
    let host = Lab::get().own_host("stopcopy");
    let (child, lines) = in_the_middle(&host);
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    nothing_is_left(&host, child, lines);
}

#[test]
fn a_daemon_killed_in_the_middle_of_a_copy_leaves_nothing_behind() {
    let host = Lab::get().own_host("killcopy");
    let (child, lines) = in_the_middle(&host);
    // Held while the daemon dies, so that it is not done before.
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    host.kill_daemon();
    host.start_daemon();
    kill_process(pid, Signal::CONT).unwrap();
    nothing_is_left(&host, child, lines);
}
