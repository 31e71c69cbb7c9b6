//! Snapshots of real disks.

use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::support::lab::{Host, Lab, control, unique};
use crate::support::wait::wait_until;

/// A guest boots in emulation within this time, other tests beside it.
const PATIENCE: Duration = Duration::from_secs(120);

fn virtty(lab: &Lab, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", lab.uri()])
        .args(words)
        .env("XDG_STATE_HOME", "/nonexistent")
        .output()
        .unwrap()
}

fn well(lab: &Lab, words: &[&str]) -> String {
    let output = virtty(lab, words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?} {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(lab: &Lab, words: &[&str]) -> String {
    let output = virtty(lab, words);
    assert!(!output.status.success(), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A running domain with disks of these formats, deleted with all it has.
struct Guest<'a>(&'a Lab, String);

impl<'a> Guest<'a> {
    fn new(lab: &'a Lab, formats: &[&str]) -> Self {
        let name = unique("snapshot");
        let mut words = vec![
            "create",
            "--name",
            &name,
            "--memory",
            "32",
            "--network",
            "none",
        ];
        let disks: Vec<_> = formats
            .iter()
            .map(|format| format!("size=0.01,format={format}"))
            .collect();
        for disk in &disks {
            words.extend(["--disk", disk]);
        }
        well(lab, &words);
        Self(lab, name)
    }

    fn list(&self) -> Value {
        let listed = well(self.0, &["snapshot", "list", &self.1, "--json"]);
        serde_json::from_str(&listed).unwrap()
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        let host = self.0.main();
        host.try_virsh(&["destroy", &self.1]);
        host.try_virsh(&[
            "undefine",
            &self.1,
            "--snapshots-metadata",
            "--remove-all-storage",
        ]);
    }
}

#[test]
fn a_tree_is_taken_reverted_and_deleted_on_a_running_guest() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    for snapshot in ["one", "two", "three"] {
        well(lab, &["snapshot", "create", name, snapshot]);
    }
    well(
        lab,
        &["snapshot", "revert", name, "one", "--yes", "--paused"],
    );
    assert_eq!(well(lab, &["domstate", name]), "paused\n");
    well(
        lab,
        &[
            "snapshot",
            "create",
            name,
            // Taken in one second with "two" it stands behind it by its name.
            "two beside",
            "--description",
            "a branch",
        ],
    );
    let list = guest.list();
    let tree: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["parent"].as_str()))
        .collect();
    assert_eq!(
        tree,
        [
            ("one", None),
            ("two", Some("one")),
            ("three", Some("two")),
            ("two beside", Some("one"))
        ]
    );
    assert_eq!(list[3]["state"], "paused");
    // virsh sees the same.
    let parent = lab.main().virsh(&["snapshot-parent", name, "two beside"]);
    assert_eq!(parent.trim(), "one");
    well(
        lab,
        &["snapshot", "delete", name, "two", "--yes", "--children"],
    );
    assert_eq!(guest.list().as_array().unwrap().len(), 2);
}

#[test]
fn what_libvirt_cannot_do_is_refused_in_words_and_nothing_is_lost() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2", "raw"]);
    let name = guest.1.as_str();
    let said = refused(lab, &["snapshot", "create", name, "inside"]);
    assert!(
        said.contains("vdb is raw: internal snapshots need qcow2"),
        "{said}"
    );
    well(
        lab,
        &[
            "snapshot",
            "create",
            name,
            "outside",
            "--disk-only",
            "--atomic",
        ],
    );
    let list = guest.list();
    assert_eq!(list[0]["kind"], "external");
    assert_eq!(list[0]["state"], "disk-snapshot");
    let before = lab.main().virsh(&["domblklist", name]);
    assert!(before.contains(".outside"), "{before}");
    let said = refused(lab, &["snapshot", "revert", name, "outside", "--yes"]);
    assert!(said.contains("external"), "{said}");
    assert_eq!(lab.main().virsh(&["domblklist", name]), before);
    // Deleted, its data go down into the files below, and its own files go.
    well(lab, &["snapshot", "delete", name, "outside", "--yes"]);
    assert_eq!(guest.list(), Value::Array(Vec::new()));
    assert!(!lab.main().virsh(&["domblklist", name]).contains(".outside"));
    lab.main().virsh(&["pool-refresh", "default"]);
    let volumes = lab.main().virsh(&["vol-list", "default"]);
    assert!(!volumes.contains(&format!("{name}.outside")), "{volumes}");
}

