//! What can be done with the selected snapshot or checkpoint: the ways of it, and why not.

use super::Snapshots;
use crate::action::Action;
use crate::app::{Choice, Choices, Layer, Level, State, actions, forms};
use crate::model::{Checkpoint, Snapshot};
use crate::protocol::{
    CheckpointDelete, DomainVerb, NewSnapshot, Revert, RevertedAs, SnapshotDelete,
};
use crate::snapshots::{self as rules, Way};

impl Snapshots {
    /// Offers the ways of an action with the selected line; `false` for what is none of this page's.
    pub(super) fn offer(&self, state: &mut State, action: Action) -> bool {
        let chosen = self.list.selected();
        let snapshot = chosen.and_then(|id| self.snapshot(id));
        let checkpoint = chosen.and_then(|id| self.checkpoint(id));
        match (action, snapshot, checkpoint) {
            (Action::SnapshotRevert, Some(snapshot), _) => {
                self.choose(
                    state,
                    action,
                    "Revert {} to",
                    &snapshot.name,
                    self.ways_back(snapshot),
                );
            }
            (Action::SnapshotDelete, Some(snapshot), _) => {
                self.choose(
                    state,
                    action,
                    "Delete from {}:",
                    &snapshot.name,
                    self.ways_off(snapshot),
                );
            }
            (Action::SnapshotDelete, None, Some(checkpoint)) => {
                let ways = self.ways_off_checkpoint(checkpoint);
                self.choose(
                    state,
                    Action::CheckpointDelete,
                    "Delete from {}:",
                    &checkpoint.name,
                    ways,
                );
            }
            (Action::SnapshotEdit, Some(snapshot), _) => self.edit(state, snapshot),
            (Action::SnapshotRevert | Action::SnapshotEdit, None, Some(_)) => state.say(
                Level::Note,
                "A checkpoint notes what is written for a backup (A); nothing can go back to it."
                    .to_owned(),
            ),
            (
                Action::SnapshotRevert | Action::SnapshotDelete | Action::SnapshotEdit,
                None,
                None,
            ) => {
                state.say(Level::Note, "No snapshot is selected.".to_owned());
            }
            _ => return false,
        }
        true
    }

    fn choose(
        &self,
        state: &mut State,
        action: Action,
        title: &str,
        name: &str,
        ways: Result<Vec<Choice>, String>,
    ) {
        if let Some(why) = actions::refusal(state, action, self.id) {
            return state.say(Level::Note, why);
        }
        match ways {
            Ok(entries) => {
                let guest = state.guest(self.id).map(|guest| &guest.domain.name);
                let title = title.replace("{}", guest.map_or("", |name| name.as_str()));
                state.layers.push(Layer::Choices(Choices {
                    title: format!("{title} {name}"),
                    target: self.id,
                    entries,
                    chosen: 0,
                }));
            }
            Err(why) => state.say(Level::Failed, why),
        }
    }

    fn edit(&self, state: &mut State, snapshot: &Snapshot) {
        if let Some(why) = actions::refusal(state, Action::SnapshotEdit, self.id) {
            return state.say(Level::Note, why);
        }
        forms::open_snapshot_edit(state, self.id, snapshot);
    }

    /// Why a snapshot cannot be gone back to; `None` when it can.
    #[must_use]
    pub fn no_revert(&self, snapshot: &Snapshot) -> Option<String> {
        Some(rules::obstacle(self.read.as_ref()?, snapshot)?.why)
    }

    /// Why a snapshot cannot be deleted with its data, or by which other way than libvirt's it goes; `None` when there is
    /// nothing to say.
    #[must_use]
    pub fn no_delete(&self, snapshot: &Snapshot) -> Option<String> {
        match rules::deletion(self.read.as_ref()?, &delete(snapshot)) {
            Err(why) => Some(why),
            Ok(steps) if steps.iter().any(|step| step.way == Way::Commit) => Some(
                "libvirt does not delete it: virtty brings its data down by a block commit and has it forgotten then."
                    .to_owned(),
            ),
            Ok(_) => None,
        }
    }

    /// Why no new domain can be made from a snapshot, as a sentence; `None` when one can.
    #[must_use]
    pub fn no_clone(&self, snapshot: &Snapshot) -> Option<String> {
        Some(sentence(&rules::no_clone(self.read.as_ref()?, snapshot)?))
    }

    /// Why no internal snapshot can be taken now.
    #[must_use]
    pub fn no_internal(&self) -> Option<String> {
        rules::no_internal(self.read.as_ref()?)
    }

