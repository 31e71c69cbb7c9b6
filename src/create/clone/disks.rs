//! The disks of clones: what becomes of each, and the volumes that have to be made for them.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::rewrite::{NewDisk, child};
use super::{CloneVolume, CloneWish, Copied, DiskChoice, DiskFate, FromSnapshot, base};
use crate::create::facts::{HostFacts, PoolFact, VolumeFact};
use crate::create::plan::{Concern, Planner};
use crate::create::storage::{is_of_files, source_in};
use crate::text::{bytes, nearest, visible};

/// What becomes of the disks of one clone, and its volumes.
pub type OfClone = (BTreeMap<String, NewDisk>, Vec<CloneVolume>);

/// A disk of the original.
struct Drive {
    target: String,
    device: String,
    place: Place,
    /// The format the guest's disk is read as.
    format: String,
    is_encrypted: bool,
    is_writable: bool,
    choice: DiskChoice,
}

/// Where a disk of the original is.
enum Place {
    Nowhere,
    Path(String),
    Volume(String, String),
    /// Over a network, or something else that has no path.
    Other(String),
}

/// Chooses for each disk of each clone.
pub struct Chooser<'a> {
    wish: &'a CloneWish,
    original: String,
    /// Targets of disks of a snapshot that lie within their own files.
    inside: Vec<String>,
    drives: Vec<Drive>,
    planner: Planner<'a>,
    /// Bytes that copies will need, by pool.
    needed: BTreeMap<String, u64>,
}

impl<'a> Chooser<'a> {
    pub fn new(
        wish: &'a CloneWish,
        facts: &'a HostFacts,
        root: Node<'_, '_>,
        original: &str,
        from: Option<&FromSnapshot>,
    ) -> Self {
        let bases = base::based_of(root);
        let devices = child(root, "devices");
        let disks = devices.into_iter().flat_map(|devices| devices.children());
        let mut drives: Vec<Drive> = disks
            .filter(|node| node.has_tag_name("disk"))
            .map(|disk| drive(disk, wish, &bases))
            .collect();
        // What a snapshot does not hold has been written since.
        for drive in &mut drives {
            if from.is_some_and(|from| !from.held.contains(&drive.target))
                && drive.is_writable
                && !wish.disks.contains_key(&drive.target)
            {
                drive.choice = DiskChoice::Leave;
            }
        }
        let mut chooser = Self {
            wish,
            original: original.to_owned(),
            inside: from.map_or_else(Vec::new, |from| from.inside.clone()),
            drives,
            planner: Planner::new(facts),
            needed: BTreeMap::new(),
        };
        chooser.check();
        if let Some(from) = from {
            chooser.check_held(from);
        }
        chooser
    }

    /// A clone of a snapshot has disks of its own, and only those that the snapshot holds.
    fn check_held(&mut self, from: &FromSnapshot) {
        for drive in self.drives.iter().filter(|drive| drive.is_writable) {
            let target = visible(&drive.target);
            let held = from.held.contains(&drive.target);
            match drive.choice {
                DiskChoice::Leave if held => {}
                DiskChoice::Leave => self.planner.warn(format!(
                    "{target} is not in the snapshot: the clone does not have it"
                )),
                DiskChoice::Copy if held => {}
                DiskChoice::Copy => self.planner.refuse(format!(
                    "{target} is not in the snapshot, and has been written since ({target}=leave)"
                )),
                DiskChoice::Link | DiskChoice::Share => self.planner.refuse(format!(
                    "{target}: what is made of a snapshot has disks of its own ({target}=copy or {target}=leave)"
                )),
            }
        }
    }

    fn check(&mut self) {
        let targets: Vec<&str> = self
            .drives
            .iter()
            .map(|drive| drive.target.as_str())
            .collect();
        for target in self.wish.disks.keys() {
            if targets.contains(&target.as_str()) {
                continue;
            }
            let hint = match nearest(target, targets.iter().copied()) {
                Some(near) => format!("; did you mean '{near}'?"),
                None if targets.is_empty() => String::new(),
                None => format!("; it has {}", targets.join(", ")),
            };
            let text = format!(
                "'{}' has no disk '{}'{hint}",
                visible(&self.original),
                visible(target)
            );
            self.planner.refuse(text);
        }
        let mut told = Vec::new();
        for drive in &self.drives {
            let target = visible(&drive.target);
            if drive.choice == DiskChoice::Share && drive.is_writable {
                told.push((
                    false,
                    format!(
                        "{target} is shared and both write it: only one of them can run at a time, and a file system that \
                         both mount is destroyed"
                    ),
                ));
            }
            let makes = matches!(drive.choice, DiskChoice::Copy | DiskChoice::Link);
            if makes && drive.is_encrypted {
                told.push((
                    true,
                    format!("{target} is encrypted: libvirt cannot copy it ({target}=share or {target}=leave)"),
                ));
            }
            if makes && let Place::Other(kind) = &drive.place {
                told.push((
                    true,
                    format!("{target} is of type {kind}, which libvirt cannot copy ({target}=share or {target}=leave)"),
                ));
            }
        }
        for (refuses, text) in told {
            if refuses {
                self.planner.refuse(text);
            } else {
                self.planner.warn(text);
            }
        }
    }

