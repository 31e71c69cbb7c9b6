//! A copy of a disk while its guest runs, and moving to it.

use super::chain::{limit, limit_bps};
use super::{DiskForm, said, volume_at};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::create::PoolFact;
use crate::protocol::{DiskCopy, DiskVerb, DomainVerb};
use crate::text;

/// Pools whose volumes are files: a copy makes one in them.
fn pools(wanted: &DiskForm) -> impl Iterator<Item = &PoolFact> {
    let all = wanted.host.iter().flat_map(|host| &host.pools);
    all.filter(|pool| {
        matches!(
            pool.kind.as_str(),
            "dir" | "fs" | "netfs" | "gluster" | "vstorage"
        ) && pool.path.is_some()
    })
}

pub(super) fn fields(wanted: &DiskForm) -> Vec<Field> {
    let mut options: Vec<FieldOption> = pools(wanted)
        .map(|pool| {
            let free = text::bytes(pool.available);
            FieldOption::new(&pool.name, &format!("{} ({free} free)", pool.name))
        })
        .collect();
    options.push(FieldOption::new("", "a path of one's own"));
    let top = wanted.disk.layers.first();
    let here = top.and_then(|layer| layer.pool.as_deref());
    // Somewhere else is what one mostly wants.
    let other = pools(wanted).find(|pool| Some(pool.name.as_str()) != here);
    let chosen = other.map_or("", |pool| pool.name.as_str());
    let path = top.map_or("", |layer| layer.source.as_str());
    let file = path.rsplit('/').next().unwrap_or_default();
    let formats = vec![
        FieldOption::new("", "that of the disk"),
        FieldOption::plain("qcow2"),
        FieldOption::plain("raw"),
    ];
    let ends = vec![
        FieldOption::new("pivot", "the domain goes on with the copy"),
        FieldOption::new("finish", "the domain stays where it is"),
        FieldOption::new("wait", "both are kept the same until you choose"),
    ];
    let mut fields = vec![
        Field::choice("pool", "Storage pool", options, chosen),
        Field::text("name", "Name", file),
        Field::text("dest", "Path", "").help("On the host; nothing may be there yet."),
        Field::choice("format", "Format", formats, ""),
        Field::choice("end", "When it is whole", ends, "pivot"),
        Field::check("shallow", "The active layer alone", false)
            .help("The copy stands on the same layers below; they must stay where they are."),
        limit(None),
    ];
    if wanted.host.is_none() {
        // Which pools there are is not known yet.
        fields.remove(0);
    }
    fields
}

fn dest(form: &Form, wanted: &DiskForm) -> Result<String, Wrong> {
    let pool = pools(wanted).find(|pool| pool.name == form.text("pool"));
    let Some(folder) = pool.and_then(|pool| pool.path.as_deref()) else {
        let path = form.text("dest");
        return match path.starts_with('/') {
            true => Ok(path.to_owned()),
            false => Err(Wrong::at("dest", "A path on the host begins with '/'.")),
        };
    };
    let name = form.text("name");
    if name.is_empty() || name.contains('/') {
        return Err(Wrong::at("name", "A name without '/' is wanted."));
    }
    Ok(format!("{}/{name}", folder.trim_end_matches('/')))
}

pub(super) fn changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    let in_pool = !form.text("pool").is_empty();
    form.show("name", in_pool);
    form.show("dest", !in_pool);
    form.show("shallow", wanted.disk.layers.len() > 1);
    if wanted.host.is_none() {
        said(
            form,
            Tone::Dim,
            "The pools of the host are still looked at.",
        );
    }
    let top = wanted.disk.layers.first();
    if let Some(layer) = top {
        let size = layer.capacity_bytes.map(text::bytes).unwrap_or_default();
        let words = format!("From {} {size}", text::visible(&layer.source));
        said(form, Tone::Normal, words.trim_end());
    }
    if let Ok(path) = dest(form, wanted) {
        let words = format!("To {}", text::visible(&path));
        said(form, Tone::Normal, words);
        let pool = pools(wanted).find(|pool| pool.name == form.text("pool"));
        // The file may grow to all of the disk.
        let room = pool.map(|pool| pool.available);
        let size = top.and_then(|layer| layer.capacity_bytes);
        if let (Some(room), Some(size)) = (room, size)
            && room < size
        {
            let words = format!(
                "The pool has {} left, and the copy may take {}.",
                text::bytes(room),
                text::bytes(size)
            );
            said(form, Tone::Warn, words);
        }
    }
    let end = match form.text("end") {
        "pivot" => "The old file stays as it is then, and is nobody's: it is among the leftovers.",
        "finish" => "The copy is the disk as it was at that moment.",
        _ => "f moves to the copy, K gives it up.",
    };
    said(form, Tone::Dim, end);
    said(
        form,
        Tone::Dim,
        "The guest runs on. The job is among the jobs, and goes on in libvirt when virtty ends.",
    );
}

pub(super) fn verb(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    let dest = dest(form, wanted)?;
    if volume_at(wanted, &dest).is_some() {
        let at = if form.text("pool").is_empty() {
            "dest"
        } else {
            "name"
        };
        return Err(Wrong::at(at, "There is a volume of that name already."));
    }
    let end = form.text("end");
    Ok(DomainVerb::Disk(DiskVerb::Copy(Box::new(DiskCopy {
        target: wanted.disk.target.clone(),
        dest,
        format: Some(form.text("format").to_owned()).filter(|format| !format.is_empty()),
        shallow: form.checked("shallow"),
        limit_bps: limit_bps(form),
        wait: end == "wait",
        pivot: end == "pivot",
        finish: end == "finish",
        ..DiskCopy::default()
    }))))
}
