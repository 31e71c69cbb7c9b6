//! Displays of real guests.

use std::time::Duration;

use crate::harness::{Session, Setup};
use crate::support::lab::{Domain, Host, Lab, SERIAL, VNC as VNC_OF_TINY, unique};
use crate::support::ssh::SshHost;
use crate::support::wait::{BOOT, wait_until};

/// A Linux guest with a shell on its screen, and these devices.
fn guest<'a>(host: &'a Host, devices: &str) -> Domain<'a> {
    let folder = Lab::get().folder();
    let name = unique("display");
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
             <video><model type='vga' vram='16384'/></video>
             {devices}
           </devices>
         </domain>"
    );
    let domain = host.define(&name, &xml);
    domain.start();
    domain
}

const VNC: &str = "<graphics type='vnc' autoport='yes' listen='127.0.0.1'/>";

/// Presses Enter until the guest's shell asks for a command on its screen.
fn prompt(console: &Session) {
    wait_until(BOOT, "a prompt of the guest", || {
        console.press("<Enter>");
        let screen = console.quiet(Duration::from_millis(300));
        (1..screen.rows.len() - 1).any(|line| screen.line(line).trim().ends_with("/ #"))
    });
}

fn view(uri: &str, name: &str) -> Session {
    Setup::virtty(&["-c", uri, "view", name])
        .size(100, 30)
        .start()
}

