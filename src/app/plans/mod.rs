//! Power plans: steps in order, each for several domains, with what is waited for in between.
//!
//! A plan goes on with every event and every tick; nothing here waits. What a step asks of libvirt goes the way of all
//! actions, so that each is checked again, shown and put on record.

mod run;
mod steps;

pub use run::{Member, MemberState, Phase, PlanRun, Progress};
pub use steps::{Plan, Step, StepVerb, Targets};

use super::{Effect, Level, State};
use crate::config::{PlanWait, SavedPlan};
use crate::model::{ConnectionId, DomainId};
use crate::text::{self, nearest};

/// How long a guest is given when a whole host is shut down.
const FORCE_AFTER_S: u64 = 120;

/// The plans of the settings, and the one that runs or ran last.
#[derive(Debug, Clone, Default)]
pub struct Plans {
    saved: Vec<Plan>,
    /// What was shut down by the last plan for a whole host.
    again: Vec<Plan>,
    /// The one that runs, or ran last.
    pub(super) run: Option<PlanRun>,
}

impl Plans {
    /// Takes the settings over.
    pub(super) fn configure(&mut self, plans: &[SavedPlan]) {
        self.saved = plans.iter().map(Plan::of).collect();
    }

    /// The one that runs, or ran last.
    #[must_use]
    pub fn run(&self) -> Option<&PlanRun> {
        self.run.as_ref()
    }
}

impl State {
    /// All plans: those of the settings, what virtty knows of itself for each host, and what brings back what one of those
    /// shut down.
    #[must_use]
    pub fn plans(&self) -> Vec<Plan> {
        let mut plans = self.plans.saved.clone();
        for connection in &self.connections {
            if connection.is_live() && !connection.readonly() {
                plans.push(self.shut_down_all(connection.id, &connection.label));
            }
        }
        plans.extend(self.plans.again.iter().cloned());
        plans
    }

    fn shut_down_all(&self, connection: ConnectionId, label: &str) -> Plan {
        let ids: Vec<DomainId> = self
            .guests
            .values()
            .filter(|guest| {
                guest.domain.id.connection == connection && guest.domain.state.is_active()
            })
            .map(|guest| guest.domain.id)
            .collect();
        let force = std::time::Duration::from_secs(FORCE_AFTER_S);
        let place = text::visible(label).into_owned();
        Plan {
            name: format!("Shut down everything on {place}"),
            steps: vec![Step {
                verb: StepVerb::ShutDown(Some(force)),
                targets: Targets::Chosen(ids),
                wait: PlanWait::State,
                timeout: force * 2,
                delay: std::time::Duration::ZERO,
                go_on: true,
            }],
            whole_host: Some(place),
        }
    }

    /// Domains of a step as it stands now, by name.
    #[must_use]
    pub fn step_domains(&self, step: &Step) -> Vec<DomainId> {
        let mut ids = match &step.targets {
            Targets::Chosen(ids) => ids.clone(),
            // A query of the settings was checked when it was read.
            Targets::Query(query) => {
                super::table::fitting(query, &self.scene()).unwrap_or_default()
            }
        };
        ids.sort_by_cached_key(|id| (self.guest(*id).map(|g| g.domain.name.clone()), *id));
        ids
    }

    /// Names of a step's domains as it stands now, these many at most.
    #[must_use]
    pub fn step_names(&self, step: &Step, most: usize) -> String {
        let ids = self.step_domains(step);
        let mut names: Vec<String> = ids
            .iter()
            .take(most)
            .filter_map(|id| self.guest(*id))
            .map(|guest| text::visible(&guest.domain.name).into_owned())
            .collect();
        if ids.len() > most {
            names.push(format!("and {} more", ids.len() - most));
        }
        if names.is_empty() {
            return "none at present".to_owned();
        }
        names.join(", ")
    }

