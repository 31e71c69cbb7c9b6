//! Pools and volumes of a host.

use std::time::{Duration, SystemTime};

use virtty::app::{Effect, Layer, Page, Volumes};
use virtty::model::{
    EventObject, Leftover, LeftoverKind, ObjectChange, ObjectEvent, Pool, PoolState, Secret,
    StorageVolume, Uuid,
};
use virtty::protocol::{
    Answer, Failure, News, PoolVerb, SecretUse, SecretValue, SecretVerb, StorageVerb, Verb,
    VolumeVerb,
};

use crate::disks::asked;
use crate::material::define;
use crate::session::{Session, running};
use virtty::model::DiskInfo;

/// Bytes of a GiB.
pub const GIB: u64 = 1 << 30;

/// An active pool of 100 GiB.
pub fn pool(number: u8, name: &str, kind: &str) -> Pool {
    Pool {
        uuid: Uuid([number; 16]),
        name: name.to_owned(),
        kind: kind.to_owned(),
        state: PoolState::Running,
        persistent: Some(true),
        autostart: Some(true),
        capacity_bytes: Some(100 * GIB),
        allocation_bytes: Some(40 * GIB),
        available_bytes: Some(60 * GIB),
        volumes: Some(5),
        path: Some(format!("/srv/{name}")),
        source: None,
    }
}

/// A pool of each state that matters.
pub fn pools() -> Vec<Pool> {
    let full = Pool {
        available_bytes: Some(12 * GIB),
        allocation_bytes: Some(88 * GIB),
        ..pool(2, "nfs", "netfs")
    };
    let off = Pool {
        state: PoolState::Inactive,
        autostart: Some(false),
        capacity_bytes: None,
        allocation_bytes: None,
        available_bytes: None,
        volumes: None,
        ..pool(3, "a\u{202e}b", "logical")
    };
    vec![pool(1, "images", "dir"), full, off]
}

/// A qcow2 volume of `images`.
pub fn volume(name: &str, allocation: u64, backing: Option<&str>) -> StorageVolume {
    StorageVolume {
        name: name.to_owned(),
        path: format!("/srv/images/{name}"),
        kind: "file".to_owned(),
        format: Some("qcow2".to_owned()),
        capacity_bytes: Some(20 * GIB),
        allocation_bytes: Some(allocation),
        physical_bytes: Some(allocation),
        backing: backing.map(|name| format!("/srv/images/{name}")),
        backing_format: backing.map(|_| "qcow2".to_owned()),
        changed: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_699_990_000)),
        ..StorageVolume::default()
    }
}

/// Volumes of which one is the base of another, one is sparse, one has a bad name.
pub fn volumes() -> Vec<StorageVolume> {
    let mut raw = volume("scratch.img", GIB, None);
    raw.format = Some("raw".to_owned());
    raw.physical_bytes = Some(20 * GIB);
    vec![
        volume("base.qcow2", 2 * GIB, None),
        volume("web.qcow2", 3 * GIB, Some("base.qcow2")),
        raw,
        volume("-rf\n\u{202e}x", GIB, None),
    ]
}

fn with_disk(number: u32, name: &str, source: &str) -> virtty::model::Domain {
    define(running(number, name), |definition| {
        definition.disks = vec![DiskInfo {
            target: "vda".to_owned(),
            device: "disk".to_owned(),
            source: Some(source.to_owned()),
            ..DiskInfo::default()
        }];
    })
}

/// Answers the first request that is wanted, whatever else was asked.
pub fn answer(session: &mut Session, wanted: impl Fn(&Verb) -> bool, answer: Answer) {
    let job = asked(session, wanted).expect("it is asked for");
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
}

/// The page of the pools.
pub fn page(width: u16, height: u16) -> Session {
    let web = with_disk(1, "web-01", "/srv/images/web.qcow2");
    let by_name = with_disk(2, "web-02", "images/base.qcow2");
    let mut session = Session::active(width, height, vec![web, by_name]);
    session.done();
    session.keys("S");
    answer(
        &mut session,
        |verb| *verb == Verb::ReadPools,
        Answer::Pools(pools()),
    );
    session
}

