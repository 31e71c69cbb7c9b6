//! The page of ports: order, filter, selection, warnings.

use virtty::app::{
    Effect, EndpointId, Finding, Gravity, Layer, Page, PortColumn, PortSection, Ports, Target,
};
use virtty::model::{ConnectionId, DomainState};
use virtty::protocol::News;

use crate::material::{everywhere, fixing, pty, spice, unallocated, with};
use crate::session::{Session, id, in_state, off, running, uuid, vnc};

/// Two hosts.
fn two_hosts() -> Session {
    let uris = ["qemu:///system", "qemu+ssh://root@kvm2/system"];
    let mut session = Session::new(120, 40, &uris);
    session.open(0, false).open(1, false);
    session.list(
        0,
        vec![
            with(1, "web-10", vec![vnc(5903)]),
            with(
                2,
                "web-2",
                vec![pty("/dev/pts/3"), everywhere(5901, Some(false))],
            ),
            with(3, "desktop", vec![spice(5910, 5911), unallocated()]),
            off(4, "old"),
        ],
    );
    let mut far = with(5, "far", vec![vnc(5902)]);
    far.id.connection = ConnectionId(1);
    session.list(1, vec![far]);
    session.keys("P");
    session
}

fn page(session: &Session) -> &Ports {
    match session.state.page() {
        Page::Ports(ports) => ports,
        other => panic!("{} is open", other.title()),
    }
}

/// Names and ports of the rows.
fn rows(session: &Session) -> Vec<String> {
    let rows = page(session).listening().rows().iter();
    rows.map(|id| {
        let name = &session.state.guest(id.domain).unwrap().domain.name;
        let endpoint = session.state.endpoint(*id).unwrap();
        match (endpoint.port, &endpoint.socket) {
            (Some(port), _) => format!("{name} {port}"),
            (None, Some(path)) => format!("{name} {path}"),
            (None, None) => format!("{name} –"),
        }
    })
    .collect()
}

fn selected(session: &Session) -> EndpointId {
    page(session).listening().selected().unwrap()
}

#[test]
fn all_endpoints_of_all_hosts_are_sorted_by_port() {
    let session = two_hosts();
    assert_eq!(
        rows(&session),
        [
            "web-2 5901",
            "far 5902",
            "web-10 5903",
            "desktop 5910",
            "desktop –",
            "web-2 /dev/pts/3",
        ]
    );
}

#[test]
fn other_columns_sort_and_turn_round() {
    let mut session = two_hosts();
    session.keys(">");
    assert_eq!(page(&session).sorting(), (PortColumn::Type, false));
    assert_eq!(rows(&session)[0], "web-2 /dev/pts/3");
    session.keys(">");
    assert_eq!(page(&session).sorting(), (PortColumn::Domain, false));
    assert_eq!(
        rows(&session)[3..],
        ["web-2 5901", "web-2 /dev/pts/3", "web-10 5903"]
    );
    session.keys("o");
    assert_eq!(rows(&session)[0], "web-10 5903");
    session.click(Target::PortColumn(PortColumn::Reach));
    assert_eq!(
        rows(&session)[0],
        "web-2 5901",
        "what all can reach is first"
    );
    session.click(Target::PortColumn(PortColumn::Warning));
    assert_eq!(rows(&session)[0], "web-2 5901");
    session
        .click(Target::PortColumn(PortColumn::Host))
        .keys("o");
    assert_eq!(rows(&session)[5], "far 5902");
}

#[test]
fn digits_find_ports_and_words_find_domain_host_and_type() {
    for (typed, found) in [
        (":5903", vec!["web-10 5903"]),
        ("5911", vec!["desktop 5910"]),
        ("web-10", vec!["web-10 5903"]),
        ("kvm2", vec!["far 5902"]),
        ("spice", vec!["desktop 5910"]),
        ("serial web", vec!["web-2 /dev/pts/3"]),
    ] {
        let mut session = two_hosts();
        session.keys(&format!("/{typed}"));
        assert_eq!(rows(&session), found, "{typed}");
        session.keys("<Enter><Esc>");
        assert_eq!(rows(&session).len(), 6, "Esc clears the filter first");
        session.keys("<Esc>");
        assert_eq!(session.state.page(), &Page::Domains);
    }
}

#[test]
fn the_selection_follows_the_endpoint_to_its_next_port() {
    let mut session = two_hosts();
    session.keys("jj");
    let chosen = selected(&session);
    assert_eq!(chosen.domain, id(1));
    session.keys(">>o");
    assert_eq!(selected(&session), chosen);
    session.keys("<<><<>");
    session.changed(with(1, "web-10", vec![vnc(6000)]));
    assert_eq!(selected(&session), chosen);
    assert_eq!(rows(&session)[3], "web-10 6000");
    session.news(0, 1, News::Gone(uuid(1)));
    assert_ne!(selected(&session), chosen);
    assert_eq!(rows(&session).len(), 5);
}

