//! Pools, volumes and secrets of a real host.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use virtty::libvirt::once;
use virtty::model::LeftoverKind;

use crate::support::lab::{Host, Lab};
use crate::support::wait::wait_until;
use crate::support::watched::PATIENCE;

fn virtty(host: &Host, state: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri])
        .args(words)
        .env("XDG_STATE_HOME", state)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// A host with an active pool `p`, and a folder for the record of what is done to it.
struct Ground {
    host: crate::support::lab::OwnHost,
    state: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let host = Lab::get().own_host("storage");
        let ground = Self {
            host,
            state: tempfile::tempdir().unwrap(),
        };
        let folder = "/var/lib/libvirt/p";
        ground.well(&["pool-define-as", "p", "dir", "--target", folder]);
        ground.well(&["pool-build", "p"]);
        ground.well(&["pool-start", "p"]);
        ground
    }

    fn well(&self, words: &[&str]) -> String {
        let output = virtty(&self.host, self.state.path(), words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, words: &[&str]) -> String {
        let output = virtty(&self.host, self.state.path(), words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Names of the volumes, as virsh sees them.
    fn volumes(&self) -> Vec<String> {
        self.host.virsh(&["pool-refresh", "p"]);
        let listed = self.host.virsh(&["vol-list", "p"]);
        let names = listed
            .lines()
            .filter_map(|row| row.split_whitespace().next());
        names.map(str::to_owned).collect()
    }

    fn path(&self, volume: &str) -> String {
        let path = self.host.virsh(&["vol-path", volume, "--pool", "p"]);
        path.trim().to_owned()
    }

    /// The commands on record, oldest first.
    fn record(&self) -> Vec<String> {
        let text = fs::read_to_string(self.state.path().join("virtty/actions.log")).unwrap();
        let rows = text.lines().map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            row["command"].as_str().unwrap().to_owned()
        });
        rows.collect()
    }
}

#[test]
fn a_pool_lives_from_its_definition_to_its_end() {
    let ground = Ground::new();
    assert!(ground.well(&["pool-list"]).contains("running"));
    ground.well(&["pool-autostart", "p"]);
    assert!(
        ground
            .host
            .virsh(&["pool-info", "p"])
            .contains("Autostart:      yes")
    );
    let said = ground.refused(&["pool-define-as", "p", "dir", "--target", "/other"]);
    assert!(
        said.contains("there is a pool of this name already"),
        "{said}"
    );
    ground.refused(&["pool-undefine", "p", "--yes"]);
    ground.well(&["vol-create-as", "p", "kept", "1M"]);
    ground.well(&["pool-destroy", "p"]);
    let said = ground.refused(&["pool-undefine", "p"]);
    assert!(said.contains("--yes"), "{said}");
    // A folder with something in it is not deleted.
    ground.refused(&["pool-delete", "p", "--yes"]);
    ground.well(&["pool-undefine", "p", "--yes"]);
    assert!(ground.well(&["pool-list", "--all"]).lines().count() == 1);
    ground.well(&[
        "pool-create-as",
        "p",
        "dir",
        "--target",
        "/var/lib/libvirt/p",
    ]);
    assert_eq!(ground.volumes(), ["kept"]);
}

