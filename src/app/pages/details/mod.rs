//! The details of one domain: what it shows of which section, and what it has asked for.

mod agent;
mod devices;
mod displays;
mod graphs;
mod lines;
mod loaded;
mod overview;
mod reading;
mod scrolling;
mod sheet;
mod tab;
mod xml;
mod zoom;

pub use graphs::{Graph, Grid};
pub use lines::{Lines, Log, XmlText, columns};
pub use loaded::Loaded;
pub use scrolling::line_numbers;
pub use sheet::{Piece, SheetLine};
pub use tab::Tab;
pub use xml::{Role, Xml};
pub use zoom::{Frozen, SPANS};

use std::time::Instant;

use crate::action::{Action, Context};
use crate::app::{Effect, State};
use crate::model::{DomainId, GuestAddress};
use crate::protocol::{GuestFact, XmlKind};
use crate::stats::{Figures, History};

use reading::Seen;

/// Which domain, and what of it.
#[derive(Debug, Clone)]
pub struct Details {
    /// The domain.
    pub id: DomainId,
    /// The section on the screen.
    pub tab: Tab,
    /// First line on the screen, of each section; more than there are means the end.
    tops: [usize; Tab::ALL.len()],
    /// Columns of the XML and of the log that are scrolled away to the left.
    across: [usize; Tab::ALL.len()],
    /// Which of the domain's two definitions the XML section shows.
    pub xml_kind: XmlKind,
    /// Index into [`SPANS`].
    pub span: usize,
    /// What the graphs were frozen at.
    pub frozen: Option<Box<Frozen>>,
    /// When the page was opened: where the columns of the graphs begin.
    pub opened: Instant,
    /// Its two definitions, by [`XmlKind`].
    xml: [Loaded<XmlText>; 2],
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
            xml: [Loaded::Not, Loaded::Not],
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

    /// The XML that is shown.
    #[must_use]
    pub fn xml(&self) -> &Loaded<XmlText> {
        &self.xml[self.xml_kind as usize]
    }

    fn xml_mut(&mut self) -> &mut Loaded<XmlText> {
        &mut self.xml[self.xml_kind as usize]
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
        match action {
            Action::NextTab => self.show(self.tab.beside(1)),
            Action::PreviousTab => self.show(self.tab.beside(-1)),
            Action::Down => self.scroll(state, |_| 1),
            Action::Up => self.scroll(state, |_| -1),
            Action::PageDown => self.scroll(state, |page| page),
            Action::PageUp => self.scroll(state, |page| -page),
            Action::First => self.scroll(state, |_| isize::MIN),
            Action::Last => self.scroll(state, |_| isize::MAX),
            Action::ScrollLeft => self.scroll_across(state, false),
            Action::ScrollRight => self.scroll_across(state, true),
            Action::ZoomIn => self.span = self.span.saturating_sub(1),
            Action::ZoomOut => self.span = (self.span + 1).min(SPANS.len() - 1),
            Action::Freeze => self.freeze(state),
            Action::OtherXml => {
                self.xml_kind = match self.xml_kind {
                    XmlKind::Live => XmlKind::Inactive,
                    XmlKind::Inactive => XmlKind::Live,
                };
            }
            Action::Refresh => self.refresh(),
            other => match Tab::of(other) {
                Some(tab) => self.show(tab),
                None => return false,
            },
        }
        self.follow(state, effects);
        true
    }

    /// The lines of the present section in `width` columns, where it is one of facts.
    #[must_use]
    pub fn sheet(&self, state: &State, width: u16) -> Vec<SheetLine> {
        let Some(guest) = state.guest(self.id) else {
            return Vec::new();
        };
        match self.tab {
            Tab::Overview => overview::lines(state, guest, width),
            Tab::Disks => devices::disks(guest, width),
            Tab::Nics => devices::nics(state, guest, self, width),
            Tab::Displays => displays::lines(state, guest, self, width),
            Tab::Guest => agent::lines(state, guest, self, width),
            Tab::Performance | Tab::Events | Tab::Xml | Tab::Log => Vec::new(),
        }
    }

    /// What the graphs show: the past and the present figures, frozen or not.
    #[must_use]
    pub fn pictured<'a>(&'a self, state: &'a State) -> Option<(&'a History, &'a Figures)> {
        match &self.frozen {
            Some(frozen) => Some((&frozen.history, &frozen.figures)),
            None => {
                let guest = state.guest(self.id)?;
                Some((guest.tracked.history(), guest.tracked.figures()))
            }
        }
    }

    /// The graphs in rows for a screen of `width` columns.
    #[must_use]
    pub fn graph_rows(&self, state: &State, width: u16) -> Vec<Vec<Graph>> {
        self.pictured(state)
            .map_or_else(Vec::new, |(history, figures)| {
                graphs::rows(history, figures, width)
            })
    }

    fn freeze(&mut self, state: &State) {
        self.frozen = match self.frozen {
            Some(_) => None,
            None => state.guest(self.id).map(|guest| {
                Box::new(Frozen {
                    history: guest.tracked.history().clone(),
                    figures: guest.tracked.figures().clone(),
                    at: state.now,
                })
            }),
        };
    }
}
