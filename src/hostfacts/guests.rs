//! Checks of what the domains ask of their host.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{Found, UNSEEN};
use super::domains::{Guest, Pin};
use super::facts::Facts;
use super::files::Files;
use super::{Check, Told};

/// Most names in one line of evidence.
const NAMES: usize = 5;
/// The longest chain of images that is fine.
const CHAIN: usize = 5;

pub(super) fn checks(facts: &Facts, told: &Told, files: &Files) -> Vec<Check> {
    let guests = told.guests.as_slice();
    let known = told.guests_known;
    let of = |found: Found| {
        if known {
            found
        } else {
            Found::unknown("the domains could not be read")
        }
    };
    vec![
        of(huge_pages(facts, guests))
            .named("huge-pages", "Huge pages that domains ask for are there"),
        of(crossing(facts, guests)).named("numa-crossing", "vCPUs stay near their memory"),
        of(same_core(facts, guests)).named("pinned-siblings", "Pinned vCPUs have a core each"),
        of(cpu_overcommit(facts, guests, false))
            .named("overcommit-cpu", "CPUs promised to running domains"),
        of(memory_overcommit(facts, guests, false))
            .named("overcommit-memory", "Memory promised to running domains"),
        of(cpu_overcommit(facts, guests, true)).named(
            "overcommit-cpu-autostart",
            "CPUs promised if everything autostarts",
        ),
        of(memory_overcommit(facts, guests, true)).named(
            "overcommit-memory-autostart",
            "Memory promised if everything autostarts",
        ),
        of(copy_on_write(guests, files)).named(
            "copy-on-write",
            "Images lie on file systems that write in place",
        ),
        of(cache(guests)).named(
            "disk-cache",
            "Raw and block disks bypass the host's page cache",
        ),
        of(emulated(guests)).named("emulated-devices", "Disks and network cards are virtio"),
        of(open_displays(guests)).named("vnc-open", "Displays are not open to the world"),
        of(balloons(guests)).named("balloon", "Balloons have a driver in the guest"),
        of(chains(guests)).named("image-chains", "Chains of images are short"),
        of(machines(guests, told)).named("machine-types", "Machine types are up to date"),
        of(emulation(guests, told))
            .named("emulated-cpu", "Domains run on the CPU, not in an emulator"),
    ]
}

/// Some names, and how many more there are.
fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES {
        text.push_str(&format!(" and {} more", names.len() - NAMES));
    }
    text
}

/// `ok` when nothing was found, else a warning that names what was.
fn none_of(found: Vec<String>, fine: &str, consequence: &'static str) -> Found {
    if found.is_empty() {
        Found::ok(fine)
    } else {
        Found::warn(listed(&found), consequence)
    }
}

/// What domains that are off ask of pools: for each size and each set of cells the pages, and the domains.
type Asked = BTreeMap<(u64, Vec<u32>), (u64, Vec<String>)>;

fn huge_pages(facts: &Facts, guests: &[Guest]) -> Found {
    if guests.iter().all(|guest| guest.huge_pages.is_empty()) {
        return Found::ok("no domain asks for huge pages");
    }
    if facts.huge_pages.is_empty() {
        return Found::unknown(format!("pools of huge pages: {UNSEEN}"));
    }
    let default = facts.huge_pages.iter().map(|pool| pool.size_kib).min();
    let mut asked = Asked::new();
    // What runs has its pages already.
    for guest in guests.iter().filter(|guest| !guest.running) {
        for size in &guest.huge_pages {
            let size = match *size {
                0 => default.unwrap_or(2048),
                size => size,
            };
            let cells: Vec<u32> = guest.memory_nodes.iter().copied().collect();
            let entry = asked.entry((size, cells)).or_default();
            entry.0 += guest.most_memory_kib.div_ceil(size.max(1));
            entry.1.push(guest.name.clone());
        }
    }
    let mut short = Vec::new();
    let mut remedies = Vec::new();
    for ((size, cells), (pages, names)) in asked {
        // Memory that is bound to cells comes from the pools of those.
        let of_cells =
            |cell: Option<u32>| cells.is_empty() || cell.is_none_or(|cell| cells.contains(&cell));
        let pools: Vec<_> = facts
            .huge_pages
            .iter()
            .filter(|pool| pool.size_kib == size && of_cells(pool.cell))
            .collect();
        let free: u64 = pools.iter().filter_map(|pool| pool.free).sum();
        if pages <= free {
            continue;
        }
        let per_node: Vec<_> = pools
            .iter()
            .filter_map(|pool| Some(format!("node {}: {}", pool.cell?, pool.free?)))
            .collect();
        let where_ = match cells.is_empty() {
            true => String::new(),
            false => format!(" of node {}", set(&cells.iter().copied().collect())),
        };
        short.push(format!(
            "{size} KiB{where_}: {pages} asked for by {}, {free} free ({})",
            listed(&names),
            per_node.join(", ")
        ));
        let total: u64 = pools.iter().map(|pool| pool.total).sum();
        remedies.push(match cells.as_slice() {
            [only] => format!(
                "echo {} > /sys/devices/system/node/node{only}/hugepages/hugepages-{size}kB/nr_hugepages",
                total + (pages - free)
            ),
            _ => format!(
                "echo {} > /sys/kernel/mm/hugepages/hugepages-{size}kB/nr_hugepages",
                total + (pages - free)
            ),
        });
    }
    if short.is_empty() {
        return Found::ok("enough pages are free");
    }
    Found::warn(
        short.join("; "),
        "Those domains do not start: libvirt cannot allocate their memory.",
    )
    .by(remedies.join(" && "))
}

