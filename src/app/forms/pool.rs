//! A new storage pool.

use crate::action::storage_lines;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, State, Submitted, Tone, Wrong, storing,
};
use crate::model::ConnectionId;
use crate::protocol::{NewPool, StorageVerb};
use crate::storage;

/// Opens the form.
pub fn open(state: &mut State, host: ConnectionId) {
    let kinds = [
        ("dir", "a folder of the host"),
        ("fs", "a file system on a device, mounted"),
        ("netfs", "a folder of another host, mounted (NFS)"),
        ("logical", "a volume group of LVM"),
    ];
    let kinds = kinds.map(|(word, label)| FieldOption::new(word, &format!("{word}: {label}")));
    let fields = vec![
        Field::text("name", "Name", ""),
        Field::choice("type", "Made of", kinds.to_vec(), "dir")
            .help("Other types: virtty pool-define FILE, or xml apply FILE."),
        Field::text("host", "Server", "").help("Name or address of the host that has the folder."),
        Field::text("dir", "Folder there", "").help("As the server exports it."),
        Field::text("device", "Device", "")
            .help("Such as /dev/sdb1; of a volume group that is there already it may be left out."),
        Field::text("source-name", "Volume group", "")
            .help("Its name; left out, that of the pool."),
        Field::choice(
            "format",
            "Format",
            [
                "",
                "auto",
                "ext4",
                "xfs",
                "ext3",
                "vfat",
                "nfs",
                "cifs",
                "glusterfs",
            ]
            .map(|word| match word {
                "" => FieldOption::new("", "as libvirt thinks best"),
                word => FieldOption::plain(word),
            })
            .to_vec(),
            "",
        ),
        Field::text("target", "Folder", "/var/lib/libvirt/images")
            .help("Where its volumes are on the host."),
        Field::check("build", "Make the place", true)
            .help("The folder is made; a device is formatted only when it holds nothing."),
        Field::check("start", "Start it now", true),
        Field::check("autostart", "Start it with the host", true),
        Field::check("lasting", "Keep its definition", true)
            .help("Else it is gone when it is stopped."),
    ];
    let form = Form::new(
        FormUse::Pool(host),
        "New storage pool".to_owned(),
        "Make it",
        fields,
    );
    form.open(state);
}

fn new_pool(form: &Form) -> (NewPool, bool) {
    let kind = form.text("type").to_owned();
    let some = |key: &str, on: bool| {
        let text = form.text(key).trim();
        (on && !text.is_empty()).then(|| text.to_owned())
    };
    let lasting = form.checked("lasting");
    let logical = kind == "logical";
    let name = form.text("name").to_owned();
    let group = some("source-name", logical).or_else(|| logical.then(|| name.clone()));
    let target = match &group {
        Some(group) => Some(format!("/dev/{group}")),
        None => some("target", true),
    };
    let new = NewPool {
        source_host: some("host", kind == "netfs"),
        source_path: some("dir", kind == "netfs"),
        source_device: some("device", matches!(kind.as_str(), "fs" | "logical")),
        source_name: group,
        source_format: match kind.as_str() {
            "fs" | "netfs" => some("format", true),
            "logical" => Some("lvm2".to_owned()),
            _ => None,
        },
        target,
        name,
        kind,
        build: form.checked("build"),
        start: form.checked("start"),
        autostart: form.checked("autostart"),
        ..NewPool::default()
    };
    (new, lasting)
}

/// Hides what the type has not, writes XML and commands.
pub fn changed(state: &State, form: &mut Form, host: ConnectionId) {
    let kind = form.text("type").to_owned();
    form.show("host", kind == "netfs");
    form.show("dir", kind == "netfs");
    form.show("device", matches!(kind.as_str(), "fs" | "logical"));
    form.show("source-name", kind == "logical");
    form.show("format", matches!(kind.as_str(), "fs" | "netfs"));
    form.show("target", kind != "logical");
    let lasting = form.checked("lasting");
    form.show("start", lasting);
    form.show("autostart", lasting);
    let (new, lasting) = new_pool(form);
    let xml = storage::pool_xml(&new);
    form.preview = xml
        .lines()
        .map(|line| (Tone::Dim, line.to_owned()))
        .collect();
    form.command = state.connection(host).map(|connection| {
        let verb = StorageVerb::NewPool(Box::new(new), lasting);
        storage_lines(&verb, connection.uri()).join(" && ")
    });
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    host: ConnectionId,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let (new, lasting) = new_pool(form);
    let mut wrong = Vec::new();
    if new.name.trim().is_empty() {
        wrong.push(Wrong::at("name", "A pool needs a name."));
    }
    if new.name.contains('/') {
        wrong.push(Wrong::at("name", "A name has no '/'."));
    }
    if !new
        .target
        .as_ref()
        .is_some_and(|path| path.starts_with('/'))
    {
        wrong.push(Wrong::at(
            "target",
            "The folder is a whole path, from / on.",
        ));
    }
    if new.kind == "netfs" {
        for (key, value) in [("host", &new.source_host), ("dir", &new.source_path)] {
            if value.is_none() {
                wrong.push(Wrong::at(key, "A network file system needs it."));
            }
        }
    }
    if new.kind == "fs" && new.source_device.is_none() {
        wrong.push(Wrong::at("device", "A file system lies on a device."));
    }
    if !wrong.is_empty() {
        return Submitted::Refused(wrong);
    }
    let verb = StorageVerb::NewPool(Box::new(new), lasting);
    match storing::begin(state, host, verb, effects) {
        Some(job) => Submitted::Waiting(job),
        None => Submitted::Refused(vec![Wrong::whole("The host is not connected.")]),
    }
}
