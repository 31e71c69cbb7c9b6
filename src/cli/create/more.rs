//! Options of `virtty create` whose values are places in the XML, in the words of virt-install.

use clap::{ArgAction, Args};

/// Devices and parts of the domain that no form has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Further options")]
pub struct More {
    /// A folder of the host: SOURCE,TARGET; with driver.type=virtiofs (wants --memorybacking).
    #[arg(long = "filesystem", value_name = "FILESYSTEM", action = ArgAction::Append)]
    pub filesystem: Vec<String>,

    /// A device of the host: 01:00.0, pci_0000_01_00_0, VENDOR:PRODUCT or BUS.DEVICE.
    #[arg(long = "hostdev", value_name = "HOSTDEV", action = ArgAction::Append, alias = "host-device")]
    pub hostdev: Vec<String>,

    /// A USB device that a viewer hands over: usb,type=spicevmc.
    #[arg(long = "redirdev", value_name = "REDIRDEV", action = ArgAction::Append)]
    pub redirdev: Vec<String>,

    /// Tablet, mouse or keyboard: tablet,bus=usb.
    #[arg(long = "input", value_name = "INPUT", action = ArgAction::Append)]
    pub input: Vec<String>,

    /// A controller: scsi,model=virtio-scsi.
    #[arg(long = "controller", value_name = "CONTROLLER", action = ArgAction::Append)]
    pub controller: Vec<String>,

    /// A parallel line, as --serial.
    #[arg(long = "parallel", value_name = "PARALLEL", action = ArgAction::Append)]
    pub parallel: Vec<String>,

    /// The balloon: virtio, or none.
    #[arg(long = "memballoon", value_name = "MEMBALLOON", action = ArgAction::Append)]
    pub memballoon: Vec<String>,

    /// A notifier of panics: default, pvpanic, ...
    #[arg(long = "panic", value_name = "PANIC", action = ArgAction::Append)]
    pub panic: Vec<String>,

    /// Sockets to the host: cid.auto=yes, or cid.address=NUMBER.
    #[arg(long = "vsock", value_name = "VSOCK", action = ArgAction::Append)]
    pub vsock: Vec<String>,

    /// A smartcard reader: default, host, ...
    #[arg(long = "smartcard", value_name = "SMARTCARD", action = ArgAction::Append)]
    pub smartcard: Vec<String>,

    /// Where sound goes to: none, spice, ...
    #[arg(long = "audio", value_name = "AUDIO", action = ArgAction::Append)]
    pub audio: Vec<String>,

    /// Memory shared with others: NAME,type=ivshmem-plain,size=4.
    #[arg(long = "shmem", value_name = "SHMEM", action = ArgAction::Append)]
    pub shmem: Vec<String>,

    /// Memory that is plugged in: dimm,target_size=MIB,target_node=0.
    #[arg(long = "memdev", value_name = "MEMDEV", action = ArgAction::Append)]
    pub memdev: Vec<String>,

    /// An IOMMU: intel, virtio, ...
    #[arg(long = "iommu", value_name = "IOMMU", action = ArgAction::Append)]
    pub iommu: Vec<String>,

    /// What the memory lies in: hugepages=yes; source.type=memfd,access.mode=shared for virtiofs.
    #[arg(long = "memorybacking", value_name = "MEMORYBACKING", action = ArgAction::Append)]
    pub memorybacking: Vec<String>,

    /// Limits of memory in KiB: hard_limit=.
    #[arg(long = "memtune", value_name = "MEMTUNE", action = ArgAction::Append)]
    pub memtune: Vec<String>,

    /// NUMA nodes of the host: 0-1,mode=strict.
    #[arg(long = "numatune", value_name = "NUMATUNE", action = ArgAction::Append)]
    pub numatune: Vec<String>,

    /// Weight of its disks' requests: 200.
    #[arg(long = "blkiotune", value_name = "BLKIOTUNE", action = ArgAction::Append)]
    pub blkiotune: Vec<String>,

