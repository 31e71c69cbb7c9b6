//! The storage of a host: its pools, and the volumes of each.

mod acting;
mod columns;
mod volume_acting;
mod volume_columns;
mod volumes;

pub use columns::{PoolColumn, full_tone};
pub use volume_columns::VolumeColumn;
pub use volumes::{VolumeRow, Volumes};

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{Page, Place, tab_beside};
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{Areas, Effect, Level, List, Purpose, State, Target};
use crate::model::{ConnectionId, DomainId, EventObject, Leftover, Pool, Uuid};
use crate::protocol::{Answer, Failure, JobId, SecretUse, SecretValue, Verb};

const CONTEXTS: &[Context] = &[
    Context::Pools,
    Context::Storage,
    Context::List,
    Context::Global,
    Context::Always,
];

pub(super) const VOLUMES: &[Context] = &[
    Context::Volumes,
    Context::List,
    Context::Global,
    Context::Always,
];

const SECRETS: &[Context] = &[
    Context::Secrets,
    Context::Storage,
    Context::List,
    Context::Global,
    Context::Always,
];

const LEFTOVERS: &[Context] = &[
    Context::Leftovers,
    Context::Storage,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How old secrets may get: who uses them is looked up in all domains.
const SECRETS_HOLD: Duration = Duration::from_secs(60);

/// How old what is shown may get while one looks at it.
const REREAD: Duration = Duration::from_secs(5);

/// Lines below the rows that tell of the selected one, its rule among them.
pub const STORAGE_TOLD: u16 = 4;

/// A section of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StorageTab {
    /// The pools.
    #[default]
    Pools,
    /// The secrets.
    Secrets,
    /// Files that nobody needs.
    Leftovers,
}

impl StorageTab {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Pools, Self::Secrets, Self::Leftovers];

    /// Its label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pools => "Pools",
            Self::Secrets => "Secrets",
            Self::Leftovers => "Leftovers",
        }
    }
}

/// Rows that a section has read.
#[derive(Debug, Clone, PartialEq)]
struct Read<T> {
    rows: Option<Vec<T>>,
    failure: Option<Failure>,
    asked: Option<JobId>,
    /// When they were asked for last; `None` when they are due.
    at: Option<Instant>,
}

impl<T> Default for Read<T> {
    fn default() -> Self {
        Self {
            rows: None,
            failure: None,
            asked: None,
            at: None,
        }
    }
}

impl<T> Read<T> {
    /// Whether this is its answer.
    fn is(&mut self, job: JobId) -> bool {
        self.asked.take_if(|asked| *asked == job).is_some()
    }

    fn lost(&mut self) {
        self.asked = None;
        self.at = None;
    }

    /// Notes that it is asked now when that is due.
    fn due(&mut self, now: Instant, age: Option<Duration>) -> bool {
        let old = |at: Instant| age.is_some_and(|age| now.saturating_duration_since(at) >= age);
        let due = self.asked.is_none() && self.at.is_none_or(old);
        if due {
            self.at = Some(now);
        }
        due
    }
}

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// Which host.
    pub connection: ConnectionId,
    /// The section.
    pub tab: StorageTab,
    pools: Read<Pool>,
    list: List<Uuid>,
    secrets: Read<SecretUse>,
    secret_list: List<Uuid>,
    /// The value that was asked for, and of which secret.
    value_asked: Option<(JobId, Uuid)>,
    value: Option<(Uuid, Option<SecretValue>)>,
    leftovers: Read<Leftover>,
    leftover_list: List<usize>,
    marked: BTreeSet<usize>,
    /// The pool whose volumes are opened as soon as it is known.
    opening: Option<String>,
    /// They are to be opened now.
    opened: bool,
}

/// What stands for a host where a domain is asked for.
pub(super) fn of_host(connection: ConnectionId) -> DomainId {
    DomainId {
        connection,
        uuid: Uuid([0; 16]),
    }
}

