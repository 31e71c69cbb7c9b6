//! Jump anywhere: a line to type, and below it what matches of everything that can be gone to.
//!
//! What can be found comes from [`PROVIDERS`]; one more kind of thing is one more function there and one more [`Jump`].

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::moved;
use crate::action::{ACTIONS, Action, Context};
use crate::app::pages::editor;
use crate::app::{Column, Effect, Grouping, Line, State, TextField, TextUse, actions};
use crate::config::OwnCommand;
use crate::keymap::Key;
use crate::model::{ConnectionId, DomainId, ResourceKind, StoredKind};
use crate::protocol::DocumentRef;
use crate::query::{Query, Words};
use crate::text;

/// Most lines that are kept of what matches: nobody reads on.
const MOST: usize = 200;

/// Where a line leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Jump {
    /// To a domain in the table.
    Domain(DomainId),
    /// To the domains of a host.
    Host(ConnectionId),
    /// To what a key does, pages among it.
    Act(Action),
    /// To the domains that use something: a filter, and what it is in words.
    Users(Query, String),
    /// To an order of the rows.
    Sort(Column),
    /// To groups of rows.
    Group(Grouping),
    /// To a saved view, by its place.
    View(usize),
    /// To a command of the user's own, by its place.
    Own(usize),
    /// To the dialog that saves the present view.
    SaveView,
    /// To the editor of a document, with the name of its object.
    Edit(ConnectionId, DocumentRef, String),
}

/// One thing that can be gone to.
#[derive(Debug, Clone, PartialEq)]
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
pub const PROVIDERS: &[fn(&State) -> Vec<Place>] = &[
    views, hosts, keys, own, orders, domains, resources, nics, documents,
];

/// The finder.
#[derive(Debug, Clone, PartialEq)]
pub struct Finder {
    /// Its heading.
    pub title: String,
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

    /// What can be done to the domain that the page is about, or to all that is marked: each with its key and the command
    /// that does the same. What is not possible now stands below, with the reason. `None` where there is no domain.
    #[must_use]
    pub fn acts(state: &State) -> Option<Self> {
        let marked = state.marked_targets();
        let title = match marked.len() {
            0 => {
                let guest = state.guest(state.target()?)?;
                format!("Act on {}", text::visible(&guest.domain.name))
            }
            1 => "Act on the marked domain".to_owned(),
            number => format!("Act on {number} marked domains"),
        };
        Some(Self::of(&title, acts(state, &marked)))
    }

    /// New definitions, one of each kind for each host.
    #[must_use]
    pub fn definitions(state: &State) -> Self {
        let is_new = |place: &Place| matches!(place.jump, Jump::Edit(_, DocumentRef::New(_), _));
        let mut places = documents(state);
        places.retain(is_new);
        Self::of("Define new from XML", places)
    }

    fn of(title: &str, places: Vec<Place>) -> Self {
        let mut finder = Self {
            title: title.to_owned(),
            line: Line::new(""),
            places,
            found: Vec::new(),
            matching: 0,
            chosen: 0,
        };
        finder.typed();
        finder
    }

