//! Many domains at once, and plans, as a person does it.

use crate::harness::{Session, Setup};
use crate::support::lab::{Host, Lab, control, tiny_xml};

/// Domains that are acted on at once.
const MANY: usize = 40;

fn script(verb: impl Fn(usize) -> String) -> String {
    (0..MANY).map(|number| verb(number) + "; ").collect()
}

/// Defines the many.
fn define(host: &Host) {
    let folder = tempfile::tempdir().unwrap();
    let file = |number: usize| folder.path().join(format!("{number}.xml"));
    for number in 0..MANY {
        std::fs::write(file(number), tiny_xml(&format!("many-{number}"), "")).unwrap();
    }
    host.virsh(&[&script(|number| {
        format!("define {}", file(number).display())
    })]);
}

/// How many are in a state, by libvirt.
fn count(host: &Host, option: &str) -> usize {
    let list = host.virsh(&["list", option, "--name"]);
    list.lines().filter(|line| !line.trim().is_empty()).count()
}

/// What is said goes after a while; the list of messages keeps it.
fn told(console: &Session, words: &str) {
    console.press("m");
    console.wait_for(words);
    console.press("<Esc>");
    console.wait_gone(words);
}

/// Forty are not started in the time that one takes.
fn until(host: &Host, option: &str, wanted: usize) {
    let limit = std::time::Duration::from_secs(180);
    let what = format!("{wanted} with {option}");
    crate::support::wait::wait_until(limit, &what, || count(host, option) == wanted);
}

fn leave(mut console: Session) {
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn forty_domains_are_acted_on_while_two_of_them_hang() {
    let host = Lab::get().own_host("pty-many");
    define(&host);
    let console = Setup::virtty(&["-c", &host.uri]).size(120, 50).start();
    console.wait_for("0/40 running");
    console.press("*s");
    until(&host, "--state-running", MANY);
    console.wait_for("40/40 running");
    told(&console, "Start: done for 40 domains");
    for number in [7, 23] {
        control(&["fault", "hang", &format!("many-{number}"), &host.name]);
    }
    console.press("p");
    // All but the two are paused; the table goes on answering.
    until(&host, "--state-paused", MANY - 2);
    console.press("J");
    console.wait_until("both are waited for", |screen| {
        screen.has("many-7 ") && screen.has("many-23 ") && screen.has("asked")
    });
    for number in [7, 23] {
        control(&["fault", "resume", &format!("many-{number}"), &host.name]);
    }
    console.press("<Esc>");
    told(&console, "Pause: done for 40 domains");
    console.press("D");
    console.wait_for("Type 40 to go on");
    console.press("40y");
    until(&host, "--inactive", MANY);
    console.wait_for("0/40 running");
    leave(console);
}

#[test]
fn what_failed_of_many_is_tried_again() {
    let host = Lab::get().own_host("pty-fails");
    define(&host);
    // A file that is not there stops two of them.
    for number in [3, 4] {
        let name = format!("many-{number}");
        let disk = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>\
                    <source file='/nowhere/missing.raw'/><target dev='vda' bus='virtio'/></disk>";
        host.virsh(&["undefine", &name]);
        // It goes with its host.
        std::mem::forget(host.define(&name, &tiny_xml(&name, disk)));
    }
    let console = Setup::virtty(&["-c", &host.uri]).size(120, 50).start();
    console.wait_for("0/40 running");
    console.press("*s");
    until(&host, "--state-running", MANY - 2);
    told(&console, "Start: done for 38 of 40, 2 failed");
    console.press("J");
    console.wait_for("missing.raw");
    for number in [3, 4] {
        let name = format!("many-{number}");
        host.virsh(&["detach-disk", &name, "vda", "--config"]);
    }
    console.press("R");
    console.wait_for("Nothing takes long just now");
    told(&console, "Start: done for 2 domains");
    assert_eq!(count(&host, "--state-running"), MANY);
    leave(console);
    host.virsh(&[&script(|number| format!("destroy many-{number}"))]);
}
