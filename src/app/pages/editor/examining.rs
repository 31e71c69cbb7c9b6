//! What the schemas say of the text: asked of a thread, since a schema takes its time to read, and answered for a revision.

use std::sync::Arc;

use super::EditorPage;
use super::popup::Popup;
use crate::app::{Effect, Purpose, State};
use crate::checks::{self, Wanted};
use crate::model::ConnectionId;
use crate::protocol::{DocumentRef, Private, Verb};
use crate::schema::{Checked, Facts, Help, Offers};
use crate::xml::Tree;

/// What an editor is told by: its host and its document.
pub type EditorId = (ConnectionId, DocumentRef);

/// What is asked of the schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether the text is valid, in a moment: another key may follow.
    Check,
    /// What may be typed at a byte.
    Complete(usize),
    /// What the element is that a byte is in.
    Help(usize),
}

/// A text to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Examine {
    /// Whose.
    pub editor: EditorId,
    /// Its revision.
    pub revision: u64,
    /// The text.
    pub text: Private,
    /// What is asked.
    pub question: Question,
    /// The host, for what a schema cannot say.
    pub host: Option<Arc<checks::Host>>,
    /// What the host has, for completion.
    pub facts: Arc<Facts>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    /// Whose.
    pub editor: EditorId,
    /// The revision that was looked at.
    pub revision: u64,
    /// The answer.
    pub answer: Examination,
}

/// Answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Examination {
    /// What was found.
    Checked(Checked),
    /// What may be typed.
    Offers(Offers),
    /// What the element is.
    Help(Option<Box<Help>>),
}

/// What of the host is known, and asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surroundings {
    host: Option<Arc<checks::Host>>,
    facts: Option<Arc<Facts>>,
    facts_asked: Option<crate::protocol::JobId>,
    host_asked: Option<crate::protocol::JobId>,
    /// Files and volumes that were asked for last.
    wanted: Option<Vec<Wanted>>,
    /// The revision whose needs were looked at.
    looked: Option<u64>,
    /// The revision that was sent to be checked, and whether the host was known then.
    sent: Option<(u64, bool)>,
}

impl EditorPage {
    /// Asks for what was not looked at yet.
    pub(super) fn examine(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some(editor) = &self.editor else { return };
        let revision = editor.buffer().revision();
        let now = (revision, self.around.host.is_some());
        if self.around.sent != Some(now) {
            self.around.sent = Some(now);
            let examine = self.question(Question::Check);
            effects.extend(examine.map(Effect::Examine));
        }
        let live = state
            .connection(self.connection)
            .is_some_and(crate::app::Connection::is_live);
        if !live {
            self.around.facts_asked = None;
            self.around.host_asked = None;
            return;
        }
        if self.around.facts.is_none() && self.around.facts_asked.is_none() {
            let job = state.ask(
                self.target(),
                Purpose::Read,
                Verb::ReadDocumentFacts,
                effects,
            );
            self.around.facts_asked = Some(job);
        }
        if self.what.word() == "domain"
            && self.around.host_asked.is_none()
            // When the text rests, not at each key.
            && self.checked.as_ref().is_some_and(|(of, _)| *of == revision)
            && self.around.looked != Some(revision)
            && let Some(editor) = &self.editor
            && let Ok(tree) = Tree::parse(editor.text())
        {
            self.around.looked = Some(revision);
            let wanted = checks::wanted(&tree);
            if self.around.wanted.as_ref() != Some(&wanted) {
                self.around.wanted = Some(wanted.clone());
                let verb = Verb::ReadCheckHost(wanted);
                self.around.host_asked =
                    Some(state.ask(self.target(), Purpose::Read, verb, effects));
            }
        }
    }

    fn question(&self, question: Question) -> Option<Examine> {
        let editor = self.editor.as_ref()?;
        Some(Examine {
            editor: (self.connection, self.what.clone()),
            revision: editor.buffer().revision(),
            text: Private::new(editor.text()),
            question,
            host: self.around.host.clone(),
            facts: self.around.facts.clone().unwrap_or_default(),
        })
    }

    /// Asks what may be typed at the cursor, or what the element there is.
    pub(super) fn inquire(&mut self, help: bool, effects: &mut Vec<Effect>) {
        let Some(editor) = &self.editor else { return };
        let at = editor.buffer().at();
        let question = if help {
            Question::Help(at)
        } else {
            Question::Complete(at)
        };
        effects.extend(self.question(question).map(Effect::Examine));
    }

    /// Takes an answer of the host.
    pub(super) fn surroundings(
        &mut self,
        job: crate::protocol::JobId,
        result: &Result<crate::protocol::Answer, crate::protocol::Failure>,
    ) {
        use crate::protocol::Answer;
        if self.around.facts_asked == Some(job) {
            self.around.facts_asked = None;
            self.around.facts = Some(match result {
                Ok(Answer::DocumentFacts(facts)) => Arc::new((**facts).clone()),
                // Without them there is still the schema.
                _ => Arc::default(),
            });
        }
        if self.around.host_asked == Some(job) {
            self.around.host_asked = None;
            if let Ok(Answer::CheckHost(host)) = result {
                self.around.host = Some(Arc::new((**host).clone()));
                // What is missing may be another than before.
                self.around.sent = None;
            }
        }
    }

    /// Takes an answer of the schemas; one for another revision is of no use.
    pub(in crate::app) fn examined(&mut self, examined: &Examined) {
        let Some(editor) = &self.editor else { return };
        let current = editor.buffer().revision() == examined.revision;
        match &examined.answer {
            Examination::Checked(checked) if current => {
                self.checked = Some((examined.revision, checked.clone()));
            }
            Examination::Offers(offers) if current => {
                self.popup = if offers.offers.is_empty() && offers.expected.is_empty() {
                    // Asked for in vain, that is worth a word; while typing it is not.
                    if std::mem::take(&mut self.inquired) {
                        self.note = Some((
                            crate::app::Level::Note,
                            "The schema offers nothing here.".to_owned(),
                        ));
                    }
                    None
                } else {
                    Some(Popup::offers(offers.clone()))
                };
            }
            Examination::Help(Some(help)) if current => {
                self.popup = Some(Popup::help((**help).clone()));
            }
            Examination::Help(None) if current => {
                let words = "The schema knows nothing of the element here.";
                self.note = Some((crate::app::Level::Note, words.to_owned()));
            }
            _ => {}
        }
    }
}
