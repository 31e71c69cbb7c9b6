//! Snapshots of the details of a domain: section × {data, off, loading, failed, lost, hostile, nothing} × size.

use std::sync::Arc;
use std::time::SystemTime;

use virtty::model::{Definition, DiskInfo, Domain, DomainState, EventKind, NicInfo};
use virtty::protocol::{Answer, GuestFact, News, XmlKind};

use crate::furnished::{
    addresses, definition, facts, furnished, log, measured, no_agent, seconds, xml,
};
use crate::screen::text;
use crate::session::{Session, in_state, lost, off, refused, running, uuid};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn snapshot(name: &str, scene: impl Fn(u16, u16) -> Session) {
    for (width, height) in SIZES {
        shot(&format!("{name}-{width}x{height}"), &scene(width, height));
    }
}

/// On the smallest ordinary terminal alone.
fn small(name: &str, session: &Session) {
    shot(name, session);
}

fn shot(name: &str, session: &Session) {
    let mut screen = text(&session.state);
    // Times of day are local: not the same on every machine.
    for ago in 0..400 {
        let time = session.now.wall - seconds(ago);
        screen = screen.replace(&clock(time), "HH:MM:SS");
    }
    insta::assert_snapshot!(name.to_owned(), screen);
}

fn clock(time: SystemTime) -> String {
    let local: chrono::DateTime<chrono::Local> = time.into();
    local.format("%H:%M:%S").to_string()
}

fn shown(section: &str, answer: Answer) -> impl Fn(u16, u16) -> Session {
    move |width, height| {
        let mut session = measured(width, height);
        session.done();
        session.keys(section).answer_last(Ok(answer.clone()));
        session
    }
}

fn document(text: String) -> Answer {
    Answer::Xml {
        text,
        kind: XmlKind::Live,
    }
}

fn off_guest() -> Domain {
    let mut domain = off(1, "web-1");
    domain.definition = Some(Arc::new(Definition {
        endpoints: Vec::new(),
        guest_agent: None,
        ..definition()
    }));
    domain
}

#[test]
fn overview() {
    snapshot("overview", measured);
}

#[test]
fn performance() {
    snapshot("performance", |width, height| {
        let mut session = measured(width, height);
        session.keys("2");
        session
    });
}

#[test]
fn performance_further_down_and_frozen() {
    snapshot("performance-frozen", |width, height| {
        let mut session = measured(width, height);
        session.keys("2+jjj<Space>");
        for tick in 60..70 {
            session.sampled(1, tick).wait(2.0);
        }
        session
    });
}

#[test]
fn performance_of_all_that_is_kept() {
    let mut session = measured(80, 24);
    session.keys("2---------");
    small("performance-all", &session);
}

#[test]
fn disks() {
    snapshot("disks", |width, height| {
        let mut session = measured(width, height);
        session.keys("3");
        session
    });
}

#[test]
fn nics() {
    snapshot("nics", shown("4", Answer::Addresses(addresses())));
}

#[test]
fn displays() {
    snapshot("displays", |width, height| {
        let mut session = measured(width, height);
        for remote in ["192.0.2.7:51000", "[2001:db8::9]:40000"] {
            let remote = remote.to_owned();
            session.happens(EventKind::Graphics { phase: 0, remote });
        }
        session.keys("5");
        session
    });
}

#[test]
fn guest() {
    snapshot("guest", shown("6", Answer::Guest(facts())));
}

#[test]
fn events() {
    snapshot("events", |width, height| {
        let mut session = measured(width, height);
        let lifecycle = |event, detail| EventKind::Lifecycle { event, detail };
        for kind in [
            lifecycle(0, 0),
            lifecycle(2, 0),
            EventKind::AgentLifecycle { connected: true },
            EventKind::Graphics {
                phase: 0,
                remote: "192.0.2.7:51000".to_owned(),
            },
            EventKind::BalloonChange(2 << 20),
            EventKind::IoError {
                disk: "vda".to_owned(),
                action: 1,
                reason: "enospc".to_owned(),
            },
            lifecycle(3, 2),
            lifecycle(4, 0),
            EventKind::Reboot,
            EventKind::BlockJob {
                disk: "vda".to_owned(),
                kind: 3,
                status: 1,
            },
            EventKind::DeviceAdded("net\u{1b}[31m1".to_owned()),
            lifecycle(5, 1),
        ] {
            session.happens(kind).wait(7.0);
        }
        session.keys("7");
        session
    });
}

#[test]
fn xml_text() {
    snapshot("xml", shown("8", document(xml(120))));
}

#[test]
fn log_text() {
    snapshot("log", shown("9", log(90)));
}

