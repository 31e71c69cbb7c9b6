//! `virtty xml apply` and `check -c` on libvirt's test driver: nothing of another's is lost, no second domain by accident.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::node::{Node, RUNNING, SHUT_OFF, uuid, vnc};
use super::run::{Ran, virtty};

const DISK: &str = "<disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk>\
    <interface type='user'><mac address='52:54:00:00:00:01'/></interface>\
    <graphics type='vnc' port='5901' autoport='no' listen='127.0.0.1' passwd='geheim'/>";

struct Ground {
    node: Node,
    folder: TempDir,
}

impl Ground {
    fn new() -> Self {
        Self {
            node: Node::new(&[
                ("db", SHUT_OFF, DISK),
                ("web", RUNNING, &vnc(5902, "127.0.0.1")),
            ]),
            folder: TempDir::new().unwrap(),
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let uri = self.node.uri();
        virtty([&["-c", uri.as_str()], arguments].concat())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What the host has, as `virsh dumpxml` gives it.
    fn dump(&self, name: &str) -> String {
        self.run(&["show", "--xml", name]).well().out
    }
}

#[test]
fn what_changes_is_shown_and_libvirts_part_of_it() {
    let ground = Ground::new();
    let text = ground.dump("db").replace(">2</vcpu>", ">3</vcpu>");
    let file = ground.file("db.xml", &text);
    let ran = ground.run(&["xml", "apply", &file, "--dry-run"]).well();
    assert_eq!(
        ran.out,
        "domain 'db' would be changed:\ndomain › vcpu: 2 → 3\n"
    );
    let ran = ground.run(&["xml", "apply", &file]).well();
    assert!(
        ran.out
            .starts_with("domain 'db' was changed:\ndomain › vcpu: 2 → 3\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("The password of its display was kept.\n"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("geheim"));
    let ran = ground
        .run(&[
            "xml",
            "apply",
            "--json",
            &ground.file("same.xml", &ground.dump("db")),
        ])
        .well();
    assert_eq!(ran.json()["result"], "unchanged");
}

#[test]
fn a_new_domain_is_called_new_and_a_text_without_uuid_is_not() {
    let ground = Ground::new();
    let text = ground.dump("db");
    let bare = text.replace(&format!("  <uuid>{}</uuid>\n", uuid(0)), "");
    assert_ne!(bare, text);
    let file = ground.file("bare.xml", &bare.replace(">2</vcpu>", ">1</vcpu>"));
    let ran = ground.run(&["xml", "apply", &file, "--dry-run"]).well();
    assert!(
        ran.out
            .contains("'db' would be changed:\ndomain › vcpu: 2 → 1\n"),
        "{}",
        ran.out
    );
    let file = ground.file("new.xml", &bare.replace("<name>db<", "<name>db-2<"));
    let ran = ground.run(&["xml", "apply", &file]).well();
    assert!(
        ran.out.starts_with("domain 'db-2' was defined.\n"),
        "{}",
        ran.out
    );
}

#[test]
fn another_name_or_uuid_is_refused_with_the_way_out() {
    let ground = Ground::new();
    let text = ground.dump("db");
    let base = ground.file("base.xml", &text);
    let renamed = text.replace("<name>db<", "<name>dc<");
    let file = ground.file("renamed.xml", &renamed);
    let told = ground.run(&["xml", "apply", &file]).failed(1);
    assert!(told.contains("is that of domain 'db', not 'dc'"), "{told}");
    assert!(told.contains("virsh domrename 'db' 'dc'"), "{told}");
    let bare = renamed.replace(&format!("  <uuid>{}</uuid>\n", uuid(0)), "");
    let file = ground.file("bare.xml", &bare);
    let told = ground
        .run(&["xml", "apply", &file, "--expect-base", &base])
        .failed(1);
    assert!(told.contains("would make a second domain"), "{told}");
    let file = ground.file("uuid.xml", &text.replace(&uuid(0), &uuid(77)));
    let told = ground.run(&["xml", "apply", &file]).failed(1);
    assert!(told.contains("there is a domain 'db' already"), "{told}");
    // Gone meanwhile.
    let gone = text
        .replace(&uuid(0), &uuid(99))
        .replace("<name>db<", "<name>gone<");
    let file = ground.file("gone.xml", &gone);
    let told = ground
        .run(&["xml", "apply", &file, "--expect-base", &file])
        .failed(1);
    assert!(told.contains("was undefined meanwhile"), "{told}");
}

#[test]
fn what_another_changed_is_neither_lost_nor_overwritten() {
    let ground = Ground::new();
    let now = ground.dump("db");
    // What was read before, when it had one CPU and other memory.
    let base = now
        .replace(">2</vcpu>", ">1</vcpu>")
        .replace(">524288<", ">262144<");
    let base_file = ground.file("base.xml", &base);
    let mine = base.replace("'/a'", "'/mine'");
    let file = ground.file("mine.xml", &mine);
    let merged = ground.folder.path().join("merged.xml");
    let line = ["xml", "apply", &file, "--expect-base", &base_file];
    let ran = ground.run(&[&line[..], &["--merged", merged.to_str().unwrap()]].concat());
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err.contains("domain 'db' was changed on the host"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("domain › vcpu: 1 → 2\n"), "{}", ran.out);
    assert!(ran.out.contains(">2</vcpu>") && !ran.out.contains("geheim"));
    let text = fs::read_to_string(&merged).unwrap();
    assert!(text.contains(">2</vcpu>") && text.contains("'/mine'"));
    assert!(is_private(&merged));
    let ran = ground.run(&[&line[..], &["--merge"]].concat()).well();
    assert!(
        ran.out.contains("disk[vda] › source @file: /a → /mine"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("vcpu"));
    // Both changed the number of CPUs.
    let file = ground.file("both.xml", &base.replace(">1</vcpu>", ">4</vcpu>"));
    let line = [
        "xml",
        "apply",
        &file,
        "--expect-base",
        &base_file,
        "--merge",
    ];
    let ran = ground.run(&line);
    assert_eq!(ran.code, 6);
    assert!(
        ran.out.contains("In conflict:\ndomain › vcpu\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("+<<<<<<< mine"), "{}", ran.out);
    let ran = ground.run(&[&line[..], &["--json"]].concat());
    assert_eq!(ran.json()["result"], "conflict");
    assert_eq!(ran.json()["conflicts"][0], "domain › vcpu");
}

#[test]
fn what_a_running_domain_is_dumped_as_is_known_again() {
    let ground = Ground::new();
    let base = ground.dump("web");
    assert!(base.contains(" id='"), "{base}");
    let base_file = ground.file("base.xml", &base);
    let file = ground.file("mine.xml", &base.replace(">2</vcpu>", ">3</vcpu>"));
    let ran = ground.run(&["xml", "apply", &file, "--expect-base", &base_file]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("domain › vcpu: 2 → 3\n"), "{}", ran.out);
    assert!(ran.out.contains("It is running"), "{}", ran.out);
}

fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).unwrap().permissions().mode() & 0o777 == 0o600
}

#[test]
fn what_does_not_fit_is_not_defined() {
    let ground = Ground::new();
    let file = ground.file(
        "bad.xml",
        &ground
            .dump("db")
            .replace("<on_reboot>", "<on_rebot>")
            .replace("</on_reboot>", "</on_rebot>"),
    );
    let ran = ground.run(&["xml", "apply", &file]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("did you mean <on_reboot>?"), "{}", ran.out);
    assert!(ran.err.contains("nothing was defined"), "{}", ran.err);
    let ran = ground.run(&["xml", "apply", "--no-validate", &file]).well();
    assert!(ran.out.contains("on_rebot"), "{}", ran.out);
    // libvirt's own refusal has its place.
    let file = ground.file(
        "bad.xml",
        &ground.dump("db").replace(
            "<vcpu placement='static'>2</vcpu>",
            "<vcpu current='9'>2</vcpu>",
        ),
    );
    let ran = ground.run(&["xml", "apply", &file]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains(": error: libvirt: "),
        "{}{}",
        ran.out,
        ran.err
    );
    let file = ground.file(
        "volume.xml",
        "<volume><name>v</name><capacity>1</capacity></volume>",
    );
    let told = ground.run(&["xml", "apply", &file]).failed(1);
    assert!(told.contains("cannot redefine a volume"), "{told}");
    let ran = ground.run(&["xml", "apply", "/nonexistent"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn other_kinds_are_told_by_their_root() {
    let ground = Ground::new();
    for (kind, name, text) in [
        (
            "network",
            "n1",
            "<network><name>n1</name><bridge name='virbr7'/></network>",
        ),
        (
            "pool",
            "p1",
            "<pool type='dir'><name>p1</name><target><path>/p</path></target></pool>",
        ),
    ] {
        let file = ground.file("x.xml", text);
        let ran = ground.run(&["xml", "apply", &file]).well();
        assert!(
            ran.out
                .starts_with(&format!("{kind} '{name}' was defined.\n")),
            "{}",
            ran.out
        );
    }
}

#[test]
fn the_host_is_asked_when_it_is_named() {
    let ground = Ground::new();
    let text = "<domain type='test'>\n<name>new</name>\n<memory unit='GiB'>64</memory>\n<vcpu cpuset='0-7'>1</vcpu>\n\
        <os><type>hvm</type></os>\n<devices>\n<disk type='file'><source file='/a'/><target dev='sda'/></disk>\n\
        <interface type='user'><mac address='52:54:00:00:00:01'/></interface>\n\
        <graphics type='vnc' port='5902' autoport='no'/>\n</devices>\n</domain>";
    let file = ground.file("new.xml", text);
    let ran = ground.run(&["xml", "check", &file]).well();
    let told: Vec<_> = ran
        .out
        .lines()
        .map(|line| line.trim_start_matches(file.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ":3:1: warning: memory of 67108864 KiB is above the host's 8388608 KiB",
            ":4:7: warning: cpuset '0-7' is outside of the host, which has 4 CPUs (0 to 3)",
            ":7:27: warning: '/a' is also disk 'vda' of domain 'db', without <shareable/> on both",
            ":8:29: warning: MAC address 52:54:00:00:00:01 is also that of domain 'db'",
            ":9:22: warning: port 5902 is also asked for by domain 'web'",
        ]
    );
    assert_eq!(virtty(["xml", "check", &file]).well().out, "");
    let ran = virtty(["-c", "test:///nonexistent", "xml", "check", &file]);
    assert_eq!(ran.code, 2, "{}", ran.out);
}
