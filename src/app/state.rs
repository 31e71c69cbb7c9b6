//! Everything the program knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pages::editor::definition_of;
use super::table::Scene;
use super::{
    Alerts, Arrival, Connection, Consoles, DefinitionReads, Displays, Draft, Effect, EventLog,
    Guest, History, Jobs, Layer, Level, Link, LongJobs, Messages, Now, OwnCommands, Page, Purpose,
    Question, Size, Table, View, reports,
};
use crate::action::Action;
use crate::config::Config;
use crate::display::PixelWay;
use crate::keymap::{Key, Keymap};
use crate::model::{ConnectionId, DomainId, Uri};
use crate::ports::Here;
use crate::protocol::{ConnectionSpec, DomainDisks, Interest, JobId, Request, Verb, WallWish};
use crate::record::Entry;

/// What the environment and the command line say, read once by the runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Sampling interval of connections opened later.
    pub interval: Duration,
    /// Open later connections read-only.
    pub readonly: bool,
    /// Where this process runs and how its user came here, for tunnels and viewers.
    pub here: Here,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            readonly: false,
            here: Here::default(),
        }
    }
}

/// The whole state. The screen is a function of it.
#[derive(Debug, Clone)]
pub struct State {
    /// What was said at the start.
    pub options: Options,
    /// The keys.
    pub keymap: Keymap,
    /// When the program was started.
    pub started: Instant,
    /// Time of the last update: ages on the screen are counted to it.
    pub now: Now,
    /// The terminal.
    pub size: Size,
    /// Hosts, in the order of opening.
    pub connections: Vec<Connection>,
    /// Domains of all hosts.
    pub guests: HashMap<DomainId, Guest>,
    /// How many of them do not answer.
    pub silent: usize,
    /// The table of domains.
    pub table: Table,
    /// Domains that are marked, whatever the filter shows.
    pub marked: BTreeSet<DomainId>,
    /// Pages above the table, the present one last.
    pub pages: Vec<Page>,
    /// Layers above the page, the top one last.
    pub layers: Vec<Layer>,
    /// What happened to domains of all hosts.
    pub happened: EventLog,
    /// The settings that hold; `None` before they were handed in.
    pub(super) settings: Option<Box<Config>>,
    /// Actions that ask, or do not, against the built-in choice.
    pub confirm: BTreeMap<Action, bool>,
    /// What calls for attention.
    pub alerts: Alerts,
    /// Guests that are frozen, and since when that is known.
    pub(super) frozen: BTreeMap<DomainId, Instant>,
    /// Domains whose monitor was talked to, after it was said what that means.
    pub(super) monitored: BTreeSet<DomainId>,
    /// What was typed for monitors, in this run and in earlier ones.
    pub monitor_history: History,
    /// Domains whose balloons are kept.
    pub ballooning: BTreeMap<DomainId, super::Ballooning>,
    /// Devices of a host that a command asked for.
    pub devices_asked: Option<super::DevicesAsked>,
    /// Where the start was told to lead, until it is there.
    pub arrival: Option<Arrival>,
    /// The request whose domain is shown when it is made, and whether by its display.
    pub(super) opened_when_made: Option<(JobId, bool)>,
    /// Open consoles.
    pub consoles: Consoles,
    /// Open displays.
    pub displays: Displays,
    /// How they share the screen.
    pub split: super::Split,
    /// What each connection was told about the wall.
    pub(super) wall_told: BTreeMap<ConnectionId, WallWish>,
    /// What the way to the terminal takes.
    pub link: Link,
    /// How pixels go to the terminal, and pixels of a cell; `None` before that was asked.
    pub pixels: Option<(PixelWay, (u16, u16))>,
    /// Requests under way.
    pub jobs: Jobs,
    /// Power plans.
    pub plans: super::Plans,
    /// What became of what was asked.
    pub outcomes: super::Outcomes,
    /// What changes did.
    pub measured: super::Measured,
    /// What was changed on hosts, to be taken back.
    pub host_changes: super::HostChanges,
    /// Saved sets of pins.
    pub pinnings: Vec<crate::config::Pinning>,
    /// What takes long on all hosts, whoever began it.
    pub long: LongJobs,
    /// The disks that the present page shows, for the words of questions about them.
    pub(super) looked_at: Option<(DomainId, Arc<DomainDisks>)>,
    /// Commands of the user's own, and what runs of them.
    pub own: OwnCommands,
    /// Texts of documents that were not saved.
    pub(super) drafts: Vec<Draft>,
    /// Definitions that are read to be kept.
    pub(super) definitions: DefinitionReads,
    /// What was done, oldest first.
    pub log: Vec<Entry>,
    /// What was said to the person.
    pub messages: Messages,
    /// Saved views, in the order of their numbers.
    pub views: Vec<View>,
    /// The one that was switched to last.
    pub(super) view: Option<usize>,
    /// The table as it stood at the beginning.
    pub(super) first_view: Option<View>,
    /// The key that is being acted on.
    pub(super) pressed: Option<Key>,
    /// Templates of new domains.
    pub templates: Vec<crate::config::Template>,
    /// Forms that were closed with something typed in them, the last one last.
    pub(super) shelf: Vec<super::Form>,
    /// Command lines of this run and of earlier ones.
    pub history: History,
    /// The connection that the welcome page points at.
    pub(super) pointed: Option<ConnectionId>,
    /// The connection whose remedy is running.
    pub(super) remedy: Option<ConnectionId>,
    /// The text on its way to the clipboard.
    pub(super) copying: Option<String>,
    /// The last click, to tell a double click.
    pub(super) clicked: Option<(super::Target, Instant)>,
    /// What each connection was told about the screen.
    pub(super) interest: BTreeMap<ConnectionId, Interest>,
    next_connection: u16,
}

