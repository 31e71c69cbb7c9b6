//! Disks of running guests: layers brought together, moved and resized under a guest that goes on; and a guest that waits
//! because its storage is full.

use std::process::Command;
use std::time::Instant;

use virtty::model::{BlockJobKind, DiskError, DomainState};
use virtty::protocol::{Answer, Asides, DomainVerb, Interest, LongJob, LongKind, News, Verb};

use crate::support::lab::{Lab, control, unique};
use crate::support::linux::{BOOT, Guest};
use crate::support::wait::wait_until;
use crate::support::watched::{PATIENCE, Watched};

#[test]
fn layers_come_together_again_and_the_guest_keeps_its_data() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let base = guest.chain();
    assert_eq!(base.len(), 1, "{base:?}");
    let old = guest.writes("old");
    guest.well(&["snapshot", "create", name, "one", "--disk-only"]);
    let new = guest.writes("new");
    guest.well(&["snapshot", "create", name, "two", "--disk-only"]);
    let newest = guest.writes("newest");
    let chain = guest.chain();
    assert_eq!(chain.len(), 3, "{chain:?}");
    assert_eq!(chain[2], base[0]);
    // The layer in the middle, then all that is left, by the line that the first one put on record.
    guest.well(&[
        "blockcommit",
        name,
        "vda",
        "--top",
        &chain[1],
        "--shallow",
        "--wait",
    ]);
    assert_eq!(guest.chain(), [chain[0].clone(), chain[2].clone()]);
    // What was committed stays a volume on the base, which a next commit would change under it.
    lab.main().virsh(&["pool-refresh", "default"]);
    lab.main().virsh(&["vol-delete", &chain[1]]);
    guest.well(&["blockcommit", name, "vda", "--active", "--pivot"]);
    assert_eq!(guest.chain(), base);
    for (file, before) in [("old", old), ("new", new), ("newest", newest)] {
        assert_eq!(guest.checksum(file), before, "{file}");
    }
    // The overlay is not needed any more, but nobody asked to delete it.
    lab.main().virsh(&["pool-refresh", "default"]);
    lab.main().virsh(&["vol-key", &chain[0]]);
    let lines = guest.record();
    let line = lines.iter().find(|line| line.contains("--pivot")).unwrap();
    guest
        .host
        .virsh(&["snapshot-delete", name, "two", "--metadata"]);
    guest
        .host
        .virsh(&["snapshot-delete", name, "one", "--metadata"]);
    guest.well(&["snapshot", "create", name, "one", "--disk-only"]);
    let again = guest.writes("again");
    assert_eq!(guest.chain().len(), 2);
    guest.replay(line);
    assert_eq!(guest.chain(), base);
    assert_eq!(guest.checksum("again"), again);
}

#[test]
fn what_others_need_is_not_written_to() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let base = guest.chain().remove(0);
    let data = guest.writes("data");
    guest.well(&["snapshot", "create", name, "one", "--disk-only"]);
    let chain = guest.chain();
    // Somebody else's disk is based on it, made beside libvirt.
    let other = format!("/var/lib/libvirt/images/{name}-b.qcow2");
    let made = ["inside", &guest.host.name, "qemu-img", "create", "-q"];
    let based = ["-f", "qcow2", "-F", "qcow2", "-b", &base, &other];
    control(&[&made[..], &based[..]].concat());
    for words in [
        &["blockcommit", name, "vda", "--active", "--pivot"][..],
        &["blockcommit", name, "vda", "--active", "--delete", "--yes"],
        &[
            "blockcopy",
            name,
            "vda",
            "--dest",
            &base,
            "--reuse-external",
            "--yes",
        ],
        &["attach-disk", name, &base, "vdb", "--live"],
    ] {
        let said = guest.refused(words);
        assert!(
            said.contains(&base) && said.contains("nothing was done"),
            "{said}"
        );
        assert_eq!(guest.chain(), chain, "{words:?}");
    }
    // Another domain may not get it either, but by a word.
    let second = guest.host.tiny("second");
    let attach = [
        "attach-disk",
        &second.name,
        &base,
        "vdb",
        "--subdriver",
        "qcow2",
        "--config",
    ];
    let said = guest.refused(&attach);
    assert!(
        said.contains(name) && said.contains("--mode readonly"),
        "{said}"
    );
    assert!(
        !guest
            .host
            .virsh(&["domblklist", &second.name])
            .contains("vdb")
    );
    guest.well(&[&attach[..], &["--mode", "readonly"]].concat());
    guest
        .host
        .virsh(&["detach-disk", &second.name, "vdb", "--config"]);
    // The other one gone, it goes.
    guest.host.virsh(&["pool-refresh", "default"]);
    guest.host.virsh(&["vol-delete", &other]);
    guest.well(&["blockcommit", name, "vda", "--active", "--pivot"]);
    assert_eq!(guest.chain(), [base]);
    assert_eq!(guest.checksum("data"), data);
}

