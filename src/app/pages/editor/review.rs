//! What would change, before it is applied: by element and line by line, and when each change takes effect.

use crate::protocol::{DocumentRef, LiveStep};
use crate::text::width;
use crate::xml::{Change, Effect, Row, Tree, When, changes, effects, rows, secrets, unified};

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

/// How the changes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewView {
    /// By element, to be chosen.
    Elements,
    /// Line by line, one below the other.
    Lines,
    /// Line by line, beside each other.
    Sides,
}

/// A line of two texts beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A line of one or both.
    Row(Row),
    /// So many lines that are the same in both.
    Same(usize),
}

/// Lines that are the same and shown around others.
const AROUND: usize = 3;
/// Columns that lines move by.
const STEP: usize = 8;

/// The lines of two texts that differ, with a few around them.
fn sides(old: &str, new: &str) -> Vec<Side> {
    let all = rows(old, new);
    let differs = |row: &Row| !matches!(row, Row::Same(..));
    let mut near = vec![false; all.len()];
    for (at, _) in all.iter().enumerate().filter(|(_, row)| differs(row)) {
        let end = (at + AROUND + 1).min(all.len());
        near[at.saturating_sub(AROUND)..end].fill(true);
    }
    let mut sides = Vec::new();
    let mut skipped = 0;
    for (row, near) in all.into_iter().zip(near) {
        if !near {
            skipped += 1;
            continue;
        }
        if skipped > 0 {
            sides.push(Side::Same(std::mem::take(&mut skipped)));
        }
        sides.push(Side::Row(row));
    }
    if skipped > 0 {
        sides.push(Side::Same(skipped));
    }
    sides
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
    /// How the changes are shown.
    pub view: ReviewView,
    /// Lines of the comparison, masked.
    pub diff: Vec<String>,
    /// The same, side by side.
    pub sides: Vec<Side>,
    /// Columns that are left of the screen, of lines side by side.
    pub left: usize,
    /// The domain runs.
    pub running: bool,
    /// libvirt checks it against its schema.
    pub validate: bool,
    /// virsh's command that defines it as a whole.
    pub line: String,
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
            view: if base.is_empty() {
                ReviewView::Lines
            } else {
                ReviewView::Elements
            },
            diff,
            sides: sides(&old, &new),
            left: 0,
            running,
            validate: true,
            line: format!("virsh {}", defining(what, name, true)),
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

    /// Shows the changes the next way: by element, by line, side by side.
    pub fn turn(&mut self) {
        self.view = match self.view {
            ReviewView::Elements => ReviewView::Lines,
            ReviewView::Lines => ReviewView::Sides,
            ReviewView::Sides => ReviewView::Elements,
        };
        self.top = 0;
        self.left = 0;
    }

    /// Lines of what is compared line by line.
    fn lines(&self) -> usize {
        match self.view {
            ReviewView::Sides => self.sides.len(),
            _ => self.diff.len(),
        }
    }

    /// Goes to another row, or through the lines.
    pub fn scroll(&mut self, lines: isize) {
        if self.view == ReviewView::Elements {
            let last = self.rows.len().saturating_sub(1);
            self.at = self.at.saturating_add_signed(lines).min(last);
        } else {
            let last = self.lines().saturating_sub(1);
            self.top = self.top.saturating_add_signed(lines).min(last);
        }
    }

    /// Moves lines that are too long for their side.
    pub fn scroll_across(&mut self, right: bool) {
        if self.view != ReviewView::Sides {
            return;
        }
        let longest = self.sides.iter().map(|side| match side {
            Side::Row(Row::Same(_, _, text) | Row::Removed(_, text) | Row::Added(_, text)) => {
                width(text)
            }
            Side::Row(Row::Changed(_, old, _, new)) => width(old).max(width(new)),
            Side::Same(_) => 0,
        });
        self.left = if right {
            (self.left + STEP).min(longest.max().unwrap_or(0).saturating_sub(STEP))
        } else {
            self.left.saturating_sub(STEP)
        };
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
        if self.view != ReviewView::Elements {
            let most = self.lines().saturating_sub(room);
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
    ReviewRow {
        about,
        numbers: vec![number],
        changes: vec![change.to_string()],
        when: When::NextStart,
        choice: EffectChoice::NextStart,
        virsh: format!("virsh {}", defining(what, name, true)),
    }
}

/// virsh's command that defines a document, behind its connection.
#[must_use]
pub fn defining(what: &DocumentRef, name: &str, validate: bool) -> String {
    let (word, validates) = what.defined_by();
    let validates = if validate {
        validates
    } else {
        validates.trim_end_matches(" --validate")
    };
    let file = crate::text::shell_quote(&format!("{name}.xml")).into_owned();
    match what {
        // Which domain it is of, virsh is told by its UUID.
        DocumentRef::Snapshot(domain, _) => format!("{word} {domain} {file}{validates}"),
        _ => format!("{word} {file}{validates}"),
    }
}

/// virsh's command with the name of the domain.
fn named(command: &str, name: &str) -> String {
    command.replace("DOMAIN", &crate::text::shell_quote(name))
}
