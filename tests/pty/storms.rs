//! Domains and events in numbers that nobody can read, before a person's eyes.

use std::fs;

use crate::harness::{Sequences, Setup};
use crate::support::lab::{Lab, tiny_xml};

#[test]
fn two_hundred_domains_come_and_go_while_sorted_and_filtered() {
    let host = Lab::get().own_host("pty-churn");
    let kept = host.tiny("kept");
    let folder = tempfile::tempdir().unwrap();
    let script = |verb: &dyn Fn(usize) -> String| {
        (0..200)
            .map(|number| verb(number) + "; ")
            .collect::<String>()
    };
    let file = |number: usize| folder.path().join(format!("{number}.xml"));
    for number in 0..200 {
        fs::write(file(number), tiny_xml(&format!("churn-{number}"), "")).unwrap();
    }
    let make = script(&|number| format!("define {}", file(number).display()));
    let remove = script(&|number| format!("undefine churn-{number}"));
    let mut console = Setup::virtty(&["-c", &host.uri]).size(120, 30).start();
    console.wait_for(&kept.name);
    // By CPU, the selection on the one that stays, and but a part of the others shown.
    console.press(">o/churn-1,kept<Enter>");
    console.press("<Esc>/!churn-2<Enter>");
    for _ in 0..3 {
        host.virsh(&[&make]);
        console.wait_for("of 201");
        console.press("oj k ");
        host.virsh(&[&remove]);
        console.wait_until("the one that stays", |screen| {
            screen.has(&kept.name) && !screen.has("churn-1")
        });
    }
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn a_thousand_events_at_once_leave_the_keys_at_work() {
    let host = Lab::get().own_host("pty-storm");
    let domain = host.tiny("storm");
    let mut console = Setup::virtty(&["-c", &host.uri]).size(120, 30).start();
    console.wait_for(&domain.name);
    console.press("E");
    let storm: String = (0..1000)
        .map(|number| format!("desc {} --config --title t{number}; ", domain.name))
        .collect();
    std::thread::scope(|scope| {
        let storm = scope.spawn(|| host.virsh(&[&storm]));
        while !storm.is_finished() {
            console.press("?");
            console.wait_for("Events page");
            console.press("<Esc>");
            console.wait_gone("Events page");
        }
    });
    console.wait_until("all of them", |screen| screen.has("/1000"));
    let log = console.home().path().join("state/virtty/events.log");
    console.wait_until("all of them kept", |_| {
        fs::read_to_string(&log).is_ok_and(|text| text.lines().count() >= 1000)
    });
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
    Sequences::of(&console.raw()).assert_harmless();
}
