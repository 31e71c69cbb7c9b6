use super::*;
use crate::create::facts::{DomainFact, PoolFact, VolumeFact};

const XML: &str = "<domain type='kvm'>
  <name>web</name>
  <uuid>11111111-1111-4111-8111-111111111111</uuid>
  <genid>22222222-2222-4222-8222-222222222222</genid>
  <sysinfo type='smbios'><system><entry name='uuid'>11111111-1111-4111-8111-111111111111</entry></system></sysinfo>
  <os>
    <type>hvm</type>
    <nvram template='/t.fd'>/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='/p/web.qcow2' index='1'/>
      <backingStore type='file'><format type='raw'/><source file='/p/base.img'/></backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='block' device='disk'>
      <source dev='/dev/vg/data'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <source file='/iso/x.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <target dev='tap-web'/>
    </interface>
    <interface type='user'>
      <mac address='52:54:00:00:00:02'/>
    </interface>
    <serial type='file'><source path='/log/web.log'/></serial>
    <channel type='unix'><source mode='bind' path='/run/agent'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <graphics type='vnc' port='5901' autoport='no' listen='127.0.0.1'/>
    <vsock><cid auto='no' address='7'/></vsock>
    <tpm><backend type='emulator'/></tpm>
  </devices>
</domain>
";

fn volume(name: &str, path: &str, format: &str, backing: Option<&str>) -> VolumeFact {
    VolumeFact {
        name: name.to_owned(),
        path: path.to_owned(),
        format: Some(format.to_owned()),
        capacity: 1 << 30,
        allocation: 1 << 20,
        backing: backing.map(str::to_owned),
    }
}

fn facts() -> HostFacts {
    let pool = |name: &str, kind: &str, path: &str, volumes| PoolFact {
        name: name.to_owned(),
        kind: kind.to_owned(),
        path: Some(path.to_owned()),
        available: 1 << 30,
        volumes,
    };
    HostFacts {
        pools: vec![
            pool(
                "default",
                "dir",
                "/p",
                vec![
                    volume("web.qcow2", "/p/web.qcow2", "qcow2", Some("/p/base.img")),
                    volume("base.img", "/p/base.img", "raw", None),
                ],
            ),
            pool(
                "vg",
                "logical",
                "/dev/vg",
                vec![volume("data", "/dev/vg/data", "raw", None)],
            ),
        ],
        domains: vec![DomainFact {
            name: "taken".to_owned(),
            macs: vec!["52:54:00:01:01:01".to_owned()],
            ..DomainFact::default()
        }],
        ..HostFacts::default()
    }
}

fn plan(wish: &CloneWish) -> ClonePlan {
    plan_of(XML, wish)
}

fn plan_of(xml: &str, wish: &CloneWish) -> ClonePlan {
    let mut next = 0_u8;
    let original = Original {
        xml: xml.to_owned(),
        ..Original::default()
    };
    plan_clones(wish, &original, &facts(), &mut |bytes| {
        next += 1;
        bytes.fill(next);
    })
}

fn wish(names: &[&str]) -> CloneWish {
    CloneWish {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..CloneWish::default()
    }
}

fn attribute(xml: &str, element: &str, number: usize, name: &str) -> Option<String> {
    let tree = Tree::parse(xml).unwrap();
    let node = tree
        .root()
        .descendants()
        .filter(|node| node.has_tag_name(element))
        .nth(number)
        .unwrap();
    node.attribute(name).map(str::to_owned)
}

