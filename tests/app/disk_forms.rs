//! The forms of the page of disks.

use std::sync::Arc;

use virtty::app::{Effect, Form, Layer};
use virtty::create::{HostFacts, PoolFact, VolumeFact};
use virtty::model::DiskLayer;
use virtty::protocol::{
    Affect, Answer, DiskVerb, DomainVerb, Failure, Medium, News, Offered, Verb,
};

use crate::disks::{GIB, answer, disks, page};
use crate::session::Session;

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        layer => panic!("{layer:?}"),
    }
}

fn preview(session: &Session) -> String {
    let lines = form(session).preview.iter();
    lines
        .map(|(_, line)| line.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Answers what the host has: a pool that is full nearly, and one with room and a disk image.
pub fn offer_pools(session: &mut Session) {
    let volume = |name: &str, format: &str| VolumeFact {
        name: name.to_owned(),
        path: format!("/srv/fast/{name}"),
        format: Some(format.to_owned()),
        capacity: 4 * GIB,
        ..VolumeFact::default()
    };
    let pool = |name: &str, path: &str, available, volumes| PoolFact {
        name: name.to_owned(),
        kind: "dir".to_owned(),
        path: Some(path.to_owned()),
        available,
        volumes,
    };
    let facts = HostFacts {
        pools: vec![
            pool("images", "/var/lib/libvirt/images", 12 * GIB, Vec::new()),
            pool(
                "fast",
                "/srv/fast",
                8 * GIB,
                vec![volume("data.qcow2", "qcow2"), volume("debian.iso", "raw")],
            ),
        ],
        ..HostFacts::default()
    };
    let offered = Offered {
        facts,
        ..Offered::default()
    };
    answer(
        session,
        |verb| matches!(verb, Verb::ReadOffered),
        Answer::Offered(Arc::new(offered)),
    );
}

fn disk_verb(session: &mut Session) -> Option<DomainVerb> {
    session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Domain(_, verb) => Some(verb),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn a_disk_gets_another_size_and_a_smaller_one_only_by_its_name() {
    let mut session = page(100, 40, disks());
    session.keys("R");
    assert!(preview(&session).contains("It has 20G now. The guest: / (ext4), 4.0G of 19G used"));
    assert_eq!(form(&session).command, None, "nothing changes yet");
    session.keys("<ctrl-u>40G");
    let line = form(&session).command.clone().unwrap();
    assert!(
        line.contains("blockresize") && line.ends_with("web-01 vda 40G"),
        "{line}"
    );
    session.keys("<Enter>");
    let wanted = |bytes, shrink| {
        DomainVerb::Disk(DiskVerb::Resize {
            target: "vda".to_owned(),
            bytes: Some(bytes),
            shrink,
        })
    };
    assert_eq!(disk_verb(&mut session), Some(wanted(40 * GIB, false)));
    let mut session = page(100, 40, disks());
    session.keys("R<ctrl-u>1G");
    assert!(preview(&session).contains("CUT OFF: all that lies behind 1.0G."));
    session.keys("<Enter>");
    assert_eq!(disk_verb(&mut session), None);
    assert_eq!(
        form(&session).field("sure").unwrap().error.as_deref(),
        Some("Type vda to have it cut off.")
    );
    session.keys("vdb<Enter>");
    assert_eq!(disk_verb(&mut session), None);
    session.keys("<Backspace>a<Enter>");
    assert_eq!(disk_verb(&mut session), Some(wanted(GIB, true)));
}

#[test]
fn a_disk_that_is_plugged_in_has_the_format_that_its_pool_knows() {
    let mut session = page(100, 40, disks());
    session.keys("+<Tab>/srv/else<Enter>");
    let wrong = form(&session).field("format").unwrap().error.clone();
    assert!(wrong.is_some_and(|why| why.starts_with("No active pool knows")));
    assert_eq!(disk_verb(&mut session), None);
    let mut session = page(100, 40, disks());
    session.keys("+");
    offer_pools(&mut session);
    session.keys("<Tab>/srv/fast/data.qcow2");
    assert!(preview(&session).contains("4.0G, qcow2"));
    session.keys("<Enter>");
    let Some(DomainVerb::Disk(DiskVerb::Attach(disk, affect))) = disk_verb(&mut session) else {
        panic!("nothing was sent");
    };
    assert_eq!(affect, Affect::Both);
    assert_eq!(
        (
            disk.target.as_str(),
            disk.format.as_deref(),
            disk.bus.as_deref()
        ),
        ("vdc", Some("qcow2"), Some("virtio"))
    );
    // A target says the bus.
    let mut session = page(100, 40, disks());
    session.keys("+<Tab>/x<Tab><ctrl-u>sdb<Enter>");
    let wrong = form(&session).field("target").unwrap().error.clone();
    assert!(wrong.is_some_and(|why| why.contains("such as vdb")));
}

#[test]
fn a_disk_moves_to_another_pool_and_not_onto_what_is_there() {
    let mut session = page(100, 40, disks());
    session.keys("Y");
    assert!(preview(&session).contains("still looked at"));
    offer_pools(&mut session);
    assert_eq!(form(&session).text("pool"), "fast", "it is elsewhere now");
    assert!(preview(&session).contains("To /srv/fast/web-01.after-upgrade"));
    assert!(preview(&session).contains("8.0G left, and the copy may take 20G"));
    session.keys("<Tab><ctrl-u>data.qcow2<Enter>");
    assert!(form(&session).field("name").unwrap().error.is_some());
    session.keys("<ctrl-u>moved<Enter>");
    let sent = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Domain(_, DomainVerb::Disk(DiskVerb::Copy(copy))) => Some((request.job, copy)),
            _ => None,
        },
        _ => None,
    });
    let (job, copy) = sent.expect("it is begun");
    assert_eq!((copy.dest.as_str(), copy.pivot), ("/srv/fast/moved", true));
    assert!(session.state.layers.is_empty(), "the job is among the jobs");
    // When it fails, what was typed is not lost.
    let failure = Failure {
        what: "copy a disk".to_owned(),
        reason: "no room".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(job, Err(failure)));
    session.keys("Y");
    offer_pools(&mut session);
    assert_eq!(form(&session).text("name"), "moved");
}

