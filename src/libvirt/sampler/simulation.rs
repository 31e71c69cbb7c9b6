//! A daemon with running guests, simulated: what it does with monitor calls, as measured on libvirt 9.0.
//!
//! A call goes through its members one after another. With a guest that does not answer it hangs and holds the
//! guest's job until the guest continues; a guest whose job another call holds is stepped over.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::monitors::{CallId, MonitorId};
use super::schedule::{Command, Control, Schedule, Worth};
use crate::model::Uuid;
use crate::protocol::Interest;

/// What happens to the host.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    Hang(u16),
    Continue(u16),
    ContinueAll,
    Start(u16),
    Stop(u16),
    HeldByOther(u16),
    LoseMonitors,
}

#[derive(Debug, Default)]
struct Guest {
    running: bool,
    hung: Option<Instant>,
    /// Since when somebody's command is in its monitor, and whose.
    held: Option<(Instant, Option<CallId>)>,
    /// First slice it was in after it hung.
    asked: Option<Instant>,
    /// Last moment that its row got figures, by slice or otherwise.
    data: Option<Instant>,
}

#[derive(Debug)]
struct Call {
    id: CallId,
    monitor: MonitorId,
    members: Vec<u16>,
    at: usize,
    next: Instant,
    stuck: bool,
    stepped_over: Vec<Uuid>,
}

#[derive(Debug)]
enum Reply {
    List(Vec<Uuid>),
    Look(Vec<Uuid>),
    Info(Vec<Uuid>),
    Opened(MonitorId),
}

const MEMBER: Duration = Duration::from_millis(4);
const ROUND_TRIP: Duration = Duration::from_millis(1);

/// Schedule and host together.
pub struct Simulation {
    start: Instant,
    now: Instant,
    interval: Duration,
    schedule: Schedule,
    guests: BTreeMap<u16, Guest>,
    seen: BTreeSet<u16>,
    calls: Vec<Call>,
    replies: Vec<(Instant, Reply)>,
    told: BTreeSet<u16>,
    rests: bool,
    trips: u64,
    most_stuck: usize,
    broken: Vec<String>,
}

fn uuid(number: u16) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    Uuid(bytes)
}

fn number(uuid: &Uuid) -> u16 {
    u16::from_be_bytes([uuid.0[0], uuid.0[1]])
}

