//! `virtty run-plan` on the test driver.

use tempfile::TempDir;

use crate::node::Node;
use crate::run::{Ran, command, ran};

/// What a test's settings say, for a host of its own with `db` and `web` off and `mail` running.
struct Planned {
    node: Node,
    folder: TempDir,
}

impl Planned {
    fn new(settings: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("plans.toml"), settings).unwrap();
        Self {
            node: Node::new(&[("db", 5, ""), ("web", 5, ""), ("mail", 1, "")]),
            folder,
        }
    }

    fn run(&self, words: &[&str]) -> Ran {
        let settings = self.folder.path().join("plans.toml");
        ran(command()
            .env("XDG_STATE_HOME", self.folder.path())
            .arg("--config")
            .arg(settings)
            .args(["-c", &self.node.uri(), "run-plan"])
            .args(words))
    }

    fn record(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("virtty/actions.log")).unwrap_or_default()
    }
}

const UP: &str = "[[plan]]\nname = \"all up\"\n[[plan.step]]\naction = \"start\"\ndomains = \"name:db\"\ndelay = 1\n\
    [[plan.step]]\naction = \"start\"\ndomains = \"-autostart\"\n";

#[test]
fn all_plans_are_shown_with_whom_they_act_on() {
    let shown = Planned::new(UP).run(&[]).well().out;
    assert!(shown.starts_with("all up\n"), "{shown}");
    assert!(
        shown.contains("1. Start name:db, then 1 s of rest: db\n"),
        "{shown}"
    );
    assert!(
        shown.contains("Start -autostart: db, mail, web\n"),
        "{shown}"
    );
    assert!(shown.contains("Shut down everything on "), "{shown}");
}

#[test]
fn a_dry_run_does_nothing() {
    let planned = Planned::new(UP);
    let shown = planned.run(&["all up", "--dry-run"]).well().out;
    assert!(shown.contains("1. Start name:db"), "{shown}");
    assert!(!shown.contains("asked"), "{shown}");
    assert_eq!(planned.record(), "");
}

#[test]
fn a_plan_goes_step_by_step_and_is_put_on_record() {
    let planned = Planned::new(UP);
    let told = planned.run(&["all up"]).well().out;
    let place = |words: &str| {
        let found = told.find(words);
        found.unwrap_or_else(|| panic!("no '{words}' in {told}"))
    };
    assert!(place("db: ready") < place("step 2: Start"));
    assert!(place("step 2: Start") < place("web: asked"));
    assert!(place("web: asked") < place("web: ready"));
    // It ran before: nobody asked for it.
    assert!(!told.contains("mail: asked"), "{told}");
    assert!(told.contains("mail: ready"), "{told}");
    let record = planned.record();
    assert!(record.contains("start -- db"), "{record}");
    assert!(!record.contains("mail"), "{record}");
}

#[test]
fn a_plan_that_cannot_go_on_says_where_and_why() {
    let late = "[[plan]]\nname = \"late\"\n[[plan.step]]\naction = \"start\"\ndomains = \"name:db\"\nwait = \"agent\"\ntimeout = 1\n\
        [[plan.step]]\naction = \"start\"\ndomains = \"name:web\"\n";
    let ended = Planned::new(late).run(&["late"]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    let expected = "late has stopped: db: its guest agent does not answer after 1 s";
    assert!(ended.err.contains(expected), "{}", ended.err);
    assert!(!ended.out.contains("web: asked"), "{}", ended.out);
}

#[test]
fn a_name_that_no_plan_has_is_told_with_the_nearest() {
    let said = Planned::new(UP).run(&["all pu"]).failed(2);
    assert!(
        said.contains("there is no plan 'all pu' (did you mean all up?)"),
        "{said}"
    );
}

#[test]
fn a_host_that_is_not_there_is_told() {
    let ended = ran(command().args(["-c", "test:///nonexistent.xml", "run-plan"]));
    assert!(ended.failed(1).contains("/nonexistent.xml"));
}
