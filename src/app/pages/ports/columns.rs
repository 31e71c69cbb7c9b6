//! The columns of the list of endpoints. Each declares header, width, order and content here and nowhere else.

use super::EndpointId;
use crate::app::table::{Claim, Placed, Scene, SortKey, share_out};
use crate::app::{Cell, Guest, State, Tone};
use crate::model::{Endpoint, EndpointKind, Reach};
use crate::ports::{self, Warning};
use crate::text;

/// A column of the list of endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PortColumn {
    /// The port that a viewer uses: the one without encryption, or that with TLS where there is no other.
    Port,
    /// vnc, spice, serial, ...
    Type,
    /// Whose it is.
    Domain,
    /// On which host, when there are several.
    Host,
    /// Address, socket or terminal as the live XML writes it.
    Address,
    /// From where it can be reached.
    Reach,
    /// The port with TLS.
    Tls,
    /// The port of the WebSocket.
    Websocket,
    /// Whether a password is set.
    Password,
    /// Who looks at the domain's displays.
    Viewers,
    /// What is wrong with it.
    Warning,
}

impl PortColumn {
    /// Every column, from left to right.
    pub const ALL: [Self; 11] = [
        Self::Port,
        Self::Type,
        Self::Domain,
        Self::Host,
        Self::Address,
        Self::Reach,
        Self::Password,
        Self::Tls,
        Self::Websocket,
        Self::Viewers,
        Self::Warning,
    ];

    /// Its heading.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Port => "Port",
            Self::Type => "Type",
            Self::Domain => "Domain",
            Self::Host => "Host",
            Self::Address => "Listens on",
            Self::Reach => "Reachable",
            Self::Tls => "TLS",
            Self::Websocket => "WebSocket",
            Self::Password => "Password",
            Self::Viewers => "Viewers",
            Self::Warning => "Warning",
        }
    }

    fn claim(self) -> Claim {
        let (least, most, rank) = match self {
            Self::Port => (5, 5, 0),
            Self::Type => (6, 8, 1),
            Self::Domain => (14, 28, 2),
            Self::Address => (15, 34, 3),
            Self::Reach => (13, 13, 4),
            Self::Warning => (8, 28, 5),
            Self::Host => (10, 20, 6),
            Self::Password => (8, 8, 7),
            Self::Tls => (5, 5, 8),
            Self::Websocket => (9, 9, 9),
            Self::Viewers => (15, 40, 10),
        };
        Claim {
            least,
            most,
            rank,
            turn: rank,
        }
    }

    /// Whether its content stands on the right.
    #[must_use]
    pub fn right(self) -> bool {
        matches!(self, Self::Port | Self::Tls | Self::Websocket)
    }

    /// What endpoints are sorted by; `place` is that of the domain in the order of names.
    pub(super) fn sort_key(
        self,
        endpoint: &Endpoint,
        guest: &Guest,
        place: usize,
        scene: &Scene<'_>,
    ) -> SortKey {
        let rank = |rank: Option<u8>| rank.map_or(SortKey::Unknown, |n| SortKey::Number(n.into()));
        let port = |port: Option<u16>| port.map_or(SortKey::Unknown, |n| SortKey::Number(n.into()));
        match self {
            Self::Port => port(endpoint.ports().next()),
            Self::Tls => port(endpoint.tls_port),
            Self::Websocket => port(endpoint.websocket_port),
            Self::Address => endpoint
                .socket
                .as_ref()
                .or(endpoint.host.as_ref())
                .map_or(SortKey::Unknown, |words| SortKey::Text(words.clone())),
            // What asks for nothing comes first.
            Self::Password => rank(endpoint.password.map(u8::from)),
            Self::Viewers => match guest.viewers.len() {
                0 => SortKey::Unknown,
                #[allow(clippy::cast_precision_loss, reason = "few are kept")]
                viewers => SortKey::Number(-(viewers as f64)),
            },
            Self::Type => SortKey::Text(endpoint.kind.word().to_owned()),
            #[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 domains")]
            Self::Domain => SortKey::Number(place as f64),
            Self::Host => scene
                .connection(guest.domain.id)
                .map_or(SortKey::Unknown, |c| SortKey::Text(c.label.to_lowercase())),
            // What many can reach comes first.
            Self::Reach => rank(endpoint.reach.map(|reach| match reach {
                Reach::Everywhere => 0,
                Reach::Host => 1,
                Reach::Loopback => 2,
                Reach::Socket => 3,
            })),
            Self::Warning => rank(ports::warning(endpoint).map(|warning| match warning {
                Warning::Open => 0,
                Warning::PerhapsOpen => 1,
            })),
        }
    }

    /// What stands in its cell.
    #[must_use]
    pub fn cell(self, id: EndpointId, guest: &Guest, state: &State, width: usize) -> Cell {
        let Some(endpoint) = id.of(guest) else {
            return Cell::blank();
        };
        match self {
            Self::Port => port_cell(endpoint),
            Self::Type => Cell::new(endpoint.kind.word(), Tone::Normal),
            Self::Domain => Cell::new(text::visible(&guest.domain.name).into_owned(), Tone::Strong),
            Self::Host => state
                .connection(id.domain.connection)
                .map_or_else(Cell::unknown, |connection| {
                    Cell::new(text::visible(&connection.label).into_owned(), Tone::Dim)
                }),
            Self::Address => address_cell(endpoint, width),
            Self::Reach => reach_cell(endpoint),
            Self::Tls => number_cell(endpoint.tls_port),
            Self::Websocket => number_cell(endpoint.websocket_port),
            Self::Password => password_cell(endpoint),
            Self::Viewers => viewers_cell(endpoint, guest, width),
            Self::Warning => warning_cell(endpoint, width),
        }
    }
}

