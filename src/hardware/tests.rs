//! Both worlds of a domain, as libvirt writes them.

use super::*;

const STORED: &str = "<domain type='kvm'>
  <name>a</name>
  <memory unit='KiB'>2097152</memory>
  <currentMemory unit='KiB'>1048576</currentMemory>
  <vcpu placement='static' current='2'>4</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/></os>
  <cpu mode='host-model' check='partial'/>
  <devices>
    <emulator>/usr/bin/qemu</emulator>
    <disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <serial type='pty'><target type='isa-serial' port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>
    <memballoon model='virtio'/>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>";

fn running() -> String {
    STORED
        .replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
        .replace("<cpu mode='host-model' check='partial'/>", "<cpu mode='custom'><model fallback='forbid'>Skylake</model></cpu>")
        .replace("<source file='/a'/>", "<source file='/a' index='1'/><backingStore/><alias name='virtio-disk0'/>")
        .replace("<source network='default'/>", "<source network='default' portid='x' bridge='virbr0'/><target dev='vnet3'/><alias name='net0'/>")
        .replace("<serial type='pty'>", "<serial type='pty'><source path='/dev/pts/1'/><alias name='serial0'/>")
        .replace("port='-1'", "port='5901'")
}

fn titles(hardware: &Hardware) -> Vec<&str> {
    hardware
        .items
        .iter()
        .map(|item| item.title.as_str())
        .collect()
}

#[test]
fn all_parts_are_listed_in_the_usual_order() {
    let hardware = Hardware::read(None, Some(STORED)).unwrap();
    assert_eq!(
        titles(&hardware),
        [
            "Overview",
            "CPUs",
            "Memory",
            "Boot Options",
            "VirtIO Disk vda",
            "NIC 52:54:00:00:00:01",
            "Display VNC",
            "Serial 1",
            "RNG /dev/urandom",
        ]
    );
    assert_eq!(
        (hardware.runs, hardware.stored, hardware.waiting()),
        (false, true, 0)
    );
}

#[test]
fn what_libvirt_fills_in_is_no_change_that_waits() {
    let hardware = Hardware::read(Some(&running()), Some(STORED)).unwrap();
    let waiting: Vec<_> = hardware
        .items
        .iter()
        .flat_map(|item| item.facts.iter().filter(|fact| fact.waits))
        .collect();
    assert!(waiting.is_empty(), "{waiting:?}");
    assert_eq!(hardware.waiting(), 0);
    let nic = hardware
        .items
        .iter()
        .find(|item| item.kind == Kind::Nic)
        .unwrap();
    let on_host = nic
        .facts
        .iter()
        .find(|fact| fact.label == "On host")
        .unwrap();
    assert_eq!(
        (on_host.now.as_deref(), on_host.next.as_deref()),
        (Some("vnet3"), None)
    );
}

#[test]
fn what_waits_for_the_next_start_is_told() {
    let stored = STORED
        .replace(
            "<vcpu placement='static' current='2'>4<",
            "<vcpu placement='static' current='2'>8<",
        )
        .replace(
            "'virtio'/>\n    </interface>",
            "'e1000'/><link state='down'/>\n    </interface>",
        )
        .replace(
            "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
            "<watchdog model='i6300esb' action='reset'/>",
        );
    let hardware = Hardware::read(Some(&running()), Some(&stored)).unwrap();
    let pending = |kind: Kind| {
        hardware
            .items
            .iter()
            .find(|item| item.kind == kind)
            .unwrap()
            .pending
    };
    assert_eq!(pending(Kind::Cpus), Pending::Changes);
    assert_eq!(pending(Kind::Nic), Pending::Changes);
    assert_eq!(pending(Kind::Rng), Pending::Goes);
    assert_eq!(pending(Kind::Watchdog), Pending::Comes);
    assert_eq!(pending(Kind::Disk), Pending::Nothing);
    assert_eq!(hardware.waiting(), 4);
    let nic = hardware
        .items
        .iter()
        .find(|item| item.kind == Kind::Nic)
        .unwrap();
    let waits: Vec<_> = nic
        .facts
        .iter()
        .filter(|fact| fact.waits)
        .map(|fact| fact.label.as_str())
        .collect();
    assert_eq!(waits, ["Model", "Link"]);
}

#[test]
fn devices_that_look_alike_are_told_apart() {
    let two = STORED.replace(
        "</devices>",
        "<redirdev bus='usb' type='spicevmc'/><redirdev bus='usb' type='spicevmc'/></devices>",
    );
    let hardware = Hardware::read(Some(&two), Some(&two)).unwrap();
    let ids: Vec<_> = hardware
        .items
        .iter()
        .filter(|item| item.kind == Kind::Redirected)
        .map(|item| item.id)
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(hardware.waiting(), 0);
    assert!(Hardware::read(Some("<domain>"), None).is_err());
}

#[test]
fn host_devices_and_memory_have_the_names_that_people_use() {
    let xml = STORED.replace(
        "</devices>",
        "<hostdev mode='subsystem' type='usb'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>
         <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x06' slot='0x12' function='0x5'/></source></hostdev>
         <memory model='dimm'><target><size unit='MiB'>512</size><node>0</node></target></memory></devices>",
    );
    let hardware = Hardware::read(None, Some(&xml)).unwrap();
    let titles = titles(&hardware);
    for wanted in ["USB 046d:c52b", "PCI 0000:06:12.5", "Memory device dimm"] {
        assert!(titles.contains(&wanted), "{titles:?}");
    }
    let memory = hardware
        .items
        .iter()
        .find(|item| item.kind == Kind::MemoryDevice)
        .unwrap();
    assert!(
        memory
            .facts
            .iter()
            .any(|fact| fact.label == "Size" && fact.next.as_deref() == Some("512M"))
    );
    let whole = hardware
        .items
        .iter()
        .find(|item| item.kind == Kind::Memory)
        .unwrap();
    assert!(
        whole
            .facts
            .iter()
            .any(|fact| fact.label == "Maximum" && fact.next.as_deref() == Some("2.0G"))
    );
}
