//! The XML of `virtty create` beside that of virt-install for the same choices: what differs is known, and why.

use std::fs;
use std::process::Command;

use crate::support::lab::{Lab, unique};

/// What may differ, and why.
const EXPLAINED: &[(&str, &str)] = &[
    (
        "domain › metadata: added",
        "virt-install writes which system it assumes; virtty only one that was named",
    ),
    (
        "domain › devices › memballoon › stats: removed",
        "figures of the guest's memory are wanted, and libvirt collects none by itself",
    ),
    (
        "domain › features › vmport: removed",
        "VMware's port is of no use to a guest of QEMU; virt-install turns it off beside SPICE alone",
    ),
    (
        "domain › os › boot[hd]: removed",
        "an empty disk before the network needs no second definition when something is installed on it",
    ),
    (
        "domain › os › boot[cdrom]: removed",
        "the same before a disc, which stays second in the order",
    ),
    (
        "domain › devices › disk[sda] › source: removed",
        "virt-install ejects the installer's disc; virtty leaves it behind the disk, for rescue",
    ),
    (
        "domain › devices › disk[vda] › source @file",
        "the second disk's file has another name, so that both can have external snapshots",
    ),
    (
        "domain › cpu › feature[ssse3] @policy: require → force",
        "a feature that the host lacks is better told at the start than missed by the guest",
    ),
    (
        "domain › clock › timer[rtc]: removed",
        "virt-install leaves its usual timers out once anything is said of the clock; virtty changes what is said",
    ),
    ("domain › clock › timer[pit]: removed", "the same"),
    (
        "domain › os › firmware: removed",
        "UEFI without secure boot is asked for as such; virt-install leaves open which of the two it is",
    ),
    (
        "domain › os › firmware › feature[enrolled-keys]: removed",
        "secure boot without keys would start anything, so they are asked for too",
    ),
    (
        "domain › features › smm: removed",
        "secure boot wants it; libvirt would add it at the start",
    ),
    (
        "domain › os › boot[cdrom]: added",
        "an import starts from its disk, wherever an empty drive for discs stands",
    ),
    (
        "domain › devices › tpm: added",
        "beside UEFI virt-install makes a TPM that nobody asked for",
    ),
    (
        "domain › devices › controller[usb 0] @model: piix3-uhci",
        "a machine of former years keeps the USB controller that it comes with",
    ),
    (
        "domain › devices › controller[usb 0] @ports: added",
        "the same",
    ),
    (
        "domain › devices › disk[vda] › driver @discard: removed",
        "what a guest deletes is given back on disks of the network too",
    ),
];

