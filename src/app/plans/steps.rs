//! What a plan is.

use std::time::Duration;

use crate::action::Action;
use crate::config::{PlanWait, SavedPlan, SavedStep};
use crate::model::{DomainId, DomainState};
use crate::protocol::DomainVerb;
use crate::text;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepVerb {
    /// Start.
    Start,
    /// Shut down; force off after this time.
    ShutDown(Option<Duration>),
    /// Reboot.
    Reboot,
    /// Force off.
    ForceOff,
    /// Pause.
    Pause,
    /// Resume.
    Resume,
    /// Save.
    Save,
}

impl StepVerb {
    fn of(step: &SavedStep) -> Self {
        match step.action.as_str() {
            "start" => Self::Start,
            "reboot" => Self::Reboot,
            "force-off" => Self::ForceOff,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "save" => Self::Save,
            _ => Self::ShutDown(step.force_after),
        }
    }

    /// The action that does the same to one domain.
    #[must_use]
    pub fn action(self) -> Action {
        match self {
            Self::Start => Action::Start,
            Self::ShutDown(_) => Action::ShutDown,
            Self::Reboot => Action::Reboot,
            Self::ForceOff => Action::ForceOff,
            Self::Pause => Action::Pause,
            Self::Resume => Action::Resume,
            Self::Save => Action::Save,
        }
    }

    /// What is asked of libvirt.
    #[must_use]
    pub fn verb(self) -> DomainVerb {
        match self {
            Self::Start => DomainVerb::START,
            Self::ShutDown(force_after) => DomainVerb::Shutdown {
                mode: None,
                force_after,
            },
            Self::Reboot => DomainVerb::REBOOT,
            Self::ForceOff => DomainVerb::DESTROY,
            Self::Pause => DomainVerb::Suspend,
            Self::Resume => DomainVerb::Resume,
            Self::Save => DomainVerb::MANAGED_SAVE,
        }
    }

    /// Whether a domain in this state is where the step leads to.
    #[must_use]
    pub fn is_reached(self, state: DomainState) -> bool {
        match self {
            Self::Start | Self::Resume => {
                matches!(state, DomainState::Running | DomainState::Blocked)
            }
            Self::Reboot => state.is_active(),
            Self::ShutDown(_) | Self::ForceOff | Self::Save => !state.is_active(),
            Self::Pause => state == DomainState::Paused,
        }
    }

    /// Whether a domain that is there already is left alone.
    #[must_use]
    pub fn is_idempotent(self) -> bool {
        self != Self::Reboot
    }
}

/// Which domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// Those that fit when the step begins.
    Query(String),
    /// These.
    Chosen(Vec<DomainId>),
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub verb: StepVerb,
    /// To which domains.
    pub targets: Targets,
    /// What is waited for.
    pub wait: PlanWait,
    /// How long at most.
    pub timeout: Duration,
    /// A pause before the next step.
    pub delay: Duration,
    /// Go on when a domain failed.
    pub go_on: bool,
}

impl Step {
    /// What it does, as a line of a list.
    #[must_use]
    pub fn words(&self) -> String {
        let what = self.verb.action().row().label;
        let mut words = match &self.targets {
            Targets::Query(query) if query.trim().is_empty() => format!("{what} all domains"),
            Targets::Query(query) => format!("{what} {}", text::visible(query)),
            Targets::Chosen(ids) if ids.len() == 1 => format!("{what} 1 domain"),
            Targets::Chosen(ids) => format!("{what} {} domains", ids.len()),
        };
        if let StepVerb::ShutDown(Some(after)) = self.verb {
            words.push_str(&format!(", Force Off after {} s", after.as_secs()));
        }
        match self.wait {
            PlanWait::Nothing | PlanWait::State => {}
            PlanWait::Agent => words.push_str(", until the guest agent answers"),
            PlanWait::Port(port) => words.push_str(&format!(", until port {port} answers")),
        }
        if !self.delay.is_zero() {
            words.push_str(&format!(", then {} s of rest", self.delay.as_secs()));
        }
        words
    }
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// What it does, one after another.
    pub steps: Vec<Step>,
    /// The host that it shuts all down on, as it is called on the screen.
    pub whole_host: Option<String>,
}

impl Plan {
    /// As the settings have it.
    #[must_use]
    pub fn of(saved: &SavedPlan) -> Self {
        let steps = saved.steps.iter().map(|step| Step {
            verb: StepVerb::of(step),
            targets: Targets::Query(step.domains.clone()),
            wait: step.wait,
            timeout: step.timeout,
            delay: step.delay,
            go_on: step.go_on,
        });
        Self {
            name: saved.name.clone(),
            steps: steps.collect(),
            whole_host: None,
        }
    }
}