fn crossing(facts: &Facts, guests: &[Guest]) -> Found {
    if facts.cells.len() < 2 {
        return match facts.cells.len() {
            0 => Found::unknown("NUMA cells are not known"),
            _ => Found::ok("one NUMA cell"),
        };
    }
    let cells_of = |cpus: &BTreeSet<u32>| -> BTreeSet<u32> {
        facts
            .topology
            .iter()
            .filter(|cpu| cpus.contains(&cpu.id))
            .map(|cpu| cpu.cell)
            .collect()
    };
    let mut found = Vec::new();
    let mut remedy = None;
    for guest in guests {
        let mut cells = BTreeSet::new();
        for (_, cpus) in guest
            .pins
            .iter()
            .filter(|(pin, _)| matches!(pin, Pin::Vcpu(_)))
        {
            cells.extend(cells_of(cpus));
        }
        let unpinned = !guest
            .pins
            .iter()
            .any(|(pin, _)| matches!(pin, Pin::Vcpu(_)));
        if unpinned && !guest.memory_nodes.is_empty() {
            cells.extend(facts.cells.iter().map(|cell| cell.id));
        }
        if cells.is_empty() {
            continue;
        }
        let memory = &guest.memory_nodes;
        let apart = if memory.is_empty() {
            cells.len() > 1
        } else {
            !cells.is_subset(memory)
        };
        if apart {
            found.push(format!(
                "{} (vCPUs on {}, memory on {})",
                guest.name,
                set(&cells),
                set(memory)
            ));
            remedy.get_or_insert_with(|| {
                let nodes = if memory.is_empty() { &cells } else { memory };
                format!(
                    "virsh numatune {} --nodeset {} --config",
                    crate::text::shell_quote(&guest.name),
                    set(nodes)
                )
            });
        }
    }
    let result = none_of(
        found,
        "no pinned domain is apart from its memory",
        "Memory of another node answers slower, and its link is shared by all.",
    );
    match remedy {
        Some(remedy) => result.by(remedy),
        None => result,
    }
}

