//! The command line behind `:`.

use std::time::Duration;

use virtty::app::{CommandLine, Effect, HostTab, Layer, Page, Tab};
use virtty::model::{ConnectionId, Domain, DomainId, DomainState};
use virtty::protocol::{Affect, AskMode, DomainVerb, Request, Verb, XmlKind};

use crate::session::{Session, id, in_state, off, running};

fn line(session: &Session) -> &CommandLine {
    match session.state.layers.last() {
        Some(Layer::Command(line)) => line,
        other => panic!("no command line but {other:?}"),
    }
}

fn text(session: &Session) -> &str {
    line(session).line.text()
}

fn error(session: &Session) -> &str {
    line(session).error.as_deref().unwrap_or_default()
}

fn said(session: &Session) -> &str {
    &session.state.messages.current().unwrap().text
}

fn labels(session: &Session) -> Vec<&str> {
    line(session)
        .offers
        .iter()
        .map(|offer| offer.label.as_str())
        .collect()
}

fn sent(session: &mut Session) -> Vec<(DomainVerb, DomainId)> {
    session
        .done()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(
                connection,
                Request {
                    verb: Verb::Domain(uuid, verb),
                    ..
                },
            ) => Some((verb, DomainId { connection, uuid })),
            _ => None,
        })
        .collect()
}

fn fleet() -> Vec<Domain> {
    vec![
        running(1, "db1"),
        running(2, "my web"),
        off(3, "old"),
        running(4, "web1"),
    ]
}

fn session() -> Session {
    let mut session = Session::active(100, 30, fleet());
    session.done();
    session
}

#[test]
fn a_command_acts_on_the_domain_it_names_or_on_the_selected_one() {
    let mut session = session();
    session.keys(":shutdown web1<Enter>");
    assert_eq!(sent(&mut session), [(DomainVerb::SHUTDOWN, id(4))]);
    assert!(session.state.layers.is_empty());
    session.keys(":suspend<Enter>");
    assert_eq!(sent(&mut session), [(DomainVerb::Suspend, id(1))]);
    session.keys(":start 'old'<Enter>");
    assert_eq!(sent(&mut session), [(DomainVerb::START, id(3))]);
}

#[test]
fn what_is_dangerous_is_asked_as_its_key_would_and_the_question_names_the_line() {
    let mut session = session();
    session.keys(":destroy 'my web'<Enter>");
    assert!(sent(&mut session).is_empty());
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("no question");
    };
    assert!(confirm.title.contains("my web"));
    let shown = confirm.command.clone().unwrap();
    session.keys("<Esc>");
    // What is shown can be typed.
    session.keys(":");
    session.event(virtty::app::Event::Paste(shown));
    session.keys("<Enter>y");
    assert_eq!(sent(&mut session), [(DomainVerb::DESTROY, id(2))]);
}

#[test]
fn an_error_is_told_in_place_and_nothing_typed_is_lost() {
    let mut session = session();
    for (typed, part) in [
        ("shutdwon web1", "did you mean shutdown?"),
        ("shutdown wbe1", "did you mean web1?"),
        ("shutdown web1 --mode agnet", "did you mean agent?"),
        ("suspend old", "not running"),
        ("-c kvm9 suspend web1", "kvm9"),
        ("shutdown 'web1", "quote"),
        ("99999", "1 to 65535"),
        ("port", "no command 'port'"),
    ] {
        session.keys(&format!(":{typed}<Enter>"));
        assert!(
            error(&session).contains(part),
            "{typed}: {}",
            error(&session)
        );
        assert_eq!(text(&session), typed);
        assert!(sent(&mut session).is_empty());
        session.keys("x");
        assert_eq!(error(&session), "");
        session.keys("<Esc>");
    }
}

#[test]
fn tab_completes_commands_domains_options_and_values() {
    let mut session = session();
    session.keys(":shutd<Tab>");
    assert_eq!(text(&session), "shutdown ");
    assert_eq!(labels(&session), ["db1", "my web", "old", "web1"]);
    session.keys("m<Tab>");
    assert_eq!(text(&session), "shutdown 'my web' ");
    session.keys("--m<Tab>");
    assert_eq!(text(&session), "shutdown 'my web' --mode ");
    session.keys("<Tab>");
    assert_eq!(text(&session), "shutdown 'my web' --mode acpi");
    session.keys("<Tab>");
    assert_eq!(text(&session), "shutdown 'my web' --mode agent");
    session.keys("<BackTab><BackTab>");
    assert_eq!(text(&session), "shutdown 'my web' --mode paravirt");
    session.keys("<Esc>:start --<Tab>");
    assert_eq!(text(&session), "start --domain");
}

