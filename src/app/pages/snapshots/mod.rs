//! The snapshots of a domain as a tree, its checkpoints below, and what can be done with the selected one.

mod ways;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Page, Place};
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{Effect, Level, List, Purpose, State, Target, actions, forms};
use crate::display::Picture;
use crate::model::{Checkpoint, DomainId, Snapshot, placed_snapshots};
use crate::protocol::{
    Answer, DomainSnapshots, Failure, JobId, SnapshotPicture, SnapshotSize, Verb,
};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Snapshots,
    Context::Domain,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How old the tree may get while one looks at it: libvirt tells no event of snapshots.
const REREAD: Duration = Duration::from_secs(10);

/// Lines below the tree that tell of the selected one, where there is no room beside it.
const TOLD: usize = 9;

/// From so many columns on, what is told stands beside the tree.
const BESIDE: u16 = 150;

/// A line of the page, whatever happens to the tree: names are kept for as long as the page is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SnapshotId(usize);

/// What a line is about, by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Name {
    Snapshot(String),
    Checkpoint(String),
}

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshots {
    /// The domain.
    pub id: DomainId,
    read: Option<DomainSnapshots>,
    /// Bytes by name, as far as they can be told.
    sizes: HashMap<String, u64>,
    failure: Option<Failure>,
    asked: Option<JobId>,
    asked_sizes: Option<JobId>,
    /// What the screen showed when the selected one was taken.
    picture: Option<Arc<Picture>>,
    /// What that was asked for with.
    picture_of: Option<SnapshotPicture>,
    asked_picture: Option<JobId>,
    read_at: Option<Instant>,
    /// What was read last is not to be believed, however it is marked.
    doubtful: bool,
    /// The tree whose sizes were asked for.
    sized: Option<u64>,
    /// The tree's words before each name, in the order of the lines.
    lines: Vec<(SnapshotId, String)>,
    /// Names that were seen; a [`SnapshotId`] is a place here.
    names: Vec<Name>,
    list: List<SnapshotId>,
}

impl Snapshots {
    /// The page of a domain, before anything is read.
    #[must_use]
    pub fn new(id: DomainId) -> Self {
        Self {
            id,
            read: None,
            sizes: HashMap::new(),
            failure: None,
            asked: None,
            asked_sizes: None,
            picture: None,
            picture_of: None,
            asked_picture: None,
            read_at: None,
            doubtful: false,
            sized: None,
            lines: Vec::new(),
            names: Vec::new(),
            list: List::default(),
        }
    }

    /// What was read last.
    #[must_use]
    pub fn read(&self) -> Option<&DomainSnapshots> {
        self.read.as_ref()
    }

