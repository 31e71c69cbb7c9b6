//! Each check names the other party and stands on its line.

use super::*;

fn told(xml: &str, host: Option<&Host>) -> Vec<String> {
    let tree = Tree::parse(xml).unwrap();
    check(&tree, host)
        .into_iter()
        .map(|finding| format!("{}:{}: {}", finding.line, finding.column, finding.message))
        .collect()
}

fn domain(head: &str, devices: &str) -> String {
    format!(
        "<domain type='kvm'>\n<name>d</name>\n{head}\n<devices>\n{devices}\n</devices>\n</domain>"
    )
}

#[test]
fn what_is_given_twice_is_told_with_the_first() {
    let devices = "<disk type='file'><source file='/a'/><target dev='vda'/><address type='pci' slot='0x05'/></disk>
<disk type='file'><source file='/a'/><target dev='vda'/></disk>
<interface type='user'><mac address='52:54:00:00:00:0A'/></interface>
<interface type='user'><mac address='52:54:00:00:00:0a'/><address type='pci' domain='0x0000' bus='0x00' slot='5' function='0x0'/></interface>
<graphics type='vnc' port='5901'/>
<graphics type='spice' port='5901'/>";
    assert_eq!(
        told(&domain("", devices), None),
        [
            "6:27: '/a' is also the source of disk 'vda' (line 5); neither is <shareable/>",
            "6:46: target 'vda' is also that of disk 'vda' (line 5)",
            "8:29: MAC address 52:54:00:00:00:0a is also that of interface '52:54:00:00:00:0A' (line 7)",
            "8:105: PCI address 0000:00:05.0 is also that of disk 'vda' (line 5)",
            "10:24: port 5901 is also that of graphics 'vnc' (line 9)",
        ]
    );
}

#[test]
fn what_may_be_shared_is_no_matter() {
    for how in ["<shareable/>", "<readonly/>"] {
        let disk = |dev: &str| {
            format!("<disk type='file'><source file='/a'/><target dev='{dev}'/>{how}</disk>")
        };
        let devices = disk("vda") + &disk("vdb");
        assert_eq!(told(&domain("", &devices), None), [""; 0]);
    }
}

#[test]
fn amounts_are_compared_whatever_their_units() {
    let head = "<memory unit='GiB'>1</memory>\n<currentMemory unit='MiB'>1025</currentMemory>";
    assert_eq!(
        told(&domain(head, ""), None),
        ["4:1: currentMemory of 1049600 KiB is above memory of 1048576 KiB"]
    );
    let host = Host {
        memory_kib: Some(1000),
        cpus: Some(2),
        cells: Some(1),
        ..Host::default()
    };
    let head = "<memory>2000</memory>\n<vcpu cpuset='0-2'>1</vcpu>\n<cputune><vcpupin vcpu='0' cpuset='^3,1'/></cputune>\n<numatune><memory nodeset='1'/></numatune>";
    assert_eq!(
        told(&domain(head, ""), Some(&host)),
        [
            "3:1: memory of 2000 KiB is above the host's 1000 KiB",
            "4:7: cpuset '0-2' is outside of the host, which has 2 CPUs (0 to 1)",
            "6:19: nodeset '1' is outside of the host, which has 1 NUMA cells (0 to 0)",
        ]
    );
    assert_eq!(told(&domain(head, ""), Some(&Host::default())), [""; 0]);
}

#[test]
fn displays_open_to_all_want_a_password() {
    let told = |graphics: &str| told(&domain("", graphics), None);
    assert_eq!(
        told("<graphics type='vnc' listen='0.0.0.0'/>"),
        ["5:22: the vnc display listens on all addresses (0.0.0.0) without a password"]
    );
    assert_eq!(
        told("<graphics type='spice'><listen type='address' address='::'/></graphics>").len(),
        1
    );
    for fine in [
        "<graphics type='vnc' listen='0.0.0.0' passwd='x'/>",
        "<graphics type='vnc' listen='127.0.0.1'/>",
        "<graphics type='vnc'/>",
    ] {
        assert_eq!(told(fine), [""; 0]);
    }
}

#[test]
fn the_other_domain_is_named() {
    let other = "<domain><name>web</name><uuid>11111111-1111-1111-1111-111111111111</uuid><devices>
        <disk type='file'><source file='/a'/><target dev='sda'/></disk>
        <interface><mac address='52:54:00:00:00:01'/></interface><graphics type='vnc' port='5901' autoport='no'/>
        </devices></domain>";
    let host = Host {
        domains: vec![Neighbour::read(other).unwrap()],
        missing: vec![Missing {
            wanted: Wanted::Volume {
                pool: "p".to_owned(),
                volume: "v".to_owned(),
            },
            why: "there is none".to_owned(),
        }],
        ..Host::default()
    };
    let devices = "<disk type='file'><source file='/a'/><target dev='vda'/></disk>
<interface><mac address='52:54:00:00:00:01'/></interface>
<graphics type='vnc' port='5901'/>
<disk type='volume'><source pool='p' volume='v'/><target dev='vdb'/></disk>";
    let document = domain("", devices);
    assert_eq!(
        told(&document, Some(&host)),
        [
            "5:27: '/a' is also disk 'sda' of domain 'web', without <shareable/> on both",
            "6:17: MAC address 52:54:00:00:00:01 is also that of domain 'web'",
            "7:22: port 5901 is also asked for by domain 'web'",
            "8:38: volume 'v' of pool 'p': there is none",
        ]
    );
    // By its UUID, it is the domain itself.
    let uuid = "<uuid>11111111111111111111111111111111</uuid>";
    assert_eq!(told(&domain(uuid, devices), Some(&host)).len(), 1);
    assert_eq!(wanted(&Tree::parse(&document).unwrap()).len(), 2);
}
