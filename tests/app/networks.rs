//! The networks of a host.
#![allow(dead_code, reason = "shared by several test targets")]

use std::net::IpAddr;
use std::time::Duration;

use virtty::app::{Effect, Event, Layer, Level, NetItem, NetRow, Networks, Page};
use virtty::model::{
    AddressSource, FilterBinding, Firewall, GuestAddress, HostNetworks, Keeper, KeeperFiles, Lease,
    LinksFrom, Network, NicInfo, PendingChange,
};
use virtty::network::{filter, links, network, routes};
use virtty::protocol::{
    Affect, Answer, Failure, JobId, NetVerb, NetworkUpdate, NetworkVerb, News, UpdateCommand,
    UpdateSection, Verb,
};

use crate::material::define;
use crate::session::{Session, off, running, uuid};

pub const NAT: &str = "<network connections='2'><name>default</name><forward mode='nat'/>\
    <bridge name='virbr0' stp='on' delay='0'/><domain name='lab.example'/>\
    <dns><host ip='192.168.122.1'><hostname>gw</hostname></host></dns>\
    <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/>\
    <host mac='52:54:00:00:00:02' name='db' ip='192.168.122.20'/></dhcp></ip>\
    <ip family='ipv6' address='fd00:122::1' prefix='64'/></network>";

pub const LINKS: &str = r#"[
    {"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"link_type":"loopback","addr_info":[]},
    {"ifindex":2,"ifname":"enp1s0","flags":["UP","LOWER_UP"],"mtu":1500,"master":"br0","link_type":"ether","address":"02:fc:00:00:00:01",
     "linkinfo":{"info_slave_kind":"bridge","info_slave_data":{"state":"forwarding"}},"addr_info":[],
     "stats64":{"rx":{"bytes":7000000,"dropped":12,"errors":0},"tx":{"bytes":90000,"dropped":0,"errors":0}}},
    {"ifindex":3,"ifname":"enp2s0","flags":["UP","LOWER_UP"],"mtu":1500,"link_type":"ether","address":"02:fc:00:00:00:02",
     "addr_info":[{"family":"inet","local":"10.1.0.9","prefixlen":24,"scope":"global"},{"family":"inet","local":"10.1.0.10","prefixlen":24,"scope":"global"}],
     "stats64":{"rx":{"bytes":10},"tx":{"bytes":20}}},
    {"ifindex":4,"ifname":"br0","flags":["UP","LOWER_UP"],"mtu":1500,"link_type":"ether","address":"02:fc:00:00:00:01",
     "linkinfo":{"info_kind":"bridge","info_data":{"stp_state":0,"forward_delay":0,"bridge_id":"8000.2:fc:0:0:0:1","root_id":"8000.2:fc:0:0:0:1"}},
     "addr_info":[{"family":"inet","local":"192.0.2.2","prefixlen":24,"scope":"global","dynamic":true}],
     "stats64":{"rx":{"bytes":7000000},"tx":{"bytes":90000}}},
    {"ifindex":5,"ifname":"virbr0","flags":["UP","LOWER_UP"],"mtu":1500,"link_type":"ether","address":"52:54:00:10:00:01",
     "linkinfo":{"info_kind":"bridge","info_data":{"stp_state":1,"forward_delay":200,"bridge_id":"8000.52:54:0:10:0:1"}},
     "addr_info":[{"family":"inet","local":"192.168.122.1","prefixlen":24,"scope":"global"}]},
    {"ifindex":6,"ifname":"vnet0","flags":["UP","LOWER_UP"],"master":"virbr0","link_type":"ether","address":"fe:54:00:00:00:01",
     "linkinfo":{"info_kind":"tun","info_slave_kind":"bridge","info_slave_data":{"state":"forwarding"}},"addr_info":[]},
    {"ifindex":7,"ifname":"vnet1","flags":["UP","LOWER_UP"],"master":"br0","link_type":"ether","address":"fe:54:00:00:00:03",
     "linkinfo":{"info_kind":"tun","info_slave_kind":"bridge","info_slave_data":{"state":"forwarding"}},"addr_info":[]},
    {"ifindex":8,"ifname":"dummy0","flags":[],"link_type":"ether","linkinfo":{"info_kind":"dummy"},"addr_info":[]}]"#;

