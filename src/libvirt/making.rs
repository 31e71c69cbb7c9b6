//! Making and cloning domains for the screen: the same steps as the commands take, told as they go and stopped when asked.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::sync::Arc;

use super::actions::Worker;
use super::cloning::{self, Progress, Site};
use super::creation::{self, Making as Steps};
use super::ffi::{Connection, Error};
use super::{local, remedies, seed, undo};
use crate::create::clone::plan_clones;
use crate::create::{Database, FOLDER, Found, HostFacts, OperatingSystem, identity, plan};
use crate::model::Uuid;
use crate::protocol::{
    Answer, Cloneable, Cloning, Failure, JobId, MadeDomains, Making, News, Offered,
};
use crate::text::bytes;

impl Worker {
    /// What the host offers to a new domain, and what this machine knows.
    pub(super) fn offered(&self) -> Result<Answer, Error> {
        let connection = self.streams.get()?;
        let wanted = crate::create::NewDomain::default();
        let _ = connection.refresh_pools();
        Ok(Answer::Offered(Arc::new(Offered {
            facts: creation::read(&connection, self.spec.uri.as_ref(), &wanted)?,
            database: Database::read(Path::new(FOLDER)),
            keys: keys(),
        })))
    }

    /// A domain and its host, before it is cloned.
    pub(super) fn cloneable(&self, uuid: Uuid, snapshot: Option<&str>) -> Result<Answer, Error> {
        let connection = self.streams.get()?;
        let uri = self.spec.uri.as_ref();
        let (original, facts) = cloning::read(&connection, uri, uuid, snapshot)?;
        Ok(Answer::Cloneable(Arc::new(Cloneable { original, facts })))
    }

    /// Makes a domain.
    pub(super) fn make(&self, job: JobId, making: &Making) -> Result<Answer, Failure> {
        let what = format!("make '{}'", making.wanted.name);
        let fail = |error: Error| self.failure(what.clone(), &error);
        let connection = self.writable().map_err(fail)?;
        let mut wanted = making.wanted.clone();
        if let (Some(path), Some(init)) = (&making.key_file, &mut wanted.cloud_init) {
            let text = fs::read_to_string(path);
            let text = text.map_err(|error| fail(Error::own(format!("{path}: {error}"))))?;
            let lines = text.lines().map(str::trim);
            let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            init.ssh_keys.extend(keys.map(str::to_owned));
        }
        let facts = creation::read(&connection, self.spec.uri.as_ref(), &wanted).map_err(fail)?;
        let mut step = |text: &str| self.told(job, text.to_owned());
        let local = local::gather(&mut wanted, &facts, &mut step);
        let local = local.map_err(|why| fail(Error::own(why)))?;
        let mut random = Random::new().map_err(fail)?;
        identity::fill(&mut wanted, &facts, &mut |buffer| random.fill(buffer));
        let os = wanted
            .os
            .as_deref()
            .and_then(|id| Database::read(Path::new(FOLDER)).find(id));
        let os = os.unwrap_or_else(OperatingSystem::linux);
        let mut plan = plan(&wanted, &facts, &os, &|path| look(path, &facts));
        if let Some((base, edited)) = &making.edited {
            plan.edit(base.text(), edited.text())
                .map_err(|error| fail(Error::own(format!("the edited XML: {error}"))))?;
        }
        refuse(plan.refusals()).map_err(fail)?;
        let seed_image = match &plan.seed {
            Some((files, _)) => Some(seed::image(files).map_err(|why| fail(Error::own(why)))?),
            None => None,
        };
        let steps = Steps {
            seed_image,
            local,
            start: making.start,
            autostart: wanted.autostart,
            transient: false,
        };
        let mut made = Vec::new();
        let mut step = |text: &str| self.told(job, text.to_owned());
        let result = creation::make(&connection, &wanted, &plan, &steps, &mut step, &mut made);
        match result {
            Ok(()) => Ok(Answer::Made(MadeDomains {
                names: vec![wanted.name],
                first: wanted.uuid,
                started: making.start,
            })),
            Err((what, error)) => {
                let failure = self.failure(what, &error);
                // From here on it is cleaned up, whatever is wished.
                let mut step = |text: &str| {
                    self.told(job, text.to_owned());
                    true
                };
                let again = || self.again();
                Err(undo::undone(&connection, &again, failure, made, &mut step))
            }
        }
    }

