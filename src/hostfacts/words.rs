//! The facts of a host in words, for the screen and the command line alike.

use super::blocks::Block;
use super::facts::{Cache, Facts};
use super::files::set_words;
use super::system::ModuleState;
use crate::text::bytes;

/// What a line is about that says why the host's files cannot be read.
pub const OWN_FILES: &str = "Own files";

fn line(label: impl Into<String>, value: impl Into<String>) -> (String, String) {
    (label.into(), value.into())
}

/// What a host is: what each fact is about, and what there is to say. Texts are untrusted.
#[must_use]
pub fn words(facts: &Facts) -> Vec<(String, String)> {
    let unseen = if facts.files_visible {
        "–"
    } else {
        "not visible from here"
    };
    let mut lines = Vec::new();
    if let Some(why) = &facts.files_lost {
        lines.push(line(OWN_FILES, format!("not visible from here: {why}")));
    }
    let or = |value: Option<String>| value.unwrap_or_else(|| unseen.to_owned());
    let on = |value: Option<bool>| or(value.map(|on| if on { "on" } else { "off" }.to_owned()));
    let kib = |size: Option<u64>| or(size.map(|kib| bytes(kib.saturating_mul(1024))));
    let number = |value: Option<u64>| or(value.map(|value| value.to_string()));
    let cpu = &facts.cpu;
    let many = |value: Option<u32>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
    lines.extend([
        line("CPU", or(cpu.model.clone())),
        line(
            "Topology",
            format!(
                "{} CPUs: {} cells × {} sockets × {} cores × {} threads",
                many(cpu.cpus),
                many(cpu.cells),
                many(cpu.sockets),
                many(cpu.cores),
                many(cpu.threads)
            ),
        ),
    ]);
    lines.extend(caches(&facts.caches, unseen));
    lines.extend([
        line(
            "Virtualization",
            format!(
                "{}, nested {}, EPT/NPT {}, VPID {}",
                or(cpu.virtualization.map(str::to_owned)),
                on(cpu.nested),
                on(cpu.nested_paging),
                on(cpu.vpid)
            ),
        ),
        line(
            "Interrupts",
            format!(
                "APICv/AVIC {}, posted {}",
                on(cpu.virtual_interrupts),
                on(cpu.posted_interrupts)
            ),
        ),
        line(
            "/dev/kvm",
            or(facts.kvm_device.map(|there| match there {
                true => "there; the checks say who may use it".to_owned(),
                false => "not there".to_owned(),
            })),
        ),
        line("IOMMU", on(facts.iommu)),
        line("Governor", or(cpu.governor.clone())),
        line("Clock", or(facts.clock_source.clone())),
        line("Kernel", or(facts.kernel.clone())),
        line("Load", or(facts.load.clone())),
        line(
            "Steal",
            or(facts
                .steal_permille
                .map(|steal| format!("{}.{}% since the start", steal / 10, steal % 10))),
        ),
    ]);
    let modules: Vec<_> = facts
        .modules
        .iter()
        .filter(|m| m.state == Some(ModuleState::Present))
        .map(|m| m.name)
        .collect();
    lines.push(line(
        "Modules",
        if modules.is_empty() {
            unseen.to_owned()
        } else {
            modules.join(", ")
        },
    ));
    let daemons: Vec<_> = facts
        .daemons
        .iter()
        .map(|d| {
            format!(
                "{} {}{}",
                d.name,
                if d.running { "runs" } else { "stopped" },
                if d.enabled { ", enabled" } else { "" }
            )
        })
        .collect();
    lines.push(line(
        "Daemons",
        if daemons.is_empty() {
            unseen.to_owned()
        } else {
            daemons.join("; ")
        },
    ));
    lines.push(line(
        "Control groups",
        or(facts
            .cgroups
            .as_ref()
            .map(|g| format!("version {}: {}", g.version, g.controllers.join(" ")))),
    ));
    let memory = &facts.memory;
    lines.extend([
        line(
            "Memory",
            format!(
                "{} free, {} available of {}",
                kib(memory.free_kib),
                kib(memory.available_kib),
                kib(memory.total_kib)
            ),
        ),
        line(
            "Swap",
            format!(
                "{} free of {}, swappiness {}",
                kib(memory.swap_free_kib),
                kib(memory.swap_total_kib),
                number(memory.swappiness)
            ),
        ),
        line(
            "KSM",
            format!(
                "run {}, {} pages shared by {}, {} unshared, {} full scans",
                number(facts.ksm.run),
                number(facts.ksm.pages_shared),
                number(facts.ksm.pages_sharing),
                number(facts.ksm.pages_unshared),
                number(facts.ksm.full_scans)
            ),
        ),
        line(
            "THP",
            format!(
                "{}, defrag {}",
                or(facts.thp.enabled.clone()),
                or(facts.thp.defrag.clone())
            ),
        ),
    ]);
    for cell in &facts.cells {
        let distances: Vec<_> = cell
            .distances
            .iter()
            .map(|(to, far)| format!("{to}:{far}"))
            .collect();
        lines.push(line(
            format!("NUMA cell {}", cell.id),
            format!(
                "CPUs {}, {} free of {}{}",
                set_words(&cell.cpus.iter().copied().collect()),
                kib(cell.free_kib),
                kib(cell.memory_kib),
                if distances.is_empty() {
                    String::new()
                } else {
                    format!(", distances {}", distances.join(" "))
                }
            ),
        ));
    }
    for pool in &facts.huge_pages {
        let cell = pool
            .cell
            .map_or_else(String::new, |cell| format!(" of cell {cell}"));
        lines.push(line(
            "Huge pages",
            format!(
                "{}{cell}: {} free of {}",
                bytes(pool.size_kib.saturating_mul(1024)),
                number(pool.free),
                pool.total
            ),
        ));
    }
    lines.extend(facts.block.iter().map(|device| disk(device, unseen)));
    lines
}

