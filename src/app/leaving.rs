//! Leaving the program while it has promised to do something yet: what libvirt does by itself goes on without it, the rest not.

use super::{Confirm, Effect, Intent, Layer, State};
use crate::model::DomainId;
use crate::protocol::{DiskVerb, DomainVerb};
use crate::text;

/// Promises that are named in the question.
const NAMED: usize = 6;

/// What becomes of a change that ends by itself, when virtty ends before.
const UNTIL_NEXT: &str = "holds until virtty opens the host again, and is taken back then.";

/// What will not happen when the program ends before a verb is done; `None` when nothing is missed.
pub(super) fn promise(state: &State, verb: &DomainVerb, id: DomainId) -> Option<String> {
    let name = text::visible(&state.guest(id)?.domain.name);
    let of = |target: &str| format!("{} of {name}", text::visible(target));
    Some(match verb {
        DomainVerb::Shutdown {
            force_after: Some(after),
            ..
        } => format!(
            "{name} is not forced off, should it still run {} s after it was asked.",
            after.as_secs()
        ),
        DomainVerb::Disk(DiskVerb::Throttle { target, .. }) => {
            format!("The limit of {} {UNTIL_NEXT}", of(target))
        }
        DomainVerb::Arrange(arrange) if arrange.seconds.is_some() => {
            format!("What was set of {name} for a while {UNTIL_NEXT}")
        }
        DomainVerb::Disk(DiskVerb::Commit(commit)) if commit.pivot || commit.keep_overlay => {
            format!(
                "The commit of {} goes on and is not ended.",
                of(&commit.target)
            )
        }
        DomainVerb::Disk(DiskVerb::Copy(copy)) if copy.pivot || copy.finish => {
            format!("The copy of {} goes on and is not ended.", of(&copy.target))
        }
        _ => return None,
    })
}

/// Ends the program, after a question when something would be missed. A second wish to leave is a yes.
pub(super) fn quit(state: &mut State, effects: &mut Vec<Effect>) {
    let asked = state
        .layers
        .iter()
        .any(|layer| matches!(layer, Layer::Confirm(confirm) if confirm.intent == Intent::Quit));
    let promised = state.jobs.promised().map(str::to_owned);
    let promised: Vec<String> = state.left_frozen().chain(promised).collect();
    if asked || promised.is_empty() {
        effects.push(Effect::Quit);
        return;
    }
    let more = promised.len().saturating_sub(NAMED);
    let mut body: Vec<String> = promised.into_iter().take(NAMED).collect();
    if more > 0 {
        body.push(format!("And {more} more."));
    }
    state.layers.push(Layer::Confirm(Confirm {
        title: "Quit, though virtty has something to do yet?".to_owned(),
        body,
        warning: None,
        command: None,
        accept: "Quit",
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Quit,
    }));
}
