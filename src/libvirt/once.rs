//! Blocking helpers for commands without a screen.

use std::time::Duration;

use super::arranging;
use super::default_uri;
use super::definer::{self, Unreadable};
use super::ffi::{self, Error};
use super::host_facts;
use super::host_reader::HostReader;
use super::listing;
use super::meter::{Kind, Tally};
use super::opener::Opener;
use super::prompts::Prompts;
use super::remedies;
use super::terminal;
use super::verbs;
use crate::hostfacts::{HostReport, HostWish};
use crate::model::{Checkpoint, ConnectionId, Definition, Domain, Snapshot, Uri, Uuid};
use crate::protocol::{ConnectionSpec, DomainVerb, Failure, HostFiles, XmlKind};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// An open connection.
pub struct Session {
    pub(super) connection: ffi::Connection,
    pub(super) spec: ConnectionSpec,
    /// Reads the host's own files, and keeps the ssh login, where there is one.
    files: HostReader,
}

/// Opens a connection, waiting at most 10 s. `None` lets libvirt choose its default. What the host asks is asked on the
/// terminal, where there is one.
///
/// # Errors
/// libvirt's own with the way out, or that nobody answered in time.
pub fn open(uri: Option<Uri>, readonly: bool) -> Result<Session, Failure> {
    super::initialise()?;
    let spec = ConnectionSpec {
        id: ConnectionId(0),
        uri: uri.or_else(default_uri::over_ssh),
        readonly,
        interval: Duration::from_secs(2),
    };
    let place = spec.uri.as_ref().map_or_else(
        || "libvirt's default".to_owned(),
        |uri| uri.as_str().to_owned(),
    );
    let prompts = Prompts::directly(move |credential| {
        terminal::ask(&place, &credential.prompt, credential.masked)
    });
    prompts.set_may_ask(terminal::is_there());
    let opener = Arc::new(Opener::new(
        spec.clone(),
        Arc::new(Tally::default()),
        Arc::new(prompts),
    ));
    match opener.open(Kind::Control) {
        Ok(connection) => {
            if !readonly {
                // What is not due yet is the business of whoever runs then.
                arranging::take_over(&connection, false);
            }
            Ok(Session {
                connection,
                spec,
                files: HostReader::new(opener),
            })
        }
        Err(error) => Err(remedies::failure(
            remedies::connecting(spec.uri.as_ref()),
            &error,
            spec.uri.as_ref(),
        )),
    }
}

/// How much of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Names, ids, states, persistence: two round trips.
    States,
    /// Also autostart, managed save, vCPUs and memory: three more, and one for each running domain.
    All,
}

impl Session {
    /// Does something to a domain, by the same code as the screen, and waits for it.
    ///
    /// # Errors
    /// What failed, naming the domain, with libvirt's reason and the way out.
    pub fn act(&self, uuid: Uuid, verb: &DomainVerb) -> Result<(), Failure> {
        let failed =
            |(what, error): verbs::Failed| remedies::failure(what, &error, self.spec.uri.as_ref());
        if self.spec.readonly {
            let error = Error::read_only();
            return Err(failed((verbs::label(verb).to_owned(), error)));
        }
        verbs::perform(&self.connection, uuid, verb, || {}).map_err(failed)
    }

