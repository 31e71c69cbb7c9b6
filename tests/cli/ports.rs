//! `virtty ports`, of hosts and of saved XML.

use serde_json::{Value, json};

use super::node::{Node, RUNNING, SHUT_OFF, uuid, vnc};
use super::run::{virtty, virtty_with_input};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

#[test]
fn json_has_an_entry_for_each_endpoint_of_what_runs() {
    let serial = "<serial type='tcp'><source mode='bind' host='127.0.0.1' service='4001'/><protocol type='raw'/></serial>";
    let node = Node::new(&[
        ("web", RUNNING, &format!("{}{serial}", vnc(5901, "0.0.0.0"))),
        ("off", SHUT_OFF, &vnc(5902, "127.0.0.1")),
    ]);
    let uri = node.uri();
    let all = virtty(["-c", &uri, "ports", "--json"]).well().json();
    let entry = |kind: &str, host: &str, port: u16, reachable: &str, password: Value| {
        json!({
            "connection": uri, "domain": "web", "uuid": uuid(0), "type": kind, "host": host,
            "port": port, "tls_port": null, "websocket_port": null, "socket": null,
            "listen": "address", "reachable": reachable, "password": password,
        })
    };
    let expected = json!([
        entry("vnc", "0.0.0.0", 5901, "everywhere", json!(false)),
        entry("serial", "127.0.0.1", 4001, "loopback", Value::Null),
    ]);
    assert_eq!(all, expected);
    assert_eq!(
        virtty(["-c", &uri, "ports", "web", "--json"]).well().json(),
        expected
    );
    assert_eq!(
        virtty(["-c", &uri, "ports", "off", "--json"]).well().json(),
        json!([])
    );
    assert!(
        virtty(["-c", &uri, "ports", "absent", "--json"])
            .failed(5)
            .contains("absent")
    );
    let table = virtty(["-c", &uri, "ports"]).well().out;
    assert!(table.contains("0.0.0.0:5901"), "{table}");
    assert!(table.contains("every address"), "{table}");
}

#[test]
fn a_port_that_cannot_be_is_told_and_hides_no_other() {
    let node = Node::new(&[
        ("bad", RUNNING, &vnc(70000, "127.0.0.1")),
        ("good", RUNNING, &vnc(5901, "127.0.0.1")),
    ]);
    let ran = virtty(["-c", &node.uri(), "ports", "--json"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("bad") && ran.err.contains("70000"),
        "{}",
        ran.err
    );
    let ports: Vec<_> = ran
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["port"].clone())
        .collect();
    assert_eq!(ports, [json!(5901)]);
}

#[test]
fn a_saved_xml_needs_no_connection() {
    let file = format!("{FIXTURES}/graphics/spice-tls.xml");
    let from_file = virtty(["ports", "--from-xml", &file, "--json"])
        .well()
        .json();
    assert_eq!(
        from_file,
        json!([{
            "connection": null, "domain": "spice-tls",
            "uuid": "6f1d0c5e-0000-4000-8000-000000000001", "type": "spice", "host": "::",
            "port": 5917, "tls_port": 5918, "websocket_port": null, "socket": null,
            "listen": "address", "reachable": "everywhere", "password": null,
        }])
    );
    let xml = std::fs::read(&file).unwrap();
    let from_input = virtty_with_input(&["ports", "--from-xml", "-", "--json"], &xml).well();
    assert_eq!(from_input.json(), from_file);
    let off = format!("{FIXTURES}/graphics/off.xml");
    assert_eq!(
        virtty(["ports", "--from-xml", &off, "--json"]).well().out,
        "[]\n"
    );
}

#[test]
fn a_bad_saved_xml_is_an_error_and_never_a_port() {
    for (fixture, word) in [
        ("bad-port-too-high", "70000"),
        ("bad-port-negative", "-5"),
        ("bad-port-text", "vnc"),
        ("bad-listen", "carrier pigeon"),
    ] {
        let file = format!("{FIXTURES}/graphics/{fixture}.xml");
        let ran = virtty(["ports", "--json", "--from-xml", &file]);
        assert_eq!((ran.code, ran.out.as_str()), (1, "[]\n"), "{fixture}");
        assert!(ran.err.contains(word), "{}", ran.err);
    }
    let input =
        |bytes: &[u8]| virtty_with_input(&["ports", "--from-xml", "-", "--json"], bytes).failed(1);
    assert!(input(b"<network/>").contains("network"));
    assert!(input(b"").contains("standard input"));
    assert!(input(b"<domain id='1'>\xff</domain>").contains("byte 15"));
    assert!(input(b"<!DOCTYPE d [<!ENTITY e 'x'>]><domain id='1'>&e;</domain>").contains("DTD"));
    assert!(input(&b"<domain>".repeat(1_000_000)).contains("bytes"));
    let absent = virtty(["ports", "--from-xml", "/no/such/file"]).failed(1);
    assert!(absent.contains("/no/such/file"), "{absent}");
}
