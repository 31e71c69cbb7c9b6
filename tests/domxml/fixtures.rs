//! The table of fixtures: one document, the endpoints it has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use virtty::domxml::{Secrets, XmlError, definition, endpoints};
use virtty::model::Endpoint;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/graphics")
}

fn row(endpoint: &Endpoint) -> String {
    let port = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
    let password = match endpoint.password {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let cells = [
        endpoint.kind.word(),
        endpoint.host.as_deref().unwrap_or_default(),
        &port(endpoint.port),
        &port(endpoint.tls_port),
        &port(endpoint.websocket_port),
        endpoint.socket.as_deref().unwrap_or_default(),
        endpoint.listen.map_or("", |listen| listen.word()),
        endpoint.reach.map_or("", |reach| reach.word()),
        password,
    ];
    cells.join("\t").trim_end().to_owned()
}

fn read(xml: &str) -> BTreeSet<String> {
    let endpoints = endpoints(xml, Secrets::LeftOut).unwrap();
    let refused = endpoints.refused.iter().map(|error| match error {
        XmlError::BadValue { place, .. } => format!("error\t{place}"),
        other => panic!("{other}"),
    });
    let mut rows: BTreeSet<_> = endpoints.found.iter().map(row).chain(refused).collect();
    if rows.is_empty() {
        rows.insert("none".to_owned());
    }
    rows
}

fn expected() -> BTreeMap<String, BTreeSet<String>> {
    let table = fs::read_to_string(folder().join("expected.tsv")).unwrap();
    let mut expected = BTreeMap::<_, BTreeSet<_>>::new();
    for line in table.lines().skip(1) {
        let (fixture, row) = line.split_once('\t').unwrap();
        let rows = expected.entry(fixture.to_owned()).or_default();
        rows.insert(row.to_owned());
    }
    expected
}

#[test]
fn every_fixture_has_the_endpoints_of_the_table() {
    let expected = expected();
    let files: BTreeSet<_> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let is_xml = path.extension().is_some_and(|extension| extension == "xml");
            is_xml.then(|| path.file_stem().unwrap().to_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(files, expected.keys().cloned().collect::<BTreeSet<_>>());
    for (fixture, rows) in &expected {
        let xml = fs::read_to_string(folder().join(format!("{fixture}.xml"))).unwrap();
        assert_eq!(&read(&xml), rows, "{fixture}");
    }
}

#[test]
fn inactive_xml_has_no_endpoints_whatever_it_names() {
    for fixture in expected().keys() {
        let xml = fs::read_to_string(folder().join(format!("{fixture}.xml"))).unwrap();
        assert_eq!(definition(&xml, false).unwrap().endpoints, [], "{fixture}");
        let off = xml.replacen(" id='7'", "", 1);
        let found = endpoints(&off, Secrets::LeftOut).unwrap();
        assert_eq!(
            (found.found.len(), found.refused.len()),
            (0, 0),
            "{fixture}"
        );
    }
}

#[test]
fn with_secrets_an_absent_password_is_none() {
    for (fixture, password) in [
        ("vnc-fixed", Some(false)),
        ("vnc-password", Some(true)),
        ("spice-tls", Some(false)),
        ("serial-tcp", None),
        ("dbus", None),
    ] {
        let xml = fs::read_to_string(folder().join(format!("{fixture}.xml"))).unwrap();
        let found = endpoints(&xml, Secrets::Included).unwrap().found;
        assert_eq!(found[0].password, password, "{fixture}");
    }
}
