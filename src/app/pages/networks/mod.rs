//! The networks of a host: virtual networks with who is on them, its links as a map of bridges, network filters.

pub(in crate::app) mod acts;
mod clients;
mod copies;
pub(in crate::app) mod deeds;
mod lines;
mod map;
mod names;
mod reserving;
mod told;
pub(in crate::app) mod typed;

pub use clients::{Client, clashes, clients, free_addresses};
pub use deeds::NetDeed;
pub use map::{Mapped, map};
pub use told::{TOLD, speed};

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::{Details, Page, Place, tab_beside};
use crate::action::{Action, Context};
use crate::app::host_changes;
use crate::app::list::steps;
use crate::app::{
    Connection, Effect, Layer, Level, Line, List, Purpose, State, Target, TextField, TextUse,
};
use crate::model::{
    ConnectionId, DnsHost, DomainId, EventObject, FilterBinding, HostNetworks, Network, NwFilter,
    Uuid,
};
use crate::protocol::{Answer, Failure, JobId, Verb};
use crate::virsh::Given;
use names::Names;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Networks,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How old what is shown may get while one looks at it: leases come and go without an event.
const REREAD: Duration = Duration::from_secs(3);

/// A section of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NetTab {
    /// Virtual networks.
    #[default]
    Networks,
    /// Links of the host.
    Bridges,
    /// Network filters.
    Filters,
}

impl NetTab {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Networks, Self::Bridges, Self::Filters];

    /// Its label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Networks => "Networks",
            Self::Bridges => "Bridges and links",
            Self::Filters => "Filters",
        }
    }
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NetRow {
    /// A virtual network.
    Network(Uuid),
    /// Somebody on it, by the number of their key.
    Client(Uuid, u32),
    /// A name that its DNS server knows, by the number of its address.
    Name(Uuid, u32),
    /// What its DHCP server gives out, by the number of its text.
    Range(Uuid, u32),
    /// A link of the host, by the number of its name.
    Link(u32),
    /// A network filter.
    Filter(Uuid),
    /// A tap that a filter is at work on, by the number of its name.
    Binding(u32),
}

/// A line of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct NetLine {
    /// What it is about.
    pub row: NetRow,
    /// How far it stands to the right.
    pub depth: u16,
    /// Whether what is below it is hidden; `None` where there is nothing.
    pub folded: Option<bool>,
    /// What it shows.
    pub item: NetItem,
}

/// What a line shows.
#[derive(Debug, Clone, PartialEq)]
pub enum NetItem {
    /// A virtual network, and how many are on it.
    Network(Box<Network>, usize),
    /// Somebody on a network.
    Client(Box<Client>),
    /// A name that the network's DNS server knows.
    Name(DnsHost),
    /// What the network's DHCP server gives out: first and last.
    Range(IpAddr, IpAddr),
    /// A link; its members have lines of their own.
    Link(Box<Mapped>),
    /// A network filter.
    Filter(Box<NwFilter>),
    /// A filter at work, and whose NIC it guards.
    Binding(FilterBinding, Option<Box<Client>>),
}

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Networks {
    /// Which host.
    pub connection: ConnectionId,
    /// The section.
    pub tab: NetTab,
    read: Option<HostNetworks>,
    failure: Option<Failure>,
    asked: Option<JobId>,
    /// When it was asked for last; `None` when it is due.
    read_at: Option<Instant>,
    names: Names,
    folded: BTreeSet<NetRow>,
    lines: Vec<NetLine>,
    list: List<NetRow>,
    filter: String,
    /// A command that was typed before it was known what it names.
    pending: Option<Given>,
}

