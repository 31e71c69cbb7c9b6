//! Former definitions: kept as they are seen, looked at, compared and taken up again. Without passwords.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use super::{EditorId, EditorPage};
use crate::app::{Effect, Level, Purpose, State};
use crate::keymap::{Code, Key};
use crate::model::{DomainId, StoredKind};
use crate::protocol::{Answer, DocumentRef, Failure, JobId, Private, Verb, XmlKind};
use crate::xml::{Tree, apply_edits, merge, set_attribute, unified};

/// How long after an own change what is told of the domain is taken for that.
const OWN: Duration = Duration::from_secs(10);

/// A definition as it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenDefinition {
    /// The URI of its host.
    pub uri: String,
    /// The object.
    pub what: DocumentRef,
    /// The definition, without passwords.
    pub text: Private,
    /// Whether it was changed by this program.
    pub by_us: bool,
    /// When.
    pub time: SystemTime,
}

/// A definition of before.
#[derive(Debug, Clone, PartialEq)]
pub struct PastDefinition {
    /// When it was seen first.
    pub time: SystemTime,
    /// Whether this program made it.
    pub by_us: bool,
    /// The definition, without passwords.
    pub text: Private,
}

/// The definition of a domain, as it is kept.
pub(in crate::app) fn definition_of(id: DomainId) -> EditorId {
    let what = DocumentRef::Stored(StoredKind::Domain, id.uuid);
    (id.connection, what)
}

/// What is being read to be kept.
#[derive(Debug, Clone, Default)]
pub struct DefinitionReads {
    waiting: VecDeque<EditorId>,
    reading: Option<(JobId, EditorId)>,
    own: Vec<(EditorId, Instant)>,
}

impl DefinitionReads {
    /// Whether this program has changed a definition just now.
    fn is_own(&self, id: &EditorId, now: Instant) -> bool {
        let recent = |at: &Instant| now.saturating_duration_since(*at) < OWN;
        self.own.iter().any(|(of, at)| of == id && recent(at))
    }
}

impl State {
    /// A definition is another: it is read to be kept, one at a time.
    pub(in crate::app) fn definition_changed(&mut self, id: EditorId, effects: &mut Vec<Effect>) {
        let kept = self
            .settings
            .as_ref()
            .is_some_and(|settings| settings.editor.history > 0);
        if kept && !self.definitions.waiting.contains(&id) {
            self.definitions.waiting.push_back(id);
            self.read_next_definition(effects);
        }
    }

    fn read_next_definition(&mut self, effects: &mut Vec<Effect>) {
        if self.definitions.reading.is_some() {
            return;
        }
        let Some(id) = self.definitions.waiting.pop_front() else {
            return;
        };
        let (connection, what) = &id;
        let Some(uuid) = what.uuid() else {
            return self.read_next_definition(effects);
        };
        let verb = match what.domain() {
            // Without passwords. Other kinds have none.
            Some(uuid) => Verb::ReadXml(uuid, XmlKind::Inactive),
            None => Verb::OpenDocument(what.clone()),
        };
        let target = DomainId {
            connection: *connection,
            uuid,
        };
        let job = self.ask(target, Purpose::Read, verb, effects);
        self.definitions.reading = Some((job, id));
    }

    /// This program changes a definition.
    pub(in crate::app) fn changes_definition(&mut self, id: EditorId) {
        let now = self.now.instant;
        self.definitions
            .own
            .retain(|(_, at)| now.saturating_duration_since(*at) < OWN);
        self.definitions.own.push((id, now));
    }

    /// A request was done: where it has changed a definition, that is kept. libvirt tells no event of most.
    pub(in crate::app) fn redefined(&mut self, target: DomainId, effects: &mut Vec<Effect>) {
        let id = definition_of(target);
        if self.definitions.is_own(&id, self.now.instant) {
            self.definition_changed(id, effects);
        }
    }

    /// Takes the answer to such a request.
    pub(in crate::app) fn definition_read(
        &mut self,
        job: JobId,
        result: &Result<Answer, Failure>,
        effects: &mut Vec<Effect>,
    ) {
        let reading = &mut self.definitions.reading;
        let Some((_, id)) = reading.take_if(|(reading, _)| *reading == job) else {
            return;
        };
        let text = match result {
            Ok(Answer::Xml { text, .. }) => Some(Private::new(text.clone())),
            Ok(Answer::Document(Some(document))) => Some(document.text.clone()),
            _ => None,
        };
        if let (Some(text), Some(connection)) = (text, self.connection(id.0)) {
            effects.push(Effect::KeepDefinition(Box::new(SeenDefinition {
                uri: connection.uri().to_owned(),
                text,
                by_us: self.definitions.is_own(&id, self.now.instant),
                time: self.now.wall,
                what: id.1,
            })));
        }
        self.read_next_definition(effects);
    }

    /// A connection is gone: nobody answers any more.
    pub(in crate::app) fn forget_definition_reads(&mut self) {
        self.definitions.reading = None;
        self.definitions.waiting.clear();
    }
}