/// Chains of the disks as libvirt tells them, the active file first.
fn chain(lab: &Lab, name: &str) -> Vec<String> {
    let xml = lab.main().virsh(&["dumpxml", name]);
    let lines = xml.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("<source file='")?;
        Some(rest.split('\'').next()?.to_owned())
    });
    lines.collect()
}

#[test]
fn external_snapshots_above_internal_ones_are_brought_down_by_us() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    well(lab, &["snapshot", "create", name, "inside"]);
    for snapshot in ["one", "two"] {
        well(lab, &["snapshot", "create", name, snapshot, "--disk-only"]);
    }
    let before = chain(lab, name);
    assert_eq!(before.len(), 3, "{before:?}");
    // libvirt would go back and leave two files that are worth nothing; it would forget what lies below.
    let said = refused(lab, &["snapshot", "revert", name, "inside", "--yes"]);
    assert!(
        said.contains("'two', 'one'") && said.contains("--commit-first"),
        "{said}"
    );
    let said = refused(lab, &["snapshot", "delete", name, "inside", "--yes"]);
    assert!(said.contains("libvirt would forget it"), "{said}");
    assert_eq!(chain(lab, name), before);
    // The lower one goes by itself, from the middle of the chain, which virsh does not.
    let virsh = lab.main().try_virsh(&["snapshot-delete", name, "one"]);
    assert!(!virsh.status.success());
    well(lab, &["snapshot", "delete", name, "one", "--yes"]);
    assert_eq!(chain(lab, name), [before[0].clone(), before[2].clone()]);
    let two = lab.main().virsh(&["snapshot-dumpxml", name, "two"]);
    assert!(
        !two.contains(&before[1]),
        "it names no file that is gone: {two}"
    );
    well(
        lab,
        &[
            "snapshot",
            "revert",
            name,
            "inside",
            "--yes",
            "--commit-first",
        ],
    );
    assert_eq!(chain(lab, name), [before[2].clone()]);
    let list = guest.list();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["current"], true);
    lab.main().virsh(&["pool-refresh", "default"]);
    let volumes = lab.main().virsh(&["vol-list", "default"]);
    for gone in ["one", "two"] {
        assert!(!volumes.contains(&format!("{name}.{gone}")), "{volumes}");
    }
}

#[test]
fn a_domain_that_is_off_is_brought_down_without_a_step_of_its_guest() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    well(lab, &["destroy", name]);
    well(lab, &["snapshot", "create", name, "inside"]);
    well(lab, &["snapshot", "create", name, "outside", "--disk-only"]);
    well(lab, &["snapshot", "delete", name, "outside", "--yes"]);
    assert_eq!(well(lab, &["domstate", name]), "shut off\n");
    assert_eq!(chain(lab, name).len(), 1);
    well(lab, &["snapshot", "revert", name, "inside", "--yes"]);
    assert_eq!(well(lab, &["domstate", name]), "shut off\n");
}

