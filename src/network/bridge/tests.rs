//! Plans of bridges, as the commands that they are.

use super::*;
use crate::model::{BridgeFacts, Firewall, Link, LinkAddress, Route};

fn address_of(text: &str, prefix: u32) -> LinkAddress {
    LinkAddress {
        global: !text.starts_with("fe80"),
        ..LinkAddress::new(text.parse().unwrap(), prefix)
    }
}

fn link(name: &str) -> Link {
    Link {
        name: name.to_owned(),
        mac: Some("02:00:00:00:00:01".to_owned()),
        enabled: Some(true),
        physical: true,
        ..Link::default()
    }
}

fn host() -> HostNetworks {
    let mut eth0 = link("eth0");
    eth0.addresses = vec![
        address_of("10.0.0.5", 24),
        address_of("fd00::5", 64),
        address_of("fe80::1", 64),
    ];
    let mut br9 = link("br9");
    br9.kind = Some("bridge".to_owned());
    br9.physical = false;
    br9.bridge = Some(BridgeFacts::default());
    let mut eth9 = link("eth9");
    eth9.master = Some("br9".to_owned());
    HostNetworks {
        links: vec![link("lo"), eth0, link("eth1"), br9, eth9],
        routes: vec![Route {
            to: "default".to_owned(),
            gateway: "10.0.0.1".parse().ok(),
            device: "eth0".to_owned(),
            metric: Some(100),
            protocol: None,
            ipv6: false,
            table: None,
            onlink: false,
            more: Vec::new(),
            hops: Vec::new(),
        }],
        ..HostNetworks::default()
    }
}

fn made(wish: &BridgeWish, all: &HostNetworks) -> Result<BridgePlan, String> {
    plan(wish, all, &KeeperFiles::default(), None)
}

fn lines(commands: &[Vec<String>]) -> Vec<String> {
    commands.iter().map(|words| words.join(" ")).collect()
}

fn make(bridge: &str, member: Option<&str>) -> BridgeWish {
    BridgeWish::Make {
        bridge: bridge.to_owned(),
        member: member.map(str::to_owned),
        stp: false,
        delay_seconds: 0,
    }
}

#[test]
fn addresses_and_the_default_route_move_onto_the_bridge() {
    let plan = made(&make("br0", Some("eth0")), &host()).unwrap();
    assert_eq!(
        lines(&plan.commands),
        [
            "ip link add name br0 type bridge stp_state 0 forward_delay 0",
            "ip link set dev br0 address 02:00:00:00:00:01",
            "ip link set dev br0 up",
            "ip link set dev eth0 master br0",
            "ip address replace 10.0.0.5/24 dev br0 broadcast +",
            "ip address replace fd00::5/64 dev br0 nodad",
            "ip -4 route replace default via 10.0.0.1 dev br0 metric 100",
            "ip address delete fd00::5/64 dev eth0",
            "ip address delete 10.0.0.5/24 dev eth0",
        ]
    );
    assert_eq!(
        lines(&plan.back),
        [
            "ip link set dev eth0 nomaster",
            "ip link delete dev br0 type bridge",
            "ip address replace 10.0.0.5/24 dev eth0 broadcast +",
            "ip address replace fd00::5/64 dev eth0 nodad",
            "ip -4 route replace default via 10.0.0.1 dev eth0 metric 100",
        ]
    );
    assert!(plan.remarks.is_empty() && !plan.cuts_ssh);
}

