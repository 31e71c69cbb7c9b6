//! The editor of a document.

use std::time::{Duration, SystemTime};

use virtty::app::{EditorId, Event, ExamineQuestion, PastDefinition};
use virtty::model::{ConnectionId, StoredKind};
use virtty::protocol::{DocumentRef, Private};
use virtty::schema::{Help, HelpName, Severity};

use crate::editing::{XML, document, open, with_findings, with_help, with_offers};
use crate::pages::snapshot;
use crate::session::{running, uuid};

#[test]
fn the_text() {
    snapshot("editor-text", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        session.keys("<ctrl-f>default<Enter>intern");
        with_findings(
            &mut session,
            &[
                ("<vcpu current='1'>", Severity::Warning),
                ("network='intern'", Severity::Error),
            ],
        );
        session.keys("<alt-e>");
        session
    });
}

#[test]
fn the_review() {
    snapshot("editor-review", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        session.keys("<ctrl-f>default<Enter>intern<ctrl-f>1024<Enter>2048<ctrl-f>web-01<<><Enter>web-02<<><ctrl-s>");
        session
    });
}

#[test]
fn the_review_by_lines() {
    snapshot("editor-lines", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        session.keys("<ctrl-f>default<Enter>intern<ctrl-f>1024<Enter>2048<ctrl-s>t");
        session
    });
}

#[test]
fn the_review_side_by_side() {
    snapshot("editor-sides", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        session.keys("<ctrl-f>default<Enter>intern<ctrl-f>1024<Enter>2048<ctrl-s>tt");
        session
    });
}

#[test]
fn what_may_be_typed() {
    snapshot("editor-offers", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        with_offers(&mut session);
        session
    });
}

#[test]
fn the_outline() {
    snapshot("editor-outline", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        session.keys("<ctrl-o>");
        session
    });
}

#[test]
fn about_an_element() {
    snapshot("editor-help", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        let name = |name: &str, required: bool, values: &[&str]| HelpName {
            name: name.to_owned(),
            required,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        with_help(
            &mut session,
            Help {
                path: ["domain", "devices", "disk"].map(str::to_owned).to_vec(),
                attributes: vec![
                    name("type", true, &["file", "block", "network", "volume"]),
                    name("device", false, &["disk", "cdrom", "floppy", "lun"]),
                ],
                children: vec![
                    name("target", true, &[]),
                    name("source", false, &[]),
                    name("driver", false, &[]),
                ],
                text: Vec::new(),
                url: Some(
                    "https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms"
                        .to_owned(),
                ),
            },
        );
        session
    });
}

#[test]
fn another_changed_it() {
    snapshot("editor-merge", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        session.keys("<ctrl-f>default<Enter>intern");
        session.done();
        session.wait(6.0);
        crate::editing::met(
            &mut session,
            Some(document(&XML.replace("1024", "2048"), true)),
        );
        session.keys("<ctrl-s>");
        session
    });
}

#[test]
fn former_definitions() {
    snapshot("editor-history", |width, height| {
        let mut session = open(width, height, running(1, "web-01"), document(XML, true));
        let id: EditorId = (
            ConnectionId(0),
            DocumentRef::Stored(StoredKind::Domain, uuid(1)),
        );
        let one = |seconds: u64, by_us: bool, text: String| PastDefinition {
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds),
            by_us,
            text: Private::new(text),
        };
        let all = vec![
            one(7200, true, XML.replace("1024", "2048")),
            one(3600, false, XML.to_owned()),
            one(0, false, XML.replace("default", "intern")),
        ];
        session.event(Event::Definitions(id, all));
        session
    });
}

#[test]
fn nothing_is_read_yet() {
    snapshot("editor-waits", |width, height| {
        let mut session =
            crate::session::Session::active(width, height, vec![running(1, "web-01")]);
        session.keys("e");
        session
    });
    let _ = ExamineQuestion::Check;
}
