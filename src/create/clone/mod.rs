//! Cloning: from the definition of a domain that is off to those of its clones, with the volumes they need.
//!
//! Pure, like the rest of the room: a definition, [`HostFacts`] and random bytes go in, a [`ClonePlan`] comes out.

mod base;
mod disks;
mod names;
mod rewrite;

pub use base::{based, protected, unprotected};
pub use names::expand;
pub use rewrite::{NewDisk, Own, Rewritten, rewrite};

use std::collections::BTreeMap;

use roxmltree::Node;

use super::facts::HostFacts;
use super::identity::{self, Random};
use super::plan::{About, Concern, Volume};
use crate::model::Uuid;
use crate::text::visible;
use crate::xml::Tree;
use disks::Chooser;
use rewrite::child;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CloneWish {
    /// Names, in the order of their making.
    pub names: Vec<String>,
    /// What becomes of disks, by their targets; the others follow `linked`.
    pub disks: BTreeMap<String, DiskChoice>,
    /// Whether disks become overlays instead of copies where nothing else is said.
    pub linked: bool,
    /// The pool of new volumes; that of the original's where there is none.
    pub pool: Option<String>,
    /// Paths of new volumes in the order of the disks that get one; of a single clone alone.
    pub files: Vec<String>,
    /// Whether all of a copy is allocated at once.
    pub full: bool,
    /// UUID of a single clone.
    pub uuid: Option<Uuid>,
    /// MAC addresses of a single clone, in the order of its interfaces; the others are made up.
    pub macs: Vec<String>,
    /// The snapshot of the original whose state the clones get; its present one where there is none.
    pub snapshot: Option<String>,
}

/// What becomes of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskChoice {
    /// All of it is copied.
    Copy,
    /// The clone has an overlay over it.
    Link,
    /// Both have it.
    Share,
    /// The clone does not have it.
    Leave,
}

impl DiskChoice {
    /// All of them, with their words.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Copy, "copy"),
        (Self::Link, "link"),
        (Self::Share, "share"),
        (Self::Leave, "leave"),
    ];

    /// The choice of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, name)| *name == word);
        found.map(|(choice, _)| *choice)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(choice, _)| *choice == self);
        found.map_or("", |(_, name)| *name)
    }
}

/// The domain that is cloned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Original {
    /// Its definition, with passwords where they may be read.
    pub xml: String,
    /// Whether it runs or is paused.
    pub is_active: bool,
    /// Whether its memory is saved.
    pub is_saved: bool,
    /// The snapshot that the definition is of, where it is not the present one.
    pub snapshot: Option<FromSnapshot>,
}

/// A snapshot whose disks are copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FromSnapshot {
    /// Its exact name.
    pub name: String,
    /// Targets of the disks that it holds; what others held then nobody knows.
    pub held: Vec<String>,
    /// Targets of those whose data lie within their own files, which are copied whole and taken back then.
    pub inside: Vec<String>,
    /// Exact names of all snapshots that lie within these files, and targets of theirs: the copies have them too.
    pub within: Vec<(String, Vec<String>)>,
}

/// A disk of the original, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskFate {
    /// Its name in the guest's order.
    pub target: String,
    /// `disk`, `cdrom`, `floppy`, `lun`.
    pub device: String,
    /// Where it is; `None` for an empty drive.
    pub source: Option<String>,
    /// Its volume's size in bytes, where a pool knows it.
    pub capacity: Option<u64>,
    /// What becomes of it.
    pub choice: DiskChoice,
}

/// What will be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClonePlan {
    /// Name of the original.
    pub original: String,
    /// The clones, in the order of their making.
    pub clones: Vec<OneClone>,
    /// The disks of the original.
    pub disks: Vec<DiskFate>,
    /// The original's definition with its bases protected, where that is not so yet.
    pub base_xml: Option<String>,
    /// The snapshot that they are made from.
    pub from: Option<FromSnapshot>,
    /// What speaks against it, and what is worth knowing.
    pub concerns: Vec<Concern>,
}

