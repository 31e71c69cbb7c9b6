//! The way in while no connection is open: what was tried, why it failed, and what to do about it.

use crate::action::{Action, Context};
use crate::app::{Confirm, Effect, Intent, Layer, Level, Line, State, TextField, TextUse};
use crate::model::ConnectionId;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Welcome,
    Context::List,
    Context::Global,
    Context::Always,
];

pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) -> bool {
    match action {
        Action::Down => point(state, 1),
        Action::Up => point(state, -1),
        Action::First => point(state, isize::MIN),
        Action::Last => point(state, isize::MAX),
        Action::EditUri => {
            let Some(connection) = state.pointed_connection() else {
                return true;
            };
            let text = state
                .connection(connection)
                .and_then(|c| c.spec.uri.as_ref())
                .map_or("", |uri| uri.as_str())
                .to_owned();
            let field = TextField::new(TextUse::EditUri(connection), Line::new(&text));
            state.layers.push(Layer::Text(field));
        }
        Action::RunRemedy => ask_remedy(state),
        Action::OpenDemo => state.open_demo(effects),
        _ => return false,
    }
    true
}

fn point(state: &mut State, by: isize) {
    let last = state.connections.len().saturating_sub(1);
    let at = state
        .pointed_connection()
        .and_then(|id| state.connections.iter().position(|c| c.id == id))
        .unwrap_or(0);
    let to = at.saturating_add_signed(by).min(last);
    state.pointed = state.connections.get(to).map(|c| c.id);
}

fn ask_remedy(state: &mut State) {
    let Some(id) = state.pointed_connection() else {
        return;
    };
    let command = state
        .connection(id)
        .and_then(|c| c.failure.as_ref())
        .and_then(|failure| failure.remedy.as_ref())
        .and_then(|remedy| remedy.command.clone());
    let Some(command) = command else {
        state.say(
            Level::Note,
            "There is no command that mends this.".to_owned(),
        );
        return;
    };
    let line: Vec<_> = command
        .iter()
        .map(|word| crate::text::shell_quote(word))
        .collect();
    state.layers.push(Layer::Confirm(Confirm {
        title: "Run this command?".to_owned(),
        body: vec![
            "It runs in this terminal, which is given back afterwards; then the connection is tried again."
                .to_owned(),
        ],
        warning: None,
        command: Some(line.join(" ")),
        accept: "Run",
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Remedy(id, command),
    }));
}

impl State {
    /// The connection that the keys of the welcome page act on.
    #[must_use]
    pub fn pointed_connection(&self) -> Option<ConnectionId> {
        self.pointed
            .filter(|id| self.connection(*id).is_some())
            .or_else(|| self.connections.first().map(|c| c.id))
    }
}
