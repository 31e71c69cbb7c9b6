//! The columns of the page, each with heading, width, order and content.

use super::has_password;
use crate::app::table::{Claim, SortKey, share_out};
use crate::app::{Cell, Guest, Placed, State, Tone};
use crate::model::{Endpoint, Reach};
use crate::{ports, text};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortColumn {
    /// The port that a viewer uses.
    Port,
    /// vnc, spice, serial, ...
    Kind,
    /// The address as the live XML has it.
    Address,
    /// TLS port.
    Tls,
    /// WebSocket port.
    WebSocket,
    /// From where it can be reached.
    Reach,
    /// Whether a password is set.
    Password,
    /// Who looks.
    Viewers,
    /// Whose it is.
    Domain,
    /// On which host, when there are several.
    Host,
    /// What is wrong.
    Warning,
}

impl PortColumn {
    /// Every column, from left to right.
    pub const ALL: [Self; 11] = [
        Self::Port,
        Self::Kind,
        Self::Domain,
        Self::Host,
        Self::Address,
        Self::Tls,
        Self::WebSocket,
        Self::Reach,
        Self::Password,
        Self::Viewers,
        Self::Warning,
    ];

    /// The columns that fit, with their places.
    pub(super) fn placed(state: &State) -> Vec<Placed<Self>> {
        let several = state.connections.len() > 1;
        let wanted: Vec<Self> = Self::ALL
            .into_iter()
            .filter(|column| several || *column != Self::Host)
            .collect();
        // The first column of the terminal marks the selection.
        let width = state.size.width.saturating_sub(1);
        share_out(&wanted, Self::claim, 4, width)
    }

    /// Its heading.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Port => "Port",
            Self::Kind => "Type",
            Self::Address => "Address",
            Self::Tls => "TLS",
            Self::WebSocket => "WebSocket",
            Self::Reach => "Reachable",
            Self::Password => "Password",
            Self::Viewers => "Viewers",
            Self::Domain => "Domain",
            Self::Host => "Host",
            Self::Warning => "Warning",
        }
    }

    fn claim(self) -> Claim {
        let (least, most, rank) = match self {
            Self::Port => (6, 6, 0),
            Self::Kind => (7, 12, 2),
            Self::Address => (21, 32, 3),
            Self::Tls => (5, 5, 8),
            Self::WebSocket => (9, 9, 9),
            Self::Reach => (12, 12, 4),
            Self::Password => (8, 8, 5),
            Self::Viewers => (15, 24, 10),
            Self::Domain => (16, 30, 1),
            Self::Host => (12, 20, 6),
            Self::Warning => (20, 80, 7),
        };
        Claim { least, most, rank }
    }

    /// Figures stand on the right.
    #[must_use]
    pub fn right(self) -> bool {
        matches!(self, Self::Port | Self::Tls | Self::WebSocket)
    }

    /// What rows are sorted by.
    pub(super) fn key(self, state: &State, guest: &Guest, endpoint: &Endpoint) -> SortKey {
        let number = |port: Option<u16>| {
            port.map_or(SortKey::Unknown, |port| SortKey::Number(f64::from(port)))
        };
        let word = |words: Option<String>| words.map_or(SortKey::Unknown, SortKey::Text);
        match self {
            Self::Port => number(endpoint.port.or(endpoint.tls_port)),
            Self::Tls => number(endpoint.tls_port),
            Self::WebSocket => number(endpoint.websocket_port),
            Self::Kind => word(Some(endpoint.kind.word().to_owned())),
            Self::Address => word(ports::written(endpoint)),
            // What is open to most stands first.
            Self::Reach => SortKey::Number(match endpoint.reach {
                Some(Reach::Everywhere) => 0.0,
                Some(Reach::Host) => 1.0,
                Some(Reach::Loopback) => 2.0,
                Some(Reach::Socket) => 3.0,
                None => 4.0,
            }),
            Self::Password => SortKey::Number(match endpoint.password {
                Some(false) => 0.0,
                None => 1.0,
                Some(true) => 2.0,
            }),
            Self::Viewers => SortKey::Number(-(guest.viewers.len() as f64)),
            Self::Domain => word(Some(guest.domain.name.to_lowercase())),
            Self::Host => word(
                state
                    .connection(guest.domain.id.connection)
                    .map(|connection| connection.label.clone()),
            ),
            Self::Warning => {
                SortKey::Number(f64::from(u8::from(ports::warning(endpoint).is_none())))
            }
        }
    }

    /// What stands in its cell.
    #[must_use]
    pub fn cell(self, state: &State, guest: &Guest, endpoint: &Endpoint) -> Cell {
        let number = |port: Option<u16>, tone| {
            port.map_or_else(Cell::unknown, |port| Cell::new(port.to_string(), tone))
        };
        match self {
            Self::Port => number(endpoint.port.or(endpoint.tls_port), Tone::Strong),
            Self::Tls => number(endpoint.tls_port, Tone::Normal),
            Self::WebSocket => number(endpoint.websocket_port, Tone::Normal),
            Self::Kind => Cell::new(endpoint.kind.word(), Tone::Normal),
            Self::Address => ports::written(endpoint)
                .map_or_else(Cell::unknown, |words| Cell::new(words, Tone::Normal)),
            Self::Reach => match endpoint.reach {
                Some(Reach::Everywhere) => Cell::new("everywhere", Tone::Warn),
                Some(Reach::Host) => Cell::new("this address", Tone::Normal),
                Some(Reach::Loopback) => Cell::new("loopback", Tone::Dim),
                Some(Reach::Socket) => Cell::new("socket", Tone::Dim),
                None => Cell::unknown(),
            },
            Self::Password if !has_password(endpoint.kind) => Cell::blank(),
            Self::Password => match endpoint.password {
                Some(true) => Cell::new("yes", Tone::Good),
                Some(false) => Cell::new("no", Tone::Normal),
                None => Cell::unknown(),
            },
            Self::Viewers if !has_password(endpoint.kind) => Cell::blank(),
            Self::Viewers => match guest.viewers.as_slice() {
                [] => Cell::blank(),
                viewers => Cell::new(text::visible(&viewers.join(", ")).into_owned(), Tone::Info),
            },
            Self::Domain => Cell::new(text::visible(&guest.domain.name).into_owned(), Tone::Strong),
            Self::Host => state
                .connection(guest.domain.id.connection)
                .map_or_else(Cell::unknown, |connection| {
                    Cell::new(text::visible(&connection.label).into_owned(), Tone::Dim)
                }),
            Self::Warning => ports::warning(endpoint)
                .map_or_else(Cell::blank, |warning| Cell::new(warning.text(), Tone::Warn)),
        }
    }
}
