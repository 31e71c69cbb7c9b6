//! Commands about storage: those that read open the page, the others do what its keys would.

use super::targets;
use crate::app::{Effect, Layer, Level, Line, Page, State, Storage, TextField, TextUse, storing};
use crate::model::{ConnectionId, EventObject};
use crate::virsh::{self, Given};

/// Does a command about storage; `false` for one that is about something else.
pub(super) fn run(
    state: &mut State,
    given: &Given,
    effects: &mut Vec<Effect>,
) -> Result<bool, String> {
    let name = given.command.name;
    let is_ours = ["pool-", "vol-", "secret-"]
        .iter()
        .any(|prefix| name.starts_with(prefix));
    if !is_ours {
        return Ok(false);
    }
    let named = targets::host(state, given)?;
    let host = named.or_else(|| targets::storage_host(state));
    let host = host.ok_or("no host is open")?;
    let wrong = |error: virsh::WordError| error.to_string();
    if let Some(verb) = virsh::storage_verb(given).map_err(wrong)? {
        storing::attempt(state, host, verb, effects)?;
        return Ok(true);
    }
    match name {
        "secret-set-value" => {
            let uuid = virsh::secret(given).map_err(wrong)?;
            if let Some(why) = storing::refusal(state, host, crate::action::Action::SetSecret) {
                return Err(why);
            }
            if given.value("file").is_some() {
                return Err("type the value here, or use the command in a shell".to_owned());
            }
            let field = TextField::new(TextUse::SecretValue(host, uuid), Line::masked());
            state.layers.push(Layer::Text(field));
        }
        "vol-list" => {
            let pool = virsh::pool_name(given).name;
            let mut page = page(state, host);
            page.open_later(&pool);
            state.pages.push(Page::Storage(Box::new(page)));
        }
        "secret-list" | "secret-dumpxml" | "secret-get-value" => {
            let mut page = page(state, host);
            page.show_secrets();
            state.pages.push(Page::Storage(Box::new(page)));
            if name == "secret-get-value" {
                state.say(
                    Level::Note,
                    "Select the secret; its value is shown by a key.".to_owned(),
                );
            }
        }
        _ => {
            let page = page(state, host);
            state.pages.push(Page::Storage(Box::new(page)));
        }
    }
    state.storage_changed(host, EventObject::Pool);
    Ok(true)
}

/// The storage of a host, taken from the top where it is open already.
fn page(state: &mut State, host: ConnectionId) -> Storage {
    match state.pages.pop() {
        Some(Page::Storage(page)) if page.connection == host => *page,
        other => {
            state.pages.extend(other);
            Storage::new(host)
        }
    }
}
