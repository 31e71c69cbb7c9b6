//! A question before something that cannot be undone.

use crate::action::Action;
use crate::agent::MonitorKind;
use crate::app::pages::{display, monitor, networks};
use crate::app::{
    Effect, HostDeed, NetDeed, OwnRun, Plan, State, actions, bulk, host_changes, own, storing,
};
use crate::keymap::{Code, Key};
use crate::model::{ConnectionId, DomainId};
use crate::protocol::{ConsoleId, ConsoleVerb, DisplayId, DomainVerb, Private, StorageVerb};

/// What is done when the answer is yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Act on a domain.
    Domain(Action, DomainVerb, DomainId),
    /// Act on several domains.
    Domains(Action, Vec<(DomainId, DomainVerb)>),
    /// Run the command that mends a connection, then try it again.
    Remedy(ConnectionId, Vec<String>),
    /// Run a plan.
    Plan(Box<Plan>),
    /// Type what can be typed of a text that may be secret.
    TypeText(DisplayId, String),
    /// Send a break over the line of a console.
    Break(ConsoleId),
    /// Throw out who has a console.
    TakeOver(ConsoleId),
    /// Run a command of the user's own, once for each domain.
    Own(Vec<OwnRun>),
    /// End the program.
    Quit,
    /// Do something to networks, filters or interfaces of a host.
    Net(Box<NetDeed>),
    /// Do this to the storage of a host.
    Storage(ConnectionId, Vec<StorageVerb>),
    /// Send this to the monitor of a domain.
    Monitor(DomainId, Private, MonitorKind),
    /// Change something of a host.
    Tune(ConnectionId, Box<HostDeed>),
}

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// What is asked; untrusted names are in it.
    pub title: String,
    /// What it means.
    pub body: Vec<String>,
    /// Something to consider.
    pub warning: Option<String>,
    /// The command line that does the same.
    pub command: Option<String>,
    /// The word on the button.
    pub accept: &'static str,
    /// The button that Enter presses.
    pub yes: bool,
    /// How many domains it is about, to be typed before a yes counts.
    pub count: Option<usize>,
    /// The digits typed so far.
    pub typed: String,
    /// What a yes does.
    pub intent: Intent,
}

impl Confirm {
    /// Whether the number was typed, where one is wanted.
    #[must_use]
    pub fn counted(&self) -> bool {
        self.count
            .is_none_or(|count| self.typed == count.to_string())
    }

    /// Takes a digit of the number, or the last one back.
    pub(super) fn press(&mut self, key: Key) {
        if self.count.is_none() {
            return;
        }
        match key.code {
            Code::Char(digit) if digit.is_ascii_digit() && self.typed.len() < 6 => {
                self.typed.push(digit);
            }
            Code::Backspace => {
                self.typed.pop();
            }
            _ => {}
        }
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        match action {
            Action::NextButton => self.yes = !self.yes,
            Action::Accept if !self.yes => return None,
            Action::Accept | Action::Yes if !self.counted() => {}
            Action::Accept | Action::Yes => {
                match self.intent {
                    Intent::Domain(action, verb, id) => {
                        actions::begin(state, action, verb, id, effects);
                    }
                    Intent::Domains(action, chosen) => {
                        bulk::begin(state, action, &chosen, effects);
                    }
                    Intent::Own(runs) => own::begin(state, runs, effects),
                    Intent::Quit => effects.push(Effect::Quit),
                    Intent::Plan(plan) => state.run_plan(*plan, effects),
                    Intent::TypeText(id, text) => display::type_text(state, id, &text, effects),
                    Intent::Break(id) => {
                        if let Some(line) = state.break_command(id)
                            && let Some(console) = state.consoles.get(id)
                        {
                            state.note_done(console.domain, line, effects);
                        }
                        state.tell_console(id, ConsoleVerb::Break, effects);
                    }
                    Intent::TakeOver(id) => {
                        if let Some(line) = state.console_command(id, "--force")
                            && let Some(domain) =
                                state.consoles.get(id).map(|console| console.domain)
                        {
                            state.note_done(domain, line, effects);
                        }
                        state.tell_console(id, ConsoleVerb::TakeOver, effects);
                    }
                    Intent::Storage(host, verbs) => {
                        for verb in storing::together(verbs) {
                            storing::begin(state, host, verb, effects);
                        }
                    }
                    Intent::Tune(host, deed) => host_changes::begin(state, host, *deed, effects),
                    Intent::Monitor(id, typed, kind) => {
                        monitor::begin(state, id, typed.text(), kind, effects);
                    }
                    Intent::Net(deed) => networks::deeds::begin(state, *deed, effects),
                    Intent::Remedy(connection, command) => {
                        state.remedy = Some(connection);
                        effects.push(Effect::Run(command));
                    }
                }
                return None;
            }
            Action::Cancel => return None,
            _ => {}
        }
        Some(self)
    }
}
