//! Real daemons and real guests, acted on and broken before a person's eyes.

use alacritty_terminal::vte::ansi::Color;

use crate::harness::{PATIENCE, Screen, Session, Setup, leave, process};
use crate::support::lab::{Lab, VNC, control};
use crate::support::ssh::{PASSWORD, SshHost};
use crate::support::wait::wait_until;

/// The console on hosts, its table filled.
fn console(uris: &[&str], more: &[&str]) -> Session {
    let connect = uris.iter().flat_map(|uri| ["-c", uri]);
    let arguments: Vec<_> = connect.chain(more.iter().copied()).collect();
    Setup::virtty(&arguments).size(120, 30).start()
}

/// The row of a domain.
#[track_caller]
fn row(screen: &Screen, name: &str) -> String {
    screen.line_with(&format!(" {name} "))
}

/// Waits until the row of a domain says something.
#[track_caller]
fn wait_row(console: &Session, name: &str, text: &str) -> Screen {
    console.wait_until(&format!("{name}: {text}"), |screen| {
        (0..screen.rows.len())
            .map(|line| screen.line(line))
            .any(|line| line.contains(&format!(" {name} ")) && line.contains(text))
    })
}

/// Moves the selection to a domain.
#[track_caller]
fn select(console: &Session, name: &str) {
    wait_row(console, name, "");
    console.press("g");
    for _ in 0..60 {
        let screen = console.quiet(std::time::Duration::from_millis(30));
        if screen.line_with("▌").contains(&format!(" {name} ")) {
            return;
        }
        console.press("j");
    }
    panic!("{name} cannot be selected");
}

#[test]
fn a_guest_is_started_paused_resumed_and_forced_off_by_keys() {
    let host = Lab::get().own_host("pty-acts");
    let domain = host.tiny_with("acts", VNC);
    let name = domain.name.as_str();
    let console = console(&[&host.uri], &[]);
    select(&console, name);
    console.press("s");
    let screen = wait_row(&console, name, "vnc 127.0.0.1:");
    assert!(row(&screen, name).contains("Running"), "{}", screen.text());
    console.wait_for(&format!("{name} was started"));
    console.press("p");
    wait_row(&console, name, "Paused");
    assert_eq!(domain.state(), "paused");
    console.press("u");
    wait_row(&console, name, "Running");
    // Not legal now, and said to be so.
    console.press("s");
    console.wait_for(&format!("Start of {name}"));
    // The question names the target and the command, and No is what Enter chooses.
    console.press("D");
    let screen = console.wait_for(&format!("Force Off {name}?"));
    let command = format!("destroy -- {name}");
    assert!(
        screen.has(&command) && screen.has("virsh -c "),
        "{}",
        screen.text()
    );
    console.press("<Enter>");
    console.wait_gone(&command);
    assert_eq!(domain.state(), "running");
    console.press("D");
    console.wait_for(&command);
    console.press("y");
    let screen = wait_row(&console, name, "Shutoff");
    // A guest that is off listens nowhere.
    assert!(!row(&screen, name).contains("vnc"), "{}", screen.text());
    assert_eq!(domain.state(), "shut off");
    leave(console);
}

#[test]
fn what_others_do_is_seen_by_events() {
    let host = Lab::get().own_host("pty-events");
    let (domain, other) = (host.running("seen"), host.tiny("other"));
    let console = console(&[&host.uri], &[]);
    wait_row(&console, &domain.name, "Running");
    for (command, state) in [
        ("suspend", "Paused"),
        ("resume", "Running"),
        ("destroy", "Shutoff"),
    ] {
        host.virsh(&[command, &domain.name]);
        wait_row(&console, &domain.name, state);
    }
    host.virsh(&["undefine", &domain.name]);
    console.wait_gone(&format!(" {} ", domain.name));
    // The selection has moved to the neighbour.
    let screen = console.quiet(std::time::Duration::from_millis(50));
    assert!(
        screen.line_with("▌").contains(&other.name),
        "{}",
        screen.text()
    );
    leave(console);
}

#[test]
fn a_guest_that_is_asked_to_shut_down_does_so_by_itself() {
    let host = Lab::get().own_host("pty-linux");
    control(&["linux", "linux-1", &host.name]);
    let console = console(&[&host.uri], &[]);
    select(&console, "linux-1");
    wait_until(PATIENCE, "the guest has booted", || {
        let ping = r#"{"execute":"guest-ping"}"#;
        host.try_virsh(&["qemu-agent-command", "linux-1", ping])
            .status
            .success()
    });
    console.press("d");
    let screen = console.wait_for("was asked to shut down; its guest decides");
    // An answered request is not a guest that is off.
    assert!(
        row(&screen, "linux-1").contains("Running"),
        "{}",
        screen.text()
    );
    wait_row(&console, "linux-1", "Shutoff");
    leave(console);
}

#[test]
fn read_only_is_shown_and_refuses() {
    let lab = Lab::get();
    for (uri, more) in [(lab.uri(), &["-r"][..]), (lab.uri_ro(), &["--readonly"])] {
        let console = console(&[uri], more);
        select(&console, "tiny-1");
        let screen = console.screen();
        assert!(screen.line(0).contains("read-only"), "{}", screen.text());
        let hints = screen.line(29);
        for hint in ["Shut Down", "Force Off", "Pause"] {
            assert!(!hints.contains(hint), "{hints}");
        }
        for key in ["d", "D", "p", "b", "B"] {
            console.press(key);
            let screen = console.wait_for("open read-only");
            assert!(!screen.has("virsh"), "{}", screen.text());
        }
        // Looking is allowed.
        console.press("y");
        console.wait_for("Copy from tiny-1");
        console.press("<Esc>");
        leave(console);
    }
}

