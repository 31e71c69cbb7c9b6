//! The page of a domain's snapshots.

use std::sync::Arc;

use virtty::app::{Effect, Form, Layer, Page, SweepResult};
use virtty::display::Picture;
use virtty::model::{Checkpoint, DiskFacts, DiskLayer, Snapshot, SnapshotDisk, SnapshotKind};
use virtty::protocol::{
    Answer, DomainSnapshots, DomainVerb, Failure, JobId, News, Revert, RevertedAs, SnapshotDelete,
    SnapshotEdit, SnapshotPicture, Verb,
};

use crate::session::{Session, id, running};

/// A snapshot of a running domain.
pub fn taken(name: &str, parent: Option<&str>, minute: i64) -> Snapshot {
    Snapshot {
        name: name.to_owned(),
        parent: parent.map(str::to_owned),
        created: Some(1_764_000_000 + 60 * minute),
        state: "running".to_owned(),
        kind: SnapshotKind::Internal,
        memory: true,
        current: false,
        description: None,
        disks: vec![SnapshotDisk {
            target: "vda".to_owned(),
            overlay: None,
        }],
        files: vec![("vda".to_owned(), "/images/web-01.qcow2".to_owned())],
        memory_file: None,
    }
}

/// The disk of web-01.
pub fn disk(format: &str) -> DiskFacts {
    DiskFacts {
        target: "vda".to_owned(),
        device: "disk".to_owned(),
        layers: vec![DiskLayer {
            kind: "file".to_owned(),
            source: "/images/web-01.qcow2".to_owned(),
            format: Some(format.to_owned()),
            ..DiskLayer::default()
        }],
        ..DiskFacts::default()
    }
}

/// A chain, a fork, an external one, names that want to deceive.
pub fn tree() -> DomainSnapshots {
    let mut base = taken("base", None, 0);
    base.description = Some("Debian 12 as it was installed".to_owned());
    base.state = "shutoff".to_owned();
    base.memory = false;
    let mut current = taken("before upgrade", Some("base"), 20);
    current.current = true;
    let mut external = taken("nightly", Some("base"), 30);
    external.disks[0].overlay = Some("/images/web-01.nightly".to_owned());
    external.kind = SnapshotKind::External;
    external.memory = false;
    external.state = "disk-snapshot".to_owned();
    let mut hostile = taken("--help\n\u{202e}evil ", Some("before upgrade"), 40);
    hostile.description = Some("a\u{1b}[31mb".to_owned());
    DomainSnapshots {
        snapshots: vec![
            external,
            hostile,
            current,
            taken("second", Some("before upgrade"), 50),
            base,
        ],
        disks: vec![disk("qcow2")],
        active: true,
        libvirt: Some(9_000_000),
        checkpoints: Some(vec![Checkpoint {
            name: "monday".to_owned(),
            created: Some(1_764_003_600),
            disks: vec!["vda".to_owned()],
            ..Checkpoint::default()
        }]),
        ..DomainSnapshots::default()
    }
}

/// The page of web-01 with these snapshots.
pub fn page(width: u16, height: u16, read: DomainSnapshots) -> Session {
    let mut session = Session::active(
        width,
        height,
        vec![running(1, "web-01"), running(2, "web-02")],
    );
    session.done();
    session.state.table.select(id(1));
    session.keys("z");
    answer(&mut session, read);
    session
}

/// Answers the question for the snapshots.
pub fn answer(session: &mut Session, read: DomainSnapshots) {
    let job = asked(session).expect("the snapshots are asked for");
    let read = Answer::Snapshots(Some(Box::new(read)));
    session.news(0, 1, News::JobFinished(job, Ok(read)));
}

fn asked(session: &mut Session) -> Option<JobId> {
    session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) if matches!(request.verb, Verb::ReadSnapshots(..)) => {
            Some(request.job)
        }
        _ => None,
    })
}

fn selected(session: &Session) -> String {
    let Page::Snapshots(page) = session.state.page() else {
        panic!("{:?}", session.state.page());
    };
    page.selected().unwrap().name.clone()
}

