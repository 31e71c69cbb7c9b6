//! The lab is what the other tests take it for: its guests answer, and its faults are real ones.

use std::io::Read;
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::lab::{Lab, VNC};
use crate::support::wait::wait_until;

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_guest_is_a_real_one() {
    let lab = Lab::get();
    let host = lab.main();
    let ping = r#"{"execute":"guest-ping"}"#;
    assert_eq!(
        host.virsh(&["qemu-agent-command", lab.guest(), ping])
            .trim(),
        r#"{"return":{}}"#
    );
    let memory = host.virsh(&["dommemstat", lab.guest()]);
    for figure in ["actual", "unused", "available", "usable", "last_update"] {
        assert!(memory.contains(figure), "no {figure} in {memory}");
    }
    let addresses = host.virsh(&["domifaddr", lab.guest(), "--source", "agent"]);
    assert!(addresses.contains("127.0.0.1/8"), "{addresses}");
}

#[test]
fn a_vnc_server_listens_where_the_xml_says() {
    let lab = Lab::get();
    let shown = lab.main().virsh(&["vncdisplay", "vnc-fixed"]);
    let port = lab.fixed_vnc_port();
    assert_eq!(shown.trim(), format!("127.0.0.1:{}", port - 5900));
    let mut greeting = [0; 12];
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"RFB 003.008\n");
}

#[test]
fn the_second_host_is_another_one() {
    let lab = Lab::get();
    let here = virsh_at(lab.uri(), &["capabilities"]);
    let there = virsh_at(lab.uri2(), &["capabilities"]);
    let uuid = |xml: &str| {
        xml.lines()
            .find(|line| line.contains("<uuid>"))
            .map(str::to_owned)
    };
    assert!(uuid(&here).is_some());
    assert_ne!(uuid(&here), uuid(&there));
    assert!(virsh_at(lab.uri2(), &["list", "--name"]).contains("far-1"));
}

#[test]
fn the_read_only_socket_refuses_changes() {
    let lab = Lab::get();
    let output = std::process::Command::new("virsh")
        .args(["--readonly", "--connect", lab.uri_ro(), "destroy", "tiny-1"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("read only access"), "{message}");
}

#[test]
fn a_hung_guest_answers_no_monitor_call_until_it_goes_on() {
    let lab = Lab::get();
    let domain = lab.main().running("hung");
    let hang = domain.hang();
    assert_eq!(domain.state(), "running");
    let mut call = lab
        .main()
        .virsh_command(&["dommemstat", &domain.name])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert!(call.try_wait().unwrap().is_none(), "it answered");
    drop(hang);
    wait_until(LONG, "the call returns", || {
        call.try_wait().unwrap().is_some()
    });
}

#[test]
fn a_killed_guest_is_seen_as_failed() {
    let lab = Lab::get();
    let domain = lab.main().running("crashing");
    domain.crash();
    wait_until(LONG, "the domain is off", || domain.state() == "shut off");
    let reason = lab.main().virsh(&["domstate", "--reason", &domain.name]);
    assert!(
        reason.contains("(failed)") || reason.contains("(crashed)"),
        "{reason}"
    );
}

#[test]
fn guests_outlive_their_daemon() {
    let lab = Lab::get();
    let host = lab.own_host("restarted");
    let domain = host.tiny_with("survivor", VNC);
    domain.start();
    let id = host.virsh(&["domid", &domain.name]);
    host.restart_daemon();
    assert_eq!(host.virsh(&["domid", &domain.name]), id);
    host.kill_daemon();
    assert!(!host.try_virsh(&["list"]).status.success());
    host.start_daemon();
    assert_eq!(host.virsh(&["domid", &domain.name]), id);
}

#[test]
fn a_stopped_daemon_says_nothing_until_it_goes_on() {
    let lab = Lab::get();
    let host = lab.own_host("stopped");
    host.stop_daemon();
    let mut call = host
        .virsh_command(&["uri"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert!(call.try_wait().unwrap().is_none(), "it answered");
    host.continue_daemon();
    wait_until(LONG, "the call returns", || {
        call.try_wait().unwrap().is_some()
    });
}

#[test]
fn a_slow_network_is_slow_and_counts() {
    let lab = Lab::get();
    let proxy = lab.main().proxy(100);
    let start = Instant::now();
    virsh_at(&proxy.uri, &["list", "--name"]);
    assert!(start.elapsed() > Duration::from_millis(300));
    assert!(proxy.round_trips() > 3);
    let before = proxy.round_trips();
    virsh_at(&proxy.tcp_uri, &["uri"]);
    assert!(proxy.round_trips() > before);
}

fn virsh_at(uri: &str, arguments: &[&str]) -> String {
    let output = std::process::Command::new("virsh")
        .args(["--quiet", "--connect", uri])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
