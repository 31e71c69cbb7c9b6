//! What the check list and the tuning map need of a domain's XML.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

use super::files::cpu_set;
use crate::model::Uuid;

/// One domain, read from its live XML when it runs, else from that of its next start. Texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guest {
    /// UUID.
    pub uuid: Option<Uuid>,
    /// Name.
    pub name: String,
    /// It runs.
    pub running: bool,
    /// It starts with its host.
    pub autostart: bool,
    /// Virtual CPUs it has now.
    pub vcpus: u32,
    /// Memory in KiB: the present balloon.
    pub memory_kib: u64,
    /// The most that the balloon may give, in KiB.
    pub most_memory_kib: u64,
    /// Limits and shares that are set.
    pub limits: Limits,
    /// `domain/@type`.
    pub virt_type: String,
    /// `<type machine>`.
    pub machine: Option<String>,
    /// Pins of virtual CPUs, of the emulator and of I/O threads.
    pub pins: Vec<(Pin, BTreeSet<u32>)>,
    /// I/O threads.
    pub iothreads: Vec<u32>,
    /// `<numatune><memory nodeset>`.
    pub memory_nodes: BTreeSet<u32>,
    /// `<hugepages>`: sizes in KiB asked for, 0 for the host's default; none where it asks for none.
    pub huge_pages: Vec<u64>,
    /// Disks.
    pub disks: Vec<GuestDisk>,
    /// Names of its network interfaces on the host.
    pub nic_targets: Vec<String>,
    /// Models of network interfaces.
    pub nics: Vec<Option<String>>,
    /// Addresses that displays listen at.
    pub listens: Vec<String>,
    /// A balloon device.
    pub balloon: bool,
    /// The balloon is asked for its figures now and then (`<stats period>`).
    pub reports: bool,
    /// Whether the balloon's driver in the guest reports; `None` where that is not known.
    pub balloon_driver: Option<bool>,
    /// It locks its memory or shares it, and so cannot be merged.
    pub unmergeable: bool,
    /// On which host CPU each virtual CPU was last seen.
    pub placed: Vec<(u32, u32)>,
    /// What its memory is likely to have in common with that of others: the image at the bottom of its first disk, else its
    /// kernel, else the operating system that its metadata name (libosinfo's).
    pub origin: Option<String>,
}

/// Limits and shares of a domain; `None` is libvirt's or the kernel's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// `cputune/shares`.
    pub shares: Option<u64>,
    /// Time of each virtual CPU in a period, in µs: `cputune/quota`; negative is none.
    pub quota_us: Option<i64>,
    /// `cputune/period` in µs.
    pub period_us: Option<u64>,
    /// `blkiotune/weight`.
    pub weight: Option<u64>,
    /// `memtune/hard_limit` in KiB.
    pub hard_kib: Option<u64>,
    /// `memtune/soft_limit` in KiB.
    pub soft_kib: Option<u64>,
    /// `memtune/swap_hard_limit` in KiB.
    pub swap_kib: Option<u64>,
    /// Targets of disks with a limit, and of network interfaces.
    pub throttled: Vec<String>,
}

/// What is pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pin {
    /// A virtual CPU.
    Vcpu(u32),
    /// The emulator's threads.
    Emulator,
    /// An I/O thread.
    IoThread(u32),
}

/// A disk of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestDisk {
    /// Target.
    pub target: String,
    /// Bus.
    pub bus: Option<String>,
    /// File or device.
    pub source: Option<String>,
    /// Format.
    pub format: Option<String>,
    /// Cache mode; `None` for the hypervisor's default.
    pub cache: Option<String>,
    /// `io` of the driver.
    pub io: Option<String>,
    /// Images below the first, the next one first.
    pub below: Vec<String>,
    /// Whether those are all: the XML of a domain that runs tells them, that of one that is off need not.
    pub chain_known: bool,
    /// A CD or floppy.
    pub removable: bool,
}

