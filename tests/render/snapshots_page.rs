//! The snapshots of a domain.

use virtty::protocol::DomainSnapshots;

use crate::pages::snapshot;
use crate::snapshots::{disk, page, taken, tree};

#[test]
fn a_tree() {
    snapshot("snapshots-tree", |width, height| {
        page(width, height, tree())
    });
}

#[test]
fn the_screen_as_it_was() {
    snapshot("snapshots-picture", |width, height| {
        let mut session = crate::session::Session::active(
            width,
            height,
            vec![crate::session::running(1, "web-01")],
        );
        session.done();
        session.state.table.select(crate::session::id(1));
        session.keys("z");
        crate::snapshots::answer(&mut session, tree());
        crate::snapshots::answer_picture(&mut session);
        session
    });
}

#[test]
fn choosing_how_to_go_back() {
    snapshot("snapshots-revert", |width, height| {
        let mut session = page(width, height, tree());
        session.keys("<Enter>");
        session
    });
}

#[test]
fn taking_one() {
    snapshot("snapshots-take", |width, height| {
        let mut session = page(width, height, tree());
        session.keys("nbefore upgrade<Tab><Tab><Right>");
        session
    });
}

#[test]
fn writing_a_backup() {
    snapshot("snapshots-backup", |width, height| {
        let mut session = page(width, height, tree());
        session.keys("GA");
        session
    });
}

#[test]
fn none() {
    snapshot("snapshots-none", |width, height| {
        let read = DomainSnapshots {
            disks: vec![disk("raw")],
            ..DomainSnapshots::default()
        };
        page(width, height, read)
    });
}

#[test]
fn a_long_chain_and_many_branches() {
    snapshot("snapshots-long", |width, height| {
        let mut all = Vec::new();
        let mut parent = None;
        for at in 0..60 {
            let name = format!("chain-{at:02}");
            all.push(taken(&name, parent.as_deref(), at));
            parent = Some(name);
        }
        for at in 0..12 {
            let name = format!("branch-{at:02}");
            all.push(taken(&name, Some("chain-58"), 100 + at));
            all.push(taken(&format!("leaf-{at:02}"), Some(&name), 200 + at));
        }
        let read = DomainSnapshots {
            snapshots: all,
            ..DomainSnapshots::default()
        };
        let mut session = page(width, height, read);
        session.keys("G");
        session
    });
}
