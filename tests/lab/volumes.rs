//! Volumes of a real host: made of drives, overwritten, deleted by the hundred, and what is forgotten inside of them.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use virtty::libvirt::once;
use virtty::model::LeftoverKind;
use virtty::protocol::{PoolName, StorageVerb, VolumeCopy, VolumeName, VolumeVerb};

use crate::support::lab::{Lab, OwnHost};

/// A host with an active pool `p`, and a folder for the record of what is done to it.
struct Ground {
    host: OwnHost,
    state: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let ground = Self {
            host: Lab::get().own_host("volumes"),
            state: tempfile::tempdir().unwrap(),
        };
        let folder = "/var/lib/libvirt/p";
        ground
            .host
            .virsh(&["pool-define-as", "p", "dir", "--target", folder]);
        ground.host.virsh(&["pool-build", "p"]);
        ground.host.virsh(&["pool-start", "p"]);
        ground
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &self.host.uri])
            .args(words)
            .env("XDG_STATE_HOME", self.state.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    #[track_caller]
    fn well(&self, words: &[&str]) {
        let output = self.run(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}");
    }

    #[track_caller]
    fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn make(&self, name: &str, backing: Option<&str>) {
        let mut words = vec!["vol-create-as", "p", name, "1M", "--format", "qcow2"];
        if let Some(backing) = backing {
            words.extend(["--backing-vol", backing, "--backing-vol-format", "qcow2"]);
        }
        self.host.virsh(&words);
    }

    /// Names of the volumes, as virsh sees them.
    fn volumes(&self) -> Vec<String> {
        self.host.virsh(&["pool-refresh", "p"]);
        let listed = self.host.virsh(&["vol-list", "p"]);
        let names = listed.lines();
        let names = names.filter_map(|row| row.split_whitespace().next());
        names.map(str::to_owned).collect()
    }

    /// The bytes of a volume, by virsh.
    fn bytes(&self, volume: &str) -> Vec<u8> {
        let file = self.state.path().join("fetched");
        self.host.virsh(&[
            "vol-download",
            volume,
            file.to_str().unwrap(),
            "--pool",
            "p",
        ]);
        fs::read(file).unwrap()
    }

    /// The last command on record.
    fn line(&self) -> String {
        let text = fs::read_to_string(self.state.path().join("virtty/actions.log")).unwrap();
        let row: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        row["command"].as_str().unwrap().to_owned()
    }
}

/// What a line does in a shell.
#[track_caller]
fn replay(line: &str) {
    let ran = Command::new("bash").args(["-c", line]).output().unwrap();
    assert!(ran.status.success(), "{line}: {ran:?}");
}

/// A loop device, given back when the test ends.
struct Drive(String);

impl Drive {
    fn of(file: &Path) -> Self {
        let made = Command::new("losetup")
            .args(["--find", "--show", "--read-only"])
            .arg(file)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        Self(String::from_utf8(made.stdout).unwrap().trim().to_owned())
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        let _ = Command::new("losetup").args(["-d", &self.0]).output();
    }
}

/// An ISO 9660 file system of 1 MiB as far as its descriptor says, in a file of 3 MiB.
fn disc(file: &Path) -> Vec<u8> {
    const SECTOR: usize = 2048;
    let blocks: u32 = 512;
    let mut bytes = vec![0; 3 << 20];
    bytes[900_000..1 << 20].fill(7);
    // What lies behind it is nothing of the disc.
    bytes[1 << 20..].fill(9);
    let primary = &mut bytes[16 * SECTOR..17 * SECTOR];
    primary[..7].copy_from_slice(b"\x01CD001\x01");
    primary[80..84].copy_from_slice(&blocks.to_le_bytes());
    primary[84..88].copy_from_slice(&blocks.to_be_bytes());
    primary[128..132].copy_from_slice(&[0, 8, 8, 0]);
    bytes[17 * SECTOR..17 * SECTOR + 7].copy_from_slice(b"\xffCD001\x01");
    fs::write(file, &bytes).unwrap();
    bytes
}

#[test]
fn an_image_is_as_long_as_the_disc_and_not_as_its_drive() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("disc");
    let bytes = disc(&file);
    let drive = Drive::of(&file);
    let upload = ["vol-upload", "a.iso", &drive.0, "--pool", "p", "--create"];
    ground.well(&[&upload[..], &["--disc"]].concat());
    assert!(ground.bytes("a.iso") == bytes[..1 << 20], "it is the disc");
    let line = ground.line();
    assert_eq!(ground.volumes(), ["a.iso"], "nothing half done is left");
    // The line does the same.
    ground.host.virsh(&["vol-delete", "a.iso", "--pool", "p"]);
    replay(&line);
    assert!(ground.bytes("a.iso") == bytes[..1 << 20], "{line}");
    // A drive is read whole where that is wished.
    ground.well(&[
        "vol-upload",
        "all",
        &drive.0,
        "--pool",
        "p",
        "--create",
        "--sparse",
    ]);
    assert!(ground.bytes("all") == bytes);
    let line = ground.line();
    ground.host.virsh(&["vol-delete", "all", "--pool", "p"]);
    replay(&line);
    assert!(ground.bytes("all") == bytes, "{line}");
    // What says nothing of its length, and what says more than there is, is refused.
    let plain = folder.path().join("plain");
    fs::write(&plain, vec![1; 1 << 20]).unwrap();
    let words = |file: &str| {
        let words = ["vol-upload", "b", file, "--pool", "p", "--create", "--disc"];
        ground.refused(&words)
    };
    assert!(words(plain.to_str().unwrap()).contains("leave --disc out"));
    fs::OpenOptions::new()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(900_000)
        .unwrap();
    let said = words(file.to_str().unwrap());
    assert!(said.contains("is it whole?"), "{said}");
    assert_eq!(ground.volumes(), ["a.iso", "all"]);
}