/// A clone to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneClone {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: Uuid,
    /// Its definition.
    pub xml: String,
    /// Its volumes.
    pub volumes: Vec<CloneVolume>,
    /// What its firmware remembers: from where to where.
    pub nvram: Option<(String, String)>,
}

/// A volume of a clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloneVolume {
    /// The volume.
    pub volume: Volume,
    /// What is copied into it; `None` for an overlay, which is empty.
    pub copied: Option<Copied>,
}

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its pool.
    pub pool: String,
    /// Its name.
    pub volume: String,
    /// Bytes it takes up, which is what there is to copy.
    pub bytes: u64,
    /// Whether its bytes are the copy as they are, so that they can be sent through a stream.
    pub as_is: bool,
    /// Whether nothing but that will do: the guest sees another format than libvirt would.
    pub only_as_is: bool,
}

impl ClonePlan {
    /// What stands in the way.
    pub fn refusals(&self) -> impl Iterator<Item = &str> {
        let refusals = self.concerns.iter().filter(|concern| concern.refuses);
        refusals.map(|concern| concern.text.as_str())
    }

    /// What is only worth saying.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        let warnings = self.concerns.iter().filter(|concern| !concern.refuses);
        warnings.map(|concern| concern.text.as_str())
    }

    /// Bytes that will be copied.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let volumes = self.clones.iter().flat_map(|clone| &clone.volumes);
        let copied = volumes.filter_map(|volume| volume.copied.as_ref());
        copied.map(|copied| copied.bytes).sum()
    }

    fn concern(&mut self, refuses: bool, text: impl Into<String>) {
        let text = text.into();
        if !self.concerns.iter().any(|concern| concern.text == text) {
            self.concerns.push(Concern {
                refuses,
                about: About::Whole,
                text,
            });
        }
    }
}

/// Makes the plan.
#[must_use]
pub fn plan_clones(
    wish: &CloneWish,
    original: &Original,
    facts: &HostFacts,
    random: &mut Random<'_>,
) -> ClonePlan {
    let mut plan = ClonePlan::default();
    let tree = match Tree::parse(&original.xml) {
        Ok(tree) => tree,
        Err(error) => {
            plan.concern(true, format!("the definition cannot be read: {error}"));
            return plan;
        }
    };
    let root = tree.root();
    plan.original = child(root, "name")
        .and_then(|name| name.text())
        .unwrap_or_default()
        .to_owned();
    let shown = visible(&plan.original).into_owned();
    if original.is_active {
        plan.concern(
            true,
            format!(
                "'{shown}' is running: its disks change while they are copied; shut it down first"
            ),
        );
    }
    if original.is_saved {
        plan.concern(
            false,
            format!(
                "'{shown}' has a saved state: its disks are as a guest leaves them that loses its power, and so are the clone's"
            ),
        );
    }
    plan.from.clone_from(&original.snapshot);
    check_names(wish, facts, &mut plan);
    let mut chooser = Chooser::new(wish, facts, root, &plan.original, plan.from.as_ref());
    let mut made = Vec::new();
    let mut given: Vec<String> = Vec::new();
    for name in &wish.names {
        let mut macs: Vec<String> = Vec::new();
        for number in 0..interfaces(root) {
            let mac = match wish.macs.get(number) {
                Some(mac) => mac.to_lowercase(),
                None => identity::mac(random, &|mac| {
                    let has = |macs: &[String]| macs.iter().any(|other| other == mac);
                    has(&given) || facts.domains.iter().any(|domain| has(&domain.macs))
                }),
            };
            given.push(mac.clone());
            macs.push(mac);
        }
        let uuid = wish.uuid.unwrap_or_else(|| identity::uuid(random));
        let own = Own {
            name: name.clone(),
            uuid,
            genid: identity::uuid(random),
            nvram: nvram(root, name),
            macs,
        };
        made.push((own, chooser.of_clone(name)));
    }
    let (fates, mut concerns, links) = chooser.finish();
    plan.disks = fates;
    plan.concerns.append(&mut concerns);
    for (own, (disks, volumes)) in made {
        match rewrite(&original.xml, &own, &disks) {
            Ok(rewritten) => {
                for note in rewritten.notes {
                    plan.concern(false, note);
                }
                plan.clones.push(OneClone {
                    nvram: nvram_of(root).zip(own.nvram),
                    name: own.name,
                    uuid: own.uuid,
                    xml: rewritten.xml,
                    volumes,
                });
            }
            Err(error) => plan.concern(true, format!("the definition cannot be read: {error}")),
        }
    }
    if !links.is_empty() {
        let target = |name: &String| visible(name).into_owned();
        let names: Vec<_> = links.iter().map(target).collect();
        match protected(&original.xml, &links) {
            Ok(Some(xml)) => {
                plan.base_xml = Some(xml);
                plan.concern(
                    false,
                    format!(
                        "'{shown}' becomes a base: its disks ({}) may not be written any more, so it does not start until it is freed",
                        names.join(", ")
                    ),
                );
            }
            Ok(None) => {}
            Err(error) => plan.concern(true, format!("the definition cannot be read: {error}")),
        }
    }
    plan
}

