//! `virtty create` on the test driver.

use std::fs;

use super::node::{Node, RUNNING, vnc};
use super::run::{Ran, virtty};

fn create(uri: &str, words: &[&str]) -> Ran {
    virtty(["-c", uri, "create"].iter().chain(words))
}

/// The XML it prints, which libvirt's schema takes.
fn xml(words: &[&str]) -> String {
    let words = [words, &["--dry-run", "--print-xml"]].concat();
    let ran = create("test:///default", &words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("domain.xml");
    fs::write(&file, &ran.out).unwrap();
    let check = virtty(["xml".as_ref(), "check".as_ref(), file.as_os_str()]);
    assert_eq!(check.code, 0, "{}\n{}{}", ran.out, check.out, check.err);
    ran.out
}

#[test]
fn xml_alone_is_printed_and_it_is_what_was_asked_for() {
    let xml = xml(&[
        "--name",
        "web 1",
        "--memory",
        "2048,maxmemory=4096",
        "--vcpus",
        "1,maxvcpus=2",
        "--disk",
        "none",
        "--graphics",
        "vnc,listen=127.0.0.1,port=5999",
        "--virt-type",
        "qemu",
        "--network",
        "none",
    ]);
    let document = roxmltree::Document::parse(&xml).unwrap();
    let find = |name: &str| {
        document
            .descendants()
            .find(|node| node.has_tag_name(name))
            .unwrap()
    };
    assert_eq!(document.root_element().attribute("type"), Some("qemu"));
    assert_eq!(find("name").text(), Some("web 1"));
    assert_eq!(find("memory").text(), Some("4194304"));
    assert_eq!(find("currentMemory").text(), Some("2097152"));
    assert_eq!(find("vcpu").text(), Some("2"));
    assert_eq!(find("vcpu").attribute("current"), Some("1"));
    assert_eq!(find("graphics").attribute("port"), Some("5999"));
    assert!(!document.descendants().any(|node| node.has_tag_name("disk")));
    assert!(
        !document
            .descendants()
            .any(|node| node.has_tag_name("interface"))
    );
}

#[test]
fn every_way_to_begin_makes_xml_that_the_schema_takes() {
    let base = ["--name", "new", "--memory", "512"];
    for words in [
        &[][..],
        &[
            "--disk",
            "size=5,format=raw,bus=scsi,cache=none,io=native,serial=a1",
            "--disk",
            "size=1",
        ],
        &[
            "--disk",
            "/dev/vg/lv,readonly=yes,boot_order=1",
            "--network",
            "user,boot_order=2",
        ],
        &[
            "--cdrom",
            "/iso/debian.iso",
            "--osinfo",
            "generic",
            "--disk",
            "size=4",
        ],
        &["--cdrom", "/iso/debian.iso", "--disk", "/images/old.img"],
        &[
            "--pxe",
            "--network",
            "bridge=br0,mac=52:54:00:aa:00:01",
            "--disk",
            "none",
        ],
        &[
            "--install",
            "kernel=/k,initrd=/i",
            "-x",
            "net.ifnames=0 biosdevname=0",
        ],
        &[
            "--boot",
            "kernel=/k,initrd=/i,kernel_args=console=ttyS0",
            "--disk",
            "none",
        ],
        &[
            "--import",
            "--disk",
            "/images/a.qcow2,format=qcow2",
            "--cloud-init",
            "user=ann",
        ],
        &[
            "--boot",
            "uefi",
            "--tpm",
            "default",
            "--vcpus",
            "8,sockets=2,cores=2,threads=2,cpuset=0-3",
        ],
        &[
            "--boot",
            "uefi,secure-boot=yes",
            "--cpu",
            "EPYC,+topoext,-svm",
        ],
        &[
            "--graphics",
            "spice,listen=none",
            "--sound",
            "ich9",
            "--video",
            "qxl",
            "--watchdog",
            "i6300esb",
        ],
        &[
            "--graphics",
            "none",
            "--console",
            "none",
            "--channel",
            "none",
            "--rng",
            "none",
        ],
        &[
            "--network",
            "type=direct,source=eth0",
            "--network",
            "default,model=e1000",
        ],
        &["--metadata", "title=A & B,description=<x>"],
    ] {
        xml(&[&base[..], words].concat());
    }
}

#[test]
fn what_is_wrong_is_told_at_its_option_and_nothing_is_made() {
    let node = Node::new(&[("taken", RUNNING, &vnc(5901, "127.0.0.1"))]);
    let uri = node.uri();
    for (words, code, said) in [
        (
            &["--name", "x", "--vcpus", "4,maxvcpus=2"][..],
            2,
            "--vcpus maxvcpus=2 is less than the 4 at start",
        ),
        (
            &["--name", "x", "--memory", "much"],
            2,
            "--memory much: a number of MiB",
        ),
        (
            &["--name", "x", "--disk", "sise=3"],
            2,
            "did you mean 'size'?",
        ),
        (
            &["--name", "x", "--disk", "none", "--disk", "size=1"],
            2,
            "--disk none stands alone",
        ),
        (
            &["--name", "x", "--network", "default,mac=01:00:5e:00:00:01"],
            2,
            "mac=01:00:5e:00:00:01",
        ),
        (
            &["--name", "x", "--graphics", "vnc,port=80"],
            2,
            "port=80: from 5900",
        ),
        (
            &["--name", "x", "--graphics", "vnc,password=123456789"],
            2,
            "8 bytes",
        ),
        (
            &["--name", "x", "--extra-args", "a=b", "--disk", "none"],
            2,
            "--extra-args wants a kernel",
        ),
        (
            &["--name", "taken", "--disk", "none"],
            1,
            "the name 'taken' is taken",
        ),
        (&["--name", "a/b", "--disk", "none"], 1, "has a slash"),
        (&["--name", "x", "--import"], 1, "an import wants the disk"),
        (
            &[
                "--name",
                "x",
                "--disk",
                "none",
                "--network",
                "network=nosuch",
            ],
            1,
            "there is no network 'nosuch'",
        ),
        (
            &["--name", "x", "--disk", "size=1,pool=nosuch"],
            1,
            "there is no active pool 'nosuch'",
        ),
        (
            &[
                "--name",
                "x",
                "--disk",
                "none",
                "--graphics",
                "vnc,port=5901",
            ],
            1,
            "that of the display of 'taken'",
        ),
    ] {
        let ran = create(&uri, words);
        assert_eq!(ran.code, code, "{words:?} {}", ran.err);
        assert!(ran.err.contains(said), "{words:?} {}", ran.err);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn it_is_made_and_started() {
    let ran = create(
        "test:///default",
        &["--name", "new", "--memory", "64", "--disk", "size=1"],
    );
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "new was made and started.\n"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("Make the volume new.qcow2 in the pool default-pool…")
    );
    let ran = create(
        "test:///default",
        &[
            "--name",
            "new",
            "--memory",
            "64",
            "--disk",
            "none",
            "--no-start",
            "-r",
        ],
    );
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("read-only"), "{}", ran.err);
}

#[test]
fn the_line_of_virt_install_has_no_password() {
    let ran = create(
        "test:///default",
        &[
            "--name",
            "new",
            "--disk",
            "none",
            "--graphics",
            "vnc,password=geheim",
            "--print-command",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out
            .starts_with("virt-install --connect test:///default --name new"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("geheim") && !ran.err.contains("geheim"));
}

#[test]
fn what_virt_install_has_and_virtty_has_not_is_refused_with_the_way_out() {
    for (words, part) in [
        (
            &["create", "--name", "x", "--unattended"][..],
            "--initrd-inject",
        ),
        (&["create", "--reinstall", "x"], "change-media"),
        (&["create", "--name", "x", "--nodisks"], "--disk none"),
        (
            &["create", "--name", "x", "--mac=52:54:00:00:00:01"],
            "--network",
        ),
        (
            &["clone", "x", "--name", "y", "--preserve-data"],
            "vol-upload",
        ),
    ] {
        let ran = virtty(["-c", "test:///default"].iter().chain(words));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(ran.err.contains(part), "{}", ran.err);
    }
    // What nobody has is told with the nearest.
    let ran = create("test:///default", &["--name", "x", "--netwrok", "none"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--network"), "{}", ran.err);
    let ran = create("test:///default", &["--name", "x", "--install", "debian12"]);
    assert!(
        ran.code == 2 && ran.err.contains("--location"),
        "{}",
        ran.err
    );
}

#[test]
fn roots_password_is_made_up_and_told_once() {
    let pool = ["--disk", "none", "--memory", "64", "--no-start"];
    let ran = create(
        "test:///default",
        &[
            &[
                "--name",
                "new",
                "--cloud-init",
                "root-password-generate=on,root-password-file=/nowhere",
            ][..],
            &pool,
        ]
        .concat(),
    );
    assert_eq!(ran.code, 2, "{}", ran.err);
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pub");
    fs::write(&key, "ssh-ed25519 AAAA ann@desk\n").unwrap();
    let init = format!("root-ssh-key={},disable=on", key.display());
    let words = ["--name", "new", "--cloud-init", &init, "--dry-run"];
    let ran = create("test:///default", &[&words[..], &pool].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("new-seed.iso"), "{}", ran.out);
    let both = format!("user-data={0},user=ann", key.display());
    let ran = create(
        "test:///default",
        &[&["--name", "new", "--cloud-init", &both][..], &pool].concat(),
    );
    assert!(
        ran.code == 2 && ran.err.contains("would not hold"),
        "{}",
        ran.err
    );
}

#[test]
fn checks_that_are_taken_off_are_told_alone() {
    let node = Node::new(&[(
        "taken",
        RUNNING,
        "<interface type='user'><mac address='52:54:00:00:00:07'/></interface>",
    )]);
    let words = [
        "--name",
        "x",
        "--disk",
        "none",
        "--memory",
        "64",
        "--network",
        "user,mac=52:54:00:00:00:07",
        "--dry-run",
    ];
    let ran = create(&node.uri(), &words);
    assert!(
        ran.code == 1 && ran.err.contains("that of a network interface"),
        "{}",
        ran.err
    );
    let ran = create(
        &node.uri(),
        &[&words[..], &["--check", "mac_in_use=off"]].concat(),
    );
    assert!(
        ran.code == 0 && ran.err.contains("that of a network interface"),
        "{}",
        ran.err
    );
    let ran = create(
        &node.uri(),
        &[&words[..], &["--check", "mac_in_sue=off"]].concat(),
    );
    assert!(
        ran.code == 2 && ran.err.contains("mac_in_use"),
        "{}",
        ran.err
    );
}
