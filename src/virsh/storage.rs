//! Commands about pools, volumes and secrets as what is asked of libvirt, and back.

use super::{Given, WordError, bytes, command, join};
use crate::model::Uuid;
use crate::protocol::{
    NewPool, NewVolume, Overwrite, PoolName, PoolVerb, Preallocation, SecretVerb, StorageDocument,
    StorageVerb, Transfer, VolumeCopy, VolumeName, VolumeVerb,
};

/// What a command asks of a host's storage; `None` for one that reads, or is about something else. The value of a secret is no
/// word of a line: `secret-set-value` is only read where it forgets it.
///
/// # Errors
/// Options that exclude each other, words that are none.
pub fn storage_verb(given: &Given) -> Result<Option<StorageVerb>, WordError> {
    let has = |name: &str| given.has(name);
    let pool = |verb| StorageVerb::Pool(pool_name(given), verb);
    let volume = |verb| StorageVerb::Volume(volume_name(given), verb);
    let document = |kind| StorageVerb::DefineFile(kind, text(given, "file"));
    Ok(Some(match given.command.name {
        "pool-start" => pool(PoolVerb::Start(
            has("build").then(|| overwrite(given)).transpose()?,
        )),
        "pool-destroy" => pool(PoolVerb::Stop),
        "pool-refresh" => pool(PoolVerb::Refresh),
        "pool-build" => pool(PoolVerb::Build(overwrite(given)?)),
        "pool-delete" => pool(PoolVerb::Delete),
        "pool-undefine" => pool(PoolVerb::Undefine),
        "pool-autostart" => pool(PoolVerb::Autostart(!has("disable"))),
        "pool-define-as" => StorageVerb::NewPool(Box::new(new_pool(given)), true),
        "pool-create-as" => StorageVerb::NewPool(Box::new(new_pool(given)), false),
        "pool-define" => document(StorageDocument::Pool),
        "pool-create" => document(StorageDocument::TransientPool),
        "secret-define" => document(StorageDocument::Secret),
        "vol-create" => StorageVerb::VolumeFile(pool_name(given), text(given, "file")),
        "vol-create-as" => StorageVerb::NewVolume(pool_name(given), Box::new(new_volume(given)?)),
        "vol-clone" => volume(VolumeVerb::Copy(VolumeCopy {
            name: text(given, "newname"),
            pool: some(given, "to-pool"),
            format: some(given, "format"),
            prealloc_metadata: has("prealloc-metadata"),
            reflink: has("reflink"),
            compression: some(given, "compress"),
        })),
        "vol-resize" => {
            if has("delta") && has("shrink") {
                return Err(WordError::Both("delta", "shrink"));
            }
            volume(VolumeVerb::Resize {
                bytes: size(given, "capacity")?.unwrap_or_default(),
                delta: has("delta"),
                shrink: has("shrink"),
                allocate: has("allocate"),
            })
        }
        "vol-wipe" => volume(VolumeVerb::Wipe(some(given, "algorithm"))),
        "vol-delete" => volume(VolumeVerb::Delete),
        "vol-upload" if has("create") => volume(VolumeVerb::Import(transfer(given)?)),
        "vol-upload" => volume(VolumeVerb::Upload(transfer(given)?)),
        "vol-download" => volume(VolumeVerb::Download(transfer(given)?)),
        "secret-set-value" if has("clear") => {
            StorageVerb::Secret(secret(given)?, SecretVerb::Clear)
        }
        "secret-undefine" => StorageVerb::Secret(secret(given)?, SecretVerb::Undefine),
        _ => return Ok(None),
    }))
}

/// The secret that a command names.
///
/// # Errors
/// That it is no UUID.
pub fn secret(given: &Given) -> Result<Uuid, WordError> {
    let word = text(given, "secret");
    word.parse()
        .map_err(|_| WordError::Value(format!("'{word}' is no UUID of a secret")))
}