/// A dash for a port that is not given, nothing where there is none to give.
fn port_cell(endpoint: &Endpoint) -> Cell {
    match endpoint.port.or(endpoint.tls_port) {
        Some(port) => Cell::new(port.to_string(), Tone::Strong),
        None if endpoint.socket.is_some() => Cell::blank(),
        None => Cell::unknown(),
    }
}

fn number_cell(port: Option<u16>) -> Cell {
    port.map_or_else(Cell::blank, |port| {
        Cell::new(port.to_string(), Tone::Normal)
    })
}

/// The address without its port, which has a column of its own. The end of a path tells more than its beginning.
fn address_cell(endpoint: &Endpoint, width: usize) -> Cell {
    let words = match (&endpoint.socket, &endpoint.host) {
        (Some(path), _) => text::tail(&text::visible(path), width).into_owned(),
        (None, Some(host)) => text::visible(host).into_owned(),
        (None, None) => return Cell::unknown(),
    };
    Cell::new(words, Tone::Normal)
}

fn reach_cell(endpoint: &Endpoint) -> Cell {
    match endpoint.reach {
        Some(Reach::Loopback) => Cell::new("loopback only", Tone::Normal),
        Some(Reach::Host) => Cell::new("this address", Tone::Normal),
        Some(Reach::Everywhere) => Cell::new("everywhere", Tone::Warn),
        Some(Reach::Socket) => Cell::new("socket", Tone::Normal),
        // A pseudo-terminal is a file of the host.
        None if endpoint.socket.is_some() => Cell::new("terminal", Tone::Normal),
        None => Cell::unknown(),
    }
}

fn password_cell(endpoint: &Endpoint) -> Cell {
    match endpoint.password {
        Some(true) => Cell::new("yes", Tone::Good),
        Some(false) => Cell::new("no", Tone::Normal),
        None if takes_password(endpoint.kind) => Cell::unknown(),
        None => Cell::blank(),
    }
}

/// Whether it is of a kind that can ask for a password.
fn takes_password(kind: EndpointKind) -> bool {
    matches!(
        kind,
        EndpointKind::Vnc | EndpointKind::Spice | EndpointKind::Rdp
    )
}

/// Events tell of viewers that came while virtty was connected: none of them is not nobody.
fn viewers_cell(endpoint: &Endpoint, guest: &Guest, width: usize) -> Cell {
    if !takes_password(endpoint.kind) {
        return Cell::blank();
    }
    match guest.viewers.as_slice() {
        [] => Cell::unknown(),
        [one] => Cell::new(text::visible(one).into_owned(), Tone::Info),
        several => {
            let all = text::visible(&several.join(", ")).into_owned();
            let words = if text::width(&all) <= width {
                all
            } else {
                format!("{} viewers", several.len())
            };
            Cell::new(words, Tone::Info)
        }
    }
}

fn warning_cell(endpoint: &Endpoint, width: usize) -> Cell {
    let (long, short, tone) = match ports::warning(endpoint) {
        Some(Warning::Open) => ("! no password, no TLS", "! open", Tone::Bad),
        Some(Warning::PerhapsOpen) => ("? no TLS, password unknown", "? open", Tone::Warn),
        None => return Cell::blank(),
    };
    let words = if text::width(long) <= width {
        long
    } else {
        short
    };
    Cell::new(words, tone)
}

impl State {
    /// The columns of the list of endpoints that fit, with their places.
    #[must_use]
    pub fn port_columns(&self) -> Vec<Placed<PortColumn>> {
        let several = self.connections.len() > 1;
        let wanted: Vec<_> = PortColumn::ALL
            .into_iter()
            .filter(|column| several || *column != PortColumn::Host)
            .collect();
        // The first column of the terminal marks the selection.
        share_out(
            &wanted,
            PortColumn::claim,
            0,
            self.size.width.saturating_sub(1),
        )
    }
}
