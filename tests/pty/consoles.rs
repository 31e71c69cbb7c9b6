//! Serial consoles of real guests.

use std::time::Duration;

use crate::harness::{Sequences, Session, Setup};
use crate::support::lab::{Domain, Host, Lab, SERIAL, unique};
use crate::support::wait::{BOOT, wait_until};

/// A Linux guest with a shell on its serial line, running.
fn guest(host: &Host) -> Domain<'_> {
    let folder = Lab::get().folder();
    let name = unique("console");
    let xml = format!(
        "<domain type='qemu'>
           <name>{name}</name>
           <memory unit='MiB'>96</memory>
           <vcpu>1</vcpu>
           <os><type arch='x86_64' machine='pc'>hvm</type>
             <kernel>{folder}/boot/vmlinuz</kernel><initrd>{folder}/boot/initrd</initrd>
             <cmdline>console=tty0 quiet rdinit=/init virtty.name={name}</cmdline></os>
           <features><acpi/></features>
           <devices>
             <emulator>/usr/bin/qemu-system-x86_64</emulator>
             <controller type='usb' model='none'/>
             <memballoon model='none'/>
             {SERIAL}
           </devices>
         </domain>"
    );
    let domain = host.define(&name, &xml);
    domain.start();
    domain
}

/// virtty with the console of the only domain in front.
fn console(host: &Host, name: &str) -> Session {
    let console = Setup::virtty(&["-c", &host.uri]).size(100, 30).start();
    console.wait_for(name);
    console.press("c");
    console
}

#[test]
fn a_start_may_lead_to_the_console_of_a_domain() {
    let host = Lab::get().own_host("pty-arrives");
    let domain = guest(&host);
    let console = Setup::virtty(&["-c", &host.uri, "console", &domain.name])
        .size(100, 30)
        .start();
    prompt(&console);
    leave(console);
    let mut console = Setup::virtty(&["-c", &host.uri, "console", "nosuch"]).start();
    console.wait_for("There is no domain 'nosuch'");
    console.wait_for(&domain.name);
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
}

/// Presses Enter until the guest's shell asks for a command.
fn prompt(console: &Session) {
    console.wait_for("attached");
    let last = |console: &Session| {
        let screen = console.quiet(Duration::from_millis(200));
        let lines: Vec<_> = (0..screen.rows.len() - 1)
            .map(|line| screen.line(line))
            .collect();
        lines
            .iter()
            .rev()
            .find(|line| !line.trim().is_empty())
            .cloned()
    };
    wait_until(BOOT, "a prompt of the guest", || {
        console.press("<Enter>");
        last(console).is_some_and(|line| line.trim_end().ends_with('#'))
    });
}

#[test]
fn a_shell_answers_an_editor_is_drawn_and_a_flood_stops_nothing() {
    let host = Lab::get().own_host("pty-console");
    let domain = guest(&host);
    let console = console(&host, &domain.name);
    prompt(&console);
    console.press("echo a$((1+1))b<Enter>");
    console.wait_for("a2b");

    console.press("vi /init<Enter>");
    let screen = console.wait_until("an editor", |screen| screen.has("/init 1/"));
    assert!(
        screen.line(1).starts_with("#!/bin/busybox sh"),
        "{}",
        screen.text()
    );
    console.press(":q<Enter>");
    console.wait_gone("#!/bin/busybox sh");

    console.press("yes<Enter>");
    console.wait_until("a flood", |screen| {
        (2..20).all(|line| screen.line(line).trim() == "y")
    });
    // The guest goes on writing; the table answers all the same.
    console.press("<C-]>d");
    console.wait_for("Memory");
    console.press("c");
    console.wait_for("attached");
    console.press("<C-c>");
    prompt(&console);

    leave(console);
}

