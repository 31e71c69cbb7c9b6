//! `virtty xml check`: where it stands, what is wrong, what would have been right.

use std::path::Path;
use std::time::Instant;

use super::run::{Ran, virtty, virtty_with_input};

/// A domain, a line each, with `more` before its devices.
fn domain(more: &str, devices: &str) -> String {
    format!(
        "<domain type='qemu'>\n<name>d</name>\n<memory unit='MiB'>64</memory>\n<os><type>hvm</type></os>\n{more}\n\
         <devices>\n{devices}\n</devices>\n</domain>\n"
    )
}

fn check(document: impl AsRef<[u8]>) -> Ran {
    virtty_with_input(&["xml", "check", "-"], document.as_ref())
}

/// Line, column and message of the first finding.
fn first(document: impl AsRef<[u8]>) -> (u64, u64, String) {
    let ran = check(document);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    let line = ran.out.lines().next().unwrap().strip_prefix("-:").unwrap();
    let (line, rest) = line.split_once(':').unwrap();
    let (column, message) = rest.split_once(": error: ").unwrap();
    (
        line.parse().unwrap(),
        column.parse().unwrap(),
        message.to_owned(),
    )
}

#[test]
fn what_libvirt_takes_is_valid() {
    let plain = domain(
        "",
        "<disk type='file'><source file='/x'/><target dev='vda'/></disk>",
    );
    assert_eq!(check(&plain).well().out, "");
    check(format!("\u{feff}{plain}")).well();
    check(plain.replace('\n', "\r\n")).well();
    check(format!("<?xml version='1.0' encoding='UTF-8'?>\n{plain}")).well();
    check("<network><name>n</name></network>").well();
    check("<secret ephemeral='no' private='no'><usage type='volume'><volume>/x</volume></usage></secret>").well();
}

#[test]
fn the_element_at_fault_is_named_and_the_nearest_spelling() {
    assert_eq!(
        first(domain("<on_rebot>restart</on_rebot>", "")),
        (
            5,
            1,
            "<on_rebot> is not allowed in <domain> here (did you mean <on_reboot>?)".to_owned()
        )
    );
    assert_eq!(
        first(domain(
            "",
            "<disk type='file'>\n<source flie='/x'/>\n<target dev='vda'/>\n</disk>"
        )),
        (
            8,
            9,
            "<source> has no attribute 'flie' here (did you mean 'file'?)".to_owned()
        )
    );
    let (line, column, message) = first(domain("<vcpu placement='statc'>2</vcpu>", ""));
    assert_eq!((line, column), (5, 7));
    assert_eq!(
        message,
        "'statc' is no valid placement of <vcpu> (did you mean static?)"
    );
    let (line, _, message) = first(domain(
        "",
        "<disk type='file'>\n<source file='/x'/>\n</disk>",
    ));
    assert_eq!((line, message.as_str()), (7, "<disk> lacks <target>"));
    let (line, _, message) = first(domain("<memory>1</memory>", ""));
    assert_eq!(line, 5);
    assert_eq!(
        message,
        "a second <memory> is not allowed in <domain> (the first is on line 3)"
    );
    let (line, _, message) = first(domain("<qemu:commandline/>", ""));
    assert_eq!(line, 5);
    assert!(
        message.starts_with("the prefix 'qemu' stands for no namespace"),
        "{message}"
    );
    let (line, _, message) = first(domain("<vcpu>1,5</vcpu>", ""));
    assert_eq!(line, 5);
    assert!(message.starts_with("'1,5' is no valid <vcpu>"), "{message}");
}

#[test]
fn a_form_that_no_parser_takes_is_told_with_its_place() {
    let (line, _, message) = first(domain("<title>load < 5</title>", ""));
    assert_eq!(line, 5);
    assert!(message.contains("invalid element name"), "{message}");
    let mut bytes = domain("<title>caf", "").into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'c').unwrap();
    bytes.insert(
        bytes.windows(3).position(|w| w == b"caf").unwrap() + 3,
        0xff,
    );
    assert!(at > 0);
    let (line, column, message) = first(bytes);
    assert_eq!((line, column), (5, 11));
    assert!(message.contains("0xff) is not UTF-8"), "{message}");
    let (_, _, message) = first(domain("<title>a\0b</title>", ""));
    assert!(message.contains("NUL character"), "{message}");
    let (_, _, message) = first("");
    assert!(message.contains("empty"), "{message}");
    let (_, _, message) = first("<domian/>");
    assert!(message.contains("did you mean <domain>?"), "{message}");
}