fn set(numbers: &BTreeSet<u32>) -> String {
    if numbers.is_empty() {
        return "any".to_owned();
    }
    numbers
        .iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

fn same_core(facts: &Facts, guests: &[Guest]) -> Found {
    if facts.topology.is_empty() {
        return Found::unknown("the places of the CPUs are not known");
    }
    let mut taken: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for guest in guests
        .iter()
        .filter(|guest| guest.running || guest.autostart)
    {
        for (pin, cpus) in &guest.pins {
            let Pin::Vcpu(number) = pin else { continue };
            // A core is known by the first of its threads. Who has more than one to choose from finds a free one.
            let core_of = |id: &u32| {
                let place = facts.topology.iter().find(|cpu| cpu.id == *id);
                place
                    .and_then(|cpu| cpu.siblings.first().copied())
                    .unwrap_or(*id)
            };
            let cores: BTreeSet<u32> = cpus.iter().map(core_of).collect();
            if let (Some(core), 1) = (cores.first(), cores.len()) {
                taken
                    .entry(*core)
                    .or_default()
                    .push(format!("{} vCPU {number}", guest.name));
            }
        }
    }
    let found: Vec<_> = taken
        .into_iter()
        .filter(|(_, who)| who.len() > 1)
        .map(|(core, who)| format!("core of CPU {core}: {}", who.join(", ")))
        .collect();
    none_of(
        found,
        "no two on one core",
        "They take turns on one core while others may idle.",
    )
}

fn chosen(guests: &[Guest], with_autostart: bool) -> impl Iterator<Item = &Guest> {
    guests
        .iter()
        .filter(move |guest| guest.running || (with_autostart && guest.autostart))
}

fn cpu_overcommit(facts: &Facts, guests: &[Guest], with_autostart: bool) -> Found {
    let Some(cpus) = facts.cpu.cpus.filter(|cpus| *cpus > 0) else {
        return Found::unknown("the number of CPUs is not known");
    };
    let promised: u32 = chosen(guests, with_autostart)
        .map(|guest| guest.vcpus)
        .sum();
    let evidence = format!("{promised} vCPUs on {cpus} CPUs");
    if promised > cpus.saturating_mul(4) {
        Found::warn(
            evidence,
            "More than four vCPUs for each CPU: guests wait for each other when they are busy.",
        )
    } else {
        Found::ok(evidence)
    }
}

fn memory_overcommit(facts: &Facts, guests: &[Guest], with_autostart: bool) -> Found {
    let Some(total) = facts.memory.total_kib else {
        return Found::unknown("the host's memory is not known");
    };
    let promised: u64 = chosen(guests, with_autostart)
        .map(|guest| guest.memory_kib)
        .sum();
    let evidence = format!("{} MiB of {} MiB", promised / 1024, total / 1024);
    if promised > total {
        Found::warn(
            evidence,
            "When the guests use what they were promised, the host swaps or kills one of them.",
        )
    } else {
        Found::ok(evidence)
    }
}

fn copy_on_write(guests: &[Guest], files: &Files) -> Found {
    let Ok(mounts) = files.text("/proc/self/mounts") else {
        return Found::unknown(format!("/proc/self/mounts: {UNSEEN}"));
    };
    let mounts: Vec<(String, &str)> = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((unescaped(words.next()?), words.next()?))
        })
        .collect();
    let kind_of = |path: &str| {
        mounts
            .iter()
            .filter(|(place, _)| {
                let place = place.trim_end_matches('/');
                path.strip_prefix(place)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|(place, _)| place.len())
            .map(|(_, kind)| *kind)
    };
    let mut found = Vec::new();
    let mut remedy = None;
    for guest in guests {
        for disk in guest.disks.iter().filter(|disk| !disk.removable) {
            let Some(path) = disk.source.as_deref() else {
                continue;
            };
            if let Some(kind @ ("btrfs" | "zfs" | "bcachefs")) = kind_of(path) {
                found.push(format!("{}: {path} on {kind}", guest.name));
                let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
                remedy.get_or_insert_with(|| {
                    format!(
                        "chattr +C {}  # for new files",
                        crate::text::shell_quote(folder)
                    )
                });
            }
        }
    }
    let result = none_of(
        found,
        "none lies on btrfs, zfs or bcachefs",
        "Each write of the guest is written elsewhere: images break into pieces and get slow.",
    );
    match remedy {
        Some(remedy) => result.by(remedy),
        None => result,
    }
}

