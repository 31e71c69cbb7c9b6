//! Definitions out of one real host and into another.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::lab::{Host, Lab, VNC, tiny_xml};

fn virtty(host: &Host, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri])
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn well(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn define(host: &Host, command: &str, xml: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), xml).unwrap();
    host.virsh(&[command, file.path().to_str().unwrap()]);
}

fn names(host: &Host, list: &[&str]) -> BTreeSet<String> {
    let text = host.virsh(&[list, &["--all", "--name"]].concat());
    text.lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

const NAMES: [&str; 4] = ["plain", "a b", "--all", "$(id)'\"&amp;"];

fn furnish(host: &Host) {
    for name in NAMES {
        define(host, "define", &tiny_xml(name, VNC));
    }
    define(
        host,
        "net-define",
        "<network><name>isolated one</name><bridge name='virtty-x0'/></network>",
    );
    define(
        host,
        "pool-define",
        "<pool type='dir'><name>-pool</name><target><path>/var/lib/virtty-x</path></target></pool>",
    );
    define(
        host,
        "secret-define",
        "<secret ephemeral='no' private='no'><usage type='ceph'><name>client.admin</name></usage></secret>",
    );
    define(
        host,
        "nwfilter-define",
        "<filter name='a-outer' chain='root'><filterref filter='z-inner'/></filter>",
    );
}

#[test]
fn a_host_is_carried_to_another() {
    let lab = Lab::get();
    let (from, to) = (lab.own_host("export"), lab.own_host("import"));
    // The outer one comes first by its name, and needs the inner one.
    define(
        &from,
        "nwfilter-define",
        "<filter name='z-inner' chain='root'/>",
    );
    furnish(&from);
    from.virsh(&["start", "plain"]);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("out");
    let path = folder.to_str().unwrap();
    well(&virtty(&from, &["export", path]));

    // The same host finds nothing to do, though a domain runs.
    let said = well(&virtty(&from, &["import", path]));
    assert!(said.contains("0 new, 0 changed,"), "{said}");

    let dry = well(&virtty(&to, &["import", "--dry-run", path]));
    assert!(dry.contains("new      secret"), "{dry}");
    assert!(names(&to, &["list"]).is_empty());
    well(&virtty(&to, &["import", path]));
    for list in [&["list"][..], &["net-list"], &["pool-list"]] {
        assert_eq!(names(&from, list), names(&to, list), "{list:?}");
    }
    assert!(to.virsh(&["nwfilter-list"]).contains("a-outer"));
    assert!(to.virsh(&["secret-list"]).contains("client.admin"));
    let again = well(&virtty(&to, &["import", path]));
    assert!(again.contains("0 new, 0 changed,"), "{again}");
}

#[test]
fn passwords_are_neither_written_nor_lost() {
    let lab = Lab::get();
    let host = lab.own_host("passwords");
    let display = "<graphics type='vnc' autoport='yes' listen='127.0.0.1' passwd='hush-9'/>";
    define(&host, "define", &tiny_xml("guarded", display));
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("out");
    let path = folder.to_str().unwrap();
    let file = folder.join("domains/guarded.xml");
    let read = |file: &Path| fs::read_to_string(file).unwrap();
    well(&virtty(&host, &["export", path]));
    assert!(!read(&file).contains("hush-9"));

    // A change by a text without the password keeps the one that is there.
    fs::write(&file, read(&file).replace(">1</vcpu>", ">2</vcpu>")).unwrap();
    let said = well(&virtty(&host, &["import", "--yes", path]));
    assert!(
        said.contains("domain › vcpu: 1 → 2") && !said.contains("hush-9"),
        "{said}"
    );
    let kept = host.virsh(&["dumpxml", "--security-info", "guarded"]);
    assert!(
        kept.contains("passwd='hush-9'") && kept.contains(">2</vcpu>"),
        "{kept}"
    );

    // Whoever asks for it gets it, and is told when it is another.
    well(&virtty(&host, &["export", "--security-info", path]));
    assert!(read(&file).contains("hush-9"));
    let said = well(&virtty(&host, &["import", path]));
    assert!(said.contains("0 changed"), "{said}");
    fs::write(&file, read(&file).replace("hush-9", "loud-7")).unwrap();
    let said = well(&virtty(&host, &["import", "--dry-run", path]));
    assert!(
        said.contains("another password") && !said.contains("loud-7"),
        "{said}"
    );
    well(&virtty(&host, &["import", "--yes", path]));
    assert!(
        host.virsh(&["dumpxml", "--security-info", "guarded"])
            .contains("loud-7")
    );
}