#[test]
fn the_file_of_another_domain_is_never_written_to() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    well(lab, &["snapshot", "create", name, "inside"]);
    well(lab, &["snapshot", "create", name, "outside", "--disk-only"]);
    let files = chain(lab, name);
    // Somebody has based a volume on the file below.
    let linked = format!("{name}-linked");
    let base = files[1].clone();
    lab.main().virsh(&[
        "vol-create-as",
        "default",
        &linked,
        "10M",
        "--format",
        "qcow2",
        "--backing-vol",
        &base,
        "--backing-vol-format",
        "qcow2",
    ]);
    let said = refused(lab, &["snapshot", "delete", name, "outside", "--yes"]);
    assert!(
        said.contains(&linked) && said.contains("nothing was done"),
        "{said}"
    );
    assert_eq!(chain(lab, name), files);
    lab.main()
        .virsh(&["vol-delete", "--pool", "default", &linked]);
    well(lab, &["snapshot", "delete", name, "outside", "--yes"]);
    assert_eq!(chain(lab, name), [base]);
}

#[test]
fn names_that_want_to_deceive_stay_what_they_are() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    well(lab, &["destroy", name]);
    let names = [
        "--help",
        "-rf",
        " blank ",
        "$(reboot)",
        "a\nb",
        "tab\there",
        "\u{202e}evil",
        "\u{9b}31m",
        "caf\u{e9}",
        "'quoted\"",
        "--all",
        "-",
        "7",
        "\u{200b}",
        "\u{2028}line",
        "a;b|c&d",
        "*",
    ];
    for snapshot in names {
        lab.main()
            .virsh(&["snapshot-create-as", name, &format!("--name={snapshot}")]);
    }
    let listed = guest.list();
    let mut known: Vec<String> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    known.sort();
    let mut expected = names.to_vec();
    expected.sort_unstable();
    assert_eq!(known, expected);
    let shown = well(lab, &["snapshot", "list", name]);
    assert!(
        shown.contains("a\\nb") && shown.contains("\\u{202e}evil"),
        "{shown}"
    );
    for snapshot in names {
        well(lab, &["snapshot", "revert", name, "--yes", "--", snapshot]);
        well(lab, &["snapshot", "delete", name, "--yes", "--", snapshot]);
    }
    assert_eq!(guest.list(), Value::Array(Vec::new()));
}

#[test]
fn a_running_disk_is_backed_up_whole_and_since_a_checkpoint() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    let file = |kind: &str| format!("/var/lib/libvirt/images/{name}-{kind}");
    let full = format!("vda,file={}", file("full"));
    let since = format!("vda,file={}", file("since"));
    well(
        lab,
        &[
            "backup-begin",
            name,
            "--diskspec",
            &full,
            "--checkpoint",
            "first",
            "--wait",
        ],
    );
    let listed = well(lab, &["checkpoint-list", name]);
    assert!(listed.contains("first"), "{listed}");
    // A file that is there is not written over, and stays what it was.
    lab.main().virsh(&["pool-refresh", "default"]);
    let before = lab.main().virsh(&["vol-info", "--bytes", &file("full")]);
    let said = refused(lab, &["backup-begin", name, "--diskspec", &full, "--wait"]);
    assert!(said.contains("exists"), "{said}");
    assert_eq!(
        lab.main().virsh(&["vol-info", "--bytes", &file("full")]),
        before
    );
    well(
        lab,
        &[
            "backup-begin",
            name,
            "--diskspec",
            &since,
            "--incremental",
            "first",
            "--wait",
        ],
    );
    let said = refused(
        lab,
        &[
            "backup-begin",
            name,
            "--diskspec",
            &since,
            "--incremental",
            "none",
        ],
    );
    assert!(said.contains("there are 'first'"), "{said}");
    let said = refused(lab, &["checkpoint-delete", name, "first"]);
    assert!(said.contains("--yes"), "{said}");
    well(lab, &["checkpoint-delete", name, "first", "--yes"]);
    assert_eq!(well(lab, &["checkpoint-list", name]), "");
    lab.main().virsh(&["pool-refresh", "default"]);
    for kind in ["full", "since"] {
        lab.main().virsh(&["vol-delete", &file(kind)]);
    }
}

