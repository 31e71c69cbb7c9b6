//! The disks of a domain and the jobs of all hosts.

use virtty::app::{Effect, Intent, JobRow, Layer, Page};
use virtty::model::{
    BlockJobKind, DiskError, DiskFacts, DiskLayer, DiskMirror, DomainState, GuestFileSystem,
};
use virtty::protocol::{
    Answer, DiskVerb, DomainDisks, DomainVerb, FileUser, JobId, LongJob, LongKind, News, PoolFill,
    StorageVerb, Verb, VolumeVerb,
};

use crate::material::define;
use crate::session::{Session, id, in_state, running, uuid};

/// Bytes of a GiB.
pub const GIB: u64 = 1 << 30;

fn layer(index: u32, path: &str, allocation: u64) -> DiskLayer {
    DiskLayer {
        index: Some(index),
        kind: "file".to_owned(),
        source: path.to_owned(),
        format: Some("qcow2".to_owned()),
        capacity_bytes: Some(20 * GIB),
        allocation_bytes: Some(allocation),
        physical_bytes: None,
        pool: Some("images".to_owned()),
    }
}

/// A disk with a chain of three layers, one with nothing known of it, and an empty drive.
pub fn disks() -> DomainDisks {
    let mut system = DiskFacts {
        target: "vda".to_owned(),
        alias: Some("virtio-disk0".to_owned()),
        device: "disk".to_owned(),
        bus: Some("virtio".to_owned()),
        serial: Some("S-1".to_owned()),
        complete: true,
        limits: vec![("total_bytes_sec".to_owned(), 10 << 20)],
        layers: vec![
            layer(3, "/var/lib/libvirt/images/web-01.after-upgrade", GIB / 2),
            layer(2, "/var/lib/libvirt/images/web-01.qcow2", 3 * GIB),
            layer(1, "/var/lib/libvirt/images/debian-12-base.qcow2", GIB),
        ],
        ..DiskFacts::default()
    };
    for (name, value) in [
        ("cache", "none"),
        ("io", "native"),
        ("error_policy", "stop"),
    ] {
        system.driver.push((name.to_owned(), value.to_owned()));
    }
    let other = DiskFacts {
        target: "vdb".to_owned(),
        device: "disk".to_owned(),
        bus: Some("virtio".to_owned()),
        layers: vec![DiskLayer {
            kind: "block".to_owned(),
            source: "/dev/vg0/a\u{202e}b".to_owned(),
            ..DiskLayer::default()
        }],
        ..DiskFacts::default()
    };
    let drive = DiskFacts {
        target: "sda".to_owned(),
        device: "cdrom".to_owned(),
        bus: Some("sata".to_owned()),
        readonly: true,
        complete: true,
        ..DiskFacts::default()
    };
    DomainDisks {
        disks: vec![system, other, drive],
        pools: vec![PoolFill {
            name: "images".to_owned(),
            capacity_bytes: 100 * GIB,
            available_bytes: 12 * GIB,
        }],
        asked_guest: true,
    }
}

/// The first request since the effects were taken last that is wanted.
pub fn asked(session: &mut Session, wanted: impl Fn(&Verb) -> bool) -> Option<JobId> {
    session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) if wanted(&request.verb) => Some(request.job),
        _ => None,
    })
}

/// Answers the request that is wanted.
pub fn answer(session: &mut Session, wanted: impl Fn(&Verb) -> bool, answer: Answer) {
    let job = asked(session, wanted).expect("it is asked for");
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
}

/// The page of web-01 with everything read.
pub fn page(width: u16, height: u16, read: DomainDisks) -> Session {
    let web = define(running(1, "web-01"), |definition| {
        definition.guest_agent = Some(true);
    });
    let mut session = Session::active(width, height, vec![running(2, "web-02"), web]);
    session.done();
    session.state.table.select(id(1));
    session.keys("w");
    fill(&mut session, read);
    session
}

