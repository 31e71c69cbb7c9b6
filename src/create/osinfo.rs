//! Operating systems of libosinfo's database: which devices each can drive and how much it wants.
//!
//! The database is a folder of XML files, `/usr/share/osinfo` of the package osinfo-db; its format is described by
//! `schema/osinfo.rng` in it. An operating system takes devices and sizes over from those it derives from or is a clone of.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};

/// Where Debian, Fedora and others have the database.
pub const FOLDER: &str = "/usr/share/osinfo";

/// What a new domain needs to know of an operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatingSystem {
    /// Its identifier, a URI, which virt-manager keeps in the metadata; `None` outside the database.
    pub id: Option<String>,
    /// Its short id, such as `debian12`.
    pub short_id: String,
    /// Its name for people.
    pub name: String,
    /// Family, such as `linux` or `winnt`.
    pub family: String,
    /// Whether it drives virtio's disks.
    pub virtio_disk: bool,
    /// Whether it drives virtio's network cards.
    pub virtio_net: bool,
    /// Whether it drives virtio's random numbers.
    pub virtio_rng: bool,
    /// Whether it drives virtio's video card.
    pub virtio_video: bool,
    /// Whether it starts on a Q35 machine.
    pub q35: bool,
    /// Least memory, KiB.
    pub min_memory_kib: Option<u64>,
    /// Recommended memory, KiB.
    pub memory_kib: Option<u64>,
    /// Recommended size of a disk, bytes.
    pub disk: Option<u64>,
}

impl OperatingSystem {
    /// Any Linux of the last ten years: what is taken where nothing is said.
    #[must_use]
    pub fn linux() -> Self {
        Self {
            id: None,
            short_id: "linux".to_owned(),
            name: "any Linux".to_owned(),
            family: "linux".to_owned(),
            virtio_disk: true,
            virtio_net: true,
            virtio_rng: true,
            virtio_video: true,
            q35: true,
            min_memory_kib: None,
            memory_kib: Some(1 << 20),
            disk: Some(20 << 30),
        }
    }

    /// Something nobody knows: devices that any system can drive.
    #[must_use]
    pub fn generic() -> Self {
        Self {
            short_id: "generic".to_owned(),
            name: "unknown".to_owned(),
            family: String::new(),
            virtio_disk: false,
            virtio_net: false,
            virtio_rng: false,
            virtio_video: false,
            ..Self::linux()
        }
    }
}

/// The files of the database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Database {
    files: Vec<String>,
}

impl Database {
    /// Reads the files of a database; none when there is no folder.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let mut files = Vec::new();
        let mut folders: Vec<PathBuf> = vec![folder.join("os")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "xml") {
                    files.extend(fs::read_to_string(&path));
                }
            }
        }
        Self { files }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Short ids of all, each with its name.
    #[must_use]
    pub fn names(&self) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for file in &self.files {
            let between = |start: &str, end: &str| {
                let at = file.find(start)? + start.len();
                let length = file[at..].find(end)?;
                Some(file[at..at + length].to_owned())
            };
            if let Some(short) = between("<short-id>", "</short-id>") {
                let name = between("<name>", "</name>").unwrap_or_default();
                names.push((short, name));
            }
        }
        names.sort();
        names
    }

    /// The operating system of a short id.
    #[must_use]
    pub fn find(&self, short_id: &str) -> Option<OperatingSystem> {
        if short_id == "generic" {
            return Some(OperatingSystem::generic());
        }
        let mark = format!("<short-id>{short_id}</short-id>");
        let file = self.files.iter().find(|file| file.contains(&mark))?;
        let document = Document::parse(file).ok()?;
        let os = os_of(&document)?;
        let text = |name| {
            child(os, name)
                .and_then(|node| node.text())
                .unwrap_or_default()
        };
        let mut inherited = Inherited::default();
        self.inherit(os, &mut inherited, &mut HashSet::new());
        let has = |ids: &[&str]| {
            ids.iter().any(|id| {
                inherited
                    .devices
                    .iter()
                    .any(|(device, on)| *on && device.ends_with(id))
            })
        };
        Some(OperatingSystem {
            id: os.attribute("id").map(str::to_owned),
            short_id: short_id.to_owned(),
            name: text("name").to_owned(),
            family: text("family").to_owned(),
            virtio_disk: has(&["1af4/1001", "1af4/1042"]),
            virtio_net: has(&["1af4/1000", "1af4/1041"]),
            virtio_rng: has(&["1af4/1005", "1af4/1044"]),
            virtio_video: has(&["1af4/1050"]),
            q35: has(&["qemu.org/chipset/x86/q35", "1af4/1041", "1af4/1042"]),
            min_memory_kib: inherited.min_memory.map(|bytes| bytes / 1024),
            memory_kib: inherited
                .memory
                .or(inherited.min_memory.map(|least| least.saturating_mul(2)))
                .map(|bytes| bytes / 1024),
            disk: inherited.disk,
        })
    }

    /// Takes what an operating system has, then what those it comes from have, the nearer first.
    fn inherit(&self, os: Node, inherited: &mut Inherited, seen: &mut HashSet<String>) {
        if let Some(id) = os.attribute("id")
            && !seen.insert(id.to_owned())
        {
            return;
        }
        inherited.take(os);
        let parents = os
            .children()
            .filter(|node| node.has_tag_name("derives-from") || node.has_tag_name("clones"));
        for parent in parents.filter_map(|node| node.attribute("id")) {
            let mark = format!("<os id=\"{parent}\"");
            let file = self.files.iter().find(|file| file.contains(&mark));
            let document = file.and_then(|file| Document::parse(file).ok());
            if let Some(os) = document.as_ref().and_then(os_of) {
                self.inherit(os, inherited, seen);
            }
        }
    }
}

