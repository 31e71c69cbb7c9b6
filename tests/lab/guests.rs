//! What is read of real guests: addresses, agent facts, logs.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::SystemTime;

use virtty::model::{AddressSource, METADATA_NAMESPACE, Resource, ResourceKind, Uuid};
use virtty::protocol::{Answer, Aside, Asides, DomainVerb, Interest, News, Verb, XmlKind};

use crate::support::lab::Lab;
use crate::support::watched::Watched;

fn with_definitions(uri: &str) -> Watched {
    let mut watched = Watched::open(uri);
    watched.until("definitions", |watched| {
        (watched.rows.len() > 5 && watched.rows.values().all(|row| row.definition.is_some()))
            .then_some(())
    });
    watched
}

#[test]
fn addresses_come_from_the_agent_and_from_the_lease() {
    let lab = Lab::get();
    let mut watched = with_definitions(lab.uri());
    let uuid = watched.uuid(lab.guest());
    let Answer::Addresses(addresses) = watched.ask(Verb::ReadAddresses(uuid)).unwrap() else {
        panic!("another answer");
    };
    assert!(!addresses[0].address.is_loopback(), "{addresses:?}");
    assert_eq!(addresses[0].source, AddressSource::Agent);
    let lease = addresses
        .iter()
        .find(|found| found.source == AddressSource::Lease)
        .expect("a lease");
    assert_eq!(lease.address, addresses[0].address);
    assert_eq!(lease.mac, addresses[0].mac);
}

#[test]
fn addresses_of_what_is_on_screen_are_found_without_being_asked_for() {
    let lab = Lab::get();
    let mut watched = with_definitions(lab.uri());
    let uuid = watched.uuid(lab.guest());
    watched.fleet.interest(
        watched.id,
        Interest {
            visible: BTreeSet::from([uuid]),
            ..Interest::default()
        },
    );
    let found = watched.until("addresses", |watched| {
        watched.history.iter().find_map(|news| match news {
            News::Addresses(of, found) if *of == uuid => Some(found.clone()),
            _ => None,
        })
    });
    assert!(!found[0].address.is_loopback());
}

#[test]
fn the_agent_tells_of_the_guest() {
    let lab = Lab::get();
    let mut watched = with_definitions(lab.uri());
    let uuid = watched.uuid(lab.guest());
    let Answer::Guest(facts) = watched.ask(Verb::ReadGuest(uuid)).unwrap() else {
        panic!("another answer");
    };
    let value = |name: &str| {
        facts
            .iter()
            .find(|fact| fact.name == name)
            .map(|fact| fact.value.clone())
    };
    assert_eq!(value("Host name").as_deref(), Some(lab.guest()));
    assert!(value("/mnt").unwrap().starts_with("ext4, "), "{facts:?}");
    let without = watched.uuid("tiny-1");
    let failure = watched.ask(Verb::ReadGuest(without)).unwrap_err();
    assert!(failure.reason.contains("agent"), "{failure}");
    assert!(failure.remedy.is_some());
}

#[test]
fn the_log_is_read_where_the_daemon_keeps_it() {
    let lab = Lab::get();
    let mut watched = with_definitions(lab.uri());
    let uuid = watched.uuid("tiny-1");
    let Answer::LogTail { path, lines } = watched.ask(Verb::ReadLogTail(uuid)).unwrap() else {
        panic!("another answer");
    };
    assert!(path.ends_with("/qemu/tiny-1.log"), "{path}");
    assert!(lines.iter().any(|line| line.contains("qemu-system")));
}

#[test]
fn xml_is_read_without_its_secrets() {
    let lab = Lab::get();
    let mut watched = with_definitions(lab.uri());
    let uuid = watched.uuid("vnc-password");
    for kind in [XmlKind::Live, XmlKind::Inactive] {
        let Answer::Xml { text, .. } = watched.ask(Verb::ReadXml(uuid, kind)).unwrap() else {
            panic!("another answer");
        };
        assert!(text.contains("<graphics type='vnc'") && !text.contains("lab-pass"));
    }
}

#[test]
fn a_title_that_libvirt_cannot_read_again_is_told_and_mended() {
    let host = Lab::get().own_host("mend");
    let domain = host.tiny("broken");
    let mut watched = Watched::open(&host.uri);
    watched.until("the definition", |watched| {
        watched.row(&domain.name)?.definition.as_ref().map(drop)
    });
    host.virsh(&[
        "desc",
        &domain.name,
        "--config",
        "--title",
        "--new-desc",
        "a\u{1b}[31mb",
    ]);
    watched.until("the warning", |watched| {
        watched
            .row(&domain.name)?
            .definition
            .as_ref()?
            .breaks_at_restart
            .then_some(())
    });
    let uuid = watched.uuid(&domain.name);
    watched
        .ask(Verb::Domain(uuid, DomainVerb::MendTexts))
        .expect("mended");
    watched.until("the sound title", |watched| {
        let definition = watched.row(&domain.name)?.definition.as_ref()?;
        (!definition.breaks_at_restart).then_some(())
    });
    host.restart_daemon();
    let title = host.virsh(&["desc", &domain.name, "--title"]);
    assert_eq!(title.trim(), "a\\x1b[31mb");
}

