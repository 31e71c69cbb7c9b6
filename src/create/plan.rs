//! From what was asked for and what the host offers to the XML, the volumes, and what is to be said before anything is made.

use super::cloud_init::Seed;
use super::domain::{Content, DiskDevice, Firmware, Graphics, Link, NewDomain, Nic, Source};
use super::facts::HostFacts;
use super::osinfo::OperatingSystem;
use super::xml::{Choices, Start, document};
use crate::text::visible;
use crate::xml::{Malformed, reapply};

/// What will be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The definition.
    pub xml: String,
    /// What the first start takes instead, where it is another: an installer's kernel or disc.
    pub install_xml: Option<String>,
    /// Volumes, in the order of their making.
    pub volumes: Vec<Volume>,
    /// What is brought to the host, and the volumes it goes into.
    pub uploads: Vec<Upload>,
    /// Files for cloud-init, and the volume they go into.
    pub seed: Option<(Seed, Volume)>,
    /// What speaks against it.
    pub concerns: Vec<Concern>,
}

impl Plan {
    /// Makes the changes of a person, who made `edited` of the definition `base`, in what is planned now.
    ///
    /// # Errors
    /// When one of the texts is not well-formed.
    pub fn edit(&mut self, base: &str, edited: &str) -> Result<(), Malformed> {
        self.xml = reapply(base, edited, &self.xml)?;
        if let Some(xml) = &self.install_xml {
            self.install_xml = Some(reapply(base, edited, xml)?);
        }
        Ok(())
    }

    /// What stands in the way.
    pub fn refusals(&self) -> impl Iterator<Item = &str> {
        self.concerns
            .iter()
            .filter(|concern| concern.refuses)
            .map(|concern| concern.text.as_str())
    }

    /// What is only worth saying.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.concerns
            .iter()
            .filter(|concern| !concern.refuses)
            .map(|concern| concern.text.as_str())
    }
}

/// A volume to make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Volume {
    /// Its pool.
    pub pool: String,
    /// Its name.
    pub name: String,
    /// Its XML.
    pub xml: String,
    /// Where it will be, as far as that can be told.
    pub path: Option<String>,
}

/// Something to bring to the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What it is.
    pub piece: Piece,
    /// Where it goes.
    pub volume: Volume,
}

/// What is brought to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// The image that is installed from; it stays.
    Media,
    /// An installer's kernel; it goes when the installer runs.
    Kernel,
    /// Its initrd likewise.
    Initrd,
}

/// Something that speaks against a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// Whether nothing may be made.
    pub refuses: bool,
    /// What of the wish it speaks of.
    pub about: About,
    /// What it is, naming the thing and the way out.
    pub text: String,
}

/// A part of what is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum About {
    /// All of it.
    #[default]
    Whole,
    /// The name.
    Name,
    /// Hypervisor and architecture.
    Machine,
    /// The type of the machine.
    MachineType,
    /// The memory.
    Memory,
    /// The processors.
    Vcpus,
    /// A network interface, by its place.
    Nic(usize),
    /// The display.
    Display,
    /// Where it listens.
    Listen,
    /// The firmware, and the TPM.
    Firmware,
    /// A disk, by its place.
    Disk(usize),
    /// What it is installed from.
    Media,
    /// The kernel that is started directly.
    Kernel,
    /// The initrd beside it.
    Initrd,
}

/// What is at a path of the host that no pool has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It cannot be looked at from here.
    Unknown,
    /// There is nothing.
    Missing,
    /// There is a file or a device, of this format where its first bytes tell.
    There(Option<String>),
}

