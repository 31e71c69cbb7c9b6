//! The table of domains.

use crate::action::{Action, Context};
use crate::app::{
    ColumnChooser, Details, Effect, Finder, Layer, Line, Page, Placed, State, TableRow, TextField,
    TextUse, table,
};
use crate::keymap::Code;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Table,
    Context::Domain,
    Context::List,
    Context::Global,
    Context::Always,
];

pub(super) fn act(state: &mut State, action: Action, _effects: &mut Vec<Effect>) -> bool {
    let page = isize::try_from(state.page_lines()).unwrap_or(isize::MAX);
    match action {
        Action::Down => state.table.step(1),
        Action::Up => state.table.step(-1),
        Action::PageDown => state.table.step(page),
        Action::PageUp => state.table.step(-page),
        Action::First => state.table.step(isize::MIN),
        Action::Last => state.table.step(isize::MAX),
        Action::Mark => state.toggle_mark(),
        Action::MarkShown => state.mark_shown(),
        Action::MarkBy => {
            let field = TextField::new(TextUse::Mark, Line::new(""));
            state.layers.push(Layer::Text(field));
        }
        Action::Open => open(state),
        Action::ShowView => {
            let digit = state.pressed.and_then(|key| match key.code {
                Code::Char(c) => c.to_digit(10),
                _ => None,
            });
            match digit {
                Some(digit) => state.show_numbered(digit as usize),
                // Bound to another key, or chosen from a list: there is no number.
                None => list_views(state),
            }
        }
        Action::Views => list_views(state),
        Action::GroupNext => {
            let next = state.table.grouping().next();
            state.table.group_by(next);
        }
        Action::Fold => state.table.fold_selected(),
        Action::Filter => {
            let line = Line::new(state.table.filter());
            let field = TextField::new(TextUse::Filter, line);
            state.layers.push(Layer::Text(field));
        }
        Action::SortNext => sort_beside(state, 1),
        Action::SortPrevious => sort_beside(state, -1),
        Action::SortReverse => {
            let column = state.table.sort;
            state.table.sort_by(column);
        }
        Action::ChooseColumns => {
            let chooser = ColumnChooser::new(&state.table.columns);
            state.layers.push(Layer::Columns(chooser));
        }
        Action::Back if !state.table.filter().is_empty() => state.table.set_filter(""),
        Action::Back if !state.marked.is_empty() => state.marked.clear(),
        _ => return false,
    }
    true
}

/// Opens the details of the selected domain, or folds the selected group.
pub(in crate::app) fn open(state: &mut State) {
    match state.table.selected_row() {
        Some(TableRow::Domain(id, _)) => {
            let details = Details::new(id, state.now.instant);
            state.pages.push(Page::Details(Box::new(details)));
        }
        Some(TableRow::Group(group)) => state.table.fold(group),
        None => {}
    }
}

fn list_views(state: &mut State) {
    let finder = Finder::views(state);
    state.layers.push(Layer::Finder(Box::new(finder)));
}

/// Sorts by the column beside the present one, among those on the screen.
fn sort_beside(state: &mut State, by: isize) {
    let columns = state.placed_columns();
    let at = columns
        .iter()
        .position(|placed| placed.column == state.table.sort);
    let next = match at {
        Some(at) => at
            .saturating_add_signed(by)
            .min(columns.len().saturating_sub(1)),
        None => 0,
    };
    if let Some(placed) = columns.get(next)
        && placed.column != state.table.sort
    {
        state.table.sort_by(placed.column);
    }
}

impl State {
    /// The columns that fit, with their places.
    #[must_use]
    pub fn placed_columns(&self) -> Vec<Placed> {
        table::place(
            &self.table.columns,
            // The first column of the terminal marks the selection.
            self.size.width.saturating_sub(1),
            self.connections.len() > 1,
            self.table.name_width(),
        )
    }
}