#[test]
fn hostile() {
    let evil = "\u{202e}gnp\u{1b}[31m\u{9b}32m\tx";
    let scene = |section: &'static str| {
        move |width, height| {
            let mut domain = running(1, evil);
            let disk = |target: &str, source: &str| DiskInfo {
                target: target.to_owned(),
                bus: Some(evil.to_owned()),
                source: Some(source.to_owned()),
                ..DiskInfo::default()
            };
            domain.definition = Some(Arc::new(Definition {
                virt_type: "\u{1b}]0;x\u{7}".to_owned(),
                title: Some("仮想マシン ".repeat(40)),
                description: Some(format!("{evil}\n{}", "long ".repeat(90))),
                disks: vec![disk("vda", &"/x".repeat(90)), disk(&"y".repeat(90), evil)],
                nics: vec![NicInfo {
                    bridge: None,
                    kind: evil.to_owned(),
                    mac: Some(evil.to_owned()),
                    source: Some("z".repeat(200)),
                    ..NicInfo::default()
                }],
                endpoint_errors: vec![format!("port '{evil}' is none")],
                guest_agent: Some(true),
                ..definition()
            }));
            let mut session = Session::active(width, height, vec![domain]);
            let remote = format!("{evil}:1");
            session.happens(EventKind::Graphics { phase: 0, remote });
            session.keys("<Enter>").keys(section);
            session
        }
    };
    snapshot("hostile-overview", scene("1"));
    snapshot("hostile-disks", scene("3"));
    small("hostile-nics", &scene("4")(80, 24));
    small("hostile-displays", &scene("5G")(80, 24));
    small("hostile-events", &scene("7")(80, 24));
    let fact = |name: &str, value: &str| GuestFact {
        group: evil.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let mut session = scene("6")(80, 24);
    let facts = vec![fact(evil, evil), fact(&"n".repeat(99), &"v ".repeat(200))];
    session.answer_last(Ok(Answer::Guest(facts)));
    small("hostile-guest", &session);
    let mut session = scene("8")(80, 24);
    let text = format!(
        "<a b='{evil}'\n\t仮想='マシン{}'/>\n<!--{evil}",
        "x".repeat(99)
    );
    session.answer_last(Ok(document(text))).keys(">>");
    small("hostile-xml", &session);
    let mut session = scene("9")(80, 24);
    let tail = Answer::LogTail {
        path: format!("/var/log/{evil}.log"),
        lines: vec![evil.to_owned(), "仮想".repeat(60), String::new()],
    };
    session.answer_last(Ok(tail)).keys(">");
    small("hostile-log", &session);
}

#[test]
fn a_domain_that_is_off() {
    for section in ["1", "2", "3", "4", "5", "6"] {
        let mut session = Session::active(80, 24, vec![off_guest()]);
        session.keys("<Enter>").keys(section);
        small(&format!("off-{section}"), &session);
    }
    let mut session = measured(80, 24);
    session.keys("2").changed(off_guest()).wait(20.0);
    small("off-after-it-ran", &session);
}

#[test]
fn loading_and_failing() {
    for section in ["2", "4", "6", "7", "8", "9"] {
        let mut session = Session::active(80, 24, vec![furnished(1, "web-1")]);
        session.keys("<Enter>").keys(section);
        small(&format!("loading-{section}"), &session);
        let Some((job, _)) = session.asked().pop() else {
            continue;
        };
        session.answer(job, Err(no_agent()));
        small(&format!("failed-{section}"), &session);
    }
    let mut domain = furnished(1, "web-1");
    domain.definition = None;
    let mut session = Session::active(80, 24, vec![domain.clone()]);
    session.keys("<Enter>3");
    small("loading-definition", &session);
    domain.definition_error = Some("internal error: cannot parse it".to_owned());
    session.changed(domain).keys("1");
    small("failed-definition", &session);
}

#[test]
fn nothing_to_show() {
    for (section, answer) in [
        ("3", None),
        ("4", Some(Answer::Addresses(Vec::new()))),
        ("5", None),
        ("6", Some(Answer::Guest(Vec::new()))),
        ("9", Some(log(0))),
    ] {
        let mut domain = running(1, "bare");
        domain.definition = Some(Arc::new(Definition {
            guest_agent: Some(true),
            ..Definition::default()
        }));
        let mut session = Session::active(80, 24, vec![domain]);
        session.done();
        session.keys("<Enter>").keys(section);
        if let Some(answer) = answer {
            session.answer_last(Ok(answer));
        }
        small(&format!("nothing-{section}"), &session);
    }
}

#[test]
fn without_an_agent() {
    for (name, agent) in [("no-channel", None), ("no-agent", Some(false))] {
        let mut domain = furnished(1, "web-1");
        domain.definition = Some(Arc::new(Definition {
            guest_agent: agent,
            ..definition()
        }));
        let mut session = Session::active(80, 24, vec![domain]);
        session.keys("<Enter>6").answer_last(Err(no_agent()));
        small(name, &session);
    }
}

#[test]
fn a_guest_that_does_not_answer() {
    for section in ["1", "2", "3"] {
        let mut session = measured(80, 24);
        session.silent(&[(uuid(1), 75)]).keys(section);
        small(&format!("silent-{section}"), &session);
    }
}

#[test]
fn a_connection_that_is_lost() {
    let mut session = measured(80, 24);
    session.done();
    session.keys("8").answer_last(Ok(document(xml(30))));
    session.news(0, 1, News::State(lost(3.0), Some(refused())));
    session.wait(65.0);
    small("lost-8", &session);
    session.keys("9");
    small("lost-9", &session);
    session.keys("2");
    small("lost-2", &session);
}

#[test]
fn a_crashed_domain_on_a_narrow_terminal() {
    let mut domain = in_state(1, "web-1", DomainState::Crashed, 1);
    domain.definition = Some(Arc::new(definition()));
    let mut session = Session::active(40, 12, vec![domain]);
    session.keys("<Enter>4");
    small("narrow-4", &session);
    session.keys("1");
    small("narrow-1", &session);
}
