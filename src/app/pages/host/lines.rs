//! The lines of the sections that are lists of words.

use roxmltree::{Document, Node};

use super::{Host, HostTab};
use crate::app::Tone;
use crate::hostfacts::{Block, Cache, Facts, MachineType, ModuleState, set_words};
use crate::text::bytes;

/// A line of words: a label, a value, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostLine {
    /// What it is about; untrusted.
    pub label: String,
    /// What there is to say; untrusted.
    pub value: String,
    /// Its meaning.
    pub tone: Tone,
}

fn line(label: impl Into<String>, value: impl Into<String>) -> HostLine {
    HostLine {
        label: label.into(),
        value: value.into(),
        tone: Tone::Normal,
    }
}

impl Host {
    /// How many rows the section has.
    pub(super) fn rows(&self) -> usize {
        match self.tab {
            HostTab::Checks => self.report().map_or(0, |report| report.checks.len()),
            HostTab::Map => self.map_rows().len(),
            HostTab::Domains => self.guests().len(),
            HostTab::Tuning => self.knobs().len(),
            HostTab::Facts | HostTab::Capabilities => self.lines().len(),
        }
    }

    /// The lines of a section of words.
    #[must_use]
    pub fn lines(&self) -> Vec<HostLine> {
        let Some(report) = self.report() else {
            return Vec::new();
        };
        match self.tab {
            HostTab::Facts => facts(&report.facts),
            HostTab::Capabilities => {
                let words: Vec<_> = self
                    .filter()
                    .to_lowercase()
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect();
                let xml = report.domain_capabilities.as_deref();
                let mut lines = xml.map(capabilities).unwrap_or_default();
                lines.extend(report.machines.iter().map(machine));
                lines.retain(|line| {
                    let text = format!("{} {}", line.label, line.value).to_lowercase();
                    words.iter().all(|word| text.contains(word))
                });
                lines
            }
            _ => Vec::new(),
        }
    }
}

/// What a host is, in lines.
fn facts(facts: &Facts) -> Vec<HostLine> {
    let unseen = if facts.files_visible {
        "–"
    } else {
        "not visible from here"
    };
    let mut lines = Vec::new();
    if let Some(why) = &facts.files_lost {
        lines.push(HostLine {
            tone: Tone::Warn,
            ..line("Own files", format!("not visible from here: {why}"))
        });
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
                "{}, nested {}, EPT/NPT {}, VPID {}, APICv/AVIC {}",
                or(cpu.virtualization.map(str::to_owned)),
                on(cpu.nested),
                on(cpu.nested_paging),
                on(cpu.vpid),
                on(cpu.virtual_interrupts)
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

fn disk(device: &Block, unseen: &str) -> HostLine {
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
fn caches(all: &[Cache], unseen: &str) -> Vec<HostLine> {
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

/// What guests of this host may have.
fn capabilities(xml: &str) -> Vec<HostLine> {
    let Ok(document) = Document::parse(xml) else {
        return Vec::new();
    };
    let root = document.root_element();
    let mut lines = Vec::new();
    for node in root.children().filter(Node::is_element) {
        match node.tag_name().name() {
            name @ ("machine" | "arch" | "domain" | "path") => {
                lines.push(line(name, node.text().unwrap_or_default()));
            }
            "vcpu" => lines.push(line(
                "largest vCPUs",
                node.attribute("max").unwrap_or_default(),
            )),
            "cpu" => models(node, &mut lines),
            name => enums(name, node, &mut lines),
        }
    }
    lines
}

fn machine(machine: &MachineType) -> HostLine {
    let mut words = Vec::new();
    words.extend(
        machine
            .canonical
            .as_ref()
            .map(|name| format!("short for {name}")),
    );
    words.extend(
        machine
            .most_vcpus
            .map(|most| format!("at most {most} vCPUs")),
    );
    if machine.deprecated {
        words.push("deprecated".to_owned());
    }
    HostLine {
        tone: if machine.deprecated {
            Tone::Warn
        } else {
            Tone::Normal
        },
        ..line(
            format!("machine {}", machine.name),
            format!("{} {}", machine.arch, words.join(", ")),
        )
    }
}

fn models(cpu: Node<'_, '_>, lines: &mut Vec<HostLine>) {
    for mode in cpu.children().filter(|node| node.has_tag_name("mode")) {
        let name = mode.attribute("name").unwrap_or_default();
        let supported = mode.attribute("supported") == Some("yes");
        lines.push(HostLine {
            label: format!("CPU mode {name}"),
            value: if supported {
                "usable"
            } else {
                "not on this host"
            }
            .to_owned(),
            tone: if supported { Tone::Good } else { Tone::Dim },
        });
        for model in mode.children().filter(|node| node.has_tag_name("model")) {
            let Some(usable) = model.attribute("usable") else {
                continue;
            };
            let name = model.text().unwrap_or_default();
            let missing = mode
                .children()
                .find(|node| node.has_tag_name("blockers") && node.attribute("model") == Some(name))
                .map(|blockers| {
                    let features = blockers
                        .children()
                        .filter_map(|feature| feature.attribute("name"));
                    features.collect::<Vec<_>>().join(" ")
                });
            lines.push(HostLine {
                label: format!("CPU model {name}"),
                value: match (usable, missing) {
                    ("yes", _) => "usable".to_owned(),
                    ("no", Some(features)) => format!("the CPU lacks {features}"),
                    ("no", None) => "not usable on this CPU".to_owned(),
                    _ => "not known whether it is usable".to_owned(),
                },
                tone: if usable == "yes" {
                    Tone::Good
                } else {
                    Tone::Dim
                },
            });
        }
    }
}

fn enums(name: &str, node: Node<'_, '_>, lines: &mut Vec<HostLine>) {
    let mut label = name.to_owned();
    if let Some(parent) = node
        .parent()
        .filter(|parent| parent.has_tag_name("devices"))
    {
        label = format!("{} {name}", parent.tag_name().name());
    }
    if node.attribute("supported") == Some("no") {
        lines.push(HostLine {
            label: label.clone(),
            value: "not supported".to_owned(),
            tone: Tone::Dim,
        });
    }
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "enum" => {
                let values: Vec<_> = child
                    .children()
                    .filter_map(|value| value.text())
                    .map(str::trim)
                    .filter(|v| !v.is_empty())
                    .collect();
                if !values.is_empty() {
                    lines.push(line(
                        format!("{label} {}", child.attribute("name").unwrap_or_default()),
                        values.join(" "),
                    ));
                }
            }
            "value" => lines.push(line(
                format!("{label} file"),
                child.text().unwrap_or_default(),
            )),
            inner => enums(inner, child, lines),
        }
    }
}
