//! Marks, and acting on all that is marked.

use super::{Confirm, Effect, Intent, Layer, Level, Page, State, TableRow, actions, table};
use crate::action::Action;
use crate::model::DomainId;
use crate::protocol::DomainVerb;
use crate::text;

/// With more domains than this, their number is to be typed before something dangerous is done to them.
const WITHOUT_COUNT: usize = 10;
/// Names that a question lists.
const NAMED: usize = 10;

impl State {
    /// Marks the selected domain, or takes its mark off, and goes to the next.
    pub(super) fn toggle_mark(&mut self) {
        let Some(id) = self.table.selected() else {
            return;
        };
        if !self.marked.remove(&id) {
            self.marked.insert(id);
        }
        self.table.step(1);
    }

    /// Marks all domains that the filter shows; when all of them are marked, takes their marks off.
    pub(super) fn mark_shown(&mut self) {
        let shown = self.table.view().to_vec();
        if shown.iter().all(|id| self.marked.contains(id)) {
            for id in shown {
                self.marked.remove(&id);
            }
        } else {
            self.marked.extend(shown);
        }
    }

    /// Marks the domains that a pattern fits, beside those that are marked: words of the filter, or with `*` and `?` whole
    /// names. Behind a `-` and a blank it takes their marks off.
    ///
    /// # Errors
    /// What is wrong with the pattern, or that no domain fits.
    pub(in crate::app) fn mark_by(&mut self, text: &str) -> Result<(), String> {
        let text = text.trim();
        let (off, pattern) = match text.strip_prefix("- ") {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        if pattern.is_empty() {
            return Err("A pattern is missing, such as web-* or tag:prod.".to_owned());
        }
        let fitting = if pattern.contains(['*', '?']) && !pattern.contains([':', ' ']) {
            let guests = self.guests.values();
            guests
                .filter(|guest| glob(pattern, &guest.domain.name))
                .map(|guest| guest.domain.id)
                .collect()
        } else {
            table::fitting(pattern, &self.scene())?
        };
        let before = self.marked.len();
        for id in &fitting {
            if off {
                self.marked.remove(id);
            } else {
                self.marked.insert(*id);
            }
        }
        if fitting.is_empty() {
            return Err(format!("No domain fits {}.", text::visible(pattern)));
        }
        let changed = self.marked.len().abs_diff(before);
        let done = if off { "unmarked" } else { "marked" };
        let text = format!("{changed} {done}, {} marked in all.", self.marked.len());
        self.say(Level::Done, text);
        Ok(())
    }

    /// The marked domains by name, whatever the filter shows. None on a page that is about one domain.
    #[must_use]
    pub fn marked_targets(&self) -> Vec<DomainId> {
        if !matches!(self.page(), Page::Domains) {
            return Vec::new();
        }
        let mut marked: Vec<DomainId> = self.marked.iter().copied().collect();
        let name = |id: &DomainId| self.guest(*id).map(|guest| guest.domain.name.clone());
        marked.sort_by_cached_key(|id| (name(id), *id));
        marked
    }

    /// Whether a row is marked.
    #[must_use]
    pub fn is_marked(&self, row: TableRow) -> bool {
        match row {
            TableRow::Domain(id, _) => self.marked.contains(&id),
            TableRow::Group(_) => false,
        }
    }
}

/// Whether a name fits a pattern in which `*` stands for any text and `?` for one character, small and large letters alike.
fn glob(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where the last star stood, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Does `action` to several domains: to those that it makes sense for, after one question where it is dangerous.
pub(super) fn attempt(
    state: &mut State,
    action: Action,
    wanted: Vec<(DomainId, DomainVerb)>,
    effects: &mut Vec<Effect>,
) {
    let mut left_out = Vec::new();
    let mut chosen = Vec::new();
    for (id, verb) in wanted {
        match actions::refusal(state, action, id) {
            Some(why) => left_out.push(why),
            None => chosen.push((id, verb)),
        }
    }
    let label = action.row().label;
    let others = match (left_out.len(), left_out.first()) {
        (1, Some(why)) => format!("One is left out: {why}"),
        (count, Some(why)) => format!("{count} are left out, the first because: {why}"),
        _ => String::new(),
    };
    if chosen.is_empty() {
        state.say(
            Level::Note,
            format!("{label} of the marked domains: nothing to do. {others}"),
        );
        return;
    }
    let is_silent = |(id, _): &(DomainId, DomainVerb)| {
        let guest = state.guest(*id);
        guest.is_some_and(|guest| guest.silent_since.is_some())
    };
    let silent = chosen.iter().filter(|one| is_silent(one)).count();
    let many = action.row().traits.dangerous && chosen.len() > WITHOUT_COUNT;
    let deletes = chosen
        .iter()
        .any(|(_, verb)| actions::doomed(verb).next().is_some());
    if !state.asks(action) && silent == 0 && !many && !deletes {
        begin(state, action, &chosen, effects);
        if !others.is_empty() {
            state.say(Level::Note, others);
        }
        return;
    }
    let layer = question(state, action, chosen, silent, others);
    state.layers.push(Layer::Confirm(layer));
}

/// One question for all of them, which names them.
fn question(
    state: &State,
    action: Action,
    chosen: Vec<(DomainId, DomainVerb)>,
    silent: usize,
    others: String,
) -> Confirm {
    let row = action.row();
    let count = chosen.len();
    let name = |id: DomainId| {
        let guest = state.guest(id);
        guest.map_or_else(String::new, |guest| {
            text::visible(&guest.domain.name).into_owned()
        })
    };
    let mut names: Vec<String> = chosen.iter().take(NAMED).map(|(id, _)| name(*id)).collect();
    if count > NAMED {
        names.push(format!("and {} more", count - NAMED));
    }
    let mut body = vec![names.join(", "), row.doc.to_owned()];
    body.extend(
        chosen
            .first()
            .and_then(|(_, verb)| actions::snapshot_words(verb)),
    );
    for (id, verb) in &chosen {
        body.extend(actions::doomed(verb).map(|path| format!("DELETED: {path} of {}", name(*id))));
    }
    if !others.is_empty() {
        body.push(others);
    }
    let command = chosen.first().and_then(|(id, verb)| {
        let guest = state.guest(*id)?;
        let connection = state.connection(id.connection)?;
        actions::line(verb, connection.uri(), guest, *id)
    });
    Confirm {
        title: format!("{} {count} domains?", row.label),
        body,
        warning: (silent > 0)
            .then(|| format!("{silent} of them do not answer: that may take long.")),
        command: command.map(|line| match count {
            1 => line,
            count => format!("{line}   and so for each of the {count}"),
        }),
        accept: row.label,
        yes: false,
        count: (count > WITHOUT_COUNT).then_some(count),
        typed: String::new(),
        intent: Intent::Domains(action, chosen),
    }
}

/// Sends all of it; the worker does a few at a time.
pub(super) fn begin(
    state: &mut State,
    action: Action,
    chosen: &[(DomainId, DomainVerb)],
    effects: &mut Vec<Effect>,
) {
    let batch = (chosen.len() > 1).then(|| state.outcomes.begin(action));
    for (id, verb) in chosen {
        actions::begin_in(state, batch, action, verb.clone(), *id, effects);
    }
}
