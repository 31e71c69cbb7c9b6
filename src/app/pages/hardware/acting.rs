//! Doing something to the selected item.

use super::HardwarePage;
use crate::action::Action;
use crate::app::{Effect, Level, State, actions};
use crate::hardware::{Item, Kind};
use crate::protocol::{Affect, DeviceVerb, DeviceXml, DiskVerb, DomainVerb, HardwareVerb};

impl HardwarePage {
    /// Where a change of an item is made: in each definition that has it.
    pub(super) fn affect(&self, item: &Item) -> Affect {
        match (&item.now, &item.next) {
            (Some(_), Some(_)) => Affect::Both,
            (Some(_), None) => Affect::Live,
            (None, _) => Affect::Config,
        }
    }

    /// Takes the selected item out, after a question.
    pub(super) fn remove(&self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some(item) = self.selected() else {
            return state.say(Level::Note, "Nothing is selected.".to_owned());
        };
        let Some(place) = item.place() else {
            let words = format!(
                "{} is part of the domain: it can be changed, not removed.",
                item.title
            );
            return state.say(Level::Note, words);
        };
        let mut affect = self.affect(item);
        if affect == Affect::Live && !item.pluggable {
            let words = format!(
                "{} cannot be taken out while the domain runs; the next boot is without it.",
                item.title
            );
            return state.say(Level::Note, words);
        }
        if affect == Affect::Both && !item.pluggable {
            affect = Affect::Config;
        }
        let (action, verb) = match item.kind {
            Kind::Disk => (
                Action::DetachDisk,
                DomainVerb::Disk(DiskVerb::Detach(item.key.clone(), affect)),
            ),
            Kind::Nic => (
                Action::RemoveHardware,
                DomainVerb::Hardware(HardwareVerb::DetachNic {
                    kind: item.value("@type").unwrap_or_default().to_owned(),
                    mac: Some(item.key.clone()).filter(|mac| !mac.is_empty()),
                    affect,
                }),
            ),
            _ => (
                Action::RemoveHardware,
                DomainVerb::Hardware(HardwareVerb::Device {
                    verb: DeviceVerb::Detach,
                    xml: DeviceXml::Found(place, item.xml().to_owned()),
                    affect,
                }),
            ),
        };
        match actions::refusal(state, action, self.id) {
            Some(why) => state.say(Level::Note, why),
            None => actions::attempt(state, action, verb, self.id, effects),
        }
    }

    /// Plugs the cable of the selected interface in or out.
    pub(super) fn link(&self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some(item) = self.selected().filter(|item| item.kind == Kind::Nic) else {
            return state.say(Level::Note, "Select a NIC: its link is set.".to_owned());
        };
        let up = item.value("link@state") == Some("down");
        let verb = DomainVerb::Hardware(HardwareVerb::SetLink {
            interface: item.key.clone(),
            up,
            affect: self.affect(item),
        });
        match actions::refusal(state, Action::SetLink, self.id) {
            Some(why) => state.say(Level::Note, why),
            None => actions::attempt(state, Action::SetLink, verb, self.id, effects),
        }
    }
}
