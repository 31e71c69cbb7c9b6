//! The domains of all connections, kept up by reports.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::cli::Error;
use crate::cli::hosts::find;
use crate::model::{ConnectionId, ConnectionState, Domain, DomainSample, Uri, Uuid};
use crate::protocol::{Epoch, News, Report};
use crate::stats::Tracked;

/// A domain and its figures.
pub(super) struct Watched {
    /// The domain as last listed.
    pub domain: Domain,
    /// Its counters and rates.
    pub tracked: Tracked,
    /// Since when it does not answer.
    pub hung_since: Option<Instant>,
    /// Its connection is up.
    pub connected: bool,
    /// CPUs of its host.
    pub host_cpus: Option<u32>,
}

#[derive(Default)]
struct Host {
    uri: String,
    epoch: Epoch,
    interval: Duration,
    listed: bool,
    failed: bool,
    sampled: bool,
    host_cpus: Option<u32>,
    domains: BTreeMap<Uuid, Watched>,
}

/// What is known of all connections.
#[derive(Default)]
pub(super) struct Watch {
    hosts: BTreeMap<ConnectionId, Host>,
}

impl Watch {
    /// A connection that is being opened.
    pub fn expect(&mut self, id: ConnectionId, uri: Option<&Uri>, interval: Duration) {
        let host = Host {
            uri: uri.map(|uri| uri.as_str().to_owned()).unwrap_or_default(),
            interval,
            ..Host::default()
        };
        self.hosts.insert(id, host);
    }

    /// Whether every connection has listed its domains or failed.
    pub fn is_settled(&self) -> bool {
        self.hosts.values().all(|host| host.listed || host.failed)
    }

    /// Whether no connection could be opened.
    pub fn nothing_open(&self) -> bool {
        self.hosts.values().all(|host| !host.listed)
    }

    /// Whether a connection failed before it listed its domains.
    pub fn incomplete(&self) -> bool {
        self.hosts.values().any(|host| !host.listed)
    }

    /// Whether every open connection has brought figures, or has no running domain.
    pub fn is_sampled(&self) -> bool {
        self.hosts.values().filter(|host| host.listed).all(|host| {
            let runs = |watched: &Watched| watched.domain.state.is_active();
            host.sampled || !host.domains.values().any(runs)
        })
    }

    /// Whether there are several connections.
    pub fn several(&self) -> bool {
        self.hosts.len() > 1
    }

    /// The URI of a connection; nothing for one that is not watched.
    pub fn uri_of(&self, id: ConnectionId) -> &str {
        self.hosts.get(&id).map_or("", |host| host.uri.as_str())
    }

    /// The domains of a connection.
    pub fn domains_of(&self, id: ConnectionId) -> impl Iterator<Item = Uuid> {
        self.hosts
            .get(&id)
            .into_iter()
            .flat_map(|host| host.domains.keys().copied())
    }

    /// The domains that `names` name, all when there are none, with the URI of their connection: in the order of the
    /// connections, then by name.
    pub fn chosen<'a>(
        &'a self,
        names: &'a BTreeSet<&str>,
    ) -> impl Iterator<Item = (&'a str, &'a Watched)> {
        self.hosts.values().flat_map(move |host| {
            let domains: Vec<Domain> = if names.is_empty() {
                Vec::new()
            } else {
                host.domains
                    .values()
                    .map(|watched| watched.domain.clone())
                    .collect()
            };
            let named: BTreeSet<Uuid> = names
                .iter()
                .filter_map(|name| find(&domains, name))
                .map(|domain| domain.id.uuid)
                .collect();
            let mut chosen: Vec<_> = host
                .domains
                .iter()
                .filter(|(uuid, _)| names.is_empty() || named.contains(uuid))
                .map(|(_, watched)| watched)
                .collect();
            chosen.sort_by(|one, two| one.domain.name.cmp(&two.domain.name));
            chosen
                .into_iter()
                .map(|watched| (host.uri.as_str(), watched))
        })
    }

    /// Takes a report in; true when the set of domains changed.
    pub fn take(&mut self, report: Report) -> bool {
        let Some(host) = self.hosts.get_mut(&report.connection) else {
            return false;
        };
        if report.epoch < host.epoch {
            return false;
        }
        host.epoch = report.epoch;
        match report.news {
            News::State(state, failure) => {
                if let Some(failure) = failure
                    && !host.listed
                    && !host.failed
                {
                    host.failed = true;
                    Error::from(failure).print();
                }
                host.connected(state == ConnectionState::Active);
            }
            News::Opened(opened) => {
                host.uri = opened.uri;
                host.host_cpus = opened.node.map(|node| node.cpus).filter(|cpus| *cpus > 0);
            }
            News::Listed { domains, truncated } => {
                if let Some(reason) = truncated.filter(|_| !host.listed) {
                    crate::cli::complain(&format!("{}: the list is not whole: {reason}", host.uri));
                }
                let known: BTreeSet<Uuid> = domains.iter().map(|domain| domain.id.uuid).collect();
                host.domains.retain(|uuid, _| known.contains(uuid));
                host.listed = true;
                host.update(domains);
                return true;
            }
            News::Changed(domains) => {
                host.update(domains);
                return true;
            }
            News::Gone(uuid) => return host.domains.remove(&uuid).is_some(),
            News::Sampled { domains, .. } => {
                host.sampled = true;
                host.sample(&domains);
            }
            News::NotResponding { domains, .. } => {
                for (uuid, watched) in &mut host.domains {
                    let hung = domains.iter().find(|hung| hung.uuid == *uuid);
                    watched.hung_since = hung.map(|hung| hung.since);
                }
            }
            _ => {}
        }
        false
    }
}

impl Host {
    fn connected(&mut self, connected: bool) {
        for watched in self.domains.values_mut() {
            watched.connected = connected;
        }
    }

    fn update(&mut self, domains: Vec<Domain>) {
        for domain in domains {
            let running = domain.state.is_active();
            match self.domains.get_mut(&domain.id.uuid) {
                Some(watched) => {
                    if !running && watched.domain.state.is_active() {
                        watched.tracked.interrupt(Instant::now());
                        watched.hung_since = None;
                    }
                    watched.connected = true;
                    watched.domain = domain;
                }
                None => {
                    let watched = Watched {
                        tracked: Tracked::with_longest(self.interval * 3),
                        hung_since: None,
                        connected: true,
                        host_cpus: self.host_cpus,
                        domain,
                    };
                    self.domains.insert(watched.domain.id.uuid, watched);
                }
            }
        }
    }

    fn sample(&mut self, samples: &[DomainSample]) {
        for sample in samples {
            if let Some(watched) = self.domains.get_mut(&sample.uuid) {
                watched.tracked.accept(sample, false);
            }
        }
    }
}
