//! The forms of new domains and clones.

use std::sync::Arc;

use virtty::protocol::{Answer, News, Verb};

use crate::offers::{cloneable, job, new_domain};
use crate::pages::snapshot;
use crate::session::{Session, off, running};

#[test]
fn a_new_domain() {
    snapshot("form-create", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web"), off(2, "db")]);
        new_domain(&mut session);
        session.keys("api<Tab><Tab><Tab>");
        session
    });
}

#[test]
fn a_new_domain_with_mistakes() {
    snapshot("form-create-wrong", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web"), off(2, "db")]);
        new_domain(&mut session);
        session.keys("web<Enter>");
        session
    });
}

#[test]
fn clones() {
    snapshot("form-clone", |width, height| {
        let mut session = Session::active(width, height, vec![off(1, "web"), off(2, "db")]);
        session.keys("<Down><alt-k>");
        let asked = job(&session.done(), |verb| {
            matches!(verb, Verb::ReadCloneable(..))
        });
        let answer = Answer::Cloneable(Arc::new(cloneable()));
        session.news(0, 1, News::JobFinished(asked, Ok(answer)));
        session.keys("<Backspace><Backspace><Backspace><Backspace><Backspace>{01..20}<Tab><Right>");
        session
    });
}