/// The pool that a command names.
#[must_use]
pub fn pool_name(given: &Given) -> PoolName {
    PoolName {
        name: text(given, "pool"),
        uuid: None,
    }
}

/// The volume that a command names.
#[must_use]
pub fn volume_name(given: &Given) -> VolumeName {
    VolumeName {
        pool: given.value("pool").map(|_| pool_name(given)),
        name: text(given, "vol"),
        path: None,
    }
}

fn text(given: &Given, name: &str) -> String {
    given.value(name).unwrap_or_default().to_owned()
}

fn some(given: &Given, name: &str) -> Option<String> {
    given.value(name).map(str::to_owned)
}

fn size(given: &Given, name: &str) -> Result<Option<u64>, WordError> {
    let read = given.value(name).map(bytes).transpose();
    read.map_err(WordError::Value)
}

fn overwrite(given: &Given) -> Result<Overwrite, WordError> {
    match (given.has("overwrite"), given.has("no-overwrite")) {
        (true, true) => Err(WordError::Both("overwrite", "no-overwrite")),
        (true, false) => Ok(Overwrite::Yes),
        (false, true) => Ok(Overwrite::No),
        (false, false) => Ok(Overwrite::Unsaid),
    }
}

fn new_pool(given: &Given) -> NewPool {
    NewPool {
        name: text(given, "name"),
        kind: text(given, "type"),
        source_host: some(given, "source-host"),
        source_path: some(given, "source-path"),
        source_device: some(given, "source-dev"),
        source_name: some(given, "source-name"),
        target: some(given, "target"),
        source_format: some(given, "source-format"),
        auth_type: some(given, "auth-type"),
        auth_username: some(given, "auth-username"),
        secret_usage: some(given, "secret-usage"),
        secret_uuid: some(given, "secret-uuid"),
        adapter_name: some(given, "adapter-name"),
        source_initiator: some(given, "source-initiator"),
        ..NewPool::default()
    }
}

fn new_volume(given: &Given) -> Result<NewVolume, WordError> {
    if given.has("prealloc-metadata") && given.has("preallocation") {
        return Err(WordError::Both("prealloc-metadata", "preallocation"));
    }
    let preallocation = match given.value("preallocation") {
        None if given.has("prealloc-metadata") => Preallocation::Metadata,
        None => Preallocation::Unsaid,
        Some("off") => Preallocation::Off,
        Some("metadata") => Preallocation::Metadata,
        Some("falloc") => Preallocation::Falloc,
        Some(_) => Preallocation::Full,
    };
    let secret = given.value("luks-secret").map(|word| {
        word.parse()
            .map_err(|_| WordError::Value(format!("'{word}' is no UUID of a secret")))
    });
    Ok(NewVolume {
        name: text(given, "name"),
        capacity_bytes: size(given, "capacity")?.unwrap_or_default(),
        allocation_bytes: size(given, "allocation")?,
        format: some(given, "format"),
        backing: some(given, "backing-vol"),
        backing_format: some(given, "backing-vol-format"),
        preallocation,
        cluster_bytes: size(given, "cluster-size")?,
        compat: some(given, "compat"),
        lazy_refcounts: given.has("lazy-refcounts"),
        secret: secret.transpose()?,
    })
}

fn transfer(given: &Given) -> Result<Transfer, WordError> {
    Ok(Transfer {
        file: text(given, "file"),
        offset: size(given, "offset")?.unwrap_or_default(),
        length: size(given, "length")?.unwrap_or_default(),
        sparse: given.has("sparse"),
        disc: given.has("disc"),
    })
}