fn fill(session: &mut Session, read: DomainDisks) {
    let systems = Answer::FileSystems(vec![GuestFileSystem {
        mountpoint: "/".to_owned(),
        name: "vda1".to_owned(),
        kind: "ext4".to_owned(),
        total_bytes: Some(19 * GIB),
        used_bytes: Some(4 * GIB),
        disks: vec!["vda".to_owned()],
    }]);
    let effects = session.done();
    session.effects = effects.clone();
    answer(
        session,
        |verb| matches!(verb, Verb::ReadDisks(..)),
        Answer::Disks(Box::new(read)),
    );
    let mut later = session.done();
    later.extend(effects);
    session.effects = later.clone();
    let users = Answer::FileUsers(vec![FileUser {
        path: "/var/lib/libvirt/images/debian-12-base.qcow2".to_owned(),
        user: "domain db-02".to_owned(),
        volume: None,
    }]);
    answer(
        session,
        |verb| matches!(verb, Verb::ReadFileUsers(..)),
        users,
    );
    session.effects = later;
    answer(
        session,
        |verb| matches!(verb, Verb::ReadFileSystems(_)),
        systems,
    );
}

/// What was sent of a domain last.
fn sent_verb(session: &mut Session) -> DomainVerb {
    let found = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Domain(_, verb) => Some(verb),
            _ => None,
        },
        _ => None,
    });
    found.expect("it is sent")
}

/// The command that the open form shows.
fn command(session: &Session) -> String {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form.command.clone().unwrap_or_default(),
        layer => panic!("{layer:?}"),
    }
}

#[test]
fn each_key_opens_the_form_of_what_is_selected() {
    for (keys, expected) in [
        // Others need the lowest layer: the commit ends above it.
        (
            "C",
            "blockcommit --base vda[2] --active --pivot -- web-01 vda",
        ),
        ("U", "blockpull --wait -- web-01 vda"),
        ("jjjU", "blockpull --base vda[1] --wait -- web-01 vda"),
        ("jjjj-", "detach-disk --live --config -- web-01 vdb"),
    ] {
        let mut session = page(100, 40, disks());
        session.keys(keys);
        let plain = command(&session).replace("'", "");
        assert!(plain.ends_with(expected), "{keys}: {plain}");
    }
}

#[test]
fn what_has_nothing_to_work_on_says_so_and_opens_nothing() {
    for (keys, expected) in [
        ("=", "No job runs on vda."),
        ("jjjjC", "vdb is one file alone"),
        ("jjjjU", "vdb is one file alone"),
        ("o", "vda is no drive"),
        ("GR", "There is no medium in sda."),
    ] {
        let mut session = page(100, 40, disks());
        session.keys(keys);
        let said = &session.state.messages.current().unwrap().text;
        assert!(said.contains(expected), "{keys}: {said}");
        assert!(session.state.layers.is_empty(), "{keys}");
    }
}

#[test]
fn a_commit_is_filled_in_and_what_cannot_be_is_said_at_its_field() {
    let mut read = disks();
    read.disks[0].layers[2].source = "/own".to_owned();
    let mut session = page(100, 40, read);
    session.keys("C");
    let Some(Layer::Form(form)) = session.state.layers.last() else {
        panic!()
    };
    assert_eq!((form.text("top"), form.text("base")), ("0", "2"));
    // From the layer in the middle into itself.
    session.keys("<Right><Tab><Left><Enter>");
    let Some(Layer::Form(form)) = session.state.layers.last() else {
        panic!()
    };
    let wrong = form.field("base").unwrap().error.as_deref();
    assert_eq!(wrong, Some("It must lie below what goes into it."));
    session.keys("<Right><Tab>7<Enter>");
    let DomainVerb::Disk(DiskVerb::Commit(commit)) = sent_verb(&mut session) else {
        panic!()
    };
    assert_eq!(
        (commit.top.as_deref(), commit.shallow),
        (Some("vda[2]"), true)
    );
    assert_eq!(
        (commit.limit_bps, commit.wait, commit.active),
        (7 << 20, true, false)
    );
    assert!(session.state.layers.is_empty(), "it is among the jobs");
    // The active one may stay in use.
    let mut read = disks();
    read.disks[0].layers[2].source = "/own".to_owned();
    let mut session = page(100, 40, read);
    session.keys("C<Tab><Tab><Right><Enter>");
    let DomainVerb::Disk(DiskVerb::Commit(commit)) = sent_verb(&mut session) else {
        panic!()
    };
    assert!(commit.keep_overlay && commit.active && !commit.pivot);
}