/// The list of former definitions.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Newest first.
    pub all: Vec<PastDefinition>,
    /// The chosen one.
    pub at: usize,
    /// The one it is compared with; else the one before it.
    pub marked: Option<usize>,
    /// First line of the comparison on the screen.
    pub top: usize,
    /// What makes the chosen one of the other.
    pub diff: Vec<String>,
}

impl Past {
    /// Of all that is kept, newest first.
    #[must_use]
    pub fn new(all: Vec<PastDefinition>) -> Self {
        let mut past = Self {
            all,
            at: 0,
            marked: None,
            top: 0,
            diff: Vec::new(),
        };
        past.compare();
        past
    }

    fn compare(&mut self) {
        self.top = 0;
        let text = |at: usize| self.all.get(at).map_or("", |one| one.text.text());
        let (old, new) = match self.marked.filter(|marked| *marked != self.at) {
            // The older one first, whichever was marked.
            Some(marked) => (marked.max(self.at), marked.min(self.at)),
            None => (self.at + 1, self.at),
        };
        self.diff = if old >= self.all.len() {
            vec!["The oldest one that is kept.".to_owned()]
        } else {
            unified(text(old), text(new), ("before", "after"), 2)
                .lines()
                .skip(2)
                .map(str::to_owned)
                .collect()
        };
    }
}

impl EditorPage {
    /// Asks for the former definitions.
    pub(super) fn ask_past(&mut self, state: &State, effects: &mut Vec<Effect>) {
        let Some(connection) = state.connection(self.connection) else {
            return;
        };
        let id = (self.connection, self.what.clone());
        effects.push(Effect::ReadDefinitions(id, connection.uri().to_owned()));
    }

    /// Puts what the last save replaced into the text, with its passwords, as one step. Nothing is defined by it.
    pub(super) fn undo_save(&mut self) {
        let Some(before) = self.replaced.clone() else {
            let words = "Nothing was saved here yet.";
            self.note = Some((Level::Note, words.to_owned()));
            return;
        };
        let editor = self.editor.as_mut();
        let note = if editor.is_some_and(|editor| editor.set_text(before.text())) {
            "What the last save replaced is in the text now; saving shows what that changes."
        } else {
            "Nothing can be changed here."
        };
        self.note = Some((Level::Note, note.to_owned()));
    }

    /// Shows them.
    pub(in crate::app) fn show_past(&mut self, all: Vec<PastDefinition>) {
        if all.is_empty() {
            let words = "No former definition is kept yet.";
            self.note = Some((Level::Note, words.to_owned()));
            return;
        }
        self.popup = Some(super::Popup::Past(Box::new(Past::new(all))));
    }

    /// Takes a key for the list.
    pub(super) fn press_past(&mut self, mut past: Box<Past>, key: Key) {
        let last = past.all.len().saturating_sub(1);
        match key.code {
            Code::Down => past.at = (past.at + 1).min(last),
            Code::Up => past.at = past.at.saturating_sub(1),
            Code::PageDown => {
                past.top = (past.top + 8).min(past.diff.len().saturating_sub(1));
                self.popup = Some(super::Popup::Past(past));
                return;
            }
            Code::PageUp => {
                past.top = past.top.saturating_sub(8);
                self.popup = Some(super::Popup::Past(past));
                return;
            }
            Code::Char(' ') => {
                past.marked = if past.marked == Some(past.at) {
                    None
                } else {
                    Some(past.at)
                };
            }
            Code::Enter => {
                if let Some(one) = past.all.get(past.at) {
                    self.restore(one.text.text());
                }
                return;
            }
            Code::Esc => return,
            _ => {}
        }
        past.compare();
        self.popup = Some(super::Popup::Past(past));
    }

    /// Puts a former definition into the text, as one step. The passwords of the text stay: none are kept elsewhere.
    fn restore(&mut self, former: &str) {
        let Some(editor) = &mut self.editor else {
            return;
        };
        let mine = editor.buffer().written();
        let text = match plain(&mine) {
            Some(base) => merge(&base, former, &mine).text,
            None => former.to_owned(),
        };
        self.note = Some(if editor.set_text(&text) {
            (
                Level::Note,
                "It is in the text now; saving shows what that changes.".to_owned(),
            )
        } else {
            (Level::Note, "Nothing can be changed here.".to_owned())
        });
    }
}

/// A document without the passwords of its displays; `None` when it is not well-formed.
fn plain(text: &str) -> Option<String> {
    let tree = Tree::parse(text).ok()?;
    let edits: Vec<_> = tree
        .root()
        .descendants()
        .filter(|node| node.has_tag_name("graphics"))
        .flat_map(|node| {
            ["passwd", "passwdValidTo"]
                .into_iter()
                .filter(move |name| node.attribute(*name).is_some())
                .map(move |name| (node, name))
        })
        .map(|(node, name)| set_attribute(text, node, name, None))
        .collect();
    Some(apply_edits(text, &edits))
}
