//! The details of one domain: what it shows of which section, and what it has asked for.

mod loaded;
mod tab;
mod zoom;

pub use loaded::Loaded;
pub use tab::Tab;
pub use zoom::{Frozen, SPANS};

use std::sync::Arc;
use std::time::Instant;

use crate::action::{Action, Context};
use crate::app::{Effect, Purpose, State};
use crate::model::{DomainId, DomainState, GuestAddress};
use crate::protocol::{Answer, Epoch, Failure, GuestFact, JobId, Verb, XmlKind};

/// A log as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its file.
    pub path: String,
    /// Its last lines, oldest first; untrusted.
    pub lines: Vec<String>,
}

/// Which domain, and what of it.
#[derive(Debug, Clone)]
pub struct Details {
    /// The domain.
    pub id: DomainId,
    /// The section on the screen.
    pub tab: Tab,
    /// First line on the screen, of each section.
    tops: [usize; Tab::ALL.len()],
    /// Columns that are scrolled away to the left, of each section.
    across: [usize; Tab::ALL.len()],
    /// Which of the domain's two definitions the XML section shows.
    pub xml_kind: XmlKind,
    /// Index into [`SPANS`].
    pub span: usize,
    /// What the graphs were frozen at.
    pub frozen: Option<Box<Frozen>>,
    /// When the page was opened: where the columns of the graphs begin.
    pub opened: Instant,
    /// Lines of the XML.
    pub xml: Loaded<Vec<String>>,
    /// Addresses from all sources.
    pub addresses: Loaded<Vec<GuestAddress>>,
    /// What the guest agent says.
    pub guest: Loaded<Vec<GuestFact>>,
    /// The end of the hypervisor's log.
    pub log: Loaded<Log>,
    /// What the domain was when its sections were read.
    seen: Option<Seen>,
}

impl PartialEq for Details {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.tab == other.tab && self.tops == other.tops
    }
}

/// What makes a section that was read out of date when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    epoch: Epoch,
    state: DomainState,
    runtime_id: Option<u32>,
    /// The definition by its place in memory: a new one is at another.
    definition: usize,
}

/// Columns that one key scrolls sideways.
const ACROSS: isize = 8;

impl Details {
    /// The details of a domain, opened now.
    #[must_use]
    pub fn new(id: DomainId, opened: Instant) -> Self {
        Self {
            id,
            tab: Tab::Overview,
            tops: [0; Tab::ALL.len()],
            across: [0; Tab::ALL.len()],
            xml_kind: XmlKind::Live,
            span: 1,
            frozen: None,
            opened,
            xml: Loaded::Not,
            addresses: Loaded::Not,
            guest: Loaded::Not,
            log: Loaded::Not,
            seen: None,
        }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        match self.tab {
            Tab::Performance => &[
                Context::Graph,
                Context::Details,
                Context::List,
                Context::Domain,
                Context::Global,
                Context::Always,
            ],
            Tab::Xml => &[
                Context::Xml,
                Context::Wide,
                Context::Details,
                Context::List,
                Context::Domain,
                Context::Global,
                Context::Always,
            ],
            Tab::Log => &[
                Context::Wide,
                Context::Details,
                Context::List,
                Context::Domain,
                Context::Global,
                Context::Always,
            ],
            _ => &[
                Context::Details,
                Context::List,
                Context::Domain,
                Context::Global,
                Context::Always,
            ],
        }
    }

    /// First line on the screen of the present section; more than there are means the end.
    #[must_use]
    pub fn top(&self) -> usize {
        self.tops[self.tab as usize]
    }

    /// Columns of the present section that are scrolled away to the left.
    #[must_use]
    pub fn across(&self) -> usize {
        self.across[self.tab as usize]
    }

    fn scroll_across(&mut self, by: isize) {
        let across = &mut self.across[self.tab as usize];
        *across = across.saturating_add_signed(by);
    }

    /// Shows a section.
    pub(in crate::app) fn show(&mut self, tab: Tab) {
        self.tab = tab;
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let page = state.page_lines_below(2);
        match action {
            Action::NextTab => self.show(self.tab.beside(1)),
            Action::PreviousTab => self.show(self.tab.beside(-1)),
            Action::Down => self.scroll(state, page, 1),
            Action::Up => self.scroll(state, page, -1),
            Action::PageDown => self.scroll(state, page, signed(page)),
            Action::PageUp => self.scroll(state, page, -signed(page)),
            Action::First => self.scroll(state, page, isize::MIN),
            Action::Last => self.scroll(state, page, isize::MAX),
            Action::ZoomIn => self.span = self.span.saturating_sub(1),
            Action::ZoomOut => self.span = (self.span + 1).min(SPANS.len() - 1),
            Action::Freeze => self.freeze(state),
            Action::ScrollLeft => self.scroll_across(-ACROSS),
            Action::ScrollRight => self.scroll_across(ACROSS),
            Action::OtherXml => {
                self.xml_kind = match self.xml_kind {
                    XmlKind::Live => XmlKind::Inactive,
                    XmlKind::Inactive => XmlKind::Live,
                };
                self.xml = Loaded::Not;
            }
            Action::Refresh => self.refresh(),
            _ => return false,
        }
        self.follow(state, effects);
        true
    }