#[test]
fn nothing_is_committed_into_what_others_need() {
    let mut session = page(100, 30, disks());
    session.keys("jjC");
    assert!(session.state.layers.is_empty());
    let said = &session.state.messages.current().unwrap().text;
    assert!(
        said.contains("debian-12-base.qcow2") && said.contains("domain db-02"),
        "{said}"
    );
    // Without others it goes all the way down.
    let mut read = disks();
    read.disks[0].layers[2].source = "/own".to_owned();
    let mut session = page(100, 30, read);
    session.keys("C");
    let plain = |session: &Session| command(session).replace("'", "");
    assert!(plain(&session).ends_with("blockcommit --active --pivot -- web-01 vda"));
    session.keys("<Esc>jjC");
    assert!(plain(&session).ends_with("blockcommit --top vda[2] --shallow --wait -- web-01 vda"));
}

#[test]
fn what_an_earlier_commit_left_is_offered_for_deletion() {
    let mut session = page(100, 30, disks());
    let left = "/var/lib/libvirt/images/web-01.old".to_owned();
    let base = "/var/lib/libvirt/images/debian-12-base.qcow2".to_owned();
    let user = |volume: Option<String>| FileUser {
        path: base.clone(),
        user: "volume web-01.old is based on it".to_owned(),
        volume,
    };
    session.keys("r");
    let users = Answer::FileUsers(vec![user(Some(left.clone()))]);
    answer(
        &mut session,
        |verb| matches!(verb, Verb::ReadFileUsers(..)),
        users,
    );
    session.keys("jjC");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("{:?}", session.state.layers);
    };
    assert!(confirm.title.contains("web-01.old"), "{}", confirm.title);
    assert!(confirm.body[0].starts_with("DELETED"), "{:?}", confirm.body);
    session.keys("y");
    let sent = asked(
        &mut session,
        |verb| matches!(verb, Verb::Storage(StorageVerb::Volume(volume, VolumeVerb::Delete)) if volume.path.as_ref() == Some(&left)),
    );
    assert!(sent.is_some());
}

#[test]
fn what_was_plugged_in_for_now_goes_for_now() {
    let mut read = disks();
    read.disks[1].next_start = Some(false);
    let mut session = page(100, 30, read);
    session.keys("jjjj-");
    assert!(command(&session).ends_with("detach-disk --live -- web-01 vdb"));
    // It is asked about with its name, as the word of it is.
    session.keys("<Enter>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    session.keys("y");
    assert!(matches!(
        sent_verb(&mut session),
        DomainVerb::Disk(DiskVerb::Detach(target, virtty::protocol::Affect::Live)) if target == "vdb"
    ));
}

#[test]
fn only_what_makes_sense_is_offered() {
    use virtty::action::Action;
    let mut session = page(100, 30, disks());
    let offers = |session: &Session, action| session.state.offers(action);
    for (action, expected) in [
        (Action::CommitDisk, true),
        (Action::ChangeMedia, false),
        (Action::BlockJob, false),
        (Action::CancelJob, false),
        (Action::PivotJob, false),
    ] {
        assert_eq!(offers(&session, action), expected, "{action:?}");
    }
    session.keys("G");
    assert!(offers(&session, Action::ChangeMedia) && !offers(&session, Action::CommitDisk));
    session.keys("g");
    let mut ready = long().remove(1);
    ready.uuid = uuid(1);
    ready.kind = LongKind::Block(BlockJobKind::Copy, "vda".to_owned());
    session.news(0, 1, News::LongJobs(vec![ready]));
    for (action, expected) in [
        (Action::CommitDisk, false),
        (Action::DetachDisk, false),
        (Action::BlockJob, false),
        (Action::CancelJob, true),
        (Action::PivotJob, true),
    ] {
        assert_eq!(offers(&session, action), expected, "{action:?}");
    }
}

#[test]
fn a_question_names_the_file_and_what_is_lost() {
    for (words, named) in [
        (
            "blockresize web-01 vda 1G --shrink",
            &["web-01.after-upgrade", "has 20G now", "CUT OFF"][..],
        ),
        ("blockcommit web-01 vda --delete", &["DELETED"]),
        (
            "blockcopy web-01 vda --dest /dev/x --blockdev",
            &["WRITTEN OVER: /dev/x"],
        ),
        ("detach-disk web-01 vdb", &["vdb, /dev/vg0/"]),
        (
            "change-media web-01 sda /x --update --force",
            &["/x is put in", "FORCED"],
        ),
    ] {
        let mut session = page(100, 30, disks());
        session.keys(":");
        session.event(virtty::app::Event::Paste(words.to_owned()));
        session.keys("<Enter>");
        let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
            panic!("{words} is not asked for");
        };
        let body = confirm.body.join("\n");
        for part in named {
            assert!(body.contains(part), "{words}: {body}");
        }
    }
    // The job that is given up, and what stays of it.
    let mut read = disks();
    read.disks[0].mirror = Some(DiskMirror {
        source: "/new/vda".to_owned(),
        ready: false,
    });
    let mut session = page(100, 30, read);
    let job = LongJob {
        uuid: uuid(1),
        kind: LongKind::Block(BlockJobKind::Copy, "vda".to_owned()),
        progress: Some((3, 4)),
        ready: false,
        ..long().remove(1)
    };
    session.news(0, 1, News::LongJobs(vec![job]));
    session.keys("K");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not asked for");
    };
    let body = confirm.body.join("\n");
    assert!(
        body.contains("Block Copy, 75% done") && body.contains("/new/vda so far stays"),
        "{body}"
    );
}

