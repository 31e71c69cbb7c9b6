//! The language of the filter, asked of domains.

use std::sync::Arc;
use std::time::Duration;

use virtty::app::{Column, Effect, Grouping, TableRow};
use virtty::model::{
    AddressSource, Definition, DiskInfo, Domain, DomainEvent, DomainState, EventKind, GuestAddress,
    NicInfo,
};
use virtty::protocol::{Aside, Asides, News};

use crate::session::{Session, id, in_state, off, running, sample, uuid};

fn with(mut domain: Domain, change: impl FnOnce(&mut Definition)) -> Domain {
    let mut definition = domain.definition.as_deref().cloned().unwrap_or_default();
    change(&mut definition);
    domain.definition = Some(Arc::new(definition));
    domain
}

fn fleet() -> Session {
    let web = with(running(1, "web"), |definition| {
        definition.title = Some("Front, of the shop".to_owned());
        definition.tags = vec!["prod".to_owned(), "Web".to_owned()];
        definition.os_id = Some("http://debian.org/debian/12".to_owned());
        definition.disks = vec![DiskInfo {
            target: "vda".to_owned(),
            source: Some("/srv/images/web.qcow2".to_owned()),
            ..DiskInfo::default()
        }];
        definition.nics = vec![NicInfo {
            bridge: None,
            source: Some("br0".to_owned()),
            mac: Some("52:54:00:00:00:01".to_owned()),
            ..NicInfo::default()
        }];
    });
    let db = with(in_state(2, "db", DomainState::Paused, 5), |definition| {
        definition.tags = vec!["preprod".to_owned()];
        definition.notes = Some("ask Ann".to_owned());
        definition.virt_type = "qemu".to_owned();
    });
    let mut saved = off(4, "saved-1");
    saved.managed_save = Some(true);
    let mut session = Session::active(100, 24, vec![web, db, off(3, "old"), saved]);
    let address = GuestAddress {
        interface: "eth0".to_owned(),
        mac: None,
        address: "10.1.2.3".parse().unwrap(),
        prefix: 24,
        source: AddressSource::Lease,
    };
    session.news(0, 1, News::Addresses(uuid(1), vec![address]));
    session
}

