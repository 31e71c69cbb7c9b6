//! A plan that runs.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{Plan, Step};
use crate::app::{Effect, State, actions};
use crate::config::PlanWait;
use crate::model::DomainId;
use crate::protocol::JobId;
use crate::text;

/// How often a port is tried.
const TRY: Duration = Duration::from_secs(2);

/// Where a domain of a step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberState {
    /// libvirt was asked.
    Asked(JobId),
    /// It is waited for what the step wants.
    Waiting,
    /// All is as wished.
    Ready,
    /// It did not come to that.
    Failed(String),
}

/// A domain of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The domain.
    pub id: DomainId,
    /// Its name when the step began; untrusted.
    pub name: String,
    /// Where it is.
    pub state: MemberState,
    /// Since when.
    pub since: Instant,
    /// When its port was tried last, and whether something answered.
    tried: Option<(Instant, bool)>,
}

/// What the plan does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The step is to begin.
    Begin,
    /// Its domains are acted on and waited for.
    Acting,
    /// It rests until then.
    Rest(Instant),
    /// It has stopped for this reason.
    Stopped(String),
    /// A person gave it up.
    Aborted,
    /// All is done.
    Done,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Domains that are as wished.
    pub ready: usize,
    /// Domains that did not come to that.
    pub failed: usize,
    /// All of them.
    pub all: usize,
}

/// The plan with its domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRun {
    /// The plan.
    pub plan: Plan,
    /// Index of the step.
    pub at: usize,
    /// What it does.
    pub phase: Phase,
    /// Domains of each step that has begun.
    pub steps: Vec<Vec<Member>>,
    /// When it began.
    pub since: Instant,
}

impl PlanRun {
    pub(super) fn new(plan: Plan, now: Instant) -> Self {
        Self {
            plan,
            at: 0,
            phase: Phase::Begin,
            steps: Vec::new(),
            since: now,
        }
    }

    /// Whether it goes on by itself.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Begin | Phase::Acting | Phase::Rest(_))
    }

    /// Domains that it waits for: their figures and addresses are wanted.
    pub(in crate::app) fn waited_for(&self) -> Vec<DomainId> {
        let members = self.steps.get(self.at).into_iter().flatten();
        members
            .filter(|member| self.is_running() && member.state == MemberState::Waiting)
            .map(|member| member.id)
            .collect()
    }

    /// Since when it waits: time alone makes it go on.
    pub(in crate::app) fn waits_since(&self) -> Option<Instant> {
        self.is_running().then_some(self.since)
    }

    /// How far a step is; `None` before it began.
    #[must_use]
    pub fn progress(&self, step: usize) -> Option<Progress> {
        let members = self.steps.get(step)?;
        let count = |wanted: fn(&MemberState) -> bool| {
            members
                .iter()
                .filter(|member| wanted(&member.state))
                .count()
        };
        Some(Progress {
            ready: count(|state| *state == MemberState::Ready),
            failed: count(|state| matches!(state, MemberState::Failed(_))),
            all: members.len(),
        })
    }

    /// Domains of all steps that did not come to what was wished.
    #[must_use]
    pub fn failed(&self) -> usize {
        (0..self.steps.len())
            .filter_map(|step| self.progress(step))
            .map(|progress| progress.failed)
            .sum()
    }

    /// Goes back into the step that it stopped in; its domains that are not ready are acted on anew.
    pub(super) fn resume(&mut self) {
        if let Some(members) = self.steps.get_mut(self.at) {
            members.retain(|member| member.state == MemberState::Ready);
        }
        self.phase = Phase::Begin;
    }

    /// A request of a step was answered.
    pub(in crate::app) fn answered(&mut self, job: JobId, failure: Option<&str>, now: Instant) {
        let asked = MemberState::Asked(job);
        let members = self.steps.iter_mut().flatten();
        for member in members.filter(|member| member.state == asked) {
            member.since = now;
            member.state = match failure {
                None => MemberState::Waiting,
                Some(why) => MemberState::Failed(why.to_owned()),
            };
        }
    }

    /// A port was tried.
    pub(in crate::app) fn probed(&mut self, address: SocketAddr, open: bool, state: &State) {
        for member in self.steps.iter_mut().flatten() {
            let own = address_of(state, member.id, address.port()) == Some(address);
            if own && let Some((at, _)) = member.tried {
                member.tried = Some((at, open));
            }
        }
    }

    /// Goes on as far as that is possible now.
    pub(super) fn drive(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        loop {
            let Some(step) = self.plan.steps.get(self.at).cloned() else {
                self.phase = Phase::Done;
                return;
            };
            match self.phase {
                Phase::Begin => {
                    self.begin(&step, state, effects);
                    self.phase = Phase::Acting;
                }
                Phase::Acting => {
                    let Some(failed) = self.look(&step, state, effects) else {
                        return;
                    };
                    if let (false, Some(why)) = (step.go_on, failed) {
                        self.phase = Phase::Stopped(why);
                        return;
                    }
                    self.phase = Phase::Rest(state.now.instant + step.delay);
                }
                Phase::Rest(until) if until <= state.now.instant => {
                    self.at += 1;
                    self.phase = Phase::Begin;
                }
                _ => return,
            }
        }
    }

    /// Asks libvirt for what the step wants of each of its domains that is not there already.
    fn begin(&mut self, step: &Step, state: &mut State, effects: &mut Vec<Effect>) {
        let ids = state.step_domains(step);
        if self.steps.len() <= self.at {
            self.steps.resize_with(self.at + 1, Vec::new);
        }
        let action = step.verb.action();
        let batch = state.outcomes.begin(action);
        let now = state.now.instant;
        for id in ids {
            let known = &self.steps[self.at];
            if known.iter().any(|member| member.id == id) {
                continue;
            }
            let (name, present) = match state.guest(id) {
                Some(guest) => (guest.domain.name.clone(), guest.domain.state),
                None => continue,
            };
            let there = step.verb.is_idempotent() && step.verb.is_reached(present);
            let member_state = if there {
                MemberState::Waiting
            } else if let Some(why) = actions::refusal(state, action, id) {
                MemberState::Failed(why)
            } else {
                let verb = step.verb.verb();
                match actions::begin_in(state, Some(batch), action, verb, id, effects) {
                    Some(job) => MemberState::Asked(job),
                    None => MemberState::Failed("it could not be asked".to_owned()),
                }
            };
            self.steps[self.at].push(Member {
                id,
                name,
                state: member_state,
                since: now,
                tried: None,
            });
        }
        state.outcomes.end_if_empty(batch);
    }

    /// Looks whether the domains of the step are as wished. `None` while one is waited for, else the first failure if any.
    fn look(
        &mut self,
        step: &Step,
        state: &State,
        effects: &mut Vec<Effect>,
    ) -> Option<Option<String>> {
        let now = state.now.instant;
        let mut open = false;
        let mut failed = None;
        for member in self.steps.get_mut(self.at)? {
            if member.state == MemberState::Waiting {
                wait(member, step, state, effects);
                let late = now.saturating_duration_since(member.since) >= step.timeout;
                if member.state == MemberState::Waiting && late {
                    let seconds = step.timeout.as_secs();
                    let missing = missing(step, state, member);
                    member.state = MemberState::Failed(format!("{missing} after {seconds} s"));
                }
            }
            match &member.state {
                MemberState::Asked(_) | MemberState::Waiting => open = true,
                MemberState::Failed(why) if failed.is_none() => {
                    failed = Some(format!("{}: {why}", text::visible(&member.name)));
                }
                _ => {}
            }
        }
        (!open).then_some(failed)
    }
}

