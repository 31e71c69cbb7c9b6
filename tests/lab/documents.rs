//! Documents applied to a real host: what another did is not lost, passwords stay, and libvirt's verdict costs nothing.

use std::fs;
use std::process::{Command, Output};

use virtty::libvirt::documents::Verdict;
use virtty::libvirt::once;

use crate::support::lab::{Host, Lab, tiny_xml};

const DISPLAY: &str = "<graphics type='vnc' port='-1' autoport='yes' passwd='geheim'/>";

struct Ground {
    host: crate::support::lab::OwnHost,
    folder: tempfile::TempDir,
}

impl Ground {
    fn new(purpose: &str) -> Self {
        let host = Lab::get().own_host(purpose);
        let ground = Self {
            host,
            folder: tempfile::tempdir().unwrap(),
        };
        let file = ground.file("db.xml", &tiny_xml("db", DISPLAY));
        ground.host.virsh(&["define", &file]);
        ground
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn dump(&self, more: &[&str]) -> String {
        self.host
            .virsh(&[&["dumpxml", "--inactive", "db"], more].concat())
    }

    fn apply(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let host: &Host = &self.host;
        let output: Output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &host.uri, "xml", "apply"])
            .args(arguments)
            .env("XDG_STATE_HOME", self.folder.path())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code(),
            text(&output.stdout) + &text(&output.stderr),
        )
    }
}

#[test]
fn two_who_edit_one_domain_lose_nothing() {
    let ground = Ground::new("apply");
    let base = ground.dump(&[]);
    let base_file = ground.file("base.xml", &base);
    for round in 1..=20_u32 {
        let base = ground.dump(&[]);
        fs::write(&base_file, &base).unwrap();
        // A setter sends no event, and changes what was read.
        ground.host.virsh(&[
            "setvcpus",
            "db",
            &(round % 8 + 1).to_string(),
            "--maximum",
            "--config",
        ]);
        let described = base.replace(
            "</name>",
            &format!("</name>\n  <title>round {round}</title>"),
        );
        let described = match base.split_once("<title>") {
            Some((head, rest)) => {
                let (_, tail) = rest.split_once("</title>").unwrap();
                format!("{head}<title>round {round}</title>{tail}")
            }
            None => described,
        };
        let mine = ground.file("mine.xml", &described);
        let line = [mine.as_str(), "--expect-base", &base_file];
        let (code, told) = ground.apply(&line);
        assert_eq!(code, Some(6), "{told}");
        let (code, told) = ground.apply(&[&line[..], &["--merge"]].concat());
        assert_eq!(code, Some(0), "{told}");
        let now = ground.dump(&["--security-info"]);
        assert!(now.contains(&format!(">{}</vcpu>", round % 8 + 1)), "{now}");
        assert!(
            now.contains(&format!("<title>round {round}</title>")),
            "{now}"
        );
        assert!(now.contains("passwd='geheim'"), "the password is gone");
    }
    let record = fs::read_to_string(ground.folder.path().join("virtty/actions.log")).unwrap();
    assert!(record.contains("--validate") && !record.contains("geheim"));
}

#[test]
fn what_libvirt_reorders_at_a_restart_is_no_change() {
    let ground = Ground::new("apply-restart");
    let base = ground.file("base.xml", &ground.dump(&["--security-info"]));
    let name = &ground.host.name;
    crate::support::lab::control(&["daemon", "restart", name]);
    let (code, told) = ground.apply(&[&base, "--expect-base", &base]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("already"), "{told}");
}

#[test]
fn libvirts_verdict_defines_nothing_and_knows_the_host() {
    let ground = Ground::new("verdict");
    let uri = ground.host.uri.parse().unwrap();
    let session = once::open(Some(uri), false).unwrap();
    let good = tiny_xml("new", DISPLAY);
    assert_eq!(session.verdict(&good), Verdict::Accepts);
    let bad = good.replacen("<vcpu", "<vcpu current='9'", 1);
    assert!(matches!(session.verdict(&bad), Verdict::Refuses(_)));
    let net = "<graphics type='vnc'><listen type='network' network='nosuch'/></graphics>";
    let absent = tiny_xml("new", net);
    assert!(matches!(
        session.verdict(&absent),
        Verdict::CouldNotStart(_)
    ));
    assert!(
        !ground
            .host
            .virsh(&["list", "--all", "--name"])
            .contains("new")
    );

    let facts = session.document_facts();
    assert!(facts.machines.iter().any(|machine| machine.contains("q35")));
    assert!(facts.arches.contains(&"x86_64".to_owned()));
    assert!(facts.cpu_models.contains(&"qemu64".to_owned()));
    assert!(!facts.cpu_features.is_empty() && !facts.emulators.is_empty());
    assert!(!facts.cells.is_empty());
}