/// Names that a filter leaves.
fn found(session: &mut Session, line: &str) -> Vec<String> {
    session.state.table.set_filter(line);
    session.wait(0.0);
    let mut names: Vec<_> = session.names().into_iter().map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn terms_find_what_they_say() {
    let mut session = fleet();
    for (line, names) in [
        ("state:paused", &["db"][..]),
        ("state:PAU", &["db"]),
        ("!state:paused", &["old", "saved-1", "web"]),
        ("state:off", &["old", "saved-1"]),
        ("state:saved", &["saved-1"]),
        ("state:running,paused", &["db", "web"]),
        ("+saved", &["saved-1"]),
        ("saved", &["saved-1"]),
        ("tag:prod", &["web"]),
        ("tag=WEB", &["web"]),
        ("tag=\"\"", &["old", "saved-1"]),
        ("os:debian", &["web"]),
        ("disk:/srv", &["web"]),
        ("disk:vda", &["web"]),
        ("net:br0", &["web"]),
        ("net:br01", &[]),
        ("mac:52:54", &["web"]),
        ("mac:52-54-00-00-00-01", &["web"]),
        ("ip:10.1.", &["web"]),
        ("ip:1.2.3", &[]),
        ("ip:10.0.0.0/8", &["web"]),
        ("ip:10.2.0.0/16", &[]),
        ("title:\"front, of\"", &["web"]),
        ("notes:ann", &["db"]),
        ("virt:kvm state:running", &["web"]),
        ("host:kvm", &["db", "old", "saved-1", "web"]),
        ("host:elsewhere", &[]),
        ("port:5901", &["web"]),
        ("port:590", &[]),
        (":590", &["db", "web"]),
        ("5901", &["web"]),
        ("port>5901", &["db"]),
        ("-autostart", &["db", "saved-1"]),
        ("!autostart", &["db", "saved-1"]),
        ("+autostart", &["old", "web"]),
        ("!web", &["db", "old", "saved-1"]),
        ("vcpus=2 !old -saved", &["db", "web"]),
        ("bogus:x db", &["db"]),
        ("cpu>", &["db", "old", "saved-1", "web"]),
    ] {
        assert_eq!(found(&mut session, line), names, "{line}");
    }
}

#[test]
fn a_figure_that_moves_moves_the_rows() {
    let mut session = fleet();
    session.keys("/cpu>50");
    assert!(session.names().is_empty(), "unknown is not more than 50");
    let start = session.now.instant;
    let news = |at, cpu: u64| News::Sampled {
        domains: vec![sample(1, at, cpu)],
        node: None,
    };
    session.news(0, 1, news(start, 0)).wait(2.0);
    let later = session.now.instant;
    session.news(0, 1, news(later, 3000));
    assert_eq!(session.state.table.sort, Column::Name);
    assert_eq!(session.names(), ["web"]);
    session.wait(2.0);
    let later = session.now.instant;
    session.news(0, 1, news(later, 3100));
    assert!(session.names().is_empty());
    session.keys("<Esc>/mem<<>30");
    assert_eq!(session.names(), ["web"], "a quarter of the largest is used");
}

#[test]
fn tab_completes_a_term() {
    let mut session = fleet();
    session.keys("/db !sta<Tab>paused");
    assert_eq!(session.state.table.filter(), "db !state:paused");
    session.keys("<ctrl-u>-au<Tab>");
    assert_eq!(session.state.table.filter(), "-autostart");
    session.keys("<ctrl-u><Tab>zz<Tab>");
    assert_eq!(session.state.table.filter(), "zz", "nothing is offered");
}

#[test]
fn what_is_told_of_a_domain_is_filtered_at_once() {
    let mut session = fleet();
    session.keys("/tag:blue");
    assert!(session.names().is_empty());
    let definition = Definition {
        tags: vec!["blue".to_owned()],
        ..Definition::default()
    };
    let defined = vec![(uuid(3), Ok(Arc::new(definition)))];
    session.news(0, 1, News::Defined(defined));
    assert_eq!(session.names(), ["old"]);
}

#[test]
fn the_ports_page_knows_the_same_terms() {
    let mut session = fleet();
    session.keys("P/state:paused");
    let virtty::app::Page::Ports(ports) = session.state.page() else {
        panic!("no page of ports");
    };
    assert_eq!(ports.listening().rows().len(), 1);
    session.keys("<Esc>/port>5901");
    let virtty::app::Page::Ports(ports) = session.state.page() else {
        panic!("no page of ports");
    };
    assert_eq!(ports.listening().rows().len(), 1);
}

#[test]
fn what_only_a_column_shows_is_read_while_it_is_shown() {
    let mut session = fleet();
    let asked = |session: &mut Session| {
        let effects = std::mem::take(&mut session.effects);
        effects.into_iter().rev().find_map(|effect| match effect {
            Effect::Interest(_, interest) => Some(interest.asides),
            _ => None,
        })
    };
    assert_eq!(asked(&mut session), Some(Asides::default()));
    session.keys("/snapshots>0<Enter>");
    assert!(asked(&mut session).unwrap().snapshots);
    session.keys("<Esc>");
    assert!(!asked(&mut session).unwrap().snapshots);
    let shown = [
        Column::Name,
        Column::Snapshots,
        Column::Uptime,
        Column::LastEvent,
    ];
    session
        .state
        .table
        .configure(&shown, Column::Snapshots, false);
    session.wait(0.0);
    let asides = asked(&mut session).unwrap();
    assert!(asides.snapshots && asides.uptime);
    let started = session.now.wall - Duration::from_secs(7200);
    let news = vec![
        (uuid(1), Aside::Started(started)),
        (uuid(3), Aside::Snapshots(Some(2))),
        (uuid(1), Aside::Snapshots(Some(0))),
    ];
    session.news(0, 1, News::Asides(news));
    assert_eq!(
        session.names()[..2],
        ["old", "web"],
        "the most first, unknown last"
    );
    let cell = |session: &Session, number, column: Column| {
        let guest = session.state.guest(id(number)).unwrap();
        column
            .cell(guest, &session.state.scene(), 40)
            .text
            .into_owned()
    };
    assert_eq!(cell(&session, 1, Column::Uptime), "2h00m");
    assert_eq!(cell(&session, 2, Column::Uptime), "–", "nobody told");
    assert_eq!(cell(&session, 3, Column::Uptime), "", "it is off");
    assert_eq!(cell(&session, 2, Column::Snapshots), "–");
    assert_eq!(cell(&session, 1, Column::LastEvent), "");
    let event = |session: &Session, event, detail| {
        News::Event(DomainEvent {
            uuid: uuid(2),
            name: "db".to_owned(),
            time: session.now.wall,
            kind: EventKind::Lifecycle { event, detail },
        })
    };
    let booted = event(&session, 2, 0);
    session.news(0, 1, booted).wait(120.0);
    assert_eq!(cell(&session, 2, Column::Uptime), "2m");
    assert_eq!(cell(&session, 2, Column::LastEvent), "2m Started (booted)");
    session.changed(in_state(2, "db", DomainState::Running, 1));
    assert_eq!(cell(&session, 2, Column::Uptime), "2m");
    let mut other = in_state(2, "db", DomainState::Paused, 5);
    other.runtime_id = Some(99);
    session.changed(other);
    assert_eq!(
        cell(&session, 2, Column::Uptime),
        "–",
        "another run, whose start nobody saw"
    );
    let restored = event(&session, 2, 2);
    session.news(0, 1, restored);
    assert_eq!(
        cell(&session, 2, Column::Uptime),
        "–",
        "from a file: it ran before"
    );
}

/// The lines of the table: headings in brackets, with a minus where folded.
fn lines(session: &Session) -> Vec<String> {
    let table = &session.state.table;
    let line = |row: &TableRow| match row {
        TableRow::Domain(id, _) => session.state.guest(*id).unwrap().domain.name.clone(),
        TableRow::Group(id) => {
            let group = table.group(*id).unwrap();
            format!("[{}{}]", if group.folded { "-" } else { "" }, group.label)
        }
    };
    table.lines(50).iter().map(line).collect()
}

#[test]
fn rows_stand_under_their_groups_and_the_selection_follows_its_domain() {
    let mut session = fleet();
    session.state.table.select(id(2));
    session.keys("ttt");
    assert_eq!(session.state.table.grouping(), Grouping::Tag);
    assert_eq!(
        lines(&session),
        [
            "[preprod]",
            "db",
            "[prod]",
            "web",
            "[Web]",
            "web",
            "[without a tag]",
            "old",
            "saved-1"
        ]
    );
    assert_eq!(session.selected_name(), Some("db"));
    session.keys("jj");
    assert_eq!(session.selected_name(), Some("web"));
    session.keys("jj");
    assert_eq!(session.selected_name(), Some("web"), "in its other group");
    session.changed(in_state(9, "aaa", DomainState::Running, 1));
    let web = TableRow::Domain(
        id(1),
        session
            .state
            .table
            .selected_row()
            .and_then(|row| match row {
                TableRow::Domain(_, group) => group,
                TableRow::Group(_) => None,
            }),
    );
    assert_eq!(
        session.state.table.selected_row(),
        Some(web),
        "not in the first"
    );
    session.keys("tt");
    assert_eq!(session.state.table.grouping(), Grouping::Host);
    assert_eq!(session.selected_name(), Some("web"));
}

#[test]
fn groups_fold_and_come_to_totals() {
    let mut session = fleet();
    session.keys("tt");
    assert_eq!(session.state.table.grouping(), Grouping::State);
    assert_eq!(
        lines(&session),
        [
            "[Paused]",
            "db",
            "[Running]",
            "web",
            "[Saved]",
            "saved-1",
            "[Shutoff]",
            "old"
        ]
    );
    session.state.table.select(id(3));
    session.keys("<Left>");
    assert_eq!(lines(&session)[4..], ["[Saved]", "saved-1", "[-Shutoff]"]);
    assert_eq!(session.state.target(), None, "a heading is no domain");
    session.keys("D");
    assert!(session.state.layers.is_empty(), "and nothing is done to it");
    assert_eq!(session.state.table.view().len(), 4);
    let Some(TableRow::Group(group)) = session.state.table.selected_row() else {
        panic!("no heading is selected");
    };
    let totals = session
        .state
        .table
        .group(group)
        .unwrap()
        .totals(&session.state.scene());
    assert_eq!((totals.domains, totals.running, totals.cores), (1, 0, None));
    session.changed(in_state(3, "old", DomainState::Running, 1));
    assert_eq!(lines(&session)[2..5], ["[Running]", "old", "web"]);
    session.keys("g<Enter>");
    assert_eq!(lines(&session)[0], "[-Paused]");
    session.keys("<Enter>");
    assert_eq!(lines(&session)[0], "[Paused]");
}

#[test]
fn equal_rows_keep_the_order_of_their_names_whatever_sorts_them() {
    let domains = (1..40)
        .map(|number| running(number, &format!("vm-{number}")))
        .collect();
    let mut session = Session::active(100, 60, domains);
    let names: Vec<_> = session.names().into_iter().map(str::to_owned).collect();
    // Nothing tells these rows apart in the columns of figures and words.
    for column in Column::ALL {
        if matches!(column, Column::Name | Column::Display | Column::Autostart) {
            continue;
        }
        for reversed in [false, true] {
            session
                .state
                .table
                .configure(&Column::ALL, column, reversed);
            session.wait(0.0);
            assert_eq!(session.names(), names, "{column:?}");
        }
    }
}

#[test]
fn what_matches_best_is_what_the_next_key_acts_on() {
    let domains = vec![
        running(1, "a-weaker-box"),
        running(2, "web-1"),
        running(3, "web-2"),
    ];
    let mut session = Session::active(80, 24, domains);
    assert_eq!(session.selected_name(), Some("a-weaker-box"));
    // Its letters stand in the first too, and that one is selected.
    session.keys("/web");
    assert_eq!(session.names(), ["web-1", "web-2", "a-weaker-box"]);
    assert_eq!(session.selected_name(), Some("web-1"));
    // Without the filter it stays where the person went.
    session.keys("<Enter>j<Esc>");
    assert_eq!(session.names().len(), 3);
    assert_eq!(session.selected_name(), Some("web-2"));
}