#[test]
fn a_disk_grows_under_its_guest_and_does_not_shrink_by_accident() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let sectors = |guest: &Guest<'_>| -> u64 {
        guest
            .inside("cat /sys/block/vda/size")
            .trim()
            .parse()
            .unwrap()
    };
    let before = sectors(&guest);
    let data = guest.writes("data");
    let mib = before / 2048 + 32;
    guest.well(&["blockresize", name, "vda", &format!("{mib}M")]);
    assert_eq!(sectors(&guest), mib * 2048);
    let said = guest.refused(&["blockresize", name, "vda", "1M"]);
    assert!(
        said.contains("cut off") && said.contains("--shrink"),
        "{said}"
    );
    let said = guest.refused(&["blockresize", name, "vda", "1M", "--shrink"]);
    assert!(said.contains("--yes"), "{said}");
    assert_eq!(sectors(&guest), mib * 2048);
    assert_eq!(guest.checksum("data"), data);
    // The page reads the same size.
    let mut watched = Watched::open(&lab.main().uri);
    watched.until_row(name, DomainState::Running);
    let uuid = watched.uuid(name);
    let Ok(Answer::Disks(read)) = watched.ask(Verb::ReadDisks(uuid, true)) else {
        panic!("the disks cannot be read");
    };
    let top = &read.disks[0].layers[0];
    assert_eq!(top.capacity_bytes, Some(mib << 20));
    assert_eq!(top.pool.as_deref(), Some("default"));
    assert!(read.disks[0].complete && read.asked_guest);
    assert!(read.pools.iter().any(|pool| pool.name == "default"));
    let Ok(Answer::FileSystems(systems)) = watched.ask(Verb::ReadFileSystems(uuid)) else {
        panic!("the agent does not tell");
    };
    let mounted = systems.iter().find(|one| one.mountpoint == "/mnt").unwrap();
    assert!(
        mounted.total_bytes > Some(0) && !mounted.disks.is_empty(),
        "{mounted:?}"
    );
}

#[test]
fn a_disk_moves_to_another_file_while_its_guest_writes() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let data = guest.writes("data");
    let old = guest.chain();
    let copy = format!("/var/lib/libvirt/images/{name}-copy.qcow2");
    guest.well(&["blockcopy", name, "vda", "--dest", &copy, "--pivot"]);
    assert_eq!(guest.chain(), [copy]);
    assert_eq!(guest.checksum("data"), data);
    assert!(!guest.writes("more").is_empty());
    // What it came from is still there.
    lab.main().virsh(&["pool-refresh", "default"]);
    lab.main().virsh(&["vol-key", &old[0]]);
}

