//! Domains that are made from media of the lab's own, and really boot from them: what boots says so on a disk.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::lab::{Host, Lab, unique};
use crate::support::wait::{BOOT, wait_until};

/// What stands in a sector that was booted.
const MARK: &[u8] = b"virtty booted this";

/// A program for the first sector of a medium: it writes itself into a sector of the first hard disk, counted from 1, and
/// halts. It runs wherever the firmware has loaded it.
fn boot_sector(to: u8) -> Vec<u8> {
    let mut code = vec![
        0xe8, 0x00, 0x00, // call the next instruction
        0x5b, // pop bx: where that is
        0x83, 0xeb, 0x03, // sub bx, 3: where the program is
        0x8c, 0xc8, // mov ax, cs
        0x8e, 0xd8, // mov ds, ax
        0x8e, 0xc0, // mov es, ax
        0xb8, 0x01, 0x03, // mov ax, 0301h: write one sector
        0xb9, to, 0x00, // mov cx: cylinder 0, the sector
        0xba, 0x80, 0x00, // mov dx: head 0 of the first disk
        0xcd, 0x13, // int 13h
        0xf4, // hlt
        0xeb, 0xfd, // and again
    ];
    code.resize(64, 0);
    code.extend(MARK);
    code.resize(510, 0);
    code.extend([0x55, 0xaa]);
    code
}

fn create(host: &Host, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri, "create"])
        .args(words)
        .env("XDG_STATE_HOME", "/nonexistent")
        .output()
        .unwrap()
}

fn made(host: &Host, words: &[&str]) {
    let output = create(host, words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
}

/// The beginning of a volume, whatever its format.
fn beginning(host: &Host, volume: &str, bytes: u64) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let length = bytes.to_string();
    host.virsh(&[
        "vol-download",
        "--pool",
        "default",
        volume,
        path,
        "--length",
        &length,
    ]);
    fs::read(path).unwrap()
}

fn holds_mark(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK)
}

struct Removed<'a>(&'a Host, String, Vec<String>);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        let _ = self.0.try_virsh(&["destroy", &self.1]);
        let _ = self
            .0
            .try_virsh(&["undefine", &self.1, "--remove-all-storage", "--nvram"]);
        for volume in &self.2 {
            let _ = self
                .0
                .try_virsh(&["vol-delete", "--pool", "default", volume]);
        }
    }
}

