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
];

#[test]
fn virt_install_makes_the_same_but_for_what_is_explained() {
    let lab = Lab::get();
    let host = lab.main();
    let folder = tempfile::tempdir().unwrap();
    let boot = format!("{}/boot", lab.folder());
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
        options.extend(choice.iter().map(|word| word.replace("BOOT", &boot)));
        let run = |last: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
                .args(["-c", &host.uri, "create"])
                .args(&options)
                .arg(last)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{choice:?}: {said}");
            String::from_utf8(output.stdout).unwrap()
        };
        let ours = run("--print-xml");
        // The line is for a shell, and this is the shell it is for.
        let line = run("--print-command").replace("PASSWORD", "secret");
        let theirs = Command::new("sh")
            .args(["-c", &format!("{} --dry-run --print-xml", line.trim())])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&theirs.stderr).into_owned();
        assert!(theirs.status.success(), "{line}\n{said}");
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        // The last document is the one that stays.
        let theirs = theirs.trim_end().rsplit("<domain ").next().unwrap();
        let theirs = format!("<domain {theirs}");
        let mut files = Vec::new();
        for (who, xml) in [("ours", &ours), ("theirs", &theirs)] {
            let file = folder.path().join(who);
            let path = file.to_str().unwrap().to_owned();
            fs::write(&file, xml).unwrap();
            // libvirt's own reading of both, so that only what they mean is compared.
            let domain = host.define(&name, &fs::read_to_string(&file).unwrap());
            fs::write(&file, host.virsh(&["dumpxml", "--inactive", &domain.name])).unwrap();
            drop(domain);
            files.push(path);
        }
        let diff = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["xml", "diff", &files[0], &files[1]])
            .output()
            .unwrap();
        let diff = String::from_utf8(diff.stdout).unwrap();
        let unexplained: Vec<&str> = diff
            .lines()
            .filter(|line| !EXPLAINED.iter().any(|(what, _)| line.starts_with(what)))
            .collect();
        if !unexplained.is_empty() {
            all.push(format!("{line}\n{unexplained:#?}"));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