/// The page of the volumes of `images`, with everything read.
pub fn volumes_page(width: u16, height: u16) -> Session {
    let mut session = page(width, height);
    session.keys("j");
    session.done();
    session.keys("<Enter>");
    let names = volumes().iter().map(|volume| volume.name.clone()).collect();
    answer(
        &mut session,
        |verb| matches!(verb, Verb::ReadVolumeNames(_)),
        Answer::VolumeNames(names),
    );
    answer(
        &mut session,
        |verb| matches!(verb, Verb::ReadVolumes(..)),
        Answer::Volumes(volumes()),
    );
    session
}

fn shown(session: &Session) -> &Volumes {
    match session.state.page() {
        Page::Volumes(page) => page,
        page => panic!("{page:?}"),
    }
}

fn names(session: &Session) -> Vec<String> {
    let page = shown(session);
    let rows = page.list().rows().iter();
    rows.filter_map(|row| page.name(*row).map(str::to_owned))
        .collect()
}

#[test]
fn pools_stand_by_name_and_are_read_again_when_something_happens_to_one() {
    let mut session = page(100, 30);
    let Page::Storage(shown) = session.state.page() else {
        panic!()
    };
    let names: Vec<_> = shown.pools().unwrap().iter().map(|p| &p.name).collect();
    assert_eq!(names, ["a\u{202e}b", "images", "nfs"]);
    session.done();
    session.wait(1.0);
    assert!(asked(&mut session, |verb| *verb == Verb::ReadPools).is_none());
    let event = ObjectEvent {
        object: EventObject::Pool,
        name: "images".to_owned(),
        uuid: None,
        time: session.now.wall,
        change: ObjectChange::Refreshed,
    };
    session.news(0, 1, News::ObjectEvent(event));
    assert!(asked(&mut session, |verb| *verb == Verb::ReadPools).is_some());
    // The same page twice would be no use.
    session.keys("SS");
    assert_eq!(session.state.pages.len(), 1);
}

#[test]
fn an_inactive_pool_is_not_opened() {
    let mut session = page(100, 30);
    session.keys("<Enter>");
    assert!(matches!(session.state.page(), Page::Storage(_)));
    let said = format!("{:?}", session.state.messages);
    assert!(said.contains("is not active"), "{said}");
}

#[test]
fn volumes_say_who_uses_them() {
    let session = volumes_page(100, 30);
    assert_eq!(
        names(&session),
        ["-rf\n\u{202e}x", "base.qcow2", "scratch.img", "web.qcow2"]
    );
    let page = shown(&session);
    let users = |name: &str| {
        let row = page.list().rows().iter().copied();
        let row = row
            .clone()
            .find(|row| page.name(*row) == Some(name))
            .unwrap();
        page.users(row, &session.state)
    };
    assert_eq!(users("web.qcow2"), ["web-01"]);
    assert_eq!(users("base.qcow2"), ["web-02", "base of web.qcow2"]);
    assert!(users("scratch.img").is_empty());
}

#[test]
fn volumes_are_filtered_and_sorted() {
    let mut session = volumes_page(100, 30);
    session.keys("/base<Enter>");
    // By name, and by what they are based on.
    assert_eq!(names(&session), ["base.qcow2", "web.qcow2"]);
    session.keys("<Esc>>>>");
    assert_eq!(
        shown(&session).sorting().0,
        virtty::app::VolumeColumn::OnDisk
    );
    assert_eq!(names(&session)[0], "web.qcow2");
    session.keys("o");
    assert_eq!(names(&session)[3], "web.qcow2");
}

#[test]
fn ten_thousand_volumes_are_read_in_slices_what_is_on_the_screen_first() {
    let mut session = page(100, 30);
    session.keys("j");
    session.done();
    session.keys("<Enter>");
    let names: Vec<String> = (0..10_000).map(|n| format!("v{n:05}")).collect();
    answer(
        &mut session,
        |verb| matches!(verb, Verb::ReadVolumeNames(_)),
        Answer::VolumeNames(names),
    );
    assert_eq!(shown(&session).counts(), (10_000, 10_000));
    session.keys("G");
    // The slice that is under way is waited for, then comes what is looked at now.
    let mut asked_for = Vec::new();
    for _ in 0..3 {
        let effects = session.done();
        let (job, wanted) = effects
            .iter()
            .find_map(|effect| match effect {
                Effect::Send(_, request) => match &request.verb {
                    Verb::ReadVolumes(_, names) => Some((request.job, names.clone())),
                    _ => None,
                },
                _ => None,
            })
            .expect("a slice is asked for");
        assert!(wanted.len() <= 50, "{}", wanted.len());
        let read = wanted.iter().map(|name| volume(name, GIB, None)).collect();
        session.news(0, 1, News::JobFinished(job, Ok(Answer::Volumes(read))));
        asked_for.push(wanted);
    }
    assert!(asked_for[0].contains(&"v00000".to_owned()));
    assert!(asked_for[1].contains(&"v09999".to_owned()));
    assert_eq!(asked_for[2].len(), 50);
}

