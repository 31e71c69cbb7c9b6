//! What can be copied of the selected line.

use super::{Client, NetItem, Networks};
use crate::app::{Layer, Menu, MenuEntry, State};

impl Networks {
    /// Offers it.
    pub(super) fn offer_copies(&self, state: &mut State) {
        let Some(line) = self.selected() else {
            return;
        };
        let mut entries: Vec<(String, String)> = Vec::new();
        let of_client = |client: &Client, entries: &mut Vec<(String, String)>| {
            let address = client.address().map(|address| address.to_string());
            entries.extend(address.map(|text| ("Address".to_owned(), text)));
            entries.extend(
                client
                    .mac
                    .clone()
                    .map(|text| ("MAC address".to_owned(), text)),
            );
            entries.extend(client.tap.clone().map(|text| ("Tap".to_owned(), text)));
        };
        match &line.item {
            NetItem::Network(network, _) => {
                entries.push(("Name".to_owned(), network.name.clone()));
                entries.push(("UUID".to_owned(), network.uuid.to_string()));
                let bridge = network.definition.bridge.clone();
                entries.extend(bridge.map(|text| ("Bridge".to_owned(), text)));
                let subnets = network.definition.subnets.iter();
                entries.extend(subnets.map(|subnet| ("Subnet".to_owned(), subnet.cidr())));
            }
            NetItem::Client(client) => of_client(client, &mut entries),
            NetItem::Range(first, last) => {
                entries.push(("Range".to_owned(), format!("{first} {last}")));
            }
            NetItem::Name(host) => {
                entries.push(("Names".to_owned(), host.names.join(" ")));
                entries.push(("Address".to_owned(), host.address.clone()));
            }
            NetItem::Link(mapped) => {
                entries.push(("Name".to_owned(), mapped.link.name.clone()));
                let mac = mapped.link.mac.clone();
                entries.extend(mac.map(|text| ("MAC address".to_owned(), text)));
                let addresses = mapped.link.addresses.iter();
                entries
                    .extend(addresses.map(|one| ("Address".to_owned(), one.address.to_string())));
                if let Some(client) = &mapped.client {
                    of_client(client, &mut entries);
                }
            }
            NetItem::Filter(filter) => {
                entries.push(("Name".to_owned(), filter.name.clone()));
                entries.push(("XML".to_owned(), filter.xml.clone()));
            }
            NetItem::Binding(binding, _) => entries.push(("Tap".to_owned(), binding.port.clone())),
        }
        let entries = entries
            .into_iter()
            .map(|(label, text)| MenuEntry { label, text })
            .collect();
        state.layers.push(Layer::Menu(Menu {
            title: "Copy".to_owned(),
            entries,
            chosen: 0,
        }));
    }
}
