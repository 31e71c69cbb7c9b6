//! Whoever is not let in, or not let do it, is told so in one sentence with the way out. Polkit, SASL and TLS are in
//! `login`; here is the socket that only lets people look.

use std::process::Command;

use crate::support::lab::Lab;
use crate::support::watched::Watched;

#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains("connect to the read-write socket"), "{said}");
    said
}

#[test]
fn the_socket_for_looking_refuses_in_one_sentence() {
    let lab = Lab::get();
    let uri = lab.uri_ro();
    for command in [
        &["suspend", "tiny-1"][..],
        &["shutdown", "tiny-1"],
        &["desc", "tiny-1", "x"],
        &["autostart", "tiny-1"],
    ] {
        refused(&[&["-c", uri], command].concat());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    refused(&[
        "-c",
        uri,
        "export",
        "--security-info",
        path.to_str().unwrap(),
    ]);
    assert!(!path.exists(), "nothing is written by halves");
    // The same when the connection itself was opened so.
    refused(&["-c", lab.uri(), "-r", "suspend", "tiny-1"]);
}

#[test]
fn what_the_socket_refuses_is_not_offered() {
    let mut watched = Watched::open(Lab::get().uri_ro());
    let readonly = watched.until("an open host", |watched| {
        watched.opened.as_ref().map(|opened| opened.readonly)
    });
    assert!(readonly);
}
