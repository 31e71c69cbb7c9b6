//! `virtty host`: on recorded trees of hosts, on the test driver, and beside virt-host-validate.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::run::virtty;

/// The document, and the exit code.
fn host(arguments: &[&str]) -> (Value, i32) {
    let run = virtty([&["host", "--json"], arguments].concat());
    (run.json(), run.code)
}

fn verdicts(document: &Value) -> BTreeMap<String, String> {
    let text = |check: &Value, field: &str| check[field].as_str().unwrap().to_owned();
    let checks = document["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|check| (text(check, "id"), text(check, "result")))
        .collect()
}

fn tree(name: &str) -> (Value, i32) {
    let root = format!("{}/tests/fixtures/hosts/{name}", env!("CARGO_MANIFEST_DIR"));
    host(&["-c", "test:///default", "--root", &root])
}

#[track_caller]
fn expect(name: &str, expected: &[(&str, &str)], code: i32) -> Value {
    let (document, ended) = tree(name);
    let found = verdicts(&document);
    for (id, verdict) in expected {
        assert_eq!(found[*id], *verdict, "{name}: {id}: {document:#}");
    }
    assert_eq!(ended, code, "{name}");
    document
}

#[test]
fn a_well_kept_intel_host_is_right() {
    let document = expect(
        "intel",
        &[
            ("hardware-virtualization", "ok"),
            ("kvm-device", "ok"),
            ("kvm-module", "ok"),
            ("vhost-net", "ok"),
            ("tun", "ok"),
            ("cgroup-cpuacct", "ok"),
            ("cgroup-blkio", "ok"),
            ("iommu", "ok"),
            ("iommu-kernel", "ok"),
            ("nested-paging", "ok"),
            ("daemons", "ok"),
            ("thp", "ok"),
            ("io-schedulers", "ok"),
            ("clock-source", "ok"),
        ],
        0,
    );
    let facts = &document["facts"];
    assert_eq!(facts["cpu"]["virtualization"], "vmx");
    assert_eq!(facts["cpu"]["nested"], true);
    assert_eq!(facts["cpu"]["vpid"], true);
    assert_eq!(facts["cpu"]["virtual_interrupts"], true);
    assert_eq!(facts["cpu"]["cpus"], 4);
    assert_eq!(facts["cpu"]["cores"], 2);
    assert_eq!(facts["block"][0]["scheduler"], "none");
    assert_eq!(facts["caches"].as_array().unwrap().len(), 3);
}

#[test]
fn an_amd_host_is_told_what_slows_it() {
    let document = expect(
        "amd",
        &[
            ("hardware-virtualization", "ok"),
            ("vhost-net", "warn"),
            ("iommu", "ok"),
            ("iommu-kernel", "warn"),
            ("secure-guest", "warn"),
            ("nested-paging", "warn"),
            ("br-netfilter", "warn"),
            ("daemons", "warn"),
            ("io-schedulers", "warn"),
        ],
        0,
    );
    assert_eq!(document["facts"]["cpu"]["virtual_interrupts"], true);
    assert_eq!(document["facts"]["cpu"]["nested_paging"], false);
}

#[test]
fn two_nodes_have_their_distances_and_pools() {
    let document = expect(
        "numa",
        &[
            ("thp", "warn"),
            ("ksm", "warn"),
            ("io-schedulers", "warn"),
            ("numa-crossing", "ok"),
        ],
        0,
    );
    let cells = document["facts"]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 2);
    assert_eq!(cells[1]["distances"], serde_json::json!([[0, 21], [1, 10]]));
    assert_eq!(document["facts"]["huge_pages"][0]["total"], 64);
    // The remedy is that of the distribution.
    let checks = document["checks"].as_array().unwrap();
    let iommu = checks
        .iter()
        .find(|check| check["id"] == "iommu-kernel")
        .unwrap();
    assert!(iommu["remedy"].as_str().unwrap().starts_with("grubby"));
}

#[test]
fn a_host_without_kvm_fails() {
    expect(
        "no-kvm",
        &[
            ("hardware-virtualization", "fail"),
            ("kvm-device", "fail"),
            ("tun", "fail"),
            ("steal", "warn"),
            ("clock-source", "warn"),
        ],
        1,
    );
}

#[test]
fn schedulers_of_older_kernels_are_known() {
    let document = expect(
        "old-kernel",
        &[
            ("io-schedulers", "warn"),
            ("cgroup-cpu", "ok"),
            ("copy-on-write", "warn"),
        ],
        0,
    );
    let checks = document["checks"].as_array().unwrap();
    let schedulers = checks
        .iter()
        .find(|check| check["id"] == "io-schedulers")
        .unwrap();
    assert_eq!(
        schedulers["remedy"],
        "echo noop > /sys/block/sda/queue/scheduler && echo deadline > /sys/block/sdb/queue/scheduler"
    );
    assert_eq!(document["facts"]["cgroups"]["version"], 1);
}