#[test]
fn jobs_that_others_began_are_seen_and_given_up() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    guest.writes("data");
    let before = guest.chain();
    let mut watched = Watched::open(&lab.main().uri);
    watched.until_row(name, DomainState::Running);
    let uuid = watched.uuid(name);
    watched.fleet.interest(
        watched.id,
        Interest {
            asides: Asides {
                jobs: true,
                ..Asides::default()
            },
            ..Interest::default()
        },
    );
    let copy = format!("/var/lib/libvirt/images/{name}-copy.qcow2");
    guest.host.virsh(&[
        "blockcopy",
        name,
        "vda",
        "--dest",
        &copy,
        "--bandwidth",
        "1",
        "--transient-job",
    ]);
    let on_disk = |job: &LongJob| {
        job.uuid == uuid && job.kind == LongKind::Block(BlockJobKind::Copy, "vda".to_owned())
    };
    let last = |watched: &Watched| -> Option<Vec<LongJob>> {
        watched.history.iter().rev().find_map(|news| match news {
            News::LongJobs(jobs) => Some(jobs.clone()),
            _ => None,
        })
    };
    let job = watched.until("the job of another", |watched| {
        last(watched)?.into_iter().find(on_disk)
    });
    assert_eq!(job.limit_bps, Some(1 << 20));
    let (done, end) = job.progress.unwrap();
    assert!(done <= end);
    guest.well(&["blockjob", name, "vda", "--bandwidth", "2"]);
    watched.until("its other limit", |watched| {
        last(watched)?
            .iter()
            .any(|job| on_disk(job) && job.limit_bps == Some(2 << 20))
            .then_some(())
    });
    guest.well(&["blockjob", name, "vda", "--abort"]);
    watched.until("its end", |watched| {
        (!last(watched)?.iter().any(on_disk)).then_some(())
    });
    assert_eq!(guest.chain(), before, "the disk is where it was");
}

#[test]
fn disks_are_plugged_in_and_out_and_limited_for_a_while() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let volume = format!("{name}-b.qcow2");
    guest.host.virsh(&[
        "vol-create-as",
        "default",
        &volume,
        "16M",
        "--format",
        "qcow2",
    ]);
    let path = format!("/var/lib/libvirt/images/{volume}");
    let attach = [
        "attach-disk",
        name,
        &path,
        "vdb",
        "--subdriver",
        "qcow2",
        "--serial",
        "S1",
        "--live",
    ];
    guest.well(&attach);
    let until = Instant::now() + PATIENCE;
    while guest.inside("cat /sys/block/vdb/size || true").trim() != "32768" {
        assert!(Instant::now() < until, "the guest does not see the disk");
    }
    let said = guest.refused(&attach);
    assert!(said.contains("vdb already"), "{said}");
    guest.well(&["detach-disk", name, "vdb", "--live"]);
    assert!(!guest.well(&["domblklist", name]).contains("vdb"));
    guest.host.virsh(&["vol-key", &path]);
    // The lines of the record do the same.
    let lines = guest.record();
    guest.replay(
        lines
            .iter()
            .find(|line| line.contains("attach-disk"))
            .unwrap(),
    );
    assert!(guest.well(&["domblklist", name]).contains("vdb"));
    guest.replay(
        lines
            .iter()
            .find(|line| line.contains("detach-disk"))
            .unwrap(),
    );

    let limit = |guest: &Guest<'_>| {
        let told = guest.host.virsh(&["blkdeviotune", name, "vda"]);
        let line = told
            .lines()
            .find(|line| line.starts_with("total_iops_sec "))
            .unwrap();
        line.rsplit(':').next().unwrap().trim().to_owned()
    };
    guest.well(&[
        "blkdeviotune",
        name,
        "vda",
        "--total-iops-sec",
        "500",
        "--live",
    ]);
    std::thread::scope(|scope| {
        let throttled = scope.spawn(|| {
            guest.well(&[
                "blkdeviotune",
                name,
                "vda",
                "--total-iops-sec",
                "77",
                "--for",
                "10",
            ]);
        });
        let until = Instant::now() + PATIENCE;
        while limit(&guest) != "77" {
            assert!(Instant::now() < until, "the limit does not hold");
        }
        throttled.join().unwrap();
    });
    assert_eq!(limit(&guest), "500", "what held before holds again");
}

#[test]
fn media_are_changed() {
    let lab = Lab::get();
    let drive = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>";
    let domain = lab.main().tiny_with("drive", drive);
    domain.start();
    let name = domain.name.as_str();
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", lab.uri()])
            .args(words)
            .env("XDG_STATE_HOME", "/nonexistent")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    };
    let sda = || {
        let listed = lab.main().virsh(&["domblklist", name]);
        let line = listed.lines().find(|line| line.trim().starts_with("sda"));
        line.unwrap().split_whitespace().last().unwrap().to_owned()
    };
    let volume = unique("medium");
    lab.main()
        .virsh(&["vol-create-as", "default", &volume, "1M"]);
    let path = format!("/var/lib/libvirt/images/{volume}");
    assert!(run(&["change-media", name, "sda", &path, "--insert", "--live"]).0);
    assert_eq!(sda(), path);
    let (done, said) = run(&["change-media", name, "sda", &path, "--insert", "--live"]);
    assert!(!done && said.contains("already"), "{said}");
    assert!(run(&["change-media", name, "sda", "--eject", "--live"]).0);
    assert_eq!(sda(), "-");
    let (done, said) = run(&["change-media", name, "sda", "--eject", "--live"]);
    assert!(!done && said.contains("no medium"), "{said}");
    lab.main().virsh(&["vol-delete", &path]);
}