/// The lines that do the same in a shell, each behind `virsh -c HOST`; what virsh has no words for is a document on its
/// standard input, what libvirt cannot do is done by another program.
#[must_use]
pub fn storage_lines(verb: &StorageVerb, host: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut push = |given: Option<Given>| {
        if let Some(mut given) = given {
            given.host = Some(host.to_owned());
            lines.push(format!("virsh {}", given.line()));
        }
    };
    match verb {
        StorageVerb::Volume(name, VolumeVerb::Import(transfer)) => {
            return imported(name, transfer, host);
        }
        StorageVerb::Volume(name, VolumeVerb::Upload(transfer)) if transfer.disc => {
            return vec![sent(name, transfer, host)];
        }
        StorageVerb::DeleteVolumes(names) => return deleted(names, host),
        StorageVerb::NewPool(new, _) => {
            push(storage_given(verb));
            let pool = PoolName {
                name: new.name.clone(),
                uuid: None,
            };
            for (wanted, verb) in [
                (new.build, PoolVerb::Build(new_place(new))),
                (new.start, PoolVerb::Start(None)),
                (new.autostart, PoolVerb::Autostart(true)),
            ] {
                if wanted {
                    push(storage_given(&StorageVerb::Pool(pool.clone(), verb)));
                }
            }
        }
        verb => push(storage_given(verb)),
    }
    lines
}

/// A word that the shell computes: how many bytes a file, a device or the disc in it has.
fn measured(transfer: &Transfer) -> String {
    let file = join([transfer.file.as_str()]);
    if transfer.disc {
        format!("\"$(isosize {file})\"")
    } else if transfer.file.starts_with("/dev/") {
        format!("\"$(blockdev --getsize64 {file})\"")
    } else {
        format!("\"$(stat -Lc %s {file})\"")
    }
}

/// A file that becomes a volume: as large as it is, then filled.
fn imported(name: &VolumeName, transfer: &Transfer, host: &str) -> Vec<String> {
    let pool = name.pool.clone().unwrap_or_default().name;
    let words = [
        "virsh",
        "-c",
        host,
        "vol-create-as",
        "--format",
        "raw",
        "--allocation",
        "0",
        "--pool",
        &pool,
        "--name",
        &name.name,
    ];
    let size = measured(transfer);
    let made = format!("{} --capacity {size}", join(words));
    vec![made, sent(name, transfer, host)]
}

/// What fills a volume. A drive may be longer than the disc in it, so only that goes through the pipe.
fn sent(name: &VolumeName, transfer: &Transfer, host: &str) -> String {
    let file = if transfer.disc {
        "/dev/stdin"
    } else {
        transfer.file.as_str()
    };
    let mut words = vec!["virsh", "-c", host, "vol-upload", "--vol", &name.name];
    if let Some(pool) = &name.pool {
        words.extend(["--pool", &pool.name]);
    }
    words.extend(["--file", file]);
    if transfer.disc {
        let drive = join([transfer.file.as_str()]);
        return format!("head -c {} {drive} | {}", measured(transfer), join(words));
    }
    if transfer.sparse {
        words.push("--sparse");
    }
    join(words)
}

/// Each of several, one after the other.
fn deleted(names: &[VolumeName], host: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = names;
    // One line for those of a pool that stand together.
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|one| one.pool == first.pool).count();
        let (now, later) = rest.split_at(same);
        rest = later;
        let volumes = join(now.iter().map(|one| one.name.as_str()));
        let mut words = vec!["virsh", "-c", host, "vol-delete"];
        if let Some(pool) = &first.pool {
            words.extend(["--pool", &pool.name]);
        }
        lines.push(format!(
            "for volume in {volumes}; do {} --vol \"$volume\" || break; done",
            join(words)
        ));
    }
    lines
}

/// How the place of a new pool is made: what a device holds is never overwritten.
#[must_use]
pub fn new_place(new: &NewPool) -> Overwrite {
    if matches!(new.kind.as_str(), "fs" | "disk") {
        Overwrite::No
    } else {
        Overwrite::Unsaid
    }
}

