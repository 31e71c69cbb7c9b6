//! What the forms about hardware make: each of them filled in by keys, its XML taken by the schemas and by libvirt.

use std::process::Command;

use virtty::app::{Effect, FieldKind, Form, Layer, Page};
use virtty::model::Uuid;
use virtty::protocol::{Affect, Answer, Definitions, DomainVerb, HardwareVerb, News, Verb};

use crate::session::{Session, off};
use crate::support::lab::{Lab, unique};
use crate::support::watched::Watched;

/// A domain with every kind of hardware, so far as libvirt takes it together.
fn furnished(name: &str) -> String {
    format!(
        "<domain type='qemu'>
  <name>{name}</name>
  <maxMemory slots='4' unit='MiB'>1024</maxMemory>
  <memory unit='MiB'>128</memory>
  <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/><apic/></features>
  <cpu><numa><cell id='0' cpus='0-1' memory='131072' unit='KiB'/></numa></cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/nowhere.img'/><target dev='vda' bus='virtio'/></disk>
    <controller type='scsi' model='virtio-scsi'/>
    <controller type='usb' model='qemu-xhci'/>
    <filesystem type='mount' accessmode='mapped'><source dir='/srv'/><target dir='share'/></filesystem>
    <interface type='user'><mac address='52:54:00:77:0f:01'/><model type='virtio'/></interface>
    <serial type='pty'/>
    <console type='pty'><target type='virtio'/></console>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <input type='tablet' bus='usb'/>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>
    <graphics type='spice' autoport='yes' listen='127.0.0.1'/>
    <sound model='ich9'/>
    <video><model type='virtio'/></video>
    <hostdev mode='subsystem' type='usb' managed='yes'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>
    <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x7f' slot='0x1f' function='0x0'/></source></hostdev>
    <redirdev bus='usb' type='spicevmc'/>
    <watchdog model='i6300esb' action='reset'/>
    <memballoon model='virtio'/>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    <panic model='isa'/>
    <vsock model='virtio'><cid auto='yes'/></vsock>
    <memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>
  </devices>
</domain>"
    )
}

