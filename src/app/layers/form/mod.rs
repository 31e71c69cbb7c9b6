//! A form: fields to fill in, an error at the field that is wrong, and beside them what would come of it.
//!
//! # Adding a form
//! 1. `app/forms/NAME.rs`: builds a [`Form`] of [`Field`]s and opens it with [`Form::open`]. What it does after each change
//!    (hide fields, write the preview and the command) is a function `changed(&State, &mut Form)`; what it does in the end
//!    is `submit(&mut State, &Form, &mut Vec<Effect>) -> Submitted`.
//! 2. A variant of [`FormUse`] and its arms in `app/forms/mod.rs`.
//!
//! What is typed is never lost: a form that was closed comes back as it was left, and one whose request failed stays open
//! with what libvirt said. Where a request is under way, [`Submitted::Waiting`] keeps the form until the answer.

mod field;

pub use field::{Field, FieldKind, FieldOption};

use crate::action::Action;
use crate::app::forms::{self, FormUse};
use crate::app::{Effect, Level, Reader, State, Tone};
use crate::keymap::Key;
use crate::protocol::{Failure, JobId};
use crate::text;

/// Forms kept as they were left.
const KEPT: usize = 8;

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Key of the field; `None` for the form as a whole.
    pub key: Option<String>,
    /// What is wrong, as a sentence.
    pub why: String,
}

impl Wrong {
    /// Something is wrong with a field.
    #[must_use]
    pub fn at(key: &str, why: impl Into<String>) -> Self {
        Self {
            key: Some(key.to_owned()),
            why: why.into(),
        }
    }

    /// Something is wrong with all of it.
    #[must_use]
    pub fn whole(why: impl Into<String>) -> Self {
        Self {
            key: None,
            why: why.into(),
        }
    }
}

/// What came of a form that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// All is done or on its way: the form closes.
    Done,
    /// It takes long and goes on by itself: the form closes, and comes back as it was left when it is opened again.
    Begun,
    /// It stays until this request is answered, and longer when that failed.
    Waiting(JobId),
    /// It stays.
    Refused(Vec<Wrong>),
}

/// The form.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What for.
    pub use_: FormUse,
    /// What is asked; untrusted names are in it.
    pub title: String,
    /// It comes back as it was left.
    pub is_kept: bool,
    /// The word on the button.
    pub accept: &'static str,
    /// What stands above the fields.
    pub lead: Vec<(Tone, String)>,
    /// The fields.
    pub fields: Vec<Field>,
    /// Index of the present field.
    pub at: usize,
    /// What would come of it, beside the fields; empty for none.
    pub preview: Vec<(Tone, String)>,
    /// The command that does the same.
    pub command: Option<String>,
    /// What is wrong with it as a whole.
    pub error: Option<String>,
    /// Why it cannot be accepted yet, or at all.
    pub hold: Option<String>,
    /// The request that it waits for.
    pub waiting: Option<JobId>,
    /// What that does now.
    pub progress: Option<String>,
    /// Fields as they were left, for those that are not there yet.
    left: Vec<Field>,
    /// The fields as they were at first.
    first: Vec<Field>,
}

impl Form {
    /// A form.
    #[must_use]
    pub fn new(use_: FormUse, title: String, accept: &'static str, fields: Vec<Field>) -> Self {
        let at = fields.iter().position(Field::is_open).unwrap_or(0);
        Self {
            use_,
            title,
            is_kept: true,
            accept,
            lead: Vec::new(),
            first: fields.clone(),
            fields,
            at,
            preview: Vec::new(),
            command: None,
            error: None,
            hold: None,
            waiting: None,
            progress: None,
            left: Vec::new(),
        }
    }

    /// Opens it on top of all, filled in as it was left when it was closed before.
    pub fn open(mut self, state: &mut State) {
        let left = state.shelf.iter().position(|form| form.use_ == self.use_);
        if let Some(left) = left.map(|at| state.shelf.remove(at)) {
            self.fill(left);
            let key = state
                .keymap
                .hint(&[crate::action::Context::Form], Action::BeginAnew);
            let anew = key.map_or_else(String::new, |key| format!("; {key} begins anew"));
            self.lead
                .push((Tone::Dim, format!("As it was left{anew}.")));
        }
        self.refresh(state);
        state.layers.push(super::Layer::Form(Box::new(self)));
    }

    /// Takes over what was filled in in another one, in fields that come later too.
    pub fn fill(&mut self, left: Self) {
        for field in &mut self.fields {
            if let Some(before) = left.field(&field.key) {
                field.fill(before);
            }
        }
        forms::take_up(&mut self.use_, left.use_);
        self.left = left.fields;
    }

