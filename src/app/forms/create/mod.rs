//! A new domain: one form with all of it, its XML beside the fields, and the virt-install line that makes the same.

mod fields;
mod preview;
mod read;

pub use read::read;

use std::sync::Arc;

use super::templates;
use crate::action::Action;
use crate::app::{
    EditorPage, Effect, Field, FieldKind, FieldOption, Form, FormUse, Layer, Level, Page, Purpose,
    State, Submitted, Tone, Wrong, actions,
};
use crate::create::{self, Found, HostFacts, NewDomain, OperatingSystem, Plan};
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{Answer, Failure, JobId, Making, Offered, Private, Verb};
use crate::text;
use crate::xml::reapply;

/// On which host, and what that offers.
#[derive(Debug, Clone)]
pub struct Create {
    /// The host.
    pub connection: ConnectionId,
    /// The question what it offers.
    job: JobId,
    /// The answer.
    offered: Option<Arc<Offered>>,
    /// The operating system by its short id, so that the database is searched once for each.
    os: (String, Option<Arc<OperatingSystem>>),
    /// The template that was filled in.
    template: String,
    /// The memory that was filled in for it, KiB.
    suggested: Option<u64>,
    /// The definition that the fields make.
    made: Private,
    /// What a person made of one: as it was, and as it is to be.
    edited: Option<(Private, Private)>,
}

impl Create {
    /// The definition with what was edited in it; `None` before there is any.
    fn text(&self) -> Option<String> {
        let made = self.made.text();
        if made.is_empty() {
            return None;
        }
        let edited = self.edited.as_ref();
        let text = edited.and_then(|(base, edited)| reapply(base.text(), edited.text(), made).ok());
        Some(text.unwrap_or_else(|| made.to_owned()))
    }

    /// Takes an edited definition, which was [`Create::text`].
    pub fn edit(&mut self, text: Private) {
        self.edited = Some((self.made.clone(), text));
    }

    /// Forgets what was edited.
    pub fn forget_edits(&mut self) {
        self.edited = None;
    }

    /// Goes on with what was edited when the form was left.
    pub fn take_up(&mut self, left: Self) {
        self.edited = left.edited;
    }
}

/// Gives the form to the editor, which shows its XML.
///
/// # Errors
/// The form, when there is no XML yet.
pub fn lend(create: &Create, form: Box<Form>, state: &mut State) -> Result<(), Box<Form>> {
    let Some(text) = create.text().filter(|_| form.waiting.is_none()) else {
        return Err(form);
    };
    let name = form.text("name").to_owned();
    let page = EditorPage::lent(create.connection, name, form, &text)?;
    state.pages.push(Page::Editor(Box::new(page)));
    Ok(())
}

impl PartialEq for Create {
    /// What was typed for one host comes back for the same.
    fn eq(&self, other: &Self) -> bool {
        self.connection == other.connection
    }
}

impl Eq for Create {}

/// Asks what the host offers, and opens the form.
pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let here = state.target().map(|id| id.connection);
    let usable = |id: &ConnectionId| {
        state
            .connection(*id)
            .is_some_and(|connection| connection.is_live())
    };
    let first = || {
        let mut live = state.connections.iter().filter(|c| c.is_live());
        live.next().map(|connection| connection.id)
    };
    let Some(id) = here.filter(usable).or_else(first) else {
        let text = "No host is connected on which a domain could be made.";
        return state.say(Level::Note, text.to_owned());
    };
    let Some(connection) = state.connection(id) else {
        return;
    };
    if connection.readonly() {
        let label = text::visible(&connection.label);
        let text = format!("A new domain is not possible: {label} is open read-only.");
        return state.say(Level::Note, text);
    }
    on(state, id, effects).open(state);
}

/// The form for one host, which is asked what it offers.
fn on(state: &mut State, id: ConnectionId, effects: &mut Vec<Effect>) -> Form {
    let job = state.ask(nobody(id), Purpose::Read, Verb::ReadOffered, effects);
    let use_ = FormUse::Create(Box::new(Create {
        connection: id,
        job,
        offered: None,
        os: (String::new(), Some(Arc::new(OperatingSystem::linux()))),
        template: String::new(),
        suggested: fields::MEMORY_KIB,
        made: Private::default(),
        edited: None,
    }));
    let label = state
        .connection(id)
        .map_or_else(String::new, |connection| connection.label.clone());
    let title = format!("New domain on {}", text::visible(&label));
    let mut all = vec![fields::name()];
    all.extend(host_field(state, id));
    let mut form = Form::new(use_, title, "Create", all);
    form.hold = Some("It is still looked at what the host offers.".to_owned());
    form.lead = vec![(Tone::Dim, "Looking at what the host offers…".to_owned())];
    form
}