impl Guest {
    /// Reads a definition; `None` for a text that is none.
    #[must_use]
    pub fn read(xml: &str, running: bool, autostart: bool) -> Option<Self> {
        let document = Document::parse(xml).ok()?;
        let root = document.root_element();
        if !root.has_tag_name("domain") {
            return None;
        }
        let word = |name| child(root, name)?.text().map(str::trim);
        let mut guest = Self {
            uuid: word("uuid").and_then(|text| text.parse().ok()),
            name: word("name").unwrap_or_default().to_owned(),
            running,
            autostart,
            vcpus: vcpus(root),
            memory_kib: kib(root, "currentMemory")
                .or_else(|| kib(root, "memory"))
                .unwrap_or(0),
            virt_type: root.attribute("type").unwrap_or_default().to_owned(),
            machine: child(root, "os")
                .and_then(|os| child(os, "type")?.attribute("machine"))
                .map(str::to_owned),
            ..Self::default()
        };
        guest.most_memory_kib = kib(root, "memory").unwrap_or(guest.memory_kib);
        guest.limits = limits(root);
        if let Some(count) = word("iothreads").and_then(|text| text.parse::<u32>().ok()) {
            guest.iothreads = (1..=count.min(4096)).collect();
        }
        if let Some(tune) = child(root, "cputune") {
            guest.pins = tune.children().filter_map(pin).collect();
        }
        // What all may run on, where nothing more is said.
        let common = child(root, "vcpu").and_then(|vcpu| vcpu.attribute("cpuset"));
        if let Some(cpus) = common.map(cpu_set).filter(|cpus| !cpus.is_empty()) {
            let all = (0..guest.vcpus.min(MOST_VCPUS)).map(Pin::Vcpu);
            for pin in all.chain([Pin::Emulator]) {
                if guest.pinned(pin).is_none() {
                    guest.pins.push((pin, cpus.clone()));
                }
            }
        }
        if let Some(memory) = child(root, "numatune").and_then(|tune| child(tune, "memory")) {
            guest.memory_nodes = cpu_set(memory.attribute("nodeset").unwrap_or_default());
        }
        if let Some(backing) = child(root, "memoryBacking") {
            guest.unmergeable =
                child(backing, "locked").is_some() || child(backing, "nosharepages").is_some();
            if let Some(huge) = child(backing, "hugepages") {
                guest.huge_pages = huge.children().filter_map(page_size).collect();
                if guest.huge_pages.is_empty() {
                    guest.huge_pages.push(0);
                }
            }
        }
        if let Some(devices) = child(root, "devices") {
            guest.devices(devices);
        }
        guest.origin = Self::system(root);
        guest.find_origin();
        Some(guest)
    }

    fn system(root: Node<'_, '_>) -> Option<String> {
        let kernel = || {
            child(child(root, "os")?, "kernel")?
                .text()
                .map(str::to_owned)
        };
        let system = || {
            let metadata = child(root, "metadata")?;
            let os = metadata
                .descendants()
                .find(|node| node.tag_name().name() == "os")?;
            os.attribute("id").map(str::to_owned)
        };
        kernel().or_else(system)
    }

    fn devices(&mut self, devices: Node<'_, '_>) {
        for device in devices.children().filter(Node::is_element) {
            match device.tag_name().name() {
                "disk" => self.disks.push(disk(device)),
                "interface" => {
                    let target = child(device, "target").and_then(|t| t.attribute("dev"));
                    self.nic_targets.extend(target.map(str::to_owned));
                    self.nics.push(
                        child(device, "model").and_then(|m| m.attribute("type").map(str::to_owned)),
                    );
                }
                "graphics" => {
                    let listens = device.children().filter(|n| n.has_tag_name("listen"));
                    let listens: Vec<_> = listens.filter_map(|n| n.attribute("address")).collect();
                    if listens.is_empty() {
                        self.listens
                            .extend(device.attribute("listen").map(str::to_owned));
                    }
                    self.listens.extend(listens.into_iter().map(str::to_owned));
                }
                "memballoon" => {
                    self.balloon = device.attribute("model") != Some("none");
                    self.reports = child(device, "stats")
                        .and_then(|stats| stats.attribute("period"))
                        .is_some_and(|period| period != "0");
                }
                _ => {}
            }
        }
    }

    /// The image at the bottom of its first disk is where it comes from, once that is known.
    pub(super) fn find_origin(&mut self) {
        let image = self.disks.iter().find(|disk| !disk.removable);
        if let Some(base) = image.and_then(|disk| disk.below.last()) {
            self.origin = Some(base.clone());
        }
    }

    /// The host CPUs that something is pinned to; `None` where it may run on all.
    #[must_use]
    pub fn pinned(&self, pin: Pin) -> Option<&BTreeSet<u32>> {
        self.pins
            .iter()
            .find(|(which, _)| *which == pin)
            .map(|(_, cpus)| cpus)
    }
}

