//! The pages: the table of domains lies at the bottom, others are put on it and taken off by Esc.

pub(super) mod agent;
pub(super) mod bench;
pub(super) mod bench_words;
pub(super) mod console;
mod debug;
mod details;
pub(super) mod display;
pub(super) mod domains;
pub(super) mod editor;
mod events;
pub(super) mod hardware;
pub(super) mod host;
mod jobs;
pub(super) mod monitor;
pub(super) mod networks;
pub(super) mod plans;
mod ports;
pub(super) mod snapshots;
pub(super) mod storage;
mod sweep;
pub(super) mod wall;
mod welcome;

pub use agent::{AgentLine, AgentPage, AgentWhat, Standing};
pub use bench::BANNER as BENCH_BANNER;
pub use bench::{Bench, BenchRow};
pub use console::ConsolePage;
pub use debug::{CallColumn, CallRow, Debug, DebugLine};
pub use details::Xml as XmlColours;
pub use details::{
    Details, Frozen, Graph, Grid, Lines, Loaded, Log, Piece, Role, SPANS, SheetLine, Tab, XmlText,
    columns, line_numbers,
};
pub use display::{DisplayPage, Place as DisplayPlace};
pub use editor::{
    DefinitionReads, Draft, EditorId, Examination, Examine, Examined, Past, PastDefinition, Popup,
    Question as ExamineQuestion, SeenDefinition,
};
pub use editor::{
    Dialog, DialogKind, EditorPage, EditorView, EffectChoice, Review, ReviewRow, ReviewSide,
    ReviewView,
};
pub use events::Events;
pub use hardware::{HardwareLine, HardwarePage};
pub use host::TOLD as HOST_TOLD;
pub use host::{CpuMark, Host, HostLine, HostTab, MapRow};
pub use jobs::JobsPage;
pub use monitor::{MonitorLine, MonitorPage, MonitorRole};
pub use networks::{
    Client as NetClient, Mapped, NetDeed, NetItem, NetLine, NetRow, NetTab, Networks,
    speed as link_speed,
};
pub use plans::PlansPage;
pub use ports::{
    EndpointId, Finding, FindingColumn, FixedId, Found, Gravity, PortColumn, PortLines,
    PortSection, Ports,
};
pub use snapshots::{SnapshotId, Snapshots};
pub use sweep::{Sweep, SweepResult};
pub use wall::{Wall, WallGrid};

pub use storage::{
    PoolColumn, STORAGE_TOLD, Storage, StorageTab, VolumeColumn, VolumeRow, Volumes, full_tone,
};

use std::collections::BTreeSet;

use super::{Areas, Effect, FormUse, Level, List, State, Target};
use crate::action::{Action, Context};
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{Answer, Failure, JobId};

/// What fills the screen between header and footer.
#[derive(Debug, Clone, PartialEq)]
pub enum Page {
    /// The table of domains, or the way in while there is no connection.
    Domains,
    /// One domain.
    Details(Box<Details>),
    /// Ports of all domains.
    Ports(Ports),
    /// What happened to the domains of all hosts.
    Events(Events),
    /// A host.
    Host(Box<Host>),
    /// The disks of a domain.
    Bench(Box<Bench>),
    /// The snapshots of a domain.
    Snapshots(Box<Snapshots>),
    /// The networks of a host.
    Networks(Box<Networks>),
    /// The hardware of a domain.
    Hardware(Box<HardwarePage>),
    /// The agent in a guest.
    Agent(Box<AgentPage>),
    /// QEMU's monitor.
    Monitor(Box<MonitorPage>),
    /// Snapshots of several domains, and what came of them.
    Sweep(Box<Sweep>),
    /// What takes long on all hosts.
    Jobs(JobsPage),
    /// The storage pools of a host.
    Storage(Box<Storage>),
    /// The volumes of a pool.
    Volumes(Box<Volumes>),
    /// Power plans.
    Plans(PlansPage),
    /// A document being edited.
    Editor(Box<EditorPage>),
    /// What the program itself is doing.
    Debug(Debug),
    /// Consoles.
    Console(ConsolePage),
    /// The screen of a domain.
    Display(DisplayPage),
    /// The screens of all running domains.
    Wall(Box<Wall>),
}

