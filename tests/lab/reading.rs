//! Commands that read, beside virsh's own.

use std::collections::BTreeSet;
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
    let agent = ["domifaddr", guest, "--source", "agent"];
    let addresses = |text: &str| -> BTreeSet<String> {
        let words = text.split_whitespace().filter(|word| word.contains('/'));
        words.map(str::to_owned).collect()
    };
    let (own, theirs) = (virtty(host, &agent), host.virsh(&agent));
    assert!(addresses(&own).len() > 1, "{own}");
    assert_eq!(addresses(&own), addresses(&theirs));
    let (own, theirs) = (
        virtty(host, &["vcpuinfo", guest]),
        host.virsh(&["vcpuinfo", guest]),
    );
    let count = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("VCPU:"))
            .count()
    };
    assert_eq!(count(&own), count(&theirs));
    for (command, device, counter) in [
        ("domblkstat", "vda", "rd_bytes"),
        ("domifstat", "vnet0", "rx_bytes"),
    ] {
        let own = virtty(host, &[command, guest, device]);
        let theirs = host.virsh(&[command, guest, device]);
        let has = |text: &str| {
            words(text)
                .iter()
                .any(|line| line[..2] == [device, counter])
        };
        assert!(has(&own) && has(&theirs), "{own}{theirs}");
    }
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
