//! What leads to the editor of a document.

use virtty::app::{Effect, Page};
use virtty::model::StoredKind;
use virtty::protocol::{DocumentRef, Verb};

use crate::session::{Session, running, uuid};
use crate::{networks, snapshots, storage};

/// The document whose editor is open, and the one that is asked for.
fn opened(session: &mut Session) -> (DocumentRef, Option<DocumentRef>) {
    let asked = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::OpenDocument(what) => Some(what),
            _ => None,
        },
        _ => None,
    });
    match session.state.page() {
        Page::Editor(page) => (page.what.clone(), asked),
        other => panic!("{} is open", other.title()),
    }
}

fn assert_opens(session: &mut Session, keys: &str, wanted: DocumentRef) {
    session.keys(keys);
    let (shown, asked) = opened(session);
    assert_eq!(shown, wanted, "{keys}");
    assert_eq!(asked, Some(wanted), "{keys}");
    session.keys("<ctrl-q>");
}

#[test]
fn the_same_key_edits_what_is_selected_on_each_page() {
    let stored = DocumentRef::Stored;
    let mut session = networks::page(120, 40);
    assert_opens(&mut session, "e", stored(StoredKind::Network, uuid(1001)));
    assert_opens(
        &mut session,
        "<Tab><Tab>ge",
        stored(StoredKind::NwFilter, uuid(1011)),
    );
    let mut session = storage::page(100, 30);
    session.keys("g");
    let Page::Storage(page) = session.state.page() else {
        panic!("{:?}", session.state.page().title());
    };
    let pool = page.selected().unwrap().uuid;
    assert_opens(&mut session, "e", stored(StoredKind::Pool, pool));
    let mut session = storage::volumes_page(100, 30);
    let Page::Volumes(page) = session.state.page() else {
        panic!("{:?}", session.state.page().title());
    };
    let what = DocumentRef::Volume {
        pool: page.pool.name.clone(),
        volume: page.selected().unwrap().name.clone(),
    };
    assert_opens(&mut session, "e", what);
    let mut session = snapshots::page(100, 30, snapshots::tree());
    let what = DocumentRef::Snapshot(uuid(1), "base".to_owned());
    assert_opens(&mut session, "ge", what);
}

#[test]
fn virshs_words_lead_there_too() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01"), running(2, "web-02")]);
    session.done();
    let named = |kind, name: &str| DocumentRef::Named(kind, name.to_owned());
    let domain = DocumentRef::Stored(StoredKind::Domain, uuid(2));
    assert_opens(&mut session, ":edit web-02<Enter>", domain);
    for (line, wanted) in [
        (":net-edit lan<Enter>", named(StoredKind::Network, "lan")),
        (
            ":pool-edit images<Enter>",
            named(StoredKind::Pool, "images"),
        ),
        (
            ":nwfilter-edit own<Enter>",
            named(StoredKind::NwFilter, "own"),
        ),
        (
            ":net-edit 00000009-5a5a-5a5a-5a5a-5a5a5a5a5a5a<Enter>",
            DocumentRef::Stored(StoredKind::Network, uuid(9)),
        ),
        (
            ":snapshot-edit web-01 base<Enter>",
            DocumentRef::Snapshot(uuid(1), "base".to_owned()),
        ),
    ] {
        assert_opens(&mut session, line, wanted);
    }
}

#[test]
fn a_definition_begins_by_a_key_or_a_word() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.done();
    session.keys("<alt-x>pool<Enter>");
    assert_eq!(opened(&mut session).0, DocumentRef::New(StoredKind::Pool));
    session.keys("<ctrl-q>:define-new nwfilter<Enter>");
    assert_eq!(
        opened(&mut session).0,
        DocumentRef::New(StoredKind::NwFilter)
    );
    session.keys("<ctrl-q>:define-new disk<Enter>");
    assert!(matches!(session.state.page(), Page::Domains));
}

#[test]
fn nothing_selected_is_said() {
    let mut session = storage::page(100, 30);
    session.keys("<Tab>e");
    assert!(matches!(session.state.page(), Page::Storage(_)));
    assert!(session.done().iter().all(|effect| !matches!(
        effect,
        Effect::Send(_, request) if matches!(request.verb, Verb::OpenDocument(_))
    )));
}
