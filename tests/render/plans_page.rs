//! The page of plans, and failures on the page of jobs.

use virtty::app::Effect;
use virtty::config::Config;
use virtty::protocol::{Failure, News, Verb};

use crate::pages::snapshot;
use crate::session::{Session, off, running};

const UP: &str = "[[plan]]\nname = \"web down, then the database\"\n[[plan.step]]\naction = \"shut-down\"\n\
    domains = \"name:web\"\nforce-after = 120\n[[plan.step]]\naction = \"shut-down\"\ndomains = \"name:db\"\ndelay = 10\n\
    [[plan]]\nname = \"up\"\n[[plan.step]]\naction = \"start\"\ndomains = \"name:db\"\nwait = \"port:5432\"\n";

#[test]
fn plans() {
    snapshot("plans", |width, height| {
        let domains = vec![
            running(1, "web-1"),
            running(2, "web-2"),
            running(3, "db\u{1b}[2J"),
            off(4, "old"),
        ];
        let mut session = Session::active(width, height, domains);
        session.state.configure(&Config::parse(UP).unwrap());
        session.keys("O<Enter>y");
        let job = session.done().iter().find_map(|effect| match effect {
            Effect::Send(_, request) if matches!(request.verb, Verb::Domain(..)) => {
                Some(request.job)
            }
            _ => None,
        });
        let failure = Failure {
            what: "Shut Down".to_owned(),
            reason: "Requested operation is not valid: domain is not running".to_owned(),
            code: None,
            remedy: None,
        };
        session.news(0, 1, News::JobFinished(job.unwrap(), Err(failure)));
        session.wait(12.0);
        session
    });
}

#[test]
fn failures_stay_on_the_page_of_jobs() {
    snapshot("jobs-failed", |width, height| {
        let mut session = Session::active(width, height, vec![off(1, "web-1"), off(2, "web-2")]);
        session.keys("*s");
        let effects = session.done();
        let jobs = effects.iter().filter_map(|effect| match effect {
            Effect::Send(_, request) if matches!(request.verb, Verb::Domain(..)) => {
                Some(request.job)
            }
            _ => None,
        });
        for job in jobs.collect::<Vec<_>>() {
            let failure = Failure {
                what: "Start".to_owned(),
                reason:
                    "Cannot access storage file '/srv/images/web.qcow2': No such file or directory"
                        .to_owned(),
                code: None,
                remedy: None,
            };
            session.news(0, 1, News::JobFinished(job, Err(failure)));
        }
        session.keys("J");
        session.wait(30.0);
        session
    });
}
