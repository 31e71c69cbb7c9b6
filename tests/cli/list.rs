//! `virtty list`

use std::process::Command;

use serde_json::json;

use super::node::{Node, PAUSED, RUNNING, SHUT_OFF, uuid, vnc};
use super::run::virtty;

#[test]
fn the_table_has_the_domains_ids_and_states_of_virsh() {
    let node = Node::new(&[
        ("web", RUNNING, ""),
        ("db", PAUSED, ""),
        ("old", SHUT_OFF, ""),
        ("stopping", 4, ""),
        ("broken", 6, ""),
        ("asleep", 7, ""),
    ]);
    let virsh = Command::new("virsh")
        .args(["-c", &node.uri(), "list", "--all"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let words = |text: &str| {
        let mut rows: Vec<Vec<String>> = text
            .lines()
            .filter(|line| !line.starts_with("---") && !line.trim().is_empty())
            .map(|line| line.split_whitespace().map(str::to_lowercase).collect())
            .collect();
        rows.sort();
        rows
    };
    let ours = virtty(["-c", &node.uri(), "list", "--all"]).well();
    assert_eq!(
        words(&ours.out),
        words(&String::from_utf8(virsh.stdout).unwrap())
    );
}

#[test]
fn json_has_every_field_with_its_unit() {
    let node = Node::new(&[
        ("web", RUNNING, &vnc(5901, "127.0.0.1")),
        ("old", SHUT_OFF, &vnc(5902, "::")),
    ]);
    let uri = node.uri();
    let read = virtty(["list", "--json", "-c", &uri]).well().json();
    assert_eq!(
        read,
        json!([
            {
                "connection": uri, "name": "web", "uuid": uuid(0), "id": 1, "state": "running",
                "reason": null, "vcpus": 2, "memory_kib": 524_288, "max_memory_kib": 524_288,
                "autostart": false, "persistent": true,
                "displays": [{
                    "type": "vnc", "host": "127.0.0.1", "port": 5901, "tls_port": null,
                    "websocket_port": null, "socket": null, "listen": "address",
                    "reachable": "loopback", "password": false,
                }],
            },
            {
                "connection": uri, "name": "old", "uuid": uuid(1), "id": null, "state": "shut off",
                "reason": null, "vcpus": 2, "memory_kib": 524_288, "max_memory_kib": 524_288,
                "autostart": false, "persistent": true, "displays": [],
            },
        ])
    );
}

#[test]
fn a_host_without_domains_is_an_empty_array() {
    let node = Node::new(&[]);
    assert_eq!(
        virtty(["-c", &node.uri(), "list", "--json"]).well().out,
        "[]\n"
    );
    let table = virtty(["-c", &node.uri(), "list"]).well().out;
    assert_eq!(table.lines().count(), 1);
}

#[test]
fn several_hosts_stand_in_one_list_and_a_broken_one_hides_none() {
    let one = Node::new(&[("same", RUNNING, "")]);
    let two = Node::new(&[("same", SHUT_OFF, "")]);
    let both = virtty(["-c", &one.uri(), "-c", &two.uri(), "list", "--json"])
        .well()
        .json();
    let seen: Vec<_> = both
        .as_array()
        .unwrap()
        .iter()
        .map(|domain| {
            (
                domain["connection"].as_str().unwrap(),
                domain["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (one.uri().as_str(), "running"),
            (two.uri().as_str(), "shut off")
        ]
    );

    let broken = virtty(["-c", "test:///no/such/node.xml", "-c", &two.uri(), "list"]);
    assert_eq!(broken.code, 1);
    assert!(broken.out.contains("shut off"), "{}", broken.out);
    assert!(broken.err.contains("/no/such/node.xml"), "{}", broken.err);
    assert_eq!(broken.err.lines().count(), 1, "{}", broken.err);
}

#[test]
fn the_environment_names_the_connection_and_the_demo_needs_none() {
    let node = Node::new(&[("from-environment", RUNNING, "")]);
    let ran = super::run::ran(
        super::run::command()
            .arg("list")
            .env("LIBVIRT_DEFAULT_URI", node.uri()),
    );
    assert!(ran.well().out.contains("from-environment"));
    let demo = super::run::ran(
        super::run::command()
            .args(["--demo", "list", "--json"])
            .current_dir("/proc"),
    );
    let states: std::collections::BTreeSet<String> = demo
        .well()
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|domain| domain["state"].as_str().unwrap().to_owned())
        .collect();
    let every = [
        "crashed",
        "in shutdown",
        "paused",
        "pmsuspended",
        "running",
        "shut off",
    ];
    assert_eq!(states, every.map(str::to_owned).into());
}

#[test]
fn options_of_virsh_leave_some_out() {
    let node = Node::new(&[
        ("one", RUNNING, ""),
        ("two", SHUT_OFF, ""),
        ("three", 3, ""),
    ]);
    let uri = node.uri();
    let list = |words: &[&str]| {
        virtty([&["-c", uri.as_str(), "list"], words].concat())
            .well()
            .out
    };
    assert_eq!(list(&["--name"]).lines().count(), 3);
    assert_eq!(list(&["--inactive", "--name"]), "two\n");
    assert_eq!(list(&["--state-running", "--name"]), "one\n");
    assert_eq!(
        list(&["--state-paused", "--state-shutoff", "--name"]),
        "three\ntwo\n"
    );
    assert_eq!(list(&["--state-shutoff", "--uuid"]).trim().len(), 36);
    assert_eq!(list(&["--inactive"]).lines().count(), 2);
}
