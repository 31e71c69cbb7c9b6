//! Every verb that the test driver knows does what it says.

use std::time::Duration;

use virtty::domxml;
use virtty::libvirt::once::{self, Detail, Session};
use virtty::model::{Domain, DomainState, Uuid};
use virtty::protocol::{Affect, DomainVerb, DomainWords, Undefine, XmlKind};

use crate::support::watched::{Node, domain};

fn open(node: &Node) -> Session {
    once::open(node.uri().parse().ok(), false).unwrap()
}

fn row(session: &Session, name: &str) -> Option<Domain> {
    let rows = session.list(Detail::All).unwrap();
    rows.into_iter().find(|row| row.name == name)
}

fn state(session: &Session, name: &str) -> DomainState {
    row(session, name).unwrap().state
}

fn xml(session: &Session, uuid: Uuid) -> String {
    session.xml(uuid, XmlKind::Inactive).unwrap().unwrap()
}

#[test]
fn lifecycle() {
    let node = Node::new(&domain("one", 5));
    let session = open(&node);
    let uuid = row(&session, "one").unwrap().id.uuid;
    let act = |verb: DomainVerb| session.act(uuid, &verb);
    act(DomainVerb::START).unwrap();
    act(DomainVerb::Suspend).unwrap();
    assert_eq!(state(&session, "one"), DomainState::Paused);
    act(DomainVerb::Resume).unwrap();
    assert_eq!(state(&session, "one"), DomainState::Running);
    act(DomainVerb::MANAGED_SAVE).unwrap();
    let saved = row(&session, "one").unwrap();
    assert_eq!(
        (saved.state, saved.managed_save),
        (DomainState::ShutOff, Some(true))
    );
    act(DomainVerb::ManagedSaveRemove).unwrap();
    assert_eq!(row(&session, "one").unwrap().managed_save, Some(false));
    act(DomainVerb::START).unwrap();
    act(DomainVerb::Shutdown {
        mode: None,
        force_after: Some(Duration::from_secs(60)),
    })
    .unwrap();
    assert_eq!(state(&session, "one"), DomainState::ShutOff);
}

#[test]
fn texts_flags_and_sizes() {
    let node = Node::new(&domain("one", 5));
    let session = open(&node);
    let uuid = row(&session, "one").unwrap().id.uuid;
    let act = |verb: DomainVerb| session.act(uuid, &verb).unwrap();
    act(DomainVerb::SetTitle("T <1>".to_owned(), Affect::Config));
    act(DomainVerb::SetDescription(
        "D\n2".to_owned(),
        Affect::Config,
    ));
    let describe = |words: DomainWords| act(DomainVerb::Describe(Box::new(words)));
    describe(DomainWords {
        add_tags: vec!["prod".to_owned(), "a&b".to_owned()],
        notes: Some("call Ann".to_owned()),
        ..DomainWords::default()
    });
    let definition = domxml::definition(&xml(&session, uuid), false).unwrap();
    assert_eq!(definition.title.as_deref(), Some("T <1>"));
    assert_eq!(definition.description.as_deref(), Some("D\n2"));
    assert_eq!(definition.tags, ["prod", "a&b"]);
    assert_eq!(definition.notes.as_deref(), Some("call Ann"));
    act(DomainVerb::SetTitle(String::new(), Affect::Config));
    describe(DomainWords {
        drop_tags: vec!["prod".to_owned(), "a&b".to_owned(), "x".to_owned()],
        ..DomainWords::default()
    });
    let definition = domxml::definition(&xml(&session, uuid), false).unwrap();
    assert_eq!(definition.title, None);
    assert!(definition.tags.is_empty());
    assert_eq!(definition.notes.as_deref(), Some("call Ann"));

    describe(DomainWords {
        title: Some("All".to_owned()),
        description: Some("one\ntwo".to_owned()),
        notes: Some(String::new()),
        add_tags: vec!["web".to_owned()],
        ..DomainWords::default()
    });
    let definition = domxml::definition(&xml(&session, uuid), false).unwrap();
    assert_eq!(definition.title.as_deref(), Some("All"));
    assert_eq!(definition.description.as_deref(), Some("one\ntwo"));
    assert_eq!(
        (definition.tags, definition.notes),
        (vec!["web".to_owned()], None)
    );
    // An element of anybody's.
    let element = |element: Option<&str>| DomainVerb::SetMetadata {
        uri: "http://x/1".to_owned(),
        key: Some("x".to_owned()),
        element: element.map(str::to_owned),
        affect: Affect::Config,
    };
    act(element(Some("<a b='1'/>")));
    assert!(xml(&session, uuid).contains("http://x/1"));
    act(element(None));
    assert!(!xml(&session, uuid).contains("http://x/1"));

    act(DomainVerb::SetAutostart(true));
    assert_eq!(row(&session, "one").unwrap().autostart, Some(true));
    act(DomainVerb::SetMaxMemory {
        kib: 1_048_576,
        affect: Affect::Config,
    });
    act(DomainVerb::SetVcpus {
        count: 4,
        maximum: true,
        guest: false,
        affect: Affect::Config,
    });
    act(DomainVerb::SetVcpus {
        count: 3,
        maximum: false,
        guest: false,
        affect: Affect::Config,
    });
    let text = xml(&session, uuid);
    assert!(
        text.contains("<memory unit='KiB'>1048576</memory>"),
        "{text}"
    );
    assert!(text.contains("current='3'>4</vcpu>"), "{text}");

    act(DomainVerb::Rename("two".to_owned()));
    assert!(row(&session, "one").is_none());
    act(DomainVerb::Undefine(Undefine::default()));
    assert!(row(&session, "two").is_none());
}

#[test]
fn what_is_refused_says_why_and_names_the_domain() {
    let node = Node::new(&domain("one", 1));
    let session = open(&node);
    let uuid = row(&session, "one").unwrap().id.uuid;
    let refused = |verb: DomainVerb| session.act(uuid, &verb).unwrap_err().to_string();
    assert_eq!(
        refused(DomainVerb::START),
        "Start 'one': the domain is already running"
    );
    assert!(refused(DomainVerb::Rename("x".to_owned())).contains("is running"));
    assert!(
        refused(DomainVerb::SetTitle("a\u{1b}b".to_owned(), Affect::Current))
            .contains("control character")
    );
    assert!(refused(DomainVerb::Rename("a\0b".to_owned())).starts_with("Rename 'one'"));
    let readonly = once::open(node.uri().parse().ok(), true).unwrap();
    assert!(
        readonly
            .act(uuid, &DomainVerb::DESTROY)
            .unwrap_err()
            .to_string()
            .contains("read-only")
    );
}
