//! Decides what is asked of a host and when: plain values, no thread, no libvirt; the clock is passed in.
//!
//! The caller performs the [`Command`]s in any order, each on a thread of its own, and tells what came of them. At
//! every moment, whatever hangs:
//! - a domain is in at most one call that has not been looked into, and a victim in none;
//! - at most [`Limits::per_host`] monitor calls are without an answer, at most [`Limits::per_connection`] in one
//!   bundle of connections;
//! - a bundle with [`Limits::replaced_at`] parked calls gets no further one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::monitors::{CallId, Change, MonitorId, Monitors};
use super::turns::Turns;
use crate::model::Uuid;
use crate::protocol::{Interest, NotResponding};

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Control connection: which domains run, what needs no monitor, the host's figures. Answer: `listed`.
    List,
    /// Control connection: `virDomainGetInfo` of these rows, whose monitor figures do not come.
    Info(Vec<Uuid>),
    /// Control connection: `virDomainGetControlInfo` of these. Answer: `looked`.
    Look(Vec<Uuid>),
    /// Monitor connection: `virDomainListGetStats` of these. Answer: `answered` or `failed`.
    Slice(CallId, MonitorId, Vec<Uuid>),
    /// Open a monitor connection. Answer: `opened` or `lost`.
    Open(MonitorId),
    /// Close a monitor connection; nothing waits on it.
    Close(MonitorId),
    /// Tell the screen who does not answer and whether the monitor statistics rest.
    Tell(Vec<NotResponding>, bool),
}

/// What `virDomainGetControlInfo` says of a domain's monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Nothing is going on.
    Free,
    /// A long job (migration, backup) runs.
    Job,
    /// A command is in the monitor, since so long.
    Occupied(Duration),
    /// libvirt has lost the monitor.
    Broken,
    /// The domain is gone or the driver cannot tell.
    Unknown,
}

/// What a monitor call brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Its figures are of now.
    Fresh,
    /// It hung: its figures were read at moments that nobody knows.
    Stale,
}

/// The state of one host's sampling.
#[derive(Debug)]
pub struct Schedule {
    limits: Limits,
    interval: Duration,
    interest: Interest,
    turns: Turns,
    monitors: Monitors,
    /// Cost of one domain in a slice, as measured.
    cost: Duration,
    next_round: Instant,
    list: Errand,
    listed_once: bool,
    read_once: bool,
    look: Errand,
    look_wanted: BTreeSet<Uuid>,
    victims_due: Instant,
    info: Errand,
    told: (BTreeMap<Uuid, Instant>, bool),
    out: Vec<Command>,
}

/// A call of which one at a time is under way.
#[derive(Debug, Default, Clone, Copy)]
struct Errand {
    since: Option<Instant>,
}

impl Errand {
    fn is_idle(self) -> bool {
        self.since.is_none()
    }
}

/// Cost of a domain before one was measured.
const FIRST_COST: Duration = Duration::from_millis(5);

impl Schedule {
    /// A schedule that begins now.
    pub fn new(limits: Limits, interval: Duration, interest: Interest, now: Instant) -> Self {
        Self {
            limits,
            interval: interval.max(limits.shortest),
            interest,
            turns: Turns::default(),
            monitors: Monitors::default(),
            cost: FIRST_COST,
            next_round: now,
            list: Errand::default(),
            listed_once: false,
            read_once: false,
            look: Errand::default(),
            look_wanted: BTreeSet::new(),
            victims_due: now,
            info: Errand::default(),
            told: (BTreeMap::new(), false),
            out: Vec::new(),
        }
    }

