//! Lists, states, definitions, events.

use virtty::model::DomainState;
use virtty::protocol::{DomainVerb, News, Verb};

use crate::support::watched::{Node, Watched, domain};

#[test]
fn a_list_is_followed_by_definitions() {
    let node = Node::new(&(domain("on", 1) + &domain("off", 5) + &domain("held", 3)));
    let mut host = Watched::open(&node.uri());
    host.until("three definitions", |host| {
        (host.rows.len() == 3 && host.rows.values().all(|row| row.definition.is_some()))
            .then_some(())
    });
    let states = ["on", "held", "off"].map(|name| host.row(name).unwrap().state);
    assert_eq!(
        states,
        [
            DomainState::Running,
            DomainState::Paused,
            DomainState::ShutOff
        ]
    );
    let on = host.row("on").unwrap();
    assert!(on.persistent && on.runtime_id.is_some());
    assert_eq!(
        on.definition.as_ref().unwrap().endpoints[0].port,
        Some(5907)
    );
    let off = host.row("off").unwrap();
    assert_eq!(off.runtime_id, None);
    assert!(off.definition.as_ref().unwrap().endpoints.is_empty());
}

#[test]
fn a_verb_changes_the_row_by_its_event_alone() {
    let node = Node::new(&domain("one", 1));
    let mut host = Watched::open(&node.uri());
    host.until("a row", |host| host.row("one").map(|_| ()));
    let uuid = host.uuid("one");
    host.ask(Verb::Domain(uuid, DomainVerb::Suspend)).unwrap();
    host.until("a paused row", |host| {
        (host.row("one")?.state == DomainState::Paused).then_some(())
    });
    assert!(
        host.history
            .iter()
            .any(|news| matches!(news, News::Event(event) if event.uuid == uuid))
    );
}

#[test]
fn what_is_open_is_read_anew_when_a_person_asks() {
    let node = Node::new(&domain("one", 1));
    let mut host = Watched::open(&node.uri());
    let lists = |host: &Watched| {
        let listed = |news: &&News| matches!(news, News::Listed { .. });
        host.history.iter().filter(listed).count()
    };
    host.until("a list", |host| (lists(host) == 1).then_some(()));
    host.fleet.retry(host.id);
    host.until("another list", |host| (lists(host) == 2).then_some(()));
    assert_eq!(host.row("one").unwrap().state, DomainState::Running);
}