fn leave(mut console: Session) {
    console.press("<C-]>d");
    console.wait_for("Memory");
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn the_screen_of_a_guest_is_text_and_keys_reach_it() {
    let host = Lab::get().own_host("pty-display");
    let domain = guest(&host, VNC);
    let console = view(&host.uri, &domain.name);
    console.wait_for("VNC");
    prompt(&console);
    console.wait_for("text 80x25");
    console.press("echo a$((6*7))b |tr a-z A-Z<Enter>");
    console.wait_for("A42B");

    // As a picture there are no letters, and back there are.
    console.press("<C-]>t");
    console.wait_gone("A42B");
    console.wait_for("720x400");
    console.press("<C-]>t");
    console.wait_for("A42B");

    // A reset under an open display.
    host.virsh(&["reset", &domain.name]);
    console.wait_gone("A42B");
    prompt(&console);

    // The guest goes, and comes back.
    host.virsh(&["destroy", &domain.name]);
    console.wait_for("the domain is off");
    domain.start();
    prompt(&console);
    leave(console);
}

#[test]
fn a_command_typed_on_the_screen_is_what_the_agent_finds() {
    let lab = Lab::get();
    let (host, guest) = (lab.main(), lab.guest());
    let console = view(lab.uri(), guest);
    prompt(&console);
    let file = format!("/tmp/{}", unique("typed"));
    console.press(&format!("echo -n seen >{file}<Enter>"));
    let open =
        format!(r#"{{"execute":"guest-file-open","arguments":{{"path":"{file}","mode":"r"}}}}"#);
    wait_until(Duration::from_secs(30), "the file in the guest", || {
        host.try_virsh(&["qemu-agent-command", guest, &open])
            .status
            .success()
    });
    console.press(&format!("rm {file}<Enter>clear<Enter>"));
    leave(console);
}

#[test]
fn a_display_with_a_password_asks_for_it() {
    let lab = Lab::get();
    // libvirt passes no descriptors over TCP: the display itself is asked.
    let console = view(lab.uri_tcp(), "vnc-password");
    console.wait_for("it wants a password");
    console.press("wrong<Enter>");
    console.wait_for("was not taken");
    console.press("lab-pass<Enter>");
    console.wait_gone("Password");
    console.wait_for("VNC");
    console.wait_for("SeaBIOS");
    leave(console);
}

#[test]
fn over_ssh_a_display_costs_no_login_of_its_own() {
    let ssh = SshHost::up("pty-ssh-display");
    let domain = ssh.host.tiny_with("shown", VNC_OF_TINY);
    domain.start();
    let console = view(&ssh.by_key(), &domain.name);
    console.wait_for("· VNC");
    console.wait_for("SeaBIOS");
    // Keys go there too: a reset by the three of them writes the screen anew, and the session lasts.
    console.press("<C-]>s<Enter>");
    console.wait_for("SeaBIOS");
    console.press("<C-]>r");
    console.wait_for("· VNC");
    assert_eq!(ssh.logins(), 1);
    leave(console);
}

#[test]
fn without_vnc_there_are_pictures_and_keys() {
    let host = Lab::get().own_host("pty-pictures");
    let domain = guest(&host, "");
    let console = view(&host.uri, &domain.name);
    console.wait_for("no display that can be reached");
    prompt(&console);
    console.press("echo a$((6*7))b<Enter>");
    console.wait_for("a42b");

    // A text is typed by libvirt's keys, those behind Shift among them.
    console.press("<C-]>v");
    console.wait_for("key by key");
    console.press("echo \"[{}]|~^\" |tr '[' '(' ; seq $((1+4)) -2 1<Enter>");
    console.wait_for("-2 1");
    console.press("<Enter>");
    console.wait_for("({}]|~^");

    // What no key types is asked about before anything is.
    console.press("<C-]>v");
    console.wait_for("key by key");
    console.press("aéb<Enter>");
    console.wait_for("has no key for: é");
    console.press("n");
    console.wait_gone("has no key for");
    leave(console);
}

#[test]
fn a_guest_that_is_killed_saved_and_started_again_is_seen_again() {
    let host = Lab::get().own_host("pty-comes-back");
    let domain = guest(&host, VNC);
    let console = view(&host.uri, &domain.name);
    prompt(&console);

    // In the middle of whatever was sent.
    domain.crash();
    console.wait_for("the domain is off");
    domain.start();
    // What it showed before stays until there is something new.
    console.wait_gone("/ #");
    prompt(&console);
    assert!(!console.screen().has("not VNC"));

    console.press("clear; echo ke$((1+1))pt<Enter>");
    console.wait_for("ke2pt");
    host.virsh(&["managedsave", &domain.name]);
    console.wait_for("the domain is off");
    domain.start();
    console.wait_for("VNC");
    console.wait_for("ke2pt");

    host.virsh(&["suspend", &domain.name]);
    console.wait_for("Paused");
    host.virsh(&["resume", &domain.name]);
    console.wait_gone("Paused");

    // The daemon goes and comes back; what is typed then is read by its new connection.
    host.kill_daemon();
    host.start_daemon();
    console.press("clear; echo dae$((3+3))mon<Enter>");
    console.wait_for("dae6mon");
    leave(console);
}

#[test]
fn a_domain_that_moves_to_another_open_host_is_seen_there() {
    let lab = Lab::get();
    let (from, to) = (lab.own_host("pty-from"), lab.own_host("pty-to"));
    let domain = from.tiny_with("moves", VNC_OF_TINY);
    domain.start();
    let console = Setup::virtty(&["-c", &from.uri, "-c", &to.uri, "view", &domain.name])
        .size(100, 30)
        .start();
    console.wait_for("SeaBIOS");
    let words = [
        "migrate",
        "--live",
        &domain.name,
        &to.uri,
        "tcp://127.0.0.1",
    ];
    from.virsh(&words);
    // Its session has ended with the QEMU that it was, and nobody but the other host can read its text now.
    console.press("<C-]>t");
    console.wait_gone("SeaBIOS");
    console.wait_for("720x400");
    console.press("<C-]>t");
    console.wait_for("SeaBIOS");
    console.press("<C-]>d");
    console.wait_for("Memory");
    console.press("m");
    console.wait_for("and is looked at there");
    console.press("q");
    leave(console);
    to.virsh(&["destroy", &domain.name]);
}

#[test]
fn a_console_stands_beside_the_display_and_another_viewer_is_named() {
    let host = Lab::get().own_host("pty-split");
    let domain = guest(&host, &format!("{VNC}{SERIAL}"));
    let console = Setup::virtty(&["-c", &host.uri, "view", &domain.name])
        .size(180, 40)
        .start();
    prompt(&console);
    let other = view(&host.uri, &domain.name);
    other.wait_for("text 80x25");
    console.wait_for("shared with");
    leave(other);
    console.wait_gone("shared with");

    console.press("<C-]>C");
    console.wait_for("attached");
    let left = |console: &Session| {
        let screen = console.screen();
        (1..screen.rows.len() - 1)
            .map(|line| screen.line(line).chars().take(80).collect::<String>())
            .any(|line| line.trim_end().ends_with('#'))
    };
    wait_until(BOOT, "a prompt on the line", || {
        console.press("<Enter>");
        console.quiet(Duration::from_millis(300));
        left(&console)
    });
    // Keys go to the one that has them.
    console.press("echo se$((2+2))rial >/dev/ttyS0<Enter>");
    console.wait_for("se4rial");
    console.press("<C-]>n");
    console.press("clear; echo scr$((3+3))een<Enter>");
    console.wait_for("scr6een");
    // The table beside, and away again.
    console.press("<C-]>W");
    console.wait_for("State");
    console.press("<C-]>W");
    console.wait_gone("State");
    console.press("<C-]>q");
    console.wait_gone("scr6een");
    console.wait_for("se4rial");
    let mut console = console;
    console.press("<C-]>q");
    console.wait_for("Memory");
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn a_screen_is_saved_into_a_file() {
    let lab = Lab::get();
    let setup = Setup::virtty(&["-c", lab.uri(), "view", lab.guest()]).size(100, 30);
    let path = setup.home().path().join("screen.png");
    let console = setup.start();
    console.wait_for("VNC");
    prompt(&console);
    console.press("<C-]>P");
    console.wait_for("PNG file");
    console.press("<C-u>");
    console.press(&format!("{}<Enter>", path.display()));
    console.wait_for("is in");
    let bytes = std::fs::read(&path).unwrap();
    let picture = virtty::display::Picture::read(&bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (720, 400));
    leave(console);
}

#[test]
fn the_wall_shows_every_running_screen() {
    let lab = Lab::get();
    let console = Setup::virtty(&["-c", lab.uri()]).size(200, 50).start();
    console.wait_for("tiny-1");
    console.press("W");
    let screen = console.wait_until("screens", |screen| {
        screen.has("guest-1") && screen.text().contains('▀')
    });
    assert!(!screen.has("off-01"));
    let mut console = console;
    console.press("<Esc>");
    console.wait_for("Memory");
    console.press("q");
    assert_eq!(console.code(), 0);
}
