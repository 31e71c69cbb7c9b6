//! The running domains of a host and the order in which their monitors are asked.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::monitors::CallId;
use crate::model::Uuid;
use crate::protocol::Interest;

/// What the scheduler knows of one running domain.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// When its monitor was last asked.
    pub asked: Option<Instant>,
    /// How often it was asked, up to [`ENOUGH`].
    asks: u8,
    /// When its monitor's figures last arrived.
    pub answered: Option<Instant>,
    /// The call that asks it now.
    pub call: Option<CallId>,
    /// It waits in a queue.
    queued: bool,
    /// It was in a slice that was late, and is asked by itself until it has answered.
    pub suspect: bool,
    /// Its monitor does not answer, since then. No monitor call goes to it.
    pub held: Option<Instant>,
    /// When it was last looked into.
    pub watched: Option<Instant>,
    /// When it was last kept alive without its monitor.
    pub kept: Option<Instant>,
}

impl Row {
    /// It is in this call now.
    pub fn sent(&mut self, call: CallId, now: Instant) {
        self.asked = Some(now);
        self.asks = self.asks.saturating_add(1).min(ENOUGH);
        self.call = Some(call);
    }

    /// Whether its monitor may be asked now.
    fn may_be_asked(&self) -> bool {
        self.held.is_none() && self.call.is_none()
    }
}

/// Reads that make a rate: a row that nobody looks at is read so often at once before it waits for its turn.
const ENOUGH: u8 = 2;

/// Running domains with three queues: what a late slice left, what is on screen, what has its turn.
#[derive(Debug, Default)]
pub struct Turns {
    rows: BTreeMap<Uuid, Row>,
    again: VecDeque<Uuid>,
    near: VecDeque<Uuid>,
    far: VecDeque<Uuid>,
}

impl Turns {
    /// The row of a running domain.
    pub fn row(&self, uuid: &Uuid) -> Option<&Row> {
        self.rows.get(uuid)
    }

    /// The row of a running domain, to change.
    pub fn row_mut(&mut self, uuid: &Uuid) -> Option<&mut Row> {
        self.rows.get_mut(uuid)
    }

    /// All rows.
    pub fn iter(&self) -> impl Iterator<Item = (&Uuid, &Row)> {
        self.rows.iter()
    }

    /// Takes over which domains run now. New ones are asked at once; what is known of the others stays.
    pub fn replace(&mut self, running: &[Uuid], interest: &Interest) {
        let mut former = std::mem::take(&mut self.rows);
        for uuid in running {
            let row = former.remove(uuid);
            let new = row.is_none();
            self.rows.insert(*uuid, row.unwrap_or_default());
            if new {
                self.enqueue(*uuid, interest);
            }
        }
    }

    /// Queues a domain by who looks at it, unless it waits already or may not be asked.
    pub fn enqueue(&mut self, uuid: Uuid, interest: &Interest) {
        let Some(row) = self.rows.get_mut(&uuid) else {
            return;
        };
        if row.queued || !row.may_be_asked() {
            return;
        }
        row.queued = true;
        if row.suspect {
            self.again.push_back(uuid);
        } else if is_near(&uuid, interest) {
            self.near.push_back(uuid);
        } else {
            self.far.push_back(uuid);
        }
    }

    /// Asks a domain again before all others, by itself.
    pub fn ask_again(&mut self, uuid: Uuid, interest: &Interest) {
        if let Some(row) = self.rows.get_mut(&uuid) {
            row.suspect = true;
        }
        self.enqueue(uuid, interest);
    }

    /// Starts a round: all that is looked at, and so many of the others, longest unasked first, that each has its
    /// turn within `turn`.
    pub fn round(&mut self, interest: &Interest, interval: Duration, turn: Duration) {
        let near: Vec<Uuid> = interest.visible.union(&interest.graphed).copied().collect();
        for uuid in near {
            self.enqueue(uuid, interest);
        }
        let mut others: Vec<(bool, Option<Instant>, Uuid)> = self
            .rows
            .iter()
            .filter(|(uuid, row)| row.may_be_asked() && !is_near(uuid, interest))
            .map(|(uuid, row)| (row.asks >= ENOUGH, row.asked, *uuid))
            .collect();
        let new = others.iter().filter(|(enough, ..)| !enough).count();
        let quota = quota(others.len(), interval, turn).max(new);
        if quota < others.len() {
            others.select_nth_unstable(quota);
            others.truncate(quota);
        }
        others.sort_unstable();
        for (.., uuid) in others {
            self.enqueue(uuid, interest);
        }
    }