/// Where several hosts can have it: which.
fn host_field(state: &State, id: ConnectionId) -> Option<Field> {
    let hosts = state.connections.iter();
    let hosts: Vec<_> = hosts
        .filter(|connection| connection.is_live() && !connection.readonly())
        .map(|connection| {
            let word = connection.id.0.to_string();
            FieldOption::new(&word, &text::visible(&connection.label))
        })
        .collect();
    let field = Field::choice(HOST, "Connection", hosts, &id.0.to_string());
    let several = matches!(&field.kind, FieldKind::Choice { options, .. } if options.len() > 1);
    several.then(|| field.help("The host it is made on. What was filled in goes along."))
}

/// The key of that field.
const HOST: &str = "connection";

fn host_at(form: &Form) -> usize {
    let at = form.fields.iter().position(|field| field.key == HOST);
    at.unwrap_or(0)
}

/// Goes along when another host was chosen.
pub fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Layer::Form(form)) = state.layers.last() else {
        return;
    };
    let FormUse::Create(create) = &form.use_ else {
        return;
    };
    let chosen = form.text(HOST).parse().map(ConnectionId);
    let Ok(id) = chosen else { return };
    if id == create.connection || form.waiting.is_some() {
        return;
    }
    let mut moved = on(state, id, effects);
    if let Some(Layer::Form(form)) = state.layers.pop() {
        moved.fill(*form);
    }
    moved.at = host_at(&moved);
    state.layers.push(Layer::Form(Box::new(moved)));
}

/// The domain of a request about none.
fn nobody(connection: ConnectionId) -> DomainId {
    DomainId {
        connection,
        uuid: Uuid([0; 16]),
    }
}

/// The worker's answer.
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| matches!(use_, FormUse::Create(create) if create.job == job);
    let Some(form) = state.form_mut(is) else {
        return;
    };
    let FormUse::Create(create) = &form.use_ else {
        return;
    };
    let connection = create.connection;
    let templates = templates::offered(state, connection);
    let Some(form) = state.form_mut(is) else {
        return;
    };
    form.lead.retain(|(_, text)| !text.starts_with("Looking"));
    match result {
        Ok(Answer::Offered(offered)) => {
            form.hold = None;
            let mut all = fields::all(offered, &templates);
            // What was typed meanwhile stays.
            if let (Some(name), Some(first)) = (form.field("name"), all.first_mut()) {
                *first = name.clone();
            }
            if let Some(host) = form.field(HOST) {
                all.insert(1, host.clone());
            }
            let present = form.fields.get(form.at).map(|field| field.key.clone());
            form.replace_fields(all);
            // Who has chosen the host chooses on.
            if present.as_deref() == Some(HOST) {
                form.at = host_at(form);
            }
            let template = form.text("template").to_owned();
            if let FormUse::Create(create) = &mut form.use_ {
                create.offered = Some(Arc::clone(offered));
                // What was changed since it was filled in stays.
                create.template = template;
            }
        }
        Ok(_) => return,
        Err(failure) => {
            let said = text::visible(&failure.to_string()).into_owned();
            form.error = Some(said.clone());
            form.hold = Some(said);
        }
    }
    state.refresh_form(is);
}

