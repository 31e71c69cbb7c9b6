//! Values of a host changed and set back: on a tree over the kernel's own, over ssh, and limits of domains by control groups.

use std::fs;
use std::process::Command;
use std::thread;

use virtty::hostfacts::{HostReport, HostWish, Knob};
use virtty::protocol::{Answer, HostFiles, Verb};

use crate::support::lab::Lab;
use crate::support::ssh::SshHost;
use crate::support::wait::wait_until;
use crate::support::watched::{PATIENCE, Watched};

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

    /// Lines of the record, of what was done.
    fn record(&self) -> Vec<serde_json::Value> {
        let file = self.folder.path().join("virtty/actions.log");
        let text = fs::read_to_string(file).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn value(&self, file: &str) -> String {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap();
        text.trim().to_owned()
    }

    /// Runs virtty where the trees lie over the kernel's own, with these options of mount.
    fn virtty(&self, options: &str, words: &[&str]) -> (bool, String) {
        self.run(options, "any", words)
    }

    /// Runs it where this file below /sys/kernel/mm cannot be written.
    fn guarded(&self, file: &str, words: &[&str]) -> (bool, String) {
        self.run("", file, words)
    }

    fn run(&self, options: &str, guarded: &str, words: &[&str]) -> (bool, String) {
        let script = "set -e; mkdir -p /etc/tmpfiles.d; mount --bind \"$1/mm\" /sys/kernel/mm; \
            mount --bind \"$1/tmpfiles\" /etc/tmpfiles.d; test -z \"$2\" || mount -o \"remount,bind,$2\" /sys/kernel/mm; \
            test \"$3\" = any || { b=/sys/kernel/mm/$3; mount --bind \"$b\" \"$b\"; mount -o remount,bind,ro \"$b\"; }; \
            shift 3; exec \"$@\"";
        let output = Command::new("unshare")
            .args(["-m", "--propagation", "private", "sh", "-c", script, "sh"])
            .arg(self.folder.path())
            .args([
                options,
                guarded,
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
    // Each is on record, as a line that does the same.
    let lines: Vec<_> = fake
        .record()
        .iter()
        .map(|entry| entry["command"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0], "echo 1 > /sys/kernel/mm/ksm/run");
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
    // One of two that cannot be set: the other is as it was, and both are on record.
    let (well, said) = fake.guarded(
        "transparent_hugepage/enabled",
        &["host", "--set", "ksm=1", "--set", "thp=never", "--yes"],
    );
    assert!(!well && said.contains("taken back: set KSM"), "{said}");
    assert!(
        said.contains("transparent_hugepage/enabled: Read-only file system"),
        "{said}"
    );
    assert_eq!(fake.value("mm/ksm/run"), "0");
    let record = fake.record();
    let last = &record[record.len() - 2];
    assert!(
        last["reason"].as_str().unwrap().contains("Read-only"),
        "{record:?}"
    );
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

/// A tree that lies over /sys/kernel/mm of a host behind ssh.
struct FarKernel {
    ssh: SshHost,
    fake: FakeKernel,
}

impl FarKernel {
    fn new(purpose: &str) -> Self {
        let this = Self {
            ssh: SshHost::up(purpose),
            fake: FakeKernel::new(),
        };
        this.there(&format!(
            "mount --bind {}/mm /sys/kernel/mm",
            this.fake.folder.path().display()
        ));
        this
    }

    /// Runs a command on the host, by a login of its own.
    fn there(&self, command: &str) {
        let output = self.ssh.client(command).output().unwrap();
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// The reader's process on the host.
    fn reader(&self) -> u32 {
        let output = self
            .ssh
            .client("readlink /proc/self/ns/mnt")
            .output()
            .unwrap();
        let place = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let found = fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
            let id = entry.file_name().to_string_lossy().parse().ok()?;
            let there = fs::read_link(entry.path().join("ns/mnt")).ok()?;
            let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            (there.to_string_lossy() == place && words == b"sh\0-s\0").then_some(id)
        });
        found.expect("the reader runs on the host")
    }

    fn set(&self, watched: &mut Watched, knob: &Knob, value: &str) -> Result<(), String> {
        let wish = HostWish::Set(knob.clone(), value.to_owned());
        let done = watched.ask(Verb::TuneHost(wish, HostFiles::OverSsh));
        done.map(drop).map_err(|failure| failure.to_string())
    }
}

fn report(watched: &mut Watched) -> HostReport {
    match watched.ask(Verb::ReadHost(HostFiles::OverSsh)).unwrap() {
        Answer::Host(report) => *report,
        other => panic!("{other:?}"),
    }
}

fn signal(name: &str, process: u32) {
    let words = [name, &process.to_string()];
    assert!(Command::new("kill").args(words).status().unwrap().success());
}

#[test]
fn values_of_a_host_behind_ssh_are_set_and_refusals_are_told() {
    let far = FarKernel::new("far-set");
    let mut watched = Watched::open(&far.ssh.by_key());
    watched.until("the host", |watched| watched.opened.as_ref().map(drop));
    let thp = "mm/transparent_hugepage/enabled";
    // Not wished: nothing of the host's files is touched.
    let wish = HostWish::Set(Knob::KsmRun, "1".to_owned());
    let refused = watched
        .ask(Verb::TuneHost(wish, HostFiles::OfThisMachine))
        .unwrap_err();
    assert!(
        refused.reason.contains("not visible from here"),
        "{refused}"
    );
    assert_eq!(far.fake.value("mm/ksm/run"), "0");
    for (knob, file, value) in [
        (Knob::KsmRun, "mm/ksm/run", "1"),
        (Knob::Thp, thp, "never"),
        (
            Knob::HugePages(None, 2048),
            "mm/hugepages/hugepages-2048kB/nr_hugepages",
            "7",
        ),
    ] {
        far.set(&mut watched, &knob, value).unwrap();
        assert_eq!(far.fake.value(file), value);
    }
    assert_eq!(report(&mut watched).facts.ksm.run, Some(1));
    // The reader stands still, is asked and dies: told, and nothing is written.
    assert_eq!(far.ssh.readers().len(), 1);
    let process = far.reader();
    signal("-STOP", process);
    let killer = thread::spawn(move || signal("-KILL", process));
    let why = far.set(&mut watched, &Knob::KsmRun, "0").unwrap_err();
    killer.join().unwrap();
    assert!(why.contains("ended") && why.contains("as it was"), "{why}");
    assert_eq!(far.fake.value("mm/ksm/run"), "1");
    // The next wish starts another.
    far.set(&mut watched, &Knob::KsmRun, "0").unwrap();
    assert_eq!(far.fake.value("mm/ksm/run"), "0");
    // A value that vanishes, and a file system that is read-only.
    fs::remove_file(far.fake.folder.path().join(thp)).unwrap();
    let why = far.set(&mut watched, &Knob::Thp, "always").unwrap_err();
    assert!(
        why.contains("/sys/kernel/mm/transparent_hugepage/enabled"),
        "{why}"
    );
    assert!(
        !far.fake.folder.path().join(thp).exists(),
        "nothing is made that was not there"
    );
    let found = report(&mut watched);
    let check = found.checks.iter().find(|check| check.id == "thp").unwrap();
    assert!(check.evidence.ends_with("not there"), "{check:?}");
    far.there("mount -o remount,bind,ro /sys/kernel/mm");
    let why = far.set(&mut watched, &Knob::KsmRun, "1").unwrap_err();
    assert!(
        why.to_lowercase().contains("read-only file system"),
        "{why}"
    );
    assert_eq!(far.fake.value("mm/ksm/run"), "0");
    far.there("mount -o remount,bind,rw /sys/kernel/mm");
    // The same by the command; the record has a line that goes there.
    let state = tempfile::tempdir().unwrap();
    let uri = far.ssh.by_key();
    let words = [
        "-c",
        &uri,
        "host",
        "--files-over-ssh",
        "--set",
        "ksm=1",
        "--yes",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(words)
        .env("XDG_STATE_HOME", state.path())
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(far.fake.value("mm/ksm/run"), "1");
    let record = fs::read_to_string(state.path().join("virtty/actions.log")).unwrap();
    assert!(
        record.contains("ssh -p 2222 -i ") && record.contains("echo 1 > /sys/kernel/mm/ksm/run"),
        "{record}"
    );
}

#[test]
fn shares_quota_and_weight_hold_now_where_the_host_has_control_groups() {
    let host = Lab::get().own_host_of("groups", "cgroups");
    let domain = host.running("groups");
    let virtty = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &host.uri])
            .args(words)
            .env("XDG_STATE_HOME", "/nonexistent")
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let told = |command: &str, field: &str| {
        let said = host.virsh(&[command, &domain.name]);
        let line = said.lines().find(|line| line.starts_with(field));
        line.and_then(|line| line.rsplit(':').next())
            .map(|value| value.trim().to_owned())
    };
    let output = host.try_virsh(&["schedinfo", &domain.name, "--live", "cpu_shares=1024"]);
    if !output.status.success() {
        // A machine whose control groups libvirt may not use: the reason is libvirt's own, and what is stored still changes.
        let (well, said) = virtty(&["schedinfo", &domain.name, "cpu_shares=512", "--live"]);
        assert!(!well && said.contains("cgroup"), "{said}");
        assert!(virtty(&["schedinfo", &domain.name, "cpu_shares=512", "--config"]).0);
        return;
    }
    // As virsh's manual names the options, and without their names.
    for words in [
        &[
            "schedinfo",
            &domain.name,
            "--set",
            "cpu_shares=512",
            "--live",
        ][..],
        &["schedinfo", &domain.name, "vcpu_quota=50000", "--live"],
        &["blkiotune", &domain.name, "--weight", "200", "--live"],
    ] {
        let (well, said) = virtty(words);
        assert!(well, "{words:?}: {said}");
    }
    assert_eq!(told("schedinfo", "cpu_shares").as_deref(), Some("512"));
    assert_eq!(told("schedinfo", "vcpu_quota").as_deref(), Some("50000"));
    assert_eq!(told("blkiotune", "weight").as_deref(), Some("200"));
    // For a while: it ends by itself.
    let (well, said) = virtty(&[
        "schedinfo",
        &domain.name,
        "cpu_shares=2048",
        "--live",
        "--for",
        "1",
    ]);
    assert!(well, "{said}");
    wait_until(PATIENCE, "the shares from before", || {
        told("schedinfo", "cpu_shares").as_deref() == Some("512")
    });
}

#[test]
fn long_chains_are_found_of_domains_that_are_off() {
    let host = Lab::get().own_host("chains");
    let images = format!("{}/hosts/{}/lib/images", Lab::get().folder(), host.name);
    let make = |name: &str, below: Option<&str>| {
        let path = format!("{images}/{name}");
        let mut command = Command::new("qemu-img");
        command.args(["create", "-q", "-f", "qcow2"]);
        if let Some(below) = below {
            // By its name alone: the folder has another name for libvirt.
            command.args(["-u", "-F", "qcow2", "-b", below]);
        }
        let status = command.args([&path, "1M"]).status().unwrap();
        assert!(status.success());
    };
    make("0.qcow2", None);
    for n in 1..6 {
        make(&format!("{n}.qcow2"), Some(&format!("{}.qcow2", n - 1)));
    }
    let disk = |n: u32| {
        format!(
            "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>\
             <source file='/var/lib/libvirt/images/{n}.qcow2'/><target dev='vda' bus='virtio'/></disk>"
        )
    };
    let (six, five) = (
        host.tiny_with("six", &disk(5)),
        host.tiny_with("five", &disk(4)),
    );
    let check = |uri: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", uri, "host", "--json"])
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .output()
            .unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = document["checks"].as_array().unwrap();
        checks
            .iter()
            .find(|check| check["id"] == "image-chains")
            .unwrap()
            .clone()
    };
    // The images lie where only this host sees them, and no pool tells of them: not known, which is no verdict.
    let unseen = check(&host.uri);
    assert_eq!(unseen["result"], "unknown", "{unseen}");
    // A pool tells what each is based on.
    host.virsh(&[
        "pool-create-as",
        "p",
        "dir",
        "--target",
        "/var/lib/libvirt/images",
    ]);
    let found = check(&host.uri);
    assert_eq!(found["result"], "warn", "{found}");
    let evidence = found["evidence"].as_str().unwrap();
    assert!(
        evidence.contains(&format!("{} vda: 6 images", six.name)) && !evidence.contains(&five.name),
        "{found}"
    );
    assert!(
        found["remedy"]
            .as_str()
            .unwrap()
            .starts_with("qemu-img rebase "),
        "{found}"
    );
}
