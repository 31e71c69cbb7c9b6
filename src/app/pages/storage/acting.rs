//! What the keys of the storage page do to pools, secrets and leftovers.

use super::{Storage, of_host};
use crate::action::Action;
use crate::app::{Effect, Layer, Level, Line, Purpose, State, TextField, TextUse, forms, storing};
use crate::model::{ConnectionId, Leftover, Pool};
use crate::protocol::{
    Overwrite, PoolName, PoolVerb, SecretVerb, StorageVerb, Verb, VolumeName, VolumeVerb,
};
use crate::virsh;

/// A pool as a verb names it.
pub(super) fn named(pool: &Pool) -> PoolName {
    PoolName {
        name: pool.name.clone(),
        uuid: Some(pool.uuid),
    }
}

/// Does it, or says why not.
pub(super) fn attempt(
    state: &mut State,
    host: ConnectionId,
    verb: StorageVerb,
    effects: &mut Vec<Effect>,
) {
    if let Err(why) = storing::attempt(state, host, verb, effects) {
        state.say(Level::Note, why);
    }
}

impl Storage {
    pub(super) fn act_on_pool(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let host = self.connection;
        if action == Action::NewPool {
            if let Some(why) = storing::refusal(state, host, action) {
                state.say(Level::Note, why);
            } else {
                forms::open_pool(state, host);
            }
            return true;
        }
        if action == Action::MakeImage {
            match (
                storing::refusal(state, host, action),
                self.selected().cloned(),
            ) {
                (Some(why), _) => state.say(Level::Note, why),
                (None, None) => state.say(Level::Note, "No pool is selected.".to_owned()),
                (None, Some(pool)) if !pool.state.is_active() => {
                    let name = crate::text::visible(&pool.name).into_owned();
                    state.say(
                        Level::Note,
                        format!("{name} is not active: start it first."),
                    );
                }
                (None, Some(pool)) => {
                    forms::open_stored(state, host, action, &pool, None, effects);
                }
            }
            return true;
        }
        let known = matches!(
            action,
            Action::PoolStart
                | Action::PoolStop
                | Action::PoolRefresh
                | Action::PoolBuild
                | Action::PoolDelete
                | Action::PoolUndefine
                | Action::PoolAutostart
        );
        if !known {
            return false;
        }
        let Some(pool) = self.selected() else {
            state.say(Level::Note, "No pool is selected.".to_owned());
            return true;
        };
        let name = crate::text::visible(&pool.name).into_owned();
        let active = pool.state.is_active();
        let refused = match action {
            Action::PoolStart if active => Some(format!("{name} is active already.")),
            Action::PoolStop | Action::PoolRefresh if !active => {
                Some(format!("{name} is not active."))
            }
            Action::PoolBuild | Action::PoolDelete | Action::PoolUndefine if active => {
                Some(format!("{name} is active: stop it first."))
            }
            Action::PoolAutostart if pool.persistent == Some(false) => Some(format!(
                "{name} has no definition: it is gone when it is stopped."
            )),
            _ => None,
        };
        if let Some(why) = refused {
            state.say(Level::Note, why);
            return true;
        }
        let verb = match action {
            Action::PoolStart => PoolVerb::Start(None),
            Action::PoolStop => PoolVerb::Stop,
            Action::PoolRefresh => PoolVerb::Refresh,
            // What is there is never overwritten by a key.
            Action::PoolBuild if matches!(pool.kind.as_str(), "fs" | "disk" | "logical") => {
                PoolVerb::Build(Overwrite::No)
            }
            Action::PoolBuild => PoolVerb::Build(Overwrite::Unsaid),
            Action::PoolDelete => PoolVerb::Delete,
            Action::PoolUndefine => PoolVerb::Undefine,
            _ => PoolVerb::Autostart(pool.autostart != Some(true)),
        };
        let verb = StorageVerb::Pool(named(pool), verb);
        attempt(state, host, verb, effects);
        true
    }

