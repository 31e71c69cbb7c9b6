//! The editor of a document: its text, what is found in it, what another changed meanwhile, and the way to the host.

mod acting;
mod dialog;
mod drafts;
mod examining;
mod keys;
mod lending;
mod meeting;
mod opening;
mod past;
mod popup;
mod review;
mod templates;

pub(super) use acting::Done;
pub(in crate::app) use acting::found_by;
pub use dialog::{Dialog, DialogKind};
pub use drafts::Draft;
pub use examining::{EditorId, Examination, Examine, Examined, Question};
pub(in crate::app) use keys::{paste, press, wheel};
pub(in crate::app) use opening::{open, open_at, open_document, open_named, open_of, selected};
pub(in crate::app) use past::definition_of;
pub use past::{DefinitionReads, Past, PastDefinition, SeenDefinition};
pub use popup::Popup;
pub use review::{EffectChoice, Review, ReviewRow, ReviewView, Side as ReviewSide};

use std::time::{Duration, Instant};

use crate::action::{Action, Context};
use crate::app::{Effect, Form, Level, Page, Purpose, State, Target};
use crate::editor::{Editor, Pattern, Vi, ViMode};
use crate::hardware::Spot;
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{Document, DocumentRef, JobId, Private, Verb};
use crate::schema::{Checked, Finding, Severity};
use crate::xml::{TextDiff, Tree, changes};

const EDITING: &[Context] = &[Context::Editor, Context::Always];
const REVIEWING: &[Context] = &[
    Context::Review,
    Context::List,
    Context::Wide,
    Context::Always,
];

/// How old what the host has may get while one edits: many changes send no event.
const COMPARE: Duration = Duration::from_secs(5);

/// Which text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EditorView {
    /// The definition of the next start, which is edited.
    #[default]
    NextBoot,
    /// What the running domain is.
    Now,
    /// What differs between the two.
    Waiting,
}

impl EditorView {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::NextBoot, Self::Now, Self::Waiting];

    /// Its word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NextBoot => "Next boot",
            Self::Now => "Now",
            Self::Waiting => "Waiting for restart",
        }
    }
}

/// The page.
#[derive(Debug, Clone, PartialEq)]
pub struct EditorPage {
    /// The host.
    pub connection: ConnectionId,
    /// The document.
    pub what: DocumentRef,
    /// Name of its object; untrusted.
    pub name: String,
    /// The text; `None` until it is read.
    editor: Option<Editor>,
    /// What is shown instead of it.
    view: EditorView,
    shown: Option<Editor>,
    /// What the host had when the text was last made to fit it.
    base: Private,
    /// What the last save replaced.
    replaced: Option<Private>,
    /// What the host has now, as far as is known.
    host: Option<Document>,
    /// The object is gone from the host.
    gone: bool,
    /// Another changed it since: its document is in `host`.
    changed: bool,
    /// Why nothing may be changed.
    locked: Option<String>,
    failure: Option<String>,
    asked: Option<JobId>,
    compared_at: Option<Instant>,
    /// What was found in the text, and in which revision of it.
    checked: Option<(u64, Checked)>,
    /// What libvirt said against it.
    rejected: Option<Finding>,
    /// The list of what was found is shown.
    panel: bool,
    revealed: bool,
    pattern: Option<Pattern>,
    review: Option<Review>,
    applying: Option<JobId>,
    /// What is on its way: the text, or what was chosen of it.
    sent: Option<Private>,
    dialog: Option<Dialog>,
    /// What is to be said to the person.
    note: Option<(Level, String)>,
    /// What of the host the checks and the completion know.
    around: examining::Surroundings,
    /// What is open beside the cursor.
    popup: Option<Popup>,
    /// What may be typed is to be asked for again, the text being another.
    renew: bool,
    /// A person asked for it, who wants to hear when there is nothing.
    inquired: bool,
    copying: Option<String>,
    /// The revision that was kept as a draft, and whether it was changed.
    kept: Option<(u64, bool)>,
    draft_offered: bool,
    /// The definition was handed to those that are kept.
    seen: bool,
    /// What a new document begins with.
    template: Option<&'static str>,
    dry_run: Option<JobId>,
    /// vi's keys, where the settings want them.
    vi: Option<Vi>,
    height: usize,
    /// The form that the text belongs to, and goes back to.
    form: Option<Box<Form>>,
    /// What the cursor is to be put on when there is a text, and its name.
    aim: Option<(Spot, String)>,
}