#[test]
fn an_empty_tree_fails_nothing_but_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (document, _) = host(&[
        "-c",
        "test:///default",
        "--root",
        folder.path().to_str().unwrap(),
    ]);
    assert_eq!(verdicts(&document)["thp"], "unknown");
}

#[test]
fn every_check_is_listed_where_the_host_cannot_be_seen() {
    let (seen, _) = tree("intel");
    let (unseen, code) = host(&["-c", "test:///default"]);
    let (seen, verdicts) = (verdicts(&seen), verdicts(&unseen));
    assert!(seen.keys().eq(verdicts.keys()));
    assert_eq!(verdicts["kvm-device"], "unknown");
    assert_eq!(verdicts["iommu"], "unknown");
    assert_eq!(verdicts["overcommit-memory"], "ok");
    assert_eq!(unseen["connection"], "test:///default");
    assert_eq!(unseen["facts"]["cells"].as_array().unwrap().len(), 2);
    assert_eq!(code, 0);
}

/// Which of our checks stands for a line of virt-host-validate.
fn counterpart(driver: &str, line: &str) -> Option<String> {
    let quoted = line.split('\'').nth(1);
    Some(match line {
        _ if line.contains("hardware virtualization") => "hardware-virtualization".to_owned(),
        _ if line.contains("/dev/kvm exists") => "kvm-device".to_owned(),
        _ if line.contains("/dev/kvm is accessible") => "kvm-access".to_owned(),
        _ if line.contains("/dev/vhost-net") => "vhost-net".to_owned(),
        _ if line.contains("/dev/net/tun") => "tun".to_owned(),
        _ if line.contains("cgroup") => format!("cgroup-{}", quoted?),
        _ if line.contains("IOMMU is enabled by kernel") => "iommu-kernel".to_owned(),
        _ if line.contains("IOMMU support") => "iommu".to_owned(),
        _ if line.contains("secure guest") => "secure-guest".to_owned(),
        _ if line.contains("for Linux") => "lxc-kernel".to_owned(),
        _ if line.contains("namespace") && driver == "LXC" => {
            format!("lxc-namespace-{}", line.split_whitespace().last()?)
        }
        _ if line.contains("fuse") => "fuse".to_owned(),
        _ => return None,
    })
}

#[test]
fn every_line_of_virt_host_validate_has_its_counterpart() {
    let run = Command::new("virt-host-validate")
        .env("LC_ALL", "C")
        .output()
        .expect("virt-host-validate runs (dev/packages: libvirt-clients)");
    let (document, _) = host(&["-c", "test:///default", "--root", "/"]);
    let ours = verdicts(&document);
    let text = String::from_utf8_lossy(&run.stdout);
    let mut compared = 0;
    for line in text.lines() {
        let Some((head, verdict)) = line.rsplit_once(" : ").or_else(|| line.rsplit_once(": "))
        else {
            continue;
        };
        let (driver, what) = line.split_once(':').unwrap();
        let what = what.split(" : ").next().unwrap_or(head).trim();
        let expected = match verdict.split_whitespace().next() {
            Some("PASS") => "ok",
            Some("WARN") => "warn",
            Some("FAIL") => "fail",
            _ => continue,
        };
        let id =
            counterpart(driver.trim(), what).unwrap_or_else(|| panic!("no counterpart: {line}"));
        assert_eq!(ours[&id], expected, "{id}: {line}");
        compared += 1;
    }
    assert!(compared > 5, "{text}");
}

#[test]
fn a_value_is_set_kept_and_forgotten_by_its_word() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let ksm = root.join("sys/kernel/mm/ksm");
    std::fs::create_dir_all(&ksm).unwrap();
    std::fs::write(ksm.join("run"), "0\n").unwrap();
    let run = || {
        std::fs::read_to_string(ksm.join("run"))
            .unwrap()
            .trim()
            .to_owned()
    };
    let said = |words: &[&str]| {
        let mut command = crate::run::command();
        command
            .args(["-c", "test:///default", "host"])
            .args(words)
            .env("VIRTTY_HOST_ROOT", root);
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    // The test driver's host is no machine: nothing of it can be set, whatever tree stands for this one.
    let (code, _, why) = said(&["--set", "ksm=1", "--yes"]);
    assert_eq!(code, Some(2), "{why}");
    assert!(why.contains("can be set"), "{why}");
    assert_eq!(run(), "0");
    let (code, ..) = said(&["--set", "ksm", "--json"]);
    assert_eq!(code, Some(2), "a change is no document");
}
