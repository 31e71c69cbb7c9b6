//! Graphics and serial endpoints of a running domain.

/// What listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EndpointKind {
    /// `<graphics type='vnc'>`.
    Vnc,
    /// `<graphics type='spice'>`.
    Spice,
    /// `<graphics type='rdp'>`.
    Rdp,
    /// `<graphics type='dbus'>`.
    Dbus,
    /// `<graphics type='sdl'>`.
    Sdl,
    /// `<graphics type='egl-headless'>`.
    EglHeadless,
    /// `<graphics type='desktop'>`.
    Desktop,
    /// `<serial>` or `<console>` that listens on TCP, UDP or a socket, or has a pty.
    Serial,
}

impl EndpointKind {
    /// libvirt's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Vnc => "vnc",
            Self::Spice => "spice",
            Self::Rdp => "rdp",
            Self::Dbus => "dbus",
            Self::Sdl => "sdl",
            Self::EglHeadless => "egl-headless",
            Self::Desktop => "desktop",
            Self::Serial => "serial",
        }
    }
}

/// `<listen type=…>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListenKind {
    /// An address of the host.
    Address,
    /// The address of a libvirt network, resolved in live XML.
    Network,
    /// A unix socket.
    Socket,
    /// Nothing listens; only a passed file descriptor reaches it.
    None,
}

impl ListenKind {
    /// libvirt's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Socket => "socket",
            Self::None => "none",
        }
    }
}

/// From where an endpoint can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Only from the host itself (127.0.0.0/8, ::1, localhost).
    Loopback,
    /// From where this one address of the host is reachable.
    Host,
    /// Every address of the host (0.0.0.0, ::).
    Everywhere,
    /// A unix socket on the host.
    Socket,
}

impl Reach {
    /// The word used in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Host => "host",
            Self::Everywhere => "everywhere",
            Self::Socket => "socket",
        }
    }
}

/// One display or serial line of a running domain, as its live XML has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What it is.
    pub kind: EndpointKind,
    /// Address or host name as written in the live XML; `None` where there is none.
    pub host: Option<String>,
    /// TCP port, 1..=65535; `None` when not allocated.
    pub port: Option<u16>,
    /// TLS port (SPICE).
    pub tls_port: Option<u16>,
    /// WebSocket port (VNC).
    pub websocket_port: Option<u16>,
    /// Path of the unix socket, or of the pty for a serial line.
    pub socket: Option<String>,
    /// How it listens; `None` where the notion does not apply.
    pub listen: Option<ListenKind>,
    /// From where it can be reached; `None` when nothing listens.
    pub reach: Option<Reach>,
    /// Whether a password is set; `None` when not known (needs the SECURE XML).
    pub password: Option<bool>,
}

impl Endpoint {
    /// Every port it listens on: plain, TLS, WebSocket.
    pub fn ports(&self) -> impl Iterator<Item = u16> + use<> {
        [self.port, self.tls_port, self.websocket_port]
            .into_iter()
            .flatten()
    }
}

/// A port that a definition fixes, as opposed to one that libvirt allocates at the start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FixedPort {
    /// Of what.
    pub kind: EndpointKind,
    /// Address it is bound to; `None` leaves it to the hypervisor's configuration.
    pub host: Option<String>,
    /// The port.
    pub port: u16,
}
