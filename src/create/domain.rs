//! What a new domain is to be: a plain value that the form and the command line both fill.

use super::further::{Extra, Setting};
use super::location::Location;
use crate::model::Uuid;

/// A domain that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewDomain {
    /// Its name.
    pub name: String,
    /// Its UUID; libvirt chooses one where there is none.
    pub uuid: Option<Uuid>,
    /// One line for lists.
    pub title: Option<String>,
    /// Any text.
    pub description: Option<String>,
    /// `kvm`, `qemu`, …; the best of the host where there is none.
    pub virt_type: Option<String>,
    /// CPU architecture; the host's where there is none.
    pub arch: Option<String>,
    /// Machine type; `q35` on x86-64 where there is none.
    pub machine: Option<String>,
    /// Short id of the operating system in libosinfo's database, or `generic`.
    pub os: Option<String>,
    /// Memory at start, KiB; what the operating system recommends where there is none.
    pub memory_kib: Option<u64>,
    /// What it may grow to, KiB.
    pub max_memory_kib: Option<u64>,
    /// Processors.
    pub vcpus: Vcpus,
    /// CPU model.
    pub cpu: Option<Cpu>,
    /// Where the operating system comes from.
    pub source: Source,
    /// What is brought to the host for it.
    pub brought: Brought,
    /// What does not stand in the way.
    pub unchecked: Unchecked,
    /// Arguments for the kernel of the installer, or of a kernel started directly.
    pub kernel_args: Option<String>,
    /// What cloud-init is told.
    pub cloud_init: Option<CloudInit>,
    /// Disks, in their order. `None`: one of the size the operating system recommends; an empty list: none.
    pub disks: Option<Vec<Disk>>,
    /// Network interfaces. `None`: one on the network `default`, or what the host has instead.
    pub nics: Option<Vec<Nic>>,
    /// Displays. `None`: VNC on the loopback address; an empty list: none.
    pub graphics: Option<Vec<Graphics>>,
    /// What starts the machine.
    pub firmware: Firmware,
    /// Devices to boot from, in order, as virt-install names them: `hd`, `cdrom`, `network`.
    pub boot: Vec<String>,
    /// A TPM of version 2.0, made by swtpm.
    pub tpm: bool,
    /// Whether there is no serial console.
    pub without_serial: bool,
    /// Whether there is no channel for the guest agent.
    pub without_agent: bool,
    /// Model of the video card, or `none`; what fits the display where there is none.
    pub video: Option<String>,
    /// Model of a watchdog.
    pub watchdog: Option<String>,
    /// Model of a sound card.
    pub sound: Option<String>,
    /// Whether there is no random number device.
    pub without_rng: bool,
    /// Whether it starts with its host.
    pub autostart: bool,
    /// Further values of the CPU's element, of that about booting, and what options without a field of their own make.
    pub cpu_further: Vec<Setting>,
    /// Further values of the domain about its memory.
    pub memory_further: Vec<Setting>,
    /// The same below `os`.
    pub boot_further: Vec<Setting>,
    /// The same of the TPM, video card and so on, and of parts of the domain.
    pub extras: Vec<Extra>,
}

/// Processors of a new domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vcpus {
    /// At start.
    pub current: u32,
    /// What can be plugged in; `current` where there is none.
    pub maximum: Option<u32>,
    /// Sockets, cores of each, threads of each core. Those that are not given are worked out.
    pub sockets: Option<u32>,
    /// Dies of a socket.
    pub dies: Option<u32>,
    /// Cores of a socket, or of a die where there are any.
    pub cores: Option<u32>,
    /// Threads of a core.
    pub threads: Option<u32>,
    /// Host CPUs they may run on, such as `0-3,8`.
    pub cpuset: Option<String>,
}

impl Default for Vcpus {
    fn default() -> Self {
        Self {
            current: 1,
            maximum: None,
            sockets: None,
            dies: None,
            cores: None,
            threads: None,
            cpuset: None,
        }
    }
}