impl Page {
    /// Its name in the header.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Domains => "Domains",
            Self::Details(_) => "Details",
            Self::Ports(_) => "Ports",
            Self::Events(_) => "Events",
            Self::Host(_) => "Host",
            Self::Bench(_) => "Disks",
            Self::Networks(_) => "Networks",
            Self::Hardware(_) => "Hardware",
            Self::Agent(_) => "Guest agent",
            Self::Monitor(_) => "QEMU monitor",
            Self::Snapshots(_) | Self::Sweep(_) => "Snapshots",
            Self::Jobs(_) => "Jobs",
            Self::Storage(_) => "Storage",
            Self::Volumes(_) => "Volumes",
            Self::Plans(_) => "Plans",
            Self::Editor(_) => "Edit",
            Self::Debug(_) => "Debug",
            Self::Console(_) => "Console",
            Self::Display(_) => "Display",
            Self::Wall(_) => "Screens",
        }
    }

    /// The domain it shows, where it shows one.
    #[must_use]
    pub fn domain(&self) -> Option<DomainId> {
        match self {
            Self::Details(details) => Some(details.id),
            Self::Bench(bench) => Some(bench.id),
            Self::Snapshots(page) => Some(page.id),
            Self::Hardware(page) => Some(page.id),
            Self::Agent(page) => Some(page.id),
            Self::Monitor(page) => Some(page.id),
            Self::Console(page) => Some(page.domain),
            Self::Display(page) => Some(page.domain),
            Self::Editor(page) => page.domain(),
            Self::Domains
            | Self::Ports(_)
            | Self::Events(_)
            | Self::Host(_)
            | Self::Networks(_)
            | Self::Sweep(_)
            | Self::Jobs(_)
            | Self::Storage(_)
            | Self::Volumes(_)
            | Self::Plans(_)
            | Self::Wall(_)
            | Self::Debug(_) => None,
        }
    }

    /// Takes the answer to a request that a page made.
    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        match self {
            Self::Details(details) => details.answered(job, result),
            Self::Host(host) => host.answered(job, result),
            Self::Bench(bench) => bench.answered(job, result),
            Self::Networks(networks) => networks.answered(job, result),
            Self::Snapshots(page) => page.answered(job, result),
            Self::Storage(storage) => storage.answered(job, result),
            Self::Volumes(volumes) => volumes.answered(job, result),
            Self::Hardware(page) => page.answered(job, result),
            Self::Agent(page) => page.answered(job, result),
            Self::Monitor(page) => page.answered(job, result),
            Self::Sweep(sweep) => sweep.answered(job, result),
            Self::Editor(page) => page.answered(job, result),
            Self::Domains
            | Self::Jobs(_)
            | Self::Plans(_)
            | Self::Ports(_)
            | Self::Events(_)
            | Self::Debug(_)
            | Self::Console(_)
            | Self::Display(_)
            | Self::Wall(_) => {}
        }
    }

    /// Domains whose devices it draws as graphs: sampled in full each interval.
    pub(super) fn graphed(&self) -> BTreeSet<Uuid> {
        match self {
            Self::Console(_) | Self::Display(_) | Self::Editor(_) | Self::Monitor(_) => {
                BTreeSet::new()
            }
            page => page.domain().map(|id| id.uuid).into_iter().collect(),
        }
    }
}

/// Where in its list a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Index of the selected row.
    pub at: Option<usize>,
    /// Rows that match.
    pub found: usize,
    /// Rows there are.
    pub all: usize,
    /// What must match; untrusted as all that is typed.
    pub filter: &'a str,
}

impl<'a> Place<'a> {
    /// Of a list that shows all there is of it.
    fn of<K: Copy + Eq + std::hash::Hash>(list: &List<K>, filter: &'a str) -> Self {
        let all = list.rows().len();
        Self {
            at: list.position(),
            found: all,
            all,
            filter,
        }
    }
}

impl State {
    /// The host after this one, around the end; `None` while there is none.
    fn host_after(&self, host: ConnectionId) -> Option<ConnectionId> {
        let at = self.connections.iter().position(|c| c.id == host);
        let next = at.map_or(0, |at| at + 1) % self.connections.len().max(1);
        self.connections.get(next).map(|connection| connection.id)
    }

