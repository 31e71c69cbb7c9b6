//! The page of a guest's agent and that of QEMU's monitor, in the hand.

use crate::harness::{Session, Setup, leave};
use crate::support::lab::{Lab, control};
use crate::support::wait::wait_for;
use std::time::Duration;

fn console(uri: &str) -> Session {
    let console = Setup::virtty(&["-c", uri]).size(80, 24).start();
    console.wait_for("Running");
    console
}

#[test]
fn a_guest_is_frozen_shown_frozen_and_thawed_on_leaving() {
    let host = Lab::get().own_host("pty-agent");
    control(&["linux", "pty-agent", &host.name]);
    let status = || {
        let ask = [
            "qemu-agent-command",
            "pty-agent",
            "{\"execute\":\"guest-fsfreeze-status\"}",
        ];
        let output = host.try_virsh(&ask);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    wait_for(Duration::from_secs(180), "the agent", || {
        status().contains("thawed").then_some(())
    });
    let console = console(&host.uri);
    console.press("A");
    console.wait_for("virtty lab guest");
    console.wait_for("/mnt");
    console.press("F");
    console.wait_for("Freeze pty-agent?");
    console.press("y");
    console.wait_for("pty-agent is FROZEN");
    wait_for(Duration::from_secs(60), "the guest to freeze", || {
        status().contains("frozen").then_some(())
    });
    console.press("<Esc>");
    console.wait_for("pty-agent is still frozen: thaw it?");
    console.press("<Enter>");
    wait_for(Duration::from_secs(60), "the guest to thaw", || {
        status().contains("thawed").then_some(())
    });
    console.wait_gone("is FROZEN");
    leave(console);
}

#[test]
fn the_monitor_is_talked_to_and_its_history_is_kept_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let host = Lab::get().own_host("pty-monitor");
    let domain = host.running("mon");
    let console = console(&host.uri);
    console.wait_for(&domain.name);
    console.press("<A-q>");
    console.wait_for("not supported by libvirt");
    console.press("info status<Enter>");
    console.wait_for("tainted");
    console.press("y");
    console.wait_for("VM status: running");
    console.press("<C-t>query-status<Enter>");
    console.wait_for("\"running\": true");
    console.press("<Up><Up>");
    console.wait_for("QMP> info status");
    let folder = console.home().path().join("state/virtty");
    let file = folder.join("monitor-history");
    wait_for(Duration::from_secs(30), "the history", || {
        let text = std::fs::read_to_string(&file).ok()?;
        (text == "info status\nquery-status\n").then_some(())
    });
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    console.press("<Esc>");
    console.wait_gone("QEMU monitor of");
    leave(console);
}