#[test]
fn what_is_not_closed_is_told_where_it_was_opened() {
    let ran = check(domain("<vcpu>2", ""));
    let told: Vec<_> = ran.out.lines().collect();
    assert!(
        told[0].contains(":5:1: error: <vcpu> is not closed"),
        "{told:?}"
    );
    assert!(
        told[1].contains("Opening and ending tag mismatch"),
        "{told:?}"
    );
    let (line, column, message) = first(domain(
        "<vcpu placement='static>2</vcpu>\n<on_reboot>restart</on_reboot>",
        "",
    ));
    assert_eq!((line, column), (5, 17), "{message}");
}

#[test]
fn hostile_documents_end_soon() {
    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    let wide = domain("", &"<bogus/>".repeat(200_000));
    let attributes = format!("<domain {}/>", "a='1' ".repeat(100_000));
    let large = domain(
        &format!("<description>{}</description>", "x".repeat(5_000_000)),
        "",
    );
    let mut bomb = String::from("<!DOCTYPE d [<!ENTITY a0 'xxxxxxxxxx'>");
    for level in 1..10 {
        let inner = format!("&a{};", level - 1).repeat(10);
        bomb.push_str(&format!("<!ENTITY a{level} '{inner}'>"));
    }
    bomb.push_str("]><domain type='qemu'><title>&a9;</title></domain>");
    let begun = Instant::now();
    for document in [deep, wide, attributes, large, bomb] {
        let ran = check(document);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.out.len() < 64 * 1024);
    }
    // For ever is what is looked for here, not how fast it is.
    assert!(begun.elapsed().as_secs() < 60);
}

#[test]
fn no_entity_reads_a_file() {
    let document = "<!DOCTYPE d [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>\
        <domain type='qemu'><name>d</name><title>&f;</title><memory>1</memory><os><type>hvm</type></os></domain>";
    let ran = check(document);
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    if !host.trim().is_empty() {
        assert!(!ran.out.contains(host.trim()) && !ran.err.contains(host.trim()));
    }
}

#[test]
fn what_libxml2_alone_refuses_is_told_at_its_place() {
    let apart = "<domain type='qemu'>\n  <name>d</name>\n  <memory>1</memory>\n  \
        <uuid>994fa836-5709-5d71-9dce-579d6520fb8c</uuid>\n  <os><type>hvm</type></os><vcpu>1</vcpu>\n</domain>";
    let (line, column, message) = first(apart);
    assert_eq!((line, column), (4, 3), "{message}");
    assert!(
        message.contains("<uuid>") && message.contains("behind each other"),
        "{message}"
    );
    let file = "<!DOCTYPE d [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>\n<domain type='qemu'><name>d</name>\n\
        <title>&f;</title><memory>1</memory><os><type>hvm</type></os></domain>";
    let (line, _, message) = first(file);
    assert_eq!(line, 3, "{message}");
    assert!(message.contains("stands for a file"), "{message}");
}

#[test]
fn what_cannot_be_checked_is_neither_right_nor_wrong() {
    let ran = virtty(["xml", "check", "/nonexistent/d.xml"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("/nonexistent/d.xml: not checked: "));
    let ran = virtty_with_input(
        &["xml", "check", "--schemas", "/nonexistent", "-"],
        domain("", "").as_bytes(),
    );
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("there is no schema"), "{}", ran.err);
    assert!(Path::new("/usr/share/libvirt/schemas/domain.rng").is_file());
}

#[test]
fn json_has_every_finding_of_every_file() {
    let ran = virtty_with_input(
        &["xml", "check", "--json", "-"],
        domain("<on_rebot/>", "").as_bytes(),
    );
    assert_eq!(ran.code, 1);
    let rows = ran.json();
    assert_eq!(rows[0]["file"], "-");
    assert_eq!(rows[0]["kind"], "domain");
    assert_eq!(rows[0]["valid"], false);
    assert_eq!(rows[0]["unchecked"], serde_json::Value::Null);
    assert_eq!(rows[0]["findings"][0]["line"], 5);
    assert_eq!(rows[0]["findings"][0]["severity"], "error");
    assert_eq!(rows[0]["findings"][0]["hint"], "did you mean <on_reboot>?");
}
