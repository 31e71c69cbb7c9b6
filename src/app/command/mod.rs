//! The command line: what a line that was typed behind `:` does.
//!
//! A line is virsh's words ([`crate::virsh`]), the name of an action of the screen, or digits, which jump to the owner of
//! that port. Without a name it is for the domains that the keys of the page act on. What it does is what the key would do:
//! the same checks, the same questions.

mod acting;
mod editing;
mod guests;
mod history;
mod offers;
mod reading;
mod storage;
mod targets;

pub use history::History;
pub use offers::Offer;
pub(super) use offers::{offers, usage};

use super::{Effect, State, host_changes, pages, update};
use crate::action::{ACTIONS, Action, Row};
use crate::text::nearest;
use crate::virsh::{self, COMMANDS, Given, WordError};

/// Does what a line says.
///
/// # Errors
/// What is wrong with it, for the person who typed it; nothing was done then.
pub(super) fn run(state: &mut State, line: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let line = line.trim();
    let digits = line.strip_prefix(':').unwrap_or(line);
    if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
        let port = digits
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| format!("{digits} is no port: they go from 1 to 65535"))?;
        return reading::port(state, port);
    }
    match virsh::parse(line) {
        Ok(given) => virsh_command(state, &given, effects),
        Err(WordError::Command { word, nearest: _ }) => own_command(state, &word, line, effects),
        Err(error) => Err(error.to_string()),
    }
}

fn virsh_command(
    state: &mut State,
    given: &Given,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    if editing::run(state, given)? {
        return Ok(());
    }
    if is_about_networks(given) {
        let host = targets::host(state, given)?;
        let host = host.or_else(|| targets::selected_host(state));
        let host = host.ok_or("no host is open")?;
        return pages::networks::typed::take(state, given, host);
    }
    if virsh::OF_HOST.contains(&given.command.name) {
        let host = targets::host(state, given)?;
        let host = host.or_else(|| targets::selected_host(state));
        reading::host(state, given, host.ok_or("no host is open")?);
        return Ok(());
    }
    if let Some(wishes) = virsh::host_wishes(given).map_err(|error| error.to_string())? {
        let host = targets::host(state, given)?;
        let host = host.or_else(|| targets::selected_host(state));
        let host = host.ok_or("no host is open")?;
        return host_changes::command(state, host, wishes, effects);
    }
    if storage::run(state, given, effects)? {
        return Ok(());
    }
    if given.command.name.starts_with("nodedev-") {
        let named = targets::host(state, given)?;
        let host = named.or_else(|| targets::selected_host(state));
        let host = host.ok_or("no host is open")?;
        super::host_devices::ask(
            state,
            host,
            given.value("device").map(str::to_owned),
            given.value("cap"),
            effects,
        );
        return Ok(());
    }
    if guests::run(state, given, effects)? || reading::run(state, given)? {
        return Ok(());
    }
    acting::run(state, given, effects)
}

/// Whether a command is about networks, filters or interfaces of a host.
fn is_about_networks(given: &Given) -> bool {
    ["net-", "nwfilter-", "iface-"]
        .iter()
        .any(|begin| given.command.name.starts_with(begin))
}

/// An action by its name, or by its word on the screen.
fn own_command(
    state: &mut State,
    word: &str,
    line: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let row = ACTIONS.iter().find(|row| is_called(row, word));
    let Some(row) = row.filter(|row| row.virsh.is_some() || offers::is_command(row)) else {
        let known = COMMANDS.iter().map(|command| command.name);
        let own = ACTIONS.iter().map(|row| row.name);
        return Err(match nearest(word, known.chain(own)) {
            Some(name) => format!("there is no command '{word}' (did you mean {name}?)"),
            None => format!("there is no command '{word}': Tab shows those there are"),
        });
    };
    let rest = line.strip_prefix(word).unwrap_or_default().trim();
    if let Some(virsh) = row.virsh {
        return run(state, &format!("{virsh} {rest}"), effects);
    }
    match (row.action, rest) {
        (Action::Filter, text) if !text.is_empty() => state.set_filter(text),
        (Action::DefineNew, text) if !text.is_empty() => editing::define_new(state, text)?,
        (Action::Connect, text) if !text.is_empty() => {
            let uri = text.parse().map_err(|error| format!("{error}"))?;
            state.open(Some(uri), effects);
        }
        (Action::RunPlan, name) if !name.is_empty() => {
            // Names have blanks; quotes are for those who are used to them.
            return match virsh::split(name).list.as_slice() {
                [only] => pages::plans::ask_by_name(state, &only.text),
                _ => pages::plans::ask_by_name(state, name),
            };
        }
        // They are of the plan that runs, whatever is looked at.
        (Action::AbortPlan, "") => state.abort_plan(),
        (Action::ResumePlan, "") => state.resume_plan(effects),
        (_, "") if offers::performable(state, row) => {
            update::perform_on_page(state, row.action, effects);
        }
        (_, "") => return Err(format!("{} means nothing on this page", row.name)),
        (_, surplus) => return Err(format!("{} takes no '{surplus}'", row.name)),
    }
    Ok(())
}

fn is_called(row: &Row, word: &str) -> bool {
    row.name == word || row.label.to_lowercase().replace(' ', "-") == word
}
