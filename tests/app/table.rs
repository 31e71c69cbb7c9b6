//! Moving, sorting, filtering, and what the selection does when rows come and go.

use virtty::app::{Column, Page, Target};
use virtty::model::{AddressSource, DomainState, GuestAddress};
use virtty::protocol::News;

use crate::session::{Session, id, in_state, off, running, sample, uuid};

fn five() -> Session {
    let domains = ["web-1", "web-2", "web-10", "db", "mail"]
        .iter()
        .zip(1..)
        .map(|(name, number)| running(number, name))
        .collect();
    Session::active(80, 24, domains)
}

#[test]
fn names_are_sorted_as_people_do() {
    assert_eq!(five().names(), ["db", "mail", "web-1", "web-2", "web-10"]);
}

#[test]
fn selection_follows_the_domain_not_the_row() {
    let mut session = five();
    session.keys("jj");
    assert_eq!(session.selected_name(), Some("web-1"));
    session.changed(running(9, "aaa"));
    assert_eq!(session.selected_name(), Some("web-1"));
    session.changed(running(1, "zzz"));
    assert_eq!(session.selected_name(), Some("zzz"));
}

#[test]
fn a_vanished_row_hands_the_selection_to_its_neighbour() {
    let mut session = five();
    session.keys("jj").news(0, 1, News::Gone(uuid(1)));
    assert_eq!(session.selected_name(), Some("web-2"));
    session.keys("G").news(0, 1, News::Gone(uuid(3)));
    assert_eq!(session.selected_name(), Some("web-2"));
}

#[test]
fn filter_is_fuzzy_and_words_as_typed_come_first() {
    let mut session = five();
    session.keys("/wb1");
    assert_eq!(session.names(), ["web-1", "web-10"]);
    session.keys("<Esc>/web-10");
    assert_eq!(session.names(), ["web-10"]);
    session.keys("<Enter>");
    assert_eq!(session.names(), ["web-10"], "Enter keeps the filter");
    session.keys("<Esc>");
    assert_eq!(session.names().len(), 5, "Esc clears it");
}

#[test]
fn a_port_finds_its_owner() {
    let mut session = five();
    session.keys("/:5904");
    assert_eq!(session.names(), ["db"]);
    session.keys("<Esc>/5905");
    assert_eq!(session.names(), ["mail"]);
    session.keys("<Esc>/:59");
    assert_eq!(session.names().len(), 5, "while it is being typed");
}

#[test]
fn the_port_of_a_domain_that_is_off_is_nobodys() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("/:5901");
    assert!(session.names().is_empty());
}

#[test]
fn keys_that_are_commands_elsewhere_are_letters_in_the_filter() {
    let mut session = five();
    session.keys("/qDs?");
    assert_eq!(session.state.table.filter(), "qDs?");
    assert!(session.done().len() == 1, "only the opening");
}

#[test]
fn sorting_by_cpu_follows_the_samples_and_unknown_is_last() {
    let mut session = five();
    session.keys(">");
    assert_eq!(session.state.table.sort, Column::Cpu);
    let start = session.now.instant;
    let news = |at, cpu: [u64; 2]| News::Sampled {
        domains: vec![sample(4, at, cpu[0]), sample(5, at, cpu[1])],
        node: None,
    };
    session.news(0, 1, news(start, [0, 0])).wait(2.0);
    let later = session.now.instant;
    session.news(0, 1, news(later, [100, 900]));
    assert_eq!(session.names()[..2], ["mail", "db"]);
    session.keys("o");
    assert_eq!(session.names()[..2], ["db", "mail"]);
}

#[test]
fn reports_of_a_former_incarnation_are_dropped() {
    let mut session = five();
    session.news(0, 3, News::Changed(vec![running(1, "web-1")]));
    session.news(0, 2, News::Gone(uuid(1)));
    assert_eq!(session.names().len(), 5);
}

#[test]
fn a_double_click_opens_and_a_click_selects() {
    let mut session = five();
    session.click(Target::Domain(id(5)));
    assert_eq!(session.selected_name(), Some("mail"));
    assert_eq!(session.state.page(), &Page::Domains);
    session.wait(0.2).click(Target::Domain(id(5)));
    assert!(matches!(session.state.page(), Page::Details(d) if d.id == id(5)));
}

#[test]
fn two_slow_clicks_are_no_double_click() {
    let mut session = five();
    session.click(Target::Domain(id(5))).wait(1.0);
    session.click(Target::Domain(id(5)));
    assert_eq!(session.state.page(), &Page::Domains);
}

#[test]
fn the_wheel_scrolls_and_the_selection_stays_on_the_screen() {
    let domains = (1..=100).map(|n| running(n, &format!("vm-{n}"))).collect();
    let mut session = Session::active(80, 24, domains);
    session.wheel_down();
    assert_eq!(session.state.table.top(), 3);
    assert_eq!(session.selected_name(), Some("vm-4"));
}

#[test]
fn details_of_a_vanished_domain_close() {
    let mut session = five();
    session.keys("<Enter>");
    assert!(matches!(session.state.page(), Page::Details(_)));
    session.news(0, 1, News::Gone(uuid(4)));
    assert_eq!(session.state.page(), &Page::Domains);
}

#[test]
fn an_older_sample_does_not_undo_an_event() {
    let mut session = five();
    let before = session.now.instant;
    session.wait(1.0);
    session.changed(in_state(1, "web-1", DomainState::Paused, 1));
    let mut old = sample(1, before, 10);
    old.state = Some((DomainState::Running, virtty::model::StateReason(1)));
    session.news(
        0,
        1,
        News::Sampled {
            domains: vec![old],
            node: None,
        },
    );
    let state = session.state.guest(id(1)).unwrap().domain.state;
    assert_eq!(state, DomainState::Paused);
}

#[test]
fn addresses_are_sorted_as_numbers() {
    let mut session = five();
    for (number, address) in [(1, "192.168.0.9"), (2, "10.0.0.200"), (3, "10.0.0.3")] {
        let address = GuestAddress {
            interface: "eth0".to_owned(),
            mac: None,
            address: address.parse().unwrap(),
            prefix: 24,
            source: AddressSource::Agent,
        };
        session.news(0, 1, News::Addresses(uuid(number), vec![address]));
    }
    session.click(Target::Column(Column::Ip));
    assert_eq!(session.names()[..3], ["web-10", "web-2", "web-1"]);
}

#[test]
fn the_configuration_knows_every_column() {
    let names: Vec<_> = Column::ALL.iter().map(|column| column.name()).collect();
    assert_eq!(virtty::config::COLUMNS.as_slice(), names);
}

#[test]
fn the_configuration_chooses_columns_and_order() {
    let mut session = five();
    let (sort, reversed) = Column::sorting("-name").unwrap();
    let columns = [Column::Name, Column::Display];
    session.state.table.configure(&columns, sort, reversed);
    session.wait(0.1);
    assert_eq!(session.names()[0], "web-10");
    let shown: Vec<_> = session.state.placed_columns();
    let shown: Vec<_> = shown.iter().map(|placed| placed.column).collect();
    assert_eq!(shown, columns);
    assert_eq!(Column::sorting("cpu"), Some((Column::Cpu, true)));
    assert_eq!(Column::sorting("-cpu"), Some((Column::Cpu, false)));
    assert_eq!(Column::sorting("-nothing"), None);
}