/// Virtual CPUs that are looked at one by one.
const MOST_VCPUS: u32 = 4096;

fn limits(root: Node<'_, '_>) -> Limits {
    let number = |part: &str, name: &str| -> Option<u64> {
        child(child(root, part)?, name)?.text()?.trim().parse().ok()
    };
    let memory = |name: &str| {
        let kib = kib(child(root, "memtune")?, name)?;
        // `VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`.
        (kib < (1 << 53) - 1).then_some(kib)
    };
    let mut throttled = Vec::new();
    for device in child(root, "devices").iter().flat_map(Node::children) {
        let limited = match device.tag_name().name() {
            "disk" => child(device, "iotune").is_some_and(|tune| {
                let mut set = tune
                    .children()
                    .filter_map(|one| one.text()?.trim().parse().ok());
                set.any(|value: u64| value > 0)
            }),
            "interface" => child(device, "bandwidth").is_some_and(|bandwidth| {
                bandwidth
                    .children()
                    .any(|side| side.attribute("average").is_some())
            }),
            _ => false,
        };
        let target = child(device, "target").and_then(|target| target.attribute("dev"));
        throttled.extend(target.filter(|_| limited).map(str::to_owned));
    }
    Limits {
        shares: number("cputune", "shares"),
        quota_us: child(root, "cputune")
            .and_then(|tune| child(tune, "quota")?.text()?.trim().parse().ok()),
        period_us: number("cputune", "period"),
        weight: number("blkiotune", "weight"),
        hard_kib: memory("hard_limit"),
        soft_kib: memory("soft_limit"),
        swap_kib: memory("swap_hard_limit"),
        throttled,
    }
}

fn vcpus(root: Node<'_, '_>) -> u32 {
    let Some(node) = child(root, "vcpu") else {
        return 1;
    };
    node.attribute("current")
        .or_else(|| node.text())
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(1)
}

fn pin(node: Node<'_, '_>) -> Option<(Pin, BTreeSet<u32>)> {
    let number = |name| node.attribute(name)?.parse().ok();
    let which = match node.tag_name().name() {
        "vcpupin" => Pin::Vcpu(number("vcpu")?),
        "emulatorpin" => Pin::Emulator,
        "iothreadpin" => Pin::IoThread(number("iothread")?),
        _ => return None,
    };
    Some((which, cpu_set(node.attribute("cpuset")?)))
}

fn page_size(node: Node<'_, '_>) -> Option<u64> {
    if !node.has_tag_name("page") {
        return None;
    }
    let size: u64 = node.attribute("size")?.parse().ok()?;
    size.checked_mul(factor_kib(node.attribute("unit")))
}

fn disk(node: Node<'_, '_>) -> GuestDisk {
    let driver = child(node, "driver");
    let of_driver = |name| driver.and_then(|d| d.attribute(name)).map(str::to_owned);
    let target = child(node, "target");
    let mut below = Vec::new();
    let mut at = node;
    let mut ends = false;
    while let Some(store) = child(at, "backingStore") {
        let Some(source) = child(store, "source") else {
            ends = true;
            break;
        };
        below.push(path_of(source).unwrap_or_default());
        at = store;
    }
    let format = of_driver("type");
    let removable = matches!(node.attribute("device"), Some("cdrom" | "floppy"));
    // What is not of these formats has nothing below it; without a word libvirt takes it for raw.
    let layered = matches!(format.as_deref(), Some("qcow2" | "qcow" | "qed" | "vmdk"));
    GuestDisk {
        chain_known: ends || removable || !layered,
        target: target
            .and_then(|t| t.attribute("dev"))
            .unwrap_or_default()
            .to_owned(),
        bus: target.and_then(|t| t.attribute("bus")).map(str::to_owned),
        source: child(node, "source")
            .and_then(|s| s.attribute("file").or_else(|| s.attribute("dev")))
            .map(str::to_owned),
        format,
        cache: of_driver("cache"),
        io: of_driver("io"),
        below,
        removable,
    }
}

/// What a source names: a file, a device, or something elsewhere.
fn path_of(source: Node<'_, '_>) -> Option<String> {
    let names = ["file", "dev", "name", "volume"];
    let found = names.iter().find_map(|name| source.attribute(*name))?;
    Some(found.to_owned())
}

