//! Cloning a domain: reading the original, and the steps, undone when one fails.

use super::creation::Failed;
use super::ffi::{Connection, Domain, Error, Volume};
use super::file_users::{self, Asked, Beside, User};
use super::once::{self, Session};
use super::undo::{self, Made};
use super::{creation, snapshots, verbs, volume_copies};
use crate::create::clone::{ClonePlan, CloneVolume, OneClone, Original, based, unprotected};
use crate::create::{HostFacts, NewDomain};
use crate::model::{Driver, StoredKind, Transport, Uri, Uuid};
use crate::protocol::{DomainVerb, Failure, XmlKind};

/// What is told while clones are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Something begins.
    Step(&'a str),
    /// Of a copy, so many bytes are done of so many.
    Copied(u64, u64),
}

/// Where it is told; the answer is whether to go on.
pub type Watcher<'a> = dyn FnMut(Progress<'_>) -> bool + 'a;

impl Session {
    /// What is read before a domain is cloned: itself, as it is or as it was at a snapshot, and its host.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn original(
        &self,
        uuid: Uuid,
        snapshot: Option<&str>,
    ) -> Result<(Original, HostFacts), Failure> {
        read(&self.connection, self.spec.uri.as_ref(), uuid, snapshot)
            .map_err(|error| self.failure("read what is to be cloned", &error))
    }

    /// Makes the clones of a plan, and starts them when `start` says so.
    ///
    /// # Errors
    /// What failed, with libvirt's reason; all that was made until then is gone again, or the failure names what is not.
    pub fn make_clones(
        &self,
        original: Uuid,
        plan: &ClonePlan,
        start: bool,
        watcher: &mut Watcher<'_>,
    ) -> Result<(), Failure> {
        let site = Site {
            connection: &self.connection,
            uri: self.spec.uri.as_ref(),
            again: &|| once::open(self.spec.uri.clone(), false).map(|session| session.connection),
            failure: &|(what, error)| self.failure(what, &error),
        };
        perform(&site, original, plan, start, watcher)
    }

    /// Takes the mark of a base from a domain and makes its disks writable again. What was freed, by its targets.
    ///
    /// # Errors
    /// libvirt's own; that a volume still needs one of its disks.
    pub fn free_base(&self, uuid: Uuid) -> Result<Vec<String>, Failure> {
        free_base(&self.connection, uuid)
            .map_err(|error| self.failure("free the base of linked clones", &error))
    }
}

/// Reads a domain that is to be cloned, as it is or as it was at a snapshot, and its host; the pools are looked at anew.
///
/// # Errors
/// libvirt's own, or why the snapshot cannot be cloned.
pub(super) fn read(
    connection: &Connection,
    uri: Option<&Uri>,
    uuid: Uuid,
    snapshot: Option<&str>,
) -> Result<(Original, HostFacts), Error> {
    let domain = connection.domain(uuid)?;
    let original = match snapshot {
        Some(name) => snapshots::original(&domain, name)?,
        None => Original {
            xml: definition(&domain)?,
            is_active: domain.state()?.0.is_active(),
            is_saved: domain.has_managed_save().unwrap_or(false),
            snapshot: None,
        },
    };
    // A driver without pools, or a connection that may not: then what is known must do.
    let _ = connection.refresh_pools();
    Ok((
        original,
        creation::read(connection, uri, &NewDomain::default())?,
    ))
}

/// The definition of a domain, with its passwords where they may be read.
fn definition(domain: &Domain) -> Result<String, Error> {
    match domain.inactive_xml_with_secrets() {
        Err(error) if error.is_denied() => domain.xml(XmlKind::Inactive),
        xml => xml,
    }
}

/// Makes the clones of a plan; what was made is deleted again when one step fails.
///
/// # Errors
/// What failed.
pub(super) fn perform(
    site: &Site<'_>,
    original: Uuid,
    plan: &ClonePlan,
    start: bool,
    watcher: &mut Watcher<'_>,
) -> Result<(), Failure> {
    let mut run = Run {
        connection: site.connection,
        again: site.again,
        // Elsewhere a stream would carry every byte here and back again.
        streams: site
            .uri
            .is_none_or(|uri| uri.transport == Transport::Local && uri.driver != Driver::Test),
        original,
        made: Vec::new(),
        watcher,
    };
    let result = run.all(plan, start);
    let made = std::mem::take(&mut run.made);
    result.map_err(|failed| {
        let mut step = |text: &str| watcher(Progress::Step(text));
        let failure = (site.failure)(failed);
        undo::undone(site.connection, site.again, failure, made, &mut step)
    })
}