/// An ISO image whose boot record is the program.
fn bootable_iso(folder: &Path) -> PathBuf {
    let files = folder.join("files");
    fs::create_dir(&files).unwrap();
    fs::write(files.join("boot.bin"), boot_sector(1)).unwrap();
    let image = folder.join(format!("{}.iso", unique("boot")));
    let output = Command::new("xorriso")
        .args([
            "-as",
            "mkisofs",
            "-quiet",
            "-b",
            "boot.bin",
            "-no-emul-boot",
            "-boot-load-size",
            "4",
            "-o",
        ])
        .arg(&image)
        .arg(&files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    image
}

#[test]
fn an_iso_image_that_only_this_machine_has_is_uploaded_and_boots() {
    let lab = Lab::get();
    let folder = tempfile::tempdir().unwrap();
    let image = bootable_iso(folder.path());
    let volume = image.file_name().unwrap().to_str().unwrap().to_owned();
    let name = unique("from-iso");
    let host = lab.main();
    // Over TCP: as far as anybody can tell, a host far away.
    let far = Host {
        name: host.name.clone(),
        uri: lab.uri_tcp().to_owned(),
    };
    let _removed = Removed(host, name.clone(), vec![volume.clone()]);
    made(
        &far,
        &[
            "--name",
            &name,
            "--memory",
            "64",
            "--disk",
            "size=0.01,format=raw",
            "--network",
            "none",
            "--cdrom",
            image.to_str().unwrap(),
        ],
    );
    assert!(host.virsh(&["vol-list", "default"]).contains(&volume));
    let disk = format!("{name}.img");
    wait_until(BOOT, "the disc to boot", || {
        holds_mark(&beginning(host, &disk, 512))
    });
}

#[test]
fn a_cloud_image_boots_by_its_overlay_with_its_seed_and_stays_untouched() {
    let lab = Lab::get();
    let host = lab.main();
    let name = unique("cloudy");
    let base = format!("{name}-base.qcow2");
    let _removed = Removed(host, name.clone(), vec![base.clone()]);
    let folder = tempfile::tempdir().unwrap();
    let (raw, image) = (folder.path().join("raw"), folder.path().join("qcow2"));
    let mut bytes = boot_sector(2);
    bytes.resize(4 << 20, 0);
    fs::write(&raw, bytes).unwrap();
    let converted = Command::new("qemu-img")
        .args(["convert", "-f", "raw", "-O", "qcow2"])
        .args([&raw, &image])
        .output()
        .unwrap();
    assert!(converted.status.success());
    host.virsh(&["vol-create-as", "default", &base, "4M", "--format", "qcow2"]);
    host.virsh(&[
        "vol-upload",
        "--pool",
        "default",
        &base,
        image.to_str().unwrap(),
    ]);
    host.virsh(&["pool-refresh", "default"]);
    let path = host.virsh(&["vol-path", "--pool", "default", &base]);
    let before = beginning(host, &base, 1 << 30);
    let key = folder.path().join("key.pub");
    fs::write(&key, "ssh-ed25519 AAAAC3Nz ann@desk\n").unwrap();
    made(
        host,
        &[
            "--name",
            &name,
            "--memory",
            "64",
            "--import",
            "--network",
            "none",
            "--disk",
            &format!("size=0.01,backing_store={}", path.trim()),
            "--cloud-init",
            &format!(
                "user=ann,ssh-key={},packages=qemu-guest-agent",
                key.display()
            ),
        ],
    );
    let disk = format!("{name}.qcow2");
    wait_until(BOOT, "the image to boot", || {
        holds_mark(&beginning(host, &disk, 1 << 30))
    });
    assert!(
        beginning(host, &base, 1 << 30) == before,
        "the image was written"
    );
    let seed = beginning(host, &format!("{name}-seed.iso"), 1 << 30);
    let has = |text: &str| {
        seed.windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    for text in [
        "cidata",
        "ssh-ed25519 AAAAC3Nz ann@desk",
        "qemu-guest-agent",
        &name,
    ] {
        assert!(has(text), "{text}");
    }
}

/// A server of the lab's kernel as a distribution has it, on a loopback address; what it serves ends with the test.
fn serve(boot: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0_u8; 4096];
            let got = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..got]).into_owned();
            let path = request.split_whitespace().nth(1).unwrap_or("");
            let body = match path {
                "/tree/.treeinfo" => Some(
                    b"[general]\nfamily = Lab\n[images-x86_64]\nkernel = k/vmlinuz\ninitrd = k/initrd\n".to_vec(),
                ),
                "/tree/k/vmlinuz" => fs::read(boot.join("vmlinuz")).ok(),
                "/tree/k/initrd" => fs::read(boot.join("initrd")).ok(),
                _ => None,
            };
            let (status, body) = match body {
                Some(body) => ("200 OK", body),
                None => ("404 Not Found", Vec::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(&body));
        }
    });
    format!("http://{address}/tree")
}

#[test]
fn an_installer_of_a_tree_on_the_network_boots_once() {
    let lab = Lab::get();
    let host = lab.main();
    let name = unique("from-tree");
    let _removed = Removed(host, name.clone(), Vec::new());
    let url = serve(Path::new(lab.folder()).join("boot"));
    let answers = tempfile::tempdir().unwrap();
    let file = answers.path().join("answers.cfg");
    fs::write(&file, "yes to all\n").unwrap();
    made(
        host,
        &[
            "--name",
            &name,
            "--memory",
            "128",
            "--disk",
            "size=0.01",
            "--network",
            "none",
            "--location",
            &url,
            "--initrd-inject",
            file.to_str().unwrap(),
            "--extra-args",
            "console=ttyS0 quiet rdinit=/init virtty.name=tree",
        ],
    );
    wait_until(BOOT, "the guest agent", || {
        let ping = r#"{"execute":"guest-ping"}"#;
        host.try_virsh(&["qemu-agent-command", &name, ping])
            .status
            .success()
    });
    // What was put into its initrd is in its root.
    let opened = r#"{"execute":"guest-file-open","arguments":{"path":"/answers.cfg"}}"#;
    let opened = host.try_virsh(&["qemu-agent-command", &name, opened]);
    assert!(opened.status.success(), "{opened:?}");
    let running = host.virsh(&["dumpxml", &name]);
    assert!(running.contains(&format!("inst.repo={url}")), "{running}");
    let next = host.virsh(&["dumpxml", "--inactive", &name]);
    assert!(!next.contains("<kernel>"), "{next}");
    let left = host.virsh(&["vol-list", "default"]);
    assert!(!left.contains(&format!("{name}-kernel")), "{left}");
}