#[test]
fn one_guest_that_hangs_disturbs_no_other() {
    let host = Lab::get().own_host("pty-hang");
    let domains: Vec<_> = ["h1", "h2", "h3", "h4"]
        .map(|purpose| host.running(purpose))
        .into();
    let console = console(&[&host.uri], &[]);
    for domain in &domains {
        wait_row(&console, &domain.name, "Running");
    }
    let victim = domains[1].name.as_str();
    let hang = domains[1].hang();
    let screen = wait_row(&console, victim, "ot responding (");
    for domain in domains.iter().filter(|domain| domain.name != victim) {
        let row = row(&screen, &domain.name);
        assert!(
            row.contains("Running") && !row.contains("responding"),
            "{row}"
        );
    }
    // Keys, and actions on others.
    console.press("?");
    console.wait_for("─ Keys ─");
    console.press("<Esc>");
    select(&console, &domains[2].name);
    console.press("p");
    wait_row(&console, &domains[2].name, "Paused");
    // What would wait is asked first, with the reason.
    select(&console, victim);
    console.press("D");
    let screen = console.wait_for("has not answered for");
    assert!(screen.has("virsh -c "), "{}", screen.text());
    console.press("<Esc>");
    drop(hang);
    console.wait_until("it is back", |screen| {
        let row = row(screen, victim);
        row.contains("Running") && !row.contains("responding")
    });
    leave(console);
}

/// The colour of a row's name.
fn colour(screen: &Screen, name: &str) -> Color {
    let line = screen.number_of(&format!(" {name} "));
    let text = screen.line(line);
    let column = text[..text.find(name).unwrap()].chars().count();
    screen.rows[line][column].fg
}

#[test]
fn rows_of_a_lost_host_stay_with_their_age_and_it_comes_back_by_itself() {
    let host = Lab::get().own_host("pty-lost");
    let domains: Vec<_> = ["l1", "l2", "l3"]
        .map(|purpose| host.running(purpose))
        .into();
    let console = console(&[&host.uri], &[]);
    select(&console, &domains[1].name);
    let fresh = colour(&console.screen(), &domains[0].name);
    host.kill_daemon();
    let screen = console.wait_until("lost", |screen| {
        screen.line(0).contains("Lost (retrying") && screen.text().contains(" old")
    });
    let screen = if screen.text().contains("stale") {
        screen
    } else {
        console.wait_for("stale, ")
    };
    for domain in &domains {
        row(&screen, &domain.name);
    }
    assert!(
        screen.line_with("▌").contains(&domains[1].name),
        "{}",
        screen.text()
    );
    assert_ne!(colour(&screen, &domains[0].name), fresh, "greyed");
    console.press("s");
    console.wait_for("is not connected");
    host.start_daemon();
    let screen = console.wait_until("back", |screen| {
        screen.line(0).contains("Active") && !screen.text().contains("stale")
    });
    assert!(
        screen.line_with("▌").contains(&domains[1].name),
        "{}",
        screen.text()
    );
    for domain in &domains {
        wait_row(&console, &domain.name, "Running");
    }
    leave(console);
}

#[test]
fn a_daemon_that_stands_still_does_not_delay_the_end() {
    let host = Lab::get().own_host("pty-still");
    let domain = host.running("still");
    let mut console = console(&[&host.uri], &[]);
    select(&console, &domain.name);
    host.stop_daemon();
    console.wait_for("Not responding (");
    console.press("?");
    console.wait_for("─ Keys ─");
    console.press("<Esc>");
    console.wait_gone("─ Keys ─");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
    host.continue_daemon();
}

#[test]
fn two_hosts_are_one_table() {
    let lab = Lab::get();
    let console = console(&[lab.uri(), lab.uri2()], &["-r"]);
    let screen = console.wait_until("both", |screen| {
        screen.has(" far-1 ") && screen.has(" guest-1 ")
    });
    assert!(
        screen.line(0).contains("Active") && screen.line(1).contains("Active"),
        "{}",
        screen.text()
    );
    leave(console);
}

#[test]
fn a_password_is_typed_into_a_dialog_and_no_key_is_taken_by_ssh() {
    let ssh = SshHost::up("pty-ssh");
    let domain = ssh.host.running("rides");
    let console = console(&["test:///default", &ssh.by_password()], &[]);
    console.wait_for("assword");
    console.press(PASSWORD);
    let screen = console.quiet(std::time::Duration::from_millis(100));
    assert!(!screen.text().contains(PASSWORD), "{}", screen.text());
    console.press("<Enter>");
    wait_row(&console, &domain.name, "Running");
    // Every key arrives, while ssh lives on in the background.
    let pid = console.pid();
    assert!(!process::children(pid, "ssh").is_empty());
    let typed: String = ('a'..='z').cycle().take(78).collect();
    console.press(&format!("/{typed}"));
    console.wait_for(&typed);
    console.press("<Esc>");
    let raw = String::from_utf8(console.raw()).unwrap();
    assert!(!raw.contains(PASSWORD));
    assert!(!console.home().log().contains(PASSWORD));
    let children = process::children(pid, "ssh");
    leave(console);
    // Nothing is left of it.
    wait_until(PATIENCE, "ssh ends too", || {
        children.iter().all(|pid| process::is_gone(*pid))
    });
}
