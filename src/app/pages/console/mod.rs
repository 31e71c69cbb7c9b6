//! A domain's console, or several side by side. Keys go to the guest; the leader key makes the next one a command.

mod commands;

pub(in crate::app) use commands::log_to;

use crate::action::{Action, Context};
use crate::app::{Effect, Level, Page, Pane, Pointer, State, actions, consoles};
use crate::console::{Motion, paste as prepared};
use crate::keymap::Key;
use crate::model::DomainId;
use crate::protocol::{ConsoleAccess, ConsoleDevice, ConsoleId, ConsoleVerb};
use crate::text;
use crate::virsh;

/// Lines that a notch of the wheel moves.
const NOTCH: i32 = 3;

const TYPING: &[Context] = &[Context::Typing];
const COMMANDS: &[Context] = &[Context::Console];
const LOOKING: &[Context] = &[Context::Looking, Context::List];

/// What the page remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsolePage {
    /// The console that has the keys.
    pub focus: ConsoleId,
    /// Whose it is.
    pub domain: DomainId,
    /// The leader key was pressed: the next is a command.
    pub leading: bool,
}

impl ConsolePage {
    /// Where its keys are looked up.
    #[must_use]
    pub fn contexts(&self, state: &State) -> &'static [Context] {
        if self.leading {
            return COMMANDS;
        }
        match state.consoles.get(self.focus) {
            Some(console) if console.screen.looking => LOOKING,
            _ => TYPING,
        }
    }
}

/// Opens the console of a domain, the one that was looked at last.
pub(in crate::app) fn open_of(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) {
    if let Some(why) = actions::no_console(state, id) {
        state.say(Level::Note, why);
        return;
    }
    let latest = state
        .consoles
        .all
        .iter()
        .rev()
        .find(|console| console.domain == id);
    let device = latest.map_or(ConsoleDevice::First, |console| console.device.clone());
    let console = state.open_console(id, device, ConsoleAccess::Polite, effects);
    state.show_pane(Pane::Console(console));
}

/// The console page, when it has the keys.
fn page(state: &mut State) -> Option<&mut ConsolePage> {
    match state.pages.last_mut() {
        Some(Page::Console(page)) => Some(page),
        _ => None,
    }
}

/// Takes a key; it is no command unless it follows the leader key or somebody looks back.
pub(in crate::app) fn press(
    state: &mut State,
    key: Key,
    effects: &mut Vec<Effect>,
) -> Option<Action> {
    let contexts = state.page_contexts();
    let leader = state.keymap.resolve(TYPING, key) == Some(Action::Leader);
    let page = page(state)?;
    let focus = page.focus;
    if page.leading {
        page.leading = false;
        if leader {
            // Twice: the guest gets it once.
            type_key(state, focus, key, effects);
            return None;
        }
        let action = state.keymap.resolve(contexts, key);
        if action.is_none() {
            state.say(Level::Note, format!("{key} is no command of the console."));
        }
        return action;
    }
    if leader {
        page.leading = true;
        return None;
    }
    if contexts == LOOKING {
        return state.keymap.resolve(contexts, key);
    }
    type_key(state, focus, key, effects);
    None
}

fn type_key(state: &mut State, focus: ConsoleId, key: Key, effects: &mut Vec<Effect>) {
    let targets = ready(state, focus);
    for id in targets {
        let Some(console) = state.consoles.get(id) else {
            continue;
        };
        let bytes = consoles::bytes(key, console.screen.modes);
        if !bytes.is_empty() {
            state.tell_console(id, ConsoleVerb::Type(bytes), effects);
        }
    }
}

/// Who gets what is typed; says who does not.
fn ready(state: &mut State, focus: ConsoleId) -> Vec<ConsoleId> {
    let (ready, deaf): (Vec<_>, Vec<_>) = state
        .consoles
        .targets(focus)
        .into_iter()
        .filter_map(|id| state.consoles.get(id))
        .partition(|console| console.is_attached());
    let ready: Vec<_> = ready.into_iter().map(|console| console.id).collect();
    let deaf: Vec<_> = deaf
        .into_iter()
        .map(|console| state.console_name(console))
        .collect();
    if !deaf.is_empty() {
        let words = format!("Not sent to {}: not attached.", deaf.join(", "));
        state.say(Level::Note, words);
    }
    ready
}

/// Pasted text goes to the guest as if it were typed.
pub(in crate::app) fn paste(state: &mut State, pasted: &str, effects: &mut Vec<Effect>) {
    let Some(focus) = page(state).map(|page| page.focus) else {
        return;
    };
    let mut left_out = 0;
    for id in ready(state, focus) {
        let Some(console) = state.consoles.get(id) else {
            continue;
        };
        let made = prepared(pasted, console.screen.modes.bracketed_paste);
        left_out = made.left_out;
        state.tell_console(id, ConsoleVerb::Type(made.bytes), effects);
    }
    if left_out > 0 {
        let words = format!("{left_out} control characters of the pasted text were left out.");
        state.say(Level::Note, words);
    }
}

