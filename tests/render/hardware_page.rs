//! The hardware of a domain.

use crate::hardware::{STORED, fill, go, page};
use crate::pages::snapshot;
use crate::session::{Session, running};

#[test]
fn what_waits_for_the_next_boot() {
    snapshot("hardware-waits", |width, height| {
        let mut session = page(width, height);
        go(&mut session, "NIC 52:54:00:aa:00:01");
        session
    });
}

#[test]
fn a_domain_that_is_off() {
    snapshot("hardware-off", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web-01")]);
        session.done();
        session.keys("h");
        fill(&mut session, None, Some(STORED));
        session
    });
}