/// Choices, as options of both.
const CHOICES: &[&[&str]] = &[
    &["--disk", "none"],
    &["--disk", "size=1", "--vcpus", "2,maxvcpus=4"],
    &[
        "--disk",
        "size=1,format=raw,bus=scsi,cache=none,io=native,serial=a1",
        "--disk",
        "size=0.5",
        "--vcpus",
        "4,sockets=2,cores=2,threads=1",
    ],
    &[
        "--disk",
        "size=1,bus=sata",
        "--graphics",
        "vnc,listen=0.0.0.0,port=5999,password=secret",
    ],
    &[
        "--disk",
        "size=1",
        "--graphics",
        "none",
        "--memory",
        "512,maxmemory=1024",
    ],
    &["--disk", "none", "--pxe"],
    &["--disk", "size=1", "--cdrom", "BOOT/vmlinuz"],
    &[
        "--disk",
        "none",
        "--boot",
        "kernel=BOOT/vmlinuz,initrd=BOOT/initrd,kernel_args=console=ttyS0 quiet",
    ],
    &["--disk", "size=1", "--cpu", "qemu64,+ssse3"],
    &[
        "--disk",
        "size=1",
        "--watchdog",
        "i6300esb",
        "--sound",
        "ich9",
        "--video",
        "vga",
    ],
    &[
        "--disk",
        "size=1",
        "--channel",
        "none",
        "--console",
        "none",
        "--rng",
        "none",
    ],
    &[
        "--disk",
        "size=1,driver.queues=2,driver.discard=ignore,startup_policy=optional",
        "--vcpus",
        "8,threads=2",
        "--features",
        "kvm.hidden.state=on",
        "--clock",
        "offset=localtime,hpet_present=yes",
        "--events",
        "on_crash=preserve",
        "--pm",
        "suspend_to_mem.enabled=yes",
    ],
    &[
        "--disk",
        "none",
        "--filesystem",
        "/srv,share,driver.type=virtiofs",
        "--memorybacking",
        "source.type=memfd,access.mode=shared",
        "--iothreads",
        "2",
        "--cputune",
        "vcpupin0.vcpu=0,vcpupin0.cpuset=0-1",
        "--numatune",
        "0,mode=preferred",
        "--memtune",
        "hard_limit=4000000",
    ],
    &[
        "--disk",
        "none",
        "--watchdog",
        "i6300esb,action=poweroff",
        "--rng",
        "/dev/random",
        "--panic",
        "default",
        "--memballoon",
        "none",
        "--vsock",
        "cid.auto=yes",
        "--serial",
        "tcp,host=127.0.0.1:2222,mode=bind,protocol=telnet",
        "--redirdev",
        "usb,type=tcp,source.host=127.0.0.1,source.service=4000",
    ],
    &[
        "--disk",
        "none",
        "--cpu",
        "host-model,disable=vmx",
        "--boot",
        "menu=on,useserial=on",
        "--hostdev",
        "00:03.0",
        "--sysinfo",
        "bios.vendor=Acme",
        "--xml",
        "./devices/serial/log/@file=/tmp/serial.log",
    ],
    // Firmware, TPM, and the machine of former years.
    &["--disk", "size=1", "--boot", "uefi"],
    &[
        "--disk",
        "size=1",
        "--boot",
        "uefi,loader_secure=yes",
        "--tpm",
        "emulator,model=tpm-crb,version=2.0",
    ],
    &[
        "--disk",
        "size=1,bus=ide",
        "--machine",
        "pc",
        "--network",
        "user,model=e1000,mac=MAC1",
    ],
    &[
        "--import",
        "--disk",
        "BOOT/vmlinuz,format=raw,readonly=yes,bus=virtio",
    ],
    // Drives of every kind.
    &[
        "--disk",
        "device=cdrom",
        "--disk",
        "device=floppy",
        "--disk",
        "size=0.1,bus=usb,removable=yes,shareable=yes,format=raw",
    ],
    &[
        "--disk",
        "source.protocol=nbd,source.host0.name=127.0.0.1,source.host0.port=10809,format=raw",
        "--disk",
        "size=0.2,serial=s1,boot.order=1,iotune.total_iops_sec=500,blockio.logical_block_size=4096",
    ],
    // Interfaces of every kind.
    &[
        "--disk",
        "none",
        "--network",
        "bridge=BRIDGE,model=virtio,target.dev=vncmp0,mac=MAC1",
        "--network",
        "type=direct,source=BRIDGE,source.mode=private,model=e1000e,mac=MAC2",
    ],
    &[
        "--disk",
        "none",
        "--network",
        "network=default,mac=MAC1,boot.order=2,link.state=down,mtu.size=1400,filterref.filter=clean-traffic,driver.queues=2",
    ],
    // Lines, channels, parallel ports.
    &[
        "--disk",
        "none",
        "--parallel",
        "pty",
        "--console",
        "pty,target.type=virtio",
        "--channel",
        "unix,target.type=virtio,target.name=org.example.0",
    ],
    &[
        "--disk",
        "none",
        "--serial",
        "udp,source.mode=connect,source.host=127.0.0.1,source.service=4555",
        "--serial",
        "unix,path=/tmp/compared.sock,mode=bind",
    ],
    // What one types and points with, controllers, sound.
    &[
        "--disk",
        "none",
        "--input",
        "keyboard,bus=virtio",
        "--input",
        "mouse,bus=usb",
        "--controller",
        "scsi,model=virtio-scsi",
        "--controller",
        "virtio-serial",
    ],
    &[
        "--disk",
        "none",
        "--sound",
        "ac97",
        "--audio",
        "id=1,type=none",
    ],
    // Memory that is plugged in, shared, or in nodes.
    &[
        "--disk",
        "none",
        "--memory",
        "512,maxMemory=2048,maxMemory.slots=4",
        "--cpu",
        "qemu64,numa.cell0.cpus=0,numa.cell0.memory=524288",
        "--memdev",
        "dimm,target_size=128,target_node=0",
        "--shmem",
        "name=shm0,model.type=ivshmem-plain,size=4",
    ],
    &[
        "--disk",
        "none",
        "--iommu",
        "intel,driver.intremap=on",
        "--features",
        "ioapic.driver=qemu",
    ],
    // Devices of the host, and what is told of the domain.
    &[
        "--disk",
        "none",
        "--metadata",
        "title=A title,description=Some words",
        "--resource",
        "partition=/machine",
        "--seclabel",
        "type=none",
    ],
    &[
        "--disk",
        "none",
        "--qemu-commandline",
        "-name extra",
        "--events",
        "on_poweroff=destroy,on_reboot=restart",
        "--blkiotune",
        "weight=200",
        "--rng",
        "builtin",
        "--sysinfo",
        "host",
        "--memorybacking",
        "locked=on",
    ],
    &[
        "--disk",
        "size=0.1",
        "--graphics",
        "vnc,listen=none",
        "--video",
        "virtio,heads=2",
        "--vcpus",
        "4,sockets=1,dies=2,cores=2,threads=1,cpuset=0-1",
    ],
];

