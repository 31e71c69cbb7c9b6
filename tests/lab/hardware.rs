//! Hardware of a running guest: changed while it runs, and seen by the guest itself.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use virtty::hardware::{Change, Edit, Hardware, Kind, NewDevice, Pending, Place};
use virtty::model::Uuid;
use virtty::protocol::{
    Affect, Answer, Definitions, DeviceVerb, DeviceXml, DomainVerb, HardwareVerb, NewNic, Verb,
};

use crate::support::lab::{Lab, unique};
use crate::support::wait::{BOOT, wait_for};
use crate::support::watched::Watched;

/// A guest of its own with an agent, deleted in the end.
pub struct Guest<'a> {
    lab: &'a Lab,
    pub name: String,
}

impl<'a> Guest<'a> {
    fn start(lab: &'a Lab) -> Self {
        Self::start_with(lab, &["--memory", "128"])
    }

    fn start_with(lab: &'a Lab, more: &[&str]) -> Self {
        Self::start_by(lab, "", more)
    }

    /// The same by another firmware, in the words of `--boot` and with a comma behind them.
    pub fn start_by(lab: &'a Lab, firmware: &str, more: &[&str]) -> Self {
        let guest = Self {
            lab,
            name: unique("hardware"),
        };
        let boot = Path::new(lab.folder()).join("boot");
        let kernel = format!(
            "{firmware}kernel={0}/vmlinuz,initrd={0}/initrd",
            boot.display()
        );
        let words = format!(
            "console=ttyS0 quiet rdinit=/init virtty.name={}",
            guest.name
        );
        let made = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", lab.uri(), "create", "--name", &guest.name])
            .args(more)
            .args(["--vcpus", "1,maxvcpus=3"])
            .args([
                "--disk",
                "size=0.02",
                "--boot",
                &kernel,
                "--extra-args",
                &words,
            ])
            .env("XDG_STATE_HOME", "/nonexistent")
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let answered = || {
            let ping = guest.agent("{\"execute\":\"guest-ping\"}");
            ping.contains("return").then_some(())
        };
        wait_for(BOOT, "the agent", answered);
        guest
    }

    pub fn virsh(&self, words: &[&str]) -> String {
        let output = self.lab.main().try_virsh(words);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn agent(&self, command: &str) -> String {
        self.virsh(&["qemu-agent-command", &self.name, command])
    }

    /// What a command in the guest prints, by its agent.
    pub fn prints(&self, command: &str) -> Option<String> {
        let ask = |text: serde_json::Value| {
            serde_json::from_str::<serde_json::Value>(&self.agent(&text.to_string())).ok()
        };
        let begun = ask(serde_json::json!({
            "execute": "guest-exec",
            "arguments": { "path": "/bin/sh", "arg": ["-c", command], "capture-output": true }
        }))?;
        let pid = begun["return"]["pid"].as_u64()?;
        let mut answer = serde_json::Value::Null;
        wait_for(Duration::from_secs(60), "the command in the guest", || {
            let status =
                serde_json::json!({ "execute": "guest-exec-status", "arguments": { "pid": pid } });
            answer = ask(status).map_or(serde_json::Value::Null, |status| status["return"].clone());
            (answer["exited"] == true).then_some(())
        });
        let data = answer["out-data"].as_str().unwrap_or_default();
        let bytes = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, data).ok()?;
        String::from_utf8(bytes).ok()
    }

    pub fn definitions(&self) -> (String, String) {
        let live = self.virsh(&["dumpxml", &self.name]);
        let next = self.virsh(&["dumpxml", "--inactive", &self.name]);
        (live, next)
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.virsh(&["destroy", &self.name]);
        self.virsh(&["undefine", &self.name, "--nvram", "--remove-all-storage"]);
    }
}

fn act(watched: &mut Watched, uuid: Uuid, verb: HardwareVerb) {
    let answer = watched.ask(Verb::Domain(uuid, DomainVerb::Hardware(verb)));
    assert_eq!(answer, Ok(Answer::Done));
}

fn read(watched: &mut Watched, uuid: Uuid) -> Hardware {
    let Ok(Answer::Hardware(found)) = watched.ask(Verb::ReadHardware(uuid)) else {
        panic!("another answer")
    };
    let Definitions { running, stored } = *found;
    Hardware::read(running.as_deref(), stored.as_deref()).unwrap()
}

