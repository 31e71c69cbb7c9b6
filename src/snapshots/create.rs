//! Taking one.

use super::{REVERTS_EXTERNAL, format, has_internal, list, since, version, writable};
use crate::model::{DiskFacts, Snapshot};
use crate::protocol::{DiskPart, DomainSnapshots, NewSnapshot};
use crate::text;

/// Why an internal snapshot of the domain is not possible, in words with the way out; `None` where it is.
#[must_use]
pub fn no_internal(facts: &DomainSnapshots) -> Option<String> {
    if facts.test {
        return None;
    }
    // A network's own snapshots are the business of that storage.
    let local = |disk: &&DiskFacts| {
        disk.layers
            .first()
            .is_some_and(|layer| layer.kind != "network")
    };
    let bad: Vec<_> = writable(facts)
        .filter(local)
        .filter(|disk| format(disk) != "qcow2")
        .map(|disk| format!("{} is {}", disk.target, format(disk)))
        .collect();
    if !bad.is_empty() {
        return Some(format!(
            "{}: internal snapshots need qcow2; take an external one (--disk-only)",
            bad.join(", ")
        ));
    }
    facts.pflash.then(|| {
        "its firmware is UEFI on pflash, whose variables internal snapshots do not hold; take an external one (--disk-only)"
            .to_owned()
    })
}

/// Why a snapshot cannot be taken so, with the way out; `None` when nothing speaks against it.
#[must_use]
pub fn no_create(facts: &DomainSnapshots, wanted: &NewSnapshot) -> Option<String> {
    if let Some(name) = &wanted.name {
        if name.contains('/') || name.starts_with('.') {
            return Some(
                "the name of a snapshot holds no '/' and does not begin with '.'".to_owned(),
            );
        }
        if facts.snapshots.iter().any(|one| one.name == *name) && !wanted.no_metadata {
            return Some(format!(
                "it has a snapshot '{name}' already: take another name"
            ));
        }
    }
    if facts.test {
        return None;
    }
    for (target, _) in &wanted.disks {
        if !facts.disks.iter().any(|disk| disk.target == *target) {
            let known: Vec<_> = facts
                .disks
                .iter()
                .map(|disk| disk.target.as_str())
                .collect();
            return Some(format!(
                "it has no disk '{target}': its disks are {}",
                known.join(", ")
            ));
        }
    }
    if writable(facts).next().is_none() && !facts.active {
        return Some(
            "it is off and has no disk that anything is written to: there is nothing to take"
                .to_owned(),
        );
    }
    let external = wanted.external();
    if !external {
        if wanted.disks.iter().any(|(_, part)| *part == DiskPart::No) {
            return Some(
                "an internal snapshot takes all disks; one that leaves a disk out is external (--disk-only)".to_owned(),
            );
        }
        if let Some(why) = no_internal(facts) {
            return Some(why);
        }
    }
    if wanted.disk_only && wanted.memory_file.is_some() {
        return Some("either the disks alone, or a file for the memory".to_owned());
    }
    if wanted.memory_file.is_some() && !facts.active {
        return Some(
            "it is off: there is no memory to take (--disk-only takes the disks)".to_owned(),
        );
    }
    if wanted.quiesce {
        if !wanted.disk_only {
            return Some("file systems are frozen for the disks alone (--disk-only)".to_owned());
        }
        if let Some(why) = no_freeze(facts) {
            return Some(why);
        }
    }
    let checkpoints = facts.checkpoints.as_ref().map_or(0, Vec::len);
    if checkpoints > 0 && !facts.active && external {
        return Some(format!(
            "it is off and has {checkpoints} checkpoints: libvirt takes external snapshots beside them only while it runs"
        ));
    }
    external.then(|| no_overlay(facts, wanted)).flatten()
}

/// Why the guest's file systems cannot be frozen.
pub(super) fn no_freeze(facts: &DomainSnapshots) -> Option<String> {
    match (facts.active, facts.agent) {
        (false, _) => Some("it is off: there are no file systems to freeze".to_owned()),
        (true, None) => {
            Some("freezing needs the guest agent, for which the domain has no channel".to_owned())
        }
        (true, Some(false)) => {
            Some("freezing needs the guest agent, which is not connected".to_owned())
        }
        (true, Some(true)) => None,
    }
}

fn part<'a>(wanted: &'a NewSnapshot, target: &str) -> Option<&'a DiskPart> {
    let found = wanted.disks.iter().find(|(known, _)| known == target);
    found.map(|(_, part)| part)
}

/// Disks that go on in a new file.
fn overlaid<'a>(
    facts: &'a DomainSnapshots,
    wanted: &'a NewSnapshot,
) -> impl Iterator<Item = &'a DiskFacts> {
    writable(facts).filter(|disk| {
        matches!(
            part(wanted, &disk.target),
            None | Some(DiskPart::External(_))
        )
    })
}

