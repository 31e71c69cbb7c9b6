//! The details of one domain: what it shows of which section, and what it has asked for.

mod agent;
mod devices;
mod displays;
mod graphs;
mod lines;
mod loaded;
mod overview;
mod sheet;
mod tab;
mod xml;
mod zoom;

pub use graphs::{Graph, Grid};
pub use lines::{Lines, Log, XmlText, columns};
pub use loaded::Loaded;
pub use sheet::{Piece, SheetLine};
pub use tab::Tab;
pub use xml::Role;
pub use zoom::{Frozen, SPANS};

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::action::{Action, Context};
use crate::app::{Connection, Effect, Purpose, Size, State};
use crate::model::{Definition, DomainId, DomainState, GuestAddress};
use crate::protocol::{Answer, Epoch, Failure, GuestFact, JobId, Verb, XmlKind};
use crate::stats::{Figures, History};
use crate::text;

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

/// What makes a section that was read out of date when it changes.
#[derive(Debug, Clone)]
struct Seen {
    epoch: Epoch,
    state: DomainState,
    runtime_id: Option<u32>,
    name: String,
    definition: Option<Arc<Definition>>,
}

impl Seen {
    fn is_same(&self, other: &Self) -> bool {
        let definition = match (&self.definition, &other.definition) {
            // A definition that was read again is another one: the XML may differ where the definition does not.
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (one, two) => one.is_none() && two.is_none(),
        };
        definition
            && (self.epoch, self.state, self.runtime_id)
                == (other.epoch, other.state, other.runtime_id)
            && self.name == other.name
    }
}

/// How far a section can be scrolled.
struct Extent {
    /// Lines there are, or rows of graphs.
    all: usize,
    /// How many of them the screen shows.
    shown: usize,
    /// Columns of the longest line beyond those that the screen shows.
    beyond: usize,
}

