//! Events of a real host: of everything, in storms, and followed by a command.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use virtty::model::{EventObject, ObjectChange};
use virtty::protocol::News;

use crate::support::lab::{Host, Lab, tiny_xml};
use crate::support::watched::Watched;

fn define(host: &Host, command: &str, xml: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), xml).unwrap();
    host.virsh(&[command, file.path().to_str().unwrap()]);
}

fn told(watched: &Watched) -> BTreeSet<(EventObject, String, bool)> {
    let object = |news: &News| match news {
        News::ObjectEvent(event) => {
            let lifecycle = matches!(event.change, ObjectChange::Lifecycle { .. });
            Some((event.object, event.name.clone(), lifecycle))
        }
        _ => None,
    };
    watched.history.iter().filter_map(object).collect()
}

#[test]
fn networks_pools_and_secrets_tell_their_events() {
    let lab = Lab::get();
    let host = lab.own_host("objects");
    let mut watched = Watched::open(&host.uri);
    watched.until("an open host", |watched| {
        watched.opened.as_ref().map(|_| ())
    });
    // The registrations come behind the table; when the last is there, is known by its first event alone.
    let mut tries = 0;
    watched.until("an event of a network", |watched| {
        tries += 1;
        if tries % 200 == 1 {
            define(&host, "net-define", "<network><name>n</name></network>");
        }
        told(watched)
            .contains(&(EventObject::Network, "n".to_owned(), true))
            .then_some(())
    });
    watched.until("events of pools and secrets", |watched| {
        tries += 1;
        if tries % 200 == 1 {
            define(&host, "pool-define", "<pool type='dir'><name>p</name><target><path>/tmp</path></target></pool>");
            let _ = host.try_virsh(&["pool-start", "p"]);
            host.virsh(&["pool-refresh", "p"]);
            define(
                &host,
                "secret-define",
                "<secret ephemeral='no' private='no'><uuid>6f1d0c5e-0000-4000-8000-000000000001</uuid>\
                 <usage type='ceph'><name>c</name></usage></secret>",
            );
        }
        let told = told(watched);
        let has = |object, name: &str, lifecycle| told.contains(&(object, name.to_owned(), lifecycle));
        (has(EventObject::Pool, "p", true)
            && has(EventObject::Pool, "p", false)
            && has(EventObject::Secret, "c", true))
        .then_some(())
    });
}

#[test]
fn a_command_follows_events() {
    let lab = Lab::get();
    let host = lab.own_host("follow");
    define(&host, "define", &tiny_xml("web", ""));
    let mut child = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args([
            "-c",
            &host.uri,
            "events",
            "--follow",
            "--json",
            "--count",
            "1",
            "name:web",
            "kind:lifecycle",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    // It says nothing when it is ready: the domain comes and goes until it has seen it.
    let line = std::thread::scope(|scope| {
        let reader = scope.spawn(|| output.lines().next().unwrap().unwrap());
        while !reader.is_finished() {
            host.virsh(&["start", "web"]);
            host.virsh(&["destroy", "web"]);
        }
        reader.join().unwrap()
    });
    assert!(
        line.contains("\"name\":\"web\"") && line.contains("\"event\":\"lifecycle\""),
        "{line}"
    );
    assert!(child.wait().unwrap().success());
}

#[test]
fn two_hundred_domains_come_and_go_while_they_are_listed() {
    let lab = Lab::get();
    let host = lab.own_host("churn");
    let mut watched = Watched::open(&host.uri);
    watched.until("an open host", |watched| {
        watched.opened.as_ref().map(|_| ())
    });
    let files: Vec<_> = (0..200)
        .map(|number| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), tiny_xml(&format!("churn-{number}"), "")).unwrap();
            file
        })
        .collect();
    // One virsh for all of a round.
    let script = |verb: &dyn Fn(usize) -> String| {
        (0..200)
            .map(|number| verb(number) + "; ")
            .collect::<String>()
    };
    let make = script(&|number| format!("define {}", files[number].path().display()));
    let remove = script(&|number| format!("undefine churn-{number}"));
    for _ in 0..3 {
        host.virsh(&[&make]);
        watched.until("200 rows", |watched| {
            (watched.rows.len() == 200).then_some(())
        });
        host.virsh(&[&remove]);
        watched.until("no rows", |watched| watched.rows.is_empty().then_some(()));
    }
    assert!(watched.failures().is_empty());
}
