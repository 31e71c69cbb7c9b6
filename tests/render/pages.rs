//! Snapshots: page × {loading, empty, data, error, hostile names} × size. Reviewed by eye.

use std::sync::Arc;

use virtty::app::{Effect, Tab, Target};
use virtty::domxml;
use virtty::model::{AddressSource, Domain, DomainEvent, DomainState, EventKind, GuestAddress};
use virtty::protocol::{Answer, Failure, GuestFact, News, XmlKind};

use crate::screen::text;
use crate::session::{
    Session, id, in_state, lost, node_sample, off, refused, running, sample, uuid,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Takes the same scene in every size.
pub fn snapshot(name: &str, scene: impl Fn(u16, u16) -> Session) {
    for (width, height) in SIZES {
        let session = scene(width, height);
        let name = format!("{name}-{width}x{height}");
        insta::assert_snapshot!(name, text(&session.state));
    }
}

fn fleet() -> Vec<Domain> {
    let mut domains = vec![
        running(1, "web-01"),
        running(2, "web-02"),
        running(10, "web-10"),
        in_state(3, "db-primary", DomainState::Paused, 5),
        in_state(4, "build-agent", DomainState::Crashed, 1),
        in_state(5, "mail", DomainState::ShuttingDown, 1),
        in_state(6, "laptop-image", DomainState::PmSuspended, 0),
        off(7, "old-wiki"),
        off(8, "windows-template"),
        running(9, "gateway"),
    ];
    domains[8].managed_save = Some(true);
    domains[9].persistent = false;
    domains
}

/// A host with figures of two moments.
fn busy(width: u16, height: u16) -> Session {
    let mut session = Session::active(width, height, fleet());
    for (busy, cpu) in [(0, [0, 0]), (4000, [3700, 200]), (8000, [4100, 1800])] {
        let at = session.now.instant;
        let news = News::Sampled {
            domains: vec![sample(1, at, cpu[0]), sample(9, at, cpu[1])],
            node: Some(node_sample(at, busy, busy * 3)),
        };
        session.news(0, 1, news);
        session.wait(2.0);
    }
    session.silent(&[(uuid(2), 12)]);
    session
}

#[test]
fn domains_with_data() {
    snapshot("domains-data", busy);
}

#[test]
fn domains_while_connecting() {
    snapshot("domains-loading", |width, height| {
        let mut session = Session::new(width, height, &["qemu:///system"]);
        session.wait(3.0);
        session
    });
}

#[test]
fn no_domains() {
    snapshot("domains-empty", |width, height| {
        Session::active(width, height, Vec::new())
    });
}

#[test]
fn nothing_opened() {
    snapshot("domains-error", |width, height| {
        let uris = ["qemu:///system", "qemu+ssh://root@kvm2/system"];
        let mut session = Session::new(width, height, &uris);
        for connection in 0..2 {
            session.news(connection, 1, News::State(lost(2.0), Some(refused())));
        }
        session
    });
}

#[test]
fn hostile_names() {
    snapshot("domains-hostile", |width, height| {
        let names = [
            "\u{202e}gnp.exe",
            "red\u{1b}[31m",
            "c1\u{9b}31m",
            "tab\there",
            "zero\u{200b}width",
            "--all",
            "$(reboot)",
            "7",
            "仮想マシン-データベース-サーバー",
            "👩\u{200d}👧 family",
            "e\u{301}te\u{301}",
        ];
        let long = "x".repeat(240);
        let names = names.into_iter().chain([long.as_str()]).zip(1..);
        let domains = names.map(|(name, number)| running(number, name)).collect();
        Session::active(width, height, domains)
    });
}

#[test]
fn several_hosts_one_lost() {
    snapshot("domains-hosts", |width, height| {
        let uris = [
            "qemu:///system",
            "qemu+ssh://root@kvm2/system",
            "test:///default",
        ];
        let mut session = Session::new(width, height, &uris);
        session.open(0, false).open(1, true);
        session.list(0, fleet());
        let mut far = running(20, "far-away");
        far.id.connection = virtty::model::ConnectionId(1);
        session.list(1, vec![far]);
        session.wait(3.0);
        session.news(1, 1, News::State(lost(2.5), Some(refused())));
        session
    });
}

#[test]
fn force_off_is_asked() {
    snapshot("confirm", |width, height| {
        let mut session = busy(width, height);
        session.state.table.select(id(2));
        session.keys("D");
        session
    });
}

#[test]
fn filter_being_typed() {
    snapshot("filter", |width, height| {
        let mut session = busy(width, height);
        session.keys("/web");
        session
    });
}

#[test]
fn keys() {
    snapshot("help", |width, height| {
        let mut session = busy(width, height);
        session.keys("?");
        session
    });
}

#[test]
fn copies() {
    snapshot("copy", |width, height| {
        let mut session = busy(width, height);
        session.state.table.select(id(1));
        session.keys("y");
        session
    });
}

#[test]
fn columns() {
    snapshot("columns", |width, height| {
        let mut session = busy(width, height);
        session.keys("c");
        session
    });
}

/// The details of one domain of several in this section, with figures.
fn details(width: u16, height: u16, tab: Tab) -> Session {
    let mut session = busy(width, height);
    session.changed(described(1, "web-01"));
    session.keys("/web-01<Enter><Enter>");
    session.done();
    session.click(Target::Tab(tab as usize));
    session
}

/// A domain whose every part says something.
fn described(number: u32, name: &str) -> Domain {
    let mut domain = running(number, name);
    let xml = include_str!("../fixtures/definition.xml");
    domain.definition = Some(Arc::new(domxml::definition(xml, true).unwrap()));
    domain
}

fn answered(session: &mut Session, answer: Result<Answer, Failure>) {
    let job = session.done().iter().find_map(|effect| match effect {
        Effect::Send(_, request) => Some(request.job),
        _ => None,
    });
    session.news(0, 1, News::JobFinished(job.unwrap(), answer));
}

#[test]
fn details_of_what_is_known_without_asking() {
    for (tab, name) in [
        (Tab::Overview, "details-overview"),
        (Tab::Performance, "details-performance"),
        (Tab::Disks, "details-disks"),
        (Tab::Displays, "details-displays"),
        (Tab::Events, "details-events"),
    ] {
        snapshot(name, |width, height| {
            let mut session = details(width, height, tab);
            for kind in [
                EventKind::Lifecycle {
                    event: 2,
                    detail: 0,
                },
                EventKind::AgentLifecycle { connected: true },
                EventKind::Graphics {
                    phase: 0,
                    remote: "192.0.2.7".to_owned(),
                },
                EventKind::IoError {
                    disk: "vda\u{1b}[2J".to_owned(),
                    action: 1,
                    reason: "enospc".to_owned(),
                },
            ] {
                let event = DomainEvent {
                    uuid: uuid(1),
                    name: "web-01".to_owned(),
                    time: session.now.wall,
                    kind,
                };
                session.news(0, 1, News::Event(event));
            }
            session
        });
    }
}

#[test]
fn details_while_they_are_read() {
    for (tab, name) in [
        (Tab::Xml, "details-xml-loading"),
        (Tab::Guest, "details-guest-loading"),
    ] {
        snapshot(name, |width, height| details(width, height, tab));
    }
}

#[test]
fn details_that_were_read() {
    snapshot("details-nics", |width, height| {
        let mut session = details(width, height, Tab::Nics);
        let address = GuestAddress {
            interface: "eth0".to_owned(),
            mac: Some("52:54:00:00:00:01".to_owned()),
            address: "192.0.2.10".parse().unwrap(),
            prefix: 24,
            source: AddressSource::Agent,
        };
        answered(&mut session, Ok(Answer::Addresses(vec![address])));
        session
    });
    snapshot("details-guest", |width, height| {
        let mut session = details(width, height, Tab::Guest);
        let fact = |group: &str, name: &str, value: &str| GuestFact {
            group: group.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let facts = vec![
            fact("OS", "pretty-name", "Debian GNU/Linux 12 (bookworm)"),
            fact("OS", "kernel-release", "6.1.0\u{1b}]0;owned\u{7}"),
            fact("Users", "root", "since 10:04"),
        ];
        answered(&mut session, Ok(Answer::Guest(facts)));
        session
    });
    snapshot("details-xml", |width, height| {
        let mut session = details(width, height, Tab::Xml);
        let text = include_str!("../fixtures/definition.xml").to_owned();
        let kind = XmlKind::Live;
        answered(&mut session, Ok(Answer::Xml { text, kind }));
        session
    });
    snapshot("details-log", |width, height| {
        let mut session = details(width, height, Tab::Log);
        let path = "/var/log/libvirt/qemu/web-01.log".to_owned();
        let lines = (1..90).map(|n| format!("2026-01-01 line {n} \u{1b}[31mred\u{9b}K end"));
        let lines = lines.collect();
        answered(&mut session, Ok(Answer::LogTail { path, lines }));
        session
    });
}

#[test]
fn details_that_could_not_be_read() {
    snapshot("details-log-failed", |width, height| {
        let mut session = details(width, height, Tab::Log);
        answered(&mut session, Err(refused()));
        session
    });
}

#[test]
fn details_of_a_domain_that_is_off() {
    for (tab, name) in [
        (Tab::Overview, "details-off-overview"),
        (Tab::Performance, "details-off-performance"),
        (Tab::Displays, "details-off-displays"),
        (Tab::Guest, "details-off-guest"),
    ] {
        snapshot(name, |width, height| {
            let mut session = Session::active(width, height, vec![off(7, "old-wiki")]);
            session.keys("<Enter>");
            session.click(Target::Tab(tab as usize));
            session
        });
    }
}