impl Networks {
    /// The page of a host, before anything is read.
    #[must_use]
    pub fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            tab: NetTab::default(),
            read: None,
            failure: None,
            asked: None,
            read_at: None,
            names: Names::default(),
            folded: BTreeSet::new(),
            lines: Vec::new(),
            list: List::default(),
            filter: String::new(),
            pending: None,
        }
    }

    /// What was read last.
    #[must_use]
    pub fn read(&self) -> Option<&HostNetworks> {
        self.read.as_ref()
    }

    /// Why it could not be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The rows and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<NetRow> {
        &self.list
    }

    /// The line of a row.
    #[must_use]
    pub fn line(&self, row: NetRow) -> Option<&NetLine> {
        self.lines.iter().find(|line| line.row == row)
    }

    /// The selected line.
    #[must_use]
    pub fn selected(&self) -> Option<&NetLine> {
        self.line(self.list.selected()?)
    }

    /// The virtual network that the selected line is, or is on.
    #[must_use]
    pub fn network(&self) -> Option<&Network> {
        let uuid = match self.list.selected()? {
            NetRow::Network(uuid)
            | NetRow::Client(uuid, _)
            | NetRow::Name(uuid, _)
            | NetRow::Range(uuid, _) => uuid,
            NetRow::Link(_) => {
                let NetItem::Link(mapped) = &self.selected()?.item else {
                    return None;
                };
                let name = mapped.network.as_ref()?;
                let networks = &self.read.as_ref()?.networks;
                return networks.iter().find(|network| network.name == *name);
            }
            NetRow::Filter(_) | NetRow::Binding(_) => return None,
        };
        let networks = &self.read.as_ref()?.networks;
        networks.iter().find(|network| network.uuid == uuid)
    }

    /// Where in its list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::of(&self.list, &self.filter)
    }

    /// What must stand in a row.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
    }

    /// Shows a section.
    pub(in crate::app) fn show(&mut self, tab: NetTab) {
        if tab != self.tab {
            self.tab = tab;
            self.list = List::default();
        }
    }

    /// Something that requests of the host are about, which is no domain.
    pub(in crate::app) fn target(&self) -> DomainId {
        DomainId {
            connection: self.connection,
            uuid: Uuid([0; 16]),
        }
    }

    /// Asks for what it lacks.
    pub(super) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        self.perform_pending(state, effects);
        let live = state
            .connection(self.connection)
            .is_some_and(Connection::is_live);
        if !live {
            self.asked = None;
            self.read_at = None;
            return;
        }
        let due = self
            .read_at
            .is_none_or(|at| state.now.instant.saturating_duration_since(at) >= REREAD);
        if due && self.asked.is_none() {
            self.read_at = Some(state.now.instant);
            let verb = Verb::ReadNetworks(host_changes::files(state));
            let job = state.ask(self.target(), Purpose::Read, verb, effects);
            self.asked = Some(job);
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.asked != Some(job) {
            return;
        }
        self.asked = None;
        match result {
            Ok(Answer::Networks(read)) => {
                self.read = Some((**read).clone());
                self.failure = None;
            }
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure.clone()),
        }
    }

    /// Something was changed: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.read_at = None;
    }

    /// The change of a bridge that waits to be kept, in a sentence.
    #[must_use]
    pub fn waiting(&self, state: &State) -> Option<String> {
        let change = self.read.as_ref()?.change.as_ref()?;
        let left = change
            .until
            .duration_since(state.now.wall)
            .unwrap_or_default();
        Some(match change.is_guarded {
            true => format!(
                "{}: taken back in {} s. K keeps it, U takes it back now.",
                change.title,
                left.as_secs()
            ),
            false => format!(
                "{}: nobody is left to take it back. U does, K keeps it.",
                change.title
            ),
        })
    }

    /// Since when a countdown on the page runs.
    pub(in crate::app) fn counts_since(&self) -> Option<Instant> {
        self.read.as_ref()?.change.as_ref()?;
        self.read_at
    }

    /// Lines of the list: what is told of the selected one stands below.
    #[must_use]
    pub fn list_lines(&self, state: &State) -> usize {
        let banner = u16::from(self.waiting(state).is_some());
        let height = state.page_lines_below(2 + banner);
        height.saturating_sub(TOLD.min(height / 2)).max(1)
    }

    pub(super) fn settle(&mut self, state: &State, height: usize) {
        let mut lines = Vec::new();
        if let Some(read) = self.read.take() {
            match self.tab {
                NetTab::Networks => self.network_lines(state, &read, &mut lines),
                NetTab::Bridges => {
                    for top in map(state, self.connection, &read) {
                        self.link_lines(top, 0, &mut lines);
                    }
                }
                NetTab::Filters => self.filter_lines(state, &read, &mut lines),
            }
            self.read = Some(read);
        }
        self.list
            .replace(lines.iter().map(|line| line.row).collect());
        self.lines = lines;
        self.list.settle(height);
    }

    pub(super) fn click(&mut self, state: &mut State, target: Target, double: bool) {
        if let Target::Choice(index) = target
            && let Some(row) = self.list.rows().get(index)
        {
            self.list.select(*row);
            if double {
                self.open(state);
            }
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, self.list_lines(state)) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::NextTab | Action::PreviousTab => self.turn(action == Action::NextTab),
            Action::Fold => self.fold(),
            Action::Open => self.open(state),
            Action::Copy => self.offer_copies(state),
            Action::Retry => {
                self.failure = None;
                self.stale();
            }
            Action::Filter => {
                let field = TextField::new(TextUse::Words, Line::new(&self.filter));
                state.layers.push(Layer::Text(field));
            }
            Action::NextHost => self.next_host(state),
            Action::Back if !self.filter.is_empty() => self.set_filter(""),
            _ => return self.act_on_selected(state, action, effects),
        }
        true
    }

    fn turn(&mut self, forward: bool) {
        if let Some(tab) = tab_beside(&NetTab::ALL, self.tab, forward) {
            self.show(tab);
        }
    }

    fn next_host(&mut self, state: &State) {
        if let Some(next) = state.host_after(self.connection) {
            let (tab, filter) = (self.tab, std::mem::take(&mut self.filter));
            *self = Self::new(next);
            self.tab = tab;
            self.filter = filter;
        }
    }

    /// Hides or shows what is below the selected line, or below the one that it is below.
    fn fold(&mut self) {
        let Some(at) = self.list.position() else {
            return;
        };
        let Some(line) = self.lines.get(at) else {
            return;
        };
        let head = match line.folded {
            Some(_) => Some(line),
            None => {
                let before = self.lines.get(..at).unwrap_or_default();
                before.iter().rev().find(|one| one.depth < line.depth)
            }
        };
        if let Some(row) = head.map(|head| head.row) {
            if !self.folded.remove(&row) {
                self.folded.insert(row);
            }
            self.list.select(row);
        }
    }

    /// The domain that the selected line is about.
    #[must_use]
    pub fn domain(&self) -> Option<DomainId> {
        match &self.selected()?.item {
            NetItem::Client(client) => client.domain,
            NetItem::Link(mapped) => mapped.client.as_ref()?.domain,
            NetItem::Binding(_, client) => client.as_ref()?.domain,
            NetItem::Network(..) | NetItem::Name(_) | NetItem::Range(..) | NetItem::Filter(_) => {
                None
            }
        }
    }

    fn open(&mut self, state: &mut State) {
        match self.domain() {
            Some(id) => {
                let details = Details::new(id, state.now.instant);
                state.pages.push(Page::Details(Box::new(details)));
            }
            None => self.fold(),
        }
    }
}