#[test]
fn a_console_is_taken_over_and_survives_a_restart_of_its_domain() {
    let host = Lab::get().own_host("pty-takes");
    let domain = guest(&host);
    let first = console(&host, &domain.name);
    prompt(&first);
    let second = console(&host, &domain.name);
    second.wait_for("in use by somebody else");
    second.press("<C-]>f");
    second.wait_for("over?");
    second.press("y");
    prompt(&second);
    second.press("echo mi$((6*7))ne<Enter>");
    second.wait_for("mi42ne");

    // Who lost it is told, and leaves.
    first.wait_for("in use by somebody else");
    leave(first);
    host.virsh(&["destroy", &domain.name]);
    second.wait_for("attaches when it starts");
    host.virsh(&["start", &domain.name]);
    prompt(&second);
    leave(second);
}

#[test]
fn a_console_says_that_its_daemon_went_and_comes_back_with_it() {
    let host = Lab::get().own_host("pty-daemon");
    let domain = guest(&host);
    let console = console(&host, &domain.name);
    prompt(&console);
    host.kill_daemon();
    console.wait_for("not attached");
    host.start_daemon();
    prompt(&console);
    console.press("echo ba$((4+4))ck<Enter>");
    console.wait_for("ba8ck");
    leave(console);
}

/// What a real guest says through its line, byte by byte.
#[test]
fn nothing_that_a_guest_sends_reaches_the_terminal() {
    let hostile: [&[u8]; 16] = [
        b"\x1b]52;c;aGk=\x07",
        b"\x1b]0;title\x07\x1b]2;t\x1b\\",
        b"\x1b]8;;http://host/\x1b\\link\x1b]8;;\x1b\\",
        b"\x1b]1337;File=inline=1:AAAA\x07\x1b]9;n\x07\x1b]777;notify;a;b\x07",
        b"\x1b[c\x1b[>c\x1b[5n\x1b[6n\x1b[>q\x1b[21t\x1b[?u\x05\x1bZ",
        b"\x1bP+q544e\x1b\\\x1bP$qm\x1b\\\x1bPq#0~~\x1b\\",
        b"\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\",
        b"\x1b_Ga=T,f=24,s=1,v=1;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",
        b"\x1b[>1u\x1b[=31;1u\x1b[>4;2m\x1b[?1004h\x1b[?1016h\x1b[?9001h",
        b"\x1b[8;9;9t\x1b[3;0;0t\x1b[5i\x1b[4i\x1b#8\x1b[?5h\x1b[?5l",
        b"\x9b31m\x9d0;t\x9c\x90q\x9c\x9fG\x9c\x9ep\x9c\x98s\x9c",
        "\u{9b}31m\u{9d}0;t\u{9c}\u{90}q\u{9c}".as_bytes(),
        b"\xc0\x9b]52;c;aGk=\x07\xe0\x80\x9b]0;t\x07\xf4\x90\x80\x80\xed\xa0\x80",
        "a\u{202e}b\u{2066}c\u{200b}d\u{feff}e\u{e000}f\u{2028}g".as_bytes(),
        b"\x1b]0;never ended \x1b[31",
        b"\x18\x1b[0m\x0f\x1b[?25h",
    ];
    let host = Lab::get().own_host("pty-hostile");
    let domain = guest(&host);
    let console = console(&host, &domain.name);
    prompt(&console);
    console.press("stty -echo<Enter>");
    console.quiet(Duration::from_millis(500));
    for (number, bytes) in hostile.iter().enumerate() {
        let octal: String = bytes.iter().map(|byte| format!("\\0{byte:03o}")).collect();
        console.press(&format!("echo -ne '{octal}'<Enter>"));
        console.press(&format!("echo; echo zz pa$(({number}+1))ssed<Enter>"));
        console.wait_for(&format!("pa{}ssed", number + 1));
    }
    console.press("reset; stty sane<Enter>");
    // Looked at, searched and copied, it is as harmless.
    console.press("<C-]>[<PgUp><Esc>");
    leave(console);
}

#[track_caller]
fn leave(mut console: Session) {
    console.press("<C-]>d");
    console.wait_for("Memory");
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
    Sequences::of(&console.raw()).assert_harmless();
}
