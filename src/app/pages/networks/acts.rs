//! What keys and commands do to networks, filters and bridges: may it be done, is it asked first, and sending it.

use std::net::IpAddr;
use std::time::Duration;

use super::{Client, NetItem, NetRow, NetTab, Networks};
use crate::action::Action;
use crate::app::forms::{self, BridgeForm};
use crate::app::{Confirm, Effect, Intent, Layer, Level, Page, Purpose, Reader, State};
use crate::model::{ConnectionId, DnsHost, DomainId, Network, NwFilter, Uuid};
use crate::network::{dhcp_host_xml, dhcp_range_xml, dns_host_xml};
use crate::protocol::{
    Affect, JobId, NetVerb, NetworkUpdate, NetworkVerb, UpdateCommand, UpdateSection, Verb,
};
use crate::record::Entry;
use crate::text::visible;
use crate::virsh::{self, Given};

/// Something about the networks of a host, ready to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetDeed {
    /// On which host.
    pub connection: ConnectionId,
    /// The action that it is.
    pub action: Action,
    /// What is asked of libvirt.
    pub verb: NetVerb,
    /// What it is done to; untrusted.
    pub name: String,
    /// What it means, beside the action's sentence.
    pub means: Vec<String>,
}

impl NetDeed {
    /// The command that does the same, without a host.
    fn given(&self) -> Option<Given> {
        let named = |word: &str, name: &str| {
            let mut given = Given::new(virsh::command(word).ok()?);
            let option = given.command.options.first()?;
            given.name(option.name, Some(name.to_owned())).ok()?;
            Some(given)
        };
        match &self.verb {
            NetVerb::Network(_, verb) => virsh::network_given(verb, &self.name),
            NetVerb::UndefineFilter(_) => named("nwfilter-undefine", &self.name),
            NetVerb::SwitchInterface(name, true) => named("iface-start", name),
            NetVerb::SwitchInterface(name, false) => named("iface-destroy", name),
            NetVerb::BeginInterfaces => Some(Given::new(virsh::command("iface-begin").ok()?)),
            NetVerb::CommitInterfaces => Some(Given::new(virsh::command("iface-commit").ok()?)),
            NetVerb::RollbackInterfaces => Some(Given::new(virsh::command("iface-rollback").ok()?)),
            NetVerb::DefineNetwork { .. } => named("net-define", "FILE"),
            NetVerb::CreateNetwork(_) => named("net-create", "FILE"),
            NetVerb::DefineFilter(_) => named("nwfilter-define", "FILE"),
        }
    }

    /// The line that does the same, ready for a shell.
    #[must_use]
    pub fn line(&self, state: &State) -> Option<String> {
        let mut given = self.given()?;
        given.host = Some(state.connection(self.connection)?.uri().to_owned());
        Some(format!("virsh {}", given.line()))
    }
}

/// Why nothing of a host's networks can be changed; `None` when it can.
#[must_use]
pub(in crate::app) fn refusal(state: &State, host: ConnectionId, action: Action) -> Option<String> {
    let connection = state.connection(host)?;
    let label = visible(&connection.label);
    let word = action.row().label;
    if connection.readonly() {
        return Some(format!(
            "{word} is not possible: {label} is open read-only. Open it without --readonly to change its networks."
        ));
    }
    (!connection.is_live()).then(|| format!("{word} is not possible: {label} is not connected."))
}

/// Does it, after the question that its action wants.
pub(in crate::app) fn attempt(state: &mut State, deed: NetDeed, effects: &mut Vec<Effect>) {
    if let Some(why) = refusal(state, deed.connection, deed.action) {
        return state.say(Level::Note, why);
    }
    if !state.asks(deed.action) {
        return begin(state, deed, effects);
    }
    let row = deed.action.row();
    let host = state
        .connection(deed.connection)
        .filter(|_| state.connections.len() > 1)
        .map_or_else(String::new, |host| format!(" on {}", host.label));
    let mut body = vec![row.doc.to_owned()];
    body.extend(deed.means.iter().cloned());
    let layer = Confirm {
        title: format!("{} {}{host}?", row.label, deed.name),
        body,
        warning: None,
        command: deed.line(state),
        accept: row.label,
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Net(Box::new(deed)),
    };
    state.layers.push(Layer::Confirm(layer));
}

/// Sends it, after all questions. Asked again whether it may be: a dialog can stand for long.
pub(in crate::app) fn begin(state: &mut State, deed: NetDeed, effects: &mut Vec<Effect>) {
    if let Some(why) = refusal(state, deed.connection, deed.action) {
        return state.say(Level::Note, why);
    }
    send(state, deed, effects);
}

