//! Power plans: what is done to which domains, in which order, and what is waited for in between.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use crate::query::Query;
use crate::text::nearest;

/// What a step may do, in the names of the actions.
pub const PLAN_ACTIONS: [&str; 7] = [
    "start",
    "shut-down",
    "reboot",
    "force-off",
    "pause",
    "resume",
    "save",
];

/// How long a step waits for its domains where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Longest time that can be said, in seconds: a day.
const LONGEST_S: u64 = 86_400;

/// What is waited for before the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanWait {
    /// That libvirt has taken the request.
    Nothing,
    /// That the domain is in the state that was wished.
    State,
    /// That its guest agent is connected.
    Agent,
    /// That something answers at this TCP port of the guest.
    Port(u16),
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedStep {
    /// One of [`PLAN_ACTIONS`].
    pub action: String,
    /// Words of the filter that choose the domains.
    pub domains: String,
    /// Force a domain off that has not shut down after this time.
    pub force_after: Option<Duration>,
    /// What is waited for.
    pub wait: PlanWait,
    /// How long.
    pub timeout: Duration,
    /// A pause before the next step.
    pub delay: Duration,
    /// Go on when a domain of this step failed.
    pub go_on: bool,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// Its name.
    pub name: String,
    /// What it does, one after another.
    pub steps: Vec<SavedStep>,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePlan {
    name: Spanned<String>,
    #[serde(default)]
    step: Vec<FileStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStep {
    action: Spanned<String>,
    domains: Spanned<String>,
    #[serde(rename = "force-after")]
    force_after: Option<Spanned<u64>>,
    wait: Option<Spanned<String>>,
    timeout: Option<Spanned<u64>>,
    delay: Option<Spanned<u64>>,
    #[serde(rename = "go-on", default)]
    go_on: bool,
}

/// Checks the plans.
pub(super) fn plans(text: &str, file: Vec<FilePlan>) -> Result<Vec<SavedPlan>, ConfigError> {
    let mut plans: Vec<SavedPlan> = Vec::new();
    for plan in file {
        let at = plan.name.span().start;
        let name = plan.name.into_inner();
        if name.trim().is_empty() {
            return Err(ConfigError::at(text, at, "a plan needs a name"));
        }
        if plans.iter().any(|known| known.name == name) {
            let twice = format!("the plan `{name}` is there twice");
            return Err(ConfigError::at(text, at, twice));
        }
        if plan.step.is_empty() {
            let none = format!("the plan `{name}` has no [[plan.step]]");
            return Err(ConfigError::at(text, at, none));
        }
        let steps = plan.step.into_iter().map(|step| checked(text, step));
        let steps = steps.collect::<Result<_, _>>()?;
        plans.push(SavedPlan { name, steps });
    }
    Ok(plans)
}

fn checked(text: &str, step: FileStep) -> Result<SavedStep, ConfigError> {
    let at = step.action.span().start;
    let action = step.action.into_inner();
    if !PLAN_ACTIONS.contains(&action.as_str()) {
        let known = PLAN_ACTIONS.join("`, `");
        return Err(ConfigError {
            nearest: nearest(&action, PLAN_ACTIONS).map(str::to_owned),
            ..ConfigError::at(
                text,
                at,
                format!("a plan cannot `{action}`; there are `{known}`"),
            )
        });
    }
    let at = step.domains.span().start;
    let domains = step.domains.into_inner();
    if let Some(mistake) = Query::parse(&domains).mistakes.first() {
        let wrong = format!("domains: {}", mistake.wrong);
        return Err(ConfigError::at(text, at, wrong));
    }
    let seconds = |value: Option<Spanned<u64>>, name: &str| match value {
        Some(value) if *value.get_ref() > LONGEST_S => Err(ConfigError::at(
            text,
            value.span().start,
            format!("{name} must be 0 to {LONGEST_S} seconds"),
        )),
        Some(value) => Ok(Some(Duration::from_secs(value.into_inner()))),
        None => Ok(None),
    };
    let force_at = step.force_after.as_ref().map(|value| value.span().start);
    let force_after = seconds(step.force_after, "force-after")?;
    if let (Some(at), true) = (force_at, action != "shut-down") {
        let wrong = "force-after is for `shut-down` alone";
        return Err(ConfigError::at(text, at, wrong));
    }
    let wait = match step.wait {
        None => PlanWait::State,
        Some(word) => wait(text, &word)?,
    };
    // Forcing off comes within the wait for a domain to be off.
    let timeout = seconds(step.timeout, "timeout")?
        .unwrap_or_else(|| TIMEOUT + force_after.unwrap_or_default());
    Ok(SavedStep {
        action,
        domains,
        force_after,
        wait,
        timeout,
        delay: seconds(step.delay, "delay")?.unwrap_or_default(),
        go_on: step.go_on,
    })
}

fn wait(text: &str, word: &Spanned<String>) -> Result<PlanWait, ConfigError> {
    let port = |digits: &str| digits.parse().ok().filter(|port| *port > 0);
    let known = match word.get_ref().as_str() {
        "nothing" => Some(PlanWait::Nothing),
        "state" => Some(PlanWait::State),
        "agent" => Some(PlanWait::Agent),
        other => other
            .strip_prefix("port:")
            .and_then(port)
            .map(PlanWait::Port),
    };
    known.ok_or_else(|| ConfigError {
        nearest: nearest(word.get_ref(), ["nothing", "state", "agent"]).map(str::to_owned),
        ..ConfigError::at(
            text,
            word.span().start,
            format!(
                "wait cannot be `{}`; there are `nothing`, `state`, `agent` and `port:` with a number",
                word.get_ref()
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_plan_is_read_whole() {
        let config = Config::parse(
            "[[plan]]\nname = \"down\"\n[[plan.step]]\naction = \"shut-down\"\ndomains = \"tag:web\"\nforce-after = 120\n\
            [[plan.step]]\naction = \"start\"\ndomains = \"name:db\"\nwait = \"port:5432\"\ndelay = 5\ngo-on = true\n",
        )
        .unwrap();
        let [plan] = config.plans.as_slice() else {
            panic!("{:?}", config.plans);
        };
        assert_eq!(plan.steps[0].timeout, Duration::from_secs(420));
        assert_eq!(plan.steps[0].wait, PlanWait::State);
        assert_eq!(plan.steps[1].wait, PlanWait::Port(5432));
        assert!(plan.steps[1].go_on);
    }

    #[test]
    fn mistakes_name_line_and_way_out() {
        let step = "[[plan]]\nname = \"x\"\n[[plan.step]]\n";
        for (rest, line, words) in [
            ("action = \"shutdown\"\ndomains = \"\"", 4, "`shut-down`"),
            ("action = \"start\"\ndomains = \"state:\"", 5, "domains: "),
            (
                "action = \"start\"\ndomains = \"a\"\nforce-after = 3",
                6,
                "`shut-down` alone",
            ),
            (
                "action = \"start\"\ndomains = \"a\"\nwait = \"port:0\"",
                6,
                "`port:`",
            ),
            (
                "action = \"start\"\ndomains = \"a\"\ndelay = 90000",
                6,
                "0 to 86400",
            ),
        ] {
            let error = Config::parse(&format!("{step}{rest}")).unwrap_err();
            assert_eq!(error.line, Some(line), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
        assert!(Config::parse("[[plan]]\nname = \"x\"").is_err());
    }
}