#[test]
fn words_about_a_snapshot_change_and_its_name_where_that_can_be() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    well(lab, &["snapshot", "create", name, "inside"]);
    for snapshot in ["out", "above"] {
        well(lab, &["snapshot", "create", name, snapshot, "--disk-only"]);
    }
    well(
        lab,
        &[
            "snapshot-edit",
            name,
            "inside",
            "--description",
            "<before> & \"after\"",
        ],
    );
    let said = refused(
        lab,
        &["snapshot-edit", name, "inside", "--new-name", "else"],
    );
    assert!(said.contains("keeps its name"), "{said}");
    well(lab, &["snapshot-edit", name, "out", "--new-name", "outer"]);
    let list = guest.list();
    let all = list.as_array().unwrap();
    let tree: Vec<_> = all
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["parent"].as_str()))
        .collect();
    assert_eq!(
        tree,
        [
            ("inside", None),
            ("outer", Some("inside")),
            ("above", Some("outer"))
        ]
    );
    assert_eq!(all[0]["description"], "<before> & \"after\"");
    assert_eq!(all[2]["current"], true);
    // What it is called now is deleted as before.
    well(
        lab,
        &["snapshot", "delete", name, "outer", "--yes", "--children"],
    );
    assert_eq!(chain(lab, name).len(), 1);
}

#[test]
fn all_that_is_in_the_way_of_an_undefine_is_named_at_once() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    for snapshot in ["one", "two"] {
        well(lab, &["snapshot", "create", name, snapshot]);
    }
    well(lab, &["managedsave", name]);
    let said = refused(lab, &["undefine", name]);
    assert!(
        said.contains("a saved state (--managed-save deletes it)"),
        "{said}"
    );
    assert!(
        said.contains("2 snapshots (--snapshots-metadata forgets them"),
        "{said}"
    );
    assert!(said.contains("nothing was deleted"), "{said}");
    let said = refused(lab, &["undefine", name, "--managed-save"]);
    assert!(
        !said.contains("saved state") && said.contains("2 snapshots"),
        "{said}"
    );
    assert_eq!(well(lab, &["domstate", name]), "shut off\n");
    well(
        lab,
        &["undefine", name, "--managed-save", "--snapshots-metadata"],
    );
    // Nothing else went.
    let volume = format!("{name}.qcow2");
    assert!(lab.main().virsh(&["vol-list", "default"]).contains(&volume));
    lab.main()
        .virsh(&["vol-delete", "--pool", "default", &volume]);
}

