//! What keys do to networks, filters and bridges.

use std::net::IpAddr;

use super::deeds::{NetDeed, affect, attempt, record, refusal};
use super::reserving::reservation;
use super::{Client, NetItem, NetTab, Networks, clients};
use crate::action::Action;
use crate::app::forms::{self, BridgeForm};
use crate::app::{Effect, Layer, Level, Page, Purpose, Reader, State};
use crate::model::{DnsHost, Network, NwFilter};
use crate::network::{dhcp_host_xml, dhcp_range_xml, dns_host_xml};
use crate::protocol::{NetVerb, NetworkUpdate, NetworkVerb, UpdateCommand, UpdateSection, Verb};
use crate::text::visible;

impl Networks {
    /// Does an action to what is selected, or says why not; `false` for an action that is none of these.
    pub(super) fn act_on_selected(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let verb = match action {
            Action::StartNetwork => NetworkVerb::Start,
            Action::StopNetwork => NetworkVerb::Stop,
            Action::AutostartNetwork => {
                let on = self.network().and_then(|network| network.autostart);
                NetworkVerb::SetAutostart(on != Some(true))
            }
            Action::DeleteNetwork => {
                self.delete(state, effects);
                return true;
            }
            Action::ReserveAddress => {
                self.reserve(state, effects);
                return true;
            }
            Action::NewNetwork | Action::AddToNetwork | Action::TakeOutOfBridge => {
                self.open_form(state, action);
                return true;
            }
            Action::KeepBridge | Action::UndoBridge => {
                self.decide(state, action, effects);
                return true;
            }
            Action::ShowNetworkXml => {
                self.show_xml(state);
                return true;
            }
            _ => return false,
        };
        match self.network().cloned() {
            Some(network) => self.to_network(state, &network, action, verb, effects),
            None => state.say(Level::Note, "No network is selected.".to_owned()),
        }
        true
    }

    pub(super) fn to_network(
        &self,
        state: &mut State,
        network: &Network,
        action: Action,
        verb: NetworkVerb,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(why) = illegal(&verb, network) {
            let (word, name) = (action.row().label, visible(&network.name));
            return state.say(Level::Note, format!("{word} of network {name}: {why}."));
        }
        let running = self.users(state, network, true);
        let mut means = Vec::new();
        match &verb {
            NetworkVerb::Stop if running.is_empty() => {
                means.push("No running domain that is known here is on it.".to_owned());
            }
            NetworkVerb::Stop => means.push(format!(
                "Cut off until they are started anew or plugged in again: {}.",
                running.join(", ")
            )),
            NetworkVerb::Undefine => {
                let users = self.users(state, network, false);
                if !users.is_empty() {
                    means.push(format!(
                        "Domains whose definition names it do not start any more: {}.",
                        users.join(", ")
                    ));
                }
                if network.active {
                    let words = "It is active and goes on until it is stopped; then it is gone.";
                    means.push(words.to_owned());
                }
            }
            _ => {}
        }
        let deed = NetDeed {
            connection: self.connection,
            action,
            verb: NetVerb::Network(network.uuid, verb),
            name: network.name.clone(),
            means,
        };
        attempt(state, deed, effects);
    }