#[test]
fn limits_have_bursts_and_hold_for_a_while() {
    let mut session = page(100, 50, disks());
    session.keys("T");
    assert!(preview(&session).contains("Now: total 10M/s."));
    assert_eq!(form(&session).text("total_bytes_sec"), "10M");
    session.keys("<Tab><ctrl-u>20M<Tab>5M<Enter>");
    let wrong = form(&session)
        .field("total_bytes_sec_max")
        .unwrap()
        .error
        .clone();
    assert_eq!(
        wrong.as_deref(),
        Some("A burst is more than what holds otherwise.")
    );
    session.keys("<ctrl-u>50M<Tab><Tab>10<Tab>60<Enter>");
    let Some(DomainVerb::Disk(DiskVerb::Throttle {
        values, seconds, ..
    })) = disk_verb(&mut session)
    else {
        panic!("nothing was sent");
    };
    assert_eq!(seconds, 60);
    let value = |name: &str| {
        let found = values.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(value("total_bytes_sec"), Some("20971520"));
    assert_eq!(value("total_bytes_sec_max"), Some("52428800"));
    assert_eq!(value("total_bytes_sec_max_length"), Some("10"));
    assert_eq!(value("total_iops_sec"), None, "that is what it was");
    // For good, it is an ordinary verb; what is taken away becomes none.
    let mut session = page(100, 50, disks());
    session.keys("T<Tab><ctrl-u><Enter>");
    let Some(DomainVerb::Tune { values, affect, .. }) = disk_verb(&mut session) else {
        panic!("nothing was sent");
    };
    assert_eq!(affect, Affect::Both);
    assert!(values.contains(&("total_bytes_sec".to_owned(), "0".to_owned())));
}

#[test]
fn a_disc_is_put_in_and_taken_out() {
    let mut session = page(100, 40, disks());
    session.keys("Go");
    offer_pools(&mut session);
    session.keys("<Tab>/srv/fast/debian.iso<Enter>");
    let sent = disk_verb(&mut session);
    let Some(DomainVerb::Disk(DiskVerb::Media { medium, force, .. })) = sent else {
        panic!("{sent:?}");
    };
    assert_eq!(
        (medium, force),
        (Medium::Insert("/srv/fast/debian.iso".to_owned()), false)
    );
    let mut read = disks();
    read.disks[2].layers = vec![DiskLayer {
        source: "/old.iso".to_owned(),
        ..DiskLayer::default()
    }];
    let mut session = page(100, 40, read);
    session.keys("Go<Enter>");
    let sent = disk_verb(&mut session);
    assert!(
        matches!(
            &sent,
            Some(DomainVerb::Disk(DiskVerb::Media { medium: Medium::Eject, target, .. })) if target == "sda"
        ),
        "{sent:?}"
    );
}