/// Whether a domain has what the step waits for.
fn wait(member: &mut Member, step: &Step, state: &State, effects: &mut Vec<Effect>) {
    let Some(guest) = state.guest(member.id) else {
        // A transient domain is gone when it is off.
        let off = step.verb.is_reached(crate::model::DomainState::ShutOff);
        member.state = if off {
            MemberState::Ready
        } else {
            MemberState::Failed("it is gone".to_owned())
        };
        return;
    };
    let reached = step.verb.is_reached(guest.domain.state);
    let ready = match step.wait {
        PlanWait::Nothing => true,
        PlanWait::State => reached,
        PlanWait::Agent => {
            let definition = guest.domain.definition.as_ref();
            reached && definition.is_some_and(|known| known.guest_agent == Some(true))
        }
        PlanWait::Port(port) => {
            if matches!(member.tried, Some((_, true))) {
                reached
            } else {
                let now = state.now.instant;
                let due = member
                    .tried
                    .is_none_or(|(at, _)| now.saturating_duration_since(at) >= TRY);
                if let (true, true, Some(address)) =
                    (reached, due, address_of(state, member.id, port))
                {
                    member.tried = Some((now, false));
                    effects.push(Effect::Probe(address));
                }
                false
            }
        }
    };
    if ready {
        member.state = MemberState::Ready;
    }
}

/// What a domain lacks.
fn missing(step: &Step, state: &State, member: &Member) -> String {
    let Some(guest) = state.guest(member.id) else {
        return "it is gone".to_owned();
    };
    if !step.verb.is_reached(guest.domain.state) {
        return format!(
            "it is still {}",
            guest.domain.state.label(false).to_lowercase()
        );
    }
    match step.wait {
        PlanWait::Agent => "its guest agent does not answer".to_owned(),
        PlanWait::Port(port) => match address_of(state, member.id, port) {
            Some(address) => format!("nothing answers at {address}"),
            None => "its address is not known".to_owned(),
        },
        _ => "it is not as wished".to_owned(),
    }
}

/// Where a port of a guest is reached.
fn address_of(state: &State, id: DomainId, port: u16) -> Option<SocketAddr> {
    let address = state.guest(id)?.address()?.address;
    Some(SocketAddr::new(address, port))
}