    /// A field.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.key == key && !key.is_empty())
    }

    /// A field, to change it.
    pub fn field_mut(&mut self, key: &str) -> Option<&mut Field> {
        self.fields
            .iter_mut()
            .find(|field| field.key == key && !key.is_empty())
    }

    /// The text of a field, or the word of its choice.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.field(key).map_or("", Field::value)
    }

    /// The number of a field, KiB for a size.
    #[must_use]
    pub fn amount(&self, key: &str) -> Option<u64> {
        self.field(key).and_then(Field::amount)
    }

    /// Whether a field is ticked and plays a part.
    #[must_use]
    pub fn checked(&self, key: &str) -> bool {
        self.field(key)
            .is_some_and(|field| !field.hidden && field.kind == FieldKind::Check(true))
    }

    /// Lets a field play a part, or not.
    pub fn show(&mut self, key: &str, shown: bool) {
        if let Some(field) = self.field_mut(key) {
            field.hidden = !shown;
        }
    }

    /// Puts other fields in, when it is known only later which there are.
    pub fn replace_fields(&mut self, fields: Vec<Field>) {
        self.at = fields.iter().position(Field::is_open).unwrap_or(0);
        // What stands in a field already was typed since.
        let typed: Vec<Field> = std::mem::take(&mut self.fields);
        self.first.clone_from(&fields);
        self.fields = fields;
        for field in &mut self.fields {
            let is_it = |before: &&Field| before.key == field.key && !before.key.is_empty();
            let before = typed.iter().find(is_it).or(self.left.iter().find(is_it));
            if let Some(before) = before {
                field.fill(before);
            }
        }
    }

    /// Whether anything was changed since it was opened.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.fields != self.first
    }

    /// Lets the form write what would come of it.
    pub fn refresh(&mut self, state: &State) {
        forms::changed(state, self);
        if self
            .fields
            .get(self.at)
            .is_none_or(|field| !field.is_open())
        {
            self.step(1);
        }
    }

    /// Goes to the next field that can be filled in, or the one before.
    fn step(&mut self, by: isize) {
        let count = self.fields.len();
        if let Some(field) = self.fields.get_mut(self.at) {
            field.error = field.wrong().filter(|_| !field.value().is_empty());
        }
        let mut at = self.at;
        for _ in 0..count {
            at = (at + count).saturating_add_signed(by) % count;
            if self.fields.get(at).is_some_and(Field::is_open) {
                self.at = at;
                return;
            }
        }
    }

    /// The same by a key: what is shown beside the fields follows.
    fn go(&mut self, state: &State, by: isize) {
        self.step(by);
        self.refresh(state);
    }

    fn changed(&mut self, state: &State) {
        if let Some(field) = self.fields.get_mut(self.at) {
            field.error = None;
        }
        self.error = None;
        self.refresh(state);
    }

    /// A key that is no command.
    pub(super) fn press(&mut self, state: &State, key: Key) {
        if self.waiting.is_none()
            && let Some(field) = self.fields.get_mut(self.at)
            && field.press(key)
        {
            self.changed(state);
        }
    }

    /// Pasted text.
    pub(super) fn paste(&mut self, state: &State, text: &str) {
        if self.waiting.is_none()
            && let Some(field) = self.fields.get_mut(self.at)
            && field.paste(text)
        {
            self.changed(state);
        }
    }

    /// A click on a field.
    pub(super) fn point(&mut self, state: &State, index: usize) {
        if self.waiting.is_some() || !self.fields.get(index).is_some_and(Field::is_open) {
            return;
        }
        self.at = index;
        if self.fields[index].click() {
            self.changed(state);
        }
    }

    pub(super) fn act(
        mut self: Box<Self>,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Box<Self>> {
        match action {
            Action::Cancel => {
                state.shelve(*self);
                return None;
            }
            Action::StopWork => {
                if let Some(job) = self.waiting {
                    state.stop_job(job, effects);
                    self.progress = Some("It stops at the next step…".to_owned());
                }
            }
            _ if self.waiting.is_some() => {}
            Action::NextField => self.go(state, 1),
            Action::PreviousField => self.go(state, -1),
            Action::NextOffer if self.fields.get_mut(self.at).is_some_and(Field::next_offer) => {
                self.changed(state);
            }
            Action::SaveTemplate => {
                let name = forms::template_name(&self);
                state.layers.push(super::Layer::Form(self));
                if let Some(name) = name {
                    let field = super::TextField::new(
                        super::TextUse::SaveTemplate,
                        crate::app::Line::new(&name),
                    );
                    state.layers.push(super::Layer::Text(field));
                }
                return None;
            }
            Action::ReadPreview if !self.preview.is_empty() => {
                let reader = Reader::toned(&self.title, &self.preview);
                state.layers.push(super::Layer::Form(self));
                state.layers.push(super::Layer::Reader(reader));
                return None;
            }
            Action::EditPreview => match forms::lend(self, state) {
                Ok(()) => return None,
                Err(form) => {
                    state.say(Level::Note, "There is no XML to edit here.".to_owned());
                    return Some(form);
                }
            },
            Action::BeginAnew => {
                self.fields = self.first.clone();
                forms::begin_anew(&mut self);
                self.error = None;
                self.refresh(state);
            }
            Action::Accept => match self.submit(state, effects) {
                Submitted::Done => return None,
                Submitted::Begun => {
                    state.shelve(*self);
                    return None;
                }
                Submitted::Waiting(job) => self.waiting = Some(job),
                Submitted::Refused(wrong) => self.refuse(wrong),
            },
            _ => {}
        }
        Some(self)
    }

    fn submit(&mut self, state: &mut State, effects: &mut Vec<Effect>) -> Submitted {
        self.error = None;
        if let Some(why) = &self.hold {
            return Submitted::Refused(vec![Wrong::whole(why.as_str())]);
        }
        let mut wrong = Vec::new();
        for field in &mut self.fields {
            field.error = None;
            if field.is_open()
                && let Some(why) = field.wrong()
            {
                wrong.push(Wrong::at(&field.key, why));
            }
        }
        if !wrong.is_empty() {
            return Submitted::Refused(wrong);
        }
        forms::submit(state, self, effects)
    }

    /// Writes down what is wrong and goes to the first field that is.
    pub fn refuse(&mut self, wrong: Vec<Wrong>) {
        let mut whole = Vec::new();
        let mut first = None;
        for one in wrong {
            let at = one
                .key
                .as_ref()
                .and_then(|key| self.fields.iter().position(|field| field.key == *key));
            match at {
                Some(at) => {
                    self.fields[at].error = Some(one.why);
                    first = Some(first.map_or(at, |first: usize| first.min(at)));
                }
                None => whole.push(one.why),
            }
        }
        if let Some(at) = first {
            self.at = at;
        }
        self.error = (!whole.is_empty()).then(|| whole.join(" "));
    }
}