fn no_overlay(facts: &DomainSnapshots, wanted: &NewSnapshot) -> Option<String> {
    if overlaid(facts, wanted).next().is_none() && wanted.disk_only {
        return Some("all disks are left out: there is nothing to take".to_owned());
    }
    let nameless = overlaid(facts, wanted).find(|disk| {
        let kind = disk.layers.first().map(|layer| layer.kind.as_str());
        kind.is_some_and(|kind| kind != "file")
            && !matches!(
                part(wanted, &disk.target),
                Some(DiskPart::External(Some(_)))
            )
    })?;
    Some(format!(
        "{0} is no file, so libvirt finds no name for the one above it: give one (--diskspec {0},file=PATH), or leave it out",
        nameless.target
    ))
}

/// What a snapshot costs and what it can be used for: a sentence each, before it is taken.
#[must_use]
pub fn costs(facts: &DomainSnapshots, wanted: &NewSnapshot) -> Vec<String> {
    let memory = facts.memory_kib.map_or_else(
        || "its memory".to_owned(),
        |kib| format!("{} of memory", text::bytes(kib * 1024)),
    );
    let mut said = Vec::new();
    if !wanted.external() {
        let disks: Vec<_> = writable(facts).map(|disk| disk.target.as_str()).collect();
        said.push(match facts.active {
            true => format!(
                "The guest stands still while up to {memory} is written into {}; then it goes on.",
                disks.first().unwrap_or(&"its disk")
            ),
            false => "It is off: this takes a moment and little room.".to_owned(),
        });
        said.push(match facts.active {
            true => "Going back brings disks and memory as they are now.".to_owned(),
            false => {
                "Going back brings the disks as they are now; the domain is off then.".to_owned()
            }
        });
        let overlays = facts
            .snapshots
            .iter()
            .filter(|one| overlay_in_use(facts, one));
        let overlays: Vec<_> = overlays.map(|one| one.name.as_str()).collect();
        if !overlays.is_empty() {
            said.push(format!(
                "It lies in a file of the external {}, which cannot be deleted as long as it is there.",
                list(&overlays)
            ));
        }
        return said;
    }
    let disks: Vec<_> = overlaid(facts, wanted)
        .map(|disk| disk.target.as_str())
        .collect();
    let disks = disks.join(", ");
    said.push(match (&wanted.memory_file, facts.active) {
        (Some(file), _) if wanted.live => {
            format!("The guest runs on while {memory} is written to {file}, more than that where it writes much; at the end it stands still for a moment.")
        }
        (Some(file), _) => format!("The guest stands still while {memory} is written to {file}."),
        (None, true) if wanted.quiesce => "The guest runs on; its file systems are frozen for a moment.".to_owned(),
        (None, true) => "The guest runs on. Its memory is not in it: the disks are as after a power cut.".to_owned(),
        (None, false) => "It is off: this takes a moment.".to_owned(),
    });
    said.push(format!(
        "From now on {disks} grows in new files; the present ones stay as they are, and every read may go through both."
    ));
    if since(facts, REVERTS_EXTERNAL) {
        said.push(
            "It can be gone back to, and deleted: then the new file goes down into the one below."
                .to_owned(),
        );
    } else {
        said.push(format!(
            "The libvirt of the host{} cannot go back to it; it can be deleted (block commit), and its files copied for a new domain.",
            version(facts)
        ));
    }
    let below: Vec<_> = facts
        .snapshots
        .iter()
        .filter(|one| has_internal(one) && on_active_files(facts, one))
        .map(|one| one.name.as_str())
        .collect();
    if !below.is_empty() {
        said.push(format!(
            "The internal {} can be gone back to only when this one is deleted before.",
            list(&below)
        ));
    }
    said
}

/// Whether the files of a snapshot are those that the disks are on now.
fn on_active_files(facts: &DomainSnapshots, snapshot: &Snapshot) -> bool {
    writable(facts).all(|disk| {
        let now = disk.layers.first().map(|layer| layer.source.as_str());
        snapshot
            .file(&disk.target)
            .is_none_or(|file| Some(file) == now)
    })
}

