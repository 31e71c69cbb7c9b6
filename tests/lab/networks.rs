//! Networks of a real host, and bridges in network namespaces of the test's own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio, id};
use std::time::Duration;

use virtty::model::{ConnectionState, HostNetworks, LinksFrom, Network, Uri};
use virtty::protocol::{
    Affect, Answer, HostFiles, NetVerb, NetworkUpdate, NetworkVerb, UpdateCommand, UpdateSection,
    Verb,
};

use crate::support::lab::Lab;
use crate::support::ssh::SshHost;
use crate::support::watched::Watched;

/// A connection that is open.
fn open(uri: &str, readonly: bool) -> Watched {
    let mut watched = Watched::open_as(uri, readonly);
    watched.until_state("open", |state| *state == ConnectionState::Active);
    watched
}

fn read(watched: &mut Watched) -> HostNetworks {
    match watched
        .ask(Verb::ReadNetworks(HostFiles::OfThisMachine))
        .unwrap()
    {
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
fn links_of_another_host_are_told_by_itself_over_ssh() {
    let ssh = SshHost::up("ssh-links");
    let uri = ssh.by_key();
    let mut watched = open(&uri, false);
    let mut told = |which| match watched.ask(Verb::ReadNetworks(which)).unwrap() {
        Answer::Networks(networks) => *networks,
        other => panic!("another answer: {other:?}"),
    };
    let less = told(HostFiles::OfThisMachine);
    assert_eq!((less.links_from, less.ssh), (LinksFrom::Libvirt, None));
    assert!(less.routes.is_empty() && less.keeper.is_none());
    let more = told(HostFiles::OverSsh);
    assert_eq!(more.links_from, LinksFrom::Ssh, "{:?}", more.links_note);
    let lo = more.links.iter().find(|link| link.name == "lo").unwrap();
    assert!(lo.counters.is_some() && !lo.addresses.is_empty());
    assert!(more.keeper.is_some());
    // The address by which the login came is the one that it was told.
    let named = uri.parse::<Uri>().unwrap().host.unwrap();
    assert_eq!(more.ssh.map(|address| address.to_string()), Some(named));
}

#[test]
fn a_nic_is_found_by_whatever_is_known_of_it() {
    let lab = Lab::get();
    let find = |word: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", lab.uri(), "find", word, "--json"])
            .output()
            .unwrap();
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let all = found.as_array().unwrap().clone();
        let guest = all.iter().find(|one| one["domain"] == lab.guest()).cloned();
        (output.status.success(), guest, all)
    };
    let mut watched = open(lab.uri(), false);
    let networks = read(&mut watched);
    let default = named(&networks, "default");
    let lease = &default.leases.as_ref().unwrap()[0];
    let mac = lease.mac.clone().unwrap();
    let bridge = default.definition.bridge.clone().unwrap();
    let (_, guest, _) = find(&mac);
    let tap = guest.unwrap()["device"].as_str().unwrap().to_owned();
    for word in [
        mac.to_uppercase(),
        mac.replace(':', "-"),
        mac.replace(':', ""),
        lease.address.to_string(),
        tap,
        "default".to_owned(),
        bridge.clone(),
    ] {
        let (well, guest, _) = find(&word);
        assert!(well, "{word}");
        let guest = guest.unwrap_or_else(|| panic!("{word}"));
        assert_eq!(guest["mac"], mac.as_str());
        assert_eq!(guest["bridge"], bridge.as_str());
        assert_eq!(guest["addresses"][0], lease.address.to_string());
    }
    // A link of the host, and nothing at all.
    assert!(find("lo").2.iter().any(|one| one["device"] == "lo"));
    assert!(!find("02:99:99:99:99:99").0);
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
            made.ip(line);
        }
        made
    }

    /// A machine as they are after years: several addresses of one subnet, one with another end, one whose route somebody else
    /// made; ways that no address tells, several of one cost, another table, IPv6.
    fn furnished(purpose: &str) -> Self {
        let made = Self::new(purpose);
        for line in [
            "-n ONE address add 10.77.0.6/24 broadcast + dev up0 label up0:1",
            "-n ONE address add 10.77.0.7/24 dev up0",
            "-n ONE address add 10.9.0.5 peer 10.9.0.1/32 dev up0",
            "-n ONE address add 10.8.0.5/24 dev up0 noprefixroute",
            "-n ONE address add fd78::5/64 dev up0 nodad metric 300",
            "-n ONE route add 10.8.0.0/24 dev up0 proto kernel scope link src 10.8.0.5 metric 70",
            "-n ONE route add 10.66.0.0/16 via 192.0.2.1 dev up0 onlink src 10.77.0.6 mtu 1400",
            "-n ONE route add 10.67.0.0/16 nexthop via 10.77.0.1 dev up0 weight 2 nexthop via 10.77.0.2 dev up0",
            "-n ONE route add default via 10.77.0.1 dev up0 table 100",
            "-n ONE -6 route add default via fe80::1 dev up0 metric 50",
            "-n ONE -6 route add fd99::/48 via fd77::1 dev up0",
            "-n ONE link add spare type veth peer name spare1",
        ] {
            made.ip(line);
        }
        made
    }

    /// Runs `ip` on both; ONE and OTHER are their names.
    fn ip(&self, line: &str) {
        let line = line.replace("ONE", &self.one).replace("OTHER", &self.other);
        let words: Vec<&str> = line.split(' ').collect();
        let said = ip(&words);
        assert!(said.status.success(), "{line}: {said:?}");
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
        let of = |family: &str| {
            let words = ["-n", &self.one, family, "route", "show", "table", "all"];
            let said = String::from_utf8_lossy(&ip(&words).stdout).into_owned();
            // The table of the host's own addresses follows from those.
            let lines = said.lines().filter(|line| {
                !line.contains("table local")
                    && !line.contains("fe80::/64")
                    && !line.starts_with("ff00::")
            });
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let both = [
            addresses.stdout,
            of("-4").into_bytes(),
            of("-6").into_bytes(),
        ]
        .concat();
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
            // What a bridge that does not forward yet says of its ways.
            .map(|line| line.replace(" linkdown", ""))
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

    /// The same with one link in the place of another.
    fn moved(state: &str, from: &str, to: &str) -> String {
        let words = |line: &str| {
            let each = line.split(' ').map(|word| match word.strip_prefix(from) {
                Some(rest) if rest.is_empty() || rest.starts_with([':', '\\']) => {
                    format!("{to}{rest}")
                }
                _ => word.to_owned(),
            });
            each.collect::<Vec<_>>().join(" ")
        };
        let mut lines: Vec<String> = state.lines().map(words).collect();
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
    let after = Namespaces::moved(&before, "up0", "br0");
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

#[test]
fn all_addresses_and_routes_go_along_and_come_back() {
    Lab::get();
    let namespaces = Namespaces::furnished("g");
    let before = namespaces.state();
    let (well, said) = namespaces.virtty(&["iface-bridge", "up0", "br0", "--apply"]);
    assert!(well, "{said}");
    let after = Namespaces::moved(&before, "up0", "br0");
    assert_eq!(namespaces.state(), after);
    let (well, said) = namespaces.virtty(&["iface-rollback"]);
    assert!(well && said.contains("taken back."), "{said}");
    assert_eq!(namespaces.state(), before);
    // Kept, then a member more and one less, and away with it.
    namespaces.virtty(&["iface-bridge", "up0", "br0", "--no-stp", "--apply"]);
    namespaces.virtty(&["iface-commit"]);
    let master = || {
        let said = ip(&["-n", &namespaces.one, "-j", "link", "show", "dev", "spare"]);
        String::from_utf8_lossy(&said.stdout).contains("\"master\":\"br0\"")
    };
    for (words, kept, inside) in [
        (["iface-attach", "spare", "br0", "--apply"], false, false),
        (["iface-attach", "spare", "br0", "--apply"], true, true),
        (["iface-detach", "spare", "br0", "--apply"], false, true),
        (["iface-detach", "spare", "br0", "--apply"], true, false),
    ] {
        let (well, said) = namespaces.virtty(&words);
        assert!(well, "{said}");
        assert_eq!(master(), words[0] == "iface-attach");
        let decision = if kept {
            "iface-commit"
        } else {
            "iface-rollback"
        };
        let (well, said) = namespaces.virtty(&[decision]);
        assert!(well, "{said}");
        assert_eq!(master(), inside);
    }
    assert_eq!(namespaces.state(), after);
    let (well, said) = namespaces.virtty(&["iface-unbridge", "br0", "--apply"]);
    assert!(well, "{said}");
    assert_eq!(namespaces.state(), before);
    let (well, said) = namespaces.virtty(&["iface-rollback"]);
    assert!(well, "{said}");
    assert_eq!(namespaces.state(), after);
}

#[test]
fn a_change_that_fails_midway_leaves_all_as_it_was() {
    Lab::get();
    let namespaces = Namespaces::furnished("m");
    let before = namespaces.state();
    // Beside the real one, an ip that refuses the last of the commands.
    let programs = namespaces.folder.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    let real = String::from_utf8(Command::new("which").arg("ip").output().unwrap().stdout).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in 'address delete 10.77.0.5/24 dev up0') echo no luck >&2; exit 2;; esac\nexec {} \"$@\"\n",
        real.trim()
    );
    std::fs::write(programs.join("ip"), script).unwrap();
    let made = Command::new("chmod")
        .arg("755")
        .arg(programs.join("ip"))
        .status();
    assert!(made.unwrap().success());
    let path = std::env::var("PATH").unwrap();
    let output = Command::new(real.trim())
        .args([
            "netns",
            "exec",
            &namespaces.one,
            env!("CARGO_BIN_EXE_virtty"),
        ])
        .args([
            "-c",
            Lab::get().uri(),
            "iface-bridge",
            "up0",
            "br0",
            "--apply",
        ])
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("VIRTTY_BRIDGE_DIR", namespaces.folder.path().join("run"))
        .env("XDG_STATE_HOME", namespaces.folder.path().join("state"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        said.contains("no luck") && said.contains("all was taken back"),
        "{said}"
    );
    assert_eq!(namespaces.state(), before);
    let (well, said) = namespaces.virtty(&["iface-rollback"]);
    assert!(!well, "nothing waits: {said}");
}

#[test]
fn a_change_is_taken_back_whoever_is_killed() {
    Lab::get();
    let namespaces = Namespaces::new("k");
    let before = namespaces.state();
    let mut line = Line::open(&namespaces);
    // The word that began it is killed with all that its terminal had.
    let mut begun = namespaces
        .within(env!("CARGO_BIN_EXE_virtty"))
        .args([
            "-c",
            Lab::get().uri(),
            "iface-bridge",
            "up0",
            "br0",
            "--no-stp",
        ])
        .args(["--apply", "--within", "3"])
        .stderr(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(begun.stdout.as_mut().unwrap())
        .read_line(&mut said)
        .unwrap();
    let _ = begun.kill();
    let _ = begun.wait();
    assert!(said.contains("done"), "{said}");
    namespaces.until(&before);
    line.says("afterwards");
    // The guard itself is asked to end, as by a host that goes down.
    let (well, said) = namespaces.virtty(&["iface-bridge", "up0", "br0", "--no-stp", "--apply"]);
    assert!(well, "{said}");
    let change = namespaces.folder.path().join("run/change.json");
    let text = std::fs::read_to_string(&change).unwrap();
    let guard = serde_json::from_str::<serde_json::Value>(&text).unwrap()["process"].as_u64();
    let kill = |signal: &str, process: u64| {
        let words = [signal, &process.to_string()];
        assert!(Command::new("kill").args(words).status().unwrap().success());
    };
    kill("-TERM", guard.unwrap());
    namespaces.until(&before);
    // And killed outright: nobody takes it back, which is told, and by whom it can be.
    let (well, said) = namespaces.virtty(&["iface-bridge", "up0", "br0", "--no-stp", "--apply"]);
    assert!(well, "{said}");
    let text = std::fs::read_to_string(&change).unwrap();
    let guard = serde_json::from_str::<serde_json::Value>(&text).unwrap()["process"].as_u64();
    kill("-KILL", guard.unwrap());
    let (well, said) = namespaces.virtty(&["iface-rollback"]);
    assert!(well && said.contains("taken back"), "{said}");
    assert_eq!(namespaces.state(), before);
    line.says("gone");
}
