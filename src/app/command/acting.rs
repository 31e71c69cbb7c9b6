//! Commands that change something: what the key of the same action would do.

use chrono::{DateTime, Local};

use super::{reading, targets};
use crate::action::{ACTIONS, Action, Row};
use crate::app::{Effect, State, actions, bulk};
use crate::model::DomainId;
use crate::protocol::DomainVerb;
use crate::virsh::{self, Given};

/// Does a command that changes something.
pub(super) fn run(
    state: &mut State,
    given: &Given,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let name = given.command.name;
    let is_same = |row: &&Row| row.virsh == Some(name);
    let Some(row) = ACTIONS.iter().find(is_same) else {
        return Err(format!("{name} is not possible yet"));
    };
    let marked = state.marked_targets();
    if given.domain().is_none() && given.host.is_none() && !marked.is_empty() {
        return marked_ones(state, row.action, given, &marked, effects);
    }
    let id = targets::one(state, given)?;
    let Some(verb) = verb(state, given, id)? else {
        // What says nothing new reads: a description, or the job on a disk.
        match row.action {
            Action::BlockJob => reading::bench(state, id),
            _ => reading::overview(state, id),
        }
        return Ok(());
    };
    if let Some(why) = actions::refusal(state, row.action, id) {
        return Err(why);
    }
    actions::attempt(state, row.action, verb, id, effects);
    Ok(())
}

/// Does a command without a name to all that is marked.
fn marked_ones(
    state: &mut State,
    action: Action,
    given: &Given,
    marked: &[DomainId],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    if action == Action::Rename && marked.len() > 1 {
        return Err(format!(
            "{} domains are marked: they cannot all have one name",
            marked.len()
        ));
    }
    let mut wanted = Vec::new();
    for id in marked {
        let verb = verb(state, given, *id)?;
        wanted.push((
            *id,
            verb.ok_or("say the new text: several domains are marked")?,
        ));
    }
    bulk::attempt(state, action, wanted, effects);
    Ok(())
}

/// What a command asks of libvirt for one domain, whose disks it may name.
fn verb(state: &State, given: &Given, id: DomainId) -> Result<Option<DomainVerb>, String> {
    let definition = state
        .guest(id)
        .and_then(|guest| guest.domain.definition.as_ref());
    let disks = definition.map_or(&[][..], |definition| &definition.disks);
    let mut verb = virsh::verb(given, disks).map_err(|error| error.to_string())?;
    if let Some(DomainVerb::Backup(backup)) = &mut verb {
        let name = state.guest(id).map_or("", |guest| &guest.domain.name);
        let stamp: DateTime<Local> = state.now.wall.into();
        let stamp = stamp.format("%Y%m%d-%H%M%S").to_string();
        crate::snapshots::settle(backup, name, disks, &stamp)?;
        // Nobody waits here for the answer, and what fails is to be told.
        backup.wait = true;
    }
    Ok(verb)
}