impl EditorPage {
    /// The page of a document, before it is read.
    #[must_use]
    pub fn new(connection: ConnectionId, what: DocumentRef, name: String) -> Self {
        // A new one begins with a template, which nobody has to be asked for.
        let template = match &what {
            DocumentRef::New(kind) => Some(templates::template(*kind)),
            _ => None,
        };
        let editor = template.and_then(|text| Editor::new(text).ok());
        Self {
            connection,
            what,
            name,
            editor,
            view: EditorView::NextBoot,
            shown: None,
            base: Private::default(),
            replaced: None,
            host: None,
            gone: false,
            changed: false,
            locked: None,
            failure: None,
            asked: None,
            compared_at: None,
            checked: None,
            rejected: None,
            panel: false,
            revealed: false,
            pattern: None,
            review: None,
            applying: None,
            sent: None,
            dialog: None,
            note: None,
            around: examining::Surroundings::default(),
            popup: None,
            renew: false,
            inquired: false,
            copying: None,
            kept: None,
            draft_offered: false,
            seen: false,
            template,
            dry_run: None,
            vi: None,
            height: 1,
            form: None,
            aim: None,
        }
    }

    /// The text that is shown; `None` while nothing is read.
    #[must_use]
    pub fn shown(&self) -> Option<&Editor> {
        match self.view {
            EditorView::NextBoot => self.editor.as_ref(),
            _ => self.shown.as_ref(),
        }
    }

    fn shown_mut(&mut self) -> Option<&mut Editor> {
        match self.view {
            EditorView::NextBoot => self.editor.as_mut(),
            _ => self.shown.as_mut(),
        }
    }

    /// Which text is shown.
    #[must_use]
    pub fn view(&self) -> EditorView {
        self.view
    }

