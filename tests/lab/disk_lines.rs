//! What is put on record of disks, volumes, pools, secrets and transfers are lines that do the same by virsh: each is done to one
//! domain or host by virtty, and to another by its line.

use std::fs;
use std::process::Command;

use crate::record::recorded;
use crate::support::lab::{Domain, Host, Lab};

#[track_caller]
fn replay(line: &str) {
    let ran = Command::new("bash").args(["-c", line]).output().unwrap();
    assert!(ran.status.success(), "{line}: {ran:?}");
}

/// A running domain with a disk of two layers and a drive.
fn domain<'a>(host: &'a Host, letter: &str) -> Domain<'a> {
    let file = |name: &str| format!("/var/lib/libvirt/images/{letter}-{name}");
    let make = |name: &str, more: &[&str]| {
        let name = format!("{letter}-{name}");
        let words = ["vol-create-as", "heap", &name, "8M", "--format", "qcow2"];
        host.virsh(&[&words[..], more].concat());
    };
    make("base", &[]);
    let base = file("base");
    make(
        "top",
        &["--backing-vol", &base, "--backing-vol-format", "qcow2"],
    );
    make("more", &[]);
    make("spare", &[]);
    let devices = format!(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{}'/><target dev='vda' bus='virtio'/></disk>\
         <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>",
        file("top")
    );
    let domain = host.tiny_with(&format!("lines-{letter}"), &devices);
    domain.start();
    domain
}

/// What there is to see of the disks of a domain, without what is its own.
fn seen(host: &Host, domain: &Domain<'_>, letter: &str) -> String {
    let name = domain.name.as_str();
    let mut seen = host.virsh(&["domblklist", name, "--details"]);
    seen.push_str(&host.virsh(&["domblklist", name, "--details", "--inactive"]));
    seen.push_str(&host.virsh(&["domblkinfo", name, "vda"]));
    let xml = host.virsh(&["dumpxml", name]);
    let told = xml
        .lines()
        .filter(|line| line.contains("<source file=") || line.contains("_sec>"));
    let told = told.map(|line| line.split(" index=").next().unwrap().trim());
    seen.push_str(&told.collect::<Vec<_>>().join("\n"));
    // What is given to a file depends on the moment.
    let kept = seen
        .lines()
        .filter(|line| !line.starts_with("Allocation") && !line.starts_with("Physical"));
    let kept = kept.collect::<Vec<_>>().join("\n");
    kept.replace(&format!("/{letter}-"), "/?-")
}

#[test]
fn the_lines_of_disks_do_the_same() {
    let host = Lab::get().own_host("disk-lines");
    let folder = "/var/lib/libvirt/images";
    host.virsh(&["pool-create-as", "heap", "dir", "--target", folder]);
    let (here, there) = (domain(&host, "a"), domain(&host, "b"));
    let state = tempfile::tempdir().unwrap();
    let name = here.name.as_str();
    let more = format!("{folder}/a-more");
    let copy = format!("{folder}/a-copy");
    let path = format!("{folder}/a-spare");
    let spare = [
        "attach-disk",
        name,
        &path,
        "vdc",
        "--subdriver",
        "qcow2",
        "--config",
    ];
    let attach = [
        "attach-disk",
        name,
        &more,
        "vdb",
        "--subdriver",
        "qcow2",
        "--live",
    ];
    let steps: &[&[&str]] = &[
        &["blockresize", name, "vda", "16M"],
        &attach,
        &[
            "blkdeviotune",
            name,
            "vdb",
            "--total-iops-sec",
            "500",
            "--live",
        ],
        &[
            "blkdeviotune",
            name,
            "vdb",
            "--total-iops-sec",
            "0",
            "--live",
        ],
        &["change-media", name, "sda", &more, "--insert", "--config"],
        &["change-media", name, "sda", "--eject", "--config"],
        &spare,
        &["detach-disk", name, "vdc", "--config"],
        &["blockpull", name, "vda", "--wait"],
        &[
            "blockcopy",
            name,
            "vda",
            "--dest",
            &copy,
            "--wait",
            "--pivot",
        ],
    ];
    for words in steps {
        let line = recorded(&host, state.path(), words);
        let line = line
            .replace(name, &there.name)
            .replace(&format!("{folder}/a-"), &format!("{folder}/b-"));
        replay(&line);
        assert_eq!(
            seen(&host, &here, "a"),
            seen(&host, &there, "b"),
            "after {line}"
        );
    }
}