#[test]
fn what_would_go_wrong_is_refused_beforehand() {
    let all = host();
    let add = |bridge: &str, member: &str| BridgeWish::Add {
        bridge: bridge.to_owned(),
        member: member.to_owned(),
    };
    for (wish, part) in [
        (make("", None), "needs a name"),
        (make("a-very-long-name", None), "15 characters"),
        (make("br 0", None), "letters, digits"),
        (make("-br", None), "does not begin"),
        (make("eth0", None), "already"),
        (make("br0", Some("eth7")), "no link 'eth7'"),
        (make("br0", Some("lo")), "loopback"),
        (make("br0", Some("br9")), "a bridge itself"),
        (make("br0", Some("eth9")), "in 'br9' already"),
        (add("eth0", "eth1"), "is no bridge"),
        (add("br9", "eth9"), "already"),
    ] {
        let why = made(&wish, &all).unwrap_err();
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn the_link_of_ones_own_ssh_connection_is_told() {
    let ssh = "10.0.0.5".parse().ok();
    let files = KeeperFiles::default();
    let over = plan(&make("br0", Some("eth0")), &host(), &files, ssh).unwrap();
    assert!(over.cuts_ssh && over.remarks[0].contains("SSH"));
    let other = plan(&make("br0", Some("eth1")), &host(), &files, ssh).unwrap();
    assert!(!other.cuts_ssh);
}

#[test]
fn firewall_traps_and_dhcp_are_told() {
    let mut all = host();
    all.links[1].addresses[0].dynamic = true;
    all.firewall = Firewall {
        bridge_calls_iptables: Some(true),
        drops_forwarded: Some(true),
        ..Firewall::default()
    };
    let plan = made(&make("br0", Some("eth0")), &all).unwrap();
    assert!(plan.remarks.iter().any(|one| one.contains("DHCP")));
    assert!(plan.remarks.iter().any(|one| one.contains("br_netfilter")));
}

#[test]
fn a_bridge_is_taken_away_only_when_nobody_needs_it() {
    let wish = BridgeWish::Remove {
        bridge: "br9".to_owned(),
    };
    let mut all = host();
    let gone = made(&wish, &all).unwrap();
    assert_eq!(
        lines(&gone.commands),
        [
            "ip link set dev eth9 nomaster",
            "ip link delete dev br9 type bridge"
        ]
    );
    all.links[3].addresses = vec![address_of("10.9.0.1", 24)];
    let moved = made(&wish, &all).unwrap();
    assert!(
        lines(&moved.commands)
            .contains(&"ip address replace 10.9.0.1/24 dev eth9 broadcast +".to_owned())
    );
    let mut tap = link("vnet0");
    tap.kind = Some("tun".to_owned());
    tap.master = Some("br9".to_owned());
    all.links.push(tap);
    assert!(made(&wish, &all).unwrap_err().contains("vnet0"));
    let out = BridgeWish::TakeOut {
        bridge: "br9".to_owned(),
        member: "eth9".to_owned(),
    };
    assert!(made(&out, &all).unwrap().remarks[0].contains("only device"));
}

#[test]
fn what_hangs_on_a_device_is_told_or_keeps_it_out() {
    let mut all = host();
    let mut vlan = link("eth0.7");
    vlan.kind = Some("vlan".to_owned());
    vlan.parent = Some("eth0".to_owned());
    all.links.push(vlan);
    let plan = made(&make("br0", Some("eth0")), &all).unwrap();
    assert!(
        plan.remarks
            .iter()
            .any(|one| one.contains("eth0.7 on eth0 go on"))
    );
    // Whoever came by the VLAN comes through what is below it.
    all.links[5].addresses = vec![address_of("10.7.0.5", 24)];
    let ssh = "10.7.0.5".parse().ok();
    let files = KeeperFiles::default();
    let over = super::plan(&make("br0", Some("eth0")), &all, &files, ssh).unwrap();
    assert!(over.cuts_ssh);
    let mut tap = link("macvtap0");
    tap.kind = Some("macvtap".to_owned());
    tap.parent = Some("eth0".to_owned());
    all.links.push(tap);
    assert!(
        made(&make("br0", Some("eth0")), &all)
            .unwrap_err()
            .contains("macvtap0")
    );
    all.links[2].wireless = true;
    assert!(
        made(&make("br0", Some("eth1")), &all)
            .unwrap_err()
            .contains("wireless")
    );
    all.links[2].wireless = false;
    all.links[2].ethernet = Some(false);
    assert!(
        made(&make("br0", Some("eth1")), &all)
            .unwrap_err()
            .contains("Ethernet")
    );
}

#[test]
fn daemons_that_manage_the_device_are_told() {
    let mut all = host();
    all.keeper = Some(crate::model::Keeper::NetworkManager);
    let plan = made(&make("br0", Some("eth0")), &all).unwrap();
    assert!(
        plan.remarks
            .iter()
            .any(|one| one.starts_with("NetworkManager manages eth0"))
    );
    let add = BridgeWish::Add {
        bridge: "br9".to_owned(),
        member: "eth1".to_owned(),
    };
    let told = made(&add, &all).unwrap().next_start.by_hand;
    assert!(
        told[0]
            .1
            .contains("con-name br9-eth1 ifname eth1 master br9")
    );
}
