//! The lab from Rust: real libvirt hosts with real guests, started by `make lab` or by `make test` itself.
//!
//! [`Lab::get`] finds the running lab and panics when there is none: a test that needs it fails, it never skips.
//! Tests read the furniture of the lab's first host (`guest-1`, `tiny-1` … : tests/lab/README.md), and make
//! domains of their own for whatever they change. Whatever hurts a daemon happens on an [`OwnHost`], which costs
//! a third of a second and disturbs nobody.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio, id};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The lab that is up, by its variables.
pub struct Lab {
    variables: BTreeMap<String, String>,
    main: Host,
}

impl Lab {
    /// The running lab.
    ///
    /// # Panics
    ///
    /// When none is up.
    #[track_caller]
    pub fn get() -> &'static Self {
        static LAB: OnceLock<Lab> = OnceLock::new();
        LAB.get_or_init(|| {
            let output = control_raw(&["env"]);
            assert!(
                output.status.success(),
                "this test needs the lab: run `make lab` first, or everything by `make test`\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let variables = parse_variables(&String::from_utf8_lossy(&output.stdout));
            let main = Host {
                name: "host1".to_owned(),
                uri: variables["VIRTTY_LAB_URI"].clone(),
            };
            let lab = Self { variables, main };
            let answer = lab.main.try_virsh(&["uri"]);
            assert!(
                answer.status.success(),
                "the lab's daemon does not answer: run `make lab-down lab`\n{}",
                String::from_utf8_lossy(&answer.stderr)
            );
            lab
        })
    }

    /// The first host, furnished and shared by all tests: look, and leave its domains as they are.
    pub fn main(&self) -> &Host {
        &self.main
    }

    /// Where the lab keeps its hosts, and the kernel of its guests under `boot`.
    pub fn folder(&self) -> &str {
        &self.variables["VIRTTY_LAB_DIR"]
    }

    /// URI of the first host.
    pub fn uri(&self) -> &str {
        &self.main.uri
    }

    /// URI of the first host's read-only socket.
    pub fn uri_ro(&self) -> &str {
        &self.variables["VIRTTY_LAB_URI_RO"]
    }

    /// URI of the first host over TCP on a loopback address.
    pub fn uri_tcp(&self) -> &str {
        &self.variables["VIRTTY_LAB_URI_TCP"]
    }

    /// URI of the second host, which is another machine as far as libvirt can tell.
    pub fn uri2(&self) -> &str {
        &self.variables["VIRTTY_LAB_URI2"]
    }

    /// Name of the Linux guest with agent, balloon, power button, serial console and VNC.
    pub fn guest(&self) -> &str {
        &self.variables["VIRTTY_LAB_GUEST"]
    }

    /// The port that `vnc-fixed` asks for in its XML.
    pub fn fixed_vnc_port(&self) -> u16 {
        self.variables["VIRTTY_LAB_VNC_FIXED"].parse().unwrap()
    }

    /// An empty host of the test's own, to be broken. Gone with all its guests when dropped.
    pub fn own_host(&self, purpose: &str) -> OwnHost {
        self.own_host_of(purpose, "open")
    }

    /// Like [`Lab::own_host`], with a daemon that lets clients in by `polkit`, `sasl` or `tls`.
    pub fn own_host_of(&self, purpose: &str, flavour: &str) -> OwnHost {
        let name = unique(purpose);
        let uri = control(&["daemon", "up", &name, flavour]);
        let uri = uri.trim().to_owned();
        OwnHost(Host { name, uri })
    }
}

/// One libvirt host of the lab.
pub struct Host {
    /// What the lab's commands call it.
    pub name: String,
    /// How libvirt reaches it.
    pub uri: String,
}