    /// Names of domains with a NIC on a network: all, or those that run.
    fn users(&self, state: &State, network: &Network, running: bool) -> Vec<String> {
        let Some(read) = &self.read else {
            return Vec::new();
        };
        let all = clients(state, self.connection, read, network).into_iter();
        let wanted = all.filter(|client| client.domain.is_some() && (client.running || !running));
        let mut names: Vec<String> = wanted
            .filter_map(|client| client.name)
            .map(|name| visible(&name).into_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Takes away what is selected: a network, a reservation, a name, a filter.
    fn delete(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some(line) = self.selected().cloned() else {
            return state.say(Level::Note, "Nothing is selected.".to_owned());
        };
        match line.item {
            NetItem::Network(network, _) => {
                let action = Action::DeleteNetwork;
                self.to_network(state, &network, action, NetworkVerb::Undefine, effects);
            }
            NetItem::Client(client) => self.unreserve(state, &client, effects),
            NetItem::Name(host) => self.forget_name(state, &host, effects),
            NetItem::Range(first, last) => self.drop_range(state, first, last, effects),
            NetItem::Filter(filter) => self.delete_filter(state, &filter, effects),
            NetItem::Link(mapped) if mapped.link.is_bridge() => {
                let form = BridgeForm::Remove(self.connection, mapped.link.name);
                if let Some(all) = self.read.clone() {
                    self.with_read(state, |state| forms::open_bridge(state, form, &all));
                }
            }
            NetItem::Link(_) | NetItem::Binding(..) => {
                state.say(Level::Note, "Nothing of this is deleted here.".to_owned())
            }
        }
    }

    /// Opens a form, which looks for this page among those of the state.
    fn with_read(&mut self, state: &mut State, open: impl FnOnce(&mut State)) {
        state.pages.push(Page::Networks(Box::new(self.clone())));
        open(state);
        state.pages.pop();
    }

    /// Opens the form of something new.
    fn open_form(&mut self, state: &mut State, action: Action) {
        if let Some(why) = refusal(state, self.connection, action) {
            return state.say(Level::Note, why);
        }
        let Some(all) = self.read.clone() else {
            return state.say(Level::Note, "The networks are still being read.".to_owned());
        };
        let host = self.connection;
        let link = match self.selected().map(|line| &line.item) {
            Some(NetItem::Link(mapped)) => Some(mapped.link.clone()),
            _ => None,
        };
        match (action, self.tab, link) {
            (Action::NewNetwork, NetTab::Bridges, link) => {
                let over = link.filter(|link| link.physical && link.master.is_none());
                let form = BridgeForm::Make(host, over.map(|link| link.name));
                self.with_read(state, |state| forms::open_bridge(state, form, &all));
            }
            (Action::NewNetwork, NetTab::Networks, _) => {
                self.with_read(state, |state| forms::open_new_network(state, host, &all));
            }
            (Action::AddToNetwork, NetTab::Bridges, Some(link)) if !link.is_bridge() => {
                if let Some(master) = &link.master {
                    let why = format!("{} is in {} already.", visible(&link.name), visible(master));
                    return state.say(Level::Note, why);
                }
                let form = BridgeForm::Add(host, link.name);
                self.with_read(state, |state| forms::open_bridge(state, form, &all));
            }
            (Action::AddToNetwork, NetTab::Networks, _) => self.open_entry(state),
            (Action::TakeOutOfBridge, NetTab::Bridges, Some(link)) if link.master.is_some() => {
                let master = link.master.clone().unwrap_or_default();
                let form = BridgeForm::TakeOut(host, master, link.name);
                self.with_read(state, |state| forms::open_bridge(state, form, &all));
            }
            (Action::TakeOutOfBridge, ..) => {
                state.say(Level::Note, "Select a link that is in a bridge.".to_owned())
            }
            (Action::AddToNetwork, NetTab::Bridges, _) => state.say(
                Level::Note,
                "Select the link that goes into a bridge.".to_owned(),
            ),
            _ => state.say(
                Level::Note,
                "A filter is made by virtty nwfilter-define FILE.".to_owned(),
            ),
        }
    }

    fn open_entry(&mut self, state: &mut State) {
        let Some(network) = self.network().cloned() else {
            return state.say(Level::Note, "No network is selected.".to_owned());
        };
        let client = self.selected_client().map(|(_, client)| client);
        let mac = client.as_ref().and_then(|client| client.mac.clone());
        let address = client.as_ref().and_then(Client::address);
        let name = client.and_then(|client| {
            client
                .hostname()
                .or(client.name.as_deref())
                .map(str::to_owned)
        });
        let name = name.filter(|name| is_dns_name(name));
        let host = self.connection;
        self.with_read(state, |state| {
            forms::open_network_entry(
                state,
                host,
                &network,
                mac.as_deref(),
                address,
                name.as_deref(),
            );
        });
    }

    /// Keeps the change of a bridge that waits, or takes it back.
    fn decide(&self, state: &mut State, action: Action, effects: &mut Vec<Effect>) {
        let change = self.read.as_ref().and_then(|read| read.change.clone());
        let Some(change) = change else {
            return state.say(Level::Note, "No change of a bridge waits here.".to_owned());
        };
        if let Some(why) = refusal(state, self.connection, action) {
            return state.say(Level::Note, why);
        }
        let keep = action == Action::KeepBridge;
        let verb = Verb::DecideBridge(keep);
        let job = state.ask(self.target(), Purpose::Act(action), verb, effects);
        state.jobs.name(job, change.title.clone());
        let word = if keep {
            "iface-commit"
        } else {
            "iface-rollback"
        };
        record(
            state,
            job,
            self.connection,
            &change.title,
            format!("virtty {word}"),
        );
    }

    pub(super) fn delete_filter(
        &self,
        state: &mut State,
        filter: &NwFilter,
        effects: &mut Vec<Effect>,
    ) {
        let users: Vec<&str> = self
            .read
            .iter()
            .flat_map(|read| &read.bindings)
            .filter(|one| one.filter == filter.name)
            .map(|one| one.port.as_str())
            .collect();
        if !users.is_empty() {
            let (name, users) = (visible(&filter.name), users.join(", "));
            return state.say(
                Level::Note,
                format!(
                    "Filter {name} is at work on {}: it cannot be deleted.",
                    visible(&users)
                ),
            );
        }
        let deed = NetDeed {
            connection: self.connection,
            action: Action::DeleteNetwork,
            verb: NetVerb::UndefineFilter(filter.uuid),
            name: filter.name.clone(),
            means: Vec::new(),
        };
        attempt(state, deed, effects);
    }

    /// Keeps the address of the selected lease for its holder, without stopping the network.
    fn reserve(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some((network, client)) = self.selected_client() else {
            return state.say(
                Level::Note,
                "Select somebody on a network: their address is reserved.".to_owned(),
            );
        };
        match reservation(&network, &client) {
            Ok(update) => {
                let name = client.name.clone().or_else(|| client.mac.clone());
                let deed = NetDeed {
                    connection: self.connection,
                    action: Action::ReserveAddress,
                    verb: NetVerb::Network(
                        network.uuid,
                        NetworkVerb::Update(Box::new(NetworkUpdate {
                            affect: affect(&network),
                            ..update
                        })),
                    ),
                    name: network.name.clone(),
                    means: name.into_iter().collect(),
                };
                attempt(state, deed, effects);
            }
            Err(why) => state.say(Level::Note, why),
        }
    }

    fn unreserve(&self, state: &mut State, client: &Client, effects: &mut Vec<Effect>) {
        let (Some(reserved), Some(network)) = (&client.reserved, self.network()) else {
            return state.say(
                Level::Note,
                "Nothing is reserved here; a lease ends by itself.".to_owned(),
            );
        };
        let parent = reserved
            .address
            .and_then(|address| network.definition.subnet_of(address));
        let update = NetworkUpdate {
            command: UpdateCommand::Delete,
            section: UpdateSection::DhcpHost,
            parent: parent.and_then(|(at, _)| i32::try_from(at).ok()),
            xml: dhcp_host_xml(reserved),
            affect: affect(network),
        };
        let what = reserved.address.map_or_else(String::new, |address| {
            format!("The reservation of {address}")
        });
        let deed = NetDeed {
            connection: self.connection,
            action: Action::DeleteNetwork,
            verb: NetVerb::Network(network.uuid, NetworkVerb::Update(Box::new(update))),
            name: network.name.clone(),
            means: vec![format!("{what} alone goes; the network stays as it is.")],
        };
        attempt(state, deed, effects);
    }

    fn drop_range(
        &self,
        state: &mut State,
        first: IpAddr,
        last: IpAddr,
        effects: &mut Vec<Effect>,
    ) {
        let Some(network) = self.network() else {
            return;
        };
        let parent = network.definition.subnet_of(first);
        let update = NetworkUpdate {
            command: UpdateCommand::Delete,
            section: UpdateSection::DhcpRange,
            parent: parent.and_then(|(at, _)| i32::try_from(at).ok()),
            xml: dhcp_range_xml(first, last),
            affect: affect(network),
        };
        let deed = NetDeed {
            connection: self.connection,
            action: Action::DeleteNetwork,
            verb: NetVerb::Network(network.uuid, NetworkVerb::Update(Box::new(update))),
            name: network.name.clone(),
            means: vec![format!(
                "{first} – {last} alone is no longer given out; the network stays as it is."
            )],
        };
        attempt(state, deed, effects);
    }

    fn forget_name(&self, state: &mut State, host: &DnsHost, effects: &mut Vec<Effect>) {
        let Some(network) = self.network() else {
            return;
        };
        let update = NetworkUpdate {
            command: UpdateCommand::Delete,
            section: UpdateSection::DnsHost,
            parent: None,
            xml: dns_host_xml(host),
            affect: affect(network),
        };
        let deed = NetDeed {
            connection: self.connection,
            action: Action::DeleteNetwork,
            verb: NetVerb::Network(network.uuid, NetworkVerb::Update(Box::new(update))),
            name: network.name.clone(),
            means: vec![format!(
                "The names {} of {} alone go; the network stays as it is.",
                host.names.join(" "),
                host.address
            )],
        };
        attempt(state, deed, effects);
    }

    /// The selected client, with their network.
    fn selected_client(&self) -> Option<(Network, Client)> {
        let NetItem::Client(client) = &self.selected()?.item else {
            return None;
        };
        Some((self.network()?.clone(), (**client).clone()))
    }

    pub(super) fn show_xml(&self, state: &mut State) {
        let text = match self.selected().map(|line| &line.item) {
            Some(NetItem::Filter(filter)) => Some((filter.name.clone(), filter.xml.clone())),
            _ => self
                .network()
                .map(|network| (network.name.clone(), network.xml.clone())),
        };
        match text {
            Some((name, xml)) => {
                let lines: Vec<String> = xml.lines().map(str::to_owned).collect();
                let mut reader = Reader::text(&format!("XML of {}", visible(&name)), &lines);
                reader.script = Some(xml);
                state.layers.push(Layer::Reader(reader));
            }
            None => state.say(Level::Note, "It has no XML of libvirt's.".to_owned()),
        }
    }
}

/// Why a verb makes no sense for a network; `None` where it does.
fn illegal(verb: &NetworkVerb, network: &Network) -> Option<&'static str> {
    match verb {
        NetworkVerb::Start if network.active => Some("it is active already"),
        NetworkVerb::Stop if !network.active => Some("it is not active"),
        NetworkVerb::SetAutostart(_) | NetworkVerb::Undefine if !network.persistent => {
            Some("it is transient: it has no definition and is gone when it stops")
        }
        _ => None,
    }
}

/// Whether a text is a name that DNS knows.
#[must_use]
pub(in crate::app) fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    !name.is_empty() && name.len() <= 253 && name.split('.').all(label)
}