/// `document` on the standard input of a command of virsh that reads a file.
#[must_use]
pub fn with_document(words: &[&str], host: &str, document: &str) -> String {
    let mut line = join(["virsh", "-c", host]);
    for word in words {
        line.push(' ');
        line.push_str(&join([*word]));
    }
    // One line, so that the log stays one line an entry. Blanks between elements say nothing.
    let is_whole = |line: &str| line.starts_with('<') && line.ends_with('>');
    let text = if document.lines().all(|line| is_whole(line.trim())) {
        document.lines().map(str::trim).collect()
    } else {
        document.trim_end().to_owned()
    };
    format!("{line} <<<{}", join([text.as_str()]))
}

/// The command of virsh that does the same; `None` where it has none.
#[must_use]
pub fn storage_given(verb: &StorageVerb) -> Option<Given> {
    let name = match verb {
        StorageVerb::Pool(_, verb) => match verb {
            PoolVerb::Start(_) => "pool-start",
            PoolVerb::Stop => "pool-destroy",
            PoolVerb::Refresh => "pool-refresh",
            PoolVerb::Build(_) => "pool-build",
            PoolVerb::Delete => "pool-delete",
            PoolVerb::Undefine => "pool-undefine",
            PoolVerb::Autostart(_) => "pool-autostart",
        },
        StorageVerb::NewPool(_, true) => "pool-define-as",
        StorageVerb::NewPool(_, false) => "pool-create-as",
        StorageVerb::NewVolume(_, new) if has_words(new) => "vol-create-as",
        StorageVerb::Volume(_, verb) => match verb {
            VolumeVerb::Copy(copy)
                if copy.pool.is_none() && copy.format.is_none() && copy.compression.is_none() =>
            {
                "vol-clone"
            }
            VolumeVerb::Copy(_) | VolumeVerb::Import(_) => return None,
            VolumeVerb::Resize { .. } => "vol-resize",
            VolumeVerb::Wipe(_) => "vol-wipe",
            VolumeVerb::Delete => "vol-delete",
            VolumeVerb::Upload(_) => "vol-upload",
            VolumeVerb::Download(_) => "vol-download",
        },
        StorageVerb::Secret(_, SecretVerb::Undefine) => "secret-undefine",
        StorageVerb::DefineFile(kind, _) => match kind {
            StorageDocument::Pool => "pool-define",
            StorageDocument::TransientPool => "pool-create",
            StorageDocument::Secret => "secret-define",
        },
        StorageVerb::VolumeFile(..) => "vol-create",
        StorageVerb::NewVolume(..)
        | StorageVerb::Secret(..)
        | StorageVerb::Define(..)
        | StorageVerb::DeleteVolumes(_)
        | StorageVerb::DeleteFile(_) => return None,
    };
    let mut given = Given::new(command(name).ok()?);
    let mut words = super::verb::Words(&mut given);
    match verb {
        StorageVerb::Pool(pool, verb) => {
            words.value("pool", pool.name.clone());
            match verb {
                PoolVerb::Start(Some(overwrite)) => {
                    words.flag("build", true);
                    say_overwrite(*overwrite, &mut words);
                }
                PoolVerb::Build(overwrite) => say_overwrite(*overwrite, &mut words),
                PoolVerb::Autostart(on) => words.flag("disable", !on),
                _ => {}
            }
        }
        StorageVerb::NewPool(new, _) => {
            words.value("name", new.name.clone());
            words.value("type", new.kind.clone());
            for (name, value) in [
                ("source-host", &new.source_host),
                ("source-path", &new.source_path),
                ("source-dev", &new.source_device),
                ("source-name", &new.source_name),
                ("target", &new.target),
                ("source-format", &new.source_format),
                ("auth-type", &new.auth_type),
                ("auth-username", &new.auth_username),
                ("secret-usage", &new.secret_usage),
                ("secret-uuid", &new.secret_uuid),
                ("adapter-name", &new.adapter_name),
                ("source-initiator", &new.source_initiator),
            ] {
                words.maybe(name, value.clone());
            }
        }
        StorageVerb::NewVolume(pool, new) => {
            words.value("pool", pool.name.clone());
            words.value("name", new.name.clone());
            words.value("capacity", new.capacity_bytes.to_string());
            let allocation = match new.preallocation {
                Preallocation::Falloc => Some(new.capacity_bytes),
                // Without it libvirt gives room to all of it.
                Preallocation::Off | Preallocation::Metadata => Some(0),
                _ => new.allocation_bytes,
            };
            words.maybe("allocation", allocation.map(|bytes| bytes.to_string()));
            words.maybe("format", new.format.clone());
            words.maybe("backing-vol", new.backing.clone());
            words.maybe("backing-vol-format", new.backing_format.clone());
            let tables = new.preallocation == Preallocation::Metadata
                || new.preallocation == Preallocation::Falloc && is_qcow2(new);
            words.flag("prealloc-metadata", tables);
        }
        StorageVerb::Volume(volume, verb) => {
            words.value("vol", volume.name.clone());
            words.maybe("pool", volume.pool.as_ref().map(|pool| pool.name.clone()));
            say_volume(verb, &mut words);
        }
        StorageVerb::Secret(uuid, _) => words.value("secret", uuid.to_string()),
        StorageVerb::DefineFile(_, file) => words.value("file", file.clone()),
        StorageVerb::VolumeFile(pool, file) => {
            words.value("pool", pool.name.clone());
            words.value("file", file.clone());
        }
        StorageVerb::Define(..) | StorageVerb::DeleteVolumes(_) | StorageVerb::DeleteFile(_) => {}
    }
    Some(given)
}

