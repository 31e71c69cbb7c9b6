//! Doing something to a disk of a domain, and watching the jobs that this begins.

use std::thread;
use std::time::Duration;

use roxmltree::Document;

use super::ffi::{DeviceChange, Domain, Error, Result};
use super::{arranging, disk_guard};
use crate::domxml;
use crate::model::DiskFacts;
use crate::protocol::{
    Affect, Arrange, DiskCopy, DiskVerb, DomainVerb, Medium, NewDisk, Tuned, XmlKind,
};
use crate::xml::Element;

/// How often it is looked how far a job is.
const LOOK: Duration = Duration::from_millis(250);

/// How many looks a guest gets to let go of a disk.
const LETTING_GO: u32 = 40;

/// virt-manager's word for what is done.
#[must_use]
pub const fn label(verb: &DiskVerb) -> &'static str {
    match verb {
        DiskVerb::Attach(..) => "Attach a disk to",
        DiskVerb::Detach(..) => "Detach a disk of",
        DiskVerb::Media { .. } => "Change the medium of",
        DiskVerb::Resize { .. } => "Resize a disk of",
        DiskVerb::Commit(_) => "Commit a disk of",
        DiskVerb::Pull { .. } => "Pull into a disk of",
        DiskVerb::Copy(_) => "Copy a disk of",
        DiskVerb::EndJob { pivot: true, .. } => "Pivot a disk of",
        DiskVerb::EndJob { .. } => "Give up the block job of",
        DiskVerb::JobSpeed { .. } => "Limit the block job of",
        DiskVerb::AbortJob => "Give up the job of",
        DiskVerb::Throttle { .. } => "Limit a disk of",
    }
}

/// Does it. `pausing` is called when all that is left is to wait.
///
/// # Errors
/// libvirt's own, or a refusal in our words.
pub fn perform(domain: &Domain, verb: &DiskVerb, pausing: impl FnOnce()) -> Result<()> {
    disk_guard::check(domain, verb)?;
    match verb {
        DiskVerb::Attach(disk, affect) => attach(domain, disk, *affect),
        DiskVerb::Detach(target, affect) => detach(domain, target, *affect, pausing),
        DiskVerb::Media {
            target,
            medium,
            force,
            affect,
        } => change_medium(domain, target, medium, *force, *affect),
        DiskVerb::Resize {
            target,
            bytes,
            shrink,
        } => resize(domain, target, *bytes, *shrink),
        DiskVerb::Commit(commit) => {
            let before = layers(domain, &commit.target)?;
            domain.block_commit(commit)?;
            if !(commit.wait || commit.pivot || commit.keep_overlay) {
                return Ok(());
            }
            pausing();
            let active = commit.active && commit.top.is_none();
            if active {
                end(domain, &commit.target, commit.pivot, commit.keep_overlay)
            } else {
                until_gone(domain, &commit.target)?;
                shorter(domain, &commit.target, before)
            }
        }
        DiskVerb::Pull {
            target,
            base,
            limit_bps,
            wait,
        } => {
            let before = layers(domain, target)?;
            domain.block_pull(target, base, *limit_bps)?;
            if !wait {
                return Ok(());
            }
            pausing();
            until_gone(domain, target)?;
            shorter(domain, target, before)
        }
        DiskVerb::Copy(copy) => {
            // A file that is there already would be written over.
            domain.block_copy(copy, &destination(domain, copy)?, domain.is_persistent()?)?;
            if !(copy.wait || copy.pivot || copy.finish) {
                return Ok(());
            }
            pausing();
            end(domain, &copy.target, copy.pivot, copy.finish)
        }
        DiskVerb::EndJob {
            target,
            pivot,
            in_background,
        } => domain.end_block_job(target, *pivot, *in_background),
        DiskVerb::JobSpeed { target, limit_bps } => domain.limit_block_job(target, *limit_bps),
        DiskVerb::AbortJob => domain.abort_job(),
        DiskVerb::Throttle {
            target,
            values,
            seconds,
        } => throttle(domain, target, values, *seconds, pausing),
    }
}

