//! What the page of a host does: pins, values, files that keep them.

use std::sync::Arc;

use super::{Host, HostTab, Page};
use crate::app::{
    Effect, HostDeed, Layer, Level, Line, State, TextField, TextUse, Undo, forms, host_changes,
};
use crate::hostfacts::{Guest, HostWish, Keeping, Knob, taskset};
use crate::model::DomainId;

impl Host {
    /// Sets what is selected.
    pub(super) fn open(&mut self, state: &mut State) {
        match self.tab {
            HostTab::Map => self.pin(state),
            HostTab::Domains => self.limit(state),
            HostTab::Tuning => self.tune(state),
            _ => {}
        }
    }

    /// The domain of the selected row.
    fn selected_guest(&self) -> Option<&Guest> {
        let report = self.report()?;
        match self.tab {
            HostTab::Map => {
                let row = self.selected_row()?;
                report.guests.iter().find(|guest| guest.uuid == row.uuid)
            }
            HostTab::Domains => self.guests().get(self.list().position()?).copied(),
            _ => None,
        }
    }

    /// Opens the form of pins for the marked domains of this host, else for the selected one.
    pub(super) fn pin_domains(&self, state: &mut State) {
        let Some(report) = self.report() else {
            return;
        };
        if let Some(why) = host_changes::refusal(state, self.connection) {
            return state.say(Level::Note, why);
        }
        let here = |id: &DomainId| id.connection == self.connection;
        let mut ids: Vec<_> = state.marked.iter().copied().filter(here).collect();
        if ids.is_empty() {
            ids.extend(
                self.selected_guest()
                    .and_then(|guest| guest.uuid)
                    .map(|uuid| DomainId {
                        connection: self.connection,
                        uuid,
                    }),
            );
        }
        forms::open_pins(state, ids, Arc::new(report.clone()));
    }

    fn limit(&self, state: &mut State) {
        if let Some(why) = host_changes::refusal(state, self.connection) {
            return state.say(Level::Note, why);
        }
        let Some((guest, uuid)) = self
            .selected_guest()
            .and_then(|guest| Some((guest, guest.uuid?)))
        else {
            return;
        };
        let id = DomainId {
            connection: self.connection,
            uuid,
        };
        forms::open_limits(state, id, &guest.clone());
    }

    /// Opens the form that pins the selected row to what is chosen.
    fn pin(&mut self, state: &mut State) {
        let (Some(row), Some(report)) = (self.selected_row(), self.report()) else {
            return;
        };
        if let Some(why) = host_changes::refusal(state, self.connection) {
            return state.say(Level::Note, why);
        }
        let Some(uuid) = row.uuid else { return };
        let chosen = match self.chosen.is_empty() {
            true => row.allowed,
            false => self.chosen.clone(),
        };
        let id = DomainId {
            connection: self.connection,
            uuid,
        };
        forms::open_pin(state, id, row.pin, &chosen, Arc::new(report.clone()));
    }

    /// Asks for another value of the selected knob.
    fn tune(&mut self, state: &mut State) {
        let Some((knob, value)) = self.selected_knob() else {
            return;
        };
        if let Some(why) = host_changes::refusal(state, self.connection) {
            return state.say(Level::Note, why);
        }
        let choices = knob.choices(&value);
        let next = choices
            .iter()
            .position(|choice| *choice == value)
            .map_or(0, |at| at + 1);
        match choices.get(next % choices.len().max(1)) {
            Some(next) => self.confirm(state, knob, &value, next.clone()),
            None => {
                let field = TextField::new(TextUse::Tune, Line::new(&value));
                state.layers.push(Layer::Text(field));
            }
        }
    }

    /// Asks whether the selected knob may be set to what was typed.
    pub(in crate::app) fn typed(&mut self, state: &mut State, text: &str) -> Option<String> {
        let (knob, value) = self.selected_knob()?;
        if let Err(wrong) = knob.accepts(text) {
            return Some(wrong);
        }
        self.confirm(state, knob, &value, text.to_owned());
        None
    }