fn is_qcow2(new: &NewVolume) -> bool {
    new.format.as_deref() == Some("qcow2")
}

/// Whether virsh can say all that is wanted.
fn has_words(new: &NewVolume) -> bool {
    new.cluster_bytes.is_none()
        && new.compat.is_none()
        && !new.lazy_refcounts
        && new.secret.is_none()
        && new.preallocation != Preallocation::Full
}

fn say_overwrite(overwrite: Overwrite, words: &mut super::verb::Words<'_>) {
    words.flag("overwrite", overwrite == Overwrite::Yes);
    words.flag("no-overwrite", overwrite == Overwrite::No);
}

fn say_volume(verb: &VolumeVerb, words: &mut super::verb::Words<'_>) {
    match verb {
        VolumeVerb::Copy(copy) => {
            words.value("newname", copy.name.clone());
            words.flag("prealloc-metadata", copy.prealloc_metadata);
            words.flag("reflink", copy.reflink);
        }
        VolumeVerb::Resize {
            bytes,
            delta,
            shrink,
            allocate,
        } => {
            words.value("capacity", bytes.to_string());
            words.flag("delta", *delta);
            words.flag("shrink", *shrink);
            words.flag("allocate", *allocate);
        }
        VolumeVerb::Wipe(algorithm) => words.maybe("algorithm", algorithm.clone()),
        VolumeVerb::Upload(transfer) | VolumeVerb::Download(transfer) => {
            words.value("file", transfer.file.clone());
            let some = |bytes: u64| (bytes > 0).then(|| bytes.to_string());
            words.maybe("offset", some(transfer.offset));
            words.maybe("length", some(transfer.length));
            // What virsh calls a hole of what is sent stays as it was in the volume.
            let is_sent = matches!(verb, VolumeVerb::Upload(_));
            words.flag("sparse", transfer.sparse && !is_sent);
        }
        VolumeVerb::Import(_) | VolumeVerb::Delete => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::{COMMANDS, parse};
    use super::*;

    #[test]
    fn each_command_is_printed_and_read_back() {
        for line in [
            "pool-start default",
            "pool-start default --build --no-overwrite",
            "pool-destroy 'a b'",
            "pool-refresh -- --all",
            "pool-build vg --overwrite",
            "pool-delete default",
            "pool-undefine default",
            "pool-autostart default --disable",
            "pool-define-as nas netfs --source-host h --source-path /x --target /mnt --source-format nfs",
            "pool-create-as scratch dir --target /tmp/x",
            "pool-define-as rbd rbd --auth-type ceph --auth-username a --secret-uuid f52a81b2-424e-490c-823d-6bd4235bc572",
            "pool-define /tmp/p.xml",
            "pool-create /tmp/p.xml",
            "vol-create default /tmp/v.xml",
            "vol-create-as default web 20G --allocation 1M --format qcow2 --backing-vol base --backing-vol-format qcow2",
            "vol-create-as default web 20G --allocation 1M --format qcow2",
            "vol-clone web copy --pool default --reflink",
            "vol-resize web 30G --pool default",
            "vol-resize web 1G --pool default --delta --allocate",
            "vol-resize web 1G --pool default --shrink",
            "vol-wipe web --pool default --algorithm random",
            "vol-delete /var/lib/x",
            "vol-delete '-rf' --pool default",
            "vol-upload web /tmp/f --pool default --offset 512 --length 1M",
            "vol-download web /tmp/f --pool default --sparse",
            "secret-define /tmp/s.xml",
            "secret-undefine f52a81b2-424e-490c-823d-6bd4235bc572",
        ] {
            let verb = storage_verb(&parse(line).unwrap()).unwrap().unwrap();
            let printed = storage_given(&verb).unwrap().line();
            let again = storage_verb(&parse(&printed).unwrap()).unwrap();
            assert_eq!(again, Some(verb), "{line}: {printed}");
        }
    }

    #[test]
    fn every_command_of_storage_that_changes_does_something() {
        let of_storage = |name: &str| {
            ["pool-", "vol-", "secret-"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        };
        let changes = |c: &&super::super::Command| {
            of_storage(c.name)
                && c.effect == super::super::Effect::Changes
                // Its value is asked for.
                && c.name != "secret-set-value"
        };
        let mut seen = 0;
        for command in COMMANDS.iter().filter(changes) {
            seen += 1;
            let mut given = Given::new(command);
            for option in command.options {
                if option.need == super::super::Need::Required {
                    let value = match option.name {
                        "secret" => "f52a81b2-424e-490c-823d-6bd4235bc572",
                        _ => "1",
                    };
                    let _ = given.name(option.name, Some(value.to_owned()));
                }
            }
            assert!(storage_verb(&given).unwrap().is_some(), "{}", command.name);
        }
        assert!(seen > 15);
    }

    #[test]
    fn what_excludes_each_other_is_refused() {
        for line in [
            "pool-build p --overwrite --no-overwrite",
            "vol-create-as p v 1G --prealloc-metadata --preallocation off",
            "vol-resize v 1G --delta --shrink",
            "secret-undefine x",
            "vol-create-as p v 1G --luks-secret x",
        ] {
            assert!(storage_verb(&parse(line).unwrap()).is_err(), "{line}");
        }
        assert!(parse("vol-create-as p v many").is_err());
        assert!(parse("pool-define-as p nothing").is_err());
    }

    #[test]
    fn what_virsh_has_no_words_for_is_a_document() {
        let read = |line: &str| storage_verb(&parse(line).unwrap()).unwrap().unwrap();
        assert_eq!(
            storage_given(&read("vol-create-as p v 1G --compat 1.1")),
            None
        );
        assert_eq!(storage_given(&read("vol-clone v w --format raw")), None);
        let line = with_document(
            &["vol-create", "default", "/dev/stdin"],
            "qemu:///system",
            "<volume>\n  <name>a'b</name>\n</volume>\n",
        );
        assert_eq!(
            line,
            r"virsh -c qemu:///system vol-create default /dev/stdin <<<'<volume><name>a'\''b</name></volume>'"
        );
        let import = read("vol-upload new /tmp/f --pool p --create");
        assert_eq!(storage_lines(&import, "h").len(), 2);
    }
}