#[test]
fn a_guest_that_waits_for_room_says_so_and_goes_on() {
    let lab = Lab::get();
    let host = lab.own_host("full");
    let name = unique("full");
    control(&["full", &name, &host.name]);
    let folder = "/var/lib/libvirt/images/small";
    host.virsh(&["pool-create-as", "small", "dir", "--target", folder]);
    wait_until(BOOT, "the guest waits", || {
        host.virsh(&["domstate", &name]).contains("paused")
    });
    let mut watched = Watched::open(&host.uri);
    watched.until_row(&name, DomainState::Paused);
    let uuid = watched.uuid(&name);
    let Ok(Answer::Disks(read)) = watched.ask(Verb::ReadDisks(uuid, true)) else {
        panic!("the disks cannot be read");
    };
    let disk = &read.disks[0];
    assert_eq!(disk.error, Some(DiskError::NoSpace));
    assert_eq!(disk.layers[0].pool.as_deref(), Some("small"));
    let pool = read.pools.iter().find(|pool| pool.name == "small").unwrap();
    assert!(pool.percent() >= Some(98.0), "{pool:?}");
    // Without room it stops again; the state is libvirt's and so are the words.
    let error = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri, "domblkerror", &name])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&error.stdout), "vda: no space\n");
    control(&[
        "inside",
        &host.name,
        "mount",
        "-o",
        "remount,size=96m",
        folder,
    ]);
    watched
        .ask(Verb::Domain(uuid, DomainVerb::Resume))
        .expect("it resumes");
    watched.until_row(&name, DomainState::Running);
    watched.until("all is written", |_| {
        let told = host.virsh(&["vol-info", &format!("{folder}/{name}.img"), "--bytes"]);
        let line = told.lines().find(|line| line.starts_with("Allocation"))?;
        let bytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        (bytes > 16 << 20).then_some(())
    });
    assert_eq!(watched.row(&name).unwrap().state, DomainState::Running);
}

#[test]
fn a_save_that_virsh_began_is_seen() {
    let lab = Lab::get();
    let guest = Guest::new(lab.main());
    let name = guest.name.as_str();
    let mut watched = Watched::open(&lab.main().uri);
    watched.until_row(name, DomainState::Running);
    let uuid = watched.uuid(name);
    watched.fleet.interest(
        watched.id,
        Interest {
            asides: Asides {
                jobs: true,
                ..Asides::default()
            },
            ..Interest::default()
        },
    );
    // It is over within a second or two: begun again until it was looked at in between.
    let until = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < until, "no save was seen");
        let save = ["managedsave", name];
        let mut virsh = guest.host.virsh_command(&save).spawn().unwrap();
        watched.until_row(name, DomainState::ShutOff);
        assert!(virsh.wait().unwrap().success());
        let seen = watched.history.iter().find_map(|news| match news {
            News::LongJobs(jobs) => jobs
                .iter()
                .find(|job| job.uuid == uuid && job.kind == LongKind::Domain(2))
                .cloned(),
            _ => None,
        });
        if let Some(job) = seen {
            let (done, end) = job.progress.expect("libvirt tells how far it is");
            assert!(done <= end && job.elapsed_ms.is_some(), "{job:?}");
            break;
        }
        guest.host.virsh(&["start", name]);
        watched.until_row(name, DomainState::Running);
    }
    // It is over for whoever looks.
    watched.until("its end", |watched| {
        let last = watched.history.iter().rev().find_map(|news| match news {
            News::LongJobs(jobs) => Some(jobs),
            _ => None,
        });
        last.is_none_or(|jobs| jobs.iter().all(|job| job.uuid != uuid))
            .then_some(())
    });
    guest.host.virsh(&["managedsave-remove", name]);
}
