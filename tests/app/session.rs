//! A person at the keyboard and a host that reports, without a clock, a thread or a terminal.
#![allow(dead_code, reason = "shared by several test targets")]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use virtty::app::{Effect, Event, Mouse, MouseKind, Now, Options, Size, State, Target, update};
use virtty::keymap::parse_keys;
use virtty::model::{
    BalloonSample, BlockSample, ConnectionId, ConnectionState, Definition, Domain, DomainId,
    DomainSample, DomainState, Endpoint, EndpointKind, HostVersions, ListenKind, NetSample,
    NodeInfo, NodeSample, Reach, StateReason, Uuid,
};
use virtty::protocol::{
    ConnectionSpec, Epoch, Failure, Features, News, NotResponding, Opened, Remedy, Report,
};

/// A running program.
pub struct Session {
    pub state: State,
    pub now: Now,
    /// Effects since they were last taken.
    pub effects: Vec<Effect>,
}

impl Session {
    /// A terminal of this size, one connection for each URI, nothing reported yet.
    pub fn new(width: u16, height: u16, uris: &[&str]) -> Self {
        let now = Now {
            instant: Instant::now() + Duration::from_secs(3600),
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        };
        let mut state = State::new(Options::default(), Size { width, height }, now);
        let specs = uris
            .iter()
            .zip(0..)
            .map(|(uri, id)| spec(id, uri))
            .collect();
        let effects = state.start(specs);
        Self {
            state,
            now,
            effects,
        }
    }

    /// One active host with these domains.
    pub fn active(width: u16, height: u16, domains: Vec<Domain>) -> Self {
        let mut session = Self::new(width, height, &["qemu:///system"]);
        session.open(0, false);
        session.list(0, domains);
        session
    }

    pub fn event(&mut self, event: Event) -> &mut Self {
        let effects = update(&mut self.state, event, self.now);
        self.effects.extend(effects);
        self
    }

    /// Presses keys: `jj<Enter>`.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in parse_keys(keys).expect("keys of a test") {
            self.event(Event::Key(key));
        }
        self
    }

    pub fn click(&mut self, target: Target) -> &mut Self {
        self.event(Event::Mouse(Mouse {
            kind: MouseKind::Click,
            target: Some(target),
        }))
    }

    pub fn wheel_down(&mut self) -> &mut Self {
        self.event(Event::Mouse(Mouse {
            kind: MouseKind::WheelDown,
            target: None,
        }))
    }

    pub fn news(&mut self, connection: u16, epoch: u32, news: News) -> &mut Self {
        self.event(Event::Report(Box::new(Report {
            connection: ConnectionId(connection),
            epoch: Epoch(epoch),
            news,
        })))
    }

    /// The connection answers.
    pub fn open(&mut self, connection: u16, readonly: bool) -> &mut Self {
        let uri = self.state.connections[usize::from(connection)]
            .uri()
            .to_owned();
        self.news(connection, 1, News::State(ConnectionState::Active, None));
        self.news(
            connection,
            1,
            News::Opened(Box::new(opened(&uri, readonly))),
        )
    }

    pub fn list(&mut self, connection: u16, domains: Vec<Domain>) -> &mut Self {
        let news = News::Listed {
            domains,
            truncated: None,
        };
        self.news(connection, 1, news)
    }

    pub fn changed(&mut self, domain: Domain) -> &mut Self {
        let connection = domain.id.connection.0;
        self.news(connection, 1, News::Changed(vec![domain]))
    }

    pub fn silent(&mut self, uuids: &[(Uuid, u64)]) -> &mut Self {
        let domains = uuids
            .iter()
            .map(|(uuid, seconds)| NotResponding {
                uuid: *uuid,
                since: self.now.instant - Duration::from_secs(*seconds),
            })
            .collect();
        let news = News::NotResponding {
            domains,
            resting: None,
        };
        self.news(0, 1, news)
    }

    /// Lets time pass, with a tick at its end.
    pub fn wait(&mut self, seconds: f64) -> &mut Self {
        let passed = Duration::from_secs_f64(seconds);
        self.now.instant += passed;
        self.now.wall += passed;
        self.event(Event::Tick)
    }

    /// Effects since the last time, without what merely says what is on the screen.
    pub fn done(&mut self) -> Vec<Effect> {
        let mut effects = std::mem::take(&mut self.effects);
        effects.retain(|effect| !matches!(effect, Effect::Interest(..)));
        effects
    }

    pub fn selected_name(&self) -> Option<&str> {
        let id = self.state.table.selected()?;
        Some(&self.state.guest(id)?.domain.name)
    }

    /// Names in the order of the table.
    pub fn names(&self) -> Vec<&str> {
        let name = |id: &DomainId| self.state.guest(*id).map(|g| g.domain.name.as_str());
        self.state.table.view().iter().filter_map(name).collect()
    }
}

