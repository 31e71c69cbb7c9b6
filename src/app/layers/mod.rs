//! What lies above the page: dialogs, menus, text fields, help. The top one gets each key first.

mod choices;
mod columns;
mod command_line;
mod confirm;
mod finder;
mod form;
mod key_menu;
mod menu;
mod reader;
mod text_field;

pub use choices::{Choice, Choices};
pub use columns::ColumnChooser;
pub use command_line::CommandLine;
pub use confirm::{Confirm, Intent};
pub use finder::{Finder, Jump, PROVIDERS, Place as FinderPlace};
pub use form::{Field, FieldKind, FieldOption, Form, Submitted, Wrong};
pub use key_menu::{KeyEntry, KeyMenu};
pub use menu::{Menu, MenuEntry};
pub use reader::{Reader, ReaderLine};
pub use text_field::{Question, TextField, TextUse};

use super::{Effect, Line, State};
use crate::action::{Action, Context};
use crate::keymap::Key;

/// One layer.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// A question with two buttons.
    Confirm(Confirm),
    /// A line to type.
    Text(TextField),
    /// The command line.
    Command(CommandLine),
    /// A list to choose from.
    Menu(Menu),
    /// Ways to do something, to choose from.
    Choices(Choices),
    /// Keys to press in a guest.
    Keys(KeyMenu),
    /// The chooser of columns.
    Columns(ColumnChooser),
    /// Jump anywhere.
    Finder(Box<Finder>),
    /// A text to read.
    Reader(Reader),
    /// Fields to fill in.
    Form(Box<Form>),
}

impl Layer {
    /// Where its keys are looked up, innermost first.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        match self {
            Self::Confirm(_) => &[Context::Dialog, Context::Always],
            Self::Text(_) => &[Context::Text, Context::Always],
            Self::Command(_) => &[Context::Command, Context::Always],
            Self::Menu(_) | Self::Choices(_) | Self::Keys(_) => &[Context::Menu, Context::Always],
            Self::Columns(_) => &[Context::Columns, Context::List, Context::Always],
            Self::Finder(_) => &[Context::Finder, Context::Always],
            Self::Reader(_) => &[Context::Reader, Context::Always],
            Self::Form(_) => &[Context::Form, Context::Always],
        }
    }
}

/// Choices that a page key moves by.
const PAGE: usize = 10;

/// The choice of `count` that a key of moving leads to from `chosen`; `None` for other keys.
fn moved(action: Action, chosen: usize, count: usize) -> Option<usize> {
    let last = count.saturating_sub(1);
    Some(match action {
        Action::Down => (chosen + 1).min(last),
        Action::Up => chosen.saturating_sub(1),
        Action::PageDown => (chosen + PAGE).min(last),
        Action::PageUp => chosen.saturating_sub(PAGE),
        Action::First => 0,
        Action::Last => last,
        _ => return None,
    })
}

/// Lets the top layer act.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    // Taken off while it acts, so that it may put another in its place.
    let Some(layer) = state.layers.pop() else {
        return;
    };
    let stays = match layer {
        Layer::Confirm(confirm) => confirm.act(state, action, effects).map(Layer::Confirm),
        Layer::Text(field) => field.act(state, action, effects).map(Layer::Text),
        Layer::Command(line) => line.act(state, action, effects).map(Layer::Command),
        Layer::Menu(menu) => menu.act(state, action, effects).map(Layer::Menu),
        Layer::Choices(choices) => choices.act(state, action, effects).map(Layer::Choices),
        Layer::Keys(menu) => menu.act(state, action, effects).map(Layer::Keys),
        Layer::Columns(chooser) => chooser.act(state, action).map(Layer::Columns),
        Layer::Finder(finder) => finder
            .act(state, action, effects)
            .map(Box::new)
            .map(Layer::Finder),
        Layer::Reader(reader) => reader.act(state, action, effects).map(Layer::Reader),
        Layer::Form(form) => form.act(state, action, effects).map(Layer::Form),
    };
    state.layers.extend(stays);
}

/// Hands a key that is no command to the top layer, for typing.
pub(super) fn press(state: &mut State, key: Key) {
    if let Some(Layer::Finder(finder)) = state.layers.last_mut() {
        finder.press(key);
        return;
    }
    if let Some(Layer::Confirm(confirm)) = state.layers.last_mut() {
        confirm.press(key);
    }
    edit_command(state, |line| line.press(key));
    edit_form(state, |form, state| form.press(state, key));
    if let Some(Layer::Text(field)) = state.layers.last_mut()
        && field.line.press(key)
    {
        text_field::typed(state);
    }
}

/// Hands pasted text to the top layer.
pub(super) fn paste(state: &mut State, text: &str) {
    if let Some(Layer::Finder(finder)) = state.layers.last_mut() {
        finder.paste(text);
        return;
    }
    edit_command(state, |line| line.paste(text));
    edit_form(state, |form, state| form.paste(state, text));
    if let Some(Layer::Text(field)) = state.layers.last_mut()
        && field.line.paste(text)
    {
        text_field::typed(state);
    }
}

/// A line of a list of choices was clicked.
pub(super) fn choose(state: &mut State, index: usize) {
    match state.layers.last_mut() {
        Some(Layer::Menu(menu)) => menu.point(index),
        Some(Layer::Choices(choices)) => choices.point(index),
        Some(Layer::Keys(menu)) => menu.point(index),
        Some(Layer::Finder(finder)) => finder.point(index),
        Some(Layer::Columns(chooser)) => chooser.point(index),
        Some(Layer::Command(line)) => line.point(index),
        Some(Layer::Form(_)) => edit_form(state, |form, state| form.point(state, index)),
        _ => {}
    }
}

/// More than was known can be jumped to.
pub(super) fn found_more(state: &mut State) {
    // Taken off, so that it may look at the state.
    match state.layers.pop() {
        Some(Layer::Finder(mut finder)) => {
            finder.refresh(state);
            state.layers.push(Layer::Finder(finder));
        }
        layer => state.layers.extend(layer),
    }
}

/// Changes what stands in the command line, when that is the top layer.
fn edit_command(state: &mut State, change: impl FnOnce(&mut Line) -> bool) {
    // Taken off, so that it may look at the state.
    match state.layers.pop() {
        Some(Layer::Command(mut line)) => {
            let changed = change(&mut line.line);
            line.edited(state, changed);
            state.layers.push(Layer::Command(line));
        }
        layer => state.layers.extend(layer),
    }
}

/// Changes what stands in the form, when that is the top layer.
fn edit_form(state: &mut State, change: impl FnOnce(&mut Form, &State)) {
    // Taken off, so that it may look at the state.
    match state.layers.pop() {
        Some(Layer::Form(mut form)) => {
            change(&mut form, state);
            state.layers.push(Layer::Form(form));
        }
        layer => state.layers.extend(layer),
    }
}
