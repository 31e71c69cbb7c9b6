//! Each check of the domains, by a domain that it warns of and by one that is as it should be.

use super::*;
use crate::hostfacts::{Check, HostReport, Verdict};

fn verdict(guests: &[&str], tree: &str, id: &str) -> (Verdict, String) {
    let root = format!("{}/tests/fixtures/hosts/{tree}", env!("CARGO_MANIFEST_DIR"));
    let told = Told {
        guests: guests
            .iter()
            .filter_map(|xml| Guest::read(xml, false, true))
            .collect(),
        guests_known: true,
        capabilities: None,
        ..Told::default()
    };
    let report = HostReport::new(told, &Files::At(root.into()));
    let check = report
        .checks
        .into_iter()
        .find(|check| check.id == id)
        .unwrap();
    (
        check.result,
        format!("{} {}", check.evidence, check.remedy.unwrap_or_default()),
    )
}

#[test]
fn huge_pages_are_counted_where_they_must_come_from() {
    let wants = |mib: u32, bound: &str| {
        format!(
            "<domain><name>h</name><memory unit='MiB'>{mib}</memory>{bound}\
             <memoryBacking><hugepages><page size='2' unit='MiB'/></hugepages></memoryBacking></domain>"
        )
    };
    let bound = "<numatune><memory mode='strict' nodeset='1'/></numatune>";
    let (all, words) = verdict(&[&wants(100_000, "")], "numa", "huge-pages");
    assert_eq!(all, Verdict::Warn, "{words}");
    let (one, words) = verdict(&[&wants(100_000, bound)], "numa", "huge-pages");
    assert_eq!(one, Verdict::Warn);
    assert!(
        words.contains("of node 1") && words.contains("/node1/hugepages/"),
        "{words}"
    );
    assert!(!words.contains("node 0:"), "{words}");
}

#[test]
fn pins_that_leave_one_core_are_on_the_same_core() {
    let pinned = |sets: [&str; 2]| {
        format!(
            "<domain><name>p</name><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='{}'/>\
             <vcpupin vcpu='1' cpuset='{}'/></cputune></domain>",
            sets[0], sets[1]
        )
    };
    // On this host CPUs 0 and 2 are threads of one core, or 0 and 1: both are asked of the tree.
    let root = format!("{}/tests/fixtures/hosts/intel", env!("CARGO_MANIFEST_DIR"));
    let facts = Facts::read(&Told::default(), &Files::At(root.into()));
    let core = &facts.topology[0].siblings;
    assert_eq!(core.len(), 2);
    let other = facts
        .topology
        .iter()
        .find(|cpu| !core.contains(&cpu.id))
        .unwrap()
        .id;
    let both = format!("{},{}", core[0], core[1]);
    let id = "pinned-siblings";
    assert_eq!(
        verdict(&[&pinned([&both, &both])], "intel", id).0,
        Verdict::Warn
    );
    let first = core[0].to_string();
    let second = core[1].to_string();
    assert_eq!(
        verdict(&[&pinned([&first, &second])], "intel", id).0,
        Verdict::Warn
    );
    assert_eq!(
        verdict(&[&pinned([&first, &other.to_string()])], "intel", id).0,
        Verdict::Ok
    );
    let wide = format!("{first},{other}");
    assert_eq!(
        verdict(&[&pinned([&wide, &wide])], "intel", id).0,
        Verdict::Ok
    );
}

#[test]
fn what_qemu_says_of_a_machine_counts() {
    let capabilities = "<capabilities><guest><arch><machine canonical='pc-q35-9.0'>q35</machine>\
        <machine deprecated='yes'>pc-i440fx-6.0</machine></arch></guest></capabilities>";
    let of = |machine: &str| {
        let xml = format!(
            "<domain type='kvm'><name>m</name><os><type machine='{machine}'>hvm</type></os></domain>"
        );
        let guests: Vec<_> = Guest::read(&xml, false, false).into_iter().collect();
        let told = Told {
            capabilities: Some(capabilities.to_owned()),
            ..Told::default()
        };
        devices::machines(&guests, &told)
    };
    assert_eq!(of("pc-q35-9.0").result, Verdict::Ok);
    assert_eq!(of("q35").result, Verdict::Ok);
    assert!(of("pc-i440fx-6.0").evidence.contains("deprecated"));
    assert!(of("pc-q35-2.1").evidence.contains("does not have"));
}