#[test]
fn snapshots_and_starts_are_read_while_they_are_wanted() {
    let lab = Lab::get();
    let host = lab.main();
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("aside.qcow2");
    let image = image.to_str().unwrap();
    let made = Command::new("qemu-img")
        .args(["create", "-q", "-f", "qcow2", image, "1M"])
        .status();
    assert!(made.unwrap().success());
    let disk = format!(
        "<disk type='file'><driver name='qemu' type='qcow2'/><source file='{image}'/><target dev='vda'/></disk>"
    );
    let lent = host.tiny_with("aside", &disk);
    host.virsh(&["snapshot-create-as", &lent.name, "one"]);
    let mut watched = with_definitions(lab.uri());
    let (uuid, guest) = (watched.uuid(&lent.name), watched.uuid(lab.guest()));
    let asides = Asides {
        snapshots: true,
        uptime: true,
        ..Asides::default()
    };
    let interest = Interest {
        visible: BTreeSet::from([uuid, guest]),
        asides,
        ..Interest::default()
    };
    watched.fleet.interest(watched.id, interest);
    let find = |watched: &Watched, wanted: &dyn Fn(&(Uuid, Aside)) -> bool| {
        watched.history.iter().find_map(|news| match news {
            News::Asides(found) => found.iter().find(|found| wanted(found)).copied(),
            _ => None,
        })
    };
    watched.until("the snapshots", |watched| {
        find(watched, &|found| {
            *found == (uuid, Aside::Snapshots(Some(1)))
        })
    });
    let (_, started) = watched.until("the start", |watched| {
        find(watched, &|(of, aside)| {
            *of == guest && matches!(aside, Aside::Started(_))
        })
    });
    let Aside::Started(at) = started else {
        panic!("{started:?}");
    };
    assert!(at < SystemTime::now());
    // An event that tells of no snapshot makes it be counted again all the same.
    host.virsh(&["snapshot-create-as", &lent.name, "two"]);
    host.virsh(&["desc", &lent.name, "--config", "told"]);
    watched.until("the second", |watched| {
        find(watched, &|found| {
            *found == (uuid, Aside::Snapshots(Some(2)))
        })
    });
}

#[test]
fn tags_and_notes_that_virsh_wrote_are_read() {
    let lab = Lab::get();
    let host = lab.main();
    let lent = host.tiny("tagged");
    let mut watched = with_definitions(lab.uri());
    let metadata = "<domain><tag>prod</tag><notes>ask Ann</notes></domain>";
    host.virsh(&[
        "metadata",
        &lent.name,
        "--config",
        "--key",
        "virtty",
        "--uri",
        METADATA_NAMESPACE,
        "--set",
        metadata,
    ]);
    watched.until("the tag", |watched| {
        let definition = watched.row(&lent.name)?.definition.clone()?;
        (definition.tags == ["prod"] && definition.notes.as_deref() == Some("ask Ann"))
            .then_some(())
    });
}

#[test]
fn networks_pools_and_volumes_are_listed_and_how_full_pools_are_when_asked_for() {
    let lab = Lab::get();
    let mut watched = with_definitions(lab.uri());
    let found = watched.until("resources", |watched| {
        watched.history.iter().find_map(|news| match news {
            News::Resources(found) => Some(found.clone()),
            _ => None,
        })
    });
    let has = |is: &dyn Fn(&Resource) -> bool| found.iter().any(is);
    assert!(has(
        &|one| one.name == "default" && one.kind == ResourceKind::Network { active: true }
    ));
    assert!(has(&|one| one.name == "default"
        && matches!(
            &one.kind,
            ResourceKind::Pool { path: Some(_), .. }
        )));
    assert!(has(
        &|one| matches!(&one.kind, ResourceKind::Volume { pool, .. } if pool == "default")
    ));
    let fills = |news: &News| matches!(news, News::Pools(_));
    assert!(!watched.history.iter().any(fills), "nobody asked");
    let asides = Asides {
        pools: true,
        ..Asides::default()
    };
    let interest = Interest {
        asides,
        ..Interest::default()
    };
    watched.fleet.interest(watched.id, interest);
    let percent = watched.until("how full the pools are", |watched| {
        watched.history.iter().find_map(|news| match news {
            News::Pools(pools) => pools.iter().find(|pool| pool.name == "default")?.percent(),
            _ => None,
        })
    });
    assert!((0.0..=100.0).contains(&percent), "{percent}");
}

#[test]
fn a_screenshot_of_qemu_is_a_png() {
    let lab = Lab::get();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("screen.png");
    let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", lab.uri(), "screenshot", lab.guest(), "-o"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let picture = std::fs::read(&file).unwrap();
    // RFC 2083: signature, then the header with width and height.
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    let (width, height) = (number(16), number(20));
    assert!(
        (320..=4096).contains(&width) && (200..=4096).contains(&height),
        "{width}x{height}"
    );
}
