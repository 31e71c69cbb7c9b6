//! The same change on all marked domains, with what it means for each.

use super::HardwareForm;
use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, Guest, State, Submitted, Tone, Wrong, actions, bulk,
};
use crate::hardware::{Change, Edit};
use crate::model::DomainId;
use crate::protocol::{Affect, DomainVerb, HardwareVerb};
use crate::text;

/// Opens the form for these domains.
pub fn open(state: &mut State, ids: Vec<DomainId>) {
    let fields = vec![
        Field::number("vcpu@current", "vCPUs", None, "", 1..=4096)
            .optional()
            .help("Left empty, they stay as they are."),
        Field::number("vcpu", "Maximum of vCPUs", None, "", 1..=4096)
            .optional()
            .help("From the next boot on."),
        Field::size("currentMemory", "Memory", None, 1024..=1 << 40)
            .optional()
            .help("By the balloon, up to the maximum of each."),
        Field::size("memory", "Maximum of memory", None, 1024..=1 << 40)
            .optional()
            .help("From the next boot on."),
        Field::choice(
            "when",
            "When",
            vec![
                FieldOption::new("both", "now where possible, and at the next boot"),
                FieldOption::new("config", "at the next boot only"),
            ],
            "both",
        ),
    ];
    let title = format!("Change {} domains", ids.len());
    let use_ = FormUse::Hardware(HardwareForm::Bulk(ids));
    Form::new(use_, title, "Apply", fields).open(state);
}

/// What is changed of a domain.
fn verb(form: &Form, guest: &Guest) -> Option<DomainVerb> {
    let paths = ["vcpu", "vcpu@current", "memory", "currentMemory"];
    let changes: Vec<Change> = paths
        .into_iter()
        .filter_map(|path| Some(Change::domain(path, Some(&form.amount(path)?.to_string()))))
        .collect();
    if changes.is_empty() {
        return None;
    }
    let runs = guest.domain.state.is_active();
    let affect = match (form.text("when"), runs, guest.domain.persistent) {
        (_, true, false) => Affect::Live,
        ("both", true, true) => Affect::Both,
        _ => Affect::Config,
    };
    Some(DomainVerb::Hardware(HardwareVerb::Edit(
        Box::new(Edit { changes }),
        affect,
    )))
}

/// What becomes of a domain, in words.
fn line(form: &Form, guest: &Guest) -> String {
    let domain = &guest.domain;
    let mut words = Vec::new();
    let dash = || "–".to_owned();
    let kib = |kib: u64| text::bytes(kib.saturating_mul(1024));
    if let Some(count) = form.amount("vcpu@current") {
        let now = domain.vcpus.map_or_else(dash, |count| count.to_string());
        words.push(format!("vCPUs {now} → {count}"));
    }
    if let Some(count) = form.amount("vcpu") {
        words.push(format!("maximum of vCPUs → {count} at the next boot"));
    }
    if let Some(size) = form.amount("currentMemory") {
        let now = domain.memory_kib.map_or_else(dash, kib);
        words.push(format!("memory {now} → {}", kib(size)));
    }
    if let Some(size) = form.amount("memory") {
        let now = domain.max_memory_kib.map_or_else(dash, kib);
        words.push(format!("maximum {now} → {} at the next boot", kib(size)));
    }
    let when = match (form.text("when"), domain.state.is_active()) {
        ("both", true) => "",
        (_, true) => " (next boot)",
        _ => " (off)",
    };
    format!(
        "{}: {}{when}",
        text::visible(&domain.name),
        words.join(", ")
    )
}

/// Writes what becomes of each.
pub fn changed(state: &State, form: &mut Form, ids: &[DomainId]) {
    form.preview.clear();
    form.command = None;
    for id in ids {
        let Some(guest) = state.guest(*id) else {
            continue;
        };
        if let Some(why) = actions::refusal(state, Action::EditHardware, *id) {
            form.preview.push((Tone::Warn, format!("left out: {why}")));
            continue;
        }
        let Some(verb) = verb(form, guest) else {
            form.preview.push((
                Tone::Dim,
                format!("{}: as it is", text::visible(&guest.domain.name)),
            ));
            continue;
        };
        let too_much = form
            .amount("currentMemory")
            .zip(domain_most(form, guest))
            .is_some_and(|(wanted, most)| wanted > most);
        if too_much {
            let words = format!("{}: its maximum is less", text::visible(&guest.domain.name));
            form.preview.push((Tone::Warn, words));
        } else {
            form.preview.push((Tone::Info, line(form, guest)));
        }
        if form.command.is_none() {
            form.command = super::command(state, &verb, *id).map(|line| match ids.len() {
                1 => line,
                count => format!("{line}   and so for each of the {count}"),
            });
        }
    }
}

/// The most memory that a domain can have when it is done.
fn domain_most(form: &Form, guest: &Guest) -> Option<u64> {
    let config_only = form.text("when") == "config" || !guest.domain.state.is_active();
    let new = form.amount("memory").filter(|_| config_only);
    new.or(guest.domain.max_memory_kib)
}

/// Sends it to each.
pub fn submit(
    state: &mut State,
    form: &Form,
    ids: &[DomainId],
    effects: &mut Vec<Effect>,
) -> Submitted {
    let mut wanted = Vec::new();
    for id in ids {
        if let Some(guest) = state.guest(*id)
            && let Some(verb) = verb(form, guest)
        {
            wanted.push((*id, verb));
        }
    }
    if wanted.is_empty() {
        return Submitted::Refused(vec![Wrong::whole("Nothing is changed.")]);
    }
    bulk::attempt(state, Action::EditHardware, wanted, effects);
    Submitted::Done
}