fn facts(domain: &Domain, target: &str, kind: XmlKind) -> Result<DiskFacts> {
    let disks = domxml::disks(&domain.xml(kind)?).map_err(|error| Error::own(error.to_string()))?;
    let known: Vec<_> = disks.iter().map(|disk| disk.target.clone()).collect();
    let found = disks
        .into_iter()
        .find(|disk| disk.target == target || source(disk) == Some(target));
    found.ok_or_else(|| {
        Error::own(format!(
            "it has no disk '{target}': its disks are {}",
            known.join(", ")
        ))
    })
}

fn source(disk: &DiskFacts) -> Option<&str> {
    disk.layers.first().map(|layer| layer.source.as_str())
}

fn layers(domain: &Domain, target: &str) -> Result<usize> {
    Ok(facts(domain, target, XmlKind::Live)?.layers.len())
}

/// A job of libvirt 9 that failed is gone as one that succeeded is: the chain tells them apart.
fn shorter(domain: &Domain, target: &str, before: usize) -> Result<()> {
    if layers(domain, target)? < before {
        return Ok(());
    }
    Err(Error::own(format!(
        "the job on {target} has ended, but the chain of the disk is what it was: it failed or was given up (E shows the events)"
    )))
}

/// Waits until both sides are the same, then ends the job as wished.
fn end(domain: &Domain, target: &str, pivot: bool, stay: bool) -> Result<()> {
    loop {
        // The mirror's own word: the figures are equal before it is.
        let mirror = facts(domain, target, XmlKind::Live)?.mirror;
        match mirror {
            Some(mirror) if mirror.ready => break,
            Some(_) => thread::sleep(LOOK),
            None => {
                return Err(Error::own(format!(
                    "the job on {target} was given up, or failed, before both sides were the same; the disk is what it was (E shows the events)"
                )));
            }
        }
    }
    if pivot || stay {
        domain.end_block_job(target, pivot, false)?;
    }
    Ok(())
}

fn until_gone(domain: &Domain, target: &str) -> Result<()> {
    while domain.block_job(target)?.is_some() {
        thread::sleep(LOOK);
    }
    Ok(())
}

fn attach(domain: &Domain, disk: &NewDisk, affect: Affect) -> Result<()> {
    for kind in [XmlKind::Live, XmlKind::Inactive] {
        let xml = domain.xml(kind)?;
        let disks = domxml::disks(&xml).map_err(|error| Error::own(error.to_string()))?;
        let runs = kind == XmlKind::Live;
        let concerned = match affect {
            Affect::Both => true,
            Affect::Config => !runs,
            Affect::Live | Affect::Current => runs,
        };
        if concerned && disks.iter().any(|known| known.target == disk.target) {
            return Err(Error::own(format!(
                "it has a disk {} already: choose another target",
                disk.target
            )));
        }
    }
    let attached = domain.change_device(DeviceChange::Attach, &document(disk), affect);
    attached.map_err(|error| {
        if error.message.contains("No more available PCI") {
            return Error::own(format!(
                "{error}: its machine has no slot left for one more device of this kind; shut it down and attach with --config, \
                 for which libvirt adds a slot, or plug into a bus that it has (--targetbus scsi, usb)"
            ));
        }
        error
    })
}

/// The XML of a new disk.
fn document(disk: &NewDisk) -> String {
    let block = disk
        .source
        .as_deref()
        .is_some_and(|source| source.starts_with("/dev/"));
    let kind = if block { "block" } else { "file" };
    let device = disk.device.as_deref().unwrap_or("disk");
    let driver = Element::new("driver")
        .with("name", "qemu")
        .maybe("type", disk.format.as_ref())
        .maybe("cache", disk.cache.as_ref())
        .maybe("io", disk.io.as_ref())
        .maybe("discard", disk.discard.as_ref());
    let mut element = Element::new("disk")
        .with("type", kind)
        .with("device", device);
    if disk.format.is_some() || disk.cache.is_some() || disk.io.is_some() || disk.discard.is_some()
    {
        element = element.child(driver);
    }
    if let Some(source) = &disk.source {
        let name = if block { "dev" } else { "file" };
        element = element.child(Element::new("source").with(name, source));
    }
    element = element.child(
        Element::new("target")
            .with("dev", &disk.target)
            .maybe("bus", disk.bus.as_ref()),
    );
    if disk.readonly {
        element = element.child(Element::new("readonly"));
    }
    if disk.shareable {
        element = element.child(Element::new("shareable"));
    }
    if let Some(serial) = &disk.serial {
        element = element.child(Element::text("serial", serial));
    }
    element.document()
}