pub fn nic(kind: &str, source: &str, number: u32, tap: Option<&str>) -> NicInfo {
    let bridge = if kind == "bridge" { source } else { "virbr0" };
    NicInfo {
        bridge: tap.map(|_| bridge.to_owned()),
        kind: kind.to_owned(),
        source: Some(source.to_owned()),
        mac: Some(format!("52:54:00:00:00:{number:02}")),
        target: tap.map(str::to_owned),
        model: Some("virtio".to_owned()),
        link_up: true,
    }
}

fn virtual_network(number: u32, name: &str, xml: &str, active: bool) -> Network {
    Network {
        uuid: uuid(number),
        name: name.to_owned(),
        active,
        persistent: true,
        autostart: Some(active),
        definition: network(xml).unwrap(),
        next: None,
        error: None,
        xml: xml.to_owned(),
        leases: Ok(Vec::new()),
    }
}

pub fn lease(mac: &str, address: &str, name: Option<&str>, session: &Session) -> Lease {
    Lease {
        interface: Some("virbr0".to_owned()),
        expires: Some(session.now.wall + Duration::from_secs(2520)),
        mac: Some(mac.to_owned()),
        address: address.parse().unwrap(),
        prefix: 24,
        hostname: name.map(str::to_owned),
        client_id: None,
    }
}

/// A host with three networks, a bridge of its own and filters.
pub fn host(session: &Session) -> HostNetworks {
    let mut default = virtual_network(1001, "default", NAT, true);
    default.leases = Ok(vec![
        lease("52:54:00:00:00:01", "192.168.122.57", Some("web"), session),
        lease(
            "52:54:00:99:99:99",
            "192.168.122.90",
            Some("laptop"),
            session,
        ),
    ]);
    let lan = "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>";
    let old = "<network><name>old</name><bridge name='virbr9'/><ip address='10.1.0.1' netmask='255.255.255.0'/></network>";
    let clean =
        "<filter name='clean-traffic' chain='root'><filterref filter='no-arp-spoofing'/></filter>";
    let arp = "<filter name='no-arp-spoofing' chain='arp'><rule/><rule/></filter>";
    let read =
        |number, name: &str, xml: &str| filter(name.to_owned(), uuid(number), xml.to_owned());
    HostNetworks {
        networks: vec![
            default,
            virtual_network(1002, "lan", lan, true),
            virtual_network(1003, "old", old, false),
        ],
        links: {
            let mut found = links(LINKS).unwrap();
            found[1].speed_mbps = Some(1000);
            found[2].speed_mbps = Some(2500);
            found
        },
        links_from: LinksFrom::Kernel,
        routes: routes(
            r#"[{"dst":"default","gateway":"192.0.2.1","dev":"br0","protocol":"dhcp"},
                {"dst":"10.40.0.0/16","gateway":"192.0.2.7","dev":"br0","protocol":"static"}]"#,
            false,
            &[],
        )
        .unwrap(),
        filters: vec![
            read(1011, "clean-traffic", clean).unwrap(),
            read(1012, "no-arp-spoofing", arp).unwrap(),
        ],
        bindings: vec![FilterBinding {
            port: "vnet1".to_owned(),
            filter: "clean-traffic".to_owned(),
        }],
        keeper: Some(Keeper::Ifupdown),
        files: KeeperFiles {
            own: Some("/etc/network/interfaces.d/{}".to_owned()),
            interfaces: vec![(
                "/etc/network/interfaces".to_owned(),
                "auto enp2s0\niface enp2s0 inet static\n    address 10.1.0.9/24\n".to_owned(),
            )],
            knows_bridges: true,
        },
        firewall: Firewall {
            bridge_calls_iptables: Some(true),
            forwards_v4: Some(true),
            forwards_v6: Some(false),
            drops_forwarded: Some(true),
        },
        ..HostNetworks::default()
    }
}