impl Vcpus {
    /// The most there can be.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.maximum.unwrap_or(self.current)
    }

    /// Sockets, cores and threads, where any is given: what is missing is one, but the first missing of cores and sockets
    /// takes what remains, since processors of these days have many cores and few sockets.
    #[must_use]
    pub fn topology(&self) -> Option<(u32, u32, u32)> {
        if [self.sockets, self.dies, self.cores, self.threads]
            .iter()
            .all(Option::is_none)
        {
            return None;
        }
        let threads = self.threads.unwrap_or(1);
        let all = self.most() / self.dies.unwrap_or(1).max(1);
        let rest = |known: u32| (all / known.max(1)).max(1);
        let (sockets, cores) = match (self.sockets, self.cores) {
            (Some(sockets), Some(cores)) => (sockets, cores),
            (Some(sockets), None) => (sockets, rest(sockets * threads)),
            (None, Some(cores)) => (rest(cores * threads), cores),
            (None, None) => (1, rest(threads)),
        };
        Some((sockets, cores, threads))
    }
}

/// The CPU a guest sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cpu {
    /// `host-passthrough`, `host-model` or `maximum`.
    Mode(String),
    /// A named model, with features to require (`+`) or to do without (`-`).
    Model(String, Vec<(char, String)>),
}

/// Where the operating system comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// Nothing is installed: it boots from whatever it has.
    #[default]
    Empty,
    /// The first disk has one already.
    Import,
    /// An installer on an ISO image: a path on the host, or `POOL/VOLUME`.
    Cdrom(String),
    /// From the network.
    Pxe,
    /// An installer of a tree on the network, or of an ISO image, by its kernel.
    Location(Location),
    /// An installer's kernel, for the first start alone.
    Installer(Kernel),
    /// A kernel of the host at every start.
    Kernel(Kernel),
}

/// What lies elsewhere and is brought to the host as volumes, once it has been found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brought {
    /// Bytes of the image that is installed from, when only this machine has it.
    pub media: Option<u64>,
    /// Bytes of an installer's kernel and initrd.
    pub boot: Option<(u64, u64)>,
    /// The argument that tells the installer where its tree is.
    pub argument: Option<String>,
}

/// A kernel that the hypervisor starts itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kernel {
    /// Path on the host.
    pub kernel: String,
    /// Path on the host.
    pub initrd: Option<String>,
}

/// What stands in a NoCloud seed (cloud-init's documentation, "NoCloud").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CloudInit {
    /// A user to make, who may use sudo.
    pub user: Option<String>,
    /// Public keys of that user, or of the image's own.
    pub ssh_keys: Vec<String>,
    /// Public keys of root.
    pub root_ssh_keys: Vec<String>,
    /// A password of root's.
    pub root_password: Option<RootPassword>,
    /// cloud-init does nothing at later starts.
    pub disable: bool,
    /// Name of the host; the domain's where there is none.
    pub hostname: Option<String>,
    /// Packages to install.
    pub packages: Vec<String>,
    /// A whole user-data of one's own, instead of the above.
    pub user_data: Option<String>,
    /// A whole meta-data of one's own.
    pub meta_data: Option<String>,
    /// A network configuration.
    pub network_config: Option<String>,
}

/// A password that root gets at the first start.
#[derive(Clone, PartialEq, Eq)]
pub enum RootPassword {
    /// This one.
    Given(String),
    /// One that is made up, and must be changed at the first login.
    Wanted,
    /// It was made up.
    Made(String),
}

impl std::fmt::Debug for RootPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootPassword(…)")
    }
}

/// What is told and does not stand in the way (`--check`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unchecked {
    /// Disks that another domain has.
    pub paths: bool,
    /// Volumes larger than what is free.
    pub sizes: bool,
    /// Addresses that another domain's interface has.
    pub macs: bool,
}

/// A disk of a new domain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disk {
    /// What it is.
    pub content: Content,
    /// `disk`, `cdrom` or `floppy`.
    pub device: DiskDevice,
    /// `virtio`, `sata`, `scsi`, `usb`, `ide`; what the system takes where there is none.
    pub bus: Option<String>,
    /// Cache mode.
    pub cache: Option<String>,
    /// How QEMU reads it: `native`, `threads`, `io_uring`.
    pub io: Option<String>,
    /// `unmap` or `ignore`; `unmap` where there is none.
    pub discard: Option<String>,
    /// Serial number the guest sees.
    pub serial: Option<String>,
    /// The guest may not write.
    pub readonly: bool,
    /// Others may have it open too.
    pub shareable: bool,
    /// Name in the guest's order, such as `vdb`.
    pub target: Option<String>,
    /// Place in the boot order.
    pub boot_order: Option<u32>,
    /// Further values of its element.
    pub further: Vec<Setting>,
}

