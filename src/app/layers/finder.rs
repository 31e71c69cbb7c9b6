//! Jump anywhere: a line to type, and below it what matches of everything that can be gone to.
//!
//! What can be found comes from [`PROVIDERS`]; one more kind of thing is one more function there and one more [`Jump`].

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::action::{ACTIONS, Action, Context};
use crate::app::{Column, Effect, Grouping, Line, State, TextField, TextUse};
use crate::keymap::Key;
use crate::model::{ConnectionId, DomainId};
use crate::query::Query;
use crate::text;

/// Most lines that are kept of what matches: nobody reads on.
const MOST: usize = 200;

/// Where a line leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// To a domain in the table.
    Domain(DomainId),
    /// To the domains of a host.
    Host(ConnectionId),
    /// To what a key does, pages among it.
    Act(Action),
    /// To an order of the rows.
    Sort(Column),
    /// To groups of rows.
    Group(Grouping),
    /// To a saved view, by its place.
    View(usize),
    /// To the dialog that saves the present view.
    SaveView,
}

/// One thing that can be gone to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What kind of thing it is.
    pub kind: &'static str,
    /// Its name; untrusted.
    pub name: String,
    /// What tells it from others; untrusted.
    pub about: String,
    /// Where it leads.
    pub jump: Jump,
}

/// Who knows what can be gone to, in the order of an empty line.
pub const PROVIDERS: &[fn(&State) -> Vec<Place>] = &[views, hosts, actions, orders, domains];

/// The finder.
#[derive(Debug, Clone, PartialEq)]
pub struct Finder {
    /// Its heading.
    pub title: &'static str,
    /// What is typed.
    pub line: Line,
    /// All there is.
    places: Vec<Place>,
    /// What matches, the best first.
    found: Vec<usize>,
    /// How many match, shown or not.
    pub matching: usize,
    /// The line that Enter takes.
    pub chosen: usize,
}

impl Finder {
    /// Everything.
    #[must_use]
    pub fn new(state: &State) -> Self {
        let places = PROVIDERS.iter().flat_map(|provider| provider(state));
        Self::of("Jump to", places.collect())
    }

    /// The saved views, and saving one.
    #[must_use]
    pub fn views(state: &State) -> Self {
        Self::of("Views", views(state))
    }

    fn of(title: &'static str, places: Vec<Place>) -> Self {
        let mut finder = Self {
            title,
            line: Line::new(""),
            places,
            found: Vec::new(),
            matching: 0,
            chosen: 0,
        };
        finder.typed();
        finder
    }

    /// What matches, the best first.
    pub fn found(&self) -> impl Iterator<Item = &Place> {
        self.found.iter().filter_map(|at| self.places.get(*at))
    }

    /// How many of them there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Takes a key that is no command; `true` when it changed the line.
    pub(super) fn press(&mut self, key: Key) {
        if self.line.press(key) {
            self.typed();
        }
    }

    /// Takes pasted text.
    pub(super) fn paste(&mut self, text: &str) {
        if self.line.paste(text) {
            self.typed();
        }
    }

    /// Points at a line.
    pub(super) fn point(&mut self, index: usize) {
        self.chosen = index.min(self.found.len().saturating_sub(1));
    }

