//! Saved views: a filter, columns, an order and a grouping under a name, switched to by number.

use super::{Column, Effect, Grouping, Level, State};
use crate::config::SavedView;
use crate::text;

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its name; untrusted.
    pub name: String,
    /// What must match.
    pub query: String,
    /// Columns; `None` keeps those of the beginning.
    pub columns: Option<Vec<Column>>,
    /// Sorted by, and whether against its natural order.
    pub sort: Option<(Column, bool)>,
    /// What the rows are grouped by.
    pub grouping: Grouping,
}

impl View {
    /// As the settings have it. What they name was checked when they were read.
    #[must_use]
    pub fn of(saved: &SavedView) -> Self {
        let known =
            |names: &Vec<String>| names.iter().filter_map(|n| Column::from_name(n)).collect();
        Self {
            name: saved.name.clone(),
            query: saved.query.clone(),
            columns: saved.columns.as_ref().map(known),
            sort: saved.sort.as_deref().and_then(Column::sorting),
            grouping: saved
                .group
                .as_deref()
                .and_then(Grouping::from_name)
                .unwrap_or_default(),
        }
    }

    /// As the settings have it.
    fn saved(&self) -> SavedView {
        let names = |columns: &Vec<Column>| columns.iter().map(|c| c.name().to_owned()).collect();
        let sort = |(column, reversed): (Column, bool)| {
            let descending = column.descending() != reversed;
            let sign = if descending { "-" } else { "" };
            format!("{sign}{}", column.name())
        };
        SavedView {
            name: self.name.clone(),
            query: self.query.clone(),
            columns: self.columns.as_ref().map(names),
            sort: self.sort.map(sort),
            group: (self.grouping != Grouping::None).then(|| self.grouping.name().to_owned()),
        }
    }
}

impl State {
    /// Hands in the views of the settings, and takes how the table stands now as what number 0 goes back to.
    /// `trouble` says why some could not be read.
    pub fn set_views(&mut self, views: &[SavedView], trouble: Option<String>) {
        self.views = views.iter().map(View::of).collect();
        self.first_view = Some(self.present_view(String::new()));
        if let Some(trouble) = trouble {
            self.say(
                Level::Failed,
                format!("Saved views are not read: {trouble}"),
            );
        }
    }

    /// The name of the view that was switched to last.
    #[must_use]
    pub fn view_name(&self) -> Option<&str> {
        let at = self.view?;
        self.views.get(at).map(|view| view.name.as_str())
    }

    /// The table as it stands, under a name.
    fn present_view(&self, name: String) -> View {
        View {
            name,
            query: self.table.filter().to_owned(),
            columns: Some(self.table.columns.clone()),
            sort: Some((self.table.sort, self.table.reversed)),
            grouping: self.table.grouping(),
        }
    }

    /// The key of a number was pressed: 0 goes back to the beginning.
    pub(super) fn show_numbered(&mut self, number: usize) {
        match number.checked_sub(1) {
            None => {
                if let Some(first) = self.first_view.clone() {
                    self.apply(&first, &first);
                }
                self.view = None;
            }
            Some(at) if at < self.views.len() => self.show_view(at),
            Some(_) => {
                let words = format!("There is no view {number}. V saves the present one.");
                self.say(Level::Note, words);
            }
        }
    }

    /// Shows a saved view.
    pub(super) fn show_view(&mut self, at: usize) {
        let Some(view) = self.views.get(at).cloned() else {
            return;
        };
        let first = self.first_view.clone().unwrap_or_else(|| view.clone());
        self.pages.clear();
        self.apply(&view, &first);
        self.view = Some(at);
        let name = text::visible(&view.name).into_owned();
        self.say(Level::Done, format!("View {}: {name}", at + 1));
    }

    /// What a view does not say is as at the beginning.
    fn apply(&mut self, view: &View, first: &View) {
        let columns = view.columns.as_ref().or(first.columns.as_ref());
        let columns = columns
            .cloned()
            .unwrap_or_else(|| self.table.columns.clone());
        let (sort, reversed) = view
            .sort
            .or(first.sort)
            .unwrap_or((self.table.sort, self.table.reversed));
        self.table.configure(&columns, sort, reversed);
        self.table.set_filter(&view.query);
        self.table.group_by(view.grouping);
    }

    /// Keeps the present view under a name; one of the same name is replaced.
    pub(super) fn save_view(&mut self, name: &str, effects: &mut Vec<Effect>) {
        let view = self.present_view(name.to_owned());
        effects.push(Effect::SaveView(view.saved()));
        let at = self.views.iter().position(|known| known.name == name);
        let at = match at {
            Some(at) => {
                self.views[at] = view;
                at
            }
            None => {
                self.views.push(view);
                self.views.len() - 1
            }
        };
        self.view = Some(at);
    }

    /// What became of saving one.
    pub(super) fn view_saved(&mut self, result: Result<String, String>) {
        match result {
            Ok(path) => {
                let number = self.view.map_or(0, |at| at + 1);
                let path = text::visible(&path).into_owned();
                self.say(Level::Done, format!("View {number} is saved in {path}."));
            }
            Err(why) => self.say(Level::Failed, format!("The view is not saved: {why}")),
        }
    }
}
