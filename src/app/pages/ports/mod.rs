//! The ports of all domains: what listens now, and what is wrong with it or will be at the next start.

mod columns;
mod copies;
mod findings;
mod listening;
mod looking;

pub use columns::PortColumn;
pub use findings::{Finding, FindingColumn, FixedId, Found, Gravity};
pub use listening::EndpointId;

use super::Place;
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::table::Scene;
use crate::app::{
    Details, Effect, Layer, Line, List, Page, State, Table, Target, TextField, TextUse,
};
use crate::model::{Definition, DomainId, Endpoint};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Ports,
    Context::List,
    Context::Global,
    Context::Always,
];

/// The sections of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PortSection {
    /// Every endpoint of every running domain.
    #[default]
    Listening,
    /// Warnings, and fixed ports of domains that are off.
    Findings,
}

impl PortSection {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Listening, Self::Findings];
}

/// Lines of the page from top to bottom: a line of sections, one of headings, rows, and what is told of the selected
/// row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortLines {
    /// Rows of the list.
    pub rows: u16,
    /// Lines about the selected row, the rule above them among them; 0 on a low terminal.
    pub about: u16,
}

impl PortLines {
    /// Shares out the lines of the page.
    #[must_use]
    pub fn of(areas: crate::app::Areas) -> Self {
        let below = areas.body.saturating_sub(2);
        let about = match below {
            0..12 => 0,
            12..30 => 5,
            _ => 6,
        };
        Self {
            rows: below - about,
            about,
        }
    }
}

/// What is shown of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Ports {
    section: PortSection,
    sort: PortColumn,
    reversed: bool,
    filter: String,
    listening: List<EndpointId>,
    /// Endpoints before the filter.
    endpoints: usize,
    list: List<Finding>,
    findings: Vec<Found>,
    /// Running domains whose XML was not read yet.
    unread: usize,
    /// What it was made of.
    made_of: Option<u64>,
    /// The filter or the order is another than that of the lists.
    unsorted: bool,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            section: PortSection::default(),
            sort: PortColumn::Port,
            reversed: false,
            filter: String::new(),
            listening: List::default(),
            endpoints: 0,
            list: List::default(),
            findings: Vec::new(),
            unread: 0,
            made_of: None,
            unsorted: true,
        }
    }
}

impl Ports {
    /// The section on the screen.
    #[must_use]
    pub fn section(&self) -> PortSection {
        self.section
    }

    /// The column that the endpoints are sorted by, and whether against its natural order.
    #[must_use]
    pub fn sorting(&self) -> (PortColumn, bool) {
        (self.sort, self.reversed)
    }

    /// What must match.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The endpoints that match, in order.
    #[must_use]
    pub fn listening(&self) -> &List<EndpointId> {
        &self.listening
    }

    /// The findings that match, the gravest first.
    #[must_use]
    pub fn findings(&self) -> &List<Finding> {
        &self.list
    }

    /// What is known of a finding.
    #[must_use]
    pub fn found(&self, finding: Finding) -> Option<&Found> {
        self.findings.iter().find(|found| found.finding == finding)
    }