/// Makes the plan. `look` is asked about paths that no pool has.
#[must_use]
pub fn plan(
    wanted: &NewDomain,
    facts: &HostFacts,
    os: &OperatingSystem,
    look: &dyn Fn(&str) -> Found,
) -> Plan {
    let mut planner = Planner::new(facts);
    let mut wanted = wanted.clone();
    planner.about = About::Name;
    planner.name(&wanted);
    planner.about = About::Media;
    planner.brought(&mut wanted);
    planner.kernel(&wanted, look);
    planner.about = About::Machine;
    let guest = facts.guest(wanted.arch.as_deref());
    let arch = wanted
        .arch
        .clone()
        .or_else(|| guest.map(|guest| guest.arch.clone()))
        .unwrap_or_else(|| facts.arch.clone());
    let virt_type = planner.virt_type(&wanted, guest.map(|guest| guest.virt_types.as_slice()));
    let machine = wanted.machine.clone().or_else(|| {
        let has = |name: &str| {
            guest.is_some_and(|guest| guest.machines.iter().any(|(machine, _)| machine == name))
        };
        match arch.as_str() {
            "x86_64" if os.q35 && has("q35") => Some("q35".to_owned()),
            "aarch64" | "armv7l" | "riscv64" if has("virt") => Some("virt".to_owned()),
            _ => None,
        }
    });
    planner.about = About::MachineType;
    planner.machine(&wanted, guest.map(|guest| guest.machines.as_slice()));
    planner.about = About::Memory;
    let memory_kib = planner.memory(&wanted, os);
    planner.about = About::Vcpus;
    planner.vcpus(&wanted, &virt_type);
    planner.nics(&mut wanted);
    planner.about = About::Display;
    planner.graphics(&mut wanted);
    planner.about = About::Firmware;
    planner.firmware(&wanted);
    planner.about = About::Disk(0);
    let mut choices = Choices {
        wanted: &wanted,
        facts,
        os,
        guest,
        virt_type,
        arch,
        machine,
        memory_kib,
        disks: Vec::new(),
    };
    let disks = planner.disks(&wanted, os);
    let fresh = disks
        .iter()
        .find(|disk| disk.device == DiskDevice::Disk)
        .is_none_or(|disk| matches!(&disk.content, Content::New(new) if new.backing.is_none()));
    choices.disks = planner.drives(&choices, disks, look);
    let (start, first) = starts(&wanted, fresh);
    planner.plan.xml = document(&choices, &start);
    planner.plan.install_xml = first.map(|first| document(&choices, &first));
    planner.plan
}

/// How it starts, and how it starts the first time where that is another way. An empty disk cannot be booted from, so that an
/// installer behind it in the order gets its turn and never again.
fn starts(wanted: &NewDomain, fresh: bool) -> (Start, Option<Start>) {
    let list = |devices: &[&str]| devices.iter().map(|device| (*device).to_owned()).collect();
    let usual = |devices: &[&str]| Start {
        boot: if wanted.boot.is_empty() {
            list(devices)
        } else {
            wanted.boot.clone()
        },
        ..Start::default()
    };
    let media: &[&str] = match wanted.source {
        Source::Cdrom(_) => &["hd", "cdrom"],
        Source::Pxe => &["hd", "network"],
        _ => &["hd"],
    };
    match &wanted.source {
        Source::Kernel(kernel) => {
            let mut start = usual(media);
            start.kernel = Some((kernel.clone(), wanted.kernel_args.clone()));
            (start, None)
        }
        Source::Installer(kernel) => {
            let first = Start {
                kernel: Some((kernel.clone(), wanted.kernel_args.clone())),
                once: true,
                ..usual(media)
            };
            (usual(media), Some(first))
        }
        Source::Cdrom(_) | Source::Pxe if !fresh && wanted.boot.is_empty() => {
            let first = Start {
                boot: list(&[media[1], media[0]]),
                once: true,
                ..Start::default()
            };
            (usual(media), Some(first))
        }
        _ => (usual(media), None),
    }
}

/// Why a domain cannot be called that; `None` when it can.
pub(super) fn wrong_name(name: &str) -> Option<String> {
    let shown = visible(name);
    if name.trim().is_empty() {
        Some("the name is empty".to_owned())
    } else if name.contains(['/', '\n']) || name == "." || name == ".." {
        Some(format!(
            "the name '{shown}' has a slash or an end of line, which libvirt does not take"
        ))
    } else if name.len() > 200 {
        Some(format!(
            "the name has {} bytes; files are named by it, so it must stay below 200",
            name.len()
        ))
    } else {
        None
    }
}

pub(super) struct Planner<'a> {
    pub facts: &'a HostFacts,
    pub plan: Plan,
    /// Names of volumes that this plan makes: pool and name.
    pub taken: Vec<(String, String)>,
    /// What the volumes of this plan may come to take: pool and bytes.
    pub claimed: Vec<(String, u64)>,
    /// What is being looked at.
    pub about: About,
}

