//! A domain with everything that the details show.
#![allow(dead_code, reason = "shared by several test targets")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use virtty::app::Effect;
use virtty::model::{
    AddressSource, BlockSample, Definition, DiskInfo, Domain, DomainEvent, DomainSample, Endpoint,
    EndpointKind, EventKind, GuestAddress, NetSample, NicInfo, Reach, VcpuSample,
};
use virtty::protocol::{Answer, Failure, GuestFact, JobId, News, Remedy, Verb};

use crate::session::{Session, running, sample, uuid, vnc};

/// A running domain with disks, NICs, displays and an agent.
pub fn furnished(number: u32, name: &str) -> Domain {
    let mut domain = running(number, name);
    domain.definition = Some(Arc::new(definition()));
    domain
}

pub fn definition() -> Definition {
    let serial = Endpoint {
        kind: EndpointKind::Serial,
        host: None,
        port: None,
        socket: Some("/dev/pts/3".to_owned()),
        listen: None,
        reach: None,
        password: None,
        ..vnc(1)
    };
    let spice = Endpoint {
        kind: EndpointKind::Spice,
        host: Some("0.0.0.0".to_owned()),
        tls_port: Some(5911),
        reach: Some(Reach::Everywhere),
        ..vnc(5910)
    };
    let display = Endpoint {
        websocket_port: Some(5701),
        password: Some(true),
        ..vnc(5901)
    };
    Definition {
        virt_type: "kvm".to_owned(),
        title: Some("Web server of the shop".to_owned()),
        description: Some("Serves the shop.\nAsk Ann before it is moved.".to_owned()),
        os_type: Some("hvm".to_owned()),
        os_id: Some("http://debian.org/debian/12".to_owned()),
        arch: Some("x86_64".to_owned()),
        machine: Some("pc-q35-7.2".to_owned()),
        firmware: Some("UEFI (/usr/share/OVMF/OVMF_CODE_4M.fd)".to_owned()),
        emulator: Some("/usr/bin/qemu-system-x86_64".to_owned()),
        endpoints: vec![display, spice, serial],
        disks: vec![
            DiskInfo {
                target: "vda".to_owned(),
                bus: Some("virtio".to_owned()),
                device: "disk".to_owned(),
                format: Some("qcow2".to_owned()),
                source: Some("/var/lib/libvirt/images/web-1.qcow2".to_owned()),
                readonly: false,
            },
            DiskInfo {
                target: "sda".to_owned(),
                bus: Some("sata".to_owned()),
                device: "cdrom".to_owned(),
                format: Some("raw".to_owned()),
                source: None,
                readonly: true,
            },
        ],
        nics: vec![
            NicInfo {
                bridge: None,
                kind: "network".to_owned(),
                source: Some("default".to_owned()),
                mac: Some("52:54:00:12:34:56".to_owned()),
                target: Some("vnet0".to_owned()),
                model: Some("virtio".to_owned()),
                link_up: true,
            },
            NicInfo {
                bridge: None,
                kind: "bridge".to_owned(),
                source: Some("br-backup".to_owned()),
                mac: Some("52:54:00:ab:cd:ef".to_owned()),
                target: Some("vnet1".to_owned()),
                model: Some("e1000e".to_owned()),
                link_up: false,
            },
        ],
        guest_agent: Some(true),
        ..Definition::default()
    }
}

/// Counters of every device after `tick` intervals of two seconds of a busy guest.
pub fn full_sample(number: u32, at: Instant, tick: u64) -> DomainSample {
    // Busy in waves, so that graphs have a shape.
    let wave = |step: u64| (0..step).map(|n| 200 + (n * n * 37) % 1500).sum::<u64>();
    let busy_ms = wave(tick);
    let vcpus = [0, 1].map(|vcpu| VcpuSample {
        number: vcpu,
        time_ns: busy_ms * 1_000_000 / (u64::from(vcpu) + 1),
        wait_ns: Some(busy_ms * 10_000),
        delay_ns: Some(busy_ms * 120_000),
    });
    let blocks = ["vda", "sda"].map(|name| BlockSample {
        name: name.to_owned(),
        read_bytes: Some(busy_ms * 3000),
        read_requests: Some(busy_ms / 10),
        read_time_ns: Some(busy_ms * 90_000),
        write_bytes: Some(busy_ms * 9000),
        write_requests: Some(busy_ms / 7),
        write_time_ns: Some(busy_ms * 400_000),
        capacity_bytes: Some(20 << 30),
        allocation_bytes: Some(7 << 30),
        physical_bytes: Some(8 << 30),
    });
    let nets = ["vnet0", "vnet1"].map(|name| NetSample {
        name: name.to_owned(),
        rx_bytes: Some(busy_ms * 5000),
        rx_packets: Some(busy_ms * 4),
        rx_errors: Some(0),
        rx_drops: Some(busy_ms / 100),
        tx_bytes: Some(busy_ms * 800),
        tx_packets: Some(busy_ms),
        tx_errors: Some(0),
        tx_drops: Some(0),
    });
    DomainSample {
        vcpus: vcpus.to_vec(),
        blocks: Some(blocks.to_vec()),
        nets: Some(nets.to_vec()),
        ..sample(number, at, busy_ms)
    }
}

