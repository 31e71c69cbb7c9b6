//! Memory that follows the guest: its balloon is set so that the guest always has a headroom, never less than a floor.
//!
//! Off unless a person switches it on for a domain, and for as long as virtty runs. It looks at what the guest itself says of
//! its memory, gives at once, takes back slowly, and always tells its last step.

use std::time::{Duration, Instant};

use super::{Effect, Purpose, State, actions};
use crate::model::DomainId;
use crate::protocol::{Affect, Answer, DomainVerb, Failure, JobId, Verb};
use crate::text;

/// Least time between two steps: the guest's figures need some to follow.
const REST: Duration = Duration::from_secs(10);
/// After a refusal.
const LONG_REST: Duration = Duration::from_secs(120);
/// Smallest step in KiB.
const STEP_KIB: u64 = 16 << 10;
/// What is taken back in one step, at most: this part of what there is.
const TAKEN: u64 = 8;

/// How the balloon of a domain is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballooning {
    /// What the guest shall have beyond what it uses, in KiB.
    pub headroom_kib: u64,
    /// It never gets less, in KiB.
    pub floor_kib: u64,
    /// The last step and why, for people.
    pub last: String,
    next_at: Option<Instant>,
    asked: Option<JobId>,
}

impl Ballooning {
    /// Switched on, before its first step.
    #[must_use]
    pub fn new(headroom_kib: u64, floor_kib: u64) -> Self {
        Self {
            headroom_kib,
            floor_kib,
            last: "nothing done yet".to_owned(),
            next_at: None,
            asked: None,
        }
    }

    /// What the balloon should be, in KiB, and why; `None` where it is right.
    #[must_use]
    pub fn step(&self, used_kib: u64, current_kib: u64, maximum_kib: u64) -> Option<(u64, String)> {
        let wanted = used_kib.saturating_add(self.headroom_kib);
        let least = self.floor_kib.min(maximum_kib);
        let target = if wanted > current_kib {
            wanted.clamp(least, maximum_kib)
        } else {
            let slow = current_kib - current_kib / TAKEN;
            wanted.max(slow).max(least).min(maximum_kib)
        };
        // In whole steps, so that it does not tremble.
        let target = target
            .div_ceil(STEP_KIB)
            .saturating_mul(STEP_KIB)
            .min(maximum_kib);
        let slack = (self.headroom_kib / 4).max(STEP_KIB);
        let change = target.abs_diff(current_kib);
        let starves = used_kib.saturating_add(self.headroom_kib / 2) > current_kib;
        if change < STEP_KIB || change < slack && !starves {
            return None;
        }
        let size = |kib: u64| text::bytes(kib.saturating_mul(1024));
        let free = size(current_kib.saturating_sub(used_kib));
        let why = if target > current_kib {
            format!("gave {}: {free} were left", size(change))
        } else {
            format!("took {}: {free} were left", size(change))
        };
        Some((target, why))
    }
}

/// Looks at the figures of a domain that were just read.
pub(super) fn look(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) {
    let now = state.now.instant;
    let Some(ballooning) = state.ballooning.get(&id) else {
        return;
    };
    let rests = ballooning.asked.is_some() || ballooning.next_at.is_some_and(|at| now < at);
    let Some(guest) = state.guest(id).filter(|_| !rests) else {
        return;
    };
    let writable = state
        .connection(id.connection)
        .is_some_and(|connection| connection.is_live() && !connection.readonly());
    if !writable || !guest.domain.state.is_active() || guest.silent_since.is_some() {
        return;
    }
    let Some(memory) = guest.tracked.figures().memory else {
        return;
    };
    let (Some(usable), Some(current), Some(maximum)) =
        (memory.usable_kib, memory.current_kib, memory.maximum_kib)
    else {
        // Without the guest's own word nothing is done.
        return;
    };
    // What its kernel keeps for itself is not to be had either.
    let taken = current.saturating_sub(usable);
    let Some((kib, why)) = ballooning.step(taken, current, maximum) else {
        return;
    };
    let verb = DomainVerb::SetMemory {
        kib,
        affect: Affect::Live,
    };
    let entry = actions::on_record(state, &verb, id);
    let job = state.ask(id, Purpose::Read, Verb::Domain(id.uuid, verb), effects);
    if let Some(entry) = entry {
        state.jobs.describe(job, entry);
    }
    if let Some(ballooning) = state.ballooning.get_mut(&id) {
        ballooning.asked = Some(job);
        ballooning.last = why;
        ballooning.next_at = Some(now + REST);
    }
}

/// Takes the answer to a step.
pub(super) fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let now = state.now.instant;
    let found = state
        .ballooning
        .values_mut()
        .find(|one| one.asked == Some(job));
    if let Some(ballooning) = found {
        ballooning.asked = None;
        if let Err(failure) = result {
            ballooning.last = format!("not possible: {}", failure.reason);
            ballooning.next_at = Some(now + LONG_REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 10;

    #[test]
    fn it_gives_at_once_and_takes_back_slowly() {
        let keeps = Ballooning::new(256 * MIB, 512 * MIB);
        // Much is used: all that is wanted comes in one step.
        let (kib, why) = keeps.step(1000 * MIB, 1024 * MIB, 4096 * MIB).unwrap();
        assert_eq!(kib, 1264 * MIB);
        assert_eq!(why, "gave 240M: 24M were left");
        // Little is used: an eighth goes.
        let (kib, why) = keeps.step(100 * MIB, 2048 * MIB, 4096 * MIB).unwrap();
        assert_eq!(kib, 1792 * MIB);
        assert!(why.starts_with("took 256M"), "{why}");
        // It is right as it is.
        assert_eq!(keeps.step(700 * MIB, 970 * MIB, 4096 * MIB), None);
    }

    #[test]
    fn floor_and_maximum_hold() {
        let keeps = Ballooning::new(256 * MIB, 512 * MIB);
        let (kib, _) = keeps
            .step(10 * MIB, 560 * MIB, 4096 * MIB)
            .unwrap_or((512 * MIB, String::new()));
        assert_eq!(kib, 512 * MIB);
        assert_eq!(keeps.step(10 * MIB, 512 * MIB, 4096 * MIB), None);
        let (kib, _) = keeps.step(4000 * MIB, 3000 * MIB, 4096 * MIB).unwrap();
        assert_eq!(kib, 4096 * MIB);
        assert_eq!(keeps.step(4090 * MIB, 4096 * MIB, 4096 * MIB), None);
        // A floor above the maximum is the maximum.
        assert_eq!(
            Ballooning::new(MIB, 9000 * MIB).step(MIB, 4096 * MIB, 4096 * MIB),
            None
        );
    }
}