    /// Where in its list the present page stands; `None` for a page without one.
    #[must_use]
    pub fn place(&self) -> Option<Place<'_>> {
        match self.page() {
            Page::Domains => Some(Place {
                at: self.table.position(),
                found: self.table.view().len(),
                all: self.guests.len(),
                filter: self.table.filter(),
            }),
            Page::Ports(ports) => Some(ports.place()),
            Page::Events(events) => Some(events.place()),
            Page::Host(host) => Some(host.place()),
            Page::Bench(bench) => Some(bench.place()),
            Page::Snapshots(page) => Some(page.place()),
            Page::Networks(networks) => Some(networks.place()),
            Page::Hardware(page) => Some(page.place()),
            Page::Agent(page) => Some(page.place()),
            Page::Sweep(sweep) => Some(sweep.place()),
            Page::Jobs(jobs) => Some(jobs.place()),
            Page::Storage(storage) => Some(storage.place()),
            Page::Volumes(volumes) => Some(volumes.place()),
            Page::Plans(plans) => Some(plans.place()),
            Page::Details(_)
            | Page::Debug(_)
            | Page::Console(_)
            | Page::Monitor(_)
            | Page::Display(_)
            | Page::Wall(_)
            | Page::Editor(_) => None,
        }
    }

    /// Where the keys of the present page are looked up, innermost first.
    #[must_use]
    pub fn page_contexts(&self) -> &'static [Context] {
        match self.page() {
            Page::Domains if self.is_welcome() => welcome::CONTEXTS,
            Page::Domains => domains::CONTEXTS,
            Page::Details(details) => details.contexts(),
            Page::Ports(_) => ports::CONTEXTS,
            Page::Events(_) => events::CONTEXTS,
            Page::Host(_) => host::CONTEXTS,
            Page::Bench(_) => bench::CONTEXTS,
            Page::Snapshots(_) => snapshots::CONTEXTS,
            Page::Networks(_) => networks::CONTEXTS,
            Page::Hardware(_) => hardware::CONTEXTS,
            Page::Agent(_) => agent::CONTEXTS,
            Page::Monitor(_) => monitor::CONTEXTS,
            Page::Sweep(_) => sweep::CONTEXTS,
            Page::Jobs(_) => jobs::CONTEXTS,
            Page::Storage(storage) => storage.contexts(),
            Page::Volumes(_) => storage::VOLUMES,
            Page::Plans(_) => plans::CONTEXTS,
            Page::Editor(page) => page.contexts(),
            Page::Debug(_) => debug::CONTEXTS,
            Page::Console(page) => page.contexts(self),
            Page::Display(page) => page.contexts(),
            Page::Wall(_) => wall::CONTEXTS,
        }
    }
}

/// The tab beside the present one, around the ends.
fn tab_beside<T: Copy + PartialEq>(all: &[T], present: T, forward: bool) -> Option<T> {
    let at = all.iter().position(|tab| *tab == present).unwrap_or(0);
    let by = if forward {
        1
    } else {
        all.len().saturating_sub(1)
    };
    all.get((at + by) % all.len().max(1)).copied()
}

/// After every event: the present page asks for what it lacks.
pub(super) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    state.looked_at = None;
    // Taken off while it asks, as when it acts.
    match state.pages.pop() {
        Some(Page::Details(mut details)) => {
            details.follow(state, effects);
            state.pages.push(Page::Details(details));
        }
        Some(Page::Host(mut host)) => {
            host.follow(state, effects);
            state.pages.push(Page::Host(host));
        }
        Some(Page::Bench(mut bench)) => {
            bench.follow(state, effects);
            state.pages.push(Page::Bench(bench));
        }
        Some(Page::Sweep(mut sweep)) => {
            sweep.follow(state);
            state.pages.push(Page::Sweep(sweep));
        }
        Some(Page::Snapshots(mut page)) => {
            page.follow(state, effects);
            state.pages.push(Page::Snapshots(page));
        }
        Some(Page::Networks(mut networks)) => {
            networks.follow(state, effects);
            state.pages.push(Page::Networks(networks));
        }
        Some(Page::Storage(mut storage)) => {
            storage.follow(state, effects);
            let at = state.pages.len();
            storage.open_asked(state);
            // Pages that it opened lie above it.
            state.pages.insert(at, Page::Storage(storage));
        }
        Some(Page::Volumes(mut volumes)) => {
            volumes.follow(state, effects);
            state.pages.push(Page::Volumes(volumes));
        }
        Some(Page::Hardware(mut page)) => {
            page.follow(state, effects);
            state.pages.push(Page::Hardware(page));
        }
        Some(Page::Agent(mut page)) => {
            page.follow(state, effects);
            state.pages.push(Page::Agent(page));
        }
        Some(Page::Editor(mut page)) => {
            page.follow(state, effects);
            state.pages.push(Page::Editor(page));
        }
        page => state.pages.extend(page),
    }
}

