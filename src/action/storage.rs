//! What is done to storage: the action, its words, what it loses, and the lines that do the same.

use super::Action;
use crate::model::StorageVolume;
use crate::protocol::{Overwrite, PoolVerb, SecretVerb, StorageDocument, StorageVerb, VolumeVerb};
use crate::storage;
use crate::text;
use crate::virsh;

/// The action of a verb.
#[must_use]
pub fn storage_action(verb: &StorageVerb) -> Action {
    match verb {
        StorageVerb::Pool(_, verb) => match verb {
            PoolVerb::Start(_) => Action::PoolStart,
            PoolVerb::Stop => Action::PoolStop,
            PoolVerb::Refresh => Action::PoolRefresh,
            PoolVerb::Build(_) => Action::PoolBuild,
            PoolVerb::Delete => Action::PoolDelete,
            PoolVerb::Undefine => Action::PoolUndefine,
            PoolVerb::Autostart(_) => Action::PoolAutostart,
        },
        StorageVerb::NewPool(..)
        | StorageVerb::Define(StorageDocument::Pool | StorageDocument::TransientPool, _)
        | StorageVerb::DefineFile(StorageDocument::Pool | StorageDocument::TransientPool, _) => {
            Action::NewPool
        }
        StorageVerb::Define(StorageDocument::Secret, _)
        | StorageVerb::DefineFile(StorageDocument::Secret, _) => Action::NewSecret,
        StorageVerb::NewVolume(..) | StorageVerb::VolumeFile(..) => Action::NewVolume,
        StorageVerb::Volume(_, verb) => match verb {
            VolumeVerb::Copy(_) => Action::CopyVolume,
            VolumeVerb::Resize { .. } => Action::ResizeVolume,
            VolumeVerb::Wipe(_) => Action::WipeVolume,
            VolumeVerb::Delete => Action::DeleteVolume,
            VolumeVerb::Import(how) if how.disc => Action::MakeImage,
            VolumeVerb::Upload(_) | VolumeVerb::Import(_) => Action::UploadVolume,
            VolumeVerb::Download(_) => Action::DownloadVolume,
        },
        StorageVerb::Secret(_, verb) => match verb {
            SecretVerb::SetValue(_) => Action::SetSecret,
            SecretVerb::Clear => Action::ClearSecret,
            SecretVerb::Undefine => Action::DeleteSecret,
        },
        StorageVerb::DeleteFile(_) | StorageVerb::DeleteVolumes(_) => Action::DeleteVolume,
    }
}

/// What a verb is about, in a few words; untrusted names are in it.
#[must_use]
pub fn storage_subject(verb: &StorageVerb) -> String {
    match verb {
        StorageVerb::Pool(pool, _) => pool.name.clone(),
        StorageVerb::NewPool(new, _) => new.name.clone(),
        StorageVerb::NewVolume(pool, new) => format!("{}/{}", pool.name, new.name),
        StorageVerb::Volume(volume, _) => match &volume.pool {
            Some(pool) => format!("{}/{}", pool.name, volume.name),
            None => volume.name.clone(),
        },
        StorageVerb::Secret(uuid, _) => uuid.to_string(),
        StorageVerb::Define(..) => "storage".to_owned(),
        StorageVerb::DefineFile(_, file) | StorageVerb::VolumeFile(_, file) => file.clone(),
        StorageVerb::DeleteFile(path) => path.clone(),
        StorageVerb::DeleteVolumes(names) => match names.as_slice() {
            [one] => one.name.clone(),
            several => format!("{} volumes", several.len()),
        },
    }
}

/// What a verb loses for good, as a sentence; `None` when it loses nothing.
#[must_use]
pub fn storage_loses(verb: &StorageVerb) -> Option<String> {
    Some(match verb {
        StorageVerb::Pool(_, verb) => match verb {
            PoolVerb::Stop => {
                "What is in it stays, and domains that run go on; others cannot be started from it.".to_owned()
            }
            PoolVerb::Undefine => "What is in it stays; libvirt knows nothing of it any more.".to_owned(),
            PoolVerb::Delete => {
                "DELETED: its place, with all that is in it where it is a volume group; a folder only when it is empty.".to_owned()
            }
            PoolVerb::Build(Overwrite::Yes) | PoolVerb::Start(Some(Overwrite::Yes)) => {
                "OVERWRITTEN: all that its device holds.".to_owned()
            }
            _ => return None,
        },
        StorageVerb::Volume(volume, verb) => {
            let place = volume.path.as_ref().unwrap_or(&volume.name);
            match verb {
                VolumeVerb::Delete => format!("DELETED: {place}"),
                VolumeVerb::Wipe(_) => format!("OVERWRITTEN: {place}"),
                VolumeVerb::Upload(how) => format!("OVERWRITTEN: {place}, by {}", how.file),
                VolumeVerb::Resize { shrink: true, .. } => {
                    format!("CUT OFF: what lies behind the new end of {place}")
                }
                _ => return None,
            }
        }
        StorageVerb::Secret(_, SecretVerb::Undefine) => {
            "DELETED: the secret and its value. What is encrypted with it cannot be opened without the value.".to_owned()
        }
        StorageVerb::Secret(_, SecretVerb::Clear) => {
            "FORGOTTEN: its value. What is encrypted with it cannot be opened without that.".to_owned()
        }
        StorageVerb::DeleteFile(path) => format!("DELETED: {path}"),
        StorageVerb::DeleteVolumes(names) => {
            let places = names
                .iter()
                .map(|name| name.path.as_ref().unwrap_or(&name.name).as_str());
            format!("DELETED: {}", places.collect::<Vec<_>>().join(", "))
        }
        _ => return None,
    })
}