impl Host {
    /// `virsh` on this host; panics with its message when it fails.
    #[track_caller]
    pub fn virsh(&self, arguments: &[&str]) -> String {
        let output = self.try_virsh(arguments);
        assert!(
            output.status.success(),
            "virsh {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// `virsh` on this host, whatever becomes of it. Waits as long as libvirt does.
    pub fn try_virsh(&self, arguments: &[&str]) -> Output {
        self.virsh_command(arguments).output().unwrap()
    }

    /// `virsh` on this host, to be started by the caller.
    pub fn virsh_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("virsh");
        command
            .args(["--quiet", "--connect", &self.uri])
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command
    }

    /// Defines a domain from a document that carries its name.
    #[track_caller]
    pub fn define(&self, name: &str, xml: &str) -> Domain<'_> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), xml).unwrap();
        self.virsh(&["define", file.path().to_str().unwrap()]);
        Domain {
            host: self,
            name: name.to_owned(),
        }
    }

    /// Defines a domain without an operating system, off, under a name nobody else has.
    #[track_caller]
    pub fn tiny(&self, purpose: &str) -> Domain<'_> {
        self.tiny_with(purpose, USER_NIC)
    }

    /// Like [`Host::tiny`], with these devices.
    #[track_caller]
    pub fn tiny_with(&self, purpose: &str, devices: &str) -> Domain<'_> {
        let name = unique(purpose);
        self.define(&name, &tiny_xml(&name, devices))
    }

    /// [`Host::tiny`], running.
    #[track_caller]
    pub fn running(&self, purpose: &str) -> Domain<'_> {
        let domain = self.tiny(purpose);
        domain.start();
        domain
    }

    /// A network in front of this host, each answer late by `delay_ms`.
    pub fn proxy(&self, delay_ms: u32) -> Proxy {
        let name = unique("proxy");
        let uris = control(&["proxy", "up", &name, &delay_ms.to_string(), &self.name]);
        let mut uris = uris.lines().map(str::to_owned);
        Proxy {
            uri: uris.next().unwrap(),
            tcp_uri: uris.next().unwrap(),
            name,
        }
    }
}

/// A host of one test's own.
pub struct OwnHost(Host);

impl Deref for OwnHost {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.0
    }
}

impl OwnHost {
    /// SIGSTOP: connections open and then nothing answers.
    pub fn stop_daemon(&self) {
        control(&["daemon", "stop", &self.name]);
    }

    /// SIGCONT.
    pub fn continue_daemon(&self) {
        control(&["daemon", "cont", &self.name]);
    }

    /// SIGKILL; guests go on.
    pub fn kill_daemon(&self) {
        control(&["daemon", "kill", &self.name]);
    }

    /// SIGTERM, and waits for its end; guests go on.
    pub fn end_daemon(&self) {
        control(&["daemon", "term", &self.name]);
    }

    /// Starts the daemon again and waits until it answers.
    pub fn start_daemon(&self) {
        control(&["daemon", "start", &self.name]);
    }

    /// [`OwnHost::end_daemon`] and [`OwnHost::start_daemon`].
    pub fn restart_daemon(&self) {
        control(&["daemon", "restart", &self.name]);
    }
}

impl Drop for OwnHost {
    fn drop(&mut self) {
        control_raw(&["daemon", "down", &self.0.name]);
    }
}

/// A domain of one test's own: forced off and undefined when dropped, hung or not.
pub struct Domain<'a> {
    host: &'a Host,
    /// Its name, and all that libvirt needs.
    pub name: String,
}

impl Domain<'_> {
    /// Starts it.
    #[track_caller]
    pub fn start(&self) {
        self.host.virsh(&["start", &self.name]);
    }

    /// Its state in virsh's words.
    #[track_caller]
    pub fn state(&self) -> String {
        self.host.virsh(&["domstate", &self.name]).trim().to_owned()
    }

    /// Its UUID.
    #[track_caller]
    pub fn uuid(&self) -> String {
        self.host.virsh(&["domuuid", &self.name]).trim().to_owned()
    }

    /// Stops its QEMU in its tracks until the guard is dropped.
    #[track_caller]
    pub fn hang(&self) -> Hang<'_> {
        control(&["fault", "hang", &self.name, &self.host.name]);
        Hang(self)
    }

    /// Kills its QEMU.
    #[track_caller]
    pub fn crash(&self) {
        control(&["fault", "crash", &self.name, &self.host.name]);
    }
}