/// What a clone cannot change, for those who ask for it.
pub const HINT: &str = "inside the guest nothing is changed: host name, machine-id, SSH host keys and fixed addresses are the \
                        original's (virt-sysprep -d NAME resets them while it is off)";

fn interfaces(root: Node<'_, '_>) -> usize {
    child(root, "devices").map_or(0, |devices| {
        devices
            .children()
            .filter(|node| node.has_tag_name("interface"))
            .count()
    })
}

/// Where the original's firmware keeps its variables.
fn nvram_of(root: Node<'_, '_>) -> Option<String> {
    let nvram = child(child(root, "os")?, "nvram")?;
    let source = child(nvram, "source").and_then(|source| source.attribute("file"));
    let path = source.or_else(|| nvram.text()).map(str::trim)?;
    path.starts_with('/').then(|| path.to_owned())
}

/// Where a clone's does, beside the original's.
fn nvram(root: Node<'_, '_>, name: &str) -> Option<String> {
    let path = nvram_of(root)?;
    let (folder, file) = path.rsplit_once('/')?;
    let ending = file.rsplit_once('.').map_or("fd", |(_, ending)| ending);
    Some(format!("{folder}/{name}_VARS.{ending}"))
}

fn check_names(wish: &CloneWish, facts: &HostFacts, plan: &mut ClonePlan) {
    if wish.names.is_empty() {
        plan.concern(true, "a clone wants a name");
    }
    for (number, name) in wish.names.iter().enumerate() {
        let shown = visible(name).into_owned();
        if let Some(wrong) = super::plan::wrong_name(name) {
            plan.concern(true, wrong);
        }
        if wish.names[..number].contains(name) {
            plan.concern(true, format!("the name '{shown}' is given twice"));
        }
        if facts.domains.iter().any(|domain| domain.name == *name) {
            plan.concern(
                true,
                format!("the name '{shown}' is taken by another domain of this host; choose another name"),
            );
        }
    }
    if wish.names.len() > 1 {
        let single = [
            (wish.uuid.is_some(), "a UUID"),
            (!wish.macs.is_empty(), "a MAC address"),
            (!wish.files.is_empty(), "a file"),
        ];
        for (_, what) in single.iter().filter(|(given, _)| *given) {
            plan.concern(true, format!("{what} can be given to a single clone alone"));
        }
    }
    for mac in &wish.macs {
        let mac = mac.to_lowercase();
        let other = facts
            .domains
            .iter()
            .find(|domain| domain.macs.contains(&mac));
        if let Some(other) = other {
            plan.concern(
                true,
                format!(
                    "the address {mac} is that of a network interface of '{}'",
                    visible(&other.name)
                ),
            );
        }
    }
    if let Some(uuid) = wish.uuid.map(|uuid| uuid.to_string())
        && let Some(other) = facts.domains.iter().find(|domain| domain.uuid == uuid)
    {
        plan.concern(
            true,
            format!("the UUID {uuid} is that of '{}'", visible(&other.name)),
        );
    }
}

#[cfg(test)]
mod tests;
