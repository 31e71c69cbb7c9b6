//! What a host offers to a new domain, read from libvirt's documents.

use roxmltree::{Document, Node};

/// What is known of a host when a domain is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostFacts {
    /// CPU architecture.
    pub arch: String,
    /// CPUs.
    pub cpus: Option<u32>,
    /// Memory, KiB.
    pub memory_kib: Option<u64>,
    /// What the host can run.
    pub guests: Vec<GuestKind>,
    /// Storage pools.
    pub pools: Vec<PoolFact>,
    /// Networks and whether each is active.
    pub networks: Vec<(String, bool)>,
    /// Domains that are there already.
    pub domains: Vec<DomainFact>,
    /// Of the kind of domain that is made; `None` where the driver does not tell.
    pub capabilities: Option<DomainCapabilities>,
    /// TCP ports that something on the host listens on, as far as that can be seen.
    pub listening: Vec<u16>,
    /// Network devices of the host, and whether each is a bridge, as far as that can be seen.
    pub net_devices: Option<Vec<(String, bool)>>,
    /// Why KVM cannot be used, as far as that can be seen.
    pub no_kvm: Option<String>,
    /// Whether the connection is of one user alone (`/session`), who may not use bridges.
    pub of_user: bool,
    /// Whether files of the host are files of this machine.
    pub is_local: bool,
}

/// One kind of machine of `virConnectGetCapabilities`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestKind {
    /// `hvm`, `xen`, `exe`, …
    pub os_type: String,
    /// CPU architecture.
    pub arch: String,
    /// `kvm`, `qemu`, `test`, …, in the host's order.
    pub virt_types: Vec<String>,
    /// The program.
    pub emulator: Option<String>,
    /// Machine types, with what an alias stands for.
    pub machines: Vec<(String, Option<String>)>,
}

/// A storage pool, as far as a new volume needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolFact {
    /// Its name.
    pub name: String,
    /// `dir`, `logical`, …
    pub kind: String,
    /// Where its volumes are.
    pub path: Option<String>,
    /// Bytes that are free.
    pub available: u64,
    /// Its volumes: name, path, format.
    pub volumes: Vec<VolumeFact>,
}

/// A volume of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VolumeFact {
    /// Its name.
    pub name: String,
    /// Its path on the host.
    pub path: String,
    /// Its format.
    pub format: Option<String>,
    /// Bytes a guest sees.
    pub capacity: u64,
    /// Bytes it takes up.
    pub allocation: u64,
    /// Path of the file that it is an overlay of.
    pub backing: Option<String>,
}

/// A domain that is there already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DomainFact {
    /// Its name.
    pub name: String,
    /// Its UUID as libvirt writes it.
    pub uuid: String,
    /// Its memory, KiB.
    pub memory_kib: u64,
    /// Whether it runs.
    pub active: bool,
    /// MAC addresses, in small letters.
    pub macs: Vec<String>,
    /// Ports of displays that do not change.
    pub ports: Vec<u16>,
    /// Paths of its disks that others may not write.
    pub disks: Vec<String>,
}

/// What `virConnectGetDomainCapabilities` says of one machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DomainCapabilities {
    /// The most vCPUs.
    pub max_vcpus: Option<u32>,
    /// Whether there is a UEFI firmware, and one with secure boot.
    pub efi: bool,
    /// Whether one of them does secure boot.
    pub secure_boot: bool,
    /// Models of video cards.
    pub videos: Vec<String>,
    /// Kinds of display.
    pub graphics: Vec<String>,
    /// Backends of a TPM.
    pub tpm_backends: Vec<String>,
    /// Whether the guest may have the host's own CPU.
    pub host_passthrough: bool,
}