#[test]
fn changes_are_seen_by_the_guest_and_hold_for_its_next_start() {
    const MAC: &str = "52:54:00:77:00:01";
    let lab = Lab::get();
    let guest = Guest::start(lab);
    let mut watched = Watched::open(lab.uri());
    watched.until("the guest", |watched| watched.row(&guest.name).map(drop));
    let uuid = watched.uuid(&guest.name);
    assert_eq!(
        read(&mut watched, uuid).waiting(),
        0,
        "nothing waits at first"
    );

    // Another virtual CPU, which the guest sees.
    let edit = |changes: Vec<Change>| Box::new(Edit { changes });
    let cpus = edit(vec![Change::domain("vcpu@current", Some("2"))]);
    act(&mut watched, uuid, HardwareVerb::Edit(cpus, Affect::Both));
    wait_for(Duration::from_secs(30), "the CPU in the guest", || {
        let told = guest.agent("{\"execute\":\"guest-get-vcpus\"}");
        told.contains("\"logical-id\":1").then_some(())
    });
    let Ok(Answer::GuestVcpus(told)) = watched.ask(Verb::ReadGuestVcpus(uuid)) else {
        panic!("another answer")
    };
    assert_eq!(told.known.len(), 2, "{told:?}");
    // That libvirt tells of each now is no change that waits.
    assert_eq!(read(&mut watched, uuid).waiting(), 0);

    // The balloon.
    let memory = edit(vec![Change::domain("currentMemory", Some("98304"))]);
    act(&mut watched, uuid, HardwareVerb::Edit(memory, Affect::Both));
    wait_for(Duration::from_secs(30), "the balloon", || {
        guest
            .virsh(&["dommemstat", &guest.name])
            .contains("actual 98304")
            .then_some(())
    });
    // The guest's kernel itself has less: its driver says what that calls its total.
    wait_for(Duration::from_secs(30), "the guest's own total", || {
        let told = guest.virsh(&["dommemstat", &guest.name]);
        let line = told.lines().find(|line| line.starts_with("available "))?;
        let total: u64 = line.split(' ').nth(1)?.parse().ok()?;
        (total < 98_304).then_some(())
    });

    // An interface comes, changes and goes.
    let nic = NewNic {
        kind: "network".to_owned(),
        source: "default".to_owned(),
        mac: Some(MAC.to_owned()),
        model: Some("virtio".to_owned()),
        ..NewNic::default()
    };
    act(
        &mut watched,
        uuid,
        HardwareVerb::AttachNic(Box::new(nic), Affect::Both),
    );
    let interfaces = || guest.agent("{\"execute\":\"guest-network-get-interfaces\"}");
    wait_for(
        Duration::from_secs(30),
        "the interface in the guest",
        || interfaces().contains(MAC).then_some(()),
    );
    let link = HardwareVerb::SetLink {
        interface: MAC.to_owned(),
        up: false,
        affect: Affect::Both,
    };
    act(&mut watched, uuid, link);
    let (live, next) = guest.definitions();
    assert!(live.contains("<link state='down'/>") && next.contains("<link state='down'/>"));
    let place = Place {
        kind: Kind::Nic,
        key: MAC.to_owned(),
        nth: 0,
        among: 0,
    };
    let changes = edit(vec![
        Change::device(&place, "model@type", Some("e1000e")),
        Change::device(&place, "link@state", Some("up")),
    ]);
    act(
        &mut watched,
        uuid,
        HardwareVerb::Edit(changes, Affect::Both),
    );
    let (live, next) = guest.definitions();
    assert!(!live.contains("e1000e"), "{live}");
    assert!(next.contains("e1000e"), "{next}");
    let hardware = read(&mut watched, uuid);
    let shown = hardware.items.iter().find(|item| item.key == MAC).unwrap();
    assert_eq!(shown.pending, Pending::Changes);
    let waits: Vec<_> = shown
        .facts
        .iter()
        .filter(|fact| fact.waits)
        .map(|fact| fact.label.as_str())
        .collect();
    assert_eq!(waits, ["Model"], "{:?}", shown.facts);
    let gone = HardwareVerb::DetachNic {
        kind: "network".to_owned(),
        mac: Some(MAC.to_owned()),
        affect: Affect::Both,
    };
    act(&mut watched, uuid, gone);
    assert!(!interfaces().contains(MAC));
    let (live, next) = guest.definitions();
    assert!(!live.contains(MAC) && !next.contains(MAC));

    // A device comes and goes, and one that cannot while it runs waits.
    let rng = HardwareVerb::Device {
        verb: DeviceVerb::Attach,
        xml: DeviceXml::Text(NewDevice::Rng("/dev/random".to_owned(), None).xml()),
        affect: Affect::Both,
    };
    act(&mut watched, uuid, rng);
    let place = Place {
        kind: Kind::Rng,
        key: "/dev/random".to_owned(),
        nth: 0,
        among: 0,
    };
    let gone = HardwareVerb::Device {
        verb: DeviceVerb::Detach,
        xml: DeviceXml::Found(place, String::new()),
        affect: Affect::Both,
    };
    act(&mut watched, uuid, gone);
    let (live, next) = guest.definitions();
    assert!(!live.contains("/dev/random") && !next.contains("/dev/random"));
    let video = read(&mut watched, uuid)
        .items
        .into_iter()
        .find(|item| item.kind == Kind::Video)
        .unwrap();
    let gone = HardwareVerb::Device {
        verb: DeviceVerb::Detach,
        xml: DeviceXml::Found(video.place().unwrap(), String::new()),
        affect: Affect::Config,
    };
    act(&mut watched, uuid, gone);
    let hardware = read(&mut watched, uuid);
    assert_eq!(hardware.item(video.id).unwrap().pending, Pending::Goes);
}

