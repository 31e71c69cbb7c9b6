//! Documents compared, merged and edited as people do it.

use proptest::prelude::*;

use super::*;

const DOMAIN: &str = "<domain type='kvm'>
  <name>db-1</name>
  <!-- of the database -->
  <memory unit='KiB'>1048576</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='x86_64'>hvm</type>
    <boot dev='hd'/>
    <boot dev='network'/>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/images/a.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/images/b.qcow2'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
    </interface>
    <graphics type='vnc' port='-1' passwd='secret'/>
  </devices>
</domain>
";

fn told(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (Tree::parse(before).unwrap(), Tree::parse(after).unwrap());
    let found = changes(&before, &after);
    assert_eq!(found.is_empty(), is_equal(&before, &after));
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn each_change_is_told_with_its_way() {
    let told = |from: &str, to: &str| told(DOMAIN, &DOMAIN.replacen(from, to, 1));
    assert_eq!(
        told("/images/a.qcow2", "/images/c.qcow2"),
        ["domain › devices › disk[vda] › source @file: /images/a.qcow2 → /images/c.qcow2"]
    );
    assert_eq!(
        told("<vcpu>2</vcpu>", "<vcpu current='1'>4</vcpu>"),
        ["domain › vcpu @current: added 1", "domain › vcpu: 2 → 4"]
    );
    assert_eq!(
        told("passwd='secret'", "passwd='other'"),
        ["domain › devices › graphics[vnc] @passwd: •••••• → ••••••"]
    );
    assert_eq!(
        told("  <graphics type='vnc' port='-1' passwd='secret'/>\n", ""),
        [
            "domain › devices › graphics[vnc]: removed <graphics type='vnc' port='-1' passwd='••••••'/>"
        ]
    );
    assert_eq!(
        told(
            "<boot dev='hd'/>\n    <boot dev='network'/>",
            "<boot dev='network'/><boot dev='hd'/>"
        ),
        ["domain › os: another order"]
    );
    // The same disk under another name, and the same card with another address.
    assert_eq!(
        told("dev='vda'", "dev='sda'"),
        ["domain › devices › disk[vda] › target @dev: vda → sda"]
    );
    assert_eq!(
        told("52:54:00:00:00:01", "52:54:00:00:00:02"),
        [
            "domain › devices › interface[52:54:00:00:00:01] › mac @address: 52:54:00:00:00:01 → 52:54:00:00:00:02"
        ]
    );
}

#[test]
fn order_of_devices_blanks_comments_and_quotes_are_no_change() {
    let at = DOMAIN.find("    <interface").unwrap();
    let end = DOMAIN.find("    <graphics").unwrap();
    let moved = format!("{}{}", &DOMAIN[..at], &DOMAIN[end..])
        .replacen(
            "<devices>\n",
            &format!("<devices>\n{}", &DOMAIN[at..end]),
            1,
        )
        .replace('\'', "\"")
        .replace("  <!-- of the database -->\n", "")
        .replace("    ", "\t");
    assert_eq!(told(DOMAIN, &moved), [""; 0]);
    assert_eq!(adopt(DOMAIN, &moved).unwrap(), DOMAIN);
}

#[test]
fn what_comes_in_changes_its_lines_alone() {
    let end = "</disk>\n    <interface";
    let more = "</disk>\n    <disk type='block' device='disk'>\n      <source dev='/dev/x'/>\n      <target dev='vdc'/>\n    </disk>\n    <interface";
    for content in [
        DOMAIN.replacen("<vcpu>2</vcpu>", "<vcpu>3</vcpu>", 1),
        DOMAIN.replacen("bus='virtio'", "bus='scsi'", 1),
        DOMAIN.replacen(end, more, 1),
        DOMAIN.replacen("  <vcpu>2</vcpu>\n", "", 1),
        DOMAIN.replacen("port='-1' ", "", 1),
    ] {
        assert_eq!(adopt(DOMAIN, &content).unwrap(), content);
        // As libvirt writes it: without the comment, in other quotes.
        let foreign = content
            .replace('\'', "\"")
            .replace("  <!-- of the database -->\n", "");
        let adopted = adopt(DOMAIN, &foreign).unwrap();
        assert_eq!(adopted.replace('"', "'"), content);
    }
}

#[test]
fn changes_of_two_come_together() {
    let theirs = DOMAIN.replace("<vcpu>2</vcpu>", "<vcpu>3</vcpu>").replacen(
        "type='qcow2'",
        "type='qcow2' io='native'",
        1,
    );
    let mine = DOMAIN.replace("1048576", "2097152").replacen(
        "type='qcow2'",
        "type='qcow2' cache='none'",
        1,
    );
    let merged = merge(DOMAIN, &theirs, &mine);
    assert!(merged.is_clean(), "{:?}", merged.conflicts);
    let both = mine.replace("<vcpu>2</vcpu>", "<vcpu>3</vcpu>").replacen(
        "cache='none'",
        "cache='none' io='native'",
        1,
    );
    assert_eq!(merged.text, both);
    assert_eq!(merge(DOMAIN, DOMAIN, &mine).text, mine);
    assert_eq!(merge(DOMAIN, &mine, DOMAIN).text, mine);
    assert_eq!(merge(DOMAIN, &mine, &mine).text, mine);
}

#[test]
fn what_contradicts_stands_marked_in_the_text() {
    let theirs = DOMAIN
        .replace("<vcpu>2</vcpu>", "<vcpu>3</vcpu>")
        .replace("a.qcow2", "t.qcow2");
    let mine = DOMAIN
        .replace("<vcpu>2</vcpu>", "<vcpu>4</vcpu>")
        .replace("db-1", "db-2");
    let merged = merge(DOMAIN, &theirs, &mine);
    let what: Vec<_> = merged.conflicts.iter().map(|c| c.what.as_str()).collect();
    assert_eq!(what, ["domain › vcpu"]);
    assert!(
        merged.text.contains(
            "<<<<<<< mine\n  <vcpu>4</vcpu>\n=======\n  <vcpu>3</vcpu>\n>>>>>>> theirs\n"
        )
    );
    assert!(merged.text.contains("t.qcow2") && merged.text.contains("db-2"));
    assert_eq!((merged.marked[0].start, merged.marked[0].end), (4, 9));
}

#[test]
fn one_removes_what_the_other_changes() {
    let start = DOMAIN.find("    <disk").unwrap();
    let end = DOMAIN.find("</disk>\n").unwrap() + "</disk>\n".len();
    let without = format!("{}{}", &DOMAIN[..start], &DOMAIN[end..]);
    let changed = DOMAIN.replace("a.qcow2", "c.qcow2");
    let merged = merge(DOMAIN, &without, &changed);
    assert_eq!(merged.conflicts[0].what, "domain › devices › disk[vda]");
    let merged = merge(DOMAIN, &changed, &without);
    assert_eq!(merged.conflicts[0].what, "domain › devices › disk[vda]");
    assert!(merged.text.contains("c.qcow2"));
    assert!(merge(DOMAIN, &without, &without).is_clean());
}

#[test]
fn both_add_a_device_of_one_name() {
    let add = |file: &str| {
        let disk = format!(
            "<devices>\n    <disk type='file'>\n      <source file='{file}'/>\n      <target dev='vdx'/>\n    </disk>"
        );
        DOMAIN.replacen("<devices>", &disk, 1)
    };
    let merged = merge(DOMAIN, &add("/1"), &add("/2"));
    assert_eq!(merged.conflicts[0].what, "domain › devices › disk[vdx]");
    assert!(merge(DOMAIN, &add("/1"), &add("/1")).is_clean());
}

#[test]
fn a_broken_draft_is_merged_by_lines() {
    let theirs = DOMAIN.replace("<vcpu>2</vcpu>", "<vcpu>3</vcpu>");
    let mine = DOMAIN.replace("</interface>", "</interf");
    let merged = merge(DOMAIN, &theirs, &mine);
    assert!(merged.is_clean());
    assert_eq!(
        merged.text,
        mine.replace("<vcpu>2</vcpu>", "<vcpu>3</vcpu>")
    );
    let mine = DOMAIN.replace("<vcpu>2</vcpu>", "<vcpu>");
    let merged = merge(DOMAIN, &theirs, &mine);
    assert_eq!(merged.conflicts.len(), 1);
    assert!(
        merged
            .text
            .contains("<<<<<<< mine\n  <vcpu>\n=======\n  <vcpu>3")
    );
}

/// Documents of a few names, so that many are alike.
fn document() -> impl Strategy<Value = String> {
    let attribute = prop_oneof![
        Just(""),
        Just(" x='1'"),
        Just(" x='2'"),
        Just(" dev='a' y='&lt;'")
    ];
    let leaf = (attribute.clone(), "[ab]{1}", "[t ]{0,2}").prop_map(|(attribute, name, text)| {
        if text.is_empty() {
            format!("<{name}{attribute}/>")
        } else {
            format!("<{name}{attribute}>{text}</{name}>")
        }
    });
    let tree = leaf.prop_recursive(3, 24, 5, move |inner| {
        (
            attribute.clone(),
            prop_oneof![Just("c"), Just("os"), Just("disk"), Just("n:z")],
            prop::collection::vec(inner, 0..5),
            prop_oneof![Just(""), Just("\n  ")],
        )
            .prop_map(|(attribute, name, inner, gap)| {
                let inner: String = inner.iter().map(|child| format!("{gap}{child}")).collect();
                format!("<{name}{attribute}>{inner}{gap}</{name}>")
            })
    });
    prop::collection::vec(tree, 0..4)
        .prop_map(|all| format!("<domain xmlns:n='u'>\n{}\n</domain>\n", all.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_document_takes_on_any_content(form in document(), content in document()) {
        let adopted = adopt(&form, &content).unwrap();
        prop_assert_eq!(told(&adopted, &content), [""; 0]);
        prop_assert_eq!(told(&form, &content).is_empty(), adopted == form);
    }

    #[test]
    fn a_merge_with_one_side_unchanged_is_the_other(base in document(), other in document()) {
        let merged = merge(&base, &base, &other);
        prop_assert!(merged.is_clean());
        prop_assert_eq!(&merged.text, &other);
        let merged = merge(&base, &other, &base);
        prop_assert!(merged.is_clean(), "{:?}", merged.conflicts);
        let (merged, other) = (Tree::parse(&merged.text).unwrap(), Tree::parse(&other).unwrap());
        prop_assert!(is_equal(&merged, &other));
    }

    #[test]
    fn a_merge_of_anything_loses_no_line_of_mine(base in document(), theirs in document(), mine in document()) {
        let merged = merge(&base, &theirs, &mine);
        if merged.is_clean() {
            prop_assert!(Tree::parse(&merged.text).is_ok());
        }
        prop_assert_eq!(merged.conflicts.is_empty(), merged.marked.is_empty());
    }
}
