//! Networks without a screen, on libvirt's test driver.

use virtty::network::{NewNetwork, network_xml};

use super::run::{Ran, virtty, virtty_with_input};

fn on_demo(words: &[&str]) -> Ran {
    virtty(["--demo"].iter().chain(words))
}

#[test]
fn networks_are_listed_and_told_about() {
    let listed = on_demo(&["net-list"]).well().out;
    assert!(listed.starts_with("NAME"), "{listed}");
    assert!(
        listed
            .lines()
            .any(|line| line.starts_with("default") && line.contains("NAT"))
    );
    let names = on_demo(&["net-list", "--all", "--name"]).well().out;
    assert!(names.lines().any(|line| line == "default"));
    let all = on_demo(&["net-list", "--json"]).well().json();
    let default = all
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "default")
        .unwrap();
    assert_eq!(default["active"], true);
    assert_eq!(default["subnets"][0]["network"], "192.168.122.0/24");
    let info = on_demo(&["net-info", "default"]).well().out;
    assert!(info.contains("Bridge:         virbr0\n"), "{info}");
    let xml = on_demo(&["net-dumpxml", "default"]).well().out;
    assert!(xml.starts_with("<network"), "{xml}");
}

#[test]
fn networks_are_started_stopped_and_changed() {
    for (words, said) in [
        (
            &["net-destroy", "default"][..],
            "Network default is stopped.\n",
        ),
        (
            &["net-autostart", "default"],
            "Network default starts with its host.\n",
        ),
        (
            &[
                "net-update",
                "default",
                "add",
                "dns-host",
                "<host ip='192.168.122.9'><hostname>a</hostname></host>",
                "--live",
            ],
            "Network default is changed.\n",
        ),
    ] {
        assert_eq!(on_demo(words).well().out, said);
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let wrong = |words: &[&str], code| on_demo(words).failed(code);
    assert!(wrong(&["net-start", "default"], 1).contains("already active"));
    assert!(wrong(&["net-start", "defualt"], 1).contains("did you mean default?"));
    assert!(wrong(&["net-define", "/nowhere.xml"], 1).contains("/nowhere.xml"));
    assert!(wrong(&["--readonly", "net-destroy", "default"], 1).contains("read-only"));
    assert!(wrong(&["net-dhcp-leases", "default"], 1).contains("leases of 'default'"));
    assert!(wrong(&["iface-bridge", "eth7", "br0"], 1).contains("no link 'eth7'"));
    // Of a host that is not this machine nothing is done to links.
    assert!(wrong(&["iface-bridge", "none", "br0", "--apply"], 1).contains("on the host itself"));
    let ran = on_demo(&["net-update", "default", "addd", "dns-host", "<x/>"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
}

#[test]
fn interfaces_are_defined_by_libvirts_driver() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("br7.xml");
    let xml =
        "<interface type='bridge' name='br7'><start mode='onboot'/><bridge stp='off'/></interface>";
    std::fs::write(&file, xml).unwrap();
    let ran = on_demo(&["iface-define", file.to_str().unwrap()]);
    assert!(ran.well().out.contains("iface-start"));
    assert!(
        on_demo(&["iface-undefine", "eth7"])
            .failed(1)
            .contains("eth7")
    );
    // What its driver would take is shown where the host is another.
    let shown = on_demo(&["iface-bridge", "none", "br0", "--no-stp"])
        .well()
        .out;
    assert!(
        shown.contains("<bridge stp='off' delay='0'/>") && shown.contains("iface-commit"),
        "{shown}"
    );
}

#[test]
fn a_bridge_is_shown_before_it_is_made() {
    let shown = on_demo(&["iface-bridge", "none", "br0", "--no-stp"])
        .well()
        .out;
    assert!(
        shown.contains("ip link add name br0 type bridge stp_state 0"),
        "{shown}"
    );
    assert!(shown.contains("ip link delete dev br0 type bridge"));
}

#[test]
fn what_the_form_of_a_new_network_writes_is_valid() {
    let plain = NewNetwork {
        name: "new".to_owned(),
        ipv4: Some(("192.168.9.1".parse().unwrap(), 24)),
        range: Some((
            "192.168.9.2".parse().unwrap(),
            "192.168.9.254".parse().unwrap(),
        )),
        ipv6: Some(("fd00:9::1".parse().unwrap(), 64)),
        range6: Some((
            "fd00:9::100".parse().unwrap(),
            "fd00:9::1ff".parse().unwrap(),
        )),
        domain: Some("lab.example".to_owned()),
        ..NewNetwork::default()
    };
    let mode = |mode: &str| Some(mode.to_owned());
    for forward in [None, mode("nat"), mode("route"), mode("open")] {
        let device = matches!(forward.as_deref(), Some("nat" | "route")).then(|| "eth0".to_owned());
        let new = NewNetwork {
            nat_ipv6: forward.as_deref() == Some("nat"),
            forward,
            device,
            ..plain.clone()
        };
        let ran = virtty_with_input(&["xml", "check", "-"], network_xml(&new).as_bytes());
        assert_eq!(ran.well().out, "");
    }
    let bridge = NewNetwork {
        name: "a & b".to_owned(),
        forward: mode("bridge"),
        bridge: Some("br0".to_owned()),
        ..NewNetwork::default()
    };
    virtty_with_input(&["xml", "check", "-"], network_xml(&bridge).as_bytes()).well();
}