    /// What the next slice holds when `slots` more may be sent now; empty when nothing waits.
    pub fn take(&mut self, slots: usize, cost: Duration, limits: &Limits) -> Vec<Uuid> {
        self.forget_unaskable();
        if !self.again.is_empty() {
            let size = self.again.len().div_ceil(limits.spread);
            return self.pop(size, |turns| &mut turns.again);
        }
        let waiting = self.near.len() + self.far.len();
        let share = waiting.div_ceil(slots.max(1));
        let proven = self.near.iter().chain(&self.far).take(share).all(|uuid| {
            self.rows
                .get(uuid)
                .is_some_and(|row| row.answered.is_some())
        });
        let largest = if proven {
            within_a_second(cost).clamp(limits.unproven, limits.largest)
        } else {
            limits.unproven
        };
        let size = share.min(largest);
        let mut members = self.pop(size, |turns| &mut turns.near);
        members.extend(self.pop(size - members.len(), |turns| &mut turns.far));
        members
    }

    /// Whether anything waits to be asked.
    pub fn is_waiting(&self) -> bool {
        !(self.again.is_empty() && self.near.is_empty() && self.far.is_empty())
    }

    fn pop(&mut self, count: usize, queue: fn(&mut Self) -> &mut VecDeque<Uuid>) -> Vec<Uuid> {
        let queue = queue(self);
        let members: Vec<Uuid> = queue.drain(..count.min(queue.len())).collect();
        for uuid in &members {
            if let Some(row) = self.rows.get_mut(uuid) {
                row.queued = false;
            }
        }
        members
    }

    /// Drops from the queues what has stopped or become a victim since it was queued.
    fn forget_unaskable(&mut self) {
        let rows = &mut self.rows;
        for queue in [&mut self.again, &mut self.near, &mut self.far] {
            queue.retain(|uuid| match rows.get_mut(uuid) {
                Some(row) if row.may_be_asked() => true,
                Some(row) => {
                    row.queued = false;
                    false
                }
                None => false,
            });
        }
    }
}

/// Whether a domain is looked at.
fn is_near(uuid: &Uuid, interest: &Interest) -> bool {
    interest.visible.contains(uuid) || interest.graphed.contains(uuid)
}

/// How many of `count` domains are asked in one interval so that all are within `turn`.
fn quota(count: usize, interval: Duration, turn: Duration) -> usize {
    let part = interval.as_secs_f64() / turn.as_secs_f64().max(f64::MIN_POSITIVE);
    ((count as f64 * part).ceil() as usize).min(count)
}

/// How many domains of this cost are asked within a second.
fn within_a_second(cost: Duration) -> usize {
    let micros = cost.as_micros().max(1);
    usize::try_from(1_000_000 / micros).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid(number: u8) -> Uuid {
        Uuid([number; 16])
    }

    fn turns(count: u8) -> Turns {
        let mut turns = Turns::default();
        let running: Vec<Uuid> = (0..count).map(uuid).collect();
        turns.replace(&running, &Interest::default());
        turns
    }

    fn answer_all(turns: &mut Turns, now: Instant) {
        turns.again.clear();
        turns.near.clear();
        turns.far.clear();
        for row in turns.rows.values_mut() {
            row.queued = false;
            row.asked = Some(now);
            row.asks = ENOUGH;
            row.answered = Some(now);
        }
    }

    const COST: Duration = Duration::from_millis(4);

    #[test]
    fn domains_that_never_answered_come_in_small_slices() {
        let mut turns = turns(100);
        let limits = Limits::default();
        assert_eq!(turns.take(4, COST, &limits).len(), limits.unproven);
        answer_all(&mut turns, Instant::now());
        turns.round(
            &Interest::default(),
            Duration::from_secs(2),
            Duration::from_secs(2),
        );
        assert_eq!(turns.take(4, COST, &limits).len(), 25);
    }

    #[test]
    fn those_in_turn_all_come_within_the_turn() {
        let mut turns = turns(100);
        let start = Instant::now();
        answer_all(&mut turns, start);
        let limits = Limits::default();
        let mut seen = std::collections::BTreeSet::new();
        for round in 0..6_u64 {
            let now = start + Duration::from_secs(2 * (round + 1));
            turns.round(&Interest::default(), Duration::from_secs(2), limits.turn);
            while turns.is_waiting() {
                for uuid in turns.take(4, COST, &limits) {
                    seen.insert(uuid);
                    turns.row_mut(&uuid).unwrap().asked = Some(now);
                }
            }
        }
        assert_eq!(seen.len(), 100);
    }

    #[test]
    fn suspects_come_first_and_by_themselves() {
        let mut turns = turns(10);
        answer_all(&mut turns, Instant::now());
        let interest = Interest::default();
        turns.round(&interest, Duration::from_secs(2), Duration::from_secs(2));
        turns.pop(10, |turns| &mut turns.far);
        turns.ask_again(uuid(7), &interest);
        turns.round(&interest, Duration::from_secs(2), Duration::from_secs(2));
        assert_eq!(turns.take(4, COST, &Limits::default()), [uuid(7)]);
    }

    #[test]
    fn a_victim_and_a_stopped_domain_leave_the_queue() {
        let mut turns = turns(3);
        turns.row_mut(&uuid(0)).unwrap().held = Some(Instant::now());
        turns.replace(&[uuid(0), uuid(1)], &Interest::default());
        assert_eq!(turns.take(1, COST, &Limits::default()), [uuid(1)]);
        assert!(!turns.is_waiting());
    }
}
