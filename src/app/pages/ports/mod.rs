//! The ports of all domains, and what is wrong with them.

mod column;
mod trouble;

pub use column::PortColumn;
pub use trouble::Trouble;

use nucleo_matcher::Utf32String;

use crate::action::{Action, Context};
use crate::app::table::{Filter, Match, SortKey, compare};
use crate::app::{
    Details, Effect, Guest, Layer, Line, List, Page, Placed, State, TextField, TextUse,
};
use crate::model::{DomainId, Endpoint, EndpointKind};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Ports,
    Context::List,
    Context::Global,
    Context::Always,
];

/// One display or serial line: whose, and the how manieth of that domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortId {
    /// The domain.
    pub domain: DomainId,
    /// Its place among the domain's endpoints.
    pub place: usize,
}

/// What the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    /// Every endpoint.
    #[default]
    All,
    /// What is wrong or will clash.
    Trouble,
}

/// What is shown of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Ports {
    /// What must match.
    pub filter: String,
    /// Sorted by.
    pub sort: PortColumn,
    /// Against the column's natural order.
    pub reversed: bool,
    /// Which part is shown.
    pub section: Section,
    /// The rows.
    pub list: List<PortId>,
    /// What is wrong, gravest first.
    pub trouble: Vec<Trouble>,
    /// First line of the second part on the screen.
    pub top: usize,
    /// What the rows were made of.
    made_of: Option<u64>,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            filter: String::new(),
            sort: PortColumn::Port,
            reversed: false,
            section: Section::All,
            list: List::default(),
            trouble: Vec::new(),
            top: 0,
            made_of: None,
        }
    }
}

impl Ports {
    /// Changes what must match.
    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.made_of = None;
    }

    /// Sorts by `column`; a second time turns the order round.
    pub(in crate::app) fn sort_by(&mut self, column: PortColumn) {
        if self.sort == column {
            self.reversed = !self.reversed;
        } else {
            self.sort = column;
            self.reversed = false;
        }
        self.made_of = None;
    }

    /// Shows the part of this number.
    pub(in crate::app) fn show(&mut self, index: usize) {
        self.section = match index {
            0 => Section::All,
            _ => Section::Trouble,
        };
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let page = isize::try_from(rows(state)).unwrap_or(isize::MAX);
        match action {
            Action::NextTab | Action::PreviousTab => {
                self.show(usize::from(self.section == Section::All));
            }
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.step(page),
            Action::PageUp => self.step(-page),
            Action::First => self.step(isize::MIN),
            Action::Last => self.step(isize::MAX),
            Action::Filter => {
                let field = TextField::new(TextUse::Filter, Line::new(&self.filter));
                state.layers.push(Layer::Text(field));
            }
            Action::SortNext => self.sort_beside(state, 1),
            Action::SortPrevious => self.sort_beside(state, -1),
            Action::SortReverse => self.sort_by(self.sort),
            Action::Open => {
                if let Some(port) = self.list.selected() {
                    let details = Details::new(port.domain, state.now.instant);
                    state.pages.push(Page::Details(Box::new(details)));
                }
            }
            Action::Copy => {
                if let Some(port) = self.list.selected() {
                    crate::app::update::offer_copies(state, port.domain, Some(port.place));
                }
            }
            Action::Back if !self.filter.is_empty() => self.set_filter(""),
            _ => return false,
        }
        let _ = effects;
        true
    }

    fn step(&mut self, by: isize) {
        match self.section {
            Section::All => self.list.step(by),
            Section::Trouble => {
                let end = self.trouble.len().saturating_sub(1);
                self.top = self.top.saturating_add_signed(by).min(end);
            }
        }
    }

    /// Scrolls by `by` rows.
    pub(in crate::app) fn scroll(&mut self, by: isize, height: usize) {
        match self.section {
            Section::All => self.list.scroll(by, height),
            Section::Trouble => self.step(by),
        }
    }

    fn sort_beside(&mut self, state: &State, by: isize) {
        let columns = PortColumn::placed(state);
        let at = columns.iter().position(|placed| placed.column == self.sort);
        let next = at.map_or(0, |at| {
            at.saturating_add_signed(by)
                .min(columns.len().saturating_sub(1))
        });
        if let Some(placed) = columns.get(next)
            && placed.column != self.sort
        {
            self.sort_by(placed.column);
        }
    }

    /// After every event: the rows fit the domains, the window fits the selection.
    pub(super) fn settle(&mut self, state: &State) {
        let revision = state.table.revision();
        if self.made_of != Some(revision) {
            self.made_of = Some(revision);
            self.list.replace(self.matching(state));
            self.trouble = trouble::find(state);
            self.top = self.top.min(self.trouble.len().saturating_sub(1));
        }
        self.list.settle(rows(state));
    }

    fn matching(&self, state: &State) -> Vec<PortId> {
        let filtering = !self.filter.trim().is_empty();
        let mut filter = Filter::new(&self.filter);
        let mut found: Vec<(u8, SortKey, PortId)> = Vec::new();
        for id in state.table.by_name() {
            let Some(guest) = state.guest(*id) else {
                continue;
            };
            for (place, endpoint) in guest.endpoints().iter().enumerate() {
                let class = if filtering {
                    match judge(&mut filter, state, guest, endpoint) {
                        Some(class) => class as u8,
                        None => continue,
                    }
                } else {
                    0
                };
                let key = self.sort.key(state, guest, endpoint);
                found.push((class, key, PortId { domain: *id, place }));
            }
        }
        let descending = self.reversed;
        // Stable: what is equal keeps the order of the domains' names.
        found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(&a.1, &b.1, descending)));
        found.into_iter().map(|(.., id)| id).collect()
    }
}

fn judge(filter: &mut Filter, state: &State, guest: &Guest, endpoint: &Endpoint) -> Option<Match> {
    let host = state
        .connection(guest.domain.id.connection)
        .map(|connection| connection.label.as_str());
    let texts = [
        Some(guest.domain.name.as_str()),
        guest.title(),
        Some(endpoint.kind.word()),
        host,
    ];
    let whole: Vec<&str> = texts.iter().flatten().copied().collect();
    let haystack = Utf32String::from(whole.join(" "));
    filter.judge(endpoint.ports(), &haystack, &texts)
}

/// Rows of endpoints on the screen: the page without its line of parts and its line of headings.
fn rows(state: &State) -> usize {
    state.page_lines_below(2)
}

impl State {
    /// The endpoint of a row.
    #[must_use]
    pub fn endpoint(&self, port: PortId) -> Option<(&Guest, &Endpoint)> {
        let guest = self.guest(port.domain)?;
        Some((guest, guest.endpoints().get(port.place)?))
    }

    /// The columns of the page of ports that fit, with their places.
    #[must_use]
    pub fn placed_port_columns(&self) -> Vec<Placed<PortColumn>> {
        PortColumn::placed(self)
    }
}

/// Whether a password makes sense for what listens.
fn has_password(kind: EndpointKind) -> bool {
    matches!(
        kind,
        EndpointKind::Vnc | EndpointKind::Spice | EndpointKind::Rdp
    )
}
