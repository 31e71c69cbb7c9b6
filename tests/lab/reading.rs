//! Commands that read, beside virsh's own.

use std::process::Command;

use crate::support::lab::{Host, Lab};

fn virtty(host: &Host, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri])
        .args(words)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The words of each line, without headings and empty lines.
fn words(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().map(|line| line.split_whitespace().collect());
    lines.filter(|line: &Vec<&str>| !line.is_empty()).collect()
}

#[test]
fn what_is_printed_is_what_virsh_prints() {
    let lab = Lab::get();
    let (host, guest) = (lab.main(), lab.guest());
    for command in [
        &["vcpucount", guest][..],
        &["domcontrol", guest],
        &["ttyconsole", guest],
        &["domid", guest],
        &["domuuid", guest],
        &["domstate", guest, "--reason"],
    ] {
        let (own, theirs) = (virtty(host, command), host.virsh(command));
        assert_eq!(words(&own), words(&theirs), "{command:?}");
    }
    let lease = ["domifaddr", guest, "--source", "lease"];
    let (own, theirs) = (virtty(host, &lease), host.virsh(&lease));
    let address = |line: &Vec<&str>| line.get(3).map(|word| (*word).to_owned());
    let of = |text: &str| words(text).iter().filter_map(address).collect::<Vec<_>>();
    let found = of(&own);
    assert_eq!(found.last(), of(&theirs).last(), "{own}{theirs}");
    assert!(found.last().is_some_and(|last| last.contains('/')), "{own}");
    // Figures move between two calls; their names do not.
    let names = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines.map(|(name, _)| name.trim().to_owned()).collect()
    };
    let stats = ["domstats", guest];
    let (own, theirs) = (virtty(host, &stats), host.virsh(&stats));
    assert!(names(&own).len() > 20, "{own}");
    assert_eq!(names(&own), names(&theirs));
}
