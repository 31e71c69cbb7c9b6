//! What the keys of the page of volumes do.

use super::acting::named;
use super::volumes::{VolumeRow, Volumes};
use crate::action::Action;
use crate::app::{Effect, Level, State, forms, storing};
use crate::protocol::{StorageVerb, VolumeName, VolumeVerb};
use crate::text::visible;

impl Volumes {
    /// A volume as a verb names it.
    fn volume_name(&self, row: VolumeRow) -> Option<VolumeName> {
        Some(VolumeName {
            pool: Some(named(&self.pool)),
            name: self.name(row)?.to_owned(),
            path: self.facts(row).map(|facts| facts.path.clone()),
        })
    }

    /// Does it to the selected volume, or to all that are marked; `false` for what it does not know.
    pub(super) fn act_on_volume(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let known = matches!(
            action,
            Action::NewVolume
                | Action::CopyVolume
                | Action::ResizeVolume
                | Action::WipeVolume
                | Action::DeleteVolume
                | Action::UploadVolume
                | Action::DownloadVolume
                | Action::MakeImage
        );
        if !known {
            return false;
        }
        if let Some(why) = storing::refusal(state, self.connection, action) {
            state.say(Level::Note, why);
            return true;
        }
        match action {
            Action::NewVolume => {
                let volumes = self.paths();
                forms::open_volume(state, self.connection, &self.pool, volumes);
                return true;
            }
            Action::UploadVolume | Action::MakeImage => {
                let selected = self.selected().cloned();
                let volume = selected.filter(|_| action == Action::UploadVolume);
                forms::open_stored(state, self.connection, action, &self.pool, volume, effects);
                return true;
            }
            Action::DeleteVolume => {
                self.delete(state);
                return true;
            }
            _ => {}
        }
        let Some(row) = self.list().selected() else {
            state.say(Level::Note, "No volume is selected.".to_owned());
            return true;
        };
        if action == Action::WipeVolume {
            self.wipe(state, row);
            return true;
        }
        let Some(volume) = self.facts(row).cloned() else {
            state.say(Level::Note, "It is still being read.".to_owned());
            return true;
        };
        forms::open_stored(
            state,
            self.connection,
            action,
            &self.pool,
            Some(volume),
            effects,
        );
        true
    }

    /// Paths of the volumes that are known.
    fn paths(&self) -> Vec<String> {
        let rows = self.list().rows().iter();
        rows.filter_map(|row| self.facts(*row))
            .map(|facts| facts.path.clone())
            .collect()
    }

    fn wipe(&self, state: &mut State, row: VolumeRow) {
        if let Some(why) = self.needed(state, row, "overwritten") {
            return state.say(Level::Note, why);
        }
        if let Some(name) = self.volume_name(row) {
            let verb = StorageVerb::Volume(name, VolumeVerb::Wipe(None));
            storing::confirm(state, self.connection, vec![verb], Vec::new());
        }
    }

    /// Asks whether the marked volumes, or the selected one, are to be deleted.
    fn delete(&self, state: &mut State) {
        let mut rows: Vec<VolumeRow> = if self.marked().is_empty() {
            self.list().selected().into_iter().collect()
        } else {
            self.marked().iter().copied().collect()
        };
        if rows.is_empty() {
            return state.say(Level::Note, "No volume is selected.".to_owned());
        }
        rows.sort_by_key(|row| self.name(*row).map(str::to_owned));
        let needed = rows
            .iter()
            .find_map(|row| self.needed(state, *row, "deleted"));
        if let Some(why) = needed {
            return state.say(Level::Note, why);
        }
        let names = rows.iter().filter_map(|row| self.volume_name(*row));
        let verbs = names.map(|name| StorageVerb::Volume(name, VolumeVerb::Delete));
        let verbs = verbs.collect();
        storing::confirm(state, self.connection, verbs, Vec::new());
    }

    /// Why a volume must stay as it is, as far as is known here; the worker looks again.
    fn needed(&self, state: &State, row: VolumeRow, done: &str) -> Option<String> {
        let users = self.users(row, state);
        let first = users.first()?;
        let name = visible(self.name(row)?).into_owned();
        let how = match first.strip_prefix("base of ") {
            Some(other) => format!("is what {other} is based on"),
            None => format!("is used by {}", users.join(", ")),
        };
        Some(format!("{name} {how}: it is not {done}."))
    }
}
