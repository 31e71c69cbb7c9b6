//! What can be completed at the cursor.

use super::targets;
use crate::action::{ACTIONS, Context, Row};
use crate::app::{Connection, State};
use crate::model::{DomainId, ResourceKind};
use crate::text::visible;
use crate::virsh::{self, COMMANDS, Completion, Kind, Opt, Wanted};

/// One possibility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// How it is shown; untrusted.
    pub label: String,
    /// What is put into the line, in quotes where it needs them.
    pub word: String,
    /// What it is; untrusted.
    pub about: String,
}

impl Offer {
    fn new(label: &str, about: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            word: virsh::join([label]),
            about: about.into(),
        }
    }
}

/// What the word at the cursor can be, the likely first.
pub(in crate::app) fn offers(state: &State, completion: &Completion, line: &str) -> Vec<Offer> {
    let typed = completion.typed.as_str();
    match &completion.wanted {
        Wanted::Command => commands(state, typed),
        Wanted::Host => matching(hosts(state), typed),
        Wanted::Option(_, options) => matching(named_options(options), typed),
        Wanted::Value(_, option) => match option.kind {
            Kind::Domain => domains(state, line, typed),
            Kind::Choice(words) => {
                let choices = words.iter().map(|word| Offer::new(word, "")).collect();
                matching(choices, typed)
            }
            Kind::Disks => disks(state, line, typed),
            Kind::Keys => {
                let keys = virsh::key_names().map(|name| Offer::new(&format!("KEY_{name}"), ""));
                matching(keys.collect(), typed)
            }
            Kind::Network => matching(networks(state, line), typed),
            Kind::Filter | Kind::Interface => Vec::new(),
            Kind::Pool => matching(pools(state, line), typed),
            Kind::Volume => matching(volumes(state, line), typed),
            Kind::Flag
            | Kind::Text
            | Kind::Size
            | Kind::Bytes
            | Kind::Count
            | Kind::File
            | Kind::LocalFile
            | Kind::Secret => Vec::new(),
        },
        Wanted::Nothing => Vec::new(),
    }
}

/// Those that begin as typed, then those that hold it.
fn matching(offers: Vec<Offer>, typed: &str) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let (mut begin, rest): (Vec<_>, Vec<_>) = offers
        .into_iter()
        .partition(|offer| offer.label.to_lowercase().starts_with(&typed));
    let holds = |offer: &Offer| offer.label.to_lowercase().contains(&typed);
    begin.extend(rest.into_iter().filter(holds));
    begin
}

fn commands(state: &State, typed: &str) -> Vec<Offer> {
    let virsh = COMMANDS
        .iter()
        .map(|command| Offer::new(command.name, command.doc));
    let own = ACTIONS
        .iter()
        .filter(|row| is_command(row) && performable(state, row))
        .filter(|row| virsh::command(row.name).is_err())
        .map(|row| Offer::new(row.name, row.doc));
    matching(virsh.chain(own).collect(), typed)
}

/// Whether an action can be wanted by its name. Moving and typing cannot.
pub(super) fn is_command(row: &Row) -> bool {
    row.virsh.is_none()
        && row.contexts.iter().all(|context| {
            !matches!(
                context,
                Context::List
                    | Context::Dialog
                    | Context::Form
                    | Context::Menu
                    | Context::Columns
                    | Context::Text
                    | Context::Command
                    | Context::Reader
                    | Context::Wide
            )
        })
}

/// Whether the present page knows an action.
pub(super) fn performable(state: &State, row: &Row) -> bool {
    let here = state.page_contexts();
    row.contexts.iter().any(|context| here.contains(context))
}

fn hosts(state: &State) -> Vec<Offer> {
    state
        .connections
        .iter()
        .map(|connection| Offer::new(&connection.label, connection.uri()))
        .collect()
}

