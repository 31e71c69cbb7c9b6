//! Doing something to pools, volumes and secrets, after a look at who would be hurt.

use std::fs;

use super::ffi::{Connection, Error, Filter, PoolHandle, Result, Volume};
use super::file_users::{self as users, Asked, User};
use super::storage_reads;
use super::volume_copies::{compressed, copied};
use super::volume_deletes;
use super::volume_transfers::{download, import, upload};
use crate::model::{StorageVolume, Uri};
use crate::protocol::{
    NewVolume, Overwrite, PoolName, PoolVerb, Preallocation, SecretVerb, StorageDocument,
    StorageVerb, VolumeName, VolumeVerb, XmlKind,
};
use crate::storage;
use crate::text;

/// What goes on beside the work.
pub struct Beside<'a> {
    /// How the connection was asked for.
    pub uri: Option<&'a Uri>,
    /// Called when nothing but waiting is left, so that others may be served.
    pub pausing: &'a dyn Fn(),
    /// Told how many bytes of how many are done; `false` gives it up.
    pub progress: &'a dyn Fn(u64, Option<u64>) -> bool,
    /// Another connection, to look how far a call is that occupies the first.
    pub aside: &'a dyn Fn() -> Result<Connection>,
}

/// Does it.
///
/// # Errors
/// What was attempted, and libvirt's own or why it was refused; then nothing was changed.
pub fn perform(
    connection: &Connection,
    verb: &StorageVerb,
    beside: &Beside<'_>,
) -> std::result::Result<(), (String, Error)> {
    let what = label(verb);
    act(connection, verb, beside).map_err(|error| (what, error))
}

/// What is attempted, naming the thing.
#[must_use]
pub fn label(verb: &StorageVerb) -> String {
    match verb {
        StorageVerb::Pool(pool, verb) => {
            let word = match verb {
                PoolVerb::Start(_) => "start",
                PoolVerb::Stop => "stop",
                PoolVerb::Refresh => "refresh",
                PoolVerb::Build(_) => "build",
                PoolVerb::Delete => "delete the place of",
                PoolVerb::Undefine => "delete the definition of",
                PoolVerb::Autostart(_) => "set the autostart of",
            };
            format!("{word} the pool {}", pool.name)
        }
        StorageVerb::NewPool(new, _) => format!("make the pool {}", new.name),
        StorageVerb::NewVolume(_, new) => format!("make the volume {}", new.name),
        StorageVerb::Volume(volume, verb) => {
            let word = match verb {
                VolumeVerb::Copy(_) => "copy",
                VolumeVerb::Resize { .. } => "resize",
                VolumeVerb::Wipe(_) => "wipe",
                VolumeVerb::Delete => "delete",
                VolumeVerb::Upload(_) => "upload into",
                VolumeVerb::Import(_) => "make",
                VolumeVerb::Download(_) => "download",
            };
            format!("{word} the volume {}", volume.name)
        }
        StorageVerb::DeleteVolumes(names) => format!("delete {} volumes", names.len()),
        StorageVerb::Secret(uuid, verb) => {
            let word = match verb {
                SecretVerb::SetValue(_) => "set the value of",
                SecretVerb::Clear => "forget the value of",
                SecretVerb::Undefine => "delete",
            };
            format!("{word} the secret {uuid}")
        }
        StorageVerb::Define(..) => "define it".to_owned(),
        StorageVerb::DefineFile(_, file) | StorageVerb::VolumeFile(_, file) => {
            format!("define what {file} says")
        }
        StorageVerb::DeleteFile(path) => format!("delete {path}"),
    }
}

