//! Acting by the agent.

use super::lines::{AgentWhat, Standing};
use super::{AgentPage, Page};
use crate::action::Action;
use crate::app::list::steps;
use crate::app::{Effect, Layer, Level, Line, Purpose, State, TextField, TextUse, actions, forms};
use crate::model::DomainId;
use crate::protocol::{AgentVerb, DomainVerb, JobId, KeysChange, RawCommand, SshKeys, Verb};
use crate::virsh;

impl AgentPage {
    /// What the selected line is about.
    fn selected(&self, state: &State) -> Option<AgentWhat> {
        let id = self.list.selected()?;
        let mut lines = self.lines(state).into_iter();
        lines.find(|line| line.id == id).map(|line| line.what)
    }

    /// The user whom keys and passwords are about: the selected one, else whose keys are shown.
    fn user(&self, state: &State) -> Option<String> {
        match self.selected(state) {
            Some(AgentWhat::User(name, _) | AgentWhat::Key(name, _)) => Some(name),
            _ => self.keys.as_ref().map(|(user, _)| user.clone()),
        }
    }

    /// Whether the footer should offer an action now.
    #[must_use]
    pub fn offers(&self, state: &State, action: Action) -> bool {
        let ready = self.standing(state) == Standing::Ready;
        let frozen = state.frozen_since(self.id).is_some();
        match action {
            Action::ThawGuest => ready && frozen,
            Action::FreezeGuest
            | Action::TrimGuest
            | Action::SyncTime
            | Action::SetPassword
            | Action::ShowKeys => ready && !frozen,
            Action::RunInGuest => ready && !frozen && state.guest_rules().run_commands,
            Action::AddKey => ready && !frozen && self.keys.is_some(),
            Action::RemoveKey => ready && matches!(self.selected(state), Some(AgentWhat::Key(..))),
            _ => true,
        }
    }

    pub(in crate::app::pages) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, Self::height(state).saturating_sub(2).max(1)) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::Retry => self.stale(),
            // It is open.
            Action::ShowAgent => {}
            Action::SetPassword => forms::open_password(state, self.id, self.user(state)),
            Action::ShowKeys => {
                let user = self.user(state).unwrap_or_else(|| "root".to_owned());
                let field = TextField::new(TextUse::KeysOf(self.id), Line::new(&user));
                state.layers.push(Layer::Text(field));
            }
            Action::AddKey => match &self.keys {
                Some((user, _)) => forms::open_key(state, self.id, user),
                None => state.say(
                    Level::Note,
                    "Show the keys of a user first: they are added there.".to_owned(),
                ),
            },
            Action::RemoveKey => match self.selected(state) {
                Some(AgentWhat::Key(user, key)) => {
                    let verb = AgentVerb::SetKeys {
                        user,
                        keys: SshKeys::Lines(vec![key]),
                        change: KeysChange::Remove,
                    };
                    self.attempt(state, action, verb, effects);
                }
                _ => state.say(Level::Note, "Select a key to take it off.".to_owned()),
            },
            Action::RunInGuest => forms::open_run(state, self.id),
            _ => return false,
        }
        true
    }

    fn attempt(
        &self,
        state: &mut State,
        action: Action,
        verb: AgentVerb,
        effects: &mut Vec<Effect>,
    ) {
        match actions::refusal(state, action, self.id) {
            Some(why) => state.say(Level::Note, why),
            None => {
                let verb = DomainVerb::Agent(verb);
                actions::attempt(state, action, verb, self.id, effects);
            }
        }
    }
}

/// Turns to the page of a domain: the present one where it is that, else a new one.
fn turn_to(state: &mut State, id: DomainId, then: impl FnOnce(&mut AgentPage)) {
    match state.pages.last_mut() {
        Some(Page::Agent(page)) if page.id == id => then(page),
        _ => {
            let mut page = AgentPage::new(id);
            then(&mut page);
            state.pages.push(Page::Agent(Box::new(page)));
        }
    }
}

/// Opens the page of the domain that keys act on.
pub(in crate::app) fn open(state: &mut State) {
    match state
        .marked_targets()
        .first()
        .copied()
        .or_else(|| state.target())
    {
        Some(id) => turn_to(state, id, |_| {}),
        None => state.say(Level::Note, "No domain is selected.".to_owned()),
    }
}