/// Attaches a device to both definitions.
fn attach(device: &NewDevice) -> HardwareVerb {
    HardwareVerb::Device {
        verb: DeviceVerb::Attach,
        xml: DeviceXml::Text(device.xml()),
        affect: Affect::Both,
    }
}

#[test]
fn memory_is_plugged_in_and_limits_and_passwords_hold_while_it_runs() {
    let lab = Lab::get();
    let guest = Guest::start_with(
        lab,
        &[
            "--memory",
            "192,maxMemory=512,maxMemory.slots=2",
            "--cpu",
            "numa.cell0.cpus=0-2,numa.cell0.memory=196608",
            "--graphics",
            "vnc,password=before",
        ],
    );
    let mut watched = Watched::open(lab.uri());
    watched.until("the guest", |watched| watched.row(&guest.name).map(drop));
    let uuid = watched.uuid(&guest.name);
    let blocks = || {
        let told = guest.prints("ls -d /sys/devices/system/memory/memory* | wc -l")?;
        told.trim().parse::<u32>().ok()
    };
    let before = blocks().expect("blocks of memory");
    act(
        &mut watched,
        uuid,
        attach(&NewDevice::Memory(128 << 10, Some(0))),
    );
    wait_for(Duration::from_secs(60), "the memory in the guest", || {
        (blocks()? > before).then_some(())
    });
    let (live, next) = guest.definitions();
    assert!(live.contains("<memory model='dimm'>") && next.contains("<memory model='dimm'>"));

    // What a NIC may take, at once and later.
    let hardware = read(&mut watched, uuid);
    let of = |kind: Kind| {
        hardware
            .items
            .iter()
            .find(|item| item.kind == kind)
            .unwrap()
    };
    let nic = of(Kind::Nic).place().unwrap();
    let limits = |affect| {
        let changes = Box::new(Edit {
            changes: vec![
                Change::device(&nic, "bandwidth/inbound@average", Some("1024")),
                Change::device(&nic, "bandwidth/outbound@average", Some("512")),
            ],
        });
        Verb::Domain(
            uuid,
            DomainVerb::Hardware(HardwareVerb::Edit(changes, affect)),
        )
    };
    match watched.ask(limits(Affect::Both)) {
        Ok(_) => {
            let told = guest.virsh(&["domiftune", &guest.name, &nic.key]);
            assert!(told.contains("1024"), "{told}");
        }
        // A kernel without the queues that libvirt wants: the reason is told, and the next boot can have them.
        Err(failure) => {
            assert!(failure.reason.contains("qdisc"), "{failure}");
            assert!(!guest.definitions().1.contains("<bandwidth>"));
            assert_eq!(watched.ask(limits(Affect::Config)), Ok(Answer::Done));
        }
    }
    assert!(guest.definitions().1.contains("<inbound average='1024'/>"));

    // The password of its display, which is shown nowhere and is not lost with the next change.
    let display = of(Kind::Graphics).place().unwrap();
    let changes = Box::new(Edit {
        changes: vec![Change::device(&display, "@passwd", Some("geheim"))],
    });
    act(
        &mut watched,
        uuid,
        HardwareVerb::Edit(changes, Affect::Both),
    );
    let keyboard = NewDevice::Input("keyboard".to_owned(), "virtio".to_owned());
    act(&mut watched, uuid, attach(&keyboard));
    for kind in [&[][..], &["--inactive"]] {
        let words = [
            &["dumpxml", "--security-info", guest.name.as_str()][..],
            kind,
        ]
        .concat();
        let text = guest.virsh(&words);
        assert!(text.contains("passwd='geheim'"), "{text}");
        assert!(
            text.contains("<input type='keyboard' bus='virtio'"),
            "{text}"
        );
    }
    let hardware = read(&mut watched, uuid);
    assert!(
        hardware
            .items
            .iter()
            .all(|item| !item.xml().contains("geheim"))
    );

    // Another address to listen on cannot be had while it runs; it waits, and is marked.
    let changes = Box::new(Edit {
        changes: vec![
            Change::device(&display, "@listen", None),
            Change::device(&display, "listen@type", Some("address")),
            Change::device(&display, "listen@address", Some("127.0.0.2")),
        ],
    });
    act(
        &mut watched,
        uuid,
        HardwareVerb::Edit(changes, Affect::Both),
    );
    let hardware = read(&mut watched, uuid);
    let shown = hardware
        .items
        .iter()
        .find(|item| item.kind == Kind::Graphics)
        .unwrap();
    assert_eq!(shown.pending, Pending::Changes);

    // A folder by virtiofs wants shared memory: the running domain refuses, with libvirt's reason.
    let folder = NewDevice::Filesystem {
        driver: "virtiofs".to_owned(),
        folder: "/srv".to_owned(),
        tag: "share".to_owned(),
        readonly: false,
    };
    let answer = watched.ask(Verb::Domain(uuid, DomainVerb::Hardware(attach(&folder))));
    let why = answer.unwrap_err().reason;
    assert!(why.contains("shared memory"), "{why}");
}

