//! Where a start was told to lead: to the console, the display or the editor of one domain, as soon as it is known.

use super::{Effect, Level, State, pages};
use crate::model::DomainId;
use crate::protocol::DocumentRef;
use crate::text::visible;
use crate::virsh;

/// A page that was asked for on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// The serial console of the domain that the word names.
    Console(String),
    /// The display of the domain that the word names.
    Display(String),
    /// A domain that was just made: its display, else its serial console.
    Made(DomainId, bool),
    /// The editor of the domain that the word names.
    Edit(String),
    /// The editor of what is no domain, or of a new definition.
    Document(DocumentRef, String),
    /// The editor of a snapshot, by its name, of the domain that the word names.
    Snapshot(String, String),
}

/// Goes there when the domain is on one of the lists that came; says so when every list came and it is on none.
pub(super) fn arrive(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(arrival) = state.arrival.clone() else {
        return;
    };
    let word = match &arrival {
        Arrival::Console(word)
        | Arrival::Display(word)
        | Arrival::Edit(word)
        | Arrival::Snapshot(word, _) => word.clone(),
        Arrival::Document(what, name) => {
            // Of the first host that answers.
            let host = state.connections.iter().find(|one| one.listed);
            if let Some(host) = host.map(|one| one.id) {
                state.arrival = None;
                pages::editor::open_document(state, host, what.clone(), name.clone());
            }
            return;
        }
        Arrival::Made(id, shows) => return arrive_at(state, *id, *shows, effects),
    };
    match find(state, &word) {
        Ok(Some(id)) => {
            state.arrival = None;
            match arrival {
                Arrival::Display(_) => pages::display::open_of(state, id, effects),
                Arrival::Console(_) => pages::console::open_of(state, id, effects),
                Arrival::Snapshot(_, name) => {
                    let what = DocumentRef::Snapshot(id.uuid, name.clone());
                    pages::editor::open_document(state, id.connection, what, name);
                }
                _ => pages::editor::open_of(state, id),
            }
        }
        Ok(None) if state.connections.iter().all(|one| one.listed) => {
            state.arrival = None;
            let word = visible(&word);
            state.say(Level::Failed, format!("There is no domain '{word}'."));
        }
        Ok(None) => {}
        Err(why) => {
            state.arrival = None;
            state.say(Level::Failed, why);
        }
    }
}

/// Goes to a new domain as soon as it is on its list, unless something else is being done by then.
fn arrive_at(state: &mut State, id: DomainId, shows: bool, effects: &mut Vec<Effect>) {
    if state.guest(id).is_none() {
        return;
    }
    state.arrival = None;
    if !state.layers.is_empty() {
        return;
    }
    if shows {
        pages::display::open_of(state, id, effects);
    } else {
        pages::console::open_of(state, id, effects);
    }
}

fn find(state: &State, word: &str) -> Result<Option<DomainId>, String> {
    let mut found = None;
    for connection in &state.connections {
        let of_it = state
            .guests
            .values()
            .map(|guest| &guest.domain)
            .filter(|domain| domain.id.connection == connection.id);
        let named = virsh::named(of_it, word).map_err(|both| both.sentence(&visible(word)))?;
        let Some(domain) = named else { continue };
        if domain.state.is_active() {
            return Ok(Some(domain.id));
        }
        found.get_or_insert(domain.id);
    }
    // One that is off is taken only when no other host may have one that runs.
    let whole = state.connections.iter().all(|one| one.listed);
    Ok(found.filter(|_| whole))
}
