//! What `virConnectGetCapabilities` says of the host's CPUs and NUMA cells.

use roxmltree::{Document, Node};

use super::facts::Cache;
use super::files::cpu_set;
use super::memory::{Cell, HugePages};

/// A logical CPU and where it sits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Cpu {
    /// Its number.
    pub id: u32,
    /// NUMA cell.
    pub cell: u32,
    /// Socket.
    pub socket: Option<u32>,
    /// Core within the socket.
    pub core: Option<u32>,
    /// CPUs of the same core, itself among them.
    pub siblings: Vec<u32>,
}

/// The host as libvirt describes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Topology {
    /// Architecture.
    pub arch: Option<String>,
    /// CPU model that libvirt likens the host's to.
    pub model: Option<String>,
    /// Vendor.
    pub vendor: Option<String>,
    /// Names of CPU features that the model lacks.
    pub features: Vec<String>,
    /// `<iommu support>`.
    pub iommu: Option<bool>,
    /// The CPUs.
    pub cpus: Vec<Cpu>,
    /// The cells.
    pub cells: Vec<Cell>,
    /// Caches.
    pub caches: Vec<Cache>,
    /// Page pools with their totals.
    pub pages: Vec<HugePages>,
    /// Whether a guest can be run by KVM.
    pub kvm: Option<bool>,
}

impl Topology {
    /// Reads the document; one that is none says nothing.
    #[must_use]
    pub fn read(xml: &str) -> Self {
        let Ok(document) = Document::parse(xml) else {
            return Self::default();
        };
        let root = document.root_element();
        let mut found =
            Self {
                kvm: Some(root.descendants().any(|node| {
                    node.has_tag_name("domain") && node.attribute("type") == Some("kvm")
                })),
                ..Self::default()
            };
        let Some(host) = child(root, "host") else {
            return found;
        };
        if let Some(cpu) = child(host, "cpu") {
            let word = |name| child(cpu, name)?.text().map(str::to_owned);
            found.arch = word("arch");
            found.model = word("model");
            found.vendor = word("vendor");
            found.features = cpu
                .children()
                .filter(|node| node.has_tag_name("feature"))
                .filter_map(|node| node.attribute("name").map(str::to_owned))
                .collect();
        }
        found.iommu = child(host, "iommu")
            .and_then(|iommu| iommu.attribute("support"))
            .map(|support| support == "yes");
        for node in host.descendants() {
            match node.tag_name().name() {
                "cell" if node.attribute("id").is_some() && under(node, "cells") => {
                    found.cell(node)
                }
                "bank" if node.parent().is_some_and(|p| p.has_tag_name("cache")) => {
                    found.caches.extend(bank(node));
                }
                _ => {}
            }
        }
        found
    }

    fn cell(&mut self, node: Node<'_, '_>) {
        let Some(id) = number(node, "id") else { return };
        let mut cpus = Vec::new();
        for cpu in node.descendants().filter(|n| n.has_tag_name("cpu")) {
            let Some(cpu_id) = number(cpu, "id") else {
                continue;
            };
            cpus.push(cpu_id);
            let siblings = cpu.attribute("siblings").unwrap_or_default();
            self.cpus.push(Cpu {
                id: cpu_id,
                cell: id,
                socket: number(cpu, "socket_id"),
                core: number(cpu, "core_id"),
                siblings: cpu_set(siblings).into_iter().collect(),
            });
        }
        for pages in node.children().filter(|n| n.has_tag_name("pages")) {
            let size: Option<u64> = number(pages, "size");
            let total = pages.text().and_then(|text| text.trim().parse().ok());
            if let (Some(size_kib), Some(total)) = (size, total) {
                self.pages.push(HugePages {
                    cell: Some(id),
                    size_kib,
                    total,
                    free: None,
                });
            }
        }
        let distances = node
            .descendants()
            .filter(|n| n.has_tag_name("sibling"))
            .filter_map(|n| Some((number(n, "id")?, number(n, "value")?)))
            .collect();
        self.cells.push(Cell {
            id,
            cpus,
            memory_kib: child(node, "memory").and_then(|m| m.text()?.trim().parse().ok()),
            free_kib: None,
            distances,
        });
    }
}

/// A machine type that guests of a host may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineType {
    /// Its name.
    pub name: String,
    /// The name that it is short for.
    pub canonical: Option<String>,
    /// The most virtual CPUs.
    pub most_vcpus: Option<u32>,
    /// The hypervisor wants to lose it.
    pub deprecated: bool,
    /// The architecture of its guests.
    pub arch: String,
}

/// Machine types that guests of this host may have, each once for an architecture.
pub(super) fn machines(xml: &str) -> Vec<MachineType> {
    let Ok(document) = Document::parse(xml) else {
        return Vec::new();
    };
    let mut found: Vec<MachineType> = Vec::new();
    let all = document
        .root_element()
        .descendants()
        .filter(|node| node.has_tag_name("machine"));
    for node in all {
        let arch = node
            .ancestors()
            .find(|node| node.has_tag_name("arch"))
            .and_then(|arch| arch.attribute("name"));
        let machine = MachineType {
            name: node.text().unwrap_or_default().trim().to_owned(),
            canonical: node.attribute("canonical").map(str::to_owned),
            most_vcpus: number(node, "maxCpus"),
            deprecated: node.attribute("deprecated") == Some("yes"),
            arch: arch.unwrap_or_default().to_owned(),
        };
        let known = |one: &MachineType| one.name == machine.name && one.arch == machine.arch;
        if !machine.name.is_empty() && !found.iter().any(known) {
            found.push(machine);
        }
    }
    found
}

fn bank(node: Node<'_, '_>) -> Option<Cache> {
    let size: u64 = node.attribute("size")?.parse().ok()?;
    let size_kib = match node.attribute("unit") {
        Some("MiB") => size * 1024,
        Some("B" | "bytes") => size / 1024,
        _ => size,
    };
    Some(Cache {
        level: number(node, "level")?,
        kind: node.attribute("type").unwrap_or("both").to_owned(),
        size_kib: Some(size_kib),
        cpus: cpu_set(node.attribute("cpus")?).into_iter().collect(),
    })
}

fn under(node: Node<'_, '_>, name: &str) -> bool {
    node.parent()
        .is_some_and(|parent| parent.has_tag_name(name))
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn number<T: std::str::FromStr>(node: Node<'_, '_>, name: &str) -> Option<T> {
    node.attribute(name)?.trim().parse().ok()
}
