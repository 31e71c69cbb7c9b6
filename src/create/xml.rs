//! The XML of a new domain (libvirt's formatdomain).

use super::devices;
use super::domain::{Cpu, Firmware, Kernel, NewDomain};
use super::facts::{GuestKind, HostFacts};
use super::further::{Makes, apply};
use super::osinfo::OperatingSystem;
use crate::xml::Element;

/// What has been decided for a domain besides what was asked for.
pub(super) struct Choices<'a> {
    pub wanted: &'a NewDomain,
    pub facts: &'a HostFacts,
    pub os: &'a OperatingSystem,
    pub guest: Option<&'a GuestKind>,
    pub virt_type: String,
    pub arch: String,
    pub machine: Option<String>,
    pub memory_kib: u64,
    pub disks: Vec<devices::Drive>,
}

impl Choices<'_> {
    /// Whether QEMU runs it, with or without KVM.
    pub fn is_qemu(&self) -> bool {
        matches!(self.virt_type.as_str(), "kvm" | "qemu")
    }

    /// Whether it is a PC.
    pub fn is_x86(&self) -> bool {
        matches!(self.arch.as_str(), "x86_64" | "i686")
    }

    /// Whether its bus is PCI Express.
    pub fn is_pcie(&self) -> bool {
        self.machine
            .as_deref()
            .is_some_and(|machine| machine.contains("q35") || machine.starts_with("virt"))
    }
}

/// For which start an XML is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Start {
    /// Devices to boot from.
    pub boot: Vec<String>,
    /// A kernel, with its arguments.
    pub kernel: Option<(Kernel, Option<String>)>,
    /// Whether a reboot of the guest stops it, so that the next start is the usual one.
    pub once: bool,
}

/// The document.
pub(super) fn document(choices: &Choices, start: &Start) -> String {
    let wanted = choices.wanted;
    let most = wanted.max_memory_kib.unwrap_or(choices.memory_kib);
    let vcpus = &wanted.vcpus;
    let fewer = (vcpus.most() != vcpus.current).then_some(vcpus.current);
    let mut domain = Element::new("domain")
        .with("type", &choices.virt_type)
        .child(Element::text("name", &wanted.name));
    domain = domain
        .children(wanted.uuid.map(|uuid| Element::text("uuid", uuid)))
        .children(
            wanted
                .title
                .as_ref()
                .map(|text| Element::text("title", text)),
        )
        .children(
            wanted
                .description
                .as_ref()
                .map(|text| Element::text("description", text)),
        )
        .children(choices.os.id.as_ref().map(|id| libosinfo(id)))
        .child(Element::text("memory", most).with("unit", "KiB"))
        .child(Element::text("currentMemory", choices.memory_kib).with("unit", "KiB"))
        .child(
            Element::text("vcpu", vcpus.most())
                .maybe("cpuset", vcpus.cpuset.as_ref())
                .maybe("current", fewer),
        )
        .child(os(choices, start))
        .children(features(choices))
        .children(cpu(choices))
        .child(clock(choices));
    if start.once {
        domain = domain.child(Element::text("on_reboot", "destroy"));
    }
    if choices.is_qemu() && choices.is_x86() {
        // A guest that puts itself to sleep looks as if it hung, and few wake up again.
        domain = domain.child(
            Element::new("pm")
                .child(Element::new("suspend-to-mem").with("enabled", "no"))
                .child(Element::new("suspend-to-disk").with("enabled", "no")),
        );
    }
    let mut domain = domain.child(devices::all(choices));
    apply(&wanted.memory_further, &mut domain);
    for extra in &wanted.extras {
        match &extra.makes {
            Makes::Settings(settings) => apply(settings, &mut domain),
            Makes::Element(element) => domain = domain.child(element.clone()),
            Makes::Device(_) => {}
        }
    }
    domain.document()
}

/// What virt-manager keeps of the operating system.
fn libosinfo(id: &str) -> Element {
    Element::new("metadata").child(
        Element::new("libosinfo:libosinfo")
            .with(
                "xmlns:libosinfo",
                "http://libosinfo.org/xmlns/libvirt/domain/1.0",
            )
            .child(Element::new("libosinfo:os").with("id", id)),
    )
}