/// A session with domains on these networks; nothing opened yet.
pub fn session(width: u16, height: u16) -> Session {
    let mut domains = vec![running(1, "web-01"), off(2, "db-01"), running(3, "gate")];
    domains[0] = define(domains[0].clone(), |d| {
        d.nics = vec![nic("network", "default", 1, Some("vnet0"))];
    });
    domains[1] = define(domains[1].clone(), |d| {
        d.nics = vec![nic("network", "default", 2, None)];
    });
    domains[2] = define(domains[2].clone(), |d| {
        d.nics = vec![nic("bridge", "br0", 3, Some("vnet1"))];
    });
    let mut session = Session::active(width, height, domains);
    let address = GuestAddress {
        interface: "eth0".to_owned(),
        mac: Some("52:54:00:00:00:03".to_owned()),
        address: "192.0.2.77".parse().unwrap(),
        prefix: 24,
        source: AddressSource::Agent,
    };
    session.news(0, 1, News::Addresses(uuid(3), vec![address]));
    session.done();
    session
}

pub fn asked(session: &mut Session, wanted: impl Fn(&Verb) -> bool) -> JobId {
    let found = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) if wanted(&request.verb) => Some(request.job),
        _ => None,
    });
    found.expect("it is asked for")
}

/// The page with what was read.
pub fn page(width: u16, height: u16) -> Session {
    let mut session = session(width, height);
    session.keys("N");
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadNetworks(_)));
    let read = host(&session);
    session.news(
        0,
        1,
        News::JobFinished(job, Ok(Answer::Networks(Box::new(read)))),
    );
    session
}

pub fn networks(session: &Session) -> &Networks {
    match session.state.page() {
        Page::Networks(networks) => networks,
        page => panic!("{} is open", page.title()),
    }
}

/// The lines of the present section: depth and what they are called.
fn lines(session: &Session) -> Vec<String> {
    let page = networks(session);
    let rows = page.list().rows().iter();
    let words = rows.filter_map(|row| page.line(*row)).map(|line| {
        let name = match &line.item {
            NetItem::Network(network, count) => format!("{} ({count})", network.name),
            NetItem::Client(client) => {
                let name = client.name.as_deref().or(client.hostname()).unwrap_or("?");
                let address = client.address().map(|address: IpAddr| address.to_string());
                format!("{name} {}", address.unwrap_or_default())
            }
            NetItem::Range(first, last) => format!("{first} – {last}"),
            NetItem::Name(host) => format!("{} = {}", host.names.join(" "), host.address),
            NetItem::Link(mapped) => {
                let client = mapped
                    .client
                    .as_ref()
                    .and_then(|client| client.name.clone());
                format!("{} {}", mapped.link.name, client.unwrap_or_default())
            }
            NetItem::Filter(filter) => filter.name.clone(),
            NetItem::Binding(binding, client) => {
                let client = client.as_ref().and_then(|client| client.name.clone());
                format!("{} {}", binding.port, client.unwrap_or_default())
            }
        };
        format!("{}{}", " ".repeat(line.depth.into()), name.trim_end())
    });
    words.collect()
}

#[test]
fn networks_show_who_is_on_them() {
    let session = page(100, 30);
    assert_eq!(
        lines(&session),
        [
            "default (1)",
            " web-01 192.168.122.57",
            " db-01 192.168.122.20",
            " laptop 192.168.122.90",
            " 192.168.122.2 – 192.168.122.254",
            " gw = 192.168.122.1",
            // A bridge of the host: whoever is in it is on the network.
            "lan (1)",
            " gate 192.0.2.77",
            "old (0)",
        ]
    );
}

