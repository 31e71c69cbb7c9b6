//! The display of a domain. Keys go to the guest; the leader key makes the next one a command.

mod commands;
mod place;
mod pointer;

pub(in crate::app) use commands::{give_clipboard, key_line, keys_typed, press_keys, save_to};
pub use place::Place;
pub(in crate::app) use pointer::pointed;

use crate::action::{Action, Context};
use crate::app::{Confirm, Effect, Intent, Layer, Level, Page, Pane, State, actions, displays};
use crate::keymap::Key;
use crate::model::DomainId;
use crate::protocol::{DisplayId, DisplayVerb};
use crate::text;

const TYPING: &[Context] = &[Context::Typing];
const COMMANDS: &[Context] = &[Context::Screen];

/// What the page remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayPage {
    /// The display.
    pub display: DisplayId,
    /// Whose it is.
    pub domain: DomainId,
    /// The leader key was pressed: the next is a command.
    pub leading: bool,
}

impl DisplayPage {
    /// Where its keys are looked up.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        if self.leading { COMMANDS } else { TYPING }
    }
}

/// Opens the display of a domain.
pub(in crate::app) fn open_of(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) {
    if let Some(why) = actions::no_display(state, id) {
        state.say(Level::Note, why);
        return;
    }
    if let Some(open) = state.displays.of(id) {
        return state.show_pane(Pane::Display(open));
    }
    if state.pixels.is_none() {
        // Asked of the terminal once, when it matters first.
        effects.push(Effect::FindPixels);
    }
    let others = state.guest(id).map(|guest| guest.viewers.clone());
    state.open_display(id, effects);
    if let Some(others) = others.filter(|others| !others.is_empty()) {
        let others = text::visible(&others.join(", ")).into_owned();
        let words = format!("The display is shared: {others} is connected as well.");
        state.say(Level::Note, words);
    }
}

/// The page, when it has the keys.
fn page(state: &mut State) -> Option<&mut DisplayPage> {
    match state.pages.last_mut() {
        Some(Page::Display(page)) => Some(page),
        _ => None,
    }
}

/// Takes a key; it is no command unless it follows the leader key.
pub(in crate::app) fn press(
    state: &mut State,
    key: Key,
    effects: &mut Vec<Effect>,
) -> Option<Action> {
    let leader = state.keymap.resolve(TYPING, key) == Some(Action::Leader);
    let page = page(state)?;
    if page.leading {
        page.leading = false;
        if leader {
            // Twice: the guest gets it once.
            type_key(state, key, effects);
            return None;
        }
        let action = state.keymap.resolve(COMMANDS, key);
        if action.is_none() {
            state.say(Level::Note, format!("{key} is no command of the display."));
        }
        return action;
    }
    if leader {
        page.leading = true;
        return None;
    }
    type_key(state, key, effects);
    None
}

fn type_key(state: &mut State, key: Key, effects: &mut Vec<Effect>) {
    let Some(id) = ready(state) else { return };
    match displays::stroke(key, state.display_rules().layout) {
        Some(stroke) => state.tell_display(id, DisplayVerb::Press(vec![stroke]), effects),
        None => {
            let layout = state.display_rules().layout.word();
            let words = format!(
                "{key} is on no key of the layout {layout}; [display] layout in the settings chooses another."
            );
            state.say(Level::Note, words);
        }
    }
}

/// The display, when keys reach its guest; says why not.
fn ready(state: &mut State) -> Option<DisplayId> {
    let id = page(state)?.display;
    let display = state.displays.get(id)?;
    let why = if display.view_only {
        "the display is only looked at".to_owned()
    } else if display.is_attached() {
        return Some(id);
    } else {
        display.standing()
    };
    state.say(Level::Note, format!("Not sent: {why}."));
    None
}

/// Pasted text is typed. Where the layout has no keys for some of it, a person is asked first: half a password is none.
pub(in crate::app) fn paste(state: &mut State, pasted: &str, effects: &mut Vec<Effect>) {
    let Some(id) = ready(state) else { return };
    let layout = state.display_rules().layout;
    let mut refused: Vec<char> = pasted
        .chars()
        .filter(|c| !matches!(c, '\r' | '\n') && layout.stroke(*c).is_none())
        .collect();
    if refused.is_empty() {
        return type_text(state, id, pasted, effects);
    }
    refused.dedup();
    let refused: String = refused.into_iter().collect();
    let name = state
        .displays
        .get(id)
        .map_or_else(String::new, |display| display.domain_name.clone());
    state.layers.push(Layer::Confirm(Confirm {
        title: format!("Type in {name} what can be typed?"),
        body: vec![format!(
            "The layout {} has no key for: {}",
            layout.word(),
            displays::few(&refused)
        )],
        warning: Some(
            "The rest is typed without these. [display] layout chooses another.".to_owned(),
        ),
        command: None,
        accept: "Type",
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::TypeText(id, pasted.to_owned()),
    }));
}

/// Types a text in a guest, key by key.
pub(in crate::app) fn type_text(
    state: &State,
    id: DisplayId,
    typed: &str,
    effects: &mut Vec<Effect>,
) {
    let rules = state.display_rules();
    let verb = DisplayVerb::Type {
        text: typed.to_owned(),
        layout: rules.layout,
        per_second: rules.type_per_s,
    };
    state.tell_display(id, verb, effects);
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

impl State {
    /// Whether the next key goes to a guest's keyboard.
    #[must_use]
    pub fn presses_in_guest(&self) -> bool {
        let Page::Display(page) = self.page() else {
            return false;
        };
        self.layers.is_empty() && self.messages.current().is_none() && !page.leading
    }
}
