//! The lines of each section, of what was read and what is typed.

use super::{Client, Mapped, NetItem, NetLine, NetRow, Networks, clients, map};
use crate::app::State;
use crate::model::{FilterBinding, HostNetworks, NwFilter};

impl Networks {
    /// What is typed, as it is compared.
    fn wanted(&self) -> String {
        self.filter.trim().to_lowercase()
    }

    /// Networks, and below each who is on it, what DHCP gives out, and names of DNS.
    pub(super) fn network_lines(
        &mut self,
        state: &State,
        read: &HostNetworks,
        lines: &mut Vec<NetLine>,
    ) {
        let wanted = self.wanted();
        for network in &read.networks {
            let mut on_it = clients(state, self.connection, read, network);
            let count = on_it.iter().filter(|client| client.running).count();
            let bridge = network.definition.bridge.as_deref().unwrap_or_default();
            let named = network.name.to_lowercase().contains(&wanted)
                || bridge.to_lowercase().contains(&wanted);
            if !wanted.is_empty() && !named {
                on_it.retain(|client| client.holds(&wanted));
                let dns = network.definition.dns_hosts.iter().any(|host| {
                    let text = format!("{} {}", host.names.join(" "), host.address);
                    text.to_lowercase().contains(&wanted)
                });
                if on_it.is_empty() && !dns {
                    continue;
                }
            }
            let row = NetRow::Network(network.uuid);
            // What was searched for is shown, folded or not.
            let folded = self.folded.contains(&row) && (wanted.is_empty() || named);
            lines.push(NetLine {
                row,
                depth: 0,
                folded: (!on_it.is_empty()
                    || !network.definition.dns_hosts.is_empty()
                    || network
                        .definition
                        .subnets
                        .iter()
                        .any(|s| !s.ranges.is_empty()))
                .then_some(folded),
                item: NetItem::Network(Box::new(network.clone()), count),
            });
            if folded {
                continue;
            }
            for client in on_it {
                let number = self.names.number(&client.key);
                lines.push(NetLine {
                    row: NetRow::Client(network.uuid, number),
                    depth: 1,
                    folded: None,
                    item: NetItem::Client(Box::new(client)),
                });
            }
            let ranges = network.definition.subnets.iter().flat_map(|s| &s.ranges);
            for (first, last) in ranges.filter(|_| named) {
                let number = self.names.number(&format!("{first} {last}"));
                lines.push(NetLine {
                    row: NetRow::Range(network.uuid, number),
                    depth: 1,
                    folded: None,
                    item: NetItem::Range(*first, *last),
                });
            }
            for host in &network.definition.dns_hosts {
                let text = format!("{} {}", host.names.join(" "), host.address);
                if !named && !text.to_lowercase().contains(&wanted) {
                    continue;
                }
                lines.push(NetLine {
                    row: NetRow::Name(network.uuid, self.names.number(&host.address)),
                    depth: 1,
                    folded: None,
                    item: NetItem::Name(host.clone()),
                });
            }
        }
    }

    /// A link, and below it what is in it.
    pub(super) fn link_lines(&mut self, mut mapped: Mapped, depth: u16, lines: &mut Vec<NetLine>) {
        let wanted = self.wanted();
        if !wanted.is_empty() && !any_holds(&mapped, &wanted) {
            return;
        }
        let row = NetRow::Link(self.names.number(&mapped.link.name));
        let members = std::mem::take(&mut mapped.members);
        let own = wanted.is_empty() || mapped.holds(&wanted);
        let folded = self.folded.contains(&row) && own;
        lines.push(NetLine {
            row,
            depth,
            folded: (!members.is_empty()).then_some(folded),
            item: NetItem::Link(Box::new(mapped)),
        });
        if folded {
            return;
        }
        for member in members {
            if own && !wanted.is_empty() {
                // All of a bridge that was searched for.
                let filter = std::mem::take(&mut self.filter);
                self.link_lines(member, depth + 1, lines);
                self.filter = filter;
            } else {
                self.link_lines(member, depth + 1, lines);
            }
        }
    }

    /// Filters, and below each the taps that it is at work on.
    pub(super) fn filter_lines(
        &mut self,
        state: &State,
        read: &HostNetworks,
        lines: &mut Vec<NetLine>,
    ) {
        let wanted = self.wanted();
        let links = map(state, self.connection, read);
        let bindings = |filter: &NwFilter| -> Vec<&FilterBinding> {
            let of = read.bindings.iter();
            of.filter(|one| one.filter == filter.name).collect()
        };
        for filter in &read.filters {
            let bound = bindings(filter);
            let named = filter.name.to_lowercase().contains(&wanted);
            let port = |one: &&FilterBinding| one.port.to_lowercase().contains(&wanted);
            if !named && !bound.iter().any(port) {
                continue;
            }
            let row = NetRow::Filter(filter.uuid);
            let folded = self.folded.contains(&row);
            lines.push(NetLine {
                row,
                depth: 0,
                folded: (!bound.is_empty()).then_some(folded),
                item: NetItem::Filter(Box::new(filter.clone())),
            });
            for one in bound.iter().filter(|_| !folded) {
                let client = client_of(&links, &one.port).cloned();
                lines.push(NetLine {
                    row: NetRow::Binding(self.names.number(&one.port)),
                    depth: 1,
                    folded: None,
                    item: NetItem::Binding((*one).clone(), client.map(Box::new)),
                });
            }
        }
    }
}

fn any_holds(mapped: &Mapped, wanted: &str) -> bool {
    mapped.holds(wanted) || mapped.members.iter().any(|one| any_holds(one, wanted))
}

fn client_of<'a>(links: &'a [Mapped], name: &str) -> Option<&'a Client> {
    links.iter().find_map(|one| {
        let own = one.client.as_ref().filter(|_| one.link.name == name);
        own.or_else(|| client_of(&one.members, name))
    })
}