#[test]
fn links_show_bridges_with_what_is_in_them() {
    let mut session = page(100, 30);
    session.keys("<Tab>");
    assert_eq!(
        lines(&session),
        [
            "br0",
            " enp1s0",
            " vnet1 gate",
            "virbr0",
            " vnet0 web-01",
            "enp2s0",
            "dummy0",
        ]
    );
    session.keys("<Tab>");
    assert_eq!(
        lines(&session),
        ["clean-traffic", " vnet1 gate", "no-arp-spoofing"]
    );
}

#[test]
fn what_is_typed_finds_macs_addresses_taps_and_bridges() {
    for (tab, typed, expected) in [
        ("", "99:99", &["default (1)", " laptop 192.168.122.90"][..]),
        ("", "122.57", &["default (1)", " web-01 192.168.122.57"]),
        ("", "vnet0", &["default (1)", " web-01 192.168.122.57"]),
        ("", "lan", &["lan (1)", " gate 192.0.2.77"]),
        ("", "gw", &["default (1)", " gw = 192.168.122.1"]),
        ("<Tab>", "gate", &["br0", " vnet1 gate"]),
        ("<Tab>", "virbr", &["virbr0", " vnet0 web-01"]),
        ("<Tab>", "10.1.0.10", &["enp2s0"]),
        ("", "nothing", &[]),
    ] {
        let mut session = page(100, 30);
        session.keys(&format!("{tab}/{typed}<Enter>"));
        assert_eq!(lines(&session), expected, "{typed}");
        session.keys("<Esc>");
        assert!(lines(&session).len() > 5);
    }
}

#[test]
fn the_selection_follows_its_row_and_folds() {
    let mut session = page(100, 30);
    session.keys("j");
    let row = networks(&session).list().selected();
    assert!(matches!(row, Some(NetRow::Client(..))));
    session.keys("h");
    assert_eq!(lines(&session)[..2], ["default (1)", "lan (1)"]);
    session.keys("l");
    assert_eq!(lines(&session).len(), 9);
    session.keys("j<Enter>");
    assert_eq!(
        session.state.page().domain().map(|id| id.uuid),
        Some(uuid(1))
    );
}

#[test]
fn it_is_read_again_while_one_looks_and_after_events() {
    let mut session = page(100, 30);
    session.wait(1.0);
    assert!(session.done().is_empty());
    session.wait(3.0);
    asked(&mut session, |verb| matches!(verb, Verb::ReadNetworks(_)));
    session.keys("<Esc>").wait(30.0).event(Event::Tick);
    assert!(session.done().is_empty());
}

#[test]
fn the_link_that_carries_the_ssh_connection_is_told() {
    let mut session = page(100, 30);
    session.state.options.here.ssh_connection = Some("198.51.100.1 4242 192.0.2.2 22".to_owned());
    session.keys("<Tab>");
    let told: Vec<_> = networks(&session).told(&session.state);
    assert!(told.iter().any(|(label, ..)| *label == "SSH"), "{told:?}");
    // What lies in the bridge carries it as well.
    session.keys("j");
    let told = networks(&session).told(&session.state);
    assert!(told.iter().any(|(label, ..)| *label == "SSH"));
    session.keys("j");
    let told = networks(&session).told(&session.state);
    assert!(told.iter().all(|(label, ..)| *label != "SSH"));
}

#[test]
fn a_network_that_would_clash_says_so() {
    let mut session = page(100, 30);
    session.keys("G");
    let told = networks(&session).told(&session.state);
    let problem = told.iter().find(|(label, ..)| *label == "Problem").unwrap();
    assert!(problem.1.contains("10.1.0.0/24") && problem.1.contains("enp2s0"));
}

