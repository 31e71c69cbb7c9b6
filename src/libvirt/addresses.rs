//! Addresses of guests: by request from every source, and in the background at a slow cadence.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::ffi::{self, Connection, Error, Result};
use super::opener::OnDemand;
use super::reporter::Reporter;
use super::roster::Roster;
use crate::model::{AddressSource, GuestAddress, Uuid};
use crate::protocol::News;

/// The first look waits until the table stands.
const FIRST: Duration = Duration::from_millis(1500);

/// How often domains on screen are looked at.
const VISIBLE: Duration = Duration::from_secs(15);

/// How often the other running ones are.
const OTHERS: Duration = Duration::from_secs(60);

/// How long an agent that failed is left alone.
const AGENT_PAUSE: Duration = Duration::from_secs(60);

/// Addresses of one guest from every source that answers, best first. `agent` says that asking the agent makes sense.
///
/// # Errors
/// The best source's, when no source answered.
pub fn read(domain: &ffi::Domain, agent: bool) -> Result<Vec<GuestAddress>> {
    let sources: &[AddressSource] = if agent {
        &[
            AddressSource::Agent,
            AddressSource::Lease,
            AddressSource::Arp,
        ]
    } else {
        &[AddressSource::Lease, AddressSource::Arp]
    };
    let mut found = Vec::new();
    let mut failed = None;
    let mut answered = false;
    for source in sources {
        match domain.addresses(*source) {
            Ok(addresses) => {
                answered = true;
                found.extend(addresses);
            }
            Err(error) => {
                failed.get_or_insert(error);
            }
        }
    }
    match failed {
        Some(error) if !answered => Err(error),
        _ => Ok(in_order(found)),
    }
}

/// The order in which people want them: by source, those that lead somewhere before those of the guest itself or its
/// link, IPv4 before IPv6; each address once per source.
fn in_order(mut addresses: Vec<GuestAddress>) -> Vec<GuestAddress> {
    addresses.sort_by_key(|found| {
        let link_local = match found.address {
            std::net::IpAddr::V4(address) => address.is_link_local(),
            std::net::IpAddr::V6(address) => address.is_unicast_link_local(),
        };
        (
            found.address.is_loopback(),
            found.source,
            link_local,
            found.address.is_ipv6(),
            found.address,
        )
    });
    addresses.dedup();
    addresses
}

/// The thread that looks for addresses. Dropping it ends the thread when its call returns.
pub struct Finder {
    _stop: Sender<()>,
}

/// What the thread works with.
pub struct Context {
    /// Where its reports go.
    pub reporter: Reporter,
    /// Domains and what the screen looks at.
    pub roster: Roster,
    /// The connection for calls that may wait for a guest.
    pub connection: std::sync::Arc<OnDemand>,
}

impl Finder {
    /// Starts the thread.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(context: Context) -> Result<Self> {
        let (stop, stopped) = channel();
        let mut search = Search {
            context,
            seen: HashMap::new(),
        };
        thread::Builder::new()
            .name(format!(
                "addresses-{}",
                search.context.reporter.connection.0
            ))
            .spawn(move || search.run(&stopped))
            .map_err(|error| Error::own(format!("cannot start a thread: {error}")))?;
        Ok(Self { _stop: stop })
    }
}

struct Search {
    context: Context,
    seen: HashMap<Uuid, Seen>,
}

#[derive(Default)]
struct Seen {
    looked: Option<Instant>,
    agent_failed: Option<Instant>,
    addresses: Vec<GuestAddress>,
}