    /// Begins a plan, unless another one runs.
    pub fn run_plan(&mut self, plan: Plan, effects: &mut Vec<Effect>) {
        if self.plans.run.as_ref().is_some_and(PlanRun::is_running) {
            let text = "A plan runs already: wait for it, or abort it.".to_owned();
            return self.say(Level::Note, text);
        }
        self.plans.run = Some(PlanRun::new(plan, self.now.instant));
        follow(self, effects);
    }

    /// Gives the running plan up: what was asked goes on, nothing more is asked.
    pub(super) fn abort_plan(&mut self) {
        match &mut self.plans.run {
            Some(run) if run.is_running() => {
                run.phase = Phase::Aborted;
                let text = format!("{} is aborted: what was asked goes on.", run.plan.name);
                self.say(Level::Done, text);
            }
            _ => self.say(Level::Note, "No plan runs.".to_owned()),
        }
    }

    /// Goes on with a plan that stopped or was aborted: with what its step lacks yet.
    pub(super) fn resume_plan(&mut self, effects: &mut Vec<Effect>) {
        match &mut self.plans.run {
            Some(run) if matches!(run.phase, Phase::Aborted | Phase::Stopped(_)) => {
                run.resume();
                follow(self, effects);
            }
            Some(run) if run.is_running() => self.say(Level::Note, "It runs.".to_owned()),
            _ => self.say(Level::Note, "No plan was stopped.".to_owned()),
        }
    }
}

/// That there is no plan of this name, and which there are.
#[must_use]
pub fn no_plan(name: &str, plans: &[Plan]) -> String {
    let names = || plans.iter().map(|plan| plan.name.as_str());
    match nearest(name, names()) {
        Some(near) => format!("there is no plan '{name}' (did you mean {near}?)"),
        None if plans.is_empty() => format!("there is no plan '{name}': the settings have none"),
        None => {
            let all: Vec<&str> = names().collect();
            format!("there is no plan '{name}', but {}", all.join(", "))
        }
    }
}

/// Goes on with the plan as far as that is possible now.
pub(super) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    // Taken off while it looks at the state.
    let Some(mut run) = state.plans.run.take() else {
        return;
    };
    let was_running = run.is_running();
    if was_running {
        run.drive(state, effects);
    }
    if was_running && !run.is_running() {
        tell(state, &run);
    }
    state.plans.run = Some(run);
}

/// A port of a guest was tried.
pub(super) fn probed(state: &mut State, address: std::net::SocketAddr, open: bool) {
    // Taken off while it looks at the state.
    let Some(mut run) = state.plans.run.take() else {
        return;
    };
    run.probed(address, open, state);
    state.plans.run = Some(run);
}

fn tell(state: &mut State, run: &PlanRun) {
    let name = &run.plan.name;
    match &run.phase {
        Phase::Done => {
            let failed = run.failed();
            if let Some(place) = &run.plan.whole_host {
                keep_again(state, run, place);
            }
            if failed == 0 {
                state.say(Level::Done, format!("{name}: done."));
            } else {
                let text = format!("{name}: done, but not for {failed} domains.");
                state.say(Level::Failed, text);
            }
        }
        Phase::Stopped(why) => state.say(Level::Failed, format!("{name} has stopped: {why}")),
        _ => {}
    }
}

/// What was shut down can be started again by a plan of its own.
fn keep_again(state: &mut State, run: &PlanRun, place: &str) {
    let ids: Vec<DomainId> = run
        .steps
        .iter()
        .flatten()
        .filter(|member| member.state == MemberState::Ready)
        .map(|member| member.id)
        .collect();
    if ids.is_empty() {
        return;
    }
    let name = format!("Start again what ran on {place}");
    state.plans.again.retain(|plan| plan.name != name);
    state.plans.again.push(Plan {
        name,
        steps: vec![Step {
            verb: StepVerb::Start,
            targets: Targets::Chosen(ids),
            wait: PlanWait::State,
            timeout: std::time::Duration::from_secs(FORCE_AFTER_S),
            delay: std::time::Duration::ZERO,
            go_on: true,
        }],
        whole_host: None,
    });
}