/// What is asked of libvirt about networks since the last time.
fn sent(session: &mut Session) -> Vec<NetVerb> {
    let effects = session.done().into_iter();
    let verbs = effects.filter_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Net(verb) => Some(verb),
            _ => None,
        },
        _ => None,
    });
    verbs.collect()
}

fn said(session: &Session) -> String {
    let message = session.state.messages.current();
    message.map_or_else(String::new, |message| message.text.clone())
}

#[test]
fn a_network_is_stopped_after_a_question_that_names_who_is_on_it() {
    let mut session = page(100, 30);
    session.keys("D");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("nothing is asked");
    };
    assert_eq!(confirm.title, "Stop default?");
    assert!(confirm.body.iter().any(|line| line.contains("web-01")));
    assert!(
        confirm
            .command
            .as_ref()
            .unwrap()
            .contains("net-destroy -- default")
    );
    assert!(sent(&mut session).is_empty());
    session.keys("<Tab><Enter>");
    assert_eq!(
        sent(&mut session),
        [NetVerb::Network(uuid(1001), NetworkVerb::Stop)]
    );
    // Whether they are shown or not, and those that are off when it is deleted.
    session.keys("h<Delete>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("nothing is asked");
    };
    let names = |line: &String| line.contains("db-01") && line.contains("web-01");
    assert!(confirm.body.iter().any(names), "{:?}", confirm.body);
    session.keys("<Esc>h");
    // One that is started already is not started.
    session.keys("s");
    assert!(sent(&mut session).is_empty() && said(&session).contains("active already"));
    session.keys("Gs");
    assert_eq!(
        sent(&mut session),
        [NetVerb::Network(uuid(1003), NetworkVerb::Start)]
    );
    session.keys("<alt-a>");
    assert_eq!(
        sent(&mut session),
        [NetVerb::Network(
            uuid(1003),
            NetworkVerb::SetAutostart(true)
        )]
    );
}

#[test]
fn what_came_of_it_is_told_by_its_name() {
    let mut session = page(100, 30);
    session.keys("Gs");
    let job = asked(&mut session, |verb| matches!(verb, Verb::Net(_)));
    session.news(0, 1, News::JobFinished(job, Ok(Answer::Done)));
    assert_eq!(said(&session), "Network old was started.");
    assert!(
        session
            .state
            .log
            .last()
            .unwrap()
            .line
            .ends_with("net-start -- old")
    );
    asked(&mut session, |verb| matches!(verb, Verb::ReadNetworks(_)));
}

#[test]
fn the_address_of_a_lease_is_reserved_with_one_key() {
    let mut session = page(100, 30);
    session.keys("jR");
    let expected = NetworkUpdate {
        command: UpdateCommand::AddLast,
        section: UpdateSection::DhcpHost,
        parent: Some(0),
        xml: "<host mac='52:54:00:00:00:01' name='web' ip='192.168.122.57'/>".to_owned(),
        affect: Affect::Both,
    };
    let update = NetworkVerb::Update(Box::new(expected));
    assert_eq!(sent(&mut session), [NetVerb::Network(uuid(1001), update)]);
    // What is reserved already is not reserved again, and goes after a question.
    session.keys("jR");
    assert!(sent(&mut session).is_empty());
    session.keys("<Delete><Tab><Enter>");
    let [NetVerb::Network(_, NetworkVerb::Update(update))] = &sent(&mut session)[..] else {
        panic!("the reservation stays");
    };
    assert_eq!(update.command, UpdateCommand::Delete);
    assert!(update.xml.contains("192.168.122.20"));
    // Nobody's address can be reserved where libvirt gives none out.
    session.keys("GkR");
    assert!(sent(&mut session).is_empty() && said(&session).contains("no subnet"));
}