#[test]
fn a_tree_that_is_none_says_so_and_makes_nothing() {
    let lab = Lab::get();
    let host = lab.main();
    let name = unique("no-tree");
    let url = serve(PathBuf::from("/nonexistent"));
    let output = create(
        host,
        &[
            "--name",
            &name,
            "--memory",
            "64",
            "--disk",
            "size=0.01",
            "--location",
            &url,
        ],
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("/tree"), "{said}");
    assert!(!host.virsh(&["vol-list", "default"]).contains(&name));
}

#[test]
fn a_pool_that_is_full_and_a_port_that_is_taken_leave_nothing_behind() {
    let lab = Lab::get();
    let host = lab.main();
    let name = unique("refused");
    let port = lab.fixed_vnc_port().to_string();
    for (words, reason) in [
        (
            &["--disk", "size=900000,sparse=no"][..],
            "are free in the pool",
        ),
        (
            &[
                "--disk",
                "size=0.01",
                "--graphics",
                &format!("vnc,port={port}"),
            ],
            "is that of the display of 'vnc-fixed'",
        ),
    ] {
        let words = [
            &["--name", &name, "--memory", "64", "--network", "none"][..],
            words,
        ]
        .concat();
        let output = create(host, &words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(reason), "{said}");
    }
    assert!(!host.virsh(&["list", "--all", "--name"]).contains(&name));
    assert!(!host.virsh(&["vol-list", "default"]).contains(&name));
}

#[test]
fn an_upload_that_is_stopped_leaves_nothing_behind() {
    let host = Lab::get().own_host("stopmake");
    let target = "/var/lib/libvirt/images";
    host.virsh(&[
        "pool-create-as",
        "default",
        "dir",
        "--target",
        target,
        "--build",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("large.iso");
    // Holes: it takes no room here, and long enough on its way.
    fs::File::create(&image).unwrap().set_len(4 << 30).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args([
            "-c", &host.uri, "create", "--name", "stopped", "--memory", "64",
        ])
        .args(["--network", "none", "--disk", "size=0.01", "--cdrom"])
        .arg(&image)
        .env("XDG_STATE_HOME", "/nonexistent")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("Upload large.iso") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    hold(&child, Signal::INT);
    lines.read_to_string(&mut said).unwrap();
    assert!(!child.wait().unwrap().success(), "{said}");
    assert!(!said.contains("100 %"), "{said}");
    assert!(
        said.contains("all that was made is deleted again"),
        "{said}"
    );
    host.virsh(&["pool-refresh", "default"]);
    assert_eq!(host.virsh(&["vol-list", "default"]).trim(), "");
    assert_eq!(host.virsh(&["list", "--all", "--name"]).trim(), "");
}

fn hold(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[test]
fn a_daemon_killed_while_a_domain_is_made_leaves_nothing_behind() {
    let host = Lab::get().own_host("killmake");
    let pool = [
        "pool-create-as",
        "default",
        "dir",
        "--target",
        "/var/lib/libvirt/images",
        "--build",
    ];
    host.virsh(&pool);
    let mut words = vec![
        "--name",
        "half",
        "--memory",
        "64",
        "--network",
        "none",
        "--no-start",
    ];
    for _ in 0..24 {
        words.extend(["--disk", "size=0.01"]);
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &host.uri, "create"])
        .args(&words)
        .env("XDG_STATE_HOME", "/nonexistent")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("half-2") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    // Held while the daemon dies, so that it is not done before.
    hold(&child, Signal::STOP);
    host.kill_daemon();
    host.start_daemon();
    hold(&child, Signal::CONT);
    lines.read_to_string(&mut said).unwrap();
    assert!(!child.wait().unwrap().success(), "{said}");
    assert!(
        said.contains("all that was made is deleted again"),
        "{said}"
    );
    host.virsh(&["pool-refresh", "default"]);
    assert_eq!(host.virsh(&["vol-list", "default"]).trim(), "");
    assert_eq!(host.virsh(&["list", "--all", "--name"]).trim(), "");
}