/// Each item by what its title begins with, and what is filled in.
const CHANGES: &[(&str, &[(&str, &str)])] = &[
    (
        "Overview",
        &[("title", "A title"), ("on_crash", "preserve")],
    ),
    ("Overview", &[("os@firmware", "efi")]),
    (
        "CPUs",
        &[
            ("vcpu", "4"),
            ("cpu/topology@sockets", "1"),
            ("cpu/topology@cores", "2"),
            ("cpu/topology@threads", "2"),
            ("vcpu@cpuset", "0-1"),
        ],
    ),
    ("CPUs", &[("cpu/model", "Nehalem")]),
    (
        "Memory",
        &[
            ("memory", "256M"),
            ("maxMemory", "2G"),
            ("maxMemory@slots", "2"),
        ],
    ),
    (
        "Boot",
        &[
            ("order", "vda,52:54:00:77:0f:01"),
            ("os/bootmenu@enable", "yes"),
        ],
    ),
    (
        "Boot",
        &[
            ("os/kernel", "/boot/vmlinuz"),
            ("os/initrd", "/boot/initrd"),
            ("os/cmdline", "net.ifnames=0 quiet"),
        ],
    ),
    (
        "VirtIO Disk",
        &[
            ("driver@cache", "none"),
            ("driver@io", "native"),
            ("driver@discard", "unmap"),
            ("driver@detect_zeroes", "unmap"),
            ("readonly", "yes"),
            ("serial", "S-1"),
        ],
    ),
    ("VirtIO Disk", &[("shareable", "yes")]),
    (
        "NIC",
        &[
            ("@type", "network"),
            ("source", "default"),
            ("model@type", "e1000e"),
            ("mac@address", "52:54:00:77:0f:02"),
            ("link@state", "no"),
            ("bandwidth/inbound@average", "1024"),
            ("bandwidth/inbound@peak", "2048"),
            ("bandwidth/outbound@average", "512"),
            ("mtu@size", "1400"),
        ],
    ),
    ("NIC", &[("@type", "direct"), ("source", "eth0")]),
    ("USB Tablet", &[("@type", "keyboard"), ("@bus", "virtio")]),
    (
        "Display",
        &[
            ("listen@address", "0.0.0.0"),
            ("@port", "5990"),
            ("@passwd", "geheim"),
            ("@keymap", "de"),
        ],
    ),
    ("Sound", &[("@model", "ac97")]),
    (
        "Serial",
        &[
            ("@type", "tcp"),
            ("source@host", "127.0.0.1"),
            ("source@service", "4555"),
            ("protocol@type", "telnet"),
        ],
    ),
    (
        "Serial",
        &[
            ("@type", "file"),
            ("source@path", "/tmp/out"),
            ("source@append", "yes"),
            ("log@file", "/tmp/log"),
        ],
    ),
    (
        "Serial",
        &[("@type", "unix"), ("source@path", "/tmp/socket")],
    ),
    (
        "Console",
        &[("@type", "unix"), ("source@path", "/tmp/console")],
    ),
    (
        "Channel",
        &[("target@name", "org.example.0"), ("@type", "pty")],
    ),
    (
        "USB 046d:c52b",
        &[("source@startupPolicy", "optional"), ("@managed", "no")],
    ),
    (
        "PCI 0000:7f:1f.0",
        &[("@managed", "no"), ("rom@bar", "off")],
    ),
    (
        "USB Redirector",
        &[
            ("@type", "tcp"),
            ("source@host", "127.0.0.1"),
            ("source@service", "4000"),
        ],
    ),
    (
        "Video",
        &[
            ("model@type", "qxl"),
            ("model@heads", "2"),
            ("model@vram", "65536"),
        ],
    ),
    ("Video", &[("model/acceleration@accel3d", "yes")]),
    ("Watchdog", &[("@model", "ib700"), ("@action", "poweroff")]),
    (
        "Filesystem",
        &[("driver@type", "virtiofs"), ("target@dir", "other")],
    ),
    (
        "Filesystem",
        &[
            ("@accessmode", "passthrough"),
            ("source@dir", "/opt"),
            ("readonly", "yes"),
        ],
    ),
    ("TPM", &[("@model", "tpm-tis"), ("backend@version", "1.2")]),
    (
        "TPM",
        &[
            ("backend@type", "passthrough"),
            ("backend/device@path", "/dev/tpm0"),
        ],
    ),
    (
        "RNG",
        &[
            ("backend", "/dev/random"),
            ("rate@bytes", "1024"),
            ("rate@period", "1000"),
        ],
    ),
    ("RNG", &[("backend@model", "builtin")]),
    ("Panic", &[("@model", "hyperv")]),
    ("VirtIO VSOCK", &[("cid@auto", "no"), ("cid@address", "77")]),
    ("Memory device", &[("target/size", "256M")]),
    ("Controller SCSI", &[("driver@queues", "2")]),
    ("Controller USB", &[("@ports", "8")]),
    ("Controller virtio-serial", &[("@ports", "16")]),
];