#[test]
fn what_is_gone_leaves_and_comes_back_as_another() {
    let mut session = volumes_page(100, 30);
    session.keys("r");
    let left = vec!["web.qcow2".to_owned()];
    answer(
        &mut session,
        |verb| matches!(verb, Verb::ReadVolumeNames(_)),
        Answer::VolumeNames(left),
    );
    assert_eq!(names(&session), ["web.qcow2"]);
    assert_eq!(shown(&session).counts().0, 1);
}

#[test]
fn a_failure_is_told_and_tried_again() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.done();
    session.keys("S");
    let failure = Failure {
        what: "list the storage pools".to_owned(),
        reason: "no connection driver".to_owned(),
        code: None,
        remedy: None,
    };
    let job = asked(&mut session, |verb| *verb == Verb::ReadPools).unwrap();
    session.news(0, 1, News::JobFinished(job, Err(failure)));
    let Page::Storage(shown) = session.state.page() else {
        panic!()
    };
    assert!(shown.pools().is_none() && shown.failure().is_some());
    session.done();
    session.wait(6.0);
    assert!(asked(&mut session, |verb| *verb == Verb::ReadPools).is_some());
}

fn sent(session: &mut Session) -> Vec<StorageVerb> {
    let effects = session.done();
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, request) => match request.verb {
                Verb::Storage(verb) => Some(verb),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn said(session: &Session) -> String {
    format!("{:?}", session.state.messages)
}

fn command(session: &mut Session, line: &str) -> Vec<StorageVerb> {
    session.keys(":");
    session.event(virtty::app::Event::Paste(line.to_owned()));
    session.keys("<Enter>");
    sent(session)
}

#[test]
fn pools_are_started_and_stopped_and_named_by_their_uuid() {
    let mut session = page(100, 30);
    session.done();
    // The first is not active.
    session.keys("d");
    assert!(said(&session).contains("is not active"));
    session.keys("s");
    let StorageVerb::Pool(name, PoolVerb::Start(None)) = &sent(&mut session)[0] else {
        panic!()
    };
    assert_eq!(name.uuid, Some(Uuid([3; 16])));
    // A stop is asked for, and named.
    session.keys("jd");
    let Some(Layer::Confirm(question)) = session.state.layers.last() else {
        panic!()
    };
    assert!(question.title.contains("images"), "{}", question.title);
    let line = question.command.as_deref().unwrap();
    assert_eq!(line, "virsh -c qemu:///system pool-destroy --pool images");
    assert!(sent(&mut session).is_empty());
    session.keys("y");
    assert!(matches!(
        sent(&mut session)[0],
        StorageVerb::Pool(_, PoolVerb::Stop)
    ));
    // What is active keeps its place and its definition.
    session.keys("<Delete>");
    assert!(said(&session).contains("stop it first"));
}

#[test]
fn nothing_is_changed_over_a_read_only_connection() {
    let mut session = Session::new(100, 30, &["qemu:///system"]);
    session.open(0, true);
    session.list(0, vec![running(1, "web-01")]);
    session.done();
    session.keys("S");
    answer(
        &mut session,
        |verb| *verb == Verb::ReadPools,
        Answer::Pools(pools()),
    );
    session.keys("s");
    assert!(said(&session).contains("read-only"));
    assert!(sent(&mut session).is_empty());
    assert!(command(&mut session, "vol-delete x --pool images").is_empty());
}

#[test]
fn a_volume_that_is_needed_is_not_even_asked_about() {
    let mut session = volumes_page(100, 30);
    session.keys("j<Delete>");
    assert!(session.state.layers.is_empty());
    assert!(said(&session).contains("base.qcow2 is used by web-02"));
    session.keys("jj<Delete>");
    assert!(said(&session).contains("web.qcow2 is used by web-01"));
    // What nobody needs is asked about, by its path.
    session.keys("k<Delete>");
    let Some(Layer::Confirm(question)) = session.state.layers.last() else {
        panic!()
    };
    assert_eq!(question.body, ["DELETED: /srv/images/scratch.img"]);
    session.keys("y");
    let StorageVerb::Volume(name, VolumeVerb::Delete) = &sent(&mut session)[0] else {
        panic!()
    };
    assert_eq!(name.path.as_deref(), Some("/srv/images/scratch.img"));
    assert_eq!(name.pool.as_ref().unwrap().uuid, Some(Uuid([1; 16])));
}

#[test]
fn several_are_deleted_after_their_number_was_typed() {
    let mut session = volumes_page(100, 30);
    session.keys("<Space>j<Space><Delete>");
    session.keys("y");
    assert!(sent(&mut session).is_empty(), "the number was not typed");
    session.keys("2y");
    // One request: the host looks once who needs any of them.
    let verbs = sent(&mut session);
    let [StorageVerb::DeleteVolumes(names)] = verbs.as_slice() else {
        panic!("{verbs:?}")
    };
    assert_eq!(names.len(), 2);
}

#[test]
fn shrinking_wants_the_new_size_typed() {
    let mut session = volumes_page(100, 30);
    let sent_now = command(
        &mut session,
        "vol-resize scratch.img 5G --pool images --shrink",
    );
    assert!(sent_now.is_empty());
    session.keys("y");
    assert!(sent(&mut session).is_empty());
    session.keys("5120y");
    assert!(matches!(
        sent(&mut session)[0],
        StorageVerb::Volume(_, VolumeVerb::Resize { shrink: true, .. })
    ));
    // Growing loses nothing.
    let grown = command(&mut session, "vol-resize scratch.img 50G --pool images");
    assert_eq!(grown.len(), 1);
}

#[test]
fn the_value_of_a_secret_is_typed_masked_and_never_printed() {
    let mut session = page(100, 30);
    session.keys("<Tab>");
    let secret = Secret {
        uuid: Uuid([7; 16]),
        usage: Some("volume".to_owned()),
        usage_id: Some("/srv/x".to_owned()),
        description: None,
        ephemeral: false,
        private: false,
    };
    let use_ = SecretUse {
        secret,
        has_value: Some(false),
        users: vec!["domain web-01".to_owned()],
    };
    answer(
        &mut session,
        |verb| *verb == Verb::ReadSecrets,
        Answer::Secrets(vec![use_]),
    );
    session.done();
    session.keys("vgeheim<Enter>");
    let verbs = sent(&mut session);
    let StorageVerb::Secret(_, SecretVerb::SetValue(value)) = &verbs[0] else {
        panic!()
    };
    assert_eq!(value.bytes(), b"geheim");
    assert!(!format!("{verbs:?}").contains("geheim"));
    let finished = session.state.log.iter().map(|entry| entry.line.clone());
    assert!(finished.clone().all(|line| !line.contains("geheim")));
    // It is shown when it is asked for, until one goes on.
    session.keys("u");
    answer(
        &mut session,
        |verb| matches!(verb, Verb::ReadSecretValue(_)),
        Answer::SecretValue(Some(SecretValue::new(b"geheim".to_vec()))),
    );
    let is_shown = |session: &Session| match session.state.page() {
        Page::Storage(page) => page.value().is_some(),
        _ => false,
    };
    assert!(is_shown(&session));
    session.keys("k");
    assert!(!is_shown(&session));
    session.keys("<Delete>");
    let Some(Layer::Confirm(question)) = session.state.layers.last() else {
        panic!()
    };
    assert!(question.warning.as_ref().unwrap().contains("web-01"));
}

/// Leftovers of the page.
pub fn leftovers() -> Vec<Leftover> {
    let one = |kind, name: &str, size: u64| Leftover {
        kind,
        path: format!("/srv/images/{name}"),
        volume: Some(("images".to_owned(), name.to_owned())),
        inside: None,
        allocation_bytes: Some(size),
        changed: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_690_000_000)),
        proof: "None of 12 domains and 3 snapshots names it, none of 5 volumes is based on it."
            .to_owned(),
    };
    let nvram = Leftover {
        path: "/var/lib/libvirt/qemu/nvram/gone_VARS.fd".to_owned(),
        volume: None,
        ..one(LeftoverKind::Nvram, "", 540_672)
    };
    vec![
        one(LeftoverKind::Volume, "old.img", 3 * GIB),
        one(LeftoverKind::Overlay, "web.before-upgrade", GIB),
        nvram,
    ]
}