    fn confirm(&self, state: &mut State, knob: Knob, before: &str, value: String) {
        let Some(connection) = state.connection(self.connection) else {
            return;
        };
        let title = format!("Set {} of {}?", knob.name(), connection.label);
        let mut body = vec![
            format!("From {before} to {value}, until the host restarts."),
            knob.doc().to_owned(),
        ];
        let facts = self.report().map(|report| &report.facts);
        if let Some(keeping) = facts.and_then(|facts| knob.keeping(&value, facts)) {
            body.push(format!("K keeps it beyond that, by {}.", keeping.words()));
        }
        let undo = Undo::Value(knob.clone(), before.to_owned());
        let deed = HostDeed {
            wish: HostWish::Set(knob, value),
            undo: Some(undo),
            takes_back: false,
        };
        host_changes::confirm(state, self.connection, title, body, deed);
    }

    /// Asks whether the present value of the selected knob may be kept beyond a restart, or no more.
    pub(super) fn keep(&self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some(((knob, value), report)) = self.selected_knob().zip(self.report()) else {
            return;
        };
        let facts = &report.facts;
        let label = state
            .connection(self.connection)
            .map_or("", |c| c.label.as_str())
            .to_owned();
        let kept = knob.kept(facts);
        if let Some((path, was)) = &kept
            && *was == value
        {
            let text = facts.kept.iter().find(|(known, _)| known == path);
            let deed = HostDeed {
                wish: HostWish::Forget((*path).to_owned()),
                undo: Some(Undo::File(
                    (*path).to_owned(),
                    text.map(|(_, text)| format!("{text}\n")),
                )),
                takes_back: false,
            };
            let title = format!("Keep {} of {label} no more?", knob.name());
            let body = vec![format!(
                "{path} goes. The value holds until the host restarts."
            )];
            return host_changes::confirm(state, self.connection, title, body, deed);
        }
        match knob.keeping(&value, facts) {
            Some(Keeping::File(file)) if facts.files_visible => {
                let title = format!("Keep {} of {label} at {value}?", knob.name());
                let mut body = vec![format!("{} is written, a file of virtty's own:", file.path)];
                body.extend(file.text.lines().map(|line| format!("  {line}")));
                body.extend(kept.map(|(_, was)| format!("It keeps {was} now.")));
                let former = facts.kept.iter().find(|(path, _)| *path == file.path);
                let undo = Undo::File(
                    file.path.clone(),
                    former.map(|(_, text)| format!("{text}\n")),
                );
                let deed = HostDeed {
                    wish: HostWish::Keep(file),
                    undo: Some(undo),
                    takes_back: false,
                };
                host_changes::confirm(state, self.connection, title, body, deed);
            }
            Some(keeping) => {
                state.say(
                    Level::Note,
                    format!(
                        "{} is not virtty's to write: the command that keeps {value} is copied.",
                        keeping.words()
                    ),
                );
                effects.push(Effect::Copy(keeping.shell()));
            }
            None => state.say(
                Level::Note,
                "There is nothing that keeps this one.".to_owned(),
            ),
        }
    }

    pub(super) fn copy(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let text = match self.tab {
            HostTab::Checks => self.selected_check().and_then(|check| check.remedy.clone()),
            HostTab::Tuning => self.selected_knob().and_then(|(knob, value)| {
                let keeping = knob.keeping(&value, &self.report()?.facts)?;
                Some(keeping.shell())
            }),
            HostTab::Map => self.selected_row().map(|row| {
                let cpus = match self.chosen.is_empty() {
                    true => &row.allowed,
                    false => &self.chosen,
                };
                let known = row.uuid.and_then(|uuid| self.thread(uuid, row.pin));
                taskset(&row.name, row.pin, cpus, known.map(|thread| thread.id))
            }),
            _ => None,
        };
        match text {
            Some(text) => effects.push(Effect::Copy(text)),
            None => state.say(Level::Note, "There is no command to copy.".to_owned()),
        }
    }
}

/// Runs what is left to the page of a host below a dialog.
fn with_page<T>(state: &mut State, run: impl FnOnce(&mut Host, &mut State) -> T) -> Option<T> {
    match state.pages.pop() {
        Some(Page::Host(mut host)) => {
            let result = run(&mut host, state);
            state.pages.push(Page::Host(host));
            Some(result)
        }
        page => {
            state.pages.extend(page);
            None
        }
    }
}

/// Takes a number that was typed for the selected knob; what is wrong with it.
pub(in crate::app) fn typed(state: &mut State, text: &str) -> Option<String> {
    with_page(state, |host, state| host.typed(state, text)).flatten()
}
