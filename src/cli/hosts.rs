//! The connections of a start: which they are, and opening them for a command.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::thread;

use super::args::{Cli, Command, Edit, EditKind};
use super::failure::{Error, Exit};
use crate::config::{Chosen, Config, HostSettings, choose};
use crate::demo;
use crate::libvirt::once::{self, Detail, Session};
use crate::model::StoredKind;
use crate::model::{Domain, Driver, Transport, Uri, Uuid};
use crate::protocol::DocumentRef;
use crate::protocol::Failure;
use crate::virsh::Edited;

/// What the command line and the settings say a start is to open.
#[derive(Debug)]
pub struct Start {
    /// The settings.
    pub config: Config,
    /// The file they were asked to be read from; `None` for the user's own.
    pub settings: Option<PathBuf>,
    /// The connections, in the order of the command line.
    pub connections: Vec<Chosen>,
    /// The domain whose serial line is to be opened.
    pub console: Option<String>,
    /// The domain whose display is to be opened.
    pub view: Option<String>,
    /// The document that is edited at the start.
    pub edit: Option<Editing>,
    /// The demo host, which must live as long as its connections.
    pub demo: Option<demo::Host>,
}

/// Reads the settings and chooses the connections.
///
/// # Errors
/// When the settings are wrong, a `-c` is neither a URI nor a saved name, or the demo host cannot be made.
pub fn start(cli: &Cli) -> Result<Start, Error> {
    let config = Config::load(cli.config.as_deref())
        .map_err(|error| Error::new(Exit::Failed, error.to_string()))?;
    let usage = |error: crate::model::UriError| Error::new(Exit::Usage, error.to_string());
    let (mut connections, demo) = if cli.demo {
        let host = demo::Host::new()
            .map_err(|error| Error::new(Exit::Failed, format!("the demo host: {error}")))?;
        let uri = host.uri().parse().map_err(usage)?;
        let demo = Chosen {
            name: Some("demo".to_owned()),
            uri: Some(uri),
            readonly: false,
        };
        (vec![demo], Some(host))
    } else {
        let environment = env::var("LIBVIRT_DEFAULT_URI").ok();
        let connections = choose(&cli.connect, &config, environment.as_deref()).map_err(usage)?;
        (connections, None)
    };
    for chosen in &mut connections {
        chosen.readonly |= cli.readonly;
    }
    Ok(Start {
        console: match &cli.command {
            Some(Command::Console { name }) => Some(name.clone()),
            _ => None,
        },
        view: match &cli.command {
            Some(Command::View { name }) => Some(name.clone()),
            _ => None,
        },
        edit: match &cli.command {
            Some(Command::Edit(edit)) => Some(editing(edit)?),
            Some(Command::Virsh(virsh)) => virsh.edited().map(edited),
            _ => None,
        },
        config,
        settings: cli.config.clone(),
        connections,
        demo,
    })
}

/// What `virtty edit` opens.
#[derive(Debug, Clone)]
pub enum Editing {
    /// The definition of the domain that the word names.
    Domain(String),
    /// Another document, and the name of its object.
    Document(DocumentRef, String),
    /// The metadata of a snapshot: the word that names its domain, and its name.
    Snapshot(String, String),
}

/// What an editing command of virsh leads to.
fn edited(edited: Edited) -> Editing {
    match edited {
        Edited::Domain(word) => Editing::Domain(word.unwrap_or_default()),
        Edited::Snapshot(domain, name) => Editing::Snapshot(domain.unwrap_or_default(), name),
        Edited::Stored(kind, word) => {
            let word = word.unwrap_or_default();
            Editing::Document(named(kind, &word), word)
        }
    }
}

/// The definition of what a word names: a UUID, or a name.
fn named(kind: StoredKind, word: &str) -> DocumentRef {
    match word.parse() {
        Ok(uuid) => DocumentRef::Stored(kind, uuid),
        Err(_) => DocumentRef::Named(kind, word.to_owned()),
    }
}

/// What `virtty edit` leads to.
fn editing(edit: &Edit) -> Result<Editing, Error> {
    let name = edit.name.clone().unwrap_or_else(|| "new".to_owned());
    let kind = match edit.kind {
        EditKind::Domain => StoredKind::Domain,
        EditKind::Network => StoredKind::Network,
        EditKind::Pool => StoredKind::Pool,
        EditKind::Nwfilter => StoredKind::NwFilter,
        EditKind::Secret => StoredKind::Secret,
        EditKind::Snapshot => {
            let domain = edit.domain.clone().unwrap_or_default();
            return Ok(Editing::Snapshot(domain, name));
        }
        EditKind::Volume => {
            let pool = edit.pool.clone().unwrap_or_default();
            let what = DocumentRef::Volume {
                pool,
                volume: name.clone(),
            };
            return Ok(Editing::Document(what, name));
        }
    };
    if edit.new {
        return Ok(Editing::Document(DocumentRef::New(kind), name));
    }
    let what = match kind {
        StoredKind::Domain => return Ok(Editing::Domain(name)),
        StoredKind::Secret => {
            let uuid = name.parse().map_err(|_| {
                Error::new(
                    Exit::Usage,
                    format!("'{name}' is no UUID: secrets have no name"),
                )
            })?;
            DocumentRef::Stored(kind, uuid)
        }
        kind => named(kind, &name),
    };
    Ok(Editing::Document(what, name))
}

/// An open connection of a command.
pub(super) struct Host {
    /// Its URI, as it was given or as libvirt reports its default.
    pub uri: Uri,
    /// The connection.
    pub session: Session,
}