fn disk(device: &Block, unseen: &str) -> (String, String) {
    let mut words = Vec::new();
    words.extend(device.model.clone());
    words.extend(device.size_bytes.map(bytes));
    match (&device.scheduler, device.rotational, device.queue_depth) {
        (None, None, None) => words.push(format!("scheduler, queue: {unseen}")),
        (scheduler, rotational, depth) => {
            let others: Vec<&str> = device
                .schedulers
                .iter()
                .map(String::as_str)
                .filter(|name| Some(*name) != scheduler.as_deref())
                .collect();
            let now = scheduler.as_deref().unwrap_or("–");
            words.push(match others.is_empty() {
                true => format!("scheduler {now}"),
                false => format!("scheduler {now} (or {})", others.join(" ")),
            });
            words.push(
                match rotational {
                    Some(true) => "turns",
                    Some(false) => "does not turn",
                    None => "–",
                }
                .to_owned(),
            );
            words
                .push(depth.map_or_else(|| "queue –".to_owned(), |depth| format!("queue {depth}")));
        }
    }
    line(format!("Disk {}", device.name), words.join(", "))
}

/// A line for each kind of cache: its size, and which CPUs share one.
fn caches(all: &[Cache], unseen: &str) -> Vec<(String, String)> {
    let mut kinds: Vec<(String, Vec<&Cache>)> = Vec::new();
    for cache in all {
        match kinds.iter_mut().find(|(name, _)| *name == cache.name()) {
            Some((_, known)) => known.push(cache),
            None => kinds.push((cache.name(), vec![cache])),
        }
    }
    if kinds.is_empty() {
        return vec![line("Caches", unseen)];
    }
    kinds.sort_by(|one, two| one.0.cmp(&two.0));
    let told = kinds.into_iter().map(|(name, caches)| {
        let size = caches.iter().find_map(|cache| cache.size_kib);
        let size = size.map_or_else(|| "–".to_owned(), |kib| bytes(kib.saturating_mul(1024)));
        let shared: Vec<_> = caches
            .iter()
            .map(|cache| set_words(&cache.cpus.iter().copied().collect()))
            .collect();
        // A private cache has one CPU, and the list of them would say nothing.
        let who = match caches.iter().all(|cache| cache.cpus.len() < 2) {
            true => "each CPU has its own".to_owned(),
            false => format!("shared by CPUs {}", shared.join(" | ")),
        };
        line(
            format!("Cache {name}"),
            format!("{} × {size}, {who}", caches.len()),
        )
    });
    told.collect()
}