fn sent(session: &mut Session) -> Option<DomainVerb> {
    session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Domain(_, verb) => Some(verb),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn the_current_one_is_selected_and_keys_walk_the_tree() {
    let mut session = page(100, 30, tree());
    assert_eq!(selected(&session), "before upgrade");
    session.keys("g");
    assert_eq!(selected(&session), "base");
    session.keys("jj");
    assert_eq!(selected(&session), "--help\n\u{202e}evil ");
    session.keys("jj");
    assert_eq!(selected(&session), "nightly");
    // A tree that is read anew keeps the selection, though another snapshot came before it.
    let mut read = tree();
    read.snapshots.push(taken("new", Some("base"), 10));
    session.wait(11.0);
    answer(&mut session, read);
    assert_eq!(selected(&session), "nightly");
    session.keys("<Esc>");
    assert!(matches!(session.state.page(), Page::Domains));
}

#[test]
fn going_back_offers_to_lose_nothing_and_asks() {
    let mut session = page(100, 30, tree());
    session.keys("<Enter>");
    let Some(Layer::Choices(choices)) = session.state.layers.last() else {
        panic!("{:?}", session.state.layers);
    };
    assert_eq!(choices.title, "Revert web-01 to before upgrade");
    assert!(choices.entries[0].meaning.starts_with("Nothing is lost"));
    session.keys("<Enter>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("{:?}", session.state.layers);
    };
    assert!(
        confirm
            .body
            .iter()
            .any(|line| line.contains("'before upgrade'"))
    );
    assert_eq!(sent(&mut session), None);
    session.keys("y");
    let wanted = Revert {
        name: "before upgrade".to_owned(),
        snapshot_first: true,
        ..Revert::default()
    };
    assert_eq!(sent(&mut session), Some(DomainVerb::SnapshotRevert(wanted)));
}

#[test]
fn the_exact_name_is_gone_back_to_and_deleted() {
    let mut session = page(100, 30, tree());
    session.keys("gjj<Enter>G<Enter>y");
    let name = "--help\n\u{202e}evil ".to_owned();
    let wanted = Revert {
        name: name.clone(),
        then: RevertedAs::Paused,
        ..Revert::default()
    };
    assert_eq!(sent(&mut session), Some(DomainVerb::SnapshotRevert(wanted)));
    let mut session = page(100, 30, tree());
    session.keys("gjj<Delete><Enter>y");
    let wanted = SnapshotDelete {
        name,
        ..SnapshotDelete::default()
    };
    assert_eq!(sent(&mut session), Some(DomainVerb::SnapshotDelete(wanted)));
}

#[test]
fn what_libvirt_cannot_do_is_said_beforehand() {
    let mut session = page(100, 30, tree());
    session.keys("Gk<Enter>");
    assert!(session.state.layers.is_empty());
    let said = session.state.messages.current().unwrap().text.clone();
    assert!(said.contains("cannot go back to such a one"), "{said}");
    // A newer libvirt can.
    let mut read = tree();
    read.libvirt = Some(9_009_000);
    let mut session = page(100, 30, read);
    session.keys("Gk<Enter>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Choices(_))
    ));
}

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("no form but {other:?}"),
    }
}