    /// There is more to be gone to than when it was opened.
    pub(super) fn refresh(&mut self, state: &State) {
        if self.title != "Jump to" {
            return;
        }
        let chosen = self
            .found()
            .nth(self.chosen)
            .map(|place| (place.kind, place.name.clone()));
        self.places = PROVIDERS
            .iter()
            .flat_map(|provider| provider(state))
            .collect();
        self.typed();
        let same = |place: &Place| Some((place.kind, place.name.clone())) == chosen;
        let at = self.found().position(same);
        self.chosen = at.unwrap_or(0);
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
        // Hardware addresses stand in one way here, and are typed in several.
        let words = text::mac_of(&words).unwrap_or(words);
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
        if let Some(chosen) = moved(action, self.chosen, self.found.len()) {
            self.chosen = chosen;
            return Some(self);
        }
        match action {
            Action::Accept => {
                let jump = self.found().nth(self.chosen)?.jump.clone();
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
        Jump::Users(query, what) => {
            state.pages.clear();
            state.table.set_filter(&query.to_string());
            let users = format!("Domains that use {what}; Esc shows all.");
            state.say(crate::app::Level::Note, users);
        }
        Jump::Act(action) => crate::app::update::perform(state, action, effects),
        Jump::Own(at) => crate::app::own::run(state, at, effects),
        Jump::Sort(column) => {
            state.pages.clear();
            state.table.sort_by(column);
        }
        Jump::Group(grouping) => {
            state.pages.clear();
            state.table.group_by(grouping);
        }
        Jump::View(at) => state.show_view(at),
        Jump::Edit(host, what, name) => editor::open_document(state, host, what, name),
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

/// Networks, pools and volumes: they lead to the domains that use them.
fn resources(state: &State) -> Vec<Place> {
    let several = state.connections.len() > 1;
    let mut places = Vec::new();
    for host in &state.connections {
        let on = if several {
            format!(", {}", host.label)
        } else {
            String::new()
        };
        for resource in &host.resources {
            let word = |active: bool| if active { "active" } else { "inactive" };
            let (kind, about, query) = match &resource.kind {
                ResourceKind::Network { active } => (
                    "network",
                    word(*active).to_owned(),
                    Query::whole(Words::Net, &[&resource.name]),
                ),
                ResourceKind::Pool { active, path } => {
                    let folder = path.as_ref().map(|path| format!("{path}/"));
                    let pool = format!("{}/", resource.name);
                    let place = folder.as_deref().unwrap_or(&pool);
                    let about =
                        format!("{} {}", word(*active), path.as_deref().unwrap_or_default());
                    (
                        "pool",
                        about.trim_end().to_owned(),
                        Query::part(Words::Disk, &[place]),
                    )
                }
                ResourceKind::Volume { pool, path } => {
                    let named = format!("{pool}/{}", resource.name);
                    let path = path.as_deref().unwrap_or(&named);
                    let query = Query::whole(Words::Disk, &[path, &named]);
                    ("volume", format!("pool {pool}"), query)
                }
            };
            let what = format!("{kind} {}", text::visible(&resource.name));
            places.push(Place {
                kind,
                name: resource.name.clone(),
                about: format!("{about}{on}"),
                jump: Jump::Users(query, what),
            });
        }
    }
    places
}

/// NICs of domains, found by hardware address, address, tap, network and bridge.
fn nics(state: &State) -> Vec<Place> {
    let mut places = Vec::new();
    for (id, guest) in &state.guests {
        let Some(definition) = &guest.domain.definition else {
            continue;
        };
        // One without an address has nothing to be found by but what its network is found by.
        for nic in definition.nics.iter().filter(|nic| nic.mac.is_some()) {
            let same = |mac: &Option<String>| mac.is_some() && *mac == nic.mac;
            let addresses = guest.addresses.iter().filter(|one| same(&one.mac));
            let mut words: Vec<String> = nic.mac.iter().cloned().collect();
            words.extend(addresses.map(|one| one.address.to_string()));
            words.extend(nic.target.clone());
            words.extend(nic.source.clone());
            words.extend(nic.bridge.clone());
            words.dedup();
            places.push(Place {
                kind: "NIC",
                name: words.join(" "),
                about: format!("of {}", guest.domain.name),
                jump: Jump::Domain(*id),
            });
        }
    }
    places.sort_by(|one, other| (&one.about, &one.name).cmp(&(&other.about, &other.name)));
    places
}

/// XML of what is no domain, and new definitions of each kind.
fn documents(state: &State) -> Vec<Place> {
    let mut places = Vec::new();
    for host in &state.connections {
        let mut edit = |name: &str, about: String, what: DocumentRef| {
            places.push(Place {
                kind: "xml",
                name: name.to_owned(),
                about,
                jump: Jump::Edit(host.id, what, name.to_owned()),
            });
        };
        for resource in &host.resources {
            let name = &resource.name;
            let named = |kind| DocumentRef::Named(kind, name.clone());
            match &resource.kind {
                ResourceKind::Network { .. } => {
                    edit(
                        name,
                        "edit the network".to_owned(),
                        named(StoredKind::Network),
                    );
                }
                ResourceKind::Pool { .. } => {
                    edit(name, "edit the pool".to_owned(), named(StoredKind::Pool));
                }
                ResourceKind::Volume { pool, .. } => {
                    let what = DocumentRef::Volume {
                        pool: pool.clone(),
                        volume: name.clone(),
                    };
                    edit(name, "look at the volume".to_owned(), what);
                }
            }
        }
        for kind in StoredKind::ALL {
            let name = format!("Define new {}", kind.word());
            let about = format!("from XML, on {}", host.label);
            places.push(Place {
                kind: "xml",
                name,
                about,
                jump: Jump::Edit(host.id, DocumentRef::New(kind), "new".to_owned()),
            });
        }
    }
    places
}

/// What can be done to domains, the possible first.
fn acts(state: &State, marked: &[DomainId]) -> Vec<Place> {
    let contexts: Vec<Context> = state.page_contexts().to_vec();
    let targets = match marked {
        [] => state.target().into_iter().collect(),
        marked => marked.to_vec(),
    };
    // What keys do everywhere, then what belongs to a page of its own.
    let of_domain = ACTIONS
        .iter()
        .filter(|row| row.contexts.contains(&Context::Domain));
    let of_pages = ACTIONS.iter().filter(|row| {
        let pages = [Context::Bench, Context::Snapshots, Context::Agent];
        let of_page = pages.iter().any(|context| row.contexts.contains(context));
        of_page && !row.contexts.contains(&Context::Domain)
    });
    let (mut possible, mut not) = (Vec::new(), Vec::new());
    let own = own_commands(state, &targets);
    for (place, _) in own.iter().filter(|(_, can)| *can) {
        possible.push(place.clone());
    }
    let rows = of_domain.chain(of_pages);
    for row in rows.filter(|row| row.action != Action::ActMenu) {
        let why = actions::refusal_of_all(state, row.action, &targets);
        let key = state.keymap.hint(&contexts, row.action);
        let key = key.map(|key| key.to_string()).unwrap_or_default();
        let place = |about: String| Place {
            kind: "",
            name: row.label.to_owned(),
            about: format!("{key:9} {about}"),
            jump: Jump::Act(row.action),
        };
        match why {
            Some(why) => not.push(place(format!("not now: {why}"))),
            None => possible.push(place(actions::preview(state, row.action, &targets))),
        }
    }
    not.extend(
        own.into_iter()
            .filter(|(_, can)| !can)
            .map(|(place, _)| place),
    );
    possible.append(&mut not);
    possible
}

/// The user's own commands with what they run, and whether they can.
fn own_commands(state: &State, targets: &[DomainId]) -> Vec<(Place, bool)> {
    let place = |(at, command): (usize, &OwnCommand)| {
        let key = command.key.map(|key| key.to_string()).unwrap_or_default();
        let told = crate::app::own::preview(state, command, targets);
        let can = told.is_ok();
        let about = told.unwrap_or_else(|why| format!("not now: {why}"));
        let place = Place {
            kind: "",
            name: command.label.clone(),
            about: format!("{key:9} {about}"),
            jump: Jump::Own(at),
        };
        (place, can)
    };
    state.own.all.iter().enumerate().map(place).collect()
}

/// The user's own commands, where a page is about domains.
fn own(state: &State) -> Vec<Place> {
    if !state.page_contexts().contains(&Context::Domain) {
        return Vec::new();
    }
    let mut targets = state.marked_targets();
    if targets.is_empty() {
        targets.extend(state.target());
    }
    let commands = own_commands(state, &targets);
    let named = commands.into_iter().map(|(place, _)| Place {
        kind: "command",
        about: place.about.trim_start().to_owned(),
        ..place
    });
    named.collect()
}

/// What keys do on the present page, and the pages.
fn keys(state: &State) -> Vec<Place> {
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