/// Each device that can be added, with what is filled in beside it.
const ADDED: &[&[(&str, &str)]] = &[
    &[
        ("device", "nic"),
        ("nic-source", "default"),
        ("nic-in", "1024"),
        ("nic-out", "512"),
    ],
    &[
        ("device", "nic"),
        ("nic-type", "user"),
        ("nic-model", "e1000e"),
    ],
    &[("device", "usb"), ("usb-id", "046d:c52c")],
    &[("device", "pci"), ("pci-address", "0000:7e:1f.0")],
    &[
        ("device", "filesystem"),
        ("folder", "/srv"),
        ("tag", "fast"),
    ],
    &[
        ("device", "filesystem"),
        ("driver", "path"),
        ("folder", "/srv"),
        ("tag", "slow"),
        ("readonly", "yes"),
    ],
    &[("device", "memory"), ("size", "128M"), ("node", "0")],
    &[("device", "rng"), ("rng-bytes", "1024")],
    &[("device", "watchdog"), ("action", "poweroff")],
    &[
        ("device", "input"),
        ("input-type", "keyboard"),
        ("input-bus", "virtio"),
    ],
    &[("device", "input"), ("input-type", "tablet")],
    &[("device", "channel")],
    &[("device", "graphics"), ("graphics-type", "spice")],
    &[
        ("device", "channel"),
        ("channel-name", "com.redhat.spice.0"),
    ],
    &[
        ("device", "channel"),
        ("channel-name", "another"),
        ("channel-own", "org.example.1"),
        ("wire", "unix"),
        ("wire-path", "/tmp/one"),
    ],
    &[("device", "redirdev")],
    &[("device", "vsock")],
    &[
        ("device", "graphics"),
        ("graphics-port", "5991"),
        ("password", "geheim"),
    ],
    &[("device", "video"), ("video-model", "virtio")],
    &[("device", "tpm")],
    &[("device", "sound")],
    &[("device", "serial"), ("wire", "tcp"), ("wire-port", "4556")],
    &[
        ("device", "serial"),
        ("wire", "file"),
        ("wire-path", "/tmp/two"),
    ],
    &[("device", "console")],
    &[("device", "controller")],
    &[
        ("device", "controller"),
        ("controller", "pci:pcie-root-port"),
    ],
    &[("device", "panic")],
];

/// The page of the hardware of a domain that is off and has this definition.
fn page(stored: &str) -> Session {
    let mut session = Session::active(120, 60, vec![off(1, "shaped")]);
    session.done();
    session.keys("h");
    let asked = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) if matches!(request.verb, Verb::ReadHardware(_)) => {
            Some(request.job)
        }
        _ => None,
    });
    let definitions = Definitions {
        running: None,
        stored: Some(stored.to_owned()),
    };
    let answer = Answer::Hardware(Box::new(definitions));
    session.news(0, 1, News::JobFinished(asked.unwrap(), Ok(answer)));
    session
}

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        _ => panic!("no form: {:?}", session.state.messages),
    }
}

/// Goes to a field and fills it in as a person does.
fn fill(session: &mut Session, key: &str, value: &str) {
    let count = form(session).fields.len();
    for _ in 0..=count {
        if form(session).fields[form(session).at].key == key {
            break;
        }
        session.keys("<Tab>");
    }
    let at = |session: &Session| {
        let form = form(session);
        form.fields[form.at].clone()
    };
    assert_eq!(at(session).key, key);
    match at(session).kind {
        FieldKind::Check(checked) => {
            if checked != (value == "yes") {
                session.keys("<Space>");
            }
        }
        FieldKind::Choice { options, .. } => {
            for _ in 0..options.len() {
                if at(session).value() != value {
                    session.keys("<Right>");
                }
            }
            assert_eq!(at(session).value(), value, "{key}");
        }
        _ => {
            session.keys("<ctrl-u>");
            session.keys(value);
        }
    }
}

/// Accepts the form: what it sends.
fn accept(session: &mut Session, what: &str) -> HardwareVerb {
    session.done();
    session.keys("<Enter>");
    let sent = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Domain(_, DomainVerb::Hardware(verb)) => Some(verb),
            _ => None,
        },
        _ => None,
    });
    sent.unwrap_or_else(|| {
        let form = form(session);
        let wrong: Vec<_> = form.fields.iter().filter_map(|f| f.error.clone()).collect();
        panic!("{what}: nothing is sent: {:?} {wrong:?}", form.error)
    })
}

/// What virt-xml-validate asks of a document.
fn validate(texts: &[(String, String)]) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmllint");
    command.args([
        "--noout",
        "--relaxng",
        "/usr/share/libvirt/schemas/domain.rng",
    ]);
    for (number, (_, text)) in texts.iter().enumerate() {
        let path = folder.path().join(format!("{number}.xml"));
        std::fs::write(&path, text).unwrap();
        command.arg(path);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let names: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(n, (name, _))| format!("{n}: {name}"))
        .collect();
    assert!(output.status.success(), "{said}\n{names:#?}");
}

