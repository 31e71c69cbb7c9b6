//! Whether a term of a query holds for a domain. What is not known holds no comparison.

use std::net::IpAddr;

use super::Scene;
use super::filter::contains_ignoring_case;
use crate::app::Guest;
use crate::model::{DomainState, Endpoint};
use crate::query::{Asks, Figure, Flag, Quantity, Relation, Unit, Words};
use crate::text::mac_holds;

/// What a term is asked of.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub guest: &'a Guest,
    pub scene: &'a Scene<'a>,
    /// Ports that are asked about; `None` for all that the domain has.
    pub ports: Option<&'a [u16]>,
}

/// Whether what a term asks for holds.
pub(super) fn holds(asks: &Asks, known: Known<'_>) -> bool {
    match asks {
        // Words are judged together (`filter.rs`).
        Asks::Plain { .. } | Asks::PortBegins(_) => true,
        Asks::Text { field, whole, any } => {
            any.iter().any(|wanted| text(*field, *whole, wanted, known))
        }
        Asks::Figure {
            field,
            relation,
            than,
        } => figure(*field, *relation, *than, known),
        Asks::Flag(flag, wanted) => self::flag(*flag, known) == Some(*wanted),
    }
}

fn text(field: Words, whole: bool, wanted: &str, known: Known<'_>) -> bool {
    let guest = known.guest;
    let is = |text: &str| equals_ignoring_case(text, wanted);
    let has = |text: &str| match whole {
        true => is(text),
        false => contains_ignoring_case(text, wanted),
    };
    let begins = |text: &str| match whole {
        true => is(text),
        false => begins_ignoring_case(text, wanted),
    };
    // `field=""` asks for those that have none.
    let none = whole && wanted.is_empty();
    let option = |text: Option<&str>, test: &dyn Fn(&str) -> bool| text.map_or(none, test);
    let definition = guest.domain.definition.as_deref();
    match field {
        Words::State => states(guest).any(begins),
        Words::Name => has(&guest.domain.name),
        Words::Host => known
            .scene
            .connection(guest.domain.id)
            .is_some_and(|connection| {
                let node = connection
                    .opened
                    .as_ref()
                    .and_then(|opened| opened.node.as_ref());
                let own = node.and_then(|node| node.hostname.as_deref());
                has(&connection.label) || own.is_some_and(has)
            }),
        Words::Uuid => begins(&guest.domain.id.uuid.to_string()),
        Words::Ip => {
            let mut addresses = guest.addresses.iter();
            (none && guest.addresses.is_empty())
                || addresses.any(|entry| address(entry.address, whole, wanted))
        }
        Words::Mac => {
            let defined = definition
                .into_iter()
                .flat_map(|definition| &definition.nics)
                .filter_map(|nic| nic.mac.as_deref());
            let mut seen = guest
                .addresses
                .iter()
                .filter_map(|entry| entry.mac.as_deref());
            let has = |address: &str| has(address) || (!whole && mac_holds(address, wanted));
            let mut all = defined.peekable();
            (none && all.peek().is_none()) || all.any(&has) || (!none && seen.any(&has))
        }
        _ => definition.is_some_and(|definition| match field {
            Words::Title => option(definition.title.as_deref(), &has),
            Words::Description => option(definition.description.as_deref(), &has),
            Words::Notes => option(definition.notes.as_deref(), &has),
            Words::Tag => {
                (none && definition.tags.is_empty())
                    || definition.tags.iter().any(|tag| begins(tag))
            }
            Words::Virt => begins(&definition.virt_type),
            Words::Os => {
                option(definition.os_id.as_deref(), &has)
                    || definition.os_type.as_deref().is_some_and(is)
            }
            Words::Arch => option(definition.arch.as_deref(), &begins),
            Words::Machine => option(definition.machine.as_deref(), &has),
            Words::Net => {
                (none && definition.nics.is_empty())
                    || definition.nics.iter().any(|nic| {
                        let names = [&nic.source, &nic.target, &nic.bridge];
                        let names = names.map(Option::as_deref);
                        names.into_iter().flatten().any(begins)
                    })
            }
            Words::Disk => {
                (none && definition.disks.is_empty())
                    || definition
                        .disks
                        .iter()
                        .any(|disk| disk.source.as_deref().is_some_and(has) || is(&disk.target))
            }
            _ => false,
        }),
    }
}

/// Fewest characters of an address that are looked for where nothing says that it is one.
const OF_ADDRESS: usize = 6;

/// Whether a plain word, in small letters, is what a NIC of a domain is known by: a part of its hardware address, the beginning
/// of an address, its tap, its network or bridge.
pub(super) fn by_nic(guest: &Guest, lower: &str) -> bool {
    let definition = guest.domain.definition.as_deref();
    let mut nics = definition
        .into_iter()
        .flat_map(|definition| &definition.nics);
    let is = |name: Option<&str>| name.is_some_and(|name| equals_ignoring_case(name, lower));
    let is_long = lower.len() >= OF_ADDRESS;
    let mac = |mac: Option<&str>| is_long && mac.is_some_and(|mac| mac_holds(mac, lower));
    let parted = lower.contains(['.', ':']);
    nics.any(|nic| {
        let names = [&nic.target, &nic.source, &nic.bridge];
        names.into_iter().any(|name| is(name.as_deref())) || mac(nic.mac.as_deref())
    }) || guest.addresses.iter().any(|entry| {
        mac(entry.mac.as_deref()) || (parted && is_long && address(entry.address, false, lower))
    })
}

