//! The table of domains: which columns, in which order, which rows, which of them is selected.
//!
//! The view (filtered, sorted) is kept and made anew only when something it depends on changed; a frame builds no
//! more than the rows it shows.

mod cell;
mod cells;
mod columns;
mod filter;
mod fitted;
mod groups;
mod holds;
mod place;
mod view;

use std::collections::{HashMap, HashSet};

pub use cell::{Cell, Tone};
pub use columns::Column;
pub(in crate::app) use columns::SortKey;
pub(in crate::app) use filter::Filter;
pub use groups::{Group, GroupId, Grouping, TableRow, Totals};
pub use place::{Claim, Placed, place, share_out};
pub(in crate::app) use view::{compare, fitting};

use super::{Guest, List};
use crate::model::DomainId;
use crate::protocol::Asides;
use crate::query::{Figure, Query};

/// State of the table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Columns wanted, from left to right. Narrow terminals show fewer of them.
    pub columns: Vec<Column>,
    /// Sorted by.
    pub sort: Column,
    /// Against the column's natural order.
    pub reversed: bool,
    /// What must match.
    filter: String,
    /// Figures that it asks for.
    asks_for: Vec<Figure>,
    /// Domains that match, in order.
    view: Vec<DomainId>,
    /// What they are grouped by.
    grouping: Grouping,
    /// The groups, in order; none without a grouping.
    groups: Vec<Group>,
    /// Groups whose domains are not shown.
    folded: HashSet<GroupId>,
    /// The lines: headings and domains.
    list: List<TableRow>,
    /// All domains by name: the order that ties are broken by.
    by_name: Vec<DomainId>,
    names_stale: bool,
    stale: bool,
    /// Terminal columns of the longest name.
    name_width: u16,
    /// The filter was just changed.
    to_best: bool,
    /// Changes of what is not a moving figure: domains, their names, states and definitions.
    revision: u64,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            columns: Column::DEFAULT.to_vec(),
            sort: Column::Name,
            reversed: false,
            filter: String::new(),
            asks_for: Vec::new(),
            view: Vec::new(),
            grouping: Grouping::None,
            groups: Vec::new(),
            folded: HashSet::new(),
            list: List::default(),
            by_name: Vec::new(),
            names_stale: true,
            stale: true,
            name_width: 0,
            to_best: false,
            revision: 0,
        }
    }
}

impl Table {
    /// Sets what the configuration says: columns from left to right, the one that is sorted by, and whether against
    /// its natural order ([`Column::sorting`] reads both from its word).
    pub fn configure(&mut self, columns: &[Column], sort: Column, reversed: bool) {
        self.columns = columns.to_vec();
        self.sort = sort;
        self.reversed = reversed;
        self.stale = true;
    }

    /// Another number whenever domains, their names, states or definitions changed: what is made of these is kept
    /// as long as it stays the same.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// All domains in the order of their names, as of the last [`Table::settle`].
    #[must_use]
    pub fn by_name(&self) -> &[DomainId] {
        &self.by_name
    }

    /// Domains that match, in order, those of folded groups among them.
    #[must_use]
    pub fn view(&self) -> &[DomainId] {
        &self.view
    }

    /// The domain that keys act on; none while a heading is selected.
    #[must_use]
    pub fn selected(&self) -> Option<DomainId> {
        match self.list.selected()? {
            TableRow::Domain(id, _) => Some(id),
            TableRow::Group(_) => None,
        }
    }

    /// The line that keys act on.
    #[must_use]
    pub fn selected_row(&self) -> Option<TableRow> {
        self.list.selected()
    }