    fn scroll(&mut self, state: &State, page: usize, by: isize) {
        let end = self
            .lines(state)
            .map_or(usize::MAX, |lines| lines.saturating_sub(page));
        let top = &mut self.tops[self.tab as usize];
        *top = (*top).min(end).saturating_add_signed(by).min(end);
    }

    /// Lines of the present section, where this room knows them; the drawing stops at the end of the others.
    fn lines(&self, state: &State) -> Option<usize> {
        match self.tab {
            Tab::Xml => self.xml.got().map(Vec::len),
            Tab::Log => self.log.got().map(|log| log.lines.len()),
            Tab::Events => state.guest(self.id).map(|guest| guest.events.len()),
            // Few lines each: more than these no domain fills.
            _ => Some(page_worth(state) + 400),
        }
    }

    fn freeze(&mut self, state: &State) {
        self.frozen = match self.frozen {
            Some(_) => None,
            None => state.guest(self.id).map(|guest| {
                Box::new(Frozen {
                    history: guest.tracked.history().clone(),
                    figures: guest.tracked.figures().clone(),
                    at: state.now.instant,
                })
            }),
        };
    }

    /// Reads the present section anew.
    fn refresh(&mut self) {
        match self.tab {
            Tab::Xml => self.xml.forget(),
            Tab::Nics => self.addresses.forget(),
            Tab::Guest => self.guest.forget(),
            Tab::Log => self.log.forget(),
            _ => {}
        }
    }

    /// Asks for what the present section lacks, and for what the domain's change has made old.
    pub(in crate::app) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let (Some(guest), Some(connection)) =
            (state.guest(self.id), state.connection(self.id.connection))
        else {
            return;
        };
        if !connection.is_live() {
            return;
        }
        let domain = &guest.domain;
        let seen = Seen {
            epoch: connection.epoch,
            state: domain.state,
            runtime_id: domain.runtime_id,
            definition: domain
                .definition
                .as_ref()
                .map_or(0, |definition| Arc::as_ptr(definition).addr()),
        };
        if self.seen != Some(seen) {
            self.seen = Some(seen);
            self.xml.forget();
            self.addresses.forget();
            self.guest.forget();
            self.log.forget();
        }
        let active = domain.state.is_active();
        let uuid = self.id.uuid;
        let verb = match self.tab {
            Tab::Xml if self.xml.is_wanted() => Verb::ReadXml(uuid, self.xml_kind),
            Tab::Nics if self.addresses.is_wanted() && active => Verb::ReadAddresses(uuid),
            Tab::Guest if self.guest.is_wanted() && active => Verb::ReadGuest(uuid),
            Tab::Log if self.log.is_wanted() => Verb::ReadLogTail(uuid),
            _ => return,
        };
        let job = state.ask(self.id, Purpose::Read, verb, effects);
        match self.tab {
            Tab::Xml => self.xml.ask(job),
            Tab::Nics => self.addresses.ask(job),
            Tab::Guest => self.guest.ask(job),
            _ => self.log.ask(job),
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.xml.asked() == Some(job) {
            self.xml.take(result, |answer| match answer {
                Answer::Xml { text, .. } => Some(text.lines().map(str::to_owned).collect()),
                _ => None,
            });
        } else if self.addresses.asked() == Some(job) {
            self.addresses.take(result, |answer| match answer {
                Answer::Addresses(addresses) => Some(addresses.clone()),
                _ => None,
            });
        } else if self.guest.asked() == Some(job) {
            self.guest.take(result, |answer| match answer {
                Answer::Guest(facts) => Some(facts.clone()),
                _ => None,
            });
        } else if self.log.asked() == Some(job) {
            let first = self.log.got().is_none();
            self.log.take(result, |answer| match answer {
                Answer::LogTail { path, lines } => Some(Log {
                    path: path.clone(),
                    lines: lines.clone(),
                }),
                _ => None,
            });
            if first {
                // What happened last is what people look for.
                self.tops[Tab::Log as usize] = usize::MAX;
            }
        }
    }
}

fn page_worth(state: &State) -> usize {
    usize::from(state.size.height)
}

fn signed(lines: usize) -> isize {
    isize::try_from(lines).unwrap_or(isize::MAX)
}