impl Drop for Domain<'_> {
    fn drop(&mut self) {
        let undefine = [
            "undefine",
            &self.name,
            "--managed-save",
            "--snapshots-metadata",
            "--checkpoints-metadata",
            "--nvram",
        ];
        for arguments in [&["destroy", &self.name][..], &undefine] {
            // Fails for a domain that is off or that the test has already removed; both are fine. A test may
            // also have failed while the daemon was stopped: then this must not hang.
            let _ = Command::new("timeout")
                .args(["60", "virsh", "--quiet", "--connect", &self.host.uri])
                .args(arguments)
                .stdin(Stdio::null())
                .output();
        }
    }
}

/// A QEMU that does not move; continued when dropped.
pub struct Hang<'a>(&'a Domain<'a>);

impl Drop for Hang<'_> {
    fn drop(&mut self) {
        control_raw(&["fault", "resume", &self.0.name, &self.0.host.name]);
    }
}

/// A network that can go bad, in front of one host.
pub struct Proxy {
    name: String,
    /// The host through the proxy's socket.
    pub uri: String,
    /// The host through the proxy's TCP port on a loopback address.
    pub tcp_uri: String,
}

impl Proxy {
    /// Swallows everything from now on, without closing anything.
    pub fn silent(&self) {
        control(&["proxy", "silent", &self.name]);
    }

    /// Passes on again, beginning with what was swallowed.
    pub fn talk(&self) {
        control(&["proxy", "talk", &self.name]);
    }

    /// Closes all connections; new ones are welcome.
    pub fn cut(&self) {
        control(&["proxy", "cut", &self.name]);
    }

    /// How many calls went through so far, by remote program and procedure number.
    pub fn calls(&self) -> BTreeMap<(u32, u32), u64> {
        control(&["proxy", "calls", &self.name])
            .lines()
            .map(|line| {
                let mut words = line.split_whitespace();
                let program = words.next().unwrap().trim_start_matches("0x");
                (
                    (
                        u32::from_str_radix(program, 16).unwrap(),
                        words.next().unwrap().parse().unwrap(),
                    ),
                    words.next().unwrap().parse().unwrap(),
                )
            })
            .collect()
    }

    /// All calls so far.
    pub fn round_trips(&self) -> u64 {
        self.calls().values().sum()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        control_raw(&["proxy", "down", &self.name]);
    }
}

/// A NIC that needs nothing of the host.
pub const USER_NIC: &str =
    "<interface type='user'><model type='virtio'/><rom enabled='no'/></interface>";

/// A VNC display on a port that QEMU is given at start.
pub const VNC: &str = "<graphics type='vnc' autoport='yes' listen='127.0.0.1'/>\
                       <video><model type='vga' vram='1024'/></video>";

/// A serial port and console on a pty.
pub const SERIAL: &str = "<serial type='pty'/><console type='pty'/>";

/// A domain whose firmware finds nothing to start: cheap enough to have dozens.
pub fn tiny_xml(name: &str, devices: &str) -> String {
    format!(
        "<domain type='qemu'>
           <name>{name}</name>
           <memory unit='MiB'>24</memory>
           <vcpu>1</vcpu>
           <os><type arch='x86_64' machine='pc'>hvm</type></os>
           <features><acpi/></features>
           <devices>
             <emulator>/usr/bin/qemu-system-x86_64</emulator>
             <controller type='usb' model='none'/>
             <memballoon model='virtio'/>
             {devices}
           </devices>
         </domain>"
    )
}

/// A name that no other test, thread or process of this machine uses.
pub fn unique(purpose: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!(
        "{purpose}-{}-{}",
        id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// One of the lab's commands; panics with its message when it fails.
#[track_caller]
pub fn control(arguments: &[&str]) -> String {
    let output = control_raw(arguments);
    assert!(
        output.status.success(),
        "lab {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn control_raw(arguments: &[&str]) -> Output {
    Command::new(script())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab")
}

fn parse_variables(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect()
}
