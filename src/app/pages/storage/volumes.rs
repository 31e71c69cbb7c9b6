//! The volumes of a pool. Their names come in one round trip, what there is to know of each in slices: those on the screen
//! first, so that a pool of ten thousand opens at once and other calls find their place between two slices.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::{Place, VolumeColumn, of_host, told};
use crate::action::Action;
use crate::app::list::steps;
use crate::app::{Areas, Effect, Layer, Line, List, Purpose, State, Target, TextField, TextUse};
use crate::model::{ConnectionId, DomainId, Pool, StorageVolume};
use crate::protocol::{Answer, Failure, JobId, Verb};
use crate::text;

/// How old the names may get.
const REREAD: Duration = Duration::from_secs(20);

/// How old what is on the screen may get.
const FRESH: Duration = Duration::from_secs(5);

/// Volumes read at once.
const SLICE: usize = 50;

/// How often it is looked which domains use what.
const USERS: Duration = Duration::from_secs(2);

/// A volume of the page, by a number that it keeps.
pub type VolumeRow = u32;

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    name: String,
    facts: Option<StorageVolume>,
    read: Option<Instant>,
    there: bool,
}

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Volumes {
    /// On which host.
    pub connection: ConnectionId,
    /// Of which pool.
    pub pool: Pool,
    entries: Vec<Entry>,
    numbers: HashMap<String, VolumeRow>,
    /// Names were read.
    known: bool,
    failure: Option<Failure>,
    asked: Option<JobId>,
    read_at: Option<Instant>,
    /// What is being read, and when it was asked for.
    slice: Option<(JobId, Vec<VolumeRow>, Instant)>,
    list: List<VolumeRow>,
    marked: BTreeSet<VolumeRow>,
    filter: String,
    sort: VolumeColumn,
    reversed: bool,
    /// The rows are to be put in order anew.
    turned: bool,
    users: HashMap<String, Vec<DomainId>>,
    users_at: Option<Instant>,
    /// Volumes of the pool that are based on a file.
    based: HashMap<String, Vec<VolumeRow>>,
}

impl Volumes {
    /// The page of a pool, before anything is read.
    #[must_use]
    pub fn new(connection: ConnectionId, pool: &Pool) -> Self {
        Self {
            connection,
            pool: pool.clone(),
            entries: Vec::new(),
            numbers: HashMap::new(),
            known: false,
            failure: None,
            asked: None,
            read_at: None,
            slice: None,
            list: List::default(),
            marked: BTreeSet::new(),
            filter: String::new(),
            sort: VolumeColumn::Name,
            reversed: false,
            turned: true,
            users: HashMap::new(),
            users_at: None,
            based: HashMap::new(),
        }
    }