/// Hides what plays no part, says what is wrong, and writes what would come of it.
pub fn changed(state: &State, form: &mut Form, create: &Create) {
    let mut create = create.clone();
    let Some(offered) = create.offered.clone() else {
        return;
    };
    let template = form.text("template").to_owned();
    if template != create.template {
        templates::apply(state, form, &template);
        create.template.clone_from(&template);
    }
    if let Some(id) = templates::domain(create.connection, &template) {
        fields::show_name_alone(form);
        let name = state
            .guest(id)
            .map_or("", |guest| guest.domain.name.as_str());
        let name = text::visible(name);
        form.accept = "Go on";
        form.command = None;
        form.preview = vec![(
            Tone::Normal,
            format!("A clone of {name}: what becomes of its disks is asked next."),
        )];
        form.use_ = FormUse::Create(Box::new(create));
        return;
    }
    form.accept = "Create";
    fields::show(form);
    let id = form.text("os").to_owned();
    if id != create.os.0 {
        let found = match id.as_str() {
            "" => Some(OperatingSystem::linux()),
            id => offered.database.find(id),
        };
        create.os = (id, found.map(Arc::new));
    }
    let os = create.os.1.as_deref();
    if let Some(field) = form.field_mut("os") {
        field.note = match os {
            Some(os) => os.name.clone(),
            None => "unknown".to_owned(),
        };
    }
    let memory = os.and_then(|os| os.memory_kib);
    let untouched = form.amount("memory") == create.suggested;
    if memory.is_some() && memory != create.suggested && untouched {
        fields::suggest_memory(form, memory);
        create.suggested = memory;
    }
    let (wanted, wrong) = read::read(form);
    let mut plan = plan(&wanted, &offered.facts, os);
    create.made = Private::new(plan.xml.clone());
    let edited = create.edited.as_ref();
    // Both texts were well-formed when they were taken in.
    let is_edited = edited.is_some_and(|(base, text)| plan.edit(base.text(), text.text()).is_ok());
    // Only what something stands in is called wrong while it is typed.
    for field in &mut form.fields {
        field.caution = None;
    }
    for concern in &plan.concerns {
        let field = read::field_of(form, concern.about);
        let Some(field) = field.and_then(|key| form.field_mut(&key)) else {
            continue;
        };
        let text = preview::sentence(&concern.text);
        if !concern.refuses {
            field.caution.get_or_insert(text);
        } else if !field.value().is_empty() {
            field.error.get_or_insert(text);
        }
    }
    form.preview = preview::preview(form, &plan, &wrong);
    if is_edited {
        let words = "Edited by hand: those changes stand over the fields, and the line below knows nothing of them.";
        form.preview.insert(0, (Tone::Info, words.to_owned()));
    }
    let uri = state.connection(create.connection).map(|c| c.uri());
    let words = create::line(&wanted, uri);
    let words: Vec<_> = words.iter().map(|word| text::shell_quote(word)).collect();
    form.command = Some(words.join(" "));
    form.use_ = FormUse::Create(Box::new(create));
}

fn plan(wanted: &NewDomain, facts: &HostFacts, os: Option<&OperatingSystem>) -> Plan {
    let any;
    let os = match os {
        Some(os) => os,
        None => {
            any = OperatingSystem::linux();
            &any
        }
    };
    // The worker looks at files again; this room does not.
    create::plan(wanted, facts, os, &|_| Found::Unknown)
}

/// Sends it, after all that can be known here has been looked at.
pub fn submit(
    state: &mut State,
    form: &Form,
    create: &Create,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let Some(offered) = &create.offered else {
        return Submitted::Refused(Vec::new());
    };
    if let Some(id) = templates::domain(create.connection, form.text("template")) {
        super::clone::open_named(state, id, form.text("name"), effects);
        return Submitted::Done;
    }
    let (wanted, mut wrong) = read::read(form);
    if create.os.1.is_none() {
        wrong.push(Wrong::at(
            "os",
            "There is no operating system of this short id; leave it empty, or 'generic' for anything.",
        ));
    }
    if wrong.is_empty() {
        let plan = plan(&wanted, &offered.facts, create.os.1.as_deref());
        for concern in plan.concerns.iter().filter(|concern| concern.refuses) {
            wrong.push(match read::field_of(form, concern.about) {
                Some(key) => Wrong::at(&key, concern.text.clone()),
                None => Wrong::whole(concern.text.clone()),
            });
        }
    }
    if !wrong.is_empty() {
        return Submitted::Refused(wrong);
    }
    let Some(connection) = state.connection(create.connection) else {
        return Submitted::Refused(vec![Wrong::whole("The connection is closed.")]);
    };
    if !connection.is_live() {
        return Submitted::Refused(vec![Wrong::whole("The host is not connected now.")]);
    }
    let uri = connection.uri().to_owned();
    let words = create::line(&wanted, Some(&uri));
    let words: Vec<_> = words.iter().map(|word| text::shell_quote(word)).collect();
    let name = wanted.name.clone();
    let key = form.text("ssh-key");
    let making = Making {
        key_file: (wanted.cloud_init.is_some() && !key.is_empty()).then(|| key.to_owned()),
        edited: create.edited.clone(),
        start: form.checked("start"),
        wanted,
    };
    let verb = Verb::Make(Box::new(making));
    let target = nobody(create.connection);
    let job = state.ask(target, Purpose::Act(Action::NewDomain), verb, effects);
    let open = form.field("open").filter(|field| !field.hidden);
    if let Some(what) = open
        .map(crate::app::Field::value)
        .filter(|what| !what.is_empty())
    {
        state.open_when_made(job, what == "display");
    }
    actions::describe(state, job, target, name, uri, words.join(" "));
    Submitted::Waiting(job)
}