fn kib(root: Node<'_, '_>, name: &str) -> Option<u64> {
    let node = child(root, name)?;
    let size: u64 = node.text()?.trim().parse().ok()?;
    match node.attribute("unit") {
        Some("b" | "bytes") => Some(size / 1024),
        unit => size.checked_mul(factor_kib(unit)),
    }
}

fn factor_kib(unit: Option<&str>) -> u64 {
    match unit {
        Some("M" | "MiB") => 1 << 10,
        Some("G" | "GiB") => 1 << 20,
        Some("T" | "TiB") => 1 << 30,
        _ => 1,
    }
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_pages_and_chains_are_read() {
        let guest = Guest::read(
            "<domain type='kvm'><name>db</name><memory unit='GiB'>2</memory><vcpu current='2'>4</vcpu>\
             <iothreads>1</iothreads><cputune><vcpupin vcpu='0' cpuset='2-3'/><emulatorpin cpuset='0'/>\
             <iothreadpin iothread='1' cpuset='1'/></cputune><numatune><memory mode='strict' nodeset='1'/></numatune>\
             <memoryBacking><hugepages><page size='1' unit='GiB'/></hugepages></memoryBacking>\
             <os><type machine='pc-i440fx-2.1'>hvm</type></os><devices><disk><driver type='qcow2' cache='writeback'/>\
             <source file='/a'/><backingStore><source file='/b'/><backingStore/></backingStore>\
             <target dev='vda' bus='virtio'/></disk><interface><model type='e1000'/></interface>\
             <graphics type='vnc' listen='0.0.0.0'><listen type='address' address='0.0.0.0'/></graphics>\
             <memballoon model='virtio'/></devices></domain>",
            true,
            false,
        )
        .unwrap();
        assert_eq!((guest.vcpus, guest.memory_kib), (2, 2 << 20));
        assert_eq!(guest.pinned(Pin::Vcpu(0)).unwrap(), &BTreeSet::from([2, 3]));
        assert_eq!(guest.pinned(Pin::IoThread(1)).unwrap().len(), 1);
        assert_eq!(guest.pinned(Pin::Vcpu(1)), None);
        assert_eq!(guest.huge_pages, [1 << 20]);
        assert_eq!(guest.disks[0].below, ["/b"]);
        assert!(guest.disks[0].chain_known);
        assert_eq!(guest.origin.as_deref(), Some("/b"));
        assert_eq!(guest.listens, ["0.0.0.0"]);
        assert!(guest.balloon);
        assert_eq!(Guest::read("<network/>", true, true), None);
    }

    #[test]
    fn limits_and_common_sets_are_read() {
        let guest = Guest::read(
            "<domain><name>a</name><memory>2048</memory><currentMemory>1024</currentMemory>\
             <vcpu cpuset='4-5'>2</vcpu><cputune><shares>512</shares><period>100000</period><quota>-1</quota>\
             <vcpupin vcpu='1' cpuset='6'/></cputune><blkiotune><weight>200</weight></blkiotune>\
             <memtune><hard_limit>9007199254740991</hard_limit><soft_limit unit='MiB'>1</soft_limit></memtune>\
             <devices><disk><target dev='vda'/><iotune><total_bytes_sec>0</total_bytes_sec></iotune></disk>\
             <disk><target dev='vdb'/><iotune><read_iops_sec>9</read_iops_sec></iotune></disk>\
             <interface><target dev='vnet0'/><bandwidth><inbound average='9'/></bandwidth></interface></devices></domain>",
            true,
            false,
        )
        .unwrap();
        assert_eq!((guest.memory_kib, guest.most_memory_kib), (1024, 2048));
        let limits = &guest.limits;
        assert_eq!(
            (limits.shares, limits.quota_us, limits.weight),
            (Some(512), Some(-1), Some(200))
        );
        assert_eq!((limits.hard_kib, limits.soft_kib), (None, Some(1024)));
        assert_eq!(limits.throttled, ["vdb", "vnet0"]);
        assert_eq!(guest.pinned(Pin::Vcpu(0)), Some(&BTreeSet::from([4, 5])));
        assert_eq!(guest.pinned(Pin::Vcpu(1)), Some(&BTreeSet::from([6])));
        assert_eq!(guest.pinned(Pin::Emulator), Some(&BTreeSet::from([4, 5])));
    }
}