#[test]
fn a_domain_that_goes_off_takes_its_ports_with_it() {
    let mut session = two_hosts();
    session.changed(in_state(3, "desktop", DomainState::ShutOff, 1));
    assert!(!rows(&session).iter().any(|row| row.starts_with("desktop")));
}

#[test]
fn enter_opens_the_domain_and_back_is_where_it_was() {
    let mut session = two_hosts();
    session.keys("jj");
    let chosen = selected(&session);
    session.keys("<Enter>");
    assert!(matches!(session.state.page(), Page::Details(d) if d.id == chosen.domain));
    session.keys("<Esc>");
    assert_eq!(selected(&session), chosen);
    session.keys("PP<Esc>");
    assert_eq!(session.state.page(), &Page::Domains, "the page opens once");
}

#[test]
fn clicks_select_and_open() {
    let mut session = two_hosts();
    let row = page(&session).listening().rows()[3];
    session.click(Target::Endpoint(row));
    assert_eq!(selected(&session), row);
    session.wait(0.1).click(Target::Endpoint(row));
    assert!(matches!(session.state.page(), Page::Details(d) if d.id == row.domain));
    session.keys("<Esc>").click(Target::Tab(1));
    assert_eq!(page(&session).section(), PortSection::Findings);
}

#[test]
fn what_is_copied_is_of_the_selected_endpoint() {
    let mut session = two_hosts();
    session.keys("/spice<Enter>y");
    let Some(Layer::Menu(menu)) = session.state.layers.last() else {
        panic!("no menu");
    };
    let has = |text: &str| menu.entries.iter().any(|entry| entry.text.contains(text));
    assert!(has("spice://127.0.0.1:5910?tls-port=5911"));
    assert!(has("virt-viewer -c qemu:///system"));
    assert!(!has("console"), "another endpoint's");
    session.keys("<Enter>");
    assert!(matches!(&session.done()[..], [.., Effect::Copy(text)] if text == "127.0.0.1:5910"));
}

fn gravities(session: &Session) -> Vec<(Gravity, u32)> {
    let page = page(session);
    let rows = page.findings().rows().iter();
    rows.map(|finding| {
        let number = finding.domain().uuid.0;
        let found = page.found(*finding).unwrap();
        (found.gravity, u32::from(number[3]))
    })
    .collect()
}

#[test]
fn findings_are_listed_by_gravity() {
    let mut unread = running(7, "unread");
    unread.definition = None;
    unread.definition_error = Some("internal error".to_owned());
    let mut session = Session::active(
        120,
        40,
        vec![
            with(1, "open", vec![everywhere(5901, Some(false))]),
            with(2, "perhaps", vec![everywhere(5902, None)]),
            with(3, "closed", vec![everywhere(5903, Some(true))]),
            fixing(off(4, "needs-5903"), &[5903]),
            fixing(off(5, "one"), &[5950]),
            fixing(off(6, "two"), &[5950]),
            unread,
            fixing(off(8, "alone"), &[5960]),
            fixing(running(9, "runs"), &[5961]),
        ],
    );
    session.keys("P<Tab>");
    assert_eq!(
        gravities(&session),
        [
            (Gravity::Open, 1),
            (Gravity::PerhapsOpen, 2),
            (Gravity::Taken, 4),
            (Gravity::Twice, 5),
            (Gravity::Twice, 6),
            (Gravity::Unreadable, 7),
            (Gravity::Fixed, 8),
        ]
    );
    assert_eq!(page(&session).counts(), [4, 6, 1]);
    let found = page(&session).found(page(&session).findings().rows()[3]);
    assert_eq!(found.unwrap().summary(&session.state), "also of two");
    session.keys("/:5950");
    assert_eq!(gravities(&session).len(), 2);
    session.keys("<Enter><Enter>");
    assert!(matches!(session.state.page(), Page::Details(d) if d.id == id(5)));
}

#[test]
fn ports_of_different_hosts_do_not_clash() {
    let mut session = two_hosts();
    session.changed(fixing(off(20, "here"), &[5999]));
    let mut far = fixing(off(21, "there"), &[5999]);
    far.id.connection = ConnectionId(1);
    session.changed(far);
    let is_twice = |finding: &Finding| matches!(finding, Finding::Twice(_));
    assert!(!page(&session).findings().rows().iter().any(is_twice));
}

#[test]
fn a_finding_offers_the_command_that_mends_it() {
    let mut session = Session::active(
        120,
        40,
        vec![
            fixing(off(5, "one"), &[5950]),
            fixing(off(6, "two"), &[5950]),
        ],
    );
    session.keys("P<Tab>y");
    let Some(Layer::Menu(menu)) = session.state.layers.last() else {
        panic!("no menu");
    };
    let command = format!("virsh -c qemu:///system edit {}", uuid(5));
    assert_eq!(menu.entries[0].text, command);
}

#[test]
fn without_ports_nothing_is_selected_and_keys_do_no_harm() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("PjkGg<Enter>y<<>>o<Tab>j<Enter>");
    assert!(matches!(session.state.page(), Page::Ports(_)));
    assert!(page(&session).domain().is_none());
}
