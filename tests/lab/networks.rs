//! Networks of a real host, and bridges in network namespaces of the test's own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio, id};
use std::time::Duration;

use virtty::model::{ConnectionState, HostNetworks, LinksFrom, Network};
use virtty::protocol::{
    Affect, Answer, NetVerb, NetworkUpdate, NetworkVerb, UpdateCommand, UpdateSection, Verb,
};

use crate::support::lab::Lab;
use crate::support::watched::Watched;

/// A connection that is open.
fn open(uri: &str, readonly: bool) -> Watched {
    let mut watched = Watched::open_as(uri, readonly);
    watched.until_state("open", |state| *state == ConnectionState::Active);
    watched
}

fn read(watched: &mut Watched) -> HostNetworks {
    match watched.ask(Verb::ReadNetworks).unwrap() {
        Answer::Networks(networks) => *networks,
        other => panic!("another answer: {other:?}"),
    }
}

fn named<'a>(networks: &'a HostNetworks, name: &str) -> &'a Network {
    let found = networks.networks.iter().find(|one| one.name == name);
    found.unwrap_or_else(|| panic!("no network {name} in {networks:?}"))
}

#[test]
fn a_host_tells_its_networks_with_leases_and_taps() {
    let lab = Lab::get();
    let mut watched = open(lab.uri(), false);
    let networks = read(&mut watched);
    let default = named(&networks, "default");
    assert!(default.active && default.error.is_none());
    let leases = default.leases.as_ref().unwrap();
    let said = lab.main().virsh(&["net-dhcp-leases", "default"]);
    for lease in leases {
        assert!(said.contains(&lease.address.to_string()), "{said}");
    }
    assert!(!leases.is_empty(), "{said}");
    // The bridge and the tap of the guest, by the kernel.
    assert_eq!(networks.links_from, LinksFrom::Kernel);
    let bridge = default.definition.bridge.as_deref();
    let link = networks
        .links
        .iter()
        .find(|link| Some(link.name.as_str()) == bridge);
    assert!(link.unwrap().is_bridge());
    let taps = networks
        .links
        .iter()
        .filter(|link| link.master.as_deref() == bridge);
    assert!(
        taps.clone().any(|link| link.is_tap()),
        "{:?}",
        networks.links
    );
}

#[test]
fn a_network_is_made_changed_while_it_runs_and_taken_away() {
    let lab = Lab::get();
    let host = lab.own_host("networks");
    let mut watched = open(&host.uri, false);
    let number = id() % 250;
    let (name, bridge) = (format!("net{}", id()), format!("vn{}", id()));
    let xml = |name: &str, bridge: &str| {
        format!(
            "<network><name>{name}</name><forward mode='open'/><bridge name='{bridge}'/>\
             <ip address='198.19.{number}.1' netmask='255.255.255.0'><dhcp>\
             <range start='198.19.{number}.2' end='198.19.{number}.99'/></dhcp></ip></network>"
        )
    };
    let define = |xml: String| {
        Verb::Net(NetVerb::DefineNetwork {
            xml,
            start: true,
            autostart: true,
        })
    };
    watched.ask(define(xml(&name, &bridge))).unwrap();
    let networks = read(&mut watched);
    let network = named(&networks, &name).clone();
    assert!(network.active && network.autostart == Some(true));
    // Another with the same subnet cannot be started: nothing of it is left.
    let failure = watched
        .ask(define(xml(&format!("{name}b"), &format!("{bridge}b"))))
        .unwrap_err();
    assert!(failure.reason.contains("taken back"), "{failure}");
    assert_eq!(read(&mut watched).networks.len(), 1);
    // A reservation holds at once and from the next start on.
    let reserved = format!("<host mac='52:54:00:aa:bb:cc' name='web' ip='198.19.{number}.50'/>");
    let update = |command| {
        let update = NetworkUpdate {
            command,
            section: UpdateSection::DhcpHost,
            parent: Some(0),
            xml: reserved.clone(),
            affect: Affect::Both,
        };
        Verb::Net(NetVerb::Network(
            network.uuid,
            NetworkVerb::Update(Box::new(update)),
        ))
    };
    watched.ask(update(UpdateCommand::AddLast)).unwrap();
    for which in [
        &["net-dumpxml", &name][..],
        &["net-dumpxml", &name, "--inactive"],
    ] {
        assert!(host.virsh(which).contains("52:54:00:aa:bb:cc"));
    }
    let networks = read(&mut watched);
    let network = named(&networks, &name);
    assert_eq!(
        network.definition.subnets[0].hosts[0].name.as_deref(),
        Some("web")
    );
    assert_eq!(network.next, None, "both definitions say the same");
    watched.ask(update(UpdateCommand::Delete)).unwrap();
    assert!(
        !host
            .virsh(&["net-dumpxml", &name])
            .contains("52:54:00:aa:bb:cc")
    );
    let uuid = network.uuid;
    watched
        .ask(Verb::Net(NetVerb::Network(uuid, NetworkVerb::Stop)))
        .unwrap();
    let again = watched.ask(Verb::Net(NetVerb::Network(uuid, NetworkVerb::Stop)));
    assert!(again.unwrap_err().reason.contains("not active"));
    watched
        .ask(Verb::Net(NetVerb::Network(uuid, NetworkVerb::Undefine)))
        .unwrap();
    assert!(read(&mut watched).networks.is_empty());
}

