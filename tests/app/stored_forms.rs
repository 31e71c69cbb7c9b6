//! The forms of volumes: copies, sizes, files and drives sent and fetched.

use virtty::app::{Effect, Form, Layer};
use virtty::protocol::{Answer, Disc, Drive, Failure, News, StorageVerb, Verb, VolumeVerb};

use crate::disk_forms::offer_pools;
use crate::disks::asked;
use crate::session::Session;
use crate::storage::{GIB, answer, page, volumes_page};

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        layer => panic!("{layer:?}"),
    }
}

fn preview(session: &Session) -> String {
    let lines: Vec<_> = form(session)
        .preview
        .iter()
        .map(|(_, line)| line.as_str())
        .collect();
    lines.join(" ")
}

fn sent(session: &mut Session) -> Option<StorageVerb> {
    session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Storage(verb) => Some(verb),
            _ => None,
        },
        _ => None,
    })
}

fn wrong(session: &Session, key: &str) -> String {
    form(session)
        .field(key)
        .unwrap()
        .error
        .clone()
        .unwrap_or_default()
}

#[test]
fn a_copy_goes_into_another_pool_in_another_format() {
    let mut session = volumes_page(100, 40);
    session.done();
    // The sparse raw one.
    session.keys("jjc");
    assert_eq!(form(&session).text("name"), "scratch-copy.img");
    offer_pools(&mut session);
    assert!(preview(&session).contains("raw, 20G, 1.0G on disk"));
    session.keys("<Tab>f<Tab><Right>");
    assert_eq!(form(&session).text("pool"), "fast");
    // It has files of its own, one of which is there.
    session.keys("<BackTab><BackTab><ctrl-u>data.qcow2<Enter>");
    assert!(wrong(&session, "name").contains("already"));
    session.keys("<ctrl-u>new.qcow2<Tab><Tab><Tab><Right><Enter>");
    let Some(StorageVerb::Volume(name, VolumeVerb::Copy(copy))) = sent(&mut session) else {
        panic!("it is sent")
    };
    assert_eq!(name.path.as_deref(), Some("/srv/images/scratch.img"));
    assert_eq!(
        (copy.name.as_str(), copy.pool.as_deref()),
        ("new.qcow2", Some("fast"))
    );
    assert_eq!(
        (copy.format.as_deref(), copy.compression.as_deref()),
        (Some("qcow2"), Some("zlib"))
    );
    assert!(session.state.layers.is_empty(), "it is among the jobs");
}

#[test]
fn a_volume_grows_and_becomes_smaller_only_by_its_name() {
    let mut session = volumes_page(100, 40);
    session.done();
    session.keys("jjR<Enter>");
    assert_eq!(wrong(&session, "size"), "That is what it has.");
    session.keys("<ctrl-u>30G");
    let command = form(&session).command.clone().unwrap();
    assert!(command.contains("vol-resize"), "{command}");
    session.keys("<Enter>");
    let grown = sent(&mut session);
    assert!(matches!(
        grown,
        Some(StorageVerb::Volume(_, VolumeVerb::Resize { bytes, shrink: false, .. })) if bytes == 30 * GIB
    ));
    assert!(form(&session).waiting.is_some());
    let mut session = volumes_page(100, 40);
    session.done();
    session.keys("jjR<ctrl-u>512M<Enter>");
    assert!(wrong(&session, "size").contains("It takes up 1.0G"));
    session.keys("<ctrl-u>1G");
    assert!(preview(&session).contains("CUT OFF"));
    session.keys("<Enter>");
    assert_eq!(sent(&mut session), None);
    assert!(wrong(&session, "sure").contains("scratch.img"));
    session.keys("scratch.img<Enter>");
    assert!(matches!(
        sent(&mut session),
        Some(StorageVerb::Volume(
            _,
            VolumeVerb::Resize { shrink: true, .. }
        ))
    ));
}

#[test]
fn a_file_becomes_a_volume_or_overwrites_one_after_a_question() {
    let mut session = volumes_page(100, 40);
    session.done();
    session.keys("jju");
    session.keys("disk.img<Enter>");
    assert!(wrong(&session, "file").contains("whole path"));
    session.keys("<ctrl-u>/tmp/disk.img");
    assert!(preview(&session).contains("It will be called disk.img."));
    session.keys("<Enter>");
    let Some(StorageVerb::Volume(name, VolumeVerb::Import(how))) = sent(&mut session) else {
        panic!()
    };
    assert_eq!(
        (name.name.as_str(), how.file.as_str()),
        ("disk.img", "/tmp/disk.img")
    );
    assert!(how.sparse && !how.disc);
    // What was typed comes back.
    session.keys("u");
    assert_eq!(form(&session).text("file"), "/tmp/disk.img");
    session.keys("<Tab><Right>");
    assert!(preview(&session).contains("OVERWRITTEN: /srv/images/scratch.img"));
    session.keys("<Enter>");
    assert_eq!(sent(&mut session), None);
    let Some(Layer::Confirm(question)) = session.state.layers.last() else {
        panic!()
    };
    assert!(
        question.body[0].starts_with("OVERWRITTEN"),
        "{:?}",
        question.body
    );
    session.keys("y");
    assert!(matches!(
        sent(&mut session),
        Some(StorageVerb::Volume(_, VolumeVerb::Upload(how))) if !how.sparse
    ));
}