/// Opens the page of a domain, with the keys of a user.
pub(in crate::app) fn open_keys(state: &mut State, id: DomainId, user: Option<&str>) {
    turn_to(state, id, |page| {
        if let Some(user) = user {
            page.show_keys(user);
        }
    });
}

/// Passes a command on to the agent, where the settings allow it.
///
/// # Errors
/// Why it is not passed on.
pub(in crate::app) fn run_raw(
    state: &mut State,
    id: DomainId,
    command: RawCommand,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    state.may_run()?;
    if let Some(why) = actions::refusal(state, Action::RunInGuest, id) {
        return Err(why);
    }
    let RawCommand::Agent(text, _) = &command else {
        return Err("that is for QEMU's monitor".to_owned());
    };
    let masked = crate::agent::masked_command(text.text());
    let line = raw_line(state, id, "qemu-agent-command", &masked, &[]);
    let job = state.ask(
        id,
        Purpose::Act(Action::RunInGuest),
        Verb::Raw(id.uuid, command),
        effects,
    );
    put_down(state, job, id, line);
    await_output(state, id, job, format!("Agent: {masked}"));
    Ok(())
}

/// Shows what a request leaves, when it has ended, on the page of its domain.
pub(in crate::app) fn await_output(state: &mut State, id: DomainId, job: JobId, title: String) {
    turn_to(state, id, |page| page.await_output(job, title));
}

/// The line of virsh that passes a command on.
pub(in crate::app) fn raw_line(
    state: &State,
    id: DomainId,
    word: &str,
    command: &str,
    flags: &[&str],
) -> String {
    let (Some(guest), Some(connection)) = (state.guest(id), state.connection(id.connection)) else {
        return word.to_owned();
    };
    let domain = virsh::domain_word(&guest.domain.name, id.uuid);
    let mut words = vec!["virsh", "-c", connection.uri(), word];
    words.extend(flags);
    words.extend(["--", domain.as_ref(), command]);
    virsh::join(words)
}

/// What is put on record of a request that passes something on.
pub(in crate::app) fn put_down(state: &mut State, job: JobId, id: DomainId, line: String) {
    let name = state
        .guest(id)
        .map_or_else(String::new, |guest| guest.domain.name.clone());
    let uri = state
        .connection(id.connection)
        .map_or_else(String::new, |connection| connection.uri().to_owned());
    actions::describe(state, job, id, name, uri, line);
}

impl State {
    /// What may be done inside of guests.
    #[must_use]
    pub fn guest_rules(&self) -> crate::config::GuestSettings {
        let settings = self.settings.as_ref();
        settings.map_or_else(Default::default, |settings| settings.guest)
    }

    /// Whether commands may be run in guests.
    ///
    /// # Errors
    /// Why not, and how they may.
    pub(in crate::app) fn may_run(&self) -> Result<(), String> {
        if self.guest_rules().run_commands {
            return Ok(());
        }
        Err(
            "Commands in guests are off: run-commands = true in the section [guest] of the settings allows them."
                .to_owned(),
        )
    }
}

/// Does what a word of virsh says that is about the agent and no verb; `false` for one about something else.
///
/// # Errors
/// Why it cannot be done.
pub(in crate::app) fn take(
    state: &mut State,
    given: &virsh::Given,
    id: DomainId,
    effects: &mut Vec<Effect>,
) -> Result<bool, String> {
    match given.command.name {
        "domtime" | "domfsinfo" | "guestinfo" | "domhostname" => open_keys(state, id, None),
        "get-user-sshkeys" => open_keys(state, id, given.value("user")),
        "set-user-password" => {
            if let Some(why) = actions::refusal(state, Action::SetPassword, id) {
                return Err(why);
            }
            forms::open_password(state, id, given.value("user").map(str::to_owned));
        }
        "qemu-agent-command" => {
            let command = virsh::raw(given).map_err(|error| error.to_string())?;
            let command = command.ok_or("nothing is to be passed on")?;
            run_raw(state, id, command, effects)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
