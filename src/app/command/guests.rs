//! Commands about what runs inside of domains that are no verb, and those that are passed on to QEMU's monitor.

use super::targets;
use crate::app::{Effect, State, pages};
use crate::protocol::RawCommand;
use crate::virsh::{self, Given};

/// Does one; `false` for a command that is about something else, or that changes a guest by a verb.
pub(super) fn run(
    state: &mut State,
    given: &Given,
    effects: &mut Vec<Effect>,
) -> Result<bool, String> {
    let wrong = |error: virsh::WordError| error.to_string();
    let is_ours = matches!(
        given.command.name,
        "domtime"
            | "domfsinfo"
            | "guestinfo"
            | "domhostname"
            | "get-user-sshkeys"
            | "set-user-password"
            | "qemu-agent-command"
            | "qemu-monitor-command"
    );
    if !is_ours || virsh::verb(given, &[]).map_err(wrong)?.is_some() {
        return Ok(false);
    }
    let id = targets::one(state, given)?;
    if let Some(RawCommand::Monitor(command, kind)) = virsh::raw(given).map_err(wrong)? {
        pages::monitor::take(state, id, command.text(), kind, effects)?;
        return Ok(true);
    }
    pages::agent::take(state, given, id, effects)
}