/// What a command prints in a Linux guest, by its agent; in base64, which is good enough to be compared.
fn inside(host: &Host, name: &str, command: &str) -> String {
    let ask = |text: String| {
        let mut said = None;
        wait_until(PATIENCE, "the guest's agent", || {
            let output = host.try_virsh(&["qemu-agent-command", name, &text]);
            if output.status.success() {
                said = serde_json::from_slice::<Value>(&output.stdout).ok();
            }
            said.is_some()
        });
        said.unwrap()
    };
    let run = serde_json::json!({
        "execute": "guest-exec",
        "arguments": { "path": "/bin/sh", "arg": ["-c", command], "capture-output": true },
    });
    let pid = ask(run.to_string())["return"]["pid"].as_i64().unwrap();
    let status = serde_json::json!({ "execute": "guest-exec-status", "arguments": { "pid": pid } });
    let mut ended = Value::Null;
    wait_until(PATIENCE, "the command in the guest", || {
        ended = ask(status.to_string())["return"].clone();
        ended["exited"] == true
    });
    assert_eq!(ended["exitcode"], 0, "{command}: {ended}");
    ended["out-data"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn memory_and_disk_of_a_linux_guest_come_back() {
    let lab = Lab::get();
    let host = lab.own_host("snapshots");
    control(&["linux", "linux-1", &host.name]);
    let on = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &host.uri])
            .args(words)
            .env("XDG_STATE_HOME", "/nonexistent")
            .env("XDG_DATA_HOME", "/nonexistent")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?} {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    // Something in its memory alone, and something on its disk.
    let write = |word: &str| {
        let command =
            format!("echo {word} > /run/mark; head -c 300000 /dev/urandom > /mnt/data; sync");
        inside(&host, "linux-1", &command);
    };
    let read = || {
        inside(
            &host,
            "linux-1",
            "cat /run/mark; echo 3 > /proc/sys/vm/drop_caches; md5sum < /mnt/data",
        )
    };
    write("first");
    let first = read();
    on(&["snapshot", "create", "linux-1", "a"]);
    write("second");
    let second = read();
    assert_ne!(first, second);
    on(&["snapshot", "create", "linux-1", "b"]);
    on(&["snapshot", "create", "linux-1", "c"]);
    on(&["snapshot", "revert", "linux-1", "a", "--yes"]);
    assert_eq!(read(), first, "memory and disk are those of a");
    on(&["snapshot", "create", "linux-1", "d"]);
    on(&["snapshot", "create", "linux-1", "e"]);
    let list: Value =
        serde_json::from_str(&on(&["snapshot", "list", "linux-1", "--json"])).unwrap();
    let tree: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["parent"].as_str()))
        .collect();
    assert_eq!(
        tree,
        [
            ("a", None),
            ("b", Some("a")),
            ("c", Some("b")),
            ("d", Some("a")),
            ("e", Some("d"))
        ]
    );
    on(&["snapshot", "revert", "linux-1", "c", "--yes"]);
    assert_eq!(read(), second, "memory and disk are those of c");
    // Above it an external one; its file takes what is written from now on, and goes down again.
    on(&[
        "snapshot",
        "create",
        "linux-1",
        "out",
        "--disk-only",
        "--quiesce",
    ]);
    write("third");
    let third = read();
    let chain = || {
        let xml = host.virsh(&["dumpxml", "linux-1"]);
        let disks = xml.split("<disk ").nth(1).unwrap_or_default().to_owned();
        let disks = disks.split("</disk>").next().unwrap_or_default().to_owned();
        disks.matches("<source file").count()
    };
    assert_eq!(chain(), 2);
    on(&["snapshot", "delete", "linux-1", "out", "--yes"]);
    assert_eq!(chain(), 1);
    assert_eq!(read(), third, "what was written since is in the one file");
}

#[test]
fn the_lines_of_the_record_do_the_same() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let name = guest.1.as_str();
    let state = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", lab.uri()])
            .args(words)
            .env("XDG_STATE_HOME", state.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?} {said}");
    };
    let file = |kind: &str| format!("/var/lib/libvirt/images/{name}-{kind}");
    run(&["snapshot", "create", name, "one", "--description", "a b"]);
    run(&[
        "snapshot",
        "revert",
        name,
        "one",
        "--yes",
        "--snapshot-first",
    ]);
    let written = || {
        let files = std::fs::read_dir(state.path().join("virtty")).unwrap();
        let text = files
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect::<String>();
        text.lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|entry| Some(entry["command"].as_str()?.to_owned()))
            .collect::<Vec<String>>()
    };
    // The same once more, by virsh, under other names.
    let again = |line: &str, from: &str, to: &str| {
        let line = line.replace(from, to).replace("noted", "noted-too");
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {said}");
    };
    let lines = written();
    assert_eq!(lines.len(), 2, "{lines:?}");
    // libvirt names a snapshot without a name by the second.
    std::thread::sleep(std::time::Duration::from_secs(1));
    for line in &lines {
        again(line, "one", "two");
    }
    // QEMU does not go back to a snapshot of disks that have the bitmap of a checkpoint.
    let spec = format!("vda,file={}", file("first"));
    run(&[
        "backup-begin",
        name,
        "--diskspec",
        &spec,
        "--checkpoint",
        "noted",
        "--wait",
    ]);
    let lines = written();
    assert_eq!(lines.len(), 3, "{lines:?}");
    again(&lines[2], "first", "second");
    let list = guest.list();
    let current = list
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["current"] == true);
    assert_eq!(current.unwrap()["name"], "two");
    let listed = well(lab, &["checkpoint-list", name]);
    assert!(listed.contains("noted-too"), "{listed}");
    for checkpoint in ["noted-too", "noted"] {
        well(lab, &["checkpoint-delete", name, checkpoint, "--yes"]);
    }
    lab.main().virsh(&["pool-refresh", "default"]);
    for kind in ["first", "second"] {
        lab.main().virsh(&["vol-delete", &file(kind)]);
    }
}

