//! A copy of a volume, which may lie in another pool, have another format, or be compressed.

use super::{StoredForm, said, said_of_room, typed_name};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::create::PoolFact;
use crate::protocol::{StorageVerb, VolumeCopy, VolumeVerb};
use crate::text;

/// Whether the volumes of a pool are files, which have formats.
fn has_files(kind: &str) -> bool {
    matches!(kind, "dir" | "fs" | "netfs" | "gluster" | "vstorage")
}

/// The pool that the copy goes into; `None` is the volume's own.
fn chosen<'a>(form: &Form, wanted: &'a StoredForm) -> Option<&'a PoolFact> {
    let name = form.text("pool");
    let mut pools = wanted.pools.iter().flat_map(|pools| pools.iter());
    pools.find(|pool| pool.name == name && pool.name != wanted.pool.name)
}

/// `web.qcow2` becomes `web-copy.qcow2`.
fn suggested(name: &str) -> String {
    match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        Some((stem, ending)) => format!("{stem}-copy.{ending}"),
        None => format!("{name}-copy"),
    }
}

pub(super) fn fields(wanted: &StoredForm) -> Vec<Field> {
    let name = wanted.volume.as_ref().map_or("", |volume| &volume.name);
    let known = wanted.pools.iter().flat_map(|pools| pools.iter());
    let mut pools: Vec<FieldOption> = known
        .map(|pool| {
            let free = text::bytes(pool.available);
            FieldOption::new(&pool.name, &format!("{} ({free} free)", pool.name))
        })
        .collect();
    if pools.is_empty() {
        pools.push(FieldOption::plain(&wanted.pool.name));
    }
    let words = |all: &[(&str, &str)]| -> Vec<FieldOption> {
        all.iter()
            .map(|(word, label)| FieldOption::new(word, label))
            .collect()
    };
    vec![
        Field::text("name", "Name", &suggested(name)),
        Field::choice("pool", "Storage pool", pools, &wanted.pool.name),
        Field::choice(
            "format",
            "Format",
            words(&[("", "that of the volume"), ("qcow2", "qcow2"), ("raw", "raw")]),
            "",
        ),
        Field::choice(
            "compress",
            "Compression",
            words(&[
                ("", "none"),
                ("zlib", "zlib: every QEMU reads it"),
                ("zstd", "zstd: faster, QEMU 5.1 or newer"),
            ]),
            "",
        )
        .help("By qemu-img on this machine, so only where that has the files of the host. What is written later is not compressed."),
        Field::check("tables", "Tables at once", false)
            .help("The tables of qcow2 are given room now, which makes the first writes faster."),
        Field::check("reflink", "Share blocks", false)
            .help("Takes no time and no room; btrfs and XFS can, others refuse."),
    ]
}

pub(super) fn changed(form: &mut Form, wanted: &StoredForm) {
    let Some(volume) = &wanted.volume else { return };
    let pool = chosen(form, wanted);
    let files = pool.map_or(wanted.pool.has_files(), |pool| has_files(&pool.kind));
    let own = volume.format.as_deref().unwrap_or("raw").to_owned();
    let format = Some(form.text("format").to_owned()).filter(|format| !format.is_empty());
    let changes = format.as_ref().is_some_and(|format| *format != own);
    let qcow2 = files && format.as_deref().unwrap_or(&own) == "qcow2";
    form.show("format", files);
    form.show("compress", qcow2);
    let compressed = qcow2 && !form.text("compress").is_empty();
    form.show("tables", qcow2 && !compressed);
    form.show(
        "reflink",
        files && !changes && !compressed && pool.is_none(),
    );
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), text::bytes);
    let words = format!(
        "{own}, {}, {} on disk",
        size(volume.capacity_bytes),
        size(volume.allocation_bytes)
    );
    said(form, Tone::Normal, words);
    if let Some(base) = &volume.backing {
        let words = match changes || compressed {
            true => format!(
                "What it is based on ({}) is copied into it.",
                text::visible(base)
            ),
            false => format!("Like the original it is based on {}.", text::visible(base)),
        };
        said(form, Tone::Normal, words);
    }
    if changes && own == "qcow2" {
        said(
            form,
            Tone::Warn,
            "raw has no snapshots inside: those of the original are not in the copy.",
        );
    }
    let room = pool
        .map(|pool| pool.available)
        .or(wanted.pool.available_bytes);
    let name = pool.map_or(&wanted.pool.name, |pool| &pool.name).clone();
    said_of_room(form, &name, room, volume.allocation_bytes);
    if !compressed {
        said(
            form,
            Tone::Dim,
            "libvirt cannot stop in between: given up (J, K), the copy is deleted when it is whole.",
        );
    }
}

pub(super) fn verb(form: &Form, wanted: &StoredForm) -> Result<StorageVerb, Wrong> {
    let name = typed_name(form, "name")?;
    let pool = chosen(form, wanted);
    let volumes = pool.iter().flat_map(|pool| &pool.volumes);
    let is_own = pool.is_none() && wanted.volume.as_ref().is_some_and(|own| own.name == name);
    if is_own || volumes.into_iter().any(|volume| volume.name == name) {
        return Err(Wrong::at("name", "There is a volume of that name already."));
    }
    let shown = |key: &str| {
        let field = form.field(key).filter(|field| !field.hidden)?;
        Some(field.value().to_owned()).filter(|value| !value.is_empty())
    };
    Ok(StorageVerb::Volume(
        wanted.name(),
        VolumeVerb::Copy(VolumeCopy {
            name,
            pool: pool.map(|pool| pool.name.clone()),
            format: shown("format"),
            prealloc_metadata: form.checked("tables"),
            reflink: form.checked("reflink"),
            compression: shown("compress"),
        }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_the_ending() {
        for (name, copy) in [
            ("web.qcow2", "web-copy.qcow2"),
            ("a", "a-copy"),
            (".hidden", ".hidden-copy"),
        ] {
            assert_eq!(suggested(name), copy);
        }
    }
}
