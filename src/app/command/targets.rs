//! Whom a command is for.

use crate::app::{Connection, Page, State};
use crate::model::{ConnectionId, DomainId};
use crate::text::{nearest, visible};
use crate::virsh::{self, Given};

/// The host that a command names; `None` when it names none.
pub(super) fn host(state: &State, given: &Given) -> Result<Option<ConnectionId>, String> {
    let Some(word) = &given.host else {
        return Ok(None);
    };
    let is_meant = |connection: &&Connection| {
        connection.label == *word
            || connection.name.as_ref() == Some(word)
            || connection.uri() == word
            || connection
                .spec
                .uri
                .as_ref()
                .is_some_and(|uri| uri.as_str() == word)
    };
    if let Some(connection) = state.connections.iter().find(is_meant) {
        return Ok(Some(connection.id));
    }
    let labels = state.connections.iter().map(|c| c.label.as_str());
    let open = labels.clone().map(visible).collect::<Vec<_>>().join(", ");
    Err(match nearest(word, labels) {
        Some(label) => format!("no host '{word}' is open (did you mean {label}?)"),
        None => format!("no host '{word}' is open, only {open}"),
    })
}

/// The host that a word without one is looked up on first.
pub(super) fn selected_host(state: &State) -> Option<ConnectionId> {
    let of_target = state.target().map(|id| id.connection);
    of_target.or_else(|| state.connections.first().map(|c| c.id))
}

/// The host that a command about storage is for when it names none: that of the page.
pub(super) fn storage_host(state: &State) -> Option<ConnectionId> {
    match state.page() {
        Page::Storage(page) => Some(page.connection),
        Page::Volumes(page) => Some(page.connection),
        _ => selected_host(state),
    }
}

/// The domain of this name, UUID or id: on the host that is named, else on the selected one, else on the only one that has
/// it.
pub(super) fn domain(
    state: &State,
    word: &str,
    host: Option<ConnectionId>,
) -> Result<DomainId, String> {
    let mut hosts: Vec<ConnectionId> = Vec::new();
    match host {
        Some(host) => hosts.push(host),
        None => {
            hosts.extend(selected_host(state));
            hosts.extend(state.connections.iter().map(|c| c.id));
            let mut seen = Vec::new();
            hosts.retain(|id| {
                let new = !seen.contains(id);
                seen.push(*id);
                new
            });
        }
    }
    let mut found = Vec::new();
    for (index, host) in hosts.iter().enumerate() {
        let domains = state
            .guests
            .values()
            .map(|guest| &guest.domain)
            .filter(|domain| domain.id.connection == *host);
        match virsh::named(domains, word) {
            Ok(Some(domain)) if index == 0 => return Ok(domain.id),
            Ok(Some(domain)) => found.push(domain.id),
            Ok(None) => {}
            Err(ambiguous) => return Err(ambiguous.sentence(&visible(word))),
        }
    }
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(unknown(state, word, &hosts)),
        several => {
            let label = |id: &DomainId| state.connection(id.connection).map(|c| visible(&c.label));
            let labels: Vec<_> = several.iter().filter_map(label).collect();
            Err(format!(
                "'{}' is a domain of {}: say which with -c HOST",
                visible(word),
                labels.join(" and of ")
            ))
        }
    }
}

fn unknown(state: &State, word: &str, hosts: &[ConnectionId]) -> String {
    let names = state
        .guests
        .values()
        .filter(|guest| hosts.contains(&guest.domain.id.connection))
        .map(|guest| guest.domain.name.as_str());
    let place = match hosts {
        [one] => state
            .connection(*one)
            .map_or_else(String::new, |c| format!(" on {}", visible(&c.label))),
        _ => String::new(),
    };
    let meant = nearest(word, names).map_or_else(String::new, |name| {
        format!(" (did you mean {}?)", visible(name))
    });
    format!("there is no domain '{}'{place}{meant}", visible(word))
}

/// The one domain that a command is about: the one that it names, else the selected one.
pub(super) fn one(state: &State, given: &Given) -> Result<DomainId, String> {
    let host = host(state, given)?;
    match given.domain() {
        Some(word) => domain(state, word, host),
        None => state.target().ok_or_else(|| nobody(given)),
    }
}

/// That no domain is named and none selected.
pub(super) fn nobody(given: &Given) -> String {
    format!(
        "no domain is selected: name one, as in {}",
        given.command.usage()
    )
}
