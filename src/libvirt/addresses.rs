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

/// How often it is seen who is due.
const ROUND: Duration = Duration::from_secs(2);

/// A domain without an address is looked at again after this long, then after twice as long and so on: a guest that
/// boots has one soon or never.
const SOON: Duration = Duration::from_secs(4);

/// How often a domain is looked at in the end.
const LATER: Duration = Duration::from_secs(60);

/// How often looking is tried when the connection fails.
const FAILED: Duration = Duration::from_secs(15);

/// Domains off the screen that are looked at for the first time in one round.
const FIRST_LOOKS: usize = 24;

/// Calls of one round for domains that were looked at before: each is a round trip of its own, and a refresh is to
/// cost few of them, however many domains there are.
const CALLS: usize = 3;

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
    /// Which run of the domain this is about: another one has other addresses.
    runtime_id: Option<u32>,
    /// When it was last looked at, and how long it is left alone since.
    looked: Option<(Instant, Duration)>,
    agent_failed: Option<Instant>,
    addresses: Vec<GuestAddress>,
    /// Kept, so that looking again needs no look-up.
    handle: Option<ffi::Domain>,
}

/// A domain whose time has come.
struct Due {
    uuid: Uuid,
    runtime_id: Option<u32>,
    /// Its row is on the screen.
    visible: bool,
    /// It was looked at before.
    again: bool,
    /// Its agent is connected.
    agent: bool,
    /// It has a NIC whose addresses others than the guest may know.
    outside: bool,
}

impl Search {
    fn run(&mut self, stopped: &Receiver<()>) {
        let mut pause = FIRST;
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            pause = ROUND;
            if let Err(error) = self.round(stopped) {
                tracing::debug!("addresses: {}", crate::text::visible(&error.message));
                pause = FAILED;
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
        let (mut first, mut calls) = (0, 0);
        for due in due {
            if stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) {
                return Ok(());
            }
            let room = match (due.again, due.visible) {
                (true, _) => calls < CALLS,
                (false, true) => true,
                (false, false) => first < FIRST_LOOKS,
            };
            if !room {
                continue;
            }
            let made = self.look(&connection, &due)?;
            if due.again {
                calls += made;
            } else {
                first += usize::from(!due.visible);
            }
        }
        Ok(())
    }

    /// Running domains whose time has come: those on the screen first, those never looked at before the others.
    fn due(&mut self) -> Vec<Due> {
        let interest = self.context.roster.interest();
        let roster = self.context.roster.lock();
        self.seen.retain(|uuid, seen| {
            roster.get(uuid).is_some_and(|entry| {
                entry.domain.state.is_active() && entry.domain.runtime_id == seen.runtime_id
            })
        });
        let mut due: Vec<_> = roster
            .iter()
            .filter(|(_, entry)| entry.domain.state.is_active())
            .filter_map(|(uuid, entry)| {
                let definition = entry.domain.definition.as_ref()?;
                let visible = interest.visible.contains(uuid) || interest.graphed.contains(uuid);
                // The agent only on screen: it may be slow, and leases say enough for the rest.
                let agent = visible && definition.guest_agent == Some(true);
                // A user-mode NIC's addresses are known inside of QEMU alone.
                let outside = definition.nics.iter().any(|nic| nic.kind != "user");
                if definition.nics.is_empty() || !(agent || outside) {
                    return None;
                }
                let looked = self.seen.get(uuid).and_then(|seen| seen.looked);
                looked
                    .is_none_or(|(at, pause)| at.elapsed() >= pause)
                    .then_some((
                        looked,
                        Due {
                            uuid: *uuid,
                            runtime_id: entry.domain.runtime_id,
                            visible,
                            again: looked.is_some(),
                            agent,
                            outside,
                        },
                    ))
            })
            .collect();
        due.sort_by_key(|(looked, due)| (!due.visible, *looked, due.uuid));
        due.into_iter().map(|(_, due)| due).collect()
    }

    /// Looks at one domain; gives the number of calls that took.
    fn look(&mut self, connection: &Connection, due: &Due) -> Result<usize> {
        let seen = self.seen.entry(due.uuid).or_default();
        seen.runtime_id = due.runtime_id;
        let mut calls = 0;
        let known = seen
            .handle
            .take()
            .filter(|handle| handle.connection().is_alive());
        let domain = match known {
            Some(handle) => handle,
            None => {
                calls += 1;
                match connection.domain(due.uuid) {
                    Err(error) if error.is_no_domain() => return Ok(calls),
                    domain => domain?,
                }
            }
        };
        let mut found = Vec::new();
        let mut ask = |source| {
            calls += 1;
            domain.addresses(source)
        };
        if due.agent
            && seen
                .agent_failed
                .is_none_or(|failed| failed.elapsed() >= AGENT_PAUSE)
        {
            match ask(AddressSource::Agent) {
                Ok(addresses) => {
                    seen.agent_failed = None;
                    found.extend(addresses);
                }
                Err(_) => seen.agent_failed = Some(Instant::now()),
            }
        }
        if due.outside && found.iter().all(|found| found.address.is_loopback()) {
            // A source that cannot answer (no network driver, no rights) is no error here.
            found.extend(ask(AddressSource::Lease).unwrap_or_default());
        }
        // ARP says little that leases do not; only for domains on screen.
        if due.outside && due.visible && found.is_empty() {
            found.extend(ask(AddressSource::Arp).unwrap_or_default());
        }
        if !connection.is_alive() {
            return Err(Error::own("the connection ended"));
        }
        let pause = match seen.looked {
            _ if found.iter().any(|found| !found.address.is_loopback()) => LATER,
            Some((_, pause)) => (pause * 2).min(LATER),
            None => SOON,
        };
        seen.looked = Some((Instant::now(), pause));
        seen.handle = Some(domain);
        let found = in_order(found);
        if found != seen.addresses {
            seen.addresses.clone_from(&found);
            self.context.reporter.send(News::Addresses(due.uuid, found));
        }
        Ok(calls)
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