    /// The place of the selected domain in the view.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        let selected = self.selected()?;
        self.view.iter().position(|id| *id == selected)
    }

    /// The domains that `height` lines show.
    #[must_use]
    pub fn visible(&self, height: usize) -> Vec<DomainId> {
        let rows = self.list.visible(height).iter();
        rows.filter_map(|row| match row {
            TableRow::Domain(id, _) => Some(*id),
            TableRow::Group(_) => None,
        })
        .collect()
    }

    /// The lines that `height` lines show.
    #[must_use]
    pub fn lines(&self, height: usize) -> &[TableRow] {
        self.list.visible(height)
    }

    /// A group of the present grouping.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Terminal columns that the longest name needs, with its place below the heading of a group.
    #[must_use]
    pub fn name_width(&self) -> u16 {
        let indent = if self.grouping == Grouping::None {
            0
        } else {
            2
        };
        self.name_width.saturating_add(indent)
    }

    /// What the domains are grouped by.
    #[must_use]
    pub fn grouping(&self) -> Grouping {
        self.grouping
    }

    /// Groups the domains by something else.
    pub fn group_by(&mut self, grouping: Grouping) {
        if self.grouping != grouping {
            self.grouping = grouping;
            self.folded.clear();
            self.stale = true;
        }
    }

    /// Hides or shows the domains of a group; its heading is selected.
    pub fn fold(&mut self, id: GroupId) {
        if !self.folded.remove(&id) {
            self.folded.insert(id);
        }
        self.list.select(TableRow::Group(id));
        self.stale = true;
    }

    /// Shows the domains of the groups that hold this domain.
    pub fn unfold(&mut self, id: DomainId) {
        for group in self
            .groups
            .iter()
            .filter(|group| group.members.contains(&id))
        {
            self.stale |= self.folded.remove(&group.id);
        }
    }

    /// Hides or shows the domains of the group of the selected line.
    pub fn fold_selected(&mut self) {
        if let Some(TableRow::Group(id) | TableRow::Domain(_, Some(id))) = self.list.selected() {
            self.fold(id);
        }
    }

    /// Index of the first row on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.list.top()
    }

    /// What must match; empty when everything does.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Changes what must match.
    pub fn set_filter(&mut self, filter: &str) {
        if self.filter != filter {
            filter.clone_into(&mut self.filter);
            self.asks_for = Query::parse(filter).figures();
            self.stale = true;
            // What matches best is what was looked for, and what the next key is to act on.
            self.to_best = !filter.is_empty();
        }
    }

    /// Sorts by `column`; a second time turns the order round.
    pub fn sort_by(&mut self, column: Column) {
        if self.sort == column {
            self.reversed = !self.reversed;
        } else {
            self.sort = column;
            self.reversed = false;
        }
        self.stale = true;
    }

    /// Domains came, went or were renamed.
    pub fn domains_changed(&mut self) {
        self.names_stale = true;
        self.stale = true;
        self.revision += 1;
    }

    /// What is sorted by or filtered on may have changed: `column_like` says which columns moved.
    pub fn figures_changed(&mut self, moved: impl Fn(Column) -> bool) {
        if moved(Column::Display) {
            self.revision += 1;
        }
        let told = || {
            let columns = [
                Column::State,
                Column::Ip,
                Column::Title,
                Column::Uptime,
                Column::Snapshots,
            ];
            columns.into_iter().any(&moved)
        };
        let matched = !self.filter.is_empty() && told();
        let regrouped = match self.grouping {
            Grouping::State => moved(Column::State),
            Grouping::Tag => moved(Column::Tags),
            Grouping::None | Grouping::Host => false,
        };
        if regrouped
            || moved(self.sort)
            || matched
            || (!self.asks_for.is_empty() && moved(Column::Cpu))
        {
            self.stale = true;
        }
    }

    /// What must be read for the columns on the screen, the order and the filter that is not read otherwise.
    #[must_use]
    pub fn asides(&self, shown: &[Placed]) -> Asides {
        let wants = |column: Column, figure: Figure| {
            shown.iter().any(|placed| placed.column == column)
                || self.sort == column
                || self.asks_for.contains(&figure)
        };
        Asides {
            pools: false,
            resources: false,
            jobs: false,
            snapshots: wants(Column::Snapshots, Figure::Snapshots),
            uptime: wants(Column::Uptime, Figure::Uptime),
        }
    }

    /// Selects a domain.
    pub fn select(&mut self, id: DomainId) {
        self.list.select(TableRow::Domain(id, None));
        self.find_selected();
    }

    /// The selected domain may stand elsewhere, in another group or in none.
    fn find_selected(&mut self) {
        let Some(TableRow::Domain(wanted, _)) = self.list.selected() else {
            return;
        };
        if self.list.position().is_some() {
            return;
        }
        let same = |row: &&TableRow| matches!(row, TableRow::Domain(id, _) if *id == wanted);
        if let Some(row) = self.list.rows().iter().find(same).copied() {
            self.list.select(row);
        }
    }

    /// Selects the row `by` rows further, or as far as there are rows.
    pub fn step(&mut self, by: isize) {
        self.list.step(by);
    }

    /// Scrolls by `by` rows; the selection stays on the screen.
    pub fn scroll(&mut self, by: isize, height: usize) {
        self.list.scroll(by, height);
    }

    /// Brings view, selection and scroll in line with the domains and the height of the screen.
    pub fn settle(&mut self, scene: &Scene<'_>, height: usize) {
        if self.stale {
            self.view = self.matching(scene);
            self.groups = groups::grouped(self.grouping, &self.view, scene);
            for group in &mut self.groups {
                group.folded = self.folded.contains(&group.id);
            }
            let (rows, moved) = self.rows();
            if let Some(moved) = moved {
                self.list.select(moved);
            }
            self.list.replace(rows);
            if std::mem::take(&mut self.to_best) {
                self.list.step(isize::MIN);
            }
            self.stale = false;
        }
        self.list.settle(height);
    }
}

impl Table {
    /// The lines, and which of them is selected when the line selected now is none of them but its domain is still
    /// there: in another group, or in one that is folded.
    fn rows(&self) -> (Vec<TableRow>, Option<TableRow>) {
        if self.grouping == Grouping::None {
            let rows: Vec<_> = self
                .view
                .iter()
                .map(|id| TableRow::Domain(*id, None))
                .collect();
            let moved = match self.list.selected() {
                Some(TableRow::Domain(id, Some(_))) => Some(TableRow::Domain(id, None)),
                _ => None,
            };
            return (rows, moved);
        }
        let selected = self.list.selected();
        let wanted = self.selected();
        let (mut rows, mut moved, mut stays) = (Vec::new(), None, false);
        for group in &self.groups {
            let heading = TableRow::Group(group.id);
            rows.push(heading);
            for id in &group.members {
                let row = TableRow::Domain(*id, Some(group.id));
                let is_wanted = wanted == Some(*id);
                if group.folded {
                    if is_wanted {
                        moved.get_or_insert(heading);
                    }
                    continue;
                }
                stays |= selected == Some(row);
                if is_wanted && !matches!(moved, Some(TableRow::Domain(..))) {
                    moved = Some(row);
                }
                rows.push(row);
            }
        }
        (rows, moved.filter(|_| !stays))
    }
}

/// What the table reads to sort, filter and show.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// All domains.
    pub guests: &'a HashMap<DomainId, Guest>,
    /// The hosts, for names and ages.
    pub connections: &'a [super::Connection],
    /// Requests under way.
    pub jobs: &'a super::Jobs,
    /// The time.
    pub now: std::time::Instant,
    /// The time for people.
    pub wall: std::time::SystemTime,
}

impl<'a> Scene<'a> {
    /// The connection of a domain.
    #[must_use]
    pub fn connection(&self, id: DomainId) -> Option<&'a super::Connection> {
        self.connections
            .iter()
            .find(|connection| connection.id == id.connection)
    }
}