#[test]
fn leaving_asks_when_something_would_be_missed() {
    let mut session = page(100, 30, disks());
    session.keys("C<Enter>");
    session.keys(":");
    session.event(virtty::app::Event::Paste(
        "blkdeviotune web-02 vda --total-bytes-sec 20M --for 60".to_owned(),
    ));
    session.keys("<Enter>");
    session.done();
    session.keys("q");
    assert!(!session.done().contains(&Effect::Quit));
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not asked for");
    };
    let body = confirm.body.join("\n");
    assert!(
        body.contains("commit of vda of web-01") && body.contains("limit of vda of web-02"),
        "{body}"
    );
    session.keys("<Esc>");
    assert!(session.state.layers.is_empty() && !session.done().contains(&Effect::Quit));
    session.keys("qy");
    assert!(session.done().contains(&Effect::Quit));
    // A second wish is a yes.
    session.keys("q<ctrl-c>");
    assert!(session.done().contains(&Effect::Quit));
}

#[test]
fn what_loses_something_is_asked_for_and_the_rest_is_done() {
    let mut session = page(100, 30, disks());
    session.keys("C<Enter>");
    let sent = asked(&mut session, |verb| {
        matches!(verb, Verb::Domain(domain, DomainVerb::Disk(DiskVerb::Commit(commit)))
            if *domain == uuid(1) && commit.pivot && commit.active)
    });
    assert!(sent.is_some());
    for risky in [
        "blockresize web-01 vda 1G --shrink",
        "blockcommit web-02 vda --delete",
        "blockcopy web-02 vda --dest /dev/x --blockdev",
        "detach-disk web-02 vda",
        "domjobabort web-02",
    ] {
        let mut session = page(100, 30, disks());
        session.keys(":");
        session.event(virtty::app::Event::Paste(risky.to_owned()));
        session.keys("<Enter>");
        let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
            panic!("{risky} is not asked for");
        };
        assert!(matches!(confirm.intent, Intent::Domain(..)), "{risky}");
        let sent = asked(&mut session, |verb| matches!(verb, Verb::Domain(..)));
        assert!(sent.is_none(), "{risky}");
    }
}

#[test]
fn a_job_that_is_waited_for_hinders_nobody() {
    let mut session = page(100, 30, disks());
    session.keys("C<Enter>");
    session.done();
    // The domain can be paused meanwhile, and the job be given up.
    session.keys("p");
    assert!(
        asked(&mut session, |verb| matches!(
            verb,
            Verb::Domain(_, DomainVerb::Suspend)
        ))
        .is_some()
    );
}

#[test]
fn a_silent_guest_is_not_asked_for_what_its_monitor_knows() {
    let mut session = page(100, 30, disks());
    session.silent(&[(uuid(1), 9)]);
    session.done();
    session.wait(3.0);
    let gentle = asked(&mut session, |verb| {
        matches!(verb, Verb::ReadDisks(_, false))
    });
    assert!(gentle.is_some());
}

#[test]
fn a_domain_that_an_error_stopped_says_which_pool_is_full_and_resumes() {
    let mut read = disks();
    read.disks[0].error = Some(DiskError::NoSpace);
    read.pools[0].available_bytes = 0;
    let mut session = page(100, 30, read);
    session.changed(define(
        in_state(1, "web-01", DomainState::Paused, 5),
        |definition| {
            definition.guest_agent = Some(true);
        },
    ));
    let Page::Bench(bench) = session.state.page() else {
        panic!()
    };
    let why = bench.stopped(&session.state).unwrap();
    for part in [
        "vda has no space",
        "pool images is 100% full",
        "(0 left)",
        "u resumes",
    ] {
        assert!(why.contains(part), "{why}");
    }
    session.done();
    session.keys("u");
    assert!(
        asked(&mut session, |verb| matches!(
            verb,
            Verb::Domain(_, DomainVerb::Resume)
        ))
        .is_some()
    );
}