/// Puts on record what is about a bridge of a host.
pub(in crate::app) fn record(
    state: &mut State,
    job: JobId,
    host: ConnectionId,
    name: &str,
    line: String,
) {
    let Some(connection) = state.connection(host) else {
        return;
    };
    let entry = Entry {
        time: state.now.wall,
        connection: connection.uri().to_owned(),
        domain: name.to_owned(),
        uuid: String::new(),
        line,
        took: Duration::ZERO,
        failure: None,
    };
    state.jobs.describe(job, entry);
}

/// Sends it; gives its number.
pub(in crate::app) fn send(state: &mut State, deed: NetDeed, effects: &mut Vec<Effect>) -> JobId {
    let entry = state.connection(deed.connection).map(|connection| Entry {
        time: state.now.wall,
        connection: connection.uri().to_owned(),
        domain: deed.name.clone(),
        uuid: match &deed.verb {
            NetVerb::Network(uuid, _) | NetVerb::UndefineFilter(uuid) => uuid.to_string(),
            _ => String::new(),
        },
        line: deed.line(state).unwrap_or_default(),
        took: Duration::ZERO,
        failure: None,
    });
    let target = DomainId {
        connection: deed.connection,
        uuid: Uuid([0; 16]),
    };
    let job = state.ask(
        target,
        Purpose::Act(deed.action),
        Verb::Net(deed.verb),
        effects,
    );
    state.jobs.name(job, deed.name);
    if let Some(entry) = entry {
        state.jobs.describe(job, entry);
    }
    job
}

