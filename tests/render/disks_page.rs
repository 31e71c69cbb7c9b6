//! The disks of a domain, and the page of jobs.

use virtty::model::{BlockJobKind, DiskError, DomainState};
use virtty::protocol::{LongJob, LongKind, News};

use crate::disks::{disks, long, page};
use crate::pages::snapshot;
use crate::session::{Session, in_state, running, uuid};

#[test]
fn chains() {
    snapshot("disks-chains", |width, height| {
        let mut session = page(width, height, disks());
        session.keys("jj");
        session
    });
}

#[test]
fn a_job_and_an_error() {
    snapshot("disks-stopped", |width, height| {
        let mut read = disks();
        read.disks[0].error = Some(DiskError::NoSpace);
        read.pools[0].available_bytes = 1 << 20;
        let mut session = page(width, height, read);
        session.changed(in_state(1, "web-01", DomainState::Paused, 5));
        session.news(
            0,
            1,
            News::LongJobs(vec![LongJob {
                uuid: uuid(1),
                kind: LongKind::Block(BlockJobKind::ActiveCommit, "vda".to_owned()),
                progress: Some((45, 100)),
                speed_bps: Some(12 << 20),
                limit_bps: Some(20 << 20),
                elapsed_ms: None,
                remaining_ms: None,
                ready: false,
            }]),
        );
        session
    });
}

#[test]
fn the_forms() {
    for (name, keys) in [
        ("disks-attach", "+"),
        ("disks-resize", "R<ctrl-u>1G"),
        ("disks-limit", "T<Tab><Tab>50M"),
        ("disks-copy", "Y"),
        ("disks-media", "Go"),
    ] {
        snapshot(name, |width, height| {
            let mut session = page(width, height, disks());
            session.keys(keys);
            if matches!(name, "disks-attach" | "disks-copy" | "disks-media") {
                crate::disk_forms::offer_pools(&mut session);
            }
            session
        });
    }
}

#[test]
fn no_disks() {
    snapshot("disks-none", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web-01")]);
        session.done();
        session.keys("w");
        let job = crate::disks::asked(&mut session, |_| true).expect("it is asked for");
        let none = virtty::protocol::Answer::Disks(Box::default());
        session.news(0, 1, News::JobFinished(job, Ok(none)));
        session
    });
}

#[test]
fn jobs() {
    snapshot("jobs", |width, height| {
        let mut session = Session::active(
            width,
            height,
            vec![running(1, "web-01"), running(2, "web-02")],
        );
        session.news(0, 1, News::LongJobs(long()));
        session.keys("J");
        session
    });
}

#[test]
fn no_jobs() {
    snapshot("jobs-none", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web-01")]);
        session.keys("J");
        session
    });
}