impl Storage {
    /// The page of a host, before anything is read.
    #[must_use]
    pub fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            tab: StorageTab::default(),
            pools: Read::default(),
            list: List::default(),
            secrets: Read::default(),
            secret_list: List::default(),
            value_asked: None,
            value: None,
            leftovers: Read::default(),
            leftover_list: List::default(),
            marked: BTreeSet::new(),
            opening: None,
            opened: false,
        }
    }

    /// The pools, by name; `None` before they were read.
    #[must_use]
    pub fn pools(&self) -> Option<&[Pool]> {
        self.pools.rows.as_deref()
    }

    /// A pool.
    #[must_use]
    pub fn pool(&self, uuid: Uuid) -> Option<&Pool> {
        self.pools()?.iter().find(|pool| pool.uuid == uuid)
    }

    /// The pool that keys act on.
    #[must_use]
    pub fn selected(&self) -> Option<&Pool> {
        let pools = self.tab == StorageTab::Pools;
        self.pool(self.list.selected().filter(|_| pools)?)
    }

    /// The secrets; `None` before they were read.
    #[must_use]
    pub fn secrets(&self) -> Option<&[SecretUse]> {
        self.secrets.rows.as_deref()
    }

    /// The secret that keys act on.
    #[must_use]
    pub fn selected_secret(&self) -> Option<&SecretUse> {
        let uuid = self.secret_list.selected()?;
        self.secrets()?.iter().find(|one| one.secret.uuid == uuid)
    }

    /// The value of the selected secret, where it was asked for: `Some(None)` is none.
    #[must_use]
    pub fn value(&self) -> Option<Option<&SecretValue>> {
        let (uuid, value) = self.value.as_ref()?;
        (self.secret_list.selected() == Some(*uuid)).then_some(value.as_ref())
    }

    /// Files that nobody needs; `None` before they were looked for.
    #[must_use]
    pub fn leftovers(&self) -> Option<&[Leftover]> {
        self.leftovers.rows.as_deref()
    }

    /// The leftover of a row.
    #[must_use]
    pub fn leftover(&self, row: usize) -> Option<&Leftover> {
        self.leftovers()?.get(row)
    }

    /// Whether a leftover is marked.
    #[must_use]
    pub fn is_marked(&self, row: usize) -> bool {
        self.marked.contains(&row)
    }

    /// Why the section could not be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self.tab {
            StorageTab::Pools => self.pools.failure.as_ref(),
            StorageTab::Secrets => self.secrets.failure.as_ref(),
            StorageTab::Leftovers => self.leftovers.failure.as_ref(),
        }
    }

    /// The rows of the pools and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<Uuid> {
        &self.list
    }

    /// The rows of the secrets and the selected one.
    #[must_use]
    pub fn secret_list(&self) -> &List<Uuid> {
        &self.secret_list
    }

    /// The rows of the leftovers and the selected one.
    #[must_use]
    pub fn leftover_list(&self) -> &List<usize> {
        &self.leftover_list
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        match self.tab {
            StorageTab::Pools => CONTEXTS,
            StorageTab::Secrets => SECRETS,
            StorageTab::Leftovers => LEFTOVERS,
        }
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        let (at, all) = match self.tab {
            StorageTab::Pools => (self.list.position(), self.list.rows().len()),
            StorageTab::Secrets => (self.secret_list.position(), self.secret_list.rows().len()),
            StorageTab::Leftovers => (
                self.leftover_list.position(),
                self.leftover_list.rows().len(),
            ),
        };
        Place {
            at,
            found: all,
            all,
            filter: "",
        }
    }

    /// Rows on a page of this height.
    #[must_use]
    pub fn lines_in(body: u16) -> u16 {
        body.saturating_sub(2 + told(body)).max(1)
    }

    /// Opens the volumes of the pool of this name or UUID as soon as it is known.
    pub(in crate::app) fn open_later(&mut self, pool: &str) {
        self.tab = StorageTab::Pools;
        self.opening = Some(pool.to_owned());
        self.stale();
    }

    /// Turns to the secrets.
    pub(in crate::app) fn show_secrets(&mut self) {
        self.show(StorageTab::Secrets);
    }

    /// Shows a section.
    pub(in crate::app::pages) fn show(&mut self, tab: StorageTab) {
        self.tab = tab;
        self.value = None;
    }

    pub(super) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let live = state
            .connection(self.connection)
            .is_some_and(|connection| connection.is_live());
        if !live {
            self.pools.lost();
            self.secrets.lost();
            self.leftovers.lost();
            self.value_asked = None;
            return;
        }
        let now = state.now.instant;
        let target = of_host(self.connection);
        if self.pools.due(now, Some(REREAD)) {
            let job = state.ask(target, Purpose::Read, Verb::ReadPools, effects);
            self.pools.asked = Some(job);
        }
        if self.tab == StorageTab::Secrets && self.secrets.due(now, Some(SECRETS_HOLD)) {
            let job = state.ask(target, Purpose::Read, Verb::ReadSecrets, effects);
            self.secrets.asked = Some(job);
        }
        // A look at everything is taken once, and again when somebody wishes it.
        if self.tab == StorageTab::Leftovers && self.leftovers.due(now, None) {
            let job = state.ask(target, Purpose::Read, Verb::ReadLeftovers, effects);
            self.leftovers.asked = Some(job);
        }
        if let Some(name) = self.opening.take_if(|_| self.pools.rows.is_some()) {
            let uuid = name.parse().ok();
            let pools = self.pools.rows.iter().flatten();
            let mut found = pools.filter(|pool| pool.name == name || Some(pool.uuid) == uuid);
            match found.next().map(|pool| pool.uuid) {
                Some(uuid) => {
                    self.list.select(uuid);
                    self.opened = true;
                }
                None => {
                    let words = format!("there is no pool '{}'", crate::text::visible(&name));
                    state.say(Level::Failed, words);
                }
            }
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.pools.is(job) {
            match result {
                Ok(Answer::Pools(pools)) => {
                    let mut pools = pools.clone();
                    pools.sort_by(|one, other| one.name.cmp(&other.name));
                    self.pools.rows = Some(pools);
                    self.pools.failure = None;
                }
                Ok(_) => {}
                Err(failure) => self.pools.failure = Some(failure.clone()),
            }
        }
        if self.secrets.is(job) {
            match result {
                Ok(Answer::Secrets(secrets)) => {
                    self.secrets.rows = Some(secrets.clone());
                    self.secrets.failure = None;
                }
                Ok(_) => {}
                Err(failure) => self.secrets.failure = Some(failure.clone()),
            }
        }
        if self.leftovers.is(job) {
            self.marked.clear();
            match result {
                Ok(Answer::Leftovers(found)) => {
                    self.leftovers.rows = Some(found.clone());
                    self.leftovers.failure = None;
                }
                Ok(_) => {}
                Err(failure) => self.leftovers.failure = Some(failure.clone()),
            }
        }
        if let Some((_, uuid)) = self.value_asked.take_if(|(asked, _)| *asked == job)
            && let Ok(Answer::SecretValue(value)) = result
        {
            self.value = Some((uuid, value.clone()));
        }
    }

    /// Something was done or has happened: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.pools.at = None;
        self.secrets.at = None;
    }

    /// Something was done: what nobody needs is looked for anew too.
    pub(in crate::app) fn done(&mut self) {
        self.stale();
        self.leftovers.at = None;
    }

    pub(super) fn settle(&mut self, height: usize) {
        let pools = self.pools.rows.iter().flatten();
        self.list.replace(pools.map(|pool| pool.uuid).collect());
        self.list.settle(height);
        let secrets = self.secrets.rows.iter().flatten();
        let uuids = secrets.map(|one| one.secret.uuid).collect();
        self.secret_list.replace(uuids);
        self.secret_list.settle(height);
        let count = self.leftovers.rows.as_ref().map_or(0, Vec::len);
        self.leftover_list.replace((0..count).collect());
        self.leftover_list.settle(height);
    }

    pub(super) fn click(&mut self, state: &mut State, target: Target, double: bool) {
        let Target::Choice(index) = target else {
            return;
        };
        match self.tab {
            StorageTab::Pools => {
                if let Some(row) = self.list.rows().get(index) {
                    self.list.select(*row);
                    if double {
                        self.open(state);
                    }
                }
            }
            StorageTab::Secrets => {
                if let Some(row) = self.secret_list.rows().get(index) {
                    self.secret_list.select(*row);
                }
            }
            StorageTab::Leftovers => self.leftover_list.select(index),
        }
    }

    fn step(&mut self, by: isize) {
        match self.tab {
            StorageTab::Pools => self.list.step(by),
            StorageTab::Secrets => {
                self.secret_list.step(by);
                // Shown once to who asked, not to who comes by again.
                self.value = None;
            }
            StorageTab::Leftovers => self.leftover_list.step(by),
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let lines = Self::lines_in(Areas::of(state).body);
        if let Some(steps) = steps(action, lines.into()) {
            self.step(steps);
            return true;
        }
        match action {
            Action::NextTab | Action::PreviousTab => {
                let forward = action == Action::NextTab;
                if let Some(tab) = tab_beside(&StorageTab::ALL, self.tab, forward) {
                    self.show(tab);
                }
            }
            Action::Retry => self.done(),
            Action::OpenVolumes => self.open(state),
            Action::NextHost => {
                if let Some(next) = state.host_after(self.connection) {
                    let tab = self.tab;
                    *self = Self::new(next);
                    self.tab = tab;
                }
            }
            Action::Back if self.value.is_some() => self.value = None,
            _ => {
                return match self.tab {
                    StorageTab::Pools => self.act_on_pool(state, action, effects),
                    StorageTab::Secrets => self.act_on_secret(state, action, effects),
                    StorageTab::Leftovers => self.act_on_leftover(state, action),
                };
            }
        }
        true
    }

    /// Opens the volumes of the selected pool.
    fn open(&self, state: &mut State) {
        let Some(pool) = self.selected() else {
            return state.say(Level::Note, "No pool is selected.".to_owned());
        };
        if !pool.state.is_active() {
            let name = crate::text::visible(&pool.name);
            let words = format!("{name} is not active: start it to see its volumes.");
            return state.say(Level::Note, words);
        }
        let volumes = Volumes::new(self.connection, pool);
        state.pages.push(Page::Volumes(Box::new(volumes)));
    }

    /// Opens the volumes that were asked for by a command.
    pub(in crate::app::pages) fn open_asked(&mut self, state: &mut State) {
        if std::mem::take(&mut self.opened) {
            self.open(state);
        }
    }
}

/// Lines that tell of the selected row, on a page of this height.
#[must_use]
pub fn told(body: u16) -> u16 {
    if body >= 12 { STORAGE_TOLD } else { 0 }
}

/// Opens the storage of the host that keys act on.
pub(in crate::app) fn open(state: &mut State) {
    let of_domain = state.target().map(|id| id.connection);
    let first = state.connections.first().map(|connection| connection.id);
    if let Some(connection) = of_domain.or(first) {
        let page = Storage::new(connection);
        state.pages.push(Page::Storage(Box::new(page)));
    }
}

impl State {
    /// A pool or a secret of a host changed: pages that show it are read anew.
    pub(in crate::app) fn storage_changed(&mut self, host: ConnectionId, object: EventObject) {
        if !matches!(object, EventObject::Pool | EventObject::Secret) {
            return;
        }
        for page in &mut self.pages {
            match page {
                Page::Storage(page) if page.connection == host => page.stale(),
                Page::Volumes(page) if page.connection == host => page.stale(),
                _ => {}
            }
        }
    }
}