/// The words for a state: virt-manager's, virsh's, and what people say.
fn states(guest: &Guest) -> impl Iterator<Item = &'static str> {
    let domain = &guest.domain;
    let other = match domain.state {
        DomainState::ShutOff => Some("off"),
        DomainState::Blocked => Some("running"),
        _ => None,
    };
    let silent = guest.silent_since.map(|_| "not responding");
    [
        domain.state.label(domain.managed_save == Some(true)),
        domain.state.virsh_word(),
    ]
    .into_iter()
    // One that is saved is off as well.
    .chain((domain.state == DomainState::ShutOff).then_some("shutoff"))
    .chain(other)
    .chain(silent)
}

/// A beginning of an address, the whole, or a network.
fn address(address: IpAddr, whole: bool, wanted: &str) -> bool {
    if let Some((network, prefix)) = wanted.split_once('/') {
        let bits = prefix.parse::<u32>();
        return match (address, network.parse(), bits) {
            (IpAddr::V4(has), Ok(IpAddr::V4(network)), Ok(bits)) => {
                let mask = u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
                has.to_bits() & mask == network.to_bits() & mask
            }
            (IpAddr::V6(has), Ok(IpAddr::V6(network)), Ok(bits)) => {
                let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
                has.to_bits() & mask == network.to_bits() & mask
            }
            _ => false,
        };
    }
    if let Ok(wanted) = wanted.parse::<IpAddr>()
        && wanted == address
    {
        return true;
    }
    !whole && address.to_string().starts_with(wanted)
}

fn figure(field: Figure, relation: Relation, than: Quantity, known: Known<'_>) -> bool {
    let guest = known.guest;
    let exactly = |value: f64| match relation {
        Relation::Equal => value == than.value,
        other => other.holds(value, than.value),
    };
    if field == Figure::Port {
        return match known.ports {
            Some(ports) => ports.iter().any(|port| exactly(f64::from(*port))),
            None => {
                let mut ports = guest.endpoints().iter().flat_map(Endpoint::ports);
                ports.any(|port| exactly(f64::from(port)))
            }
        };
    }
    let (value, whole) = match (field, than.unit) {
        (Figure::Cpu, _) => (guest.cpu_percent(), false),
        (Figure::HostCpu, _) => (
            guest.host_cpu_percent(known.scene.connection(guest.domain.id)),
            false,
        ),
        (Figure::Memory, Unit::Percent) => (guest.memory_percent(), false),
        (Figure::Memory, _) => (
            guest
                .memory_used_kib()
                .filter(|_| guest.domain.state.is_active())
                .map(|kib| kib as f64 * 1024.0),
            false,
        ),
        (Figure::DiskRate, _) => (guest.disk_bps(), false),
        (Figure::NetRate, _) => (guest.net_bps(), false),
        (Figure::Vcpus, _) => (guest.domain.vcpus.map(f64::from), true),
        (Figure::Snapshots, _) => (guest.snapshots.map(f64::from), true),
        (Figure::Uptime, _) => (
            guest.uptime(known.scene.wall).map(|age| age.as_secs_f64()),
            false,
        ),
        (Figure::Steal, _) => (guest.steal_percent(), false),
        (Figure::Wait, _) => (guest.wait_percent(), false),
        (Figure::Latency, _) => (guest.latency_ns().map(|ns| ns / 1e9), false),
        (Figure::Port, _) => (None, true),
    };
    value.is_some_and(|value| match (relation, than.unit) {
        _ if whole => exactly(value),
        // As it is shown: three figures of it.
        (Relation::Equal, Unit::Bytes | Unit::Seconds) => {
            (value - than.value).abs() <= than.value * 0.005
        }
        (relation, _) => relation.holds(value, than.value),
    })
}

fn flag(flag: Flag, known: Known<'_>) -> Option<bool> {
    let domain = &known.guest.domain;
    match flag {
        Flag::Autostart => domain.autostart,
        Flag::Persistent => Some(domain.persistent),
        Flag::Transient => Some(!domain.persistent),
        Flag::Saved => domain.managed_save,
        Flag::Running => Some(domain.state.is_active()),
        Flag::Agent => Some(domain.definition.as_ref()?.guest_agent == Some(true)),
        Flag::Silent => Some(known.guest.silent_since.is_some()),
    }
}

fn equals_ignoring_case(text: &str, lower: &str) -> bool {
    match text.is_ascii() {
        true => text.eq_ignore_ascii_case(lower),
        false => text.to_lowercase() == lower,
    }
}

fn begins_ignoring_case(text: &str, lower: &str) -> bool {
    match text.is_ascii() {
        true => text
            .as_bytes()
            .get(..lower.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(lower.as_bytes())),
        false => text.to_lowercase().starts_with(lower),
    }
}
