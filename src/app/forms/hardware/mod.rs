//! Hardware in forms: changing what is selected, adding a device, and the same change on all marked domains.

mod add;
mod bulk;
mod devices;
mod edit;
mod fields;
mod memory;
mod specs;

pub use add::{Adding, answered, open as open_add};
pub use bulk::open as open_bulk;
pub use edit::{has_form, open as open_edit};

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, HardwarePage, Page, State, Submitted, Wrong, actions,
};
use crate::hardware::ItemId;
use crate::model::DomainId;
use crate::protocol::{Affect, DomainVerb};

/// What a form about hardware is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HardwareForm {
    /// Changing an item of a domain.
    Edit(DomainId, ItemId),
    /// Adding a device to a domain.
    Add(Adding),
    /// The same change on several domains.
    Bulk(Vec<DomainId>),
}

/// After a change.
pub fn changed(state: &State, form: &mut Form, what: &HardwareForm) {
    match what {
        HardwareForm::Edit(id, item) => edit::changed(state, form, *id, *item),
        HardwareForm::Add(adding) => add::changed(state, form, adding),
        HardwareForm::Bulk(ids) => bulk::changed(state, form, ids),
    }
}

/// In the end.
pub fn submit(
    state: &mut State,
    form: &Form,
    what: &HardwareForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    match what {
        HardwareForm::Edit(id, item) => edit::submit(state, form, *id, *item, effects),
        HardwareForm::Add(adding) => add::submit(state, form, adding, effects),
        HardwareForm::Bulk(ids) => bulk::submit(state, form, ids, effects),
    }
}

/// The page below the form.
fn page(state: &State, id: DomainId) -> Option<&HardwarePage> {
    match state.page() {
        Page::Hardware(page) if page.id == id => Some(page),
        _ => None,
    }
}

/// When a change is to be: a field with what there is to choose.
fn when(runs: bool, stored: bool) -> Field {
    let both = FieldOption::new("both", "now where possible, and at the next boot");
    let config = FieldOption::new("config", "at the next boot only");
    let live = FieldOption::new("live", "now only: the next boot is without it");
    let options = match (runs, stored) {
        (true, true) => vec![both, config, live],
        (true, false) => vec![FieldOption::new("live", "now: the domain is transient")],
        _ => vec![FieldOption::new("config", "at the next start")],
    };
    Field::choice("when", "When", options, "")
}

fn affect(form: &Form) -> Affect {
    match form.text("when") {
        "both" => Affect::Both,
        "live" => Affect::Live,
        _ => Affect::Config,
    }
}

/// Sends a verb; the form stays until it is answered.
fn send(
    state: &mut State,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    effects: &mut Vec<Effect>,
) -> Submitted {
    if let Some(why) = actions::refusal(state, action, id) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    match actions::begin_job(state, action, verb, id, effects) {
        Some(job) => Submitted::Waiting(job),
        None => Submitted::Done,
    }
}

/// The command that does the same.
fn command(state: &State, verb: &DomainVerb, id: DomainId) -> Option<String> {
    let guest = state.guest(id)?;
    let uri = state.connection(id.connection)?.uri();
    actions::line(verb, uri, guest, id)
}

/// Networks of the host that are known.
fn networks(state: &State, id: DomainId) -> Vec<String> {
    use crate::model::ResourceKind;
    let Some(connection) = state.connection(id.connection) else {
        return Vec::new();
    };
    let found = connection
        .resources
        .iter()
        .filter(|resource| matches!(resource.kind, ResourceKind::Network { .. }));
    found.map(|resource| resource.name.clone()).collect()
}
