//! Snapshots of the ports and of the debug page.

use virtty::model::{ConnectionId, Domain, DomainEvent, EventKind};
use virtty::protocol::News;

use crate::material::{counting, everywhere, fixing, pty, spice, unallocated, with};
use crate::pages::snapshot;
use crate::session::{Session, lost, off, refused, running, uuid, vnc};

fn domains() -> Vec<Domain> {
    let mut socket = vnc(1);
    socket.port = None;
    socket.socket = Some("/var/lib/libvirt/qemu/domain-12-web-10/vnc.sock".to_owned());
    socket.listen = Some(virtty::model::ListenKind::Socket);
    socket.reach = Some(virtty::model::Reach::Socket);
    let mut web = everywhere(5903, Some(true));
    web.websocket_port = Some(5703);
    let mut v6 = vnc(5904);
    v6.host = Some("2001:db8:85a3::8a2e:370:7334".to_owned());
    v6.reach = Some(virtty::model::Reach::Host);
    vec![
        with(1, "web-01", vec![vnc(5901), pty("/dev/pts/3")]),
        with(2, "web-02", vec![everywhere(5902, Some(false))]),
        with(3, "gateway", vec![web]),
        with(4, "mail", vec![v6]),
        with(5, "desktop", vec![spice(5910, 5911), unallocated()]),
        with(6, "web-10", vec![socket]),
        with(7, "windows", vec![everywhere(5905, None)]),
        fixing(off(8, "old-wiki"), &[5902]),
        fixing(off(9, "build-1"), &[5950]),
        fixing(off(10, "build-2"), &[5950]),
        fixing(off(11, "template"), &[5960]),
    ]
}

fn busy(width: u16, height: u16) -> Session {
    let mut session = Session::active(width, height, domains());
    for remote in ["192.0.2.7:40122", "127.0.0.1:51034"] {
        let event = DomainEvent {
            uuid: uuid(if remote.starts_with("192") { 3 } else { 1 }),
            name: String::new(),
            time: session.now.wall,
            kind: EventKind::Graphics {
                phase: 0,
                remote: remote.to_owned(),
            },
        };
        session.news(0, 1, News::Event(event));
    }
    session.keys("P");
    session
}

#[test]
fn ports_with_data() {
    snapshot("ports-data", busy);
}

#[test]
fn warnings_with_data() {
    snapshot("ports-warnings", |width, height| {
        let mut session = busy(width, height);
        session.keys("<Tab>jj");
        session
    });
}

#[test]
fn no_ports() {
    snapshot("ports-empty", |width, height| {
        let mut session = Session::active(width, height, vec![off(1, "web")]);
        session.keys("P");
        session
    });
}

#[test]
fn no_warnings() {
    snapshot("ports-well", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web")]);
        session.keys("P<Tab>");
        session
    });
}

#[test]
fn ports_that_do_not_match() {
    snapshot("ports-filter", |width, height| {
        let mut session = busy(width, height);
        session.keys("/:59");
        session
    });
}

#[test]
fn hostile_ports() {
    snapshot("ports-hostile", |width, height| {
        let mut strange = everywhere(5901, Some(false));
        strange.host = Some("0.0.0.0\u{1b}[31m\u{202e}".to_owned());
        let domains = vec![
            with(1, "\u{202e}gnp.exe", vec![strange]),
            with(2, "c1\u{9b}31m", vec![pty("/dev/\u{1b}]0;owned\u{7}")]),
            with(3, "仮想マシン-データベース-サーバー", vec![vnc(5903)]),
            with(4, &"x".repeat(240), vec![vnc(5904)]),
            fixing(off(5, "👩\u{200d}👧 family"), &[5901]),
        ];
        let mut session = Session::active(width, height, domains);
        session.keys("P");
        session
    });
}

#[test]
fn ports_of_several_hosts() {
    snapshot("ports-hosts", |width, height| {
        let uris = ["qemu:///system", "qemu+ssh://root@kvm2/system"];
        let mut session = Session::new(width, height, &uris);
        session.open(0, false).open(1, true);
        session.list(0, domains());
        let mut far = with(20, "far-away", vec![everywhere(5901, None)]);
        far.id.connection = ConnectionId(1);
        session.list(1, vec![far]);
        session.keys("P").wait(3.0);
        session.news(1, 1, News::State(lost(2.5), Some(refused())));
        session
    });
}

#[test]
fn copies_of_a_port() {
    snapshot("ports-copy", |width, height| {
        let mut session = busy(width, height);
        session.keys("y");
        session
    });
}

#[test]
fn events_of_hosts() {
    snapshot("events", |width, height| {
        let mut session = counting(width, height);
        let time = session.now.wall;
        for (host, name, kind) in [
            (0, "web", EventKind::Reboot),
            (0, "db\u{202e}", EventKind::Watchdog(1)),
            (1, "far-away", EventKind::AgentLifecycle { connected: true }),
        ] {
            let event = DomainEvent {
                uuid: uuid(1),
                name: name.to_owned(),
                time,
                kind,
            };
            session.news(host, 1, News::Event(event));
        }
        session.keys("E");
        session
    });
}

#[test]
fn debug_page() {
    snapshot("debug", counting);
}

#[test]
fn debug_page_of_a_lost_host() {
    snapshot("debug-lost", |width, height| {
        let mut session = counting(width, height);
        session.news(1, 1, News::State(lost(2.5), Some(refused())));
        session.keys("<Tab>");
        session
    });
}
