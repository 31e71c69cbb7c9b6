//! A line to type: the filter, a URI, a password.

use crate::action::Action;
use crate::app::pages::{agent, console, display, editor, host, monitor};
use crate::app::{Effect, Line, Page, State, forms, storing};
use crate::console::Motion;
use crate::model::{ConnectionId, DomainId, Uri, Uuid};
use crate::protocol::{
    ConsoleId, ConsoleVerb, DisplayId, DisplayVerb, SecretValue, SecretVerb, StorageVerb,
};
use crate::query::{EventQuery, completions};

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
    /// The filter of the events.
    Events,
    /// The filter of a page whose rows are no domains: words that must stand in a row.
    Words,
    /// The URI to open instead of this connection.
    EditUri(ConnectionId),
    /// The URI of one more connection.
    Connect,
    /// Which domains are marked.
    Mark,
    /// The name that the present view is saved under.
    SaveView,
    /// Under which name the form below is saved as a template.
    SaveTemplate,
    /// The value of a secret.
    SecretValue(ConnectionId, Uuid),
    /// An answer for a connection.
    Answer(Question),
    /// A text to find in what a console said.
    FindInConsole(ConsoleId),
    /// A text to find in what a monitor said.
    FindInMonitor,
    /// Whose ssh keys are shown.
    KeysOf(DomainId),
    /// The file that a console is written to; as it comes, or its text alone.
    LogConsole(ConsoleId, bool),
    /// A number for the selected value of a host.
    Tune,
    /// A regular expression to find in the text that is edited.
    FindInText,
    /// A regular expression to replace in it.
    Replace,
    /// What comes in its place.
    ReplaceWith,
    /// A line of it.
    GoToLine,
    /// A command of vi.
    ViCommand,
    /// Another line of a domain.
    ChooseLine(DomainId),
    /// Names of keys to press in a guest.
    PressKeys(DisplayId),
    /// A text to type in a guest.
    TypeText(DisplayId),
    /// A text for the clipboard of a guest.
    GiveClipboard(DisplayId),
    /// The file that a guest's screen is written into.
    SaveScreen(DisplayId),
    /// The password of a display.
    DisplayPassword(DisplayId),
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
        let offered = match self.use_ {
            TextUse::Events => EventQuery::completions(text),
            _ => completions(text),
        };
        let Some(term) = offered.into_iter().next().filter(|_| !begun.is_empty()) else {
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
            Action::Complete if matches!(self.use_, TextUse::Filter | TextUse::Events) => {
                self.complete(state);
                return Some(self);
            }
            _ => return Some(self),
        };
        match (&self.use_, accept) {
            (TextUse::Filter | TextUse::Words | TextUse::Events, true) => {}
            (TextUse::Filter | TextUse::Words | TextUse::Events, false) => state.set_filter(""),
            (
                TextUse::EditUri(_)
                | TextUse::Connect
                | TextUse::SaveView
                | TextUse::SaveTemplate
                | TextUse::Tune
                | TextUse::SecretValue(..)
                | TextUse::Mark,
                false,
            ) => {}
            (TextUse::SecretValue(..), true) if self.line.text().is_empty() => {
                self.error = Some("A value is not empty; - on the page forgets it.".to_owned());
                return Some(self);
            }
            (TextUse::SecretValue(host, uuid), true) => {
                let value = SecretValue::new(self.line.text().as_bytes().to_vec());
                let verb = StorageVerb::Secret(*uuid, SecretVerb::SetValue(value));
                storing::begin(state, *host, verb, effects);
            }
            (TextUse::FindInMonitor | TextUse::KeysOf(_), false) => {}
            (TextUse::FindInMonitor, true) => monitor::find(state, self.line.text()),
            (TextUse::KeysOf(_), true) if self.line.text().trim().is_empty() => {
                self.error = Some("Say whose.".to_owned());
                return Some(self);
            }
            (TextUse::KeysOf(id), true) => {
                agent::open_keys(state, *id, Some(self.line.text().trim()));
            }
            (TextUse::Tune, true) => {
                if let Some(wrong) = host::typed(state, self.line.text().trim()) {
                    self.error = Some(wrong);
                    return Some(self);
                }
            }
            (TextUse::Mark, true) => {
                if let Err(wrong) = state.mark_by(self.line.text()) {
                    self.error = Some(wrong);
                    return Some(self);
                }
            }
            (TextUse::SaveTemplate, true) => {
                let name = self.line.text().trim().to_owned();
                if name.is_empty() {
                    self.error = Some("A template needs a name.".to_owned());
                    return Some(self);
                }
                forms::save_template(state, &name, effects);
            }
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
            (
                TextUse::FindInText
                | TextUse::Replace
                | TextUse::ReplaceWith
                | TextUse::GoToLine
                | TextUse::ViCommand,
                false,
            ) => {}
            (
                use_ @ (TextUse::FindInText
                | TextUse::Replace
                | TextUse::ReplaceWith
                | TextUse::GoToLine
                | TextUse::ViCommand),
                true,
            ) => {
                let text = self.line.text().to_owned();
                if let Err(wrong) = editor::found_by(state, use_, &text, effects) {
                    self.error = Some(wrong);
                    return Some(self);
                }
            }
            (
                TextUse::FindInConsole(_) | TextUse::LogConsole(..) | TextUse::ChooseLine(_),
                false,
            ) => {}
            (TextUse::FindInConsole(id), true) => {
                let motion = Motion::Find(self.line.text().to_owned());
                state.tell_console(*id, ConsoleVerb::Look(motion), effects);
            }
            (TextUse::LogConsole(..), true) if self.line.text().trim().is_empty() => {
                self.error = Some("A file needs a name.".to_owned());
                return Some(self);
            }
            (TextUse::LogConsole(id, raw), true) => {
                console::log_to(state, *id, *raw, self.line.text(), effects);
            }
            (TextUse::ChooseLine(domain), true) => {
                console::choose(state, *domain, self.line.text().trim(), effects);
            }
            (
                TextUse::PressKeys(_)
                | TextUse::TypeText(_)
                | TextUse::GiveClipboard(_)
                | TextUse::SaveScreen(_)
                | TextUse::DisplayPassword(_),
                false,
            ) => {}
            (TextUse::PressKeys(id), true) => {
                if let Err(wrong) = display::keys_typed(state, *id, self.line.text(), effects) {
                    self.error = Some(wrong);
                    return Some(self);
                }
            }
            (TextUse::TypeText(_), true) => display::paste(state, self.line.text(), effects),
            (TextUse::GiveClipboard(id), true) => {
                display::give_clipboard(state, *id, self.line.text(), effects);
            }
            (TextUse::SaveScreen(_), true) if self.line.text().trim().is_empty() => {
                self.error = Some("A file needs a name.".to_owned());
                return Some(self);
            }
            (TextUse::SaveScreen(id), true) => {
                display::save_to(state, *id, self.line.text().trim(), effects);
            }
            (TextUse::DisplayPassword(id), true) => {
                let password = DisplayVerb::Password(self.line.text().to_owned());
                state.tell_display(*id, password, effects);
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
    if matches!(
        field.use_,
        TextUse::Filter | TextUse::Words | TextUse::Events
    ) {
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
            Some(Page::Host(host)) => host.set_filter(text),
            Some(Page::Networks(networks)) => networks.set_filter(text),
            Some(Page::Volumes(volumes)) => volumes.set_filter(text),
            Some(_) => {}
        }
    }
}
