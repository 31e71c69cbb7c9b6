//! Commands of the user's own: filled in for each domain that is meant, asked for where that is wished, run, and put on
//! record.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::{Confirm, Effect, Intent, Layer, Level, State};
use crate::action::Context;
use crate::config::{COMMAND_WORDS, CommandPlace, OwnCommand};
use crate::keymap::Key;
use crate::model::{DomainId, Uri};
use crate::record::Entry;
use crate::{text, virsh};

/// Commands that run in the background at the same time.
const MOST_AT_ONCE: usize = 4;

/// Domains that a question names.
const NAMED: usize = 10;

/// A command for one domain, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRun {
    /// What it is called.
    label: String,
    /// The domain.
    target: DomainId,
    /// Its name then; untrusted.
    name: String,
    /// Program and arguments.
    argv: Vec<String>,
    /// Where it runs.
    place: CommandPlace,
    /// When it was started.
    since: Option<Instant>,
}

/// How a program in the background ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; 128 and more for a signal, as shells say it.
    pub code: i32,
    /// The last line that it wrote; untrusted.
    pub said: String,
}

/// The commands, and what runs of them.
#[derive(Debug, Clone, Default)]
pub struct OwnCommands {
    /// As the settings have them.
    pub all: Vec<OwnCommand>,
    running: BTreeMap<u64, OwnRun>,
    waiting: VecDeque<OwnRun>,
    in_terminal: Option<OwnRun>,
    for_terminal: VecDeque<OwnRun>,
    last: u64,
}

impl OwnCommands {
    /// The command of a key.
    #[must_use]
    pub fn of_key(&self, key: Key) -> Option<usize> {
        self.all.iter().position(|command| command.key == Some(key))
    }
}

impl State {
    /// The command that a key stands for on the present page. What every page has, such as the way out, cannot be taken.
    #[must_use]
    pub(super) fn own_command(&self, key: Key) -> Option<usize> {
        let at = self.own.of_key(key)?;
        let of_domains = self.layers.is_empty() && self.page_contexts().contains(&Context::Domain);
        (of_domains && self.keymap.resolve(&[Context::Always], key).is_none()).then_some(at)
    }

    /// Keys of own commands that another action had on pages of domains, or that they cannot have.
    pub(super) fn own_conflicts(&self) -> Vec<String> {
        let pages = [
            Context::Table,
            Context::Details,
            Context::Domain,
            Context::List,
            Context::Global,
        ];
        let mut words = Vec::new();
        for command in &self.own.all {
            let Some(key) = command.key else { continue };
            let label = text::visible(&command.label);
            if let Some(action) = self.keymap.resolve(&[Context::Always], key) {
                words.push(format!(
                    "{key} stays with {}: your command {label} is in the menu of x only.",
                    action.row().label
                ));
            } else if let Some(action) = self.keymap.resolve(&pages, key) {
                words.push(format!(
                    "{key} is your command {label} now, not {}.",
                    action.row().label
                ));
            }
        }
        words
    }

    /// What a command would run for one domain, in pieces for the program.
    ///
    /// # Errors
    /// Why it cannot be run for it, as the rest of a sentence.
    fn filled(&self, command: &OwnCommand, id: DomainId) -> Result<OwnRun, String> {
        let gone = || "it is gone".to_owned();
        let guest = self.guest(id).ok_or_else(gone)?;
        let connection = self.connection(id.connection).ok_or_else(gone)?;
        let uri = connection.uri().to_owned();
        let host = uri.parse::<Uri>().ok().and_then(|uri| uri.host);
        let host = host.filter(|host| !host.is_empty());
        let port = guest.endpoints().iter().find_map(|one| one.port);
        let values: [Option<String>; COMMAND_WORDS.len()] = [
            Some(guest.domain.name.clone()),
            Some(id.uuid.to_string()),
            Some(uri),
            Some(host.unwrap_or_else(|| "localhost".to_owned())),
            port.map(|port| port.to_string()),
        ];
        Ok(OwnRun {
            label: command.label.clone(),
            target: id,
            name: guest.domain.name.clone(),
            argv: command.fill(&values)?,
            place: command.place,
            since: None,
        })
    }
}

/// What a command would do, for a menu: its line for one domain, for several the number of them.
///
/// # Errors
/// Why it can be run for none of them.
pub(super) fn preview(
    state: &State,
    command: &OwnCommand,
    ids: &[DomainId],
) -> Result<String, String> {
    let mut first = Err("no domain is selected".to_owned());
    for (at, id) in ids.iter().enumerate() {
        let run = state.filled(command, *id);
        if run.is_ok() || at == 0 {
            first = run;
        }
        if first.is_ok() {
            break;
        }
    }
    first.map(|run| virsh::join(run.argv.iter().map(String::as_str)))
}