fn named_options(options: &[&'static Opt]) -> Vec<Offer> {
    options
        .iter()
        .map(|option| Offer::new(&format!("--{}", option.name), option.doc))
        .collect()
}

/// Domains of the host that the line names, else of the selected one.
fn domains(state: &State, line: &str, typed: &str) -> Vec<Offer> {
    let named = virsh::host_of(line).and_then(|word| {
        state
            .connections
            .iter()
            .find(|c| c.label == word || c.uri() == word)
            .map(|c| c.id)
    });
    let Some(host) = named.or_else(|| targets::selected_host(state)) else {
        return Vec::new();
    };
    let mut found: Vec<(DomainId, Offer)> = state
        .guests
        .iter()
        .filter(|(id, _)| id.connection == host)
        .map(|(id, guest)| {
            let domain = &guest.domain;
            let mut offer = Offer::new(&domain.name, domain.state.virsh_word());
            let word = virsh::domain_word(&domain.name, id.uuid);
            // Behind a blank, an option would be read.
            offer.word = if word.starts_with("--") {
                id.uuid.to_string()
            } else {
                virsh::join([word.as_ref()])
            };
            (*id, offer)
        })
        .collect();
    found.sort_by(|(_, one), (_, other)| {
        (one.label.to_lowercase(), &one.label).cmp(&(other.label.to_lowercase(), &other.label))
    });
    matching(found.into_iter().map(|(_, offer)| offer).collect(), typed)
}

/// Virtual networks of the host that the line names, else of the selected one.
fn networks(state: &State, line: &str) -> Vec<Offer> {
    let named = virsh::host_of(line);
    let is_named = |c: &&Connection| match &named {
        Some(word) => c.label == *word || c.uri() == word,
        None => Some(c.id) == targets::selected_host(state),
    };
    let host = state.connections.iter().find(is_named);
    let resources = host.map_or(&[][..], |host| &host.resources);
    let networks = resources.iter().filter_map(|one| match one.kind {
        ResourceKind::Network { active: true } => Some(Offer::new(&one.name, "active")),
        ResourceKind::Network { active: false } => Some(Offer::new(&one.name, "inactive")),
        _ => None,
    });
    networks.collect()
}

/// The host that the line names, else the selected one.
fn host_of(state: &State, line: &str) -> Option<crate::model::ConnectionId> {
    let named = virsh::host_of(line).and_then(|word| {
        let mut hosts = state.connections.iter();
        let host = hosts.find(|c| c.label == word || c.uri() == word);
        host.map(|host| host.id)
    });
    named.or_else(|| targets::storage_host(state))
}

/// Storage pools that are known.
fn pools(state: &State, line: &str) -> Vec<Offer> {
    let host = host_of(state, line).and_then(|host| state.connection(host));
    let resources = host.iter().flat_map(|host| &host.resources);
    let pools = resources.filter_map(|resource| match &resource.kind {
        ResourceKind::Pool { path, .. } => {
            Some(Offer::new(&resource.name, path.clone().unwrap_or_default()))
        }
        _ => None,
    });
    pools.collect()
}

/// Volumes that are known, by their paths.
fn volumes(state: &State, line: &str) -> Vec<Offer> {
    let host = host_of(state, line).and_then(|host| state.connection(host));
    let resources = host.iter().flat_map(|host| &host.resources);
    let volumes = resources.filter_map(|resource| match &resource.kind {
        ResourceKind::Volume {
            pool,
            path: Some(path),
        } => Some(Offer::new(path, pool.as_str())),
        _ => None,
    });
    volumes.collect()
}

/// Disks of the domain that the line names, else of the selected one: the last of a list is completed.
fn disks(state: &State, line: &str, typed: &str) -> Vec<Offer> {
    let named = virsh::parse(line).ok();
    let id = named
        .as_ref()
        .map_or_else(|| state.target(), |given| targets::one(state, given).ok());
    let Some(definition) = id
        .and_then(|id| state.guest(id))
        .and_then(|guest| guest.domain.definition.as_ref())
    else {
        return Vec::new();
    };
    let (before, last) = match typed.rfind(',') {
        Some(comma) => typed.split_at(comma + 1),
        None => ("", typed),
    };
    let offers = definition.disks.iter().map(|disk| {
        let mut offer = Offer::new(&disk.target, disk.source.as_deref().unwrap_or_default());
        offer.word = virsh::join([format!("{before}{}", disk.target).as_str()]);
        offer
    });
    matching(offers.collect(), last)
}

/// What is told about the line as far as it is typed: the usage of its command.
pub(in crate::app) fn usage(completion: &Completion) -> Option<String> {
    let command = completion.command?;
    Some(match &completion.wanted {
        Wanted::Value(_, option) if !option.kind.is_subject() => {
            format!("{}  —  {}", command.usage(), visible(option.doc))
        }
        _ => format!("{}  —  {}", command.usage(), command.doc),
    })
}
