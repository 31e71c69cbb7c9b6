//! What files say after a change of a bridge.

use super::*;
use crate::model::{Link, LinkAddress, Route};

const STATIC: &str = "# the host\nauto lo\niface lo inet loopback\n\nauto eth0 eth1\niface eth0 inet static\n    address 10.0.0.5/24\n    gateway 10.0.0.1\n\niface eth1 inet dhcp\n";

fn make(member: Option<&str>) -> BridgeWish {
    BridgeWish::Make {
        bridge: "br0".to_owned(),
        member: member.map(str::to_owned),
        stp: false,
        delay_seconds: 0,
    }
}

fn host(keeper: Keeper) -> HostNetworks {
    let address = |text: &str, prefix| LinkAddress::new(text.parse().unwrap(), prefix);
    HostNetworks {
        links: vec![Link {
            name: "eth0".to_owned(),
            addresses: vec![address("10.0.0.5", 24), address("fd00::5", 64)],
            ..Link::default()
        }],
        routes: vec![Route {
            to: "default".to_owned(),
            gateway: "10.0.0.1".parse().ok(),
            device: "eth0".to_owned(),
            metric: None,
            protocol: None,
            ipv6: false,
            table: None,
            onlink: false,
            more: Vec::new(),
            hops: Vec::new(),
        }],
        keeper: Some(keeper),
        ..HostNetworks::default()
    }
}

fn files(text: &str) -> Files {
    Files {
        interfaces: vec![(INTERFACES.to_owned(), text.to_owned())],
        own: Some("/etc/network/interfaces.d/{}".to_owned()),
        knows_bridges: true,
    }
}

#[test]
fn ifupdowns_stanza_of_the_device_becomes_that_of_the_bridge() {
    let all = host(Keeper::Ifupdown);
    let made = next_start(&make(Some("eth0")), &all, &files(STATIC));
    let file = made.file.unwrap();
    assert_eq!(file.path, INTERFACES);
    assert_eq!(
        file.after,
        "# the host\nauto lo\niface lo inet loopback\n\nauto br0 eth1\niface br0 inet static\n    bridge_ports eth0\n    bridge_stp off\n    bridge_fd 0\n    address 10.0.0.5/24\n    gateway 10.0.0.1\n\niface eth1 inet dhcp\n\niface eth0 inet manual\n"
    );
    // And back.
    let wish = BridgeWish::Remove {
        bridge: "br0".to_owned(),
    };
    let back = next_start(&wish, &all, &files(&file.after)).file.unwrap();
    assert_eq!(back.after, STATIC);
}

#[test]
fn what_no_file_knows_gets_a_file_of_its_own() {
    let all = host(Keeper::Ifupdown);
    let mut known = files("auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n");
    known.knows_bridges = false;
    let file = next_start(&make(Some("eth0")), &all, &known).file.unwrap();
    assert_eq!(
        (file.path.as_str(), file.before),
        ("/etc/network/interfaces.d/br0", None)
    );
    assert!(file.after.contains("iface br0 inet static\n    address 10.0.0.5/24\n    gateway 10.0.0.1\n    pre-up ip link add name br0 type bridge"));
    assert!(
        file.after
            .contains("iface br0 inet6 static\n    address fd00::5/64\n")
    );
    assert!(file.after.ends_with("\niface eth0 inet manual\n"));
    let mut alone = files("auto lo\n");
    alone.own = None;
    let file = next_start(&make(None), &all, &alone).file.unwrap();
    assert_eq!(file.path, INTERFACES);
    assert!(
        file.after
            .starts_with("auto lo\n\nauto br0\niface br0 inet manual\n    bridge_ports none\n")
    );
}

#[test]
fn ports_of_a_bridge_come_and_go() {
    let all = host(Keeper::Ifupdown);
    let text =
        "iface br0 inet dhcp\n\tbridge_ports eth0\niface br1 inet dhcp\n\tbridge_ports eth5\n";
    let add = BridgeWish::Add {
        bridge: "br0".to_owned(),
        member: "eth1".to_owned(),
    };
    let after = next_start(&add, &all, &files(text)).file.unwrap().after;
    assert!(
        after.contains("\tbridge_ports eth0 eth1\n") && after.contains("\tbridge_ports eth5\n")
    );
    let out = BridgeWish::TakeOut {
        bridge: "br0".to_owned(),
        member: "eth0".to_owned(),
    };
    let after = next_start(&out, &all, &files(text)).file.unwrap().after;
    assert!(after.contains("\tbridge_ports none\n"));
    let unknown = next_start(&add, &all, &files("auto lo\n"));
    assert!(unknown.file.is_none() && unknown.note.is_some());
}

