//! Hosts that are odd: what is empty, huge, garbled, missing or off line leaves the rest as it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hosts");
    let trees: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|tree| tree.path())
        .collect();
    assert!(trees.len() >= 5);
    trees
}

/// What becomes of the bytes of a file.
type Change = dyn Fn(&[u8]) -> Option<Vec<u8>>;

/// Copies a tree, each file by `change` of its bytes; `None` leaves it out.
fn copy(from: &Path, to: &Path, change: &Change) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target, change);
        } else if let Some(bytes) = change(&fs::read(entry.path()).unwrap()) {
            fs::create_dir_all(to).unwrap();
            fs::write(target, bytes).unwrap();
        }
    }
}

fn report(root: &Path) -> HostReport {
    let guest = "<domain type='kvm'><name>g</name><memory>1024</memory><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='1'/>\
        </cputune><devices><disk device='disk'><driver type='qcow2'/><source file='/i/a'/><target dev='vda'/></disk></devices></domain>";
    let told = Told {
        guests: Guest::read(guest, true, true).into_iter().collect(),
        guests_known: true,
        ..Told::default()
    };
    HostReport::new(told, &Files::At(root.to_owned()))
}

#[test]
fn whatever_files_hold_every_check_is_made() {
    let expected: Vec<_> = report(Path::new("/nonexistent"))
        .checks
        .iter()
        .map(|check| check.id)
        .collect();
    assert_eq!(expected.len(), 51);
    let changes: [(&str, &Change); 8] = [
        ("empty", &|_| Some(Vec::new())),
        ("gone", &|_| None),
        ("bytes that are no text", &|_| {
            Some((0..=255).cycle().take(5000).collect())
        }),
        ("a huge number", &|_| {
            Some(b"99999999999999999999999999999999\n".to_vec())
        }),
        ("the largest number", &|_| {
            Some(b"18446744073709551615\n".to_vec())
        }),
        ("a negative number", &|_| Some(b"-1\n".to_vec())),
        ("cut in the middle", &|bytes| {
            Some(bytes[..bytes.len() / 2].to_vec())
        }),
        ("many times over", &|bytes| Some(bytes.repeat(300))),
    ];
    for tree in fixtures() {
        for (what, change) in &changes {
            let folder = tempfile::tempdir().unwrap();
            copy(&tree, folder.path(), change);
            let found = report(folder.path());
            let ids: Vec<_> = found.checks.iter().map(|check| check.id).collect();
            assert_eq!(ids, expected, "{what}: {}", tree.display());
            assert!(found.facts.topology.len() <= 64, "{what}");
            assert!(serde_json::to_string(&found).is_ok());
            // Every suggestion ends, and with a reason where there is none.
            for way in PinWay::ALL {
                let _ = suggest_pins(way, &found.guests[0], &Default::default(), &found.facts);
            }
        }
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let to = root.join(path);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, text).unwrap();
}

#[test]
fn a_file_that_never_ends_is_read_for_a_while_only() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("proc")).unwrap();
    let file = fs::File::create(folder.path().join("proc/cpuinfo")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert_eq!(report(folder.path()).facts.cpu.model, None);
}

/// A CPU of a tree: its socket, its core, and the threads of that.
fn cpu(root: &Path, id: u32, core: u32, siblings: &str) {
    let folder = format!("sys/devices/system/cpu/cpu{id}/topology");
    write(root, &format!("{folder}/physical_package_id"), "0\n");
    write(root, &format!("{folder}/core_id"), &format!("{core}\n"));
    write(root, &format!("{folder}/thread_siblings_list"), siblings);
}

#[test]
fn cores_of_two_kinds_and_cpus_off_line_have_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    // Two cores with two threads, four with one; CPU 5 is off line and CPU 9 was taken out while it ran.
    for (id, core, siblings) in [
        (0, 0, "0-1"),
        (1, 0, "0-1"),
        (2, 1, "2-3"),
        (3, 1, "2-3"),
        (4, 8, "4"),
        (6, 10, "6"),
        (7, 11, "7"),
    ] {
        cpu(root, id, core, siblings);
    }
    fs::create_dir_all(root.join("sys/devices/system/cpu/cpu5")).unwrap();
    fs::create_dir_all(root.join("sys/devices/system/cpu/cpu9/topology")).unwrap();
    write(root, "sys/devices/system/cpu/online", "0-4,6-7\n");
    write(root, "sys/devices/system/node/node0/cpulist", "0-4,6-7\n");
    write(
        root,
        "proc/stat",
        "cpu  1 1 1 1 1\ncpu0 10 0 0 10 0\ncpu4 x\ncpu6 1 2 3 4 5 6 7 8 9 10\n",
    );
    let found = report(root);
    let ids: Vec<_> = found.facts.topology.iter().map(|cpu| cpu.id).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4, 6, 7]);
    assert_eq!(found.facts.cpu.cpus, Some(7));
    let times = cpu_times(&Files::At(root.to_owned())).unwrap();
    assert_eq!(
        times.iter().map(|(cpu, ..)| *cpu).collect::<Vec<_>>(),
        [0, 6]
    );
    // A core for each: one thread of those with two, the others as they are, and the first stays the host's.
    let guest = Guest::read(
        "<domain><name>a</name><vcpu>4</vcpu></domain>",
        false,
        false,
    )
    .unwrap();
    let pins = suggest_pins(PinWay::OwnCores, &guest, &Default::default(), &found.facts).unwrap();
    let words: Vec<_> = pins.iter().map(|(_, set)| set_words(set)).collect();
    assert_eq!(words, ["2", "4", "6", "7", "0-1"]);
}

#[test]
fn a_large_host_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for id in 0..256 {
        cpu(
            root,
            id,
            id % 128,
            &format!("{},{}", id % 128, id % 128 + 128),
        );
    }
    for node in 0..2 {
        let cpus = format!(
            "{}-{},{}-{}",
            node * 64,
            node * 64 + 63,
            node * 64 + 128,
            node * 64 + 191
        );
        write(
            root,
            &format!("sys/devices/system/node/node{node}/cpulist"),
            &cpus,
        );
    }
    let found = report(root);
    assert_eq!(found.facts.topology.len(), 256);
    assert_eq!(
        (found.facts.cpu.cells, found.facts.cpu.threads),
        (Some(2), Some(2))
    );
    assert_eq!(found.facts.cells[1].cpus.len(), 128);
}

#[test]
fn control_groups_of_both_versions_side_by_side_are_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        "proc/self/mounts",
        "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
    );
    write(root, "sys/fs/cgroup/unified/cgroup.controllers", "");
    let found = report(root);
    let verdict = |id: &str| {
        found
            .checks
            .iter()
            .find(|check| check.id == id)
            .unwrap()
            .result
    };
    assert_eq!(found.facts.cgroups.as_ref().unwrap().version, 1);
    assert_eq!(
        (verdict("cgroup-cpu"), verdict("cgroup-memory")),
        (Verdict::Ok, Verdict::Warn)
    );
}