#[test]
fn words_behind_the_colon_find_their_network() {
    for (line, expected) in [
        (
            "net-start old",
            NetVerb::Network(uuid(1003), NetworkVerb::Start),
        ),
        (
            "net-autostart default --disable",
            NetVerb::Network(uuid(1001), NetworkVerb::SetAutostart(false)),
        ),
    ] {
        let mut session = session(100, 30);
        session.keys(&format!(":{}<Enter>", line));
        let job = asked(&mut session, |verb| matches!(verb, Verb::ReadNetworks(_)));
        let read = host(&session);
        session.news(
            0,
            1,
            News::JobFinished(job, Ok(Answer::Networks(Box::new(read)))),
        );
        session.event(Event::Tick);
        assert_eq!(sent(&mut session), [expected], "{line}");
    }
    let mut session = page(100, 30);
    session.keys(":net-start odl<Enter>");
    assert!(
        said(&session).contains("did you mean old"),
        "{}",
        said(&session)
    );
    session.keys(":net-dumpxml lan<Enter>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Reader(_))
    ));
    session.keys("<Esc>:iface-list<Enter>");
    assert!(lines(&session).contains(&"br0".to_owned()));
    session.keys(":net-define x.xml<Enter>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Command(_))
    ));
}

#[test]
fn nothing_is_changed_on_a_read_only_connection() {
    let mut session = page(100, 30);
    session.open(0, true);
    for keys in ["Gs", "gD", "jR", "n", "+", "<Tab>n"] {
        session.keys(keys);
        assert!(session.state.layers.is_empty(), "{keys}");
        assert!(sent(&mut session).is_empty());
        assert!(
            said(&session).contains("read-only"),
            "{keys}: {}",
            said(&session)
        );
        session.wait(60.0);
    }
}

/// The open form, as `label: value` of what can be filled in.
fn form(session: &Session) -> &virtty::app::Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        layer => panic!("no form: {layer:?}"),
    }
}

#[test]
fn a_new_network_is_defined_as_the_form_shows_it() {
    let mut session = page(100, 30);
    session.keys("n");
    assert_eq!(form(&session).text("ipv4"), "192.168.100.1/24");
    let shown: Vec<String> = form(&session)
        .preview
        .iter()
        .map(|line| line.1.clone())
        .collect();
    let range = "      <range start='192.168.100.2' end='192.168.100.254'/>";
    assert!(shown.iter().any(|line| line == range));
    session.keys("<Enter>");
    let [
        NetVerb::DefineNetwork {
            xml,
            start: true,
            autostart: true,
        },
    ] = &sent(&mut session)[..]
    else {
        panic!("nothing is defined");
    };
    assert_eq!(xml.lines().collect::<Vec<_>>(), shown);
}

#[test]
fn what_is_wrong_with_a_new_network_is_told_at_its_field() {
    let mut session = page(100, 30);
    session.keys("n");
    // The name of another, then a subnet of another.
    session.keys("<ctrl-u>default<Enter>");
    let wrong = |session: &Session, key: &str| form(session).field(key).unwrap().error.clone();
    assert!(wrong(&session, "name").unwrap().contains("of this name"));
    session.keys("<ctrl-u>new<Tab><Tab><Tab><ctrl-u>192.168.122.9/24<Enter>");
    assert!(
        wrong(&session, "ipv4")
            .unwrap()
            .contains("Network default has it")
    );
    session.keys("<ctrl-u>10.1.0.1/16<Enter>");
    assert!(wrong(&session, "ipv4").unwrap().contains("has it"));
    // That of a route of the host.
    session.keys("<ctrl-u>10.40.3.1/24<Enter>");
    assert!(
        wrong(&session, "ipv4")
            .unwrap()
            .contains("route to 10.40.0.0/16")
    );
    session.keys("<ctrl-u>10.5.0.0/24<Enter>");
    assert!(
        wrong(&session, "ipv4")
            .unwrap()
            .contains("the subnet itself")
    );
    session.keys("<ctrl-u>10.5.0.1<Enter>");
    assert!(wrong(&session, "ipv4").unwrap().contains("with a prefix"));
    session.keys("<ctrl-u>10.5.0.1/24<Tab><Tab>10.6.0.1<Enter>");
    assert!(
        wrong(&session, "first")
            .unwrap()
            .contains("not in the subnet")
    );
    assert!(sent(&mut session).is_empty());
}