/// Where clones are made, for the command and the screen alike.
pub(super) struct Site<'a> {
    /// The connection that it is done by.
    pub connection: &'a Connection,
    /// Its URI; `None` for libvirt's default.
    pub uri: Option<&'a Uri>,
    /// Opens another one, to look on while that waits, or when it has died.
    pub again: &'a dyn Fn() -> Result<Connection, Failure>,
    /// Words a failure.
    pub failure: &'a dyn Fn(Failed) -> Failure,
}

struct Run<'a, 'w> {
    connection: &'a Connection,
    again: &'a dyn Fn() -> Result<Connection, Failure>,
    streams: bool,
    original: Uuid,
    made: Vec<Made>,
    watcher: &'a mut Watcher<'w>,
}

impl Run<'_, '_> {
    fn step(&mut self, text: String) -> Result<String, Failed> {
        if (self.watcher)(Progress::Step(&text)) {
            Ok(text)
        } else {
            Err((text, Error::own("interrupted")))
        }
    }

    fn all(&mut self, plan: &ClonePlan, start: bool) -> Result<(), Failed> {
        let domain = |error: Error| (format!("clone {}", plan.original), error);
        let original = self.connection.domain(self.original).map_err(domain)?;
        match &plan.from {
            // Nothing of it may have changed meanwhile.
            Some(from) => {
                let now = snapshots::original(&original, &from.name).map_err(domain)?;
                if now.snapshot.as_ref() != Some(from) {
                    return Err(domain(Error::own(
                        "its snapshots have changed meanwhile; try again",
                    )));
                }
            }
            None if original.state().map_err(domain)?.0.is_active() => {
                return Err(domain(Error::own(
                    "it has been started meanwhile; shut it down first",
                )));
            }
            None => {}
        }
        // First, so that nobody starts it between the overlay and its protection.
        if let Some(xml) = &plan.base_xml {
            self.protect(&plan.original, xml)?;
        }
        for clone in &plan.clones {
            for volume in &clone.volumes {
                self.volume(volume)?;
            }
            self.define(clone)?;
            // Behind the definition, which takes it along when it is undone.
            if let Some((from, to)) = &clone.nvram {
                self.nvram(from, to)?;
            }
            if let Some(from) = plan.from.as_ref().filter(|from| !from.inside.is_empty()) {
                let text = self.step(format!("take {} back to '{}'", clone.name, from.name))?;
                self.connection
                    .domain(clone.uuid)
                    .and_then(|domain| snapshots::settle(&domain, from))
                    .map_err(|error| (text, error))?;
            }
        }
        if start {
            for clone in &plan.clones {
                let text = self.step(format!("start {}", clone.name))?;
                let verb = DomainVerb::Start {
                    paused: false,
                    bypass_cache: false,
                    force_boot: false,
                };
                verbs::perform(self.connection, clone.uuid, &verb, || {})
                    .map_err(|(_, error)| (text, error))?;
            }
        }
        Ok(())
    }

    fn protect(&mut self, name: &str, xml: &str) -> Result<(), Failed> {
        let text = self.step(format!("protect the disks of {name}"))?;
        let connection = self.connection;
        let mut protect = || {
            let old = definition(&connection.domain(self.original)?)?;
            let thing = Made::Redefined {
                name: name.to_owned(),
                xml: old,
            };
            undo::noted(connection, thing, &mut self.made, || {
                connection.define(StoredKind::Domain, xml, false)
            })
        };
        protect().map_err(|error| (text, error))
    }

    fn define(&mut self, clone: &OneClone) -> Result<(), Failed> {
        let text = self.step(format!("define {}", clone.name))?;
        let taken = self.connection.domain_by_name(&clone.name);
        match taken {
            Err(error) if error.is_no_domain() => {}
            Err(error) => return Err((text, error)),
            Ok(_) => {
                let error = Error::own("another domain of that name has been made meanwhile");
                return Err((text, error));
            }
        }
        self.made.push(Made::Domain(clone.uuid));
        self.connection
            .define(StoredKind::Domain, &clone.xml, true)
            .map_err(|error| (text, error))
    }

    fn volume(&mut self, wanted: &CloneVolume) -> Result<(), Failed> {
        let new = &wanted.volume;
        let connection = self.connection;
        let thing = Made::Volume {
            pool: new.pool.clone(),
            name: new.name.clone(),
        };
        let Some(copied) = &wanted.copied else {
            let text = self.step(format!(
                "make the overlay {} in the pool {}",
                new.name, new.pool
            ))?;
            return undo::noted(connection, thing, &mut self.made, || {
                connection.create_volume(&new.pool, &new.xml).map(drop)
            })
            .map_err(|error| (text, error));
        };
        let text = self.step(format!(
            "copy {} to {} in the pool {}",
            copied.volume, new.name, new.pool
        ))?;
        let copy = || {
            let from = connection.volume_of_pool(&copied.pool, &copied.volume)?;
            if copied.as_is && (self.streams || copied.only_as_is) {
                let volume = undo::noted(connection, thing, &mut self.made, || {
                    connection.create_volume(&new.pool, &new.xml)
                })?;
                let watcher = &mut self.watcher;
                return volume
                    .fill_from(&from, &mut |done, all| watcher(Progress::Copied(done, all)));
            }
            let (watcher, again) = (&mut self.watcher, self.again);
            let made = &mut self.made;
            undo::noted(connection, thing, made, || {
                by_host(connection, again, wanted, &from, copied.bytes, watcher)
            })?;
            // The host could not be stopped; now that it is done the wish is heard.
            if watcher(Progress::Copied(copied.bytes, copied.bytes)) {
                Ok(())
            } else {
                Err(Error::own("interrupted"))
            }
        };
        copy().map_err(|error| (text, error))
    }

