//! The page of a host, in the hand.

use std::time::Duration;

use crate::harness::{Sequences, Setup};
use crate::support::affinity::affinity;
use crate::support::lab::Lab;
use crate::support::wait::wait_until;

/// Long enough for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_virtual_cpu_is_pinned_by_keys_and_unpinned_again() {
    let host = Lab::get().own_host("pty-host");
    let domain = host.running("map");
    let pinned = |which: &str| {
        let said = host.virsh(&["vcpupin", &domain.name, "--vcpu", "0", which]);
        said.split_whitespace().last().map(str::to_owned)
    };
    let before = pinned("--live").unwrap();
    let free = affinity(&domain.name, "CPU 0/");
    let mut console = Setup::virtty(&["-c", &host.uri]).size(80, 24).start();
    console.wait_for(&domain.name);
    console.press("H");
    console.wait_for("Hardware virtualization");
    console.press("<Tab>");
    console.wait_for("Topology");
    console.press("<Tab>");
    console.wait_for("vCPU 0");
    // Where it runs is seen, and how busy it is.
    console.wait_for("now on ");
    console.press("l ");
    console.wait_for("++");
    console.press("<Enter>");
    console.wait_for("Pin vCPU 0 of");
    console.wait_for("taskset -cp 1 ");
    console.wait_for("A pin goes along");
    console.press("<Enter>");
    wait_until(PATIENCE, "the pin", || {
        pinned("--live").as_deref() == Some("1")
    });
    wait_until(PATIENCE, "the pin of the next start", || {
        pinned("--config").as_deref() == Some("1")
    });
    assert_eq!(affinity(&domain.name, "CPU 0/").as_deref(), Some("1"));
    // What it did is measured below the map.
    console.wait_for("Before and after");
    console.wait_for("vCPU 0 on CPUs 1, now on 1");
    console.press("u");
    console.wait_for("vcpupin");
    console.press("y");
    wait_until(PATIENCE, "the CPUs from before", || {
        pinned("--live").as_deref() == Some(before.as_str())
    });
    assert_eq!(affinity(&domain.name, "CPU 0/"), free);
    console.press("<Esc><C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
    Sequences::of(&console.raw()).assert_harmless();
}