fn act(connection: &Connection, verb: &StorageVerb, beside: &Beside<'_>) -> Result<()> {
    match verb {
        StorageVerb::Pool(name, verb) => pool(connection, name, verb, beside),
        StorageVerb::NewPool(new, lasting) => {
            let kind = if *lasting {
                StorageDocument::Pool
            } else {
                StorageDocument::TransientPool
            };
            // libvirt would take a pool of the same name for a new definition of that.
            let name = PoolName {
                name: new.name.clone(),
                uuid: None,
            };
            if connection.pool_of(&name).is_ok() {
                return Err(Error::own("there is a pool of this name already"));
            }
            connection.define_storage(kind, &storage::pool_xml(new))?;
            let made = connection.pool_of(&name)?;
            let place = match new.kind.as_str() {
                "fs" | "disk" => Overwrite::No,
                _ => Overwrite::Unsaid,
            };
            for (wanted, verb) in [
                (new.build, PoolVerb::Build(place)),
                (new.start, PoolVerb::Start(None)),
                (new.autostart, PoolVerb::Autostart(true)),
            ] {
                if !wanted {
                    continue;
                }
                // A volume group that is there is taken as it is.
                let done = made.act(&verb);
                if let Err(error) = done {
                    // As before, so that the same can be asked again.
                    let _ = made.act(&PoolVerb::Undefine);
                    return Err(error);
                }
            }
            Ok(())
        }
        StorageVerb::NewVolume(pool, new) => new_volume(connection, pool, new, beside),
        StorageVerb::Volume(name, VolumeVerb::Import(how)) => import(connection, name, how, beside),
        StorageVerb::Volume(name, verb) => volume(connection, name, verb, beside),
        StorageVerb::DeleteVolumes(names) => volume_deletes::all(connection, names, beside),
        StorageVerb::Secret(uuid, verb) => match verb {
            SecretVerb::SetValue(value) => connection.set_secret(*uuid, value.bytes()),
            SecretVerb::Undefine => connection.undefine_secret(*uuid),
            SecretVerb::Clear => clear(connection, *uuid),
        },
        StorageVerb::Define(kind, xml) => connection.define_storage(*kind, xml),
        StorageVerb::DefineFile(kind, file) => connection.define_storage(*kind, &document(file)?),
        StorageVerb::VolumeFile(pool, file) => {
            (beside.pausing)();
            let pool = connection.pool_of(pool)?;
            pool.create(&document(file)?, false).map(drop)
        }
        StorageVerb::DeleteFile(path) => {
            if !storage_reads::is_left(connection, beside.uri, path)? {
                return Err(Error::own("it is no leftover any more: it stays"));
            }
            fs::remove_file(path).map_err(|error| Error::own(error.to_string()))
        }
    }
}

fn document(file: &str) -> Result<String> {
    /// More than these bytes are no document of a pool.
    const MOST: u64 = 4 << 20;
    let broken = |error: std::io::Error| Error::own(format!("{file}: {error}"));
    if fs::metadata(file).map_err(broken)?.len() > MOST {
        return Err(Error::own(format!("{file} is too large for a document")));
    }
    fs::read_to_string(file).map_err(broken)
}

/// libvirt has no call for it: the secret is made anew, under its UUID, without a value.
fn clear(connection: &Connection, uuid: crate::model::Uuid) -> Result<()> {
    let xml = connection.secret_xml(uuid)?;
    connection.undefine_secret(uuid)?;
    connection
        .define_storage(StorageDocument::Secret, &xml)
        .map_err(|error| {
            Error::own(format!(
                "{}; its definition was {xml}",
                error.message.trim_end_matches('.')
            ))
        })
}

fn pool(
    connection: &Connection,
    name: &PoolName,
    verb: &PoolVerb,
    beside: &Beside<'_>,
) -> Result<()> {
    let pool = connection.pool_of(name)?;
    let destroys = matches!(
        verb,
        PoolVerb::Delete | PoolVerb::Build(Overwrite::Yes) | PoolVerb::Start(Some(Overwrite::Yes))
    );
    if destroys {
        refuse_inhabited(connection, &pool)?;
    }
    // What lies behind a network may never answer.
    (beside.pausing)();
    pool.act(verb)
}

/// Refuses when a domain has a disk in the pool, whether that is active or not.
fn refuse_inhabited(connection: &Connection, pool: &PoolHandle) -> Result<()> {
    let name = pool.name()?;
    let facts = storage::pool(&pool.xml(false)?).unwrap_or_default();
    let folder = facts.path.map(|path| format!("{path}/"));
    for domain in connection.list(Filter::ALL)? {
        for kind in [XmlKind::Live, XmlKind::Inactive] {
            let Ok(xml) = domain.xml(kind) else { continue };
            let inside = |text: &str| {
                folder
                    .as_ref()
                    .is_some_and(|folder| text.starts_with(folder.as_str()))
            };
            if let Some(found) = users::first_within(&xml, &name, inside) {
                let domain = domain.name().unwrap_or_default();
                return Err(Error::own(format!(
                    "the domain '{domain}' has {found} in it: nothing was changed"
                )));
            }
        }
    }
    Ok(())
}

/// Whether its volumes are files.
pub(super) fn is_of_files(pool: &PoolHandle) -> Result<bool> {
    let kind = storage::pool(&pool.xml(false)?).unwrap_or_default().kind;
    Ok(matches!(
        kind.as_str(),
        "dir" | "fs" | "netfs" | "gluster" | "vstorage"
    ))
}

