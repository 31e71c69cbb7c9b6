//! Keys of the editor that are no commands: they type, move and answer.

use super::{EditorPage, acting};
use crate::action::Action;
use crate::app::{Effect, Layer, Level, Line, State, TextField, TextUse};
use crate::editor::{Editor, ViAsk, ViDone, ViMode};
use crate::keymap::{Code, Key};

/// Takes a key. What is a command is given back.
pub(in crate::app) fn press(
    state: &mut State,
    key: Key,
    effects: &mut Vec<Effect>,
) -> Option<Action> {
    let contexts = state.page_contexts();
    let page = state.editor_page_mut()?;
    if page.dialog.is_some() {
        answer(state, key, effects);
        return None;
    }
    if page.popup.is_some() && page.press_popup(key, effects) {
        return None;
    }
    if page.review.is_none() {
        match press_vi(page, key) {
            Some(ViDone::Taken) => return None,
            Some(ViDone::Asks(ask)) => return asked(state, ask),
            _ => {}
        }
    }
    if let Some(action) = state.keymap.resolve(contexts, key) {
        return Some(action);
    }
    let page = state.editor_page_mut()?;
    let types = page
        .vi
        .as_ref()
        .is_none_or(|vi| vi.mode() == ViMode::Insert);
    if page.review.is_none() && types {
        type_key(state, key);
    }
    None
}

/// Lets vi's keys have a key, where they are wanted.
fn press_vi(page: &mut EditorPage, key: Key) -> Option<ViDone> {
    let height = page.height;
    let mut vi = page.vi.take()?;
    let done = page.shown_mut().map(|editor| vi.press(key, editor, height));
    page.vi = Some(vi);
    if done == Some(ViDone::Taken) {
        page.rejected = None;
    }
    done
}

/// What vi's keys ask of the page.
fn asked(state: &mut State, ask: ViAsk) -> Option<Action> {
    Some(match ask {
        ViAsk::Command => {
            let field = TextField::new(TextUse::ViCommand, Line::new(""));
            state.layers.push(Layer::Text(field));
            return None;
        }
        ViAsk::Find => Action::FindText,
        ViAsk::FindNext => Action::FindNext,
        ViAsk::FindPrevious => Action::FindPrevious,
        ViAsk::NextFinding => Action::NextFinding,
        ViAsk::PreviousFinding => Action::PreviousFinding,
        ViAsk::Help => Action::ElementHelp,
        ViAsk::Save => Action::ReviewChanges,
        ViAsk::Leave => Action::LeaveEditor,
        ViAsk::Outline => Action::Outline,
    })
}

fn answer(state: &mut State, key: Key, effects: &mut Vec<Effect>) {
    let Some(page) = state.editor_page_mut() else {
        return;
    };
    let height = isize::try_from(page.height).unwrap_or(isize::MAX);
    let Some(dialog) = &mut page.dialog else {
        return;
    };
    match key.code {
        Code::Down => dialog.scroll(1),
        Code::Up => dialog.scroll(-1),
        Code::PageDown => dialog.scroll(height),
        Code::PageUp => dialog.scroll(-height),
        Code::Esc => page.dialog = None,
        Code::Enter if dialog.answers.is_empty() => page.dialog = None,
        Code::Char(c)
            if key.typed().is_some() && dialog.answers.iter().any(|(letter, _)| *letter == c) =>
        {
            let kind = dialog.kind;
            page.dialog = None;
            acting::answered(state, kind, c, effects);
        }
        _ => {}
    }
}

/// Types or moves in the text that is shown.
fn type_key(state: &mut State, key: Key) {
    let Some(page) = state.editor_page_mut() else {
        return;
    };
    let height = page.height;
    let Some(editor) = page.shown_mut() else {
        return;
    };
    if editor.is_locked() && Editor::is_change(key) {
        let why = page.locked.clone();
        let why = why.unwrap_or_else(|| "this text is only to be read".to_owned());
        return state.say(Level::Note, format!("Nothing can be changed here: {why}."));
    }
    if !editor.press(key, height) {
        return;
    }
    if Editor::is_change(key) {
        // A new element or a value to choose is offered without being asked for.
        let before = &editor.text()[..editor.buffer().at()];
        let opens = key.typed() == Some('<')
            || (matches!(key.typed(), Some('"' | '\''))
                && before.trim_end_matches(['"', '\'']).ends_with('='));
        page.renew |= opens;
        page.rejected = None;
    }
}

/// Puts pasted text where the cursor is, as it is.
pub(in crate::app) fn paste(state: &mut State, text: &str) {
    let Some(page) = state.editor_page_mut() else {
        return;
    };
    if page.dialog.is_some() || page.review.is_some() {
        return;
    }
    let Some(editor) = page.shown_mut() else {
        return;
    };
    // What would hide in the text or act on a terminal later is no XML either.
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
        .collect();
    if editor.is_locked() {
        state.say(Level::Note, "Nothing can be changed here.".to_owned());
    } else if !editor.paste(&clean) {
        state.say(
            Level::Failed,
            "The text would be too large to be edited: nothing was pasted.".to_owned(),
        );
    }
}

/// The wheel moves the text.
pub(in crate::app) fn wheel(state: &mut State, lines: isize) {
    let Some(page) = state.editor_page_mut() else {
        return;
    };
    let height = page.height;
    if let Some(dialog) = &mut page.dialog {
        dialog.scroll(lines);
    } else if let Some(review) = &mut page.review {
        review.scroll(lines);
    } else if let Some(editor) = page.shown_mut() {
        editor.scroll(lines, height);
    }
}