    /// Pins of its vCPUs: vcpupin0.vcpu=0,vcpupin0.cpuset=0-3.
    #[arg(long = "cputune", value_name = "CPUTUNE", action = ArgAction::Append)]
    pub cputune: Vec<String>,

    /// Threads for its disks: 2.
    #[arg(long = "iothreads", value_name = "IOTHREADS", action = ArgAction::Append)]
    pub iothreads: Vec<String>,

    /// What its end leads to: on_poweroff=, on_reboot=, on_crash=.
    #[arg(long = "events", value_name = "EVENTS", action = ArgAction::Append)]
    pub events: Vec<String>,

    /// Its control group: partition=/machine/prod.
    #[arg(long = "resource", value_name = "RESOURCE", action = ArgAction::Append)]
    pub resource: Vec<String>,

    /// Features of the machine: acpi=off, kvm.hidden.state=on, hyperv.vapic.state=on.
    #[arg(long = "features", value_name = "FEATURES", action = ArgAction::Append)]
    pub features: Vec<String>,

    /// Its clock: offset=localtime, hpet_present=no, rtc_tickpolicy=catchup.
    #[arg(long = "clock", value_name = "CLOCK", action = ArgAction::Append)]
    pub clock: Vec<String>,

    /// Sleep: suspend_to_mem.enabled=yes.
    #[arg(long = "pm", value_name = "PM", action = ArgAction::Append)]
    pub pm: Vec<String>,

    /// Its security label: type=none.
    #[arg(long = "security", value_name = "SECURITY", action = ArgAction::Append, alias = "seclabel")]
    pub security: Vec<String>,

    /// What SMBIOS tells it: host, emulate, or bios.vendor=TEXT.
    #[arg(long = "sysinfo", value_name = "SYSINFO", action = ArgAction::Append)]
    pub sysinfo: Vec<String>,

    /// Encrypted memory: sev,policy=0x03.
    #[arg(long = "launchSecurity", value_name = "LAUNCH-SECURITY", action = ArgAction::Append)]
    pub launch_security: Vec<String>,

    /// Keys of s390: cipher0.name=aes,cipher0.state=on.
    #[arg(long = "keywrap", value_name = "KEYWRAP", action = ArgAction::Append)]
    pub keywrap: Vec<String>,

    /// A value anywhere in the finished XML: `./devices/disk[1]/@snapshot=no`, or xpath.create= and xpath.delete=.
    #[arg(long, value_name = "XPATH", action = ArgAction::Append)]
    pub xml: Vec<String>,

    /// Arguments for QEMU itself, or env=NAME=VALUE.
    #[arg(long, value_name = "ARGUMENTS", action = ArgAction::Append, allow_hyphen_values = true)]
    pub qemu_commandline: Vec<String>,
}

impl More {
    /// Those that make devices.
    pub fn devices(&self) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
        [
            ("--filesystem", &self.filesystem),
            ("--hostdev", &self.hostdev),
            ("--redirdev", &self.redirdev),
            ("--input", &self.input),
            ("--controller", &self.controller),
            ("--parallel", &self.parallel),
            ("--memballoon", &self.memballoon),
            ("--panic", &self.panic),
            ("--vsock", &self.vsock),
            ("--smartcard", &self.smartcard),
            ("--audio", &self.audio),
            ("--shmem", &self.shmem),
            ("--memdev", &self.memdev),
            ("--iommu", &self.iommu),
        ]
        .into_iter()
    }

    /// Those about parts of the domain.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
        [
            ("--memorybacking", &self.memorybacking),
            ("--memtune", &self.memtune),
            ("--numatune", &self.numatune),
            ("--blkiotune", &self.blkiotune),
            ("--cputune", &self.cputune),
            ("--iothreads", &self.iothreads),
            ("--events", &self.events),
            ("--resource", &self.resource),
            ("--features", &self.features),
            ("--clock", &self.clock),
            ("--pm", &self.pm),
            ("--security", &self.security),
            ("--sysinfo", &self.sysinfo),
            ("--launchSecurity", &self.launch_security),
            ("--keywrap", &self.keywrap),
        ]
        .into_iter()
    }
}
