//! The disks of a domain: their chains, who else uses them, and what runs on them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::jobs::manage;
use super::{Page, Place};
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{Effect, Level, List, Purpose, State, Target, actions, forms, storing};
use crate::model::{DiskFacts, DiskLayer, DomainId, DomainState, GuestFileSystem};
use crate::protocol::{
    Answer, DomainDisks, Failure, FileUser, JobId, PoolFill, StorageVerb, Verb, VolumeName,
    VolumeVerb,
};
use crate::text;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Bench,
    Context::Domain,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How old the facts may get while one looks at them.
const REREAD: Duration = Duration::from_secs(2);

/// How often the guest agent is asked.
const AGENT: Duration = Duration::from_secs(20);

/// `VIR_DOMAIN_PAUSED_IOERROR`.
const IO_ERROR: i32 = 5;

/// Lines below the tree that tell of the selected disk.
pub const TOLD: usize = 9;

/// Lines above it that say why the domain waits.
pub const BANNER: usize = 2;

/// A line of the tree: a disk, or one of its layers, the active one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BenchRow {
    /// Place of the disk.
    pub disk: usize,
    /// Place of the layer in its chain; `None` is the disk's own line.
    pub layer: Option<usize>,
}

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Bench {
    /// The domain.
    pub id: DomainId,
    read: Option<Arc<DomainDisks>>,
    failure: Option<Failure>,
    asked: Option<JobId>,
    read_at: Option<Instant>,
    users: Vec<FileUser>,
    /// Files whose users were asked for last.
    users_of: Vec<String>,
    users_asked: Option<JobId>,
    users_known: bool,
    systems: Option<Result<Vec<GuestFileSystem>, String>>,
    systems_asked: Option<JobId>,
    systems_at: Option<Instant>,
    list: List<BenchRow>,
}

impl Bench {
    /// The page of a domain, before anything is read.
    #[must_use]
    pub fn new(id: DomainId) -> Self {
        Self {
            id,
            read: None,
            failure: None,
            asked: None,
            read_at: None,
            users: Vec::new(),
            users_of: Vec::new(),
            users_asked: None,
            users_known: false,
            systems: None,
            systems_asked: None,
            systems_at: None,
            list: List::default(),
        }
    }

    /// What was read last.
    #[must_use]
    pub fn disks(&self) -> Option<&DomainDisks> {
        self.read.as_deref()
    }

