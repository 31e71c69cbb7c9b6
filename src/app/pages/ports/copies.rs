//! The copy menu of one endpoint.

use super::Ports;
use crate::app::{Layer, Level, Menu, MenuEntry, State};
use crate::model::Uri;
use crate::ports::{self, Subject};
use crate::text;

/// Offers what can be copied of the selected row.
pub(super) fn offer(page: &Ports, state: &mut State) {
    let selected = page.domain().and_then(|id| state.guest(id));
    let Some(guest) = selected else {
        state.say(Level::Note, "No port is selected.".to_owned());
        return;
    };
    let id = guest.domain.id;
    let Some(connection) = state.connection(id.connection) else {
        return;
    };
    let endpoint = page.endpoint().and_then(|id| id.of(guest));
    let mut entries = Vec::new();
    if let Ok(uri) = connection.uri().parse::<Uri>() {
        let subject = Subject {
            uuid: id.uuid,
            uri: &uri,
        };
        if let Some(endpoint) = endpoint {
            let choices = ports::endpoint_choices(subject, endpoint, &state.options.here);
            entries.extend(choices.into_iter().map(|choice| MenuEntry {
                label: choice.form.label().to_owned(),
                text: choice.text,
            }));
        }
        entries.push(MenuEntry {
            label: "Edit the XML".to_owned(),
            text: ports::edit_command(subject),
        });
    }
    entries.push(MenuEntry {
        label: "UUID".to_owned(),
        text: id.uuid.to_string(),
    });
    let name = text::visible(&guest.domain.name);
    let title = match endpoint {
        Some(endpoint) => match ports::written(endpoint) {
            Some(address) => format!("Copy {} {address} of {name}", endpoint.kind.word()),
            None => format!("Copy {} of {name}", endpoint.kind.word()),
        },
        None => format!("Copy from {name}"),
    };
    state.layers.push(Layer::Menu(Menu {
        title,
        entries,
        chosen: 0,
    }));
}