/// The element child of that name.
fn child<'a, 'd>(node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text(node: Node, name: &str) -> Option<String> {
    child(node, name)?.text().map(str::trim).map(str::to_owned)
}

fn numbers<T: std::str::FromStr>(node: Node, name: &str) -> Option<T> {
    text(node, name)?.parse().ok()
}

/// Size in bytes of an element with a `unit` (libvirt's formatstorage: bytes where there is none).
fn bytes(node: Node, name: &str) -> Option<u64> {
    let element = child(node, name)?;
    let number: u64 = element.text()?.trim().parse().ok()?;
    let shift = match element.attribute("unit").unwrap_or("bytes") {
        "KiB" | "k" | "K" => 10,
        "MiB" | "M" => 20,
        "GiB" | "G" => 30,
        _ => 0,
    };
    number.checked_shl(shift)
}

impl HostFacts {
    /// Takes what `virConnectGetCapabilities` says.
    pub fn read_capabilities(&mut self, xml: &str) {
        let Ok(document) = Document::parse(xml) else {
            return;
        };
        let root = document.root_element();
        if let Some(cpu) = child(root, "host").and_then(|host| child(host, "cpu")) {
            self.arch = text(cpu, "arch").unwrap_or_default();
        }
        for guest in root.children().filter(|node| node.has_tag_name("guest")) {
            let Some(arch) = child(guest, "arch") else {
                continue;
            };
            let mut kind = GuestKind {
                os_type: text(guest, "os_type").unwrap_or_default(),
                arch: arch.attribute("name").unwrap_or_default().to_owned(),
                emulator: text(arch, "emulator"),
                ..GuestKind::default()
            };
            let machines = arch.children().filter(|node| node.has_tag_name("machine"));
            kind.machines = machines
                .filter_map(|machine| {
                    let canonical = machine.attribute("canonical").map(str::to_owned);
                    Some((machine.text()?.trim().to_owned(), canonical))
                })
                .collect();
            for domain in arch.children().filter(|node| node.has_tag_name("domain")) {
                if let Some(name) = domain.attribute("type") {
                    kind.virt_types.push(name.to_owned());
                }
                if kind.emulator.is_none() {
                    kind.emulator = text(domain, "emulator");
                }
            }
            self.guests.push(kind);
        }
    }

    /// Takes a pool's XML.
    pub fn read_pool(&mut self, xml: &str) {
        let Ok(document) = Document::parse(xml) else {
            return;
        };
        let root = document.root_element();
        self.pools.push(PoolFact {
            name: text(root, "name").unwrap_or_default(),
            kind: root.attribute("type").unwrap_or_default().to_owned(),
            path: child(root, "target").and_then(|target| text(target, "path")),
            available: bytes(root, "available").unwrap_or(0),
            volumes: Vec::new(),
        });
    }

    /// Takes the XML of a volume of a pool.
    pub fn read_volume(&mut self, pool: &str, xml: &str) {
        let Ok(document) = Document::parse(xml) else {
            return;
        };
        let root = document.root_element();
        let target = child(root, "target");
        let volume = VolumeFact {
            name: text(root, "name").unwrap_or_default(),
            path: target
                .and_then(|target| text(target, "path"))
                .unwrap_or_default(),
            format: target
                .and_then(|target| child(target, "format"))
                .and_then(|format| format.attribute("type"))
                .map(str::to_owned),
            capacity: bytes(root, "capacity").unwrap_or(0),
            allocation: bytes(root, "allocation").unwrap_or(0),
            backing: child(root, "backingStore").and_then(|store| text(store, "path")),
        };
        if let Some(pool) = self.pools.iter_mut().find(|fact| fact.name == pool) {
            pool.volumes.push(volume);
        }
    }

    /// Takes the definition of a domain.
    pub fn read_domain(&mut self, xml: &str, active: bool) {
        let Ok(document) = Document::parse(xml) else {
            return;
        };
        let root = document.root_element();
        let mut fact = DomainFact {
            name: text(root, "name").unwrap_or_default(),
            uuid: text(root, "uuid").unwrap_or_default(),
            memory_kib: numbers(root, "memory").unwrap_or(0),
            active,
            ..DomainFact::default()
        };
        let devices = child(root, "devices");
        for device in devices.iter().flat_map(Node::children) {
            match device.tag_name().name() {
                "interface" => fact.macs.extend(
                    child(device, "mac")
                        .and_then(|mac| mac.attribute("address"))
                        .map(str::to_lowercase),
                ),
                "graphics" if device.attribute("autoport") != Some("yes") => fact.ports.extend(
                    device
                        .attribute("port")
                        .and_then(|port| port.parse::<u16>().ok()),
                ),
                "disk" if child(device, "shareable").is_none() => {
                    let source = child(device, "source");
                    let path = source
                        .and_then(|source| source.attribute("file").or(source.attribute("dev")));
                    if child(device, "readonly").is_none() {
                        fact.disks.extend(path.map(str::to_owned));
                    }
                }
                _ => {}
            }
        }
        self.domains.push(fact);
    }

    /// Takes the ports that libvirt has given the displays of the domain read last, which runs.
    pub fn read_running(&mut self, xml: &str) {
        let (Ok(document), Some(fact)) = (Document::parse(xml), self.domains.last_mut()) else {
            return;
        };
        let devices = child(document.root_element(), "devices");
        for device in devices.iter().flat_map(Node::children) {
            let ports = ["port", "tlsPort", "websocket"].into_iter();
            let ports = ports.filter_map(|name| device.attribute(name)?.parse::<u16>().ok());
            if device.has_tag_name("graphics") {
                fact.ports.extend(ports.filter(|port| *port > 0));
            }
        }
    }

    /// Takes what `virConnectGetDomainCapabilities` says.
    pub fn read_domain_capabilities(&mut self, xml: &str) {
        let Ok(document) = Document::parse(xml) else {
            return;
        };
        let root = document.root_element();
        let values = |node: Option<Node>, name: &str| -> Vec<String> {
            node.into_iter()
                .flat_map(|node| {
                    node.children()
                        .filter(|child| child.attribute("name") == Some(name))
                        .flat_map(|child| child.children().collect::<Vec<_>>())
                        .filter_map(|value| value.text().map(|text| text.trim().to_owned()))
                        .filter(|value| !value.is_empty())
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        let os = child(root, "os");
        let devices = child(root, "devices");
        let device = |name| devices.and_then(|devices| child(devices, name));
        self.capabilities = Some(DomainCapabilities {
            max_vcpus: child(root, "vcpu")
                .and_then(|vcpu| vcpu.attribute("max"))
                .and_then(|max| max.parse().ok()),
            efi: values(os, "firmware").iter().any(|value| value == "efi"),
            secure_boot: values(os.and_then(|os| child(os, "loader")), "secure")
                .iter()
                .any(|value| value == "yes"),
            videos: values(device("video"), "modelType"),
            graphics: values(device("graphics"), "type"),
            tpm_backends: values(device("tpm"), "backendModel"),
            host_passthrough: child(root, "cpu").is_some_and(|cpu| {
                cpu.children().any(|mode| {
                    mode.attribute("name") == Some("host-passthrough")
                        && mode.attribute("supported") == Some("yes")
                })
            }),
        });
    }

    /// The kind of machine for an architecture, where the host has it.
    #[must_use]
    pub fn guest(&self, arch: Option<&str>) -> Option<&GuestKind> {
        let arch = arch.unwrap_or(&self.arch);
        let of_arch = || self.guests.iter().filter(|guest| guest.arch == arch);
        of_arch()
            .find(|guest| guest.os_type == "hvm")
            .or_else(|| of_arch().next())
            .or_else(|| self.guests.first().filter(|_| arch == self.arch))
    }

    /// The volume that a path of the host is, with its pool.
    #[must_use]
    pub fn volume_at(&self, path: &str) -> Option<(&PoolFact, &VolumeFact)> {
        self.pools.iter().find_map(|pool| {
            let volume = pool.volumes.iter().find(|volume| volume.path == path)?;
            Some((pool, volume))
        })
    }

    /// The volume of a name in a pool.
    #[must_use]
    pub fn volume_of(&self, pool: &str, volume: &str) -> Option<(&PoolFact, &VolumeFact)> {
        let pool = self.pool(pool)?;
        let volume = pool.volumes.iter().find(|fact| fact.name == volume)?;
        Some((pool, volume))
    }

    /// The pool of a name.
    #[must_use]
    pub fn pool(&self, name: &str) -> Option<&PoolFact> {
        self.pools.iter().find(|pool| pool.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPABILITIES: &str = "<capabilities><host><cpu><arch>x86_64</arch></cpu></host>
        <guest><os_type>hvm</os_type><arch name='i686'><domain type='qemu'/></arch></guest>
        <guest><os_type>hvm</os_type><arch name='x86_64'><emulator>/usr/bin/qemu</emulator>
          <machine canonical='pc-q35-7.2'>q35</machine><domain type='qemu'/><domain type='kvm'/></arch></guest>
        </capabilities>";

    #[test]
    fn the_hosts_own_architecture_is_found() {
        let mut facts = HostFacts::default();
        facts.read_capabilities(CAPABILITIES);
        let guest = facts.guest(None).unwrap();
        assert_eq!(guest.arch, "x86_64");
        assert_eq!(guest.virt_types, ["qemu", "kvm"]);
        assert_eq!(guest.emulator.as_deref(), Some("/usr/bin/qemu"));
        assert_eq!(
            guest.machines,
            [("q35".to_owned(), Some("pc-q35-7.2".to_owned()))]
        );
        assert_eq!(facts.guest(Some("i686")).unwrap().virt_types, ["qemu"]);
        assert_eq!(facts.guest(Some("s390x")), None);
    }

    #[test]
    fn pools_volumes_and_domains_are_read() {
        let mut facts = HostFacts::default();
        facts.read_pool(
            "<pool type='dir'><name>default</name><available unit='bytes'>5</available><target><path>/p</path></target></pool>",
        );
        facts.read_volume(
            "default",
            "<volume><name>a</name><capacity unit='KiB'>2</capacity><target><path>/p/a</path><format type='qcow2'/></target></volume>",
        );
        let (pool, volume) = facts.volume_at("/p/a").unwrap();
        assert_eq!((pool.name.as_str(), pool.available), ("default", 5));
        assert_eq!(
            (volume.capacity, volume.format.as_deref()),
            (2048, Some("qcow2"))
        );
        facts.read_domain(
            "<domain><name>d</name><memory>7</memory><devices><interface><mac address='52:54:00:AA:00:01'/></interface>
             <graphics port='5901' autoport='no'/><graphics port='5902' autoport='yes'/>
             <disk><source file='/p/a'/></disk><disk><source file='/p/b'/><shareable/></disk>
             <disk><source file='/p/c'/><readonly/></disk></devices></domain>",
            true,
        );
        let domain = &facts.domains[0];
        assert_eq!(domain.macs, ["52:54:00:aa:00:01"]);
        assert_eq!(domain.ports, [5901]);
        // What runs has what libvirt chose for it as well.
        facts.read_running(
            "<domain><devices><graphics type='spice' port='5930' tlsPort='5931' websocket='-1'/></devices></domain>",
        );
        let domain = facts.domains.last().unwrap();
        assert_eq!(domain.ports, [5901, 5930, 5931]);
        assert_eq!(domain.disks, ["/p/a"]);
    }

    #[test]
    fn what_is_not_xml_says_nothing() {
        let mut facts = HostFacts::default();
        facts.read_capabilities("<a");
        facts.read_pool("");
        facts.read_domain("x", false);
        facts.read_domain_capabilities("<");
        assert_eq!(facts, HostFacts::default());
    }
}
