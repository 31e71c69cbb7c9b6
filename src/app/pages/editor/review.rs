//! What would change, before it is applied: by element and line by line, and when each change takes effect.

use crate::protocol::{DocumentRef, LiveStep};
use crate::xml::{Change, Effect, Tree, When, changes, effects, secrets, unified};

/// What is done with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectChoice {
    /// At once, and for the next start.
    Now,
    /// For the next start.
    NextStart,
    /// Nothing: it stays in the text, unsaved.
    LeaveOut,
}

/// Changes that take effect together.
#[derive(Clone, PartialEq)]
pub struct ReviewRow {
    /// What it is about; untrusted.
    pub about: String,
    /// Numbers of the changes, among all between the two documents.
    pub numbers: Vec<usize>,
    /// Each change in a line, masked.
    pub changes: Vec<String>,
    /// When it can be had.
    pub when: When,
    /// What is done.
    pub choice: EffectChoice,
    /// virsh's command that does the same.
    pub virsh: String,
}

impl std::fmt::Debug for ReviewRow {
    /// Without the XML of devices, which may hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReviewRow({}, {:?})", self.about, self.choice)
    }
}

/// The review.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// What changes, by when.
    pub rows: Vec<ReviewRow>,
    /// Row that keys act on.
    pub at: usize,
    /// First line on the screen.
    pub top: usize,
    /// The lines are compared instead.
    pub textual: bool,
    /// Lines of the comparison, masked.
    pub diff: Vec<String>,
    /// The domain runs.
    pub running: bool,
    /// libvirt checks it against its schema.
    pub validate: bool,
}

impl Review {
    /// What makes `mine` of `base`; `None` when one of them is not well-formed.
    #[must_use]
    pub fn new(
        what: &DocumentRef,
        name: &str,
        running: bool,
        base: &str,
        mine: &str,
    ) -> Option<Self> {
        let after = Tree::parse(mine).ok()?;
        let empty = "<none/>";
        let before = Tree::parse(if base.is_empty() { empty } else { base }).ok()?;
        let rows = if base.is_empty() {
            Vec::new()
        } else {
            let found = changes(&before, &after);
            if what.domain().is_some() && running {
                let told = effects(&before, &after, &found);
                told.into_iter()
                    .map(|effect| live_row(effect, &found, name))
                    .collect()
            } else {
                found
                    .iter()
                    .enumerate()
                    .map(|(number, change)| plain_row(number, change, what, name))
                    .collect()
            }
        };
        let (old, new) = (secrets::mask(base), secrets::mask(mine));
        let text = unified(&old, &new, ("on the host", "edited"), 3);
        let diff = text.lines().map(str::to_owned).collect();
        Some(Self {
            rows,
            at: 0,
            top: 0,
            textual: base.is_empty(),
            diff,
            running,
            validate: true,
        })
    }

    /// The steps on the running domain that were chosen.
    #[must_use]
    pub fn live_steps(&self) -> Vec<LiveStep> {
        let chosen = self
            .rows
            .iter()
            .filter(|row| row.choice == EffectChoice::Now);
        chosen
            .filter_map(|row| match &row.when {
                When::Now(operation) => Some(LiveStep {
                    about: row.about.clone(),
                    operation: operation.clone(),
                }),
                _ => None,
            })
            .collect()
    }

    /// Whether something cannot be had while the domain runs.
    #[must_use]
    pub fn impossible(&self) -> Option<(&str, &'static str)> {
        let chosen = self
            .rows
            .iter()
            .filter(|row| row.choice != EffectChoice::LeaveOut);
        chosen.into_iter().find_map(|row| match &row.when {
            When::NotWhileRunning(why) => Some((row.about.as_str(), *why)),
            _ => None,
        })
    }

    /// Numbers of the changes that are left out.
    #[must_use]
    pub fn left_out(&self) -> Vec<usize> {
        let left = self
            .rows
            .iter()
            .filter(|row| row.choice == EffectChoice::LeaveOut);
        left.flat_map(|row| row.numbers.iter().copied()).collect()
    }

    /// Whether all of them are.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.rows.is_empty()
            && self
                .rows
                .iter()
                .all(|row| row.choice == EffectChoice::LeaveOut)
    }

    /// Chooses otherwise for the selected row.
    pub fn toggle(&mut self) {
        if let Some(row) = self.rows.get_mut(self.at) {
            row.choice = match (row.choice, &row.when) {
                (EffectChoice::Now, _) => EffectChoice::NextStart,
                (EffectChoice::NextStart, _) => EffectChoice::LeaveOut,
                (EffectChoice::LeaveOut, When::Now(_)) => EffectChoice::Now,
                (EffectChoice::LeaveOut, _) => EffectChoice::NextStart,
            };
        }
    }

    /// Goes to another row, or through the lines.
    pub fn scroll(&mut self, lines: isize) {
        if self.textual {
            let last = self.diff.len().saturating_sub(1);
            self.top = self.top.saturating_add_signed(lines).min(last);
        } else {
            let last = self.rows.len().saturating_sub(1);
            self.at = self.at.saturating_add_signed(lines).min(last);
        }
    }

    /// Line of a row on the page, and how many it has.
    #[must_use]
    pub fn place(&self, row: usize) -> (usize, usize) {
        let height = |row: &ReviewRow| row.changes.len() + 1;
        let before = self.rows[..row].iter().map(height).sum();
        (before, height(&self.rows[row]))
    }

    pub(super) fn settle(&mut self, lines: usize) {
        let room = lines.saturating_sub(3).max(1);
        if self.textual {
            let most = self.diff.len().saturating_sub(room);
            self.top = self.top.min(most);
        } else if self.at < self.rows.len() {
            let (first, height) = self.place(self.at);
            if first < self.top {
                self.top = first;
            } else if first + height > self.top + room {
                self.top = (first + height - room).min(first);
            }
        }
    }
}

fn live_row(effect: Effect, found: &[Change], name: &str) -> ReviewRow {
    let choice = match effect.when {
        When::Now(_) => EffectChoice::Now,
        _ => EffectChoice::NextStart,
    };
    ReviewRow {
        about: effect.about,
        numbers: effect.changes.clone(),
        changes: effect
            .changes
            .iter()
            .map(|at| found[*at].to_string())
            .collect(),
        virsh: named(&effect.virsh, name),
        when: effect.when,
        choice,
    }
}

fn plain_row(number: usize, change: &Change, what: &DocumentRef, name: &str) -> ReviewRow {
    let about = change
        .path
        .last()
        .map_or_else(String::new, |step| match &step.key {
            Some(key) => format!("{} '{key}'", step.name),
            None => step.name.clone(),
        });
    let virsh = match what {
        DocumentRef::Snapshot(..) => "virsh snapshot-create DOMAIN FILE --redefine".to_owned(),
        DocumentRef::Stored(..) | DocumentRef::New(_) if what.word() == "domain" => {
            "virsh define FILE --validate".to_owned()
        }
        _ => format!("virsh {}-define FILE", what.word()),
    };
    ReviewRow {
        about,
        numbers: vec![number],
        changes: vec![change.to_string()],
        when: When::NextStart,
        choice: EffectChoice::NextStart,
        virsh: named(&virsh, name),
    }
}

/// virsh's command with the name of the domain.
fn named(command: &str, name: &str) -> String {
    command.replace("DOMAIN", &crate::text::shell_quote(name))
}