#[test]
fn an_upload_over_a_volume_leaves_nothing_of_what_it_held() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    fs::write(&old, vec![b'A'; 1 << 20]).unwrap();
    let mut file = fs::File::create(&new).unwrap();
    file.set_len(1 << 20).unwrap();
    file.seek(SeekFrom::Start(600_000)).unwrap();
    file.write_all(b"B").unwrap();
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    ground.host.virsh(&["vol-create-as", "p", "v", "1M"]);
    ground.host.virsh(&["vol-upload", "v", old, "--pool", "p"]);
    ground.well(&["vol-upload", "v", new, "--pool", "p", "--sparse", "--yes"]);
    assert!(ground.bytes("v") == fs::read(new).unwrap());
    let line = ground.line();
    ground.host.virsh(&["vol-upload", "v", old, "--pool", "p"]);
    replay(&line);
    assert!(ground.bytes("v") == fs::read(new).unwrap(), "{line}");
}

#[test]
fn many_volumes_go_at_once_but_what_somebody_needs_stays() {
    let ground = Ground::new();
    // A chain that goes whole, one whose overlay stays, and one that a domain has.
    ground.make("a-base", None);
    ground.make("b-top", Some("a-base"));
    ground.make("c-base", None);
    ground.make("d-kept", Some("c-base"));
    ground.make("e-used", None);
    ground.make("-f \u{202e}x", None);
    let disk = "<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='p' volume='e-used'/>\
        <target dev='vda' bus='virtio'/></disk>";
    let domain = ground.host.tiny_with("volumes", disk);
    let session = once::open(Some(ground.host.uri.parse().unwrap()), false).unwrap();
    let name = |name: &str| VolumeName {
        pool: Some(PoolName {
            name: "p".to_owned(),
            uuid: None,
        }),
        name: name.to_owned(),
        path: Some(format!("/var/lib/libvirt/p/{name}")),
    };
    let names = [
        "a-base",
        "b-top",
        "c-base",
        "e-used",
        "-f \u{202e}x",
        "gone",
    ]
    .map(name);
    let told = std::cell::RefCell::new(Vec::new());
    let failed = session
        .store(&StorageVerb::DeleteVolumes(names.to_vec()), &|done, all| {
            told.borrow_mut().push((done, all));
            true
        })
        .unwrap_err();
    let said = failed.reason;
    assert!(said.starts_with("3 of 6 are deleted"), "{said}");
    assert!(said.contains("'gone'") && said.contains("d-kept"), "{said}");
    assert!(said.contains(&domain.name), "{said}");
    assert_eq!(
        told.into_inner(),
        [(0, Some(6)), (1, Some(6)), (2, Some(6))]
    );
    assert_eq!(ground.volumes(), ["c-base", "d-kept", "e-used"]);
    // The line of the log does the same for those that are there.
    let lines = virtty::action::storage_lines(
        &StorageVerb::DeleteVolumes(["d-kept", "c-base"].map(name).to_vec()),
        &ground.host.uri,
    );
    replay(&lines.join(" && "));
    assert_eq!(ground.volumes(), ["e-used"]);
}

#[test]
fn a_copy_that_is_given_up_is_not_there() {
    let ground = Ground::new();
    ground.make("one", None);
    let session = once::open(Some(ground.host.uri.parse().unwrap()), false).unwrap();
    let copy = |name: &str| {
        let of = VolumeName {
            name: "/var/lib/libvirt/p/one".to_owned(),
            ..VolumeName::default()
        };
        let copy = VolumeCopy {
            name: name.to_owned(),
            format: Some("raw".to_owned()),
            ..VolumeCopy::default()
        };
        StorageVerb::Volume(of, VolumeVerb::Copy(copy))
    };
    let failed = session.store(&copy("two"), &|_, _| false).unwrap_err();
    assert!(failed.reason.contains("given up"), "{failed:?}");
    assert_eq!(ground.volumes(), ["one"]);
    let told = std::cell::RefCell::new(Vec::new());
    let watched = |done, all| {
        told.borrow_mut().push((done, all));
        true
    };
    session.store(&copy("two"), &watched).unwrap();
    let whole = told.borrow()[0].1;
    assert!(whole.is_some(), "it is known how far it goes");
    assert_eq!(ground.volumes(), ["one", "two"]);
    // What is there stays as it is.
    let failed = session.store(&copy("two"), &watched).unwrap_err();
    assert!(failed.reason.contains("already"), "{failed:?}");
}

#[test]
fn a_snapshot_that_libvirt_forgot_is_a_leftover_inside_of_its_file() {
    let ground = Ground::new();
    ground.make("disk", None);
    let disk = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/var/lib/libvirt/p/disk'/>\
        <target dev='vda' bus='virtio'/></disk>";
    let domain = ground.host.tiny_with("volumes", disk);
    for snapshot in ["known", "-rf \u{202e}x"] {
        let name = format!("--name={snapshot}");
        ground
            .host
            .virsh(&["snapshot-create-as", &domain.name, &name]);
    }
    let session = once::open(Some(ground.host.uri.parse().unwrap()), false).unwrap();
    assert!(session.leftovers().unwrap().is_empty());
    let delete = ["snapshot", "delete", "--metadata", "--yes", "--"];
    ground.well(&[&delete[..], &[&domain.name, "-rf \u{202e}x"]].concat());
    let found = session.leftovers().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, LeftoverKind::Snapshot);
    assert_eq!(found[0].inside.as_deref(), Some("-rf \u{202e}x"));
    assert_eq!(found[0].path, "/var/lib/libvirt/p/disk");
}