/// Where a change of a part of a network is made: now, for the next start, or both, as far as there are two.
pub(in crate::app) fn affect(network: &Network) -> Affect {
    match (network.active, network.persistent) {
        (true, true) => Affect::Both,
        (true, false) => Affect::Live,
        (false, _) => Affect::Config,
    }
}

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

    fn to_network(
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
        let running = self.running_on(network.uuid);
        let mut means = Vec::new();
        match &verb {
            NetworkVerb::Stop if running.is_empty() => {
                means.push("No running domain that is known here is on it.".to_owned());
            }
            NetworkVerb::Stop => means.push(format!(
                "Cut off until they are started anew or plugged in again: {}.",
                running.join(", ")
            )),
            NetworkVerb::Undefine if network.active => means
                .push("It is active and goes on until it is stopped; then it is gone.".to_owned()),
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

    /// Names of running domains on a network.
    fn running_on(&self, uuid: Uuid) -> Vec<String> {
        let on_it = self
            .lines
            .iter()
            .filter_map(|line| match (&line.item, line.row) {
                (NetItem::Client(client), NetRow::Client(of, _))
                    if of == uuid && client.running =>
                {
                    client.name.as_ref().map(|name| visible(name).into_owned())
                }
                _ => None,
            });
        let mut names: Vec<String> = on_it.collect();
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

    fn delete_filter(&self, state: &mut State, filter: &NwFilter, effects: &mut Vec<Effect>) {
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

    fn show_xml(&self, state: &mut State) {
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

    /// Does a command that was typed, once what it names is known.
    pub(super) fn perform_pending(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        if self.read.is_none() {
            return;
        }
        let Some(given) = self.pending.take() else {
            return;
        };
        if let Err(why) = self.perform(state, &given, effects) {
            state.say(Level::Failed, why);
        }
    }

    fn perform(
        &mut self,
        state: &mut State,
        given: &Given,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let name = given.command.name;
        let word = given.subject();
        if name.starts_with("nwfilter-") {
            self.show(NetTab::Filters);
            let Some(word) = word else { return Ok(()) };
            let named = |one: &&NwFilter| one.name == word || one.uuid.to_string() == word;
            let known = self.read.iter().flat_map(|read| &read.filters);
            let filter = known.clone().find(named).cloned();
            let filter =
                filter.ok_or_else(|| format!("there is no network filter '{}'", visible(word)))?;
            self.list.select(NetRow::Filter(filter.uuid));
            if name == "nwfilter-undefine" {
                self.delete_filter(state, &filter, effects);
            }
            return Ok(());
        }
        let Some(word) = word.filter(|_| !name.starts_with("iface-")) else {
            return Ok(());
        };
        let networks = self.read.as_ref().map_or(&[][..], |read| &read.networks);
        let named = |one: &&Network| one.name == word || one.uuid.to_string() == word;
        let network = networks.iter().find(named).cloned();
        let network = network.ok_or_else(|| {
            let names = networks.iter().map(|one| one.name.as_str());
            let meant = crate::text::nearest(word, names);
            let meant = meant.map_or_else(String::new, |name| {
                format!(" (did you mean {}?)", visible(name))
            });
            format!("there is no network '{}'{meant}", visible(word))
        })?;
        self.show(NetTab::Networks);
        self.filter.clear();
        self.list.select(NetRow::Network(network.uuid));
        self.settle(state, self.list_lines(state));
        if name == "net-dumpxml" {
            self.show_xml(state);
            return Ok(());
        }
        let verb = virsh::network_verb(given).map_err(|error| error.to_string())?;
        let Some(verb) = verb else {
            return Ok(());
        };
        if let NetworkVerb::Update(update) = &verb
            && !update.xml.trim_start().starts_with('<')
        {
            return Err("net-update takes XML here, as in \"<host ip='10.0.0.2'/>\"; from a file by virtty net-update".to_owned());
        }
        let action = match verb {
            NetworkVerb::Start => Action::StartNetwork,
            NetworkVerb::Stop => Action::StopNetwork,
            NetworkVerb::SetAutostart(_) => Action::AutostartNetwork,
            NetworkVerb::Undefine => Action::DeleteNetwork,
            NetworkVerb::Update(_) => Action::UpdateNetwork,
        };
        self.to_network(state, &network, action, verb, effects);
        Ok(())
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

/// The change that reserves a client's address.
fn reservation(network: &Network, client: &Client) -> Result<NetworkUpdate, String> {
    let name = visible(&network.name);
    let leased = client.leases.iter().map(|lease| lease.address);
    let known = leased.chain(client.addresses.iter().copied());
    let usable = known.filter(|address| {
        let subnet = network.definition.subnet_of(*address);
        subnet.is_some_and(|(_, subnet)| subnet.dhcp)
    });
    let mut usable: Vec<IpAddr> = usable.collect();
    usable.sort_by_key(IpAddr::is_ipv6);
    let Some(address) = usable.first().copied() else {
        return Err(match client.address() {
            Some(address) => format!("{address} is in no subnet of network {name} that has DHCP."),
            None => "No address of it is known yet: it has no lease.".to_owned(),
        });
    };
    let Some((at, _)) = network.definition.subnet_of(address) else {
        return Err(format!("{address} is not of network {name}."));
    };
    let present = client.reserved.as_ref();
    if present.and_then(|host| host.address) == Some(address) {
        return Err(format!("{address} is reserved for it already."));
    }
    let lease = client.leases.iter().find(|lease| lease.address == address);
    let host = crate::model::DhcpHost {
        mac: client.mac.clone().filter(|_| address.is_ipv4()),
        id: lease
            .and_then(|lease| lease.client_id.clone())
            .filter(|_| address.is_ipv6()),
        address: Some(address),
        // A name that is none for DNS would make libvirt refuse it all.
        name: present
            .and_then(|host| host.name.clone())
            .or_else(|| client.hostname().map(str::to_owned))
            .filter(|name| is_dns_name(name)),
    };
    if host.mac.is_none() && host.id.is_none() {
        return Err("Neither its hardware address nor its client id is known.".to_owned());
    }
    Ok(NetworkUpdate {
        command: match present {
            Some(_) => UpdateCommand::Modify,
            None => UpdateCommand::AddLast,
        },
        section: UpdateSection::DhcpHost,
        parent: i32::try_from(at).ok(),
        xml: dhcp_host_xml(&host),
        affect: Affect::Current,
    })
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

/// Takes a command about networks: opens their page, which does it once it knows what is meant.
///
/// # Errors
/// Why it cannot be taken.
pub(in crate::app) fn take(
    state: &mut State,
    given: &Given,
    host: ConnectionId,
) -> Result<(), String> {
    let name = given.command.name;
    if matches!(name, "net-define" | "net-create" | "nwfilter-define") {
        return Err(format!(
            "{name} reads a file: type virtty {name} FILE in a shell, or make a network with n on the page of networks"
        ));
    }
    // What names a network need not be on the page that is open.
    let mut page = match state.pages.pop() {
        Some(Page::Networks(page)) if page.connection == host => page,
        other => {
            state.pages.extend(other);
            Box::new(Networks::new(host))
        }
    };
    if given.subject().is_none() && virsh::network_verb(given).is_ok_and(|verb| verb.is_some()) {
        let Some(network) = page.network().map(|network| network.name.clone()) else {
            state.pages.push(Page::Networks(page));
            return Err(format!(
                "no network is selected: name one, as in {}",
                given.command.usage()
            ));
        };
        let mut named = given.clone();
        let _ = named.name("network", Some(network));
        page.pending = Some(named);
    } else {
        page.show(match name {
            _ if name.starts_with("iface-") => NetTab::Bridges,
            _ if name.starts_with("nwfilter-") => NetTab::Filters,
            _ => NetTab::Networks,
        });
        page.pending = Some(given.clone());
    }
    state.pages.push(Page::Networks(page));
    Ok(())
}
