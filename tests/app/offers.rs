//! What a host offers to new domains and to clones.
#![allow(dead_code, reason = "shared by several test targets")]

use std::sync::Arc;

use virtty::app::Effect;
use virtty::create::clone::Original;
use virtty::create::{DomainFact, HostFacts, PoolFact, VolumeFact};
use virtty::protocol::{Answer, Cloneable, JobId, News, Offered, Verb};

use crate::session::Session;

/// What a host offers: a pool with an ISO image and a disk, a network, a domain.
pub fn offered() -> Offered {
    let volume = |name: &str, format: &str| VolumeFact {
        name: name.to_owned(),
        path: format!("/srv/images/{name}"),
        format: Some(format.to_owned()),
        capacity: 4 << 30,
        allocation: 1 << 30,
        backing: None,
    };
    let mut facts = HostFacts {
        cpus: Some(8),
        memory_kib: Some(32 << 20),
        pools: vec![PoolFact {
            name: "default".to_owned(),
            kind: "dir".to_owned(),
            path: Some("/srv/images".to_owned()),
            available: 100 << 30,
            volumes: vec![volume("debian-12.iso", "iso"), volume("web.qcow2", "qcow2")],
        }],
        networks: vec![("default".to_owned(), true), ("lab".to_owned(), false)],
        domains: vec![DomainFact {
            name: "web".to_owned(),
            ports: vec![5901],
            active: true,
            ..DomainFact::default()
        }],
        is_local: true,
        ..HostFacts::default()
    };
    facts.read_capabilities(
        "<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><os_type>hvm</os_type><arch name='x86_64'>
         <emulator>/usr/bin/qemu-system-x86_64</emulator><machine>q35</machine><domain type='qemu'/><domain type='kvm'/>
         </arch></guest></capabilities>",
    );
    Offered {
        facts,
        keys: vec!["/home/ann/.ssh/id_ed25519.pub".to_owned()],
        ..Offered::default()
    }
}

/// A domain with a disk, as it is read before it is cloned.
pub fn cloneable() -> Cloneable {
    let xml = "<domain type='kvm'><name>web</name><uuid>11111111-1111-4111-8111-111111111111</uuid><devices>\
               <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/srv/images/web.qcow2'/>\
               <target dev='vda' bus='virtio'/></disk>\
               <disk type='file' device='cdrom'><source file='/srv/images/debian-12.iso'/><target dev='sda' bus='sata'/>\
               <readonly/></disk>\
               <graphics type='vnc' port='5907' autoport='no'/></devices></domain>";
    Cloneable {
        original: Original {
            xml: xml.to_owned(),
            ..Original::default()
        },
        facts: offered().facts,
    }
}

/// The number of the request that is so.
pub fn job(effects: &[Effect], is: impl Fn(&Verb) -> bool) -> JobId {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Send(_, request) if is(&request.verb) => Some(request.job),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{effects:?}"))
}

/// The form of a new domain, its host's answer in.
pub fn new_domain(session: &mut Session) {
    session.keys("n");
    let asked = job(&session.done(), |verb| matches!(verb, Verb::ReadOffered));
    let answer = Answer::Offered(Arc::new(offered()));
    session.news(0, 1, News::JobFinished(asked, Ok(answer)));
}