/// What kind of drive a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiskDevice {
    /// A disk.
    #[default]
    Disk,
    /// A drive for CDs and DVDs.
    Cdrom,
    /// A floppy drive.
    Floppy,
}

impl DiskDevice {
    /// libvirt's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Cdrom => "cdrom",
            Self::Floppy => "floppy",
        }
    }
}

/// What is in a drive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Content {
    /// Nothing.
    #[default]
    Nothing,
    /// A file or device of the host that is there already.
    Path {
        /// Where.
        path: String,
        /// `raw`, `qcow2`, …; what its pool or its first bytes say where there is none.
        format: Option<String>,
    },
    /// A volume that is there already.
    Volume {
        /// Its pool.
        pool: String,
        /// Its name.
        volume: String,
        /// `raw`, `qcow2`, …; what the pool says where there is none.
        format: Option<String>,
    },
    /// A volume to make.
    New(NewVolume),
    /// Something on the network, as the further values of the disk say.
    Network {
        /// `raw`, `qcow2`, …
        format: Option<String>,
    },
}

/// A volume to make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewVolume {
    /// Where, as a path: its folder must be that of a pool. `None`: in `pool` under `name`.
    pub path: Option<String>,
    /// In which pool; `default` where there is none.
    pub pool: Option<String>,
    /// Its name; the domain's with the format as its ending where there is none.
    pub name: Option<String>,
    /// Bytes the guest sees; those of the backing file where there is none.
    pub size: Option<u64>,
    /// `qcow2` or `raw`; `qcow2` where there is none.
    pub format: Option<String>,
    /// Whether all of it is allocated at once.
    pub full: bool,
    /// Path of a file that it is an overlay of.
    pub backing: Option<String>,
    /// The format of that.
    pub backing_format: Option<String>,
}

/// A network interface of a new domain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nic {
    /// What it is plugged into.
    pub link: Link,
    /// `virtio`, `e1000e`, …; what the system takes where there is none.
    pub model: Option<String>,
    /// Its address; libvirt chooses one where there is none.
    pub mac: Option<String>,
    /// Place in the boot order.
    pub boot_order: Option<u32>,
    /// Name of the tap device on the host.
    pub target: Option<String>,
    /// Further values of its element.
    pub further: Vec<Setting>,
}

/// What an interface is plugged into.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// Whatever the host has: the network `default`, else user networking.
    #[default]
    Default,
    /// A network of libvirt.
    Network(String),
    /// A bridge of the host.
    Bridge(String),
    /// Straight onto a device of the host, as macvtap in `bridge`, `vepa`, `private` or `passthrough` mode.
    Direct {
        /// The device.
        source: String,
        /// The mode.
        mode: String,
    },
    /// The hypervisor's own translation, which needs no rights.
    User,
}

/// A display of a new domain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graphics {
    /// VNC or SPICE.
    pub spice: bool,
    /// Where it listens: an address, `none` for a descriptor that is handed over, or `socket`.
    pub listen: Option<String>,
    /// Its port; one is chosen at each start where there is none.
    pub port: Option<u16>,
    /// What a viewer must know.
    pub password: Option<String>,
    /// Layout of the keyboard.
    pub keymap: Option<String>,
    /// Further values of its element.
    pub further: Vec<Setting>,
}

/// What starts a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Firmware {
    /// SeaBIOS.
    #[default]
    Bios,
    /// OVMF, without secure boot.
    Uefi,
    /// OVMF that starts signed systems alone.
    SecureBoot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topology_is_completed() {
        let of = |current, sockets, cores, threads| {
            let vcpus = Vcpus {
                current,
                sockets,
                cores,
                threads,
                ..Vcpus::default()
            };
            vcpus.topology()
        };
        assert_eq!(of(4, None, None, None), None);
        assert_eq!(of(8, Some(2), None, Some(2)), Some((2, 2, 2)));
        assert_eq!(of(8, None, Some(4), None), Some((2, 4, 1)));
        assert_eq!(of(8, None, None, Some(2)), Some((1, 4, 2)));
        assert_eq!(of(3, Some(2), Some(2), Some(2)), Some((2, 2, 2)));
        assert_eq!(of(1, Some(0), None, None), Some((0, 1, 1)));
    }
}
