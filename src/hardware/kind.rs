//! Kinds of hardware, in virt-manager's order and words.

use roxmltree::Node;

/// A kind of hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// What the domain is: name, machine, firmware, clock, what its end leads to.
    Overview,
    /// Virtual CPUs.
    Cpus,
    /// Memory with its balloon.
    Memory,
    /// What it boots from.
    Boot,
    /// A disk, or a drive for media.
    Disk,
    /// A network interface.
    Nic,
    /// Tablet, mouse, keyboard and their like.
    Input,
    /// A display.
    Graphics,
    /// Sound card.
    Sound,
    /// Where sound goes to.
    Audio,
    /// Serial line.
    Serial,
    /// Parallel line.
    Parallel,
    /// Console that is no serial line.
    Console,
    /// Channel.
    Channel,
    /// Device of the host.
    HostDevice,
    /// USB device that a viewer hands over.
    Redirected,
    /// Video card.
    Video,
    /// Watchdog.
    Watchdog,
    /// Folder of the host.
    Filesystem,
    /// Smartcard reader.
    Smartcard,
    /// Trusted platform module.
    Tpm,
    /// Random numbers.
    Rng,
    /// Notifier of panics.
    Panic,
    /// Sockets to the host.
    Vsock,
    /// Memory that is plugged in.
    MemoryDevice,
    /// Memory shared with others.
    SharedMemory,
    /// IOMMU.
    Iommu,
    /// Any other device.
    Other,
    /// Controller.
    Controller,
}

impl Kind {
    /// The kind of a device; `None` for what belongs to something else or is no device.
    #[must_use]
    pub fn of(device: Node<'_, '_>) -> Option<Self> {
        if device.tag_name().namespace().is_some() {
            return None;
        }
        Some(match device.tag_name().name() {
            // Part of the overview and of the memory.
            "emulator" | "memballoon" => return None,
            // libvirt writes one where there is no sound.
            "audio" if device.attribute("type") == Some("none") => return None,
            "console" => {
                let target = device.children().find(|node| node.has_tag_name("target"));
                match target.and_then(|target| target.attribute("type")) {
                    // libvirt's second name of the first serial line.
                    Some("serial") => return None,
                    _ => Self::Console,
                }
            }
            "disk" => Self::Disk,
            "interface" => Self::Nic,
            "input" => Self::Input,
            "graphics" => Self::Graphics,
            "sound" => Self::Sound,
            "audio" => Self::Audio,
            "serial" => Self::Serial,
            "parallel" => Self::Parallel,
            "channel" => Self::Channel,
            "hostdev" => Self::HostDevice,
            "redirdev" => Self::Redirected,
            "video" => Self::Video,
            "watchdog" => Self::Watchdog,
            "filesystem" => Self::Filesystem,
            "smartcard" => Self::Smartcard,
            "tpm" => Self::Tpm,
            "rng" => Self::Rng,
            "panic" => Self::Panic,
            "vsock" => Self::Vsock,
            "memory" => Self::MemoryDevice,
            "shmem" => Self::SharedMemory,
            "iommu" => Self::Iommu,
            "controller" => Self::Controller,
            _ => Self::Other,
        })
    }

    /// The name of its element; `device` where there are several.
    #[must_use]
    pub fn element(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Nic => "interface",
            Self::Input => "input",
            Self::Graphics => "graphics",
            Self::Sound => "sound",
            Self::Audio => "audio",
            Self::Serial => "serial",
            Self::Parallel => "parallel",
            Self::Console => "console",
            Self::Channel => "channel",
            Self::HostDevice => "hostdev",
            Self::Redirected => "redirdev",
            Self::Video => "video",
            Self::Watchdog => "watchdog",
            Self::Filesystem => "filesystem",
            Self::Smartcard => "smartcard",
            Self::Tpm => "tpm",
            Self::Rng => "rng",
            Self::Panic => "panic",
            Self::Vsock => "vsock",
            Self::MemoryDevice => "memory",
            Self::SharedMemory => "shmem",
            Self::Iommu => "iommu",
            Self::Controller => "controller",
            Self::Overview | Self::Cpus | Self::Memory | Self::Boot | Self::Other => "device",
        }
    }

    /// Whether it is a device, which may come and go, and not a property of the domain.
    #[must_use]
    pub fn is_device(self) -> bool {
        !matches!(
            self,
            Self::Overview | Self::Cpus | Self::Memory | Self::Boot
        )
    }

    /// What of it can be had while the domain runs, and what waits for the next start, a sentence.
    #[must_use]
    pub fn when(self) -> &'static str {
        match self {
            Self::Overview => "Title and description at once; the rest at the next boot.",
            Self::Cpus => {
                "The number up to the maximum at once; maximum, topology and model at the next boot."
            }
            Self::Memory => "The balloon up to the maximum at once; the maximum at the next boot.",
            Self::Boot | Self::Video | Self::Sound | Self::Serial | Self::Parallel | Self::Tpm => {
                "At the next boot."
            }
            Self::Disk => {
                "Virtio, SCSI and USB disks come and go at once, media are changed; w has more."
            }
            Self::Nic => {
                "Link, network and limits at once; it comes and goes at once; model and MAC at the next boot."
            }
            Self::Graphics => "Password at once; listen address and port at the next boot.",
            Self::HostDevice | Self::Redirected | Self::Rng | Self::Watchdog | Self::Vsock => {
                "It comes and goes at once, where the guest plays along."
            }
            Self::MemoryDevice => {
                "It comes at once where slots were set aside; the guest must let go of it first."
            }
            Self::Input => "USB and virtio ones come and go at once.",
            Self::Channel => "It comes and goes at once.",
            Self::Filesystem => {
                "virtiofs comes and goes at once with shared memory; others at the next boot."
            }
            Self::Controller => "SCSI and virtio-serial ones come and go at once.",
            Self::SharedMemory => "It comes and goes at once.",
            Self::Console
            | Self::Audio
            | Self::Smartcard
            | Self::Panic
            | Self::Iommu
            | Self::Other => "At the next boot.",
        }
    }
}