impl State {
    /// Keeps a form as it was left, unless nothing was changed in it.
    fn shelve(&mut self, mut form: Form) {
        self.shelf.retain(|kept| kept.use_ != form.use_);
        if !form.is_kept {
            return;
        }
        // Secrets are not kept.
        form.fields
            .retain(|field| field.line().is_none_or(|line| !line.is_masked()));
        if form.is_changed() {
            form.waiting = None;
            self.shelf.push(form);
        }
        let over = self.shelf.len().saturating_sub(KEPT);
        self.shelf.drain(..over);
    }

    /// The open form that is for this, to write into it what a worker found out. `refresh_form` lets it act on that.
    pub fn form_mut(&mut self, is: impl Fn(&FormUse) -> bool) -> Option<&mut Form> {
        self.layers.iter_mut().find_map(|layer| match layer {
            super::Layer::Form(form) if is(&form.use_) => Some(form.as_mut()),
            _ => None,
        })
    }

    /// Lets an open form write anew what would come of it.
    pub(in crate::app) fn refresh_form(&mut self, is: impl Fn(&FormUse) -> bool) {
        let found = self
            .layers
            .iter()
            .position(|layer| matches!(layer, super::Layer::Form(form) if is(&form.use_)));
        let Some(at) = found else { return };
        // Taken off, so that it may look at the state.
        let mut layer = self.layers.remove(at);
        if let super::Layer::Form(form) = &mut layer {
            form.refresh(self);
        }
        self.layers.insert(at, layer);
    }

    /// What the request that a form waits for does now.
    pub(in crate::app) fn form_step(&mut self, job: JobId, text: &str) {
        if let Some(form) = self.form_of(job) {
            form.progress = Some(text::visible(text).into_owned());
        }
    }

    fn form_of(&mut self, job: JobId) -> Option<&mut Form> {
        self.layers.iter_mut().find_map(|layer| match layer {
            super::Layer::Form(form) if form.waiting == Some(job) => Some(form.as_mut()),
            _ => None,
        })
    }

    /// The request that a form waits for was answered: it closes, or says why not.
    pub(in crate::app) fn form_answered(&mut self, job: JobId, failure: Option<&Failure>) {
        self.layers.retain_mut(|layer| {
            let super::Layer::Form(form) = layer else {
                return true;
            };
            if form.waiting != Some(job) {
                return true;
            }
            form.waiting = None;
            form.progress = None;
            let Some(failure) = failure else {
                return false;
            };
            let advice = failure.remedy.as_ref().map(|remedy| remedy.advice.as_str());
            let text = text::visible(&failure.to_string()).into_owned();
            form.error =
                Some(advice.map_or_else(|| text.clone(), |advice| format!("{text} {advice}")));
            true
        });
    }
}