#[test]
fn what_the_forms_change_is_taken_by_the_schemas_and_by_libvirt() {
    let host = Lab::get().main();
    let name = unique("shaped");
    let domain = host.define(&name, &furnished(&name));
    let stored = host.virsh(&["dumpxml", "--inactive", &name]);
    let uuid: Uuid = domain.uuid().trim().parse().unwrap();
    let mut watched = Watched::open(&host.uri);
    watched.until("the domain", |watched| watched.row(&name).map(drop));
    let first = tempfile::NamedTempFile::new().unwrap();
    let mut texts = Vec::new();
    let mut taken = Vec::new();
    for (title, values) in CHANGES {
        let what = format!("{title} {values:?}");
        let mut session = page(&stored);
        session.keys("g");
        for _ in 0..60 {
            let Page::Hardware(page) = session.state.page() else {
                panic!("another page")
            };
            if page.selected().unwrap().title.starts_with(title) {
                break;
            }
            session.keys("j");
        }
        session.keys("<Enter>");
        for (key, value) in *values {
            fill(&mut session, key, value);
        }
        let HardwareVerb::Edit(edit, Affect::Config) = accept(&mut session, &what) else {
            panic!("{what}: another verb")
        };
        let text = edit.apply(&stored).unwrap();
        assert_ne!(text, stored, "{what}");
        texts.push((what.clone(), text));
        let verb = DomainVerb::Hardware(HardwareVerb::Edit(edit, Affect::Config));
        taken.push((what, watched.ask(Verb::Domain(uuid, verb))));
        // Each begins with the same.
        std::fs::write(first.path(), &stored).unwrap();
        host.virsh(&["define", first.path().to_str().unwrap()]);
    }
    validate(&texts);
    taken.retain(|(_, answer)| *answer != Ok(Answer::Done));
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn what_the_forms_add_is_taken_by_the_schemas_and_by_libvirt() {
    let host = Lab::get().main();
    let name = unique("added");
    let bare = format!(
        "<domain type='qemu'>
  <name>{name}</name>
  <maxMemory slots='4' unit='MiB'>1024</maxMemory>
  <memory unit='MiB'>128</memory>
  <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <features><acpi/></features>
  <cpu><numa><cell id='0' cpus='0-1' memory='131072' unit='KiB'/></numa></cpu>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices>
</domain>"
    );
    let domain = host.define(&name, &bare);
    let uuid: Uuid = domain.uuid().trim().parse().unwrap();
    let mut watched = Watched::open(&host.uri);
    watched.until("the domain", |watched| watched.row(&name).map(drop));
    let mut refused = Vec::new();
    for values in ADDED {
        let what = format!("{values:?}");
        let mut session = page(&host.virsh(&["dumpxml", "--inactive", &name]));
        session.keys("+");
        for (key, value) in *values {
            fill(&mut session, key, value);
        }
        let verb = accept(&mut session, &what);
        assert_eq!(verb.affect(), Some(Affect::Config), "{what}");
        let answer = watched.ask(Verb::Domain(uuid, DomainVerb::Hardware(verb)));
        if let Err(failure) = answer {
            refused.push((what, failure.reason));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    let text = host.virsh(&["dumpxml", "--inactive", "--security-info", &name]);
    for (element, least) in [
        ("<interface ", 2),
        ("<hostdev ", 2),
        ("<filesystem ", 2),
        ("<memory model=", 1),
        ("<channel ", 3),
        ("<serial ", 2),
        ("<tpm ", 1),
        ("<redirdev ", 1),
        ("passwd='geheim'", 1),
    ] {
        assert!(text.matches(element).count() >= least, "{element}: {text}");
    }
    validate(&[("all".to_owned(), text)]);
}