    /// All endpoints, all warnings, and the fixed ports that are no warning: whether they match or not.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let harmless = |found: &&Found| found.gravity == Gravity::Fixed;
        let fixed = self.findings.iter().filter(harmless).count();
        [self.endpoints, self.findings.len() - fixed, fixed]
    }

    /// Running domains whose ports are not known yet.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// Where in the present section it stands.
    pub(super) fn place(&self) -> Place<'_> {
        let (at, found, all) = match self.section {
            PortSection::Listening => (
                self.listening.position(),
                self.listening.rows().len(),
                self.endpoints,
            ),
            PortSection::Findings => (
                self.list.position(),
                self.list.rows().len(),
                self.findings.len(),
            ),
        };
        Place {
            at,
            found,
            all,
            filter: &self.filter,
        }
    }

    /// The domain of the selected row.
    #[must_use]
    pub fn domain(&self) -> Option<DomainId> {
        match self.section {
            PortSection::Listening => self.listening.selected().map(|id| id.domain),
            PortSection::Findings => self.list.selected().map(Finding::domain),
        }
    }

    /// The selected endpoint.
    #[must_use]
    pub fn endpoint(&self) -> Option<EndpointId> {
        match (self.section, self.list.selected()) {
            (PortSection::Listening, _) => self.listening.selected(),
            (PortSection::Findings, Some(Finding::Open(id))) => Some(id),
            (PortSection::Findings, _) => None,
        }
    }

    /// Changes what must match.
    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.unsorted = true;
    }

    /// Shows a section.
    pub(in crate::app) fn show(&mut self, section: PortSection) {
        self.section = section;
    }

    /// Sorts by `column`; a second time turns the order round.
    fn sort_by(&mut self, column: PortColumn) {
        if self.sort == column {
            self.reversed = !self.reversed;
        } else {
            self.sort = column;
            self.reversed = false;
        }
        self.unsorted = true;
    }

    /// Takes a click on one of its parts; a row that was clicked twice opens its domain.
    pub(in crate::app) fn click(&mut self, state: &mut State, target: Target, double: bool) {
        match target {
            Target::Endpoint(id) => self.listening.select(id),
            Target::Finding(finding) => self.list.select(finding),
            Target::PortColumn(column) => self.sort_by(column),
            _ => return,
        }
        if double {
            self.open(state);
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        _effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, state.page_lines()) {
            self.step(steps);
            return true;
        }
        match action {
            Action::NextTab | Action::PreviousTab => {
                self.section = match self.section {
                    PortSection::Listening => PortSection::Findings,
                    PortSection::Findings => PortSection::Listening,
                };
            }
            Action::Open => self.open(state),
            Action::Copy => copies::offer(self, state),
            Action::Filter => {
                let field = TextField::new(TextUse::Filter, Line::new(&self.filter));
                state.layers.push(Layer::Text(field));
            }
            Action::SortNext => self.sort_beside(state, 1),
            Action::SortPrevious => self.sort_beside(state, -1),
            Action::SortReverse => self.sort_by(self.sort),
            Action::Back if !self.filter.is_empty() => self.set_filter(""),
            _ => return false,
        }
        true
    }

    /// Scrolls by `by` rows; the selection stays on the screen.
    pub(in crate::app) fn scroll(&mut self, by: isize, height: usize) {
        match self.section {
            PortSection::Listening => self.listening.scroll(by, height),
            PortSection::Findings => self.list.scroll(by, height),
        }
    }

    fn step(&mut self, by: isize) {
        match self.section {
            PortSection::Listening => self.listening.step(by),
            PortSection::Findings => self.list.step(by),
        }
    }

    fn open(&self, state: &mut State) {
        if let Some(id) = self.domain().filter(|id| state.guests.contains_key(id)) {
            let details = Details::new(id, state.now.instant);
            state.pages.push(Page::Details(Box::new(details)));
        }
    }

    /// Sorts by the column beside the present one, among those on the screen.
    fn sort_beside(&mut self, state: &State, by: isize) {
        if self.section != PortSection::Listening {
            return;
        }
        let columns: Vec<_> = state
            .port_columns()
            .into_iter()
            .map(|placed| placed.column)
            .collect();
        let next = match columns.iter().position(|column| *column == self.sort) {
            Some(at) => at
                .saturating_add_signed(by)
                .min(columns.len().saturating_sub(1)),
            None => 0,
        };
        if let Some(column) = columns.get(next).filter(|column| **column != self.sort) {
            self.sort_by(*column);
        }
    }

    /// Brings both lists in line with the domains and the height of the screen.
    pub(in crate::app) fn settle(&mut self, scene: &Scene<'_>, table: &Table, rows: usize) {
        let known = self.made_of == Some(table.revision());
        if !known || self.unsorted {
            let by_name = table.by_name().iter();
            // Looked up once: each of them is gone through several times.
            let guests: Vec<_> = by_name.filter_map(|id| scene.guests.get(id)).collect();
            if !known {
                self.look(scene, &guests);
            }
            self.list_endpoints(scene, &guests);
            self.list_findings(scene);
            self.made_of = Some(table.revision());
            self.unsorted = false;
        }
        self.listening.settle(rows);
        self.list.settle(rows);
    }
}

impl State {
    /// An endpoint, as long as its domain has it.
    #[must_use]
    pub fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        id.of(self.guest(id.domain)?)
    }

    /// What the XML of a domain says, where it was read.
    pub(super) fn definition(&self, id: DomainId) -> Option<&Definition> {
        self.guest(id)?.domain.definition.as_deref()
    }
}