impl Simulation {
    pub fn new(count: u16, seen: Range<u16>, interval: Duration) -> Self {
        let start = Instant::now();
        let interest = Interest {
            visible: seen.clone().map(uuid).collect(),
            graphed: BTreeSet::new(),
            ..Interest::default()
        };
        let guest = |number| {
            let guest = Guest {
                running: true,
                ..Guest::default()
            };
            (number, guest)
        };
        Self {
            start,
            now: start,
            interval,
            schedule: Schedule::new(Limits::default(), interval, interest, start),
            guests: (0..count).map(guest).collect(),
            seen: seen.collect(),
            calls: Vec::new(),
            replies: Vec::new(),
            told: BTreeSet::new(),
            rests: false,
            trips: 0,
            most_stuck: 0,
            broken: Vec::new(),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    pub fn round_trips(&self) -> u64 {
        self.trips
    }

    pub fn most_stuck(&self) -> usize {
        self.most_stuck
    }

    pub fn rests(&self) -> bool {
        self.rests
    }

    pub fn said_not_to_respond(&self) -> Vec<u16> {
        self.told.iter().copied().collect()
    }

    /// Age of the oldest row on screen whose guest answers.
    pub fn oldest_seen(&self) -> Duration {
        self.oldest(|number| self.seen.contains(&number))
    }

    /// Age of the oldest row whose guest answers.
    pub fn oldest_of_all(&self) -> Duration {
        self.oldest(|_| true)
    }

    fn oldest(&self, which: impl Fn(u16) -> bool) -> Duration {
        self.guests
            .iter()
            .filter(|(number, guest)| guest.running && guest.hung.is_none() && which(**number))
            .map(|(_, guest)| guest.data.map_or(Duration::MAX, |data| self.now - data))
            .max()
            .unwrap_or_default()
    }

    /// Fails with what was promised and not kept so far.
    pub fn check_promises(&self) {
        assert!(self.broken.is_empty(), "{}", self.broken.join("\n"));
        assert!(self.most_stuck <= Limits::default().per_host);
    }

    /// Lets time pass; `script` holds changes by the time since the start.
    pub fn run(&mut self, span: Duration, script: &[(Duration, Change)]) {
        let end = self.now + span;
        let mut script = script.iter().peekable();
        self.schedule.advance(self.now);
        self.perform();
        loop {
            let wake = self
                .schedule
                .next_wake()
                .max(self.now + Duration::from_micros(1));
            let call = self
                .calls
                .iter()
                .filter(|call| !call.stuck)
                .map(|call| call.next)
                .min();
            let reply = self.replies.iter().map(|(at, _)| *at).min();
            let change = script.peek().map(|(at, _)| self.start + *at);
            let next = [call, reply, change]
                .into_iter()
                .flatten()
                .fold(wake, Instant::min);
            if next > end {
                self.now = end;
                return;
            }
            self.now = next.max(self.now);
            while let Some((_, change)) = script.next_if(|(at, _)| self.start + *at <= self.now) {
                self.change(*change);
            }
            self.deliver();
            self.work();
            self.schedule.advance(self.now);
            self.perform();
            self.observe();
        }
    }

    fn change(&mut self, change: Change) {
        let now = self.now;
        match change {
            Change::Hang(number) => {
                if let Some(guest) = self.guests.get_mut(&number) {
                    guest.hung.get_or_insert(now);
                    guest.asked = None;
                }
            }
            Change::Continue(number) => self.go_on(number),
            Change::ContinueAll => {
                let all: Vec<u16> = self.guests.keys().copied().collect();
                all.into_iter().for_each(|number| self.go_on(number));
            }
            Change::Start(number) => {
                if let Some(guest) = self.guests.get_mut(&number).filter(|guest| !guest.running) {
                    *guest = Guest {
                        running: true,
                        ..Guest::default()
                    };
                }
            }
            Change::Stop(number) => {
                self.go_on(number);
                if let Some(guest) = self.guests.get_mut(&number) {
                    guest.running = false;
                }
            }
            Change::HeldByOther(number) => {
                if let Some(guest) = self.guests.get_mut(&number) {
                    guest.hung = Some(now);
                    guest.held = Some((now, None));
                }
            }
            Change::LoseMonitors => {
                for call in std::mem::take(&mut self.calls) {
                    self.schedule.failed(call.id, true, now);
                }
                // A job that a lost client left behind stays held in the daemon.
                for guest in self.guests.values_mut() {
                    if let Some((_, by)) = &mut guest.held {
                        *by = None;
                    }
                }
            }
        }
    }

    fn go_on(&mut self, number: u16) {
        let Some(guest) = self.guests.get_mut(&number) else {
            return;
        };
        guest.hung = None;
        if let Some((_, by)) = guest.held.take() {
            for call in self.calls.iter_mut().filter(|call| Some(call.id) == by) {
                call.stuck = false;
                call.next = self.now + MEMBER;
                call.at += 1;
            }
        }
    }

    /// Each call goes on to its next members.
    fn work(&mut self) {
        let now = self.now;
        let mut over = Vec::new();
        for call in &mut self.calls {
            while !call.stuck && call.next <= now {
                let Some(number) = call.members.get(call.at) else {
                    over.push(call.id);
                    break;
                };
                let guest = self.guests.get_mut(number);
                match guest.filter(|guest| guest.running) {
                    None => call.at += 1,
                    Some(guest) if guest.held.is_some() => {
                        call.stepped_over.push(uuid(*number));
                        call.at += 1;
                    }
                    Some(guest) if guest.hung.is_some() => {
                        guest.held = Some((now, Some(call.id)));
                        call.stuck = true;
                    }
                    Some(_) => {
                        call.at += 1;
                        call.next += MEMBER;
                    }
                }
            }
        }
        for id in over {
            let Some(at) = self.calls.iter().position(|call| call.id == id) else {
                continue;
            };
            let call = self.calls.swap_remove(at);
            if self.schedule.answered(id, &call.stepped_over, now) == Worth::Fresh {
                for number in &call.members {
                    if !call.stepped_over.contains(&uuid(*number)) {
                        self.feed(*number);
                    }
                }
            }
        }
    }

    fn feed(&mut self, number: u16) {
        if let Some(guest) = self.guests.get_mut(&number) {
            guest.data = Some(self.now);
        }
    }

    fn deliver(&mut self) {
        let now = self.now;
        let (due, later) = std::mem::take(&mut self.replies)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.replies = later;
        let due: Vec<(Instant, Reply)> = due;
        for (_, reply) in due {
            match reply {
                Reply::List(running) => self.schedule.listed(Some(&running), now),
                Reply::Opened(monitor) => self.schedule.opened(monitor, now),
                Reply::Info(domains) => {
                    for uuid in &domains {
                        self.feed(number(uuid));
                    }
                    self.schedule.informed(now);
                }
                Reply::Look(domains) => {
                    let found: Vec<_> = domains
                        .iter()
                        .map(|uuid| (*uuid, self.control(uuid)))
                        .collect();
                    self.schedule.looked(&found, now);
                }
            }
        }
    }

    fn control(&self, uuid: &Uuid) -> Control {
        match self.guests.get(&number(uuid)) {
            Some(guest) if guest.running => match guest.held {
                Some((since, _)) => Control::Occupied(self.now - since),
                None => Control::Free,
            },
            _ => Control::Unknown,
        }
    }

    fn perform(&mut self) {
        for command in self.schedule.commands() {
            let at = self.now + ROUND_TRIP;
            match command {
                Command::List => {
                    self.trips += 3;
                    let running = self.guests.iter().filter(|(_, guest)| guest.running);
                    let running = running.map(|(number, _)| uuid(*number)).collect();
                    self.replies.push((at, Reply::List(running)));
                }
                Command::Look(domains) => {
                    self.trips += domains.len() as u64;
                    self.replies.push((at, Reply::Look(domains)));
                }
                Command::Info(domains) => {
                    self.trips += domains.len() as u64;
                    self.replies.push((at, Reply::Info(domains)));
                }
                Command::Open(monitor) => self.replies.push((at, Reply::Opened(monitor))),
                Command::Close(monitor) => {
                    if self.calls.iter().any(|call| call.monitor == monitor) {
                        self.broken
                            .push(format!("{monitor:?} closed with calls on it"));
                    }
                }
                Command::Slice(id, monitor, members) => self.slice(id, monitor, &members),
                Command::Tell(domains, rests) => {
                    self.told = domains.iter().map(|domain| number(&domain.uuid)).collect();
                    self.rests = rests;
                }
            }
        }
    }

    fn slice(&mut self, id: CallId, monitor: MonitorId, members: &[Uuid]) {
        self.trips += 1;
        for uuid in members {
            if self.told.contains(&number(uuid)) && self.control(uuid) != Control::Free {
                self.broken
                    .push(format!("{uuid} is asked while it does not answer"));
            }
            if let Some(guest) = self
                .guests
                .get_mut(&number(uuid))
                .filter(|g| g.hung.is_some())
            {
                guest.asked.get_or_insert(self.now);
            }
        }
        self.calls.push(Call {
            id,
            monitor,
            members: members.iter().map(number).collect(),
            at: 0,
            next: self.now + ROUND_TRIP,
            stuck: false,
            stepped_over: Vec::new(),
        });
        let on_it = self
            .calls
            .iter()
            .filter(|call| call.monitor == monitor)
            .count();
        if on_it > Limits::default().per_connection || self.calls.len() > Limits::default().per_host
        {
            self.broken.push(format!(
                "{on_it} calls on {monitor:?}, {} in all",
                self.calls.len()
            ));
        }
    }

    /// Promises that hold at every moment.
    fn observe(&mut self) {
        let now = self.now;
        self.most_stuck = self
            .most_stuck
            .max(self.calls.iter().filter(|call| call.stuck).count());
        for (number, guest) in &self.guests {
            let late = |since: Instant, limit: Duration| now - since > limit;
            let stuck_here = guest
                .held
                .is_some_and(|(since, by)| by.is_some() && late(since, Duration::from_secs(3)));
            if guest.running && stuck_here && !self.told.contains(number) {
                self.broken.push(format!(
                    "{number} has not answered for 3 s and nobody says so"
                ));
            }
            let started = now - self.start > self.interval * 3;
            let data_old = guest.data.is_none_or(|data| late(data, self.interval * 3));
            if started
                && self.seen.contains(number)
                && guest.running
                && guest.hung.is_none()
                && data_old
            {
                self.broken.push(format!(
                    "{number} answers and its row is old at {:?}",
                    now - self.start
                ));
            }
        }
    }
}
