//! The plans: which there are, what each would do, and how far the one that runs is.

use super::Place;
use crate::action::{Action, Context};
use crate::app::plans::no_plan;
use crate::app::{Confirm, Effect, Intent, Layer, Level, List, Plan, PlanRun, State, Target};
use crate::text;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Plans,
    Context::List,
    Context::Global,
    Context::Always,
];

/// With more domains than this, their number is to be typed before a plan begins.
const WITHOUT_COUNT: usize = 10;

/// Names that the question lists for a step.
const NAMED: usize = 8;

/// The list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlansPage {
    list: List<usize>,
}

impl PlansPage {
    /// The rows, by their place among [`State::plans`], and the one that keys act on.
    #[must_use]
    pub fn list(&self) -> &List<usize> {
        &self.list
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::of(&self.list, "")
    }

    /// The selected plan.
    #[must_use]
    pub fn selected(&self, state: &State) -> Option<Plan> {
        state.plans().into_iter().nth(self.list.selected()?)
    }

    pub(super) fn settle(&mut self, state: &State, height: usize) {
        self.list.replace((0..state.plans().len()).collect());
        self.list.settle(height);
    }

    pub(super) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target {
            self.list.select(index);
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        match action {
            Action::Down => self.list.step(1),
            Action::Up => self.list.step(-1),
            Action::First | Action::PageUp => self.list.step(isize::MIN),
            Action::Last | Action::PageDown => self.list.step(isize::MAX),
            Action::RunPlan => match self.selected(state) {
                Some(plan) => ask(state, plan),
                None => state.say(Level::Note, "There is no plan.".to_owned()),
            },
            Action::AbortPlan => state.abort_plan(),
            Action::ResumePlan => state.resume_plan(effects),
            _ => return false,
        }
        true
    }
}

/// Asks before the plan of this name begins.
///
/// # Errors
/// When there is no such plan.
pub(in crate::app) fn ask_by_name(state: &mut State, name: &str) -> Result<(), String> {
    let plans = state.plans();
    match plans.iter().find(|plan| plan.name == name) {
        Some(plan) => {
            ask(state, plan.clone());
            Ok(())
        }
        None => Err(no_plan(name, &plans)),
    }
}

/// Asks before a plan begins, naming what it does to whom.
fn ask(state: &mut State, plan: Plan) {
    if state.plans.run().is_some_and(PlanRun::is_running) {
        let text = "A plan runs already: wait for it, or abort it.".to_owned();
        return state.say(Level::Note, text);
    }
    let mut body = Vec::new();
    let mut count = 0;
    for (number, step) in (1..).zip(&plan.steps) {
        count += state.step_domains(step).len();
        let names = state.step_names(step, NAMED);
        body.push(format!("{number}. {}: {names}", step.words()));
    }
    let layer = Confirm {
        title: format!("Run {}?", text::visible(&plan.name)),
        body,
        warning: None,
        command: None,
        accept: Action::RunPlan.row().label,
        yes: false,
        count: (count > WITHOUT_COUNT).then_some(count),
        typed: String::new(),
        intent: Intent::Plan(Box::new(plan)),
    };
    state.layers.push(Layer::Confirm(layer));
}