    pub(super) fn act_on_secret(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let host = self.connection;
        if action == Action::NewSecret {
            if let Some(why) = storing::refusal(state, host, action) {
                state.say(Level::Note, why);
            } else {
                forms::open_secret(state, host);
            }
            return true;
        }
        let known = matches!(
            action,
            Action::SetSecret | Action::ClearSecret | Action::DeleteSecret | Action::ShowSecret
        );
        if !known {
            return false;
        }
        let Some(one) = self.selected_secret() else {
            state.say(Level::Note, "No secret is selected.".to_owned());
            return true;
        };
        let (uuid, private) = (one.secret.uuid, one.secret.private);
        let users = one.users.clone();
        match action {
            Action::SetSecret => {
                if let Some(why) = storing::refusal(state, host, action) {
                    state.say(Level::Note, why);
                    return true;
                }
                let field = TextField::new(TextUse::SecretValue(host, uuid), Line::masked());
                state.layers.push(Layer::Text(field));
            }
            Action::ShowSecret if private => state.say(
                Level::Note,
                "The secret is private: libvirt tells its value to nobody.".to_owned(),
            ),
            Action::ShowSecret => {
                let target = of_host(host);
                let verb = Verb::ReadSecretValue(uuid);
                let job = state.ask(target, Purpose::Read, verb, effects);
                self.value_asked = Some((job, uuid));
            }
            _ => {
                if let Some(why) = storing::refusal(state, host, action) {
                    state.say(Level::Note, why);
                    return true;
                }
                let verb = if action == Action::ClearSecret {
                    SecretVerb::Clear
                } else {
                    SecretVerb::Undefine
                };
                let more = if users.is_empty() {
                    Vec::new()
                } else {
                    vec![format!("It is used by {}.", users.join(", "))]
                };
                storing::confirm(state, host, vec![StorageVerb::Secret(uuid, verb)], more);
            }
        }
        true
    }

    pub(super) fn act_on_leftover(&mut self, state: &mut State, action: Action) -> bool {
        match action {
            Action::Mark => {
                if let Some(row) = self.leftover_list.selected() {
                    if !self.marked.remove(&row) {
                        self.marked.insert(row);
                    }
                    self.leftover_list.step(1);
                }
            }
            Action::MarkShown => {
                let all = self.leftover_list.rows().to_vec();
                if self.marked.len() == all.len() {
                    self.marked.clear();
                } else {
                    self.marked = all.into_iter().collect();
                }
            }
            Action::DeleteVolume => self.delete_leftovers(state),
            _ => return false,
        }
        true
    }

    /// Asks whether the marked leftovers, or the selected one, are to be deleted.
    fn delete_leftovers(&self, state: &mut State) {
        if let Some(why) = storing::refusal(state, self.connection, Action::DeleteVolume) {
            return state.say(Level::Note, why);
        }
        let rows: Vec<usize> = if self.marked.is_empty() {
            self.leftover_list.selected().into_iter().collect()
        } else {
            self.marked.iter().copied().collect()
        };
        let found: Vec<&Leftover> = rows.iter().filter_map(|row| self.leftover(*row)).collect();
        if found.is_empty() {
            return state.say(Level::Note, "No leftover is selected.".to_owned());
        }
        if let Some(one) = found.iter().find(|one| one.inside.is_some()) {
            let name = one.inside.as_deref().unwrap_or_default();
            let line = virsh::join(["qemu-img", "snapshot", "-d", name, &one.path]);
            let words = format!(
                "'{}' lies inside of a file that a domain uses. On the host, while that domain is off: {}",
                crate::text::visible(name),
                crate::text::visible(&line)
            );
            return state.say(Level::Note, words);
        }
        // Files of other hosts may be these very ones, by way of shared storage.
        let elsewhere = found.iter().find_map(|one| {
            let user = state.guests.values().find(|guest| {
                let definition = guest.domain.definition.as_ref();
                let disks = definition
                    .into_iter()
                    .flat_map(|definition| &definition.disks);
                disks
                    .filter_map(|disk| disk.source.as_deref())
                    .any(|path| path == one.path)
            });
            user.map(|guest| (one.path.clone(), guest.domain.name.clone()))
        });
        if let Some((path, name)) = elsewhere {
            let words = format!(
                "{} is used by {} of another host that is open: nothing was deleted.",
                crate::text::visible(&path),
                crate::text::visible(&name)
            );
            return state.say(Level::Note, words);
        }
        let bytes: u64 = found.iter().filter_map(|one| one.allocation_bytes).sum();
        let verbs = found.iter().map(|one| match &one.volume {
            Some((pool, name)) => StorageVerb::Volume(
                VolumeName {
                    pool: Some(PoolName {
                        name: pool.clone(),
                        uuid: None,
                    }),
                    name: name.clone(),
                    path: Some(one.path.clone()),
                },
                VolumeVerb::Delete,
            ),
            None => StorageVerb::DeleteFile(one.path.clone()),
        });
        let more = vec![format!(
            "{} of room. Hosts that are not open here were not asked.",
            crate::text::bytes(bytes)
        )];
        let verbs = verbs.collect();
        storing::confirm(state, self.connection, verbs, more);
    }
}