/// Runs a command on the domain that the page shows, or on all marked ones.
pub(super) fn run(state: &mut State, at: usize, effects: &mut Vec<Effect>) {
    let Some(command) = state.own.all.get(at).cloned() else {
        return;
    };
    let mut ids = state.marked_targets();
    if ids.is_empty() {
        ids.extend(state.target());
    }
    if ids.is_empty() {
        return state.say(Level::Note, "No domain is selected.".to_owned());
    }
    let mut runs = Vec::new();
    for id in ids {
        match state.filled(&command, id) {
            Ok(run) => runs.push(run),
            Err(why) => {
                let name = state.guest(id).map_or("", |guest| &guest.domain.name);
                let words = format!(
                    "{} of {} was not run: {why}.",
                    command.label,
                    text::visible(name)
                );
                state.say(Level::Failed, words);
            }
        }
    }
    if !command.ask || runs.is_empty() {
        return begin(state, runs, effects);
    }
    let title = match runs.as_slice() {
        [run] => format!("{} {}?", run.label, run.name),
        runs => format!("{} {} domains?", command.label, runs.len()),
    };
    let mut body = Vec::new();
    if runs.len() > 1 {
        let named = runs.iter().take(NAMED).map(|run| run.name.as_str());
        let mut names = named.collect::<Vec<_>>().join(", ");
        if let Some(more) = runs.len().checked_sub(NAMED).filter(|more| *more > 0) {
            names.push_str(&format!(" and {more} more"));
        }
        body.push(names);
    }
    let line = runs.first().map(OwnRun::line);
    state.layers.push(Layer::Confirm(Confirm {
        title,
        body,
        warning: None,
        command: line,
        accept: "Run",
        yes: false,
        count: (runs.len() > NAMED).then_some(runs.len()),
        typed: String::new(),
        intent: Intent::Own(runs),
    }));
}

/// Starts what was asked for.
pub(super) fn begin(state: &mut State, runs: Vec<OwnRun>, effects: &mut Vec<Effect>) {
    for run in runs {
        match run.place {
            CommandPlace::Background => state.own.waiting.push_back(run),
            CommandPlace::Terminal => state.own.for_terminal.push_back(run),
        }
    }
    go_on(state, effects);
}

/// Starts what may run now.
fn go_on(state: &mut State, effects: &mut Vec<Effect>) {
    let now = state.now.instant;
    while state.own.running.len() < MOST_AT_ONCE
        && let Some(mut run) = state.own.waiting.pop_front()
    {
        run.since = Some(now);
        state.own.last += 1;
        let number = state.own.last;
        effects.push(Effect::Start(number, run.argv.clone()));
        state.own.running.insert(number, run);
    }
    if state.own.in_terminal.is_none()
        && let Some(mut run) = state.own.for_terminal.pop_front()
    {
        run.since = Some(now);
        effects.push(Effect::Run(run.argv.clone()));
        state.own.in_terminal = Some(run);
    }
}

/// A program in the background ended, or why it could not run.
pub(super) fn ended(
    state: &mut State,
    number: u64,
    result: Result<Ended, String>,
    effects: &mut Vec<Effect>,
) {
    let Some(run) = state.own.running.remove(&number) else {
        return;
    };
    over(state, &run, result, effects);
    go_on(state, effects);
}

/// The program that had the terminal ended. `false` when it was none of these commands.
pub(super) fn ran(
    state: &mut State,
    result: &Result<i32, String>,
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(run) = state.own.in_terminal.take() else {
        return false;
    };
    let result = result.clone().map(|code| Ended {
        code,
        said: String::new(),
    });
    if result.is_err() {
        // The others would fail as it did.
        state.own.for_terminal.clear();
    }
    over(state, &run, result, effects);
    go_on(state, effects);
    true
}

/// Says how it went and puts it on record.
fn over(state: &mut State, run: &OwnRun, result: Result<Ended, String>, effects: &mut Vec<Effect>) {
    let of = format!("{} of {}", run.label, text::visible(&run.name));
    let failure = match &result {
        Ok(Ended { code: 0, .. }) => None,
        Ok(Ended { code, said }) if said.is_empty() => Some(format!("exit code {code}")),
        Ok(Ended { code, said }) => Some(format!("exit code {code}: {said}")),
        Err(why) => Some(why.clone()),
    };
    let (level, words) = match (&failure, &result) {
        (Some(why), _) => (Level::Failed, format!("{of}: {}", text::visible(why))),
        (None, Ok(ended)) if !ended.said.is_empty() => {
            (Level::Done, format!("{of}: {}", text::visible(&ended.said)))
        }
        _ => (Level::Done, format!("{of} is done.")),
    };
    state.say(level, words);
    let took = run.since.map_or(Duration::ZERO, |since| {
        state.now.instant.saturating_duration_since(since)
    });
    let connection = state.connection(run.target.connection);
    let entry = Entry {
        time: state.now.wall.checked_sub(took).unwrap_or(state.now.wall),
        connection: connection.map_or_else(String::new, |one| one.uri().to_owned()),
        domain: run.name.clone(),
        uuid: run.target.uuid.to_string(),
        line: run.line(),
        took,
        failure,
    };
    super::reports::put_on_record(state, entry, effects);
}

impl OwnRun {
    /// Its line, as a shell would take it.
    fn line(&self) -> String {
        virsh::join(self.argv.iter().map(String::as_str))
    }
}
