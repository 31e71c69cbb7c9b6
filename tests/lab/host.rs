//! The host as it is: pins that the kernel keeps, and what is read of it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use virtty::hostfacts::{Knob, Pin};
use virtty::protocol::{Affect, Answer, DomainVerb, Tuned, Verb};

use crate::support::lab::Lab;
use crate::support::watched::Watched;

/// CPUs that the thread of this name of a domain's QEMU may run on, by taskset.
fn affinity(domain: &str, thread: &str) -> Option<String> {
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        if !String::from_utf8_lossy(&line).contains(&format!("guest={domain},")) {
            continue;
        }
        for task in fs::read_dir(process.path().join("task")).ok()?.flatten() {
            let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            if name.starts_with(thread) {
                let id = task.file_name().into_string().ok()?;
                let said = Command::new("taskset").args(["-cp", &id]).output().ok()?;
                let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
                return said.rsplit(' ').next().map(str::to_owned);
            }
        }
    }
    None
}

#[test]
fn a_pinned_vcpu_is_seen_by_taskset_and_by_virsh() {
    let lab = Lab::get();
    let domain = lab.main().running("pin");
    let mut watched = Watched::open(lab.uri());
    let uuid = watched.until("the domain", |watched| {
        watched
            .rows
            .values()
            .find(|row| row.name == domain.name)
            .map(|row| row.id.uuid)
    });
    let verb = DomainVerb::Pin {
        pin: Pin::Vcpu(0),
        cpus: BTreeSet::from([1]),
        affect: Affect::Both,
    };
    watched.ask(Verb::Domain(uuid, verb)).unwrap();
    assert_eq!(affinity(&domain.name, "CPU 0/").as_deref(), Some("1"));
    for which in ["--live", "--config"] {
        let said = lab
            .main()
            .virsh(&["vcpupin", &domain.name, "--vcpu", "0", which]);
        assert_eq!(said.split_whitespace().last(), Some("1"), "{said}");
    }
    let Answer::Host(report) = watched.ask(Verb::ReadHost).unwrap() else {
        panic!("another answer");
    };
    let guest = report
        .guests
        .iter()
        .find(|guest| guest.name == domain.name)
        .unwrap();
    assert_eq!(guest.pinned(Pin::Vcpu(0)), Some(&BTreeSet::from([1])));
    assert!(guest.placed.iter().any(|(vcpu, _)| *vcpu == 0));
    // No such CPU: said, and nothing half done.
    let verb = DomainVerb::Pin {
        pin: Pin::Vcpu(0),
        cpus: BTreeSet::from([3000]),
        affect: Affect::Live,
    };
    watched.ask(Verb::Domain(uuid, verb)).unwrap_err();
    assert_eq!(affinity(&domain.name, "CPU 0/").as_deref(), Some("1"));
    let verb = DomainVerb::Tune {
        set: Tuned::Numa,
        values: vec![("numa_nodeset".to_owned(), "0".to_owned())],
        affect: Affect::Config,
    };
    watched.ask(Verb::Domain(uuid, verb)).unwrap();
    let said = lab.main().virsh(&["numatune", &domain.name, "--config"]);
    assert!(said.contains("numa_nodeset   : 0"), "{said}");
}

#[test]
fn libvirts_parameter_of_ksm_is_set_and_set_back() {
    let lab = Lab::get();
    let mut watched = Watched::open(lab.uri());
    watched.until("rows", |watched| (!watched.rows.is_empty()).then_some(()));
    let value = |watched: &mut Watched| match watched.ask(Verb::ReadHost).unwrap() {
        Answer::Host(report) => report.facts.ksm.pages_to_scan,
        other => panic!("{other:?}"),
    };
    let Some(before) = value(&mut watched) else {
        // A kernel without KSM has nothing to set.
        return;
    };
    let knob = Knob::Shm("shm_pages_to_scan");
    let set = |watched: &mut Watched, value: u64| {
        watched.ask(Verb::TuneHost(knob.clone(), value.to_string()))
    };
    if set(&mut watched, before + 1).is_err() {
        // The machine may not let anybody write it; then nothing changed.
        assert_eq!(value(&mut watched), Some(before));
        return;
    }
    assert_eq!(value(&mut watched), Some(before + 1));
    set(&mut watched, before).unwrap();
    assert_eq!(value(&mut watched), Some(before));
}
