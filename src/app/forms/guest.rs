//! Acting inside of a guest by its agent: a password, an ssh key, a command.

use crate::action::Action;
use crate::agent::{exec_command, masked_words};
use crate::app::pages::agent;
use crate::app::{
    Effect, Field, Form, FormUse, Level, Purpose, State, Submitted, Tone, Wrong, actions,
};
use crate::model::DomainId;
use crate::protocol::{AgentVerb, DomainVerb, GuestRun, KeysChange, Private, SshKeys, Verb};
use crate::virsh;

/// The shell that a command goes through where that is wished.
const SHELL: &str = "/bin/sh";

/// What a form about a guest is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuestForm {
    /// The password of a user.
    Password(DomainId),
    /// A key that lets a user in.
    Key(DomainId, String),
    /// A command.
    Run(DomainId),
}

fn name(state: &State, id: DomainId) -> &str {
    state.guest(id).map_or("", |guest| &guest.domain.name)
}

/// Opens the form for a password.
pub fn open_password(state: &mut State, id: DomainId, user: Option<String>) {
    if let Some(why) = actions::refusal(state, Action::SetPassword, id) {
        return state.say(Level::Note, why);
    }
    let fields = vec![
        Field::text("user", "User", user.as_deref().unwrap_or("root")),
        Field::secret("password", "Password").help("It is on no record and in no history."),
        Field::secret("again", "Once more"),
        Field::check("encrypted", "Encrypted", false)
            .help("What stands above is what crypt made of the password, as in /etc/shadow."),
    ];
    let title = format!("Password of a user of {}", name(state, id));
    let use_ = FormUse::Guest(GuestForm::Password(id));
    Form::new(use_, title, "Set it", fields).open(state);
}

/// Opens the form for a key.
pub fn open_key(state: &mut State, id: DomainId, user: &str) {
    if let Some(why) = actions::refusal(state, Action::AddKey, id) {
        return state.say(Level::Note, why);
    }
    let fields = vec![Field::text("key", "Key or file", "").help(
        "A line as in a .pub file, pasted; or the path of a file with such lines on this machine.",
    )];
    let title = format!("Key for {user} in {}", name(state, id));
    let use_ = FormUse::Guest(GuestForm::Key(id, user.to_owned()));
    Form::new(use_, title, Action::AddKey.row().label, fields).open(state);
}

/// Opens the form for a command, where the settings allow one.
pub fn open_run(state: &mut State, id: DomainId) {
    if let Err(why) = state.may_run() {
        return state.say(Level::Note, why);
    }
    if let Some(why) = actions::refusal(state, Action::RunInGuest, id) {
        return state.say(Level::Note, why);
    }
    let wait = state.guest_rules().wait_s;
    let fields = vec![
        Field::text("command", "Command", "").help(
            "A program by its path with its arguments, quoted as in a shell; no shell reads it.",
        ),
        Field::check("shell", "Through a shell", false)
            .help("/bin/sh -c runs it: pipes and variables work."),
        Field::secret("input", "Input").help("What it reads. It is on no record."),
        Field::number("wait", "Wait for", Some(wait.into()), "s", 1..=86_400)
            .help("It goes on in the guest when it takes longer, and its output is lost."),
    ];
    let mut form = Form::new(
        FormUse::Guest(GuestForm::Run(id)),
        format!("Run a command in {}", name(state, id)),
        Action::RunInGuest.row().label,
        fields,
    );
    form.lead = vec![(
        Tone::Warn,
        "It runs as the agent's user, which is root most often. libvirt marks the domain as tainted.".to_owned(),
    )];
    form.open(state);
}

/// The verb of a form, as far as it is filled in.
fn verb(form: &Form, what: &GuestForm) -> Result<DomainVerb, Wrong> {
    let verb = match what {
        GuestForm::Password(_) => {
            let user = form.text("user");
            if user.is_empty() {
                return Err(Wrong::at("user", "Say whose."));
            }
            let password = secret(form, "password");
            if password.is_empty() {
                return Err(Wrong::at("password", "A password is not empty."));
            }
            if password != secret(form, "again") {
                return Err(Wrong::at("again", "It is not the same."));
            }
            AgentVerb::SetPassword {
                user: user.to_owned(),
                password: Private::new(password),
                encrypted: form.checked("encrypted"),
            }
        }
        GuestForm::Key(_, user) => {
            let key = form.text("key");
            let keys = if key.is_empty() {
                return Err(Wrong::at("key", "Paste one, or name a file."));
            } else if key.starts_with('/') || key.starts_with('.') {
                SshKeys::File(key.to_owned())
            } else if key.split_whitespace().count() >= 2 {
                SshKeys::Lines(vec![key.to_owned()])
            } else {
                let why =
                    "That is neither a key, as in ssh-ed25519 AAAA…, nor the whole path of a file.";
                return Err(Wrong::at("key", why));
            };
            AgentVerb::SetKeys {
                user: user.clone(),
                keys,
                change: KeysChange::Add,
            }
        }
        GuestForm::Run(_) => return Err(Wrong::whole("a command is no verb")),
    };
    Ok(DomainVerb::Agent(verb))
}