/// What has been found on the way up.
#[derive(Debug, Default)]
struct Inherited {
    devices: Vec<(String, bool)>,
    min_memory: Option<u64>,
    memory: Option<u64>,
    disk: Option<u64>,
}

impl Inherited {
    fn take(&mut self, os: Node) {
        let devices = os.children().filter(|node| node.has_tag_name("devices"));
        for device in devices.flat_map(|node| node.children()) {
            let Some(id) = device.attribute("id") else {
                continue;
            };
            if !self.devices.iter().any(|(known, _)| known == id) {
                let supported = device.attribute("supported") != Some("false");
                self.devices.push((id.to_owned(), supported));
            }
        }
        for resources in os.children().filter(|node| node.has_tag_name("resources")) {
            if !matches!(resources.attribute("arch"), Some("all" | "x86_64")) {
                continue;
            }
            let number = |kind: &str, name: &str| -> Option<u64> {
                child(child(resources, kind)?, name)?
                    .text()?
                    .trim()
                    .parse()
                    .ok()
            };
            self.min_memory = self.min_memory.or(number("minimum", "ram"));
            self.memory = self.memory.or(number("recommended", "ram"));
            self.disk = self.disk.or(number("recommended", "storage"));
        }
    }
}

fn child<'a, 'd>(node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn os_of<'a>(document: &'a Document) -> Option<Node<'a, 'a>> {
    child(document.root_element(), "os")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Database {
        let old = "<libosinfo><os id=\"http://x/old\"><short-id>old1</short-id><name>Old</name><family>linux</family>
            <resources arch='all'><minimum><ram>1048576</ram></minimum></resources>
            <devices><device id='http://pcisig.com/pci/1af4/1001'/><device id='http://pcisig.com/pci/1af4/1050'/></devices>
            </os></libosinfo>";
        let new = "<libosinfo><os id=\"http://x/new\"><short-id>new2</short-id><name>New</name><family>linux</family>
            <derives-from id=\"http://x/old\"/><clones id=\"http://x/new\"/>
            <resources arch='all'><recommended><ram>4194304</ram><storage>99</storage></recommended></resources>
            <devices><device id='http://pcisig.com/pci/1af4/1050' supported='false'/></devices></os></libosinfo>";
        Database {
            files: vec![old.to_owned(), new.to_owned()],
        }
    }

    #[test]
    fn devices_and_sizes_are_taken_over_from_what_it_derives_from() {
        let os = database().find("new2").unwrap();
        assert_eq!(os.name, "New");
        assert!(os.virtio_disk);
        assert!(!os.virtio_net);
        assert!(!os.virtio_video, "what it says itself goes first");
        assert_eq!(os.memory_kib, Some(4096));
        assert_eq!(os.min_memory_kib, Some(1024));
        assert_eq!(os.disk, Some(99));
        let old = database().find("old1").unwrap();
        assert!(old.virtio_video);
        assert_eq!(old.memory_kib, Some(2048), "twice the least");
    }

    #[test]
    fn an_unknown_one_is_none_and_generic_is_always_there() {
        assert_eq!(database().find("nosuch"), None);
        let generic = Database { files: Vec::new() }.find("generic").unwrap();
        assert!(!generic.virtio_disk);
        assert_eq!(database().names().len(), 2);
    }
}
