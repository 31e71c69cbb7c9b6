//! A line to type: the filter, a URI, a password.

use crate::action::Action;
use crate::app::{Effect, Line, Page, State};
use crate::model::{ConnectionId, Uri};
use crate::query::completions;

/// A question of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who asks.
    pub connection: ConnectionId,
    /// The question's number.
    pub prompt: u64,
    /// The question; untrusted.
    pub text: String,
}

/// What the line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextUse {
    /// The filter of the page: works with every key.
    Filter,
    /// The filter of a page whose rows are no domains: words that must stand in a row.
    Words,
    /// The URI to open instead of this connection.
    EditUri(ConnectionId),
    /// The URI of one more connection.
    Connect,
    /// The name that the present view is saved under.
    SaveView,
    /// An answer for a connection.
    Answer(Question),
}

/// The line with its purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct TextField {
    /// What for.
    pub use_: TextUse,
    /// What is typed.
    pub line: Line,
    /// What was wrong with it when it was accepted last.
    pub error: Option<String>,
}

impl TextField {
    /// A field.
    #[must_use]
    pub fn new(use_: TextUse, line: Line) -> Self {
        Self {
            use_,
            line,
            error: None,
        }
    }

    /// Whether it is for an answer that this connection waits for.
    pub(in crate::app) fn asks_for(&self, id: ConnectionId) -> bool {
        matches!(&self.use_, TextUse::Answer(question) if question.connection == id)
    }

    /// Makes the last word of the filter the first term that it may become.
    fn complete(&mut self, state: &mut State) {
        let text = self.line.text();
        let word = text.rsplit(' ').next().unwrap_or_default();
        // Nothing is offered for an empty line but what there is in general.
        let begun = word.trim_start_matches('!');
        let Some(term) = completions(text)
            .into_iter()
            .next()
            .filter(|_| !begun.is_empty())
        else {
            return;
        };
        let kept = &text[..text.len() - begun.len()];
        let text = format!("{kept}{term}");
        self.line = Line::new(&text);
        state.set_filter(&text);
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        let accept = match action {
            Action::Accept => true,
            Action::Cancel => false,
            Action::Complete if self.use_ == TextUse::Filter => {
                self.complete(state);
                return Some(self);
            }
            _ => return Some(self),
        };
        match (&self.use_, accept) {
            (TextUse::Filter | TextUse::Words, true) => {}
            (TextUse::Filter | TextUse::Words, false) => state.set_filter(""),
            (TextUse::EditUri(_) | TextUse::Connect | TextUse::SaveView, false) => {}
            (TextUse::SaveView, true) => {
                let name = self.line.text().trim().to_owned();
                if name.is_empty() {
                    self.error = Some("A view needs a name.".to_owned());
                    return Some(self);
                }
                state.save_view(&name, effects);
            }
            (TextUse::EditUri(_) | TextUse::Connect, true) => {
                match self.line.text().trim().parse::<Uri>() {
                    Ok(uri) => {
                        if let TextUse::EditUri(connection) = self.use_ {
                            state.forget(connection, effects);
                        }
                        state.open(Some(uri), effects);
                    }
                    Err(error) => {
                        self.error = Some(error.to_string());
                        return Some(self);
                    }
                }
            }
            (TextUse::Answer(question), accept) => {
                effects.push(Effect::Reply {
                    connection: question.connection,
                    prompt: question.prompt,
                    text: accept.then(|| self.line.text().to_owned()),
                });
                state.answered(question);
            }
        }
        None
    }
}

/// After the text changed.
pub(super) fn typed(state: &mut State) {
    let Some(super::Layer::Text(field)) = state.layers.last_mut() else {
        return;
    };
    field.error = None;
    if matches!(field.use_, TextUse::Filter | TextUse::Words) {
        let text = field.line.text().to_owned();
        state.set_filter(&text);
    }
}

impl State {
    /// Filters the page that has a filter.
    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        match self.pages.last_mut() {
            None => self.table.set_filter(text),
            Some(Page::Ports(ports)) => ports.set_filter(text),
            Some(Page::Events(events)) => events.set_filter(text),
            Some(_) => {}
        }
    }
}