    /// Whether the names of the volumes are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// Why they could not be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The rows and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<VolumeRow> {
        &self.list
    }

    /// How many there are, and of how many nothing but the name is known.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let there = self.entries.iter().filter(|entry| entry.there);
        let unread = there.clone().filter(|entry| entry.facts.is_none());
        (there.clone().count(), unread.count())
    }

    /// The column that it is sorted by, and whether it is so the other way round.
    #[must_use]
    pub fn sorting(&self) -> (VolumeColumn, bool) {
        (self.sort, self.reversed)
    }

    /// Whether a volume is marked.
    #[must_use]
    pub fn is_marked(&self, row: VolumeRow) -> bool {
        self.marked.contains(&row)
    }

    /// The marked ones.
    pub(super) fn marked(&self) -> &BTreeSet<VolumeRow> {
        &self.marked
    }

    fn entry(&self, row: VolumeRow) -> Option<&Entry> {
        self.entries.get(usize::try_from(row).ok()?)
    }

    /// The name of a volume; untrusted.
    #[must_use]
    pub fn name(&self, row: VolumeRow) -> Option<&str> {
        self.entry(row).map(|entry| entry.name.as_str())
    }

    /// What is known of a volume.
    #[must_use]
    pub fn facts(&self, row: VolumeRow) -> Option<&StorageVolume> {
        self.entry(row)?.facts.as_ref()
    }

    /// The volume that keys act on, where it is read.
    #[must_use]
    pub fn selected(&self) -> Option<&StorageVolume> {
        self.facts(self.list.selected()?)
    }

    /// Who uses a volume, in words made visible: domains of all hosts, and volumes of this pool that are based on it.
    #[must_use]
    pub fn users(&self, row: VolumeRow, state: &State) -> Vec<String> {
        let Some(facts) = self.facts(row) else {
            return Vec::new();
        };
        let named = format!("{}/{}", self.pool.name, facts.name);
        let by_path = self.users.get(&facts.path).into_iter().flatten();
        // `pool/volume` is a name on its own host alone.
        let by_name = self.users.get(&named).into_iter().flatten();
        let by_name = by_name.filter(|id| id.connection == self.connection);
        let mut ids: Vec<DomainId> = by_path.chain(by_name).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let domain = |id: &DomainId| {
            let name = text::visible(&state.guest(*id)?.domain.name).into_owned();
            if id.connection == self.connection {
                return Some(name);
            }
            let label = &state.connection(id.connection)?.label;
            Some(format!("{name} on {}", text::visible(label)))
        };
        let mut words: Vec<String> = ids.iter().filter_map(domain).collect();
        let based = self.based.get(&facts.path).into_iter().flatten();
        let based = based.filter_map(|row| self.name(*row));
        words.extend(based.map(|name| format!("base of {}", text::visible(name))));
        words
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place {
            at: self.list.position(),
            found: self.list.rows().len(),
            all: self.counts().0,
            filter: &self.filter,
        }
    }

    /// Rows on a page of this height.
    #[must_use]
    pub fn lines_in(body: u16) -> u16 {
        body.saturating_sub(2 + told(body)).max(1)
    }

    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.turned = true;
    }

    /// Something was done or has happened: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.read_at = None;
        for entry in &mut self.entries {
            entry.read = None;
        }
    }

    pub(in crate::app::pages) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let live = state
            .connection(self.connection)
            .is_some_and(|connection| connection.is_live());
        if !live {
            self.asked = None;
            self.slice = None;
            self.read_at = None;
            return;
        }
        let now = state.now.instant;
        let old = |at: Option<Instant>, age: Duration| {
            at.is_none_or(|at| now.saturating_duration_since(at) >= age)
        };
        if old(self.users_at, USERS) {
            self.users_at = Some(now);
            self.users = users(state);
        }
        let target = of_host(self.connection);
        if self.asked.is_none() && old(self.read_at, REREAD) {
            self.read_at = Some(now);
            let verb = Verb::ReadVolumeNames(self.pool.uuid);
            self.asked = Some(state.ask(target, Purpose::Read, verb, effects));
        }
        if self.slice.is_none() {
            let rows = self.due(now, usize::from(Self::lines_in(Areas::of(state).body)));
            let names: Vec<String> = rows
                .iter()
                .filter_map(|row| self.name(*row))
                .map(str::to_owned)
                .collect();
            if !names.is_empty() {
                let verb = Verb::ReadVolumes(self.pool.uuid, names);
                let job = state.ask(target, Purpose::Read, verb, effects);
                self.slice = Some((job, rows, now));
            }
        }
    }

    /// Volumes to be read next: what is on the screen first, then what was never read.
    fn due(&self, now: Instant, height: usize) -> Vec<VolumeRow> {
        let shown = self.list.visible(height);
        let old = |row: &&VolumeRow| {
            self.entry(**row).is_some_and(|entry| {
                let age = entry.read.map(|at| now.saturating_duration_since(at));
                entry.there && age.is_none_or(|age| age >= FRESH)
            })
        };
        let mut rows: Vec<VolumeRow> = shown.iter().filter(old).copied().take(SLICE).collect();
        if rows.is_empty() {
            let unread = (0..).zip(&self.entries).filter(|(_, entry)| {
                // One that failed to be read is not asked for again and again.
                entry.there && entry.facts.is_none() && entry.read.is_none()
            });
            rows = unread.map(|(row, _)| row).take(SLICE).collect();
        }
        rows
    }

    pub(in crate::app::pages) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.asked == Some(job) {
            self.asked = None;
            match result {
                Ok(Answer::VolumeNames(names)) => self.listed(names),
                Ok(_) => {}
                Err(failure) => self.failure = Some(failure.clone()),
            }
        }
        let Some((_, rows, at)) = self.slice.take_if(|(asked, ..)| *asked == job) else {
            return;
        };
        for row in rows {
            if let Some(entry) = usize::try_from(row)
                .ok()
                .and_then(|row| self.entries.get_mut(row))
            {
                entry.read = Some(at);
            }
        }
        if let Ok(Answer::Volumes(volumes)) = result {
            for volume in volumes {
                let Some(row) = self.numbers.get(&volume.name).copied() else {
                    continue;
                };
                if let Some(entry) = usize::try_from(row)
                    .ok()
                    .and_then(|row| self.entries.get_mut(row))
                    && entry.facts.as_ref() != Some(volume)
                {
                    entry.facts = Some(volume.clone());
                    self.turned = true;
                }
            }
        }
    }

    fn listed(&mut self, names: &[String]) {
        self.failure = None;
        self.known = true;
        self.turned = true;
        for entry in &mut self.entries {
            entry.there = false;
        }
        for name in names {
            let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            let row = *self.numbers.entry(name.clone()).or_insert(next);
            let at = usize::try_from(row).unwrap_or(usize::MAX);
            match self.entries.get_mut(at) {
                Some(entry) => entry.there = true,
                None => self.entries.push(Entry {
                    name: name.clone(),
                    facts: None,
                    read: None,
                    there: true,
                }),
            }
        }
        for entry in &mut self.entries {
            if !entry.there {
                // A later one of this name is another.
                entry.facts = None;
                entry.read = None;
            }
        }
        let entries = &self.entries;
        self.marked.retain(|row| {
            let at = usize::try_from(*row).unwrap_or(usize::MAX);
            entries.get(at).is_some_and(|entry| entry.there)
        });
    }

    pub(in crate::app::pages) fn settle(&mut self, height: usize) {
        if std::mem::take(&mut self.turned) {
            self.based.clear();
            for (row, entry) in (0..).zip(&self.entries) {
                if let Some(base) = entry
                    .facts
                    .as_ref()
                    .and_then(|facts| facts.backing.as_ref())
                {
                    self.based.entry(base.clone()).or_default().push(row);
                }
            }
            let rows = self.ordered();
            self.list.replace(rows);
        }
        self.list.settle(height);
    }

    /// The rows that match, in order.
    fn ordered(&self) -> Vec<VolumeRow> {
        let wanted: Vec<String> = self
            .filter
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let holds = |entry: &Entry| {
            let facts = entry.facts.as_ref();
            let others = [
                facts.and_then(|facts| facts.format.as_deref()),
                facts.and_then(|facts| facts.backing.as_deref()),
            ];
            wanted.iter().all(|word| {
                entry.name.to_lowercase().contains(word)
                    || others
                        .iter()
                        .flatten()
                        .any(|text| text.to_lowercase().contains(word))
            })
        };
        let mut rows: Vec<(VolumeRow, &Entry)> = (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| entry.there && holds(entry))
            .collect();
        rows.sort_by(|(_, one), (_, other)| {
            let (a, b) = (one.facts.as_ref(), other.facts.as_ref());
            let by_size = |size: fn(&StorageVolume) -> Option<u64>| {
                // The largest first, what is not known last.
                b.and_then(size).cmp(&a.and_then(size))
            };
            let order = match self.sort {
                VolumeColumn::Size => by_size(|facts| facts.capacity_bytes),
                VolumeColumn::OnDisk => by_size(|facts| facts.allocation_bytes),
                VolumeColumn::Changed => b
                    .and_then(|facts| facts.changed)
                    .cmp(&a.and_then(|facts| facts.changed)),
                VolumeColumn::Format => {
                    let of = |facts: Option<&StorageVolume>| facts.and_then(|f| f.format.clone());
                    of(a).cmp(&of(b))
                }
                _ => std::cmp::Ordering::Equal,
            };
            let order = order.then_with(|| one.name.cmp(&other.name));
            if self.reversed {
                order.reverse()
            } else {
                order
            }
        });
        rows.into_iter().map(|(row, _)| row).collect()
    }

    pub(in crate::app::pages) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target
            && let Some(row) = self.list.rows().get(index)
        {
            self.list.select(*row);
        }
    }

    pub(in crate::app::pages) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let lines = Self::lines_in(Areas::of(state).body);
        if let Some(steps) = steps(action, lines.into()) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::Retry => self.stale(),
            Action::SortNext => self.sort_by(1),
            Action::SortPrevious => self.sort_by(VolumeColumn::SORTED.len() - 1),
            Action::SortReverse => {
                self.reversed = !self.reversed;
                self.turned = true;
            }
            Action::Filter => {
                let field = TextField::new(TextUse::Words, Line::new(&self.filter));
                state.layers.push(Layer::Text(field));
            }
            Action::Mark => {
                if let Some(row) = self.list.selected() {
                    if !self.marked.remove(&row) {
                        self.marked.insert(row);
                    }
                    self.list.step(1);
                }
            }
            Action::MarkShown => {
                let shown = self.list.rows().to_vec();
                if shown.iter().all(|row| self.marked.contains(row)) {
                    self.marked.clear();
                } else {
                    self.marked.extend(shown);
                }
            }
            Action::Back if !self.filter.is_empty() => self.set_filter(""),
            Action::Back if !self.marked.is_empty() => self.marked.clear(),
            _ => return self.act_on_volume(state, action, effects),
        }
        true
    }

    fn sort_by(&mut self, by: usize) {
        let all = VolumeColumn::SORTED;
        let at = all.iter().position(|one| *one == self.sort).unwrap_or(0);
        self.sort = all[(at + by) % all.len()];
        self.turned = true;
    }
}

/// Domains of all hosts by the sources of their disks.
fn users(state: &State) -> HashMap<String, Vec<DomainId>> {
    let mut found: HashMap<String, Vec<DomainId>> = HashMap::new();
    for (id, guest) in &state.guests {
        let disks = guest.domain.definition.iter().flat_map(|d| &d.disks);
        for source in disks.filter_map(|disk| disk.source.as_ref()) {
            found.entry(source.clone()).or_default().push(*id);
        }
    }
    found
}