#[test]
fn virt_install_makes_the_same_but_for_what_is_explained() {
    let lab = Lab::get();
    let host = lab.main();
    let folder = tempfile::tempdir().unwrap();
    let boot = format!("{}/boot", lab.folder());
    let xml = host.virsh(&["net-dumpxml", "default"]);
    let bridge = xml
        .split("<bridge name='")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap()
        .to_owned();
    let mut all = Vec::new();
    for choice in CHOICES {
        let name = unique("compared");
        let mut options = vec!["--name".to_owned(), name.clone()];
        let number = std::process::id() % 0x10000;
        let [high, low] = [number >> 8, number & 0xff];
        options.extend([
            "--uuid".to_owned(),
            format!("11111111-2222-4333-8444-55555555{number:04x}"),
            "--network".to_owned(),
            format!("network=default,mac=52:54:00:fe:{high:02x}:{low:02x}"),
        ]);
        if !choice.contains(&"--memory") {
            options.extend(["--memory".to_owned(), "512".to_owned()]);
        }
        let mac = |last: u8| format!("52:54:00:{last:02x}:{high:02x}:{low:02x}");
        let filled = |word: &&str| {
            let word = word.replace("BOOT", &boot).replace("BRIDGE", &bridge);
            word.replace("MAC1", &mac(0xfc)).replace("MAC2", &mac(0xfd))
        };
        options.extend(choice.iter().map(filled));
        let run = |last: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
                .args(["-c", &host.uri, "create"])
                .args(&options)
                .arg(last)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.success() {
                true => Ok(String::from_utf8(output.stdout).unwrap()),
                false => Err(format!("{choice:?}: {said}")),
            }
        };
        let (ours, line) = match (run("--print-xml"), run("--print-command")) {
            (Ok(ours), Ok(line)) => (ours, line),
            (Err(why), _) | (_, Err(why)) => {
                all.push(why);
                continue;
            }
        };
        // The line is for a shell, and this is the shell it is for.
        let line = line.replace("PASSWORD", "secret");
        let theirs = Command::new("sh")
            .args(["-c", &format!("{} --dry-run --print-xml", line.trim())])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&theirs.stderr).into_owned();
        if !theirs.status.success() {
            all.push(format!("{line}\n{said}"));
            continue;
        }
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        // The last document is the one that stays.
        let theirs = theirs.trim_end().rsplit("<domain ").next().unwrap();
        let theirs = format!("<domain {theirs}");
        let mut files = Vec::new();
        for (who, xml) in [("ours", &ours), ("theirs", &theirs)] {
            let file = folder.path().join(who);
            let path = file.to_str().unwrap().to_owned();
            fs::write(&file, xml).unwrap();
            // virtty's is valid; virt-install's need not be.
            let validate: &[&str] = if who == "ours" { &["--validate"] } else { &[] };
            let defined = host.try_virsh(&[&["define", &path], validate].concat());
            if !defined.status.success() {
                let said = String::from_utf8_lossy(&defined.stderr).into_owned();
                all.push(format!("{line}\n{who}: {said}"));
                continue;
            }
            // libvirt's own reading of both, so that only what they mean is compared.
            let domain = host.define(&name, &fs::read_to_string(&file).unwrap());
            fs::write(&file, host.virsh(&["dumpxml", "--inactive", &domain.name])).unwrap();
            drop(domain);
            files.push(path);
        }
        let [ours, theirs] = files.as_slice() else {
            continue;
        };
        let diff = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["xml", "diff", ours, theirs])
            .output()
            .unwrap();
        let diff = String::from_utf8(diff.stdout).unwrap();
        let unexplained: Vec<&str> = diff
            .lines()
            .filter(|line| !EXPLAINED.iter().any(|(what, _)| line.starts_with(what)))
            // Numbers on a bus follow from the order in which devices stand, which means nothing.
            .filter(|line| !line.contains(" › address @"))
            .collect();
        if !unexplained.is_empty() {
            all.push(format!("{line}\n{unexplained:#?}"));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