pub fn spec(id: u16, uri: &str) -> ConnectionSpec {
    ConnectionSpec {
        id: ConnectionId(id),
        uri: Some(uri.parse().expect("a URI of a test")),
        readonly: false,
        interval: Duration::from_secs(2),
    }
}

pub fn opened(uri: &str, readonly: bool) -> Opened {
    Opened {
        uri: uri.to_owned(),
        driver: "QEMU".to_owned(),
        versions: HostVersions {
            libvirt: Some(9_000_000),
            hypervisor: Some(7_002_022),
        },
        node: Some(NodeInfo {
            model: "x86_64".to_owned(),
            memory_kib: 16 << 20,
            cpus: 8,
            hostname: Some("kvm1".to_owned()),
            ..NodeInfo::default()
        }),
        readonly,
        features: Features {
            events: true,
            keepalive: true,
            bulk_stats: true,
        },
    }
}

pub fn uuid(number: u32) -> Uuid {
    let mut bytes = [0x5a; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Uuid(bytes)
}

pub fn id(number: u32) -> DomainId {
    DomainId {
        connection: ConnectionId(0),
        uuid: uuid(number),
    }
}

/// A running domain with a VNC display on port 5900 + its number.
pub fn running(number: u32, name: &str) -> Domain {
    Domain {
        id: id(number),
        name: name.to_owned(),
        runtime_id: Some(number),
        state: DomainState::Running,
        reason: StateReason(1),
        persistent: true,
        autostart: Some(number % 2 == 1),
        managed_save: Some(false),
        vcpus: Some(2),
        memory_kib: Some(2 << 20),
        max_memory_kib: Some(4 << 20),
        definition: Some(Arc::new(Definition {
            virt_type: "kvm".to_owned(),
            endpoints: vec![vnc(5900 + u16::try_from(number % 60_000).unwrap_or(0))],
            ..Definition::default()
        })),
        definition_error: None,
    }
}

pub fn in_state(number: u32, name: &str, state: DomainState, reason: i32) -> Domain {
    let mut domain = running(number, name);
    domain.state = state;
    domain.reason = StateReason(reason);
    if !state.is_active() {
        domain.runtime_id = None;
    }
    domain
}

pub fn off(number: u32, name: &str) -> Domain {
    in_state(number, name, DomainState::ShutOff, 1)
}

pub fn vnc(port: u16) -> Endpoint {
    Endpoint {
        kind: EndpointKind::Vnc,
        host: Some("127.0.0.1".to_owned()),
        port: Some(port),
        tls_port: None,
        websocket_port: None,
        socket: None,
        listen: Some(ListenKind::Address),
        reach: Some(Reach::Loopback),
        password: None,
    }
}

/// Counters of a domain whose guest used `cpu_ms` of CPU time so far.
pub fn sample(number: u32, at: Instant, cpu_ms: u64) -> DomainSample {
    DomainSample {
        uuid: uuid(number),
        at,
        state: None,
        cpu_time_ns: Some(cpu_ms * 1_000_000),
        vcpu_count: Some(2),
        vcpus: Vec::new(),
        balloon: Some(BalloonSample {
            current_kib: Some(2 << 20),
            maximum_kib: Some(4 << 20),
            usable_kib: Some(1 << 20),
            available_kib: Some(2 << 20),
            ..BalloonSample::default()
        }),
        blocks: Some(vec![BlockSample {
            name: "vda".to_owned(),
            read_bytes: Some(cpu_ms * 1000),
            write_bytes: Some(cpu_ms * 500),
            ..BlockSample::default()
        }]),
        nets: Some(vec![NetSample {
            name: "vnet0".to_owned(),
            rx_bytes: Some(cpu_ms * 100),
            tx_bytes: Some(cpu_ms * 50),
            ..NetSample::default()
        }]),
    }
}

pub fn node_sample(at: Instant, busy_ms: u64, idle_ms: u64) -> NodeSample {
    NodeSample {
        at,
        cpu_busy_ns: Some(busy_ms * 1_000_000),
        cpu_idle_ns: Some(idle_ms * 1_000_000),
        memory_total_kib: Some(16 << 20),
        memory_free_kib: Some(8 << 20),
        memory_cached_kib: Some(4 << 20),
    }
}

pub fn refused() -> Failure {
    Failure {
        what: "open qemu:///system".to_owned(),
        reason: "Failed to connect socket to '/var/run/libvirt/virtqemud-sock': No such file or directory"
            .to_owned(),
        code: Some(38),
        remedy: Some(Remedy {
            advice: "The libvirt daemon is not running. Start it now and at each boot:".to_owned(),
            command: Some(
                ["systemctl", "enable", "--now", "libvirtd.socket"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
        }),
    }
}

pub fn lost(retry_in: f64) -> ConnectionState {
    ConnectionState::Lost {
        retry_in: Duration::from_secs_f64(retry_in),
        tries: 1,
    }
}