#[test]
fn a_word_in_the_middle_is_completed() {
    let mut session = session();
    session.keys(":shutdown  --mode agent<Home>");
    for _ in 0.."shutdown ".len() {
        session.keys("<Right>");
    }
    session.keys("web<Tab>");
    assert_eq!(text(&session), "shutdown web1 --mode agent");
    session.keys("<Enter>");
}

#[test]
fn names_that_would_be_something_else_are_completed_by_uuid() {
    let domains = vec![running(1, "7"), running(2, "--all"), running(3, "it's")];
    let mut session = Session::active(100, 30, domains);
    for (typed, number) in [("7", 1), ("--all", 2)] {
        session.keys(":suspend ");
        let offers = &line(&session).offers;
        let offer = offers.iter().find(|offer| offer.label == typed).unwrap();
        assert_eq!(offer.word, id(number).uuid.to_string());
        session.keys("<Esc>");
    }
    session.done();
    session.keys(":suspend it<Tab>");
    assert_eq!(text(&session), r"suspend 'it'\''s' ");
    session.keys("<Enter>");
    assert_eq!(sent(&mut session), [(DomainVerb::Suspend, id(3))]);
}

#[test]
fn lines_come_back() {
    let mut session = session();
    session.keys(":suspend web1<Enter>:shutdown db1<Enter>:start nobody<Enter><Esc>");
    assert!(
        session
            .done()
            .contains(&Effect::Remember("suspend web1".to_owned()))
    );
    session.keys(":<Up>");
    assert_eq!(text(&session), "start nobody", "what failed is not lost");
    session.keys("<Up><Up>");
    assert_eq!(text(&session), "suspend web1");
    session.keys("<Up>");
    assert_eq!(text(&session), "suspend web1");
    session.keys("<Down><Down><Down>");
    assert_eq!(text(&session), "");
    session.keys("sh<Up>");
    assert_eq!(text(&session), "shutdown db1");
    session.keys("<Down>");
    assert_eq!(text(&session), "sh");
}

#[test]
fn reading_commands_open_what_shows_it() {
    for (typed, tab) in [
        ("dominfo web1", Tab::Overview),
        ("vncdisplay web1", Tab::Displays),
        ("domifaddr web1 --source agent", Tab::Nics),
        ("dumpxml --inactive web1", Tab::Xml),
        ("domstats web1", Tab::Performance),
        ("vcpuinfo web1", Tab::Performance),
        ("dommemstat web1", Tab::Performance),
        ("domblkstat web1 vda", Tab::Disks),
        ("domifstat web1 vnet0", Tab::Nics),
    ] {
        let mut session = session();
        session.keys(&format!(":{typed}<Enter>"));
        let Page::Details(details) = session.state.page() else {
            panic!("{typed}");
        };
        assert_eq!((details.id, details.tab), (id(4), tab), "{typed}");
        let inactive = details.xml_kind == XmlKind::Inactive;
        assert_eq!(inactive, typed.contains("inactive"));
        // Another section of the same domain is no second page.
        session.keys(":dominfo<Enter><Esc>");
        assert!(session.state.pages.is_empty(), "{typed}");
    }
    for typed in ["domblklist web1", "blockjob web1 vda", "domjobinfo web1"] {
        let mut session = session();
        session.keys(&format!(":{typed}<Enter>"));
        assert!(
            matches!(session.state.page(), Page::Bench(bench) if bench.id == id(4)),
            "{typed}"
        );
        session.keys(":domblkinfo vda<Enter><Esc>");
        assert!(session.state.pages.is_empty(), "{typed}");
    }
    let mut agent = session();
    agent.keys(":guestinfo web1<Enter>");
    assert!(matches!(agent.state.page(), Page::Agent(page) if page.id == id(4)));
    for (typed, tab) in [
        ("nodeinfo", HostTab::Facts),
        ("domcapabilities --virttype qemu", HostTab::Capabilities),
    ] {
        let mut session = session();
        session.keys(&format!(":{typed}<Enter>"));
        assert!(
            matches!(session.state.page(), Page::Host(host) if host.tab == tab),
            "{typed}"
        );
    }
    let mut session = session();
    session.keys(":version<Enter>");
    assert!(said(&session).contains("libvirt "), "{}", said(&session));
    session.keys(":uri<Enter>");
    assert!(said(&session).contains("://"), "{}", said(&session));
    session.keys(":domstate old<Enter>");
    assert!(
        said(&session).contains("old: shut off"),
        "{}",
        said(&session)
    );
    session.keys(":domid web1<Enter>");
    assert!(said(&session).contains("id 4"), "{}", said(&session));
}