#[test]
fn a_copy_is_another_machine_in_all_that_must_differ() {
    let plan = plan(&wish(&["api"]));
    assert_eq!(plan.refusals().collect::<Vec<_>>(), Vec::<&str>::new());
    let [clone] = plan.clones.as_slice() else {
        panic!("{plan:?}");
    };
    let xml = &clone.xml;
    for old in [
        "11111111",
        "22222222",
        "52:54:00:00:00:0",
        "web",
        "tap-",
        "5901",
        "/run/agent",
        "backingStore",
        "'7'",
    ] {
        assert!(!xml.contains(old), "{old}: {xml}");
    }
    let uuid = clone.uuid.to_string();
    assert_eq!(xml.matches(&uuid).count(), 2, "{xml}");
    assert_eq!(
        attribute(xml, "source", 0, "file").as_deref(),
        Some("/p/api.qcow2")
    );
    assert_eq!(
        attribute(xml, "source", 1, "dev").as_deref(),
        Some("/dev/vg/api")
    );
    assert_eq!(
        attribute(xml, "source", 2, "file").as_deref(),
        Some("/iso/x.iso")
    );
    assert_eq!(
        attribute(xml, "driver", 0, "discard").as_deref(),
        Some("unmap")
    );
    assert_eq!(attribute(xml, "driver", 1, "type").as_deref(), Some("raw"));
    // 52:54:00:01:01:01 is taken.
    assert_ne!(
        attribute(xml, "mac", 0, "address").as_deref(),
        Some("52:54:00:01:01:01")
    );
    assert_ne!(
        attribute(xml, "mac", 0, "address"),
        attribute(xml, "mac", 1, "address")
    );
    assert_eq!(
        attribute(xml, "graphics", 0, "autoport").as_deref(),
        Some("yes")
    );
    assert_eq!(attribute(xml, "cid", 0, "auto").as_deref(), Some("yes"));
    assert_eq!(
        clone.nvram,
        Some((
            "/var/lib/libvirt/qemu/nvram/web_VARS.fd".to_owned(),
            "/var/lib/libvirt/qemu/nvram/api_VARS.fd".to_owned()
        ))
    );
    let copied: Vec<_> = clone
        .volumes
        .iter()
        .map(|volume| volume.copied.as_ref().unwrap())
        .collect();
    // What has layers is copied by the host, which leaves them out.
    assert!(!copied[0].as_is && copied[1].as_is);
    assert!(plan.base_xml.is_none());
    let told = plan.warnings().collect::<Vec<_>>().join("\n");
    for word in ["port 5901", "tap-web", "TPM begins empty"] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn many_linked_clones_share_a_base_that_is_protected() {
    let names = expand("web-{01..03}").unwrap();
    let plan = plan(&CloneWish {
        names: names.clone(),
        linked: true,
        pool: Some("default".to_owned()),
        ..CloneWish::default()
    });
    assert_eq!(plan.refusals().collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(plan.clones.len(), 3);
    let mut seen = std::collections::BTreeSet::new();
    for (clone, name) in plan.clones.iter().zip(&names) {
        assert_eq!(&clone.name, name);
        assert!(seen.insert(clone.uuid.to_string()));
        for number in 0..2 {
            assert!(seen.insert(attribute(&clone.xml, "mac", number, "address").unwrap()));
        }
        for volume in &clone.volumes {
            assert!(volume.copied.is_none());
            assert!(seen.insert(volume.volume.name.clone()), "{seen:?}");
        }
        assert!(
            clone.volumes[0]
                .volume
                .xml
                .contains("<path>/p/web.qcow2</path>")
        );
        assert!(
            clone.volumes[1]
                .volume
                .xml
                .contains("<path>/dev/vg/data</path>")
        );
        assert!(based(&clone.xml).is_empty());
    }
    let base = plan.base_xml.unwrap();
    assert_eq!(based(&base), ["vda", "vdb"]);
    // A clone of a base has disks that it may write.
    let again = plan_of(&base, &wish(&["copy"]));
    assert!(based(&again.clones[0].xml).is_empty());
    assert_eq!(again.clones[0].xml.matches("<readonly/>").count(), 1);
}

#[test]
fn each_disk_has_a_choice() {
    let mut wish = wish(&["api"]);
    wish.disks = [
        ("vda", DiskChoice::Share),
        ("vdb", DiskChoice::Leave),
        ("sda", DiskChoice::Leave),
    ]
    .map(|(target, choice)| (target.to_owned(), choice))
    .into();
    let plan = plan(&wish);
    let clone = &plan.clones[0];
    assert!(clone.volumes.is_empty());
    assert!(clone.xml.contains("/p/web.qcow2") && !clone.xml.contains("vdb"));
    assert!(clone.xml.contains("'sda'") && !clone.xml.contains("x.iso"));
    assert!(plan.warnings().any(|text| text.contains("both write it")));
}

#[test]
fn what_cannot_be_cloned_says_why() {
    let refused = |wish: &CloneWish, xml: &str, said: &str| {
        let plan = plan_of(xml, wish);
        let refusals: Vec<_> = plan.refusals().collect();
        assert!(
            refusals.iter().any(|text| text.contains(said)),
            "{refusals:?}"
        );
    };
    refused(&wish(&["taken"]), XML, "is taken");
    refused(&wish(&["a", "a"]), XML, "given twice");
    refused(&wish(&["a/b"]), XML, "a slash");
    refused(&wish(&[]), XML, "wants a name");
    refused(&wish(&["a"]), "<domain", "cannot be read");
    refused(
        &CloneWish {
            macs: vec!["52:54:00:01:01:01".to_owned()],
            ..wish(&["a"])
        },
        XML,
        "of 'taken'",
    );
    refused(
        &CloneWish {
            files: vec!["/p/x".to_owned()],
            ..wish(&["a", "b"])
        },
        XML,
        "single clone alone",
    );
    refused(
        &CloneWish {
            pool: Some("nosuch".to_owned()),
            ..wish(&["a"])
        },
        XML,
        "no active pool 'nosuch'",
    );
    refused(
        &CloneWish {
            pool: Some("vg".to_owned()),
            linked: true,
            ..wish(&["a"])
        },
        XML,
        "an overlay is a file",
    );
    refused(
        &CloneWish {
            disks: [("vdx".to_owned(), DiskChoice::Copy)].into(),
            ..wish(&["a"])
        },
        XML,
        "no disk 'vdx'",
    );
    let away = XML.replace("/p/web.qcow2", "/elsewhere/web.qcow2");
    refused(
        &wish(&["a"]),
        &away,
        "no active pool has /elsewhere/web.qcow2",
    );
    let full = XML.replace("type='qcow2'", "type='raw'");
    refused(
        &CloneWish {
            full: true,
            ..wish(&["a", "b"])
        },
        &full,
        "are free in the pool",
    );
    let secret = XML.replace(
        "<target dev='vda'",
        "<encryption format='luks'/><target dev='vda'",
    );
    refused(&wish(&["a"]), &secret, "is encrypted");
    let running = Original {
        xml: XML.to_owned(),
        is_active: true,
        ..Original::default()
    };
    let plan = plan_clones(&wish(&["a"]), &running, &facts(), &mut |bytes| {
        fastrand::Rng::new().fill(bytes);
    });
    assert!(plan.refusals().any(|text| text.contains("is running")));
}

/// The plan of a clone of a snapshot that holds vda within its file.
fn plan_of_snapshot(wish: &CloneWish, inside: bool) -> ClonePlan {
    let vda = vec!["vda".to_owned()];
    let original = Original {
        xml: XML.to_owned(),
        snapshot: Some(FromSnapshot {
            name: "then".to_owned(),
            held: vda.clone(),
            inside: if inside { vda } else { Vec::new() },
            within: Vec::new(),
        }),
        ..Original::default()
    };
    plan_clones(wish, &original, &facts(), &mut |bytes| {
        fastrand::Rng::new().fill(bytes);
    })
}

#[test]
fn a_clone_of_a_snapshot_has_the_disks_that_it_holds_and_no_others() {
    let plan = plan_of_snapshot(&wish(&["a"]), true);
    assert_eq!(plan.refusals().collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(
        plan.warnings()
            .any(|text| text == "vdb is not in the snapshot: the clone does not have it")
    );
    let clone = &plan.clones[0];
    assert!(!clone.xml.contains("vdb"), "{}", clone.xml);
    assert_eq!(clone.volumes.len(), 1);
    // Its snapshots are lost in any other copy.
    assert!(clone.volumes[0].copied.as_ref().unwrap().only_as_is);
    let external = plan_of_snapshot(&wish(&["a"]), false);
    assert!(
        !external.clones[0].volumes[0]
            .copied
            .as_ref()
            .unwrap()
            .only_as_is
    );
    for (target, choice) in [
        ("vda", DiskChoice::Link),
        ("vda", DiskChoice::Share),
        ("vdb", DiskChoice::Copy),
    ] {
        let mut wish = wish(&["a"]);
        wish.disks.insert(target.to_owned(), choice);
        let plan = plan_of_snapshot(&wish, true);
        assert!(
            plan.refusals().any(|text| text.starts_with(target)),
            "{target}"
        );
    }
}

#[test]
fn what_a_guest_sees_as_raw_is_never_read_as_another_format() {
    let xml = XML.replace("type='qcow2'", "type='raw'");
    let plan = plan_of(&xml, &wish(&["a"]));
    let copied = plan.clones[0].volumes[0].copied.clone().unwrap();
    assert!(copied.only_as_is && copied.as_is);
}