    /// Why nothing could be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The lines and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<SnapshotId> {
        &self.list
    }

    /// A snapshot.
    #[must_use]
    pub fn snapshot(&self, id: SnapshotId) -> Option<&Snapshot> {
        let Name::Snapshot(name) = self.names.get(id.0)? else {
            return None;
        };
        let all = &self.read.as_ref()?.snapshots;
        all.iter().find(|one| one.name == *name)
    }

    /// A checkpoint.
    #[must_use]
    pub fn checkpoint(&self, id: SnapshotId) -> Option<&Checkpoint> {
        let Name::Checkpoint(name) = self.names.get(id.0)? else {
            return None;
        };
        let all = self.read.as_ref()?.checkpoints.as_ref()?;
        all.iter().find(|one| one.name == *name)
    }

    /// The selected checkpoint.
    #[must_use]
    pub fn selected_checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint(self.list.selected()?)
    }

    /// How much room a snapshot takes, as far as it can be told.
    #[must_use]
    pub fn size(&self, name: &str) -> Option<u64> {
        self.sizes.get(name).copied()
    }

    /// The selected one.
    #[must_use]
    pub fn selected(&self) -> Option<&Snapshot> {
        self.snapshot(self.list.selected()?)
    }

    /// Branches of the tree before the name on a line.
    #[must_use]
    pub fn branches(&self, line: usize) -> &str {
        self.lines.get(line).map_or("", |(_, words)| words)
    }

    /// How many stand right below one.
    #[must_use]
    pub fn children(&self, name: &str) -> usize {
        let all = self.read.as_ref().map_or(&[][..], |read| &read.snapshots);
        all.iter()
            .filter(|one| one.parent.as_deref() == Some(name))
            .count()
    }

    /// Where in the tree it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::of(&self.list, "")
    }

    /// Whether what is told of the selected one stands beside the tree.
    #[must_use]
    pub fn is_beside(width: u16) -> bool {
        width >= BESIDE
    }

    /// Lines of the tree on the page, below its heading.
    #[must_use]
    pub fn tree_lines(&self, state: &State) -> usize {
        let height = state.page_lines();
        let told = match Self::is_beside(state.size.width) {
            true => 0,
            false => TOLD.min(height / 2),
        };
        height.saturating_sub(1 + told).max(1)
    }

    pub(super) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let now = state.now.instant;
        let live = state
            .connection(self.id.connection)
            .is_some_and(|connection| connection.is_live());
        if !live || state.guest(self.id).is_none() {
            self.asked = None;
            self.asked_sizes = None;
            self.asked_picture = None;
            self.read_at = None;
            return;
        }
        let due = self
            .read_at
            .is_none_or(|at| now.saturating_duration_since(at) >= REREAD);
        if self.asked.is_none() && due {
            self.read_at = Some(now);
            let known = self.read.as_ref().map(|read| read.mark);
            let verb = Verb::ReadSnapshots(self.id.uuid, known.filter(|_| !self.doubtful));
            self.doubtful = false;
            self.asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
        let mark = self.read.as_ref().map(|read| read.mark);
        let any = self
            .read
            .as_ref()
            .is_some_and(|read| !read.snapshots.is_empty());
        if self.asked_sizes.is_none() && any && mark != self.sized {
            self.sized = mark;
            let verb = Verb::ReadSnapshotSizes(self.id.uuid);
            self.asked_sizes = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
        let wanted = self.wanted_picture(state);
        if self.asked_picture.is_none() && wanted != self.picture_of {
            self.picture = None;
            self.picture_of.clone_from(&wanted);
            self.asked_picture = wanted.map(|wanted| {
                let verb = Verb::ReadSnapshotPicture(self.id.uuid, wanted);
                state.ask(self.id, Purpose::Read, verb, effects)
            });
        }
    }

    /// Columns and lines for the picture of the selected one.
    #[must_use]
    pub fn picture_room(width: u16, height: u16) -> (u16, u16) {
        match Self::is_beside(width) {
            true => (width - width * 3 / 5 - 2, height / 2),
            false => (26, u16::try_from(TOLD - 1).unwrap_or(u16::MAX)),
        }
    }

    /// What the screen showed when the selected one was taken, in that room; `None` where nobody has kept it.
    #[must_use]
    pub fn picture(&self) -> Option<&Picture> {
        let (selected, of) = (self.selected()?, self.picture_of.as_ref()?);
        let is_it = selected.name == of.name && selected.created == Some(of.created);
        self.picture.as_deref().filter(|_| is_it)
    }

    /// The picture that is wanted now.
    fn wanted_picture(&self, state: &State) -> Option<SnapshotPicture> {
        let selected = self.selected()?;
        let (width, height) = Self::picture_room(state.size.width, state.size.height);
        Some(SnapshotPicture {
            name: selected.name.clone(),
            created: selected.created?,
            width,
            height: height.saturating_mul(2),
        })
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.asked_sizes == Some(job) {
            self.asked_sizes = None;
            if let Ok(Answer::SnapshotSizes(sizes)) = result {
                let each = sizes.iter();
                self.sizes = each
                    .map(|SnapshotSize { name, bytes }| (name.clone(), *bytes))
                    .collect();
            }
        }
        if self.asked_picture == Some(job) {
            self.asked_picture = None;
            self.picture = match result {
                Ok(Answer::SnapshotPicture(picture)) => picture.clone(),
                _ => None,
            };
        }
        if self.asked != Some(job) {
            return;
        }
        self.asked = None;
        match result {
            Ok(Answer::Snapshots(Some(read))) => {
                let first = self.read.is_none();
                self.lay_out(read, first);
                self.read = Some((**read).clone());
                self.failure = None;
            }
            Ok(_) => self.failure = None,
            Err(failure) => self.failure = Some(failure.clone()),
        }
    }

    fn lay_out(&mut self, read: &DomainSnapshots, first: bool) {
        let mut known: HashMap<Name, usize> = self
            .names
            .drain(..)
            .enumerate()
            .map(|(at, name)| (name, at))
            .collect();
        let mut id = |name: Name| {
            let next = known.len();
            SnapshotId(*known.entry(name).or_insert(next))
        };
        let mut current = None;
        self.lines.clear();
        for placed in placed_snapshots(&read.snapshots) {
            let id = id(Name::Snapshot(placed.snapshot.name.clone()));
            if placed.snapshot.current {
                current = Some(id);
            }
            let mut words: String = placed
                .guides
                .iter()
                .map(|more| if *more { "│ " } else { "  " })
                .collect();
            words.push_str(match placed.fork {
                Some(true) => "└─",
                Some(false) => "├─",
                None => "",
            });
            self.lines.push((id, words));
        }
        let mut checkpoints: Vec<&Checkpoint> = read.checkpoints.iter().flatten().collect();
        checkpoints.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
        for checkpoint in checkpoints {
            let id = id(Name::Checkpoint(checkpoint.name.clone()));
            self.lines.push((id, String::new()));
        }
        let mut names: Vec<_> = known.into_iter().collect();
        names.sort_by_key(|(_, at)| *at);
        self.names = names.into_iter().map(|(name, _)| name).collect();
        self.list
            .replace(self.lines.iter().map(|(id, _)| *id).collect());
        if let (true, Some(current)) = (first, current) {
            self.list.select(current);
        }
    }

    /// Something was done: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.read_at = None;
        self.doubtful = true;
        self.sized = None;
    }

    pub(super) fn settle(&mut self, height: usize) {
        self.list.settle(height);
    }

    /// Opens the form of a clone of the selected one, or says why there can be none.
    fn clone_selected(&self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some(snapshot) = self.selected() else {
            return state.say(Level::Note, "No snapshot is selected.".to_owned());
        };
        let refusal = actions::refusal(state, Action::SnapshotClone, self.id);
        let why = refusal.or_else(|| self.no_clone(snapshot));
        match why {
            Some(why) => state.say(Level::Note, why),
            None => forms::open_snapshot_clone(state, self.id, &snapshot.name, effects),
        }
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
        if let Some(steps) = steps(action, self.tree_lines(state)) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::Retry => self.stale(),
            // It is open.
            Action::ShowSnapshots => {}
            Action::SnapshotClone => self.clone_selected(state, effects),
            _ => return self.offer(state, action),
        }
        true
    }
}

/// Opens the page of the domain that keys act on.
pub(in crate::app) fn open(state: &mut State) {
    match state.target() {
        Some(id) => state
            .pages
            .push(Page::Snapshots(Box::new(Snapshots::new(id)))),
        None => state.say(Level::Note, "No domain is selected.".to_owned()),
    }
}