/// A place as it is: the kernel writes blanks and the like as three octal digits.
fn unescaped(place: &str) -> String {
    let mut out = Vec::new();
    let mut rest = place.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..3)
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match (first, code) {
            (b'\\', Some(code)) => {
                out.push(code);
                rest = &after[3..];
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn cache(guests: &[Guest]) -> Found {
    let mut found = Vec::new();
    for guest in guests {
        for disk in guest.disks.iter().filter(|disk| !disk.removable) {
            let block = disk
                .source
                .as_deref()
                .is_some_and(|path| path.starts_with("/dev/"));
            let direct = matches!(disk.cache.as_deref(), Some("none" | "directsync"));
            let native = disk.io.as_deref() == Some("native");
            // Block devices gain nothing from the host's page cache, and native I/O is refused with it.
            if (block || native) && !direct {
                found.push(format!("{} {}", guest.name, disk.target));
            }
            if disk.cache.as_deref() == Some("unsafe") {
                found.push(format!("{} {} (cache=unsafe)", guest.name, disk.target));
            }
        }
    }
    none_of(
        found,
        "cache=none where it matters",
        "What the guest caches is cached twice, and live migration may be refused.",
    )
}

fn emulated(guests: &[Guest]) -> Found {
    let mut found = Vec::new();
    for guest in guests {
        for disk in guest.disks.iter().filter(|disk| !disk.removable) {
            if matches!(disk.bus.as_deref(), Some("ide" | "sata")) {
                found.push(format!(
                    "{} {} ({})",
                    guest.name,
                    disk.target,
                    disk.bus.as_deref().unwrap_or_default()
                ));
            }
        }
        for model in guest.nics.iter().flatten() {
            if matches!(
                model.as_str(),
                "e1000" | "e1000e" | "rtl8139" | "ne2k_pci" | "pcnet" | "i82551"
            ) {
                found.push(format!("{} NIC ({model})", guest.name));
            }
        }
    }
    none_of(
        found,
        "none is emulated",
        "Each access leaves the guest; virtio does more with less.",
    )
}

fn open_displays(guests: &[Guest]) -> Found {
    let found: Vec<_> = guests
        .iter()
        .filter_map(|guest| {
            let open = guest
                .listens
                .iter()
                .find(|at| matches!(at.as_str(), "0.0.0.0" | "::" | "*"))?;
            Some(format!("{} at {open}", guest.name))
        })
        .collect();
    none_of(
        found,
        "none listens at all addresses",
        "Whoever reaches the host reaches the guest's screen and keyboard.",
    )
}

fn balloons(guests: &[Guest]) -> Found {
    let asked: Vec<_> = guests
        .iter()
        .filter(|guest| guest.running && guest.balloon)
        .collect();
    if asked.is_empty() {
        return Found::ok("no running domain has a balloon");
    }
    if asked.iter().all(|guest| guest.balloon_driver.is_none()) {
        return Found::unknown(
            "no balloon has reported; a driver reports only where <stats period> is set",
        );
    }
    let found = asked
        .iter()
        .filter(|guest| guest.balloon_driver == Some(false))
        .map(|guest| guest.name.clone())
        .collect();
    none_of(
        found,
        "all that can report do",
        "The memory of those guests cannot be changed while they run, and their use is not known.",
    )
}

fn chains(guests: &[Guest]) -> Found {
    let mut found = Vec::new();
    let mut remedy = None;
    for guest in guests {
        for disk in guest.disks.iter().filter(|disk| disk.below + 1 > CHAIN) {
            found.push(format!(
                "{} {}: {} images",
                guest.name,
                disk.target,
                disk.below + 1
            ));
            remedy.get_or_insert_with(|| {
                format!(
                    "virsh blockcommit {} {} --active --pivot",
                    crate::text::shell_quote(&guest.name),
                    crate::text::shell_quote(&disk.target)
                )
            });
        }
    }
    let result = none_of(
        found,
        "none is longer than 5",
        "A read may look into each image, and each one that is lost loses the disk.",
    );
    match remedy {
        Some(remedy) => result.by(remedy),
        None => result,
    }
}

fn machines(guests: &[Guest], told: &Told) -> Found {
    // QEMU deprecates a machine type six years after it came.
    let old = |machine: &str| {
        let number = machine
            .strip_prefix("pc-i440fx-")
            .or_else(|| machine.strip_prefix("pc-q35-"))
            .or_else(|| machine.strip_prefix("virt-"));
        match number {
            Some(number) => number
                .split('.')
                .next()
                .and_then(|n| n.parse::<u32>().ok())
                .is_some_and(|n| n < 5),
            None => {
                machine.starts_with("pc-0.")
                    || machine.starts_with("pc-1.")
                    || machine.starts_with("rhel6")
            }
        }
    };
    // What this host's QEMU itself says: machines it has, and those it wants to lose.
    let listed = told
        .capabilities
        .as_deref()
        .map(super::capabilities::machines)
        .unwrap_or_default();
    let known: BTreeMap<&str, bool> = listed
        .iter()
        .flat_map(|one| {
            let names = [Some(one.name.as_str()), one.canonical.as_deref()];
            names
                .into_iter()
                .flatten()
                .map(|name| (name, one.deprecated))
        })
        .collect();
    let found = guests
        .iter()
        .filter_map(|guest| {
            let machine = guest.machine.as_deref()?;
            let why = match known.get(machine) {
                Some(true) => "which this QEMU calls deprecated",
                None if !known.is_empty() && guest.virt_type != "lxc" => {
                    "which this QEMU does not have"
                }
                _ if old(machine) => "",
                _ => return None,
            };
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(", {why}")
            };
            Some(format!("{} ({machine}{why})", guest.name))
        })
        .collect();
    none_of(
        found,
        "none is older than QEMU 5",
        "A next QEMU may not have them any more, and the domains do not start.",
    )
}

fn emulation(guests: &[Guest], told: &Told) -> Found {
    let kvm = told
        .capabilities
        .as_deref()
        .map(|xml| super::Topology::read(xml).kvm == Some(true));
    let found: Vec<_> = guests
        .iter()
        .filter(|g| g.virt_type == "qemu")
        .map(|g| g.name.clone())
        .collect();
    if found.is_empty() {
        return Found::ok("none is of type qemu");
    }
    if kvm != Some(true) {
        return Found::ok(format!("{} of type qemu; the host has no KVM", found.len()));
    }
    none_of(
        found,
        "",
        "They are emulated although the host has KVM: ten times slower or worse.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostfacts::{HostReport, Verdict};

    fn verdict(guests: &[&str], tree: &str, id: &str) -> (Verdict, String) {
        let root = format!("{}/tests/fixtures/hosts/{tree}", env!("CARGO_MANIFEST_DIR"));
        let told = Told {
            guests: guests
                .iter()
                .filter_map(|xml| Guest::read(xml, false, true))
                .collect(),
            guests_known: true,
            capabilities: None,
            ..Told::default()
        };
        let report = HostReport::new(told, &Files::At(root.into()));
        let check = report
            .checks
            .into_iter()
            .find(|check| check.id == id)
            .unwrap();
        (
            check.result,
            format!("{} {}", check.evidence, check.remedy.unwrap_or_default()),
        )
    }

    #[test]
    fn huge_pages_are_counted_where_they_must_come_from() {
        let wants = |mib: u32, bound: &str| {
            format!(
                "<domain><name>h</name><memory unit='MiB'>{mib}</memory>{bound}\
                 <memoryBacking><hugepages><page size='2' unit='MiB'/></hugepages></memoryBacking></domain>"
            )
        };
        let bound = "<numatune><memory mode='strict' nodeset='1'/></numatune>";
        let (all, words) = verdict(&[&wants(100_000, "")], "numa", "huge-pages");
        assert_eq!(all, Verdict::Warn, "{words}");
        let (one, words) = verdict(&[&wants(100_000, bound)], "numa", "huge-pages");
        assert_eq!(one, Verdict::Warn);
        assert!(
            words.contains("of node 1") && words.contains("/node1/hugepages/"),
            "{words}"
        );
        assert!(!words.contains("node 0:"), "{words}");
    }

    #[test]
    fn pins_that_leave_one_core_are_on_the_same_core() {
        let pinned = |sets: [&str; 2]| {
            format!(
                "<domain><name>p</name><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='{}'/>\
                 <vcpupin vcpu='1' cpuset='{}'/></cputune></domain>",
                sets[0], sets[1]
            )
        };
        // On this host CPUs 0 and 2 are threads of one core, or 0 and 1: both are asked of the tree.
        let root = format!("{}/tests/fixtures/hosts/intel", env!("CARGO_MANIFEST_DIR"));
        let facts = Facts::read(&Told::default(), &Files::At(root.into()));
        let core = &facts.topology[0].siblings;
        assert_eq!(core.len(), 2);
        let other = facts
            .topology
            .iter()
            .find(|cpu| !core.contains(&cpu.id))
            .unwrap()
            .id;
        let both = format!("{},{}", core[0], core[1]);
        let id = "pinned-siblings";
        assert_eq!(
            verdict(&[&pinned([&both, &both])], "intel", id).0,
            Verdict::Warn
        );
        let first = core[0].to_string();
        let second = core[1].to_string();
        assert_eq!(
            verdict(&[&pinned([&first, &second])], "intel", id).0,
            Verdict::Warn
        );
        assert_eq!(
            verdict(&[&pinned([&first, &other.to_string()])], "intel", id).0,
            Verdict::Ok
        );
        let wide = format!("{first},{other}");
        assert_eq!(
            verdict(&[&pinned([&wide, &wide])], "intel", id).0,
            Verdict::Ok
        );
    }

    #[test]
    fn places_with_blanks_are_understood() {
        assert_eq!(unescaped(r"/mnt/a\040b"), "/mnt/a b");
        assert_eq!(unescaped(r"/mnt/a\9"), r"/mnt/a\9");
    }

    #[test]
    fn what_qemu_says_of_a_machine_counts() {
        let capabilities = "<capabilities><guest><arch><machine canonical='pc-q35-9.0'>q35</machine>\
            <machine deprecated='yes'>pc-i440fx-6.0</machine></arch></guest></capabilities>";
        let of = |machine: &str| {
            let xml = format!(
                "<domain type='kvm'><name>m</name><os><type machine='{machine}'>hvm</type></os></domain>"
            );
            let guests: Vec<_> = Guest::read(&xml, false, false).into_iter().collect();
            let told = Told {
                capabilities: Some(capabilities.to_owned()),
                ..Told::default()
            };
            machines(&guests, &told)
        };
        assert_eq!(of("pc-q35-9.0").result, Verdict::Ok);
        assert_eq!(of("q35").result, Verdict::Ok);
        assert!(of("pc-i440fx-6.0").evidence.contains("deprecated"));
        assert!(of("pc-q35-2.1").evidence.contains("does not have"));
    }
}
