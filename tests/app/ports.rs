//! The ports of all domains.

use std::sync::Arc;

use virtty::app::{Effect, Page, PortColumn, Ports, Section, Tab, Target};
use virtty::model::{Domain, EndpointKind, Reach};
use virtty::protocol::News;

use crate::session::{Session, id, off, running, vnc};

fn ports(session: &Session) -> &Ports {
    match session.state.page() {
        Page::Ports(ports) => ports,
        other => panic!("not the ports: {other:?}"),
    }
}

/// Numbers of the ports, as they stand on the screen.
fn numbers(session: &Session) -> Vec<u16> {
    let port = |row: &virtty::app::PortId| {
        session.state.guest(row.domain).unwrap().endpoints()[row.place].port
    };
    ports(session).list.rows().iter().filter_map(port).collect()
}

/// A domain whose display listens on this port and is reached from there.
fn listening(number: u32, name: &str, port: u16, reach: Reach) -> Domain {
    let mut domain = running(number, name);
    let definition = Arc::make_mut(domain.definition.as_mut().unwrap());
    let mut endpoint = vnc(port);
    endpoint.reach = Some(reach);
    if reach != Reach::Loopback {
        endpoint.host = Some("0.0.0.0".to_owned());
    }
    definition.endpoints = vec![endpoint];
    domain
}

fn three() -> Session {
    let domains = vec![
        listening(1, "web", 5910, Reach::Loopback),
        listening(2, "db", 5902, Reach::Everywhere),
        listening(3, "mail", 5905, Reach::Loopback),
        off(4, "old"),
    ];
    let mut session = Session::active(200, 50, domains);
    session.keys("P");
    session
}

#[test]
fn every_endpoint_of_every_running_domain_is_listed_by_port() {
    let session = three();
    assert_eq!(numbers(&session), [5902, 5905, 5910]);
}

#[test]
fn sorting_by_another_column_and_back() {
    let mut session = three();
    session.click(Target::PortColumn(PortColumn::Domain));
    assert_eq!(ports(&session).sort, PortColumn::Domain);
    assert_eq!(numbers(&session), [5902, 5905, 5910]);
    session.click(Target::PortColumn(PortColumn::Domain));
    assert_eq!(numbers(&session), [5910, 5905, 5902]);
}

#[test]
fn the_selection_stays_with_its_port_while_rows_come_and_go() {
    let mut session = three();
    session.keys("j");
    let selected = ports(&session).list.selected().unwrap();
    assert_eq!(selected.domain, id(3));
    session.changed(listening(5, "new", 5900, Reach::Loopback));
    assert_eq!(numbers(&session), [5900, 5902, 5905, 5910]);
    assert_eq!(ports(&session).list.selected(), Some(selected));
    session.news(0, 1, News::Gone(id(3).uuid));
    assert!(ports(&session).list.selected().is_some());
}

#[test]
fn a_filter_finds_by_port_and_by_name_and_escape_ends_it() {
    let mut session = three();
    session.keys("/5905<Enter>");
    assert_eq!(numbers(&session), [5905]);
    session.keys("<Esc>");
    assert_eq!(numbers(&session).len(), 3);
    session.keys("/web<Enter>");
    assert_eq!(numbers(&session), [5910]);
    session.keys("<Esc><Esc>");
    assert!(matches!(session.state.page(), Page::Domains));
}

#[test]
fn enter_opens_the_domain_of_the_port() {
    let mut session = three();
    session.keys("jj<Enter>");
    let Page::Details(details) = session.state.page() else {
        panic!("not the details");
    };
    assert_eq!((details.id, details.tab), (id(1), Tab::Overview));
    session.keys("<Esc>");
    assert_eq!(ports(&session).list.selected().unwrap().domain, id(1));
}

#[test]
fn the_address_of_the_selected_port_is_copied() {
    let mut session = three();
    session.keys("j");
    session.done();
    session.keys("y<Enter>");
    let effects = session.done();
    let Some(Effect::Copy(text)) = effects.first() else {
        panic!("nothing copied: {effects:?}");
    };
    assert!(text.contains("5905"), "{text}");
}

#[test]
fn what_is_open_to_everybody_and_what_clashes_has_a_list_of_its_own() {
    let mut session = three();
    let mut first = off(5, "one");
    let mut second = off(6, "two");
    for domain in [&mut first, &mut second] {
        let definition = Arc::make_mut(domain.definition.as_mut().unwrap());
        definition.fixed_ports = vec![virtty::model::FixedPort {
            port: 5920,
            kind: EndpointKind::Vnc,
            host: None,
        }];
    }
    session.changed(first).changed(second).keys("<Tab>");
    let shown = ports(&session);
    assert_eq!(shown.section, Section::Trouble);
    assert!(shown.trouble[0].words.contains("one, two"), "gravest first");
    assert!(shown.trouble[0].words.contains("5920"));
    let open = &shown.trouble[1].words;
    assert!(
        open.starts_with("db:") && open.contains("0.0.0.0:5902"),
        "{open}"
    );
    session.keys("<Tab>");
    assert_eq!(ports(&session).section, Section::All);
}
