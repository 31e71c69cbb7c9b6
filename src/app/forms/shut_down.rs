//! Shutting down with a choice: how the guest is asked, and how long it is waited for.

use std::time::Duration;

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, State, Submitted, Tone, Wrong, actions, bulk,
};
use crate::model::DomainId;
use crate::protocol::{AskMode, DomainVerb};
use crate::text;

/// Longest wait before Force Off, in seconds: a day.
const LONGEST_S: u64 = 86_400;

/// Domains that the form names.
const NAMED: usize = 10;

/// Opens the form for these domains.
pub fn open(state: &mut State, ids: Vec<DomainId>) {
    let names: Vec<_> = ids
        .iter()
        .filter_map(|id| state.guest(*id))
        .map(|guest| text::visible(&guest.domain.name).into_owned())
        .collect();
    let title = match names.as_slice() {
        [name] => format!("Shut down {name}"),
        names => format!("Shut down {} domains", names.len()),
    };
    let mut modes = vec![FieldOption::new("", "as the hypervisor thinks best")];
    modes.extend(AskMode::ALL.map(|mode| FieldOption::new(mode.word(), label(mode))));
    let fields = vec![
        Field::choice("mode", "Ask the guest", modes, "").help(
            "The agent works without a desktop's consent, but must run in the guest.",
        ),
        Field::number("force-after", "Force Off after", None, "s", 1..=LONGEST_S)
            .optional()
            .help("Left empty, it is waited for as long as it takes. Force Off is like pulling the plug."),
    ];
    let lead = if names.len() > 1 {
        let more = names.len().saturating_sub(NAMED);
        let mut named = names;
        named.truncate(NAMED);
        let mut words = named.join(", ");
        if more > 0 {
            words.push_str(&format!(" and {more} more"));
        }
        vec![(Tone::Normal, words)]
    } else {
        Vec::new()
    };
    let mut form = Form::new(
        FormUse::ShutDown(ids),
        title,
        Action::ShutDown.row().label,
        fields,
    );
    form.lead = lead;
    form.open(state);
}

fn label(mode: AskMode) -> &'static str {
    match mode {
        AskMode::Acpi => "by the ACPI power button",
        AskMode::Agent => "by the guest agent",
        AskMode::Initctl => "by initctl (containers)",
        AskMode::Signal => "by a signal to init (containers)",
        AskMode::Paravirt => "by the paravirtual interface (Xen)",
    }
}

fn verb(form: &Form) -> DomainVerb {
    let mode = AskMode::ALL
        .into_iter()
        .find(|mode| mode.word() == form.text("mode"));
    DomainVerb::Shutdown {
        mode,
        force_after: form.amount("force-after").map(Duration::from_secs),
    }
}

/// Writes the command.
pub fn changed(state: &State, form: &mut Form, ids: &[DomainId]) {
    let verb = verb(form);
    form.command = ids.first().and_then(|id| {
        let guest = state.guest(*id)?;
        let uri = state.connection(id.connection)?.uri();
        let mut line = actions::line(&verb, uri, guest, *id)?;
        if let Some(seconds) = form.amount("force-after") {
            let off = actions::line(&DomainVerb::DESTROY, uri, guest, *id)?;
            line = format!("{line}, and if it runs after {seconds} s: {off}");
        }
        Some(match ids.len() {
            1 => line,
            count => format!("{line}   and so for each of the {count}"),
        })
    });
}

/// Sends it; the form was the question.
pub fn submit(
    state: &mut State,
    form: &Form,
    ids: &[DomainId],
    effects: &mut Vec<Effect>,
) -> Submitted {
    let verb = verb(form);
    if let [id] = ids {
        if let Some(why) = actions::refusal(state, Action::ShutDown, *id) {
            return Submitted::Refused(vec![Wrong::whole(why)]);
        }
        actions::begin(state, Action::ShutDown, verb, *id, effects);
    } else {
        let wanted = ids.iter().map(|id| (*id, verb.clone())).collect();
        bulk::attempt(state, Action::ShutDown, wanted, effects);
    }
    Submitted::Done
}