/// The mouse over a console, at a cell of it: for the guest where it asked for the mouse, else the wheel moves through the
/// lines.
pub(in crate::app) fn pointed(
    state: &mut State,
    id: ConsoleId,
    pointer: Pointer,
    at: (u16, u16),
    effects: &mut Vec<Effect>,
) {
    let Some(console) = state.consoles.get_mut(id) else {
        return;
    };
    let held = console.held;
    match pointer {
        Pointer::Pressed(button) => console.held = Some(button),
        Pointer::Released(_) => console.held = None,
        Pointer::Moved | Pointer::WheelUp | Pointer::WheelDown => {}
    }
    let screen = &console.screen;
    if screen.modes.mouse && !screen.looking {
        if console.is_attached()
            && let Some(bytes) = consoles::mouse_bytes(pointer, held, at, screen.modes)
        {
            state.tell_console(id, ConsoleVerb::Type(bytes), effects);
        }
        return;
    }
    let lines = match pointer {
        Pointer::WheelUp => NOTCH,
        Pointer::WheelDown => -NOTCH,
        _ => return,
    };
    let at_end = screen.looking && screen.scrolled == 0 && lines < 0;
    let motion = if at_end {
        Motion::End
    } else if !screen.looking && lines < 0 {
        return;
    } else {
        Motion::Scroll(lines)
    };
    state.tell_console(id, ConsoleVerb::Look(motion), effects);
}

impl ConsolePage {
    /// Does what a command means; `false` for what it does not know.
    pub(in crate::app) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Done {
        self.leading = false;
        let look = |motion| ConsoleVerb::Look(motion);
        let verb = match action {
            Action::LookBack => look(Motion::PageUp),
            Action::EndLook => look(Motion::End),
            Action::Up => look(Motion::Up),
            Action::Down => look(Motion::Down),
            Action::PageUp => look(Motion::PageUp),
            Action::PageDown => look(Motion::PageDown),
            Action::First => look(Motion::First),
            Action::Last => look(Motion::Last),
            Action::MarkLines => look(Motion::Mark),
            Action::FindNext => look(Motion::FindAgain(true)),
            Action::FindPrevious => look(Motion::FindAgain(false)),
            Action::CopyScreen => ConsoleVerb::Copy,
            _ => return commands::act(self, state, action, effects),
        };
        state.tell_console(self.focus, verb, effects);
        Done::Stays
    }
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Done {
    /// It was done.
    Stays,
    /// It was done, and the page goes.
    Leaves,
    /// It is not known here.
    Unknown,
}

/// Names of consoles for a sentence.
fn names(state: &State, ids: &[ConsoleId]) -> String {
    let names: Vec<_> = ids
        .iter()
        .filter_map(|id| state.consoles.get(*id))
        .map(|console| state.console_name(console))
        .collect();
    text::visible(&names.join(", ")).into_owned()
}

/// Opens another line of a domain: an alias, a channel behind `channel:`, or the first for nothing.
pub(in crate::app) fn choose(
    state: &mut State,
    domain: DomainId,
    text: &str,
    effects: &mut Vec<Effect>,
) {
    let device = match text.strip_prefix("channel:") {
        Some(name) => ConsoleDevice::Channel(name.to_owned()),
        None if text.is_empty() => ConsoleDevice::First,
        None => ConsoleDevice::Alias(text.to_owned()),
    };
    let console = state.open_console(domain, device, ConsoleAccess::Polite, effects);
    state.focus(Pane::Console(console));
}

impl State {
    /// The virsh command line that sends a break to a console; `None` for a channel.
    #[must_use]
    pub fn break_command(&self, id: ConsoleId) -> Option<String> {
        let console = self.consoles.get(id)?;
        let connection = self.connection(console.domain.connection)?;
        let command = console.device.break_command()?;
        let domain = virsh::domain_word(&console.domain_name, console.domain.uuid);
        Some(format!(
            "virsh -c {} qemu-monitor-command {} {}",
            text::shell_quote(connection.uri()),
            text::shell_quote(&domain),
            text::shell_quote(&command)
        ))
    }

    /// The virsh command line that does the same as a console.
    #[must_use]
    pub fn console_command(&self, id: ConsoleId, option: &str) -> Option<String> {
        let console = self.consoles.get(id)?;
        let connection = self.connection(console.domain.connection)?;
        let guest = self.guest(console.domain)?;
        let mut options = String::new();
        if let ConsoleDevice::Alias(alias) = &console.device {
            options = format!(" --devname {}", text::shell_quote(alias));
        }
        if !option.is_empty() {
            options = format!("{options} {option}");
        }
        let domain = virsh::domain_word(&guest.domain.name, console.domain.uuid);
        Some(format!(
            "virsh -c {} console{options} -- {}",
            text::shell_quote(connection.uri()),
            text::shell_quote(&domain)
        ))
    }
}

impl State {
    /// Whether the next key goes to a guest and changes nothing on the screen by itself.
    #[must_use]
    pub fn types_to_guest(&self) -> bool {
        let Page::Console(page) = self.page() else {
            return false;
        };
        self.layers.is_empty() && self.messages.current().is_none() && page.contexts(self) == TYPING
    }
}
