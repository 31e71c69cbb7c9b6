//! What follows the leader key.

use super::{ConsolePage, Done, names, prepared, ready};
use crate::action::Action;
use crate::action::Context;
use crate::app::{
    Beside, Confirm, Effect, Intent, Layer, Level, Line, Pane, Reader, State, TextField, TextUse,
};
use crate::protocol::{ConsoleId, ConsoleLog, ConsolePhase, ConsoleVerb};

pub(super) fn act(
    page: &mut ConsolePage,
    state: &mut State,
    action: Action,
    effects: &mut Vec<Effect>,
) -> Done {
    let focus = page.focus;
    match action {
        Action::Leader => page.leading = true,
        Action::Detach => {
            let name = names(state, &[focus]);
            state.say(Level::Note, format!("The console of {name} stays open."));
            return Done::Leaves;
        }
        Action::CloseConsole => {
            state.close_console(focus, effects);
            state.focus_last();
            return Done::Leaves;
        }
        Action::NextConsole | Action::PreviousConsole => {
            let forward = action == Action::NextConsole;
            if state.focus_beside(Pane::Console(focus), forward) {
                return Done::Leaves;
            }
        }
        Action::TileConsoles => state.split.tiled = !state.split.tiled,
        Action::TableBeside => state.split.toggle(Beside::Table),
        Action::DetailsBeside => state.split.toggle(Beside::Details),
        Action::TakeOver => take_over(state, focus),
        Action::SendBreak => ask_break(state, focus),
        Action::SendSize => send_size(state, focus, effects),
        Action::LogConsole => toggle_log(state, focus, false, effects),
        Action::LogRaw => toggle_log(state, focus, true, effects),
        Action::MarkConsole => {
            if let Some(console) = state.consoles.get_mut(focus) {
                console.marked = !console.marked;
            }
            if state.consoles.all.iter().filter(|c| c.marked).count() < 2 {
                state.consoles.broadcast = false;
            }
        }
        Action::Broadcast => broadcast(state),
        Action::FindText => {
            let field = TextField::new(TextUse::FindInConsole(focus), Line::new(""));
            state.layers.push(Layer::Text(field));
        }
        Action::ChooseLine => {
            let field = TextField::new(TextUse::ChooseLine(page.domain), Line::new(""));
            state.layers.push(Layer::Text(field));
        }
        Action::Help => {
            let contexts = [
                Context::Typing,
                Context::Console,
                Context::Looking,
                Context::List,
            ];
            let reader = Reader::help(&state.keymap, &contexts, &[]);
            state.layers.push(Layer::Reader(reader));
        }
        _ => return Done::Unknown,
    }
    Done::Stays
}

fn take_over(state: &mut State, focus: ConsoleId) {
    let Some(console) = state.consoles.get(focus) else {
        return;
    };
    let name = state.console_name(console);
    if console.is_attached() {
        state.say(Level::Note, format!("The console of {name} is attached."));
        return;
    }
    let reason = match &console.phase {
        ConsolePhase::InUse(reason) => reason.clone(),
        _ => console.standing(),
    };
    state.layers.push(Layer::Confirm(Confirm {
        title: format!("Take the console of {name} over?"),
        body: vec![
            "Whoever has it now loses it without a warning.".to_owned(),
            reason,
        ],
        warning: None,
        command: state.console_command(focus, "--force"),
        accept: "Take Over",
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::TakeOver(focus),
    }));
}

fn ask_break(state: &mut State, focus: ConsoleId) {
    let Some(console) = state.consoles.get(focus) else {
        return;
    };
    let name = state.console_name(console);
    if !console.is_attached() {
        let words = format!("No break was sent to {name}: not attached.");
        return state.say(Level::Note, words);
    }
    let Some(command) = state.break_command(focus) else {
        let words = format!("{name} is a channel, which knows no break.");
        return state.say(Level::Note, words);
    };
    state.layers.push(Layer::Confirm(Confirm {
        title: format!("Send a break to {name}?"),
        body: vec!["libvirt passes it to QEMU as a command of its monitor.".to_owned()],
        warning: Some("The domain counts as tainted from then on until it is off.".to_owned()),
        command: Some(command),
        accept: "Send",
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Break(focus),
    }));
}

/// A serial line has no size: the guest is told as one would type it.
fn send_size(state: &mut State, focus: ConsoleId, effects: &mut Vec<Effect>) {
    for id in ready(state, focus) {
        let Some(console) = state.consoles.get(id) else {
            continue;
        };
        let (columns, lines) = (console.screen.columns, console.screen.lines);
        let line = format!("stty rows {lines} cols {columns}\n");
        let bytes = prepared(&line, false).bytes;
        state.tell_console(id, ConsoleVerb::Type(bytes), effects);
    }
}

fn toggle_log(state: &mut State, focus: ConsoleId, raw: bool, effects: &mut Vec<Effect>) {
    let Some(console) = state.consoles.get(focus) else {
        return;
    };
    if console.log.is_some() {
        state.tell_console(focus, ConsoleVerb::Log(None), effects);
        return;
    }
    let name = state.console_name(console);
    // Fit for a file anywhere: the name of a domain may hold anything.
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let end = if raw { "raw" } else { "log" };
    let line = Line::new(&format!("console-{}.{end}", plain.trim_start_matches('.')));
    let field = TextField::new(TextUse::LogConsole(focus, raw), line);
    state.layers.push(Layer::Text(field));
}

fn broadcast(state: &mut State) {
    if state.consoles.broadcast {
        state.consoles.broadcast = false;
        state.say(Level::Note, "Keys go to one console again.".to_owned());
        return;
    }
    let marked = state.consoles.all.iter().filter(|console| console.marked);
    if marked.count() < 2 {
        let words = "Mark two consoles or more first; what is typed then goes to all of them.";
        state.say(Level::Note, words.to_owned());
        return;
    }
    state.consoles.broadcast = true;
}

impl State {
    /// The consoles that get what is typed, where that is more than one.
    #[must_use]
    pub fn broadcast_names(&self) -> Option<String> {
        self.consoles.broadcast.then(|| {
            let marked: Vec<_> = self
                .consoles
                .all
                .iter()
                .filter(|console| console.marked)
                .map(|console| console.id)
                .collect();
            names(self, &marked)
        })
    }
}

/// Begins to write a console to a file.
pub(in crate::app) fn log_to(
    state: &State,
    console: ConsoleId,
    raw: bool,
    path: &str,
    effects: &mut Vec<Effect>,
) {
    let log = ConsoleLog {
        path: path.into(),
        raw,
    };
    state.tell_console(console, ConsoleVerb::Log(Some(log)), effects);
}
