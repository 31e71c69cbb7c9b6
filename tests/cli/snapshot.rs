//! `virtty snapshot` on the test driver, whose snapshots stand in its file.

use std::fs;

use serde_json::Value;
use tempfile::NamedTempFile;

use super::run::{Ran, virtty};

const UUID: &str = "6f1d0c5e-0000-4000-8000-000000000001";

/// A host with one domain that has these snapshots: name (as XML text), parent, time.
fn host(snapshots: &[(&str, Option<&str>, u32)]) -> NamedTempFile {
    let domain = format!(
        "<name>web</name><uuid>{UUID}</uuid><memory>1024</memory><os><type>hvm</type></os>"
    );
    let mut xml = format!(
        "<node><domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>{domain}\
         <test:runstate>1</test:runstate>"
    );
    for (at, (name, parent, time)) in snapshots.iter().enumerate() {
        let parent = parent.map_or_else(String::new, |parent| {
            format!("<parent><name>{parent}</name></parent>")
        });
        let active = u8::from(at + 1 == snapshots.len());
        xml.push_str(&format!(
            "<test:domainsnapshot><name>{name}</name>{parent}<state>running</state><creationTime>{time}</creationTime>\
             <domain type='test'>{domain}</domain><active>{active}</active></test:domainsnapshot>"
        ));
    }
    xml.push_str("</domain></node>");
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), xml).unwrap();
    file
}

fn on(host: &NamedTempFile, words: &[&str]) -> Ran {
    let uri = format!("test://{}", host.path().display());
    virtty(["-c", uri.as_str(), "snapshot"].iter().chain(words))
}

#[test]
fn a_tree_is_listed_by_parent_and_date() {
    let host = host(&[
        ("b", Some("a"), 1_700_000_300),
        ("a", None, 1_700_000_000),
        ("late", Some("a"), 1_700_000_400),
        ("under b", Some("b"), 1_700_000_500),
    ]);
    let listed = on(&host, &["list", "web"]).well().out;
    let names: Vec<_> = listed
        .lines()
        .skip(1)
        .map(|line| line.split("  20").next().unwrap().trim_end())
        .collect();
    assert_eq!(names, ["a", "  b", "    under b *", "  late"]);
    let json = on(&host, &["list", "web", "--json"]).well().json();
    let first = &json[0];
    for (field, value) in [
        ("name", Value::from("a")),
        ("parent", Value::Null),
        ("created", Value::from("2023-11-14T22:13:20Z")),
        ("state", Value::from("running")),
        ("kind", Value::from("internal")),
        ("current", Value::from(false)),
        ("description", Value::Null),
    ] {
        assert_eq!(first[field], value, "{field}");
    }
    let mut fields: Vec<_> = first.as_object().unwrap().keys().collect();
    fields.sort();
    let known = [
        "created",
        "current",
        "description",
        "kind",
        "name",
        "parent",
        "state",
    ];
    assert_eq!(fields, known);
    assert_eq!(json[2]["name"], "under b");
    assert_eq!(json[2]["current"], true);
}

#[test]
fn hostile_names_stay_selectable_and_are_shown_escaped() {
    let names = [
        "a&#10;b",
        "x&#x202e;y",
        "-rf",
        "--help",
        "$(reboot)",
        " ",
        "t&#9;t",
    ];
    for at in 0..names.len() {
        let all: Vec<_> = names
            .iter()
            .zip(1..)
            .map(|(name, time)| (*name, None, time))
            .collect();
        let host = host(&all);
        let json = on(&host, &["list", "web", "--json"]).well().json();
        let exact: Vec<_> = json
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(exact.len(), names.len());
        let listed = on(&host, &["list", "web"]).well().out;
        assert!(
            !listed
                .chars()
                .any(|c| c == '\u{202e}' || (c.is_control() && c != '\n')),
            "{listed:?}"
        );
        assert_eq!(listed.lines().count(), names.len() + 1, "{listed}");
        let reverted = on(&host, &["revert", "--yes", "web", "--", &exact[at]]).well();
        assert!(reverted.out.contains("web is as it was"));
        let deleted = on(
            &host,
            &["delete", "--yes", "--json", "web", "--", &exact[at]],
        )
        .well();
        assert_eq!(deleted.json()["name"], exact[at].as_str());
    }
    let host = host(&[("a&#10;b", None, 1)]);
    let deleted = on(&host, &["delete", "--yes", "web", r"a\nb"]).well();
    assert_eq!(deleted.out, "The snapshot 'a\\nb' of web is deleted.\n");
}

#[test]
fn what_loses_something_wants_a_yes() {
    let host = host(&[("one", None, 1)]);
    let said = on(&host, &["revert", "web", "one"]).failed(2);
    assert!(
        said.contains("back to the snapshot 'one'") && said.contains("--yes"),
        "{said}"
    );
    let said = on(&host, &["delete", "web", "one", "--children"]).failed(2);
    assert!(said.contains("all that descend from it"), "{said}");
    let said = on(&host, &["delete", "--yes", "web", "nosuch"]).failed(1);
    assert!(said.contains("'web' has no snapshot 'nosuch'"), "{said}");
    let uri = format!("test://{}", host.path().display());
    let said = virtty(["-c", &uri, "snapshot-revert", "web", "one"]).failed(2);
    assert!(said.contains("--yes"), "{said}");
    virtty(["-c", &uri, "snapshot-revert", "web", "one", "--yes"]).well();
}

#[test]
fn one_is_taken_and_told() {
    let host = host(&[("one", None, 1)]);
    let taken = on(
        &host,
        &["create", "web", "two", "--description", "before", "--json"],
    )
    .well();
    let taken = taken.json();
    assert_eq!(
        (&taken["name"], &taken["parent"]),
        (&Value::from("two"), &Value::from("one"))
    );
    let taken = on(&host, &["create", "web", "--name=-x"]).well();
    assert_eq!(taken.out, "The snapshot '-x' of web was taken.\n");
    let said = on(&host, &["create", "web", "one"]).failed(1);
    assert!(said.contains("Take a snapshot of 'web'"), "{said}");
}