/// The page of the leftovers.
pub fn leftovers_page(width: u16, height: u16) -> Session {
    let mut session = page(width, height);
    session.keys("<Tab><Tab>");
    answer(
        &mut session,
        |verb| *verb == Verb::ReadLeftovers,
        Answer::Leftovers(leftovers()),
    );
    session
}

#[test]
fn marked_leftovers_are_deleted_each_by_its_own_way() {
    let mut session = leftovers_page(100, 30);
    session.done();
    session.keys("*<Delete>3y");
    let verbs = sent(&mut session);
    assert_eq!(verbs.len(), 2);
    let StorageVerb::DeleteVolumes(names) = &verbs[0] else {
        panic!()
    };
    assert_eq!(names.len(), 2);
    assert!(matches!(verbs[1], StorageVerb::DeleteFile(_)));
}

#[test]
fn a_leftover_that_another_host_uses_stays() {
    let mut session = leftovers_page(100, 30);
    session.changed(with_disk(9, "far", "/srv/images/old.img"));
    session.done();
    session.keys("<Delete>");
    assert!(session.state.layers.is_empty());
    assert!(said(&session).contains("is used by far"));
}

#[test]
fn virsh_words_open_the_page_or_do_it() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.done();
    assert!(command(&mut session, "vol-list nfs").is_empty());
    assert!(matches!(session.state.page(), Page::Storage(_)));
    let verbs = command(
        &mut session,
        "vol-create-as nfs 'a b' 20G --format qcow2 --preallocation metadata",
    );
    let StorageVerb::NewVolume(pool, new) = &verbs[0] else {
        panic!()
    };
    assert_eq!((pool.name.as_str(), new.name.as_str()), ("nfs", "a b"));
    assert_eq!(new.capacity_bytes, 20 * GIB);
    session.keys(":");
    session.event(virtty::app::Event::Paste(
        "vol-resize x --shrink".to_owned(),
    ));
    session.keys("<Enter>");
    assert!(
        matches!(session.state.layers.last(), Some(Layer::Command(_))),
        "what is typed is not lost"
    );
}

