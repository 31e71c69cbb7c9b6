//! The processors: flags, what KVM makes of them, caches and their places.

use super::Told;
use super::capabilities::{Cpu, Topology};
use super::facts::{Cache, Processor};
use super::files::{Files, cpu_set};
use super::memory::Cell;

/// What is known of the processors.
pub(super) fn read(told: &Told, topology: &Topology, files: &Files) -> Processor {
    let text = files.text("/proc/cpuinfo").unwrap_or_default();
    let of = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim().to_owned())
    };
    let flags = of("flags");
    let has = |flag: &str| match &flags {
        Some(flags) => Some(flags.split_whitespace().any(|word| word == flag)),
        None => topology
            .features
            .iter()
            .any(|name| name == flag)
            .then_some(true),
    };
    // On newer kernels what VMX can do stands in a line of its own.
    let vmx_flags = of("vmx flags").unwrap_or_default();
    let virtualization = match (has("vmx"), has("svm")) {
        (Some(true), _) => Some("vmx"),
        (_, Some(true)) => Some("svm"),
        (Some(false), Some(false)) => Some("none"),
        _ => None,
    };
    let vendor = match virtualization {
        Some("vmx") => Some("kvm_intel"),
        Some("svm") => Some("kvm_amd"),
        _ => None,
    };
    let parameter = |name: &str| {
        let text = files
            .text(&format!("/sys/module/{}/parameters/{name}", vendor?))
            .ok()?;
        Some(matches!(text.as_str(), "1" | "Y" | "y"))
    };
    let either = |one: &str, other: &str| {
        parameter(if vendor == Some("kvm_amd") {
            other
        } else {
            one
        })
    };
    let amd = vendor == Some("kvm_amd");
    let node = told.node.as_ref();
    Processor {
        model: of("model name")
            .or_else(|| topology.model.clone())
            .or_else(|| node.map(|node| node.model.clone())),
        arch: topology
            .arch
            .clone()
            .or_else(|| node.map(|node| node.model.clone())),
        cpus: node.map(|node| node.cpus),
        cells: node.map(|node| node.nodes),
        sockets: node.map(|node| node.sockets),
        cores: node.map(|node| node.cores),
        threads: node.map(|node| node.threads),
        virtualization,
        nested: parameter("nested"),
        nested_paging: either("ept", "npt")
            .or_else(|| (has("ept") == Some(true) || has("npt") == Some(true)).then_some(true)),
        vpid: if amd {
            has("flushbyasid")
        } else {
            parameter("vpid").or_else(|| vmx_flags.contains("vpid").then_some(true))
        },
        virtual_interrupts: either("enable_apicv", "avic"),
        posted_interrupts: if amd {
            parameter("avic")
        } else {
            (!vmx_flags.is_empty()).then(|| {
                vmx_flags
                    .split_whitespace()
                    .any(|word| word == "posted_intr")
            })
        },
        sev: has("sev"),
        governor: governor(files),
    }
}

fn governor(files: &Files) -> Option<String> {
    let mut found: Vec<String> = numbered(files)
        .iter()
        .filter_map(|id| {
            files
                .text(&format!(
                    "/sys/devices/system/cpu/cpu{id}/cpufreq/scaling_governor"
                ))
                .ok()
        })
        .collect();
    found.sort();
    found.dedup();
    (!found.is_empty()).then(|| found.join(", "))
}

/// Numbers of the CPUs that have a folder, without those that are off line: nothing runs there.
fn numbered(files: &Files) -> Vec<u32> {
    let names = files.names("/sys/devices/system/cpu").unwrap_or_default();
    let online = files
        .text("/sys/devices/system/cpu/online")
        .map(|text| cpu_set(&text))
        .unwrap_or_default();
    names
        .iter()
        .filter_map(|name| name.strip_prefix("cpu")?.parse().ok())
        .filter(|id| online.is_empty() || online.contains(id))
        .collect()
}

/// Caches by the kernel's own account, each once.
pub(super) fn caches(files: &Files) -> Vec<Cache> {
    let mut found: Vec<Cache> = Vec::new();
    for id in numbered(files) {
        let folder = format!("/sys/devices/system/cpu/cpu{id}/cache");
        for index in files.names(&folder).unwrap_or_default() {
            let read = |name: &str| files.text(&format!("{folder}/{index}/{name}")).ok();
            let Some(level) = read("level").and_then(|text| text.parse().ok()) else {
                continue;
            };
            let size = read("size").and_then(|text| match text.strip_suffix('K') {
                Some(kib) => kib.parse().ok(),
                None => text
                    .strip_suffix('M')?
                    .parse::<u64>()
                    .ok()
                    .map(|mib| mib * 1024),
            });
            let cache = Cache {
                level,
                kind: match read("type").as_deref() {
                    Some("Data") => "data",
                    Some("Instruction") => "instruction",
                    _ => "both",
                }
                .to_owned(),
                size_kib: size,
                cpus: cpu_set(&read("shared_cpu_list").unwrap_or_default())
                    .into_iter()
                    .collect(),
            };
            if !found.contains(&cache) {
                found.push(cache);
            }
        }
    }
    found
}

/// Places of the CPUs by the kernel's own account.
pub(super) fn topology(files: &Files, cells: &[Cell]) -> Vec<Cpu> {
    let cell_of = |id: u32| {
        cells
            .iter()
            .find(|cell| cell.cpus.contains(&id))
            .map(|cell| cell.id)
    };
    numbered(files)
        .into_iter()
        .map(|id| {
            let folder = format!("/sys/devices/system/cpu/cpu{id}/topology");
            let number = |name: &str| {
                let number = files.number(&format!("{folder}/{name}"))?;
                u32::try_from(number).ok()
            };
            let siblings = files
                .text(&format!("{folder}/thread_siblings_list"))
                .unwrap_or_default();
            Cpu {
                id,
                cell: cell_of(id).unwrap_or(0),
                socket: number("physical_package_id"),
                core: number("core_id"),
                siblings: cpu_set(&siblings).into_iter().collect(),
            }
        })
        .collect()
}