#[test]
fn a_new_one_is_filled_in_with_what_it_costs() {
    let mut session = page(100, 40, tree());
    session.keys("n");
    assert_eq!(form(&session).title, "Take a snapshot of web-01");
    let said = |session: &Session| {
        let lines = form(session).preview.iter();
        lines
            .map(|(_, line)| line.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(
        said(&session).contains("stands still"),
        "{}",
        said(&session)
    );
    // A name that is there already is refused at its field, before anything is asked of the host.
    session.keys("second<Enter>");
    assert!(form(&session).field("name").unwrap().error.is_some());
    assert_eq!(sent(&mut session), None);
    session.keys("<Backspace><Backspace><Tab>why<Tab><Right>");
    assert!(
        said(&session).contains("as after a power cut"),
        "{}",
        said(&session)
    );
    let command = form(&session).command.clone().unwrap();
    assert!(
        command
            .contains("snapshot-create-as --description why --disk-only --atomic -- web-01 seco")
            || command.contains("--name seco"),
        "{command}"
    );
    session.keys("<Enter>");
    let Some(DomainVerb::SnapshotCreate(new)) = sent(&mut session) else {
        panic!("nothing was sent");
    };
    assert_eq!(
        (
            new.name.as_deref(),
            new.description.as_deref(),
            new.disk_only,
            new.atomic
        ),
        (Some("seco"), Some("why"), true, true)
    );
}

#[test]
fn the_marked_ones_get_one_of_a_name_and_are_taken_back_by_one_key() {
    let mut session = Session::active(
        100,
        30,
        vec![running(1, "a"), running(2, "b"), running(3, "c")],
    );
    session.done();
    session.keys("*:act-menu<Enter>");
    session.keys("Take Snap<Enter>before<Enter>");
    let asked: Vec<(JobId, DomainVerb)> = session
        .done()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, request) => match request.verb {
                Verb::Domain(_, verb) => Some((request.job, verb)),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(asked.len(), 3);
    let failure = Failure {
        what: "Take a snapshot of 'c'".to_owned(),
        reason: "vda is raw".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(asked[0].0, Ok(Answer::Done)));
    session.news(0, 1, News::JobFinished(asked[1].0, Ok(Answer::Done)));
    session.news(0, 1, News::JobFinished(asked[2].0, Err(failure)));
    let Page::Sweep(sweep) = session.state.page() else {
        panic!("{:?}", session.state.page());
    };
    assert_eq!((sweep.name.as_str(), sweep.counts()), ("before", (2, 0, 1)));
    assert!(matches!(&sweep.rows[2].1, SweepResult::Failed(why) if why == "vda is raw"));
    session.keys("<Enter>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("no question: {:?}", session.state.layers);
    };
    assert_eq!(confirm.title, "Revert 2 domains?");
    assert!(confirm.body.iter().any(|line| line.contains("'before'")));
    session.keys("y");
    let back = session
        .done()
        .into_iter()
        .filter(|effect| {
            matches!(effect, Effect::Send(_, request)
                if matches!(&request.verb, Verb::Domain(_, DomainVerb::SnapshotRevert(revert)) if revert.name == "before"))
        })
        .count();
    assert_eq!(back, 2);
}

#[test]
fn a_backup_says_where_it_goes_and_what_it_is_worth() {
    let mut session = page(120, 40, tree());
    // On a checkpoint it is of what was written since.
    session.keys("GA");
    assert_eq!(form(&session).title, "Back up the disks of web-01");
    assert_eq!(form(&session).text("since"), "monday");
    let command = form(&session).command.clone().unwrap();
    assert!(
        command.contains("<incremental>monday</incremental>"),
        "{command}"
    );
    session.keys("<Enter>");
    let Some(DomainVerb::Backup(backup)) = sent(&mut session) else {
        panic!("nothing was sent");
    };
    assert!(
        backup.disks[0].1.starts_with("/images/web-01-vda-"),
        "{backup:?}"
    );
    assert!(backup.wait && backup.incremental.as_deref() == Some("monday"));
    // Nothing is written over a disk.
    let mut session = page(120, 40, tree());
    session.keys("gC");
    assert_eq!(form(&session).title, "Take a checkpoint of web-01");
    session.keys("monday<Enter>");
    assert!(form(&session).error.as_ref().unwrap().contains("already"));
    session.keys("<Backspace><Enter>");
    assert!(matches!(
        sent(&mut session),
        Some(DomainVerb::CheckpointCreate(new)) if new.name.as_deref() == Some("monda")
    ));
}

#[test]
fn words_of_one_are_edited_and_its_name_where_that_can_be() {
    let mut session = page(100, 30, tree());
    session.keys("g<alt-d>");
    assert!(form(&session).field("name").is_none());
    session.keys("!<Enter>");
    let wanted = SnapshotEdit {
        name: "base".to_owned(),
        rename: None,
        description: Some("Debian 12 as it was installed!".to_owned()),
    };
    assert_eq!(sent(&mut session), Some(DomainVerb::SnapshotEdit(wanted)));
    let mut session = page(100, 30, tree());
    session.keys("Gk<alt-d>x<Enter>");
    assert!(matches!(
        sent(&mut session),
        Some(DomainVerb::SnapshotEdit(edit)) if edit.rename.as_deref() == Some("nightlyx")
    ));
}

/// Answers the question for a picture with one of this size.
pub fn answer_picture(session: &mut Session) -> SnapshotPicture {
    let effects = session.done();
    let (job, wanted) = effects
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Send(_, request) => match request.verb {
                Verb::ReadSnapshotPicture(_, wanted) => Some((request.job, wanted)),
                _ => None,
            },
            _ => None,
        })
        .expect("a picture is asked for");
    let (width, height) = (wanted.width, (wanted.width * 5 / 9).min(wanted.height));
    let pixel = |at: u32| (at * 7) << 16 | (at * 3 % 256) << 8 | 0x40;
    let pixels = (0..u32::from(width) * u32::from(height)).map(pixel);
    let picture = Picture::of(
        width,
        height,
        pixels.map(|pixel| pixel & 0xff_ffff).collect(),
    );
    let answer = Answer::SnapshotPicture(picture.map(Arc::new));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    wanted
}

#[test]
fn the_picture_is_that_of_the_selected_one() {
    let mut session = Session::active(100, 30, vec![running(1, "web-01")]);
    session.done();
    session.state.table.select(id(1));
    session.keys("z");
    answer(&mut session, tree());
    session.keys("g");
    let shows = |session: &Session| match session.state.page() {
        Page::Snapshots(page) => page.picture().is_some(),
        other => panic!("{other:?}"),
    };
    // What is asked for while another question is under way is asked when that is answered.
    let first = answer_picture(&mut session);
    assert_eq!(first.name, "before upgrade");
    assert!(!shows(&session), "it is another's");
    let second = answer_picture(&mut session);
    assert_eq!(
        (second.name.as_str(), second.created),
        ("base", 1_764_000_000)
    );
    assert!(shows(&session));
    session.keys("j");
    assert!(!shows(&session));
}

#[test]
fn a_new_domain_is_made_from_the_selected_one() {
    let mut read = tree();
    let below = read.disks[0].layers.clone();
    read.disks[0].layers.insert(
        0,
        DiskLayer {
            source: "/images/web-01.nightly".to_owned(),
            ..below[0].clone()
        },
    );
    let mut session = page(100, 30, read);
    session.keys("Gk");
    assert_eq!(selected(&session), "nightly");
    session.keys("<alt-k>");
    let asked = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::ReadCloneable(_, snapshot) => Some(snapshot),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(asked, Some(Some("nightly".to_owned())));
    assert_eq!(form(&session).title, "Clone web-01 as it was at nightly");
    assert_eq!(form(&session).text("name"), "web-01-nightly");
    // One that lies within a disk which is written cannot be had.
    let mut session = page(100, 30, tree());
    session.keys("g<alt-k>");
    assert!(session.state.layers.is_empty());
    let said = session.state.messages.current().unwrap().text.clone();
    assert!(said.contains("shut it down first"), "{said}");
}
