//! Snapshots: page × {loading, empty, data, error, hostile names} × size. Reviewed by eye.

use virtty::model::{Domain, DomainState};
use virtty::protocol::News;

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
fn terms_being_typed() {
    let mut session = busy(80, 24);
    session.keys("/st");
    insta::assert_snapshot!("filter-hint", text(&session.state));
    session.keys("<ctrl-u>web stat:paused");
    insta::assert_snapshot!("filter-mistake", text(&session.state));
    let mut session = busy(40, 12);
    session.keys("/state:pasued web");
    insta::assert_snapshot!("filter-mistake-narrow", text(&session.state));
}

#[test]
fn groups_with_totals() {
    snapshot("groups", |width, height| {
        let mut session = busy(width, height);
        session.keys("ttjjj<Left>");
        session
    });
}

#[test]
fn jumping() {
    snapshot("finder", |width, height| {
        let mut session = busy(width, height);
        session.keys("<ctrl-p>we");
        session
    });
    let mut session = busy(80, 24);
    session.keys("<ctrl-p>");
    insta::assert_snapshot!("finder-empty", text(&session.state));
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
