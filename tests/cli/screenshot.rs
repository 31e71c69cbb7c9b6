//! `virtty screenshot`; the test driver has one picture for all its domains.

use std::fs;

use super::node::{Node, RUNNING, SHUT_OFF};
use super::run::virtty;

#[test]
fn the_picture_is_in_the_file_that_was_named() {
    let node = Node::new(&[("web 1", RUNNING, ""), ("off", SHUT_OFF, "")]);
    let uri = node.uri();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("screen.png");
    fs::write(&file, "old").unwrap();
    let path = file.to_str().unwrap();
    let said = virtty(["-c", &uri, "screenshot", "web 1", "-o", path])
        .well()
        .out;
    assert_eq!(said, format!("The screen of web 1 is in {path}.\n"));
    assert!(fs::read(&file).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
    let said = virtty(["-c", &uri, "screenshot", "off", "-o", path]).failed(3);
    assert!(said.contains("'off' is not running (shut off)"), "{said}");
    let said = virtty(["-c", &uri, "screenshot", "nosuch", "-o", path]).failed(5);
    assert!(said.contains("there is no domain 'nosuch'"), "{said}");
    let nowhere = folder.path().join("no/such/screen.png");
    let said = virtty([
        "-c",
        &uri,
        "screenshot",
        "web 1",
        "-o",
        nowhere.to_str().unwrap(),
    ])
    .failed(1);
    assert!(said.contains("screen.png: No such file"), "{said}");
}
