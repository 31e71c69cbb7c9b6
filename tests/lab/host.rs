//! The host as it is: pins that the kernel keeps, and what is read of it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use virtty::hostfacts::{HostReport, HostWish, Knob, Pin, Verdict};
use virtty::protocol::{Affect, Answer, Arrange, DomainVerb, HostFiles, Tuned, Verb};

use crate::support::lab::{Lab, unique};
use crate::support::ssh::SshHost;
use crate::support::wait::wait_until;
use crate::support::watched::{PATIENCE, Watched};

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

/// Readers on other hosts that this process has started.
fn readers() -> Vec<u32> {
    let own = std::process::id().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse() else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().nth(1));
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if parent == Some(own.as_str()) && String::from_utf8_lossy(&line).contains("exec sh -s") {
            found.push(id);
        }
    }
    found
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
    let mut watched = Watched::open(&ssh.by_key());
    watched.until("the host", |watched| watched.opened.as_ref().map(drop));
    // Not wished: nothing is started there.
    let unseen = report(&mut watched, HostFiles::OfThisMachine);
    assert!(!unseen.facts.files_visible && unseen.facts.files_lost.is_none());
    assert!(readers().is_empty());
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
    let [reader] = readers()[..] else {
        panic!("{:?}", readers());
    };
    let Answer::HostLoad(load) = watched.ask(Verb::ReadHostLoad(HostFiles::OverSsh)).unwrap()
    else {
        panic!("no load");
    };
    assert!(!load.cpus.is_empty());
    assert_eq!(readers(), [reader]);
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
    assert_ne!(readers(), [reader]);
    drop(watched);
    wait_until(PATIENCE, "the reader goes with its connection", || {
        readers().is_empty()
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

/// A tree of files that stands for /sys/kernel/mm, and a folder for /etc/tmpfiles.d.
struct FakeKernel {
    folder: tempfile::TempDir,
}

impl FakeKernel {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("mm/ksm/run", "0"),
            ("mm/ksm/pages_to_scan", "100"),
            ("mm/transparent_hugepage/enabled", "always [madvise] never"),
            (
                "mm/transparent_hugepage/defrag",
                "always defer defer+madvise [madvise] never",
            ),
            ("mm/hugepages/hugepages-2048kB/nr_hugepages", "0"),
            ("tmpfiles/other.conf", "w /x - - - - 1"),
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        Self { folder }
    }

    fn value(&self, file: &str) -> String {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap();
        text.trim().to_owned()
    }

    /// Runs virtty where the trees lie over the kernel's own, with these options of mount.
    fn virtty(&self, options: &str, words: &[&str]) -> (bool, String) {
        let script = "set -e; mkdir -p /etc/tmpfiles.d; mount --bind \"$1/mm\" /sys/kernel/mm; \
            mount --bind \"$1/tmpfiles\" /etc/tmpfiles.d; test -z \"$2\" || mount -o \"remount,bind,$2\" /sys/kernel/mm; \
            shift 2; exec \"$@\"";
        let output = Command::new("unshare")
            .args(["-m", "--propagation", "private", "sh", "-c", script, "sh"])
            .arg(self.folder.path())
            .args([
                options,
                env!("CARGO_BIN_EXE_virtty"),
                "-c",
                Lab::get().uri(),
            ])
            .args(words)
            .env("XDG_STATE_HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    #[track_caller]
    fn well(&self, words: &[&str]) -> String {
        let (well, said) = self.virtty("", words);
        assert!(well, "{words:?}: {said}");
        said
    }
}

#[test]
fn values_of_a_tree_over_the_kernels_own_are_set_and_set_back() {
    let real = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap();
    let fake = FakeKernel::new();
    // Without a yes the command is shown, and nothing is done.
    let (well, said) = fake.virtty("", &["host", "--set", "ksm=1"]);
    assert!(
        !well && said.contains("echo 1 > /sys/kernel/mm/ksm/run"),
        "{said}"
    );
    assert_eq!(fake.value("mm/ksm/run"), "0");
    fake.well(&["host", "--set", "ksm=1", "--set", "thp=never", "--yes"]);
    assert_eq!(fake.value("mm/ksm/run"), "1");
    assert_eq!(fake.value("mm/transparent_hugepage/enabled"), "never");
    fake.well(&["host", "--set", "ksm=0", "--set", "thp=madvise", "--yes"]);
    assert_eq!(fake.value("mm/ksm/run"), "0");
    assert_eq!(fake.value("mm/transparent_hugepage/enabled"), "madvise");
    // What is not understood stops all of it.
    let (well, said) = fake.virtty(
        "",
        &["host", "--set", "ksm=1", "--set", "thp=sometimes", "--yes"],
    );
    assert!(!well && said.contains("always, madvise, never"), "{said}");
    assert_eq!(fake.value("mm/ksm/run"), "0");
    assert_eq!(
        real,
        fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap()
    );
}

#[test]
fn a_value_is_kept_by_a_file_that_goes_again() {
    let fake = FakeKernel::new();
    fake.well(&["host", "--keep", "thp=never", "--yes"]);
    let kept = fake.value("tmpfiles/virtty-thp.conf");
    assert!(
        kept.ends_with("w /sys/kernel/mm/transparent_hugepage/enabled - - - - never"),
        "{kept}"
    );
    fake.well(&["host", "--forget", "thp", "--yes"]);
    assert!(!fake.folder.path().join("tmpfiles/virtty-thp.conf").exists());
    assert!(fake.folder.path().join("tmpfiles/other.conf").exists());
    let (well, said) = fake.virtty("", &["host", "--forget", "thp", "--yes"]);
    assert!(!well && said.contains("no file of virtty's"), "{said}");
}

#[test]
fn what_may_not_be_written_is_said_and_nothing_is_half_done() {
    let fake = FakeKernel::new();
    let (well, said) = fake.virtty("ro", &["host", "--set", "ksm=1", "--yes"]);
    assert!(
        !well && said.contains("/sys/kernel/mm/ksm/run: Read-only file system"),
        "{said}"
    );
    assert_eq!(fake.value("mm/ksm/run"), "0");
    let (well, said) = fake.virtty("", &["--readonly", "host", "--set", "ksm=1", "--yes"]);
    assert!(!well && said.contains("read-only"), "{said}");
    assert_eq!(fake.value("mm/ksm/run"), "0");
    // A file that vanishes: the others are told all the same.
    fs::remove_dir_all(fake.folder.path().join("mm/transparent_hugepage")).unwrap();
    let (_, said) = fake.virtty("", &["host"]);
    assert!(
        said.contains("/sys/kernel/mm/transparent_hugepage/enabled: not there"),
        "{said}"
    );
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