#[test]
fn a_bridge_is_made_as_it_was_shown_and_kept_by_a_key() {
    let mut session = page(120, 40);
    session.state.options.here.ssh_connection = Some("198.51.100.1 4242 10.1.0.9 22".to_owned());
    // Over enp2s0.
    session.keys("<Tab>Gkn");
    assert_eq!(form(&session).text("member"), "enp2s0");
    assert_eq!(form(&session).text("bridge"), "br1");
    let shown: Vec<String> = form(&session)
        .preview
        .iter()
        .map(|line| line.1.clone())
        .collect();
    let has = |part: &str| shown.iter().any(|line| line.contains(part));
    assert!(has("Your own SSH connection"));
    assert!(has("ip link set dev enp2s0 master br1"));
    assert!(has("/etc/network/interfaces is written when it is kept"));
    assert!(has("iface br1 inet static"));
    assert!(has("br_netfilter"));
    session.keys("<Enter>");
    let found = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::ApplyBridge(plan) => Some((request.job, plan)),
            _ => None,
        },
        _ => None,
    });
    let (job, plan) = found.expect("it is made");
    assert!(plan.cuts_ssh && plan.title == "bridge br1 over enp2s0");
    session.news(0, 1, News::JobFinished(job, Ok(Answer::Done)));
    assert!(session.state.layers.is_empty());
    assert!(said(&session).contains("K keeps it"));
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadNetworks(_)));
    let mut read = host(&session);
    read.change = Some(PendingChange {
        title: plan.title.clone(),
        until: session.now.wall + Duration::from_secs(42),
        is_guarded: true,
    });
    session.news(
        0,
        1,
        News::JobFinished(job, Ok(Answer::Networks(Box::new(read)))),
    );
    let waiting = networks(&session).waiting(&session.state).unwrap();
    assert!(waiting.contains("42 s") && waiting.contains("br1"));
    session.keys("K");
    asked(&mut session, |verb| *verb == Verb::DecideBridge(true));
}

#[test]
fn of_another_host_a_bridge_is_shown_and_copied() {
    let mut session = session(120, 40);
    session.keys("N");
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadNetworks(_)));
    let read = HostNetworks {
        links_from: LinksFrom::Libvirt,
        keeper: None,
        ..host(&session)
    };
    let answer = Answer::Networks(Box::new(read));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("<Tab>Gkn");
    assert_eq!(form(&session).accept, "Copy");
    let command = form(&session).command.clone().unwrap();
    assert!(
        command.starts_with("virtty -c ") && !command.contains("--apply"),
        "{command}"
    );
    let shown = |part: &str| {
        form(&session)
            .preview
            .iter()
            .any(|line| line.1.contains(part))
    };
    assert!(shown("<interface type='bridge' name='br1'>") && shown("iface-begin"));
    session.keys("<Enter>");
    let copied = session.done().into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        Effect::Send(_, request) => {
            assert!(!matches!(request.verb, Verb::ApplyBridge(_)), "it is done");
            None
        }
        _ => None,
    });
    assert!(
        copied
            .unwrap()
            .contains("ip link set dev enp2s0 master br1")
    );
}

#[test]
fn a_bridge_that_fails_leaves_the_form_as_it_was_filled_in() {
    let mut session = page(120, 40);
    session.keys("<Tab>n");
    session.keys("<ctrl-u>lan7<Enter>");
    let job = asked(&mut session, |verb| matches!(verb, Verb::ApplyBridge(_)));
    let failure = Failure {
        what: "bridge lan7".to_owned(),
        reason: "Operation not permitted; all was taken back".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(job, Err(failure)));
    assert_eq!(form(&session).text("bridge"), "lan7");
    assert!(
        form(&session)
            .error
            .as_ref()
            .unwrap()
            .contains("taken back")
    );
    // A name that is taken is told while it is typed.
    session.keys("<ctrl-u>virbr0");
    assert!(form(&session).hold.as_ref().unwrap().contains("already"));
}

