//! The disks of a plan: what is in each, and the volumes that have to be made for them.

use super::cloud_init::seed;
use super::devices::{Drive, DriveSource, target_name};
use super::domain::{Content, Disk, DiskDevice, Kernel, NewDomain, NewVolume, Source};
use super::facts::PoolFact;
use super::osinfo::OperatingSystem;
use super::plan::{About, Found, Piece, Planner, Upload, Volume};
use super::xml::Choices;
use crate::text::{bytes, visible};
use crate::xml::Element;

impl Planner<'_> {
    /// The disks, with those that the source and cloud-init bring along.
    pub(super) fn disks(&mut self, wanted: &NewDomain, os: &OperatingSystem) -> Vec<Disk> {
        let mut disks = match &wanted.disks {
            Some(disks) => disks.clone(),
            None if matches!(wanted.source, Source::Import) => {
                self.refuse("an import wants the disk that has the system (--disk PATH)");
                Vec::new()
            }
            None => vec![fresh(os.disk)],
        };
        let cdrom = |content| Disk {
            content,
            device: DiskDevice::Cdrom,
            readonly: true,
            ..Disk::default()
        };
        if let Source::Cdrom(media) = &wanted.source {
            disks.push(cdrom(self.media(media)));
        }
        if let Some(init) = &wanted.cloud_init {
            let files = seed(wanted, init);
            let name = format!("{}-seed.iso", wanted.name);
            match self.pool_of(None, None) {
                Ok(pool) => {
                    let size: usize = files.files().map(|(_, text)| text.len()).sum();
                    let capacity = (size as u64 + (1 << 20)).next_multiple_of(1 << 20);
                    let volume = self.volume(&pool, &name, capacity, "raw", true, None);
                    let path = volume.path.clone().unwrap_or_default();
                    disks.push(cdrom(Content::Path {
                        path,
                        format: Some("raw".to_owned()),
                    }));
                    self.plan.seed = Some((files, volume));
                }
                Err(text) => self.refuse(text),
            }
        }
        disks
    }

    /// Turns what is elsewhere into what will be on the host.
    pub(super) fn brought(&mut self, wanted: &mut NewDomain) {
        let location = match &wanted.source {
            Source::Location(location) => location.clone(),
            Source::Cdrom(path) => {
                if let Some(bytes) = wanted.brought.media {
                    let path = path.clone();
                    if let Some(path) = self.bring_media(&path, bytes) {
                        wanted.source = Source::Cdrom(path);
                    }
                }
                return;
            }
            _ => return,
        };
        let (kernel, initrd) = wanted.brought.boot.unwrap_or_default();
        let kernel = self.bring(Piece::Kernel, &format!("{}-kernel", wanted.name), kernel);
        let initrd = self.bring(Piece::Initrd, &format!("{}-initrd", wanted.name), initrd);
        if !location.is_url() {
            let path = match wanted.brought.media {
                Some(bytes) => self.bring_media(&location.place, bytes),
                None => Some(location.place.clone()),
            };
            let media = path.map(|path| Disk {
                content: self.media(&path),
                device: DiskDevice::Cdrom,
                readonly: true,
                ..Disk::default()
            });
            let disks = wanted.disks.get_or_insert_with(|| vec![fresh(None)]);
            disks.extend(media);
        }
        let arguments = [wanted.brought.argument.take(), wanted.kernel_args.take()];
        let arguments: Vec<String> = arguments.into_iter().flatten().collect();
        wanted.kernel_args = (!arguments.is_empty()).then(|| arguments.join(" "));
        wanted.source = Source::Installer(Kernel {
            kernel: kernel.unwrap_or_default(),
            initrd,
        });
    }

    /// An image goes into the default pool under its own name; one that is there already with this size is taken as it is.
    fn bring_media(&mut self, path: &str, bytes: u64) -> Option<String> {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        if let Ok(pool) = self.pool_of(None, None)
            && let Some(there) = pool.volumes.iter().find(|volume| volume.name == name)
        {
            if there.capacity.abs_diff(bytes) < 4096 {
                return Some(there.path.clone());
            }
            self.refuse(format!(
                "{} is only on this machine, and the pool '{}' has another volume of its name; rename one of them",
                visible(path),
                visible(&pool.name)
            ));
            return None;
        }
        self.warn(format!(
            "{} is only on this machine and is uploaded to the host ({})",
            visible(path),
            crate::text::bytes(bytes)
        ));
        self.bring(Piece::Media, &name, bytes)
    }

    /// A volume for something that is brought along; its path.
    fn bring(&mut self, piece: Piece, name: &str, bytes: u64) -> Option<String> {
        let pool = match self.pool_of(None, None) {
            Ok(pool) => pool,
            Err(text) => {
                self.refuse(text);
                return None;
            }
        };
        if pool.volumes.iter().any(|volume| volume.name == name) {
            self.refuse(format!(
                "the pool '{}' has a volume '{}' already, left behind by another installation",
                visible(&pool.name),
                visible(name)
            ));
        }
        if bytes > pool.available {
            self.refuse(format!(
                "{} is more than the {} that are free in the pool '{}'",
                crate::text::bytes(bytes),
                crate::text::bytes(pool.available),
                visible(&pool.name)
            ));
        }
        let volume = self.volume(&pool, name, bytes.max(512), "raw", false, None);
        let path = volume.path.clone();
        self.plan.uploads.push(Upload { piece, volume });
        path
    }

    /// An image: a path, or a pool and a volume of it.
    fn media(&self, media: &str) -> Content {
        if let Some((pool, volume)) = media.split_once('/')
            && self.facts.pool(pool).is_some()
        {
            return Content::Volume {
                pool: pool.to_owned(),
                volume: volume.to_owned(),
                format: Some("raw".to_owned()),
            };
        }
        Content::Path {
            path: media.to_owned(),
            format: Some("raw".to_owned()),
        }
    }

    pub(super) fn drives(
        &mut self,
        choices: &Choices,
        disks: Vec<Disk>,
        look: &dyn Fn(&str) -> Found,
    ) -> Vec<Drive> {
        let mut drives: Vec<Drive> = Vec::new();
        let own = choices.wanted.disks.as_ref().map_or(1, Vec::len);
        for (number, disk) in disks.into_iter().enumerate() {
            self.about = if number < own {
                About::Disk(number)
            } else {
                About::Media
            };
            let bus = disk
                .bus
                .clone()
                .unwrap_or_else(|| bus_of(choices, disk.device).to_owned());
            let target = disk.target.clone().unwrap_or_else(|| {
                (0..)
                    .map(|number| target_name(&bus, number))
                    .find(|name| drives.iter().all(|drive| drive.target != *name))
                    .unwrap_or_default()
            });
            if drives.iter().any(|drive| drive.target == target) {
                self.refuse(format!("two disks are called {}", visible(&target)));
            }
            let (source, format) = self.content(choices.wanted, &disk, look);
            drives.push(Drive {
                disk,
                source,
                format,
                bus,
                target,
            });
        }
        drives
    }

    fn content(
        &mut self,
        wanted: &NewDomain,
        disk: &Disk,
        look: &dyn Fn(&str) -> Found,
    ) -> (DriveSource, Option<String>) {
        match &disk.content {
            Content::Nothing => (DriveSource::Nothing, None),
            Content::Network { format } => (
                DriveSource::Network,
                format.clone().or(Some("raw".to_owned())),
            ),
            Content::Path { path, format } => {
                let known = self.facts.volume_at(path);
                let is_brought = self
                    .plan
                    .uploads
                    .iter()
                    .any(|upload| upload.volume.path.as_deref() == Some(path));
                let is_seed = self
                    .plan
                    .seed
                    .as_ref()
                    .is_some_and(|(_, volume)| volume.path.as_deref() == Some(path));
                let found = match known {
                    Some((_, volume)) => Found::There(volume.format.clone()),
                    None if is_seed || is_brought => Found::There(None),
                    None => look(path),
                };
                let told = match &found {
                    Found::There(format) => format.clone().filter(|format| format != "iso"),
                    _ => None,
                };
                let format = format.clone().or(told);
                if path.is_empty() {
                    self.refuse("no image is named: a path on the host, or POOL/VOLUME".to_owned());
                } else if !path.starts_with('/') {
                    self.refuse(format!(
                        "'{}' is not a whole path: the host must find it from /",
                        visible(path)
                    ));
                } else if found == Found::Missing {
                    self.refuse(format!(
                        "there is no '{}'; add size= to make it, in GiB",
                        visible(path)
                    ));
                }
                self.shared(wanted, path, disk);
                if path.starts_with("/dev/") {
                    (
                        DriveSource::Block(path.clone()),
                        format.or(Some("raw".to_owned())),
                    )
                } else {
                    (
                        DriveSource::File(path.clone()),
                        format.or(Some("raw".to_owned())),
                    )
                }
            }
            Content::Volume {
                pool,
                volume,
                format,
            } => {
                let Some(known) = self.facts.pool(pool) else {
                    self.refuse(format!("there is no active pool '{}'", visible(pool)));
                    return (
                        DriveSource::Volume(pool.clone(), volume.clone()),
                        format.clone(),
                    );
                };
                let fact = known
                    .volumes
                    .iter()
                    .find(|fact| fact.name == *volume)
                    .cloned();
                let Some(fact) = fact else {
                    self.refuse(format!(
                        "the pool '{}' has no volume '{}'",
                        visible(pool),
                        visible(volume)
                    ));
                    return (
                        DriveSource::Volume(pool.clone(), volume.clone()),
                        format.clone(),
                    );
                };
                self.shared(wanted, &fact.path, disk);
                let format = format
                    .clone()
                    .or(fact.format)
                    .filter(|format| format != "iso");
                (
                    source_in(known, volume, fact.path),
                    format.or(Some("raw".to_owned())),
                )
            }
            Content::New(new) => self.new_volume(wanted, new),
        }
    }

    /// Says who else writes a disk.
    fn shared(&mut self, wanted: &NewDomain, path: &str, disk: &Disk) {
        if disk.readonly || disk.shareable || disk.device == DiskDevice::Cdrom {
            return;
        }
        let other = self
            .facts
            .domains
            .iter()
            .find(|domain| domain.disks.iter().any(|other| other == path));
        if let Some(other) = other {
            self.refuse_unless(wanted.unchecked.paths, format!(
                "{} is a disk of '{}'; two guests that write one disk destroy it (shareable=yes or readonly=yes if that is meant)",
                visible(path),
                visible(&other.name)
            ));
        }
    }

    fn new_volume(&mut self, wanted: &NewDomain, new: &NewVolume) -> (DriveSource, Option<String>) {
        let nowhere = |format: &str| (DriveSource::Nothing, Some(format.to_owned()));
        let ending = new.path.as_deref().and_then(|path| path.rsplit_once('.'));
        let format = new.format.clone().unwrap_or_else(|| {
            let raw = matches!(ending, Some((_, "raw" | "img"))) && new.backing.is_none();
            if raw { "raw" } else { "qcow2" }.to_owned()
        });
        let folder = new
            .path
            .as_deref()
            .map(|path| path.rsplit_once('/').unwrap_or(("", path)).0);
        let pool = match self.pool_of(new.pool.as_deref(), folder) {
            Ok(pool) => pool,
            Err(text) => {
                self.refuse(text);
                return nowhere(&format);
            }
        };
        // Pools of whole devices have no formats of their own.
        let format = match (pool.kind.as_str(), new.format.is_some()) {
            (kind, _) if is_of_files(kind) => format,
            (_, true) => format,
            _ => "raw".to_owned(),
        };
        let name = match (&new.path, &new.name) {
            (Some(path), _) => path.rsplit('/').next().unwrap_or(path).to_owned(),
            (None, Some(name)) => name.clone(),
            (None, None) => self.free_name(&pool, &wanted.name, &format),
        };
        let is_taken = pool.volumes.iter().any(|volume| volume.name == name)
            || self.taken.contains(&(pool.name.clone(), name.clone()));
        if is_taken {
            self.refuse(format!(
                "the pool '{}' has a volume '{}' already; leave size= out to use it as it is",
                visible(&pool.name),
                visible(&name)
            ));
        }
        let backing = new.backing.as_deref().map(|path| {
            let known = self.facts.volume_at(path);
            let format = new
                .backing_format
                .clone()
                .or_else(|| known.and_then(|(_, volume)| volume.format.clone()))
                .unwrap_or_else(|| "qcow2".to_owned());
            (
                path.to_owned(),
                format,
                known.map(|(_, volume)| volume.capacity),
            )
        });
        let Some(size) = new
            .size
            .or(backing.as_ref().and_then(|(_, _, capacity)| *capacity))
        else {
            self.refuse(format!(
                "the size of '{}' is not known; add size= in GiB",
                visible(&name)
            ));
            return nowhere(&format);
        };
        let before: u64 = self
            .claimed
            .iter()
            .filter(|(name, _)| *name == pool.name)
            .map(|(_, size)| size)
            .sum();
        self.claimed.push((pool.name.clone(), size));
        if before.saturating_add(size) > pool.available {
            let with = if before > 0 {
                format!(" with the {} of its other new volumes", bytes(before))
            } else {
                String::new()
            };
            let room = format!(
                "{}{with} is more than the {} that are free in the pool '{}'",
                bytes(size),
                bytes(pool.available),
                visible(&pool.name)
            );
            if new.full || format == "raw" && !matches!(pool.kind.as_str(), "dir" | "fs" | "netfs")
            {
                self.refuse_unless(wanted.unchecked.sizes, room);
            } else {
                self.warn(format!(
                    "{room}: the volume grows as it is written, and its guest is paused when nothing is left"
                ));
            }
        }
        let backing = backing.map(|(path, format, _)| (path, format));
        let volume = self.volume(&pool, &name, size, &format, new.full, backing);
        let path = volume.path.clone();
        self.plan.volumes.push(volume);
        let source = match path {
            Some(path) => source_in(&pool, &name, path),
            None => DriveSource::Volume(pool.name.clone(), name),
        };
        (source, Some(format))
    }

    /// The pool a volume goes into.
    pub(super) fn pool_of(
        &self,
        name: Option<&str>,
        folder: Option<&str>,
    ) -> Result<PoolFact, String> {
        let pools = &self.facts.pools;
        let names = || {
            match pools.len() {
            0 => "the host has no active pool (virsh pool-define-as default dir --target /var/lib/libvirt/images)".to_owned(),
            _ => {
                let names: Vec<_> = pools.iter().map(|pool| visible(&pool.name)).collect();
                format!("active are {}", names.join(", "))
            }
        }
        };
        match (name, folder) {
            (Some(name), _) => {
                self.facts.pool(name).cloned().ok_or_else(|| {
                    format!("there is no active pool '{}'; {}", visible(name), names())
                })
            }
            (None, Some(folder)) => {
                let path = folder.trim_end_matches('/');
                let is_it = |pool: &&PoolFact| {
                    pool.path.as_deref().map(|path| path.trim_end_matches('/')) == Some(path)
                };
                pools.iter().find(is_it).cloned().ok_or_else(|| {
                    format!(
                        "no active pool has the folder '{0}', and libvirt makes volumes in pools alone \
                         (virsh pool-create-as NAME dir --target {0})",
                        visible(path)
                    )
                })
            }
            (None, None) => self
                .facts
                .pool("default")
                .or_else(|| pools.iter().find(|pool| pool.kind == "dir"))
                .or_else(|| pools.first())
                .cloned()
                .ok_or_else(|| format!("there is no pool to make a volume in; {}", names())),
        }
    }

    /// A name for a disk of the domain that its pool does not have yet.
    pub(super) fn free_name(&self, pool: &PoolFact, domain: &str, format: &str) -> String {
        let ending = match (pool.kind.as_str(), format) {
            (kind, "raw") if is_of_files(kind) => ".img",
            (kind, _) if is_of_files(kind) => ".qcow2",
            _ => "",
        };
        (0..)
            .map(|number| match number {
                0 => format!("{domain}{ending}"),
                number => format!("{domain}-{number}{ending}"),
            })
            // libvirt names the file of an external snapshot by what stands before the ending: two disks that differ in it
            // alone could not have one.
            .find(|name| {
                let stem = |name: &str| {
                    name.rsplit_once('.')
                        .map_or(name.to_owned(), |(stem, _)| stem.to_owned())
                };
                let wanted = stem(name);
                !pool
                    .volumes
                    .iter()
                    .any(|volume| stem(&volume.name) == wanted)
                    && !self
                        .taken
                        .iter()
                        .any(|(other, volume)| *other == pool.name && stem(volume) == wanted)
            })
            .unwrap_or_default()
    }

    /// The XML of a volume, whose name is taken from then on.
    pub(super) fn volume(
        &mut self,
        pool: &PoolFact,
        name: &str,
        capacity: u64,
        format: &str,
        full: bool,
        backing: Option<(String, String)>,
    ) -> Volume {
        self.taken.push((pool.name.clone(), name.to_owned()));
        let of_files = is_of_files(&pool.kind);
        let mut target = Element::new("target");
        if of_files {
            target = target.child(Element::new("format").with("type", format));
            if format == "qcow2" {
                target = target.child(Element::text("compat", "1.1"));
            }
        }
        let size = |name, bytes: u64| Element::text(name, bytes).with("unit", "bytes");
        let mut volume = Element::new("volume")
            .child(Element::text("name", name))
            .child(size("capacity", capacity));
        // A logical volume without an allocation of its whole size is a snapshot of nothing.
        let allocation = if full || !of_files { capacity } else { 0 };
        volume = volume.child(size("allocation", allocation));
        if !target.is_empty() {
            volume = volume.child(target);
        }
        if let Some((path, format)) = backing {
            volume = volume.child(
                Element::new("backingStore")
                    .child(Element::text("path", path))
                    .child(Element::new("format").with("type", format)),
            );
        }
        Volume {
            pool: pool.name.clone(),
            name: name.to_owned(),
            xml: volume.document(),
            path: pool
                .path
                .as_deref()
                .map(|folder| format!("{}/{name}", folder.trim_end_matches('/'))),
        }
    }
}