impl State {
    /// The state before anything was opened.
    #[must_use]
    pub fn new(options: Options, size: Size, now: Now) -> Self {
        Self {
            options,
            keymap: Keymap::default(),
            started: now.instant,
            now,
            size,
            connections: Vec::new(),
            guests: HashMap::new(),
            silent: 0,
            table: Table::default(),
            marked: BTreeSet::new(),
            pages: Vec::new(),
            layers: Vec::new(),
            happened: EventLog::default(),
            settings: None,
            confirm: BTreeMap::new(),
            alerts: Alerts::default(),
            arrival: None,
            opened_when_made: None,
            consoles: Consoles::default(),
            displays: Displays::default(),
            split: super::Split::default(),
            wall_told: BTreeMap::new(),
            link: Link::default(),
            pixels: None,
            jobs: Jobs::default(),
            plans: super::Plans::default(),
            outcomes: super::Outcomes::default(),
            measured: super::Measured::default(),
            host_changes: super::HostChanges::default(),
            pinnings: Vec::new(),
            long: LongJobs::default(),
            looked_at: None,
            own: OwnCommands::default(),
            drafts: Vec::new(),
            definitions: DefinitionReads::default(),
            log: Vec::new(),
            messages: Messages::default(),
            views: Vec::new(),
            view: None,
            first_view: None,
            pressed: None,
            templates: Vec::new(),
            shelf: Vec::new(),
            ballooning: BTreeMap::new(),
            devices_asked: None,
            frozen: BTreeMap::new(),
            monitored: BTreeSet::new(),
            monitor_history: History::default(),
            history: History::default(),
            pointed: None,
            remedy: None,
            copying: None,
            clicked: None,
            interest: BTreeMap::new(),
            next_connection: 0,
        }
    }

    /// Enters the connections of the start; the effects open them.
    pub fn start(&mut self, specs: Vec<ConnectionSpec>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for spec in specs {
            self.next_connection = self.next_connection.max(spec.id.0 + 1);
            self.connections
                .push(Connection::new(spec.clone(), self.now.instant));
            effects.push(Effect::Open(spec));
        }
        self.label_connections();
        effects
    }

    /// Gives a connection the name it was saved under.
    pub fn name(&mut self, id: ConnectionId, name: String) {
        if let Some(connection) = self.connections.iter_mut().find(|c| c.id == id) {
            connection.name = Some(name);
        }
        self.label_connections();
    }

    /// The present page.
    #[must_use]
    pub fn page(&self) -> &Page {
        self.pages.last().unwrap_or(&Page::Domains)
    }