/// Columns that one key scrolls sideways.
const ACROSS: usize = 8;

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

    fn scroll(&mut self, state: &State, by: impl FnOnce(isize) -> isize) {
        let extent = self.extent(state);
        let page = isize::try_from(extent.shown.max(1)).unwrap_or(isize::MAX);
        let end = extent.all.saturating_sub(extent.shown);
        let top = &mut self.tops[self.tab as usize];
        *top = (*top).min(end).saturating_add_signed(by(page)).min(end);
        // Whoever reads the end of the log stays there when it has grown.
        if self.tab == Tab::Log && *top == end {
            *top = usize::MAX;
        }
    }

    fn scroll_across(&mut self, state: &State, right: bool) {
        let end = self.extent(state).beyond;
        let across = &mut self.across[self.tab as usize];
        *across = if right {
            (*across + ACROSS).min(end)
        } else {
            (*across).min(end).saturating_sub(ACROSS)
        };
    }

    fn extent(&self, state: &State) -> Extent {
        let room = room(state);
        let height = usize::from(room.height);
        let of_lines = |lines: Option<&Lines>, beside: usize| Extent {
            all: lines.map_or(0, |lines| lines.all().len()),
            // A line above says what it is.
            shown: height.saturating_sub(1),
            beyond: lines.map_or(0, |lines| {
                (lines.widest() + beside).saturating_sub(usize::from(room.width))
            }),
        };
        match self.tab {
            Tab::Xml => {
                let lines = self.xml().got().map(|xml| &xml.lines);
                of_lines(lines, lines.map_or(0, line_numbers))
            }
            Tab::Log => of_lines(self.log.got().map(|log| &log.lines), 0),
            Tab::Performance => {
                let rows = self.graph_rows(state, room.width).len();
                let below = Size {
                    height: room.height.saturating_sub(1),
                    ..room
                };
                Extent {
                    all: rows,
                    shown: Grid::of(below, rows).shown,
                    beyond: 0,
                }
            }
            Tab::Events => Extent {
                all: state.guest(self.id).map_or(0, |guest| guest.events.len()),
                shown: height,
                beyond: 0,
            },
            _ => Extent {
                all: self.sheet(state, room.width).len(),
                shown: height,
                beyond: 0,
            },
        }
    }

    /// First and last line on the screen, counted from 1, and how many there are; `None` where all of them are seen.
    #[must_use]
    pub fn place(&self, state: &State) -> Option<(usize, usize, usize)> {
        let Extent { all, shown, .. } = self.extent(state);
        let top = self.top().min(all.saturating_sub(shown));
        (shown < all).then(|| (top + 1, top + shown, all))
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

    /// Reads the present section anew, unless that is under way: a guest that hangs is not asked twice.
    fn refresh(&mut self) {
        match self.tab {
            Tab::Xml => self.xml_mut().refresh(),
            Tab::Nics => self.addresses.refresh(),
            Tab::Guest => self.guest.refresh(),
            Tab::Log => self.log.refresh(),
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
            name: domain.name.clone(),
            definition: domain.definition.clone(),
        };
        let same = |before: &Seen| before.is_same(&seen);
        if !self.seen.as_ref().is_some_and(same) {
            self.seen = Some(seen);
            self.xml.iter_mut().for_each(Loaded::forget);
            self.addresses.forget();
            self.guest.forget();
            self.log.forget();
        }
        let active = domain.state.is_active();
        let uuid = self.id.uuid;
        let verb = match self.tab {
            Tab::Xml if self.xml().is_wanted() => Verb::ReadXml(uuid, self.xml_kind),
            Tab::Nics if self.addresses.is_wanted() && active => Verb::ReadAddresses(uuid),
            Tab::Guest if self.guest.is_wanted() && active => Verb::ReadGuest(uuid),
            Tab::Log if self.log.is_wanted() => Verb::ReadLogTail(uuid),
            _ => return,
        };
        let job = state.ask(self.id, Purpose::Read, verb, effects);
        match self.tab {
            Tab::Xml => self.xml_mut().ask(job),
            Tab::Nics => self.addresses.ask(job),
            Tab::Guest => self.guest.ask(job),
            _ => self.log.ask(job),
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if let Some(xml) = self.xml.iter_mut().find(|xml| xml.asked() == Some(job)) {
            xml.take(result, |answer| match answer {
                Answer::Xml { text, .. } => Some(XmlText::new(text)),
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
                    lines: Lines::new(lines.iter().map(String::as_str)),
                }),
                _ => None,
            });
            if first {
                // What happened last is what people look for.
                self.tops[Tab::Log as usize] = usize::MAX;
            }
        }
    }

    /// The request that the present section waits for with nothing else to show.
    fn pending(&self) -> Option<JobId> {
        match self.tab {
            Tab::Xml if self.xml().got().is_none() => self.xml().asked(),
            Tab::Nics if self.addresses.got().is_none() => self.addresses.asked(),
            Tab::Guest if self.guest.got().is_none() => self.guest.asked(),
            Tab::Log if self.log.got().is_none() => self.log.asked(),
            _ => None,
        }
    }

    /// Since when the present section has had nothing to show but that it waits.
    pub(in crate::app) fn waits_since(&self, state: &State) -> Option<Instant> {
        state.jobs.since(self.pending()?)
    }

    /// What stands in place of something that is not there: that it is read, or why it cannot be.
    #[must_use]
    pub fn waiting<T>(&self, state: &State, loaded: &Loaded<T>, what: &str) -> Vec<String> {
        if let Some(failure) = loaded.failure() {
            let mut lines = vec![failure.to_string()];
            if let Some(remedy) = &failure.remedy {
                lines.push(remedy.advice.clone());
                lines.extend(remedy.command.as_ref().map(|command| {
                    let words: Vec<_> =
                        command.iter().map(|word| text::shell_quote(word)).collect();
                    words.join(" ")
                }));
            }
            if let Some(key) = state.keymap.hint(self.contexts(), Action::Refresh) {
                lines.push(format!("{key} tries again."));
            }
            return lines;
        }
        let connection = state.connection(self.id.connection);
        if !connection.is_some_and(Connection::is_live) {
            return vec![
                "Not read yet, and the host is not connected.".to_owned(),
                format!("It is asked for {what} as soon as it is back."),
            ];
        }
        let age = loaded
            .asked()
            .and_then(|job| state.jobs.since(job))
            .map(|since| state.now.instant.saturating_duration_since(since))
            .filter(|age| *age >= Duration::from_secs(1))
            .map_or_else(String::new, |age| format!(" {}", text::duration_short(age)));
        vec![format!("Reading {what} …{age}")]
    }
}

/// The part of the screen that sections are drawn in: the page without its heading, its sections and its margins.
fn room(state: &State) -> Size {
    let lines = state.page_lines_below(2);
    Size {
        width: state.size.width.saturating_sub(2),
        height: u16::try_from(lines).unwrap_or(u16::MAX),
    }
}

/// Columns of the numbers before the lines of a text, with the blank behind them.
#[must_use]
pub fn line_numbers(lines: &Lines) -> usize {
    lines.all().len().to_string().len() + 1
}