/// The host that `N` shows: that of the selected domain, else the first.
pub(in crate::app) fn open(state: &mut State) {
    let of_domain = state.target().map(|id| id.connection);
    let first = || state.connections.first().map(|c: &Connection| c.id);
    if let Some(connection) = of_domain.or_else(first) {
        let page = Networks::new(connection);
        state.pages.push(Page::Networks(Box::new(page)));
    } else {
        state.say(Level::Note, "No host is open.".to_owned());
    }
}

impl State {
    /// Something happened to an object of a host: pages that show such are read anew.
    pub(in crate::app) fn networks_changed(&mut self, host: ConnectionId, object: EventObject) {
        for page in &mut self.pages {
            if let Page::Networks(networks) = page
                && networks.connection == host
                && object == EventObject::Network
            {
                networks.stale();
            }
        }
    }

    /// What is known of the networks of a host, while their page is open.
    #[must_use]
    pub fn networks_of(&self, host: ConnectionId) -> Option<&HostNetworks> {
        self.pages.iter().rev().find_map(|page| match page {
            Page::Networks(networks) if networks.connection == host => networks.read(),
            _ => None,
        })
    }

    /// The address on a host by which the present SSH connection came: that of this machine's server, what the host itself
    /// told, or what its URI names.
    #[must_use]
    pub fn ssh_address(&self, host: ConnectionId) -> Option<IpAddr> {
        let told = self.networks_of(host).and_then(|read| read.ssh);
        let uri: crate::model::Uri = self.connection(host)?.uri().parse().ok()?;
        let by_uri = match &uri.host {
            Some(named) if uri.is_remote() => {
                let over_ssh = uri.transport == crate::model::Transport::Ssh;
                named.parse().ok().filter(|_| over_ssh)
            }
            _ => self.options.here.ssh_server().map(|(address, _)| address),
        };
        told.or(by_uri)
    }
}