#[test]
fn what_somebody_needs_is_neither_deleted_nor_overwritten() {
    let ground = Ground::new();
    ground.well(&["vol-create-as", "p", "base", "1M", "--format", "qcow2"]);
    ground.well(&[
        "vol-create-as",
        "p",
        "top",
        "1M",
        "--format",
        "qcow2",
        "--backing-vol",
        "base",
    ]);
    ground.well(&["vol-create-as", "p", "disk", "1M"]);
    ground.well(&["vol-create-as", "p", "free", "1M"]);
    let (top, disk) = (ground.path("top"), ground.path("disk"));
    let devices = format!(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{top}'/><target dev='vda' bus='virtio'/></disk>\
         <disk type='volume' device='disk'><driver name='qemu' type='raw'/><source pool='p' volume='disk'/><target dev='vdb' bus='virtio'/></disk>"
    );
    let guest = ground.host.tiny_with("storage", &devices);
    for (volume, why) in [
        ("base", "is based on"),
        ("top", "used by the domain"),
        ("disk", "used by the domain"),
    ] {
        for words in [
            ["vol-delete", volume, "--pool", "p", "--yes"],
            ["vol-wipe", volume, "--pool", "p", "--yes"],
        ] {
            let said = ground.refused(&words);
            assert!(said.contains(why), "{said}");
        }
    }
    guest.start();
    let said = ground.refused(&["vol-resize", "disk", "2M", "--pool", "p"]);
    assert!(said.contains("blockresize"), "{said}");
    let said = ground.refused(&["vol-clone", "disk", "copy", "--pool", "p"]);
    assert!(said.contains("torn"), "{said}");
    // Read-only layers may be copied, and what nobody needs goes.
    ground.well(&["vol-clone", "base", "copy", "--pool", "p"]);
    ground.well(&["vol-delete", "free", "--pool", "p", "--yes"]);
    assert_eq!(ground.volumes(), ["base", "copy", "disk", "top"]);
    assert_eq!(&disk, &ground.path("disk"));
}

#[test]
fn raw_becomes_qcow2_and_comes_back_the_same() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let (file, back) = (folder.path().join("a"), folder.path().join("b"));
    let data: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    fs::write(&file, &data).unwrap();
    let truncated = fs::OpenOptions::new().write(true).open(&file).unwrap();
    truncated.set_len(8 << 20).unwrap();
    let (file, back) = (file.to_str().unwrap(), back.to_str().unwrap());
    ground.well(&[
        "vol-upload",
        "raw",
        file,
        "--pool",
        "p",
        "--create",
        "--sparse",
    ]);
    assert!(ground.volumes().iter().all(|name| !name.ends_with(".part")));
    ground.well(&["vol-clone", "raw", "q", "--pool", "p", "--format", "qcow2"]);
    assert!(
        ground
            .well(&["vol-info", "q", "--pool", "p"])
            .contains("qcow2")
    );
    ground.well(&["vol-clone", "q", "again", "--pool", "p", "--format", "raw"]);
    ground.well(&["vol-download", "again", back, "--pool", "p", "--sparse"]);
    assert_eq!(fs::read(file).unwrap(), fs::read(back).unwrap());
    // What is there already stays.
    let said = ground.refused(&["vol-download", "q", back, "--pool", "p"]);
    assert!(said.contains("was not overwritten"), "{said}");
    assert_eq!(fs::read(file).unwrap(), fs::read(back).unwrap());
    // Too much for the volume is refused before a byte is written.
    ground.well(&["vol-create-as", "p", "small", "1M"]);
    let said = ground.refused(&["vol-upload", "small", file, "--pool", "p", "--yes"]);
    assert!(said.contains("resize it first"), "{said}");
}

#[test]
fn an_upload_that_is_killed_leaves_nothing_under_its_name() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    fs::File::create(&file).unwrap().set_len(8 << 30).unwrap();
    let mut upload = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &ground.host.uri, "vol-upload", "new"])
        .arg(&file)
        .args(["--pool", "p", "--create"])
        .env("XDG_STATE_HOME", ground.state.path())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let begun = || ground.host.virsh(&["vol-list", "p"]).contains("new.part");
    while !begun() {
        assert!(upload.try_wait().unwrap().is_none(), "it ended too soon");
        thread::sleep(Duration::from_millis(20));
    }
    upload.kill().unwrap();
    upload.wait().unwrap();
    assert!(!ground.volumes().contains(&"new".to_owned()));
    // The rest is in the way of another, which says so.
    let small = folder.path().join("small");
    fs::write(&small, "x").unwrap();
    let small = small.to_str().unwrap();
    let words = ["vol-upload", "new", small, "--pool", "p", "--create"];
    assert!(ground.refused(&words).contains("new.part already"));
    ground.well(&["vol-delete", "new.part", "--pool", "p", "--yes"]);
    ground.well(&words);
    assert_eq!(ground.volumes(), ["new"]);
}