impl Search {
    fn run(&mut self, stopped: &Receiver<()>) {
        let mut pause = FIRST;
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            pause = Duration::from_secs(2);
            if let Err(error) = self.round(stopped) {
                tracing::debug!("addresses: {}", crate::text::visible(&error.message));
                pause = VISIBLE;
            }
        }
    }

    /// Looks at the domains that are due.
    fn round(&mut self, stopped: &Receiver<()>) -> Result<()> {
        let due = self.due();
        if due.is_empty() {
            return Ok(());
        }
        let connection = self.context.connection.get()?;
        for (uuid, visible, agent) in due {
            if stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) {
                return Ok(());
            }
            self.look(&connection, uuid, visible, agent)?;
        }
        Ok(())
    }

    /// Running domains whose time has come, with whether they are on screen and whether their agent is connected.
    fn due(&mut self) -> Vec<(Uuid, bool, bool)> {
        let interest = self.context.roster.interest();
        let roster = self.context.roster.lock();
        self.seen.retain(|uuid, _| {
            roster
                .get(uuid)
                .is_some_and(|entry| entry.domain.state.is_active())
        });
        let mut due: Vec<_> = roster
            .iter()
            .filter(|(_, entry)| entry.domain.state.is_active())
            .filter_map(|(uuid, entry)| {
                let definition = entry.domain.definition.as_ref()?;
                if definition.nics.is_empty() {
                    return None;
                }
                let visible = interest.visible.contains(uuid) || interest.graphed.contains(uuid);
                let pause = if visible { VISIBLE } else { OTHERS };
                let looked = self.seen.get(uuid).and_then(|seen| seen.looked);
                looked
                    .is_none_or(|looked| looked.elapsed() >= pause)
                    .then_some((*uuid, visible, definition.guest_agent == Some(true)))
            })
            .collect();
        due.sort_by_key(|(uuid, visible, _)| (!visible, *uuid));
        due
    }

    /// The agent and ARP only for domains on screen: the agent may be slow, and leases say enough for the rest.
    fn look(
        &mut self,
        connection: &Connection,
        uuid: Uuid,
        visible: bool,
        agent: bool,
    ) -> Result<()> {
        let domain = match connection.domain(uuid) {
            Err(error) if error.is_no_domain() => return Ok(()),
            domain => domain?,
        };
        let seen = self.seen.entry(uuid).or_default();
        seen.looked = Some(Instant::now());
        let mut found = Vec::new();
        if visible
            && agent
            && seen
                .agent_failed
                .is_none_or(|failed| failed.elapsed() >= AGENT_PAUSE)
        {
            match domain.addresses(AddressSource::Agent) {
                Ok(addresses) => {
                    seen.agent_failed = None;
                    found.extend(addresses);
                }
                Err(_) => seen.agent_failed = Some(Instant::now()),
            }
        }
        if found.iter().all(|found| found.address.is_loopback()) {
            // A source that cannot answer (no network driver, no rights) is no error here.
            found.extend(domain.addresses(AddressSource::Lease).unwrap_or_default());
        }
        if visible && found.is_empty() {
            found.extend(domain.addresses(AddressSource::Arp).unwrap_or_default());
        }
        if !connection.is_alive() {
            return Err(Error::own("the connection ended"));
        }
        let found = in_order(found);
        if found != seen.addresses {
            seen.addresses.clone_from(&found);
            self.context.reporter.send(News::Addresses(uuid, found));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(address: &str, source: AddressSource) -> GuestAddress {
        GuestAddress {
            interface: "eth0".to_owned(),
            mac: None,
            address: address.parse().unwrap(),
            prefix: 24,
            source,
        }
    }

    #[test]
    fn the_address_people_want_comes_first() {
        let order = in_order(vec![
            found("127.0.0.1", AddressSource::Agent),
            found("192.168.1.9", AddressSource::Arp),
            found("fe80::1", AddressSource::Agent),
            found("192.168.1.7", AddressSource::Lease),
            found("2001:db8::7", AddressSource::Agent),
            found("192.168.1.7", AddressSource::Agent),
            found("192.168.1.7", AddressSource::Agent),
        ]);
        let texts: Vec<_> = order
            .iter()
            .map(|found| found.address.to_string())
            .collect();
        assert_eq!(
            texts,
            [
                "192.168.1.7",
                "2001:db8::7",
                "fe80::1",
                "192.168.1.7",
                "192.168.1.9",
                "127.0.0.1"
            ]
        );
    }
}
