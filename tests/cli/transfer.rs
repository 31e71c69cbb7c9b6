//! `virtty export` and `virtty import`.

use std::fs;
use std::path::Path;

use super::node::{Node, RUNNING, SHUT_OFF, uuid, vnc};
use super::run::virtty;

fn export(node: &Node, folder: &Path) {
    virtty(["-c", &node.uri(), "export", folder.to_str().unwrap()]).well();
}

#[test]
fn what_was_exported_is_the_same() {
    let node = Node::new(&[
        ("web 1 $(id)", RUNNING, &vnc(5901, "127.0.0.1")),
        ("-rf", SHUT_OFF, ""),
        ("仮\u{202e}想", SHUT_OFF, ""),
    ]);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("out");
    export(&node, &folder);
    let mut files: Vec<_> = fs::read_dir(folder.join("domains"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "%2Drf.xml",
            "web%201%20%24%28id%29.xml",
            "仮%E2%80%AE想.xml"
        ]
    );
    let folder = folder.to_str().unwrap();
    let ran = virtty(["-c", &node.uri(), "import", "--json", "--dry-run", folder]).well();
    let rows = ran.json();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    for row in rows.as_array().unwrap() {
        assert_eq!(
            (&row["status"], &row["defined"]),
            (&"same".into(), &false.into())
        );
    }
}

#[test]
fn new_changed_and_refused_are_told_apart_and_nothing_is_replaced_unasked() {
    let node = Node::new(&[("web", SHUT_OFF, ""), ("db", SHUT_OFF, "")]);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("out");
    export(&node, &folder);
    let web = folder.join("domains/web.xml");
    let text = fs::read_to_string(&web).unwrap();
    fs::write(&web, text.replace(">2</vcpu>", ">4</vcpu>")).unwrap();
    let new = text
        .replace("<name>web", "<name>new")
        .replace(&uuid(0), &uuid(9));
    fs::write(folder.join("domains/new.xml"), &new).unwrap();
    let folder = folder.to_str().unwrap();
    let uri = node.uri();

    let ran = virtty(["-c", &uri, "import", "--dry-run", folder]).well();
    assert!(
        ran.out
            .contains("changed  domain    web\n         domain › vcpu: 2 → 4\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("new      domain    new\n"), "{}", ran.out);
    assert!(
        ran.out.ends_with("1 new, 1 changed, 1 same\n"),
        "{}",
        ran.out
    );

    let ran = virtty(["-c", &uri, "import", folder]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("add --yes"), "{}", ran.err);
    let ran = virtty(["-c", &uri, "import", "--yes", folder]).well();
    assert!(ran.out.ends_with("; 2 defined\n"), "{}", ran.out);
    let ran = virtty(["-c", &uri, "-r", "import", "--yes", folder]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("read-only"), "{}", ran.err);

    // What libvirt would drop in silence stops everything before anything is done.
    fs::write(
        web,
        new.replace("<vcpu", "<vcqu").replace("</vcpu>", "</vcqu>"),
    )
    .unwrap();
    let ran = virtty(["-c", &uri, "import", "--yes", folder]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("refused  domain"), "{}", ran.out);
    assert!(
        ran.err.contains("domains/web.xml: line ") && ran.err.contains("vcqu"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("nothing was defined"), "{}", ran.err);
}

#[test]
fn clashes_of_names_and_uuids_are_told() {
    let node = Node::new(&[("web", SHUT_OFF, ""), ("db", SHUT_OFF, "")]);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("out");
    export(&node, &folder);
    let web = folder.join("domains/web.xml");
    let db = folder.join("domains/db.xml");
    let text = fs::read_to_string(&web).unwrap();
    fs::write(&web, text.replace("<name>web", "<name>other")).unwrap();
    fs::write(
        &db,
        text.replace("<name>web", "<name>db")
            .replace(&uuid(0), &uuid(9)),
    )
    .unwrap();
    fs::write(
        folder.join("domains/net.xml"),
        "<network><name>n</name></network>",
    )
    .unwrap();
    let ran = virtty([
        "-c",
        &node.uri(),
        "import",
        "--dry-run",
        folder.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 1);
    for words in [
        "domains/web.xml: the domain of this UUID is called 'web' there, not 'other'",
        "domains/db.xml: there is another domain 'db' with the UUID",
        "domains/net.xml: defines a <network>",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
}

#[test]
fn a_foreign_folder_is_left_alone() {
    let node = Node::new(&[("web", SHUT_OFF, "")]);
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("thesis.tex"), "x").unwrap();
    let path = place.path().to_str().unwrap();
    let said = virtty(["-c", &node.uri(), "export", path]).failed(2);
    assert!(said.contains("is left alone"), "{said}");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    let said = virtty(["-c", &node.uri(), "import", path]).failed(1);
    assert!(said.contains("no definitions"), "{said}");
    let two = ["-c", &node.uri(), "-c", &node.uri(), "export", path];
    assert!(virtty(two).failed(2).contains("one host"));
}
