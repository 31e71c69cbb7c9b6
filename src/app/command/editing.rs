//! Commands that open the editor.

use super::targets;
use crate::app::pages::editor;
use crate::app::{Page, State};
use crate::model::StoredKind;
use crate::protocol::DocumentRef;
use crate::virsh::{self, Edited, Given};

/// Opens what a command edits; `false` for one that does something else.
pub(super) fn run(state: &mut State, given: &Given) -> Result<bool, String> {
    let Some(edited) = virsh::edited(given) else {
        return Ok(false);
    };
    match edited {
        Edited::Domain(_) => {
            let id = targets::one(state, given)?;
            editor::open_of(state, id);
        }
        Edited::Snapshot(_, name) => {
            let id = targets::one(state, given)?;
            let what = DocumentRef::Snapshot(id.uuid, name.clone());
            editor::open_document(state, id.connection, what, name);
        }
        Edited::Stored(kind, Some(word)) => {
            let named = targets::host(state, given)?;
            let host = named.or_else(|| targets::storage_host(state));
            let host = host.ok_or("no host is open")?;
            editor::open_named(state, host, kind, &word);
        }
        Edited::Stored(kind, None) => {
            let selected = state.pages.last().and_then(editor::selected).flatten();
            let Some((host, what, name)) =
                selected.filter(|(_, what, _)| what.word() == kind.word())
            else {
                return Err(format!(
                    "no {} is selected: name one, as in {}",
                    kind.word(),
                    given.command.usage()
                ));
            };
            editor::open_document(state, host, what, name);
        }
    }
    Ok(true)
}

/// Begins a new definition of the kind that a word names.
pub(super) fn define_new(state: &mut State, word: &str) -> Result<(), String> {
    let kind = StoredKind::ALL.into_iter().find(|kind| kind.word() == word);
    let Some(kind) = kind else {
        let known = StoredKind::ALL.map(StoredKind::word).join(", ");
        return Err(format!("there is no template of '{word}', only of {known}"));
    };
    let host = match state.pages.last() {
        Some(Page::Networks(page)) => Some(page.connection),
        _ => targets::storage_host(state),
    };
    let host = host.ok_or("no host is open")?;
    editor::open_document(state, host, DocumentRef::New(kind), "new".to_owned());
    Ok(())
}
