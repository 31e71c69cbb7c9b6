//! Consoles and displays of real guests: from a key through the guest to the screen, beside what others need for it; and what
//! one costs that is merely open.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::ground::Ground;
use crate::process::cpu;
use crate::report::{ROUNDS, Report, least, median, ms};
use crate::support::lab::{Domain, Host, Lab, SERIAL, unique};
use crate::terminal::Console;

/// Keys of a round.
const KEYS: usize = 40;

/// How long a page is watched that merely stands there.
const IDLE: Duration = Duration::from_secs(10);

/// Screens on the wall.
const SCREENS: usize = 20;

/// A display that is reached by a port, which other clients need too.
const VNC: &str = "<graphics type='vnc' autoport='yes' listen='127.0.0.1'/>
    <video><model type='vga' vram='16384'/></video>";

/// See the module's words.
pub fn measure(_: &Ground, report: &mut Report) {
    let host = Lab::get().own_host("bench-consoles");
    let guest = linux(&host);
    serial(&host, &guest, report);
    display(&host, &guest, report);
    idle(&host, &guest, report);
    drop(guest);
    wall(&host, report);
}

/// A Linux guest with a shell on its serial line and one on its screen, running.
fn linux(host: &Host) -> Domain<'_> {
    let folder = Lab::get().folder();
    let name = unique("keys");
    let xml = format!(
        "<domain type='qemu'>
           <name>{name}</name><memory unit='MiB'>96</memory><vcpu>1</vcpu>
           <os><type arch='x86_64' machine='pc'>hvm</type>
             <kernel>{folder}/boot/vmlinuz</kernel><initrd>{folder}/boot/initrd</initrd>
             <cmdline>console=tty0 quiet rdinit=/init virtty.name={name}</cmdline></os>
           <features><acpi/></features>
           <devices>
             <emulator>/usr/bin/qemu-system-x86_64</emulator>
             <controller type='usb' model='none'/><memballoon model='none'/>
             {SERIAL}{VNC}
           </devices>
         </domain>"
    );
    let domain = host.define(&name, &xml);
    domain.start();
    domain
}

fn virtty(host: &Host, words: &[&str]) -> Console {
    let program = env!("CARGO_BIN_EXE_virtty");
    let words = [&["-c", &host.uri], words].concat();
    Console::run(program, &words)
}

/// Waits for the guest's shell, which may be booting.
fn prompt(console: &mut Console) {
    loop {
        console.press("\r");
        console.settle(Duration::from_millis(300));
        if console.last_line().ends_with('#') {
            return;
        }
    }
}

/// Types and takes back; the median of the times until the letter stands behind the prompt, in ms.
fn echoes(console: &mut Console) -> f64 {
    let mut times = Vec::new();
    for _ in 0..KEYS {
        // Not in step with anything.
        console.watch(Duration::from_millis(fastrand::u64(30..70)));
        let pressed = console.press("x");
        let shown = console.until("a letter", |console| console.last_line().ends_with("# x"));
        times.push(ms(shown.duration_since(pressed)));
        console.press("\x7f");
        console.until("its end", |console| console.last_line().ends_with('#'));
    }
    median(&mut times)
}

/// Against `virsh console`, which passes bytes on and draws nothing. A line has one reader, so they take turns.
fn serial(host: &Host, guest: &Domain<'_>, report: &mut Report) {
    let (mut own, mut virsh) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut console = virtty(host, &["console", &guest.name]);
        prompt(&mut console);
        own.push(echoes(&mut console));
        drop(console);
        let words = ["-c", &host.uri, "console", "--force", &guest.name];
        let mut console = Console::run("virsh", &words);
        prompt(&mut console);
        virsh.push(echoes(&mut console));
    }
    let (own, virsh) = (least(own), least(virsh));
    report.line(
        "serial: key through the guest to the screen, to virsh console",
        own / virsh,
        1.2,
        "",
        format!("{own:.1} ms and {virsh:.1} ms"),
    );
}

/// Against libvncclient, which has the picture in memory then and draws nothing.
fn display(host: &Host, guest: &Domain<'_>, report: &mut Report) {
    let mut console = virtty(host, &["view", &guest.name]);
    prompt(&mut console);
    let text = least(
        (0..ROUNDS)
            .map(|_| echoes(&mut console))
            .collect::<Vec<_>>(),
    );
    drop(console);
    let client = match client() {
        Ok(client) => client,
        Err(why) => {
            println!("VNC: not compared with libvncclient: {why}");
            report.line(
                "VNC: key through the guest to the screen",
                text,
                60.0,
                "ms",
                "",
            );
            return;
        }
    };
    let number = host.virsh(&["vncdisplay", &guest.name]);
    let number: u16 = number.trim().rsplit(':').next().unwrap().parse().unwrap();
    let rounds = (0..ROUNDS).map(|_| {
        let output = Command::new(&client)
            .args([&(5900 + number).to_string(), &KEYS.to_string()])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}: {}",
            client.display(),
            output.status
        );
        let mut times: Vec<f64> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| line.parse::<f64>().unwrap() / 1000.0)
            .collect();
        median(&mut times)
    });
    let other = least(rounds.collect::<Vec<_>>());
    report.line(
        "VNC: key through the guest to the screen, to libvncclient",
        text / other,
        2.0,
        "",
        format!("{text:.1} ms, drawn as text, and {other:.1} ms, in memory"),
    );
}

/// The client to be compared with; why there is none.
fn client() -> Result<PathBuf, String> {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/vnc-keys.c");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("vnc-keys");
    let output = Command::new("cc")
        .args([
            "-O2",
            "-o",
            program.to_str().unwrap(),
            source,
            "-lvncclient",
        ])
        .output()
        .map_err(|error| format!("cc: {error}"))?;
    if output.status.success() {
        return Ok(program);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(words.lines().next().unwrap_or_default().to_owned())
}

/// What pages cost while nothing happens but a cursor that blinks.
fn idle(host: &Host, guest: &Domain<'_>, report: &mut Report) {
    for (what, words, keys) in [
        ("a console", ["console", &guest.name], ""),
        ("a display in text mode, as text", ["view", &guest.name], ""),
        ("the same as pixels", ["view", &guest.name], "\x1dt"),
    ] {
        let mut console = virtty(host, &words);
        prompt(&mut console);
        if !keys.is_empty() {
            console.press(keys);
        }
        report.line(
            &format!("CPU of {what} that is merely open, part of a core"),
            resting(&mut console),
            2.0,
            "%",
            "",
        );
    }
}

/// The part of a core that it takes, in percent.
fn resting(console: &mut Console) -> f64 {
    console.watch(Duration::from_secs(3));
    let before = cpu(console.pid());
    console.watch(IDLE);
    ms(cpu(console.pid()) - before) / ms(IDLE) * 100.0
}

/// Screens of guests without an operating system, side by side.
fn wall(host: &Host, report: &mut Report) {
    let all: Vec<_> = (0..SCREENS)
        .map(|_| {
            let domain = host.tiny_with("wall", VNC);
            domain.start();
            domain
        })
        .collect();
    let mut console = virtty(host, &[]);
    console.until("all of them", |console| {
        all.iter().all(|one| console.row_of(&one.name).is_some())
    });
    console.press("W");
    console.until("their screens", |console| {
        console.screen().matches('▀').count() > 100
    });
    report.line(
        &format!("CPU of the wall of {SCREENS} screens, part of a core"),
        resting(&mut console),
        5.0,
        "%",
        "",
    );
}