    /// A connection.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|c| c.id == id)
    }

    /// A domain.
    #[must_use]
    pub fn guest(&self, id: DomainId) -> Option<&Guest> {
        self.guests.get(&id)
    }

    /// The domain that the keys of the present page act on.
    #[must_use]
    pub fn target(&self) -> Option<DomainId> {
        match self.page() {
            Page::Domains => self.table.selected(),
            Page::Wall(wall) => wall.selected(),
            page => page.domain(),
        }
    }

    /// Whether there is nothing to show but why nothing opened.
    #[must_use]
    pub fn is_welcome(&self) -> bool {
        self.guests.is_empty()
            && !self.connections.iter().any(Connection::is_live)
            && (self.connections.is_empty() || self.connections.iter().any(|c| c.failure.is_some()))
    }

    /// Domains of a connection: those that run, and all.
    #[must_use]
    pub fn running(&self, id: ConnectionId) -> (usize, usize) {
        let mut count = (0, 0);
        for (domain, guest) in &self.guests {
            if domain.connection == id {
                count.0 += usize::from(guest.domain.state.is_active());
                count.1 += 1;
            }
        }
        count
    }

    /// What the table reads.
    #[must_use]
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            guests: &self.guests,
            connections: &self.connections,
            jobs: &self.jobs,
            now: self.now.instant,
            wall: self.now.wall,
        }
    }

    /// Says something to the person.
    pub(super) fn say(&mut self, level: Level, text: String) {
        self.messages.say(level, text, None, self.now);
    }

    /// Asks a domain's connection for something; the answer goes to the pages by the job's number.
    pub fn ask(
        &mut self,
        target: DomainId,
        purpose: Purpose,
        verb: Verb,
        effects: &mut Vec<Effect>,
    ) -> JobId {
        let job = self.jobs.begin(target, purpose, self.now.instant);
        if let Verb::Domain(uuid, verb) = &verb
            && verb.may_redefine()
        {
            let of = DomainId {
                connection: target.connection,
                uuid: *uuid,
            };
            self.changes_definition(definition_of(of));
        }
        effects.push(Effect::Send(target.connection, Request { job, verb }));
        job
    }

    /// Opens one more connection.
    pub(super) fn open(&mut self, uri: Option<Uri>, effects: &mut Vec<Effect>) {
        let spec = self.enter(uri);
        effects.push(Effect::Open(spec));
    }

    /// Opens the demonstration.
    pub(super) fn open_demo(&mut self, effects: &mut Vec<Effect>) {
        let spec = self.enter(None);
        // Its URI is a file of this process: nothing that anybody could read or type.
        self.name(spec.id, "demo".to_owned());
        effects.push(Effect::OpenDemo(spec));
    }

    fn enter(&mut self, uri: Option<Uri>) -> ConnectionSpec {
        let spec = ConnectionSpec {
            id: ConnectionId(self.next_connection),
            uri,
            readonly: self.options.readonly,
            interval: self.options.interval,
        };
        self.next_connection += 1;
        self.connections
            .push(Connection::new(spec.clone(), self.now.instant));
        self.label_connections();
        spec
    }

    /// Closes a connection and forgets its domains.
    pub(super) fn forget(&mut self, id: ConnectionId, effects: &mut Vec<Effect>) {
        // While its domains have names: whoever waits is told that no answer will come.
        reports::abandon(self, id, effects);
        self.connections.retain(|c| c.id != id);
        self.guests.retain(|domain, _| domain.connection != id);
        self.marked.retain(|domain| domain.connection != id);
        self.interest.remove(&id);
        self.long.forget(id);
        self.consoles.all.retain(|c| c.domain.connection != id);
        self.displays.all.retain(|d| d.domain.connection != id);
        self.table.domains_changed();
        self.label_connections();
        effects.push(Effect::Close(id));
    }

    /// A question of a connection has been answered.
    pub(super) fn answered(&mut self, question: &Question) {
        if let Some(connection) = self
            .connections
            .iter_mut()
            .find(|c| c.id == question.connection)
        {
            connection.prompts.retain(|p| p.id != question.prompt);
        }
    }

    /// Gives every connection a name of its own: the saved or the short one, or the URI where that is not unique.
    pub(super) fn label_connections(&mut self) {
        let short: Vec<String> = self
            .connections
            .iter()
            .map(|c| match &c.name {
                Some(name) => name.clone(),
                None => c
                    .uri()
                    .parse::<Uri>()
                    .map_or_else(|_| c.uri().to_owned(), |uri| uri.short_name()),
            })
            .collect();
        for (index, connection) in self.connections.iter_mut().enumerate() {
            let twice = short.iter().filter(|name| **name == short[index]).count() > 1;
            connection.label = if twice {
                connection.uri().to_owned()
            } else {
                short[index].clone()
            };
        }
    }
}