/// What virsh says of the storage of a host.
fn stored(host: &Host) -> String {
    let mut seen = host.virsh(&["pool-list", "--all"]);
    seen.push_str(&host.virsh(&["secret-list"]));
    let volumes = host.try_virsh(&["vol-list", "p", "--details"]).stdout;
    for line in String::from_utf8_lossy(&volumes).lines() {
        // What is given to it depends on the moment.
        let columns: Vec<_> = line.split_whitespace().collect();
        let kept = columns.len().saturating_sub(2);
        seen.push_str(&columns[..kept].join(" "));
        seen.push('\n');
    }
    seen
}

#[test]
fn the_lines_of_storage_do_the_same() {
    let lab = Lab::get();
    let (here, there) = (lab.own_host("stored-a"), lab.own_host("stored-b"));
    let state = tempfile::tempdir().unwrap();
    let at = |name: &str| {
        let path = state.path().join(name);
        path.to_str().unwrap().to_owned()
    };
    fs::write(at("data"), vec![7; 1 << 20]).unwrap();
    let uuid = "f52a81b2-424e-490c-823d-6bd4235bc572";
    let secret = format!(
        "<secret ephemeral='no' private='no'><uuid>{uuid}</uuid><usage type='volume'><volume>/x</volume></usage></secret>"
    );
    fs::write(at("secret"), secret).unwrap();
    let (data, secret, back) = (at("data"), at("secret"), at("back"));
    let folder = "/var/lib/libvirt/p";
    let steps: &[&[&str]] = &[
        &["pool-define-as", "p", "dir", "--target", folder],
        &["pool-build", "p"],
        &["pool-start", "p"],
        &["pool-autostart", "p"],
        &["pool-autostart", "p", "--disable"],
        &[
            "vol-upload",
            "it's-$1",
            &data,
            "--pool",
            "p",
            "--create",
            "--sparse",
        ],
        &["vol-create-as", "p", "over", "2M", "--allocation", "0"],
        &[
            "vol-resize",
            "over",
            "1M",
            "--pool",
            "p",
            "--shrink",
            "--yes",
        ],
        &["vol-upload", "over", &data, "--pool", "p", "--yes"],
        &["vol-clone", "over", "q", "--pool", "p", "--format", "qcow2"],
        &[
            "vol-create-as",
            "p",
            "w",
            "1M",
            "--format",
            "qcow2",
            "--compat",
            "0.10",
        ],
        &["vol-resize", "q", "4M", "--pool", "p"],
        &["vol-wipe", "over", "--pool", "p", "--yes"],
        &["vol-download", "over", &back, "--pool", "p"],
        &["vol-delete", "it's-$1", "--pool", "p", "--yes"],
        &["secret-define", &secret],
        &["secret-undefine", uuid, "--yes"],
        &["pool-refresh", "p"],
        &["pool-destroy", "p"],
        &["pool-undefine", "p", "--yes"],
    ];
    for words in steps {
        let line = recorded(&here, state.path(), words);
        let line = line.replace(&here.uri, &there.uri);
        let fetched = words[0] == "vol-download";
        if fetched {
            fs::rename(&back, at("first")).unwrap();
        }
        replay(&line);
        if fetched {
            assert!(fs::read(&back).unwrap() == fs::read(at("first")).unwrap());
        }
        assert_eq!(stored(&here), stored(&there), "after {line}");
        if words[0] == "pool-refresh" {
            let xml = |host: &Host, name: &str| host.virsh(&["vol-dumpxml", name, "--pool", "p"]);
            for host in [&here, &there] {
                assert!(xml(host, "q").contains("<format type='qcow2'/>"));
                // The older version of qcow2 is told by nothing, the newer one by this.
                assert!(!xml(host, "w").contains("<compat>1.1"));
            }
        }
    }
}