#[test]
fn a_new_domain_is_what_another_was_at_a_snapshot() {
    let lab = Lab::get();
    let host = lab.own_host("snapshot-clone");
    control(&["linux", "linux-1", &host.name]);
    let folder = "/var/lib/libvirt/images";
    host.virsh(&["pool-create-as", "images", "dir", "--target", folder]);
    let run = |words: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &host.uri])
            .args(words)
            .env("XDG_STATE_HOME", "/nonexistent")
            .env("XDG_DATA_HOME", "/nonexistent")
            .output()
            .unwrap()
    };
    let on = |words: &[&str]| {
        let output = run(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?} {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let write = |word: &str| {
        let command =
            format!("echo {word} > /mnt/word; head -c 300000 /dev/urandom > /mnt/data; sync");
        inside(&host, "linux-1", &command);
    };
    let read = |name: &str| inside(&host, name, "cat /mnt/word; md5sum < /mnt/data");
    write("first");
    let first = read("linux-1");
    on(&["snapshot", "create", "linux-1", "--name=-a b"]);
    on(&["snapshot", "create", "linux-1", "other"]);
    write("second");
    let second = read("linux-1");
    on(&[
        "snapshot",
        "create",
        "linux-1",
        "out",
        "--disk-only",
        "--quiesce",
    ]);
    write("third");
    let third = read("linux-1");
    // Nobody writes what the external one holds, nor the file in which the internal ones lie: the domain runs on.
    on(&["snapshot", "clone", "linux-1", "out", "of-out", "--start"]);
    on(&["snapshot", "clone", "linux-1", "-a b", "of-a", "--start"]);
    assert_eq!(read("of-out"), second);
    assert_eq!(read("of-a"), first);
    assert_eq!(read("linux-1"), third, "the original is what it was");
    // Their disks are theirs alone, and no snapshot of the original is left in them.
    host.virsh(&["pool-refresh", "images"]);
    for name in ["of-out", "of-a"] {
        let disks = host.virsh(&["domblklist", name]);
        let file = disks
            .lines()
            .find_map(|line| line.trim().strip_prefix("vda"))
            .unwrap()
            .trim()
            .to_owned();
        let volume = host.virsh(&["vol-dumpxml", &file]);
        assert!(!volume.contains("<backingStore>"), "{volume}");
        assert_eq!(host.virsh(&["snapshot-list", name, "--name"]).trim(), "");
    }
    // Brought down, the file has been written since; the internal one lies in a file that is written.
    on(&["snapshot", "delete", "linux-1", "out", "--yes"]);
    let output = run(&["snapshot", "clone", "linux-1", "other", "of-other"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("shut it down first"),
        "{said}"
    );
    assert!(
        !host
            .virsh(&["list", "--all", "--name"])
            .contains("of-other")
    );
    assert_eq!(read("linux-1"), third);
}

#[test]
fn the_screen_of_a_snapshot_is_kept_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let lab = Lab::get();
    let name = unique("pictured");
    let data = tempfile::tempdir().unwrap();
    let on = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", lab.uri()])
            .args(words)
            .env("XDG_STATE_HOME", "/nonexistent")
            .env("XDG_DATA_HOME", data.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?} {said}");
    };
    on(&[
        "create",
        "--name",
        &name,
        "--memory",
        "32",
        "--network",
        "none",
        "--graphics",
        "vnc",
        "--disk",
        "size=0.01,format=qcow2",
    ]);
    let _guest = Guest(lab, name.clone());
    let pictures = || {
        let mut found = Vec::new();
        let root = data.path().join("virtty").join("snapshots");
        for folder in std::fs::read_dir(root).into_iter().flatten().flatten() {
            for file in std::fs::read_dir(folder.path())
                .into_iter()
                .flatten()
                .flatten()
            {
                found.push(file.path());
            }
        }
        found
    };
    on(&[
        "snapshot",
        "create",
        &name,
        "one",
        "--description",
        "pictured",
    ]);
    let kept = pictures();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let bytes = std::fs::read(&kept[0]).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&kept[0]), mode(kept[0].parent().unwrap())),
        (0o600, 0o700)
    );
    on(&["snapshot", "create", &name, "two", "--disk-only"]);
    assert_eq!(pictures().len(), 2);
    on(&["snapshot", "delete", &name, "two", "--yes"]);
    assert_eq!(pictures(), kept, "that of another snapshot stays");
    on(&["destroy", &name]);
    on(&["undefine", &name, "--snapshots-metadata", "--yes"]);
    assert_eq!(pictures(), Vec::<std::path::PathBuf>::new());
    lab.main()
        .try_virsh(&["vol-delete", "--pool", "default", &format!("{name}.qcow2")]);
}