/// The text of a disk's element as libvirt has it.
fn element(domain: &Domain, target: &str, kind: XmlKind) -> Result<String> {
    let xml = match kind {
        XmlKind::Live => domain.xml_with_secrets()?,
        XmlKind::Inactive => domain.inactive_xml_with_secrets()?,
    };
    let document = Document::parse(&xml).map_err(|error| Error::own(error.to_string()))?;
    let found = document
        .descendants()
        .filter(|node| node.has_tag_name("disk"))
        .find(|disk| {
            disk.children()
                .any(|node| node.has_tag_name("target") && node.attribute("dev") == Some(target))
        });
    found
        .map(|disk| xml[disk.range()].to_owned())
        .ok_or_else(|| Error::own(format!("it has no disk {target}")))
}

/// Which definitions a change is for, one at a time: their elements may differ.
fn places(domain: &Domain, affect: Affect) -> Result<Vec<(XmlKind, Affect)>> {
    let live = (XmlKind::Live, Affect::Live);
    let config = (XmlKind::Inactive, Affect::Config);
    let runs = domain.state()?.0.is_active();
    Ok(match affect {
        Affect::Live => vec![live],
        Affect::Config => vec![config],
        Affect::Both => vec![live, config],
        Affect::Current if runs => vec![live],
        Affect::Current => vec![config],
    })
}

fn detach(domain: &Domain, target: &str, affect: Affect, pausing: impl FnOnce()) -> Result<()> {
    let places = places(domain, affect)?;
    // All are looked at before anything is done.
    let mut found = Vec::new();
    let both = places.len() == 2;
    for (kind, affect) in places {
        let element = element(domain, target, kind).map_err(|error| {
            if !both {
                return error;
            }
            // In one of the two it may be all the same.
            match kind {
                XmlKind::Live => Error::own(format!(
                    "the running guest has no disk {target}; nothing was done (--config alone is for the next start)"
                )),
                XmlKind::Inactive => Error::own(format!(
                    "its definition for the next start has no disk {target}; nothing was done (--live alone is for the running guest)"
                )),
            }
        });
        found.push((element?, affect));
    }
    let live = found.iter().any(|(_, affect)| *affect == Affect::Live);
    for (xml, affect) in found {
        domain.change_device(DeviceChange::Detach, &xml, affect)?;
    }
    if !live {
        return Ok(());
    }
    pausing();
    // libvirt answers when it has asked the guest; the guest lets go when it likes.
    for _ in 0..LETTING_GO {
        if facts(domain, target, XmlKind::Live).is_err() {
            return Ok(());
        }
        thread::sleep(LOOK);
    }
    Err(Error::own(format!(
        "the guest was asked to let go of {target} and has not: it may still do so, or its driver cannot"
    )))
}