fn os(choices: &Choices, start: &Start) -> Element {
    let wanted = choices.wanted;
    let firmware = wanted.firmware;
    let os_type = choices.guest.map_or("hvm", |guest| &guest.os_type);
    let mut os = Element::new("os");
    if firmware != Firmware::Bios {
        os = os.with("firmware", "efi");
    }
    os = os.child(
        Element::text("type", os_type)
            .with("arch", &choices.arch)
            .maybe("machine", choices.machine.as_ref()),
    );
    if firmware != Firmware::Bios {
        let secure = firmware == Firmware::SecureBoot;
        let word = if secure { "yes" } else { "no" };
        let feature = |name: &str| {
            Element::new("feature")
                .with("enabled", word)
                .with("name", name)
        };
        os = os.child(
            Element::new("firmware")
                .child(feature("secure-boot"))
                .child(feature("enrolled-keys")),
        );
    }
    if let Some((kernel, arguments)) = &start.kernel {
        os = os
            .child(Element::text("kernel", &kernel.kernel))
            .children(
                kernel
                    .initrd
                    .as_ref()
                    .map(|path| Element::text("initrd", path)),
            )
            .children(
                arguments
                    .as_ref()
                    .map(|text| Element::text("cmdline", text)),
            );
    }
    // libvirt takes either places in the order at the devices or this list, not both.
    if !devices::has_order(choices) {
        os = os.children(
            start
                .boot
                .iter()
                .map(|device| Element::new("boot").with("dev", device)),
        );
    }
    apply(&wanted.boot_further, &mut os);
    os
}

fn features(choices: &Choices) -> Option<Element> {
    let mut features = Element::new("features");
    if choices.is_x86() {
        features = features
            .child(Element::new("acpi"))
            .child(Element::new("apic"));
        if choices.is_qemu() {
            features = features.child(Element::new("vmport").with("state", "off"));
        }
    } else if choices.arch == "aarch64" {
        features = features.child(Element::new("acpi"));
    }
    if choices.wanted.firmware == Firmware::SecureBoot {
        features = features.child(Element::new("smm").with("state", "on"));
    }
    (!features.is_empty()).then_some(features)
}

fn cpu(choices: &Choices) -> Option<Element> {
    let vcpus = &choices.wanted.vcpus;
    let topology = vcpus.topology().map(|(sockets, cores, threads)| {
        Element::new("topology")
            .with("sockets", sockets)
            .maybe("dies", vcpus.dies)
            .with("cores", cores)
            .with("threads", threads)
    });
    let mode = |mode: &str| Element::new("cpu").with("mode", mode);
    let cpu = match &choices.wanted.cpu {
        Some(Cpu::Mode(name)) => mode(name),
        Some(Cpu::Model(model, features)) => mode("custom")
            .with("match", "exact")
            .child(Element::text("model", model).with("fallback", "allow"))
            .children(features.iter().map(|(sign, name)| {
                let policy = if *sign == '+' { "require" } else { "disable" };
                Element::new("feature")
                    .with("policy", policy)
                    .with("name", name)
            })),
        None => {
            let passes = choices.virt_type == "kvm"
                && choices
                    .facts
                    .capabilities
                    .as_ref()
                    .is_none_or(|capabilities| capabilities.host_passthrough);
            if passes {
                mode("host-passthrough")
            } else {
                if topology.is_none() && choices.wanted.cpu_further.is_empty() {
                    return None;
                }
                Element::new("cpu")
            }
        }
    };
    // The schema wants the topology behind the model and before the features; libvirt writes it so.
    let mut cpu = cpu.children(topology);
    apply(&choices.wanted.cpu_further, &mut cpu);
    Some(cpu)
}

fn clock(choices: &Choices) -> Element {
    let windows = choices.os.family == "winnt";
    let clock = Element::new("clock").with("offset", if windows { "localtime" } else { "utc" });
    if !(choices.is_qemu() && choices.is_x86()) {
        return clock;
    }
    let timer = |name: &str| Element::new("timer").with("name", name);
    // Ticks a guest missed while its host was busy are made up for; the HPET costs much and no guest needs it.
    clock
        .child(timer("rtc").with("tickpolicy", "catchup"))
        .child(timer("pit").with("tickpolicy", "delay"))
        .child(timer("hpet").with("present", "no"))
        .children(windows.then(|| timer("hypervclock").with("present", "yes")))
}