    /// Finds anew.
    fn typed(&mut self) {
        self.chosen = 0;
        let words = self.line.text().trim().to_owned();
        if words.is_empty() {
            self.matching = self.places.len();
            self.found = (0..self.places.len().min(MOST)).collect();
            return;
        }
        let pattern = Pattern::parse(&words, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut line = String::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (at, place) in self.places.iter().enumerate() {
            line.clear();
            line.push_str(&place.name);
            line.push(' ');
            line.push_str(place.kind);
            let haystack = Utf32Str::new(&line, &mut buffer);
            if let Some(score) = pattern.score(haystack, &mut matcher) {
                scored.push((score, at));
            }
        }
        self.matching = scored.len();
        // Stable: what matches as well keeps the order of the providers. Shorter names are nearer to what was typed.
        scored.sort_by_key(|(score, at)| {
            let length = self.places.get(*at).map_or(0, |place| place.name.len());
            (std::cmp::Reverse(*score), length)
        });
        self.found = scored.into_iter().map(|(_, at)| at).take(MOST).collect();
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        let last = self.found.len().saturating_sub(1);
        match action {
            Action::Down => self.chosen = (self.chosen + 1).min(last),
            Action::Up => self.chosen = self.chosen.saturating_sub(1),
            Action::PageDown => self.chosen = (self.chosen + 10).min(last),
            Action::PageUp => self.chosen = self.chosen.saturating_sub(10),
            Action::Accept => {
                let jump = self.found().nth(self.chosen)?.jump;
                go(state, jump, effects);
                return None;
            }
            Action::Cancel => return None,
            _ => {}
        }
        Some(self)
    }
}

/// Goes there.
fn go(state: &mut State, jump: Jump, effects: &mut Vec<Effect>) {
    match jump {
        Jump::Domain(id) => {
            let Some(guest) = state.guests.get(&id) else {
                let gone = "This domain is gone.".to_owned();
                state.say(crate::app::Level::Note, gone);
                return;
            };
            let hidden = !state.table.view().contains(&id);
            let name = text::visible(&guest.domain.name).into_owned();
            state.pages.clear();
            if hidden {
                state.table.set_filter("");
                let why = format!("The filter hid {name}: it is cleared.");
                state.say(crate::app::Level::Note, why);
            }
            state.table.select(id);
            state.table.unfold(id);
        }
        Jump::Host(id) => {
            let Some(label) = state.connection(id).map(|host| host.label.clone()) else {
                return;
            };
            state.pages.clear();
            state.table.set_filter(&Query::host(&label).to_string());
        }
        Jump::Act(action) => crate::app::update::perform(state, action, effects),
        Jump::Sort(column) => {
            state.pages.clear();
            state.table.sort_by(column);
        }
        Jump::Group(grouping) => {
            state.pages.clear();
            state.table.group_by(grouping);
        }
        Jump::View(at) => state.show_view(at),
        Jump::SaveView => {
            let name = state.view_name().unwrap_or_default().to_owned();
            let field = TextField::new(TextUse::SaveView, Line::new(&name));
            state.layers.push(super::Layer::Text(field));
        }
    }
}

fn domains(state: &State) -> Vec<Place> {
    let several = state.connections.len() > 1;
    let place = |id: &DomainId| {
        let guest = state.guests.get(id)?;
        let domain = &guest.domain;
        let word = domain.state.label(domain.managed_save == Some(true));
        let about = match state.connection(id.connection).filter(|_| several) {
            Some(host) => format!("{word}, {}", host.label),
            None => word.to_owned(),
        };
        Some(Place {
            kind: "domain",
            name: domain.name.clone(),
            about,
            jump: Jump::Domain(*id),
        })
    };
    state.table.by_name().iter().filter_map(place).collect()
}

fn hosts(state: &State) -> Vec<Place> {
    let place = |host: &crate::app::Connection| Place {
        kind: "host",
        name: host.label.clone(),
        about: host.uri().to_owned(),
        jump: Jump::Host(host.id),
    };
    state.connections.iter().map(place).collect()
}

/// What keys do on the present page, and the pages.
fn actions(state: &State) -> Vec<Place> {
    let contexts: Vec<Context> = state.page_contexts().to_vec();
    let own = |context: &Context| {
        !matches!(context, Context::List | Context::Wide) && contexts.contains(context)
    };
    let rows = ACTIONS.iter().filter(|row| {
        let here = row.contexts.iter().any(own);
        here && row.action != Action::Jump && state.offers(row.action)
    });
    rows.map(|row| Place {
        kind: match row.name.starts_with("show-") {
            true => "page",
            false => "action",
        },
        name: row.label.to_owned(),
        about: match state.keymap.hint(&contexts, row.action) {
            Some(key) => format!("{key}  {}", row.doc),
            None => row.doc.to_owned(),
        },
        jump: Jump::Act(row.action),
    })
    .collect()
}

/// Orders by any column, on the screen or not, and groupings.
fn orders(state: &State) -> Vec<Place> {
    let table = &state.table;
    let sorts = Column::ALL.into_iter().map(|column| Place {
        kind: "sort",
        name: format!("Sort by {}", column.header()),
        about: match table.sort == column {
            true => "sorted by it now; again turns the order round".to_owned(),
            false => String::new(),
        },
        jump: Jump::Sort(column),
    });
    let groups = Grouping::ALL.into_iter().map(|grouping| Place {
        kind: "group",
        name: match grouping {
            Grouping::None => "No groups".to_owned(),
            by => format!("Group by {}", by.name()),
        },
        about: match table.grouping() == grouping {
            true => "as now".to_owned(),
            false => String::new(),
        },
        jump: Jump::Group(grouping),
    });
    sorts.chain(groups).collect()
}

fn views(state: &State) -> Vec<Place> {
    let mut places: Vec<_> = state
        .views
        .iter()
        .enumerate()
        .map(|(at, view)| Place {
            kind: "view",
            name: view.name.clone(),
            about: match (at + 1, view.grouping) {
                (number @ 1..=9, Grouping::None) => format!("{number}  {}", view.query),
                (number @ 1..=9, by) => format!("{number}  {} by {}", view.query, by.name()),
                _ => view.query.clone(),
            },
            jump: Jump::View(at),
        })
        .collect();
    places.push(Place {
        kind: "view",
        name: "Save the present view…".to_owned(),
        about: "Filter, columns, order and groups, under a name".to_owned(),
        jump: Jump::SaveView,
    });
    places
}