    /// Whether there is more than the definition to be shown.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.host.as_ref().is_some_and(|host| host.live.is_some())
    }

    /// Why the text cannot be read.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Why nothing may be changed.
    #[must_use]
    pub fn locked(&self) -> Option<&str> {
        self.locked.as_deref()
    }

    /// Whether passwords are shown.
    #[must_use]
    pub fn is_revealed(&self) -> bool {
        self.revealed
    }

    /// Whether the text differs from what it was made of.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        let from = match (self.base.text(), self.template) {
            ("", Some(template)) => template,
            (base, _) => base,
        };
        self.editor
            .as_ref()
            .is_some_and(|editor| editor.buffer().written() != from)
    }

    /// Whether the object was changed on its host meanwhile, or is gone.
    #[must_use]
    pub fn news_of_host(&self) -> Option<&'static str> {
        match (self.gone, self.changed) {
            (true, _) => Some("undefined"),
            (false, true) => Some("changed"),
            _ => None,
        }
    }

    /// What is searched for.
    #[must_use]
    pub fn pattern(&self) -> Option<&Pattern> {
        self.pattern.as_ref()
    }

    /// The review of what changes, while it is shown.
    #[must_use]
    pub fn review(&self) -> Option<&Review> {
        self.review.as_ref()
    }

    /// Whether the document is on its way to the host.
    #[must_use]
    pub fn is_applying(&self) -> bool {
        self.applying.is_some()
    }

    /// The dialog above the text.
    #[must_use]
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    /// What is open beside the cursor.
    #[must_use]
    pub fn popup(&self) -> Option<&Popup> {
        self.popup.as_ref()
    }

    /// What vi's keys do now, and those of a command that is being typed; `None` with the keys of a common editor.
    #[must_use]
    pub fn vi(&self) -> Option<(ViMode, String)> {
        self.vi.as_ref().map(|vi| (vi.mode(), vi.pending()))
    }

    /// Whether the list of what was found is shown.
    #[must_use]
    pub fn has_panel(&self) -> bool {
        self.panel
    }

    /// What was found in the text, in its order; what libvirt said first.
    #[must_use]
    pub fn findings(&self) -> Vec<&Finding> {
        let checked = self
            .checked
            .iter()
            .flat_map(|(_, checked)| &checked.findings);
        self.rejected.iter().chain(checked).collect()
    }

    /// How many errors and warnings were found; `None` before the text was checked.
    #[must_use]
    pub fn counts(&self) -> Option<(usize, usize)> {
        self.checked.as_ref()?;
        let found = self.findings();
        let errors = found
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count();
        Some((errors, found.len() - errors))
    }

    /// Why the text is not validated.
    #[must_use]
    pub fn unchecked(&self) -> Option<&str> {
        self.checked.as_ref()?.1.unchecked.as_deref()
    }

    /// The domain, where it is one's definition.
    #[must_use]
    pub fn domain(&self) -> Option<DomainId> {
        Some(DomainId {
            connection: self.connection,
            uuid: self.what.domain()?,
        })
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        match self.review {
            Some(_) => REVIEWING,
            None => EDITING,
        }
    }

    fn target(&self) -> DomainId {
        DomainId {
            connection: self.connection,
            uuid: self.what.uuid().unwrap_or(Uuid([0; 16])),
        }
    }

    /// Whether it is the page of a document, which may be named by what it was opened by.
    fn is_of(&self, what: &DocumentRef) -> bool {
        let same_name = match what {
            DocumentRef::Named(_, name) => *name == self.name,
            _ => false,
        };
        self.what == *what
            || (same_name && self.what.uuid().is_some() && self.what.word() == what.word())
    }

    /// Whether it makes something that is not there yet.
    #[must_use]
    pub fn base_is_empty(&self) -> bool {
        self.base.text().is_empty()
    }

    /// A place of the text was clicked.
    pub(in crate::app) fn click(&mut self, target: Target) {
        if let Target::Text(at) = target
            && self.dialog.is_none()
            && let Some(editor) = self.shown_mut()
        {
            editor.move_to_byte(at, false);
        }
    }

    /// When the host is to be looked at again.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Instant> {
        let waits = self.asked.is_none() && self.applying.is_none() && self.host.is_some();
        self.compared_at.filter(|_| waits).map(|at| at + COMPARE)
    }

    /// Asks for the document when it was never read or was read long ago.
    pub(in crate::app) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let wants_vi = state
            .settings
            .as_ref()
            .is_some_and(|settings| settings.editor.vi);
        if wants_vi != self.vi.is_some() {
            self.vi = wants_vi.then(Vi::default);
        }
        if std::mem::take(&mut self.renew) {
            self.inquire(false, effects);
        }
        if let Some((level, text)) = self.note.take() {
            state.say(level, text);
        }
        if let Some(text) = self.copying.take() {
            state.copying = Some(text);
        }
        if !self.seen && self.what.uuid().is_some() && self.host.is_some() {
            self.seen = true;
            state.definition_changed((self.connection, self.what.clone()), effects);
        }
        self.offer_draft(state);
        self.keep_draft(state, effects);
        self.examine(state, effects);
        let live = state
            .connection(self.connection)
            .is_some_and(super::super::Connection::is_live);
        if !live {
            self.asked = None;
            self.compared_at = None;
            return;
        }
        let is_new = matches!(self.what, DocumentRef::New(_));
        let due = self
            .compared_at
            .is_none_or(|at| state.now.instant.saturating_duration_since(at) >= COMPARE);
        if due && !is_new && self.asked.is_none() && self.applying.is_none() {
            self.compared_at = Some(state.now.instant);
            let verb = Verb::OpenDocument(self.what.clone());
            self.asked = Some(state.ask(self.target(), Purpose::Read, verb, effects));
        }
    }

    /// The host told that the object was changed: it is compared now, not in a while.
    pub(in crate::app) fn heard(&mut self, uuid: Uuid) {
        if self.what.uuid() == Some(uuid) {
            self.compared_at = None;
        }
    }

    /// Before it is drawn: the cursor is on the screen.
    pub(in crate::app) fn settle(&mut self, lines: usize) {
        self.height = lines.saturating_sub(self.lines_beside()).max(1);
        let height = self.height;
        if let Some(editor) = self.shown_mut() {
            editor.settle(height);
        }
        if let Some(review) = &mut self.review {
            review.settle(lines);
        }
    }

    /// Lines of the page that are not text: the way to the cursor, a banner, the list of findings.
    #[must_use]
    pub fn lines_beside(&self) -> usize {
        let banner = usize::from(self.banner().is_some());
        1 + banner + self.panel_lines()
    }

    /// Lines of the list of findings with its heading.
    #[must_use]
    pub fn panel_lines(&self) -> usize {
        if !self.panel {
            return 0;
        }
        1 + self.findings().len().clamp(1, 6)
    }

    /// What stands above the text because it matters more.
    #[must_use]
    pub fn banner(&self) -> Option<String> {
        if let Some(why) = &self.locked {
            return Some(format!("Read only: {why}"));
        }
        if self.form.is_some() {
            return Some(
                "Of the form: saving takes it back there, nothing is made yet.".to_owned(),
            );
        }
        match self.news_of_host() {
            Some("undefined") => Some(format!(
                "{} '{}' was undefined on the host: saving would make it anew",
                self.what.word(),
                self.name
            )),
            Some(_) => Some(format!(
                "{} '{}' was changed on the host meanwhile: saving shows both and merges",
                self.what.word(),
                self.name
            )),
            None => None,
        }
    }

    /// Lines of the text that are not as the host has them.
    #[must_use]
    pub fn changed_lines(&self) -> Vec<usize> {
        let Some(editor) = &self.editor else {
            return Vec::new();
        };
        if !self.is_changed() {
            return Vec::new();
        }
        let diff = TextDiff::between(self.base.text(), &editor.buffer().written());
        let mut lines = Vec::new();
        let mut moved = 0_isize;
        for hunk in diff.hunks {
            let at = hunk.old.start.saturating_add_signed(moved);
            let count = hunk.new.len();
            lines.extend(at..at + count.max(1));
            moved += count as isize - hunk.old.len() as isize;
        }
        lines
    }
}

/// Whether two texts say the same as XML; texts that are none are compared as they are.
fn is_same(one: &str, other: &str) -> bool {
    match (Tree::parse(one), Tree::parse(other)) {
        (Ok(one), Ok(other)) => changes(&one, &other).is_empty(),
        _ => one == other,
    }
}

impl State {
    /// The editor, when it is the present page.
    #[must_use]
    pub fn editor_page(&self) -> Option<&EditorPage> {
        match self.pages.last() {
            Some(Page::Editor(page)) => Some(page),
            _ => None,
        }
    }

    pub(in crate::app) fn editor_page_mut(&mut self) -> Option<&mut EditorPage> {
        match self.pages.last_mut() {
            Some(Page::Editor(page)) => Some(page),
            _ => None,
        }
    }
}

/// Whether an action is one of the editor's while its text is read only.
fn changes_text(action: Action) -> bool {
    matches!(
        action,
        Action::CutText
            | Action::PasteText
            | Action::ReplaceText
            | Action::ToggleComment
            | Action::MoveBlockUp
            | Action::MoveBlockDown
            | Action::Undo
            | Action::Redo
    )
}