#[test]
fn each_thing_in_the_way_of_an_undefine_is_kept_or_deleted_by_its_own_word() {
    let lab = Lab::get();
    let guest = Guest::new(lab, &["qcow2"]);
    let (host, name) = (lab.main(), guest.1.as_str());
    well(lab, &["checkpoint-create-as", name, "--name", "noted"]);
    well(lab, &["snapshot", "create", name, "over", "--disk-only"]);
    well(lab, &["managedsave", name]);
    // Variables of a firmware that is never started: libvirt looks at the file alone.
    let nvram = format!("/var/lib/libvirt/images/{name}_VARS.fd");
    control(&["inside", &host.name, "touch", &nvram]);
    let os = format!(
        "<loader readonly='yes' type='pflash'>/usr/share/none.fd</loader><nvram>{nvram}</nvram></os>"
    );
    let xml = host
        .virsh(&["dumpxml", name, "--inactive"])
        .replace("</os>", &os);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), xml).unwrap();
    host.virsh(&["define", file.path().to_str().unwrap()]);
    let all = [
        "--managed-save",
        "--snapshots-metadata",
        "--checkpoints-metadata",
        "--nvram",
    ];
    for given in 0..15_u32 {
        let is_given = |at: &usize| given & (1 << at) != 0;
        let mut words = vec!["undefine", name];
        words.extend((0..4).filter(is_given).map(|at| all[at]));
        let said = refused(lab, &words);
        let missing: Vec<usize> = (0..4).filter(|at| !is_given(at)).collect();
        for (at, word) in all.iter().enumerate() {
            let named = said.contains(word);
            assert_eq!(named, missing.contains(&at), "{words:?}: {said}");
        }
        assert!(said.contains("nothing was deleted"), "{said}");
    }
    // None of them has done anything.
    assert_eq!(
        host.virsh(&["snapshot-list", name, "--name"]).trim(),
        "over"
    );
    assert!(
        host.virsh(&["dominfo", name])
            .contains("Managed save:   yes")
    );
    let files = chain(lab, name);
    well(lab, &[&["undefine", name], &all[..]].concat());
    control(&["inside", &host.name, "test", "!", "-e", &nvram]);
    // What was not named stays: the files of its disk.
    host.virsh(&["pool-refresh", "default"]);
    for file in files.iter().filter(|file| file.contains(name)) {
        host.virsh(&["vol-delete", file]);
    }
}
