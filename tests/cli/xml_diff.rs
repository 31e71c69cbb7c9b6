//! `virtty xml diff`: what differs, told element by element; 0, 1 and 2 as diff ends.

use super::run::{Ran, virtty_with_input};

fn diff(before: &str, after: &str, more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("before.xml");
    std::fs::write(&file, before).unwrap();
    let mut line = vec!["xml", "diff", file.to_str().unwrap(), "-"];
    line.extend(more);
    virtty_with_input(&line, after.as_bytes())
}

const BEFORE: &str = "<domain type='kvm'>
  <name>d</name>
  <devices>
    <disk type='file'><source file='/a'/><target dev='vda'/></disk>
    <graphics type='vnc' passwd='geheim'/>
  </devices>
</domain>
";

#[test]
fn what_differs_is_told_with_its_way() {
    let ran = diff(BEFORE, &BEFORE.replace("'/a'", "'/b'"), &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(
        ran.out,
        "domain › devices › disk[vda] › source @file: /a → /b\n"
    );
}

#[test]
fn the_same_in_another_form_is_no_difference() {
    let other = "\u{feff}<?xml version=\"1.0\"?><!-- c -->\n<domain type=\"kvm\"><devices>\r
        <graphics passwd=\"geheim\" type=\"vnc\"/><disk type=\"file\"><target dev=\"vda\"/><source file=\"/a\"></source></disk>
        </devices><name>d</name></domain>";
    assert_eq!(diff(BEFORE, other, &[]).well().out, "");
}

#[test]
fn no_password_is_printed() {
    let after = BEFORE.replace("geheim", "neu-und-geheim");
    for more in [&[][..], &["--json"]] {
        let ran = diff(BEFORE, &after, more);
        assert_eq!(ran.code, 1);
        assert!(
            ran.out.contains("passwd") && !ran.out.contains("geheim"),
            "{}",
            ran.out
        );
    }
    let without = BEFORE.replace("    <graphics type='vnc' passwd='geheim'/>\n", "");
    let ran = diff(BEFORE, &without, &[]);
    assert!(ran.out.contains("removed <graphics") && !ran.out.contains("geheim"));
}

#[test]
fn json_has_a_row_for_each_change() {
    let ran = diff(BEFORE, &BEFORE.replace("'/a'", "'/b'"), &["--json"]);
    let rows = ran.json();
    assert_eq!(rows[0]["path"], "domain › devices › disk[vda] › source");
    assert_eq!(rows[0]["kind"], "attribute");
    assert_eq!(rows[0]["attribute"], "file");
    assert_eq!(
        (rows[0]["from"].as_str(), rows[0]["to"].as_str()),
        (Some("/a"), Some("/b"))
    );
    assert_eq!(diff(BEFORE, BEFORE, &["--json"]).well().out, "[]\n");
}

#[test]
fn what_cannot_be_compared_ends_with_two() {
    for bad in [
        "",
        "<domain>",
        "<domain>\0</domain>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    ] {
        let ran = diff(BEFORE, bad, &[]);
        assert_eq!(ran.code, 2, "{bad}");
        assert!(ran.err.contains("-: "), "{}", ran.err);
    }
    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    assert_eq!(diff(BEFORE, &deep, &[]).code, 2);
}