#[test]
fn what_libvirt_refuses_changes_nothing() {
    let lab = Lab::get();
    let guest = Guest::start(lab);
    let mut watched = Watched::open(lab.uri());
    watched.until("the guest", |watched| watched.row(&guest.name).map(drop));
    let uuid = watched.uuid(&guest.name);
    let before = guest.definitions();
    let nic = NewNic {
        kind: "network".to_owned(),
        source: "no-such-network".to_owned(),
        ..NewNic::default()
    };
    for verb in [
        HardwareVerb::AttachNic(Box::new(nic), Affect::Both),
        HardwareVerb::Edit(
            Box::new(Edit {
                changes: vec![Change::domain("vcpu@current", Some("64"))],
            }),
            Affect::Both,
        ),
        HardwareVerb::Edit(
            Box::new(Edit {
                changes: vec![Change::domain("os/type@machine", Some("pc-no-such"))],
            }),
            Affect::Config,
        ),
        HardwareVerb::DetachNic {
            kind: "bridge".to_owned(),
            mac: None,
            affect: Affect::Both,
        },
        HardwareVerb::Device {
            verb: DeviceVerb::Attach,
            xml: DeviceXml::File("/no/such/file".to_owned()),
            affect: Affect::Live,
        },
    ] {
        let shown = format!("{verb:?}");
        let answer = watched.ask(Verb::Domain(uuid, DomainVerb::Hardware(verb)));
        assert!(answer.is_err(), "{shown}");
    }
    let after = guest.definitions();
    assert_eq!(before.1, after.1);
    assert_eq!(
        before.0.matches("<interface").count(),
        after.0.matches("<interface").count()
    );
}
