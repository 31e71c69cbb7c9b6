//! Commands that change something: what the key of the same action would do.

use super::{reading, targets};
use crate::action::{ACTIONS, Row};
use crate::app::{Effect, State, actions};
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
    let id = targets::one(state, given)?;
    let disks = state
        .guest(id)
        .and_then(|guest| guest.domain.definition.as_ref())
        .map(|definition| definition.disks.clone())
        .unwrap_or_default();
    let verb = virsh::verb(given, &disks).map_err(|error| error.to_string())?;
    let Some(verb) = verb else {
        // A description without a new one is read.
        reading::overview(state, id);
        return Ok(());
    };
    if let Some(why) = actions::refusal(state, row.action, id) {
        return Err(why);
    }
    actions::attempt(state, row.action, verb, id, effects);
    Ok(())
}