fn change_medium(
    domain: &Domain,
    target: &str,
    medium: &Medium,
    force: bool,
    affect: Affect,
) -> Result<()> {
    let change = if force {
        DeviceChange::ForceUpdate
    } else {
        DeviceChange::Update
    };
    for (kind, affect) in places(domain, affect)? {
        let disk = facts(domain, target, kind)?;
        let target = disk.target.as_str();
        if !matches!(disk.device.as_str(), "cdrom" | "floppy") {
            return Err(Error::own(format!(
                "{target} is a {}, not a drive with a medium: attach-disk and detach-disk plug disks",
                disk.device
            )));
        }
        match (medium, source(&disk)) {
            (Medium::Eject, None) => {
                return Err(Error::own(format!("there is no medium in {target}")));
            }
            (Medium::Insert(_), Some(present)) => {
                return Err(Error::own(format!(
                    "{present} is in {target} already: eject it first, or use --update"
                )));
            }
            _ => {}
        }
        let new = NewDisk {
            source: match medium {
                Medium::Eject => None,
                Medium::Insert(path) | Medium::Update(path) => Some(path.clone()),
            },
            target: target.to_owned(),
            bus: disk.bus.clone(),
            device: Some(disk.device.clone()),
            readonly: disk.readonly,
            ..NewDisk::default()
        };
        domain.change_device(change, &document(&new), affect)?;
    }
    Ok(())
}

/// Gives a disk another size. One that is smaller than the present one cuts off what the guest may have there.
fn resize(domain: &Domain, target: &str, bytes: Option<u64>, shrink: bool) -> Result<()> {
    if let Some(bytes) = bytes.filter(|_| !shrink) {
        let sizes = super::disks::sizes(domain)?;
        let present = sizes
            .iter()
            .find(|layer| layer.disk == target)
            .and_then(|layer| layer.capacity_bytes);
        match present {
            Some(present) if bytes < present => {
                return Err(Error::own(format!(
                    "{target} has {present} bytes: {bytes} would cut off what lies behind; nothing was done (--shrink does it all the same)"
                )));
            }
            None => {
                return Err(Error::own(format!(
                    "the present size of {target} is not known, so a smaller one cannot be refused; nothing was done (--shrink does it all the same)"
                )));
            }
            Some(_) => {}
        }
    }
    domain.resize_disk(target, bytes)
}

/// The XML of what a disk is copied to.
fn destination(domain: &Domain, copy: &DiskCopy) -> Result<String> {
    let format = match &copy.format {
        Some(format) => Some(format.clone()),
        None => facts(domain, &copy.target, XmlKind::Live)?
            .layers
            .first()
            .and_then(|layer| layer.format.clone()),
    };
    let (kind, name) = if copy.block_device {
        ("block", "dev")
    } else {
        ("file", "file")
    };
    let mut element = Element::new("disk")
        .with("type", kind)
        .child(Element::new("source").with(name, &copy.dest));
    if let Some(format) = format {
        element = element.child(Element::new("driver").with("type", format));
    }
    Ok(element.document())
}

/// Limits a disk of a running domain for a while, and puts back what held before.
fn throttle(
    domain: &Domain,
    target: &str,
    values: &[(String, String)],
    seconds: u32,
    pausing: impl FnOnce(),
) -> Result<()> {
    let step = DomainVerb::Tune {
        set: Tuned::Disk(target.to_owned()),
        values: values.to_vec(),
        affect: Affect::Live,
    };
    let wanted = Arrange {
        steps: vec![step],
        seconds: Some(seconds),
    };
    arranging::perform(domain, &wanted, pausing).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_disk_is_what_was_asked_for_and_no_more() {
        let plain = NewDisk {
            source: Some("/p/a&b".to_owned()),
            target: "vdb".to_owned(),
            ..NewDisk::default()
        };
        assert_eq!(
            document(&plain).replace(['\n', ' '], ""),
            "<disktype='file'device='disk'><sourcefile='/p/a&amp;b'/><targetdev='vdb'/></disk>"
        );
        let drive = NewDisk {
            target: "sda".to_owned(),
            device: Some("cdrom".to_owned()),
            bus: Some("sata".to_owned()),
            readonly: true,
            ..NewDisk::default()
        };
        let xml = document(&drive);
        assert!(
            xml.contains("cdrom") && xml.contains("<readonly/>") && !xml.contains("source"),
            "{xml}"
        );
        let block = NewDisk {
            source: Some("/dev/vg/x".to_owned()),
            target: "vdc".to_owned(),
            format: Some("raw".to_owned()),
            ..NewDisk::default()
        };
        assert!(
            document(&block).contains("dev='/dev/vg/x'")
                && document(&block).contains("type='block'")
        );
    }
}
