//! The list of endpoints: filter, then sort.

use nucleo_matcher::Utf32String;

use super::{PortColumn, Ports};
use crate::app::Guest;
use crate::app::table::{Filter, Scene, SortKey, compare};
use crate::model::{DomainId, Endpoint, EndpointKind};

/// An endpoint by identity: it stays the same when the domain is started anew and gets another port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId {
    /// Whose it is.
    pub domain: DomainId,
    /// What it is.
    pub kind: EndpointKind,
    /// Its number among those of its kind, in the order of the XML.
    pub number: usize,
}

impl EndpointId {
    /// The endpoint itself, as long as the domain has it.
    #[must_use]
    pub fn of(self, guest: &Guest) -> Option<&Endpoint> {
        guest
            .endpoints()
            .iter()
            .filter(|endpoint| endpoint.kind == self.kind)
            .nth(self.number)
    }

    /// All endpoints of a domain.
    pub(super) fn all(guest: &Guest) -> impl Iterator<Item = (Self, &Endpoint)> {
        let endpoints = guest.endpoints();
        endpoints.iter().enumerate().map(move |(at, endpoint)| {
            let before = endpoints[..at].iter();
            let id = Self {
                domain: guest.domain.id,
                kind: endpoint.kind,
                number: before.filter(|other| other.kind == endpoint.kind).count(),
            };
            (id, endpoint)
        })
    }
}

/// How well it matches, what it is sorted by, its port.
type Row = (u8, SortKey, SortKey, EndpointId);

impl Ports {
    /// Filters and sorts all endpoints anew.
    pub(super) fn list_endpoints(&mut self, scene: &Scene<'_>, guests: &[&Guest]) {
        let filtering = !self.filter.trim().is_empty();
        let mut filter = Filter::new(&self.filter);
        let mut rows: Vec<Row> = Vec::new();
        self.endpoints = 0;
        self.unread = 0;
        for (place, guest) in guests.iter().enumerate() {
            let domain = &guest.domain;
            self.unread += usize::from(
                domain.state.is_active()
                    && domain.definition.is_none()
                    && domain.definition_error.is_none(),
            );
            for (endpoint_id, endpoint) in EndpointId::all(guest) {
                self.endpoints += 1;
                let class = if filtering {
                    match matches(&mut filter, guest, endpoint.kind, endpoint.ports(), scene) {
                        Some(class) => class,
                        None => continue,
                    }
                } else {
                    0
                };
                let key = |column: PortColumn| column.sort_key(endpoint, guest, place, scene);
                rows.push((class, key(self.sort), key(PortColumn::Port), endpoint_id));
            }
        }
        // Stable: what is equal keeps the order of the names.
        rows.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| compare(&a.1, &b.1, self.reversed))
                .then_with(|| compare(&a.2, &b.2, false))
        });
        self.listening
            .replace(rows.into_iter().map(|row| row.3).collect());
    }
}

/// Whether, and how well, ports of a domain match: by number, or by name and title of the domain, type and host.
pub(super) fn matches(
    filter: &mut Filter,
    guest: &Guest,
    kind: EndpointKind,
    ports: impl Iterator<Item = u16>,
    scene: &Scene<'_>,
) -> Option<u8> {
    let ports: Vec<u16> = ports.collect();
    if !filter.holds(guest, scene, Some(&ports)) {
        return None;
    }
    let host = scene.connection(guest.domain.id).map(|c| c.label.as_str());
    let texts = [
        Some(guest.domain.name.as_str()),
        guest.title(),
        Some(kind.word()),
        host,
    ];
    let words: Vec<&str> = texts.into_iter().flatten().collect();
    let haystack = Utf32String::from(words.join(" "));
    Some(filter.judge(|| ports.iter().copied(), &haystack, &texts, |_| false)? as u8)
}
