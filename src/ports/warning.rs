//! What is wrong with a port: open to everybody, or used twice.

use crate::domxml::reach_of;
use crate::model::{Endpoint, EndpointKind, FixedPort, Reach};

/// A warning about one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Warning {
    /// Listens on every address; no password, no TLS.
    Open,
    /// Listens on every address without TLS; whether a password is set is not known.
    PerhapsOpen,
}

impl Warning {
    /// The sentence for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Open => "listens on every address, without password or TLS",
            Self::PerhapsOpen => {
                "listens on every address without TLS; whether a password is set is not known"
            }
        }
    }
}

impl Warning {
    /// The way out.
    #[must_use]
    pub fn advice(self, kind: EndpointKind) -> &'static str {
        match (self, kind) {
            (_, EndpointKind::Serial) => {
                "Let it listen on 127.0.0.1 and come by an SSH tunnel, or give it TLS."
            }
            (Self::Open, _) => {
                "Let it listen on 127.0.0.1 and come by an SSH tunnel, or set a password and TLS."
            }
            (Self::PerhapsOpen, _) => {
                "A connection that is not read-only tells whether it has a password. An SSH tunnel to 127.0.0.1 is safe."
            }
        }
    }
}

/// The warning about an endpoint, where there is one.
#[must_use]
pub fn warning(endpoint: &Endpoint) -> Option<Warning> {
    let plain = endpoint.port.is_some() || endpoint.websocket_port.is_some();
    if endpoint.reach != Some(Reach::Everywhere) || !plain {
        return None;
    }
    match (endpoint.kind, endpoint.password) {
        (_, Some(true)) => None,
        // A serial line has no password to ask for.
        (EndpointKind::Serial, _) | (_, Some(false)) => Some(Warning::Open),
        (_, None) => Some(Warning::PerhapsOpen),
    }
}

/// A port that several domains of one host want for themselves: only one of them can run at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash<K> {
    /// The port.
    pub port: u16,
    /// The domains, in order, each once.
    pub owners: Vec<K>,
}

/// Ports that more than one owner of the same host has fixed, on addresses that overlap; sorted by port.
/// An owner that uses a port twice itself is named as well.
pub fn clashes<'a, K: Ord + Clone>(
    owned: impl IntoIterator<Item = (K, &'a [FixedPort])>,
) -> Vec<Clash<K>> {
    let mut wanted: Vec<(K, &FixedPort)> = owned
        .into_iter()
        .flat_map(|(owner, ports)| ports.iter().map(move |port| (owner.clone(), port)))
        .collect();
    wanted.sort_by_key(|(_, port)| port.port);
    let mut found = Vec::new();
    for users in wanted.chunk_by(|(_, one), (_, two)| one.port == two.port) {
        let [(_, first), _, ..] = users else {
            continue;
        };
        let port = first.port;
        let mut owners: Vec<K> = users
            .iter()
            .enumerate()
            .filter(|(index, (_, one))| {
                users
                    .iter()
                    .enumerate()
                    .any(|(other, (_, two))| other != *index && overlap(one, two))
            })
            .map(|(_, (owner, _))| owner.clone())
            .collect();
        owners.sort();
        owners.dedup();
        if !owners.is_empty() {
            found.push(Clash { port, owners });
        }
    }
    found
}

/// Whether both ports, of the same number, cannot be bound at once. An address that is not given is the default of
/// the hypervisor's configuration: 127.0.0.1, as long as nobody changed it.
#[must_use]
pub fn overlap(one: &FixedPort, two: &FixedPort) -> bool {
    fn host(port: &FixedPort) -> &str {
        match port.host.as_deref() {
            None | Some("localhost") => "127.0.0.1",
            Some(host) => host.trim_matches(['[', ']']),
        }
    }
    let everywhere = |port| reach_of(host(port)) == Reach::Everywhere;
    host(one) == host(two) || everywhere(one) || everywhere(two)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domxml::{Secrets, definition, endpoints};

    #[test]
    fn only_what_is_open_to_everybody_is_warned_of() {
        let judge = |graphics: &str, secrets| {
            let xml = format!("<domain id='1'><devices>{graphics}</devices></domain>");
            warning(&endpoints(&xml, secrets).unwrap().found[0])
        };
        let open = "<graphics type='vnc' port='5901' listen='0.0.0.0'/>";
        assert_eq!(judge(open, Secrets::LeftOut), Some(Warning::PerhapsOpen));
        assert_eq!(judge(open, Secrets::Included), Some(Warning::Open));
        for fine in [
            "<graphics type='vnc' port='5901' listen='0.0.0.0' passwd='x'/>",
            "<graphics type='vnc' port='5901' listen='127.0.0.1'/>",
            "<graphics type='vnc' port='-1' listen='0.0.0.0'/>",
            "<graphics type='spice' tlsPort='5901' listen='0.0.0.0'/>",
        ] {
            assert_eq!(judge(fine, Secrets::Included), None, "{fine}");
        }
        let serial = "<serial type='tcp'><source mode='bind' host='::' service='4000'/></serial>";
        assert_eq!(judge(serial, Secrets::LeftOut), Some(Warning::Open));
    }

    #[test]
    fn ports_fixed_twice_clash_where_their_addresses_overlap() {
        let fixed = |graphics: &str| {
            let xml =
                format!("<domain><devices><graphics type='vnc' {graphics}/></devices></domain>");
            definition(&xml, false).unwrap().fixed_ports
        };
        let domains = [
            ("a", fixed("port='5999' listen='127.0.0.1'")),
            ("b", fixed("port='5999' autoport='no' listen='0.0.0.0'")),
            ("c", fixed("port='5998' listen='192.0.2.1'")),
            ("d", fixed("port='5998' listen='192.0.2.2'")),
            ("e", fixed("port='5999' autoport='yes'")),
            ("f", fixed("port='-1'")),
            ("g", fixed("port='5997'")),
            ("h", fixed("port='5997' listen='127.0.0.1'")),
            ("i", fixed("port='5997' listen='192.0.2.1'")),
        ];
        let found = clashes(
            domains
                .iter()
                .map(|(name, ports)| (*name, ports.as_slice())),
        );
        assert_eq!(
            found,
            [
                Clash {
                    port: 5997,
                    owners: vec!["g", "h"]
                },
                Clash {
                    port: 5999,
                    owners: vec!["a", "b"]
                },
            ]
        );
    }
}
