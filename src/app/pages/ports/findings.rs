//! What is wrong with ports, and what will be at the next start.

use super::EndpointId;
use crate::app::State;
use crate::app::table::{Claim, Placed, share_out};
use crate::model::{DomainId, EndpointKind, FixedPort};
use crate::ports::{self, Warning};
use crate::text;

/// A port that a definition fixes, by identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FixedId {
    /// Whose.
    pub domain: DomainId,
    /// Of what.
    pub kind: EndpointKind,
    /// The port.
    pub port: u16,
}

impl FixedId {
    /// The port as the definition writes it.
    #[must_use]
    pub fn of(self, state: &State) -> Option<&FixedPort> {
        let fixed = &state.definition(self.domain)?.fixed_ports;
        fixed
            .iter()
            .find(|fixed| fixed.kind == self.kind && fixed.port == self.port)
    }
}

/// Something to be looked at, by identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Finding {
    /// An endpoint that everybody may reach.
    Open(EndpointId),
    /// A port that several definitions of one host fix.
    Twice(FixedId),
    /// The ports of a running domain are not known, all or one of them.
    Unreadable(DomainId),
    /// A fixed port of a domain that is off.
    Fixed(FixedId),
}

impl Finding {
    /// Whose it is.
    #[must_use]
    pub fn domain(self) -> DomainId {
        match self {
            Self::Open(id) => id.domain,
            Self::Twice(fixed) | Self::Fixed(fixed) => fixed.domain,
            Self::Unreadable(domain) => domain,
        }
    }

    /// What has the port, and the port.
    #[must_use]
    pub fn port(self, state: &State) -> (Option<EndpointKind>, Option<u16>) {
        match self {
            Self::Open(id) => {
                let port = state.endpoint(id).and_then(|e| e.ports().next());
                (Some(id.kind), port)
            }
            Self::Twice(fixed) | Self::Fixed(fixed) => (Some(fixed.kind), Some(fixed.port)),
            Self::Unreadable(_) => (None, None),
        }
    }
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gravity {
    /// Everybody can use it.
    Open,
    /// Everybody can use it unless it has a password.
    PerhapsOpen,
    /// A running domain has the port that another one needs to start.
    Taken,
    /// Only one of several domains can run.
    Twice,
    /// Nobody knows.
    Unreadable,
    /// To be known.
    Fixed,
}

impl Gravity {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open to all",
            Self::PerhapsOpen => "perhaps open",
            Self::Taken => "taken",
            Self::Twice => "fixed twice",
            Self::Unreadable => "unreadable",
            Self::Fixed => "fixed",
        }
    }
}

/// A finding and the other domains that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub finding: Finding,
    /// How grave it is.
    pub gravity: Gravity,
    /// The others that fix the same port.
    pub others: Vec<DomainId>,
    /// The running domain that has the port now.
    pub holder: Option<DomainId>,
}

impl Found {
    /// The finding in a few words.
    #[must_use]
    pub fn summary(&self, state: &State) -> String {
        let name = |id: &DomainId| {
            state.guest(*id).map_or_else(String::new, |guest| {
                text::visible(&guest.domain.name).into_owned()
            })
        };
        if let Some(holder) = &self.holder {
            return format!("{} has it now", name(holder));
        }
        match self.finding {
            Finding::Open(id) => state
                .endpoint(id)
                .and_then(ports::warning)
                .map_or("", Warning::text)
                .to_owned(),
            Finding::Twice(_) if self.others.is_empty() => "twice in this definition".to_owned(),
            Finding::Twice(_) => {
                let others: Vec<_> = self.others.iter().map(name).collect();
                format!("also of {}", others.join(", "))
            }
            Finding::Unreadable(domain) => why_unreadable(state, domain),
            Finding::Fixed(fixed) => {
                let host = fixed.of(state).and_then(|fixed| fixed.host.as_deref());
                match host {
                    Some(host) => format!("on {} at its next start", text::visible(host)),
                    None => "on the default address at its next start".to_owned(),
                }
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self, state: &State) -> &'static str {
        match (self.gravity, self.finding) {
            (Gravity::Open | Gravity::PerhapsOpen, Finding::Open(id)) => state
                .endpoint(id)
                .and_then(|endpoint| Some(ports::warning(endpoint)?.advice(endpoint.kind)))
                .unwrap_or_default(),
            (Gravity::Taken, _) => {
                "It cannot start until that one is shut down. Give one of them another port, or autoport='yes'."
            }
            (Gravity::Twice, _) if self.others.is_empty() => {
                "It cannot start. Give one of its devices another port, or autoport='yes'."
            }
            (Gravity::Twice, _) => {
                "Only one of them can run at a time. Give the others another port, or autoport='yes'."
            }
            (Gravity::Unreadable, _) => "Its ports are not in the list. Look at its XML.",
            _ => "Nobody else of this host wants this port.",
        }
    }
}

fn why_unreadable(state: &State, domain: DomainId) -> String {
    let Some(guest) = state.guest(domain) else {
        return String::new();
    };
    let why = match (&guest.domain.definition_error, &guest.domain.definition) {
        (Some(error), _) => error.clone(),
        (None, Some(definition)) => definition.endpoint_errors.join("; "),
        (None, None) => String::new(),
    };
    text::visible(&why).into_owned()
}

/// A column of the list of findings, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingColumn {
    /// The word of its gravity.
    What,
    /// The port.
    Port,
    /// vnc, spice, serial, ...
    Type,
    /// Whose it is.
    Domain,
    /// On which host, when there are several.
    Host,
    /// State of the domain.
    State,
    /// The finding in a few words.
    Summary,
}

impl FindingColumn {
    const ALL: [Self; 7] = [
        Self::What,
        Self::Port,
        Self::Type,
        Self::Domain,
        Self::Host,
        Self::State,
        Self::Summary,
    ];

    /// Its heading.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::What => "What",
            Self::Port => "Port",
            Self::Type => "Type",
            Self::Domain => "Domain",
            Self::Host => "Host",
            Self::State => "State",
            Self::Summary => "Why",
        }
    }

    fn claim(self) -> Claim {
        let (least, most, rank) = match self {
            Self::What => (12, 12, 1),
            Self::Port => (5, 5, 0),
            Self::Type => (6, 8, 5),
            Self::Domain => (14, 28, 3),
            Self::Summary => (16, 80, 2),
            Self::State => (11, 11, 6),
            Self::Host => (10, 20, 4),
        };
        Claim {
            least,
            most,
            rank,
            turn: rank,
        }
    }
}

impl State {
    /// The columns of the list of findings that fit, with their places.
    #[must_use]
    pub fn finding_columns(&self) -> Vec<Placed<FindingColumn>> {
        let several = self.connections.len() > 1;
        let wanted: Vec<_> = FindingColumn::ALL
            .into_iter()
            .filter(|column| several || *column != FindingColumn::Host)
            .collect();
        let width = self.size.width.saturating_sub(1);
        share_out(&wanted, FindingColumn::claim, 0, width)
    }
}