    /// The URI libvirt reports, which names what its default led to.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn uri(&self) -> Result<String, Failure> {
        self.connection
            .uri()
            .map_err(|error| self.failure("read the URI", &error))
    }

    /// What the host is and whether it is right for virtual machines. `root` stands for `/`, where a recorded tree is read
    /// instead of the machine.
    ///
    /// # Errors
    /// libvirt's own, when it tells nothing at all.
    pub fn host_report(
        &self,
        root: Option<PathBuf>,
        which: HostFiles,
    ) -> Result<HostReport, Failure> {
        let way = match root {
            Some(root) => host_facts::Way::Tree(root),
            None => self.way(which),
        };
        host_facts::read(&self.connection, self.spec.uri.as_ref(), &way, true)
            .map_err(|error| self.failure("read the host", &error))
    }

    /// Changes the host.
    ///
    /// # Errors
    /// Why not: the kernel's reason or libvirt's, or that the connection is read-only.
    pub fn change_host(&self, wish: &HostWish, which: HostFiles) -> Result<(), Failure> {
        let failed = |error| self.failure(wish.title(), &error);
        if self.spec.readonly {
            return Err(failed(Error::read_only()));
        }
        let way = self.way(which);
        host_facts::perform(&self.connection, self.spec.uri.as_ref(), &way, wish).map_err(failed)
    }

    pub(super) fn way(&self, which: HostFiles) -> host_facts::Way<'_> {
        match which {
            HostFiles::OfThisMachine => host_facts::Way::Own,
            HostFiles::OverSsh => host_facts::Way::Over(&self.files),
        }
    }

    /// All domains, in libvirt's order.
    ///
    /// # Errors
    /// libvirt's own. More domains than libvirt can list are an error only when none can be listed.
    pub fn list(&self, detail: Detail) -> Result<Vec<Domain>, Failure> {
        self.read_list(detail)
            .map_err(|error| self.failure("list the domains", &error))
    }

    fn read_list(&self, detail: Detail) -> ffi::Result<Vec<Domain>> {
        let listing = listing::read(&self.connection, self.spec.id)?;
        if let Some(reason) = listing.truncated {
            tracing::warn!("the list is not whole: {reason}");
        }
        if detail == Detail::States {
            return Ok(listing
                .domains
                .into_iter()
                .map(|listed| listed.domain)
                .collect());
        }
        let flags = listing::flags(&self.connection)?;
        let mut sizes = HashMap::new();
        match self.connection.inactive_sizes() {
            Err(error) if error.is_unsupported() || error.is_over_limit() => {}
            records => {
                for record in records? {
                    sizes.insert(record.domain.uuid()?, record);
                }
            }
        }
        let mut domains = Vec::with_capacity(listing.domains.len());
        for listing::Listed { mut domain, handle } in listing.domains {
            let uuid = domain.id.uuid;
            if let Some(flags) = &flags {
                domain.autostart = Some(flags.autostart.contains(&uuid));
                domain.managed_save = Some(flags.managed_save.contains(&uuid));
            }
            match sizes.get(&uuid).filter(|record| record.vcpus.is_some()) {
                Some(record) if !domain.state.is_active() => {
                    domain.vcpus = record.vcpus;
                    domain.memory_kib = record.memory_kib;
                    domain.max_memory_kib = record.max_memory_kib;
                }
                _ => match handle.info() {
                    Ok(info) => {
                        domain.vcpus = Some(info.vcpus);
                        domain.memory_kib = Some(info.memory_kib);
                        domain.max_memory_kib = Some(info.max_memory_kib);
                    }
                    // Gone between the two calls: it is no more.
                    Err(error) if error.is_no_domain() => continue,
                    Err(error) => return Err(error),
                },
            }
            domains.push(domain);
        }
        Ok(domains)
    }

    /// The definition of a domain, with its endpoints when it runs; `Ok(None)` when there is no such domain.
    ///
    /// # Errors
    /// libvirt's own or the parser's.
    pub fn definition(&self, uuid: Uuid) -> Result<Option<Definition>, Failure> {
        let read = || {
            let handle = self.connection.domain(uuid)?;
            let live = handle.state()?.0.is_active();
            match definer::definition(&handle, live, self.spec.readonly) {
                Ok(definition) => Ok(Some(definition)),
                Err(Unreadable::Gone) => Ok(None),
                Err(Unreadable::Because(reason)) => Err(Error::own(reason)),
            }
        };
        self.unless_gone(read(), "read the definition")
    }

    /// The picture on a display of a running domain: its media type, and its bytes.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn screenshot(&self, uuid: Uuid, screen: u32) -> Result<(String, Vec<u8>), Failure> {
        let read = || self.connection.domain(uuid)?.screenshot(screen);
        read().map_err(|error| self.failure("take a screenshot", &error))
    }

    /// The snapshots of a domain.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn snapshots(&self, uuid: Uuid) -> Result<Vec<Snapshot>, Failure> {
        let read = || super::snapshots::list(&self.connection.domain(uuid)?);
        read().map_err(|error| self.failure("list the snapshots", &error))
    }

    /// The checkpoints of a domain.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none.
    pub fn checkpoints(&self, uuid: Uuid) -> Result<Vec<Checkpoint>, Failure> {
        let read = || super::snapshots::checkpoints(&self.connection.domain(uuid)?);
        read().map_err(|error| self.failure("list the checkpoints", &error))
    }

    /// The XML of a domain without secrets; `Ok(None)` when there is no such domain.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn xml(&self, uuid: Uuid, kind: XmlKind) -> Result<Option<String>, Failure> {
        let read = || Ok(Some(self.connection.domain(uuid)?.xml(kind)?));
        self.unless_gone(read(), "read the XML")
    }

    /// The UUID of the domain that `text` names, as virsh finds it: by id, by UUID, by name. `Ok(None)` when there is
    /// none.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn find(&self, text: &str) -> Result<Option<Uuid>, Failure> {
        let id = text.parse::<u32>().ok();
        let uuid = text.parse::<Uuid>().ok();
        let lookups = [
            id.map(|id| self.connection.domain_by_id(id)),
            uuid.map(|uuid| self.connection.domain(uuid)),
            Some(self.connection.domain_by_name(text)),
        ];
        for found in lookups.into_iter().flatten() {
            match found.and_then(|domain| domain.uuid()) {
                Ok(uuid) => return Ok(Some(uuid)),
                Err(error) if error.is_no_domain() => {}
                Err(error) => return Err(self.failure(format!("find '{text}'"), &error)),
            }
        }
        Ok(None)
    }

    fn unless_gone<T>(
        &self,
        read: ffi::Result<Option<T>>,
        what: &str,
    ) -> Result<Option<T>, Failure> {
        match read {
            Err(error) if error.is_no_domain() => Ok(None),
            result => result.map_err(|error| self.failure(what, &error)),
        }
    }

    pub(super) fn failure(&self, what: impl Into<String>, error: &Error) -> Failure {
        remedies::failure(what, error, self.spec.uri.as_ref())
    }
}