/// A new disk of a size, or of the usual one.
fn fresh(size: Option<u64>) -> Disk {
    Disk {
        content: Content::New(NewVolume {
            size: size.or(Some(20 << 30)),
            ..NewVolume::default()
        }),
        ..Disk::default()
    }
}

/// Whether the volumes of a kind of pool are files, which have formats.
pub(super) fn is_of_files(kind: &str) -> bool {
    matches!(kind, "dir" | "fs" | "netfs" | "gluster" | "vstorage")
}

/// How a domain names a volume: by its path, so that it can be read without the pool, where it is one.
pub(super) fn source_in(pool: &PoolFact, volume: &str, path: String) -> DriveSource {
    match pool.kind.as_str() {
        "dir" | "fs" | "netfs" => DriveSource::File(path),
        "logical" | "disk" | "zfs" | "mpath" | "scsi" | "iscsi" => DriveSource::Block(path),
        _ => DriveSource::Volume(pool.name.clone(), volume.to_owned()),
    }
}

/// The bus a drive is on when nobody says.
fn bus_of(choices: &Choices, device: DiskDevice) -> &'static str {
    match device {
        DiskDevice::Floppy => "fdc",
        DiskDevice::Disk if choices.os.virtio_disk => "virtio",
        _ if choices.is_pcie() && choices.is_x86() => "sata",
        _ if choices.is_x86() => "ide",
        _ => "scsi",
    }
}