/// A section of the present page was clicked.
pub(super) fn show_tab(state: &mut State, index: usize) {
    let Some(mut page) = state.pages.pop() else {
        return;
    };
    match &mut page {
        Page::Details(details) => {
            if let Some(tab) = Tab::ALL.get(index) {
                details.show(*tab);
            }
        }
        Page::Ports(ports) => {
            if let Some(section) = PortSection::ALL.get(index) {
                ports.show(*section);
            }
        }
        Page::Host(host) => {
            if let Some(tab) = HostTab::ALL.get(index) {
                host.show(*tab);
            }
        }
        Page::Networks(networks) => {
            if let Some(tab) = NetTab::ALL.get(index) {
                networks.show(*tab);
            }
        }
        Page::Storage(storage) => {
            if let Some(tab) = StorageTab::ALL.get(index) {
                storage.show(*tab);
            }
        }
        Page::Debug(debug) => debug.show(state, index),
        Page::Domains
        | Page::Events(_)
        | Page::Bench(_)
        | Page::Snapshots(_)
        | Page::Hardware(_)
        | Page::Agent(_)
        | Page::Monitor(_)
        | Page::Sweep(_)
        | Page::Jobs(_)
        | Page::Volumes(_)
        | Page::Plans(_)
        | Page::Editor(_)
        | Page::Console(_)
        | Page::Display(_)
        | Page::Wall(_) => {}
    }
    state.pages.push(page);
}

/// Something that only the present page has was clicked.
pub(super) fn click(state: &mut State, target: Target, double: bool) {
    let depth = state.pages.len();
    let Some(mut page) = state.pages.pop() else {
        return;
    };
    match &mut page {
        Page::Ports(ports) => ports.click(state, target, double),
        Page::Events(events) => events.click(state, target, double),
        Page::Host(host) => host.click(target),
        Page::Bench(bench) => bench.click(target),
        Page::Networks(networks) => networks.click(state, target, double),
        Page::Snapshots(page) => page.click(target),
        Page::Hardware(page) => page.click(target),
        Page::Agent(page) => page.click(target),
        Page::Sweep(sweep) => sweep.click(target),
        Page::Jobs(jobs) => jobs.click(target),
        Page::Storage(storage) => storage.click(state, target, double),
        Page::Volumes(volumes) => volumes.click(target),
        Page::Plans(plans) => plans.click(target),
        Page::Debug(debug) => debug.click(target),
        Page::Editor(page) => page.click(target),
        Page::Domains
        | Page::Details(_)
        | Page::Console(_)
        | Page::Monitor(_)
        | Page::Display(_)
        | Page::Wall(_) => {}
    }
    // Pages that it opened lie above it.
    state.pages.insert(depth - 1, page);
}