#[test]
fn a_transfer_shows_how_far_it_is_and_is_given_up_by_a_key() {
    let mut session = volumes_page(100, 30);
    session.done();
    session.keys(":");
    session.event(virtty::app::Event::Paste(
        "vol-download web.qcow2 /tmp/x --pool images".to_owned(),
    ));
    session.keys("<Enter>");
    let job = asked(&mut session, |verb| matches!(verb, Verb::Storage(_))).unwrap();
    session.news(0, 1, News::JobStarted(job));
    session.news(0, 1, News::Progress(job, 0, Some(100)));
    session.wait(4.0);
    session.news(0, 1, News::Progress(job, 40, Some(100)));
    let progress = session.state.jobs.progress(job).unwrap();
    assert_eq!((progress.part(), progress.speed_bps), (Some(0.4), Some(10)));
    session.keys("J");
    session.done();
    assert!(session.state.offers(virtty::action::Action::CancelJob));
    session.keys("K");
    assert!(asked(&mut session, |verb| *verb == Verb::GiveUp(job)).is_some());
}

#[test]
fn a_volume_is_made_by_a_form() {
    let mut session = volumes_page(100, 30);
    session.done();
    session.keys("n<Enter>");
    let form = |session: &Session| match session.state.layers.last() {
        Some(Layer::Form(form)) => form.as_ref().clone(),
        layer => panic!("{layer:?}"),
    };
    assert!(form(&session).field("name").unwrap().error.is_some());
    session.keys("new.qcow2<Enter>");
    let verbs = sent(&mut session);
    let StorageVerb::NewVolume(pool, new) = &verbs[0] else {
        panic!()
    };
    assert_eq!(pool.uuid, Some(Uuid([1; 16])));
    assert_eq!(new.name, "new.qcow2");
    assert!(form(&session).waiting.is_some(), "it waits for the answer");
}

#[test]
fn a_pool_is_made_by_a_form() {
    let mut session = page(100, 30);
    session.done();
    session.keys("nscratch<Enter>");
    let verbs = sent(&mut session);
    let StorageVerb::NewPool(new, true) = &verbs[0] else {
        panic!()
    };
    assert_eq!((new.name.as_str(), new.kind.as_str()), ("scratch", "dir"));
    assert!(new.build && new.start && new.autostart);
}