/// What the check `id` says of these domains, running ones, on a host with this tree.
fn of(tree: &str, guests: &[String], id: &str) -> Check {
    let root = format!("{}/tests/fixtures/hosts/{tree}", env!("CARGO_MANIFEST_DIR"));
    let told = Told {
        guests: guests.iter().filter_map(|xml| Guest::read(xml, true, true)).collect(),
        guests_known: true,
        capabilities: Some(
            "<capabilities><guest><arch name='x86_64'><domain type='qemu'/><domain type='kvm'/>\
             <machine>pc-q35-9.0</machine><machine>pc-i440fx-4.2</machine></arch></guest></capabilities>".to_owned(),
        ),
        ..Told::default()
    };
    assert_eq!(told.guests.len(), guests.len(), "all are read");
    let report = HostReport::new(told, &Files::At(root.into()));
    let mut checks = report.checks.into_iter();
    checks.find(|check| check.id == id).unwrap()
}

/// A domain of this memory and so many virtual CPUs, with more of its XML outside and inside of its devices.
fn domain(name: &str, mib: u64, vcpus: u32, more: &str, devices: &str) -> String {
    format!(
        "<domain type='kvm'><name>{name}</name><memory unit='MiB'>{mib}</memory><vcpu>{vcpus}</vcpu>{more}\
         <devices>{devices}</devices></domain>"
    )
}

fn disk(path: &str, driver: &str, below: &str, bus: &str) -> String {
    format!(
        "<disk device='disk'><driver name='qemu' {driver}/><source file='{path}'/>{below}<target dev='vda' bus='{bus}'/></disk>"
    )
}

fn chain(images: usize) -> String {
    let open: String = (1..images)
        .map(|n| format!("<backingStore><source file='/i/{n}'/>"))
        .collect();
    format!(
        "{open}<backingStore/>{}",
        "</backingStore>".repeat(images - 1)
    )
}

#[test]
fn each_check_warns_of_what_it_is_for_and_of_nothing_else() {
    let plain = |more: &str, devices: &str| vec![domain("d", 64, 1, more, devices)];
    let with_disk =
        |driver: &str, below: &str, bus: &str| plain("", &disk("/i/top", driver, below, bus));
    let at = |path: &str, driver: &str| plain("", &disk(path, driver, "<backingStore/>", "virtio"));
    let pinned = |sets: [&str; 2], more: &str| {
        let [one, two] = sets;
        let pins = format!(
            "<cputune><vcpupin vcpu='0' cpuset='{one}'/><vcpupin vcpu='1' cpuset='{two}'/></cputune>{more}"
        );
        vec![domain("d", 64, 2, &pins, "")]
    };
    let numa =
        |cells: &str| format!("<numatune><memory mode='strict' nodeset='{cells}'/></numatune>");
    let machine = |name: &str| plain(&format!("<os><type machine='{name}'>hvm</type></os>"), "");
    let nic = |model: &str| {
        plain(
            "",
            &format!("<interface><model type='{model}'/></interface>"),
        )
    };
    let listens = |address: &str| {
        plain(
            "",
            &format!(
                "<graphics type='vnc'><listen type='address' address='{address}'/></graphics>"
            ),
        )
    };
    let many = |mib, vcpus| {
        (1..9)
            .map(|n| domain(&format!("d{n}"), mib, vcpus, "", ""))
            .collect::<Vec<_>>()
    };
    let emulated = vec![domain("d", 64, 1, "", "").replace("type='kvm'", "type='qemu'")];
    // Which check, of which tree, domains that it warns of, domains that are right.
    let cases = [
        (
            "numa-crossing",
            "numa",
            pinned(["0", "4"], ""),
            pinned(["0", "2"], ""),
        ),
        (
            "numa-crossing",
            "numa",
            pinned(["0", "2"], &numa("1")),
            pinned(["4", "6"], &numa("1")),
        ),
        (
            "numa-crossing",
            "numa",
            plain(&numa("0"), ""),
            plain("", ""),
        ),
        (
            "pinned-siblings",
            "numa",
            pinned(["0", "1"], ""),
            pinned(["0", "2"], ""),
        ),
        ("overcommit-cpu", "intel", many(64, 4), many(64, 2)),
        ("overcommit-memory", "intel", many(1 << 20, 1), many(64, 1)),
        (
            "overcommit-cpu-autostart",
            "intel",
            many(64, 4),
            many(64, 2),
        ),
        (
            "overcommit-memory-autostart",
            "intel",
            many(1 << 20, 1),
            many(64, 1),
        ),
        (
            "copy-on-write",
            "old-kernel",
            at("/var/lib/libvirt/images/a.img", "type='raw'"),
            at("/srv/a.img", "type='raw'"),
        ),
        (
            "disk-cache",
            "intel",
            at("/dev/vg/a", "type='raw'"),
            at("/dev/vg/a", "type='raw' cache='none'"),
        ),
        (
            "disk-cache",
            "intel",
            at("/i/a", "type='raw' io='native'"),
            at("/i/a", "type='raw' io='native' cache='directsync'"),
        ),
        (
            "disk-cache",
            "intel",
            at("/i/a", "type='raw' cache='unsafe'"),
            at("/i/a", "type='raw'"),
        ),
        (
            "emulated-devices",
            "intel",
            with_disk("type='raw'", "", "sata"),
            with_disk("type='raw'", "", "scsi"),
        ),
        ("emulated-devices", "intel", nic("e1000e"), nic("virtio")),
        (
            "vnc-open",
            "intel",
            listens("0.0.0.0"),
            listens("192.0.2.7"),
        ),
        ("vnc-open", "intel", listens("::"), listens("::1")),
        (
            "image-chains",
            "intel",
            with_disk("type='qcow2'", &chain(6), "virtio"),
            with_disk("type='qcow2'", &chain(5), "virtio"),
        ),
        (
            "machine-types",
            "intel",
            machine("pc-i440fx-4.2"),
            machine("pc-q35-9.0"),
        ),
        (
            "machine-types",
            "intel",
            machine("pc-q35-8.0"),
            machine("pc-q35-9.0"),
        ),
        ("emulated-cpu", "intel", emulated, plain("", "")),
    ];
    for (id, tree, wrong, right) in cases {
        let bad = of(tree, &wrong, id);
        assert_eq!(bad.result, Verdict::Warn, "{id}: {wrong:?}: {bad:?}");
        assert!(
            !bad.evidence.is_empty() && !bad.consequence.is_empty(),
            "{bad:?}"
        );
        assert!(
            bad.remedy.as_ref().is_some_and(|remedy| !remedy.is_empty()),
            "{bad:?}"
        );
        let good = of(tree, &right, id);
        assert_eq!(good.result, Verdict::Ok, "{id}: {right:?}: {good:?}");
    }
    // Six images of one that is off, where nobody sees them: not known, and no verdict.
    let unseen = with_disk("type='qcow2'", "", "virtio");
    assert_eq!(
        of("intel", &unseen, "image-chains").result,
        Verdict::Unknown
    );
}