#[test]
fn what_another_deleted_meanwhile_is_told() {
    let ground = Ground::new();
    ground.well(&["vol-create-as", "p", "a", "1M"]);
    ground.well(&["vol-create-as", "p", "b", "1M"]);
    ground.host.virsh(&["vol-delete", "a", "--pool", "p"]);
    let said = ground.refused(&["vol-delete", "a", "--pool", "p", "--yes"]);
    assert!(said.contains("no storage vol"), "{said}");
    assert_eq!(ground.volumes(), ["b"]);
}

#[test]
fn the_lines_on_record_do_the_same_again() {
    let ground = Ground::new();
    for words in [
        &[
            "vol-create-as",
            "p",
            "a",
            "1M",
            "--format",
            "qcow2",
            "--preallocation",
            "metadata",
        ][..],
        &[
            "vol-create-as",
            "p",
            "b",
            "1M",
            "--format",
            "qcow2",
            "--lazy-refcounts",
        ],
        &["vol-clone", "a", "c", "--pool", "p"],
        &["vol-resize", "c", "2M", "--pool", "p"],
    ] {
        ground.well(words);
    }
    let before = ground.well(&["vol-list", "p", "--details"]);
    let lines = ground.record();
    for name in ["a", "b", "c"] {
        ground.host.virsh(&["vol-delete", name, "--pool", "p"]);
    }
    for line in lines.iter().filter(|line| line.contains("vol-")) {
        let ran = Command::new("bash").args(["-c", line]).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success(), "{line}: {said}");
    }
    assert_eq!(ground.well(&["vol-list", "p", "--details"]), before);
}

#[test]
fn the_value_of_a_secret_is_set_told_when_asked_and_forgotten() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let uuid = "f52a81b2-424e-490c-823d-6bd4235bc572";
    let (xml, value) = (folder.path().join("s.xml"), folder.path().join("v"));
    let document = format!(
        "<secret ephemeral='no' private='no'><uuid>{uuid}</uuid><usage type='volume'><volume>/x</volume></usage></secret>"
    );
    fs::write(&xml, document).unwrap();
    fs::write(&value, "geheim").unwrap();
    ground.well(&["secret-define", xml.to_str().unwrap()]);
    ground.refused(&["secret-get-value", uuid]);
    let value = value.to_str().unwrap();
    ground.well(&["secret-set-value", uuid, "--file", value, "--plain"]);
    assert_eq!(
        ground.well(&["secret-get-value", uuid, "--plain"]),
        "geheim"
    );
    wait_until(PATIENCE, "the volume is made", || {
        let words = "vol-create-as p luks 4M --format raw --luks-secret";
        let words: Vec<&str> = words.split(' ').chain([uuid]).collect();
        let made = virtty(&ground.host, ground.state.path(), &words);
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        // qemu-img measures how fast the processor is, and gives up on one that is busy with other tests.
        assert!(
            made.status.success() || said.contains("accurate CPU usage"),
            "{said}"
        );
        made.status.success()
    });
    assert!(
        ground
            .host
            .virsh(&["vol-dumpxml", "luks", "--pool", "p"])
            .contains("format='luks'")
    );
    assert!(!ground.record().join(" ").contains("geheim"));
    let session = once::open(Some(ground.host.uri.parse().unwrap()), false).unwrap();
    let secrets = session.secrets().unwrap();
    assert_eq!(secrets[0].has_value, Some(true));
    assert!(secrets[0].users.iter().any(|user| user.ends_with("/luks")));
    ground.well(&["secret-set-value", uuid, "--clear", "--yes"]);
    ground.refused(&["secret-get-value", uuid]);
    assert!(ground.host.virsh(&["secret-list"]).contains(uuid));
    ground.well(&["secret-undefine", uuid, "--yes"]);
    assert!(!ground.host.virsh(&["secret-list"]).contains(uuid));
}