    /// For one clone.
    pub fn of_clone(&mut self, name: &str) -> OfClone {
        let mut disks = BTreeMap::new();
        let mut volumes = Vec::new();
        let mut files = self.wish.files.iter();
        for number in 0..self.drives.len() {
            let drive = &self.drives[number];
            let target = drive.target.clone();
            let makes = !drive.is_encrypted
                && matches!(drive.place, Place::Path(_) | Place::Volume(..))
                && matches!(drive.choice, DiskChoice::Copy | DiskChoice::Link);
            let new = match drive.choice {
                DiskChoice::Leave => NewDisk::Gone,
                _ if !makes => NewDisk::Same,
                choice => match self.volume(number, choice, name, files.next()) {
                    Ok((disk, volume)) => {
                        volumes.push(volume);
                        disk
                    }
                    Err(text) => {
                        self.planner.refuse(text);
                        NewDisk::Same
                    }
                },
            };
            disks.insert(target, new);
        }
        (disks, volumes)
    }

    fn volume(
        &mut self,
        number: usize,
        choice: DiskChoice,
        clone: &str,
        file: Option<&String>,
    ) -> Result<(NewDisk, CloneVolume), String> {
        let facts = self.planner.facts;
        let drive = &self.drives[number];
        let found = match &drive.place {
            Place::Path(path) => facts.volume_at(path),
            Place::Volume(pool, volume) => facts.volume_of(pool, volume),
            Place::Nowhere | Place::Other(_) => None,
        };
        let Some((from, volume)) = found else {
            let path = drive.path();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            return Err(format!(
                "{}: no active pool has {}, so libvirt can neither copy nor link it (virsh pool-create-as NAME dir --target {}; \
                 or {}=share, {}=leave)",
                visible(&drive.target),
                visible(path),
                visible(folder),
                visible(&drive.target),
                visible(&drive.target),
            ));
        };
        let links = choice == DiskChoice::Link;
        let seen = drive.format.clone();
        let folder = file.and_then(|file| file.rsplit_once('/').map(|(folder, _)| folder));
        let pool = match (&self.wish.pool, folder) {
            (None, None) if !links || is_of_files(&from.kind) => from.clone(),
            (pool, folder) => self.planner.pool_of(pool.as_deref(), folder)?,
        };
        if links && !is_of_files(&pool.kind) {
            return Err(format!(
                "an overlay is a file, and the pool '{}' has none; name one that has (--pool)",
                visible(&pool.name)
            ));
        }
        let format = match (links, is_of_files(&pool.kind)) {
            (true, _) => "qcow2".to_owned(),
            (false, true) => seen.clone(),
            (false, false) => "raw".to_owned(),
        };
        let name = match file {
            Some(file) => file.rsplit('/').next().unwrap_or(file).to_owned(),
            None => self.name(&pool, volume, clone, &format, links),
        };
        let taken = pool.volumes.iter().any(|volume| volume.name == name)
            || self
                .planner
                .taken
                .contains(&(pool.name.clone(), name.clone()));
        if taken {
            return Err(format!(
                "the pool '{}' has a volume '{}' already",
                visible(&pool.name),
                visible(&name)
            ));
        }
        let backing = links.then(|| (volume.path.clone(), seen.clone()));
        let full = self.wish.full && !links;
        let new = self
            .planner
            .volume(&pool, &name, volume.capacity, &format, full, backing);
        let in_pool = volume.format.as_deref().unwrap_or("raw");
        // The snapshots within a file are lost in any other copy than one byte by byte.
        let only_as_is = in_pool != seen || self.inside.contains(&drive.target);
        let copied = (!links).then(|| Copied {
            pool: from.name.clone(),
            volume: volume.name.clone(),
            bytes: volume.allocation,
            as_is: only_as_is || volume.backing.is_none() && format == seen && !full,
            only_as_is,
        });
        if let Some(copied) = &copied {
            let bytes = if full { volume.capacity } else { copied.bytes };
            *self.needed.entry(pool.name.clone()).or_default() += bytes;
        }
        let path = new.path.clone().unwrap_or_default();
        let disk = NewDisk::Other(source_in(&pool, &name, path), format);
        Ok((
            disk,
            CloneVolume {
                volume: new,
                copied,
            },
        ))
    }