/// A save and a copy that waits for its pivot.
pub fn long() -> Vec<LongJob> {
    vec![
        LongJob {
            uuid: uuid(1),
            kind: LongKind::Domain(2),
            progress: Some((GIB, 4 * GIB)),
            speed_bps: Some(100 << 20),
            limit_bps: None,
            elapsed_ms: Some(10_500),
            remaining_ms: Some(31_000),
            ready: false,
        },
        LongJob {
            uuid: uuid(2),
            kind: LongKind::Block(BlockJobKind::Copy, "vdb".to_owned()),
            progress: Some((GIB, GIB)),
            speed_bps: None,
            limit_bps: Some(5 << 20),
            elapsed_ms: None,
            remaining_ms: None,
            ready: true,
        },
    ]
}

#[test]
fn jobs_of_others_are_shown_and_can_be_managed() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01"), running(2, "web-02")]);
    session.news(0, 1, News::LongJobs(long()));
    let status = session
        .state
        .status_of_jobs(session.state.connections[0].id);
    assert_eq!(status.as_deref(), Some("2 jobs, Save of web-01 25%"));
    session.keys("J");
    session.done();
    let Page::Jobs(jobs) = session.state.page() else {
        panic!()
    };
    let first = jobs.list().selected();
    assert_eq!(jobs.list().rows().len(), 2);
    // A save has nothing to pivot to.
    session.keys("f");
    assert!(session.done().is_empty());
    session.keys("K<Tab><Enter>");
    let abort = asked(&mut session, |verb| {
        *verb == Verb::Domain(uuid(1), DomainVerb::Disk(DiskVerb::AbortJob))
    });
    assert!(abort.is_some());
    session.keys("jf");
    let pivot = asked(&mut session, |verb| {
        matches!(verb, Verb::Domain(domain, DomainVerb::Disk(DiskVerb::EndJob { target, pivot: true, .. }))
            if *domain == uuid(2) && target == "vdb")
    });
    assert!(pivot.is_some());
    session.keys("=<ctrl-u>3<Enter>");
    let speed = sent_verb(&mut session);
    assert!(
        matches!(&speed, DomainVerb::Disk(DiskVerb::JobSpeed { target, limit_bps }) if target == "vdb" && *limit_bps == 3 << 20),
        "{speed:?}"
    );
    session.keys("<Esc>");
    // The selection follows its job when another ends.
    session.keys("k");
    session.news(0, 1, News::LongJobs(long().split_off(1)));
    let Page::Jobs(jobs) = session.state.page() else {
        panic!()
    };
    assert!(matches!(jobs.list().selected(), Some(JobRow::Running(_))));
    assert_ne!(jobs.list().selected(), first);
}

#[test]
fn what_libvirt_does_not_tell_is_a_request_of_this_program() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.keys("d");
    assert!(session.state.long_jobs().is_empty());
    session.wait(4.0);
    assert!(matches!(
        session.state.long_jobs().as_slice(),
        [JobRow::Asked(_)]
    ));
    // Of the host that is lost nothing is known.
    session.news(0, 1, News::LongJobs(long()));
    session.news(
        0,
        2,
        News::State(virtty::model::ConnectionState::Active, None),
    );
    assert!(matches!(
        session.state.long_jobs().as_slice(),
        [JobRow::Failed(_)]
    ));
}

#[test]
fn a_mirror_says_where_the_copy_goes() {
    let mut read = disks();
    read.disks[0].mirror = Some(DiskMirror {
        source: "/new/vda".to_owned(),
        ready: true,
    });
    let session = page(100, 30, read);
    let Page::Bench(bench) = session.state.page() else {
        panic!()
    };
    let disk = bench.selected_disk().unwrap();
    assert_eq!(
        disk.mirror.as_ref().map(|mirror| mirror.source.as_str()),
        Some("/new/vda")
    );
    assert_eq!(
        bench.users("/var/lib/libvirt/images/debian-12-base.qcow2"),
        Some(vec!["domain db-02"])
    );
    assert_eq!(
        bench.users("/var/lib/libvirt/images/web-01.qcow2"),
        Some(Vec::new())
    );
}