#[test]
fn a_read_only_connection_reads_and_changes_nothing() {
    let mut watched = open(Lab::get().uri_ro(), true);
    let networks = read(&mut watched);
    let uuid = named(&networks, "default").uuid;
    let verb = NetVerb::Network(uuid, NetworkVerb::Stop);
    let failure = watched.ask(Verb::Net(verb)).unwrap_err();
    assert!(failure.reason.contains("read-only"));
}

/// Two machines that see each other, as network namespaces; gone when it is dropped.
struct Namespaces {
    one: String,
    other: String,
    folder: tempfile::TempDir,
}

fn ip(words: &[&str]) -> Output {
    Command::new("ip").args(words).output().unwrap()
}

impl Namespaces {
    fn new(purpose: &str) -> Self {
        let made = Self {
            one: format!("vt{purpose}a{}", id()),
            other: format!("vt{purpose}b{}", id()),
            folder: tempfile::tempdir().unwrap(),
        };
        for line in [
            "netns add ONE",
            "netns add OTHER",
            "link add up0 netns ONE type veth peer name up1 netns OTHER",
            "-n ONE link set lo up",
            "-n ONE link set up0 up",
            "-n OTHER link set up1 up",
            "-n OTHER address add 10.77.0.1/24 dev up1",
            "-n ONE address add 10.77.0.5/24 broadcast + dev up0",
            "-n ONE address add fd77::5/64 dev up0 nodad",
            "-n ONE route add default via 10.77.0.1 metric 50",
            "-n ONE route add 10.99.0.0/16 dev up0 scope link",
        ] {
            let line = line.replace("ONE", &made.one).replace("OTHER", &made.other);
            let words: Vec<&str> = line.split(' ').collect();
            let said = ip(&words);
            assert!(said.status.success(), "{line}: {said:?}");
        }
        made
    }