#[test]
fn a_volume_is_fetched_even_over_a_read_only_connection() {
    let mut session = volumes_page(100, 40);
    session.done();
    session.keys("jjjd/tmp/web<Enter>");
    let Some(StorageVerb::Volume(name, VolumeVerb::Download(how))) = sent(&mut session) else {
        panic!()
    };
    assert_eq!(
        (name.name.as_str(), how.file.as_str()),
        ("web.qcow2", "/tmp/web")
    );
}

fn drives() -> Vec<Drive> {
    let disc = Disc {
        label: "DEBIAN 12".to_owned(),
        bytes: GIB / 2,
    };
    vec![
        Drive {
            path: "/dev/sr0".to_owned(),
            kind: Some("cdrom".to_owned()),
            model: Some("ACME DVD".to_owned()),
            bytes: Some(GIB),
            has_medium: Some(true),
            disc: Some(disc),
        },
        Drive {
            path: "/dev/sdb".to_owned(),
            bytes: Some(8 * GIB),
            ..Drive::default()
        },
        Drive {
            path: "/dev/sr1".to_owned(),
            has_medium: Some(false),
            ..Drive::default()
        },
    ]
}

#[test]
fn an_image_is_made_of_the_disc_in_a_drive() {
    let mut session = page(100, 40);
    session.keys("j");
    session.done();
    session.keys("I");
    assert!(preview(&session).contains("still looked at"));
    answer(
        &mut session,
        |verb| *verb == Verb::ReadDrives,
        Answer::Drives(drives()),
    );
    assert_eq!(form(&session).text("drive"), "/dev/sr0");
    assert!(
        preview(&session).contains("DEBIAN 12 is 512M long; the drive has 1.0G."),
        "{}",
        preview(&session)
    );
    session.keys("<Enter>");
    assert!(wrong(&session, "name").contains("needs a name"));
    session.keys("debian.iso");
    let command = form(&session).command.clone().unwrap();
    assert!(command.contains("isosize /dev/sr0"), "{command}");
    session.keys("<Enter>");
    let Some(StorageVerb::Volume(name, VolumeVerb::Import(how))) = sent(&mut session) else {
        panic!()
    };
    assert_eq!(name.pool.unwrap().name, "images");
    assert_eq!((how.file.as_str(), how.disc), ("/dev/sr0", true));
    // What is no disc is read whole, and an empty drive not at all.
    session.keys("I");
    answer(
        &mut session,
        |verb| *verb == Verb::ReadDrives,
        Answer::Drives(drives()),
    );
    while form(&session).fields[form(&session).at].key != "drive" {
        session.keys("<Tab>");
    }
    assert_eq!(form(&session).text("name"), "debian.iso", "as it was left");
    session.keys("<Right>");
    assert!(
        preview(&session).contains("all 8.0G are read"),
        "{}",
        preview(&session)
    );
    session.keys("<Right><Enter>");
    assert_eq!(wrong(&session, "drive"), "There is no disc in it.");
    session.keys("<Left><Enter>");
    assert!(matches!(
        sent(&mut session),
        Some(StorageVerb::Volume(_, VolumeVerb::Import(how))) if how.file == "/dev/sdb" && !how.disc
    ));
}

#[test]
fn where_drives_are_not_known_a_path_is_typed() {
    let mut session = volumes_page(100, 40);
    session.done();
    session.keys("I");
    let job = asked(&mut session, |verb| *verb == Verb::ReadDrives).unwrap();
    let failure = Failure {
        what: "read the drives of the host".to_owned(),
        reason: "the host is another machine".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(job, Err(failure)));
    assert!(preview(&session).contains("the host is another machine"));
    session.keys("/dev/sr0<Tab><Tab>a.iso<Enter>");
    assert!(matches!(
        sent(&mut session),
        Some(StorageVerb::Volume(_, VolumeVerb::Import(how))) if how.file == "/dev/sr0" && how.disc
    ));
}