#[test]
fn nics_are_found_from_anywhere() {
    for typed in [
        "52:54:00:00:00:03",
        "5254.0000.0003",
        "52-54-00-00-00-03",
        "192.0.2.77",
        "vnet1",
        "NIC br0",
    ] {
        let mut session = session(100, 30);
        session.keys("<ctrl-p>");
        for c in typed.chars() {
            session.keys(&c.to_string().replace(' ', "<Space>"));
        }
        let Some(Layer::Finder(finder)) = session.state.layers.last() else {
            panic!("no finder");
        };
        let first = finder.found().next().unwrap();
        assert_eq!(first.about, "of gate", "{typed}");
        session.keys("<Enter>");
        assert_eq!(session.selected_name(), Some("gate"));
    }
}

#[test]
fn domains_are_filtered_by_what_their_nics_are_known_by() {
    for typed in [
        "52:54:00:00:00:03",
        "52-54-00-00-00-03",
        "192.0.2.77",
        "vnet1",
        "br0",
        "mac:0000.0003",
    ] {
        let mut session = session(100, 30);
        session.keys("/");
        for c in typed.chars() {
            session.keys(&c.to_string());
        }
        session.keys("<Enter>");
        assert_eq!(session.selected_name(), Some("gate"), "{typed}");
        assert_eq!(session.state.table.view().len(), 1, "{typed}");
    }
    let mut session = self::session(100, 30);
    session.keys("/virbr0<Enter>");
    assert_eq!(session.selected_name(), Some("web-01"));
    // A hardware address that begins with letters is no field.
    session.keys("/<ctrl-u>fe:54:00<Enter>");
    assert_eq!(session.state.table.view().len(), 0);
}

#[test]
fn a_message_is_told_when_nothing_waits() {
    let mut session = page(100, 30);
    session.keys("K");
    assert!(said(&session).contains("No change"));
    assert_eq!(session.state.messages.current().unwrap().level, Level::Note);
}

#[test]
fn ranges_come_and_go_while_the_network_runs() {
    let mut session = page(100, 30);
    // The range stands behind who is on the network.
    session.keys("jjjj<Delete><Tab><Enter>");
    let [NetVerb::Network(_, NetworkVerb::Update(update))] = &sent(&mut session)[..] else {
        panic!("it stays");
    };
    assert_eq!(
        (update.section, update.command),
        (UpdateSection::DhcpRange, UpdateCommand::Delete)
    );
    assert_eq!(
        update.xml,
        "<range start='192.168.122.2' end='192.168.122.254'/>"
    );
    // One that meets another is refused at its field.
    session.keys("g+<Right><Right><Tab>192.168.122.9<Tab>192.168.122.20<Enter>");
    let error = form(&session).field("address").unwrap().error.clone();
    assert!(error.unwrap().contains("already"));
}

#[test]
fn the_plan_of_a_bridge_is_read_in_full() {
    let mut session = page(80, 24);
    session.keys("<Tab>Gkn<ctrl-o>");
    let Some(Layer::Reader(reader)) = session.state.layers.last() else {
        panic!("no reader");
    };
    assert!(
        reader
            .lines
            .iter()
            .any(|line| line.text.contains("iface br1 inet static"))
    );
    assert!(
        reader
            .script
            .as_ref()
            .unwrap()
            .contains("ip link set dev enp2s0 master br1\n")
    );
    session.keys("<Esc>");
    assert_eq!(form(&session).text("member"), "enp2s0");
}
