//! Looking for findings: at every endpoint, and at the ports that definitions fix.

use std::collections::HashMap;

use super::listening::matches;
use super::{EndpointId, Finding, FixedId, Found, Gravity, Ports};
use crate::app::Guest;
use crate::app::table::{Filter, Scene};
use crate::model::{ConnectionId, DomainId, EndpointKind, FixedPort};
use crate::ports::{self, Warning};

impl Ports {
    /// Looks at all domains anew; they come in the order of their names.
    pub(super) fn look(&mut self, scene: &Scene<'_>, guests: &[&Guest]) {
        self.findings.clear();
        for guest in guests {
            self.look_at_endpoints(guest);
        }
        let held = holders(guests);
        let mut others = fixed_twice(scene, guests);
        for guest in guests {
            let off = !guest.domain.state.is_active();
            let mut seen = Vec::new();
            for (id, fixed) in fixed_of(guest) {
                if seen.contains(&id) {
                    continue;
                }
                seen.push(id);
                let holder = held
                    .get(&(id.domain.connection, id.port))
                    .into_iter()
                    .flatten()
                    .find(|(domain, held)| {
                        off && *domain != id.domain && ports::overlap(held, fixed)
                    })
                    .map(|(domain, _)| *domain);
                let (finding, gravity, others) = match others.remove(&id) {
                    Some(others) => (Finding::Twice(id), Gravity::Twice, others),
                    None if off => (Finding::Fixed(id), Gravity::Fixed, Vec::new()),
                    None => continue,
                };
                self.findings.push(Found {
                    finding,
                    gravity: holder.map_or(gravity, |_| Gravity::Taken),
                    others,
                    holder,
                });
            }
        }
        let port = |found: &Found| match found.finding {
            Finding::Twice(fixed) | Finding::Fixed(fixed) => fixed.port,
            Finding::Open(id) => scene
                .guests
                .get(&id.domain)
                .and_then(|guest| id.of(guest)?.ports().next())
                .unwrap_or(0),
            Finding::Unreadable(_) => 0,
        };
        // Stable: what is equal keeps the order of the names.
        self.findings
            .sort_by_cached_key(|found| (found.gravity, port(found)));
    }

    fn look_at_endpoints(&mut self, guest: &Guest) {
        let mut push = |finding, gravity| {
            self.findings.push(Found {
                finding,
                gravity,
                others: Vec::new(),
                holder: None,
            });
        };
        for (id, endpoint) in EndpointId::all(guest) {
            match ports::warning(endpoint) {
                Some(Warning::Open) => push(Finding::Open(id), Gravity::Open),
                Some(Warning::PerhapsOpen) => push(Finding::Open(id), Gravity::PerhapsOpen),
                None => {}
            }
        }
        let domain = &guest.domain;
        let refused = domain
            .definition
            .as_ref()
            .is_some_and(|definition| !definition.endpoint_errors.is_empty());
        if domain.state.is_active() && (refused || domain.definition_error.is_some()) {
            push(Finding::Unreadable(domain.id), Gravity::Unreadable);
        }
    }

    /// Filters the findings anew.
    pub(super) fn list_findings(&mut self, scene: &Scene<'_>) {
        let filtering = !self.filter.trim().is_empty();
        let mut filter = Filter::new(&self.filter);
        let mut rows: Vec<(u8, Finding)> = Vec::new();
        for found in &self.findings {
            let finding = found.finding;
            let Some(guest) = scene.guests.get(&finding.domain()) else {
                continue;
            };
            let class = match finding {
                _ if !filtering => Some(0),
                Finding::Open(id) => {
                    let ports = id.of(guest).into_iter().flat_map(|e| e.ports());
                    matches(&mut filter, guest, id.kind, ports, scene)
                }
                Finding::Twice(fixed) | Finding::Fixed(fixed) => {
                    let port = std::iter::once(fixed.port);
                    matches(&mut filter, guest, fixed.kind, port, scene)
                }
                Finding::Unreadable(_) => {
                    let none = std::iter::empty();
                    matches(&mut filter, guest, EndpointKind::Desktop, none, scene)
                }
            };
            rows.extend(class.map(|class| (class, finding)));
        }
        rows.sort_by_key(|(class, _)| *class);
        self.list
            .replace(rows.into_iter().map(|(_, finding)| finding).collect());
    }
}

/// The ports that a definition fixes.
fn fixed_of(guest: &Guest) -> impl Iterator<Item = (FixedId, &FixedPort)> {
    let domain = guest.domain.id;
    let definition = guest.domain.definition.as_deref();
    definition
        .into_iter()
        .flat_map(|definition| &definition.fixed_ports)
        .map(move |fixed| {
            let id = FixedId {
                domain,
                kind: fixed.kind,
                port: fixed.port,
            };
            (id, fixed)
        })
}

/// The ports that several definitions of one host fix, with the others that do.
fn fixed_twice(scene: &Scene<'_>, guests: &[&Guest]) -> HashMap<FixedId, Vec<DomainId>> {
    let mut others = HashMap::new();
    for connection in scene.connections {
        let owned = guests
            .iter()
            .filter(|guest| guest.domain.id.connection == connection.id)
            .filter_map(|guest| {
                let definition = guest.domain.definition.as_deref()?;
                Some((guest.domain.id, definition.fixed_ports.as_slice()))
            });
        for clash in ports::clashes(owned) {
            for owner in &clash.owners {
                let Some(guest) = scene.guests.get(owner) else {
                    continue;
                };
                let rest = clash.owners.iter().filter(|other| *other != owner);
                let rest: Vec<_> = rest.copied().collect();
                for (fixed, _) in fixed_of(guest).filter(|(fixed, _)| fixed.port == clash.port) {
                    others.insert(fixed, rest.clone());
                }
            }
        }
    }
    others
}

/// The ports of a host that are in use and that a domain that is off wants, with the domains that use them.
type Held = HashMap<(ConnectionId, u16), Vec<(DomainId, FixedPort)>>;

fn holders(guests: &[&Guest]) -> Held {
    let off = guests.iter().filter(|g| !g.domain.state.is_active());
    let mut held: Held = off
        .flat_map(|guest| fixed_of(guest))
        .map(|(fixed, _)| ((fixed.domain.connection, fixed.port), Vec::new()))
        .collect();
    if held.is_empty() {
        return held;
    }
    for guest in guests {
        let id = guest.domain.id;
        for endpoint in guest.endpoints() {
            for port in endpoint.ports() {
                if let Some(holders) = held.get_mut(&(id.connection, port)) {
                    let place = FixedPort {
                        kind: endpoint.kind,
                        host: endpoint.host.clone(),
                        port,
                    };
                    holders.push((id, place));
                }
            }
        }
    }
    held
}
