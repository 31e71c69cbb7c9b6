//! Rows under headings: by host, by state, by tag.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Scene;
use crate::app::Guest;
use crate::model::DomainId;

/// What rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Grouping {
    /// Not at all.
    #[default]
    None,
    /// The host.
    Host,
    /// The state.
    State,
    /// Each tag: a domain with several stands in several groups.
    Tag,
}

/// A group, whatever rows it has at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(u64);

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableRow {
    /// A domain, in a group where there are groups.
    Domain(DomainId, Option<GroupId>),
    /// The heading of a group.
    Group(GroupId),
}

/// A group with its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// Its words; untrusted.
    pub label: String,
    /// Its domains, in order.
    pub members: Vec<DomainId>,
    /// Its domains are not shown.
    pub folded: bool,
}

/// What the domains of a group come to. A figure that is not known of all that run is at least this.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Domains.
    pub domains: usize,
    /// Those that run.
    pub running: usize,
    /// Host CPUs kept busy, of those that tell; `None` when none does.
    pub cores: Option<f64>,
    /// Every running one told its CPU.
    pub cores_of_all: bool,
    /// Memory in use in KiB, of those that tell.
    pub memory_kib: Option<u64>,
    /// Every running one told its memory.
    pub memory_of_all: bool,
    /// Some did not tell what they use: what they were given stands for it.
    pub memory_given: bool,
}

impl Grouping {
    /// All of them, in the order of the key.
    pub const ALL: [Self; 4] = [Self::None, Self::Host, Self::State, Self::Tag];

    /// Its word in the configuration and on the screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Host => "host",
            Self::State => "state",
            Self::Tag => "tag",
        }
    }

    /// The grouping of this word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The next in order.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// The groups a domain is in: where each stands, and its words.
    fn of(self, guest: &Guest, scene: &Scene<'_>) -> Vec<(u64, String)> {
        match self {
            Self::None => Vec::new(),
            Self::Host => {
                let id = guest.domain.id.connection;
                let label = scene.connection(guest.domain.id);
                let label = label.map_or_else(String::new, |host| host.label.clone());
                vec![(u64::from(id.0), label)]
            }
            Self::State => {
                let (rank, label) = match guest.silent_since {
                    Some(_) => (0, "Not responding"),
                    None => {
                        let domain = &guest.domain;
                        let label = domain.state.label(domain.managed_save == Some(true));
                        (super::columns::state_rank(guest) as u64, label)
                    }
                };
                vec![(rank, label.to_owned())]
            }
            Self::Tag => match &guest.domain.definition {
                Some(definition) if !definition.tags.is_empty() => {
                    let tags = definition.tags.iter();
                    tags.map(|tag| (0, tag.clone())).collect()
                }
                _ => vec![(1, "without a tag".to_owned())],
            },
        }
    }
}

/// Puts rows under headings; they keep their order within each.
pub(super) fn grouped(grouping: Grouping, view: &[DomainId], scene: &Scene<'_>) -> Vec<Group> {
    let mut places: HashMap<(u64, String), usize> = HashMap::new();
    let mut groups: Vec<(u64, Group)> = Vec::new();
    for id in view {
        let Some(guest) = scene.guests.get(id) else {
            continue;
        };
        for key in grouping.of(guest, scene) {
            let at = match places.get(&key) {
                Some(at) => *at,
                None => {
                    groups.push((
                        key.0,
                        Group {
                            id: group_id(grouping, &key),
                            label: key.1.clone(),
                            members: Vec::new(),
                            folded: false,
                        },
                    ));
                    places.insert(key, groups.len() - 1);
                    groups.len() - 1
                }
            };
            groups[at].1.members.push(*id);
        }
    }
    groups.sort_by(|a, b| {
        a.0.cmp(&b.0)
            .then_with(|| {
                super::view::natural(&a.1.label.to_lowercase(), &b.1.label.to_lowercase())
            })
            .then_with(|| a.1.label.cmp(&b.1.label))
    });
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The same for the same words: the fold and the selection outlive the rows.
fn group_id(grouping: Grouping, key: &(u64, String)) -> GroupId {
    let mut hasher = DefaultHasher::new();
    (grouping, key).hash(&mut hasher);
    GroupId(hasher.finish())
}

impl Group {
    /// What its domains come to.
    #[must_use]
    pub fn totals(&self, scene: &Scene<'_>) -> Totals {
        let mut totals = Totals {
            domains: self.members.len(),
            cores_of_all: true,
            memory_of_all: true,
            ..Totals::default()
        };
        for guest in self.members.iter().filter_map(|id| scene.guests.get(id)) {
            if !guest.domain.state.is_active() {
                continue;
            }
            totals.running += 1;
            match guest.cores() {
                Some(cores) => *totals.cores.get_or_insert(0.0) += cores,
                None => totals.cores_of_all = false,
            }
            match guest.memory_used_kib() {
                Some(kib) => {
                    *totals.memory_kib.get_or_insert(0) += kib;
                    totals.memory_given |= !guest.memory_is_used();
                }
                None => totals.memory_of_all = false,
            }
        }
        totals
    }
}