/// The connections of a command.
pub(super) struct Hosts {
    /// Those that are open, in the order of the command line.
    pub open: Vec<Host>,
    /// Whether another could not be opened, which has been told.
    pub incomplete: bool,
    /// What may be read of hosts.
    pub host_settings: HostSettings,
    /// Keeps the demo host.
    _demo: Option<demo::Host>,
}

impl Hosts {
    /// Opens all connections side by side, telling on standard error which fail.
    pub fn open(cli: &Cli) -> Result<Self, Error> {
        let start = start(cli)?;
        let mut results: Vec<Result<Host, Failure>> = match start.connections.as_slice() {
            [only] => vec![open(only)],
            several => thread::scope(|scope| {
                let threads: Vec<_> = several
                    .iter()
                    .map(|chosen| scope.spawn(|| open(chosen)))
                    .collect();
                threads
                    .into_iter()
                    .filter_map(|thread| thread.join().ok())
                    .collect()
            }),
        };
        if results.len() == 1 {
            // A single connection that fails is the command's own failure.
            let host = results.remove(0)?;
            return Ok(Self {
                open: vec![host],
                incomplete: false,
                host_settings: start.config.host,
                _demo: start.demo,
            });
        }
        let mut hosts = Self {
            open: Vec::new(),
            incomplete: false,
            host_settings: start.config.host,
            _demo: start.demo,
        };
        for result in results {
            match result {
                Ok(host) => hosts.open.push(host),
                Err(failure) => {
                    hosts.incomplete = true;
                    Error::from(failure).print();
                }
            }
        }
        Ok(hosts)
    }

    /// Whether rows must say which host they are of.
    pub fn several(&self) -> bool {
        self.open.len() > 1
    }

    /// The domain that `text` names on any host, and the host: the first that runs, else the first.
    ///
    /// # Errors
    /// [`Exit::NoDomain`] when no host has it and all could be asked.
    pub fn find(&self, text: &str) -> Result<(&Host, Domain), Error> {
        let mut found: Option<(&Host, Domain)> = None;
        for host in &self.open {
            let domains = host.session.list(Detail::States)?;
            let Some(domain) = find(&domains, text) else {
                continue;
            };
            if domain.state.is_active() {
                return Ok((host, domain.clone()));
            }
            found.get_or_insert((host, domain.clone()));
        }
        found.ok_or_else(|| {
            let exit = if self.incomplete {
                Exit::Failed
            } else {
                Exit::NoDomain
            };
            Error::new(
                exit,
                format!("there is no domain '{text}' ('virtty list' shows all)"),
            )
        })
    }
}

fn open(chosen: &Chosen) -> Result<Host, Failure> {
    if let Some(uri) = &chosen.uri {
        check_document(uri)?;
    }
    let session = once::open(chosen.uri.clone(), chosen.readonly)?;
    let uri = match &chosen.uri {
        Some(uri) => uri.clone(),
        None => {
            let text = session.uri()?;
            text.parse()
                .map_err(|error: crate::model::UriError| Failure {
                    what: "read the URI of libvirt's default connection".to_owned(),
                    reason: error.to_string(),
                    code: None,
                    remedy: None,
                })?
        }
    };
    Ok(Host { uri, session })
}

/// The test driver's file is looked at first: libxml2 would print a warning of its own about a missing one.
///
/// # Errors
/// When it cannot be read.
pub fn check_document(uri: &Uri) -> Result<(), Failure> {
    let is_file = uri.driver == Driver::Test
        && uri.transport == Transport::Local
        && uri.path != "/default"
        && !uri.path.contains('%');
    if !is_file {
        return Ok(());
    }
    match fs::File::open(&uri.path) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure {
            what: format!("connect to {uri}"),
            reason: format!("{}: {error}", uri.path),
            code: None,
            remedy: None,
        }),
    }
}

/// The domain that `text` names: by name, then by UUID, then by id. Names come first, because a domain named `7` could
/// not be reached otherwise.
pub(super) fn find<'a>(domains: &'a [Domain], text: &str) -> Option<&'a Domain> {
    let by_name = || domains.iter().find(|domain| domain.name == text);
    let by_uuid = || {
        let uuid: Uuid = text.parse().ok()?;
        domains.iter().find(|domain| domain.id.uuid == uuid)
    };
    let by_id = || {
        let id: u32 = text.parse().ok()?;
        domains.iter().find(|domain| domain.runtime_id == Some(id))
    };
    by_name().or_else(by_uuid).or_else(by_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConnectionId, DomainId, DomainState, StateReason};

    fn domain(name: &str, uuid: u8, id: Option<u32>) -> Domain {
        Domain {
            id: DomainId {
                connection: ConnectionId(0),
                uuid: Uuid([uuid; 16]),
            },
            name: name.to_owned(),
            runtime_id: id,
            state: DomainState::Running,
            reason: StateReason::default(),
            persistent: true,
            autostart: None,
            managed_save: None,
            vcpus: None,
            memory_kib: None,
            max_memory_kib: None,
            definition: None,
            definition_error: None,
        }
    }

    #[test]
    fn a_name_wins_over_a_uuid_and_that_over_an_id() {
        let uuid = "22222222-2222-2222-2222-222222222222";
        let domains = [
            domain("one", 0x11, Some(7)),
            domain("two", 0x22, Some(1)),
            domain("7", 0x33, None),
            domain(uuid, 0x44, None),
        ];
        let named = |text| find(&domains, text).map(|domain| domain.id.uuid.0[0]);
        assert_eq!(named("7"), Some(0x33));
        assert_eq!(named("1"), Some(0x22));
        assert_eq!(named(uuid), Some(0x44));
        assert_eq!(named("11111111111111111111111111111111"), Some(0x11));
        assert_eq!(named("ONE"), None);
        assert_eq!(named(""), None);
    }
}