#[test]
fn others_are_told_what_to_write() {
    for (keeper, parts) in [
        (
            Keeper::Netplan,
            &[
                "/etc/netplan/60-br0.yaml",
                "netplan try",
                "interfaces: [eth0]",
                "- 10.0.0.5/24",
                "via: 10.0.0.1",
            ][..],
        ),
        (
            Keeper::NetworkManager,
            &[
                "nmcli connection add type bridge",
                "ipv4.addresses 10.0.0.5/24",
                "ipv6.addresses fd00::5/64",
                "master br0",
            ],
        ),
        (
            Keeper::Networkd,
            &[
                "/etc/systemd/network/10-br0.netdev",
                "Bridge=br0",
                "Gateway=10.0.0.1",
                "networkctl reload",
            ],
        ),
    ] {
        let made = next_start(&make(Some("eth0")), &host(keeper), &Files::default());
        assert!(made.file.is_none());
        let text = format!("{:?}", made.by_hand);
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let unknown = next_start(&make(None), &host(Keeper::Unknown), &Files::default());
    assert!(unknown.note.unwrap().contains("gone"));
}

#[test]
fn what_the_main_file_names_is_read() {
    let found = sources("source interfaces.d/*.cfg\nsource-directory /etc/more/\n# source x\n");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].folder, "/etc/network/interfaces.d");
    assert!(found[0].takes("a.cfg") && !found[0].takes("a.bak") && !found[0].takes(".cfg~"));
    assert_eq!(
        found[0].own().as_deref(),
        Some("/etc/network/interfaces.d/{}.cfg")
    );
    assert!(found[1].takes("br0") && !found[1].takes("br0.bak"));
    assert_eq!(found[1].own().as_deref(), Some("/etc/more/{}"));
}

#[test]
fn aliases_and_lines_about_routes_go_along() {
    let text = "auto eth0 eth0:1\niface eth0 inet static\n    address 10.0.0.5/24\n    up ip route add 10.9.0.0/16 via 10.0.0.9 dev eth0\n    \
        up ethtool -K eth0 tso off\n\niface eth0:1 inet static\n    address 10.0.0.6/24\n";
    let all = host(Keeper::Ifupdown);
    let made = next_start(&make(Some("eth0")), &all, &files(text));
    let after = made.file.unwrap().after;
    assert!(
        after.starts_with("auto br0 br0:1\niface br0 inet static\n    bridge_ports eth0\n"),
        "{after}"
    );
    assert!(after.contains("up ip route add 10.9.0.0/16 via 10.0.0.9 dev br0\n"));
    assert!(
        after.contains("up ethtool -K eth0 tso off\n") && made.note.unwrap().contains("ethtool")
    );
    assert!(after.contains("iface br0:1 inet static\n    address 10.0.0.6/24\n"));
    let back = BridgeWish::Remove {
        bridge: "br0".to_owned(),
    };
    assert_eq!(
        next_start(&back, &all, &files(&after)).file.unwrap().after,
        text
    );
    // Brought up by another file: the bridge says so itself.
    let alone = files("iface eth0 inet static\n    address 10.0.0.5/24\n");
    let after = next_start(&make(Some("eth0")), &all, &alone)
        .file
        .unwrap()
        .after;
    assert!(
        after.starts_with("auto br0\niface br0 inet static\n"),
        "{after}"
    );
}

#[test]
fn without_its_options_a_bridge_comes_and_goes_too() {
    let all = host(Keeper::Ifupdown);
    let mut known = files(STATIC);
    known.knows_bridges = false;
    let made = next_start(&make(Some("eth0")), &all, &known)
        .file
        .unwrap()
        .after;
    assert!(made.contains("pre-up ip link set dev eth0 up master br0\n"));
    let add = BridgeWish::Add {
        bridge: "br0".to_owned(),
        member: "eth1".to_owned(),
    };
    let mut known = files(&made);
    let two = next_start(&add, &all, &known).file.unwrap().after;
    assert!(
        two.contains("up master br0\n    pre-up ip link set dev eth1 up master br0\n"),
        "{two}"
    );
    known = files(&two);
    let out = BridgeWish::TakeOut {
        bridge: "br0".to_owned(),
        member: "eth1".to_owned(),
    };
    let one = next_start(&out, &all, &known).file.unwrap().after;
    assert_eq!(one, made);
    let back = BridgeWish::Remove {
        bridge: "br0".to_owned(),
    };
    assert_eq!(
        next_start(&back, &all, &files(&made)).file.unwrap().after,
        STATIC
    );
}

#[test]
fn a_device_that_ifupdown_has_is_its_own_beside_networkmanager() {
    let all = host(Keeper::NetworkManager);
    let made = next_start(&make(Some("eth0")), &all, &files(STATIC));
    assert_eq!(made.keeper, "ifupdown");
    let made = next_start(&make(Some("eth5")), &all, &files(STATIC));
    assert_eq!(made.keeper, "NetworkManager");
    // One that is there already is not written twice.
    let there = files("iface br0 inet manual\n");
    let made = next_start(&make(None), &host(Keeper::Ifupdown), &there);
    assert!(made.file.is_none() && made.note.unwrap().contains("already"));
}

#[test]
fn what_is_not_seen_from_here_may_be_done_by_libvirt() {
    let all = HostNetworks {
        keeper: None,
        ..host(Keeper::Unknown)
    };
    let told = next_start(&make(Some("eth0")), &all, &Files::default());
    let (path, xml) = &told.by_hand[0];
    assert_eq!(path, "br0.xml");
    let read = crate::network::interface(xml, None).unwrap();
    assert!(read[0].is_bridge() && read[0].addresses.len() == 2);
    assert_eq!(read[1].master.as_deref(), Some("br0"));
    assert!(xml.contains("<route gateway='10.0.0.1'/>"));
    assert!(told.by_hand[1].1.contains("iface-begin"));
    let away = BridgeWish::Remove {
        bridge: "br0".to_owned(),
    };
    let told = next_start(&away, &all, &Files::default());
    assert!(told.by_hand[0].1.contains("iface-undefine br0"));
}