fn new_volume(
    connection: &Connection,
    pool: &PoolName,
    new: &NewVolume,
    beside: &Beside<'_>,
) -> Result<()> {
    let pool = connection.pool_of(pool)?;
    let files = is_of_files(&pool)?;
    let qcow2 = new.format.as_deref() == Some("qcow2");
    if qcow2 && new.preallocation == Preallocation::Full {
        return Err(Error::own(
            "libvirt cannot write a qcow2 full; falloc reserves the same room, without writing it",
        ));
    }
    // virsh takes the name of a volume of the pool, or a path.
    let backing = match new.backing.as_deref() {
        Some(base) if base.starts_with('/') => Some(base.to_owned()),
        Some(base) => Some(pool.volume(base)?.path().to_owned()),
        None => None,
    };
    let mut new = new.clone();
    if let Some(base) = backing.as_deref()
        && new.backing_format.is_none()
    {
        // A base whose format is guessed anew each time can be made to be another by its guest.
        new.backing_format = connection
            .volume(base)
            .and_then(|volume| volume.xml())
            .ok()
            .and_then(|xml| storage::volume(&xml)?.format);
        if new.backing_format.is_none() {
            return Err(Error::own(format!(
                "the format of {base} is not known: say it (--backing-vol-format)"
            )));
        }
    }
    let (xml, tables) = storage::volume_xml(&new, files, backing.as_deref());
    (beside.pausing)();
    let volume = pool.create(&xml, tables)?;
    if new.preallocation == Preallocation::Full {
        volume.wipe("zero").inspect_err(|_| {
            let _ = volume.delete();
        })?;
    }
    Ok(())
}

/// The volume with what is known of it, and who needs it.
fn looked_at(connection: &Connection, volume: &Volume) -> Result<(StorageVolume, Vec<User>)> {
    let facts = storage::volume(&volume.xml()?)
        .ok_or_else(|| Error::own("libvirt's XML of the volume cannot be read"))?;
    let pool = volume.pool()?.name()?;
    let asked = Asked {
        path: volume.path().to_owned(),
        named: Some((pool, facts.name.clone())),
    };
    users::refresh(connection, std::slice::from_ref(&asked.path));
    let needed = users::of(connection, &[asked], users::Beside::default())?;
    Ok((facts, needed.into_iter().map(|one| one.user).collect()))
}

/// Refuses for the first user that is hurt.
fn refuse(path: &str, users: &[User], hurt: impl Fn(&User) -> bool, outcome: &str) -> Result<()> {
    match users.iter().find(|user| hurt(user)) {
        Some(user) => Err(Error::own(format!("{path} is {}: {outcome}", user.words()))),
        None => Ok(()),
    }
}

const fn runs(user: &User) -> bool {
    matches!(user, User::Domain { active: true, .. })
}

const fn is_base(user: &User) -> bool {
    matches!(user, User::Volume(_))
}

fn volume(
    connection: &Connection,
    name: &VolumeName,
    verb: &VolumeVerb,
    beside: &Beside<'_>,
) -> Result<()> {
    let volume = connection.volume_of(name)?;
    let path = volume.path().to_owned();
    let (facts, users) = looked_at(connection, &volume)?;
    match verb {
        VolumeVerb::Delete => {
            refuse(&path, &users, |_| true, "nothing was deleted")?;
            (beside.pausing)();
            volume.delete()
        }
        VolumeVerb::Wipe(algorithm) => {
            refuse(&path, &users, |_| true, "nothing was overwritten")?;
            (beside.pausing)();
            volume.wipe(algorithm.as_deref().unwrap_or("zero"))
        }
        VolumeVerb::Resize {
            bytes,
            delta,
            shrink,
            allocate,
        } => {
            refuse(
                &path,
                &users,
                runs,
                "resize the disk of the domain instead (blockresize)",
            )?;
            if *shrink {
                refuse(&path, &users, is_base, "it was not made smaller")?;
                if let Some(taken) = facts.allocation_bytes.filter(|taken| bytes < taken) {
                    return Err(Error::own(format!(
                        "it takes up {}, and libvirt makes no volume smaller than that; on the host `qemu-img resize --shrink` does",
                        text::bytes(taken)
                    )));
                }
            }
            (beside.pausing)();
            volume.resize(*bytes, *delta, *shrink, *allocate)
        }
        VolumeVerb::Copy(copy) => {
            let writes = |user: &User| {
                matches!(
                    user,
                    User::Domain {
                        active: true,
                        writes: true,
                        ..
                    }
                )
            };
            refuse(
                &path,
                &users,
                writes,
                "a copy would be torn; copy its disk (blockcopy), or shut it down first",
            )?;
            match &copy.compression {
                Some(kind) => compressed(connection, &volume, &facts, copy, kind, beside),
                None => copied(connection, &volume, &facts, copy, beside),
            }
        }
        VolumeVerb::Upload(how) => {
            refuse(&path, &users, runs, "nothing was written")?;
            refuse(&path, &users, is_base, "nothing was written")?;
            upload(&volume, &facts, how, beside)
        }
        VolumeVerb::Download(how) => {
            (beside.pausing)();
            let whole = Some(how.length)
                .filter(|length| *length > 0)
                .or(facts.physical_bytes)
                .or(facts.capacity_bytes);
            download(&volume, how, whole, beside)
        }
        // Its volume is not there yet.
        VolumeVerb::Import(how) => import(connection, name, how, beside),
    }
}