    /// Copies what the firmware of the original remembers. Its folder is made a pool for that long, where it is none.
    fn nvram(&mut self, from: &str, to: &str) -> Result<(), Failed> {
        let text = self.step(format!("copy what the firmware remembers to {to}"))?;
        let connection = self.connection;
        let copy = |made: &mut Vec<Made>| {
            let (Some((folder, file)), Some((_, new))) =
                (from.rsplit_once('/'), to.rsplit_once('/'))
            else {
                return Ok(());
            };
            let pools = connection.pool_folders()?;
            let known = pools
                .iter()
                .find(|(path, _)| path.trim_end_matches('/') == folder);
            let (pool, own) = match known {
                Some((_, pool)) => (pool.clone(), false),
                None => {
                    let pool = format!("virtty-nvram-{:08x}", fastrand::u32(..));
                    let path = crate::xml::Element::text("path", folder);
                    let xml = crate::xml::Element::new("pool")
                        .with("type", "dir")
                        .child(crate::xml::Element::text("name", &pool))
                        .child(crate::xml::Element::new("target").child(path));
                    let thing = Made::Pool(pool.clone());
                    undo::noted(connection, thing, made, || {
                        connection.create_pool(&xml.document())
                    })?;
                    (pool, true)
                }
            };
            let volume = connection.volume_of_pool(&pool, file);
            let copied = match volume {
                // The original was never started: its firmware remembers nothing.
                Err(error) if error.is_no_storage() => Ok(()),
                Err(error) => Err(error),
                Ok(volume) => {
                    let xml = crate::xml::Element::new("volume")
                        .child(crate::xml::Element::text("name", new))
                        .child(crate::xml::Element::text("capacity", volume.allocation()?));
                    connection
                        .create_volume_from(&pool, &xml.document(), &volume)
                        .map(drop)
                }
            };
            if own {
                let stopped = connection.stop_pool(&pool);
                made.retain(|made| *made != Made::Pool(pool.clone()));
                return copied.and(stopped);
            }
            copied
        };
        copy(&mut self.made).map_err(|error| (text, error))
    }
}

/// Lets the host copy, and tells how far it has come.
fn by_host(
    connection: &Connection,
    again: &dyn Fn() -> Result<Connection, Failure>,
    wanted: &CloneVolume,
    from: &Volume,
    bytes: u64,
    watcher: &mut Watcher<'_>,
) -> Result<(), Error> {
    let new = &wanted.volume;
    let copy = || {
        connection
            .create_volume_from(&new.pool, &new.xml, from)
            .map(drop)
    };
    let size = |other: &Connection| other.volume_of_pool(&new.pool, &new.name)?.allocation();
    volume_copies::watched(copy, again, size, &mut |done| {
        watcher(Progress::Copied(done.min(bytes), bytes));
    })
}

/// Takes the mark of a base away, when nothing is based on its disks any more.
///
/// # Errors
/// libvirt's own; that a volume is based on one.
pub(super) fn free_base(connection: &Connection, uuid: Uuid) -> Result<Vec<String>, Error> {
    let xml = definition(&connection.domain(uuid)?)?;
    let targets = based(&xml);
    let broken = |error: crate::xml::Malformed| Error::own(error.to_string());
    let Some(free) = unprotected(&xml).map_err(broken)? else {
        return Err(Error::own("it is no base of linked clones"));
    };
    let definition =
        crate::domxml::definition(&xml, false).map_err(|error| Error::own(error.to_string()))?;
    connection.refresh_pools()?;
    let asked: Vec<_> = definition
        .disks
        .iter()
        .filter(|disk| targets.contains(&disk.target))
        .filter_map(|disk| Some(Asked::at(connection, disk.source.as_deref()?)))
        .collect();
    for needed in file_users::of(connection, &asked, Beside::default())? {
        if let User::Volume(volume) = needed.user {
            return Err(Error::own(format!(
                "the volume {volume} is still based on {}; delete the clone that has it first, or make it independent \
                 (virsh blockpull)",
                needed.path
            )));
        }
    }
    connection.define(StoredKind::Domain, &free, false)?;
    Ok(targets)
}