#[test]
fn leftovers_are_what_no_domain_and_no_volume_names() {
    let ground = Ground::new();
    for name in ["used", "alone"] {
        ground.well(&["vol-create-as", "p", name, "1M", "--format", "qcow2"]);
    }
    ground.well(&[
        "vol-create-as",
        "p",
        "overlay",
        "1M",
        "--format",
        "qcow2",
        "--backing-vol",
        "used",
    ]);
    let devices = format!(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{}'/><target dev='vda' bus='virtio'/></disk>",
        ground.path("used")
    );
    let _guest = ground.host.tiny_with("storage", &devices);
    let session = once::open(Some(ground.host.uri.parse().unwrap()), false).unwrap();
    let mut found: Vec<_> = session
        .leftovers()
        .unwrap()
        .into_iter()
        .map(|one| (one.kind, one.volume.unwrap().1))
        .collect();
    found.sort();
    let expected = [
        (LeftoverKind::Volume, "alone".to_owned()),
        (LeftoverKind::Overlay, "overlay".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_conversion_whose_virtty_is_killed_leaves_no_half_file() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    // Bytes that take their time, each block another.
    let mut random = fs::File::open("/dev/urandom").unwrap();
    let mut piece = vec![0_u8; 1 << 20];
    std::io::Read::read_exact(&mut random, &mut piece).unwrap();
    let mut data = Vec::new();
    for number in 0..96_u8 {
        piece[0] = number;
        data.extend_from_slice(&piece);
    }
    fs::write(&file, &data).unwrap();
    let file = file.to_str().unwrap();
    ground.well(&["vol-upload", "raw", file, "--pool", "p", "--create"]);
    let mut convert = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args([
            "-c",
            &ground.host.uri,
            "vol-clone",
            "raw",
            "copy",
            "--pool",
            "p",
        ])
        .args(["--format", "qcow2"])
        .env("XDG_STATE_HOME", ground.state.path())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let copy = "/var/lib/libvirt/p/copy";
    let inside = |words: &[&str]| {
        let all = [&["inside", ground.host.name.as_str()][..], words].concat();
        let lab = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/lab");
        Command::new(lab)
            .args(all)
            .output()
            .unwrap()
            .status
            .success()
    };
    wait_until(PATIENCE, "the copy begins", || {
        inside(&["test", "-e", copy]) || convert.try_wait().unwrap().is_some()
    });
    let _ = convert.kill();
    convert.wait().unwrap();
    let raw = ground.path("raw");
    let images = [
        "qemu-img", "compare", "-f", "raw", "-F", "qcow2", &raw, copy,
    ];
    wait_until(PATIENCE, "a whole copy or none", || {
        !inside(&["test", "-e", copy]) || inside(&images)
    });
    assert_eq!(
        fs::read(file).unwrap(),
        data,
        "what was copied is what it was"
    );
}

#[test]
fn a_pool_of_a_device_is_built_mounted_and_filled() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("device");
    fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
    let made = Command::new("losetup")
        .args(["-f", "--show"])
        .arg(&image)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let device = Loop(String::from_utf8(made.stdout).unwrap().trim().to_owned());
    let target = "/var/lib/libvirt/loop";
    let define = ["pool-define-as", "loop", "fs", "--source-dev", &device.0];
    let rest = ["--source-format", "ext4", "--target", target];
    ground.well(&[&define[..], &rest].concat());
    // What a device holds is not overwritten unsaid.
    let said = ground.refused(&["pool-build", "loop", "--overwrite"]);
    assert!(said.contains("--yes"), "{said}");
    ground.well(&["pool-build", "loop", "--overwrite", "--yes"]);
    let said = ground.refused(&["pool-build", "loop", "--no-overwrite"]);
    assert!(!said.is_empty());
    ground.well(&["pool-start", "loop"]);
    ground.well(&["vol-create-as", "loop", "a", "1M", "--format", "qcow2"]);
    assert!(
        ground
            .well(&["vol-list", "loop", "--details"])
            .contains(&format!("{target}/a"))
    );
    ground.well(&["pool-destroy", "loop"]);
    ground.well(&["pool-start", "loop"]);
    assert!(
        ground.well(&["vol-list", "loop"]).contains('a'),
        "it is still there"
    );
    ground.well(&["pool-destroy", "loop"]);
}

/// A loop device, given back when the test ends.
struct Loop(String);

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = Command::new("losetup").args(["-d", &self.0]).output();
    }
}