    /// The name of a clone's volume: the original's with the one name for the other, else one of its own.
    fn name(
        &self,
        pool: &PoolFact,
        volume: &VolumeFact,
        clone: &str,
        format: &str,
        links: bool,
    ) -> String {
        let (stem, ending) = match volume.name.rsplit_once('.') {
            Some((stem, ending)) => (stem, format!(".{ending}")),
            None => (volume.name.as_str(), String::new()),
        };
        let ending = if links { ".qcow2".to_owned() } else { ending };
        if !self.original.is_empty() && stem.contains(self.original.as_str()) {
            let name = format!("{}{ending}", stem.replace(self.original.as_str(), clone));
            let is_free = !pool.volumes.iter().any(|volume| volume.name == name)
                && !self
                    .planner
                    .taken
                    .contains(&(pool.name.clone(), name.clone()));
            if is_free {
                return name;
            }
        }
        self.planner.free_name(pool, clone, format)
    }

    /// What becomes of each disk, what speaks against it, and the disks that are bases from then on.
    pub fn finish(mut self) -> (Vec<DiskFate>, Vec<Concern>, Vec<String>) {
        for (pool, needed) in std::mem::take(&mut self.needed) {
            let available = self
                .planner
                .facts
                .pool(&pool)
                .map_or(0, |pool| pool.available);
            if needed > available {
                self.planner.refuse(format!(
                    "the copies take {}, and {} are free in the pool '{}'",
                    bytes(needed),
                    bytes(available),
                    visible(&pool)
                ));
            }
        }
        let facts = self.planner.facts;
        let fates = self.drives.iter().map(|drive| DiskFate {
            target: drive.target.clone(),
            device: drive.device.clone(),
            source: match &drive.place {
                Place::Nowhere => None,
                _ => Some(drive.path().to_owned()),
            },
            capacity: match &drive.place {
                Place::Path(path) => facts.volume_at(path),
                Place::Volume(pool, volume) => facts.volume_of(pool, volume),
                Place::Nowhere | Place::Other(_) => None,
            }
            .map(|(_, volume)| volume.capacity),
            choice: drive.choice,
        });
        let fates: Vec<DiskFate> = fates.collect();
        let links = fates
            .iter()
            .filter(|fate| fate.choice == DiskChoice::Link)
            .map(|fate| fate.target.clone())
            .collect();
        (fates, self.planner.plan.concerns, links)
    }
}

impl Drive {
    fn path(&self) -> &str {
        match &self.place {
            Place::Nowhere => "",
            Place::Path(text) | Place::Volume(_, text) | Place::Other(text) => text,
        }
    }
}

fn drive(disk: Node<'_, '_>, wish: &CloneWish, bases: &[String]) -> Drive {
    let target = child(disk, "target")
        .and_then(|target| target.attribute("dev"))
        .unwrap_or_default()
        .to_owned();
    let device = disk.attribute("device").unwrap_or("disk").to_owned();
    let source = child(disk, "source");
    let of = |name: &str| source.and_then(|source| source.attribute(name));
    let place = match (of("file").or(of("dev")), of("pool").zip(of("volume"))) {
        (Some(path), _) => Place::Path(path.to_owned()),
        (None, Some((pool, volume))) => Place::Volume(pool.to_owned(), volume.to_owned()),
        (None, None) if source.is_none() => Place::Nowhere,
        (None, None) => Place::Other(disk.attribute("type").unwrap_or("unknown").to_owned()),
    };
    let is_base = bases.contains(&target);
    let is_readonly = child(disk, "readonly").is_some() && !is_base;
    let is_shareable = child(disk, "shareable").is_some();
    let is_media = matches!(device.as_str(), "cdrom" | "floppy");
    let usual = if is_media || is_readonly || is_shareable || matches!(place, Place::Nowhere) {
        DiskChoice::Share
    } else if wish.linked {
        DiskChoice::Link
    } else {
        DiskChoice::Copy
    };
    let encryption =
        child(disk, "encryption").or_else(|| source.and_then(|source| child(source, "encryption")));
    Drive {
        choice: wish.disks.get(&target).copied().unwrap_or(usual),
        format: child(disk, "driver")
            .and_then(|driver| driver.attribute("type"))
            .unwrap_or("raw")
            .to_owned(),
        is_encrypted: encryption.is_some(),
        is_writable: !is_media && !is_readonly && !is_shareable,
        target,
        device,
        place,
    }
}