/// Whether a disk is on a file that this external snapshot has made.
fn overlay_in_use(facts: &DomainSnapshots, snapshot: &Snapshot) -> bool {
    let active = |path: &str| {
        facts.disks.iter().any(|disk| {
            disk.layers
                .first()
                .is_some_and(|layer| layer.source == path)
        })
    };
    snapshot
        .disks
        .iter()
        .any(|disk| disk.overlay.as_deref().is_some_and(active))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{disk, facts, snapshot};
    use super::*;

    fn internal() -> NewSnapshot {
        NewSnapshot::default()
    }

    fn disks_alone() -> NewSnapshot {
        NewSnapshot {
            disk_only: true,
            ..NewSnapshot::default()
        }
    }

    #[test]
    fn what_cannot_hold_an_internal_snapshot_is_named() {
        let good = facts(vec![disk("vda", "qcow2", &["/a"])], Vec::new());
        assert_eq!(no_internal(&good), None);
        let raw = facts(
            vec![disk("vda", "qcow2", &["/a"]), disk("vdb", "raw", &["/b"])],
            Vec::new(),
        );
        let why = no_create(&raw, &internal()).unwrap();
        assert!(
            why.starts_with("vdb is raw: internal snapshots need qcow2"),
            "{why}"
        );
        assert_eq!(no_create(&raw, &disks_alone()), None);
        let mut uefi = good.clone();
        uefi.pflash = true;
        assert!(no_create(&uefi, &internal()).unwrap().contains("UEFI"));
        // What is only read, and what has nothing in it, is not asked.
        let mut cd = disk("sda", "raw", &["/iso"]);
        cd.device = "cdrom".to_owned();
        let mut empty = disk("vdb", "raw", &[]);
        empty.layers.clear();
        let furnished = facts(vec![disk("vda", "qcow2", &["/a"]), cd, empty], Vec::new());
        assert_eq!(no_internal(&furnished), None);
    }

    #[test]
    fn names_that_libvirt_refuses_are_refused_first() {
        let one = snapshot("one", None, "/a", None);
        let facts = facts(vec![disk("vda", "qcow2", &["/a"])], vec![one]);
        for (name, word) in [("a/b", "'/'"), (".x", "'.'"), ("one", "already")] {
            let wanted = NewSnapshot {
                name: Some(name.to_owned()),
                ..internal()
            };
            assert!(no_create(&facts, &wanted).unwrap().contains(word), "{name}");
        }
        let odd = NewSnapshot {
            name: Some("-rf\n$(x)".to_owned()),
            ..internal()
        };
        assert_eq!(no_create(&facts, &odd), None);
    }

    #[test]
    fn freezing_needs_an_agent_that_answers() {
        let mut facts = facts(vec![disk("vda", "qcow2", &["/a"])], Vec::new());
        let wanted = NewSnapshot {
            quiesce: true,
            ..disks_alone()
        };
        for (agent, word) in [(None, "no channel"), (Some(false), "not connected")] {
            facts.agent = agent;
            assert!(no_create(&facts, &wanted).unwrap().contains(word));
        }
        facts.agent = Some(true);
        assert_eq!(no_create(&facts, &wanted), None);
    }

    #[test]
    fn disks_are_left_out_of_external_ones_alone() {
        let facts = facts(
            vec![disk("vda", "qcow2", &["/a"]), disk("vdb", "raw", &["/b"])],
            Vec::new(),
        );
        let out = |base: NewSnapshot, targets: &[&str]| NewSnapshot {
            disks: targets
                .iter()
                .map(|target| ((*target).to_owned(), DiskPart::No))
                .collect(),
            ..base
        };
        assert_eq!(no_create(&facts, &out(disks_alone(), &["vdb"])), None);
        let said = no_create(&facts, &out(disks_alone(), &["vda", "vdb"])).unwrap();
        assert!(said.contains("nothing to take"), "{said}");
        assert!(
            no_create(&facts, &out(internal(), &["vdb"]))
                .unwrap()
                .contains("takes all disks")
        );
        assert!(
            no_create(&facts, &out(disks_alone(), &["vdz"]))
                .unwrap()
                .contains("no disk 'vdz'")
        );
        assert!(
            costs(&facts, &out(disks_alone(), &["vdb"]))
                .join(" ")
                .contains("From now on vda grows")
        );
    }

    #[test]
    fn what_it_costs_is_said() {
        let below = snapshot("below", None, "/a", None);
        let mut facts = facts(vec![disk("vda", "qcow2", &["/a"])], vec![below]);
        let said = costs(&facts, &internal()).join(" ");
        assert!(
            said.contains("stands still while up to 2.0G of memory"),
            "{said}"
        );
        let said = costs(&facts, &disks_alone()).join(" ");
        assert!(
            said.contains("as after a power cut") && said.contains("(9.0.0) cannot go back"),
            "{said}"
        );
        assert!(
            said.contains("The internal 'below' can be gone back to only when"),
            "{said}"
        );
        facts.libvirt = Some(9_009_000);
        assert!(
            !costs(&facts, &disks_alone())
                .join(" ")
                .contains("cannot go back")
        );
        facts.active = false;
        assert!(costs(&facts, &internal()).join(" ").contains("It is off"));
    }
}