/// After every event, before anything is drawn: lists of the present page fit the domains.
pub(super) fn settle(state: &mut State) {
    // Asked while the page still is the present one.
    let areas = Areas::of(state);
    let lines = PortLines::of(areas);
    match state.pages.pop() {
        Some(Page::Ports(mut ports)) => {
            ports.settle(&state.scene(), &state.table, usize::from(lines.rows));
            state.pages.push(Page::Ports(ports));
        }
        Some(Page::Events(mut events)) => {
            events.settle(&state.happened, state.now.wall, state.page_lines_below(1));
            state.pages.push(Page::Events(events));
        }
        Some(Page::Host(mut host)) => {
            let height = state.page_lines();
            host.settle(height);
            state.pages.push(Page::Host(host));
        }
        Some(Page::Bench(mut bench)) => {
            let height = bench.tree_lines(state);
            bench.settle(height);
            state.pages.push(Page::Bench(bench));
        }
        Some(Page::Sweep(mut sweep)) => {
            sweep.settle(state.page_lines_below(1));
            state.pages.push(Page::Sweep(sweep));
        }
        Some(Page::Snapshots(mut page)) => {
            page.settle(page.tree_lines(state));
            state.pages.push(Page::Snapshots(page));
        }
        Some(Page::Networks(mut networks)) => {
            let height = networks.list_lines(state);
            networks.settle(state, height);
            state.pages.push(Page::Networks(networks));
        }
        Some(Page::Hardware(mut page)) => {
            page.settle(state);
            state.pages.push(Page::Hardware(page));
        }
        Some(Page::Agent(mut page)) => {
            page.settle(state);
            state.pages.push(Page::Agent(page));
        }
        Some(Page::Wall(mut wall)) => {
            wall.settle(state);
            state.pages.push(Page::Wall(wall));
        }
        Some(Page::Jobs(mut jobs)) => {
            jobs.settle(state, state.page_lines_below(1));
            state.pages.push(Page::Jobs(jobs));
        }
        Some(Page::Storage(mut storage)) => {
            storage.settle(usize::from(Storage::lines_in(areas.body)));
            state.pages.push(Page::Storage(storage));
        }
        Some(Page::Volumes(mut volumes)) => {
            volumes.settle(usize::from(Volumes::lines_in(areas.body)));
            state.pages.push(Page::Volumes(volumes));
        }
        Some(Page::Plans(mut plans)) => {
            let height = (state.page_lines() / 3).max(1);
            plans.settle(state, height);
            state.pages.push(Page::Plans(plans));
        }
        Some(Page::Editor(mut page)) => {
            page.settle(usize::from(Areas::of(state).body));
            state.pages.push(Page::Editor(page));
        }
        Some(Page::Debug(mut debug)) => {
            debug.settle(state);
            state.pages.push(Page::Debug(debug));
        }
        page => state.pages.extend(page),
    }
}

/// Lets the present page act; `false` when it does not know the action.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) -> bool {
    // Taken off while it acts, so that it may change the state, and put back unless it left.
    let depth = state.pages.len();
    match state.pages.pop() {
        None if state.is_welcome() => welcome::act(state, action, effects),
        None => domains::act(state, action, effects),
        Some(page) if action == Action::EditXml && editor::selected(&page).is_some() => {
            let selected = editor::selected(&page).flatten();
            state.pages.push(page);
            match selected {
                Some((host, what, name)) => editor::open_document(state, host, what, name),
                None => state.say(
                    Level::Note,
                    "Nothing with a definition is selected.".to_owned(),
                ),
            }
            true
        }
        Some(Page::Hardware(page)) if page.leads_to_xml(action) => {
            let (id, item) = (page.id, page.selected().cloned());
            state.pages.push(Page::Hardware(page));
            if let Some(item) = item {
                editor::open_at(state, id, item.spot(), &item.title);
            }
            true
        }
        Some(mut page) => {
            let known = match &mut page {
                Page::Domains => false,
                Page::Details(details) => details.act(state, action, effects),
                Page::Ports(ports) => ports.act(state, action, effects),
                Page::Events(events) => events.act(state, action, effects),
                Page::Host(host) => host.act(state, action, effects),
                Page::Bench(bench) => bench.act(state, action, effects),
                Page::Networks(networks) => networks.act(state, action, effects),
                Page::Snapshots(page) => page.act(state, action, effects),
                Page::Hardware(page) => page.act(state, action, effects),
                Page::Agent(page) => page.act(state, action, effects),
                Page::Monitor(page) => page.act(state, action, effects),
                Page::Sweep(sweep) => sweep.act(state, action, effects),
                Page::Jobs(jobs) => jobs.act(state, action, effects),
                Page::Storage(storage) => storage.act(state, action, effects),
                Page::Volumes(volumes) => volumes.act(state, action, effects),
                Page::Plans(plans) => plans.act(state, action, effects),
                Page::Editor(page) => match page.act(state, action, effects) {
                    editor::Done::Stays => true,
                    editor::Done::Unknown => false,
                    editor::Done::Leaves => return true,
                },
                Page::Debug(debug) => debug.act(state, action, effects),
                Page::Console(console) => match console.act(state, action, effects) {
                    console::Done::Stays => true,
                    console::Done::Unknown => false,
                    console::Done::Leaves => return true,
                },
                Page::Wall(wall) => wall.act(state, action),
                Page::Display(page) => match page.act(state, action, effects) {
                    display::Done::Stays => true,
                    display::Done::Unknown => false,
                    display::Done::Leaves => return true,
                },
            };
            // Pages that it opened lie above it.
            state.pages.insert(depth - 1, page);
            // A form that it opened asks the page for what it is about.
            state.refresh_form(|use_| matches!(use_, FormUse::Hardware(_)));
            known
        }
    }
}