#[test]
fn digits_jump_to_the_owner_of_a_port() {
    for typed in ["5904", ":5904"] {
        let mut session = session();
        session.keys(&format!("P:{typed}<Enter>"));
        assert_eq!(session.selected_name(), Some("web1"));
        assert!(session.state.pages.is_empty());
        assert!(
            said(&session).contains("vnc 127.0.0.1:5904"),
            "{}",
            said(&session)
        );
    }
    let mut session = session();
    session.keys("/db<Enter>:5904<Enter>");
    assert_eq!(session.selected_name(), Some("web1"), "the filter hid it");
    session.keys(":5999<Enter>");
    assert!(error(&session).contains("5999"), "{}", error(&session));
}

#[test]
fn actions_of_the_screen_have_their_names() {
    let mut session = session();
    session.keys(":ports<Enter>");
    assert!(matches!(session.state.page(), Page::Ports(_)));
    session.keys("<Esc>:filter web<Enter>");
    assert_eq!(session.names(), ["my web", "web1"]);
    session.keys(":filter<Enter>");
    assert!(matches!(session.state.layers.last(), Some(Layer::Text(_))));
    session.keys("<Esc>:force-off db1<Enter>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    session.keys("<Esc>:zoom-in<Enter>");
    assert!(error(&session).contains("not"), "{}", error(&session));
    session.keys("<Esc>:quit<Enter>");
    assert!(session.done().contains(&Effect::Quit));
}

#[test]
fn with_several_hosts_the_selected_one_is_meant_first() {
    let mut session = Session::new(100, 30, &["qemu:///system", "qemu+ssh://root@kvm2/system"]);
    session.open(0, false).open(1, false);
    session.list(0, vec![running(1, "web1"), running(2, "here")]);
    let on = |connection: u16, domain: Domain| Domain {
        id: DomainId {
            connection: ConnectionId(connection),
            ..domain.id
        },
        ..domain
    };
    session.list(
        1,
        vec![on(1, running(3, "web1")), on(1, running(4, "there"))],
    );
    session.done();
    session.keys("g:suspend web1<Enter>");
    let first = sent(&mut session);
    assert_eq!(first.len(), 1);
    assert_eq!(
        Some(first[0].1.connection),
        session.state.table.selected().map(|id| id.connection)
    );
    // Only one host has it.
    session.keys(":suspend there<Enter>");
    assert_eq!(sent(&mut session)[0].1.connection, ConnectionId(1));
    session.keys(":-c kvm2 shutdown web1<Enter>");
    assert_eq!(
        sent(&mut session),
        [(DomainVerb::SHUTDOWN, on(1, running(3, "web1")).id)]
    );
    session.keys(":-c kvm2 suspend here<Enter>");
    assert!(error(&session).contains("on kvm2"), "{}", error(&session));
    session.keys("<Esc>:-c kvm<Tab>");
    assert_eq!(text(&session), "-c kvm2 ");
    session.keys("suspend th<Tab>");
    assert_eq!(text(&session), "-c kvm2 suspend there ");
}

#[test]
fn a_paused_domain_is_no_obstacle_to_looking() {
    let mut session = Session::active(80, 24, vec![in_state(1, "web", DomainState::Paused, 1)]);
    session.keys(":resume<Enter>");
    assert_eq!(sent(&mut session), [(DomainVerb::Resume, id(1))]);
}

#[test]
fn options_of_virsh_become_parameters_of_the_verb() {
    let mut session = session();
    session.keys(":shutdown web1 --mode agent --force-after 90<Enter>");
    assert_eq!(
        sent(&mut session),
        [(
            DomainVerb::Shutdown {
                mode: Some(AskMode::Agent),
                force_after: Some(Duration::from_secs(90)),
            },
            id(4)
        )]
    );
}

#[test]
fn what_needs_more_than_its_name_opens_the_line_to_be_filled_in() {
    let mut session = session();
    session.keys("/web1<Enter><alt-m>");
    assert_eq!(text(&session), "setmem web1 ");
    session.keys("2G<Enter>");
    assert_eq!(
        sent(&mut session),
        [(
            DomainVerb::SetMemory {
                kib: 2 << 20,
                affect: Affect::Current
            },
            id(4)
        )]
    );
}

#[test]
fn deleting_names_the_target_and_what_goes_with_it() {
    let mut session = session();
    session.keys(":undefine old<Enter>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it was not asked");
    };
    assert!(confirm.title.contains("old"), "{}", confirm.title);
    assert!(
        confirm.body.contains(&"No storage is deleted.".to_owned()),
        "{:?}",
        confirm.body
    );
    assert!(sent(&mut session).is_empty());
    session.keys("y");
    assert_eq!(sent(&mut session).len(), 1);
}