    /// What is to be done now, in order.
    pub fn commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.out)
    }

    /// What the screen looks at; domains that newly came into sight are asked at once.
    pub fn interest(&mut self, interest: Interest, now: Instant) {
        let newly: Vec<Uuid> = interest
            .visible
            .union(&interest.graphed)
            .filter(|uuid| {
                !self.interest.visible.contains(uuid) && !self.interest.graphed.contains(uuid)
            })
            .copied()
            .collect();
        self.interest = interest;
        let fresh = now.checked_sub(self.interval);
        for uuid in newly {
            if self.turns.row(&uuid).is_some_and(|row| row.asked < fresh) {
                self.turns.enqueue(uuid, &self.interest);
            }
        }
        self.advance(now);
    }

    /// A round begins now; the next one an interval later.
    pub fn round_now(&mut self, now: Instant) {
        self.next_round = now;
        self.advance(now);
    }

    /// Time has passed.
    pub fn advance(&mut self, now: Instant) {
        if now >= self.next_round {
            self.round(now);
        }
        self.watch_victims(now);
        self.look_into(now);
        for change in self.monitors.arrange(now, &self.limits) {
            self.out.push(match change {
                Change::Open(monitor) => Command::Open(monitor),
                Change::Close(monitor) => Command::Close(monitor),
            });
        }
        self.fill(now);
        self.tell();
    }

    /// When [`Self::advance`] is to be called at the latest.
    pub fn next_wake(&self) -> Instant {
        let late = self
            .monitors
            .calls()
            .filter_map(|(call, _)| self.looks_at(call));
        let idle_only = |errand: Errand, at: Option<Instant>| at.filter(|_| errand.is_idle());
        late.filter(|_| self.look.is_idle())
            .chain(self.monitors.next_opening(&self.limits))
            .chain(idle_only(self.look, self.next_watch()))
            .fold(self.next_round, Instant::min)
    }

    fn next_watch(&self) -> Option<Instant> {
        let any = self.turns.iter().any(|(_, row)| row.held.is_some());
        any.then_some(self.victims_due)
    }

    /// One interval begins.
    fn round(&mut self, now: Instant) {
        self.next_round += self.interval;
        if self.next_round <= now {
            self.next_round = now + self.interval;
        }
        if self.list.is_idle() {
            self.read_list(now);
        }
        let others = self.turns.iter().count();
        let whole = self.cost.mul_f64(others as f64);
        let turn = whole
            .div_f64(self.limits.share)
            .clamp(self.interval, self.limits.turn.max(self.interval));
        self.turns.round(&self.interest, self.interval, turn);
        self.keep_alive(now);
    }

    fn read_list(&mut self, now: Instant) {
        self.list.since = Some(now);
        self.out.push(Command::List);
    }

    /// Which domains run now; `None` when the call failed.
    pub fn listed(&mut self, running: Option<&[Uuid]>, now: Instant) {
        self.list = Errand::default();
        if let Some(running) = running {
            self.turns.replace(running, &self.interest);
            self.listed_once = true;
        }
        self.advance(now);
    }

    /// Rows whose monitor figures do not come live on by `virDomainGetInfo`: victims, what is on screen and overdue,
    /// and while the monitor statistics rest every other one.
    fn keep_alive(&mut self, now: Instant) {
        if !self.info.is_idle() {
            return;
        }
        let rests = self.rests();
        let old = now.checked_sub(self.interval * 3 / 2);
        let mut rows: Vec<(bool, Option<Instant>, Uuid)> = self
            .turns
            .iter()
            .filter(|(uuid, row)| {
                row.held.is_some() || (row.answered < old && (rests || self.is_seen(uuid)))
            })
            .map(|(uuid, row)| (!self.is_seen(uuid), row.kept, *uuid))
            .collect();
        rows.sort_unstable();
        rows.truncate(self.limits.infos);
        let rows: Vec<Uuid> = rows.into_iter().map(|(_, _, uuid)| uuid).collect();
        if rows.is_empty() {
            return;
        }
        for uuid in &rows {
            if let Some(row) = self.turns.row_mut(uuid) {
                row.kept = Some(now);
            }
        }
        self.info.since = Some(now);
        self.out.push(Command::Info(rows));
    }

    /// The reads of [`Command::Info`] are over.
    pub fn informed(&mut self, now: Instant) {
        self.info = Errand::default();
        self.advance(now);
    }

    fn is_seen(&self, uuid: &Uuid) -> bool {
        self.interest.visible.contains(uuid) || self.interest.graphed.contains(uuid)
    }

    /// As many parked calls as the host may bear.
    fn rests(&self) -> bool {
        self.monitors.parked() >= self.limits.per_host
    }

    /// Sends what waits as far as there is room.
    fn fill(&mut self, now: Instant) {
        if !self.listed_once {
            return;
        }
        while let Some((monitor, room)) = self.monitors.room(&self.limits) {
            let members = self.turns.take(room, self.cost, &self.limits);
            if members.is_empty() {
                return;
            }
            let call = self.monitors.send(monitor, members.clone(), now);
            for uuid in &members {
                if let Some(row) = self.turns.row_mut(uuid) {
                    row.sent(call, now);
                }
            }
            self.out.push(Command::Slice(call, monitor, members));
        }
    }

    /// A slice came back; `stepped_over` are the members whose monitor was held by another call.
    pub fn answered(&mut self, call: CallId, stepped_over: &[Uuid], now: Instant) -> Worth {
        let Some(slice) = self.monitors.end(call) else {
            return Worth::Stale;
        };
        let hung = slice.is_parked() || slice.has_hung;
        if slice.looked.is_none() {
            self.measure(slice.sent, slice.members.len(), now);
        }
        for uuid in &slice.members {
            let Some(row) = self.turns.row_mut(uuid) else {
                continue;
            };
            if row.call != Some(call) {
                continue;
            }
            row.call = None;
            if stepped_over.contains(uuid) {
                self.look_wanted.insert(*uuid);
            } else {
                row.answered = Some(now);
                row.suspect = false;
            }
        }
        if !self.read_once && !self.turns.is_waiting() && self.monitors.calls().next().is_none() {
            self.read_once = true;
            // A rate needs two reads: the second follows soon, so that the first screen has figures.
            self.next_round = self.next_round.min(now + self.limits.second);
        }
        // Its culprit has moved on: whether it is free is asked at once, not at the next interval.
        self.look_wanted.extend(slice.culprits);
        self.advance(now);
        if hung { Worth::Stale } else { Worth::Fresh }
    }

    /// A slice failed; `lost` says that its connection is gone.
    pub fn failed(&mut self, call: CallId, lost: bool, now: Instant) {
        if let Some(slice) = self.monitors.end(call) {
            if lost {
                self.monitors.lost(slice.monitor, now, &self.limits);
            }
            for uuid in &slice.members {
                let Some(row) = self
                    .turns
                    .row_mut(uuid)
                    .filter(|row| row.call == Some(call))
                else {
                    continue;
                };
                row.call = None;
                if lost {
                    self.turns.enqueue(*uuid, &self.interest);
                }
            }
            self.look_wanted.extend(slice.culprits);
        }
        self.advance(now);
    }

    /// A monitor connection is open.
    pub fn opened(&mut self, monitor: MonitorId, now: Instant) {
        self.monitors.opened(monitor);
        self.advance(now);
    }

    /// A monitor connection could not be opened, or is gone.
    pub fn lost(&mut self, monitor: MonitorId, now: Instant) {
        self.monitors.lost(monitor, now, &self.limits);
        self.advance(now);
    }

    /// The cost of a domain follows what was measured, slowly.
    fn measure(&mut self, sent: Instant, members: usize, now: Instant) {
        let each = now
            .saturating_duration_since(sent)
            .div_f64(members.max(1) as f64);
        self.cost = self.cost.mul_f64(0.8) + each.mul_f64(0.2);
    }

    /// When a call is to be looked into; never for one whose culprit is known.
    fn looks_at(&self, call: CallId) -> Option<Instant> {
        let slice = self.monitors.call(call)?;
        if slice.is_parked() {
            return None;
        }
        let expected = self
            .cost
            .mul_f64(slice.members.len() as f64)
            .min(self.limits.late);
        let due = slice.sent + self.limits.late + expected;
        Some(
            slice
                .looked
                .map_or(due, |looked| due.max(looked + self.limits.look_again)),
        )
    }

    /// Victims are asked each interval whether they are free again.
    fn watch_victims(&mut self, now: Instant) {
        if now < self.victims_due {
            return;
        }
        self.victims_due = now + self.interval.min(Duration::from_secs(1));
        let mut held: Vec<(Option<Instant>, Uuid)> = self
            .turns
            .iter()
            .filter(|(_, row)| row.held.is_some())
            .map(|(uuid, row)| (row.watched, *uuid))
            .collect();
        held.sort_unstable();
        held.truncate(self.limits.victims);
        self.look_wanted
            .extend(held.into_iter().map(|(_, uuid)| uuid));
    }

    /// Asks who holds up the calls that are late, and who else is to be looked into.
    fn look_into(&mut self, now: Instant) {
        if !self.look.is_idle() {
            return;
        }
        let late: Vec<CallId> = self
            .monitors
            .calls()
            .map(|(call, _)| call)
            .filter(|call| self.looks_at(*call).is_some_and(|due| now >= due))
            .collect();
        let mut asked = std::mem::take(&mut self.look_wanted);
        for call in late {
            if let Some(slice) = self.monitors.call_mut(call) {
                slice.looked = Some(now);
                asked.extend(&slice.members);
            }
        }
        asked.retain(|uuid| self.turns.row(uuid).is_some());
        if asked.is_empty() {
            return;
        }
        for uuid in &asked {
            if let Some(row) = self.turns.row_mut(uuid) {
                row.watched = Some(now);
            }
        }
        self.look.since = Some(now);
        self.out.push(Command::Look(asked.into_iter().collect()));
    }

    /// What `virDomainGetControlInfo` said.
    pub fn looked(&mut self, found: &[(Uuid, Control)], now: Instant) {
        self.look = Errand::default();
        let found: BTreeMap<Uuid, Control> = found.iter().copied().collect();
        for (uuid, control) in &found {
            match control {
                Control::Occupied(busy) if *busy >= self.limits.occupied => {
                    self.hold(*uuid, now.checked_sub(*busy).unwrap_or(now));
                }
                Control::Free | Control::Occupied(_) | Control::Unknown => self.release(*uuid, now),
                // Only a call of ours that hangs in it shows that the job's domain does not answer.
                Control::Job | Control::Broken if !self.monitors.hangs_in(uuid) => {
                    self.release(*uuid, now);
                }
                Control::Job | Control::Broken => {}
            }
        }
        let calls: Vec<CallId> = self.monitors.calls().map(|(call, _)| call).collect();
        for call in calls {
            self.settle(call, &found, now);
        }
        self.advance(now);
    }

    /// A call that was looked into is parked when one of its members holds it up; the others are asked again.
    fn settle(&mut self, call: CallId, found: &BTreeMap<Uuid, Control>, now: Instant) {
        let Some(slice) = self.monitors.call(call).cloned() else {
            return;
        };
        if slice.is_parked() || slice.looked.is_none() {
            return;
        }
        let is_held = |uuid: &&Uuid| self.turns.row(uuid).is_some_and(|row| row.held.is_some());
        let mut culprits: Vec<Uuid> = slice.members.iter().filter(is_held).copied().collect();
        if culprits.is_empty() && now >= slice.sent + self.limits.late * 3 {
            // A guest in the middle of a long job hides its monitor behind it.
            culprits = slice
                .members
                .iter()
                .filter(|uuid| matches!(found.get(uuid), Some(Control::Job | Control::Broken)))
                .copied()
                .collect();
            for uuid in &culprits {
                self.hold(*uuid, slice.sent);
            }
        }
        if culprits.is_empty() {
            return;
        }
        if let Some(slice) = self.monitors.call_mut(call) {
            slice.culprits = culprits;
            slice.has_hung = true;
        }
        for uuid in &slice.members {
            if let Some(row) = self
                .turns
                .row_mut(uuid)
                .filter(|row| row.call == Some(call))
            {
                row.call = None;
                self.turns.ask_again(*uuid, &self.interest);
            }
        }
    }

    /// A victim: no monitor call goes to it from here on.
    fn hold(&mut self, uuid: Uuid, since: Instant) {
        if let Some(row) = self.turns.row_mut(&uuid) {
            // libvirt counts in milliseconds from an answer's arrival; the moment itself does not move.
            let same = row
                .held
                .is_some_and(|held| since < held + Duration::from_secs(1));
            if !same {
                row.held = Some(since);
            }
        }
    }

    /// A former victim is asked again, by itself.
    fn release(&mut self, uuid: Uuid, now: Instant) {
        let Some(row) = self.turns.row_mut(&uuid).filter(|row| row.held.is_some()) else {
            return;
        };
        row.held = None;
        self.turns.ask_again(uuid, &self.interest);
        // A call that hung in it has gone on, perhaps into the next member that does not answer.
        let calls: Vec<CallId> = self.monitors.calls().map(|(call, _)| call).collect();
        for call in calls {
            if let Some(slice) = self.monitors.call_mut(call) {
                slice.culprits.retain(|culprit| *culprit != uuid);
                if slice.culprits.is_empty() && slice.looked.is_some() {
                    slice.looked = Some(now);
                }
            }
        }
    }

    /// Tells who does not answer when that has changed.
    fn tell(&mut self) {
        let held: BTreeMap<Uuid, Instant> = self
            .turns
            .iter()
            .filter_map(|(uuid, row)| Some((*uuid, row.held?)))
            .collect();
        let present = (held, self.rests());
        if present == self.told {
            return;
        }
        let domains = present
            .0
            .iter()
            .map(|(uuid, since)| NotResponding {
                uuid: *uuid,
                since: *since,
            })
            .collect();
        self.out.push(Command::Tell(domains, present.1));
        self.told = present;
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
