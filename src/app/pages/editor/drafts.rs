//! Texts that are not saved yet: kept on disk while one types, and offered when the program ended without asking.

use std::time::SystemTime;

use super::dialog::{Dialog, DialogKind};
use super::{EditorId, EditorPage};
use crate::app::{Effect, Level, State, Tone};
use crate::protocol::{DocumentRef, Private};
use crate::text;

/// A text that is not saved yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The URI of its host.
    pub uri: String,
    /// Its document.
    pub what: DocumentRef,
    /// The name of its object; untrusted.
    pub name: String,
    /// What it was made of.
    pub base: Private,
    /// The text.
    pub text: Private,
    /// When it was kept.
    pub time: SystemTime,
    /// The file that keeps it, of one that was found; `None` for a text of this program.
    pub file: Option<String>,
}

impl State {
    /// Drafts of before were found.
    pub(in crate::app) fn found_drafts(&mut self, drafts: Vec<Draft>) {
        if drafts.is_empty() {
            return;
        }
        let names: Vec<String> = drafts
            .iter()
            .map(|draft| format!("{} '{}'", draft.what.word(), text::visible(&draft.name)))
            .collect();
        let plural = if drafts.len() == 1 {
            "text was"
        } else {
            "texts were"
        };
        self.messages.say(
            Level::Failed,
            format!(
                "{} edited {plural} not saved: {}",
                drafts.len(),
                names.join(", ")
            ),
            Some("Edit XML (e) on it offers what was typed.".to_owned()),
            self.now,
        );
        self.drafts = drafts;
    }

    fn draft_of(&self, uri: &str, what: &DocumentRef) -> Option<&Draft> {
        let fits = |draft: &&Draft| draft.uri == uri && draft.what == *what;
        self.drafts.iter().rev().find(fits)
    }
}

impl EditorPage {
    /// Keeps what was typed, and forgets what is saved or thrown away.
    pub(super) fn keep_draft(&mut self, state: &State, effects: &mut Vec<Effect>) {
        let Some(editor) = &self.editor else { return };
        let Some(connection) = state.connection(self.connection) else {
            return;
        };
        if self
            .dialog
            .as_ref()
            .is_some_and(|dialog| dialog.kind == DialogKind::Draft)
        {
            return;
        }
        let changed = self.is_changed();
        let now = (editor.buffer().revision(), changed);
        if self.kept == Some(now) {
            return;
        }
        let was = self.kept.is_some_and(|(_, changed)| changed);
        self.kept = Some(now);
        let id: EditorId = (self.connection, self.what.clone());
        if changed {
            effects.push(Effect::KeepDraft(
                id,
                Box::new(Draft {
                    uri: connection.uri().to_owned(),
                    what: self.what.clone(),
                    name: self.name.clone(),
                    base: self.base.clone(),
                    text: Private::new(editor.buffer().written()),
                    time: state.now.wall,
                    file: None,
                }),
            ));
        } else if was {
            effects.push(Effect::ForgetDraft(id, connection.uri().to_owned()));
        }
    }

    /// Asks what becomes of a draft of this document, once it is read.
    pub(super) fn offer_draft(&mut self, state: &State) {
        if self.draft_offered || self.editor.is_none() {
            return;
        }
        let Some(connection) = state.connection(self.connection) else {
            return;
        };
        self.draft_offered = true;
        let Some(draft) = state.draft_of(connection.uri(), &self.what) else {
            return;
        };
        let age = state
            .now
            .wall
            .duration_since(draft.time)
            .unwrap_or_default();
        let differs = draft.base != self.base;
        let mut dialog = Dialog::new(
            DialogKind::Draft,
            format!(
                "A text of {} '{}' was not saved",
                self.what.word(),
                self.name
            ),
            &[('r', "take it up again"), ('x', "throw it away")],
        )
        .line(
            format!("It was typed {} ago.", text::duration_short(age)),
            Tone::Normal,
        );
        if differs {
            let words = "The host's has changed since; saving shows both and merges.";
            dialog = dialog.line(words, Tone::Warn);
        }
        self.dialog = Some(dialog);
    }

    /// Does what was answered to that.
    pub(super) fn take_draft(
        &mut self,
        state: &mut State,
        answer: char,
        effects: &mut Vec<Effect>,
    ) {
        let Some(uri) = state
            .connection(self.connection)
            .map(|one| one.uri().to_owned())
        else {
            return;
        };
        let Some(draft) = state.draft_of(&uri, &self.what).cloned() else {
            return;
        };
        if answer == 'r'
            && let Some(editor) = &mut self.editor
        {
            editor.set_text(draft.text.text());
            let now = self.host.as_ref().map(|host| host.text.clone());
            self.base = draft.base.clone();
            self.changed = now.is_some_and(|now| !super::is_same(self.base.text(), now.text()));
            self.kept = None;
        }
        state.drafts.retain(|other| other != &draft);
        if answer == 'r' {
            self.keep_draft(state, effects);
        }
        match draft.file {
            Some(file) => effects.push(Effect::DropDraft(file)),
            None if answer != 'r' => self.forget_draft(state, effects),
            None => {}
        }
    }

    /// The page is closed and its draft kept: it is offered when the document is opened again.
    pub(super) fn remember_draft(&self, state: &mut State) {
        let (Some(editor), Some(connection)) = (&self.editor, state.connection(self.connection))
        else {
            return;
        };
        let draft = Draft {
            uri: connection.uri().to_owned(),
            what: self.what.clone(),
            name: self.name.clone(),
            base: self.base.clone(),
            text: Private::new(editor.buffer().written()),
            time: state.now.wall,
            file: None,
        };
        state.drafts.push(draft);
        state.say(
            Level::Note,
            format!("The draft of '{}' is kept.", self.name),
        );
    }

    /// What is to be kept no more when the page is closed.
    pub(super) fn forget_draft(&self, state: &State, effects: &mut Vec<Effect>) {
        if let Some(connection) = state.connection(self.connection) {
            let id = (self.connection, self.what.clone());
            effects.push(Effect::ForgetDraft(id, connection.uri().to_owned()));
        }
    }
}