    fn ways_back(&self, snapshot: &Snapshot) -> Result<Vec<Choice>, String> {
        let Some(facts) = &self.read else {
            return Err("The snapshots are not read yet.".to_owned());
        };
        let obstacle = rules::obstacle(facts, snapshot);
        if let Some(obstacle) = &obstacle
            && obstacle.above.is_empty()
        {
            return Err(sentence(&obstacle.why));
        }
        let commit_first = obstacle.is_some();
        let lost = match commit_first {
            false => "What the domain does now and its disks hold since is lost".to_owned(),
            true => format!(
                "External snapshots were taken above it: they are deleted first, by block commits ({}). What the domain does now \
                 and its disks hold since is lost",
                obstacle.map(|one| one.above.join(", ")).unwrap_or_default()
            ),
        };
        let was = match snapshot.state.as_str() {
            "running" => "It runs then, with the memory it had",
            "paused" => "It is paused then, with the memory it had",
            _ => "It is off then",
        };
        let way = |label: &str, meaning: String, then, snapshot_first| Choice {
            label: label.to_owned(),
            meaning,
            action: Action::SnapshotRevert,
            verb: DomainVerb::SnapshotRevert(Revert {
                name: snapshot.name.clone(),
                then,
                force: false,
                snapshot_first,
                commit_first,
            }),
        };
        let mut ways = Vec::new();
        if commit_first || rules::no_create(facts, &NewSnapshot::default()).is_none() {
            let kept = match commit_first {
                true => format!(
                    "{}, but for a snapshot of it that is taken before.",
                    lost.trim_end_matches(" is lost")
                ),
                false => {
                    "Nothing is lost: the present state becomes a snapshot of its own.".to_owned()
                }
            };
            ways.push(way(
                "Take a snapshot of the present state, then go back",
                format!("{kept} {was}."),
                RevertedAs::AsItWas,
                true,
            ));
        }
        ways.push(way(
            "As it was",
            format!("{lost}. {was}."),
            RevertedAs::AsItWas,
            false,
        ));
        ways.push(way(
            "And let it run",
            format!("{lost}. It runs then, whatever it did."),
            RevertedAs::Running,
            false,
        ));
        ways.push(way(
            "And leave it paused",
            format!("{lost}. It is paused then; u resumes it."),
            RevertedAs::Paused,
            false,
        ));
        Ok(ways)
    }

    fn ways_off(&self, snapshot: &Snapshot) -> Result<Vec<Choice>, String> {
        let Some(facts) = &self.read else {
            return Err("The snapshots are not read yet.".to_owned());
        };
        let below = self.children(&snapshot.name);
        let alone = SnapshotDelete {
            metadata: false,
            ..delete(snapshot)
        };
        let all = SnapshotDelete {
            children: true,
            ..alone.clone()
        };
        let only = SnapshotDelete {
            children_only: true,
            ..alone.clone()
        };
        let forget = SnapshotDelete {
            metadata: true,
            ..alone.clone()
        };
        let mut ways = Vec::new();
        let mut add = |label: &str, meaning: &str, wanted: SnapshotDelete| {
            let meaning = match rules::deletion(facts, &wanted) {
                // What cannot be done stands there with the reason; Enter says it again.
                Err(why) => format!("Not possible: {why}."),
                Ok(steps) if steps.is_empty() => meaning.to_owned(),
                Ok(steps) => {
                    let by = match steps.iter().any(|step| step.way == Way::Commit) {
                        true => {
                            "virtty does it by block commits, since the libvirt of the host does not"
                        }
                        false => "libvirt does it by block commits",
                    };
                    let off = match facts.active {
                        true => "",
                        false => {
                            " It is off: its QEMU is started for that, paused, without a single step of the guest."
                        }
                    };
                    format!(
                        "What was written since goes down into the file below, the new file goes; {by}.{off} {meaning}"
                    )
                }
            };
            ways.push(Choice {
                label: label.to_owned(),
                meaning,
                action: Action::SnapshotDelete,
                verb: DomainVerb::SnapshotDelete(wanted),
            });
        };
        add(
            "This one",
            "The domain stays as it is; those that descend from it hang on its parent then.",
            alone,
        );
        if below > 0 {
            add(
                "With all that descend from it",
                "The domain stays as it is.",
                all,
            );
            add(
                "Only those that descend from it",
                "It stays, and so does the domain.",
                only,
            );
        }
        add(
            "Forget it",
            "Only what libvirt remembers goes; the data stay in the disks, and are among the leftovers (S).",
            forget,
        );
        Ok(ways)
    }

    fn ways_off_checkpoint(&self, checkpoint: &Checkpoint) -> Result<Vec<Choice>, String> {
        let Some(facts) = &self.read else {
            return Err("The checkpoints are not read yet.".to_owned());
        };
        let way = |label: &str, meaning: &str, children, metadata| {
            let delete = CheckpointDelete {
                name: checkpoint.name.clone(),
                children,
                metadata,
            };
            Choice {
                label: label.to_owned(),
                meaning: match rules::no_checkpoint_delete(facts, &delete) {
                    Some(why) => format!("Not possible: {why}."),
                    None => meaning.to_owned(),
                },
                action: Action::CheckpointDelete,
                verb: DomainVerb::CheckpointDelete(delete),
            }
        };
        let follows = facts.checkpoints.iter().flatten();
        let follows = follows
            .filter(|one| one.parent.as_deref() == Some(&checkpoint.name))
            .count();
        let mut ways = vec![way(
            "This one",
            "What it noted goes to the one before; backups since it are not possible any more.",
            false,
            false,
        )];
        if follows > 0 {
            ways.push(way(
                "With all that follow it",
                "Backups since any of them are not possible any more.",
                true,
                false,
            ));
        }
        ways.push(way(
            "Forget it",
            "Only what libvirt remembers goes; its bitmaps stay in the disks.",
            false,
            true,
        ));
        Ok(ways)
    }
}

fn delete(snapshot: &Snapshot) -> SnapshotDelete {
    SnapshotDelete {
        name: snapshot.name.clone(),
        ..SnapshotDelete::default()
    }
}

/// Words of a reason as a sentence.
fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let dot = if why.ends_with(['.', ')']) { "" } else { "." };
    format!("{}{}{dot}", first.unwrap_or_default(), letters.as_str())
}