/// The lines that do the same, ready for a shell.
#[must_use]
pub fn storage_lines(verb: &StorageVerb, uri: &str) -> Vec<String> {
    let document = |words: &[&str], xml: &str| vec![virsh::with_document(words, uri, xml)];
    match verb {
        StorageVerb::NewVolume(pool, new) if virsh::storage_given(verb).is_none() => {
            let backing = new.backing.as_deref();
            let (xml, _) = storage::volume_xml(new, true, backing);
            document(&["vol-create", &pool.name, "/dev/stdin"], &xml)
        }
        StorageVerb::Define(kind, xml) => {
            let word = match kind {
                StorageDocument::Pool => "pool-define",
                StorageDocument::TransientPool => "pool-create",
                StorageDocument::Secret => "secret-define",
            };
            document(&[word, "/dev/stdin"], xml)
        }
        StorageVerb::Secret(uuid, SecretVerb::SetValue(_)) => vec![format!(
            "virsh -c {} secret-set-value {uuid} --interactive",
            virsh::join([uri])
        )],
        StorageVerb::DeleteFile(path) => vec![format!("rm -- {}", virsh::join([path.as_str()]))],
        StorageVerb::Volume(name, VolumeVerb::Copy(copy)) if copy.compression.is_some() => {
            let kind = copy.compression.as_deref().unwrap_or("zlib");
            let from = name.path.as_ref().unwrap_or(&name.name);
            vec![virsh::join([
                "qemu-img",
                "convert",
                "-c",
                "-O",
                "qcow2",
                "-o",
                &format!("compression_type={kind}"),
                from,
                &copy.name,
            ])]
        }
        StorageVerb::Volume(name, VolumeVerb::Copy(copy))
            if virsh::storage_given(verb).is_none() =>
        {
            let mut from = StorageVolume {
                format: copy.format.clone(),
                ..StorageVolume::default()
            };
            // libvirt takes the size of the original where less is said.
            from.capacity_bytes = Some(0);
            let xml = storage::copy_xml(&from, &copy.name, None, true);
            let own = name.pool.as_ref().map_or("default", |pool| &pool.name);
            let pool = copy.pool.as_deref().unwrap_or(own);
            let words = [
                "vol-create-from",
                pool,
                "/dev/stdin",
                &name.name,
                "--inputpool",
                own,
            ];
            document(&words, &xml)
        }
        verb => virsh::storage_lines(verb, uri),
    }
}

/// What to say when libvirt has done it; `None` for an action on something else.
#[must_use]
pub fn storage_done(action: Action, name: &str) -> Option<String> {
    let name = text::visible(name);
    Some(match action {
        Action::PoolStart => format!("The pool {name} is active."),
        Action::PoolStop => format!("The pool {name} is not active any more."),
        Action::PoolRefresh => format!("What is in {name} was looked at anew."),
        Action::PoolBuild => format!("The place of {name} is made."),
        Action::PoolDelete => format!("The place of {name} is deleted."),
        Action::PoolUndefine => format!("The definition of {name} is deleted."),
        Action::PoolAutostart => format!("The autostart of {name} is set."),
        Action::NewPool | Action::NewVolume => format!("{name} is made."),
        Action::NewSecret => "The secret is defined; it has no value yet.".to_owned(),
        Action::CopyVolume => format!("{name} was copied."),
        Action::ResizeVolume => format!("{name} has its new size."),
        Action::WipeVolume => format!("{name} was overwritten."),
        Action::DeleteVolume => format!("{name} is deleted."),
        Action::UploadVolume => format!("All of it is in {name}."),
        Action::MakeImage => format!("The disc is in {name}."),
        Action::DownloadVolume => format!("{name} was downloaded."),
        Action::SetSecret => format!("The secret {name} has a value."),
        Action::ClearSecret => format!("The value of the secret {name} is forgotten."),
        Action::DeleteSecret => format!("The secret {name} is deleted."),
        _ => return None,
    })
}