#[test]
fn a_balloon_is_judged_by_what_it_reports() {
    let xml = domain(
        "d",
        64,
        1,
        "",
        "<memballoon model='virtio'><stats period='5'/></memballoon>",
    );
    let check = |driver: Option<bool>| {
        let mut guest = Guest::read(&xml, true, false).unwrap();
        guest.balloon_driver = driver;
        balloon(&[guest], true)
    };
    assert_eq!(check(Some(true)).result, Verdict::Ok);
    assert_eq!(check(None).result, Verdict::Unknown);
    let without = check(Some(false));
    assert_eq!(without.result, Verdict::Warn);
    assert!(without.remedy.unwrap().contains("virtio_balloon"));
}

#[test]
fn whatever_is_not_right_says_what_it_means_and_what_mends_it() {
    let guests = [
        domain("a 'b'", 1 << 30, 200, "", &disk("/dev/x", "type='raw'", "", "ide")),
        "<domain type='qemu'/>".to_owned(),
        "<domain type='kvm'><memory unit='TiB'>18446744073709551615</memory><vcpu>4294967295</vcpu></domain>".to_owned(),
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hosts");
    let mut seen = 0;
    for tree in std::fs::read_dir(folder).unwrap().flatten() {
        let told = Told {
            guests: guests
                .iter()
                .filter_map(|xml| Guest::read(xml, true, true))
                .collect(),
            guests_known: true,
            ..Told::default()
        };
        for check in HostReport::new(told, &Files::At(tree.path())).checks {
            assert!(!check.evidence.is_empty(), "{check:?}");
            if matches!(check.result, Verdict::Warn | Verdict::Fail) {
                assert!(check.consequence.ends_with(['.', ')']), "{check:?}");
                assert!(
                    check.remedy.is_some_and(|remedy| !remedy.trim().is_empty()),
                    "{}",
                    check.id
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 5 * 50);
}
