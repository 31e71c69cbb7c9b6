//! Documents of a person's against a host: what they stand for there, what libvirt says of them, what they need.

use std::fs;
use std::io::ErrorKind;

use super::ffi::{By, Connection, Error};
use super::once::Session;
use crate::checks::{Host, Missing, Neighbour, Wanted};
use crate::model::{StoredKind, StoredXml, Uri};
use crate::protocol::Failure;
use crate::schema::Facts;
use crate::xml::Identity;

/// An object as its host has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Definition of its next start, without passwords.
    pub plain: String,
    /// The same with passwords, of a domain; `None` for others, and when they may not be read. Not to be shown or logged.
    pub secure: Option<String>,
    /// It runs, or is active.
    pub is_active: bool,
    /// It has a definition; else it is gone when it stops.
    pub is_persistent: bool,
}

/// What libvirt says of a domain's document without defining it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It would take it, and start it.
    Accepts,
    /// It would not define it; its words, untrusted.
    Refuses(String),
    /// It would define it, but could not start it now; its words.
    CouldNotStart(String),
    /// The driver cannot say, or may not.
    Unknown,
}

impl Session {
    /// What the host has under the UUID of a document, and what under its name.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn present(
        &self,
        kind: StoredKind,
        identity: &Identity,
    ) -> Result<[Option<Present>; 2], Failure> {
        let look = |by: Option<By<'_>>| match by {
            None => Ok(None),
            Some(by) => self.connection.present(kind, by),
        };
        let find = || {
            let by_uuid = look(identity.uuid.as_deref().map(By::Uuid))?;
            let by_name = look(identity.name.as_deref().map(By::Name))?;
            Ok([by_uuid, by_name])
        };
        find()
            .map(|found| {
                found.map(|raw| {
                    raw.map(|raw| Present {
                        plain: raw.plain,
                        secure: raw.secure,
                        is_active: raw.is_active,
                        is_persistent: raw.is_persistent,
                    })
                })
            })
            .map_err(|error: Error| self.failure(format!("look the {} up", kind.word()), &error))
    }

    /// libvirt's verdict on a domain's document, without defining it.
    #[must_use]
    pub fn verdict(&self, xml: &str) -> Verdict {
        verdict(&self.connection, xml)
    }

    /// What the host has that a document may name, for completion. What cannot be read is empty.
    #[must_use]
    pub fn document_facts(&self) -> Facts {
        self.connection.document_facts()
    }

    /// The host as the checks of a document need it. What cannot be read is left out.
    #[must_use]
    pub fn check_host(&self, wanted: &[Wanted]) -> Host {
        check_host(&self.connection, self.spec.uri.as_ref(), wanted)
    }
}

/// See [`Session::verdict`].
fn verdict(connection: &Connection, xml: &str) -> Verdict {
    match connection.qemu_command_line(xml) {
        Ok(_) => Verdict::Accepts,
        Err(error) if error.is_unsupported_call() || error.is_denied() => Verdict::Unknown,
        Err(error) if is_refusal(&error) => Verdict::Refuses(error.message),
        Err(error) => Verdict::CouldNotStart(error.message),
    }
}

/// Whether an error of a dry run is one of defining. The rest is of starting: a network, a secret or a device that is not
/// there now. libvirt has no sign for the difference, so it is told by codes, and by words where they overlap.
fn is_refusal(error: &Error) -> bool {
    let of_start = [
        "is not supported by hypervisor",
        "multiple listens",
        "is unavailable",
        "numad",
    ];
    let of_document = error.is_of_document() || error.is_of_domain_rules();
    of_document && !of_start.iter().any(|words| error.message.contains(words))
}

/// See [`Session::check_host`].
pub(super) fn check_host(connection: &Connection, uri: Option<&Uri>, wanted: &[Wanted]) -> Host {
    let node = connection.node_info().ok();
    let domains = connection.stored(StoredKind::Domain).ok().flatten();
    let neighbours = domains
        .unwrap_or_default()
        .into_iter()
        .filter_map(|domain| {
            let StoredXml::Text(xml) = domain.xml else {
                return None;
            };
            Neighbour::read(&xml)
        });
    Host {
        memory_kib: node.as_ref().map(|node| node.memory_kib),
        cpus: node
            .as_ref()
            .map(|node| (node.nodes * node.sockets * node.cores * node.threads).max(node.cpus)),
        cells: node.as_ref().map(|node| node.nodes),
        domains: neighbours.collect(),
        missing: missing(connection, uri, wanted),
    }
}

fn missing(connection: &Connection, uri: Option<&Uri>, wanted: &[Wanted]) -> Vec<Missing> {
    let is_here = uri.is_none_or(|uri| !uri.is_remote())
        && connection
            .driver()
            .is_ok_and(|driver| driver.eq_ignore_ascii_case("qemu"));
    let folders = if wanted.is_empty() {
        Vec::new()
    } else {
        connection.pool_folders().unwrap_or_default()
    };
    let absent = |wanted: &Wanted| -> Option<String> {
        match wanted {
            Wanted::Volume { pool, volume } => {
                let error = connection.volume_of_pool(pool, volume).err()?;
                error.is_no_storage().then_some(error.message)
            }
            Wanted::Path(path) => {
                if connection.volume(path).is_ok() {
                    return None;
                }
                if is_here {
                    let error = fs::symlink_metadata(path).err()?;
                    return (error.kind() == ErrorKind::NotFound)
                        .then(|| "the host has no such file".to_owned());
                }
                let (folder, _) = path.rsplit_once('/')?;
                let (_, pool) = folders
                    .iter()
                    .find(|(known, _)| known.trim_end_matches('/') == folder)?;
                Some(format!(
                    "pool '{pool}' had no such volume at its last refresh"
                ))
            }
        }
    };
    wanted
        .iter()
        .filter_map(|wanted| {
            Some(Missing {
                wanted: wanted.clone(),
                why: absent(wanted)?,
            })
        })
        .collect()
}
