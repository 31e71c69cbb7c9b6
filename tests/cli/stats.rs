//! `virtty stats`: lines at intervals.

use std::time::{Duration, Instant};

use super::node::{Node, RUNNING, SHUT_OFF, uuid};
use super::run::virtty;

#[test]
fn every_interval_has_an_object_for_every_domain() {
    let node = Node::new(&[("web", RUNNING, ""), ("old", SHUT_OFF, "")]);
    let uri = node.uri();
    let start = Instant::now();
    let ran = virtty([
        "-c",
        &uri,
        "stats",
        "--json",
        "--interval",
        "0.5",
        "--count",
        "3",
    ])
    .well();
    assert!(
        start.elapsed() < Duration::from_secs(12),
        "{:?}",
        start.elapsed()
    );
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 6, "{}", ran.out);
    let mut times = Vec::new();
    for pair in lines.chunks(2) {
        assert_eq!(pair[0]["time"], pair[1]["time"]);
        times.push(pair[0]["time"].as_str().unwrap().to_owned());
        let (old, web) = (&pair[0], &pair[1]);
        assert_eq!(
            (&web["domain"], &web["uuid"]),
            (&"web".into(), &uuid(0).into())
        );
        assert_eq!(
            (&web["state"], &web["responding"]),
            (&"running".into(), &true.into())
        );
        assert_eq!(web["connection"], uri.as_str());
        assert_eq!(
            (&old["state"], &old["responding"]),
            (&"shut off".into(), &serde_json::Value::Null)
        );
        for field in [
            "cpu_percent",
            "memory_kib",
            "disk_read_bytes_per_second",
            "net_rx_bytes_per_second",
        ] {
            assert!(old[field].is_null(), "{field}");
            assert!(web.get(field).is_some(), "{field}");
        }
        for field in ["vcpus", "disks", "nics"] {
            assert!(web[field].is_array(), "{field}");
        }
    }
    let sorted = {
        let mut sorted = times.clone();
        sorted.sort();
        sorted.dedup();
        sorted
    };
    assert_eq!(times, sorted, "times grow");
}

#[test]
fn one_interval_is_the_default_and_a_name_chooses() {
    let node = Node::new(&[("web", RUNNING, ""), ("db one", RUNNING, "")]);
    let ran = virtty(["-c", &node.uri(), "stats", "--json", "db one"]).well();
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 1, "{}", ran.out);
    assert_eq!(lines[0]["domain"], "db one");
    let table = virtty(["-c", &node.uri(), "stats", "--count", "1"])
        .well()
        .out;
    assert!(table.contains("CPU") && table.contains("web"), "{table}");
}

#[test]
fn a_missing_domain_or_host_ends_it_at_once() {
    let node = Node::new(&[("web", RUNNING, "")]);
    assert!(
        virtty(["-c", &node.uri(), "stats", "absent"])
            .failed(5)
            .contains("absent")
    );
    let ran = virtty(["-c", "test:///no/such/node.xml", "stats"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("/no/such/node.xml"), "{}", ran.err);
}
