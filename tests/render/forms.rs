//! Forms.

use virtty::app::{Effect, Layer};
use virtty::protocol::{Answer, DoomedVolume, News, UndefinePlan, Verb};

use crate::material::define;
use crate::pages::snapshot;
use crate::session::{Session, id, off, running};

#[test]
fn shutting_down_with_a_choice() {
    snapshot("form-shut-down", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web"), off(2, "db")]);
        session.keys("<Down><alt-f><Right><Tab>9x<BackTab>");
        session
    });
}

#[test]
fn deleting() {
    snapshot("form-delete", |width, height| {
        let mut session = Session::active(width, height, vec![off(1, "web"), off(2, "db")]);
        session.keys("<Down><Delete>");
        let job = session.done().iter().find_map(|effect| match effect {
            Effect::Send(_, request) if matches!(request.verb, Verb::ReadUndefine(_)) => {
                Some(request.job)
            }
            _ => None,
        });
        let volume = |target: &str, path: &str, refusal: Option<&str>| DoomedVolume {
            target: target.to_owned(),
            path: path.to_owned(),
            capacity_bytes: Some(20 << 30),
            readonly: false,
            refusal: refusal.map(str::to_owned),
        };
        let plan = UndefinePlan {
            active: false,
            persistent: true,
            managed_save: true,
            snapshots: 3,
            checkpoints: 0,
            nvram: Some("/var/lib/libvirt/qemu/nvram/web_VARS.fd".to_owned()),
            volumes: vec![
                volume("vda", "/srv/images/web.qcow2", None),
                volume(
                    "vdb",
                    "/srv/images/sh\u{1b}[31m.raw",
                    Some("used by the domain 'db' too"),
                ),
            ],
        };
        let answer = Answer::Undefine(Box::new(plan));
        session.news(0, 1, News::JobFinished(job.unwrap(), Ok(answer)));
        session.keys("<Space><Enter>");
        assert!(matches!(session.state.layers.last(), Some(Layer::Form(_))));
        session
    });
}

#[test]
fn describing() {
    snapshot("form-describe", |width, height| {
        let web = define(running(1, "web"), |definition| {
            definition.title = Some("Shop, front".to_owned());
            definition.tags = vec!["prod".to_owned(), "web".to_owned()];
            definition.notes = Some("Ask Ann\nbefore a reboot.".to_owned());
        });
        let mut session = Session::active(width, height, vec![web, off(2, "db")]);
        session.state.table.select(id(1));
        session.keys("<alt-d><Tab>In rack 4<Tab>, shop");
        session
    });
}
