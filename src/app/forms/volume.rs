//! A new storage volume.

use crate::action::storage_lines;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, State, Submitted, Tone, Wrong, storing,
};
use crate::model::{ConnectionId, Pool};
use crate::protocol::{NewVolume, PoolName, Preallocation, StorageVerb};
use crate::storage;

/// The largest volume, in KiB: what libvirt counts in bytes.
const MOST_KIB: u64 = u64::MAX / 1024;

/// Where the volume is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPool {
    host: ConnectionId,
    pool: PoolName,
    files: bool,
}

/// Opens the form; `known` are paths that it may be based on.
pub fn open(state: &mut State, host: ConnectionId, pool: &Pool, known: Vec<String>) {
    let place = InPool {
        host,
        pool: PoolName {
            name: pool.name.clone(),
            uuid: Some(pool.uuid),
        },
        files: pool.has_files(),
    };
    let words = |all: &[(&str, &str)]| -> Vec<FieldOption> {
        all.iter()
            .map(|(word, label)| FieldOption::new(word, label))
            .collect()
    };
    let fields = vec![
        Field::text("name", "Name", ""),
        Field::size("capacity", "Size", Some(20 << 20), 1..=MOST_KIB),
        Field::choice(
            "format",
            "Format",
            words(&[("qcow2", "qcow2"), ("raw", "raw")]),
            "qcow2",
        ),
        Field::choice(
            "preallocation",
            "Room at once",
            words(&[
                ("off", "none: it grows as it is written"),
                ("metadata", "its tables (qcow2)"),
                ("falloc", "all of it, reserved"),
                ("full", "all of it, written (raw)"),
            ]),
            "off",
        ),
        Field::text("backing", "Based on", "")
            .offer(known)
            .help("A path on the host, or a volume of this pool; left empty it stands by itself."),
        Field::choice(
            "backing-format",
            "Format of that",
            words(&[
                ("", "as libvirt knows it"),
                ("qcow2", "qcow2"),
                ("raw", "raw"),
            ]),
            "",
        ),
        Field::choice(
            "encryption",
            "Encryption",
            words(&[
                ("", "none"),
                ("luks", "LUKS"),
                ("aes", "AES of old qcow2 (obsolete, not made any more)"),
            ]),
            "",
        ),
        Field::text("secret", "Secret", "").help("UUID of the secret that holds the passphrase."),
        Field::choice(
            "cluster",
            "Cluster",
            words(&[
                ("", "64K"),
                ("131072", "128K"),
                ("262144", "256K"),
                ("1048576", "1M"),
                ("2097152", "2M"),
                ("4096", "4K"),
            ]),
            "",
        )
        .help("Larger ones need smaller tables; each first write copies one."),
        Field::choice(
            "compat",
            "Version",
            words(&[("", "1.1"), ("0.10", "0.10, for QEMU before 1.1")]),
            "",
        ),
        Field::check("lazy", "Lazy refcounts", false)
            .help("Faster while it is written; after a crash it is checked before it is used."),
    ];
    let mut form = Form::new(
        FormUse::Volume(place),
        format!("New volume in {}", pool.name),
        "Make it",
        fields,
    );
    form.lead = vec![
        (
            Tone::Dim,
            "raw is as fast as the disk below, and any tool reads it; it has no snapshots inside."
                .to_owned(),
        ),
        (
            Tone::Dim,
            "qcow2 grows as it is written, takes snapshots and a base; it costs some speed."
                .to_owned(),
        ),
    ];
    form.open(state);
}

fn new_volume(form: &Form, place: &InPool) -> NewVolume {
    let some = |key: &str, on: bool| {
        let text = form.text(key).trim();
        (on && !text.is_empty()).then(|| text.to_owned())
    };
    let qcow2 = place.files && form.text("format") == "qcow2";
    NewVolume {
        name: form.text("name").to_owned(),
        capacity_bytes: form.amount("capacity").unwrap_or(0).saturating_mul(1024),
        allocation_bytes: None,
        format: some("format", place.files),
        backing: some("backing", qcow2),
        backing_format: some("backing-format", qcow2 && !form.text("backing").is_empty()),
        preallocation: match form.text("preallocation") {
            _ if !place.files => Preallocation::Unsaid,
            "metadata" => Preallocation::Metadata,
            "falloc" => Preallocation::Falloc,
            "full" => Preallocation::Full,
            _ => Preallocation::Off,
        },
        cluster_bytes: some("cluster", qcow2).and_then(|bytes| bytes.parse().ok()),
        compat: some("compat", qcow2),
        lazy_refcounts: qcow2 && form.checked("lazy"),
        secret: (form.text("encryption") == "luks")
            .then(|| form.text("secret").trim().parse().ok())
            .flatten(),
    }
}

/// Hides what the format has not, writes XML and command.
pub fn changed(state: &State, form: &mut Form, place: &InPool) {
    let qcow2 = place.files && form.text("format") == "qcow2";
    for key in ["format", "preallocation"] {
        form.show(key, place.files);
    }
    for key in ["backing", "cluster", "compat", "lazy"] {
        form.show(key, qcow2);
    }
    let based = qcow2 && !form.text("backing").is_empty();
    form.show("backing-format", based);
    let encrypted = form.text("encryption") == "luks";
    form.show("secret", encrypted);
    let new = new_volume(form, place);
    let (xml, _) = storage::volume_xml(&new, place.files, new.backing.as_deref());
    form.preview = xml
        .lines()
        .map(|line| (Tone::Dim, line.to_owned()))
        .collect();
    form.command = state.connection(place.host).map(|connection| {
        let verb = StorageVerb::NewVolume(place.pool.clone(), Box::new(new));
        storage_lines(&verb, connection.uri()).join(" && ")
    });
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    place: &InPool,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let new = new_volume(form, place);
    let mut wrong = Vec::new();
    if new.name.trim().is_empty() {
        wrong.push(Wrong::at("name", "A volume needs a name."));
    }
    if new.name.contains('/') {
        wrong.push(Wrong::at("name", "A name has no '/'."));
    }
    let qcow2 = new.format.as_deref() == Some("qcow2");
    if new.preallocation == Preallocation::Full && qcow2 {
        let why = "libvirt cannot write a qcow2 full: falloc reserves the same room.";
        wrong.push(Wrong::at("preallocation", why));
    }
    if new.preallocation == Preallocation::Metadata && !qcow2 {
        wrong.push(Wrong::at("preallocation", "raw has no tables."));
    }
    if new.backing.is_some()
        && !matches!(
            new.preallocation,
            Preallocation::Off | Preallocation::Unsaid
        )
    {
        wrong.push(Wrong::at(
            "preallocation",
            "What has a base grows as it is written.",
        ));
    }
    match form.text("encryption") {
        "luks" if new.secret.is_none() => {
            wrong.push(Wrong::at(
                "secret",
                "LUKS needs the UUID of a secret with a value.",
            ));
        }
        "aes" => wrong.push(Wrong::at(
            "encryption",
            "QEMU gave it up because it is broken: take LUKS.",
        )),
        _ => {}
    }
    if !wrong.is_empty() {
        return Submitted::Refused(wrong);
    }
    let verb = StorageVerb::NewVolume(place.pool.clone(), Box::new(new));
    match storing::begin(state, place.host, verb, effects) {
        Some(job) => Submitted::Waiting(job),
        None => Submitted::Refused(vec![Wrong::whole("The host is not connected.")]),
    }
}