/// A masked field as it was typed: blanks at its ends are a part of it.
fn secret<'a>(form: &'a Form, key: &str) -> &'a str {
    let line = form.field(key).and_then(Field::line);
    line.map_or("", |line| line.text())
}

/// Program and arguments of the command.
fn words(form: &Form) -> Result<(String, Vec<String>), Wrong> {
    let text = form.text("command");
    if text.is_empty() {
        return Err(Wrong::at("command", "Say what is run."));
    }
    if form.checked("shell") {
        let script = vec!["-c".to_owned(), text.to_owned()];
        return Ok((SHELL.to_owned(), script));
    }
    let split = virsh::split(text);
    if split.open.is_some() {
        return Err(Wrong::at("command", "A quote is not closed."));
    }
    // Quoted, it is a word like others.
    let is_operator = |word: &virsh::Word| {
        let bare = text.get(word.start..word.end) == Some(word.text.as_str());
        bare && matches!(
            word.text.as_str(),
            "|" | "||" | "&" | "&&" | ">" | ">>" | "<" | "2>" | "2>&1"
        )
    };
    if split.cut.is_some() || split.list.iter().any(is_operator) {
        let why = "No shell reads it: tick the shell for ; | & and their like, or quote them.";
        return Err(Wrong::at("command", why));
    }
    let mut words = split.list.into_iter().map(|word| word.text);
    let program = words.next().unwrap_or_default();
    Ok((program, words.collect()))
}

/// Writes the command.
pub fn changed(state: &State, form: &mut Form, what: &GuestForm) {
    form.command = match what {
        GuestForm::Password(id) | GuestForm::Key(id, _) => verb(form, what).ok().and_then(|verb| {
            let guest = state.guest(*id)?;
            let uri = state.connection(id.connection)?.uri();
            actions::line(&verb, uri, guest, *id)
        }),
        GuestForm::Run(id) => words(form)
            .ok()
            .map(|(program, arguments)| run_line(state, *id, &program, &arguments)),
    };
}

/// The line of virsh that begins a command in a guest, without its secrets.
fn run_line(state: &State, id: DomainId, program: &str, arguments: &[String]) -> String {
    let command = exec_command(program, &masked_words(arguments), None);
    agent::raw_line(state, id, "qemu-agent-command", &command, &[])
}

/// Sends it; the form was the question.
pub fn submit(
    state: &mut State,
    form: &Form,
    what: &GuestForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let (id, action) = match what {
        GuestForm::Password(id) => (*id, Action::SetPassword),
        GuestForm::Key(id, _) => (*id, Action::AddKey),
        GuestForm::Run(id) => return run(state, form, *id, effects),
    };
    if let Some(why) = actions::refusal(state, action, id) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    match verb(form, what) {
        Err(wrong) => Submitted::Refused(vec![wrong]),
        Ok(verb) => match actions::begin_job(state, action, verb, id, effects) {
            Some(job) => Submitted::Waiting(job),
            None => Submitted::Done,
        },
    }
}

fn run(state: &mut State, form: &Form, id: DomainId, effects: &mut Vec<Effect>) -> Submitted {
    let refused = state.may_run().err();
    let refused = refused.or_else(|| actions::refusal(state, Action::RunInGuest, id));
    if let Some(why) = refused {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    let (program, arguments) = match words(form) {
        Ok(words) => words,
        Err(wrong) => return Submitted::Refused(vec![wrong]),
    };
    let line = run_line(state, id, &program, &arguments);
    let masked = masked_words(&arguments);
    let title =
        virsh::join(std::iter::once(program.as_str()).chain(masked.iter().map(String::as_str)));
    let wait = form.amount("wait").unwrap_or(60);
    let input = Some(secret(form, "input")).filter(|input| !input.is_empty());
    let wanted = GuestRun {
        program,
        arguments,
        input: input.map(Private::new),
        seconds: u32::try_from(wait).unwrap_or(u32::MAX),
    };
    let job = state.ask(
        id,
        Purpose::Act(Action::RunInGuest),
        Verb::RunInGuest(id.uuid, wanted),
        effects,
    );
    agent::put_down(state, job, id, line);
    agent::await_output(state, id, job, title);
    Submitted::Done
}