    /// Makes clones.
    pub(super) fn make_clones(
        &self,
        job: JobId,
        uuid: Uuid,
        cloning: &Cloning,
    ) -> Result<Answer, Failure> {
        let fail = |error: Error| self.failure("clone the domain", &error);
        let connection = self.writable().map_err(fail)?;
        let uri = self.spec.uri.as_ref();
        let snapshot = cloning.wish.snapshot.as_deref();
        let (original, facts) = cloning::read(&connection, uri, uuid, snapshot).map_err(fail)?;
        let mut random = Random::new().map_err(fail)?;
        let plan = plan_clones(&cloning.wish, &original, &facts, &mut |buffer| {
            random.fill(buffer);
        });
        refuse(plan.refusals()).map_err(fail)?;
        let site = Site {
            connection: &connection,
            uri,
            again: &|| self.again(),
            failure: &|(what, error)| self.failure(what, &error),
        };
        let mut doing = String::new();
        let mut percent = None;
        let mut watcher = |progress: Progress<'_>| match progress {
            Progress::Step(text) => {
                text.clone_into(&mut doing);
                percent = None;
                self.told(job, doing.clone())
            }
            Progress::Copied(done, all) => {
                let now = (done.min(all) * 100).checked_div(all).unwrap_or(100);
                if percent.replace(now) == Some(now) {
                    return !self.is_stopped(job);
                }
                let text = format!("{doing}: {now} %, {} of {}", bytes(done), bytes(all));
                self.told(job, text)
            }
        };
        cloning::perform(&site, uuid, &plan, cloning.start, &mut watcher)?;
        Ok(Answer::Made(MadeDomains {
            first: plan.clones.first().map(|clone| clone.uuid),
            names: plan.clones.into_iter().map(|clone| clone.name).collect(),
            started: cloning.start,
        }))
    }

    fn writable(&self) -> Result<Connection, Error> {
        if self.spec.readonly {
            return Err(Error::read_only());
        }
        self.streams.get()
    }

    fn again(&self) -> Result<Connection, Failure> {
        let uri = self.spec.uri.as_ref();
        let open = self.streams.get();
        open.map_err(|error| remedies::failure(remedies::connecting(uri), &error, uri))
    }

    /// Tells what is done, and says whether to go on.
    fn told(&self, job: JobId, text: String) -> bool {
        if !text.is_empty() {
            self.reporter.send(News::JobStep(job, text));
        }
        !self.is_stopped(job)
    }
}

/// All that stands in the way, as one error.
fn refuse<'a>(refusals: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let all: Vec<&str> = refusals.collect();
    if all.is_empty() {
        return Ok(());
    }
    Err(Error::own(all.join("; ")))
}

/// Random numbers of the kernel's.
pub struct Random(File);

impl Random {
    /// Opens their source.
    ///
    /// # Errors
    /// That it cannot be opened.
    pub fn new() -> Result<Self, Error> {
        File::open("/dev/urandom")
            .map(Self)
            .map_err(|error| Error::own(format!("/dev/urandom: {error}")))
    }

    /// Fills a buffer.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        if let Err(error) = self.0.read_exact(buffer) {
            tracing::warn!("/dev/urandom: {error}");
            // Something else each time, so that what looks for a free number comes to an end.
            fastrand::Rng::new().fill(buffer);
        }
    }
}

/// What is at a path, where the host is this machine.
pub fn look(path: &str, facts: &HostFacts) -> Found {
    if !facts.is_local {
        return Found::Unknown;
    }
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Missing,
        Err(_) => return Found::Unknown,
    };
    if metadata.file_type().is_block_device() {
        return Found::There(Some("raw".to_owned()));
    }
    let mut first = [0_u8; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    // docs/interop/qcow2.rst of QEMU: the magic of a qcow2 file.
    let qcow2 = read.is_ok() && first == *b"QFI\xfb";
    Found::There(qcow2.then(|| "qcow2".to_owned()))
}

/// Public ssh keys of the user's, by their paths.
fn keys() -> Vec<String> {
    let Some(home) = std::env::var_os("HOME") else {
        return Vec::new();
    };
    let entries = fs::read_dir(Path::new(&home).join(".ssh"));
    let mut keys: Vec<String> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "pub"))
        .filter_map(|path| path.to_str().map(str::to_owned))
        .collect();
    keys.sort();
    keys
}
