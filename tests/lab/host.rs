//! The host as it is: pins that the kernel keeps, and what is read of it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use virtty::hostfacts::{HostReport, HostWish, Knob, Pin, Verdict};
use virtty::protocol::{Affect, Answer, Arrange, DomainVerb, HostFiles, Tuned, Verb};

use crate::support::affinity::affinity;
use crate::support::lab::{Lab, unique};
use crate::support::ssh::SshHost;
use crate::support::wait::wait_until;
use crate::support::watched::{PATIENCE, Watched};

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
    let Answer::Host(report) = watched
        .ask(Verb::ReadHost(HostFiles::OfThisMachine))
        .unwrap()
    else {
        panic!("another answer");
    };
    let guest = report
        .guests
        .iter()
        .find(|guest| guest.name == domain.name)
        .unwrap();
    assert_eq!(guest.pinned(Pin::Vcpu(0)), Some(&BTreeSet::from([1])));
    assert!(guest.placed.iter().any(|(vcpu, _)| *vcpu == 0));
    // Its threads are found among the machine's own, each with where it runs and how long it has.
    let of = |pin| {
        let mut threads = report.threads.iter();
        threads.find(|thread| thread.uuid == uuid && thread.pin == pin)
    };
    let (vcpu, emulator) = (of(Pin::Vcpu(0)).unwrap(), of(Pin::Emulator).unwrap());
    assert_eq!(vcpu.on, 1, "it can run nowhere else");
    let said = Command::new("taskset")
        .args(["-cp", &vcpu.id.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    assert!(said.ends_with(": 1"), "{said}");
    let comm = fs::read_to_string(format!("/proc/{}/comm", emulator.id)).unwrap();
    assert!(comm.starts_with("qemu-system"), "{comm}");
    let Answer::HostLoad(load) = watched
        .ask(Verb::ReadHostLoad(HostFiles::OfThisMachine))
        .unwrap()
    else {
        panic!("no load");
    };
    let later = load
        .threads
        .iter()
        .find(|thread| thread.id == vcpu.id)
        .unwrap();
    assert!(later.ticks >= vcpu.ticks && later.on == 1);
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
    let value = |watched: &mut Watched| match watched
        .ask(Verb::ReadHost(HostFiles::OfThisMachine))
        .unwrap()
    {
        Answer::Host(report) => report.facts.ksm.pages_to_scan,
        other => panic!("{other:?}"),
    };
    let Some(before) = value(&mut watched) else {
        // A kernel without KSM has nothing to set.
        return;
    };
    let knob = Knob::Shm("shm_pages_to_scan");
    let set = |watched: &mut Watched, value: u64| {
        watched.ask(Verb::TuneHost(
            HostWish::Set(knob.clone(), value.to_string()),
            HostFiles::OfThisMachine,
        ))
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

fn report(watched: &mut Watched, files: HostFiles) -> HostReport {
    match watched.ask(Verb::ReadHost(files)).unwrap() {
        Answer::Host(report) => *report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_of_a_host_behind_ssh_come_over_its_own_login_when_that_is_wished() {
    let ssh = SshHost::up("ssh-files");
    let domain = ssh.host.running("far");
    let mut watched = Watched::open(&ssh.by_key());
    watched.until("the host", |watched| watched.opened.as_ref().map(drop));
    // Not wished: nothing is started there.
    let unseen = report(&mut watched, HostFiles::OfThisMachine);
    assert!(!unseen.facts.files_visible && unseen.facts.files_lost.is_none());
    assert!(ssh.readers().is_empty());
    let kernel = unseen
        .checks
        .iter()
        .find(|check| check.id == "kvm-device")
        .unwrap();
    assert_eq!(
        (kernel.result, kernel.evidence.as_str()),
        (Verdict::Unknown, "/dev/kvm: not visible from here")
    );
    assert!(
        unseen.facts.memory.total_kib.is_some(),
        "libvirt tells that"
    );
    // Wished: one process, for all that is asked, and no other login.
    let seen = report(&mut watched, HostFiles::OverSsh);
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(seen.facts.kernel.as_deref(), Some(release.trim()));
    assert!(seen.facts.files_visible && !seen.facts.modules.is_empty());
    let [reader] = ssh.readers()[..] else {
        panic!("{:?}", ssh.readers());
    };
    let Answer::HostLoad(load) = watched.ask(Verb::ReadHostLoad(HostFiles::OverSsh)).unwrap()
    else {
        panic!("no load");
    };
    assert!(!load.cpus.is_empty());
    let uuid = domain.uuid().parse().unwrap();
    let mut threads = load.threads.iter();
    let vcpu = threads.find(|thread| thread.uuid == uuid && thread.pin == Pin::Vcpu(0));
    assert!(vcpu.is_some(), "{:?}", load.threads);
    assert_eq!(ssh.readers(), [reader]);
    assert_eq!(ssh.logins(), 1);
    // It dies: said where the facts are, and nothing is taken for a failure of the host.
    assert!(
        Command::new("kill")
            .args(["-9", &reader.to_string()])
            .status()
            .unwrap()
            .success()
    );
    let lost = report(&mut watched, HostFiles::OverSsh);
    let why = lost.facts.files_lost.unwrap();
    assert!(why.contains("ended"), "{why}");
    let device = lost
        .checks
        .iter()
        .find(|check| check.id == "kvm-device")
        .unwrap();
    assert_eq!(device.result, Verdict::Unknown);
    assert!(
        device
            .evidence
            .contains("not visible from here (the reader on the host ended"),
        "{}",
        device.evidence
    );
    assert!(
        lost.checks
            .iter()
            .map(|check| check.id)
            .eq(seen.checks.iter().map(|check| check.id))
    );
    // And the next look starts another.
    assert!(report(&mut watched, HostFiles::OverSsh).facts.files_visible);
    assert_ne!(ssh.readers(), [reader]);
    drop(watched);
    wait_until(PATIENCE, "the reader goes with its connection", || {
        ssh.readers().is_empty()
    });
}

#[test]
fn the_command_reads_files_over_ssh_by_its_option() {
    let ssh = SshHost::up("ssh-host");
    let run = |more: &[&str]| {
        let uri = ssh.by_key();
        let words = [&["-c", uri.as_str(), "host", "--json"], more].concat();
        let said = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(words)
            .env("VIRTTY_CONFIG_HOME", "/nonexistent")
            .output()
            .unwrap();
        let document: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        document["facts"]["files_visible"].clone()
    };
    assert_eq!(run(&[]), false);
    assert_eq!(run(&["--files-over-ssh"]), true);
}

#[test]
fn the_real_huge_pages_are_set_and_set_back() {
    let mut watched = Watched::open(Lab::get().uri());
    watched.until("rows", |watched| (!watched.rows.is_empty()).then_some(()));
    let value = |watched: &mut Watched| report(watched, HostFiles::OfThisMachine).facts.thp.defrag;
    let Some(before) = value(&mut watched) else {
        panic!("this kernel has no transparent huge pages");
    };
    let other = if before == "madvise" {
        "defer"
    } else {
        "madvise"
    };
    let set = |watched: &mut Watched, value: &str| {
        let wish = HostWish::Set(Knob::ThpDefrag, value.to_owned());
        watched.ask(Verb::TuneHost(wish, HostFiles::OfThisMachine))
    };
    match set(&mut watched, other) {
        Ok(_) => assert_eq!(value(&mut watched).as_deref(), Some(other)),
        // The machine may not let anybody write it; then it says why.
        Err(failure) => assert!(failure.reason.contains("/sys/kernel/mm"), "{failure}"),
    }
    let _ = set(&mut watched, &before);
    assert_eq!(value(&mut watched), Some(before));
}

#[test]
fn pins_hold_all_or_none_and_tell_how_they_are_taken_back() {
    let lab = Lab::get();
    let domain = lab.main().running("pins");
    let mut watched = Watched::open(lab.uri());
    watched.until("the domain", |watched| watched.row(&domain.name).map(drop));
    let uuid = watched.uuid(&domain.name);
    let arrange = |watched: &mut Watched, second: u32| {
        let pin = |pin, cpu| DomainVerb::Pin {
            pin,
            cpus: BTreeSet::from([cpu]),
            affect: Affect::Live,
        };
        let wanted = Arrange {
            steps: vec![pin(Pin::Vcpu(0), 0), pin(Pin::Emulator, second)],
            seconds: None,
        };
        watched.ask(Verb::Domain(uuid, DomainVerb::Arrange(Box::new(wanted))))
    };
    let before = affinity(&domain.name, "CPU 0/");
    let failure = arrange(&mut watched, 3000).unwrap_err();
    assert!(failure.reason.contains("as it was"), "{failure}");
    assert_eq!(
        affinity(&domain.name, "CPU 0/"),
        before,
        "nothing half done"
    );
    let Ok(Answer::Arranged(of, back)) = arrange(&mut watched, 1) else {
        panic!("it is not done");
    };
    assert_eq!((of, back.len()), (uuid, 2));
    assert_eq!(affinity(&domain.name, "CPU 0/").as_deref(), Some("0"));
    let back = Arrange {
        steps: back,
        seconds: None,
    };
    watched
        .ask(Verb::Domain(uuid, DomainVerb::Arrange(Box::new(back))))
        .unwrap();
    assert_eq!(affinity(&domain.name, "CPU 0/"), before);
}

#[test]
fn a_limit_for_a_while_ends_although_its_virtty_was_killed() {
    let lab = Lab::get();
    let volume = unique("while");
    let host = lab.own_host("while");
    host.virsh(&[
        "pool-create-as",
        "w",
        "dir",
        "--target",
        "/var/lib/libvirt/images",
    ]);
    host.virsh(&["vol-create-as", "w", &volume, "1M"]);
    let disk = format!(
        "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/var/lib/libvirt/images/{volume}'/>\
         <target dev='vda' bus='virtio'/></disk>"
    );
    let domain = host.tiny_with("while", &disk);
    domain.start();
    let limit = || {
        let told = host.virsh(&["blkdeviotune", &domain.name, "vda"]);
        let line = told
            .lines()
            .find(|line| line.starts_with("total_iops_sec "))
            .unwrap()
            .to_owned();
        line.rsplit(':').next().unwrap().trim().to_owned()
    };
    let state = tempfile::tempdir().unwrap();
    let virtty = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_virtty"));
        command
            .args(["-c", &host.uri])
            .args(words)
            .env("XDG_STATE_HOME", state.path());
        command
    };
    let mut first = virtty(&[
        "blkdeviotune",
        &domain.name,
        "vda",
        "--total-iops-sec",
        "77",
        "--for",
        "3",
    ])
    .spawn()
    .unwrap();
    wait_until(PATIENCE, "the limit", || limit() == "77");
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(limit(), "77", "nobody is left to take it back");
    wait_until(
        PATIENCE,
        "the next virtty takes it back when it is due",
        || {
            assert!(virtty(&["list"]).output().unwrap().status.success());
            limit() == "0"
        },
    );
    let left = fs::read_dir(state.path().join("virtty/for-a-while")).unwrap();
    assert_eq!(left.count(), 0, "and forgets it");
}