    /// A command within the first.
    fn within(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.one, program])
            .env("VIRTTY_BRIDGE_DIR", self.folder.path().join("run"))
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("SSH_CONNECTION", "10.77.0.1 4242 10.77.0.5 22");
        command
    }

    /// virtty within the first; what it printed.
    fn virtty(&self, words: &[&str]) -> (bool, String) {
        let output = self
            .within(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", Lab::get().uri()])
            .args(words)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    /// Addresses and routes of the first, without those that the kernel makes of link addresses.
    fn state(&self) -> String {
        let addresses = ip(&["-n", &self.one, "-o", "address", "show", "scope", "global"]);
        let routes = ip(&["-n", &self.one, "route", "show"]);
        let both = [addresses.stdout, routes.stdout].concat();
        let text = String::from_utf8_lossy(&both).into_owned();
        // The number of a link is another after it was made anew.
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| {
                line.split_once(": ")
                    .map_or(line, |(_, rest)| rest)
                    .trim()
                    .to_owned()
            })
            .map(|line| {
                line.split(" valid_lft")
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }

    /// Waits until its addresses and routes are these.
    fn until(&self, expected: &str) {
        for _ in 0..400 {
            if self.state() == expected {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{}\nis not\n{expected}", self.state());
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        let _ = ip(&["netns", "delete", &self.one]);
        let _ = ip(&["netns", "delete", &self.other]);
    }
}

/// A TCP connection between the two, such as an SSH login is.
struct Line {
    server: Child,
    client: Child,
}

const SERVER: &str = "import socket\ns=socket.create_server(('10.77.0.1',7000))\nprint('up',flush=True)\nc,_=s.accept()\nwhile True:\n  d=c.recv(99)\n  if not d: break\n  c.sendall(d)\n";
const CLIENT: &str = "import socket,sys\nc=socket.create_connection(('10.77.0.1',7000))\nfor l in sys.stdin:\n  c.sendall(l.encode())\n  print(c.recv(99).decode(),end='',flush=True)\n";

impl Line {
    fn open(namespaces: &Namespaces) -> Self {
        let mut server = Command::new("ip")
            .args(["netns", "exec", &namespaces.other, "python3", "-c", SERVER])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut up = String::new();
        let mut said = BufReader::new(server.stdout.as_mut().unwrap());
        said.read_line(&mut up).unwrap();
        assert_eq!(up, "up\n");
        let client = namespaces
            .within("python3")
            .args(["-c", CLIENT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self { server, client }
    }

    /// Sends a word there and back.
    fn says(&mut self, word: &str) {
        writeln!(self.client.stdin.as_mut().unwrap(), "{word}").unwrap();
        let mut back = String::new();
        let mut said = BufReader::new(self.client.stdout.as_mut().unwrap());
        said.read_line(&mut back).unwrap();
        assert_eq!(back.trim(), word);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.client.kill();
        let _ = self.server.kill();
        let _ = (self.client.wait(), self.server.wait());
    }
}

#[test]
fn a_bridge_that_nobody_keeps_is_taken_back_and_no_line_is_cut() {
    Lab::get();
    let namespaces = Namespaces::new("u");
    let before = namespaces.state();
    let mut line = Line::open(&namespaces);
    line.says("before");
    // Without --apply nothing is done.
    let (well, said) = namespaces.virtty(&["iface-bridge", "up0", "br0", "--no-stp"]);
    assert!(
        well && said.contains("ip link set dev up0 master br0"),
        "{said}"
    );
    assert!(said.contains("Your own SSH connection comes through it"));
    assert_eq!(namespaces.state(), before);
    let apply = [
        "iface-bridge",
        "up0",
        "br0",
        "--no-stp",
        "--apply",
        "--within",
        "2",
    ];
    let (well, said) = namespaces.virtty(&apply);
    assert!(well, "{said}");
    // Addresses and routes are on the bridge, until nobody has kept it in time.
    let renamed = before.replace("up0", "br0");
    let mut lines: Vec<&str> = renamed.lines().collect();
    lines.sort_unstable();
    let after = lines.join("\n");
    line.says("meanwhile");
    namespaces.until(&before);
    line.says("afterwards");
    let (well, said) = namespaces.virtty(&["iface-commit"]);
    assert!(!well, "{said}");
    // Kept, it stays.
    let (well, said) = namespaces.virtty(&["iface-bridge", "up0", "br0", "--no-stp", "--apply"]);
    assert!(well, "{said}");
    assert_eq!(namespaces.state(), after);
    let (well, said) = namespaces.virtty(&["iface-bridge", "none", "br1", "--apply"]);
    assert!(!well && said.contains("another change waits"), "{said}");
    let (well, said) = namespaces.virtty(&["iface-commit"]);
    assert!(well && said.contains("kept"), "{said}");
    assert_eq!(namespaces.state(), after);
    line.says("kept");
    // And away again, taken back by a word, then for good.
    let (well, said) = namespaces.virtty(&["iface-unbridge", "br0", "--apply"]);
    assert!(well, "{said}");
    assert_eq!(namespaces.state(), before);
    let (well, said) = namespaces.virtty(&["iface-rollback"]);
    assert!(well && said.contains("taken back"), "{said}");
    assert_eq!(namespaces.state(), after);
    namespaces.virtty(&["iface-unbridge", "br0", "--apply"]);
    namespaces.virtty(&["iface-commit"]);
    assert_eq!(namespaces.state(), before);
    line.says("gone");
}

#[test]
fn a_bridge_that_cannot_be_made_leaves_all_as_it_was() {
    Lab::get();
    let namespaces = Namespaces::new("f");
    let before = namespaces.state();
    for (words, part) in [
        (&["iface-bridge", "up7", "br0"][..], "no link 'up7'"),
        (
            &["iface-bridge", "up0", "a-name-that-is-too-long"],
            "15 characters",
        ),
        (&["iface-attach", "up0", "br0"], "no link 'br0'"),
        (&["iface-unbridge", "up0"], "is no bridge"),
    ] {
        let (well, said) = namespaces.virtty(&[words, &["--apply"]].concat());
        assert!(!well && said.contains(part), "{said}");
    }
    assert_eq!(namespaces.state(), before);
}
