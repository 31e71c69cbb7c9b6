//! Pools and volumes.

use crate::pages::snapshot;
use crate::storage::{leftovers_page, page, volumes_page};

#[test]
fn pools() {
    snapshot("storage-pools", |width, height| {
        let mut session = page(width, height);
        session.keys("jj");
        session
    });
}

#[test]
fn volumes() {
    snapshot("storage-volumes", |width, height| {
        let mut session = volumes_page(width, height);
        session.keys("j");
        session
    });
}

#[test]
fn leftovers() {
    snapshot("storage-leftovers", |width, height| {
        let mut session = leftovers_page(width, height);
        session.keys("<Space>");
        session
    });
}

#[test]
fn a_form_of_a_volume() {
    snapshot("storage-new-volume", |width, height| {
        let mut session = volumes_page(width, height);
        session.keys("nnew.qcow2");
        session
    });
}

#[test]
fn a_form_of_a_pool() {
    snapshot("storage-new-pool", |width, height| {
        let mut session = page(width, height);
        session.keys("nnas<Tab>");
        session
    });
}