impl<'a> Planner<'a> {
    pub fn new(facts: &'a HostFacts) -> Self {
        Self {
            facts,
            plan: Plan::default(),
            taken: Vec::new(),
            claimed: Vec::new(),
            about: About::Whole,
        }
    }
}

impl Planner<'_> {
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.plan.concerns.push(Concern {
            refuses: true,
            about: self.about,
            text: text.into(),
        });
    }

    /// Refuses, or only tells where somebody said that it does not stand in the way.
    pub fn refuse_unless(&mut self, unchecked: bool, text: impl Into<String>) {
        match unchecked {
            true => self.warn(text),
            false => self.refuse(text),
        }
    }

    pub fn warn(&mut self, text: impl Into<String>) {
        self.plan.concerns.push(Concern {
            refuses: false,
            about: self.about,
            text: text.into(),
        });
    }

    fn name(&mut self, wanted: &NewDomain) {
        let name = &wanted.name;
        let shown = visible(name).into_owned();
        if let Some(wrong) = wrong_name(name) {
            self.refuse(wrong);
        }
        if self.facts.domains.iter().any(|domain| domain.name == *name) {
            self.refuse(format!(
                "the name '{shown}' is taken by another domain of this host; choose another name"
            ));
        }
        if let Some(uuid) = wanted.uuid.map(|uuid| uuid.to_string())
            && let Some(domain) = self.facts.domains.iter().find(|domain| domain.uuid == uuid)
        {
            self.refuse(format!(
                "the UUID {uuid} is that of '{}'",
                visible(&domain.name)
            ));
        }
    }

    /// Says when a kernel or an initrd is not where the host could find it.
    fn kernel(&mut self, wanted: &NewDomain, look: &dyn Fn(&str) -> Found) {
        let (Source::Kernel(kernel) | Source::Installer(kernel)) = &wanted.source else {
            return;
        };
        let paths = [
            (About::Kernel, Some(&kernel.kernel)),
            (About::Initrd, kernel.initrd.as_ref()),
        ];
        for (about, path) in paths {
            let Some(path) = path.filter(|path| !path.is_empty()) else {
                continue;
            };
            self.about = about;
            let is_brought = self
                .plan
                .uploads
                .iter()
                .any(|upload| upload.volume.path.as_ref() == Some(path));
            if !path.starts_with('/') {
                self.refuse(format!(
                    "'{}' is not a whole path: the host must find it from /",
                    visible(path)
                ));
            } else if !is_brought
                && self.facts.volume_at(path).is_none()
                && look(path) == Found::Missing
            {
                self.refuse(format!("the host has no '{}'", visible(path)));
            }
        }
    }

    /// KVM where the host has it; else what there is, said why.
    fn virt_type(&mut self, wanted: &NewDomain, offered: Option<&[String]>) -> String {
        let Some(offered) = offered else {
            let arch = wanted.arch.as_deref().unwrap_or(&self.facts.arch);
            self.refuse(format!(
                "the host has no hypervisor for {}; 'virsh capabilities' lists what it has",
                visible(arch)
            ));
            return wanted
                .virt_type
                .clone()
                .unwrap_or_else(|| "qemu".to_owned());
        };
        let has = |name: &str| offered.iter().any(|offer| offer == name);
        if let Some(asked) = &wanted.virt_type {
            if !has(asked) {
                let way = if asked == "kvm" {
                    format!("; {}", self.no_kvm())
                } else {
                    String::new()
                };
                self.warn(format!(
                    "the host does not offer {}, only {}{way}",
                    visible(asked),
                    offered.join(", ")
                ));
            }
            return asked.clone();
        }
        if has("kvm") {
            return "kvm".to_owned();
        }
        if has("qemu") {
            self.warn(format!(
                "the host does not offer KVM, so the guest is emulated by QEMU, many times slower: {}",
                self.no_kvm()
            ));
            return "qemu".to_owned();
        }
        offered
            .first()
            .cloned()
            .unwrap_or_else(|| "qemu".to_owned())
    }

    /// Says when the host's QEMU knows no machine of this name.
    fn machine(&mut self, wanted: &NewDomain, known: Option<&[(String, Option<String>)]>) {
        let (Some(machine), Some(known)) = (&wanted.machine, known) else {
            return;
        };
        if known.is_empty() || known.iter().any(|(name, _)| name == machine) {
            return;
        }
        // Those without a version are the newest of their kind.
        let usual = known.iter().filter(|(name, _)| !name.contains('-'));
        let usual: Vec<_> = usual.map(|(name, _)| visible(name)).collect();
        self.refuse(format!(
            "the host has no machine '{}'; it has {}, and versions of them",
            visible(machine),
            usual.join(", ")
        ));
    }

    /// Why the host has no KVM, as far as that can be seen from here.
    fn no_kvm(&self) -> &str {
        self.facts.no_kvm.as_deref().unwrap_or(
            "/dev/kvm is missing or may not be used there (CPU flags vmx or svm, module kvm_intel or kvm_amd)",
        )
    }

    fn memory(&mut self, wanted: &NewDomain, os: &OperatingSystem) -> u64 {
        let kib = wanted.memory_kib.or(os.memory_kib).unwrap_or(1 << 20);
        if let Some(least) = os.min_memory_kib
            && kib < least
        {
            self.warn(format!(
                "{} wants at least {} MiB of memory; it gets {}",
                os.name,
                least / 1024,
                kib / 1024
            ));
        }
        if let Some(host) = self.facts.memory_kib {
            let used: u64 = self
                .facts
                .domains
                .iter()
                .filter(|domain| domain.active)
                .map(|domain| domain.memory_kib)
                .sum();
            if kib > host {
                self.warn(format!(
                    "{} MiB of memory is more than the {} MiB of the host",
                    kib / 1024,
                    host / 1024
                ));
            } else if used + kib > host {
                self.warn(format!(
                    "with the {} MiB of the domains that run, {} MiB more is above the {} MiB of the host",
                    used / 1024,
                    kib / 1024,
                    host / 1024
                ));
            }
        }
        kib
    }

    fn vcpus(&mut self, wanted: &NewDomain, virt_type: &str) {
        let most = wanted.vcpus.most();
        let limit = self
            .facts
            .capabilities
            .as_ref()
            .and_then(|known| known.max_vcpus);
        if let Some(limit) = limit.filter(|limit| most > *limit) {
            self.refuse(format!(
                "{most} vCPUs are more than the {limit} that {virt_type} takes"
            ));
        }
        if let Some(cpus) = self.facts.cpus
            && wanted.vcpus.current > cpus
        {
            self.warn(format!(
                "{} vCPUs are more than the {cpus} CPUs of the host: they will wait for one another",
                wanted.vcpus.current
            ));
        }
    }

    fn nics(&mut self, wanted: &mut NewDomain) {
        let nics = wanted.nics.get_or_insert_with(|| vec![Nic::default()]);
        for (number, nic) in nics.iter_mut().enumerate() {
            self.about = About::Nic(number);
            if nic.link == Link::Default {
                nic.link = self.default_link();
            }
            if let Link::Network(name) = &nic.link {
                match self.facts.networks.iter().find(|(network, _)| network == name) {
                    None => {
                        let names: Vec<_> =
                            self.facts.networks.iter().map(|(name, _)| visible(name)).collect();
                        self.refuse(format!(
                            "there is no network '{}'; the host has {}",
                            visible(name),
                            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
                        ));
                    }
                    Some((_, false)) => self.warn(format!(
                        "the network '{0}' is not active, so the domain cannot start (virsh net-start {0})",
                        visible(name)
                    )),
                    Some((_, true)) => {}
                }
            }
            self.device(&nic.link);
            if let Some(mac) = &nic.mac {
                let mac = mac.to_lowercase();
                let other = self
                    .facts
                    .domains
                    .iter()
                    .find(|domain| domain.macs.contains(&mac));
                if let Some(other) = other {
                    self.refuse_unless(
                        wanted.unchecked.macs,
                        format!(
                            "the address {mac} is that of a network interface of '{}'",
                            visible(&other.name)
                        ),
                    );
                }
            }
        }
    }

    /// Says when a bridge or device of the host is not there.
    fn device(&mut self, link: &Link) {
        let (name, bridge) = match link {
            Link::Bridge(name) => (name, true),
            Link::Direct { source, .. } => (source, false),
            _ => return,
        };
        let Some(devices) = self.facts.net_devices.as_ref().filter(|_| !name.is_empty()) else {
            return;
        };
        let shown = visible(name).into_owned();
        match devices.iter().find(|(device, _)| device == name) {
            None => {
                let alike = devices
                    .iter()
                    .filter(|(_, is_bridge)| !bridge || *is_bridge);
                let names: Vec<_> = alike.map(|(name, _)| visible(name)).collect();
                let has = if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                };
                let what = if bridge { "bridge" } else { "network device" };
                self.refuse(format!("the host has no {what} '{shown}'; it has {has}"));
            }
            Some((_, false)) if bridge => {
                self.refuse(format!(
                    "'{shown}' is no bridge; as a device by itself it is reached by macvtap (type=direct,source={shown})"
                ));
            }
            Some(_) => {}
        }
    }

    fn default_link(&self) -> Link {
        let networks = &self.facts.networks;
        if self.facts.of_user {
            Link::User
        } else if networks.iter().any(|(name, _)| name == "default") {
            Link::Network("default".to_owned())
        } else {
            match networks.iter().find(|(_, active)| *active) {
                Some((name, _)) => Link::Network(name.clone()),
                None => Link::User,
            }
        }
    }

    fn graphics(&mut self, wanted: &mut NewDomain) {
        let graphics = wanted
            .graphics
            .get_or_insert_with(|| vec![Graphics::default()]);
        for display in graphics.iter() {
            let kind = if display.spice { "spice" } else { "vnc" };
            let listen = display.listen.as_deref().unwrap_or("127.0.0.1");
            if matches!(listen, "0.0.0.0" | "::") && display.password.is_none() {
                self.about = About::Listen;
                self.warn(format!(
                    "the {kind} display listens on all addresses without a password: everybody who reaches the host has \
                     the guest's screen and keyboard (listen=127.0.0.1, or password=…)"
                ));
            }
            self.about = About::Display;
            if let Some(port) = display.port {
                let other = self
                    .facts
                    .domains
                    .iter()
                    .find(|domain| domain.ports.contains(&port));
                if other.is_none() && self.facts.listening.contains(&port) {
                    self.refuse(format!(
                        "something on the host listens on the port {port} already; choose another or leave it out"
                    ));
                }
                if let Some(other) = other {
                    let text = format!(
                        "the port {port} is that of the display of '{}'",
                        visible(&other.name)
                    );
                    if other.active {
                        self.refuse(format!(
                            "{text}, which is running; choose another or leave it out"
                        ));
                    } else {
                        self.warn(format!("{text}: only one of them can run at a time"));
                    }
                }
            }
            let known = self
                .facts
                .capabilities
                .as_ref()
                .map(|known| &known.graphics);
            if known
                .is_some_and(|known| !known.is_empty() && !known.iter().any(|name| name == kind))
            {
                self.warn(format!("the host's QEMU is built without {kind}"));
            }
        }
    }

    fn firmware(&mut self, wanted: &NewDomain) {
        let Some(known) = &self.facts.capabilities else {
            return;
        };
        let lacks = match wanted.firmware {
            Firmware::Bios => None,
            Firmware::Uefi => (!known.efi).then_some("no UEFI firmware"),
            Firmware::SecureBoot => {
                (!known.secure_boot).then_some("no UEFI firmware with secure boot")
            }
        };
        let no_tpm = wanted.tpm
            && !known.tpm_backends.is_empty()
            && !known.tpm_backends.iter().any(|name| name == "emulator");
        let other = wanted
            .machine
            .as_deref()
            .filter(|name| !name.contains("q35"));
        if let (Firmware::SecureBoot, Some(machine), "x86_64") =
            (wanted.firmware, other, self.facts.arch.as_str())
        {
            self.warn(format!(
                "secure boot wants a machine of the kind q35, and {} is none",
                visible(machine)
            ));
        } else if let Some(lacks) = lacks {
            self.warn(format!("the host has {lacks} (package ovmf)"));
        }
        if no_tpm {
            self.warn("the host has no emulator of a TPM (package swtpm)");
        }
    }
}
