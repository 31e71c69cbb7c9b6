//! Commands about networks that were typed: the page does them once it knows what they name.

use super::{NetRow, NetTab, Networks};
use crate::action::Action;
use crate::app::{Effect, Level, Page, State};
use crate::model::{ConnectionId, Network, NwFilter};
use crate::protocol::NetworkVerb;
use crate::text::visible;
use crate::virsh::{self, Given};
impl Networks {
    /// Does a command that was typed, once what it names is known.
    pub(super) fn perform_pending(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        if self.read.is_none() {
            return;
        }
        let Some(given) = self.pending.take() else {
            return;
        };
        if let Err(why) = self.perform(state, &given, effects) {
            state.say(Level::Failed, why);
        }
    }

    fn perform(
        &mut self,
        state: &mut State,
        given: &Given,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let name = given.command.name;
        let word = given.subject();
        if name.starts_with("nwfilter-") {
            self.show(NetTab::Filters);
            let Some(word) = word else { return Ok(()) };
            let named = |one: &&NwFilter| one.name == word || one.uuid.to_string() == word;
            let known = self.read.iter().flat_map(|read| &read.filters);
            let filter = known.clone().find(named).cloned();
            let filter =
                filter.ok_or_else(|| format!("there is no network filter '{}'", visible(word)))?;
            self.list.select(NetRow::Filter(filter.uuid));
            if name == "nwfilter-undefine" {
                self.delete_filter(state, &filter, effects);
            }
            return Ok(());
        }
        let Some(word) = word.filter(|_| !name.starts_with("iface-")) else {
            return Ok(());
        };
        let networks = self.read.as_ref().map_or(&[][..], |read| &read.networks);
        let named = |one: &&Network| one.name == word || one.uuid.to_string() == word;
        let network = networks.iter().find(named).cloned();
        let network = network.ok_or_else(|| {
            let names = networks.iter().map(|one| one.name.as_str());
            let meant = crate::text::nearest(word, names);
            let meant = meant.map_or_else(String::new, |name| {
                format!(" (did you mean {}?)", visible(name))
            });
            format!("there is no network '{}'{meant}", visible(word))
        })?;
        self.show(NetTab::Networks);
        self.filter.clear();
        self.list.select(NetRow::Network(network.uuid));
        self.settle(state, self.list_lines(state));
        if name == "net-dumpxml" {
            self.show_xml(state);
            return Ok(());
        }
        let verb = virsh::network_verb(given).map_err(|error| error.to_string())?;
        let Some(verb) = verb else {
            return Ok(());
        };
        if let NetworkVerb::Update(update) = &verb
            && !update.xml.trim_start().starts_with('<')
        {
            return Err("net-update takes XML here, as in \"<host ip='10.0.0.2'/>\"; from a file by virtty net-update".to_owned());
        }
        let action = match verb {
            NetworkVerb::Start => Action::StartNetwork,
            NetworkVerb::Stop => Action::StopNetwork,
            NetworkVerb::SetAutostart(_) => Action::AutostartNetwork,
            NetworkVerb::Undefine => Action::DeleteNetwork,
            NetworkVerb::Update(_) => Action::UpdateNetwork,
        };
        self.to_network(state, &network, action, verb, effects);
        Ok(())
    }
}

/// Takes a command about networks: opens their page, which does it once it knows what is meant.
///
/// # Errors
/// Why it cannot be taken.
pub(in crate::app) fn take(
    state: &mut State,
    given: &Given,
    host: ConnectionId,
) -> Result<(), String> {
    let name = given.command.name;
    if matches!(
        name,
        "net-define" | "net-create" | "nwfilter-define" | "iface-define"
    ) {
        return Err(format!(
            "{name} reads a file: type virtty {name} FILE in a shell, or make a network with n on the page of networks"
        ));
    }
    // What names a network need not be on the page that is open.
    let mut page = match state.pages.pop() {
        Some(Page::Networks(page)) if page.connection == host => page,
        other => {
            state.pages.extend(other);
            Box::new(Networks::new(host))
        }
    };
    if given.subject().is_none() && virsh::network_verb(given).is_ok_and(|verb| verb.is_some()) {
        let Some(network) = page.network().map(|network| network.name.clone()) else {
            state.pages.push(Page::Networks(page));
            return Err(format!(
                "no network is selected: name one, as in {}",
                given.command.usage()
            ));
        };
        let mut named = given.clone();
        let _ = named.name("network", Some(network));
        page.pending = Some(named);
    } else {
        page.show(match name {
            _ if name.starts_with("iface-") => NetTab::Bridges,
            _ if name.starts_with("nwfilter-") => NetTab::Filters,
            _ => NetTab::Networks,
        });
        page.pending = Some(given.clone());
    }
    state.pages.push(Page::Networks(page));
    Ok(())
}