    /// Why nothing could be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The lines and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<BenchRow> {
        &self.list
    }

    /// Where in the tree it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        let all = self.list.rows().len();
        Place {
            at: self.list.position(),
            found: all,
            all,
            filter: "",
        }
    }

    /// The disk of a line.
    #[must_use]
    pub fn disk(&self, row: BenchRow) -> Option<&DiskFacts> {
        self.read.as_ref()?.disks.get(row.disk)
    }

    /// The layer of a line.
    #[must_use]
    pub fn layer(&self, row: BenchRow) -> Option<&DiskLayer> {
        self.disk(row)?.layers.get(row.layer?)
    }

    /// The disk of the selected line.
    #[must_use]
    pub fn selected_disk(&self) -> Option<&DiskFacts> {
        self.disk(self.list.selected()?)
    }

    /// Who else needs a file; `None` while that is not known.
    #[must_use]
    pub fn users(&self, path: &str) -> Option<Vec<&str>> {
        if !self.users_known {
            return None;
        }
        let users = self.users.iter().filter(|user| user.path == path);
        Some(users.map(|user| user.user.as_str()).collect())
    }

    /// File systems of the guest that lie on a disk; why the agent did not tell.
    ///
    /// # Errors
    /// Why the agent did not tell.
    pub fn file_systems(&self, disk: &DiskFacts) -> Option<Result<Vec<&GuestFileSystem>, &str>> {
        Some(match self.systems.as_ref()? {
            Err(why) => Err(why.as_str()),
            Ok(all) => Ok(all
                .iter()
                .filter(|system| {
                    system
                        .disks
                        .iter()
                        .any(|name| *name == disk.target || Some(name) == disk.alias.as_ref())
                })
                .collect()),
        })
    }

    /// How full the pool of a layer is.
    #[must_use]
    pub fn pool(&self, layer: &DiskLayer) -> Option<&PoolFill> {
        let name = layer.pool.as_ref()?;
        let pools = &self.read.as_ref()?.pools;
        pools.iter().find(|pool| pool.name == *name)
    }

    /// Whether an action makes sense for the selected disk.
    pub(in crate::app) fn offers(&self, state: &State, action: Action) -> bool {
        let disk = self.selected_disk();
        let drive = disk.is_some_and(is_drive);
        let layers = disk.map_or(0, |disk| disk.layers.len());
        let job = disk.and_then(|disk| state.job_on_disk(self.id, &disk.target));
        match action {
            Action::CommitDisk | Action::PullDisk => layers > 1 && job.is_none(),
            Action::CopyDisk | Action::ResizeDisk => layers > 0 && !drive && job.is_none(),
            Action::LimitDisk => layers > 0,
            Action::ChangeMedia => drive,
            Action::DetachDisk => disk.is_some() && job.is_none(),
            Action::BlockJob => job.is_some_and(|one| !one.job.ready),
            Action::PivotJob => job.is_some_and(|one| one.job.ready),
            Action::CancelJob => job.is_some() || state.long.of(self.id).next().is_some(),
            _ => true,
        }
    }

    /// Why the domain waits, when an I/O error paused it: the disk, and the pool that is to get room.
    #[must_use]
    pub fn stopped(&self, state: &State) -> Option<String> {
        let domain = &state.guest(self.id)?.domain;
        if domain.state != DomainState::Paused || domain.reason.0 != IO_ERROR {
            return None;
        }
        let disks = self
            .read
            .as_ref()
            .map_or(&[][..], |read| read.disks.as_slice());
        let broken: Vec<&DiskFacts> = disks.iter().filter(|disk| disk.error.is_some()).collect();
        if broken.is_empty() {
            return Some(
                "Paused by an I/O error; libvirt does not tell of which disk. u resumes it."
                    .to_owned(),
            );
        }
        let each = broken.iter().map(|disk| {
            let error = disk.error.map_or("an error", |error| error.label());
            let top = disk.layers.first();
            let pool = match top.and_then(|layer| self.pool(layer)) {
                Some(pool) => format!(
                    ", pool {} is {} full ({} left)",
                    pool.name,
                    pool.percent().map_or_else(|| "–".to_owned(), text::percent),
                    text::bytes(pool.available_bytes)
                ),
                None => top.map_or_else(String::new, |layer| {
                    format!(", {} is in no active pool", layer.source)
                }),
            };
            format!("{} has {error}{pool}", disk.target)
        });
        let each: Vec<String> = each.collect();
        Some(format!(
            "Paused by an I/O error: {}. Make room, then u resumes it.",
            each.join("; ")
        ))
    }

    pub(super) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        state.looked_at = self.read.clone().map(|read| (self.id, read));
        let now = state.now.instant;
        let live = state
            .connection(self.id.connection)
            .is_some_and(|connection| connection.is_live());
        let Some(guest) = state.guest(self.id).filter(|_| live) else {
            self.asked = None;
            self.users_asked = None;
            self.systems_asked = None;
            self.read_at = None;
            return;
        };
        let silent = guest.silent_since.is_some();
        let active = guest.domain.state.is_active();
        let agent = guest.domain.definition.as_ref().and_then(|d| d.guest_agent);
        let due = |at: Option<Instant>, after: Duration| {
            at.is_none_or(|at| now.saturating_duration_since(at) >= after)
        };
        if self.asked.is_none() && due(self.read_at, REREAD) {
            self.read_at = Some(now);
            let verb = Verb::ReadDisks(self.id.uuid, !silent);
            self.asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
        let files: Vec<String> = self
            .read
            .iter()
            .flat_map(|read| &read.disks)
            .flat_map(|disk| &disk.layers)
            .map(|layer| layer.source.clone())
            .collect();
        if self.users_asked.is_none() && !files.is_empty() && files != self.users_of {
            self.users_of.clone_from(&files);
            self.users_known = false;
            let verb = Verb::ReadFileUsers(self.id.uuid, files);
            self.users_asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
        if !active || agent != Some(true) {
            self.systems = active.then(|| {
                Err(match agent {
                    None => "the domain has no channel for a guest agent".to_owned(),
                    Some(_) => "the guest agent is not connected".to_owned(),
                })
            });
        } else if self.systems_asked.is_none() && !silent && due(self.systems_at, AGENT) {
            self.systems_at = Some(now);
            let verb = Verb::ReadFileSystems(self.id.uuid);
            self.systems_asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.asked == Some(job) {
            self.asked = None;
            match result {
                Ok(Answer::Disks(read)) => {
                    self.read = Some(Arc::new((**read).clone()));
                    self.failure = None;
                }
                Ok(_) => {}
                Err(failure) => self.failure = Some(failure.clone()),
            }
        }
        if self.users_asked == Some(job) {
            self.users_asked = None;
            if let Ok(Answer::FileUsers(users)) = result {
                self.users.clone_from(users);
                self.users_known = true;
            }
        }
        if self.systems_asked == Some(job) {
            self.systems_asked = None;
            self.systems = match result {
                Ok(Answer::FileSystems(systems)) => Some(Ok(systems.clone())),
                Ok(_) => None,
                Err(failure) => Some(Err(failure.reason.clone())),
            };
        }
    }

    /// Something was done: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.read_at = None;
        self.systems_at = None;
        self.users_of.clear();
    }

    /// Jobs on the disks began, went on or ended.
    pub(in crate::app) fn jobs_changed(&mut self) {
        self.read_at = None;
    }

    /// Lines of the tree on the page: what it tells of the selected disk stands below.
    #[must_use]
    pub fn tree_lines(&self, state: &State) -> usize {
        let height = state.page_lines();
        let banner = usize::from(self.stopped(state).is_some()) * BANNER;
        let told = TOLD.min(height / 2);
        height.saturating_sub(1 + banner + told).max(1)
    }

    pub(super) fn settle(&mut self, height: usize) {
        let mut rows = Vec::new();
        let disks = self
            .read
            .as_ref()
            .map_or(&[][..], |read| read.disks.as_slice());
        for (disk, facts) in disks.iter().enumerate() {
            rows.push(BenchRow { disk, layer: None });
            rows.extend((0..facts.layers.len()).map(|layer| BenchRow {
                disk,
                layer: Some(layer),
            }));
        }
        self.list.replace(rows);
        self.list.settle(height);
    }

    pub(super) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target
            && let Some(row) = self.list.rows().get(index)
        {
            self.list.select(*row);
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, state.page_lines() / 2) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::Retry => self.stale(),
            // It is open.
            Action::ShowBench => {}
            Action::CancelJob | Action::PivotJob => {
                let disk = self.selected_disk().map(|disk| disk.target.clone());
                let on_disk = disk.and_then(|disk| state.job_on_disk(self.id, &disk));
                // Without one on the disk, that of the domain is meant.
                let number = on_disk
                    .or_else(|| state.long.of(self.id).next())
                    .map(|one| one.number);
                match number {
                    Some(number) => manage(state, number, action, effects),
                    None => state.say(Level::Note, "No job runs here.".to_owned()),
                }
            }
            _ => return self.begin(state, action, effects),
        }
        true
    }

    /// Opens the form of an action, filled in with what is selected.
    fn begin(&mut self, state: &mut State, action: Action, effects: &mut Vec<Effect>) -> bool {
        if !matches!(
            action,
            Action::AttachDisk
                | Action::DetachDisk
                | Action::ChangeMedia
                | Action::ResizeDisk
                | Action::LimitDisk
                | Action::CommitDisk
                | Action::PullDisk
                | Action::CopyDisk
                | Action::BlockJob
        ) {
            return false;
        }
        if let Some(why) = actions::refusal(state, action, self.id) {
            state.say(Level::Note, why);
            return true;
        }
        if self.selected_disk().is_none() && action != Action::AttachDisk {
            state.say(Level::Note, "No disk is selected.".to_owned());
            return true;
        }
        if let Some(why) = self.nothing_to_do(state, action) {
            state.say(Level::Note, why);
            return true;
        }
        if action == Action::CommitDisk
            && let Some(why) = self.shared()
        {
            match self.in_the_way() {
                Some(volume) => self.offer_deletion(state, volume, why),
                None => state.say(Level::Note, why),
            }
            return true;
        }
        self.open_form(state, action, effects);
        true
    }

    /// Why an action on the selected disk has nothing to work on.
    fn nothing_to_do(&self, state: &State, action: Action) -> Option<String> {
        let disk = self.selected_disk()?;
        let target = text::visible(&disk.target);
        match action {
            Action::CommitDisk | Action::PullDisk if disk.layers.len() < 2 => Some(format!(
                "{target} is one file alone: there are no layers to bring together."
            )),
            Action::BlockJob if state.job_on_disk(self.id, &disk.target).is_none() => {
                Some(format!("No job runs on {target}."))
            }
            Action::ChangeMedia if !is_drive(disk) => Some(format!(
                "{target} is no drive whose medium could be changed."
            )),
            Action::ResizeDisk | Action::CopyDisk if disk.layers.is_empty() => {
                Some(format!("There is no medium in {target}."))
            }
            _ => None,
        }
    }

    /// Opens the form of what is done to the selected disk, with what is known of it.
    fn open_form(&self, state: &mut State, action: Action, effects: &mut Vec<Effect>) {
        let new = DiskFacts {
            target: self.free_target(),
            ..DiskFacts::default()
        };
        let disk = match action {
            Action::AttachDisk => new,
            _ => self.selected_disk().cloned().unwrap_or(new),
        };
        let systems = self.file_systems(&disk).and_then(Result::ok);
        let systems = systems.into_iter().flatten().map(|system| {
            let size = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), text::bytes);
            format!(
                "{} ({}), {} of {} used",
                system.mountpoint,
                system.kind,
                size(system.used_bytes),
                size(system.total_bytes)
            )
        });
        let job = state.job_on_disk(self.id, &disk.target);
        let needed = (0..disk.layers.len()).map(|layer| self.needed(layer).map(|(_, users)| users));
        let seen = forms::SeenDisk {
            guest: systems.collect(),
            layer: self.list.selected().and_then(|row| row.layer).unwrap_or(0),
            needed: needed.collect(),
            job_limit: job.and_then(|one| one.job.limit_bps),
        };
        forms::open_disk(state, self.id, action, disk, seen, effects);
    }

    /// Whether others need a layer of the selected disk, as far as is known.
    fn needed(&self, layer: usize) -> Option<(&str, String)> {
        let source = self.selected_disk()?.layers.get(layer)?.source.as_str();
        let users = self.users(source).filter(|users| !users.is_empty())?;
        Some((source, users.join(", ")))
    }

    /// The volume that alone stands in the way of a commit: based on a layer of it, such as an earlier commit leaves.
    fn in_the_way(&self) -> Option<String> {
        let top = self.list.selected()?.layer.unwrap_or(0);
        let layers = &self.selected_disk()?.layers;
        let concerned = [layers.get(top), layers.get(top + 1)];
        let concerned = concerned.into_iter().flatten();
        let mut users = concerned.flat_map(|layer| {
            let users = self.users.iter();
            users.filter(|user| user.path == layer.source)
        });
        let first = users.next()?.volume.clone()?;
        users
            .all(|user| user.volume.as_ref() == Some(&first))
            .then_some(first)
    }

    /// Asks whether that volume goes. The worker looks once more whether anybody has it.
    fn offer_deletion(&self, state: &mut State, volume: String, why: String) {
        let name = VolumeName {
            pool: None,
            name: volume.clone(),
            path: Some(volume),
        };
        let verb = StorageVerb::Volume(name, VolumeVerb::Delete);
        let more = "An earlier commit leaves such an overlay. It is deleted only when no domain has it; then commit again.";
        let more = vec![why, more.to_owned()];
        storing::confirm(state, self.id.connection, vec![verb], more);
    }

    /// Why the selected layer cannot be committed into the one below it: others need one of both.
    fn shared(&self) -> Option<String> {
        let top = self.list.selected()?.layer.unwrap_or(0);
        let (source, users) = self.needed(top).or_else(|| self.needed(top + 1))?;
        Some(format!(
            "{} is needed by others ({}), who would read damaged data after a commit. U pulls the data up instead.",
            text::visible(source),
            text::visible(&users)
        ))
    }

    /// The first target of the usual kind that no disk has.
    fn free_target(&self) -> String {
        let disks = self
            .read
            .as_ref()
            .map_or(&[][..], |read| read.disks.as_slice());
        let prefix = disks
            .iter()
            .find(|disk| disk.device == "disk")
            .map_or("vd", |disk| disk.target.get(..2).unwrap_or("vd"));
        ('a'..='z')
            .map(|letter| format!("{prefix}{letter}"))
            .find(|target| disks.iter().all(|disk| disk.target != *target))
            .unwrap_or_default()
    }
}

/// Whether a disk is a drive with a medium that is changed.
fn is_drive(disk: &DiskFacts) -> bool {
    matches!(disk.device.as_str(), "cdrom" | "floppy")
}

/// Opens the page of the domain that keys act on.
pub(in crate::app) fn open(state: &mut State) {
    match state.target() {
        Some(id) => state.pages.push(Page::Bench(Box::new(Bench::new(id)))),
        None => state.say(Level::Note, "No domain is selected.".to_owned()),
    }
}