/// A host with one furnished domain, its details open, measured for two minutes.
pub fn measured(width: u16, height: u16) -> Session {
    let mut session = Session::active(width, height, vec![furnished(1, "web-1")]);
    session.keys("<Enter>");
    for tick in 0..60 {
        session.sampled(1, tick).wait(2.0);
    }
    session
}

impl Session {
    /// A sample of a busy guest arrives.
    pub fn sampled(&mut self, number: u32, tick: u64) -> &mut Self {
        let sample = full_sample(number, self.now.instant, tick);
        let news = News::Sampled {
            domains: vec![sample],
            node: None,
        };
        self.news(0, 1, news)
    }

    /// The requests among the effects since the last time.
    pub fn asked(&mut self) -> Vec<(JobId, Verb)> {
        self.done()
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Send(_, request) => Some((request.job, request.verb)),
                _ => None,
            })
            .collect()
    }

    /// The one request since the last time.
    pub fn asked_once(&mut self) -> (JobId, Verb) {
        let mut asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.remove(0)
    }

    /// A request is answered.
    pub fn answer(&mut self, job: JobId, result: Result<Answer, Failure>) -> &mut Self {
        self.news(0, 1, News::JobFinished(job, result))
    }

    /// The last request is answered.
    pub fn answer_last(&mut self, result: Result<Answer, Failure>) -> &mut Self {
        let (job, _) = self.asked().pop().expect("a request");
        self.answer(job, result)
    }

    /// Something happens to domain 1.
    pub fn happens(&mut self, kind: EventKind) -> &mut Self {
        let event = DomainEvent {
            uuid: uuid(1),
            name: "web-1".to_owned(),
            time: self.now.wall,
            kind,
        };
        self.news(0, 1, News::Event(event))
    }
}

pub fn facts() -> Vec<GuestFact> {
    [
        ("System", "Host name", "web-1"),
        ("System", "OS", "Debian GNU/Linux 12 (bookworm)"),
        ("System", "Kernel", "6.1.0-28-cloud-amd64"),
        ("System", "Time zone", "Europe/Berlin"),
        ("Users", "ann", "since 2023-11-14 08:13:20 UTC"),
        (
            "File systems",
            "/",
            "ext4, 3.4G of 20G used, /dev/disk/by-uuid/4d0c6b0e",
        ),
        ("File systems", "/srv", "xfs, 12G of 100G used, /dev/vdb"),
    ]
    .map(|(group, name, value)| GuestFact {
        group: group.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    })
    .to_vec()
}

pub fn addresses() -> Vec<GuestAddress> {
    let address = |interface: &str, address: &str, prefix, source| GuestAddress {
        interface: interface.to_owned(),
        mac: Some("52:54:00:12:34:56".to_owned()),
        address: address.parse().expect("an address of a test"),
        prefix,
        source,
    };
    vec![
        address("enp1s0", "192.168.122.17", 24, AddressSource::Agent),
        address(
            "enp1s0",
            "fe80::5054:ff:fe12:3456",
            64,
            AddressSource::Agent,
        ),
        address("vnet0", "192.168.122.17", 24, AddressSource::Lease),
        address("vnet0", "192.168.122.17", 0, AddressSource::Arp),
    ]
}

pub fn no_agent() -> Failure {
    Failure {
        what: "ask the guest agent".to_owned(),
        reason: "Guest agent is not responding: QEMU guest agent is not connected".to_owned(),
        code: Some(86),
        remedy: Some(Remedy {
            advice:
                "The guest agent does not answer: install and start qemu-guest-agent in the guest."
                    .to_owned(),
            command: None,
        }),
    }
}

/// XML of `lines` lines.
pub fn xml(lines: usize) -> String {
    let mut text = String::from("<domain type='kvm' id='1'>\n  <name>web-1</name>\n");
    text.push_str("  <!-- made by hand,\n       do not touch -->\n");
    for number in 4..lines.saturating_sub(1) {
        text.push_str(&format!("  <vcpu placement=\"static\">{number}</vcpu>\n"));
    }
    text.push_str("</domain>\n");
    text
}

/// A log of `count` lines.
pub fn log(count: usize) -> Answer {
    Answer::LogTail {
        path: "/var/log/libvirt/qemu/web-1.log".to_owned(),
        lines: (1..=count)
            .map(|number| format!("line {number} {}", "-device x ".repeat(number % 20)))
            .collect(),
    }
}

/// A while, in the past of a test.
pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
